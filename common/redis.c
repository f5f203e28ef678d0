/* One Redis connection: see redis.h. The only file that includes hiredis.
 *
 * In connect and disconnect callbacks hiredis frees its context itself, so there we only drop the pointer and set the
 * timer; the context of a call is kept in an own queue and never in hiredis. */
#include "common/redis.h"

#include "common/arena.h"
#include "common/log.h"
#include "common/table.h"
#include "common/text.h"

#include <assert.h>
#include <errno.h>
#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

enum {
    RECONNECT_MS = 50,      /* a restarted Redis is found within this */
    RECONNECT_MAX_MS = 500, /* an absent one costs two attempts a second */
    CHECK_MS = 100,         /* how often the age of the oldest call is looked at */
    READ_BUFFER_KEPT =
        1024 * 1024, /* a step of loading is a quarter of it; a larger one is given back */
    REPLY_MEMORY_MAX = 512 * 1024 * 1024, /* far more than anything that is asked for */
};

struct call {
    redis_answered *answered; /* NULL: nobody waits any more */
    void *context;
    int64_t sent_ms;
};

struct redis {
    struct loop *loop;
    char address[256];
    char password[256]; /* "": none */
    int64_t timeout_ms;
    int64_t patience_ms;
    struct redis_handlers handlers;
    redisAsyncContext *connection; /* NULL: none */
    bool connected;
    int64_t connecting_since_ms;
    int64_t checked_ms; /* when the age of calls was last looked at */
    int64_t back_off_ms;
    struct loop_timer *retry;
    struct loop_timer *check;
    struct arena *replies;               /* the one reply that is read now or looked at */
    struct call calls[REDIS_WINDOW_MAX]; /* ring, oldest first: replies come in order */
    size_t first;
    size_t count;
};

/* Our opaque reply is hiredis' own. */
static const redisReply *node(const struct redis_reply *reply)
{
    return (const redisReply *)(const void *)reply;
}

enum redis_type redis_type(const struct redis_reply *reply)
{
    switch (node(reply)->type) {
    case REDIS_REPLY_STRING:
        return REDIS_TEXT;
    case REDIS_REPLY_ARRAY:
        return REDIS_LIST;
    case REDIS_REPLY_INTEGER:
        return REDIS_INTEGER;
    case REDIS_REPLY_STATUS:
        return REDIS_STATUS;
    case REDIS_REPLY_ERROR:
        return REDIS_FAILURE;
    default: /* an int in hiredis, not an enum */
        return REDIS_NIL;
    }
}

const char *redis_text(const struct redis_reply *reply, size_t *ret_len)
{
    const bool has_text = node(reply)->str != NULL && node(reply)->type != REDIS_REPLY_INTEGER;
    if (ret_len != NULL)
        *ret_len = has_text ? (size_t)node(reply)->len : 0;
    return has_text ? node(reply)->str : "";
}

int64_t redis_integer(const struct redis_reply *reply)
{
    return node(reply)->type == REDIS_REPLY_INTEGER ? node(reply)->integer : 0;
}

size_t redis_count(const struct redis_reply *reply)
{
    return node(reply)->type == REDIS_REPLY_ARRAY ? node(reply)->elements : 0;
}

const struct redis_reply *redis_item(const struct redis_reply *reply, size_t position)
{
    assert(position < redis_count(reply));
    return (const struct redis_reply *)(const void *)node(reply)->element[position];
}

/* --- making replies ---------------------------------------------------------------------------------------------- */

/* hiredis has one reply at a time, so all of its nodes lie in one arena, which the next reply begins anew: a load has a
 * thousand rows a step, and four allocations for each cost more than all that is done with them. NULL: it is too large. */
static redisReply *create_node(const redisReadTask *task, size_t extra)
{
    struct redis *redis = task->privdata;
    if (task->parent == NULL)
        arena_reset(redis->replies);
    redisReply *reply = arena_alloc(redis->replies, sizeof *reply + extra);
    if (reply == NULL)
        return NULL;
    reply->type = task->type;
    if (task->parent != NULL)
        ((redisReply *)task->parent->obj)->element[task->idx] = reply;
    return reply;
}

static void *create_text(const redisReadTask *task, char *text, size_t len)
{
    redisReply *reply = create_node(task, len + 1);
    if (reply == NULL)
        return NULL;
    reply->str = (char *)(reply + 1);
    reply->len = len;
    memcpy(reply->str, text, len);
    return reply;
}

static void *create_list(const redisReadTask *task, int count)
{
    const size_t elements = count > 0 ? (size_t)count : 0;
    redisReply *reply = create_node(task, elements * sizeof reply->element[0]);
    if (reply == NULL)
        return NULL;
    reply->element = (redisReply **)(void *)(reply + 1);
    reply->elements = elements;
    return reply;
}

static void *create_integer(const redisReadTask *task, long long value)
{
    redisReply *reply = create_node(task, 0);
    if (reply != NULL)
        reply->integer = value;
    return reply;
}

static void *create_nil(const redisReadTask *task)
{
    redisReply *reply = create_node(task, 0);
    if (reply != NULL)
        reply->type = REDIS_REPLY_NIL; /* the task's type is that of what is not there */
    return reply;
}

static void forget_node(void *reply)
{
    (void)reply; /* the arena has it */
}

static redisReplyObjectFunctions making = {create_text, create_list, create_integer, create_nil,
                                           forget_node};

/* --- the connection ------------------------------------------------------------------------------------------------ */

static void connection_lost(struct redis *redis)
{
    const bool was_connected = redis->connected;
    redis->connection = NULL;
    redis->connected = false;
    while (redis->count > 0) { /* whatever hiredis has not answered itself */
        const struct call call = redis->calls[redis->first];
        redis->first = (redis->first + 1) % REDIS_WINDOW_MAX;
        redis->count--;
        if (call.answered != NULL)
            call.answered(call.context, NULL);
    }
    loop_timer_set(redis->retry, redis->back_off_ms);
    redis->back_off_ms =
        redis->back_off_ms * 2 > RECONNECT_MAX_MS ? RECONNECT_MAX_MS : redis->back_off_ms * 2;
    if (was_connected)
        redis->handlers.disconnected(redis->handlers.context);
}

static void on_password_said(void *context, const struct redis_reply *reply)
{
    const struct redis *redis = context;
    if (reply != NULL && redis_type(reply) == REDIS_FAILURE)
        log_error(CODE_STORE_UNAVAILABLE, NULL, "redis %s does not take the password: %s",
                  redis->address, redis_text(reply, NULL));
}

static void say_password(struct redis *redis)
{
    const struct redis_argument arguments[] = {REDIS_ARGUMENT("AUTH"),
                                               REDIS_ARGUMENT(redis->password)};
    if (redis->password[0] != '\0')
        (void)redis_call(redis, arguments, 2, on_password_said, redis);
}

static void on_connect(const redisAsyncContext *connection, int status)
{
    struct redis *redis = connection->data;
    if (redis == NULL || redis->connection != connection)
        return;
    if (status != REDIS_OK) {
        connection_lost(redis);
        return;
    }
    redis->connected = true;
    redis->back_off_ms = RECONNECT_MS;
    say_password(redis);
    redis->handlers.connected(redis->handlers.context);
}

static void on_disconnect(const redisAsyncContext *connection, int status)
{
    (void)status;
    struct redis *redis = connection->data;
    if (redis != NULL && redis->connection == connection)
        connection_lost(redis);
}

static void connect_now(void *context)
{
    struct redis *redis = context;
    const char *colon = strrchr(redis->address, ':');
    redisAsyncContext *connection;
    if (colon != NULL && strchr(redis->address, '/') == NULL) {
        char host[256];
        int64_t port = 0;
        (void)text_format(host, sizeof host, "%.*s", (int)(colon - redis->address), redis->address);
        (void)text_to_int64(colon + 1, 1, 65535, &port);
        connection = redisAsyncConnect(host, (int)port);
    } else {
        connection = redisAsyncConnectUnix(redis->address);
    }
    if (connection == NULL || connection->err != 0) {
        if (connection != NULL)
            redisAsyncFree(connection);
        connection_lost(redis);
        return;
    }
    connection->data = redis;
    connection->c.reader->fn = &making;
    connection->c.reader->privdata = redis;
    connection->c.reader->maxbuf = READ_BUFFER_KEPT;
    redis->connection = connection;
    redis->connecting_since_ms = loop_now(redis->loop).boot_ms;
    redisLibeventAttach(connection, loop_base(redis->loop));
    redisAsyncSetDisconnectCallback(connection, on_disconnect);
    redisAsyncSetConnectCallback(connection, on_connect);
}

void redis_reset(struct redis *redis)
{
    redisAsyncContext *connection = redis->connection;
    if (connection == NULL)
        return;
    connection->data = NULL; /* its callbacks are not ours any more */
    redis->connection = NULL;
    redisAsyncFree(connection);
    connection_lost(redis);
}

/* Those who have waited too long are told; their answers are dropped when they come. */
static void tell_patient(struct redis *redis, int64_t now_ms)
{
    for (size_t at = 0; at < redis->count; at++) {
        struct call *call = &redis->calls[(redis->first + at) % REDIS_WINDOW_MAX];
        if (now_ms - call->sent_ms <= redis->patience_ms)
            return;
        redis_answered *answered = call->answered;
        call->answered = NULL;
        if (answered != NULL)
            answered(call->context, NULL); /* may call again: that goes to the end */
    }
}

static void check_age(void *context)
{
    struct redis *redis = context;
    const int64_t now_ms = loop_now(redis->loop).boot_ms;
    const bool slow =
        redis->connected
            ? redis->count > 0 && now_ms - redis->calls[redis->first].sent_ms > redis->timeout_ms
            : redis->connection != NULL && now_ms - redis->connecting_since_ms > redis->timeout_ms;
    /* After a turn of ours that was long, answers may lie unread: they are looked at first. */
    const bool was_away = now_ms - redis->checked_ms > 2 * CHECK_MS;
    redis->checked_ms = now_ms;
    loop_timer_set(redis->check, CHECK_MS);
    if (slow && !was_away) {
        log_warn(NULL, "redis %s has not answered for %lld ms, connecting anew", redis->address,
                 (long long)redis->timeout_ms);
        redis_reset(redis);
    } else if (!was_away) {
        tell_patient(redis, now_ms);
    }
}

struct redis *redis_create(struct loop *loop, const char *address, const char *password,
                           int64_t timeout_ms, int64_t patience_ms,
                           const struct redis_handlers *handlers)
{
    struct redis *redis = calloc(1, sizeof *redis);
    if (redis == NULL)
        return NULL;
    *redis = (struct redis){.loop = loop,
                            .timeout_ms = timeout_ms,
                            .patience_ms = patience_ms,
                            .handlers = *handlers,
                            .back_off_ms = RECONNECT_MS};
    redis->retry = loop_timer_create(loop, connect_now, redis);
    redis->check = loop_timer_create(loop, check_age, redis);
    redis->replies = arena_create(REPLY_MEMORY_MAX);
    if (redis->retry == NULL || redis->check == NULL || redis->replies == NULL ||
        text_format(redis->address, sizeof redis->address, "%s", address) < 0 ||
        text_format(redis->password, sizeof redis->password, "%s", password) < 0) {
        redis_destroy(&redis);
        return NULL;
    }
    loop_timer_set(redis->check, CHECK_MS);
    loop_timer_set(redis->retry, 0);
    return redis;
}

void redis_destroy(struct redis **pointer)
{
    struct redis *redis = *pointer;
    if (redis == NULL)
        return;
    if (redis->connection != NULL) {
        redis->connection->data = NULL;
        redisAsyncFree(redis->connection);
    }
    loop_timer_destroy(&redis->retry);
    loop_timer_destroy(&redis->check);
    arena_destroy(&redis->replies);
    free(redis);
    *pointer = NULL;
}

bool redis_is_connected(const struct redis *redis)
{
    return redis->connected;
}

/* Replies come strictly in order, so the oldest call is the one answered. */
static void on_reply(redisAsyncContext *connection, void *reply, void *unused)
{
    (void)unused;
    struct redis *redis = connection->data;
    if (redis == NULL || redis->count == 0)
        return;
    const struct call call = redis->calls[redis->first];
    redis->first = (redis->first + 1) % REDIS_WINDOW_MAX;
    redis->count--;
    if (call.answered != NULL)
        call.answered(call.context, reply);
}

int redis_call(struct redis *redis, const struct redis_argument *arguments, size_t count,
               redis_answered *answered, void *context)
{
    static struct buffer texts_kept;
    static struct buffer lens_kept;
    assert(count <= REDIS_ARGUMENTS_MAX);
    if (!redis->connected)
        return -ENOTCONN;
    if (redis->count == REDIS_WINDOW_MAX)
        return -EAGAIN;
    buffer_clear(&texts_kept);
    buffer_clear(&lens_kept);
    const char **texts = (void *)buffer_reserve(&texts_kept, count * sizeof *texts);
    size_t *lens = (void *)buffer_reserve(&lens_kept, count * sizeof *lens);
    for (size_t at = 0; at < count; at++) {
        texts[at] = arguments[at].bytes;
        lens[at] = arguments[at].len;
    }
    if (redisAsyncCommandArgv(redis->connection, on_reply, NULL, (int)count, texts, lens) !=
        REDIS_OK)
        return -ENOTCONN;
    redis->calls[(redis->first + redis->count) % REDIS_WINDOW_MAX] =
        (struct call){answered, context, loop_boot_ms_now()};
    redis->count++;
    return 0;
}
