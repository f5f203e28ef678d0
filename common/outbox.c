/* Commands to other services: kept in the store until answered, sent in order an entity and service, sent again with
 * back-off for ever, settled with their answer. Implements "Events to others", the outbox. */
#include "common/crash.h"
#include "common/log.h"
#include "common/shard_internal.h"
#include "common/text.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/messages.h"

enum {
    BACK_OFF_MS = 300, /* an answer takes a few milliseconds; a restart a few hundred */
    BACK_OFF_MAX_MS = 5000,
    UNSENT_MS = 100,             /* nobody is connected: that costs nothing to find out */
    STUCK_AFTER_MS = 7 * DAY_MS, /* the receiver remembers replies for 8 days */
};

/* Key of a queue. */
struct queue_key {
    char service[32];
    struct id about_id;
};

void outbox_row_destroy(struct outbox_row *row)
{
    buffer_free(&row->body);
    buffer_free(&row->envelope);
    free(row);
}

static struct queue_key queue_key_of(const struct outbox_row *row)
{
    struct queue_key key = {.about_id = row->about_id};
    memcpy(key.service, row->service, strlen(row->service));
    return key;
}

/* The same command after any crash has the same id, so it is done once. */
static struct id make_id(const struct shard *shard, uint64_t seq, uint32_t index)
{
    char text[160];
    struct id id;
    (void)text_format(text, sizeof text, "%s/%s/%llu/%u", shard->authority,
                      shard->settings.service->name, (unsigned long long)seq, index);
    crypto_generichash(id.bytes, sizeof id.bytes, (const uint8_t *)text, strlen(text),
                       shard->settings.digest_key, STORE_DIGEST_SIZE);
    return id;
}

/* What goes over the wire: no deadline, for lateness is the receiver's rule. */
static void make_envelope(struct shard *shard, struct outbox_row *row)
{
    Dw__Envelope envelope = DW__ENVELOPE__INIT;
    Dw__Principal principal;
    principal_to_message(&row->principal, &principal);
    envelope.id = id_to_data(&row->id);
    envelope.authority = shard->authority;
    envelope.type = (char *)(uintptr_t)message_name(row->type);
    envelope.body = (ProtobufCBinaryData){row->body.len, row->body.bytes};
    envelope.principal = &principal;
    envelope.at_ms = row->recorded_ms;
    envelope.correlation_id = id_to_data(&row->correlation_id);
    envelope.schema = ENVELOPE_SCHEMA;
    buffer_clear(&row->envelope);
    buffer_pack(&row->envelope, &envelope.base);
}

static struct outbox_row *row_create(uint64_t seq, uint32_t index)
{
    struct outbox_row *row = calloc(1, sizeof *row);
    if (row == NULL)
        abort();
    row->seq = seq;
    row->index = index;
    row->send_boot_ms = row->born_boot_ms = INT64_MAX;
    (void)text_format(row->field, sizeof row->field, "%llu-%u", (unsigned long long)seq, index);
    return row;
}

static void pack_row(const struct outbox_row *row, struct buffer *ret_bytes)
{
    Dw__OutboxRow message = DW__OUTBOX_ROW__INIT;
    Dw__Principal principal;
    principal_to_message(&row->principal, &principal);
    message.id = id_to_data(&row->id);
    message.service = (char *)(uintptr_t)row->service;
    message.about_id = id_to_data(&row->about_id);
    message.type = (char *)(uintptr_t)message_name(row->type);
    message.body = (ProtobufCBinaryData){row->body.len, row->body.bytes};
    message.principal = &principal;
    message.correlation_id = id_to_data(&row->correlation_id);
    message.recorded_ms = row->recorded_ms;
    buffer_pack(ret_bytes, &message.base);
}

void outbox_add(struct shard *shard, struct commit *commit, const struct outgoing *outgoing,
                uint64_t seq, uint32_t index, const struct principal *principal,
                const struct id *correlation_id)
{
    struct outbox_row *row = row_create(seq, index);
    row->id = make_id(shard, seq, index);
    row->about_id = outgoing->about_id;
    row->type = outgoing->type;
    row->correlation_id = *correlation_id;
    row->recorded_ms = commit->recorded_ms;
    const int result = text_format(row->service, sizeof row->service, "%s", outgoing->service);
    assert(result == 0); /* names of services are ours and short */
    (void)result;
    copy_principal_to(principal, &row->principal, row->principal_name);
    buffer_append(&row->body, outgoing->body.bytes, outgoing->body.len);
    make_envelope(shard, row);
    buffer_append(&commit->rows_new, &row, sizeof row);
    struct buffer packed = {0};
    pack_row(row, &packed);
    const struct store_pair pair = {commit_pack(commit, row->field, strlen(row->field)),
                                    commit_pack(commit, packed.bytes, packed.len)};
    buffer_append(&commit->outbox_set, &pair, sizeof pair);
    buffer_free(&packed);
}

/* --- queues ------------------------------------------------------------------------------------------------------ */

static void enqueue(struct shard *shard, struct outbox_row *row)
{
    const struct queue_key key = queue_key_of(row);
    struct outbox_queue *queue = table_put(shard->outbox_queues, &key, NULL);
    if (queue->first == NULL) {
        queue->first = queue->last = row;
        row->send_boot_ms = 0;
    } else {
        queue->last->next = row;
        queue->last = row;
    }
    struct outbox_row **slot = table_put(shard->outbox_by_id, &row->id, NULL);
    *slot = row;
}

/* The first of its queue is answered: the next has its turn. */
static void dequeue(struct shard *shard, struct outbox_row *row)
{
    const struct queue_key key = queue_key_of(row);
    struct outbox_queue *queue = table_get(shard->outbox_queues, &key);
    assert(queue != NULL && queue->first == row);
    queue->first = row->next;
    if (queue->first == NULL)
        table_remove(shard->outbox_queues, &key);
    else
        queue->first->send_boot_ms = 0;
    table_remove(shard->outbox_by_id, &row->id);
    outbox_row_destroy(row);
}

static void send_row(struct shard *shard, struct outbox_row *row, struct instant now)
{
    if (!shard->settings.outlet.send(shard->settings.outlet.context, shard->authority, row->service,
                                     row->envelope.bytes, row->envelope.len)) {
        row->send_boot_ms = now.boot_ms + UNSENT_MS;
        return;
    }
    row->back_off_ms = row->back_off_ms == 0 ? BACK_OFF_MS : row->back_off_ms * 2;
    if (row->back_off_ms > BACK_OFF_MAX_MS)
        row->back_off_ms = BACK_OFF_MAX_MS;
    row->send_boot_ms = now.boot_ms + row->back_off_ms;
}

/* The age of a row that was loaded is known by the wall clock alone, which may be wrong for a while. */
static bool is_too_old(const struct outbox_row *row, struct instant now)
{
    const int64_t age_ms = row->born_boot_ms == INT64_MAX ? now.wall_ms - row->recorded_ms
                                                          : now.boot_ms - row->born_boot_ms;
    return age_ms > STUCK_AFTER_MS;
}

void outbox_released(struct shard *shard, struct commit *commit, struct instant now)
{
    struct outbox_row **rows = (struct outbox_row **)(void *)commit->rows_done.bytes;
    for (size_t at = 0; at < commit->rows_done.len / sizeof rows[0]; at++) {
        struct outbox_row *next = rows[at]->next;
        dequeue(shard, rows[at]);
        if (next != NULL && !is_too_old(next, now))
            send_row(shard, next, now);
    }
    rows = (struct outbox_row **)(void *)commit->rows_new.bytes;
    for (size_t at = 0; at < commit->rows_new.len / sizeof rows[0]; at++) {
        rows[at]->born_boot_ms = now.boot_ms;
        enqueue(shard, rows[at]);
        if (rows[at]->send_boot_ms == 0)
            send_row(shard, rows[at], now);
    }
    buffer_clear(&commit->rows_done);
    buffer_clear(&commit->rows_new);
}

void outbox_turn(struct shard *shard, struct instant now)
{
    size_t position = 0;
    const void *key;
    void *value;
    if (shard->outbox_next_boot_ms > now.boot_ms)
        return;
    shard->outbox_next_boot_ms = now.boot_ms + BACK_OFF_MS / 3;
    while (table_next(shard->outbox_queues, &position, &key, &value)) {
        struct outbox_row *row = ((struct outbox_queue *)value)->first;
        if (row->settled || row->send_boot_ms > now.boot_ms)
            continue;
        if (!is_too_old(row, now)) {
            send_row(shard, row, now);
            continue;
        }
        if (!row->stuck_told)
            log_error(CODE_OUTBOX_STUCK, shard->authority, "%s to %s, outbox row %s",
                      message_name(row->type), row->service, row->field);
        row->stuck_told = true; /* and it is looked at again, for the clock may be put right */
        row->send_boot_ms = now.boot_ms + BACK_OFF_MAX_MS;
    }
}

/* --- load -------------------------------------------------------------------------------------------------------- */

static const ProtobufCMessageDescriptor *find_type(const struct shard *shard, const char *name)
{
    const struct settlement_row *row = shard->settings.service->settlements;
    while (row != NULL && row->type != NULL && strcmp(message_name(row->type), name) != 0)
        row++;
    return row == NULL ? NULL : row->type;
}

int outbox_load(struct shard *shard, struct packed field, struct packed value)
{
    Dw__OutboxRow *message = dw__outbox_row__unpack(NULL, value.len, value.bytes);
    char text[40] = "";
    unsigned long long seq = 0;
    unsigned index = 0;
    int result = -1;
    if (field.len < sizeof text)
        memcpy(text, field.bytes, field.len);
    if (message != NULL && message->principal != NULL && find_type(shard, message->type) != NULL &&
        sscanf(text, "%llu-%u", &seq, &index) == 2) {
        struct outbox_row *row = row_create(seq, index);
        const struct principal principal = principal_from_message(message->principal);
        row->type = find_type(shard, message->type);
        row->recorded_ms = message->recorded_ms;
        (void)id_from_data(&message->id, &row->id);
        (void)id_from_data(&message->about_id, &row->about_id);
        (void)id_from_data(&message->correlation_id, &row->correlation_id);
        (void)text_format(row->service, sizeof row->service, "%s", message->service);
        copy_principal_to(&principal, &row->principal, row->principal_name);
        buffer_append(&row->body, message->body.data, message->body.len);
        make_envelope(shard, row);
        buffer_append(&shard->outbox_loading, &row, sizeof row);
        result = 0;
    }
    dw__outbox_row__free_unpacked(message, NULL);
    return result;
}

static int compare_rows(const void *left, const void *right)
{
    const struct outbox_row *a = *(struct outbox_row *const *)left;
    const struct outbox_row *b = *(struct outbox_row *const *)right;
    if (a->seq != b->seq)
        return a->seq < b->seq ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

void outbox_loaded(struct shard *shard)
{
    struct outbox_row **rows = (struct outbox_row **)(void *)shard->outbox_loading.bytes;
    const size_t count = shard->outbox_loading.len / sizeof rows[0];
    if (count > 0)
        qsort(rows, count, sizeof rows[0], compare_rows);
    struct outbox_row **last = NULL; /* that was kept */
    for (size_t at = 0; at < count; at++) {
        if (last != NULL && compare_rows(last, &rows[at]) == 0) {
            outbox_row_destroy(rows[at]); /* a scan may give a row twice */
        } else {
            enqueue(shard, rows[at]);
            last = &rows[at];
        }
    }
    buffer_clear(&shard->outbox_loading);
    shard->outbox_next_boot_ms = 0;
}

void outbox_forget(struct shard *shard)
{
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(shard->outbox_by_id, &position, &key, &value))
        outbox_row_destroy(*(struct outbox_row **)value);
    table_clear(shard->outbox_by_id);
    table_clear(shard->outbox_queues);
    struct outbox_row **rows = (struct outbox_row **)(void *)shard->outbox_loading.bytes;
    for (size_t at = 0; at < shard->outbox_loading.len / sizeof rows[0]; at++)
        outbox_row_destroy(rows[at]);
    buffer_clear(&shard->outbox_loading);
}

/* --- answers ----------------------------------------------------------------------------------------------------- */

/* True when asking again may give another answer. */
static bool is_passing(Dw__ErrorCode code)
{
    switch (code) {
    case DW__ERROR_CODE__ERROR_CODE_BUSY:
    case DW__ERROR_CODE__ERROR_CODE_NOT_OWNER:
    case DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE:
    case DW__ERROR_CODE__ERROR_CODE_FROZEN:
    case DW__ERROR_CODE__ERROR_CODE_QUARANTINED:
        return true;
    case DW__ERROR_CODE__ERROR_CODE_UNSPECIFIED:
    case DW__ERROR_CODE__ERROR_CODE_INVALID:
    case DW__ERROR_CODE__ERROR_CODE_UNKNOWN_TYPE:
    case DW__ERROR_CODE__ERROR_CODE_WRONG_AUTHORITY:
    case DW__ERROR_CODE__ERROR_CODE_NOT_ALLOWED:
    case DW__ERROR_CODE__ERROR_CODE_ID_REUSED:
    case DW__ERROR_CODE__ERROR_CODE_EXPIRED:
    case DW__ERROR_CODE__ERROR_CODE_JOURNAL_WENT_BACK:
    case DW__ERROR_CODE__ERROR_CODE_FORGOTTEN:
    case _DW__ERROR_CODE_IS_INT_SIZE:
        return false;
    }
    return true;
}

/* False: not an answer, or one that only says to ask again. */
static bool read_answer(struct shard *shard, const Dw__Envelope *envelope,
                        struct answer_received *ret_answer)
{
    *ret_answer = (struct answer_received){.kind = ANSWER_ACCEPTED, .sentence = ""};
    ProtobufCAllocator *allocator = arena_allocator(shard->arena);
    if (strcmp(envelope->type, "Accepted") == 0)
        return true;
    if (strcmp(envelope->type, "Refused") == 0) {
        const Dw__Refused *refused =
            dw__refused__unpack(allocator, envelope->body.len, envelope->body.data);
        if (refused == NULL)
            return false;
        *ret_answer = (struct answer_received){ANSWER_REFUSED, refused->value, refused->sentence};
        return true;
    }
    if (strcmp(envelope->type, "Failed") != 0)
        return false;
    const Dw__Failed *failed =
        dw__failed__unpack(allocator, envelope->body.len, envelope->body.data);
    if (failed == NULL || is_passing(failed->code))
        return false;
    *ret_answer = (struct answer_received){ANSWER_FAILED, (int)failed->code, failed->sentence};
    return true;
}

static void settle(struct shard *shard, struct instant now, struct outbox_row *row,
                   const struct answer_received *answer)
{
    const struct settlement_row *settlement = shard->settings.service->settlements;
    while (settlement->type != row->type)
        settlement++;
    struct context ctx;
    shard_context(shard, now, &row->principal, &ctx);
    struct decision *decision = shard->scratch;
    if (shard->settings.quarantine != NULL)
        quarantine_begin(shard->settings.quarantine, &row->id);
    decision_begin(decision, shard->settings.service, shard->arena);
    ProtobufCMessage *command = protobuf_c_message_unpack(row->type, arena_allocator(shard->arena),
                                                          row->body.len, row->body.bytes);
    assert(command != NULL);
    settlement->settle(shard->live, command, answer, &ctx, decision);
    assert(!decision_is_no(decision)); /* nobody is there to be refused */
    commit_take_decision(shard, now, decision, &row->id, &row->principal, &row->correlation_id);
    if (shard->settings.quarantine != NULL)
        quarantine_end(shard->settings.quarantine);
    struct commit *commit = shard_open_commit(shard);
    const struct packed field = commit_pack(commit, row->field, strlen(row->field));
    buffer_append(&commit->outbox_removed, &field, sizeof field);
    buffer_append(&commit->rows_done, &row, sizeof row);
    row->settled = true;
    row->send_boot_ms = INT64_MAX;
}

/* True when settling this row's answer has ended the daemon twice: it waits for an operator, and those behind it with it. */
static bool is_poison(struct shard *shard, struct outbox_row *row)
{
    if (shard->settings.quarantine == NULL || !quarantine_has(shard->settings.quarantine, &row->id))
        return false;
    if (!row->stuck_told)
        log_error(CODE_QUARANTINED, shard->authority, "the answer to outbox row %s, %s to %s",
                  row->field, message_name(row->type), row->service);
    row->stuck_told = true;
    row->send_boot_ms = INT64_MAX;
    return true;
}

bool outbox_answer(struct shard *shard, struct instant now, const Dw__Envelope *envelope)
{
    struct id id;
    if (shard->state != SHARD_LIVE || !id_from_data(&envelope->correlation_id, &id))
        return false;
    struct outbox_row **slot = table_get(shard->outbox_by_id, &id);
    if (slot == NULL)
        return false;
    struct outbox_row *row = *slot;
    struct answer_received answer;
    arena_reset(shard->arena);
    if (row->settled || !read_answer(shard, envelope, &answer) || is_poison(shard, row))
        return true; /* it is sent again in time */
    crash_here(CRASH_ANSWERED_UNSETTLED);
    settle(shard, now, row, &answer);
    arena_reset(shard->arena);
    return true;
}
