/* Tests of sessions that do not sit every week: what is asked, taken, closed, shown and told of is their sittings, and the weeks between
 * are nobody's. That each answer is right at all is what capacity_timetable.c, capacity_changes.c and capacity_search.c count. */
#include "services/capacity/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/closing.h"

#define OWN_MONEY     DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED
#define REFUSAL(name) DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_##name

enum {
    FOREVER = INT32_MAX,
    EVEN = 16, /* Mondays at ten, this week and every second one; … */
    ODD = 17,  /* … the weeks between, at the same time */
};

static struct places places;
static const int one_place[5] = {1};

static int open_council(void **unused)
{
    (void)unused;
    places = places_open();
    (void)places_provider(&places, 1);
    (void)places_send_service(&places, places_service(1, 1));
    places.every_weeks = 2;
    (void)places_session(&places, EVEN, 1, 1, 600, 720, one_place, places.today, FOREVER);
    (void)places_session(&places, ODD, 1, 1, 600, 720, one_place, places.today + 7, FOREVER);
    return 0;
}

static int close_council(void **unused)
{
    (void)unused;
    places_close(&places);
    return 0;
}

static struct pure_outcome hold(uint32_t number, uint32_t session, int32_t from, int32_t to)
{
    return places_hold(&places, number, 1, &session, 1, from, to, NULL, OWN_MONEY);
}

static void expect_refusal(struct pure_outcome outcome, int refusal, const char *words)
{
    assert_int_equal(outcome.outcome, DECISION_REFUSED);
    assert_int_equal(outcome.refusal, refusal);
    assert_non_null(strstr(outcome.sentence, words));
}

/* Proves: a week of rest holds nobody, and one place serves two people whose weeks meet in a rest. */
static void a_week_of_rest_holds_nobody(void **unused)
{
    (void)unused;
    const int32_t today = places.today;
    expect_refusal(hold(1, EVEN, today + 7, today + 13), REFUSAL(SESSION_NOT_RUNNING),
                   "never sits between these dates");
    assert_int_equal(hold(2, EVEN, today, today + 10).outcome, DECISION_YES);
    assert_int_equal(hold(3, EVEN, today + 8, FOREVER).outcome, DECISION_YES);
    expect_refusal(hold(4, EVEN, today + 14, today + 20), REFUSAL(NO_PLACE_LEFT), "");
}

/* Proves: whoever has one Monday and the next one elsewhere is in one place at a time; two on the same Mondays are refused. */
static void sessions_that_take_turns_do_not_clash(void **unused)
{
    (void)unused;
    static const uint32_t both[] = {EVEN, ODD};
    places.person = 7;
    assert_int_equal(
        places_hold(&places, 1, 1, both, 2, places.today, FOREVER, NULL, OWN_MONEY).outcome,
        DECISION_YES);
    places.every_weeks = 4;
    (void)places_session(&places, 18, 1, 1, 660, 780, one_place, places.today + 14, FOREVER);
    expect_refusal(hold(2, 18, places.today, FOREVER), REFUSAL(PERSON_ELSEWHERE), "two places");
    places.person = 0;
}

/* Proves: a closure takes sittings, so one of a week of rest takes nothing from anybody. */
static void a_closure_of_a_week_of_rest_touches_nobody(void **unused)
{
    (void)unused;
    (void)hold(1, EVEN, places.today, FOREVER);
    assert_int_equal(
        closing_declare(&places, 1, 1, NULL, 0, places.today + 7, places.today + 13).events_count,
        1);
    const struct pure_outcome outcome =
        closing_declare(&places, 2, 1, NULL, 0, places.today + 7, places.today + 34);
    const Dw__SittingsDisrupted *told =
        closing_event(&outcome, 1, &dw__sittings_disrupted__descriptor);
    assert_non_null(told);
    assert_int_equal(told->n_sittings, 2); /* of the second week from now, and the fourth */
    assert_int_equal(told->sittings[0]->date->days, places.today + 14);
    assert_int_equal(told->sittings[1]->date->days, places.today + 28);
}

static const Dw__TimetableShown *timetable_of(int32_t date)
{
    const struct id service_id = places_id('s', 1);
    Dw__Date day = DW__DATE__INIT;
    Dw__Timetable query = DW__TIMETABLE__INIT;
    day.days = date;
    query.service_id = id_to_data(&service_id);
    query.date = &day;
    return pure_query(places.pure, &query.base, DW__ROLE__ROLE_BROKER, places.now_ms, places.today,
                      NULL);
}

/* Proves: the timetable of a week has its sittings only, and occupancy counts nobody where nothing sits. */
static void a_week_shows_what_sits_in_it(void **unused)
{
    (void)unused;
    (void)hold(1, EVEN, places.today, FOREVER);
    for (int32_t week = 0; week < 4; week++) {
        const struct id sits = places_id('t', week % 2 == 0 ? EVEN : ODD);
        const Dw__TimetableService *shown = timetable_of(places.today + 7 * week)->services[0];
        assert_int_equal(shown->n_sittings, 1);
        assert_memory_equal(shown->sittings[0]->session_id.data, sits.bytes, 16);
    }
    const struct id service_id = places_id('s', 1);
    Dw__Date from = DW__DATE__INIT;
    Dw__Occupancy query = DW__OCCUPANCY__INIT;
    from.days = places.today;
    query.service_id = id_to_data(&service_id);
    query.from = &from;
    query.weeks = 4;
    const Dw__OccupancyFound *found = pure_query(places.pure, &query.base, DW__ROLE__ROLE_BROKER,
                                                 places.now_ms, places.today, NULL);
    for (size_t at = 0; at < found->n_sessions; at++) {
        const struct id even = places_id('t', EVEN);
        const bool is_even = memcmp(found->sessions[at]->session_id.data, even.bytes, 16) == 0;
        for (uint32_t week = 0; week < 4; week++)
            assert_int_equal(found->sessions[at]->taken[week], is_even && week % 2 == 0);
    }
}

/* Proves: the weeks in which a session sits are settled once somebody has a place in it, and may change until then. */
static void its_weeks_stay_when_somebody_is_booked(void **unused)
{
    (void)unused;
    places.every_weeks = 3;
    assert_int_equal(
        places_session(&places, ODD, 1, 1, 600, 720, one_place, places.today + 7, FOREVER).outcome,
        DECISION_YES);
    (void)hold(1, EVEN, places.today, FOREVER);
    expect_refusal(places_session(&places, EVEN, 1, 1, 600, 720, one_place, places.today, FOREVER),
                   REFUSAL(ALREADY_EXISTS), "keeps the weeks");
    places.every_weeks = 2;
    expect_refusal(
        places_session(&places, EVEN, 1, 1, 600, 720, one_place, places.today - 7, FOREVER),
        REFUSAL(ALREADY_EXISTS), "keeps the weeks");
    assert_int_equal(
        places_session(&places, EVEN, 1, 1, 600, 720, one_place, places.today - 14, FOREVER)
            .outcome,
        DECISION_YES);
    places.every_weeks = 13;
    assert_int_equal(
        places_session(&places, 18, 1, 1, 600, 720, one_place, places.today, FOREVER).outcome,
        DECISION_INVALID);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_council, close_council)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_week_of_rest_holds_nobody),
        TEST(sessions_that_take_turns_do_not_clash),
        TEST(a_closure_of_a_week_of_rest_touches_nobody),
        TEST(a_week_shows_what_sits_in_it),
        TEST(its_weeks_stay_when_somebody_is_booked),
    };
    return cmocka_run_group_tests_name("capacity_rhythm", tests, NULL, NULL);
}
