/* What the files of the world share: world.c (who is there, and what they say), world_step.c (steps), world_prelude.c (how it may
 * begin), world_check.c (the fold and the answers). Nobody else includes this. */
#ifndef DAYWAYS_TESTS_WORLD_INTERNAL_H
#define DAYWAYS_TESTS_WORLD_INTERNAL_H

#include "tests/support/pure.h"
#include "tests/support/world.h"

enum {
    CAPACITY,
    PLACEMENTS,
    REFERRALS,
    ATTENDANCE,
    OUTCOMES,
    REPORTING,
    SERVICES,
    QUERIES_KEPT = 4,
};

enum what { COMMAND, QUERY, MADE_UP, DELIVER, SETTLE, TIME, RELOAD };

extern const struct service *const world_services[SERVICES];

/* What was decided, or what another's journal told. */
struct told {
    const struct event_row *row; /* NULL: another's */
    const ProtobufCMessageDescriptor *type;
    const char *service; /* another's */
    struct packed body;
    int64_t now_ms;
    struct principal principal;
};

struct asked {
    const ProtobufCMessageDescriptor *type;
    struct id about_id;
    struct packed body;
};

struct question {
    const struct query_row *row;
    struct packed body;
    int role;
    struct id provider_id;
};

struct member {
    struct world *world;
    const struct service *service;
    struct pure *pure;      /* NULL: it has not been spoken to */
    struct buffer told;     /* struct told: its journal, and what it folds of others' */
    struct buffer asked;    /* struct asked: outgoing commands without an answer */
    size_t heard[SERVICES]; /* events of each of the others that it knows of */
    struct question questions[QUERIES_KEPT];
    size_t questions_count;
    size_t believed; /* of what it told: need not be folded again */
    size_t yes;      /* decisions with events */
    bool reacts;     /* a fact cannot be refused */
};

struct world {
    const ProtobufCMessage *model;
    struct member members[SERVICES];
    struct arena *arena; /* of all that is remembered */
    int64_t now_ms;
};

int32_t world_today(const struct world *world);

/* What a service has told so far, in order. */
const struct told *world_told_at(const struct member *member, size_t place);
size_t world_told_count(const struct member *member);

/* A copy that lives as long as the world. */
struct packed world_keep(struct world *world, struct packed packed);

/* What leaves a service comes in at somebody's door. */
void world_check_opens(struct world *world, const ProtobufCMessageDescriptor *type,
                       struct packed body);

/* A refusal is the service's own, and a no says why. */
void world_check_no(const struct service *service, int refusal, const char *sentence,
                    const char *field, enum decision_outcome outcome);

/* The service at that place, made when it is first spoken to. */
struct pure *world_meet(struct world *world, size_t place);

/* Steps; what the form says of who and of the message. */
void world_do_command(struct world *world, size_t place, const struct command_row *row,
                      struct form *form);
void world_do_query(struct world *world, size_t place, const struct query_row *row,
                    struct form *form);

/* The answer packed, or the sentence that was said instead. */
struct packed world_ask(struct world *world, size_t place, const struct question *question);
void world_do_made_up(struct world *world, size_t place, const struct reaction_row *row,
                      struct form *form);

/* Up to max events of another's that it has not heard of. */
void world_do_deliver(struct world *world, size_t place, size_t from, size_t max);

/* Answers the which-th outgoing command, or the one that must be answered before it: accepted, refused, failed, or (kind 3) what
 * capacity really says. */
void world_do_settle(struct world *world, uint8_t which, uint8_t kind, uint8_t value);
void world_do_time(struct world *world, uint8_t how);

/* The row-th of all rows of all services; false when there are no more. */
bool world_do_row(struct world *world, enum what what, size_t *row, struct form *form);
size_t world_count_rows(enum what what);

#endif
