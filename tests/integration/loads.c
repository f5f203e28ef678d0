/* Many shards that load at once take turns: no more than a few are under way, whoever has begun goes on before others begin, and
 * each is told every row as it is stored, however large or small. Without turns a daemon of a hundred councils asks for more at
 * once than comes in the time it waits, and begins anew for ever. */
#include "common/store_redis.h"
#include "tests/support/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/text.h"

enum {
    SHARDS = 40,
    ROWS = 3000,
    LARGE_EVERY = 500, /* of the rows */
    LARGE_SIZE = 200000,
};

struct reader {
    struct store *store;
    size_t rows;
    bool on_outbox; /* its second part */
};

static struct reader readers[SHARDS];
static bool store_is_ready;
static size_t begun; /* shards that were told a row */
static size_t ended; /* shards that have both parts */

static void on_ready(void *context)
{
    (void)context;
    store_is_ready = true;
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

/* A row's value is its number, dots as long as it wants to be, and a zero byte; or nothing. */
static void check_row(struct packed field, struct packed value)
{
    char text[16];
    int64_t number;
    assert_int_equal(text_copy(text, sizeof text, (const char *)field.bytes, field.len), 0);
    assert_int_equal(text_to_int64(text, 1, ROWS, &number), 0);
    if (number % 10 == 0) {
        assert_int_equal(value.len, number % LARGE_EVERY == 0 ? LARGE_SIZE : 0);
    } else {
        assert_int_equal(value.len, field.len + 3);
        assert_memory_equal(value.bytes, field.bytes, field.len);
        assert_memory_equal(value.bytes + field.len, "..\0", 3);
    }
}

static void on_row(void *context, uint64_t ticket, struct packed field, struct packed value)
{
    struct reader *reader = context;
    (void)ticket;
    check_row(field, value);
    begun += reader->rows == 0;
    reader->rows++;
    assert_true(begun - ended <= STORE_LOADS_MAX);
}

static void on_loaded(void *context, uint64_t ticket, enum store_result result)
{
    struct reader *reader = context;
    assert_int_equal(result, STORE_OK);
    if (reader->on_outbox) {
        ended++;
        return;
    }
    assert_int_equal(reader->rows, ROWS);
    reader->on_outbox = true;
    reader->store->operations->load(reader->store, STORE_OUTBOX, 0, on_row, on_loaded, reader,
                                    ticket);
}

static void make_rows(struct rig *rig)
{
    char command[512];
    (void)text_format(
        command, sizeof command,
        "EVAL \"for shard = 0, %d do for row = 1, %d do local v = row .. '..' .. "
        "string.char(0); if row %% 10 == 0 then v = '' end; if row %% %d == 0 then v "
        "= string.rep('x', %d) end; for _, key in ipairs({'live', 'outbox'}) do "
        "redis.call('HSET', 'dw:{council-' .. shard .. ':loads}:' .. key, row, v) end "
        "end end return 'OK'\" 0",
        SHARDS - 1, ROWS, LARGE_EVERY, LARGE_SIZE);
    assert_string_equal(rig_redis(rig, command), "OK\n");
}

static void shards_that_load_at_once_take_turns(void **unused)
{
    (void)unused;
    const struct redis_store_handlers handlers = {NULL, on_ready, on_away, on_unfit};
    struct rig *rig = rig_create("tests/data/model.json");
    char path[600];
    make_rows(rig);
    (void)text_format(path, sizeof path, "%s/redis.sock", rig_folder(rig));
    struct loop *loop = loop_create();
    struct redis_store *redis_store = redis_store_create(loop, path, "", &handlers);
    while (!store_is_ready)
        loop_turn(loop);
    for (size_t at = 0; at < SHARDS; at++) {
        char authority[32];
        (void)text_format(authority, sizeof authority, "council-%zu", at);
        readers[at].store = redis_store_shard(redis_store, authority, "loads");
        readers[at].store->operations->load(readers[at].store, STORE_LIVE, 0, on_row, on_loaded,
                                            &readers[at], at);
    }
    while (ended < SHARDS)
        loop_turn(loop);
    for (size_t at = 0; at < SHARDS; at++) {
        assert_int_equal(readers[at].rows, 2 * ROWS);
        redis_store_shard_destroy(&readers[at].store);
    }
    redis_store_destroy(&redis_store);
    loop_destroy(&loop);
    rig_destroy(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shards_that_load_at_once_take_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
