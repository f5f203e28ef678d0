/* One connection to one Redis in the loop: pipelined calls in order, an own timeout, own reconnecting, a bounded window.
 *
 * hiredis 0.14 has neither timeouts nor reconnection and frees its context at surprising moments; all of that ends
 * here. A call is answered exactly once: with the reply, or with NULL when its outcome is not known. */
#ifndef DAYWAYS_COMMON_REDIS_H
#define DAYWAYS_COMMON_REDIS_H

#include "common/loop.h"

#include <stddef.h>
#include <stdint.h>

struct redis;

/* What Redis answered, seen one node at a time. */
enum redis_type { REDIS_NIL, REDIS_TEXT, REDIS_STATUS, REDIS_FAILURE, REDIS_INTEGER, REDIS_LIST };
struct redis_reply;
enum redis_type redis_type(const struct redis_reply *reply);
/* TEXT, STATUS, FAILURE: bytes with a NUL behind them; else "" and 0. */
const char *redis_text(const struct redis_reply *reply, size_t *ret_len);
int64_t redis_integer(const struct redis_reply *reply);
size_t redis_count(const struct redis_reply *reply);
const struct redis_reply *redis_item(const struct redis_reply *reply, size_t position);

/* reply is NULL when the connection was lost or too slow: what was asked may or may not have happened. */
typedef void redis_answered(void *context, const struct redis_reply *reply);

struct redis_handlers {
    void *context;
    void (*connected)(void *context);    /* calls may be made from now on */
    void (*disconnected)(void *context); /* after the last pending call was answered with NULL */
};

struct redis_argument {
    const void *bytes;
    size_t len;
};

enum {
    REDIS_WINDOW_MAX =
        1024, /* calls in flight: bounds the memory, and how much a lost connection leaves unknown */
    REDIS_ARGUMENTS_MAX = 1000000, /* Redis takes no more; a full commit has some 5,000 */
};

/* address: path of a Unix socket, or host:port. password: "" for none. Connects, and reconnects for ever. A call unanswered for
 * timeout_ms ends the connection; one unanswered for patience_ms is answered with NULL, which need not be the connection's end. */
struct redis *redis_create(struct loop *loop, const char *address, const char *password,
                           int64_t timeout_ms, int64_t patience_ms,
                           const struct redis_handlers *handlers);
void redis_destroy(struct redis **redis);

bool redis_is_connected(const struct redis *redis);

/* 0: answered() will be called, never before this returns; -ENOTCONN; -EAGAIN when the window is full. Arguments are
 * copied. */
int redis_call(struct redis *redis, const struct redis_argument *arguments, size_t count,
               redis_answered *answered, void *context);

/* Ends the connection as if it had broken: pending calls are answered with NULL. */
void redis_reset(struct redis *redis);

#define REDIS_ARGUMENT(text) ((struct redis_argument){(text), strlen(text)})

#endif
