/* The decision to propose a placement: what the terms must say, and what speaks against them. */
#include "services/placements/checks.h"

static void check_form(const Dw__ProposePlacement *propose, struct decision *decision)
{
    struct id id;
    if (!id_from_data(&propose->placement_id, &id))
        decision_invalid(decision, "placement_id", "it must be said, and it is not");
    else if (!id_from_data(&propose->hold_id, &id))
        decision_invalid(decision, "hold_id", "it must be said, and it is not");
    else if (propose->terms == NULL)
        decision_invalid(decision, "terms", "they must be said, and they are not");
    else if (propose->terms->call_off_id.len > 0 ||
             propose->terms->ground == DW__AWARD_GROUND__AWARD_GROUND_CALLED_OFF)
        decision_invalid(decision, "terms.ground",
                         "the award of a call-off says so; a direct award has another ground");
    else if (propose->n_passed_over_service_ids > PLACEMENTS_PASSED_OVER_MAX)
        decision_invalid(decision, "passed_over_service_ids", "at most %d are kept",
                         PLACEMENTS_PASSED_OVER_MAX);
    else
        placements_check_terms(propose->terms, decision);
}

/* True when the very same was proposed before, so that there is nothing to do; refuses when one of the ids is used. */
static bool is_known(const struct state *state, const Dw__ProposePlacement *propose,
                     struct decision *decision)
{
    const Dw__Placement *same = placements_get(state, &propose->placement_id);
    if (same != NULL && decision_same(decision, &same->terms->base, &propose->terms->base) &&
        (same->hold_replaced || id_data_equal(&same->hold_id, &propose->hold_id)))
        return true;
    if (same != NULL || placements_by_hold(state, &propose->hold_id) != NULL)
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_ALREADY_EXISTS,
                        "This %s id is used by a placement that says something else; take a "
                        "fresh one.",
                        same != NULL ? "placement" : "hold");
    return false;
}

PLACEMENTS_DECIDE(propose)
{
    const Dw__ProposePlacement *propose = (const Dw__ProposePlacement *)command;
    check_form(propose, decision);
    if (decision_is_no(decision) || is_known(state, propose, decision))
        return;
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    placements_check_reason(propose->terms->support_reason, model, decision);
    placements_check_model(propose->terms, model, decision);
    placements_check_free(state, propose->terms, decision);
    if (decision_is_no(decision) ||
        !placements_framework_has(state, model, propose->terms, NULL, decision))
        return;
    Dw__PlacementProposed proposed = DW__PLACEMENT_PROPOSED__INIT;
    proposed.placement_id = propose->placement_id;
    proposed.hold_id = propose->hold_id;
    proposed.terms = propose->terms;
    proposed.passed_over_service_ids = propose->passed_over_service_ids;
    proposed.n_passed_over_service_ids = propose->n_passed_over_service_ids;
    decision_emit(decision, &proposed.base);
    placements_send_hold(decision, propose->terms, &propose->hold_id, NULL);
}
