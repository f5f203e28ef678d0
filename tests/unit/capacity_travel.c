/* Tests of the matrix of travel: its cells take the place of the estimate, one way, for homes whose district is said. */
#include "services/capacity/capacity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/places.h"

#define SOURCE(name) DW__TRAVEL_SOURCE__TRAVEL_SOURCE_##name
#define FAR          DW__SEARCH_RULE__SEARCH_RULE_TRAVEL

enum { FOREVER = INT32_MAX, SERVICES = 3, HOME = 1, CELLS_MAX = 4 };

/* From home (district 1), as the crow flies: 1 three minutes away in district 2, 2 an hour away in district 3, 3 comes to people's
 * homes from district 3. */
static int open_council(void **context)
{
    static struct places places;
    static const int two[5] = {2};
    static const int32_t north_e6[] = {9000, 210000, 210000};
    places = places_open();
    (void)places_provider(&places, 1);
    for (uint32_t number = 1; number <= SERVICES; number++) {
        Dw__Service *service = places_service(number, 1);
        service->latitude_e6 += north_e6[number - 1];
        service->district = number == 1 ? 2 : 3;
        if (number == 3)
            service->mode = DW__SERVICE_MODE__SERVICE_MODE_OUTREACH;
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

/* A cell; from 0 ends a list of them. */
struct cell {
    uint32_t from, to, minutes;
};

/* What is found from home when its district is said to be this one and the model has these cells. */
static const Dw__CapacityFound *find(struct places *places, uint32_t district,
                                     const struct cell *cells)
{
    static Dw__TravelCell matrix[CELLS_MAX];
    static Dw__TravelCell *list[CELLS_MAX];
    Dw__Date from = DW__DATE__INIT;
    Dw__FindCapacity query = DW__FIND_CAPACITY__INIT;
    const Dw__Service *home = places_service(1, 1);
    Dw__Travel *travel = places_model()->rules->travel;
    travel->matrix = list;
    for (; cells->from != 0; cells++) {
        Dw__TravelCell *cell = &matrix[travel->n_matrix];
        *cell = (Dw__TravelCell)DW__TRAVEL_CELL__INIT;
        cell->from = cells->from;
        cell->to = cells->to;
        cell->minutes = cells->minutes;
        list[travel->n_matrix++] = cell;
    }
    from.days = places->today;
    query.from = &from;
    query.latitude_e6 = home->latitude_e6;
    query.longitude_e6 = home->longitude_e6;
    query.district = district;
    query.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
    const Dw__CapacityFound *found = pure_query(places->pure, &query.base, DW__ROLE__ROLE_BROKER,
                                                places->now_ms, places->today, NULL);
    assert_non_null(found);
    return found;
}

static void expect_found(const Dw__CapacityFound *found, size_t rank, char number, uint32_t minutes,
                         Dw__TravelSource source)
{
    assert_true(rank < found->n_services);
    assert_int_equal(found->services[rank]->reference[6], number);
    assert_int_equal(found->services[rank]->travel_minutes, minutes);
    assert_int_equal(found->services[rank]->travel_source, source);
}

/* Proves that what is near may be far by road, and what is far near, and that the answer says where the minutes come from. */
static void a_cell_takes_the_place_of_the_estimate(void **context)
{
    static const struct cell cells[] = {{HOME, 2, 31}, {HOME, 3, 29}, {0}};
    const Dw__CapacityFound *found = find(*context, HOME, cells);
    assert_int_equal(found->n_services, 2);
    expect_found(found, 0, '3', 0, SOURCE(NONE));
    expect_found(found, 1, '2', 29, SOURCE(MATRIX));
    assert_int_equal(found->n_near_misses, 1);
    assert_int_equal(found->near_misses[0]->rule, FAR);
    assert_int_equal(found->near_misses[0]->travel_minutes, 31);
    assert_int_equal(found->near_misses[0]->travel_source, SOURCE(MATRIX));
    assert_string_equal(found->near_misses[0]->sentence, "It is 31 minutes away; the limit is 30.");
}

static void what_has_no_cell_is_estimated(void **context)
{
    static const struct cell cells[] = {{HOME, 3, 29}, {0}};
    const Dw__CapacityFound *found = find(*context, HOME, cells);
    assert_int_equal(found->n_services, 3);
    expect_found(found, 1, '1', 3, SOURCE(ESTIMATED));
    expect_found(found, 2, '2', 29, SOURCE(MATRIX));
}

static void a_home_without_a_district_is_estimated_from(void **context)
{
    static const struct cell cells[] = {{HOME, 2, 31}, {HOME, 3, 29}, {0}};
    const Dw__CapacityFound *found = find(*context, 0, cells);
    assert_int_equal(found->n_services, 2);
    expect_found(found, 1, '1', 3, SOURCE(ESTIMATED));
    assert_int_equal(found->near_misses[0]->travel_source, SOURCE(ESTIMATED));
}

static void a_cell_says_nothing_of_the_way_back(void **context)
{
    static const struct cell cells[] = {{2, HOME, 31}, {3, HOME, 29}, {0}};
    const Dw__CapacityFound *found = find(*context, HOME, cells);
    assert_int_equal(found->n_services, 2);
    expect_found(found, 1, '1', 3, SOURCE(ESTIMATED));
}

static void a_cell_that_cannot_be_is_as_none(void **context)
{
    static const struct cell cells[] = {{HOME, 2, 0}, {HOME, 2, 601}, {HOME, 65, 5}, {0}};
    const Dw__CapacityFound *found = find(*context, HOME, cells);
    assert_int_equal(found->n_services, 2);
    expect_found(found, 1, '1', 3, SOURCE(ESTIMATED));
}

static void a_district_is_one_of_64(void **context)
{
    struct places *places = *context;
    struct pure_outcome outcome;
    Dw__Date from = DW__DATE__INIT;
    Dw__FindCapacity query = DW__FIND_CAPACITY__INIT;
    from.days = places->today;
    query.from = &from;
    query.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
    query.district = 65;
    assert_null(pure_query(places->pure, &query.base, DW__ROLE__ROLE_BROKER, places->now_ms,
                           places->today, &outcome));
    assert_int_equal(outcome.outcome, DECISION_INVALID);
    assert_string_equal(outcome.field, "district");
}

int main(void)
{
#define COUNCIL_TEST(name) cmocka_unit_test_setup_teardown(name, open_council, close_council)
    const struct CMUnitTest tests[] = {
        COUNCIL_TEST(a_cell_takes_the_place_of_the_estimate),
        COUNCIL_TEST(what_has_no_cell_is_estimated),
        COUNCIL_TEST(a_home_without_a_district_is_estimated_from),
        COUNCIL_TEST(a_cell_says_nothing_of_the_way_back),
        COUNCIL_TEST(a_cell_that_cannot_be_is_as_none),
        COUNCIL_TEST(a_district_is_one_of_64),
    };
    return cmocka_run_group_tests_name("capacity_travel", tests, NULL, NULL);
}
