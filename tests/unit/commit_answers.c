/* Tests of what a shard makes of each answer to a commit: only OK is believed. Whatever else the store says, nobody is told that
 * it was done, no batch is published, and the shard's memory is not trusted any more. */
#include "common/shard_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "services/referrals/referrals.h"
#include "tests/support/told_shard.h"
#include "tests/support/told_store.h"

static struct told_shard told;

static int open_bench(void **unused)
{
    (void)unused;
    told_shard_open(&told, &referrals_service);
    assert_int_equal(told.published, 1);
    return 0;
}

static int close_bench(void **unused)
{
    (void)unused;
    told_shard_close(&told);
    return 0;
}

/* Which is one commit. */
static void ask(unsigned number)
{
    const struct principal worker = {.name = "ada", .role = DW__ROLE__ROLE_SOCIAL_WORKER};
    told_shard_ask(&told, number, &worker);
    told_shard_turn(&told);
}

static void an_answer_that_is_ok_is_believed(void **unused)
{
    (void)unused;
    ask(1);
    assert_int_equal(told.accepted, 0);
    told_store_answer(STORE_OK);
    told_shard_turn(&told);
    assert_int_equal(told.accepted, 1);
    assert_int_equal(told.published, 2);
}

static void expect_nothing_was_told(enum store_result result, enum shard_state state)
{
    ask(1);
    ask(2); /* a second commit stands behind the first */
    told_store_answer(result);
    told_shard_turn(&told);
    assert_int_equal(told.accepted, 0);
    assert_int_equal(told.published, 1);
    assert_int_equal(told.failed, 2); /* both were told to ask again */
    assert_int_equal(told.shard->state, state);
    assert_int_equal(told.shard->flight_count, 0);
    told_store_answer(STORE_OK); /* the second's, of a life that has ended */
    told_shard_turn(&told);
    assert_int_equal(told.accepted, 0);
    assert_int_equal(told.published, 1);
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
