/* Tests of services/placements: changes of a placement that goes on. */
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

/* Proves: another pattern replaces the old booking; until capacity has it, everything stays as it was. */
static void a_change_of_pattern_waits_for_its_chairs(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    assert_refused(changing_propose(placing, &terms, NULL), HOLD_MISSING);
    struct pure_outcome told = changing_propose(placing, &terms, &CHANGE_HOLD_ID);
    assert_said(told, &dw__change_proposed__descriptor, 1);
    assert_sent(told, 0, &dw__hold_places__descriptor, &CHANGE_HOLD_ID);
    assert_replaces(told, &HOLD_ID);
    assert_refused(changing_propose(placing, &terms, &OTHER_ID), CHANGE_WAITS);
    told = placing_hold_answered(placing, &CHANGE_HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_said(told, &dw__change_approved__descriptor, 1); /* it costs no more */
    assert_int_equal(placing_now(placing)->terms->from->days, FROM);
    assert_said(placing_confirm_answered(placing, &CHANGE_HOLD_ID, ANSWER_ACCEPTED, 0),
                &dw__change_made__descriptor, 0);
    const Dw__Placement *now = placing_now(placing);
    assert_null(now->change);
    assert_int_equal(now->terms->from->days, TODAY + 7);
    assert_memory_equal(now->terms->session_ids[1].data, CHANGE_SESSION_ID.bytes, 16);
    assert_int_equal(now->n_former, 1);
    assert_int_equal(now->former[0]->last->days, TODAY + 6);
    assert_int_equal(now->state, PLACEMENT_ACTIVE);
    assert_memory_equal(now->hold_id.data, CHANGE_HOLD_ID.bytes, 16);
    /* A closure before the change takes effect is one of the booking that there is until then. */
    assert_said(placing_disrupt(placing, &CLOSURE_ID, TODAY, TODAY + 13, 1),
                &dw__placement_disrupted__descriptor, 0);
}

/* Proves: what was agreed ahead is taken back, or followed by more, before it takes effect; its booking is replaced, and never is one. */
static void a_change_agreed_ahead_is_taken_back(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    changing_make(placing, &terms, &CHANGE_HOLD_ID);
    terms = placing->terms;
    terms.from = &from;
    from.days = TODAY + 6;
    assert_refused(changing_propose(placing, &terms, &OTHER_ID), DATE_OUTSIDE);
    from.days = TODAY + 7;
    const struct pure_outcome told = changing_propose(placing, &terms, &OTHER_ID);
    assert_said(told, &dw__change_proposed__descriptor, 1);
    assert_replaces(told, &CHANGE_HOLD_ID);
    (void)placing_hold_answered(placing, &OTHER_ID, ANSWER_ACCEPTED, 0);
    (void)placing_confirm_answered(placing, &OTHER_ID, ANSWER_ACCEPTED, 0);
    const Dw__Placement *now = placing_now(placing);
    assert_int_equal(now->terms->n_session_ids, placing->terms.n_session_ids);
    assert_memory_equal(now->hold_id.data, OTHER_ID.bytes, 16);
    assert_int_equal(now->n_former, 2);
    assert_int_equal(placements_stretch(now, 0).last, TODAY + 6);
    assert_true(placements_stretch(now, 1).last < placements_stretch(now, 1).first);
    assert_int_equal(placements_stretch(now, 2).first, TODAY + 7);
}

/* Proves: a change is of this placement, behind the last one, and asks for chairs when its last date is another. */
static void a_change_is_of_what_goes_on(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    Dw__Date to = DW__DATE__INIT;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    terms.person_id = id_to_data(&OTHER_ID);
    assert_refused(changing_propose(placing, &terms, &CHANGE_HOLD_ID), OTHER_PLACEMENT);
    terms = placing->terms;
    terms.from = &from;
    to.days = TODAY + 100;
    terms.to = &to;
    assert_refused(changing_propose(placing, &terms, NULL), HOLD_MISSING);
    terms.to = NULL;
    terms.price_pence_per_week = 8000;
    from.days = TODAY;
    assert_told(changing_propose(placing, &terms, NULL), &dw__change_proposed__descriptor,
                &dw__change_approved__descriptor, &dw__change_made__descriptor, NULL);
    from.days = TODAY - 1;
    assert_refused(changing_propose(placing, &terms, NULL), DATE_OUTSIDE);
}

/* Proves: what is being confirmed is not refused any more; when nobody knows whether it was confirmed it is given back, whatever it is. */
static void a_change_that_is_confirmed_is_given_back_twice(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    (void)changing_propose(placing, &terms, &CHANGE_HOLD_ID);
    (void)placing_hold_answered(placing, &CHANGE_HOLD_ID, ANSWER_ACCEPTED, 0);
    Dw__RefuseChange refuse = DW__REFUSE_CHANGE__INIT;
    refuse.placement_id = id_to_data(&PLACEMENT_ID);
    refuse.reason = DW__NOT_APPROVED_REASON__NOT_APPROVED_REASON_COST;
    assert_refused(placing_tell(placing, "ben", DW__ROLE__ROLE_APPROVER, &refuse.base), NO_CHANGE);
    const struct pure_outcome told = placing_confirm_answered(
        placing, &CHANGE_HOLD_ID, ANSWER_FAILED, DW__ERROR_CODE__ERROR_CODE_QUARANTINED);
    assert_said(told, &dw__change_dropped__descriptor, 2);
    assert_sent(told, 0, &dw__release_hold__descriptor, &CHANGE_HOLD_ID);
    assert_sent(told, 1, &dw__end_booking__descriptor, &CHANGE_HOLD_ID);
    assert_int_equal(placing_last_of_booking(told, 1), TODAY + 6);
}

/* Proves: a change for which there is no room changes nothing. */
static void a_change_without_room_is_dropped(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    (void)changing_propose(placing, &terms, &CHANGE_HOLD_ID);
    assert_said(placing_hold_answered(placing, &CHANGE_HOLD_ID, ANSWER_REFUSED,
                                      DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT),
                &dw__change_dropped__descriptor, 0);
    assert_null(placing_now(placing)->change);
    assert_int_equal(placing_now(placing)->n_former, 0);
    terms.level = 9;
    assert_refused(changing_propose(placing, &terms, &OTHER_ID), OTHER_PLACEMENT);
}

/* Proves: a dearer price waits for approval by somebody else, and the old one stays until then. */
static void a_dearer_price_waits_for_approval(void **state)
{
    struct placing *placing = *state;
    static Dw__ApprovalBand band;
    static Dw__ApprovalBand *list[] = {&band};
    dw__approval_band__init(&band);
    band.role = DW__ROLE__ROLE_APPROVER;
    Dw__Date from = DW__DATE__INIT;
    from.days = TODAY;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    placing->rules.approval_bands = list;
    placing->rules.n_approval_bands = 1;
    Dw__PlacementTerms terms = placing->terms;
    terms.from = &from;
    terms.price_pence_per_week = 12000;
    assert_told(changing_propose(placing, &terms, NULL), &dw__change_proposed__descriptor,
                &dw__change_approval_requested__descriptor, NULL);
    Dw__ApproveChange approve = DW__APPROVE_CHANGE__INIT;
    approve.placement_id = id_to_data(&PLACEMENT_ID);
    assert_refused(placing_tell(placing, "ann", DW__ROLE__ROLE_APPROVER, &approve.base),
                   SAME_PERSON);
    assert_int_equal(placing_now(placing)->terms->price_pence_per_week, 9000);
    assert_told(placing_tell(placing, "ben", DW__ROLE__ROLE_APPROVER, &approve.base),
                &dw__change_approved__descriptor, &dw__change_made__descriptor, NULL);
    assert_int_equal(placing_now(placing)->terms->price_pence_per_week, 12000);
    assert_refused(placing_tell(placing, "ben", DW__ROLE__ROLE_APPROVER, &approve.base), NO_CHANGE);
    from.days = TODAY + 1;
    terms.price_pence_per_week = 11000; /* less than now needs nobody, however much it is */
    assert_told(changing_propose(placing, &terms, NULL), &dw__change_proposed__descriptor,
                &dw__change_approved__descriptor, &dw__change_made__descriptor, NULL);
}

/* Proves: a review of a day before other days began, said late or held before they do, leaves the one that asks about those. */
static void a_review_before_other_days_leaves_theirs(void **state)
{
    struct placing *placing = *state;
    Dw__Date from, date = DW__DATE__INIT;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    placing->rules.first_review_days = 42;
    placing->rules.placement_review_days = 365;
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    changing_make(placing, &terms, &CHANGE_HOLD_ID);
    Dw__RecordReview review = DW__RECORD_REVIEW__INIT;
    review.placement_id = id_to_data(&PLACEMENT_ID);
    review.kind = DW__REVIEW_KIND__REVIEW_KIND_LIGHT_TOUCH;
    review.outcome = DW__REVIEW_OUTCOME__REVIEW_OUTCOME_NO_CHANGE;
    review.date = &date;
    date.days = TODAY;
    pure_principal_provider(placing->pure, NULL);
    assert_said(placing_tell(placing, "ann", BROKER, &review.base),
                &dw__review_recorded__descriptor, 0);
    assert_int_equal(placing_now(placing)->review_due->days, TODAY + 7 + 42);
}

/* Proves: other days are reviewed as a start is, unless a review comes sooner; another price alone is not. */
static void other_days_are_reviewed_soon(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    placing->rules.first_review_days = 42;
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    (void)changing_propose(placing, &terms, &CHANGE_HOLD_ID);
    (void)placing_hold_answered(placing, &CHANGE_HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_told(placing_confirm_answered(placing, &CHANGE_HOLD_ID, ANSWER_ACCEPTED, 0),
                &dw__change_made__descriptor, &dw__review_scheduled__descriptor, NULL);
    assert_int_equal(placing_now(placing)->review_due->days, TODAY + 7 + 42);
    (void)placing_wait_until(placing, TODAY + 7);
    from.days = TODAY + 8;
    terms.price_pence_per_week = 8000;
    Dw__ProposeChange propose = DW__PROPOSE_CHANGE__INIT;
    propose.placement_id = id_to_data(&PLACEMENT_ID);
    propose.terms = &terms;
    assert_told(pure_command(placing->pure, &propose.base, BROKER, NOW_MS, TODAY + 8),
                &dw__change_proposed__descriptor, &dw__change_approved__descriptor,
                &dw__change_made__descriptor, NULL);
    terms.covers_placement_id = id_to_data(&PLACEMENT_ID); /* nobody stands in for themselves */
    assert_refused(pure_command(placing->pure, &propose.base, BROKER, NOW_MS, TODAY + 9),
                   OTHER_PLACEMENT);
}

/* A change of days that is dearer waits for an approver, and holds places. */
static void ask_for_approval(struct placing *placing)
{
    static Dw__ApprovalBand band;
    static Dw__ApprovalBand *list[] = {&band};
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    dw__approval_band__init(&band);
    band.role = DW__ROLE__ROLE_APPROVER;
    placing->rules.approval_bands = list;
    placing->rules.n_approval_bands = 1;
    placing->rules.hold_minutes = 60;
    placing->rules.hold_minutes_max = 180;
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    terms.price_pence_per_week = 12000;
    (void)changing_propose(placing, &terms, &CHANGE_HOLD_ID);
    assert_told(placing_hold_answered(placing, &CHANGE_HOLD_ID, ANSWER_ACCEPTED, 0),
                &dw__change_approval_requested__descriptor, NULL);
}

static struct pure_outcome approve_change(struct placing *placing)
{
    Dw__ApproveChange approve = DW__APPROVE_CHANGE__INIT;
    approve.placement_id = id_to_data(&PLACEMENT_ID);
    return placing_tell(placing, "ben", DW__ROLE__ROLE_APPROVER, &approve.base);
}

static struct id change_hold(struct placing *placing)
{
    return id_or_zero(&placing_now(placing)->change->hold_id);
}

/* Proves: while somebody has to approve a change its hold is extended, as long as the model allows and no longer. */
static void a_changes_hold_is_kept_while_somebody_is_asked(void **state)
{
    static const int64_t minute_ms = 60000;
    struct placing *placing = *state;
    size_t count;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    ask_for_approval(placing);
    pure_reload(placing->pure);
    (void)pure_due(placing->pure, 16, NOW_MS + 50 * minute_ms, TODAY, &count);
    assert_int_equal(count, 0);
    (void)pure_due(placing->pure, 16, NOW_MS + 59 * minute_ms, TODAY, &count);
    assert_int_equal(count, 1);
    assert_int_equal(placing_now(placing)->change->hold_until_ms, NOW_MS + 119 * minute_ms);
    (void)pure_due(placing->pure, 16, NOW_MS + 118 * minute_ms, TODAY, &count);
    assert_int_equal(placing_now(placing)->change->hold_until_ms, NOW_MS + 178 * minute_ms);
    (void)pure_due(placing->pure, 16, NOW_MS + 177 * minute_ms, TODAY, &count);
    assert_int_equal(placing_now(placing)->change->hold_until_ms, 0); /* three hours */
    assert_int_equal(pure_due(placing->pure, 16, NOW_MS + 178 * minute_ms, TODAY, &count),
                     INT64_MAX);
    assert_int_equal(count, 0);
    assert_int_equal(placing_now(placing)->change->state,
                     DW__CHANGE_STATE__CHANGE_STATE_AWAITING_APPROVAL);
}

/* Proves: a change whose hold was lost before its confirmation has another one, once, and is then made. */
static void a_changes_lost_hold_is_replaced_once(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    ask_for_approval(placing);
    assert_said(approve_change(placing), &dw__change_approved__descriptor, 1);
    const struct pure_outcome told =
        placing_confirm_answered(placing, &CHANGE_HOLD_ID, ANSWER_REFUSED,
                                 DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_EXPIRED);
    assert_said(told, &dw__change_hold_replaced__descriptor, 3);
    const struct id hold_id = change_hold(placing);
    assert_false(id_equal(&hold_id, &CHANGE_HOLD_ID));
    assert_sent(told, 0, &dw__release_hold__descriptor, &CHANGE_HOLD_ID);
    assert_sent(told, 1, &dw__hold_places__descriptor, &hold_id);
    assert_sent(told, 2, &dw__confirm_hold__descriptor, &hold_id);
    assert_nothing_said(placing_hold_answered(placing, &hold_id, ANSWER_ACCEPTED, 0));
    assert_said(placing_confirm_answered(placing, &hold_id, ANSWER_ACCEPTED, 0),
                &dw__change_made__descriptor, 0);
    const struct id own_id = placing_hold_id(placing);
    assert_true(id_equal(&own_id, &hold_id));
}

/* Proves: a change is given up when the second hold is lost, too, or finds no room, and says why. */
static void a_change_without_a_second_place_is_dropped(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    ask_for_approval(placing);
    (void)approve_change(placing);
    (void)placing_confirm_answered(placing, &CHANGE_HOLD_ID, ANSWER_REFUSED,
                                   DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_EXPIRED);
    const struct id hold_id = change_hold(placing);
    assert_said(placing_hold_answered(placing, &hold_id, ANSWER_REFUSED,
                                      DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT),
                &dw__change_dropped__descriptor, 0);
    assert_int_equal(placing_now(placing)->last_no->lapse_reason,
                     DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT);
    assert_nothing_said(placing_confirm_answered(
        placing, &hold_id, ANSWER_REFUSED, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_UNKNOWN));
    assert_null(placing_now(placing)->change);
}

static void a_change_whose_hold_is_lost_twice_is_dropped(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    ask_for_approval(placing);
    (void)approve_change(placing);
    (void)placing_confirm_answered(placing, &CHANGE_HOLD_ID, ANSWER_REFUSED,
                                   DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_EXPIRED);
    const struct id hold_id = change_hold(placing);
    (void)placing_hold_answered(placing, &hold_id, ANSWER_ACCEPTED, 0);
    assert_said(placing_confirm_answered(placing, &hold_id, ANSWER_REFUSED,
                                         DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_EXPIRED),
                &dw__change_dropped__descriptor, 2);
    assert_null(placing_now(placing)->change);
}

/* Proves: whoever asked for a change that capacity had no room for finds why, until the next one is asked for. */
static void why_a_change_was_dropped_is_kept(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    (void)changing_propose(placing, &terms, &CHANGE_HOLD_ID);
    (void)placing_hold_answered(placing, &CHANGE_HOLD_ID, ANSWER_REFUSED,
                                DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT);
    pure_reload(placing->pure);
    const Dw__LastNo *no = placing_now(placing)->last_no;
    assert_false(no->resumption);
    assert_int_equal(no->lapse_reason, DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT);
    (void)changing_propose(placing, &terms, &OTHER_ID);
    assert_null(placing_now(placing)->last_no);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, placing_set_up, placing_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_change_is_of_what_goes_on),
        TEST(a_change_that_is_confirmed_is_given_back_twice),
        TEST(a_change_of_pattern_waits_for_its_chairs),
        TEST(a_change_agreed_ahead_is_taken_back),
        TEST(a_change_without_room_is_dropped),
        TEST(a_dearer_price_waits_for_approval),
        TEST(other_days_are_reviewed_soon),
        TEST(a_review_before_other_days_leaves_theirs),
        TEST(a_changes_hold_is_kept_while_somebody_is_asked),
        TEST(a_changes_lost_hold_is_replaced_once),
        TEST(a_change_without_a_second_place_is_dropped),
        TEST(a_change_whose_hold_is_lost_twice_is_dropped),
        TEST(why_a_change_was_dropped_is_kept),
    };
    return cmocka_run_group_tests_name("placements_changes", tests, NULL, NULL);
}
