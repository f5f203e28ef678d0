/* Tests of services/referrals: of a line of which a placement has a part, that part is placed and the rest stays on the waiting list. */
#include "tests/support/referring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Two more placements of the person. */
static const struct id SECOND_ID = {{5}};
static const struct id THIRD_ID = {{6}};
static const char EVERY_PART[] = "1m1a1e2m2a2e3m3a3e4m4a4e5m5a5e6m6a6e7m7a7e";

/* A referral whose first line wants those parts of a week, and whose second is taken back. */
static void want(struct referring *referring, const char *parts)
{
    referring_want(referring, parts);
    referring_all_accepted(referring);
    assert_told(referring_withdraw(referring, 2), 1);
}

/* A placement of its own starts at that part of the week, counted from 0, and meets a part of the line. */
static void start_on_part(struct referring *referring, uint32_t line, uint32_t at)
{
    static uint8_t starts;
    const char parts[] = {(char)('1' + at / 3), "mae"[at % 3], '\0'};
    const struct id id = {{20, ++starts}};
    assert_int_equal(referring_started_on(referring, &id, line, parts).outcome, DECISION_YES);
}

/* The line is amended to want those parts. */
static struct pure_outcome want_again(struct referring *referring, uint32_t number,
                                      const char *parts)
{
    Dw__AmendReferral amend = DW__AMEND_REFERRAL__INIT;
    amend.referral_id = id_to_data(&REFERRAL_ID);
    amend.line_number = number;
    amend.line = &referring->lines[0];
    referring_want(referring, parts);
    return referring_tell(referring, &amend.base);
}

static size_t waiting(struct referring *referring)
{
    const Dw__WaitingList ask = DW__WAITING_LIST__INIT;
    const Dw__WaitingLines *lines = referring_ask(referring, &ask.base);
    assert_non_null(lines);
    return lines->total;
}

/* Proves: what a placement does not have of a line is a line that waits for a place, with its own days, and the referral is placed in
 * part; the placement that has the rest makes it whole. */
static void the_rest_of_a_line_stays_on_the_waiting_list(void **state)
{
    struct referring *referring = *state;
    want(referring, "1m1a3m5m");
    assert_told(referring_proposed(referring, &PLACEMENT_ID, 1), 1);
    assert_told(referring_started_on(referring, &PLACEMENT_ID, 1, "1m1a3m3a"), 1);
    assert_line(referring, 1, PLACED);
    assert_true(referring_wants(referring, 1, "1m1a3m"));
    assert_line(referring, 3, ACCEPTED);
    assert_true(referring_wants(referring, 3, "5m"));
    assert_int_equal(referring_line(referring, 3)->rest_of, 1);
    assert_int_equal(referring_line(referring, 3)->placement_id.len, 0);
    assert_waits_for(referring, 3, NO_PLACE_ON_DAYS);
    assert_state(referring, PARTLY_PLACED);
    assert_int_equal(waiting(referring), 1);
    /* The broker names the line that was asked for. */
    assert_told(referring_proposed(referring, &SECOND_ID, 1), 1);
    assert_line(referring, 3, MATCHING);
    assert_told(referring_started_on(referring, &SECOND_ID, 1, "5m"), 2);
    assert_line(referring, 3, PLACED);
    assert_state(referring, PLACED);
    assert_int_equal(waiting(referring), 0);
    /* Each ends with its own. */
    assert_told(referring_ended(referring, 1, DW__END_REASON__END_REASON_GOALS_ACHIEVED), 1);
    assert_line(referring, 1, CLOSED);
    assert_line(referring, 3, PLACED);
}

/* Proves: another day, or another part of the day, that was agreed stands for one that was wanted; a day that is too few does not. */
static void what_was_agreed_instead_counts(void **state)
{
    static const struct {
        const char *wanted, *attended, *met, *rest;
    } cases[] = {
        {"1m3m", "2m4a", "1m3m", ""},       {"1m", "1a", "1m", ""},
        {"1m3m", "1m1a", "1m", "3m"},       {"1m3m5m", "2m", "1m", "3m5m"},
        {"1m3m", "2m3a", "1m3m", ""},       {"1m1a2m", "1m2e3m", "1m2m", "1a"},
        {"1m3m", "1m2m3m4m", "1m3m", ""},   {"1m3m", "", "1m3m", ""},
        {"1m1a3m3a", "5m", "1m", "1a3m3a"}, {"6e7e", "7e", "7e", "6e"},
        {"1m1a2m", "1e", "1m", "1a2m"},     {"1m3m", "2m2a", "1m", "3m"},
    };
    (void)state;
    for (size_t at = 0; at < sizeof cases / sizeof cases[0]; at++) {
        void *fresh;
        (void)referring_set_up(&fresh);
        struct referring *referring = fresh;
        want(referring, cases[at].wanted);
        (void)referring_started_on(referring, &PLACEMENT_ID, 1, cases[at].attended);
        assert_line(referring, 1, PLACED);
        assert_true(referring_wants(referring, 1, cases[at].met));
        assert_int_equal(referring_the(referring)->n_lines, cases[at].rest[0] == '\0' ? 2 : 3);
        if (cases[at].rest[0] != '\0')
            assert_true(referring_wants(referring, 3, cases[at].rest));
        (void)referring_tear_down(&fresh);
    }
}

/* Proves: what is left goes on as the line did when another placement was proposed for it: that placement has the rest. */
static void the_rest_stays_with_whom_it_was_proposed_to(void **state)
{
    struct referring *referring = *state;
    want(referring, "1m3m");
    assert_told(referring_proposed(referring, &PLACEMENT_ID, 1), 1);
    assert_told(referring_proposed(referring, &SECOND_ID, 1), 1);
    assert_told(referring_started_on(referring, &SECOND_ID, 1, "3m"), 2);
    assert_true(referring_wants(referring, 1, "3m"));
    assert_line(referring, 3, MATCHING);
    assert_waits_for(referring, 3, PLACE_ASKED_FOR);
    assert_told(referring_declined(referring, 1, DW__DECLINE_REASON__DECLINE_REASON_NEED_NOT_MET),
                1);
    assert_line(referring, 3, ACCEPTED);
    assert_waits_for(referring, 3, NEED_NOT_MET);
    assert_line(referring, 1, PLACED);
}

/* Proves: a change of days meets what was left, a part of it or all, and takes nothing that was met away. */
static void a_change_meets_what_was_left(void **state)
{
    struct referring *referring = *state;
    want(referring, "1m3m5m");
    assert_told(referring_started_on(referring, &PLACEMENT_ID, 1, "1m"), 1);
    assert_true(referring_wants(referring, 3, "3m5m"));
    assert_told(referring_changed_to(referring, &PLACEMENT_ID, 1, "1m2m"), 0);
    assert_told(referring_changed_to(referring, &SECOND_ID, 1, "1m3m5m"), 0);
    assert_told(referring_changed_to(referring, &PLACEMENT_ID, 1, "1m5m"), 1);
    assert_line(referring, 3, PLACED);
    assert_true(referring_wants(referring, 3, "5m"));
    assert_true(referring_wants(referring, 4, "3m"));
    assert_line(referring, 4, ACCEPTED);
    assert_told(referring_changed_to(referring, &PLACEMENT_ID, 1, "3m"), 2);
    assert_state(referring, PLACED);
    /* All three end together. */
    const struct pure_outcome told =
        referring_ended(referring, 1, DW__END_REASON__END_REASON_PROVIDER_NOTICE);
    assert_int_equal(told.events_count, 3);
    Dw__ReferralLineWaits *waits = dw__referral_line_waits__unpack(
        NULL, told.decision->events[1].body.len, told.decision->events[1].body.bytes);
    assert_int_equal(waits->after->lines_placed, 1);
    assert_int_equal(waits->after->lines_waiting, 2);
    dw__referral_line_waits__free_unpacked(waits, NULL);
    assert_state(referring, ACCEPTED);
    assert_int_equal(waiting(referring), 3);
}

/* Proves: a day that was agreed ahead and taken back before it was ever had is wanted as before, since it was; what is had of it is met. */
static void a_day_that_was_never_had_is_wanted_still(void **state)
{
    struct referring *referring = *state;
    want(referring, "1m3m5m");
    (void)referring_proposed(referring, &PLACEMENT_ID, 1);
    (void)referring_started_on(referring, &PLACEMENT_ID, 1, "1m");
    const int64_t since_ms = referring_the(referring)->lines[2]->waits_since_ms;
    assert_int_equal(waiting(referring), 1);
    assert_told(referring_changed_to(referring, &PLACEMENT_ID, 1, "1m3m5m"), 2);
    assert_int_equal(waiting(referring), 0);
    assert_told(referring_changed_from(referring, &PLACEMENT_ID, 1, "1m3m5m", "1m3m5m2a"), 0);
    assert_told(referring_changed_from(referring, &PLACEMENT_ID, 1, "1m3m5m", "1m5m"), 2);
    assert_line(referring, 1, PLACED); /* Monday was had all the time */
    assert_line(referring, 3, PLACED);
    assert_line(referring, 4, ACCEPTED);
    assert_int_equal(waiting(referring), 1);
    assert_int_equal(referring_the(referring)->lines[3]->line->sessions[0]->weekday, 3);
    assert_int_equal(referring_the(referring)->lines[3]->waits_since_ms, since_ms);
    assert_int_equal(referring_the(referring)->state,
                     DW__REFERRAL_STATE__REFERRAL_STATE_PARTLY_PLACED);
}

/* Proves: a notice begins a wait for what was had, and what was agreed ahead waits since it was asked for. */
static void a_notice_lets_what_was_never_had_wait_since_it_was_asked_for(void **state)
{
    struct referring *referring = *state;
    want(referring, "1m3m5m");
    (void)referring_started_on(referring, &PLACEMENT_ID, 1, "1m5m");
    const int64_t since_ms = referring_the(referring)->lines[2]->waits_since_ms;
    (void)referring_changed_to(referring, &PLACEMENT_ID, 1, "1m3m5m");
    assert_int_equal(waiting(referring), 0);
    assert_told(referring_ended_before(referring, 1, DW__END_REASON__END_REASON_PROVIDER_NOTICE,
                                       "1m3m5m", "1m5m"),
                2);
    assert_int_equal(waiting(referring), 2);
    assert_int_equal(referring_the(referring)->lines[2]->waits_since_ms, since_ms);
    assert_int_equal(referring_the(referring)->lines[2]->wait->reason,
                     DW__WAITING_REASON__WAITING_REASON_NO_PLACE_ON_DAYS);
    assert_int_equal(referring_the(referring)->lines[0]->wait->reason,
                     DW__WAITING_REASON__WAITING_REASON_SUPPORT_ENDED);
}

/* Proves: what was agreed instead of a wanted day has met it, whatever was agreed ahead and taken back. */
static void what_was_agreed_instead_is_had_still(void **state)
{
    struct referring *referring = *state;
    want(referring, "4m");
    (void)referring_started_on(referring, &PLACEMENT_ID, 1, "3m");
    (void)referring_changed_to(referring, &PLACEMENT_ID, 1, "3m4m");
    assert_told(referring_changed_from(referring, &PLACEMENT_ID, 1, "3m4m", "3m"), 0);
    assert_line(referring, 1, PLACED);
}

/* Proves: a day that another line wants is agreed instead of none, so that no wanted day is lost when a placement starts which was proposed
 * for another one. */
static void no_day_is_agreed_instead_that_is_wanted_beside(void **state)
{
    struct referring *referring = *state;
    want(referring, "1m2m");
    (void)referring_started_on(referring, &PLACEMENT_ID, 1, "1m");
    (void)referring_proposed(referring, &SECOND_ID, 1); /* it is for the Tuesday that waits */
    (void)referring_ended(referring, 1, DW__END_REASON__END_REASON_PROVIDER_NOTICE);
    (void)referring_started_on(referring, &SECOND_ID, 1, "1m");
    assert_line(referring, 1, PLACED);
    assert_line(referring, 3, ACCEPTED);
    assert_true(referring_wants(referring, 3, "2m"));
    assert_waits_for(referring, 3, NO_PLACE_ON_DAYS);
    assert_state(referring, PARTLY_PLACED);
}

/* Proves: what is proposed beside another placement is for the line that is looked for still, before one that has support. */
static void what_is_proposed_beside_is_for_what_waits(void **state)
{
    struct referring *referring = *state;
    want(referring, "1m2m");
    (void)referring_started_on(referring, &PLACEMENT_ID, 1, "1m");
    (void)referring_proposed(referring, &SECOND_ID, 1);
    (void)referring_proposed(referring, &THIRD_ID, 1);
    assert_int_equal(referring_line(referring, 1)->n_others, 0);
    assert_int_equal(referring_line(referring, 3)->n_others, 1);
    (void)referring_lapsed(referring, &SECOND_ID, 1, DW__LAPSE_REASON__LAPSE_REASON_HOLD_EXPIRED);
    assert_line(referring, 3, MATCHING);
}

/* Proves: a day that another line wants is not agreed instead of one that this line wants. */
static void a_day_that_is_wanted_beside_is_not_agreed_instead(void **state)
{
    struct referring *referring = *state;
    want(referring, "1m2m3m");
    (void)referring_started_on(referring, &PLACEMENT_ID, 1, "1m2m");
    (void)referring_ended(referring, 1, DW__END_REASON__END_REASON_PROVIDER_NOTICE);
    (void)referring_started_on(referring, &SECOND_ID, 1, "1m3m");
    assert_line(referring, 1, PLACED);
    assert_line(referring, 3, PLACED);
    assert_line(referring, 4, ACCEPTED);
    assert_true(referring_wants(referring, 4, "2m"));
}

/* Proves: what a placement was proposed for and has nothing of waits again when it starts, also when it goes on for another line. */
static void what_is_not_had_waits_again(void **state)
{
    struct referring *referring = *state;
    want(referring, "1m2m");
    (void)referring_started_on(referring, &PLACEMENT_ID, 1, "1m");
    (void)referring_proposed(referring, &SECOND_ID, 1);
    assert_line(referring, 3, MATCHING);
    (void)referring_moved_level(referring, &SECOND_ID, 1, 1);
    (void)referring_ended(referring, 1, DW__END_REASON__END_REASON_MOVED_LEVEL);
    (void)referring_started_on(referring, &SECOND_ID, 1, "1m");
    assert_line(referring, 1, PLACED);
    assert_line(referring, 3, ACCEPTED);
    assert_int_equal(referring_close(referring, 3).outcome, DECISION_YES);
}

/* Proves: what is left of a line goes on with the other placement that is proposed for it, whichever of the two starts. */
static void the_rest_goes_on_with_the_other(void **state)
{
    struct referring *referring = *state;
    want(referring, "1m3m");
    (void)referring_proposed(referring, &PLACEMENT_ID, 1);
    (void)referring_proposed(referring, &SECOND_ID, 1);
    (void)referring_proposed(referring, &THIRD_ID, 1);
    (void)referring_started_on(referring, &PLACEMENT_ID, 1, "1m");
    assert_line(referring, 1, PLACED);
    assert_line(referring, 3, MATCHING);
    const ProtobufCBinaryData second_id = id_to_data(&SECOND_ID);
    assert_true(id_data_equal(&referring_line(referring, 3)->placement_id, &second_id));
    assert_int_equal(referring_line(referring, 3)->n_others, 1);
    (void)referring_started_on(referring, &THIRD_ID, 1, "3m");
    assert_line(referring, 3, PLACED);
    assert_int_equal(referring_line(referring, 3)->n_others, 0);
}

/* Proves: one placement takes all that was left which it has, and its end closes all of it. */
static void one_start_takes_several_rests(void **state)
{
    struct referring *referring = *state;
    want(referring, "1m3m5m");
    (void)referring_started_on(referring, &PLACEMENT_ID, 1, "1m");
    (void)referring_proposed(referring, &SECOND_ID, 3);
    (void)referring_started_on(referring, &SECOND_ID, 3, "3m");
    assert_true(referring_wants(referring, 4, "5m"));
    (void)referring_lapsed(referring, &SECOND_ID, 3, DW__LAPSE_REASON__LAPSE_REASON_HOLD_EXPIRED);
    assert_line(referring, 3, PLACED);
    assert_told(referring_ended(referring, 1, DW__END_REASON__END_REASON_PROVIDER_NOTICE), 1);
    assert_told(referring_started_on(referring, &THIRD_ID, 1, "1m5m"), 3);
    assert_line(referring, 1, PLACED);
    assert_line(referring, 4, PLACED);
    assert_state(referring, PLACED);
    assert_told(referring_moved_level(referring, &THIRD_ID, 1, 1), 0);
    assert_told(referring_ended(referring, 1, DW__END_REASON__END_REASON_GOALS_ACHIEVED), 0);
}

/* Proves: nothing wanted is lost on the way to the most lines a referral has: 21 parts of a week, each met by another placement, are 21
 * lines, and each of them is met. */
static void every_part_of_a_week_is_met_apart(void **state)
{
    struct referring *referring = *state;
    want(referring, EVERY_PART);
    for (uint32_t at = 0; at < 21; at++)
        start_on_part(referring, 1, at);
    assert_int_equal(referring_the(referring)->n_lines, 22);
    assert_true(referring_wants(referring, 18, "6a"));
    assert_state(referring, PLACED);
}

/* Proves: where a referral has as many lines as it can, a placement that has a part of a line leaves it waiting whole, with nothing
 * proposed; one that has all of it places it. */
static void a_full_referral_loses_nothing_wanted(void **state)
{
    struct referring *referring = *state;
    want(referring, EVERY_PART);
    uint32_t last = 1;
    while (referring_the(referring)->n_lines < 64) {
        for (uint32_t at = 0; at < 20 && referring_the(referring)->n_lines < 64; at++) {
            start_on_part(referring, last, at);
            last = (uint32_t)referring_the(referring)->n_lines;
        }
        for (uint32_t line = 1; line < last; line++)
            (void)referring_close(referring, line); /* what it has it wants no more */
        assert_told(want_again(referring, last, EVERY_PART), 1);
    }
    assert_told(referring_proposed(referring, &SECOND_ID, 64), 1);
    assert_told(referring_started_on(referring, &SECOND_ID, 64, "1m"), 1);
    assert_int_equal(referring_the(referring)->n_lines, 64);
    assert_line(referring, 64, ACCEPTED);
    assert_true(referring_wants(referring, 64, EVERY_PART));
    assert_int_equal(referring_line(referring, 64)->placement_id.len, 0);
    assert_waits_for(referring, 64, NO_PLACE_ON_DAYS);
    assert_state(referring, ACCEPTED);
    assert_told(referring_started_on(referring, &THIRD_ID, 64, "1a2m"), 0);
    assert_told(referring_started_on(referring, &THIRD_ID, 64, EVERY_PART), 2);
    assert_line(referring, 64, PLACED);
    assert_state(referring, PLACED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, referring_set_up, referring_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_rest_of_a_line_stays_on_the_waiting_list),
        cmocka_unit_test(what_was_agreed_instead_counts),
        TEST(the_rest_stays_with_whom_it_was_proposed_to),
        TEST(a_change_meets_what_was_left),
        TEST(a_day_that_was_never_had_is_wanted_still),
        TEST(a_notice_lets_what_was_never_had_wait_since_it_was_asked_for),
        TEST(what_was_agreed_instead_is_had_still),
        TEST(no_day_is_agreed_instead_that_is_wanted_beside),
        TEST(a_day_that_is_wanted_beside_is_not_agreed_instead),
        TEST(what_is_proposed_beside_is_for_what_waits),
        TEST(what_is_not_had_waits_again),
        TEST(the_rest_goes_on_with_the_other),
        TEST(one_start_takes_several_rests),
        TEST(every_part_of_a_week_is_met_apart),
        TEST(a_full_referral_loses_nothing_wanted),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
