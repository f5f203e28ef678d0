/* Tests of services/placements: a placement that goes on. Suspension and resumption. */
#include "tests/support/changing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/entities_store.h"
#include "referrals.pb-c.h"
#include "services/placements/checks.h"
#include "services/placements/money.h"

static const struct id CLOSURE_ID = {{32}};

/* --- suspension --------------------------------------------------------------------------------------------------- */

/* Proves: who comes back in time comes back to their place. */
static void a_kept_place_is_there_again(void **state)
{
    struct placing *placing = *state;
    placing->rules.keep_place_days = 28;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    assert_said(changing_suspend(placing, TODAY), &dw__placement_suspended__descriptor, 0);
    assert_nothing_said(changing_suspend(placing, TODAY));
    assert_state(placing, SUSPENDED);
    assert_refused(changing_resume(placing, TODAY + 2, NULL), DATE_OUTSIDE); /* then, and not now */
    assert_int_equal(placing_wait_until(placing, TODAY + 27), 0);
    assert_said(changing_resume(placing, TODAY + 1, NULL), &dw__placement_resumed__descriptor, 0);
    assert_state(placing, ACTIVE);
    assert_null(placing_now(placing)->suspension);
    assert_nothing_said(changing_resume(placing, TODAY + 1, NULL));
}

/* Proves: a place kept long enough is given back, once; whoever comes then asks for another one, and has it or is told. */
static void a_place_is_given_back_and_asked_for_again(void **state)
{
    struct placing *placing = *state;
    placing->rules.keep_place_days = 28;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    (void)changing_suspend(placing, TODAY - 40);
    assert_int_equal(placing_wait_until(placing, TODAY), 1);
    assert_int_equal(placing_wait_until(placing, TODAY + 1), 0);
    assert_true(placing_now(placing)->suspension->released);
    assert_refused(changing_resume(placing, TODAY, NULL), HOLD_MISSING);
    struct pure_outcome told = changing_resume(placing, TODAY, &CHANGE_HOLD_ID);
    assert_said(told, &dw__resumption_requested__descriptor, 2);
    assert_sent(told, 0, &dw__hold_places__descriptor, &CHANGE_HOLD_ID);
    assert_sent(told, 1, &dw__confirm_hold__descriptor, &CHANGE_HOLD_ID);
    assert_replaces(told, &HOLD_ID); /* nobody new comes */
    assert_state(placing, SUSPENDED);
    assert_said(placing_hold_answered(placing, &CHANGE_HOLD_ID, ANSWER_REFUSED,
                                      DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT),
                &dw__resumption_refused__descriptor, 0);
    assert_nothing_said(
        placing_confirm_answered(placing, &CHANGE_HOLD_ID, ANSWER_REFUSED,
                                 DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_UNKNOWN));
    assert_state(placing, SUSPENDED);
    assert_true(placing_now(placing)->last_no->resumption);
    assert_int_equal(placing_now(placing)->last_no->lapse_reason,
                     DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT);
    (void)changing_resume(placing, TODAY, &UNUSED_ID);
    told = placing_confirm_answered(placing, &UNUSED_ID, ANSWER_FAILED,
                                    DW__ERROR_CODE__ERROR_CODE_QUARANTINED);
    assert_said(told, &dw__resumption_refused__descriptor, 2); /* released and ended, to be sure */
    (void)changing_resume(placing, TODAY, &OTHER_ID);
    assert_said(placing_confirm_answered(placing, &OTHER_ID, ANSWER_ACCEPTED, 0),
                &dw__placement_resumed__descriptor, 0);
    assert_state(placing, ACTIVE);
    const struct id hold_id = placing_hold_id(placing);
    assert_true(id_equal(&hold_id, &OTHER_ID));
    assert_int_equal(placing_now(placing)->terms->from->days, TODAY);
}

/* Proves: a trial that stops for a while goes on afterwards, and can be passed. */
static void a_trial_goes_on_after_a_break(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACCEPTED);
    Dw__Date until = DW__DATE__INIT;
    until.days = TODAY + 3;
    Dw__StartPlacement start = DW__START_PLACEMENT__INIT;
    start.placement_id = id_to_data(&PLACEMENT_ID);
    start.date = &placing->from;
    start.trial_until = &until;
    (void)placing_tell(placing, "ann", BROKER, &start.base);
    (void)changing_suspend(placing, TODAY);
    assert_told(changing_resume(placing, TODAY + 1, NULL), &dw__placement_resumed__descriptor,
                &dw__trial_started__descriptor, NULL);
    assert_state(placing, TRIAL);
    assert_int_equal(placing_now(placing)->trial_until->days, TODAY + 3);
    assert_nothing_said(changing_resume(placing, TODAY + 1, NULL));
    Dw__PassTrial pass = DW__PASS_TRIAL__INIT;
    pass.placement_id = id_to_data(&PLACEMENT_ID);
    assert_said(placing_tell(placing, "ann", BROKER, &pass.base), &dw__trial_passed__descriptor, 0);
    assert_null(placing_now(placing)->trial_until);
}

static struct pure_outcome reach(struct placing *placing, int32_t date)
{
    Dw__ReachPlacementDate command = DW__REACH_PLACEMENT_DATE__INIT;
    command.placement_id = id_to_data(&PLACEMENT_ID);
    return pure_command(placing->pure, &command.base, 0, date * INT64_C(86400000) + 1, date);
}

/* Proves: a place is kept to the last of its days, and its booking ends then. */
static void a_place_is_kept_so_many_days(void **state)
{
    struct placing *placing = *state;
    placing->rules.keep_place_days = 28;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    (void)changing_suspend(placing, TODAY - 1);
    assert_nothing_said(reach(placing, TODAY + 26));
    const struct pure_outcome told = reach(placing, TODAY + 27);
    assert_said(told, &dw__place_released__descriptor, 1);
    assert_sent(told, 0, &dw__end_booking__descriptor, &HOLD_ID);
    assert_int_equal(placing_last_of_booking(told, 0), TODAY + 26);
}

/* Proves: nobody stops coming before they came, and who comes again has one place to come to. */
static void who_comes_again_has_one_place(void **state)
{
    struct placing *placing = *state;
    placing->rules.keep_place_days = 28;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    assert_refused(changing_suspend(placing, placing_now(placing)->started->days - 1),
                   DATE_OUTSIDE);
    (void)changing_suspend(placing, TODAY - 40);
    (void)placing_wait_until(placing, TODAY);
    (void)changing_resume(placing, TODAY, &CHANGE_HOLD_ID);
    assert_nothing_said(changing_resume(placing, TODAY, &CHANGE_HOLD_ID));
    assert_refused(changing_resume(placing, TODAY, &OTHER_ID), WRONG_STATE);
}

/* Proves: somebody suspended may leave for good, and the place that was given back is not given back again. */
static void who_is_suspended_may_end(void **state)
{
    struct placing *placing = *state;
    placing->rules.keep_place_days = 28;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    (void)changing_suspend(placing, TODAY - 40);
    (void)placing_wait_until(placing, TODAY);
    assert_said(placing_end(placing, TODAY), &dw__placement_ended__descriptor, 0);
    assert_state(placing, ENDED);
}

/* Somebody whose Wednesday is agreed from tomorrow on is away, and has given their place back. */
static void give_back_before_a_change(struct placing *placing)
{
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    placing->rules.keep_place_days = 28;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    from.days = TODAY + 1;
    changing_make(placing, &terms, &CHANGE_HOLD_ID);
    (void)changing_suspend(placing, TODAY - 40);
    assert_int_equal(placing_wait_until(placing, TODAY), 1);
    assert_true(placing_now(placing)->suspension->released);
}

static uint32_t planned(struct placing *placing, int32_t first, int32_t last)
{
    return placements_planned_sittings(pure_state(placing->pure), placing_now(placing), first,
                                       last);
}

/* Proves: who has no place any more has one again by what was agreed ahead when that holds; between there was none. */
static void who_has_no_place_has_one_by_the_change(void **state)
{
    struct placing *placing = *state;
    give_back_before_a_change(placing);
    assert_replaces(changing_resume(placing, TODAY + 1, &UNUSED_ID), &CHANGE_HOLD_ID);
    (void)placing_hold_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0);
    assert_said(placing_confirm_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0),
                &dw__placement_resumed__descriptor, 0);
    assert_state(placing, ACTIVE);
    assert_memory_equal(placing_now(placing)->terms->session_ids[1].data, CHANGE_SESSION_ID.bytes,
                        16);
    assert_true(planned(placing, TODAY - 40, TODAY - 13) > 0);
    assert_int_equal(planned(placing, TODAY - 12, TODAY), 0);
}

/* Proves: who comes again before what was agreed ahead holds comes by the days of before, and it has fallen away, for all who hear of it. */
static void who_comes_before_a_change_comes_as_before(void **state)
{
    struct placing *placing = *state;
    give_back_before_a_change(placing);
    const struct pure_outcome told = changing_resume(placing, TODAY, &UNUSED_ID);
    assert_said(told, &dw__resumption_requested__descriptor, 2);
    assert_replaces(told, &HOLD_ID);
    (void)placing_hold_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0);
    assert_told(placing_confirm_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0),
                &dw__change_proposed__descriptor, &dw__change_approved__descriptor,
                &dw__change_made__descriptor, &dw__placement_resumed__descriptor, NULL);
    const Dw__Placement *now = placing_now(placing);
    assert_state(placing, ACTIVE);
    assert_null(now->change);
    assert_int_equal(now->terms->from->days, TODAY);
    assert_memory_equal(now->terms->session_ids[1].data, placing->terms.session_ids[1].data, 16);
    assert_memory_equal(now->hold_id.data, UNUSED_ID.bytes, 16);
    assert_int_equal(planned(placing, TODAY - 12, TODAY - 1), 0);
    assert_int_equal(planned(placing, TODAY, TODAY + 6), 2);
}

/* Proves: who is kept away by a closure may be in hospital, too, and does not come again because it is over. */
static void who_is_closed_out_may_be_ill(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    placing->rules.closure_suspends_sittings = 3;
    (void)placing_disrupt(placing, &CLOSURE_ID, TODAY, TODAY + 13, 4);
    assert_state(placing, SUSPENDED);
    assert_said(changing_suspend(placing, TODAY), &dw__placement_suspended__descriptor, 0);
    assert_int_equal(placing_now(placing)->suspension->reason,
                     DW__SUSPEND_REASON__SUSPEND_REASON_HOSPITAL);
    assert_nothing_said(changing_suspend(placing, TODAY));
    assert_refused(changing_suspend(placing, TODAY - 1), WRONG_STATE);
    (void)placing_restore(placing, &CLOSURE_ID, TODAY);
    assert_int_equal(placing_wait_until(placing, TODAY + 14), 0);
    assert_state(placing, SUSPENDED);
}

/* Proves: who is ill while they are closed out, and comes again too soon, is kept away by the closure again, until it is over. */
static void who_is_well_again_is_closed_out_still(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    placing->rules.closure_suspends_sittings = 3;
    (void)placing_disrupt(placing, &CLOSURE_ID, TODAY - 1, TODAY + 13, 6);
    assert_state(placing, SUSPENDED);
    (void)changing_suspend(placing, TODAY);
    (void)changing_resume(placing, TODAY + 1, NULL);
    assert_state(placing, ACTIVE);
    assert_int_equal(placing_wait_until(placing, TODAY + 1), 1);
    assert_state(placing, SUSPENDED);
    assert_memory_equal(placing_now(placing)->suspension->closure_id.data, CLOSURE_ID.bytes, 16);
    assert_int_equal(placing_wait_until(placing, TODAY + 14), 1);
    assert_state(placing, ACTIVE);
    assert_int_equal(placing_wait_until(placing, TODAY + 15), 0);
}

/* Proves: a change that is still to come keeps nobody from coming again before it, and is agreed a year ahead at most. */
static void who_has_a_change_ahead_comes_again(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    from.days = TODAY + 367;
    assert_refused(changing_propose(placing, &terms, &CHANGE_HOLD_ID), DATE_OUTSIDE);
    from.days = TODAY + 366;
    changing_make(placing, &terms, &CHANGE_HOLD_ID);
    assert_int_equal(placing_now(placing)->terms->from->days, TODAY + 366);
    (void)changing_suspend(placing, TODAY - 5);
    assert_state(placing, SUSPENDED);
    assert_said(changing_resume(placing, TODAY, NULL), &dw__placement_resumed__descriptor, 0);
    assert_state(placing, ACTIVE);
    assert_int_equal(placing_now(placing)->terms->from->days, TODAY + 366);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, placing_set_up, placing_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_kept_place_is_there_again),
        TEST(a_place_is_given_back_and_asked_for_again),
        TEST(a_place_is_kept_so_many_days),
        TEST(a_trial_goes_on_after_a_break),
        TEST(who_comes_again_has_one_place),
        TEST(who_is_suspended_may_end),
        TEST(who_has_a_change_ahead_comes_again),
        TEST(who_is_closed_out_may_be_ill),
        TEST(who_is_well_again_is_closed_out_still),
        TEST(who_has_no_place_has_one_by_the_change),
        TEST(who_comes_before_a_change_comes_as_before),
    };
    return cmocka_run_group_tests_name("placements_coming", tests, NULL, NULL);
}
