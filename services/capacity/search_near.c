/* Those near enough: judged, ranked, counted. See search.h. */
#include <string.h>

#include "services/capacity/search.h"

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
    result->fitting++;
    size_t at = result->found_count;
    struct found *found = &result->found[at];
    if (at == search->request->results_max)
        found = &result->found[RESULTS_MAX]; /* a place for who may not come in */
    found->place = place;
    found->is_under_viable = fit->is_under_viable;
    found->band = band_of(search, metres_squared);
    found->price_pence = fit->price_pence;
    found->metres_squared = metres_squared;
    uint8_t memory = (uint8_t)at;
    if (at == search->request->results_max) {
        at--;
        memory = result->order[at];
        if (!ranks_before(found, &result->found[memory]))
            return;
        result->found[memory] = *found;
    } else {
        result->found_count++;
    }
    for (; at > 0 && ranks_before(&result->found[memory], &result->found[result->order[at - 1]]);
         at--)
        result->order[at] = result->order[at - 1];
    result->order[at] = memory;
}

static void choose_sessions(const struct search *search, struct search_result *result)
{
    for (size_t at = 0; at < result->found_count; at++) {
        struct found *found = &result->found[at];
        (void)capacity_fit_choose(search, capacity_catalogue_entry(search->catalogue, found->place),
                                  UINT32_MAX, true, NULL, &found->pattern);
    }
}

static void take(const struct search *search, struct search_result *result, uint32_t place,
                 int64_t metres_squared, const struct fit *fit)
{
    if (fit->failures == 0) {
        rank(search, result, place, metres_squared, fit);
        return;
    }
    result->excluded[fit->rule]++;
    if (fit->failures > 1)
        return;
    const struct near_miss miss = {.place = place,
                                   .rule = fit->rule,
                                   .metres_squared = metres_squared,
                                   .price_pence = fit->price_pence,
                                   .minutes = fit->minutes};
    capacity_miss_keep(result->near_misses, &result->near_misses_count, NEAR_MISSES_MAX, &miss);
}

/* --- by ready sessions ---------------------------------------------------------------------------------------------- */

static uint32_t ready_row(const struct wish *wish)
{
    return wish->weekday * UINT32_C(4) + wish->part - 1;
}

/* True when ready sessions answer all that is asked: a place on days that differ, at any time, from a week on that the
 * bits are made for. */
static bool asks_for_ready(const struct search *search, const struct ready *ready)
{
    static const int16_t one_place[LIMIT_KINDS] = {[LIMIT_PLACES] = 1};
    const struct search_request *request = search->request;
    unsigned days = 0;
    if (request->wishes_count == 0 || memcmp(request->uses, one_place, sizeof one_place) != 0)
        return false;
    for (size_t at = 0; at < request->wishes_count; at++) {
        const struct wish *wish = &request->wishes[at];
        const struct weeks weeks = search->weeks[wish->weekday];
        if ((days >> wish->weekday & 1) != 0 || wish->end_minutes != 0 ||
            weeks.first > weeks.last || weeks.first < capacity_ready_week(ready))
            return false;
        days |= 1U << wish->weekday;
    }
    return true;
}

/* Who passes and is ready for all wishes. */
static void collect_ready(const struct search *search, const struct ready *ready,
                          const uint64_t *passing, uint32_t words, uint64_t *ret_ready)
{
    const struct search_request *request = search->request;
    const uint64_t *fresh = capacity_ready_fresh(ready);
    if (!asks_for_ready(search, ready)) {
        memset(ret_ready, 0, words * sizeof ret_ready[0]);
        return;
    }
    for (uint32_t word = 0; word < words; word++)
        ret_ready[word] = passing[word] & fresh[word];
    for (size_t at = 0; at < request->wishes_count; at++) {
        const uint64_t *row = capacity_ready_row(ready, ready_row(&request->wishes[at]));
        for (uint32_t word = 0; word < words; word++)
            ret_ready[word] &= row[word];
    }
}

static uint32_t ready_minutes(const struct search_request *request, const struct ready *ready,
                              uint32_t place)
{
    uint32_t minutes = 0;
    for (size_t at = 0; at < request->wishes_count; at++)
        minutes += capacity_ready_minutes(ready, ready_row(&request->wishes[at]))[place];
    return minutes;
}

/* --- by sessions ---------------------------------------------------------------------------------------------------- */

/* Judging is mostly waiting for memory, so it is asked for a few services ahead. */
static void look_at_sessions(const struct search *search, const uint32_t *places, size_t count,
                             struct search_result *result)
{
    enum { AHEAD_OFFERS = 6, AHEAD_FREE = 3 };
    struct fit fit;
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
        capacity_fit_judge(search, places[at], &fit);
        take(search, result, places[at], capacity_fit_distance(search, search->spots[places[at]]),
             &fit);
    }
}

/* --- all of them ---------------------------------------------------------------------------------------------------- */

static bool has_bit(const uint64_t *set, uint32_t place)
{
    return (set[place / 64] >> place % 64 & 1) != 0;
}

void capacity_near_look(const struct search *search, const uint64_t *passing, uint32_t count,
                        uint32_t words, struct search_result *result, uint64_t *ret_ready,
                        uint32_t *ret_places)
{
    const struct ready *ready = capacity_catalogue_ready(search->catalogue);
    const struct grid_spot *spots = capacity_grid_spots(capacity_catalogue_grid(search->catalogue));
    struct grid_run runs[GRID_RUNS_MAX];
    const size_t runs_count = capacity_fit_runs(search, search->metres_max, runs);
    uint32_t near_count = 0;
    size_t unready_count = 0;
    struct fit fit;
    collect_ready(search, ready, passing, words, ret_ready);
    for (size_t run = 0; run < runs_count; run++)
        for (uint32_t at = runs[run].first; at < runs[run].end; at++) {
            const uint32_t place = spots[at].place;
            if (!has_bit(passing, place))
                continue;
            const int64_t metres_squared = capacity_fit_distance(search, spots[at].spot);
            if (metres_squared >= search->limit_squared)
                continue;
            near_count++;
            if (!has_bit(ret_ready, place)) {
                ret_places[unready_count++] = place;
                __builtin_prefetch(capacity_catalogue_entry(search->catalogue, place));
                continue;
            }
            capacity_fit_judge_ready(search, &search->briefs[place], place,
                                     ready_minutes(search->request, ready, place), &fit);
            take(search, result, place, metres_squared, &fit);
        }
    result->excluded[DW__SEARCH_RULE__SEARCH_RULE_TRAVEL] = count - near_count;
    look_at_sessions(search, ret_places, unready_count, result);
    choose_sessions(search, result);
}
