/* What a placement has lost, each sitting once, and which of it is not to be paid. Pure arithmetic over records, as money.h. */
#ifndef DAYWAYS_SERVICES_PLACEMENTS_LOSSES_H
#define DAYWAYS_SERVICES_PLACEMENTS_LOSSES_H

#include "services/placements/state.h"

#include "model.pb-c.h"

struct lost_sitting {
    struct id session_id;
    int32_t date;
    bool
        unpaid; /* something that took it is not paid, or another place of the person's made up for it */
};

/* By date and session id. */
struct losses {
    struct lost_sitting *list;
    size_t count;
    size_t size;
};

/* Those of the weeks that first and last lie in, of what the placement has under those terms: the contract that it is paid under when a
 * closure begins says whether that is paid. Time goes with what was lost in
 * those weeks, whatever else the placement has lost. To be freed by losses_free. */
struct losses losses_read(const struct state *state, const Dw__CommissioningModel *model,
                          const Dw__Placement *placement, const Dw__PlacementTerms *terms,
                          int32_t first, int32_t last);
void losses_free(struct losses *losses);

/* That one, or NULL. */
const struct lost_sitting *losses_find(const struct losses *losses, const struct id *session_id,
                                       int32_t date);

#endif
