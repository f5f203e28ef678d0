/* Tests of services/placements: what is planned, lost, payable and paid by whom, and what stands against budgets. */
#include "tests/support/costing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "common/calendar.h"
#include "common/entities_store.h"
#include "services/placements/money.h"

static Dw__ContractTerms contract_terms;
static Dw__ContractTerms *contract_terms_list[1] = {&contract_terms};
static Dw__ClosureReason paid[1] = {DW__CLOSURE_REASON__CLOSURE_REASON_INFECTION};

static void note_session_from(struct placing *placing, const struct id *session_id,
                              uint32_t weekday, int32_t first, uint32_t every_weeks)
{
    Dw__Date from = DW__DATE__INIT;
    from.days = first;
    Dw__Session session = DW__SESSION__INIT;
    session.session_id = id_to_data(session_id);
    session.weekday = weekday;
    session.start_minutes = 600;
    session.end_minutes = 780;
    session.every_weeks = every_weeks;
    session.from = &from;
    Dw__SessionSet set = DW__SESSION_SET__INIT;
    set.session = &session;
    (void)placing_hear(placing, "capacity", &set.base);
}

static void agree_contract(struct placing *placing, const struct id *provider_id)
{
    placing_agree(placing, &COSTING_CONTRACT_ID, provider_id, DW__CONTRACT_KIND__CONTRACT_KIND_FPS,
                  0);
}

/* Mondays and Tuesdays, under a contract that pays for sittings lost to infection. */
static int set_up(void **ret_placing)
{
    const int result = costing_set_up(ret_placing);
    struct placing *placing = *ret_placing;
    dw__contract_terms__init(&contract_terms);
    contract_terms.kind = DW__CONTRACT_KIND__CONTRACT_KIND_FPS;
    contract_terms.paid_closures = paid;
    contract_terms.n_paid_closures = 1;
    placing->model.contract_terms = contract_terms_list;
    placing->model.n_contract_terms = 1;
    agree_contract(placing, &PROVIDER_ID);
    return result;
}

/* Proves: what sits every second week costs 26 sittings a year, and a week's price is spread over its sittings. */
static void every_second_week_is_half_a_year(void **state)
{
    struct placing *placing = *state;
    const int32_t monday = costing_first_monday();
    Dw__PricePart part = DW__PRICE_PART__INIT, *parts[] = {&part};
    note_session_from(placing, &MONDAY_ID, 1, monday, 2);
    placing->terms.n_session_ids = 1;
    placing->terms.price_pence_per_week = 1000;
    placing_bring_to(placing, PLACEMENT_ACCEPTED);
    const struct packed body = placing_start(placing, FROM).decision->events[0].body;
    Dw__PlacementStarted *started = dw__placement_started__unpack(NULL, body.len, body.bytes);
    assert_int_equal(started->year_pence, 26000); /* and no 52 weeks */
    dw__placement_started__free_unpacked(started, NULL);
    const Dw__CostsFound *found = costing_costs(placing, monday, monday + 364 - 1);
    assert_int_equal(found->lines[0]->planned_sittings, 26);
    assert_int_equal(found->lines[0]->planned_pence, 26000);
    assert_int_equal(costing_costs(placing, monday + 7, monday + 13)->lines[0]->planned_sittings,
                     0);
    assert_int_equal(costing_costs(placing, monday + 14, monday + 20)->lines[0]->planned_sittings,
                     1);
    /* Of two that take turns each week has half a week's price, and five weeks have five days. */
    note_session_from(placing, &OTHER_ID, 1, monday + 7, 2);
    part.kind = DW__PRICE_PART_KIND__PRICE_PART_KIND_DAY_SUPPORT;
    part.unit = DW__PRICE_UNIT__PRICE_UNIT_WEEK;
    part.pence = 900;
    Dw__PlacementTerms terms = *placing_now(placing)->terms;
    ProtobufCBinaryData sessions[] = {id_to_data(&MONDAY_ID), id_to_data(&OTHER_ID)};
    terms.session_ids = sessions;
    terms.n_session_ids = 2;
    terms.parts = parts;
    terms.n_parts = 1;
    struct state *of = pure_state(placing->pure);
    assert_int_equal(placements_terms_cost(of, &terms, monday, monday + 34), 5 * 450);
    part.unit = DW__PRICE_UNIT__PRICE_UNIT_DAY;
    assert_int_equal(placements_terms_cost(of, &terms, monday, monday + 34), 5 * 900);
}

/* Proves: a start says each weekday and part of day of the sessions once, so that others know without knowing sessions; and nothing
 * where one of the sessions has not been heard of. */
static void a_start_says_when_in_a_week_it_is(void **state)
{
    struct placing *placing = *state;
    struct attended attended;
    Dw__Session evening = DW__SESSION__INIT;
    Dw__SessionSet set = DW__SESSION_SET__INIT;
    evening.session_id = id_to_data(&OTHER_ID);
    evening.weekday = 1;
    evening.start_minutes = 600;
    evening.end_minutes = 1200;
    set.session = &evening;
    (void)placing_hear(placing, "capacity", &set.base);
    placing_bring_to(placing, PLACEMENT_ACCEPTED);
    const struct packed body = placing_start(placing, FROM).decision->events[0].body;
    Dw__PlacementStarted *started = dw__placement_started__unpack(NULL, body.len, body.bytes);
    assert_int_equal(started->n_attended, 2);
    assert_int_equal(started->attended[0]->weekday, 1);
    assert_int_equal(started->attended[1]->weekday, 2);
    assert_int_equal(started->attended[1]->part, DW__PART_OF_DAY__PART_OF_DAY_MORNING);
    dw__placement_started__free_unpacked(started, NULL);
    Dw__PlacementTerms terms = *placing_now(placing)->terms;
    ProtobufCBinaryData sessions[] = {id_to_data(&MONDAY_ID), id_to_data(&OTHER_ID)};
    terms.session_ids = sessions;
    terms.n_session_ids = 2;
    placements_tell_attended(pure_state(placing->pure), &terms, &attended);
    assert_int_equal(attended.count, 3);
    for (size_t at = 0; at < attended.count; at++) {
        assert_int_equal(attended.list[at]->weekday, 1);
        assert_int_equal(attended.list[at]->part,
                         (int)DW__PART_OF_DAY__PART_OF_DAY_MORNING + (int)at);
    }
    sessions[1] = id_to_data(&PERSON_ID); /* no session's id */
    placements_tell_attended(pure_state(placing->pure), &terms, &attended);
    assert_int_equal(attended.count, 0);
}

/* Proves: each part costs by its own unit: a sitting, an hour, a day, a week. */
static void parts_cost_by_their_units(void **state)
{
    struct placing *placing = *state;
    static Dw__PricePart parts[4];
    Dw__PricePart *list[4];
    for (size_t at = 0; at < 4; at++) {
        dw__price_part__init(&parts[at]);
        parts[at].kind = at == 1 ? DW__PRICE_PART_KIND__PRICE_PART_KIND_TRANSPORT
                                 : DW__PRICE_PART_KIND__PRICE_PART_KIND_DAY_SUPPORT;
        parts[at].unit = (Dw__PriceUnit)(DW__PRICE_UNIT__PRICE_UNIT_SESSION + (int)at);
        parts[at].pence = 1000;
        list[at] = &parts[at];
    }
    placing->terms.parts = list;
    placing->terms.n_parts = 4;
    costing_begin(placing);
    const int32_t monday = costing_first_monday();
    const Dw__CostsFound *found = costing_costs(placing, monday, monday + 27);
    assert_int_equal(found->n_lines, 1);
    assert_int_equal(found->lines[0]->planned_sittings, 8);
    /* eight sittings, 24 hours (transport), eight days, four weeks */
    assert_int_equal(found->lines[0]->planned_pence, 8000 + 24000 + 8000 + 4000);
    assert_int_equal(found->lines[0]->transport_pence, 24000);
    assert_int_equal(found->net_pence, 44000);
    const int64_t of_monday = costing_costs(placing, monday, monday)->lines[0]->planned_pence;
    assert_int_equal(of_monday, 1000 + 3000 + 1000 + 500); /* a part of the week, and the rest … */
    assert_int_equal(costing_costs(placing, monday + 1, monday + 27)->lines[0]->planned_pence,
                     44000 - of_monday); /* … are the whole of it */
}

/* Proves: a ceiling is for its own unit, whatever the price is by: ten pounds an hour are thirty a sitting of three hours, and of a day. */
static void a_ceiling_is_reckoned_in_its_unit(void **state)
{
    static const struct {
        Dw__PriceUnit unit;
        int64_t pence;
    } equal[] = {{DW__PRICE_UNIT__PRICE_UNIT_HOUR, 1000},
                 {DW__PRICE_UNIT__PRICE_UNIT_SESSION, 3000},
                 {DW__PRICE_UNIT__PRICE_UNIT_DAY, 3000},
                 {DW__PRICE_UNIT__PRICE_UNIT_WEEK, 6000}};
    struct placing *placing = *state;
    Dw__PricePart part = DW__PRICE_PART__INIT, *list[] = {&part};
    part.kind = DW__PRICE_PART_KIND__PRICE_PART_KIND_DAY_SUPPORT;
    part.unit = DW__PRICE_UNIT__PRICE_UNIT_HOUR;
    part.pence = 1000;
    placing->terms.parts = list;
    placing->terms.n_parts = 1;
    costing_begin(placing);
    const struct state *of = pure_state(placing->pure);
    for (size_t at = 0; at < sizeof equal / sizeof equal[0]; at++) {
        assert_false(placements_costs_above(of, &placing->terms, equal[at].unit, equal[at].pence));
        assert_true(
            placements_costs_above(of, &placing->terms, equal[at].unit, equal[at].pence - 1));
    }
}

/* Proves: two sittings of one day are one day. */
static void a_day_with_two_sittings_is_paid_once(void **state)
{
    struct placing *placing = *state;
    static Dw__PricePart part = DW__PRICE_PART__INIT;
    Dw__PricePart *list[] = {&part};
    part.kind = DW__PRICE_PART_KIND__PRICE_PART_KIND_DAY_SUPPORT;
    part.unit = DW__PRICE_UNIT__PRICE_UNIT_DAY;
    part.pence = 1000;
    costing_note_session(placing, &OTHER_ID, 1, 600); /* in the afternoon of that Monday */
    placing->session_ids[1] = id_to_data(&OTHER_ID);
    placing->terms.parts = list;
    placing->terms.n_parts = 1;
    costing_begin(placing);
    const Dw__CostsFound *found =
        costing_costs(placing, costing_first_monday(), costing_first_monday() + 27);
    assert_int_equal(found->lines[0]->planned_sittings, 8);
    assert_int_equal(found->lines[0]->planned_pence, 4000);
}

static void lose_of(struct placing *placing, const struct id *session_id,
                    const struct id *closure_id, int32_t day, Dw__ClosureReason reason)
{
    Dw__Date date = DW__DATE__INIT;
    date.days = day;
    Dw__DisruptedSitting sitting = DW__DISRUPTED_SITTING__INIT;
    Dw__DisruptedSitting *list[] = {&sitting};
    sitting.session_id = id_to_data(session_id);
    sitting.date = &date;
    (void)placing_lose(placing, closure_id, reason, day, day, list, 1);
}

static void lose(struct placing *placing, int32_t monday, Dw__ClosureReason reason)
{
    lose_of(placing, &MONDAY_ID, &COSTING_CLOSURE_ID, monday, reason);
}

/* Proves: a planned closure is not paid, one for infection is, as the model says. */
static void closures_are_paid_by_their_reason(void **state)
{
    struct placing *placing = *state;
    costing_begin(placing);
    const int32_t monday = costing_first_monday();
    lose(placing, monday, DW__CLOSURE_REASON__CLOSURE_REASON_PLANNED);
    const Dw__CostsFound *found = costing_costs(placing, monday, monday + 27);
    assert_int_equal(found->lines[0]->lost_sittings, 1);
    assert_int_equal(found->lines[0]->payable_sittings, 7);
    assert_int_equal(found->payable_pence, 7 * 4500);
    lose(placing, monday,
         DW__CLOSURE_REASON__CLOSURE_REASON_INFECTION); /* the same closure: it was that */
    found = costing_costs(placing, monday, monday + 27);
    assert_int_equal(found->lines[0]->lost_sittings, 1);
    assert_int_equal(found->payable_pence, 8 * 4500);
}

/* Somebody is looked after elsewhere meanwhile, on that weekday: a lost sitting is paid there, and not twice. */
static void cover_on(struct placing *placing, uint32_t weekday)
{
    costing_begin(placing);
    const int32_t monday = costing_first_monday();
    lose(placing, monday, DW__CLOSURE_REASON__CLOSURE_REASON_INFECTION);
    placing->session_ids[0] = id_to_data(&OTHER_ID);
    costing_note_session(placing, &OTHER_ID, weekday, 600);
    placing->terms.n_session_ids = 1;
    placing->terms.price_pence_per_week = 6000;
    placing->terms.covers_placement_id = id_to_data(&PLACEMENT_ID);
    placing->from.days = monday;
    placing->to.days = monday + 6;
    placing->terms.to = &placing->to;
    placing->terms.person_id = id_to_data(&SERVICE_ID); /* somebody else */
    assert_refused(placing_propose_as(placing, &OTHER_ID, &UNUSED_ID), OTHER_PLACEMENT);
    placing->terms.person_id = id_to_data(&PERSON_ID);
    (void)placing_propose_as(placing, &OTHER_ID, &UNUSED_ID);
    (void)placing_hold_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0);
    Dw__AcceptOffer accept = DW__ACCEPT_OFFER__INIT;
    accept.placement_id = id_to_data(&OTHER_ID);
    (void)placing_tell(placing, "op", DW__ROLE__ROLE_OPERATOR, &accept.base);
    (void)placing_confirm_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0);
    Dw__StartPlacement start = DW__START_PLACEMENT__INIT;
    start.placement_id = id_to_data(&OTHER_ID);
    start.date = &placing->from;
    (void)placing_tell(placing, "op", DW__ROLE__ROLE_OPERATOR, &start.base);
    const Dw__CostsFound *found = costing_costs(placing, monday, monday + 27);
    assert_int_equal(found->n_lines, 2);
    assert_int_equal(found->lines[0]->payable_sittings, 7); /* PLACEMENT_ID is the smaller id */
    assert_int_equal(found->lines[1]->payable_sittings, 1);
    assert_int_equal(found->payable_pence, 7 * 4500 + 6000);
}

/* Proves: a sitting is paid once, whether what makes up for it is on the same day or on another one of the week. */
static void a_covered_sitting_is_paid_once(void **state)
{
    cover_on(*state, 1);
}

static void a_sitting_is_covered_on_another_day(void **state)
{
    cover_on(*state, 4);
}

/* Proves: one sitting elsewhere makes up for one that is lost, and the second of the week is paid. */
static void one_sitting_covers_one(void **state)
{
    struct placing *placing = *state;
    cover_on(placing, 4);
    const int32_t monday = costing_first_monday();
    lose_of(placing, &TUESDAY_ID, &OTHER_ID, monday + 1,
            DW__CLOSURE_REASON__CLOSURE_REASON_INFECTION);
    const Dw__CostsFound *found = costing_costs(placing, monday, monday + 27);
    assert_int_equal(found->lines[0]->lost_sittings, 2);
    assert_int_equal(found->lines[0]->payable_sittings, 7);
}

/* The place elsewhere loses its sitting, too. */
static void lose_elsewhere(struct placing *placing, Dw__ClosureReason reason)
{
    const int32_t monday = costing_first_monday();
    Dw__Date date = DW__DATE__INIT;
    Dw__DisruptedSitting sitting = DW__DISRUPTED_SITTING__INIT;
    Dw__DisruptedSitting *list[] = {&sitting};
    Dw__DisruptingClosure closure = DW__DISRUPTING_CLOSURE__INIT;
    Dw__SittingsDisrupted told = DW__SITTINGS_DISRUPTED__INIT;
    date.days = monday + 3;
    sitting.session_id = id_to_data(&OTHER_ID);
    sitting.date = &date;
    closure.closure_id = id_to_data(&PERSON_ID); /* any id */
    closure.reason = reason;
    told.hold_id = id_to_data(&UNUSED_ID);
    told.cause = DW__DISRUPTION_CAUSE__DISRUPTION_CAUSE_CLOSURE;
    told.closure = &closure;
    told.from = &date;
    told.to = &date;
    told.sittings = list;
    told.n_sittings = 1;
    (void)placing_hear(placing, "capacity", &told.base);
}

/* Proves: what was lost elsewhere makes up for nothing; what is paid there as if it had taken place is paid there. */
static void a_lost_sitting_covers_none(void **state)
{
    struct placing *placing = *state;
    cover_on(placing, 4);
    const int32_t monday = costing_first_monday();
    lose_elsewhere(placing, DW__CLOSURE_REASON__CLOSURE_REASON_PLANNED);
    const Dw__CostsFound *found = costing_costs(placing, monday, monday + 27);
    assert_int_equal(found->lines[0]->payable_sittings, 8);
    assert_int_equal(found->lines[1]->payable_sittings, 0);
    lose_elsewhere(placing, DW__CLOSURE_REASON__CLOSURE_REASON_INFECTION); /* it was that */
    found = costing_costs(placing, monday, monday + 27);
    assert_int_equal(found->lines[0]->payable_sittings, 7);
    assert_int_equal(found->lines[1]->payable_sittings, 1);
}

/* Proves: a place that stood in for another one goes on having done so when it has other days from later on. */
static void a_cover_was_one_before_its_change(void **state)
{
    struct placing *placing = *state;
    cover_on(placing, 4);
    const int32_t monday = costing_first_monday();
    Dw__Date from = DW__DATE__INIT;
    from.days = monday + 4;
    Dw__PlacementTerms terms = placing->terms;
    terms.from = &from;
    terms.price_pence_per_week = 6100;
    Dw__ProposeChange propose = DW__PROPOSE_CHANGE__INIT;
    propose.placement_id = id_to_data(&OTHER_ID);
    propose.terms = &terms;
    assert_int_equal(placing_tell(placing, "ann", BROKER, &propose.base).outcome, DECISION_YES);
    const Dw__Placement *cover =
        entities_get(pure_entities(placing->pure), PLACEMENTS_KIND_PLACEMENT, &OTHER_ID, 0);
    assert_int_equal(cover->n_former, 1);
    const Dw__CostsFound *found = costing_costs(placing, monday, monday + 27);
    assert_int_equal(found->lines[0]->payable_sittings, 7);
    assert_int_equal(found->lines[1]->payable_sittings, 1);
}

/* Proves: a contribution counts from its date, never above the cost, and is nothing under section 117; the NHS pays its share first. */
static void contributions_and_shares_are_taken_off(void **state)
{
    struct placing *placing = *state;
    placing->terms.nhs_share = 2500;
    costing_begin(placing);
    const int32_t monday = costing_first_monday();
    costing_assess(placing, monday, 700, false);
    costing_assess(placing, monday + 14, 1400, false);
    const Dw__CostsFound *found = costing_costs(placing, monday, monday + 27);
    assert_int_equal(found->lines[0]->payable_pence, 36000);
    assert_int_equal(found->lines[0]->nhs_pence, 9000);
    assert_int_equal(found->lines[0]->contribution_pence, 2 * 700 + 2 * 1400);
    assert_int_equal(found->net_pence, 36000 - 9000 - 4200);
    costing_assess(placing, monday + 14, 900000, false);
    found = costing_costs(placing, monday + 14, monday + 27);
    assert_int_equal(found->net_pence, 0);
    costing_assess(placing, monday + 14, 0, true);
    found = costing_costs(placing, monday + 14, monday + 27);
    assert_int_equal(found->lines[0]->contribution_pence, 0);
}

/* Proves: the first weeks of reablement are free to the person. */
static void reablement_is_free_for_its_first_weeks(void **state)
{
    struct placing *placing = *state;
    placing->level.free_weeks = 6;
    costing_begin(placing);
    costing_assess(placing, FROM, 7000, false);
    assert_int_equal(costing_costs(placing, FROM, FROM + 41)->lines[0]->contribution_pence, 0);
    assert_int_equal(costing_costs(placing, FROM + 42, FROM + 48)->lines[0]->contribution_pence,
                     7000);
}

/* --- budgets ------------------------------------------------------------------------------------------------------ */

static Dw__BudgetLine lines[3];
static Dw__BudgetLine *line_list[3];
static Dw__ProviderKind in_house[1] = {DW__PROVIDER_KIND__PROVIDER_KIND_IN_HOUSE};
static Dw__ProviderKind outside[2] = {DW__PROVIDER_KIND__PROVIDER_KIND_COMPANY,
                                      DW__PROVIDER_KIND__PROVIDER_KIND_CHARITY};

static struct pure_outcome move_money(struct placing *placing, uint32_t from, uint32_t to,
                                      int64_t pence, const struct id *id)
{
    Dw__MoveBudget move = DW__MOVE_BUDGET__INIT;
    move.virement_id = id_to_data(id);
    move.year = 2026;
    move.from_number = from;
    move.to_number = to;
    move.pence = pence;
    return placing_tell(placing, "fay", DW__ROLE__ROLE_FINANCE_OFFICER, &move.base);
}

/* Proves: a placement counts where the model says, income apart, and money is moved between lines that have it. */
static void budgets_count_placements_and_virements(void **state)
{
    struct placing *placing = *state;
    for (size_t at = 0; at < 3; at++) {
        dw__budget_line__init(&lines[at]);
        lines[at].year = 2026;
        lines[at].number = (uint32_t)at + 1;
        lines[at].name = "line";
        lines[at].amount_pence = 100000;
        line_list[at] = &lines[at];
    }
    lines[0].providers = in_house;
    lines[0].n_providers = 1;
    lines[1].providers = outside;
    lines[1].n_providers = 2;
    lines[2].income = true;
    placing->model.budget_lines = line_list;
    placing->model.n_budget_lines = 3;
    Dw__Provider provider = DW__PROVIDER__INIT;
    provider.provider_id = id_to_data(&PROVIDER_ID);
    provider.kind = DW__PROVIDER_KIND__PROVIDER_KIND_CHARITY;
    Dw__ProviderRegistered registered = DW__PROVIDER_REGISTERED__INIT;
    registered.provider = &provider;
    (void)placing_hear(placing, "capacity", &registered.base);
    costing_begin(placing);
    costing_assess(placing, FROM, 700, false);
    assert_said(move_money(placing, 1, 2, 60000, &OTHER_ID), &dw__budget_moved__descriptor, 0);
    assert_nothing_said(move_money(placing, 1, 2, 60000, &OTHER_ID));
    assert_refused(move_money(placing, 1, 2, 60001, &OTHER_ID), ALREADY_EXISTS);
    assert_refused(move_money(placing, 1, 2, 40001, &UNUSED_ID), BUDGET_SPENT);
    assert_refused(move_money(placing, 1, 9, 1, &UNUSED_ID), BUDGET_UNKNOWN);
    assert_invalid(move_money(placing, 1, 1, 1, &UNUSED_ID), "to_number");
    Dw__Budgets budgets = DW__BUDGETS__INIT;
    budgets.year = 2026;
    const Dw__BudgetsFound *found = pure_query(placing->pure, &budgets.base,
                                               DW__ROLE__ROLE_FINANCE_OFFICER, NOW_MS, TODAY, NULL);
    assert_int_equal(found->n_lines, 3);
    assert_int_equal(found->lines[0]->budget_pence, 40000);
    assert_int_equal(found->lines[0]->planned_pence, 0);
    assert_int_equal(found->lines[1]->budget_pence, 160000);
    assert_int_equal(found->lines[1]->placements, 1);
    const int64_t planned_pence = found->lines[1]->planned_pence;
    const int32_t year_last = calendar_date(2027, 3, 31);
    assert_int_equal(found->lines[2]->planned_pence, 700 * (year_last - FROM + 1) / 7);
    assert_int_equal(planned_pence,
                     costing_costs(placing, calendar_date(2026, 4, 1), year_last)->payable_pence);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, placing_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_second_week_is_half_a_year),
        TEST(a_start_says_when_in_a_week_it_is),
        TEST(parts_cost_by_their_units),
        TEST(a_ceiling_is_reckoned_in_its_unit),
        TEST(a_day_with_two_sittings_is_paid_once),
        TEST(closures_are_paid_by_their_reason),
        TEST(a_covered_sitting_is_paid_once),
        TEST(a_sitting_is_covered_on_another_day),
        TEST(one_sitting_covers_one),
        TEST(a_lost_sitting_covers_none),
        TEST(a_cover_was_one_before_its_change),
        TEST(contributions_and_shares_are_taken_off),
        TEST(reablement_is_free_for_its_first_weeks),
        TEST(budgets_count_placements_and_virements),
    };
    return cmocka_run_group_tests_name("placements_money", tests, NULL, NULL);
}
