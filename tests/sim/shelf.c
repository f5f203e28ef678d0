/* The function library over tables: see shelf.h. */
#include "tests/sim/shelf.h"

#include "common/text.h"

#include <stdlib.h>
#include <string.h>

enum { REPLIES_KEPT_MS = (STORE_REPLY_DAYS + 1) * 24 * 60 * 60 * 1000 };

static struct packed copy_bytes(struct packed bytes)
{
    uint8_t *copy = malloc(bytes.len + 1);
    if (copy == NULL)
        abort();
    if (bytes.len > 0)
        memcpy(copy, bytes.bytes, bytes.len);
    return (struct packed){copy, bytes.len};
}

static void free_bytes(struct packed *bytes)
{
    free((void *)(uintptr_t)bytes->bytes);
    bytes->bytes = NULL;
}

static struct shelf_field field_of(struct packed bytes)
{
    struct shelf_field field = {0};
    if (bytes.len > SHELF_FIELD_MAX)
        abort(); /* fields are ids and short names */
    field.len = (uint8_t)bytes.len;
    memcpy(field.bytes, bytes.bytes, bytes.len);
    return field;
}

static struct table *hash_create(void)
{
    return table_create(sizeof(struct shelf_field), sizeof(struct packed));
}

static void hash_destroy(struct table **hash)
{
    size_t position = 0;
    const void *key;
    void *value;
    while (*hash != NULL && table_next(*hash, &position, &key, &value))
        free_bytes(value);
    table_destroy(hash);
}

struct shelf *shelf_create(void)
{
    struct shelf *shelf = calloc(1, sizeof *shelf);
    if (shelf == NULL)
        abort();
    shelf->live = hash_create();
    shelf->outbox = hash_create();
    shelf->vault = hash_create();
    return shelf;
}

void shelf_destroy(struct shelf **pointer)
{
    struct shelf *shelf = *pointer;
    if (shelf == NULL)
        return;
    struct shelf_batch *batches = (void *)shelf->journal.bytes;
    struct shelf_day *days = (void *)shelf->days.bytes;
    for (size_t at = 0; at < shelf->journal.len / sizeof batches[0]; at++)
        free_bytes(&batches[at].bytes);
    for (size_t at = 0; at < shelf->days.len / sizeof days[0]; at++)
        hash_destroy(&days[at].replies);
    hash_destroy(&shelf->live);
    hash_destroy(&shelf->outbox);
    hash_destroy(&shelf->vault);
    buffer_free(&shelf->journal);
    buffer_free(&shelf->days);
    free(shelf);
    *pointer = NULL;
}

/* --- the library ------------------------------------------------------------------------------------------------- */

static void set_all(struct table *hash, struct store_pairs pairs)
{
    for (size_t at = 0; at < pairs.count; at++) {
        const struct shelf_field field = field_of(pairs.pairs[at].field);
        struct packed *value = table_put(hash, &field, NULL);
        free_bytes(value);
        *value = copy_bytes(pairs.pairs[at].value);
    }
}

static void remove_all(struct table *hash, struct store_fields fields)
{
    for (size_t at = 0; at < fields.count; at++) {
        const struct shelf_field field = field_of(fields.fields[at]);
        struct packed *value = table_get(hash, &field);
        if (value == NULL)
            continue;
        free_bytes(value);
        table_remove(hash, &field);
    }
}

static struct shelf_day *find_day(struct shelf *shelf, int64_t now_ms, int64_t day)
{
    struct shelf_day *days = (void *)shelf->days.bytes;
    for (size_t at = 0; at < shelf->days.len / sizeof days[0]; at++) {
        if (days[at].day != day)
            continue;
        if (days[at].expires_ms <= now_ms) {
            hash_destroy(&days[at].replies);
            days[at].replies = hash_create();
            days[at].expires_ms = INT64_MAX;
        }
        return &days[at];
    }
    return NULL;
}

static void remember(struct shelf *shelf, int64_t now_ms, int64_t number, struct store_pairs pairs)
{
    struct shelf_day *day = find_day(shelf, now_ms, number);
    if (day == NULL) {
        const struct shelf_day fresh = {number, INT64_MAX, hash_create()};
        buffer_append(&shelf->days, &fresh, sizeof fresh);
        day = find_day(shelf, now_ms, number);
    }
    if (day->expires_ms == INT64_MAX)
        day->expires_ms = now_ms + REPLIES_KEPT_MS;
    set_all(day->replies, pairs);
}

static const struct shelf_batch *last_batch(const struct shelf *shelf)
{
    const struct shelf_batch *batches = (const void *)shelf->journal.bytes;
    const size_t count = shelf->journal.len / sizeof batches[0];
    return count == 0 ? NULL : &batches[count - 1];
}

enum store_result shelf_commit(struct shelf *shelf, int64_t now_ms,
                               const struct store_commit *commit)
{
    /* A head that nobody ever took has neither version nor epoch. */
    if (shelf->head.epoch == 0 || shelf->head.epoch != commit->epoch)
        return STORE_EPOCH;
    if (shelf->head.version != commit->version)
        return STORE_VERSION;
    if (commit->batch.len > 0) {
        const struct shelf_batch *last = last_batch(shelf);
        struct shelf_batch batch = {.first_seq = commit->first_seq};
        if (commit->first_seq == 0 || (last != NULL && commit->first_seq <= last->first_seq))
            return STORE_FAULT; /* XADD refuses an id that is not greater */
        memcpy(batch.digest, commit->digest, STORE_DIGEST_SIZE);
        batch.bytes = copy_bytes(commit->batch);
        buffer_append(&shelf->journal, &batch, sizeof batch);
    }
    shelf->head.version++;
    shelf->head.seq = commit->seq;
    shelf->head.replies_day = commit->replies_day;
    memcpy(shelf->head.digest, commit->digest, STORE_DIGEST_SIZE);
    set_all(shelf->live, commit->live_set);
    remove_all(shelf->live, commit->live_removed);
    set_all(shelf->outbox, commit->outbox_set);
    remove_all(shelf->outbox, commit->outbox_removed);
    if (commit->replies.count > 0)
        remember(shelf, now_ms, commit->replies_day, commit->replies);
    set_all(shelf->vault, commit->vault_set);
    return STORE_OK;
}

static const char *owner_of(struct shelf *shelf, int64_t now_ms)
{
    if (shelf->owner_until_ms <= now_ms)
        shelf->owner_until_ms = 0;
    return shelf->owner_until_ms == 0 ? NULL : shelf->owner;
}

enum store_result shelf_take(struct shelf *shelf, int64_t now_ms, const char *owner,
                             int64_t lease_ms, const struct id *history,
                             struct store_head *ret_head, const char **ret_holder)
{
    const char *holder = owner_of(shelf, now_ms);
    if (holder != NULL && strcmp(holder, owner) != 0) {
        *ret_holder = holder;
        return STORE_HELD;
    }
    if (text_format(shelf->owner, sizeof shelf->owner, "%s", owner) < 0)
        abort();
    shelf->owner_until_ms = now_ms + lease_ms;
    shelf->head.epoch++;
    if (!shelf->has_head)
        shelf->head = (struct store_head){.epoch = shelf->head.epoch, .history = *history};
    shelf->has_head = true;
    *ret_head = shelf->head;
    *ret_holder = "";
    return STORE_OK;
}

enum store_result shelf_renew(struct shelf *shelf, int64_t now_ms, const char *owner,
                              int64_t lease_ms)
{
    const char *holder = owner_of(shelf, now_ms);
    if (holder == NULL || strcmp(holder, owner) != 0)
        return STORE_EPOCH;
    shelf->owner_until_ms = lease_ms == 0 ? 0 : now_ms + lease_ms;
    return STORE_OK;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

struct store_head shelf_head(const struct shelf *shelf)
{
    return shelf->has_head ? shelf->head : (struct store_head){0};
}

struct table *shelf_part(struct shelf *shelf, int64_t now_ms, enum store_part part, int64_t day)
{
    struct shelf_day *replies;
    switch (part) {
    case STORE_LIVE:
        return shelf->live;
    case STORE_OUTBOX:
        return shelf->outbox;
    case STORE_VAULT:
        return shelf->vault;
    case STORE_REPLY_IDS:
    case STORE_REPLIES:
        replies = find_day(shelf, now_ms, day);
        return replies == NULL ? NULL : replies->replies;
    }
    return NULL;
}

struct packed *shelf_get(struct table *part, struct packed bytes)
{
    const struct shelf_field field = field_of(bytes);
    return part == NULL ? NULL : table_get(part, &field);
}

const struct packed *shelf_reply(struct shelf *shelf, int64_t now_ms, int64_t day,
                                 const struct id *id)
{
    return shelf_get(shelf_part(shelf, now_ms, STORE_REPLY_IDS, day),
                     (struct packed){id->bytes, sizeof id->bytes});
}

const struct shelf_batch *shelf_batches(const struct shelf *shelf, uint64_t from_seq,
                                        uint64_t until_seq, size_t limit, size_t *ret_count)
{
    const struct shelf_batch *batches = (const void *)shelf->journal.bytes;
    const size_t count = shelf->journal.len / sizeof batches[0];
    size_t low = 0; /* batches that begin at from_seq or before */
    size_t high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (batches[middle].first_seq <= from_seq)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_count = 0;
    if (low == 0)
        return NULL;
    while (low - 1 + *ret_count < count && *ret_count < limit &&
           batches[low - 1 + *ret_count].first_seq <= until_seq)
        ++*ret_count;
    return &batches[low - 1];
}
