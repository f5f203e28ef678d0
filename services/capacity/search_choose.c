/* Which of a service's sessions are chosen for what is wanted. See search.h.
 *
 * The first sessions that do are chosen, one wish after the other; where they are too short, the longest ones. Where one that was chosen
 * stood in the way of another, which happens seldom, those with the most hours are chosen of each day, for which all choices are tried:
 * sessions of different days are in nobody's way. */
#include "services/capacity/closed.h"
#include "services/capacity/elsewhere.h"
#include "services/capacity/search.h"

enum {
    TRIES_MAX = 500,
    DAYS_A_WEEK = 7
}; /* of one day's sessions, of which few are at the same hours */

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

/* True when some sitting of the session within the range is one that a hold would be refused for. */
static bool is_elsewhere(const struct search *search, const struct offer *offer)
{
    const struct closed *closed = capacity_timetable_closed(search->timetable);
    const struct sitter here = {offer->slot, offer->every_weeks, offer->runs.first};
    for (size_t at = 0; at < search->request->busy_count; at++) {
        const struct busy *busy = &search->request->busy[at];
        if (busy->weekday == offer->weekday && busy->start_minutes < offer->end_minutes &&
            offer->start_minutes < busy->end_minutes &&
            capacity_sit_together(
                closed, &here, &busy->sitter,
                capacity_weeks_both(busy->weeks,
                                    capacity_fit_weeks(offer, search->weeks[offer->weekday]))))
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
           ((musts & FIT_PERSON) == 0 || !is_elsewhere(search, offer)) &&
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
    uint32_t wanted;  /* minutes */
    uint32_t weekday; /* only of that one; 0: of any */
    bool bends;       /* a choice stood in another's way, or served another wish as well */
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

/* That the day's sessions from that one on have, whether they may be chosen or not. */
static uint32_t minutes_from(const struct choosing *choosing, size_t at)
{
    uint32_t minutes = 0;
    for (; at < choosing->entry->offers_count; at++)
        if (choosing->entry->offers[at].weekday == choosing->weekday)
            minutes += minutes_of(&choosing->entry->offers[at]);
    return minutes;
}

/* With the session and whatever comes behind it, else without it: until they can have no more minutes than the best. */
static void try_minutes(struct choosing *choosing, size_t at)
{
    struct pattern *pattern = &choosing->pattern;
    const uint32_t most = pattern->minutes + minutes_from(choosing, at);
    if (choosing->tries > TRIES_MAX || (choosing->found && most <= choosing->best.minutes))
        return;
    if (at == choosing->entry->offers_count || pattern->count == WISHES_MAX) {
        (void)note_best(choosing);
        return;
    }
    const struct offer *offer = &choosing->entry->offers[at];
    if (offer->weekday == choosing->weekday && may_add(choosing, offer)) {
        add_offer(pattern, offer);
        try_minutes(choosing, at + 1);
        take_last_back(pattern);
    }
    try_minutes(choosing, at + 1);
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

/* Each session that serves the wish, with whatever serves the others. */
static void try_wishes(struct choosing *choosing, size_t at)
{
    const struct search_request *request = choosing->search->request;
    const struct entry *entry = choosing->entry;
    at = next_wish(choosing, at);
    if (at == request->wishes_count) {
        (void)note_best(choosing);
        return;
    }
    for (size_t offer = 0; offer < entry->offers_count && choosing->tries <= TRIES_MAX; offer++) {
        if (!capacity_fit_serves(&entry->offers[offer], &request->wishes[at]) ||
            !may_add(choosing, &entry->offers[offer]))
            continue;
        add_offer(&choosing->pattern, &entry->offers[offer]);
        try_wishes(choosing, at + 1);
        take_last_back(&choosing->pattern);
    }
}

/* --- day by day --------------------------------------------------------------------------------------------------- */

static uint32_t wishes_on(const struct choosing *choosing, uint32_t weekday)
{
    const struct search_request *request = choosing->search->request;
    uint32_t wishes = 0;
    for (size_t at = 0; at < request->wishes_count; at++)
        if (request->wishes[at].weekday == weekday)
            wishes |= UINT32_C(1) << at & choosing->wishes;
    return wishes;
}

/* Of one day what has the most minutes, added to what was chosen of those before; false: there is none. */
static bool add_day(const struct choosing *choosing, uint32_t weekday, struct pattern *pattern)
{
    struct choosing day = *choosing;
    day.weekday = weekday;
    day.wishes = wishes_on(choosing, weekday);
    day.wanted = UINT32_MAX;
    day.tries = 0;
    day.found = false;
    day.pattern = (struct pattern){.count = 0};
    if (choosing->search->request->wishes_count > 0)
        try_wishes(&day, 0);
    else
        try_minutes(&day, 0);
    for (size_t at = 0; day.found && at < day.best.count && pattern->count < WISHES_MAX; at++)
        add_offer(pattern, day.best.offers[at]);
    return day.found;
}

static void choose_by_day(struct choosing *choosing)
{
    const bool has_wishes = choosing->search->request->wishes_count > 0;
    struct pattern pattern = {.count = 0};
    for (uint32_t weekday = 1; weekday <= DAYS_A_WEEK; weekday++) {
        if (has_wishes ? wishes_on(choosing, weekday) == 0 : pattern.minutes >= choosing->wanted)
            continue;
        if (!add_day(choosing, weekday, &pattern) && has_wishes)
            return;
    }
    choosing->pattern = pattern;
    if (has_wishes || pattern.minutes >= choosing->wanted)
        (void)note_best(choosing);
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
    bool enough;
    if (request->wishes_count > 0) {
        enough = take_for_wishes(&choosing, false) ||
                 (choosing.found && take_for_wishes(&choosing, true));
    } else {
        choosing.wanted = request->minutes_per_week > 0 ? request->minutes_per_week : 1;
        choosing.besides = NULL;
        enough = take_in_order(&choosing);
    }
    if (!enough && choosing.bends)
        choose_by_day(&choosing);
    *ret_pattern = choosing.found ? choosing.best : choosing.pattern;
    return choosing.found;
}
