/* Tests of services/placements: who pays for what, over any dates, and who may see it. */
#include "tests/support/placing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "common/calendar.h"
#include "common/entities_store.h"
#include "referrals.pb-c.h"

static void note_session(struct placing *placing, const struct id *session_id, uint32_t weekday,
                         uint32_t start_minutes)
{
    Dw__Date from = DW__DATE__INIT;
    from.days = FROM - 1000;
    Dw__Session session = DW__SESSION__INIT;
    session.session_id = id_to_data(session_id);
    session.weekday = weekday;
    session.start_minutes = start_minutes;
    session.end_minutes = start_minutes + 180;
    session.from = &from;
    Dw__SessionSet set = DW__SESSION_SET__INIT;
    set.session = &session;
    (void)placing_hear(placing, "capacity", &set.base);
}

/* Mondays and Tuesdays, at 4500 each. */
static int set_up(void **ret_placing)
{
    const int result = placing_set_up(ret_placing);
    struct placing *placing = *ret_placing;
    note_session(placing, &MONDAY_ID, 1, 600);
    note_session(placing, &TUESDAY_ID, 2, 600);
    return result;
}

static int32_t first_monday(void)
{
    return FROM + (8 - calendar_weekday(FROM)) % 7;
}

static void begin(struct placing *placing)
{
    placing_bring_to(placing, PLACEMENT_ACCEPTED);
    (void)placing_start(placing, FROM);
}

static void *ask_costs(struct placing *placing, const struct id *provider_id, int32_t first,
                       int32_t last)
{
    Dw__Date from = DW__DATE__INIT;
    Dw__Date to = DW__DATE__INIT;
    from.days = first;
    to.days = last;
    Dw__Costs request = DW__COSTS__INIT;
    request.person_id = id_to_data(&PERSON_ID);
    request.from = &from;
    request.to = &to;
    pure_principal_provider(placing->pure, provider_id);
    void *found =
        (void *)pure_query(placing->pure, &request.base,
                           provider_id == NULL ? BROKER : PROVIDER_MANAGER, NOW_MS, TODAY, NULL);
    pure_principal_provider(placing->pure, &PROVIDER_ID);
    return found;
}

static const struct id CLOSURE_ID = {{32}};
static Dw__PricePart price_part;
static Dw__PricePart *price_parts[1] = {&price_part};

static void set_price(struct placing *placing, Dw__PriceUnit unit, int64_t pence)
{
    dw__price_part__init(&price_part);
    price_part.kind = DW__PRICE_PART_KIND__PRICE_PART_KIND_DAY_SUPPORT;
    price_part.unit = unit;
    price_part.pence = pence;
    placing->terms.parts = price_parts;
    placing->terms.n_parts = 1;
}

/* A planned closure of that date, which is not paid, takes the first of MONDAY_ID and OTHER_ID, or both. */
static void lose(struct placing *placing, const struct id *closure_id, int32_t day, size_t count)
{
    Dw__Date date = DW__DATE__INIT;
    date.days = day;
    Dw__DisruptedSitting sittings[2];
    Dw__DisruptedSitting *list[2];
    for (size_t at = 0; at < count; at++) {
        dw__disrupted_sitting__init(&sittings[at]);
        sittings[at].session_id = id_to_data(at == 0 ? &MONDAY_ID : &OTHER_ID);
        sittings[at].date = &date;
        list[at] = &sittings[at];
    }
    (void)placing_lose(placing, closure_id, DW__CLOSURE_REASON__CLOSURE_REASON_PLANNED, day, day,
                       list, count);
}

static const Dw__CostsFound *costs(struct placing *placing, int32_t first, int32_t last)
{
    return ask_costs(placing, NULL, first, last);
}

/* Proves: dates that the calendar does not have are refused, not counted between. */
static void costs_are_asked_between_dates_of_the_calendar(void **state)
{
    static const int32_t asked[][2] = {
        {INT32_MIN, INT32_MAX}, {INT32_MIN, INT32_MIN}, {INT32_MAX, INT32_MAX}, {-25568, -25567},
        {84005, 84006},         {FROM, FROM - 1},       {FROM, FROM + 3701}};
    struct placing *placing = *state;
    begin(placing);
    for (size_t at = 0; at < sizeof asked / sizeof asked[0]; at++)
        assert_null(costs(placing, asked[at][0], asked[at][1]));
    Dw__Budgets budgets = DW__BUDGETS__INIT;
    static const uint32_t years[] = {0, 1989, 2199, UINT32_MAX};
    for (size_t at = 0; at < 4; at++) {
        budgets.year = years[at];
        assert_null(pure_query(placing->pure, &budgets.base, DW__ROLE__ROLE_COMMISSIONER, NOW_MS,
                               TODAY, NULL));
    }
    assert_non_null(costs(placing, -25567, -25567));
    assert_non_null(costs(placing, 84005, 84005));
    assert_non_null(costs(placing, FROM, FROM + 3700));
}

/* Proves: what people pay themselves is planned, and nothing of it is the council's to pay; of a direct payment its cost is told. */
static void own_money_is_planned_and_not_payable(void **state)
{
    struct placing *placing = *state;
    placing->terms.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
    placing->terms.nhs_share = 2500;
    begin(placing);
    const Dw__CostsFound *found = costs(placing, FROM, FROM + 27);
    assert_int_equal(found->lines[0]->planned_pence, 36000);
    assert_int_equal(found->lines[0]->payable_pence, 0);
    assert_int_equal(found->lines[0]->payable_sittings, 0);
    assert_int_equal(found->lines[0]->nhs_pence, 0);
    assert_int_equal(found->payable_pence, 0);
    assert_int_equal(found->net_pence, 0);
}

static void a_direct_payment_is_told_with_its_cost(void **state)
{
    struct placing *placing = *state;
    placing->terms.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;
    begin(placing);
    assert_int_equal(costs(placing, FROM, FROM + 27)->payable_pence, 36000);
}

static void assess(struct placing *placing, int32_t from, int64_t pence)
{
    Dw__Date date = DW__DATE__INIT;
    date.days = from;
    Dw__Contribution contribution = DW__CONTRIBUTION__INIT;
    contribution.from = &date;
    contribution.pence_per_week = pence;
    Dw__AssessContribution command = DW__ASSESS_CONTRIBUTION__INIT;
    command.person_id = id_to_data(&PERSON_ID);
    command.contribution = &contribution;
    assert_said(placing_tell(placing, "fay", DW__ROLE__ROLE_FINANCE_OFFICER, &command.base),
                &dw__contribution_assessed__descriptor, 0);
}

static int64_t contribution(struct placing *placing, int32_t first, int32_t last)
{
    return costs(placing, first, last)->lines[0]->contribution_pence;
}

/* Proves: a contribution is charged in weeks with support, whatever dates are asked for, and a week asked for in two parts has it once. */
static void weeks_without_support_are_not_charged(void **state)
{
    struct placing *placing = *state;
    const int32_t monday = first_monday();
    begin(placing);
    assess(placing, FROM - 700, 2000);
    (void)placing_end(placing, monday + 27);
    assert_int_equal(contribution(placing, FROM, monday + 27), 4 * 2000);
    const Dw__CostsFound *seen = ask_costs(placing, &PROVIDER_ID, monday, monday + 6);
    assert_int_equal(seen->lines[0]->contribution_pence,
                     0); /* is none of the provider's business */
    assert_int_equal(seen->net_pence, 9000);
    assert_int_equal(contribution(placing, FROM - 300, monday + 327), 4 * 2000);
    assert_int_equal(costs(placing, FROM - 300, monday + 327)->net_pence, 4 * 7000);
    assert_int_equal(contribution(placing, monday, monday), 1000);
    assert_int_equal(contribution(placing, monday + 1, monday + 7), 2000);
    assert_int_equal(contribution(placing, monday + 2, monday + 6), 0);
}

/* Proves: what is over beyond the cost of one week is not charged in the next. */
static void a_week_is_charged_up_to_its_own_cost(void **state)
{
    struct placing *placing = *state;
    const int32_t monday = first_monday();
    begin(placing);
    assess(placing, monday, 20000);
    assess(placing, monday + 7, 1000);
    assert_int_equal(contribution(placing, monday, monday + 13), 9000 + 1000);
}

/* Proves: free weeks are taken out of what the council pays net, not gross. */
static void free_weeks_are_free_of_the_net_cost(void **state)
{
    struct placing *placing = *state;
    placing->level.free_weeks = 2;
    placing->terms.nhs_share = 5000;
    begin(placing);
    assess(placing, FROM, 100000);
    assert_int_equal(contribution(placing, FROM, FROM + 13), 0);
    assert_int_equal(contribution(placing, FROM + 14, FROM + 27), 9000);
    assert_int_equal(contribution(placing, FROM, FROM + 27), 9000);
}

/* Proves: by the day, a day is lost when its last sitting is, once; a day of which one sitting took place is paid. */
static void a_day_is_lost_with_all_its_sittings(void **state)
{
    struct placing *placing = *state;
    const int32_t monday = first_monday();
    note_session(placing, &OTHER_ID, 1, 800);
    placing->session_ids[1] = id_to_data(&OTHER_ID);
    set_price(placing, DW__PRICE_UNIT__PRICE_UNIT_DAY, 5000);
    begin(placing);
    lose(placing, &CLOSURE_ID, monday, 1);
    assert_int_equal(costs(placing, monday, monday + 27)->payable_pence, 20000);
    lose(placing, &CLOSURE_ID, monday, 2);
    assert_int_equal(costs(placing, monday, monday + 27)->payable_pence, 15000);
    lose(placing, &UNUSED_ID, monday, 2); /* by another closure as well */
    assert_int_equal(costs(placing, monday, monday + 27)->payable_pence, 15000);
    assert_int_equal(costs(placing, monday, monday + 27)->lines[0]->lost_sittings, 2);
}

/* Proves: by the week, lost sittings take their share, half a penny up. */
static void a_week_is_paid_in_the_share_of_its_sittings(void **state)
{
    struct placing *placing = *state;
    const int32_t monday = first_monday();
    set_price(placing, DW__PRICE_UNIT__PRICE_UNIT_WEEK, 10001);
    begin(placing);
    lose(placing, &CLOSURE_ID, monday, 1);
    assert_int_equal(costs(placing, monday, monday + 27)->lines[0]->planned_pence, 40004);
    assert_int_equal(costs(placing, monday, monday + 27)->payable_pence, 35004); /* 35003.5 */
    assert_int_equal(costs(placing, monday, monday + 6)->payable_pence, 5001);   /* 5000.5 */
    assert_int_equal(costs(placing, monday + 7, monday + 13)->payable_pence, 10001);
}

static const struct id CONTRACT_ID = {{21}};
/* A contract of a framework that ends two years after FROM. */
static void agree_framework(struct placing *placing)
{
    (void)placing_framework(placing, FROM + 727);
    placing_agree(placing, &CONTRACT_ID, &PROVIDER_ID, DW__CONTRACT_KIND__CONTRACT_KIND_FPS, 1);
}

static Dw__BudgetLine budget_lines[3];
static Dw__BudgetLine *budget_line_list[3];

/* Lines of the year of FROM that count everything. */
static void set_budgets(struct placing *placing, size_t count)
{
    for (size_t at = 0; at < count; at++) {
        dw__budget_line__init(&budget_lines[at]);
        budget_lines[at].year = 2026;
        budget_lines[at].number = (uint32_t)at + 1;
        budget_lines[at].name = "line";
        budget_lines[at].transport = true;
        budget_line_list[at] = &budget_lines[at];
    }
    placing->model.budget_lines = budget_line_list;
    placing->model.n_budget_lines = count;
}

static const Dw__BudgetsFound *budgets(struct placing *placing)
{
    Dw__Budgets request = DW__BUDGETS__INIT;
    request.year = 2026;
    return pure_query(placing->pure, &request.base, DW__ROLE__ROLE_COMMISSIONER, NOW_MS, TODAY,
                      NULL);
}

/* Proves: a place costs while it is kept, and nothing from the day it was given back until the person has one again. */
static void a_place_given_back_is_not_paid(void **state)
{
    struct placing *placing = *state;
    placing->rules.keep_place_days = 7;
    agree_framework(placing);
    set_budgets(placing, 1);
    begin(placing);
    assert_int_equal(budgets(placing)->frameworks[0]->committed_pence, 104 * 9000);
    Dw__SuspendPlacement suspend = DW__SUSPEND_PLACEMENT__INIT;
    suspend.placement_id = id_to_data(&PLACEMENT_ID);
    suspend.from = &placing->date;
    placing->date.days = FROM + 14;
    suspend.reason = DW__SUSPEND_REASON__SUSPEND_REASON_HOSPITAL;
    assert_int_equal(placing_tell(placing, "b", BROKER, &suspend.base).outcome, DECISION_YES);
    assert_int_equal(costs(placing, FROM, FROM + 27)->payable_pence, 36000);
    (void)placing_wait_until(placing, TODAY);
    assert_true(placing_now(placing)->suspension->released);
    assert_int_equal(costs(placing, FROM, FROM + 20)->payable_pence, 27000);
    assert_int_equal(costs(placing, FROM, FROM + 55)->payable_pence, 27000);
    assert_int_equal(costs(placing, FROM + 21, FROM + 55)->lines[0]->planned_sittings, 0);
    assert_int_equal(budgets(placing)->lines[0]->planned_pence, 27000);
    assert_int_equal(budgets(placing)->frameworks[0]->committed_pence, 27000);
    Dw__ResumePlacement resume = DW__RESUME_PLACEMENT__INIT;
    resume.placement_id = id_to_data(&PLACEMENT_ID);
    resume.from = &placing->date;
    resume.hold_id = id_to_data(&UNUSED_ID);
    placing->date.days = TODAY;
    assert_int_equal(placing_tell(placing, "b", BROKER, &resume.base).outcome, DECISION_YES);
    assert_int_equal(costs(placing, FROM + 63, FROM + 90)->payable_pence, 0);
    (void)placing_hold_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0);
    (void)placing_confirm_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0);
    assert_state(placing, ACTIVE);
    assert_int_equal(costs(placing, FROM + 63, FROM + 90)->payable_pence, 36000);
    assert_int_equal(costs(placing, FROM + 21, TODAY - 1)->payable_pence, 0);
    assert_int_equal(costs(placing, FROM + 14, FROM + 20)->payable_pence, 9000); /* it was kept */
    assert_int_equal(costs(placing, FROM, FROM + 90)->payable_pence, 27000 + 45000);
}

/* Proves: a framework is committed for what somebody has from the day they came to the day they left, of the terms of before, too. */
static void a_framework_is_committed_for_what_was_had(void **state)
{
    struct placing *placing = *state;
    const int32_t monday = first_monday();
    placing->rules.approval_bands = NULL;
    agree_framework(placing);
    set_budgets(placing, 1);
    placing_bring_to(placing, PLACEMENT_ACCEPTED);
    (void)placing_start(placing, monday + 7);
    assert_int_equal(budgets(placing)->frameworks[0]->committed_pence, 103 * 9000);
    Dw__PlacementTerms terms = placing->terms;
    Dw__Date from = DW__DATE__INIT;
    from.days = monday + 28;
    terms.from = &from;
    terms.price_pence_per_week = 18000;
    Dw__ProposeChange propose = DW__PROPOSE_CHANGE__INIT;
    propose.placement_id = id_to_data(&PLACEMENT_ID);
    propose.terms = &terms;
    assert_int_equal(placing_tell(placing, "ann", BROKER, &propose.base).outcome, DECISION_YES);
    assert_int_equal(budgets(placing)->frameworks[0]->committed_pence, 3 * 9000 + 100 * 18000);
    (void)placing_end(placing, monday + 13);
    assert_int_equal(budgets(placing)->frameworks[0]->committed_pence, 9000);
    assert_int_equal(costs(placing, FROM, FROM + 700)->payable_pence, 9000);
}

/* Proves: a year's estimate is of the financial year that is asked about, less what a planned closure takes of it. */
static void a_years_estimate_goes_without_planned_closures(void **state)
{
    struct placing *placing = *state;
    begin(placing);
    const int32_t monday = first_monday();
    const int32_t first = calendar_date(calendar_financial_year(monday), 4, 1);
    const int32_t last = calendar_date(calendar_financial_year(monday) + 1, 3, 31);
    const int64_t whole = costs(placing, first, last)->payable_pence;
    assert_true(whole > 0);
    assert_int_equal(costs(placing, monday, monday)->lines[0]->financial_year_pence, whole);
    lose(placing, &CLOSURE_ID, monday + 7, 1);
    assert_int_equal(costs(placing, monday, monday)->lines[0]->financial_year_pence, whole - 4500);
    assert_int_equal(costs(placing, monday, monday)->lines[0]->year_pence, 104 * 4500);
}

/* Proves: support that ends while its place is given back costs nothing more, whatever its last date, and dies no dearer. */
static void what_ends_without_a_place_costs_no_more(void **state)
{
    struct placing *placing = *state;
    placing->rules.keep_place_days = 7;
    begin(placing);
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
    assert_int_equal(costs(placing, FROM, TODAY)->payable_pence, 27000);
    Dw__PersonDied died = DW__PERSON_DIED__INIT;
    died.person_id = id_to_data(&PERSON_ID);
    died.date = &placing->date;
    placing->date.days = TODAY - 1;
    (void)placing_hear(placing, "referrals", &died.base);
    assert_int_equal(placing_now(placing)->last->days, TODAY - 1);
    assert_int_equal(costs(placing, FROM, TODAY)->payable_pence, 27000);
}

/* Proves: a notice that is paid after the last date is found in its own weeks, and counts against the framework. */
static void a_notice_is_paid_in_its_weeks(void **state)
{
    struct placing *placing = *state;
    agree_framework(placing);
    set_budgets(placing, 1);
    begin(placing);
    Dw__Date last_payable = DW__DATE__INIT;
    Dw__EndDetails details = DW__END_DETAILS__INIT;
    Dw__EndPlacement end = DW__END_PLACEMENT__INIT;
    end.placement_id = id_to_data(&PLACEMENT_ID);
    end.last = &placing->date;
    end.reason = DW__END_REASON__END_REASON_MOVED_SERVICE;
    end.details = &details;
    placing->date.days = FROM + 27;
    details.last_payable = &last_payable;
    last_payable.days = FROM + 41;
    pure_principal_provider(placing->pure, NULL);
    assert_int_equal(placing_tell(placing, "b", BROKER, &end.base).outcome, DECISION_YES);
    assert_int_equal(costs(placing, FROM + 28, FROM + 41)->payable_pence, 18000);
    assert_int_equal(costs(placing, FROM + 42, FROM + 55)->payable_pence, 0);
    assert_int_equal(budgets(placing)->frameworks[0]->committed_pence, 6 * 9000);
    assert_nothing_said(placing_tell(placing, "b", BROKER, &end.base));
    last_payable.days++;
    assert_refused(placing_tell(placing, "b", BROKER, &end.base), WRONG_STATE);
    end.details = NULL;
    assert_nothing_said(placing_tell(placing, "b", BROKER, &end.base));
}

/* Another placement of the person from a date on, as the terms are now, up to ACCEPTED. */
static void accept_other(struct placing *placing, int32_t from)
{
    placing->from.days = from;
    (void)placing_propose_as(placing, &OTHER_ID, &UNUSED_ID);
    (void)placing_hold_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0);
    Dw__AcceptOffer accept = DW__ACCEPT_OFFER__INIT;
    accept.placement_id = id_to_data(&OTHER_ID);
    (void)placing_tell(placing, "op", DW__ROLE__ROLE_OPERATOR, &accept.base);
    (void)placing_confirm_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0);
}

static void move_on(struct placing *placing, Dw__FundingRoute funding)
{
    placing->terms.funding = funding;
    begin(placing);
    placing->session_ids[0] = id_to_data(&OTHER_ID);
    placing->terms.n_session_ids = 1;
    accept_other(placing, TODAY - 10);
    Dw__MoveLevel move = DW__MOVE_LEVEL__INIT;
    move.placement_id = id_to_data(&PLACEMENT_ID);
    move.to_placement_id = id_to_data(&OTHER_ID);
    move.date = &placing->date;
    move.reason = (Dw__MoveReason)1;
    placing->date.days = TODAY;
    assert_int_equal(placing_tell(placing, "bob", BROKER, &move.base).outcome, DECISION_YES);
}

/* Proves: a self-funder who moves on moves and releases nothing of the council's, whose bought places do. */
static void own_money_is_not_released(void **state)
{
    struct placing *placing = *state;
    move_on(placing, DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED);
    assert_int_equal(budgets(placing)->money_moved_pence, 0);
    assert_int_equal(budgets(placing)->cost_released_pence, 0);
}

static void bought_places_are_released(void **state)
{
    struct placing *placing = *state;
    move_on(placing, DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED);
    assert_int_equal(budgets(placing)->money_moved_pence, 104 * 4500);
    assert_int_equal(budgets(placing)->cost_released_pence, 104 * 4500);
}

/* Proves: a provider's people are told what is paid to it, and nothing of what is paid to others. */
static void providers_see_their_own_costs(void **state)
{
    struct placing *placing = *state;
    begin(placing);
    const Dw__CostsFound *found = ask_costs(placing, &PROVIDER_ID, FROM, FROM + 27);
    assert_int_equal(found->n_lines, 1);
    assert_int_equal(found->payable_pence, 36000);
    found = ask_costs(placing, &OTHER_ID, FROM, FROM + 27);
    assert_int_equal(found->n_lines, 0);
    assert_int_equal(found->payable_pence, 0);
    assert_int_equal(found->net_pence, 0);
    assert_int_equal(found->notional_pence, 0);
}

/* Proves: what the council does not buy takes nothing of a contribution, and stands in no budget line. */
static void what_is_not_bought_is_in_no_budget(void **state)
{
    struct placing *placing = *state;
    placing->terms.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;
    set_budgets(placing, 3);
    Dw__FundingRoute funding[] = {DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT};
    budget_lines[1].funding = funding;
    budget_lines[1].n_funding = 1;
    budget_lines[2].income = true;
    begin(placing);
    assess(placing, FROM, 700);
    const Dw__CostsFound *found = costs(placing, FROM, FROM + 27);
    assert_int_equal(found->lines[0]->contribution_pence, 0);
    assert_int_equal(found->net_pence, 36000);
    for (size_t at = 0; at < 3; at++) {
        assert_int_equal(budgets(placing)->lines[at]->placements, 0);
        assert_int_equal(budgets(placing)->lines[at]->planned_pence, 0);
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
    placing_agree(placing, &CONTRACT_ID, &PROVIDER_ID, DW__CONTRACT_KIND__CONTRACT_KIND_BLOCK, 0);
    struct id contract_id;
    Dw__Contract contract =
        *placements_contract(pure_state(placing->pure), &placing->terms, TODAY, &contract_id)
             ->contract;
    Dw__ContractAgreed agreed = DW__CONTRACT_AGREED__INIT;
    Dw__Date to = DW__DATE__INIT;
    contract.value_pence_per_year = 365000;
    agreed.contract = &contract;
    (void)placing_hear(placing, "capacity", &agreed.base);
    set_budgets(placing, 3);
    budget_lines[1].net = true;
    budget_lines[2].income = true;
    begin(placing);
    assess(placing, FROM, 700);
    const int64_t paid = budgets(placing)->lines[2]->planned_pence;
    assert_true(paid > 0);
    assert_int_equal(budgets(placing)->lines[0]->planned_pence, 365000);
    assert_int_equal(budgets(placing)->lines[1]->planned_pence, 365000 - paid);
    assert_true(budgets(placing)->lines[0]->notional_pence > 0);
    (void)placing_end(placing, FROM + 6);
    assert_int_equal(budgets(placing)->lines[0]->planned_pence, 365000);
    contract = *placements_contract(pure_state(placing->pure), &placing->terms, TODAY, &contract_id)
                    ->contract;
    to.days = calendar_date(2026, 4, 10);
    contract.to = &to;
    (void)placing_hear(placing, "capacity", &agreed.base);
    assert_int_equal(budgets(placing)->lines[0]->planned_pence, 10000);
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
    set_budgets(placing, 3);
    budget_lines[1].transport = false;
    budget_lines[1].net = true;
    budget_lines[2].transport = false;
    budget_lines[2].income = true;
    begin(placing);
    assess(placing, FROM, 700);
    assert_int_equal(budgets(placing)->lines[0]->planned_pence, SITTINGS * 5000);
    assert_int_equal(budgets(placing)->lines[1]->planned_pence,
                     SITTINGS * 4000 - SITTINGS / 2 * 700);
    assert_int_equal(budgets(placing)->lines[2]->planned_pence, SITTINGS / 2 * 700);
    budget_lines[1].transport = true;
    assert_int_equal(budgets(placing)->lines[1]->planned_pence,
                     SITTINGS * 5000 - SITTINGS / 2 * 700);
}

/* Proves: one week's contribution is charged once over two placements of that week, and one that lies beside the dates is not told of. */
static void a_week_of_two_placements_is_charged_once(void **state)
{
    struct placing *placing = *state;
    const int32_t monday = first_monday() + 28;
    begin(placing);
    assess(placing, FROM, 6000);
    (void)placing_end(placing, monday); /* Monday there, Tuesday elsewhere */
    accept_other(placing, monday + 1);
    Dw__StartPlacement start = DW__START_PLACEMENT__INIT;
    start.placement_id = id_to_data(&OTHER_ID);
    start.date = &placing->from;
    (void)placing_tell(placing, "op", DW__ROLE__ROLE_OPERATOR, &start.base);
    const Dw__CostsFound *found = costs(placing, monday, monday + 6);
    assert_int_equal(found->n_lines, 2);
    assert_int_equal(found->lines[0]->contribution_pence, 4500);
    assert_int_equal(found->lines[1]->contribution_pence, 1500);
    found = costs(placing, monday + 1, monday + 6);
    assert_int_equal(found->n_lines, 1);
    assert_int_equal(found->lines[0]->contribution_pence, 1500);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, placing_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(costs_are_asked_between_dates_of_the_calendar),
        TEST(own_money_is_planned_and_not_payable),
        TEST(a_direct_payment_is_told_with_its_cost),
        TEST(weeks_without_support_are_not_charged),
        TEST(a_week_is_charged_up_to_its_own_cost),
        TEST(free_weeks_are_free_of_the_net_cost),
        TEST(a_day_is_lost_with_all_its_sittings),
        TEST(a_week_is_paid_in_the_share_of_its_sittings),
        TEST(a_framework_is_committed_for_what_was_had),
        TEST(a_years_estimate_goes_without_planned_closures),
        TEST(a_place_given_back_is_not_paid),
        TEST(what_ends_without_a_place_costs_no_more),
        TEST(a_notice_is_paid_in_its_weeks),
        TEST(own_money_is_not_released),
        TEST(bought_places_are_released),
        TEST(providers_see_their_own_costs),
        TEST(what_is_not_bought_is_in_no_budget),
        TEST(a_fixed_value_is_paid_whoever_comes),
        TEST(transport_is_in_a_budget_line_or_out),
        TEST(a_week_of_two_placements_is_charged_once),
    };
    return cmocka_run_group_tests_name("placements_costs", tests, NULL, NULL);
}
