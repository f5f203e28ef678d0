/* State of attendance: who is expected, what is recorded, feeds, and rows that wait for a placement; with their indexes and
 * the functions service.c lists. Implements the design's domain, "attendance". */
#ifndef DAYWAYS_SERVICES_ATTENDANCE_STATE_H
#define DAYWAYS_SERVICES_ATTENDANCE_STATE_H

#include "common/lists.h"
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
    ATTENDANCE_KIND_MATCHING,
};

/* Whose matching it is: the part of the key of a Matching. */
enum { MATCHING_OF_PERSON, MATCHING_OF_SESSION };

/* Rows that may wait. A reaction looks at all rows of one person at one provider, by number and by council id, so twice the
 * first is what it does at most. */
enum {
    WAITING_OF_REF_MAX = 5000,        /* two sessions every weekday for ten years */
    WAITING_OF_PROVIDER_MAX = 100000, /* a large provider's year, some 60 MiB of state */
};

/* Whom a waiting row of a provider names. */
struct waiting_ref {
    struct id provider_id;
    struct id ref_id; /* the person number, or the pseudonym of a council's id */
};

/* A waiting row: its feed and row number. */
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
    struct lists *attenders;    /* placement ids by person number */
    struct lists *unmatched;    /* struct row_key by struct waiting_ref */
    struct table *waiting;      /* provider id -> uint32_t, how many rows wait */
    struct table *council_refs; /* person number -> pseudonym of the council's id */
    struct table *files;        /* struct file_key -> feed id */
};

struct state *attendance_create(struct entities *entities);
void attendance_destroy(struct state **state);
void attendance_index(struct state *state, const struct entity_key *key,
                      const ProtobufCMessage *before, const ProtobufCMessage *after);

const Dw__Feed *attendance_feed(const struct state *state, const struct id *feed_id);
/* The feed, when there is one that the principal may touch; else NULL and the decision says why not. */
const Dw__Feed *attendance_own_feed(const struct state *state, const ProtobufCBinaryData *feed_id,
                                    const struct context *ctx, struct decision *decision);
bool attendance_part_taken(const Dw__Feed *feed, uint32_t part);
bool attendance_may_use(const struct context *ctx, const ProtobufCBinaryData *provider_id);

/* The person's placements, and the rows of a provider that wait under a reference, in no order: the first and the next one, or
 * NULL. */
const struct id *attendance_placements(const struct state *state, const struct id *person_id);
const struct id *attendance_next_placement(const struct state *state, const struct id *id);
const struct row_key *attendance_waiting(const struct state *state, const struct waiting_ref *ref);
const struct row_key *attendance_next_waiting(const struct state *state, const struct row_key *key);
/* How many there are: under the reference, and of the provider. */
uint32_t attendance_waiting_of_ref(const struct state *state, const struct waiting_ref *ref);
uint32_t attendance_waiting_of_provider(const struct state *state, const struct id *provider_id);

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
ATTENDANCE_DECIDE(match_rows);

int64_t attendance_due(const struct state *state, const struct context *ctx, size_t max,
                       struct due *due);

#define ATTENDANCE_REACT(name)                                                                     \
    void attendance_react_##name(const struct state *state, const struct foreign_event *event,     \
                                 const struct context *ctx, struct decision *decision)
ATTENDANCE_REACT(placement_started);
ATTENDANCE_REACT(change_made);
ATTENDANCE_REACT(placement_ended);
ATTENDANCE_REACT(person_recorded);
ATTENDANCE_REACT(person_changed);
ATTENDANCE_REACT(session_set);
ATTENDANCE_REACT(session_ended);

#define ATTENDANCE_EVOLVE(name)                                                                    \
    void attendance_evolve_##name(struct state *state, const ProtobufCMessage *event,              \
                                  const struct recorded *recorded)
ATTENDANCE_EVOLVE(attender_expected);
ATTENDANCE_EVOLVE(attender_left);
ATTENDANCE_EVOLVE(person_known);
ATTENDANCE_EVOLVE(session_known);
ATTENDANCE_EVOLVE(rows_matched);
ATTENDANCE_EVOLVE(matching_left);
ATTENDANCE_EVOLVE(matching_done);
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
