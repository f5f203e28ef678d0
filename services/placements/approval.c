/* Who must say yes to a cost, and whether the framework still has it. Approval is by role and value; whoever proposes something does
 * not approve it (the design's domain, "placements"). */
#include "services/placements/checks.h"
#include "services/placements/money.h"

#include "common/calendar.h"
#include "common/text.h"

#include <string.h>

enum { POUND = 100, MONEY_SIZE = 32 };

/* --- frameworks --------------------------------------------------------------------------------------------------- */

/* A framework whose value these terms would take of, and what becomes of it. */
struct spending {
    const Dw__Framework *framework; /* NULL: of none that has a value, or by a rule that is off */
    int64_t cost_pence;             /* of the terms, to the end of the exercised term */
    int64_t left_pence;             /* before they are taken, with what is set apart for them */
};

const Dw__NotedContract *placements_contract_for(const struct state *state,
                                                 const Dw__PlacementTerms *terms,
                                                 const Dw__Placement *placement)
{
    struct id contract_id;
    if (placement == NULL || placement->started == NULL || !placements_is_bought(placement->terms))
        return placements_contract(state, terms, terms->from->days, &contract_id);
    const Dw__NotedContract *contract =
        placements_contract_on(state, placement, terms, terms->from->days, false);
    return contract != NULL ? contract : placements_contract_under(state, placement, terms);
}

static const Dw__Framework *framework_for(const struct state *state,
                                          const Dw__CommissioningModel *model,
                                          const Dw__PlacementTerms *terms,
                                          const Dw__Placement *placement)
{
    const Dw__NotedContract *contract = placements_contract_for(state, terms, placement);
    return contract == NULL || !placements_is_bought(terms)
               ? NULL
               : placements_framework(model, contract->contract->framework);
}

/* placement: what has the terms, or is to have them; NULL: it is not there yet. */
static struct spending spend(const struct state *state, const Dw__CommissioningModel *model,
                             const Dw__PlacementTerms *terms, const Dw__Placement *placement,
                             Dw__RuleEffect effect)
{
    const Dw__Framework *framework = framework_for(state, model, terms, placement);
    if (framework == NULL || framework->value_pence == 0 || framework->over_value != effect)
        return (struct spending){0};
    return (struct spending){
        framework,
        placement == NULL
            ? placements_whole_cost(state, terms, placements_framework_last(state, framework))
            : placements_changed_commitment(state, framework, placement, terms),
        framework->value_pence - placements_framework_committed(state, framework, placement) +
            placements_programme_left(state, framework, &terms->service_id, placement)};
}

static void write_pounds(int64_t pence, char ret_text[MONEY_SIZE])
{
    (void)text_format(ret_text, MONEY_SIZE, "£%lld.%02lld", (long long)(pence / POUND),
                      (long long)(pence % POUND));
}

/* Nothing new is called off under a framework (NULL: under none) whose exercised term is over on the first date. */
static bool is_in_term(const struct state *state, const Dw__Framework *framework, int32_t first)
{
    return framework == NULL || first <= placements_framework_last(state, framework);
}

static void refuse_spent(const struct spending *spending, struct decision *decision)
{
    char left[MONEY_SIZE];
    char cost[MONEY_SIZE];
    write_pounds(spending->left_pence < 0 ? 0 : spending->left_pence, left);
    write_pounds(spending->cost_pence, cost);
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_FRAMEWORK_SPENT,
                    "It would cost %s to the end of the exercised term, and %s of the framework's "
                    "value is left; take a shorter or cheaper one, or buy it another way.",
                    cost, left);
}

static void refuse_over(const struct state *state, const Dw__Framework *framework,
                        struct decision *decision)
{
    char text[CALENDAR_TEXT_SIZE];
    calendar_to_text(placements_framework_last(state, framework), text);
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_FRAMEWORK_SPENT,
                    "The framework's exercised term ends on %s; exercise its next extension, or "
                    "buy it another way.",
                    text);
}

bool placements_framework_has(const struct state *state, const Dw__CommissioningModel *model,
                              const Dw__PlacementTerms *terms, const Dw__Placement *placement,
                              struct decision *decision)
{
    const Dw__Framework *framework = framework_for(state, model, terms, placement);
    const struct spending spending =
        spend(state, model, terms, placement, DW__RULE_EFFECT__RULE_EFFECT_EXCLUDE);
    const bool is_over = placement == NULL && !is_in_term(state, framework, terms->from->days);
    const bool is_spent = spending.framework != NULL && spending.cost_pence > spending.left_pence;
    if (decision != NULL && is_over)
        refuse_over(state, framework, decision);
    else if (decision != NULL && is_spent)
        refuse_spent(&spending, decision);
    return !is_over && !is_spent;
}

bool placements_framework_has_programme(const struct state *state,
                                        const Dw__CommissioningModel *model,
                                        const Dw__CallOff *call_off, const Dw__Offer *offer,
                                        struct decision *decision)
{
    const Dw__NotedContract *contract = placements_programme_contract(state, call_off, offer);
    const Dw__Framework *framework =
        contract == NULL ? NULL : placements_framework(model, contract->contract->framework);
    const bool is_over = !is_in_term(state, framework, offer->from->days);
    struct spending spending = {0};
    if (!is_over && framework != NULL && framework->value_pence > 0 &&
        framework->over_value == DW__RULE_EFFECT__RULE_EFFECT_EXCLUDE)
        spending = (struct spending){
            framework,
            placements_programme_cost(call_off, offer, placements_framework_last(state, framework)),
            framework->value_pence - placements_framework_committed(state, framework, NULL)};
    const bool is_spent = spending.cost_pence > spending.left_pence;
    if (decision != NULL && is_over)
        refuse_over(state, framework, decision);
    else if (decision != NULL && is_spent)
        refuse_spent(&spending, decision);
    return !is_over && !is_spent;
}

/* --- approval ----------------------------------------------------------------------------------------------------- */

/* The first band whose value is enough, or the number of bands when none is. */
static size_t band_for(const Dw__CommissioningModel *model, int64_t cost_pence)
{
    size_t at = 0;
    while (at < model->rules->n_approval_bands &&
           model->rules->approval_bands[at]->up_to_pence != 0 &&
           model->rules->approval_bands[at]->up_to_pence < cost_pence)
        at++;
    return at;
}

/* The band that counts: above a ceiling, or what a framework has left, the first one is not enough. */
static size_t band_asked(const Dw__CommissioningModel *model, const Dw__Approval *approval)
{
    const size_t band = band_for(model, approval->cost_pence);
    return (approval->above_ceiling || approval->above_framework) && band == 0 ? 1 : band;
}

bool placements_is_above_ceiling(const struct state *state, const Dw__PlacementTerms *terms,
                                 const Dw__NotedContract *contract)
{
    if (contract == NULL)
        return false;
    const Dw__PriceCeiling *ceiling = contract->contract->ceiling;
    const int64_t pence =
        ceiling == NULL ? contract->contract->ceiling_pence : ceiling->price_pence;
    const Dw__PriceUnit unit = ceiling == NULL ? DW__PRICE_UNIT__PRICE_UNIT_SESSION : ceiling->unit;
    return pence != 0 && placements_costs_above(state, terms, unit, pence);
}

static int64_t cost_on(const struct state *state, const Dw__PlacementTerms *terms,
                       const Dw__NotedContract *contract, Dw__ApprovalBasis basis)
{
    return basis == DW__APPROVAL_BASIS__APPROVAL_BASIS_WHOLE_LIFE
               ? placements_whole_cost(state, terms, placements_contract_last(contract))
               : placements_year_cost(state, terms);
}

/* Of what the parts and the week come to the greater: whoever approves sees no price that is not looked at. */
static int64_t greater_cost(const struct state *state, const Dw__PlacementTerms *terms,
                            const Dw__NotedContract *contract, Dw__ApprovalBasis basis)
{
    Dw__PlacementTerms by_week = *terms;
    by_week.n_parts = 0;
    const int64_t by_week_pence = cost_on(state, &by_week, contract, basis);
    const int64_t pence = cost_on(state, terms, contract, basis);
    return by_week_pence > pence ? by_week_pence : pence;
}

/* Twelve months counted from when support began, so that no limit is passed in pieces, or the last twelve of these terms: in the first of
 * all a session that came later did not run yet. */
static int64_t cost_asked(const struct state *state, const Dw__PlacementTerms *terms,
                          const Dw__Placement *placement, const Dw__NotedContract *contract,
                          Dw__ApprovalBasis basis)
{
    enum { YEAR_DAYS = 365 };
    if (placement->started == NULL)
        return greater_cost(state, terms, contract, basis);
    Dw__PlacementTerms whole = *terms;
    whole.from = placement->started;
    const int64_t whole_pence = greater_cost(state, &whole, contract, basis);
    Dw__Date from = *terms->from;
    if (terms->to != NULL)
        from.days = calendar_later(placement->started->days,
                                   calendar_earlier(from.days, terms->to->days - YEAR_DAYS + 1));
    whole.from = &from;
    const int64_t latest_pence = greater_cost(state, &whole, contract, basis);
    return latest_pence > whole_pence ? latest_pence : whole_pence;
}

bool placements_needs_approval(const struct state *state, const Dw__CommissioningModel *model,
                               const Dw__PlacementTerms *terms, const Dw__Placement *placement,
                               const Dw__NotedContract *contract, Dw__Approval *ret_approval)
{
    if (!placements_is_bought(terms) || model->rules == NULL || model->rules->n_approval_bands == 0)
        return false;
    const Dw__ContractTerms *kind = placements_contract_terms(model, contract);
    dw__approval__init(ret_approval);
    ret_approval->basis = kind == NULL ? DW__APPROVAL_BASIS__APPROVAL_BASIS_YEAR : kind->approval;
    ret_approval->cost_pence = cost_asked(state, terms, placement, contract, ret_approval->basis);
    ret_approval->above_ceiling = placements_is_above_ceiling(state, terms, contract);
    const struct spending spending =
        spend(state, model, terms, placement, DW__RULE_EFFECT__RULE_EFFECT_WARN);
    ret_approval->above_framework =
        spending.framework != NULL && spending.cost_pence > spending.left_pence;
    const size_t band = band_asked(model, ret_approval);
    return band == model->rules->n_approval_bands ||
           model->rules->approval_bands[band]->role != DW__ROLE__ROLE_BROKER;
}

/* "up to £10,000.00", what somebody in a role of the bands may approve at most. */
static void write_limit(const Dw__CommissioningModel *model, int role, char ret_text[MONEY_SIZE])
{
    char pounds[MONEY_SIZE];
    (void)text_format(ret_text, MONEY_SIZE, "nothing");
    for (size_t at = 0; at < model->rules->n_approval_bands; at++) {
        const Dw__ApprovalBand *band = model->rules->approval_bands[at];
        if ((int)band->role != role)
            continue;
        write_pounds(band->up_to_pence, pounds);
        (void)text_format(ret_text, MONEY_SIZE, "up to %s", pounds);
    }
}

static void refuse_above_limit(const Dw__CommissioningModel *model, const Dw__Approval *approval,
                               int role, struct decision *decision)
{
    enum { ROLE_SIZE = 32 };
    char cost[MONEY_SIZE], limit[MONEY_SIZE], other[ROLE_SIZE];
    const size_t band = band_asked(model, approval);
    const ProtobufCEnumValue *named =
        band == model->rules->n_approval_bands
            ? NULL
            : protobuf_c_enum_descriptor_get_value(&dw__role__descriptor,
                                                   (int)model->rules->approval_bands[band]->role);
    write_pounds(approval->cost_pence, cost);
    write_limit(model, role, limit);
    text_words(named == NULL ? "" : named->name + strlen("ROLE_"), other, ROLE_SIZE);
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_ABOVE_LIMIT,
                    "It costs %s %s%s%s, and your role approves %s; %s%s.", cost,
                    approval->basis == DW__APPROVAL_BASIS__APPROVAL_BASIS_YEAR ? "a year"
                                                                               : "in all",
                    approval->above_ceiling ? ", more than the contract's ceiling" : "",
                    approval->above_framework ? ", more than the framework has left" : "", limit,
                    named == NULL ? "nobody's limit is as high, take a cheaper one"
                                  : "ask somebody in the role ",
                    other);
}

bool placements_may_approve(const Dw__CommissioningModel *model, const Dw__Approval *approval,
                            const char *proposed_by, const struct context *ctx,
                            struct decision *decision)
{
    if (strcmp(proposed_by, ctx->principal->name) == 0) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_SAME_PERSON,
                        "Whoever proposes something does not approve it; ask somebody else.");
        return false;
    }
    const size_t bands = model->rules == NULL ? 0 : model->rules->n_approval_bands;
    if (ctx->principal->role == DW__ROLE__ROLE_OPERATOR || bands == 0)
        return true;
    for (size_t at = band_asked(model, approval); at < bands; at++)
        if ((int)model->rules->approval_bands[at]->role == ctx->principal->role)
            return true;
    refuse_above_limit(model, approval, ctx->principal->role, decision);
    return false;
}
