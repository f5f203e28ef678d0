/* A hold that is to replace a booking of the same person: what both take of a sitting is taken once, as much as the larger of the two,
 * so that somebody changes days without giving up a chair first, and no chair is sold twice. */
#ifndef DAYWAYS_CAPACITY_REPLACE_H
#define DAYWAYS_CAPACITY_REPLACE_H

#include "services/capacity/state.h"

enum {
    TAKING_PARTS = 3
}; /* of a session: before the weeks that both have, in them, and after them */

/* What the booking takes of one of its sessions besides what the booking that it replaces takes already (NULL: it replaces none), in
 * ascending weeks; a part of nothing tells that the booking is there. Returns the number of parts. */
size_t capacity_takings_of(const struct session_terms *terms, const Dw__Booking *booking,
                           const Dw__Booking *replaced, struct taking ret_parts[TAKING_PARTS]);

/* The booking that this one replaces, while it takes places; else NULL. */
const Dw__Booking *capacity_replaced(const struct state *state, const Dw__Booking *booking);

/* Who is there already has been bought for; replaced: NULL, it replaces none. */
bool capacity_was_bought(const Dw__Booking *replaced);

/* The booking that the hold would replace, NULL when it replaces none; false after saying why it cannot. */
bool capacity_check_replaces(const struct state *state, const Dw__HoldPlaces *hold,
                             struct decision *decision, const Dw__Booking **ret_replaced);

#endif
