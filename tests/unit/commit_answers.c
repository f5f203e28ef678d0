/* Tests of what a shard makes of each answer to a commit: only OK is believed. Whatever else the store says, nobody is told that
 * it was done, no batch is published, and the shard's memory is not trusted any more. */
#include "common/authority.h"
#include "common/shard_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/text.h"
#include "services/referrals/referrals.h"
#include "tests/support/somebody.h"
#include "tests/support/told_store.h"

struct bench {
    struct arena *arena;
    struct ids ids;
    struct shard *shard;
    int64_t boot_ms;
    unsigned accepted; /* replies that say so */
    unsigned failed;
    unsigned published; /* batches with events */
};

static struct bench bench;

/* --- what the shard says --------------------------------------------------------------------------------------------- */

static void reply(void *context, const struct bus_address *to, const void *bytes, size_t len)
{
    (void)context, (void)to;
    Dw__Envelope *envelope = dw__envelope__unpack(NULL, len, bytes);
    assert_non_null(envelope);
    bench.accepted += strcmp(envelope->type, "Accepted") == 0;
    bench.failed += strcmp(envelope->type, "Failed") == 0;
    dw__envelope__free_unpacked(envelope, NULL);
}

static void publish(void *context, const char *topic, const void *bytes, size_t len,
                    const void *digest, size_t digest_len)
{
    (void)context, (void)topic, (void)digest, (void)digest_len;
    Dw__Batch *batch = dw__batch__unpack(NULL, len, bytes);
    assert_non_null(batch);
    bench.published += batch->n_decisions > 0;
    dw__batch__free_unpacked(batch, NULL);
}

static bool send_to(void *context, const char *authority, const char *service, const void *bytes,
                    size_t len)
{
    (void)context, (void)authority, (void)service, (void)bytes, (void)len;
    return false;
}

static int64_t boot_ms_now(void *context)
{
    (void)context;
    return bench.boot_ms;
}

static struct instant now(void)
{
    return (struct instant){.wall_ms = INT64_C(1795000000000) + bench.boot_ms,
                            .boot_ms = bench.boot_ms};
}

/* --- the test ---------------------------------------------------------------------------------------------------------- */

static int open_bench(void **unused)
{
    (void)unused;
    char error[256];
    bench = (struct bench){.boot_ms = 10000};
    struct shard_settings settings = {
        .service = &referrals_service,
        .authority = "test-council",
        .store = told_store(),
        .outlet = {.reply = reply, .publish = publish, .send = send_to, .boot_ms_now = boot_ms_now},
        .owner = "0 ipc://nowhere",
        .ids = &bench.ids};
    bench.arena = arena_create(4 * 1024 * 1024);
    ids_init_seeded(&bench.ids, 1);
    assert_int_equal(authority_load_model(
                         "tests/data/model.json", &dw__commissioning_model__descriptor, bench.arena,
                         &settings.model, settings.model_digest, error, sizeof error),
                     0);
    bench.shard = shard_create(&settings);
    (void)shard_turn(bench.shard, now());
    told_store_answer_all(); /* taken and loaded; then the model is adopted */
    (void)shard_turn(bench.shard, now());
    told_store_answer(STORE_OK);
    (void)shard_turn(bench.shard, now());
    assert_int_equal(bench.shard->state, SHARD_LIVE);
    assert_int_equal(bench.published, 1);
    return 0;
}

static int close_bench(void **unused)
{
    (void)unused;
    shard_destroy(&bench.shard);
    arena_destroy(&bench.arena);
    return 0;
}

/* A person is recorded, which is one commit. */
static void ask(uint8_t number)
{
    const struct id person_id = {{number}};
    const struct id id = {{0x50, number}};
    const struct bus_address from = {.len = 1};
    const struct principal worker = {.name = "ada", .role = DW__ROLE__ROLE_SOCIAL_WORKER};
    char council_id[16];
    struct buffer body = {0};
    (void)text_format(council_id, sizeof council_id, "L%u", number);
    const Dw__RecordPerson *record = somebody(&person_id, council_id);
    buffer_pack(&body, &record->base);
    Dw__Envelope envelope = DW__ENVELOPE__INIT;
    envelope.id = id_to_data(&id);
    envelope.authority = (char *)(uintptr_t) "test-council";
    envelope.type = (char *)(uintptr_t) "RecordPerson";
    envelope.body = (ProtobufCBinaryData){body.len, body.bytes};
    envelope.deadline_ms = now().wall_ms + 60000;
    envelope.schema = ENVELOPE_SCHEMA;
    shard_request(bench.shard, now(), &from, &worker, false, &envelope);
    buffer_free(&body);
    (void)shard_turn(bench.shard, now());
}

static void an_answer_that_is_ok_is_believed(void **unused)
{
    (void)unused;
    ask(1);
    assert_int_equal(bench.accepted, 0);
    told_store_answer(STORE_OK);
    (void)shard_turn(bench.shard, now());
    assert_int_equal(bench.accepted, 1);
    assert_int_equal(bench.published, 2);
}

static void expect_nothing_was_told(enum store_result result, enum shard_state state)
{
    ask(1);
    ask(2); /* a second commit stands behind the first */
    told_store_answer(result);
    (void)shard_turn(bench.shard, now());
    assert_int_equal(bench.accepted, 0);
    assert_int_equal(bench.published, 1);
    assert_int_equal(bench.failed, 2); /* both were told to ask again */
    assert_int_equal(bench.shard->state, state);
    assert_int_equal(bench.shard->flight_count, 0);
    told_store_answer(STORE_OK); /* the second's, of a life that has ended */
    (void)shard_turn(bench.shard, now());
    assert_int_equal(bench.accepted, 0);
    assert_int_equal(bench.published, 1);
}

static void another_version_begins_anew(void **unused)
{
    (void)unused;
    expect_nothing_was_told(STORE_VERSION, SHARD_STANDBY);
}

static void another_epoch_makes_a_standby(void **unused)
{
    (void)unused;
    expect_nothing_was_told(STORE_EPOCH, SHARD_STANDBY);
}

static void a_refused_commit_begins_anew(void **unused)
{
    (void)unused;
    expect_nothing_was_told(STORE_REFUSED, SHARD_STANDBY);
}

static void an_outcome_that_is_not_known_begins_anew(void **unused)
{
    (void)unused;
    expect_nothing_was_told(STORE_UNKNOWN, SHARD_STANDBY);
}

static void a_commit_that_may_be_half_done_freezes(void **unused)
{
    (void)unused;
    expect_nothing_was_told(STORE_FAULT, SHARD_FROZEN);
}

int main(void)
{
#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, open_bench, close_bench)
    const struct CMUnitTest tests[] = {
        BENCH_TEST(an_answer_that_is_ok_is_believed),
        BENCH_TEST(another_version_begins_anew),
        BENCH_TEST(another_epoch_makes_a_standby),
        BENCH_TEST(a_refused_commit_begins_anew),
        BENCH_TEST(an_outcome_that_is_not_known_begins_anew),
        BENCH_TEST(a_commit_that_may_be_half_done_freezes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
