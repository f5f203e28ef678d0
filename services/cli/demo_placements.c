/* The demonstration's placements: whom a person goes to and on which days, and prices that add up to the published pence. */
#include "services/cli/demo.h"

#include <assert.h>

enum {
    POUND = 100,
    WEEKS_OF_YEAR = 52,
    NEARBY = 3,           /* services of a home that are chosen among */
    ENABLEMENT_DAYS = 70, /* nobody has been in enablement for longer */
    LONGEST_DAYS = 180,
    WEEK_DAYS = 7,
};

/* Pounds a year, internal and external: the published tables. */
static const int64_t pounds[DEMO_COST_GROUPS][2] = {[COST_LEARNING] = {2795000, 1112400},
                                                    [COST_OLDER] = {257000, 80000},
                                                    [COST_MENTAL] = {26000, 20600},
                                                    [COST_PHYSICAL] = {292000, 127000}};

/* Usual sessions a week; one more or less by chance. */
static const uint32_t usual_sessions[DEMO_COST_GROUPS][2] = {[COST_LEARNING] = {4, 3},
                                                             [COST_OLDER] = {2, 2},
                                                             [COST_MENTAL] = {1, 2},
                                                             [COST_PHYSICAL] = {2, 2}};

static int64_t distance2(size_t one, size_t other)
{
    /* A degree of longitude is about 0.6 of one of latitude here. */
    const int64_t north = (demo_town_e6[one][0] - demo_town_e6[other][0]) / 100;
    const int64_t east = (demo_town_e6[one][1] - demo_town_e6[other][1]) * 6 / 1000;
    return north * north + east * east;
}

static bool serves(const struct demo_service *service, const struct demo_person *person,
                   bool internal)
{
    return (service->provider == 0) == internal && (service->needs >> person->reason & 1) != 0;
}

/* One of the nearest that serve the person: the nearest most often. */
static size_t choose_service(const struct demo_plan *plan, const struct demo_person *person,
                             bool internal, struct demo_random *random)
{
    size_t best[NEARBY];
    size_t count = 0;
    for (size_t at = 0; at < plan->services_count; at++) {
        if (!serves(&plan->services[at], person, internal))
            continue;
        size_t place = count < NEARBY ? count++ : NEARBY;
        for (; place > 0; place--) {
            if (distance2(plan->services[best[place - 1]].town, person->town) <=
                distance2(plan->services[at].town, person->town))
                break;
            if (place < NEARBY)
                best[place] = best[place - 1];
        }
        if (place < NEARBY)
            best[place] = at;
    }
    assert(count > 0);
    const uint32_t chance = demo_below(random, 10);
    const size_t wanted = chance < 6 ? 0 : chance < 9 ? 1 : 2;
    return best[wanted < count ? wanted : count - 1];
}

static void add_placement(struct demo_plan *plan, struct ids *ids, struct demo_random *random,
                          size_t person_number, bool internal, uint32_t first, uint32_t sessions)
{
    struct demo_placement *placement = &plan->placements[plan->placements_count++];
    const struct demo_person *person = &plan->people[person_number];
    placement->id = ids_next(ids, 0);
    placement->hold_id = ids_next(ids, 0);
    for (size_t at = 0; at < 3; at++)
        placement->command_ids[at] = ids_next(ids, 0);
    placement->person = person_number;
    placement->service = choose_service(plan, person, internal, random);
    placement->sessions = sessions;
    struct demo_service *service = &plan->services[placement->service];
    for (uint32_t at = 0; at < sessions; at++) {
        const uint32_t day = (first + at) % DEMO_DAYS;
        placement->weekdays |= UINT32_C(1) << day;
        service->taken[day]++;
    }
    placement->from = plan->first_day - WEEK_DAYS -
                      (int32_t)demo_below(random, service->level == 3 ? ENABLEMENT_DAYS - WEEK_DAYS
                                                                      : LONGEST_DAYS - WEEK_DAYS);
    placement->price_pence_per_week = (int64_t)service->price_pence * sessions;
    placement->price_pence_per_year = placement->price_pence_per_week * WEEKS_OF_YEAR;
}

static uint32_t choose_sessions(const struct demo_person *person, bool internal,
                                struct demo_random *random)
{
    const uint32_t usual = usual_sessions[person->cost_group][internal ? 0 : 1];
    const uint32_t chance = demo_below(random, 4);
    return chance == 0 && usual < DEMO_DAYS ? usual + 1
           : chance == 1 && usual > 1       ? usual - 1
                                            : usual;
}

static void place_person(struct demo_plan *plan, struct ids *ids, struct demo_random *random,
                         size_t number)
{
    const struct demo_person *person = &plan->people[number];
    const uint32_t first = demo_below(random, DEMO_DAYS);
    uint32_t internal = person->internal ? choose_sessions(person, true, random) : 0;
    uint32_t external = person->external ? choose_sessions(person, false, random) : 0;
    /* Two providers share the five days. */
    while (internal + external > DEMO_DAYS) {
        if (internal > external)
            internal--;
        else
            external--;
    }
    if (internal > 0)
        add_placement(plan, ids, random, number, true, first, internal);
    if (external > 0)
        add_placement(plan, ids, random, number, false, first + internal, external);
}

static bool in_cell(const struct demo_plan *plan, const struct demo_placement *placement, int group,
                    bool internal)
{
    const struct demo_person *person = &plan->people[placement->person];
    return person->funding == DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED &&
           (int)person->cost_group == group &&
           (plan->services[placement->service].provider == 0) == internal;
}

/* A cell's pence by sessions: each gets the whole pence of its share, and what is left goes one penny each to those who
 * lost most by rounding; equal ones in order. */
static void share_cell(struct demo_plan *plan, int group, bool internal)
{
    const int64_t total = pounds[group][internal ? 0 : 1] * POUND;
    int64_t units = 0;
    int64_t left = total;
    bool given[DEMO_PLACEMENTS_MAX] = {false};
    for (size_t at = 0; at < plan->placements_count; at++)
        if (in_cell(plan, &plan->placements[at], group, internal))
            units += plan->placements[at].sessions;
    for (size_t at = 0; at < plan->placements_count; at++)
        if (in_cell(plan, &plan->placements[at], group, internal)) {
            plan->placements[at].price_pence_per_year =
                total * plan->placements[at].sessions / units;
            left -= plan->placements[at].price_pence_per_year;
        }
    for (; left > 0; left--) {
        size_t most = plan->placements_count;
        int64_t most_lost = -1;
        for (size_t at = 0; at < plan->placements_count; at++) {
            const int64_t lost = total * plan->placements[at].sessions % units;
            if (!given[at] && in_cell(plan, &plan->placements[at], group, internal) &&
                lost > most_lost) {
                most = at;
                most_lost = lost;
            }
        }
        given[most] = true;
        plan->placements[most].price_pence_per_year++;
    }
}

static void set_weekly(struct demo_plan *plan)
{
    for (size_t at = 0; at < plan->placements_count; at++)
        plan->placements[at].price_pence_per_week =
            (plan->placements[at].price_pence_per_year + WEEKS_OF_YEAR / 2) / WEEKS_OF_YEAR;
}

/* Places are what is taken and a few more; some days are full, as they are in life. */
static void set_places(struct demo_plan *plan, struct demo_random *random)
{
    for (size_t at = 0; at < plan->services_count; at++)
        for (size_t day = 0; day < DEMO_DAYS; day++) {
            const uint32_t chance = demo_below(random, 6);
            plan->services[at].places[day] = plan->services[at].taken[day] + chance;
            if (plan->services[at].places[day] == 0)
                plan->services[at].places[day] = 4;
        }
}

void demo_make_placements(struct demo_plan *plan, struct ids *ids, struct demo_random *random)
{
    for (size_t at = 0; at < plan->people_count; at++)
        place_person(plan, ids, random, at);
    for (int group = 0; group < DEMO_COST_GROUPS; group++) {
        share_cell(plan, group, true);
        share_cell(plan, group, false);
    }
    set_weekly(plan);
    set_places(plan, random);
}

void demo_plan_make(struct demo_plan *plan, uint64_t seed, int32_t first_day)
{
    struct ids ids;
    struct demo_random random = {.state = seed};
    *plan = (struct demo_plan){.first_day = first_day};
    /* Another day is another plan, so it needs other ids. */
    ids_init_seeded(&ids, seed * 1000003 + (uint64_t)(uint32_t)first_day);
    demo_make_services(plan, &ids);
    demo_make_people(plan, &ids, &random);
    demo_make_placements(plan, &ids, &random);
}
