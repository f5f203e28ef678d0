/* Tests of what a search ranks by: the model says it, and the reason that is told follows it. */
#include "services/capacity/capacity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/places.h"

#define BY(name)     DW__RANK_CRITERION__RANK_CRITERION_##name
#define REASON(name) DW__RANK_REASON__RANK_REASON_##name

enum { FOREVER = INT32_MAX, SERVICES = 3 };

/* 1 is at home and dear, 2 a quarter of an hour away and cheap, 3 three minutes away and in between; all sit as long. */
static int open_council(void **context)
{
    static struct places places;
    static const int two[5] = {2};
    static const int32_t north_e6[] = {0, 45000, 9000};
    static const int64_t prices_pence[] = {6000, 3000, 5000};
    places = places_open();
    (void)places_provider(&places, 1);
    for (uint32_t number = 1; number <= SERVICES; number++) {
        Dw__Service *service = places_service(number, 1);
        service->latitude_e6 += north_e6[number - 1];
        service->price_pence = prices_pence[number - 1];
        assert_int_equal(places_send_service(&places, service).outcome, DECISION_YES);
        (void)places_session(&places, number, number, 2, 600, 900, two, places.today, FOREVER);
    }
    *context = &places;
    return 0;
}

static int close_council(void **context)
{
    places_close(*context);
    return 0;
}

/* What is found when the model ranks by these. */
static const Dw__CapacityFound *find(struct places *places, const Dw__RankCriterion *ranking,
                                     size_t count)
{
    Dw__Date from = DW__DATE__INIT;
    Dw__FindCapacity query = DW__FIND_CAPACITY__INIT;
    const Dw__Service *home = places_service(1, 1);
    Dw__Rules *rules = places_model()->rules;
    rules->ranking = (Dw__RankCriterion *)(uintptr_t)ranking;
    rules->n_ranking = count;
    from.days = places->today;
    query.from = &from;
    query.latitude_e6 = home->latitude_e6;
    query.longitude_e6 = home->longitude_e6;
    query.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
    const Dw__CapacityFound *found = pure_query(places->pure, &query.base, DW__ROLE__ROLE_BROKER,
                                                places->now_ms, places->today, NULL);
    assert_non_null(found);
    assert_int_equal(found->n_services, SERVICES);
    return found;
}

/* The services in that order, each behind the one above it for that reason. */
static void expect(const Dw__CapacityFound *found, const char *order, Dw__RankReason second,
                   Dw__RankReason third)
{
    for (size_t at = 0; at < SERVICES; at++)
        assert_int_equal(found->services[at]->reference[6], order[at]);
    assert_int_equal(found->services[0]->reason, REASON(FIRST));
    assert_int_equal(found->services[1]->reason, second);
    assert_int_equal(found->services[2]->reason, third);
}

static void a_silent_model_ranks_by_travel_before_price(void **context)
{
    const Dw__CapacityFound *found = find(*context, NULL, 0);
    expect(found, "312", REASON(DEARER), REASON(FARTHER));
    assert_int_equal(found->n_ranking, 5);
    assert_int_equal(found->ranking[0], BY(OPEN));
    assert_int_equal(found->ranking[4], BY(DISTANCE));
}

/* The session of that number is closed for so many weeks from today on. */
static void close_weeks(struct places *places, uint32_t session, int32_t weeks)
{
    const struct id closure_id = places_id('l', session), service_id = places_id('s', session);
    Dw__Date from = DW__DATE__INIT, to = DW__DATE__INIT;
    Dw__DeclareClosure command = DW__DECLARE_CLOSURE__INIT;
    from.days = places->today;
    to.days = places->today + weeks * 7 - 1;
    command.closure_id = id_to_data(&closure_id);
    command.service_id = id_to_data(&service_id);
    command.from = &from;
    command.to = &to;
    command.reason = DW__CLOSURE_REASON__CLOSURE_REASON_BUILDING;
    assert_int_equal(pure_command(places->pure, &command.base, DW__ROLE__ROLE_QUALITY_OFFICER,
                                  places->now_ms, places->today)
                         .outcome,
                     DECISION_YES);
}

/* Proves: what is closed on more than half of the dates of its first year stands behind all that is open, and is told so; unless the
 * model has other criteria. */
static void what_is_mostly_closed_stands_last(void **context)
{
    static const Dw__RankCriterion distance[] = {BY(DISTANCE)};
    close_weeks(*context, 3, 26);
    expect(find(*context, NULL, 0), "312", REASON(DEARER), REASON(FARTHER));
    close_weeks(*context, 1, 27);
    const Dw__CapacityFound *found = find(*context, NULL, 0);
    expect(found, "321", REASON(FARTHER), REASON(MOSTLY_CLOSED));
    assert_false(found->services[0]->mostly_closed);
    assert_true(found->services[2]->mostly_closed);
    assert_int_equal(found->services[2]->sessions[0]->sittings_closed, 27);
    expect(find(*context, distance, 1), "132", REASON(SLIGHTLY_FARTHER), REASON(FARTHER));
}

static void the_model_ranks_by_price_or_by_distance(void **context)
{
    static const Dw__RankCriterion price[] = {BY(PRICE), BY(TRAVEL)};
    static const Dw__RankCriterion distance[] = {BY(DISTANCE), BY(PRICE)};
    const Dw__CapacityFound *found = find(*context, price, 2);
    expect(found, "231", REASON(DEARER), REASON(DEARER));
    assert_int_equal(found->n_ranking, 2);
    assert_int_equal(found->ranking[0], BY(PRICE));
    expect(find(*context, distance, 2), "132", REASON(SLIGHTLY_FARTHER), REASON(FARTHER));
}

static void those_equal_in_all_that_is_named_go_by_id(void **context)
{
    static const Dw__RankCriterion hours[] = {BY(VIABLE_HOURS)};
    expect(find(*context, hours, 1), "123", REASON(EQUAL), REASON(EQUAL));
}

static void a_criterion_that_is_named_again_decides_nothing(void **context)
{
    static const Dw__RankCriterion again[] = {BY(DISTANCE), BY(DISTANCE),     BY(PRICE),
                                              BY(DISTANCE), BY(VIABLE_HOURS), BY(PRICE)};
    const Dw__CapacityFound *found = find(*context, again, 6);
    expect(found, "132", REASON(SLIGHTLY_FARTHER), REASON(FARTHER));
    assert_int_equal(found->n_ranking, 3);
    assert_int_equal(found->ranking[1], BY(PRICE));
}

int main(void)
{
#define COUNCIL_TEST(name) cmocka_unit_test_setup_teardown(name, open_council, close_council)
    const struct CMUnitTest tests[] = {
        COUNCIL_TEST(a_silent_model_ranks_by_travel_before_price),
        COUNCIL_TEST(what_is_mostly_closed_stands_last),
        COUNCIL_TEST(the_model_ranks_by_price_or_by_distance),
        COUNCIL_TEST(those_equal_in_all_that_is_named_go_by_id),
        COUNCIL_TEST(a_criterion_that_is_named_again_decides_nothing),
    };
    return cmocka_run_group_tests_name("capacity_ranking", tests, NULL, NULL);
}
