/* Tests of services/placements: places that stand in for another one, and when they end. */
#include "tests/support/changing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/entities_store.h"
#include "services/placements/checks.h"

static const struct id CLOSURE_ID = {{32}};
static const struct id LATER_ID = {{34}};
static const struct id ELSEWHERE_ID = {{35}};

static const Dw__Placement *cover(struct placing *placing)
{
    return entities_get(pure_entities(placing->pure), PLACEMENTS_KIND_PLACEMENT, &OTHER_ID, 0);
}

/* Stands in, without an end of its own, from today on; what it stands in for is active, and three lost sittings suspend. */
static void stand_in(struct placing *placing)
{
    Dw__Date today = DW__DATE__INIT;
    Dw__AcceptOffer accept = DW__ACCEPT_OFFER__INIT;
    Dw__StartPlacement start = DW__START_PLACEMENT__INIT;
    today.days = TODAY;
    placing->session_ids[0] = id_to_data(&ELSEWHERE_ID);
    placing->terms.n_session_ids = 1;
    placing->terms.from = &today;
    placing->terms.covers_placement_id = id_to_data(&PLACEMENT_ID);
    (void)placing_propose_as(placing, &OTHER_ID, &UNUSED_ID);
    (void)placing_hold_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0);
    accept.placement_id = start.placement_id = id_to_data(&OTHER_ID);
    (void)placing_tell(placing, "op", DW__ROLE__ROLE_OPERATOR, &accept.base);
    (void)placing_confirm_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0);
    start.date = &today;
    (void)placing_tell(placing, "op", DW__ROLE__ROLE_OPERATOR, &start.base);
    assert_int_equal(cover(placing)->state, PLACEMENT_ACTIVE);
}

static int begin(void **ret_placing)
{
    const int result = placing_set_up(ret_placing);
    struct placing *placing = *ret_placing;
    placing->rules.closure_suspends_sittings = 3;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    return result;
}

static bool is_flagged(struct placing *placing, int32_t today)
{
    return (placements_flags(pure_state(placing->pure), &placing->model, cover(placing), today) >>
                DW__PLACEMENT_FLAG__PLACEMENT_FLAG_COVER_OVER &
            1) != 0;
}

static void assert_ends(struct placing *placing, int32_t last)
{
    assert_int_equal(cover(placing)->state, PLACEMENT_ENDED);
    assert_int_equal(cover(placing)->end_reason, DW__END_REASON__END_REASON_MOVED_SERVICE);
    assert_int_equal(cover(placing)->last->days, last);
}

/* Proves: when the closure is lifted, whatever stands in ends, whether the closure had suspended the person or not. */
static void a_cover_ends_when_its_closure_is_lifted(void **state)
{
    struct placing *placing = *state;
    placing->rules.closure_suspends_sittings = 100;
    (void)placing_disrupt(placing, &CLOSURE_ID, TODAY, TODAY + 13, 8);
    stand_in(placing);
    assert_false(is_flagged(placing, TODAY));
    (void)placing_restore(placing, &CLOSURE_ID, TODAY + 5);
    assert_ends(placing, TODAY + 4);
}

static void a_cover_ends_when_the_person_is_let_come_again(void **state)
{
    struct placing *placing = *state;
    (void)placing_disrupt(placing, &CLOSURE_ID, TODAY, INT32_MAX, 4);
    assert_state(placing, SUSPENDED);
    stand_in(placing);
    (void)placing_restore(placing, &CLOSURE_ID, TODAY + 7);
    assert_int_equal(cover(placing)->state, PLACEMENT_ACTIVE);
    (void)placing_wait_until(placing, TODAY + 7);
    assert_state(placing, ACTIVE);
    assert_ends(placing, TODAY + 6);
}

/* Proves: who is ill beside comes to neither place: what stands in is ended by people, or when they come again. */
static void a_closure_that_is_lifted_brings_nobody_back_who_is_ill(void **state)
{
    struct placing *placing = *state;
    placing->rules.closure_suspends_sittings = 100;
    (void)placing_disrupt(placing, &CLOSURE_ID, TODAY, TODAY + 13, 8);
    stand_in(placing);
    (void)changing_suspend(placing, TODAY);
    assert_state(placing, SUSPENDED);
    (void)placing_restore(placing, &CLOSURE_ID, TODAY + 2);
    assert_int_equal(cover(placing)->state, PLACEMENT_ACTIVE);
}

/* Proves: lifted again, from a sooner day, it ends it sooner. */
static void a_cover_ends_sooner_when_it_is_lifted_sooner(void **state)
{
    struct placing *placing = *state;
    placing->rules.closure_suspends_sittings = 100;
    (void)placing_disrupt(placing, &CLOSURE_ID, TODAY, TODAY + 13, 8);
    stand_in(placing);
    (void)placing_restore(placing, &CLOSURE_ID, TODAY + 5);
    assert_ends(placing, TODAY + 4);
    (void)placing_restore(placing, &CLOSURE_ID, TODAY + 2);
    assert_ends(placing, TODAY + 1);
    (void)placing_restore(placing, &CLOSURE_ID, TODAY + 3);
    assert_ends(placing, TODAY + 1);
}

/* Proves: another closure that is lifted gives nobody their place back, whether it was over or goes on beside. */
static void another_closure_that_is_lifted_ends_no_cover(void **state)
{
    struct placing *placing = *state;
    (void)placing_disrupt(placing, &LATER_ID, TODAY - 20, TODAY - 14, 1);
    (void)placing_disrupt(placing, &CLOSURE_ID, TODAY, INT32_MAX, 4);
    assert_state(placing, SUSPENDED);
    stand_in(placing);
    (void)placing_restore(placing, &LATER_ID, TODAY - 20);
    assert_int_equal(cover(placing)->state, PLACEMENT_ACTIVE);
    assert_state(placing, SUSPENDED);
}

static void a_cover_goes_on_while_another_closure_does(void **state)
{
    struct placing *placing = *state;
    placing->rules.closure_suspends_sittings = 100;
    (void)placing_disrupt(placing, &CLOSURE_ID, TODAY, TODAY + 13, 8);
    (void)placing_disrupt(placing, &LATER_ID, TODAY + 4, TODAY + 20, 4); /* the same sittings */
    stand_in(placing);
    (void)placing_restore(placing, &CLOSURE_ID, TODAY + 4);
    assert_int_equal(cover(placing)->state, PLACEMENT_ACTIVE);
    (void)placing_restore(placing, &LATER_ID, TODAY + 4);
    assert_ends(placing, TODAY + 3);
}

/* Proves: whom another closure suspends as soon as the first is lifted has whatever stands in still. */
static void a_cover_goes_on_through_the_next_suspension(void **state)
{
    struct placing *placing = *state;
    (void)placing_disrupt(placing, &CLOSURE_ID, TODAY, TODAY + 13, 8);
    (void)placing_disrupt(placing, &LATER_ID, TODAY, TODAY + 20, 8);
    assert_state(placing, SUSPENDED);
    stand_in(placing);
    (void)placing_restore(placing, &CLOSURE_ID, TODAY);
    (void)placing_wait_until(placing, TODAY);
    assert_state(placing, SUSPENDED);
    assert_int_equal(cover(placing)->state, PLACEMENT_ACTIVE);
    (void)placing_wait_until(placing, TODAY + 21);
    assert_state(placing, ACTIVE);
    assert_ends(placing, TODAY + 20);
}

/* Proves: a closure that was over before and is corrected ends nothing that stands in for another reason. */
static void what_was_over_long_ago_ends_no_cover(void **state)
{
    struct placing *placing = *state;
    (void)placing_disrupt(placing, &CLOSURE_ID, TODAY - 20, TODAY - 14, 1);
    stand_in(placing);
    (void)placing_restore(placing, &CLOSURE_ID, TODAY - 20);
    assert_int_equal(cover(placing)->state, PLACEMENT_ACTIVE);
}

/* Proves: a closure that is over by its date lets the person come again, and what stands in ends by itself. */
static void a_cover_ends_with_the_closure(void **state)
{
    struct placing *placing = *state;
    (void)placing_disrupt(placing, &CLOSURE_ID, TODAY, TODAY + 13, 4);
    stand_in(placing);
    pure_reload(placing->pure);
    (void)placing_wait_until(placing, TODAY + 14);
    assert_state(placing, ACTIVE);
    assert_ends(placing, TODAY + 13);
}

/* Proves: who stood in for somebody in hospital is not needed when they come again. */
static void a_cover_ends_when_the_person_comes_again(void **state)
{
    struct placing *placing = *state;
    (void)changing_suspend(placing, TODAY);
    stand_in(placing);
    assert_false(is_flagged(placing, TODAY + 100));
    (void)changing_resume(placing, TODAY + 1, NULL);
    assert_ends(placing, TODAY);
}

/* Proves: where a closure was too short to suspend anybody, what still stands in after it is told. */
static void a_cover_that_is_over_is_flagged(void **state)
{
    struct placing *placing = *state;
    (void)placing_disrupt(placing, &CLOSURE_ID, TODAY, TODAY + 13, 2);
    stand_in(placing);
    assert_false(is_flagged(placing, TODAY + 13));
    assert_true(is_flagged(placing, TODAY + 14));
    (void)placing_end(placing, TODAY);
    assert_true(is_flagged(placing, TODAY));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, placing_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_cover_ends_when_its_closure_is_lifted),
        TEST(a_closure_that_is_lifted_brings_nobody_back_who_is_ill),
        TEST(a_cover_ends_sooner_when_it_is_lifted_sooner),
        TEST(a_cover_ends_when_the_person_is_let_come_again),
        TEST(another_closure_that_is_lifted_ends_no_cover),
        TEST(a_cover_goes_on_while_another_closure_does),
        TEST(a_cover_goes_on_through_the_next_suspension),
        TEST(what_was_over_long_ago_ends_no_cover),
        TEST(a_cover_ends_with_the_closure),
        TEST(a_cover_ends_when_the_person_comes_again),
        TEST(a_cover_that_is_over_is_flagged),
    };
    return cmocka_run_group_tests_name("placements_covers", tests, NULL, NULL);
}
