/* Tests of closures: who loses which sittings and has them back, that a closed sitting stands in nobody's way and keeps its chairs,
 * and that searches say what is closed. */
#include "services/capacity/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/closing.h"

#define REFUSAL(name) DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_##name

enum { FOREVER = INT32_MAX, MONDAY = 1, TUESDAY = 2, ELSEWHERE = 9, SAM = 50 };

static const Dw__FundingRoute OWN_MONEY = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;

/* Service 1 with a Monday and a Tuesday of three places; service 2 with a Monday at the same time. */
static int open_council(void **context)
{
    static struct places places;
    static const int three[5] = {3};
    places = places_open();
    (void)places_provider(&places, 1);
    (void)places_provider(&places, 2);
    (void)places_send_service(&places, places_service(1, 1));
    (void)places_send_service(&places, places_service(2, 2));
    (void)places_session(&places, MONDAY, 1, 1, 600, 720, three, places.today, FOREVER);
    (void)places_session(&places, TUESDAY, 1, 2, 600, 720, three, places.today, FOREVER);
    (void)places_session(&places, ELSEWHERE, 2, 1, 660, 780, three, places.today, FOREVER);
    *context = &places;
    return 0;
}

static int close_council(void **context)
{
    places_close(*context);
    return 0;
}

static void expect_events(struct pure_outcome outcome, size_t count)
{
    assert_int_equal(outcome.outcome, DECISION_YES);
    assert_int_equal(outcome.events_count, count);
}

static void expect_refusal(struct pure_outcome outcome, int refusal)
{
    assert_int_equal(outcome.outcome, DECISION_REFUSED);
    assert_int_equal(outcome.refusal, refusal);
    assert_true(strlen(outcome.sentence) > 20);
}

static struct pure_outcome hold(struct places *places, uint32_t number, int32_t from, int32_t to)
{
    static const uint32_t both[] = {MONDAY, TUESDAY};
    return places_hold(places, number, 1, both, 2, from, to, NULL, OWN_MONEY);
}

static struct pure_outcome hold_one(struct places *places, uint32_t number, uint32_t session,
                                    int32_t from, int32_t to)
{
    return places_hold(places, number, session == ELSEWHERE ? 2 : 1, &session, 1, from, to, NULL,
                       OWN_MONEY);
}

/* Who is told of: the numbers of the holds in the events behind the first one. */
static void expect_disrupted(const struct pure_outcome *outcome, size_t at, uint32_t number,
                             size_t sittings)
{
    const struct id id = places_id('h', number);
    const Dw__SittingsDisrupted *told =
        closing_event(outcome, at, &dw__sittings_disrupted__descriptor);
    assert_non_null(told);
    assert_memory_equal(told->hold_id.data, id.bytes, 16);
    assert_int_equal(told->n_sittings, sittings);
    assert_int_equal(told->cause, DW__DISRUPTION_CAUSE__DISRUPTION_CAUSE_CLOSURE);
    assert_int_equal(told->from->days, told->sittings[0]->date->days);
}

static void expect_restored(const struct pure_outcome *outcome, size_t at, uint32_t number,
                            uint32_t closure, int32_t from)
{
    const struct id id = places_id('h', number), closure_id = places_id('x', closure);
    const Dw__SittingsRestored *told =
        closing_event(outcome, at, &dw__sittings_restored__descriptor);
    assert_non_null(told);
    assert_memory_equal(told->hold_id.data, id.bytes, 16);
    assert_memory_equal(told->closure_id.data, closure_id.bytes, 16);
    assert_int_equal(told->from->days, from);
}

static struct pure_outcome declare_as(struct places *places, uint32_t number, int32_t from,
                                      int role)
{
    const struct id id = places_id('z', number), service_id = places_id('s', 1);
    Dw__Date first = DW__DATE__INIT, last = DW__DATE__INIT;
    Dw__DeclareClosure wish = DW__DECLARE_CLOSURE__INIT;
    first.days = from;
    last.days = places->today + 30;
    wish.closure_id = id_to_data(&id);
    wish.service_id = id_to_data(&service_id);
    wish.from = &first;
    wish.to = &last;
    wish.reason = DW__CLOSURE_REASON__CLOSURE_REASON_BUILDING;
    return pure_command(places->pure, &wish.base, role, places->now_ms, places->today);
}

static struct pure_outcome lift_as(struct places *places, uint32_t number, int32_t from, int role)
{
    const struct id id = places_id('z', number);
    Dw__Date first = DW__DATE__INIT;
    Dw__LiftClosure wish = DW__LIFT_CLOSURE__INIT;
    first.days = from;
    wish.closure_id = id_to_data(&id);
    wish.from = &first;
    return pure_command(places->pure, &wish.base, role, places->now_ms, places->today);
}

/* Proves: a provider says of the last week at most that it was closed, and of no day that has been that it was open; the council
 * may, up to a year back. */
static void what_has_been_is_not_closed_or_opened_afterwards(void **context)
{
    enum { MANAGER = DW__ROLE__ROLE_PROVIDER_MANAGER, BROKER = DW__ROLE__ROLE_BROKER };
    struct places *places = *context;
    const struct id own_id = places_id('p', 1);
    const int32_t today = places->today;
    pure_principal_provider(places->pure, &own_id);
    expect_refusal(declare_as(places, 1, today - 8, MANAGER), REFUSAL(DATE_PAST));
    expect_events(declare_as(places, 1, today - 7, MANAGER), 1);
    expect_refusal(lift_as(places, 1, today - 1, MANAGER), REFUSAL(DATE_PAST));
    expect_events(lift_as(places, 1, today, MANAGER), 1);
    pure_principal_provider(places->pure, NULL);
    expect_events(lift_as(places, 1, today - 2, BROKER), 1);
    expect_refusal(declare_as(places, 2, today - 367, BROKER), REFUSAL(DATE_PAST));
    expect_events(declare_as(places, 2, today - 366, BROKER), 1);
}

/* --- who is touched ------------------------------------------------------------------------------------------------------- */

static void a_closure_names_each_booking_that_loses_a_sitting_and_which(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(hold(places, 1, monday, FOREVER), 1);
    expect_events(hold_one(places, 2, TUESDAY, monday, monday + 6), 1);
    expect_events(hold_one(places, 3, MONDAY, monday + 21, FOREVER), 1);
    expect_events(places_confirm(places, 1), 1);
    /* Two weeks from this Tuesday on: a Tuesday, a Monday, a Tuesday. */
    const struct pure_outcome outcome =
        closing_declare(places, 1, 1, NULL, 0, monday + 1, monday + 8);
    expect_events(outcome, 3);
    expect_disrupted(&outcome, 1, 1, 3);
    expect_disrupted(&outcome, 2, 2, 1);
    const Dw__SittingsDisrupted *told =
        closing_event(&outcome, 1, &dw__sittings_disrupted__descriptor);
    const struct id tuesday_id = places_id('t', TUESDAY);
    assert_memory_equal(told->sittings[0]->session_id.data, tuesday_id.bytes, 16);
    assert_int_equal(told->sittings[1]->date->days, monday + 7);
    assert_int_equal(told->to->days, monday + 8);
    assert_int_equal(told->closure->reason, DW__CLOSURE_REASON__CLOSURE_REASON_BUILDING);
}

static void one_session_of_a_service_may_be_closed_alone(void **context)
{
    struct places *places = *context;
    const uint32_t tuesday[] = {TUESDAY}, unknown[] = {TUESDAY, ELSEWHERE};
    expect_events(hold(places, 1, places->today, FOREVER), 1);
    expect_events(hold_one(places, 2, MONDAY, places->today, FOREVER), 1);
    expect_refusal(closing_declare(places, 1, 1, unknown, 2, places->today, FOREVER),
                   REFUSAL(SESSION_UNKNOWN));
    const struct pure_outcome outcome =
        closing_declare(places, 1, 1, tuesday, 1, places->today, FOREVER);
    expect_events(outcome, 2);
    expect_disrupted(&outcome, 1, 1, 400);
    const Dw__SittingsDisrupted *told =
        closing_event(&outcome, 1, &dw__sittings_disrupted__descriptor);
    assert_null(told->to);
    assert_int_equal(closing_free(places, 1, TUESDAY, places->today), 0);
    assert_int_equal(closing_free(places, 1, MONDAY, places->today), 1);
}

/* Proves: each closure tells all that it closes, and when it is lifted all that it closes no more, whatever others close; so
 * whichever is lifted first, what the other closes is known to be lost. Told of only what was left, a person would have those
 * sittings back, and they would be paid. */
static void closures_compose_and_each_tells_all_that_it_takes(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(hold_one(places, 1, MONDAY, monday, FOREVER), 1);
    expect_events(closing_declare(places, 1, 1, NULL, 0, monday + 14, monday + 27), 2);
    struct pure_outcome outcome = closing_declare(places, 2, 1, NULL, 0, monday + 14, monday + 20);
    expect_events(outcome, 2);
    expect_disrupted(&outcome, 1, 1, 1);
    outcome = closing_declare(places, 3, 1, NULL, 0, monday + 7, monday + 34);
    expect_events(outcome, 2);
    expect_disrupted(&outcome, 1, 1, 4);
    /* The others close all of it still: this one does not any more, and that is told. */
    outcome = closing_lift(places, 1, monday);
    expect_events(outcome, 2);
    expect_restored(&outcome, 1, 1, 1, monday + 14);
    outcome = closing_lift(places, 3, monday + 21);
    expect_events(outcome, 2);
    expect_restored(&outcome, 1, 1, 3, monday + 21);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 7), 0);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 14), 0);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 21), 2);
}

static void a_closure_is_said_once_and_only_becomes_shorter(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(closing_declare(places, 1, 1, NULL, 0, monday, monday + 20), 1);
    expect_events(closing_declare(places, 1, 1, NULL, 0, monday, monday + 20), 0);
    expect_refusal(closing_declare(places, 1, 1, NULL, 0, monday, monday + 21),
                   REFUSAL(ALREADY_EXISTS));
    expect_refusal(closing_lift(places, 2, monday), REFUSAL(CLOSURE_UNKNOWN));
    expect_refusal(closing_lift(places, 1, monday + 21), REFUSAL(CLOSURE_OVER));
    expect_events(closing_lift(places, 1, monday + 14), 1);
    expect_events(closing_lift(places, 1, monday + 14), 0);
    expect_refusal(closing_lift(places, 1, monday + 15), REFUSAL(CLOSURE_OVER));
    expect_events(closing_lift(places, 1, monday), 1);
    expect_refusal(closing_declare(places, 3, 9, NULL, 0, monday, FOREVER),
                   REFUSAL(SERVICE_UNKNOWN));
}

static void a_provider_closes_its_own_services_only(void **context)
{
    struct places *places = *context;
    const struct id own_id = places_id('p', 2);
    pure_principal_provider(places->pure, &own_id);
    expect_refusal(closing_declare(places, 1, 1, NULL, 0, places->today, FOREVER),
                   REFUSAL(SERVICE_UNKNOWN));
    expect_events(closing_declare(places, 2, 2, NULL, 0, places->today, FOREVER), 1);
    pure_principal_provider(places->pure, NULL);
    expect_events(closing_declare(places, 1, 1, NULL, 0, places->today, FOREVER), 1);
    pure_principal_provider(places->pure, &own_id);
    expect_refusal(closing_lift(places, 1, places->today), REFUSAL(CLOSURE_UNKNOWN));
    pure_principal_provider(places->pure, NULL);
}

/* --- what it means for holds ------------------------------------------------------------------------------------------------ */

static void a_hold_may_span_closed_sittings_but_not_be_of_nothing_else(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(closing_declare(places, 1, 1, NULL, 0, monday, monday + 13), 1);
    expect_refusal(hold(places, 1, monday, monday + 13), REFUSAL(CLOSED));
    const struct pure_outcome held = hold(places, 1, monday, monday + 14);
    expect_events(held, 2); /* the third Monday is open, and what is closed before it is told of */
    expect_disrupted(&held, 1, 1, 4);
    pure_reload(places->pure);
    expect_refusal(hold(places, 2, monday + 3, monday + 13), REFUSAL(CLOSED));
    expect_events(closing_lift(places, 1, monday + 7), 2);
    expect_events(hold(places, 2, monday + 3, monday + 13), 1);
}

static void the_chairs_of_closed_sittings_are_kept_for_who_has_them(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    for (uint32_t number = 1; number <= 3; number++)
        expect_events(hold_one(places, number, MONDAY, monday, monday + 13), 1);
    expect_events(closing_declare(places, 1, 1, NULL, 0, monday, monday + 13), 4);
    assert_int_equal(closing_free(places, 1, MONDAY, monday), 0);
    expect_refusal(hold_one(places, 4, MONDAY, monday, FOREVER), REFUSAL(NO_PLACE_LEFT));
    expect_events(hold_one(places, 4, MONDAY, monday + 14, FOREVER), 1);
    assert_int_equal(closing_lift(places, 1, monday).events_count, 4);
    assert_int_equal(closing_free(places, 1, MONDAY, monday), 0);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 14), 2);
}

static void
whose_centre_is_closed_may_be_elsewhere_and_a_clash_is_shown_when_it_opens(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    places->person = SAM;
    expect_events(hold_one(places, 1, MONDAY, monday, FOREVER), 1);
    expect_refusal(hold_one(places, 2, ELSEWHERE, monday, monday + 13), REFUSAL(PERSON_ELSEWHERE));
    expect_events(closing_declare(places, 1, 1, NULL, 0, monday, monday + 13), 2);
    expect_refusal(hold_one(places, 2, ELSEWHERE, monday, monday + 14), REFUSAL(PERSON_ELSEWHERE));
    expect_events(hold_one(places, 2, ELSEWHERE, monday, monday + 13), 1);
    const struct pure_outcome outcome = closing_lift(places, 1, monday + 7);
    expect_events(outcome, 2);
    const Dw__SittingsRestored *told =
        closing_event(&outcome, 1, &dw__sittings_restored__descriptor);
    const struct id other_id = places_id('h', 2);
    assert_int_equal(told->from->days, monday + 7);
    assert_memory_equal(told->clashes_hold_id.data, other_id.bytes, 16);
    expect_refusal(hold_one(places, 3, ELSEWHERE, monday + 7, monday + 7),
                   REFUSAL(PERSON_ELSEWHERE));
}

/* Proves: what another closure still closes is in nobody's way when one is lifted, neither here nor where the person is meanwhile. */
static void what_is_closed_still_is_no_clash(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    places->person = SAM;
    expect_events(hold_one(places, 1, MONDAY, monday, FOREVER), 1);
    expect_events(closing_declare(places, 1, 1, NULL, 0, monday, monday + 13), 2);
    expect_events(closing_declare(places, 2, 1, NULL, 0, monday, monday + 6), 2);
    expect_events(hold_one(places, 2, ELSEWHERE, monday, monday + 13), 1);
    expect_events(closing_declare(places, 3, 2, NULL, 0, monday + 7, monday + 13), 2);
    struct pure_outcome outcome = closing_lift(places, 1, monday);
    const Dw__SittingsRestored *told =
        closing_event(&outcome, 1, &dw__sittings_restored__descriptor);
    assert_int_equal(told->clashes_hold_id.len, 0);
    outcome = closing_lift(places, 2, monday);
    told = closing_event(&outcome, 1, &dw__sittings_restored__descriptor);
    assert_int_equal(told->clashes_hold_id.len, 16);
}

/* Proves: who is held into several closures is told of each, and of all that it closes. */
static void who_is_held_into_closures_is_told_of_each(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(closing_declare(places, 1, 1, NULL, 0, monday, monday + 13), 1);
    expect_events(closing_declare(places, 2, 1, NULL, 0, monday + 7, monday + 20), 1);
    const struct pure_outcome held = hold_one(places, 1, MONDAY, monday, FOREVER);
    expect_events(held, 3);
    expect_disrupted(&held, 1, 1, 2);
    expect_disrupted(&held, 2, 1, 2);
}

static void who_moves_back_for_later_is_not_hindered_by_where_they_are_meanwhile(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    places->person = SAM;
    expect_events(closing_declare(places, 1, 1, NULL, 0, monday, monday + 13), 1);
    expect_events(hold_one(places, 2, ELSEWHERE, monday, monday + 13), 1);
    const struct pure_outcome held = hold_one(places, 1, MONDAY, monday, FOREVER);
    expect_events(held, 2);
    expect_disrupted(&held, 1, 1, 2);
}

static void a_session_that_comes_later_is_closed_with_its_service(void **context)
{
    struct places *places = *context;
    static const int three[5] = {3};
    const uint32_t wednesday = 3;
    expect_events(closing_declare(places, 1, 1, NULL, 0, places->today, FOREVER), 1);
    expect_events(places_session(places, wednesday, 1, 3, 600, 720, three, places->today, FOREVER),
                  1);
    expect_refusal(
        places_hold(places, 1, 1, &wednesday, 1, places->today, FOREVER, NULL, OWN_MONEY),
        REFUSAL(CLOSED));
    pure_reload(places->pure);
    expect_refusal(
        places_hold(places, 1, 1, &wednesday, 1, places->today, FOREVER, NULL, OWN_MONEY),
        REFUSAL(CLOSED));
}

/* --- what is told -------------------------------------------------------------------------------------------------------------- */

static const Dw__CapacityFound *find(struct places *places, int32_t from, uint32_t weeks)
{
    Dw__Date date = DW__DATE__INIT;
    Dw__WantedSession monday = DW__WANTED_SESSION__INIT;
    Dw__WantedSession *wanted[] = {&monday};
    Dw__FindCapacity query = DW__FIND_CAPACITY__INIT;
    date.days = from;
    monday.weekday = 1;
    monday.part = DW__PART_OF_DAY__PART_OF_DAY_MORNING;
    query.n_wanted = 1;
    query.wanted = wanted;
    query.from = &date;
    query.weeks = weeks;
    query.latitude_e6 = 53200000;
    query.longitude_e6 = -2300000;
    query.funding = OWN_MONEY;
    return pure_query(places->pure, &query.base, DW__ROLE__ROLE_BROKER, places->now_ms,
                      places->today, NULL);
}

static void a_search_counts_what_is_closed_all_the_time_and_tells_what_is_for_a_part(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(closing_declare(places, 1, 1, NULL, 0, monday + 7, monday + 20), 1);
    const Dw__CapacityFound *found = find(places, monday + 7, 2);
    assert_int_equal(found->services_fitting, 1);
    assert_int_equal(found->n_excluded, 1);
    assert_int_equal(found->excluded[0]->rule, DW__SEARCH_RULE__SEARCH_RULE_CLOSED);
    assert_int_equal(found->n_near_misses, 1);
    assert_int_equal(found->near_misses[0]->rule, DW__SEARCH_RULE__SEARCH_RULE_CLOSED);
    assert_non_null(strstr(found->near_misses[0]->sentence, "closed"));
    found = find(places, monday, 0);
    assert_int_equal(found->services_fitting, 2);
    assert_int_equal(found->services[0]->sessions[0]->free, 3);
    assert_int_equal(found->services[0]->sessions[0]->closed->days, monday + 7);
    assert_int_equal(found->services[0]->sessions[0]->sittings_closed, 2);
    assert_int_equal(found->services[0]->sessions[0]->sittings, 52);
    assert_null(found->services[1]->sessions[0]->closed);
    assert_int_equal(found->services[1]->sessions[0]->sittings, 0);
    assert_int_equal(find(places, monday, 4)->services[0]->sessions[0]->sittings, 4);
    expect_events(closing_lift(places, 1, monday), 1);
    assert_null(find(places, monday, 0)->services[0]->sessions[0]->closed);
}

static void get_service_tells_closures_that_are_not_over(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    const struct id service_id = places_id('s', 1);
    Dw__GetService query = DW__GET_SERVICE__INIT;
    query.service_id = id_to_data(&service_id);
    expect_events(closing_declare(places, 1, 1, NULL, 0, monday - 14, monday - 1), 1);
    expect_events(closing_declare(places, 2, 1, NULL, 0, monday + 7, monday + 20), 1);
    expect_events(closing_declare(places, 3, 1, NULL, 0, monday, monday + 2), 1);
    const Dw__ServiceFound *found = pure_query(places->pure, &query.base, DW__ROLE__ROLE_BROKER,
                                               places->now_ms, places->today, NULL);
    assert_int_equal(found->n_closures, 2);
    assert_int_equal(found->closures[0]->from->days, monday);
    assert_int_equal(found->closures[1]->from->days, monday + 7);
    assert_true(found->sessions[0]->closed);
    assert_int_equal(found->sessions[0]->now[0]->amount, 0);
    assert_int_equal(found->sessions[0]->least[0]->amount, 3);
}

/* --- more than one decision tells ---------------------------------------------------------------------------------------------- */

static struct {
    size_t disrupted, restored, largest;
} heard;

static void listen(void *context, const struct decision *decision, int64_t now_ms,
                   const struct principal *principal)
{
    (void)context, (void)now_ms, (void)principal;
    if (decision->events_count > heard.largest)
        heard.largest = decision->events_count;
    for (size_t at = 0; at < decision->events_count; at++) {
        const ProtobufCMessageDescriptor *type = decision->events[at].row->type;
        heard.disrupted += type == &dw__sittings_disrupted__descriptor;
        heard.restored += type == &dw__sittings_restored__descriptor;
    }
}

/* Lets time tell what is left; returns how many commands that took. */
static size_t tell_all(struct places *places)
{
    size_t steps = 0, count = 1;
    while (count > 0) {
        (void)pure_due(places->pure, 10, places->now_ms, places->today, &count);
        steps += count;
    }
    return steps;
}

static void a_closure_of_many_is_told_step_by_step_to_each_once(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    static const int many[5] = {1000};
    enum { PEOPLE = 450 };
    (void)places_session(places, MONDAY, 1, 1, 600, 720, many, monday, FOREVER);
    for (uint32_t number = 1; number <= PEOPLE; number++)
        expect_events(hold_one(places, number, MONDAY, monday, FOREVER), 1);
    memset(&heard, 0, sizeof heard);
    pure_watch(places->pure, listen, NULL);
    assert_int_equal(closing_declare(places, 1, 1, NULL, 0, monday, monday + 27).outcome,
                     DECISION_YES);
    expect_refusal(closing_lift(places, 1, monday + 7), REFUSAL(STILL_TELLING));
    assert_int_equal(tell_all(places), 2);
    assert_int_equal(heard.disrupted, PEOPLE);
    assert_true(heard.largest <= 256);
    assert_int_equal(closing_lift(places, 1, monday + 7).outcome, DECISION_YES);
    assert_int_equal(tell_all(places), 2);
    assert_int_equal(heard.restored, PEOPLE);
    /* Until further notice: 400 sittings of each, ten people a step. */
    heard.disrupted = 0;
    assert_int_equal(closing_declare(places, 2, 1, NULL, 0, monday + 35, FOREVER).outcome,
                     DECISION_YES);
    assert_int_equal(tell_all(places), PEOPLE / 10 - 1);
    assert_int_equal(heard.disrupted, PEOPLE);
    pure_watch(places->pure, NULL, NULL);
}

/* Proves: a closure that is declared while another one is still being told tells everybody, too, and each of them once. */
static void a_closure_is_told_to_all_while_another_is_still_being_told(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    static const int many[5] = {1000};
    (void)places_session(places, MONDAY, 1, 1, 600, 720, many, monday, FOREVER);
    for (uint32_t number = 1; number <= 300; number++)
        expect_events(hold_one(places, number, MONDAY, monday, FOREVER), 1);
    memset(&heard, 0, sizeof heard);
    pure_watch(places->pure, listen, NULL);
    assert_int_equal(closing_declare(places, 1, 1, NULL, 0, monday, monday + 6).outcome,
                     DECISION_YES);
    assert_int_equal(closing_declare(places, 2, 1, NULL, 0, monday, monday + 6).events_count, 202);
    assert_int_equal(tell_all(places), 2);
    assert_int_equal(heard.disrupted, 600);
    pure_watch(places->pure, NULL, NULL);
}

int main(void)
{
#define COUNCIL_TEST(name) cmocka_unit_test_setup_teardown(name, open_council, close_council)
    const struct CMUnitTest tests[] = {
        COUNCIL_TEST(a_closure_names_each_booking_that_loses_a_sitting_and_which),
        COUNCIL_TEST(one_session_of_a_service_may_be_closed_alone),
        COUNCIL_TEST(closures_compose_and_each_tells_all_that_it_takes),
        COUNCIL_TEST(a_closure_is_said_once_and_only_becomes_shorter),
        COUNCIL_TEST(a_provider_closes_its_own_services_only),
        COUNCIL_TEST(a_hold_may_span_closed_sittings_but_not_be_of_nothing_else),
        COUNCIL_TEST(the_chairs_of_closed_sittings_are_kept_for_who_has_them),
        COUNCIL_TEST(whose_centre_is_closed_may_be_elsewhere_and_a_clash_is_shown_when_it_opens),
        COUNCIL_TEST(what_is_closed_still_is_no_clash),
        COUNCIL_TEST(who_is_held_into_closures_is_told_of_each),
        COUNCIL_TEST(who_moves_back_for_later_is_not_hindered_by_where_they_are_meanwhile),
        COUNCIL_TEST(a_session_that_comes_later_is_closed_with_its_service),
        COUNCIL_TEST(a_search_counts_what_is_closed_all_the_time_and_tells_what_is_for_a_part),
        COUNCIL_TEST(get_service_tells_closures_that_are_not_over),
        COUNCIL_TEST(a_closure_of_many_is_told_step_by_step_to_each_once),
        COUNCIL_TEST(what_has_been_is_not_closed_or_opened_afterwards),
        COUNCIL_TEST(a_closure_is_told_to_all_while_another_is_still_being_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
