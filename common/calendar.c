/* Dates, weeks and the Europe/London clock by arithmetic alone. Implements common/calendar.h. */
#include "common/calendar.h"

#include <assert.h>
#include <errno.h>

enum {
    DAYS_PER_ERA = 146097,  /* 400 years, after which the Gregorian calendar repeats */
    DAYS_TO_EPOCH = 719468, /* from 0000-03-01 to 1970-01-01 */
    MINUTES_PER_DAY = 24 * 60,
    YEAR_MIN = 1900,
    YEAR_MAX = 2199,
};

#define MS_PER_MINUTE INT64_C(60000)
#define MS_PER_HOUR   (60 * MS_PER_MINUTE)
#define MS_PER_DAY    (24 * MS_PER_HOUR)

/* Rounds towards minus infinity, where C rounds towards zero. */
static int64_t floor_divide(int64_t dividend, int64_t divisor)
{
    return dividend / divisor - (dividend % divisor < 0 ? 1 : 0);
}

/* Years are counted from March, so that the leap day is the last of its year, and months have lengths that repeat every
 * five (153 days). */
int32_t calendar_date(int year, int month, int day)
{
    assert(month >= 1 && month <= 12);
    int64_t march_year = month > 2 ? year : year - 1;
    int64_t era = floor_divide(march_year, 400);
    int64_t year_of_era = march_year - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int32_t)(era * DAYS_PER_ERA + day_of_era - DAYS_TO_EPOCH);
}

void calendar_civil(int32_t date, int *ret_year, int *ret_month, int *ret_day)
{
    int64_t days = (int64_t)date + DAYS_TO_EPOCH;
    int64_t era = floor_divide(days, DAYS_PER_ERA);
    int64_t day_of_era = days - era * DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (DAYS_PER_ERA - 1)) /
        365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    int month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    *ret_year = (int)(year_of_era + era * 400 + (month <= 2 ? 1 : 0));
    *ret_month = month;
    *ret_day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
}

bool calendar_has(int32_t date)
{
    return date >= CALENDAR_FIRST && date <= CALENDAR_LAST;
}

bool calendar_valid(int year, int month, int day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1)
        return false;
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= lengths[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

int calendar_weekday(int32_t date)
{
    /* 1970-01-01 was a Thursday. */
    int64_t days = (int64_t)date + 3;
    return (int)(days - floor_divide(days, 7) * 7) + 1;
}

int32_t calendar_week(int32_t date)
{
    return (int32_t)floor_divide((int64_t)date + 3, 7);
}

int32_t calendar_monday(int32_t week)
{
    return week * 7 - 3;
}

int32_t calendar_month(int32_t date)
{
    int year, month, day;
    calendar_civil(date, &year, &month, &day);
    return (year - 1970) * 12 + month - 1;
}

int32_t calendar_month_first(int32_t month)
{
    int year = (int)floor_divide(month, 12);
    return calendar_date(1970 + year, (int)(month - year * 12) + 1, 1);
}

int32_t calendar_add_months(int32_t date, int32_t months)
{
    const int32_t month = calendar_month(date);
    const int32_t first = calendar_month_first(month + months);
    const int32_t last = calendar_month_first(month + months + 1) - 1;
    const int32_t same_day = first + (date - calendar_month_first(month));
    return same_day < last ? same_day : last;
}

int calendar_financial_year(int32_t date)
{
    int year, month, day;
    calendar_civil(date, &year, &month, &day);
    return month >= 4 ? year : year - 1;
}

int calendar_age(int32_t born, int32_t date)
{
    int born_year, born_month, born_day, year, month, day;
    calendar_civil(born, &born_year, &born_month, &born_day);
    calendar_civil(date, &year, &month, &day);
    /* 29 February counts as later than 28 February and earlier than 1 March in every year, which is the rule. */
    bool had_birthday = month > born_month || (month == born_month && day >= born_day);
    return year - born_year - (had_birthday ? 0 : 1);
}

/* 01:00 UTC on the last Sunday of the month. The month must have 31 days. */
static int64_t change_ms(int year, int month)
{
    int32_t last = calendar_date(year, month, 31);
    return (last - calendar_weekday(last) % 7) * MS_PER_DAY + MS_PER_HOUR;
}

static int64_t london_offset_ms(int64_t utc_ms)
{
    int year, month, day;
    calendar_civil((int32_t)floor_divide(utc_ms, MS_PER_DAY), &year, &month, &day);
    bool is_summer = utc_ms >= change_ms(year, 3) && utc_ms < change_ms(year, 10);
    return is_summer ? MS_PER_HOUR : 0;
}

int32_t calendar_london_date(int64_t utc_ms)
{
    return (int32_t)floor_divide(utc_ms + london_offset_ms(utc_ms), MS_PER_DAY);
}

int calendar_london_minutes(int64_t utc_ms)
{
    int64_t local_ms = utc_ms + london_offset_ms(utc_ms);
    return (int)floor_divide(local_ms - floor_divide(local_ms, MS_PER_DAY) * MS_PER_DAY,
                             MS_PER_MINUTE);
}

int64_t calendar_london_to_utc(int32_t date, int minutes)
{
    int64_t winter_ms = date * MS_PER_DAY + minutes * MS_PER_MINUTE;
    int64_t summer_ms = winter_ms - MS_PER_HOUR;
    /* In summer, and in the hour that happens twice, the instant an hour earlier is the answer. In the hour that never
     * happens that instant still lies in winter, but the rule that then begins is summer time all the same. */
    if (london_offset_ms(summer_ms) != 0 || london_offset_ms(winter_ms) != 0)
        return summer_ms;
    return winter_ms;
}

unsigned calendar_parts(uint32_t start_minutes, uint32_t end_minutes)
{
    enum { NOON = 12 * 60, ONE = 13 * 60, FIVE = 17 * 60, SIX = 18 * 60 };
    unsigned parts = 0;
    if (start_minutes < NOON)
        parts |= CALENDAR_MORNING;
    if (start_minutes < FIVE && end_minutes > ONE)
        parts |= CALENDAR_AFTERNOON;
    if (end_minutes > SIX)
        parts |= CALENDAR_EVENING;
    return parts;
}

int32_t calendar_next_working_day(int32_t date, const int32_t *holidays, size_t holidays_count)
{
    size_t next = 0;
    for (;;) {
        date++;
        while (next < holidays_count && holidays[next] < date)
            next++;
        bool is_holiday = next < holidays_count && holidays[next] == date;
        if (!is_holiday && calendar_weekday(date) <= 5)
            return date;
    }
}

static void put_digits(int number, int digits, char *ret_text)
{
    for (int i = digits - 1; i >= 0; i--, number /= 10)
        ret_text[i] = (char)('0' + number % 10);
}

void calendar_to_text(int32_t date, char ret_text[CALENDAR_TEXT_SIZE])
{
    int year, month, day;
    calendar_civil(date, &year, &month, &day);
    /* A date of a message may be any number; one that four digits cannot hold is shown as no date at all. */
    if (year < 0 || year > 9999)
        year = month = day = 0;
    put_digits(year, 4, ret_text);
    ret_text[4] = '-';
    put_digits(month, 2, ret_text + 5);
    ret_text[7] = '-';
    put_digits(day, 2, ret_text + 8);
    ret_text[10] = '\0';
}

/* The number in so many digits, -1 when there is another character. */
static int take_digits(const char *text, int digits)
{
    int number = 0;
    for (int i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = number * 10 + text[i] - '0';
    }
    return number;
}

int calendar_from_text(const char *text, int32_t *ret_date)
{
    int year = take_digits(text, 4);
    if (year < 0 || text[4] != '-')
        return -EINVAL;
    int month = take_digits(text + 5, 2);
    if (month < 0 || text[7] != '-')
        return -EINVAL;
    int day = take_digits(text + 8, 2);
    if (day < 0 || text[10] != '\0' || !calendar_valid(year, month, day))
        return -EINVAL;
    *ret_date = calendar_date(year, month, day);
    return 0;
}

int32_t calendar_recurrence(int32_t date, int32_t from, int weekday, uint32_t every_weeks)
{
    enum { DAYS_A_WEEK = 7 };
    const int32_t first = from + (weekday - calendar_weekday(from) + DAYS_A_WEEK) % DAYS_A_WEEK;
    const int32_t step = DAYS_A_WEEK * (every_weeks > 1 ? (int32_t)every_weeks : 1);
    return date <= first ? first : first + (date - first + step - 1) / step * step;
}
