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

/* What leads from one state to another, written by hand; and, below, what changes a placement and not its state. */
static const struct {
    enum placement_state from;
    enum placement_event event;
    enum placement_state to;
} EXPECTED[] = {
#define LEADS(from, event, to)                                                                     \
    {                                                                                              \
        PLACEMENT_##from, PLACEMENT_EVENT_##event, PLACEMENT_##to                                  \
    }
    LEADS(UNSPECIFIED, PROPOSE, PROPOSED),
    LEADS(PROPOSED, OFFER, OFFERED),
    LEADS(PROPOSED, REQUEST_APPROVAL, AWAITING_APPROVAL),
    LEADS(PROPOSED, LAPSE, LAPSED),
    LEADS(PROPOSED, CANCEL, CANCELLED),
    LEADS(AWAITING_APPROVAL, APPROVE, HELD),
    LEADS(AWAITING_APPROVAL, REFUSE, REFUSED),
    LEADS(AWAITING_APPROVAL, CANCEL, CANCELLED),
    LEADS(HELD, OFFER, OFFERED),
    LEADS(OFFERED, ACCEPT_OFFER, CONFIRMING),
    LEADS(OFFERED, DECLINE, DECLINED),
    LEADS(OFFERED, CANCEL, CANCELLED),
    LEADS(CONFIRMING, ACCEPT, ACCEPTED),
    LEADS(CONFIRMING, LAPSE, LAPSED),
    LEADS(CONFIRMING, CANCEL, CANCELLED),
    LEADS(ACCEPTED, START, ACTIVE),
    LEADS(ACCEPTED, CANCEL, CANCELLED),
    LEADS(ACTIVE, START_TRIAL, TRIAL),
    LEADS(ACTIVE, SUSPEND, SUSPENDED),
    LEADS(ACTIVE, END, ENDED),
    LEADS(TRIAL, PASS_TRIAL, ACTIVE),
    LEADS(TRIAL, SUSPEND, SUSPENDED),
    LEADS(TRIAL, END, ENDED),
    LEADS(SUSPENDED, RESUME, ACTIVE),
    LEADS(SUSPENDED, END, ENDED),
    LEADS(ENDED, END, ENDED),
#undef LEADS
};

#define BIT(state) (UINT32_C(1) << PLACEMENT_##state)
enum {
    ASKED = BIT(PROPOSED) | BIT(AWAITING_APPROVAL) | BIT(OFFERED),
    BEFORE = ASKED | BIT(CONFIRMING) | BIT(ACCEPTED),
    COMING = BIT(ACTIVE) | BIT(TRIAL) | BIT(SUSPENDED),
};
static const uint32_t STAYS[PLACEMENT_EVENTS] = {
    [PLACEMENT_EVENT_SUSPEND] = BIT(SUSPENDED),
    [PLACEMENT_EVENT_REPLACE_HOLD] = BIT(CONFIRMING),
    [PLACEMENT_EVENT_KEEP_HOLD] = BIT(AWAITING_APPROVAL) | BIT(OFFERED),
    [PLACEMENT_EVENT_ASSESS] = BEFORE,
    [PLACEMENT_EVENT_BOOK_TASTER] = BEFORE,
    [PLACEMENT_EVENT_PERSON_DECIDE] = BEFORE | COMING,
    [PLACEMENT_EVENT_SHARE_PLAN] = BIT(ACCEPTED) | COMING,
    [PLACEMENT_EVENT_NOTE_END_REPORT] = COMING,
    [PLACEMENT_EVENT_SET_CLOCK] = COMING | BIT(ENDED),
    [PLACEMENT_EVENT_WARN] = COMING,
    [PLACEMENT_EVENT_REACH_LIMIT] = COMING,
    [PLACEMENT_EVENT_EXTEND] = COMING,
    [PLACEMENT_EVENT_SCHEDULE_REVIEW] = COMING,
    [PLACEMENT_EVENT_MISS_REVIEW] = COMING,
    [PLACEMENT_EVENT_REVIEW] = COMING,
    [PLACEMENT_EVENT_RELEASE_PLACE] = BIT(SUSPENDED),
    [PLACEMENT_EVENT_ASK_RESUMPTION] = BIT(SUSPENDED),
    [PLACEMENT_EVENT_REFUSE_RESUMPTION] = BIT(SUSPENDED),
    [PLACEMENT_EVENT_PROPOSE_CHANGE] = COMING,
    [PLACEMENT_EVENT_REQUEST_CHANGE_APPROVAL] = COMING,
    [PLACEMENT_EVENT_APPROVE_CHANGE] = COMING,
    [PLACEMENT_EVENT_KEEP_CHANGE_HOLD] = COMING,
    [PLACEMENT_EVENT_REPLACE_CHANGE_HOLD] = COMING,
    [PLACEMENT_EVENT_DROP_CHANGE] = COMING,
    [PLACEMENT_EVENT_MAKE_CHANGE] = COMING,
    [PLACEMENT_EVENT_MOVE_LEVEL] = COMING | BIT(ENDED),
    [PLACEMENT_EVENT_AGREE_END] = COMING,
};
#undef BIT

/* UNSPECIFIED: it cannot happen there. */
static enum placement_state expected_after(enum placement_state state, enum placement_event event)
{
    for (size_t at = 0; at < sizeof EXPECTED / sizeof EXPECTED[0]; at++)
        if (EXPECTED[at].from == state && EXPECTED[at].event == event)
            return EXPECTED[at].to;
    return (STAYS[event] >> state & 1) != 0 ? state : PLACEMENT_UNSPECIFIED;
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
    Dw__Approval approval;
    Dw__ApprovalRequested requested;
    Dw__PlacementApproved approved;
    Dw__PlacementRefused refused;
    Dw__TrialStarted trial;
    Dw__TrialPassed passed;
    Dw__Suspension suspension;
    Dw__PlacementSuspended suspended;
    Dw__PlacementResumed resumed;
    Dw__HoldKept kept;
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
    dw__approval__init(&samples->approval);
    dw__suspension__init(&samples->suspension);
    samples->suspension.from = date;
    samples->requested = (Dw__ApprovalRequested){INIT(approval_requested), .terms = terms,
                                                 .approval = &samples->approval};
    samples->approved = (Dw__PlacementApproved){INIT(placement_approved), .terms = terms};
    samples->refused = (Dw__PlacementRefused){INIT(placement_refused), .terms = terms, .reason = 1};
    samples->trial = (Dw__TrialStarted){INIT(trial_started), .until = date};
    samples->passed = (Dw__TrialPassed){INIT(trial_passed)};
    samples->suspended = (Dw__PlacementSuspended){INIT(placement_suspended), .terms = terms,
                                                  .suspension = &samples->suspension};
    samples->resumed = (Dw__PlacementResumed){INIT(placement_resumed), .terms = terms, .from = date,
                                              .hold_id = hold_id};
    samples->kept = (Dw__HoldKept){INIT(hold_kept), .hold_until_ms = 7};
#undef INIT
    const ProtobufCMessage *const all[PLACEMENT_EVENTS] = {
        [PLACEMENT_EVENT_PROPOSE] = &samples->proposed.base,
        [PLACEMENT_EVENT_OFFER] = &samples->offered.base,
        [PLACEMENT_EVENT_ACCEPT_OFFER] = &samples->offer_accepted.base,
        [PLACEMENT_EVENT_REPLACE_HOLD] = &samples->replaced.base,
        [PLACEMENT_EVENT_ACCEPT] = &samples->accepted.base,
        [PLACEMENT_EVENT_DECLINE] = &samples->declined.base,
        [PLACEMENT_EVENT_LAPSE] = &samples->lapsed.base,
        [PLACEMENT_EVENT_START] = &samples->started.base,
        [PLACEMENT_EVENT_END] = &samples->ended.base,
        [PLACEMENT_EVENT_CANCEL] = &samples->cancelled.base,
        [PLACEMENT_EVENT_REQUEST_APPROVAL] = &samples->requested.base,
        [PLACEMENT_EVENT_APPROVE] = &samples->approved.base,
        [PLACEMENT_EVENT_REFUSE] = &samples->refused.base,
        [PLACEMENT_EVENT_KEEP_HOLD] = &samples->kept.base,
        [PLACEMENT_EVENT_START_TRIAL] = &samples->trial.base,
        [PLACEMENT_EVENT_PASS_TRIAL] = &samples->passed.base,
        [PLACEMENT_EVENT_SUSPEND] = &samples->suspended.base,
        [PLACEMENT_EVENT_RESUME] = &samples->resumed.base,
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
    placement.proposed_by = "somebody";
    placement.approval = &samples->approval;
    placement.suspension = &samples->suspension;
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
    const enum placement_state to = expected_after(state, event);
    const Dw__Placement *after = get_placement(pure);
    if (state == PLACEMENT_UNSPECIFIED && to == PLACEMENT_UNSPECIFIED) {
        assert_null(after);
    } else {
        assert_non_null(after);
        assert_int_equal(after->state, to == PLACEMENT_UNSPECIFIED ? state : to);
        assert_int_equal(after->changed_ms, to == PLACEMENT_UNSPECIFIED || to == state ? 1 : 2);
    }
    pure_destroy(&pure);
}

/* Proves: each event leads from each state where the lists written by hand say, and nowhere where they say nothing. */
static void every_event_leads_from_every_state_where_the_lists_say(void **unused)
{
    (void)unused;
    for (int state = 0; state < PLACEMENT_STATES; state++)
        for (int event = 0; event < PLACEMENT_EVENTS; event++)
            assert_int_equal(
                placement_next((enum placement_state)state, (enum placement_event)event),
                expected_after((enum placement_state)state, (enum placement_event)event));
}

/* Proves: an event that leads somewhere changes the record so and says when, and one that cannot happen changes nothing. */
static void every_event_does_in_every_state_what_the_lists_say(void **unused)
{
    (void)unused;
    struct samples samples;
    fill_samples(&samples);
    size_t tried = 0;
    for (int state = 0; state < PLACEMENT_STATES; state++)
        for (int event = 0; event < PLACEMENT_EVENTS; event++)
            if (samples.of_event[event] != NULL) {
                check_cell((enum placement_state)state, (enum placement_event)event);
                tried++;
            }
    assert_int_equal(tried, 18 * PLACEMENT_STATES);
}

/* Proves: a change moves as the list written by hand says, and in no other way. */
static void a_change_moves_as_the_list_says(void **unused)
{
    (void)unused;
    static const struct {
        enum change_state from;
        enum placement_event event;
        enum change_state to;
    } LIST[] = {
        {CHANGE_UNSPECIFIED, PLACEMENT_EVENT_PROPOSE_CHANGE, CHANGE_ASKED},
        {CHANGE_ASKED, PLACEMENT_EVENT_REQUEST_CHANGE_APPROVAL, CHANGE_AWAITING_APPROVAL},
        {CHANGE_ASKED, PLACEMENT_EVENT_APPROVE_CHANGE, CHANGE_CONFIRMING},
        {CHANGE_ASKED, PLACEMENT_EVENT_DROP_CHANGE, CHANGE_UNSPECIFIED},
        {CHANGE_AWAITING_APPROVAL, PLACEMENT_EVENT_KEEP_CHANGE_HOLD, CHANGE_AWAITING_APPROVAL},
        {CHANGE_AWAITING_APPROVAL, PLACEMENT_EVENT_APPROVE_CHANGE, CHANGE_CONFIRMING},
        {CHANGE_AWAITING_APPROVAL, PLACEMENT_EVENT_DROP_CHANGE, CHANGE_UNSPECIFIED},
        {CHANGE_CONFIRMING, PLACEMENT_EVENT_REPLACE_CHANGE_HOLD, CHANGE_CONFIRMING},
        {CHANGE_CONFIRMING, PLACEMENT_EVENT_MAKE_CHANGE, CHANGE_UNSPECIFIED},
        {CHANGE_CONFIRMING, PLACEMENT_EVENT_DROP_CHANGE, CHANGE_UNSPECIFIED},
    };
    size_t found = 0;
    for (int state = 0; state < CHANGE_STATES; state++)
        for (int event = 0; event < PLACEMENT_EVENTS; event++) {
            enum change_state to = CHANGE_STATES;
            const bool moves =
                placement_change_next((enum change_state)state, (enum placement_event)event, &to);
            bool listed = false;
            for (size_t at = 0; at < sizeof LIST / sizeof LIST[0]; at++)
                if ((int)LIST[at].from == state && (int)LIST[at].event == event) {
                    listed = true;
                    assert_int_equal(to, LIST[at].to);
                }
            assert_int_equal(moves, listed);
            found += moves;
        }
    assert_int_equal(found, sizeof LIST / sizeof LIST[0]);
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
        cmocka_unit_test(every_event_leads_from_every_state_where_the_lists_say),
        cmocka_unit_test(every_event_does_in_every_state_what_the_lists_say),
        cmocka_unit_test(a_change_moves_as_the_list_says),
        cmocka_unit_test(the_reason_of_the_end_is_kept),
        cmocka_unit_test(a_replaced_hold_is_found_and_the_old_one_is_not),
    };
    return cmocka_run_group_tests_name("placements_moves", tests, NULL, NULL);
}
