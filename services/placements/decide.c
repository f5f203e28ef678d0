/* Decisions about a placement that exists: the provider's answer, the start, the end, taking it back. */
#include "services/placements/state.h"

#include "common/calendar.h"

static bool is_anothers(const Dw__Placement *placement, const struct context *ctx)
{
    struct id provider_id = {0};
    (void)id_from_data(&placement->terms->provider_id, &provider_id);
    return !principal_sees(ctx->principal, &provider_id);
}

/* The placement a command is about, or NULL when it was answered with a no. */
static const Dw__Placement *find(const struct state *state, const ProtobufCBinaryData *placement_id,
                                 const struct context *ctx, struct decision *decision)
{
    struct id id;
    if (!id_from_data(placement_id, &id)) {
        decision_invalid(decision, "placement_id", "it must be said, and it is not");
        return NULL;
    }
    const Dw__Placement *placement = placements_get(state, placement_id);
    if (placement == NULL) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_PLACEMENT_UNKNOWN,
                        "There is no placement with this id; propose it first.");
        return NULL;
    }
    if (is_anothers(placement, ctx)) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_YOURS,
                        "The placement is with another provider; only that provider or the "
                        "council can do this.");
        return NULL;
    }
    return placement;
}

static bool may(const Dw__Placement *placement, enum placement_event event,
                struct decision *decision)
{
    const enum placement_state state = (enum placement_state)placement->state;
    if (placement_next(state, event) != PLACEMENT_UNSPECIFIED)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_WRONG_STATE,
                    "The placement %s.", placement_state_words(state));
    return false;
}

PLACEMENTS_DECIDE(accept_offer)
{
    const Dw__AcceptOffer *accept = (const Dw__AcceptOffer *)command;
    const Dw__Placement *placement = find(state, &accept->placement_id, ctx, decision);
    if (placement == NULL)
        return;
    if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_CONFIRMING ||
        placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED ||
        placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE)
        return; /* the provider has said so already */
    if (!may(placement, PLACEMENT_EVENT_ACCEPT_OFFER, decision))
        return;
    Dw__OfferAccepted accepted = DW__OFFER_ACCEPTED__INIT;
    accepted.placement_id = placement->placement_id;
    decision_emit(decision, &accepted.base);
    placements_send_confirm(decision, placement->terms, &placement->hold_id);
}

PLACEMENTS_DECIDE(decline_offer)
{
    const Dw__DeclineOffer *decline = (const Dw__DeclineOffer *)command;
    const Dw__Placement *placement = find(state, &decline->placement_id, ctx, decision);
    if (placement == NULL)
        return;
    if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_DECLINED &&
        placement->decline_reason == decline->reason)
        return;
    if (!may(placement, PLACEMENT_EVENT_DECLINE, decision))
        return;
    Dw__PlacementDeclined declined = DW__PLACEMENT_DECLINED__INIT;
    declined.placement_id = placement->placement_id;
    declined.terms = placement->terms;
    declined.reason = decline->reason;
    decision_emit(decision, &declined.base);
    placements_send_release(decision, placement->terms, &placement->hold_id);
}

static bool lies_inside(const Dw__PlacementTerms *terms, int32_t date)
{
    return date >= terms->from->days && (terms->to == NULL || date <= terms->to->days);
}

PLACEMENTS_DECIDE(start)
{
    const Dw__StartPlacement *start = (const Dw__StartPlacement *)command;
    if (start->date == NULL) {
        decision_invalid(decision, "date", "it must be said, and it is not");
        return;
    }
    const Dw__Placement *placement = find(state, &start->placement_id, ctx, decision);
    if (placement == NULL)
        return;
    if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE &&
        placement->started->days == start->date->days)
        return;
    if (!may(placement, PLACEMENT_EVENT_START, decision))
        return;
    if (!lies_inside(placement->terms, start->date->days)) {
        char from[CALENDAR_TEXT_SIZE];
        calendar_to_text(placement->terms->from->days, from);
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                        "The place is booked from %s%s; start it on a date it is booked for.", from,
                        placement->terms->to == NULL ? "" : " and not beyond its last date");
        return;
    }
    if (start->date->days > ctx->today) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                        "Support starts on a day that has come; say so on that day or later.");
        return;
    }
    Dw__PlacementStarted started = DW__PLACEMENT_STARTED__INIT;
    started.placement_id = placement->placement_id;
    started.terms = placement->terms;
    started.date = start->date;
    decision_emit(decision, &started.base);
}

PLACEMENTS_DECIDE(end)
{
    const Dw__EndPlacement *end = (const Dw__EndPlacement *)command;
    if (end->last == NULL) {
        decision_invalid(decision, "last", "it must be said, and it is not");
        return;
    }
    const Dw__Placement *placement = find(state, &end->placement_id, ctx, decision);
    if (placement == NULL)
        return;
    if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ENDED &&
        placement->end_reason == end->reason && placement->last->days == end->last->days)
        return;
    if (!may(placement, PLACEMENT_EVENT_END, decision))
        return;
    if (end->last->days < placement->started->days ||
        !lies_inside(placement->terms, end->last->days)) {
        char started[CALENDAR_TEXT_SIZE];
        calendar_to_text(placement->started->days, started);
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                        "Support started on %s; its last date lies then or later%s.", started,
                        placement->terms->to == NULL ? "" : ", and not beyond what is booked");
        return;
    }
    Dw__PlacementEnded ended = DW__PLACEMENT_ENDED__INIT;
    ended.placement_id = placement->placement_id;
    ended.terms = placement->terms;
    ended.reason = end->reason;
    ended.started = placement->started;
    ended.last = end->last;
    decision_emit(decision, &ended.base);
    placements_send_end(decision, placement->terms, &placement->hold_id, end->last->days);
}

/* Gives the chair back whatever capacity has made of it by then: a hold, also one that is still being asked for, is
 * released; a booking is ended on the day before it begins. The one that does not fit is refused there. */
static void give_back(const Dw__Placement *placement, struct decision *decision)
{
    placements_send_release(decision, placement->terms, &placement->hold_id);
    if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_CONFIRMING ||
        placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED)
        placements_send_end(decision, placement->terms, &placement->hold_id,
                            placement->terms->from->days - 1);
}

PLACEMENTS_DECIDE(cancel)
{
    const Dw__CancelPlacement *cancel = (const Dw__CancelPlacement *)command;
    const Dw__Placement *placement = find(state, &cancel->placement_id, ctx, decision);
    if (placement == NULL)
        return;
    if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_CANCELLED &&
        placement->cancel_reason == cancel->reason)
        return;
    if (!may(placement, PLACEMENT_EVENT_CANCEL, decision))
        return;
    Dw__PlacementCancelled cancelled = DW__PLACEMENT_CANCELLED__INIT;
    cancelled.placement_id = placement->placement_id;
    cancelled.terms = placement->terms;
    cancelled.reason = cancel->reason;
    decision_emit(decision, &cancelled.base);
    give_back(placement, decision);
}
