/* Tests of common/table and common/lists: map and lists agree with plain arrays under random work, and the buffer keeps its bytes. */
#include "common/table.h"
#include "common/lists.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A small generator (splitmix64), so that the same work happens on every run. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

enum { KEYS = 3000 };

static void check_against(const struct table *table, const bool *there, const uint64_t *values)
{
    size_t expected = 0;
    for (uint32_t key = 0; key < KEYS; key++) {
        uint64_t *value = table_get(table, &key);
        assert_int_equal(value != NULL, there[key]);
        if (value != NULL)
            assert_int_equal(*value, values[key]);
        expected += there[key];
    }
    assert_int_equal(table_count(table), expected);
    size_t position = 0;
    size_t seen = 0;
    const void *key;
    void *value;
    while (table_next(table, &position, &key, &value)) {
        uint32_t number;
        memcpy(&number, key, sizeof number);
        assert_true(there[number]);
        assert_int_equal(*(uint64_t *)value, values[number]);
        seen++;
    }
    assert_int_equal(seen, expected);
}

/* Proves: after any mix of puts and removes the table holds exactly what a plain array says. */
static void random_work_agrees_with_a_plain_array(void **unused)
{
    (void)unused;
    static bool there[KEYS];
    static uint64_t values[KEYS];
    struct table *table = table_create(sizeof(uint32_t), sizeof(uint64_t));
    uint64_t state = 7;
    for (int step = 0; step < 200000; step++) {
        uint64_t random = next_random(&state);
        uint32_t key = (uint32_t)(random % KEYS);
        /* Phases of growth and of shrinking, so that runs of entries form and are torn open again. */
        bool putting = (random >> 32) % 10 < (step / 20000 % 2 == 0 ? 7U : 3U);
        if (putting) {
            bool is_new;
            uint64_t *value = table_put(table, &key, &is_new);
            assert_int_equal(is_new, !there[key]);
            if (is_new)
                assert_int_equal(*value, 0);
            *value = values[key] = random;
            there[key] = true;
        } else {
            assert_int_equal(table_remove(table, &key), there[key]);
            there[key] = false;
        }
        if (step % 10000 == 0)
            check_against(table, there, values);
    }
    check_against(table, there, values);
    table_destroy(&table);
    assert_null(table);
    table_destroy(&table);
}

/* Proves: keys of odd sizes are told apart by every byte, and values are aligned for 64-bit integers. */
static void keys_of_every_size_work(void **unused)
{
    (void)unused;
    for (size_t size = 1; size <= 33; size++) {
        struct table *table = table_create(size, 12);
        uint8_t key[33] = {0};
        for (size_t byte = 0; byte < size; byte++) {
            for (int bit = 0; bit < 8; bit++) {
                key[byte] = (uint8_t)(1 << bit);
                bool is_new;
                void *value = table_put(table, key, &is_new);
                assert_true(is_new);
                assert_int_equal((uintptr_t)value % 8, 0);
                key[byte] = 0;
            }
        }
        assert_int_equal(table_count(table), size * 8);
        assert_null(table_get(table, key));
        table_destroy(&table);
    }
}

/* Proves: a million entries go in and come out, clearing forgets them all, and memory stays in proportion. */
static void a_million_entries_fit(void **unused)
{
    (void)unused;
    enum { ENTRIES = 1000000 };
    struct table *table = table_create(16, 8);
    uint64_t state = 1;
    for (uint64_t i = 0; i < ENTRIES; i++) {
        uint64_t key[2] = {next_random(&state), next_random(&state)};
        *(uint64_t *)table_put(table, key, NULL) = i;
    }
    assert_int_equal(table_count(table), ENTRIES);
    assert_true(table_memory(table) < (size_t)ENTRIES * 64);
    state = 1;
    for (uint64_t i = 0; i < ENTRIES; i++) {
        uint64_t key[2] = {next_random(&state), next_random(&state)};
        uint64_t *value = table_get(table, key);
        assert_non_null(value);
        assert_int_equal(*value, i);
    }
    table_clear(table);
    assert_int_equal(table_count(table), 0);
    size_t position = 0;
    const void *key;
    void *value;
    assert_false(table_next(table, &position, &key, &value));
    table_destroy(&table);
}

/* Proves: a set (values of size 0) works too. */
static void values_may_be_empty(void **unused)
{
    (void)unused;
    struct table *table = table_create(1, 0);
    uint8_t key = 5;
    assert_null(table_get(table, &key));
    assert_non_null(table_put(table, &key, NULL));
    assert_non_null(table_get(table, &key));
    assert_true(table_remove(table, &key));
    assert_false(table_remove(table, &key));
    table_destroy(&table);
}

/* Proves: a buffer keeps its bytes while it grows, and clearing keeps the memory. */
static void a_buffer_keeps_its_bytes(void **unused)
{
    (void)unused;
    struct buffer buffer = {0};
    buffer_append(&buffer, NULL, 0);
    assert_int_equal(buffer.len, 0);
    for (int i = 0; i < 10000; i++) {
        uint8_t byte = (uint8_t)i;
        buffer_append(&buffer, &byte, 1);
    }
    uint8_t *place = buffer_reserve(&buffer, 100000);
    memset(place, 9, 100000);
    buffer.len += 100000;
    assert_int_equal(buffer.len, 110000);
    for (size_t i = 0; i < 10000; i++)
        assert_int_equal(buffer.bytes[i], (uint8_t)i);
    size_t size = buffer.size;
    buffer_clear(&buffer);
    assert_int_equal(buffer.len, 0);
    assert_int_equal(buffer.size, size);
    buffer_free(&buffer);
    assert_null(buffer.bytes);
}

/* Proves: an array keeps what it holds while it grows, and no more than a fifth of a long one is unused. */
static void an_array_wastes_little(void **unused)
{
    (void)unused;
    uint32_t *numbers = NULL;
    size_t size = 0;
    for (uint32_t count = 0; count < 100000; count++) {
        if (count == size)
            numbers = array_grow(numbers, &size, sizeof numbers[0]);
        assert_in_range(size, count + 1, count + (count < 32 ? 8 : count / 4));
        numbers[count] = count;
    }
    for (uint32_t at = 0; at < 100000; at++)
        assert_int_equal(numbers[at], at);
    free(numbers);
}

/* --- lists --------------------------------------------------------------------------------------------------------- */

enum { OWNERS = 7, MEMBERS = 200 };

/* Every owner has the members that it should, each once, and no others. */
static void check_lists(const struct lists *lists, const uint32_t owners[MEMBERS + 1])
{
    for (uint32_t owner = 0; owner < OWNERS; owner++) {
        uint32_t count = 0;
        bool seen[MEMBERS + 1] = {false};
        const uint32_t *member = lists_first(lists, &owner);
        for (; member != NULL; member = lists_next(lists, member), count++) {
            assert_in_range(*member, 1, MEMBERS);
            assert_int_equal(owners[*member], owner + 1);
            assert_false(seen[*member]);
            seen[*member] = true;
        }
        assert_int_equal(count, lists_count(lists, &owner));
        for (uint32_t number = 1; number <= MEMBERS; number++)
            assert_int_equal(owners[number] == owner + 1, seen[number]);
    }
}

/* Proves: members come and go in any order, and each owner keeps its own. */
static void lists_keep_what_belongs_to_whom(void **unused)
{
    (void)unused;
    uint32_t owners[MEMBERS + 1] = {0}; /* of each member, 1 + its owner; 0: it is in no list */
    uint64_t state = 5;
    struct lists *lists = lists_create(sizeof(uint32_t), sizeof(uint32_t));
    assert_non_null(lists);
    for (int step = 0; step < 5000; step++) {
        const uint32_t member = 1 + (uint32_t)(next_random(&state) % MEMBERS);
        const uint32_t owner =
            owners[member] > 0 ? owners[member] - 1 : (uint32_t)(next_random(&state) % OWNERS);
        if (owners[member] == 0)
            lists_add(lists, &owner, &member);
        else
            lists_remove(lists, &owner, &member);
        lists_remove(lists, &owner, &(uint32_t){MEMBERS + 1}); /* in no list */
        owners[member] = owners[member] > 0 ? 0 : owner + 1;
        if (step % 50 == 0)
            check_lists(lists, owners);
    }
    check_lists(lists, owners);
    lists_destroy(&lists);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_work_agrees_with_a_plain_array),
        cmocka_unit_test(keys_of_every_size_work),
        cmocka_unit_test(a_million_entries_fit),
        cmocka_unit_test(values_may_be_empty),
        cmocka_unit_test(lists_keep_what_belongs_to_whom),
        cmocka_unit_test(a_buffer_keeps_its_bytes),
        cmocka_unit_test(an_array_wastes_little),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
