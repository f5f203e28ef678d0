/* Closed weeks of sessions: an index of the closures in effect, by slot of the timetable. What is booked of a closed sitting stays
 * booked, so that it returns as it was when the closure is lifted, and nobody is then too many: the timetable's free numbers know
 * nothing of closures. */
#ifndef DAYWAYS_CAPACITY_CLOSED_H
#define DAYWAYS_CAPACITY_CLOSED_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ids.h"

struct closed;
struct weeks;

struct closed *capacity_closed_create(void);
void capacity_closed_destroy(struct closed **closed);

/* The closure closes the session in these weeks, whatever it was said to close before; no weeks: in none. */
void capacity_closed_set(struct closed *closed, uint32_t slot, const struct id *closure_id,
                         const struct weeks *weeks);

/* True when some closure closes the sitting of that week. */
bool capacity_closed_in(const struct closed *closed, uint32_t slot, int32_t week);

/* True when a sitting of that week or a later one is closed. */
bool capacity_closed_ahead(const struct closed *closed, uint32_t slot, int32_t week);

/* True, and the first one, when the session is closed in one of the weeks. */
bool capacity_closed_first(const struct closed *closed, uint32_t slot, struct weeks weeks,
                           int32_t *ret_week);

struct closed_share {
    uint32_t sittings;
    uint32_t closed;
};

/* Of the session's sittings in the weeks, or in the first year of them, how many there are, and how many are closed: it sits in the first
 * of the weeks and every so many from then on. */
struct closed_share capacity_closed_share(const struct closed *closed, uint32_t slot,
                                          unsigned every_weeks, struct weeks weeks);

/* True, and the first one, when the session, which sits in the first of the weeks and every so many from then on, is open in one. */
bool capacity_closed_opens(const struct closed *closed, uint32_t slot, unsigned every_weeks,
                           struct weeks weeks, int32_t *ret_week);

#endif
