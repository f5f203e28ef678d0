/* Tests of the door: requests that wait until a commit has made room in their shard. The loop is only the clock and never runs, so
 * no time passes; there is no bus, since nothing here is answered by the door itself. */
#include "common/door.h"
#include "common/shard_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "services/referrals/referrals.h"
#include "tests/support/told_shard.h"
#include "tests/support/told_store.h"

enum { DOOR_ARENA = 4 * 1024 * 1024, ROUNDS = 3 };

static const struct allowed_key ada = {
    .name = "ada", .role = DW__ROLE__ROLE_SOCIAL_WORKER, .authorities = "*"};

static struct told_shard told;
static struct door door;
static unsigned asked;

static int open_door(void **unused)
{
    (void)unused;
    asked = 0;
    door = (struct door){.loop = loop_create(), .arena = arena_create(DOOR_ARENA)};
    assert_non_null(door.loop);
    assert_non_null(door.arena);
    told_shard_open_at(&told, &referrals_service, loop_now(door.loop));
    door.shards[door.shards_count++] = told.shard;
    return 0;
}

static int close_door(void **unused)
{
    (void)unused;
    told_shard_close(&told);
    buffer_free(&door.queues[0].bytes);
    buffer_free(&door.out);
    arena_destroy(&door.arena);
    loop_destroy(&door.loop);
    return 0;
}

static bool has_room(void)
{
    return !shard_defers(told.shard, told.now);
}

/* The next request of the one peer. */
static void ask(void)
{
    const struct bus_address from = {.len = 1};
    struct buffer bytes = {0};
    told_shard_pack(&told, ++asked, &bytes);
    (void)door_request(&door, &from, &ada, bytes.bytes, bytes.len);
    buffer_free(&bytes);
}

static void ask_until_one_waits(void)
{
    while (has_room())
        ask();
    assert_int_equal(door.waiting_bytes, 0);
    ask();
    assert_true(door.waiting_bytes > 0);
}

static void let_all_be_answered(void)
{
    for (int turn = 0; turn < 4; turn++) {
        (void)door_turn(&door);
        told_store_answer_all();
    }
    (void)door_turn(&door);
    assert_int_equal(told.replied_count, asked);
    assert_int_equal(told.accepted, asked);
}

/* Proves: what one peer asks of one council is decided in its order, also when there is room again before those who wait have
 * had their turn: a query that comes back from the vault has a commit sent in the middle of a turn. */
static void who_comes_later_does_not_overtake_those_who_wait(void **unused)
{
    (void)unused;
    ask_until_one_waits();
    ask();
    commit_hurry(told.shard, told.now);
    assert_true(has_room());
    ask();
    let_all_be_answered();
    for (unsigned number = 1; number <= asked; number++) {
        const struct id id = told_command_id(number);
        assert_true(id_equal(&told.replied[number - 1], &id));
    }
}

/* Proves: the room for what waits is given back when it has been taken, or in time all would be told BUSY. */
static void room_for_those_who_wait_is_given_back(void **unused)
{
    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        ask_until_one_waits();
        ask();
        let_all_be_answered();
        assert_int_equal(door.waiting_bytes, 0);
    }
    assert_int_equal(door.busy, 0);
}

int main(void)
{
#define DOOR_TEST(name) cmocka_unit_test_setup_teardown(name, open_door, close_door)
    const struct CMUnitTest tests[] = {
        DOOR_TEST(who_comes_later_does_not_overtake_those_who_wait),
        DOOR_TEST(room_for_those_who_wait_is_given_back),
    };
    cmocka_set_test_filter(getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
