/* The table of moves, made from moves.def. */
#include "services/capacity/moves.h"

/* 0 is NONE, to which nothing leads, so an empty cell means: no such move. A row given twice would initialise its cell
 * twice, which the compiler refuses. */
#define MOVE(from, event, to) [BOOKING_##from][MOVED_##event] = BOOKING_##to,
static const uint8_t moves[BOOKING_STATES][MOVED_COUNT] = {
#include "services/capacity/moves.def"
};

#define STATE(name, value, word) [BOOKING_##name] = word,
static const char *const state_names[BOOKING_STATES] = {
#include "services/capacity/moves.def"
};

#define MOVED(name, word) [MOVED_##name] = word,
static const char *const moved_names[MOVED_COUNT] = {
#include "services/capacity/moves.def"
};

_Static_assert((int)BOOKING_NONE == 0, "an empty cell must mean that there is no move");

bool capacity_move_find(enum booking_state from, enum booking_moved event,
                        enum booking_state *ret_to)
{
    if (from >= BOOKING_STATES || event >= MOVED_COUNT || moves[from][event] == BOOKING_NONE)
        return false;
    *ret_to = (enum booking_state)moves[from][event];
    return true;
}

bool capacity_booking_move(Dw__Booking *booking, enum booking_moved event)
{
    enum booking_state to;
    if (!capacity_move_find((enum booking_state)booking->state, event, &to))
        return false;
    booking->state = (Dw__BookingState)to;
    return true;
}

const char *capacity_state_name(enum booking_state state)
{
    return state_names[state];
}

const char *capacity_moved_name(enum booking_moved event)
{
    return moved_names[event];
}

bool capacity_state_takes(enum booking_state state)
{
    return state == BOOKING_HELD || state == BOOKING_CONFIRMED || state == BOOKING_ENDED;
}
