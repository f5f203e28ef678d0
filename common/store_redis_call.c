/* One call of a shard to Redis: its arguments, its sending, and what its answer means. */
#include "common/store_redis.h"

#include "common/log.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

struct redis_shard *shard_of(const struct store *store)
{
    return (struct redis_shard *)(uintptr_t)store;
}

/* --- calls ------------------------------------------------------------------------------------------------------- */

void add_argument(struct redis_shard *shard, const void *bytes, size_t len)
{
    const struct redis_argument argument = {bytes, len};
    buffer_append(&shard->arguments, &argument, sizeof argument);
}

void add_text(struct redis_shard *shard, const char *text)
{
    add_argument(shard, text, strlen(text));
}

void begin_call(struct redis_shard *shard, const char *function)
{
    buffer_clear(&shard->arguments);
    if (function != NULL) {
        add_text(shard, "FCALL");
        add_text(shard, function);
    }
}

struct operation *operation_create(struct redis_shard *shard, void *context, uint64_t ticket)
{
    struct operation *operation = calloc(1, sizeof *operation);
    if (operation == NULL)
        abort();
    operation->shard = shard;
    operation->context = context;
    operation->ticket = ticket;
    return operation;
}

void operation_end(struct operation *operation, enum store_result result)
{
    struct redis_store *redis_store = operation->shard->redis_store;
    const bool is_load = operation->is_load;
    if (is_load)
        redis_store->loads--;
    if (operation->done != NULL)
        operation->done(operation->context, operation->ticket, result);
    else
        operation->taken(operation->context, operation->ticket, result, NULL, "");
    free(operation->ids);
    free(operation);
    if (is_load)
        store_redis_load_ended(redis_store);
}

/* A call that cannot be sent is answered from the loop like any other. */
struct put_off {
    struct operation *operation;
    struct loop_timer *timer;
};

static void answer_put_off(void *context)
{
    struct put_off *put_off = context;
    struct loop_timer *timer = put_off->timer;
    operation_end(put_off->operation, STORE_UNKNOWN);
    free(put_off);
    loop_timer_destroy(&timer);
}

void send_call(struct operation *operation, enum connection which, redis_answered *answered)
{
    struct redis_shard *shard = operation->shard;
    const struct redis_argument *arguments = (const void *)shard->arguments.bytes;
    const size_t count = shard->arguments.len / sizeof arguments[0];
    if (redis_call(shard->redis_store->connections[which], arguments, count, answered, operation) ==
        0)
        return;
    struct put_off *put_off = calloc(1, sizeof *put_off);
    if (put_off == NULL)
        abort();
    *put_off = (struct put_off){
        operation, loop_timer_create(shard->redis_store->loop, answer_put_off, put_off)};
    loop_timer_set(put_off->timer, 0);
}

/* Errors Redis is known to give before a script has written anything. */
static enum store_result classify_failure(const char *text)
{
    static const char *const before_any_write[] = {
        "OOM ",    "MISCONF ", "NOREPLICAS ", "READONLY ", "LOADING ",    "BUSY ",
        "NOPERM ", "NOAUTH ",  "CLUSTERDOWN", "MOVED ",    "MASTERDOWN ", "ERR Function not found"};
    for (size_t at = 0; at < sizeof before_any_write / sizeof before_any_write[0]; at++)
        if (strncmp(text, before_any_write[at], strlen(before_any_write[at])) == 0)
            return STORE_REFUSED;
    return STORE_FAULT;
}

enum store_result classify(const struct redis_reply *reply, const char *authority_key)
{
    if (reply == NULL)
        return STORE_UNKNOWN;
    const char *text = redis_text(reply, NULL);
    if (redis_type(reply) == REDIS_FAILURE) {
        log_warn(NULL, "redis refuses %s: %s", authority_key, text);
        return classify_failure(text);
    }
    if (strcmp(text, "VERSION") == 0)
        return STORE_VERSION;
    if (strcmp(text, "EPOCH") == 0 || strcmp(text, "LOST") == 0)
        return STORE_EPOCH;
    return STORE_OK;
}

void replies_key(const struct redis_shard *shard, int64_t day, char ret_key[KEY_SIZE])
{
    (void)text_format(ret_key, KEY_SIZE, "%s:replies:%lld", shard->prefix, (long long)day);
}
