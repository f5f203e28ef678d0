/* Those near enough: ranked and counted. See search.h. */
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

/* --- looking -------------------------------------------------------------------------------------------------------- */

/* Asks for what judging by sessions reads; the sessions of a service mostly stand side by side. */
static void prefetch_free(const struct search *search, uint32_t place)
{
    const struct entry *entry = capacity_catalogue_entry(search->catalogue, place);
    if (entry->offers_count > 0)
        capacity_timetable_prefetch(search->timetable, entry->offers[entry->offers_count / 2].slot);
}

/* Judging by sessions is mostly waiting for memory, so it is asked for some services ahead. */
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
        capacity_judge(search, list[at].place, &fit);
        take(search, result, &list[at], &fit);
    }
}

/* From the middle on, where home is: whoever is ranked early there is seldom driven out again. */
static void look_at_ready(const struct search *search, const struct around *around,
                          struct search_result *result)
{
    const size_t count = around->near_count;
    struct fit fit;
    for (size_t step = 0; step < count; step++) {
        const size_t at = count / 2 + step < count ? count / 2 + step : count - 1 - step;
        const struct near_by *near_by = &around->near[at];
        if (!capacity_set_has(search->is_ready, near_by->place))
            continue;
        capacity_judge(search, near_by->place, &fit);
        take(search, result, near_by, &fit);
    }
}

void capacity_near_look(const struct search *search, struct around *around,
                        struct search_result *result)
{
    size_t unready_count = 0;
    look_at_ready(search, around, result);
    for (size_t at = 0; at < around->near_count; at++)
        if (!capacity_set_has(search->is_ready, around->near[at].place))
            around->near[unready_count++] = around->near[at];
    look_at_sessions(search, around->near, unready_count, result);
    for (size_t at = 0; at < result->found_count; at++)
        capacity_catalogue_prefetch_entry(search->catalogue, result->found[at].place);
}

void capacity_near_choose(const struct search *search, struct search_result *result)
{
    for (size_t at = 0; at < result->found_count; at++)
        capacity_catalogue_prefetch_record(search->catalogue, result->found[at].place);
    for (size_t at = 0; at < result->found_count; at++) {
        struct sessions *sessions = &result->sessions[at];
        capacity_judge_choose(search, result->found[at].place, sessions);
        for (size_t session = 0; session < sessions->count; session++)
            capacity_timetable_prefetch_terms(search->timetable, sessions->slots[session]);
    }
}
