/* SuspendNewPlacements and LiftSuspension: nobody new is placed, and who is there stays and is to be reviewed. */
#include "services/capacity/checks.h"
#include "services/capacity/state.h"

/* Holds and bookings there that are not over. */
static uint32_t count_bookings(const struct state *state, const struct id *subject_id,
                               int32_t today)
{
    uint32_t count = 0;
    for (size_t at = 0; at < entities_count(state->entities, KIND_BOOKING); at++) {
        const Dw__Booking *booking = entities_at(state->entities, KIND_BOOKING, at, NULL);
        struct id service_id, provider_id;
        if (capacity_state_takes((enum booking_state)booking->state) &&
            id_from_data(&booking->service_id, &service_id) &&
            id_from_data(&booking->provider_id, &provider_id) &&
            capacity_date_or_never(booking->to) >= today)
            count += id_equal(&service_id, subject_id) || id_equal(&provider_id, subject_id);
    }
    return count;
}

void capacity_decide_suspend_new_placements(const struct state *state,
                                            const ProtobufCMessage *command,
                                            const struct context *ctx, struct decision *decision)
{
    const Dw__SuspendNewPlacements *wish = (const Dw__SuspendNewPlacements *)command;
    if (!capacity_check_subject(state, &wish->provider_id, &wish->service_id, decision))
        return;
    const struct id subject_id = capacity_subject(&wish->provider_id, &wish->service_id);
    const Dw__StandingSuspension *known = capacity_suspension(state, &subject_id);
    if (known != NULL && known->reason == wish->reason)
        return; /* it is so already */
    Dw__Date from = DW__DATE__INIT;
    Dw__StandingSuspension suspension = DW__STANDING_SUSPENSION__INIT;
    Dw__PlacementsSuspended suspended = DW__PLACEMENTS_SUSPENDED__INIT;
    from.days = known == NULL ? ctx->today : known->from->days;
    suspension.provider_id = wish->provider_id;
    suspension.service_id = wish->service_id;
    suspension.reason = wish->reason;
    suspension.from = &from;
    suspended.suspension = &suspension;
    suspended.bookings_to_review = count_bookings(state, &subject_id, ctx->today);
    decision_emit(decision, &suspended.base);
}

void capacity_decide_lift_suspension(const struct state *state, const ProtobufCMessage *command,
                                     const struct context *ctx, struct decision *decision)
{
    (void)ctx;
    const Dw__LiftSuspension *wish = (const Dw__LiftSuspension *)command;
    if (!capacity_check_subject(state, &wish->provider_id, &wish->service_id, decision))
        return;
    const struct id subject_id = capacity_subject(&wish->provider_id, &wish->service_id);
    if (capacity_suspension(state, &subject_id) == NULL)
        return; /* it is so already */
    Dw__SuspensionLifted lifted = DW__SUSPENSION_LIFTED__INIT;
    lifted.provider_id = wish->provider_id;
    lifted.service_id = wish->service_id;
    decision_emit(decision, &lifted.base);
}
