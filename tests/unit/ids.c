/* Tests of common/ids: the form of RFC 9562, repeatable from a seed, and text both ways. */
#include "common/ids.h"

#include "common/table.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Proves: ids have version 7, variant 2 and the time in front, and do not repeat. */
static void ids_are_uuids_of_version_7(void **unused)
{
    (void)unused;
    struct ids ids;
    ids_init(&ids);
    struct table *seen = table_create(sizeof(struct id), 0);
    const int64_t now_ms = INT64_C(0x0123456789ab);
    static const uint8_t time_bytes[6] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab};
    for (int i = 0; i < 10000; i++) {
        struct id id = ids_next(&ids, now_ms);
        assert_memory_equal(id.bytes, time_bytes, sizeof time_bytes);
        assert_int_equal(id.bytes[6] >> 4, 7);
        assert_int_equal(id.bytes[8] >> 6, 2);
        bool is_new;
        table_put(seen, &id, &is_new);
        assert_true(is_new);
    }
    table_destroy(&seen);
}

/* Proves: the same seed gives the same ids, another seed others, and two unseeded sources differ. */
static void the_same_seed_gives_the_same_ids(void **unused)
{
    (void)unused;
    struct ids left, right, other, random_left, random_right;
    ids_init_seeded(&left, 42);
    ids_init_seeded(&right, 42);
    ids_init_seeded(&other, 43);
    ids_init(&random_left);
    ids_init(&random_right);
    for (int i = 0; i < 100; i++) {
        struct id a = ids_next(&left, 1000);
        struct id b = ids_next(&right, 1000);
        struct id c = ids_next(&other, 1000);
        struct id d = ids_next(&random_left, 1000);
        struct id e = ids_next(&random_right, 1000);
        assert_true(id_equal(&a, &b));
        assert_false(id_equal(&a, &c));
        assert_false(id_equal(&d, &e));
    }
}

/* Proves: every id survives the way through text, and the text is the usual one. */
static void text_goes_both_ways(void **unused)
{
    (void)unused;
    const struct id id = {{0x01, 0x8f, 0x33, 0xab, 0xcd, 0xef, 0x70, 0x00, 0x80, 0x11, 0x22, 0x33,
                           0x44, 0x55, 0x66, 0x77}};
    char text[ID_TEXT_SIZE];
    id_to_text(&id, text);
    assert_string_equal(text, "018f33ab-cdef-7000-8011-223344556677");
    struct id back;
    assert_int_equal(id_from_text(text, &back), 0);
    assert_true(id_equal(&id, &back));
    assert_int_equal(id_from_text("018F33AB-CDEF-7000-8011-223344556677", &back), 0);
    assert_true(id_equal(&id, &back));
}

/* Proves: what is not a UUID is refused and leaves the output alone. */
static void other_text_is_refused(void **unused)
{
    (void)unused;
    static const char *const texts[] = {
        "",
        "-",
        "018f33ab-cdef-7000-8011-22334455667",
        "018f33ab-cdef-7000-8011-2233445566778",
        "018f33abcdef70008011223344556677",
        "018f33ab-cdef-7000-8011-22334455667g",
        "018f33ab-cdef-7000+8011-223344556677",
        "{18f33ab-cdef-7000-8011-223344556677",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct id id = {{9}};
        assert_int_equal(id_from_text(texts[i], &id), -EINVAL);
        assert_int_equal(id.bytes[0], 9);
    }
}

/* Proves: a field is an id only when it has 16 bytes that are not all zero. */
static void a_field_is_an_id_only_with_16_bytes_not_all_zero(void **unused)
{
    (void)unused;
    uint8_t bytes[17] = {0};
    ProtobufCBinaryData data = {.len = 16, .data = bytes};
    struct id id;
    assert_false(id_from_data(&data, &id));
    bytes[15] = 1;
    assert_true(id_from_data(&data, &id));
    assert_int_equal(id.bytes[15], 1);
    assert_false(id_is_zero(&id));
    data.len = 17;
    assert_false(id_from_data(&data, &id));
    data.len = 15;
    assert_false(id_from_data(&data, &id));
    data = (ProtobufCBinaryData){0};
    assert_false(id_from_data(&data, &id));
    data = id_to_data(&id);
    assert_int_equal(data.len, 16);
    assert_ptr_equal(data.data, id.bytes);
}

/* Proves: whatever is no id counts as none, and none equals none. */
static void fields_without_an_id_are_all_the_same(void **unused)
{
    (void)unused;
    const struct id one = {{1}}, other = {{2}}, zero = {{0}};
    uint8_t few[] = {1, 2, 3};
    const ProtobufCBinaryData first = id_to_data(&one), second = id_to_data(&other);
    const ProtobufCBinaryData none = {0}, zeros = id_to_data(&zero), broken = {sizeof few, few};
    const struct id read = id_or_zero(&first), nothing = id_or_zero(&broken);
    assert_true(id_equal(&read, &one) && id_is_zero(&nothing));
    assert_true(id_data_equal(&first, &first) && !id_data_equal(&first, &second));
    assert_true(id_data_equal(&none, &zeros) && id_data_equal(&none, &broken));
    assert_true(!id_data_equal(&first, &none));
    assert_true(id_data_compare(&first, &second) < 0 && id_data_compare(&second, &none) > 0);
}

/* Proves: ids compare like their bytes, first byte first. */
static void ids_compare_by_bytes(void **unused)
{
    (void)unused;
    const struct id low = {{1, 255}};
    const struct id high = {{2, 0}};
    assert_true(id_compare(&low, &high) < 0);
    assert_true(id_compare(&high, &low) > 0);
    assert_int_equal(id_compare(&low, &low), 0);
}

/* Proves: a pseudonym is the same for the same text however it is typed, another for another text or key, and not the
 * plain hash that anybody could make. */
static void a_pseudonym_stands_for_one_text_under_one_key(void **unused)
{
    (void)unused;
    uint8_t secret[PSEUDONYM_KEY_SIZE] = {1};
    uint8_t key[PSEUDONYM_KEY_SIZE];
    uint8_t other_key[PSEUDONYM_KEY_SIZE];
    char long_text[200];
    pseudonym_key(secret, key);
    assert_memory_not_equal(key, secret, sizeof key);
    secret[31] = 1;
    pseudonym_key(secret, other_key);
    const struct id id = pseudonym_of(key, "LAS-1001");
    struct id same = pseudonym_of(key, " \tlas-1001\r\n ");
    assert_true(id_equal(&id, &same));
    same = pseudonym_of(key, "LAS-1002");
    assert_false(id_equal(&id, &same));
    same = pseudonym_of(key, "LAS-10 01");
    assert_false(id_equal(&id, &same));
    same = pseudonym_of(other_key, "LAS-1001");
    assert_false(id_equal(&id, &same));
    same = pseudonym_in(key, "concern", "LAS-1001"); /* of no use to whoever may choose texts */
    assert_false(id_equal(&id, &same));
    const struct id apart = pseudonym_of(key, "concernLAS-1001");
    assert_false(id_equal(&apart, &same));
    memset(long_text, 'a', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    const struct id all = pseudonym_of(key, long_text);
    long_text[sizeof long_text - 2] = 'b';
    same = pseudonym_of(key, long_text);
    assert_false(id_equal(&all, &same));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_uuids_of_version_7),
        cmocka_unit_test(the_same_seed_gives_the_same_ids),
        cmocka_unit_test(text_goes_both_ways),
        cmocka_unit_test(other_text_is_refused),
        cmocka_unit_test(a_field_is_an_id_only_with_16_bytes_not_all_zero),
        cmocka_unit_test(fields_without_an_id_are_all_the_same),
        cmocka_unit_test(ids_compare_by_bytes),
        cmocka_unit_test(a_pseudonym_stands_for_one_text_under_one_key),
    };
    return cmocka_run_group_tests_name("ids", tests, NULL, NULL);
}
