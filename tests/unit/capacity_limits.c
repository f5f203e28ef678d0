/* Tests of limits that change from a date on and of sessions that end: what is sold against which limit, and who is told of when there
 * is no longer room for all. */
#include "services/capacity/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/calendar.h"
#include "tests/support/closing.h"

#define REFUSAL(name) DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_##name

enum { FOREVER = INT32_MAX, MONDAY = 1 };

static const Dw__FundingRoute OWN_MONEY = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;

/* A Monday with four places and two seats in the minibus. */
static int open_council(void **context)
{
    static struct places places;
    static const int limits[5] = {4, 2};
    places = places_open();
    (void)places_provider(&places, 1);
    (void)places_send_service(&places, places_service(1, 1));
    (void)places_session(&places, MONDAY, 1, 1, 600, 720, limits, places.today, FOREVER);
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

static struct pure_outcome hold(struct places *places, uint32_t number, int32_t from, int32_t to,
                                bool by_bus)
{
    static const uint32_t monday[] = {MONDAY};
    const int uses[5] = {1, by_bus};
    places_move(places, 0, 1000); /* so that one is held later than the other */
    return places_hold(places, number, 1, monday, 1, from, to, uses, OWN_MONEY);
}

static struct pure_outcome set_mondays(struct places *places, int count, int32_t to)
{
    const int limits[5] = {count, 2};
    return places_session(places, MONDAY, 1, 1, 600, 720, limits, places->today, to);
}

static struct pure_outcome change(struct places *places, int32_t from, int count, int seats,
                                  bool strand)
{
    const int limits[6] = {count, seats};
    return closing_limits(places, MONDAY, from, limits, strand);
}

static void expect_told(const struct pure_outcome *outcome, size_t at, uint32_t number, int cause,
                        int32_t from, int32_t to, size_t sittings)
{
    const struct id id = places_id('h', number);
    const Dw__SittingsDisrupted *told =
        closing_event(outcome, at, &dw__sittings_disrupted__descriptor);
    assert_non_null(told);
    assert_memory_equal(told->hold_id.data, id.bytes, 16);
    assert_int_equal(told->cause, cause);
    assert_int_equal(told->from->days, from);
    assert_int_equal(told->to == NULL ? FOREVER : told->to->days, to);
    assert_int_equal(told->n_sittings, sittings);
    assert_null(told->closure);
}

enum {
    CUT = DW__DISRUPTION_CAUSE__DISRUPTION_CAUSE_LIMIT_CUT,
    ENDED = DW__DISRUPTION_CAUSE__DISRUPTION_CAUSE_SESSION_ENDED,
};

static void limits_hold_from_their_date_until_the_next_ones(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(change(places, monday + 7, 1, 0, false), 1);
    expect_events(change(places, monday + 15, 6, 0, false), 1); /* the Monday after that Tuesday */
    expect_events(change(places, monday + 15, 6, 0, false), 0);
    assert_int_equal(closing_free(places, 1, MONDAY, monday), 4);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 7), 1);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 14), 1);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 21), 6);
    expect_events(hold(places, 1, monday, FOREVER, false), 1);
    const struct pure_outcome outcome = hold(places, 2, monday, FOREVER, false);
    expect_refusal(outcome, REFUSAL(NO_PLACE_LEFT));
    assert_non_null(strstr(outcome.sentence, "2026-11-30: 1 of 1"));
    expect_events(hold(places, 2, monday, monday + 6, false), 1);
    pure_reload(places->pure);
    expect_refusal(hold(places, 3, monday, FOREVER, false), REFUSAL(NO_PLACE_LEFT));
    for (uint32_t number = 3; number <= 7; number++)
        expect_events(hold(places, number, monday + 21, FOREVER, false), 1);
    expect_refusal(hold(places, 8, monday + 21, FOREVER, false), REFUSAL(NO_PLACE_LEFT));
}

static void limits_beyond_the_horizon_are_counted_too(void **context)
{
    struct places *places = *context;
    const int32_t later = places->today + 3 * 364;
    expect_events(change(places, later, 1, 0, false), 1);
    expect_events(hold(places, 1, places->today, FOREVER, false), 1);
    expect_refusal(hold(places, 2, places->today, FOREVER, false), REFUSAL(NO_PLACE_LEFT));
    expect_events(hold(places, 2, places->today, later - 1, false), 1);
    expect_refusal(hold(places, 3, later - 7, later, false), REFUSAL(NO_PLACE_LEFT));
}

static void a_cut_that_strands_people_says_how_many_and_from_when(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(hold(places, 1, monday, FOREVER, false), 1);
    expect_events(hold(places, 2, monday, monday + 13, false), 1);
    expect_events(hold(places, 3, monday + 21, FOREVER, false), 1);
    const struct pure_outcome outcome = change(places, monday + 7, 1, 2, false);
    expect_refusal(outcome, REFUSAL(LIMIT_BELOW_USE));
    assert_non_null(strstr(outcome.sentence, "2 bookings"));
    assert_non_null(strstr(outcome.sentence, "2026-11-30"));
    const struct pure_outcome of_one = change(places, monday + 14, 1, 2, false);
    expect_refusal(of_one, REFUSAL(LIMIT_BELOW_USE));
    assert_non_null(strstr(of_one.sentence, "1 booking would be without a place, from 2026-12-14"));
    expect_events(change(places, monday + 14, 3, 2, false), 1);
}

static void the_latest_held_are_told_of_with_the_weeks_in_which_there_is_no_room(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(hold(places, 3, monday, FOREVER, false), 1);
    expect_events(hold(places, 1, monday, monday + 13, false), 1);
    expect_events(hold(places, 2, monday + 7, monday + 34, false), 1);
    const struct pure_outcome outcome = change(places, monday, 2, 2, true);
    expect_events(outcome, 2);
    expect_told(&outcome, 1, 2, CUT, monday + 7, monday + 7, 1);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 7), 0);
    expect_refusal(hold(places, 4, monday + 7, monday + 7, false), REFUSAL(NO_PLACE_LEFT));
    /* Cut again: who had no room already is not told of again, and who has lost theirs is. */
    const struct pure_outcome again = change(places, monday, 1, 2, true);
    expect_events(again, 3);
    expect_told(&again, 1, 1, CUT, monday, monday + 7, 2);
    expect_told(&again, 2, 2, CUT, monday + 14, monday + 28, 3);
}

static void only_who_takes_of_a_limit_is_stranded_by_it(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(hold(places, 1, monday, FOREVER, true), 1);
    expect_events(hold(places, 2, monday, FOREVER, true), 1);
    expect_events(hold(places, 3, monday, FOREVER, false), 1);
    const struct pure_outcome outcome = change(places, monday + 70, 4, 1, true);
    expect_events(outcome, 2);
    expect_told(&outcome, 1, 2, CUT, monday + 70, FOREVER, 400);
}

static void the_sixth_limit_is_counted_like_the_others(void **context)
{
    struct places *places = *context;
    static const int limits[6] = {4, 0, 0, 0, 0, 1};
    const uint32_t monday[] = {MONDAY};
    const struct id hold_id = places_id('h', 1), next_id = places_id('h', 2);
    const struct id service_id = places_id('s', 1), person_id = places_id('n', 1);
    const struct id session_id = places_id('t', monday[0]), other_person_id = places_id('n', 2);
    ProtobufCBinaryData session_ids[] = {id_to_data(&session_id)};
    Dw__LimitAmount use = DW__LIMIT_AMOUNT__INIT, *uses[] = {&use};
    Dw__Date from = DW__DATE__INIT;
    Dw__HoldPlaces command = DW__HOLD_PLACES__INIT;
    expect_events(closing_limits(places, MONDAY, places->today, limits, false), 1);
    use.kind = DW__LIMIT_KIND__LIMIT_KIND_OTHER;
    use.amount = 1;
    from.days = places->today;
    command.hold_id = id_to_data(&hold_id);
    command.service_id = id_to_data(&service_id);
    command.person_id = id_to_data(&person_id);
    command.n_session_ids = 1;
    command.session_ids = session_ids;
    command.from = &from;
    command.n_uses = 1;
    command.uses = uses;
    command.funding = OWN_MONEY;
    expect_events(pure_command(places->pure, &command.base, DW__ROLE__ROLE_BROKER, places->now_ms,
                               places->today),
                  1);
    command.hold_id = id_to_data(&next_id);
    command.person_id = id_to_data(&other_person_id);
    const struct pure_outcome outcome = pure_command(
        places->pure, &command.base, DW__ROLE__ROLE_BROKER, places->now_ms, places->today);
    expect_refusal(outcome, REFUSAL(NO_PLACE_LEFT));
}

/* Proves: a session that is set as it stands keeps the changes to come, and one that is set with other limits sets them aside. */
static void setting_a_session_sets_its_changes_aside(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(change(places, monday + 7, 1, 0, false), 1);
    expect_events(set_mondays(places, 4, FOREVER), 0);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 7), 1);
    expect_events(set_mondays(places, 5, FOREVER), 1);
    expect_events(set_mondays(places, 5, FOREVER), 0);
    assert_int_equal(closing_free(places, 1, MONDAY, monday), 5);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 7), 5);
    pure_reload(places->pure);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 7), 5);
}

static uint32_t places_of(struct places *places, int32_t date)
{
    const struct id service_id = places_id('s', 1);
    Dw__Timetable ask = DW__TIMETABLE__INIT;
    Dw__Date day = DW__DATE__INIT;
    day.days = date;
    ask.date = &day;
    ask.service_id = id_to_data(&service_id);
    const Dw__TimetableShown *shown = pure_query(places->pure, &ask.base, DW__ROLE__ROLE_BROKER,
                                                 places->now_ms, places->today, NULL);
    return shown->services[0]->sittings[0]->places;
}

/* Proves: a session that is set with the limits of today and another last date keeps the changes to come, and what more are taken then than
 * it has today is in nobody's way; nor is whoever a cut has left without a place, where there is nobody on the dates that it runs again. */
static void a_session_gets_longer_with_the_limits_it_has(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today, last = monday + 70;
    expect_events(closing_end(places, MONDAY, last, false), 1);
    expect_events(change(places, monday + 7, 6, 2, false), 1);
    expect_events(change(places, monday + 28, 1, 2, false), 1);
    for (uint32_t number = 1; number <= 5; number++)
        expect_events(hold(places, number, monday + 7, monday + 14, false), 1);
    for (int at = 0; at < 2; at++) {
        expect_events(set_mondays(places, 4, last + 7), 1 - (size_t)at);
        pure_reload(places->pure);
    }
    assert_int_equal(closing_free(places, 1, MONDAY, monday), 4);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 7), 1);
    assert_int_equal(closing_free(places, 1, MONDAY, last + 7), 1);
    expect_events(hold(places, 6, monday, monday + 28, false), 1);
    expect_events(hold(places, 7, monday, monday + 6, false), 1);
    expect_events(change(places, monday, 1, 2, true), 2);
    expect_events(set_mondays(places, 1, last + 14), 1);
    assert_int_equal(closing_free(places, 1, MONDAY, last + 14), 1);
}

/* Proves: a session does not run again on dates for which more are booked than it has places then. */
static void a_session_runs_again_where_there_is_room(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(hold(places, 1, monday, FOREVER, false), 1);
    expect_events(hold(places, 2, monday, monday + 27, false), 1);
    expect_events(closing_end(places, MONDAY, monday + 6, true), 3);
    expect_events(change(places, monday + 21, 1, 2, false), 1);
    const struct pure_outcome outcome = set_mondays(places, 4, FOREVER);
    expect_refusal(outcome, REFUSAL(LIMIT_BELOW_USE));
    assert_non_null(strstr(outcome.sentence, "On 2026-12-14, when it would run again, 2 places "
                                             "are taken of 1;"));
    expect_events(set_mondays(places, 4, monday + 14), 1);
    expect_events(places_release(places, 2), 1);
    expect_events(set_mondays(places, 4, FOREVER), 1);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 21), 0);
}

/* Proves: limits that hold from today on need no room for sittings that have been this week. */
static void what_has_been_this_week_is_in_no_limits_way(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    for (uint32_t number = 1; number <= 2; number++)
        expect_events(hold(places, number, monday, monday, false), 1);
    expect_refusal(set_mondays(places, 1, FOREVER), REFUSAL(LIMIT_BELOW_USE));
    places_move(places, 6, 6 * MS_PER_DAY);
    const int limits[5] = {1, 2};
    expect_events(places_session(places, MONDAY, 1, 1, 600, 720, limits, monday, FOREVER), 1);
    assert_int_equal(places_of(places, monday), 4);
}

/* Proves: what a session is set to have it has from that day on; each sitting that has been keeps what it had, also when the session
 * gets back what it had first. */
static void setting_a_session_leaves_what_has_been(void **context)
{
    struct places *places = *context;
    const struct id service_id = places_id('s', 1);
    const int32_t monday = places->today;
    const int limits[3][5] = {{3, 2}, {6, 2}, {4, 2}};
    for (uint32_t number = 1; number <= 4; number++)
        expect_events(hold(places, number, monday, monday + 20, false), 1);
    for (int at = 0; at < 3; at++) {
        places_move(places, 28, 28 * MS_PER_DAY);
        expect_events(change(places, places->today + 14, 1, 0, false), 1);
        expect_events(places_session(places, MONDAY, 1, 1, 600, 720, limits[at], monday, FOREVER),
                      1);
        expect_events(places_session(places, MONDAY, 1, 1, 600, 720, limits[at], monday, FOREVER),
                      0);
        pure_reload(places->pure);
    }
    assert_int_equal(places_of(places, monday), 4);
    assert_int_equal(places_of(places, monday + 21), 4);
    assert_int_equal(places_of(places, monday + 28), 3);
    assert_int_equal(places_of(places, monday + 49), 3);
    assert_int_equal(places_of(places, monday + 56), 6);
    assert_int_equal(places_of(places, monday + 84), 4);
    assert_int_equal(places_of(places, monday + 98), 4);
    Dw__GetService get = DW__GET_SERVICE__INIT;
    get.service_id = id_to_data(&service_id);
    places_move(places, -14, -14 * MS_PER_DAY); /* while there were six */
    const Dw__ServiceFound *found = pure_query(places->pure, &get.base, DW__ROLE__ROLE_BROKER,
                                               places->now_ms, places->today, NULL);
    assert_int_equal(found->sessions[0]->session->limits[0]->amount, 6);
    assert_int_equal(found->sessions[0]->n_changes, 1);
}

static void what_others_use_is_never_told_of_and_stands_in_the_way(void **context)
{
    struct places *places = *context;
    static const int three[5] = {3};
    const int32_t monday = places->today;
    expect_events(
        places_outside(places, DW__ROLE__ROLE_QUALITY_OFFICER, 1, MONDAY, three, monday, FOREVER),
        1);
    expect_refusal(change(places, monday + 7, 2, 2, false), REFUSAL(LIMIT_BELOW_USE));
    expect_events(hold(places, 1, monday, FOREVER, false), 1);
    const struct pure_outcome outcome = change(places, monday + 7, 2, 2, true);
    expect_events(outcome, 2);
    expect_told(&outcome, 1, 1, CUT, monday + 7, FOREVER, 400);
}

static void a_session_ends_and_tells_of_who_would_have_come(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(hold(places, 1, monday, FOREVER, false), 1);
    expect_events(hold(places, 2, monday, monday + 13, false), 1);
    expect_events(hold(places, 3, monday, monday + 6, false), 1);
    expect_refusal(closing_end(places, MONDAY, monday + 6, false), REFUSAL(LIMIT_BELOW_USE));
    const struct pure_outcome outcome = closing_end(places, MONDAY, monday + 6, true);
    expect_events(outcome, 3);
    expect_told(&outcome, 1, 1, ENDED, monday + 7, FOREVER, 400);
    expect_told(&outcome, 2, 2, ENDED, monday + 7, monday + 7, 1);
    expect_events(closing_end(places, MONDAY, monday + 6, true), 0);
    expect_refusal(closing_end(places, MONDAY, monday + 7, true), REFUSAL(SESSION_NOT_RUNNING));
    expect_refusal(hold(places, 4, monday, FOREVER, false), REFUSAL(SESSION_NOT_RUNNING));
    expect_events(hold(places, 4, monday, monday + 6, false), 1);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 7), 0);
}

static void whose_session_has_ended_may_be_elsewhere(void **context)
{
    struct places *places = *context;
    static const int four[5] = {4};
    const uint32_t same_time[] = {7};
    const int32_t monday = places->today;
    (void)places_send_service(places, places_service(2, 1));
    (void)places_session(places, 7, 2, 1, 600, 720, four, monday, FOREVER);
    places->person = 5;
    expect_events(hold(places, 1, monday, FOREVER, false), 1);
    expect_events(closing_end(places, MONDAY, monday + 6, true), 2);
    expect_refusal(places_hold(places, 2, 2, same_time, 1, monday, FOREVER, NULL, OWN_MONEY),
                   REFUSAL(PERSON_ELSEWHERE));
    expect_events(places_hold(places, 2, 2, same_time, 1, monday + 7, FOREVER, NULL, OWN_MONEY), 1);
    /* It does not run again while they are, for ever or for a week; what it has at all may change. */
    expect_refusal(set_mondays(places, 9, FOREVER), REFUSAL(PERSON_ELSEWHERE));
    expect_refusal(set_mondays(places, 9, monday + 7), REFUSAL(PERSON_ELSEWHERE));
    expect_events(set_mondays(places, 1, monday + 6), 1);
    expect_events(places_release(places, 2), 1);
    expect_events(set_mondays(places, 9, FOREVER), 1);
}

/* --- who has room again ------------------------------------------------------------------------------------------------- */

/* What time has told, in its order: of which booking, and what. */
static struct {
    struct restored {
        struct id hold_id;
        int32_t from, left_from, left_to; /* left_from FOREVER: nothing is left */
        size_t sittings;
    } list[500];
    size_t count;
} heard;

static void listen(void *context, const struct decision *decision, int64_t now_ms,
                   const struct principal *principal)
{
    (void)context, (void)now_ms, (void)principal;
    assert_true(decision->events_count <= 256);
    for (size_t at = 0; at < decision->events_count; at++) {
        const struct packed body = decision->events[at].body;
        const ProtobufCMessageDescriptor *type = decision->events[at].row->type;
        if (type != &dw__sittings_restored__descriptor)
            continue;
        Dw__SittingsRestored *event = dw__sittings_restored__unpack(NULL, body.len, body.bytes);
        assert_true(event != NULL && heard.count < 500 && event->n_sittings > 0);
        assert_int_equal(event->from->days, event->sittings[0]->date->days);
        struct restored *one = &heard.list[heard.count++];
        *one = (struct restored){.from = event->from->days, .sittings = event->n_sittings};
        memcpy(&one->hold_id, event->hold_id.data, sizeof one->hold_id);
        one->left_from = event->left_from == NULL ? FOREVER : event->left_from->days;
        one->left_to = event->left_to == NULL ? FOREVER : event->left_to->days;
        dw__sittings_restored__free_unpacked(event, NULL);
    }
}

/* Lets time tell whoever has room again, until nothing is due; returns how many commands that took. */
static size_t tell_again(struct places *places)
{
    size_t steps = 0, count = 1;
    memset(&heard, 0, sizeof heard);
    pure_watch(places->pure, listen, NULL);
    while (count > 0) {
        (void)pure_due(places->pure, 10, places->now_ms, places->today, &count);
        steps += count;
        assert_true(steps < 1000);
    }
    pure_watch(places->pure, NULL, NULL);
    return steps;
}

static void expect_again(size_t at, uint32_t number, int32_t from, size_t sittings,
                         int32_t left_from, int32_t left_to)
{
    const struct id id = places_id('h', number);
    assert_true(at < heard.count);
    assert_memory_equal(&heard.list[at].hold_id, &id, sizeof id);
    assert_int_equal(heard.list[at].from, from);
    assert_int_equal(heard.list[at].sittings, sittings);
    assert_int_equal(heard.list[at].left_from, left_from);
    assert_int_equal(heard.list[at].left_to, left_to);
}

/* Four people on Mondays, of whom one has room from the second one on. */
static void cut_to_one(struct places *places)
{
    for (uint32_t number = 1; number <= 4; number++)
        expect_events(hold(places, number, places->today, FOREVER, false), 1);
    expect_events(change(places, places->today + 7, 1, 2, true), 4);
    assert_int_equal(tell_again(places), 0);
}

/* Proves: whoever was left without room is told when there is some again, the first held first, and what is lost still; nobody else
 * is, and each once. */
static void who_has_room_again_is_told(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    cut_to_one(places);
    expect_events(change(places, monday + 21, 3, 2, false), 1);
    assert_int_equal(tell_again(places), 1);
    assert_int_equal(heard.count, 2);
    expect_again(0, 2, monday + 21, 400, monday + 7, monday + 14);
    expect_again(1, 3, monday + 21, 400, monday + 7, monday + 14);
    expect_events(change(places, monday + 7, 4, 2, false), 1);
    assert_int_equal(tell_again(places), 1);
    assert_int_equal(heard.count, 3);
    expect_again(0, 2, monday + 7, 2, FOREVER, FOREVER);
    expect_again(1, 3, monday + 7, 2, FOREVER, FOREVER);
    expect_again(2, 4, monday + 7, 2, monday + 21, FOREVER);
    expect_events(change(places, monday + 21, 4, 2, false), 1);
    assert_int_equal(tell_again(places), 1);
    expect_again(0, 4, monday + 21, 400, FOREVER, FOREVER);
    /* Cut again, they are told again, and again that there is room. */
    expect_events(change(places, monday + 7, 3, 2, true), 2);
    assert_int_equal(tell_again(places), 0);
    expect_events(change(places, monday + 7, 4, 2, true), 1);
    assert_int_equal(tell_again(places), 1);
    expect_again(0, 4, monday + 7, 2, FOREVER, FOREVER);
}

/* Proves: the same when another person leaves, or others use less. */
static void room_that_others_leave_is_told(void **context)
{
    struct places *places = *context;
    static const int one[5] = {1};
    const int32_t monday = places->today;
    expect_events(
        places_outside(places, DW__ROLE__ROLE_QUALITY_OFFICER, 1, MONDAY, one, monday, FOREVER), 1);
    for (uint32_t number = 1; number <= 3; number++)
        expect_events(hold(places, number, monday, FOREVER, false), 1);
    expect_events(places_confirm(places, 1), 1);
    expect_events(change(places, monday + 7, 2, 2, true), 3);
    expect_events(places_end(places, 1, monday + 20), 1);
    assert_int_equal(tell_again(places), 1);
    assert_int_equal(heard.count, 1);
    expect_again(0, 2, monday + 21, 400, monday + 7, monday + 14);
    expect_events(
        places_outside(places, DW__ROLE__ROLE_QUALITY_OFFICER, 1, MONDAY, NULL, monday, FOREVER),
        1);
    assert_int_equal(tell_again(places), 1);
    assert_int_equal(heard.count, 2);
    expect_again(0, 2, monday + 7, 2, FOREVER, FOREVER);
    expect_again(1, 3, monday + 21, 400, monday + 7, monday + 14);
    expect_events(places_release(places, 2), 1);
    assert_int_equal(tell_again(places), 1);
    expect_again(0, 3, monday + 7, 2, FOREVER, FOREVER);
}

/* Proves: who had lost the sittings of a session that had ended has those again that run again; a closure that is declared meanwhile
 * takes them, too. */
static void a_session_that_goes_on_gives_sittings_back(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(hold(places, 1, monday, FOREVER, false), 1);
    expect_events(closing_end(places, MONDAY, monday + 6, true), 2);
    expect_events(closing_declare(places, 1, 1, NULL, 0, monday + 14, monday + 27), 2);
    expect_events(set_mondays(places, 4, monday + 34), 1);
    assert_int_equal(tell_again(places), 1);
    assert_int_equal(heard.count, 1);
    expect_again(0, 1, monday + 7, 4, monday + 35, FOREVER);
    expect_events(set_mondays(places, 4, FOREVER), 1);
    assert_int_equal(tell_again(places), 1);
    expect_again(0, 1, monday + 35, 400, FOREVER, FOREVER);
}

/* Proves: what was told is known after a restart, and what there is to tell still is told then, once. */
static void room_is_found_after_a_restart(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    cut_to_one(places);
    pure_reload(places->pure);
    assert_int_equal(tell_again(places), 0);
    expect_events(change(places, monday + 7, 2, 2, false), 1);
    pure_reload(places->pure);
    assert_int_equal(tell_again(places), 1);
    assert_int_equal(heard.count, 1);
    expect_again(0, 2, monday + 7, 400, FOREVER, FOREVER);
    pure_reload(places->pure);
    assert_int_equal(tell_again(places), 0);
}

/* Proves: sittings that have been stay lost, and nothing is due because of them. */
static void what_was_lost_and_has_been_stays_lost(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(hold(places, 1, monday, FOREVER, false), 1);
    expect_events(hold(places, 2, monday, monday + 20, false), 1);
    expect_events(places_confirm(places, 1), 1);
    expect_events(places_confirm(places, 2), 1);
    expect_events(change(places, monday, 1, 2, true), 2);
    places_move(places, 8, 0);
    expect_events(change(places, monday + 8, 4, 2, false), 1);
    assert_int_equal(tell_again(places), 1);
    expect_again(0, 2, monday + 14, 1, FOREVER, FOREVER);
    expect_events(change(places, monday + 8, 1, 2, true), 2);
    places_move(places, 13, 0);
    expect_events(set_mondays(places, 4, FOREVER), 1); /* all of that is over */
    assert_int_equal(tell_again(places), 0);
}

/* Proves: only weeks that were lost are told to be there again, where there was room in some between. */
static void weeks_that_were_never_lost_are_not_given_back(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(hold(places, 1, monday, monday + 6, false), 1);
    expect_events(hold(places, 2, monday + 14, monday + 20, false), 1);
    expect_events(hold(places, 3, monday, FOREVER, false), 1);
    const struct pure_outcome outcome = change(places, monday, 1, 2, true);
    expect_events(outcome, 2);
    expect_told(&outcome, 1, 3, CUT, monday, monday + 14, 2);
    assert_int_equal(tell_again(places), 0);
    expect_events(change(places, monday, 2, 2, false), 1);
    assert_int_equal(tell_again(places), 1);
    expect_again(0, 3, monday, 2, FOREVER, FOREVER);
}

/* Proves: who has another booking in place of one that had lost sittings has lost them, too, until there is room; and who takes no place
 * any more is told nothing. */
static void what_was_lost_passes_to_the_booking_that_replaces_it(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    places->person = 7;
    expect_events(hold(places, 1, monday, FOREVER, false), 1);
    places->person = 0;
    expect_events(hold(places, 2, monday, FOREVER, false), 1);
    expect_events(hold(places, 3, monday, FOREVER, false), 1);
    places->person = 8;
    expect_events(hold(places, 4, monday, FOREVER, false), 1);
    expect_events(places_confirm(places, 4), 1);
    expect_events(change(places, monday + 7, 2, 2, true), 3);
    places->replaces = 4;
    expect_events(hold(places, 5, monday + 21, FOREVER, false), 1);
    places->replaces = places->person = 0;
    expect_events(places_confirm(places, 5), 2);
    expect_events(places_release(places, 3), 1);
    assert_int_equal(tell_again(places), 0);
    expect_events(change(places, monday + 7, 4, 2, false), 1);
    assert_int_equal(tell_again(places), 1);
    assert_int_equal(heard.count, 2);
    expect_again(0, 4, monday + 7, 2, FOREVER, FOREVER);
    expect_again(1, 5, monday + 21, 400, FOREVER, FOREVER);
}

/* Proves: many are told in steps, each once. */
static void many_who_have_room_again_are_told_step_by_step(void **context)
{
    struct places *places = *context;
    enum { PEOPLE = 400 };
    const int32_t monday = places->today;
    expect_events(set_mondays(places, PEOPLE, FOREVER), 1);
    for (uint32_t number = 1; number <= PEOPLE; number++)
        expect_events(hold(places, number, monday, monday + 27, false), 1);
    assert_int_equal(closing_end(places, MONDAY, monday + 6, true).outcome, DECISION_YES);
    (void)tell_again(places);
    expect_events(set_mondays(places, PEOPLE, FOREVER), 1);
    assert_int_equal(tell_again(places), 2);
    assert_int_equal(heard.count, PEOPLE);
    for (uint32_t number = 1; number <= PEOPLE; number++)
        expect_again(number - 1, number, monday + 7, 3, FOREVER, FOREVER);
}

static void what_has_been_is_history(void **context)
{
    struct places *places = *context;
    expect_refusal(change(places, places->today - 1, 9, 0, true), REFUSAL(DATE_PAST));
    expect_refusal(closing_end(places, MONDAY, places->today - 2, true), REFUSAL(DATE_PAST));
    expect_refusal(closing_end(places, 9, places->today, true), REFUSAL(SESSION_UNKNOWN));
}

static void a_provider_changes_its_own_limits_only(void **context)
{
    struct places *places = *context;
    const struct id own_id = places_id('p', 1), other_id = places_id('p', 2);
    pure_principal_provider(places->pure, &other_id);
    expect_refusal(change(places, places->today + 7, 5, 2, false), REFUSAL(SESSION_UNKNOWN));
    expect_refusal(closing_end(places, MONDAY, places->today + 7, false), REFUSAL(SESSION_UNKNOWN));
    pure_principal_provider(places->pure, &own_id);
    expect_events(change(places, places->today + 7, 5, 2, false), 1);
    pure_principal_provider(places->pure, NULL);
}

static void a_session_has_at_most_64_changes(void **context)
{
    struct places *places = *context;
    for (int32_t at = 0; at < LIMIT_CHANGES_MAX; at++)
        expect_events(change(places, places->today + 7 * at, 4 + at % 2, 0, false), 1);
    expect_refusal(change(places, places->today + 7 * 64, 9, 0, false), REFUSAL(TOO_MANY_CHANGES));
    expect_events(change(places, places->today + 7 * 63, 9, 0, false), 1);
}

/* Proves: a change that has come is no reason to refuse another one: the oldest gives way, and nobody is told of it. */
static void the_oldest_change_gives_way(void **context)
{
    static const int eight[5] = {8};
    struct places *places = *context;
    const int32_t monday = places->today;
    for (uint32_t number = 1; number <= 4; number++)
        expect_events(hold(places, number, monday, monday + 6, false), 1);
    for (int32_t at = 0; at < LIMIT_CHANGES_MAX; at++)
        expect_events(change(places, monday + 7 * (at + 1), 1 + at % 2, 0, false), 1);
    places_move(places, 21, 21 * MS_PER_DAY);
    expect_events(change(places, monday + 7 * 70, 9, 0, false), 1);
    pure_reload(places->pure);
    assert_int_equal(places_of(places, monday), 1); /* what was first is forgotten */
    assert_int_equal(places_of(places, monday + 14), 2);
    assert_int_equal(places_of(places, monday + 7 * 69), 2);
    assert_int_equal(places_of(places, monday + 7 * 70), 9);
    expect_events(places_session(places, MONDAY, 1, 1, 600, 720, eight, monday, FOREVER), 1);
    assert_int_equal(places_of(places, monday + 14), 2);
    assert_int_equal(places_of(places, monday + 7 * 70), 8);
}

int main(void)
{
#define COUNCIL_TEST(name) cmocka_unit_test_setup_teardown(name, open_council, close_council)
    const struct CMUnitTest tests[] = {
        COUNCIL_TEST(limits_hold_from_their_date_until_the_next_ones),
        COUNCIL_TEST(limits_beyond_the_horizon_are_counted_too),
        COUNCIL_TEST(a_cut_that_strands_people_says_how_many_and_from_when),
        COUNCIL_TEST(the_latest_held_are_told_of_with_the_weeks_in_which_there_is_no_room),
        COUNCIL_TEST(only_who_takes_of_a_limit_is_stranded_by_it),
        COUNCIL_TEST(the_sixth_limit_is_counted_like_the_others),
        COUNCIL_TEST(setting_a_session_sets_its_changes_aside),
        COUNCIL_TEST(a_session_gets_longer_with_the_limits_it_has),
        COUNCIL_TEST(a_session_runs_again_where_there_is_room),
        COUNCIL_TEST(what_has_been_this_week_is_in_no_limits_way),
        COUNCIL_TEST(setting_a_session_leaves_what_has_been),
        COUNCIL_TEST(what_others_use_is_never_told_of_and_stands_in_the_way),
        COUNCIL_TEST(a_session_ends_and_tells_of_who_would_have_come),
        COUNCIL_TEST(whose_session_has_ended_may_be_elsewhere),
        COUNCIL_TEST(who_has_room_again_is_told),
        COUNCIL_TEST(room_that_others_leave_is_told),
        COUNCIL_TEST(a_session_that_goes_on_gives_sittings_back),
        COUNCIL_TEST(room_is_found_after_a_restart),
        COUNCIL_TEST(what_was_lost_and_has_been_stays_lost),
        COUNCIL_TEST(weeks_that_were_never_lost_are_not_given_back),
        COUNCIL_TEST(what_was_lost_passes_to_the_booking_that_replaces_it),
        COUNCIL_TEST(many_who_have_room_again_are_told_step_by_step),
        COUNCIL_TEST(what_has_been_is_history),
        COUNCIL_TEST(a_provider_changes_its_own_limits_only),
        COUNCIL_TEST(a_session_has_at_most_64_changes),
        COUNCIL_TEST(the_oldest_change_gives_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
