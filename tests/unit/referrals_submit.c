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

#define TEST(name) cmocka_unit_test_setup_teardown(name, referring_set_up, referring_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(outcomes_come_before_submission_where_the_model_says_so),
        TEST(references_count_from_one_every_april),
        TEST(references_have_no_gap_and_none_is_given_twice),
    };
    return cmocka_run_group_tests_name("referrals_submit", tests, NULL, NULL);
}
