/* Decisions about other terms for a placement that goes on. The old ones stay until the change is approved and capacity has
 * confirmed its chairs. */
#include "services/placements/checks.h"
#include "services/placements/money.h"

#include "common/calendar.h"

#include <string.h>

/* --- proposing ---------------------------------------------------------------------------------------------------- */

static bool same_uses(const Dw__PlacementTerms *left, const Dw__PlacementTerms *right)
{
    if (left->n_uses != right->n_uses)
        return false;
    for (size_t at = 0; at < left->n_uses; at++)
        if (left->uses[at]->kind != right->uses[at]->kind ||
            left->uses[at]->amount != right->uses[at]->amount)
            return false;
    return true;
}

static bool same_end(const Dw__PlacementTerms *left, const Dw__PlacementTerms *right)
{
    return (left->to == NULL) == (right->to == NULL) &&
           (left->to == NULL || left->to->days == right->to->days);
}

bool placements_same_support(const Dw__PlacementTerms *left, const Dw__PlacementTerms *right)
{
    return placements_same_sessions(left, right) && same_uses(left, right);
}

/* Whether the chairs stay as they are, so that capacity need not be asked. */
static bool same_chairs(const Dw__PlacementTerms *left, const Dw__PlacementTerms *right)
{
    return placements_same_support(left, right) && same_end(left, right) &&
           left->funding == right->funding;
}

static bool is_same_placement(const Dw__Placement *placement, const Dw__PlacementTerms *terms,
                              struct decision *decision)
{
    const Dw__PlacementTerms *now = placement->terms;
    if (id_data_equal(&now->person_id, &terms->person_id) &&
        id_data_equal(&now->service_id, &terms->service_id) &&
        id_data_equal(&now->provider_id, &terms->provider_id) &&
        id_data_equal(&now->referral_id, &terms->referral_id) &&
        id_data_equal(&now->call_off_id, &terms->call_off_id) &&
        id_data_equal(&now->covers_placement_id, &terms->covers_placement_id) &&
        now->line_number == terms->line_number && now->level == terms->level)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_OTHER_PLACEMENT,
                    "Person, service, provider, level, referral line and what it stands in for "
                    "stay; propose another placement for others, and move to it.");
    return false;
}

bool placements_keeps_others(const Dw__Placement *placement, size_t count,
                             struct decision *decision)
{
    if (placement->n_former + count <= PLACEMENTS_FORMER_MAX)
        return true;
    decision_refuse(
        decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_TOO_MANY,
        "A placement keeps what it was before %d changes, for what it has cost; end it, "
        "and propose another one.",
        PLACEMENTS_FORMER_MAX);
    return false;
}

/* One change after the other. One of the date of one that was agreed ahead stands in its stead: so that is taken back. */
static bool is_date_of_change(const Dw__Placement *placement, const Dw__PlacementTerms *terms,
                              const struct context *ctx, struct decision *decision)
{
    if (terms->from->days > ctx->today + PLACEMENTS_AHEAD_DAYS_MAX) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                        "A change is agreed at most %d days ahead; propose it nearer to its date.",
                        PLACEMENTS_AHEAD_DAYS_MAX);
        return false;
    }
    if (terms->from->days > placement->started->days &&
        terms->from->days >= placement->terms->from->days)
        return true;
    const int32_t first = placement->terms->from->days > placement->started->days
                              ? placement->terms->from->days
                              : placement->started->days + 1;
    char text[CALENDAR_TEXT_SIZE];
    calendar_to_text(first, text);
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                    "A change takes effect after support has started, and not before the last "
                    "change does; take %s or a later date.",
                    text);
    return false;
}

/* --- what comes next ---------------------------------------------------------------------------------------------- */

/* Whoever has other days from now on is asked soon how it goes, unless somebody asks before. */
static void schedule_review(const Dw__Placement *placement, const Dw__CommissioningModel *model,
                            struct decision *decision)
{
    const Dw__PlacementTerms *terms = placement->change->terms;
    if (model->rules == NULL || model->rules->first_review_days == 0 ||
        placements_same_sessions(placement->terms, terms))
        return;
    const int32_t due = terms->from->days + (int32_t)model->rules->first_review_days;
    if (placement->review_due == NULL || placement->review_due->days > due)
        placements_schedule_review(placement, due, decision);
}

/* saving: NULL, it is none to count. */
static void tell_made(const struct state *state, const Dw__Placement *placement,
                      const Dw__CommissioningModel *model, Dw__ChangeSaving *saving,
                      struct savings *savings, struct decision *decision)
{
    const Dw__PendingChange *change = placement->change;
    Dw__ChangeMade made = DW__CHANGE_MADE__INIT;
    made.placement_id = placement->placement_id;
    made.terms = change->terms;
    made.hold_id = change->hold_id.len > 0 ? change->hold_id : placement->hold_id;
    made.former = placement->terms;
    made.year_pence = placements_planned_year_cost(state, change->terms);
    struct attended attended;
    placements_tell_attended(state, change->terms, &attended);
    made.n_attended = attended.count;
    made.attended = attended.list;
    struct attended never_had;
    placements_tell_never_had(state, placement, change->terms->from->days, &never_had);
    made.n_never_had = never_had.count;
    made.never_had = never_had.list;
    made.saving = saving;
    made.n_savings = savings->count;
    made.savings = savings->list;
    decision_emit(decision, &made.base);
    schedule_review(placement, model, decision);
}

void placements_make_change(const struct state *state, const Dw__Placement *placement,
                            const Dw__CommissioningModel *model, struct decision *decision)
{
    const Dw__Date *to = placement->change->terms->to;
    const int32_t last = to == NULL ? INT32_MAX : to->days;
    const bool goes_on = placement->ending != NULL && last > placement->ending->last->days;
    Dw__ChangeSaving saving;
    Dw__Date until;
    const bool saves =
        placements_tell_saving(state, model, placement, placement->change, &saving, &until);
    struct savings savings;
    placements_count_savings(state, placement, goes_on ? placement->n_former : 0, last, NULL,
                             &savings);
    tell_made(state, placement, model, saves ? &saving : NULL, &savings, decision);
}

void placements_fall_back(const struct state *state, const Dw__Placement *placement,
                          Dw__PlacementTerms *terms, const ProtobufCBinaryData *hold_id,
                          const struct context *ctx, struct decision *decision)
{
    placements_drop_change(placement, decision);
    Dw__ChangeProposed proposed = DW__CHANGE_PROPOSED__INIT;
    proposed.placement_id = placement->placement_id;
    proposed.hold_id = *hold_id;
    proposed.terms = terms;
    proposed.proposed_ms = ctx->now_ms;
    decision_emit(decision, &proposed.base);
    Dw__ChangeApproved approved = DW__CHANGE_APPROVED__INIT;
    approved.placement_id = placement->placement_id;
    decision_emit(decision, &approved.base);
    Dw__PendingChange change = DW__PENDING_CHANGE__INIT;
    change.hold_id = *hold_id;
    change.terms = terms;
    Dw__Placement changed = *placement;
    changed.change = &change;
    struct savings savings;
    placements_take_savings_back(placement, placements_stretch_at(placement, terms->from->days),
                                 &savings);
    tell_made(state, &changed, (const Dw__CommissioningModel *)ctx->model, NULL, &savings,
              decision);
}

static void confirm_change(const struct state *state, const Dw__Placement *placement,
                           const Dw__PendingChange *change, const Dw__CommissioningModel *model,
                           struct decision *decision)
{
    Dw__ChangeApproved approved = DW__CHANGE_APPROVED__INIT;
    approved.placement_id = placement->placement_id;
    decision_emit(decision, &approved.base);
    if (change->hold_id.len > 0) {
        placements_send_confirm(decision, change->terms, &change->hold_id);
        return;
    }
    Dw__Placement changed = *placement; /* nothing is asked of capacity: it is made at once */
    Dw__PendingChange now = *change;
    changed.change = &now;
    placements_make_change(state, &changed, model, decision);
}

/* Whether more is paid from then on, to their ends or that of the contract, where whole lives are approved or count against a framework. */
static bool is_longer(const struct state *state, const Dw__CommissioningModel *model,
                      const Dw__PlacementTerms *now, const Dw__PlacementTerms *terms,
                      const Dw__NotedContract *contract)
{
    const Dw__ContractTerms *kind = placements_contract_terms(model, contract);
    if (contract == NULL ||
        (contract->contract->framework == 0 &&
         (kind == NULL || kind->approval != DW__APPROVAL_BASIS__APPROVAL_BASIS_WHOLE_LIFE)))
        return false;
    Dw__PlacementTerms from_then = *now;
    from_then.from = terms->from;
    const int32_t last = placements_contract_last(contract);
    return placements_whole_cost(state, terms, last) >
           placements_whole_cost(state, &from_then, last);
}

/* What a year costs by the terms from the start of support on: a later end makes it dearer while it is shorter than a year. */
static int64_t year_since(const struct state *state, const Dw__PlacementTerms *terms,
                          Dw__Date *started)
{
    Dw__PlacementTerms since = *terms;
    since.from = started;
    return placements_year_cost(state, &since);
}

/* Whether the council pays more by the new terms, over a year or in a week, pays at all, or pays above the ceiling, and did not. */
static bool is_dearer(const struct state *state, const Dw__CommissioningModel *model,
                      const Dw__PlacementTerms *now, const Dw__PlacementTerms *terms,
                      Dw__Date *started, const Dw__NotedContract *contract)
{
    return placements_is_bought(terms) &&
           (!placements_is_bought(now) ||
            placements_week_cost(state, terms) > placements_week_cost(state, now) ||
            (terms->nhs_share < now->nhs_share && placements_week_cost(state, terms) > 0) ||
            year_since(state, terms, started) > year_since(state, now, started) ||
            is_longer(state, model, now, terms, contract) ||
            (placements_is_above_ceiling(state, terms, contract) &&
             !placements_is_above_ceiling(state, now, contract)));
}

void placements_change_held(const struct state *state, const Dw__Placement *placement,
                            const Dw__PendingChange *change, const struct context *ctx,
                            struct decision *decision)
{
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    const Dw__NotedContract *contract = placements_contract_for(state, change->terms, placement);
    Dw__Approval approval;
    const bool dearer =
        is_dearer(state, model, placement->terms, change->terms, placement->started, contract);
    if (!dearer ||
        !placements_needs_approval(state, model, change->terms, placement, contract, &approval)) {
        confirm_change(state, placement, change, model, decision);
        return;
    }
    Dw__ChangeApprovalRequested requested = DW__CHANGE_APPROVAL_REQUESTED__INIT;
    requested.placement_id = placement->placement_id;
    requested.terms = change->terms;
    requested.approval = &approval;
    requested.hold_until_ms = change->hold_id.len == 0 ? 0 : placements_hold_until(ctx);
    decision_emit(decision, &requested.base);
}

static void emit_dropped(const Dw__Placement *placement, Dw__ChangeDropped *dropped,
                         struct decision *decision)
{
    dropped->placement_id = placement->placement_id;
    dropped->terms = placement->change->terms;
    decision_emit(decision, &dropped->base);
}

/* Its hold is given back whatever has become of it; a booking ends before it begins. */
static void give_back_hold(const Dw__Placement *placement, struct decision *decision)
{
    const Dw__PendingChange *change = placement->change;
    if (change->hold_id.len == 0)
        return;
    if (change->state == DW__CHANGE_STATE__CHANGE_STATE_CONFIRMING)
        placements_send_back(decision, change->terms, &change->hold_id,
                             change->terms->from->days - 1);
    else
        placements_send_release(decision, change->terms, &change->hold_id);
}

void placements_drop_change(const Dw__Placement *placement, struct decision *decision)
{
    if (placement->change == NULL)
        return;
    Dw__ChangeDropped dropped = DW__CHANGE_DROPPED__INIT;
    emit_dropped(placement, &dropped, decision);
    give_back_hold(placement, decision);
}

void placements_lose_change(const Dw__Placement *placement, const struct answer_received *answer,
                            bool gives_back, struct decision *decision)
{
    Dw__ChangeDropped dropped = DW__CHANGE_DROPPED__INIT;
    dropped.why_case = DW__CHANGE_DROPPED__WHY_LAPSE_REASON;
    dropped.lapse_reason = placements_lapse_reason(answer);
    dropped.said = (char *)(uintptr_t)placements_said(answer);
    emit_dropped(placement, &dropped, decision);
    if (gives_back)
        give_back_hold(placement, decision);
}

/* --- the commands ------------------------------------------------------------------------------------------------- */

/* Whose place was given back has none that another could replace, and comes again by what was agreed before. */
static bool has_place(const Dw__Placement *placement, struct decision *decision)
{
    if (placement->suspension == NULL || !placement->suspension->released)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_WRONG_STATE,
                    "The place was given back; resume the placement first, or end it when its "
                    "dates are over, and propose another one.");
    return false;
}

PLACEMENTS_DECIDE(propose_change)
{
    const Dw__ProposeChange *propose = (const Dw__ProposeChange *)command;
    const Dw__Placement *placement = placements_find(state, &propose->placement_id, ctx, decision);
    if (placement == NULL)
        return;
    if (propose->terms == NULL) {
        decision_invalid(decision, "terms", "they must be said, and they are not");
        return;
    }
    placements_check_terms(propose->terms, decision);
    if (decision_is_no(decision) ||
        !placements_may_change(placement, PLACEMENT_EVENT_PROPOSE_CHANGE, decision) ||
        !has_place(placement, decision) ||
        !is_same_placement(placement, propose->terms, decision) ||
        !is_date_of_change(placement, propose->terms, ctx, decision) ||
        !placements_keeps_others(placement, 1, decision))
        return;
    const bool needs_hold = !same_chairs(placement->terms, propose->terms);
    if (needs_hold && !placements_has_fresh_hold(state, &propose->hold_id, decision))
        return;
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    const Dw__NotedContract *contract = placements_contract_for(state, propose->terms, placement);
    placements_check_model(propose->terms, model, decision);
    if (decision_is_no(decision) ||
        (is_dearer(state, model, placement->terms, propose->terms, placement->started, contract) &&
         !placements_framework_has(state, model, propose->terms, placement, decision)))
        return;
    Dw__ChangeProposed proposed = DW__CHANGE_PROPOSED__INIT;
    proposed.placement_id = placement->placement_id;
    if (needs_hold)
        proposed.hold_id = propose->hold_id;
    proposed.terms = propose->terms;
    proposed.proposed_ms = ctx->now_ms;
    proposed.why = propose->why;
    decision_emit(decision, &proposed.base);
    if (needs_hold) {
        placements_send_hold(decision, propose->terms, &propose->hold_id, &placement->hold_id);
        return;
    }
    Dw__PendingChange change = DW__PENDING_CHANGE__INIT;
    change.terms = propose->terms;
    change.why = propose->why;
    placements_change_held(state, placement, &change, ctx, decision);
}

PLACEMENTS_DECIDE(approve_change)
{
    const Dw__ApproveChange *approve = (const Dw__ApproveChange *)command;
    const Dw__Placement *placement = placements_find(state, &approve->placement_id, ctx, decision);
    if (placement == NULL)
        return;
    if (placements_change_state(placement) == CHANGE_CONFIRMING)
        return;
    if (!placements_may_change(placement, PLACEMENT_EVENT_APPROVE_CHANGE, decision))
        return;
    const Dw__PendingChange *change = placement->change;
    if (change->approval == NULL) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NO_CHANGE,
                        "A change of this placement %s.", placement_change_words(CHANGE_ASKED));
        return;
    }
    if (placements_may_approve((const Dw__CommissioningModel *)ctx->model, change->approval,
                               change->proposed_by, ctx, decision))
        confirm_change(state, placement, change, (const Dw__CommissioningModel *)ctx->model,
                       decision);
}

PLACEMENTS_DECIDE(refuse_change)
{
    const Dw__RefuseChange *refuse = (const Dw__RefuseChange *)command;
    const Dw__Placement *placement = placements_find(state, &refuse->placement_id, ctx, decision);
    if (placement == NULL ||
        !placements_may_change(placement, PLACEMENT_EVENT_DROP_CHANGE, decision))
        return;
    if (placements_change_state(placement) == CHANGE_CONFIRMING) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NO_CHANGE,
                        "A change of this placement %s; propose another one when it is made.",
                        placement_change_words(CHANGE_CONFIRMING));
        return;
    }
    Dw__ChangeDropped dropped = DW__CHANGE_DROPPED__INIT;
    dropped.why_case = DW__CHANGE_DROPPED__WHY_REFUSE_REASON;
    dropped.refuse_reason = refuse->reason;
    emit_dropped(placement, &dropped, decision);
    give_back_hold(placement, decision);
}
