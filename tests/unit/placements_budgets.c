/* Tests of services/placements: what stands against budget lines, and what is released of it. */
#include "tests/support/changing.h"
#include "tests/support/costing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "common/calendar.h"
#include "common/entities_store.h"
#include "referrals.pb-c.h"

static void move_on(struct placing *placing, Dw__FundingRoute funding)
{
    placing->terms.funding = funding;
    costing_begin(placing);
    placing->session_ids[0] = id_to_data(&OTHER_ID);
    placing->terms.n_session_ids = 1;
    costing_accept_other(placing, TODAY - 10);
    assert_int_equal(costing_move(placing, TODAY).outcome, DECISION_YES);
}

/* Proves: a place costs while it is kept, and nothing from the day it was given back until the person has one again. */
static void a_place_given_back_is_not_paid(void **state)
{
    struct placing *placing = *state;
    placing->rules.keep_place_days = 7;
    costing_framework(placing);
    costing_set_budgets(placing, 1);
    costing_begin(placing);
    assert_int_equal(costing_budgets(placing)->frameworks[0]->committed_pence, 104 * 9000);
    Dw__SuspendPlacement suspend = DW__SUSPEND_PLACEMENT__INIT;
    suspend.placement_id = id_to_data(&PLACEMENT_ID);
    suspend.from = &placing->date;
    placing->date.days = FROM + 14;
    suspend.reason = DW__SUSPEND_REASON__SUSPEND_REASON_HOSPITAL;
    assert_int_equal(placing_tell(placing, "b", BROKER, &suspend.base).outcome, DECISION_YES);
    assert_int_equal(costing_costs(placing, FROM, FROM + 27)->payable_pence, 36000);
    (void)placing_wait_until(placing, TODAY);
    assert_true(placing_now(placing)->suspension->released);
    assert_int_equal(costing_costs(placing, FROM, FROM + 20)->payable_pence, 27000);
    assert_int_equal(costing_costs(placing, FROM, FROM + 55)->payable_pence, 27000);
    assert_int_equal(costing_costs(placing, FROM + 21, FROM + 55)->lines[0]->planned_sittings, 0);
    assert_int_equal(costing_budgets(placing)->lines[0]->planned_pence, 27000);
    assert_int_equal(costing_budgets(placing)->frameworks[0]->committed_pence, 27000);
    Dw__ResumePlacement resume = DW__RESUME_PLACEMENT__INIT;
    resume.placement_id = id_to_data(&PLACEMENT_ID);
    resume.from = &placing->date;
    resume.hold_id = id_to_data(&UNUSED_ID);
    placing->date.days = TODAY;
    assert_int_equal(placing_tell(placing, "b", BROKER, &resume.base).outcome, DECISION_YES);
    assert_int_equal(costing_costs(placing, FROM + 63, FROM + 90)->payable_pence, 0);
    (void)placing_hold_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0);
    (void)placing_confirm_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0);
    assert_state(placing, ACTIVE);
    assert_int_equal(costing_costs(placing, FROM + 63, FROM + 90)->payable_pence, 36000);
    assert_int_equal(costing_costs(placing, FROM + 21, TODAY - 1)->payable_pence, 0);
    assert_int_equal(costing_costs(placing, FROM + 14, FROM + 20)->payable_pence,
                     9000); /* it was kept */
    assert_int_equal(costing_costs(placing, FROM, FROM + 90)->payable_pence, 27000 + 45000);
}

/* Proves: support that ends while its place is given back costs nothing more, whatever its last date, and dies no dearer. */
static void what_ends_without_a_place_costs_no_more(void **state)
{
    struct placing *placing = *state;
    placing->rules.keep_place_days = 7;
    costing_begin(placing);
    Dw__SuspendPlacement suspend = DW__SUSPEND_PLACEMENT__INIT;
    suspend.placement_id = id_to_data(&PLACEMENT_ID);
    suspend.from = &placing->date;
    placing->date.days = FROM + 14;
    suspend.reason = DW__SUSPEND_REASON__SUSPEND_REASON_HOSPITAL;
    (void)placing_tell(placing, "b", BROKER, &suspend.base);
    (void)placing_wait_until(placing, TODAY);
    (void)placing_end(placing, TODAY);
    assert_state(placing, ENDED);
    assert_int_equal(placing_now(placing)->end->last_payable->days, FROM + 20);
    assert_int_equal(costing_costs(placing, FROM, TODAY)->payable_pence, 27000);
    Dw__PersonDied died = DW__PERSON_DIED__INIT;
    died.person_id = id_to_data(&PERSON_ID);
    died.date = &placing->date;
    placing->date.days = TODAY - 1;
    (void)placing_hear(placing, "referrals", &died.base);
    assert_int_equal(placing_now(placing)->last->days, TODAY - 1);
    assert_int_equal(costing_costs(placing, FROM, TODAY)->payable_pence, 27000);
}

/* Proves: a notice that is paid after the last date is found in its own weeks, and counts against the framework. */
static void a_notice_is_paid_in_its_weeks(void **state)
{
    struct placing *placing = *state;
    costing_framework(placing);
    costing_set_budgets(placing, 1);
    costing_begin(placing);
    assert_int_equal(costing_end(placing, FROM + 27, FROM + 41).outcome, DECISION_YES);
    assert_int_equal(costing_costs(placing, FROM + 28, FROM + 41)->payable_pence, 18000);
    assert_int_equal(costing_costs(placing, FROM + 42, FROM + 55)->payable_pence, 0);
    assert_int_equal(costing_budgets(placing)->frameworks[0]->committed_pence, 6 * 9000);
    assert_nothing_said(costing_end(placing, FROM + 27, FROM + 41));
    assert_refused(costing_end(placing, FROM + 27, FROM + 42), WRONG_STATE);
    assert_nothing_said(placing_end(placing, FROM + 27));
}

/* Proves: it is paid, too, when the end was agreed ahead, before it has come and after. */
static void an_agreed_notice_is_paid(void **state)
{
    struct placing *placing = *state;
    const int32_t last = costing_first_monday() + 7 * ((TODAY - FROM) / 7 + 2) - 1;
    costing_begin(placing);
    assert_int_equal(costing_end(placing, last, last + 14).outcome, DECISION_YES);
    assert_int_equal(costing_costs(placing, last - 6, last)->payable_pence, 9000);
    assert_int_equal(costing_costs(placing, last + 1, last + 28)->payable_pence, 18000);
    (void)placing_wait_until(placing, last + 1);
    assert_state(placing, ENDED);
    assert_int_equal(costing_costs(placing, last + 1, last + 28)->payable_pence, 18000);
}

/* Proves: a notice is paid as it was planned, whether a closure of its weeks was told of before the end was agreed or not at all. */
static void nothing_is_lost_of_a_notice(void **state)
{
    struct placing *placing = *state;
    const int32_t last = costing_first_monday() + 7 * ((TODAY - FROM) / 7 + 2) - 1;
    costing_begin(placing);
    costing_lose(placing, &COSTING_CLOSURE_ID, last + 1, 1);
    assert_int_equal(costing_costs(placing, last + 1, last + 7)->payable_pence, 4500);
    assert_int_equal(costing_end(placing, last, last + 14).outcome, DECISION_YES);
    assert_int_equal(costing_costs(placing, last + 1, last + 7)->payable_pence, 9000);
    (void)placing_wait_until(placing, last + 1);
    assert_state(placing, ENDED);
    const Dw__CostsFound *found = costing_costs(placing, last + 1, last + 7);
    assert_int_equal(found->lines[0]->payable_pence, 9000);
    assert_int_equal(found->lines[0]->lost_sittings, 0);
}

/* Proves: what was bought stays bought, in Costs, in budgets and under the framework, when others pay from a day on. */
static void who_pays_now_has_not_paid_before(void **state)
{
    struct placing *placing = *state;
    const int32_t change = costing_first_monday() + 28;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    costing_framework(placing);
    costing_set_budgets(placing, 1);
    costing_begin(placing);
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    session_ids[1] = id_to_data(&TUESDAY_ID);
    from.days = change;
    terms.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;
    assert_int_equal(changing_propose(placing, &terms, &CHANGE_HOLD_ID).outcome, DECISION_YES);
    (void)placing_hold_answered(placing, &CHANGE_HOLD_ID, ANSWER_ACCEPTED, 0);
    (void)placing_confirm_answered(placing, &CHANGE_HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_int_equal(placing_now(placing)->terms->funding, terms.funding);
    const Dw__CostsFound *found = costing_costs(placing, FROM, change + 13);
    assert_int_equal(found->n_lines, 2);
    assert_int_equal(found->lines[0]->paid_by->funding,
                     DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED);
    assert_int_equal(found->lines[1]->paid_by->funding, terms.funding);
    const int64_t bought_pence = found->lines[0]->payable_pence;
    assert_in_range(bought_pence, 4 * 9000, 5 * 9000);
    assert_int_equal(found->lines[1]->payable_pence, 2 * 9000);
    assert_int_equal(costing_costs(placing, change, change + 13)->n_lines, 1);
    assert_int_equal(costing_costs(placing, FROM, change - 1)->n_lines, 1);
    assert_int_equal(costing_budgets(placing)->lines[0]->planned_pence, bought_pence);
    assert_int_equal(costing_budgets(placing)->lines[0]->placements, 1);
    assert_int_equal(costing_budgets(placing)->frameworks[0]->committed_pence, bought_pence);
}

/* Proves: what the NHS takes on from a day on it had not before, and the placement is one. */
static void other_shares_are_of_their_time(void **state)
{
    struct placing *placing = *state;
    const int32_t change = costing_first_monday() + 28;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    costing_set_budgets(placing, 1);
    costing_begin(placing);
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    session_ids[1] = id_to_data(&TUESDAY_ID);
    from.days = change;
    terms.nhs_share = 5000;
    assert_int_equal(changing_propose(placing, &terms, NULL).outcome, DECISION_YES);
    const Dw__CostsFound *found = costing_costs(placing, change - 14, change + 13);
    assert_int_equal(found->n_lines, 2);
    assert_int_equal(found->lines[0]->nhs_pence, 0);
    assert_int_equal(found->lines[0]->paid_by->nhs_share, 0);
    assert_int_equal(found->lines[1]->nhs_pence, 9000);
    assert_int_equal(found->lines[1]->paid_by->nhs_share, 5000);
    assert_int_equal(costing_budgets(placing)->lines[0]->placements, 1);
}

/* Proves: no assessment pushes another one out, since what was charged is asked for years later; one is corrected still. */
static void all_assessments_are_kept(void **state)
{
    struct placing *placing = *state;
    Dw__Date from = DW__DATE__INIT;
    Dw__Contribution contribution = DW__CONTRIBUTION__INIT;
    Dw__AssessContribution assess = DW__ASSESS_CONTRIBUTION__INIT;
    costing_begin(placing);
    for (int32_t at = 0; at < PLACEMENTS_CONTRIBUTIONS_MAX; at++)
        costing_assess(placing, FROM + 7 * at, 700, false);
    assess.person_id = id_to_data(&PERSON_ID);
    assess.contribution = &contribution;
    contribution.from = &from;
    from.days = FROM - 7;
    assert_refused(placing_tell(placing, "fay", DW__ROLE__ROLE_FINANCE_OFFICER, &assess.base),
                   TOO_MANY);
    assert_in_range(costing_costs(placing, FROM, FROM + 27)->lines[0]->contribution_pence, 2100,
                    2800);
    costing_assess(placing, FROM + 7, 600, false);
}

/* Proves: what the council does not buy takes nothing of a contribution, and stands in no budget line. */
static void what_is_not_bought_is_in_no_budget(void **state)
{
    struct placing *placing = *state;
    placing->terms.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;
    costing_set_budgets(placing, 3);
    Dw__FundingRoute funding[] = {DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT};
    costing_lines[1].funding = funding;
    costing_lines[1].n_funding = 1;
    costing_lines[2].income = true;
    costing_begin(placing);
    costing_assess(placing, FROM, 700, false);
    const Dw__CostsFound *found = costing_costs(placing, FROM, FROM + 27);
    assert_int_equal(found->lines[0]->contribution_pence, 0);
    assert_int_equal(found->net_pence, 36000);
    for (size_t at = 0; at < 3; at++) {
        assert_int_equal(costing_budgets(placing)->lines[at]->placements, 0);
        assert_int_equal(costing_budgets(placing)->lines[at]->planned_pence, 0);
    }
}

/* Proves: a contract of a fixed value costs that, by the days of the year it is in force, whoever comes and whoever leaves; what its places
 * would cost by their rates stands beside it; and net takes off what people pay. */
static void a_fixed_value_is_paid_whoever_comes(void **state)
{
    struct placing *placing = *state;
    Dw__ContractTerms terms = DW__CONTRACT_TERMS__INIT, *list[] = {&terms};
    terms.kind = DW__CONTRACT_KIND__CONTRACT_KIND_BLOCK;
    terms.fixed_value = true;
    placing->model.contract_terms = list;
    placing->model.n_contract_terms = 1;
    placing_agree(placing, &COSTING_CONTRACT_ID, &PROVIDER_ID,
                  DW__CONTRACT_KIND__CONTRACT_KIND_BLOCK, 0);
    struct id contract_id;
    Dw__Contract contract =
        *placements_contract(pure_state(placing->pure), &placing->terms, TODAY, &contract_id)
             ->contract;
    Dw__ContractAgreed agreed = DW__CONTRACT_AGREED__INIT;
    Dw__Date to = DW__DATE__INIT;
    contract.value_pence_per_year = 365000;
    agreed.contract = &contract;
    (void)placing_hear(placing, "capacity", &agreed.base);
    costing_set_budgets(placing, 3);
    costing_lines[1].net = true;
    costing_lines[2].income = true;
    costing_begin(placing);
    costing_assess(placing, FROM, 700, false);
    const int64_t paid = costing_budgets(placing)->lines[2]->planned_pence;
    assert_true(paid > 0);
    assert_int_equal(costing_budgets(placing)->lines[0]->planned_pence, 365000);
    assert_int_equal(costing_budgets(placing)->lines[1]->planned_pence, 365000 - paid);
    assert_true(costing_budgets(placing)->lines[0]->notional_pence > 0);
    (void)placing_end(placing, FROM + 6);
    assert_int_equal(costing_budgets(placing)->lines[0]->planned_pence, 365000);
    contract = *placements_contract(pure_state(placing->pure), &placing->terms, TODAY, &contract_id)
                    ->contract;
    to.days = calendar_date(2026, 4, 10);
    contract.to = &to;
    (void)placing_hear(placing, "capacity", &agreed.base);
    /* Care outlives it, and costs what it costs. */
    assert_int_equal(costing_budgets(placing)->lines[0]->planned_pence, 10000 + 9000);
    assert_int_equal(costing_budgets(placing)->lines[0]->notional_pence, 0);
    contract = *placements_any_contract(pure_state(placing->pure), &placing->terms,
                                        calendar_date(2026, 4, 1))
                    ->contract;
    contract.to = &to;
    to.days = costing_first_monday(); /* it still has that sitting, and Tuesday no more */
    (void)placing_hear(placing, "capacity", &agreed.base);
    const Dw__CostsFound *found = costing_costs(placing, FROM, FROM + 6);
    assert_int_equal(found->n_lines, 2);
    assert_true(found->lines[0]->notional && !found->lines[1]->notional);
    assert_int_equal(found->payable_pence + found->notional_pence, 9000);
    assert_true(found->payable_pence > 0 && found->notional_pence > 0);
    placing_agree(placing, &UNUSED_ID, &PROVIDER_ID, DW__CONTRACT_KIND__CONTRACT_KIND_BLOCK, 0);
    found = costing_costs(placing, FROM, FROM + 6); /* another one in its stead */
    assert_int_equal(found->payable_pence, 0);
    assert_int_equal(found->notional_pence, 9000);
}

/* Proves: who was bought by the sitting is paid for by the block contract that follows, and not twice. */
static void a_block_that_follows_is_not_paid_twice(void **state)
{
    struct placing *placing = *state;
    Dw__ContractTerms terms = DW__CONTRACT_TERMS__INIT, *list[] = {&terms};
    terms.kind = DW__CONTRACT_KIND__CONTRACT_KIND_BLOCK;
    terms.fixed_value = true;
    placing->model.contract_terms = list;
    placing->model.n_contract_terms = 1;
    placing_agree(placing, &COSTING_CONTRACT_ID, &PROVIDER_ID,
                  DW__CONTRACT_KIND__CONTRACT_KIND_SPOT, 0);
    costing_begin(placing);
    costing_end_contract(placing, costing_first_monday());
    placing_agree(placing, &UNUSED_ID, &PROVIDER_ID, DW__CONTRACT_KIND__CONTRACT_KIND_BLOCK, 0);
    const Dw__CostsFound *found = costing_costs(placing, FROM, FROM + 6);
    assert_int_equal(found->n_lines, 2);
    assert_true(!found->lines[0]->notional && found->lines[1]->notional);
    assert_int_equal(found->payable_pence, 4500);
    assert_int_equal(found->notional_pence, 4500);
}

/* Proves: another price for the same support is a saving, or the contrary; more support is more demand, whatever it costs. */
static void savings_are_apart_from_demand(void **state)
{
    struct placing *placing = *state;
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    Dw__ChangeWhy why = DW__CHANGE_WHY__INIT;
    Dw__ProposeChange propose = DW__PROPOSE_CHANGE__INIT;
    Dw__PlacementTerms terms = placing->terms;
    costing_note_session(placing, &CHANGE_SESSION_ID, 3, 600);
    costing_set_budgets(placing, 1);
    costing_begin(placing);
    dw__date__init(&from);
    from.days = TODAY;
    terms.from = &from;
    terms.price_pence_per_week = 8000;
    why.reason = DW__CHANGE_REASON__CHANGE_REASON_PRICE_NEGOTIATED;
    propose.placement_id = id_to_data(&PLACEMENT_ID);
    propose.terms = &terms;
    propose.why = &why;
    pure_principal_provider(placing->pure, NULL);
    const struct pure_outcome told = placing_tell(placing, "ann", BROKER, &propose.base);
    assert_told(told, &dw__change_proposed__descriptor, &dw__change_approved__descriptor,
                &dw__change_made__descriptor, NULL);
    const struct packed body = told.decision->events[2].body;
    Dw__ChangeMade *made = dw__change_made__unpack(NULL, body.len, body.bytes);
    assert_int_equal(made->saving->why->reason, why.reason);
    assert_true(made->saving->like_for_like);
    const int64_t saved_pence = made->saving->before_pence - made->saving->after_pence;
    dw__change_made__free_unpacked(made, NULL);
    const int32_t weeks = (calendar_date(2027, 3, 31) - TODAY + 1) / 7;
    assert_in_range(saved_pence, (weeks - 1) * 1000, (weeks + 1) * 1000); /* that year's cash */
    assert_int_equal(costing_budgets(placing)->saved_pence, saved_pence);
    assert_int_equal(costing_budgets(placing)->demand_pence, 0);
    terms = changing_terms(placing, &from, session_ids); /* Wednesday for Tuesday */
    terms.price_pence_per_week = 10000;
    changing_make(placing, &terms, &CHANGE_HOLD_ID);
    assert_int_equal(costing_budgets(placing)->saved_pence, saved_pence);
    assert_in_range(costing_budgets(placing)->demand_pence, (weeks - 3) * 2000, (weeks + 1) * 2000);
}

/* Proves: a change that falls away saves nothing, and one that was had saves until the end. */
static void what_falls_away_saves_nothing(void **state)
{
    struct placing *placing = *state;
    Dw__Date from = DW__DATE__INIT;
    Dw__PlacementTerms terms = placing->terms;
    costing_set_budgets(placing, 1);
    costing_begin(placing);
    const int64_t before_pence = costing_costs(placing, TODAY, TODAY + 10)->payable_pence;
    terms.from = &from;
    from.days = TODAY;
    terms.price_pence_per_week = 8000;
    (void)changing_propose(placing, &terms, NULL);
    const int64_t had_pence = costing_budgets(placing)->saved_pence;
    from.days = TODAY + 30;
    terms.price_pence_per_week = 7000;
    (void)changing_propose(placing, &terms, NULL);
    assert_true(costing_budgets(placing)->saved_pence > had_pence && had_pence > 0);
    (void)placing_end(placing, TODAY + 10);
    assert_int_equal(costing_budgets(placing)->saved_pence,
                     before_pence - costing_costs(placing, TODAY, TODAY + 10)->payable_pence);
}

/* Proves: a line of spending leaves transport out unless it says that it is in; one of income is of all. */
static void transport_is_in_a_budget_line_or_out(void **state)
{
    enum { SITTINGS = 54 }; /* from FROM to the end of March */
    struct placing *placing = *state;
    static Dw__PricePart parts[2];
    Dw__PricePart *list[] = {&parts[0], &parts[1]};
    for (size_t at = 0; at < 2; at++) {
        dw__price_part__init(&parts[at]);
        parts[at].unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    }
    parts[0].kind = DW__PRICE_PART_KIND__PRICE_PART_KIND_DAY_SUPPORT;
    parts[0].pence = 4000;
    parts[1].kind = DW__PRICE_PART_KIND__PRICE_PART_KIND_TRANSPORT;
    parts[1].pence = 1000;
    placing->terms.parts = list;
    placing->terms.n_parts = 2;
    costing_set_budgets(placing, 3);
    costing_lines[1].transport = false;
    costing_lines[1].net = true;
    costing_lines[2].transport = false;
    costing_lines[2].income = true;
    costing_begin(placing);
    costing_assess(placing, FROM, 700, false);
    assert_int_equal(costing_budgets(placing)->lines[0]->planned_pence, SITTINGS * 5000);
    assert_int_equal(costing_budgets(placing)->lines[1]->planned_pence,
                     SITTINGS * 4000 - SITTINGS / 2 * 700);
    assert_int_equal(costing_budgets(placing)->lines[2]->planned_pence, SITTINGS / 2 * 700);
    costing_lines[1].transport = true;
    assert_int_equal(costing_budgets(placing)->lines[1]->planned_pence,
                     SITTINGS * 5000 - SITTINGS / 2 * 700);
}

/* Proves: a self-funder who moves on moves and releases nothing of the council's, whose bought places do. */
static void own_money_is_not_released(void **state)
{
    struct placing *placing = *state;
    move_on(placing, DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED);
    assert_int_equal(costing_budgets(placing)->money_moved_pence, 0);
    assert_int_equal(costing_budgets(placing)->cost_released_pence, 0);
}

static void bought_places_are_released(void **state)
{
    struct placing *placing = *state;
    move_on(placing, DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED);
    assert_int_equal(costing_budgets(placing)->money_moved_pence, 104 * 4500);
    assert_int_equal(costing_budgets(placing)->cost_released_pence, 104 * 4500);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, costing_set_up, placing_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_place_given_back_is_not_paid),
        TEST(savings_are_apart_from_demand),
        TEST(a_block_that_follows_is_not_paid_twice),
        TEST(what_ends_without_a_place_costs_no_more),
        TEST(a_notice_is_paid_in_its_weeks),
        TEST(an_agreed_notice_is_paid),
        TEST(nothing_is_lost_of_a_notice),
        TEST(who_pays_now_has_not_paid_before),
        TEST(other_shares_are_of_their_time),
        TEST(all_assessments_are_kept),
        TEST(what_is_not_bought_is_in_no_budget),
        TEST(a_fixed_value_is_paid_whoever_comes),
        TEST(what_falls_away_saves_nothing),
        TEST(transport_is_in_a_budget_line_or_out),
        TEST(own_money_is_not_released),
        TEST(bought_places_are_released),
    };
    return cmocka_run_group_tests_name("placements_budgets", tests, NULL, NULL);
}
