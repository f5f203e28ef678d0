/* Reporting from empty to caught up over 1,000,000 events of placements, beside a bare read and unpack of the same journal. The
 * journal is written as the engine writes it: batches of 256 events with their running digest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/shard_internal.h"
#include "common/text.h"
#include "reporting.pb-c.h"
#include "tests/support/bench.h"
#include "tests/support/town.h"

enum { EVENTS = 1000000, BATCH = 256, PEOPLE = 1400, READ_STEP = 16, LOOK_MS = 10 };

static struct loop *loop;
static struct redis_store *redis_store;
static struct store *store;
static struct store_head head;
static bool ready, taken;
static size_t in_flight;
static struct id history;
static uint8_t key[STORE_DIGEST_SIZE];

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
    (void)context;
    (void)ticket;
    (void)holder;
    assert_int_equal(result, STORE_OK);
    head = *got;
    taken = true;
}

static void on_done(void *context, uint64_t ticket, enum store_result result)
{
    (void)context;
    (void)ticket;
    assert_int_equal(result, STORE_OK);
    in_flight--;
}

/* A placement starts, and with the next event of its person ends. */
static void fill_event(uint32_t number, Dw__Event *event, struct buffer *body)
{
    const struct id placement = town_id('m', number / 2);
    const struct id hold = town_id('h', number / 2);
    const Dw__ProposePlacement *proposal =
        town_proposal(&placement, &hold, number / 2 % PEOPLE, number / 2 % 10, 1);
    Dw__Date date = DW__DATE__INIT;
    date.days = 20900;
    buffer_clear(body);
    if (number % 2 == 0) {
        Dw__PlacementStarted started = DW__PLACEMENT_STARTED__INIT;
        started.placement_id = id_to_data(&placement);
        started.terms = proposal->terms;
        started.date = &date;
        buffer_pack(body, &started.base);
        event->type = (char *)(uintptr_t) "PlacementStarted";
    } else {
        Dw__PlacementEnded ended = DW__PLACEMENT_ENDED__INIT;
        ended.placement_id = id_to_data(&placement);
        ended.terms = proposal->terms;
        ended.reason = DW__END_REASON__END_REASON_OTHER;
        ended.last = &date;
        buffer_pack(body, &ended.base);
        event->type = (char *)(uintptr_t) "PlacementEnded";
    }
    event->body = (ProtobufCBinaryData){body->len, body->bytes};
}

static void write_batch(uint32_t first)
{
    static struct buffer bodies[BATCH];
    static Dw__Event events[BATCH];
    static Dw__Event *list[BATCH];
    static struct buffer bytes;
    Dw__Principal principal = DW__PRINCIPAL__INIT;
    Dw__Decision decision = DW__DECISION__INIT;
    Dw__Decision *decisions[] = {&decision};
    Dw__Batch batch = DW__BATCH__INIT;
    const struct id command = town_id('x', first);
    for (uint32_t at = 0; at < BATCH; at++) {
        dw__event__init(&events[at]);
        fill_event(first + at, &events[at], &bodies[at]);
        list[at] = &events[at];
    }
    principal.name = (char *)(uintptr_t) "bench";
    principal.role = DW__ROLE__ROLE_OPERATOR;
    decision.command_id = id_to_data(&command);
    decision.principal = &principal;
    decision.events = list;
    decision.n_events = BATCH;
    batch.authority = (char *)(uintptr_t)rig_authority;
    batch.service = (char *)(uintptr_t) "placements";
    batch.history = id_to_data(&history);
    batch.first_seq = head.seq + 1;
    batch.epoch = head.epoch;
    batch.recorded_ms = 1;
    batch.decisions = decisions;
    batch.n_decisions = 1;
    buffer_clear(&bytes);
    buffer_pack(&bytes, &batch.base);
    shard_digest(key, head.digest, bytes.bytes, bytes.len, head.digest);
    struct store_commit commit = {.version = head.version,
                                  .epoch = head.epoch,
                                  .seq = head.seq + BATCH,
                                  .first_seq = head.seq + 1,
                                  .batch = {bytes.bytes, bytes.len}};
    memcpy(commit.digest, head.digest, STORE_DIGEST_SIZE);
    head.version++;
    head.seq += BATCH;
    in_flight++;
    store->operations->commit(store, &commit, on_done, NULL, 0);
    while (in_flight > 8)
        loop_turn(loop);
}

static void write_journal(struct rig *rig)
{
    char socket[512];
    const struct redis_store_handlers handlers = {NULL, on_ready, on_away, on_unfit};
    (void)text_format(socket, sizeof socket, "%s/redis.sock", rig_folder(rig));
    for (size_t at = 0; at < sizeof key; at++)
        key[at] = (uint8_t)at; /* the rig's digest key */
    history = town_id('y', 1);
    loop = loop_create();
    redis_store = redis_store_create(loop, socket, &handlers);
    while (!ready)
        loop_turn(loop);
    store = redis_store_shard(redis_store, rig_authority, "placements");
    store->operations->take(store, "bench", 1000, &history, on_taken, NULL, 0);
    while (!taken)
        loop_turn(loop);
    for (uint32_t number = 0; number < EVENTS; number += BATCH)
        write_batch(number);
    while (in_flight > 0)
        loop_turn(loop);
}

/* --- the limit: a bare read and unpack ----------------------------------------------------------------------------- */

static uint64_t read_seq;

static void on_row(void *context, uint64_t ticket, uint64_t first_seq, struct packed digest,
                   struct packed value)
{
    (void)context;
    (void)ticket;
    (void)first_seq;
    (void)digest;
    Dw__Batch *batch = dw__batch__unpack(NULL, value.len, value.bytes);
    for (size_t d = 0; d < batch->n_decisions; d++)
        for (size_t e = 0; e < batch->decisions[d]->n_events; e++) {
            const Dw__Event *event = batch->decisions[d]->events[e];
            ProtobufCMessage *message = protobuf_c_message_unpack(
                strcmp(event->type, "PlacementStarted") == 0 ? &dw__placement_started__descriptor
                                                             : &dw__placement_ended__descriptor,
                NULL, event->body.len, event->body.data);
            assert_non_null(message);
            protobuf_c_message_free_unpacked(message, NULL);
            read_seq++;
        }
    dw__batch__free_unpacked(batch, NULL);
}

static double bare_read(void)
{
    const int64_t begin_ns = bench_now_ns();
    while (read_seq < head.seq) {
        in_flight++;
        store->operations->read_batches(store, read_seq + 1, head.seq, READ_STEP, on_row, on_done,
                                        NULL, 0);
        while (in_flight > 0)
            loop_turn(loop);
    }
    return (double)read_seq * 1e9 / (double)(bench_now_ns() - begin_ns);
}

static double rebuild(struct rig *rig)
{
    char body[16384];
    rig_start(rig, "placements");
    const int64_t begin_ns = bench_now_ns();
    rig_start_instance(rig, "reporting", 0, NULL, false);
    for (;; rig_pause_ms(LOOK_MS)) {
        if (rig_http(rig, "reporting", 0, "/statusz", body, sizeof body) == 200) {
            const char *folded = strstr(body, "\"foldedEvents\":");
            if (folded != NULL && strtoull(folded + 15, NULL, 10) >= head.seq)
                break;
        }
    }
    return (double)head.seq * 1e9 / (double)(bench_now_ns() - begin_ns);
}

int main(void)
{
    struct rig *rig = rig_create("tests/data/model.json");
    write_journal(rig);
    const double bare = bare_read();
    bench_report("bare_read", bare, "events/s", 0, NULL);
    bench_report("rebuild", rebuild(rig), "events/s", bare, "bare_read");
    redis_store_shard_destroy(&store);
    redis_store_destroy(&redis_store);
    loop_destroy(&loop);
    rig_destroy(&rig);
    return 0;
}
