/* Tests of services/referrals/moves.def: every state meets every event, and the outcome is the one written here by
 * hand, so that a wrong, missing or surplus row is seen. */
#include "services/referrals/referrals.h"
#include "services/referrals/state.h"

#include "common/entities_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/pure.h"

/* One row a state, one column an event, in the order of moves.def:
 * create submit accept place-line place withdraw close assign. A dot: nothing changes; else the first letter of the state it
 * leads to, "p" for partly placed, "P" for placed. */
static const char *const EXPECTED[REFERRAL_STATES] = {
    [REFERRAL_UNSPECIFIED] = "d.......",   [REFERRAL_DRAFT] = ".s...w.d",
    [REFERRAL_SUBMITTED] = "..ap.wcs",     [REFERRAL_ACCEPTED] = "...p.wca",
    [REFERRAL_PARTLY_PLACED] = "...pPwcp", [REFERRAL_PLACED] = "......c.",
    [REFERRAL_CLOSED] = "........",        [REFERRAL_WITHDRAWN] = "........",
};

static enum referral_state expected_after(enum referral_state state, enum referral_event event)
{
    static const char LETTERS[REFERRAL_STATES] = {
        [REFERRAL_UNSPECIFIED] = '-', [REFERRAL_DRAFT] = 'd',         [REFERRAL_SUBMITTED] = 's',
        [REFERRAL_ACCEPTED] = 'a',    [REFERRAL_PARTLY_PLACED] = 'p', [REFERRAL_PLACED] = 'P',
        [REFERRAL_CLOSED] = 'c',      [REFERRAL_WITHDRAWN] = 'w',
    };
    for (int to = 0; to < REFERRAL_STATES; to++)
        if (LETTERS[to] == EXPECTED[state][event])
            return (enum referral_state)to;
    return state;
}

static const struct id REFERRAL_ID = {{1}};
static const struct id PERSON_ID = {{2}};
static const struct id OTHER_ID = {{3}};

/* One event of each type, about REFERRAL_ID. */
struct samples {
    Dw__ReferralLine line;
    Dw__ReferralLine *lines[1];
    Dw__LineRecord record;
    Dw__LineRecord *records[1];
    Dw__ReferralCreated created;
    Dw__ReferralSubmitted submitted;
    Dw__ReferralAccepted accepted;
    Dw__ReferralLinePlaced line_placed;
    Dw__ReferralPlaced placed;
    Dw__ReferralWithdrawn withdrawn;
    Dw__ReferralClosed closed;
    Dw__ReferralAssigned assigned;
    const ProtobufCMessage *of_event[REFERRAL_EVENTS];
};

static void fill_samples(struct samples *samples)
{
    const ProtobufCBinaryData id = id_to_data(&REFERRAL_ID);
    dw__referral_line__init(&samples->line);
    dw__line_record__init(&samples->record);
    dw__referral_created__init(&samples->created);
    dw__referral_submitted__init(&samples->submitted);
    dw__referral_accepted__init(&samples->accepted);
    dw__referral_line_placed__init(&samples->line_placed);
    dw__referral_placed__init(&samples->placed);
    dw__referral_withdrawn__init(&samples->withdrawn);
    dw__referral_closed__init(&samples->closed);
    dw__referral_assigned__init(&samples->assigned);
    samples->lines[0] = &samples->line;
    samples->record.line = &samples->line;
    samples->records[0] = &samples->record;
    samples->created.referral_id = samples->submitted.referral_id = id;
    samples->accepted.referral_id = samples->line_placed.referral_id = id;
    samples->placed.referral_id = samples->withdrawn.referral_id = id;
    samples->closed.referral_id = samples->assigned.referral_id = id;
    samples->created.n_lines = 1;
    samples->created.lines = samples->lines;
    samples->line_placed.line_number = 1;
    samples->line_placed.placement_id = id_to_data(&OTHER_ID);
    const ProtobufCMessage *const all[REFERRAL_EVENTS] = {
        &samples->created.base,     &samples->submitted.base, &samples->accepted.base,
        &samples->line_placed.base, &samples->placed.base,    &samples->withdrawn.base,
        &samples->closed.base,      &samples->assigned.base,
    };
    memcpy(samples->of_event, all, sizeof all);
}

static void put_referral(struct pure *pure, enum referral_state state, struct samples *samples)
{
    if (state == REFERRAL_UNSPECIFIED)
        return;
    Dw__Referral referral = DW__REFERRAL__INIT;
    referral.referral_id = id_to_data(&REFERRAL_ID);
    referral.person_id = id_to_data(&PERSON_ID);
    referral.state = (Dw__ReferralState)state;
    referral.n_lines = 1;
    referral.lines = samples->records;
    referral.changed_ms = 1;
    entities_put(pure_entities(pure), REFERRALS_KIND_REFERRAL, &REFERRAL_ID, 0, &referral.base);
}

static void evolve(struct pure *pure, const ProtobufCMessage *event)
{
    const struct principal nobody = {"test", 0, {{0}}};
    const struct recorded recorded = {.seq = 9, .at_ms = 2, .principal = &nobody};
    for (const struct event_row *row = referrals_service.events; row->type != NULL; row++)
        if (row->type == event->descriptor)
            row->evolve(pure_state(pure), event, &recorded);
}

static void check_cell(enum referral_state state, enum referral_event event)
{
    struct samples samples;
    fill_samples(&samples);
    struct pure *pure = pure_create(&referrals_service, NULL);
    put_referral(pure, state, &samples);
    evolve(pure, samples.of_event[event]);
    const bool moves = EXPECTED[state][event] != '.';
    const Dw__Referral *after =
        entities_get(pure_entities(pure), REFERRALS_KIND_REFERRAL, &REFERRAL_ID, 0);
    if (state == REFERRAL_UNSPECIFIED && !moves) {
        assert_null(after);
    } else {
        assert_non_null(after);
        assert_int_equal(after->state, expected_after(state, event));
        assert_int_equal(after->changed_ms, after->state != (Dw__ReferralState)state ? 2 : 1);
        assert_int_equal(after->n_assignments, moves && event == REFERRAL_EVENT_ASSIGN ? 1 : 0);
    }
    pure_destroy(&pure);
}

/* Proves: each event does in each state what the hand-written grid says, and nothing where it says nothing. */
static void every_event_does_in_every_state_what_the_grid_says(void **unused)
{
    (void)unused;
    for (int state = 0; state < REFERRAL_STATES; state++) {
        assert_int_equal(strlen(EXPECTED[state]), REFERRAL_EVENTS);
        for (int event = 0; event < REFERRAL_EVENTS; event++)
            check_cell((enum referral_state)state, (enum referral_event)event);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_does_in_every_state_what_the_grid_says),
    };
    return cmocka_run_group_tests_name("referrals_moves", tests, NULL, NULL);
}
