/* A store written directly: see direct.h. */
#include "tests/support/direct.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/shard_internal.h"
#include "common/text.h"

enum { LEASE_MS = 1000 };

static bool ready;
static bool taken;

static void on_ready(void *context)
{
    (void)context;
    ready = true;
}

static void on_away(void *context)
{
    (void)context;
}

static void on_unfit(void *context, const char *setting)
{
    (void)context;
    fail_msg("%s", setting);
}

static void on_taken(void *context, uint64_t ticket, enum store_result result,
                     const struct store_head *got, const char *holder)
{
    struct direct *direct = context;
    (void)ticket;
    (void)holder;
    assert_int_equal(result, STORE_OK);
    direct->head = *got;
    taken = true;
}

static void on_committed(void *context, uint64_t ticket, enum store_result result)
{
    struct direct *direct = context;
    assert_int_equal(result, STORE_OK);
    direct->done += ticket;
    direct->in_flight--;
}

void direct_open(struct direct *direct, struct rig *rig, const char *service)
{
    char socket[512];
    const struct redis_store_handlers handlers = {NULL, on_ready, on_away, on_unfit};
    const struct id history = {.bytes = {1, 2, 3}};
    *direct = (struct direct){.loop = loop_create()};
    for (size_t at = 0; at < sizeof direct->key; at++)
        direct->key[at] = (uint8_t)at; /* the rig's digest key */
    (void)text_format(direct->service, sizeof direct->service, "%s", service);
    (void)text_format(socket, sizeof socket, "%s/redis.sock", rig_folder(rig));
    ready = taken = false;
    direct->redis_store = redis_store_create(direct->loop, socket, "", &handlers);
    while (!ready)
        loop_turn(direct->loop);
    direct->store = redis_store_shard(direct->redis_store, rig_authority, service);
    direct->store->operations->take(direct->store, "bench", LEASE_MS, &history, on_taken, direct,
                                    0);
    while (!taken)
        loop_turn(direct->loop);
}

void direct_close(struct direct *direct)
{
    redis_store_shard_destroy(&direct->store);
    redis_store_destroy(&direct->redis_store);
    loop_destroy(&direct->loop);
}

void direct_commit(struct direct *direct, struct store_commit *commit, uint64_t events,
                   uint64_t ticket, size_t in_flight_max)
{
    struct store_head *head = &direct->head;
    commit->version = head->version;
    commit->epoch = head->epoch;
    commit->seq = head->seq + events;
    if (events > 0) {
        commit->first_seq = head->seq + 1;
        shard_digest(direct->key, head->digest, commit->batch.bytes, commit->batch.len,
                     head->digest);
    }
    memcpy(commit->digest, head->digest, STORE_DIGEST_SIZE);
    head->version++;
    head->seq += events;
    direct->in_flight++;
    direct->store->operations->commit(direct->store, commit, on_committed, direct, ticket);
    while (direct->in_flight >= in_flight_max)
        loop_turn(direct->loop);
}

void direct_wait(struct direct *direct)
{
    while (direct->in_flight > 0)
        loop_turn(direct->loop);
}

struct packed direct_batch(struct direct *direct, Dw__Event **events, size_t count)
{
    static struct buffer bytes;
    const struct id command = {
        .bytes = {1, (uint8_t)direct->head.seq, (uint8_t)(direct->head.seq >> 8)}};
    Dw__Principal principal = DW__PRINCIPAL__INIT;
    Dw__Decision decision = DW__DECISION__INIT;
    Dw__Decision *decisions[] = {&decision};
    Dw__Batch batch = DW__BATCH__INIT;
    principal.name = (char *)(uintptr_t) "bench";
    principal.role = DW__ROLE__ROLE_OPERATOR;
    decision.command_id = id_to_data(&command);
    decision.principal = &principal;
    decision.events = events;
    decision.n_events = count;
    batch.authority = (char *)(uintptr_t)rig_authority;
    batch.service = direct->service;
    batch.history = id_to_data(&direct->head.history);
    batch.first_seq = direct->head.seq + 1;
    batch.epoch = direct->head.epoch;
    batch.recorded_ms = 1;
    batch.decisions = decisions;
    batch.n_decisions = 1;
    buffer_clear(&bytes);
    buffer_pack(&bytes, &batch.base);
    return (struct packed){bytes.bytes, bytes.len};
}
