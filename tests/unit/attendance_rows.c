/* Tests of services/attendance: whom and which session a row is about, rows that wait for a person, a placement or a session,
 * and how long a part takes. Very many rows that wait are in attendance_waiting.c. */
#include "services/attendance/state.h"

#include "common/entities_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/support/feeds.h"

enum { PEOPLE_MAX = 100 };

/* --- who and which session -------------------------------------------------------------------------------------- */

/* A council id in a row finds the person, and stands in no event, whether the person is known yet or not. */
static void a_row_may_name_a_person_by_the_councils_id(void **state)
{
    (void)state;
    feeds_start_placement(0);
    (void)feeds_record_person(0);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    (void)feeds_add_row_by_council(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_add_row(0, TODAY - 2, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_add_row_by_council(1, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    const struct pure_outcome outcome = feeds_send_rows(&FEED_ID, 1);
    const struct packed *event = &outcome.decision->events[0].body;
    assert_null(memmem(event->bytes, event->len, "c-2", 3));
    assert_null(memmem(event->bytes, event->len, "C-2", 3));
    assert_counts(&FEED_ID, 2, 0, 0, 0, 1);
}

static Dw__RowFault *fault_of(Dw__RowEntry *entry, uint32_t part_number)
{
    entry->row_number = 100 + part_number;
    (void)feeds_send_rows(&FEED_ID, part_number);
    const Dw__FeedReceiptShown *shown = feeds_receipt(&FEED_ID);
    Dw__FeedReceipt ask = DW__FEED_RECEIPT__INIT;
    ask.feed_id = id_to_data(&FEED_ID);
    ask.rejects_page = shown->rejects_pages;
    shown = pure_query(feeds_pure, &ask.base, TAKER, NOW_MS, TODAY, NULL);
    for (size_t at = 0; at < shown->n_rejects; at++)
        if (shown->rejects[at]->row_number == 100 + part_number)
            return shown->rejects[at];
    return NULL;
}

/* TODAY - 3 is a Friday, with a session in the morning and one in the afternoon. */
static void a_row_names_its_session_by_id_part_or_start(void **state)
{
    (void)state;
    enum { FRIDAY = TODAY - 3 };
    feeds_start_placement(0);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    (void)feeds_add_row(0, FRIDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    Dw__RowEntry *entry =
        feeds_add_row(0, FRIDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOLIDAY);
    entry->part = DW__SITTING_PART__SITTING_PART_AFTERNOON;
    entry = feeds_add_row(0, FRIDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOLIDAY);
    entry->session_case = DW__ROW_ENTRY__SESSION_START_MINUTES;
    entry->start_minutes = 810;
    entry = feeds_add_row(0, FRIDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOLIDAY);
    entry->session_case = DW__ROW_ENTRY__SESSION_SESSION_ID;
    entry->session_id = id_to_data(&AFTERNOON_ID);
    (void)feeds_send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 2, 0, 2, 0, 0);
    const Dw__RegisterShown *shown = feeds_register(FRIDAY);
    assert_int_equal(shown->rows[0]->n_marks, 2);
    assert_memory_equal(shown->rows[0]->marks[0]->session_id.data, MORNING_IDS[5].bytes, 16);
    assert_memory_equal(shown->rows[0]->marks[1]->session_id.data, AFTERNOON_ID.bytes, 16);

    entry = feeds_add_row(0, FRIDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    entry->part = DW__SITTING_PART__SITTING_PART_EVENING;
    const Dw__RowFault *fault = fault_of(entry, 2);
    assert_non_null(fault);
    assert_string_equal(fault->column, "session");
    assert_string_equal(fault->value, "evening");
    assert_int_equal(fault->code, DW__ROW_FAULT_CODE__ROW_FAULT_CODE_CONSTRAINT_ERROR);
    assert_non_null(strstr(fault->reason, "Monday 09:30 to 12:30, Tuesday 09:30"));

    entry = feeds_add_row(0, FRIDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    entry->part = DW__SITTING_PART__SITTING_PART_DAY;
    fault = fault_of(entry, 3);
    assert_non_null(strstr(fault->mend, "a row for each session"));
}

/* A session's id on another weekday than the session's, and two sessions that are the same part of a day. */
static void a_row_that_fits_no_session_or_two_is_rejected(void **state)
{
    (void)state;
    enum { FRIDAY = TODAY - 3 };
    feeds_start_placement(0);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    Dw__RowEntry *entry =
        feeds_add_row(0, FRIDAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    entry->session_case = DW__ROW_ENTRY__SESSION_SESSION_ID;
    entry->session_id = id_to_data(&AFTERNOON_ID);
    assert_non_null(fault_of(entry, 1));
    (void)feeds_set_session(&MORNING_IDS[5], 5, 700, 900); /* morning and afternoon both */
    entry = feeds_add_row(0, FRIDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    entry->part = DW__SITTING_PART__SITTING_PART_DAY;
    assert_null(fault_of(entry, 2));
    entry = feeds_add_row(0, FRIDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    entry->part = DW__SITTING_PART__SITTING_PART_AFTERNOON;
    const Dw__RowFault *fault = fault_of(entry, 3);
    assert_non_null(fault);
    assert_non_null(strstr(fault->reason, "more than one"));
    assert_counts(&FEED_ID, 1, 0, 0, 2, 0);
}

enum { TELL_PERSON, TELL_PLACEMENT, TELL_SESSION, TELL_ROW, TELLINGS };

static void tell_one(unsigned what)
{
    if (what == TELL_PERSON)
        (void)feeds_record_person(0);
    else if (what == TELL_PLACEMENT)
        feeds_start_placement(0);
    else if (what == TELL_SESSION)
        for (uint32_t weekday = 1; weekday <= 7; weekday++)
            (void)feeds_set_session(&MORNING_IDS[weekday], weekday, 570, 750);
    else {
        (void)feeds_add_row_by_council(0, TODAY - 1,
                                       DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
        (void)feeds_add_row_by_council(0, TODAY - 1,
                                       DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOLIDAY);
        (void)feeds_send_rows(&FEED_ID, 1);
    }
}

/* Proves: a row takes effect once person, placement and session are known, in each of the 24 orders, and in none before. */
static void whatever_comes_first_a_row_takes_effect_when_all_is_known(void **state)
{
    (void)state;
    for (unsigned order = 0; order < TELLINGS * TELLINGS * TELLINGS * TELLINGS; order++) {
        const unsigned told[] = {order % 4, order / 4 % 4, order / 16 % 4, order / 64};
        unsigned seen = 0;
        for (unsigned at = 0; at < TELLINGS; at++)
            seen |= 1U << told[at];
        if (seen != 15)
            continue;
        pure_destroy(&feeds_pure);
        (void)feeds_begin(NULL);
        (void)feeds_set_session(&AFTERNOON_ID, 5, 810, 960);
        (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
        for (unsigned at = 0; at < TELLINGS; at++) {
            tell_one(told[at]);
            pure_reload(feeds_pure);
            if (at + 1 < TELLINGS) {
                const Dw__FeedCounts *counts = feeds_receipt(&FEED_ID)->feed->counts;
                assert_int_equal(counts->added, 0);
                assert_int_equal(counts->unmatched, counts->read);
            }
        }
        assert_counts(&FEED_ID, 1, 1, 0, 0, 0);
        assert_int_equal(entities_count(pure_entities(feeds_pure), ATTENDANCE_KIND_UNMATCHED), 0);
        const Dw__RegisterShown *shown = feeds_register(TODAY - 1);
        assert_int_equal(shown->rows[0]->n_marks, 1);
        assert_int_equal(shown->rows[0]->marks[0]->status,
                         DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOLIDAY);
    }
}

/* A session whose times stay says nothing new. */
static void a_session_that_only_has_other_limits_is_no_event(void **state)
{
    (void)state;
    assert_int_equal(feeds_set_session(&AFTERNOON_ID, 5, 810, 960).events_count, 0);
    assert_int_equal(feeds_set_session(&AFTERNOON_ID, 5, 810, 970).events_count, 1);
}

static struct pure_outcome run_afternoon_until(int32_t date)
{
    return feeds_set_session_until(&AFTERNOON_ID, 5, 810, 960, date);
}

/* Proves: another last date of a session is heard, earlier or later: rows count until it, and after it no more. */
static void another_last_date_of_a_session_is_heard(void **state)
{
    (void)state;
    enum { FRIDAY = TODAY - 3, BEFORE = FRIDAY - 7 };
    feeds_start_placement(0);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    assert_int_equal(run_afternoon_until(FRIDAY).events_count, 1);
    assert_int_equal(run_afternoon_until(FRIDAY).events_count, 0);
    assert_int_equal(feeds_end_session(&AFTERNOON_ID, 5, 810, 960, BEFORE).events_count, 1);
    for (int32_t date = BEFORE; date <= FRIDAY; date += 7)
        feeds_add_row(0, date, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED)->part =
            DW__SITTING_PART__SITTING_PART_AFTERNOON;
    (void)feeds_send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 1, 0, 0, 1, 0);
    assert_int_equal(run_afternoon_until(FRIDAY).events_count, 1);
    pure_reload(feeds_pure);
    feeds_add_row(0, FRIDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED)->part =
        DW__SITTING_PART__SITTING_PART_AFTERNOON;
    (void)feeds_send_rows(&FEED_ID, 2);
    assert_counts(&FEED_ID, 2, 0, 0, 1, 0);
}

/* Proves: the register tells when somebody came and when they left, each as the row has it, and nothing where it has none. */
static void the_register_tells_when_somebody_came_and_left(void **state)
{
    (void)state;
    feeds_start_placement(0);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    for (int32_t day = 1; day <= 3; day++) {
        Dw__RowEntry *entry =
            feeds_add_row(0, TODAY - day, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
        if (day != 2) {
            entry->arrival_case = DW__ROW_ENTRY__ARRIVAL_ARRIVED_MINUTES;
            entry->arrived_minutes = 575;
        }
        if (day != 3) {
            entry->departure_case = DW__ROW_ENTRY__DEPARTURE_LEFT_MINUTES;
            entry->left_minutes = 701;
        }
    }
    (void)feeds_send_rows(&FEED_ID, 1);
    pure_reload(feeds_pure);
    const Dw__RegisterRow *row = feeds_register(TODAY - 1)->rows[0];
    assert_int_equal(row->n_marks, 3);
    assert_int_equal(row->marks[2]->date->days, TODAY - 1);
    assert_int_equal(row->marks[2]->arrived->minutes, 575);
    assert_int_equal(row->marks[2]->left->minutes, 701);
    assert_null(row->marks[1]->arrived);
    assert_int_equal(row->marks[1]->left->minutes, 701);
    assert_int_equal(row->marks[0]->arrived->minutes, 575);
    assert_null(row->marks[0]->left);
}

/* --- rows that wait --------------------------------------------------------------------------------------------- */

static void rows_that_wait_take_effect_when_the_placement_starts(void **state)
{
    (void)state;
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    (void)feeds_add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOLIDAY);
    (void)feeds_add_row(0, FROM - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_add_row(1, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 0, 0, 0, 0, 4);
    pure_reload(feeds_pure);
    feeds_start_placement(0);
    assert_counts(&FEED_ID, 1, 1, 0, 0, 2);
    const Dw__RegisterShown *shown = feeds_register(TODAY - 1);
    assert_int_equal(shown->n_rows, 1);
    assert_int_equal(shown->rows[0]->n_marks, 1);
    assert_int_equal(shown->rows[0]->marks[0]->status,
                     DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOLIDAY);
    const Dw__UnmatchedRowsShown *waiting = feeds_waiting(&PROVIDER_ID);
    assert_int_equal(waiting->total, 2);
    assert_int_equal(waiting->rows[0]->entry->row_number, 4);
    feeds_start_placement(1);
    assert_counts(&FEED_ID, 2, 1, 0, 0, 1);
}

/* Proves: a row is matched once, also when the person has two placements with the session, which are both looked at. */
static void a_row_of_somebody_with_two_placements_counts_once(void **state)
{
    pure_destroy(&feeds_pure);
    (void)feeds_begin(state);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    feeds_start_placement(0);
    feeds_start_placement_of(22, 0);
    (void)feeds_add_row(0, TODAY - 7, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_add_row(0, TODAY - 7, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL);
    (void)feeds_send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 0, 0, 0, 0, 2);
    (void)feeds_set_session(&MORNING_IDS[1], 1, 570, 750);
    assert_counts(&FEED_ID, 1, 1, 0, 0, 0);
}

/* Proves: nobody is expected in a week in which the session rests: the row is told when it sits next. */
static void nobody_is_expected_in_a_week_of_rest(void **state)
{
    (void)state;
    (void)feeds_set_session_every(&MORNING_IDS[1], 1, 570, 750, TODAY - 28, 2);
    assert_int_equal(
        feeds_set_session_every(&MORNING_IDS[1], 1, 570, 750, TODAY - 28, 2).events_count, 0);
    feeds_start_placement(0);
    pure_reload(feeds_pure);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    (void)feeds_add_row(0, TODAY - 14, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_add_row(0, TODAY - 7, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 1, 0, 0, 1, 0);
    assert_non_null(strstr(feeds_receipt(&FEED_ID)->rejects[0]->reason, "every 2 weeks, next on "));
}

/* Proves: nobody is expected after the last date: a row about a later one waits, and the register of a later week does
 * not show the person. */
static void nobody_is_expected_after_the_last_date(void **state)
{
    (void)state;
    enum { LAST = TODAY - 7, BEFORE = LAST - 7 }; /* Mondays */
    feeds_start_placement(0);
    feeds_start_placement(1);
    assert_int_equal(feeds_register(TODAY)->n_rows, 2);
    feeds_end_placement(0, LAST);
    pure_reload(feeds_pure);
    assert_int_equal(feeds_register(BEFORE)->n_rows, 2);
    assert_int_equal(feeds_register(LAST)->n_rows, 2);
    const Dw__RegisterShown *shown = feeds_register(TODAY);
    const struct id stays_id = feeds_id(21, 1);
    assert_int_equal(shown->n_rows, 1);
    assert_memory_equal(shown->rows[0]->attender->person_id.data, stays_id.bytes,
                        sizeof stays_id.bytes);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    (void)feeds_add_row(0, LAST, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_add_row(0, LAST + 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_add_row(0, TODAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_add_row(1, TODAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 2, 0, 0, 0, 2);
}

/* --- speed ------------------------------------------------------------------------------------------------------ */

static void a_thousand_rows_take_a_few_milliseconds(void **state)
{
    (void)state;
    for (unsigned person = 0; person < PEOPLE_MAX; person++)
        feeds_start_placement(person);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    for (unsigned row = 0; row < ROWS_MAX; row++)
        (void)feeds_add_row(row % PEOPLE_MAX, TODAY - 1 - (int32_t)(row / PEOPLE_MAX),
                            DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    struct timespec before, after;
    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before), 0);
    (void)feeds_send_rows(&FEED_ID, 1);
    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after), 0);
    assert_counts(&FEED_ID, ROWS_MAX, 0, 0, 0, 0);
    const long taken_us =
        (after.tv_sec - before.tv_sec) * 1000000 + (after.tv_nsec - before.tv_nsec) / 1000;
    print_message("a part of %d rows: %ld microseconds\n", ROWS_MAX, taken_us);
    assert_true(taken_us <
                50000); /* ten and more times what it takes, for slow machines and sanitizers */
}

int main(void)
{
#define ROW_TEST(name) cmocka_unit_test_setup_teardown(name, feeds_set_up, feeds_tear_down)
    const struct CMUnitTest tests[] = {
        ROW_TEST(a_row_may_name_a_person_by_the_councils_id),
        ROW_TEST(a_row_names_its_session_by_id_part_or_start),
        ROW_TEST(a_row_that_fits_no_session_or_two_is_rejected),
        ROW_TEST(whatever_comes_first_a_row_takes_effect_when_all_is_known),
        ROW_TEST(a_session_that_only_has_other_limits_is_no_event),
        ROW_TEST(another_last_date_of_a_session_is_heard),
        ROW_TEST(the_register_tells_when_somebody_came_and_left),
        ROW_TEST(rows_that_wait_take_effect_when_the_placement_starts),
        ROW_TEST(a_row_of_somebody_with_two_placements_counts_once),
        ROW_TEST(nobody_is_expected_in_a_week_of_rest),
        ROW_TEST(nobody_is_expected_after_the_last_date),
        ROW_TEST(a_thousand_rows_take_a_few_milliseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
