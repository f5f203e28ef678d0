/* Tests of what capacity decides: each command's acceptance, its repetition without an event, and each refusal by
 * name. Whether places are counted rightly is proved in capacity_timetable.c. */
#include "services/capacity/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/calendar.h"
#include "tests/support/places.h"

#define REFUSAL(name) DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_##name

static const Dw__FundingRoute OWN_MONEY = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;
static const Dw__FundingRoute COUNCIL_MONEY = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
static const int TWO[5] = {2, 1};
static const uint32_t PATTERN[2] = {1, 2};

enum { FOREVER = INT32_MAX };

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

static void expect_invalid(struct pure_outcome outcome, const char *field)
{
    assert_int_equal(outcome.outcome, DECISION_INVALID);
    assert_string_equal(outcome.field, field);
}

/* One provider with a contract, one service, sessions 1 (Monday) and 2 (Tuesday) with two places each. */
static int open_council(void **context)
{
    static struct places places;
    places = places_open();
    expect_event(places_provider(&places, 1), "ProviderRegistered");
    expect_event(places_contract(&places, 1, 1, 1, places.today, places.today + 364),
                 "ContractAgreed");
    expect_event(places_send_service(&places, places_service(1, 1)), "ServiceRegistered");
    for (uint32_t day = 1; day <= 2; day++)
        expect_event(places_session(&places, day, 1, day, 600, 720, TWO, places.today, FOREVER),
                     "SessionSet");
    *context = &places;
    return 0;
}

static int close_council(void **context)
{
    places_close(*context);
    return 0;
}

static struct pure_outcome hold(struct places *places, uint32_t number)
{
    return places_hold(places, number, 1, PATTERN, 2, places->today, FOREVER, NULL, COUNCIL_MONEY);
}

static void saying_the_same_again_is_accepted_and_records_nothing(void **context)
{
    struct places *places = *context;
    expect_nothing(places_provider(places, 1));
    expect_nothing(places_contract(places, 1, 1, 1, places->today, places->today + 364));
    expect_nothing(places_send_service(places, places_service(1, 1)));
    expect_nothing(places_session(places, 1, 1, 1, 600, 720, TWO, places->today, FOREVER));
    expect_event(hold(places, 1), "PlacesHeld");
    expect_nothing(hold(places, 1));
    expect_event(places_confirm(places, 1), "HoldConfirmed");
    expect_nothing(places_confirm(places, 1));
    expect_nothing(hold(places, 1));
    expect_event(places_end(places, 1, places->today + 30), "BookingEnded");
    expect_nothing(places_end(places, 1, places->today + 30));
    expect_event(places_release(places, 2), "HoldReleased");
    expect_nothing(places_release(places, 2));
}

static void the_same_id_with_something_else_is_refused(void **context)
{
    struct places *places = *context;
    Dw__Service *service = places_service(1, 1);
    service->level = 2;
    expect_refusal(places_send_service(places, service), REFUSAL(ALREADY_EXISTS));
    expect_refusal(places_contract(places, 1, 1, 2, places->today, FOREVER),
                   REFUSAL(ALREADY_EXISTS));
    expect_refusal(places_session(places, 1, 1, 2, 600, 720, TWO, places->today, FOREVER),
                   REFUSAL(ALREADY_EXISTS));
    expect_event(hold(places, 1), "PlacesHeld");
    expect_refusal(
        places_hold(places, 1, 1, PATTERN, 1, places->today, FOREVER, NULL, COUNCIL_MONEY),
        REFUSAL(ALREADY_EXISTS));
}

static void a_reference_belongs_to_one_service(void **context)
{
    struct places *places = *context;
    Dw__Service *service = places_service(2, 1);
    char taken[] = "S000001";
    service->reference = taken;
    expect_refusal(places_send_service(places, service), REFUSAL(ALREADY_EXISTS));
}

static void what_is_not_known_is_refused_by_name(void **context)
{
    struct places *places = *context;
    const uint32_t unknown[1] = {9};
    expect_refusal(places_contract(places, 2, 9, 1, places->today, FOREVER),
                   REFUSAL(PROVIDER_UNKNOWN));
    expect_refusal(places_send_service(places, places_service(2, 9)), REFUSAL(PROVIDER_UNKNOWN));
    expect_refusal(places_session(places, 3, 9, 1, 600, 720, TWO, places->today, FOREVER),
                   REFUSAL(SERVICE_UNKNOWN));
    expect_refusal(places_hold(places, 1, 9, PATTERN, 2, places->today, FOREVER, NULL, OWN_MONEY),
                   REFUSAL(SERVICE_UNKNOWN));
    expect_refusal(places_hold(places, 1, 1, unknown, 1, places->today, FOREVER, NULL, OWN_MONEY),
                   REFUSAL(SESSION_UNKNOWN));
    expect_refusal(places_confirm(places, 9), REFUSAL(HOLD_UNKNOWN));
    expect_refusal(places_extend(places, 9, places->now_ms), REFUSAL(HOLD_UNKNOWN));
    expect_refusal(places_end(places, 9, places->today), REFUSAL(HOLD_UNKNOWN));
}

static void a_line_the_council_buys_needs_a_contract_for_the_level_on_the_first_date(void **context)
{
    struct places *places = *context;
    const int32_t after = places->today + 365;
    expect_refusal(places_hold(places, 1, 1, PATTERN, 2, after, FOREVER, NULL, COUNCIL_MONEY),
                   REFUSAL(NO_CONTRACT));
    expect_event(places_hold(places, 1, 1, PATTERN, 2, after, FOREVER, NULL, OWN_MONEY),
                 "PlacesHeld");
    expect_event(places_contract(places, 2, 1, 2, after, FOREVER), "ContractAgreed");
    expect_refusal(places_hold(places, 2, 1, PATTERN, 2, after, FOREVER, NULL, COUNCIL_MONEY),
                   REFUSAL(NO_CONTRACT));
    expect_event(places_contract(places, 3, 1, 1, after, FOREVER), "ContractAgreed");
    expect_event(places_hold(places, 2, 1, PATTERN, 2, after, FOREVER, NULL, COUNCIL_MONEY),
                 "PlacesHeld");
}

static void a_pattern_is_held_whole_or_not_at_all(void **context)
{
    struct places *places = *context;
    const uint32_t tuesday[1] = {2};
    for (uint32_t number = 1; number <= 2; number++)
        expect_event(
            places_hold(places, number, 1, tuesday, 1, places->today, FOREVER, NULL, OWN_MONEY),
            "PlacesHeld");
    const struct pure_outcome outcome = hold(places, 3);
    expect_refusal(outcome, REFUSAL(NO_PLACE_LEFT));
    assert_non_null(strstr(outcome.sentence, "Tuesday 10:00"));
    assert_non_null(strstr(outcome.sentence, "2026-11-24: 2 of 2"));
    const uint32_t monday[1] = {1};
    for (uint32_t number = 4; number <= 5; number++)
        expect_event(
            places_hold(places, number, 1, monday, 1, places->today, FOREVER, NULL, OWN_MONEY),
            "PlacesHeld");
}

static void every_limit_that_is_used_must_have_room(void **context)
{
    struct places *places = *context;
    const int seat[5] = {1, 1}, wheelchair[5] = {1, 0, 1};
    expect_event(places_hold(places, 1, 1, PATTERN, 2, places->today, FOREVER, seat, OWN_MONEY),
                 "PlacesHeld");
    const struct pure_outcome outcome =
        places_hold(places, 2, 1, PATTERN, 2, places->today, FOREVER, seat, OWN_MONEY);
    expect_refusal(outcome, REFUSAL(NO_PLACE_LEFT));
    assert_non_null(strstr(outcome.sentence, "transport seats"));
    expect_refusal(
        places_hold(places, 3, 1, PATTERN, 2, places->today, FOREVER, wheelchair, OWN_MONEY),
        REFUSAL(NO_PLACE_LEFT));
}

static void a_session_must_run_over_the_whole_range(void **context)
{
    struct places *places = *context;
    const uint32_t third[1] = {3};
    expect_event(
        places_session(places, 3, 1, 3, 600, 720, TWO, places->today + 7, places->today + 70),
        "SessionSet");
    expect_refusal(
        places_hold(places, 1, 1, third, 1, places->today, places->today + 30, NULL, OWN_MONEY),
        REFUSAL(SESSION_NOT_RUNNING));
    expect_refusal(
        places_hold(places, 1, 1, third, 1, places->today + 14, FOREVER, NULL, OWN_MONEY),
        REFUSAL(SESSION_NOT_RUNNING));
    expect_refusal(places_hold(places, 1, 1, third, 1, places->today + 14, places->today + 15, NULL,
                               OWN_MONEY),
                   REFUSAL(SESSION_NOT_RUNNING));
    expect_event(
        places_hold(places, 1, 1, third, 1, places->today + 7, places->today + 70, NULL, OWN_MONEY),
        "PlacesHeld");
}

static void a_hold_that_lapsed_is_neither_confirmed_nor_extended_nor_held_again(void **context)
{
    struct places *places = *context;
    expect_event(hold(places, 1), "PlacesHeld");
    places_move(places, 0, PLACES_HOLD_MINUTES * INT64_C(60000));
    /* Time has not run yet, the rule holds all the same. */
    expect_refusal(places_confirm(places, 1), REFUSAL(HOLD_EXPIRED));
    expect_refusal(places_extend(places, 1, places->now_ms + 1), REFUSAL(HOLD_EXPIRED));
    size_t count;
    assert_int_equal(pure_due(places->pure, 10, places->now_ms, places->today, &count),
                     calendar_london_to_utc(places->today + 365, 0)); /* the contract's end */
    assert_int_equal(count, 1);
    expect_refusal(places_confirm(places, 1), REFUSAL(HOLD_EXPIRED));
    expect_refusal(places_extend(places, 1, places->now_ms + 1), REFUSAL(HOLD_EXPIRED));
    expect_refusal(places_end(places, 1, places->today), REFUSAL(HOLD_EXPIRED));
    expect_refusal(hold(places, 1), REFUSAL(HOLD_EXPIRED));
    expect_nothing(places_release(places, 1));
}

static void a_hold_is_extended_up_to_the_models_longest(void **context)
{
    struct places *places = *context;
    const int64_t latest_ms = places->now_ms + PLACES_HOLD_MINUTES_MAX * INT64_C(60000);
    expect_event(hold(places, 1), "PlacesHeld");
    expect_nothing(places_extend(places, 1, places->now_ms + 1000));
    expect_refusal(places_extend(places, 1, latest_ms + 1), REFUSAL(HOLD_TOO_LONG));
    expect_event(places_extend(places, 1, latest_ms), "HoldExtended");
    places_move(places, 0, 2 * PLACES_HOLD_MINUTES * INT64_C(60000));
    size_t count;
    assert_int_equal(pure_due(places->pure, 10, places->now_ms, places->today, &count), latest_ms);
    assert_int_equal(count, 0);
    expect_event(places_confirm(places, 1), "HoldConfirmed");
    expect_refusal(places_extend(places, 1, latest_ms), REFUSAL(HOLD_CONFIRMED));
    expect_refusal(places_release(places, 1), REFUSAL(HOLD_CONFIRMED));
}

static void a_model_without_rules_holds_places_for_an_hour(void **context)
{
    struct places *places = *context;
    places_model()->rules = NULL; /* until the next council is opened */
    expect_event(hold(places, 1), "PlacesHeld");
    size_t count;
    const int64_t hour_ms = places->now_ms + 60 * INT64_C(60000);
    assert_int_equal(pure_due(places->pure, 10, places->now_ms, places->today, &count), hour_ms);
    assert_int_equal(count, 0);
    expect_refusal(places_extend(places, 1, hour_ms + 1), REFUSAL(HOLD_TOO_LONG));
    expect_event(places_confirm(places, 1), "HoldConfirmed");
}

static void releasing_an_unknown_hold_refuses_it_when_it_comes_late(void **context)
{
    struct places *places = *context;
    expect_event(places_release(places, 1), "HoldReleased");
    pure_reload(places->pure);
    expect_refusal(hold(places, 1), REFUSAL(HOLD_RELEASED));
    expect_refusal(places_confirm(places, 1), REFUSAL(HOLD_RELEASED));
    expect_refusal(places_extend(places, 1, places->now_ms), REFUSAL(HOLD_RELEASED));
    expect_refusal(places_end(places, 1, places->today), REFUSAL(HOLD_RELEASED));
}

static void a_booking_ends_and_only_ever_gets_shorter(void **context)
{
    struct places *places = *context;
    expect_event(hold(places, 1), "PlacesHeld");
    expect_refusal(places_end(places, 1, places->today), REFUSAL(HOLD_NOT_CONFIRMED));
    expect_event(places_confirm(places, 1), "HoldConfirmed");
    expect_event(places_end(places, 1, places->today + 60), "BookingEnded");
    expect_event(places_end(places, 1, places->today + 30), "BookingEnded");
    expect_refusal(places_end(places, 1, places->today + 31), REFUSAL(BOOKING_ENDED));
    expect_refusal(places_confirm(places, 1), REFUSAL(BOOKING_ENDED));
    expect_refusal(places_release(places, 1), REFUSAL(BOOKING_ENDED));
    expect_refusal(places_extend(places, 1, places->now_ms), REFUSAL(BOOKING_ENDED));
    expect_refusal(hold(places, 1), REFUSAL(BOOKING_ENDED));
}

static void a_limit_is_not_set_below_what_is_taken_nor_dates_cut_from_under_people(void **context)
{
    struct places *places = *context;
    const int one[5] = {1, 1}, three[5] = {3, 1};
    for (uint32_t number = 1; number <= 2; number++)
        expect_event(hold(places, number), "PlacesHeld");
    expect_refusal(places_session(places, 1, 1, 1, 600, 720, one, places->today, FOREVER),
                   REFUSAL(LIMIT_BELOW_USE));
    expect_refusal(
        places_session(places, 1, 1, 1, 600, 720, TWO, places->today, places->today + 700),
        REFUSAL(LIMIT_BELOW_USE));
    expect_refusal(places_session(places, 1, 1, 1, 600, 720, TWO, places->today + 7, FOREVER),
                   REFUSAL(LIMIT_BELOW_USE));
    expect_event(places_session(places, 1, 1, 1, 600, 720, three, places->today, FOREVER),
                 "SessionSet");
    expect_event(places_release(places, 1), "HoldReleased");
    expect_event(places_session(places, 1, 1, 1, 600, 720, one, places->today, FOREVER),
                 "SessionSet");
}

static void a_provider_moves_the_bookings_of_its_own_services_only(void **context)
{
    struct places *places = *context;
    const struct id own_id = places_id('p', 1), other_id = places_id('p', 2);
    expect_event(hold(places, 1), "PlacesHeld");
    pure_principal_provider(places->pure, &other_id);
    expect_refusal(places_confirm(places, 1), REFUSAL(HOLD_UNKNOWN));
    expect_refusal(places_release(places, 1), REFUSAL(HOLD_UNKNOWN));
    pure_principal_provider(places->pure, &own_id);
    expect_event(places_confirm(places, 1), "HoldConfirmed");
}

/* Proves: a provider sees itself and its own services, and a provider's role without a provider sees nothing. */
static void a_provider_sees_its_own_and_nobody_elses(void **context)
{
    struct places *places = *context;
    const struct id ids[] = {places_id('p', 1), places_id('p', 77)};
    (void)places_provider(places, 77);
    for (unsigned at = 0; at < 3; at++) {
        Dw__ListProviders providers = DW__LIST_PROVIDERS__INIT;
        Dw__ListServices services = DW__LIST_SERVICES__INIT;
        pure_principal_provider(places->pure, at == 2 ? NULL : &ids[at]);
        const Dw__ProvidersListed *listed =
            pure_query(places->pure, &providers.base, DW__ROLE__ROLE_PROVIDER_MANAGER,
                       places->now_ms, places->today, NULL);
        assert_int_equal(listed->total, at == 2 ? 0 : 1);
        const Dw__ServicesListed *own =
            pure_query(places->pure, &services.base, DW__ROLE__ROLE_PROVIDER_MANAGER,
                       places->now_ms, places->today, NULL);
        assert_true(at == 0 ? own->total > 0 : own->total == 0);
        const struct id service_id = places_id('s', 1);
        Dw__GetService get = DW__GET_SERVICE__INIT;
        get.service_id = id_to_data(&service_id);
        const void *found = pure_query(places->pure, &get.base, DW__ROLE__ROLE_PROVIDER_MANAGER,
                                       places->now_ms, places->today, NULL);
        assert_true((found != NULL) == (at == 0));
    }
}

static void what_makes_no_sense_is_invalid(void **context)
{
    struct places *places = *context;
    const uint32_t twice[2] = {1, 1};
    const int none[5] = {0};
    const int huge[5] = {10001};
    expect_invalid(places_session(places, 3, 1, 8, 600, 720, TWO, places->today, FOREVER),
                   "session.weekday");
    expect_invalid(places_session(places, 3, 1, 1, 720, 720, TWO, places->today, FOREVER),
                   "session.end_minutes");
    expect_invalid(places_session(places, 3, 1, 1, 600, 720, none, places->today, FOREVER),
                   "session.limits");
    expect_invalid(places_session(places, 3, 1, 1, 600, 720, huge, places->today, FOREVER),
                   "session.limits");
    expect_invalid(places_session(places, 3, 1, 2, 600, 720, TWO, places->today, places->today),
                   "session.to");
    expect_invalid(places_hold(places, 1, 1, twice, 2, places->today, FOREVER, NULL, OWN_MONEY),
                   "session_ids");
    expect_invalid(places_hold(places, 1, 1, PATTERN, 0, places->today, FOREVER, NULL, OWN_MONEY),
                   "session_ids");
    expect_invalid(
        places_hold(places, 1, 1, PATTERN, 2, places->today, places->today - 1, NULL, OWN_MONEY),
        "from");
    Dw__Service *service = places_service(2, 1);
    service->level = 17;
    expect_invalid(places_send_service(places, service), "service.level");
}

static bool may(const char *type, int role)
{
    for (const struct command_row *row = capacity_service.commands; row->type != NULL; row++)
        if (strcmp(row->type->short_name, type) == 0)
            return (row->roles & ROLE_BIT(role)) != 0;
    return false;
}

/* Proves: brokers hold and release, and only placements, or an operator, makes a booking or ends one. */
static void a_broker_ends_no_booking_behind_placements_back(void **context)
{
    (void)context;
    assert_true(may("HoldPlaces", DW__ROLE__ROLE_BROKER));
    assert_true(may("ReleaseHold", DW__ROLE__ROLE_BROKER));
    assert_false(may("ConfirmHold", DW__ROLE__ROLE_BROKER));
    assert_false(may("EndBooking", DW__ROLE__ROLE_BROKER));
    assert_true(may("EndBooking", DW__ROLE__ROLE_SERVICE));
    assert_true(may("EndBooking", DW__ROLE__ROLE_OPERATOR));
}

static void a_place_given_back_is_free_from_the_next_day_on(void **context)
{
    struct places *places = *context;
    for (uint32_t number = 1; number <= 2; number++)
        expect_event(hold(places, number), "PlacesHeld");
    expect_event(places_confirm(places, 1), "HoldConfirmed");
    /* It ends on a Monday: that Monday is still taken, the Tuesday after it is not. */
    const int32_t monday = places->today + 28;
    const uint32_t first[1] = {1}, second[1] = {2};
    expect_event(places_end(places, 1, monday), "BookingEnded");
    expect_refusal(places_hold(places, 3, 1, first, 1, monday, FOREVER, NULL, OWN_MONEY),
                   REFUSAL(NO_PLACE_LEFT));
    expect_event(places_hold(places, 4, 1, second, 1, monday, FOREVER, NULL, OWN_MONEY),
                 "PlacesHeld");
    expect_event(places_hold(places, 5, 1, first, 1, monday + 1, FOREVER, NULL, OWN_MONEY),
                 "PlacesHeld");
}

#define COUNCIL_TEST(test) cmocka_unit_test_setup_teardown(test, open_council, close_council)

/* Proves: whoever names another provider or level than the service's holds nothing; who names the right ones, or none, does. */
static void a_hold_of_another_provider_or_level_is_refused(void **state)
{
    (void)state;
    struct places places = places_open();
    const int limits[5] = {10};
    assert_int_equal(places_provider(&places, 1).outcome, DECISION_YES);
    assert_int_equal(places_provider(&places, 2).outcome, DECISION_YES);
    (void)places_contract(&places, 1, 1, 1, places.today - 10, INT32_MAX);
    assert_int_equal(places_send_service(&places, places_service(1, 1)).outcome, DECISION_YES);
    (void)places_session(&places, 1, 1, 1, 600, 720, limits, places.today - 10, INT32_MAX);
    const struct id hold_id = places_id('h', 1);
    const struct id service_id = places_id('s', 1);
    const struct id person_id = places_id('n', 1);
    const struct id session_id = places_id('t', 1);
    const struct id provider_id = places_id('p', 1);
    const struct id rival_id = places_id('p', 2);
    ProtobufCBinaryData sessions[] = {id_to_data(&session_id)};
    Dw__Date from = DW__DATE__INIT;
    from.days = places.today;
    Dw__HoldPlaces hold = DW__HOLD_PLACES__INIT;
    hold.hold_id = id_to_data(&hold_id);
    hold.service_id = id_to_data(&service_id);
    hold.person_id = id_to_data(&person_id);
    hold.session_ids = sessions;
    hold.n_session_ids = 1;
    hold.from = &from;
    hold.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    for (int again = 0; again < 2; again++) {
        hold.provider_id = id_to_data(&rival_id);
        hold.level = 1;
        const struct pure_outcome rival = pure_command(
            places.pure, &hold.base, DW__ROLE__ROLE_BROKER, places.now_ms, places.today);
        assert_int_equal(rival.outcome, DECISION_REFUSED);
        assert_int_equal(rival.refusal,
                         again ? DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ALREADY_EXISTS
                               : DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PROVIDER_DIFFERS);
        hold.provider_id = id_to_data(&provider_id);
        hold.level = 3;
        const struct pure_outcome other = pure_command(
            places.pure, &hold.base, DW__ROLE__ROLE_BROKER, places.now_ms, places.today);
        assert_int_equal(other.refusal, again
                                            ? DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ALREADY_EXISTS
                                            : DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_LEVEL_DIFFERS);
        hold.level = 1;
        const struct pure_outcome right = pure_command(
            places.pure, &hold.base, DW__ROLE__ROLE_BROKER, places.now_ms, places.today);
        assert_int_equal(right.outcome, DECISION_YES);
        assert_int_equal(right.events_count, again ? 0 : 1);
    }
    places_close(&places);
}

static void a_hold_is_good_until_its_last_moment(void **context)
{
    struct places *places = *context;
    expect_event(hold(places, 1), "PlacesHeld");
    expect_event(hold(places, 2), "PlacesHeld");
    places_move(places, 0, PLACES_HOLD_MINUTES * INT64_C(60000) - 1);
    expect_event(places_confirm(places, 1), "HoldConfirmed");
    places_move(places, 0, 1);
    expect_refusal(places_confirm(places, 2), REFUSAL(HOLD_EXPIRED));
}

static void places_of_this_week_are_not_cut_from_under_people(void **context)
{
    struct places *places = *context;
    const int fewer[5] = {1, 1};
    const uint32_t tuesday[] = {2};
    expect_event(places_hold(places, 1, 1, tuesday, 1, places->today, places->today + 1, NULL,
                             COUNCIL_MONEY),
                 "PlacesHeld");
    expect_event(places_hold(places, 2, 1, tuesday, 1, places->today, places->today + 1, NULL,
                             COUNCIL_MONEY),
                 "PlacesHeld");
    expect_refusal(places_session(places, 2, 1, 2, 600, 720, fewer, places->today, FOREVER),
                   REFUSAL(LIMIT_BELOW_USE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        COUNCIL_TEST(saying_the_same_again_is_accepted_and_records_nothing),
        COUNCIL_TEST(the_same_id_with_something_else_is_refused),
        COUNCIL_TEST(a_reference_belongs_to_one_service),
        COUNCIL_TEST(what_is_not_known_is_refused_by_name),
        COUNCIL_TEST(a_line_the_council_buys_needs_a_contract_for_the_level_on_the_first_date),
        COUNCIL_TEST(a_pattern_is_held_whole_or_not_at_all),
        COUNCIL_TEST(every_limit_that_is_used_must_have_room),
        COUNCIL_TEST(a_session_must_run_over_the_whole_range),
        COUNCIL_TEST(a_hold_that_lapsed_is_neither_confirmed_nor_extended_nor_held_again),
        COUNCIL_TEST(a_hold_is_extended_up_to_the_models_longest),
        COUNCIL_TEST(a_model_without_rules_holds_places_for_an_hour),
        COUNCIL_TEST(releasing_an_unknown_hold_refuses_it_when_it_comes_late),
        COUNCIL_TEST(a_booking_ends_and_only_ever_gets_shorter),
        COUNCIL_TEST(a_limit_is_not_set_below_what_is_taken_nor_dates_cut_from_under_people),
        COUNCIL_TEST(a_hold_is_good_until_its_last_moment),
        COUNCIL_TEST(places_of_this_week_are_not_cut_from_under_people),
        COUNCIL_TEST(a_provider_moves_the_bookings_of_its_own_services_only),
        COUNCIL_TEST(a_provider_sees_its_own_and_nobody_elses),
        COUNCIL_TEST(what_makes_no_sense_is_invalid),
        COUNCIL_TEST(a_broker_ends_no_booking_behind_placements_back),
        COUNCIL_TEST(a_place_given_back_is_free_from_the_next_day_on),
        cmocka_unit_test(a_hold_of_another_provider_or_level_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
