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

/* One row a state, one column an event, in the order of moves.def: create submit accept match propose wait place withdraw close refuse
 * hold resume explain assign amend follow. A dot: nothing changes; else the letter of the state it leads to. */
static const char *const EXPECTED[LINE_STATES] = {
    [LINE_UNSPECIFIED] = "d...............", [LINE_DRAFT] = ".s.....w.....dd.",
    [LINE_SUBMITTED] = "..am..pwcn..sss.",   [LINE_ACCEPTED] = "...m..pwcnh.aaa.",
    [LINE_MATCHING] = "....mapwc...mmm.",    [LINE_PLACED] = "....pa..c......p",
    [LINE_CLOSED] = "...............p",      [LINE_ON_HOLD] = "...m..pwcn.a.hh.",
    [LINE_WITHDRAWN] = "................",   [LINE_NOT_ELIGIBLE] = "................",
};

static enum line_state expected_after(enum line_state state, enum line_event event)
{
    static const char LETTERS[LINE_STATES] = {
        [LINE_UNSPECIFIED] = '-',  [LINE_DRAFT] = 'd',    [LINE_SUBMITTED] = 's',
        [LINE_ACCEPTED] = 'a',     [LINE_MATCHING] = 'm', [LINE_PLACED] = 'p',
        [LINE_CLOSED] = 'c',       [LINE_ON_HOLD] = 'h',  [LINE_WITHDRAWN] = 'w',
        [LINE_NOT_ELIGIBLE] = 'n',
    };
    for (int to = 0; to < LINE_STATES; to++)
        if (LETTERS[to] == EXPECTED[state][event])
            return (enum line_state)to;
    return state;
}

/* What a referral of one line is. */
static const Dw__ReferralState OF_ONE[LINE_STATES] = {
#define ONE(name) [LINE_##name] = DW__REFERRAL_STATE__REFERRAL_STATE_##name
    ONE(UNSPECIFIED), ONE(DRAFT),  ONE(SUBMITTED), ONE(ACCEPTED),  ONE(MATCHING),
    ONE(PLACED),      ONE(CLOSED), ONE(ON_HOLD),   ONE(WITHDRAWN), ONE(NOT_ELIGIBLE),
#undef ONE
};

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
    Dw__ReferralLineMatching matching;
    Dw__ReferralLineProposed proposed;
    Dw__ReferralLineWaits waits;
    Dw__ReferralLinePlaced placed;
    Dw__ReferralWithdrawn withdrawn;
    Dw__ReferralClosed closed;
    Dw__ReferralRefused refused;
    Dw__ReferralPutOnHold put_on_hold;
    Dw__ReferralResumed resumed;
    Dw__WaitingReasonSet explained;
    Dw__ReferralAssigned assigned;
    Dw__ReferralAmended amended;
    Dw__ReferralLineMoved moved;
    const ProtobufCMessage *of_event[LINE_EVENTS];
};

static void fill_samples(struct samples *samples)
{
    const ProtobufCBinaryData id = id_to_data(&REFERRAL_ID);
    dw__referral_line__init(&samples->line);
    dw__line_record__init(&samples->record);
    dw__referral_created__init(&samples->created);
    dw__referral_submitted__init(&samples->submitted);
    dw__referral_accepted__init(&samples->accepted);
    dw__referral_line_matching__init(&samples->matching);
    dw__referral_line_proposed__init(&samples->proposed);
    dw__referral_line_waits__init(&samples->waits);
    dw__referral_line_placed__init(&samples->placed);
    dw__referral_withdrawn__init(&samples->withdrawn);
    dw__referral_closed__init(&samples->closed);
    dw__referral_refused__init(&samples->refused);
    dw__referral_put_on_hold__init(&samples->put_on_hold);
    dw__referral_resumed__init(&samples->resumed);
    dw__waiting_reason_set__init(&samples->explained);
    dw__referral_assigned__init(&samples->assigned);
    dw__referral_amended__init(&samples->amended);
    dw__referral_line_moved__init(&samples->moved);
    samples->lines[0] = &samples->line;
    samples->record.line = &samples->line;
    samples->records[0] = &samples->record;
    samples->created.referral_id = samples->submitted.referral_id = id;
    samples->accepted.referral_id = samples->matching.referral_id = id;
    samples->waits.referral_id = samples->placed.referral_id = samples->proposed.referral_id = id;
    samples->withdrawn.referral_id = samples->closed.referral_id = id;
    samples->refused.referral_id = samples->put_on_hold.referral_id = id;
    samples->resumed.referral_id = samples->explained.referral_id = id;
    samples->assigned.referral_id = samples->amended.referral_id = id;
    samples->moved.referral_id = id;
    samples->amended.line_number = samples->moved.line_number = 1;
    samples->created.n_lines = 1;
    samples->created.lines = samples->lines;
    samples->matching.line_number = samples->waits.line_number = samples->placed.line_number = 1;
    samples->proposed.line_number = 1;
    samples->matching.placement_id = samples->placed.placement_id = id_to_data(&OTHER_ID);
    samples->explained.reason = DW__WAITING_REASON__WAITING_REASON_TOO_FAR;
    const ProtobufCMessage *const all[LINE_EVENTS] = {
        [LINE_EVENT_CREATE] = &samples->created.base,
        [LINE_EVENT_SUBMIT] = &samples->submitted.base,
        [LINE_EVENT_ACCEPT] = &samples->accepted.base,
        [LINE_EVENT_MATCH] = &samples->matching.base,
        [LINE_EVENT_PROPOSE] = &samples->proposed.base,
        [LINE_EVENT_WAIT] = &samples->waits.base,
        [LINE_EVENT_PLACE] = &samples->placed.base,
        [LINE_EVENT_WITHDRAW] = &samples->withdrawn.base,
        [LINE_EVENT_CLOSE] = &samples->closed.base,
        [LINE_EVENT_REFUSE] = &samples->refused.base,
        [LINE_EVENT_HOLD] = &samples->put_on_hold.base,
        [LINE_EVENT_RESUME] = &samples->resumed.base,
        [LINE_EVENT_EXPLAIN] = &samples->explained.base,
        [LINE_EVENT_ASSIGN] = &samples->assigned.base,
        [LINE_EVENT_AMEND] = &samples->amended.base,
        [LINE_EVENT_FOLLOW] = &samples->moved.base,
    };
    memcpy(samples->of_event, all, sizeof all);
}

static void put_referral(struct pure *pure, enum line_state state, struct samples *samples)
{
    if (state == LINE_UNSPECIFIED)
        return;
    Dw__Referral referral = DW__REFERRAL__INIT;
    referral.referral_id = id_to_data(&REFERRAL_ID);
    referral.person_id = id_to_data(&PERSON_ID);
    referral.state = OF_ONE[state];
    samples->record.state = (Dw__LineState)state;
    samples->record.since_ms = 1;
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

static void check_cell(enum line_state state, enum line_event event)
{
    struct samples samples;
    fill_samples(&samples);
    struct pure *pure = pure_create(&referrals_service, NULL);
    put_referral(pure, state, &samples);
    evolve(pure, samples.of_event[event]);
    const bool moves = EXPECTED[state][event] != '.';
    const Dw__Referral *after =
        entities_get(pure_entities(pure), REFERRALS_KIND_REFERRAL, &REFERRAL_ID, 0);
    if (state == LINE_UNSPECIFIED && !moves) {
        assert_null(after);
    } else {
        assert_non_null(after);
        const enum line_state to = expected_after(state, event);
        const Dw__LineRecord *line = after->lines[0];
        const bool steps = to != state && state != LINE_UNSPECIFIED;
        assert_int_equal(line->state, to);
        assert_int_equal(line->since_ms, to != state ? 2 : 1);
        assert_int_equal(line->n_steps, steps ? 1 : 0);
        if (steps)
            assert_int_equal(line->steps[0]->state, state);
        assert_int_equal(after->state, OF_ONE[to]);
        assert_int_equal(after->changed_ms, to != state ? 2 : 1);
        assert_int_equal(after->n_assignments, moves && event == LINE_EVENT_ASSIGN ? 1 : 0);
    }
    pure_destroy(&pure);
}

/* Proves: each event does in each state what the hand-written grid says, and nothing where it says nothing. */
static void every_event_does_in_every_state_what_the_grid_says(void **unused)
{
    (void)unused;
    for (int state = 0; state < LINE_STATES; state++) {
        assert_int_equal(strlen(EXPECTED[state]), LINE_EVENTS);
        for (int event = 0; event < LINE_EVENTS; event++)
            check_cell((enum line_state)state, (enum line_event)event);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_does_in_every_state_what_the_grid_says),
    };
    return cmocka_run_group_tests_name("referrals_moves", tests, NULL, NULL);
}
