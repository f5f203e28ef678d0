/* Tests of services/attendance: very many rows that wait, matched a bounded step at a time, with none lost and none overtaken. */
#include "services/attendance/attendance.h"
#include "services/attendance/state.h"

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
    FROM = TODAY - WAITING_OF_REF_MAX - 10,
    ROWS_MAX = 1000,
    PEOPLE = 10,
    PARTS_MAX = 110,
    HASH_SIZE = 32,
    STEP_BYTES_MAX = 400 * 1024, /* well within a batch */
};
static const int64_t NOW_MS = INT64_C(20780) * 86400000;

static const struct id FEED_ID = {{1}};
static const struct id PROVIDER_ID = {{3}};

static Dw__CommissioningModel model;
static struct pure *pure;
static uint32_t next_row;

static int set_up(void **state)
{
    (void)state;
    dw__commissioning_model__init(&model);
    pure = pure_create(&attendance_service, &model.base);
    pure_principal_provider(pure, &PROVIDER_ID);
    next_row = 2;
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
    return (struct id){{kind, (uint8_t)(number >> 8), (uint8_t)number, 1}};
}

/* An event is never larger than a batch takes, whatever waits. */
static struct pure_outcome tell(const char *service, const ProtobufCMessage *message)
{
    const struct principal nobody = {.name = ""};
    const struct foreign_event event = {
        .service = service, .seq = 1, .principal = &nobody, .message = message};
    const struct pure_outcome outcome = pure_react(pure, &event, NOW_MS, TODAY);
    size_t bytes = 0;
    for (size_t at = 0; at < outcome.events_count; at++)
        bytes += outcome.decision->events[at].body.len;
    assert_int_equal(outcome.outcome, DECISION_YES);
    assert_true(bytes <= STEP_BYTES_MAX);
    return outcome;
}

/* The session of a weekday, 1 to 7, in the morning. */
static void set_session(unsigned weekday)
{
    const struct id session_id = numbered(6, weekday);
    Dw__SessionSet set = DW__SESSION_SET__INIT;
    Dw__Session session = DW__SESSION__INIT;
    session.session_id = id_to_data(&session_id);
    session.weekday = weekday;
    session.start_minutes = 570;
    session.end_minutes = 750;
    set.session = &session;
    (void)tell("capacity", &set.base);
}

static void start_placement(unsigned person)
{
    const struct id placement_id = numbered(20, person);
    const struct id person_id = numbered(21, person);
    struct id ids[7];
    ProtobufCBinaryData session_ids[7];
    Dw__Date from = DW__DATE__INIT;
    from.days = FROM;
    for (unsigned at = 0; at < 7; at++) {
        ids[at] = numbered(6, at + 1);
        session_ids[at] = id_to_data(&ids[at]);
    }
    Dw__PlacementTerms terms = DW__PLACEMENT_TERMS__INIT;
    terms.person_id = id_to_data(&person_id);
    terms.provider_id = id_to_data(&PROVIDER_ID);
    terms.service_id = id_to_data(&PROVIDER_ID);
    terms.session_ids = session_ids;
    terms.n_session_ids = 7;
    Dw__PlacementStarted started = DW__PLACEMENT_STARTED__INIT;
    started.placement_id = id_to_data(&placement_id);
    started.terms = &terms;
    started.date = &from;
    (void)tell("placements", &started.base);
}

static void record_person(unsigned person)
{
    char council_id[16];
    uint8_t key[PSEUDONYM_KEY_SIZE] = {0}; /* that of the driver */
    const struct id person_id = numbered(21, person);
    (void)text_format(council_id, sizeof council_id, "C-%u", person);
    const struct id council_ref = pseudonym_of(key, council_id);
    Dw__PersonRecorded recorded = DW__PERSON_RECORDED__INIT;
    recorded.person_id = id_to_data(&person_id);
    recorded.council_ref = id_to_data(&council_ref);
    (void)tell("referrals", &recorded.base);
}

static void open_feed(void)
{
    uint8_t content_hash[HASH_SIZE] = {7};
    Dw__OpenFeed open = DW__OPEN_FEED__INIT;
    open.feed_id = id_to_data(&FEED_ID);
    open.content_hash = (ProtobufCBinaryData){HASH_SIZE, content_hash};
    open.provider_id = id_to_data(&PROVIDER_ID);
    open.dialect = DW__FEED_DIALECT__FEED_DIALECT_DAYWAYS;
    open.mode = DW__FEED_MODE__FEED_MODE_COMMIT;
    open.parts_total = PARTS_MAX;
    assert_int_equal(pure_command(pure, &open.base, TAKER, NOW_MS, TODAY).events_count, 1);
}

/* A part of rows of one person by the council's id, a day each, backwards from that many days ago. */
static void send_rows(uint32_t part, unsigned person, int32_t days_ago, size_t count,
                      Dw__AttendanceStatus status)
{
    static Dw__RowEntry entries[ROWS_MAX];
    static Dw__RowEntry *pointers[ROWS_MAX];
    char ref[16];
    (void)text_format(ref, sizeof ref, "C-%u", person);
    for (size_t at = 0; at < count; at++) {
        Dw__RowEntry *entry = pointers[at] = &entries[at];
        dw__row_entry__init(entry);
        entry->row_number = next_row++;
        entry->person_ref = ref;
        entry->date_days = TODAY - days_ago - (int32_t)at;
        entry->session_case = DW__ROW_ENTRY__SESSION_PART;
        entry->part = DW__SITTING_PART__SITTING_PART_MORNING;
        entry->status = status;
    }
    Dw__FeedRows rows = DW__FEED_ROWS__INIT;
    rows.feed_id = id_to_data(&FEED_ID);
    rows.part = part;
    rows.rows = pointers;
    rows.n_rows = count;
    assert_int_equal(pure_command(pure, &rows.base, TAKER, NOW_MS, TODAY).outcome, DECISION_YES);
}

static uint32_t send_all(unsigned people, uint32_t part)
{
    for (unsigned person = 0; person < people; person++)
        for (int32_t at = 0; at < WAITING_OF_REF_MAX; at += ROWS_MAX)
            send_rows(part++, person, at + 1, ROWS_MAX,
                      DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    return part;
}

static Dw__FeedCounts counts_now(void)
{
    Dw__FeedReceipt ask = DW__FEED_RECEIPT__INIT;
    ask.feed_id = id_to_data(&FEED_ID);
    const Dw__FeedReceiptShown *shown = pure_query(pure, &ask.base, TAKER, NOW_MS, TODAY, NULL);
    const Dw__FeedCounts *counts = shown->feed->counts;
    assert_int_equal(counts->read, counts->added + counts->updated + counts->unchanged +
                                       counts->rejected + counts->unmatched);
    assert_int_equal(counts->unmatched,
                     entities_count(pure_entities(pure), ATTENDANCE_KIND_UNMATCHED));
    return *counts;
}

/* Lets time do what is left, at most steps_max steps; returns how many there were. */
static unsigned go_on(unsigned steps_max)
{
    unsigned steps = 0;
    for (size_t count = 1; steps < steps_max; steps++) {
        (void)pure_due(pure, 64, NOW_MS, TODAY, &count);
        if (count == 0)
            break;
        assert_int_equal(count, 1);
        pure_reload(pure);
    }
    return steps;
}

static long cpu_ms(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now), 0);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Proves: whatever waits, each step is bounded, the steps come to an end, and every row takes effect once. */
static void fifty_thousand_rows_match_step_by_step(void **state)
{
    (void)state;
    enum { ROWS = PEOPLE * WAITING_OF_REF_MAX };
    open_feed();
    (void)send_all(PEOPLE, 1);
    for (unsigned person = 0; person < PEOPLE; person++) {
        start_placement(person);
        record_person(person);
    }
    assert_int_equal(counts_now().unmatched, ROWS);
    const long before_ms = cpu_ms();
    unsigned steps = 0;
    for (unsigned weekday = 1; weekday <= 7; weekday++) {
        set_session(weekday);
        if (weekday == 1)
            assert_true(counts_now().unmatched > ROWS * 6 / 7 + 1000); /* not all at once */
        steps += go_on(100);
    }
    assert_true(steps >= 10 && steps < 100);
    assert_int_equal(counts_now().added, ROWS);
    assert_int_equal(counts_now().unmatched, 0);
    assert_int_equal(entities_count(pure_entities(pure), ATTENDANCE_KIND_MATCHING), 0);
    print_message("%d rows: %u steps, %ld ms\n", ROWS, steps, cpu_ms() - before_ms);
    assert_true(cpu_ms() - before_ms < 20000); /* a quadratic walk takes minutes */
}

/* What does not fit is rejected by name, and what waits of one person takes effect in one reaction. */
static void only_so_many_rows_of_a_person_wait(void **state)
{
    (void)state;
    open_feed();
    for (unsigned weekday = 1; weekday <= 7; weekday++)
        set_session(weekday);
    const uint32_t part = send_all(1, 1);
    send_rows(part, 0, 1, ROWS_MAX, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL);
    assert_int_equal(counts_now().unmatched, WAITING_OF_REF_MAX);
    assert_int_equal(counts_now().rejected, ROWS_MAX);
    Dw__FeedReceipt ask = DW__FEED_RECEIPT__INIT;
    ask.feed_id = id_to_data(&FEED_ID);
    const Dw__FeedReceiptShown *shown = pure_query(pure, &ask.base, TAKER, NOW_MS, TODAY, NULL);
    assert_int_equal(shown->rejects[0]->code, DW__ROW_FAULT_CODE__ROW_FAULT_CODE_TOO_MANY_WAITING);
    assert_string_equal(shown->rejects[0]->column, "person_ref");
    start_placement(0);
    record_person(0);
    assert_int_equal(counts_now().added, WAITING_OF_REF_MAX);
    assert_int_equal(go_on(10), 0);
}

/* Proves: what does not fit is rejected, and what was matched since makes room for as many others. */
static void only_so_many_rows_of_a_provider_wait(void **state)
{
    (void)state;
    open_feed();
    const uint32_t part = send_all(WAITING_OF_PROVIDER_MAX / WAITING_OF_REF_MAX, 1);
    assert_int_equal(counts_now().unmatched, WAITING_OF_PROVIDER_MAX);
    send_rows(part, 200, 1, 10, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    assert_int_equal(counts_now().unmatched, WAITING_OF_PROVIDER_MAX);
    assert_int_equal(counts_now().rejected, 10);
    for (unsigned weekday = 1; weekday <= 7; weekday++)
        set_session(weekday);
    start_placement(0);
    record_person(0);
    (void)go_on(10);
    assert_int_equal(counts_now().added, WAITING_OF_REF_MAX);
    for (uint32_t at = 0; at <= WAITING_OF_REF_MAX / ROWS_MAX; at++)
        send_rows(part + 1 + at, 201, 1 + (int32_t)at * ROWS_MAX, ROWS_MAX,
                  DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    assert_int_equal(counts_now().unmatched, WAITING_OF_PROVIDER_MAX);
    assert_int_equal(counts_now().rejected, 10 + ROWS_MAX);
}

/* Proves: a row that is sent while older ones are still being matched is not overwritten by them. */
static void a_later_row_wins_while_matching_goes_on(void **state)
{
    (void)state;
    open_feed();
    const uint32_t part = send_all(PEOPLE, 1);
    for (unsigned person = 0; person < PEOPLE; person++) {
        start_placement(person);
        record_person(person);
    }
    for (unsigned weekday = 1; weekday <= 7; weekday++)
        set_session(weekday);
    assert_int_equal(entities_count(pure_entities(pure), ATTENDANCE_KIND_MATCHING), 7);
    for (unsigned person = 0; person < PEOPLE; person++)
        send_rows(part + person, person, 1, 7,
                  DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOLIDAY);
    (void)go_on(200);
    assert_int_equal(counts_now().unmatched, 0);
    assert_int_equal(counts_now().added, PEOPLE * WAITING_OF_REF_MAX);
    assert_int_equal(counts_now().updated, PEOPLE * 7);
    Dw__Date day = DW__DATE__INIT;
    day.days = TODAY - 1;
    Dw__GetRegister ask = DW__GET_REGISTER__INIT;
    ask.provider_id = id_to_data(&PROVIDER_ID);
    ask.date = &day;
    const Dw__RegisterShown *shown = pure_query(pure, &ask.base, TAKER, NOW_MS, TODAY, NULL);
    assert_int_equal(shown->n_rows, PEOPLE);
    for (size_t row = 0; row < shown->n_rows; row++)
        for (size_t at = 0; at < shown->rows[row]->n_marks; at++)
            assert_int_equal(shown->rows[row]->marks[at]->status,
                             DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOLIDAY);
}

int main(void)
{
#define WAITING_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WAITING_TEST(fifty_thousand_rows_match_step_by_step),
        WAITING_TEST(only_so_many_rows_of_a_person_wait),
        WAITING_TEST(only_so_many_rows_of_a_provider_wait),
        WAITING_TEST(a_later_row_wins_while_matching_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
