/* See feeds.h. */
#include "tests/support/feeds.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "common/text.h"
#include "services/attendance/attendance.h"

#include "capacity.pb-c.h"
#include "model.pb-c.h"
#include "placements.pb-c.h"
#include "referrals.pb-c.h"

static const struct id SERVICE_ID = {{5}};

static Dw__CommissioningModel model;
struct pure *feeds_pure;

int feeds_begin(void **state)
{
    (void)state;
    dw__commissioning_model__init(&model);
    feeds_pure = pure_create(&attendance_service, &model.base);
    pure_principal_provider(feeds_pure, &PROVIDER_ID);
    return 0;
}

int feeds_set_up(void **state)
{
    (void)feeds_begin(state);
    for (uint32_t weekday = 1; weekday <= 7; weekday++)
        (void)feeds_set_session(&MORNING_IDS[weekday], weekday, 570, 750);
    (void)feeds_set_session(&AFTERNOON_ID, 5, 810, 960);
    return 0;
}

int feeds_tear_down(void **state)
{
    (void)state;
    pure_destroy(&feeds_pure);
    return 0;
}

/* --- what other services tell ----------------------------------------------------------------------------------- */

static struct pure_outcome tell(const char *service, const ProtobufCMessage *message)
{
    const struct principal nobody = {.name = ""};
    const struct foreign_event event = {
        .service = service, .seq = 1, .principal = &nobody, .message = message};
    const struct pure_outcome outcome = pure_react(feeds_pure, &event, NOW_MS, TODAY);
    assert_int_equal(outcome.outcome, DECISION_YES);
    return outcome;
}

struct id feeds_id(uint8_t kind, unsigned number)
{
    return (struct id){{kind, (uint8_t)(number + 1)}};
}

static Dw__Session session_of(const struct id *session_id, uint32_t weekday, uint32_t start,
                              uint32_t end)
{
    Dw__Session session = DW__SESSION__INIT;
    session.session_id = id_to_data(session_id);
    session.weekday = weekday;
    session.start_minutes = start;
    session.end_minutes = end;
    session.every_weeks = 1;
    return session;
}

static struct pure_outcome set_session(Dw__Session *session)
{
    Dw__SessionSet set = DW__SESSION_SET__INIT;
    set.session = session;
    return tell("capacity", &set.base);
}

struct pure_outcome feeds_set_session(const struct id *session_id, uint32_t weekday, uint32_t start,
                                      uint32_t end)
{
    Dw__Session session = session_of(session_id, weekday, start, end);
    return set_session(&session);
}

struct pure_outcome feeds_set_session_until(const struct id *session_id, uint32_t weekday,
                                            uint32_t start, uint32_t end, int32_t last)
{
    Dw__Date date = DW__DATE__INIT;
    date.days = last;
    Dw__Session session = session_of(session_id, weekday, start, end);
    session.to = &date;
    return set_session(&session);
}

struct pure_outcome feeds_set_session_every(const struct id *session_id, uint32_t weekday,
                                            uint32_t start, uint32_t end, int32_t first,
                                            uint32_t every_weeks)
{
    Dw__Date date = DW__DATE__INIT;
    date.days = first;
    Dw__Session session = session_of(session_id, weekday, start, end);
    session.from = &date;
    session.every_weeks = every_weeks;
    return set_session(&session);
}

struct pure_outcome feeds_end_session(const struct id *session_id, uint32_t weekday, uint32_t start,
                                      uint32_t end, int32_t last)
{
    Dw__Date date = DW__DATE__INIT;
    date.days = last;
    Dw__Session session = session_of(session_id, weekday, start, end);
    Dw__SessionEnded ended = DW__SESSION_ENDED__INIT;
    session.to = &date;
    ended.session = &session;
    return tell("capacity", &ended.base);
}

void feeds_start_placement_of(uint8_t kind, unsigned person)
{
    const struct id placement_id = feeds_id(kind, person);
    const struct id person_id = feeds_id(21, person);
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

void feeds_start_placement(unsigned person)
{
    feeds_start_placement_of(20, person);
}

void feeds_end_placement(unsigned person, int32_t date)
{
    const struct id placement_id = feeds_id(20, person);
    Dw__Date last = DW__DATE__INIT;
    last.days = date;
    Dw__PlacementEnded ended = DW__PLACEMENT_ENDED__INIT;
    ended.placement_id = id_to_data(&placement_id);
    ended.last = &last;
    (void)tell("placements", &ended.base);
}

struct pure_outcome feeds_record_person(unsigned person)
{
    char council_id[16];
    uint8_t key[PSEUDONYM_KEY_SIZE] = {0}; /* that of the driver */
    const struct id person_id = feeds_id(21, person);
    (void)text_format(council_id, sizeof council_id, "C-%u", person + 1);
    const struct id council_ref = pseudonym_of(key, council_id);
    Dw__PersonRecorded recorded = DW__PERSON_RECORDED__INIT;
    recorded.person_id = id_to_data(&person_id);
    recorded.council_ref = id_to_data(&council_ref);
    return tell("referrals", &recorded.base);
}

/* --- what the register taker sends ------------------------------------------------------------------------------ */

struct pure_outcome feeds_open(const struct id *feed_id, uint8_t hash, Dw__FeedMode mode)
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
    return pure_command(feeds_pure, &open.base, TAKER, NOW_MS, TODAY);
}

/* Rows to be sent: feeds_add_row fills them, feeds_send_rows sends and forgets them. */
static struct {
    Dw__RowEntry entries[ROWS_MAX];
    Dw__RowEntry *pointers[ROWS_MAX];
    char refs[ROWS_MAX][ID_TEXT_SIZE];
    size_t count;
    Dw__RowFault faults[FAULTS_MAX];
    Dw__RowFault *fault_pointers[FAULTS_MAX];
    size_t faults_count;
} part;

Dw__RowEntry *feeds_add_row(unsigned person, int32_t date, Dw__AttendanceStatus status)
{
    const size_t at = part.count++;
    const struct id person_id = feeds_id(21, person);
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

Dw__RowEntry *feeds_add_row_by_council(unsigned person, int32_t date, Dw__AttendanceStatus status)
{
    Dw__RowEntry *entry = feeds_add_row(person, date, status);
    (void)text_format(entry->person_ref, ID_TEXT_SIZE, " c-%u ", person + 1);
    return entry;
}

void feeds_add_fault(uint32_t row_number)
{
    Dw__RowFault *fault = part.fault_pointers[part.faults_count] = &part.faults[part.faults_count];
    part.faults_count++;
    dw__row_fault__init(fault);
    fault->row_number = row_number;
    fault->column = (char *)(uintptr_t) "arrived";
    fault->value = (char *)(uintptr_t) "noonish";
    fault->code = DW__ROW_FAULT_CODE__ROW_FAULT_CODE_TYPE_ERROR;
    fault->reason = (char *)(uintptr_t) "This is no time.";
    fault->mend = (char *)(uintptr_t) "Write it as HH:MM.";
}

struct pure_outcome feeds_send_rows(const struct id *feed_id, uint32_t number)
{
    Dw__FeedRows rows = DW__FEED_ROWS__INIT;
    rows.feed_id = id_to_data(feed_id);
    rows.part = number;
    rows.rows = part.pointers;
    rows.n_rows = part.count;
    rows.faults = part.fault_pointers;
    rows.n_faults = part.faults_count;
    part.count = part.faults_count = 0;
    return pure_command(feeds_pure, &rows.base, TAKER, NOW_MS, TODAY);
}

/* --- what was made of it ---------------------------------------------------------------------------------------- */

const Dw__FeedReceiptShown *feeds_receipt(const struct id *feed_id)
{
    Dw__FeedReceipt ask = DW__FEED_RECEIPT__INIT;
    ask.feed_id = id_to_data(feed_id);
    const Dw__FeedReceiptShown *shown =
        pure_query(feeds_pure, &ask.base, TAKER, NOW_MS, TODAY, NULL);
    assert_non_null(shown);
    return shown;
}

const Dw__RegisterShown *feeds_register(int32_t date)
{
    Dw__Date day = DW__DATE__INIT;
    day.days = date;
    Dw__GetRegister ask = DW__GET_REGISTER__INIT;
    ask.provider_id = id_to_data(&PROVIDER_ID);
    ask.date = &day;
    const Dw__RegisterShown *shown = pure_query(feeds_pure, &ask.base, TAKER, NOW_MS, TODAY, NULL);
    assert_non_null(shown);
    return shown;
}

const Dw__UnmatchedRowsShown *feeds_waiting(const struct id *provider_id)
{
    Dw__UnmatchedRows ask = DW__UNMATCHED_ROWS__INIT;
    ask.provider_id = id_to_data(provider_id);
    const Dw__UnmatchedRowsShown *shown =
        pure_query(feeds_pure, &ask.base, TAKER, NOW_MS, TODAY, NULL);
    assert_non_null(shown);
    return shown;
}

void assert_counts(const struct id *feed_id, uint32_t added, uint32_t updated, uint32_t unchanged,
                   uint32_t rejected, uint32_t unmatched)
{
    const Dw__FeedCounts *counts = feeds_receipt(feed_id)->feed->counts;
    assert_int_equal(counts->added, added);
    assert_int_equal(counts->updated, updated);
    assert_int_equal(counts->unchanged, unchanged);
    assert_int_equal(counts->rejected, rejected);
    assert_int_equal(counts->unmatched, unmatched);
    assert_int_equal(counts->read, added + updated + unchanged + rejected + unmatched);
}
