/* What rows do to the marks of placements: the same for a part of a feed and for rows that waited. */
#ifndef DAYWAYS_SERVICES_ATTENDANCE_ROWS_H
#define DAYWAYS_SERVICES_ATTENDANCE_ROWS_H

#include "services/attendance/marks.h"
#include "services/attendance/state.h"

/* A row whose placement is known. */
struct placed_row {
    struct id placement_id;
    uint32_t month;
    struct mark mark;
    size_t order;         /* as told: of two for the same sitting the later one wins */
    Dw__RowResult result; /* set by rows_settle */
};

struct placed_row rows_place(const struct id *placement_id, uint8_t session,
                             const Dw__RowEntry *entry, size_t order);

/* Sorts the rows, says of each what becomes of it, and gives the marks that are new or different, by placement and month.
 * Memory is the decision's. Returns how many months there are. */
size_t rows_settle(const struct state *state, struct decision *decision, struct placed_row *rows,
                   size_t count, Dw__PlacementMarks ***ret_months);

/* What is wrong with an entry on the day today, or NULL. Memory is the decision's. */
Dw__RowFault *rows_check(const Dw__RowEntry *entry, int32_t today, struct decision *decision);

#endif
