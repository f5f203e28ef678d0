/* State of placements: its records, their indexes, the moves of a placement, and the functions service.c lists.
 * Implements the design's domain, "placements". */
#ifndef DAYWAYS_SERVICES_PLACEMENTS_STATE_H
#define DAYWAYS_SERVICES_PLACEMENTS_STATE_H

#include "common/lists.h"
#include "common/service.h"
#include "common/table.h"

#include "placements.pb-c.h"

enum { PLACEMENTS_KIND_PLACEMENT = 1 };

/* The same numbers as Dw__PlacementState; 0 is "there is no such placement". */
enum placement_state {
#define STATE(name, words) PLACEMENT_##name,
#include "services/placements/moves.def"
    PLACEMENT_STATES
};

enum placement_event {
#define EVENT(name, message) PLACEMENT_EVENT_##name,
#include "services/placements/moves.def"
    PLACEMENT_EVENTS
};

/* Where the event leads from the state; PLACEMENT_UNSPECIFIED when it cannot happen there. */
enum placement_state placement_next(enum placement_state state, enum placement_event event);

/* Ends the sentence "The placement …", saying what is possible now. */
const char *placement_state_words(enum placement_state state);

struct state {
    struct entities *entities;
    struct table *by_hold; /* hold id -> placement id: whose hold is it now */
    struct lists *by_person;
};

struct state *placements_create(struct entities *entities);
void placements_destroy(struct state **state);
void placements_index(struct state *state, const struct entity_key *key,
                      const ProtobufCMessage *before, const ProtobufCMessage *after);

/* The placement of that id, or NULL; and the one the hold stands behind now. */
const Dw__Placement *placements_get(const struct state *state, const ProtobufCBinaryData *id);
const Dw__Placement *placements_by_hold(const struct state *state, const ProtobufCBinaryData *id);

/* The person's live or ended placement that has one of the sessions on a date of the terms, or NULL; of several the
 * one with the smallest id. */
const Dw__Placement *placements_overlapping(const struct state *state,
                                            const Dw__PlacementTerms *terms);

/* Send to capacity, about that hold; the terms say whose it is, and what is to be held. What is sent about one person arrives in
 * order. */
void placements_send_hold(struct decision *decision, const Dw__PlacementTerms *terms,
                          const ProtobufCBinaryData *hold_id);
void placements_send_confirm(struct decision *decision, const Dw__PlacementTerms *terms,
                             const ProtobufCBinaryData *hold_id);
void placements_send_release(struct decision *decision, const Dw__PlacementTerms *terms,
                             const ProtobufCBinaryData *hold_id);
void placements_send_end(struct decision *decision, const Dw__PlacementTerms *terms,
                         const ProtobufCBinaryData *hold_id, int32_t last);

/* --- the functions of the tables, one a message ----------------------------------------------------------------- */

#define PLACEMENTS_DECIDE(name)                                                                    \
    void placements_decide_##name(const struct state *state, const ProtobufCMessage *command,      \
                                  const struct context *ctx, struct decision *decision)
PLACEMENTS_DECIDE(propose);
PLACEMENTS_DECIDE(accept_offer);
PLACEMENTS_DECIDE(decline_offer);
PLACEMENTS_DECIDE(start);
PLACEMENTS_DECIDE(end);
PLACEMENTS_DECIDE(cancel);

#define PLACEMENTS_SETTLE(name)                                                                    \
    void placements_settle_##name(const struct state *state, const ProtobufCMessage *command,      \
                                  const struct answer_received *answer, const struct context *ctx, \
                                  struct decision *decision)
PLACEMENTS_SETTLE(hold_places);
PLACEMENTS_SETTLE(confirm_hold);
PLACEMENTS_SETTLE(giving_back);

#define PLACEMENTS_EVOLVE(name)                                                                    \
    void placements_evolve_##name(struct state *state, const ProtobufCMessage *event,              \
                                  const struct recorded *recorded)
PLACEMENTS_EVOLVE(proposed);
PLACEMENTS_EVOLVE(offered);
PLACEMENTS_EVOLVE(offer_accepted);
PLACEMENTS_EVOLVE(hold_replaced);
PLACEMENTS_EVOLVE(accepted);
PLACEMENTS_EVOLVE(declined);
PLACEMENTS_EVOLVE(lapsed);
PLACEMENTS_EVOLVE(started);
PLACEMENTS_EVOLVE(ended);
PLACEMENTS_EVOLVE(cancelled);

#define PLACEMENTS_QUERY(name)                                                                     \
    void placements_query_##name(const struct state *state, const ProtobufCMessage *request,       \
                                 const struct context *ctx, struct vault *vault,                   \
                                 struct answer *answer)
PLACEMENTS_QUERY(get);
PLACEMENTS_QUERY(list);

#endif
