/* A store that is told what to answer: see told_store.h. */
#include "tests/support/told_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

enum { CALLS_MAX = 64 };

struct told_call {
    store_taken *taken; /* of a take; else done is called */
    store_done *done;
    void *context;
    uint64_t ticket;
};

static struct told_call calls[CALLS_MAX];
static size_t calls_count;
static bool commits_ignored;

static void add_call(store_taken *taken, store_done *done, void *context, uint64_t ticket)
{
    assert_true(calls_count < CALLS_MAX);
    calls[calls_count++] = (struct told_call){taken, done, context, ticket};
}

static bool is_ready(const struct store *store)
{
    return store != NULL;
}

static void take(struct store *store, const char *owner, int64_t lease_ms, const struct id *history,
                 store_taken *taken, void *context, uint64_t ticket)
{
    (void)store, (void)owner, (void)lease_ms, (void)history;
    add_call(taken, NULL, context, ticket);
}

static void renew(struct store *store, const char *owner, int64_t lease_ms, store_done *done,
                  void *context, uint64_t ticket)
{
    (void)store, (void)owner, (void)lease_ms;
    add_call(NULL, done, context, ticket);
}

static void commit(struct store *store, const struct store_commit *wish, store_done *done,
                   void *context, uint64_t ticket)
{
    (void)store, (void)wish;
    if (!commits_ignored)
        add_call(NULL, done, context, ticket);
}

static void load(struct store *store, enum store_part part, int64_t day, store_row *row,
                 store_done *done, void *context, uint64_t ticket)
{
    (void)store, (void)part, (void)day, (void)row;
    add_call(NULL, done, context, ticket);
}

static void read_vault(struct store *store, const struct id *ids, size_t count, store_row *row,
                       store_done *done, void *context, uint64_t ticket)
{
    (void)store, (void)ids, (void)count, (void)row;
    add_call(NULL, done, context, ticket);
}

struct store *told_store(void)
{
    static const struct store_operations operations = {.is_ready = is_ready,
                                                       .take = take,
                                                       .renew = renew,
                                                       .commit = commit,
                                                       .load = load,
                                                       .read_vault = read_vault};
    static struct store store = {&operations};
    calls_count = 0;
    commits_ignored = false;
    return &store;
}

void told_store_answer(enum store_result result)
{
    static const struct store_head head = {.history = {{1}}, .epoch = 1};
    assert_true(calls_count > 0);
    const struct told_call call = calls[0];
    memmove(&calls[0], &calls[1], --calls_count * sizeof call);
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
