/* Tests of services/attendance: feeds and their receipts, what is sent again, previews, and each refusal. Whom and which session
 * a row is about is in attendance_rows.c. */
#include "services/attendance/state.h"

#include "common/entities_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/feeds.h"

/* --- receipts --------------------------------------------------------------------------------------------------- */

static void a_receipt_adds_up_and_lists_what_was_rejected(void **state)
{
    (void)state;
    feeds_start_placement(0);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    (void)feeds_add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_add_row(9, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_add_row(0, TODAY + 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    feeds_add_row(0, TODAY - 2, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED)->date_days = 0;
    (void)feeds_send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 1, 0, 0, 2, 1);
    const Dw__FeedReceiptShown *shown = feeds_receipt(&FEED_ID);
    assert_int_equal(shown->n_parts_missing, 2);
    assert_int_equal(shown->n_rejects, 2);
    assert_int_equal(shown->rejects[0]->row_number, 4);
    assert_string_equal(shown->rejects[0]->column, "session_date");
    assert_int_equal(shown->rejects[0]->code, DW__ROW_FAULT_CODE__ROW_FAULT_CODE_CONSTRAINT_ERROR);
    assert_int_equal(strlen(shown->rejects[0]->value), 10);
    assert_int_equal(shown->rejects[1]->row_number, 5);
    assert_int_equal(shown->rejects[1]->code, DW__ROW_FAULT_CODE__ROW_FAULT_CODE_MISSING_CELL);
}

/* Proves: rows that the sender could not read are read, rejected and listed among the others. */
static void rows_that_could_not_be_read_are_in_the_receipt(void **state)
{
    (void)state;
    feeds_start_placement(0);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    (void)feeds_add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    feeds_add_row(0, TODAY - 2, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED)->date_days = 0;
    feeds_add_fault(9);
    feeds_add_fault(1);
    (void)feeds_send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 1, 0, 0, 3, 0);
    const Dw__FeedReceiptShown *shown = feeds_receipt(&FEED_ID);
    assert_int_equal(shown->n_rejects, 3);
    assert_int_equal(shown->rejects[0]->row_number, 1);
    assert_int_equal(shown->rejects[1]->row_number, 3);
    assert_int_equal(shown->rejects[2]->row_number, 9);
    assert_string_equal(shown->rejects[2]->value, "noonish");
}

static void a_later_row_for_the_same_sitting_wins(void **state)
{
    (void)state;
    feeds_start_placement(0);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    (void)feeds_add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL);
    (void)feeds_add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL);
    (void)feeds_send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 1, 1, 1, 0, 0);
    (void)feeds_add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL);
    (void)feeds_add_row(0, TODAY - 2, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_LEFT_EARLY);
    (void)feeds_send_rows(&FEED_ID, 2);
    assert_counts(&FEED_ID, 2, 1, 2, 0, 0);
    pure_reload(feeds_pure);
    const Dw__RegisterShown *shown = feeds_register(TODAY - 1);
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

/* What wins is the row further down in the file, however the sender has sorted the part. */
static void the_row_number_decides_and_not_the_place_in_the_part(void **state)
{
    (void)state;
    feeds_start_placement(0);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    feeds_add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL)->row_number =
        9;
    (void)feeds_add_row(0, TODAY - 2, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 2, 1, 0, 0, 0);
    const Dw__RegisterShown *shown = feeds_register(TODAY - 1);
    assert_int_equal(shown->rows[0]->marks[1]->date->days, TODAY - 1);
    assert_int_equal(shown->rows[0]->marks[1]->status,
                     DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL);
    feeds_add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL)->row_number =
        3;
    (void)feeds_add_row(0, TODAY - 2, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    assert_int_equal(feeds_send_rows(&FEED_ID, 2).outcome, DECISION_INVALID);
    (void)feeds_add_row(5, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_send_rows(&FEED_ID, 2);
    (void)feeds_add_row(6, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    assert_int_equal(feeds_send_rows(&FEED_ID, 3).outcome, DECISION_INVALID);
}

/* What a file is called is somebody's free text: it comes back in the receipt, and no event and no record has it. */
static void the_name_of_a_file_stands_in_the_vault_alone(void **state)
{
    (void)state;
    const struct pure_outcome outcome = feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    const struct packed *event = &outcome.decision->events[0].body;
    assert_null(memmem(event->bytes, event->len, "Robin", 5));
    assert_int_equal(outcome.decision->keeps_count, 1);
    const Dw__FeedReceiptShown *shown = feeds_receipt(&FEED_ID);
    assert_string_equal(shown->file_reference, "Robin Example 04-05-1991.csv");
    uint8_t bytes[4096];
    assert_true(protobuf_c_message_get_packed_size(&shown->feed->base) < sizeof bytes);
    const size_t len = protobuf_c_message_pack(&shown->feed->base, bytes);
    assert_null(memmem(bytes, len, "Robin", 5));
}

/* --- the same again, and previews ------------------------------------------------------------------------------- */

static void the_same_part_again_changes_nothing(void **state)
{
    (void)state;
    feeds_start_placement(0);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    for (unsigned round = 0; round < 2; round++) {
        (void)feeds_add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
        assert_int_equal(feeds_send_rows(&FEED_ID, 1).events_count, round == 0 ? 1 : 0);
    }
    assert_counts(&FEED_ID, 1, 0, 0, 0, 0);
}

static void the_same_file_again_is_found_by_its_hash(void **state)
{
    (void)state;
    assert_int_equal(feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT).events_count, 1);
    const struct pure_outcome again =
        feeds_open(&OTHER_FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    assert_int_equal(again.outcome, DECISION_YES);
    assert_int_equal(again.events_count, 0);
    uint8_t hash[HASH_SIZE] = {7};
    Dw__FeedReceipt ask = DW__FEED_RECEIPT__INIT;
    ask.provider_id = id_to_data(&PROVIDER_ID);
    ask.content_hash = (ProtobufCBinaryData){HASH_SIZE, hash};
    const Dw__FeedReceiptShown *shown =
        pure_query(feeds_pure, &ask.base, TAKER, NOW_MS, TODAY, NULL);
    assert_non_null(shown);
    assert_memory_equal(shown->feed_id.data, FEED_ID.bytes, sizeof FEED_ID.bytes);
    assert_int_equal(feeds_open(&FEED_ID, 8, DW__FEED_MODE__FEED_MODE_COMMIT).refusal,
                     DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_ALREADY_EXISTS);
}

static void a_preview_counts_and_changes_no_register(void **state)
{
    (void)state;
    feeds_start_placement(0);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_PREVIEW);
    (void)feeds_add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_add_row(9, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 1, 0, 0, 0, 1);
    assert_int_equal(entities_count(pure_entities(feeds_pure), ATTENDANCE_KIND_MONTH), 0);
    assert_int_equal(entities_count(pure_entities(feeds_pure), ATTENDANCE_KIND_UNMATCHED), 0);
    feeds_start_placement(9);
    assert_int_equal(feeds_open(&OTHER_FEED_ID, 7, DW__FEED_MODE__FEED_MODE_PREVIEW).events_count,
                     1);
    (void)feeds_add_row(9, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_send_rows(&OTHER_FEED_ID, 1);
    assert_counts(&OTHER_FEED_ID, 1, 0, 0, 0, 0);
}

/* Proves: that a file was taken does not keep it from being previewed, nor that it was previewed from being taken. */
static void a_preview_of_a_file_is_not_the_file(void **state)
{
    (void)state;
    const struct id preview_id = {{31}};
    const struct id late_preview_id = {{32}};
    assert_int_equal(feeds_open(&preview_id, 7, DW__FEED_MODE__FEED_MODE_PREVIEW).events_count, 1);
    assert_int_equal(feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT).events_count, 1);
    assert_int_equal(feeds_open(&late_preview_id, 7, DW__FEED_MODE__FEED_MODE_PREVIEW).events_count,
                     1);
    assert_int_equal(feeds_receipt(&late_preview_id)->feed->mode, DW__FEED_MODE__FEED_MODE_PREVIEW);
    pure_reload(feeds_pure);
    assert_int_equal(feeds_open(&OTHER_FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT).events_count,
                     0);
    uint8_t hash[HASH_SIZE] = {7};
    Dw__FeedReceipt ask = DW__FEED_RECEIPT__INIT;
    ask.provider_id = id_to_data(&PROVIDER_ID);
    ask.content_hash = (ProtobufCBinaryData){HASH_SIZE, hash};
    const Dw__FeedReceiptShown *shown =
        pure_query(feeds_pure, &ask.base, TAKER, NOW_MS, TODAY, NULL);
    assert_non_null(shown);
    assert_memory_equal(shown->feed_id.data, FEED_ID.bytes, sizeof FEED_ID.bytes);
}

/* --- refusals --------------------------------------------------------------------------------------------------- */

static void a_feed_is_closed_when_all_parts_are_there(void **state)
{
    (void)state;
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    Dw__CloseFeed close = DW__CLOSE_FEED__INIT;
    close.feed_id = id_to_data(&FEED_ID);
    (void)feeds_send_rows(&FEED_ID, 1);
    (void)feeds_send_rows(&FEED_ID, 3);
    assert_int_equal(pure_command(feeds_pure, &close.base, TAKER, NOW_MS, TODAY).refusal,
                     DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_PARTS_MISSING);
    assert_int_equal(feeds_send_rows(&FEED_ID, 4).refusal,
                     DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_PART_OUTSIDE);
    (void)feeds_send_rows(&FEED_ID, 2);
    assert_int_equal(pure_command(feeds_pure, &close.base, TAKER, NOW_MS, TODAY).events_count, 1);
    assert_int_equal(pure_command(feeds_pure, &close.base, TAKER, NOW_MS, TODAY).events_count, 0);
    assert_true(feeds_receipt(&FEED_ID)->feed->closed);
}

static void a_provider_touches_only_its_own_feeds(void **state)
{
    (void)state;
    pure_principal_provider(feeds_pure, &RIVAL_ID);
    assert_int_equal(feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT).refusal,
                     DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_NOT_YOURS);
    pure_principal_provider(feeds_pure, &PROVIDER_ID);
    assert_int_equal(feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT).events_count, 1);
    pure_principal_provider(feeds_pure, &RIVAL_ID);
    assert_int_equal(feeds_send_rows(&FEED_ID, 1).refusal,
                     DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_NOT_YOURS);
    struct pure_outcome outcome;
    Dw__FeedReceipt ask = DW__FEED_RECEIPT__INIT;
    ask.feed_id = id_to_data(&FEED_ID);
    assert_null(pure_query(feeds_pure, &ask.base, TAKER, NOW_MS, TODAY, &outcome));
    assert_int_equal(outcome.refusal, DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_NOT_YOURS);
}

/* Proves: another provider's people are told neither the register nor which rows wait. */
static void a_provider_reads_only_its_own_register_and_waiting_rows(void **state)
{
    (void)state;
    struct pure_outcome outcome;
    Dw__Date date = DW__DATE__INIT;
    Dw__GetRegister get = DW__GET_REGISTER__INIT;
    Dw__UnmatchedRows waiting = DW__UNMATCHED_ROWS__INIT;
    date.days = TODAY - 1;
    get.date = &date;
    get.provider_id = waiting.provider_id = id_to_data(&PROVIDER_ID);
    feeds_start_placement(0);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    (void)feeds_add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_add_row(9, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_send_rows(&FEED_ID, 1);
    const Dw__RegisterShown *shown = feeds_register(TODAY - 1);
    assert_int_equal(shown->n_rows, 1);
    assert_int_equal(feeds_waiting(&PROVIDER_ID)->total, 1);
    pure_principal_provider(feeds_pure, &RIVAL_ID);
    assert_null(pure_query(feeds_pure, &get.base, TAKER, NOW_MS, TODAY, &outcome));
    assert_int_equal(outcome.refusal, DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_NOT_YOURS);
    assert_null(pure_query(feeds_pure, &waiting.base, TAKER, NOW_MS, TODAY, &outcome));
    assert_int_equal(outcome.refusal, DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_NOT_YOURS);
    /* Its own list is its own: no row of the other provider stands in it. */
    const Dw__UnmatchedRowsShown *rivals = feeds_waiting(&RIVAL_ID);
    assert_int_equal(rivals->total, 0);
    assert_int_equal(rivals->n_rows, 0);
}

int main(void)
{
#define FEED_TEST(name) cmocka_unit_test_setup_teardown(name, feeds_set_up, feeds_tear_down)
    const struct CMUnitTest tests[] = {
        FEED_TEST(a_receipt_adds_up_and_lists_what_was_rejected),
        FEED_TEST(a_later_row_for_the_same_sitting_wins),
        FEED_TEST(rows_that_could_not_be_read_are_in_the_receipt),
        FEED_TEST(the_row_number_decides_and_not_the_place_in_the_part),
        FEED_TEST(the_name_of_a_file_stands_in_the_vault_alone),
        FEED_TEST(the_same_part_again_changes_nothing),
        FEED_TEST(the_same_file_again_is_found_by_its_hash),
        FEED_TEST(a_preview_counts_and_changes_no_register),
        FEED_TEST(a_preview_of_a_file_is_not_the_file),
        FEED_TEST(a_feed_is_closed_when_all_parts_are_there),
        FEED_TEST(a_provider_touches_only_its_own_feeds),
        FEED_TEST(a_provider_reads_only_its_own_register_and_waiting_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
