/* Tests of services/placements: the clock of a level with a time limit, moves between levels, trials and reviews. */
#include "tests/support/placing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "attendance.pb-c.h"
#include "common/calendar.h"
#include "common/entities_store.h"

static const struct id CONTRACT_ID = {{21}};
static uint32_t warning_weeks[2] = {8, 10};

/* Level 2 is for twelve weeks, warned at eight and ten, and extended by at most four. */
static int set_up(void **ret_placing)
{
    const int result = placing_set_up(ret_placing);
    struct placing *placing = *ret_placing;
    placing->level.limit_weeks = 12;
    placing->level.n_warning_weeks = 2;
    placing->level.warning_weeks = warning_weeks;
    placing->level.extension_weeks_max = 4;
    placing->rules.first_review_days = 42;
    placing->rules.placement_review_days = 365;
    return result;
}

static const Dw__EnablementClock *clock_now(struct placing *placing)
{
    return placing_now(placing)->clock;
}

static void start(struct placing *placing, int32_t date)
{
    placing_bring_to(placing, PLACEMENT_ACCEPTED);
    assert_told(placing_start(placing, date), &dw__placement_started__descriptor,
                &dw__enablement_clock_set__descriptor, &dw__review_scheduled__descriptor, NULL);
}

static struct pure_outcome extend(struct placing *placing, const char *name, uint32_t weeks)
{
    Dw__ExtendEnablement command = DW__EXTEND_ENABLEMENT__INIT;
    command.placement_id = id_to_data(&PLACEMENT_ID);
    command.weeks = weeks;
    return placing_tell(placing, name, DW__ROLE__ROLE_APPROVER, &command.base);
}

/* Proves: warnings come at eight and ten weeks, the limit at twelve, each once, and nobody is sent home by a clock. */
static void a_clock_warns_at_eight_and_ten_and_ends_nothing(void **state)
{
    struct placing *placing = *state;
    start(placing, FROM);
    placing->rules.first_review_days = 0;
    const Dw__Placement *now = placing_now(placing);
    assert_int_equal(now->review_due->days, FROM + 42);
    assert_int_equal(placing_wait_until(placing, FROM + 43), 1); /* the review */
    assert_true(placing_now(placing)->review_overdue);
    assert_int_equal(placing_wait_until(placing, FROM + 55), 0);
    assert_int_equal(placing_wait_until(placing, FROM + 56), 1);
    assert_int_equal(clock_now(placing)->warned_count, 1);
    assert_int_equal(placing_wait_until(placing, FROM + 69), 0);
    assert_int_equal(placing_wait_until(placing, FROM + 70), 1);
    assert_int_equal(clock_now(placing)->warned_count, 2);
    assert_int_equal(placing_wait_until(placing, FROM + 83), 0);
    assert_int_equal(placing_wait_until(placing, FROM + 84), 1);
    assert_true(clock_now(placing)->over);
    assert_int_equal(placing_wait_until(placing, FROM + 400), 0);
    assert_state(placing, ACTIVE);
}

/* Proves: what happens on the last day of a clock, or on a review's day, finds neither over. */
static void a_last_day_is_a_day_still(void **state)
{
    struct placing *placing = *state;
    placing->rules.first_review_days = 56;
    start(placing, FROM);
    assert_int_equal(placing_wait_until(placing, FROM + 56), 1); /* the first warning */
    assert_false(placing_now(placing)->review_overdue);
    assert_int_equal(placing_wait_until(placing, FROM + 57), 1);
    assert_true(placing_now(placing)->review_overdue);
}

static void a_review_on_a_clocks_last_day_leaves_it_running(void **state)
{
    struct placing *placing = *state;
    placing->rules.first_review_days = 82;
    start(placing, FROM);
    (void)placing_wait_until(placing, FROM + 83);
    assert_true(placing_now(placing)->review_overdue);
    assert_false(clock_now(placing)->over);
    (void)placing_wait_until(placing, FROM + 84);
    assert_true(clock_now(placing)->over);
}

/* Proves: who slept through both warnings gives them at once, with the limit. */
static void what_was_missed_is_made_up_for(void **state)
{
    struct placing *placing = *state;
    start(placing, FROM);
    assert_int_equal(placing_wait_until(placing, FROM + 90), 1);
    assert_int_equal(clock_now(placing)->warned_count, 2);
    assert_true(clock_now(placing)->over);
    assert_true(placing_now(placing)->review_overdue);
}

/* Proves: an extension is for somebody else to give, up to what the model allows, and sets the clock going again. */
static void an_extension_is_given_by_somebody_else_up_to_the_most(void **state)
{
    struct placing *placing = *state;
    start(placing, FROM);
    (void)placing_wait_until(placing, FROM + 90);
    assert_refused(extend(placing, "pure", 2), SAME_PERSON);
    assert_refused(extend(placing, "ann", 5), NO_EXTENSION);
    assert_refused(extend(placing, "ann", UINT32_MAX), NO_EXTENSION);
    assert_refused(extend(placing, "ann", INT32_MAX / 7), NO_EXTENSION);
    assert_invalid(extend(placing, "ann", 0), "weeks");
    assert_said(extend(placing, "ann", 3), &dw__enablement_extended__descriptor, 0);
    assert_false(clock_now(placing)->over);
    assert_refused(extend(placing, "ann", 2), NO_EXTENSION);
    assert_int_equal(clock_now(placing)->warned_count, 0); /* TODAY is before the eleventh week */
    assert_int_equal(placing_wait_until(placing, FROM + 11 * 7 - 1), 0);
    assert_int_equal(placing_wait_until(placing, FROM + 11 * 7), 1);
    assert_int_equal(placing_wait_until(placing, FROM + 13 * 7), 1);
    assert_int_equal(clock_now(placing)->warned_count, 2);
    assert_int_equal(placing_wait_until(placing, FROM + 15 * 7 - 1), 0);
    assert_int_equal(placing_wait_until(placing, FROM + 15 * 7), 1);
    assert_true(clock_now(placing)->over);
}

static struct pure_outcome attend_at(struct placing *placing, const struct id *placement_id,
                                     int32_t date, uint8_t status)
{
    uint8_t bytes[9] = {0};
    const int32_t month = calendar_month(date);
    bytes[0] = (uint8_t)(date - calendar_month_first(month) + 1);
    bytes[2] = status;
    Dw__PlacementMarks marks = DW__PLACEMENT_MARKS__INIT;
    Dw__PlacementMarks *months[] = {&marks};
    marks.placement_id = id_to_data(placement_id);
    marks.month = (uint32_t)month;
    marks.marks = (ProtobufCBinaryData){sizeof bytes, bytes};
    Dw__FeedPartTaken taken = DW__FEED_PART_TAKEN__INIT;
    taken.months = months;
    taken.n_months = 1;
    return placing_hear(placing, "attendance", &taken.base);
}

static struct pure_outcome attend(struct placing *placing, int32_t date, uint8_t status)
{
    return attend_at(placing, &PLACEMENT_ID, date, status);
}

/* Proves: the clock runs from the first sitting attended, and not from the start, nor from a day of absence. */
static void the_clock_runs_from_the_first_attended_sitting(void **state)
{
    struct placing *placing = *state;
    start(placing, FROM);
    assert_nothing_said(
        attend(placing, FROM + 7, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL));
    assert_told(attend(placing, FROM + 14, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED),
                &dw__enablement_clock_set__descriptor, NULL);
    assert_int_equal(clock_now(placing)->from->days, FROM + 14);
    (void)attend(placing, FROM + 21, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    assert_int_equal(clock_now(placing)->from->days, FROM + 14);
    assert_told(attend(placing, FROM + 3, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED_LATE),
                &dw__enablement_clock_set__descriptor, NULL); /* a register that came late */
    assert_int_equal(clock_now(placing)->from->days, FROM + 3);
}

/* Proves: a register that is corrected sets the clock forward to the next sitting that was attended, else back to the start. */
static void a_corrected_register_moves_the_clock(void **state)
{
    struct placing *placing = *state;
    const uint8_t came = DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED;
    const uint8_t ill = DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL;
    start(placing, FROM);
    (void)attend(placing, FROM + 7, came);
    (void)attend(placing, FROM + 28, came);
    (void)attend(placing, FROM + 14, came);
    assert_nothing_said(attend(placing, FROM + 35, came));
    assert_int_equal(clock_now(placing)->from->days, FROM + 7);
    assert_told(attend(placing, FROM + 7, ill), &dw__enablement_clock_set__descriptor, NULL);
    assert_int_equal(clock_now(placing)->from->days, FROM + 14);
    pure_reload(placing->pure);
    assert_nothing_said(attend(placing, FROM + 8, ill));
    (void)attend(placing, FROM + 14, ill);
    assert_int_equal(clock_now(placing)->from->days, FROM);
    assert_false(clock_now(placing)->attended);
    (void)attend(placing, FROM + 21, came);
    assert_int_equal(clock_now(placing)->from->days, FROM + 21);
}

/* Proves: a warning by the planned start comes again by the first attended sitting, when that was later. */
static void a_later_first_sitting_warns_again(void **state)
{
    struct placing *placing = *state;
    start(placing, FROM);
    (void)placing_wait_until(placing, FROM + 56);
    assert_int_equal(clock_now(placing)->warned_count, 1);
    (void)attend(placing, FROM + 14, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    assert_int_equal(clock_now(placing)->warned_count, 0);
    assert_int_equal(placing_wait_until(placing, FROM + 69), 0);
    assert_int_equal(placing_wait_until(placing, FROM + 70), 1);
    assert_int_equal(clock_now(placing)->warned_count, 1);
}

/* --- moves -------------------------------------------------------------------------------------------------------- */

static Dw__ContractTerms block;
static Dw__ContractTerms *block_list[1] = {&block};

static void agree_block_contract(struct placing *placing)
{
    placing_agree(placing, &CONTRACT_ID, &PROVIDER_ID, DW__CONTRACT_KIND__CONTRACT_KIND_BLOCK, 0);
    dw__contract_terms__init(&block);
    block.kind = DW__CONTRACT_KIND__CONTRACT_KIND_BLOCK;
    block.fixed_value = true;
    placing->model.contract_terms = block_list;
    placing->model.n_contract_terms = 1;
}

/* The same person accepted elsewhere, at two sessions of their own. */
static void accept_at(struct placing *placing, const struct id *placement_id,
                      const struct id *hold_id, const struct id *session_id)
{
    placing->session_ids[0] = id_to_data(session_id);
    placing->session_ids[1] = id_to_data(hold_id);
    placing->terms.provider_id = id_to_data(&OTHER_ID);
    (void)placing_propose_as(placing, placement_id, hold_id);
    (void)placing_hold_answered(placing, hold_id, ANSWER_ACCEPTED, 0);
    Dw__AcceptOffer accept = DW__ACCEPT_OFFER__INIT;
    accept.placement_id = id_to_data(placement_id);
    (void)placing_tell(placing, "op", DW__ROLE__ROLE_OPERATOR, &accept.base);
    pure_principal_provider(placing->pure, NULL);
    (void)placing_confirm_answered(placing, hold_id, ANSWER_ACCEPTED, 0);
}

static void accept_another(struct placing *placing)
{
    accept_at(placing, &OTHER_ID, &UNUSED_ID, &OTHER_ID);
}

static struct pure_outcome move_to(struct placing *placing, const struct id *placement_id,
                                   int32_t day, Dw__MoveReason reason)
{
    Dw__Date date = DW__DATE__INIT;
    date.days = day;
    Dw__MoveLevel move = DW__MOVE_LEVEL__INIT;
    move.placement_id = id_to_data(&PLACEMENT_ID);
    move.to_placement_id = id_to_data(placement_id);
    move.reason = reason;
    move.date = &date;
    return placing_tell(placing, "ann", BROKER, &move.base);
}

static struct pure_outcome move_because(struct placing *placing, int32_t day, Dw__MoveReason reason)
{
    return move_to(placing, &OTHER_ID, day, reason);
}

static struct pure_outcome move_to_other(struct placing *placing, int32_t day)
{
    return move_because(placing, day, DW__MOVE_REASON__MOVE_REASON_GOALS_ACHIEVED);
}

static const Dw__BudgetsFound *budgets_of(struct placing *placing, uint32_t year)
{
    Dw__Budgets budgets = DW__BUDGETS__INIT;
    budgets.year = year;
    return pure_query(placing->pure, &budgets.base, DW__ROLE__ROLE_COMMISSIONER, NOW_MS, TODAY,
                      NULL);
}

/* Proves: a move ends one support on the day before the other starts, and out of a block contract money moves and no cost is
 * released. */
static void a_move_ends_the_one_and_starts_the_other(void **state)
{
    struct placing *placing = *state;
    agree_block_contract(placing);
    start(placing, FROM);
    pure_principal_provider(placing->pure, NULL);
    accept_another(placing);
    assert_refused(move_to_other(placing, FROM), DATE_OUTSIDE);
    assert_refused(move_to_other(placing, TODAY + 1), DATE_OUTSIDE);
    assert_told(move_to_other(placing, TODAY), &dw__level_moved__descriptor,
                &dw__placement_ended__descriptor, &dw__placement_started__descriptor,
                &dw__enablement_clock_set__descriptor, &dw__review_scheduled__descriptor, NULL);
    assert_state(placing, ENDED);
    assert_int_equal(placing_now(placing)->last->days, TODAY - 1);
    const Dw__Placement *other =
        entities_get(pure_entities(placing->pure), PLACEMENTS_KIND_PLACEMENT, &OTHER_ID, 0);
    assert_int_equal(other->state, PLACEMENT_ACTIVE);
    assert_int_equal(other->clock->from->days, FROM); /* within the level it goes on */
    assert_nothing_said(
        attend_at(placing, &OTHER_ID, TODAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED));
    other = entities_get(pure_entities(placing->pure), PLACEMENTS_KIND_PLACEMENT, &OTHER_ID, 0);
    assert_int_equal(other->clock->from->days, FROM); /* whenever they first come there */
    assert_memory_equal(placing_now(placing)->moved_on->to_placement_id.data, OTHER_ID.bytes, 16);
    assert_nothing_said(move_to_other(placing, TODAY));
    assert_refused(move_because(placing, TODAY, DW__MOVE_REASON__MOVE_REASON_TIME_LIMIT),
                   WRONG_STATE);
    /* Where to is the council's to know. */
    Dw__GetPlacement get = DW__GET_PLACEMENT__INIT;
    get.placement_id = id_to_data(&PLACEMENT_ID);
    pure_principal_provider(placing->pure, &PROVIDER_ID);
    const Dw__Placement *seen =
        pure_query(placing->pure, &get.base, PROVIDER_MANAGER, NOW_MS, TODAY, NULL);
    assert_null(seen->moved_on);
    pure_principal_provider(placing->pure, NULL);
    const Dw__BudgetsFound *found = budgets_of(placing, 2026);
    assert_in_range(found->money_moved_pence, 52 * 9000, 53 * 9000);
    assert_int_equal(found->cost_released_pence, 0);
}

/* Proves: out of any other contract the cost goes with the person. */
static void a_move_out_of_a_spot_price_releases_its_cost(void **state)
{
    struct placing *placing = *state;
    start(placing, FROM);
    pure_principal_provider(placing->pure, NULL);
    accept_another(placing);
    (void)move_to_other(placing, TODAY);
    const Dw__BudgetsFound *found = budgets_of(placing, 2026);
    assert_int_equal(found->cost_released_pence, found->money_moved_pence);
    assert_true(found->money_moved_pence > 0);
}

/* Proves: out of a place whose agreed end has come people move to one at the same hours, once, within four weeks. */
static void a_move_out_of_what_has_ended_counts(void **state)
{
    struct placing *placing = *state;
    start(placing, FROM);
    pure_principal_provider(placing->pure, NULL);
    (void)placing_end(placing, TODAY - 31);
    assert_state(placing, ENDED);
    accept_another(placing);
    assert_refused(move_to_other(placing, TODAY - 31), DATE_OUTSIDE);
    assert_refused(move_to_other(placing, TODAY - 1), DATE_OUTSIDE);
    assert_told(move_to_other(placing, TODAY - 2), &dw__level_moved__descriptor,
                &dw__placement_started__descriptor, &dw__enablement_clock_set__descriptor,
                &dw__review_scheduled__descriptor, NULL);
    assert_state(placing, ENDED);
    assert_int_equal(placing_now(placing)->last->days, TODAY - 31);
    assert_in_range(budgets_of(placing, 2026)->money_moved_pence, 52 * 9000, 53 * 9000);
    assert_nothing_said(move_to_other(placing, TODAY - 2));
    assert_refused(move_because(placing, TODAY - 2, DW__MOVE_REASON__MOVE_REASON_TIME_LIMIT),
                   WRONG_STATE);
    static const struct id third_id = {{41}}, third_hold_id = {{42}}, third_session_id = {{43}};
    accept_at(placing, &third_id, &third_hold_id, &third_session_id);
    assert_refused(
        move_to(placing, &third_id, TODAY - 2, DW__MOVE_REASON__MOVE_REASON_GOALS_ACHIEVED),
        WRONG_STATE);
}

static const Dw__EnablementClock *other_clock(struct placing *placing)
{
    const Dw__Placement *other =
        entities_get(pure_entities(placing->pure), PLACEMENTS_KIND_PLACEMENT, &OTHER_ID, 0);
    return other->clock;
}

static struct pure_outcome start_at(struct placing *placing, const struct id *placement_id,
                                    int32_t day)
{
    Dw__Date date = DW__DATE__INIT;
    date.days = day;
    Dw__StartPlacement begin = DW__START_PLACEMENT__INIT;
    begin.placement_id = id_to_data(placement_id);
    begin.date = &date;
    return placing_tell(placing, "ann", BROKER, &begin.base);
}

/* Support in OTHER_ID starts today; when its clock began. */
static int32_t start_another(struct placing *placing)
{
    accept_another(placing);
    (void)start_at(placing, &OTHER_ID, TODAY);
    return other_clock(placing)->from->days;
}

/* Proves: nobody has more time of a level by ending and starting again; only after a break of more than four weeks does it begin anew. */
static void who_starts_again_has_no_more_time(void **state)
{
    struct placing *placing = *state;
    start(placing, FROM);
    pure_principal_provider(placing->pure, NULL);
    (void)placing_end(placing, TODAY - 29);
    assert_int_equal(start_another(placing), FROM);
}

static void a_second_place_has_no_more_time(void **state)
{
    struct placing *placing = *state;
    start(placing, FROM);
    pure_principal_provider(placing->pure, NULL);
    assert_int_equal(start_another(placing), FROM);
    assert_told(extend(placing, "ben", 4), &dw__enablement_extended__descriptor,
                &dw__enablement_extended__descriptor, NULL);
    assert_int_equal(other_clock(placing)->extended_weeks, 4);
    assert_int_equal(clock_now(placing)->extended_weeks, 4);
}

/* Proves: an extension is of the whole episode, so that the next place has it whichever of those before has ended. */
static void an_extension_outlasts_a_place(void **state)
{
    static const struct id third_id = {{41}}, third_hold_id = {{42}}, third_session_id = {{43}};
    struct placing *placing = *state;
    start(placing, FROM);
    pure_principal_provider(placing->pure, NULL);
    accept_another(placing);
    (void)start_at(placing, &OTHER_ID, TODAY - 20);
    Dw__Date last = DW__DATE__INIT;
    Dw__EndPlacement end = DW__END_PLACEMENT__INIT;
    last.days = TODAY - 10;
    end.placement_id = id_to_data(&OTHER_ID);
    end.last = &last;
    end.reason = DW__END_REASON__END_REASON_PERSONS_CHOICE;
    (void)placing_tell(placing, "ann", BROKER, &end.base);
    assert_told(extend(placing, "ben", 4), &dw__enablement_extended__descriptor,
                &dw__enablement_clock_set__descriptor, NULL);
    assert_int_equal(other_clock(placing)->extended_weeks, 4);
    pure_reload(placing->pure);
    accept_at(placing, &third_id, &third_hold_id, &third_session_id);
    (void)start_at(placing, &third_id, TODAY - 1);
    const Dw__Placement *third =
        entities_get(pure_entities(placing->pure), PLACEMENTS_KIND_PLACEMENT, &third_id, 0);
    assert_int_equal(third->clock->extended_weeks, 4);
    assert_int_equal(third->clock->from->days, FROM);
    assert_refused(extend(placing, "ben", 1), NO_EXTENSION);
}

/* Proves: a place that began first and is told of second sets the clocks of those that began later, and knows what they know. */
static void what_began_first_sets_the_clock(void **state)
{
    struct placing *placing = *state;
    start(placing, FROM + 28);
    pure_principal_provider(placing->pure, NULL);
    (void)extend(placing, "ben", 2);
    accept_another(placing);
    assert_told(start_at(placing, &OTHER_ID, FROM), &dw__placement_started__descriptor,
                &dw__enablement_clock_set__descriptor, &dw__enablement_clock_set__descriptor,
                &dw__review_scheduled__descriptor, NULL);
    assert_int_equal(clock_now(placing)->from->days, FROM);
    assert_int_equal(other_clock(placing)->from->days, FROM);
    assert_int_equal(other_clock(placing)->extended_weeks, 2);
}

/* Proves: the first sitting that is known is the clock's, wherever it was, until one is known that was before it. */
static void who_came_first_elsewhere_sets_the_clock(void **state)
{
    struct placing *placing = *state;
    start(placing, FROM + 28);
    pure_principal_provider(placing->pure, NULL);
    (void)attend(placing, FROM + 35, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    accept_another(placing);
    (void)start_at(placing, &OTHER_ID, FROM);
    assert_int_equal(clock_now(placing)->from->days, FROM + 35);
    assert_int_equal(other_clock(placing)->from->days, FROM + 35);
    (void)attend(placing, FROM + 30, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    assert_int_equal(clock_now(placing)->from->days, FROM + 30);
    assert_int_equal(other_clock(placing)->from->days, FROM + 30);
}

/* Proves: a register that comes late sets all clocks of a level back, whichever place it is of, and whether that has ended. */
static void a_late_register_is_for_all_places(void **state)
{
    struct placing *placing = *state;
    start(placing, FROM);
    pure_principal_provider(placing->pure, NULL);
    (void)attend(placing, FROM + 14, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    assert_int_equal(start_another(placing), FROM + 14);
    (void)attend(placing, FROM + 10, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    assert_int_equal(clock_now(placing)->from->days, FROM + 10);
    assert_int_equal(other_clock(placing)->from->days, FROM + 10);
    (void)placing_end(placing, TODAY);
    (void)placing_wait_until(placing, TODAY + 1);
    assert_state(placing, ENDED);
    (void)attend(placing, FROM + 3, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    assert_int_equal(clock_now(placing)->from->days, FROM + 3);
    assert_int_equal(other_clock(placing)->from->days, FROM + 3);
}

/* Proves: the first register of the first place, however late it comes, is for a place that began long after it, too. */
static void a_first_register_is_for_a_later_place(void **state)
{
    struct placing *placing = *state;
    start(placing, FROM);
    pure_principal_provider(placing->pure, NULL);
    assert_int_equal(start_another(placing), FROM);
    (void)attend_at(placing, &OTHER_ID, TODAY, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    assert_int_equal(other_clock(placing)->from->days, FROM);
    (void)attend(placing, FROM + 10, DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    assert_int_equal(clock_now(placing)->from->days, FROM + 10);
    assert_int_equal(other_clock(placing)->from->days, FROM + 10);
}

/* Proves: an end that is told late, and lies too long before the next place to be of one episode, gives that its own time. */
static void an_end_told_late_parts_the_clocks(void **state)
{
    struct placing *placing = *state;
    start(placing, FROM);
    pure_principal_provider(placing->pure, NULL);
    assert_int_equal(start_another(placing), FROM);
    (void)placing_end(placing, TODAY - 30);
    assert_int_equal(other_clock(placing)->from->days, TODAY);
    assert_int_equal(other_clock(placing)->warned_count, 0);
}

static void who_starts_again_later_begins_anew(void **state)
{
    struct placing *placing = *state;
    start(placing, FROM);
    pure_principal_provider(placing->pure, NULL);
    (void)placing_end(placing, TODAY - 30);
    assert_int_equal(start_another(placing), TODAY);
}

/* Proves: of what is to end soon a year's money moves all the same. */
static void a_year_moves_out_of_what_is_to_end(void **state)
{
    struct placing *placing = *state;
    agree_block_contract(placing);
    placing->to.days = TODAY + 30;
    placing->terms.to = &placing->to;
    start(placing, FROM);
    pure_principal_provider(placing->pure, NULL);
    accept_another(placing);
    (void)move_to_other(placing, TODAY);
    assert_in_range(budgets_of(placing, 2026)->money_moved_pence, 52 * 9000, 53 * 9000);
}

/* --- trials and reviews ------------------------------------------------------------------------------------------- */

/* Proves: a trial is passed, and until then it can end like any other support. */
static void a_trial_is_passed(void **state)
{
    struct placing *placing = *state;
    placing->level.limit_weeks = 0;
    placing_bring_to(placing, PLACEMENT_ACCEPTED);
    Dw__Date date = DW__DATE__INIT;
    Dw__Date until = DW__DATE__INIT;
    date.days = FROM + 1;
    until.days = FROM;
    Dw__StartPlacement begin = DW__START_PLACEMENT__INIT;
    begin.placement_id = id_to_data(&PLACEMENT_ID);
    begin.date = &date;
    begin.trial_until = &until;
    assert_refused(placing_tell(placing, "ann", BROKER, &begin.base), DATE_OUTSIDE);
    until.days = FROM + 28;
    assert_told(placing_tell(placing, "ann", BROKER, &begin.base),
                &dw__placement_started__descriptor, &dw__review_scheduled__descriptor,
                &dw__trial_started__descriptor, NULL);
    assert_state(placing, TRIAL);
    Dw__PassTrial pass = DW__PASS_TRIAL__INIT;
    pass.placement_id = id_to_data(&PLACEMENT_ID);
    assert_said(placing_tell(placing, "ann", BROKER, &pass.base), &dw__trial_passed__descriptor, 0);
    assert_state(placing, ACTIVE);
    assert_nothing_said(placing_tell(placing, "ann", BROKER, &pass.base));
}

/* Proves: a review sets the date of the next one, the provider's own does not, and words go to the vault. */
static void a_review_sets_the_next_one(void **state)
{
    struct placing *placing = *state;
    start(placing, FROM);
    Dw__Date date = DW__DATE__INIT;
    date.days = FROM + 40;
    Dw__RecordReview review = DW__RECORD_REVIEW__INIT;
    review.placement_id = id_to_data(&PLACEMENT_ID);
    review.kind = DW__REVIEW_KIND__REVIEW_KIND_PROVIDER;
    review.outcome = DW__REVIEW_OUTCOME__REVIEW_OUTCOME_NO_CHANGE;
    review.date = &date;
    review.notes = "goes well";
    const struct pure_outcome own = placing_tell(placing, "ann", BROKER, &review.base);
    assert_said(own, &dw__review_recorded__descriptor, 0);
    assert_int_equal(own.decision->keeps_count, 1);
    assert_int_equal(placing_now(placing)->review_due->days, FROM + 42);
    review.kind = DW__REVIEW_KIND__REVIEW_KIND_STATUTORY; /* apart, and the council's */
    assert_refused(placing_tell(placing, "ann", PROVIDER_MANAGER, &review.base), NOT_YOURS);
    pure_principal_provider(placing->pure, NULL);
    (void)placing_tell(placing, "ann", BROKER, &review.base);
    assert_int_equal(placing_now(placing)->review_due->days, FROM + 42);
    review.kind =
        DW__REVIEW_KIND__REVIEW_KIND_UNPLANNED; /* on request: the one after the start stays */
    assert_told(placing_tell(placing, "ann", BROKER, &review.base),
                &dw__review_recorded__descriptor, NULL);
    assert_int_equal(placing_now(placing)->review_due->days, FROM + 42);
    review.kind = DW__REVIEW_KIND__REVIEW_KIND_LIGHT_TOUCH;
    assert_told(placing_tell(placing, "ann", BROKER, &review.base),
                &dw__review_recorded__descriptor, &dw__review_scheduled__descriptor, NULL);
    assert_int_equal(placing_now(placing)->review_due->days, FROM + 40 + 365);
    date.days = FROM + 10; /* written down late: the next one stays */
    assert_told(placing_tell(placing, "ann", BROKER, &review.base),
                &dw__review_recorded__descriptor, NULL);
    assert_int_equal(placing_now(placing)->review_due->days, FROM + 40 + 365);
    date.days = TODAY + 1;
    assert_refused(placing_tell(placing, "ann", BROKER, &review.base), DATE_OUTSIDE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, placing_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_clock_warns_at_eight_and_ten_and_ends_nothing),
        TEST(a_last_day_is_a_day_still),
        TEST(a_review_on_a_clocks_last_day_leaves_it_running),
        TEST(what_was_missed_is_made_up_for),
        TEST(a_later_first_sitting_warns_again),
        TEST(an_extension_is_given_by_somebody_else_up_to_the_most),
        TEST(the_clock_runs_from_the_first_attended_sitting),
        TEST(a_late_register_is_for_all_places),
        TEST(a_corrected_register_moves_the_clock),
        TEST(a_first_register_is_for_a_later_place),
        TEST(an_end_told_late_parts_the_clocks),
        TEST(a_move_ends_the_one_and_starts_the_other),
        TEST(a_move_out_of_what_has_ended_counts),
        TEST(who_starts_again_has_no_more_time),
        TEST(a_second_place_has_no_more_time),
        TEST(who_starts_again_later_begins_anew),
        TEST(an_extension_outlasts_a_place),
        TEST(what_began_first_sets_the_clock),
        TEST(who_came_first_elsewhere_sets_the_clock),
        TEST(a_year_moves_out_of_what_is_to_end),
        TEST(a_move_out_of_a_spot_price_releases_its_cost),
        TEST(a_trial_is_passed),
        TEST(a_review_sets_the_next_one),
    };
    return cmocka_run_group_tests_name("placements_level", tests, NULL, NULL);
}
