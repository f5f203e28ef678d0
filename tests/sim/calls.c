/* Calls to the simulated store: copied when made, executed when they arrive, told when their answer arrives. */
#include "common/text.h"
#include "tests/sim/link.h"

#include <stdlib.h>
#include <string.h>

enum { SCAN_ROWS = 64 }; /* a step of a load: others may write between two of them */

enum link_way call_way(const struct sim_call *call)
{
    const bool writes =
        call->kind == CALL_TAKE || call->kind == CALL_RENEW || call->kind == CALL_COMMIT;
    return writes ? WAY_WRITES : WAY_READS;
}

static struct sim_call *call_new(struct store *store, enum call_kind kind, void *context,
                                 uint64_t ticket)
{
    struct sim_link *link = (struct sim_link *)(void *)store;
    struct sim_call *call = calloc(1, sizeof *call);
    if (call == NULL)
        abort();
    call->link = link;
    call->sim = link->daemon->sim;
    call->service = link->daemon->service;
    call->kind = kind;
    call->context = context;
    call->ticket = ticket;
    return call;
}

static void clear_rows(struct sim_call *call)
{
    struct call_row *rows = (void *)call->rows.bytes;
    for (size_t at = 0; at < call->rows.len / sizeof rows[0]; at++)
        free((void *)(uintptr_t)rows[at].value.bytes);
    buffer_clear(&call->rows);
}

void call_free(struct sim_call *call)
{
    clear_rows(call);
    buffer_free(&call->rows);
    buffer_free(&call->ids);
    buffer_free(&call->arguments);
    free(call);
}

/* --- making ------------------------------------------------------------------------------------------------------ */

static bool is_ready(const struct store *store)
{
    return ((const struct sim_link *)(const void *)store)->ready;
}

static void take(struct store *store, const char *owner, int64_t lease_ms,
                 const struct id *new_history, store_taken *taken, void *context, uint64_t ticket)
{
    struct sim_call *call = call_new(store, CALL_TAKE, context, ticket);
    (void)text_format(call->owner, sizeof call->owner, "%s", owner);
    call->lease_ms = lease_ms;
    call->history = *new_history;
    call->taken = taken;
    link_submit(call->link, call);
}

static void read_head(struct store *store, store_taken *taken, void *context, uint64_t ticket)
{
    struct sim_call *call = call_new(store, CALL_HEAD, context, ticket);
    call->taken = taken;
    link_submit(call->link, call);
}

static void renew(struct store *store, const char *owner, int64_t lease_ms, store_done *done,
                  void *context, uint64_t ticket)
{
    struct sim_call *call = call_new(store, CALL_RENEW, context, ticket);
    (void)text_format(call->owner, sizeof call->owner, "%s", owner);
    call->lease_ms = lease_ms;
    call->done = done;
    link_submit(call->link, call);
}

static size_t bytes_of(const struct store_commit *commit)
{
    const struct store_pairs pairs[] = {commit->live_set, commit->outbox_set, commit->replies,
                                        commit->vault_set};
    const struct store_fields fields[] = {commit->live_removed, commit->outbox_removed};
    size_t size = commit->batch.len;
    for (size_t list = 0; list < 4; list++)
        for (size_t at = 0; at < pairs[list].count; at++)
            size += sizeof(struct store_pair) + pairs[list].pairs[at].field.len +
                    pairs[list].pairs[at].value.len;
    for (size_t list = 0; list < 2; list++)
        for (size_t at = 0; at < fields[list].count; at++)
            size += sizeof(struct packed) + fields[list].fields[at].len;
    return size + 16;
}

/* Room of what is copied: pointers from the front, bytes behind them. */
struct copier {
    uint8_t *front;
    uint8_t *bytes;
};

static struct packed copy_packed(struct copier *copier, struct packed from)
{
    const struct packed copy = {copier->bytes, from.len};
    if (from.len > 0)
        memcpy(copier->bytes, from.bytes, from.len);
    copier->bytes += from.len;
    return copy;
}

static void copy_pairs(struct copier *copier, struct store_pairs *pairs)
{
    struct store_pair *copies = (void *)copier->front;
    copier->front += pairs->count * sizeof copies[0];
    for (size_t at = 0; at < pairs->count; at++) {
        copies[at].field = copy_packed(copier, pairs->pairs[at].field);
        copies[at].value = copy_packed(copier, pairs->pairs[at].value);
    }
    pairs->pairs = copies;
}

static void copy_fields(struct copier *copier, struct store_fields *fields)
{
    struct packed *copies = (void *)copier->front;
    copier->front += fields->count * sizeof copies[0];
    for (size_t at = 0; at < fields->count; at++)
        copies[at] = copy_packed(copier, fields->fields[at]);
    fields->fields = copies;
}

static void commit(struct store *store, const struct store_commit *wish, store_done *done,
                   void *context, uint64_t ticket)
{
    struct sim_call *call = call_new(store, CALL_COMMIT, context, ticket);
    struct store_commit *copy = &call->commit;
    call->done = done;
    *copy = *wish;
    const size_t pointers =
        (copy->live_set.count + copy->outbox_set.count + copy->replies.count +
         copy->vault_set.count) *
            sizeof(struct store_pair) +
        (copy->live_removed.count + copy->outbox_removed.count) * sizeof(struct packed);
    struct copier copier = {buffer_reserve(&call->arguments, bytes_of(wish)), NULL};
    copier.bytes = copier.front + pointers;
    copy->batch = copy_packed(&copier, wish->batch);
    copy_pairs(&copier, &copy->live_set);
    copy_pairs(&copier, &copy->outbox_set);
    copy_pairs(&copier, &copy->replies);
    copy_pairs(&copier, &copy->vault_set);
    copy_fields(&copier, &copy->live_removed);
    copy_fields(&copier, &copy->outbox_removed);
    link_submit(call->link, call);
}

static void load(struct store *store, enum store_part part, int64_t day, store_row *row,
                 store_done *done, void *context, uint64_t ticket)
{
    struct sim_call *call = call_new(store, CALL_LOAD, context, ticket);
    call->part = part;
    call->day = day;
    call->row = row;
    call->done = done;
    link_submit(call->link, call);
}

static void read_reply(struct store *store, int64_t day, const struct id *id, store_row *row,
                       store_done *done, void *context, uint64_t ticket)
{
    struct sim_call *call = call_new(store, CALL_REPLY, context, ticket);
    call->day = day;
    call->row = row;
    call->done = done;
    buffer_append(&call->ids, id, sizeof *id);
    link_submit(call->link, call);
}

static void read_vault(struct store *store, const struct id *ids, size_t count, store_row *row,
                       store_done *done, void *context, uint64_t ticket)
{
    struct sim_call *call = call_new(store, CALL_VAULT, context, ticket);
    call->row = row;
    call->done = done;
    buffer_append(&call->ids, ids, count * sizeof ids[0]);
    link_submit(call->link, call);
}

static void read_batches(struct store *store, uint64_t from_seq, uint64_t until_seq, size_t limit,
                         store_batch *batch, store_done *done, void *context, uint64_t ticket)
{
    struct sim_call *call = call_new(store, CALL_BATCHES, context, ticket);
    call->from_seq = from_seq;
    call->until_seq = until_seq;
    call->limit = limit;
    call->batch = batch;
    call->done = done;
    link_submit(call->link, call);
}

const struct store_operations link_operations = {.is_ready = is_ready,
                                                 .take = take,
                                                 .read_head = read_head,
                                                 .renew = renew,
                                                 .commit = commit,
                                                 .load = load,
                                                 .read_reply = read_reply,
                                                 .read_vault = read_vault,
                                                 .read_batches = read_batches};

/* --- executing ------------------------------------------------------------------------------------------------------ */

static void add_row(struct sim_call *call, struct packed field, const struct packed *value)
{
    struct call_row row = {.field.len = (uint8_t)field.len};
    uint8_t *copy = malloc(value->len + 1);
    if (copy == NULL)
        abort();
    if (field.len > 0)
        memcpy(row.field.bytes, field.bytes, field.len);
    if (value->len > 0)
        memcpy(copy, value->bytes, value->len);
    row.value = (struct packed){copy, value->len};
    buffer_append(&call->rows, &row, sizeof row);
}

/* The fields are noted when the scan begins, their values read when their turn comes. */
static void scan(struct sim_call *call, struct shelf *shelf, int64_t now_ms)
{
    struct table *part = shelf_part(shelf, now_ms, call->part, call->day);
    size_t position = 0;
    const void *key;
    void *value;
    if (call->ids.len == 0)
        while (part != NULL && table_next(part, &position, &key, &value))
            buffer_append(&call->ids, key, sizeof(struct shelf_field));
    const struct shelf_field *fields = (const void *)call->ids.bytes;
    const size_t count = call->ids.len / sizeof fields[0];
    clear_rows(call);
    for (size_t rows = 0; call->ids_at < count && rows < SCAN_ROWS; rows++) {
        const struct shelf_field *field = &fields[call->ids_at++];
        const struct packed bytes = {field->bytes, field->len};
        const struct packed *found = shelf_get(part, bytes);
        if (found == NULL)
            continue;
        const struct packed nothing = {0};
        const bool ids_only = call->part == STORE_REPLY_IDS;
        add_row(call, bytes, ids_only ? &nothing : found);
        if (sim_roll(call->sim, 50) == 0) /* a scan may give a row twice */
            add_row(call, bytes, ids_only ? &nothing : found);
    }
}

static void read_ids(struct sim_call *call, struct table *part)
{
    const struct id *ids = (const void *)call->ids.bytes;
    for (size_t at = 0; at < call->ids.len / sizeof ids[0]; at++) {
        const struct packed field = {ids[at].bytes, sizeof ids[at].bytes};
        const struct packed *found = shelf_get(part, field);
        if (found != NULL)
            add_row(call, field, found);
    }
}

static void read_journal(struct sim_call *call, const struct shelf *shelf)
{
    size_t count;
    const struct shelf_batch *batches =
        shelf_batches(shelf, call->from_seq, call->until_seq, call->limit, &count);
    for (size_t at = 0; at < count; at++) {
        add_row(call, (struct packed){0}, &batches[at].bytes);
        struct call_row *row = (void *)(call->rows.bytes + at * sizeof *row);
        row->first_seq = batches[at].first_seq;
        memcpy(row->digest, batches[at].digest, STORE_DIGEST_SIZE);
    }
}

void call_execute(struct sim_call *call)
{
    struct sim *sim = call->sim;
    struct shelf *shelf = sim->shelves[call->service];
    const bool steps = (sim->settings.faults >> FAULT_LEASE_CLOCK & 1) != 0;
    const int64_t now_ms = steps ? sim_now(sim).wall_ms : sim_now(sim).boot_ms;
    const char *holder = "";
    call->result = STORE_OK;
    if (call_way(call) == WAY_WRITES && sim->now_us < sim->store_full_until_us) {
        call->result = STORE_REFUSED;
        return;
    }
    switch (call->kind) {
    case CALL_TAKE:
        call->result = shelf_take(shelf, now_ms, call->owner, call->lease_ms, &call->history,
                                  &call->head, &holder);
        (void)text_format(call->holder, sizeof call->holder, "%s", holder);
        break;
    case CALL_HEAD:
        call->head = shelf_head(shelf);
        break;
    case CALL_RENEW:
        call->result = shelf_renew(shelf, now_ms, call->owner, call->lease_ms);
        break;
    case CALL_COMMIT:
        call->result = shelf_commit(shelf, now_ms, &call->commit);
        if (call->result == STORE_OK)
            check_commit(sim, call->service, &call->commit);
        break;
    case CALL_LOAD:
        scan(call, shelf, now_ms);
        break;
    case CALL_REPLY:
        read_ids(call, shelf_part(shelf, now_ms, STORE_REPLY_IDS, call->day));
        break;
    case CALL_VAULT:
        read_ids(call, shelf->vault);
        break;
    case CALL_BATCHES:
        read_journal(call, shelf);
        break;
    }
}

/* --- telling -------------------------------------------------------------------------------------------------------- */

void call_unknown(struct sim_call *call)
{
    call->answered = true;
    if (call->done != NULL)
        call->done(call->context, call->ticket, STORE_UNKNOWN);
    else
        call->taken(call->context, call->ticket, STORE_UNKNOWN, NULL, "");
}

bool call_deliver(struct sim_call *call)
{
    const struct call_row *rows = (const void *)call->rows.bytes;
    const size_t count = call->rows.len / sizeof rows[0];
    if (call->taken != NULL) {
        call->answered = true;
        call->taken(call->context, call->ticket, call->result, &call->head, call->holder);
        return false;
    }
    for (size_t at = 0; at < count && call->result == STORE_OK; at++) {
        if (call->batch != NULL)
            call->batch(call->context, call->ticket, rows[at].first_seq,
                        (struct packed){rows[at].digest, STORE_DIGEST_SIZE}, rows[at].value);
        else
            call->row(call->context, call->ticket,
                      (struct packed){rows[at].field.bytes, rows[at].field.len}, rows[at].value);
    }
    if (call->kind == CALL_LOAD && call->result == STORE_OK &&
        call->ids_at < call->ids.len / sizeof(struct shelf_field))
        return true;
    call->answered = true;
    call->done(call->context, call->ticket, call->result);
    return false;
}
