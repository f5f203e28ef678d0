/* What terms plan, and what that costs: sittings by the calendar, prices by part. Integer pence, gross. Pure arithmetic over records; knows
 * nothing of what becomes of a placement (money.h). */
#ifndef DAYWAYS_SERVICES_PLACEMENTS_PRICES_H
#define DAYWAYS_SERVICES_PLACEMENTS_PRICES_H

#include "services/placements/state.h"

/* --- sittings ----------------------------------------------------------------------------------------------------- */

/* As capacity told of it; NULL: not yet. */
const Dw__NotedSession *placements_session(const struct state *state,
                                           const ProtobufCBinaryData *session_id);

/* It has a sitting on that date; one that capacity has not told of sits on Mondays. */
bool placements_sits(const struct state *state, const ProtobufCBinaryData *session_id,
                     int32_t date);

/* Sittings between first and last of a slot that begins on from. */
uint32_t placements_sittings_between(int32_t first, int32_t last, int32_t from, int weekday,
                                     uint32_t every_weeks);

/* Whether the session runs on that date, as far as is known: what has ended is not planned any more, and is lost by nothing. */
bool placements_runs_on(const struct state *state, const ProtobufCBinaryData *session_id,
                        int32_t date);

/* The session is one of the terms'. */
bool placements_has_session(const Dw__PlacementTerms *terms, const ProtobufCBinaryData *session_id);

/* The same sessions of a week, in whatever order. */
bool placements_same_sessions(const Dw__PlacementTerms *left, const Dw__PlacementTerms *right);

/* What is planned under terms between two dates. */
struct planned {
    uint32_t sittings;
    uint32_t minutes;
    uint32_t days;            /* on which there is at least one */
    uint32_t sittings_a_week; /* in which all sessions sit */
};

/* Between two dates, both included, inside the terms' own. */
struct planned placements_plan(const struct state *state, const Dw__PlacementTerms *terms,
                               int32_t first, int32_t last);

/* --- prices ------------------------------------------------------------------------------------------------------- */

/* What so much costs by the terms' prices; ret_transport_pence: how much of it is transport. */
int64_t placements_plan_cost(const Dw__PlacementTerms *terms, const struct planned *planned,
                             int64_t *ret_transport_pence);

/* The cost of terms from first to last as if nothing were lost; a date outside the terms' own costs nothing. A session that capacity
 * has not told of yet counts once a week. */
int64_t placements_terms_cost(const struct state *state, const Dw__PlacementTerms *terms,
                              int32_t first, int32_t last);

/* Gross cost of a week in which every session sits, or what the proposer states, whichever is more. */
int64_t placements_week_cost(const struct state *state, const Dw__PlacementTerms *terms);

/* Of such a week the day support alone, by its parts, or the week's price where there are none, comes to more than so much a unit. */
bool placements_costs_above(const struct state *state, const Dw__PlacementTerms *terms,
                            Dw__PriceUnit unit, int64_t pence);

/* Gross cost of twelve months from the terms' first date, as they are planned. */
int64_t placements_planned_year_cost(const struct state *state, const Dw__PlacementTerms *terms);

/* The same of terms that go on, however soon these end. */
int64_t placements_open_year_cost(const struct state *state, const Dw__PlacementTerms *terms);

/* Gross cost of twelve months from the terms' first date, or what the proposer states, whichever is more. */
int64_t placements_year_cost(const struct state *state, const Dw__PlacementTerms *terms);

/* All it costs until its last date, or to contract_last where it has none or a later one. */
int64_t placements_whole_cost(const struct state *state, const Dw__PlacementTerms *terms,
                              int32_t contract_last);

/* True when the council pays for it: a direct payment or a person's own money is not spent here. */
bool placements_is_bought(const Dw__PlacementTerms *terms);

#endif
