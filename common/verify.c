/* The independent fold: see verify.h. */
#include "common/verify_internal.h"

#include "common/envelope.h"
#include "common/ops.h"
#include "common/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BATCHES_A_STEP = 200,
    DIFFERENCES_SHOWN = 20,
    TRIES_MAX = 10, /* a shard at work changes while it is read: begun anew so often */
    FOLD_MEMORY_MAX = 64 * 1024 * 1024,
};

static void begin_try(struct verify *verify);

static void forget(struct verify *verify)
{
    if (verify->state != NULL)
        verify->settings.service->destroy(&verify->state);
    entities_destroy(&verify->entities);
    table_destroy(&verify->vault);
    table_destroy(&verify->decided);
}

static void finish(struct verify *verify, int differences)
{
    const struct verify_settings settings = verify->settings;
    if (differences >= 0)
        printf("%.*s%s/%s: %" PRIu64 " events in %" PRIu64
               " batches folded, %zu records, %zu cursors, "
               "%zu outbox rows, %zu vault records, %zu replies: %s\n",
               (int)verify->said.len, (const char *)verify->said.bytes, settings.authority,
               settings.service->name, verify->seq, verify->batches, verify->records,
               verify->cursors, verify->outbox, verify->vault_records, verify->replies,
               differences == 0 ? "equal" : "DIFFERENT");
    if (differences >= 0 && verify->newer > 0)
        printf("%s/%s: %zu records changed meanwhile and were not compared\n", settings.authority,
               settings.service->name, verify->newer);
    forget(verify);
    arena_destroy(&verify->arena);
    buffer_free(&verify->said);
    buffer_free(&verify->cursor_rows);
    free(verify);
    settings.done(settings.context, differences);
}

void verify_differ(struct verify *verify, const char *what, const void *bytes, size_t len)
{
    if (verify->differences++ >= DIFFERENCES_SHOWN)
        return;
    buffer_print(&verify->said, "%s/%s: %s ", verify->settings.authority,
                 verify->settings.service->name, what);
    for (size_t at = 0; at < len; at++)
        buffer_print(&verify->said, "%02x", ((const uint8_t *)bytes)[at]);
    buffer_append(&verify->said, "\n", 1);
}

/* --- the journal ---------------------------------------------------------------------------------------------------- */

static const struct event_row *find_event(const struct service *service, const char *type)
{
    const struct event_row *row = service->events;
    while (row != NULL && row->type != NULL && strcmp(message_name(row->type), type) != 0)
        row++;
    return row == NULL || row->type == NULL ? NULL : row;
}

static bool fold_event(struct verify *verify, const Dw__Event *event,
                       const struct recorded *recorded)
{
    const struct event_row *row = find_event(verify->settings.service, event->type);
    if (row == NULL)
        return strcmp(event->type, "ModelAdopted") == 0;
    ProtobufCMessage *message = protobuf_c_message_unpack(row->type, arena_allocator(verify->arena),
                                                          event->body.len, event->body.data);
    if (message == NULL)
        return false;
    entities_set_seq(verify->entities, recorded->seq);
    row->evolve(verify->state, message, recorded);
    return true;
}

static bool fold_batch(struct verify *verify, const Dw__Batch *batch)
{
    if (batch->first_seq != verify->seq + 1)
        return false;
    for (size_t d = 0; d < batch->n_decisions; d++) {
        const struct principal principal =
            batch->decisions[d]->principal == NULL
                ? (struct principal){.name = ""}
                : principal_from_message(batch->decisions[d]->principal);
        rules_note(verify, batch->decisions[d], verify->seq + 1);
        for (size_t e = 0; e < batch->decisions[d]->n_events; e++) {
            const struct recorded recorded = {++verify->seq, batch->recorded_ms, &principal};
            if (!fold_event(verify, batch->decisions[d]->events[e], &recorded))
                return false;
        }
    }
    return true;
}

static void on_batch(void *context, uint64_t ticket, uint64_t first_seq, struct packed digest,
                     struct packed value)
{
    (void)ticket;
    (void)first_seq;
    struct verify *verify = context;
    if (verify->broken || verify->seq >= verify->head.seq)
        return;
    uint8_t expected[STORE_DIGEST_SIZE];
    shard_digest(verify->settings.digest_key, verify->digest, value.bytes, value.len, expected);
    if (digest.len != STORE_DIGEST_SIZE || memcmp(digest.bytes, expected, STORE_DIGEST_SIZE) != 0) {
        verify_differ(verify, "a batch was changed, or one is missing, after seq of digest",
                      verify->digest, 4);
        verify->broken = true;
        return;
    }
    memcpy(verify->digest, expected, STORE_DIGEST_SIZE);
    arena_reset(verify->arena);
    const Dw__Batch *batch =
        dw__batch__unpack(arena_allocator(verify->arena), value.len, value.bytes);
    verify->batches++;
    if (batch == NULL || !fold_batch(verify, batch)) {
        verify_differ(verify, "a batch cannot be folded, digest", expected, 4);
        verify->broken = true;
    }
}

/* --- the live state ------------------------------------------------------------------------------------------------- */

static void check_record(struct verify *verify, struct packed field, struct packed value)
{
    struct entity_key key = {.kind = field.bytes[0]};
    struct buffer folded = {0};
    uint64_t seq = 0;
    memcpy(&seq, value.bytes, value.len < sizeof seq ? value.len : sizeof seq);
    if (seq > verify->head.seq) {
        verify->newer++; /* by an event that was not folded */
        return;
    }
    if (field.len == 17 || field.len == 21) {
        memcpy(key.id.bytes, field.bytes + 1, 16);
        for (size_t at = 17; at < field.len; at++)
            key.part = key.part << 8 | field.bytes[at];
        if (entities_get(verify->entities, key.kind, &key.id, key.part) != NULL)
            entities_value(verify->entities, &key, &folded);
    }
    if (folded.len != value.len || memcmp(folded.bytes, value.bytes, value.len) != 0)
        verify_differ(verify, folded.len == 0 ? "stored but not folded:" : "not what was folded:",
                      field.bytes, field.len);
    buffer_free(&folded);
    verify->records++;
}

static void on_live_row(void *context, uint64_t ticket, struct packed field, struct packed value)
{
    (void)ticket;
    struct verify *verify = context;
    if (field.len > 0 && field.bytes[0] != 0) {
        if (verify->comparing)
            check_record(verify, field, value);
    } else if (field.len > 8) {
        Dw__Cursor *cursor = dw__cursor__unpack(NULL, value.len, value.bytes);
        struct cursor_row row = {.seq = cursor == NULL ? 0 : cursor->seq};
        if (cursor == NULL || cursor->digest.len != STORE_DIGEST_SIZE || cursor->seq == 0 ||
            text_copy(row.service, sizeof row.service, (const char *)field.bytes + 8,
                      field.len - 8) < 0) {
            verify_differ(verify, "a cursor cannot be read:", field.bytes, field.len);
        } else {
            memcpy(row.digest, cursor->digest.data, STORE_DIGEST_SIZE);
            if (!verify->comparing)
                buffer_append(&verify->cursor_rows, &row, sizeof row);
        }
        dw__cursor__free_unpacked(cursor, NULL);
        verify->cursors += verify->comparing;
    }
}

static void on_outbox_row(void *context, uint64_t ticket, struct packed field, struct packed value)
{
    (void)ticket;
    struct verify *verify = context;
    Dw__OutboxRow *row = dw__outbox_row__unpack(NULL, value.len, value.bytes);
    if (row == NULL || row->id.len != 16)
        verify_differ(verify, "an outbox row cannot be read:", field.bytes, field.len);
    dw__outbox_row__free_unpacked(row, NULL);
    verify->outbox++;
}

/* --- step by step ----------------------------------------------------------------------------------------------------- */

/* True when all records carry the seq of the event that changed them, so that what changed meanwhile is known. */
static bool tells_seq(const struct service *service)
{
    const struct reaction_row *row = service->reactions;
    while (row != NULL && row->type != NULL && row->fold == NULL)
        row++;
    return row == NULL || row->type == NULL;
}

static void on_head_again(void *context, uint64_t ticket, enum store_result result,
                          const struct store_head *head, const char *holder)
{
    (void)ticket;
    (void)holder;
    struct verify *verify = context;
    if (result != STORE_OK) {
        finish(verify, -1);
        return;
    }
    const bool is_still = head->version == verify->head.version;
    if (!is_still && verify->tries < TRIES_MAX) {
        forget(verify);
        begin_try(verify); /* it was changed while it was read: what differs may be only that */
        return;
    }
    if (is_still && verify->records != entities_total(verify->entities))
        verify_differ(verify, "folded but not stored: some records", "", 0);
    finish(verify, is_still || tells_seq(verify->settings.service) ? verify->differences : -1);
}

void verify_rules_done(struct verify *verify, enum store_result result)
{
    if (result != STORE_OK)
        finish(verify, -1);
    else
        verify->settings.store->operations->read_head(verify->settings.store, on_head_again, verify,
                                                      0);
}

static void on_outbox_done(void *context, uint64_t ticket, enum store_result result)
{
    (void)ticket;
    struct verify *verify = context;
    if (result != STORE_OK)
        finish(verify, -1);
    else
        rules_check(verify);
}

/* --- journals of others ---------------------------------------------------------------------------------------------- */

static const struct reaction_row *find_fold(const struct service *service, const char *journal,
                                            const char *type)
{
    const struct reaction_row *row = service->reactions;
    for (; row != NULL && row->type != NULL; row++)
        if (row->fold != NULL && strcmp(row->service, journal) == 0 &&
            (type == NULL || strcmp(message_name(row->type), type) == 0))
            return row;
    return NULL;
}

static bool fold_foreign_event(struct verify *verify, const char *journal, uint64_t seq,
                               const Dw__Batch *batch, const Dw__Decision *decision,
                               const Dw__Event *event)
{
    const struct reaction_row *row = find_fold(verify->settings.service, journal, event->type);
    if (row == NULL)
        return true;
    const struct principal principal = decision->principal == NULL
                                           ? (struct principal){.name = ""}
                                           : principal_from_message(decision->principal);
    struct foreign_event foreign = {.service = row->service,
                                    .seq = seq,
                                    .recorded_ms = batch->recorded_ms,
                                    .principal = &principal};
    (void)id_from_data(&decision->command_id, &foreign.command_id);
    foreign.message = protobuf_c_message_unpack(row->type, arena_allocator(verify->arena),
                                                event->body.len, event->body.data);
    if (foreign.message == NULL)
        return false;
    entities_set_seq(verify->entities, 0);
    row->fold(verify->state, &foreign);
    return true;
}

/* One fetched batch of another's journal; *seq and digest move on. */
static bool fold_foreign_batch(struct verify *verify, const struct cursor_row *cursor,
                               const Dw__StoredBatch *stored, uint64_t *seq,
                               uint8_t digest[STORE_DIGEST_SIZE])
{
    shard_digest(verify->settings.digest_key, digest, stored->batch.data, stored->batch.len,
                 digest);
    arena_reset(verify->arena);
    const Dw__Batch *batch =
        dw__batch__unpack(arena_allocator(verify->arena), stored->batch.len, stored->batch.data);
    if (batch == NULL || batch->first_seq != *seq + 1)
        return false;
    for (size_t d = 0; d < batch->n_decisions; d++)
        for (size_t e = 0; e < batch->decisions[d]->n_events; e++)
            if (!fold_foreign_event(verify, cursor->service, ++*seq, batch, batch->decisions[d],
                                    batch->decisions[d]->events[e]))
                return false;
    verify->batches++;
    return true;
}

static bool fold_foreign_journal(struct verify *verify, const struct cursor_row *cursor)
{
    uint8_t digest[STORE_DIGEST_SIZE] = {0};
    uint64_t seq = 0;
    bool good = true;
    while (good && seq < cursor->seq) {
        struct buffer body = {0};
        const uint64_t before = seq;
        good =
            verify->settings.fetch(verify->settings.context, cursor->service, seq + 1, &body) == 0;
        Dw__EventsFetched *fetched =
            good ? dw__events_fetched__unpack(NULL, body.len, body.bytes) : NULL;
        for (size_t at = 0; fetched != NULL && good && at < fetched->n_batches && seq < cursor->seq;
             at++)
            good = fold_foreign_batch(verify, cursor, fetched->batches[at], &seq, digest);
        good = good && seq > before;
        if (fetched != NULL)
            dw__events_fetched__free_unpacked(fetched, NULL);
        buffer_free(&body);
    }
    verify->seq += seq;
    return good && memcmp(digest, cursor->digest, STORE_DIGEST_SIZE) == 0;
}

static void on_live_done(void *context, uint64_t ticket, enum store_result result);

/* The cursors are read: fold up to them, then compare. */
static void on_cursors_read(void *context, uint64_t ticket, enum store_result result)
{
    struct verify *verify = context;
    const struct cursor_row *cursors = (const void *)verify->cursor_rows.bytes;
    if (result != STORE_OK) {
        finish(verify, -1);
        return;
    }
    for (size_t at = 0; at < verify->cursor_rows.len / sizeof cursors[0]; at++)
        if (find_fold(verify->settings.service, cursors[at].service, NULL) != NULL &&
            !fold_foreign_journal(verify, &cursors[at]))
            verify_differ(verify, "a followed journal is not what was folded, cursor",
                          cursors[at].digest, 4);
    verify->comparing = true;
    verify->settings.store->operations->load(verify->settings.store, STORE_LIVE, 0, on_live_row,
                                             on_live_done, verify, ticket);
}

static void on_live_done(void *context, uint64_t ticket, enum store_result result)
{
    struct verify *verify = context;
    if (result != STORE_OK)
        finish(verify, -1);
    else
        verify->settings.store->operations->load(verify->settings.store, STORE_OUTBOX, 0,
                                                 on_outbox_row, on_outbox_done, verify, ticket);
}

static void read_on(struct verify *verify);

static void on_batches_done(void *context, uint64_t ticket, enum store_result result)
{
    (void)ticket;
    struct verify *verify = context;
    if (result == STORE_OK && !verify->broken && verify->seq + 1 == verify->asked_seq) {
        verify_differ(verify, "the journal ends before its head, after digest", verify->digest, 4);
        verify->broken = true;
    }
    if (result != STORE_OK)
        finish(verify, -1);
    else
        read_on(verify);
}

static void read_on(struct verify *verify)
{
    const struct store_operations *store = verify->settings.store->operations;
    if (verify->seq < verify->head.seq && !verify->broken) {
        verify->asked_seq = verify->seq + 1;
        store->read_batches(verify->settings.store, verify->asked_seq, verify->head.seq,
                            BATCHES_A_STEP, on_batch, on_batches_done, verify, 0);
        return;
    }
    if (!verify->broken && memcmp(verify->digest, verify->head.digest, STORE_DIGEST_SIZE) != 0)
        verify_differ(verify, "the head's digest is not the journal's", verify->digest, 4);
    store->load(verify->settings.store, STORE_LIVE, 0, on_live_row, on_cursors_read, verify, 0);
}

static void on_head(void *context, uint64_t ticket, enum store_result result,
                    const struct store_head *head, const char *holder)
{
    (void)ticket;
    (void)holder;
    struct verify *verify = context;
    if (result != STORE_OK) {
        finish(verify, -1);
        return;
    }
    verify->head = *head;
    read_on(verify);
}

static void begin_try(struct verify *verify)
{
    const struct service *service = verify->settings.service;
    verify->tries++;
    verify->entities = entities_create(service);
    verify->state = verify->entities == NULL ? NULL : service->create(verify->entities);
    if (verify->state == NULL)
        abort();
    entities_bind(verify->entities, verify->state);
    verify->seq = verify->batches = 0;
    verify->records = verify->cursors = verify->outbox = 0;
    verify->vault = table_create(sizeof(struct id), sizeof(struct kept_record));
    verify->decided = table_create(sizeof(struct id), sizeof(uint64_t));
    verify->newer = verify->vault_records = verify->replies = 0;
    verify->differences = 0;
    buffer_clear(&verify->said);
    verify->broken = verify->comparing = false;
    buffer_clear(&verify->cursor_rows);
    memset(verify->digest, 0, sizeof verify->digest);
    verify->settings.store->operations->read_head(verify->settings.store, on_head, verify, 0);
}

void verify_begin(const struct verify_settings *settings)
{
    struct verify *verify = calloc(1, sizeof *verify);
    if (verify == NULL)
        abort();
    verify->settings = *settings;
    verify->arena = arena_create(FOLD_MEMORY_MAX);
    if (verify->arena == NULL)
        abort();
    begin_try(verify);
}
