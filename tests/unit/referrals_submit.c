/* Tests of services/referrals: what the model asks before a referral is submitted, and its reference number. */
#include "tests/support/referring.h"

#include "common/calendar.h"
#include "common/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Proves: without outcomes a referral is not submitted where the model asks for them, and is where it does not. */
static void outcomes_come_before_submission_where_the_model_says_so(void **state)
{
    struct referring *referring = *state;
    referring_record(referring);
    referring->lines[1].n_outcomes = 0;
    referring_create(referring);
    const struct pure_outcome told = referring_submit(referring, &REFERRAL_ID);
    assert_int_equal(told.refusal, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_OUTCOMES_MISSING);
    assert_non_null(strstr(told.sentence, "Line 2"));
    assert_state(referring, DRAFT);
    referring->rules.outcomes_before_submission = false;
    assert_int_equal(referring_submit(referring, &REFERRAL_ID).outcome, DECISION_YES);
}

static struct pure_outcome submit_on(struct referring *referring, const struct id *referral_id,
                                     int32_t day)
{
    assert_int_equal(
        referring_create_as(referring, referral_id, DW__URGENCY__URGENCY_ROUTINE).outcome,
        DECISION_YES);
    referring->today = day;
    return referring_submit(referring, referral_id);
}

/* Proves: on whatever days of the week, no number is left out and none is given twice, after a reload too. */
static void references_have_no_gap_and_none_is_given_twice(void **state)
{
    struct referring *referring = *state;
    referring->not_duplicate = true;
    char expected[32];
    referring_record(referring);
    for (uint8_t at = 0; at < 28; at++) { /* two a day, for two weeks */
        const struct id referral_id = {{0x78, at}};
        (void)text_format(expected, sizeof expected, "CE-2026-%06u", at + 1U);
        assert_string_equal(submit_on(referring, &referral_id, TODAY + at / 2).reference, expected);
        if (at % 5 == 4)
            pure_reload(referring->pure);
    }
}

/* Proves: a reference names the financial year, which begins on 1 April, and its numbers begin anew. */
static void references_count_from_one_every_april(void **state)
{
    struct referring *referring = *state;
    referring->not_duplicate = true;
    const int32_t new_year = calendar_date(2027, 4, 1);
    const int32_t days[] = {TODAY, new_year - 1, new_year, new_year + 1};
    static const char *const references[] = {"CE-2026-000001", "CE-2026-000002", "CE-2027-000001",
                                             "CE-2027-000002"};
    referring_record(referring);
    for (uint8_t at = 0; at < 4; at++) {
        const struct id referral_id = {{0x77, at}};
        assert_string_equal(submit_on(referring, &referral_id, days[at]).reference, references[at]);
    }
}

/* Proves: a second referral for the same kind at the same time is refused and names the first, while that one is alive; brokers,
 * and nobody else, may say that it is another one. */
static void a_second_referral_for_the_same_is_refused(void **state)
{
    struct referring *referring = *state;
    Dw__NotDuplicate not_duplicate = DW__NOT_DUPLICATE__INIT;
    Dw__SubmitReferral again = DW__SUBMIT_REFERRAL__INIT;
    referring_all_accepted(referring);
    (void)referring_started(referring, 1);
    (void)referring_withdraw(referring, 2);
    (void)referring_create_as(referring, &OTHER_ID, DW__URGENCY__URGENCY_ROUTINE);
    const struct pure_outcome no_again = referring_submit(referring, &OTHER_ID);
    assert_int_equal(no_again.refusal, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_DUPLICATE);
    assert_non_null(strstr(no_again.sentence, "CE-2026-000001"));
    not_duplicate.reason = DW__NOT_DUPLICATE_REASON__NOT_DUPLICATE_REASON_OTHER_SERVICE;
    again.referral_id = id_to_data(&OTHER_ID);
    again.not_duplicate = &not_duplicate;
    assert_refused(pure_command(referring->pure, &again.base, WORKER, NOW_MS, TODAY), DUPLICATE);
    (void)referring_ended(referring, 1, DW__END_REASON__END_REASON_GOALS_ACHIEVED);
    assert_told(referring_submit(referring, &OTHER_ID), 1);
    assert_told(referring_create_as(referring, &PLACEMENT_ID, DW__URGENCY__URGENCY_ROUTINE), 1);
    again.referral_id = id_to_data(&PLACEMENT_ID);
    const struct pure_outcome told = referring_tell(referring, &again.base);
    Dw__ReferralSubmitted *submitted = dw__referral_submitted__unpack(
        NULL, told.decision->events[0].body.len, told.decision->events[0].body.bytes);
    assert_int_equal(submitted->not_duplicate->reason, not_duplicate.reason);
    dw__referral_submitted__free_unpacked(submitted, NULL);
}

/* Proves: another kind of service, or another time, is another referral. */
static void another_kind_or_another_time_is_no_duplicate(void **state)
{
    struct referring *referring = *state;
    static const struct id third_id = {{0x77}};
    referring_all_accepted(referring);
    referring->lines[0].kind = referring->lines[1].kind = DW__LINE_KIND__LINE_KIND_OUTREACH;
    (void)referring_create_as(referring, &OTHER_ID, DW__URGENCY__URGENCY_ROUTINE);
    assert_told(referring_submit(referring, &OTHER_ID), 1);
    referring->session.part = referring->tuesday.part = DW__LINE_PART__LINE_PART_EVENING;
    (void)referring_create_as(referring, &third_id, DW__URGENCY__URGENCY_ROUTINE);
    assert_told(referring_submit(referring, &third_id), 1);
}

/* Proves: whom others support is refused with the words of the model that say where to go. */
static void who_is_supported_elsewhere_is_told_where(void **state)
{
    struct referring *referring = *state;
    Dw__ExcludedReason excluded = DW__EXCLUDED_REASON__INIT;
    Dw__ExcludedReason *reasons[] = {&excluded};
    excluded.reason = DW__SUPPORT_REASON__SUPPORT_REASON_MENTAL_HEALTH;
    excluded.instead = (char *)(uintptr_t) "the community mental health team";
    referring->rules.n_excluded_reasons = 1;
    referring->rules.excluded_reasons = reasons;
    (void)referring_record(referring);
    (void)referring_create(referring);
    assert_told(referring_submit(referring, &REFERRAL_ID), 1);
    excluded.reason = referring->facts.support_reason;
    (void)referring_create_as(referring, &OTHER_ID, DW__URGENCY__URGENCY_ROUTINE);
    const struct pure_outcome told = referring_submit(referring, &OTHER_ID);
    assert_int_equal(told.refusal, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_OTHER_PROVISION);
    assert_non_null(strstr(told.sentence, "Ask the community mental health team."));
}

/* Proves: who is too young may be referred for the time from the birthday on, to the day, and the birthday is told nowhere. */
static void the_young_are_referred_for_when_they_are_old_enough(void **state)
{
    struct referring *referring = *state;
    char number[16];
    const int32_t birthday = calendar_date(2027, 6, 11);
    referring->rules.record_from_age = 14;
    referring->rules.support_from_age = 18;
    referring->born.days = calendar_date(2009, 6, 11);
    referring->from.days = birthday - 1;
    const struct pure_outcome told = referring_record(referring);
    (void)text_format(number, sizeof number, "%d", (int)birthday);
    assert_false(referring_holds(told.decision->events[0].body, number));
    assert_refused(referring_create(referring), FROM_TOO_EARLY);
    referring->from.days = birthday;
    assert_told(referring_create(referring), 1);
    assert_told(referring_submit(referring, &REFERRAL_ID), 1);
}

/* Proves: somebody has at most sixty referrals that are not over. */
static void nobody_has_endless_referrals(void **state)
{
    struct referring *referring = *state;
    (void)referring_record(referring);
    for (uint8_t at = 0; at < PERSON_REFERRALS_MAX; at++) {
        const struct id id = {{0x55, at}};
        assert_told(referring_create_as(referring, &id, DW__URGENCY__URGENCY_ROUTINE), 1);
    }
    assert_refused(referring_create(referring), TOO_MANY_REFERRALS);
}

/* Proves: a line that is in a referral twice is refused, whatever a broker says, until one of the two wants something else. */
static void a_line_is_not_in_a_referral_twice(void **state)
{
    struct referring *referring = *state;
    referring->not_duplicate = true;
    referring->tuesday.weekday = 1;
    (void)referring_record(referring);
    (void)referring_create(referring);
    assert_refused(referring_submit(referring, &REFERRAL_ID), DUPLICATE);
    Dw__AmendReferral amend = DW__AMEND_REFERRAL__INIT;
    amend.referral_id = id_to_data(&REFERRAL_ID);
    amend.line_number = 2;
    amend.line = &referring->lines[1];
    Dw__LineSession *both[] = {&referring->tuesday, &referring->session}; /* one in common */
    referring->lines[1].sessions = both;
    referring->lines[1].n_sessions = 2;
    referring->tuesday.weekday = 2;
    assert_told(referring_tell(referring, &amend.base), 1);
    assert_refused(referring_submit(referring, &REFERRAL_ID), DUPLICATE);
    referring->lines[1].n_sessions = 1;
    assert_told(referring_tell(referring, &amend.base), 1);
    assert_told(referring_submit(referring, &REFERRAL_ID), 1);
}

/* Proves: an amendment does not make of a line what another line or referral is; what a broker let pass may be amended otherwise. */
static void an_amendment_makes_no_duplicate(void **state)
{
    struct referring *referring = *state;
    Dw__AmendReferral amend = DW__AMEND_REFERRAL__INIT;
    referring_all_accepted(referring);
    amend.referral_id = id_to_data(&REFERRAL_ID);
    amend.line_number = 2;
    amend.line = &referring->lines[1];
    referring->tuesday.weekday = 1;
    assert_refused(referring_tell(referring, &amend.base), DUPLICATE);
    referring->session.weekday = 4;
    referring->tuesday.weekday = 5;
    (void)referring_create_as(referring, &OTHER_ID, DW__URGENCY__URGENCY_ROUTINE);
    assert_told(referring_submit(referring, &OTHER_ID), 1);
    assert_refused(referring_tell(referring, &amend.base), DUPLICATE);
    referring->tuesday.weekday = 2;
    referring->lines[1].funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;
    assert_told(referring_tell(referring, &amend.base), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, referring_set_up, referring_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(outcomes_come_before_submission_where_the_model_says_so),
        TEST(a_second_referral_for_the_same_is_refused),
        TEST(another_kind_or_another_time_is_no_duplicate),
        TEST(who_is_supported_elsewhere_is_told_where),
        TEST(the_young_are_referred_for_when_they_are_old_enough),
        TEST(nobody_has_endless_referrals),
        TEST(a_line_is_not_in_a_referral_twice),
        TEST(an_amendment_makes_no_duplicate),
        TEST(references_count_from_one_every_april),
        TEST(references_have_no_gap_and_none_is_given_twice),
    };
    return cmocka_run_group_tests_name("referrals_submit", tests, NULL, NULL);
}
