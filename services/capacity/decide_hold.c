/* Commands about holds and bookings. Above all: on every sitting and for every limit, held + confirmed never pass the
 * limit; a hold takes its whole pattern over its whole range or nothing. */
#include "services/capacity/decide.h"

#include <string.h>

#include "model.pb-c.h"

enum {
    PATTERN_MAX = 14,  /* sessions: morning and afternoon of seven days */
    HOLD_MINUTES = 60, /* where the model says nothing */
    MINUTE_MS = 60000,
};

static void refuse_expired(struct decision *decision)
{
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_EXPIRED,
                    "The hold has lapsed; hold the places again under a new id.");
}

static void refuse_released(struct decision *decision)
{
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_RELEASED,
                    "The hold was given up; hold the places again under a new id.");
}

static void refuse_unknown(struct decision *decision)
{
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_UNKNOWN,
                    "No such hold is known; hold the places first.");
}

static void refuse_ended(struct decision *decision, const char *advice)
{
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_BOOKING_ENDED,
                    "The booking has an earlier last date already; %s.", advice);
}

static enum booking_state state_of(const Dw__Booking *booking)
{
    return booking == NULL ? BOOKING_NONE : (enum booking_state)booking->state;
}

bool capacity_funding_needs_contract(Dw__FundingRoute funding)
{
    switch (funding) {
    case DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED:
    case DW__FUNDING_ROUTE__FUNDING_ROUTE_MANAGED_BUDGET:
    case DW__FUNDING_ROUTE__FUNDING_ROUTE_INDIVIDUAL_SERVICE_FUND:
    case DW__FUNDING_ROUTE__FUNDING_ROUTE_JOINT_NHS:
        return true;
    case DW__FUNDING_ROUTE__FUNDING_ROUTE_UNSPECIFIED:
    case DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT:
    case DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED:
    case _DW__FUNDING_ROUTE_IS_INT_SIZE:
        break;
    }
    return false;
}

static int64_t hold_ms(const struct context *ctx, bool longest)
{
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    const Dw__Rules *rules = model == NULL ? NULL : model->rules;
    int64_t minutes =
        rules == NULL || rules->hold_minutes == 0 ? HOLD_MINUTES : rules->hold_minutes;
    if (longest && rules != NULL && rules->hold_minutes_max > minutes)
        minutes = rules->hold_minutes_max;
    return minutes * MINUTE_MS;
}

/* --- holding ----------------------------------------------------------------------------------------------------- */

/* What a hold's message says, read and checked. */
struct wish {
    struct id hold_id;
    struct id service_id;
    struct id person_id;
    struct id session_ids[PATTERN_MAX];
    size_t sessions_count;
    struct amounts uses;
};

static bool read_sessions(struct decision *decision, const Dw__HoldPlaces *command,
                          struct wish *wish)
{
    if (command->n_session_ids == 0 || command->n_session_ids > PATTERN_MAX) {
        decision_invalid(decision, "session_ids", "A pattern has 1 to %d sessions.", PATTERN_MAX);
        return false;
    }
    for (size_t at = 0; at < command->n_session_ids; at++) {
        if (!capacity_read_id(decision, "session_ids", &command->session_ids[at],
                              &wish->session_ids[at]))
            return false;
        for (size_t before = 0; before < at; before++)
            if (id_equal(&wish->session_ids[before], &wish->session_ids[at])) {
                decision_invalid(decision, "session_ids", "A session stands there twice.");
                return false;
            }
    }
    wish->sessions_count = command->n_session_ids;
    return true;
}

static bool read_wish(struct decision *decision, const Dw__HoldPlaces *command, struct wish *wish)
{
    if (!capacity_read_id(decision, "hold_id", &command->hold_id, &wish->hold_id) ||
        !capacity_read_id(decision, "service_id", &command->service_id, &wish->service_id) ||
        !capacity_read_id(decision, "person_id", &command->person_id, &wish->person_id) ||
        !read_sessions(decision, command, wish) ||
        !capacity_read_range(decision, command->from, command->to) ||
        !capacity_read_amounts(decision, "uses", command->uses, command->n_uses, &wish->uses))
        return false;
    bool places_named = false;
    for (size_t at = 0; at < command->n_uses; at++)
        if (command->uses[at]->kind == DW__LIMIT_KIND__LIMIT_KIND_PLACES)
            places_named = true;
    if (!places_named)
        wish->uses.of[DW__LIMIT_KIND__LIMIT_KIND_PLACES - 1] = 1;
    if (wish->uses.of[DW__LIMIT_KIND__LIMIT_KIND_PLACES - 1] == 0)
        decision_invalid(decision, "uses", "A hold takes at least one place.");
    else if (command->funding == DW__FUNDING_ROUTE__FUNDING_ROUTE_UNSPECIFIED)
        decision_invalid(decision, "funding", "The funding route is needed.");
    return !decision_is_no(decision);
}

/* True when the hold that is there is the one wished for. */
static bool same_wish(const Dw__Booking *booking, const Dw__HoldPlaces *command,
                      const struct wish *wish)
{
    struct id id;
    if (!id_from_data(&booking->service_id, &id) || !id_equal(&id, &wish->service_id) ||
        !id_from_data(&booking->person_id, &id) || !id_equal(&id, &wish->person_id) ||
        booking->n_session_ids != wish->sessions_count || booking->funding != command->funding ||
        !capacity_date_equal(booking->from, command->from) ||
        !capacity_date_equal(booking->to, command->to))
        return false;
    for (size_t at = 0; at < wish->sessions_count; at++)
        if (!id_from_data(&booking->session_ids[at], &id) || !id_equal(&id, &wish->session_ids[at]))
            return false;
    const struct amounts uses = capacity_amounts(booking->uses, booking->n_uses);
    return memcmp(&uses, &wish->uses, sizeof uses) == 0;
}

/* The id is known already: the same hold is fine, anything else is not. */
static void answer_known(const Dw__Booking *booking, const Dw__HoldPlaces *command,
                         const struct wish *wish, const struct context *ctx,
                         struct decision *decision)
{
    switch (state_of(booking)) {
    case BOOKING_RELEASED:
        refuse_released(decision);
        return;
    case BOOKING_EXPIRED:
        refuse_expired(decision);
        return;
    case BOOKING_ENDED:
        refuse_ended(decision, "hold the places again under a new id");
        return;
    case BOOKING_HELD:
    case BOOKING_CONFIRMED:
        if (!same_wish(booking, command, wish))
            decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ALREADY_EXISTS,
                            "A hold with that id exists already and says something else; "
                            "choose another id.");
        else if (state_of(booking) == BOOKING_HELD && ctx->now_ms >= booking->expires_ms)
            refuse_expired(decision);
        return;
    case BOOKING_NONE:
    case BOOKING_STATES:
        break;
    }
}

static void check_session(const struct state *state, const Dw__HoldPlaces *command,
                          const struct wish *wish, const struct id *session_id,
                          struct decision *decision)
{
    const Dw__Session *session = capacity_session(state, session_id);
    struct id service_id;
    if (session == NULL || !id_from_data(&session->service_id, &service_id) ||
        !id_equal(&service_id, &wish->service_id)) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SESSION_UNKNOWN,
                        "The service has no such session; choose one of its own.");
        return;
    }
    const int32_t last = command->to == NULL ? DATE_OPEN : command->to->days;
    const int32_t session_last = session->to == NULL ? DATE_OPEN : session->to->days;
    if (session->from->days > command->from->days || session_last < last) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SESSION_NOT_RUNNING,
                        "A session does not run over the whole range; shorten the range.");
        return;
    }
    const uint32_t row = timetable_find(state->timetable, session_id);
    if (!timetable_fits(state->timetable, row, &wish->uses, command->from->days, last))
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT,
                        "A sitting of the pattern has not enough left; choose other sessions or "
                        "another range.");
}

static void emit_held(const Dw__Service *service, const Dw__HoldPlaces *command,
                      const struct wish *wish, const struct context *ctx, struct decision *decision)
{
    Dw__LimitAmount amounts[LIMITS];
    Dw__LimitAmount *uses[LIMITS];
    Dw__PlacesHeld event = DW__PLACES_HELD__INIT;
    event.uses = uses;
    for (size_t limit = 0; limit < LIMITS; limit++) {
        if (wish->uses.of[limit] == 0)
            continue;
        Dw__LimitAmount *amount = &amounts[event.n_uses];
        *amount = (Dw__LimitAmount)DW__LIMIT_AMOUNT__INIT;
        amount->kind = (Dw__LimitKind)(limit + 1);
        amount->amount = wish->uses.of[limit];
        uses[event.n_uses++] = amount;
    }
    event.hold_id = command->hold_id;
    event.service_id = command->service_id;
    event.provider_id = service->provider_id;
    event.person_id = command->person_id;
    event.n_session_ids = command->n_session_ids;
    event.session_ids = command->session_ids;
    event.from = command->from;
    event.to = command->to;
    event.funding = command->funding;
    event.expires_ms = ctx->now_ms + hold_ms(ctx, false);
    event.level = service->level;
    decision_emit(decision, &event.base);
}

void capacity_decide_hold_places(const struct state *state, const ProtobufCMessage *message,
                                 const struct context *ctx, struct decision *decision)
{
    const Dw__HoldPlaces *command = (const Dw__HoldPlaces *)message;
    struct wish wish = {0};
    if (!read_wish(decision, command, &wish))
        return;
    const Dw__Booking *booking = capacity_booking(state, &wish.hold_id);
    if (booking != NULL) {
        answer_known(booking, command, &wish, ctx, decision);
        return;
    }
    const Dw__Service *service = capacity_service_record(state, &wish.service_id);
    if (service == NULL) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SERVICE_UNKNOWN,
                        "No such service is registered.");
        return;
    }
    struct id provider_id = {{0}};
    id_from_data(&service->provider_id, &provider_id);
    if (capacity_funding_needs_contract(command->funding) &&
        !directory_contract_live(state->directory, &provider_id, service->level,
                                 command->from->days)) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_CONTRACT,
                        "The provider has no contract for level %u on the first date; agree one, "
                        "or fund the line otherwise.",
                        service->level);
        return;
    }
    timetable_roll(state->timetable, ctx->today);
    for (size_t at = 0; at < wish.sessions_count && !decision_is_no(decision); at++)
        check_session(state, command, &wish, &wish.session_ids[at], decision);
    if (!decision_is_no(decision))
        emit_held(service, command, &wish, ctx, decision);
}

/* --- after the hold ---------------------------------------------------------------------------------------------- */

void capacity_decide_extend_hold(const struct state *state, const ProtobufCMessage *message,
                                 const struct context *ctx, struct decision *decision)
{
    const Dw__ExtendHold *command = (const Dw__ExtendHold *)message;
    struct id id;
    if (!capacity_read_id(decision, "hold_id", &command->hold_id, &id))
        return;
    const Dw__Booking *booking = capacity_booking(state, &id);
    switch (state_of(booking)) {
    case BOOKING_NONE:
        refuse_unknown(decision);
        return;
    case BOOKING_RELEASED:
        refuse_released(decision);
        return;
    case BOOKING_EXPIRED:
        refuse_expired(decision);
        return;
    case BOOKING_ENDED:
        refuse_ended(decision, "hold the places again under a new id");
        return;
    case BOOKING_CONFIRMED:
        return; /* a booking does not lapse at all */
    case BOOKING_HELD:
    case BOOKING_STATES:
        break;
    }
    if (ctx->now_ms >= booking->expires_ms) {
        refuse_expired(decision);
    } else if (command->until_ms - booking->held_ms > hold_ms(ctx, true)) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_TOO_LONG,
                        "A hold is kept for at most %lld minutes in all; confirm it by then.",
                        (long long)(hold_ms(ctx, true) / MINUTE_MS));
    } else if (command->until_ms > booking->expires_ms) {
        Dw__HoldExtended event = DW__HOLD_EXTENDED__INIT;
        event.hold_id = command->hold_id;
        event.expires_ms = command->until_ms;
        decision_emit(decision, &event.base);
    }
}

void capacity_decide_confirm_hold(const struct state *state, const ProtobufCMessage *message,
                                  const struct context *ctx, struct decision *decision)
{
    const Dw__ConfirmHold *command = (const Dw__ConfirmHold *)message;
    struct id id;
    if (!capacity_read_id(decision, "hold_id", &command->hold_id, &id))
        return;
    const Dw__Booking *booking = capacity_booking(state, &id);
    Dw__HoldConfirmed event = DW__HOLD_CONFIRMED__INIT;
    event.hold_id = command->hold_id;
    switch (state_of(booking)) {
    case BOOKING_NONE:
        refuse_unknown(decision);
        break;
    case BOOKING_RELEASED:
        refuse_released(decision);
        break;
    case BOOKING_EXPIRED:
        refuse_expired(decision);
        break;
    case BOOKING_ENDED:
        refuse_ended(decision, "hold the places again under a new id");
        break;
    case BOOKING_HELD:
        if (ctx->now_ms >= booking->expires_ms)
            refuse_expired(decision);
        else
            decision_emit(decision, &event.base);
        break;
    case BOOKING_CONFIRMED:
    case BOOKING_STATES:
        break;
    }
}

void capacity_decide_release_hold(const struct state *state, const ProtobufCMessage *message,
                                  const struct context *ctx, struct decision *decision)
{
    (void)ctx;
    const Dw__ReleaseHold *command = (const Dw__ReleaseHold *)message;
    struct id id;
    if (!capacity_read_id(decision, "hold_id", &command->hold_id, &id))
        return;
    Dw__HoldReleased event = DW__HOLD_RELEASED__INIT;
    event.hold_id = command->hold_id;
    switch (state_of(capacity_booking(state, &id))) {
    case BOOKING_NONE:
    case BOOKING_HELD:
        decision_emit(decision, &event.base);
        break;
    case BOOKING_CONFIRMED:
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_CONFIRMED,
                        "The hold is a confirmed booking by now; end the booking instead.");
        break;
    case BOOKING_ENDED:
        refuse_ended(decision, "there is nothing to give up");
        break;
    case BOOKING_RELEASED:
    case BOOKING_EXPIRED: /* its places are free: what was wished is true */
    case BOOKING_STATES:
        break;
    }
}

void capacity_decide_expire_hold(const struct state *state, const ProtobufCMessage *message,
                                 const struct context *ctx, struct decision *decision)
{
    const Dw__ExpireHold *command = (const Dw__ExpireHold *)message;
    struct id id;
    if (!capacity_read_id(decision, "hold_id", &command->hold_id, &id))
        return;
    const Dw__Booking *booking = capacity_booking(state, &id);
    if (state_of(booking) != BOOKING_HELD || ctx->now_ms < booking->expires_ms)
        return; /* it was extended, confirmed or given up meanwhile */
    Dw__HoldExpired event = DW__HOLD_EXPIRED__INIT;
    event.hold_id = command->hold_id;
    decision_emit(decision, &event.base);
}

/* A booking may end earlier than it would, never later: later sittings may be somebody else's by now. A last date
 * before the first means that it never begins. */
static void end_at(const Dw__Booking *booking, const Dw__EndBooking *command,
                   struct decision *decision)
{
    const int32_t last = booking->to == NULL ? DATE_OPEN : booking->to->days;
    if (command->last->days == last)
        return;
    if (command->last->days > last) {
        refuse_ended(decision, "hold the places after it under a new id");
        return;
    }
    Dw__BookingEnded event = DW__BOOKING_ENDED__INIT;
    event.hold_id = command->hold_id;
    event.last = command->last;
    decision_emit(decision, &event.base);
}

void capacity_decide_end_booking(const struct state *state, const ProtobufCMessage *message,
                                 const struct context *ctx, struct decision *decision)
{
    (void)ctx;
    const Dw__EndBooking *command = (const Dw__EndBooking *)message;
    struct id id;
    if (!capacity_read_id(decision, "hold_id", &command->hold_id, &id))
        return;
    if (!capacity_date_valid(command->last)) {
        decision_invalid(decision, "last", "A last date in the years 1970 to 2199 is needed.");
        return;
    }
    const Dw__Booking *booking = capacity_booking(state, &id);
    switch (state_of(booking)) {
    case BOOKING_NONE:
        refuse_unknown(decision);
        break;
    case BOOKING_HELD:
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_NOT_CONFIRMED,
                        "The hold is not a booking yet; release it instead.");
        break;
    case BOOKING_RELEASED:
        refuse_released(decision);
        break;
    case BOOKING_EXPIRED:
        refuse_expired(decision);
        break;
    case BOOKING_CONFIRMED:
    case BOOKING_ENDED:
        end_at(booking, command, decision);
        break;
    case BOOKING_STATES:
        break;
    }
}
