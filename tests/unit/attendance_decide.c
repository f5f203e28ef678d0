/* Tests of services/attendance: feeds and their receipts, rows that wait for a placement, and how long a part takes. */
#include "services/attendance/attendance.h"
#include "services/attendance/state.h"

#include "common/calendar.h"
#include "common/entities_store.h"
#include "common/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "capacity.pb-c.h"
#include "model.pb-c.h"
#include "placements.pb-c.h"
#include "referrals.pb-c.h"
#include "tests/support/pure.h"

enum {
    TAKER = DW__ROLE__ROLE_REGISTER_TAKER,
    TODAY = 20780, /* a Monday */
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
/* By weekday, 1 to 7: a session in the morning each day, and one in the afternoon on Fridays. */
static const struct id MORNING_IDS[] = {{{0}},    {{6, 1}}, {{6, 2}}, {{6, 3}},
                                        {{6, 4}}, {{6, 5}}, {{6, 6}}, {{6, 7}}};
static const struct id AFTERNOON_ID = {{7}};

static Dw__CommissioningModel model;
static struct pure *pure;

static struct pure_outcome tell(const char *service, const ProtobufCMessage *message)
{
    const struct principal nobody = {.name = ""};
    const struct foreign_event event = {
        .service = service, .seq = 1, .principal = &nobody, .message = message};
    const struct pure_outcome outcome = pure_react(pure, &event, NOW_MS, TODAY);
    assert_int_equal(outcome.outcome, DECISION_YES);
    return outcome;
}

static struct pure_outcome set_session(const struct id *session_id, uint32_t weekday,
                                       uint32_t start, uint32_t end)
{
    Dw__SessionSet set = DW__SESSION_SET__INIT;
    Dw__Session session = DW__SESSION__INIT;
    session.session_id = id_to_data(session_id);
    session.weekday = weekday;
    session.start_minutes = start;
    session.end_minutes = end;
    set.session = &session;
    return tell("capacity", &set.base);
}

static int begin(void **state)
{
    (void)state;
    dw__commissioning_model__init(&model);
    pure = pure_create(&attendance_service, &model.base);
    pure_principal_provider(pure, &PROVIDER_ID);
    return 0;
}

static int set_up(void **state)
{
    (void)begin(state);
    for (uint32_t weekday = 1; weekday <= 7; weekday++)
        (void)set_session(&MORNING_IDS[weekday], weekday, 570, 750);
    (void)set_session(&AFTERNOON_ID, 5, 810, 960);
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

/* Somebody may have several placements, which differ in kind. */
static void start_placement_of(uint8_t kind, unsigned person)
{
    const struct id placement_id = numbered(kind, person);
    const struct id person_id = numbered(21, person);
    ProtobufCBinaryData session_ids[8];
    Dw__Date from = DW__DATE__INIT;
    from.days = FROM;
    for (size_t at = 0; at < 7; at++)
        session_ids[at] = id_to_data(&MORNING_IDS[at + 1]);
    session_ids[7] = id_to_data(&AFTERNOON_ID);
    Dw__PlacementTerms terms = DW__PLACEMENT_TERMS__INIT;
    terms.person_id = id_to_data(&person_id);
    terms.provider_id = id_to_data(&PROVIDER_ID);
    terms.service_id = id_to_data(&SERVICE_ID);
    terms.session_ids = session_ids;
    terms.n_session_ids = 8;
    Dw__PlacementStarted started = DW__PLACEMENT_STARTED__INIT;
    started.placement_id = id_to_data(&placement_id);
    started.terms = &terms;
    started.date = &from;
    (void)tell("placements", &started.base);
}

static void start_placement(unsigned person)
{
    start_placement_of(20, person);
}

static void end_placement(unsigned person, int32_t date)
{
    const struct id placement_id = numbered(20, person);
    Dw__Date last = DW__DATE__INIT;
    last.days = date;
    Dw__PlacementEnded ended = DW__PLACEMENT_ENDED__INIT;
    ended.placement_id = id_to_data(&placement_id);
    ended.last = &last;
    (void)tell("placements", &ended.base);
}

/* The council's id of a person is "C-1", "C-2" … */
static struct pure_outcome record_person(unsigned person)
{
    char council_id[16];
    uint8_t key[PSEUDONYM_KEY_SIZE] = {0}; /* that of the driver */
    const struct id person_id = numbered(21, person);
    (void)text_format(council_id, sizeof council_id, "C-%u", person + 1);
    const struct id council_ref = pseudonym_of(key, council_id);
    Dw__PersonRecorded recorded = DW__PERSON_RECORDED__INIT;
    recorded.person_id = id_to_data(&person_id);
    recorded.council_ref = id_to_data(&council_ref);
    return tell("referrals", &recorded.base);
}

static struct pure_outcome open_feed(const struct id *feed_id, uint8_t hash, Dw__FeedMode mode)
{
    uint8_t content_hash[HASH_SIZE] = {hash};
    Dw__OpenFeed open = DW__OPEN_FEED__INIT;
    open.feed_id = id_to_data(feed_id);
    open.file_reference = (char *)(uintptr_t) "Robin Example 04-05-1991.csv";
    open.content_hash = (ProtobufCBinaryData){HASH_SIZE, content_hash};
    open.provider_id = id_to_data(&PROVIDER_ID);
    open.dialect = DW__FEED_DIALECT__FEED_DIALECT_DAYWAYS;
    open.mode = mode;
    open.parts_total = 3;
    return pure_command(pure, &open.base, TAKER, NOW_MS, TODAY);
}

/* Rows to be sent: add_row fills them, send_rows sends and forgets them. */
static struct {
    Dw__RowEntry entries[ROWS_MAX];
    Dw__RowEntry *pointers[ROWS_MAX];
    char refs[ROWS_MAX][ID_TEXT_SIZE];
    size_t count;
} part;

/* A row about the morning of that date, by person number. */
static Dw__RowEntry *add_row(unsigned person, int32_t date, Dw__AttendanceStatus status)
{
    const size_t at = part.count++;
    const struct id person_id = numbered(21, person);
    Dw__RowEntry *entry = part.pointers[at] = &part.entries[at];
    dw__row_entry__init(entry);
    id_to_text(&person_id, part.refs[at]);
    entry->row_number = (uint32_t)at + 2;
    entry->person_ref = part.refs[at];
    entry->date_days = date;
    entry->session_case = DW__ROW_ENTRY__SESSION_PART;
    entry->part = DW__SITTING_PART__SITTING_PART_MORNING;
    entry->status = status;
    return entry;
}

/* The same by the council's id. */
static Dw__RowEntry *add_row_by_council(unsigned person, int32_t date, Dw__AttendanceStatus status)
{
    Dw__RowEntry *entry = add_row(person, date, status);
    (void)text_format(entry->person_ref, ID_TEXT_SIZE, " c-%u ", person + 1);
    return entry;
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
    add_row(0, TODAY - 2, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED)->date_days = 0;
    (void)send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 1, 0, 0, 2, 1);
    const Dw__FeedReceiptShown *shown = receipt(&FEED_ID);
    assert_int_equal(shown->n_parts_missing, 2);
    assert_int_equal(shown->n_rejects, 2);
    assert_int_equal(shown->rejects[0]->row_number, 4);
    assert_string_equal(shown->rejects[0]->column, "session_date");
    assert_int_equal(shown->rejects[0]->code, DW__ROW_FAULT_CODE__ROW_FAULT_CODE_CONSTRAINT_ERROR);
    assert_int_equal(strlen(shown->rejects[0]->value), 10);
    assert_int_equal(shown->rejects[1]->row_number, 5);
    assert_int_equal(shown->rejects[1]->code, DW__ROW_FAULT_CODE__ROW_FAULT_CODE_MISSING_CELL);
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

/* What wins is the row further down in the file, however the sender has sorted the part. */
static void the_row_number_decides_and_not_the_place_in_the_part(void **state)
{
    (void)state;
    start_placement(0);
    (void)open_feed(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL)->row_number = 9;
    (void)add_row(0, TODAY - 2, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 2, 1, 0, 0, 0);
    const Dw__RegisterShown *shown = get_register(TODAY - 1);
    assert_int_equal(shown->rows[0]->marks[1]->date->days, TODAY - 1);
    assert_int_equal(shown->rows[0]->marks[1]->status,
                     DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL);
    add_row(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL)->row_number = 3;
    (void)add_row(0, TODAY - 2, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    assert_int_equal(send_rows(&FEED_ID, 2).outcome, DECISION_INVALID);
    (void)add_row(5, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)send_rows(&FEED_ID, 2);
    (void)add_row(6, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    assert_int_equal(send_rows(&FEED_ID, 3).outcome, DECISION_INVALID);
}

/* What a file is called is somebody's free text: it comes back in the receipt, and no event and no record has it. */
static void the_name_of_a_file_stands_in_the_vault_alone(void **state)
{
    (void)state;
    const struct pure_outcome outcome = open_feed(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    const struct packed *event = &outcome.decision->events[0].body;
    assert_null(memmem(event->bytes, event->len, "Robin", 5));
    assert_int_equal(outcome.decision->keeps_count, 1);
    const Dw__FeedReceiptShown *shown = receipt(&FEED_ID);
    assert_string_equal(shown->file_reference, "Robin Example 04-05-1991.csv");
    uint8_t bytes[4096];
    assert_true(protobuf_c_message_get_packed_size(&shown->feed->base) < sizeof bytes);
    const size_t len = protobuf_c_message_pack(&shown->feed->base, bytes);
    assert_null(memmem(bytes, len, "Robin", 5));
}

/* --- who and which session -------------------------------------------------------------------------------------- */

/* A council id in a row finds the person, and stands in no event, whether the person is known yet or not. */
static void a_row_may_name_a_person_by_the_councils_id(void **state)
{
    (void)state;
    start_placement(0);
    (void)record_person(0);
    (void)open_feed(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    (void)add_row_by_council(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)add_row(0, TODAY - 2, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)add_row_by_council(1, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    const struct pure_outcome outcome = send_rows(&FEED_ID, 1);
    const struct packed *event = &outcome.decision->events[0].body;
    assert_null(memmem(event->bytes, event->len, "c-2", 3));
    assert_null(memmem(event->bytes, event->len, "C-2", 3));
    assert_counts(&FEED_ID, 2, 0, 0, 0, 1);
}

static Dw__RowFault *fault_of(Dw__RowEntry *entry, uint32_t part_number)
{
    entry->row_number = 100 + part_number;
    (void)send_rows(&FEED_ID, part_number);
    const Dw__FeedReceiptShown *shown = receipt(&FEED_ID);
    Dw__FeedReceipt ask = DW__FEED_RECEIPT__INIT;
    ask.feed_id = id_to_data(&FEED_ID);
    ask.rejects_page = shown->rejects_pages;
    shown = pure_query(pure, &ask.base, TAKER, NOW_MS, TODAY, NULL);
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
    start_placement(0);
    (void)open_feed(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    (void)add_row(0, FRIDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    Dw__RowEntry *entry =
        add_row(0, FRIDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOLIDAY);
    entry->part = DW__SITTING_PART__SITTING_PART_AFTERNOON;
    entry = add_row(0, FRIDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOLIDAY);
    entry->session_case = DW__ROW_ENTRY__SESSION_START_MINUTES;
    entry->start_minutes = 810;
    entry = add_row(0, FRIDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOLIDAY);
    entry->session_case = DW__ROW_ENTRY__SESSION_SESSION_ID;
    entry->session_id = id_to_data(&AFTERNOON_ID);
    (void)send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 2, 0, 2, 0, 0);
    const Dw__RegisterShown *shown = get_register(FRIDAY);
    assert_int_equal(shown->rows[0]->n_marks, 2);
    assert_memory_equal(shown->rows[0]->marks[0]->session_id.data, MORNING_IDS[5].bytes, 16);
    assert_memory_equal(shown->rows[0]->marks[1]->session_id.data, AFTERNOON_ID.bytes, 16);

    entry = add_row(0, FRIDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    entry->part = DW__SITTING_PART__SITTING_PART_EVENING;
    const Dw__RowFault *fault = fault_of(entry, 2);
    assert_non_null(fault);
    assert_string_equal(fault->column, "session");
    assert_string_equal(fault->value, "evening");
    assert_int_equal(fault->code, DW__ROW_FAULT_CODE__ROW_FAULT_CODE_CONSTRAINT_ERROR);
    assert_non_null(strstr(fault->reason, "Monday 09:30 to 12:30, Tuesday 09:30"));

    entry = add_row(0, FRIDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    entry->part = DW__SITTING_PART__SITTING_PART_DAY;
    fault = fault_of(entry, 3);
    assert_non_null(strstr(fault->mend, "a row for each session"));
}

/* A session's id on another weekday than the session's, and two sessions that are the same part of a day. */
static void a_row_that_fits_no_session_or_two_is_rejected(void **state)
{
    (void)state;
    enum { FRIDAY = TODAY - 3 };
    start_placement(0);
    (void)open_feed(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    Dw__RowEntry *entry = add_row(0, FRIDAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    entry->session_case = DW__ROW_ENTRY__SESSION_SESSION_ID;
    entry->session_id = id_to_data(&AFTERNOON_ID);
    assert_non_null(fault_of(entry, 1));
    (void)set_session(&MORNING_IDS[5], 5, 700, 900); /* morning and afternoon both */
    entry = add_row(0, FRIDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    entry->part = DW__SITTING_PART__SITTING_PART_DAY;
    assert_null(fault_of(entry, 2));
    entry = add_row(0, FRIDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
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
        (void)record_person(0);
    else if (what == TELL_PLACEMENT)
        start_placement(0);
    else if (what == TELL_SESSION)
        for (uint32_t weekday = 1; weekday <= 7; weekday++)
            (void)set_session(&MORNING_IDS[weekday], weekday, 570, 750);
    else {
        (void)add_row_by_council(0, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
        (void)add_row_by_council(0, TODAY - 1,
                                 DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOLIDAY);
        (void)send_rows(&FEED_ID, 1);
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
        pure_destroy(&pure);
        (void)begin(NULL);
        (void)set_session(&AFTERNOON_ID, 5, 810, 960);
        (void)open_feed(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
        for (unsigned at = 0; at < TELLINGS; at++) {
            tell_one(told[at]);
            pure_reload(pure);
            if (at + 1 < TELLINGS) {
                const Dw__FeedCounts *counts = receipt(&FEED_ID)->feed->counts;
                assert_int_equal(counts->added, 0);
                assert_int_equal(counts->unmatched, counts->read);
            }
        }
        assert_counts(&FEED_ID, 1, 1, 0, 0, 0);
        assert_int_equal(entities_count(pure_entities(pure), ATTENDANCE_KIND_UNMATCHED), 0);
        const Dw__RegisterShown *shown = get_register(TODAY - 1);
        assert_int_equal(shown->rows[0]->n_marks, 1);
        assert_int_equal(shown->rows[0]->marks[0]->status,
                         DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOLIDAY);
    }
}

/* A session whose times stay says nothing new. */
static void a_session_that_only_has_other_limits_is_no_event(void **state)
{
    (void)state;
    assert_int_equal(set_session(&AFTERNOON_ID, 5, 810, 960).events_count, 0);
    assert_int_equal(set_session(&AFTERNOON_ID, 5, 810, 970).events_count, 1);
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
    start_placement(9);
    assert_int_equal(open_feed(&OTHER_FEED_ID, 7, DW__FEED_MODE__FEED_MODE_PREVIEW).events_count,
                     1);
    (void)add_row(9, TODAY - 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)send_rows(&OTHER_FEED_ID, 1);
    assert_counts(&OTHER_FEED_ID, 1, 0, 0, 0, 0);
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
    assert_int_equal(waiting->rows[0]->entry->row_number, 4);
    start_placement(1);
    assert_counts(&FEED_ID, 2, 1, 0, 0, 1);
}

/* Proves: a row is matched once, also when the person has two placements with the session, which are both looked at. */
static void a_row_of_somebody_with_two_placements_counts_once(void **state)
{
    pure_destroy(&pure);
    (void)begin(state);
    (void)open_feed(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    start_placement(0);
    start_placement_of(22, 0);
    (void)add_row(0, TODAY - 7, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)add_row(0, TODAY - 7, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL);
    (void)send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 0, 0, 0, 0, 2);
    (void)set_session(&MORNING_IDS[1], 1, 570, 750);
    assert_counts(&FEED_ID, 1, 1, 0, 0, 0);
}

/* Proves: nobody is expected after the last date: a row about a later one waits, and the register of a later week does
 * not show the person. */
static void nobody_is_expected_after_the_last_date(void **state)
{
    (void)state;
    enum { LAST = TODAY - 7, BEFORE = LAST - 7 }; /* Mondays */
    start_placement(0);
    start_placement(1);
    assert_int_equal(get_register(TODAY)->n_rows, 2);
    end_placement(0, LAST);
    pure_reload(pure);
    assert_int_equal(get_register(BEFORE)->n_rows, 2);
    assert_int_equal(get_register(LAST)->n_rows, 2);
    const Dw__RegisterShown *shown = get_register(TODAY);
    const struct id stays_id = numbered(21, 1);
    assert_int_equal(shown->n_rows, 1);
    assert_memory_equal(shown->rows[0]->attender->person_id.data, stays_id.bytes, sizeof stays_id.bytes);
    (void)open_feed(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    (void)add_row(0, LAST, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)add_row(0, LAST + 1, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)add_row(0, TODAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)add_row(1, TODAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 2, 0, 0, 0, 2);
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
        FEED_TEST(the_row_number_decides_and_not_the_place_in_the_part),
        FEED_TEST(the_name_of_a_file_stands_in_the_vault_alone),
        FEED_TEST(a_row_may_name_a_person_by_the_councils_id),
        FEED_TEST(a_row_names_its_session_by_id_part_or_start),
        FEED_TEST(a_row_that_fits_no_session_or_two_is_rejected),
        FEED_TEST(whatever_comes_first_a_row_takes_effect_when_all_is_known),
        FEED_TEST(a_session_that_only_has_other_limits_is_no_event),
        FEED_TEST(the_same_part_again_changes_nothing),
        FEED_TEST(the_same_file_again_is_found_by_its_hash),
        FEED_TEST(a_preview_counts_and_changes_no_register),
        FEED_TEST(rows_that_wait_take_effect_when_the_placement_starts),
        FEED_TEST(a_row_of_somebody_with_two_placements_counts_once),
        FEED_TEST(nobody_is_expected_after_the_last_date),
        FEED_TEST(a_feed_is_closed_when_all_parts_are_there),
        FEED_TEST(a_provider_touches_only_its_own_feeds),
        FEED_TEST(a_thousand_rows_take_a_few_milliseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
