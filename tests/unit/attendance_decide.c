/* Tests of services/attendance: feeds and their receipts, rows that wait for a placement, and how long a part takes. */
#include "services/attendance/attendance.h"
#include "services/attendance/state.h"

#include "common/entities_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "model.pb-c.h"
#include "placements.pb-c.h"
#include "tests/support/pure.h"

enum {
    TAKER = DW__ROLE__ROLE_REGISTER_TAKER,
    TODAY = 20780,
    FROM = TODAY - 100,
    ROWS_MAX = 1000,
    PEOPLE_MAX = 100,
    HASH_SIZE = 32,
};
static const int64_t NOW_MS = INT64_C(20780) * 86400000;

static const struct id FEED_ID = {{1}};
static const struct id OTHER_FEED_ID = {{2}};
static const struct id PROVIDER_ID = {{3}};
static const struct id RIVAL_ID = {{4}};
static const struct id SERVICE_ID = {{5}};
static const struct id SESSION_ID = {{6}};

static Dw__CommissioningModel model;
static struct pure *pure;

static int set_up(void **state)
{
    (void)state;
    dw__commissioning_model__init(&model);
    pure = pure_create(&attendance_service, &model.base);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pure_destroy(&pure);
    return 0;
}

static struct id numbered(uint8_t kind, unsigned number)
{
    return (struct id){{kind, (uint8_t)(number + 1)}};
}

static void start_placement(unsigned person)
{
    const struct principal nobody = {.name = ""};
    const struct id placement_id = numbered(20, person);
    const struct id person_id = numbered(21, person);
    ProtobufCBinaryData session_id = id_to_data(&SESSION_ID);
    Dw__Date from = DW__DATE__INIT;
    from.days = FROM;
    Dw__PlacementTerms terms = DW__PLACEMENT_TERMS__INIT;
    terms.person_id = id_to_data(&person_id);
    terms.provider_id = id_to_data(&PROVIDER_ID);
    terms.service_id = id_to_data(&SERVICE_ID);
    terms.session_ids = &session_id;
    terms.n_session_ids = 1;
    Dw__PlacementStarted started = DW__PLACEMENT_STARTED__INIT;
    started.placement_id = id_to_data(&placement_id);
    started.terms = &terms;
    started.date = &from;
    const struct foreign_event event = {
        .service = "placements", .seq = 1, .principal = &nobody, .message = &started.base};
    assert_int_equal(pure_react(pure, &event, NOW_MS, TODAY).outcome, DECISION_YES);
}

static struct pure_outcome open_feed(const struct id *feed_id, uint8_t hash, Dw__FeedMode mode)
{
    uint8_t content_hash[HASH_SIZE] = {hash};
    Dw__OpenFeed open = DW__OPEN_FEED__INIT;
    open.feed_id = id_to_data(feed_id);
    open.file_reference = (char *)(uintptr_t) "register-1";
    open.content_hash = (ProtobufCBinaryData){HASH_SIZE, content_hash};
    open.provider_id = id_to_data(&PROVIDER_ID);
    open.dialect = DW__FEED_DIALECT__FEED_DIALECT_DAYWAYS;
    open.mode = mode;
    open.parts_total = 3;
    return pure_command(pure, &open.base, TAKER, NOW_MS, TODAY);
}

/* Rows to be sent: add_row fills them, send_rows sends and forgets them. */
static struct {
    Dw__FeedRow rows[ROWS_MAX];
    Dw__FeedRow *pointers[ROWS_MAX];
    Dw__RowEntry entries[ROWS_MAX];
    Dw__Date dates[ROWS_MAX];
    struct id person_ids[ROWS_MAX];
    size_t count;
} part;

static Dw__RowEntry *add_row(unsigned person, int32_t date, Dw__AttendanceStatus status)
{
    const size_t at = part.count++;
    dw__feed_row__init(&part.rows[at]);
    dw__row_entry__init(&part.entries[at]);
    dw__date__init(&part.dates[at]);
    part.pointers[at] = &part.rows[at];
    part.rows[at].row_number = (uint32_t)at + 2;
    part.rows[at].what_case = DW__FEED_ROW__WHAT_ENTRY;
    part.rows[at].entry = &part.entries[at];
    part.person_ids[at] = numbered(21, person);
    part.dates[at].days = date;
    part.entries[at].person_id = id_to_data(&part.person_ids[at]);
    part.entries[at].session_date = &part.dates[at];
    part.entries[at].session_id = id_to_data(&SESSION_ID);
    part.entries[at].status = status;
    return &part.entries[at];
}

static struct pure_outcome send_rows(const struct id *feed_id, uint32_t number)
{
    Dw__FeedRows rows = DW__FEED_ROWS__INIT;
    rows.feed_id = id_to_data(feed_id);
    rows.part = number;
    rows.rows = part.pointers;
    rows.n_rows = part.count;
    part.count = 0;
    return pure_command(pure, &rows.base, TAKER, NOW_MS, TODAY);
}

static const Dw__FeedReceiptShown *receipt(const struct id *feed_id)
{
    Dw__FeedReceipt ask = DW__FEED_RECEIPT__INIT;
    ask.feed_id = id_to_data(feed_id);
    ask.mode = DW__FEED_MODE__FEED_MODE_COMMIT;
    const Dw__FeedReceiptShown *shown = pure_query(pure, &ask.base, TAKER, NOW_MS, TODAY, NULL);
    assert_non_null(shown);
    return shown;
}

static void assert_counts(const struct id *feed_id, uint32_t added, uint32_t updated,
                          uint32_t unchanged, uint32_t rejected, uint32_t unmatched)
{
    const Dw__FeedCounts *counts = receipt(feed_id)->feed->counts;
    assert_int_equal(counts->added, added);
    assert_int_equal(counts->updated, updated);
    assert_int_equal(counts->unchanged, unchanged);
    assert_int_equal(counts->rejected, rejected);
    assert_int_equal(counts->unmatched, unmatched);
    assert_int_equal(counts->read, added + updated + unchanged + rejected + unmatched);
}

static const Dw__RegisterShown *get_register(int32_t date)
{
    Dw__Date day = DW__DATE__INIT;
    day.days = date;
    Dw__GetRegister ask = DW__GET_REGISTER__INIT;
    ask.provider_id = id_to_data(&PROVIDER_ID);
    ask.date = &day;
    const Dw__RegisterShown *shown = pure_query(pure, &ask.base, TAKER, NOW_MS, TODAY, NULL);
    assert_non_null(shown);
    return shown;
}

/* --- receipts --------------------------------------------------------------------------------------------------- */

static void a_receipt_adds_up_and_lists_what_was_rejected(void **state)
{
    (void)state;
    start_placement(0);
    (void)open_feed(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    (void)add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)add_row(9, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)add_row(0, TODAY + 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    add_row(0, TODAY - 2, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED)->session_date = NULL;
    (void)send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 1, 0, 0, 2, 1);
    const Dw__FeedReceiptShown *shown = receipt(&FEED_ID);
    assert_int_equal(shown->n_parts_missing, 2);
    assert_int_equal(shown->n_rejects, 2);
    assert_int_equal(shown->rejects[0]->row_number, 4);
    assert_string_equal(shown->rejects[0]->fault->column, "session_date");
    assert_int_equal(shown->rejects[0]->fault->code,
                     DW__ROW_FAULT_CODE__ROW_FAULT_CODE_CONSTRAINT_ERROR);
    assert_int_equal(strlen(shown->rejects[0]->fault->value), 10);
    assert_int_equal(shown->rejects[1]->row_number, 5);
    assert_int_equal(shown->rejects[1]->fault->code,
                     DW__ROW_FAULT_CODE__ROW_FAULT_CODE_MISSING_CELL);
}

static void a_later_row_for_the_same_sitting_wins(void **state)
{
    (void)state;
    start_placement(0);
    (void)open_feed(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    (void)add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL);
    (void)add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL);
    (void)send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 1, 1, 1, 0, 0);
    (void)add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL);
    (void)add_row(0, TODAY - 2, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_LEFT_EARLY);
    (void)send_rows(&FEED_ID, 2);
    assert_counts(&FEED_ID, 2, 1, 2, 0, 0);
    pure_reload(pure);
    const Dw__RegisterShown *shown = get_register(TODAY - 1);
    assert_int_equal(shown->n_rows, 1);
    bool found = false;
    for (size_t at = 0; at < shown->rows[0]->n_marks; at++)
        if (shown->rows[0]->marks[at]->date->days == TODAY - 1) {
            found = true;
            assert_int_equal(shown->rows[0]->marks[at]->status,
                             DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL);
        }
    assert_true(found);
}

static void the_same_part_again_changes_nothing(void **state)
{
    (void)state;
    start_placement(0);
    (void)open_feed(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    for (unsigned round = 0; round < 2; round++) {
        (void)add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
        assert_int_equal(send_rows(&FEED_ID, 1).events_count, round == 0 ? 1 : 0);
    }
    assert_counts(&FEED_ID, 1, 0, 0, 0, 0);
}

static void the_same_file_again_is_found_by_its_hash(void **state)
{
    (void)state;
    assert_int_equal(open_feed(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT).events_count, 1);
    const struct pure_outcome again = open_feed(&OTHER_FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    assert_int_equal(again.outcome, DECISION_YES);
    assert_int_equal(again.events_count, 0);
    uint8_t hash[HASH_SIZE] = {7};
    Dw__FeedReceipt ask = DW__FEED_RECEIPT__INIT;
    ask.provider_id = id_to_data(&PROVIDER_ID);
    ask.content_hash = (ProtobufCBinaryData){HASH_SIZE, hash};
    ask.mode = DW__FEED_MODE__FEED_MODE_COMMIT;
    const Dw__FeedReceiptShown *shown = pure_query(pure, &ask.base, TAKER, NOW_MS, TODAY, NULL);
    assert_non_null(shown);
    assert_memory_equal(shown->feed_id.data, FEED_ID.bytes, sizeof FEED_ID.bytes);
    assert_int_equal(open_feed(&FEED_ID, 8, DW__FEED_MODE__FEED_MODE_COMMIT).refusal,
                     DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_ALREADY_EXISTS);
}

static void a_preview_counts_and_changes_no_register(void **state)
{
    (void)state;
    start_placement(0);
    (void)open_feed(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_PREVIEW);
    (void)add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)add_row(9, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 1, 0, 0, 0, 1);
    assert_int_equal(entities_count(pure_entities(pure), ATTENDANCE_KIND_MONTH), 0);
    assert_int_equal(entities_count(pure_entities(pure), ATTENDANCE_KIND_UNMATCHED), 0);
}

/* --- rows that wait --------------------------------------------------------------------------------------------- */

static void rows_that_wait_take_effect_when_the_placement_starts(void **state)
{
    (void)state;
    (void)open_feed(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    (void)add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOLIDAY);
    (void)add_row(0, FROM - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)add_row(1, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 0, 0, 0, 0, 4);
    pure_reload(pure);
    start_placement(0);
    assert_counts(&FEED_ID, 1, 1, 0, 0, 2);
    const Dw__RegisterShown *shown = get_register(TODAY - 1);
    assert_int_equal(shown->n_rows, 1);
    assert_int_equal(shown->rows[0]->n_marks, 1);
    assert_int_equal(shown->rows[0]->marks[0]->status,
                     DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOLIDAY);
    Dw__UnmatchedRows ask = DW__UNMATCHED_ROWS__INIT;
    ask.provider_id = id_to_data(&PROVIDER_ID);
    const Dw__UnmatchedRowsShown *waiting = pure_query(pure, &ask.base, TAKER, NOW_MS, TODAY, NULL);
    assert_int_equal(waiting->total, 2);
    assert_int_equal(waiting->rows[0]->row_number, 4);
    start_placement(1);
    assert_counts(&FEED_ID, 2, 1, 0, 0, 1);
}

/* --- refusals --------------------------------------------------------------------------------------------------- */

static void a_feed_is_closed_when_all_parts_are_there(void **state)
{
    (void)state;
    (void)open_feed(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    Dw__CloseFeed close = DW__CLOSE_FEED__INIT;
    close.feed_id = id_to_data(&FEED_ID);
    (void)send_rows(&FEED_ID, 1);
    (void)send_rows(&FEED_ID, 3);
    assert_int_equal(pure_command(pure, &close.base, TAKER, NOW_MS, TODAY).refusal,
                     DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_PARTS_MISSING);
    assert_int_equal(send_rows(&FEED_ID, 4).refusal,
                     DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_PART_OUTSIDE);
    (void)send_rows(&FEED_ID, 2);
    assert_int_equal(pure_command(pure, &close.base, TAKER, NOW_MS, TODAY).events_count, 1);
    assert_int_equal(pure_command(pure, &close.base, TAKER, NOW_MS, TODAY).events_count, 0);
    assert_true(receipt(&FEED_ID)->feed->closed);
}

static void a_provider_touches_only_its_own_feeds(void **state)
{
    (void)state;
    pure_principal_provider(pure, &RIVAL_ID);
    assert_int_equal(open_feed(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT).refusal,
                     DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_NOT_YOURS);
    pure_principal_provider(pure, &PROVIDER_ID);
    assert_int_equal(open_feed(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT).events_count, 1);
    pure_principal_provider(pure, &RIVAL_ID);
    assert_int_equal(send_rows(&FEED_ID, 1).refusal,
                     DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_NOT_YOURS);
    struct pure_outcome outcome;
    Dw__FeedReceipt ask = DW__FEED_RECEIPT__INIT;
    ask.feed_id = id_to_data(&FEED_ID);
    ask.mode = DW__FEED_MODE__FEED_MODE_COMMIT;
    assert_null(pure_query(pure, &ask.base, TAKER, NOW_MS, TODAY, &outcome));
    assert_int_equal(outcome.refusal, DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_NOT_YOURS);
}

/* --- speed ------------------------------------------------------------------------------------------------------ */

static void a_thousand_rows_take_a_few_milliseconds(void **state)
{
    (void)state;
    for (unsigned person = 0; person < PEOPLE_MAX; person++)
        start_placement(person);
    (void)open_feed(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    for (unsigned row = 0; row < ROWS_MAX; row++)
        (void)add_row(row % PEOPLE_MAX, TODAY - 1 - (int32_t)(row / PEOPLE_MAX),
                      DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    struct timespec before, after;
    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before), 0);
    (void)send_rows(&FEED_ID, 1);
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
#define FEED_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        FEED_TEST(a_receipt_adds_up_and_lists_what_was_rejected),
        FEED_TEST(a_later_row_for_the_same_sitting_wins),
        FEED_TEST(the_same_part_again_changes_nothing),
        FEED_TEST(the_same_file_again_is_found_by_its_hash),
        FEED_TEST(a_preview_counts_and_changes_no_register),
        FEED_TEST(rows_that_wait_take_effect_when_the_placement_starts),
        FEED_TEST(a_feed_is_closed_when_all_parts_are_there),
        FEED_TEST(a_provider_touches_only_its_own_feeds),
        FEED_TEST(a_thousand_rows_take_a_few_milliseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
