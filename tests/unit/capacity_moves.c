/* Tests of services/capacity/moves.def: every state meets every event as written here by hand, evolve does the same to
 * records, and README.md shows the same rows. */
#include "services/capacity/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/places.h"

/* One row a state, one column an event: held, extended, confirmed, released, expired, ended. A dot: no such move, else
 * the first letter of the state it leads to. */
static const char *const EXPECTED[BOOKING_STATES] = {
    [BOOKING_NONE] = "h..r..",  [BOOKING_HELD] = ".hcre.",     [BOOKING_CONFIRMED] = ".....x",
    [BOOKING_ENDED] = ".....x", [BOOKING_RELEASED] = "......", [BOOKING_EXPIRED] = "......",
};

static enum booking_state state_of(char letter)
{
    switch (letter) {
    case 'h':
        return BOOKING_HELD;
    case 'c':
        return BOOKING_CONFIRMED;
    case 'r':
        return BOOKING_RELEASED;
    case 'e':
        return BOOKING_EXPIRED;
    case 'x':
        return BOOKING_ENDED;
    default:
        return BOOKING_NONE;
    }
}

static void every_state_meets_every_event_as_expected(void **context)
{
    (void)context;
    for (enum booking_state from = BOOKING_NONE; from < BOOKING_STATES; from++)
        for (enum booking_moved event = 0; event < MOVED_COUNT; event++) {
            enum booking_state to = BOOKING_NONE;
            const bool moves = capacity_move_find(from, event, &to);
            assert_int_equal(moves, EXPECTED[from][event] != '.');
            assert_int_equal(to, state_of(EXPECTED[from][event]));
        }
}

static void the_states_are_those_of_the_messages(void **context)
{
    (void)context;
    assert_int_equal(BOOKING_STATES, dw__booking_state__descriptor.n_values);
    for (enum booking_state state = BOOKING_HELD; state < BOOKING_STATES; state++) {
        const ProtobufCEnumValue *value =
            protobuf_c_enum_descriptor_get_value(&dw__booking_state__descriptor, (int)state);
        assert_non_null(value);
        const char *name = value->name + strlen("BOOKING_STATE_");
        assert_int_equal(strcasecmp(name, capacity_state_name(state)), 0);
    }
    for (enum booking_moved event = 0; event < MOVED_COUNT; event++) {
        const struct event_row *row = capacity_service.events;
        while (row->type != NULL && strcmp(row->type->short_name, capacity_moved_name(event)) != 0)
            row++;
        assert_non_null(row->type);
    }
}

/* --- evolve ------------------------------------------------------------------------------------------------------- */

static const struct id HOLD_ID = {{7}};

static void evolve_with(struct state *state, enum booking_moved event)
{
    Dw__Date date = DW__DATE__INIT;
    Dw__PlacesHeld held = DW__PLACES_HELD__INIT;
    Dw__HoldExtended extended = DW__HOLD_EXTENDED__INIT;
    Dw__HoldConfirmed confirmed = DW__HOLD_CONFIRMED__INIT;
    Dw__HoldReleased released = DW__HOLD_RELEASED__INIT;
    Dw__HoldExpired expired = DW__HOLD_EXPIRED__INIT;
    Dw__BookingEnded ended = DW__BOOKING_ENDED__INIT;
    const struct principal principal = {.name = "test"};
    const struct recorded recorded = {.seq = 1, .at_ms = 1000, .principal = &principal};
    held.hold_id = extended.hold_id = confirmed.hold_id = id_to_data(&HOLD_ID);
    released.hold_id = expired.hold_id = ended.hold_id = id_to_data(&HOLD_ID);
    held.from = ended.last = &date;
    switch (event) {
    case MOVED_PLACES_HELD:
        capacity_evolve_places_held(state, &held.base, &recorded);
        break;
    case MOVED_HOLD_EXTENDED:
        capacity_evolve_hold_extended(state, &extended.base, &recorded);
        break;
    case MOVED_HOLD_CONFIRMED:
        capacity_evolve_hold_confirmed(state, &confirmed.base, &recorded);
        break;
    case MOVED_HOLD_RELEASED:
        capacity_evolve_hold_released(state, &released.base, &recorded);
        break;
    case MOVED_HOLD_EXPIRED:
        capacity_evolve_hold_expired(state, &expired.base, &recorded);
        break;
    case MOVED_BOOKING_ENDED:
        capacity_evolve_booking_ended(state, &ended.base, &recorded);
        break;
    case MOVED_COUNT:
        break;
    }
}

/* A way from none to each state. */
static void lead_to(struct state *state, enum booking_state wanted)
{
    if (wanted == BOOKING_NONE)
        return;
    if (wanted == BOOKING_RELEASED) {
        evolve_with(state, MOVED_HOLD_RELEASED);
        return;
    }
    evolve_with(state, MOVED_PLACES_HELD);
    if (wanted == BOOKING_EXPIRED)
        evolve_with(state, MOVED_HOLD_EXPIRED);
    if (wanted == BOOKING_CONFIRMED || wanted == BOOKING_ENDED)
        evolve_with(state, MOVED_HOLD_CONFIRMED);
    if (wanted == BOOKING_ENDED)
        evolve_with(state, MOVED_BOOKING_ENDED);
}

static void records_move_as_the_table_says_and_other_moves_are_counted(void **context)
{
    (void)context;
    for (enum booking_state from = BOOKING_NONE; from < BOOKING_STATES; from++)
        for (enum booking_moved event = 0; event < MOVED_COUNT; event++) {
            struct places places = places_open();
            struct state *state = pure_state(places.pure);
            lead_to(state, from);
            evolve_with(state, event);
            const bool moves = EXPECTED[from][event] != '.';
            const Dw__Booking *booking = capacity_booking(state, &HOLD_ID);
            const enum booking_state now =
                booking == NULL ? BOOKING_NONE : (enum booking_state)booking->state;
            assert_int_equal(now, moves ? state_of(EXPECTED[from][event]) : from);
            assert_int_equal(state->moves_ignored[from][event], !moves);
            places_close(&places);
        }
}

/* --- README.md ---------------------------------------------------------------------------------------------------- */

static void the_readme_shows_exactly_the_rows(void **context)
{
    (void)context;
    char text[64 * 1024];
    FILE *file = fopen("services/capacity/README.md", "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    const char *table = strstr(text, "| from | event | to |\n|---|---|---|\n");
    assert_non_null(table);
    table += strlen("| from | event | to |\n|---|---|---|\n");
    for (enum booking_state from = BOOKING_NONE; from < BOOKING_STATES; from++)
        for (enum booking_moved event = 0; event < MOVED_COUNT; event++) {
            enum booking_state to;
            if (!capacity_move_find(from, event, &to))
                continue;
            char row[96];
            (void)snprintf(row, sizeof row, "| %s | %s | %s |\n", capacity_state_name(from),
                           capacity_moved_name(event), capacity_state_name(to));
            const char *shown = strstr(table, row);
            assert_non_null(shown);
        }
    size_t shown_count = 0;
    for (const char *line = table; line[0] == '|'; line = strchr(line, '\n') + 1)
        shown_count++;
    assert_int_equal(shown_count, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_meets_every_event_as_expected),
        cmocka_unit_test(the_states_are_those_of_the_messages),
        cmocka_unit_test(records_move_as_the_table_says_and_other_moves_are_counted),
        cmocka_unit_test(the_readme_shows_exactly_the_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
