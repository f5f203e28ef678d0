/* Splits of a pattern over two services, for when no single one has it all. See search.h. */
#include "services/capacity/search.h"

/* A service that has some of the wanted sessions. */
struct part {
    uint32_t place;
    uint32_t wishes; /* bit of each wish it could serve by itself */
};

static uint32_t served_wishes(const struct search *search, const struct entry *entry)
{
    uint32_t served = 0;
    struct pattern pattern;
    for (size_t at = 0; at < search->request->wishes_count; at++)
        if (capacity_fit_choose(search, entry, UINT32_C(1) << at, FIT_ALL, NULL, &pattern))
            served |= UINT32_C(1) << at;
    return served;
}

/* The nearest that have any, in the order of their ids. */
static size_t collect_parts(const struct search *search, struct around *around,
                            struct part parts[SPLIT_LOOKS_MAX])
{
    const struct brief *briefs = search->briefs;
    size_t count = 0, left = around->near_count;
    capacity_around_heap(search, around->near, left);
    while (left > 0 && count < SPLIT_LOOKS_MAX) {
        const uint32_t place = capacity_around_take(search, around->near, &left).place;
        if (!capacity_judge_admits(search, place))
            continue;
        const uint32_t wishes =
            served_wishes(search, capacity_catalogue_entry(search->catalogue, place));
        if (wishes == 0)
            continue;
        size_t at = count++;
        for (; at > 0 && briefs[place].rank < briefs[parts[at - 1].place].rank; at--)
            parts[at] = parts[at - 1];
        parts[at] = (struct part){place, wishes};
    }
    return count;
}

static int64_t price_of(const struct split *split)
{
    return split->first.price_pence + split->second.price_pence;
}

static uint32_t travel_of(const struct search *search, const struct split *split)
{
    return capacity_fit_travel_minutes(search->request, split->first.metres_squared) +
           capacity_fit_travel_minutes(search->request, split->second.metres_squared);
}

/* Both together are within the price, and enough: in hours that are wanted, and in viable ones where less excludes. */
static bool is_within(const struct search_request *request, const struct split *split)
{
    const uint32_t minutes = split->first.pattern.minutes + split->second.pattern.minutes;
    return minutes >= request->minutes_per_week &&
           (!request->viable_excludes || minutes >= request->viable_minutes) &&
           (request->price_limit_pence == 0 || price_of(split) <= request->price_limit_pence);
}

/* One that serves these wishes, with sessions at whose times the other's are not. */
static bool fill_part(const struct search *search, uint32_t place, uint32_t wishes,
                      const struct pattern *other, struct split_part *ret_part)
{
    ret_part->place = place;
    if (!capacity_fit_choose(search, capacity_catalogue_entry(search->catalogue, place), wishes,
                             FIT_ALL, other, &ret_part->pattern))
        return false;
    ret_part->price_pence = capacity_judge_price(search, place, &ret_part->pattern);
    ret_part->metres_squared = capacity_fit_travel(search, place);
    return true;
}

/* The first serves these wishes, the second the others. */
static bool try_split(const struct search *search, const struct part *first, uint32_t wishes,
                      const struct part *second, uint32_t all, struct split *ret_split)
{
    return fill_part(search, first->place, wishes, NULL, &ret_split->first) &&
           fill_part(search, second->place, all & ~wishes, &ret_split->first.pattern,
                     &ret_split->second) &&
           is_within(search->request, ret_split);
}

static bool serves(const struct search *search, const struct part *part, uint32_t wishes)
{
    struct pattern pattern;
    return wishes == 0 ||
           capacity_fit_choose(search, capacity_catalogue_entry(search->catalogue, part->place),
                               wishes, FIT_ALL, NULL, &pattern);
}

/* Of one day's wishes those the first serves together: all, or all but one that the second serves, or none of those it serves. */
static uint32_t together_on(const struct search *search, const struct part *first,
                            const struct part *second, uint32_t wishes)
{
    if (serves(search, first, wishes))
        return wishes;
    for (size_t at = 0; at < search->request->wishes_count; at++) {
        const uint32_t wish = UINT32_C(1) << at;
        if ((wishes & second->wishes & wish) != 0 && serves(search, first, wishes & ~wish))
            return wishes & ~wish;
    }
    return wishes & ~second->wishes;
}

/* Day by day, for sessions of different days are in nobody's way. */
static uint32_t together(const struct search *search, const struct part *first,
                         const struct part *second)
{
    enum { DAYS_A_WEEK = 7 };
    uint32_t wishes = 0;
    for (uint32_t weekday = 1; weekday <= DAYS_A_WEEK; weekday++) {
        uint32_t of_day = 0;
        for (size_t at = 0; at < search->request->wishes_count; at++)
            if (search->request->wishes[at].weekday == weekday)
                of_day |= UINT32_C(1) << at & first->wishes;
        wishes |= together_on(search, first, second, of_day);
    }
    return wishes;
}

/* The first serves all it can together, or all of that but one that the second serves. */
static bool split_between(const struct search *search, const struct part *first,
                          const struct part *second, uint32_t all, struct split *ret_split)
{
    const uint32_t wishes = together(search, first, second);
    if (wishes != 0 && wishes != all && try_split(search, first, wishes, second, all, ret_split))
        return true;
    for (size_t at = 0; at < search->request->wishes_count; at++) {
        const uint32_t wish = UINT32_C(1) << at;
        if ((wishes & second->wishes & wish) != 0 && wishes != wish &&
            try_split(search, first, wishes & ~wish, second, all, ret_split))
            return true;
    }
    return false;
}

static bool is_same_part(const struct split_part *one, const struct split_part *other)
{
    if (one->place != other->place || one->pattern.count != other->pattern.count)
        return false;
    for (size_t at = 0; at < one->pattern.count; at++) {
        size_t beside = 0;
        while (beside < other->pattern.count &&
               other->pattern.offers[beside]->slot != one->pattern.offers[at]->slot)
            beside++;
        if (beside == other->pattern.count)
            return false;
    }
    return true;
}

/* Two services come in both orders: with the same sessions they are one split. */
static bool is_told(const struct search_result *result, const struct split *split)
{
    for (size_t at = 0; at < result->splits_count; at++)
        if (is_same_part(&result->splits[at].first, &split->second) &&
            is_same_part(&result->splits[at].second, &split->first))
            return true;
    return false;
}

static bool is_better(const struct search *search, const struct split *left,
                      const struct split *right)
{
    if (price_of(left) != price_of(right))
        return price_of(left) < price_of(right);
    return travel_of(search, left) < travel_of(search, right);
}

/* Takes it in when it is among the best so far; of those that are as good the first stays. */
static void take(const struct search *search, const struct split *split,
                 struct search_result *result)
{
    struct split *list = result->splits;
    size_t at = result->splits_count;
    if (at == SPLITS_MAX) {
        at--;
        if (!is_better(search, split, &list[at]))
            return;
    } else {
        result->splits_count++;
    }
    for (; at > 0 && is_better(search, split, &list[at - 1]); at--)
        list[at] = list[at - 1];
    list[at] = *split;
}

static void note_later_price(const struct search *search, struct split_part *part)
{
    part->later = capacity_judge_later_price(search, part->place, &part->pattern);
}

void capacity_search_splits(const struct search *search, struct around *around,
                            struct search_result *result)
{
    const uint32_t all = (UINT32_C(1) << search->request->wishes_count) - 1;
    struct part parts[SPLIT_LOOKS_MAX];
    struct split split;
    const size_t count = collect_parts(search, around, parts);
    for (size_t first = 0; first < count; first++)
        for (size_t second = 0; second < count; second++)
            if (first != second && (parts[first].wishes | parts[second].wishes) == all &&
                split_between(search, &parts[first], &parts[second], all, &split) &&
                !is_told(result, &split))
                take(search, &split, result);
    for (size_t at = 0; at < result->splits_count; at++) {
        note_later_price(search, &result->splits[at].first);
        note_later_price(search, &result->splits[at].second);
    }
}
