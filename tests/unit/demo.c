/* Proves that the plan of the demonstration reproduces the published position of Cheshire East, figure by figure. */
#include "services/cli/demo.h"

#include "common/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SEED = 20210401, POUND = 100 };

static struct demo_plan *plan;

static int make_plan(void **state)
{
    (void)state;
    plan = calloc(1, sizeof *plan);
    demo_plan_make(plan, SEED, calendar_date(2026, 11, 24));
    return 0;
}

static int free_plan(void **state)
{
    (void)state;
    free(plan);
    return 0;
}

static const struct demo_person *person_of(const struct demo_placement *placement)
{
    return &plan->people[placement->person];
}

static bool is_commissioned(const struct demo_person *person)
{
    return person->funding == DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
}

static bool is_internal(const struct demo_placement *placement)
{
    return plan->services[placement->service].provider == 0;
}

static void people_stand_in_client_groups_as_published(void **state)
{
    (void)state;
    static const int wanted[4][3] = {{167, 66, 108}, {93, 8, 21}, {13, 3, 7}, {7, 1, 5}};
    int found[4][3] = {{0}};
    int placed[DEMO_PEOPLE_MAX][2] = {{0}};
    for (size_t at = 0; at < plan->placements_count; at++)
        placed[plan->placements[at].person][is_internal(&plan->placements[at]) ? 0 : 1]++;
    for (size_t at = 0; at < plan->people_count; at++) {
        if (!is_commissioned(&plan->people[at]))
            continue;
        assert_in_range(placed[at][0] + placed[at][1], 1, 2);
        assert_true(placed[at][0] <= 1 && placed[at][1] <= 1);
        found[plan->people[at].group][placed[at][0] == 0 ? 2 : placed[at][1]]++;
    }
    assert_memory_equal(found, wanted, sizeof wanted);
}

static void placements_and_pence_stand_in_cost_groups_as_published(void **state)
{
    (void)state;
    static const int wanted[4][2] = {{233, 174}, {55, 15}, {8, 6}, {62, 24}};
    static const int64_t pounds[4][2] = {
        {2795000, 1112400}, {257000, 80000}, {26000, 20600}, {292000, 127000}};
    int found[4][2] = {{0}};
    int64_t pence[4][2] = {{0}};
    for (size_t at = 0; at < plan->placements_count; at++) {
        const struct demo_placement *placement = &plan->placements[at];
        if (!is_commissioned(person_of(placement)))
            continue;
        found[person_of(placement)->cost_group][is_internal(placement) ? 0 : 1]++;
        pence[person_of(placement)->cost_group][is_internal(placement) ? 0 : 1] +=
            placement->price_pence_per_year;
        assert_true(placement->price_pence_per_year > 0);
    }
    assert_memory_equal(found, wanted, sizeof wanted);
    for (int group = 0; group < 4; group++)
        for (int side = 0; side < 2; side++)
            assert_int_equal(pence[group][side], pounds[group][side] * POUND);
}

static void internal_and_external_spend_add_up_to_the_penny(void **state)
{
    (void)state;
    int64_t pence[2] = {0};
    size_t count[2] = {0};
    for (size_t at = 0; at < plan->placements_count; at++)
        if (is_commissioned(person_of(&plan->placements[at]))) {
            pence[is_internal(&plan->placements[at])] += plan->placements[at].price_pence_per_year;
            count[is_internal(&plan->placements[at])]++;
        }
    assert_int_equal(pence[true], INT64_C(337000000));
    assert_int_equal(pence[false], INT64_C(134000000));
    assert_int_equal(count[true], 358);
    assert_int_equal(count[false], 219);
}

static void people_live_where_the_tables_say(void **state)
{
    (void)state;
    static const int towns[DEMO_TOWNS] = {158, 107, 48, 41, 34, 31, 25, 19, 17, 12, 7};
    static const int by_group[4][3] = {{108, 73, 160}, {39, 26, 57}, {7, 5, 11}, {4, 3, 6}};
    int found[DEMO_TOWNS] = {0};
    int found_by_group[4][3] = {{0}};
    for (size_t at = 0; at < DEMO_PEOPLE; at++) {
        const struct demo_person *person = &plan->people[at];
        found[person->town]++;
        found_by_group[person->group][person->town < 2 ? person->town : 2]++;
    }
    assert_memory_equal(found, towns, sizeof towns);
    assert_memory_equal(found_by_group, by_group, sizeof by_group);
}

static void ages_fill_the_published_bands_on_both_days(void **state)
{
    (void)state;
    static const struct {
        int from;
        int to;
        int people;
    } bands[] = {{18, 18, 0},   {19, 24, 42}, {25, 33, 85}, {34, 49, 131},
                 {50, 64, 119}, {65, 74, 27}, {75, 84, 52}, {85, 150, 43}};
    for (size_t band = 0; band < sizeof bands / sizeof bands[0]; band++) {
        int found = 0;
        for (size_t at = 0; at < DEMO_PEOPLE; at++) {
            const int age = calendar_age(plan->people[at].born, plan->first_day);
            assert_int_equal(age, plan->people[at].age);
            found += age >= bands[band].from && age <= bands[band].to;
        }
        assert_int_equal(found, bands[band].people);
    }
    for (size_t at = 0; at < plan->placements_count; at++)
        assert_int_equal(
            calendar_age(person_of(&plan->placements[at])->born, plan->placements[at].from),
            person_of(&plan->placements[at])->age);
}

static void older_people_are_those_of_65_and_over_with_their_reasons(void **state)
{
    (void)state;
    int reasons[16] = {0};
    int physical[3] = {0};
    for (size_t at = 0; at < DEMO_PEOPLE; at++) {
        const struct demo_person *person = &plan->people[at];
        assert_true((person->group == DEMO_OLDER) == (person->age >= 65));
        if (person->group != DEMO_OLDER)
            continue;
        reasons[person->reason]++;
        if (person->reason <= DW__SUPPORT_REASON__SUPPORT_REASON_PHYSICAL_PERSONAL_CARE)
            physical[!person->internal ? 2 : person->external]++;
    }
    assert_int_equal(reasons[1] + reasons[2], 56);
    assert_int_equal(physical[0], 42);
    assert_int_equal(physical[1], 4);
    assert_int_equal(physical[2], 10);
    assert_int_equal(reasons[DW__SUPPORT_REASON__SUPPORT_REASON_MEMORY_AND_COGNITION], 46);
    assert_int_equal(reasons[3] + reasons[4] + reasons[5], 8);
    assert_int_equal(reasons[9] + reasons[10] + reasons[11], 12);
}

static void twelve_people_of_other_groups_hold_thirteen_placements(void **state)
{
    (void)state;
    int people = 0;
    int placements = 0;
    for (size_t at = 0; at < DEMO_PEOPLE; at++)
        people += plan->people[at].ethnicity != DW__ETHNICITY_GROUP__ETHNICITY_GROUP_WHITE;
    for (size_t at = 0; at < plan->placements_count; at++)
        if (is_commissioned(person_of(&plan->placements[at])))
            placements += person_of(&plan->placements[at])->ethnicity !=
                          DW__ETHNICITY_GROUP__ETHNICITY_GROUP_WHITE;
    assert_int_equal(people, 12);
    assert_int_equal(placements, 13);
}

static void more_than_half_of_the_placements_are_building_based(void **state)
{
    (void)state;
    int building = 0;
    for (size_t at = 0; at < plan->placements_count; at++)
        if (is_commissioned(person_of(&plan->placements[at])))
            building += plan->services[plan->placements[at].service].mode ==
                        DW__SERVICE_MODE__SERVICE_MODE_BUILDING;
    assert_true(building * 2 > DEMO_PLACEMENTS);
}

static void no_sitting_is_over_full_and_no_person_is_at_two_places_on_a_day(void **state)
{
    (void)state;
    uint32_t days[DEMO_PEOPLE_MAX] = {0};
    uint32_t taken[DEMO_SERVICES][DEMO_DAYS] = {{0}};
    for (size_t at = 0; at < plan->placements_count; at++) {
        const struct demo_placement *placement = &plan->placements[at];
        assert_true(placement->weekdays != 0);
        assert_int_equal(days[placement->person] & placement->weekdays, 0);
        days[placement->person] |= placement->weekdays;
        for (size_t day = 0; day < DEMO_DAYS; day++)
            taken[placement->service][day] += placement->weekdays >> day & 1;
    }
    for (size_t at = 0; at < plan->services_count; at++)
        for (size_t day = 0; day < DEMO_DAYS; day++)
            assert_true(taken[at][day] <= plan->services[at].places[day]);
}

static void the_same_seed_and_day_give_the_same_plan_and_another_day_other_ids(void **state)
{
    (void)state;
    struct demo_plan *other = calloc(1, sizeof *other);
    demo_plan_make(other, SEED, plan->first_day);
    assert_int_equal(other->placements_count, DEMO_PLACEMENTS_MAX);
    assert_int_equal(other->people_count, DEMO_PEOPLE_MAX);
    assert_memory_equal(other->placements, plan->placements, sizeof plan->placements);
    assert_memory_equal(other->people, plan->people, sizeof plan->people);
    demo_plan_make(other, SEED, plan->first_day + 1);
    assert_false(id_equal(&other->people[0].command_id, &plan->people[0].command_id));
    free(other);
}

static void every_day_of_a_year_and_other_seeds_keep_the_figures(void **state)
{
    const int32_t first = plan->first_day;
    for (int32_t day = 0; day < 366; day += 5) {
        demo_plan_make(plan, (uint64_t)(SEED + day), first + day);
        ages_fill_the_published_bands_on_both_days(state);
        placements_and_pence_stand_in_cost_groups_as_published(state);
        twelve_people_of_other_groups_hold_thirteen_placements(state);
        more_than_half_of_the_placements_are_building_based(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_stand_in_client_groups_as_published),
        cmocka_unit_test(placements_and_pence_stand_in_cost_groups_as_published),
        cmocka_unit_test(internal_and_external_spend_add_up_to_the_penny),
        cmocka_unit_test(people_live_where_the_tables_say),
        cmocka_unit_test(ages_fill_the_published_bands_on_both_days),
        cmocka_unit_test(older_people_are_those_of_65_and_over_with_their_reasons),
        cmocka_unit_test(twelve_people_of_other_groups_hold_thirteen_placements),
        cmocka_unit_test(more_than_half_of_the_placements_are_building_based),
        cmocka_unit_test(no_sitting_is_over_full_and_no_person_is_at_two_places_on_a_day),
        cmocka_unit_test(the_same_seed_and_day_give_the_same_plan_and_another_day_other_ids),
        cmocka_unit_test(every_day_of_a_year_and_other_seeds_keep_the_figures),
    };
    return cmocka_run_group_tests(tests, make_plan, free_plan);
}
