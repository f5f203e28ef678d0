/* Tests of what a service is and what people do there: said once each, searched by, shown in the directory. */
#include "services/capacity/capacity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/places.h"

enum { FOREVER = INT32_MAX, BROKER = DW__ROLE__ROLE_BROKER };

static const Dw__ServiceKind GROUP = DW__SERVICE_KIND__SERVICE_KIND_COMMUNITY_GROUP;
static const Dw__ServiceKind HUB = DW__SERVICE_KIND__SERVICE_KIND_CARER_HUB;
static const Dw__Activity COOKING = DW__ACTIVITY__ACTIVITY_COOKING;
static const Dw__Activity MUSIC = DW__ACTIVITY__ACTIVITY_MUSIC;
static const Dw__Activity NAILS = DW__ACTIVITY__ACTIVITY_NAIL_CUTTING;

/* A service with a Tuesday of two places, of that kind, with the activities up to the first that is 0. */
static Dw__Service *make_service(uint32_t number, Dw__ServiceKind kind, Dw__Activity first,
                                 Dw__Activity second)
{
    static Dw__Activity activities[2];
    Dw__Service *service = places_service(number, 1);
    service->kind = kind;
    activities[0] = first;
    activities[1] = second;
    service->activities = activities;
    service->n_activities = first == 0 ? 0 : second == 0 ? 1 : 2;
    return service;
}

/* 1 a group that cooks and makes music, 2 a group that cooks, 3 a carer hub that does both, 4 a group that does nothing. */
static int open_council(void **context)
{
    static struct places places;
    static const int two[5] = {2};
    places = places_open();
    (void)places_provider(&places, 1);
    for (uint32_t number = 1; number <= 4; number++) {
        Dw__Service *service = make_service(number, number == 3 ? HUB : GROUP,
                                            number == 4 ? 0 : COOKING, number % 2 == 1 ? MUSIC : 0);
        assert_int_equal(places_send_service(&places, service).outcome, DECISION_YES);
        (void)places_session(&places, number, number, 2, 600, 720, two, places.today, FOREVER);
    }
    *context = &places;
    return 0;
}

static int close_council(void **context)
{
    places_close(*context);
    return 0;
}

/* Where the services are, for somebody who pays. */
static const Dw__CapacityFound *find(struct places *places, const Dw__ServiceKind *kinds,
                                     size_t kinds_count, const Dw__Activity *activities,
                                     size_t activities_count)
{
    Dw__Date from = DW__DATE__INIT;
    Dw__FindCapacity query = DW__FIND_CAPACITY__INIT;
    const Dw__Service *somewhere = places_service(1, 1);
    from.days = places->today;
    query.from = &from;
    query.latitude_e6 = somewhere->latitude_e6;
    query.longitude_e6 = somewhere->longitude_e6;
    query.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
    query.kinds = (Dw__ServiceKind *)(uintptr_t)kinds;
    query.n_kinds = kinds_count;
    query.activities = (Dw__Activity *)(uintptr_t)activities;
    query.n_activities = activities_count;
    const Dw__CapacityFound *found =
        pure_query(places->pure, &query.base, BROKER, places->now_ms, places->today, NULL);
    assert_non_null(found);
    return found;
}

/* Proves that kind is asked before activities, each service is counted once, and a near miss says what is missing. */
static void a_search_says_which_kind_and_which_activity_is_missing(void **context)
{
    static const Dw__Activity both[] = {MUSIC, COOKING};
    const Dw__CapacityFound *found = find(*context, &GROUP, 1, both, 2);
    assert_int_equal(found->services_fitting, 1);
    assert_string_equal(found->services[0]->reference, "S000001");
    assert_int_equal(found->n_excluded, 2);
    assert_int_equal(found->excluded[0]->rule, DW__SEARCH_RULE__SEARCH_RULE_KIND);
    assert_int_equal(found->excluded[0]->services, 1);
    assert_int_equal(found->excluded[1]->rule, DW__SEARCH_RULE__SEARCH_RULE_ACTIVITIES);
    assert_int_equal(found->excluded[1]->services, 2);
    assert_int_equal(found->n_near_misses, 3);
    assert_string_equal(found->near_misses[0]->sentence, "It does not offer music.");
    assert_string_equal(found->near_misses[1]->sentence,
                        "Its kind is carer hub; another one is asked for.");
    assert_string_equal(found->near_misses[2]->sentence, "It does not offer cooking, music.");
}

static void any_of_the_kinds_and_all_of_the_activities_are_wanted(void **context)
{
    const Dw__ServiceKind kinds[] = {HUB, GROUP};
    assert_int_equal(find(*context, kinds, 2, NULL, 0)->services_fitting, 4);
    assert_int_equal(find(*context, kinds, 2, &MUSIC, 1)->services_fitting, 2);
    assert_int_equal(find(*context, NULL, 0, &COOKING, 1)->services_fitting, 3);
    assert_int_equal(find(*context, NULL, 0, &NAILS, 1)->services_fitting, 0);
    assert_string_equal(find(*context, NULL, 0, &NAILS, 1)->near_misses[0]->sentence,
                        "It does not offer nail cutting.");
}

static void what_a_service_does_can_be_changed_and_is_found_so(void **context)
{
    struct places *places = *context;
    Dw__ChangeService change = DW__CHANGE_SERVICE__INIT;
    change.service = make_service(2, HUB, NAILS, 0);
    assert_int_equal(
        pure_command(places->pure, &change.base, 0, places->now_ms, places->today).outcome,
        DECISION_YES);
    assert_int_equal(find(places, NULL, 0, &NAILS, 1)->services_fitting, 1);
    assert_int_equal(find(places, NULL, 0, &COOKING, 1)->services_fitting, 2);
    assert_int_equal(find(places, &HUB, 1, NULL, 0)->services_fitting, 2);
    pure_reload(places->pure);
    assert_int_equal(find(places, &HUB, 1, &NAILS, 1)->services_fitting, 1);
}

static void an_activity_is_named_once(void **context)
{
    struct places *places = *context;
    struct pure_outcome outcome = places_send_service(places, make_service(5, GROUP, MUSIC, MUSIC));
    Dw__ChangeService change = DW__CHANGE_SERVICE__INIT;
    assert_int_equal(outcome.outcome, DECISION_INVALID);
    assert_string_equal(outcome.field, "service.activities");
    change.service = make_service(2, GROUP, COOKING, COOKING);
    outcome = pure_command(places->pure, &change.base, 0, places->now_ms, places->today);
    assert_int_equal(outcome.outcome, DECISION_INVALID);
    assert_string_equal(outcome.field, "service.activities");
}

static void the_directory_shows_activities_and_is_read_by_them(void **context)
{
    static Dw__Activity both[] = {COOKING, MUSIC};
    struct places *places = *context;
    Dw__Directory query = DW__DIRECTORY__INIT;
    query.activities = both;
    query.n_activities = 2;
    const Dw__DirectoryShown *shown =
        pure_query(places->pure, &query.base, BROKER, places->now_ms, places->today, NULL);
    assert_int_equal(shown->total, 2);
    assert_string_equal(shown->entries[0]->service->reference, "S000001");
    assert_string_equal(shown->entries[1]->service->reference, "S000003");
    assert_int_equal(shown->entries[0]->service->n_activities, 2);
    assert_int_equal(shown->entries[0]->service->activities[1], MUSIC);
}

int main(void)
{
#define COUNCIL_TEST(name) cmocka_unit_test_setup_teardown(name, open_council, close_council)
    const struct CMUnitTest tests[] = {
        COUNCIL_TEST(a_search_says_which_kind_and_which_activity_is_missing),
        COUNCIL_TEST(any_of_the_kinds_and_all_of_the_activities_are_wanted),
        COUNCIL_TEST(what_a_service_does_can_be_changed_and_is_found_so),
        COUNCIL_TEST(an_activity_is_named_once),
        COUNCIL_TEST(the_directory_shows_activities_and_is_read_by_them),
    };
    return cmocka_run_group_tests_name("capacity_activities", tests, NULL, NULL);
}
