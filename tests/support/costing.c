/* See costing.h. */
#include "tests/support/costing.h"

#include "common/calendar.h"

void costing_note_session(struct placing *placing, const struct id *session_id, uint32_t weekday,
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

int costing_set_up(void **ret_placing)
{
    const int result = placing_set_up(ret_placing);
    struct placing *placing = *ret_placing;
    costing_note_session(placing, &MONDAY_ID, 1, 600);
    costing_note_session(placing, &TUESDAY_ID, 2, 600);
    return result;
}

int32_t costing_first_monday(void)
{
    return FROM + (8 - calendar_weekday(FROM)) % 7;
}

void costing_begin(struct placing *placing)
{
    placing_bring_to(placing, PLACEMENT_ACCEPTED);
    (void)placing_start(placing, FROM);
}

void *costing_ask(struct placing *placing, const struct id *provider_id, int32_t first,
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

void costing_lose(struct placing *placing, const struct id *closure_id, int32_t day, size_t count)
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

const Dw__CostsFound *costing_costs(struct placing *placing, int32_t first, int32_t last)
{
    return costing_ask(placing, NULL, first, last);
}

void costing_assess(struct placing *placing, int32_t from, int64_t pence, bool section_117)
{
    Dw__Date date = DW__DATE__INIT;
    date.days = from;
    Dw__Contribution contribution = DW__CONTRIBUTION__INIT;
    contribution.from = &date;
    contribution.pence_per_week = pence;
    contribution.section_117 = section_117;
    Dw__AssessContribution command = DW__ASSESS_CONTRIBUTION__INIT;
    command.person_id = id_to_data(&PERSON_ID);
    command.contribution = &contribution;
    assert_said(placing_tell(placing, "fay", DW__ROLE__ROLE_FINANCE_OFFICER, &command.base),
                &dw__contribution_assessed__descriptor, 0);
    assert_nothing_said(
        placing_tell(placing, "fay", DW__ROLE__ROLE_FINANCE_OFFICER, &command.base));
}

void costing_framework(struct placing *placing)
{
    (void)placing_framework(placing, FROM + 727);
    placing_agree(placing, &COSTING_CONTRACT_ID, &PROVIDER_ID, DW__CONTRACT_KIND__CONTRACT_KIND_FPS,
                  1);
}

Dw__BudgetLine costing_lines[3];
static Dw__BudgetLine *budget_line_list[3];

void costing_set_budgets(struct placing *placing, size_t count)
{
    for (size_t at = 0; at < count; at++) {
        dw__budget_line__init(&costing_lines[at]);
        costing_lines[at].year = 2026;
        costing_lines[at].number = (uint32_t)at + 1;
        costing_lines[at].name = "line";
        costing_lines[at].transport = true;
        budget_line_list[at] = &costing_lines[at];
    }
    placing->model.budget_lines = budget_line_list;
    placing->model.n_budget_lines = count;
}

const Dw__BudgetsFound *costing_budgets(struct placing *placing)
{
    Dw__Budgets request = DW__BUDGETS__INIT;
    request.year = 2026;
    return pure_query(placing->pure, &request.base, DW__ROLE__ROLE_COMMISSIONER, NOW_MS, TODAY,
                      NULL);
}

void costing_accept_other(struct placing *placing, int32_t from)
{
    placing->from.days = from;
    (void)placing_propose_as(placing, &OTHER_ID, &UNUSED_ID);
    (void)placing_hold_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0);
    Dw__AcceptOffer accept = DW__ACCEPT_OFFER__INIT;
    accept.placement_id = id_to_data(&OTHER_ID);
    (void)placing_tell(placing, "op", DW__ROLE__ROLE_OPERATOR, &accept.base);
    (void)placing_confirm_answered(placing, &UNUSED_ID, ANSWER_ACCEPTED, 0);
}

struct pure_outcome costing_end(struct placing *placing, int32_t last, int32_t payable)
{
    Dw__Date last_payable = DW__DATE__INIT;
    last_payable.days = payable;
    Dw__EndDetails details = DW__END_DETAILS__INIT;
    details.last_payable = &last_payable;
    Dw__EndPlacement end = DW__END_PLACEMENT__INIT;
    end.placement_id = id_to_data(&PLACEMENT_ID);
    end.last = &placing->date;
    end.reason = DW__END_REASON__END_REASON_GOALS_ACHIEVED;
    end.details = &details;
    placing->date.days = last;
    pure_principal_provider(placing->pure, NULL);
    return placing_tell(placing, "b", BROKER, &end.base);
}

struct pure_outcome costing_move(struct placing *placing, int32_t date)
{
    Dw__MoveLevel move = DW__MOVE_LEVEL__INIT;
    move.placement_id = id_to_data(&PLACEMENT_ID);
    move.to_placement_id = id_to_data(&OTHER_ID);
    move.date = &placing->date;
    move.reason = DW__MOVE_REASON__MOVE_REASON_GOALS_ACHIEVED;
    placing->date.days = date;
    return placing_tell(placing, "bob", BROKER, &move.base);
}

void costing_end_contract(struct placing *placing, int32_t last)
{
    struct id contract_id;
    Dw__Contract contract =
        *placements_contract(pure_state(placing->pure), &placing->terms, TODAY, &contract_id)
             ->contract;
    Dw__ContractAgreed agreed = DW__CONTRACT_AGREED__INIT;
    Dw__Date to = DW__DATE__INIT;
    to.days = last;
    contract.to = &to;
    agreed.contract = &contract;
    (void)placing_hear(placing, "capacity", &agreed.base);
}
