/* Near misses: who fails exactly one rule. See search.h. */
#include "services/capacity/search.h"

static bool is_nearer(const struct search *search, const struct near_miss *left,
                      const struct near_miss *right)
{
    if (left->metres_squared != right->metres_squared)
        return left->metres_squared < right->metres_squared;
    return search->briefs[left->place].rank < search->briefs[right->place].rank;
}

void capacity_miss_keep(const struct search *search, struct near_miss *list, size_t *count,
                        size_t max, const struct near_miss *miss)
{
    size_t at = *count;
    if (at == max) {
        at--;
        if (!is_nearer(search, miss, &list[at]))
            return;
    } else {
        ++*count;
    }
    for (; at > 0 && is_nearer(search, miss, &list[at - 1]); at--)
        list[at] = list[at - 1];
    list[at] = *miss;
}

static void add_near_miss(struct search_result *result, const struct near_miss *miss)
{
    result->near_misses[result->near_misses_count++] = *miss;
}

/* --- those too far -------------------------------------------------------------------------------------------------- */

struct far_list {
    struct near_miss nearest[TOO_FAR_LOOKS_MAX];
    size_t count;
};

static void keep_far(const struct search *search, const struct around *around,
                     struct far_list *ret_list)
{
    struct near_miss miss = {.rule = DW__SEARCH_RULE__SEARCH_RULE_TRAVEL};
    ret_list->count = 0;
    for (size_t at = 0; at < around->belt_count; at++) {
        miss.place = around->belt[at].place;
        miss.metres_squared = around->belt[at].metres_squared;
        capacity_miss_keep(search, ret_list->nearest, &ret_list->count, TOO_FAR_LOOKS_MAX, &miss);
    }
}

/* When the belt holds as many as are looked at, nobody beyond it counts. */
void capacity_miss_far(const struct search *search, const uint64_t *passing, struct around *around,
                       struct search_result *result)
{
    struct far_list list;
    struct fit fit;
    if (result->near_misses_count == NEAR_MISSES_MAX ||
        result->excluded[DW__SEARCH_RULE__SEARCH_RULE_TRAVEL] == 0)
        return;
    if (around->belt_count < TOO_FAR_LOOKS_MAX)
        capacity_around_widen(search, passing, around);
    keep_far(search, around, &list);
    for (size_t at = 0; at < list.count && result->near_misses_count < NEAR_MISSES_MAX; at++) {
        capacity_fit_judge(search, list.nearest[at].place, &fit);
        if (fit.failures == 0)
            add_near_miss(result, &list.nearest[at]);
    }
}

/* --- those with another property ------------------------------------------------------------------------------------ */

static bool is_else_fitting(const struct search *search, const struct near_miss *miss)
{
    struct fit fit;
    /* Without a session on those days there are no times, places, price or hours to judge. */
    if (miss->rule == DW__SEARCH_RULE__SEARCH_RULE_DAYS)
        return capacity_fit_has_contract(search, &search->briefs[miss->place], miss->place);
    capacity_fit_judge(search, miss->place, &fit);
    return fit.failures == 0;
}

void capacity_miss_others(const struct search *search, const struct sieve *sieve,
                          const uint64_t *failing, struct search_result *result)
{
    const uint32_t *by_id = capacity_catalogue_by_id(search->catalogue);
    uint32_t looks = 0;
    for (uint32_t rank = 0; rank < search->services && looks < NEAR_LOOKS_MAX &&
                            result->near_misses_count < NEAR_MISSES_MAX;
         rank++) {
        struct near_miss miss = {.place = by_id[rank]};
        if (!capacity_set_has(failing, miss.place))
            continue;
        looks++;
        miss.metres_squared = capacity_fit_distance(search, search->spots[miss.place]);
        if (miss.metres_squared >= search->limit_squared)
            continue;
        miss.rule = capacity_sieve_rule(sieve, miss.place);
        if (is_else_fitting(search, &miss))
            add_near_miss(result, &miss);
    }
}
