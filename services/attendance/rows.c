/* See rows.h. */
#include "services/attendance/rows.h"

#include "common/calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTES_MAX = 24 * 60 - 1, UNITS_E2_MAX = 65535, TEXT_SIZE = 32, REF_MAX = 64 };

/* Registers older than this are no registers: a mistyped year. */
enum { YEAR_FIRST = 2000 };

/* --- what a row says -------------------------------------------------------------------------------------------- */

#define SAME_CASE(name)                                                                            \
    _Static_assert((int)DW__ROW_ENTRY__##name == (int)DW__UNMATCHED_ENTRY__##name,                 \
                   "the two messages have the same fields")
SAME_CASE(SESSION_SESSION_ID);
SAME_CASE(SESSION_PART);
SAME_CASE(SESSION_START_MINUTES);
SAME_CASE(ARRIVAL_ARRIVED_MINUTES);
SAME_CASE(DEPARTURE_LEFT_MINUTES);

/* RowEntry and UnmatchedEntry have the same fields but for whom they are about. */
#define READ_ROW(entry, row)                                                                       \
    do {                                                                                           \
        (row)->number = (entry)->row_number;                                                       \
        (row)->date = (entry)->date_days;                                                          \
        (row)->wanted = (Dw__RowEntry__SessionCase)(entry)->session_case;                          \
        if ((row)->wanted == DW__ROW_ENTRY__SESSION_SESSION_ID)                                    \
            (row)->session_id = id_or_zero(&(entry)->session_id);                                  \
        else if ((row)->wanted == DW__ROW_ENTRY__SESSION_PART)                                     \
            (row)->part = (entry)->part;                                                           \
        else                                                                                       \
            (row)->start_minutes = (entry)->start_minutes;                                         \
        (row)->status = (entry)->status;                                                           \
        (row)->arrived_minutes =                                                                   \
            (entry)->arrival_case == 0 ? MARK_NO_TIME : (uint16_t)(entry)->arrived_minutes;        \
        (row)->left_minutes =                                                                      \
            (entry)->departure_case == 0 ? MARK_NO_TIME : (uint16_t)(entry)->left_minutes;         \
        (row)->units_e2 = (uint16_t)(entry)->units_e2;                                             \
    } while (0)

struct row rows_read(const Dw__RowEntry *entry)
{
    struct row row = {0};
    READ_ROW(entry, &row);
    return row;
}

struct row rows_read_unmatched(const Dw__UnmatchedEntry *entry)
{
    struct row row = {0};
    READ_ROW(entry, &row);
    return row;
}

Dw__UnmatchedEntry *rows_keep(const Dw__RowEntry *entry, const struct id *ref_id,
                              struct decision *decision)
{
    Dw__UnmatchedEntry *kept = decision_alloc(decision, sizeof *kept);
    dw__unmatched_entry__init(kept);
    kept->row_number = entry->row_number;
    kept->ref_id = id_to_data(ref_id);
    kept->date_days = entry->date_days;
    kept->session_case = (Dw__UnmatchedEntry__SessionCase)entry->session_case;
    if (entry->session_case == DW__ROW_ENTRY__SESSION_SESSION_ID)
        kept->session_id = entry->session_id;
    else if (entry->session_case == DW__ROW_ENTRY__SESSION_PART)
        kept->part = entry->part;
    else
        kept->start_minutes = entry->start_minutes;
    kept->status = entry->status;
    kept->arrival_case = (Dw__UnmatchedEntry__ArrivalCase)entry->arrival_case;
    kept->arrived_minutes = entry->arrived_minutes;
    kept->departure_case = (Dw__UnmatchedEntry__DepartureCase)entry->departure_case;
    kept->left_minutes = entry->left_minutes;
    kept->units_e2 = entry->units_e2;
    return kept;
}

/* --- what is wrong with a row ----------------------------------------------------------------------------------- */

static Dw__RowFault *make_fault(struct decision *decision, const char *column,
                                Dw__RowFaultCode code, const char *reason, const char *mend)
{
    Dw__RowFault *fault = decision_alloc(decision, sizeof *fault);
    dw__row_fault__init(fault);
    fault->column = (char *)(uintptr_t)column;
    fault->code = code;
    fault->reason = (char *)(uintptr_t)reason;
    fault->mend = (char *)(uintptr_t)mend;
    return fault;
}

static Dw__RowFault *missing(struct decision *decision, const char *column)
{
    return make_fault(decision, column, DW__ROW_FAULT_CODE__ROW_FAULT_CODE_MISSING_CELL,
                      "The cell is empty.", "Fill it in; every row needs it.");
}

Dw__RowFault *rows_impossible(struct decision *decision, const char *column, const char *reason,
                              const char *mend)
{
    return make_fault(decision, column, DW__ROW_FAULT_CODE__ROW_FAULT_CODE_CONSTRAINT_ERROR, reason,
                      mend);
}

static bool was_there(Dw__AttendanceStatus status)
{
    return status == DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED ||
           status == DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED_LATE ||
           status == DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_LEFT_EARLY;
}

static Dw__RowFault *check_date(const Dw__RowEntry *entry, int32_t today, struct decision *decision)
{
    const int32_t date = entry->date_days;
    Dw__RowFault *fault = NULL;
    if (date < calendar_date(YEAR_FIRST, 1, 1))
        fault = rows_impossible(decision, "session_date", "The date lies before the year 2000.",
                                "Write the date of the session, for example 2026-11-23.");
    else if (date >= calendar_date(YEAR_FIRST + 199, 1, 1) ||
             (date > today && was_there(entry->status)))
        fault =
            rows_impossible(decision, "session_date", "Nobody has attended on a date after today.",
                            "Correct the date, or send the row when the day has come.");
    if (fault == NULL)
        return NULL;
    fault->value = decision_alloc(decision, CALENDAR_TEXT_SIZE);
    calendar_to_text(date, fault->value);
    return fault;
}

static void say_time(struct decision *decision, uint32_t minutes, Dw__RowFault *fault)
{
    fault->value = decision_alloc(decision, TEXT_SIZE);
    (void)snprintf(fault->value, TEXT_SIZE, "%02u:%02u", minutes / 60, minutes % 60);
}

static Dw__RowFault *no_such_time(struct decision *decision, const char *column)
{
    return rows_impossible(decision, column, "There is no such time of day.",
                           "Write a time from 00:00 to 23:59.");
}

static Dw__RowFault *check_times(const Dw__RowEntry *entry, struct decision *decision)
{
    const bool has_arrived = entry->arrival_case != 0;
    const bool has_left = entry->departure_case != 0;
    uint32_t wrong = has_arrived ? entry->arrived_minutes : entry->left_minutes;
    Dw__RowFault *fault = NULL;
    if (has_arrived && entry->arrived_minutes > MINUTES_MAX) {
        fault = no_such_time(decision, "arrived");
    } else if (has_left && entry->left_minutes > MINUTES_MAX) {
        wrong = entry->left_minutes;
        fault = no_such_time(decision, "left");
    } else if (has_arrived && has_left && entry->left_minutes < entry->arrived_minutes) {
        wrong = entry->left_minutes;
        fault = rows_impossible(decision, "left", "The person left before arriving.",
                                "Correct one of the two times.");
    } else if ((has_arrived || has_left) && !was_there(entry->status)) {
        fault = rows_impossible(decision, has_arrived ? "arrived" : "left",
                                "The status says that the person was not there.",
                                "Take the time out, or correct the status.");
    }
    if (fault != NULL)
        say_time(decision, wrong, fault);
    return fault;
}

static Dw__RowFault *check_session(const Dw__RowEntry *entry, struct decision *decision)
{
    struct id id;
    if (entry->session_case == DW__ROW_ENTRY__SESSION__NOT_SET ||
        (entry->session_case == DW__ROW_ENTRY__SESSION_SESSION_ID &&
         !id_from_data(&entry->session_id, &id)))
        return missing(decision, "session");
    if (entry->session_case == DW__ROW_ENTRY__SESSION_START_MINUTES &&
        entry->start_minutes > MINUTES_MAX)
        return no_such_time(decision, "session");
    return NULL;
}

static Dw__RowFault *check_cells(const Dw__RowEntry *entry, int32_t today,
                                 struct decision *decision)
{
    if (entry->person_ref[0] == '\0')
        return missing(decision, "person_ref");
    if (strlen(entry->person_ref) > REF_MAX)
        return rows_impossible(decision, "person_ref", "No reference is so long.",
                               "Write the council's id of the person, or the person number.");
    if (entry->date_days == 0)
        return missing(decision, "session_date");
    Dw__RowFault *fault = check_session(entry, decision);
    if (fault == NULL)
        fault = check_date(entry, today, decision);
    if (fault == NULL)
        fault = check_times(entry, decision);
    if (fault == NULL && entry->units_e2 > UNITS_E2_MAX) {
        fault = rows_impossible(decision, "units", "Nobody has so many units on a day.",
                                "Write at most 655.35.");
        fault->value = decision_alloc(decision, TEXT_SIZE);
        (void)snprintf(fault->value, TEXT_SIZE, "%u.%02u", entry->units_e2 / 100,
                       entry->units_e2 % 100);
    }
    return fault;
}

Dw__RowFault *rows_check(const Dw__RowEntry *entry, int32_t today, struct decision *decision)
{
    Dw__RowFault *fault = check_cells(entry, today, decision);
    if (fault == NULL && entry->status == DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_UNSPECIFIED)
        fault = missing(decision, "status");
    if (fault != NULL)
        fault->row_number = entry->row_number;
    return fault;
}

/* --- what a row does -------------------------------------------------------------------------------------------- */

struct placed_row rows_place(const struct id *placement_id, uint8_t session, const struct row *row,
                             size_t order)
{
    const int32_t month = calendar_month(row->date);
    return (struct placed_row){
        .placement_id = *placement_id,
        .month = (uint32_t)month,
        .mark = {.day = (uint8_t)(row->date - calendar_month_first(month) + 1),
                 .session = session,
                 .status = (uint8_t)row->status,
                 .arrived_minutes = row->arrived_minutes,
                 .left_minutes = row->left_minutes,
                 .units_e2 = row->units_e2},
        .order = order,
    };
}

static int compare_months(const struct placed_row *one, const struct placed_row *two)
{
    const int order = id_compare(&one->placement_id, &two->placement_id);
    if (order != 0)
        return order;
    return (one->month > two->month) - (one->month < two->month);
}

static int compare_rows(const void *left, const void *right)
{
    const struct placed_row *one = left;
    const struct placed_row *two = right;
    int order = compare_months(one, two);
    if (order == 0)
        order = marks_compare(&one->mark, &two->mark);
    return order != 0 ? order : (one->order > two->order) - (one->order < two->order);
}

/* The rows of one sitting, in order, each against what stands before it. True when the mark at the end is another than the
 * one stored: then the last row holds it. */
static bool settle_sitting(const ProtobufCBinaryData *stored, struct placed_row *rows, size_t count)
{
    struct mark before = {0};
    const bool is_there = marks_find(stored, rows[0].mark.day, rows[0].mark.session, &before);
    struct mark now = before;
    for (size_t at = 0; at < count; at++) {
        if (at == 0 && !is_there)
            rows[at].result = DW__ROW_RESULT__ROW_RESULT_ADDED;
        else if (marks_equal(&now, &rows[at].mark))
            rows[at].result = DW__ROW_RESULT__ROW_RESULT_UNCHANGED;
        else
            rows[at].result = DW__ROW_RESULT__ROW_RESULT_UPDATED;
        now = rows[at].mark;
    }
    return !is_there || !marks_equal(&before, &now);
}

/* The changed marks of one placement and month; NULL when none is. */
static Dw__PlacementMarks *settle_month(const struct state *state, struct decision *decision,
                                        struct placed_row *rows, size_t count)
{
    const ProtobufCBinaryData nothing = {0, NULL};
    const Dw__AttendanceMonth *before =
        entities_get(state->entities, ATTENDANCE_KIND_MONTH, &rows[0].placement_id, rows[0].month);
    uint8_t *bytes = decision_alloc(decision, count * MARK_SIZE);
    size_t changed = 0;
    for (size_t at = 0; at < count;) {
        size_t end = at + 1;
        while (end < count && marks_compare(&rows[at].mark, &rows[end].mark) == 0)
            end++;
        if (settle_sitting(before == NULL ? &nothing : &before->marks, rows + at, end - at))
            marks_write(bytes, changed++, &rows[end - 1].mark);
        at = end;
    }
    if (changed == 0)
        return NULL;
    Dw__PlacementMarks *marks = decision_alloc(decision, sizeof *marks);
    dw__placement_marks__init(marks);
    marks->placement_id = id_to_data(&rows[0].placement_id);
    marks->month = rows[0].month;
    marks->marks = (ProtobufCBinaryData){changed * MARK_SIZE, bytes};
    return marks;
}

/* A sender who sorts saves us the work. */
static bool are_sorted(const struct placed_row *rows, size_t count)
{
    for (size_t at = 1; at < count; at++)
        if (compare_rows(&rows[at - 1], &rows[at]) > 0)
            return false;
    return true;
}

size_t rows_settle(const struct state *state, struct decision *decision, struct placed_row *rows,
                   size_t count, Dw__PlacementMarks ***ret_months)
{
    Dw__PlacementMarks **months = decision_alloc(decision, (count + 1) * sizeof months[0]);
    size_t months_count = 0;
    if (!are_sorted(rows, count))
        qsort(rows, count, sizeof rows[0], compare_rows);
    for (size_t at = 0; at < count;) {
        size_t end = at + 1;
        while (end < count && compare_months(&rows[at], &rows[end]) == 0)
            end++;
        months[months_count] = settle_month(state, decision, rows + at, end - at);
        months_count += months[months_count] != NULL;
        at = end;
    }
    *ret_months = months;
    return months_count;
}
