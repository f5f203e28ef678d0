/* Tests of services/placements: closures. What is noted, whom it suspends and when, and how they come again. */
#include "tests/support/changing.h"
#include "tests/support/costing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/calendar.h"
#include "common/entities_store.h"
#include "services/placements/checks.h"

static const struct id CLOSURE_ID = {{32}};
static const struct id LATER_ID = {{33}};

/* Active, where three lost sittings suspend. */
static void begin(struct placing *placing)
{
    placing->rules.closure_suspends_sittings = 3;
    placing->rules.keep_place_days = 5; /* is not asked: the place is not the person's to lose */
    placing_bring_to(placing, PLACEMENT_ACTIVE);
}

/* Proves: a short closure is noted; a long one suspends, keeps the place and is over by itself. */
static void a_long_closure_suspends_until_it_is_over(void **state)
{
    struct placing *placing = *state;
    begin(placing);
    assert_told(placing_disrupt(placing, &CLOSURE_ID, TODAY, TODAY + 13, 2),
                &dw__placement_disrupted__descriptor, NULL);
    assert_told(placing_disrupt(placing, &CLOSURE_ID, TODAY, TODAY + 13, 4),
                &dw__placement_disrupted__descriptor, &dw__placement_suspended__descriptor, NULL);
    assert_state(placing, SUSPENDED);
    assert_int_equal(placing_wait_until(placing, TODAY + 13), 0);
    assert_int_equal(placing_wait_until(placing, TODAY + 14), 1);
    assert_state(placing, ACTIVE);
}

/* Proves: a closure that is lifted lets people come again, on the date it says. */
static void a_lifted_closure_resumes(void **state)
{
    struct placing *placing = *state;
    begin(placing);
    (void)placing_disrupt(placing, &CLOSURE_ID, TODAY, INT32_MAX, 4);
    assert_int_equal(placing_wait_until(placing, TODAY + 1000), 0); /* until somebody says so */
    assert_told(placing_restore(placing, &CLOSURE_ID, TODAY + 2),
                &dw__disruption_lifted__descriptor, NULL);
    assert_state(placing, SUSPENDED);
    pure_reload(placing->pure);
    assert_int_equal(placing_wait_until(placing, TODAY + 1), 0);
    assert_int_equal(placing_wait_until(placing, TODAY + 2), 1);
    assert_state(placing, ACTIVE);
    const Dw__Disruption *kept =
        entities_get(pure_entities(placing->pure), PLACEMENTS_KIND_DISRUPTION, &PLACEMENT_ID, 0);
    assert_int_equal(kept->n_sittings, 2); /* those that were lost before it was lifted */
}

/* Proves: a closure that is far ahead suspends nobody when it is told, everybody when it begins, after a restart too, and once. */
static void a_closure_ahead_suspends_when_it_begins(void **state)
{
    struct placing *placing = *state;
    begin(placing);
    assert_said(placing_disrupt(placing, &CLOSURE_ID, TODAY + 8, TODAY + 20, 3),
                &dw__placement_disrupted__descriptor, 0);
    assert_said(placing_disrupt(placing, &LATER_ID, TODAY + 30, TODAY + 40, 3),
                &dw__placement_disrupted__descriptor, 0);
    assert_state(placing, ACTIVE);
    pure_reload(placing->pure);
    assert_int_equal(placing_wait_until(placing, TODAY + 7), 0);
    assert_int_equal(placing_wait_until(placing, TODAY + 8), 1);
    assert_state(placing, SUSPENDED);
    const Dw__Suspension *suspension = placing_now(placing)->suspension;
    assert_int_equal(suspension->from->days, TODAY + 8);
    assert_int_equal(suspension->resumes->days, TODAY + 21);
    assert_int_equal(placing_wait_until(placing, TODAY + 20), 0);
    assert_int_equal(placing_wait_until(placing, TODAY + 21), 1);
    assert_state(placing, ACTIVE);
    assert_int_equal(placing_wait_until(placing, TODAY + 29), 0);
    assert_int_equal(placing_wait_until(placing, TODAY + 30), 1);
    assert_state(placing, SUSPENDED);
}

/* Proves: what is lifted before it begins, or was over before anybody could look, suspends nobody. */
static void a_closure_that_is_nothing_any_more_suspends_nobody(void **state)
{
    struct placing *placing = *state;
    begin(placing);
    (void)placing_disrupt(placing, &CLOSURE_ID, TODAY + 8, TODAY + 12, 3);
    (void)placing_disrupt(placing, &LATER_ID, TODAY + 20, TODAY + 22, 3);
    (void)placing_restore(placing, &CLOSURE_ID, TODAY + 8);
    assert_int_equal(placing_wait_until(placing, TODAY + 12), 0);
    assert_int_equal(placing_wait_until(placing, TODAY + 23), 1); /* no daemon ran until then */
    assert_int_equal(placing_wait_until(placing, TODAY + 24), 0);
    assert_state(placing, ACTIVE);
}

/* Proves: who is in hospital when a closure begins is suspended by it when they come again and it goes on, and whoever comes again by
 * somebody's word while it goes on is not. */
static void who_comes_again_into_a_closure_is_suspended_by_it(void **state)
{
    struct placing *placing = *state;
    begin(placing);
    placing->rules.keep_place_days = 0;
    (void)changing_suspend(placing, TODAY - 10);
    (void)placing_disrupt(placing, &CLOSURE_ID, TODAY - 2, TODAY + 5, 7);
    assert_int_equal(placing_wait_until(placing, TODAY), 0);
    assert_said(changing_resume(placing, TODAY, NULL), &dw__placement_resumed__descriptor, 0);
    pure_reload(placing->pure);
    assert_int_equal(placing_wait_until(placing, TODAY), 1);
    assert_state(placing, SUSPENDED);
    assert_int_equal(placing_now(placing)->suspension->reason,
                     DW__SUSPEND_REASON__SUSPEND_REASON_CLOSURE);
    assert_said(changing_resume(placing, TODAY, NULL), &dw__placement_resumed__descriptor, 0);
    assert_int_equal(placing_wait_until(placing, TODAY), 0);
    assert_state(placing, ACTIVE);
}

/* Proves: who starts while a closure goes on, that was told when they were still to start, is suspended by it. */
static void who_starts_into_a_closure_is_suspended_by_it(void **state)
{
    struct placing *placing = *state;
    placing->rules.closure_suspends_sittings = 3;
    placing_bring_to(placing, PLACEMENT_ACCEPTED);
    assert_said(placing_disrupt(placing, &CLOSURE_ID, TODAY - 2, TODAY + 5, 7),
                &dw__placement_disrupted__descriptor, 0);
    assert_int_equal(placing_wait_until(placing, TODAY), 0);
    (void)placing_start(placing, TODAY);
    assert_int_equal(placing_wait_until(placing, TODAY), 1);
    assert_state(placing, SUSPENDED);
}

/* Proves: who has moved to sessions that are not closed goes on. */
static void who_has_other_sessions_by_then_is_not_suspended(void **state)
{
    struct placing *placing = *state;
    begin(placing);
    (void)placing_disrupt(placing, &CLOSURE_ID, TODAY + 10, TODAY + 20, 4);
    Dw__Date from = DW__DATE__INIT;
    const struct id hold_id = {{31}}, wednesday = {{34}};
    ProtobufCBinaryData session_id = id_to_data(&wednesday);
    Dw__PlacementTerms terms = placing->terms;
    Dw__ProposeChange propose = DW__PROPOSE_CHANGE__INIT;
    from.days = TODAY + 1;
    terms.from = &from;
    terms.session_ids = &session_id;
    terms.n_session_ids = 1;
    propose.placement_id = id_to_data(&PLACEMENT_ID);
    propose.terms = &terms;
    propose.hold_id = id_to_data(&hold_id);
    (void)placing_tell(placing, "ann", BROKER, &propose.base);
    (void)placing_hold_answered(placing, &hold_id, ANSWER_ACCEPTED, 0);
    assert_said(placing_confirm_answered(placing, &hold_id, ANSWER_ACCEPTED, 0),
                &dw__change_made__descriptor, 0);
    assert_int_equal(placing_wait_until(placing, TODAY + 10), 1);
    assert_int_equal(placing_wait_until(placing, TODAY + 11), 0);
    assert_state(placing, ACTIVE);
}

/* --- closures that overlap ------------------------------------------------------------------------------------------- */

/* The Monday in whose week the closures of these tests begin. */
static int32_t first_monday(void)
{
    return calendar_monday(calendar_week(TODAY));
}

/* Capacity tells that a closure takes all Mondays and Tuesdays of so many weeks, counted from the first one. */
static void close_weeks(struct placing *placing, const struct id *closure_id, int32_t first,
                        int32_t last)
{
    enum { SITTINGS_MAX = 32 };
    Dw__DisruptedSitting sittings[SITTINGS_MAX];
    Dw__DisruptedSitting *list[SITTINGS_MAX];
    Dw__Date dates[SITTINGS_MAX];
    size_t count = 0;
    for (int32_t week = first; week <= last; week++)
        for (int32_t day = 0; day < 2; day++, count++) {
            dw__date__init(&dates[count]);
            dates[count].days = first_monday() + 7 * week + day;
            dw__disrupted_sitting__init(&sittings[count]);
            sittings[count].session_id = id_to_data(day == 0 ? &MONDAY_ID : &TUESDAY_ID);
            sittings[count].date = &dates[count];
            list[count] = &sittings[count];
        }
    (void)placing_lose(placing, closure_id, DW__CLOSURE_REASON__CLOSURE_REASON_STAFF, dates[0].days,
                       dates[count - 1].days, list, count);
}

/* Active on Mondays and Tuesdays. */
static void begin_weekly(struct placing *placing)
{
    costing_note_session(placing, &MONDAY_ID, 1, 600);
    costing_note_session(placing, &TUESDAY_ID, 2, 600);
    begin(placing);
}

/* The placement's costs in the first six weeks. */
static const Dw__PlacementCost *costs(struct placing *placing)
{
    return costing_costs(placing, first_monday(), first_monday() + 41)->lines[0];
}

/* Proves: what two closures take is lost once, and is lost as long as one of them takes it, whichever is lifted. */
static void what_another_closure_takes_stays_lost(void **state)
{
    struct placing *placing = *state;
    begin_weekly(placing);
    close_weeks(placing, &CLOSURE_ID, 0, 3);
    close_weeks(placing, &LATER_ID, 2, 5);
    assert_int_equal(costs(placing)->lost_sittings, 12);
    assert_int_equal(costs(placing)->payable_sittings, 0);
    (void)placing_restore(placing, &CLOSURE_ID, first_monday() + 7);
    assert_int_equal(costs(placing)->lost_sittings, 10);
    assert_int_equal(costs(placing)->payable_sittings, 2);
    (void)placing_restore(placing, &LATER_ID, first_monday() + 35);
    assert_int_equal(costs(placing)->lost_sittings, 8);
    assert_int_equal(costs(placing)->payable_sittings, 4);
}

/* Proves: who is suspended by a closure that is lifted while another one keeps them away is suspended by that one until it ends. */
static void another_closure_suspends_when_one_is_lifted(void **state)
{
    struct placing *placing = *state;
    begin_weekly(placing);
    close_weeks(placing, &CLOSURE_ID, 0, 3);
    close_weeks(placing, &LATER_ID, 0, 5);
    assert_state(placing, SUSPENDED);
    (void)placing_restore(placing, &CLOSURE_ID, TODAY);
    assert_int_equal(placing_wait_until(placing, TODAY), 1);
    assert_state(placing, SUSPENDED);
    const Dw__Suspension *suspension = placing_now(placing)->suspension;
    assert_memory_equal(suspension->closure_id.data, LATER_ID.bytes, 16);
    const int32_t over = first_monday() + 5 * 7 + 2; /* the day after the last Tuesday */
    assert_int_equal(suspension->resumes->days, over);
    assert_int_equal(placing_wait_until(placing, over - 1), 0);
    assert_int_equal(placing_wait_until(placing, over), 1);
    assert_state(placing, ACTIVE);
    assert_int_equal(placing_wait_until(placing, over + 100), 0);
    assert_state(placing, ACTIVE);
}

/* Proves: the same when the first is over by itself; and a short one that is left keeps nobody suspended. */
static void another_closure_suspends_when_one_is_over(void **state)
{
    static const struct id short_id = {{34}};
    struct placing *placing = *state;
    begin_weekly(placing);
    close_weeks(placing, &CLOSURE_ID, 0, 1);
    close_weeks(placing, &LATER_ID, 1, 3);
    close_weeks(placing, &short_id, 4, 4);
    assert_int_equal(placing_wait_until(placing, first_monday() + 7 + 2), 2);
    assert_state(placing, SUSPENDED);
    assert_memory_equal(placing_now(placing)->suspension->closure_id.data, LATER_ID.bytes, 16);
    assert_int_equal(placing_wait_until(placing, first_monday() + 3 * 7 + 2), 1);
    assert_state(placing, ACTIVE);
    (void)placing_restore(placing, &short_id, first_monday() + 4 * 7);
    assert_state(placing, ACTIVE);
}

/* Proves: what a hold would have lost that came to nothing is nothing that the placement has lost. */
static void what_a_lost_hold_loses_is_nobodys(void **state)
{
    struct placing *placing = *state;
    costing_note_session(placing, &MONDAY_ID, 1, 600);
    costing_note_session(placing, &TUESDAY_ID, 2, 600);
    placing_bring_to(placing, PLACEMENT_OFFERED);
    close_weeks(placing, &CLOSURE_ID, 0, 1);
    (void)placing_accept_offer(placing);
    (void)placing_confirm_answered(placing, &HOLD_ID, ANSWER_REFUSED,
                                   DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_EXPIRED);
    const struct id hold_id = placing_hold_id(placing);
    assert_false(id_equal(&hold_id, &HOLD_ID));
    (void)placing_hold_answered(placing, &hold_id, ANSWER_ACCEPTED, 0);
    (void)placing_confirm_answered(placing, &hold_id, ANSWER_ACCEPTED, 0);
    (void)placing_start(placing, FROM);
    assert_int_equal(costs(placing)->lost_sittings, 0);
    assert_int_equal(costs(placing)->payable_sittings, 12);
}

/* --- cuts that are taken back ------------------------------------------------------------------------------------------- */

enum { SITTINGS_MAX = 16 };

/* Mondays of so many weeks, counted from the first one. */
struct mondays {
    Dw__DisruptedSitting sittings[SITTINGS_MAX];
    Dw__DisruptedSitting *list[SITTINGS_MAX];
    Dw__Date dates[SITTINGS_MAX];
    size_t count;
};

static void list_mondays(struct mondays *mondays, int32_t first, int32_t last)
{
    mondays->count = 0;
    for (int32_t week = first; week <= last; week++) {
        const size_t at = mondays->count++;
        dw__date__init(&mondays->dates[at]);
        mondays->dates[at].days = first_monday() + 7 * week;
        dw__disrupted_sitting__init(&mondays->sittings[at]);
        mondays->sittings[at].session_id = id_to_data(&MONDAY_ID);
        mondays->sittings[at].date = &mondays->dates[at];
        mondays->list[at] = &mondays->sittings[at];
    }
}

/* Capacity tells that there is no room on these Mondays, and that nobody knows until when. */
static void cut(struct placing *placing, Dw__DisruptionCause cause, int32_t first, int32_t last)
{
    struct mondays mondays;
    Dw__SittingsDisrupted told = DW__SITTINGS_DISRUPTED__INIT;
    list_mondays(&mondays, first, last);
    told.hold_id = id_to_data(&HOLD_ID);
    told.cause = cause;
    told.n_sittings = mondays.count;
    told.sittings = mondays.list;
    told.from = &mondays.dates[0];
    assert_told(placing_hear(placing, "capacity", &told.base), &dw__placement_disrupted__descriptor,
                NULL);
}

/* That these are there again; left_from -1: nothing is lost any more, left_to -1: what is, is for ever. */
static void have_again(struct placing *placing, int32_t first, int32_t last, int32_t left_from,
                       int32_t left_to)
{
    struct mondays mondays;
    Dw__Date from = DW__DATE__INIT, to = DW__DATE__INIT;
    Dw__SittingsRestored told = DW__SITTINGS_RESTORED__INIT;
    list_mondays(&mondays, first, last);
    from.days = first_monday() + 7 * left_from;
    to.days = first_monday() + 7 * left_to;
    told.hold_id = id_to_data(&HOLD_ID);
    told.session_id = id_to_data(&MONDAY_ID);
    told.from = &mondays.dates[0];
    told.n_sittings = mondays.count;
    told.sittings = mondays.list;
    told.left_from = left_from < 0 ? NULL : &from;
    told.left_to = left_to < 0 ? NULL : &to;
    assert_told(placing_hear(placing, "capacity", &told.base), &dw__disruption_lifted__descriptor,
                NULL);
}

static bool is_disrupted(struct placing *placing)
{
    return (placements_flags(pure_state(placing->pure), &placing->model, placing_now(placing),
                             TODAY) >>
                DW__PLACEMENT_FLAG__PLACEMENT_FLAG_DISRUPTED &
            1) != 0;
}

/* Proves: sittings that were lost for want of room cost again when there is some, those that are lost still do not, and the flag goes with
 * the last of them; what a closure takes is its own. */
static void what_a_cut_has_taken_comes_back(void **state)
{
    const Dw__DisruptionCause limit = DW__DISRUPTION_CAUSE__DISRUPTION_CAUSE_LIMIT_CUT;
    struct placing *placing = *state;
    begin_weekly(placing);
    placing->rules.closure_suspends_sittings = 0;
    cut(placing, limit, 1, 5);
    cut(placing, limit, 3, 7);
    close_weeks(placing, &CLOSURE_ID, 2, 2);
    assert_int_equal(costs(placing)->lost_sittings, 6); /* five Mondays, and a Tuesday */
    assert_int_equal(costs(placing)->payable_sittings, 6);
    have_again(placing, 2, 3, 1, -1);
    pure_reload(placing->pure);
    assert_int_equal(costs(placing)->lost_sittings, 5); /* one of these two is closed */
    assert_int_equal(costs(placing)->payable_sittings, 7);
    assert_true(is_disrupted(placing));
    have_again(placing, 4, 4, 1, 1); /* and all that is behind it */
    assert_int_equal(costs(placing)->lost_sittings, 3);
    have_again(placing, 1, 1, -1, -1);
    assert_int_equal(costs(placing)->lost_sittings, 2);
    assert_true(is_disrupted(placing));
    (void)placing_restore(placing, &CLOSURE_ID, first_monday());
    assert_int_equal(costs(placing)->lost_sittings, 0);
    assert_int_equal(costs(placing)->payable_sittings, 12);
    assert_false(is_disrupted(placing));
}

/* Proves: what has been stays lost, and is no longer anything to look at. */
static void what_was_lost_before_stays_lost(void **state)
{
    struct placing *placing = *state;
    begin_weekly(placing);
    cut(placing, DW__DISRUPTION_CAUSE__DISRUPTION_CAUSE_LIMIT_CUT, -1, 5);
    have_again(placing, 1, 1, -1, -1);
    const Dw__Disruption *kept =
        entities_get(pure_entities(placing->pure), PLACEMENTS_KIND_DISRUPTION, &PLACEMENT_ID, 0);
    assert_int_equal(kept->n_sittings, 2);
    assert_int_equal(kept->from->days, first_monday() - 7);
    assert_int_equal(kept->to->days, first_monday());
    assert_int_equal(costs(placing)->lost_sittings, 1);
}

/* The Monday session has a last date, or none (INT32_MAX), from now on. */
static void run_to(struct placing *placing, int32_t last)
{
    Dw__Date from = DW__DATE__INIT, to = DW__DATE__INIT;
    Dw__Session session = DW__SESSION__INIT;
    Dw__SessionSet set = DW__SESSION_SET__INIT;
    from.days = FROM - 1000;
    to.days = last;
    session.session_id = id_to_data(&MONDAY_ID);
    session.weekday = 1;
    session.start_minutes = 600;
    session.end_minutes = 780;
    session.from = &from;
    session.to = last == INT32_MAX ? NULL : &to;
    set.session = &session;
    (void)placing_hear(placing, "capacity", &set.base);
}

/* Proves: sittings behind the end of their session are not planned, and are not taken out of what is paid a second time; when it goes
 * on they are planned and paid again. */
static void the_end_of_a_session_is_taken_out_once(void **state)
{
    struct placing *placing = *state;
    begin_weekly(placing);
    run_to(placing, first_monday() + 7);
    cut(placing, DW__DISRUPTION_CAUSE__DISRUPTION_CAUSE_SESSION_ENDED, 2, 9);
    assert_int_equal(costs(placing)->planned_sittings, 8);
    assert_int_equal(costs(placing)->lost_sittings, 0);
    assert_int_equal(costs(placing)->payable_sittings, 8);
    run_to(placing, INT32_MAX);
    assert_int_equal(costs(placing)->lost_sittings, 4);
    assert_int_equal(costs(placing)->payable_sittings, 8);
    have_again(placing, 2, 9, -1, -1);
    assert_int_equal(costs(placing)->lost_sittings, 0);
    assert_int_equal(costs(placing)->payable_sittings, 12);
}

/* Proves: sittings that are lost behind the last date of the terms, as what is held for a change may lose them, are not taken out of
 * what is paid. */
static void what_is_lost_behind_the_terms_is_not_theirs(void **state)
{
    struct placing *placing = *state;
    placing->to.days = first_monday() + 13;
    placing->terms.to = &placing->to;
    begin_weekly(placing);
    cut(placing, DW__DISRUPTION_CAUSE__DISRUPTION_CAUSE_LIMIT_CUT, 1, 5);
    assert_int_equal(costs(placing)->planned_sittings, 4);
    assert_int_equal(costs(placing)->lost_sittings, 1);
    assert_int_equal(costs(placing)->payable_sittings, 3);
}

/* --- kept ------------------------------------------------------------------------------------------------------------------ */

/* Proves: every closure is kept, however many there are, and the same told again of the same booking is one. */
static void closures_of_years_are_kept(void **state)
{
    enum { CLOSURES = 300 };
    struct placing *placing = *state;
    begin(placing);
    for (uint32_t at = 0; at < CLOSURES; at++) {
        const struct id closure_id = {{77, (uint8_t)at, (uint8_t)(at / 256)}};
        (void)placing_disrupt(placing, &closure_id, TODAY + (int32_t)at, TODAY + (int32_t)at, 1);
        (void)placing_disrupt(placing, &closure_id, TODAY + (int32_t)at, TODAY + (int32_t)at, 1);
    }
    pure_reload(placing->pure);
    assert_int_equal(placing_now(placing)->disruption_parts, CLOSURES);
    for (uint32_t at = 0; at < CLOSURES; at++)
        assert_non_null(placements_disruption(pure_state(placing->pure),
                                              &placing_now(placing)->placement_id, at));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, placing_set_up, placing_tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_long_closure_suspends_until_it_is_over),
        TEST(a_lifted_closure_resumes),
        TEST(a_closure_ahead_suspends_when_it_begins),
        TEST(a_closure_that_is_nothing_any_more_suspends_nobody),
        TEST(who_comes_again_into_a_closure_is_suspended_by_it),
        TEST(who_starts_into_a_closure_is_suspended_by_it),
        TEST(who_has_other_sessions_by_then_is_not_suspended),
        TEST(what_another_closure_takes_stays_lost),
        TEST(another_closure_suspends_when_one_is_lifted),
        TEST(another_closure_suspends_when_one_is_over),
        TEST(what_a_lost_hold_loses_is_nobodys),
        TEST(what_a_cut_has_taken_comes_back),
        TEST(what_was_lost_before_stays_lost),
        TEST(the_end_of_a_session_is_taken_out_once),
        TEST(what_is_lost_behind_the_terms_is_not_theirs),
        TEST(closures_of_years_are_kept),
    };
    return cmocka_run_group_tests_name("placements_closures", tests, NULL, NULL);
}
