/* Dates, weeks, times of day and the Europe/London clock, without the operating system's time zone data.
 *
 * A date is days since 1970-01-01 (proleptic Gregorian calendar); a weekday is 1 (Monday) to 7 (Sunday) as in ISO 8601;
 * a week number is weeks since the week that began on Monday 1969-12-29; a time of day is minutes since midnight. */
#ifndef DAYWAYS_COMMON_CALENDAR_H
#define DAYWAYS_COMMON_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The dates that services take: 1900-01-01 to 2199-12-31. */
enum { CALENDAR_FIRST = -25567, CALENDAR_LAST = 84005 };
bool calendar_has(int32_t date);

static inline int32_t calendar_earlier(int32_t date, int32_t other)
{
    return date < other ? date : other;
}

static inline int32_t calendar_later(int32_t date, int32_t other)
{
    return date > other ? date : other;
}

int32_t calendar_date(int year, int month, int day);
void calendar_civil(int32_t date, int *ret_year, int *ret_month, int *ret_day);
bool calendar_valid(int year, int month, int day); /* years 1900 to 2199 */
int calendar_weekday(int32_t date);
int32_t calendar_week(int32_t date);   /* floor((date + 3) / 7) */
int32_t calendar_monday(int32_t week); /* date of that week's Monday */

/* Months since January 1970 of a date, and the first date of such a month. */
int32_t calendar_month(int32_t date);
int32_t calendar_month_first(int32_t month);

/* The date so many months later; the month's last day where it has no such day. */
int32_t calendar_add_months(int32_t date, int32_t months);

/* Financial year (April to March) a date lies in, by the calendar year it begins in. */
int calendar_financial_year(int32_t date);

/* Completed years between a birth date and a date; someone born on 29 February has a birthday on 1 March otherwise. */
int calendar_age(int32_t born, int32_t date);

/* Europe/London: UTC, plus one hour from 01:00 UTC on the last Sunday of March to 01:00 UTC on the last of October
 * (Summer Time Act 1972 as amended by S.I. 2002/262). */
int32_t calendar_london_date(int64_t utc_ms);
int calendar_london_minutes(int64_t utc_ms); /* minutes since midnight there */
int64_t calendar_london_to_utc(
    int32_t date,
    int minutes); /* the earlier instant when it happens twice, the later rule's when it never does */

/* Parts of a day that times from start to end belong to, as bits: the morning when they begin before 12:00, the afternoon
 * when they begin before 17:00 and end after 13:00, the evening when they end after 18:00. */
enum { CALENDAR_MORNING = 1, CALENDAR_AFTERNOON = 2, CALENDAR_EVENING = 4 };
unsigned calendar_parts(uint32_t start_minutes, uint32_t end_minutes);

/* Moves to the next date that is a weekday (Monday to Friday) and not in holidays (sorted ascending). */
int32_t calendar_next_working_day(int32_t date, const int32_t *holidays, size_t holidays_count);

/* ISO text "2026-11-23" both ways; 0 or -EINVAL. A year outside 0 to 9999 is written "0000-00-00"; one outside 1900 to
 * 2199 is not read. */
enum { CALENDAR_TEXT_SIZE = 11 };
void calendar_to_text(int32_t date, char ret_text[CALENDAR_TEXT_SIZE]);
int calendar_from_text(const char *text, int32_t *ret_date);

/* The first date, date itself or later, of what recurs from from on: on that weekday (1 Monday to 7 Sunday), in the first week it can and
 * every so many weeks from then on; every_weeks 0 and 1: weekly. */
int32_t calendar_recurrence(int32_t date, int32_t from, int weekday, uint32_t every_weeks);

#endif
