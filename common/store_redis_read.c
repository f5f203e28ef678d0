/* Reading a shard's store in Redis: live state, replies, vault and journal. */
#include "common/store_redis.h"

#include "common/text.h"

#include <stdlib.h>
#include <string.h>

#define SCAN_COUNT "1000" /* rows a step: 5 ms of Redis' time at worst */

/* --- load ---------------------------------------------------------------------------------------------------------- */

static void on_scanned(void *context, const struct redis_reply *reply);

static void scan(struct operation *operation, const char *cursor)
{
    struct redis_shard *shard = operation->shard;
    const bool ids_only = operation->part == STORE_REPLY_IDS;
    begin_call(shard, ids_only ? "dw_reply_ids_2" : NULL);
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

static void start_load(struct operation *operation)
{
    operation->is_load = true;
    operation->shard->redis_store->loads++;
    scan(operation, "0");
}

/* Whoever has loaded a part asks for the next before those that wait get a turn, so that shards become live one after the other. */
static void begin_load(struct operation *operation)
{
    struct redis_store *redis_store = operation->shard->redis_store;
    if (redis_store->loads < STORE_LOADS_MAX) {
        start_load(operation);
        return;
    }
    if (redis_store->waiting_last == NULL)
        redis_store->waiting_first = operation;
    else
        redis_store->waiting_last->next = operation;
    redis_store->waiting_last = operation;
}

void store_redis_load_ended(struct redis_store *redis_store)
{
    while (redis_store->loads < STORE_LOADS_MAX && redis_store->waiting_first != NULL) {
        struct operation *operation = redis_store->waiting_first;
        redis_store->waiting_first = operation->next;
        if (operation->next == NULL)
            redis_store->waiting_last = NULL;
        start_load(operation);
    }
}

void store_redis_load(struct store *store, enum store_part part, int64_t day, store_row *row,
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
    case STORE_VAULT:
        memcpy(operation->key, shard->keys[KEY_VAULT], KEY_SIZE);
        break;
    case STORE_REPLY_IDS:
    case STORE_REPLIES:
        replies_key(shard, day, operation->key);
        break;
    }
    begin_load(operation);
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

void store_redis_read_reply(struct store *store, int64_t day, const struct id *id, store_row *row,
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
            operation->row(
                operation->context, operation->ticket,
                (struct packed){operation->ids[at].bytes, sizeof operation->ids[at].bytes},
                text_of(redis_item(reply, at)));
    operation_end(operation, result);
}

void store_redis_read_vault(struct store *store, const struct id *ids, size_t count, store_row *row,
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

/* Of an entry's id, "<first seq>-0". */
static uint64_t first_seq_of(const struct redis_reply *id)
{
    char text[NUMBER_SIZE];
    uint64_t seq = 0;
    const char *whole = redis_text(id, NULL);
    if (text_copy(text, sizeof text, whole, strcspn(whole, "-")) == 0)
        (void)text_to_uint64(text, UINT64_MAX, &seq);
    return seq;
}

static void give_batches(struct operation *operation, const struct redis_reply *reply)
{
    for (size_t at = 0; at < redis_count(reply); at++) {
        const struct redis_reply *entry = redis_item(reply, at);
        const struct redis_reply *fields = redis_count(entry) == 2 ? redis_item(entry, 1) : entry;
        if (redis_count(fields) == 4)
            operation->batch(operation->context, operation->ticket,
                             first_seq_of(redis_item(entry, 0)), text_of(redis_item(fields, 3)),
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
    const bool found =
        result == STORE_OK && redis_count(reply) > 0 &&
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

void store_redis_read_batches(struct store *store, uint64_t from_seq, uint64_t until_seq,
                              size_t limit, store_batch *batch, store_done *done, void *context,
                              uint64_t ticket)
{
    struct operation *operation = operation_create(shard_of(store), context, ticket);
    operation->done = done;
    operation->batch = batch;
    operation->limit = limit;
    (void)text_format(operation->key, sizeof operation->key, "%llu-0",
                      (unsigned long long)from_seq);
    (void)text_format(operation->until, sizeof operation->until, "%llu-0",
                      (unsigned long long)until_seq);
    read_range(operation, operation->key, on_first_try);
}
