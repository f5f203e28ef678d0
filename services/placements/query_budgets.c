/* What stands against budget lines and frameworks. */
#include "services/placements/costs.h"
#include "services/placements/money.h"

#include "common/calendar.h"

enum { BUDGETS_MAX = 64, FRAMEWORKS_MAX = 16 };

/* --- budget lines ------------------------------------------------------------------------------------------------- */

/* Whether a line counts what is bought by that funding from that provider. */
static bool counts(const struct state *state, const Dw__BudgetLine *line, Dw__FundingRoute funding,
                   const ProtobufCBinaryData *provider)
{
    bool fits = line->n_funding == 0;
    for (size_t at = 0; at < line->n_funding; at++)
        fits = fits || line->funding[at] == funding;
    if (!fits || line->n_providers == 0)
        return fits;
    const struct id provider_id = id_or_zero(provider);
    const Dw__NotedProvider *noted =
        entities_get(state->entities, PLACEMENTS_KIND_PROVIDER, &provider_id, 0);
    for (size_t at = 0; noted != NULL && at < line->n_providers; at++)
        if (line->providers[at] == noted->kind)
            return true;
    return false;
}

static bool counts_in(const struct state *state, const Dw__BudgetLine *line,
                      const Dw__PlacementTerms *terms)
{
    return placements_is_bought(terms) && counts(state, line, terms->funding, &terms->provider_id);
}

/* A yearly value that is paid whoever comes; 0: by the sitting, or it is not known. */
static int64_t fixed_value(const Dw__CommissioningModel *model, const Dw__NotedContract *contract)
{
    const Dw__ContractTerms *terms = placements_contract_terms(model, contract);
    return terms != NULL && terms->fixed_value ? contract->contract->value_pence_per_year : 0;
}

/* is_fixed: what is paid does not go by the placement, but what others pay of it does. */
static void count_line(const Dw__BudgetLine *line, const Dw__PlacementCost *cost, bool is_fixed,
                       Dw__BudgetFound *found)
{
    const int64_t gross_pence =
        cost->payable_pence - (line->income || line->transport ? 0 : cost->transport_pence);
    /* The NHS pays of all of it alike; the person first of what is counted here. */
    const int64_t nhs_pence =
        cost->payable_pence == 0 ? 0 : cost->nhs_pence * gross_pence / cost->payable_pence;
    int64_t others_pence = line->net ? nhs_pence + cost->contribution_pence : 0;
    if (others_pence > gross_pence)
        others_pence = gross_pence;
    if (line->income)
        found->planned_pence += cost->contribution_pence;
    else if (is_fixed)
        found->planned_pence -= others_pence;
    else
        found->planned_pence += gross_pence - others_pence;
    if (is_fixed && !line->income)
        found->notional_pence += gross_pence;
}

/* Contracts of a fixed value, by the days of the year they are in force. */
static void count_contracts(const struct state *state, const Dw__CommissioningModel *model,
                            uint32_t year, const Dw__BudgetLine *const *lines,
                            Dw__BudgetFound *found, size_t count)
{
    const int32_t from = calendar_date((int)year, 4, 1);
    const int32_t to = calendar_date((int)year + 1, 3, 31);
    const size_t all = entities_count(state->entities, PLACEMENTS_KIND_CONTRACT);
    for (size_t at = 0; at < all; at++) {
        const Dw__NotedContract *contract =
            entities_at(state->entities, PLACEMENTS_KIND_CONTRACT, at, NULL);
        const int32_t begins = contract->contract->from->days;
        const int32_t ends = placements_contract_last(contract);
        const int32_t since = begins > from ? begins : from;
        const int32_t until = ends < to ? ends : to;
        const int64_t value_pence = fixed_value(model, contract);
        for (size_t budget = 0; budget < count && value_pence > 0 && since <= until; budget++)
            if (!lines[budget]->income &&
                counts(state, lines[budget], DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED,
                       &contract->contract->provider_id))
                found[budget].planned_pence += value_pence * (until - since + 1) / (to - from + 1);
    }
}

/* The lines of the year, in the model's order; returns how many. */
static size_t begin_budgets(const struct state *state, const Dw__CommissioningModel *model,
                            uint32_t year, const Dw__BudgetLine *ret_lines[BUDGETS_MAX],
                            Dw__BudgetFound ret_found[BUDGETS_MAX])
{
    size_t count = 0;
    for (size_t at = 0; at < model->n_budget_lines && count < BUDGETS_MAX; at++) {
        Dw__BudgetLine *line = model->budget_lines[at];
        if (line->year != year)
            continue;
        Dw__BudgetFound *found = &ret_found[count];
        dw__budget_found__init(found);
        found->number = line->number;
        found->name = line->name;
        found->agreed_pence = line->amount_pence;
        found->moved_pence = line->number == 0 ? 0 : placements_moved(state, year, line->number);
        found->budget_pence = found->agreed_pence + found->moved_pence;
        ret_lines[count++] = line;
    }
    return count;
}

static bool is_fixed(const Dw__CommissioningModel *model, const struct paid *paid)
{
    return paid->fixed != NULL && fixed_value(model, paid->fixed) > 0;
}

/* A placement that was paid for in other shares before is one. */
static void count_person(const struct state *state, const Dw__CommissioningModel *model,
                         const Dw__BudgetLine *line, const struct person_lines *person,
                         Dw__BudgetFound *found)
{
    const Dw__Placement *counted = NULL;
    for (size_t at = 0; at < person->count; at++) {
        const struct paid *paid = &person->paid[at];
        if (!counts_in(state, line, paid->terms))
            continue;
        count_line(line, &person->lines[at], is_fixed(model, paid), found);
        found->placements += paid->placement != counted;
        counted = paid->placement;
    }
}

/* Everybody once: at the first of a person's placements as they stand here. */
static void count_people(const struct state *state, const Dw__CommissioningModel *model,
                         uint32_t year, const Dw__BudgetLine *const *lines, Dw__BudgetFound *found,
                         size_t count, struct person_lines *person)
{
    const int32_t from = calendar_date((int)year, 4, 1);
    const int32_t to = calendar_date((int)year + 1, 3, 31);
    const size_t all = entities_count(state->entities, PLACEMENTS_KIND_PLACEMENT);
    for (size_t at = 0; at < all; at++) {
        struct entity_key key;
        const Dw__Placement *placement =
            entities_at(state->entities, PLACEMENTS_KIND_PLACEMENT, at, &key);
        const struct id person_id = id_or_zero(&placement->terms->person_id);
        if (!id_equal(lists_first(state->by_person, &person_id), &key.id))
            continue;
        costs_fill_person(state, model, &person_id, from, to, person);
        for (size_t budget = 0; budget < count; budget++)
            count_person(state, model, lines[budget], person, &found[budget]);
    }
}

static size_t fill_frameworks(const struct state *state, const Dw__CommissioningModel *model,
                              Dw__Date *dates, Dw__FrameworkFound *ret_found)
{
    size_t count = 0;
    for (; count < model->n_frameworks && count < FRAMEWORKS_MAX; count++) {
        Dw__Framework *framework = model->frameworks[count];
        Dw__FrameworkFound *found = &ret_found[count];
        const int32_t last = placements_framework_last(state, framework);
        dw__framework_found__init(found);
        found->number = framework->number;
        found->name = framework->name;
        found->value_pence = framework->value_pence;
        found->committed_pence = placements_framework_committed(state, framework, NULL);
        if (found->value_pence > 0)
            found->left_pence = found->value_pence - found->committed_pence;
        dw__date__init(&dates[count]);
        dates[count].days = last;
        found->to = last == INT32_MAX ? NULL : &dates[count];
    }
    return count;
}

PLACEMENTS_QUERY(budgets)
{
    static const struct id no_id = {{0}};
    (void)vault;
    const Dw__Budgets *budgets = (const Dw__Budgets *)request;
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    if (budgets->year < 1990 || budgets->year > 2198) {
        answer_invalid(answer, "year", "the calendar year in which it begins: 1990 to 2198");
        return;
    }
    const Dw__BudgetLine *lines[BUDGETS_MAX];
    Dw__BudgetFound found[BUDGETS_MAX];
    Dw__BudgetFound *told[BUDGETS_MAX];
    Dw__FrameworkFound frameworks[FRAMEWORKS_MAX];
    Dw__FrameworkFound *told_frameworks[FRAMEWORKS_MAX];
    Dw__Date dates[FRAMEWORKS_MAX];
    Dw__BudgetsFound all = DW__BUDGETS_FOUND__INIT;
    all.n_lines = begin_budgets(state, model, budgets->year, lines, found);
    count_people(state, model, budgets->year, lines, found, all.n_lines,
                 answer_alloc(answer, sizeof(struct person_lines)));
    count_contracts(state, model, budgets->year, lines, found, all.n_lines);
    all.n_frameworks = fill_frameworks(state, model, dates, frameworks);
    for (size_t at = 0; at < all.n_lines; at++)
        told[at] = &found[at];
    for (size_t at = 0; at < all.n_frameworks; at++)
        told_frameworks[at] = &frameworks[at];
    all.lines = told;
    all.frameworks = told_frameworks;
    const Dw__MovedMoney *moved =
        entities_get(state->entities, PLACEMENTS_KIND_MOVED_MONEY, &no_id, budgets->year);
    if (moved != NULL) {
        all.money_moved_pence = moved->money_moved_pence;
        all.cost_released_pence = moved->cost_released_pence;
        all.saved_pence = moved->saved_pence;
        all.demand_pence = moved->demand_pence;
    }
    answer_give(answer, &all.base);
}
