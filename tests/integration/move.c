/* A person moves from one place to another: real daemons, nothing goes wrong, and nothing may be refused on the way because what
 * is left behind is not gone yet. */
#include "tests/support/town.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MOVES = 20, PERSON = 1 };

/* Waits until the placement is in that state; another end than that fails. */
static void wait_state(struct client *broker, const struct id *placement_id,
                       Dw__PlacementState wanted)
{
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    Dw__GetPlacement get = DW__GET_PLACEMENT__INIT;
    Dw__PlacementState state = DW__PLACEMENT_STATE__PLACEMENT_STATE_UNSPECIFIED;
    get.placement_id = id_to_data(placement_id);
    while (state != wanted) {
        const struct packed body = rig_ask(broker, "placements", &get.base, "Placement");
        Dw__Placement *placement = dw__placement__unpack(NULL, body.len, body.bytes);
        assert_non_null(placement);
        state = placement->state;
        if (state == DW__PLACEMENT_STATE__PLACEMENT_STATE_LAPSED)
            fail_msg("it lapsed, reason %d", (int)placement->lapse_reason);
        dw__placement__free_unpacked(placement, NULL);
        assert_true(loop_boot_ms_now() < until_ms);
    }
}

static struct id propose(struct client *broker, uint32_t number)
{
    const struct id placement = town_id('m', number);
    const struct id hold = town_id('h', number);
    (void)rig_ask(broker, "placements",
                  &town_proposal(&placement, &hold, PERSON, number % 2, 1)->base, "Accepted");
    return placement;
}

/* Each place is at the same time of the week as the one before, which is accepted, and cancelled a moment before the next is asked
 * for: what gives it back takes two commands, one behind the other. */
static void who_leaves_one_place_may_have_the_next_at_once(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create("tests/data/model.json");
    rig_start(rig, "capacity");
    rig_start(rig, "placements");
    struct client *broker = rig_client(rig, "operator");
    town_build(broker, 2, 3);
    for (uint32_t move = 0; move < MOVES; move++) {
        const struct id placement = propose(broker, move);
        Dw__AcceptOffer accept = DW__ACCEPT_OFFER__INIT;
        Dw__CancelPlacement cancel = DW__CANCEL_PLACEMENT__INIT;
        accept.placement_id = cancel.placement_id = id_to_data(&placement);
        cancel.reason = DW__CANCEL_REASON__CANCEL_REASON_OTHER;
        wait_state(broker, &placement, DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED);
        (void)rig_ask(broker, "placements", &accept.base, "Accepted");
        wait_state(broker, &placement, DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED);
        (void)rig_ask(broker, "placements", &cancel.base, "Accepted");
    }
    client_destroy(&broker);
    rig_destroy(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_leaves_one_place_may_have_the_next_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
