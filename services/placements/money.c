/* See money.h. */
#include "services/placements/money.h"
#include "services/placements/checks.h"
#include "services/placements/losses.h"

#include "common/calendar.h"

enum { DAYS_A_WEEK = 7, MINUTES_AN_HOUR = 60, YEAR_DAYS = 365 };

static int32_t later(int32_t left, int32_t right)
{
    return left > right ? left : right;
}

static int32_t earlier(int32_t left, int32_t right)
{
    return left < right ? left : right;
}

bool placements_is_bought(const Dw__PlacementTerms *terms)
{
    return terms->funding != DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT &&
           terms->funding != DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
}

const Dw__ContractTerms *placements_contract_terms(const Dw__CommissioningModel *model,
                                                   const Dw__NotedContract *contract)
{
    for (size_t at = 0; contract != NULL && at < model->n_contract_terms; at++)
        if (model->contract_terms[at]->kind == contract->contract->kind)
            return model->contract_terms[at];
    return NULL;
}

/* --- sittings ----------------------------------------------------------------------------------------------------- */

/* Sittings between first and last of a slot that begins on from. */
static uint32_t sittings_between(int32_t first, int32_t last, int32_t from, int weekday,
                                 uint32_t every_weeks)
{
    const int32_t sitting = calendar_recurrence(first, from, weekday, every_weeks);
    const int32_t step = DAYS_A_WEEK * (every_weeks > 1 ? (int32_t)every_weeks : 1);
    return sitting > last ? 0 : (uint32_t)((last - sitting) / step) + 1;
}

static const Dw__NotedSession *noted_session(const struct state *state,
                                             const ProtobufCBinaryData *session_id)
{
    const struct id id = id_or_zero(session_id);
    return entities_get(state->entities, PLACEMENTS_KIND_SESSION, &id, 0);
}

/* Sittings of one session, and their minutes. A session nobody has told of yet counts on Mondays, and for no time. */
static uint32_t sittings_of(const Dw__NotedSession *session, int32_t first, int32_t last)
{
    if (session == NULL)
        return first > last ? 0 : sittings_between(first, last, first, 1, 1);
    const int32_t from = session->from == NULL ? first : session->from->days;
    const int32_t to = earlier(last, session->to == NULL ? last : session->to->days);
    return later(first, from) > to
               ? 0
               : sittings_between(first, to, from, (int)session->weekday, session->every_weeks);
}

/* What is planned under terms between two dates. */
struct planned {
    uint32_t sittings;
    uint32_t minutes;
    uint32_t days;            /* on which there is at least one */
    uint32_t sittings_a_week; /* in which all sessions sit */
};

/* Adds count sittings of one session; of_weekday has the most that one session of each weekday has. */
static void add_sittings(const Dw__NotedSession *session, uint32_t count, struct planned *planned,
                         uint32_t of_weekday[DAYS_A_WEEK + 1])
{
    const uint32_t weekday = session == NULL ? 0 : session->weekday;
    planned->sittings += count;
    if (session != NULL)
        planned->minutes += count * (session->end_minutes - session->start_minutes);
    if (count > of_weekday[weekday])
        of_weekday[weekday] = count;
}

static void count_days(const uint32_t of_weekday[DAYS_A_WEEK + 1], struct planned *planned)
{
    for (size_t weekday = 0; weekday <= DAYS_A_WEEK; weekday++)
        planned->days += of_weekday[weekday];
}

/* Days with at least one sitting, where sessions rest in some weeks and take turns. */
static void count_day_by_day(const struct state *state, const Dw__PlacementTerms *terms,
                             int32_t from, int32_t to, struct planned *planned)
{
    planned->days = 0;
    for (int32_t monday = calendar_monday(calendar_week(from)); monday <= to;
         monday += DAYS_A_WEEK) {
        bool sits[DAYS_A_WEEK + 1] = {false};
        for (size_t at = 0; at < terms->n_session_ids; at++) {
            const Dw__NotedSession *session = noted_session(state, &terms->session_ids[at]);
            const int32_t sunday = monday + DAYS_A_WEEK - 1;
            if (sittings_of(session, later(monday, from), earlier(sunday, to)) > 0)
                sits[session == NULL ? 0 : session->weekday] = true;
        }
        for (size_t weekday = 0; weekday <= DAYS_A_WEEK; weekday++)
            planned->days += sits[weekday];
    }
}

static struct planned plan(const struct state *state, const Dw__PlacementTerms *terms,
                           int32_t first, int32_t last)
{
    struct planned planned = {.sittings_a_week = (uint32_t)terms->n_session_ids};
    uint32_t of_weekday[DAYS_A_WEEK + 1] = {0};
    bool rests = false;
    const int32_t from = later(first, terms->from->days);
    const int32_t to = earlier(last, terms->to == NULL ? last : terms->to->days);
    if (from > to)
        return planned;
    for (size_t at = 0; at < terms->n_session_ids; at++) {
        const Dw__NotedSession *session = noted_session(state, &terms->session_ids[at]);
        add_sittings(session, sittings_of(session, from, to), &planned, of_weekday);
        rests = rests || (session != NULL && session->every_weeks > 1);
    }
    count_days(of_weekday, &planned);
    if (rests)
        count_day_by_day(state, terms, from, to, &planned);
    return planned;
}

/* A week in which every session sits once, whatever the dates. */
static struct planned plan_week(const struct state *state, const Dw__PlacementTerms *terms)
{
    struct planned planned = {.sittings_a_week = (uint32_t)terms->n_session_ids};
    uint32_t of_weekday[DAYS_A_WEEK + 1] = {0};
    for (size_t at = 0; at < terms->n_session_ids; at++)
        add_sittings(noted_session(state, &terms->session_ids[at]), 1, &planned, of_weekday);
    count_days(of_weekday, &planned);
    return planned;
}

/* --- prices ------------------------------------------------------------------------------------------------------- */

static bool is_transport(const Dw__PricePart *part)
{
    return part->kind == DW__PRICE_PART_KIND__PRICE_PART_KIND_TRANSPORT ||
           part->kind == DW__PRICE_PART_KIND__PRICE_PART_KIND_ESCORT;
}

/* A week's price is spread over its sittings, so that a part of a week costs a part of it, whoever asks in how many pieces; half a penny
 * up. */
static int64_t weeks_cost(int64_t pence, const struct planned *planned)
{
    const int64_t of_sittings = planned->sittings_a_week;
    return of_sittings == 0 ? 0 : (2 * pence * planned->sittings + of_sittings) / (2 * of_sittings);
}

static int64_t part_cost(const Dw__PricePart *part, const struct planned *planned)
{
    switch (part->unit) {
    case DW__PRICE_UNIT__PRICE_UNIT_SESSION:
        return part->pence * planned->sittings;
    case DW__PRICE_UNIT__PRICE_UNIT_HOUR:
        return part->pence * planned->minutes / MINUTES_AN_HOUR;
    case DW__PRICE_UNIT__PRICE_UNIT_DAY:
        return part->pence * planned->days;
    case DW__PRICE_UNIT__PRICE_UNIT_WEEK:
        return weeks_cost(part->pence, planned);
    case DW__PRICE_UNIT__PRICE_UNIT_UNSPECIFIED:
    case _DW__PRICE_UNIT_IS_INT_SIZE:
        break;
    }
    return 0;
}

static int64_t cost_of(const Dw__PlacementTerms *terms, const struct planned *planned,
                       int64_t *ret_transport_pence)
{
    int64_t pence = 0;
    *ret_transport_pence = 0;
    for (size_t at = 0; at < terms->n_parts; at++) {
        const int64_t of_part = part_cost(terms->parts[at], planned);
        pence += of_part;
        if (is_transport(terms->parts[at]))
            *ret_transport_pence += of_part;
    }
    if (terms->n_parts == 0) /* by the sitting, so that a week with fewer of them costs less */
        pence = terms->price_pence_per_week * planned->sittings / (int64_t)terms->n_session_ids;
    return pence;
}

int64_t placements_terms_cost(const struct state *state, const Dw__PlacementTerms *terms,
                              int32_t first, int32_t last)
{
    const struct planned planned = plan(state, terms, first, last);
    int64_t transport_pence;
    return cost_of(terms, &planned, &transport_pence);
}

int64_t placements_week_cost(const struct state *state, const Dw__PlacementTerms *terms)
{
    const struct planned planned = plan_week(state, terms);
    int64_t transport_pence;
    const int64_t planned_pence = cost_of(terms, &planned, &transport_pence);
    return planned_pence > terms->price_pence_per_week ? planned_pence
                                                       : terms->price_pence_per_week;
}

/* So many minutes, each sixtieth of an hour, or of whatever else is paid for as it is. */
static int64_t sixtieths_of(Dw__PriceUnit unit, const struct planned *week)
{
    switch (unit) {
    case DW__PRICE_UNIT__PRICE_UNIT_HOUR:
        return week->minutes;
    case DW__PRICE_UNIT__PRICE_UNIT_DAY:
        return (int64_t)week->days * MINUTES_AN_HOUR;
    case DW__PRICE_UNIT__PRICE_UNIT_WEEK:
        return MINUTES_AN_HOUR;
    case DW__PRICE_UNIT__PRICE_UNIT_SESSION:
    case DW__PRICE_UNIT__PRICE_UNIT_UNSPECIFIED:
    case _DW__PRICE_UNIT_IS_INT_SIZE:
        break;
    }
    return (int64_t)week->sittings * MINUTES_AN_HOUR;
}

bool placements_costs_above(const struct state *state, const Dw__PlacementTerms *terms,
                            Dw__PriceUnit unit, int64_t pence)
{
    const struct planned week = plan_week(state, terms);
    int64_t week_pence = terms->n_parts == 0 ? terms->price_pence_per_week : 0;
    for (size_t at = 0; at < terms->n_parts; at++)
        if (terms->parts[at]->kind == DW__PRICE_PART_KIND__PRICE_PART_KIND_DAY_SUPPORT)
            week_pence += part_cost(terms->parts[at], &week);
    return week_pence * MINUTES_AN_HOUR > pence * sixtieths_of(unit, &week);
}

int64_t placements_planned_year_cost(const struct state *state, const Dw__PlacementTerms *terms)
{
    return placements_terms_cost(state, terms, terms->from->days,
                                 terms->from->days + YEAR_DAYS - 1);
}

int64_t placements_year_cost(const struct state *state, const Dw__PlacementTerms *terms)
{
    const int64_t planned_pence = placements_planned_year_cost(state, terms);
    return planned_pence > terms->price_pence_per_year ? planned_pence
                                                       : terms->price_pence_per_year;
}

int64_t placements_whole_cost(const struct state *state, const Dw__PlacementTerms *terms,
                              int32_t contract_last)
{
    const int32_t own_last = terms->to == NULL ? INT32_MAX : terms->to->days;
    const int32_t last = earlier(own_last, contract_last);
    if (last == INT32_MAX)
        return placements_year_cost(state, terms); /* no end is known: a year stands for it */
    return placements_terms_cost(state, terms, terms->from->days, last);
}

/* --- what a placement costs --------------------------------------------------------------------------------------- */

bool placements_has_session(const Dw__PlacementTerms *terms, const ProtobufCBinaryData *session_id)
{
    const struct id wanted = id_or_zero(session_id);
    for (size_t at = 0; at < terms->n_session_ids; at++) {
        const struct id id = id_or_zero(&terms->session_ids[at]);
        if (id_equal(&id, &wanted))
            return true;
    }
    return false;
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
        if (sittings_of(noted_session(state, &terms->session_ids[at]), lost->date, lost->date) == 0)
            continue;
        if ((is_first && !id_equal(&id, &lost->session_id)) || !is_unpaid(losses, &id, lost->date))
            return false;
        is_first = false;
    }
    return !is_first;
}

bool placements_runs_on(const struct state *state, const ProtobufCBinaryData *session_id,
                        int32_t date)
{
    const Dw__NotedSession *session = noted_session(state, session_id);
    return session == NULL || ((session->from == NULL || session->from->days <= date) &&
                               (session->to == NULL || date <= session->to->days));
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
        const Dw__NotedSession *session = noted_session(state, &session_id);
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
    first = later(first, terms->from->days); /* what is held for a change may lose more than that */
    last = earlier(last, terms->to == NULL ? last : terms->to->days);
    if (first > last)
        return;
    const struct planned planned = plan(state, terms, first, last);
    struct planned payable = planned;
    int64_t transport_pence;
    struct losses losses = losses_read(
        state, model,
        placements_contract_terms(model, placements_contract_under(state, placement, terms)),
        placement, first, last);
    take_lost(state, &losses, terms, first, earlier(last, last_of_support(placement)), cost,
              &payable);
    losses_free(&losses);
    cost->planned_sittings += planned.sittings;
    cost->planned_pence += cost_of(terms, &planned, &transport_pence);
    if (terms->funding == DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED)
        return; /* the person pays the provider */
    cost->payable_sittings += payable.sittings;
    cost->payable_pence += cost_of(terms, &payable, &transport_pence);
    cost->transport_pence += transport_pence;
}

/* Last date on which it can cost something: from the day a place is given back until the person comes again there is none. */
static int32_t last_with_place(const Dw__Placement *placement)
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

int32_t placements_last_payable(const Dw__Placement *placement)
{
    const Dw__EndDetails *details = end_details(placement);
    const bool is_said = details != NULL && details->last_payable != NULL;
    if (placement->last != NULL)
        return is_said ? details->last_payable->days : placement->last->days;
    if (placement->ending == NULL)
        return last_with_place(placement);
    return earlier(last_with_place(placement),
                   is_said ? details->last_payable->days : placement->ending->last->days);
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
        last = earlier(last, placement->former[at]->last->days);
    return last;
}

struct stretch placements_stretch(const Dw__Placement *placement, size_t at)
{
    const int32_t before = at == 0 ? INT32_MIN : last_of_former(placement, at - 1);
    return (struct stretch){
        .terms = at < placement->n_former ? placement->former[at]->terms : placement->terms,
        .first = later(placement->started->days, at == 0 ? before : before + 1),
        .last = last_of_former(placement, at),
    };
}

/* Of the stretch between the dates, as it is planned. */
static struct planned plan_stretch(const struct state *state, const struct stretch *stretch,
                                   int32_t first, int32_t last)
{
    return plan(state, stretch->terms, later(first, stretch->first), earlier(last, stretch->last));
}

uint32_t placements_planned_sittings(const struct state *state, const Dw__Placement *placement,
                                     int32_t first, int32_t last)
{
    const int32_t to = placement->last == NULL ? last : earlier(last, placement->last->days);
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
    for (size_t at = 0; at <= placement->n_former; at++) {
        const struct stretch stretch = placements_stretch(placement, at);
        if (date >= stretch.first && date <= stretch.last &&
            (placement->last == NULL || date <= placement->last->days))
            return placements_lies_inside(stretch.terms, date) &&
                   placements_has_session(stretch.terms, session_id) &&
                   placements_runs_on(state, session_id, date);
    }
    return false;
}

bool placements_same_sessions(const Dw__PlacementTerms *left, const Dw__PlacementTerms *right)
{
    if (left->n_session_ids != right->n_session_ids)
        return false;
    for (size_t at = 0; at < left->n_session_ids; at++)
        if (!id_data_equal(&left->session_ids[at], &right->session_ids[at]))
            return false;
    return true;
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
    last = earlier(last, placements_last_payable(placement));
    for (size_t at = 0; at <= placement->n_former; at++) {
        struct stretch stretch = placements_stretch(placement, at);
        if (at == placement->n_former)
            stretch.terms = &now;
        if (like == NULL || pays_alike(stretch.terms, like))
            add_terms(state, model, placement, stretch.terms, later(first, stretch.first),
                      earlier(last, stretch.last), &cost);
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
