/* Tests of services/placements: a placement that goes on. Suspension and resumption, changes, the end of a life. */
#include "tests/support/placing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/entities_store.h"
#include "referrals.pb-c.h"
#include "services/placements/checks.h"

static const struct id NEW_HOLD_ID = {{31}};
static const struct id CLOSURE_ID = {{32}};
static const struct id WEDNESDAY_ID = {{33}};

static struct pure_outcome suspend(struct placing *placing, int32_t from)
{
    Dw__Date date = DW__DATE__INIT;
    Dw__SuspendPlacement command = DW__SUSPEND_PLACEMENT__INIT;
    date.days = from;
    command.placement_id = id_to_data(&PLACEMENT_ID);
    command.from = &date;
    command.reason = DW__SUSPEND_REASON__SUSPEND_REASON_HOSPITAL;
    return placing_tell(placing, "ann", BROKER, &command.base);
}

static struct pure_outcome resume(struct placing *placing, int32_t from, const struct id *hold_id)
{
    Dw__Date date = DW__DATE__INIT;
    Dw__ResumePlacement command = DW__RESUME_PLACEMENT__INIT;
    date.days = from;
    command.placement_id = id_to_data(&PLACEMENT_ID);
    command.from = &date;
    if (hold_id != NULL)
        command.hold_id = id_to_data(hold_id);
    return placing_tell(placing, "ann", BROKER, &command.base);
}

/* --- suspension --------------------------------------------------------------------------------------------------- */

/* Proves: who comes back in time comes back to their place. */
static void a_kept_place_is_there_again(void **state)
{
    struct placing *placing = *state;
    placing->rules.keep_place_days = 28;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    assert_said(suspend(placing, TODAY), &dw__placement_suspended__descriptor, 0);
    assert_nothing_said(suspend(placing, TODAY));
    assert_state(placing, SUSPENDED);
    assert_refused(resume(placing, TODAY + 2, NULL), DATE_OUTSIDE); /* then, and not now */
    assert_int_equal(placing_wait_until(placing, TODAY + 27), 0);
    assert_said(resume(placing, TODAY + 1, NULL), &dw__placement_resumed__descriptor, 0);
    assert_state(placing, ACTIVE);
    assert_null(placing_now(placing)->suspension);
    assert_nothing_said(resume(placing, TODAY + 1, NULL));
}

/* Proves: a place kept long enough is given back, once; whoever comes then asks for another one, and has it or is told. */
static void a_place_is_given_back_and_asked_for_again(void **state)
{
    struct placing *placing = *state;
    placing->rules.keep_place_days = 28;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    (void)suspend(placing, TODAY - 40);
    assert_int_equal(placing_wait_until(placing, TODAY), 1);
    assert_int_equal(placing_wait_until(placing, TODAY + 1), 0);
    assert_true(placing_now(placing)->suspension->released);
    assert_refused(resume(placing, TODAY, NULL), HOLD_MISSING);
    struct pure_outcome told = resume(placing, TODAY, &NEW_HOLD_ID);
    assert_said(told, &dw__resumption_requested__descriptor, 2);
    assert_sent(told, 0, &dw__hold_places__descriptor, &NEW_HOLD_ID);
    assert_sent(told, 1, &dw__confirm_hold__descriptor, &NEW_HOLD_ID);
    assert_state(placing, SUSPENDED);
    assert_nothing_said(
        placing_hold_answered(placing, &NEW_HOLD_ID, ANSWER_REFUSED,
                              DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT));
    told = placing_confirm_answered(placing, &NEW_HOLD_ID, ANSWER_REFUSED,
                                    DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_UNKNOWN);
    assert_said(told, &dw__resumption_refused__descriptor, 2); /* released and ended, to be sure */
    assert_state(placing, SUSPENDED);
    (void)resume(placing, TODAY, &OTHER_ID);
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
    (void)suspend(placing, TODAY);
    assert_told(resume(placing, TODAY + 1, NULL), &dw__placement_resumed__descriptor,
                &dw__trial_started__descriptor, NULL);
    assert_state(placing, TRIAL);
    assert_int_equal(placing_now(placing)->trial_until->days, TODAY + 3);
    assert_nothing_said(resume(placing, TODAY + 1, NULL));
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
    (void)suspend(placing, TODAY - 1);
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
    assert_refused(suspend(placing, placing_now(placing)->started->days - 1), DATE_OUTSIDE);
    (void)suspend(placing, TODAY - 40);
    (void)placing_wait_until(placing, TODAY);
    (void)resume(placing, TODAY, &NEW_HOLD_ID);
    assert_nothing_said(resume(placing, TODAY, &NEW_HOLD_ID));
    assert_refused(resume(placing, TODAY, &OTHER_ID), WRONG_STATE);
}

/* Proves: somebody suspended may leave for good, and the place that was given back is not given back again. */
static void who_is_suspended_may_end(void **state)
{
    struct placing *placing = *state;
    placing->rules.keep_place_days = 28;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    (void)suspend(placing, TODAY - 40);
    (void)placing_wait_until(placing, TODAY);
    assert_said(placing_end(placing, TODAY), &dw__placement_ended__descriptor, 0);
    assert_state(placing, ENDED);
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

static Dw__PlacementTerms changed_terms(struct placing *placing, Dw__Date *from,
                                        ProtobufCBinaryData session_ids[2])
{
    Dw__PlacementTerms terms = placing->terms;
    dw__date__init(from);
    from->days = TODAY + 7;
    terms.from = from;
    session_ids[0] = id_to_data(&MONDAY_ID);
    session_ids[1] = id_to_data(&WEDNESDAY_ID);
    terms.session_ids = session_ids;
    terms.n_session_ids = 2;
    return terms;
}

static struct pure_outcome propose_change(struct placing *placing, Dw__PlacementTerms *terms,
                                          const struct id *hold_id)
{
    Dw__ProposeChange propose = DW__PROPOSE_CHANGE__INIT;
    propose.placement_id = id_to_data(&PLACEMENT_ID);
    propose.terms = terms;
    if (hold_id != NULL)
        propose.hold_id = id_to_data(hold_id);
    return placing_tell(placing, "ann", BROKER, &propose.base);
}

/* Proves: another pattern replaces the old booking; until capacity has it, everything stays as it was. */
static void a_change_of_pattern_waits_for_its_chairs(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__PlacementTerms terms = changed_terms(placing, &from, session_ids);
    assert_refused(propose_change(placing, &terms, NULL), HOLD_MISSING);
    struct pure_outcome told = propose_change(placing, &terms, &NEW_HOLD_ID);
    assert_said(told, &dw__change_proposed__descriptor, 1);
    assert_sent(told, 0, &dw__hold_places__descriptor, &NEW_HOLD_ID);
    const struct packed body = told.decision->sends[0].body;
    Dw__HoldPlaces *hold = dw__hold_places__unpack(NULL, body.len, body.bytes);
    assert_memory_equal(hold->replaces_hold_id.data, HOLD_ID.bytes, 16);
    dw__hold_places__free_unpacked(hold, NULL);
    assert_refused(propose_change(placing, &terms, &OTHER_ID), CHANGE_WAITS);
    told = placing_hold_answered(placing, &NEW_HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_said(told, &dw__change_approved__descriptor, 1); /* it costs no more */
    assert_int_equal(placing_now(placing)->terms->from->days, FROM);
    assert_said(placing_confirm_answered(placing, &NEW_HOLD_ID, ANSWER_ACCEPTED, 0),
                &dw__change_made__descriptor, 0);
    const Dw__Placement *now = placing_now(placing);
    assert_null(now->change);
    assert_int_equal(now->terms->from->days, TODAY + 7);
    assert_memory_equal(now->terms->session_ids[1].data, WEDNESDAY_ID.bytes, 16);
    assert_int_equal(now->n_former, 1);
    assert_int_equal(now->former[0]->last->days, TODAY + 6);
    assert_int_equal(now->state, PLACEMENT_ACTIVE);
    assert_memory_equal(now->hold_id.data, NEW_HOLD_ID.bytes, 16);
    /* A closure before the change takes effect is one of the booking that there is until then. */
    assert_said(placing_disrupt(placing, &CLOSURE_ID, TODAY, TODAY + 13, 1),
                &dw__placement_disrupted__descriptor, 0);
}

/* Proves: a change is of this placement, behind the last one, and asks for chairs when its last date is another. */
static void a_change_is_of_what_goes_on(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    Dw__Date to = DW__DATE__INIT;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__PlacementTerms terms = changed_terms(placing, &from, session_ids);
    terms.person_id = id_to_data(&OTHER_ID);
    assert_refused(propose_change(placing, &terms, &NEW_HOLD_ID), OTHER_PLACEMENT);
    terms = placing->terms;
    terms.from = &from;
    to.days = TODAY + 100;
    terms.to = &to;
    assert_refused(propose_change(placing, &terms, NULL), HOLD_MISSING);
    terms.to = NULL;
    terms.price_pence_per_week = 8000;
    from.days = TODAY;
    assert_told(propose_change(placing, &terms, NULL), &dw__change_proposed__descriptor,
                &dw__change_approved__descriptor, &dw__change_made__descriptor, NULL);
    from.days = TODAY - 1;
    assert_refused(propose_change(placing, &terms, NULL), DATE_OUTSIDE);
}

/* Proves: what is being confirmed is not refused any more; when nobody knows whether it was confirmed it is given back, whatever it is. */
static void a_change_that_is_confirmed_is_given_back_twice(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__PlacementTerms terms = changed_terms(placing, &from, session_ids);
    (void)propose_change(placing, &terms, &NEW_HOLD_ID);
    (void)placing_hold_answered(placing, &NEW_HOLD_ID, ANSWER_ACCEPTED, 0);
    Dw__RefuseChange refuse = DW__REFUSE_CHANGE__INIT;
    refuse.placement_id = id_to_data(&PLACEMENT_ID);
    refuse.reason = DW__NOT_APPROVED_REASON__NOT_APPROVED_REASON_COST;
    assert_refused(placing_tell(placing, "ben", DW__ROLE__ROLE_APPROVER, &refuse.base), NO_CHANGE);
    const struct pure_outcome told = placing_confirm_answered(
        placing, &NEW_HOLD_ID, ANSWER_FAILED, DW__ERROR_CODE__ERROR_CODE_QUARANTINED);
    assert_said(told, &dw__change_dropped__descriptor, 2);
    assert_sent(told, 0, &dw__release_hold__descriptor, &NEW_HOLD_ID);
    assert_sent(told, 1, &dw__end_booking__descriptor, &NEW_HOLD_ID);
    assert_int_equal(placing_last_of_booking(told, 1), TODAY + 6);
}

/* Proves: a change for which there is no room changes nothing. */
static void a_change_without_room_is_dropped(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__PlacementTerms terms = changed_terms(placing, &from, session_ids);
    (void)propose_change(placing, &terms, &NEW_HOLD_ID);
    assert_said(placing_hold_answered(placing, &NEW_HOLD_ID, ANSWER_REFUSED,
                                      DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT),
                &dw__change_dropped__descriptor, 0);
    assert_null(placing_now(placing)->change);
    assert_int_equal(placing_now(placing)->n_former, 0);
    terms.level = 9;
    assert_refused(propose_change(placing, &terms, &OTHER_ID), OTHER_PLACEMENT);
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
    assert_told(propose_change(placing, &terms, NULL), &dw__change_proposed__descriptor,
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
    assert_told(propose_change(placing, &terms, NULL), &dw__change_proposed__descriptor,
                &dw__change_approved__descriptor, &dw__change_made__descriptor, NULL);
}

/* Proves: a change that waits is given up when support ends, and its hold with it. */
static void an_end_drops_what_waits(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__PlacementTerms terms = changed_terms(placing, &from, session_ids);
    (void)propose_change(placing, &terms, &NEW_HOLD_ID);
    const struct pure_outcome told = placing_end(placing, TODAY);
    assert_told(told, &dw__change_dropped__descriptor, &dw__placement_ended__descriptor, NULL);
    assert_sent(told, 0, &dw__release_hold__descriptor, &NEW_HOLD_ID);
    assert_sent(told, 1, &dw__end_booking__descriptor, &HOLD_ID);
    assert_nothing_said(placing_hold_answered(placing, &NEW_HOLD_ID, ANSWER_ACCEPTED, 0));
}

/* Proves: while capacity confirms a change nobody can tell which booking there is to end, so ending waits, for people and for time. */
static void an_end_waits_while_a_change_is_confirmed(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__PlacementTerms terms = changed_terms(placing, &from, session_ids);
    (void)propose_change(placing, &terms, &NEW_HOLD_ID);
    (void)placing_hold_answered(placing, &NEW_HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_refused(placing_end(placing, TODAY), CHANGE_WAITS);
    Dw__Date date = DW__DATE__INIT;
    date.days = TODAY;
    Dw__PersonDied died = DW__PERSON_DIED__INIT;
    died.person_id = id_to_data(&PERSON_ID);
    died.date = &date;
    (void)placing_hear(placing, "referrals", &died.base);
    assert_int_equal(placing_wait_until(placing, TODAY), 0);
    (void)placing_confirm_answered(placing, &NEW_HOLD_ID, ANSWER_ACCEPTED, 0);
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
    Dw__PlacementTerms terms = changed_terms(placing, &from, session_ids); /* in a week */
    (void)propose_change(placing, &terms, &NEW_HOLD_ID);
    (void)placing_hold_answered(placing, &NEW_HOLD_ID, ANSWER_ACCEPTED, 0);
    (void)placing_confirm_answered(placing, &NEW_HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_refused(propose_change(placing, &terms, &OTHER_ID), CHANGE_WAITS);
    const struct pure_outcome told = placing_end(placing, TODAY + 2);
    assert_said(told, &dw__end_agreed__descriptor, 2);
    assert_sent(told, 0, &dw__end_booking__descriptor, &NEW_HOLD_ID);
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
    Dw__Date date = DW__DATE__INIT;
    date.days = TODAY - 2;
    Dw__PersonDied died = DW__PERSON_DIED__INIT;
    died.person_id = id_to_data(&PERSON_ID);
    died.date = &date;
    assert_told(placing_hear(placing, "referrals", &died.base), &dw__death_noted__descriptor, NULL);
    assert_nothing_said(placing_hear(placing, "referrals", &died.base));
    pure_reload(placing->pure);
    assert_int_equal(placing_wait_until(placing, TODAY), 2);
    assert_state(placing, ENDED);
    assert_int_equal(placing_now(placing)->end_reason, DW__END_REASON__END_REASON_DIED);
    assert_int_equal(placing_now(placing)->last->days, TODAY - 2);
    const Dw__Placement *other =
        entities_get(pure_entities(placing->pure), PLACEMENTS_KIND_PLACEMENT, &OTHER_ID, 0);
    assert_int_equal(other->state, PLACEMENT_CANCELLED);
    placing->from.days = TODAY + 1;
    assert_refused(placing_propose_as(placing, &UNUSED_ID, &NEW_HOLD_ID), PERSON_DIED);
}

/* Proves: a date of death that is corrected is heard: an earlier one ends what was had sooner, a later one is paid for until then. */
static void a_death_is_corrected(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__Date date = DW__DATE__INIT;
    date.days = TODAY - 2;
    Dw__PersonDied died = DW__PERSON_DIED__INIT;
    died.person_id = id_to_data(&PERSON_ID);
    died.date = &date;
    (void)placing_hear(placing, "referrals", &died.base);
    (void)placing_wait_until(placing, TODAY);
    date.days = TODAY - 9;
    assert_told(placing_hear(placing, "referrals", &died.base), &dw__death_noted__descriptor,
                &dw__placement_ended__descriptor, NULL);
    assert_int_equal(placing_now(placing)->last->days, TODAY - 9);
    date.days = TODAY - 5;
    assert_told(placing_hear(placing, "referrals", &died.base), &dw__death_noted__descriptor,
                &dw__placement_ended__descriptor, NULL);
    assert_int_equal(placing_now(placing)->last->days, TODAY - 9);
    assert_int_equal(placing_now(placing)->end->last_payable->days, TODAY - 5);
    assert_nothing_said(placing_hear(placing, "referrals", &died.base));
}

/* Proves: no change pushes terms of before out of the record: what they cost is asked for years later. */
static void a_placement_keeps_all_it_was(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    for (int32_t at = 0; at <= PLACEMENTS_FORMER_MAX; at++) {
        Dw__Date from;
        ProtobufCBinaryData session_ids[2];
        const struct id hold_id = {{(uint8_t)(100 + at)}};
        Dw__PlacementTerms terms = changed_terms(placing, &from, session_ids);
        terms.n_session_ids = 1 + (size_t)at % 2;
        from.days = TODAY - PLACEMENTS_FORMER_MAX + at;
        if (at == PLACEMENTS_FORMER_MAX) {
            assert_refused(propose_change(placing, &terms, &hold_id), TOO_MANY);
            break;
        }
        (void)propose_change(placing, &terms, &hold_id);
        (void)placing_hold_answered(placing, &hold_id, ANSWER_ACCEPTED, 0);
        assert_said(placing_confirm_answered(placing, &hold_id, ANSWER_ACCEPTED, 0),
                    &dw__change_made__descriptor, 0);
    }
    assert_int_equal(placing_now(placing)->n_former, PLACEMENTS_FORMER_MAX);
}

/* Proves: a death that is told after more changes than can be undone ends the placement as early as it can, and its payment on the day. */
static void a_death_behind_many_changes_ends_it_once(void **state)
{
    enum { CHANGES = 15, UNDONE = 12 /* bookings, beside that of now */ };
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    for (int32_t at = 0; at < CHANGES; at++) {
        Dw__Date from;
        ProtobufCBinaryData session_ids[2];
        const struct id hold_id = {{(uint8_t)(100 + at)}};
        Dw__PlacementTerms terms = changed_terms(placing, &from, session_ids);
        terms.n_session_ids = 1 + (size_t)at % 2;
        from.days = TODAY - CHANGES + at;
        assert_said(propose_change(placing, &terms, &hold_id), &dw__change_proposed__descriptor, 1);
        (void)placing_hold_answered(placing, &hold_id, ANSWER_ACCEPTED, 0);
        assert_said(placing_confirm_answered(placing, &hold_id, ANSWER_ACCEPTED, 0),
                    &dw__change_made__descriptor, 0);
    }
    Dw__Date date = DW__DATE__INIT;
    date.days = TODAY - 2 * CHANGES;
    Dw__PersonDied died = DW__PERSON_DIED__INIT;
    died.person_id = id_to_data(&PERSON_ID);
    died.date = &date;
    (void)placing_hear(placing, "referrals", &died.base);
    assert_int_equal(placing_wait_until(placing, TODAY), 1);
    assert_state(placing, ENDED);
    assert_int_equal(placing_now(placing)->last->days, TODAY - UNDONE - 2);
    assert_int_equal(placing_now(placing)->end->last_payable->days, TODAY - 2 * CHANGES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, placing_set_up, placing_tear_down)

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
    assert_said(suspend(placing, TODAY), &dw__placement_suspended__descriptor, 0);
    assert_said(resume(placing, TODAY, NULL), &dw__placement_resumed__descriptor, 0);
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
    assert_said(propose_change(placing, &terms, &NEW_HOLD_ID), &dw__change_proposed__descriptor, 1);
    (void)placing_hold_answered(placing, &NEW_HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_said(placing_confirm_answered(placing, &NEW_HOLD_ID, ANSWER_ACCEPTED, 0),
                &dw__change_made__descriptor, 0);
    assert_null(placing_now(placing)->ending);
    assert_int_equal(placing_wait_until(placing, TODAY + 15), 0);
    assert_state(placing, ACTIVE);
}

/* Proves: whoever asked for a change that capacity had no room for finds why, until the next one is asked for. */
static void why_a_change_was_dropped_is_kept(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    Dw__PlacementTerms terms = changed_terms(placing, &from, session_ids);
    (void)propose_change(placing, &terms, &NEW_HOLD_ID);
    (void)placing_hold_answered(placing, &NEW_HOLD_ID, ANSWER_REFUSED,
                                DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT);
    pure_reload(placing->pure);
    const Dw__LastNo *no = placing_now(placing)->last_no;
    assert_false(no->resumption);
    assert_int_equal(no->lapse_reason, DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT);
    (void)propose_change(placing, &terms, &OTHER_ID);
    assert_null(placing_now(placing)->last_no);
}

/* Proves: a death before it ends it then, and its chair is free. */
static void a_death_ends_what_was_to_end_later(void **state)
{
    struct placing *placing = *state;
    Dw__Date date = DW__DATE__INIT;
    Dw__PersonDied died = DW__PERSON_DIED__INIT;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    assert_told(placing_end(placing, TODAY + 28), &dw__end_agreed__descriptor, NULL);
    date.days = TODAY - 1;
    died.person_id = id_to_data(&PERSON_ID);
    died.date = &date;
    (void)placing_hear(placing, "referrals", &died.base);
    assert_int_equal(placing_wait_until(placing, TODAY), 1);
    assert_state(placing, ENDED);
    assert_int_equal(placing_now(placing)->last->days, TODAY - 1);
    assert_int_equal(placing_now(placing)->end_reason, DW__END_REASON__END_REASON_DIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_kept_place_is_there_again),
        TEST(a_place_is_given_back_and_asked_for_again),
        TEST(a_place_is_kept_so_many_days),
        TEST(a_trial_goes_on_after_a_break),
        TEST(who_comes_again_has_one_place),
        TEST(a_change_is_of_what_goes_on),
        TEST(a_change_that_is_confirmed_is_given_back_twice),
        TEST(who_is_suspended_may_end),
        TEST(a_change_of_pattern_waits_for_its_chairs),
        TEST(a_change_without_room_is_dropped),
        TEST(a_dearer_price_waits_for_approval),
        TEST(an_end_drops_what_waits),
        TEST(an_end_waits_while_a_change_is_confirmed),
        TEST(an_end_before_a_change_took_effect_ends_both_bookings),
        TEST(a_death_ends_everything),
        TEST(a_placement_keeps_all_it_was),
        TEST(a_death_is_corrected),
        TEST(a_death_behind_many_changes_ends_it_once),
        TEST(an_end_is_agreed_and_comes),
        TEST(who_stays_after_all_changes),
        TEST(why_a_change_was_dropped_is_kept),
        TEST(a_death_ends_what_was_to_end_later),
    };
    return cmocka_run_group_tests_name("placements_coming", tests, NULL, NULL);
}
