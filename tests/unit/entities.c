/* Records of live state: what is told to the store is what is there, whatever was put and removed in between, and loading it
 * gives the same records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/entities_store.h"
#include "common/service.h"
#include "common/table.h"
#include "envelope.pb-c.h"
#include "tests/support/bench.h"

enum { KIND_REPLY = 1, KIND_CURSOR, IDS = 40, ROUNDS = 200, CHANGES = 60, BODY_MAX = 3000 };

static const struct entity_kind kinds[] = {
    {NULL}, {&dw__reply_record__descriptor}, {&dw__cursor__descriptor}, {NULL}};
static const struct service service = {.name = "test", .kinds = kinds};

/* What a store would hold. */
struct stored {
    bool there;
    uint8_t field[ENTITY_FIELD_MAX];
    size_t field_len;
    struct buffer value;
};

static struct stored stored[2][IDS];
static size_t told;

static struct id make_id(uint32_t number)
{
    return (struct id){.bytes = {1, (uint8_t)number, 7}};
}

static void on_changed(void *context, const void *field, size_t field_len, const void *value,
                       size_t value_len)
{
    (void)context;
    const uint8_t *bytes = field;
    struct stored *slot = &stored[bytes[0] - 1][bytes[2]];
    told++;
    slot->there = value != NULL;
    memcpy(slot->field, field, field_len);
    slot->field_len = field_len;
    buffer_clear(&slot->value);
    if (value != NULL)
        buffer_append(&slot->value, value, value_len);
}

static void put(struct entities *entities, uint8_t kind, uint32_t number, uint64_t *seed,
                uint64_t seq)
{
    static uint8_t body[BODY_MAX];
    const struct id id = make_id(number);
    Dw__ReplyRecord reply = DW__REPLY_RECORD__INIT;
    Dw__Cursor cursor = DW__CURSOR__INIT;
    memset(body, (int)bench_roll(seed, 256), sizeof body);
    entities_set_seq(entities, seq);
    reply.seq = seq;
    reply.body =
        (ProtobufCBinaryData){bench_roll(seed, bench_roll(seed, 4) == 0 ? BODY_MAX : 50), body};
    cursor.seq = seq;
    entities_put(entities, kind, &id, 0, kind == KIND_REPLY ? &reply.base : &cursor.base);
}

static void expect_same(const struct entities *entities, uint8_t kind, uint32_t number)
{
    const struct id id = make_id(number);
    const struct entity_key key = {.id = id, .kind = kind};
    const struct stored *slot = &stored[kind - 1][number];
    struct buffer value = {0};
    assert_int_equal(entities_get(entities, kind, &id, 0) != NULL, slot->there);
    if (!slot->there)
        return;
    entities_value(entities, &key, &value);
    assert_int_equal(value.len, slot->value.len);
    assert_memory_equal(value.bytes, slot->value.bytes, value.len);
    buffer_free(&value);
}

static void what_is_drained_is_what_is_there_and_loads_again(void **unused)
{
    (void)unused;
    struct entities *entities = entities_create(&service);
    uint64_t seed = 11;
    uint64_t seq = 0;
    for (int round = 0; round < ROUNDS; round++) {
        for (int change = 0; change < CHANGES; change++) {
            const uint8_t kind = bench_roll(&seed, 2) == 0 ? KIND_REPLY : KIND_CURSOR;
            const uint32_t number = bench_roll(&seed, IDS);
            const struct id id = make_id(number);
            if (bench_roll(&seed, 4) == 0)
                entities_remove(entities, kind, &id, 0);
            else
                put(entities, kind, number, &seed, ++seq);
        }
        entities_drain(entities, on_changed, NULL);
        struct entities *loaded = entities_create(&service);
        for (uint8_t kind = KIND_REPLY; kind <= KIND_CURSOR; kind++)
            for (uint32_t number = 0; number < IDS; number++) {
                const struct stored *slot = &stored[kind - 1][number];
                expect_same(entities, kind, number);
                if (slot->there)
                    assert_int_equal(entities_load(loaded, slot->field, slot->field_len,
                                                   slot->value.bytes, slot->value.len),
                                     0);
                expect_same(loaded, kind, number);
            }
        assert_int_equal(entities_total(loaded), entities_total(entities));
        entities_destroy(&loaded);
    }
    entities_destroy(&entities);
    for (int kind = 0; kind < 2; kind++)
        for (int number = 0; number < IDS; number++)
            buffer_free(&stored[kind][number].value);
}

/* A record changed often between two drains is told once, with its last value. */
static void a_record_changed_often_is_told_once(void **unused)
{
    (void)unused;
    struct entities *entities = entities_create(&service);
    uint64_t seed = 5;
    told = 0;
    for (uint64_t seq = 1; seq <= 1000; seq++)
        put(entities, KIND_REPLY, 3, &seed, seq);
    assert_int_equal(entities_changed(entities), 1);
    entities_drain(entities, on_changed, NULL);
    assert_int_equal(told, 1);
    expect_same(entities, KIND_REPLY, 3);
    entities_drain(entities, on_changed, NULL);
    assert_int_equal(told, 1);
    buffer_free(&stored[KIND_REPLY - 1][3].value);
    entities_destroy(&entities);
}

/* A stored row of a kind that is not known, or whose bytes are no record, is refused and leaves nothing. */
static void a_bad_stored_row_is_refused(void **unused)
{
    (void)unused;
    struct entities *entities = entities_create(&service);
    const uint8_t field[17] = {9, 1};
    const uint8_t reply[17] = {KIND_REPLY, 1};
    const uint8_t value[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff};
    assert_true(entities_load(entities, field, sizeof field, value, sizeof value) < 0);
    assert_true(entities_load(entities, reply, sizeof reply, value, sizeof value) < 0);
    assert_true(entities_load(entities, reply, sizeof reply, value, 3) < 0);
    assert_true(entities_load(entities, reply, 5, value, sizeof value) < 0);
    assert_int_equal(entities_total(entities), 0);
    entities_destroy(&entities);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_drained_is_what_is_there_and_loads_again),
        cmocka_unit_test(a_record_changed_often_is_told_once),
        cmocka_unit_test(a_bad_stored_row_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
