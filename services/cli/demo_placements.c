/* The demonstration's placements: whom a person goes to and on which days, and prices that add up to the pence of the description. */
#include "services/cli/demo.h"

#include "common/calendar.h"

enum {
    WEEKS_OF_YEAR = 52,
    NEARBY = 3,           /* services of a home that are chosen among */
    ENABLEMENT_DAYS = 70, /* nobody has been in a level with a limit for longer */
    LONGEST_DAYS = 180,
    WEEK_DAYS = 7,
    USUAL_SESSIONS = 2, /* where the description says nothing */
};

static int64_t distance2(const Dw__District *one, const Dw__District *other)
{
    /* A degree of longitude is about 0.6 of one of latitude here. */
    const int64_t north = (one->latitude_e6 - other->latitude_e6) / 100;
    const int64_t east = (int64_t)(one->longitude_e6 - other->longitude_e6) * 6 / 1000;
    return north * north + east * east;
}

static bool meets(const Dw__DemoNeeds *needs, Dw__SupportReason reason)
{
    for (size_t at = 0; at < needs->n_needs; at++)
        if (needs->needs[at] == reason)
            return true;
    return false;
}

/* Where the person goes already. */
static bool is_taken(const struct demo_plan *plan, size_t person, size_t service)
{
    for (size_t at = plan->placements_count; at > 0; at--) {
        if (plan->placements[at - 1].person != person)
            return false;
        if (plan->placements[at - 1].service == service)
            return true;
    }
    return false;
}

/* One of the nearest that serve the person: the nearest most often. SIZE_MAX: none does. */
static size_t choose_service(const struct demo_plan *plan, size_t number, bool internal,
                             struct demo_random *random)
{
    const struct demo_person *person = &plan->people[number];
    size_t best[NEARBY];
    size_t count = 0;
    for (size_t at = 0; at < plan->services_count; at++) {
        const struct demo_service *service = &plan->services[at];
        if (demo_is_internal(plan, service) != internal || !meets(service->needs, person->reason) ||
            is_taken(plan, number, at))
            continue;
        size_t place = count < NEARBY ? count++ : NEARBY;
        for (; place > 0; place--) {
            if (distance2(plan->services[best[place - 1]].district, person->district) <=
                distance2(service->district, person->district))
                break;
            if (place < NEARBY)
                best[place] = best[place - 1];
        }
        if (place < NEARBY)
            best[place] = at;
    }
    if (count == 0)
        return SIZE_MAX;
    const uint32_t chance = demo_below(random, 10);
    const size_t wanted = chance < 6 ? 0 : chance < 9 ? 1 : 2;
    return best[wanted < count ? wanted : count - 1];
}

static uint32_t longest_stay(const struct demo_plan *plan, uint32_t level)
{
    for (size_t at = 0; at < plan->model->n_levels; at++)
        if (plan->model->levels[at]->number == level && plan->model->levels[at]->limit_weeks > 0)
            return ENABLEMENT_DAYS;
    return LONGEST_DAYS;
}

static const char *add_placement(struct demo_plan *plan, struct ids *ids,
                                 struct demo_random *random, size_t person, bool internal,
                                 uint32_t first, uint32_t sessions)
{
    if (plan->placements_count == DEMO_PLACEMENTS_MAX)
        return "there are too many placements";
    const size_t chosen = choose_service(plan, person, internal, random);
    if (chosen == SIZE_MAX)
        return "no service of the kind that is wanted meets somebody's needs";
    struct demo_placement *placement = &plan->placements[plan->placements_count++];
    placement->id = ids_next(ids, 0);
    placement->hold_id = ids_next(ids, 0);
    for (size_t at = 0; at < sizeof placement->command_ids / sizeof placement->command_ids[0]; at++)
        placement->command_ids[at] = ids_next(ids, 0);
    placement->person = person;
    placement->service = chosen;
    placement->sessions = sessions;
    struct demo_service *service = &plan->services[chosen];
    for (uint32_t at = 0; at < sessions; at++) {
        const uint32_t day = (first + at) % DEMO_DAYS;
        placement->weekdays |= UINT32_C(1) << day;
        service->taken[day]++;
    }
    placement->from =
        plan->first_day - WEEK_DAYS -
        (int32_t)demo_below(random, longest_stay(plan, service->shape->level) - WEEK_DAYS);
    placement->price_pence_per_week = (int64_t)service->price_pence * sessions;
    placement->price_pence_per_year = placement->price_pence_per_week * WEEKS_OF_YEAR;
    return NULL;
}

/* Usual sessions a week of the person's group on that side; one more or less by chance. */
static uint32_t choose_sessions(const struct demo_plan *plan, const struct demo_person *person,
                                bool internal, struct demo_random *random)
{
    uint32_t usual = USUAL_SESSIONS;
    for (size_t at = 0; at < plan->as->n_costs; at++) {
        const Dw__DemoCost *cost = plan->as->costs[at];
        if (demo_is_named(plan, person->group, cost->groups, cost->n_groups))
            usual = internal ? cost->internal_sessions : cost->external_sessions;
    }
    const uint32_t chance = demo_below(random, 4);
    return chance == 0 && usual < DEMO_DAYS ? usual + 1
           : chance == 1 && usual > 1       ? usual - 1
           : usual == 0                     ? 1
                                            : usual;
}

static const char *place_person(struct demo_plan *plan, struct ids *ids, struct demo_random *random,
                                size_t number)
{
    const struct demo_person *person = &plan->people[number];
    uint32_t first = demo_below(random, DEMO_DAYS);
    const uint32_t places = person->internal + person->external;
    uint32_t sessions[DEMO_PLACES_MAX];
    uint32_t all = 0;
    for (uint32_t at = 0; at < places; at++)
        all += sessions[at] = choose_sessions(plan, person, at < person->internal, random);
    while (all > DEMO_DAYS) { /* several services share the five days */
        uint32_t most = 0;
        for (uint32_t at = 1; at < places; at++)
            if (sessions[at] >= sessions[most])
                most = at;
        sessions[most]--;
        all--;
    }
    for (uint32_t at = 0; at < places; at++) {
        const char *wrong =
            add_placement(plan, ids, random, number, at < person->internal, first, sessions[at]);
        if (wrong != NULL)
            return wrong;
        first += sessions[at];
    }
    return NULL;
}

/* --- prices ---------------------------------------------------------------------------------------------------------- */

static bool in_cell(const struct demo_plan *plan, const struct demo_placement *placement,
                    const Dw__DemoCost *cost, bool internal)
{
    const struct demo_person *person = &plan->people[placement->person];
    return demo_is_named(plan, person->group, cost->groups, cost->n_groups) &&
           demo_is_internal(plan, &plan->services[placement->service]) == internal;
}

/* A cell's pence by sessions: each gets the whole pence of its share, and what is left goes one penny each to those who
 * lost most by rounding; equal ones in order. */
static void share_cell(struct demo_plan *plan, const Dw__DemoCost *cost, bool internal,
                       int64_t total_pence)
{
    int64_t units = 0;
    int64_t left_pence = total_pence;
    bool given[DEMO_PLACEMENTS_MAX] = {false};
    for (size_t at = 0; at < plan->placements_count; at++)
        if (in_cell(plan, &plan->placements[at], cost, internal))
            units += plan->placements[at].sessions;
    for (size_t at = 0; at < plan->placements_count; at++)
        if (in_cell(plan, &plan->placements[at], cost, internal)) {
            plan->placements[at].price_pence_per_year =
                total_pence * plan->placements[at].sessions / units;
            left_pence -= plan->placements[at].price_pence_per_year;
        }
    for (; left_pence > 0 && units > 0; left_pence--) {
        size_t most = plan->placements_count;
        int64_t most_lost = -1;
        for (size_t at = 0; at < plan->placements_count; at++) {
            const int64_t lost = total_pence * plan->placements[at].sessions % units;
            if (!given[at] && in_cell(plan, &plan->placements[at], cost, internal) &&
                lost > most_lost) {
                most = at;
                most_lost = lost;
            }
        }
        given[most] = true;
        plan->placements[most].price_pence_per_year++;
    }
}

static void share_costs(struct demo_plan *plan)
{
    for (size_t at = 0; at < plan->as->n_costs; at++) {
        const Dw__DemoCost *cost = plan->as->costs[at];
        if (cost->internal_pence > 0)
            share_cell(plan, cost, true, cost->internal_pence);
        if (cost->external_pence > 0)
            share_cell(plan, cost, false, cost->external_pence);
    }
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

const char *demo_make_placements(struct demo_plan *plan, struct ids *ids,
                                 struct demo_random *random)
{
    const char *wrong = NULL;
    for (size_t at = 0; at < plan->people_count && wrong == NULL; at++)
        wrong = place_person(plan, ids, random, at);
    if (wrong == NULL) {
        share_costs(plan);
        set_places(plan, random);
    }
    return wrong;
}

int64_t demo_framework_left(const struct demo_plan *plan, const Dw__Framework *framework,
                            size_t extensions, int32_t *ret_months)
{
    enum { MONTHS_A_YEAR = 12 };
    int64_t year_pence = 0;
    for (size_t at = 0; at < plan->placements_count; at++) {
        const struct demo_service *service = &plan->services[plan->placements[at].service];
        if (plan->placements[at].person < plan->commissioned_count &&
            plan->providers[service->provider].as->framework == framework->number)
            year_pence += plan->placements[at].price_pence_per_year;
    }
    *ret_months = calendar_month(framework->to->days + 1) - calendar_month(framework->from->days);
    for (size_t at = 0; at < extensions && at < framework->n_extension_months; at++)
        *ret_months += (int32_t)framework->extension_months[at];
    return framework->value_pence - year_pence * *ret_months / MONTHS_A_YEAR;
}

static void set_contribution(struct demo_plan *plan, size_t number, struct ids *ids)
{
    struct demo_person *person = &plan->people[number];
    for (size_t at = 0; at < plan->as->n_contributions && person->contribution_pence == 0; at++) {
        const Dw__DemoContribution *as = plan->as->contributions[at];
        if (as->one_in > 0 && number % as->one_in == 0)
            person->contribution_pence = as->pence_per_week;
    }
    person->contribution_command_id = ids_next(ids, 0);
}

const char *demo_plan_make(struct demo_plan *plan, const Dw__Demonstration *as,
                           const Dw__CommissioningModel *model, uint64_t seed, int32_t first_day)
{
    struct ids ids;
    struct demo_random random = {.state = seed};
    *plan = (struct demo_plan){.as = as, .model = model, .first_day = first_day};
    /* Another day has other ids, so that the position of a new day is not a repetition of yesterday's. */
    ids_init_seeded(&ids, seed * 1000003 + (uint64_t)(uint32_t)first_day);
    const char *wrong = model->n_districts == 0 ? "the model has no districts" : NULL;
    if (wrong == NULL)
        wrong = demo_make_services(plan, &ids);
    if (wrong == NULL)
        wrong = demo_make_people(plan, &ids, &random);
    if (wrong == NULL)
        wrong = demo_make_placements(plan, &ids, &random);
    if (wrong == NULL && as->n_engagements > DEMO_ENGAGEMENTS_MAX)
        wrong = "too much engagement";
    for (size_t at = 0; wrong == NULL && at < plan->commissioned_count; at++)
        set_contribution(plan, at, &ids);
    for (size_t at = 0; wrong == NULL && at < as->n_engagements; at++) {
        plan->engagement_ids[at][0] = ids_next(&ids, 0);
        plan->engagement_ids[at][1] = ids_next(&ids, 0);
    }
    return wrong;
}
