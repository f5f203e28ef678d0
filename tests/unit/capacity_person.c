/* Tests that nobody is in two places at one time: whichever sessions, services and dates they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "capacity.pb-c.h"
#include "tests/support/places.h"

enum { FOREVER = INT32_MAX, SAM = 7, MORNING = 1, LATE_MORNING, NOON, TUESDAY };

static const Dw__FundingRoute COUNCIL_MONEY = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
static const Dw__FundingRoute OWN_MONEY = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;

/* Two services; on Mondays 10:00 to 12:00 at the first, 11:30 to 13:00 and 12:00 to 14:00 at the second; and a Tuesday. */
static int open_council(void **context)
{
    static struct places places;
    static const int ten[5] = {10};
    places = places_open();
    (void)places_provider(&places, 1);
    (void)places_contract(&places, 1, 1, 1, places.today, FOREVER);
    (void)places_send_service(&places, places_service(1, 1));
    (void)places_send_service(&places, places_service(2, 1));
    (void)places_session(&places, MORNING, 1, 1, 600, 720, ten, places.today, FOREVER);
    (void)places_session(&places, LATE_MORNING, 2, 1, 690, 780, ten, places.today, FOREVER);
    (void)places_session(&places, NOON, 2, 1, 720, 840, ten, places.today, FOREVER);
    (void)places_session(&places, TUESDAY, 2, 2, 600, 720, ten, places.today, FOREVER);
    places.person = SAM;
    *context = &places;
    return 0;
}

static int close_council(void **context)
{
    places_close(*context);
    return 0;
}

static struct pure_outcome hold(struct places *places, uint32_t number, uint32_t session,
                                int32_t from, int32_t to, Dw__FundingRoute funding)
{
    return places_hold(places, number, session == MORNING ? 1 : 2, &session, 1, from, to, NULL,
                       funding);
}

static void expect_held(struct pure_outcome outcome)
{
    assert_int_equal(outcome.outcome, DECISION_YES);
    assert_int_equal(outcome.events_count, 1);
}

static void expect_elsewhere(struct pure_outcome outcome)
{
    assert_int_equal(outcome.outcome, DECISION_REFUSED);
    assert_int_equal(outcome.refusal, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PERSON_ELSEWHERE);
    assert_non_null(strstr(outcome.sentence, "10:00"));
}

static void a_person_is_in_one_place_at_a_time(void **context)
{
    struct places *places = *context;
    const int32_t today = places->today;
    expect_held(hold(places, 1, MORNING, today, FOREVER, COUNCIL_MONEY));
    expect_elsewhere(hold(places, 2, LATE_MORNING, today, FOREVER, COUNCIL_MONEY));
    expect_elsewhere(hold(places, 2, LATE_MORNING, today + 70, today + 70, OWN_MONEY));
    expect_held(hold(places, 3, NOON, today, FOREVER, COUNCIL_MONEY)); /* one begins as one ends */
    expect_held(hold(places, 4, TUESDAY, today, FOREVER, COUNCIL_MONEY));
    places->person = SAM + 1;
    expect_held(hold(places, 5, LATE_MORNING, today, FOREVER, COUNCIL_MONEY));
}

static void dates_that_do_not_meet_do_not_matter(void **context)
{
    struct places *places = *context;
    const int32_t today = places->today;
    expect_held(hold(places, 1, MORNING, today, today + 27, COUNCIL_MONEY));
    expect_elsewhere(hold(places, 2, LATE_MORNING, today + 21, FOREVER, COUNCIL_MONEY));
    expect_held(hold(places, 3, LATE_MORNING, today + 22, FOREVER, COUNCIL_MONEY)); /* no Monday */
}

static void who_has_left_may_be_elsewhere(void **context)
{
    struct places *places = *context;
    const int32_t today = places->today;
    expect_held(hold(places, 1, MORNING, today, FOREVER, COUNCIL_MONEY));
    assert_int_equal(places_release(places, 1).events_count, 1);
    expect_held(hold(places, 2, LATE_MORNING, today, FOREVER, COUNCIL_MONEY));
    assert_int_equal(places_release(places, 2).events_count, 1);
    expect_held(hold(places, 3, MORNING, today + 7, FOREVER, COUNCIL_MONEY));
    assert_int_equal(places_confirm(places, 3).events_count, 1);
    assert_int_equal(places_end(places, 3, today + 27).events_count, 1);
    expect_elsewhere(hold(places, 4, LATE_MORNING, today + 21, FOREVER, COUNCIL_MONEY));
    expect_held(hold(places, 5, LATE_MORNING, today + 28, FOREVER, COUNCIL_MONEY));
}

static void a_pattern_that_clashes_with_itself_is_refused(void **context)
{
    struct places *places = *context;
    static const uint32_t clashing[] = {LATE_MORNING, NOON};
    static const uint32_t fitting[] = {TUESDAY, NOON};
    const struct pure_outcome outcome =
        places_hold(places, 1, 2, clashing, 2, places->today, FOREVER, NULL, COUNCIL_MONEY);
    assert_int_equal(outcome.refusal, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PERSON_ELSEWHERE);
    expect_held(places_hold(places, 2, 2, fitting, 2, places->today, FOREVER, NULL, COUNCIL_MONEY));
}

/* How many services have a place for Sam on Mondays, at any time, from today on and for ever. */
static size_t found_on_mondays(struct places *places)
{
    const struct id person_id = places_id('n', SAM);
    Dw__WantedSession monday = DW__WANTED_SESSION__INIT, *wanted[] = {&monday};
    Dw__FindCapacity find = DW__FIND_CAPACITY__INIT;
    Dw__Date from = DW__DATE__INIT;
    from.days = places->today;
    monday.weekday = 1;
    monday.part = DW__PART_OF_DAY__PART_OF_DAY_ANY;
    find.n_wanted = 1;
    find.wanted = wanted;
    find.from = &from;
    find.latitude_e6 = places_service(2, 1)->latitude_e6;
    find.longitude_e6 = places_service(2, 1)->longitude_e6;
    find.funding = OWN_MONEY;
    find.person_id = id_to_data(&person_id);
    const Dw__CapacityFound *found = pure_query(places->pure, &find.base, DW__ROLE__ROLE_BROKER,
                                                places->now_ms, places->today, NULL);
    return found->n_services;
}

/* Proves: a search passes over a session only when a sitting of it meets one that the person has, as a hold is refused for: not one
 * that rests while the person is elsewhere. */
static void a_search_finds_what_can_be_held(void **context)
{
    enum { SOCIAL = 9 };
    static const int ten[5] = {10};
    struct places *places = *context;
    const uint32_t social = SOCIAL;
    (void)places_send_service(places, places_service(3, 1));
    places->every_weeks = 2;
    (void)places_session(places, SOCIAL, 3, 1, 600, 840, ten, places->today + 7, FOREVER);
    places->every_weeks = 0;
    assert_int_equal(found_on_mondays(places), 3);
    expect_held(hold(places, 1, NOON, places->today, places->today, OWN_MONEY));
    assert_int_equal(found_on_mondays(places), 2); /* the first service, and the third */
    expect_held(places_hold(places, 2, 3, &social, 1, places->today, FOREVER, NULL, OWN_MONEY));
    assert_int_equal(places_release(places, 2).events_count, 1);
    expect_held(hold(places, 3, NOON, places->today + 14, places->today + 21, OWN_MONEY));
    assert_int_equal(found_on_mondays(places), 1);
}

int main(void)
{
#define COUNCIL_TEST(name) cmocka_unit_test_setup_teardown(name, open_council, close_council)
    const struct CMUnitTest tests[] = {
        COUNCIL_TEST(a_person_is_in_one_place_at_a_time),
        COUNCIL_TEST(dates_that_do_not_meet_do_not_matter),
        COUNCIL_TEST(who_has_left_may_be_elsewhere),
        COUNCIL_TEST(a_pattern_that_clashes_with_itself_is_refused),
        COUNCIL_TEST(a_search_finds_what_can_be_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
