/* The store of shards in Redis: see store.h and store.lua.
 *
 * Commits, leases and nothing else go over the first connection, so that they stay in order and no long read waits before
 * them; everything read goes over the second. */
#include "common/store.h"

#include "common/log.h"
#include "common/loop.h"
#include "common/redis.h"
#include "common/table.h"
#include "common/text.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char library[] =
#include "store_lua.h"
    ;

enum {
    CALL_TIMEOUT_MS = 3000, /* a commit's fsync under a loaded disk, with a wide margin */
    CHECK_AGAIN_MS = 200,   /* Redis answers LOADING while it starts */
    KEY_SIZE = 160,
    NUMBER_SIZE = 24,
};

#define SCAN_COUNT "1000" /* rows a step: 5 ms of Redis' time at worst */

enum connection { WRITES, READS, CONNECTIONS };

struct redis_store {
    struct loop *loop;
    struct redis_store_handlers handlers;
    struct redis *connections[CONNECTIONS];
    struct loop_timer *again;
    bool ready;
};

enum shard_key { KEY_HEAD, KEY_LIVE, KEY_JOURNAL, KEY_OUTBOX, KEY_OWNER, KEY_VAULT, SHARD_KEYS };

struct redis_shard {
    struct store store;
    struct redis_store *redis_store;
    char prefix[KEY_SIZE - 32];
    char keys[SHARD_KEYS][KEY_SIZE];
    struct buffer arguments; /* of struct redis_argument, reused */
};

/* One call under way. */
struct operation {
    struct redis_shard *shard;
    void *context;
    uint64_t ticket;
    store_done *done;
    store_taken *taken;
    store_row *row;
    enum store_part part;
    char key[KEY_SIZE];
    char until[NUMBER_SIZE + 2]; /* stream id */
    size_t limit;
    struct id *ids; /* of the vault records asked for, in order */
};

static struct redis_shard *shard_of(const struct store *store)
{
    return (struct redis_shard *)(uintptr_t)store;
}

/* --- is this Redis fit? ------------------------------------------------------------------------------------------ */

struct setting {
    const char *name;
    const char *wanted; /* NULL: anything but 0 */
};

/* With less than this a plain kill of Redis can lose what was acknowledged. */
static const struct setting settings[] = {
    {"appendonly", "yes"},         {"appendfsync", "always"}, {"no-appendfsync-on-rewrite", "no"},
    {"aof-load-truncated", "no"}, {"save", ""},              {"maxmemory-policy", "noeviction"},
    {"maxmemory", NULL},           {"propagation-error-behavior", "panic"},
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

static void begin_check(void *context);

static const char *find_unfit(const struct redis_reply *reply)
{
    for (size_t at = 0; at < SETTINGS; at++) {
        const char *value = NULL;
        for (size_t pair = 0; pair + 1 < redis_count(reply); pair += 2)
            if (strcmp(redis_text(redis_item(reply, pair), NULL), settings[at].name) == 0)
                value = redis_text(redis_item(reply, pair + 1), NULL);
        const bool fit = value != NULL && (settings[at].wanted != NULL
                                               ? strcmp(value, settings[at].wanted) == 0
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
    redis_store->handlers.ready(redis_store->handlers.context);
}

static void on_settings(void *context, const struct redis_reply *reply)
{
    struct redis_store *redis_store = context;
    if (reply == NULL)
        return;
    if (redis_type(reply) != REDIS_LIST) { /* LOADING, most likely */
        loop_timer_set(redis_store->again, CHECK_AGAIN_MS);
        return;
    }
    const char *unfit = find_unfit(reply);
    if (unfit != NULL) {
        redis_store->handlers.unfit(redis_store->handlers.context, unfit);
        return;
    }
    const struct redis_argument load[] = {REDIS_ARGUMENT("FUNCTION"), REDIS_ARGUMENT("LOAD"),
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
    for (int which = 0; which < CONNECTIONS; which++) /* both start anew, so that both are checked */
        redis_reset(redis_store->connections[which]);
}

struct redis_store *redis_store_create(struct loop *loop, const char *address,
                                       const struct redis_store_handlers *handlers)
{
    struct redis_store *redis_store = calloc(1, sizeof *redis_store);
    if (redis_store == NULL)
        return NULL;
    *redis_store = (struct redis_store){.loop = loop, .handlers = *handlers};
    redis_store->again = loop_timer_create(loop, begin_check, redis_store);
    const struct redis_handlers own = {redis_store, on_connected, on_disconnected};
    for (int which = 0; which < CONNECTIONS; which++)
        redis_store->connections[which] = redis_create(loop, address, CALL_TIMEOUT_MS, &own);
    if (redis_store->again == NULL || redis_store->connections[WRITES] == NULL ||
        redis_store->connections[READS] == NULL)
        redis_store_destroy(&redis_store);
    return redis_store;
}

void redis_store_destroy(struct redis_store **redis_store)
{
    if (*redis_store == NULL)
        return;
    for (int which = 0; which < CONNECTIONS; which++)
        redis_destroy(&(*redis_store)->connections[which]);
    loop_timer_destroy(&(*redis_store)->again);
    free(*redis_store);
    *redis_store = NULL;
}

bool redis_store_is_ready(const struct redis_store *redis_store)
{
    return redis_store->ready;
}

/* --- calls ------------------------------------------------------------------------------------------------------- */

static void add_argument(struct redis_shard *shard, const void *bytes, size_t len)
{
    const struct redis_argument argument = {bytes, len};
    buffer_append(&shard->arguments, &argument, sizeof argument);
}

static void add_text(struct redis_shard *shard, const char *text)
{
    add_argument(shard, text, strlen(text));
}

static void begin_call(struct redis_shard *shard, const char *function)
{
    buffer_clear(&shard->arguments);
    if (function != NULL) {
        add_text(shard, "FCALL");
        add_text(shard, function);
    }
}

static struct operation *operation_create(struct redis_shard *shard, void *context, uint64_t ticket)
{
    struct operation *operation = calloc(1, sizeof *operation);
    if (operation == NULL)
        abort();
    operation->shard = shard;
    operation->context = context;
    operation->ticket = ticket;
    return operation;
}

static void operation_end(struct operation *operation, enum store_result result)
{
    if (operation->done != NULL)
        operation->done(operation->context, operation->ticket, result);
    else
        operation->taken(operation->context, operation->ticket, result, NULL, "");
    free(operation->ids);
    free(operation);
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

static void send_call(struct operation *operation, enum connection which, redis_answered *answered)
{
    struct redis_shard *shard = operation->shard;
    const struct redis_argument *arguments = (const void *)shard->arguments.bytes;
    const size_t count = shard->arguments.len / sizeof arguments[0];
    if (redis_call(shard->redis_store->connections[which], arguments, count, answered, operation) == 0)
        return;
    struct put_off *put_off = calloc(1, sizeof *put_off);
    if (put_off == NULL)
        abort();
    *put_off = (struct put_off){operation, loop_timer_create(shard->redis_store->loop, answer_put_off,
                                                             put_off)};
    loop_timer_set(put_off->timer, 0);
}

/* Errors Redis is known to give before a script has written anything. */
static enum store_result classify_failure(const char *text)
{
    static const char *const before_any_write[] = {
        "OOM ",      "MISCONF ", "NOREPLICAS ", "READONLY ", "LOADING ",     "BUSY ",
        "NOPERM ",   "NOAUTH ",  "CLUSTERDOWN", "MOVED ",    "MASTERDOWN ", "ERR Function not found"};
    for (size_t at = 0; at < sizeof before_any_write / sizeof before_any_write[0]; at++)
        if (strncmp(text, before_any_write[at], strlen(before_any_write[at])) == 0)
            return STORE_REFUSED;
    return STORE_FAULT;
}

static enum store_result classify(const struct redis_reply *reply, const char *authority_key)
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

static void on_done(void *context, const struct redis_reply *reply)
{
    struct operation *operation = context;
    operation_end(operation, classify(reply, operation->shard->keys[KEY_HEAD]));
}

static bool is_ready(const struct store *store)
{
    return shard_of(store)->redis_store->ready;
}

/* --- take, renew --------------------------------------------------------------------------------------------------- */

static uint64_t read_number(const struct redis_reply *reply)
{
    int64_t value = 0;
    (void)text_to_int64(redis_text(reply, NULL), 0, INT64_MAX, &value);
    return (uint64_t)value;
}

/* Five values from the first one on: version, seq, epoch, digest, history. */
static bool parse_head(const struct redis_reply *reply, size_t first, struct store_head *ret_head)
{
    size_t len;
    if (redis_count(reply) != first + 5)
        return false;
    ret_head->version = read_number(redis_item(reply, first));
    ret_head->seq = read_number(redis_item(reply, first + 1));
    ret_head->epoch = read_number(redis_item(reply, first + 2));
    const char *digest = redis_text(redis_item(reply, first + 3), &len);
    if (len != STORE_DIGEST_SIZE)
        return false;
    memcpy(ret_head->digest, digest, len);
    const char *history = redis_text(redis_item(reply, first + 4), &len);
    if (len != sizeof ret_head->history.bytes)
        return false;
    memcpy(ret_head->history.bytes, history, len);
    return true;
}

static void on_taken(void *context, const struct redis_reply *reply)
{
    struct operation *operation = context;
    struct store_head head = {0};
    enum store_result result = classify(reply, operation->shard->keys[KEY_HEAD]);
    const char *holder = "";
    if (result == STORE_OK && redis_count(reply) == 3) {
        result = STORE_HELD;
        holder = redis_text(redis_item(reply, 1), NULL);
    } else if (result == STORE_OK && !parse_head(reply, 1, &head)) {
        result = STORE_FAULT;
    }
    operation->taken(operation->context, operation->ticket, result, &head, holder);
    free(operation);
}

static void take(struct store *store, const char *owner, int64_t lease_ms,
                 const struct id *new_history, store_taken *taken, void *context, uint64_t ticket)
{
    struct redis_shard *shard = shard_of(store);
    struct operation *operation = operation_create(shard, context, ticket);
    char lease[NUMBER_SIZE];
    operation->taken = taken;
    (void)text_format(lease, sizeof lease, "%lld", (long long)lease_ms);
    begin_call(shard, "dw_take_1");
    add_text(shard, "2");
    add_text(shard, shard->keys[KEY_HEAD]);
    add_text(shard, shard->keys[KEY_OWNER]);
    add_text(shard, owner);
    add_text(shard, lease);
    add_argument(shard, new_history->bytes, sizeof new_history->bytes);
    send_call(operation, WRITES, on_taken);
}

static void on_head(void *context, const struct redis_reply *reply)
{
    struct operation *operation = context;
    struct store_head head = {0};
    enum store_result result = classify(reply, operation->shard->keys[KEY_HEAD]);
    if (result == STORE_OK && redis_count(reply) == 5 &&
        redis_type(redis_item(reply, 0)) != REDIS_NIL && !parse_head(reply, 0, &head))
        result = STORE_FAULT;
    operation->taken(operation->context, operation->ticket, result, &head, "");
    free(operation);
}

static void read_head(struct store *store, store_taken *taken, void *context, uint64_t ticket)
{
    static const char *const words[] = {"version", "seq", "epoch", "digest", "history"};
    struct redis_shard *shard = shard_of(store);
    struct operation *operation = operation_create(shard, context, ticket);
    operation->taken = taken;
    begin_call(shard, NULL);
    add_text(shard, "HMGET");
    add_text(shard, shard->keys[KEY_HEAD]);
    for (size_t at = 0; at < 5; at++)
        add_text(shard, words[at]);
    send_call(operation, READS, on_head);
}

static void renew(struct store *store, const char *owner, int64_t lease_ms, store_done *done,
                  void *context, uint64_t ticket)
{
    struct redis_shard *shard = shard_of(store);
    struct operation *operation = operation_create(shard, context, ticket);
    char lease[NUMBER_SIZE];
    operation->done = done;
    (void)text_format(lease, sizeof lease, "%lld", (long long)lease_ms);
    begin_call(shard, "dw_renew_1");
    add_text(shard, "1");
    add_text(shard, shard->keys[KEY_OWNER]);
    add_text(shard, owner);
    add_text(shard, lease);
    send_call(operation, WRITES, on_done);
}

/* --- commit -------------------------------------------------------------------------------------------------------- */

static void add_pairs(struct redis_shard *shard, struct store_pairs pairs)
{
    for (size_t at = 0; at < pairs.count; at++) {
        add_argument(shard, pairs.pairs[at].field.bytes, pairs.pairs[at].field.len);
        add_argument(shard, pairs.pairs[at].value.bytes, pairs.pairs[at].value.len);
    }
}

static void add_fields(struct redis_shard *shard, struct store_fields fields)
{
    for (size_t at = 0; at < fields.count; at++)
        add_argument(shard, fields.fields[at].bytes, fields.fields[at].len);
}

static void replies_key(const struct redis_shard *shard, int64_t day, char ret_key[KEY_SIZE])
{
    (void)text_format(ret_key, KEY_SIZE, "%s:replies:%lld", shard->prefix, (long long)day);
}

static void commit(struct store *store, const struct store_commit *commit, store_done *done,
                   void *context, uint64_t ticket)
{
    struct redis_shard *shard = shard_of(store);
    struct operation *operation = operation_create(shard, context, ticket);
    operation->done = done;
    char replies[KEY_SIZE];
    replies_key(shard, commit->replies_day, replies);
    begin_call(shard, "dw_commit_1");
    add_text(shard, "6");
    const char *keys[] = {shard->keys[KEY_HEAD],   shard->keys[KEY_LIVE], shard->keys[KEY_JOURNAL],
                          shard->keys[KEY_OUTBOX], replies,               shard->keys[KEY_VAULT]};
    for (size_t at = 0; at < 6; at++)
        add_text(shard, keys[at]);
    const uint64_t numbers[] = {commit->version, commit->version + 1, commit->epoch, commit->seq,
                                commit->first_seq};
    const size_t counts[] = {2 * commit->live_set.count,   commit->live_removed.count,
                             2 * commit->outbox_set.count, commit->outbox_removed.count,
                             2 * commit->replies.count,    2 * commit->vault_set.count};
    char texts[5 + 6][NUMBER_SIZE];
    for (size_t at = 0; at < 5; at++)
        (void)text_format(texts[at], NUMBER_SIZE, "%llu", (unsigned long long)numbers[at]);
    for (size_t at = 0; at < 6; at++)
        (void)text_format(texts[5 + at], NUMBER_SIZE, "%zu", counts[at]);
    for (size_t at = 0; at < 4; at++)
        add_text(shard, texts[at]);
    add_argument(shard, commit->digest, sizeof commit->digest);
    add_text(shard, texts[4]);
    add_argument(shard, commit->batch.bytes, commit->batch.len);
    for (size_t at = 5; at < 11; at++)
        add_text(shard, texts[at]);
    add_pairs(shard, commit->live_set);
    add_fields(shard, commit->live_removed);
    add_pairs(shard, commit->outbox_set);
    add_fields(shard, commit->outbox_removed);
    add_pairs(shard, commit->replies);
    add_pairs(shard, commit->vault_set);
    send_call(operation, WRITES, on_done);
}

/* --- load ---------------------------------------------------------------------------------------------------------- */

static void on_scanned(void *context, const struct redis_reply *reply);

static void scan(struct operation *operation, const char *cursor)
{
    struct redis_shard *shard = operation->shard;
    const bool ids_only = operation->part == STORE_REPLY_IDS;
    begin_call(shard, ids_only ? "dw_reply_ids_1" : NULL);
    add_text(shard, ids_only ? "1" : "HSCAN");
    add_text(shard, operation->key);
    add_text(shard, cursor);
    if (!ids_only) {
        add_text(shard, "COUNT");
        add_text(shard, SCAN_COUNT);
    }
    send_call(operation, READS, on_scanned);
}

static struct packed text_of(const struct redis_reply *reply)
{
    struct packed packed;
    packed.bytes = (const uint8_t *)redis_text(reply, &packed.len);
    return packed;
}

static void give_rows(struct operation *operation, const struct redis_reply *rows)
{
    const bool ids_only = operation->part == STORE_REPLY_IDS;
    const size_t step = ids_only ? 1 : 2;
    for (size_t at = 0; at + step <= redis_count(rows); at += step)
        operation->row(operation->context, operation->ticket, text_of(redis_item(rows, at)),
                       ids_only ? (struct packed){0} : text_of(redis_item(rows, at + 1)));
}

static void on_scanned(void *context, const struct redis_reply *reply)
{
    struct operation *operation = context;
    enum store_result result = classify(reply, operation->key);
    if (result == STORE_OK && redis_count(reply) != 2)
        result = STORE_FAULT;
    if (result != STORE_OK) {
        operation_end(operation, result);
        return;
    }
    const char *cursor = redis_text(redis_item(reply, 0), NULL);
    const bool last = strcmp(cursor, "0") == 0;
    if (!last)
        scan(operation, cursor); /* Redis works on the next while we work on this */
    give_rows(operation, redis_item(reply, 1));
    if (last)
        operation_end(operation, STORE_OK);
}

static void load(struct store *store, enum store_part part, int64_t day, store_row *row,
                 store_done *done, void *context, uint64_t ticket)
{
    struct redis_shard *shard = shard_of(store);
    struct operation *operation = operation_create(shard, context, ticket);
    operation->done = done;
    operation->row = row;
    operation->part = part;
    switch (part) {
    case STORE_LIVE:
        memcpy(operation->key, shard->keys[KEY_LIVE], KEY_SIZE);
        break;
    case STORE_OUTBOX:
        memcpy(operation->key, shard->keys[KEY_OUTBOX], KEY_SIZE);
        break;
    case STORE_REPLY_IDS:
        replies_key(shard, day, operation->key);
        break;
    }
    scan(operation, "0");
}

/* --- reading ------------------------------------------------------------------------------------------------------- */

static void on_reply_read(void *context, const struct redis_reply *reply)
{
    struct operation *operation = context;
    const enum store_result result = classify(reply, operation->key);
    if (result == STORE_OK && redis_type(reply) == REDIS_TEXT)
        operation->row(operation->context, operation->ticket, (struct packed){0}, text_of(reply));
    operation_end(operation, result);
}

static void read_reply(struct store *store, int64_t day, const struct id *id, store_row *row,
                       store_done *done, void *context, uint64_t ticket)
{
    struct redis_shard *shard = shard_of(store);
    struct operation *operation = operation_create(shard, context, ticket);
    operation->done = done;
    operation->row = row;
    replies_key(shard, day, operation->key);
    begin_call(shard, NULL);
    add_text(shard, "HGET");
    add_text(shard, operation->key);
    add_argument(shard, id->bytes, sizeof id->bytes);
    send_call(operation, READS, on_reply_read);
}

static void on_vault_read(void *context, const struct redis_reply *reply)
{
    struct operation *operation = context;
    const enum store_result result = classify(reply, operation->shard->keys[KEY_VAULT]);
    for (size_t at = 0; result == STORE_OK && at < redis_count(reply); at++)
        if (redis_type(redis_item(reply, at)) == REDIS_TEXT)
            operation->row(operation->context, operation->ticket,
                           (struct packed){operation->ids[at].bytes, sizeof operation->ids[at].bytes},
                           text_of(redis_item(reply, at)));
    operation_end(operation, result);
}

static void read_vault(struct store *store, const struct id *ids, size_t count, store_row *row,
                       store_done *done, void *context, uint64_t ticket)
{
    struct redis_shard *shard = shard_of(store);
    struct operation *operation = operation_create(shard, context, ticket);
    operation->done = done;
    operation->row = row;
    operation->ids = malloc(count * sizeof ids[0]);
    if (operation->ids == NULL)
        abort();
    memcpy(operation->ids, ids, count * sizeof ids[0]);
    begin_call(shard, NULL);
    add_text(shard, "HMGET");
    add_text(shard, shard->keys[KEY_VAULT]);
    for (size_t at = 0; at < count; at++)
        add_argument(shard, operation->ids[at].bytes, sizeof ids[0].bytes);
    send_call(operation, READS, on_vault_read);
}

static void give_batches(struct operation *operation, const struct redis_reply *reply)
{
    for (size_t at = 0; at < redis_count(reply); at++) {
        const struct redis_reply *entry = redis_item(reply, at);
        const struct redis_reply *fields = redis_count(entry) == 2 ? redis_item(entry, 1) : entry;
        if (redis_count(fields) == 4)
            operation->row(operation->context, operation->ticket, text_of(redis_item(fields, 3)),
                           text_of(redis_item(fields, 1)));
    }
}

static void on_batches(void *context, const struct redis_reply *reply)
{
    struct operation *operation = context;
    const enum store_result result = classify(reply, operation->shard->keys[KEY_JOURNAL]);
    if (result == STORE_OK)
        give_batches(operation, reply);
    operation_end(operation, result);
}

static void read_range(struct operation *operation, const char *from, redis_answered *answered)
{
    struct redis_shard *shard = operation->shard;
    char limit[NUMBER_SIZE];
    (void)text_format(limit, sizeof limit, "%zu", operation->limit);
    begin_call(shard, NULL);
    add_text(shard, "XRANGE");
    add_text(shard, shard->keys[KEY_JOURNAL]);
    add_text(shard, from);
    add_text(shard, operation->until);
    add_text(shard, "COUNT");
    add_text(shard, limit);
    send_call(operation, READS, answered);
}

/* The entry found holds the event asked for: read on from there. */
static void on_batch_found(void *context, const struct redis_reply *reply)
{
    struct operation *operation = context;
    const enum store_result result = classify(reply, operation->shard->keys[KEY_JOURNAL]);
    if (result != STORE_OK || redis_count(reply) == 0)
        operation_end(operation, result);
    else
        read_range(operation, redis_text(redis_item(redis_item(reply, 0), 0), NULL), on_batches);
}

/* Followers ask for the first event of a batch, so what was asked for mostly comes at once; if not, it lies inside the
 * batch before. */
static void on_first_try(void *context, const struct redis_reply *reply)
{
    struct operation *operation = context;
    struct redis_shard *shard = operation->shard;
    const enum store_result result = classify(reply, shard->keys[KEY_JOURNAL]);
    const bool found = result == STORE_OK && redis_count(reply) > 0 &&
                       strcmp(redis_text(redis_item(redis_item(reply, 0), 0), NULL), operation->key) == 0;
    if (result != STORE_OK || found) {
        on_batches(context, reply);
        return;
    }
    begin_call(shard, NULL);
    add_text(shard, "XREVRANGE");
    add_text(shard, shard->keys[KEY_JOURNAL]);
    add_text(shard, operation->key);
    add_text(shard, "-");
    add_text(shard, "COUNT");
    add_text(shard, "1");
    send_call(operation, READS, on_batch_found);
}

static void read_batches(struct store *store, uint64_t from_seq, uint64_t until_seq, size_t limit,
                         store_row *row, store_done *done, void *context, uint64_t ticket)
{
    struct operation *operation = operation_create(shard_of(store), context, ticket);
    operation->done = done;
    operation->row = row;
    operation->limit = limit;
    (void)text_format(operation->key, sizeof operation->key, "%llu-0", (unsigned long long)from_seq);
    (void)text_format(operation->until, sizeof operation->until, "%llu-0",
                      (unsigned long long)until_seq);
    read_range(operation, operation->key, on_first_try);
}

static const struct store_operations operations = {
    .is_ready = is_ready,
    .take = take,
    .read_head = read_head,
    .renew = renew,
    .commit = commit,
    .load = load,
    .read_reply = read_reply,
    .read_vault = read_vault,
    .read_batches = read_batches,
};

struct store *redis_store_shard(struct redis_store *redis_store, const char *authority,
                                const char *service)
{
    static const char *const names[SHARD_KEYS] = {
        [KEY_HEAD] = "head",     [KEY_LIVE] = "live",   [KEY_JOURNAL] = "journal",
        [KEY_OUTBOX] = "outbox", [KEY_OWNER] = "owner", [KEY_VAULT] = "vault"};
    struct redis_shard *shard = calloc(1, sizeof *shard);
    if (shard == NULL)
        return NULL;
    shard->store.operations = &operations;
    shard->redis_store = redis_store;
    int result = text_format(shard->prefix, sizeof shard->prefix, "dw:{%s:%s}", authority, service);
    for (size_t at = 0; at < SHARD_KEYS && result == 0; at++)
        result = text_format(shard->keys[at], KEY_SIZE, "%s:%s", shard->prefix, names[at]);
    assert(result == 0); /* authority and service have bounded lengths */
    return &shard->store;
}

void redis_store_shard_destroy(struct store **store)
{
    if (*store == NULL)
        return;
    buffer_free(&shard_of(*store)->arguments);
    free(shard_of(*store));
    *store = NULL;
}
