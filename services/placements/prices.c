/* See prices.h. */
#include "services/placements/prices.h"

#include "common/calendar.h"

enum { DAYS_A_WEEK = 7, MINUTES_AN_HOUR = 60, YEAR_DAYS = 365 };

bool placements_is_bought(const Dw__PlacementTerms *terms)
{
    return terms->funding != DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT &&
           terms->funding != DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
}

/* --- sittings ----------------------------------------------------------------------------------------------------- */

uint32_t placements_sittings_between(int32_t first, int32_t last, int32_t from, int weekday,
                                     uint32_t every_weeks)
{
    const int32_t sitting = calendar_recurrence(first, from, weekday, every_weeks);
    const int32_t step = DAYS_A_WEEK * (every_weeks > 1 ? (int32_t)every_weeks : 1);
    return sitting > last ? 0 : (uint32_t)((last - sitting) / step) + 1;
}

const Dw__NotedSession *placements_session(const struct state *state,
                                           const ProtobufCBinaryData *session_id)
{
    const struct id id = id_or_zero(session_id);
    return entities_get(state->entities, PLACEMENTS_KIND_SESSION, &id, 0);
}

/* Sittings of one session, and their minutes. A session nobody has told of yet counts on Mondays, and for no time. */
static uint32_t sittings_of(const Dw__NotedSession *session, int32_t first, int32_t last)
{
    if (session == NULL)
        return first > last ? 0 : placements_sittings_between(first, last, first, 1, 1);
    const int32_t from = session->from == NULL ? first : session->from->days;
    const int32_t to = calendar_earlier(last, session->to == NULL ? last : session->to->days);
    return calendar_later(first, from) > to
               ? 0
               : placements_sittings_between(first, to, from, (int)session->weekday,
                                             session->every_weeks);
}

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

bool placements_same_sessions(const Dw__PlacementTerms *left, const Dw__PlacementTerms *right)
{
    if (left->n_session_ids != right->n_session_ids)
        return false;
    for (size_t at = 0; at < left->n_session_ids; at++)
        if (!placements_has_session(right, &left->session_ids[at]))
            return false;
    return true;
}

bool placements_runs_on(const struct state *state, const ProtobufCBinaryData *session_id,
                        int32_t date)
{
    const Dw__NotedSession *session = placements_session(state, session_id);
    return session == NULL || ((session->from == NULL || session->from->days <= date) &&
                               (session->to == NULL || date <= session->to->days));
}

bool placements_sits(const struct state *state, const ProtobufCBinaryData *session_id, int32_t date)
{
    return sittings_of(placements_session(state, session_id), date, date) > 0;
}

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
            const Dw__NotedSession *session = placements_session(state, &terms->session_ids[at]);
            const int32_t sunday = monday + DAYS_A_WEEK - 1;
            if (sittings_of(session, calendar_later(monday, from), calendar_earlier(sunday, to)) >
                0)
                sits[session == NULL ? 0 : session->weekday] = true;
        }
        for (size_t weekday = 0; weekday <= DAYS_A_WEEK; weekday++)
            planned->days += sits[weekday];
    }
}

struct planned placements_plan(const struct state *state, const Dw__PlacementTerms *terms,
                               int32_t first, int32_t last)
{
    struct planned planned = {.sittings_a_week = (uint32_t)terms->n_session_ids};
    uint32_t of_weekday[DAYS_A_WEEK + 1] = {0};
    bool rests = false;
    const int32_t from = calendar_later(first, terms->from->days);
    const int32_t to = calendar_earlier(last, terms->to == NULL ? last : terms->to->days);
    if (from > to)
        return planned;
    for (size_t at = 0; at < terms->n_session_ids; at++) {
        const Dw__NotedSession *session = placements_session(state, &terms->session_ids[at]);
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
        add_sittings(placements_session(state, &terms->session_ids[at]), 1, &planned, of_weekday);
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

int64_t placements_plan_cost(const Dw__PlacementTerms *terms, const struct planned *planned,
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
    const struct planned planned = placements_plan(state, terms, first, last);
    int64_t transport_pence;
    return placements_plan_cost(terms, &planned, &transport_pence);
}

int64_t placements_week_cost(const struct state *state, const Dw__PlacementTerms *terms)
{
    const struct planned planned = plan_week(state, terms);
    int64_t transport_pence;
    const int64_t planned_pence = placements_plan_cost(terms, &planned, &transport_pence);
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

int64_t placements_open_year_cost(const struct state *state, const Dw__PlacementTerms *terms)
{
    Dw__PlacementTerms open = *terms;
    open.to = NULL;
    return placements_year_cost(state, &open);
}

int64_t placements_whole_cost(const struct state *state, const Dw__PlacementTerms *terms,
                              int32_t contract_last)
{
    const int32_t own_last = terms->to == NULL ? INT32_MAX : terms->to->days;
    const int32_t last = calendar_earlier(own_last, contract_last);
    if (last == INT32_MAX)
        return placements_year_cost(state, terms); /* no end is known: a year stands for it */
    return placements_terms_cost(state, terms, terms->from->days, last);
}
