/* A store that is told what to answer: see told_store.h. */
#include "tests/support/told_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

enum { CALLS_MAX = 64, ROWS_MAX = 1024 };

struct told_call {
    store_taken *taken; /* of a take; else done is called */
    store_done *done;
    void *context;
    uint64_t ticket;
    store_row *row; /* NULL: it asks for none */
    enum store_part part;
    struct id id; /* of the one row that is wanted; zero: all of the part */
};

struct kept_row {
    enum store_part part;
    struct buffer field;
    struct buffer value;
};

static struct told_call calls[CALLS_MAX];
static size_t calls_count;
static struct kept_row rows[ROWS_MAX];
static size_t rows_count;
static bool commits_ignored;

static struct told_call *add_call(store_done *done, void *context, uint64_t ticket)
{
    assert_true(calls_count < CALLS_MAX);
    calls[calls_count] = (struct told_call){.done = done, .context = context, .ticket = ticket};
    return &calls[calls_count++];
}

/* --- what is kept ------------------------------------------------------------------------------------------------------ */

static bool has_field(const struct kept_row *row, struct packed field)
{
    return row->field.len == field.len && memcmp(row->field.bytes, field.bytes, field.len) == 0;
}

static void drop_row(enum store_part part, struct packed field)
{
    size_t at = 0;
    while (at < rows_count && (rows[at].part != part || !has_field(&rows[at], field)))
        at++;
    if (at == rows_count)
        return;
    buffer_free(&rows[at].field);
    buffer_free(&rows[at].value);
    memmove(&rows[at], &rows[at + 1], (--rows_count - at) * sizeof rows[0]);
}

void told_store_keep(enum store_part part, struct packed field, struct packed value)
{
    drop_row(part, field);
    assert_true(rows_count < ROWS_MAX);
    struct kept_row *row = &rows[rows_count++];
    *row = (struct kept_row){.part = part};
    buffer_append(&row->field, field.bytes, field.len);
    buffer_append(&row->value, value.bytes, value.len);
}

static void change_part(enum store_part part, struct store_pairs set, struct store_fields removed)
{
    for (size_t at = 0; at < set.count; at++)
        told_store_keep(part, set.pairs[at].field, set.pairs[at].value);
    for (size_t at = 0; at < removed.count; at++)
        drop_row(part, removed.fields[at]);
}

static void give_rows(const struct told_call *call)
{
    const struct packed wanted = {call->id.bytes, sizeof call->id.bytes};
    for (size_t at = rows_count; at-- > 0;)
        if (rows[at].part == call->part && (id_is_zero(&call->id) || has_field(&rows[at], wanted)))
            call->row(call->context, call->ticket,
                      (struct packed){rows[at].field.bytes, rows[at].field.len},
                      (struct packed){rows[at].value.bytes, rows[at].value.len});
}

/* --- what is asked ----------------------------------------------------------------------------------------------------- */

static bool is_ready(const struct store *store)
{
    return store != NULL;
}

static void take(struct store *store, const char *owner, int64_t lease_ms, const struct id *history,
                 store_taken *taken, void *context, uint64_t ticket)
{
    (void)store, (void)owner, (void)lease_ms, (void)history;
    add_call(NULL, context, ticket)->taken = taken;
}

static void renew(struct store *store, const char *owner, int64_t lease_ms, store_done *done,
                  void *context, uint64_t ticket)
{
    (void)store, (void)owner, (void)lease_ms;
    (void)add_call(done, context, ticket);
}

static void commit(struct store *store, const struct store_commit *wish, store_done *done,
                   void *context, uint64_t ticket)
{
    (void)store;
    if (commits_ignored)
        return;
    change_part(STORE_LIVE, wish->live_set, wish->live_removed);
    change_part(STORE_OUTBOX, wish->outbox_set, wish->outbox_removed);
    change_part(STORE_REPLIES, wish->replies, (struct store_fields){0});
    (void)add_call(done, context, ticket);
}

static void load(struct store *store, enum store_part part, int64_t day, store_row *row,
                 store_done *done, void *context, uint64_t ticket)
{
    (void)store, (void)day;
    struct told_call *call = add_call(done, context, ticket);
    call->row = row;
    call->part = part;
}

static void read_reply(struct store *store, int64_t day, const struct id *id, store_row *row,
                       store_done *done, void *context, uint64_t ticket)
{
    (void)store, (void)day;
    struct told_call *call = add_call(done, context, ticket);
    call->row = row;
    call->part = STORE_REPLIES;
    call->id = *id;
}

static void read_vault(struct store *store, const struct id *ids, size_t count, store_row *row,
                       store_done *done, void *context, uint64_t ticket)
{
    (void)store, (void)ids, (void)count, (void)row;
    (void)add_call(done, context, ticket);
}

struct store *told_store(void)
{
    static const struct store_operations operations = {.is_ready = is_ready,
                                                       .take = take,
                                                       .renew = renew,
                                                       .commit = commit,
                                                       .load = load,
                                                       .read_reply = read_reply,
                                                       .read_vault = read_vault};
    static struct store store = {&operations};
    told_store_clear();
    return &store;
}

void told_store_clear(void)
{
    while (rows_count > 0)
        drop_row(rows[0].part, (struct packed){rows[0].field.bytes, rows[0].field.len});
    calls_count = 0;
    commits_ignored = false;
}

void told_store_answer(enum store_result result)
{
    static const struct store_head head = {.history = {{1}}, .epoch = 1};
    assert_true(calls_count > 0);
    const struct told_call call = calls[0];
    memmove(&calls[0], &calls[1], --calls_count * sizeof call);
    if (call.row != NULL && result == STORE_OK)
        give_rows(&call);
    if (call.taken != NULL)
        call.taken(call.context, call.ticket, result, &head, "");
    else
        call.done(call.context, call.ticket, result);
}

void told_store_answer_all(void)
{
    while (calls_count > 0)
        told_store_answer(STORE_OK);
}

void told_store_ignore_commits(void)
{
    commits_ignored = true;
}
