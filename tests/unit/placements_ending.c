/* Tests of services/placements: how a placement ends, at once and on a date to come, behind changes, and by a death. */
#include "tests/support/changing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "referrals.pb-c.h"

#include "common/entities_store.h"
#include "services/placements/checks.h"

/* Proves: a change that waits is given up when support ends, and its hold with it. */
static void an_end_drops_what_waits(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    (void)changing_propose(placing, &terms, &CHANGE_HOLD_ID);
    const struct pure_outcome told = placing_end(placing, TODAY);
    assert_told(told, &dw__change_dropped__descriptor, &dw__placement_ended__descriptor, NULL);
    assert_sent(told, 0, &dw__release_hold__descriptor, &CHANGE_HOLD_ID);
    assert_sent(told, 1, &dw__end_booking__descriptor, &HOLD_ID);
    assert_nothing_said(placing_hold_answered(placing, &CHANGE_HOLD_ID, ANSWER_ACCEPTED, 0));
}

/* Proves: while capacity confirms a change nobody can tell which booking there is to end, so ending waits, for people and for time. */
static void an_end_waits_while_a_change_is_confirmed(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    (void)changing_propose(placing, &terms, &CHANGE_HOLD_ID);
    (void)placing_hold_answered(placing, &CHANGE_HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_refused(placing_end(placing, TODAY), CHANGE_WAITS);
    (void)changing_die(placing, TODAY);
    assert_int_equal(placing_wait_until(placing, TODAY), 0);
    (void)placing_confirm_answered(placing, &CHANGE_HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_int_equal(placing_wait_until(placing, TODAY), 1);
    assert_state(placing, ENDED);
}

/* Proves: who ends before a change took effect leaves both chairs: the one they have until then and the one they would have had. */
static void an_end_before_a_change_took_effect_ends_both_bookings(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids); /* in a week */
    changing_make(placing, &terms, &CHANGE_HOLD_ID);
    const struct pure_outcome told = placing_end(placing, TODAY + 2);
    assert_said(told, &dw__end_agreed__descriptor, 2);
    assert_sent(told, 0, &dw__end_booking__descriptor, &CHANGE_HOLD_ID);
    assert_sent(told, 1, &dw__end_booking__descriptor, &HOLD_ID);
    assert_int_equal(placing_last_of_booking(told, 1), TODAY + 2);
}

/* --- death -------------------------------------------------------------------------------------------------------- */

/* Proves: a death ends what goes on, takes back what has not started, and nothing more is proposed. */
static void a_death_ends_everything(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    placing->session_ids[0] = id_to_data(&OTHER_ID);
    placing->session_ids[1] = id_to_data(&UNUSED_ID);
    (void)placing_propose_as(placing, &OTHER_ID, &UNUSED_ID);
    assert_told(changing_die(placing, TODAY - 2), &dw__death_noted__descriptor, NULL);
    assert_nothing_said(changing_die(placing, TODAY - 2));
    pure_reload(placing->pure);
    assert_int_equal(placing_wait_until(placing, TODAY), 2);
    assert_state(placing, ENDED);
    assert_int_equal(placing_now(placing)->end_reason, DW__END_REASON__END_REASON_DIED);
    assert_int_equal(placing_now(placing)->last->days, TODAY - 2);
    const Dw__Placement *other =
        entities_get(pure_entities(placing->pure), PLACEMENTS_KIND_PLACEMENT, &OTHER_ID, 0);
    assert_int_equal(other->state, PLACEMENT_CANCELLED);
    placing->from.days = TODAY + 1;
    assert_refused(placing_propose_as(placing, &UNUSED_ID, &CHANGE_HOLD_ID), PERSON_DIED);
    Dw__DeathTakenBack back = DW__DEATH_TAKEN_BACK__INIT;
    back.person_id = id_to_data(&PERSON_ID);
    assert_told(placing_hear(placing, "referrals", &back.base), &dw__death_noted__descriptor, NULL);
    assert_nothing_said(placing_hear(placing, "referrals", &back.base));
    assert_int_equal(placing_propose_as(placing, &UNUSED_ID, &CHANGE_HOLD_ID).outcome,
                     DECISION_YES);
    assert_state(placing, ENDED);
}

/* Proves: a date of death that is corrected is heard: an earlier one ends what was had sooner, a later one is paid for until then. */
static void a_death_is_corrected(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    (void)changing_die(placing, TODAY - 2);
    (void)placing_wait_until(placing, TODAY);
    assert_told(changing_die(placing, TODAY - 9), &dw__death_noted__descriptor,
                &dw__placement_ended__descriptor, NULL);
    assert_int_equal(placing_now(placing)->last->days, TODAY - 9);
    assert_told(changing_die(placing, TODAY - 5), &dw__death_noted__descriptor,
                &dw__placement_ended__descriptor, NULL);
    assert_int_equal(placing_now(placing)->last->days, TODAY - 9);
    assert_int_equal(placing_now(placing)->end->last_payable->days, TODAY - 5);
    assert_nothing_said(changing_die(placing, TODAY - 5));
}

/* Proves: who was said to have died before they began, and had not, is paid for until they did. */
static void a_death_before_the_start_is_corrected(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    const int32_t started = placing_now(placing)->started->days;
    (void)changing_die(placing, started - 5);
    (void)placing_wait_until(placing, TODAY);
    assert_int_equal(placing_now(placing)->last->days, started);
    assert_told(changing_die(placing, started + 9), &dw__death_noted__descriptor,
                &dw__placement_ended__descriptor, NULL);
    assert_int_equal(placing_now(placing)->end->last_payable->days, started + 9);
}

static void take_death_back(struct placing *placing)
{
    Dw__DeathTakenBack back = DW__DEATH_TAKEN_BACK__INIT;
    back.person_id = id_to_data(&PERSON_ID);
    assert_told(placing_hear(placing, "referrals", &back.base), &dw__death_noted__descriptor,
                &dw__placement_ended__descriptor, NULL);
}

/* Proves: what had ended by itself before a death was recorded in error ends so again when that is taken back. */
static void an_end_comes_back_with_the_person(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    (void)placing_end(placing, TODAY - 12);
    const Dw__EndReason reason = placing_now(placing)->end_reason;
    (void)changing_die(placing, TODAY - 30);
    (void)changing_die(placing, TODAY - 40);
    pure_reload(placing->pure);
    assert_int_equal(placing_now(placing)->last->days, TODAY - 40);
    assert_int_equal(placing_now(placing)->end_reason, DW__END_REASON__END_REASON_DIED);
    take_death_back(placing);
    assert_int_equal(placing_now(placing)->last->days, TODAY - 12);
    assert_int_equal(placing_now(placing)->end_reason, reason);
    assert_null(placing_now(placing)->end);
    assert_null(placing_now(placing)->own_end);
    assert_nothing_said(placing_end(placing, TODAY - 12));
}

/* Proves: a date of death that is corrected to one after an end leaves that as it was, and to one before it pays until then and no longer. */
static void a_death_after_the_end_leaves_it(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    (void)placing_end(placing, TODAY - 12);
    (void)changing_die(placing, TODAY - 30);
    assert_told(changing_die(placing, TODAY - 20), &dw__death_noted__descriptor,
                &dw__placement_ended__descriptor, NULL);
    assert_int_equal(placing_now(placing)->last->days, TODAY - 30);
    assert_int_equal(placing_now(placing)->end->last_payable->days, TODAY - 20);
    assert_told(changing_die(placing, TODAY - 5), &dw__death_noted__descriptor,
                &dw__placement_ended__descriptor, NULL);
    assert_int_equal(placing_now(placing)->last->days, TODAY - 12);
    assert_null(placing_now(placing)->end);
    assert_told(changing_die(placing, TODAY - 3), &dw__death_noted__descriptor, NULL);
}

/* Proves: a later date of death pays nothing beyond the last date that was payable by the end as it had been. */
static void a_later_death_pays_what_was_payable(void **state)
{
    struct placing *placing = *state;
    Dw__Date last = DW__DATE__INIT, payable = DW__DATE__INIT;
    Dw__EndDetails details = DW__END_DETAILS__INIT;
    Dw__EndPlacement end = DW__END_PLACEMENT__INIT;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    last.days = TODAY - 12;
    payable.days = TODAY - 25;
    details.last_payable = &payable;
    end.placement_id = id_to_data(&PLACEMENT_ID);
    end.reason = DW__END_REASON__END_REASON_MOVED_AWAY;
    end.last = &last;
    end.details = &details;
    pure_principal_provider(placing->pure, NULL);
    (void)placing_tell(placing, "ann", BROKER, &end.base);
    (void)changing_die(placing, TODAY - 30);
    (void)changing_die(placing, TODAY - 20);
    assert_int_equal(placing_now(placing)->end->last_payable->days, TODAY - 25);
}

/* Proves: no change pushes terms of before out of the record: what they cost is asked for years later. */
static void a_placement_keeps_all_it_was(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    changing_often(placing, PLACEMENTS_FORMER_MAX, TODAY - PLACEMENTS_FORMER_MAX);
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    assert_refused(changing_propose(placing, &terms, &CHANGE_HOLD_ID), TOO_MANY);
    assert_int_equal(placing_now(placing)->n_former, PLACEMENTS_FORMER_MAX);
}

/* Proves: a death that is told after more changes than can be undone ends the placement as early as it can, and its payment on the day. */
static void a_death_behind_many_changes_ends_it_once(void **state)
{
    enum { CHANGES = 15, UNDONE = 12 /* bookings, beside that of now */ };
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    changing_often(placing, CHANGES, TODAY - CHANGES);
    (void)changing_die(placing, TODAY - 2 * CHANGES);
    assert_int_equal(placing_wait_until(placing, TODAY), 1);
    assert_state(placing, ENDED);
    assert_int_equal(placing_now(placing)->last->days, TODAY - UNDONE - 2);
    assert_int_equal(placing_now(placing)->end->last_payable->days, TODAY - 2 * CHANGES);
}

/* Proves: an earlier death is heard behind however many changes, when they had taken effect before it. */
static void a_death_long_after_many_changes_is_corrected(void **state)
{
    enum { CHANGES = 15 };
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    changing_often(placing, CHANGES, TODAY - 3 * CHANGES);
    (void)changing_die(placing, TODAY - 2);
    (void)placing_wait_until(placing, TODAY);
    assert_told(changing_die(placing, TODAY - 9), &dw__death_noted__descriptor,
                &dw__placement_ended__descriptor, NULL);
    assert_int_equal(placing_now(placing)->last->days, TODAY - 9);
}

/* --- an end that is still to come ------------------------------------------------------------------------------------ */

/* Proves: an end on a date to come leaves everything as it is until then, is brought forward and not said twice, and comes by itself. */
static void an_end_is_agreed_and_comes(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    assert_refused(placing_end(placing, TODAY + 367), DATE_OUTSIDE); /* nobody's slip is for ever */
    struct pure_outcome told = placing_end(placing, TODAY + 28);
    assert_said(told, &dw__end_agreed__descriptor, 1);
    assert_sent(told, 0, &dw__end_booking__descriptor, &HOLD_ID);
    assert_int_equal(placing_last_of_booking(told, 0), TODAY + 28);
    assert_state(placing, ACTIVE);
    assert_int_equal(
        placements_flags(pure_state(placing->pure), &placing->model, placing_now(placing), TODAY) >>
                DW__PLACEMENT_FLAG__PLACEMENT_FLAG_ENDING &
            1,
        1);
    assert_nothing_said(placing_end(placing, TODAY + 28));
    assert_refused(placing_end(placing, TODAY + 29), DATE_OUTSIDE); /* the place is others' */
    told = placing_end(placing, TODAY + 14);
    assert_said(told, &dw__end_agreed__descriptor, 1);
    assert_int_equal(placing_last_of_booking(told, 0), TODAY + 14);
    assert_said(changing_suspend(placing, TODAY), &dw__placement_suspended__descriptor, 0);
    assert_said(changing_resume(placing, TODAY, NULL), &dw__placement_resumed__descriptor, 0);
    pure_reload(placing->pure);
    assert_int_equal(placing_wait_until(placing, TODAY + 14), 0);
    assert_int_equal(placing_wait_until(placing, TODAY + 15), 1);
    assert_state(placing, ENDED);
    assert_int_equal(placing_now(placing)->last->days, TODAY + 14);
    assert_null(placing_now(placing)->ending);
}

/* Proves: who is to stay after all has a change to a later date, when there is a place. */
static void who_stays_after_all_changes(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    (void)placing_end(placing, TODAY + 14);
    Dw__Date from = DW__DATE__INIT;
    Dw__PlacementTerms terms = placing->terms;
    from.days = TODAY + 1;
    terms.from = &from;
    assert_said(changing_propose(placing, &terms, &CHANGE_HOLD_ID),
                &dw__change_proposed__descriptor, 1);
    (void)placing_hold_answered(placing, &CHANGE_HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_said(placing_confirm_answered(placing, &CHANGE_HOLD_ID, ANSWER_ACCEPTED, 0),
                &dw__change_made__descriptor, 0);
    assert_null(placing_now(placing)->ending);
    assert_int_equal(placing_wait_until(placing, TODAY + 15), 0);
    assert_state(placing, ACTIVE);
}

/* Proves: a death before it ends it then, and its chair is free. */
static void a_death_ends_what_was_to_end_later(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    assert_told(placing_end(placing, TODAY + 28), &dw__end_agreed__descriptor, NULL);
    (void)changing_die(placing, TODAY - 1);
    assert_int_equal(placing_wait_until(placing, TODAY), 1);
    assert_state(placing, ENDED);
    assert_int_equal(placing_now(placing)->last->days, TODAY - 1);
    assert_int_equal(placing_now(placing)->end_reason, DW__END_REASON__END_REASON_DIED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, placing_set_up, placing_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_end_drops_what_waits),
        TEST(an_end_waits_while_a_change_is_confirmed),
        TEST(an_end_before_a_change_took_effect_ends_both_bookings),
        TEST(a_death_ends_everything),
        TEST(a_death_is_corrected),
        TEST(a_death_before_the_start_is_corrected),
        TEST(an_end_comes_back_with_the_person),
        TEST(a_death_after_the_end_leaves_it),
        TEST(a_later_death_pays_what_was_payable),
        TEST(a_placement_keeps_all_it_was),
        TEST(a_death_behind_many_changes_ends_it_once),
        TEST(a_death_long_after_many_changes_is_corrected),
        TEST(an_end_is_agreed_and_comes),
        TEST(who_stays_after_all_changes),
        TEST(a_death_ends_what_was_to_end_later),
    };
    return cmocka_run_group_tests_name("placements_ending", tests, NULL, NULL);
}
