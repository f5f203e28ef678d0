/* Proves that the demonstrations reproduce the published positions of the four councils, figure by figure, from every seed and day. */
#include "services/cli/demo.h"

#include "common/arena.h"
#include "common/authority.h"
#include "common/calendar.h"
#include "common/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FILES_MAX = 64 * 1024 * 1024, TODAY = 20780 };

static struct demo_plan *plan;
static struct arena *arena;

static const ProtobufCMessage *read_file(const char *folder, const char *council,
                                         const ProtobufCMessageDescriptor *type)
{
    char path[256];
    char error[512] = "";
    uint8_t digest[32];
    const ProtobufCMessage *message;
    (void)text_format(path, sizeof path, "deploy/%s/%s.json", folder, council);
    if (authority_load_model(path, type, arena, &message, digest, error, sizeof error) < 0)
        fail_msg("%s", error);
    return message;
}

static void make_with(uint64_t seed, int32_t day)
{
    const char *wrong = demo_plan_make(plan, plan->as, plan->model, seed, day);
    if (wrong != NULL)
        fail_msg("%s", wrong);
}

/* The council's plan from its own seed. */
static void make(const char *council)
{
    plan->as = (const Dw__Demonstration *)read_file("demonstrations", council,
                                                    &dw__demonstration__descriptor);
    plan->model = (const Dw__CommissioningModel *)read_file("authorities", council,
                                                            &dw__commissioning_model__descriptor);
    make_with(plan->as->seed, TODAY);
}

static int begin(void **state)
{
    (void)state;
    plan = calloc(1, sizeof *plan);
    arena = arena_create(FILES_MAX);
    return plan == NULL || arena == NULL;
}

static int end(void **state)
{
    (void)state;
    free(plan);
    arena_destroy(&arena);
    return 0;
}

static const struct demo_person *person_of(const struct demo_placement *placement)
{
    return &plan->people[placement->person];
}

static bool is_internal(const struct demo_placement *placement)
{
    return demo_is_internal(plan, &plan->services[placement->service]);
}

/* A grouping of the council's model counts people by reason and age as reports do. */
static const Dw__Group *group_of(const char *grouping, const struct demo_person *person)
{
    for (size_t at = 0; at < plan->model->n_groupings; at++) {
        const Dw__Grouping *list = plan->model->groupings[at];
        for (size_t which = 0; strcmp(list->name, grouping) == 0 && which < list->n_groups;
             which++) {
            const Dw__Group *group = list->groups[which];
            for (size_t reason = 0; reason < group->n_reasons; reason++)
                if (group->reasons[reason] == person->reason && person->age >= group->age_from &&
                    (group->age_to == 0 || person->age <= group->age_to))
                    return group;
        }
    }
    fail_msg("somebody is in no group of %s", grouping);
    return NULL;
}

struct counted {
    int people[3]; /* internal only, both, external only */
    int placements[2];
    int64_t pence[2];
    int homes[3]; /* the first district, the second, all others */
};

static struct counted count(const char *grouping, const char *group)
{
    struct counted found = {0};
    for (size_t at = 0; at < plan->commissioned_count; at++) {
        const struct demo_person *person = &plan->people[at];
        if (group != NULL && strcmp(group_of(grouping, person)->name, group) != 0)
            continue;
        found.people[person->internal == 0 ? 2 : person->external > 0]++;
        found.homes[person->district->number <= 2 ? person->district->number - 1 : 2]++;
    }
    for (size_t at = 0; at < plan->placements_count; at++) {
        const struct demo_placement *placement = &plan->placements[at];
        if (placement->person >= plan->commissioned_count ||
            (group != NULL && strcmp(group_of(grouping, person_of(placement))->name, group) != 0))
            continue;
        const int side = is_internal(placement) ? 0 : 1;
        found.placements[side]++;
        found.pence[side] += placement->price_pence_per_year;
    }
    return found;
}

static void cheshire_east_as_published(void)
{
    static const struct {
        const char *grouping;
        const char *group;
        struct counted wanted;
    } ROWS[] = {
        {"client group",
         "Learning disability",
         {{167, 66, 108}, {233, 174}, {279500000, 111240000}, {108, 73, 160}}},
        {"client group",
         "65 and over with a life-limiting illness",
         {{93, 8, 21}, {101, 29}, {0}, {39, 26, 57}}},
        {"client group", "Physical disability 18 to 64", {{13, 3, 7}, {16, 10}, {0}, {7, 5, 11}}},
        {"client group",
         "Mental health 18 to 64",
         {{7, 1, 5}, {8, 6}, {2600000, 2060000}, {4, 3, 6}}},
        {"cost group",
         "Older people (sensory, cognition, social)",
         {{0}, {55, 15}, {25700000, 8000000}, {0}}},
        {"cost group",
         "Physical and sensory impairment",
         {{0}, {62, 24}, {29200000, 12700000}, {0}}},
        {NULL, NULL, {{280, 78, 141}, {358, 219}, {337000000, 134000000}, {158, 107, 234}}},
    };
    for (size_t at = 0; at < sizeof ROWS / sizeof ROWS[0]; at++) {
        const struct counted found = count(ROWS[at].grouping, ROWS[at].group);
        const struct counted *wanted = &ROWS[at].wanted;
        assert_memory_equal(found.placements, wanted->placements, sizeof found.placements);
        if (wanted->people[0] > 0)
            assert_memory_equal(found.people, wanted->people, sizeof found.people);
        if (wanted->pence[0] > 0)
            assert_memory_equal(found.pence, wanted->pence, sizeof found.pence);
        if (wanted->homes[0] > 0)
            assert_memory_equal(found.homes, wanted->homes, sizeof found.homes);
    }
}

static void the_position_of_cheshire_east_is_the_published_one(void **state)
{
    (void)state;
    static const int towns[] = {158, 107, 48, 41, 34, 31, 25, 19, 17, 12, 7};
    int found[11] = {0};
    make("cheshire-east");
    cheshire_east_as_published();
    assert_int_equal(plan->commissioned_count, 499);
    assert_int_equal(plan->people_count, 549);
    for (size_t at = 0; at < plan->commissioned_count; at++)
        found[plan->people[at].district->number - 1]++;
    assert_memory_equal(found, towns, sizeof towns);
}

/* Ages on the first day, and that nobody was younger when their placement began. */
static void ages_fill_the_bands(void)
{
    for (size_t list = 0; list < plan->as->n_ages; list++)
        for (size_t band = 0; band < plan->as->ages[list]->n_bands; band++) {
            const Dw__DemoAgeBand *as = plan->as->ages[list]->bands[band];
            uint32_t found = 0;
            for (size_t at = 0; at < plan->commissioned_count; at++) {
                const struct demo_person *person = &plan->people[at];
                assert_int_equal(calendar_age(person->born, plan->first_day), person->age);
                found += demo_is_named(plan, person->group, plan->as->ages[list]->groups,
                                       plan->as->ages[list]->n_groups) &&
                         person->age >= as->from && person->age <= as->to;
            }
            assert_int_equal(found, as->people);
        }
    for (size_t at = 0; at < plan->placements_count; at++)
        assert_int_equal(
            calendar_age(person_of(&plan->placements[at])->born, plan->placements[at].from),
            person_of(&plan->placements[at])->age);
}

static void twelve_people_of_other_groups_hold_thirteen_placements(void)
{
    int people = 0;
    int placements = 0;
    for (size_t at = 0; at < plan->commissioned_count; at++)
        people += plan->people[at].ethnicity != DW__ETHNICITY_GROUP__ETHNICITY_GROUP_WHITE;
    for (size_t at = 0; at < plan->placements_count; at++)
        placements += plan->placements[at].person < plan->commissioned_count &&
                      person_of(&plan->placements[at])->ethnicity !=
                          DW__ETHNICITY_GROUP__ETHNICITY_GROUP_WHITE;
    assert_int_equal(people, 12);
    assert_int_equal(placements, 13);
}

static void more_than_half_are_building_based(void)
{
    int building = 0;
    for (size_t at = 0; at < plan->placements_count; at++)
        building += plan->placements[at].person < plan->commissioned_count &&
                    plan->services[plan->placements[at].service].shape->mode ==
                        DW__SERVICE_MODE__SERVICE_MODE_BUILDING;
    assert_true(building * 2 > 577);
}

/* What must hold of every plan, whatever council, seed and day. */
static void nothing_is_over_full_and_nobody_is_at_two_places_on_a_day(void)
{
    uint32_t days[DEMO_PEOPLE_MAX] = {0};
    uint32_t taken[DEMO_SERVICES_MAX][DEMO_DAYS] = {{0}};
    for (size_t at = 0; at < plan->placements_count; at++) {
        const struct demo_placement *placement = &plan->placements[at];
        assert_true(placement->weekdays != 0);
        assert_true(placement->price_pence_per_year > 0);
        assert_int_equal(days[placement->person] & placement->weekdays, 0);
        days[placement->person] |= placement->weekdays;
        for (size_t day = 0; day < DEMO_DAYS; day++)
            taken[placement->service][day] += placement->weekdays >> day & 1;
    }
    for (size_t at = 0; at < plan->services_count; at++)
        for (size_t day = 0; day < DEMO_DAYS; day++)
            assert_true(taken[at][day] <= plan->services[at].places[day]);
}

static void cheshire_east_holds_from_every_seed_and_day(void **state)
{
    (void)state;
    make("cheshire-east");
    for (int32_t day = 0; day < 366; day += 5) {
        if (day > 0)
            make_with(plan->as->seed + (uint64_t)day, TODAY + day);
        cheshire_east_as_published();
        ages_fill_the_bands();
        twelve_people_of_other_groups_hold_thirteen_placements();
        more_than_half_are_building_based();
        nothing_is_over_full_and_nobody_is_at_two_places_on_a_day();
    }
}

static void nottinghamshire_is_1400_people_and_two_budgets_in_one_envelope(void **state)
{
    (void)state;
    make("nottinghamshire");
    const struct counted all = count(NULL, NULL);
    assert_int_equal(all.people[0], 700);
    assert_int_equal(all.people[1], 60);
    assert_int_equal(all.people[2], 640);
    assert_int_equal(all.pence[0], plan->model->budget_lines[0]->amount_pence);
    assert_int_equal(all.pence[1], plan->model->budget_lines[1]->amount_pence);
    assert_int_equal(all.pence[0] + all.pence[1], INT64_C(1840000000));
    /* Over 1,500 were heard for the strategy. */
    assert_int_equal(plan->as->n_engagements, 1);
    assert_in_range(plan->as->engagements[0]->people + plan->as->engagements[0]->carers, 1501,
                    1599);
    /* In-house attendance is at 70 where 2020 was 100. */
    const Dw__Measure *measure = plan->model->measures[0];
    assert_int_equal(measure->kind, DW__MEASURE_KIND__MEASURE_KIND_PEOPLE_INTERNAL);
    assert_int_equal(measure->baseline_year, 2020);
    assert_int_equal((100U * (uint32_t)(all.people[0] + all.people[1]) + measure->baseline / 2) /
                         measure->baseline,
                     70);
    ages_fill_the_bands();
    nothing_is_over_full_and_nobody_is_at_two_places_on_a_day();
}

static void sefton_is_21_providers_with_extended_contracts(void **state)
{
    (void)state;
    make("sefton");
    assert_int_equal(plan->providers_count, 21);
    for (size_t at = 0; at < plan->providers_count; at++) {
        assert_int_equal(plan->providers[at].as->contract,
                         DW__CONTRACT_KIND__CONTRACT_KIND_INTERIM);
        assert_int_equal(plan->providers[at].as->extension_months[0], 12);
        assert_int_equal(plan->providers[at].as->extended, 1);
    }
    const struct counted all = count(NULL, NULL);
    assert_int_equal(plan->commissioned_count, 520);
    assert_int_equal(all.placements[0], 0);
    assert_int_equal(all.placements[1], 600);
    size_t paying = 0;
    int64_t week_pence = 0;
    for (size_t at = 0; at < plan->people_count; at++) {
        paying += plan->people[at].contribution_pence > 0;
        week_pence += plan->people[at].contribution_pence;
    }
    assert_int_equal(paying, 87 + 86); /* one in six, and of the rest one in four */
    assert_int_equal(week_pence, 87 * 4200 + 86 * 1850);
    /* A budget is no spend. */
    assert_int_equal(plan->model->budget_lines[0]->amount_pence, INT64_C(489265000));
    assert_true(all.pence[1] != plan->model->budget_lines[0]->amount_pence);
    ages_fill_the_bands();
    nothing_is_over_full_and_nobody_is_at_two_places_on_a_day();
}

static void stockport_would_leave_178164_of_its_framework_in_four_years(void **state)
{
    (void)state;
    make("stockport");
    const struct counted all = count(NULL, NULL);
    assert_int_equal(plan->commissioned_count, 557);
    assert_int_equal(all.placements[1], 644);
    assert_int_equal(all.pence[1], INT64_C(525545900));
    int32_t months;
    assert_int_equal(demo_framework_left(plan, plan->model->frameworks[0], 0, &months),
                     INT64_C(2120000000) - 2 * INT64_C(525545900));
    assert_int_equal(months, 24);
    assert_int_equal(demo_framework_left(plan, plan->model->frameworks[0], 1, &months),
                     INT64_C(17816400));
    assert_int_equal(months, 48);
    for (size_t at = 0; at < plan->people_count; at++)
        assert_int_not_equal(plan->people[at].reason,
                             DW__SUPPORT_REASON__SUPPORT_REASON_MENTAL_HEALTH);
    ages_fill_the_bands();
    nothing_is_over_full_and_nobody_is_at_two_places_on_a_day();
}

static void the_same_seed_and_day_give_the_same_plan_and_another_day_other_ids(void **state)
{
    (void)state;
    make("cheshire-east");
    struct demo_plan *other = calloc(1, sizeof *other);
    assert_null(demo_plan_make(other, plan->as, plan->model, plan->as->seed, TODAY));
    assert_memory_equal(other->placements, plan->placements, sizeof plan->placements);
    assert_memory_equal(other->people, plan->people, sizeof plan->people);
    assert_null(demo_plan_make(other, plan->as, plan->model, plan->as->seed, TODAY + 1));
    assert_false(id_equal(&other->people[0].command_id, &plan->people[0].command_id));
    free(other);
}

/* Proves: a description that does not add up is told, and no plan is made of it. */
static void what_does_not_hold_together_is_told(void **state)
{
    (void)state;
    make("sefton");
    Dw__Demonstration *as = (Dw__Demonstration *)(uintptr_t)plan->as;
    as->homes[0]->homes[0]->people--;
    assert_string_equal(demo_plan_make(plan, as, plan->model, 1, TODAY),
                        "homes are fewer than people");
    as->homes[0]->homes[0]->people += 2;
    assert_non_null(demo_plan_make(plan, as, plan->model, 1, TODAY));
    as->homes[0]->homes[0]->people--;
    as->groups[0]->reasons[0]->people--;
    assert_non_null(demo_plan_make(plan, as, plan->model, 1, TODAY));
    as->groups[0]->reasons[0]->people++;
    as->providers[0]->services[0]->district = 60;
    assert_non_null(demo_plan_make(plan, as, plan->model, 1, TODAY));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_position_of_cheshire_east_is_the_published_one),
        TEST(cheshire_east_holds_from_every_seed_and_day),
        TEST(nottinghamshire_is_1400_people_and_two_budgets_in_one_envelope),
        TEST(sefton_is_21_providers_with_extended_contracts),
        TEST(stockport_would_leave_178164_of_its_framework_in_four_years),
        TEST(the_same_seed_and_day_give_the_same_plan_and_another_day_other_ids),
        TEST(what_does_not_hold_together_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
