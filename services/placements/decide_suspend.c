/* Decisions about a person who does not come for a while, and comes again. */
#include "services/placements/checks.h"
#include "services/placements/money.h"

#include "common/calendar.h"

enum { COMING_BACK_FORMER = 2 }; /* what was agreed ahead, and what was given back */

void placements_suspend(const Dw__Placement *placement, Dw__Suspension *suspension,
                        struct decision *decision)
{
    Dw__PlacementSuspended suspended = DW__PLACEMENT_SUSPENDED__INIT;
    suspended.placement_id = placement->placement_id;
    suspended.terms = placement->terms;
    suspended.suspension = suspension;
    if (placement->suspension != NULL)
        suspended.waiting_closure_id = placement->suspension->closure_id;
    decision_emit(decision, &suspended.base);
}

void placements_suspend_for(const Dw__Placement *placement, const Dw__Disruption *disruption,
                            struct decision *decision)
{
    Dw__Date resumes = DW__DATE__INIT;
    Dw__Suspension suspension = DW__SUSPENSION__INIT;
    suspension.from = disruption->from;
    suspension.reason = DW__SUSPEND_REASON__SUSPEND_REASON_CLOSURE;
    suspension.closure_id = disruption->closure->closure_id;
    if (disruption->to != NULL) {
        resumes.days = disruption->to->days + 1;
        suspension.resumes = &resumes;
    }
    placements_suspend(placement, &suspension, decision);
}

/* Whoever is kept away by a closure may be so for a reason of their own, too, which outlasts it; else they come again first. */
static bool may_stop(const Dw__Placement *placement, struct decision *decision)
{
    if (placement->suspension == NULL ||
        placement->suspension->reason == DW__SUSPEND_REASON__SUSPEND_REASON_CLOSURE)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_WRONG_STATE,
                    "The placement %s.", placement_state_words(PLACEMENT_SUSPENDED));
    return false;
}

PLACEMENTS_DECIDE(suspend)
{
    const Dw__SuspendPlacement *suspend = (const Dw__SuspendPlacement *)command;
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    const Dw__Placement *placement = placements_find(state, &suspend->placement_id, ctx, decision);
    if (placement == NULL || !placements_has_date(suspend->from, "from", decision))
        return;
    if (placement->suspension != NULL && placement->suspension->reason == suspend->reason &&
        placement->suspension->from->days == suspend->from->days)
        return;
    if (!placements_may(placement, PLACEMENT_EVENT_SUSPEND, decision) ||
        !may_stop(placement, decision))
        return;
    if (suspend->from->days < placement->started->days || suspend->from->days > ctx->today + 1) {
        decision_refuse(
            decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
            "Somebody stops coming after they have started, and at the latest tomorrow; "
            "say it then.");
        return;
    }
    Dw__Date kept_until = DW__DATE__INIT;
    Dw__Suspension suspension = DW__SUSPENSION__INIT;
    suspension.from = suspend->from;
    suspension.reason = suspend->reason;
    if (model->rules != NULL && model->rules->keep_place_days > 0) {
        kept_until.days = suspend->from->days + (int32_t)model->rules->keep_place_days;
        suspension.kept_until = &kept_until;
    }
    placements_suspend(placement, &suspension, decision);
}

void placements_resume(const struct state *state, const Dw__Placement *placement,
                       Dw__PlacementTerms *terms, int32_t from, const ProtobufCBinaryData *hold_id,
                       const struct context *ctx, struct decision *decision)
{
    Dw__Date date = DW__DATE__INIT;
    date.days = from;
    Dw__PlacementResumed resumed = DW__PLACEMENT_RESUMED__INIT;
    resumed.placement_id = placement->placement_id;
    resumed.terms = terms;
    resumed.from = &date;
    resumed.hold_id = *hold_id;
    struct savings savings;
    if (placement->suspension != NULL && placement->suspension->released) {
        const struct days away = {placements_given_back(placement->suspension, from), from - 1};
        placements_count_savings(state, placement, placements_stretch_at(placement, from),
                                 placements_paid_until(placement), &away, &savings);
        resumed.n_savings = savings.count;
        resumed.savings = savings.list;
    }
    decision_emit(decision, &resumed.base);
    placements_end_covers(state, placement, from, ctx, decision);
    if (placement->trial_until == NULL)
        return;
    Dw__TrialStarted trial = DW__TRIAL_STARTED__INIT; /* it was not over, and goes on */
    trial.placement_id = placement->placement_id;
    trial.until = placement->trial_until;
    decision_emit(decision, &trial.base);
}

/* The place was given back: another is asked for, from then on and by the terms of that day, with its confirmation behind it. It replaces
 * the one that was given back, so that nobody who was there is new there: a contract that ended meanwhile pays for them still. */
static void ask_for_place(const Dw__Placement *placement, const Dw__ResumePlacement *resume,
                          struct decision *decision)
{
    const struct stretch stretch = placements_stretch_on(placement, resume->from->days);
    Dw__PlacementTerms terms = *stretch.terms;
    terms.from = resume->from;
    Dw__ResumptionRequested requested = DW__RESUMPTION_REQUESTED__INIT;
    requested.placement_id = placement->placement_id;
    requested.hold_id = resume->hold_id;
    requested.terms = &terms;
    decision_emit(decision, &requested.base);
    placements_send_hold(decision, &terms, &resume->hold_id, stretch.hold_id);
    placements_send_confirm(decision, &terms, &resume->hold_id);
}

void placements_come_back(const struct state *state, const Dw__Placement *placement,
                          const ProtobufCBinaryData *hold_id, const struct context *ctx,
                          struct decision *decision)
{
    Dw__Date *from = placement->suspension->resumes;
    const Dw__PlacementTerms *held = placements_stretch_on(placement, from->days).terms;
    Dw__PlacementTerms terms = held == NULL ? *placement->terms : *held;
    terms.from = from;
    if (from->days < placement->terms->from->days)
        placements_fall_back(state, placement, &terms, hold_id, ctx, decision);
    placements_resume(state, placement, &terms, from->days, hold_id, ctx, decision);
}

PLACEMENTS_DECIDE(resume)
{
    const Dw__ResumePlacement *resume = (const Dw__ResumePlacement *)command;
    const Dw__Placement *placement = placements_find(state, &resume->placement_id, ctx, decision);
    if (placement == NULL || !placements_has_date(resume->from, "from", decision))
        return;
    if (placements_is_coming(placement) && placement->suspension == NULL)
        return;
    if (!placements_may(placement, PLACEMENT_EVENT_RESUME, decision))
        return;
    const Dw__Suspension *suspension = placement->suspension;
    if (resume->from->days < suspension->from->days || resume->from->days > ctx->today + 1 ||
        placements_stretch_on(placement, resume->from->days).terms == NULL) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                        "Somebody comes again after they stopped, inside what was agreed, and at "
                        "the latest tomorrow; say it then. When what was agreed is over, end the "
                        "placement and propose another one.");
        return;
    }
    if (!suspension->released) {
        placements_resume(state, placement, placement->terms, resume->from->days,
                          &placement->hold_id, ctx, decision);
        return;
    }
    if (suspension->resume_hold_id.len > 0) {
        if (!id_data_equal(&suspension->resume_hold_id, &resume->hold_id))
            decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_WRONG_STATE,
                            "A place to come back to is asked for already; wait for the answer.");
        return;
    }
    if (placements_keeps_others(placement, COMING_BACK_FORMER, decision) &&
        placements_has_fresh_hold(state, &resume->hold_id, decision))
        ask_for_place(placement, resume, decision);
}
