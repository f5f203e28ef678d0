/* Tests of services/placements: the whole way of a placement with capacity's answers, each refusal, and answers that
 * come too late. */
#include "services/placements/placements.h"
#include "services/placements/state.h"

#include "common/entities_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "model.pb-c.h"
#include "tests/support/pure.h"

enum {
    BROKER = DW__ROLE__ROLE_BROKER,
    PROVIDER_MANAGER = DW__ROLE__ROLE_PROVIDER_MANAGER,
    FROM = 20720, /* long enough ago for what ends to have ended */
    TODAY = 20780,
};
static const int64_t NOW_MS = INT64_C(20780) * 86400000;

static const struct id PLACEMENT_ID = {{1}};
static const struct id HOLD_ID = {{2}};
static const struct id PERSON_ID = {{3}};
static const struct id SERVICE_ID = {{4}};
static const struct id PROVIDER_ID = {{5}};
static const struct id MONDAY_ID = {{6}};
static const struct id TUESDAY_ID = {{7}};
static const struct id OTHER_ID = {{8}};
static const struct id UNUSED_ID = {{9}};

/* --- the council and the terms ---------------------------------------------------------------------------------- */

struct world {
    Dw__CommissioningModel model;
    Dw__Rules rules;
    Dw__Level level;
    Dw__Level *levels[1];
    Dw__District district;
    Dw__District *districts[1];
    Dw__Date from;
    Dw__Date to;
    Dw__Date date;
    ProtobufCBinaryData session_ids[2];
    Dw__PlacementTerms terms;
    struct pure *pure;
};

static int set_up(void **ret_world)
{
    static struct world world;
    dw__commissioning_model__init(&world.model);
    dw__rules__init(&world.rules);
    dw__level__init(&world.level);
    dw__district__init(&world.district);
    dw__date__init(&world.from);
    dw__date__init(&world.to);
    dw__date__init(&world.date);
    dw__placement_terms__init(&world.terms);
    world.rules.record_from_age = 18;
    world.level.number = 2;
    world.district.number = 3;
    world.levels[0] = &world.level;
    world.districts[0] = &world.district;
    world.model.rules = &world.rules;
    world.model.n_levels = world.model.n_districts = 1;
    world.model.levels = world.levels;
    world.model.districts = world.districts;
    world.from.days = FROM;
    world.to.days = FROM + 90;
    world.session_ids[0] = id_to_data(&MONDAY_ID);
    world.session_ids[1] = id_to_data(&TUESDAY_ID);
    Dw__PlacementTerms *terms = &world.terms;
    terms->person_id = id_to_data(&PERSON_ID);
    terms->service_id = id_to_data(&SERVICE_ID);
    terms->provider_id = id_to_data(&PROVIDER_ID);
    terms->n_session_ids = 2;
    terms->session_ids = world.session_ids;
    terms->from = &world.from;
    terms->funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    terms->level = 2;
    terms->district = 3;
    terms->price_pence_per_week = 9000;
    terms->ground = DW__AWARD_GROUND__AWARD_GROUND_RANKED_FIRST;
    terms->support_reason = DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY;
    terms->age = 34;
    terms->ethnicity_group = DW__ETHNICITY_GROUP__ETHNICITY_GROUP_WHITE;
    terms->sex = DW__SEX__SEX_FEMALE;
    world.pure = pure_create(&placements_service, &world.model.base);
    pure_principal_provider(world.pure, &PROVIDER_ID);
    *ret_world = &world;
    return 0;
}

static int tear_down(void **world)
{
    pure_destroy(&((struct world *)*world)->pure);
    return 0;
}

/* --- commands and answers --------------------------------------------------------------------------------------- */

static struct pure_outcome tell(struct world *world, const ProtobufCMessage *command, int role)
{
    return pure_command(world->pure, command, role, NOW_MS, TODAY);
}

static struct pure_outcome propose_as(struct world *world, const struct id *placement_id,
                                      const struct id *hold_id)
{
    Dw__ProposePlacement propose = DW__PROPOSE_PLACEMENT__INIT;
    propose.placement_id = id_to_data(placement_id);
    propose.hold_id = id_to_data(hold_id);
    propose.terms = &world->terms;
    return tell(world, &propose.base, BROKER);
}

static struct pure_outcome propose(struct world *world)
{
    return propose_as(world, &PLACEMENT_ID, &HOLD_ID);
}

static struct pure_outcome accept_offer(struct world *world)
{
    Dw__AcceptOffer accept = DW__ACCEPT_OFFER__INIT;
    accept.placement_id = id_to_data(&PLACEMENT_ID);
    return tell(world, &accept.base, PROVIDER_MANAGER);
}

static struct pure_outcome decline_offer(struct world *world, Dw__DeclineReason reason)
{
    Dw__DeclineOffer decline = DW__DECLINE_OFFER__INIT;
    decline.placement_id = id_to_data(&PLACEMENT_ID);
    decline.reason = reason;
    return tell(world, &decline.base, PROVIDER_MANAGER);
}

static struct pure_outcome start(struct world *world, int32_t date)
{
    world->date.days = date;
    Dw__StartPlacement start_command = DW__START_PLACEMENT__INIT;
    start_command.placement_id = id_to_data(&PLACEMENT_ID);
    start_command.date = &world->date;
    return tell(world, &start_command.base, BROKER);
}

static struct pure_outcome end(struct world *world, int32_t last)
{
    world->date.days = last;
    Dw__EndPlacement end_command = DW__END_PLACEMENT__INIT;
    end_command.placement_id = id_to_data(&PLACEMENT_ID);
    end_command.reason = DW__END_REASON__END_REASON_GOALS_ACHIEVED;
    end_command.last = &world->date;
    return tell(world, &end_command.base, BROKER);
}

static struct pure_outcome cancel(struct world *world)
{
    Dw__CancelPlacement cancel_command = DW__CANCEL_PLACEMENT__INIT;
    cancel_command.placement_id = id_to_data(&PLACEMENT_ID);
    cancel_command.reason = DW__CANCEL_REASON__CANCEL_REASON_PERSONS_CHOICE;
    return tell(world, &cancel_command.base, BROKER);
}

static struct answer_received answer_of(enum answer_kind kind, int value)
{
    return (struct answer_received){kind, value, ""};
}

static struct pure_outcome hold_answered(struct world *world, const struct id *hold_id,
                                         enum answer_kind kind, int value)
{
    Dw__HoldPlaces hold = DW__HOLD_PLACES__INIT;
    hold.hold_id = id_to_data(hold_id);
    const struct answer_received answer = answer_of(kind, value);
    return pure_settle(world->pure, &hold.base, &answer, NOW_MS, TODAY);
}

static struct pure_outcome confirm_answered(struct world *world, const struct id *hold_id,
                                            enum answer_kind kind, int value)
{
    Dw__ConfirmHold confirm = DW__CONFIRM_HOLD__INIT;
    confirm.hold_id = id_to_data(hold_id);
    const struct answer_received answer = answer_of(kind, value);
    return pure_settle(world->pure, &confirm.base, &answer, NOW_MS, TODAY);
}

static const Dw__Placement *the_placement(struct world *world)
{
    return entities_get(pure_entities(world->pure), PLACEMENTS_KIND_PLACEMENT, &PLACEMENT_ID, 0);
}

static struct id hold_id_now(struct world *world)
{
    struct id id = {0};
    assert_true(id_from_data(&the_placement(world)->hold_id, &id));
    return id;
}

/* Brings the placement to a state by the ordinary way. */
static void bring_to(struct world *world, enum placement_state state)
{
    propose(world);
    if (state >= PLACEMENT_OFFERED)
        hold_answered(world, &HOLD_ID, ANSWER_ACCEPTED, 0);
    if (state >= PLACEMENT_CONFIRMING)
        accept_offer(world);
    if (state >= PLACEMENT_ACCEPTED)
        confirm_answered(world, &HOLD_ID, ANSWER_ACCEPTED, 0);
    if (state >= PLACEMENT_ACTIVE)
        start(world, FROM + 3);
    if (state >= PLACEMENT_ENDED)
        end(world, FROM + 30);
    assert_int_equal(the_placement(world)->state, state);
}

#define assert_state(world, name) assert_int_equal(the_placement(world)->state, PLACEMENT_##name)
#define assert_refused(told, name)                                                                 \
    do {                                                                                           \
        const struct pure_outcome no = (told);                                                     \
        assert_int_equal(no.outcome, DECISION_REFUSED);                                            \
        assert_int_equal(no.refusal, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_##name);           \
    } while (0)
#define assert_invalid(told, name)                                                                 \
    do {                                                                                           \
        const struct pure_outcome no = (told);                                                     \
        assert_int_equal(no.outcome, DECISION_INVALID);                                            \
        assert_string_equal(no.field, name);                                                       \
    } while (0)

static void assert_said(struct pure_outcome told, const ProtobufCMessageDescriptor *event,
                        size_t sends_count)
{
    assert_int_equal(told.outcome, DECISION_YES);
    assert_int_equal(told.events_count, 1);
    assert_ptr_equal(told.decision->events[0].row->type, event);
    assert_int_equal(told.decision->sends_count, sends_count);
}

/* A command to capacity about that hold, in the order of the person's. */
static void assert_sent(struct pure_outcome told, size_t at, const ProtobufCMessageDescriptor *type,
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

static void assert_nothing_said(struct pure_outcome told)
{
    assert_int_equal(told.outcome, DECISION_YES);
    assert_int_equal(told.events_count, 0);
    assert_int_equal(told.decision->sends_count, 0);
}

/* --- the ordinary way ------------------------------------------------------------------------------------------- */

static int32_t last_of_booking(struct pure_outcome told, size_t at)
{
    const struct packed body = told.decision->sends[at].body;
    Dw__EndBooking *booking = dw__end_booking__unpack(NULL, body.len, body.bytes);
    assert_non_null(booking);
    const int32_t days = booking->last->days;
    dw__end_booking__free_unpacked(booking, NULL);
    return days;
}

/* Proves: each step says its event and asks capacity for what it needs, about the one hold; the place is free from the day
 * after the last one. */
static void a_placement_goes_from_proposal_to_end(void **state)
{
    struct world *world = *state;
    struct pure_outcome told = propose(world);
    assert_said(told, &dw__placement_proposed__descriptor, 1);
    assert_sent(told, 0, &dw__hold_places__descriptor, &HOLD_ID);
    told = hold_answered(world, &HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_said(told, &dw__placement_offered__descriptor, 0);
    told = accept_offer(world);
    assert_said(told, &dw__offer_accepted__descriptor, 1);
    assert_sent(told, 0, &dw__confirm_hold__descriptor, &HOLD_ID);
    told = confirm_answered(world, &HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_said(told, &dw__placement_accepted__descriptor, 0);
    told = start(world, FROM + 3);
    assert_said(told, &dw__placement_started__descriptor, 0);
    told = end(world, FROM + 30);
    assert_said(told, &dw__placement_ended__descriptor, 1);
    assert_sent(told, 0, &dw__end_booking__descriptor, &HOLD_ID);
    assert_int_equal(last_of_booking(told, 0), FROM + 30);
    assert_state(world, ENDED);
    assert_int_equal(the_placement(world)->started->days, FROM + 3);
    assert_int_equal(the_placement(world)->last->days, FROM + 30);
}

/* Proves: HoldPlaces asks for exactly what the terms say. */
static void the_hold_asks_for_what_the_terms_say(void **state)
{
    struct world *world = *state;
    world->terms.to = &world->to;
    const struct pure_outcome told = propose(world);
    const struct outgoing *sent = &told.decision->sends[0];
    Dw__HoldPlaces *hold = dw__hold_places__unpack(NULL, sent->body.len, sent->body.bytes);
    assert_non_null(hold);
    assert_memory_equal(hold->hold_id.data, HOLD_ID.bytes, 16);
    assert_memory_equal(hold->person_id.data, PERSON_ID.bytes, 16);
    assert_memory_equal(hold->service_id.data, SERVICE_ID.bytes, 16);
    assert_int_equal(hold->n_session_ids, 2);
    assert_memory_equal(hold->session_ids[1].data, TUESDAY_ID.bytes, 16);
    assert_int_equal(hold->from->days, FROM);
    assert_int_equal(hold->to->days, FROM + 90);
    assert_int_equal(hold->funding, DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED);
    dw__hold_places__free_unpacked(hold, NULL);
}

/* Proves: saying again what is true already is accepted and changes nothing, at every step. */
static void saying_it_again_changes_nothing(void **state)
{
    struct world *world = *state;
    bring_to(world, PLACEMENT_CONFIRMING);
    assert_nothing_said(propose(world));
    assert_nothing_said(accept_offer(world));
    confirm_answered(world, &HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_nothing_said(accept_offer(world));
    start(world, FROM);
    assert_nothing_said(start(world, FROM));
    end(world, FROM + 7);
    assert_nothing_said(end(world, FROM + 7));
    assert_refused(end(world, FROM + 8), WRONG_STATE);
}

/* --- refusals --------------------------------------------------------------------------------------------------- */

/* Proves: commands about a placement nobody proposed are refused by name. */
static void an_unknown_placement_is_refused(void **state)
{
    struct world *world = *state;
    assert_refused(accept_offer(world), PLACEMENT_UNKNOWN);
    assert_refused(decline_offer(world, 1), PLACEMENT_UNKNOWN);
    assert_refused(start(world, FROM), PLACEMENT_UNKNOWN);
    assert_refused(end(world, FROM), PLACEMENT_UNKNOWN);
    assert_refused(cancel(world), PLACEMENT_UNKNOWN);
}

/* Proves: what does not fit the state is refused, and the sentence says which state it is. */
static void the_wrong_state_is_told(void **state)
{
    struct world *world = *state;
    bring_to(world, PLACEMENT_PROPOSED);
    assert_refused(accept_offer(world), WRONG_STATE);
    assert_refused(decline_offer(world, 1), WRONG_STATE);
    assert_refused(end(world, FROM), WRONG_STATE);
    const struct pure_outcome told = start(world, FROM);
    assert_int_equal(told.outcome, DECISION_REFUSED);
    assert_non_null(strstr(told.sentence, "is proposed and waits for capacity"));
    bring_to(world, PLACEMENT_ACTIVE);
    assert_refused(cancel(world), WRONG_STATE);
}

/* Proves: an id that says something else already is not taken, be it the placement's or the hold's. */
static void a_used_id_is_refused(void **state)
{
    struct world *world = *state;
    bring_to(world, PLACEMENT_PROPOSED);
    assert_refused(propose_as(world, &PLACEMENT_ID, &OTHER_ID), ALREADY_EXISTS);
    assert_refused(propose_as(world, &OTHER_ID, &HOLD_ID), ALREADY_EXISTS);
    world->terms.price_pence_per_week++;
    assert_refused(propose(world), ALREADY_EXISTS);
}

/* Proves: a person has a session once on a date; other dates, other sessions and other people are free. */
static void a_session_is_had_once_on_a_date(void **state)
{
    struct world *world = *state;
    world->terms.to = &world->to;
    bring_to(world, PLACEMENT_PROPOSED);
    world->terms.n_session_ids = 1;
    world->from.days = FROM + 90;
    world->to.days = FROM + 100;
    assert_refused(propose_as(world, &OTHER_ID, &UNUSED_ID), OVERLAPPING_SESSIONS);
    pure_reload(world->pure);
    assert_refused(propose_as(world, &OTHER_ID, &UNUSED_ID), OVERLAPPING_SESSIONS);
    world->terms.person_id = id_to_data(&SERVICE_ID);
    assert_int_equal(propose_as(world, &TUESDAY_ID, &MONDAY_ID).outcome, DECISION_YES);
    world->terms.person_id = id_to_data(&PERSON_ID);
    world->from.days = FROM + 91;
    assert_int_equal(propose_as(world, &OTHER_ID, &UNUSED_ID).outcome, DECISION_YES);
}

/* Proves: a place that was given back is free at once, and one that ended is free from the day after its last. */
static void a_session_is_free_again_after_the_end(void **state)
{
    struct world *world = *state;
    bring_to(world, PLACEMENT_ENDED);
    world->from.days = FROM + 30;
    assert_refused(propose_as(world, &OTHER_ID, &UNUSED_ID), OVERLAPPING_SESSIONS);
    world->from.days = FROM + 31;
    assert_int_equal(propose_as(world, &OTHER_ID, &UNUSED_ID).outcome, DECISION_YES);
}

/* Proves: a provider's people act on their own placements only. */
static void another_providers_placement_is_refused(void **state)
{
    struct world *world = *state;
    bring_to(world, PLACEMENT_OFFERED);
    pure_principal_provider(world->pure, &OTHER_ID);
    assert_refused(accept_offer(world), NOT_YOURS);
    assert_refused(decline_offer(world, 1), NOT_YOURS);
    assert_refused(start(world, FROM), NOT_YOURS);
    assert_refused(end(world, FROM), NOT_YOURS);
    pure_principal_provider(world->pure, &PROVIDER_ID);
    assert_said(accept_offer(world), &dw__offer_accepted__descriptor, 1);
}

/* Proves: dates outside the placement are refused at its start and at its end. */
static void dates_outside_are_refused(void **state)
{
    struct world *world = *state;
    world->terms.to = &world->to;
    bring_to(world, PLACEMENT_ACCEPTED);
    assert_refused(start(world, FROM - 1), DATE_OUTSIDE);
    assert_refused(start(world, FROM + 91), DATE_OUTSIDE);
    start(world, FROM + 5);
    assert_refused(end(world, FROM + 4), DATE_OUTSIDE);
    assert_refused(end(world, FROM + 91), DATE_OUTSIDE);
    assert_said(end(world, FROM + 90), &dw__placement_ended__descriptor, 1);
}

/* Proves: support that starts tomorrow is not active today, whatever is booked. */
static void a_start_that_has_not_come_is_refused(void **state)
{
    struct world *world = *state;
    bring_to(world, PLACEMENT_ACCEPTED);
    assert_refused(start(world, TODAY + 1), DATE_OUTSIDE);
    assert_refused(start(world, TODAY + 20000), DATE_OUTSIDE);
    assert_state(world, ACCEPTED);
    assert_said(start(world, TODAY), &dw__placement_started__descriptor, 0);
}

/* Proves: the terms' provider and level are capacity's to check, and its no is told as it is. */
static void another_provider_or_level_than_the_services_lapses(void **state)
{
    struct world *world = *state;
    const struct pure_outcome proposed = propose(world);
    Dw__HoldPlaces *hold = dw__hold_places__unpack(NULL, proposed.decision->sends[0].body.len,
                                                   proposed.decision->sends[0].body.bytes);
    assert_int_equal(hold->level, 2);
    assert_memory_equal(hold->provider_id.data, PROVIDER_ID.bytes, sizeof PROVIDER_ID.bytes);
    dw__hold_places__free_unpacked(hold, NULL);
    assert_said(hold_answered(world, &HOLD_ID, ANSWER_REFUSED,
                              DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PROVIDER_DIFFERS),
                &dw__placement_lapsed__descriptor, 0);
    assert_int_equal(the_placement(world)->lapse_reason,
                     DW__LAPSE_REASON__LAPSE_REASON_PROVIDER_DIFFERS);
    assert_int_equal(propose_as(world, &OTHER_ID, &UNUSED_ID).outcome, DECISION_YES);
    (void)hold_answered(world, &UNUSED_ID, ANSWER_REFUSED,
                        DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_LEVEL_DIFFERS);
    const Dw__Placement *other =
        entities_get(pure_entities(world->pure), PLACEMENTS_KIND_PLACEMENT, &OTHER_ID, 0);
    assert_int_equal(other->lapse_reason, DW__LAPSE_REASON__LAPSE_REASON_LEVEL_DIFFERS);
}

/* Proves: that the person is elsewhere is told as it is. */
static void a_person_who_is_elsewhere_lapses_the_placement(void **state)
{
    struct world *world = *state;
    (void)propose(world);
    assert_said(hold_answered(world, &HOLD_ID, ANSWER_REFUSED,
                              DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PERSON_ELSEWHERE),
                &dw__placement_lapsed__descriptor, 0);
    assert_int_equal(the_placement(world)->lapse_reason,
                     DW__LAPSE_REASON__LAPSE_REASON_PERSON_ELSEWHERE);
}

/* Proves: a replacement hold that cannot be confirmed is given back at once and does not take a chair until it lapses; also
 * when its confirmation is still on the way. */
static void a_useless_replacement_is_given_back(void **state)
{
    struct world *world = *state;
    bring_to(world, PLACEMENT_CONFIRMING);
    (void)confirm_answered(world, &HOLD_ID, ANSWER_REFUSED,
                           DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_EXPIRED);
    const struct id second = hold_id_now(world);
    const struct pure_outcome lapsed = confirm_answered(
        world, &second, ANSWER_REFUSED, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_EXPIRED);
    assert_said(lapsed, &dw__placement_lapsed__descriptor, 2);
    assert_sent(lapsed, 0, &dw__release_hold__descriptor, &second);
    assert_sent(lapsed, 1, &dw__end_booking__descriptor, &second);
}

/* Proves: what the council's model does not know is refused. */
static void the_model_is_kept(void **state)
{
    struct world *world = *state;
    world->terms.level = 9;
    assert_refused(propose(world), LEVEL_UNKNOWN);
    world->terms.level = 2;
    world->terms.district = 9;
    assert_refused(propose(world), DISTRICT_UNKNOWN);
    world->terms.district = 3;
    world->terms.age = 17;
    assert_refused(propose(world), TOO_YOUNG);
}

/* Proves: malformed terms are told by the field. */
static void malformed_terms_are_told_by_field(void **state)
{
    struct world *world = *state;
    world->terms.line_number = 1;
    assert_invalid(propose(world), "terms.line_number");
    world->terms.line_number = 0;
    world->session_ids[1] = world->session_ids[0];
    assert_invalid(propose(world), "terms.session_ids");
    world->terms.n_session_ids = 0;
    assert_invalid(propose(world), "terms.session_ids");
    world->terms.n_session_ids = 1;
    world->to.days = FROM - 1;
    world->terms.to = &world->to;
    assert_invalid(propose(world), "terms.to");
    world->terms.to = NULL;
    world->terms.price_pence_per_week = -1;
    assert_invalid(propose(world), "terms.price_pence_per_week");
    world->terms.person_id.len = 0;
    assert_invalid(propose(world), "terms.person_id");
    assert_null(the_placement(world));
}

/* --- the ways that fail ----------------------------------------------------------------------------------------- */

/* Proves: capacity's no ends the proposal and its reason is kept. */
static void no_place_lapses_the_placement(void **state)
{
    struct world *world = *state;
    bring_to(world, PLACEMENT_PROPOSED);
    assert_said(hold_answered(world, &HOLD_ID, ANSWER_REFUSED,
                              DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT),
                &dw__placement_lapsed__descriptor, 0);
    assert_state(world, LAPSED);
    assert_int_equal(the_placement(world)->lapse_reason,
                     DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT);
}

/* Proves: when it is not known whether capacity held the chair, it is given back. */
static void an_unanswered_hold_lapses_and_is_given_back(void **state)
{
    struct world *world = *state;
    bring_to(world, PLACEMENT_PROPOSED);
    const struct pure_outcome told =
        hold_answered(world, &HOLD_ID, ANSWER_FAILED, DW__ERROR_CODE__ERROR_CODE_QUARANTINED);
    assert_said(told, &dw__placement_lapsed__descriptor, 1);
    assert_sent(told, 0, &dw__release_hold__descriptor, &HOLD_ID);
}

/* Proves: cancelling while the hold is still asked for releases that hold, and the late yes changes nothing. */
static void cancelling_while_a_hold_is_in_flight_leaks_no_chair(void **state)
{
    struct world *world = *state;
    bring_to(world, PLACEMENT_PROPOSED);
    const struct pure_outcome told = cancel(world);
    assert_said(told, &dw__placement_cancelled__descriptor, 1);
    assert_sent(told, 0, &dw__release_hold__descriptor, &HOLD_ID);
    assert_nothing_said(hold_answered(world, &HOLD_ID, ANSWER_ACCEPTED, 0));
    assert_nothing_said(hold_answered(world, &HOLD_ID, ANSWER_FAILED, 0));
    assert_state(world, CANCELLED);
    assert_nothing_said(cancel(world));
}

/* Proves: cancelling when the hold may be a booking already gives back both, the booking from before its first day. */
static void cancelling_a_confirmation_gives_hold_and_booking_back(void **state)
{
    struct world *world = *state;
    bring_to(world, PLACEMENT_CONFIRMING);
    const struct pure_outcome told = cancel(world);
    assert_said(told, &dw__placement_cancelled__descriptor, 2);
    assert_sent(told, 0, &dw__release_hold__descriptor, &HOLD_ID);
    assert_sent(told, 1, &dw__end_booking__descriptor, &HOLD_ID);
    assert_int_equal(last_of_booking(told, 1), FROM - 1);
    assert_nothing_said(confirm_answered(world, &HOLD_ID, ANSWER_ACCEPTED, 0));
    assert_nothing_said(confirm_answered(world, &HOLD_ID, ANSWER_REFUSED,
                                         DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_EXPIRED));
}

/* Proves: a declined offer gives the chair back and keeps the reason. */
static void a_declined_offer_releases_the_hold(void **state)
{
    struct world *world = *state;
    bring_to(world, PLACEMENT_OFFERED);
    const struct pure_outcome told =
        decline_offer(world, DW__DECLINE_REASON__DECLINE_REASON_STAFFING);
    assert_said(told, &dw__placement_declined__descriptor, 1);
    assert_sent(told, 0, &dw__release_hold__descriptor, &HOLD_ID);
    assert_nothing_said(decline_offer(world, DW__DECLINE_REASON__DECLINE_REASON_STAFFING));
    assert_refused(decline_offer(world, DW__DECLINE_REASON__DECLINE_REASON_PRICE), WRONG_STATE);
}

static struct pure_outcome lose_the_hold(struct world *world, const struct id *hold_id)
{
    return confirm_answered(world, hold_id, ANSWER_REFUSED,
                            DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_EXPIRED);
}

/* Proves: a hold lost while it is confirmed is asked for again under a fresh id, and that one is confirmed. */
static void a_lost_hold_is_replaced_once(void **state)
{
    struct world *world = *state;
    bring_to(world, PLACEMENT_CONFIRMING);
    const struct pure_outcome told = lose_the_hold(world, &HOLD_ID);
    assert_said(told, &dw__hold_replaced__descriptor, 3);
    const struct id fresh = hold_id_now(world);
    assert_false(id_equal(&fresh, &HOLD_ID));
    assert_sent(told, 0, &dw__release_hold__descriptor, &HOLD_ID); /* it may be held still */
    assert_sent(told, 1, &dw__hold_places__descriptor, &fresh);
    assert_sent(told, 2, &dw__confirm_hold__descriptor, &fresh);
    assert_nothing_said(lose_the_hold(world, &HOLD_ID)); /* late, about the old one */
    assert_nothing_said(hold_answered(world, &fresh, ANSWER_ACCEPTED, 0));
    assert_said(confirm_answered(world, &fresh, ANSWER_ACCEPTED, 0),
                &dw__placement_accepted__descriptor, 0);
    assert_state(world, ACCEPTED);
}

/* Proves: the second loss is the end. */
static void a_hold_lost_twice_lapses_the_placement(void **state)
{
    struct world *world = *state;
    bring_to(world, PLACEMENT_CONFIRMING);
    lose_the_hold(world, &HOLD_ID);
    const struct id fresh = hold_id_now(world);
    assert_said(lose_the_hold(world, &fresh), &dw__placement_lapsed__descriptor, 2);
    assert_int_equal(the_placement(world)->lapse_reason,
                     DW__LAPSE_REASON__LAPSE_REASON_HOLD_EXPIRED);
}

/* Proves: when the replacing hold finds no place, that is the reason, and the confirmation's no after it is harmless. */
static void a_full_session_at_the_second_try_lapses_the_placement(void **state)
{
    struct world *world = *state;
    bring_to(world, PLACEMENT_CONFIRMING);
    lose_the_hold(world, &HOLD_ID);
    const struct id fresh = hold_id_now(world);
    assert_said(hold_answered(world, &fresh, ANSWER_REFUSED,
                              DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT),
                &dw__placement_lapsed__descriptor, 0);
    assert_nothing_said(confirm_answered(world, &fresh, ANSWER_REFUSED,
                                         DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_UNKNOWN));
    assert_int_equal(the_placement(world)->lapse_reason,
                     DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT);
}

/* --- queries ---------------------------------------------------------------------------------------------------- */

static const Dw__PlacementList *list_as(struct world *world, Dw__ListPlacements *request, int role)
{
    return pure_query(world->pure, &request->base, role, NOW_MS, TODAY, NULL);
}

static const Dw__PlacementList *list(struct world *world, Dw__ListPlacements *request)
{
    return list_as(world, request, BROKER);
}

/* Proves: lists are cut by person, state and page, and a provider sees its own placements only. */
static void lists_show_what_is_asked_and_allowed(void **state)
{
    struct world *world = *state;
    bring_to(world, PLACEMENT_OFFERED);
    world->terms.person_id = id_to_data(&OTHER_ID);
    world->terms.provider_id = id_to_data(&OTHER_ID);
    propose_as(world, &OTHER_ID, &UNUSED_ID);
    Dw__ListPlacements request = DW__LIST_PLACEMENTS__INIT;
    pure_principal_provider(world->pure, NULL);
    assert_int_equal(list(world, &request)->total, 2);
    assert_int_equal(list_as(world, &request, PROVIDER_MANAGER)->total, 0); /* of no provider */
    Dw__PlacementState offered = DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED;
    request.states = &offered;
    request.n_states = 1;
    assert_int_equal(list(world, &request)->total, 1);
    request.n_states = 0;
    request.person_id = id_to_data(&OTHER_ID);
    assert_int_equal(list(world, &request)->total, 1);
    assert_memory_equal(list(world, &request)->placements[0]->placement_id.data, OTHER_ID.bytes,
                        16);
    request.person_id.len = 0;
    request.per_page = 1;
    request.page = 2;
    assert_int_equal(list(world, &request)->n_placements, 1);
    request.page = 3;
    assert_int_equal(list(world, &request)->n_placements, 0);
    pure_principal_provider(world->pure, &PROVIDER_ID);
    assert_int_equal(list_as(world, &request, PROVIDER_MANAGER)->total, 1);
    Dw__GetPlacement get = DW__GET_PLACEMENT__INIT;
    get.placement_id = id_to_data(&OTHER_ID);
    struct pure_outcome no;
    assert_null(pure_query(world->pure, &get.base, PROVIDER_MANAGER, NOW_MS, TODAY, &no));
    assert_int_equal(no.refusal, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_YOURS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_placement_goes_from_proposal_to_end),
        TEST(the_hold_asks_for_what_the_terms_say),
        TEST(saying_it_again_changes_nothing),
        TEST(an_unknown_placement_is_refused),
        TEST(the_wrong_state_is_told),
        TEST(a_used_id_is_refused),
        TEST(a_session_is_had_once_on_a_date),
        TEST(a_session_is_free_again_after_the_end),
        TEST(another_providers_placement_is_refused),
        TEST(dates_outside_are_refused),
        TEST(a_start_that_has_not_come_is_refused),
        TEST(another_provider_or_level_than_the_services_lapses),
        TEST(a_person_who_is_elsewhere_lapses_the_placement),
        TEST(a_useless_replacement_is_given_back),
        TEST(the_model_is_kept),
        TEST(malformed_terms_are_told_by_field),
        TEST(no_place_lapses_the_placement),
        TEST(an_unanswered_hold_lapses_and_is_given_back),
        TEST(cancelling_while_a_hold_is_in_flight_leaks_no_chair),
        TEST(cancelling_a_confirmation_gives_hold_and_booking_back),
        TEST(a_declined_offer_releases_the_hold),
        TEST(a_lost_hold_is_replaced_once),
        TEST(a_hold_lost_twice_lapses_the_placement),
        TEST(a_full_session_at_the_second_try_lapses_the_placement),
        TEST(lists_show_what_is_asked_and_allowed),
    };
    return cmocka_run_group_tests_name("placements_decide", tests, NULL, NULL);
}
