/* Remembered replies: a command id already answered gets the same reply again, one in flight waits for it, and the same id
 * from another principal or with another body is ID_REUSED. Implements step 2 of "The engine's path of one command".
 *
 * Memory holds 24 bytes an id; the record stays in the store and is read only when it is asked for again. */
#include "common/shard_internal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* A repeated request that waits for the stored record. */
struct repeat {
    struct shard *shard;
    struct bus_address to;
    struct id id;
    struct principal principal;
    char principal_name[KEY_NAME_MAX + 1]; /* the principal's name points here */
    uint8_t digest[REPLY_DIGEST_SIZE];
    bool found;
};

void replies_digest(const struct shard *shard, const Dw__Envelope *envelope,
                    uint8_t ret_digest[REPLY_DIGEST_SIZE])
{
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, shard->settings.digest_key, STORE_DIGEST_SIZE,
                            REPLY_DIGEST_SIZE);
    crypto_generichash_update(&hash, (const uint8_t *)envelope->type, strlen(envelope->type) + 1);
    crypto_generichash_update(&hash, envelope->body.data, envelope->body.len);
    crypto_generichash_final(&hash, ret_digest, REPLY_DIGEST_SIZE);
}

static bool same_principal(const struct principal *left, const struct principal *right)
{
    return left->role == right->role && strcmp(left->name, right->name) == 0 &&
           id_equal(&left->provider_id, &right->provider_id);
}

/* The reply of a command goes to the asker and, as a record, to the store. */
void replies_remember(struct shard *shard, struct instant now, const struct request *request,
                      const uint8_t digest[REPLY_DIGEST_SIZE], const char *type, struct packed body)
{
    const struct id *id = &request->id;
    const struct principal *principal = request->principal;
    const uint64_t seq = shard->head_seq;
    struct commit *commit = shard_open_commit(shard);
    const int64_t recorded_ms = commit->first_seq != 0 ? commit->recorded_ms : now.wall_ms;
    Dw__Principal principal_message;
    principal_to_message(principal, &principal_message);
    Dw__ReplyRecord record = DW__REPLY_RECORD__INIT;
    record.principal = &principal_message;
    record.request_digest = (ProtobufCBinaryData){REPLY_DIGEST_SIZE, (uint8_t *)(uintptr_t)digest};
    record.type = (char *)(uintptr_t)type;
    record.body = (ProtobufCBinaryData){body.len, (uint8_t *)(uintptr_t)body.bytes};
    record.seq = seq;
    record.recorded_ms = recorded_ms;
    const struct store_pair pair = {commit_pack(commit, id->bytes, sizeof id->bytes),
                                    pack_into(commit->arena, &record.base)};
    buffer_append(&commit->replies, &pair, sizeof pair);
    commit->changes++;
    commit->bytes += pair.value.len;

    const struct answer_head head = {shard->authority, *id, seq, recorded_ms};
    buffer_clear(&shard->out);
    envelope_answer(&head, type, body.bytes, body.len, &shard->out);
    struct pending *pending = commit_copy(commit, &(struct pending){0}, sizeof *pending);
    pending->command_id = *id;
    pending->principal = *principal;
    pending->principal.name = commit_copy(commit, principal->name, strlen(principal->name));
    memcpy(pending->request_digest, digest, REPLY_DIGEST_SIZE);
    pending->bytes = commit_pack(commit, shard->out.bytes, shard->out.len);
    buffer_append(&commit->pending, &pending, sizeof pending);
    struct pending **slot = table_put(shard->pending, id, NULL);
    *slot = pending;
    commit_wait(shard, request->from, pending->bytes);
}

static void fail_reused(struct shard *shard, const struct bus_address *to, const struct id *id)
{
    shard_fail_code(shard, to, id, DW__ERROR_CODE__ERROR_CODE_ID_REUSED,
                    "This id was used by somebody else or for something else.");
}

/* The pending reply's commit may not be the last one, so the second asker waits a little longer than need be. */
static void repeat_pending(struct shard *shard, const struct request *request,
                           const uint8_t digest[REPLY_DIGEST_SIZE], const struct pending *pending)
{
    if (!same_principal(&pending->principal, request->principal) ||
        memcmp(pending->request_digest, digest, REPLY_DIGEST_SIZE) != 0)
        fail_reused(shard, request->from, &request->id);
    else if (commit_waiting_bytes(shard) >= SHARD_WAITING_BYTES_MAX)
        shard_fail_code(shard, request->from, &request->id, DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE,
                        store_silent);
    else
        commit_wait(shard, request->from, pending->bytes);
}

static void fail_unavailable(struct repeat *repeat)
{
    shard_fail_code(repeat->shard, &repeat->to, &repeat->id, DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE,
                    store_silent);
}

static void on_reply_row(void *context, uint64_t ticket, struct packed field, struct packed value)
{
    (void)ticket;
    (void)field;
    struct repeat *repeat = context;
    struct shard *shard = repeat->shard;
    Dw__ReplyRecord *record = dw__reply_record__unpack(NULL, value.len, value.bytes);
    repeat->found = true;
    const struct principal principal = record == NULL || record->principal == NULL
                                           ? (struct principal){.name = ""}
                                           : principal_from_message(record->principal);
    if (record == NULL) {
        fail_unavailable(repeat);
    } else if (!same_principal(&principal, &repeat->principal) ||
               record->request_digest.len != REPLY_DIGEST_SIZE ||
               memcmp(record->request_digest.data, repeat->digest, REPLY_DIGEST_SIZE) != 0) {
        fail_reused(shard, &repeat->to, &repeat->id);
    } else {
        const struct answer_head head = {shard->authority, repeat->id, record->seq,
                                         record->recorded_ms};
        buffer_clear(&shard->out);
        envelope_answer(&head, record->type, record->body.data, record->body.len, &shard->out);
        shard->settings.outlet.reply(shard->settings.outlet.context, &repeat->to, shard->out.bytes,
                                     shard->out.len);
    }
    dw__reply_record__free_unpacked(record, NULL);
}

static void on_reply_read(void *context, uint64_t ticket, enum store_result result)
{
    (void)ticket;
    struct repeat *repeat = context;
    if (result != STORE_OK)
        fail_unavailable(repeat);
    else if (!repeat->found)
        shard_fail_code(repeat->shard, &repeat->to, &repeat->id,
                        DW__ERROR_CODE__ERROR_CODE_FORGOTTEN,
                        "This id was answered, and its answer is not kept any more: look what "
                        "became of it before you wish again.");
    free(repeat);
}

static void repeat_answered(struct shard *shard, const struct request *request,
                            const uint8_t digest[REPLY_DIGEST_SIZE], uint32_t day)
{
    struct repeat *repeat = calloc(1, sizeof *repeat);
    if (repeat == NULL)
        abort();
    repeat->shard = shard;
    repeat->to = *request->from;
    repeat->id = request->id;
    copy_principal_to(request->principal, &repeat->principal, repeat->principal_name);
    memcpy(repeat->digest, digest, REPLY_DIGEST_SIZE);
    shard->counts.repeated++;
    shard->settings.store->operations->read_reply(shard->settings.store, day, &repeat->id,
                                                  on_reply_row, on_reply_read, repeat,
                                                  shard->generation);
}

bool replies_repeat(struct shard *shard, const struct request *request,
                    const uint8_t digest[REPLY_DIGEST_SIZE])
{
    struct pending **pending = table_get(shard->pending, &request->id);
    const struct answered *answered = table_get(shard->answered, &request->id);
    if (pending != NULL)
        repeat_pending(shard, request, digest, *pending);
    else if (answered != NULL)
        repeat_answered(shard, request, digest, answered->day);
    return pending != NULL || answered != NULL;
}

void replies_note(struct shard *shard, const struct id *id, uint32_t day)
{
    struct answered *slot = table_put(shard->answered, id, NULL);
    *slot = (struct answered){day, (uint32_t)(shard->last_now.boot_ms / DAY_MS)};
}

/* Once a day the ids are dropped whose records the store has dropped. Age is counted on the clock that never jumps: a wall
 * clock that is ahead for an hour must not make us forget, for then a repeated command would be done again. */
void replies_sweep(struct shard *shard, struct instant now)
{
    const uint32_t today = (uint32_t)(now.boot_ms / DAY_MS);
    if (shard->reply_sweep_day == today)
        return;
    shard->reply_sweep_day = today;
    struct buffer old = {0};
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(shard->answered, &position, &key, &value))
        if (((const struct answered *)value)->seen_boot_day + STORE_REPLY_DAYS + 1 < today)
            buffer_append(&old, key, sizeof(struct id));
    for (size_t at = 0; at < old.len; at += sizeof(struct id))
        table_remove(shard->answered, old.bytes + at);
    buffer_free(&old);
}
