/* Tests of services/referrals: a referral from draft to closed, who works on it, and each refusal. */
#include "tests/support/referring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Proves: the whole way, and that saying a step again changes nothing. */
static void a_referral_goes_from_draft_to_closed(void **state)
{
    struct referring *referring = *state;
    referring_record(referring);
    assert_int_equal(referring_create(referring).events_count, 1);
    assert_string_equal(referring_submit(referring, &REFERRAL_ID).reference, "CE-2026-000001");
    assert_string_equal(referring_submit(referring, &REFERRAL_ID).reference, "CE-2026-000001");
    assert_int_equal(referring_submit(referring, &REFERRAL_ID).events_count, 0);
    assert_int_equal(referring_accept(referring, 0).events_count, 1);
    assert_int_equal(referring_accept(referring, 0).events_count, 0);
    assert_int_equal(referring_started(referring, 2).events_count, 1);
    assert_state(referring, PARTLY_PLACED);
    assert_int_equal(referring_started(referring, 1).events_count, 2);
    assert_state(referring, PLACED);
    assert_refused(referring_withdraw(referring, 0), WRONG_STATE);
    assert_int_equal(referring_close(referring, 0).events_count, 1);
    assert_int_equal(referring_close(referring, 0).events_count, 0);
    assert_state(referring, CLOSED);
}

/* Proves: a start that answers no waiting line, or is of another person than the referral's, changes nothing. */
static void a_start_for_no_waiting_line_changes_nothing(void **state)
{
    struct referring *referring = *state;
    assert_int_equal(referring_started(referring, 1).events_count, 0);
    referring_record(referring);
    referring_create(referring);
    assert_int_equal(referring_started(referring, 1).events_count, 0);
    referring_submit(referring, &REFERRAL_ID);
    assert_int_equal(referring_started(referring, 0).events_count, 0);
    assert_int_equal(referring_started(referring, 3).events_count, 0);
    assert_int_equal(referring_started_as(referring, &PLACEMENT_ID, &OTHER_ID, 1).events_count, 0);
    assert_int_equal(referring_started(referring, 1).events_count, 1);
    assert_int_equal(referring_started(referring, 1).events_count, 0);
    referring_withdraw(referring, 0);
    assert_int_equal(referring_started(referring, 2).events_count, 0);
}

/* Proves: each other no of a referral has its name. */
static void referrals_are_refused_by_name(void **state)
{
    struct referring *referring = *state;
    assert_refused(referring_create(referring), PERSON_UNKNOWN);
    assert_refused(referring_submit(referring, &REFERRAL_ID), REFERRAL_UNKNOWN);
    referring_record(referring);
    referring->lines[0].level = 9;
    assert_refused(referring_create(referring), LEVEL_UNKNOWN);
    referring->lines[0].level = 2;
    referring->outcomes[0] = 9;
    assert_refused(referring_create(referring), OUTCOME_UNKNOWN);
    referring->outcomes[0] = 4;
    referring->session.weekday = 8;
    assert_invalid(referring_create(referring), "lines[0].sessions");
    referring->session.weekday = 7;
    referring_create(referring);
    assert_refused(referring_create(referring), ALREADY_EXISTS);
    assert_refused(referring_accept(referring, 0), WRONG_STATE);
    assert_refused(referring_close(referring, 0), WRONG_STATE);
}

static struct pure_outcome assign(struct referring *referring, const char *assignee)
{
    Dw__AssignReferral assign_command = DW__ASSIGN_REFERRAL__INIT;
    assign_command.referral_id = id_to_data(&REFERRAL_ID);
    assign_command.assignee = (char *)(uintptr_t)assignee;
    return referring_tell(referring, &assign_command.base);
}

/* Proves: a referral is somebody's, it can be handed on, and who had it before is not forgotten. */
static void a_referral_is_handed_on(void **state)
{
    struct referring *referring = *state;
    char longest[66] = "";
    memset(longest, 'a', 65);
    referring_record(referring);
    referring_create(referring);
    referring_create_as(referring, &OTHER_ID, DW__URGENCY__URGENCY_ROUTINE);
    assert_int_equal(assign(referring, "").events_count, 0);
    assert_int_equal(assign(referring, "ada").events_count, 1);
    assert_int_equal(assign(referring, "ada").events_count, 0);
    assert_invalid(assign(referring, longest), "assignee");
    assert_invalid(assign(referring, "Robin Example, mother"), "assignee");
    Dw__ListReferrals list = DW__LIST_REFERRALS__INIT;
    list.assignee = (char *)(uintptr_t) "ada";
    const Dw__ReferralList *adas = referring_ask(referring, &list.base);
    assert_int_equal(adas->n_referrals, 1);
    assert_int_equal(assign(referring, "ben").events_count, 1);
    adas = referring_ask(referring, &list.base);
    assert_int_equal(adas->n_referrals, 0);
    pure_reload(referring->pure);
    assert_int_equal(referring_the(referring)->n_assignments, 2);
    assert_string_equal(referring_the(referring)->assignments[0]->assignee, "ada");
    assert_string_equal(referring_the(referring)->assignments[1]->assignee, "ben");
    assert_string_equal(referring_the(referring)->assignments[1]->by, "pure");
    assert_int_equal(referring_the(referring)->assignments[1]->assigned_ms, NOW_MS);
    for (int turn = 2; turn < REFERRAL_ASSIGNMENTS_MAX; turn++)
        assert_int_equal(assign(referring, turn % 2 == 0 ? "ada" : "ben").events_count, 1);
    assert_invalid(assign(referring, "eve"), "assignee");
    referring_withdraw(referring, 0);
    assert_refused(assign(referring, ""), WRONG_STATE);
}

/* Proves: notes are read from the vault, and lists are cut by state. */
static void referrals_are_read_and_listed(void **state)
{
    struct referring *referring = *state;
    referring_record(referring);
    const struct pure_outcome told = referring_create(referring);
    assert_false(referring_holds(told.decision->events[0].body, "gardening"));
    Dw__GetReferral get = DW__GET_REFERRAL__INIT;
    get.referral_id = id_to_data(&REFERRAL_ID);
    const Dw__ReferralRead *read = referring_ask(referring, &get.base);
    assert_string_equal(read->notes, "Likes gardening.");
    Dw__ListReferrals list = DW__LIST_REFERRALS__INIT;
    Dw__ReferralState draft = DW__REFERRAL_STATE__REFERRAL_STATE_DRAFT;
    list.n_states = 1;
    list.states = &draft;
    const Dw__ReferralList *found = referring_ask(referring, &list.base);
    assert_int_equal(found->total, 1);
    referring_submit(referring, &REFERRAL_ID);
    found = referring_ask(referring, &list.base);
    assert_int_equal(found->total, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, referring_set_up, referring_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_referral_goes_from_draft_to_closed),
        TEST(a_start_for_no_waiting_line_changes_nothing),
        TEST(referrals_are_refused_by_name),
        TEST(a_referral_is_handed_on),
        TEST(referrals_are_read_and_listed),
    };
    return cmocka_run_group_tests_name("referrals_decide", tests, NULL, NULL);
}
