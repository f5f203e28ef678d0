/* The shard's journal as others see it: the digest chain, the head that is published once a second, and FetchEvents, which
 * answers with stored batches, unparsed. Implements the design's "Events to others". */
#include "common/shard_internal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    BEACON_MS = 1000,            /* so that a loss at the very end is noticed */
    FETCH_BYTES_MAX = 64 * 1024, /* of one reply to FetchEvents */
    FETCH_REPLIES_MAX = 16,      /* a megabyte on its way to one follower */
    FETCH_LIMIT_MAX = 1000,
    FETCH_READ_MAX = 256, /* batches one read of the store may give: 64 MiB of them at worst */
    FETCH_MEMORY_MAX = 4 * 1024 * 1024,
    FETCHES_MAX = 32, /* reads of a shard under way: the store holds about a megabyte for each, and
                       * reads them all before it commits */
    FETCHES_PEER_MAX = 4, /* of one peer: a follower has two, and may ask for both again */
};

/* A fetch that waits for the store. */
struct fetch_read {
    struct fetch_read *next; /* of those under way */
    struct shard *shard;
    struct bus_address to;
    struct id id;
    uint64_t head_seq; /* released when it was asked */
    struct id history;
    struct arena *arena;
    size_t replies_max;
    size_t limit;          /* batches asked of the store */
    struct buffer batches; /* struct fetched */
    size_t bytes;          /* of them */
    uint64_t next_seq;     /* first event behind them; 0: not known */
};

struct fetched {
    uint64_t first_seq;
    struct packed digest;
    struct packed batch;
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
    struct fetch_read **slot = &read->shard->fetches;
    while (*slot != read)
        slot = &(*slot)->next;
    *slot = read->next;
    arena_destroy(&read->arena);
    buffer_free(&read->batches);
    free(read);
}

static void on_batch(void *context, uint64_t ticket, uint64_t first_seq, struct packed digest,
                     struct packed batch)
{
    (void)ticket;
    struct fetch_read *read = context;
    if (read->next_seq != 0)
        return; /* nothing may slip in behind a gap */
    if (read->batches.len > 0 && read->bytes + batch.len > read->replies_max * FETCH_BYTES_MAX) {
        read->next_seq = first_seq;
        return;
    }
    const struct fetched copy = {
        first_seq,
        {(const uint8_t *)arena_copy(read->arena, digest.bytes, digest.len), digest.len},
        {(const uint8_t *)arena_copy(read->arena, batch.bytes, batch.len), batch.len}};
    if (copy.digest.bytes == NULL || copy.batch.bytes == NULL)
        abort(); /* bounded by the replies and one commit more */
    buffer_append(&read->batches, &copy, sizeof copy);
    read->bytes += batch.len;
}

/* Next time no more batches are read than fill the replies: half as many again as now fit. */
static void adjust_fetch(struct shard *shard, size_t count, size_t bytes)
{
    const size_t fitting = bytes == 0 ? FETCH_READ_MAX : count * FETCH_BYTES_MAX / bytes;
    const size_t wanted = fitting + fitting / 2 + 1;
    shard->fetch_batches = wanted < FETCH_READ_MAX ? wanted : FETCH_READ_MAX;
}

/* How many of these batches go into one reply. */
static size_t count_fitting(const struct fetched *batches, size_t count)
{
    size_t fitting = 0;
    size_t bytes = 0;
    while (fitting < count) {
        bytes += batches[fitting].batch.len;
        if (fitting > 0 && bytes > FETCH_BYTES_MAX)
            break;
        fitting++;
    }
    return fitting;
}

static void send_fetched(struct fetch_read *read, const struct fetched *batches, size_t count,
                         bool more)
{
    struct shard *shard = read->shard;
    Dw__EventsFetched fetched = DW__EVENTS_FETCHED__INIT;
    Dw__StoredBatch *rows = arena_alloc(read->arena, (count + 1) * sizeof *rows);
    fetched.batches = arena_alloc(read->arena, (count + 1) * sizeof(Dw__StoredBatch *));
    if (rows == NULL || fetched.batches == NULL)
        abort();
    for (size_t at = 0; at < count; at++) {
        const struct fetched *from = &batches[at];
        dw__stored_batch__init(&rows[at]);
        rows[at].digest =
            (ProtobufCBinaryData){from->digest.len, (uint8_t *)(uintptr_t)from->digest.bytes};
        rows[at].batch =
            (ProtobufCBinaryData){from->batch.len, (uint8_t *)(uintptr_t)from->batch.bytes};
        fetched.batches[at] = &rows[at];
    }
    fetched.n_batches = count;
    fetched.head_seq = read->head_seq;
    fetched.history = id_to_data(&read->history);
    fetched.more = more;
    fetched.next_seq = read->next_seq;
    struct buffer body = {0};
    buffer_pack(&body, &fetched.base);
    const struct answer_head head = {shard->authority, read->id, read->head_seq, 0};
    buffer_clear(&shard->out);
    envelope_answer(&head, message_name(fetched.base.descriptor), body.bytes, body.len,
                    &shard->out);
    shard->settings.outlet.reply(shard->settings.outlet.context, &read->to, shard->out.bytes,
                                 shard->out.len);
    buffer_free(&body);
}

/* As many replies as it takes, within what was asked for. */
static void send_replies(struct fetch_read *read, const struct fetched *batches, size_t count)
{
    size_t ends[FETCH_REPLIES_MAX];
    size_t replies = 0;
    size_t end = 0;
    do {
        end += count_fitting(batches + end, count - end);
        ends[replies++] = end;
    } while (end < count && replies < read->replies_max);
    if (end < count)
        read->next_seq = batches[end].first_seq;
    for (size_t reply = 0; reply < replies; reply++) {
        const size_t begin = reply == 0 ? 0 : ends[reply - 1];
        send_fetched(read, batches + begin, ends[reply] - begin, reply + 1 < replies);
    }
}

static void on_batches_read(void *context, uint64_t ticket, enum store_result result)
{
    (void)ticket;
    struct fetch_read *read = context;
    const struct fetched *batches = (const void *)read->batches.bytes;
    const size_t count = read->batches.len / sizeof batches[0];
    if (result != STORE_OK) {
        shard_fail_code(read->shard, &read->to, &read->id, DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE,
                        store_silent);
        fetch_read_destroy(read);
        return;
    }
    if (count > 0)
        adjust_fetch(read->shard, count, read->bytes);
    if (read->next_seq == 0 && count < read->limit)
        read->next_seq = read->head_seq + 1; /* there are no others */
    send_replies(read, batches, count);
    fetch_read_destroy(read);
}

static bool too_many_under_way(const struct shard *shard, const struct bus_address *to)
{
    size_t all = 0;
    size_t of_peer = 0;
    for (const struct fetch_read *read = shard->fetches; read != NULL; read = read->next) {
        all++;
        of_peer += read->to.len == to->len && memcmp(read->to.bytes, to->bytes, to->len) == 0;
    }
    return all >= FETCHES_MAX || of_peer >= FETCHES_PEER_MAX;
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
    if (fetch->from_seq == 0 || fetch->limit == 0 || fetch->limit > FETCH_LIMIT_MAX ||
        fetch->replies_max > FETCH_REPLIES_MAX) {
        shard_fail_code(shard, to, &request->id, DW__ERROR_CODE__ERROR_CODE_INVALID,
                        "from_seq begins at 1, limit is 1 to 1000, replies_max at most 16.");
        return;
    }
    if (fetch->from_seq > shard->released.seq + 1) {
        shard_fail_code(shard, to, &request->id, DW__ERROR_CODE__ERROR_CODE_JOURNAL_WENT_BACK,
                        "The journal does not reach so far.");
        return;
    }
    if (too_many_under_way(shard, to)) {
        shard_fail_busy(shard, to, &request->id,
                        "Too much of the journal is being read; ask again.");
        return;
    }
    struct fetch_read *read = calloc(1, sizeof *read);
    if (read == NULL)
        abort();
    read->shard = shard;
    read->next = shard->fetches;
    shard->fetches = read;
    read->to = *to;
    read->id = request->id;
    read->arena = arena_create(FETCH_MEMORY_MAX);
    read->head_seq = shard->released.seq;
    read->history = shard->head.history;
    read->replies_max = fetch->replies_max == 0 ? 1 : fetch->replies_max;
    if (read->arena == NULL)
        abort();
    if (fetch->from_seq > shard->released.seq) { /* nothing new */
        on_batches_read(read, shard->generation, STORE_OK);
        return;
    }
    const size_t fitting = shard->fetch_batches * read->replies_max;
    read->limit = fitting < FETCH_READ_MAX ? fitting : FETCH_READ_MAX;
    read->limit = fetch->limit < read->limit ? fetch->limit : read->limit;
    /* The store may hold more than what is released; to tell it would let a follower run ahead of our head. */
    shard->settings.store->operations->read_batches(shard->settings.store, fetch->from_seq,
                                                    read->head_seq, read->limit, on_batch,
                                                    on_batches_read, read, shard->generation);
}
