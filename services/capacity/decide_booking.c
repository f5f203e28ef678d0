/* Commands about what is held: extended, confirmed, released, ended, lapsed. */
#include "common/calendar.h"
#include "services/capacity/checks.h"
#include "services/capacity/replace.h"
#include "services/capacity/state.h"

enum { MS_PER_MINUTE = 60 * 1000 };

/* A provider may move the bookings at its own services only. */
static bool may_move(const Dw__Booking *booking, const struct context *ctx)
{
    const struct id provider_id = id_or_zero(&booking->provider_id);
    return principal_sees(ctx->principal, &provider_id);
}

/* The booking, or NULL after saying that the id is no id or not known. */
static const Dw__Booking *find_booking(const struct state *state, const ProtobufCBinaryData *data,
                                       const struct context *ctx, struct decision *decision)
{
    struct id hold_id;
    if (!capacity_check_id(decision, "hold_id", data, &hold_id))
        return NULL;
    const Dw__Booking *booking = capacity_booking(state, &hold_id);
    if (booking != NULL && may_move(booking, ctx))
        return booking;
    capacity_refuse_unknown(decision);
    return NULL;
}

static bool has_lapsed(const Dw__Booking *booking, const struct context *ctx)
{
    return booking->expires_ms <= ctx->now_ms;
}

static void extend(const Dw__Booking *booking, int64_t until_ms, const struct context *ctx,
                   struct decision *decision)
{
    const int64_t minutes_max = capacity_rules(ctx)->hold_minutes_max;
    if (has_lapsed(booking, ctx)) {
        capacity_refuse_expired(decision);
        return;
    }
    if (until_ms <= booking->expires_ms)
        return; /* it is held as long as that already */
    if (until_ms > booking->held_ms + minutes_max * MS_PER_MINUTE) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_TOO_LONG,
                        "A hold lasts at most %lld minutes in all; confirm it, or ask for less.",
                        (long long)minutes_max);
        return;
    }
    Dw__HoldExtended extended = DW__HOLD_EXTENDED__INIT;
    extended.hold_id = booking->hold_id;
    extended.expires_ms = until_ms;
    decision_emit(decision, &extended.base);
}

static void refuse_confirmed(struct decision *decision)
{
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_CONFIRMED,
                    "This is a booking by now; end it with its last date instead.");
}

void capacity_decide_extend_hold(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision)
{
    const Dw__ExtendHold *wish = (const Dw__ExtendHold *)command;
    const Dw__Booking *booking = find_booking(state, &wish->hold_id, ctx, decision);
    if (booking == NULL)
        return;
    switch ((enum booking_state)booking->state) {
    case BOOKING_HELD:
        extend(booking, wish->until_ms, ctx, decision);
        return;
    case BOOKING_CONFIRMED:
        refuse_confirmed(decision);
        return;
    case BOOKING_ENDED:
        capacity_refuse_ended(decision);
        return;
    case BOOKING_RELEASED:
        capacity_refuse_released(decision);
        return;
    case BOOKING_EXPIRED:
        capacity_refuse_expired(decision);
        return;
    case BOOKING_NONE:
    case BOOKING_STATES:
        return;
    }
}

static void emit_ended(const Dw__Booking *booking, Dw__Date *last, struct decision *decision)
{
    Dw__BookingEnded ended = DW__BOOKING_ENDED__INIT;
    ended.hold_id = booking->hold_id;
    ended.last = last;
    ended.service_id = booking->service_id;
    ended.provider_id = booking->provider_id;
    ended.level = booking->level;
    ended.district = booking->district;
    ended.n_session_ids = booking->n_session_ids;
    ended.session_ids = booking->session_ids;
    ended.from = booking->from;
    decision_emit(decision, &ended.base);
}

/* What the confirmed one replaces ends on the day before it begins. */
static void end_replaced(const struct state *state, const Dw__Booking *booking,
                         struct decision *decision)
{
    const Dw__Booking *replaced = capacity_replaced(state, booking);
    Dw__Date last = DW__DATE__INIT;
    last.days = booking->from->days - 1;
    if (replaced != NULL && capacity_date_or_never(replaced->to) > last.days)
        emit_ended(replaced, &last, decision);
}

/* Nobody new comes to where placements were suspended, or the contract was ended or closed, while an answer was waited for. Who is there
 * already may change days. */
static bool check_still_takes(const struct state *state, const Dw__Booking *booking,
                              const struct context *ctx, struct decision *decision)
{
    const struct id service_id = id_or_zero(&booking->service_id);
    const Dw__Service *service = capacity_service_record(state, &service_id);
    const Dw__Booking *replaced = capacity_replaced(state, booking);
    if (service == NULL)
        return true;
    if (replaced == NULL && capacity_is_suspended(state, service)) {
        capacity_refuse_suspended(decision);
        return false;
    }
    return capacity_was_bought(replaced) ||
           capacity_check_contract(state, service, booking->funding, booking->from->days, ctx,
                                   decision);
}

static void confirm(const struct state *state, const Dw__Booking *booking,
                    const struct context *ctx, struct decision *decision)
{
    if (has_lapsed(booking, ctx)) {
        capacity_refuse_expired(decision);
        return;
    }
    if (!check_still_takes(state, booking, ctx, decision))
        return;
    Dw__HoldConfirmed confirmed = DW__HOLD_CONFIRMED__INIT;
    confirmed.hold_id = booking->hold_id;
    confirmed.service_id = booking->service_id;
    confirmed.provider_id = booking->provider_id;
    confirmed.level = booking->level;
    confirmed.district = booking->district;
    confirmed.n_session_ids = booking->n_session_ids;
    confirmed.session_ids = booking->session_ids;
    confirmed.from = booking->from;
    confirmed.to = booking->to;
    decision_emit(decision, &confirmed.base);
    end_replaced(state, booking, decision);
}

void capacity_decide_confirm_hold(const struct state *state, const ProtobufCMessage *command,
                                  const struct context *ctx, struct decision *decision)
{
    const Dw__Booking *booking =
        find_booking(state, &((const Dw__ConfirmHold *)command)->hold_id, ctx, decision);
    if (booking == NULL)
        return;
    switch ((enum booking_state)booking->state) {
    case BOOKING_HELD:
        confirm(state, booking, ctx, decision);
        return;
    case BOOKING_CONFIRMED:
        return; /* it is so already */
    case BOOKING_ENDED:
        capacity_refuse_ended(decision);
        return;
    case BOOKING_RELEASED:
        capacity_refuse_released(decision);
        return;
    case BOOKING_EXPIRED:
        capacity_refuse_expired(decision);
        return;
    case BOOKING_NONE:
    case BOOKING_STATES:
        return;
    }
}

/* booking NULL: the hold is not known, and that it was given up is remembered. */
static void emit_released(const ProtobufCBinaryData *hold_id, const Dw__Booking *booking,
                          struct decision *decision)
{
    Dw__HoldReleased released = DW__HOLD_RELEASED__INIT;
    released.hold_id = *hold_id;
    if (booking != NULL) {
        released.service_id = booking->service_id;
        released.provider_id = booking->provider_id;
        released.level = booking->level;
        released.district = booking->district;
    }
    decision_emit(decision, &released.base);
}

void capacity_decide_release_hold(const struct state *state, const ProtobufCMessage *command,
                                  const struct context *ctx, struct decision *decision)
{
    const Dw__ReleaseHold *wish = (const Dw__ReleaseHold *)command;
    struct id hold_id;
    if (!capacity_check_id(decision, "hold_id", &wish->hold_id, &hold_id))
        return;
    const Dw__Booking *booking = capacity_booking(state, &hold_id);
    if (booking == NULL ? capacity_outside(state, &hold_id) != NULL : !may_move(booking, ctx)) {
        capacity_refuse_unknown(decision);
        return;
    }
    const enum booking_state booking_state =
        booking == NULL ? BOOKING_NONE : (enum booking_state)booking->state;
    switch (booking_state) {
    case BOOKING_NONE:
    case BOOKING_HELD:
        emit_released(&wish->hold_id, booking, decision);
        return;
    case BOOKING_CONFIRMED:
        refuse_confirmed(decision);
        return;
    case BOOKING_ENDED:
        capacity_refuse_ended(decision);
        return;
    case BOOKING_RELEASED:
    case BOOKING_EXPIRED:
    case BOOKING_STATES:
        return; /* its places are free already */
    }
}

/* A booking only ever becomes shorter: longer ones must find places anew. */
static void end(const Dw__Booking *booking, Dw__Date *last, struct decision *decision)
{
    const int32_t known_last = capacity_date_or_never(booking->to);
    const bool is_ended = booking->state == DW__BOOKING_STATE__BOOKING_STATE_ENDED;
    if (is_ended && last->days == known_last)
        return; /* it is so already */
    if (last->days > known_last) {
        char date[CALENDAR_TEXT_SIZE];
        calendar_to_text(known_last, date);
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_BOOKING_ENDED,
                        "This booking ends on %s already; to go on, hold places from then on.",
                        date);
        return;
    }
    emit_ended(booking, last, decision);
}

void capacity_decide_end_booking(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision)
{
    const Dw__EndBooking *wish = (const Dw__EndBooking *)command;
    const char *fault = capacity_range_fault(wish->last, NULL);
    if (fault != NULL) {
        decision_invalid(decision, "last", "the last date must be said, in the years 1900 to 2199");
        return;
    }
    const Dw__Booking *booking = find_booking(state, &wish->hold_id, ctx, decision);
    if (booking == NULL)
        return;
    switch ((enum booking_state)booking->state) {
    case BOOKING_HELD:
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_NOT_CONFIRMED,
                        "This hold was not confirmed; release it instead.");
        return;
    case BOOKING_CONFIRMED:
    case BOOKING_ENDED:
        end(booking, wish->last, decision);
        return;
    case BOOKING_RELEASED:
        capacity_refuse_released(decision);
        return;
    case BOOKING_EXPIRED:
        capacity_refuse_expired(decision);
        return;
    case BOOKING_NONE:
    case BOOKING_STATES:
        return;
    }
}

void capacity_decide_expire_hold(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision)
{
    const Dw__Booking *booking =
        find_booking(state, &((const Dw__ExpireHold *)command)->hold_id, ctx, decision);
    if (booking == NULL)
        return;
    if (booking->state != DW__BOOKING_STATE__BOOKING_STATE_HELD || !has_lapsed(booking, ctx))
        return; /* it was confirmed, released or extended in the same turn */
    Dw__HoldExpired expired = DW__HOLD_EXPIRED__INIT;
    expired.hold_id = booking->hold_id;
    expired.service_id = booking->service_id;
    expired.provider_id = booking->provider_id;
    expired.level = booking->level;
    expired.district = booking->district;
    decision_emit(decision, &expired.base);
}
