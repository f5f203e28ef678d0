/* The simulator's store and the real one are the same machine: a hundred thousand random commits and the calls between them, stale
 * versions and epochs, leases that lapse and journals that do not follow on included, get the same answers and leave the same
 * contents. */
#include "tests/sim/shelf.h"
#include "tests/support/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/log.h"
#include "common/text.h"

enum {
    COMMITS = 100000,
    CALLS_MAX = 2 * COMMITS, /* of all kinds: nine in ten are commits */
    IN_FLIGHT = 400,
    COMPARE_EVERY = 20000,
    LONG_LEASE_MS = 10 * 60 * 1000,
    SHORT_LEASE_MS = 20,
    FIELDS = 40,
    LONG_LIST = 4500, /* more than goes to a hash at once */
    DAY = 20000,
    DAYS = 3,
};

/* An answer that is waited for. */
struct expected {
    enum store_result result;
    bool has_head;
    struct store_head head;
    char holder[32];
};

struct pair {
    struct loop *loop;
    struct redis_store *redis_store;
    struct store *real;
    struct shelf *shelf;
    int64_t now_ms; /* the shelf's clock: moves when leases have time to lapse */
    struct expected *expected;
    size_t expected_count;
    size_t answered;
    size_t commits;
    uint64_t random;
    uint64_t counts[STORE_UNKNOWN + 1];
    bool ready;
};

static struct pair pair;

static uint32_t roll(uint32_t below)
{
    uint64_t word = pair.random += UINT64_C(0x9e3779b97f4a7c15);
    word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((word >> 32) * below >> 32);
}

static void on_ready(void *context)
{
    (void)context;
    pair.ready = true;
}

static void on_away(void *context)
{
    (void)context;
    fail_msg("redis went away");
}

static void on_unfit(void *context, const char *setting)
{
    (void)context;
    fail_msg("%s", setting);
}

/* --- answers ---------------------------------------------------------------------------------------------------------- */

static const struct expected *next_expected(enum store_result result)
{
    const struct expected *expected = &pair.expected[pair.answered];
    if (result != expected->result)
        fail_msg("call %zu: the real store says %d, the simulated one %d", pair.answered,
                 (int)result, (int)expected->result);
    pair.answered++;
    pair.counts[result]++;
    return expected;
}

static void on_done(void *context, uint64_t ticket, enum store_result result)
{
    (void)context;
    assert_int_equal(ticket, pair.answered);
    (void)next_expected(result);
}

static void on_taken(void *context, uint64_t ticket, enum store_result result,
                     const struct store_head *head, const char *holder)
{
    (void)context;
    assert_int_equal(ticket, pair.answered);
    const struct expected *expected = next_expected(result);
    assert_string_equal(holder, expected->holder);
    if (expected->has_head) {
        assert_int_equal(head->version, expected->head.version);
        assert_int_equal(head->seq, expected->head.seq);
        assert_int_equal(head->epoch, expected->head.epoch);
        assert_memory_equal(head->digest, expected->head.digest, STORE_DIGEST_SIZE);
        assert_true(id_equal(&head->history, &expected->head.history));
        assert_int_equal(head->replies_day, expected->head.replies_day);
    }
}

static uint64_t expect(const struct expected *expected)
{
    assert_true(pair.expected_count < CALLS_MAX);
    pair.expected[pair.expected_count] = *expected;
    return pair.expected_count++;
}

static void wait_for(size_t in_flight)
{
    while (pair.expected_count - pair.answered > in_flight)
        loop_turn(pair.loop);
}

/* --- calls that write ------------------------------------------------------------------------------------------------- */

static const char *any_owner(void)
{
    static const char *const owners[] = {"one tcp://1", "two tcp://2", "three tcp://3"};
    return owners[roll(8) == 0 ? roll(3) : 0];
}

/* A short lease lapses before anything else is asked, so that nothing depends on how long a call takes. */
static void let_lapse(int64_t lease_ms)
{
    if (lease_ms != SHORT_LEASE_MS)
        return;
    wait_for(0);
    rig_pause_ms(SHORT_LEASE_MS + 5);
    pair.now_ms += SHORT_LEASE_MS + 5;
}

static int64_t any_lease(void)
{
    return roll(120) == 0 ? SHORT_LEASE_MS : LONG_LEASE_MS;
}

static void take(void)
{
    const char *owner = any_owner();
    const struct id history = {{(uint8_t)roll(256), 1, (uint8_t)roll(256)}};
    struct expected expected = {0};
    const char *holder;
    const int64_t lease_ms = any_lease();
    expected.result =
        shelf_take(pair.shelf, pair.now_ms, owner, lease_ms, &history, &expected.head, &holder);
    expected.has_head = expected.result == STORE_OK;
    (void)text_format(expected.holder, sizeof expected.holder, "%s", holder);
    const uint64_t ticket = expect(&expected);
    pair.real->operations->take(pair.real, owner, lease_ms, &history, on_taken, NULL, ticket);
    let_lapse(lease_ms);
}

static void renew(void)
{
    const char *owner = any_owner();
    const int64_t lease_ms = roll(20) == 0 ? 0 : any_lease();
    const struct expected expected = {.result =
                                          shelf_renew(pair.shelf, pair.now_ms, owner, lease_ms)};
    const uint64_t ticket = expect(&expected);
    pair.real->operations->renew(pair.real, owner, lease_ms, on_done, NULL, ticket);
    let_lapse(lease_ms);
}

/* Room for what one commit says. */
static struct {
    struct store_pair pairs[4][LONG_LIST];
    struct packed removed[2][FIELDS];
    uint8_t fields[6][LONG_LIST][8];
    uint8_t bytes[8192];
} room;

static struct packed any_bytes(uint32_t most)
{
    const uint32_t len = roll(most);
    return (struct packed){room.bytes + roll((uint32_t)sizeof room.bytes - most), len};
}

static struct packed any_field(int list, size_t at, uint32_t fields)
{
    uint8_t *field = room.fields[list][at];
    const uint32_t number = roll(fields);
    memset(field, 0, sizeof room.fields[list][at]);
    memcpy(field, &number, sizeof number);
    return (struct packed){field, 1 + sizeof number};
}

static struct store_pairs any_pairs(int list)
{
    const bool is_long = roll(2000) == 0;
    const size_t count = is_long ? LONG_LIST : roll(2) == 0 ? 0 : roll(4);
    for (size_t at = 0; at < count; at++)
        room.pairs[list][at] =
            (struct store_pair){any_field(list, at, is_long ? 100000 : FIELDS), any_bytes(40)};
    return (struct store_pairs){room.pairs[list], count};
}

static struct store_fields any_fields(int list)
{
    const size_t count = roll(3) == 0 ? roll(5) : 0;
    for (size_t at = 0; at < count; at++)
        room.removed[list][at] = any_field(4 + list, at, FIELDS);
    return (struct store_fields){room.removed[list], count};
}

/* Replies and the vault are read by ids of 16 bytes. */
static void widen(struct store_pairs pairs, int list)
{
    static struct id ids[2][LONG_LIST];
    for (size_t at = 0; at < pairs.count; at++) {
        struct store_pair *changed = &room.pairs[list][at];
        ids[list - 2][at] = (struct id){{0}};
        memcpy(ids[list - 2][at].bytes, changed->field.bytes, changed->field.len);
        ids[list - 2][at].bytes[15] = 1;
        changed->field = (struct packed){ids[list - 2][at].bytes, 16};
    }
}

/* Nowhere, where the last batch begins, or anywhere before the end. */
static uint64_t wrong_first_seq(uint64_t head_seq)
{
    const struct shelf_batch *batches = (const void *)pair.shelf->journal.bytes;
    const size_t count = pair.shelf->journal.len / sizeof batches[0];
    switch (roll(3)) {
    case 0:
        return 0;
    case 1:
        return count == 0 ? 0 : batches[count - 1].first_seq + roll(2);
    default:
        return 1 + roll((uint32_t)head_seq + 1);
    }
}

static void commit(void)
{
    const struct store_head head = pair.shelf->head;
    const uint64_t events = roll(4) == 0 ? 0 : 1 + roll(5);
    struct store_commit wish = {.version = head.version,
                                .epoch = head.epoch,
                                .seq = head.seq + events,
                                .first_seq = events > 0 ? head.seq + 1 : 0,
                                .live_set = any_pairs(0),
                                .outbox_set = any_pairs(1),
                                .replies = any_pairs(2),
                                .vault_set = any_pairs(3),
                                .live_removed = any_fields(0),
                                .outbox_removed = any_fields(1),
                                .replies_day = DAY + roll(DAYS)};
    widen(wish.replies, 2);
    widen(wish.vault_set, 3);
    for (size_t at = 0; at < STORE_DIGEST_SIZE; at++)
        wish.digest[at] = (uint8_t)roll(256);
    if (events > 0) {
        wish.batch = any_bytes(100);
        wish.batch.len++;
    }
    if (roll(12) == 0)
        wish.version += roll(2) == 0 ? 1 : (uint64_t)0 - 1;
    if (roll(16) == 0)
        wish.epoch += roll(2) == 0 ? 1 : (uint64_t)0 - 1;
    if (events > 0 && roll(60) == 0)
        wish.first_seq = wrong_first_seq(head.seq);
    const struct expected expected = {.result = shelf_commit(pair.shelf, pair.now_ms, &wish)};
    const uint64_t ticket = expect(&expected);
    pair.real->operations->commit(pair.real, &wish, on_done, NULL, ticket);
    pair.commits++;
}

/* --- contents ----------------------------------------------------------------------------------------------------------- */

struct reading {
    struct table *rows; /* struct shelf_field -> bool: each once, however often it is given */
    struct table *part; /* of the shelf */
    bool ids_only;
    size_t count;
    const struct shelf_batch *batches;
    size_t batches_count;
};

static void on_row(void *context, uint64_t ticket, struct packed field, struct packed value)
{
    (void)ticket;
    struct reading *reading = context;
    const struct packed *found = shelf_get(reading->part, field);
    struct shelf_field key = {.len = (uint8_t)field.len};
    bool is_new;
    assert_non_null(found);
    if (!reading->ids_only) {
        assert_int_equal(value.len, found->len);
        assert_memory_equal(value.bytes, found->bytes, value.len);
    }
    memcpy(key.bytes, field.bytes, field.len);
    (void)table_put(reading->rows, &key, &is_new);
    reading->count += is_new;
}

static void compare_part(enum store_part part, int64_t day)
{
    struct reading reading = {.rows = table_create(sizeof(struct shelf_field), sizeof(bool)),
                              .part = shelf_part(pair.shelf, pair.now_ms, part, day),
                              .ids_only = part == STORE_REPLY_IDS};
    const struct expected expected = {.result = STORE_OK};
    pair.real->operations->load(pair.real, part, day, on_row, on_done, &reading, expect(&expected));
    wait_for(0);
    assert_int_equal(reading.count, reading.part == NULL ? 0 : table_count(reading.part));
    table_destroy(&reading.rows);
}

static void on_reply(void *context, uint64_t ticket, struct packed field, struct packed value)
{
    (void)ticket;
    (void)field;
    const struct packed *found = context;
    assert_non_null(found);
    assert_int_equal(value.len, found->len);
    assert_memory_equal(value.bytes, found->bytes, value.len);
}

static void compare_records(void)
{
    struct reading reading = {.rows = table_create(sizeof(struct shelf_field), sizeof(bool)),
                              .part = pair.shelf->vault};
    const struct expected expected = {.result = STORE_OK};
    struct id ids[FIELDS];
    size_t there = 0;
    for (uint32_t at = 0; at < FIELDS; at++) {
        ids[at] = (struct id){{(uint8_t)at}};
        ids[at].bytes[15] = 1;
        const struct packed field = {ids[at].bytes, 16};
        there += shelf_get(pair.shelf->vault, field) != NULL;
        const int64_t day = DAY + roll(DAYS + 1);
        pair.real->operations->read_reply(
            pair.real, day, &ids[at], on_reply, on_done,
            (void *)(uintptr_t)shelf_reply(pair.shelf, pair.now_ms, day, &ids[at]),
            expect(&expected));
        wait_for(0);
    }
    pair.real->operations->read_vault(pair.real, ids, FIELDS, on_row, on_done, &reading,
                                      expect(&expected));
    wait_for(0);
    assert_int_equal(reading.count, there);
    table_destroy(&reading.rows);
}

static void on_batch(void *context, uint64_t ticket, uint64_t first_seq, struct packed digest,
                     struct packed batch)
{
    (void)ticket;
    struct reading *reading = context;
    assert_true(reading->count < reading->batches_count);
    const struct shelf_batch *expected = &reading->batches[reading->count++];
    assert_int_equal(first_seq, expected->first_seq);
    assert_memory_equal(digest.bytes, expected->digest, STORE_DIGEST_SIZE);
    assert_int_equal(batch.len, expected->bytes.len);
    assert_memory_equal(batch.bytes, expected->bytes.bytes, batch.len);
}

/* From the beginning of a batch, from inside one, from behind the end, to an end in front of it. */
static void compare_batches(void)
{
    const struct expected expected = {.result = STORE_OK};
    for (int times = 0; times < 200; times++) {
        struct reading reading = {0};
        const uint32_t head = (uint32_t)pair.shelf->head.seq;
        const uint64_t from = roll(head + 5);
        const uint64_t until = roll(4) == 0 ? UINT64_MAX : roll(head + 5);
        const size_t limit = 1 + roll(40);
        reading.batches = shelf_batches(pair.shelf, from, until, limit, &reading.batches_count);
        pair.real->operations->read_batches(pair.real, from, until, limit, on_batch, on_done,
                                            &reading, expect(&expected));
        wait_for(0);
        assert_int_equal(reading.count, reading.batches_count);
    }
}

static void compare_all(void)
{
    wait_for(0);
    struct expected expected = {.result = STORE_OK, .has_head = true};
    expected.head = shelf_head(pair.shelf);
    pair.real->operations->read_head(pair.real, on_taken, NULL, expect(&expected));
    wait_for(0);
    compare_part(STORE_LIVE, 0);
    compare_part(STORE_OUTBOX, 0);
    for (int64_t day = DAY; day <= DAY + DAYS; day++)
        compare_part(STORE_REPLY_IDS, day);
    compare_records();
    compare_batches();
}

static void the_simulated_store_and_the_function_library_are_the_same_machine(void **unused)
{
    (void)unused;
    const struct redis_store_handlers handlers = {NULL, on_ready, on_away, on_unfit};
    struct rig *rig = rig_create("tests/data/model.json");
    char socket[600];
    struct ids ids;
    ids_init(&ids);
    memcpy(&pair.random, ids.key, sizeof pair.random);
    print_message("  seed %llu\n", (unsigned long long)pair.random);
    (void)text_format(socket, sizeof socket, "%s/redis.sock", rig_folder(rig));
    log_start("store", LOG_LEVEL_ERROR, LOG_FORMAT_LOGFMT);
    pair.expected = calloc(CALLS_MAX, sizeof pair.expected[0]);
    pair.shelf = shelf_create();
    pair.loop = loop_create();
    pair.redis_store = redis_store_create(pair.loop, socket, "", &handlers);
    for (size_t at = 0; at < sizeof room.bytes; at++)
        room.bytes[at] = (uint8_t)roll(256);
    while (!pair.ready)
        loop_turn(pair.loop);
    pair.real = redis_store_shard(pair.redis_store, rig_authority, "store");
    commit(); /* nobody has taken it yet */
    compare_all();
    for (size_t call = 1; pair.commits < COMMITS; call++) {
        const uint32_t which = roll(100);
        if (which < 4)
            take();
        else if (which < 10)
            renew();
        else
            commit();
        wait_for(IN_FLIGHT);
        if (call % COMPARE_EVERY == 0)
            compare_all();
    }
    compare_all();
    print_message(
        "  %d commits: OK %llu VERSION %llu EPOCH %llu HELD %llu FAULT %llu\n", COMMITS,
        (unsigned long long)pair.counts[STORE_OK], (unsigned long long)pair.counts[STORE_VERSION],
        (unsigned long long)pair.counts[STORE_EPOCH], (unsigned long long)pair.counts[STORE_HELD],
        (unsigned long long)pair.counts[STORE_FAULT]);
    redis_store_shard_destroy(&pair.real);
    redis_store_destroy(&pair.redis_store);
    loop_destroy(&pair.loop);
    shelf_destroy(&pair.shelf);
    free(pair.expected);
    rig_destroy(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_simulated_store_and_the_function_library_are_the_same_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
