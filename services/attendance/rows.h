/* What rows say and what they do to the marks of placements: the same for a part of a feed and for rows that waited. */
#ifndef DAYWAYS_SERVICES_ATTENDANCE_ROWS_H
#define DAYWAYS_SERVICES_ATTENDANCE_ROWS_H

#include "services/attendance/marks.h"
#include "services/attendance/state.h"

/* What a row says, however it came; whom it is about stands beside it. */
struct row {
    uint32_t number;
    int32_t date;
    Dw__RowEntry__SessionCase wanted; /* which of the next three names the session */
    struct id session_id;
    Dw__SittingPart part;
    uint32_t start_minutes;
    Dw__AttendanceStatus status;
    uint16_t arrived_minutes; /* MARK_NO_TIME: not said */
    uint16_t left_minutes;
    uint16_t units_e2;
};

/* The entry must have been found right by rows_check. */
struct row rows_read(const Dw__RowEntry *entry);
struct row rows_read_unmatched(const Dw__UnmatchedEntry *entry);

/* The row as it waits; memory is the decision's, and that of the entry and the id. */
Dw__UnmatchedEntry *rows_keep(const Dw__RowEntry *entry, const struct id *ref_id,
                              struct decision *decision);

/* A row whose placement is known. */
struct placed_row {
    struct id placement_id;
    uint32_t month;
    struct mark mark;
    size_t order;         /* as told: of two for the same sitting the later one wins */
    Dw__RowResult result; /* set by rows_settle */
};

struct placed_row rows_place(const struct id *placement_id, uint8_t session, const struct row *row,
                             size_t order);

/* Sorts the rows, says of each what becomes of it, and gives the marks that are new or different, by placement and month.
 * Memory is the decision's. Returns how many months there are. */
size_t rows_settle(const struct state *state, struct decision *decision, struct placed_row *rows,
                   size_t count, Dw__PlacementMarks ***ret_months);

/* What is wrong with an entry on the day today, or NULL. Memory is the decision's. */
Dw__RowFault *rows_check(const Dw__RowEntry *entry, int32_t today, struct decision *decision);

/* A fault of the code CONSTRAINT_ERROR. Texts must live as long as the decision. */
Dw__RowFault *rows_impossible(struct decision *decision, const char *column, const char *reason,
                              const char *mend);

#endif
