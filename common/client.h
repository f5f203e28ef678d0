/* Asking services: what the command line, tests and measurements use. A request is sent again with the same id until it has
 * a final answer or its deadline has passed, which is the only recovery a client ever needs. */
#ifndef DAYWAYS_COMMON_CLIENT_H
#define DAYWAYS_COMMON_CLIENT_H

#include "common/auth.h"
#include "common/envelope.h"
#include "common/loop.h"

#include <stdint.h>

struct client;

/* What came back. type is "" when the deadline passed without a final answer: the outcome is unknown. */
struct client_answer {
    struct id id;
    const char *type;
    struct packed body;
    uint64_t seq;
};

typedef void client_answered(void *context, const struct client_answer *answer);

/* Speaks with the key NAME of the keys directory. NULL with a sentence in ret_error. */
struct client *client_create(const char *keys_directory, const char *name, char *ret_error,
                             size_t error_size);
void client_destroy(struct client **client);

/* One endpoint of a service. 0; -ENOENT when its key is not known. */
int client_add(struct client *client, const char *service, const char *endpoint);

/* The same for subscribing to batches; on_batch is told of each. */
int client_follow(struct client *client, const char *service, const char *endpoint);
void client_on_batch(struct client *client,
                     void (*on_batch)(void *context, const char *topic, const void *bytes,
                                      size_t len),
                     void *context);

/* Sends; answered is called once, from client_turn. id NULL: a fresh one. The id used is returned. */
struct id client_ask(struct client *client, const char *authority, const char *service,
                     const ProtobufCMessage *message, const struct id *id, int64_t within_ms,
                     client_answered *answered, void *context);

/* The same with an envelope made by the caller, sent as it is (its id must be 16 bytes). */
void client_ask_envelope(struct client *client, const char *service, const Dw__Envelope *envelope,
                         int64_t within_ms, client_answered *answered, void *context);

/* Runs one turn: answers come in, what is late is sent again. */
void client_turn(struct client *client);
/* The same, waiting for nothing: for who has several clients. */
void client_poll(struct client *client);

/* Requests without a final answer. */
size_t client_waiting(const struct client *client);

struct id client_new_id(struct client *client);
int64_t client_now_ms(struct client *client);

/* Asks and waits. The answer's body lies in ret_body (the caller frees it); its type in ret_type; both are valid whatever
 * came. 0; -ETIMEDOUT when no final answer came in time. */
int client_call(struct client *client, const char *authority, const char *service,
                const ProtobufCMessage *message, const struct id *id, int64_t within_ms,
                char ret_type[64], struct buffer *ret_body);

#endif
