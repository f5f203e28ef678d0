/* Proves that a booking moves only as the rows of moves.def say: every cell is tried. */
#include "services/capacity/state.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "services/capacity/capacity.h"
#include "tests/support/pure.h"

/* The rows again, as sentences: state, event, next. Everything else must not move. */
static const int expected[][3] = {
    {BOOKING_NONE, BOOKING_EVENT_PLACED, BOOKING_HELD},
    {BOOKING_NONE, BOOKING_EVENT_RELEASED, BOOKING_RELEASED},
    {BOOKING_HELD, BOOKING_EVENT_EXTENDED, BOOKING_HELD},
    {BOOKING_HELD, BOOKING_EVENT_CONFIRMED, BOOKING_CONFIRMED},
    {BOOKING_HELD, BOOKING_EVENT_RELEASED, BOOKING_RELEASED},
    {BOOKING_HELD, BOOKING_EVENT_EXPIRED, BOOKING_EXPIRED},
    {BOOKING_CONFIRMED, BOOKING_EVENT_ENDED, BOOKING_ENDED},
    {BOOKING_ENDED, BOOKING_EVENT_ENDED, BOOKING_ENDED},
};

static void every_cell_moves_as_its_row_says_or_not_at_all(void **unused)
{
    (void)unused;
    struct pure *pure = pure_create(&capacity_service, NULL);
    struct state *state = pure_state(pure);
    uint64_t refused = 0;
    for (int from = 0; from < BOOKING_STATES; from++)
        for (int event = 0; event < BOOKING_EVENTS; event++) {
            int next = -1;
            for (size_t row = 0; row < sizeof expected / sizeof expected[0]; row++)
                if (expected[row][0] == from && expected[row][1] == event)
                    next = expected[row][2];
            Dw__Booking booking = DW__BOOKING__INIT;
            booking.state = (Dw__BookingState)from;
            const bool moved = capacity_move_booking(state, &booking, (enum booking_event)event);
            assert_int_equal(moved, next >= 0);
            assert_int_equal(booking.state, next >= 0 ? next : from);
            refused += next < 0;
            assert_int_equal(state->refused_moves, refused);
        }
    pure_destroy(&pure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_moves_as_its_row_says_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
