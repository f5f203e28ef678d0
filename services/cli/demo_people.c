/* The demonstration's people: every published figure is a list of exact counts, dealt out in an order the seed shuffles. */
#include "services/cli/demo.h"

#include "common/calendar.h"

#include <assert.h>

enum { AGE_BANDS = 7, OTHER_ETHNICITY_PEOPLE = 12, HALF_YEAR_DAYS = 183, YEAR_DAYS = 365 };

/* Rows: client groups. Internal only, both, external only. */
static const size_t supported[DEMO_CLIENT_GROUPS][3] = {
    {167, 66, 108}, {93, 8, 21}, {13, 3, 7}, {7, 1, 5}};

/* Macclesfield, Crewe; the others share what is left of the group. */
static const size_t in_towns[DEMO_CLIENT_GROUPS][2] = {{108, 73}, {39, 26}, {7, 5}, {4, 3}};
static const size_t in_others[DEMO_TOWNS] = {0, 0, 48, 41, 34, 31, 25, 19, 17, 12, 7};

static const struct {
    uint32_t from;
    uint32_t to;
    size_t people;
} bands[AGE_BANDS] = {{19, 24, 42}, {25, 33, 85}, {34, 49, 131}, {50, 64, 119},
                      {65, 74, 27}, {75, 84, 52}, {85, 94, 43}};
enum { YOUNGER_BANDS = 4 };

/* The 56 of the older people whose reason is physical: internal only, both, external only. */
static const size_t older_physical[3] = {42, 4, 10};

uint32_t demo_below(struct demo_random *random, uint32_t limit)
{
    /* splitmix64 (Steele, Lea and Flood 2014); the bias of the remainder does not matter here. */
    uint64_t mixed = random->state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((mixed ^ (mixed >> 31)) % limit);
}

static void shuffle(struct demo_random *random, size_t *numbers, size_t count)
{
    for (size_t at = count; at > 1; at--) {
        const size_t other = demo_below(random, (uint32_t)at);
        const size_t number = numbers[at - 1];
        numbers[at - 1] = numbers[other];
        numbers[other] = number;
    }
}

/* --- groups and reasons ------------------------------------------------------------------------------ */

static void add_people(struct demo_plan *plan, struct ids *ids)
{
    for (int group = 0; group < DEMO_CLIENT_GROUPS; group++)
        for (int kind = 0; kind < 3; kind++)
            for (size_t at = 0; at < supported[group][kind]; at++) {
                struct demo_person *person = &plan->people[plan->people_count++];
                person->id = ids_next(ids, 0);
                person->command_id = ids_next(ids, 0);
                person->group = (enum demo_client_group)group;
                person->internal = kind <= 1;
                person->external = kind >= 1;
                person->funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
            }
    assert(plan->people_count == DEMO_PEOPLE);
}

/* The reasons of the 66 older people that are not physical, in the order they are dealt: memory 46, sensory 8, social 12. */
static Dw__SupportReason older_reason(size_t number)
{
    enum { MEMORY = 46, VISUAL = 4, HEARING = 4 };
    return number < MEMORY            ? DW__SUPPORT_REASON__SUPPORT_REASON_MEMORY_AND_COGNITION
           : number < MEMORY + VISUAL ? DW__SUPPORT_REASON__SUPPORT_REASON_SENSORY_VISUAL
           : number < MEMORY + VISUAL + HEARING
               ? DW__SUPPORT_REASON__SUPPORT_REASON_SENSORY_HEARING
               : DW__SUPPORT_REASON__SUPPORT_REASON_SOCIAL_ISOLATION_OR_OTHER;
}

static void give_older_reason(struct demo_plan *plan, struct demo_random *random)
{
    size_t physical[3] = {older_physical[0], older_physical[1], older_physical[2]};
    size_t order[66];
    size_t dealt = 0;
    for (size_t at = 0; at < 66; at++)
        order[at] = at;
    shuffle(random, order, 66);
    for (size_t at = 0; at < plan->people_count; at++) {
        struct demo_person *person = &plan->people[at];
        if (person->group != DEMO_OLDER)
            continue;
        const int kind = !person->external ? 0 : person->internal ? 1 : 2;
        if (physical[kind] > 0) {
            physical[kind]--;
            person->reason = physical[kind] % 2 == 0
                                 ? DW__SUPPORT_REASON__SUPPORT_REASON_PHYSICAL_PERSONAL_CARE
                                 : DW__SUPPORT_REASON__SUPPORT_REASON_PHYSICAL_ACCESS_AND_MOBILITY;
            person->cost_group = COST_PHYSICAL;
        } else {
            person->reason = older_reason(order[dealt++]);
            person->cost_group = COST_OLDER;
        }
    }
}

static void give_reasons(struct demo_plan *plan, struct demo_random *random)
{
    for (size_t at = 0; at < plan->people_count; at++) {
        struct demo_person *person = &plan->people[at];
        switch (person->group) {
        case DEMO_LEARNING:
            person->reason = DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY;
            person->cost_group = COST_LEARNING;
            break;
        case DEMO_PHYSICAL:
            person->reason = at % 4 == 0
                                 ? DW__SUPPORT_REASON__SUPPORT_REASON_SENSORY_VISUAL
                                 : DW__SUPPORT_REASON__SUPPORT_REASON_PHYSICAL_ACCESS_AND_MOBILITY;
            person->cost_group = COST_PHYSICAL;
            break;
        case DEMO_MENTAL:
            person->reason = DW__SUPPORT_REASON__SUPPORT_REASON_MENTAL_HEALTH;
            person->cost_group = COST_MENTAL;
            break;
        case DEMO_OLDER:
        case DEMO_CLIENT_GROUPS:
            break;
        }
    }
    give_older_reason(plan, random);
}

/* --- towns, ages, ethnicity -------------------------------------------------------------------------- */

/* Fills ret_order with the people of a group (DEMO_CLIENT_GROUPS: the three younger ones), shuffled; their number. */
static size_t order_group(const struct demo_plan *plan, struct demo_random *random, int group,
                          size_t ret_order[DEMO_PEOPLE])
{
    size_t count = 0;
    for (size_t at = 0; at < DEMO_PEOPLE; at++)
        if ((int)plan->people[at].group == group ||
            (group == DEMO_CLIENT_GROUPS && plan->people[at].group != DEMO_OLDER))
            ret_order[count++] = at;
    shuffle(random, ret_order, count);
    return count;
}

static void give_towns(struct demo_plan *plan, struct demo_random *random)
{
    size_t left[DEMO_TOWNS];
    size_t order[DEMO_PEOPLE];
    size_t others[DEMO_PEOPLE];
    size_t others_count = 0;
    for (int group = 0; group < DEMO_CLIENT_GROUPS; group++) {
        const size_t count = order_group(plan, random, group, order);
        for (size_t at = 0; at < count; at++) {
            if (at < in_towns[group][0] + in_towns[group][1])
                plan->people[order[at]].town = at < in_towns[group][0] ? 0 : 1;
            else
                others[others_count++] = order[at];
        }
    }
    shuffle(random, others, others_count);
    for (size_t town = 0; town < DEMO_TOWNS; town++)
        left[town] = in_others[town];
    for (size_t at = 0, town = 2; at < others_count; at++) {
        while (left[town] == 0)
            town++;
        left[town]--;
        plan->people[others[at]].town = town;
    }
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
        plan->first_day - HALF_YEAR_DAYS - (int32_t)demo_below(random, 360 - HALF_YEAR_DAYS);
    calendar_civil(birthday, &year, &month, &day);
    if (month == 2 && day == 29)
        day = 28;
    person->born = calendar_date(year - (int)person->age, month, day);
}

static void give_ages(struct demo_plan *plan, struct demo_random *random)
{
    size_t order[DEMO_PEOPLE];
    for (int older = 0; older < 2; older++) {
        size_t at = 0;
        (void)order_group(plan, random, older ? DEMO_OLDER : DEMO_CLIENT_GROUPS, order);
        for (size_t band = older ? YOUNGER_BANDS : 0; band < (older ? AGE_BANDS : YOUNGER_BANDS);
             band++)
            for (size_t person = 0; person < bands[band].people; person++)
                give_age(plan, random, &plan->people[order[at++]], bands[band].from,
                         bands[band].to);
    }
}

/* Twelve people of other groups hold thirteen placements: exactly one of them has two. */
static void give_ethnicity(struct demo_plan *plan, struct demo_random *random)
{
    size_t order[DEMO_PEOPLE];
    size_t singles = OTHER_ETHNICITY_PEOPLE - 1;
    size_t doubles = 1;
    const size_t count = order_group(plan, random, DEMO_CLIENT_GROUPS, order);
    for (size_t at = 0; at < plan->people_count; at++)
        plan->people[at].ethnicity = DW__ETHNICITY_GROUP__ETHNICITY_GROUP_WHITE;
    for (size_t at = 0; at < count; at++) {
        struct demo_person *person = &plan->people[order[at]];
        size_t *left = person->internal && person->external ? &doubles : &singles;
        if (*left == 0)
            continue;
        person->ethnicity =
            (Dw__EthnicityGroup)(DW__ETHNICITY_GROUP__ETHNICITY_GROUP_MIXED + (int)(*left % 4));
        (*left)--;
    }
}

/* --- on top ------------------------------------------------------------------------------------------ */

static void add_others(struct demo_plan *plan, struct ids *ids, struct demo_random *random)
{
    for (size_t at = 0; at < DEMO_DIRECT_PAYMENTS + DEMO_SELF_FUNDED; at++) {
        struct demo_person *person = &plan->people[plan->people_count++];
        const bool older = at % 5 == 4;
        person->id = ids_next(ids, 0);
        person->command_id = ids_next(ids, 0);
        person->external = true;
        person->group = older ? DEMO_OLDER : DEMO_LEARNING;
        person->cost_group = older ? COST_OLDER : COST_LEARNING;
        person->reason = older ? DW__SUPPORT_REASON__SUPPORT_REASON_MEMORY_AND_COGNITION
                               : DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY;
        person->ethnicity = DW__ETHNICITY_GROUP__ETHNICITY_GROUP_WHITE;
        person->town = demo_below(random, DEMO_TOWNS);
        person->funding = at < DEMO_DIRECT_PAYMENTS
                              ? DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT
                              : DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
        give_age(plan, random, person, older ? 65 : 19, older ? 90 : 60);
    }
}

void demo_make_people(struct demo_plan *plan, struct ids *ids, struct demo_random *random)
{
    add_people(plan, ids);
    give_reasons(plan, random);
    give_towns(plan, random);
    give_ages(plan, random);
    give_ethnicity(plan, random);
    add_others(plan, ids, random);
    for (size_t at = 0; at < plan->people_count; at++)
        plan->people[at].sex =
            demo_below(random, 100) < 46 ? DW__SEX__SEX_FEMALE : DW__SEX__SEX_MALE;
}
