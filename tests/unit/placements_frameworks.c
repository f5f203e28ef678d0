/* Tests of services/placements: what a framework is committed for, and what is held against its value. */
#include "tests/support/changing.h"
#include "tests/support/costing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "common/calendar.h"
#include "common/entities_store.h"

/* Proves: a framework is committed for what somebody has from the day they came to the day they left, of the terms of before, too. */
static void a_framework_is_committed_for_what_was_had(void **state)
{
    struct placing *placing = *state;
    const int32_t monday = costing_first_monday();
    placing->rules.approval_bands = NULL;
    costing_framework(placing);
    costing_set_budgets(placing, 1);
    placing_bring_to(placing, PLACEMENT_ACCEPTED);
    (void)placing_start(placing, monday + 7);
    assert_int_equal(costing_budgets(placing)->frameworks[0]->committed_pence, 103 * 9000);
    Dw__PlacementTerms terms = placing->terms;
    Dw__Date from = DW__DATE__INIT;
    from.days = monday + 28;
    terms.from = &from;
    terms.price_pence_per_week = 18000;
    Dw__ProposeChange propose = DW__PROPOSE_CHANGE__INIT;
    propose.placement_id = id_to_data(&PLACEMENT_ID);
    propose.terms = &terms;
    assert_int_equal(placing_tell(placing, "ann", BROKER, &propose.base).outcome, DECISION_YES);
    assert_int_equal(costing_budgets(placing)->frameworks[0]->committed_pence,
                     3 * 9000 + 100 * 18000);
    (void)placing_end(placing, monday + 13);
    assert_int_equal(costing_budgets(placing)->frameworks[0]->committed_pence, 9000);
    assert_int_equal(costing_costs(placing, FROM, FROM + 700)->payable_pence, 9000);
}

/* Proves: a dearer change counts against the framework while it waits for approval, so that two that wait do not take the same money. */
static void a_change_that_waits_is_committed(void **state)
{
    struct placing *placing = *state;
    static Dw__ApprovalBand band, *list[] = {&band};
    dw__approval_band__init(&band);
    band.role = DW__ROLE__ROLE_APPROVER;
    costing_framework(placing);
    costing_set_budgets(placing, 1);
    costing_begin(placing);
    const int64_t before_pence = costing_budgets(placing)->frameworks[0]->committed_pence;
    placing->rules.approval_bands = list;
    placing->rules.n_approval_bands = 1;
    Dw__Date from = DW__DATE__INIT;
    Dw__PlacementTerms terms = placing->terms;
    terms.from = &from;
    from.days = TODAY;
    terms.price_pence_per_week = 12000;
    assert_told(changing_propose(placing, &terms, NULL), &dw__change_proposed__descriptor,
                &dw__change_approval_requested__descriptor, NULL);
    const int64_t waits_pence = costing_budgets(placing)->frameworks[0]->committed_pence;
    assert_true(waits_pence > before_pence);
    Dw__ApproveChange approve = DW__APPROVE_CHANGE__INIT;
    approve.placement_id = id_to_data(&PLACEMENT_ID);
    (void)placing_tell(placing, "ben", DW__ROLE__ROLE_APPROVER, &approve.base);
    assert_int_equal(placing_now(placing)->terms->price_pence_per_week, 12000);
    assert_int_equal(costing_budgets(placing)->frameworks[0]->committed_pence, waits_pence);
}

/* Proves: a framework is not committed for what a contract outside it pays. */
static void what_another_contract_pays_is_not_committed(void **state)
{
    struct placing *placing = *state;
    const int32_t monday = costing_first_monday();
    costing_framework(placing);
    costing_set_budgets(placing, 1);
    costing_begin(placing);
    const int64_t before_pence = costing_budgets(placing)->frameworks[0]->committed_pence;
    costing_end_contract(placing, monday + 13);
    assert_int_equal(costing_budgets(placing)->frameworks[0]->committed_pence, before_pence);
    placing_agree(placing, &UNUSED_ID, &PROVIDER_ID, DW__CONTRACT_KIND__CONTRACT_KIND_SPOT, 0);
    assert_int_equal(costing_budgets(placing)->frameworks[0]->committed_pence,
                     costing_costs(placing, FROM, monday + 13)->payable_pence);
}

/* Proves: what is paid for later, when the contract before has ended, is committed from then on. */
static void what_a_framework_pays_later_is_committed(void **state)
{
    struct placing *placing = *state;
    const int32_t monday = costing_first_monday();
    (void)placing_framework(placing, FROM + 727);
    placing_agree(placing, &COSTING_CONTRACT_ID, &PROVIDER_ID,
                  DW__CONTRACT_KIND__CONTRACT_KIND_SPOT, 0);
    costing_set_budgets(placing, 1);
    costing_begin(placing);
    assert_int_equal(costing_budgets(placing)->frameworks[0]->committed_pence, 0);
    costing_end_contract(placing, monday + 13);
    placing_agree(placing, &UNUSED_ID, &PROVIDER_ID, DW__CONTRACT_KIND__CONTRACT_KIND_FPS, 1);
    const int64_t pence = costing_costs(placing, monday + 14, FROM + 727)->payable_pence;
    assert_true(pence > 0);
    assert_int_equal(costing_budgets(placing)->frameworks[0]->committed_pence, pence);
}

/* Proves: who is there under a contract that takes nobody new is still within its framework. */
static void a_closed_contract_keeps_its_framework(void **state)
{
    struct placing *placing = *state;
    costing_framework(placing);
    costing_set_budgets(placing, 1);
    costing_begin(placing);
    struct id contract_id;
    Dw__Contract contract =
        *placements_contract(pure_state(placing->pure), &placing->terms, TODAY, &contract_id)
             ->contract;
    Dw__ContractStanding standing = DW__CONTRACT_STANDING__INIT;
    standing.state = DW__CONTRACT_STATE__CONTRACT_STATE_CLOSED_TO_NEW;
    standing.to = contract.to;
    Dw__ContractClosed closed = DW__CONTRACT_CLOSED__INIT;
    closed.contract = &contract;
    closed.standing = &standing;
    (void)placing_hear(placing, "capacity", &closed.base);
    placing->framework.value_pence =
        costing_budgets(placing)->frameworks[0]->committed_pence + 9999;
    placing->framework.over_value = DW__RULE_EFFECT__RULE_EFFECT_EXCLUDE;
    Dw__Date from = DW__DATE__INIT;
    Dw__PlacementTerms terms = placing->terms;
    terms.from = &from;
    from.days = TODAY;
    terms.price_pence_per_week = 90000;
    assert_refused(changing_propose(placing, &terms, NULL), FRAMEWORK_SPENT);
}

/* Proves: a change that waits for its chairs is counted once when it is asked whether the framework has its value. */
static void a_change_that_fits_is_not_above_the_framework(void **state)
{
    struct placing *placing = *state;
    static Dw__ApprovalBand bands[2], *list[] = {&bands[0], &bands[1]};
    Dw__Date from;
    ProtobufCBinaryData session_ids[2];
    for (size_t at = 0; at < 2; at++)
        dw__approval_band__init(&bands[at]);
    bands[0].role = DW__ROLE__ROLE_BROKER;
    bands[0].up_to_pence = INT64_C(100000000);
    bands[1].role = DW__ROLE__ROLE_COMMISSIONER;
    costing_framework(placing);
    costing_set_budgets(placing, 1);
    costing_begin(placing);
    placing->rules.approval_bands = list;
    placing->rules.n_approval_bands = 2;
    Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
    terms.price_pence_per_week = 12000;
    (void)changing_propose(placing, &terms, &CHANGE_HOLD_ID);
    placing->framework.value_pence = costing_budgets(placing)->frameworks[0]->committed_pence;
    placing->framework.over_value = DW__RULE_EFFECT__RULE_EFFECT_WARN;
    assert_said(placing_hold_answered(placing, &CHANGE_HOLD_ID, ANSWER_ACCEPTED, 0),
                &dw__change_approved__descriptor, 1);
}

/* Proves: a framework whose term ends before a change that was agreed ahead is committed to that end. */
static void a_framework_is_committed_to_the_end_of_its_term(void **state)
{
    struct placing *placing = *state;
    Dw__Date from = DW__DATE__INIT;
    costing_framework(placing);
    costing_set_budgets(placing, 1);
    costing_begin(placing);
    Dw__PlacementTerms terms = placing->terms;
    from.days = TODAY + 60;
    terms.from = &from;
    terms.price_pence_per_week = 8000;
    (void)changing_propose(placing, &terms, NULL);
    (void)placing_framework(placing, TODAY + 10);
    assert_int_equal(costing_budgets(placing)->frameworks[0]->committed_pence,
                     costing_costs(placing, FROM, TODAY + 10)->payable_pence);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, costing_set_up, placing_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_framework_is_committed_for_what_was_had),
        TEST(a_change_that_waits_is_committed),
        TEST(what_another_contract_pays_is_not_committed),
        TEST(what_a_framework_pays_later_is_committed),
        TEST(a_framework_is_committed_to_the_end_of_its_term),
        TEST(a_closed_contract_keeps_its_framework),
        TEST(a_change_that_fits_is_not_above_the_framework),
    };
    return cmocka_run_group_tests_name("placements_frameworks", tests, NULL, NULL);
}
