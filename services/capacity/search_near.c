/* Those near enough: judged, ranked, counted. See search.h. */
#include <string.h>

#include "services/capacity/search.h"

/* --- ranking ------------------------------------------------------------------------------------------------------ */

static bool ranks_before(const struct search *search, const struct found *left,
                         const struct found *right)
{
    if (left->is_under_viable != right->is_under_viable)
        return right->is_under_viable;
    if (left->band != right->band)
        return left->band < right->band;
    if (left->price_pence != right->price_pence)
        return left->price_pence < right->price_pence;
    if (left->metres_squared != right->metres_squared)
        return left->metres_squared < right->metres_squared;
    return search->briefs[left->place].rank < search->briefs[right->place].rank;
}

static uint32_t band_of(const struct search *search, int64_t metres_squared)
{
    uint32_t band = 0;
    while (band + 1 < TRAVEL_BANDS && metres_squared >= search->band_squared[band])
        band++;
    return band;
}

/* Takes the service in when it is among the best so far; the worst gives its memory up. */
static void rank(const struct search *search, struct search_result *result,
                 const struct near_by *near_by, const struct fit *fit)
{
    const struct found found = {.place = near_by->place,
                                .is_ready = fit->is_ready,
                                .is_under_viable = fit->is_under_viable,
                                .band = band_of(search, near_by->metres_squared),
                                .price_pence = fit->price_pence,
                                .metres_squared = near_by->metres_squared};
    result->fitting++;
    size_t at = result->found_count;
    uint8_t memory = (uint8_t)at;
    if (at == search->request->results_max) {
        at--;
        memory = result->order[at];
        if (!ranks_before(search, &found, &result->found[memory]))
            return;
    } else {
        result->found_count++;
    }
    for (; at > 0 && ranks_before(search, &found, &result->found[result->order[at - 1]]); at--)
        result->order[at] = result->order[at - 1];
    result->order[at] = memory;
    result->found[memory] = found;
}

static void take(const struct search *search, struct search_result *result,
                 const struct near_by *near_by, const struct fit *fit)
{
    if (fit->failures == 0) {
        rank(search, result, near_by, fit);
        return;
    }
    result->excluded[fit->rule]++;
    if (fit->failures > 1)
        return;
    const struct near_miss miss = {.place = near_by->place,
                                   .rule = fit->rule,
                                   .metres_squared = near_by->metres_squared,
                                   .price_pence = fit->price_pence,
                                   .minutes = fit->minutes};
    capacity_miss_near(search, &miss, result);
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
                          const uint64_t *passing, uint64_t *ret_ready)
{
    const struct search_request *request = search->request;
    const uint32_t words = search->words;
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

static void look_at_ready(const struct search *search, const struct ready *ready,
                          const struct near_by *near_by, struct search_result *result)
{
    const struct search_request *request = search->request;
    uint32_t minutes = 0;
    struct fit fit;
    for (size_t at = 0; at < request->wishes_count; at++)
        minutes += capacity_ready_minutes(ready, ready_row(&request->wishes[at]))[near_by->place];
    capacity_fit_judge_ready(search, &search->briefs[near_by->place], near_by->place, minutes,
                             &fit);
    take(search, result, near_by, &fit);
}

/* --- by sessions ---------------------------------------------------------------------------------------------------- */

/* Asks for what choosing reads; the sessions of a service mostly stand side by side. */
static void prefetch_free(const struct search *search, uint32_t place)
{
    const struct entry *entry = capacity_catalogue_entry(search->catalogue, place);
    if (entry->offers_count > 0)
        capacity_timetable_prefetch(search->timetable, entry->offers[entry->offers_count / 2].slot);
}

/* Judging is mostly waiting for memory, so it is asked for some services ahead. */
static void look_at_sessions(const struct search *search, const struct near_by *list, size_t count,
                             struct search_result *result)
{
    enum { AHEAD_ENTRY = 12, AHEAD_OFFERS = 8, AHEAD_FREE = 4 };
    struct fit fit;
    for (size_t at = 0; at < count; at++) {
        if (at + AHEAD_ENTRY < count)
            capacity_catalogue_prefetch_entry(search->catalogue, list[at + AHEAD_ENTRY].place);
        if (at + AHEAD_OFFERS < count)
            capacity_catalogue_prefetch_offers(search->catalogue, list[at + AHEAD_OFFERS].place);
        if (at + AHEAD_FREE < count)
            prefetch_free(search, list[at + AHEAD_FREE].place);
        capacity_fit_judge(search, list[at].place, &fit);
        take(search, result, &list[at], &fit);
    }
}

/* --- all of them ---------------------------------------------------------------------------------------------------- */

/* From the middle on, where home is: whoever is ranked early there is seldom driven out again. */
static void look_at_all_ready(const struct search *search, const struct around *around,
                              const uint64_t *is_ready, struct search_result *result)
{
    const struct ready *ready = capacity_catalogue_ready(search->catalogue);
    const size_t count = around->near_count;
    for (size_t step = 0; step < count; step++) {
        const size_t at = count / 2 + step < count ? count / 2 + step : count - 1 - step;
        if (capacity_set_has(is_ready, around->near[at].place))
            look_at_ready(search, ready, &around->near[at], result);
    }
}

void capacity_near_look(const struct search *search, struct around *around, const uint64_t *passing,
                        uint64_t *ret_ready, struct search_result *result)
{
    size_t unready_count = 0;
    collect_ready(search, capacity_catalogue_ready(search->catalogue), passing, ret_ready);
    look_at_all_ready(search, around, ret_ready, result);
    for (size_t at = 0; at < around->near_count; at++)
        if (!capacity_set_has(ret_ready, around->near[at].place))
            around->near[unready_count++] = around->near[at];
    look_at_sessions(search, around->near, unready_count, result);
    for (size_t at = 0; at < result->found_count; at++)
        capacity_catalogue_prefetch_entry(search->catalogue, result->found[at].place);
}

static void choose_ready(const struct search *search, uint32_t place, struct sessions *ret_sessions)
{
    const struct search_request *request = search->request;
    const struct ready *ready = capacity_catalogue_ready(search->catalogue);
    ret_sessions->count = request->wishes_count;
    ret_sessions->minutes = 0;
    for (size_t at = 0; at < request->wishes_count; at++) {
        const uint32_t row = ready_row(&request->wishes[at]);
        ret_sessions->slots[at] = capacity_ready_slots(ready, row)[place];
        ret_sessions->minutes += capacity_ready_minutes(ready, row)[place];
    }
}

static void choose(const struct search *search, uint32_t place, struct sessions *ret_sessions)
{
    struct pattern pattern;
    (void)capacity_fit_choose(search, capacity_catalogue_entry(search->catalogue, place),
                              UINT32_MAX, true, NULL, &pattern);
    ret_sessions->count = pattern.count;
    ret_sessions->minutes = pattern.minutes;
    for (size_t at = 0; at < pattern.count; at++)
        ret_sessions->slots[at] = pattern.offers[at]->slot;
}

void capacity_near_choose(const struct search *search, struct search_result *result)
{
    for (size_t at = 0; at < result->found_count; at++)
        capacity_catalogue_prefetch_record(search->catalogue, result->found[at].place);
    for (size_t at = 0; at < result->found_count; at++) {
        const struct found *found = &result->found[at];
        struct sessions *sessions = &result->sessions[at];
        if (found->is_ready)
            choose_ready(search, found->place, sessions);
        else
            choose(search, found->place, sessions);
        for (size_t session = 0; session < sessions->count; session++)
            capacity_timetable_prefetch_terms(search->timetable, sessions->slots[session]);
    }
}
