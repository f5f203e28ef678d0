/* How a hold or booking may move from state to state; the rows are in moves.def. */
#ifndef DAYWAYS_CAPACITY_MOVES_H
#define DAYWAYS_CAPACITY_MOVES_H

#include <stdbool.h>
#include <stdint.h>

#include "capacity.pb-c.h"

#define STATE(name, value, word) BOOKING_##name = DW__BOOKING_STATE__BOOKING_STATE_##value,
enum booking_state {
#include "services/capacity/moves.def"
    BOOKING_STATES,
};

#define MOVED(name, word) MOVED_##name,
enum booking_moved {
#include "services/capacity/moves.def"
    MOVED_COUNT,
};

/* The state an event leads to; false when it leads nowhere from there. */
bool capacity_move_find(enum booking_state from, enum booking_moved event,
                        enum booking_state *ret_to);

/* Moves the booking, the only place that assigns its state. False, and nothing is changed, when there is no such move. */
bool capacity_booking_move(Dw__Booking *booking, enum booking_moved event);

/* The words of moves.def: "held", "PlacesHeld". */
const char *capacity_state_name(enum booking_state state);
const char *capacity_moved_name(enum booking_moved event);

/* True in the states in which the booking takes places. */
bool capacity_state_takes(enum booking_state state);

#endif
