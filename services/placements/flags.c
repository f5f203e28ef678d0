/* What somebody has to look at: made from the records when it is asked for, so that nothing has to be told of every placement when a
 * contract ends. */
#include "services/placements/checks.h"
#include "services/placements/money.h"

#define FLAG(name) (UINT32_C(1) << DW__PLACEMENT_FLAG__PLACEMENT_FLAG_##name)

/* Last date on which the contract is of use: none is after the exercised term of its framework. */
static int32_t last_of(const struct state *state, const Dw__CommissioningModel *model,
                       const Dw__NotedContract *contract)
{
    const Dw__Framework *framework = placements_framework(model, contract->contract->framework);
    const int32_t own_last = placements_contract_last(contract);
    const int32_t framework_last =
        framework == NULL ? INT32_MAX : placements_framework_last(state, framework);
    return framework_last < own_last ? framework_last : own_last;
}

/* The placement's own contract, or another one, goes on until that date. */
static bool goes_on(const struct state *state, const Dw__CommissioningModel *model,
                    const Dw__Placement *placement, int32_t date)
{
    struct id contract_id;
    const Dw__NotedContract *contract =
        placements_contract(state, placement->terms, date, &contract_id);
    return contract != NULL && date <= last_of(state, model, contract);
}

/* What of its contract has to be looked at. Who is paid for by nobody here has none. */
static uint32_t contract_flags(const struct state *state, const Dw__CommissioningModel *model,
                               const Dw__Placement *placement, int32_t today)
{
    const Dw__NotedContract *own = placements_contract_of(state, placement);
    if (own == NULL)
        return 0;
    const int32_t ahead = model->rules == NULL ? 0 : (int32_t)model->rules->contract_warning_days;
    if (goes_on(state, model, placement, today + ahead))
        return 0;
    if (goes_on(state, model, placement, today))
        return FLAG(CONTRACT_NEARS_END);
    const int32_t last = last_of(state, model, own);
    if (last < today)
        return FLAG(CONTRACT_ENDED);
    return last < today + ahead ? FLAG(CONTRACT_NEARS_END)
                                : 0; /* closed to others, and still in force */
}

/* Nobody new is placed where the person is. */
static bool is_suspended(const struct state *state, const Dw__PlacementTerms *terms)
{
    const struct id provider_id = id_or_zero(&terms->provider_id);
    const struct id service_id = id_or_zero(&terms->service_id);
    return entities_get(state->entities, PLACEMENTS_KIND_SUSPENSION, &provider_id, 0) != NULL ||
           entities_get(state->entities, PLACEMENTS_KIND_SUSPENSION, &service_id, 0) != NULL;
}

/* It is kept as long as the model's longest, and then no more. */
static bool is_not_held(const Dw__CommissioningModel *model, const Dw__Placement *placement)
{
    const bool waits = placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_AWAITING_APPROVAL ||
                       placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED;
    const bool change_waits = placements_change_state(placement) == CHANGE_AWAITING_APPROVAL &&
                              placement->change->hold_id.len > 0;
    return model->rules != NULL && model->rules->hold_minutes > 0 &&
           ((waits && placement->hold_until_ms == 0) ||
            (change_waits && placement->change->hold_until_ms == 0));
}

uint32_t placements_flags(const struct state *state, const Dw__CommissioningModel *model,
                          const Dw__Placement *placement, int32_t today)
{
    uint32_t flags = 0;
    if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_AWAITING_APPROVAL ||
        placements_change_state(placement) == CHANGE_AWAITING_APPROVAL)
        flags |= FLAG(AWAITS_APPROVAL);
    if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED &&
        placement->terms->from->days < today)
        flags |= FLAG(START_OVERDUE);
    if (is_not_held(model, placement))
        flags |= FLAG(PLACE_NOT_HELD);
    if (!placements_is_coming(placement))
        return flags;
    if (placement->trial_until != NULL && placement->trial_until->days < today)
        flags |= FLAG(TRIAL_OVER);
    if (placement->terms->to != NULL && placement->terms->to->days < today)
        flags |= FLAG(TERM_OVER);
    flags |= contract_flags(state, model, placement, today);
    const Dw__EnablementClock *clock = placement->clock;
    if (clock != NULL && clock->over)
        flags |= FLAG(ENABLEMENT_OVER);
    else if (clock != NULL && clock->warned_count > 0)
        flags |= FLAG(ENABLEMENT_WARNED);
    if (placement->ending != NULL)
        flags |= FLAG(ENDING);
    if (is_suspended(state, placement->terms))
        flags |= FLAG(PLACEMENTS_SUSPENDED);
    if (placement->review_overdue)
        flags |= FLAG(REVIEW_OVERDUE);
    if (placement->suspension != NULL && placement->suspension->released)
        flags |= FLAG(PLACE_RELEASED);
    if (placements_is_disrupted(state, placement, today))
        flags |= FLAG(DISRUPTED);
    if (placements_covers_nobody(state, placement, today))
        flags |= FLAG(COVER_OVER);
    return flags;
}
