/* What placements sends to capacity, and what capacity's answers lead to. An answer that comes when the placement has
 * moved on (it was cancelled, or has another hold by now) leads to nothing. Holds of changes and resumptions: settle_other.c. */
#include "services/placements/checks.h"
#include "services/placements/money.h"

static const char CAPACITY[] = "capacity";

/* --- sending ---------------------------------------------------------------------------------------------------- */

/* Commands about one person arrive in order, so that who leaves one place is gone from it before the next is asked for. */
static void send_about(struct decision *decision, const Dw__PlacementTerms *terms,
                       const ProtobufCMessage *command)
{
    const struct id person_id = id_or_zero(&terms->person_id);
    decision_send(decision, CAPACITY, &person_id, command);
}

void placements_send_hold(struct decision *decision, const Dw__PlacementTerms *terms,
                          const ProtobufCBinaryData *hold_id,
                          const ProtobufCBinaryData *replaces_id)
{
    Dw__HoldPlaces hold = DW__HOLD_PLACES__INIT;
    hold.hold_id = *hold_id;
    hold.service_id = terms->service_id;
    hold.person_id = terms->person_id;
    hold.n_session_ids = terms->n_session_ids;
    hold.session_ids = terms->session_ids;
    hold.from = terms->from;
    hold.to = terms->to;
    hold.n_uses = terms->n_uses;
    hold.uses = terms->uses;
    hold.funding = terms->funding;
    hold.provider_id = terms->provider_id;
    hold.level = terms->level;
    if (replaces_id != NULL)
        hold.replaces_hold_id = *replaces_id;
    send_about(decision, terms, &hold.base);
}

void placements_send_confirm(struct decision *decision, const Dw__PlacementTerms *terms,
                             const ProtobufCBinaryData *hold_id)
{
    Dw__ConfirmHold confirm = DW__CONFIRM_HOLD__INIT;
    confirm.hold_id = *hold_id;
    send_about(decision, terms, &confirm.base);
}

void placements_send_release(struct decision *decision, const Dw__PlacementTerms *terms,
                             const ProtobufCBinaryData *hold_id)
{
    Dw__ReleaseHold release = DW__RELEASE_HOLD__INIT;
    release.hold_id = *hold_id;
    send_about(decision, terms, &release.base);
}

void placements_send_end(struct decision *decision, const Dw__PlacementTerms *terms,
                         const ProtobufCBinaryData *hold_id, int32_t last)
{
    Dw__Date date = DW__DATE__INIT;
    date.days = last;
    Dw__EndBooking end = DW__END_BOOKING__INIT;
    end.hold_id = *hold_id;
    end.last = &date;
    send_about(decision, terms, &end.base);
}

/* A hold, also one that is still being asked for, is released; a booking is ended. The one that does not fit is refused there. */
void placements_send_back(struct decision *decision, const Dw__PlacementTerms *terms,
                          const ProtobufCBinaryData *hold_id, int32_t last)
{
    placements_send_release(decision, terms, hold_id);
    placements_send_end(decision, terms, hold_id, last);
}

void placements_send_keep(struct decision *decision, const Dw__PlacementTerms *terms,
                          const ProtobufCBinaryData *hold_id, int64_t until_ms)
{
    Dw__ExtendHold extend = DW__EXTEND_HOLD__INIT;
    extend.hold_id = *hold_id;
    extend.until_ms = until_ms;
    send_about(decision, terms, &extend.base);
}

/* --- answers ---------------------------------------------------------------------------------------------------- */

static bool may(const Dw__Placement *placement, enum placement_event event)
{
    return placement_next((enum placement_state)placement->state, event) != PLACEMENT_UNSPECIFIED;
}

Dw__LapseReason placements_lapse_reason(const struct answer_received *answer)
{
    if (answer->kind != ANSWER_REFUSED)
        return DW__LAPSE_REASON__LAPSE_REASON_CAPACITY_FAILED;
    switch ((Dw__CapacityRefusal)answer->value) {
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT:
        return DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT;
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SESSION_NOT_RUNNING:
        return DW__LAPSE_REASON__LAPSE_REASON_SESSION_NOT_RUNNING;
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_CONTRACT:
        return DW__LAPSE_REASON__LAPSE_REASON_NO_CONTRACT;
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PROVIDER_UNKNOWN:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SERVICE_UNKNOWN:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SESSION_UNKNOWN:
        return DW__LAPSE_REASON__LAPSE_REASON_SERVICE_UNKNOWN;
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PROVIDER_DIFFERS:
        return DW__LAPSE_REASON__LAPSE_REASON_PROVIDER_DIFFERS;
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_LEVEL_DIFFERS:
        return DW__LAPSE_REASON__LAPSE_REASON_LEVEL_DIFFERS;
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PERSON_ELSEWHERE:
        return DW__LAPSE_REASON__LAPSE_REASON_PERSON_ELSEWHERE;
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_EXPIRED:
        return DW__LAPSE_REASON__LAPSE_REASON_HOLD_EXPIRED;
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_CLOSED:
        return DW__LAPSE_REASON__LAPSE_REASON_CLOSED;
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PLACEMENTS_SUSPENDED:
        return DW__LAPSE_REASON__LAPSE_REASON_PLACEMENTS_SUSPENDED;
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_UNBOOKED:
        return DW__LAPSE_REASON__LAPSE_REASON_UNBOOKED;
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NOT_REPLACEABLE:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ALREADY_REPLACED:
        return DW__LAPSE_REASON__LAPSE_REASON_NOT_REPLACEABLE;
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_UNKNOWN:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_RELEASED:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_CONFIRMED:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_NOT_CONFIRMED:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_BOOKING_ENDED:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ALREADY_EXISTS:
        return DW__LAPSE_REASON__LAPSE_REASON_HOLD_NOT_USABLE;
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_UNSPECIFIED:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_LIMIT_BELOW_USE:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_TOO_LONG:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_CONTRACT_UNKNOWN:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_CONTRACT_ENDED:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_FRAMEWORK_UNKNOWN:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_EXTENSION_LEFT:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_FRAMEWORK_ENDED:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_CLOSURE_UNKNOWN:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_CLOSURE_OVER:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_STILL_TELLING:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ACTION_UNKNOWN:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_RATES_UNKNOWN:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_DATE_PAST:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_DATE_AHEAD:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_TOO_MANY_CHANGES:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_RATES_NOT_BEGUN:
    case DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SAME_PERSON:
    case _DW__CAPACITY_REFUSAL_IS_INT_SIZE:
        break;
    }
    return DW__LAPSE_REASON__LAPSE_REASON_CAPACITY_FAILED;
}

const char *placements_said(const struct answer_received *answer)
{
    return answer->kind == ANSWER_REFUSED &&
                   answer->value != DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PERSON_ELSEWHERE
               ? answer->sentence
               : "";
}

/* Not the service's that was offered: it may be asked for again. */
static bool is_nobodys_doing(Dw__LapseReason reason)
{
    return reason == DW__LAPSE_REASON__LAPSE_REASON_HOLD_EXPIRED ||
           reason == DW__LAPSE_REASON__LAPSE_REASON_HOLD_NOT_USABLE ||
           reason == DW__LAPSE_REASON__LAPSE_REASON_CAPACITY_FAILED ||
           reason == DW__LAPSE_REASON__LAPSE_REASON_PERSON_ELSEWHERE;
}

static bool lapse(const struct state *state, const Dw__Placement *placement,
                  const struct answer_received *answer, struct decision *decision)
{
    if (!may(placement, PLACEMENT_EVENT_LAPSE))
        return false;
    Dw__PlacementLapsed lapsed = DW__PLACEMENT_LAPSED__INIT;
    lapsed.placement_id = placement->placement_id;
    lapsed.terms = placement->terms;
    lapsed.reason = placements_lapse_reason(answer);
    lapsed.said = (char *)(uintptr_t)placements_said(answer);
    decision_emit(decision, &lapsed.base);
    placements_undo_award(state, placement, is_nobodys_doing(lapsed.reason), decision);
    return true;
}

/* A place that is of no use any more, whatever capacity has made of it by now. Also what a confirmation in flight may still make of
 * it. */
static void give_back(const Dw__Placement *placement, struct decision *decision)
{
    if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_CONFIRMING)
        placements_send_back(decision, placement->terms, &placement->hold_id,
                             placement->terms->from->days - 1);
    else
        placements_send_release(decision, placement->terms, &placement->hold_id);
}

/* --- a place that is held ----------------------------------------------------------------------------------------- */

void placements_take_offer(const Dw__Placement *placement, struct decision *decision)
{
    Dw__OfferAccepted accepted = DW__OFFER_ACCEPTED__INIT;
    accepted.placement_id = placement->placement_id;
    decision_emit(decision, &accepted.base);
    placements_send_confirm(decision, placement->terms, &placement->hold_id);
}

/* A call-off's winner has said yes with its offer. */
void placements_offer(const Dw__Placement *placement, int64_t hold_until_ms,
                      const ProtobufCBinaryData *contract_id, struct decision *decision)
{
    Dw__PlacementOffered offered = DW__PLACEMENT_OFFERED__INIT;
    offered.placement_id = placement->placement_id;
    offered.terms = placement->terms;
    offered.hold_until_ms = hold_until_ms;
    offered.contract_id = *contract_id;
    offered.shown = true;
    decision_emit(decision, &offered.base);
    if (placement->terms->ground == DW__AWARD_GROUND__AWARD_GROUND_CALLED_OFF)
        placements_take_offer(placement, decision);
}

int64_t placements_hold_until(const struct context *ctx)
{
    enum { MINUTE_MS = 60000 };
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    return model->rules == NULL ? 0 : ctx->now_ms + (int64_t)model->rules->hold_minutes * MINUTE_MS;
}

/* The place is held: the provider is asked, unless somebody must approve first. */
static void go_on(const struct state *state, const Dw__Placement *placement,
                  const struct context *ctx, struct decision *decision)
{
    if (!may(placement, PLACEMENT_EVENT_OFFER))
        return; /* cancelled meanwhile (its release is on the way), or a hold asked for again */
    struct id contract_id = {0};
    const Dw__NotedContract *contract =
        placements_is_bought(placement->terms)
            ? placements_contract(state, placement->terms, placement->terms->from->days,
                                  &contract_id)
            : NULL;
    const ProtobufCBinaryData contract_data =
        contract == NULL ? (ProtobufCBinaryData){0} : id_to_data(&contract_id);
    Dw__Approval approval;
    if (!placements_needs_approval(state, (const Dw__CommissioningModel *)ctx->model,
                                   placement->terms, placement, contract, &approval)) {
        placements_offer(placement, placements_hold_until(ctx), &contract_data, decision);
        return;
    }
    Dw__ApprovalRequested requested = DW__APPROVAL_REQUESTED__INIT;
    requested.placement_id = placement->placement_id;
    requested.terms = placement->terms;
    requested.approval = &approval;
    requested.hold_until_ms = placements_hold_until(ctx);
    requested.contract_id = contract_data;
    decision_emit(decision, &requested.base);
}

PLACEMENTS_SETTLE(hold_places)
{
    const Dw__HoldPlaces *hold = (const Dw__HoldPlaces *)command;
    const Dw__Placement *placement = placements_by_hold(state, &hold->hold_id);
    if (placement == NULL)
        return;
    if (!id_data_equal(&placement->hold_id, &hold->hold_id)) {
        placements_settle_other_hold(state, placement, &hold->hold_id, answer, ctx, decision);
        return;
    }
    switch (answer->kind) {
    case ANSWER_ACCEPTED:
        go_on(state, placement, ctx, decision);
        break;
    case ANSWER_REFUSED:
        (void)lapse(state, placement, answer, decision);
        break;
    case ANSWER_FAILED:
        /* Whether it was done is not known, so the chair is given back to be sure. */
        if (lapse(state, placement, answer, decision))
            give_back(placement, decision);
        break;
    }
}

/* The lost hold is given up first, which may be held still where a clock is not believed; the new one and its confirmation go
 * together. */
static void replace_hold(const Dw__Placement *placement, const struct context *ctx,
                         struct decision *decision)
{
    const struct id id = context_new_id(ctx);
    Dw__HoldReplaced replaced = DW__HOLD_REPLACED__INIT;
    replaced.placement_id = placement->placement_id;
    replaced.hold_id = id_to_data(&id);
    decision_emit(decision, &replaced.base);
    placements_send_release(decision, placement->terms, &placement->hold_id);
    placements_send_hold(decision, placement->terms, &replaced.hold_id, NULL);
    placements_send_confirm(decision, placement->terms, &replaced.hold_id);
}

bool placements_hold_is_lost(const struct answer_received *answer)
{
    if (answer->kind != ANSWER_REFUSED)
        return false;
    return answer->value == DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_EXPIRED ||
           answer->value == DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_RELEASED ||
           answer->value == DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_UNKNOWN;
}

static void accept(const Dw__Placement *placement, struct decision *decision)
{
    if (!may(placement, PLACEMENT_EVENT_ACCEPT))
        return;
    Dw__PlacementAccepted accepted = DW__PLACEMENT_ACCEPTED__INIT;
    accepted.placement_id = placement->placement_id;
    accepted.terms = placement->terms;
    accepted.hold_id = placement->hold_id;
    decision_emit(decision, &accepted.base);
}

PLACEMENTS_SETTLE(confirm_hold)
{
    const Dw__ConfirmHold *confirm = (const Dw__ConfirmHold *)command;
    const Dw__Placement *placement = placements_by_hold(state, &confirm->hold_id);
    if (placement == NULL)
        return;
    if (!id_data_equal(&placement->hold_id, &confirm->hold_id)) {
        placements_settle_other_confirm(state, placement, &confirm->hold_id, answer, ctx, decision);
        return;
    }
    switch (answer->kind) {
    case ANSWER_ACCEPTED:
        accept(placement, decision);
        break;
    case ANSWER_REFUSED:
        if (placements_hold_is_lost(answer) && !placement->hold_replaced &&
            may(placement, PLACEMENT_EVENT_REPLACE_HOLD))
            replace_hold(placement, ctx, decision);
        else if (lapse(state, placement, answer, decision))
            give_back(placement, decision);
        break;
    case ANSWER_FAILED:
        if (lapse(state, placement, answer, decision))
            give_back(placement, decision);
        break;
    }
}

/* A hold that cannot be extended is lost when its time comes, which its confirmation is told, and then it is asked for anew. */
PLACEMENTS_SETTLE(extend_hold)
{
    (void)state;
    (void)command;
    (void)answer;
    (void)ctx;
    (void)decision;
}

/* ReleaseHold and EndBooking: whatever the answer, the placement is over and the chair is not asked for again. A
 * refusal says that there was nothing (more) to give back. */
PLACEMENTS_SETTLE(giving_back)
{
    (void)state;
    (void)command;
    (void)answer;
    (void)ctx;
    (void)decision;
}
