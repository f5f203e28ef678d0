/* What each event makes of the records: one function an event. */
#include "services/capacity/state.h"

/* The id of an event's entity; events were made by decide, so it is always there. */
static struct id event_id(const ProtobufCBinaryData *data)
{
    struct id id = {{0}};
    id_from_data(data, &id);
    return id;
}

void capacity_evolve_provider_registered(struct state *state, const ProtobufCMessage *message,
                                         const struct recorded *recorded)
{
    (void)recorded;
    const Dw__ProviderRegistered *event = (const Dw__ProviderRegistered *)message;
    const struct id id = event_id(&event->provider_id);
    Dw__Provider provider = DW__PROVIDER__INIT;
    provider.reference = event->reference;
    provider.name = event->name;
    provider.kind = event->kind;
    entities_put(state->entities, KIND_PROVIDER, &id, 0, &provider.base);
}

void capacity_evolve_contract_agreed(struct state *state, const ProtobufCMessage *message,
                                     const struct recorded *recorded)
{
    (void)recorded;
    const Dw__ContractAgreed *event = (const Dw__ContractAgreed *)message;
    const struct id id = event_id(&event->contract_id);
    Dw__Contract contract = DW__CONTRACT__INIT;
    contract.provider_id = event->provider_id;
    contract.kind = event->kind;
    contract.n_levels = event->n_levels;
    contract.levels = event->levels;
    contract.from = event->from;
    contract.to = event->to;
    contract.basis = event->basis;
    entities_put(state->entities, KIND_CONTRACT, &id, 0, &contract.base);
}

void capacity_evolve_service_registered(struct state *state, const ProtobufCMessage *message,
                                        const struct recorded *recorded)
{
    (void)recorded;
    const Dw__ServiceRegistered *event = (const Dw__ServiceRegistered *)message;
    const struct id id = event_id(&event->service->service_id);
    entities_put(state->entities, KIND_SERVICE, &id, 0, &event->service->base);
}

void capacity_evolve_session_set(struct state *state, const ProtobufCMessage *message,
                                 const struct recorded *recorded)
{
    (void)recorded;
    const Dw__SessionSet *event = (const Dw__SessionSet *)message;
    const struct id id = event_id(&event->session_id);
    Dw__Session session = DW__SESSION__INIT;
    session.session_id = event->session_id;
    session.service_id = event->service_id;
    session.weekday = event->weekday;
    session.start_minute = event->start_minute;
    session.end_minute = event->end_minute;
    session.n_limits = event->n_limits;
    session.limits = event->limits;
    session.from = event->from;
    session.to = event->to;
    entities_put(state->entities, KIND_SESSION, &id, 0, &session.base);
}

/* --- bookings ---------------------------------------------------------------------------------------------------- */

/* A copy of the booking to change; its lists still belong to the record. */
static Dw__Booking begin(const struct state *state, const struct id *id)
{
    const Dw__Booking *booking = capacity_booking(state, id);
    return booking == NULL ? (Dw__Booking)DW__BOOKING__INIT : *booking;
}

static void commit(struct state *state, const struct id *id, Dw__Booking *booking,
                   enum booking_event event)
{
    if (capacity_move_booking(state, booking, event))
        entities_put(state->entities, KIND_BOOKING, id, 0, &booking->base);
}

void capacity_evolve_places_held(struct state *state, const ProtobufCMessage *message,
                                 const struct recorded *recorded)
{
    const Dw__PlacesHeld *event = (const Dw__PlacesHeld *)message;
    const struct id id = event_id(&event->hold_id);
    Dw__Booking booking = begin(state, &id);
    booking.service_id = event->service_id;
    booking.person_id = event->person_id;
    booking.n_session_ids = event->n_session_ids;
    booking.session_ids = event->session_ids;
    booking.from = event->from;
    booking.to = event->to;
    booking.n_uses = event->n_uses;
    booking.uses = event->uses;
    booking.funding = event->funding;
    booking.expires_ms = event->expires_ms;
    booking.held_ms = recorded->at_ms;
    commit(state, &id, &booking, BOOKING_EVENT_PLACED);
}

void capacity_evolve_hold_extended(struct state *state, const ProtobufCMessage *message,
                                   const struct recorded *recorded)
{
    (void)recorded;
    const Dw__HoldExtended *event = (const Dw__HoldExtended *)message;
    const struct id id = event_id(&event->hold_id);
    Dw__Booking booking = begin(state, &id);
    booking.expires_ms = event->expires_ms;
    commit(state, &id, &booking, BOOKING_EVENT_EXTENDED);
}

void capacity_evolve_hold_confirmed(struct state *state, const ProtobufCMessage *message,
                                    const struct recorded *recorded)
{
    (void)recorded;
    const struct id id = event_id(&((const Dw__HoldConfirmed *)message)->hold_id);
    Dw__Booking booking = begin(state, &id);
    commit(state, &id, &booking, BOOKING_EVENT_CONFIRMED);
}

void capacity_evolve_hold_released(struct state *state, const ProtobufCMessage *message,
                                   const struct recorded *recorded)
{
    (void)recorded;
    const struct id id = event_id(&((const Dw__HoldReleased *)message)->hold_id);
    Dw__Booking booking = begin(state, &id);
    commit(state, &id, &booking, BOOKING_EVENT_RELEASED);
}

void capacity_evolve_hold_expired(struct state *state, const ProtobufCMessage *message,
                                  const struct recorded *recorded)
{
    (void)recorded;
    const struct id id = event_id(&((const Dw__HoldExpired *)message)->hold_id);
    Dw__Booking booking = begin(state, &id);
    commit(state, &id, &booking, BOOKING_EVENT_EXPIRED);
}

void capacity_evolve_booking_ended(struct state *state, const ProtobufCMessage *message,
                                   const struct recorded *recorded)
{
    (void)recorded;
    const Dw__BookingEnded *event = (const Dw__BookingEnded *)message;
    const struct id id = event_id(&event->hold_id);
    Dw__Booking booking = begin(state, &id);
    booking.to = event->last;
    commit(state, &id, &booking, BOOKING_EVENT_ENDED);
}
