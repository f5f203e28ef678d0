/* Tests of services/placements: what is kept about a person (support plans, words, who was passed over), who reads it, and that it
 * goes when the person is erased; and what of a placement somebody has to look at. */
#include "tests/support/placing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/entities_store.h"
#include "outcomes.pb-c.h"
#include "referrals.pb-c.h"

static const struct id CONTRACT_ID = {{21}};

static struct pure_outcome share(struct placing *placing, const char *words, int32_t consented)
{
    Dw__Date date = DW__DATE__INIT;
    Dw__SupportPlan plan = DW__SUPPORT_PLAN__INIT;
    Dw__ShareSupportPlan command = DW__SHARE_SUPPORT_PLAN__INIT;
    date.days = consented;
    plan.plan = (char *)(uintptr_t)words;
    plan.medication = (char *)(uintptr_t) "none";
    command.placement_id = id_to_data(&PLACEMENT_ID);
    command.plan = &plan;
    command.consented = &date;
    command.consent_by = DW__DECIDED_BY__DECIDED_BY_PERSON;
    return placing_tell(placing, "ann", BROKER, &command.base);
}

static const Dw__SupportPlanRead *read_plan(struct placing *placing, int role,
                                            struct pure_outcome *ret_outcome)
{
    Dw__GetSupportPlan get = DW__GET_SUPPORT_PLAN__INIT;
    get.placement_id = id_to_data(&PLACEMENT_ID);
    return pure_query(placing->pure, &get.base, role, NOW_MS, TODAY, ret_outcome);
}

static const Dw__PersonTextsShown *texts_held(struct placing *placing)
{
    Dw__PersonTextsHeld held = DW__PERSON_TEXTS_HELD__INIT;
    held.person_id = id_to_data(&PERSON_ID);
    return pure_query(placing->pure, &held.base, DW__ROLE__ROLE_DATA_PROTECTION_OFFICER, NOW_MS,
                      TODAY, NULL);
}

static struct pure_outcome review(struct placing *placing, const char *notes)
{
    Dw__Date date = DW__DATE__INIT;
    Dw__RecordReview command = DW__RECORD_REVIEW__INIT;
    date.days = TODAY;
    command.placement_id = id_to_data(&PLACEMENT_ID);
    command.kind = DW__REVIEW_KIND__REVIEW_KIND_PROVIDER;
    command.outcome = DW__REVIEW_OUTCOME__REVIEW_OUTCOME_NO_CHANGE;
    command.date = &date;
    command.notes = (char *)(uintptr_t)notes;
    return placing_tell(placing, "ann", BROKER, &command.base);
}

/* --- the support plan ---------------------------------------------------------------------------------------------- */

/* Proves: nothing is shared before the provider has taken the person, nor on consent that is still to come. */
static void a_plan_is_shared_when_the_person_is_taken(void **state)
{
    struct placing *placing = *state;
    struct pure_outcome told;
    placing_bring_to(placing, PLACEMENT_OFFERED);
    assert_refused(share(placing, "tea, no sugar", TODAY), WRONG_STATE);
    assert_null(read_plan(placing, PROVIDER_MANAGER, &told));
    assert_int_equal(told.refusal, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_SHARED);
    (void)placing_accept_offer(placing);
    (void)placing_confirm_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_refused(share(placing, "tea, no sugar", TODAY + 1), DATE_OUTSIDE);
    Dw__ShareSupportPlan nothing = DW__SHARE_SUPPORT_PLAN__INIT;
    nothing.placement_id = id_to_data(&PLACEMENT_ID);
    assert_invalid(placing_tell(placing, "ann", BROKER, &nothing.base), "plan");
    assert_told(share(placing, "tea, no sugar", TODAY), &dw__support_plan_shared__descriptor, NULL);
    const Dw__SupportPlanRead *read = read_plan(placing, PROVIDER_MANAGER, NULL);
    assert_string_equal(read->plan->plan, "tea, no sugar");
    assert_int_equal(read->shared->consented->days, TODAY);
}

/* Proves: of whoever does not come after all the provider reads no more. */
static void a_plan_is_closed_when_nothing_comes_of_it(void **state)
{
    struct placing *placing = *state;
    struct pure_outcome told;
    placing_bring_to(placing, PLACEMENT_ACCEPTED);
    (void)share(placing, "tea, no sugar", TODAY);
    assert_non_null(read_plan(placing, PROVIDER_MANAGER, NULL));
    (void)placing_cancel(placing);
    assert_null(read_plan(placing, PROVIDER_MANAGER, &told));
    assert_int_equal(told.refusal, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_SHARED);
    pure_principal_provider(placing->pure, NULL);
    assert_non_null(read_plan(placing, BROKER, NULL));
}

/* Proves: another provider's people do not read it. */
static void a_plan_is_for_the_provider_alone(void **state)
{
    struct placing *placing = *state;
    struct pure_outcome told;
    placing_bring_to(placing, PLACEMENT_ACCEPTED);
    (void)share(placing, "tea, no sugar", TODAY);
    pure_principal_provider(placing->pure, &OTHER_ID);
    assert_null(read_plan(placing, PROVIDER_MANAGER, &told));
    assert_int_equal(told.refusal, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_YOURS);
    pure_principal_provider(placing->pure, NULL);
    assert_non_null(read_plan(placing, BROKER, NULL));
}

/* --- subject access and erasure -------------------------------------------------------------------------------------- */

/* Proves: the person is shown all words about them, the plans that were replaced, too; when they are erased none is left, and whatever
 * is coded stays. */
static void all_words_are_shown_and_erased(void **state)
{
    struct placing *placing = *state;
    Dw__PersonErased erased = DW__PERSON_ERASED__INIT;
    erased.person_id = id_to_data(&PERSON_ID);
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    assert_int_equal(texts_held(placing)->n_texts, 0);
    assert_nothing_said(placing_hear(placing, "referrals", &erased.base));
    (void)share(placing, "tea, no sugar", TODAY);
    (void)share(placing, "coffee", TODAY);
    (void)review(placing, "goes well");
    (void)review(placing, "");
    pure_reload(placing->pure);
    const Dw__PersonTextsShown *shown = texts_held(placing);
    assert_int_equal(shown->n_texts, 1);
    assert_string_equal(shown->texts[0]->text, "goes well");
    assert_int_equal(shown->n_plans, 2);
    assert_string_equal(shown->plans[0]->plan, "tea, no sugar");
    assert_string_equal(shown->plans[1]->plan, "coffee");
    const struct pure_outcome told = placing_hear(placing, "referrals", &erased.base);
    assert_told(told, &dw__texts_erased__descriptor, NULL);
    shown = texts_held(placing);
    assert_int_equal(shown->n_texts + shown->n_plans, 0);
    assert_null(read_plan(placing, PROVIDER_MANAGER, NULL)->plan);
    assert_int_equal(placing_now(placing)->shared->consented->days, TODAY);
    assert_nothing_said(placing_hear(placing, "referrals", &erased.base));
}

/* Proves: as many texts are kept as one decision can empty, and no more. */
static void as_much_is_kept_as_can_be_erased(void **state)
{
    struct placing *placing = *state;
    Dw__PersonErased erased = DW__PERSON_ERASED__INIT;
    erased.person_id = id_to_data(&PERSON_ID);
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    for (int at = 0; at < PLACEMENTS_TEXTS_MAX / 2; at++) {
        assert_int_equal(share(placing, "coffee", TODAY).outcome, DECISION_YES);
        assert_int_equal(review(placing, "goes well").outcome, DECISION_YES);
    }
    assert_refused(share(placing, "coffee", TODAY), TOO_MANY);
    assert_refused(review(placing, "goes well"), TOO_MANY);
    assert_int_equal(review(placing, "").outcome, DECISION_YES);
    assert_told(placing_hear(placing, "referrals", &erased.base), &dw__texts_erased__descriptor,
                NULL);
    assert_int_equal(texts_held(placing)->n_plans, 0);
}

/* --- who was passed over ---------------------------------------------------------------------------------------------- */

/* Proves: a proposal says which better placed services were not taken, and it stays with the placement. */
static void who_was_passed_over_is_kept(void **state)
{
    struct placing *placing = *state;
    ProtobufCBinaryData services[PLACEMENTS_PASSED_OVER_MAX + 1];
    for (size_t at = 0; at <= PLACEMENTS_PASSED_OVER_MAX; at++)
        services[at] = id_to_data(&OTHER_ID);
    Dw__ProposePlacement propose = DW__PROPOSE_PLACEMENT__INIT;
    propose.placement_id = id_to_data(&PLACEMENT_ID);
    propose.hold_id = id_to_data(&HOLD_ID);
    propose.terms = &placing->terms;
    propose.passed_over_service_ids = services;
    propose.n_passed_over_service_ids = PLACEMENTS_PASSED_OVER_MAX + 1;
    pure_principal_provider(placing->pure, NULL);
    assert_invalid(placing_tell(placing, "ann", BROKER, &propose.base), "passed_over_service_ids");
    propose.n_passed_over_service_ids = 2;
    assert_said(placing_tell(placing, "ann", BROKER, &propose.base),
                &dw__placement_proposed__descriptor, 1);
    assert_int_equal(placing_now(placing)->n_passed_over_service_ids, 2);
    assert_memory_equal(placing_now(placing)->passed_over_service_ids[1].data, OTHER_ID.bytes,
                        sizeof OTHER_ID);
}

/* --- what has to be looked at ----------------------------------------------------------------------------------------- */

/* The provider has a contract for level 2 to that date. */
static void agree(struct placing *placing, const struct id *contract_id, int32_t last)
{
    uint32_t levels[] = {2};
    Dw__Date from = DW__DATE__INIT, to = DW__DATE__INIT;
    Dw__Contract contract = DW__CONTRACT__INIT;
    Dw__ContractAgreed agreed = DW__CONTRACT_AGREED__INIT;
    from.days = FROM - 1000;
    to.days = last;
    contract.contract_id = id_to_data(contract_id);
    contract.provider_id = id_to_data(&PROVIDER_ID);
    contract.kind = DW__CONTRACT_KIND__CONTRACT_KIND_SPOT;
    contract.levels = levels;
    contract.n_levels = 1;
    contract.from = &from;
    contract.to = &to;
    agreed.contract = &contract;
    assert_told(placing_hear(placing, "capacity", &agreed.base), &dw__contract_noted__descriptor,
                NULL);
}

/* How many placements carry the flag on that date. */
static uint32_t flagged(struct placing *placing, Dw__PlacementFlag flag, int32_t today)
{
    Dw__ListPlacements list = DW__LIST_PLACEMENTS__INIT;
    list.flags = &flag;
    list.n_flags = 1;
    const Dw__PlacementList *page =
        pure_query(placing->pure, &list.base, BROKER, NOW_MS, today, NULL);
    if (page->total > 0)
        assert_int_equal(page->flags[0]->flags[0], flag);
    return page->total;
}

/* Proves: a contract's end is told ahead by as much as the model says, and after it; not when another one goes on; and just the
 * same when placements hears of the contract after the person has come. */
static void a_contracts_end_is_seen(void **state)
{
    static const Dw__PlacementFlag NEARS = DW__PLACEMENT_FLAG__PLACEMENT_FLAG_CONTRACT_NEARS_END,
                                   ENDED = DW__PLACEMENT_FLAG__PLACEMENT_FLAG_CONTRACT_ENDED;
    struct placing *placing = *state;
    placing->rules.contract_warning_days = 30;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    assert_int_equal(flagged(placing, ENDED, TODAY), 0);
    agree(placing, &CONTRACT_ID, TODAY + 100);
    assert_int_equal(flagged(placing, NEARS, TODAY + 70), 0);
    assert_int_equal(flagged(placing, NEARS, TODAY + 71), 1);
    assert_int_equal(flagged(placing, NEARS, TODAY + 100), 1);
    assert_int_equal(flagged(placing, NEARS, TODAY + 101), 0);
    assert_int_equal(flagged(placing, ENDED, TODAY + 100), 0);
    assert_int_equal(flagged(placing, ENDED, TODAY + 101), 1);
    agree(placing, &OTHER_ID, TODAY + 400);
    assert_int_equal(flagged(placing, NEARS, TODAY + 71), 0);
    assert_int_equal(flagged(placing, ENDED, TODAY + 101), 0);
}

/* Proves: a contract is told as ending with its framework's exercised term, however long it would go on itself. */
static void the_end_of_a_framework_is_seen(void **state)
{
    static const Dw__PlacementFlag NEARS = DW__PLACEMENT_FLAG__PLACEMENT_FLAG_CONTRACT_NEARS_END,
                                   ENDED = DW__PLACEMENT_FLAG__PLACEMENT_FLAG_CONTRACT_ENDED;
    struct placing *placing = *state;
    placing->rules.contract_warning_days = 30;
    (void)placing_framework(placing, TODAY + 100);
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    placing_agree(placing, &CONTRACT_ID, &PROVIDER_ID, DW__CONTRACT_KIND__CONTRACT_KIND_FRAMEWORK,
                  1);
    assert_int_equal(flagged(placing, NEARS, TODAY + 70), 0);
    assert_int_equal(flagged(placing, NEARS, TODAY + 71), 1);
    assert_int_equal(flagged(placing, ENDED, TODAY + 100), 0);
    assert_int_equal(flagged(placing, ENDED, TODAY + 101), 1);
}

/* Proves: a contract that takes nobody new is told ahead of its end, too. */
static void the_end_of_a_closed_contract_is_seen(void **state)
{
    static const Dw__PlacementFlag NEARS = DW__PLACEMENT_FLAG__PLACEMENT_FLAG_CONTRACT_NEARS_END;
    struct placing *placing = *state;
    placing->rules.contract_warning_days = 30;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    agree(placing, &CONTRACT_ID, TODAY + 100);
    const struct state *of = pure_state(placing->pure);
    struct id contract_id;
    Dw__Contract contract =
        *placements_contract(of, &placing->terms, TODAY, &contract_id)->contract;
    Dw__Date to = DW__DATE__INIT;
    Dw__ContractStanding standing = DW__CONTRACT_STANDING__INIT;
    Dw__ContractClosed closed = DW__CONTRACT_CLOSED__INIT;
    to.days = TODAY + 100;
    standing.state = DW__CONTRACT_STATE__CONTRACT_STATE_CLOSED_TO_NEW;
    standing.to = &to;
    closed.contract = &contract;
    closed.standing = &standing;
    (void)placing_hear(placing, "capacity", &closed.base);
    assert_int_equal(flagged(placing, NEARS, TODAY + 70), 0);
    assert_int_equal(flagged(placing, NEARS, TODAY + 71), 1);
}

/* Proves: who is where nobody new is placed is to be looked at, by the provider and by the service, until it is lifted. */
static void who_is_where_placements_are_suspended_is_found(void **state)
{
    static const Dw__PlacementFlag SUSPENDED =
        DW__PLACEMENT_FLAG__PLACEMENT_FLAG_PLACEMENTS_SUSPENDED;
    struct placing *placing = *state;
    Dw__Date from = DW__DATE__INIT;
    Dw__StandingSuspension suspension = DW__STANDING_SUSPENSION__INIT;
    Dw__PlacementsSuspended suspended = DW__PLACEMENTS_SUSPENDED__INIT;
    Dw__SuspensionLifted lifted = DW__SUSPENSION_LIFTED__INIT;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    suspended.suspension = &suspension;
    suspension.from = &from;
    from.days = TODAY;
    suspension.provider_id = lifted.provider_id = id_to_data(&PROVIDER_ID);
    (void)placing_hear(placing, "capacity", &suspended.base);
    pure_reload(placing->pure);
    assert_int_equal(flagged(placing, SUSPENDED, TODAY), 1);
    (void)placing_hear(placing, "capacity", &lifted.base);
    assert_int_equal(flagged(placing, SUSPENDED, TODAY), 0);
    suspension.service_id = id_to_data(&SERVICE_ID);
    (void)placing_hear(placing, "capacity", &suspended.base);
    assert_int_equal(flagged(placing, SUSPENDED, TODAY), 1);
}

/* Proves: whoever waits for an approver is found, and nobody else is. */
static void who_waits_for_approval_is_found(void **state)
{
    static const Dw__PlacementFlag WAITS = DW__PLACEMENT_FLAG__PLACEMENT_FLAG_AWAITS_APPROVAL;
    struct placing *placing = *state;
    Dw__ApprovalBand band = DW__APPROVAL_BAND__INIT, *bands[] = {&band};
    band.role = DW__ROLE__ROLE_COMMISSIONER;
    placing->rules.approval_bands = bands;
    placing->rules.n_approval_bands = 1;
    (void)placing_propose(placing);
    assert_int_equal(flagged(placing, WAITS, TODAY), 0);
    (void)placing_hold_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_state(placing, AWAITING_APPROVAL);
    assert_int_equal(flagged(placing, WAITS, TODAY), 0); /* not for the provider to see */
    pure_principal_provider(placing->pure, NULL);
    assert_int_equal(flagged(placing, WAITS, TODAY), 1);
}

/* Proves: a start, a trial and a term that are over are found, until somebody decides. */
static void what_is_over_is_found(void **state)
{
    static const Dw__PlacementFlag START = DW__PLACEMENT_FLAG__PLACEMENT_FLAG_START_OVERDUE,
                                   TRIAL = DW__PLACEMENT_FLAG__PLACEMENT_FLAG_TRIAL_OVER,
                                   TERM = DW__PLACEMENT_FLAG__PLACEMENT_FLAG_TERM_OVER;
    struct placing *placing = *state;
    Dw__StartPlacement start = DW__START_PLACEMENT__INIT;
    Dw__Date from = DW__DATE__INIT, until = DW__DATE__INIT;
    placing->terms.to = &placing->to;
    placing_bring_to(placing, PLACEMENT_ACCEPTED);
    assert_int_equal(flagged(placing, START, FROM), 0);
    assert_int_equal(flagged(placing, START, FROM + 1), 1);
    from.days = FROM;
    until.days = FROM + 20;
    start.placement_id = id_to_data(&PLACEMENT_ID);
    start.date = &from;
    start.trial_until = &until;
    (void)placing_tell(placing, "ann", BROKER, &start.base);
    assert_int_equal(flagged(placing, START, FROM + 1), 0);
    assert_int_equal(flagged(placing, TRIAL, FROM + 20), 0);
    assert_int_equal(flagged(placing, TRIAL, FROM + 21), 1);
    Dw__PassTrial pass = DW__PASS_TRIAL__INIT;
    pass.placement_id = id_to_data(&PLACEMENT_ID);
    (void)placing_tell(placing, "ann", BROKER, &pass.base);
    assert_int_equal(flagged(placing, TRIAL, FROM + 21), 0);
    assert_int_equal(flagged(placing, TERM, FROM + 90), 0);
    assert_int_equal(flagged(placing, TERM, FROM + 91), 1);
}

/* --- the end report ---------------------------------------------------------------------------------------------------- */

static struct pure_outcome report(struct placing *placing, const struct id *placement_id)
{
    Dw__Date date = DW__DATE__INIT;
    Dw__PlanSubject subject = DW__PLAN_SUBJECT__INIT;
    Dw__EndReport end = DW__END_REPORT__INIT;
    Dw__EndReportSubmitted submitted = DW__END_REPORT_SUBMITTED__INIT;
    date.days = TODAY;
    subject.person_id = id_to_data(&PERSON_ID);
    if (placement_id != NULL)
        subject.placement_id = id_to_data(placement_id);
    end.subject = &subject;
    end.date = &date;
    submitted.report = &end;
    return placing_hear(placing, "outcomes", &submitted.base);
}

/* Proves: where the level asks for a report, support ends after it and not before; one about another placement is none. */
static void support_ends_after_its_report(void **state)
{
    struct placing *placing = *state;
    placing->level.end_report = true;
    assert_nothing_said(report(placing, &PLACEMENT_ID));
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    assert_refused(placing_end(placing, FROM + 30), END_REPORT_MISSING);
    assert_nothing_said(report(placing, &OTHER_ID));
    assert_told(report(placing, &PLACEMENT_ID), &dw__end_report_noted__descriptor, NULL);
    assert_nothing_said(report(placing, &PLACEMENT_ID));
    pure_reload(placing->pure);
    assert_told(placing_end(placing, FROM + 30), &dw__placement_ended__descriptor, NULL);
}

/* Proves: a report of all support counts for each of the person's placements. */
static void a_report_of_all_support_counts(void **state)
{
    struct placing *placing = *state;
    placing->level.end_report = true;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    assert_told(report(placing, NULL), &dw__end_report_noted__descriptor, NULL);
    assert_true(placing_now(placing)->end_reported);
    assert_told(placing_end(placing, FROM + 30), &dw__placement_ended__descriptor, NULL);
}

/* Proves: nobody reports on the dead before their place ends, and nobody is dead because somebody says so here. */
static void the_dead_need_no_report(void **state)
{
    struct placing *placing = *state;
    Dw__EndPlacement end = DW__END_PLACEMENT__INIT;
    Dw__Date last = DW__DATE__INIT;
    placing->level.end_report = true;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    last.days = FROM + 30;
    end.placement_id = id_to_data(&PLACEMENT_ID);
    end.last = &last;
    end.reason = DW__END_REASON__END_REASON_OTHER;
    assert_refused(placing_tell(placing, "ann", BROKER, &end.base), END_REPORT_MISSING);
    end.reason = DW__END_REASON__END_REASON_DIED;
    assert_refused(placing_tell(placing, "ann", BROKER, &end.base), DEATH_UNKNOWN);
    Dw__PersonDied died = DW__PERSON_DIED__INIT;
    died.person_id = id_to_data(&PERSON_ID);
    died.date = &last;
    (void)placing_hear(placing, "referrals", &died.base);
    assert_told(placing_tell(placing, "ann", BROKER, &end.base), &dw__placement_ended__descriptor,
                NULL);
}

/* --- what a provider may say and see ----------------------------------------------------------------------------------- */

/* Proves: until when it is paid is the council's to say, and within bounds; and so is the last date. */
static void the_council_says_until_when_it_pays(void **state)
{
    struct placing *placing = *state;
    Dw__EndPlacement end = DW__END_PLACEMENT__INIT;
    Dw__EndDetails details = DW__END_DETAILS__INIT;
    Dw__Date last = DW__DATE__INIT, payable = DW__DATE__INIT, attended = DW__DATE__INIT;
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    end.placement_id = id_to_data(&PLACEMENT_ID);
    end.last = &last;
    end.details = &details;
    end.reason = DW__END_REASON__END_REASON_OTHER;
    details.last_payable = &payable;
    last.days = INT32_MAX;
    assert_invalid(placing_tell(placing, "ann", BROKER, &end.base), "last");
    last.days = TODAY;
    payable.days = TODAY + 93;
    assert_refused(placing_tell(placing, "ann", BROKER, &end.base), DATE_OUTSIDE);
    payable.days = TODAY + 28;
    pure_principal_provider(placing->pure, &PROVIDER_ID);
    assert_refused(placing_tell(placing, "pat", PROVIDER_MANAGER, &end.base), NOT_YOURS);
    pure_principal_provider(placing->pure, NULL);
    details.last_attended = &attended;
    attended.days = TODAY + 1;
    assert_refused(placing_tell(placing, "ann", BROKER, &end.base), DATE_OUTSIDE);
    attended.days = TODAY;
    assert_told(placing_tell(placing, "ann", BROKER, &end.base), &dw__placement_ended__descriptor,
                NULL);
}

/* Proves: a provider does not see whom it was chosen before; nor the plan when support has ended. */
static void a_provider_sees_what_it_needs(void **state)
{
    struct placing *placing = *state;
    ProtobufCBinaryData rival = id_to_data(&OTHER_ID);
    Dw__ProposePlacement propose = DW__PROPOSE_PLACEMENT__INIT;
    Dw__GetPlacement get = DW__GET_PLACEMENT__INIT;
    Dw__ListPlacements list = DW__LIST_PLACEMENTS__INIT;
    propose.placement_id = get.placement_id = id_to_data(&PLACEMENT_ID);
    propose.hold_id = id_to_data(&HOLD_ID);
    propose.terms = &placing->terms;
    propose.passed_over_service_ids = &rival;
    propose.n_passed_over_service_ids = 1;
    pure_principal_provider(placing->pure, NULL);
    (void)placing_tell(placing, "ann", BROKER, &propose.base);
    const Dw__Placement *seen = pure_query(placing->pure, &get.base, BROKER, NOW_MS, TODAY, NULL);
    assert_int_equal(seen->n_passed_over_service_ids, 1);
    pure_principal_provider(placing->pure, &PROVIDER_ID);
    assert_null(pure_query(placing->pure, &get.base, PROVIDER_MANAGER, NOW_MS, TODAY, NULL));
    const Dw__PlacementList *page =
        pure_query(placing->pure, &list.base, PROVIDER_MANAGER, NOW_MS, TODAY, NULL);
    assert_int_equal(page->total, 0); /* nothing of whom it was not offered */
    (void)placing_hold_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0);
    seen = pure_query(placing->pure, &get.base, PROVIDER_MANAGER, NOW_MS, TODAY, NULL);
    assert_int_equal(seen->n_passed_over_service_ids, 0);
    page = pure_query(placing->pure, &list.base, PROVIDER_MANAGER, NOW_MS, TODAY, NULL);
    assert_int_equal(page->placements[0]->n_passed_over_service_ids, 0);
    (void)placing_accept_offer(placing);
    (void)placing_confirm_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0);
    (void)placing_start(placing, FROM);
    (void)share(placing, "tea, no sugar", TODAY);
    (void)placing_end(placing, TODAY - 1);
    struct pure_outcome told;
    pure_principal_provider(placing->pure, &PROVIDER_ID);
    assert_null(read_plan(placing, PROVIDER_MANAGER, &told));
    assert_int_equal(told.refusal, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_SHARED);
    pure_principal_provider(placing->pure, NULL);
    assert_non_null(read_plan(placing, BROKER, NULL));
}

/* Proves: whom the model leaves to others is not placed, either, whoever proposes it. */
static void whom_others_support_is_not_placed(void **state)
{
    struct placing *placing = *state;
    Dw__ExcludedReason excluded = DW__EXCLUDED_REASON__INIT, *list[] = {&excluded};
    excluded.reason = placing->terms.support_reason;
    excluded.instead = (char *)(uintptr_t) "the mental health team";
    placing->rules.excluded_reasons = list;
    placing->rules.n_excluded_reasons = 1;
    assert_refused(placing_propose(placing), OTHER_PROVISION);
    excluded.reason = DW__SUPPORT_REASON__SUPPORT_REASON_MENTAL_HEALTH;
    placing_bring_to(placing, PLACEMENT_PROPOSED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, placing_set_up, placing_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_plan_is_shared_when_the_person_is_taken),
        TEST(a_plan_is_for_the_provider_alone),
        TEST(all_words_are_shown_and_erased),
        TEST(as_much_is_kept_as_can_be_erased),
        TEST(who_was_passed_over_is_kept),
        TEST(a_contracts_end_is_seen),
        TEST(the_end_of_a_framework_is_seen),
        TEST(the_end_of_a_closed_contract_is_seen),
        TEST(who_is_where_placements_are_suspended_is_found),
        TEST(a_plan_is_closed_when_nothing_comes_of_it),
        TEST(who_waits_for_approval_is_found),
        TEST(what_is_over_is_found),
        TEST(support_ends_after_its_report),
        TEST(a_report_of_all_support_counts),
        TEST(the_dead_need_no_report),
        TEST(the_council_says_until_when_it_pays),
        TEST(a_provider_sees_what_it_needs),
        TEST(whom_others_support_is_not_placed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
