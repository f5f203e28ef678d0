/* Tests of services/placements/moves.def: every state meets every event, and the outcome is the one written here by
 * hand, so that a wrong, missing or surplus row is seen. */
#include "services/placements/placements.h"
#include "services/placements/state.h"

#include "common/entities_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/pure.h"

/* One row a state, one column an event, in the order of moves.def:
 * propose offer accept-offer replace-hold accept decline lapse start end cancel. A dot: nothing changes; else the
 * first letter of the state it leads to, "n" for confirming, "x" for cancelled. */
static const char *const EXPECTED[PLACEMENT_STATES] = {
    [PLACEMENT_UNSPECIFIED] = "p.........", /* keep the rows under each other */
    [PLACEMENT_PROPOSED] = ".o....l..x",    [PLACEMENT_OFFERED] = "..n..d...x",
    [PLACEMENT_CONFIRMING] = "...na.l..x",  [PLACEMENT_ACCEPTED] = ".......s.x",
    [PLACEMENT_ACTIVE] = "........e.",      [PLACEMENT_ENDED] = "..........",
    [PLACEMENT_DECLINED] = "..........",    [PLACEMENT_LAPSED] = "..........",
    [PLACEMENT_CANCELLED] = "..........",
};

static enum placement_state expected_after(enum placement_state state, enum placement_event event)
{
    switch (EXPECTED[state][event]) {
    case 'p':
        return PLACEMENT_PROPOSED;
    case 'o':
        return PLACEMENT_OFFERED;
    case 'n':
        return PLACEMENT_CONFIRMING;
    case 'a':
        return PLACEMENT_ACCEPTED;
    case 's':
        return PLACEMENT_ACTIVE;
    case 'e':
        return PLACEMENT_ENDED;
    case 'd':
        return PLACEMENT_DECLINED;
    case 'l':
        return PLACEMENT_LAPSED;
    case 'x':
        return PLACEMENT_CANCELLED;
    default:
        return state;
    }
}

static const struct id PLACEMENT_ID = {{1}};
static const struct id HOLD_ID = {{2}};
static const struct id OTHER_ID = {{3}};

/* One event of each type, about PLACEMENT_ID. */
struct samples {
    Dw__Date date;
    Dw__PlacementTerms terms;
    Dw__PlacementProposed proposed;
    Dw__PlacementOffered offered;
    Dw__OfferAccepted offer_accepted;
    Dw__HoldReplaced replaced;
    Dw__PlacementAccepted accepted;
    Dw__PlacementDeclined declined;
    Dw__PlacementLapsed lapsed;
    Dw__PlacementStarted started;
    Dw__PlacementEnded ended;
    Dw__PlacementCancelled cancelled;
    const ProtobufCMessage *of_event[PLACEMENT_EVENTS];
};

static void fill_samples(struct samples *samples)
{
    const ProtobufCBinaryData id = id_to_data(&PLACEMENT_ID);
    const ProtobufCBinaryData hold_id = id_to_data(&HOLD_ID);
    const ProtobufCBinaryData other_id = id_to_data(&OTHER_ID);
    Dw__PlacementTerms *terms = &samples->terms;
    Dw__Date *date = &samples->date;
    dw__date__init(date);
    date->days = 20000;
    dw__placement_terms__init(terms);
    terms->person_id = other_id;
    terms->from = date;
#define INIT(type) .base = PROTOBUF_C_MESSAGE_INIT(&dw__##type##__descriptor), .placement_id = id
    samples->proposed =
        (Dw__PlacementProposed){INIT(placement_proposed), .hold_id = hold_id, .terms = terms};
    samples->offered = (Dw__PlacementOffered){INIT(placement_offered), .terms = terms};
    samples->offer_accepted = (Dw__OfferAccepted){INIT(offer_accepted)};
    samples->replaced = (Dw__HoldReplaced){INIT(hold_replaced), .hold_id = other_id};
    samples->accepted = (Dw__PlacementAccepted){INIT(placement_accepted), .terms = terms};
    samples->declined =
        (Dw__PlacementDeclined){INIT(placement_declined), .terms = terms, .reason = 1};
    samples->lapsed = (Dw__PlacementLapsed){INIT(placement_lapsed), .terms = terms, .reason = 2};
    samples->started =
        (Dw__PlacementStarted){INIT(placement_started), .terms = terms, .date = date};
    samples->ended =
        (Dw__PlacementEnded){INIT(placement_ended), .terms = terms, .reason = 3, .last = date};
    samples->cancelled =
        (Dw__PlacementCancelled){INIT(placement_cancelled), .terms = terms, .reason = 4};
#undef INIT
    const ProtobufCMessage *const all[PLACEMENT_EVENTS] = {
        &samples->proposed.base,  &samples->offered.base,  &samples->offer_accepted.base,
        &samples->replaced.base,  &samples->accepted.base, &samples->declined.base,
        &samples->lapsed.base,    &samples->started.base,  &samples->ended.base,
        &samples->cancelled.base,
    };
    memcpy(samples->of_event, all, sizeof all);
}

static void put_placement(struct pure *pure, enum placement_state state, struct samples *samples)
{
    if (state == PLACEMENT_UNSPECIFIED)
        return;
    Dw__Placement placement = DW__PLACEMENT__INIT;
    placement.placement_id = id_to_data(&PLACEMENT_ID);
    placement.hold_id = id_to_data(&HOLD_ID);
    placement.state = (Dw__PlacementState)state;
    placement.terms = &samples->terms;
    placement.changed_ms = 1;
    entities_put(pure_entities(pure), PLACEMENTS_KIND_PLACEMENT, &PLACEMENT_ID, 0, &placement.base);
}

static const Dw__Placement *get_placement(struct pure *pure)
{
    return entities_get(pure_entities(pure), PLACEMENTS_KIND_PLACEMENT, &PLACEMENT_ID, 0);
}

static void evolve(struct pure *pure, const ProtobufCMessage *event)
{
    const struct principal nobody = {"test", 0, {{0}}};
    const struct recorded recorded = {.seq = 9, .at_ms = 2, .principal = &nobody};
    entities_set_seq(pure_entities(pure), recorded.seq);
    for (const struct event_row *row = placements_service.events; row->type != NULL; row++)
        if (row->type == event->descriptor)
            row->evolve(pure_state(pure), event, &recorded);
}

static void check_cell(enum placement_state state, enum placement_event event)
{
    struct samples samples;
    fill_samples(&samples);
    struct pure *pure = pure_create(&placements_service, NULL);
    put_placement(pure, state, &samples);
    evolve(pure, samples.of_event[event]);
    const bool moves = EXPECTED[state][event] != '.';
    const Dw__Placement *after = get_placement(pure);
    if (state == PLACEMENT_UNSPECIFIED && !moves) {
        assert_null(after);
    } else {
        assert_non_null(after);
        assert_int_equal(after->state, expected_after(state, event));
        assert_int_equal(after->changed_ms, moves ? 2 : 1);
    }
    pure_destroy(&pure);
}

/* Proves: each event does in each state what the hand-written grid says, and nothing where it says nothing. */
static void every_event_does_in_every_state_what_the_grid_says(void **unused)
{
    (void)unused;
    for (int state = 0; state < PLACEMENT_STATES; state++) {
        assert_int_equal(strlen(EXPECTED[state]), PLACEMENT_EVENTS);
        for (int event = 0; event < PLACEMENT_EVENTS; event++)
            check_cell((enum placement_state)state, (enum placement_event)event);
    }
}

/* Proves: what an event says about the end is kept under its own name. */
static void the_reason_of_the_end_is_kept(void **unused)
{
    (void)unused;
    static const struct {
        enum placement_state state;
        enum placement_event event;
        Dw__Placement__WhyCase why;
        int reason;
    } ROWS[] = {
        {PLACEMENT_OFFERED, PLACEMENT_EVENT_DECLINE, DW__PLACEMENT__WHY_DECLINE_REASON, 1},
        {PLACEMENT_PROPOSED, PLACEMENT_EVENT_LAPSE, DW__PLACEMENT__WHY_LAPSE_REASON, 2},
        {PLACEMENT_ACTIVE, PLACEMENT_EVENT_END, DW__PLACEMENT__WHY_END_REASON, 3},
        {PLACEMENT_ACCEPTED, PLACEMENT_EVENT_CANCEL, DW__PLACEMENT__WHY_CANCEL_REASON, 4},
    };
    for (size_t at = 0; at < sizeof ROWS / sizeof ROWS[0]; at++) {
        struct samples samples;
        fill_samples(&samples);
        struct pure *pure = pure_create(&placements_service, NULL);
        put_placement(pure, ROWS[at].state, &samples);
        evolve(pure, samples.of_event[ROWS[at].event]);
        assert_int_equal(get_placement(pure)->why_case, ROWS[at].why);
        assert_int_equal(get_placement(pure)->end_reason, ROWS[at].reason);
        pure_destroy(&pure);
    }
}

/* Proves: an index made by loading is the index made by living. */
static void a_replaced_hold_is_found_and_the_old_one_is_not(void **unused)
{
    (void)unused;
    struct samples samples;
    fill_samples(&samples);
    struct pure *pure = pure_create(&placements_service, NULL);
    put_placement(pure, PLACEMENT_CONFIRMING, &samples);
    evolve(pure, samples.of_event[PLACEMENT_EVENT_REPLACE_HOLD]);
    const ProtobufCBinaryData old_id = id_to_data(&HOLD_ID);
    const ProtobufCBinaryData new_id = id_to_data(&OTHER_ID);
    for (int times = 0; times < 2; times++) {
        assert_null(placements_by_hold(pure_state(pure), &old_id));
        assert_ptr_equal(placements_by_hold(pure_state(pure), &new_id), get_placement(pure));
        pure_reload(pure);
    }
    pure_destroy(&pure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_does_in_every_state_what_the_grid_says),
        cmocka_unit_test(the_reason_of_the_end_is_kept),
        cmocka_unit_test(a_replaced_hold_is_found_and_the_old_one_is_not),
    };
    return cmocka_run_group_tests_name("placements_moves", tests, NULL, NULL);
}
