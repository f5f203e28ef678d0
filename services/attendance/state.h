/* State of attendance: who is expected, what is recorded, feeds, and rows that wait for a placement; with their indexes and
 * the functions service.c lists. Implements the design's domain, "attendance". */
#ifndef DAYWAYS_SERVICES_ATTENDANCE_STATE_H
#define DAYWAYS_SERVICES_ATTENDANCE_STATE_H

#include "common/service.h"
#include "common/table.h"

#include "attendance.pb-c.h"

enum {
    ATTENDANCE_KIND_ATTENDER = 1,
    ATTENDANCE_KIND_MONTH,
    ATTENDANCE_KIND_FEED,
    ATTENDANCE_KIND_UNMATCHED,
    ATTENDANCE_KIND_PERSON,
    ATTENDANCE_KIND_SESSION,
};

/* A person at a provider: what a row names. */
struct attendee {
    struct id provider_id;
    struct id person_id;
};

/* A waiting row: its feed and row number. Zero ids end a chain. */
struct row_key {
    struct id feed_id;
    uint32_t row_number;
};

/* A committed file: the same bytes of the same provider. */
struct file_key {
    struct id provider_id;
    uint8_t content_hash[32];
};

struct state {
    struct entities *entities;
    struct table *attenders;      /* struct attendee -> id of the first placement */
    struct table *next_attender;  /* placement id -> id of the next one, or zero */
    struct table *unmatched;      /* ref id -> struct row_key of the first waiting row */
    struct table *next_unmatched; /* struct row_key -> struct row_key of the next one, or zero */
    struct table *council_refs;   /* person number -> pseudonym of the council's id */
    struct table *files;          /* struct file_key -> feed id */
};

struct state *attendance_create(struct entities *entities);
void attendance_destroy(struct state **state);
void attendance_index(struct state *state, const struct entity_key *key,
                      const ProtobufCMessage *before, const ProtobufCMessage *after);

struct id attendance_id(const ProtobufCBinaryData *data); /* zero when it is none */
const Dw__Feed *attendance_feed(const struct state *state, const struct id *feed_id);
/* The feed, when there is one that the principal may touch; else NULL and the decision says why not. */
const Dw__Feed *attendance_own_feed(const struct state *state, const ProtobufCBinaryData *feed_id,
                                    const struct context *ctx, struct decision *decision);
bool attendance_part_taken(const Dw__Feed *feed, uint32_t part);
bool attendance_may_use(const struct context *ctx, const ProtobufCBinaryData *provider_id);

/* The number of the person whose council id has this pseudonym, or NULL; and the other way. */
const struct id *attendance_person(const struct state *state, const struct id *council_ref);
const struct id *attendance_council_ref(const struct state *state, const struct id *person_id);

/* --- the functions of the tables, one a message ----------------------------------------------------------------- */

#define ATTENDANCE_DECIDE(name)                                                                    \
    void attendance_decide_##name(const struct state *state, const ProtobufCMessage *command,      \
                                  const struct context *ctx, struct decision *decision)
ATTENDANCE_DECIDE(open_feed);
ATTENDANCE_DECIDE(feed_rows);
ATTENDANCE_DECIDE(close_feed);

#define ATTENDANCE_REACT(name)                                                                     \
    void attendance_react_##name(const struct state *state, const struct foreign_event *event,     \
                                 const struct context *ctx, struct decision *decision)
ATTENDANCE_REACT(placement_started);
ATTENDANCE_REACT(placement_ended);
ATTENDANCE_REACT(person_recorded);
ATTENDANCE_REACT(session_set);

#define ATTENDANCE_EVOLVE(name)                                                                    \
    void attendance_evolve_##name(struct state *state, const ProtobufCMessage *event,              \
                                  const struct recorded *recorded)
ATTENDANCE_EVOLVE(attender_expected);
ATTENDANCE_EVOLVE(attender_left);
ATTENDANCE_EVOLVE(person_known);
ATTENDANCE_EVOLVE(session_known);
ATTENDANCE_EVOLVE(rows_matched);
ATTENDANCE_EVOLVE(feed_opened);
ATTENDANCE_EVOLVE(feed_part_taken);
ATTENDANCE_EVOLVE(feed_closed);

#define ATTENDANCE_QUERY(name)                                                                     \
    void attendance_query_##name(const struct state *state, const ProtobufCMessage *request,       \
                                 const struct context *ctx, struct vault *vault,                   \
                                 struct answer *answer)
ATTENDANCE_QUERY(feed_receipt);
ATTENDANCE_QUERY(get_register);
ATTENDANCE_QUERY(unmatched_rows);

#endif
