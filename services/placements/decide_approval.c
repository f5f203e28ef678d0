/* Decisions about a place that is held: approval, what the provider finds out, tasters, what the person says. */
#include "services/placements/calloffs.h"
#include "services/placements/checks.h"

#include <string.h>

PLACEMENTS_DECIDE(approve)
{
    const Dw__ApprovePlacement *approve = (const Dw__ApprovePlacement *)command;
    const Dw__Placement *placement = placements_find(state, &approve->placement_id, ctx, decision);
    if (placement == NULL)
        return;
    if (placement->approval != NULL && placement->approval->approved_ms > 0 &&
        placement->state != DW__PLACEMENT_STATE__PLACEMENT_STATE_AWAITING_APPROVAL)
        return; /* somebody has said so already */
    const Dw__CallOff *call_off = call_off_get(state, &placement->terms->call_off_id);
    if (call_off != NULL && strcmp(call_off->opened_by, ctx->principal->name) == 0) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_SAME_PERSON,
                        "Whoever opened the call-off does not approve what it led to; ask somebody "
                        "else.");
        return;
    }
    if (!placements_may(placement, PLACEMENT_EVENT_APPROVE, decision) ||
        !placements_may_approve((const Dw__CommissioningModel *)ctx->model, placement->approval,
                                placement->proposed_by, ctx, decision))
        return;
    Dw__PlacementApproved approved = DW__PLACEMENT_APPROVED__INIT;
    approved.placement_id = placement->placement_id;
    approved.terms = placement->terms;
    decision_emit(decision, &approved.base);
    placements_offer(placement, placement->hold_until_ms, &placement->contract_id, decision);
}

PLACEMENTS_DECIDE(refuse)
{
    const Dw__RefusePlacement *refuse = (const Dw__RefusePlacement *)command;
    const Dw__Placement *placement = placements_find(state, &refuse->placement_id, ctx, decision);
    if (placement == NULL)
        return;
    if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_REFUSED &&
        placement->refuse_reason == refuse->reason)
        return;
    if (!placements_may(placement, PLACEMENT_EVENT_REFUSE, decision))
        return;
    Dw__PlacementRefused refused = DW__PLACEMENT_REFUSED__INIT;
    refused.placement_id = placement->placement_id;
    refused.terms = placement->terms;
    refused.reason = refuse->reason;
    decision_emit(decision, &refused.base);
    placements_undo_award(state, placement, true, decision);
    placements_send_release(decision, placement->terms, &placement->hold_id);
}

static bool has_come(const Dw__Date *date, const char *what, const struct context *ctx,
                     struct decision *decision)
{
    if (date->days <= ctx->today)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                    "%s on a day that has come; say it on that day or later.", what);
    return false;
}

PLACEMENTS_DECIDE(assess)
{
    const Dw__RecordProviderAssessment *record = (const Dw__RecordProviderAssessment *)command;
    const Dw__Placement *placement = placements_find(state, &record->placement_id, ctx, decision);
    if (placement == NULL || !placements_has_date(record->date, "date", decision) ||
        !placements_may(placement, PLACEMENT_EVENT_ASSESS, decision) ||
        !has_come(record->date, "An assessment was made", ctx, decision))
        return;
    struct id notes_id;
    Dw__ProviderAssessment assessment = DW__PROVIDER_ASSESSMENT__INIT;
    assessment.result = record->result;
    assessment.date = record->date;
    placements_keep_text(state, &placement->terms->person_id, record->notes, ctx, decision,
                         &notes_id, &assessment.notes_id);
    Dw__ProviderAssessmentRecorded recorded = DW__PROVIDER_ASSESSMENT_RECORDED__INIT;
    recorded.placement_id = placement->placement_id;
    recorded.assessment = &assessment;
    decision_emit(decision, &recorded.base);
}

enum { TASTER_DAYS = 366 };

PLACEMENTS_DECIDE(book_taster)
{
    const Dw__BookTaster *book = (const Dw__BookTaster *)command;
    const Dw__Placement *placement = placements_find(state, &book->placement_id, ctx, decision);
    if (placement == NULL || !placements_has_date(book->date, "date", decision) ||
        !placements_may(placement, PLACEMENT_EVENT_BOOK_TASTER, decision))
        return;
    for (size_t at = 0; at < placement->n_tasters; at++)
        if (placement->tasters[at]->days == book->date->days)
            return;
    if (book->date->days < ctx->today - TASTER_DAYS ||
        book->date->days > ctx->today + TASTER_DAYS) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                        "A person comes to see within a year of today; say the date anew.");
        return;
    }
    if (placement->n_tasters == PLACEMENTS_TASTERS_MAX) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_TOO_MANY,
                        "A person comes at most %d times to see; decide, or start a trial.",
                        PLACEMENTS_TASTERS_MAX);
        return;
    }
    Dw__TasterBooked booked = DW__TASTER_BOOKED__INIT;
    booked.placement_id = placement->placement_id;
    booked.date = book->date;
    decision_emit(decision, &booked.base);
}

/* Whether it has not started, so that a no takes it back. */
static bool can_be_withdrawn(const Dw__Placement *placement)
{
    return placement_next((enum placement_state)placement->state, PLACEMENT_EVENT_CANCEL) !=
           PLACEMENT_UNSPECIFIED;
}

PLACEMENTS_DECIDE(person_decision)
{
    const Dw__RecordPersonDecision *record = (const Dw__RecordPersonDecision *)command;
    const Dw__Placement *placement = placements_find(state, &record->placement_id, ctx, decision);
    if (placement == NULL)
        return;
    if (record->decision == NULL) {
        decision_invalid(decision, "decision", "it must be said, and it is not");
        return;
    }
    if (!placements_has_date(record->decision->date, "decision.date", decision) ||
        !placements_may(placement, PLACEMENT_EVENT_PERSON_DECIDE, decision) ||
        !has_come(record->decision->date, "The person said so", ctx, decision))
        return;
    Dw__PersonDecisionRecorded recorded = DW__PERSON_DECISION_RECORDED__INIT;
    recorded.placement_id = placement->placement_id;
    recorded.decision = record->decision;
    decision_emit(decision, &recorded.base);
    if (record->decision->said == DW__DECISION_SAID__DECISION_SAID_NO &&
        can_be_withdrawn(placement))
        placements_withdraw(state, placement, DW__CANCEL_REASON__CANCEL_REASON_PERSONS_CHOICE,
                            decision);
}

/* Never before the provider has taken the person, and never without consent. */
PLACEMENTS_DECIDE(share_plan)
{
    const Dw__ShareSupportPlan *share = (const Dw__ShareSupportPlan *)command;
    const Dw__Placement *placement = placements_find(state, &share->placement_id, ctx, decision);
    if (placement == NULL)
        return;
    if (share->plan == NULL) {
        decision_invalid(decision, "plan", "it must be said, and it is not");
        return;
    }
    if (!placements_has_date(share->consented, "consented", decision) ||
        !placements_may(placement, PLACEMENT_EVENT_SHARE_PLAN, decision))
        return;
    if (!has_come(share->consented, "Consent was given", ctx, decision))
        return;
    struct id plan_id;
    Dw__SharedPlan shared = DW__SHARED_PLAN__INIT;
    shared.consent_by = share->consent_by;
    shared.consented = share->consented;
    placements_keep(state, &placement->terms->person_id, &share->plan->base, ctx, decision,
                    &plan_id, &shared.plan_id);
    Dw__SupportPlanShared told = DW__SUPPORT_PLAN_SHARED__INIT;
    told.placement_id = placement->placement_id;
    told.shared = &shared;
    decision_emit(decision, &told.base);
}
