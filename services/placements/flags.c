/* What somebody has to look at: made from the records when it is asked for, so that nothing has to be told of every placement when a
 * contract ends. */
#include "services/placements/checks.h"
#include "services/placements/money.h"

#define FLAG(name) (UINT32_C(1) << DW__PLACEMENT_FLAG__PLACEMENT_FLAG_##name)

/* What of its contract has to be looked at. Who is paid for by nobody here has none. */
static uint32_t contract_flags(const struct state *state, const Dw__CommissioningModel *model,
                               const Dw__Placement *placement, int32_t today)
{
    struct id contract_id;
    const Dw__NotedContract *own = placements_contract_of(state, placement);
    if (own == NULL)
        return 0;
    const int32_t ahead = model->rules == NULL ? 0 : (int32_t)model->rules->contract_warning_days;
    if (placements_contract(state, placement->terms, today + ahead, &contract_id) != NULL)
        return 0; /* its own or another one goes on */
    if (placements_contract(state, placement->terms, today, &contract_id) != NULL)
        return FLAG(CONTRACT_NEARS_END);
    if (placements_contract_last(own) < today)
        return FLAG(CONTRACT_ENDED);
    return placements_contract_last(own) < today + ahead
               ? FLAG(CONTRACT_NEARS_END)
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

static bool is_disrupted(const struct state *state, const Dw__Placement *placement, int32_t today)
{
    for (uint32_t part = 0; part < placements_disruption_parts(placement); part++) {
        const Dw__Disruption *disruption =
            placements_disruption(state, &placement->placement_id, part);
        if (disruption != NULL && (disruption->to == NULL || disruption->to->days >= today))
            return true;
    }
    return false;
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
    if (is_disrupted(state, placement, today))
        flags |= FLAG(DISRUPTED);
    return flags;
}
