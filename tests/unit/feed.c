/* Tests of the command line's reading of registers: good and bad cells, and how rows are cut into parts. */
#include "services/cli/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/calendar.h"

#define BAD INT32_MIN

/* Proves: dates are read in two forms, and whatever could be another date is refused with a hint. */
static void dates_are_never_guessed(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        int32_t year, month, day;
        const char *hint; /* in reason or mend; NULL: it is a date */
    } cells[] = {
        {"2026-11-23", 2026, 11, 23, NULL},          {"2026-1-3", 2026, 1, 3, NULL},
        {"23/11/2026", 2026, 11, 23, NULL},          {"3/4/2026", 2026, 4, 3, NULL},
        {"29/02/2028", 2028, 2, 29, NULL},           {"29/02/2026", 0, 0, 0, "no such day"},
        {"2026-02-30", 0, 0, 0, "no such day"},      {"11/23/2026", 0, 0, 0, "the day comes first"},
        {"23/11/26", 0, 0, 0, "two digits"},         {"46349", 0, 0, 0, "serial number"},
        {"20261123", 0, 0, 0, "not a date"},         {"23.11.2026", 0, 0, 0, "not a date"},
        {"23-11-2026", 0, 0, 0, "not a date"},       {"2026/11/23", 0, 0, 0, "not a date"},
        {"2026-11-23T00:00", 0, 0, 0, "not a date"}, {"Monday", 0, 0, 0, "not a date"},
        {"1/1/99999", 0, 0, 0, "not a date"},        {"2026-11-", 0, 0, 0, "not a date"},
        {"0001-01-01", 0, 0, 0, "no such day"},      {"", 0, 0, 0, "empty"},
    };
    for (size_t at = 0; at < sizeof cells / sizeof cells[0]; at++) {
        int32_t date = BAD;
        const struct feed_wrong *wrong = feed_read_date(cells[at].text, &date);
        if (cells[at].hint == NULL) {
            assert_null(wrong);
            assert_int_equal(date, calendar_date(cells[at].year, cells[at].month, cells[at].day));
        } else {
            assert_non_null(wrong);
            assert_non_null(strstr(wrong->reason, cells[at].hint));
            assert_true(wrong->mend[0] != '\0' && date == BAD);
        }
    }
}

static void times_and_units_are_read(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        int32_t value;
    } times[] = {{"00:00", 0},   {"9:05", 545},   {"09:05:59", 545}, {"23:59", 1439},
                 {"24:00", BAD}, {"09:60", BAD},  {"9", BAD},        {"09:5", BAD},
                 {"9.30", BAD},  {"09:05:", BAD}, {"9:30am", BAD},   {"-1:00", BAD},
                 {"009:30", BAD}},
      units[] = {{"1", 100},     {"0.5", 50},  {"1.25", 125}, {"655.35", 65535}, {"655.36", BAD},
                 {"1.255", BAD}, {"1,5", BAD}, {"-1", BAD},   {".5", BAD},       {"1.", BAD},
                 {"1000", BAD},  {"one", BAD}, {"0", 0}};
    uint16_t value;
    for (size_t at = 0; at < sizeof times / sizeof times[0]; at++)
        if ((feed_read_time(times[at].text, &value) == NULL ? value : BAD) != times[at].value)
            fail_msg("the time %s", times[at].text);
    for (size_t at = 0; at < sizeof units / sizeof units[0]; at++)
        if ((feed_read_units(units[at].text, &value) == NULL ? value : BAD) != units[at].value)
            fail_msg("the units %s", units[at].text);
}

static void sessions_are_named_in_three_ways(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        int kind;
        int value;
    } cells[] = {
        {"am", DW__ROW_ENTRY__SESSION_PART, DW__SITTING_PART__SITTING_PART_MORNING},
        {"Morning", DW__ROW_ENTRY__SESSION_PART, DW__SITTING_PART__SITTING_PART_MORNING},
        {"PM", DW__ROW_ENTRY__SESSION_PART, DW__SITTING_PART__SITTING_PART_AFTERNOON},
        {"eve", DW__ROW_ENTRY__SESSION_PART, DW__SITTING_PART__SITTING_PART_EVENING},
        {"Full-Day", DW__ROW_ENTRY__SESSION_PART, DW__SITTING_PART__SITTING_PART_DAY},
        {"09:30", DW__ROW_ENTRY__SESSION_START_MINUTES, 570},
        {"018f33ab-cdef-7000-8011-223344556677", DW__ROW_ENTRY__SESSION_SESSION_ID, 0},
        {"00000000-0000-0000-0000-000000000000", 0, 0},
        {"noon", 0, 0},
        {"", 0, 0},
    };
    for (size_t at = 0; at < sizeof cells / sizeof cells[0]; at++) {
        struct feed_session session;
        const struct feed_wrong *wrong = feed_read_session(cells[at].text, &session);
        assert_int_equal(wrong == NULL ? (int)session.kind : 0, cells[at].kind);
        if (wrong == NULL)
            assert_int_equal(session.value, cells[at].value);
    }
}

static void statuses_have_the_names_people_write(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        int status;
        bool absent;
    } cells[] = {
        {"Attended", DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED, false},
        {"present", DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED, false},
        {"LEFT_EARLY", DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_LEFT_EARLY, false},
        {"absent - ill", DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL, false},
        {"Absent", DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_UNEXPLAINED, true},
        {"CANCELLED_BY_PROVIDER", DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_CANCELLED_BY_PROVIDER,
         false},
        {"maybe", 0, false},
        {"1", 0, false},
        {"attended attended attended attended attended attended", 0, false},
    };
    for (size_t at = 0; at < sizeof cells / sizeof cells[0]; at++) {
        Dw__AttendanceStatus status = 0;
        bool absent = false;
        (void)feed_read_status(cells[at].text, &status, &absent);
        assert_int_equal(status, cells[at].status);
        assert_int_equal(absent, cells[at].absent);
    }
    Dw__AttendanceStatus status = 0;
    assert_null(feed_read_reason("in hospital", &status));
    assert_int_equal(status, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOSPITAL);
    assert_non_null(feed_read_reason("attended", &status));
    assert_non_null(feed_read_reason("bad mood", &status));
}

/* Proves: every status there is can be written by its own name. */
static void every_status_has_its_own_name(void **unused)
{
    (void)unused;
    for (unsigned at = 0; at < dw__attendance_status__descriptor.n_values; at++) {
        const ProtobufCEnumValue *value = &dw__attendance_status__descriptor.values[at];
        Dw__AttendanceStatus status = 0;
        bool absent;
        if (value->value == 0)
            continue;
        if (feed_read_status(value->name + strlen("ATTENDANCE_STATUS_"), &status, &absent) !=
                NULL ||
            (int)status != value->value)
            fail_msg("%s cannot be written", value->name);
    }
}

/* --- rows and parts ------------------------------------------------------------------------------------------------- */

static struct feed feed;
static char path[] = "/tmp/dayways-feed-XXXXXX";

static void read_text(const char *text)
{
    static Dw__Provider provider;
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    feed = (struct feed){0};
    dw__provider__init(&provider);
    provider.reference = provider.name = (char *)(uintptr_t) "TOWN";
    assert_int_equal(feed_open(&feed, path), EXIT_CODE_OK);
    unlink(path);
    memcpy(path + strlen(path) - 6, "XXXXXX", 6);
    feed.provider = &provider;
    assert_int_equal(feed_read_rows(&feed), EXIT_CODE_OK);
}

static void close_feed(void)
{
    feed.provider = NULL;
    feed_close(&feed);
}

static const struct feed_row *row_at(size_t place)
{
    return (const struct feed_row *)(const void *)feed.rows.bytes + place;
}

static void expect_fault(size_t place, uint32_t number, const char *column, Dw__RowFaultCode code)
{
    const struct feed_row *row = row_at(place);
    assert_true(row->fault > 0);
    const struct feed_fault *fault =
        (const struct feed_fault *)(const void *)feed.faults.bytes + row->fault - 1;
    assert_int_equal(fault->number, number);
    assert_string_equal(fault->column, column);
    assert_int_equal(fault->code, code);
}

/* Proves: each bad row is a fault with its row and column, empty rows are none, and the good ones are read. */
static void bad_rows_say_where(void **unused)
{
    (void)unused;
    read_text("date,session,person,status,arrived,provider\n" /* row 1 */
              "2026-11-23,am,a1,attended,09:00,town\n"
              ",,,,,\n"
              "\n"
              "2026-11-23,am,,attended,,\n" /* row 5 */
              "2026-11-23,am,a1,attended,9,\n"
              "2026-11-23,am,a1,attended,,ELSE\n"
              "2026-11-23,am,a1,attended,,,,,\n"
              "2026-11-23,am,\"a\"1,attended,,\n"
              "2026-11-23,am, A1 ,attended\n"); /* row 10 */
    assert_int_equal(feed.rows.len / sizeof(struct feed_row), 7);
    assert_int_equal(row_at(0)->fault, 0);
    assert_int_equal(row_at(0)->arrived, 540);
    expect_fault(1, 5, "person_ref", DW__ROW_FAULT_CODE__ROW_FAULT_CODE_MISSING_CELL);
    expect_fault(2, 6, "arrived", DW__ROW_FAULT_CODE__ROW_FAULT_CODE_TYPE_ERROR);
    expect_fault(3, 7, "provider_ref", DW__ROW_FAULT_CODE__ROW_FAULT_CODE_FOREIGN_KEY);
    expect_fault(4, 8, "row", DW__ROW_FAULT_CODE__ROW_FAULT_CODE_EXTRA_CELL);
    expect_fault(5, 9, "person_ref", DW__ROW_FAULT_CODE__ROW_FAULT_CODE_TYPE_ERROR);
    assert_int_equal(row_at(6)->number, 10);
    assert_int_equal(row_at(6)->ref, row_at(0)->ref);
    close_feed();
}

/* Proves: the rows of one person and date are in one part and in their order, all rows are in one part each, and no part
 * has more than it may. */
static void rows_of_one_person_and_date_share_a_part(void **unused)
{
    (void)unused;
    enum { ROWS = 5000, TEXT = ROWS * 48 };
    char *text = calloc(1, TEXT);
    assert_non_null(text);
    size_t len = (size_t)snprintf(text, TEXT, "person,date,session,status\n");
    for (unsigned row = 0; row < ROWS; row++)
        len += (size_t)snprintf(text + len, TEXT - len, "p%u,2026-01-%02u,am,ill\n",
                                row * 7919 % 89, row * 31 % 17 + 1);
    read_text(text);
    free(text);
    const uint32_t *bounds = (const uint32_t *)(const void *)feed.parts.bytes;
    const uint32_t *order = (const uint32_t *)(const void *)feed.order.bytes;
    assert_false(feed.one_by_one);
    assert_true(feed_parts_count(&feed) >= 5);
    assert_int_equal(bounds[feed_parts_count(&feed)], ROWS);
    static bool seen[ROWS];
    for (size_t part = 0; part < feed_parts_count(&feed); part++) {
        assert_true(bounds[part + 1] > bounds[part]);
        assert_true(bounds[part + 1] - bounds[part] <= FEED_PART_ROWS);
        for (uint32_t at = bounds[part]; at < bounds[part + 1]; at++) {
            assert_false(seen[order[at]]);
            seen[order[at]] = true;
            if (at == 0)
                continue;
            const struct feed_row *one = row_at(order[at - 1]);
            const struct feed_row *two = row_at(order[at]);
            if (one->ref == two->ref && one->date == two->date) {
                assert_true(at > bounds[part]);
                assert_true(one->number < two->number);
            }
        }
    }
    close_feed();
}

/* Proves: where sorting could part what belongs together, the parts are in the file's order and go one by one. */
static void what_cannot_be_sorted_goes_one_by_one(void **unused)
{
    (void)unused;
    enum { ROWS = 1001, TEXT = 64 * 1024 };
    char *text = calloc(1, TEXT);
    assert_non_null(text);
    read_text("person,date,session,status\np1,2026-01-02,am,ill\n"
              "018f33ab-cdef-7000-8011-223344556677,2026-01-01,am,ill\n");
    assert_true(feed.one_by_one);
    assert_int_equal(((const uint32_t *)(const void *)feed.order.bytes)[0], 0);
    close_feed();
    size_t len = (size_t)snprintf(text, TEXT, "person,date,session,status\nz,2026-01-01,am,ill\n");
    for (unsigned row = 0; row < ROWS; row++)
        len += (size_t)snprintf(text + len, TEXT - len, "p1,2026-01-01,am,ill\n");
    read_text(text);
    assert_true(feed.one_by_one);
    assert_int_equal(feed_parts_count(&feed), 2);
    close_feed();
    free(text);
}

/* Proves: a file with a row too many is refused as a whole, and a folder is no file. */
static void a_file_has_a_million_rows_at_most(void **unused)
{
    (void)unused;
    const int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    fputs("person,date,session,status\n", file);
    for (unsigned row = 0; row <= FEED_ROWS_MAX; row++)
        fputs("a,2026-01-01,am,ill\n", file);
    fclose(file);
    feed = (struct feed){0};
    assert_int_equal(feed_open(&feed, path), EXIT_CODE_OK);
    unlink(path);
    memcpy(path + strlen(path) - 6, "XXXXXX", 6);
    Dw__Provider provider = DW__PROVIDER__INIT;
    feed.provider = &provider;
    assert_int_equal(feed_read_rows(&feed), EXIT_CODE_DATA);
    close_feed();
    feed = (struct feed){0};
    assert_int_equal(feed_open(&feed, "/tmp"), EXIT_CODE_DATA);
    feed_close(&feed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_never_guessed),
        cmocka_unit_test(times_and_units_are_read),
        cmocka_unit_test(sessions_are_named_in_three_ways),
        cmocka_unit_test(statuses_have_the_names_people_write),
        cmocka_unit_test(every_status_has_its_own_name),
        cmocka_unit_test(bad_rows_say_where),
        cmocka_unit_test(rows_of_one_person_and_date_share_a_part),
        cmocka_unit_test(what_cannot_be_sorted_goes_one_by_one),
        cmocka_unit_test(a_file_has_a_million_rows_at_most),
    };
    return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
