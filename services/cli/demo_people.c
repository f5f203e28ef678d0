/* The demonstration's people: every published figure is a list of exact counts, dealt out in an order the seed shuffles. */
#include "services/cli/demo.h"

#include "common/calendar.h"

#include <string.h>

enum { HALF_YEAR_DAYS = 183, YEAR_DAYS = 360, WOMEN_PERCENT = 46 };

uint32_t demo_below(struct demo_random *random, uint32_t limit)
{
    /* splitmix64 (Steele, Lea and Flood 2014); the bias of the remainder does not matter here. */
    uint64_t mixed = random->state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((mixed ^ (mixed >> 31)) % limit);
}

void demo_shuffle(struct demo_random *random, size_t *numbers, size_t count)
{
    for (size_t at = count; at > 1; at--) {
        const size_t other = demo_below(random, (uint32_t)at);
        const size_t number = numbers[at - 1];
        numbers[at - 1] = numbers[other];
        numbers[other] = number;
    }
}

bool demo_is_named(const struct demo_plan *plan, size_t group, char *const *names, size_t count)
{
    for (size_t at = 0; at < count && group < plan->as->n_groups; at++)
        if (strcmp(plan->as->groups[group]->name, names[at]) == 0)
            return true;
    return false;
}

/* --- groups and reasons -------------------------------------------------------------------------------------------- */

static const char *add_person(struct demo_plan *plan, struct ids *ids,
                              struct demo_person **ret_person)
{
    if (plan->people_count == DEMO_PEOPLE_MAX)
        return "there are too many people";
    struct demo_person *person = &plan->people[plan->people_count++];
    person->id = ids_next(ids, 0);
    person->command_id = ids_next(ids, 0);
    person->funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    person->ethnicity = DW__ETHNICITY_GROUP__ETHNICITY_GROUP_WHITE;
    *ret_person = person;
    return NULL;
}

static const char *add_people(struct demo_plan *plan, struct ids *ids)
{
    for (size_t group = 0; group < plan->as->n_groups; group++)
        for (size_t at = 0; at < plan->as->groups[group]->n_cells; at++) {
            const Dw__DemoCell *cell = plan->as->groups[group]->cells[at];
            if (cell->internal + cell->external < 1 ||
                cell->internal + cell->external > DEMO_PLACES_MAX)
                return "a cell's people have no place, or too many";
            for (uint32_t number = 0; number < cell->people; number++) {
                struct demo_person *person;
                const char *wrong = add_person(plan, ids, &person);
                if (wrong != NULL)
                    return wrong;
                person->group = group;
                person->internal = cell->internal;
                person->external = cell->external;
            }
        }
    plan->commissioned_count = plan->people_count;
    return NULL;
}

/* Fills ret_order with the commissioned people that are asked for, shuffled; returns how many. */
static size_t deal_to(const struct demo_plan *plan, struct demo_random *random, char *const *groups,
                      size_t groups_count, bool (*wanted)(const struct demo_person *person),
                      size_t ret_order[DEMO_PEOPLE_MAX])
{
    size_t count = 0;
    for (size_t at = 0; at < plan->commissioned_count; at++)
        if ((groups == NULL || demo_is_named(plan, plan->people[at].group, groups, groups_count)) &&
            wanted(&plan->people[at]))
            ret_order[count++] = at;
    demo_shuffle(random, ret_order, count);
    return count;
}

static bool is_any(const struct demo_person *person)
{
    (void)person;
    return true;
}

static const char *give_reasons(struct demo_plan *plan, struct demo_random *random)
{
    size_t order[DEMO_PEOPLE_MAX];
    for (size_t group = 0; group < plan->as->n_groups; group++) {
        Dw__DemoGroup *as = plan->as->groups[group];
        const size_t count = deal_to(plan, random, &as->name, 1, is_any, order);
        size_t dealt = 0;
        for (size_t at = 0; at < as->n_reasons; at++)
            for (uint32_t number = 0; number < as->reasons[at]->people && dealt < count; number++)
                plan->people[order[dealt++]].reason = as->reasons[at]->reason;
        if (dealt != count)
            return "a group's reasons are fewer than its people";
    }
    return NULL;
}

/* --- homes, ages, ethnicity ------------------------------------------------------------------------------------------ */

static bool has_no_home(const struct demo_person *person)
{
    return person->district == NULL;
}

static const Dw__District *find_district(const struct demo_plan *plan, uint32_t number)
{
    for (size_t at = 0; at < plan->model->n_districts; at++)
        if (plan->model->districts[at]->number == number)
            return plan->model->districts[at];
    return NULL;
}

static const char *give_homes(struct demo_plan *plan, struct demo_random *random)
{
    size_t order[DEMO_PEOPLE_MAX];
    for (size_t list = 0; list < plan->as->n_homes; list++) {
        const Dw__DemoHomes *as = plan->as->homes[list];
        const size_t count = deal_to(plan, random, as->groups, as->n_groups, has_no_home, order);
        size_t dealt = 0;
        for (size_t at = 0; at < as->n_homes; at++) {
            const Dw__District *district = find_district(plan, as->homes[at]->district);
            if (district == NULL || dealt + as->homes[at]->people > count)
                return "homes name a district that is not there, or are more than people";
            for (uint32_t number = 0; number < as->homes[at]->people; number++)
                plan->people[order[dealt++]].district = district;
        }
    }
    return deal_to(plan, random, NULL, 0, has_no_home, order) == 0 ? NULL
                                                                   : "homes are fewer than people";
}

/* The last birthday lies 183 to 360 days back, so that nobody was younger when the placement began. */
static void give_age(const struct demo_plan *plan, struct demo_random *random,
                     struct demo_person *person, uint32_t from, uint32_t to)
{
    int year;
    int month;
    int day;
    person->age = from + demo_below(random, to - from + 1);
    const int32_t birthday =
        plan->first_day - HALF_YEAR_DAYS - (int32_t)demo_below(random, YEAR_DAYS - HALF_YEAR_DAYS);
    calendar_civil(birthday, &year, &month, &day);
    if (month == 2 && day == 29)
        day = 28;
    person->born = calendar_date(year - (int)person->age, month, day);
}

static bool has_no_age(const struct demo_person *person)
{
    return person->age == 0;
}

static const char *give_ages(struct demo_plan *plan, struct demo_random *random)
{
    size_t order[DEMO_PEOPLE_MAX];
    for (size_t list = 0; list < plan->as->n_ages; list++) {
        const Dw__DemoAges *as = plan->as->ages[list];
        const size_t count = deal_to(plan, random, as->groups, as->n_groups, has_no_age, order);
        size_t dealt = 0;
        for (size_t at = 0; at < as->n_bands; at++) {
            const Dw__DemoAgeBand *band = as->bands[at];
            if (band->from < 1 || band->to < band->from || dealt + band->people > count)
                return "an age band is none, or ages are more than people";
            for (uint32_t number = 0; number < band->people; number++)
                give_age(plan, random, &plan->people[order[dealt++]], band->from, band->to);
        }
    }
    return deal_to(plan, random, NULL, 0, has_no_age, order) == 0 ? NULL
                                                                  : "ages are fewer than people";
}

static const char *give_ethnicity(struct demo_plan *plan, struct demo_random *random)
{
    enum { OTHER_GROUPS = 4 }; /* mixed, Asian, Black, other */
    size_t order[DEMO_PEOPLE_MAX];
    for (size_t list = 0; list < plan->as->n_ethnicities; list++) {
        const Dw__DemoEthnicity *as = plan->as->ethnicities[list];
        const size_t count = deal_to(plan, random, NULL, 0, is_any, order);
        uint32_t left = as->people;
        for (size_t at = 0; at < count && left > 0; at++) {
            struct demo_person *person = &plan->people[order[at]];
            if (person->internal + person->external != as->placements ||
                person->ethnicity != DW__ETHNICITY_GROUP__ETHNICITY_GROUP_WHITE)
                continue;
            person->ethnicity = (Dw__EthnicityGroup)(DW__ETHNICITY_GROUP__ETHNICITY_GROUP_MIXED +
                                                     (int)(left % OTHER_GROUPS));
            left--;
        }
        if (left > 0)
            return "more people of other ethnicity groups than have so many places";
    }
    return NULL;
}

/* --- on top ---------------------------------------------------------------------------------------------------------- */

static const char *add_extras(struct demo_plan *plan, struct ids *ids, struct demo_random *random)
{
    for (size_t list = 0; list < plan->as->n_extras; list++) {
        const Dw__DemoExtra *as = plan->as->extras[list];
        if (as->age_from < 1 || as->age_to < as->age_from)
            return "the ages of people on top are none";
        for (uint32_t number = 0; number < as->people; number++) {
            struct demo_person *person;
            const char *wrong = add_person(plan, ids, &person);
            if (wrong != NULL)
                return wrong;
            person->group = plan->as->n_groups;
            person->external = 1;
            person->reason = as->reason;
            person->funding = as->funding;
            person->district =
                plan->model->districts[demo_below(random, (uint32_t)plan->model->n_districts)];
            give_age(plan, random, person, as->age_from, as->age_to);
        }
    }
    return NULL;
}

const char *demo_make_people(struct demo_plan *plan, struct ids *ids, struct demo_random *random)
{
    const char *wrong = add_people(plan, ids);
    if (wrong == NULL)
        wrong = give_reasons(plan, random);
    if (wrong == NULL)
        wrong = give_homes(plan, random);
    if (wrong == NULL)
        wrong = give_ages(plan, random);
    if (wrong == NULL)
        wrong = give_ethnicity(plan, random);
    if (wrong == NULL)
        wrong = add_extras(plan, ids, random);
    for (size_t at = 0; at < plan->people_count; at++)
        plan->people[at].sex =
            demo_below(random, 100) < WOMEN_PERCENT ? DW__SEX__SEX_FEMALE : DW__SEX__SEX_MALE;
    return wrong;
}
