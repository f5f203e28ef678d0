/* What placements tell of lines: proposed, started, come to nothing, ended. An event about no line of ours, of another person
 * than the referral's, or of another placement than the line's changes nothing: the slip stands in the placement's own terms. */
#include "services/referrals/state.h"

#include "placements.pb-c.h"

/* A placement, and the line it answers. */
struct answered {
    const Dw__Referral *referral;
    const Dw__LineRecord *line;
    uint32_t number;
    enum line_state state;
    bool is_its_own; /* it is the placement the line is with */
};

static bool find_line(const struct state *state, const ProtobufCBinaryData *placement_id,
                      const Dw__PlacementTerms *terms, struct answered *ret_answered)
{
    const Dw__Referral *referral = terms == NULL ? NULL : referrals_get(state, &terms->referral_id);
    if (referral == NULL || !id_data_equal(&referral->person_id, &terms->person_id) ||
        terms->line_number < 1 || terms->line_number > referral->n_lines)
        return false;
    const Dw__LineRecord *line = referral->lines[terms->line_number - 1];
    *ret_answered =
        (struct answered){.referral = referral,
                          .line = line,
                          .number = terms->line_number,
                          .state = referrals_line_state(referral, terms->line_number),
                          .is_its_own = id_data_equal(&line->placement_id, placement_id)};
    return true;
}

/* What every event about one line says. */
#define SAY_LINE(event, state, answered)                                                           \
    do {                                                                                           \
        (event)->referral_id = (answered)->referral->referral_id;                                  \
        (event)->person_id = (answered)->referral->person_id;                                      \
        (event)->facts = referrals_facts(state, (answered)->referral);                             \
        (event)->submitted_ms = (answered)->referral->submitted_ms;                                \
    } while (0)

/* A placement counts from the first that is heard of it until it is over, whatever it says of a referral: nothing is erased of
 * somebody who is somewhere. */
static void note(const struct state *state, const ProtobufCBinaryData *placement_id,
                 const Dw__PlacementTerms *terms, bool over, struct decision *decision)
{
    const Dw__Person *person = terms == NULL ? NULL : referrals_person(state, &terms->person_id);
    if (person == NULL || referrals_has_placement(person, placement_id) != over ||
        (!over && person->n_placement_ids >= PERSON_PLACEMENTS_MAX))
        return;
    Dw__PersonPlacementNoted noted = DW__PERSON_PLACEMENT_NOTED__INIT;
    noted.person_id = person->person_id;
    noted.placement_id = *placement_id;
    noted.over = over;
    decision_emit(decision, &noted.base);
}

/* --- on its way -------------------------------------------------------------------------------------------------- */

/* A line that is free is with the placement from now on, whichever of its steps is heard of first; one that is with it already
 * waits for another reason. */
static void follow_line(const struct state *state, const ProtobufCBinaryData *placement_id,
                        const Dw__PlacementTerms *terms, Dw__WaitingReason reason,
                        struct decision *decision)
{
    struct answered answered;
    struct picked picked;
    if (!find_line(state, placement_id, terms, &answered))
        return;
    if (answered.state == LINE_MATCHING && answered.is_its_own) {
        Dw__WaitingReasonSet set = DW__WAITING_REASON_SET__INIT;
        SAY_LINE(&set, state, &answered);
        set.n_line_numbers = 1;
        set.line_numbers = &answered.number;
        set.reason = reason;
        if (answered.line->wait == NULL || answered.line->wait->reason != reason)
            decision_emit(decision, &set.base);
    } else if (referrals_pick(answered.referral, answered.number, LINE_EVENT_MATCH, &picked)) {
        Dw__ReferralLineMatching matching = DW__REFERRAL_LINE_MATCHING__INIT;
        SAY_LINE(&matching, state, &answered);
        matching.line_number = answered.number;
        matching.placement_id = *placement_id;
        matching.reason = reason;
        matching.after = &picked.after;
        decision_emit(decision, &matching.base);
    }
}

static void follow(const struct state *state, const ProtobufCBinaryData *placement_id,
                   const Dw__PlacementTerms *terms, Dw__WaitingReason reason,
                   struct decision *decision)
{
    follow_line(state, placement_id, terms, reason, decision);
    note(state, placement_id, terms, false, decision);
}

REFERRALS_REACT(proposed)
{
    (void)ctx;
    const Dw__PlacementProposed *proposed = (const Dw__PlacementProposed *)event->message;
    follow(state, &proposed->placement_id, proposed->terms,
           DW__WAITING_REASON__WAITING_REASON_PLACE_ASKED_FOR, decision);
}

REFERRALS_REACT(approval_requested)
{
    (void)ctx;
    const Dw__ApprovalRequested *requested = (const Dw__ApprovalRequested *)event->message;
    follow(state, &requested->placement_id, requested->terms,
           DW__WAITING_REASON__WAITING_REASON_AWAITING_APPROVAL, decision);
}

REFERRALS_REACT(offered)
{
    (void)ctx;
    const Dw__PlacementOffered *offered = (const Dw__PlacementOffered *)event->message;
    follow(state, &offered->placement_id, offered->terms,
           DW__WAITING_REASON__WAITING_REASON_AWAITING_PROVIDER, decision);
}

REFERRALS_REACT(booked)
{
    (void)ctx;
    const Dw__PlacementAccepted *booked = (const Dw__PlacementAccepted *)event->message;
    follow(state, &booked->placement_id, booked->terms,
           DW__WAITING_REASON__WAITING_REASON_AWAITING_START, decision);
}

static void place_line(const struct state *state, const Dw__PlacementStarted *started,
                       struct decision *decision)
{
    struct answered answered;
    struct picked picked;
    if (!find_line(state, &started->placement_id, started->terms, &answered) ||
        !referrals_pick(answered.referral, answered.number, LINE_EVENT_PLACE, &picked))
        return;
    Dw__ReferralLinePlaced line = DW__REFERRAL_LINE_PLACED__INIT;
    SAY_LINE(&line, state, &answered);
    line.line_number = answered.number;
    line.placement_id = started->placement_id;
    line.after = &picked.after;
    decision_emit(decision, &line.base);
    if (picked.after.lines_waiting > 0)
        return;
    Dw__ReferralPlaced placed = DW__REFERRAL_PLACED__INIT;
    SAY_LINE(&placed, state, &answered);
    decision_emit(decision, &placed.base);
}

REFERRALS_REACT(started)
{
    (void)ctx;
    const Dw__PlacementStarted *started = (const Dw__PlacementStarted *)event->message;
    place_line(state, started, decision);
    note(state, &started->placement_id, started->terms, false, decision);
}

/* --- come to nothing, ended -------------------------------------------------------------------------------------- */

/* Another service's reason, and why the line then waits. What has no row waits for the reason given as the rest. */
struct reason_row {
    int given;
    Dw__WaitingReason reason;
};

static Dw__WaitingReason reason_of(const struct reason_row *rows, size_t count, int given,
                                   Dw__WaitingReason rest)
{
    for (size_t at = 0; at < count; at++)
        if (rows[at].given == given)
            return rows[at].reason;
    return rest;
}
#define REASON_OF(rows, given, rest)                                                               \
    reason_of(rows, sizeof(rows) / sizeof(rows)[0], (int)(given), rest)

static void wait_again(const struct state *state, const ProtobufCBinaryData *placement_id,
                       const Dw__PlacementTerms *terms, enum line_state from,
                       Dw__WaitingReason reason, struct decision *decision)
{
    struct answered answered;
    struct picked picked;
    if (!find_line(state, placement_id, terms, &answered) || !answered.is_its_own ||
        answered.state != from ||
        !referrals_pick(answered.referral, answered.number, LINE_EVENT_WAIT, &picked))
        return;
    Dw__ReferralLineWaits waits = DW__REFERRAL_LINE_WAITS__INIT;
    SAY_LINE(&waits, state, &answered);
    waits.line_number = answered.number;
    waits.placement_id = *placement_id;
    waits.reason = reason;
    waits.after = &picked.after;
    decision_emit(decision, &waits.base);
}

REFERRALS_REACT(declined)
{
    static const struct reason_row rows[] = {
        {DW__DECLINE_REASON__DECLINE_REASON_NEED_NOT_MET,
         DW__WAITING_REASON__WAITING_REASON_NEED_NOT_MET},
        {DW__DECLINE_REASON__DECLINE_REASON_TRANSPORT,
         DW__WAITING_REASON__WAITING_REASON_NO_TRANSPORT},
    };
    (void)ctx;
    const Dw__PlacementDeclined *declined = (const Dw__PlacementDeclined *)event->message;
    wait_again(
        state, &declined->placement_id, declined->terms, LINE_MATCHING,
        REASON_OF(rows, declined->reason, DW__WAITING_REASON__WAITING_REASON_PROVIDER_DECLINED),
        decision);
    note(state, &declined->placement_id, declined->terms, true, decision);
}

REFERRALS_REACT(not_approved)
{
    (void)ctx;
    const Dw__PlacementRefused *refused = (const Dw__PlacementRefused *)event->message;
    wait_again(state, &refused->placement_id, refused->terms, LINE_MATCHING,
               DW__WAITING_REASON__WAITING_REASON_APPROVAL_REFUSED, decision);
    note(state, &refused->placement_id, refused->terms, true, decision);
}

REFERRALS_REACT(lapsed)
{
    static const struct reason_row rows[] = {
        {DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT,
         DW__WAITING_REASON__WAITING_REASON_NO_PLACE_ON_DAYS},
        {DW__LAPSE_REASON__LAPSE_REASON_SESSION_NOT_RUNNING,
         DW__WAITING_REASON__WAITING_REASON_NO_PLACE_ON_DAYS},
        {DW__LAPSE_REASON__LAPSE_REASON_HOLD_EXPIRED,
         DW__WAITING_REASON__WAITING_REASON_NO_PLACE_ON_DAYS},
        {DW__LAPSE_REASON__LAPSE_REASON_CLOSED,
         DW__WAITING_REASON__WAITING_REASON_NO_PLACE_ON_DAYS},
        {DW__LAPSE_REASON__LAPSE_REASON_PLACEMENTS_SUSPENDED,
         DW__WAITING_REASON__WAITING_REASON_NO_PLACE_ON_DAYS},
        {DW__LAPSE_REASON__LAPSE_REASON_NO_CONTRACT,
         DW__WAITING_REASON__WAITING_REASON_NO_CONTRACT},
        {DW__LAPSE_REASON__LAPSE_REASON_PERSON_ELSEWHERE,
         DW__WAITING_REASON__WAITING_REASON_PERSON_ELSEWHERE},
    };
    (void)ctx;
    const Dw__PlacementLapsed *lapsed = (const Dw__PlacementLapsed *)event->message;
    wait_again(state, &lapsed->placement_id, lapsed->terms, LINE_MATCHING,
               REASON_OF(rows, lapsed->reason, DW__WAITING_REASON__WAITING_REASON_PROPOSAL_FAILED),
               decision);
    note(state, &lapsed->placement_id, lapsed->terms, true, decision);
}

REFERRALS_REACT(cancelled)
{
    static const struct reason_row rows[] = {
        {DW__CANCEL_REASON__CANCEL_REASON_PERSONS_CHOICE,
         DW__WAITING_REASON__WAITING_REASON_PERSON_CHOICE},
    };
    (void)ctx;
    const Dw__PlacementCancelled *cancelled = (const Dw__PlacementCancelled *)event->message;
    wait_again(
        state, &cancelled->placement_id, cancelled->terms, LINE_MATCHING,
        REASON_OF(rows, cancelled->reason, DW__WAITING_REASON__WAITING_REASON_NOT_LOOKED_YET),
        decision);
    note(state, &cancelled->placement_id, cancelled->terms, true, decision);
}

/* The line goes on with the placement of the other level, when that one answers the same line: the end of the first and the start of
 * the second, which follow, then mean nothing to it. */
REFERRALS_REACT(level_moved)
{
    (void)ctx;
    const Dw__LevelMoved *moved = (const Dw__LevelMoved *)event->message;
    const Dw__PlacementTerms *to = moved->to_terms;
    struct answered answered;
    if (to == NULL || !find_line(state, &moved->placement_id, moved->terms, &answered) ||
        !answered.is_its_own || answered.state != LINE_PLACED ||
        !id_data_equal(&to->referral_id, &moved->terms->referral_id) ||
        to->line_number != answered.number)
        return;
    Dw__ReferralLineMoved line = DW__REFERRAL_LINE_MOVED__INIT;
    SAY_LINE(&line, state, &answered);
    line.line_number = answered.number;
    line.placement_id = moved->to_placement_id;
    line.former_placement_id = moved->placement_id;
    decision_emit(decision, &line.base);
}

/* Support that the provider ends is wanted still; any other end closes the line. */
static void end_line(const struct state *state, const Dw__PlacementEnded *ended,
                     struct decision *decision)
{
    struct answered answered;
    struct picked picked;
    if (ended->reason == DW__END_REASON__END_REASON_PROVIDER_NOTICE ||
        ended->reason == DW__END_REASON__END_REASON_SERVICE_CLOSED) {
        wait_again(state, &ended->placement_id, ended->terms, LINE_PLACED,
                   DW__WAITING_REASON__WAITING_REASON_SUPPORT_ENDED, decision);
        return;
    }
    if (!find_line(state, &ended->placement_id, ended->terms, &answered) || !answered.is_its_own ||
        answered.state != LINE_PLACED ||
        !referrals_pick(answered.referral, answered.number, LINE_EVENT_CLOSE, &picked))
        return;
    Dw__ReferralClosed closed = DW__REFERRAL_CLOSED__INIT;
    SAY_LINE(&closed, state, &answered);
    closed.n_line_numbers = picked.count;
    closed.line_numbers = picked.numbers;
    closed.reason = ended->reason == DW__END_REASON__END_REASON_DIED
                        ? DW__CLOSE_REASON__CLOSE_REASON_DIED
                        : DW__CLOSE_REASON__CLOSE_REASON_SUPPORT_ENDED;
    closed.after = &picked.after;
    decision_emit(decision, &closed.base);
}

REFERRALS_REACT(ended)
{
    (void)ctx;
    const Dw__PlacementEnded *ended = (const Dw__PlacementEnded *)event->message;
    end_line(state, ended, decision);
    note(state, &ended->placement_id, ended->terms, true, decision);
}
