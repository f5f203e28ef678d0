/* What a service is: one literal of tables and pure functions. The engine does all the I/O for it.
 *
 *   decide(state, command, ctx)          -> events, outgoing commands, vault writes | refusal
 *   settle(state, own command, answer)   -> events, outgoing commands
 *   react (state, foreign event, ctx)    -> events, outgoing commands
 *   fold  (state, foreign event)            changes state straight from another's journal (reporting only)
 *   due   (state, ctx, max)              -> commands that time has made necessary, and when it next will
 *   query (state, vault, request, ctx)   -> answer
 *   evolve(state, event)                    the only way state changes; no clock, no model; cannot refuse
 *   index (state, before, after)            keeps the service's indexes: called for every record put, removed or
 *                                           loaded, so that indexes are a function of the records alone
 *
 * Every service defines its own struct state, holding the struct entities it was created with and its indexes.
 * Messages arrive as ProtobufCMessage and are cast in the function's first line; the tables guarantee the type.
 * Implements the design's architecture, "A service is six pure functions". */
#ifndef DAYWAYS_COMMON_SERVICE_H
#define DAYWAYS_COMMON_SERVICE_H

#include "common/decision.h"
#include "common/entities.h"

struct state;

/* Roles are given as a bit set: ROLE_BIT(DW__ROLE__ROLE_BROKER) | … */
#define ROLE_BIT(role) (UINT32_C(1) << (role))

/* Kind of entity: its records' type. The index in the table is the kind; row 0 is unused. Records are indexed in
 * the order of kinds when a shard is loaded, so a kind may rely on the kinds before it. */
struct entity_kind {
    const ProtobufCMessageDescriptor *type;
};

struct command_row {
    const ProtobufCMessageDescriptor *type;
    void (*decide)(const struct state *state, const ProtobufCMessage *command,
                   const struct context *ctx, struct decision *decision);
    uint32_t roles; /* who may send it; 0: only time (due) */
};

struct event_row {
    const ProtobufCMessageDescriptor *type;
    void (*evolve)(struct state *state, const ProtobufCMessage *event,
                   const struct recorded *recorded);
};

struct query_row {
    const ProtobufCMessageDescriptor *type;
    void (*query)(const struct state *state, const ProtobufCMessage *request,
                  const struct context *ctx, struct vault *vault, struct answer *answer);
    uint32_t roles;
};

/* One foreign event type; exactly one of react and fold. Events of a followed service that have no row are passed
 * over when known to proto, and stop the follower when not. */
struct reaction_row {
    const char *service;
    const ProtobufCMessageDescriptor *type;
    void (*react)(const struct state *state, const struct foreign_event *event,
                  const struct context *ctx, struct decision *decision);
    void (*fold)(struct state *state, const struct foreign_event *event);
};

/* What to do with the answer to an outgoing command. */
struct settlement_row {
    const ProtobufCMessageDescriptor *type;
    void (*settle)(const struct state *state, const ProtobufCMessage *command,
                   const struct answer_received *answer, const struct context *ctx,
                   struct decision *decision);
};

/* Tables end with a row whose type is NULL. Those a service does not have are NULL. */
struct service {
    const char *name;
    const char *summary;                     /* one line for --help */
    const ProtobufCMessageDescriptor *model; /* type of ctx->model */
    /* True when a model of that type can be worked by; else where it is wrong, and what would be right. NULL: any can. */
    bool (*check_model)(const ProtobufCMessage *model, char *ret_wrong, size_t size);
    const ProtobufCEnumDescriptor *refusals; /* the service's refusal enum */
    const struct entity_kind *kinds;         /* row 0 unused, ends with a NULL type after it */
    const struct command_row *commands;
    const struct event_row *events;
    const struct query_row *queries;
    const struct reaction_row *reactions;
    const struct settlement_row *settlements;
    const char *const *asks; /* services it sends commands to; ends with NULL, or NULL */
    struct state *(*create)(struct entities *entities);
    void (*destroy)(struct state **state);
    void (*index)(struct state *state, const struct entity_key *key, const ProtobufCMessage *before,
                  const ProtobufCMessage *after);
    /* Gives at most max commands and returns when it next wants to be called: UTC milliseconds, INT64_MAX = never. */
    int64_t (*due)(const struct state *state, const struct context *ctx, size_t max,
                   struct due *due);
};

/* Runs the daemon until it is told to stop; returns the exit code. */
int service_run(const struct service *service, int argc, char **argv);

#endif
