/* Near misses: who fails exactly one rule. See search.h. */
#include "services/capacity/search.h"

static bool is_nearer(const struct near_miss *left, const struct near_miss *right)
{
    if (left->metres_squared != right->metres_squared)
        return left->metres_squared < right->metres_squared;
    return left->place < right->place;
}

void capacity_miss_keep(struct near_miss *list, size_t *count, size_t max,
                        const struct near_miss *miss)
{
    size_t at = *count;
    if (at == max) {
        at--;
        if (!is_nearer(miss, &list[at]))
            return;
    } else {
        ++*count;
    }
    for (; at > 0 && is_nearer(miss, &list[at - 1]); at--)
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

static void measure(const struct search *search, uint32_t place, struct spot spot,
                    int64_t end_squared, struct far_list *list)
{
    const int64_t metres_squared = capacity_fit_distance(search, spot);
    if (metres_squared < search->limit_squared || metres_squared >= end_squared)
        return;
    const struct near_miss miss = {.place = place,
                                   .rule = DW__SEARCH_RULE__SEARCH_RULE_TRAVEL,
                                   .metres_squared = metres_squared};
    capacity_miss_keep(list->nearest, &list->count, TOO_FAR_LOOKS_MAX, &miss);
}

/* The nearest in a belt around those near enough. True when it holds as many as are looked at: then nobody beyond it
 * counts. */
static bool look_in_belt(const struct search *search, const uint64_t *passing,
                         struct far_list *list)
{
    enum { BELT_METRES = 1000 };
    const int64_t metres = search->metres_max + BELT_METRES;
    const struct grid_spot *spots = capacity_grid_spots(capacity_catalogue_grid(search->catalogue));
    struct grid_run runs[GRID_RUNS_MAX];
    const size_t count = capacity_fit_runs(search, metres, runs);
    for (size_t run = 0; run < count; run++)
        for (uint32_t at = runs[run].first; at < runs[run].end; at++)
            if ((passing[spots[at].place / 64] >> spots[at].place % 64 & 1) != 0)
                measure(search, spots[at].place, spots[at].spot, (metres + 1) * (metres + 1), list);
    return list->count == TOO_FAR_LOOKS_MAX;
}

static void look_everywhere(const struct search *search, const uint64_t *passing, uint32_t words,
                            struct far_list *list)
{
    for (uint32_t word = 0; word < words; word++)
        for (uint64_t bits = passing[word]; bits != 0; bits &= bits - 1) {
            const uint32_t place = word * 64 + (uint32_t)__builtin_ctzll(bits);
            measure(search, place, search->spots[place], INT64_MAX, list);
        }
}

void capacity_miss_far(const struct search *search, const uint64_t *passing, uint32_t words,
                       struct search_result *result)
{
    struct far_list list = {.count = 0};
    struct fit fit;
    if (result->near_misses_count == NEAR_MISSES_MAX ||
        result->excluded[DW__SEARCH_RULE__SEARCH_RULE_TRAVEL] == 0)
        return;
    if (!look_in_belt(search, passing, &list)) {
        list.count = 0;
        look_everywhere(search, passing, words, &list);
    }
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
    uint32_t looks = 0;
    for (uint32_t word = 0; word < sieve->words; word++)
        for (uint64_t bits = failing[word]; bits != 0; bits &= bits - 1) {
            if (result->near_misses_count == NEAR_MISSES_MAX || looks++ == NEAR_LOOKS_MAX)
                return;
            const uint32_t place = word * 64 + (uint32_t)__builtin_ctzll(bits);
            struct near_miss miss = {.place = place,
                                     .metres_squared =
                                         capacity_fit_distance(search, search->spots[place])};
            if (miss.metres_squared >= search->limit_squared)
                continue;
            miss.rule = capacity_sieve_rule(sieve, place);
            if (is_else_fitting(search, &miss))
                add_near_miss(result, &miss);
        }
}
