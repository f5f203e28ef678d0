/* See money.h. */
#include "services/placements/money.h"
#include "services/placements/checks.h"
#include "services/placements/losses.h"

#include "common/calendar.h"

const Dw__ContractTerms *placements_contract_terms(const Dw__CommissioningModel *model,
                                                   const Dw__NotedContract *contract)
{
    for (size_t at = 0; contract != NULL && at < model->n_contract_terms; at++)
        if (model->contract_terms[at]->kind == contract->contract->kind)
            return model->contract_terms[at];
    return NULL;
}

const Dw__NotedContract *placements_contract_on(const struct state *state,
                                                const Dw__Placement *placement,
                                                const Dw__PlacementTerms *terms, int32_t date,
                                                bool first)
{
    const Dw__NotedContract *own = placements_contract_under(state, placement, terms);
    if (!placements_is_bought(terms) || first ||
        (own != NULL && date <= placements_contract_last(own)))
        return own;
    return placements_any_contract(state, terms, date);
}

bool placements_has_lost(const Dw__Disruption *disruption, const struct id *session_id,
                         int32_t date)
{
    for (size_t at = 0; at < disruption->n_sittings; at++) {
        const struct id lost = id_or_zero(&disruption->sittings[at]->session_id);
        if (disruption->sittings[at]->date->days == date && id_equal(&lost, session_id))
            return true;
    }
    return false;
}

/* --- what was lost ------------------------------------------------------------------------------------------------ */

static bool is_unpaid(const struct losses *losses, const struct id *session_id, int32_t date)
{
    const struct lost_sitting *lost = losses_find(losses, session_id, date);
    return lost != NULL && lost->unpaid;
}

/* Whether the day goes with a sitting that is not paid: none of the day's sittings is, and it is the first of them, so that the day goes
 * once. */
static bool takes_day(const struct state *state, const struct losses *losses,
                      const Dw__PlacementTerms *terms, const struct lost_sitting *lost)
{
    bool is_first = true;
    for (size_t at = 0; at < terms->n_session_ids; at++) {
        const struct id id = id_or_zero(&terms->session_ids[at]);
        if (!placements_sits(state, &terms->session_ids[at], lost->date))
            continue;
        if ((is_first && !id_equal(&id, &lost->session_id)) || !is_unpaid(losses, &id, lost->date))
            return false;
        is_first = false;
    }
    return !is_first;
}

/* Takes what was lost under these terms between the dates out of what is to be paid. */
static void take_lost(const struct state *state, const struct losses *losses,
                      const Dw__PlacementTerms *terms, int32_t first, int32_t last,
                      struct placement_cost *cost, struct planned *payable)
{
    for (size_t at = 0; at < losses->count; at++) {
        const struct lost_sitting *lost = &losses->list[at];
        const ProtobufCBinaryData session_id = id_to_data(&lost->session_id);
        if (lost->date < first || lost->date > last ||
            !placements_runs_on(state, &session_id, lost->date) ||
            !placements_has_session(terms, &session_id))
            continue;
        cost->lost_sittings++;
        if (!lost->unpaid)
            continue;
        const Dw__NotedSession *session = placements_session(state, &session_id);
        payable->sittings -= payable->sittings > 0;
        if (takes_day(state, losses, terms, lost))
            payable->days -= payable->days > 0;
        if (session != NULL && payable->minutes >= session->end_minutes - session->start_minutes)
            payable->minutes -= session->end_minutes - session->start_minutes;
    }
}

/* Last date on which the person comes, as far as it is known. What is paid beyond it is paid as it was planned: nobody is there to lose it. */
static int32_t last_of_support(const Dw__Placement *placement)
{
    if (placement->last != NULL)
        return placement->last->days;
    return placement->ending == NULL ? INT32_MAX : placement->ending->last->days;
}

/* Of a placement, as its contract has it. */
static void add_terms(const struct state *state, const Dw__CommissioningModel *model,
                      const Dw__Placement *placement, const Dw__PlacementTerms *terms,
                      int32_t first, int32_t last, struct placement_cost *cost)
{
    /* What is held for a change may lose more than that. */
    first = calendar_later(first, terms->from->days);
    last = calendar_earlier(last, terms->to == NULL ? last : terms->to->days);
    if (first > last)
        return;
    const struct planned planned = placements_plan(state, terms, first, last);
    struct planned payable = planned;
    int64_t transport_pence;
    struct losses losses = losses_read(state, model, placement, terms, first, last);
    take_lost(state, &losses, terms, first, calendar_earlier(last, last_of_support(placement)),
              cost, &payable);
    losses_free(&losses);
    cost->planned_sittings += planned.sittings;
    cost->planned_pence += placements_plan_cost(terms, &planned, &transport_pence);
    if (terms->funding == DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED)
        return; /* the person pays the provider */
    cost->payable_sittings += payable.sittings;
    cost->payable_pence += placements_plan_cost(terms, &payable, &transport_pence);
    cost->transport_pence += transport_pence;
}

int32_t placements_last_with_place(const Dw__Placement *placement)
{
    const Dw__Suspension *suspension = placement->suspension;
    return suspension == NULL || !suspension->released || suspension->kept_until == NULL
               ? INT32_MAX
               : suspension->kept_until->days - 1;
}

/* What was said of its end, that is agreed or has come, or NULL. */
static const Dw__EndDetails *end_details(const Dw__Placement *placement)
{
    if (placement->last == NULL)
        return placement->ending == NULL ? NULL : placement->ending->details;
    return placement->end;
}

int32_t placements_paid_until(const Dw__Placement *placement)
{
    const Dw__AgreedEnd *ending = placement->ending;
    if (ending == NULL)
        return INT32_MAX;
    return ending->details != NULL && ending->details->last_payable != NULL
               ? ending->details->last_payable->days
               : ending->last->days;
}

int32_t placements_last_payable(const Dw__Placement *placement)
{
    if (placement->last == NULL)
        return calendar_earlier(placements_last_with_place(placement),
                                placements_paid_until(placement));
    const Dw__EndDetails *details = placement->end;
    return details != NULL && details->last_payable != NULL ? details->last_payable->days
                                                            : placement->last->days;
}

int32_t placements_last_agreed(const Dw__PlacementTerms *terms)
{
    return terms->to == NULL ? INT32_MAX : terms->to->days;
}

Dw__PlacementTerms placements_paid_terms(const Dw__Placement *placement, Dw__Date *ret_to)
{
    const Dw__EndDetails *details = end_details(placement);
    Dw__PlacementTerms terms = *placement->terms;
    if (terms.to == NULL || details == NULL || details->last_payable == NULL ||
        details->last_payable->days <= terms.to->days)
        return terms;
    *ret_to = *details->last_payable;
    terms.to = ret_to;
    return terms;
}

/* --- a placement, with what it was before ------------------------------------------------------------------------- */

/* Who gave the place back before what was agreed ahead took effect has had nothing since: what is kept later says so of all before it. */
static int32_t last_of_former(const Dw__Placement *placement, size_t at)
{
    int32_t last = INT32_MAX;
    for (; at < placement->n_former; at++)
        last = calendar_earlier(last, placement->former[at]->last->days);
    return last;
}

struct stretch placements_stretch(const Dw__Placement *placement, size_t at)
{
    const bool is_former = at < placement->n_former;
    const int32_t before = at == 0 ? INT32_MIN : last_of_former(placement, at - 1);
    return (struct stretch){
        .terms = is_former ? placement->former[at]->terms : placement->terms,
        .hold_id = is_former ? &placement->former[at]->hold_id : &placement->hold_id,
        .first = calendar_later(placement->started->days, at == 0 ? before : before + 1),
        .last = last_of_former(placement, at),
    };
}

size_t placements_stretch_at(const Dw__Placement *placement, int32_t date)
{
    size_t found = 0;
    for (size_t at = 1; at <= placement->n_former; at++) {
        const struct stretch stretch = placements_stretch(placement, at);
        if (stretch.first <= date && stretch.first <= stretch.last)
            found = at;
    }
    return found;
}

int32_t placements_last_had(const Dw__Placement *placement, int32_t date)
{
    const Dw__Date *to =
        placements_stretch(placement, placements_stretch_at(placement, date)).terms->to;
    return to == NULL ? date : calendar_earlier(date, to->days);
}

struct stretch placements_stretch_on(const Dw__Placement *placement, int32_t date)
{
    struct stretch stretch = placements_stretch(placement, placements_stretch_at(placement, date));
    if (date < stretch.first || date > stretch.last || !placements_lies_inside(stretch.terms, date))
        stretch.terms = NULL;
    return stretch;
}

/* Of the stretch between the dates, as it is planned. */
static struct planned plan_stretch(const struct state *state, const struct stretch *stretch,
                                   int32_t first, int32_t last)
{
    return placements_plan(state, stretch->terms, calendar_later(first, stretch->first),
                           calendar_earlier(last, stretch->last));
}

uint32_t placements_planned_sittings(const struct state *state, const Dw__Placement *placement,
                                     int32_t first, int32_t last)
{
    const int32_t to =
        placement->last == NULL ? last : calendar_earlier(last, placement->last->days);
    uint32_t count = 0;
    for (size_t at = 0; at <= placement->n_former; at++) {
        const struct stretch stretch = placements_stretch(placement, at);
        count += plan_stretch(state, &stretch, first, to).sittings;
    }
    return count;
}

bool placements_plans(const struct state *state, const Dw__Placement *placement,
                      const ProtobufCBinaryData *session_id, int32_t date)
{
    const Dw__PlacementTerms *terms = placements_stretch_on(placement, date).terms;
    return terms != NULL && (placement->last == NULL || date <= placement->last->days) &&
           placements_has_session(terms, session_id) && placements_runs_on(state, session_id, date);
}

static bool pays_alike(const Dw__PlacementTerms *one, const Dw__PlacementTerms *two)
{
    return one->funding == two->funding && one->nhs_share == two->nhs_share;
}

struct placement_cost placements_cost(const struct state *state,
                                      const Dw__CommissioningModel *model,
                                      const Dw__Placement *placement,
                                      const Dw__PlacementTerms *like, int32_t first, int32_t last)
{
    struct placement_cost cost = {0};
    if (placement->started == NULL)
        return cost;
    Dw__Date to;
    const Dw__PlacementTerms now = placements_paid_terms(placement, &to);
    last = calendar_earlier(last, placements_last_payable(placement));
    for (size_t at = 0; at <= placement->n_former; at++) {
        struct stretch stretch = placements_stretch(placement, at);
        if (at == placement->n_former)
            stretch.terms = &now;
        if (like == NULL || pays_alike(stretch.terms, like))
            add_terms(state, model, placement, stretch.terms, calendar_later(first, stretch.first),
                      calendar_earlier(last, stretch.last), &cost);
    }
    return cost;
}

bool placements_pays_last(const Dw__Placement *placement, size_t at)
{
    const Dw__PlacementTerms *terms = placements_stretch(placement, at).terms;
    for (size_t other = at + 1; other <= placement->n_former; other++)
        if (pays_alike(terms, placements_stretch(placement, other).terms))
            return false;
    return true;
}
