/* Tests of visits, actions, concerns, assurances and suspensions: what is recorded, who reads it, what time tells once, and that nobody
 * new is placed where placements are suspended. */
#include "services/capacity/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/calendar.h"
#include "tests/support/places.h"

#define REFUSAL(name) DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_##name

enum {
    FOREVER = INT32_MAX,
    VISIT_DAYS = 180,
    OFFICER = DW__ROLE__ROLE_QUALITY_OFFICER,
    LEAD = DW__ROLE__ROLE_SAFEGUARDING_LEAD,
    MANAGER = DW__ROLE__ROLE_PROVIDER_MANAGER,
};

static const Dw__FundingRoute OWN_MONEY = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;

/* Two providers, each with a service and a Monday; the first one's contract began ten days ago. */
static int open_council(void **context)
{
    static struct places places;
    static const int ten[5] = {10};
    places = places_open();
    places_model()->rules->visit_days = VISIT_DAYS;
    for (uint32_t number = 1; number <= 2; number++) {
        (void)places_provider(&places, number);
        (void)places_send_service(&places, places_service(number, number));
        (void)places_session(&places, number, number, 1, 600, 720, ten, places.today, FOREVER);
    }
    (void)places_contract(&places, 1, 1, 1, places.today - 10, FOREVER);
    *context = &places;
    return 0;
}

static int close_council(void **context)
{
    places_close(*context);
    return 0;
}

static void expect_event(struct pure_outcome outcome, const char *event)
{
    assert_int_equal(outcome.outcome, DECISION_YES);
    assert_int_equal(outcome.events_count, 1);
    assert_string_equal(outcome.decision->events[0].row->type->short_name, event);
}

static void expect_nothing(struct pure_outcome outcome)
{
    assert_int_equal(outcome.outcome, DECISION_YES);
    assert_int_equal(outcome.events_count, 0);
}

static void expect_refusal(struct pure_outcome outcome, int refusal)
{
    assert_int_equal(outcome.outcome, DECISION_REFUSED);
    assert_int_equal(outcome.refusal, refusal);
    assert_true(strlen(outcome.sentence) > 20);
}

static struct pure_outcome send(struct places *places, const ProtobufCMessage *command, int role)
{
    return pure_command(places->pure, command, role, places->now_ms, places->today);
}

static struct pure_outcome visit(struct places *places, uint32_t number, int32_t date, int rating)
{
    const struct id id = places_id('v', number), provider_id = places_id('p', 1);
    char notes[] = "Warm, busy, one fire door wedged open.";
    Dw__Date day = DW__DATE__INIT;
    Dw__Visit told = DW__VISIT__INIT;
    Dw__RecordMonitoringVisit command = DW__RECORD_MONITORING_VISIT__INIT;
    day.days = date;
    told.visit_id = id_to_data(&id);
    told.provider_id = id_to_data(&provider_id);
    told.date = &day;
    told.rating = (Dw__VisitRating)rating;
    command.visit = &told;
    command.notes = notes;
    return send(places, &command.base, OFFICER);
}

static struct pure_outcome raise(struct places *places, uint32_t number, int32_t due)
{
    const struct id id = places_id('a', number), provider_id = places_id('p', 1);
    char text[] = "Keep fire doors shut.";
    Dw__Date day = DW__DATE__INIT;
    Dw__ImprovementAction action = DW__IMPROVEMENT_ACTION__INIT;
    Dw__RaiseImprovementAction command = DW__RAISE_IMPROVEMENT_ACTION__INIT;
    day.days = due;
    action.action_id = id_to_data(&id);
    action.provider_id = id_to_data(&provider_id);
    action.due = &day;
    command.action = &action;
    command.text = text;
    return send(places, &command.base, OFFICER);
}

static struct pure_outcome close_action(struct places *places, uint32_t number)
{
    const struct id id = places_id('a', number);
    Dw__Date day = DW__DATE__INIT;
    Dw__CloseImprovementAction command = DW__CLOSE_IMPROVEMENT_ACTION__INIT;
    day.days = places->today;
    command.action_id = id_to_data(&id);
    command.date = &day;
    return send(places, &command.base, OFFICER);
}

static struct pure_outcome concern(struct places *places, char kind, uint32_t number)
{
    const struct id id = places_id(kind, number), provider_id = places_id('p', 1);
    char text[] = "Sam came home with a bruise.";
    Dw__Date day = DW__DATE__INIT;
    Dw__Concern told = DW__CONCERN__INIT;
    Dw__RecordConcern command = DW__RECORD_CONCERN__INIT;
    day.days = places->today;
    told.concern_id = id_to_data(&id);
    told.provider_id = id_to_data(&provider_id);
    told.date = &day;
    told.kind = DW__CONCERN_KIND__CONCERN_KIND_SAFEGUARDING;
    command.concern = &told;
    command.text = text;
    return send(places, &command.base, DW__ROLE__ROLE_SOCIAL_WORKER);
}

static struct pure_outcome assure(struct places *places, uint32_t number, int32_t expires)
{
    const struct id id = places_id('i', number), provider_id = places_id('p', 1);
    char reference[] = "POL-77";
    Dw__Date day = DW__DATE__INIT;
    Dw__Assurance assurance = DW__ASSURANCE__INIT;
    Dw__RecordAssurance command = DW__RECORD_ASSURANCE__INIT;
    day.days = expires;
    assurance.assurance_id = id_to_data(&id);
    assurance.provider_id = id_to_data(&provider_id);
    assurance.kind = DW__ASSURANCE_KIND__ASSURANCE_KIND_INSURANCE;
    assurance.expires = &day;
    assurance.reference = reference;
    command.assurance = &assurance;
    return send(places, &command.base, OFFICER);
}

/* Proves: words that are said again under an id are the same words, or they are refused and not lost. */
static void other_words_under_the_same_id_are_refused(void **context)
{
    struct places *places = *context;
    const struct id id = places_id('c', 1), action_id = places_id('a', 1);
    const struct id visit_id = places_id('v', 1), provider_id = places_id('p', 1);
    char words[] = "Sam came home without a coat.";
    Dw__Date day = DW__DATE__INIT;
    Dw__Concern told = DW__CONCERN__INIT;
    Dw__RecordConcern command = DW__RECORD_CONCERN__INIT;
    day.days = places->today;
    told.concern_id = id_to_data(&id);
    told.provider_id = id_to_data(&provider_id);
    told.date = &day;
    told.kind = DW__CONCERN_KIND__CONCERN_KIND_SAFEGUARDING;
    command.concern = &told;
    command.text = words;
    expect_event(concern(places, 'c', 1), "ConcernRecorded");
    pure_reload(places->pure);
    expect_nothing(concern(places, 'c', 1));
    expect_refusal(send(places, &command.base, OFFICER), REFUSAL(ALREADY_EXISTS));
    Dw__ImprovementAction action = DW__IMPROVEMENT_ACTION__INIT;
    Dw__RaiseImprovementAction again = DW__RAISE_IMPROVEMENT_ACTION__INIT;
    action.action_id = id_to_data(&action_id);
    action.provider_id = id_to_data(&provider_id);
    action.due = &day;
    again.action = &action;
    again.text = words;
    expect_event(raise(places, 1, places->today), "ImprovementActionRaised");
    expect_event(close_action(places, 1), "ImprovementActionClosed");
    expect_nothing(raise(places, 1, places->today));
    expect_refusal(send(places, &again.base, OFFICER), REFUSAL(ALREADY_EXISTS));
    Dw__Visit visited = DW__VISIT__INIT;
    Dw__RecordMonitoringVisit record = DW__RECORD_MONITORING_VISIT__INIT;
    visited.visit_id = id_to_data(&visit_id);
    visited.provider_id = id_to_data(&provider_id);
    visited.date = &day;
    visited.rating = (Dw__VisitRating)2;
    record.visit = &visited; /* without the notes */
    expect_event(visit(places, 1, places->today, 2), "MonitoringVisitRecorded");
    expect_refusal(send(places, &record.base, OFFICER), REFUSAL(ALREADY_EXISTS));
}

/* service 0: all of the provider's. */
static struct pure_outcome suspend(struct places *places, uint32_t provider, uint32_t service,
                                   bool is_lifted)
{
    const struct id provider_id = places_id('p', provider), service_id = places_id('s', service);
    Dw__SuspendNewPlacements command = DW__SUSPEND_NEW_PLACEMENTS__INIT;
    Dw__LiftSuspension lift = DW__LIFT_SUSPENSION__INIT;
    command.provider_id = lift.provider_id = id_to_data(&provider_id);
    if (service != 0)
        command.service_id = lift.service_id = id_to_data(&service_id);
    command.reason = DW__SUSPENSION_REASON__SUSPENSION_REASON_QUALITY;
    return send(places, is_lifted ? &lift.base : &command.base, LEAD);
}

static const Dw__ProviderQualityFound *quality(struct places *places, uint32_t provider, int role)
{
    const struct id id = places_id('p', provider);
    Dw__ProviderQuality query = DW__PROVIDER_QUALITY__INIT;
    query.provider_id = id_to_data(&id);
    return pure_query(places->pure, &query.base, role, places->now_ms, places->today, NULL);
}

static struct pure_outcome hold(struct places *places, uint32_t number, uint32_t service)
{
    return places_hold(places, number, service, &service, 1, places->today, FOREVER, NULL,
                       OWN_MONEY);
}

/* --- records ---------------------------------------------------------------------------------------------------------- */

static void the_last_visit_is_the_latest_whenever_it_was_recorded(void **context)
{
    struct places *places = *context;
    const int32_t today = places->today;
    expect_event(visit(places, 1, today - 5, 2), "MonitoringVisitRecorded");
    expect_event(visit(places, 2, today - 9, 4), "MonitoringVisitRecorded");
    expect_nothing(visit(places, 1, today - 5, 2));
    expect_refusal(visit(places, 1, today - 5, 3), REFUSAL(ALREADY_EXISTS));
    expect_refusal(visit(places, 3, today + 1, 2), REFUSAL(DATE_AHEAD));
    const Dw__ProviderQualityFound *found = quality(places, 1, OFFICER);
    assert_int_equal(found->last_visit->rating, 2);
    assert_string_equal(found->visit_notes, "Warm, busy, one fire door wedged open.");
    assert_int_equal(found->next_visit->days, today - 5 + VISIT_DAYS);
    assert_null(quality(places, 2, OFFICER)->next_visit);
}

static void actions_are_open_until_closed_and_overdue_after_their_date(void **context)
{
    struct places *places = *context;
    const int32_t today = places->today;
    expect_event(raise(places, 1, today + 7), "ImprovementActionRaised");
    expect_event(raise(places, 2, today - 1), "ImprovementActionRaised");
    expect_nothing(raise(places, 2, today - 1));
    expect_refusal(raise(places, 2, today), REFUSAL(ALREADY_EXISTS));
    const Dw__ProviderQualityFound *found = quality(places, 1, OFFICER);
    assert_int_equal(found->actions_open, 2);
    assert_int_equal(found->actions_overdue, 1);
    assert_true(found->actions[0]->overdue);
    assert_string_equal(found->actions[1]->text, "Keep fire doors shut.");
    expect_event(close_action(places, 2), "ImprovementActionClosed");
    expect_nothing(close_action(places, 2));
    expect_nothing(raise(places, 2, today - 1));
    expect_refusal(close_action(places, 9), REFUSAL(ACTION_UNKNOWN));
    pure_reload(places->pure);
    found = quality(places, 1, OFFICER);
    assert_int_equal(found->actions_open, 1);
    assert_int_equal(found->actions_overdue, 0);
}

static void concerns_are_for_the_safeguarding_lead_alone(void **context)
{
    struct places *places = *context;
    expect_event(concern(places, 'g', 1), "ConcernRecorded");
    static const int hidden_from[] = {OFFICER, DW__ROLE__ROLE_SOCIAL_WORKER,
                                      DW__ROLE__ROLE_COMMISSIONER};
    for (size_t at = 0; at < sizeof hidden_from / sizeof hidden_from[0]; at++) {
        assert_int_equal(quality(places, 1, hidden_from[at])->n_concerns, 0);
        assert_int_equal(quality(places, 1, hidden_from[at])->concerns_total, 0);
    }
    const Dw__ProviderQualityFound *found = quality(places, 1, LEAD);
    assert_int_equal(found->concerns_total, 1);
    assert_string_equal(found->concerns[0]->text, "Sam came home with a bruise.");
    assert_int_equal(quality(places, 1, DW__ROLE__ROLE_OPERATOR)->n_concerns, 0);
    const struct id own_id = places_id('p', 1);
    pure_principal_provider(places->pure, &own_id);
    assert_int_equal(quality(places, 1, MANAGER)->n_concerns, 0);
    assert_null(quality(places, 2, MANAGER));
    pure_principal_provider(places->pure, NULL);
}

/* Proves: whoever reads events or records, as operators do, learns of a concern no more than that there is one; it is found again by its
 * provider, with what was said of it, after a restart too. */
static void a_concern_is_told_of_without_what_it_is(void **context)
{
    struct places *places = *context;
    const struct pure_outcome outcome = concern(places, 'g', 1);
    assert_int_equal(outcome.events_count, 1);
    const struct packed body = outcome.decision->events[0].body;
    Dw__ConcernRecorded *told = dw__concern_recorded__unpack(NULL, body.len, body.bytes);
    assert_int_equal(told->concern->provider_id.len, 0);
    assert_int_equal(told->concern->service_id.len, 0);
    assert_null(told->concern->date);
    assert_int_equal(told->concern->kind, DW__CONCERN_KIND__CONCERN_KIND_NOT_TOLD);
    dw__concern_recorded__free_unpacked(told, NULL);
    pure_reload(places->pure);
    const Dw__ProviderQualityFound *found = quality(places, 1, LEAD);
    assert_int_equal(found->concerns_total, 1);
    const struct id provider_id = places_id('p', 1);
    const Dw__Concern *shown = found->concerns[0]->concern;
    assert_true(id_data_equal(
        &shown->provider_id,
        &(ProtobufCBinaryData){sizeof provider_id, (uint8_t *)(uintptr_t)&provider_id}));
    assert_int_equal(shown->date->days, places->today);
    assert_int_equal(shown->kind, DW__CONCERN_KIND__CONCERN_KIND_SAFEGUARDING);
    assert_int_equal(quality(places, 2, LEAD)->concerns_total, 0);
}

/* Proves: a concern of which events told everything is still found, and the same said again is known. */
static void a_concern_recorded_before_is_still_read(void **context)
{
    struct places *places = *context;
    const struct id id = places_id('g', 1), provider_id = places_id('p', 1);
    Dw__Date day = DW__DATE__INIT;
    Dw__Concern before = DW__CONCERN__INIT;
    Dw__ConcernRecorded recorded = DW__CONCERN_RECORDED__INIT;
    uint8_t bytes[200];
    day.days = places->today;
    before.concern_id = id_to_data(&id);
    before.provider_id = id_to_data(&provider_id);
    before.date = &day;
    before.kind = DW__CONCERN_KIND__CONCERN_KIND_SAFEGUARDING;
    recorded.concern = &before;
    const size_t len = dw__concern_recorded__pack(&recorded, bytes);
    const struct pure_outcome outcome = concern(places, 'h', 1);
    const struct principal nobody = {.name = "pure"};
    pure_evolve(places->pure, outcome.decision->events[0].row,
                (struct packed){.bytes = bytes, .len = len}, places->now_ms, &nobody);
    const Dw__ProviderQualityFound *found = quality(places, 1, LEAD);
    assert_int_equal(found->concerns_total, 2);
    assert_int_equal(found->concerns[0]->concern->date->days, places->today);
    assert_int_equal(found->concerns[1]->concern->kind,
                     DW__CONCERN_KIND__CONCERN_KIND_SAFEGUARDING);
    expect_refusal(concern(places, 'g', 1), REFUSAL(ALREADY_EXISTS)); /* it has words now */
}

/* Proves: a concern is of what has happened. */
static void no_concern_lies_ahead(void **context)
{
    struct places *places = *context;
    const struct id id = places_id('g', 1), provider_id = places_id('p', 1);
    char text[] = "It will be cold.";
    Dw__Date day = DW__DATE__INIT;
    Dw__Concern told = DW__CONCERN__INIT;
    Dw__RecordConcern command = DW__RECORD_CONCERN__INIT;
    day.days = places->today + 1;
    told.concern_id = id_to_data(&id);
    told.provider_id = id_to_data(&provider_id);
    told.date = &day;
    told.kind = DW__CONCERN_KIND__CONCERN_KIND_QUALITY;
    command.concern = &told;
    command.text = text;
    expect_refusal(send(places, &command.base, OFFICER), REFUSAL(DATE_AHEAD));
    day.days = places->today;
    told.kind = DW__CONCERN_KIND__CONCERN_KIND_NOT_TOLD;
    assert_int_equal(send(places, &command.base, OFFICER).outcome, DECISION_INVALID);
}

static void the_id_of_a_concern_cannot_be_made_another_things(void **context)
{
    struct places *places = *context;
    expect_event(concern(places, 'v', 1), "ConcernRecorded");
    expect_refusal(visit(places, 1, places->today, 2), REFUSAL(ALREADY_EXISTS));
    expect_event(raise(places, 5, places->today), "ImprovementActionRaised");
    expect_refusal(concern(places, 'a', 5), REFUSAL(ALREADY_EXISTS));
}

static void what_is_written_is_in_no_event(void **context)
{
    struct places *places = *context;
    const struct pure_outcome outcome = concern(places, 'g', 1);
    const struct packed body = outcome.decision->events[0].body;
    assert_null(memmem(body.bytes, body.len, "bruise", 6));
    assert_int_equal(outcome.decision->keeps_count, 1);
}

/* --- time ---------------------------------------------------------------------------------------------------------------- */

static struct {
    size_t expired, due;
} heard;

static void listen(void *context, const struct decision *decision, int64_t now_ms,
                   const struct principal *principal)
{
    (void)context, (void)now_ms, (void)principal;
    for (size_t at = 0; at < decision->events_count; at++) {
        const ProtobufCMessageDescriptor *type = decision->events[at].row->type;
        heard.expired += type == &dw__assurance_expired__descriptor;
        heard.due += type == &dw__visit_due__descriptor;
    }
}

static void pass(struct places *places, int32_t days)
{
    pure_watch(places->pure, listen, NULL);
    for (int32_t day = 0; day < days; day++) {
        places_move(places, 1, 0);
        (void)pure_due(places->pure, 10, places->now_ms, places->today, NULL);
    }
    pure_watch(places->pure, NULL, NULL);
}

static void an_assurance_expires_once_unless_another_took_its_place(void **context)
{
    struct places *places = *context;
    const int32_t today = places->today;
    memset(&heard, 0, sizeof heard);
    expect_event(assure(places, 1, today + 10), "AssuranceRecorded");
    expect_nothing(assure(places, 1, today + 10));
    expect_event(assure(places, 2, today + 20), "AssuranceRecorded");
    pass(places, 20);
    assert_int_equal(heard.expired, 0);
    assert_int_equal(quality(places, 1, OFFICER)->assurances_expired, 0);
    pass(places, 1);
    assert_int_equal(heard.expired, 1);
    pure_reload(places->pure);
    pass(places, 9);
    assert_int_equal(heard.expired, 1);
    const Dw__ProviderQualityFound *found = quality(places, 1, OFFICER);
    assert_int_equal(found->n_assurances, 1);
    assert_int_equal(found->assurances_expired, 1);
    assert_true(found->assurances[0]->expired);
    expect_event(assure(places, 3, today + 400), "AssuranceRecorded");
    assert_int_equal(quality(places, 1, OFFICER)->assurances_expired, 0);
}

static void
a_visit_falls_due_once_for_each_last_one_and_first_after_the_first_contract(void **context)
{
    struct places *places = *context;
    memset(&heard, 0, sizeof heard);
    pass(places, VISIT_DAYS - 11);
    assert_int_equal(heard.due, 0);
    pass(places, 1);
    assert_int_equal(heard.due, 1);
    pure_reload(places->pure);
    pass(places, 30);
    assert_int_equal(heard.due, 1);
    expect_event(visit(places, 1, places->today, 2), "MonitoringVisitRecorded");
    pass(places, VISIT_DAYS - 1);
    assert_int_equal(heard.due, 1);
    pass(places, 5);
    assert_int_equal(heard.due, 2);
}

/* --- suspension ------------------------------------------------------------------------------------------------------------ */

static uint32_t excluded_by(struct places *places, Dw__SearchRule rule)
{
    Dw__Date date = DW__DATE__INIT;
    Dw__FindCapacity query = DW__FIND_CAPACITY__INIT;
    uint32_t count = 0;
    date.days = places->today;
    query.from = &date;
    query.latitude_e6 = 53200000;
    query.longitude_e6 = -2300000;
    query.funding = OWN_MONEY;
    const Dw__CapacityFound *found = pure_query(places->pure, &query.base, DW__ROLE__ROLE_BROKER,
                                                places->now_ms, places->today, NULL);
    for (size_t at = 0; at < found->n_excluded; at++)
        count += found->excluded[at]->rule == rule ? found->excluded[at]->services : 0;
    for (size_t at = 0; at < found->n_near_misses; at++)
        assert_true(found->near_misses[at]->rule != rule ||
                    strlen(found->near_misses[at]->sentence) > 20);
    assert_int_equal(found->services_fitting + count, found->services_total);
    assert_int_equal(found->n_near_misses, count);
    return count;
}

static const Dw__SearchRule SUSPENDED = DW__SEARCH_RULE__SEARCH_RULE_PLACEMENTS_SUSPENDED;

static void nobody_new_is_placed_with_a_suspended_provider_and_who_is_there_stays(void **context)
{
    struct places *places = *context;
    expect_event(hold(places, 1, 1), "PlacesHeld");
    expect_event(places_confirm(places, 1), "HoldConfirmed");
    expect_event(hold(places, 2, 2), "PlacesHeld");
    expect_event(hold(places, 6, 1), "PlacesHeld");
    const struct pure_outcome outcome = suspend(places, 1, 0, false);
    expect_event(outcome, "PlacementsSuspended");
    const struct packed body = outcome.decision->events[0].body;
    Dw__PlacementsSuspended *told = dw__placements_suspended__unpack(NULL, body.len, body.bytes);
    assert_int_equal(told->bookings_to_review, 2);
    dw__placements_suspended__free_unpacked(told, NULL);
    expect_nothing(suspend(places, 1, 0, false));
    expect_refusal(hold(places, 3, 1), REFUSAL(PLACEMENTS_SUSPENDED));
    expect_refusal(places_confirm(places, 6), REFUSAL(PLACEMENTS_SUSPENDED)); /* was held before */
    expect_event(hold(places, 4, 2), "PlacesHeld");
    assert_int_equal(excluded_by(places, SUSPENDED), 1);
    pure_reload(places->pure);
    assert_int_equal(excluded_by(places, SUSPENDED), 1);
    expect_refusal(hold(places, 3, 1), REFUSAL(PLACEMENTS_SUSPENDED));
    assert_int_equal(quality(places, 1, OFFICER)->n_suspensions, 1);
    /* Who is there changes days. */
    places->person = 1;
    places->replaces = 1;
    expect_event(hold(places, 5, 1), "PlacesHeld");
    places->person = places->replaces = 0;
    expect_event(suspend(places, 1, 0, true), "SuspensionLifted");
    expect_nothing(suspend(places, 1, 0, true));
    assert_int_equal(excluded_by(places, SUSPENDED), 0);
    expect_event(hold(places, 3, 1), "PlacesHeld");
}

static void a_suspension_counts_who_is_there_and_keeps_its_first_day(void **context)
{
    struct places *places = *context;
    const struct id provider_id = places_id('p', 1);
    const int32_t first = places->today;
    Dw__SuspendNewPlacements again = DW__SUSPEND_NEW_PLACEMENTS__INIT;
    expect_event(hold(places, 1, 1), "PlacesHeld");
    expect_event(places_confirm(places, 1), "HoldConfirmed");
    expect_event(places_end(places, 1, first), "BookingEnded");
    places_move(places, 1, 0);
    struct pure_outcome outcome = suspend(places, 1, 0, false);
    struct packed body = outcome.decision->events[0].body;
    Dw__PlacementsSuspended *told = dw__placements_suspended__unpack(NULL, body.len, body.bytes);
    assert_int_equal(told->bookings_to_review, 0); /* the only one is over */
    dw__placements_suspended__free_unpacked(told, NULL);
    places_move(places, 6, 0);
    again.provider_id = id_to_data(&provider_id);
    again.reason = DW__SUSPENSION_REASON__SUSPENSION_REASON_STAFFING;
    outcome = send(places, &again.base, LEAD);
    expect_event(outcome, "PlacementsSuspended");
    body = outcome.decision->events[0].body;
    told = dw__placements_suspended__unpack(NULL, body.len, body.bytes);
    assert_int_equal(told->suspension->reason, DW__SUSPENSION_REASON__SUSPENSION_REASON_STAFFING);
    assert_int_equal(told->suspension->from->days, first + 1);
    dw__placements_suspended__free_unpacked(told, NULL);
}

static void one_service_may_be_suspended_alone(void **context)
{
    struct places *places = *context;
    expect_refusal(suspend(places, 1, 2, false), REFUSAL(SERVICE_UNKNOWN));
    expect_refusal(suspend(places, 9, 0, false), REFUSAL(PROVIDER_UNKNOWN));
    expect_event(suspend(places, 2, 2, false), "PlacementsSuspended");
    expect_refusal(hold(places, 1, 2), REFUSAL(PLACEMENTS_SUSPENDED));
    expect_event(suspend(places, 2, 0, false), "PlacementsSuspended");
    expect_event(suspend(places, 2, 2, true), "SuspensionLifted");
    expect_refusal(hold(places, 1, 2), REFUSAL(PLACEMENTS_SUSPENDED));
    expect_event(suspend(places, 2, 0, true), "SuspensionLifted");
    expect_event(hold(places, 1, 2), "PlacesHeld");
}

static void a_service_that_comes_later_is_suspended_with_its_provider(void **context)
{
    struct places *places = *context;
    static const int ten[5] = {10};
    expect_event(suspend(places, 1, 0, false), "PlacementsSuspended");
    expect_event(places_send_service(places, places_service(3, 1)), "ServiceRegistered");
    expect_event(places_session(places, 3, 3, 1, 600, 720, ten, places->today, FOREVER),
                 "SessionSet");
    expect_refusal(hold(places, 1, 3), REFUSAL(PLACEMENTS_SUSPENDED));
}

static void a_drop_in_service_is_never_held_and_a_search_says_so(void **context)
{
    struct places *places = *context;
    Dw__Service *service = places_service(3, 1);
    service->unbooked = true;
    expect_event(places_send_service(places, service), "ServiceRegistered");
    static const int ten[5] = {10};
    expect_event(places_session(places, 3, 3, 1, 600, 720, ten, places->today, FOREVER),
                 "SessionSet");
    expect_refusal(hold(places, 1, 3), REFUSAL(UNBOOKED));
    assert_int_equal(excluded_by(places, DW__SEARCH_RULE__SEARCH_RULE_UNBOOKED), 1);
}

int main(void)
{
#define COUNCIL_TEST(name) cmocka_unit_test_setup_teardown(name, open_council, close_council)
    const struct CMUnitTest tests[] = {
        COUNCIL_TEST(the_last_visit_is_the_latest_whenever_it_was_recorded),
        COUNCIL_TEST(actions_are_open_until_closed_and_overdue_after_their_date),
        COUNCIL_TEST(concerns_are_for_the_safeguarding_lead_alone),
        COUNCIL_TEST(a_concern_is_told_of_without_what_it_is),
        COUNCIL_TEST(a_concern_recorded_before_is_still_read),
        COUNCIL_TEST(no_concern_lies_ahead),
        COUNCIL_TEST(other_words_under_the_same_id_are_refused),
        COUNCIL_TEST(the_id_of_a_concern_cannot_be_made_another_things),
        COUNCIL_TEST(what_is_written_is_in_no_event),
        COUNCIL_TEST(an_assurance_expires_once_unless_another_took_its_place),
        COUNCIL_TEST(a_visit_falls_due_once_for_each_last_one_and_first_after_the_first_contract),
        COUNCIL_TEST(nobody_new_is_placed_with_a_suspended_provider_and_who_is_there_stays),
        COUNCIL_TEST(a_suspension_counts_who_is_there_and_keeps_its_first_day),
        COUNCIL_TEST(one_service_may_be_suspended_alone),
        COUNCIL_TEST(a_service_that_comes_later_is_suspended_with_its_provider),
        COUNCIL_TEST(a_drop_in_service_is_never_held_and_a_search_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
