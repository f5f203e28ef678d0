/* Evolve of referrals: the only code that changes them. */
#include "services/referrals/state.h"

#include <assert.h>

/* A referral being changed: a copy whose lines may be written to, put again when it is whole. */
struct change {
    Dw__Referral referral;
    Dw__LineRecord records[REFERRAL_LINES_MAX];
    Dw__LineRecord *lines[REFERRAL_LINES_MAX];
    Dw__LineWait waits[REFERRAL_LINES_MAX];
    Dw__LineStep steps[REFERRAL_LINES_MAX]; /* the one that is added to a line */
    Dw__LineStep *step_lists[REFERRAL_LINES_MAX][REFERRAL_STEPS_MAX];
    bool moved[REFERRAL_LINES_MAX];
    const struct recorded *recorded;
};

static bool begin(const struct state *state, const ProtobufCBinaryData *referral_id,
                  const struct recorded *recorded, struct change *ret_change)
{
    const Dw__Referral *before = referrals_get(state, referral_id);
    if (before == NULL)
        return false;
    *ret_change = (struct change){.referral = *before, .recorded = recorded};
    for (size_t at = 0; at < before->n_lines; at++) {
        ret_change->records[at] = *before->lines[at];
        ret_change->records[at].state =
            (Dw__LineState)referrals_line_state(before, (uint32_t)at + 1);
        ret_change->lines[at] = &ret_change->records[at];
    }
    ret_change->referral.lines = ret_change->lines;
    return true;
}

static void add_step(struct change *change, size_t at)
{
    Dw__LineRecord *line = &change->records[at];
    Dw__LineStep **list = change->step_lists[at];
    const size_t dropped = line->n_steps == REFERRAL_STEPS_MAX ? 1 : 0;
    size_t count = 0;
    for (size_t old = dropped; old < line->n_steps; old++)
        list[count++] = line->steps[old];
    dw__line_step__init(&change->steps[at]);
    change->steps[at].state = line->state;
    change->steps[at].since_ms = line->since_ms;
    list[count++] = &change->steps[at];
    line->steps = list;
    line->n_steps = count;
}

/* The one place that assigns the state of a line. False when the event cannot happen there; nothing changes then. */
static bool move_line(struct change *change, size_t at, enum line_event event)
{
    Dw__LineRecord *line = &change->records[at];
    const enum line_state to = line_next((enum line_state)line->state, event);
    if (to == LINE_UNSPECIFIED)
        return false;
    change->moved[at] = true;
    if (to == (enum line_state)line->state)
        return true;
    if (line->state != DW__LINE_STATE__LINE_STATE_UNSPECIFIED)
        add_step(change, at);
    line->state = (Dw__LineState)to;
    line->since_ms = change->recorded->at_ms;
    if (line_next(to, LINE_EVENT_PLACE) == LINE_UNSPECIFIED)
        line->wait = NULL;
    return true;
}

/* Moves those lines, or with none named all for which the event can happen. True when any moved. */
static bool move(struct change *change, enum line_event event, size_t count,
                 const uint32_t *numbers)
{
    bool any = false;
    for (size_t at = 0; count == 0 && at < change->referral.n_lines; at++)
        any = move_line(change, at, event) || any;
    for (size_t at = 0; at < count; at++)
        if (numbers[at] >= 1 && numbers[at] <= change->referral.n_lines)
            any = move_line(change, numbers[at] - 1, event) || any;
    return any;
}

/* Why the lines that have just moved wait from now on. */
static void explain(struct change *change, Dw__WaitingReason reason, Dw__LineHold *hold)
{
    for (size_t at = 0; at < change->referral.n_lines; at++) {
        Dw__LineWait *wait = &change->waits[at];
        if (!change->moved[at])
            continue;
        dw__line_wait__init(wait);
        wait->reason = reason;
        wait->since_ms = change->recorded->at_ms;
        wait->hold = hold;
        change->records[at].wait = wait;
    }
}

static bool is_over(const enum line_state *states, size_t count)
{
    for (size_t at = 0; at < count; at++)
        if (line_next(states[at], LINE_EVENT_WITHDRAW) != LINE_UNSPECIFIED ||
            line_next(states[at], LINE_EVENT_CLOSE) != LINE_UNSPECIFIED)
            return false;
    return true;
}

/* The referral is what its lines make it, and has no reason to be over while it is not. */
static void finish(struct state *state, struct change *change)
{
    enum line_state states[REFERRAL_LINES_MAX];
    for (size_t at = 0; at < change->referral.n_lines; at++)
        states[at] = (enum line_state)change->records[at].state;
    const Dw__ReferralState before = change->referral.state;
    change->referral.state = referrals_standing(states, change->referral.n_lines).state;
    if (!is_over(states, change->referral.n_lines))
        change->referral.why_case = DW__REFERRAL__WHY__NOT_SET;
    if (change->referral.state != before)
        change->referral.changed_ms = change->recorded->at_ms;
    const struct id id = id_or_zero(&change->referral.referral_id);
    entities_put(state->entities, REFERRALS_KIND_REFERRAL, &id, 0, &change->referral.base);
}

REFERRALS_EVOLVE(created)
{
    const Dw__ReferralCreated *ev = (const Dw__ReferralCreated *)event;
    if (referrals_get(state, &ev->referral_id) != NULL)
        return;
    assert(ev->n_lines <= REFERRAL_LINES_MAX);
    struct change change = {.referral = DW__REFERRAL__INIT, .recorded = recorded};
    for (size_t at = 0; at < ev->n_lines; at++) {
        dw__line_record__init(&change.records[at]);
        change.records[at].line = ev->lines[at];
        change.lines[at] = &change.records[at];
    }
    change.referral.referral_id = ev->referral_id;
    change.referral.person_id = ev->person_id;
    change.referral.urgency = ev->urgency;
    change.referral.n_lines = ev->n_lines;
    change.referral.lines = change.lines;
    change.referral.notes_id = ev->notes_id;
    change.referral.created_ms = recorded->at_ms;
    if (move(&change, LINE_EVENT_CREATE, 0, NULL))
        finish(state, &change);
}

REFERRALS_EVOLVE(submitted)
{
    const Dw__ReferralSubmitted *ev = (const Dw__ReferralSubmitted *)event;
    struct change change;
    if (!begin(state, &ev->referral_id, recorded, &change) ||
        !move(&change, LINE_EVENT_SUBMIT, 0, NULL))
        return;
    explain(&change, DW__WAITING_REASON__WAITING_REASON_NOT_LOOKED_YET, NULL);
    change.referral.reference = ev->reference;
    change.referral.submitted_ms = recorded->at_ms;
    finish(state, &change);
    referrals_put_last_number(state, ev->reference_year, ev->reference_number);
}

REFERRALS_EVOLVE(accepted)
{
    const Dw__ReferralAccepted *ev = (const Dw__ReferralAccepted *)event;
    struct change change;
    if (begin(state, &ev->referral_id, recorded, &change) &&
        move(&change, LINE_EVENT_ACCEPT, ev->n_line_numbers, ev->line_numbers))
        finish(state, &change);
}

REFERRALS_EVOLVE(assigned)
{
    const Dw__ReferralAssigned *ev = (const Dw__ReferralAssigned *)event;
    struct change change;
    Dw__Assignment *assignments[REFERRAL_ASSIGNMENTS_MAX];
    if (!begin(state, &ev->referral_id, recorded, &change) ||
        !move(&change, LINE_EVENT_ASSIGN, 0, NULL))
        return;
    Dw__Referral *referral = &change.referral;
    assert(referral->n_assignments < REFERRAL_ASSIGNMENTS_MAX);
    for (size_t at = 0; at < referral->n_assignments; at++)
        assignments[at] = referral->assignments[at];
    Dw__Assignment assignment = DW__ASSIGNMENT__INIT;
    assignment.assignee = ev->assignee;
    assignment.assigned_ms = recorded->at_ms;
    assignment.by = (char *)(uintptr_t)recorded->principal->name;
    assignments[referral->n_assignments++] = &assignment;
    referral->assignments = assignments;
    finish(state, &change);
}

static bool has_field(const Dw__ReferralAmended *ev, Dw__AmendedField field)
{
    for (size_t at = 0; at < ev->n_fields; at++)
        if (ev->fields[at] == field)
            return true;
    return false;
}

REFERRALS_EVOLVE(amended)
{
    const Dw__ReferralAmended *ev = (const Dw__ReferralAmended *)event;
    struct change change;
    Dw__Amendment *amendments[REFERRAL_AMENDMENTS_MAX];
    if (!begin(state, &ev->referral_id, recorded, &change) ||
        !move(&change, LINE_EVENT_AMEND, ev->line_number > 0, &ev->line_number))
        return;
    Dw__Referral *referral = &change.referral;
    assert(referral->n_amendments < REFERRAL_AMENDMENTS_MAX);
    for (size_t at = 0; at < referral->n_amendments; at++)
        amendments[at] = referral->amendments[at];
    Dw__Amendment amendment = DW__AMENDMENT__INIT;
    amendment.line_number = ev->line_number;
    amendment.n_fields = ev->n_fields;
    amendment.fields = ev->fields;
    amendment.amended_ms = recorded->at_ms;
    amendment.by = (char *)(uintptr_t)recorded->principal->name;
    amendment.values_id = ev->values_id;
    if (ev->urgency != NULL)
        referral->urgency = ev->urgency->urgency;
    if (ev->line != NULL)
        change.records[ev->line_number - 1].line = ev->line;
    if (has_field(ev, DW__AMENDED_FIELD__AMENDED_FIELD_NOTES)) {
        amendment.notes_before_id = referral->notes_id;
        referral->notes_id = ev->notes_id;
    }
    amendments[referral->n_amendments++] = &amendment;
    referral->amendments = amendments;
    finish(state, &change);
}

/* --- what placements bring about -------------------------------------------------------------------------------- */

/* Without that placement, and with the proposal behind the others unless it is NULL; kept: memory that lives as long. */
static void set_others(Dw__LineRecord *line, const ProtobufCBinaryData *placement_id,
                       Dw__LineProposal *proposal, Dw__LineProposal *kept[LINE_OTHERS_MAX])
{
    size_t count = 0;
    for (size_t at = 0; at < line->n_others; at++)
        if (!id_data_equal(&line->others[at]->placement_id, placement_id))
            kept[count++] = line->others[at];
    if (proposal != NULL && count < LINE_OTHERS_MAX)
        kept[count++] = proposal;
    line->others = kept;
    line->n_others = count;
}

REFERRALS_EVOLVE(line_proposed)
{
    const Dw__ReferralLineProposed *ev = (const Dw__ReferralLineProposed *)event;
    struct change change;
    Dw__LineProposal proposal = DW__LINE_PROPOSAL__INIT;
    Dw__LineProposal *kept[LINE_OTHERS_MAX];
    if (!begin(state, &ev->referral_id, recorded, &change) ||
        !move(&change, LINE_EVENT_PROPOSE, 1, &ev->line_number))
        return;
    proposal.placement_id = ev->placement_id;
    proposal.reason = ev->reason;
    proposal.started = ev->started;
    set_others(&change.records[ev->line_number - 1], &ev->placement_id, ev->over ? NULL : &proposal,
               kept);
    finish(state, &change);
}

REFERRALS_EVOLVE(line_matching)
{
    const Dw__ReferralLineMatching *ev = (const Dw__ReferralLineMatching *)event;
    struct change change;
    Dw__LineProposal *kept[LINE_OTHERS_MAX];
    if (!begin(state, &ev->referral_id, recorded, &change) ||
        !move(&change, LINE_EVENT_MATCH, 1, &ev->line_number))
        return;
    explain(&change, ev->reason, NULL);
    change.records[ev->line_number - 1].placement_id = ev->placement_id;
    set_others(&change.records[ev->line_number - 1], &ev->placement_id, NULL, kept);
    finish(state, &change);
}

REFERRALS_EVOLVE(line_waits)
{
    const Dw__ReferralLineWaits *ev = (const Dw__ReferralLineWaits *)event;
    struct change change;
    const Dw__Referral *before = referrals_get(state, &ev->referral_id);
    const bool had_support =
        before != NULL && referrals_line_state(before, ev->line_number) == LINE_PLACED;
    if (!begin(state, &ev->referral_id, recorded, &change) ||
        !move(&change, LINE_EVENT_WAIT, 1, &ev->line_number))
        return;
    explain(&change, ev->reason, NULL);
    if (had_support && !ev->never_had)
        change.records[ev->line_number - 1].waits_since_ms = recorded->at_ms;
    change.records[ev->line_number - 1].placement_id = (ProtobufCBinaryData){0, NULL};
    finish(state, &change);
}

static bool has_session(Dw__LineSession *const *sessions, size_t count,
                        const Dw__LineSession *session)
{
    for (size_t at = 0; at < count; at++)
        if (sessions[at]->weekday == session->weekday && sessions[at]->part == session->part)
            return true;
    return false;
}

/* The two lines a line becomes of which some sessions found a place. */
struct halves {
    Dw__ReferralLine met, rest;
    Dw__LineSession *met_sessions[LINE_SESSIONS_MAX];
};

/* What is left goes on as the line did; when it was the placement's that has started, places are looked for anew. */
static void add_rest(struct change *change, const Dw__ReferralLinePlaced *ev, struct halves *halves)
{
    Dw__LineRecord *line = &change->records[ev->line_number - 1];
    assert(change->referral.n_lines < REFERRAL_LINES_MAX);
    const size_t at = change->referral.n_lines++;
    Dw__LineRecord *rest = &change->records[at];
    halves->met = halves->rest = *line->line;
    halves->met.n_sessions = 0;
    halves->met.sessions = halves->met_sessions;
    for (size_t each = 0; each < line->line->n_sessions; each++)
        if (!has_session(ev->rest, ev->n_rest, line->line->sessions[each]))
            halves->met_sessions[halves->met.n_sessions++] = line->line->sessions[each];
    halves->rest.n_sessions = ev->n_rest;
    halves->rest.sessions = ev->rest;
    *rest = *line;
    rest->line = &halves->rest;
    rest->rest_of = ev->line_number;
    line->line = &halves->met;
    change->lines[at] = rest;
    if (rest->state != DW__LINE_STATE__LINE_STATE_MATCHING ||
        !id_data_equal(&rest->placement_id, &ev->placement_id))
        return;
    (void)move_line(change, at, LINE_EVENT_WAIT);
    explain(change, DW__WAITING_REASON__WAITING_REASON_NO_PLACE_ON_DAYS, NULL);
    rest->placement_id = (ProtobufCBinaryData){0, NULL};
}

REFERRALS_EVOLVE(line_placed)
{
    const Dw__ReferralLinePlaced *ev = (const Dw__ReferralLinePlaced *)event;
    struct change change;
    struct halves halves;
    Dw__LineProposal *kept[LINE_OTHERS_MAX];
    if (!begin(state, &ev->referral_id, recorded, &change) ||
        !referrals_line_can(&change.referral, ev->line_number, LINE_EVENT_PLACE))
        return;
    if (ev->n_rest > 0)
        add_rest(&change, ev, &halves);
    (void)move(&change, LINE_EVENT_PLACE, 1, &ev->line_number);
    Dw__LineRecord *record = &change.records[ev->line_number - 1];
    record->placement_id = ev->placement_id;
    if (ev->n_rest > 0)
        record->n_others = 0; /* they are for the rest */
    set_others(record, &ev->placement_id, NULL, kept);
    finish(state, &change);
}

/* The event before it has placed the last line, and so the referral. */
REFERRALS_EVOLVE(placed)
{
    (void)state;
    (void)event;
    (void)recorded;
}

REFERRALS_EVOLVE(line_moved)
{
    const Dw__ReferralLineMoved *ev = (const Dw__ReferralLineMoved *)event;
    struct change change;
    if (!begin(state, &ev->referral_id, recorded, &change) ||
        !move(&change, LINE_EVENT_FOLLOW, 1, &ev->line_number))
        return;
    Dw__LineProposal *kept[LINE_OTHERS_MAX];
    Dw__LineRecord *record = &change.records[ev->line_number - 1];
    record->placement_id = ev->placement_id;
    set_others(record, &ev->placement_id, NULL, kept);
    if (record->why_case == DW__LINE_RECORD__WHY_CLOSE_REASON) {
        record->why_case = DW__LINE_RECORD__WHY__NOT_SET;
        change.referral.why_case = DW__REFERRAL__WHY__NOT_SET;
    }
    finish(state, &change);
}

/* --- what people decide ----------------------------------------------------------------------------------------- */

REFERRALS_EVOLVE(withdrawn)
{
    const Dw__ReferralWithdrawn *ev = (const Dw__ReferralWithdrawn *)event;
    struct change change;
    if (!begin(state, &ev->referral_id, recorded, &change) ||
        !move(&change, LINE_EVENT_WITHDRAW, ev->n_line_numbers, ev->line_numbers))
        return;
    for (size_t at = 0; at < change.referral.n_lines; at++) {
        if (!change.moved[at])
            continue;
        change.records[at].why_case = DW__LINE_RECORD__WHY_WITHDRAW_REASON;
        change.records[at].withdraw_reason = ev->reason;
    }
    change.referral.why_case = DW__REFERRAL__WHY_WITHDRAW_REASON;
    change.referral.withdraw_reason = ev->reason;
    finish(state, &change);
}

REFERRALS_EVOLVE(closed)
{
    const Dw__ReferralClosed *ev = (const Dw__ReferralClosed *)event;
    struct change change;
    if (!begin(state, &ev->referral_id, recorded, &change) ||
        !move(&change, LINE_EVENT_CLOSE, ev->n_line_numbers, ev->line_numbers))
        return;
    for (size_t at = 0; at < change.referral.n_lines; at++) {
        if (!change.moved[at])
            continue;
        change.records[at].why_case = DW__LINE_RECORD__WHY_CLOSE_REASON;
        change.records[at].close_reason = ev->reason;
    }
    change.referral.why_case = DW__REFERRAL__WHY_CLOSE_REASON;
    change.referral.close_reason = ev->reason;
    finish(state, &change);
}

REFERRALS_EVOLVE(refused)
{
    const Dw__ReferralRefused *ev = (const Dw__ReferralRefused *)event;
    struct change change;
    if (!begin(state, &ev->referral_id, recorded, &change) ||
        !move(&change, LINE_EVENT_REFUSE, ev->n_line_numbers, ev->line_numbers))
        return;
    for (size_t at = 0; at < change.referral.n_lines; at++) {
        if (!change.moved[at])
            continue;
        change.records[at].why_case = DW__LINE_RECORD__WHY_REFUSE_REASON;
        change.records[at].refuse_reason = ev->reason;
    }
    change.referral.why_case = DW__REFERRAL__WHY_REFUSE_REASON;
    change.referral.refuse_reason = ev->reason;
    finish(state, &change);
}

REFERRALS_EVOLVE(put_on_hold)
{
    const Dw__ReferralPutOnHold *ev = (const Dw__ReferralPutOnHold *)event;
    struct change change;
    if (!begin(state, &ev->referral_id, recorded, &change) ||
        !move(&change, LINE_EVENT_HOLD, ev->n_line_numbers, ev->line_numbers))
        return;
    Dw__LineHold hold = DW__LINE_HOLD__INIT;
    hold.reason = ev->reason;
    hold.review = ev->review;
    explain(&change, DW__WAITING_REASON__WAITING_REASON_ON_HOLD, &hold);
    finish(state, &change);
}

REFERRALS_EVOLVE(resumed)
{
    const Dw__ReferralResumed *ev = (const Dw__ReferralResumed *)event;
    struct change change;
    if (!begin(state, &ev->referral_id, recorded, &change) ||
        !move(&change, LINE_EVENT_RESUME, ev->n_line_numbers, ev->line_numbers))
        return;
    explain(&change, DW__WAITING_REASON__WAITING_REASON_NOT_LOOKED_YET, NULL);
    finish(state, &change);
}

REFERRALS_EVOLVE(waiting_reason_set)
{
    const Dw__WaitingReasonSet *ev = (const Dw__WaitingReasonSet *)event;
    struct change change;
    if (!begin(state, &ev->referral_id, recorded, &change) ||
        !move(&change, LINE_EVENT_EXPLAIN, ev->n_line_numbers, ev->line_numbers))
        return;
    explain(&change, ev->reason, NULL);
    finish(state, &change);
}
