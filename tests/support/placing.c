/* See placing.h. */
#include "tests/support/placing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "common/entities_store.h"
#include "services/placements/placements.h"

int placing_set_up(void **ret_placing)
{
    static struct placing placing;
    dw__commissioning_model__init(&placing.model);
    dw__rules__init(&placing.rules);
    dw__level__init(&placing.level);
    dw__district__init(&placing.district);
    dw__date__init(&placing.from);
    dw__date__init(&placing.to);
    dw__date__init(&placing.date);
    dw__placement_terms__init(&placing.terms);
    placing.rules.record_from_age = 18;
    placing.sentence = "";
    placing.level.number = 2;
    placing.district.number = 3;
    placing.levels[0] = &placing.level;
    placing.districts[0] = &placing.district;
    placing.model.rules = &placing.rules;
    placing.model.n_levels = placing.model.n_districts = 1;
    placing.model.levels = placing.levels;
    placing.model.districts = placing.districts;
    placing.from.days = FROM;
    placing.to.days = FROM + 90;
    placing.session_ids[0] = id_to_data(&MONDAY_ID);
    placing.session_ids[1] = id_to_data(&TUESDAY_ID);
    Dw__PlacementTerms *terms = &placing.terms;
    terms->person_id = id_to_data(&PERSON_ID);
    terms->service_id = id_to_data(&SERVICE_ID);
    terms->provider_id = id_to_data(&PROVIDER_ID);
    terms->n_session_ids = 2;
    terms->session_ids = placing.session_ids;
    terms->from = &placing.from;
    terms->funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    terms->level = 2;
    terms->district = 3;
    terms->price_pence_per_week = 9000;
    terms->ground = DW__AWARD_GROUND__AWARD_GROUND_RANKED_FIRST;
    terms->support_reason = DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY;
    terms->age = 34;
    terms->ethnicity_group = DW__ETHNICITY_GROUP__ETHNICITY_GROUP_WHITE;
    terms->sex = DW__SEX__SEX_FEMALE;
    placing.pure = pure_create(&placements_service, &placing.model.base);
    pure_principal_provider(placing.pure, &PROVIDER_ID);
    *ret_placing = &placing;
    return 0;
}

int placing_tear_down(void **placing)
{
    pure_destroy(&((struct placing *)*placing)->pure);
    return 0;
}

/* --- commands and answers --------------------------------------------------------------------------------------- */

static struct pure_outcome tell(struct placing *placing, const ProtobufCMessage *command, int role)
{
    return pure_command(placing->pure, command, role, NOW_MS, TODAY);
}

struct pure_outcome placing_propose_as(struct placing *placing, const struct id *placement_id,
                                       const struct id *hold_id)
{
    Dw__ProposePlacement propose = DW__PROPOSE_PLACEMENT__INIT;
    propose.placement_id = id_to_data(placement_id);
    propose.hold_id = id_to_data(hold_id);
    propose.terms = &placing->terms;
    return tell(placing, &propose.base, BROKER);
}

struct pure_outcome placing_propose(struct placing *placing)
{
    return placing_propose_as(placing, &PLACEMENT_ID, &HOLD_ID);
}

struct pure_outcome placing_accept_offer(struct placing *placing)
{
    Dw__AcceptOffer accept = DW__ACCEPT_OFFER__INIT;
    accept.placement_id = id_to_data(&PLACEMENT_ID);
    return tell(placing, &accept.base, PROVIDER_MANAGER);
}

struct pure_outcome placing_decline_offer(struct placing *placing, Dw__DeclineReason reason)
{
    Dw__DeclineOffer decline = DW__DECLINE_OFFER__INIT;
    decline.placement_id = id_to_data(&PLACEMENT_ID);
    decline.reason = reason;
    return tell(placing, &decline.base, PROVIDER_MANAGER);
}

struct pure_outcome placing_start(struct placing *placing, int32_t date)
{
    placing->date.days = date;
    Dw__StartPlacement start_command = DW__START_PLACEMENT__INIT;
    start_command.placement_id = id_to_data(&PLACEMENT_ID);
    start_command.date = &placing->date;
    return tell(placing, &start_command.base, BROKER);
}

struct pure_outcome placing_end(struct placing *placing, int32_t last)
{
    placing->date.days = last;
    Dw__EndPlacement end_command = DW__END_PLACEMENT__INIT;
    end_command.placement_id = id_to_data(&PLACEMENT_ID);
    end_command.reason = DW__END_REASON__END_REASON_GOALS_ACHIEVED;
    end_command.last = &placing->date;
    return tell(placing, &end_command.base, BROKER);
}

struct pure_outcome placing_cancel(struct placing *placing)
{
    Dw__CancelPlacement cancel_command = DW__CANCEL_PLACEMENT__INIT;
    cancel_command.placement_id = id_to_data(&PLACEMENT_ID);
    cancel_command.reason = DW__CANCEL_REASON__CANCEL_REASON_PERSONS_CHOICE;
    return tell(placing, &cancel_command.base, BROKER);
}

struct pure_outcome placing_tell(struct placing *placing, const char *name, int role,
                                 const ProtobufCMessage *command)
{
    pure_principal_name(placing->pure, name);
    const struct pure_outcome told = tell(placing, command, role);
    pure_principal_name(placing->pure, "pure");
    return told;
}

struct pure_outcome placing_hear(struct placing *placing, const char *service,
                                 const ProtobufCMessage *event)
{
    static const struct principal somebody = {"somebody", DW__ROLE__ROLE_OPERATOR, {{0}}};
    const struct foreign_event heard = {.service = service,
                                        .seq = 1,
                                        .recorded_ms = NOW_MS,
                                        .principal = &somebody,
                                        .message = event};
    return pure_react(placing->pure, &heard, NOW_MS, TODAY);
}

size_t placing_wait_until(struct placing *placing, int32_t date)
{
    enum { COMMANDS_MAX = 16, TURNS_MAX = 8 };
    static const int64_t DAY_MS = 86400000;
    static const int64_t NOON_MS = 43200000;
    size_t all = 0;
    size_t count = 1;
    for (int turn = 0; count > 0; turn++) {
        assert_true(turn < TURNS_MAX); /* what is done is not due again */
        (void)pure_due(placing->pure, COMMANDS_MAX, date * DAY_MS + NOON_MS, date, &count);
        all += count;
    }
    return all;
}

static struct answer_received answer_of(const struct placing *placing, enum answer_kind kind,
                                        int value)
{
    return (struct answer_received){kind, value, placing->sentence};
}

struct pure_outcome placing_hold_answered(struct placing *placing, const struct id *hold_id,
                                          enum answer_kind kind, int value)
{
    Dw__HoldPlaces hold = DW__HOLD_PLACES__INIT;
    hold.hold_id = id_to_data(hold_id);
    const struct answer_received answer = answer_of(placing, kind, value);
    return pure_settle(placing->pure, &hold.base, &answer, NOW_MS, TODAY);
}

struct pure_outcome placing_confirm_answered(struct placing *placing, const struct id *hold_id,
                                             enum answer_kind kind, int value)
{
    Dw__ConfirmHold confirm = DW__CONFIRM_HOLD__INIT;
    confirm.hold_id = id_to_data(hold_id);
    const struct answer_received answer = answer_of(placing, kind, value);
    return pure_settle(placing->pure, &confirm.base, &answer, NOW_MS, TODAY);
}

/* --- what became of it ------------------------------------------------------------------------------------------ */

const Dw__Placement *placing_now(struct placing *placing)
{
    return entities_get(pure_entities(placing->pure), PLACEMENTS_KIND_PLACEMENT, &PLACEMENT_ID, 0);
}

struct id placing_hold_id(struct placing *placing)
{
    struct id id = {0};
    assert_true(id_from_data(&placing_now(placing)->hold_id, &id));
    return id;
}

void placing_bring_to(struct placing *placing, enum placement_state state)
{
    placing_propose(placing);
    if (state >= PLACEMENT_OFFERED)
        placing_hold_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0);
    if (state >= PLACEMENT_CONFIRMING)
        placing_accept_offer(placing);
    if (state >= PLACEMENT_ACCEPTED)
        placing_confirm_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0);
    if (state >= PLACEMENT_ACTIVE)
        placing_start(placing, FROM + 3);
    if (state >= PLACEMENT_ENDED)
        placing_end(placing, FROM + 30);
    assert_int_equal(placing_now(placing)->state, state);
}

int32_t placing_last_of_booking(struct pure_outcome told, size_t at)
{
    const struct packed body = told.decision->sends[at].body;
    Dw__EndBooking *booking = dw__end_booking__unpack(NULL, body.len, body.bytes);
    assert_non_null(booking);
    const int32_t days = booking->last->days;
    dw__end_booking__free_unpacked(booking, NULL);
    return days;
}

void assert_said(struct pure_outcome told, const ProtobufCMessageDescriptor *event,
                 size_t sends_count)
{
    assert_int_equal(told.outcome, DECISION_YES);
    assert_int_equal(told.events_count, 1);
    assert_ptr_equal(told.decision->events[0].row->type, event);
    assert_int_equal(told.decision->sends_count, sends_count);
}

void assert_told(struct pure_outcome told, ...)
{
    assert_int_equal(told.outcome, DECISION_YES);
    va_list events;
    va_start(events, told);
    size_t count = 0;
    for (const ProtobufCMessageDescriptor *type;
         (type = va_arg(events, const ProtobufCMessageDescriptor *)) != NULL; count++) {
        assert_true(count < told.events_count);
        assert_ptr_equal(told.decision->events[count].row->type, type);
    }
    va_end(events);
    assert_int_equal(told.events_count, count);
}

void assert_sent(struct pure_outcome told, size_t at, const ProtobufCMessageDescriptor *type,
                 const struct id *hold_id)
{
    assert_true(at < told.decision->sends_count);
    const struct outgoing *sent = &told.decision->sends[at];
    assert_ptr_equal(sent->type, type);
    assert_string_equal(sent->service, "capacity");
    assert_true(id_equal(&sent->about_id, &PERSON_ID));
    assert_true(sent->body.len >= 2 + sizeof hold_id->bytes);
    assert_memory_equal(sent->body.bytes + 2, hold_id->bytes,
                        sizeof hold_id->bytes); /* the first field */
}

void assert_nothing_said(struct pure_outcome told)
{
    assert_int_equal(told.outcome, DECISION_YES);
    assert_int_equal(told.events_count, 0);
    assert_int_equal(told.decision->sends_count, 0);
}

struct pure_outcome placing_lose(struct placing *placing, const struct id *closure_id,
                                 Dw__ClosureReason reason, int32_t from, int32_t to,
                                 Dw__DisruptedSitting *const *sittings, size_t count)
{
    Dw__Date first = DW__DATE__INIT;
    Dw__Date last = DW__DATE__INIT;
    Dw__DisruptingClosure closure = DW__DISRUPTING_CLOSURE__INIT;
    Dw__SittingsDisrupted disrupted = DW__SITTINGS_DISRUPTED__INIT;
    first.days = from;
    last.days = to;
    closure.closure_id = id_to_data(closure_id);
    closure.reason = reason;
    disrupted.hold_id = id_to_data(&HOLD_ID);
    disrupted.cause = DW__DISRUPTION_CAUSE__DISRUPTION_CAUSE_CLOSURE;
    disrupted.closure = &closure;
    disrupted.sittings = (Dw__DisruptedSitting **)(uintptr_t)sittings;
    disrupted.n_sittings = count;
    disrupted.from = &first;
    disrupted.to = to == INT32_MAX ? NULL : &last;
    return placing_hear(placing, "capacity", &disrupted.base);
}

struct pure_outcome placing_disrupt(struct placing *placing, const struct id *closure_id,
                                    int32_t from, int32_t to, size_t count)
{
    Dw__DisruptedSitting sittings[8];
    Dw__DisruptedSitting *list[8];
    Dw__Date dates[8];
    for (size_t at = 0; at < count; at++) {
        dw__date__init(&dates[at]);
        dates[at].days = from + (int32_t)at;
        dw__disrupted_sitting__init(&sittings[at]);
        sittings[at].session_id = id_to_data(at % 2 == 0 ? &MONDAY_ID : &TUESDAY_ID);
        sittings[at].date = &dates[at];
        list[at] = &sittings[at];
    }
    return placing_lose(placing, closure_id, DW__CLOSURE_REASON__CLOSURE_REASON_INFECTION, from, to,
                        list, count);
}

struct pure_outcome placing_restore(struct placing *placing, const struct id *closure_id,
                                    int32_t date)
{
    Dw__Date from = DW__DATE__INIT;
    from.days = date;
    Dw__SittingsRestored restored = DW__SITTINGS_RESTORED__INIT;
    restored.hold_id = id_to_data(&HOLD_ID);
    restored.closure_id = id_to_data(closure_id);
    restored.from = &from;
    return placing_hear(placing, "capacity", &restored.base);
}

Dw__Framework *placing_framework(struct placing *placing, int32_t last)
{
    placing->framework_last = (Dw__Date)DW__DATE__INIT;
    placing->framework_last.days = last;
    placing->framework = (Dw__Framework)DW__FRAMEWORK__INIT;
    placing->framework.number = 1;
    placing->framework.to = &placing->framework_last;
    placing->frameworks[0] = &placing->framework;
    placing->model.frameworks = placing->frameworks;
    placing->model.n_frameworks = 1;
    return &placing->framework;
}

void placing_agree(struct placing *placing, const struct id *contract_id,
                   const struct id *provider_id, Dw__ContractKind kind, uint32_t framework)
{
    uint32_t levels[] = {2};
    Dw__Date from = DW__DATE__INIT;
    Dw__Contract contract = DW__CONTRACT__INIT;
    Dw__ContractAgreed agreed = DW__CONTRACT_AGREED__INIT;
    from.days = FROM - 1000;
    contract.contract_id = id_to_data(contract_id);
    contract.provider_id = id_to_data(provider_id);
    contract.kind = kind;
    contract.levels = levels;
    contract.n_levels = 1;
    contract.from = &from;
    contract.framework = framework;
    agreed.contract = &contract;
    (void)placing_hear(placing, "capacity", &agreed.base);
}
