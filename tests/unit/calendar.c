/* Tests of common/calendar: every day of 1900 to 2199 against the C library, and the London clock against zone data. */
#include "common/calendar.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define DAY_MS INT64_C(86400000)

/* Proves: date, weekday, month, text and validity of every day agree with the C library's calendar. */
static void every_day_agrees_with_the_c_library(void **unused)
{
    (void)unused;
    for (int32_t date = calendar_date(1900, 1, 1); date <= calendar_date(2199, 12, 31); date++) {
        time_t seconds = (time_t)date * 86400;
        struct tm tm;
        gmtime_r(&seconds, &tm);
        int year, month, day;
        calendar_civil(date, &year, &month, &day);
        assert_int_equal(year, tm.tm_year + 1900);
        assert_int_equal(month, tm.tm_mon + 1);
        assert_int_equal(day, tm.tm_mday);
        assert_true(calendar_valid(year, month, day));
        assert_int_equal(calendar_date(year, month, day), date);
        assert_int_equal(calendar_weekday(date), tm.tm_wday == 0 ? 7 : tm.tm_wday);
        assert_int_equal(calendar_monday(calendar_week(date)) + calendar_weekday(date) - 1, date);
        int32_t first = calendar_month_first(calendar_month(date));
        assert_int_equal(first + day - 1, date);
        char text[CALENDAR_TEXT_SIZE], expected[64];
        calendar_to_text(date, text);
        strftime(expected, sizeof expected, "%Y-%m-%d", &tm);
        assert_string_equal(text, expected);
        int32_t back;
        assert_int_equal(calendar_from_text(text, &back), 0);
        assert_int_equal(back, date);
    }
}

/* Proves: months later is the same day of a later month, or its last one. */
static void months_later_is_the_same_day_or_the_last_one(void **unused)
{
    (void)unused;
    static const int cases[][7] = {
        {2026, 3, 15, 12, 2027, 3, 15},  {2026, 1, 31, 1, 2026, 2, 28},
        {2028, 1, 31, 1, 2028, 2, 29},   {2026, 12, 1, 24, 2028, 12, 1},
        {2026, 10, 31, 1, 2026, 11, 30}, {2026, 5, 31, 0, 2026, 5, 31},
    };
    for (size_t at = 0; at < sizeof cases / sizeof cases[0]; at++) {
        const int *one = cases[at];
        assert_int_equal(calendar_add_months(calendar_date(one[0], one[1], one[2]), one[3]),
                         calendar_date(one[4], one[5], one[6]));
    }
}

/* Proves: exactly the days that exist are valid. */
static void days_that_do_not_exist_are_not_valid(void **unused)
{
    (void)unused;
    int count = 0;
    for (int year = 1890; year < 2210; year++)
        for (int month = -1; month < 15; month++)
            for (int day = -1; day < 34; day++)
                count += calendar_valid(year, month, day);
    assert_int_equal(count, calendar_date(2200, 1, 1) - calendar_date(1900, 1, 1));
    assert_true(calendar_has(calendar_date(1900, 1, 1)) &&
                !calendar_has(calendar_date(1899, 12, 31)));
    assert_true(calendar_has(calendar_date(2199, 12, 31)) &&
                !calendar_has(calendar_date(2200, 1, 1)));
}

/* Proves: text that is not a date is refused and the output left alone; a date of no four-digit year is shown. */
static void other_text_is_refused(void **unused)
{
    (void)unused;
    static const char *const texts[] = {"",           "2026",        "2026-02-29", "2026-13-01",
                                        "1899-12-31", "2026-1-01",   "2026-11-2",  "2026-11-233",
                                        "26-11-23",   " 2026-11-23", "2026/11/23", "2026-11-2x"};
    int32_t date = 5;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(calendar_from_text(texts[i], &date), -EINVAL);
    assert_int_equal(date, 5);
    char text[CALENDAR_TEXT_SIZE];
    calendar_to_text(INT32_MAX, text);
    assert_string_equal(text, "0000-00-00");
    calendar_to_text(INT32_MIN, text);
    assert_string_equal(text, "0000-00-00");
}

static void check_london(int64_t utc_ms, int32_t date, int minutes)
{
    assert_int_equal(calendar_london_date(utc_ms), date);
    assert_int_equal(calendar_london_minutes(utc_ms), minutes);
}

/* Proves: every half hour from 1997 to 2037 agrees with the zone data, where that is installed. */
static void the_london_clock_agrees_with_zone_data(void **unused)
{
    (void)unused;
    if (access("/usr/share/zoneinfo/Europe/London", R_OK) == 0) {
        setenv("TZ", "Europe/London", 1);
        tzset();
        int64_t end = calendar_date(2038, 1, 1) * DAY_MS;
        for (int64_t ms = calendar_date(1997, 1, 1) * DAY_MS; ms < end; ms += DAY_MS / 48) {
            time_t seconds = ms / 1000;
            struct tm tm;
            localtime_r(&seconds, &tm);
            check_london(ms, calendar_date(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday),
                         tm.tm_hour * 60 + tm.tm_min);
        }
    }
    int32_t spring = calendar_date(2026, 3, 29);
    int32_t autumn = calendar_date(2026, 10, 25);
    check_london(spring * DAY_MS + DAY_MS / 24 - 1, spring, 59);
    check_london(spring * DAY_MS + DAY_MS / 24, spring, 120);
    check_london(autumn * DAY_MS + DAY_MS / 24 - 1, autumn, 119);
    check_london(autumn * DAY_MS + DAY_MS / 24, autumn, 60);
    check_london(-1, -1, 1439);
}

/* Proves: London time comes back from UTC, by the stated rules in the hours that happen twice or never. */
static void london_time_turns_into_utc(void **unused)
{
    (void)unused;
    for (int32_t date = calendar_date(1997, 1, 1); date < calendar_date(2038, 1, 1); date++) {
        for (int minutes = 0; minutes < 1440; minutes += 30) {
            int64_t utc_ms = calendar_london_to_utc(date, minutes);
            bool never = calendar_london_minutes(utc_ms) != minutes;
            if (!never)
                assert_int_equal(calendar_london_date(utc_ms), date);
            /* Only 01:00 to 01:59 of a Sunday in March never happens. */
            if (never)
                assert_true(minutes / 60 == 1 && calendar_weekday(date) == 7 &&
                            calendar_month(date) % 12 == 2);
        }
    }
    int32_t spring = calendar_date(2026, 3, 29);
    int32_t autumn = calendar_date(2026, 10, 25);
    assert_true(calendar_london_to_utc(autumn, 90) == autumn * DAY_MS + DAY_MS / 48);
    assert_true(calendar_london_to_utc(spring, 90) == spring * DAY_MS + DAY_MS / 48);
}

/* Proves: ages change on the birthday, for those of 29 February on 1 March in other years. */
static void ages_change_on_the_birthday(void **unused)
{
    (void)unused;
    int32_t born = calendar_date(1960, 2, 29);
    assert_int_equal(calendar_age(born, calendar_date(2026, 2, 28)), 65);
    assert_int_equal(calendar_age(born, calendar_date(2026, 3, 1)), 66);
    assert_int_equal(calendar_age(born, calendar_date(2028, 2, 28)), 67);
    assert_int_equal(calendar_age(born, calendar_date(2028, 2, 29)), 68);
    assert_int_equal(calendar_age(born, born), 0);
}

/* Proves: the financial year turns on 1 April. */
static void the_financial_year_turns_in_april(void **unused)
{
    (void)unused;
    assert_int_equal(calendar_financial_year(calendar_date(2026, 3, 31)), 2025);
    assert_int_equal(calendar_financial_year(calendar_date(2026, 4, 1)), 2026);
}

/* Proves: the next working day is later, and neither at a weekend nor a holiday. */
static void the_next_working_day_skips_weekends_and_holidays(void **unused)
{
    (void)unused;
    const int32_t holidays[] = {calendar_date(2026, 4, 3), calendar_date(2026, 4, 6),
                                calendar_date(2026, 12, 25)};
    assert_int_equal(calendar_next_working_day(calendar_date(2026, 4, 2), holidays, 3),
                     calendar_date(2026, 4, 7));
    assert_int_equal(calendar_next_working_day(calendar_date(2026, 11, 23), holidays, 3),
                     calendar_date(2026, 11, 24));
    assert_int_equal(calendar_next_working_day(calendar_date(2026, 11, 27), NULL, 0),
                     calendar_date(2026, 11, 30));
}

/* Proves: a part of a day begins and ends where the protocol says, to the minute. */
static void times_belong_to_parts_of_a_day(void **unused)
{
    (void)unused;
    assert_int_equal(calendar_parts(719, 780), CALENDAR_MORNING);
    assert_int_equal(calendar_parts(720, 780), 0);
    assert_int_equal(calendar_parts(719, 781), CALENDAR_MORNING | CALENDAR_AFTERNOON);
    assert_int_equal(calendar_parts(1019, 1080), CALENDAR_AFTERNOON);
    assert_int_equal(calendar_parts(1020, 1080), 0);
    assert_int_equal(calendar_parts(1020, 1081), CALENDAR_EVENING);
    assert_int_equal(calendar_parts(0, 1440),
                     CALENDAR_MORNING | CALENDAR_AFTERNOON | CALENDAR_EVENING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_agrees_with_the_c_library),
        cmocka_unit_test(months_later_is_the_same_day_or_the_last_one),
        cmocka_unit_test(days_that_do_not_exist_are_not_valid),
        cmocka_unit_test(other_text_is_refused),
        cmocka_unit_test(the_london_clock_agrees_with_zone_data),
        cmocka_unit_test(london_time_turns_into_utc),
        cmocka_unit_test(ages_change_on_the_birthday),
        cmocka_unit_test(the_financial_year_turns_in_april),
        cmocka_unit_test(the_next_working_day_skips_weekends_and_holidays),
        cmocka_unit_test(times_belong_to_parts_of_a_day),
    };
    return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}
