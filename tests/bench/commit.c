/* The limit of place and ingest: raw commits with the same bytes through the store, an asynchronous client, the best of batch
 * × depth; beside plain pipelined XADD + HSET of the same bytes. A change is 250 B of event, 250 B of entity, 120 B of
 * reply. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/redis.h"
#include "common/text.h"
#include "tests/support/bench.h"
#include "tests/support/direct.h"

enum {
    EVENT_SIZE = 250,
    ENTITY_SIZE = 250,
    REPLY_SIZE = 120,
    BATCH_MAX = 256,
    RUN_NS = 1500000000
};

static struct direct direct;
static uint64_t counter;

static void commit_batch(size_t batch)
{
    static uint8_t events[BATCH_MAX * EVENT_SIZE];
    static uint8_t entity[ENTITY_SIZE], reply[REPLY_SIZE];
    static uint8_t fields[BATCH_MAX][17];
    static uint8_t ids[BATCH_MAX][16];
    static struct store_pair live[BATCH_MAX], replies[BATCH_MAX];
    for (size_t at = 0; at < batch; at++) {
        counter++;
        memcpy(fields[at] + 1, &counter, sizeof counter);
        memcpy(ids[at], &counter, sizeof counter);
        live[at] = (struct store_pair){{fields[at], 17}, {entity, ENTITY_SIZE}};
        replies[at] = (struct store_pair){{ids[at], 16}, {reply, REPLY_SIZE}};
    }
    struct store_commit commit = {.batch = {events, batch * EVENT_SIZE},
                                  .live_set = {live, batch},
                                  .replies = {replies, batch},
                                  .replies_day = 1};
    direct_commit(&direct, &commit, batch, batch, SIZE_MAX);
}

static double run_commits(size_t batch, size_t depth)
{
    direct.done = 0;
    const int64_t begin_ns = bench_now_ns();
    while (bench_now_ns() - begin_ns < RUN_NS) {
        while (direct.in_flight < depth)
            commit_batch(batch);
        loop_turn(direct.loop);
    }
    const double rate = (double)direct.done * 1e9 / (double)(bench_now_ns() - begin_ns);
    direct_wait(&direct);
    return rate;
}

/* --- plain commands ---------------------------------------------------------------------------------------------- */

static struct redis *plain;
static uint64_t plain_done;
static size_t plain_flight;

static void on_plain(void *context, const struct redis_reply *reply)
{
    (void)context;
    assert_non_null(reply);
    plain_flight--;
    plain_done++;
}

static void plain_change(void)
{
    static const uint8_t bytes[EVENT_SIZE] = {0};
    uint8_t field[17] = {0};
    counter++;
    memcpy(field + 1, &counter, sizeof counter);
    const struct redis_argument add[] = {REDIS_ARGUMENT("XADD"),
                                         REDIS_ARGUMENT("plain:journal"),
                                         REDIS_ARGUMENT("*"),
                                         REDIS_ARGUMENT("b"),
                                         {bytes, EVENT_SIZE}};
    const struct redis_argument set[] = {REDIS_ARGUMENT("HSET"),
                                         REDIS_ARGUMENT("plain:live"),
                                         {field, 17},
                                         {bytes, ENTITY_SIZE},
                                         {field, 16},
                                         {bytes, REPLY_SIZE}};
    assert_int_equal(redis_call(plain, add, 5, on_plain, NULL), 0);
    assert_int_equal(redis_call(plain, set, 6, on_plain, NULL), 0);
    plain_flight += 2;
}

static double run_plain(size_t window)
{
    plain_done = 0;
    const int64_t begin_ns = bench_now_ns();
    while (bench_now_ns() - begin_ns < RUN_NS) {
        while (plain_flight + 2 <= window)
            plain_change();
        loop_turn(direct.loop);
    }
    const double rate = (double)plain_done / 2 * 1e9 / (double)(bench_now_ns() - begin_ns);
    while (plain_flight > 0)
        loop_turn(direct.loop);
    return rate;
}

static void on_nothing(void *context)
{
    (void)context;
}

static void begin(struct rig *rig)
{
    char socket[512];
    const struct redis_handlers handlers = {NULL, on_nothing, on_nothing};
    direct_open(&direct, rig, "placements");
    (void)text_format(socket, sizeof socket, "%s/redis.sock", rig_folder(rig));
    plain = redis_create(direct.loop, socket, "", 5000, 5000, &handlers);
    while (!redis_is_connected(plain))
        loop_turn(direct.loop);
}

int main(void)
{
    static const size_t batches[] = {1, 16, 64, 256};
    static const size_t depths[] = {1, 2, 4};
    double best = 0;
    double best_plain = 0;
    struct rig *rig = rig_create("tests/data/model.json");
    begin(rig);
    for (size_t b = 0; b < 4; b++)
        for (size_t d = 0; d < 3; d++) {
            const double rate = run_commits(batches[b], depths[d]);
            printf("  batch %3zu × depth %zu: %10.0f changes/s\n", batches[b], depths[d], rate);
            best = rate > best ? rate : best;
        }
    for (size_t window = 128; window <= 1024; window *= 2) {
        const double rate = run_plain(window);
        printf("  plain XADD + HSET, %4zu in flight: %10.0f changes/s\n", window, rate);
        best_plain = rate > best_plain ? rate : best_plain;
    }
    bench_report("plain", best_plain, "changes/s", 0, NULL);
    bench_report("commit", best, "changes/s", best_plain, "plain");
    redis_destroy(&plain);
    direct_close(&direct);
    rig_destroy(&rig);
    return 0;
}
