/* The engine's side of common/decision.h: what the collectors hold. Services never include this. */
#ifndef DAYWAYS_COMMON_COLLECT_H
#define DAYWAYS_COMMON_COLLECT_H

#include "common/arena.h"
#include "common/decision.h"
#include "common/service.h"
#include "common/table.h"

enum {
    DECISION_EVENTS_MAX = 256, /* a whole commit's worth: more belongs into several commands */
    DECISION_SENDS_MAX = 16,   /* nothing in the domain asks more than a few others at once */
    DECISION_KEEPS_MAX = 64,   /* personal records one command may write */
    DECISION_FORGETS_MAX =
        256, /* personal records one command may empty: a commit's worth, as of events */
    DECISION_SENTENCE_SIZE = 512,
    DUE_COMMANDS_MAX = 64,   /* of one turn and shard, so that time never starves people */
    VAULT_WANTED_MAX = 1000, /* records one query may read */
};

struct packed {
    const uint8_t *bytes;
    size_t len;
};

struct emitted {
    const struct event_row *row;
    struct packed body;
};

struct outgoing {
    const char *service;
    struct id about_id;
    const ProtobufCMessageDescriptor *type;
    struct packed body;
};

struct kept {
    struct id id;
    struct packed record;
};

enum decision_outcome { DECISION_YES, DECISION_REFUSED, DECISION_INVALID };

struct decision {
    const struct service *service;
    struct arena *arena;
    enum decision_outcome outcome;
    int refusal;
    char sentence[DECISION_SENTENCE_SIZE];
    char field[128];
    char reference[33];
    struct emitted events[DECISION_EVENTS_MAX];
    size_t events_count;
    struct outgoing sends[DECISION_SENDS_MAX];
    size_t sends_count;
    struct kept keeps[DECISION_KEEPS_MAX];
    size_t keeps_count;
    struct id forgets[DECISION_FORGETS_MAX];
    size_t forgets_count;
};

/* Begins a decision whose memory comes from the arena. */
void decision_begin(struct decision *decision, const struct service *service, struct arena *arena);

struct due {
    struct arena *arena;
    const ProtobufCMessageDescriptor *types[DUE_COMMANDS_MAX];
    struct packed commands[DUE_COMMANDS_MAX];
    size_t count;
    size_t max;
};

/* Length of a record that was emptied, among those that were read. */
#define VAULT_EMPTIED SIZE_MAX

/* Records of the vault that a query wants, and those already read. */
struct vault {
    struct id *wanted; /* room for VAULT_WANTED_MAX, once one is: most queries want none */
    size_t wanted_count;
    /* id -> struct packed, of all that was asked for, bytes NULL when there is none; NULL before anything was read. */
    const struct table *read;
    struct arena *arena;
};

struct answer {
    const struct service *service;
    struct arena *arena;
    enum decision_outcome outcome;
    bool given;
    int refusal;
    char sentence[DECISION_SENTENCE_SIZE];
    char field[128];
    const ProtobufCMessageDescriptor *type;
    struct packed body;
};

/* Packs a message into the arena; see arena_full when its limit is passed. */
struct packed pack_into(struct arena *arena, const ProtobufCMessage *message);

#endif
