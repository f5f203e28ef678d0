/* Tests of services/placements: what was agreed ahead never held when the placement ends, or the person moves, before it does. */
#include "tests/support/changing.h"
#include "tests/support/costing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Ten times the price is agreed from that date on. */
static void agree_price(struct placing *placing, int32_t day)
{
    Dw__Date from = DW__DATE__INIT;
    Dw__PlacementTerms terms = placing->terms;
    from.days = day;
    terms.from = &from;
    terms.price_pence_per_week = 90000;
    assert_told(changing_propose(placing, &terms, NULL), &dw__change_proposed__descriptor,
                &dw__change_approved__descriptor, &dw__change_made__descriptor, NULL);
}

/* Proves: a year of what the person had moves with them, not of what was agreed for later. */
static void money_moves_by_the_terms_that_held(void **state)
{
    struct placing *placing = *state;
    costing_set_budgets(placing, 1);
    costing_begin(placing);
    agree_price(placing, TODAY + 60);
    placing->session_ids[0] = id_to_data(&OTHER_ID);
    placing->terms.n_session_ids = 1;
    costing_accept_other(placing, TODAY - 10);
    assert_int_equal(costing_move(placing, TODAY).outcome, DECISION_YES);
    assert_in_range(costing_budgets(placing)->money_moved_pence, 52 * 9000, 53 * 9000);
    assert_in_range(costing_budgets(placing)->cost_released_pence, 52 * 9000, 53 * 9000);
}

/* Proves: a notice is paid at the price of the last date, ended today or agreed ahead. */
static void a_notice_is_paid_as_it_was_had(void **state)
{
    struct placing *placing = *state;
    const int32_t last = costing_first_monday() + 7 * ((TODAY - FROM) / 7 + 2) - 1;
    costing_begin(placing);
    agree_price(placing, last + 8);
    assert_int_equal(costing_end(placing, last, last + 28).outcome, DECISION_YES);
    assert_int_equal(costing_costs(placing, last + 1, last + 28)->payable_pence, 36000);
    (void)placing_wait_until(placing, last + 1);
    assert_state(placing, ENDED);
    assert_int_equal(costing_costs(placing, last + 1, last + 28)->payable_pence, 36000);
}

static void a_notice_after_an_end_is_paid_as_it_was_had(void **state)
{
    struct placing *placing = *state;
    const int32_t last = costing_first_monday() + 7 * ((TODAY - FROM) / 7 - 1) - 1;
    costing_begin(placing);
    agree_price(placing, last + 8);
    assert_int_equal(costing_end(placing, last, last + 28).outcome, DECISION_YES);
    assert_state(placing, ENDED);
    assert_int_equal(placing_now(placing)->n_former, 0);
    assert_int_equal(placing_now(placing)->terms->price_pence_per_week, 9000);
    assert_int_equal(costing_costs(placing, last + 1, last + 28)->payable_pence, 36000);
}

/* Proves: an end before a change takes the change away; who is to stay after all has a place again from the day after, without a gap, or
 * with one that is neither planned nor paid nor in the way of another place. */
static void who_stays_after_all_stays_as_they_were(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    costing_note_session(placing, &CHANGE_SESSION_ID, 3, 600);
    costing_begin(placing);
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    from.days = TODAY + 60;
    changing_make(placing, &terms, &CHANGE_HOLD_ID);
    const struct pure_outcome told = placing_end(placing, TODAY + 10);
    assert_said(told, &dw__end_agreed__descriptor, 2);
    const struct packed body = told.decision->events[0].body;
    Dw__EndAgreed *agreed = dw__end_agreed__unpack(NULL, body.len, body.bytes);
    assert_int_equal(agreed->fell_away->n_attended, 2);
    assert_int_equal(agreed->fell_away->n_never_had, 2);
    assert_int_equal(agreed->fell_away->never_had[1]->weekday, 3);
    assert_in_range(agreed->fell_away->year_pence, 51 * 9000, 53 * 9000);
    dw__end_agreed__free_unpacked(agreed, NULL);
    const Dw__Placement *now = placing_now(placing);
    assert_int_equal(now->n_former, 0);
    assert_memory_equal(now->hold_id.data, HOLD_ID.bytes, 16);
    assert_memory_equal(now->terms->session_ids[1].data, placing->terms.session_ids[1].data, 16);
    assert_int_equal(now->terms->to->days, TODAY + 10);
    assert_refused(placing_end(placing, TODAY + 12), DATE_OUTSIDE);
    terms = placing->terms;
    terms.from = &from;
    from.days = TODAY + 20;
    assert_replaces(changing_propose(placing, &terms, &UNUSED_ID), &HOLD_ID);
    (void)placing_hold_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0);
    (void)placing_confirm_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0);
    now = placing_now(placing);
    assert_null(now->ending);
    assert_null(costing_costs(placing, TODAY + 11, TODAY + 19)->lines);
    assert_int_equal(costing_costs(placing, TODAY + 20, TODAY + 26)->payable_pence, 9000);
}

/* Proves: who has given their place back costs nothing until the end that is agreed. */
static void an_end_without_a_place_costs_nothing(void **state)
{
    struct placing *placing = *state;
    placing->rules.keep_place_days = 7;
    costing_begin(placing);
    (void)changing_suspend(placing, FROM + 14);
    (void)placing_wait_until(placing, TODAY);
    assert_int_equal(placing_end(placing, TODAY + 30).outcome, DECISION_YES);
    assert_non_null(placing_now(placing)->ending);
    assert_int_equal(costing_costs(placing, FROM + 21, TODAY + 30)->payable_pence, 0);
}

/* Proves: of two changes that were agreed ahead the days of both are told as never had, by an end and by a move. */
static void all_that_falls_away_is_told(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    costing_note_session(placing, &CHANGE_SESSION_ID, 3, 600);
    costing_note_session(placing, &OTHER_ID, 5, 600);
    costing_begin(placing);
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    changing_make(placing, &terms, &CHANGE_HOLD_ID);
    session_ids[1] = id_to_data(&OTHER_ID);
    from.days = TODAY + 60;
    changing_make(placing, &terms, &UNUSED_ID);
    assert_int_equal(placing_now(placing)->n_former, 2);
    const struct pure_outcome told = placing_end(placing, TODAY - 1);
    const struct packed body = told.decision->events[0].body;
    Dw__PlacementEnded *ended = dw__placement_ended__unpack(NULL, body.len, body.bytes);
    assert_int_equal(ended->fell_away->n_attended, 2);
    assert_int_equal(ended->fell_away->n_never_had, 3); /* Monday, Wednesday, Friday */
    assert_int_equal(ended->fell_away->never_had[1]->weekday, 3);
    assert_int_equal(ended->fell_away->never_had[2]->weekday, 5);
    dw__placement_ended__free_unpacked(ended, NULL);
    assert_int_equal(placing_now(placing)->n_former, 0);
}

/* Proves: the free weeks of a level are the person's, not the place's: a move within it begins none. */
static void free_weeks_do_not_begin_again(void **state)
{
    struct placing *placing = *state;
    placing->level.free_weeks = 6;
    costing_begin(placing);
    costing_assess(placing, FROM, 3000, false);
    placing->session_ids[0] = id_to_data(&OTHER_ID);
    placing->session_ids[1] = id_to_data(&UNUSED_ID);
    costing_note_session(placing, &OTHER_ID, 4, 600);
    costing_accept_other(placing, TODAY - 10);
    assert_int_equal(costing_move(placing, TODAY).outcome, DECISION_YES);
    const int32_t monday = costing_first_monday() + 7 * ((TODAY - FROM) / 7 + 1);
    const Dw__CostsFound *found = costing_costs(placing, monday, monday + 6);
    assert_int_equal(found->n_lines, 1);
    assert_int_equal(found->lines[0]->contribution_pence, 3000);
}

/* Proves: whose place was given back agrees on nothing else, not even a price, before they have one again. */
static void nothing_is_agreed_without_a_place(void **state)
{
    struct placing *placing = *state;
    placing->rules.keep_place_days = 7;
    costing_begin(placing);
    (void)changing_suspend(placing, FROM + 14);
    (void)placing_wait_until(placing, TODAY);
    Dw__Date from = DW__DATE__INIT;
    Dw__PlacementTerms terms = placing->terms;
    from.days = TODAY + 100;
    terms.from = &from;
    terms.price_pence_per_week = 18000;
    assert_refused(changing_propose(placing, &terms, NULL), WRONG_STATE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, costing_set_up, placing_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(money_moves_by_the_terms_that_held),
        TEST(a_notice_is_paid_as_it_was_had),
        TEST(a_notice_after_an_end_is_paid_as_it_was_had),
        TEST(who_stays_after_all_stays_as_they_were),
        TEST(all_that_falls_away_is_told),
        TEST(an_end_without_a_place_costs_nothing),
        TEST(free_weeks_do_not_begin_again),
        TEST(nothing_is_agreed_without_a_place),
    };
    return cmocka_run_group_tests_name("placements_ahead", tests, NULL, NULL);
}
