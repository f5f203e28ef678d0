/* What a person's placements cost between two dates, a line each: for queries of placements. */
#ifndef DAYWAYS_SERVICES_PLACEMENTS_COSTS_H
#define DAYWAYS_SERVICES_PLACEMENTS_COSTS_H

#include "services/placements/state.h"

#include "model.pb-c.h"

enum {
    COSTS_LINES_MAX = 64
}; /* of a person that are told of; each placement takes a session of a week */

/* A placement, and who pays for it and in what shares by those of its terms: of one that was paid for by others before a change there are
 * several; and where contracts of fixed value begin or end there is one until then and one since. */
struct paid {
    const Dw__Placement *placement;
    const Dw__PlacementTerms *terms;
    int32_t first; /* INT32_MIN to INT32_MAX: for as long as it goes on */
    int32_t last;
    const Dw__NotedContract *
        fixed; /* whose value is paid whoever comes, so that the placement's own cost is notional; NULL: none */
};

/* Lines of one person between two dates, by placement id. */
struct person_lines {
    Dw__PlacementCost lines[COSTS_LINES_MAX];
    Dw__PaidBy by[COSTS_LINES_MAX];
    struct paid paid[COSTS_LINES_MAX];
    size_t count;
};

/* The lines of the dates, with what the person contributes to each: spread over all that lies in the same weeks. */
void costs_fill_person(const struct state *state, const Dw__CommissioningModel *model,
                       const struct id *person_id, int32_t from, int32_t to,
                       struct person_lines *ret_lines);

#endif
