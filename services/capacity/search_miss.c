/* Near misses: who fails exactly one rule. See search.h. */
#include "services/capacity/search.h"

static bool is_nearer(const struct search *search, const struct near_miss *left,
                      const struct near_miss *right)
{
    const struct near_by left_by = {left->metres_squared, left->place};
    const struct near_by right_by = {right->metres_squared, right->place};
    return capacity_around_nearer(search, &left_by, &right_by);
}

void capacity_miss_near(const struct search *search, const struct near_miss *miss,
                        struct search_result *result)
{
    struct near_miss *list = result->near_misses;
    size_t at = result->near_misses_count;
    if (at == NEAR_MISSES_MAX) {
        at--;
        if (!is_nearer(search, miss, &list[at]))
            return;
    } else {
        result->near_misses_count++;
    }
    for (; at > 0 && is_nearer(search, miss, &list[at - 1]); at--)
        list[at] = list[at - 1];
    list[at] = *miss;
}

static void add_near_miss(struct search_result *result, const struct near_miss *miss)
{
    result->near_misses[result->near_misses_count++] = *miss;
}

/* --- those with another property ------------------------------------------------------------------------------------ */

/* What is wanted on days and in parts of the day on which there is a session. */
static uint32_t wishes_on_days(const struct search *search, const struct entry *entry)
{
    uint32_t wishes = 0;
    for (size_t wish = 0; wish < search->request->wishes_count; wish++)
        if (capacity_fit_has_day(entry, &search->request->wishes[wish]))
            wishes |= UINT32_C(1) << wish;
    return wishes;
}

/* Without a session on some days there is no price and there are no hours to judge; what is wanted on the others has to fit. */
static bool fits_on_other_days(const struct search *search, uint32_t place)
{
    const struct entry *entry = capacity_catalogue_entry(search->catalogue, place);
    struct pattern pattern;
    return capacity_judge_admits(search, place) &&
           capacity_fit_choose(search, entry, wishes_on_days(search, entry), FIT_ALL, NULL,
                               &pattern);
}

static bool is_else_fitting(const struct search *search, const struct near_miss *miss)
{
    struct fit fit;
    if (miss->rule == DW__SEARCH_RULE__SEARCH_RULE_DAYS)
        return fits_on_other_days(search, miss->place);
    capacity_judge(search, miss->place, &fit);
    return fit.failures == 0;
}

void capacity_miss_others(const struct search *search, const struct sieve *sieve,
                          uint64_t *scratch_set, struct around *around,
                          struct search_result *result)
{
    struct near_by *heap = around->near;
    capacity_around_turn(search, sieve, scratch_set, around);
    size_t count = around->near_count;
    capacity_around_heap(search, heap, count);
    for (size_t looks = 0;
         looks < NEAR_LOOKS_MAX && count > 0 && result->near_misses_count < NEAR_MISSES_MAX;
         looks++) {
        const struct near_by nearest = capacity_around_take(search, heap, &count);
        const struct near_miss miss = {.place = nearest.place,
                                       .rule = capacity_sieve_rule(sieve, nearest.place),
                                       .metres_squared = nearest.metres_squared};
        if (is_else_fitting(search, &miss))
            add_near_miss(result, &miss);
    }
}

/* --- those too far -------------------------------------------------------------------------------------------------- */

/* When the belt holds as many as are looked at, nobody beyond it counts. */
void capacity_miss_far(const struct search *search, const uint64_t *passing, struct around *around,
                       struct search_result *result)
{
    struct fit fit;
    if (result->near_misses_count == NEAR_MISSES_MAX ||
        result->excluded[DW__SEARCH_RULE__SEARCH_RULE_TRAVEL] == 0)
        return;
    if (around->belt_count < TOO_FAR_LOOKS_MAX)
        capacity_around_widen(search, passing, around);
    struct near_by *heap = around->belt;
    size_t count = around->belt_count;
    capacity_around_heap(search, heap, count);
    for (size_t looks = 0;
         looks < TOO_FAR_LOOKS_MAX && count > 0 && result->near_misses_count < NEAR_MISSES_MAX;
         looks++) {
        const struct near_by nearest = capacity_around_take(search, heap, &count);
        const struct near_miss miss = {.place = nearest.place,
                                       .rule = DW__SEARCH_RULE__SEARCH_RULE_TRAVEL,
                                       .metres_squared = nearest.metres_squared};
        capacity_judge(search, miss.place, &fit);
        if (fit.failures == 0)
            add_near_miss(result, &miss);
    }
}
