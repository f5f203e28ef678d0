/* Drives any service purely: no bus, no store, no clock. Commands are decided and evolved at once, as the engine does it
 * in memory; everything that the engine writes to disk is left out. */
#ifndef DAYWAYS_TESTS_PURE_H
#define DAYWAYS_TESTS_PURE_H

#include "common/collect.h"
#include "common/service.h"

struct pure;

/* What became of a command. Texts are valid until the next call. */
struct pure_outcome {
    enum decision_outcome outcome;
    int refusal;           /* DECISION_REFUSED: value of the service's refusal enum */
    const char *sentence;  /* when refused or invalid */
    const char *field;     /* when invalid */
    const char *reference; /* when accepted, may be "" */
    uint64_t first_seq;    /* 0: nothing had to change */
    size_t events_count;
    const struct decision
        *decision; /* its events and outgoing commands, valid until the next call */
};

/* The model is not copied and must outlive the driver. */
struct pure *pure_create(const struct service *service, const ProtobufCMessage *model);
void pure_destroy(struct pure **pure);

/* Decides and, when the answer is yes, evolves. Asserts that the command is in the service's table, and that the role
 * may send it (role 0 stands for time). */
struct pure_outcome pure_command(struct pure *pure, const ProtobufCMessage *command, int role,
                                 int64_t now_ms, int32_t today);

/* Told of every decision, yes or no, when it is taken: at now_ms by that principal. Who watches gives messages that have been
 * unpacked already, and they are taken as they are. */
typedef void pure_watcher(void *context, const struct decision *decision, int64_t now_ms,
                          const struct principal *principal);
void pure_watch(struct pure *pure, pure_watcher *watcher, void *context);

/* Folds an event that another driver of the same service decided. */
void pure_evolve(struct pure *pure, const struct event_row *row, struct packed body, int64_t now_ms,
                 const struct principal *principal);

/* The provider whose people send the commands from now on; NULL = council staff. */
void pure_principal_provider(struct pure *pure, const struct id *provider_id);

/* The name of whoever sends the commands from now on; "pure" before anybody is named. The name is not copied. */
void pure_principal_name(struct pure *pure, const char *name);

/* What came back to an outgoing command. */
struct pure_outcome pure_settle(struct pure *pure, const ProtobufCMessage *command,
                                const struct answer_received *answer, int64_t now_ms,
                                int32_t today);

/* An event of a followed service: react or fold, whichever the row has. */
struct pure_outcome pure_react(struct pure *pure, const struct foreign_event *event, int64_t now_ms,
                               int32_t today);

/* The answer, unpacked and valid until the next call; NULL when refused or invalid: then *ret_outcome (may be NULL)
 * says why. */
const void *pure_query(struct pure *pure, const ProtobufCMessage *request, int role, int64_t now_ms,
                       int32_t today, struct pure_outcome *ret_outcome);

/* Calls due once and runs the commands it gives; *ret_count (may be NULL) is their number. Returns when due next wants
 * to be called. */
int64_t pure_due(struct pure *pure, size_t max, int64_t now_ms, int32_t today, size_t *ret_count);

/* Loads all records into a fresh state, in another order than they were made in, and goes on with that: what a service
 * answers must not change by it. */
void pure_reload(struct pure *pure);

struct state *pure_state(struct pure *pure);
struct entities *pure_entities(struct pure *pure);

#endif
