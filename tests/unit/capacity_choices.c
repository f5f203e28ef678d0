/* Tests of search in services/capacity: of sessions at the same hours those are chosen that serve everything wanted together. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "capacity.pb-c.h"
#include "tests/support/places.h"

enum { FOREVER = INT32_MAX, MORNING = 600 };

/* One service, whose sessions are on Mondays. */
struct monday {
    struct places places;
    uint32_t sessions_count;
};

static int open_monday(void **context)
{
    static struct monday monday;
    monday = (struct monday){.places = places_open()};
    (void)places_provider(&monday.places, 1);
    (void)places_send_service(&monday.places, places_service(1, 1));
    *context = &monday;
    return 0;
}

static int close_monday(void **context)
{
    places_close(&((struct monday *)*context)->places);
    return 0;
}

static void run(struct monday *monday, uint32_t start_minutes, uint32_t end_minutes)
{
    static const int ten[5] = {10};
    (void)places_session(&monday->places, ++monday->sessions_count, 1, 1, start_minutes,
                         end_minutes, ten, monday->places.today, FOREVER);
}

/* A question at the first service's door, from today on; it points into the other one. */
static Dw__FindCapacity near_by(const struct monday *monday, Dw__Date *from)
{
    Dw__FindCapacity find = DW__FIND_CAPACITY__INIT;
    dw__date__init(from);
    from->days = monday->places.today;
    find.from = from;
    find.latitude_e6 = places_service(1, 1)->latitude_e6;
    find.longitude_e6 = places_service(1, 1)->longitude_e6;
    find.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
    return find;
}

/* The session numbers that are found for those parts of Monday, with so many minutes a week; "": none are. */
static const char *find(struct monday *monday, uint32_t minutes, const Dw__PartOfDay *parts,
                        size_t count)
{
    static char numbers[32];
    Dw__WantedSession wanted[4], *list[4];
    Dw__Date from;
    Dw__FindCapacity find = near_by(monday, &from);
    find.minutes_per_week = minutes;
    for (size_t at = 0; at < count; at++) {
        dw__wanted_session__init(&wanted[at]);
        wanted[at].weekday = 1;
        wanted[at].part = parts[at];
        list[at] = &wanted[at];
    }
    find.wanted = list;
    find.n_wanted = count;
    const Dw__CapacityFound *found =
        pure_query(monday->places.pure, &find.base, DW__ROLE__ROLE_BROKER, monday->places.now_ms,
                   monday->places.today, NULL);
    assert_non_null(found);
    size_t length = 0;
    for (size_t at = 0; found->n_services == 1 && at < found->services[0]->n_sessions; at++)
        for (uint32_t number = 1; number <= monday->sessions_count; number++) {
            const struct id id = places_id('t', number);
            if (memcmp(found->services[0]->sessions[at]->session_id.data, id.bytes, 16) == 0)
                numbers[length++] = (char)('0' + number);
        }
    numbers[length] = '\0';
    return numbers;
}

/* Proves: a short session in the morning does not stand in the way of the whole day that has the hours. */
static void a_short_session_gives_way_to_a_longer_one(void **context)
{
    struct monday *monday = *context;
    run(monday, MORNING, MORNING + 120);
    assert_string_equal(find(monday, 240, NULL, 0), "");
    run(monday, MORNING, MORNING + 360);
    assert_string_equal(find(monday, 240, NULL, 0), "2");
    assert_string_equal(find(monday, 60, NULL, 0), "1"); /* the first that is enough */
}

/* Proves: of two mornings the one that leaves the afternoon free is chosen. */
static void a_morning_leaves_the_afternoon_free(void **context)
{
    static const Dw__PartOfDay both[] = {DW__PART_OF_DAY__PART_OF_DAY_MORNING,
                                         DW__PART_OF_DAY__PART_OF_DAY_AFTERNOON};
    struct monday *monday = *context;
    run(monday, 570, 780);
    run(monday, 570, 720);
    assert_string_equal(find(monday, 0, both, 2), "");
    run(monday, 750, 930);
    assert_string_equal(find(monday, 0, both, 2), "23");
    assert_string_equal(find(monday, 0, both, 1), "1");
}

/* Proves: two sessions have the hours when the whole day, which serves both parts, has not. */
static void two_sessions_have_more_hours_than_one(void **context)
{
    static const Dw__PartOfDay both[] = {DW__PART_OF_DAY__PART_OF_DAY_MORNING,
                                         DW__PART_OF_DAY__PART_OF_DAY_AFTERNOON};
    struct monday *monday = *context;
    run(monday, 530, 790); /* in the morning and in the afternoon */
    run(monday, 540, 690);
    run(monday, 800, 960);
    assert_string_equal(find(monday, 180, both, 2), "1");
    assert_string_equal(find(monday, 300, both, 2), "23");
}

/* Proves: many short sessions besides the long ones of a week hide nothing. */
static void a_week_of_long_days_is_found_among_short_ones(void **context)
{
    static const int ten[5] = {10};
    struct monday *monday = *context;
    for (uint32_t weekday = 1; weekday <= 4; weekday++)
        for (uint32_t start = 540; start <= 930; start += 195) {
            (void)places_session(&monday->places, ++monday->sessions_count, 1, weekday, start,
                                 start + 120, ten, monday->places.today, FOREVER);
            (void)places_session(&monday->places, ++monday->sessions_count, 1, weekday, start,
                                 start + 180, ten, monday->places.today, FOREVER);
        }
    assert_int_equal(strlen(find(monday, 36 * 60, NULL, 0)), 12);
    assert_string_equal(find(monday, 36 * 60 + 1, NULL, 0), "");
}

/* Proves: who could serve all of it, but not together, leaves one part to somebody else. */
static void what_one_cannot_serve_together_is_split(void **context)
{
    static const int ten[5] = {10};
    struct monday *monday = *context;
    Dw__WantedSession wanted[4], *list[] = {&wanted[0], &wanted[1], &wanted[2], &wanted[3]};
    Dw__Date from;
    Dw__FindCapacity find_both = near_by(monday, &from);
    (void)places_send_service(&monday->places, places_service(2, 1));
    for (uint32_t at = 0; at < 8; at++) { /* of two services, on two days, at two times */
        static const uint32_t starts[] = {540, 780, 540, 690}, ends[] = {790, 960, 720, 990};
        (void)places_session(&monday->places, ++monday->sessions_count, 1 + at / 2 % 2, 1 + at / 4,
                             starts[at % 4], ends[at % 4], ten, monday->places.today, FOREVER);
    }
    for (size_t at = 0; at < 4; at++) {
        dw__wanted_session__init(&wanted[at]);
        wanted[at].weekday = (uint32_t)(1 + at / 2);
        wanted[at].part = DW__PART_OF_DAY__PART_OF_DAY_ANY;
        wanted[at].start_minutes = at % 2 == 0 ? 560 : 800;
        wanted[at].end_minutes = at % 2 == 0 ? 700 : 940;
    }
    find_both.wanted = list;
    for (find_both.n_wanted = 2; find_both.n_wanted <= 4; find_both.n_wanted += 2) {
        const Dw__CapacityFound *found =
            pure_query(monday->places.pure, &find_both.base, DW__ROLE__ROLE_BROKER,
                       monday->places.now_ms, monday->places.today, NULL);
        assert_int_equal(found->services_fitting, 0);
        assert_true(found->n_splits > 0);
    }
}

/* Proves: two services have a week between them once, whichever is named first, and each is told by its name, days and price. */
static void a_split_is_told_once_and_by_name(void **context)
{
    static const int ten[5] = {10};
    struct monday *monday = *context;
    Dw__WantedSession wanted[2], *list[] = {&wanted[0], &wanted[1]};
    Dw__Date from;
    Dw__FindCapacity find_both = near_by(monday, &from);
    (void)places_send_service(&monday->places, places_service(2, 1));
    for (uint32_t service = 1; service <= 2; service++) {
        (void)places_session(&monday->places, service, service, service, MORNING, 900, ten,
                             monday->places.today, FOREVER);
        dw__wanted_session__init(&wanted[service - 1]);
        wanted[service - 1].weekday = service;
        wanted[service - 1].part = DW__PART_OF_DAY__PART_OF_DAY_ANY;
    }
    find_both.wanted = list;
    find_both.n_wanted = 2;
    const Dw__CapacityFound *found =
        pure_query(monday->places.pure, &find_both.base, DW__ROLE__ROLE_BROKER,
                   monday->places.now_ms, monday->places.today, NULL);
    assert_int_equal(found->n_splits, 1);
    const Dw__Split *split = found->splits[0];
    assert_string_equal(split->first->name, places_service(1, 1)->name);
    assert_string_equal(split->second->name, places_service(2, 1)->name);
    assert_int_equal(split->first->sessions[0]->weekday, 1);
    assert_int_equal(split->second->sessions[0]->weekday, 2);
    assert_true(split->second->weekly_price_pence > 0);
    assert_int_equal(split->first->weekly_price_pence + split->second->weekly_price_pence,
                     split->weekly_price_pence);
}

/* Proves: of all that two nearby services can have between them the cheapest is told first, and of what costs as much what is nearer;
 * services that are nearer than others are looked at, however many have been registered before. */
static void the_cheapest_and_nearest_splits_are_told(void **context)
{
    enum { DEAR = 70, CHEAP = 6 };
    static const int ten[5] = {10};
    struct monday *monday = *context;
    struct places *places = &monday->places;
    Dw__WantedSession wanted[2], *list[] = {&wanted[0], &wanted[1]};
    Dw__Date from;
    Dw__FindCapacity find_both = near_by(monday, &from);
    for (uint32_t number = 2; number <= DEAR + CHEAP; number++) {
        Dw__Service *service = places_service(number, 1);
        service->price_pence = number <= DEAR ? 20000 : 1000;
        service->latitude_e6 += number <= DEAR ? 90000 : 10000 * (int32_t)(DEAR + CHEAP - number);
        (void)places_send_service(places, service);
        (void)places_session(places, number, number, 1 + number % 2, MORNING, 900, ten,
                             places->today, FOREVER);
    }
    for (uint32_t weekday = 1; weekday <= 2; weekday++) {
        dw__wanted_session__init(&wanted[weekday - 1]);
        wanted[weekday - 1].weekday = weekday;
        wanted[weekday - 1].part = DW__PART_OF_DAY__PART_OF_DAY_ANY;
    }
    find_both.wanted = list;
    find_both.n_wanted = 2;
    const Dw__CapacityFound *found = pure_query(
        places->pure, &find_both.base, DW__ROLE__ROLE_BROKER, places->now_ms, places->today, NULL);
    static const uint32_t best[3][2] = {{75, 76}, {73, 76}, {74, 75}};
    assert_int_equal(found->n_splits, 3);
    for (size_t at = 0; at < 3; at++) {
        const struct id first_id = places_id('s', best[at][0]);
        const struct id second_id = places_id('s', best[at][1]);
        assert_memory_equal(found->splits[at]->first_service_id.data, first_id.bytes, 16);
        assert_memory_equal(found->splits[at]->second_service_id.data, second_id.bytes, 16);
        assert_int_equal(found->splits[at]->weekly_price_pence, 2000);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_monday, close_monday)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_short_session_gives_way_to_a_longer_one),
        TEST(a_morning_leaves_the_afternoon_free),
        TEST(two_sessions_have_more_hours_than_one),
        TEST(a_week_of_long_days_is_found_among_short_ones),
        TEST(what_one_cannot_serve_together_is_split),
        TEST(a_split_is_told_once_and_by_name),
        TEST(the_cheapest_and_nearest_splits_are_told),
    };
    return cmocka_run_group_tests_name("capacity_choices", tests, NULL, NULL);
}
