/* The only way the records change: one function an event. No clock, no model, and it cannot refuse. */
#include "common/calendar.h"
#include "services/capacity/state.h"

void capacity_evolve_provider_registered(struct state *state, const ProtobufCMessage *event,
                                         const struct recorded *recorded)
{
    (void)recorded;
    const Dw__Provider *provider = ((const Dw__ProviderRegistered *)event)->provider;
    const struct id id = id_or_zero(&provider->provider_id);
    entities_put(state->entities, KIND_PROVIDER, &id, 0, &provider->base);
}

void capacity_evolve_service_registered(struct state *state, const ProtobufCMessage *event,
                                        const struct recorded *recorded)
{
    (void)recorded;
    const Dw__Service *service = ((const Dw__ServiceRegistered *)event)->service;
    const struct id id = id_or_zero(&service->service_id);
    entities_put(state->entities, KIND_SERVICE, &id, 0, &service->base);
}

void capacity_confirm(struct state *state, const ProtobufCBinaryData *service_id,
                      const struct recorded *recorded)
{
    const struct id id = id_or_zero(service_id);
    Dw__Date date = DW__DATE__INIT;
    Dw__Confirmation confirmation = DW__CONFIRMATION__INIT;
    date.days = calendar_london_date(recorded->at_ms);
    confirmation.date = &date;
    entities_put(state->entities, KIND_CONFIRMATION, &id, 0, &confirmation.base);
}

static void put_service(struct state *state, const Dw__Service *service)
{
    const struct id id = id_or_zero(&service->service_id);
    entities_put(state->entities, KIND_SERVICE, &id, 0, &service->base);
}

void capacity_evolve_service_changed(struct state *state, const ProtobufCMessage *event,
                                     const struct recorded *recorded)
{
    (void)recorded;
    put_service(state, ((const Dw__ServiceChanged *)event)->service);
}

/* What is proposed or agreed of a service's rates; it shares its parts with the record. */
static Dw__RateStanding copy_rates(const struct state *state, const struct id *service_id)
{
    const Dw__RateStanding *known = capacity_rates(state, service_id);
    const Dw__RateStanding none = DW__RATE_STANDING__INIT;
    return known == NULL ? none : *known;
}

void capacity_evolve_rates_proposed(struct state *state, const ProtobufCMessage *event,
                                    const struct recorded *recorded)
{
    const Dw__RatesProposed *proposed = (const Dw__RatesProposed *)event;
    const struct id id = id_or_zero(&proposed->service_id);
    Dw__RateStanding rates = copy_rates(state, &id);
    rates.proposed = proposed->rates;
    rates.proposed_by = (char *)(uintptr_t)recorded->principal->name;
    entities_put(state->entities, KIND_RATES, &id, 0, &rates.base);
}

void capacity_evolve_rates_agreed(struct state *state, const ProtobufCMessage *event,
                                  const struct recorded *recorded)
{
    (void)recorded;
    const Dw__RatesAgreed *agreed = (const Dw__RatesAgreed *)event;
    const struct id id = id_or_zero(&agreed->service_id);
    Dw__RateStanding rates = copy_rates(state, &id);
    rates.proposed = NULL;
    rates.proposed_by = (char *)(uintptr_t)protobuf_c_empty_string;
    rates.agreed = agreed->rates;
    entities_put(state->entities, KIND_RATES, &id, 0, &rates.base);
}

void capacity_evolve_rates_begun(struct state *state, const ProtobufCMessage *event,
                                 const struct recorded *recorded)
{
    (void)recorded;
    const Dw__Service *service = ((const Dw__RatesBegun *)event)->service;
    const struct id id = id_or_zero(&service->service_id);
    Dw__RateStanding rates = copy_rates(state, &id);
    rates.agreed = NULL;
    put_service(state, service);
    entities_put(state->entities, KIND_RATES, &id, 0, &rates.base);
}

void capacity_put_limits(struct state *state, const Dw__Session *session,
                         Dw__LimitSchedule *schedule)
{
    const struct id id = id_or_zero(&session->session_id);
    Dw__Session folded = *session;
    const bool gives_way = schedule->n_changes > LIMIT_CHANGES_MAX;
    capacity_limits_fold(schedule, &folded);
    if (gives_way)
        entities_put(state->entities, KIND_SESSION, &id, 0, &folded.base);
    entities_put(state->entities, KIND_LIMITS, &id, 0, &schedule->base);
}

/* The limits that a session is set to hold from a date on: those before stay, and changes that were to come are set aside. */
static void set_from(struct state *state, const Dw__SessionSet *set, const Dw__Session *known)
{
    const struct id id = id_or_zero(&set->session->session_id);
    const Dw__LimitSchedule *before = capacity_limit_schedule(state, &id);
    Dw__Session session = *set->session;
    Dw__LimitChange change = DW__LIMIT_CHANGE__INIT;
    Dw__LimitChange *changes[LIMIT_CHANGES_MAX + 1];
    Dw__LimitSchedule schedule = DW__LIMIT_SCHEDULE__INIT;
    change.from = set->limits_from;
    change.n_limits = set->session->n_limits;
    change.limits = set->session->limits;
    schedule.changes = changes;
    for (size_t at = 0; before != NULL && at < before->n_changes; at++)
        if (before->changes[at]->from->days < change.from->days)
            changes[schedule.n_changes++] = before->changes[at];
    changes[schedule.n_changes++] = &change;
    session.n_limits = known->n_limits;
    session.limits = known->limits;
    entities_put(state->entities, KIND_SESSION, &id, 0, &session.base);
    capacity_put_limits(state, capacity_session(state, &id), &schedule);
}

/* It keeps the limits that it had first, and all changes of them. */
static void set_dates(struct state *state, const Dw__Session *set, const Dw__Session *known)
{
    const struct id id = id_or_zero(&set->session_id);
    Dw__Session session = *set;
    session.n_limits = known->n_limits;
    session.limits = known->limits;
    entities_put(state->entities, KIND_SESSION, &id, 0, &session.base);
}

/* What the session is set to holds in all its weeks. */
static void set_anew(struct state *state, const Dw__Session *session)
{
    const struct id id = id_or_zero(&session->session_id);
    const Dw__LimitSchedule *known = capacity_limit_schedule(state, &id);
    const Dw__LimitSchedule none = DW__LIMIT_SCHEDULE__INIT;
    entities_put(state->entities, KIND_SESSION, &id, 0, &session->base);
    if (known != NULL && known->n_changes > 0)
        entities_put(state->entities, KIND_LIMITS, &id, 0, &none.base);
}

void capacity_evolve_session_set(struct state *state, const ProtobufCMessage *event,
                                 const struct recorded *recorded)
{
    const Dw__SessionSet *set = (const Dw__SessionSet *)event;
    const struct id id = id_or_zero(&set->session->session_id);
    const Dw__Session *known = capacity_session(state, &id);
    if (set->limits_stay && known != NULL)
        set_dates(state, set->session, known);
    else if (set->limits_from != NULL && known != NULL)
        set_from(state, set, known);
    else
        set_anew(state, set->session);
    capacity_confirm(state, &set->session->service_id, recorded);
}

void capacity_evolve_outside_use_set(struct state *state, const ProtobufCMessage *event,
                                     const struct recorded *recorded)
{
    const Dw__OutsideUseSet *set = (const Dw__OutsideUseSet *)event;
    const struct id id = id_or_zero(&set->outside->outside_id);
    entities_put(state->entities, KIND_OUTSIDE, &id, 0, &set->outside->base);
    capacity_confirm(state, &set->service_id, recorded);
}

void capacity_evolve_capacity_confirmed(struct state *state, const ProtobufCMessage *event,
                                        const struct recorded *recorded)
{
    capacity_confirm(state, &((const Dw__CapacityConfirmed *)event)->service_id, recorded);
}

/* --- bookings ----------------------------------------------------------------------------------------------------- */

/* The record, or a new one in state none. It shares its parts with the record and is packed before that goes. */
static Dw__Booking copy_booking(const struct state *state, const struct id *hold_id)
{
    const Dw__Booking *known = capacity_booking(state, hold_id);
    if (known != NULL)
        return *known;
    Dw__Booking booking = DW__BOOKING__INIT;
    booking.hold_id = id_to_data(hold_id);
    return booking;
}

/* Moves the booking and stores it; a move that does not exist changes nothing and is counted. */
static void move_and_put(struct state *state, const struct id *hold_id, Dw__Booking *booking,
                         enum booking_moved event)
{
    if (!capacity_booking_move(booking, event)) {
        state->moves_ignored[booking->state][event]++;
        return;
    }
    entities_put(state->entities, KIND_BOOKING, hold_id, 0, &booking->base);
}

void capacity_evolve_places_held(struct state *state, const ProtobufCMessage *event,
                                 const struct recorded *recorded)
{
    const Dw__PlacesHeld *held = (const Dw__PlacesHeld *)event;
    const struct id id = id_or_zero(&held->hold_id);
    Dw__Booking booking = copy_booking(state, &id);
    booking.service_id = held->service_id;
    booking.provider_id = held->provider_id;
    booking.person_id = held->person_id;
    booking.n_session_ids = held->n_session_ids;
    booking.session_ids = held->session_ids;
    booking.from = held->from;
    booking.to = held->to;
    booking.n_uses = held->n_uses;
    booking.uses = held->uses;
    booking.funding = held->funding;
    booking.held_ms = recorded->at_ms;
    booking.held_seq = recorded->seq;
    booking.expires_ms = held->expires_ms;
    booking.level = held->level;
    booking.district = held->district;
    booking.replaces_hold_id = held->replaces_hold_id;
    move_and_put(state, &id, &booking, MOVED_PLACES_HELD);
}

void capacity_evolve_hold_extended(struct state *state, const ProtobufCMessage *event,
                                   const struct recorded *recorded)
{
    (void)recorded;
    const Dw__HoldExtended *extended = (const Dw__HoldExtended *)event;
    const struct id id = id_or_zero(&extended->hold_id);
    Dw__Booking booking = copy_booking(state, &id);
    booking.expires_ms = extended->expires_ms;
    move_and_put(state, &id, &booking, MOVED_HOLD_EXTENDED);
}

void capacity_evolve_hold_confirmed(struct state *state, const ProtobufCMessage *event,
                                    const struct recorded *recorded)
{
    (void)recorded;
    const struct id id = id_or_zero(&((const Dw__HoldConfirmed *)event)->hold_id);
    Dw__Booking booking = copy_booking(state, &id);
    move_and_put(state, &id, &booking, MOVED_HOLD_CONFIRMED);
    capacity_strand_pass_on(state, &id);
}

void capacity_evolve_hold_released(struct state *state, const ProtobufCMessage *event,
                                   const struct recorded *recorded)
{
    (void)recorded;
    const struct id id = id_or_zero(&((const Dw__HoldReleased *)event)->hold_id);
    Dw__Booking booking = copy_booking(state, &id);
    move_and_put(state, &id, &booking, MOVED_HOLD_RELEASED);
    capacity_strand_trim(state, &id);
}

void capacity_evolve_hold_expired(struct state *state, const ProtobufCMessage *event,
                                  const struct recorded *recorded)
{
    (void)recorded;
    const struct id id = id_or_zero(&((const Dw__HoldExpired *)event)->hold_id);
    Dw__Booking booking = copy_booking(state, &id);
    move_and_put(state, &id, &booking, MOVED_HOLD_EXPIRED);
    capacity_strand_trim(state, &id);
}

void capacity_evolve_booking_ended(struct state *state, const ProtobufCMessage *event,
                                   const struct recorded *recorded)
{
    (void)recorded;
    const Dw__BookingEnded *ended = (const Dw__BookingEnded *)event;
    const struct id id = id_or_zero(&ended->hold_id);
    Dw__Booking booking = copy_booking(state, &id);
    booking.to = ended->last;
    move_and_put(state, &id, &booking, MOVED_BOOKING_ENDED);
    capacity_strand_trim(state, &id);
}
