/* The search itself: rows of bits, then those that are left one by one. See search.h. */
#include "services/capacity/search.h"

#include <string.h>

enum { PROPERTY_RULES = DW__SEARCH_RULE__SEARCH_RULE_DAYS, ROWS_MAX = 16 };

/* The rows of one rule: all of them must be set (any of them, for modes); no rows: nobody fails. */
struct rule_rows {
    const uint64_t *rows[ROWS_MAX];
    size_t count;
    bool is_any;
};

static void add_row(const struct catalogue *catalogue, struct rule_rows *rule, uint32_t row)
{
    rule->rows[rule->count++] = capacity_catalogue_row(catalogue, row);
}

static void add_rows(const struct catalogue *catalogue, struct rule_rows *rule, uint32_t first_row,
                     uint32_t numbers)
{
    for (; numbers != 0; numbers &= numbers - 1)
        add_row(catalogue, rule, first_row + (uint32_t)__builtin_ctz(numbers));
}

static void collect_rows(const struct catalogue *catalogue, const struct search_request *request,
                         struct rule_rows rules[PROPERTY_RULES + 1])
{
    for (size_t rule = 0; rule <= PROPERTY_RULES; rule++)
        rules[rule].count = rules[rule].is_any = 0;
    add_rows(catalogue, &rules[DW__SEARCH_RULE__SEARCH_RULE_NEEDS], ROW_NEED, request->needs);
    if (request->level != 0)
        add_row(catalogue, &rules[DW__SEARCH_RULE__SEARCH_RULE_LEVEL], ROW_LEVEL + request->level);
    rules[DW__SEARCH_RULE__SEARCH_RULE_MODE].is_any = true;
    add_rows(catalogue, &rules[DW__SEARCH_RULE__SEARCH_RULE_MODE], ROW_MODE, request->modes);
    add_rows(catalogue, &rules[DW__SEARCH_RULE__SEARCH_RULE_ACCESS], ROW_ACCESS, request->access);
    if (request->age != 0)
        add_row(catalogue, &rules[DW__SEARCH_RULE__SEARCH_RULE_AGE],
                ROW_AGE + (request->age < AGE_MAX ? request->age : AGE_MAX));
    for (size_t at = 0; at < request->wishes_count; at++)
        add_row(catalogue, &rules[DW__SEARCH_RULE__SEARCH_RULE_DAYS],
                ROW_DAY + request->wishes[at].weekday * UINT32_C(4) + request->wishes[at].part - 1);
}

static uint64_t failing(const struct rule_rows *rule, uint32_t word)
{
    if (rule->count == 0)
        return 0;
    uint64_t bits = rule->rows[0][word];
    if (rule->is_any)
        for (size_t at = 1; at < rule->count; at++)
            bits |= rule->rows[at][word];
    else
        for (size_t at = 1; at < rule->count; at++)
            bits &= rule->rows[at][word];
    return ~bits;
}

/* Number of bits set, by adding neighbours (the machine's own instruction is not in every machine). */
static uint32_t count_bits(uint64_t bits)
{
    bits -= bits >> 1 & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (uint32_t)(bits * UINT64_C(0x0101010101010101) >> 56);
}

/* Counts whom each rule about properties excludes first, and leaves who passes all of them, and who fails one. */
static void sift(const struct rule_rows rules[PROPERTY_RULES + 1], uint32_t count, uint32_t words,
                 uint32_t excluded[SEARCH_RULES], uint64_t *passing, uint64_t *failing_one)
{
    for (uint32_t word = 0; word < words; word++) {
        uint64_t left = UINT64_MAX;
        if (word + 1 == words && count % 64 != 0)
            left = (UINT64_C(1) << (count % 64)) - 1;
        const uint64_t all = left;
        uint64_t once = 0, twice = 0;
        for (size_t rule = 1; rule <= PROPERTY_RULES; rule++) {
            const uint64_t bits = failing(&rules[rule], word) & all;
            twice |= once & bits;
            once |= bits;
            if ((left & bits) == 0)
                continue;
            excluded[rule] += count_bits(left & bits);
            left &= ~bits;
        }
        passing[word] = left;
        failing_one[word] = once & ~twice;
    }
}

/* --- ranking ------------------------------------------------------------------------------------------------------ */

static bool ranks_before(const struct found *left, const struct found *right)
{
    if (left->is_under_viable != right->is_under_viable)
        return right->is_under_viable;
    if (left->band != right->band)
        return left->band < right->band;
    if (left->price_pence != right->price_pence)
        return left->price_pence < right->price_pence;
    if (left->metres_squared != right->metres_squared)
        return left->metres_squared < right->metres_squared;
    return left->place < right->place;
}

static uint32_t band_of(const struct search *search, int64_t metres_squared)
{
    uint32_t band = 0;
    while (band + 1 < TRAVEL_BANDS && metres_squared >= search->band_squared[band])
        band++;
    return band;
}

/* Takes the service in when it is among the best so far; the worst gives its memory up. */
static void rank(const struct search *search, struct search_result *result, uint32_t place,
                 int64_t metres_squared, const struct fit *fit)
{
    struct found found = {.place = place,
                          .is_under_viable = fit->is_under_viable,
                          .band = band_of(search, metres_squared),
                          .price_pence = fit->price_pence,
                          .metres_squared = metres_squared};
    result->fitting++;
    size_t at = result->found_count;
    uint8_t memory = (uint8_t)at;
    if (at == search->request->results_max) {
        at--;
        memory = result->order[at];
        if (!ranks_before(&found, &result->found[memory]))
            return;
    } else {
        result->found_count++;
    }
    for (; at > 0 && ranks_before(&found, &result->found[result->order[at - 1]]); at--)
        result->order[at] = result->order[at - 1];
    result->order[at] = memory;
    found.pattern = fit->pattern;
    result->found[memory] = found;
}

/* --- near misses -------------------------------------------------------------------------------------------------- */

static bool is_nearer(const struct near_miss *left, const struct near_miss *right)
{
    if (left->metres_squared != right->metres_squared)
        return left->metres_squared < right->metres_squared;
    return left->place < right->place;
}

/* Keeps the nearest in a list of at most max, nearest first. */
static void keep_nearest(struct near_miss *list, size_t *count, size_t max,
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

/* Those too far: the nearest of them, when nothing else is wrong. */
static void look_at_far(const struct search *search, const struct near_miss *far, size_t count,
                        struct search_result *result)
{
    struct fit fit;
    for (size_t at = 0; at < count && result->near_misses_count < NEAR_MISSES_MAX; at++) {
        capacity_fit_judge(search, capacity_catalogue_entry(search->catalogue, far[at].place),
                           &fit);
        if (fit.failures == 0)
            add_near_miss(result, &far[at]);
    }
}

static uint32_t failing_rule(const struct rule_rows rules[PROPERTY_RULES + 1], uint32_t place)
{
    uint32_t rule = 1;
    while (rule < PROPERTY_RULES && (failing(&rules[rule], place / 64) >> place % 64 & 1) == 0)
        rule++;
    return rule;
}

/* Those that fail one rule about properties, when nothing else is wrong. */
static void look_at_others(const struct search *search,
                           const struct rule_rows rules[PROPERTY_RULES + 1],
                           const uint64_t *failing_one, uint32_t words,
                           struct search_result *result)
{
    uint32_t looks = 0;
    struct fit fit;
    for (uint32_t word = 0; word < words; word++)
        for (uint64_t bits = failing_one[word]; bits != 0; bits &= bits - 1) {
            if (result->near_misses_count == NEAR_MISSES_MAX || looks++ == NEAR_LOOKS_MAX)
                return;
            const uint32_t place = word * 64 + (uint32_t)__builtin_ctzll(bits);
            const struct entry *entry = capacity_catalogue_entry(search->catalogue, place);
            struct near_miss miss = {.place = place,
                                     .metres_squared = capacity_fit_distance(search, place)};
            if (miss.metres_squared >= search->limit_squared)
                continue;
            miss.rule = failing_rule(rules, place);
            if (miss.rule == DW__SEARCH_RULE__SEARCH_RULE_DAYS) {
                /* Without a session on those days there are no times, places, price or hours to judge. */
                if (capacity_fit_has_contract(search, entry))
                    add_near_miss(result, &miss);
                continue;
            }
            capacity_fit_judge(search, entry, &fit);
            if (fit.failures == 0)
                add_near_miss(result, &miss);
        }
}

/* --- the search --------------------------------------------------------------------------------------------------- */

struct far_list {
    struct near_miss nearest[TOO_FAR_LOOKS_MAX];
    size_t count;
};

/* Writes down who is near enough, counts the others and keeps the nearest of those. Returns how many are near enough. */
static size_t part_by_distance(const struct search *search, const uint64_t *passing, uint32_t words,
                               struct far_list *far, struct search_result *result,
                               uint32_t *ret_places)
{
    size_t count = 0;
    for (uint32_t word = 0; word < words; word++)
        for (uint64_t bits = passing[word]; bits != 0; bits &= bits - 1) {
            const uint32_t place = word * 64 + (uint32_t)__builtin_ctzll(bits);
            const struct near_miss miss = {
                .place = place,
                .rule = DW__SEARCH_RULE__SEARCH_RULE_TRAVEL,
                .metres_squared = capacity_fit_distance(search, place),
            };
            if (miss.metres_squared < search->limit_squared) {
                ret_places[count++] = place;
                __builtin_prefetch(capacity_catalogue_entry(search->catalogue, place));
                continue;
            }
            result->excluded[DW__SEARCH_RULE__SEARCH_RULE_TRAVEL]++;
            keep_nearest(far->nearest, &far->count, TOO_FAR_LOOKS_MAX, &miss);
        }
    return count;
}

static void look_at(const struct search *search, uint32_t place, struct search_result *result)
{
    const struct entry *entry = capacity_catalogue_entry(search->catalogue, place);
    struct near_miss miss = {.place = place,
                             .metres_squared = capacity_fit_distance(search, place)};
    struct fit fit;
    capacity_fit_judge(search, entry, &fit);
    if (fit.failures == 0) {
        rank(search, result, place, miss.metres_squared, &fit);
        return;
    }
    result->excluded[fit.rule]++;
    if (fit.failures == 1) {
        miss.rule = fit.rule;
        miss.price_pence = fit.price_pence;
        miss.minutes = fit.pattern.minutes;
        keep_nearest(result->near_misses, &result->near_misses_count, NEAR_MISSES_MAX, &miss);
    }
}

/* Judging is mostly waiting for memory, so it is asked for a few services ahead. */
static void look_at_all(const struct search *search, const uint32_t *places, size_t count,
                        struct search_result *result)
{
    enum { AHEAD_OFFERS = 6, AHEAD_FREE = 3 };
    for (size_t at = 0; at < count; at++) {
        if (at + AHEAD_OFFERS < count)
            capacity_catalogue_prefetch(search->catalogue, places[at + AHEAD_OFFERS]);
        if (at + AHEAD_FREE < count) {
            const struct entry *ahead =
                capacity_catalogue_entry(search->catalogue, places[at + AHEAD_FREE]);
            if (ahead->offers_count > 0)
                capacity_timetable_prefetch(search->timetable,
                                            ahead->offers[ahead->offers_count / 2].slot);
        }
        look_at(search, places[at], result);
    }
}

/* Who passes all rules about properties but the one about days. */
static void collect_but_days(const struct rule_rows rules[PROPERTY_RULES + 1], uint32_t count,
                             uint32_t words, uint64_t *ret_passing)
{
    for (uint32_t word = 0; word < words; word++) {
        uint64_t left = UINT64_MAX;
        if (word + 1 == words && count % 64 != 0)
            left = (UINT64_C(1) << (count % 64)) - 1;
        for (size_t rule = 1; rule < DW__SEARCH_RULE__SEARCH_RULE_DAYS; rule++)
            left &= ~failing(&rules[rule], word);
        ret_passing[word] = left;
    }
}

void capacity_search(struct catalogue *catalogue, struct timetable *timetable,
                     const struct search_request *request, struct search_result *ret_result)
{
    struct search_result *result = ret_result;
    result->found_count = result->near_misses_count = result->splits_count = 0;
    result->fitting = 0;
    memset(result->excluded, 0, sizeof result->excluded);
    uint32_t words;
    result->total = capacity_catalogue_open(catalogue, &words);
    if (result->total == 0)
        return;
    struct search search;
    capacity_fit_prepare(&search, request, catalogue, timetable);
    struct rule_rows rules[PROPERTY_RULES + 1];
    collect_rows(catalogue, request, rules);
    uint64_t *passing = capacity_catalogue_scratch(catalogue);
    uint64_t *failing_one = passing + words;
    sift(rules, result->total, words, result->excluded, passing, failing_one);
    struct far_list far = {.count = 0};
    uint32_t *places = (uint32_t *)(failing_one + words);
    const size_t near_count = part_by_distance(&search, passing, words, &far, result, places);
    look_at_all(&search, places, near_count, result);
    look_at_far(&search, far.nearest, far.count, result);
    look_at_others(&search, rules, failing_one, words, result);
    if (result->fitting > 0 || request->wishes_count < 2)
        return;
    collect_but_days(rules, result->total, words, passing);
    capacity_search_splits(&search, passing, words, result);
}
