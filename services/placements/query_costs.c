/* What placements cost between two dates, and who pays it. See costs.h. */
#include "services/placements/checks.h"
#include "services/placements/costs.h"
#include "services/placements/money.h"

#include "common/calendar.h"

enum {
    DAYS_A_WEEK = 7,
    SHARE_WHOLE = 10000,
    CONTRACTS_MAX = 8, /* that follow one another: more than anybody has */
};

/* --- one person's lines ------------------------------------------------------------------------------------------- */

/* Between the dates, as far as it is paid like that then. */
static struct placement_cost cost_between(const struct state *state,
                                          const Dw__CommissioningModel *model,
                                          const struct paid *paid, int32_t from, int32_t to)
{
    return placements_cost(state, model, paid->placement, paid->terms,
                           calendar_later(from, paid->first), calendar_earlier(to, paid->last));
}

static int64_t nhs_share(const struct paid *paid, int64_t payable_pence)
{
    return payable_pence * (int64_t)paid->terms->nhs_share / SHARE_WHOLE;
}

/* What the financial year of that date comes to, as far as it is known. */
static int64_t financial_year_pence(const struct state *state, const Dw__CommissioningModel *model,
                                    const struct paid *paid, int32_t date)
{
    const int32_t year = calendar_financial_year(date);
    return cost_between(state, model, paid, calendar_date(year, 4, 1),
                        calendar_date(year + 1, 3, 31))
        .payable_pence;
}

static void fill_line(const struct state *state, const Dw__CommissioningModel *model,
                      const struct paid *paid, int32_t from, int32_t to,
                      Dw__PlacementCost *ret_line, Dw__PaidBy *ret_by)
{
    const struct placement_cost cost = cost_between(state, model, paid, from, to);
    dw__paid_by__init(ret_by);
    ret_by->funding = paid->terms->funding;
    ret_by->nhs_share = paid->terms->nhs_share;
    dw__placement_cost__init(ret_line);
    ret_line->placement_id = paid->placement->placement_id;
    ret_line->paid_by = ret_by;
    ret_line->planned_sittings = cost.planned_sittings;
    ret_line->lost_sittings = cost.lost_sittings;
    ret_line->payable_sittings = cost.payable_sittings;
    ret_line->planned_pence = cost.planned_pence;
    ret_line->payable_pence = cost.payable_pence;
    ret_line->transport_pence = cost.transport_pence;
    ret_line->nhs_pence = nhs_share(paid, cost.payable_pence);
    ret_line->net_pence = ret_line->payable_pence - ret_line->nhs_pence;
    ret_line->notional = paid->fixed != NULL;
    ret_line->year_pence = placements_year_cost(state, paid->terms);
    ret_line->financial_year_pence = financial_year_pence(state, model, paid, from);
}

static void insert_line(struct person_lines *lines, struct paid paid)
{
    const struct id id = id_or_zero(&paid.placement->placement_id);
    size_t at = lines->count++;
    for (; at > 0; at--) {
        const struct id before = id_or_zero(&lines->paid[at - 1].placement->placement_id);
        if (id_compare(&before, &id) <= 0)
            break;
        lines->paid[at] = lines->paid[at - 1];
    }
    lines->paid[at] = paid;
}

/* What a person can be charged for of a placement: its net cost, nothing in the weeks a level is free, nothing of their own money. */
static int64_t chargeable(const struct state *state, const Dw__CommissioningModel *model,
                          const struct paid *paid, int32_t from, int32_t to)
{
    if (!placements_is_bought(paid->terms))
        return 0;
    const Dw__Level *level = placements_level(model, paid->terms->level);
    const int32_t free_weeks = level == NULL ? 0 : (int32_t)level->free_weeks;
    const int32_t free_until = free_weeks == 0 ? INT32_MIN
                                               : placements_level_since(state, paid->placement) +
                                                     DAYS_A_WEEK * free_weeks - 1;
    const int64_t payable_pence =
        cost_between(state, model, paid, calendar_later(from, free_until + 1), to).payable_pence;
    return payable_pence - nhs_share(paid, payable_pence);
}

/* The person's weekly contribution over the dates, by the day, as it was assessed on each. */
static int64_t assessed_between(const struct state *state, const ProtobufCBinaryData *person_id,
                                int32_t from, int32_t to)
{
    int64_t seventh_pence = 0;
    const struct id id = id_or_zero(person_id);
    const Dw__Contributions *assessed =
        entities_get(state->entities, PLACEMENTS_KIND_CONTRIBUTIONS, &id, 0);
    for (size_t at = 0; assessed != NULL && at < assessed->n_contributions; at++) {
        const int32_t begins = assessed->contributions[at]->from->days;
        const int32_t ends = at + 1 < assessed->n_contributions
                                 ? assessed->contributions[at + 1]->from->days - 1
                                 : to;
        const int32_t first = begins > from ? begins : from;
        const int32_t last = ends < to ? ends : to;
        if (first <= last && !assessed->contributions[at]->section_117)
            seventh_pence += assessed->contributions[at]->pence_per_week * (last - first + 1);
    }
    return seventh_pence / DAYS_A_WEEK;
}

/* One week's, spread over the lines in order, each up to its cost of that week; what is left over is not charged. Of a week that is asked
 * for in part, each line has as much as it has of its cost. */
static void spread_week(const struct state *state, const Dw__CommissioningModel *model,
                        struct person_lines *lines, int32_t monday, int32_t from, int32_t to)
{
    const int32_t sunday = monday + DAYS_A_WEEK - 1;
    int64_t left = assessed_between(state, &lines->paid[0].terms->person_id, monday, sunday);
    for (size_t at = 0; at < lines->count && left > 0; at++) {
        const struct paid *paid = &lines->paid[at];
        const int64_t room = chargeable(state, model, paid, monday, sunday);
        const int64_t taken = left < room ? left : room;
        if (taken <= 0)
            continue;
        const int64_t asked = monday >= from && sunday <= to
                                  ? room
                                  : chargeable(state, model, paid, monday < from ? from : monday,
                                               sunday > to ? to : sunday);
        lines->lines[at].contribution_pence += taken * asked / room;
        left -= taken;
    }
}

/* By the week, so that weeks without support are not charged, and a week costs the same whatever is asked around it. */
static void spread_contribution(const struct state *state, const Dw__CommissioningModel *model,
                                struct person_lines *lines, int32_t from, int32_t to)
{
    if (lines->count == 0)
        return;
    const struct id id = id_or_zero(&lines->paid[0].terms->person_id);
    if (entities_get(state->entities, PLACEMENTS_KIND_CONTRIBUTIONS, &id, 0) == NULL)
        return;
    for (int32_t monday = calendar_monday(calendar_week(from)); monday <= to; monday += DAYS_A_WEEK)
        spread_week(state, model, lines, monday, from, to);
    for (size_t at = 0; at < lines->count; at++) {
        Dw__PlacementCost *line = &lines->lines[at];
        if (line->contribution_pence > line->net_pence) /* by the pence that weeks are rounded */
            line->contribution_pence = line->net_pence;
        line->net_pence -= line->contribution_pence;
    }
}

static bool is_between(const Dw__Placement *placement, int32_t from, int32_t to)
{
    return placement->started != NULL && placement->started->days <= to &&
           (placement->last == NULL || placement->last->days >= from ||
            placements_last_payable(placement) >= from);
}

/* What it was paid by at other times is not told of. */
static bool is_outside(const struct paid *paid, const Dw__PlacementCost *line, int32_t from,
                       int32_t to)
{
    const bool is_one_of_several = paid->placement->n_former > 0 && line->planned_sittings == 0;
    return !is_between(paid->placement, from, to) || paid->last < from || paid->first > to ||
           (is_one_of_several &&
            (paid->terms != paid->placement->terms || paid->terms->from->days > to));
}

static void drop_outside(struct person_lines *lines, int32_t from, int32_t to)
{
    size_t kept = 0;
    for (size_t at = 0; at < lines->count; at++) {
        if (is_outside(&lines->paid[at], &lines->lines[at], from, to))
            continue;
        lines->paid[kept] = lines->paid[at];
        lines->by[kept] = lines->by[at];
        lines->lines[kept] = lines->lines[at];
        lines->lines[kept].paid_by = &lines->by[kept];
        kept++;
    }
    lines->count = kept;
}

/* From the date on as it is paid under the contract of then; the first: whenever that begins. */
static struct paid paid_from(const struct state *state, const Dw__CommissioningModel *model,
                             const struct paid *paid, int32_t date, bool first)
{
    const Dw__NotedContract *contract =
        placements_contract_on(state, paid->placement, paid->terms, date, first);
    const Dw__ContractTerms *kind = placements_contract_terms(model, contract);
    const int32_t next = contract != NULL || !placements_is_bought(paid->terms)
                             ? INT32_MAX
                             : placements_next_contract(state, paid->terms, date);
    return (struct paid){paid->placement, paid->terms, first ? INT32_MIN : date,
                         contract != NULL   ? placements_contract_last(contract)
                         : next < INT32_MAX ? next - 1
                                            : INT32_MAX,
                         kind != NULL && kind->fixed_value ? contract : NULL};
}

/* Under one contract after the other: care outlives them, and what is under none of fixed value is paid for by the placement. */
static void insert_terms(const struct state *state, const Dw__CommissioningModel *model,
                         struct person_lines *lines, const Dw__Placement *placement,
                         const Dw__PlacementTerms *terms)
{
    struct paid paid = {placement, terms, INT32_MIN, INT32_MIN, NULL};
    paid = paid_from(state, model, &paid, terms->from->days, true);
    for (size_t contracts = 1; paid.last < INT32_MAX && contracts < CONTRACTS_MAX; contracts++) {
        const struct paid next = paid_from(state, model, &paid, paid.last + 1, false);
        if (next.fixed != paid.fixed && lines->count < COSTS_LINES_MAX) {
            insert_line(lines, paid);
            paid.first = next.first;
        }
        paid.last = next.last;
        paid.fixed = next.fixed;
    }
    paid.last = INT32_MAX;
    if (lines->count < COSTS_LINES_MAX)
        insert_line(lines, paid);
}

static void insert_placement(const struct state *state, const Dw__CommissioningModel *model,
                             struct person_lines *lines, const Dw__Placement *placement)
{
    for (size_t at = 0; at <= placement->n_former; at++)
        if (placements_pays_last(placement, at))
            insert_terms(state, model, lines, placement, placements_stretch(placement, at).terms);
}

void costs_fill_person(const struct state *state, const Dw__CommissioningModel *model,
                       const struct id *person_id, int32_t from, int32_t to,
                       struct person_lines *ret_lines)
{
    ret_lines->count = 0;
    for (const struct id *id = lists_first(state->by_person, person_id); id != NULL;
         id = lists_next(state->by_person, id)) {
        const Dw__Placement *placement =
            entities_get(state->entities, PLACEMENTS_KIND_PLACEMENT, id, 0);
        if (is_between(placement, calendar_monday(calendar_week(from)),
                       calendar_monday(calendar_week(to)) + DAYS_A_WEEK - 1))
            insert_placement(state, model, ret_lines, placement);
    }
    for (size_t at = 0; at < ret_lines->count; at++)
        fill_line(state, model, &ret_lines->paid[at], from, to, &ret_lines->lines[at],
                  &ret_lines->by[at]);
    spread_contribution(state, model, ret_lines, from, to);
    drop_outside(ret_lines, from, to);
}

/* --- Costs -------------------------------------------------------------------------------------------------------- */

/* Whose costs are asked for; false when it was answered. */
static bool find_person(const struct state *state, const Dw__Costs *costs, struct answer *answer,
                        struct id *ret_person_id)
{
    if (id_from_data(&costs->person_id, ret_person_id))
        return true;
    struct id id;
    if (!id_from_data(&costs->placement_id, &id)) {
        answer_invalid(answer, "person_id", "a person or a placement must be said");
        return false;
    }
    const Dw__Placement *placement = placements_get(state, &costs->placement_id);
    if (placement == NULL) {
        answer_refuse(answer, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_PLACEMENT_UNKNOWN,
                      "There is no placement with this id.");
        return false;
    }
    *ret_person_id = id_or_zero(&placement->terms->person_id);
    return true;
}

static bool is_asked(const Dw__Placement *placement, const Dw__Costs *costs,
                     const struct context *ctx)
{
    const struct id provider_id = id_or_zero(&placement->terms->provider_id);
    return principal_sees(ctx->principal, &provider_id) &&
           (costs->placement_id.len == 0 ||
            id_data_equal(&placement->placement_id, &costs->placement_id));
}

static bool is_date(const Dw__Date *date)
{
    return date != NULL && calendar_has(date->days);
}

/* Whether the dates can be counted between; false when it was answered. */
static bool has_dates(const Dw__Costs *costs, struct answer *answer)
{
    enum { DAYS_MAX = 3700 }; /* ten years, so that no question takes long */
    if (is_date(costs->from) && is_date(costs->to) && costs->from->days <= costs->to->days &&
        costs->to->days - costs->from->days <= DAYS_MAX)
        return true;
    answer_invalid(answer, "from",
                   "first and last date must be said, of 1900 to 2199, at most ten years apart");
    return false;
}

PLACEMENTS_QUERY(costs)
{
    (void)vault;
    const Dw__Costs *costs = (const Dw__Costs *)request;
    struct id person_id;
    if (!has_dates(costs, answer))
        return;
    if (!find_person(state, costs, answer, &person_id))
        return;
    struct person_lines *lines = answer_alloc(answer, sizeof *lines);
    costs_fill_person(state, (const Dw__CommissioningModel *)ctx->model, &person_id,
                      costs->from->days, costs->to->days, lines);
    Dw__PlacementCost *told[COSTS_LINES_MAX];
    Dw__CostsFound found = DW__COSTS_FOUND__INIT;
    found.lines = told;
    for (size_t at = 0; at < lines->count; at++) {
        Dw__PlacementCost *line = &lines->lines[at];
        if (!is_asked(lines->paid[at].placement, costs, ctx))
            continue;
        if (!id_is_zero(
                &ctx->principal
                     ->provider_id)) { /* what the person pays is between them and the council */
            line->net_pence += line->contribution_pence;
            line->contribution_pence = 0;
        }
        told[found.n_lines++] = line;
        if (line->notional) {
            found.notional_pence += line->payable_pence;
        } else {
            found.payable_pence += line->payable_pence;
            found.net_pence += line->net_pence;
        }
    }
    answer_give(answer, &found.base);
}
