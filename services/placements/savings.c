/* What changes save: what was to be paid and is, from a change to the end of its financial year, or to the end of support when that comes
 * sooner. The design's domain, "Money" (savings). */
#include "services/placements/checks.h"
#include "services/placements/money.h"

#include "common/calendar.h"

/* By the terms that the change ended and those it made, each as if it had no end of its own. */
static void count_until(const struct state *state, const Dw__PlacementTerms *before,
                        const Dw__PlacementTerms *after, int32_t last, Dw__ChangeSaving *saving)
{
    Dw__PlacementTerms former = *before;
    Dw__PlacementTerms changed = *after;
    former.from = after->from;
    former.to = changed.to = NULL;
    saving->before_pence = placements_terms_cost(state, &former, after->from->days, last);
    saving->after_pence = placements_terms_cost(state, &changed, after->from->days, last);
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
    count_until(state, before, change->terms, ret_until->days, ret_saving);
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
                              size_t count, int32_t last, struct savings *ret_savings)
{
    ret_savings->count = 0;
    for (size_t at = 0; at < count && at < PLACEMENTS_FORMER_MAX; at++) {
        const Dw__PlacementTerms *before = placement->former[at]->terms;
        const Dw__PlacementTerms *after = placements_terms_after(placement, at);
        const Dw__ChangeSaving *known = placement->former[at]->saving;
        if (known == NULL)
            continue;
        Dw__ChangeSaving saving = *known;
        count_until(state, before, after,
                    calendar_earlier(last, counted_until(known, before, after)), &saving);
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
