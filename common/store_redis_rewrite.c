/* What was erased leaves the append-only file of Redis: the design's domain, "Privacy". A file grows by what is written, and keeps what was
 * overwritten until Redis writes it anew from what it holds, which by itself it does when the file has doubled. Here it is asked to soon
 * after records of the vault were emptied, and at most once in ten minutes, for changed details are emptied, too. That it is to be asked
 * stands in Redis meanwhile, so that whoever connects next does it when a daemon ends before. */
#include "common/store_redis.h"

#include "common/log.h"

#include <string.h>

enum {
    REWRITE_SOON_MS = 1000, /* what an erasure goes on to empty comes in several commits */
    REWRITE_AGAIN_MS = 5000,
    REWRITE_PAUSE_MS = 10 * 60 * 1000,
};

static const char owed[] = "dw:rewrite";

static void wait_for(struct redis_store *redis_store, int64_t after_ms)
{
    redis_store->rewrite_waits = true;
    loop_timer_set(redis_store->rewrite, after_ms);
}

/* When it was not noted nothing is lost but the word of a daemon that ends within minutes. */
static void on_noted(void *context, const struct redis_reply *reply)
{
    (void)context;
    (void)reply;
}

void store_redis_forgot(struct redis_store *redis_store)
{
    const struct redis_argument words[] = {REDIS_ARGUMENT("SET"), REDIS_ARGUMENT(owed),
                                           REDIS_ARGUMENT("1")};
    const int64_t pause_ms = redis_store->rewrite_from_ms - loop_now(redis_store->loop).boot_ms;
    if (redis_store->rewrite_waits)
        return;
    (void)redis_call(redis_store->connections[WRITES], words, 3, on_noted, redis_store);
    wait_for(redis_store, pause_ms > REWRITE_SOON_MS ? pause_ms : REWRITE_SOON_MS);
}

static void on_owed(void *context, const struct redis_reply *reply)
{
    struct redis_store *redis_store = context;
    if (reply != NULL && redis_type(reply) == REDIS_TEXT && !redis_store->rewrite_waits)
        wait_for(redis_store, REWRITE_SOON_MS);
}

void store_redis_look_for_rewrite(struct redis_store *redis_store)
{
    const struct redis_argument words[] = {REDIS_ARGUMENT("GET"), REDIS_ARGUMENT(owed)};
    (void)redis_call(redis_store->connections[WRITES], words, 2, on_owed, redis_store);
}

/* One that is under way already may have copied what was emptied: then it is asked again. */
static void on_rewriting(void *context, const struct redis_reply *reply)
{
    struct redis_store *redis_store = context;
    if (reply != NULL && redis_type(reply) != REDIS_FAILURE) {
        const struct redis_argument words[] = {REDIS_ARGUMENT("DEL"), REDIS_ARGUMENT(owed)};
        redis_store->rewrite_from_ms = loop_now(redis_store->loop).boot_ms + REWRITE_PAUSE_MS;
        redis_store->rewrite_waits = false;
        (void)redis_call(redis_store->connections[WRITES], words, 2, on_noted, redis_store);
        return;
    }
    if (reply != NULL && strstr(redis_text(reply, NULL), "in progress") == NULL)
        log_warn(NULL, "redis does not write its file anew, so what was erased is in it still: %s",
                 redis_text(reply, NULL));
    wait_for(redis_store, REWRITE_AGAIN_MS);
}

void store_redis_rewrite(void *context)
{
    struct redis_store *redis_store = context;
    const struct redis_argument words[] = {REDIS_ARGUMENT("BGREWRITEAOF")};
    if (!redis_store->ready ||
        redis_call(redis_store->connections[WRITES], words, 1, on_rewriting, redis_store) != 0)
        wait_for(redis_store, REWRITE_AGAIN_MS);
}
