/* Tests of common/text: bounds are kept, numbers are checked, UTF-8 is strict. */
#include "common/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Proves: text that fits is whole; text that does not is cut, terminated and reported. */
static void formatting_keeps_its_bounds(void **unused)
{
    (void)unused;
    char text[8];
    assert_int_equal(text_format(text, sizeof text, "%d-%s", 12, "abcd"), 0);
    assert_string_equal(text, "12-abcd");
    assert_int_equal(text_format(text, sizeof text, "%d-%s", 12, "abcde"), -ENOSPC);
    assert_string_equal(text, "12-abcd");
    assert_int_equal(text_format(text, 1, "x"), -ENOSPC);
    assert_string_equal(text, "");
}

/* Proves: what is added stands behind what was there, whole or cut. */
static void adding_keeps_what_is_there(void **unused)
{
    (void)unused;
    char text[8] = "";
    assert_int_equal(text_add(text, sizeof text, "%s", "ab"), 0);
    assert_int_equal(text_add(text, sizeof text, "-%d", 1234), 0);
    assert_string_equal(text, "ab-1234");
    assert_int_equal(text_add(text, sizeof text, "%s", ""), 0);
    assert_int_equal(text_add(text, sizeof text, "5"), -ENOSPC);
    assert_string_equal(text, "ab-1234");
    text[2] = '\0';
    assert_int_equal(text_add(text, 5, "1é"), -ENOSPC);
    assert_string_equal(text, "ab1");
}

/* Proves: cutting never leaves half a character. */
static void cutting_keeps_characters_whole(void **unused)
{
    (void)unused;
    char text[8];
    assert_int_equal(text_format(text, 6, "1234%s", "é"), -ENOSPC);
    assert_string_equal(text, "1234");
    assert_int_equal(text_format(text, 7, "1234%s", "é"), 0);
    assert_string_equal(text, "1234é");
    assert_int_equal(text_copy(text, 5, "a😀b", 6), -ENOSPC);
    assert_string_equal(text, "a");
    assert_int_equal(text_copy(text, 6, "a😀b", 6), -ENOSPC);
    assert_string_equal(text, "a😀");
    assert_int_equal(text_copy(text, 7, "a😀b", 6), 0);
    assert_string_equal(text, "a😀b");
    assert_int_equal(text_copy(text, 7, NULL, 0), 0);
    assert_string_equal(text, "");
}

/* Proves: whole decimal numbers in range are read, at both ends of the range too. */
static void numbers_in_range_are_read(void **unused)
{
    (void)unused;
    int64_t value;
    assert_int_equal(text_to_int64("9223372036854775807", INT64_MIN, INT64_MAX, &value), 0);
    assert_true(value == INT64_MAX);
    assert_int_equal(text_to_int64("-9223372036854775808", INT64_MIN, INT64_MAX, &value), 0);
    assert_true(value == INT64_MIN);
    assert_int_equal(text_to_int64("-7", -7, 7, &value), 0);
    assert_int_equal(value, -7);
    assert_int_equal(text_to_int64("-0", 0, 7, &value), 0);
    assert_int_equal(value, 0);
    assert_int_equal(text_to_int64("007", 0, 7, &value), 0);
    assert_int_equal(value, 7);
    uint64_t number;
    assert_int_equal(text_to_uint64("18446744073709551615", UINT64_MAX, &number), 0);
    assert_true(number == UINT64_MAX);
    assert_int_equal(text_to_uint64("-1", UINT64_MAX, &number), -EINVAL);
}

/* Proves: everything else is refused with the right errno and leaves the output alone. */
static void other_numbers_are_refused(void **unused)
{
    (void)unused;
    static const char *const texts[] = {"",    "-",   "+1",  " 1",   "1 ", "1.0",
                                        "0x1", "1e3", "--1", "1\n2", "a",  "99999999999999999999x"};
    int64_t value = 5;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(text_to_int64(texts[i], INT64_MIN, INT64_MAX, &value), -EINVAL);
    static const char *const too_far[] = {"9223372036854775808",
                                          "-9223372036854775809",
                                          "18446744073709551616",
                                          "99999999999999999999999",
                                          "8",
                                          "-8"};
    for (size_t i = 0; i < sizeof too_far / sizeof too_far[0]; i++)
        assert_int_equal(text_to_int64(too_far[i], -7, 7, &value), -ERANGE);
    assert_int_equal(value, 5);
}

/* Proves: exactly the code points of Unicode but NUL and the surrogates are accepted, each in one form only: every
 * sequence of one to three bytes is compared with an encoder, and the four-byte edges are given. */
static void utf8_is_strict(void **unused)
{
    (void)unused;
    static bool valid[1 << 24];
    for (uint32_t point = 1; point < 0x10000; point++) {
        if (point >= 0xd800 && point <= 0xdfff)
            continue;
        uint32_t bytes;
        if (point < 0x80)
            bytes = point << 16;
        else if (point < 0x800)
            bytes = (0xc0 | point >> 6) << 16 | (0x80 | (point & 0x3f)) << 8;
        else
            bytes = (0xe0 | point >> 12) << 16 | (0x80 | (point >> 6 & 0x3f)) << 8 |
                    (0x80 | (point & 0x3f));
        valid[bytes] = true;
    }
    for (uint32_t word = 0; word < 1 << 24; word++) {
        uint8_t bytes[3] = {(uint8_t)(word >> 16), (uint8_t)(word >> 8), (uint8_t)word};
        size_t len = bytes[0] < 0x80 ? 1 : bytes[0] < 0xe0 ? 2 : 3;
        /* Shorter sequences are looked up with zeros behind them, so each is tried once. */
        if ((len < 3 && bytes[2] != 0) || (len < 2 && bytes[1] != 0))
            continue;
        if (text_is_utf8(bytes, len) != valid[word])
            fail_msg("bytes %06x", word);
    }
    assert_true(text_is_utf8("\xf0\x90\x80\x80", 4));
    assert_true(text_is_utf8("\xf4\x8f\xbf\xbf", 4));
    assert_false(text_is_utf8("\xf0\x8f\xbf\xbf", 4));
    assert_false(text_is_utf8("\xf4\x90\x80\x80", 4));
    assert_false(text_is_utf8("\xf5\x80\x80\x80", 4));
    assert_false(text_is_utf8("\xf0\x90\x80", 3));
    assert_false(text_is_utf8("\xf0\x90\x80\x20", 4));
    assert_false(text_is_utf8("ab\0c", 4));
    assert_true(text_is_utf8("", 0));
    assert_true(text_is_utf8("Größe 😀", strlen("Größe 😀")));
}

/* Proves: bytes survive the way through hexadecimal, and other text is refused. */
static void hexadecimal_goes_both_ways(void **unused)
{
    (void)unused;
    uint8_t bytes[256], back[256];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    char text[513];
    text_to_hex(bytes, sizeof bytes, text);
    assert_int_equal(strlen(text), 512);
    assert_int_equal(text_from_hex(text, sizeof back, back), 0);
    assert_memory_equal(bytes, back, sizeof bytes);
    assert_int_equal(text_from_hex("AbFf", 2, back), 0);
    assert_memory_equal(back, "\xab\xff", 2);
    assert_int_equal(text_from_hex("abf", 2, back), -EINVAL);
    assert_int_equal(text_from_hex("abfff", 2, back), -EINVAL);
    assert_int_equal(text_from_hex("00fg", 2, back), -EINVAL);
    assert_memory_equal(back, "\xab\xff", 2);
}

/* Proves: a name is told in words, and cut to its room. */
static void a_name_becomes_words(void **state)
{
    (void)state;
    char words[12];
    text_words("NO_PLACE_7", words, sizeof words);
    assert_string_equal(words, "no place 7");
    text_words("ARTS_AND_CRAFTS", words, sizeof words);
    assert_string_equal(words, "arts and cr");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_becomes_words),
        cmocka_unit_test(formatting_keeps_its_bounds),
        cmocka_unit_test(adding_keeps_what_is_there),
        cmocka_unit_test(cutting_keeps_characters_whole),
        cmocka_unit_test(numbers_in_range_are_read),
        cmocka_unit_test(other_numbers_are_refused),
        cmocka_unit_test(utf8_is_strict),
        cmocka_unit_test(hexadecimal_goes_both_ways),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
