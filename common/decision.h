/* What a pure function may say: events, a refusal, outgoing commands, records for the vault; and answers to queries.
 *
 * The engine collects these and does all the rest. Everything given is copied (packed) at once, so messages may
 * stand on the stack and point anywhere. */
#ifndef DAYWAYS_COMMON_DECISION_H
#define DAYWAYS_COMMON_DECISION_H

#include "common/ids.h"

#include "envelope.pb-c.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who asks, taken from the connection's key. role is a value of enum Role (Dw__Role). */
struct principal {
    const char *name;
    int role;
    struct id provider_id; /* zero for council staff and daemons */
};

/* Whether what belongs to provider_id is theirs to see and to touch: everything is to those who belong to none. Whoever has a
 * role that is bound to one, and none to go with it, sees nothing. */
static inline bool principal_sees(const struct principal *principal, const struct id *provider_id)
{
    if (id_is_zero(&principal->provider_id))
        return principal->role != DW__ROLE__ROLE_PROVIDER_MANAGER &&
               principal->role != DW__ROLE__ROLE_REGISTER_TAKER;
    return id_equal(&principal->provider_id, provider_id);
}

/* What the world says to a pure function. */
struct context {
    int64_t now_ms;                    /* wall clock of this loop turn, UTC */
    int32_t today;                     /* the date now in Europe/London, days since 1970-01-01 */
    const struct principal *principal; /* never NULL */
    const ProtobufCMessage *model;     /* the council's model, of the type struct service names */
    struct ids *ids;
    const uint8_t *pseudonym_key; /* of the authority; the store never sees it */
};

/* A fresh id. */
struct id context_new_id(const struct context *ctx);

/* The id that stands for a text which may not be kept, such as another system's number of a person: always the same within
 * the authority, and of no use to who has not the authority's key. Case and spaces around it do not count. */
struct id context_pseudonym(const struct context *ctx, const char *text);
struct id context_pseudonym_in(const struct context *ctx, const char *domain, const char *text);

struct decision;

/* Memory that lives until the decision has been taken; never NULL, zeroed. */
void *decision_alloc(struct decision *decision, size_t size);

/* A pseudonym in a domain of its own ("": that of texts) of all that a message says, by which the same said again is known. */
struct id decision_pseudonym(struct decision *decision, const struct context *ctx,
                             const char *domain, const ProtobufCMessage *message);

/* Adds an event. Its type must be in the service's table of events. */
void decision_emit(struct decision *decision, const ProtobufCMessage *event);

/* The domain says no: a value of the service's refusal enum and a plain sentence saying why and what would
 * make it work. The sentence may hold no personal detail. Whatever was emitted before is dropped. */
void decision_refuse(struct decision *decision, int refusal, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The command itself is malformed: not remembered, answered INVALID. field is a path such as "sessions[2].id". */
void decision_invalid(struct decision *decision, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* True once refused or found invalid. */
bool decision_is_no(const struct decision *decision);

/* Sends a command to another service when this decision is on disk; its answer comes back through settle. Commands
 * about one entity to one service go in order, one at a time. The decision must emit an event too. */
void decision_send(struct decision *decision, const char *service, const struct id *about_id,
                   const ProtobufCMessage *command);

/* Writes a record with personal details or free text into the vault under id, in the same atomic step. */
void decision_keep(struct decision *decision, const struct id *vault_id,
                   const ProtobufCMessage *record);

/* Whether two messages of one type say the same: what is said again under an id is known by it. */
bool decision_same(struct decision *decision, const ProtobufCMessage *left,
                   const ProtobufCMessage *right);

/* Empties a record of the vault, its salt too, in the same atomic step: nothing is left to be read, and nothing to guess by. The
 * journal keeps the id and the digest. The decision must emit an event too. */
void decision_forget(struct decision *decision, const struct id *vault_id);

/* A reference number for people, told in the reply; at most 32 bytes. */
void decision_reference(struct decision *decision, const char *reference);

/* What came back to an outgoing command. */
enum answer_kind { ANSWER_ACCEPTED = 1, ANSWER_REFUSED, ANSWER_FAILED };
struct answer_received {
    enum answer_kind kind;
    int value; /* ANSWER_REFUSED: the value in the other service's refusal enum; ANSWER_FAILED: ErrorCode */
    const char *sentence; /* "" when accepted */
};

/* An event of a journal this service follows. */
struct foreign_event {
    const char *service;
    uint64_t seq;
    int64_t recorded_ms;
    struct id command_id;
    const struct principal *principal;
    const ProtobufCMessage *message;
};

/* When and by whom an own event was recorded, for evolve. */
struct recorded {
    uint64_t seq;
    int64_t at_ms;
    const struct principal *principal;
};

/* Commands that time has made necessary. */
struct due;
void due_command(struct due *due, const ProtobufCMessage *command);

/* The vault as a query sees it: NULL when there is no such record, when it was emptied or when it is not yet read. In the last case
 * the engine reads all records asked for and calls the query again, so a query asks for all it wants, gives its
 * answer as if that were all, and never keeps anything. */
struct vault;
const void *vault_get(struct vault *vault, const struct id *vault_id,
                      const ProtobufCMessageDescriptor *type);

/* An answer to a query. */
struct answer;
void *answer_alloc(struct answer *answer, size_t size);
void answer_give(struct answer *answer, const ProtobufCMessage *message);
void answer_refuse(struct answer *answer, int refusal, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void answer_invalid(struct answer *answer, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
