/* Tests of services/placements: contracts that follow one another, and what each of them says of the care that outlives the first. */
#include "tests/support/changing.h"
#include "tests/support/costing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct id NEXT_CONTRACT_ID = {{78}};

/* The provider has a contract of that kind between the dates, INT32_MAX: for ever; said again, it replaces what was said of it. */
static void agree(struct placing *placing, const struct id *contract_id, Dw__ContractKind kind,
                  int32_t first, int32_t last, int64_t ceiling_pence)
{
    uint32_t levels[] = {2};
    Dw__Date from = DW__DATE__INIT, to = DW__DATE__INIT;
    Dw__Contract contract = DW__CONTRACT__INIT;
    Dw__ContractAgreed agreed = DW__CONTRACT_AGREED__INIT;
    from.days = first;
    to.days = last;
    contract.contract_id = id_to_data(contract_id);
    contract.provider_id = id_to_data(&PROVIDER_ID);
    contract.kind = kind;
    contract.levels = levels;
    contract.n_levels = 1;
    contract.from = &from;
    contract.to = last == INT32_MAX ? NULL : &to;
    contract.ceiling_pence = ceiling_pence;
    agreed.contract = &contract;
    (void)placing_hear(placing, "capacity", &agreed.base);
}

static Dw__ContractTerms block;

/* Block contracts have a fixed value and pay for planned closures; others do neither. */
static int set_up(void **ret_placing)
{
    static Dw__ContractTerms *list[] = {&block};
    static Dw__ClosureReason paid = DW__CLOSURE_REASON__CLOSURE_REASON_PLANNED;
    const int result = costing_set_up(ret_placing);
    struct placing *placing = *ret_placing;
    dw__contract_terms__init(&block);
    block.kind = DW__CONTRACT_KIND__CONTRACT_KIND_BLOCK;
    block.paid_closures = &paid;
    block.n_paid_closures = 1;
    placing->model.contract_terms = list;
    placing->model.n_contract_terms = 1;
    agree(placing, &COSTING_CONTRACT_ID, DW__CONTRACT_KIND__CONTRACT_KIND_BLOCK, FROM - 1000,
          INT32_MAX, 0);
    costing_begin(placing);
    return result;
}

static void end_block(struct placing *placing, int32_t last)
{
    agree(placing, &COSTING_CONTRACT_ID, DW__CONTRACT_KIND__CONTRACT_KIND_BLOCK, FROM - 1000, last,
          0);
}

/* Proves: between two block contracts care costs what it costs, and under the second nothing beside its value. */
static void a_gap_between_blocks_is_paid_and_no_more(void **state)
{
    struct placing *placing = *state;
    const int32_t monday = costing_first_monday();
    block.fixed_value = true;
    end_block(placing, monday + 6);
    agree(placing, &NEXT_CONTRACT_ID, DW__CONTRACT_KIND__CONTRACT_KIND_BLOCK, monday + 14,
          INT32_MAX, 0);
    assert_int_equal(costing_costs(placing, monday, monday + 6)->payable_pence, 0);
    assert_int_equal(costing_costs(placing, monday + 7, monday + 13)->payable_pence, 9000);
    assert_int_equal(costing_costs(placing, monday + 14, monday + 20)->payable_pence, 0);
    assert_int_equal(costing_costs(placing, monday + 14, monday + 20)->notional_pence, 9000);
}

/* Proves: a closure is paid by the rule of the contract that is in force. */
static void a_closure_is_paid_by_the_contract_of_its_day(void **state)
{
    struct placing *placing = *state;
    const int32_t monday = costing_first_monday();
    costing_lose(placing, &COSTING_CLOSURE_ID, monday + 14, 1);
    assert_int_equal(costing_costs(placing, monday + 14, monday + 20)->payable_pence, 9000);
    end_block(placing, monday + 6);
    agree(placing, &NEXT_CONTRACT_ID, DW__CONTRACT_KIND__CONTRACT_KIND_SPOT, monday + 7, INT32_MAX,
          0);
    assert_int_equal(costing_costs(placing, monday + 14, monday + 20)->payable_pence, 4500);
}

/* Proves: a new price is held against the ceiling of the contract that is in force. */
static void a_ceiling_is_that_of_the_contract_of_the_day(void **state)
{
    struct placing *placing = *state;
    static Dw__ApprovalBand bands[2], *list[] = {&bands[0], &bands[1]};
    for (size_t at = 0; at < 2; at++)
        dw__approval_band__init(&bands[at]);
    bands[0].role = DW__ROLE__ROLE_BROKER;
    bands[0].up_to_pence = INT64_C(100000000);
    bands[1].role = DW__ROLE__ROLE_APPROVER;
    placing->rules.approval_bands = list;
    placing->rules.n_approval_bands = 2;
    end_block(placing, TODAY - 40);
    agree(placing, &NEXT_CONTRACT_ID, DW__CONTRACT_KIND__CONTRACT_KIND_SPOT, TODAY - 39, INT32_MAX,
          5000);
    Dw__Date from = DW__DATE__INIT;
    Dw__PlacementTerms terms = placing->terms;
    from.days = TODAY;
    terms.from = &from;
    terms.price_pence_per_week = 40000;
    assert_told(changing_propose(placing, &terms, NULL), &dw__change_proposed__descriptor,
                &dw__change_approval_requested__descriptor, NULL);
    assert_true(placing_now(placing)->change->approval->above_ceiling);
    /* What the council is asked is not for the provider to see. */
    Dw__GetPlacement get = DW__GET_PLACEMENT__INIT;
    get.placement_id = id_to_data(&PLACEMENT_ID);
    pure_principal_provider(placing->pure, &PROVIDER_ID);
    const Dw__Placement *seen =
        pure_query(placing->pure, &get.base, PROVIDER_MANAGER, NOW_MS, TODAY, NULL);
    assert_null(seen->change);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, placing_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_gap_between_blocks_is_paid_and_no_more),
        TEST(a_closure_is_paid_by_the_contract_of_its_day),
        TEST(a_ceiling_is_that_of_the_contract_of_the_day),
    };
    return cmocka_run_group_tests_name("placements_contracts", tests, NULL, NULL);
}
