/* Tests of services/referrals: the waiting list, its order, its reasons and its filters. */
#include "tests/support/referring.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Proves: urgency goes before waiting longer, and a placed line no longer waits. */
static void the_waiting_list_goes_by_urgency_then_date(void **state)
{
    struct referring *referring = *state;
    referring->not_duplicate = true;
    referring_record(referring);
    referring_create(referring);
    referring_submit(referring, &REFERRAL_ID);
    referring_create_as(referring, &OTHER_ID, DW__URGENCY__URGENCY_CARER_BREAKDOWN);
    assert_string_equal(referring_submit(referring, &OTHER_ID).reference, "CE-2026-000002");
    referring_started(referring, 1);
    referring->today = TODAY + 3;
    Dw__WaitingList list = DW__WAITING_LIST__INIT;
    const Dw__WaitingLines *lines = referring_ask(referring, &list.base);
    assert_int_equal(lines->total, 3);
    assert_memory_equal(lines->lines[0]->referral_id.data, OTHER_ID.bytes, 16);
    assert_int_equal(lines->lines[1]->line_number, 2);
    assert_memory_equal(lines->lines[2]->referral_id.data, REFERRAL_ID.bytes, 16);
    assert_int_equal(lines->lines[2]->line_number, 2);
    assert_int_equal(lines->lines[2]->days_waited, 3);
}

static const Dw__WaitingLines *list_waiting(struct referring *referring,
                                            const Dw__WaitingList *list)
{
    return referring_ask(referring, &list->base);
}

/* Proves: the order of urgencies is the model's, and what it does not name stands behind. */
static void the_model_orders_who_waits(void **state)
{
    struct referring *referring = *state;
    referring->not_duplicate = true;
    static Dw__Urgency order[] = {DW__URGENCY__URGENCY_TRANSITION, DW__URGENCY__URGENCY_ROUTINE};
    referring->rules.n_waiting_order = 2;
    referring->rules.waiting_order = order;
    referring_all_accepted(referring);
    (void)referring_create_as(referring, &OTHER_ID, DW__URGENCY__URGENCY_CARER_BREAKDOWN);
    (void)referring_submit(referring, &OTHER_ID);
    Dw__WaitingList list = DW__WAITING_LIST__INIT;
    const Dw__WaitingLines *lines = list_waiting(referring, &list);
    assert_int_equal(lines->n_lines, 4);
    assert_memory_equal(lines->lines[0]->referral_id.data, REFERRAL_ID.bytes, 16);
    assert_int_equal(lines->lines[0]->rank, 2);
    assert_int_equal(lines->lines[2]->rank, 4);
}

/* Proves: whose provider gives up after years waits from then on, and not since a submission that was answered long ago. */
static void who_had_support_waits_since_it_ended(void **state)
{
    struct referring *referring = *state;
    referring->rules.escalate_days = 28;
    referring_all_accepted(referring);
    (void)referring_started(referring, 1);
    referring->today = TODAY + 700;
    (void)referring_ended(referring, 1, DW__END_REASON__END_REASON_PROVIDER_NOTICE);
    referring->today = TODAY + 703;
    Dw__WaitingList list = DW__WAITING_LIST__INIT;
    const Dw__WaitingLines *lines = list_waiting(referring, &list);
    assert_int_equal(lines->n_lines, 2);
    assert_int_equal(lines->lines[0]->line_number, 2);
    assert_int_equal(lines->lines[0]->days_waited, 703);
    assert_int_equal(lines->lines[1]->days_waited, 3);
    assert_true(lines->lines[1]->rank > lines->lines[0]->rank);
}

/* Proves: who waits long rises one step every so many days, up to the first place and no further. */
static void who_waits_long_rises(void **state)
{
    struct referring *referring = *state;
    referring->not_duplicate = true;
    referring->rules.escalate_days = 10;
    referring_all_accepted(referring);
    referring->today = TODAY + 29;
    (void)referring_create_as(referring, &OTHER_ID, DW__URGENCY__URGENCY_CARER_BREAKDOWN);
    (void)referring_submit(referring, &OTHER_ID);
    Dw__WaitingList list = DW__WAITING_LIST__INIT;
    assert_memory_equal(list_waiting(referring, &list)->lines[0]->referral_id.data, OTHER_ID.bytes,
                        16);
    assert_int_equal(list_waiting(referring, &list)->lines[2]->rank, 3);
    referring->today = TODAY + 30; /* routine, the fifth, is the second now, and was there first */
    assert_memory_equal(list_waiting(referring, &list)->lines[0]->referral_id.data,
                        REFERRAL_ID.bytes, 16);
    referring->today = TODAY + 300;
    assert_int_equal(list_waiting(referring, &list)->lines[0]->rank, 1);
}

/* Proves: each line says why it waits and since when, apart from how long it has waited in all. */
static void each_line_says_why_it_waits(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    referring->today = TODAY + 5;
    (void)referring_explain(referring, 2, DW__WAITING_REASON__WAITING_REASON_TOO_FAR);
    referring->today = TODAY + 7;
    Dw__WaitingReason reason = DW__WAITING_REASON__WAITING_REASON_TOO_FAR;
    Dw__WaitingList list = DW__WAITING_LIST__INIT;
    list.n_reasons = 1;
    list.reasons = &reason;
    const Dw__WaitingLines *lines = list_waiting(referring, &list);
    assert_int_equal(lines->total, 1);
    assert_int_equal(lines->lines[0]->line_number, 2);
    assert_int_equal(lines->lines[0]->wait->reason, reason);
    assert_int_equal(lines->lines[0]->days_waited, 7);
    assert_int_equal(lines->lines[0]->days_for_reason, 2);
    assert_int_equal(lines->lines[0]->state, DW__LINE_STATE__LINE_STATE_ACCEPTED);
}

/* Proves: what was put on hold is found again on the day it was to be looked at. */
static void a_hold_is_found_when_its_review_is_due(void **state)
{
    struct referring *referring = *state;
    Dw__WaitingList list = DW__WAITING_LIST__INIT;
    list.review_due = true;
    referring_all_accepted(referring);
    (void)referring_hold(referring, 2, TODAY + 7);
    referring->today = TODAY + 6;
    assert_int_equal(list_waiting(referring, &list)->total, 0);
    referring->today = TODAY + 7;
    assert_int_equal(list_waiting(referring, &list)->total, 1);
    assert_int_equal(list_waiting(referring, &list)->lines[0]->line_number, 2);
    (void)referring_resume(referring, 2);
    assert_int_equal(list_waiting(referring, &list)->total, 0);
}

/* Proves: each filter leaves out what does not fit it. */
static void the_list_is_cut_by_each_filter(void **state)
{
    struct referring *referring = *state;
    Dw__LineKind kind = DW__LINE_KIND__LINE_KIND_OUTREACH;
    referring->lines[1].kind = kind;
    referring_all_accepted(referring);
    Dw__WaitingList list = DW__WAITING_LIST__INIT;
    list.n_kinds = 1;
    list.kinds = &kind;
    assert_int_equal(list_waiting(referring, &list)->total, 1);
    assert_int_equal(list_waiting(referring, &list)->lines[0]->line_number, 2);
    list.n_kinds = 0;
    list.level = 9;
    assert_int_equal(list_waiting(referring, &list)->total, 0);
    list.level = 2;
    list.district = 9;
    assert_int_equal(list_waiting(referring, &list)->total, 0);
    list.district = 3;
    list.assignee = (char *)(uintptr_t) "ada";
    assert_int_equal(list_waiting(referring, &list)->total, 0);
    list.assignee = (char *)(uintptr_t) "";
    assert_int_equal(list_waiting(referring, &list)->total, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, referring_set_up, referring_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_waiting_list_goes_by_urgency_then_date),
        TEST(the_model_orders_who_waits),
        TEST(who_had_support_waits_since_it_ended),
        TEST(who_waits_long_rises),
        TEST(each_line_says_why_it_waits),
        TEST(a_hold_is_found_when_its_review_is_due),
        TEST(the_list_is_cut_by_each_filter),
    };
    return cmocka_run_group_tests_name("referrals_waiting", tests, NULL, NULL);
}
