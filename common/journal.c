/* The shard's journal as others see it: the digest chain, the head that is published once a second, and FetchEvents, which
 * answers with stored batches, unparsed. Implements the design's "Events to others". */
#include "common/shard_internal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    BEACON_MS = 1000,            /* so that a loss at the very end is noticed */
    FETCH_BYTES_MAX = 64 * 1024, /* of an answer to FetchEvents */
    FETCH_LIMIT_MAX = 1000,
    FETCH_MEMORY_MAX =
        64 * 1024 * 1024, /* XRANGE may give up to its limit of batches before we cut */
};

/* A fetch that waits for the store. */
struct fetch_read {
    struct shard *shard;
    struct bus_address to;
    struct id id;
    uint64_t head_seq; /* released when it was asked */
    struct id history;
    struct arena *arena;
    struct buffer batches; /* struct packed pairs: digest, batch */
    size_t bytes;
};

void shard_digest(const uint8_t key[STORE_DIGEST_SIZE], const uint8_t previous[STORE_DIGEST_SIZE],
                  const void *batch, size_t len, uint8_t ret_digest[STORE_DIGEST_SIZE])
{
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, key, STORE_DIGEST_SIZE, STORE_DIGEST_SIZE);
    crypto_generichash_update(&hash, previous, STORE_DIGEST_SIZE);
    crypto_generichash_update(&hash, batch, len);
    crypto_generichash_final(&hash, ret_digest, STORE_DIGEST_SIZE);
}

void journal_publish_head(struct shard *shard, struct instant now)
{
    if (now.boot_ms < shard->next_beacon_boot_ms)
        return;
    shard->next_beacon_boot_ms = now.boot_ms + BEACON_MS;
    Dw__Batch batch = DW__BATCH__INIT;
    batch.authority = shard->authority;
    batch.service = (char *)(uintptr_t)shard->settings.service->name;
    batch.history = id_to_data(&shard->head.history);
    batch.first_seq = shard->released.seq + 1;
    batch.epoch = shard->head.epoch;
    batch.recorded_ms = shard->recorded_ms;
    buffer_clear(&shard->out);
    buffer_pack(&shard->out, &batch.base);
    shard->settings.outlet.publish(shard->settings.outlet.context, shard->topic, shard->out.bytes,
                                   shard->out.len, shard->released.digest, STORE_DIGEST_SIZE);
}

static void fetch_read_destroy(struct fetch_read *read)
{
    arena_destroy(&read->arena);
    buffer_free(&read->batches);
    free(read);
}

static void on_batch_row(void *context, uint64_t ticket, struct packed field, struct packed value)
{
    (void)ticket;
    struct fetch_read *read = context;
    if (read->batches.len > 0 && read->bytes + value.len > FETCH_BYTES_MAX) {
        read->bytes = FETCH_BYTES_MAX; /* the rest must not slip in behind a gap */
        return;
    }
    const struct packed copies[2] = {
        {(const uint8_t *)arena_copy(read->arena, field.bytes, field.len), field.len},
        {(const uint8_t *)arena_copy(read->arena, value.bytes, value.len), value.len}};
    buffer_append(&read->batches, copies, sizeof copies);
    read->bytes += value.len;
}

/* Reads no more batches than an answer holds: half as much again as went into the last one. */
static void adjust_fetch(struct shard *shard, size_t count, size_t bytes)
{
    const size_t fitting = bytes == 0 ? FETCH_LIMIT_MAX : count * FETCH_BYTES_MAX / bytes;
    const size_t wanted = fitting + fitting / 2 + 1;
    shard->fetch_batches = wanted < FETCH_LIMIT_MAX ? wanted : FETCH_LIMIT_MAX;
}

static void on_batches_read(void *context, uint64_t ticket, enum store_result result)
{
    (void)ticket;
    struct fetch_read *read = context;
    struct shard *shard = read->shard;
    if (result != STORE_OK) {
        shard_fail_code(shard, &read->to, &read->id, DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE,
                        store_silent);
        fetch_read_destroy(read);
        return;
    }
    const struct packed *packed = (const void *)read->batches.bytes;
    const size_t count = read->batches.len / (2 * sizeof packed[0]);
    if (count > 0)
        adjust_fetch(shard, count, read->bytes);
    Dw__EventsFetched fetched = DW__EVENTS_FETCHED__INIT;
    Dw__StoredBatch *rows = arena_alloc(read->arena, (count + 1) * sizeof *rows);
    fetched.batches = arena_alloc(read->arena, (count + 1) * sizeof(Dw__StoredBatch *));
    for (size_t at = 0; at < count; at++) {
        dw__stored_batch__init(&rows[at]);
        rows[at].digest =
            (ProtobufCBinaryData){packed[2 * at].len, (uint8_t *)(uintptr_t)packed[2 * at].bytes};
        rows[at].batch = (ProtobufCBinaryData){packed[2 * at + 1].len,
                                               (uint8_t *)(uintptr_t)packed[2 * at + 1].bytes};
        fetched.batches[at] = &rows[at];
    }
    fetched.n_batches = count;
    fetched.head_seq = read->head_seq;
    fetched.history = id_to_data(&read->history);
    struct buffer body = {0};
    buffer_pack(&body, &fetched.base);
    const struct answer_head head = {shard->authority, read->id, read->head_seq, 0};
    buffer_clear(&shard->out);
    envelope_answer(&head, message_name(fetched.base.descriptor), body.bytes, body.len,
                    &shard->out);
    shard->settings.outlet.reply(shard->settings.outlet.context, &read->to, shard->out.bytes,
                                 shard->out.len);
    buffer_free(&body);
    fetch_read_destroy(read);
}

/* What is stored is committed, so it needs no waiting and no lease. */
void journal_fetch(struct shard *shard, const struct request *request)
{
    const struct bus_address *to = request->from;
    struct rejection rejection;
    ProtobufCMessage *message;
    if (message_open(&dw__fetch_events__descriptor, request->envelope->body.data,
                     request->envelope->body.len, shard->arena, &message, &rejection) < 0) {
        shard_fail(shard, to, &request->id, &rejection);
        return;
    }
    const Dw__FetchEvents *fetch = (const Dw__FetchEvents *)message;
    if (fetch->from_seq == 0 || fetch->limit == 0 || fetch->limit > FETCH_LIMIT_MAX) {
        shard_fail_code(shard, to, &request->id, DW__ERROR_CODE__ERROR_CODE_INVALID,
                        "from_seq begins at 1 and limit is 1 to 1000.");
        return;
    }
    if (fetch->from_seq > shard->released.seq + 1) {
        shard_fail_code(shard, to, &request->id, DW__ERROR_CODE__ERROR_CODE_JOURNAL_WENT_BACK,
                        "The journal does not reach so far.");
        return;
    }
    struct fetch_read *read = calloc(1, sizeof *read);
    if (read == NULL)
        abort();
    read->shard = shard;
    read->to = *to;
    read->id = request->id;
    read->arena = arena_create(FETCH_MEMORY_MAX);
    read->head_seq = shard->released.seq;
    read->history = shard->head.history;
    if (read->arena == NULL)
        abort();
    if (fetch->from_seq > shard->released.seq) { /* nothing new */
        on_batches_read(read, shard->generation, STORE_OK);
        return;
    }
    const size_t limit = fetch->limit < shard->fetch_batches ? fetch->limit : shard->fetch_batches;
    /* The store may hold more than what is released; to tell it would let a follower run ahead of our head. */
    shard->settings.store->operations->read_batches(shard->settings.store, fetch->from_seq,
                                                    read->head_seq, limit, on_batch_row,
                                                    on_batches_read, read, shard->generation);
}
