/* Tests of capacity at the edges of its rules: the longest pattern, the last date of a contract, the last free place. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/places.h"

enum { FOREVER = INT32_MAX, PATTERN_MAX = 14, CONTRACT_DAYS = 364, PLACES = 3, SEATS = 2 };

static const Dw__FundingRoute COUNCIL_MONEY = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;

/* One service: two sessions on each day of the week, numbered 1 to 14, and a fifteenth on a Monday evening. The provider's
 * contract ends after CONTRACT_DAYS days, on a Monday. */
static int open_council(void **context)
{
    static struct places places;
    static const int limits[5] = {PLACES, SEATS};
    places = places_open();
    (void)places_provider(&places, 1);
    (void)places_contract(&places, 1, 1, 1, places.today, places.today + CONTRACT_DAYS);
    (void)places_send_service(&places, places_service(1, 1));
    for (uint32_t number = 1; number <= PATTERN_MAX + 1; number++) {
        const uint32_t start = 540 + 240 * ((number - 1) / 7);
        const struct pure_outcome outcome =
            places_session(&places, number, 1, 1 + (number - 1) % 7, start, start + 120, limits,
                           places.today, FOREVER);
        assert_int_equal(outcome.events_count, 1);
    }
    *context = &places;
    return 0;
}

static int close_council(void **context)
{
    places_close(*context);
    return 0;
}

static struct pure_outcome hold_sessions(struct places *places, uint32_t number, size_t count,
                                         const int uses[5], int32_t from)
{
    uint32_t sessions[PATTERN_MAX + 1];
    for (uint32_t at = 0; at < count; at++)
        sessions[at] = at + 1;
    return places_hold(places, number, 1, sessions, count, from, FOREVER, uses, COUNCIL_MONEY);
}

/* Proves: a pattern takes a morning and an afternoon on each day, and nothing is read or held of one that is longer. */
static void a_pattern_has_at_most_fourteen_sessions(void **context)
{
    struct places *places = *context;
    struct pure_outcome outcome = hold_sessions(places, 1, PATTERN_MAX + 1, NULL, places->today);
    assert_int_equal(outcome.outcome, DECISION_INVALID);
    assert_string_equal(outcome.field, "session_ids");
    outcome = hold_sessions(places, 1, PATTERN_MAX, NULL, places->today);
    assert_int_equal(outcome.outcome, DECISION_YES);
    assert_int_equal(outcome.events_count, 1);
}

/* Proves: a contract holds on its last date, and on the day after it no more. */
static void a_contract_still_holds_on_its_last_date(void **context)
{
    struct places *places = *context;
    const int32_t last = places->today + CONTRACT_DAYS;
    const struct pure_outcome late = hold_sessions(places, 1, 2, NULL, last + 1);
    assert_int_equal(late.outcome, DECISION_REFUSED);
    assert_int_equal(late.refusal, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_CONTRACT);
    assert_int_equal(hold_sessions(places, 2, 2, NULL, last).events_count, 1);
}

/* Asserts what GetService tells of the Monday morning: places and transport seats, this week and at the least. */
static void assert_free(struct places *places, uint32_t places_now, uint32_t seats_now,
                        uint32_t places_least, uint32_t seats_least)
{
    const struct id service_id = places_id('s', 1);
    Dw__GetService get = DW__GET_SERVICE__INIT;
    get.service_id = id_to_data(&service_id);
    const Dw__ServiceFound *found = pure_query(places->pure, &get.base, DW__ROLE__ROLE_BROKER,
                                               places->now_ms, places->today, NULL);
    assert_non_null(found);
    const Dw__SessionFree *monday = found->sessions[0];
    assert_int_equal(monday->session->weekday, 1);
    assert_int_equal(monday->n_now, 2);
    assert_int_equal(monday->now[0]->kind, DW__LIMIT_KIND__LIMIT_KIND_PLACES);
    assert_int_equal(monday->now[0]->amount, places_now);
    assert_int_equal(monday->now[1]->amount, seats_now);
    assert_int_equal(monday->n_least, 2);
    assert_int_equal(monday->least[0]->amount, places_least);
    assert_int_equal(monday->least[1]->amount, seats_least);
}

/* Proves: a service is told with the places that are free, of each kind, this week and in the fullest week to come. */
static void a_service_is_told_with_what_is_free(void **context)
{
    struct places *places = *context;
    static const int seat[5] = {1, 1};
    assert_free(places, PLACES, SEATS, PLACES, SEATS);
    assert_int_equal(hold_sessions(places, 1, 1, seat, places->today).events_count, 1);
    assert_free(places, PLACES - 1, SEATS - 1, PLACES - 1, SEATS - 1);
    assert_int_equal(hold_sessions(places, 2, 1, NULL, places->today + 14).events_count, 1);
    assert_free(places, PLACES - 1, SEATS - 1, PLACES - 2, SEATS - 1);
    assert_int_equal(hold_sessions(places, 3, 1, seat, places->today + 28).events_count, 1);
    assert_free(places, PLACES - 1, SEATS - 1, 0, 0);
}

int main(void)
{
#define COUNCIL_TEST(name) cmocka_unit_test_setup_teardown(name, open_council, close_council)
    const struct CMUnitTest tests[] = {
        COUNCIL_TEST(a_pattern_has_at_most_fourteen_sessions),
        COUNCIL_TEST(a_contract_still_holds_on_its_last_date),
        COUNCIL_TEST(a_service_is_told_with_what_is_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
