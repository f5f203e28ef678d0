/* Evolve: the only code that changes a placement until it has started, and what ends it. What changes one that goes on stands in
 * evolve_coming.c, everything that is not a placement in evolve_noted.c. */
#include "services/placements/evolve.h"

bool placement_move(const struct state *state, const ProtobufCBinaryData *placement_id,
                    enum placement_event event, const struct recorded *recorded,
                    Dw__Placement *ret_placement)
{
    const Dw__Placement *before = placements_get(state, placement_id);
    const enum placement_state from =
        before == NULL ? PLACEMENT_UNSPECIFIED : (enum placement_state)before->state;
    const enum placement_state to = placement_next(from, event);
    if (to == PLACEMENT_UNSPECIFIED)
        return false;
    if (before == NULL)
        dw__placement__init(ret_placement);
    else
        *ret_placement = *before;
    ret_placement->placement_id = *placement_id;
    ret_placement->state = (Dw__PlacementState)to;
    if (to != from)
        ret_placement->changed_ms = recorded->at_ms;
    return true;
}

void placement_put(struct state *state, const Dw__Placement *placement)
{
    const struct id id = id_or_zero(&placement->placement_id);
    entities_put(state->entities, PLACEMENTS_KIND_PLACEMENT, &id, 0, &placement->base);
}

/* The list with one id more, in memory of the caller's. */
static void add_id(ProtobufCBinaryData *memory, size_t *count, ProtobufCBinaryData **list,
                   const ProtobufCBinaryData *id)
{
    for (size_t at = 0; at < *count; at++)
        memory[at] = (*list)[at];
    memory[(*count)++] = *id;
    *list = memory;
}

static bool has_id(const ProtobufCBinaryData *list, size_t count, const ProtobufCBinaryData *id)
{
    for (size_t at = 0; at < count; at++)
        if (id_data_equal(&list[at], id))
            return true;
    return false;
}

/* Told before the placement is put, since that ends what the placement before it pointed to. */
void placement_note_text(struct state *state, const ProtobufCBinaryData *person_id,
                         enum placement_text kind, const ProtobufCBinaryData *text_id)
{
    const struct id id = id_or_zero(person_id);
    const Dw__PersonTexts *before = entities_get(state->entities, PLACEMENTS_KIND_TEXTS, &id, 0);
    ProtobufCBinaryData memory[PLACEMENTS_TEXTS_MAX];
    Dw__PersonTexts after = DW__PERSON_TEXTS__INIT;
    if (before != NULL)
        after = *before;
    if (text_id->len == 0 || after.n_text_ids + after.n_plan_ids >= PLACEMENTS_TEXTS_MAX ||
        has_id(after.text_ids, after.n_text_ids, text_id))
        return;
    if (kind == PLACEMENT_WORDS)
        add_id(memory, &after.n_text_ids, &after.text_ids, text_id);
    else
        add_id(memory, &after.n_plan_ids, &after.plan_ids, text_id);
    entities_put(state->entities, PLACEMENTS_KIND_TEXTS, &id, 0, &after.base);
}

/* --- from the proposal to the provider's answer ------------------------------------------------------------------ */

PLACEMENTS_EVOLVE(proposed)
{
    const Dw__PlacementProposed *proposed = (const Dw__PlacementProposed *)event;
    Dw__Placement placement;
    if (!placement_move(state, &proposed->placement_id, PLACEMENT_EVENT_PROPOSE, recorded,
                        &placement))
        return;
    placement.terms = proposed->terms;
    placement.hold_id = proposed->hold_id;
    placement.proposed_ms = recorded->at_ms;
    placement.proposed_by = (char *)recorded->principal->name;
    placement.passed_over_service_ids = proposed->passed_over_service_ids;
    placement.n_passed_over_service_ids = proposed->n_passed_over_service_ids;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(offered)
{
    const Dw__PlacementOffered *offered = (const Dw__PlacementOffered *)event;
    Dw__Placement placement;
    if (!placement_move(state, &offered->placement_id, PLACEMENT_EVENT_OFFER, recorded, &placement))
        return;
    placement.hold_until_ms = offered->hold_until_ms;
    placement.contract_id = offered->contract_id;
    placement.shown = offered->shown;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(approval_requested)
{
    const Dw__ApprovalRequested *requested = (const Dw__ApprovalRequested *)event;
    Dw__Placement placement;
    if (!placement_move(state, &requested->placement_id, PLACEMENT_EVENT_REQUEST_APPROVAL, recorded,
                        &placement))
        return;
    placement.approval = requested->approval;
    placement.hold_until_ms = requested->hold_until_ms;
    placement.contract_id = requested->contract_id;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(approved)
{
    const Dw__PlacementApproved *approved = (const Dw__PlacementApproved *)event;
    Dw__Placement placement;
    if (!placement_move(state, &approved->placement_id, PLACEMENT_EVENT_APPROVE, recorded,
                        &placement))
        return;
    Dw__Approval approval = *placement.approval;
    approval.approved_by = (char *)recorded->principal->name;
    approval.approved_ms = recorded->at_ms;
    placement.approval = &approval;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(refused)
{
    const Dw__PlacementRefused *refused = (const Dw__PlacementRefused *)event;
    Dw__Placement placement;
    if (!placement_move(state, &refused->placement_id, PLACEMENT_EVENT_REFUSE, recorded,
                        &placement))
        return;
    placement.why_case = DW__PLACEMENT__WHY_REFUSE_REASON;
    placement.refuse_reason = refused->reason;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(hold_kept)
{
    const Dw__HoldKept *kept = (const Dw__HoldKept *)event;
    Dw__Placement placement;
    if (!placement_move(state, &kept->placement_id, PLACEMENT_EVENT_KEEP_HOLD, recorded,
                        &placement))
        return;
    placement.hold_until_ms = kept->hold_until_ms;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(offer_accepted)
{
    const Dw__OfferAccepted *accepted = (const Dw__OfferAccepted *)event;
    Dw__Placement placement;
    if (placement_move(state, &accepted->placement_id, PLACEMENT_EVENT_ACCEPT_OFFER, recorded,
                       &placement))
        placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(hold_replaced)
{
    const Dw__HoldReplaced *replaced = (const Dw__HoldReplaced *)event;
    Dw__Placement placement;
    if (!placement_move(state, &replaced->placement_id, PLACEMENT_EVENT_REPLACE_HOLD, recorded,
                        &placement))
        return;
    placement.hold_id = replaced->hold_id;
    placement.hold_replaced = true;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(accepted)
{
    const Dw__PlacementAccepted *accepted = (const Dw__PlacementAccepted *)event;
    Dw__Placement placement;
    if (!placement_move(state, &accepted->placement_id, PLACEMENT_EVENT_ACCEPT, recorded,
                        &placement))
        return;
    placement.hold_until_ms = 0;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(declined)
{
    const Dw__PlacementDeclined *declined = (const Dw__PlacementDeclined *)event;
    Dw__Placement placement;
    if (!placement_move(state, &declined->placement_id, PLACEMENT_EVENT_DECLINE, recorded,
                        &placement))
        return;
    placement.why_case = DW__PLACEMENT__WHY_DECLINE_REASON;
    placement.decline_reason = declined->reason;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(lapsed)
{
    const Dw__PlacementLapsed *lapsed = (const Dw__PlacementLapsed *)event;
    Dw__Placement placement;
    if (!placement_move(state, &lapsed->placement_id, PLACEMENT_EVENT_LAPSE, recorded, &placement))
        return;
    placement.why_case = DW__PLACEMENT__WHY_LAPSE_REASON;
    placement.lapse_reason = lapsed->reason;
    placement.lapse_said = lapsed->said;
    placement_put(state, &placement);
}

/* --- what people find out and decide ------------------------------------------------------------------------------ */

PLACEMENTS_EVOLVE(assessed)
{
    const Dw__ProviderAssessmentRecorded *assessed = (const Dw__ProviderAssessmentRecorded *)event;
    Dw__Placement placement;
    if (!placement_move(state, &assessed->placement_id, PLACEMENT_EVENT_ASSESS, recorded,
                        &placement))
        return;
    placement.assessment = assessed->assessment;
    placement_note_text(state, &placement.terms->person_id, PLACEMENT_WORDS,
                        &assessed->assessment->notes_id);
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(taster_booked)
{
    const Dw__TasterBooked *booked = (const Dw__TasterBooked *)event;
    Dw__Placement placement;
    if (!placement_move(state, &booked->placement_id, PLACEMENT_EVENT_BOOK_TASTER, recorded,
                        &placement))
        return;
    Dw__Date *tasters[PLACEMENTS_TASTERS_MAX];
    size_t count = 0;
    for (size_t at = 0; at < placement.n_tasters && count < PLACEMENTS_TASTERS_MAX - 1; at++)
        tasters[count++] = placement.tasters[at];
    tasters[count++] = booked->date;
    placement.tasters = tasters;
    placement.n_tasters = count;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(person_decided)
{
    const Dw__PersonDecisionRecorded *decided = (const Dw__PersonDecisionRecorded *)event;
    Dw__Placement placement;
    if (!placement_move(state, &decided->placement_id, PLACEMENT_EVENT_PERSON_DECIDE, recorded,
                        &placement))
        return;
    placement.decision = decided->decision;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(plan_shared)
{
    const Dw__SupportPlanShared *shared = (const Dw__SupportPlanShared *)event;
    Dw__Placement placement;
    if (!placement_move(state, &shared->placement_id, PLACEMENT_EVENT_SHARE_PLAN, recorded,
                        &placement))
        return;
    placement.shared = shared->shared;
    placement_note_text(state, &placement.terms->person_id, PLACEMENT_PLAN,
                        &shared->shared->plan_id);
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(end_report_noted)
{
    const Dw__EndReportNoted *noted = (const Dw__EndReportNoted *)event;
    Dw__Placement placement;
    if (!placement_move(state, &noted->placement_id, PLACEMENT_EVENT_NOTE_END_REPORT, recorded,
                        &placement))
        return;
    placement.end_reported = true;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(texts_erased)
{
    (void)recorded;
    const struct id id = id_or_zero(&((const Dw__TextsErased *)event)->person_id);
    entities_remove(state->entities, PLACEMENTS_KIND_TEXTS, &id, 0);
}

/* --- the start and the end ---------------------------------------------------------------------------------------- */

PLACEMENTS_EVOLVE(started)
{
    const Dw__PlacementStarted *started = (const Dw__PlacementStarted *)event;
    Dw__Placement placement;
    if (!placement_move(state, &started->placement_id, PLACEMENT_EVENT_START, recorded, &placement))
        return;
    placement.started = started->date;
    placement_put(state, &placement);
}

/* Those terms hold again, with the booking behind them; whatever was agreed for later is none any more, and saves nothing. */
static void fall_away(struct state *state, Dw__Placement *placement, const Dw__FellAway *fell_away,
                      Dw__PlacementTerms *terms)
{
    if (fell_away == NULL || fell_away->former >= placement->n_former)
        return;
    for (size_t at = fell_away->former; at < placement->n_former; at++)
        placement_count_saving(state, placements_terms_after(placement, at)->from->days,
                               placement->former[at]->saving, -1);
    placement->hold_id = placement->former[fell_away->former]->hold_id;
    placement->terms = terms;
    placement->n_former = fell_away->former;
}

PLACEMENTS_EVOLVE(ended)
{
    const Dw__PlacementEnded *ended = (const Dw__PlacementEnded *)event;
    Dw__Placement placement;
    struct counted_list list;
    if (!placement_move(state, &ended->placement_id, PLACEMENT_EVENT_END, recorded, &placement))
        return;
    placement.why_case = DW__PLACEMENT__WHY_END_REASON;
    placement.end_reason = ended->reason;
    placement.last = ended->last;
    placement.end = ended->details;
    placement.own_end = ended->own_end;
    placement.suspension = NULL;
    placement.ending = NULL;
    placement_count_savings(state, &placement, ended->savings, ended->n_savings, &list);
    fall_away(state, &placement, ended->fell_away, ended->terms);
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(end_agreed)
{
    const Dw__EndAgreed *agreed = (const Dw__EndAgreed *)event;
    Dw__Placement placement;
    Dw__AgreedEnd ending = DW__AGREED_END__INIT;
    struct counted_list list;
    if (!placement_move(state, &agreed->placement_id, PLACEMENT_EVENT_AGREE_END, recorded,
                        &placement))
        return;
    ending.reason = agreed->reason;
    ending.last = agreed->last;
    ending.details = agreed->details;
    placement_count_savings(state, &placement, agreed->savings, agreed->n_savings, &list);
    fall_away(state, &placement, agreed->fell_away, agreed->terms);
    placement.terms = agreed->terms;
    placement.ending = &ending;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(cancelled)
{
    const Dw__PlacementCancelled *cancelled = (const Dw__PlacementCancelled *)event;
    Dw__Placement placement;
    if (!placement_move(state, &cancelled->placement_id, PLACEMENT_EVENT_CANCEL, recorded,
                        &placement))
        return;
    placement.why_case = DW__PLACEMENT__WHY_CANCEL_REASON;
    placement.cancel_reason = cancelled->reason;
    placement_put(state, &placement);
}
