/* Tests of common/csv: rows as spreadsheets number them, what programs write, and what nobody should. */
#include "common/csv.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct csv csv;
static struct csv_row row;

static void begin(const char *text)
{
    assert_int_equal(csv_begin(&csv, text, strlen(text)), 0);
}

static void expect_row(uint32_t number, const char *cells)
{
    char all[1024] = "";
    char text[256];
    assert_int_equal(csv_next(&csv, &row), CSV_ROW);
    assert_int_equal(row.number, number);
    for (size_t at = 0; at < row.count; at++) {
        (void)csv_text(&csv, &row.cells[at], text, sizeof text);
        assert_true(strlen(all) + strlen(text) + 2 < sizeof all);
        if (at > 0)
            strcat(all, "|");
        strcat(all, text);
    }
    assert_string_equal(all, cells);
}

static void expect(enum csv_result result, uint32_t number, size_t count)
{
    assert_int_equal(csv_next(&csv, &row), result);
    assert_int_equal(row.number, number);
    assert_int_equal(row.count, count);
}

/* Proves: each way of ending lines gives the same rows, with and without an end of the last one, with and without a byte
 * order mark. */
static void lines_end_in_three_ways(void **unused)
{
    (void)unused;
    static const char *const files[] = {"a,b\n1,2\n3,\n",
                                        "a,b\r\n1,2\r\n3,\r\n",
                                        "a,b\r1,2\r3,\r",
                                        "a,b\n1,2\n3,",
                                        "\xef\xbb\xbf"
                                        "a,b\n1,2\r\n3,",
                                        "\"a\",b\n1, 2 \n3,\"\""};
    for (size_t at = 0; at < sizeof files / sizeof files[0]; at++) {
        begin(files[at]);
        expect_row(1, "a|b");
        expect_row(2, "1|2");
        expect_row(3, "3|");
        assert_int_equal(csv_next(&csv, &row), CSV_END);
        assert_int_equal(csv_next(&csv, &row), CSV_END);
    }
}

/* Proves: a row's number is the spreadsheet's: an empty line is a row, a line break in quotes is none. */
static void rows_are_numbered_as_a_spreadsheet_shows_them(void **unused)
{
    (void)unused;
    begin("a,b\n\n\"one\r\nline\nmore\",2\nlast,3\n");
    expect_row(1, "a|b");
    expect(CSV_ROW, 2, 0);
    expect_row(3, "one\r\nline\nmore|2");
    expect_row(4, "last|3");
}

/* Proves: quotes hold commas and doubled quotes, and a quote inside a plain cell is a plain byte. */
static void quotes_are_undone(void **unused)
{
    (void)unused;
    begin("\"a,b\",\"say \"\"yes\"\"\",\"\"\"\"\nit's 5\" wide,x\n");
    expect_row(1, "a,b|say \"yes\"|\"");
    expect_row(2, "it's 5\" wide|x");
}

/* Proves: the bytes of a row are those of the file, whatever is in it. */
static void the_bytes_of_a_row_are_untouched(void **unused)
{
    (void)unused;
    begin("h\r\n \"\"x , \"=1+1\"\r\n\"a\nb\",c\n");
    assert_int_equal(csv_next(&csv, &row), CSV_ROW);
    assert_int_equal(csv_next(&csv, &row), CSV_ROW);
    assert_int_equal(row.len, 13);
    assert_memory_equal(row.bytes, " \"\"x , \"=1+1\"", 13);
    assert_int_equal(csv_next(&csv, &row), CSV_ROW);
    assert_int_equal(row.len, 7);
    assert_memory_equal(row.bytes, "\"a\nb\",c", 7);
}

/* Proves: a fault of a row says where it is, and the next row can be read. */
static void a_row_that_is_wrong_is_one_row(void **unused)
{
    (void)unused;
    static char text[CSV_CELL_MAX + 64];
    begin("a,\"b\"c,d\n1,2\n");
    expect(CSV_STRAY, 1, 1);
    assert_int_equal(row.len, 8);
    expect_row(2, "1|2");
    memset(text, 'x', sizeof text);
    memcpy(text, "1,", 2);
    memcpy(text + sizeof text - 8, "\n3,4\n", 6);
    begin(text);
    expect(CSV_LONG_CELL, 1, 1);
    expect_row(2, "3|4");
}

/* Proves: more columns than there is room for are counted and not written. */
static void columns_are_bounded(void **unused)
{
    (void)unused;
    static char text[2 * CSV_COLUMNS_MAX + 16];
    memset(text, ',', sizeof text - 1);
    begin(text);
    expect(CSV_ROW, 1, sizeof text);
}

/* Proves: a quote that is never closed ends the file, at once and not after a gigabyte. */
static void an_unclosed_quote_ends_the_file(void **unused)
{
    (void)unused;
    static char text[3 * CSV_ROW_MAX];
    begin("a\n\"b,c\nd,e\n");
    expect_row(1, "a");
    assert_int_equal(csv_next(&csv, &row), CSV_UNCLOSED);
    assert_int_equal(row.number, 2);
    memset(text, 'x', sizeof text - 1);
    memcpy(text + 10, "\n\"", 2);
    begin(text);
    assert_int_equal(csv_next(&csv, &row), CSV_ROW);
    assert_int_equal(csv_next(&csv, &row), CSV_UNCLOSED);
    memset(text, 'x', sizeof text - 1); /* no quote, and one endless line */
    begin(text);
    assert_int_equal(csv_next(&csv, &row), CSV_UNCLOSED);
}

/* Proves: what is not UTF-8 is read as Windows-1252, cut only between characters, and a NUL is no text. */
static void other_bytes_are_converted(void **unused)
{
    (void)unused;
    char text[8];
    begin("Zo\xeb \x80 \x81\n");
    assert_false(csv.is_utf8);
    expect_row(1, "Zo\xc3\xab \xe2\x82\xac \xef\xbf\xbd");
    begin("Zo\xc3\xab\n");
    assert_true(csv.is_utf8);
    expect_row(1, "Zo\xc3\xab");
    begin("\xc2\xa0 a\xc2\xa0z \xc2\xa0,\xc2\xa0, \n");
    expect_row(1, "a\xc2\xa0z||");
    begin("\xa0Zo\xeb\xa0 ,\xa0\n");
    expect_row(1, "Zo\xc3\xab|");
    begin("abcdef\xc3\xab\n");
    assert_int_equal(csv_next(&csv, &row), CSV_ROW);
    assert_int_equal(csv_text(&csv, &row.cells[0], text, sizeof text), 6);
    assert_string_equal(text, "abcdef");
    assert_int_equal(csv_begin(&csv, "a\0b", 3), -EILSEQ);
    assert_int_equal(csv_begin(&csv, "", 0), 0);
    assert_int_equal(csv_next(&csv, &row), CSV_END);
}

/* Proves: whatever bytes there are, reading ends, stays inside them, and its rows cover them in order. */
static void any_bytes_are_read_to_their_end(void **unused)
{
    (void)unused;
    static const char letters[] = "\",\n\ra\"\"\xc3\xab\xff =";
    uint64_t seed = 7;
    for (unsigned round = 0; round < 20000; round++) {
        char *bytes = malloc(24); /* of just that size, so that a sanitizer sees a step too far */
        const char *last = bytes;
        enum csv_result result;
        assert_non_null(bytes);
        for (size_t at = 0; at < 24; at++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
            bytes[at] = letters[(seed >> 33) % (sizeof letters - 1)];
        }
        assert_int_equal(csv_begin(&csv, bytes, 24), 0);
        while ((result = csv_next(&csv, &row)) != CSV_END && result != CSV_UNCLOSED) {
            char text[5];
            assert_true(row.bytes >= last && row.bytes + row.len <= bytes + 24);
            last = row.bytes + row.len;
            for (size_t at = 0; at < row.count && at < CSV_COLUMNS_MAX; at++)
                assert_true(csv_text(&csv, &row.cells[at], text, sizeof text) < sizeof text);
        }
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_in_three_ways),
        cmocka_unit_test(rows_are_numbered_as_a_spreadsheet_shows_them),
        cmocka_unit_test(quotes_are_undone),
        cmocka_unit_test(the_bytes_of_a_row_are_untouched),
        cmocka_unit_test(a_row_that_is_wrong_is_one_row),
        cmocka_unit_test(columns_are_bounded),
        cmocka_unit_test(an_unclosed_quote_ends_the_file),
        cmocka_unit_test(other_bytes_are_converted),
        cmocka_unit_test(any_bytes_are_read_to_their_end),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
