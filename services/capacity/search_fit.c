/* One service against one wish: which of its sessions are taken, and which rules from DAYS on it breaks. */
#include "services/capacity/search.h"

/* Sessions picked so far, without regard to places or with. */
struct pattern {
    uint32_t minutes;
    uint32_t weekdays; /* bits */
    uint16_t picks[PICKS_MAX];
    uint8_t count;
};

static void pick(struct pattern *pattern, const struct slot *slot, size_t at)
{
    pattern->minutes += (uint32_t)(slot->end_minute - slot->start_minute);
    pattern->weekdays |= UINT32_C(1) << slot->weekday;
    pattern->picks[pattern->count++] = (uint16_t)at;
}

static uint32_t weekly_price(const struct offer *offer, const struct pattern *pattern)
{
    const uint64_t price = offer->price_pence;
    if (pattern->count == 0)
        return 0;
    switch (offer->unit) {
    case DW__PRICE_UNIT__PRICE_UNIT_SESSION:
        return (uint32_t)(price * pattern->count);
    case DW__PRICE_UNIT__PRICE_UNIT_HOUR:
        return (uint32_t)((price * pattern->minutes + 30) / 60);
    case DW__PRICE_UNIT__PRICE_UNIT_DAY:
        return (uint32_t)(price * (uint32_t)__builtin_popcount(pattern->weekdays));
    case DW__PRICE_UNIT__PRICE_UNIT_WEEK:
        return (uint32_t)price;
    case DW__PRICE_UNIT__PRICE_UNIT_UNSPECIFIED:
    case _DW__PRICE_UNIT_IS_INT_SIZE:
        break;
    }
    return 0;
}

static bool is_wanted(const struct slot *slot, const struct want *want,
                      const struct search_wish *wish)
{
    return slot->weekday == want->weekday && slot->start_minute >= want->start_minute &&
           slot->end_minute <= want->end_minute && slot->from <= wish->from && slot->to >= wish->to;
}

/* Picks the sessions of one want into both patterns. */
static void pick_want(const struct offer *offer, struct timetable *timetable,
                      const struct search_wish *wish, const struct want *want, struct pattern *all,
                      struct pattern *free)
{
    const uint8_t each = wish->wants_count > PICKS_MAX / 2 ? 1 : 2;
    const uint8_t all_max = (uint8_t)(all->count + each);
    const uint8_t free_max = (uint8_t)(free->count + each);
    uint16_t all_end = 0;
    uint16_t free_end = 0;
    for (uint32_t at = 0; at < offer->slots_count; at++) {
        const struct slot *slot = &offer->slots[at];
        if (!is_wanted(slot, want, wish))
            continue;
        if (slot->start_minute >= all_end && all->count < all_max) {
            pick(all, slot, at);
            all_end = slot->end_minute;
        }
        if (slot->start_minute >= free_end && free->count < free_max &&
            timetable_fits(timetable, slot->row, &wish->uses, wish->from, wish->to)) {
            pick(free, slot, at);
            free_end = slot->end_minute;
        }
    }
}

static uint32_t rule_bit(Dw__ExclusionRule rule)
{
    return UINT32_C(1) << rule;
}

/* Takes the pattern with places where there is one, else the one that shows what is missing. */
static void finish(const struct offer *offer, const struct search_wish *wish,
                   const struct pattern *all, const struct pattern *free, struct search_fit *fit)
{
    if (all->minutes < wish->minutes)
        fit->fails |= rule_bit(DW__EXCLUSION_RULE__EXCLUSION_RULE_HOURS);
    else if (free->minutes < wish->minutes)
        fit->fails |= rule_bit(DW__EXCLUSION_RULE__EXCLUSION_RULE_NO_PLACE);
    const bool no_place = (fit->fails & rule_bit(DW__EXCLUSION_RULE__EXCLUSION_RULE_NO_PLACE)) != 0;
    const struct pattern *pattern = no_place ? all : free;
    fit->minutes = pattern->minutes;
    fit->price_pence = weekly_price(offer, pattern);
    fit->picks_count = pattern->count;
    for (size_t at = 0; at < pattern->count; at++)
        fit->picks[at] = pattern->picks[at];
    if (wish->price_max_pence != 0 && fit->price_pence > wish->price_max_pence)
        fit->fails |= rule_bit(DW__EXCLUSION_RULE__EXCLUSION_RULE_PRICE);
}

struct search_fit search_fit(const struct offer *offer, struct timetable *timetable,
                             const struct search_wish *wish, uint32_t wants)
{
    struct search_fit fit = {0};
    struct pattern all = {0};
    struct pattern free = {0};
    for (uint8_t at = 0; at < wish->wants_count; at++) {
        if ((wants >> at & 1) == 0)
            continue;
        const uint8_t all_before = all.count;
        const uint8_t free_before = free.count;
        pick_want(offer, timetable, wish, &wish->wants[at], &all, &free);
        if (free.count > free_before) {
            fit.covered |= UINT32_C(1) << at;
            continue;
        }
        const Dw__ExclusionRule rule = all.count == all_before
                                           ? DW__EXCLUSION_RULE__EXCLUSION_RULE_DAYS
                                           : DW__EXCLUSION_RULE__EXCLUSION_RULE_NO_PLACE;
        const uint32_t days = rule_bit(DW__EXCLUSION_RULE__EXCLUSION_RULE_DAYS);
        if (fit.fails == 0 ||
            (rule == DW__EXCLUSION_RULE__EXCLUSION_RULE_DAYS && (fit.fails & days) == 0))
            fit.trouble = at;
        fit.fails |= rule_bit(rule);
    }
    finish(offer, wish, &all, &free, &fit);
    return fit;
}
