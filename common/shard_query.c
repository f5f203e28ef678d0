/* Queries: answered from memory, sent when the state they were computed from is on disk. One that wants records of the vault
 * is run a second time when they have been read. */
#include "common/shard_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    VAULT_ANSWER_MAX = 16 * 1024 * 1024,       /* of the records one query reads */
    ANSWER_BYTES_MAX = BUS_MESSAGE_MAX - 1024, /* a larger frame ends the asker's connection */
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
    bool too_much; /* more than the arena holds */
};

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

static void on_vault_row(void *context, uint64_t ticket, struct packed field, struct packed value)
{
    (void)ticket;
    struct vault_read *read = context;
    struct id id;
    const Dw__VaultRecord *record =
        dw__vault_record__unpack(arena_allocator(read->arena), value.len, value.bytes);
    if (record == NULL) {
        read->too_much = true;
        return;
    }
    memcpy(id.bytes, field.bytes, sizeof id.bytes);
    struct packed *slot = table_put(read->records, &id, NULL);
    *slot = (struct packed){record->record.data, record->record.len};
}

static void run(struct shard *shard, struct instant now, const struct request *request,
                const struct query_row *row, const struct table *records);

static void vault_read_destroy(struct vault_read *read)
{
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
    } else {
        arena_reset(shard->arena);
        run(shard, shard->last_now, &request, read->row, read->records);
        arena_reset(shard->arena);
    }
    vault_read_destroy(read);
}

static void read_vault(struct shard *shard, const struct request *request,
                       const struct query_row *row, const struct vault *vault)
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
    shard->settings.store->operations->read_vault(shard->settings.store, vault->wanted,
                                                  vault->wanted_count, on_vault_row, on_vault_read,
                                                  read, shard->generation);
}

static void run(struct shard *shard, struct instant now, const struct request *request,
                const struct query_row *row, const struct table *records)
{
    struct rejection rejection;
    ProtobufCMessage *message;
    if (message_open(row->type, request->envelope->body.data, request->envelope->body.len,
                     shard->arena, &message, &rejection) < 0) {
        shard_fail(shard, request->from, &request->id, &rejection);
        return;
    }
    struct context ctx;
    struct vault *vault = arena_alloc(shard->arena, sizeof *vault);
    struct answer *answer = arena_alloc(shard->arena, sizeof *answer);
    if (vault == NULL || answer == NULL)
        abort();
    *answer = (struct answer){.service = shard->settings.service, .arena = shard->arena};
    vault->read = records;
    vault->arena = shard->arena;
    shard_context(shard, now, request->principal, &ctx);
    /* A query holds nothing but the arena's memory, so it can be broken off. */
    jmp_buf full;
    if (setjmp(full) != 0) {
        arena_on_full(shard->arena, NULL);
        shard_fail_code(shard, request->from, &request->id, DW__ERROR_CODE__ERROR_CODE_INVALID,
                        too_large);
        return;
    }
    arena_on_full(shard->arena, &full);
    row->query(shard->live, message, &ctx, vault, answer);
    arena_on_full(shard->arena, NULL);
    assert(answer->given);
    if (records == NULL && vault->wanted_count > 0)
        read_vault(shard, request, row, vault);
    else
        send_answer(shard, request, answer);
}

void query_take(struct shard *shard, struct instant now, const struct request *request,
                const struct query_row *row)
{
    commit_hurry(shard, now);
    run(shard, now, request, row, NULL);
}
