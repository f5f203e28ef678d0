/* What the capacity service remembers: the records, and the indexes that are made from them.
 *
 * The timetable and the catalogue are caches as well: asking them may make rows or put services in order, which
 * changes no answer. That is why they hang on pointers that a const struct state does not freeze. */
#ifndef DAYWAYS_CAPACITY_STATE_H
#define DAYWAYS_CAPACITY_STATE_H

#include "common/alarms.h"
#include "common/lists.h"
#include "common/service.h"
#include "common/table.h"
#include "services/capacity/capacity.h"
#include "services/capacity/catalogue.h"
#include "services/capacity/moves.h"
#include "services/capacity/timetable.h"

#include "capacity.pb-c.h"
#include "model.pb-c.h"

enum { REFERENCE_MAX = 32 }; /* bytes; feeds and letters carry it */

struct state {
    struct entities *entities;
    struct timetable *timetable;
    struct catalogue *catalogue;
    struct alarms *expiries;
    struct lists *by_person;    /* holds and bookings that take places */
    struct lists *outside_uses; /* by session */
    struct table *references;   /* kind and reference -> id, struct reference_key */
    /* Moves that evolve was asked for and that moves.def does not have: bugs, counted by both names. */
    uint64_t moves_ignored[BOOKING_STATES][MOVED_COUNT];
};

struct state *capacity_create(struct entities *entities);
void capacity_destroy(struct state **state);
void capacity_index(struct state *state, const struct entity_key *key,
                    const ProtobufCMessage *before, const ProtobufCMessage *after);

/* Records by id; NULL when there is none. */
const Dw__Provider *capacity_provider(const struct state *state, const struct id *provider_id);
const Dw__Contract *capacity_contract(const struct state *state, const struct id *contract_id);
const Dw__Service *capacity_service_record(const struct state *state, const struct id *service_id);
const Dw__Session *capacity_session(const struct state *state, const struct id *session_id);
const Dw__Booking *capacity_booking(const struct state *state, const struct id *hold_id);
const Dw__OutsideUse *capacity_outside(const struct state *state, const struct id *outside_id);
const Dw__Confirmation *capacity_confirmation(const struct state *state,
                                              const struct id *service_id);

/* The timetable's slot of the at-th session of the booking; false when the session is not known. */
bool capacity_booking_slot(const struct state *state, const Dw__Booking *booking, size_t at,
                           uint32_t *ret_slot);

/* True, and the id, when a provider or service (kind) has that reference. */
bool capacity_reference_find(const struct state *state, enum capacity_kind kind,
                             const char *reference, struct id *ret_id);

/* The date of an optional Date; INT32_MAX when it is absent. */
int32_t capacity_date_or_never(const Dw__Date *date);

/* The limits as numbers by LimitKind - 1; those not named are 0. */
void capacity_limits(Dw__LimitAmount *const *amounts, size_t count,
                     int16_t ret_limits[LIMIT_KINDS]);

/* The weeks of a session's sittings within the dates (to INT32_MAX = for ever). */
struct weeks capacity_sittings(const struct session_terms *terms, int32_t from, int32_t to);

/* The rules of this council's model; a model that has none says nothing in each of them. Never NULL. */
const Dw__Rules *capacity_rules(const struct context *ctx);

/* evolve.c: one function an event. */
void capacity_evolve_provider_registered(struct state *state, const ProtobufCMessage *event,
                                         const struct recorded *recorded);
void capacity_evolve_contract_agreed(struct state *state, const ProtobufCMessage *event,
                                     const struct recorded *recorded);
void capacity_evolve_service_registered(struct state *state, const ProtobufCMessage *event,
                                        const struct recorded *recorded);
void capacity_evolve_session_set(struct state *state, const ProtobufCMessage *event,
                                 const struct recorded *recorded);
void capacity_evolve_outside_use_set(struct state *state, const ProtobufCMessage *event,
                                     const struct recorded *recorded);
void capacity_evolve_capacity_confirmed(struct state *state, const ProtobufCMessage *event,
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

/* decide_register.c, decide_outside.c, decide_hold.c and decide_booking.c: one function a command. */
void capacity_decide_register_provider(const struct state *state, const ProtobufCMessage *command,
                                       const struct context *ctx, struct decision *decision);
void capacity_decide_agree_contract(const struct state *state, const ProtobufCMessage *command,
                                    const struct context *ctx, struct decision *decision);
void capacity_decide_register_service(const struct state *state, const ProtobufCMessage *command,
                                      const struct context *ctx, struct decision *decision);
void capacity_decide_set_session(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision);
void capacity_decide_set_outside_use(const struct state *state, const ProtobufCMessage *command,
                                     const struct context *ctx, struct decision *decision);
void capacity_decide_confirm_capacity(const struct state *state, const ProtobufCMessage *command,
                                      const struct context *ctx, struct decision *decision);
void capacity_decide_hold_places(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision);
void capacity_decide_extend_hold(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision);
void capacity_decide_confirm_hold(const struct state *state, const ProtobufCMessage *command,
                                  const struct context *ctx, struct decision *decision);
void capacity_decide_release_hold(const struct state *state, const ProtobufCMessage *command,
                                  const struct context *ctx, struct decision *decision);
void capacity_decide_end_booking(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision);
void capacity_decide_expire_hold(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision);

/* query.c and query_find.c: one function a query. */
void capacity_query_find_capacity(const struct state *state, const ProtobufCMessage *request,
                                  const struct context *ctx, struct vault *vault,
                                  struct answer *answer);
void capacity_query_get_service(const struct state *state, const ProtobufCMessage *request,
                                const struct context *ctx, struct vault *vault,
                                struct answer *answer);
void capacity_query_list_providers(const struct state *state, const ProtobufCMessage *request,
                                   const struct context *ctx, struct vault *vault,
                                   struct answer *answer);
void capacity_query_list_services(const struct state *state, const ProtobufCMessage *request,
                                  const struct context *ctx, struct vault *vault,
                                  struct answer *answer);
void capacity_query_occupancy(const struct state *state, const ProtobufCMessage *request,
                              const struct context *ctx, struct vault *vault,
                              struct answer *answer);

/* due.c */
int64_t capacity_due(const struct state *state, const struct context *ctx, size_t max,
                     struct due *due);

#endif
