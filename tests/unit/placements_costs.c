/* Tests of services/placements: who pays for what, over any dates, and who may see it. */
#include "tests/support/costing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "common/calendar.h"
#include "common/entities_store.h"
#include "referrals.pb-c.h"

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

/* Proves: dates that the calendar does not have are refused, not counted between. */
static void costs_are_asked_between_dates_of_the_calendar(void **state)
{
    static const int32_t asked[][2] = {
        {INT32_MIN, INT32_MAX}, {INT32_MIN, INT32_MIN}, {INT32_MAX, INT32_MAX}, {-25568, -25567},
        {84005, 84006},         {FROM, FROM - 1},       {FROM, FROM + 3701}};
    struct placing *placing = *state;
    costing_begin(placing);
    for (size_t at = 0; at < sizeof asked / sizeof asked[0]; at++)
        assert_null(costing_costs(placing, asked[at][0], asked[at][1]));
    Dw__Budgets budgets = DW__BUDGETS__INIT;
    static const uint32_t years[] = {0, 1989, 2199, UINT32_MAX};
    for (size_t at = 0; at < 4; at++) {
        budgets.year = years[at];
        assert_null(pure_query(placing->pure, &budgets.base, DW__ROLE__ROLE_COMMISSIONER, NOW_MS,
                               TODAY, NULL));
    }
    assert_non_null(costing_costs(placing, -25567, -25567));
    assert_non_null(costing_costs(placing, 84005, 84005));
    assert_non_null(costing_costs(placing, FROM, FROM + 3700));
}

/* Proves: what people pay themselves is planned, and nothing of it is the council's to pay; of a direct payment its cost is told. */
static void own_money_is_planned_and_not_payable(void **state)
{
    struct placing *placing = *state;
    placing->terms.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
    placing->terms.nhs_share = 2500;
    costing_begin(placing);
    const Dw__CostsFound *found = costing_costs(placing, FROM, FROM + 27);
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
    costing_begin(placing);
    assert_int_equal(costing_costs(placing, FROM, FROM + 27)->payable_pence, 36000);
}

static int64_t contribution(struct placing *placing, int32_t first, int32_t last)
{
    return costing_costs(placing, first, last)->lines[0]->contribution_pence;
}

/* Proves: a contribution is charged in weeks with support, whatever dates are asked for, and a week asked for in two parts has it once. */
static void weeks_without_support_are_not_charged(void **state)
{
    struct placing *placing = *state;
    const int32_t monday = costing_first_monday();
    costing_begin(placing);
    costing_assess(placing, FROM - 700, 2000, false);
    (void)placing_end(placing, monday + 27);
    assert_int_equal(contribution(placing, FROM, monday + 27), 4 * 2000);
    const Dw__CostsFound *seen = costing_ask(placing, &PROVIDER_ID, monday, monday + 6);
    assert_int_equal(seen->lines[0]->contribution_pence,
                     0); /* is none of the provider's business */
    assert_int_equal(seen->net_pence, 9000);
    assert_int_equal(contribution(placing, FROM - 300, monday + 327), 4 * 2000);
    assert_int_equal(costing_costs(placing, FROM - 300, monday + 327)->net_pence, 4 * 7000);
    assert_int_equal(contribution(placing, monday, monday), 1000);
    assert_int_equal(contribution(placing, monday + 1, monday + 7), 2000);
    assert_int_equal(contribution(placing, monday + 2, monday + 6), 0);
}

/* Proves: what is over beyond the cost of one week is not charged in the next. */
static void a_week_is_charged_up_to_its_own_cost(void **state)
{
    struct placing *placing = *state;
    const int32_t monday = costing_first_monday();
    costing_begin(placing);
    costing_assess(placing, monday, 20000, false);
    costing_assess(placing, monday + 7, 1000, false);
    assert_int_equal(contribution(placing, monday, monday + 13), 9000 + 1000);
}

/* Proves: free weeks are taken out of what the council pays net, not gross. */
static void free_weeks_are_free_of_the_net_cost(void **state)
{
    struct placing *placing = *state;
    placing->level.free_weeks = 2;
    placing->terms.nhs_share = 5000;
    costing_begin(placing);
    costing_assess(placing, FROM, 100000, false);
    assert_int_equal(contribution(placing, FROM, FROM + 13), 0);
    assert_int_equal(contribution(placing, FROM + 14, FROM + 27), 9000);
    assert_int_equal(contribution(placing, FROM, FROM + 27), 9000);
}

/* Proves: by the day, a day is lost when its last sitting is, once; a day of which one sitting took place is paid. */
static void a_day_is_lost_with_all_its_sittings(void **state)
{
    struct placing *placing = *state;
    const int32_t monday = costing_first_monday();
    costing_note_session(placing, &OTHER_ID, 1, 800);
    placing->session_ids[1] = id_to_data(&OTHER_ID);
    set_price(placing, DW__PRICE_UNIT__PRICE_UNIT_DAY, 5000);
    costing_begin(placing);
    costing_lose(placing, &COSTING_CLOSURE_ID, monday, 1);
    assert_int_equal(costing_costs(placing, monday, monday + 27)->payable_pence, 20000);
    costing_lose(placing, &COSTING_CLOSURE_ID, monday, 2);
    assert_int_equal(costing_costs(placing, monday, monday + 27)->payable_pence, 15000);
    costing_lose(placing, &UNUSED_ID, monday, 2); /* by another closure as well */
    assert_int_equal(costing_costs(placing, monday, monday + 27)->payable_pence, 15000);
    assert_int_equal(costing_costs(placing, monday, monday + 27)->lines[0]->lost_sittings, 2);
}

/* Proves: by the week, lost sittings take their share, half a penny up. */
static void a_week_is_paid_in_the_share_of_its_sittings(void **state)
{
    struct placing *placing = *state;
    const int32_t monday = costing_first_monday();
    set_price(placing, DW__PRICE_UNIT__PRICE_UNIT_WEEK, 10001);
    costing_begin(placing);
    costing_lose(placing, &COSTING_CLOSURE_ID, monday, 1);
    assert_int_equal(costing_costs(placing, monday, monday + 27)->lines[0]->planned_pence, 40004);
    assert_int_equal(costing_costs(placing, monday, monday + 27)->payable_pence,
                     35004);                                                           /* 35003.5 */
    assert_int_equal(costing_costs(placing, monday, monday + 6)->payable_pence, 5001); /* 5000.5 */
    assert_int_equal(costing_costs(placing, monday + 7, monday + 13)->payable_pence, 10001);
}

/* Proves: a year's estimate is of the financial year that is asked about, less what a planned closure takes of it. */
static void a_years_estimate_goes_without_planned_closures(void **state)
{
    struct placing *placing = *state;
    costing_begin(placing);
    const int32_t monday = costing_first_monday();
    const int32_t first = calendar_date(calendar_financial_year(monday), 4, 1);
    const int32_t last = calendar_date(calendar_financial_year(monday) + 1, 3, 31);
    const int64_t whole = costing_costs(placing, first, last)->payable_pence;
    assert_true(whole > 0);
    assert_int_equal(costing_costs(placing, monday, monday)->lines[0]->financial_year_pence, whole);
    costing_lose(placing, &COSTING_CLOSURE_ID, monday + 7, 1);
    assert_int_equal(costing_costs(placing, monday, monday)->lines[0]->financial_year_pence,
                     whole - 4500);
    assert_int_equal(costing_costs(placing, monday, monday)->lines[0]->year_pence, 104 * 4500);
}

/* Proves: a provider's people are told what is paid to it, and nothing of what is paid to others. */
static void providers_see_their_own_costs(void **state)
{
    struct placing *placing = *state;
    costing_begin(placing);
    const Dw__CostsFound *found = costing_ask(placing, &PROVIDER_ID, FROM, FROM + 27);
    assert_int_equal(found->n_lines, 1);
    assert_int_equal(found->payable_pence, 36000);
    found = costing_ask(placing, &OTHER_ID, FROM, FROM + 27);
    assert_int_equal(found->n_lines, 0);
    assert_int_equal(found->payable_pence, 0);
    assert_int_equal(found->net_pence, 0);
    assert_int_equal(found->notional_pence, 0);
}

/* Proves: one week's contribution is charged once over two placements of that week, and one that lies beside the dates is not told of. */
static void a_week_of_two_placements_is_charged_once(void **state)
{
    struct placing *placing = *state;
    const int32_t monday = costing_first_monday() + 28;
    costing_begin(placing);
    costing_assess(placing, FROM, 6000, false);
    (void)placing_end(placing, monday); /* Monday there, Tuesday elsewhere */
    costing_accept_other(placing, monday + 1);
    Dw__StartPlacement start = DW__START_PLACEMENT__INIT;
    start.placement_id = id_to_data(&OTHER_ID);
    start.date = &placing->from;
    (void)placing_tell(placing, "op", DW__ROLE__ROLE_OPERATOR, &start.base);
    const Dw__CostsFound *found = costing_costs(placing, monday, monday + 6);
    assert_int_equal(found->n_lines, 2);
    assert_int_equal(found->lines[0]->contribution_pence, 4500);
    assert_int_equal(found->lines[1]->contribution_pence, 1500);
    found = costing_costs(placing, monday + 1, monday + 6);
    assert_int_equal(found->n_lines, 1);
    assert_int_equal(found->lines[0]->contribution_pence, 1500);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, costing_set_up, placing_tear_down)

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
        TEST(a_years_estimate_goes_without_planned_closures),
        TEST(providers_see_their_own_costs),
        TEST(a_week_of_two_placements_is_charged_once),
    };
    return cmocka_run_group_tests_name("placements_costs", tests, NULL, NULL);
}
