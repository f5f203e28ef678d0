/* Tests of services/referrals: what is wanted may change until support starts, and what it was before is kept in the vault. */
#include "tests/support/referring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct pure_outcome amend_line(struct referring *referring, uint32_t line,
                                      Dw__ReferralLine *wanted)
{
    Dw__AmendReferral amend = DW__AMEND_REFERRAL__INIT;
    amend.referral_id = id_to_data(&REFERRAL_ID);
    amend.line_number = line;
    amend.line = wanted;
    return referring_tell(referring, &amend.base);
}

static struct pure_outcome amend_notes(struct referring *referring, const char *notes)
{
    Dw__AmendReferral amend = DW__AMEND_REFERRAL__INIT;
    Dw__ReferralNotes wanted = DW__REFERRAL_NOTES__INIT;
    wanted.notes = (char *)(uintptr_t)notes;
    amend.referral_id = id_to_data(&REFERRAL_ID);
    amend.notes = &wanted;
    return referring_tell(referring, &amend.base);
}

static struct pure_outcome amend_urgency(struct referring *referring, Dw__Urgency urgency)
{
    Dw__AmendReferral amend = DW__AMEND_REFERRAL__INIT;
    Dw__UrgencyWanted wanted = DW__URGENCY_WANTED__INIT;
    wanted.urgency = urgency;
    amend.referral_id = id_to_data(&REFERRAL_ID);
    amend.urgency = &wanted;
    return referring_tell(referring, &amend.base);
}

static const Dw__ReferralRead *read_it(struct referring *referring)
{
    Dw__GetReferral get = DW__GET_REFERRAL__INIT;
    get.referral_id = id_to_data(&REFERRAL_ID);
    return referring_ask(referring, &get.base);
}

/* Proves: a line is wanted as it was amended, the event names what has changed, and old and new are read from the vault. */
static void a_line_is_amended_and_its_old_values_are_kept(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    Dw__ReferralLine wanted = referring->lines[1];
    Dw__LineSession friday = DW__LINE_SESSION__INIT;
    Dw__LineSession *sessions[] = {&friday};
    friday.weekday = 5;
    friday.part = DW__LINE_PART__LINE_PART_AFTERNOON;
    wanted.sessions = sessions;
    wanted.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;
    assert_told(amend_line(referring, 2, &wanted), 1);
    assert_told(amend_line(referring, 2, &wanted), 0);
    assert_int_equal(referring_line(referring, 2)->line->sessions[0]->weekday, 5);
    assert_int_equal(referring_line(referring, 1)->line->sessions[0]->weekday, 1);
    assert_line(referring, 2, ACCEPTED);
    pure_reload(referring->pure);
    const Dw__ReferralRead *read = read_it(referring);
    assert_int_equal(read->n_amendments, 1);
    const Dw__Amendment *amendment = read->referral->amendments[0];
    assert_int_equal(amendment->line_number, 2);
    assert_int_equal(amendment->n_fields, 2);
    assert_int_equal(amendment->fields[0], DW__AMENDED_FIELD__AMENDED_FIELD_SESSIONS);
    assert_int_equal(amendment->fields[1], DW__AMENDED_FIELD__AMENDED_FIELD_FUNDING);
    assert_string_equal(amendment->by, "pure");
    const Dw__AmendmentValues *values = read->amendments[0]->values;
    assert_int_equal(values->line_before->sessions[0]->weekday, 2);
    assert_int_equal(values->line_after->sessions[0]->weekday, 5);
    assert_null(values->urgency_before);
}

/* Proves: length, access, mode, transport, language and culture are wanted, checked and amended like the rest. */
static void how_long_and_in_which_way_is_amended(void **state)
{
    struct referring *referring = *state;
    Dw__AccessFeature access[] = {DW__ACCESS_FEATURE__ACCESS_FEATURE_HOIST,
                                  DW__ACCESS_FEATURE__ACCESS_FEATURE_HOIST};
    Dw__ServiceMode modes[] = {DW__SERVICE_MODE__SERVICE_MODE_OUTREACH,
                               DW__SERVICE_MODE__SERVICE_MODE_OUTREACH};
    referring_all_accepted(referring);
    Dw__ReferralLine wanted = referring->lines[1];
    wanted.weeks = 521;
    assert_invalid(amend_line(referring, 2, &wanted), "line.weeks");
    wanted.weeks = 12;
    wanted.access = access;
    wanted.n_access = 2;
    assert_invalid(amend_line(referring, 2, &wanted), "line.access");
    wanted.n_access = 1;
    wanted.modes = modes;
    wanted.n_modes = 2;
    assert_invalid(amend_line(referring, 2, &wanted), "line.modes");
    wanted.n_modes = 1;
    wanted.language = (char *)(uintptr_t) "Polish";
    assert_invalid(amend_line(referring, 2, &wanted), "line.language");
    wanted.language = (char *)(uintptr_t) "pl";
    wanted.culturally_specific = true;
    wanted.transport = true;
    assert_told(amend_line(referring, 2, &wanted), 1);
    assert_told(amend_line(referring, 2, &wanted), 0);
    pure_reload(referring->pure);
    const Dw__Amendment *amendment = read_it(referring)->referral->amendments[0];
    assert_int_equal(amendment->n_fields, 5);
    assert_int_equal(amendment->fields[0], DW__AMENDED_FIELD__AMENDED_FIELD_WEEKS);
    assert_int_equal(amendment->fields[4], DW__AMENDED_FIELD__AMENDED_FIELD_LANGUAGE_AND_CULTURE);
    const Dw__ReferralLine *line = referring_line(referring, 2)->line;
    assert_int_equal(line->weeks, 12);
    assert_int_equal(line->access[0], DW__ACCESS_FEATURE__ACCESS_FEATURE_HOIST);
    assert_int_equal(line->modes[0], DW__SERVICE_MODE__SERVICE_MODE_OUTREACH);
    assert_string_equal(line->language, "pl");
    assert_true(line->transport && line->culturally_specific);
}

/* Proves: notes are replaced, those of before are read beside them, and neither stands in an event. */
static void notes_are_amended_in_the_vault(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    const struct pure_outcome told = amend_notes(referring, "Prefers cooking.");
    assert_int_equal(told.events_count, 1);
    assert_false(referring_holds(told.decision->events[0].body, "cooking"));
    const Dw__ReferralRead *read = read_it(referring);
    assert_string_equal(read->notes, "Prefers cooking.");
    assert_string_equal(read->amendments[0]->notes_before, "Likes gardening.");
    assert_told(amend_notes(referring, ""), 1);
    assert_told(amend_notes(referring, ""), 0);
    assert_string_equal(read_it(referring)->notes, "");
    assert_string_equal(read_it(referring)->amendments[1]->notes_before, "Prefers cooking.");
}

/* Proves: urgency is amended and the values say from what to what. */
static void urgency_is_amended(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    assert_told(amend_urgency(referring, DW__URGENCY__URGENCY_ROUTINE), 0);
    assert_told(amend_urgency(referring, DW__URGENCY__URGENCY_CARER_BREAKDOWN), 1);
    assert_int_equal(referring_the(referring)->urgency, DW__URGENCY__URGENCY_CARER_BREAKDOWN);
    const Dw__AmendmentValues *values = read_it(referring)->amendments[0]->values;
    assert_int_equal(values->urgency_before->urgency, DW__URGENCY__URGENCY_ROUTINE);
    assert_int_equal(values->urgency_after->urgency, DW__URGENCY__URGENCY_CARER_BREAKDOWN);
    assert_null(values->line_before);
}

/* Proves: what may not be created may not be amended either, and what has started is not amended at all. */
static void amendments_are_refused_by_name(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    Dw__ReferralLine wanted = referring->lines[0];
    assert_invalid(amend_line(referring, 0, &wanted), "line_number");
    assert_invalid(amend_line(referring, 0, NULL), "line");
    assert_refused(amend_line(referring, 3, &wanted), LINE_UNKNOWN);
    wanted.kind = DW__LINE_KIND__LINE_KIND_OUTREACH;
    assert_invalid(amend_line(referring, 1, &wanted), "line.kind");
    wanted.kind = referring->lines[0].kind;
    wanted.level = 9;
    assert_refused(amend_line(referring, 1, &wanted), LEVEL_UNKNOWN);
    wanted.level = 2;
    wanted.n_outcomes = 0;
    assert_refused(amend_line(referring, 1, &wanted), OUTCOMES_MISSING);
    wanted.n_outcomes = 1;
    wanted.n_sessions = 0;
    assert_invalid(amend_line(referring, 1, &wanted), "line.sessions");
    wanted.n_sessions = 1;
    (void)referring_started(referring, 1);
    assert_refused(amend_line(referring, 1, &wanted), WRONG_STATE);
    (void)referring_started(referring, 2);
    assert_refused(amend_notes(referring, "Too late."), WRONG_STATE);
}

/* Proves: a referral is amended forty times and no more. */
static void amendments_are_bounded(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    for (int turn = 0; turn < REFERRAL_AMENDMENTS_MAX; turn++)
        assert_told(amend_notes(referring, "Again."), 1);
    assert_refused(amend_notes(referring, "Again."), TOO_MANY_AMENDMENTS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, referring_set_up, referring_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_is_amended_and_its_old_values_are_kept),
        TEST(how_long_and_in_which_way_is_amended),
        TEST(notes_are_amended_in_the_vault),
        TEST(urgency_is_amended),
        TEST(amendments_are_refused_by_name),
        TEST(amendments_are_bounded),
    };
    return cmocka_run_group_tests_name("referrals_amend", tests, NULL, NULL);
}
