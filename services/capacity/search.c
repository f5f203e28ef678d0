/* Finding services: the rules in printed order over bit sets, then ranking, near misses and splits. See search.h. */
#include "services/capacity/search.h"

#include <string.h>

/* A wish as the sets a service must be in. */
struct filter {
    const struct directory *directory;
    struct timetable *timetable;
    const struct search_wish *wish;
    uint64_t square_max;
    uint32_t wants;                     /* bits of all wants */
    const uint64_t *access[ACCESS_MAX]; /* sets of the features asked for */
    size_t access_count;
    const uint64_t *modes[MODE_MAX];
    size_t modes_count;
    const uint64_t *days[WEEKDAYS];
    size_t days_count;
};

static struct filter make_filter(const struct directory *directory, struct timetable *timetable,
                                 const struct search_wish *wish)
{
    struct filter filter = {.directory = directory, .timetable = timetable, .wish = wish};
    uint32_t weekdays = 0;
    for (size_t at = 0; at < wish->wants_count; at++)
        weekdays |= UINT32_C(1) << wish->wants[at].weekday;
    for (size_t day = 1; day <= WEEKDAYS; day++)
        if ((weekdays >> day & 1) != 0)
            filter.days[filter.days_count++] = directory->bits[BITS_WEEKDAY + day];
    for (size_t feature = 1; feature <= ACCESS_MAX; feature++)
        if ((wish->access >> feature & 1) != 0)
            filter.access[filter.access_count++] = directory->bits[BITS_ACCESS + feature];
    for (size_t mode = 1; mode <= MODE_MAX; mode++)
        if ((wish->modes >> mode & 1) != 0)
            filter.modes[filter.modes_count++] = directory->bits[BITS_MODE + mode];
    filter.square_max = travel_square_max(&wish->travel, wish->travel_minutes);
    filter.wants = (UINT32_C(1) << wish->wants_count) - 1;
    return filter;
}

/* Services of one word that pass a rule of bit sets. */
static uint64_t passing(const struct filter *filter, Dw__ExclusionRule rule, size_t word)
{
    uint64_t pass = UINT64_MAX;
    if (rule == DW__EXCLUSION_RULE__EXCLUSION_RULE_LEVEL)
        return filter->directory->bits[BITS_LEVEL + filter->wish->level][word];
    if (rule == DW__EXCLUSION_RULE__EXCLUSION_RULE_NEED)
        return filter->wish->need == 0
                   ? pass
                   : filter->directory->bits[BITS_NEED + filter->wish->need][word];
    if (rule == DW__EXCLUSION_RULE__EXCLUSION_RULE_ACCESS)
        for (size_t at = 0; at < filter->access_count; at++)
            pass &= filter->access[at][word];
    if (rule == DW__EXCLUSION_RULE__EXCLUSION_RULE_DAYS)
        for (size_t at = 0; at < filter->days_count; at++)
            pass &= filter->days[at][word];
    if (rule == DW__EXCLUSION_RULE__EXCLUSION_RULE_MODE && filter->modes_count > 0) {
        pass = 0;
        for (size_t at = 0; at < filter->modes_count; at++)
            pass |= filter->modes[at][word];
    }
    return pass;
}

static bool has_contract(const struct filter *filter, uint32_t number)
{
    const struct directory *directory = filter->directory;
    const struct terms *terms = &directory->providers[directory->provider[number]];
    return !filter->wish->contract || (terms->live_levels >> directory->level[number] & 1) != 0;
}

static uint64_t square_to(const struct filter *filter, uint32_t number)
{
    const int32_t latitude_e6 = filter->directory->latitude_e6[number];
    if (!filter->wish->travel.matters || latitude_e6 == DIRECTORY_NO_PLACE)
        return 0;
    return travel_square(&filter->wish->travel, latitude_e6,
                         filter->directory->longitude_e6[number]);
}

/* --- ranking ------------------------------------------------------------------------------------------------------ */

static int compare_hits(const struct directory *directory, const struct search_hit *left,
                        const struct search_hit *right)
{
    if (left->rule != right->rule)
        return left->rule > right->rule ? -1 : 1;
    if (left->travel_minutes != right->travel_minutes)
        return left->travel_minutes < right->travel_minutes ? -1 : 1;
    if (left->fit.price_pence != right->fit.price_pence)
        return left->fit.price_pence < right->fit.price_pence ? -1 : 1;
    return id_compare(&directory->offers[left->number].service_id,
                      &directory->offers[right->number].service_id);
}

/* Keeps the best max hits in order. */
static void keep_best(const struct directory *directory, struct search_hit *hits, size_t *count,
                      size_t max, const struct search_hit *hit)
{
    size_t at = *count;
    while (at > 0 && compare_hits(directory, hit, &hits[at - 1]) < 0)
        at--;
    if (at == max)
        return;
    if (*count < max)
        ++*count;
    memmove(hits + at + 1, hits + at, (*count - at - 1) * sizeof hits[0]);
    hits[at] = *hit;
}

/* Only hits of at most this square may still come into a list. */
static uint64_t square_worth(const struct filter *filter, const struct search_hit *hits,
                             size_t count, size_t max)
{
    if (count < max)
        return UINT64_MAX;
    return travel_square_max(&filter->wish->travel, hits[max - 1].travel_minutes);
}

/* --- the main pass ------------------------------------------------------------------------------------------------ */

struct pass {
    struct filter filter;
    struct search_result *result;
    uint64_t hit_square; /* square_worth of the hits */
};

static uint32_t first_rule(uint32_t fails)
{
    return (uint32_t)__builtin_ctz(fails);
}

static bool is_single(uint32_t fails)
{
    return (fails & (fails - 1)) == 0;
}

static void take_hit(struct pass *pass, uint32_t number, uint64_t square,
                     const struct search_fit *fit)
{
    struct search_result *result = pass->result;
    const struct filter *filter = &pass->filter;
    result->matched++;
    if (square > pass->hit_square)
        return;
    const struct search_hit hit = {.number = number,
                                   .travel_minutes = travel_minutes(&filter->wish->travel, square),
                                   .fit = *fit};
    keep_best(filter->directory, result->hits, &result->hits_count, filter->wish->limit, &hit);
    pass->hit_square = square_worth(filter, result->hits, result->hits_count, filter->wish->limit);
}

static void take_miss(struct pass *pass, uint32_t number, uint64_t square, Dw__ExclusionRule rule,
                      const struct search_fit *fit)
{
    struct search_result *result = pass->result;
    const struct filter *filter = &pass->filter;
    const struct search_hit miss = {.number = number,
                                    .rule = rule,
                                    .travel_minutes = travel_minutes(&filter->wish->travel, square),
                                    .fit = *fit};
    keep_best(filter->directory, result->misses, &result->misses_count, MISSES_MAX, &miss);
}

/* True when a miss of that rule and distance might still be among the told. */
static bool is_worth(const struct pass *pass, Dw__ExclusionRule rule, uint64_t square)
{
    const struct search_result *result = pass->result;
    if (result->misses_count < MISSES_MAX)
        return true;
    const struct search_hit *worst = &result->misses[MISSES_MAX - 1];
    if (worst->rule != rule)
        return worst->rule < rule;
    return square <= travel_square_max(&pass->filter.wish->travel, worst->travel_minutes);
}

/* A service that passed the sets, and in its days' set if it is: the rest of the rules. */
static void judge(struct pass *pass, uint32_t number, bool has_days)
{
    const struct filter *filter = &pass->filter;
    struct search_result *result = pass->result;
    if (!has_contract(filter, number)) {
        result->excluded[DW__EXCLUSION_RULE__EXCLUSION_RULE_CONTRACT]++;
        return;
    }
    const uint64_t square = square_to(filter, number);
    if (square > filter->square_max) {
        result->excluded[DW__EXCLUSION_RULE__EXCLUSION_RULE_TRAVEL]++;
        return;
    }
    if (!has_days) {
        result->excluded[DW__EXCLUSION_RULE__EXCLUSION_RULE_DAYS]++;
        return;
    }
    const struct search_fit fit = search_fit(&filter->directory->offers[number], filter->timetable,
                                             filter->wish, filter->wants);
    if (fit.fails == 0) {
        take_hit(pass, number, square, &fit);
        return;
    }
    const Dw__ExclusionRule rule = (Dw__ExclusionRule)first_rule(fit.fails);
    result->excluded[rule]++;
    if (rule != DW__EXCLUSION_RULE__EXCLUSION_RULE_DAYS && is_single(fit.fails) &&
        is_worth(pass, rule, square))
        take_miss(pass, number, square, rule, &fit);
}

static void find_hits(struct pass *pass)
{
    const struct filter *filter = &pass->filter;
    for (size_t word = 0; word * 64 < filter->directory->count; word++) {
        uint64_t alive = filter->directory->bits[BITS_ALL][word];
        for (int rule = DW__EXCLUSION_RULE__EXCLUSION_RULE_LEVEL;
             rule <= DW__EXCLUSION_RULE__EXCLUSION_RULE_MODE; rule++) {
            const uint64_t pass_bits = passing(filter, (Dw__ExclusionRule)rule, word);
            pass->result->excluded[rule] += (uint32_t)__builtin_popcountll(alive & ~pass_bits);
            alive &= pass_bits;
        }
        const uint64_t days = passing(filter, DW__EXCLUSION_RULE__EXCLUSION_RULE_DAYS, word);
        for (; alive != 0; alive &= alive - 1) {
            const uint32_t bit = (uint32_t)__builtin_ctzll(alive);
            judge(pass, (uint32_t)word * 64 + bit, (days >> bit & 1) != 0);
        }
    }
}

/* --- near misses -------------------------------------------------------------------------------------------------- */

/* Looks at one service that fails the sets of exactly the rule, or of none where the rule has no set. */
static void judge_miss(struct pass *pass, uint32_t number, Dw__ExclusionRule rule)
{
    const struct filter *filter = &pass->filter;
    if (has_contract(filter, number) == (rule == DW__EXCLUSION_RULE__EXCLUSION_RULE_CONTRACT))
        return;
    const uint64_t square = square_to(filter, number);
    if ((square > filter->square_max) != (rule == DW__EXCLUSION_RULE__EXCLUSION_RULE_TRAVEL) ||
        !is_worth(pass, rule, square))
        return;
    const struct search_fit fit = search_fit(&filter->directory->offers[number], filter->timetable,
                                             filter->wish, filter->wants);
    const uint32_t expected =
        rule == DW__EXCLUSION_RULE__EXCLUSION_RULE_DAYS ? UINT32_C(1) << rule : 0;
    if (fit.fails == expected)
        take_miss(pass, number, square, rule, &fit);
}

/* All services whose single failure may be the rule, by the sets. */
static void find_misses(struct pass *pass, Dw__ExclusionRule rule)
{
    const struct filter *filter = &pass->filter;
    for (size_t word = 0; word * 64 < filter->directory->count; word++) {
        uint64_t alive = filter->directory->bits[BITS_ALL][word];
        for (int other = DW__EXCLUSION_RULE__EXCLUSION_RULE_LEVEL;
             other <= DW__EXCLUSION_RULE__EXCLUSION_RULE_MODE && alive != 0; other++) {
            const uint64_t pass_bits = passing(filter, (Dw__ExclusionRule)other, word);
            alive &= other == (int)rule ? ~pass_bits : pass_bits;
        }
        if (rule != DW__EXCLUSION_RULE__EXCLUSION_RULE_DAYS)
            alive &= passing(filter, DW__EXCLUSION_RULE__EXCLUSION_RULE_DAYS, word);
        for (; alive != 0; alive &= alive - 1)
            judge_miss(pass, (uint32_t)word * 64 + (uint32_t)__builtin_ctzll(alive), rule);
    }
}

/* --- splits ------------------------------------------------------------------------------------------------------- */

static int compare_parts(const struct directory *directory, const struct search_hit *left,
                         const struct search_hit *right)
{
    const int one = __builtin_popcount(left->fit.covered);
    const int other = __builtin_popcount(right->fit.covered);
    return one != other ? other - one : compare_hits(directory, left, right);
}

/* The best services that cover a part of the wants; returns how many. */
static size_t find_parts(struct pass *pass, struct search_hit parts[SPLIT_PARTS])
{
    const struct filter *filter = &pass->filter;
    size_t count = 0;
    for (uint32_t number = 0; number < filter->directory->count; number++) {
        bool alive = true;
        for (int rule = DW__EXCLUSION_RULE__EXCLUSION_RULE_LEVEL;
             rule <= DW__EXCLUSION_RULE__EXCLUSION_RULE_MODE && alive; rule++)
            alive = (passing(filter, (Dw__ExclusionRule)rule, number / 64) >> number % 64 & 1) != 0;
        const uint64_t square = alive ? square_to(filter, number) : 0;
        if (!alive || !has_contract(filter, number) || square > filter->square_max)
            continue;
        const struct search_hit part = {
            .number = number,
            .travel_minutes = travel_minutes(&filter->wish->travel, square),
            .fit = search_fit(&filter->directory->offers[number], filter->timetable, filter->wish,
                              filter->wants)};
        if (part.fit.covered == 0)
            continue;
        size_t at = count;
        while (at > 0 && compare_parts(filter->directory, &part, &parts[at - 1]) < 0)
            at--;
        if (at == SPLIT_PARTS)
            continue;
        count += count < SPLIT_PARTS;
        memmove(parts + at + 1, parts + at, (count - at - 1) * sizeof parts[0]);
        parts[at] = part;
    }
    return count;
}

static int compare_splits(const struct directory *directory, const struct search_split *left,
                          const struct search_split *right)
{
    const uint32_t one = left->first.travel_minutes + left->second.travel_minutes;
    const uint32_t other = right->first.travel_minutes + right->second.travel_minutes;
    if (one != other)
        return one < other ? -1 : 1;
    const uint64_t price = (uint64_t)left->first.fit.price_pence + left->second.fit.price_pence;
    const uint64_t other_price =
        (uint64_t)right->first.fit.price_pence + right->second.fit.price_pence;
    if (price != other_price)
        return price < other_price ? -1 : 1;
    const int first = id_compare(&directory->offers[left->first.number].service_id,
                                 &directory->offers[right->first.number].service_id);
    return first != 0 ? first
                      : id_compare(&directory->offers[left->second.number].service_id,
                                   &directory->offers[right->second.number].service_id);
}

/* The first part takes all it covers, the second the rest. */
static void try_split(struct pass *pass, const struct search_hit *first,
                      const struct search_hit *second)
{
    const struct filter *filter = &pass->filter;
    const struct search_wish *wish = filter->wish;
    const uint32_t rest = filter->wants & ~first->fit.covered;
    if (rest == 0 || (second->fit.covered & rest) != rest)
        return;
    struct search_wish part = *wish;
    part.minutes = 0; /* the two must reach it together, not each */
    struct search_split split = {*first, *second};
    const struct offer *offers = filter->directory->offers;
    split.first.fit =
        search_fit(&offers[first->number], filter->timetable, &part, first->fit.covered);
    split.second.fit = search_fit(&offers[second->number], filter->timetable, &part, rest);
    const uint64_t price = (uint64_t)split.first.fit.price_pence + split.second.fit.price_pence;
    if (split.first.fit.minutes + split.second.fit.minutes < wish->minutes ||
        (wish->price_max_pence != 0 && price > wish->price_max_pence))
        return;
    struct search_result *result = pass->result;
    size_t at = result->splits_count;
    while (at > 0 && compare_splits(filter->directory, &split, &result->splits[at - 1]) < 0)
        at--;
    if (at == SPLITS_MAX)
        return;
    result->splits_count += result->splits_count < SPLITS_MAX;
    memmove(result->splits + at + 1, result->splits + at,
            (result->splits_count - at - 1) * sizeof result->splits[0]);
    result->splits[at] = split;
}

static void find_splits(struct pass *pass)
{
    struct search_hit parts[SPLIT_PARTS + 1];
    const size_t count = find_parts(pass, parts);
    for (size_t first = 0; first < count; first++)
        for (size_t second = first + 1; second < count; second++)
            try_split(pass, &parts[first], &parts[second]);
}

void search_find(struct directory *directory, struct timetable *timetable,
                 const struct search_wish *wish, struct search_result *ret_result)
{
    ret_result->hits_count = ret_result->misses_count = ret_result->splits_count = 0;
    ret_result->matched = 0;
    memset(ret_result->excluded, 0, sizeof ret_result->excluded);
    directory_live_on(directory, wish->from);
    struct pass pass = {.filter = make_filter(directory, timetable, wish),
                        .result = ret_result,
                        .hit_square = UINT64_MAX};
    find_hits(&pass);
    /* Misses of earlier rules are looked for only when those of later ones do not fill the list: they rank behind. */
    for (int rule = DW__EXCLUSION_RULE__EXCLUSION_RULE_DAYS;
         rule >= DW__EXCLUSION_RULE__EXCLUSION_RULE_LEVEL && ret_result->misses_count < MISSES_MAX;
         rule--)
        if (ret_result->excluded[rule] > 0)
            find_misses(&pass, (Dw__ExclusionRule)rule);
    if (ret_result->matched == 0 && wish->wants_count > 1)
        find_splits(&pass);
}
