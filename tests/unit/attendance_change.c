/* Tests of services/attendance: a person whose pattern changes. What was recorded keeps its session, and rows count by the pattern of
 * their date. */
#include "services/attendance/state.h"

#include "common/entities_store.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "placements.pb-c.h"
#include "referrals.pb-c.h"
#include "tests/support/feeds.h"

enum { MONDAY = TODAY - 14, CHANGE = TODAY - 7 };

/* From a date on only Tuesday mornings and Friday afternoons. */
static struct pure_outcome change_from(int32_t date)
{
    const struct id placement_id = feeds_id(20, 0);
    const struct id person_id = feeds_id(21, 0);
    Dw__Date from = DW__DATE__INIT;
    from.days = date;
    ProtobufCBinaryData session_ids[] = {id_to_data(&MORNING_IDS[2]), id_to_data(&AFTERNOON_ID)};
    Dw__PlacementTerms terms = DW__PLACEMENT_TERMS__INIT;
    terms.person_id = id_to_data(&person_id);
    terms.provider_id = id_to_data(&PROVIDER_ID);
    terms.session_ids = session_ids;
    terms.n_session_ids = 2;
    terms.from = &from;
    Dw__ChangeMade made = DW__CHANGE_MADE__INIT;
    made.placement_id = id_to_data(&placement_id);
    made.terms = &terms;
    const struct principal nobody = {.name = ""};
    const struct foreign_event event = {
        .service = "placements", .seq = 1, .principal = &nobody, .message = &made.base};
    return pure_react(feeds_pure, &event, NOW_MS, TODAY);
}

static void attend(int32_t date)
{
    (void)feeds_add_row(0, date, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
}

/* Proves: a date before the change counts by the old pattern and one after it by the new, whichever comes first. */
static void rows_count_by_the_pattern_of_their_date(void **state)
{
    (void)state;
    feeds_start_placement(0);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    assert_int_equal(change_from(CHANGE).events_count, 1);
    attend(MONDAY);     /* a Monday before the change: expected */
    attend(CHANGE);     /* a Monday after it: not */
    attend(CHANGE + 1); /* a Tuesday after it: expected */
    (void)feeds_send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 2, 0, 0, 1, 0);
}

/* Proves: what was recorded before a change is shown at the session it was recorded at. */
static void what_was_recorded_keeps_its_session(void **state)
{
    (void)state;
    feeds_start_placement(0);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    attend(MONDAY + 2);
    (void)feeds_send_rows(&FEED_ID, 1);
    (void)change_from(CHANGE);
    attend(CHANGE + 1);
    (void)feeds_send_rows(&FEED_ID, 2);
    assert_counts(&FEED_ID, 2, 0, 0, 0, 0);
    pure_reload(feeds_pure);
    const Dw__RegisterShown *shown = feeds_register(MONDAY);
    assert_memory_equal(shown->rows[0]->marks[0]->session_id.data, MORNING_IDS[3].bytes, 16);
    shown = feeds_register(CHANGE);
    assert_memory_equal(shown->rows[0]->marks[0]->session_id.data, MORNING_IDS[2].bytes, 16);
}

/* Proves: a change from an earlier date takes the place of one that was to begin later. */
static void a_second_change_ends_the_first(void **state)
{
    (void)state;
    feeds_start_placement(0);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    (void)change_from(CHANGE);
    (void)change_from(CHANGE - 7); /* takes the place of what would have begun later */
    const struct id id = feeds_id(20, 0);
    const Dw__Attender *attender =
        entities_get(pure_entities(feeds_pure), ATTENDANCE_KIND_ATTENDER, &id, 0);
    for (size_t at = 0; at < attender->n_spans; at++)
        assert_true(attender->spans[at]->to == NULL || attender->spans[at]->to->days == CHANGE - 8);
    attend(CHANGE - 7); /* a Monday under the second change: not expected */
    (void)feeds_send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 0, 0, 0, 1, 0);
}

/* Proves: a council id that was corrected is the one registers find, rows that waited under it included, and the wrong one is nobody's. */
static void a_corrected_council_id_is_the_one_that_counts(void **state)
{
    (void)state;
    feeds_start_placement(0);
    (void)feeds_open(&FEED_ID, 7, DW__FEED_MODE__FEED_MODE_COMMIT);
    (void)feeds_record_person(0);
    (void)feeds_add_row_by_council(0, MONDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_add_row_by_council(5, MONDAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    (void)feeds_send_rows(&FEED_ID, 1);
    assert_counts(&FEED_ID, 1, 0, 0, 0, 1);
    const struct id person_id = feeds_id(21, 0);
    const struct id old_ref = *attendance_council_ref(pure_state(feeds_pure), &person_id);
    struct id new_ref = old_ref;
    new_ref.bytes[0] ^= 1;
    Dw__PersonChanged changed = DW__PERSON_CHANGED__INIT;
    changed.person_id = id_to_data(&person_id);
    changed.council_ref = id_to_data(&new_ref);
    const struct principal nobody = {.name = ""};
    const struct foreign_event event = {
        .service = "referrals", .seq = 1, .principal = &nobody, .message = &changed.base};
    (void)pure_react(feeds_pure, &event, NOW_MS, TODAY);
    assert_int_equal(pure_react(feeds_pure, &event, NOW_MS, TODAY).events_count, 0);
    pure_reload(feeds_pure);
    assert_null(attendance_person(pure_state(feeds_pure), &old_ref));
    assert_true(id_equal(attendance_person(pure_state(feeds_pure), &new_ref), &person_id));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, feeds_set_up, feeds_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_count_by_the_pattern_of_their_date),
        TEST(what_was_recorded_keeps_its_session),
        TEST(a_second_change_ends_the_first),
        TEST(a_corrected_council_id_is_the_one_that_counts),
    };
    return cmocka_run_group_tests_name("attendance_change", tests, NULL, NULL);
}
