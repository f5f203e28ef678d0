/* One service against the rules from contract to viable hours. Integers only. See search.h. */
#include <string.h>

#include "services/capacity/closed.h"
#include "services/capacity/search.h"

/* --- price -------------------------------------------------------------------------------------------------------- */

/* What is paid for, in a week in which all sessions sit. */
struct week {
    int64_t sessions;
    int64_t days;
    int64_t minutes;
};

static int64_t cost_of(int64_t price_pence, Dw__PriceUnit unit, struct week week)
{
    switch (unit) {
    case DW__PRICE_UNIT__PRICE_UNIT_SESSION:
        return price_pence * week.sessions;
    case DW__PRICE_UNIT__PRICE_UNIT_HOUR:
        return (price_pence * week.minutes + 30) / 60;
    case DW__PRICE_UNIT__PRICE_UNIT_DAY:
        return price_pence * week.days;
    case DW__PRICE_UNIT__PRICE_UNIT_WEEK:
        return price_pence;
    case DW__PRICE_UNIT__PRICE_UNIT_UNSPECIFIED:
    case _DW__PRICE_UNIT_IS_INT_SIZE:
        break;
    }
    return 0;
}

static const struct rates_to_come *rates_to_come(const struct search *search, uint32_t place)
{
    return &capacity_catalogue_entry(search->catalogue, place)->rates;
}

/* By what it costs on the range's first date. */
static int64_t price_of(const struct search *search, uint32_t place, struct week week)
{
    const struct brief *brief = &search->briefs[place];
    if (brief->is_changing && rates_to_come(search, place)->from <= search->request->from)
        return cost_of(rates_to_come(search, place)->price_pence,
                       (Dw__PriceUnit)rates_to_come(search, place)->price_unit, week);
    return cost_of(brief->price_pence, (Dw__PriceUnit)brief->price_unit, week);
}

/* When it costs something else within the range, and what. */
static struct later_price later_price_of(const struct search *search, uint32_t place,
                                         struct week week)
{
    const struct rates_to_come *rates = rates_to_come(search, place);
    if (rates->from <= search->request->from || rates->from > search->request->to)
        return (struct later_price){.from = INT32_MAX};
    return (struct later_price){
        rates->from, cost_of(rates->price_pence, (Dw__PriceUnit)rates->price_unit, week)};
}

static struct week week_of(const struct pattern *pattern)
{
    struct week week = {.sessions = (int64_t)pattern->count};
    unsigned days = 0;
    for (size_t at = 0; at < pattern->count; at++) {
        const struct offer *offer = pattern->offers[at];
        const unsigned bit = 1U << offer->weekday;
        week.days += (days & bit) == 0;
        week.minutes += offer->end_minutes - offer->start_minutes;
        days |= bit;
    }
    return week;
}

struct later_price capacity_judge_later_price(const struct search *search, uint32_t place,
                                              const struct pattern *pattern)
{
    return later_price_of(search, place, week_of(pattern));
}

int64_t capacity_judge_price(const struct search *search, uint32_t place,
                             const struct pattern *pattern)
{
    return price_of(search, place, week_of(pattern));
}

/* --- rules -------------------------------------------------------------------------------------------------------- */

/* The first rule that excludes a service is the one it is counted under, in whatever order they are judged. */
static void fail(struct fit *fit, uint32_t rule)
{
    if (fit->failures++ == 0 || rule < fit->rule)
        fit->rule = rule;
}

static bool has_contract(const struct search *search, uint32_t place)
{
    const struct brief *brief = &search->briefs[place];
    const int32_t date = search->request->from;
    if (!search->request->needs_contract)
        return true;
    if (date > brief->contract_to)
        return false;
    return date >= brief->contract_from ||
           capacity_catalogue_entry_contract(
               search->catalogue, capacity_catalogue_entry(search->catalogue, place), date);
}

bool capacity_judge_admits(const struct search *search, uint32_t place)
{
    const struct brief *brief = &search->briefs[place];
    return has_contract(search, place) && !brief->is_suspended && !brief->is_unbooked;
}

/* Price and hours, of sessions that were chosen. */
static void judge_week(const struct search *search, uint32_t place, struct week week,
                       struct fit *fit)
{
    const struct search_request *request = search->request;
    fit->price_pence = price_of(search, place, week);
    if (request->price_limit_pence > 0 && fit->price_pence > request->price_limit_pence)
        fail(fit, DW__SEARCH_RULE__SEARCH_RULE_PRICE);
    fit->is_under_viable = fit->minutes < request->viable_minutes;
    if (fit->is_under_viable && request->viable_excludes)
        fail(fit, DW__SEARCH_RULE__SEARCH_RULE_VIABLE_HOURS);
}

static bool can_choose(const struct search *search, const struct entry *entry, unsigned musts,
                       struct pattern *ret_pattern)
{
    return capacity_fit_choose(search, entry, UINT32_MAX, musts, NULL, ret_pattern) &&
           ret_pattern->minutes >= search->request->minutes_per_week;
}

static bool has_closures(const struct search *search, const struct entry *entry)
{
    const struct closed *closed = capacity_timetable_closed(search->timetable);
    for (size_t at = 0; at < entry->offers_count; at++)
        if (capacity_closed_ahead(closed, entry->offers[at].slot,
                                  search->weeks[entry->offers[at].weekday].first))
            return true;
    return false;
}

/* Chooses sessions that have all, else such as lack one of places, a person who has time, and open sittings, else more of these;
 * false when not even that can be done. */
static bool judge_sessions(const struct search *search, const struct entry *entry, struct fit *fit,
                           struct pattern *ret_pattern)
{
    static const unsigned tries[] = {FIT_ALL,
                                     FIT_PERSON | FIT_OPEN,
                                     FIT_PLACES | FIT_OPEN,
                                     FIT_PLACES | FIT_PERSON,
                                     FIT_OPEN,
                                     FIT_PERSON,
                                     FIT_PLACES,
                                     0};
    /* Musts that stand in nobody's way: leaving them out changes nothing. */
    unsigned idle = search->request->busy_count > 0 ? 0 : FIT_PERSON;
    for (size_t at = 0; at < sizeof tries / sizeof tries[0]; at++) {
        if (at == 1 && !has_closures(search, entry))
            idle |= FIT_OPEN;
        if ((tries[at] & idle) != idle || !can_choose(search, entry, tries[at], ret_pattern))
            continue;
        if ((tries[at] & FIT_PLACES) == 0)
            fail(fit, DW__SEARCH_RULE__SEARCH_RULE_PLACES);
        if ((tries[at] & FIT_PERSON) == 0)
            fail(fit, DW__SEARCH_RULE__SEARCH_RULE_PERSON);
        if ((tries[at] & FIT_OPEN) == 0)
            fail(fit, DW__SEARCH_RULE__SEARCH_RULE_CLOSED);
        return true;
    }
    fail(fit, DW__SEARCH_RULE__SEARCH_RULE_TIMES);
    return false;
}

/* On more than half of the sittings of the sessions chosen. */
static bool is_mostly_closed(const struct search *search, const struct pattern *pattern)
{
    const struct closed *closed = capacity_timetable_closed(search->timetable);
    struct closed_share all = {0};
    for (size_t at = 0; at < pattern->count; at++) {
        const struct offer *offer = pattern->offers[at];
        const struct closed_share share =
            capacity_closed_share(closed, offer->slot, offer->every_weeks,
                                  capacity_fit_weeks(offer, search->weeks[offer->weekday]));
        all.sittings += share.sittings;
        all.closed += share.closed;
    }
    return all.closed > all.sittings - all.closed;
}

static void judge_by_sessions(const struct search *search, uint32_t place, struct fit *fit)
{
    const struct entry *entry = capacity_catalogue_entry(search->catalogue, place);
    struct pattern pattern;
    if (!judge_sessions(search, entry, fit, &pattern))
        return; /* without sessions there is neither price nor hours to judge */
    fit->is_mostly_closed = has_closures(search, entry) && is_mostly_closed(search, &pattern);
    fit->minutes = pattern.minutes;
    judge_week(search, place, week_of(&pattern), fit);
}

/* --- ready sessions ------------------------------------------------------------------------------------------------- */

/* True when ready sessions answer all that is asked: a place on days that differ, at any time, for somebody who has time,
 * from a week on that the bits are made for. */
static bool asks_for_ready(const struct search *search, const struct ready *ready)
{
    static const int16_t one_place[LIMIT_KINDS] = {[LIMIT_PLACES] = 1};
    const struct search_request *request = search->request;
    unsigned days = 0;
    if (request->wishes_count == 0 || request->busy_count > 0 ||
        memcmp(request->uses, one_place, sizeof one_place) != 0)
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

void capacity_judge_prepare(struct search *search, uint64_t *ret_ready)
{
    const struct search_request *request = search->request;
    const struct ready *ready = capacity_catalogue_ready(search->catalogue);
    const size_t size = search->words * sizeof ret_ready[0];
    search->is_ready = ret_ready;
    if (!asks_for_ready(search, ready)) {
        memset(ret_ready, 0, size);
        return;
    }
    memcpy(ret_ready, capacity_ready_fresh(ready), size);
    for (size_t at = 0; at < request->wishes_count; at++) {
        const struct wish *wish = &request->wishes[at];
        const uint32_t row = wish->weekday * UINT32_C(4) + wish->part - 1;
        const uint64_t *bits = capacity_ready_row(ready, row);
        search->ready_minutes[at] = capacity_ready_minutes(ready, row);
        search->ready_slots[at] = capacity_ready_slots(ready, row);
        for (uint32_t word = 0; word < search->words; word++)
            ret_ready[word] &= bits[word];
    }
}

static uint32_t minutes_of_ready(const struct search *search, uint32_t place)
{
    uint32_t minutes = 0;
    for (size_t at = 0; at < search->request->wishes_count; at++)
        minutes += search->ready_minutes[at][place];
    return minutes;
}

/* Its ready sessions are all that has to be looked at. Where they are too short for the hours that are wanted, longer ones may do. */
static bool is_by_ready(const struct search *search, uint32_t place)
{
    return capacity_set_has(search->is_ready, place) &&
           minutes_of_ready(search, place) >= search->request->minutes_per_week;
}

/* One session a wish, each on a day of its own. */
static struct week week_of_ready(const struct search *search, uint32_t minutes)
{
    const int64_t count = (int64_t)search->request->wishes_count;
    return (struct week){count, count, minutes};
}

static void judge_by_ready(const struct search *search, uint32_t place, struct fit *fit)
{
    fit->minutes = minutes_of_ready(search, place);
    judge_week(search, place, week_of_ready(search, fit->minutes), fit);
}

/* --- both ----------------------------------------------------------------------------------------------------------- */

void capacity_judge(const struct search *search, uint32_t place, struct fit *ret_fit)
{
    const struct brief *brief = &search->briefs[place];
    *ret_fit = (struct fit){0};
    if (!has_contract(search, place))
        fail(ret_fit, DW__SEARCH_RULE__SEARCH_RULE_CONTRACT);
    if (brief->is_suspended)
        fail(ret_fit, DW__SEARCH_RULE__SEARCH_RULE_PLACEMENTS_SUSPENDED);
    if (brief->is_unbooked)
        fail(ret_fit, DW__SEARCH_RULE__SEARCH_RULE_UNBOOKED);
    if (is_by_ready(search, place))
        judge_by_ready(search, place, ret_fit);
    else
        judge_by_sessions(search, place, ret_fit);
}

void capacity_judge_choose(const struct search *search, uint32_t place,
                           struct sessions *ret_sessions)
{
    const size_t wishes_count = search->request->wishes_count;
    struct pattern pattern;
    ret_sessions->minutes = 0;
    if (is_by_ready(search, place)) {
        ret_sessions->count = wishes_count;
        for (size_t at = 0; at < wishes_count; at++) {
            ret_sessions->slots[at] = search->ready_slots[at][place];
            ret_sessions->minutes += search->ready_minutes[at][place];
        }
        ret_sessions->later =
            later_price_of(search, place, week_of_ready(search, ret_sessions->minutes));
        return;
    }
    (void)capacity_fit_choose(search, capacity_catalogue_entry(search->catalogue, place),
                              UINT32_MAX, FIT_ALL, NULL, &pattern);
    ret_sessions->count = pattern.count;
    ret_sessions->minutes = pattern.minutes;
    for (size_t at = 0; at < pattern.count; at++)
        ret_sessions->slots[at] = pattern.offers[at]->slot;
    ret_sessions->later = later_price_of(search, place, week_of(&pattern));
}
