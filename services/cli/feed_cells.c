/* What cells of a register may say. Forms that could be read in two ways are refused with a hint, never guessed. */
#include "services/cli/feed.h"

#include "common/calendar.h"

#include <string.h>

enum { WORD_SIZE = 48, YEAR_DIGITS = 4 };

#define WRONG_TYPE   DW__ROW_FAULT_CODE__ROW_FAULT_CODE_TYPE_ERROR
#define STATUS(name) DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_##name

/* Lower case, with one space for whatever stands between letters and digits: "Left_Early " is "left early". */
static void make_word(const char *text, char ret_word[WORD_SIZE])
{
    size_t len = 0;
    bool gap = false;
    for (; *text != '\0' && len + 2 < WORD_SIZE; text++) {
        char byte = *text;
        if (byte >= 'A' && byte <= 'Z')
            byte = (char)(byte - 'A' + 'a');
        if ((byte < 'a' || byte > 'z') && (byte < '0' || byte > '9') && (byte & 0x80) == 0) {
            gap = len > 0;
            continue;
        }
        if (gap)
            ret_word[len++] = ' ';
        gap = false;
        ret_word[len++] = byte;
    }
    ret_word[len] = '\0';
    if (*text != '\0')
        ret_word[0] = '\0'; /* no word is so long */
}

/* --- dates -------------------------------------------------------------------------------------- */

/* Digits up to a byte that is none; -1 when there are none or too many. */
static int take_number(const char **at, size_t digits_max)
{
    int number = 0;
    size_t digits = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++, digits++)
        number = digits < digits_max ? number * 10 + (**at - '0') : -1;
    return digits == 0 || digits > digits_max ? -1 : number;
}

static bool is_all_digits(const char *text)
{
    return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

const struct feed_wrong *feed_read_date(const char *text, int32_t *ret_date)
{
    static const struct feed_wrong empty = {
        DW__ROW_FAULT_CODE__ROW_FAULT_CODE_MISSING_CELL, "The cell is empty.",
        "Write the date of the session, for example 2026-11-23."};
    static const struct feed_wrong serial = {
        WRONG_TYPE, "This is a spreadsheet's serial number and not a date.",
        "Format the column as a date before saving, for example 2026-11-23."};
    static const struct feed_wrong short_year = {WRONG_TYPE, "The year has two digits.",
                                                 "Write all four, for example 23/11/2026."};
    static const struct feed_wrong month_first = {
        WRONG_TYPE, "There is no such month: the day comes first here.",
        "Write 2026-11-23, or day, month, year: 23/11/2026."};
    static const struct feed_wrong no_date = {WRONG_TYPE, "This is not a date that can be read.",
                                              "Write 2026-11-23, or day, month, year: 23/11/2026."};
    static const struct feed_wrong no_day = {WRONG_TYPE, "There is no such day in the calendar.",
                                             "Correct the date, for example 2026-11-23."};
    if (text[0] == '\0')
        return &empty;
    if (is_all_digits(text))
        return strlen(text) == 5 ? &serial : &no_date;
    const char *at = text;
    const int first = take_number(&at, YEAR_DIGITS);
    const bool year_first = at - text == YEAR_DIGITS;
    const char separator = *at;
    if (first < 0 || (year_first ? separator != '-' : separator != '/' || at - text > 2))
        return &no_date;
    at++;
    const int month = take_number(&at, 2);
    if (month < 0 || *at != separator)
        return &no_date;
    const char *last_from = ++at;
    const int last = take_number(&at, YEAR_DIGITS);
    const size_t last_digits = (size_t)(at - last_from);
    if (last < 0 || *at != '\0')
        return &no_date;
    if (!year_first && last_digits == 2)
        return &short_year;
    if (year_first ? last_digits > 2 : last_digits != YEAR_DIGITS)
        return &no_date;
    const int year = year_first ? first : last;
    const int day = year_first ? last : first;
    if (month > 12 && !year_first && day >= 1 && day <= 12)
        return &month_first;
    if (!calendar_valid(year, month, day))
        return &no_day;
    *ret_date = calendar_date(year, month, day);
    return NULL;
}

/* --- times and units ----------------------------------------------------------------------------- */

static const struct feed_wrong no_time = {WRONG_TYPE, "This is not a time of day.",
                                          "Write hours and minutes, for example 09:30."};

const struct feed_wrong *feed_read_time(const char *text, uint16_t *ret_minutes)
{
    const char *at = text;
    const int hours = take_number(&at, 2);
    if (hours < 0 || *at++ != ':')
        return &no_time;
    const char *minutes_from = at;
    const int minutes = take_number(&at, 2);
    if (minutes < 0 || at - minutes_from != 2 || hours > 23 || minutes > 59)
        return &no_time;
    if (*at == ':') {
        const char *seconds_from = ++at;
        const int seconds = take_number(&at, 2);
        if (seconds < 0 || seconds > 59 || at - seconds_from != 2)
            return &no_time;
    }
    if (*at != '\0')
        return &no_time;
    *ret_minutes = (uint16_t)(hours * 60 + minutes);
    return NULL;
}

const struct feed_wrong *feed_read_units(const char *text, uint16_t *ret_units_e2)
{
    static const struct feed_wrong wrong = {WRONG_TYPE, "This is not a number of units.",
                                            "Write a number up to 655.35, for example 1 or 0.5."};
    const char *at = text;
    const int whole = take_number(&at, 3);
    int hundredths = 0;
    if (whole < 0)
        return &wrong;
    if (*at == '.') {
        const char *from = ++at;
        hundredths = take_number(&at, 2);
        if (hundredths < 0)
            return &wrong;
        if (at - from == 1)
            hundredths *= 10;
    }
    if (*at != '\0' || whole * 100 + hundredths > UINT16_MAX)
        return &wrong;
    *ret_units_e2 = (uint16_t)(whole * 100 + hundredths);
    return NULL;
}

/* --- sessions ------------------------------------------------------------------------------------ */

static const struct part_word {
    const char *word;
    Dw__SittingPart part;
} part_words[] = {
    {"am", DW__SITTING_PART__SITTING_PART_MORNING},
    {"morning", DW__SITTING_PART__SITTING_PART_MORNING},
    {"pm", DW__SITTING_PART__SITTING_PART_AFTERNOON},
    {"afternoon", DW__SITTING_PART__SITTING_PART_AFTERNOON},
    {"eve", DW__SITTING_PART__SITTING_PART_EVENING},
    {"evening", DW__SITTING_PART__SITTING_PART_EVENING},
    {"day", DW__SITTING_PART__SITTING_PART_DAY},
    {"full day", DW__SITTING_PART__SITTING_PART_DAY},
    {"all day", DW__SITTING_PART__SITTING_PART_DAY},
};

const struct feed_wrong *feed_read_session(const char *text, struct feed_session *ret_session)
{
    static const struct feed_wrong empty = {DW__ROW_FAULT_CODE__ROW_FAULT_CODE_MISSING_CELL,
                                            "The cell is empty.",
                                            "Write am, pm, evening, day, or the time it starts."};
    static const struct feed_wrong wrong = {
        WRONG_TYPE, "This is neither a part of a day nor a time.",
        "Write am, pm, evening, day, or the time the session starts, for example 10:00."};
    char word[WORD_SIZE];
    *ret_session = (struct feed_session){.kind = DW__ROW_ENTRY__SESSION_PART};
    if (text[0] == '\0')
        return &empty;
    make_word(text, word);
    for (size_t at = 0; at < sizeof part_words / sizeof part_words[0]; at++)
        if (strcmp(part_words[at].word, word) == 0) {
            ret_session->value = (uint16_t)part_words[at].part;
            return NULL;
        }
    if (feed_read_time(text, &ret_session->value) == NULL) {
        ret_session->kind = DW__ROW_ENTRY__SESSION_START_MINUTES;
        return NULL;
    }
    if (id_from_text(text, &ret_session->id) == 0 && !id_is_zero(&ret_session->id)) {
        ret_session->kind = DW__ROW_ENTRY__SESSION_SESSION_ID;
        return NULL;
    }
    return &wrong;
}

/* --- statuses: one table of what people write -------------------------------------------------------- */

static const struct status_word {
    const char *word;
    Dw__AttendanceStatus status;
    bool absent; /* without saying why */
} status_words[] = {
    {"attended", STATUS(ATTENDED), false},
    {"present", STATUS(ATTENDED), false},
    {"yes", STATUS(ATTENDED), false},
    {"y", STATUS(ATTENDED), false},
    {"p", STATUS(ATTENDED), false},
    {"attended late", STATUS(ATTENDED_LATE), false},
    {"late", STATUS(ATTENDED_LATE), false},
    {"arrived late", STATUS(ATTENDED_LATE), false},
    {"left early", STATUS(LEFT_EARLY), false},
    {"absent ill", STATUS(ABSENT_ILL), false},
    {"ill", STATUS(ABSENT_ILL), false},
    {"illness", STATUS(ABSENT_ILL), false},
    {"unwell", STATUS(ABSENT_ILL), false},
    {"sick", STATUS(ABSENT_ILL), false},
    {"sickness", STATUS(ABSENT_ILL), false},
    {"absent hospital", STATUS(ABSENT_HOSPITAL), false},
    {"hospital", STATUS(ABSENT_HOSPITAL), false},
    {"in hospital", STATUS(ABSENT_HOSPITAL), false},
    {"absent holiday", STATUS(ABSENT_HOLIDAY), false},
    {"holiday", STATUS(ABSENT_HOLIDAY), false},
    {"on holiday", STATUS(ABSENT_HOLIDAY), false},
    {"absent respite", STATUS(ABSENT_RESPITE), false},
    {"respite", STATUS(ABSENT_RESPITE), false},
    {"absent notified", STATUS(ABSENT_NOTIFIED), false},
    {"notified", STATUS(ABSENT_NOTIFIED), false},
    {"cancelled", STATUS(ABSENT_NOTIFIED), false},
    {"cancelled by person", STATUS(ABSENT_NOTIFIED), false},
    {"absent unexplained", STATUS(ABSENT_UNEXPLAINED), false},
    {"unexplained", STATUS(ABSENT_UNEXPLAINED), false},
    {"no show", STATUS(ABSENT_UNEXPLAINED), false},
    {"did not attend", STATUS(ABSENT_UNEXPLAINED), false},
    {"dna", STATUS(ABSENT_UNEXPLAINED), false},
    {"absent reason pending", STATUS(ABSENT_REASON_PENDING), false},
    {"reason pending", STATUS(ABSENT_REASON_PENDING), false},
    {"absent", STATUS(ABSENT_UNEXPLAINED), true},
    {"a", STATUS(ABSENT_UNEXPLAINED), true},
    {"no", STATUS(ABSENT_UNEXPLAINED), true},
    {"n", STATUS(ABSENT_UNEXPLAINED), true},
    {"cancelled by provider", STATUS(CANCELLED_BY_PROVIDER), false},
    {"cancelled transport", STATUS(CANCELLED_TRANSPORT), false},
    {"no transport", STATUS(CANCELLED_TRANSPORT), false},
    {"closed planned", STATUS(CLOSED_PLANNED), false},
    {"closed", STATUS(CLOSED_PLANNED), false},
    {"bank holiday", STATUS(CLOSED_PLANNED), false},
    {"closed unplanned", STATUS(CLOSED_UNPLANNED), false},
    {"not expected", STATUS(NOT_EXPECTED), false},
};

static const struct status_word *find_status(const char *text)
{
    char word[WORD_SIZE];
    make_word(text, word);
    for (size_t at = 0; at < sizeof status_words / sizeof status_words[0]; at++)
        if (status_words[at].word[0] == word[0] && strcmp(status_words[at].word, word) == 0)
            return &status_words[at];
    return NULL;
}

const struct feed_wrong *feed_read_status(const char *text, Dw__AttendanceStatus *ret_status,
                                          bool *ret_absent)
{
    static const struct feed_wrong empty = {DW__ROW_FAULT_CODE__ROW_FAULT_CODE_MISSING_CELL,
                                            "The cell is empty.",
                                            "Write attended, absent, or why not, such as ill."};
    static const struct feed_wrong wrong = {
        WRONG_TYPE, "This status is not known.",
        "Write attended, late, left early, ill, hospital, holiday, respite, notified, unexplained, "
        "reason pending, cancelled by provider, no transport, closed, closed unplanned or not "
        "expected."};
    if (text[0] == '\0')
        return &empty;
    const struct status_word *found = find_status(text);
    if (found == NULL)
        return &wrong;
    *ret_status = found->status;
    *ret_absent = found->absent;
    return NULL;
}

const struct feed_wrong *feed_read_reason(const char *text, Dw__AttendanceStatus *ret_status)
{
    static const struct feed_wrong wrong = {
        WRONG_TYPE, "This reason for an absence is not known.",
        "Write ill, hospital, holiday, respite, notified, unexplained or reason pending, or leave "
        "the cell empty."};
    const struct status_word *found = find_status(text);
    if (found == NULL || found->status < STATUS(ABSENT_ILL) ||
        found->status > STATUS(ABSENT_REASON_PENDING) || found->absent)
        return &wrong;
    *ret_status = found->status;
    return NULL;
}
