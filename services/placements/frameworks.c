/* What a framework's value is committed to: placements to their end or to that of the exercised term, and programmes that were called
 * off, whoever has been placed into them yet. See money.h. */
#include "services/placements/money.h"

#include "common/calendar.h"

const Dw__Framework *placements_framework(const Dw__CommissioningModel *model, uint32_t number)
{
    for (size_t at = 0; number > 0 && at < model->n_frameworks; at++)
        if (model->frameworks[at]->number == number)
            return model->frameworks[at];
    return NULL;
}

int32_t placements_framework_last(const struct state *state, const Dw__Framework *framework)
{
    static const struct id no_id = {{0}};
    const Dw__NotedFramework *noted =
        entities_get(state->entities, PLACEMENTS_KIND_FRAMEWORK, &no_id, framework->number);
    const Dw__Date *last = noted == NULL ? framework->to : noted->to;
    return last == NULL ? INT32_MAX : last->days;
}

/* Whether a placement takes of a framework's value: the place is taken or asked for, or was had. */
static bool is_committed(const Dw__Placement *placement)
{
    switch ((enum placement_state)placement->state) {
    case PLACEMENT_PROPOSED:
    case PLACEMENT_AWAITING_APPROVAL:
    case PLACEMENT_HELD:
    case PLACEMENT_OFFERED:
    case PLACEMENT_CONFIRMING:
    case PLACEMENT_ACCEPTED:
    case PLACEMENT_ACTIVE:
    case PLACEMENT_TRIAL:
    case PLACEMENT_SUSPENDED:
    case PLACEMENT_ENDED:
        return true;
    case PLACEMENT_UNSPECIFIED:
    case PLACEMENT_DECLINED:
    case PLACEMENT_LAPSED:
    case PLACEMENT_CANCELLED:
    case PLACEMENT_REFUSED:
    case PLACEMENT_STATES:
        break;
    }
    return false;
}

/* Who pays on the date: the contract in force or, when none is, the placement's own: care outlives it. */
static const Dw__NotedContract *paying_on(const struct state *state, const Dw__Placement *placement,
                                          const Dw__PlacementTerms *terms, int32_t date)
{
    const Dw__NotedContract *contract =
        placements_contract_on(state, placement, terms, date, false);
    return contract != NULL ? contract : placements_contract_under(state, placement, terms);
}

/* The last date on which the contract that pays on the date, or none, may still be who does. */
static int32_t paying_until(const struct state *state, const Dw__PlacementTerms *terms,
                            const Dw__NotedContract *contract, int32_t date)
{
    const int32_t next = placements_next_contract(state, terms, date);
    const int32_t until = next == INT32_MAX ? INT32_MAX : next - 1;
    const int32_t ends = contract == NULL ? INT32_MIN : placements_contract_last(contract);
    return ends < date ? until : calendar_earlier(until, ends);
}

/* What terms come to between the dates, as far as contracts of the framework pay for it. */
static int64_t cost_under(const struct state *state, const Dw__Placement *placement,
                          const Dw__PlacementTerms *terms, int32_t first, int32_t last,
                          const Dw__Framework *framework)
{
    Dw__PlacementTerms part = *terms;
    Dw__Date from = {.base = terms->from->base, .days = first};
    bool was_under = false;
    int64_t pence = 0;
    part.from = &from;
    for (int32_t date = first; date <= last;) {
        const Dw__NotedContract *contract = paying_on(state, placement, terms, date);
        const bool is_under =
            contract != NULL && contract->contract->framework == framework->number;
        if (was_under && !is_under)
            pence += placements_whole_cost(state, &part, date - 1);
        if (!was_under)
            from.days = date;
        was_under = is_under;
        const int32_t until = paying_until(state, terms, contract, date);
        if (until >= last)
            break;
        date = until + 1;
    }
    return pence + (was_under ? placements_whole_cost(state, &part, last) : 0);
}

/* What it was before counts as it was paid for then; changed: what it comes to when it has those terms from their first date on, NULL: as
 * it is. */
static int64_t committed_with(const struct state *state, const Dw__Placement *placement,
                              const Dw__PlacementTerms *changed, const Dw__Framework *framework)
{
    const int32_t framework_last = placements_framework_last(state, framework);
    const int32_t last = calendar_earlier(framework_last, placements_last_payable(placement));
    const int32_t started = placement->started == NULL ? INT32_MIN : placement->started->days;
    Dw__Date to;
    Dw__PlacementTerms terms = placements_paid_terms(placement, &to);
    int64_t pence = 0;
    for (size_t at = 0; at < placement->n_former; at++) {
        const struct stretch stretch = placements_stretch(placement, at);
        pence += cost_under(state, placement, stretch.terms, stretch.first,
                            calendar_earlier(stretch.last, last), framework);
    }
    pence += cost_under(state, placement, &terms, calendar_later(terms.from->days, started),
                        changed == NULL ? last : calendar_earlier(last, changed->from->days - 1),
                        framework);
    if (changed != NULL)
        pence +=
            cost_under(state, placement, changed, changed->from->days, framework_last, framework);
    return pence;
}

/* A change that waits counts as if it were made, when that is dearer: two that wait do not take the same money. */
static int64_t committed_by(const struct state *state, const Dw__Placement *placement,
                            const Dw__Framework *framework)
{
    const int64_t pence = committed_with(state, placement, NULL, framework);
    if (placement->change == NULL)
        return pence;
    const int64_t changed_pence =
        committed_with(state, placement, placement->change->terms, framework);
    return changed_pence > pence ? changed_pence : pence;
}

/* What placements commit under a framework, those at one service or, with none named, all; but for one of them (NULL: for none). */
static int64_t committed_by_all(const struct state *state, const Dw__Framework *framework,
                                const ProtobufCBinaryData *service_id, const Dw__Placement *besides)
{
    const size_t count = entities_count(state->entities, PLACEMENTS_KIND_PLACEMENT);
    int64_t pence = 0;
    for (size_t at = 0; at < count; at++) {
        const Dw__Placement *placement =
            entities_at(state->entities, PLACEMENTS_KIND_PLACEMENT, at, NULL);
        if (is_committed(placement) && placement != besides &&
            (service_id == NULL || id_data_equal(&placement->terms->service_id, service_id)))
            pence += committed_by(state, placement, framework);
    }
    return pence;
}

/* --- programmes --------------------------------------------------------------------------------------------------- */

const Dw__NotedContract *placements_programme_contract(const struct state *state,
                                                       const Dw__CallOff *call_off,
                                                       const Dw__Offer *offer)
{
    Dw__PlacementTerms terms = DW__PLACEMENT_TERMS__INIT;
    terms.provider_id = offer->provider_id;
    terms.level = call_off->requirement->level;
    return placements_any_contract(state, &terms, offer->from->days);
}

/* Of its sessions, as they were offered: what each person who is placed into it has. */
static int64_t sittings_of(const Dw__Offer *offer, int32_t from, int32_t last)
{
    int64_t count = 0;
    for (size_t at = 0; at < offer->n_programme_sessions; at++) {
        const Dw__Session *session = offer->programme_sessions[at];
        const int32_t begins = session->from == NULL ? from : session->from->days;
        const int32_t ends = session->to == NULL ? last : calendar_earlier(last, session->to->days);
        if (calendar_later(from, begins) <= ends)
            count += placements_sittings_between(from, ends, begins, (int)session->weekday,
                                                 session->every_weeks);
    }
    return count;
}

int64_t placements_programme_cost(const Dw__CallOff *call_off, const Dw__Offer *offer,
                                  int32_t framework_last)
{
    enum { DAYS_A_WEEK = 7, YEAR_DAYS = 365 };
    const Dw__Requirement *wanted = call_off->requirement;
    const int32_t from = offer->from->days;
    int32_t last =
        calendar_earlier(framework_last, wanted->to == NULL ? INT32_MAX : wanted->to->days);
    if (last == INT32_MAX)
        last = from + YEAR_DAYS - 1; /* no end is known: a year stands for it */
    if (last < from)
        return 0;
    const int64_t week_pence = offer->price_pence_per_week * (int64_t)wanted->people;
    if (offer->n_programme_sessions == 0)
        return week_pence * (last - from + 1) / DAYS_A_WEEK;
    return week_pence * sittings_of(offer, from, last) / (int64_t)offer->n_programme_sessions;
}

/* The winner's offer of a programme, or NULL. */
static const Dw__Offer *awarded(const Dw__CallOff *call_off)
{
    if (call_off->kind != DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME ||
        call_off->state != DW__CALL_OFF_STATE__CALL_OFF_STATE_AWARDED)
        return NULL;
    for (size_t at = 0; at < call_off->n_offers; at++)
        if (call_off->offers[at]->state == DW__OFFER_STATE__OFFER_STATE_WON)
            return call_off->offers[at];
    return NULL;
}

/* The last date on which any of its sessions is to sit, as far as they are known: a programme that was ended costs no longer. */
static int32_t programme_last(const struct state *state, const Dw__Offer *offer)
{
    int32_t last = INT32_MIN;
    for (size_t at = 0; at < offer->n_session_ids; at++) {
        const Dw__NotedSession *session = placements_session(state, &offer->session_ids[at]);
        if (session == NULL || session->to == NULL)
            return INT32_MAX;
        last = session->to->days > last ? session->to->days : last;
    }
    return last;
}

/* What programmes commit beyond the people that are placed into them: the one at the service or, with none named, all. */
static int64_t committed_by_programmes(const struct state *state, const Dw__Framework *framework,
                                       const ProtobufCBinaryData *service_id,
                                       const Dw__Placement *besides)
{
    const int32_t last = placements_framework_last(state, framework);
    const size_t count = entities_count(state->entities, PLACEMENTS_KIND_CALL_OFF);
    int64_t pence = 0;
    for (size_t at = 0; at < count; at++) {
        const Dw__CallOff *call_off =
            entities_at(state->entities, PLACEMENTS_KIND_CALL_OFF, at, NULL);
        const Dw__Offer *offer = awarded(call_off);
        const Dw__NotedContract *contract =
            offer == NULL ? NULL : placements_programme_contract(state, call_off, offer);
        if (contract == NULL || contract->contract->framework != framework->number ||
            (service_id != NULL && !id_data_equal(&offer->service_id, service_id)))
            continue;
        const int64_t whole = placements_programme_cost(
            call_off, offer, calendar_earlier(last, programme_last(state, offer)));
        const int64_t placed = committed_by_all(state, framework, &offer->service_id, besides);
        pence += whole > placed ? whole - placed : 0;
    }
    return pence;
}

int64_t placements_framework_committed(const struct state *state, const Dw__Framework *framework,
                                       const Dw__Placement *besides)
{
    return committed_by_all(state, framework, NULL, besides) +
           committed_by_programmes(state, framework, NULL, besides);
}

int64_t placements_programme_left(const struct state *state, const Dw__Framework *framework,
                                  const ProtobufCBinaryData *service_id,
                                  const Dw__Placement *besides)
{
    return committed_by_programmes(state, framework, service_id, besides);
}

int64_t placements_changed_commitment(const struct state *state, const Dw__Framework *framework,
                                      const Dw__Placement *placement,
                                      const Dw__PlacementTerms *terms)
{
    return committed_with(state, placement, terms, framework);
}
