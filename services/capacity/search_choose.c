/* Which of a service's sessions are chosen for what is wanted. See search.h.
 *
 * The first sessions that do are chosen, one wish after the other; where they are too short, the longest ones. Where one that was chosen
 * stood in the way of another, which happens seldom, all choices are tried, up to a bound. */
#include "services/capacity/closed.h"
#include "services/capacity/elsewhere.h"
#include "services/capacity/search.h"

enum { TRIES_MAX = 500 }; /* of sessions: few of a service's are at the same hours */

bool capacity_fit_serves(const struct offer *offer, const struct wish *wish)
{
    return offer->weekday == wish->weekday && (offer->parts >> (wish->part - 1) & 1) != 0 &&
           (wish->end_minutes == 0 || (offer->start_minutes <= wish->start_minutes &&
                                       offer->end_minutes >= wish->end_minutes));
}

bool capacity_fit_has_day(const struct entry *entry, const struct wish *wish)
{
    const struct wish on_day = {.weekday = wish->weekday, .part = wish->part};
    for (size_t at = 0; at < entry->offers_count; at++)
        if (capacity_fit_serves(&entry->offers[at], &on_day))
            return true;
    return false;
}

static bool overlaps(const struct pattern *pattern, const struct offer *offer)
{
    for (size_t at = 0; at < pattern->count; at++) {
        const struct offer *chosen = pattern->offers[at];
        if (chosen->weekday == offer->weekday && chosen->start_minutes < offer->end_minutes &&
            offer->start_minutes < chosen->end_minutes &&
            capacity_weeks_meet(chosen->every_weeks, chosen->runs.first, offer->every_weeks,
                                offer->runs.first))
            return true;
    }
    return false;
}

static bool has_places(const struct search *search, const struct offer *offer)
{
    const struct search_request *request = search->request;
    for (size_t limit = 0; limit < LIMIT_KINDS; limit++)
        if (request->uses[limit] > 0 &&
            !capacity_timetable_has(search->timetable, offer->slot, limit,
                                    capacity_fit_weeks(offer, search->weeks[offer->weekday]),
                                    request->this_week, request->uses[limit]))
            return false;
    return true;
}

static bool is_open(const struct search *search, const struct offer *offer)
{
    int32_t week;
    return capacity_closed_opens(capacity_timetable_closed(search->timetable), offer->slot,
                                 offer->every_weeks,
                                 capacity_fit_weeks(offer, search->weeks[offer->weekday]), &week);
}

static bool is_elsewhere(const struct search_request *request, const struct offer *offer)
{
    for (size_t at = 0; at < request->busy_count; at++) {
        const struct busy *busy = &request->busy[at];
        if (busy->weekday == offer->weekday && busy->start_minutes < offer->end_minutes &&
            offer->start_minutes < busy->end_minutes &&
            capacity_weeks_meet(busy->every_weeks, busy->sits_in, offer->every_weeks,
                                offer->runs.first))
            return true;
    }
    return false;
}

static bool may_choose(const struct search *search, const struct offer *offer, unsigned musts,
                       const struct pattern *besides, const struct pattern *pattern)
{
    const struct weeks weeks = capacity_fit_weeks(offer, search->weeks[offer->weekday]);
    return weeks.first <= weeks.last && offer->runs.first <= weeks.first &&
           weeks.last <= offer->runs.last && !overlaps(pattern, offer) &&
           (besides == NULL || !overlaps(besides, offer)) &&
           ((musts & FIT_PERSON) == 0 || !is_elsewhere(search->request, offer)) &&
           ((musts & FIT_OPEN) == 0 || is_open(search, offer)) &&
           ((musts & FIT_PLACES) == 0 || has_places(search, offer));
}

static uint32_t minutes_of(const struct offer *offer)
{
    return (uint32_t)(offer->end_minutes - offer->start_minutes) / offer->every_weeks;
}

/* What is chosen from, and what has been found. */
struct choosing {
    const struct search *search;
    const struct entry *entry;
    const struct pattern *besides; /* chosen elsewhere; NULL: nothing */
    uint32_t wishes;               /* bits */
    unsigned musts;
    uint32_t wanted; /* minutes */
    bool bends;      /* a choice stood in another's way, or served another wish as well */
    uint32_t tries;
    bool found;
    struct pattern pattern; /* chosen so far */
    struct pattern
        best; /* of those that have all, the one with the most minutes, when one was found */
};

static void add_offer(struct pattern *pattern, const struct offer *offer)
{
    pattern->offers[pattern->count++] = offer;
    pattern->minutes += minutes_of(offer);
}

static void take_last_back(struct pattern *pattern)
{
    pattern->minutes -= minutes_of(pattern->offers[--pattern->count]);
}

/* True when it is enough. */
static bool note_best(struct choosing *choosing)
{
    if (!choosing->found || choosing->pattern.minutes > choosing->best.minutes)
        choosing->best = choosing->pattern;
    choosing->found = true;
    return choosing->best.minutes >= choosing->wanted;
}

static bool may_add(struct choosing *choosing, const struct offer *offer)
{
    const struct pattern none = {.count = 0};
    if (overlaps(&choosing->pattern, offer)) {
        choosing->bends = true;
        return false;
    }
    choosing->tries++;
    return may_choose(choosing->search, offer, choosing->musts, choosing->besides, &none);
}

/* --- any hours ---------------------------------------------------------------------------------------------------- */

/* One session after the other, until they are enough. */
static bool take_in_order(struct choosing *choosing)
{
    const struct entry *entry = choosing->entry;
    struct pattern *pattern = &choosing->pattern;
    *pattern = (struct pattern){.count = 0};
    for (size_t at = 0; at < entry->offers_count && pattern->minutes < choosing->wanted; at++)
        if (pattern->count < WISHES_MAX && may_add(choosing, &entry->offers[at]))
            add_offer(pattern, &entry->offers[at]);
    return pattern->minutes >= choosing->wanted && note_best(choosing);
}

/* That the sessions from that one on have, whether they may be chosen or not. */
static uint32_t minutes_from(const struct entry *entry, size_t at)
{
    uint32_t minutes = 0;
    for (; at < entry->offers_count; at++)
        minutes += minutes_of(&entry->offers[at]);
    return minutes;
}

/* With the session and whatever comes behind it, else without it; true when no more is to be tried. */
static bool try_minutes(struct choosing *choosing, size_t at)
{
    struct pattern *pattern = &choosing->pattern;
    if (pattern->minutes >= choosing->wanted)
        return note_best(choosing);
    if (choosing->tries > TRIES_MAX)
        return true;
    if (pattern->count == WISHES_MAX ||
        pattern->minutes + minutes_from(choosing->entry, at) < choosing->wanted)
        return false;
    const struct offer *offer = &choosing->entry->offers[at];
    if (may_add(choosing, offer)) {
        add_offer(pattern, offer);
        if (try_minutes(choosing, at + 1))
            return true;
        take_last_back(pattern);
    }
    return try_minutes(choosing, at + 1);
}

static void choose_minutes(struct choosing *choosing)
{
    if (take_in_order(choosing) || !choosing->bends)
        return;
    choosing->pattern = (struct pattern){.count = 0};
    choosing->tries = 0;
    (void)try_minutes(choosing, 0);
}

/* --- days and parts of days --------------------------------------------------------------------------------------- */

static bool is_served(const struct pattern *pattern, const struct wish *wish)
{
    for (size_t at = 0; at < pattern->count; at++)
        if (capacity_fit_serves(pattern->offers[at], wish))
            return true;
    return false;
}

/* The next wish, from that one on, for which nothing is chosen; the count of wishes: none. */
static size_t next_wish(struct choosing *choosing, size_t at)
{
    const struct search_request *request = choosing->search->request;
    for (; at < request->wishes_count; at++) {
        if ((choosing->wishes >> at & 1) == 0)
            continue;
        if (!is_served(&choosing->pattern, &request->wishes[at]))
            break;
        choosing->bends = true;
    }
    return at;
}

/* The first session that serves the wish, or of those the longest; NULL: none may be chosen. */
static const struct offer *find_offer(struct choosing *choosing, const struct wish *wish,
                                      bool longest)
{
    const struct entry *entry = choosing->entry;
    const struct offer *best = NULL;
    for (size_t at = 0; at < entry->offers_count && (longest || best == NULL); at++) {
        const struct offer *offer = &entry->offers[at];
        if ((best == NULL || minutes_of(offer) > minutes_of(best)) &&
            capacity_fit_serves(offer, wish) && may_add(choosing, offer))
            best = offer;
    }
    return best;
}

/* False when there is none for a wish, or they are not enough. */
static bool take_for_wishes(struct choosing *choosing, bool longest)
{
    const struct search_request *request = choosing->search->request;
    choosing->pattern = (struct pattern){.count = 0};
    for (size_t at = next_wish(choosing, 0); at < request->wishes_count;
         at = next_wish(choosing, at + 1)) {
        const struct offer *offer = find_offer(choosing, &request->wishes[at], longest);
        if (offer == NULL)
            return false;
        add_offer(&choosing->pattern, offer);
    }
    return note_best(choosing);
}

/* Each session that serves the wish, with whatever serves the others; true when no more is to be tried. */
static bool try_wishes(struct choosing *choosing, size_t at)
{
    const struct search_request *request = choosing->search->request;
    const struct entry *entry = choosing->entry;
    at = next_wish(choosing, at);
    if (at == request->wishes_count)
        return note_best(choosing);
    for (size_t offer = 0; offer < entry->offers_count; offer++) {
        if (choosing->tries > TRIES_MAX)
            return true;
        if (!capacity_fit_serves(&entry->offers[offer], &request->wishes[at]) ||
            !may_add(choosing, &entry->offers[offer]))
            continue;
        add_offer(&choosing->pattern, &entry->offers[offer]);
        if (try_wishes(choosing, at + 1))
            return true;
        take_last_back(&choosing->pattern);
    }
    return false;
}

static void choose_wishes(struct choosing *choosing)
{
    if (take_for_wishes(choosing, false) || (choosing->found && take_for_wishes(choosing, true)) ||
        !choosing->bends)
        return;
    choosing->pattern = (struct pattern){.count = 0};
    choosing->tries = 0;
    (void)try_wishes(choosing, 0);
}

bool capacity_fit_choose(const struct search *search, const struct entry *entry, uint32_t wishes,
                         unsigned musts, const struct pattern *besides, struct pattern *ret_pattern)
{
    const struct search_request *request = search->request;
    struct choosing choosing = {.search = search,
                                .entry = entry,
                                .besides = besides,
                                .wishes = wishes,
                                .musts = musts,
                                .wanted = request->minutes_per_week};
    if (request->wishes_count > 0) {
        choose_wishes(&choosing);
    } else {
        choosing.wanted = request->minutes_per_week > 0 ? request->minutes_per_week : 1;
        choosing.besides = NULL;
        choose_minutes(&choosing);
    }
    *ret_pattern = choosing.found ? choosing.best : choosing.pattern;
    return choosing.found;
}
