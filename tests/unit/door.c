/* Tests of the door: requests that wait until a commit has made room in their shard. The loop is only the clock and never runs, so
 * no time passes; the bus is a real one that nobody is connected to, for what the door answers by itself. */
#include "common/door.h"
#include "common/shard_internal.h"
#include "common/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "services/referrals/referrals.h"
#include "tests/support/told_shard.h"
#include "tests/support/told_store.h"

enum { DOOR_ARENA = 4 * 1024 * 1024, ROUNDS = 3 };

static struct told_shard told;
static struct door door;
static unsigned asked;
static struct auth *allowed;
static struct key_pair adas;

/* From now on ada's is the only key that is allowed, for these councils. */
static void allow(const struct key_pair *keys, const char *authorities)
{
    char folder[] = "/tmp/dayways-door-XXXXXX";
    char path[64];
    char error[128];
    assert_non_null(mkdtemp(folder));
    (void)text_format(path, sizeof path, "%s/allowed", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s ada social-worker %s\n", keys->public_key, authorities);
    assert_int_equal(fclose(file), 0);
    auth_destroy(&allowed);
    assert_int_equal(auth_load(folder, &allowed, error, sizeof error), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static struct bus *open_bus(struct loop *loop)
{
    static const struct bus_handlers handlers;
    assert_int_equal(bus_make_keys(&adas), 0);
    allow(&adas, "*");
    struct bus *bus = bus_create(loop, &adas, &allowed, &handlers);
    assert_non_null(bus);
    assert_int_equal(bus_bind_requests(bus, "inproc://door"), 0);
    return bus;
}

static int open_door(void **unused)
{
    (void)unused;
    asked = 0;
    door = (struct door){.loop = loop_create(), .arena = arena_create(DOOR_ARENA)};
    assert_non_null(door.loop);
    assert_non_null(door.arena);
    door.bus = open_bus(door.loop);
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
    bus_destroy(&door.bus);
    auth_destroy(&allowed);
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
    (void)door_request(&door, &from, auth_by_name(allowed, "ada"), bytes.bytes, bytes.len);
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

/* Proves: who may not ask any more when its turn comes is not served, also when another has its name by now. */
static void what_waits_is_not_done_for_a_key_that_was_revoked(void **unused)
{
    (void)unused;
    struct key_pair other;
    ask_until_one_waits();
    const unsigned before = asked - 1;
    assert_int_equal(bus_make_keys(&other), 0);
    allow(&other, "*");
    asked = before;
    let_all_be_answered();
    assert_int_equal(door.waiting_bytes, 0);
    assert_int_equal(bus_dropped(door.bus, BUS_DROP_KEY), 1);
}

/* Proves: a key that serves fewer councils by the time a request's turn comes is asked about again: what waits is refused. */
static void what_waits_is_not_done_for_a_key_that_lost_the_council(void **unused)
{
    (void)unused;
    ask_until_one_waits();
    const unsigned before = asked - 1;
    allow(&adas, "another-council");
    asked = before;
    let_all_be_answered();
    assert_int_equal(door.waiting_bytes, 0);
    assert_int_equal(door.invalid, 1);
}

/* The next request, from a gateway, for somebody of this name. */
static void ask_for(const char *name)
{
    const struct bus_address from = {.len = 1};
    const struct allowed_key gateway = {
        .name = "gateway", .role = DW__ROLE__ROLE_GATEWAY, .authorities = "*"};
    struct buffer bytes = {0};
    struct buffer with_name = {0};
    Dw__Principal principal = DW__PRINCIPAL__INIT;
    told_shard_pack(&told, ++asked, &bytes);
    Dw__Envelope *envelope = dw__envelope__unpack(NULL, bytes.len, bytes.bytes);
    assert_non_null(envelope);
    principal.name = (char *)(uintptr_t)name;
    principal.role = DW__ROLE__ROLE_SOCIAL_WORKER;
    envelope->principal = &principal;
    buffer_pack(&with_name, &envelope->base);
    envelope->principal = NULL;
    dw__envelope__free_unpacked(envelope, NULL);
    (void)door_request(&door, &from, &gateway, with_name.bytes, with_name.len);
    buffer_free(&bytes);
    buffer_free(&with_name);
}

/* Proves: who speaks for others says for whom: nothing is recorded as done by nobody, nor by a name that is cut. */
static void a_principal_has_a_name_of_1_to_64_bytes(void **unused)
{
    (void)unused;
    char name[KEY_NAME_MAX + 2] = "";
    ask_for(name);
    assert_int_equal(door.invalid, 1);
    memset(name, 'a', KEY_NAME_MAX + 1);
    ask_for(name);
    assert_int_equal(door.invalid, 2);
    asked = 0;
    let_all_be_answered();
    name[KEY_NAME_MAX] = '\0';
    ask_for(name);
    ask_for("a");
    assert_int_equal(door.invalid, 2);
    let_all_be_answered();
}

/* Proves: one council's requests wait up to a mebibyte, and those over it are told BUSY. */
static void who_finds_no_room_to_wait_is_told_so(void **unused)
{
    (void)unused;
    ask_until_one_waits();
    const size_t one = door.waiting_bytes;
    while (door.busy == 0 && door.waiting_bytes < 2 * (size_t)DOOR_WAITING_SHARD_MAX)
        ask();
    assert_int_equal(door.busy, 1);
    assert_in_range(door.waiting_bytes, DOOR_WAITING_SHARD_MAX - 2 * one, DOOR_WAITING_SHARD_MAX);
    ask();
    assert_int_equal(door.busy, 2);
    assert_int_equal(door.waiting_bytes, door.queues[0].bytes.len - door.queues[0].at);
}

/* Proves: all councils' requests together wait up to 32 MiB. */
static void what_waits_for_others_counts_too(void **unused)
{
    (void)unused;
    ask_until_one_waits();
    const size_t one = door.waiting_bytes;
    door.waiting_bytes = DOOR_WAITING_MAX - 2 * one; /* as if it were others' */
    while (door.busy == 0 && door.waiting_bytes < DOOR_WAITING_MAX + one)
        ask();
    assert_int_equal(door.busy, 1);
    assert_in_range(door.waiting_bytes, DOOR_WAITING_MAX - 2 * one, DOOR_WAITING_MAX);
}

int main(void)
{
#define DOOR_TEST(name) cmocka_unit_test_setup_teardown(name, open_door, close_door)
    const struct CMUnitTest tests[] = {
        DOOR_TEST(who_comes_later_does_not_overtake_those_who_wait),
        DOOR_TEST(room_for_those_who_wait_is_given_back),
        DOOR_TEST(what_waits_is_not_done_for_a_key_that_was_revoked),
        DOOR_TEST(what_waits_is_not_done_for_a_key_that_lost_the_council),
        DOOR_TEST(a_principal_has_a_name_of_1_to_64_bytes),
        DOOR_TEST(who_finds_no_room_to_wait_is_told_so),
        DOOR_TEST(what_waits_for_others_counts_too),
    };
    cmocka_set_test_filter(getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
