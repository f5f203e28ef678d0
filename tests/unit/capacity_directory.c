/* Tests of services that change, of rates, and of the two queries for people: the timetable of a week and the directory. */
#include "services/capacity/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/calendar.h"
#include "tests/support/closing.h"

#define REFUSAL(name) DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_##name

enum {
    FOREVER = INT32_MAX,
    OFFICER = DW__ROLE__ROLE_QUALITY_OFFICER,
    MANAGER = DW__ROLE__ROLE_PROVIDER_MANAGER,
};

static const Dw__FundingRoute OWN_MONEY = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;

/* Two providers; services 1 to 3 of the first, 4 of the second, each with a Tuesday and an earlier Monday of two places. */
static int open_council(void **context)
{
    static struct places places;
    static const int two[5] = {2};
    places = places_open();
    for (uint32_t number = 1; number <= 2; number++)
        (void)places_provider(&places, number);
    for (uint32_t number = 1; number <= 4; number++) {
        Dw__Service *service = places_service(number, number < 4 ? 1 : 2);
        service->district = number % 2 + 1;
        (void)places_send_service(&places, service);
        (void)places_session(&places, number * 10, number, 2, 600, 720, two, places.today, FOREVER);
        (void)places_session(&places, number * 10 + 1, number, 1, 540, 600, two, places.today,
                             FOREVER);
    }
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

static struct pure_outcome change(struct places *places, Dw__Service *service)
{
    Dw__ChangeService command = DW__CHANGE_SERVICE__INIT;
    command.service = service;
    return pure_command(places->pure, &command.base, OFFICER, places->now_ms, places->today);
}

static const Dw__CapacityFound *find(struct places *places, uint32_t level, int32_t latitude_e6)
{
    Dw__Date date = DW__DATE__INIT;
    Dw__FindCapacity query = DW__FIND_CAPACITY__INIT;
    date.days = places->today;
    query.from = &date;
    query.latitude_e6 = latitude_e6;
    query.longitude_e6 = -2300000;
    query.funding = OWN_MONEY;
    query.level = level;
    return pure_query(places->pure, &query.base, DW__ROLE__ROLE_BROKER, places->now_ms,
                      places->today, NULL);
}

/* --- services that change -------------------------------------------------------------------------------------------------- */

static void a_changed_service_is_found_as_it_is_now_and_bookings_keep_their_level(void **context)
{
    struct places *places = *context;
    const uint32_t session[] = {20};
    char name[] = "Moved", taken[] = "S000001";
    expect_events(places_hold(places, 1, 2, session, 1, places->today, FOREVER, NULL, OWN_MONEY),
                  1);
    assert_int_equal(find(places, 1, 53200000)->services_fitting, 4);
    Dw__Service *service = places_service(2, 1);
    service->district = 1;
    expect_events(change(places, service), 0);
    service->level = 3;
    service->name = name;
    service->latitude_e6 = 52200000; /* a hundred kilometres to the south */
    expect_events(change(places, service), 1);
    expect_events(change(places, service), 0);
    for (int turn = 0; turn < 2; turn++) {
        assert_int_equal(find(places, 0, 53200000)->services_fitting, 3);
        const Dw__CapacityFound *found = find(places, 3, 52200000);
        assert_int_equal(found->services_fitting, 1);
        assert_string_equal(found->services[0]->name, "Moved");
        assert_int_equal(found->services[0]->n_sessions, 1);
        pure_reload(places->pure);
    }
    const struct id hold_id = places_id('h', 1);
    assert_int_equal(capacity_booking(pure_state(places->pure), &hold_id)->level, 1);
    service->reference = taken;
    expect_refusal(change(places, service), REFUSAL(ALREADY_EXISTS));
    expect_refusal(change(places, places_service(2, 2)), REFUSAL(PROVIDER_DIFFERS));
    expect_refusal(change(places, places_service(9, 1)), REFUSAL(SERVICE_UNKNOWN));
}

static void a_reference_that_is_given_up_is_free_again(void **context)
{
    struct places *places = *context;
    char fresh[] = "NEW", given_up[] = "S000001";
    Dw__Service *service = places_service(1, 1);
    service->reference = fresh;
    expect_events(change(places, service), 1);
    service = places_service(7, 1);
    service->reference = given_up;
    expect_events(places_send_service(places, service), 1);
}

/* --- rates --------------------------------------------------------------------------------------------------------------------- */

static struct pure_outcome rates(struct places *places, bool agrees, int64_t pence, int32_t from)
{
    const struct id service_id = places_id('s', 1);
    Dw__Date date = DW__DATE__INIT;
    Dw__Rates told = DW__RATES__INIT;
    Dw__ProposeRates propose = DW__PROPOSE_RATES__INIT;
    Dw__AgreeRates agree = DW__AGREE_RATES__INIT;
    date.days = from;
    told.price_pence = pence;
    told.price_unit = DW__PRICE_UNIT__PRICE_UNIT_DAY;
    told.from = &date;
    propose.service_id = agree.service_id = id_to_data(&service_id);
    propose.rates = agree.rates = &told;
    pure_principal_name(places->pure, agrees ? "olga" : "mia");
    return pure_command(places->pure, agrees ? &agree.base : &propose.base,
                        agrees ? OFFICER : MANAGER, places->now_ms, places->today);
}

static int64_t price(struct places *places)
{
    const struct id service_id = places_id('s', 1);
    return capacity_service_record(pure_state(places->pure), &service_id)->price_pence;
}

static void rates_are_proposed_agreed_and_begin_on_their_date(void **context)
{
    struct places *places = *context;
    const struct id own_id = places_id('p', 1), other_id = places_id('p', 2);
    const int32_t from = places->today + 7;
    expect_refusal(rates(places, true, 5000, from), REFUSAL(RATES_UNKNOWN));
    pure_principal_provider(places->pure, &other_id);
    expect_refusal(rates(places, false, 5000, from), REFUSAL(SERVICE_UNKNOWN));
    pure_principal_provider(places->pure, &own_id);
    expect_events(rates(places, false, 5000, from), 1);
    expect_events(rates(places, false, 5000, from), 0);
    pure_principal_provider(places->pure, NULL);
    expect_refusal(rates(places, true, 4000, from), REFUSAL(RATES_UNKNOWN));
    expect_events(rates(places, true, 5000, from), 1);
    expect_events(rates(places, true, 5000, from), 0);
    pure_reload(places->pure);
    size_t count;
    assert_int_equal(pure_due(places->pure, 10, places->now_ms, places->today, &count),
                     calendar_london_to_utc(from, 0));
    assert_int_equal(price(places), 4500);
    places_move(places, 7, 0);
    (void)pure_due(places->pure, 10, places->now_ms, places->today, &count);
    assert_int_equal(price(places), 5000);
    assert_int_equal(pure_due(places->pure, 10, places->now_ms, places->today, &count), INT64_MAX);
    assert_int_equal(count, 0);
}

static void rates_of_a_date_that_has_come_begin_at_once(void **context)
{
    struct places *places = *context;
    const struct id own_id = places_id('p', 1);
    pure_principal_provider(places->pure, &own_id);
    expect_events(rates(places, false, 5100, places->today), 1);
    pure_principal_provider(places->pure, NULL);
    expect_events(rates(places, true, 5100, places->today), 2);
    assert_int_equal(price(places), 5100);
}

/* What a search finds of the service from that date on for ten weeks, at no more than that; NULL: nothing. */
static const Dw__FoundService *find_first(struct places *places, int32_t from,
                                          int64_t price_limit_pence)
{
    Dw__FindCapacity find = DW__FIND_CAPACITY__INIT;
    Dw__Date date = DW__DATE__INIT;
    date.days = from;
    find.from = &date;
    find.weeks = 10;
    find.latitude_e6 = places_service(1, 1)->latitude_e6;
    find.longitude_e6 = places_service(1, 1)->longitude_e6;
    find.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
    find.minutes_per_week = 60;
    find.price_limit_pence = price_limit_pence;
    const Dw__CapacityFound *found = pure_query(places->pure, &find.base, DW__ROLE__ROLE_BROKER,
                                                places->now_ms, places->today, NULL);
    for (size_t at = 0; at < found->n_services; at++)
        if (found->services[at]->service_id.data[15] == places_id('s', 1).bytes[15])
            return found->services[at];
    return NULL;
}

/* Proves: a search goes by the rates that hold on its first date, and tells of others that begin within its range. */
static void a_search_goes_by_the_rates_of_its_dates(void **context)
{
    struct places *places = *context;
    const struct id own_id = places_id('p', 1);
    const int32_t from = places->today + 200;
    Dw__Service *service = places_service(1, 1);
    const int64_t now_pence = service->price_pence = 3000;
    service->price_unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    expect_events(change(places, service), 1);
    pure_principal_provider(places->pure, &own_id);
    expect_events(rates(places, false, now_pence + 500, from), 1);
    pure_principal_provider(places->pure, NULL);
    assert_null(find_first(places, from - 7, 0)->price_change); /* it is proposed only */
    expect_events(rates(places, true, now_pence + 500, from), 1);
    for (int turn = 0; turn < 2; turn++) {
        assert_null(find_first(places, places->today, 0)->price_change); /* its range ends before */
        const Dw__FoundService *found = find_first(places, from - 7, now_pence);
        assert_int_equal(found->weekly_price_pence, now_pence);
        assert_int_equal(found->price_change->from->days, from);
        assert_int_equal(found->price_change->weekly_price_pence, now_pence + 500);
        assert_null(find_first(places, from, now_pence));
        found = find_first(places, from, now_pence + 500);
        assert_int_equal(found->weekly_price_pence, now_pence + 500);
        assert_null(found->price_change);
        pure_reload(places->pure);
    }
}

static struct pure_outcome rates_by(struct places *places, const char *name, bool agrees,
                                    int64_t pence, int32_t from)
{
    const struct id service_id = places_id('s', 1);
    Dw__Date date = DW__DATE__INIT;
    Dw__Rates told = DW__RATES__INIT;
    Dw__ProposeRates propose = DW__PROPOSE_RATES__INIT;
    Dw__AgreeRates agree = DW__AGREE_RATES__INIT;
    date.days = from;
    told.price_pence = pence;
    told.from = &date;
    propose.service_id = agree.service_id = id_to_data(&service_id);
    propose.rates = agree.rates = &told;
    pure_principal_name(places->pure, name);
    return pure_command(places->pure, agrees ? &agree.base : &propose.base, OFFICER, places->now_ms,
                        places->today);
}

static void who_proposed_rates_does_not_agree_to_them(void **context)
{
    struct places *places = *context;
    const int32_t from = places->today + 7;
    expect_events(rates_by(places, "olga", false, 5000, from), 1);
    pure_reload(places->pure);
    expect_refusal(rates_by(places, "olga", true, 5000, from), REFUSAL(SAME_PERSON));
    expect_events(rates_by(places, "ben", true, 5000, from), 1);
}

/* Proves: what is agreed and has not begun is not lost to rates of another date; those of its own date take its place. */
static void agreed_rates_begin_before_others_are_proposed(void **context)
{
    struct places *places = *context;
    const int32_t from = places->today + 7;
    size_t count;
    expect_events(rates_by(places, "mia", false, 5000, from), 1);
    expect_events(rates_by(places, "ben", true, 5000, from), 1);
    expect_refusal(rates_by(places, "mia", false, 6000, from + 30), REFUSAL(RATES_NOT_BEGUN));
    expect_events(rates_by(places, "mia", false, 5500, from), 1);
    expect_events(rates_by(places, "ben", true, 5500, from), 1);
    places_move(places, 7, 0);
    (void)pure_due(places->pure, 10, places->now_ms, places->today, &count);
    assert_int_equal(price(places), 5500);
    expect_events(rates_by(places, "mia", false, 6000, from + 30), 1);
    expect_events(rates_by(places, "ben", true, 6000, from + 30), 1);
}

/* --- queries ----------------------------------------------------------------------------------------------------------------------- */

static const Dw__TimetableShown *timetable(struct places *places, uint32_t service,
                                           uint32_t provider, int32_t date, int role)
{
    const struct id service_id = places_id('s', service), provider_id = places_id('p', provider);
    Dw__Date day = DW__DATE__INIT;
    Dw__Timetable query = DW__TIMETABLE__INIT;
    day.days = date;
    query.date = &day;
    if (service != 0)
        query.service_id = id_to_data(&service_id);
    if (provider != 0)
        query.provider_id = id_to_data(&provider_id);
    return pure_query(places->pure, &query.base, role, places->now_ms, places->today, NULL);
}

static void a_timetable_shows_each_sitting_with_what_is_free_over_and_closed(void **context)
{
    struct places *places = *context;
    static const int one[6] = {1};
    const uint32_t tuesday[] = {10};
    for (uint32_t number = 1; number <= 2; number++)
        expect_events(
            places_hold(places, number, 1, tuesday, 1, places->today, FOREVER, NULL, OWN_MONEY), 1);
    expect_events(closing_limits(places, 10, places->today + 7, one, true), 2);
    const Dw__TimetableShown *shown =
        timetable(places, 1, 0, places->today + 9, DW__ROLE__ROLE_BROKER);
    assert_int_equal(shown->monday->days, places->today + 7);
    assert_int_equal(shown->services[0]->n_sittings, 2);
    const Dw__Sitting *monday = shown->services[0]->sittings[0];
    assert_int_equal(monday->date->days, places->today + 7);
    assert_int_equal(monday->free, 2);
    const Dw__Sitting *sitting = shown->services[0]->sittings[1];
    assert_int_equal(sitting->places, 1);
    assert_int_equal(sitting->taken, 2);
    assert_int_equal(sitting->free, 0);
    assert_int_equal(sitting->over, 1);
    assert_null(sitting->closure);
    assert_int_equal(closing_declare(places, 1, 1, tuesday, 1, places->today, FOREVER).outcome,
                     DECISION_YES);
    shown = timetable(places, 1, 0, places->today + 9, DW__ROLE__ROLE_BROKER);
    sitting = shown->services[0]->sittings[1];
    assert_int_equal(sitting->closure->reason, DW__CLOSURE_REASON__CLOSURE_REASON_BUILDING);
    assert_int_equal(sitting->taken, 0);
    assert_int_equal(sitting->over, 0);
    shown = timetable(places, 1, 0, places->today - 7, DW__ROLE__ROLE_BROKER);
    assert_int_equal(shown->services[0]->n_sittings, 0);
}

static void a_providers_timetable_is_its_own(void **context)
{
    struct places *places = *context;
    const struct id own_id = places_id('p', 1);
    const Dw__TimetableShown *shown = timetable(places, 0, 1, places->today, DW__ROLE__ROLE_BROKER);
    assert_int_equal(shown->total, 3);
    assert_string_equal(shown->services[2]->reference, "S000003");
    assert_null(timetable(places, 0, 0, places->today, DW__ROLE__ROLE_BROKER));
    assert_null(timetable(places, 0, 9, places->today, DW__ROLE__ROLE_BROKER));
    pure_principal_provider(places->pure, &own_id);
    assert_non_null(timetable(places, 0, 1, places->today, MANAGER));
    assert_null(timetable(places, 0, 2, places->today, MANAGER));
    assert_null(timetable(places, 4, 0, places->today, MANAGER));
    pure_principal_provider(places->pure, NULL);
}

static void the_directory_has_services_by_district_and_kind_with_their_times(void **context)
{
    struct places *places = *context;
    static Dw__ServiceKind hub[] = {DW__SERVICE_KIND__SERVICE_KIND_CARER_HUB};
    static const int two[5] = {2};
    Dw__Directory query = DW__DIRECTORY__INIT;
    Dw__Service *service = places_service(5, 2);
    service->kind = hub[0];
    service->unbooked = true;
    expect_events(places_send_service(places, service), 1);
    (void)places_session(places, 12, 1, 2, 600, 720, two, places->today,
                         FOREVER); /* the same time */
    (void)places_session(places, 13, 1, 3, 600, 720, two, places->today - 30, places->today - 8);
    query.district = 2;
    const Dw__DirectoryShown *shown = pure_query(places->pure, &query.base, DW__ROLE__ROLE_BROKER,
                                                 places->now_ms, places->today, NULL);
    assert_int_equal(shown->total, 2);
    assert_string_equal(shown->entries[0]->service->reference, "S000001");
    assert_string_equal(shown->entries[0]->provider_name, "P000001");
    assert_int_equal(shown->entries[0]->n_times, 2);
    assert_int_equal(shown->entries[0]->times[0]->weekday, 1);
    query = (Dw__Directory)DW__DIRECTORY__INIT;
    query.n_kinds = 1;
    query.kinds = hub;
    shown = pure_query(places->pure, &query.base, DW__ROLE__ROLE_BROKER, places->now_ms,
                       places->today, NULL);
    assert_int_equal(shown->total, 1);
    assert_true(shown->entries[0]->service->unbooked);
}

int main(void)
{
#define COUNCIL_TEST(name) cmocka_unit_test_setup_teardown(name, open_council, close_council)
    const struct CMUnitTest tests[] = {
        COUNCIL_TEST(a_changed_service_is_found_as_it_is_now_and_bookings_keep_their_level),
        COUNCIL_TEST(a_reference_that_is_given_up_is_free_again),
        COUNCIL_TEST(rates_are_proposed_agreed_and_begin_on_their_date),
        COUNCIL_TEST(rates_of_a_date_that_has_come_begin_at_once),
        COUNCIL_TEST(a_search_goes_by_the_rates_of_its_dates),
        COUNCIL_TEST(who_proposed_rates_does_not_agree_to_them),
        COUNCIL_TEST(agreed_rates_begin_before_others_are_proposed),
        COUNCIL_TEST(a_timetable_shows_each_sitting_with_what_is_free_over_and_closed),
        COUNCIL_TEST(a_providers_timetable_is_its_own),
        COUNCIL_TEST(the_directory_has_services_by_district_and_kind_with_their_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
