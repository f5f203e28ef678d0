/* See rows.h. */
#include "services/attendance/rows.h"

#include "common/calendar.h"

#include <stdio.h>
#include <stdlib.h>

enum { MINUTES_MAX = 24 * 60 - 1, UNITS_E2_MAX = 65535, TEXT_SIZE = 32 };

/* Registers older than this are no registers: a mistyped year. */
enum { YEAR_FIRST = 2000 };

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

static Dw__RowFault *impossible(struct decision *decision, const char *column, const char *reason,
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
    const int32_t date = entry->session_date->days;
    Dw__RowFault *fault = NULL;
    if (date < calendar_date(YEAR_FIRST, 1, 1))
        fault = impossible(decision, "session_date", "The date lies before the year 2000.",
                           "Write the date of the session, for example 2026-11-23.");
    else if (date >= calendar_date(YEAR_FIRST + 199, 1, 1) ||
             (date > today && was_there(entry->status)))
        fault = impossible(decision, "session_date", "Nobody has attended on a date after today.",
                           "Correct the date, or send the row when the day has come.");
    if (fault == NULL)
        return NULL;
    fault->value = decision_alloc(decision, CALENDAR_TEXT_SIZE);
    calendar_to_text(date, fault->value);
    return fault;
}

static void say_time(struct decision *decision, const Dw__TimeOfDay *time, Dw__RowFault *fault)
{
    fault->value = decision_alloc(decision, TEXT_SIZE);
    (void)snprintf(fault->value, TEXT_SIZE, "%02u:%02u", time->minutes / 60, time->minutes % 60);
}

static Dw__RowFault *check_times(const Dw__RowEntry *entry, struct decision *decision)
{
    const Dw__TimeOfDay *arrived = entry->arrived;
    const Dw__TimeOfDay *left = entry->left;
    const Dw__TimeOfDay *wrong = NULL;
    Dw__RowFault *fault = NULL;
    if (arrived != NULL && arrived->minutes > MINUTES_MAX) {
        wrong = arrived;
        fault = impossible(decision, "arrived", "There is no such time of day.",
                           "Write a time from 00:00 to 23:59.");
    } else if (left != NULL && left->minutes > MINUTES_MAX) {
        wrong = left;
        fault = impossible(decision, "left", "There is no such time of day.",
                           "Write a time from 00:00 to 23:59.");
    } else if (arrived != NULL && left != NULL && left->minutes < arrived->minutes) {
        wrong = left;
        fault = impossible(decision, "left", "The person left before arriving.",
                           "Correct one of the two times.");
    } else if ((arrived != NULL || left != NULL) && !was_there(entry->status)) {
        wrong = arrived != NULL ? arrived : left;
        fault = impossible(decision, arrived != NULL ? "arrived" : "left",
                           "The status says that the person was not there.",
                           "Take the time out, or correct the status.");
    }
    if (fault != NULL)
        say_time(decision, wrong, fault);
    return fault;
}

Dw__RowFault *rows_check(const Dw__RowEntry *entry, int32_t today, struct decision *decision)
{
    struct id id;
    if (!id_from_data(&entry->person_id, &id))
        return missing(decision, "person_ref");
    if (entry->session_date == NULL)
        return missing(decision, "session_date");
    if (!id_from_data(&entry->session_id, &id))
        return missing(decision, "session");
    Dw__RowFault *fault = check_date(entry, today, decision);
    if (fault == NULL)
        fault = check_times(entry, decision);
    if (fault == NULL && entry->units_e2 > UNITS_E2_MAX) {
        fault = impossible(decision, "units", "Nobody has so many units on a day.",
                           "Write at most 655.35.");
        fault->value = decision_alloc(decision, TEXT_SIZE);
        (void)snprintf(fault->value, TEXT_SIZE, "%u.%02u", entry->units_e2 / 100,
                       entry->units_e2 % 100);
    }
    return fault;
}

/* --- what a row does -------------------------------------------------------------------------------------------- */

struct placed_row rows_place(const struct id *placement_id, uint8_t session,
                             const Dw__RowEntry *entry, size_t order)
{
    const int32_t date = entry->session_date->days;
    const int32_t month = calendar_month(date);
    return (struct placed_row){
        .placement_id = *placement_id,
        .month = (uint32_t)month,
        .mark = {.day = (uint8_t)(date - calendar_month_first(month) + 1),
                 .session = session,
                 .status = (uint8_t)entry->status,
                 .arrived_minutes =
                     entry->arrived == NULL ? MARK_NO_TIME : (uint16_t)entry->arrived->minutes,
                 .left_minutes =
                     entry->left == NULL ? MARK_NO_TIME : (uint16_t)entry->left->minutes,
                 .units_e2 = (uint16_t)entry->units_e2},
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

size_t rows_settle(const struct state *state, struct decision *decision, struct placed_row *rows,
                   size_t count, Dw__PlacementMarks ***ret_months)
{
    Dw__PlacementMarks **months = decision_alloc(decision, (count + 1) * sizeof months[0]);
    size_t months_count = 0;
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
