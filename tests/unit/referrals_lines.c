/* Tests of services/referrals: each line goes its own way, what the referral then is, and what placements do to a line. */
#include "tests/support/referring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Proves: one line is accepted, held, resumed and refused without the other, and the referral is what both make it. */
static void a_line_goes_its_own_way(void **state)
{
    struct referring *referring = *state;
    (void)referring_record(referring);
    (void)referring_create(referring);
    (void)referring_submit(referring, &REFERRAL_ID);
    assert_waits_for(referring, 1, NOT_LOOKED_YET);
    assert_told(referring_accept(referring, 2), 1);
    assert_line(referring, 1, SUBMITTED);
    assert_line(referring, 2, ACCEPTED);
    assert_state(referring, ACCEPTED);
    assert_refused(referring_hold(referring, 1, TODAY + 7), WRONG_STATE);
    assert_told(referring_hold(referring, 2, TODAY + 7), 1);
    assert_line(referring, 2, ON_HOLD);
    assert_waits_for(referring, 2, ON_HOLD);
    assert_int_equal(referring_line(referring, 2)->wait->hold->review->days, TODAY + 7);
    assert_state(referring, SUBMITTED);
    assert_told(referring_refuse(referring, 1), 1);
    assert_null(referring_line(referring, 1)->wait);
    assert_state(referring, ON_HOLD);
    assert_told(referring_resume(referring, 0), 1);
    assert_waits_for(referring, 2, NOT_LOOKED_YET);
    assert_state(referring, ACCEPTED);
    assert_told(referring_withdraw(referring, 2), 1);
    assert_state(referring, WITHDRAWN);
    assert_int_equal(referring_line(referring, 1)->refuse_reason,
                     DW__REFUSE_REASON__REFUSE_REASON_NO_ELIGIBLE_NEED);
}

/* Proves: a line is not taken off the list while a placement is proposed for it, by itself or with the others; what is refused names the
 * placement, and once that is cancelled it can be done. A death asks nobody. */
static void a_line_with_a_proposal_is_not_taken_back(void **state)
{
    struct referring *referring = *state;
    char text[ID_TEXT_SIZE];
    id_to_text(&PLACEMENT_ID, text);
    referring_all_accepted(referring);
    (void)referring_proposed(referring, &PLACEMENT_ID, 1);
    for (uint32_t line = 0; line <= 1; line++) {
        assert_refused(referring_withdraw(referring, line), PLACEMENT_PROPOSED);
        assert_refused(referring_close(referring, line), PLACEMENT_PROPOSED);
        assert_non_null(strstr(referring_close(referring, line).sentence, text));
    }
    assert_line(referring, 1, MATCHING);
    assert_line(referring, 2, ACCEPTED);
    assert_told(referring_withdraw(referring, 2), 1);
    (void)referring_cancelled(referring, 1, DW__CANCEL_REASON__CANCEL_REASON_PERSONS_CHOICE);
    assert_told(referring_withdraw(referring, 1), 1);
    assert_state(referring, WITHDRAWN);
}

/* Proves: a death closes the line for which a placement is proposed. */
static void a_death_closes_a_line_with_a_proposal(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    (void)referring_proposed(referring, &PLACEMENT_ID, 1);
    assert_told(referring_die(referring, TODAY), 2);
    assert_line(referring, 1, CLOSED);
}

/* Proves: a command about the whole referral takes the lines for which it is possible, says which, and how it then stands. */
static void a_command_about_all_takes_those_that_can(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    (void)referring_started(referring, 1);
    const struct pure_outcome told = referring_withdraw(referring, 0);
    Dw__ReferralWithdrawn *withdrawn = dw__referral_withdrawn__unpack(
        NULL, told.decision->events[0].body.len, told.decision->events[0].body.bytes);
    assert_int_equal(withdrawn->n_line_numbers, 1);
    assert_int_equal(withdrawn->line_numbers[0], 2);
    assert_int_equal(withdrawn->after->state, DW__REFERRAL_STATE__REFERRAL_STATE_PLACED);
    assert_int_equal(withdrawn->after->lines_waiting, 0);
    assert_int_equal(withdrawn->after->lines_placed, 1);
    dw__referral_withdrawn__free_unpacked(withdrawn, NULL);
    assert_line(referring, 1, PLACED);
    assert_line(referring, 2, WITHDRAWN);
    assert_state(referring, PLACED);
    assert_int_equal(referring_the(referring)->why_case, DW__REFERRAL__WHY__NOT_SET);
    (void)referring_close(referring, 0);
    assert_int_equal(referring_the(referring)->why_case, DW__REFERRAL__WHY_CLOSE_REASON);
}

/* Proves: saying a step again changes nothing, with another reason it is refused, and a line that is not there is named. */
static void a_step_said_again_changes_nothing(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    assert_told(referring_accept(referring, 0), 0);
    assert_told(referring_hold(referring, 0, TODAY + 7), 1);
    assert_told(referring_hold(referring, 0, TODAY + 7), 0);
    assert_refused(referring_hold(referring, 0, TODAY + 8), WRONG_STATE);
    assert_told(referring_resume(referring, 2), 1);
    assert_told(referring_resume(referring, 2), 0);
    assert_told(referring_refuse(referring, 0), 1);
    assert_told(referring_refuse(referring, 0), 0);
    assert_string_equal(referring_close(referring, 2).sentence,
                        "Line 2 was refused; refer anew when things have changed.");
    assert_string_equal(referring_withdraw(referring, 0).sentence,
                        "The referral was refused; refer anew when things have changed.");
    assert_refused(referring_close(referring, 3), LINE_UNKNOWN);
}

/* Proves: who puts on hold says when to look again, after today and within a year. */
static void a_hold_has_a_review(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    assert_invalid(referring_hold(referring, 0, TODAY), "review");
    assert_invalid(referring_hold(referring, 0, TODAY + 367), "review");
    assert_told(referring_hold(referring, 0, TODAY + 366), 1);
}

/* Proves: a placement takes a line along its way, and the line says why it waits at each step. */
static void a_line_is_with_its_placement(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    assert_told(referring_proposed(referring, &PLACEMENT_ID, 1), 1);
    assert_line(referring, 1, MATCHING);
    assert_waits_for(referring, 1, PLACE_ASKED_FOR);
    assert_state(referring, MATCHING);
    assert_told(referring_proposed(referring, &PLACEMENT_ID, 1), 0);
    assert_told(referring_offered(referring, &PLACEMENT_ID, 1), 1);
    assert_waits_for(referring, 1, AWAITING_PROVIDER);
    assert_refused(referring_explain(referring, 1, DW__WAITING_REASON__WAITING_REASON_TOO_FAR),
                   WRONG_STATE);
    assert_told(referring_booked(referring, 1), 1);
    assert_waits_for(referring, 1, AWAITING_START);
    assert_told(referring_started(referring, 1), 1);
    assert_line(referring, 1, PLACED);
    assert_null(referring_line(referring, 1)->wait);
    assert_state(referring, PARTLY_PLACED);
    pure_reload(referring->pure);
    const Dw__LineRecord *line = referring_line(referring, 1);
    assert_int_equal(line->n_steps, 4); /* draft, submitted, accepted, matching */
    assert_int_equal(line->steps[3]->state, DW__LINE_STATE__LINE_STATE_MATCHING);
}

/* Proves: what comes to nothing leaves the line waiting since its submission, for the reason that was given. */
static void a_proposal_that_comes_to_nothing_leaves_the_line_waiting(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    referring->today = TODAY + 3;
    (void)referring_proposed(referring, &PLACEMENT_ID, 1);
    assert_told(
        referring_lapsed(referring, &OTHER_ID, 1, DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT), 0);
    assert_told(
        referring_lapsed(referring, &PLACEMENT_ID, 1, DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT),
        1);
    assert_line(referring, 1, ACCEPTED);
    assert_waits_for(referring, 1, NO_PLACE_ON_DAYS);
    assert_int_equal(referring_line(referring, 1)->placement_id.len, 0);
    assert_int_equal(referring_the(referring)->submitted_ms, NOW_MS);
    (void)referring_proposed(referring, &PLACEMENT_ID, 1);
    (void)referring_lapsed(referring, &PLACEMENT_ID, 1,
                           DW__LAPSE_REASON__LAPSE_REASON_CAPACITY_FAILED);
    assert_waits_for(referring, 1, PROPOSAL_FAILED);
    (void)referring_offered(referring, &PLACEMENT_ID, 1);
    (void)referring_declined(referring, 1, DW__DECLINE_REASON__DECLINE_REASON_NEED_NOT_MET);
    assert_waits_for(referring, 1, NEED_NOT_MET);
    (void)referring_offered(referring, &PLACEMENT_ID, 1);
    (void)referring_declined(referring, 1, DW__DECLINE_REASON__DECLINE_REASON_STAFFING);
    assert_waits_for(referring, 1, PROVIDER_DECLINED);
    (void)referring_offered(referring, &PLACEMENT_ID, 1);
    (void)referring_cancelled(referring, 1, DW__CANCEL_REASON__CANCEL_REASON_PERSONS_CHOICE);
    assert_waits_for(referring, 1, PERSON_CHOICE);
    assert_told(referring_cancelled(referring, 1, DW__CANCEL_REASON__CANCEL_REASON_OTHER), 0);
}

/* Proves: support that the provider ends is looked for again; any other end closes the line, and another's end nothing. */
static void the_end_of_support_closes_the_line_unless_it_is_the_providers(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    (void)referring_started(referring, 1);
    assert_told(referring_ended(referring, 2, DW__END_REASON__END_REASON_OTHER), 0);
    assert_told(referring_ended(referring, 1, DW__END_REASON__END_REASON_PROVIDER_NOTICE), 1);
    assert_line(referring, 1, ACCEPTED);
    assert_waits_for(referring, 1, SUPPORT_ENDED);
    (void)referring_started(referring, 1);
    (void)referring_ended(referring, 1, DW__END_REASON__END_REASON_SERVICE_CLOSED);
    assert_line(referring, 1, ACCEPTED);
    (void)referring_started(referring, 1);
    assert_told(referring_ended(referring, 1, DW__END_REASON__END_REASON_GOALS_ACHIEVED), 1);
    assert_line(referring, 1, CLOSED);
    assert_int_equal(referring_line(referring, 1)->close_reason,
                     DW__CLOSE_REASON__CLOSE_REASON_SUPPORT_ENDED);
    assert_state(referring, ACCEPTED);
}

/* Proves: who waits for an approver is said to, and a no leaves the line waiting for that reason. */
static void a_line_waits_for_approval(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    (void)referring_proposed(referring, &PLACEMENT_ID, 1);
    assert_told(referring_approval_requested(referring, 1), 1);
    assert_waits_for(referring, 1, AWAITING_APPROVAL);
    assert_told(referring_not_approved(referring, 1), 1);
    assert_line(referring, 1, ACCEPTED);
    assert_waits_for(referring, 1, APPROVAL_REFUSED);
}

/* Proves: a line goes on with the placement of another level for the same line; the end of the first means nothing to it. */
static void a_line_follows_to_another_level(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    (void)referring_started(referring, 1);
    assert_told(referring_moved_level(referring, &OTHER_ID, 1, 2), 0);
    assert_told(referring_moved_level(referring, &OTHER_ID, 1, 1), 1);
    assert_told(referring_ended(referring, 1, DW__END_REASON__END_REASON_MOVED_LEVEL), 0);
    assert_told(referring_started_as(referring, &OTHER_ID, &PERSON_ID, 1), 0);
    assert_line(referring, 1, PLACED);
    assert_memory_equal(referring_line(referring, 1)->placement_id.data, OTHER_ID.bytes, 16);
    assert_told(referring_moved_level(referring, &OTHER_ID, 1, 1), 0);
}

/* Proves: a line that was closed with its support goes on with the placement that the person has moved to, and waits when that provider
 * ends it. */
static void a_line_goes_on_after_its_support_had_ended(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    (void)referring_started(referring, 1);
    (void)referring_ended(referring, 1, DW__END_REASON__END_REASON_MOVED_SERVICE);
    assert_line(referring, 1, CLOSED);
    assert_told(referring_moved_level(referring, &OTHER_ID, 1, 1), 1);
    assert_line(referring, 1, PLACED);
    assert_int_equal(referring_line(referring, 1)->why_case, DW__LINE_RECORD__WHY__NOT_SET);
    assert_told(referring_started_as(referring, &OTHER_ID, &PERSON_ID, 1), 0);
    assert_memory_equal(referring_line(referring, 1)->placement_id.data, OTHER_ID.bytes, 16);
}

/* Proves: a placement proposed for a line that is on hold takes it from there; a start needs no proposal that was heard of. */
static void a_placement_takes_a_line_that_is_on_hold(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    (void)referring_hold(referring, 0, TODAY + 7);
    assert_told(referring_proposed(referring, &PLACEMENT_ID, 1), 1);
    assert_line(referring, 1, MATCHING);
    assert_told(referring_started_as(referring, &OTHER_ID, &PERSON_ID, 2), 1);
    assert_line(referring, 2, PLACED);
    assert_told(referring_started_as(referring, &OTHER_ID, &PERSON_ID, 1), 2);
    assert_state(referring, PLACED);
    assert_memory_equal(referring_line(referring, 1)->placement_id.data, OTHER_ID.bytes, 16);
}

/* Proves: of where a line stood the last twelve steps are kept, the newest last. */
static void the_last_twelve_steps_are_kept(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    for (int turn = 0; turn < 8; turn++) {
        referring->today++;
        (void)referring_hold(referring, 1, referring->today + 7);
        (void)referring_resume(referring, 1);
    }
    const Dw__LineRecord *line = referring_line(referring, 1);
    assert_int_equal(line->n_steps, REFERRAL_STEPS_MAX);
    assert_int_equal(line->steps[0]->state, DW__LINE_STATE__LINE_STATE_ACCEPTED);
    assert_int_equal(line->steps[11]->state, DW__LINE_STATE__LINE_STATE_ON_HOLD);
    assert_int_equal(line->steps[11]->since_ms, NOW_MS + 8 * (int64_t)DAY_MS);
}

/* Proves: a broker says why lines wait that nothing is proposed for, only for reasons that are found out, and once. */
static void a_broker_says_why_a_line_waits(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    (void)referring_proposed(referring, &PLACEMENT_ID, 2);
    assert_invalid(
        referring_explain(referring, 1, DW__WAITING_REASON__WAITING_REASON_AWAITING_START),
        "reason");
    assert_told(referring_explain(referring, 0, DW__WAITING_REASON__WAITING_REASON_TOO_FAR), 1);
    assert_waits_for(referring, 1, TOO_FAR);
    assert_waits_for(referring, 2, PLACE_ASKED_FOR);
    assert_told(referring_explain(referring, 0, DW__WAITING_REASON__WAITING_REASON_TOO_FAR), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, referring_set_up, referring_tear_down)

static bool is_matching_with(struct referring *referring, uint32_t line,
                             const struct id *placement_id, Dw__WaitingReason reason)
{
    const Dw__LineRecord *record = referring_line(referring, line);
    const ProtobufCBinaryData id = id_to_data(placement_id);
    return record->state == DW__LINE_STATE__LINE_STATE_MATCHING &&
           id_data_equal(&record->placement_id, &id) && record->wait->reason == reason;
}

/* Proves: a line goes on with the other placement that is proposed for it when the first comes to nothing, and nobody withdraws it before
 * that one has, too. */
static void a_line_goes_on_with_the_other_proposal(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    (void)referring_proposed(referring, &PLACEMENT_ID, 1);
    assert_int_equal(referring_proposed(referring, &OTHER_ID, 1).events_count, 1);
    assert_int_equal(referring_proposed(referring, &OTHER_ID, 1).events_count, 0);
    assert_int_equal(referring_offered(referring, &OTHER_ID, 1).events_count, 1);
    assert_true(is_matching_with(referring, 1, &PLACEMENT_ID,
                                 DW__WAITING_REASON__WAITING_REASON_PLACE_ASKED_FOR));
    (void)referring_lapsed(referring, &PLACEMENT_ID, 1,
                           DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT);
    assert_true(is_matching_with(referring, 1, &OTHER_ID,
                                 DW__WAITING_REASON__WAITING_REASON_AWAITING_PROVIDER));
    assert_int_equal(referring_line(referring, 1)->n_others, 0);
    assert_int_equal(referring_withdraw(referring, 1).refusal,
                     DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_PLACEMENT_PROPOSED);
    (void)referring_proposed(referring, &PLACEMENT_ID, 1);
    (void)referring_lapsed(referring, &PLACEMENT_ID, 1,
                           DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT);
    assert_int_equal(referring_line(referring, 1)->n_others, 0);
    (void)referring_lapsed(referring, &OTHER_ID, 1, DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT);
    assert_int_equal(referring_line(referring, 1)->state, DW__LINE_STATE__LINE_STATE_ACCEPTED);
    assert_int_equal(referring_withdraw(referring, 1).outcome, DECISION_YES);
}

/* Proves: a line with support goes on with the placement that is proposed for it when the first ends, for whatever reason, and nobody
 * closes it meanwhile. */
static void support_that_ends_goes_on_with_what_was_proposed(void **state)
{
    static const Dw__EndReason reasons[] = {DW__END_REASON__END_REASON_PROVIDER_NOTICE,
                                            DW__END_REASON__END_REASON_MOVED_SERVICE};
    (void)state;
    for (size_t at = 0; at < sizeof reasons / sizeof reasons[0]; at++) {
        void *fresh;
        (void)referring_set_up(&fresh);
        struct referring *referring = fresh;
        referring_all_accepted(referring);
        (void)referring_started(referring, 1);
        (void)referring_proposed(referring, &OTHER_ID, 1);
        (void)referring_offered(referring, &OTHER_ID, 1);
        assert_line(referring, 1, PLACED);
        assert_int_equal(referring_close(referring, 1).refusal,
                         DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_PLACEMENT_PROPOSED);
        (void)referring_ended(referring, 1, reasons[at]);
        assert_true(is_matching_with(referring, 1, &OTHER_ID,
                                     DW__WAITING_REASON__WAITING_REASON_AWAITING_PROVIDER));
        (void)referring_started_as(referring, &OTHER_ID, &PERSON_ID, 1);
        assert_line(referring, 1, PLACED);
        void *gone = referring;
        (void)referring_tear_down(&gone);
    }
}

/* Proves: a line whose support ends is with the other that has started meanwhile, and closes with the last. */
static void support_that_ends_goes_on_with_what_has_started(void **state)
{
    struct referring *referring = *state;
    const ProtobufCBinaryData other_id = id_to_data(&OTHER_ID);
    referring_all_accepted(referring);
    (void)referring_started(referring, 1);
    (void)referring_proposed(referring, &OTHER_ID, 1);
    (void)referring_started_as(referring, &OTHER_ID, &PERSON_ID, 1);
    (void)referring_ended(referring, 1, DW__END_REASON__END_REASON_MOVED_SERVICE);
    assert_line(referring, 1, PLACED);
    assert_true(id_data_equal(&referring_line(referring, 1)->placement_id, &other_id));
    assert_int_equal(referring_line(referring, 1)->n_others, 0);
    assert_int_equal(referring_close(referring, 1).outcome, DECISION_YES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_goes_its_own_way),
        TEST(a_line_with_a_proposal_is_not_taken_back),
        TEST(a_line_goes_on_with_the_other_proposal),
        cmocka_unit_test(support_that_ends_goes_on_with_what_was_proposed),
        TEST(support_that_ends_goes_on_with_what_has_started),
        TEST(a_death_closes_a_line_with_a_proposal),
        TEST(a_command_about_all_takes_those_that_can),
        TEST(a_step_said_again_changes_nothing),
        TEST(a_hold_has_a_review),
        TEST(a_line_is_with_its_placement),
        TEST(a_proposal_that_comes_to_nothing_leaves_the_line_waiting),
        TEST(the_end_of_support_closes_the_line_unless_it_is_the_providers),
        TEST(a_line_waits_for_approval),
        TEST(a_line_follows_to_another_level),
        TEST(a_line_goes_on_after_its_support_had_ended),
        TEST(a_placement_takes_a_line_that_is_on_hold),
        TEST(the_last_twelve_steps_are_kept),
        TEST(a_broker_says_why_a_line_waits),
    };
    return cmocka_run_group_tests_name("referrals_lines", tests, NULL, NULL);
}
