/* The one way to disk: what a turn decided becomes one commit; what is on disk is released. Implements steps 3 to 5 of
 * "The engine's path of one command". */
#include "common/crash.h"
#include "common/log.h"
#include "common/shard_internal.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    COMMIT_MEMORY_MAX = 64 * 1024 * 1024, /* one decision may touch thousands of records */
    CURSOR_WAIT_MS = 500,
};

/* --- the open commit ------------------------------------------------------------------------------------------- */

static struct commit *commit_create(void)
{
    struct commit *commit = calloc(1, sizeof *commit);
    if (commit == NULL)
        abort();
    commit->arena = arena_create(COMMIT_MEMORY_MAX);
    if (commit->arena == NULL)
        abort();
    return commit;
}

static void destroy_rows(struct buffer *rows)
{
    struct outbox_row **row = (struct outbox_row **)(void *)rows->bytes;
    for (size_t at = 0; at < rows->len / sizeof row[0]; at++)
        outbox_row_destroy(row[at]);
    buffer_clear(rows);
}

/* Empty again, its memory kept. Rows that were never released are its own. */
static void commit_clear(struct commit *commit)
{
    destroy_rows(&commit->rows_new);
    struct buffer *buffers[] = {&commit->decisions,  &commit->live_set,       &commit->live_removed,
                                &commit->outbox_set, &commit->outbox_removed, &commit->replies,
                                &commit->vault_set,  &commit->pending,        &commit->rows_done,
                                &commit->batch};
    for (size_t at = 0; at < sizeof buffers / sizeof buffers[0]; at++)
        buffer_clear(buffers[at]);
    arena_reset(commit->arena);
    commit->waiting = NULL;
    commit->waiting_bytes = 0;
    commit->first_seq = commit->last_seq = commit->version = 0;
    commit->changes = commit->bytes = 0;
    commit->followed_boot_ms = 0;
    commit->done = commit->told = commit->forgets = false;
}

void commit_destroy(struct commit **pointer)
{
    struct commit *commit = *pointer;
    if (commit == NULL)
        return;
    commit_clear(commit);
    struct buffer *buffers[] = {&commit->decisions,  &commit->live_set,       &commit->live_removed,
                                &commit->outbox_set, &commit->outbox_removed, &commit->replies,
                                &commit->vault_set,  &commit->pending,        &commit->rows_new,
                                &commit->rows_done,  &commit->batch};
    for (size_t at = 0; at < sizeof buffers / sizeof buffers[0]; at++)
        buffer_free(buffers[at]);
    arena_destroy(&commit->arena);
    free(commit);
    *pointer = NULL;
}

struct commit *shard_open_commit(struct shard *shard)
{
    if (shard->open == NULL) {
        shard->open = shard->spare != NULL ? shard->spare : commit_create();
        shard->spare = NULL;
    }
    return shard->open;
}

/* Something that others could see or that would be missed. */
static bool has_news(const struct commit *commit)
{
    return commit != NULL && (commit->changes > 0 || commit->outbox_removed.len > 0);
}

bool commit_is_empty(const struct commit *commit)
{
    return !has_news(commit) && (commit == NULL || commit->followed_boot_ms == 0);
}

void commit_note_cursor(struct commit *commit, struct instant now, bool folded)
{
    if (commit->followed_boot_ms == 0)
        commit->followed_boot_ms = now.boot_ms;
    commit->changes += folded;
}

/* A cursor alone that moved over events which meant nothing here can wait: a crash only reads them again. */
static bool is_due(const struct shard *shard, struct instant now)
{
    const struct commit *commit = shard->open;
    return has_news(commit) ||
           (!commit_is_empty(commit) &&
            (shard->stopping || now.boot_ms - commit->followed_boot_ms >= CURSOR_WAIT_MS));
}

void *commit_copy(struct commit *commit, const void *bytes, size_t len)
{
    void *copy = arena_copy(commit->arena, bytes, len);
    if (copy == NULL)
        abort(); /* everything that gets here is bounded far below the arena's limit */
    return copy;
}

struct packed commit_pack(struct commit *commit, const void *bytes, size_t len)
{
    return (struct packed){commit_copy(commit, bytes, len), len};
}

static void add_pair(struct commit *commit, struct buffer *pairs, struct packed field,
                     struct packed value)
{
    const struct store_pair pair = {field, value};
    buffer_append(pairs, &pair, sizeof pair);
    commit->bytes += field.len + value.len;
}

/* The strings of a principal may belong to a request that ends: they are copied with it. */
static Dw__Principal *copy_principal(struct commit *commit, const struct principal *principal)
{
    struct principal *copy = commit_copy(commit, principal, sizeof *principal);
    copy->name = commit_copy(commit, principal->name, strlen(principal->name));
    Dw__Principal *message = arena_alloc(commit->arena, sizeof *message);
    if (message == NULL)
        abort();
    principal_to_message(copy, message);
    return message;
}

/* Unpacks the event again and evolves: what changes state is always what the journal holds. */
static void evolve_event(struct shard *shard, const struct emitted *emitted,
                         const struct principal *principal, int64_t at_ms, uint64_t seq)
{
    const struct recorded recorded = {.seq = seq, .at_ms = at_ms, .principal = principal};
    ProtobufCMessage *event = protobuf_c_message_unpack(
        emitted->row->type, arena_allocator(shard->arena), emitted->body.len, emitted->body.bytes);
    assert(event != NULL);
    entities_set_seq(shard->entities, seq);
    emitted->row->evolve(shard->live, event, &recorded);
}

static void add_events(struct shard *shard, struct commit *commit, const struct decision *decision,
                       const struct principal *principal, Dw__Decision *message)
{
    message->n_events = decision->events_count;
    message->events = arena_alloc(commit->arena, decision->events_count * sizeof(Dw__Event *));
    for (size_t at = 0; at < decision->events_count; at++) {
        const struct emitted *emitted = &decision->events[at];
        Dw__Event *event = arena_alloc(commit->arena, sizeof *event);
        if (message->events == NULL || event == NULL)
            abort();
        dw__event__init(event);
        event->type = (char *)(uintptr_t)message_name(emitted->row->type);
        const struct packed body = commit_pack(commit, emitted->body.bytes, emitted->body.len);
        event->body = (ProtobufCBinaryData){body.len, (uint8_t *)(uintptr_t)body.bytes};
        message->events[at] = event;
        commit->bytes += body.len;
        evolve_event(shard, emitted, principal, commit->recorded_ms, ++shard->head_seq);
    }
    commit->last_seq = shard->head_seq;
    commit->changes += decision->events_count;
    shard->counts.events += decision->events_count;
    shard->changed_since_due = true;
}

void vault_digest(const uint8_t salt[VAULT_SALT_SIZE], const void *record, size_t len,
                  uint8_t ret_digest[STORE_DIGEST_SIZE])
{
    crypto_generichash(ret_digest, STORE_DIGEST_SIZE, record, len, salt, VAULT_SALT_SIZE);
}

/* Records for the vault, each with a salt of its own; the journal gets their digests. */
static void add_kept(struct shard *shard, struct commit *commit, struct instant now,
                     const struct decision *decision, Dw__Decision *message)
{
    message->n_kept = decision->keeps_count;
    message->kept = arena_alloc(commit->arena, decision->keeps_count * sizeof(Dw__Kept *));
    for (size_t at = 0; at < decision->keeps_count; at++) {
        const struct kept *kept = &decision->keeps[at];
        Dw__Kept *told = arena_alloc(commit->arena, sizeof *told);
        uint8_t digest[STORE_DIGEST_SIZE];
        uint8_t salt[VAULT_SALT_SIZE];
        if (message->kept == NULL || told == NULL)
            arena_full(commit->arena);
        for (size_t half = 0; half < sizeof salt; half += sizeof(struct id)) {
            const struct id random = ids_next(shard->settings.ids, now.wall_ms);
            memcpy(salt + half, random.bytes, sizeof random.bytes);
        }
        vault_digest(salt, kept->record.bytes, kept->record.len, digest);
        dw__kept__init(told);
        told->vault_id.data = commit_copy(commit, kept->id.bytes, sizeof kept->id.bytes);
        told->vault_id.len = sizeof kept->id.bytes;
        told->digest.data = commit_copy(commit, digest, sizeof digest);
        told->digest.len = sizeof digest;
        message->kept[at] = told;
        Dw__VaultRecord record = DW__VAULT_RECORD__INIT;
        record.salt = (ProtobufCBinaryData){sizeof salt, salt};
        record.record =
            (ProtobufCBinaryData){kept->record.len, (uint8_t *)(uintptr_t)kept->record.bytes};
        add_pair(commit, &commit->vault_set, commit_pack(commit, kept->id.bytes, 16),
                 pack_into(commit->arena, &record.base));
    }
}

/* An emptied record has no salt: so whoever reads it, and whoever verifies it, knows it. */
static void add_forgotten(struct commit *commit, const struct decision *decision,
                          Dw__Decision *message)
{
    static const Dw__VaultRecord nothing = DW__VAULT_RECORD__INIT;
    const size_t count = decision->forgets_count;
    message->forgotten_ids = arena_alloc(commit->arena, count * sizeof message->forgotten_ids[0]);
    if (count > 0 && message->forgotten_ids == NULL)
        arena_full(commit->arena);
    for (size_t at = 0; at < count; at++) {
        const struct packed id = commit_pack(commit, decision->forgets[at].bytes, 16);
        message->forgotten_ids[at] = (ProtobufCBinaryData){id.len, (uint8_t *)(uintptr_t)id.bytes};
        add_pair(commit, &commit->vault_set, id, pack_into(commit->arena, &nothing.base));
    }
    message->n_forgotten_ids = count;
    commit->forgets |= count > 0;
}

uint64_t commit_take_decision(struct shard *shard, struct instant now,
                              const struct decision *decision, const struct id *command_id,
                              const struct principal *principal, const struct id *correlation_id)
{
    assert(decision->events_count > 0 ||
           (decision->sends_count == 0 && decision->forgets_count == 0));
    if (decision->events_count == 0)
        return 0;
    struct commit *commit = shard_open_commit(shard);
    const uint64_t first_seq = shard->head_seq + 1;
    if (commit->first_seq == 0) {
        commit->first_seq = first_seq;
        commit->recorded_ms = now.wall_ms > shard->recorded_ms ? now.wall_ms : shard->recorded_ms;
        shard->recorded_ms = commit->recorded_ms;
    }
    Dw__Decision *message = arena_alloc(commit->arena, sizeof *message);
    if (message == NULL)
        abort();
    dw__decision__init(message);
    message->command_id.data = commit_copy(commit, command_id->bytes, sizeof command_id->bytes);
    message->command_id.len = sizeof command_id->bytes;
    if (correlation_id != NULL && !id_is_zero(correlation_id)) {
        message->correlation_id.data = commit_copy(commit, correlation_id->bytes, 16);
        message->correlation_id.len = 16;
    }
    message->principal = copy_principal(commit, principal);
    add_events(shard, commit, decision, principal, message);
    buffer_append(&commit->decisions, &message, sizeof message);
    for (size_t at = 0; at < decision->sends_count; at++)
        outbox_add(shard, commit, &decision->sends[at], first_seq, (uint32_t)at, principal,
                   correlation_id != NULL && !id_is_zero(correlation_id) ? correlation_id
                                                                         : command_id);
    add_kept(shard, commit, now, decision, message);
    add_forgotten(commit, decision, message);
    crash_here(CRASH_DECIDED);
    return first_seq;
}

/* --- waiting ----------------------------------------------------------------------------------------------------- */

void commit_wait(struct shard *shard, const struct bus_address *to, struct packed bytes)
{
    struct commit *commit = has_news(shard->open)     ? shard->open
                            : shard->flight_count > 0 ? shard->flight[shard->flight_count - 1]
                                                      : NULL;
    if (commit == NULL) {
        if (shard_lease_is_valid(shard))
            shard->settings.outlet.reply(shard->settings.outlet.context, to, bytes.bytes,
                                         bytes.len);
        return; /* without a lease nobody is told anything: the asker asks again */
    }
    struct waiting *waiting = arena_alloc(commit->arena, sizeof *waiting);
    if (waiting == NULL)
        abort();
    *waiting = (struct waiting){commit->waiting, *to, commit_pack(commit, bytes.bytes, bytes.len)};
    commit->waiting = waiting;
    commit->waiting_bytes += bytes.len;
}

size_t commit_waiting_bytes(const struct shard *shard)
{
    size_t bytes = shard->open == NULL ? 0 : shard->open->waiting_bytes;
    for (size_t at = 0; at < shard->flight_count; at++)
        bytes += shard->flight[at]->waiting_bytes;
    return bytes;
}

/* Those who wait are told that the outcome is not known; the commit goes on, and who asks again learns it. */
void commit_tell_unavailable(struct shard *shard, struct commit *commit)
{
    struct rejection rejection;
    rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE,
                  "The store has not answered; ask again with the same id.");
    rejection.retry_after_ms = SHARD_RENEW_MS;
    for (struct waiting *waiting = commit->waiting; waiting != NULL; waiting = waiting->next) {
        Dw__Envelope *envelope =
            dw__envelope__unpack(NULL, waiting->bytes.len, waiting->bytes.bytes);
        struct id id = {0};
        if (envelope != NULL)
            (void)id_from_data(&envelope->correlation_id, &id);
        dw__envelope__free_unpacked(envelope, NULL);
        shard_fail(shard, &waiting->to, &id, &rejection);
    }
    commit->waiting = NULL;
    commit->told = true;
}

/* --- submit ------------------------------------------------------------------------------------------------------- */

static void pack_batch(struct shard *shard, struct commit *commit)
{
    Dw__Batch batch = DW__BATCH__INIT;
    batch.authority = shard->authority;
    batch.service = (char *)(uintptr_t)shard->settings.service->name;
    batch.history = id_to_data(&shard->head.history);
    batch.first_seq = commit->first_seq;
    batch.epoch = shard->head.epoch;
    batch.recorded_ms = commit->recorded_ms;
    batch.n_decisions = commit->decisions.len / sizeof(Dw__Decision *);
    batch.decisions = (Dw__Decision **)(void *)commit->decisions.bytes;
    buffer_pack(&commit->batch, &batch.base);
    shard_digest(shard->settings.digest_key, shard->head.digest, commit->batch.bytes,
                 commit->batch.len, commit->digest);
}

static void add_changed(void *context, const void *field, size_t field_len, const void *value,
                        size_t value_len)
{
    struct commit *commit = context;
    const struct packed packed = commit_pack(commit, field, field_len);
    if (value == NULL)
        buffer_append(&commit->live_removed, &packed, sizeof packed);
    else
        add_pair(commit, &commit->live_set, packed, commit_pack(commit, value, value_len));
}

static struct store_pairs pairs_of(const struct buffer *buffer)
{
    return (struct store_pairs){(const void *)buffer->bytes,
                                buffer->len / sizeof(struct store_pair)};
}

static struct store_fields fields_of(const struct buffer *buffer)
{
    return (struct store_fields){(const void *)buffer->bytes, buffer->len / sizeof(struct packed)};
}

static void on_committed(void *context, uint64_t ticket, enum store_result result)
{
    struct shard *shard = context;
    if (ticket != shard->generation || shard->flight_count == 0)
        return; /* of a life that has ended */
    size_t at = 0;
    while (at < shard->flight_count && shard->flight[at]->done)
        at++;
    switch (result) {
    case STORE_OK:
        assert(at < shard->flight_count);
        shard->flight[at]->done = true;
        measures_commit(shard, shard->flight[at]->submitted_us);
        crash_here(CRASH_COMMITTED);
        break;
    case STORE_EPOCH:
        shard_recover(shard, "another daemon has taken the shard");
        break;
    case STORE_FAULT:
        shard_freeze(shard, CODE_COMMIT_FAULT, "a commit failed and may be half done");
        break;
    case STORE_HELD:
    case STORE_VERSION:
        shard_recover(shard, "the store is at another version");
        break;
    case STORE_REFUSED:
        shard_recover(shard, "the store refused a commit");
        break;
    case STORE_UNKNOWN:
        shard_recover(shard, "the outcome of a commit is not known");
        break;
    }
}

static void submit(struct shard *shard, struct instant now)
{
    struct commit *commit = shard->open;
    shard->open = NULL;
    follow_commit(shard, commit);
    entities_drain(shard->entities, add_changed, commit);
    commit->version = shard->head.version;
    commit->submitted_boot_ms = now.boot_ms;
    commit->submitted_us = measures_now_us(shard);
    /* A wall clock that goes back must not hide what was stored while it was ahead. */
    if (shard->head.replies_day < now.wall_ms / DAY_MS)
        shard->head.replies_day = now.wall_ms / DAY_MS;
    commit->replies_day = (uint32_t)shard->head.replies_day;
    memcpy(commit->digest, shard->head.digest, STORE_DIGEST_SIZE);
    if (commit->first_seq != 0)
        pack_batch(shard, commit);
    struct store_commit write = {
        .version = commit->version,
        .epoch = shard->head.epoch,
        .seq = shard->head_seq,
        .first_seq = commit->first_seq,
        .batch = {commit->batch.bytes, commit->batch.len},
        .live_set = pairs_of(&commit->live_set),
        .live_removed = fields_of(&commit->live_removed),
        .outbox_set = pairs_of(&commit->outbox_set),
        .outbox_removed = fields_of(&commit->outbox_removed),
        .replies = pairs_of(&commit->replies),
        .replies_day = commit->replies_day,
        .vault_set = pairs_of(&commit->vault_set),
        .forgets = commit->forgets,
    };
    if (commit->first_seq == 0)
        commit->last_seq = shard->head_seq;
    memcpy(write.digest, commit->digest, STORE_DIGEST_SIZE);
    memcpy(shard->head.digest, commit->digest, STORE_DIGEST_SIZE);
    shard->head.version++;
    shard->head.seq = shard->head_seq;
    shard->flight[shard->flight_count++] = commit;
    shard->counts.commits++;
    shard->settings.store->operations->commit(shard->settings.store, &write, on_committed, shard,
                                              shard->generation);
    crash_here(CRASH_SENT);
}

/* --- release ------------------------------------------------------------------------------------------------------ */

static void remember_answered(struct shard *shard, struct commit *commit)
{
    struct pending **pending = (struct pending **)(void *)commit->pending.bytes;
    for (size_t at = 0; at < commit->pending.len / sizeof pending[0]; at++) {
        replies_note(shard, &pending[at]->command_id, commit->replies_day);
        table_remove(shard->pending, &pending[at]->command_id);
    }
}

static void send_waiting(struct shard *shard, struct commit *commit)
{
    struct waiting *oldest = NULL; /* turned round: who came first is told first */
    for (struct waiting *waiting = commit->waiting; waiting != NULL;) {
        struct waiting *next = waiting->next;
        waiting->next = oldest;
        oldest = waiting;
        waiting = next;
    }
    for (; oldest != NULL; oldest = oldest->next)
        shard->settings.outlet.reply(shard->settings.outlet.context, &oldest->to,
                                     oldest->bytes.bytes, oldest->bytes.len);
    commit->waiting = NULL;
}

static void release(struct shard *shard, struct instant now)
{
    struct commit *commit = shard->flight[0];
    shard->flight_count--;
    memmove(&shard->flight[0], &shard->flight[1], shard->flight_count * sizeof shard->flight[0]);
    shard->released = shard->head;
    shard->released.version = commit->version + 1;
    shard->released.seq = commit->last_seq;
    memcpy(shard->released.digest, commit->digest, STORE_DIGEST_SIZE);
    shard->ever_released = true;
    if (commit->batch.len > 0)
        shard->settings.outlet.publish(shard->settings.outlet.context, shard->topic,
                                       commit->batch.bytes, commit->batch.len, commit->digest,
                                       STORE_DIGEST_SIZE);
    crash_here(CRASH_HALF_RELEASED);
    remember_answered(shard, commit);
    send_waiting(shard, commit);
    outbox_released(shard, commit, now);
    commit_clear(commit);
    if (shard->spare == NULL)
        shard->spare = commit;
    else
        commit_destroy(&commit);
}

void commit_hurry(struct shard *shard, struct instant now)
{
    if (has_news(shard->open) && shard->flight_count < SHARD_FLIGHT_MAX)
        submit(shard, now);
}

void commit_turn(struct shard *shard, struct instant now)
{
    while (shard->flight_count > 0 && shard->flight[0]->done && shard_lease_is_valid(shard))
        release(shard, now);
    if (shard_is_stalled(shard, now) && !shard->flight[0]->told) {
        log_warn(shard->authority, "the store has not answered for %d ms", SHARD_STALL_MS);
        for (size_t at = 0; at < shard->flight_count; at++)
            commit_tell_unavailable(shard, shard->flight[at]);
        if (shard->open != NULL)
            commit_tell_unavailable(shard, shard->open);
    }
    if (shard->state == SHARD_LIVE && shard->flight_count < SHARD_FLIGHT_MAX && is_due(shard, now))
        submit(shard, now);
}
