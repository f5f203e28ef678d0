/* Tests of holds that replace a booking: a chair is neither given up first nor sold twice, whatever becomes of either. */
#include "services/capacity/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/closing.h"

#define REFUSAL(name) DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_##name

enum { FOREVER = INT32_MAX, MONDAY = 1, TUESDAY = 2, SAM = 50, OLD = 1, NEW = 2 };

static const Dw__FundingRoute OWN_MONEY = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;
static const Dw__FundingRoute COUNCIL_MONEY = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;

/* A Monday and a Tuesday with two places each; Sam is booked on the Monday, for ever. */
static int open_council(void **context)
{
    static struct places places;
    static const int two[5] = {2};
    static const uint32_t monday[] = {MONDAY};
    places = places_open();
    (void)places_provider(&places, 1);
    (void)places_contract(&places, 1, 1, 1, places.today, places.today + 20);
    (void)places_send_service(&places, places_service(1, 1));
    (void)places_send_service(&places, places_service(2, 1));
    for (uint32_t day = MONDAY; day <= TUESDAY; day++)
        (void)places_session(&places, day, 1, day, 600, 720, two, places.today, FOREVER);
    places.person = SAM;
    (void)places_hold(&places, OLD, 1, monday, 1, places.today, FOREVER, NULL, COUNCIL_MONEY);
    (void)places_confirm(&places, OLD);
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

/* Sam asks for sessions from a date on, in place of OLD. */
static struct pure_outcome replace(struct places *places, uint32_t number, const uint32_t *sessions,
                                   size_t count, int32_t from, int32_t to, const int uses[5])
{
    places->person = SAM;
    places->replaces = OLD;
    const struct pure_outcome outcome =
        places_hold(places, number, 1, sessions, count, from, to, uses, COUNCIL_MONEY);
    places->replaces = 0;
    return outcome;
}

/* Somebody else takes a place of a session. */
static struct pure_outcome take(struct places *places, uint32_t number, uint32_t session,
                                int32_t from, int32_t to)
{
    places->person = 0;
    return places_hold(places, number, 1, &session, 1, from, to, NULL, OWN_MONEY);
}

static const uint32_t BOTH[] = {MONDAY, TUESDAY};

static void
what_both_take_is_taken_once_and_the_old_one_ends_when_the_new_one_is_confirmed(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(take(places, 7, MONDAY, monday, FOREVER), 1); /* the Monday is full now */
    expect_events(replace(places, NEW, BOTH, 2, monday + 7, FOREVER, NULL), 1);
    expect_events(replace(places, NEW, BOTH, 2, monday + 7, FOREVER, NULL), 0);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 7), 0);
    assert_int_equal(closing_free(places, 1, TUESDAY, monday + 7), 1);
    expect_refusal(take(places, 8, MONDAY, monday + 14, monday + 20), REFUSAL(NO_PLACE_LEFT));
    pure_reload(places->pure);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 7), 0);
    const struct pure_outcome outcome = places_confirm(places, NEW);
    expect_events(outcome, 2);
    const Dw__BookingEnded *ended = closing_event(&outcome, 1, &dw__booking_ended__descriptor);
    const struct id old_id = places_id('h', OLD);
    assert_memory_equal(ended->hold_id.data, old_id.bytes, 16);
    assert_int_equal(ended->last->days, monday + 6);
    expect_events(places_confirm(places, NEW), 0);
    assert_int_equal(closing_free(places, 1, MONDAY, monday), 0);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 7), 0);
    expect_refusal(take(places, 8, MONDAY, monday + 14, monday + 20), REFUSAL(NO_PLACE_LEFT));
    pure_reload(places->pure);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 7), 0);
}

static void a_hold_that_lapses_leaves_the_old_one_as_it_was(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(replace(places, NEW, BOTH, 2, monday + 7, FOREVER, NULL), 1);
    places_move(places, 0, PLACES_HOLD_MINUTES * INT64_C(60000));
    (void)pure_due(places->pure, 10, places->now_ms, places->today, NULL);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 7), 1);
    assert_int_equal(closing_free(places, 1, TUESDAY, monday + 7), 2);
    expect_events(replace(places, 3, BOTH, 2, monday + 7, FOREVER, NULL), 1);
    expect_events(places_release(places, 3), 1);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 7), 1);
    const struct id old_id = places_id('h', OLD);
    assert_int_equal(capacity_booking(pure_state(places->pure), &old_id)->state,
                     DW__BOOKING_STATE__BOOKING_STATE_CONFIRMED);
}

static void when_the_old_one_ends_first_the_new_one_takes_what_it_leaves(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(take(places, 7, MONDAY, monday, FOREVER), 1);
    expect_events(replace(places, NEW, BOTH, 2, monday + 7, FOREVER, NULL), 1);
    expect_events(places_end(places, OLD, monday + 13), 1);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 7), 0);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 14), 0);
    expect_refusal(take(places, 8, MONDAY, monday + 14, FOREVER), REFUSAL(NO_PLACE_LEFT));
    pure_reload(places->pure);
    expect_refusal(take(places, 8, MONDAY, monday + 14, FOREVER), REFUSAL(NO_PLACE_LEFT));
    expect_events(places_end(places, OLD, monday - 1), 1);
    assert_int_equal(closing_free(places, 1, MONDAY, monday), 1);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 7), 0);
    expect_events(places_confirm(places, NEW), 1); /* nothing is left to end */
}

static void more_than_the_old_one_takes_must_be_free(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    static const uint32_t only[] = {MONDAY};
    static const int two[5] = {2}, three[5] = {3};
    expect_refusal(replace(places, NEW, only, 1, monday + 7, FOREVER, three),
                   REFUSAL(NO_PLACE_LEFT));
    expect_events(replace(places, NEW, only, 1, monday + 7, FOREVER, two), 1);
    assert_int_equal(closing_free(places, 1, MONDAY, monday), 1);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 7), 0);
    expect_events(places_confirm(places, NEW), 2);
    assert_int_equal(closing_free(places, 1, MONDAY, monday), 1);
    assert_int_equal(closing_free(places, 1, MONDAY, monday + 7), 0);
}

static void dates_may_begin_before_the_old_one_and_go_on_after_it(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    static const uint32_t only[] = {TUESDAY};
    places->person = SAM;
    expect_events(places_hold(places, 9, 1, only, 1, monday + 14, monday + 27, NULL, OWN_MONEY), 1);
    expect_events(places_confirm(places, 9), 1);
    expect_events(take(places, 7, TUESDAY, monday + 14, monday + 27), 1);
    places->person = SAM;
    places->replaces = 9;
    expect_events(places_hold(places, NEW, 1, only, 1, monday, FOREVER, NULL, OWN_MONEY), 1);
    places->replaces = 0;
    assert_int_equal(closing_free(places, 1, TUESDAY, monday), 1);
    assert_int_equal(closing_free(places, 1, TUESDAY, monday + 14), 0);
    assert_int_equal(closing_free(places, 1, TUESDAY, monday + 28), 1);
    expect_events(places_confirm(places, NEW), 2);
    assert_int_equal(closing_free(places, 1, TUESDAY, monday + 14), 0);
}

static void only_a_confirmed_booking_of_the_same_person_and_service_is_replaced_once(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    static const uint32_t only[] = {TUESDAY};
    places->replaces = 99;
    places->person = SAM;
    expect_refusal(places_hold(places, NEW, 1, only, 1, monday, FOREVER, NULL, OWN_MONEY),
                   REFUSAL(NOT_REPLACEABLE));
    places->replaces = OLD;
    places->person = SAM + 1;
    expect_refusal(places_hold(places, NEW, 1, only, 1, monday, FOREVER, NULL, OWN_MONEY),
                   REFUSAL(NOT_REPLACEABLE));
    places->replaces = NEW;
    expect_refusal(places_hold(places, NEW, 1, only, 1, monday, FOREVER, NULL, OWN_MONEY),
                   REFUSAL(NOT_REPLACEABLE));
    expect_events(replace(places, NEW, only, 1, monday + 7, FOREVER, NULL), 1);
    expect_refusal(replace(places, 3, only, 1, monday + 7, FOREVER, NULL),
                   REFUSAL(ALREADY_REPLACED));
    expect_events(places_release(places, NEW), 1);
    expect_events(replace(places, 3, only, 1, monday + 7, FOREVER, NULL), 1);
}

static void
the_person_is_not_elsewhere_because_of_what_is_replaced_and_needs_no_new_contract(void **context)
{
    struct places *places = *context;
    const int32_t after = places->today + 28; /* the contract is over by then */
    static const int two[5] = {2};
    static const uint32_t later_that_day[] = {5};
    (void)places_session(places, 5, 1, 1, 660, 780, two, places->today, FOREVER);
    places->person = SAM;
    expect_refusal(places_hold(places, 3, 1, later_that_day, 1, after, FOREVER, NULL, OWN_MONEY),
                   REFUSAL(PERSON_ELSEWHERE));
    expect_refusal(
        places_hold(places, 3, 1, later_that_day, 1, after, FOREVER, NULL, COUNCIL_MONEY),
        REFUSAL(NO_CONTRACT));
    expect_events(replace(places, NEW, later_that_day, 1, after, FOREVER, NULL), 1);
}

int main(void)
{
#define COUNCIL_TEST(name) cmocka_unit_test_setup_teardown(name, open_council, close_council)
    const struct CMUnitTest tests[] = {
        COUNCIL_TEST(
            what_both_take_is_taken_once_and_the_old_one_ends_when_the_new_one_is_confirmed),
        COUNCIL_TEST(a_hold_that_lapses_leaves_the_old_one_as_it_was),
        COUNCIL_TEST(when_the_old_one_ends_first_the_new_one_takes_what_it_leaves),
        COUNCIL_TEST(more_than_the_old_one_takes_must_be_free),
        COUNCIL_TEST(dates_may_begin_before_the_old_one_and_go_on_after_it),
        COUNCIL_TEST(only_a_confirmed_booking_of_the_same_person_and_service_is_replaced_once),
        COUNCIL_TEST(
            the_person_is_not_elsewhere_because_of_what_is_replaced_and_needs_no_new_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
