/* What changes save: what was to be paid and is, from a change to the end of its financial year, or to the end of support when that comes
 * sooner. The design's domain, "Money" (savings). */
#include "services/placements/checks.h"
#include "services/placements/money.h"

#include "common/calendar.h"

/* Days in which the place was given back: nothing was paid, and nothing saved. */
struct gaps {
    struct days list[PLACEMENTS_FORMER_MAX + 1];
    size_t count;
};

/* Between what was had and what is had again; and these, unless they are NULL. */
static struct gaps find_gaps(const Dw__Placement *placement, const struct days *away)
{
    struct gaps gaps = {.count = 0};
    for (size_t at = 0; at < placement->n_former && at < PLACEMENTS_FORMER_MAX; at++) {
        const struct days gap = {placement->former[at]->last->days + 1,
                                 placements_terms_after(placement, at)->from->days - 1};
        if (gap.first <= gap.last)
            gaps.list[gaps.count++] = gap;
    }
    if (away != NULL)
        gaps.list[gaps.count++] = *away;
    return gaps;
}

/* As if the terms had no end of their own. */
static int64_t cost_besides(const struct state *state, const Dw__PlacementTerms *terms,
                            int32_t first, int32_t last, const struct gaps *gaps)
{
    Dw__PlacementTerms open = *terms;
    Dw__Date from = {.base = terms->from->base, .days = first};
    int64_t pence = 0;
    open.from = &from;
    open.to = NULL;
    for (size_t at = 0; at < gaps->count && first <= last; at++) {
        const struct days *gap = &gaps->list[at];
        if (gap->last < first)
            continue;
        pence += placements_terms_cost(state, &open, first, calendar_earlier(last, gap->first - 1));
        first = calendar_later(first, gap->last + 1);
    }
    return pence + (first > last ? 0 : placements_terms_cost(state, &open, first, last));
}

/* By the terms that the change ended and those it made. */
static void count_until(const struct state *state, const Dw__PlacementTerms *before,
                        const Dw__PlacementTerms *after, int32_t last, const struct gaps *gaps,
                        Dw__ChangeSaving *saving)
{
    saving->before_pence = cost_besides(state, before, after->from->days, last, gaps);
    saving->after_pence = cost_besides(state, after, after->from->days, last, gaps);
}

static int32_t last_of_year(const Dw__PlacementTerms *terms)
{
    return calendar_date(calendar_financial_year(terms->from->days) + 1, 3, 31);
}

bool placements_tell_saving(const struct state *state, const Dw__CommissioningModel *model,
                            const Dw__Placement *placement, const Dw__PendingChange *change,
                            Dw__ChangeSaving *ret_saving, Dw__Date *ret_until)
{
    const Dw__PlacementTerms *before = placement->terms;
    const Dw__ContractTerms *kind =
        placements_contract_terms(model, placements_contract_for(state, change->terms, placement));
    if (!placements_is_bought(before) || !placements_is_bought(change->terms) ||
        (kind != NULL && kind->fixed_value))
        return false;
    dw__date__init(ret_until);
    ret_until->days = calendar_earlier(
        last_of_year(change->terms),
        calendar_earlier(placements_last_agreed(before), placements_last_agreed(change->terms)));
    dw__change_saving__init(ret_saving);
    const struct gaps none = {.count = 0};
    count_until(state, before, change->terms, ret_until->days, &none, ret_saving);
    ret_saving->like_for_like = placements_same_support(before, change->terms);
    ret_saving->why = change->why;
    ret_saving->until = ret_until;
    return true;
}

static void add(struct savings *savings, size_t former, const Dw__ChangeSaving *saving)
{
    Dw__SavingCounted *counted = &savings->counted[savings->count];
    dw__saving_counted__init(counted);
    counted->former = (uint32_t)former;
    if (saving != NULL) {
        savings->savings[savings->count] = *saving;
        counted->saving = &savings->savings[savings->count];
    }
    savings->list[savings->count++] = counted;
}

/* The last date to which a change was counted when it was made, which those that were stored before it was kept do not say. */
static int32_t counted_until(const Dw__ChangeSaving *saving, const Dw__PlacementTerms *before,
                             const Dw__PlacementTerms *after)
{
    if (saving->until != NULL)
        return saving->until->days;
    const int32_t last =
        calendar_earlier(last_of_year(after), before->to == NULL ? INT32_MAX : before->to->days);
    return calendar_earlier(last, after->to == NULL ? INT32_MAX : after->to->days);
}

void placements_count_savings(const struct state *state, const Dw__Placement *placement,
                              size_t count, int32_t last, const struct days *away,
                              struct savings *ret_savings)
{
    const struct gaps gaps = find_gaps(placement, away);
    ret_savings->count = 0;
    if (away == NULL)
        last = calendar_earlier(last, placements_last_with_place(placement));
    for (size_t at = 0; at < count && at < PLACEMENTS_FORMER_MAX; at++) {
        const Dw__PlacementTerms *before = placement->former[at]->terms;
        const Dw__PlacementTerms *after = placements_terms_after(placement, at);
        const Dw__ChangeSaving *known = placement->former[at]->saving;
        if (known == NULL)
            continue;
        Dw__ChangeSaving saving = *known;
        count_until(state, before, after,
                    calendar_earlier(last, counted_until(known, before, after)), &gaps, &saving);
        if (saving.before_pence != known->before_pence || saving.after_pence != known->after_pence)
            add(ret_savings, at, &saving);
    }
}

void placements_take_savings_back(const Dw__Placement *placement, size_t first,
                                  struct savings *ret_savings)
{
    ret_savings->count = 0;
    for (size_t at = first; at < placement->n_former && at < PLACEMENTS_FORMER_MAX; at++)
        if (placement->former[at]->saving != NULL)
            add(ret_savings, at, NULL);
}
