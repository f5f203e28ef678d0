/* Tests of services/placements: the ways that fail. Capacity says no or nothing, a placement is cancelled or declined, a hold
 * is lost, answers come too late: the reason is kept, and no chair stays held. */
#include "common/entities_store.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/support/placing.h"

/* --- capacity's no ---------------------------------------------------------------------------------------------- */

/* Proves: capacity's no ends the proposal and its reason is kept. */
static void no_place_lapses_the_placement(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_PROPOSED);
    assert_said(placing_hold_answered(placing, &HOLD_ID, ANSWER_REFUSED,
                                      DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT),
                &dw__placement_lapsed__descriptor, 0);
    assert_state(placing, LAPSED);
    assert_int_equal(placing_now(placing)->lapse_reason,
                     DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT);
}

/* Proves: the terms' provider and level are capacity's to check, and its no is told as it is. */
static void another_provider_or_level_than_the_services_lapses(void **state)
{
    struct placing *placing = *state;
    const struct pure_outcome proposed = placing_propose(placing);
    Dw__HoldPlaces *hold = dw__hold_places__unpack(NULL, proposed.decision->sends[0].body.len,
                                                   proposed.decision->sends[0].body.bytes);
    assert_int_equal(hold->level, 2);
    assert_memory_equal(hold->provider_id.data, PROVIDER_ID.bytes, sizeof PROVIDER_ID.bytes);
    dw__hold_places__free_unpacked(hold, NULL);
    assert_said(placing_hold_answered(placing, &HOLD_ID, ANSWER_REFUSED,
                                      DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PROVIDER_DIFFERS),
                &dw__placement_lapsed__descriptor, 0);
    assert_int_equal(placing_now(placing)->lapse_reason,
                     DW__LAPSE_REASON__LAPSE_REASON_PROVIDER_DIFFERS);
    assert_int_equal(placing_propose_as(placing, &OTHER_ID, &UNUSED_ID).outcome, DECISION_YES);
    (void)placing_hold_answered(placing, &UNUSED_ID, ANSWER_REFUSED,
                                DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_LEVEL_DIFFERS);
    const Dw__Placement *other =
        entities_get(pure_entities(placing->pure), PLACEMENTS_KIND_PLACEMENT, &OTHER_ID, 0);
    assert_int_equal(other->lapse_reason, DW__LAPSE_REASON__LAPSE_REASON_LEVEL_DIFFERS);
}

/* Proves: that the person is elsewhere is told as it is. */
static void a_person_who_is_elsewhere_lapses_the_placement(void **state)
{
    struct placing *placing = *state;
    (void)placing_propose(placing);
    assert_said(placing_hold_answered(placing, &HOLD_ID, ANSWER_REFUSED,
                                      DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PERSON_ELSEWHERE),
                &dw__placement_lapsed__descriptor, 0);
    assert_int_equal(placing_now(placing)->lapse_reason,
                     DW__LAPSE_REASON__LAPSE_REASON_PERSON_ELSEWHERE);
}

/* Proves: each no of capacity ends the proposal for its own reason, and no two that a broker mends differently for one. */
static void each_no_of_capacity_is_a_reason_of_its_own(void **state)
{
#define NO(name, reason)                                                                           \
    {                                                                                              \
        DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_##name, DW__LAPSE_REASON__LAPSE_REASON_##reason     \
    }
    static const struct {
        Dw__CapacityRefusal refusal;
        Dw__LapseReason reason;
    } ROWS[] = {
        NO(NO_PLACE_LEFT, NO_PLACE_LEFT),
        NO(SESSION_NOT_RUNNING, SESSION_NOT_RUNNING),
        NO(NO_CONTRACT, NO_CONTRACT),
        NO(PROVIDER_UNKNOWN, SERVICE_UNKNOWN),
        NO(SERVICE_UNKNOWN, SERVICE_UNKNOWN),
        NO(SESSION_UNKNOWN, SERVICE_UNKNOWN),
        NO(HOLD_EXPIRED, HOLD_EXPIRED),
        NO(HOLD_RELEASED, HOLD_NOT_USABLE),
        NO(ALREADY_EXISTS, HOLD_NOT_USABLE),
        NO(LIMIT_BELOW_USE, CAPACITY_FAILED),
        NO(CLOSED, CLOSED),
        NO(PLACEMENTS_SUSPENDED, PLACEMENTS_SUSPENDED),
        NO(UNBOOKED, UNBOOKED),
        NO(NOT_REPLACEABLE, NOT_REPLACEABLE),
        NO(ALREADY_REPLACED, NOT_REPLACEABLE),
    };
#undef NO
    struct placing *placing = *state;
    for (size_t at = 0; at < sizeof ROWS / sizeof ROWS[0]; at++) {
        const struct id placement_id = {{0x70, (uint8_t)(at + 1)}};
        const struct id hold_id = {{0x71, (uint8_t)(at + 1)}};
        assert_int_equal(placing_propose_as(placing, &placement_id, &hold_id).outcome,
                         DECISION_YES);
        assert_said(placing_hold_answered(placing, &hold_id, ANSWER_REFUSED, (int)ROWS[at].refusal),
                    &dw__placement_lapsed__descriptor, 0);
        const Dw__Placement *placement =
            entities_get(pure_entities(placing->pure), PLACEMENTS_KIND_PLACEMENT, &placement_id, 0);
        assert_int_equal(placement->lapse_reason, ROWS[at].reason);
    }
}

/* Proves: when it is not known whether capacity held the chair, it is given back. */
static void an_unanswered_hold_lapses_and_is_given_back(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_PROPOSED);
    const struct pure_outcome told = placing_hold_answered(placing, &HOLD_ID, ANSWER_FAILED,
                                                           DW__ERROR_CODE__ERROR_CODE_QUARANTINED);
    assert_said(told, &dw__placement_lapsed__descriptor, 1);
    assert_sent(told, 0, &dw__release_hold__descriptor, &HOLD_ID);
}

/* Proves: when it is not known whether capacity confirmed the hold, hold and booking are given back, whichever it is. */
static void an_unanswered_confirmation_lapses_and_is_given_back(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_CONFIRMING);
    const struct pure_outcome told = placing_confirm_answered(
        placing, &HOLD_ID, ANSWER_FAILED, DW__ERROR_CODE__ERROR_CODE_QUARANTINED);
    assert_said(told, &dw__placement_lapsed__descriptor, 2);
    assert_sent(told, 0, &dw__release_hold__descriptor, &HOLD_ID);
    assert_sent(told, 1, &dw__end_booking__descriptor, &HOLD_ID);
    assert_int_equal(placing_last_of_booking(told, 1), FROM - 1);
    assert_state(placing, LAPSED);
    assert_int_equal(placing_now(placing)->lapse_reason,
                     DW__LAPSE_REASON__LAPSE_REASON_CAPACITY_FAILED);
}

/* --- what is given back ----------------------------------------------------------------------------------------- */

/* Proves: cancelling while the hold is still asked for releases that hold, and the late yes changes nothing. */
static void cancelling_while_a_hold_is_in_flight_leaks_no_chair(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_PROPOSED);
    const struct pure_outcome told = placing_cancel(placing);
    assert_said(told, &dw__placement_cancelled__descriptor, 1);
    assert_sent(told, 0, &dw__release_hold__descriptor, &HOLD_ID);
    assert_nothing_said(placing_hold_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0));
    assert_nothing_said(placing_hold_answered(placing, &HOLD_ID, ANSWER_FAILED, 0));
    assert_state(placing, CANCELLED);
    assert_nothing_said(placing_cancel(placing));
}

/* Proves: cancelling when the hold may be a booking already gives back both, the booking from before its first day. */
static void cancelling_a_confirmation_gives_hold_and_booking_back(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_CONFIRMING);
    const struct pure_outcome told = placing_cancel(placing);
    assert_said(told, &dw__placement_cancelled__descriptor, 2);
    assert_sent(told, 0, &dw__release_hold__descriptor, &HOLD_ID);
    assert_sent(told, 1, &dw__end_booking__descriptor, &HOLD_ID);
    assert_int_equal(placing_last_of_booking(told, 1), FROM - 1);
    assert_nothing_said(placing_confirm_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0));
    assert_nothing_said(placing_confirm_answered(
        placing, &HOLD_ID, ANSWER_REFUSED, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_EXPIRED));
}

/* Proves: a declined offer gives the chair back and keeps the reason. */
static void a_declined_offer_releases_the_hold(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_OFFERED);
    const struct pure_outcome told =
        placing_decline_offer(placing, DW__DECLINE_REASON__DECLINE_REASON_STAFFING);
    assert_said(told, &dw__placement_declined__descriptor, 1);
    assert_sent(told, 0, &dw__release_hold__descriptor, &HOLD_ID);
    assert_nothing_said(
        placing_decline_offer(placing, DW__DECLINE_REASON__DECLINE_REASON_STAFFING));
    assert_refused(placing_decline_offer(placing, DW__DECLINE_REASON__DECLINE_REASON_PRICE),
                   WRONG_STATE);
}

/* --- a hold that is lost ---------------------------------------------------------------------------------------- */

static struct pure_outcome lose_the_hold(struct placing *placing, const struct id *hold_id)
{
    return placing_confirm_answered(placing, hold_id, ANSWER_REFUSED,
                                    DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_EXPIRED);
}

/* PlacementAccepted tells by which hold the chair is taken: whoever follows it looks for the booking under that id. */
static void assert_accepted_by(struct pure_outcome told, const struct id *hold_id)
{
    assert_said(told, &dw__placement_accepted__descriptor, 0);
    const struct packed body = told.decision->events[0].body;
    Dw__PlacementAccepted *accepted = dw__placement_accepted__unpack(NULL, body.len, body.bytes);
    assert_non_null(accepted);
    assert_int_equal(accepted->hold_id.len, sizeof hold_id->bytes);
    assert_memory_equal(accepted->hold_id.data, hold_id->bytes, sizeof hold_id->bytes);
    dw__placement_accepted__free_unpacked(accepted, NULL);
}

/* Proves: who is accepted is told with the hold that became the booking. */
static void an_accepted_placement_tells_its_hold(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_CONFIRMING);
    assert_accepted_by(placing_confirm_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0), &HOLD_ID);
}

/* Proves: a hold lost while it is confirmed is asked for again under a fresh id, and that one is confirmed. */
static void a_lost_hold_is_replaced_once(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_CONFIRMING);
    const struct pure_outcome told = lose_the_hold(placing, &HOLD_ID);
    assert_said(told, &dw__hold_replaced__descriptor, 3);
    const struct id fresh = placing_hold_id(placing);
    assert_false(id_equal(&fresh, &HOLD_ID));
    assert_sent(told, 0, &dw__release_hold__descriptor, &HOLD_ID); /* it may be held still */
    assert_sent(told, 1, &dw__hold_places__descriptor, &fresh);
    assert_sent(told, 2, &dw__confirm_hold__descriptor, &fresh);
    assert_nothing_said(lose_the_hold(placing, &HOLD_ID)); /* late, about the old one */
    assert_nothing_said(placing_hold_answered(placing, &fresh, ANSWER_ACCEPTED, 0));
    assert_accepted_by(placing_confirm_answered(placing, &fresh, ANSWER_ACCEPTED, 0), &fresh);
    assert_state(placing, ACCEPTED);
}

/* Proves: the second loss is the end. */
static void a_hold_lost_twice_lapses_the_placement(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_CONFIRMING);
    lose_the_hold(placing, &HOLD_ID);
    const struct id fresh = placing_hold_id(placing);
    assert_said(lose_the_hold(placing, &fresh), &dw__placement_lapsed__descriptor, 2);
    assert_int_equal(placing_now(placing)->lapse_reason,
                     DW__LAPSE_REASON__LAPSE_REASON_HOLD_EXPIRED);
}

/* Proves: when the replacing hold finds no place, that is the reason, and the confirmation's no after it is harmless. */
static void a_full_session_at_the_second_try_lapses_the_placement(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_CONFIRMING);
    lose_the_hold(placing, &HOLD_ID);
    const struct id fresh = placing_hold_id(placing);
    assert_said(placing_hold_answered(placing, &fresh, ANSWER_REFUSED,
                                      DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT),
                &dw__placement_lapsed__descriptor, 0);
    assert_nothing_said(placing_confirm_answered(
        placing, &fresh, ANSWER_REFUSED, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_UNKNOWN));
    assert_int_equal(placing_now(placing)->lapse_reason,
                     DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT);
}

/* Proves: a replacement hold that cannot be confirmed is given back at once and does not take a chair until it lapses; also
 * when its confirmation is still on the way. */
static void a_useless_replacement_is_given_back(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_CONFIRMING);
    (void)placing_confirm_answered(placing, &HOLD_ID, ANSWER_REFUSED,
                                   DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_EXPIRED);
    const struct id second = placing_hold_id(placing);
    const struct pure_outcome lapsed = placing_confirm_answered(
        placing, &second, ANSWER_REFUSED, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_EXPIRED);
    assert_said(lapsed, &dw__placement_lapsed__descriptor, 2);
    assert_sent(lapsed, 0, &dw__release_hold__descriptor, &second);
    assert_sent(lapsed, 1, &dw__end_booking__descriptor, &second);
}

/* Proves: whoever looks for why finds what capacity said, with session and date, and nothing of the person's other sessions. */
static void what_capacity_said_is_kept(void **state)
{
    struct placing *placing = *state;
    placing->sentence = "Not enough places left on Monday 10:00 on 2026-11-23.";
    (void)placing_propose(placing);
    (void)placing_hold_answered(placing, &HOLD_ID, ANSWER_REFUSED,
                                DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT);
    pure_reload(placing->pure);
    assert_string_equal(placing_now(placing)->lapse_said, placing->sentence);
}

static void where_else_a_person_is_stays_untold(void **state)
{
    struct placing *placing = *state;
    placing->sentence = "The person would be in two places on a Monday.";
    (void)placing_propose(placing);
    (void)placing_hold_answered(placing, &HOLD_ID, ANSWER_REFUSED,
                                DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PERSON_ELSEWHERE);
    assert_state(placing, LAPSED);
    assert_string_equal(placing_now(placing)->lapse_said, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, placing_set_up, placing_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_capacity_said_is_kept),
        TEST(where_else_a_person_is_stays_untold),
        TEST(no_place_lapses_the_placement),
        TEST(another_provider_or_level_than_the_services_lapses),
        TEST(a_person_who_is_elsewhere_lapses_the_placement),
        TEST(each_no_of_capacity_is_a_reason_of_its_own),
        TEST(an_unanswered_hold_lapses_and_is_given_back),
        TEST(an_unanswered_confirmation_lapses_and_is_given_back),
        TEST(cancelling_while_a_hold_is_in_flight_leaks_no_chair),
        TEST(cancelling_a_confirmation_gives_hold_and_booking_back),
        TEST(a_declined_offer_releases_the_hold),
        TEST(an_accepted_placement_tells_its_hold),
        TEST(a_lost_hold_is_replaced_once),
        TEST(a_hold_lost_twice_lapses_the_placement),
        TEST(a_full_session_at_the_second_try_lapses_the_placement),
        TEST(a_useless_replacement_is_given_back),
    };
    return cmocka_run_group_tests_name("placements_settle", tests, NULL, NULL);
}
