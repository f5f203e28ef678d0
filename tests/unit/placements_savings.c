/* Tests of services/placements: what a move releases and a change saves, who sees it, and who is asked about a change. */
#include "tests/support/calling.h"
#include "tests/support/changing.h"
#include "tests/support/costing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "common/calendar.h"
#include "referrals.pb-c.h"

/* The place goes on at that price from that day on. */
static void change_price(struct placing *placing, int32_t day, int64_t pence)
{
    Dw__Date from = DW__DATE__INIT;
    Dw__PlacementTerms terms = placing->terms;
    from.days = day;
    terms.from = &from;
    terms.price_pence_per_week = pence;
    assert_int_equal(changing_propose(placing, &terms, NULL).outcome, DECISION_YES);
}

/* Proves: a move out of a place that was to end soon releases what it would have cost until then, and moves what it is worth a year. */
static void check_released(struct placing *placing, bool by_terms)
{
    costing_set_budgets(placing, 1);
    placing->to.days = TODAY + 27;
    placing->terms.to = by_terms ? &placing->to : NULL;
    costing_begin(placing);
    if (!by_terms)
        (void)placing_end(placing, TODAY + 27);
    const int64_t left_pence = costing_costs(placing, TODAY, TODAY + 27)->payable_pence;
    placing->terms.to = NULL;
    placing->session_ids[0] = id_to_data(&OTHER_ID);
    placing->session_ids[1] = id_to_data(&CHANGE_SESSION_ID);
    costing_accept_other(placing, FROM);
    assert_int_equal(costing_move(placing, TODAY).outcome, DECISION_YES);
    const Dw__BudgetsFound *found = costing_budgets(placing);
    assert_in_range(found->money_moved_pence, 51 * 9000, 53 * 9000);
    assert_int_equal(found->cost_released_pence, left_pence);
    assert_in_range(left_pence, 3 * 9000, 5 * 9000);
}

static void what_was_to_end_is_released_until_then(void **state)
{
    check_released(*state, true);
}

static void what_was_agreed_to_end_is_released_until_then(void **state)
{
    check_released(*state, false);
}

/* Proves: a lower price saves what it saves until the end that was agreed, by the terms or by an end ahead, and no longer. */
static void nothing_is_saved_after_the_end(void **state)
{
    struct placing *placing = *state;
    costing_set_budgets(placing, 1);
    costing_begin(placing);
    (void)placing_end(placing, TODAY + 28);
    const int64_t before_pence = costing_costs(placing, FROM, TODAY + 300)->payable_pence;
    placing->terms.to = &placing->to;
    placing->to.days = TODAY + 28;
    change_price(placing, TODAY + 1, 8000);
    const int64_t after_pence = costing_costs(placing, FROM, TODAY + 300)->payable_pence;
    assert_true(before_pence > after_pence);
    assert_int_equal(costing_budgets(placing)->saved_pence, before_pence - after_pence);
    change_price(placing, TODAY + 8, 7000);
    assert_int_equal(costing_budgets(placing)->saved_pence,
                     before_pence - costing_costs(placing, FROM, TODAY + 300)->payable_pence);
}

/* Proves: an end that is told later leaves what was saved until then, and so does one that a death brings forward until that is taken
 * back. */
static void what_was_saved_ends_with_support(void **state)
{
    struct placing *placing = *state;
    costing_set_budgets(placing, 1);
    costing_begin(placing);
    const int64_t before_pence = costing_costs(placing, FROM, TODAY - 12)->payable_pence;
    change_price(placing, TODAY - 40, 8000);
    const int64_t whole_pence = costing_budgets(placing)->saved_pence;
    (void)placing_end(placing, TODAY + 5);
    (void)placing_end(placing, TODAY - 12);
    pure_reload(placing->pure);
    const int64_t saved_pence =
        before_pence - costing_costs(placing, FROM, TODAY - 12)->payable_pence;
    assert_true(saved_pence > 0 && saved_pence < whole_pence);
    assert_int_equal(costing_budgets(placing)->saved_pence, saved_pence);
    (void)changing_die(placing, TODAY - 26);
    assert_int_equal(costing_budgets(placing)->saved_pence, saved_pence - 2 * 1000);
    Dw__DeathTakenBack back = DW__DEATH_TAKEN_BACK__INIT;
    back.person_id = id_to_data(&PERSON_ID);
    (void)placing_hear(placing, "referrals", &back.base);
    assert_int_equal(costing_budgets(placing)->saved_pence, saved_pence);
}

/* Proves: a notice that is paid at the lower price saves as well, and one whose place goes on after all saves as it did. */
static void what_is_paid_after_the_end_saves(void **state)
{
    struct placing *placing = *state;
    costing_set_budgets(placing, 1);
    costing_begin(placing);
    change_price(placing, TODAY - 40, 8000);
    const int64_t whole_pence = costing_budgets(placing)->saved_pence;
    (void)placing_end(placing, TODAY + 14);
    const int64_t saved_pence = costing_budgets(placing)->saved_pence;
    (void)costing_end(placing, TODAY + 7, TODAY + 28);
    assert_int_equal(costing_budgets(placing)->saved_pence, saved_pence + 2 * 1000);
    Dw__Date from = DW__DATE__INIT;
    Dw__PlacementTerms terms = placing->terms;
    from.days = TODAY + 1;
    terms.from = &from;
    terms.price_pence_per_week = 8000;
    changing_make(placing, &terms, &CHANGE_HOLD_ID);
    assert_int_equal(costing_budgets(placing)->saved_pence, whole_pence);
}

/* Proves: who comes back by the terms of before saves nothing by a change that fell away, and the return costs nothing more. */
static void a_fall_back_saves_nothing(void **state)
{
    static const struct id back_hold_id = {{77}};
    struct placing *placing = *state;
    placing->rules.keep_place_days = 7;
    costing_set_budgets(placing, 1);
    costing_begin(placing);
    change_price(placing, TODAY - 40, 8500);
    const int64_t saved_pence = costing_budgets(placing)->saved_pence;
    change_price(placing, TODAY + 60, 8000);
    assert_true(costing_budgets(placing)->saved_pence > saved_pence);
    (void)changing_suspend(placing, TODAY - 10);
    (void)placing_wait_until(placing, TODAY);
    (void)changing_resume(placing, TODAY, &back_hold_id);
    (void)placing_hold_answered(placing, &back_hold_id, ANSWER_ACCEPTED, 0);
    (void)placing_confirm_answered(placing, &back_hold_id, ANSWER_ACCEPTED, 0);
    assert_int_equal(placing_now(placing)->terms->price_pence_per_week, 8500);
    assert_in_range(costing_budgets(placing)->saved_pence, saved_pence - 500, saved_pence);
    assert_int_equal(costing_budgets(placing)->demand_pence, 0);
}

/* Proves: nothing is saved in weeks in which the place was given back, whether the person comes again or not. */
static void nothing_is_saved_while_the_place_is_given_back(void **state)
{
    struct placing *placing = *state;
    static const struct id again_id = {{77}};
    placing->rules.keep_place_days = 7;
    costing_set_budgets(placing, 1);
    costing_begin(placing);
    change_price(placing, TODAY - 40, 8000);
    const int64_t until_pence = costing_budgets(placing)->saved_pence;
    (void)changing_suspend(placing, TODAY - 30);
    (void)placing_wait_until(placing, TODAY);
    const int64_t kept_pence = costing_budgets(placing)->saved_pence;
    assert_in_range(kept_pence, 2 * 1000, 3 * 1000); /* to the 23rd day before today */
    (void)changing_resume(placing, TODAY, &again_id);
    (void)placing_hold_answered(placing, &again_id, ANSWER_ACCEPTED, 0);
    (void)placing_confirm_answered(placing, &again_id, ANSWER_ACCEPTED, 0);
    assert_in_range(costing_budgets(placing)->saved_pence, until_pence - 4 * 1000,
                    until_pence - 3 * 1000);
    (void)placing_end(placing, TODAY);
    assert_in_range(costing_budgets(placing)->saved_pence, kept_pence, kept_pence + 500);
}

/* Proves: what a change saved the council, and why it was made, is not told to the provider. */
static void a_saving_is_the_councils(void **state)
{
    struct placing *placing = *state;
    Dw__GetPlacement get = DW__GET_PLACEMENT__INIT;
    get.placement_id = id_to_data(&PLACEMENT_ID);
    costing_begin(placing);
    change_price(placing, TODAY, 8000);
    pure_principal_provider(placing->pure, &PROVIDER_ID);
    const Dw__Placement *seen =
        pure_query(placing->pure, &get.base, PROVIDER_MANAGER, NOW_MS, TODAY, NULL);
    assert_int_equal(seen->n_former, 1);
    assert_null(seen->former[0]->saving);
    assert_int_equal(seen->former[0]->terms->price_pence_per_week, 9000);
    pure_principal_provider(placing->pure, NULL);
    seen = pure_query(placing->pure, &get.base, BROKER, NOW_MS, TODAY, NULL);
    assert_non_null(seen->former[0]->saving);
}

static const Dw__PlacementList *list_of(struct placing *placing, int role)
{
    Dw__ListPlacements list = DW__LIST_PLACEMENTS__INIT;
    list.person_id = id_to_data(&PERSON_ID);
    return pure_query(placing->pure, &list.base, role, NOW_MS, TODAY, NULL);
}

/* Proves: a change that somebody has to approve, and that nobody did, is not told to the provider; the council sees both. */
static void a_change_that_waits_is_the_councils(void **state)
{
    struct placing *placing = *state;
    static Dw__ApprovalBand band;
    static Dw__ApprovalBand *bands[] = {&band};
    Dw__RefuseChange refuse = DW__REFUSE_CHANGE__INIT;
    dw__approval_band__init(&band);
    band.role = DW__ROLE__ROLE_COMMISSIONER;
    costing_begin(placing);
    placing->rules.approval_bands = bands;
    placing->rules.n_approval_bands = 1;
    change_price(placing, TODAY, 12000);
    pure_principal_provider(placing->pure, NULL);
    const Dw__PlacementList *seen = list_of(placing, BROKER);
    assert_non_null(seen->placements[0]->change);
    assert_int_equal(seen->flags[0]->n_flags, 1);
    pure_principal_provider(placing->pure, &PROVIDER_ID);
    seen = list_of(placing, PROVIDER_MANAGER);
    assert_null(seen->placements[0]->change);
    assert_int_equal(seen->flags[0]->n_flags, 0);
    pure_principal_provider(placing->pure, NULL);
    refuse.placement_id = id_to_data(&PLACEMENT_ID);
    refuse.reason = DW__NOT_APPROVED_REASON__NOT_APPROVED_REASON_COST;
    assert_int_equal(
        placing_tell(placing, "cleo", DW__ROLE__ROLE_COMMISSIONER, &refuse.base).outcome,
        DECISION_YES);
    assert_non_null(list_of(placing, BROKER)->placements[0]->last_no);
    pure_principal_provider(placing->pure, &PROVIDER_ID);
    assert_null(list_of(placing, PROVIDER_MANAGER)->placements[0]->last_no);
}

/* Proves: what the council pays of a price counts: when others pay less of it, somebody is asked. */
static void a_share_that_falls_is_approved(void **state)
{
    struct placing *placing = *state;
    static Dw__ApprovalBand band;
    static Dw__ApprovalBand *bands[] = {&band};
    dw__approval_band__init(&band);
    band.role = DW__ROLE__ROLE_COMMISSIONER;
    placing->terms.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_JOINT_NHS;
    placing->terms.nhs_share = 10000;
    costing_begin(placing);
    placing->rules.approval_bands = bands;
    placing->rules.n_approval_bands = 1;
    placing->terms.nhs_share = 4000;
    change_price(placing, TODAY, 9000);
    assert_non_null(placing_now(placing)->change);
    assert_int_equal(placing_now(placing)->change->state,
                     DW__CHANGE_STATE__CHANGE_STATE_AWAITING_APPROVAL);
}

/* Proves: a net line without transport has the others' share of what it counts, and of nothing else. */
static void a_net_line_has_its_part_of_what_others_pay(void **state)
{
    struct placing *placing = *state;
    static Dw__PricePart parts[2];
    static Dw__PricePart *list[] = {&parts[0], &parts[1]};
    for (size_t at = 0; at < 2; at++) {
        dw__price_part__init(&parts[at]);
        parts[at].unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    }
    parts[0].kind = DW__PRICE_PART_KIND__PRICE_PART_KIND_DAY_SUPPORT;
    parts[0].pence = 1000;
    parts[1].kind = DW__PRICE_PART_KIND__PRICE_PART_KIND_TRANSPORT;
    parts[1].pence = 3000;
    placing->terms.parts = list;
    placing->terms.n_parts = 2;
    placing->terms.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_JOINT_NHS;
    placing->terms.nhs_share = 5000;
    costing_set_budgets(placing, 2);
    costing_lines[1].transport = false;
    costing_lines[0].net = costing_lines[1].net = true;
    costing_begin(placing);
    const Dw__BudgetsFound *found = costing_budgets(placing);
    assert_true(found->lines[0]->planned_pence > 0);
    assert_int_equal(found->lines[1]->planned_pence * 4, found->lines[0]->planned_pence);
}

/* Proves: a place that the person pays for alone takes nothing from what is paid for a closure. */
static void own_money_covers_nothing(void **state)
{
    struct placing *placing = *state;
    static Dw__ContractTerms kind;
    static Dw__ContractTerms *kinds[] = {&kind};
    static Dw__ClosureReason paid[] = {DW__CLOSURE_REASON__CLOSURE_REASON_PLANNED};
    const int32_t monday = costing_first_monday() + 14;
    dw__contract_terms__init(&kind);
    kind.kind = DW__CONTRACT_KIND__CONTRACT_KIND_FPS;
    kind.n_paid_closures = 1;
    kind.paid_closures = paid;
    placing->model.contract_terms = kinds;
    placing->model.n_contract_terms = 1;
    placing_agree(placing, &COSTING_CONTRACT_ID, &PROVIDER_ID, DW__CONTRACT_KIND__CONTRACT_KIND_FPS,
                  0);
    costing_begin(placing);
    costing_lose(placing, &COSTING_CLOSURE_ID, monday, 1);
    const int64_t pence = costing_costs(placing, monday, monday + 6)->payable_pence;
    placing->terms.covers_placement_id = id_to_data(&PLACEMENT_ID);
    placing->terms.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
    placing->session_ids[0] = id_to_data(&OTHER_ID);
    placing->terms.n_session_ids = 1;
    costing_note_session(placing, &OTHER_ID, 3, 600);
    costing_accept_other(placing, FROM);
    Dw__Date date = DW__DATE__INIT;
    Dw__StartPlacement start = DW__START_PLACEMENT__INIT;
    date.days = FROM;
    start.placement_id = id_to_data(&OTHER_ID);
    start.date = &date;
    assert_int_equal(placing_tell(placing, "op", DW__ROLE__ROLE_OPERATOR, &start.base).outcome,
                     DECISION_YES);
    assert_int_equal(costing_costs(placing, monday, monday + 6)->payable_pence, pence);
}

/* Proves: a session that began long after support did costs what it costs, and whoever approves is asked. */
static void a_young_session_is_approved(void **state)
{
    struct placing *placing = *state;
    static Dw__ApprovalBand bands[2];
    static Dw__ApprovalBand *list[] = {&bands[0], &bands[1]};
    Dw__Date from, first = DW__DATE__INIT;
    ProtobufCBinaryData session_ids[2];
    Dw__Session session = DW__SESSION__INIT;
    Dw__SessionSet set = DW__SESSION_SET__INIT;
    dw__approval_band__init(&bands[0]);
    dw__approval_band__init(&bands[1]);
    bands[0].role = DW__ROLE__ROLE_BROKER;
    bands[0].up_to_pence = 1000000;
    bands[1].role = DW__ROLE__ROLE_COMMISSIONER;
    placing->rules.approval_bands = list;
    placing->rules.n_approval_bands = 2;
    placing->from.days = TODAY - 800;
    placing_bring_to(placing, PLACEMENT_ACCEPTED);
    (void)placing_start(placing, TODAY - 800);
    first.days = TODAY - 30;
    session.session_id = id_to_data(&CHANGE_SESSION_ID);
    session.weekday = 3;
    session.from = &first;
    set.session = &session;
    (void)placing_hear(placing, "capacity", &set.base);
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    session_ids[0] = id_to_data(&CHANGE_SESSION_ID);
    terms.n_session_ids = 1;
    terms.price_pence_per_week = 100000;
    (void)changing_propose(placing, &terms, &CHANGE_HOLD_ID);
    assert_said(placing_hold_answered(placing, &CHANGE_HOLD_ID, ANSWER_ACCEPTED, 0),
                &dw__change_approval_requested__descriptor, 0);
    assert_in_range(placing_now(placing)->change->approval->cost_pence, 5100000, 5300000);
}

/* Proves: whoever opened a call-off gives what came of it no more time. */
static void who_called_off_does_not_extend(void **state)
{
    struct placing *placing = *state;
    Dw__Date date = DW__DATE__INIT;
    Dw__StartPlacement start = DW__START_PLACEMENT__INIT;
    Dw__ExtendEnablement extend = DW__EXTEND_ENABLEMENT__INIT;
    placing->level.limit_weeks = 12;
    placing->level.extension_weeks_max = 4;
    (void)calling_open_individual(placing);
    calling_offer_all(placing);
    (void)calling_close(placing);
    (void)calling_award(placing, "bea", 0, 3);
    (void)placing_hold_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0);
    (void)placing_confirm_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0);
    date.days = TODAY + 14;
    start.placement_id = extend.placement_id = id_to_data(&PLACEMENT_ID);
    start.date = &date;
    extend.weeks = 4;
    assert_int_equal(pure_command(placing->pure, &start.base, BROKER,
                                  NOW_MS + 15 * INT64_C(86400000), TODAY + 15)
                         .outcome,
                     DECISION_YES);
    assert_refused(placing_tell(placing, "ann", DW__ROLE__ROLE_COMMISSIONER, &extend.base),
                   SAME_PERSON);
    assert_refused(placing_tell(placing, "bea", DW__ROLE__ROLE_COMMISSIONER, &extend.base),
                   SAME_PERSON);
    assert_int_equal(
        placing_tell(placing, "cleo", DW__ROLE__ROLE_COMMISSIONER, &extend.base).outcome,
        DECISION_YES);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, costing_set_up, placing_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_was_to_end_is_released_until_then),
        TEST(what_was_agreed_to_end_is_released_until_then),
        TEST(nothing_is_saved_after_the_end),
        TEST(what_was_saved_ends_with_support),
        TEST(what_is_paid_after_the_end_saves),
        TEST(a_fall_back_saves_nothing),
        TEST(nothing_is_saved_while_the_place_is_given_back),
        TEST(a_saving_is_the_councils),
        TEST(own_money_covers_nothing),
        TEST(a_change_that_waits_is_the_councils),
        TEST(a_share_that_falls_is_approved),
        TEST(a_net_line_has_its_part_of_what_others_pay),
        TEST(a_young_session_is_approved),
        cmocka_unit_test_setup_teardown(who_called_off_does_not_extend, calling_set_up,
                                        placing_tear_down),
    };
    return cmocka_run_group_tests_name("placements_savings", tests, NULL, NULL);
}
