/* Queries: answered from memory, sent when the state they were computed from is on disk. One that wants records of the vault
 * is run again when they have been read. */
#include "common/shard_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    VAULT_ANSWER_MAX = 16 * 1024 * 1024,       /* of the records one query reads */
    ANSWER_BYTES_MAX = BUS_MESSAGE_MAX - 1024, /* a larger frame ends the asker's connection */
    VAULT_READS_MAX = 4, /* of one query: what it shows may change while its records are read */
};

/* A query that waits for records of the vault. */
struct vault_read {
    struct shard *shard;
    struct bus_address to;
    Dw__Envelope *envelope;
    struct principal principal;
    char principal_name[KEY_NAME_MAX + 1]; /* the principal's name points here */
    struct table *records;                 /* id -> struct packed */
    struct arena *arena;
    const struct query_row *row;
    unsigned reads;
    bool too_much; /* more than the arena holds */
};

static const char moves_on[] = "What it shows has changed again and again; ask again.";
static const char too_large[] = "The answer is too large; ask for less.";

static void send_answer(struct shard *shard, const struct request *request,
                        const struct answer *answer)
{
    struct packed body = answer->body;
    const char *type = "Refused";
    struct rejection rejection;
    if (answer->outcome == DECISION_INVALID) {
        rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_INVALID, "%.255s", answer->sentence);
        memcpy(rejection.field, answer->field, sizeof rejection.field);
        shard_fail(shard, request->from, &request->id, &rejection);
        return;
    }
    if (answer->outcome == DECISION_REFUSED) {
        struct buffer refused = {0};
        pack_refused(shard->settings.service->refusals, answer->refusal, answer->sentence,
                     &refused);
        body = (struct packed){
            (const uint8_t *)arena_copy(shard->arena, refused.bytes, refused.len), refused.len};
        buffer_free(&refused);
    } else {
        type = message_name(answer->type);
    }
    if (body.len > ANSWER_BYTES_MAX) {
        shard_fail_code(shard, request->from, &request->id, DW__ERROR_CODE__ERROR_CODE_INVALID,
                        too_large);
        return;
    }
    const struct answer_head head = {shard->authority, request->id, shard->head_seq,
                                     shard->recorded_ms};
    buffer_clear(&shard->out);
    envelope_answer(&head, type, body.bytes, body.len, &shard->out);
    commit_wait(shard, request->from, (struct packed){shard->out.bytes, shard->out.len});
}

static void keep_record(struct vault_read *read, struct packed *slot, struct packed value)
{
    const Dw__VaultRecord *record =
        dw__vault_record__unpack(arena_allocator(read->arena), value.len, value.bytes);
    if (record == NULL)
        read->too_much = true;
    else if (record->salt.len == 0)
        *slot = (struct packed){(const uint8_t *)"", VAULT_EMPTIED};
    else
        *slot = (struct packed){record->record.len > 0 ? record->record.data : (const uint8_t *)"",
                                record->record.len};
}

static void on_vault_row(void *context, uint64_t ticket, struct packed field, struct packed value)
{
    (void)ticket;
    struct vault_read *read = context;
    struct packed *slot = table_get(read->records, field.bytes);
    if (slot != NULL && slot->bytes == NULL) /* else what is on its way there is newer */
        keep_record(read, slot, value);
}

static void run(struct shard *shard, struct instant now, const struct request *request,
                const struct query_row *row, struct vault_read *read);

static void vault_read_destroy(struct vault_read *read)
{
    if (read == NULL)
        return;
    dw__envelope__free_unpacked(read->envelope, NULL);
    table_destroy(&read->records);
    arena_destroy(&read->arena);
    free(read);
}

static void on_vault_read(void *context, uint64_t ticket, enum store_result result)
{
    struct vault_read *read = context;
    struct shard *shard = read->shard;
    struct request request = {
        .from = &read->to, .principal = &read->principal, .envelope = read->envelope};
    (void)id_from_data(&read->envelope->id, &request.id);
    if (read->too_much) {
        shard_fail_code(shard, &read->to, &request.id, DW__ERROR_CODE__ERROR_CODE_INVALID,
                        too_large);
    } else if (result != STORE_OK || ticket != shard->generation || shard->state != SHARD_LIVE) {
        shard_fail_code(shard, &read->to, &request.id, DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE,
                        store_silent);
    } else if (!shard_is_busy(shard, &request)) {
        arena_reset(shard->arena);
        run(shard, shard->last_now, &request, read->row, read);
        arena_reset(shard->arena);
        return;
    }
    vault_read_destroy(read);
}

static struct vault_read *vault_read_create(struct shard *shard, const struct request *request,
                                            const struct query_row *row)
{
    struct vault_read *read = calloc(1, sizeof *read);
    if (read == NULL)
        abort();
    *read = (struct vault_read){.shard = shard, .to = *request->from, .row = row};
    buffer_clear(&shard->out);
    buffer_pack(&shard->out, &request->envelope->base);
    read->envelope = dw__envelope__unpack(NULL, shard->out.len, shard->out.bytes);
    copy_principal_to(request->principal, &read->principal, read->principal_name);
    read->records = table_create(sizeof(struct id), sizeof(struct packed));
    read->arena = arena_create(VAULT_ANSWER_MAX);
    if (read->envelope == NULL || read->records == NULL || read->arena == NULL)
        abort();
    return read;
}

/* Records that are not on disk yet: the state that is shown knows of them already. */
static void take_pending(struct vault_read *read, const struct commit *commit)
{
    const struct store_pair *pairs = commit == NULL ? NULL : (const void *)commit->vault_set.bytes;
    const size_t count = commit == NULL ? 0 : commit->vault_set.len / sizeof pairs[0];
    for (size_t at = 0; at < count; at++) {
        struct packed *slot = table_get(read->records, pairs[at].field.bytes);
        if (slot != NULL)
            keep_record(read, slot, pairs[at].value);
    }
}

static void read_vault(struct shard *shard, struct vault_read *read, const struct vault *vault)
{
    read->reads++;
    for (size_t at = 0; at < vault->wanted_count; at++)
        (void)table_put(read->records, &vault->wanted[at], NULL);
    for (size_t at = 0; at < shard->flight_count; at++)
        take_pending(read, shard->flight[at]);
    take_pending(read, shard->open);
    shard->settings.store->operations->read_vault(shard->settings.store, vault->wanted,
                                                  vault->wanted_count, on_vault_row, on_vault_read,
                                                  read, shard->generation);
}

/* read: what was read for it, which is given away; NULL: nothing yet. */
static void run(struct shard *shard, struct instant now, const struct request *request,
                const struct query_row *row, struct vault_read *read)
{
    struct rejection rejection;
    ProtobufCMessage *message;
    if (message_open(row->type, request->envelope->body.data, request->envelope->body.len,
                     shard->arena, &message, &rejection) < 0) {
        shard_fail(shard, request->from, &request->id, &rejection);
        vault_read_destroy(read);
        return;
    }
    struct context ctx;
    struct vault *vault = arena_alloc(shard->arena, sizeof *vault);
    struct answer *answer = arena_alloc(shard->arena, sizeof *answer);
    if (vault == NULL || answer == NULL)
        abort();
    *answer = (struct answer){.service = shard->settings.service, .arena = shard->arena};
    vault->read = read == NULL ? NULL : read->records;
    vault->arena = shard->arena;
    shard_context(shard, now, request->principal, &ctx);
    /* A query holds nothing but the arena's memory, so it can be broken off. */
    jmp_buf full;
    if (setjmp(full) != 0) {
        arena_on_full(shard->arena, NULL);
        shard_fail_code(shard, request->from, &request->id, DW__ERROR_CODE__ERROR_CODE_INVALID,
                        too_large);
        vault_read_destroy(read);
        return;
    }
    arena_on_full(shard->arena, &full);
    row->query(shard->live, message, &ctx, vault, answer);
    arena_on_full(shard->arena, NULL);
    assert(answer->given);
    if (vault->wanted_count > 0 && read != NULL && read->reads == VAULT_READS_MAX) {
        /* To show it without them would say that they were erased. */
        shard_fail_code(shard, request->from, &request->id, DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE,
                        moves_on);
        vault_read_destroy(read);
        return;
    }
    if (vault->wanted_count > 0) {
        read_vault(shard, read == NULL ? vault_read_create(shard, request, row) : read, vault);
        return;
    }
    send_answer(shard, request, answer);
    vault_read_destroy(read);
}

void query_take(struct shard *shard, struct instant now, const struct request *request,
                const struct query_row *row)
{
    commit_hurry(shard, now);
    run(shard, now, request, row, NULL);
}
