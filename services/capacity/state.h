/* Capacity's state: the records, and caches that follow from them.
 *
 * The caches are allocated apart, because asking may bring them up to date (the timetable rolls, stale expiries go) while
 * the state is const: nothing that a caller can see depends on when that happens. */
#ifndef DAYWAYS_CAPACITY_STATE_H
#define DAYWAYS_CAPACITY_STATE_H

#include "capacity.pb-c.h"
#include "common/service.h"
#include "services/capacity/directory.h"
#include "services/capacity/expiry.h"
#include "services/capacity/timetable.h"

enum capacity_kind {
    KIND_PROVIDER = 1,
    KIND_CONTRACT,
    KIND_SERVICE,
    KIND_SESSION,
    KIND_BOOKING,
};

enum booking_state {
#define CAPACITY_STATE(name, number, text) BOOKING_##name = (number),
#include "services/capacity/moves.def"
    BOOKING_STATES
};

enum booking_event {
    BOOKING_EVENT_NONE,
#define CAPACITY_EVENT(name, text) BOOKING_EVENT_##name,
#include "services/capacity/moves.def"
    BOOKING_EVENTS
};

struct state {
    struct entities *entities;
    struct timetable *timetable;
    struct directory *directory;
    struct expiry_heap *expiries;
    struct table *provider_references; /* reference, 33 bytes padded with NUL -> struct id */
    struct table *service_references;
    uint64_t refused_moves; /* moves that stand in no row; a bug when it is not 0 */
};

/* A reference as a key. */
struct reference_key {
    char text[33];
};

struct state *capacity_create(struct entities *entities);
void capacity_destroy(struct state **state);
void capacity_index(struct state *state, const struct entity_key *key,
                    const ProtobufCMessage *before, const ProtobufCMessage *after);

/* The state after an event; -1 when the move stands in no row. */
int capacity_move(enum booking_state state, enum booking_event event);

/* The only place that assigns a booking's state; false, and counted, when there is no such move. */
bool capacity_move_booking(struct state *state, Dw__Booking *booking, enum booking_event event);

const char *capacity_state_name(enum booking_state state);
const char *capacity_event_name(enum booking_event event);

const Dw__Provider *capacity_provider(const struct state *state, const struct id *id);
const Dw__Contract *capacity_contract(const struct state *state, const struct id *id);
const Dw__Service *capacity_service_record(const struct state *state, const struct id *id);
const Dw__Session *capacity_session(const struct state *state, const struct id *id);
const Dw__Booking *capacity_booking(const struct state *state, const struct id *id);

struct reference_key capacity_reference_key(const char *reference);

/* Amounts by kind; those not named are 0. */
struct amounts capacity_amounts(Dw__LimitAmount *const *list, size_t count);

void capacity_evolve_provider_registered(struct state *state, const ProtobufCMessage *event,
                                         const struct recorded *recorded);
void capacity_evolve_contract_agreed(struct state *state, const ProtobufCMessage *event,
                                     const struct recorded *recorded);
void capacity_evolve_service_registered(struct state *state, const ProtobufCMessage *event,
                                        const struct recorded *recorded);
void capacity_evolve_session_set(struct state *state, const ProtobufCMessage *event,
                                 const struct recorded *recorded);
void capacity_evolve_places_held(struct state *state, const ProtobufCMessage *event,
                                 const struct recorded *recorded);
void capacity_evolve_hold_extended(struct state *state, const ProtobufCMessage *event,
                                   const struct recorded *recorded);
void capacity_evolve_hold_confirmed(struct state *state, const ProtobufCMessage *event,
                                    const struct recorded *recorded);
void capacity_evolve_hold_released(struct state *state, const ProtobufCMessage *event,
                                   const struct recorded *recorded);
void capacity_evolve_hold_expired(struct state *state, const ProtobufCMessage *event,
                                  const struct recorded *recorded);
void capacity_evolve_booking_ended(struct state *state, const ProtobufCMessage *event,
                                   const struct recorded *recorded);

#endif
