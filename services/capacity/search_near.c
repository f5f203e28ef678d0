/* Those near enough: ranked and counted. See search.h. */
#include "services/capacity/search.h"

/* --- ranking ------------------------------------------------------------------------------------------------------ */

/* What a criterion compares; less is better. */
static int64_t measure_of(const struct found *found, Dw__RankCriterion criterion)
{
    switch (criterion) {
    case DW__RANK_CRITERION__RANK_CRITERION_OPEN:
        return found->is_mostly_closed;
    case DW__RANK_CRITERION__RANK_CRITERION_VIABLE_HOURS:
        return found->is_under_viable;
    case DW__RANK_CRITERION__RANK_CRITERION_TRAVEL:
        return found->band;
    case DW__RANK_CRITERION__RANK_CRITERION_PRICE:
        return found->price_pence;
    case DW__RANK_CRITERION__RANK_CRITERION_DISTANCE:
        return found->metres_squared;
    case DW__RANK_CRITERION__RANK_CRITERION_UNSPECIFIED:
    case _DW__RANK_CRITERION_IS_INT_SIZE:
        break;
    }
    return 0;
}

/* The first criterion in which they differ; UNSPECIFIED when they do in none. */
static Dw__RankCriterion deciding(const struct search_request *request, const struct found *left,
                                  const struct found *right)
{
    for (size_t at = 0; at < request->ranking_count; at++)
        if (measure_of(left, request->ranking[at]) != measure_of(right, request->ranking[at]))
            return request->ranking[at];
    return DW__RANK_CRITERION__RANK_CRITERION_UNSPECIFIED;
}

static bool ranks_before(const struct search *search, const struct found *left,
                         const struct found *right)
{
    const Dw__RankCriterion criterion = deciding(search->request, left, right);
    if (criterion != DW__RANK_CRITERION__RANK_CRITERION_UNSPECIFIED)
        return measure_of(left, criterion) < measure_of(right, criterion);
    return search->briefs[left->place].rank < search->briefs[right->place].rank;
}

Dw__RankReason capacity_near_reason(const struct search_request *request, const struct found *above,
                                    const struct found *found)
{
    if (above == NULL)
        return DW__RANK_REASON__RANK_REASON_FIRST;
    switch (deciding(request, above, found)) {
    case DW__RANK_CRITERION__RANK_CRITERION_OPEN:
        return DW__RANK_REASON__RANK_REASON_MOSTLY_CLOSED;
    case DW__RANK_CRITERION__RANK_CRITERION_VIABLE_HOURS:
        return DW__RANK_REASON__RANK_REASON_UNDER_VIABLE_HOURS;
    case DW__RANK_CRITERION__RANK_CRITERION_TRAVEL:
        return DW__RANK_REASON__RANK_REASON_FARTHER;
    case DW__RANK_CRITERION__RANK_CRITERION_PRICE:
        return DW__RANK_REASON__RANK_REASON_DEARER;
    case DW__RANK_CRITERION__RANK_CRITERION_DISTANCE:
        return above->band == found->band ? DW__RANK_REASON__RANK_REASON_SLIGHTLY_FARTHER
                                          : DW__RANK_REASON__RANK_REASON_FARTHER;
    case DW__RANK_CRITERION__RANK_CRITERION_UNSPECIFIED:
    case _DW__RANK_CRITERION_IS_INT_SIZE:
        break;
    }
    return DW__RANK_REASON__RANK_REASON_EQUAL;
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
                                .is_mostly_closed = fit->is_mostly_closed,
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
