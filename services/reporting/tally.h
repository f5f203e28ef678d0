/* Adds up the tables of counts by up to two dimensions. */
#ifndef DAYWAYS_SERVICES_REPORTING_TALLY_H
#define DAYWAYS_SERVICES_REPORTING_TALLY_H

#include "services/reporting/state.h"

#include "model.pb-c.h"

/* Dimensions that are used, with UNSPECIFIED where there is none: everything is one value then, number 0. */
struct tally_by {
    Dw__Dimension dimensions[2];
    const Dw__Grouping *grouping; /* for GROUPING; may be NULL, then nobody is in a group */
};

/* Rows in which something is counted, by number and second number. Memory is the answer's. */
size_t tally_rows(const struct state *state, const Dw__CommissioningModel *model,
                  const struct tally_by *by, struct answer *answer, Dw__FiguresRow ***ret_rows);

/* Everything the council commissions in one; never NULL. */
Dw__Figures *tally_all(const struct state *state, const Dw__CommissioningModel *model,
                       struct answer *answer);

#endif
