/* Tests of services/placements: who must approve a cost, who may, and what is done while they are asked. */
#include "services/placements/checks.h"
#include "tests/support/placing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/entities_store.h"

static const struct id CONTRACT_ID = {{21}};

/* A broker may take what costs up to £5,000 a year, an approver up to £20,000, a commissioner anything. */
static Dw__ApprovalBand bands[3];
static Dw__ApprovalBand *band_list[3];
static Dw__ContractTerms contract_terms;
static Dw__ContractTerms *contract_terms_list[1] = {&contract_terms};

static int set_up(void **ret_placing)
{
    const int result = placing_set_up(ret_placing);
    struct placing *placing = *ret_placing;
    static const int ROLES[] = {DW__ROLE__ROLE_BROKER, DW__ROLE__ROLE_APPROVER,
                                DW__ROLE__ROLE_COMMISSIONER};
    static const int64_t UP_TO[] = {500000, 2000000, 0};
    for (size_t at = 0; at < 3; at++) {
        dw__approval_band__init(&bands[at]);
        bands[at].role = (Dw__Role)ROLES[at];
        bands[at].up_to_pence = UP_TO[at];
        band_list[at] = &bands[at];
    }
    placing->rules.n_approval_bands = 3;
    placing->rules.approval_bands = band_list;
    placing->rules.hold_minutes = 60;
    placing->rules.hold_minutes_max = 180;
    dw__contract_terms__init(&contract_terms);
    contract_terms.kind = DW__CONTRACT_KIND__CONTRACT_KIND_FRAMEWORK;
    contract_terms.approval = DW__APPROVAL_BASIS__APPROVAL_BASIS_WHOLE_LIFE;
    return result;
}

/* The provider has a contract of that kind for level 2, to that date; ceiling: pence a session, 0 = none. */
static void agree_contract(struct placing *placing, int kind, int32_t to, int64_t ceiling_pence)
{
    uint32_t levels[] = {2};
    Dw__Date from = DW__DATE__INIT;
    Dw__Date last = DW__DATE__INIT;
    from.days = FROM - 1000;
    last.days = to;
    Dw__Contract contract = DW__CONTRACT__INIT;
    contract.contract_id = id_to_data(&CONTRACT_ID);
    contract.provider_id = id_to_data(&PROVIDER_ID);
    contract.kind = (Dw__ContractKind)kind;
    contract.levels = levels;
    contract.n_levels = 1;
    contract.from = &from;
    contract.to = &last;
    contract.ceiling_pence = ceiling_pence;
    contract.framework = 1;
    Dw__ContractAgreed agreed = DW__CONTRACT_AGREED__INIT;
    agreed.contract = &contract;
    assert_told(placing_hear(placing, "capacity", &agreed.base), &dw__contract_noted__descriptor,
                NULL);
}

static struct pure_outcome propose_and_hold(struct placing *placing)
{
    (void)placing_propose(placing);
    return placing_hold_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0);
}

static struct pure_outcome approve(struct placing *placing, const char *name, int role)
{
    Dw__ApprovePlacement command = DW__APPROVE_PLACEMENT__INIT;
    command.placement_id = id_to_data(&PLACEMENT_ID);
    return placing_tell(placing, name, role, &command.base);
}

/* Proves: what a broker may take alone is offered at once, and nobody is asked. */
static void a_small_cost_needs_nobody(void **state)
{
    struct placing *placing = *state;
    placing->terms.price_pence_per_week = 9000; /* two sessions a week for a year: £4,680 */
    assert_told(propose_and_hold(placing), &dw__placement_offered__descriptor, NULL);
    assert_null(placing_now(placing)->approval);
}

/* Proves: a band goes up to its value, and not a penny beyond. */
static void a_band_goes_up_to_its_value(void **state)
{
    struct placing *placing = *state;
    placing->terms.price_pence_per_week = 9000;
    placing->terms.price_pence_per_year = 500000;
    assert_told(propose_and_hold(placing), &dw__placement_offered__descriptor, NULL);
    placing->terms.person_id = id_to_data(&OTHER_ID);
    placing->terms.price_pence_per_year = 500001;
    (void)placing_propose_as(placing, &OTHER_ID, &UNUSED_ID);
    assert_told(placing_hold_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0),
                &dw__approval_requested__descriptor, NULL);
}

/* Proves: what costs more waits, is not approved by who proposed it nor in a role that may not, and is then offered. */
static void a_larger_cost_waits_for_somebody_else(void **state)
{
    struct placing *placing = *state;
    placing->terms.price_pence_per_week = 50000; /* £26,000 a year and some */
    assert_told(propose_and_hold(placing), &dw__approval_requested__descriptor, NULL);
    assert_state(placing, AWAITING_APPROVAL);
    assert_refused(placing_accept_offer(placing), NOT_YOURS); /* it was not offered */
    assert_refused(approve(placing, "pure", DW__ROLE__ROLE_COMMISSIONER), SAME_PERSON);
    const struct pure_outcome no = approve(placing, "ann", DW__ROLE__ROLE_APPROVER);
    assert_int_equal(no.refusal, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_ABOVE_LIMIT);
    assert_string_equal(no.sentence,
                        "It costs £26000.00 a year, and your role approves up to £20000.00; ask "
                        "somebody in the role commissioner.");
    assert_told(approve(placing, "ben", DW__ROLE__ROLE_COMMISSIONER),
                &dw__placement_approved__descriptor, &dw__placement_offered__descriptor, NULL);
    assert_state(placing, OFFERED);
    assert_string_equal(placing_now(placing)->approval->approved_by, "ben");
    assert_nothing_said(approve(placing, "ben", DW__ROLE__ROLE_COMMISSIONER));
}

/* Proves: a no gives the place back and is final. */
static void a_no_gives_the_place_back(void **state)
{
    struct placing *placing = *state;
    placing->terms.price_pence_per_week = 20000;
    (void)propose_and_hold(placing);
    Dw__RefusePlacement refuse = DW__REFUSE_PLACEMENT__INIT;
    refuse.placement_id = id_to_data(&PLACEMENT_ID);
    refuse.reason = DW__NOT_APPROVED_REASON__NOT_APPROVED_REASON_COST;
    const struct pure_outcome told =
        placing_tell(placing, "ann", DW__ROLE__ROLE_APPROVER, &refuse.base);
    assert_said(told, &dw__placement_refused__descriptor, 1);
    assert_sent(told, 0, &dw__release_hold__descriptor, &HOLD_ID);
    assert_state(placing, REFUSED);
    assert_refused(approve(placing, "ann", DW__ROLE__ROLE_APPROVER), WRONG_STATE);
}

/* Proves: of two contracts the one that was agreed later counts, whatever its id. */
static void the_later_contract_counts(void **state)
{
    struct placing *placing = *state;
    struct id contract_id;
    agree_contract(placing, DW__CONTRACT_KIND__CONTRACT_KIND_FPS, FROM + 5000, 0);
    Dw__Contract later =
        *placements_contract(pure_state(placing->pure), &placing->terms, FROM, &contract_id)
             ->contract;
    Dw__Date from = *later.from;
    Dw__ContractAgreed agreed = DW__CONTRACT_AGREED__INIT;
    const struct id ids[] = {{{1}}, {{255}}};
    for (size_t at = 0; at < 2; at++) {
        from.days++;
        later.from = &from;
        later.contract_id = id_to_data(&ids[at]);
        agreed.contract = &later;
        (void)placing_hear(placing, "capacity", &agreed.base);
        assert_non_null(
            placements_contract(pure_state(placing->pure), &placing->terms, FROM, &contract_id));
        assert_true(id_equal(&contract_id, &ids[at]));
    }
}

/* Proves: a direct payment is nobody's to approve, whatever it costs. */
static void a_direct_payment_skips_approval(void **state)
{
    struct placing *placing = *state;
    placing->terms.price_pence_per_week = 500000;
    placing->terms.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;
    assert_told(propose_and_hold(placing), &dw__placement_offered__descriptor, NULL);
}

/* Proves: a price above the contract's ceiling is not the broker's to take, however little it comes to. */
static void a_price_above_the_ceiling_needs_approval(void **state)
{
    struct placing *placing = *state;
    agree_contract(placing, DW__CONTRACT_KIND__CONTRACT_KIND_FPS, FROM + 5000, 4000);
    placing->terms.price_pence_per_week = 9000; /* 4,500 a session */
    assert_told(propose_and_hold(placing), &dw__approval_requested__descriptor, NULL);
    assert_true(placing_now(placing)->approval->above_ceiling);
    assert_told(approve(placing, "ann", DW__ROLE__ROLE_APPROVER),
                &dw__placement_approved__descriptor, &dw__placement_offered__descriptor, NULL);
}

/* Proves: under a kind of contract that counts whole lives, four years are approved and not one. */
static void a_whole_life_is_approved_where_the_model_says_so(void **state)
{
    struct placing *placing = *state;
    placing->model.contract_terms = contract_terms_list;
    placing->model.n_contract_terms = 1;
    agree_contract(placing, DW__CONTRACT_KIND__CONTRACT_KIND_FRAMEWORK, FROM + 4 * 365 - 1, 0);
    placing->terms.price_pence_per_week = 9000;
    assert_told(propose_and_hold(placing), &dw__approval_requested__descriptor, NULL);
    const Dw__Approval *approval = placing_now(placing)->approval;
    assert_int_equal(approval->basis, DW__APPROVAL_BASIS__APPROVAL_BASIS_WHOLE_LIFE);
    assert_in_range(approval->cost_pence, 4 * 52 * 9000 - 9000, 4 * 53 * 9000);
}

/* Proves: nothing new is called off under a framework whose exercised term is over, until it is extended. */
static void a_framework_is_over_with_its_term(void **state)
{
    struct placing *placing = *state;
    Dw__FrameworkExtended extended = DW__FRAMEWORK_EXTENDED__INIT;
    (void)placing_framework(placing, FROM - 1);
    agree_contract(placing, DW__CONTRACT_KIND__CONTRACT_KIND_FRAMEWORK, FROM + 1000, 0);
    assert_refused(placing_propose(placing), FRAMEWORK_SPENT);
    Dw__Date later = DW__DATE__INIT;
    later.days = FROM;
    extended.framework = 1;
    extended.to = &later;
    (void)placing_hear(placing, "capacity", &extended.base);
    assert_said(placing_propose(placing), &dw__placement_proposed__descriptor, 1);
}

/* Proves: the framework's value is counted down to the end of its exercised term, and more than is left is refused. */
static void a_spent_framework_is_refused(void **state)
{
    struct placing *placing = *state;
    Dw__Framework *framework = placing_framework(placing, FROM + 2 * 364 - 1); /* of 52 weeks */
    framework->value_pence = 3 * 52 * 9000; /* three years of it */
    framework->over_value = DW__RULE_EFFECT__RULE_EFFECT_EXCLUDE;
    agree_contract(placing, DW__CONTRACT_KIND__CONTRACT_KIND_FPS, FROM + 5000, 0);
    (void)propose_and_hold(placing); /* takes two years of it */
    placing->terms.person_id = id_to_data(&OTHER_ID);
    const struct pure_outcome spent = placing_propose_as(placing, &OTHER_ID, &UNUSED_ID);
    assert_refused(spent, FRAMEWORK_SPENT);
    assert_non_null(strstr(spent.sentence, "£4680.00 of the framework's value is left"));
    placing->terms.to = &placing->to;
    placing->to.days = FROM + 363; /* one year is left */
    assert_int_equal(placing_propose_as(placing, &OTHER_ID, &UNUSED_ID).outcome, DECISION_YES);
    framework->value_pence *= 10;
    Dw__Date to = DW__DATE__INIT;
    Dw__FrameworkExtended extended = DW__FRAMEWORK_EXTENDED__INIT;
    to.days = FROM + 3 * 364 - 1;
    extended.framework = 1;
    extended.to = &to;
    extended.extensions_exercised = 1;
    (void)placing_hear(placing, "capacity", &extended.base);
    Dw__Budgets budgets = DW__BUDGETS__INIT;
    budgets.year = 2026;
    const Dw__BudgetsFound *found =
        pure_query(placing->pure, &budgets.base, DW__ROLE__ROLE_COMMISSIONER, NOW_MS, TODAY, NULL);
    assert_int_equal(found->n_frameworks, 1);
    assert_int_equal(found->frameworks[0]->committed_pence, 4 * 52 * 9000); /* three and one */
}

/* Proves: a framework that may be overspent is, with the yes of somebody above a broker, who is told why. */
static void an_overspent_framework_is_flagged(void **state)
{
    struct placing *placing = *state;
    Dw__Framework *framework = placing_framework(placing, FROM + 2 * 364 - 1);
    framework->value_pence = 3 * 52 * 1000;
    framework->over_value = DW__RULE_EFFECT__RULE_EFFECT_WARN;
    agree_contract(placing, DW__CONTRACT_KIND__CONTRACT_KIND_FPS, FROM + 5000, 0);
    placing->terms.price_pence_per_week = 1000; /* a broker's to take */
    assert_told(propose_and_hold(placing), &dw__placement_offered__descriptor, NULL);
    placing->terms.person_id = id_to_data(&OTHER_ID);
    (void)placing_propose_as(placing, &OTHER_ID, &UNUSED_ID);
    const struct pure_outcome told = placing_hold_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0);
    assert_told(told, &dw__approval_requested__descriptor, NULL);
    Dw__ApprovalRequested *requested = dw__approval_requested__unpack(
        NULL, told.decision->events[0].body.len, told.decision->events[0].body.bytes);
    assert_true(requested->approval->above_framework);
    assert_false(requested->approval->above_ceiling);
    dw__approval_requested__free_unpacked(requested, NULL);
    Dw__ApprovePlacement approve_it = DW__APPROVE_PLACEMENT__INIT;
    approve_it.placement_id = id_to_data(&OTHER_ID);
    assert_int_equal(
        placing_tell(placing, "ben", DW__ROLE__ROLE_APPROVER, &approve_it.base).outcome,
        DECISION_YES);
}

enum { HELD_NO_MORE = 1 << DW__PLACEMENT_FLAG__PLACEMENT_FLAG_PLACE_NOT_HELD };

static uint32_t flags_now(struct placing *placing)
{
    return placements_flags(pure_state(placing->pure), &placing->model, placing_now(placing),
                            TODAY);
}

/* Proves: while somebody has to answer the hold is extended, as long as the model allows and no longer. */
static void a_hold_is_kept_while_somebody_is_asked(void **state)
{
    struct placing *placing = *state;
    placing->terms.price_pence_per_week = 50000;
    (void)propose_and_hold(placing);
    size_t count;
    const int64_t minute_ms = 60000;
    (void)pure_due(placing->pure, 16, NOW_MS + 50 * minute_ms, TODAY, &count);
    assert_int_equal(count, 0);
    int64_t next_ms = pure_due(placing->pure, 16, NOW_MS + 59 * minute_ms, TODAY, &count);
    assert_int_equal(count, 1);
    assert_int_equal(placing_now(placing)->hold_until_ms, NOW_MS + 119 * minute_ms);
    (void)pure_due(placing->pure, 16, NOW_MS + 118 * minute_ms, TODAY, &count);
    assert_int_equal(placing_now(placing)->hold_until_ms, NOW_MS + 178 * minute_ms);
    assert_int_equal(flags_now(placing) & HELD_NO_MORE, 0);
    (void)pure_due(placing->pure, 16, NOW_MS + 177 * minute_ms, TODAY, &count);
    assert_int_equal(placing_now(placing)->hold_until_ms, 0); /* three hours are the longest */
    next_ms = pure_due(placing->pure, 16, NOW_MS + 178 * minute_ms, TODAY, &count);
    assert_int_equal(count, 0);
    assert_int_equal(next_ms, INT64_MAX);
    assert_state(placing, AWAITING_APPROVAL);
    assert_int_equal(flags_now(placing) & HELD_NO_MORE, HELD_NO_MORE); /* and somebody is told */
}

/* Proves: a person's no takes back what has not started; a yes stands beside it. */
static void what_the_person_says_counts(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_OFFERED);
    Dw__Date date = DW__DATE__INIT;
    date.days = TODAY;
    Dw__PersonDecision said = DW__PERSON_DECISION__INIT;
    Dw__RecordPersonDecision record = DW__RECORD_PERSON_DECISION__INIT;
    said.said = DW__DECISION_SAID__DECISION_SAID_YES;
    said.by = DW__DECIDED_BY__DECIDED_BY_PERSON;
    said.date = &date;
    record.placement_id = id_to_data(&PLACEMENT_ID);
    record.decision = &said;
    date.days = TODAY + 1;
    assert_refused(placing_tell(placing, "ann", BROKER, &record.base), DATE_OUTSIDE);
    date.days = TODAY;
    assert_told(placing_tell(placing, "ann", BROKER, &record.base),
                &dw__person_decision_recorded__descriptor, NULL);
    assert_state(placing, OFFERED);
    said.said = DW__DECISION_SAID__DECISION_SAID_NO;
    assert_told(placing_tell(placing, "ann", BROKER, &record.base),
                &dw__person_decision_recorded__descriptor, &dw__placement_cancelled__descriptor,
                NULL);
    assert_state(placing, CANCELLED);
}

/* Proves: what a provider finds out is kept, its words in the vault; a person comes to see at most ten times. */
static void assessments_and_tasters_are_kept(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_OFFERED);
    Dw__Date date = DW__DATE__INIT;
    date.days = TODAY;
    Dw__RecordProviderAssessment assess = DW__RECORD_PROVIDER_ASSESSMENT__INIT;
    assess.placement_id = id_to_data(&PLACEMENT_ID);
    assess.result = DW__ASSESSMENT_RESULT__ASSESSMENT_RESULT_ABLE_WITH_CONDITIONS;
    assess.date = &date;
    assess.notes = "Robin needs a quiet room";
    date.days = TODAY + 1;
    assert_refused(placing_tell(placing, "ann", PROVIDER_MANAGER, &assess.base), DATE_OUTSIDE);
    date.days = TODAY;
    const struct pure_outcome told = placing_tell(placing, "ann", PROVIDER_MANAGER, &assess.base);
    assert_said(told, &dw__provider_assessment_recorded__descriptor, 0);
    assert_int_equal(told.decision->keeps_count, 1);
    assert_null(
        memmem(told.decision->events[0].body.bytes, told.decision->events[0].body.len, "quiet", 5));
    Dw__BookTaster book = DW__BOOK_TASTER__INIT;
    book.placement_id = id_to_data(&PLACEMENT_ID);
    book.date = &date;
    date.days = TODAY + 367;
    assert_refused(placing_tell(placing, "ann", BROKER, &book.base), DATE_OUTSIDE);
    for (int32_t day = 0; day < 10; day++) {
        date.days = TODAY + day;
        assert_said(placing_tell(placing, "ann", BROKER, &book.base),
                    &dw__taster_booked__descriptor, 0);
        assert_nothing_said(placing_tell(placing, "ann", BROKER, &book.base));
    }
    date.days = TODAY + 10;
    assert_refused(placing_tell(placing, "ann", BROKER, &book.base), TOO_MANY);
    assert_int_equal(placing_now(placing)->n_tasters, 10);
    date.days = TODAY;
    assess.result = DW__ASSESSMENT_RESULT__ASSESSMENT_RESULT_UNABLE;
    (void)placing_tell(placing, "ann", PROVIDER_MANAGER, &assess.base);
    assert_refused(placing_accept_offer(placing), WRONG_STATE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, placing_tear_down)

/* --- changes ---------------------------------------------------------------------------------------------------------- */

static void begin(struct placing *placing)
{
    (void)propose_and_hold(placing);
    (void)approve(placing, "ben", DW__ROLE__ROLE_COMMISSIONER);
    (void)placing_accept_offer(placing);
    (void)placing_confirm_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0);
    (void)placing_start(placing, FROM);
    assert_state(placing, ACTIVE);
}

/* By a broker, of the placing's terms as they are by now; new chairs, where they are needed, are there. */
static struct pure_outcome change(struct placing *placing)
{
    Dw__ProposeChange command = DW__PROPOSE_CHANGE__INIT;
    command.placement_id = id_to_data(&PLACEMENT_ID);
    command.terms = &placing->terms;
    command.hold_id = id_to_data(&UNUSED_ID);
    const struct pure_outcome told = placing_tell(placing, "bob", BROKER, &command.base);
    return told.outcome == DECISION_YES && told.decision->sends_count > 0
               ? placing_hold_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0)
               : told;
}

static void assert_waits(struct placing *placing)
{
    assert_non_null(placing_now(placing)->change);
    assert_int_equal(placing_now(placing)->change->state,
                     DW__CHANGE_STATE__CHANGE_STATE_AWAITING_APPROVAL);
}

/* Proves: a week that costs more waits, however few of them there are left. */
static void a_late_rise_waits(void **state)
{
    struct placing *placing = *state;
    placing->terms.to = &placing->to;
    placing->to.days = FROM + 300;
    placing->terms.price_pence_per_week = 40000;
    begin(placing);
    placing->from.days = FROM + 240;
    placing->terms.price_pence_per_week = 150000;
    (void)change(placing);
    assert_waits(placing);
    assert_int_equal(placing_now(placing)->terms->price_pence_per_week, 40000);
}

/* Proves: nor is a late rise hidden in the parts of a week that is said to cost the same. */
static void a_late_rise_in_parts_waits(void **state)
{
    struct placing *placing = *state;
    Dw__PricePart part = DW__PRICE_PART__INIT, *parts[] = {&part};
    part.kind = DW__PRICE_PART_KIND__PRICE_PART_KIND_DAY_SUPPORT;
    part.unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    part.pence = 20000; /* two sessions */
    placing->terms.parts = parts;
    placing->terms.n_parts = 1;
    placing->terms.to = &placing->to;
    placing->to.days = FROM + 300;
    placing->terms.price_pence_per_week = 40000;
    begin(placing);
    placing->from.days = FROM + 60;
    placing->to.days = FROM + 75; /* so soon that even a year of it comes to less */
    part.pence = 75000;
    (void)change(placing);
    assert_waits(placing);
}

/* Proves: where whole lives are approved a later end waits, and a ceiling is by the sitting, whatever a price is for. */
static void a_longer_life_waits(void **state)
{
    struct placing *placing = *state;
    placing->model.contract_terms = contract_terms_list;
    placing->model.n_contract_terms = 1;
    agree_contract(placing, DW__CONTRACT_KIND__CONTRACT_KIND_FRAMEWORK, FROM + 4 * 365 - 1, 4000);
    placing->terms.to = &placing->to;
    placing->to.days = FROM + 300;
    placing->terms.price_pence_per_week = 7000;
    assert_told(propose_and_hold(placing), &dw__placement_offered__descriptor, NULL);
    (void)placing_accept_offer(placing);
    (void)placing_confirm_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0);
    (void)placing_start(placing, FROM);
    placing->from.days = FROM + 240;
    placing->terms.to = NULL;
    (void)change(placing);
    assert_waits(placing);
    assert_in_range(placing_now(placing)->change->approval->cost_pence, 205 * 7000, 210 * 7000);
    Dw__PricePart part = DW__PRICE_PART__INIT, *parts[] = {&part};
    const Dw__Contract ceiling = {.ceiling_pence = 4000};
    const Dw__NotedContract contract = {.contract = (Dw__Contract *)(uintptr_t)&ceiling};
    part.kind = DW__PRICE_PART_KIND__PRICE_PART_KIND_DAY_SUPPORT;
    part.unit = DW__PRICE_UNIT__PRICE_UNIT_WEEK;
    part.pence = 8000; /* of two sessions */
    placing->terms.parts = parts;
    placing->terms.n_parts = 1;
    const struct state *of = pure_state(placing->pure);
    assert_false(placements_is_above_ceiling(of, &placing->terms, &contract));
    part.pence = 8001;
    assert_true(placements_is_above_ceiling(of, &placing->terms, &contract));
    Dw__PriceCeiling by_week = {.price_pence = 8001, .unit = DW__PRICE_UNIT__PRICE_UNIT_WEEK};
    Dw__Contract other = {.ceiling = &by_week};
    const Dw__NotedContract by_another_unit = {.contract = &other};
    assert_false(placements_is_above_ceiling(of, &placing->terms, &by_another_unit));
    by_week.price_pence = 8000;
    assert_true(placements_is_above_ceiling(of, &placing->terms, &by_another_unit));
}

/* Proves: what nobody had to approve for twelve weeks waits when it is to go on for twelve more: a limit is not passed in pieces. */
static void a_limit_is_not_passed_in_pieces(void **state)
{
    struct placing *placing = *state;
    placing->terms.to = &placing->to;
    placing->to.days = FROM + 84 - 1;
    placing->terms.price_pence_per_week = 40000; /* £4,800 in all; a broker's band ends at £5,000 */
    assert_told(propose_and_hold(placing), &dw__placement_offered__descriptor, NULL);
    (void)placing_accept_offer(placing);
    (void)placing_confirm_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0);
    (void)placing_start(placing, FROM);
    placing->from.days = FROM + 84;
    placing->to.days = FROM + 168 - 1;
    (void)change(placing);
    assert_waits(placing);
    assert_true(placing_now(placing)->change->approval->cost_pence > 900000);
}

/* Proves: what the council did not pay for before waits, though it costs no more than the person paid. */
static void a_direct_payment_that_becomes_a_placement_waits(void **state)
{
    struct placing *placing = *state;
    placing->terms.price_pence_per_week = 200000;
    placing->terms.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;
    begin(placing);
    placing->from.days = TODAY;
    placing->terms.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    placing->terms.price_pence_per_week = 190000;
    (void)change(placing);
    assert_waits(placing);
}

/* Proves: day support above the ceiling waits, also in two parts, and also when the week costs less. */
static void the_ceiling_counts_in_parts_and_changes(void **state)
{
    struct placing *placing = *state;
    Dw__PricePart one = DW__PRICE_PART__INIT, two, *parts[] = {&one, &two};
    one.kind = DW__PRICE_PART_KIND__PRICE_PART_KIND_DAY_SUPPORT;
    one.unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    one.pence = 2000;
    two = one;
    agree_contract(placing, DW__CONTRACT_KIND__CONTRACT_KIND_FRAMEWORK, TODAY + 100, 5000);
    placing->terms.parts = parts;
    placing->terms.n_parts = 2;
    placing->terms.price_pence_per_week = 8000;
    begin(placing);
    assert_null(placing_now(placing)->approval);
    placing->from.days = TODAY;
    placing->terms.n_session_ids = 1;
    placing->terms.price_pence_per_week = 7000;
    one.pence = two.pence = 3500;
    (void)change(placing);
    assert_waits(placing);
}

/* Proves: of a price said in two ways the greater one is what is approved. */
static void no_price_is_hidden_behind_a_part(void **state)
{
    struct placing *placing = *state;
    Dw__PricePart part = DW__PRICE_PART__INIT, *parts[] = {&part};
    part.kind = DW__PRICE_PART_KIND__PRICE_PART_KIND_MEALS;
    part.unit = DW__PRICE_UNIT__PRICE_UNIT_WEEK;
    part.pence = 1;
    placing->terms.parts = parts;
    placing->terms.n_parts = 1;
    placing->terms.price_pence_per_week = 9000000;
    (void)propose_and_hold(placing);
    assert_state(placing, AWAITING_APPROVAL);
}

/* Proves: a dearer change is not made when the framework's value does not hold it; a cheaper one is. */
static void a_change_stays_within_the_framework(void **state)
{
    struct placing *placing = *state;
    Dw__Framework *framework = placing_framework(placing, FROM + 727);
    framework->value_pence = INT64_C(3) * 52 * 9000;
    framework->over_value = DW__RULE_EFFECT__RULE_EFFECT_EXCLUDE;
    agree_contract(placing, DW__CONTRACT_KIND__CONTRACT_KIND_FRAMEWORK, FROM + 727, 0);
    begin(placing);
    placing->from.days = TODAY;
    placing->terms.price_pence_per_week = 90000;
    assert_refused(change(placing), FRAMEWORK_SPENT);
    placing->terms.price_pence_per_week = 9500;
    assert_int_equal(change(placing).outcome, DECISION_YES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_small_cost_needs_nobody),
        TEST(a_band_goes_up_to_its_value),
        TEST(a_larger_cost_waits_for_somebody_else),
        TEST(a_no_gives_the_place_back),
        TEST(the_later_contract_counts),
        TEST(a_direct_payment_skips_approval),
        TEST(a_price_above_the_ceiling_needs_approval),
        TEST(a_whole_life_is_approved_where_the_model_says_so),
        TEST(a_framework_is_over_with_its_term),
        TEST(a_spent_framework_is_refused),
        TEST(an_overspent_framework_is_flagged),
        TEST(a_hold_is_kept_while_somebody_is_asked),
        TEST(what_the_person_says_counts),
        TEST(assessments_and_tasters_are_kept),
        TEST(a_late_rise_waits),
        TEST(a_late_rise_in_parts_waits),
        TEST(a_longer_life_waits),
        TEST(a_limit_is_not_passed_in_pieces),
        TEST(a_direct_payment_that_becomes_a_placement_waits),
        TEST(the_ceiling_counts_in_parts_and_changes),
        TEST(no_price_is_hidden_behind_a_part),
        TEST(a_change_stays_within_the_framework),
    };
    return cmocka_run_group_tests_name("placements_approval", tests, NULL, NULL);
}
