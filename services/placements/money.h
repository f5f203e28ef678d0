/* What a placement costs, from its start to its end and what is lost between: what the person and others pay of it. Integer pence; every figure
 * is gross unless its name says net. Pure arithmetic over records: nothing here changes anything.
 *
 * A year's cost is that of its planned sittings, never 52 weeks of one (the design's domain, "Money"). */
#ifndef DAYWAYS_SERVICES_PLACEMENTS_MONEY_H
#define DAYWAYS_SERVICES_PLACEMENTS_MONEY_H

#include "services/placements/prices.h"

#include "model.pb-c.h"

/* What is counted of a placement between two dates, both included. */
struct placement_cost {
    uint32_t planned_sittings;
    uint32_t lost_sittings; /* of the planned ones: taken away by a closure or a cut */
    uint32_t payable_sittings;
    int64_t planned_pence;   /* gross, transport included */
    int64_t payable_pence;   /* gross, of the payable sittings */
    int64_t transport_pence; /* of payable_pence */
};

/* The cost of a placement that has started, terms it had before included. Sittings lost to a closure are paid when the terms of its
 * contract's kind say so for the closure's reason, and no sitting of a covering place in that week made up for it: a sitting is paid once. Of
 * what people pay with their own money all is planned and nothing payable. like: only what was had under terms that are paid by the
 * same and in the same shares; NULL: all. */
struct placement_cost placements_cost(const struct state *state,
                                      const Dw__CommissioningModel *model,
                                      const Dw__Placement *placement,
                                      const Dw__PlacementTerms *like, int32_t first, int32_t last);

/* The terms of a placement that has started, at its n_former-th stretch those it has now, and the dates on which they hold: it never
 * costs by others. */
struct stretch {
    const Dw__PlacementTerms *terms;
    const ProtobufCBinaryData *hold_id; /* the booking behind them */
    int32_t first;                      /* INT32_MAX in last: for as long as it goes on */
    int32_t last;
};
struct stretch placements_stretch(const Dw__Placement *placement, size_t at);

/* Which of them holds on the date: the last that has begun by then, else the first. */
size_t placements_stretch_at(const Dw__Placement *placement, int32_t date);

/* The date, or the last one of what holds then, when that is over before: of what was to begin later the person has nothing yet. */
int32_t placements_last_had(const Dw__Placement *placement, int32_t date);

/* What was agreed for that date and later, where a change was. */
void placements_tell_never_had(const struct state *state, const Dw__Placement *placement,
                               int32_t from, struct attended *ret_attended);

/* The one that holds on the date, its terms NULL when they do not lie there, or none does. */
struct stretch placements_stretch_on(const Dw__Placement *placement, int32_t date);

/* No later stretch is paid by the same and in the same shares. */
bool placements_pays_last(const Dw__Placement *placement, size_t at);

/* Their last date, which an end that is agreed is, too; INT32_MAX: none. */
int32_t placements_last_agreed(const Dw__PlacementTerms *terms);

/* Its terms now, to the last date that is paid after its end where one was said; ret_to: memory that lives as long. */
Dw__PlacementTerms placements_paid_terms(const Dw__Placement *placement, Dw__Date *ret_to);

/* What a placement that has started was or is to have between the dates, and whether one of that session is on that date. */
uint32_t placements_planned_sittings(const struct state *state, const Dw__Placement *placement,
                                     int32_t first, int32_t last);
bool placements_plans(const struct state *state, const Dw__Placement *placement,
                      const ProtobufCBinaryData *session_id, int32_t date);

/* Whether the disruption takes that sitting. */
bool placements_has_lost(const Dw__Disruption *disruption, const struct id *session_id,
                         int32_t date);

/* The last date that is paid by the end that is agreed; INT32_MAX: none is. */
int32_t placements_paid_until(const Dw__Placement *placement);

/* Last date on which it can cost something: from the day a place is given back until the person comes again there is none. INT32_MAX: it was
 * not. */
int32_t placements_last_with_place(const Dw__Placement *placement);

/* Last date on which it costs something: what was agreed at its end, or that last date itself; before its end none, INT32_MAX, but where
 * the place was given back. */
int32_t placements_last_payable(const Dw__Placement *placement);

/* The model's terms for contracts of that kind, or NULL. */
const Dw__ContractTerms *placements_contract_terms(const Dw__CommissioningModel *model,
                                                   const Dw__NotedContract *contract);

/* The contract under which it is paid on the date: its own while that lasts (or whenever it lasts: first), then whichever of the provider's
 * is in force. NULL: none is, or it is not bought. */
const Dw__NotedContract *placements_contract_on(const struct state *state,
                                                const Dw__Placement *placement,
                                                const Dw__PlacementTerms *terms, int32_t date,
                                                bool first);

/* What was moved into a budget line of a year, less what was moved out of it. */
int64_t placements_moved(const struct state *state, uint32_t year, uint32_t number);

/* --- frameworks --------------------------------------------------------------------------------------------------- */

/* The model's framework of that number, or NULL (0 is none). */
const Dw__Framework *placements_framework(const Dw__CommissioningModel *model, uint32_t number);

/* Last date of its exercised term, INT32_MAX: it has no end. */
int32_t placements_framework_last(const struct state *state, const Dw__Framework *framework);

/* What everything placed under it has cost and will, each to its own end or to that of the exercised term, but for one placement (NULL: for
 * none). */
int64_t placements_framework_committed(const struct state *state, const Dw__Framework *framework,
                                       const Dw__Placement *besides);

/* What one of them has cost and will, when it has those terms from their first date on. */
int64_t placements_changed_commitment(const struct state *state, const Dw__Framework *framework,
                                      const Dw__Placement *placement,
                                      const Dw__PlacementTerms *terms);

/* What is committed for a programme at that service, and for nobody who is placed into it yet. */
int64_t placements_programme_left(const struct state *state, const Dw__Framework *framework,
                                  const ProtobufCBinaryData *service_id,
                                  const Dw__Placement *besides);

/* A programme's: the contract it is called off under, or NULL, and what its offer comes to, gross, for all the people it is for, to its
 * last date or that of the framework, or a year where neither has one. */
const Dw__NotedContract *placements_programme_contract(const struct state *state,
                                                       const Dw__CallOff *call_off,
                                                       const Dw__Offer *offer);
int64_t placements_programme_cost(const Dw__CallOff *call_off, const Dw__Offer *offer,
                                  int32_t framework_last);

#endif
