/* Reporting from empty to caught up over 1,000,000 events of placements, beside a bare read and unpack of the same journal. The
 * journal is written as the engine writes it: batches of 256 events with their running digest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/text.h"
#include "reporting.pb-c.h"
#include "tests/support/bench.h"
#include "tests/support/direct.h"
#include "tests/support/town.h"

enum { EVENTS = 1000000, BATCH = 256, PEOPLE = 1400, LOOK_MS = 10, IN_FLIGHT = 9 };

static struct direct direct;

/* A placement starts, and with the next event of its person ends. */
static void fill_event(uint32_t number, Dw__Event *event, struct buffer *body)
{
    const struct id placement = town_id('m', number / 2);
    const struct id hold = town_id('h', number / 2);
    const Dw__ProposePlacement *proposal =
        town_proposal(&placement, &hold, number / 2 % PEOPLE, number / 2 % 10, 1);
    Dw__Date date = DW__DATE__INIT;
    date.days = TOWN_STARTS;
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
    for (uint32_t at = 0; at < BATCH; at++) {
        dw__event__init(&events[at]);
        fill_event(first + at, &events[at], &bodies[at]);
        list[at] = &events[at];
    }
    struct store_commit commit = {.batch = direct_batch(&direct, list, BATCH)};
    direct_commit(&direct, &commit, BATCH, 0, IN_FLIGHT);
}

static void write_journal(struct rig *rig)
{
    direct_open(&direct, rig, "placements");
    for (uint32_t number = 0; number < EVENTS; number += BATCH)
        write_batch(number);
    direct_wait(&direct);
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

static void on_read(void *context, uint64_t ticket, enum store_result result)
{
    (void)ticket;
    assert_int_equal(result, STORE_OK);
    *(bool *)context = true;
}

static double bare_read(size_t step)
{
    read_seq = 0;
    const int64_t begin_ns = bench_now_ns();
    while (read_seq < direct.head.seq) {
        bool done = false;
        direct.store->operations->read_batches(direct.store, read_seq + 1, direct.head.seq, step,
                                               on_row, on_read, &done, 0);
        while (!done)
            loop_turn(direct.loop);
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
            if (folded != NULL && strtoull(folded + 15, NULL, 10) >= direct.head.seq)
                break;
        }
    }
    const double rate = (double)direct.head.seq * 1e9 / (double)(bench_now_ns() - begin_ns);
    printf("  ns of a core an event: reporting %.0f, placements %.0f, in all %.0f\n",
           (double)rig_processor_ms(rig, "reporting", 0) * 1e6 / EVENTS,
           (double)rig_processor_ms(rig, "placements", 0) * 1e6 / EVENTS, 1e9 / rate);
    return rate;
}

int main(void)
{
    struct rig *rig = rig_create("tests/data/model.json");
    write_journal(rig);
    double bare = 0;
    for (size_t step = 4; step <= 256; step *= 4) {
        const double rate = bare_read(step);
        printf("  bare read and unpack, %3zu batches at a time: %10.0f events/s\n", step, rate);
        bare = rate > bare ? rate : bare;
    }
    bench_report("bare_read", bare, "events/s", 0, NULL);
    bench_report("rebuild", rebuild(rig), "events/s", bare, "bare_read");
    direct_close(&direct);
    rig_destroy(&rig);
    return 0;
}
