/* A shard's lease and its commits in Redis: see store.h and store.lua. */
#include "common/store_redis.h"

#include "common/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_VALUES = 6 };

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

/* Six values from the first one on: version, seq, epoch, digest, history, day. */
static bool parse_head(const struct redis_reply *reply, size_t first, struct store_head *ret_head)
{
    size_t len;
    if (redis_count(reply) != first + HEAD_VALUES)
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
    ret_head->replies_day = (int64_t)read_number(redis_item(reply, first + 5));
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
    begin_call(shard, "dw_take_2");
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
    if (result == STORE_OK && redis_count(reply) == HEAD_VALUES &&
        redis_type(redis_item(reply, 0)) != REDIS_NIL && !parse_head(reply, 0, &head))
        result = STORE_FAULT;
    operation->taken(operation->context, operation->ticket, result, &head, "");
    free(operation);
}

static void read_head(struct store *store, store_taken *taken, void *context, uint64_t ticket)
{
    static const char *const words[] = {"version", "seq", "epoch", "digest", "history", "day"};
    struct redis_shard *shard = shard_of(store);
    struct operation *operation = operation_create(shard, context, ticket);
    operation->taken = taken;
    begin_call(shard, NULL);
    add_text(shard, "HMGET");
    add_text(shard, shard->keys[KEY_HEAD]);
    for (size_t at = 0; at < HEAD_VALUES; at++)
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
    begin_call(shard, "dw_renew_2");
    add_text(shard, "1");
    add_text(shard, shard->keys[KEY_OWNER]);
    add_text(shard, owner);
    add_text(shard, lease);
    send_call(operation, WRITES, on_done);
}

/* --- commit -------------------------------------------------------------------------------------------------------- */

static void on_committed(void *context, const struct redis_reply *reply)
{
    struct operation *operation = context;
    if (operation->forgets)
        store_redis_forgot(operation->shard->redis_store);
    on_done(context, reply);
}

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

static void commit(struct store *store, const struct store_commit *commit, store_done *done,
                   void *context, uint64_t ticket)
{
    struct redis_shard *shard = shard_of(store);
    struct operation *operation = operation_create(shard, context, ticket);
    operation->done = done;
    operation->forgets = commit->forgets;
    char replies[KEY_SIZE];
    replies_key(shard, commit->replies_day, replies);
    begin_call(shard, "dw_commit_2");
    add_text(shard, "6");
    const char *keys[] = {shard->keys[KEY_HEAD],
                          shard->keys[KEY_LIVE],
                          shard->keys[KEY_JOURNAL],
                          shard->keys[KEY_OUTBOX],
                          replies,
                          shard->keys[KEY_VAULT]};
    for (size_t at = 0; at < 6; at++)
        add_text(shard, keys[at]);
    const uint64_t numbers[] = {commit->version,   commit->version + 1,
                                commit->epoch,     commit->seq,
                                commit->first_seq, (uint64_t)commit->replies_day};
    const size_t counts[] = {2 * commit->live_set.count,   commit->live_removed.count,
                             2 * commit->outbox_set.count, commit->outbox_removed.count,
                             2 * commit->replies.count,    2 * commit->vault_set.count};
    char texts[6 + 6][NUMBER_SIZE];
    for (size_t at = 0; at < 6; at++)
        (void)text_format(texts[at], NUMBER_SIZE, "%llu", (unsigned long long)numbers[at]);
    for (size_t at = 0; at < 6; at++)
        (void)text_format(texts[6 + at], NUMBER_SIZE, "%zu", counts[at]);
    for (size_t at = 0; at < 4; at++)
        add_text(shard, texts[at]);
    add_argument(shard, commit->digest, sizeof commit->digest);
    add_text(shard, texts[4]);
    add_argument(shard, commit->batch.bytes, commit->batch.len);
    for (size_t at = 5; at < 12; at++)
        add_text(shard, texts[at]);
    add_pairs(shard, commit->live_set);
    add_fields(shard, commit->live_removed);
    add_pairs(shard, commit->outbox_set);
    add_fields(shard, commit->outbox_removed);
    add_pairs(shard, commit->replies);
    add_pairs(shard, commit->vault_set);
    send_call(operation, WRITES, on_committed);
}

static const struct store_operations operations = {
    .is_ready = is_ready,
    .take = take,
    .read_head = read_head,
    .renew = renew,
    .commit = commit,
    .load = store_redis_load,
    .read_reply = store_redis_read_reply,
    .read_vault = store_redis_read_vault,
    .read_batches = store_redis_read_batches,
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
