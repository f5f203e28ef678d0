/* Requests to a shard: remembered replies, commands, queries, and the journal for followers. Implements steps 2 and 3 of
 * "The engine's path of one command". */
#include "common/log.h"
#include "common/shard_internal.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    FETCH_BYTES_MAX = 64 * 1024, /* of an answer to FetchEvents */
    FETCH_LIMIT_MAX = 1000,
};

static const char accepted_type[] = "Accepted";
static const char refused_type[] = "Refused";

/* A request that waits for the store. */
struct put_aside {
    struct shard *shard;
    struct bus_address to;
    struct id id;
    Dw__Envelope *envelope;
    struct principal principal;
    char principal_name[KEY_NAME_MAX + 1];
    uint8_t digest[16];
    bool found;
    struct table *vault; /* id -> struct packed */
    struct arena *arena;
    struct buffer batches; /* struct packed pairs: digest, batch */
    size_t batches_bytes;
    uint64_t head_seq;
    struct id history;
};

static void digest_request(const struct shard *shard, const Dw__Envelope *envelope,
                           uint8_t ret_digest[16])
{
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, shard->settings.digest_key, STORE_DIGEST_SIZE, 16);
    crypto_generichash_update(&hash, (const uint8_t *)envelope->type, strlen(envelope->type) + 1);
    crypto_generichash_update(&hash, envelope->body.data, envelope->body.len);
    crypto_generichash_final(&hash, ret_digest, 16);
}

static bool same_principal(const struct principal *left, const struct principal *right)
{
    return left->role == right->role && strcmp(left->name, right->name) == 0 &&
           id_equal(&left->provider_id, &right->provider_id);
}

static void fail(struct shard *shard, const struct bus_address *to, const struct id *id,
                 Dw__ErrorCode code, const char *sentence)
{
    struct rejection rejection;
    rejection_set(&rejection, code, "%s", sentence);
    shard_fail(shard, to, id, &rejection);
}

/* --- replies ------------------------------------------------------------------------------------------------------ */

/* The reply of a command goes to the asker and, as a record, to the store. */
static void remember_reply(struct shard *shard, struct instant now, const struct bus_address *to,
                           const struct principal *principal, const struct id *id,
                           const uint8_t digest[16], const char *type, struct packed body,
                           uint64_t seq)
{
    struct commit *commit = shard_open_commit(shard);
    const int64_t recorded_ms = commit->first_seq != 0 ? commit->recorded_ms : now.wall_ms;
    Dw__Principal principal_message;
    principal_to_message(principal, &principal_message);
    Dw__ReplyRecord record = DW__REPLY_RECORD__INIT;
    record.principal = &principal_message;
    record.request_digest = (ProtobufCBinaryData){16, (uint8_t *)(uintptr_t)digest};
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
    memcpy(pending->request_digest, digest, 16);
    pending->bytes = commit_pack(commit, shard->out.bytes, shard->out.len);
    buffer_append(&commit->pending, &pending, sizeof pending);
    struct pending **slot = table_put(shard->pending, id, NULL);
    *slot = pending;
    if (to != NULL)
        commit_wait(shard, to, pending->bytes);
}

/* The pending reply's commit may not be the last one, so the second asker waits a little longer than need be. */
static void repeat_pending(struct shard *shard, const struct bus_address *to, const struct id *id,
                           const struct principal *principal, const uint8_t digest[16],
                           const struct pending *pending)
{
    if (!same_principal(&pending->principal, principal) ||
        memcmp(pending->request_digest, digest, 16) != 0)
        fail(shard, to, id, DW__ERROR_CODE__ERROR_CODE_ID_REUSED,
             "This id was used by somebody else or for something else.");
    else
        commit_wait(shard, to, pending->bytes);
}

static void put_aside_destroy(struct put_aside *aside)
{
    if (aside->envelope != NULL)
        dw__envelope__free_unpacked(aside->envelope, NULL);
    table_destroy(&aside->vault);
    arena_destroy(&aside->arena);
    buffer_free(&aside->batches);
    free(aside);
}

static struct put_aside *put_aside(struct shard *shard, const struct bus_address *to,
                                   const struct principal *principal, const Dw__Envelope *envelope)
{
    struct put_aside *aside = calloc(1, sizeof *aside);
    if (aside == NULL)
        abort();
    aside->shard = shard;
    aside->to = *to;
    (void)id_from_data(&envelope->id, &aside->id);
    buffer_clear(&shard->out);
    buffer_pack(&shard->out, &envelope->base);
    aside->envelope = dw__envelope__unpack(NULL, shard->out.len, shard->out.bytes);
    if (aside->envelope == NULL)
        abort();
    aside->principal = *principal;
    const size_t len = strlen(principal->name);
    assert(len <= KEY_NAME_MAX);
    memcpy(aside->principal_name, principal->name, len);
    aside->principal.name = aside->principal_name;
    return aside;
}

/* What to say when a read has failed. */
static void fail_aside(struct put_aside *aside)
{
    fail(aside->shard, &aside->to, &aside->id, DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE,
         "The store has not answered; ask again with the same id.");
}

static void on_reply_row(void *context, uint64_t ticket, struct packed field, struct packed value)
{
    (void)ticket;
    (void)field;
    struct put_aside *aside = context;
    struct shard *shard = aside->shard;
    Dw__ReplyRecord *record = dw__reply_record__unpack(NULL, value.len, value.bytes);
    aside->found = true;
    const struct principal principal = record == NULL || record->principal == NULL
                                           ? (struct principal){.name = ""}
                                           : principal_from_message(record->principal);
    if (record == NULL) {
        fail_aside(aside);
    } else if (!same_principal(&principal, &aside->principal) || record->request_digest.len != 16 ||
               memcmp(record->request_digest.data, aside->digest, 16) != 0) {
        fail(shard, &aside->to, &aside->id, DW__ERROR_CODE__ERROR_CODE_ID_REUSED,
             "This id was used by somebody else or for something else.");
    } else {
        const struct answer_head head = {shard->authority, aside->id, record->seq,
                                         record->recorded_ms};
        buffer_clear(&shard->out);
        envelope_answer(&head, record->type, record->body.data, record->body.len, &shard->out);
        shard->settings.outlet.reply(shard->settings.outlet.context, &aside->to, shard->out.bytes,
                                     shard->out.len);
    }
    dw__reply_record__free_unpacked(record, NULL);
}

static void on_reply_read(void *context, uint64_t ticket, enum store_result result)
{
    (void)ticket;
    struct put_aside *aside = context;
    if (result != STORE_OK)
        fail_aside(aside);
    else if (!aside->found)
        fail(aside->shard, &aside->to, &aside->id, DW__ERROR_CODE__ERROR_CODE_EXPIRED,
             "This id was answered more than 8 days ago.");
    put_aside_destroy(aside);
}

static void repeat_answered(struct shard *shard, const struct bus_address *to,
                            const struct principal *principal, const Dw__Envelope *envelope,
                            const uint8_t digest[16], uint32_t day)
{
    struct put_aside *aside = put_aside(shard, to, principal, envelope);
    memcpy(aside->digest, digest, 16);
    shard->counts.repeated++;
    shard->settings.store->operations->read_reply(shard->settings.store, day, &aside->id,
                                                  on_reply_row, on_reply_read, aside,
                                                  shard->generation);
}

/* --- commands ----------------------------------------------------------------------------------------------------- */

static void decide(struct shard *shard, struct instant now, const struct command_row *row,
                   const ProtobufCMessage *command, const struct id *id,
                   const struct principal *principal)
{
    struct context ctx;
    shard_context(shard, now, principal, &ctx);
    decision_begin(shard->scratch, shard->settings.service, shard->arena);
    if (shard->settings.quarantine != NULL)
        quarantine_begin(shard->settings.quarantine, id);
    row->decide(shard->live, command, &ctx, shard->scratch);
}

/* The decision is taken with evolve, which may crash on it as well, so the quarantine ends after that. */
static void end_decide(struct shard *shard)
{
    if (shard->settings.quarantine != NULL)
        quarantine_end(shard->settings.quarantine);
}

static void answer_decision(struct shard *shard, struct instant now, const struct bus_address *to,
                            const struct principal *principal, const Dw__Envelope *envelope,
                            const struct id *id, const uint8_t digest[16])
{
    const struct decision *decision = shard->scratch;
    struct id correlation_id = *id;
    (void)id_from_data(&envelope->correlation_id, &correlation_id);
    struct packed body;
    if (decision->outcome == DECISION_REFUSED) {
        Dw__Refused refused = DW__REFUSED__INIT;
        const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(
            shard->settings.service->refusals, decision->refusal);
        assert(value != NULL);
        refused.code = (char *)(uintptr_t)value->name;
        refused.value = decision->refusal;
        refused.sentence = (char *)(uintptr_t)decision->sentence;
        body = pack_into(shard->arena, &refused.base);
        shard->counts.refused++;
        remember_reply(shard, now, to, principal, id, digest, refused_type, body, shard->head_seq);
        return;
    }
    Dw__Accepted accepted = DW__ACCEPTED__INIT;
    accepted.first_seq =
        commit_take_decision(shard, now, decision, id, principal, &correlation_id);
    accepted.events = (uint32_t)decision->events_count;
    accepted.reference = (char *)(uintptr_t)decision->reference;
    body = pack_into(shard->arena, &accepted.base);
    shard->counts.accepted++;
    remember_reply(shard, now, to, principal, id, digest, accepted_type, body, shard->head_seq);
}

static bool deadline_has_passed(struct shard *shard, struct instant now,
                                const struct bus_address *to, const struct id *id,
                                const struct principal *principal, const Dw__Envelope *envelope)
{
    (void)principal;
    const int64_t deadline_ms = envelope->deadline_ms;
    if (deadline_ms == 0)
        return false; /* only daemons may leave it out, which the door has checked */
    if (deadline_ms > now.wall_ms && deadline_ms - now.wall_ms <= DEADLINE_AHEAD_MAX_MS)
        return false;
    fail(shard, to, id, DW__ERROR_CODE__ERROR_CODE_EXPIRED,
         deadline_ms <= now.wall_ms ? "The deadline has passed; it was not done."
                                    : "A deadline is at most 24 hours ahead.");
    return true;
}

static void take_command(struct shard *shard, struct instant now, const struct bus_address *to,
                         const struct principal *principal, const Dw__Envelope *envelope,
                         const struct command_row *row)
{
    struct id id;
    uint8_t digest[16];
    struct rejection rejection;
    ProtobufCMessage *command;
    (void)id_from_data(&envelope->id, &id);
    digest_request(shard, envelope, digest);
    struct pending **pending = table_get(shard->pending, &id);
    const uint32_t *answered = table_get(shard->answered, &id);
    if (pending != NULL) {
        repeat_pending(shard, to, &id, principal, digest, *pending);
        return;
    }
    if (answered != NULL) {
        repeat_answered(shard, to, principal, envelope, digest, *answered);
        return;
    }
    if (deadline_has_passed(shard, now, to, &id, principal, envelope))
        return;
    if (shard->settings.quarantine != NULL && quarantine_has(shard->settings.quarantine, &id)) {
        log_error(CODE_QUARANTINED, shard->authority, "%s is not tried a third time", envelope->type);
        fail(shard, to, &id, DW__ERROR_CODE__ERROR_CODE_QUARANTINED,
             "This command has stopped the service twice and is not tried again; tell operations.");
        return;
    }
    if (message_open(row->type, envelope->body.data, envelope->body.len, shard->arena, &command,
                     &rejection) < 0) {
        shard_fail(shard, to, &id, &rejection);
        return;
    }
    decide(shard, now, row, command, &id, principal);
    if (shard->scratch->outcome == DECISION_INVALID) {
        rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_INVALID, "%.255s",
                      shard->scratch->sentence);
        memcpy(rejection.field, shard->scratch->field, sizeof rejection.field);
        shard_fail(shard, to, &id, &rejection);
    } else {
        answer_decision(shard, now, to, principal, envelope, &id, digest);
    }
    end_decide(shard);
}

/* --- queries ------------------------------------------------------------------------------------------------------ */

static void send_answer(struct shard *shard, const struct bus_address *to, const struct id *id,
                        const struct answer *answer)
{
    struct packed body = answer->body;
    const char *type = refused_type;
    struct rejection rejection;
    if (answer->outcome == DECISION_INVALID) {
        rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_INVALID, "%.255s", answer->sentence);
        memcpy(rejection.field, answer->field, sizeof rejection.field);
        shard_fail(shard, to, id, &rejection);
        return;
    }
    if (answer->outcome == DECISION_REFUSED) {
        struct buffer refused = {0};
        pack_refused(shard->settings.service->refusals, answer->refusal, answer->sentence, &refused);
        body = (struct packed){(const uint8_t *)arena_copy(shard->arena, refused.bytes, refused.len),
                               refused.len};
        buffer_free(&refused);
    } else {
        type = message_name(answer->type);
    }
    const struct answer_head head = {shard->authority, *id, shard->head_seq, shard->recorded_ms};
    buffer_clear(&shard->out);
    envelope_answer(&head, type, body.bytes, body.len, &shard->out);
    commit_wait(shard, to, (struct packed){shard->out.bytes, shard->out.len});
}

static const struct query_row *find_query(const struct service *service, const char *type)
{
    const struct query_row *row = service->queries;
    while (row != NULL && row->type != NULL && strcmp(message_name(row->type), type) != 0)
        row++;
    return row == NULL || row->type == NULL ? NULL : row;
}

static void on_vault_row(void *context, uint64_t ticket, struct packed field, struct packed value)
{
    (void)ticket;
    struct put_aside *aside = context;
    struct id id;
    memcpy(id.bytes, field.bytes, sizeof id.bytes);
    struct packed *slot = table_put(aside->vault, &id, NULL);
    slot->bytes = (const uint8_t *)arena_copy(aside->arena, value.bytes, value.len);
    slot->len = value.len;
}

static void run_query(struct shard *shard, struct instant now, const struct bus_address *to,
                      const struct principal *principal, const Dw__Envelope *envelope,
                      const struct query_row *row, const struct table *vault_read);

static void on_vault_read(void *context, uint64_t ticket, enum store_result result)
{
    struct put_aside *aside = context;
    struct shard *shard = aside->shard;
    if (result != STORE_OK || ticket != shard->generation || shard->state != SHARD_LIVE) {
        fail_aside(aside);
    } else {
        arena_reset(shard->arena);
        run_query(shard, shard->last_now, &aside->to, &aside->principal, aside->envelope,
                  find_query(shard->settings.service, aside->envelope->type), aside->vault);
        arena_reset(shard->arena);
    }
    put_aside_destroy(aside);
}

enum { VAULT_ANSWER_MAX = 16 * 1024 * 1024 };

static void read_vault(struct shard *shard, const struct bus_address *to,
                       const struct principal *principal, const Dw__Envelope *envelope,
                       const struct vault *vault)
{
    struct put_aside *aside = put_aside(shard, to, principal, envelope);
    aside->vault = table_create(sizeof(struct id), sizeof(struct packed));
    aside->arena = arena_create(VAULT_ANSWER_MAX);
    if (aside->vault == NULL || aside->arena == NULL)
        abort();
    shard->settings.store->operations->read_vault(shard->settings.store, vault->wanted,
                                                  vault->wanted_count, on_vault_row, on_vault_read,
                                                  aside, shard->generation);
}

static void run_query(struct shard *shard, struct instant now, const struct bus_address *to,
                      const struct principal *principal, const Dw__Envelope *envelope,
                      const struct query_row *row, const struct table *vault_read)
{
    struct id id;
    struct rejection rejection;
    ProtobufCMessage *request;
    (void)id_from_data(&envelope->id, &id);
    if (message_open(row->type, envelope->body.data, envelope->body.len, shard->arena, &request,
                     &rejection) < 0) {
        shard_fail(shard, to, &id, &rejection);
        return;
    }
    struct context ctx;
    struct vault *vault = arena_alloc(shard->arena, sizeof *vault);
    struct answer *answer = arena_alloc(shard->arena, sizeof *answer);
    if (vault == NULL || answer == NULL)
        abort();
    *answer = (struct answer){.service = shard->settings.service, .arena = shard->arena};
    vault->read = vault_read;
    vault->arena = shard->arena;
    shard_context(shard, now, principal, &ctx);
    row->query(shard->live, request, &ctx, vault, answer);
    assert(answer->given);
    if (vault_read == NULL && vault->wanted_count > 0)
        read_vault(shard, to, principal, envelope, vault);
    else
        send_answer(shard, to, &id, answer);
}

/* --- the journal -------------------------------------------------------------------------------------------------- */

static void on_batch_row(void *context, uint64_t ticket, struct packed field, struct packed value)
{
    (void)ticket;
    struct put_aside *aside = context;
    if (aside->batches.len > 0 && aside->batches_bytes + value.len > FETCH_BYTES_MAX) {
        aside->batches_bytes = FETCH_BYTES_MAX; /* the rest must not slip in behind a gap */
        return;
    }
    const struct packed copies[2] = {
        {(const uint8_t *)arena_copy(aside->arena, field.bytes, field.len), field.len},
        {(const uint8_t *)arena_copy(aside->arena, value.bytes, value.len), value.len}};
    buffer_append(&aside->batches, copies, sizeof copies);
    aside->batches_bytes += value.len;
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
    struct put_aside *aside = context;
    struct shard *shard = aside->shard;
    if (result != STORE_OK) {
        fail_aside(aside);
        put_aside_destroy(aside);
        return;
    }
    const struct packed *packed = (const void *)aside->batches.bytes;
    const size_t count = aside->batches.len / (2 * sizeof packed[0]);
    if (count > 0)
        adjust_fetch(shard, count, aside->batches_bytes);
    Dw__EventsFetched fetched = DW__EVENTS_FETCHED__INIT;
    Dw__StoredBatch *rows = arena_alloc(aside->arena, (count + 1) * sizeof *rows);
    fetched.batches = arena_alloc(aside->arena, (count + 1) * sizeof(Dw__StoredBatch *));
    for (size_t at = 0; at < count; at++) {
        dw__stored_batch__init(&rows[at]);
        rows[at].digest = (ProtobufCBinaryData){packed[2 * at].len,
                                                (uint8_t *)(uintptr_t)packed[2 * at].bytes};
        rows[at].batch = (ProtobufCBinaryData){packed[2 * at + 1].len,
                                               (uint8_t *)(uintptr_t)packed[2 * at + 1].bytes};
        fetched.batches[at] = &rows[at];
    }
    fetched.n_batches = count;
    fetched.head_seq = aside->head_seq;
    fetched.history = id_to_data(&aside->history);
    struct buffer body = {0};
    buffer_pack(&body, &fetched.base);
    const struct answer_head head = {shard->authority, aside->id, aside->head_seq, 0};
    buffer_clear(&shard->out);
    envelope_answer(&head, message_name(fetched.base.descriptor), body.bytes, body.len, &shard->out);
    shard->settings.outlet.reply(shard->settings.outlet.context, &aside->to, shard->out.bytes,
                                 shard->out.len);
    buffer_free(&body);
    put_aside_destroy(aside);
}

enum { FETCH_MEMORY_MAX = 64 * 1024 * 1024 }; /* XRANGE may give up to its limit of batches before we cut */

/* What is stored is committed, so it needs no waiting and no lease. */
static void take_fetch(struct shard *shard, const struct bus_address *to,
                       const struct principal *principal, const Dw__Envelope *envelope)
{
    struct id id;
    struct rejection rejection;
    ProtobufCMessage *message;
    (void)id_from_data(&envelope->id, &id);
    if (message_open(&dw__fetch_events__descriptor, envelope->body.data, envelope->body.len,
                     shard->arena, &message, &rejection) < 0) {
        shard_fail(shard, to, &id, &rejection);
        return;
    }
    const Dw__FetchEvents *fetch = (const Dw__FetchEvents *)message;
    if (fetch->from_seq == 0 || fetch->limit == 0 || fetch->limit > FETCH_LIMIT_MAX) {
        fail(shard, to, &id, DW__ERROR_CODE__ERROR_CODE_INVALID,
             "from_seq begins at 1 and limit is 1 to 1000.");
        return;
    }
    if (fetch->from_seq > shard->released.seq + 1) {
        fail(shard, to, &id, DW__ERROR_CODE__ERROR_CODE_JOURNAL_WENT_BACK,
             "The journal does not reach so far.");
        return;
    }
    struct put_aside *aside = put_aside(shard, to, principal, envelope);
    aside->arena = arena_create(FETCH_MEMORY_MAX);
    aside->head_seq = shard->released.seq;
    aside->history = shard->head.history;
    if (aside->arena == NULL)
        abort();
    if (fetch->from_seq > shard->released.seq) { /* nothing new */
        on_batches_read(aside, shard->generation, STORE_OK);
        return;
    }
    const size_t limit = fetch->limit < shard->fetch_batches ? fetch->limit : shard->fetch_batches;
    /* The store may hold more than what is released; to tell it would let a follower run ahead of our head. */
    shard->settings.store->operations->read_batches(shard->settings.store, fetch->from_seq,
                                                    aside->head_seq, limit, on_batch_row,
                                                    on_batches_read, aside, shard->generation);
}

/* --- the door ------------------------------------------------------------------------------------------------------ */

static bool may(uint32_t roles, const struct principal *principal, bool by_service)
{
    return (roles & ROLE_BIT(principal->role)) != 0 ||
           (by_service && (roles & ROLE_BIT(DW__ROLE__ROLE_SERVICE)) != 0);
}

static bool is_away(struct shard *shard, const struct bus_address *to, const struct id *id,
                    struct instant now)
{
    struct rejection rejection = {0};
    switch (shard->state) {
    case SHARD_STANDBY:
        rejection_set(&rejection,
                      shard->holder[0] != '\0' ? DW__ERROR_CODE__ERROR_CODE_NOT_OWNER
                                               : DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE,
                      shard->holder[0] != '\0' ? "Another daemon serves this authority."
                                               : "The store is away; ask again with the same id.");
        rejection.endpoint = strchr(shard->holder, ' ');
        rejection.endpoint = rejection.endpoint == NULL ? "" : rejection.endpoint + 1;
        break;
    case SHARD_LOADING:
        rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE,
                      "The service is loading; ask again with the same id.");
        break;
    case SHARD_FROZEN:
        rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_FROZEN,
                      "The service has stopped itself (%s); tell operations.", shard->frozen_why);
        break;
    case SHARD_STOPPED:
        rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE,
                      "The service is stopping; ask again with the same id.");
        break;
    case SHARD_LIVE:
        if (!shard_lease_is_valid(shard))
            rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE,
                          "The lease is being renewed; ask again with the same id.");
        else if (shard->flight_count > 0 &&
                 now.boot_ms - shard->flight[0]->submitted_boot_ms > SHARD_STALL_MS)
            rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE,
                          "The store does not answer; ask again with the same id.");
        else
            return false;
        break;
    }
    rejection.retry_after_ms = SHARD_TAKE_MS;
    shard_fail(shard, to, id, &rejection);
    return true;
}

static const struct command_row *find_command(const struct service *service, const char *type)
{
    const struct command_row *row = service->commands;
    while (row != NULL && row->type != NULL && strcmp(message_name(row->type), type) != 0)
        row++;
    return row == NULL || row->type == NULL ? NULL : row;
}

void shard_request(struct shard *shard, struct instant now, const struct bus_address *from,
                   const struct principal *principal, bool by_service, const Dw__Envelope *envelope)
{
    struct id id;
    shard->last_now = now;
    (void)id_from_data(&envelope->id, &id);
    if (is_away(shard, from, &id, now))
        return;
    const struct command_row *command = find_command(shard->settings.service, envelope->type);
    const struct query_row *query =
        command == NULL ? find_query(shard->settings.service, envelope->type) : NULL;
    const bool is_fetch = strcmp(envelope->type, "FetchEvents") == 0;
    const uint32_t followers = ROLE_BIT(DW__ROLE__ROLE_SERVICE) | ROLE_BIT(DW__ROLE__ROLE_OPERATOR);
    if (command == NULL && query == NULL && !is_fetch) {
        fail(shard, from, &id, DW__ERROR_CODE__ERROR_CODE_UNKNOWN_TYPE,
             "There is no such command or query here.");
        return;
    }
    const uint32_t roles = command != NULL ? command->roles : query != NULL ? query->roles : followers;
    if (!may(roles, principal, by_service)) {
        fail(shard, from, &id, DW__ERROR_CODE__ERROR_CODE_NOT_ALLOWED,
             "Your role may not do this.");
        return;
    }
    arena_reset(shard->arena);
    if (command != NULL)
        take_command(shard, now, from, principal, envelope, command);
    else if (query != NULL)
        run_query(shard, now, from, principal, envelope, query, NULL);
    else
        take_fetch(shard, from, principal, envelope);
    arena_reset(shard->arena);
}

/* --- what time makes necessary --------------------------------------------------------------------------------------- */

static const struct principal time_itself = {.name = "time", .role = DW__ROLE__ROLE_SERVICE};

static void do_due_command(struct shard *shard, struct instant now,
                           const ProtobufCMessageDescriptor *type, struct packed packed)
{
    const struct command_row *row = shard->settings.service->commands;
    while (row->type != NULL && row->type != type)
        row++;
    assert(row->type != NULL);
    const struct id id = ids_next(shard->settings.ids, now.wall_ms);
    const ProtobufCMessage *command = protobuf_c_message_unpack(
        type, arena_allocator(shard->arena), packed.len, packed.bytes);
    decide(shard, now, row, command, &id, &time_itself);
    if (decision_is_no(shard->scratch))
        log_error(CODE_DUE_REFUSED, shard->authority, "%s: %s", message_name(type),
                  shard->scratch->sentence);
    else
        commit_take_decision(shard, now, shard->scratch, &id, &time_itself, NULL);
    end_decide(shard);
}

enum { DUE_AGAIN_MS = 1000 }; /* after a refusal, which is a bug: tried again, but not in a circle */

void request_due(struct shard *shard, struct instant now)
{
    const struct service *service = shard->settings.service;
    if (service->due == NULL || (now.wall_ms < shard->next_due_ms && !shard->changed_since_due))
        return;
    struct context ctx;
    arena_reset(shard->arena);
    struct due *due = arena_alloc(shard->arena, sizeof *due);
    if (due == NULL)
        abort();
    due->arena = shard->arena;
    due->max = DUE_COMMANDS_MAX;
    shard_context(shard, now, &time_itself, &ctx);
    shard->changed_since_due = false;
    shard->next_due_ms = service->due(shard->live, &ctx, due->max, due);
    const uint64_t seq = shard->head_seq;
    for (size_t at = 0; at < due->count; at++)
        do_due_command(shard, now, due->types[at], due->commands[at]);
    if (due->count > 0 && shard->head_seq == seq) {
        shard->next_due_ms = now.wall_ms + DUE_AGAIN_MS;
        shard->changed_since_due = false;
    }
    arena_reset(shard->arena);
}
