/* Nottinghamshire: four levels of support, and a person's budget moves with them from an in-house service to the community. Proves:
 * all four levels are the council's own; in-house attendance stands at 70 where 2020 was 100, and who moves is counted there no more; money moved and cost released are two figures, because the in-house service is paid a fixed
 * value; and capacity goes down from a date and names who is left without a place. */
#include "tests/support/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/calendar.h"

#include "reporting.pb-c.h"

enum { INTERNAL = 1, COMMUNITY = 2, MONDAY = 1 };

static void build(void)
{
    story_in("nottinghamshire");
    story_provider(1, "in_house", "sla", "1, 2, 3, 4");
    story_provider(2, "charity", "framework", "1, 2, 3, 4");
    story_wait_events("placements", "ContractNoted", 2);
    story_service(INTERNAL, 1, 4, 1, 6000, MONDAY | 1 << 1, 12);
    story_service(COMMUNITY, 2, 3, 1, 4500, 1 << 2 | 1 << 3, 12);
}

static const Dw__BudgetsFound *budgets(void)
{
    return story_ask("commissioner", "placements", "Budgets", &dw__budgets_found__descriptor,
                     "{'year': %d}", calendar_financial_year(story_today() - 1));
}

static void money_moves_with_the_person_and_no_cost_is_released(void **unused)
{
    (void)unused;
    build();
    for (unsigned level = 1; level <= 4; level++) /* the council has these and no fifth */
        story_service(10 + level, 2, level, 1 + level % 7, 4000, 1 << 4, 5);
    (void)story_no(
        "broker", "placements", "ProposePlacement", "LEVEL_UNKNOWN",
        "{'placementId': '%s', 'holdId': '%s', 'terms': {'personId': '%s', 'serviceId': "
        "'%s', 'providerId': '%s', 'sessionIds': ['%s'], 'from': '%s', 'funding': "
        "'commissioned', 'level': 5, 'ground': 'urgent', 'district': 1, 'supportReason': "
        "'learning_disability', 'age': 40, 'ethnicityGroup': 'white', 'sex': 'female'}}",
        story_id('m', 50), story_id('h', 50), story_id('n', 50), story_id('s', COMMUNITY),
        story_id('p', 2), story_id('t', 23), story_date(0));
    story_place(1, INTERNAL, MONDAY | 1 << 1, -60);
    story_do("broker", "placements", "ProposePlacement",
             "{'placementId': '%s', 'holdId': '%s', 'terms': {'personId': '%s', 'serviceId': '%s', "
             "'providerId': '%s', 'sessionIds': ['%s', '%s'], 'from': '%s', 'funding': "
             "'commissioned', 'level': 3, 'pricePencePerWeek': 9000, 'ground': 'persons_choice', "
             "'district': 1, 'supportReason': 'learning_disability', 'age': 40, 'ethnicityGroup': "
             "'white', 'sex': 'female'}}",
             story_id('m', 2), story_id('h', 2), story_id('n', 1), story_id('s', COMMUNITY),
             story_id('p', 2), story_id('t', 23), story_id('t', 24), story_date(-1));
    story_wait(2, DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED);
    story_do("provider-2", "placements", "AcceptOffer", "{'placementId': '%s'}", story_id('m', 2));
    story_wait(2, DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED);
    story_do("broker", "placements", "MoveLevel",
             "{'placementId': '%s', 'toPlacementId': '%s', 'reason': 'less_support_needed', "
             "'date': '%s'}",
             story_id('m', 1), story_id('m', 2), story_date(-1));
    const Dw__BudgetsFound *found = budgets();
    assert_in_range(found->money_moved_pence, 52 * 12000, 53 * 12000);
    assert_int_equal(found->cost_released_pence, 0);
    const Dw__CostsFound *costs =
        story_ask("finance-officer", "placements", "Costs", &dw__costs_found__descriptor,
                  "{'personId': '%s', 'from': '%s', 'to': '%s'}", story_id('n', 1), story_date(-60),
                  story_date(60));
    assert_int_equal(costs->n_lines, 2);
    assert_true(costs->lines[0]->notional && !costs->lines[1]->notional);
    assert_true(costs->notional_pence > 0);
    assert_int_equal(costs->payable_pence, costs->lines[1]->payable_pence);
}

/* --- in-house attendance ------------------------------------------------------------------------------------------- */

/* The measure of people at in-house services, once it stands at that many. */
static const Dw__MeasureFigure *in_house(uint32_t people)
{
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    for (;;) {
        const Dw__DashboardShown *shown = story_ask("commissioner", "reporting", "Dashboard",
                                                    &dw__dashboard_shown__descriptor, "{}");
        assert_int_equal(shown->n_measures, 1);
        if (people == 0 ? shown->measures[0]->index == 70 : shown->measures[0]->value == people)
            return shown->measures[0];
        assert_true(loop_boot_ms_now() < until_ms);
    }
}

static void write_id(const ProtobufCBinaryData *data, char ret_text[ID_TEXT_SIZE])
{
    const struct id id = id_or_zero(data);
    id_to_text(&id, ret_text);
}

/* The provider whose contract is the council's agreement with its own services. */
static void find_in_house(char ret_provider[ID_TEXT_SIZE])
{
    const Dw__ContractsListed *listed = story_ask("commissioner", "capacity", "ListContracts",
                                                  &dw__contracts_listed__descriptor, "{}");
    size_t at = 0;
    while (at < listed->n_contracts &&
           listed->contracts[at]->contract->kind != DW__CONTRACT_KIND__CONTRACT_KIND_SLA)
        at++;
    assert_true(at < listed->n_contracts);
    write_id(&listed->contracts[at]->contract->provider_id, ret_provider);
}

/* A placement there of somebody who has no other. */
static void find_somebody(const char *provider, char ret_placement[ID_TEXT_SIZE],
                          char ret_person[ID_TEXT_SIZE])
{
    enum { LOOKS_MAX = 50 };
    for (unsigned at = 0; at < LOOKS_MAX; at++) {
        const Dw__PlacementList *list =
            story_ask("broker", "placements", "ListPlacements", &dw__placement_list__descriptor,
                      "{'providerId': '%s', 'states': ['active'], 'page': %u, 'perPage': 1}",
                      provider, at + 1);
        write_id(&list->placements[0]->placement_id, ret_placement);
        write_id(&list->placements[0]->terms->person_id, ret_person);
        list = story_ask("broker", "placements", "ListPlacements", &dw__placement_list__descriptor,
                         "{'personId': '%s', 'states': ['active']}", ret_person);
        if (list->total == 1)
            return;
    }
    fail_msg("everybody who was looked at has another placement, too");
}

/* Placement 2: the same person at the first service in the community that has room for them. */
static void propose_elsewhere(const char *provider, const char *person)
{
    char service[ID_TEXT_SIZE], other[ID_TEXT_SIZE], session[ID_TEXT_SIZE];
    const Dw__CapacityFound *found = story_ask(
        "broker", "capacity", "FindCapacity", &dw__capacity_found__descriptor,
        "{'personId': '%s', 'from': '%s', 'level': 3, 'minutesPerWeek': 60, 'funding': "
        "'commissioned', 'latitudeE6': 53100000, 'longitudeE6': -1100000, 'travelMinutesMax': 600}",
        person, story_date(0));
    size_t at = 0;
    for (; at < found->n_services; at++) {
        write_id(&found->services[at]->provider_id, other);
        if (strcmp(other, provider) != 0)
            break;
    }
    assert_true(at < found->n_services);
    write_id(&found->services[at]->service_id, service);
    write_id(&found->services[at]->sessions[0]->session_id, session);
    story_do("broker", "placements", "ProposePlacement",
             "{'placementId': '%s', 'holdId': '%s', 'terms': {'personId': '%s', 'serviceId': '%s', "
             "'providerId': '%s', 'sessionIds': ['%s'], 'from': '%s', 'funding': 'commissioned', "
             "'level': 3, 'pricePencePerWeek': 4500, 'ground': 'persons_choice', 'district': 1, "
             "'supportReason': 'learning_disability', 'age': 40, 'ethnicityGroup': 'white', 'sex': "
             "'female'}}",
             story_id('m', 2), story_id('h', 2), person, service, other, session, story_date(0));
}

static void in_house_attendance_stands_at_70_and_falls_with_who_moves(void **unused)
{
    (void)unused;
    char provider[ID_TEXT_SIZE], placement[ID_TEXT_SIZE], person[ID_TEXT_SIZE];
    story_in("nottinghamshire");
    story_load_demonstration();
    const Dw__MeasureFigure *figure = in_house(0);
    const uint32_t people = figure->value;
    assert_int_equal(figure->baseline_year, 2020);
    find_in_house(provider);
    find_somebody(provider, placement, person);
    propose_elsewhere(provider, person);
    story_wait(2, DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED);
    story_do("operator", "placements", "AcceptOffer", "{'placementId': '%s'}", story_id('m', 2));
    story_wait(2, DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED);
    story_do("broker", "placements", "MoveLevel",
             "{'placementId': '%s', 'toPlacementId': '%s', 'reason': 'less_support_needed', "
             "'date': '%s'}",
             placement, story_id('m', 2), story_date(0));
    const Dw__BudgetsFound *found =
        story_ask("commissioner", "placements", "Budgets", &dw__budgets_found__descriptor,
                  "{'year': %d}", calendar_financial_year(story_today()));
    assert_true(found->money_moved_pence > 0);
    assert_int_equal(found->cost_released_pence, 0);
    (void)in_house(people - 1);
}

static void capacity_goes_down_from_a_date_and_names_who_is_left_without_a_place(void **unused)
{
    (void)unused;
    build();
    for (unsigned person = 1; person <= 10; person++)
        story_place(person, INTERNAL, MONDAY, -30 + (int32_t)person);
    const char *sentence =
        story_no("commissioner", "capacity", "ChangeLimits", "LIMIT_BELOW_USE",
                 "{'sessionId': '%s', 'from': '%s', 'limits': [{'kind': 'places', 'amount': 8}]}",
                 story_id('t', INTERNAL * 10 + 1), story_date(30));
    assert_true(strlen(sentence) > 10);
    story_do("commissioner", "capacity", "ChangeLimits",
             "{'sessionId': '%s', 'from': '%s', 'limits': [{'kind': 'places', 'amount': 8}], "
             "'strand': true}",
             story_id('t', INTERNAL * 10 + 1), story_date(30));
    story_wait_events("capacity", "SittingsDisrupted", 2); /* the two held last */
    story_wait_events("placements", "PlacementDisrupted", 2);
    const Dw__PlacementList *list =
        story_ask("broker", "placements", "ListPlacements", &dw__placement_list__descriptor,
                  "{'flags': ['disrupted']}");
    assert_int_equal(list->total, 2);
    for (size_t at = 0; at < list->n_placements; at++)
        assert_true(list->placements[at]->terms->from->days >= story_today() - 30 + 9);
    /* Before that date there is room for two more, and none after it. */
    story_propose(20, INTERNAL, MONDAY, 1);
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    while (story_state(20) == DW__PLACEMENT_STATE__PLACEMENT_STATE_PROPOSED)
        assert_true(loop_boot_ms_now() < until_ms);
    assert_int_equal(story_placement(20)->lapse_reason,
                     DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, story_begin, story_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(money_moves_with_the_person_and_no_cost_is_released),
        TEST(in_house_attendance_stands_at_70_and_falls_with_who_moves),
        TEST(capacity_goes_down_from_a_date_and_names_who_is_left_without_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
