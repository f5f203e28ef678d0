/* One Redis as a store: two connections, whose settings are checked and functions loaded on each connect. See store.h; the
 * calls of a shard are in store_redis_shard.c. */
#include "common/store_redis.h"

#include "common/log.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

static const char library[] =
#include "store_lua.h"
    ;

enum {
    CALL_TIMEOUT_MS = 3000, /* a commit's fsync under a loaded disk, with a wide margin */
    READ_PATIENCE_MS = 800, /* who asks is told within a second; what is read can be read again */
    FULL_DISK_BYTES = 1024 * 1024, /* no large commit fits */
    CHECK_AGAIN_MS = 200,          /* Redis answers LOADING while it starts */
};

/* --- is this Redis fit? ------------------------------------------------------------------------------------------ */

struct setting {
    const char *name;
    const char *wanted; /* NULL: anything but 0 */
};

/* With less than this a plain kill of Redis can lose what was acknowledged. */
static const struct setting settings[] = {
    {"appendonly", "yes"},
    {"appendfsync", "always"},
    {"no-appendfsync-on-rewrite", "no"},
    {"aof-load-truncated", "no"},
    {"save", ""},
    {"maxmemory-policy", "noeviction"},
    {"maxmemory", NULL},
    {"propagation-error-behavior", "panic"},
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

static void begin_check(void *context);

/* The value of a setting in the answer to CONFIG GET, or NULL. */
static const char *find_value(const struct redis_reply *reply, const char *name)
{
    for (size_t pair = 0; pair + 1 < redis_count(reply); pair += 2)
        if (strcmp(redis_text(redis_item(reply, pair), NULL), name) == 0)
            return redis_text(redis_item(reply, pair + 1), NULL);
    return NULL;
}

static const char *find_unfit(const struct redis_reply *reply)
{
    for (size_t at = 0; at < SETTINGS; at++) {
        const char *value = find_value(reply, settings[at].name);
        const bool fit =
            value != NULL && (settings[at].wanted != NULL ? strcmp(value, settings[at].wanted) == 0
                                                          : strcmp(value, "0") != 0);
        if (!fit)
            return settings[at].name;
    }
    return NULL;
}

static void on_library_loaded(void *context, const struct redis_reply *reply)
{
    struct redis_store *redis_store = context;
    if (reply == NULL)
        return;
    if (redis_type(reply) == REDIS_FAILURE) {
        log_error(CODE_STORE_UNAVAILABLE, NULL, "redis does not take the function library: %s",
                  redis_text(reply, NULL));
        loop_timer_set(redis_store->again, CHECK_AGAIN_MS);
        return;
    }
    if (redis_store->ready || !redis_is_connected(redis_store->connections[READS]))
        return;
    redis_store->ready = true;
    store_redis_look_for_rewrite(redis_store);
    redis_store->handlers.ready(redis_store->handlers.context);
}

/* Where Redis writes: on this machine its disk can be looked at. */
static void on_folder(void *context, const struct redis_reply *reply)
{
    struct redis_store *redis_store = context;
    if (reply == NULL || redis_type(reply) != REDIS_LIST)
        return;
    const char *folder = find_value(reply, "dir");
    const char *inside = find_value(reply, "appenddirname");
    (void)text_format(redis_store->folder, sizeof redis_store->folder, "%s/%s",
                      folder == NULL ? "" : folder, inside == NULL ? "" : inside);
}

static void on_settings(void *context, const struct redis_reply *reply)
{
    struct redis_store *redis_store = context;
    if (reply == NULL)
        return;
    if (redis_type(reply) != REDIS_LIST) {
        if (strncmp(redis_text(reply, NULL), "LOADING", strlen("LOADING")) != 0)
            log_error(CODE_STORE_UNAVAILABLE, NULL, "redis does not tell its settings: %s",
                      redis_text(reply, NULL));
        loop_timer_set(redis_store->again, CHECK_AGAIN_MS);
        return;
    }
    const char *unfit = find_unfit(reply);
    if (unfit != NULL) {
        redis_store->handlers.unfit(redis_store->handlers.context, unfit);
        return;
    }
    const struct redis_argument where[] = {REDIS_ARGUMENT("CONFIG"), REDIS_ARGUMENT("GET"),
                                           REDIS_ARGUMENT("dir"), REDIS_ARGUMENT("appenddirname")};
    (void)redis_call(redis_store->connections[WRITES], where, 4, on_folder, redis_store);
    const struct redis_argument load[] = {REDIS_ARGUMENT("FUNCTION"),
                                          REDIS_ARGUMENT("LOAD"),
                                          REDIS_ARGUMENT("REPLACE"),
                                          {library, sizeof library - 1}};
    (void)redis_call(redis_store->connections[WRITES], load, 4, on_library_loaded, redis_store);
}

static void begin_check(void *context)
{
    struct redis_store *redis_store = context;
    struct redis_argument arguments[2 + SETTINGS] = {REDIS_ARGUMENT("CONFIG"),
                                                     REDIS_ARGUMENT("GET")};
    for (size_t at = 0; at < SETTINGS; at++)
        arguments[2 + at] = REDIS_ARGUMENT(settings[at].name);
    if (redis_is_connected(redis_store->connections[READS]))
        (void)redis_call(redis_store->connections[WRITES], arguments, 2 + SETTINGS, on_settings,
                         redis_store);
}

static void on_connected(void *context)
{
    begin_check(context); /* when the second of the two has connected it goes through */
}

static void on_disconnected(void *context)
{
    struct redis_store *redis_store = context;
    if (!redis_store->ready)
        return;
    redis_store->ready = false;
    redis_store->handlers.away(redis_store->handlers.context);
    for (int which = 0; which < CONNECTIONS;
         which++) /* both start anew, so that both are checked */
        redis_reset(redis_store->connections[which]);
}

struct redis_store *redis_store_create(struct loop *loop, const char *address, const char *password,
                                       const struct redis_store_handlers *handlers)
{
    struct redis_store *redis_store = calloc(1, sizeof *redis_store);
    if (redis_store == NULL)
        return NULL;
    *redis_store = (struct redis_store){.loop = loop, .handlers = *handlers};
    redis_store->again = loop_timer_create(loop, begin_check, redis_store);
    redis_store->rewrite = loop_timer_create(loop, store_redis_rewrite, redis_store);
    const struct redis_handlers own = {redis_store, on_connected, on_disconnected};
    for (int which = 0; which < CONNECTIONS; which++)
        redis_store->connections[which] =
            redis_create(loop, address, password, CALL_TIMEOUT_MS,
                         which == READS ? READ_PATIENCE_MS : CALL_TIMEOUT_MS, &own);
    if (redis_store->again == NULL || redis_store->rewrite == NULL ||
        redis_store->connections[WRITES] == NULL || redis_store->connections[READS] == NULL)
        redis_store_destroy(&redis_store);
    return redis_store;
}

void redis_store_destroy(struct redis_store **redis_store)
{
    if (*redis_store == NULL)
        return;
    for (int which = 0; which < CONNECTIONS; which++)
        redis_destroy(&(*redis_store)->connections[which]);
    for (struct operation *next, *at = (*redis_store)->waiting_first; at != NULL; at = next) {
        next = at->next;
        free(at);
    }
    loop_timer_destroy(&(*redis_store)->again);
    loop_timer_destroy(&(*redis_store)->rewrite);
    free(*redis_store);
    *redis_store = NULL;
}

bool redis_store_is_ready(const struct redis_store *redis_store)
{
    return redis_store->ready;
}

bool redis_store_disk_is_full(const struct redis_store *redis_store)
{
    struct statvfs disk;
    return statvfs(redis_store->folder, &disk) == 0 &&
           disk.f_bavail * disk.f_frsize < FULL_DISK_BYTES;
}
