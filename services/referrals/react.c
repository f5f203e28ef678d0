/* What placements tell of lines: proposed, started, come to nothing, ended. An event about no line of ours, of another person
 * than the referral's, or of another placement than the line's changes nothing: the slip stands in the placement's own terms. */
#include "services/referrals/state.h"

/* The referral that the terms name, when it is of the same person and has the line they name; or NULL. */
static const Dw__Referral *find_referral(const struct state *state, const Dw__PlacementTerms *terms)
{
    const Dw__Referral *referral = terms == NULL ? NULL : referrals_get(state, &terms->referral_id);
    return referral != NULL && id_data_equal(&referral->person_id, &terms->person_id) &&
                   terms->line_number >= 1 && terms->line_number <= referral->n_lines
               ? referral
               : NULL;
}

/* The line is the one the terms name, or was left of it, and is with the placement. */
static bool is_with(const Dw__Referral *referral, uint32_t number, const Dw__PlacementTerms *terms,
                    const ProtobufCBinaryData *placement_id)
{
    return referrals_is_of_line(referral, terms->line_number, number) &&
           id_data_equal(&referral->lines[number - 1]->placement_id, placement_id);
}

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

/* The line that is with the placement, else the first that is free, of the one the terms name and what was left of it; 0: none. */
static uint32_t line_for(const Dw__Referral *referral, const Dw__PlacementTerms *terms,
                         const ProtobufCBinaryData *placement_id)
{
    uint32_t free_line = 0;
    for (uint32_t number = terms->line_number; number <= referral->n_lines; number++) {
        if (is_with(referral, number, terms, placement_id))
            return number;
        if (free_line == 0 && referrals_is_of_line(referral, terms->line_number, number) &&
            referrals_line_can(referral, number, LINE_EVENT_MATCH))
            free_line = number;
    }
    return free_line;
}

/* A line that is free is with the placement from now on, whichever of its steps is heard of first; one that is with it already
 * waits for another reason. */
static void follow_line(const struct state *state, const ProtobufCBinaryData *placement_id,
                        const Dw__PlacementTerms *terms, Dw__WaitingReason reason,
                        struct decision *decision)
{
    const Dw__Referral *referral = find_referral(state, terms);
    const uint32_t number = referral == NULL ? 0 : line_for(referral, terms, placement_id);
    struct picked picked;
    if (referral != NULL && number == 0) {
        Dw__LineProposal wish = DW__LINE_PROPOSAL__INIT;
        wish.placement_id = *placement_id;
        wish.reason = reason;
        referrals_follow_beside(state, referral, terms, &wish, decision);
    }
    if (number == 0)
        return;
    if (referrals_line_state(referral, number) == LINE_MATCHING) {
        const Dw__LineWait *wait = referral->lines[number - 1]->wait;
        Dw__WaitingReasonSet set = DW__WAITING_REASON_SET__INIT;
        REFERRALS_SAY(&set, state, referral);
        set.n_line_numbers = 1;
        set.line_numbers = (uint32_t[]){number};
        set.reason = reason;
        if (wait == NULL || wait->reason != reason)
            decision_emit(decision, &set.base);
    } else if (referrals_pick(referral, number, LINE_EVENT_MATCH, &picked)) {
        Dw__ReferralLineMatching matching = DW__REFERRAL_LINE_MATCHING__INIT;
        REFERRALS_SAY(&matching, state, referral);
        matching.line_number = number;
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

static void meet(const struct state *state, const Dw__PlacementTerms *terms,
                 const ProtobufCBinaryData *placement_id, uint32_t attended, uint32_t never_had,
                 bool starts, struct decision *decision)
{
    const Dw__Referral *referral = find_referral(state, terms);
    if (referral != NULL)
        referrals_meet(state, referral, terms->line_number, placement_id, attended, never_had,
                       starts, decision);
}

/* A line is with the placement, or waits for any. */
static bool is_awaited(const Dw__Referral *referral, const Dw__PlacementTerms *terms,
                       const ProtobufCBinaryData *placement_id)
{
    for (uint32_t number = terms->line_number; number <= referral->n_lines; number++)
        if (referrals_is_of_line(referral, terms->line_number, number) &&
            (referrals_line_can(referral, number, LINE_EVENT_PLACE) ||
             is_with(referral, number, terms, placement_id)))
            return true;
    return false;
}

/* The line is placed already: when that ends, it has this one. */
static void start_beside(const struct state *state, const Dw__Referral *referral,
                         const Dw__PlacementStarted *started, struct decision *decision)
{
    Dw__LineProposal wish = DW__LINE_PROPOSAL__INIT;
    wish.placement_id = started->placement_id;
    wish.reason = DW__WAITING_REASON__WAITING_REASON_AWAITING_START;
    wish.started = true;
    referrals_follow_beside(state, referral, started->terms, &wish, decision);
}

REFERRALS_REACT(started)
{
    (void)ctx;
    const Dw__PlacementStarted *started = (const Dw__PlacementStarted *)event->message;
    const Dw__Referral *referral = find_referral(state, started->terms);
    if (referral != NULL && is_awaited(referral, started->terms, &started->placement_id))
        referrals_propose_no_longer(state, referral, &started->placement_id, decision);
    else if (referral != NULL)
        start_beside(state, referral, started, decision);
    meet(state, started->terms, &started->placement_id,
         referrals_attended_parts(started->attended, started->n_attended), 0, true, decision);
    note(state, &started->placement_id, started->terms, false, decision);
}

REFERRALS_REACT(change_made)
{
    (void)ctx;
    const Dw__ChangeMade *made = (const Dw__ChangeMade *)event->message;
    meet(state, made->terms, &made->placement_id,
         referrals_attended_parts(made->attended, made->n_attended),
         referrals_attended_parts(made->never_had, made->n_never_had), false, decision);
}

/* The end comes with PlacementEnded; what was agreed for after it never will. */
REFERRALS_REACT(end_agreed)
{
    (void)ctx;
    const Dw__EndAgreed *agreed = (const Dw__EndAgreed *)event->message;
    const Dw__FellAway *fell_away = agreed->fell_away;
    if (fell_away != NULL)
        meet(state, agreed->terms, &agreed->placement_id,
             referrals_attended_parts(fell_away->attended, fell_away->n_attended),
             referrals_attended_parts(fell_away->never_had, fell_away->n_never_had), false,
             decision);
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

/* And is matching at once with another placement, when one is proposed for it. */
static void line_waits(const struct state *state, struct course *course, uint32_t number,
                       const ProtobufCBinaryData *placement_id, Dw__WaitingReason reason,
                       struct decision *decision)
{
    const Dw__Referral *referral = course->referral;
    Dw__ReferralStanding after = referrals_course_move(course, number, LINE_EVENT_WAIT);
    Dw__ReferralLineWaits waits = DW__REFERRAL_LINE_WAITS__INIT;
    REFERRALS_SAY(&waits, state, referral);
    waits.line_number = number;
    waits.placement_id = *placement_id;
    waits.reason = reason;
    waits.after = &after;
    decision_emit(decision, &waits.base);
    referrals_hand_on(state, course, number, referral->lines[number - 1], placement_id, decision);
}

/* Every line that is with the placement and in the state. */
static void lines_wait(const struct state *state, struct course *course,
                       const ProtobufCBinaryData *placement_id, const Dw__PlacementTerms *terms,
                       enum line_state from, Dw__WaitingReason reason, struct decision *decision)
{
    const Dw__Referral *referral = course->referral;
    for (uint32_t number = 1; number <= referral->n_lines; number++) {
        if (course->states[number - 1] != from || !is_with(referral, number, terms, placement_id) ||
            referrals_goes_on(referral->lines[number - 1], placement_id))
            continue;
        line_waits(state, course, number, placement_id, reason, decision);
    }
}

static void wait_again(const struct state *state, const ProtobufCBinaryData *placement_id,
                       const Dw__PlacementTerms *terms, Dw__WaitingReason reason,
                       struct decision *decision)
{
    const Dw__Referral *referral = find_referral(state, terms);
    if (referral == NULL)
        return;
    struct course course = referrals_course(referral);
    referrals_propose_no_longer(state, referral, placement_id, decision);
    lines_wait(state, &course, placement_id, terms, LINE_MATCHING, reason, decision);
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
        state, &declined->placement_id, declined->terms,
        REASON_OF(rows, declined->reason, DW__WAITING_REASON__WAITING_REASON_PROVIDER_DECLINED),
        decision);
    note(state, &declined->placement_id, declined->terms, true, decision);
}

REFERRALS_REACT(not_approved)
{
    (void)ctx;
    const Dw__PlacementRefused *refused = (const Dw__PlacementRefused *)event->message;
    wait_again(state, &refused->placement_id, refused->terms,
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
    wait_again(state, &lapsed->placement_id, lapsed->terms,
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
        state, &cancelled->placement_id, cancelled->terms,
        REASON_OF(rows, cancelled->reason, DW__WAITING_REASON__WAITING_REASON_NOT_LOOKED_YET),
        decision);
    note(state, &cancelled->placement_id, cancelled->terms, true, decision);
}

/* The line was closed when the support that met it ended, and by nobody. */
static bool has_ended(const Dw__Referral *referral, uint32_t number)
{
    const Dw__LineRecord *record = referral->lines[number - 1];
    return referrals_line_state(referral, number) == LINE_CLOSED &&
           record->why_case == DW__LINE_RECORD__WHY_CLOSE_REASON &&
           record->close_reason == DW__CLOSE_REASON__CLOSE_REASON_SUPPORT_ENDED;
}

static void say_moved(const struct state *state, struct course *course, uint32_t number,
                      const ProtobufCBinaryData *from_id, const ProtobufCBinaryData *to_id,
                      struct decision *decision)
{
    Dw__ReferralLineMoved line = DW__REFERRAL_LINE_MOVED__INIT;
    REFERRALS_SAY(&line, state, course->referral);
    line.line_number = number;
    line.placement_id = *to_id;
    line.former_placement_id = *from_id;
    Dw__ReferralStanding after = referrals_course_move(course, number, LINE_EVENT_FOLLOW);
    line.after = &after;
    decision_emit(decision, &line.base);
}

/* Lines go on with the placement of the other level, when that one answers the same line: the end of the first and the start of
 * the second, which follow, then mean nothing to them. */
REFERRALS_REACT(level_moved)
{
    (void)ctx;
    const Dw__LevelMoved *moved = (const Dw__LevelMoved *)event->message;
    const Dw__PlacementTerms *to = moved->to_terms;
    const Dw__Referral *referral = find_referral(state, moved->terms);
    if (to == NULL || referral == NULL ||
        !id_data_equal(&to->referral_id, &moved->terms->referral_id) ||
        to->line_number != moved->terms->line_number)
        return;
    struct course course = referrals_course(referral);
    referrals_put_back(state, &course, moved->terms->line_number, &moved->placement_id,
                       referrals_attended_parts(moved->attended, moved->n_attended),
                       referrals_attended_parts(moved->never_had, moved->n_never_had), decision);
    for (uint32_t number = 1; number <= referral->n_lines; number++) {
        if ((course.states[number - 1] != LINE_PLACED && !has_ended(referral, number)) ||
            !is_with(referral, number, moved->terms, &moved->placement_id))
            continue;
        say_moved(state, &course, number, &moved->placement_id, &moved->to_placement_id, decision);
    }
}

/* A line whose support ends is with the other that has started meanwhile, or matching with the one that is proposed. */
static void go_on_beside(const struct state *state, struct course *course,
                         const Dw__PlacementEnded *ended, struct decision *decision)
{
    const Dw__Referral *referral = course->referral;
    for (uint32_t number = 1; number <= referral->n_lines; number++) {
        const Dw__LineRecord *record = referral->lines[number - 1];
        const Dw__LineProposal *next = referrals_next_beside(record, &ended->placement_id);
        if (next == NULL || course->states[number - 1] != LINE_PLACED ||
            !is_with(referral, number, ended->terms, &ended->placement_id))
            continue;
        if (next->started)
            say_moved(state, course, number, &ended->placement_id, &next->placement_id, decision);
        else
            line_waits(state, course, number, &ended->placement_id,
                       DW__WAITING_REASON__WAITING_REASON_SUPPORT_ENDED, decision);
    }
}

/* Support that the provider ends is wanted still; any other end closes its lines. */
static void end_lines(const struct state *state, const Dw__PlacementEnded *ended,
                      struct decision *decision)
{
    const Dw__Referral *referral = find_referral(state, ended->terms);
    if (referral == NULL)
        return;
    struct course course = referrals_course(referral);
    const Dw__FellAway *fell_away = ended->fell_away;
    if (fell_away != NULL)
        referrals_put_back(state, &course, ended->terms->line_number, &ended->placement_id,
                           referrals_attended_parts(fell_away->attended, fell_away->n_attended),
                           referrals_attended_parts(fell_away->never_had, fell_away->n_never_had),
                           decision);
    if (ended->reason != DW__END_REASON__END_REASON_DIED)
        go_on_beside(state, &course, ended, decision);
    if (ended->reason == DW__END_REASON__END_REASON_PROVIDER_NOTICE ||
        ended->reason == DW__END_REASON__END_REASON_SERVICE_CLOSED) {
        lines_wait(state, &course, &ended->placement_id, ended->terms, LINE_PLACED,
                   DW__WAITING_REASON__WAITING_REASON_SUPPORT_ENDED, decision);
        return;
    }
    uint32_t numbers[REFERRAL_LINES_MAX];
    Dw__ReferralStanding after;
    Dw__ReferralClosed closed = DW__REFERRAL_CLOSED__INIT;
    for (uint32_t number = 1; number <= referral->n_lines; number++) {
        if (course.states[number - 1] != LINE_PLACED ||
            !is_with(referral, number, ended->terms, &ended->placement_id) ||
            (ended->reason != DW__END_REASON__END_REASON_DIED &&
             referrals_goes_on(referral->lines[number - 1], &ended->placement_id)))
            continue;
        after = referrals_course_move(&course, number, LINE_EVENT_CLOSE);
        numbers[closed.n_line_numbers++] = number;
    }
    if (closed.n_line_numbers == 0)
        return;
    REFERRALS_SAY(&closed, state, referral);
    closed.line_numbers = numbers;
    closed.reason = ended->reason == DW__END_REASON__END_REASON_DIED
                        ? DW__CLOSE_REASON__CLOSE_REASON_DIED
                        : DW__CLOSE_REASON__CLOSE_REASON_SUPPORT_ENDED;
    closed.after = &after;
    decision_emit(decision, &closed.base);
}

REFERRALS_REACT(ended)
{
    (void)ctx;
    const Dw__PlacementEnded *ended = (const Dw__PlacementEnded *)event->message;
    const Dw__Referral *referral = find_referral(state, ended->terms);
    if (referral != NULL)
        referrals_propose_no_longer(state, referral, &ended->placement_id, decision);
    end_lines(state, ended, decision);
    note(state, &ended->placement_id, ended->terms, true, decision);
}
