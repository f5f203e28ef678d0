/* Decisions about a referral that exists, or about one of its lines. */
#include "services/referrals/state.h"

#include "common/calendar.h"

#include <string.h>

const Dw__Referral *referrals_find(const struct state *state,
                                   const ProtobufCBinaryData *referral_id,
                                   struct decision *decision)
{
    struct id id;
    if (!id_from_data(referral_id, &id)) {
        decision_invalid(decision, "referral_id", "it must be said, and it is not");
        return NULL;
    }
    const Dw__Referral *referral = referrals_get(state, referral_id);
    if (referral == NULL)
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_REFERRAL_UNKNOWN,
                        "There is no referral with this id; create it first.");
    return referral;
}

/* Ends the sentence "The referral …", saying what is possible now. */
static const char *words_of(Dw__ReferralState state)
{
    static const char *const words[] = {
#define WORDS(name, text) [DW__REFERRAL_STATE__REFERRAL_STATE_##name] = text
        WORDS(UNSPECIFIED, "does not exist"),
        WORDS(DRAFT, "is a draft and can be submitted or withdrawn"),
        WORDS(SUBMITTED, "is submitted and can be accepted, refused, closed or withdrawn"),
        WORDS(ACCEPTED, "waits for places; it can be put on hold, refused, closed or withdrawn"),
        WORDS(PARTLY_PLACED, "is placed in part; its other lines can be closed or withdrawn"),
        WORDS(PLACED, "is placed and can only be closed"),
        WORDS(CLOSED, "is closed; refer anew for what is wanted"),
        WORDS(WITHDRAWN, "was withdrawn; refer anew for what is wanted"),
        WORDS(MATCHING, "has a placement proposed; it can be closed or withdrawn"),
        WORDS(ON_HOLD, "is on hold; it can be resumed, refused, closed or withdrawn"),
        WORDS(NOT_ELIGIBLE, "was refused; refer anew when things have changed"),
#undef WORDS
    };
    return words[state];
}

bool referrals_choose(const Dw__Referral *referral, uint32_t number, enum line_event event,
                      struct decision *decision, struct picked *ret_picked)
{
    if (number > referral->n_lines) {
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_LINE_UNKNOWN,
                        "The referral has no line %u; name one of 1 to %zu, or 0 for all.", number,
                        referral->n_lines);
        return false;
    }
    if (referrals_pick(referral, number, event, ret_picked))
        return true;
    if (number == 0)
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_WRONG_STATE,
                        "The referral %s.", words_of(referral->state));
    else
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_WRONG_STATE,
                        "Line %u %s.", number,
                        line_state_words(referrals_line_state(referral, number)));
    return false;
}

/* Why the line is over, as a number of the reasons that belong to its state; 0: there is none. */
static int why_over(const Dw__LineRecord *line)
{
    switch (line->why_case) {
    case DW__LINE_RECORD__WHY_WITHDRAW_REASON:
        return (int)line->withdraw_reason;
    case DW__LINE_RECORD__WHY_CLOSE_REASON:
        return (int)line->close_reason;
    case DW__LINE_RECORD__WHY_REFUSE_REASON:
        return (int)line->refuse_reason;
    case DW__LINE_RECORD__WHY__NOT_SET:
    case _DW__LINE_RECORD__WHY__CASE_IS_INT_SIZE:
        break;
    }
    return 0;
}

/* What is asked for is so already: saying a step again changes nothing. It is when the event can happen to none of the lines,
 * and those of them that are in its state are there for this reason. */
static bool is_so(const Dw__Referral *referral, uint32_t number, enum line_event event,
                  enum line_state state, int why)
{
    bool any = false;
    for (uint32_t each = 1; each <= referral->n_lines; each++) {
        if (number != 0 && number != each)
            continue;
        if (referrals_line_can(referral, each, event))
            return false;
        if (referrals_line_state(referral, each) != state)
            continue;
        if (why_over(referral->lines[each - 1]) != why)
            return false;
        any = true;
    }
    return any;
}

/* What every event about lines says. */
#define SAY_LINES(event, state, referral, picked)                                                  \
    do {                                                                                           \
        (event)->referral_id = (referral)->referral_id;                                            \
        (event)->person_id = (referral)->person_id;                                                \
        (event)->facts = referrals_facts(state, referral);                                         \
        (event)->submitted_ms = (referral)->submitted_ms;                                          \
        (event)->n_line_numbers = (picked)->count;                                                 \
        (event)->line_numbers = (picked)->numbers;                                                 \
        (event)->after = &(picked)->after;                                                         \
    } while (0)

REFERRALS_DECIDE(accept)
{
    (void)ctx;
    const Dw__AcceptReferral *accept = (const Dw__AcceptReferral *)command;
    const Dw__Referral *referral = referrals_find(state, &accept->referral_id, decision);
    const uint32_t number = accept->line_number;
    struct picked picked;
    if (referral == NULL || is_so(referral, number, LINE_EVENT_ACCEPT, LINE_ACCEPTED, 0) ||
        !referrals_choose(referral, number, LINE_EVENT_ACCEPT, decision, &picked))
        return;
    Dw__ReferralAccepted accepted = DW__REFERRAL_ACCEPTED__INIT;
    SAY_LINES(&accepted, state, referral, &picked);
    decision_emit(decision, &accepted.base);
}

REFERRALS_DECIDE(assign)
{
    enum { ASSIGNEE_MAX = 64 }; /* bytes of a key's name */
    (void)ctx;
    struct picked picked;
    const Dw__AssignReferral *assign = (const Dw__AssignReferral *)command;
    const Dw__Referral *referral = referrals_find(state, &assign->referral_id, decision);
    if (referral == NULL)
        return;
    if (strlen(assign->assignee) > ASSIGNEE_MAX ||
        strspn(assign->assignee,
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.@") !=
            strlen(assign->assignee)) {
        decision_invalid(decision, "assignee",
                         "the name of a key has at most 64 letters, digits and -_.@");
        return;
    }
    if (strcmp(referrals_assignee(referral), assign->assignee) == 0 ||
        !referrals_choose(referral, 0, LINE_EVENT_ASSIGN, decision, &picked))
        return;
    if (referral->n_assignments >= REFERRAL_ASSIGNMENTS_MAX) {
        decision_invalid(decision, "assignee", "a referral is handed on at most %d times",
                         REFERRAL_ASSIGNMENTS_MAX);
        return;
    }
    Dw__ReferralAssigned assigned = DW__REFERRAL_ASSIGNED__INIT;
    assigned.referral_id = referral->referral_id;
    assigned.person_id = referral->person_id;
    assigned.facts = referrals_facts(state, referral);
    assigned.assignee = assign->assignee;
    decision_emit(decision, &assigned.base);
}

/* A placement that is proposed for the line and has not started, or NULL. */
static const ProtobufCBinaryData *proposed_for(const Dw__Referral *referral, uint32_t number)
{
    const Dw__LineRecord *record = referral->lines[number - 1];
    if (referrals_line_state(referral, number) == LINE_MATCHING)
        return &record->placement_id;
    for (size_t at = 0; at < record->n_others; at++)
        if (!record->others[at]->started)
            return &record->others[at]->placement_id;
    return NULL;
}

/* Nothing is taken off the list behind the back of a broker, an approver or a provider who has a placement before them: that is
 * cancelled first, and the line then waits. A death ends both by itself. */
static bool has_no_proposal(const Dw__Referral *referral, const struct picked *picked,
                            struct decision *decision)
{
    for (size_t at = 0; at < picked->count; at++) {
        const uint32_t number = picked->numbers[at];
        const ProtobufCBinaryData *proposed = proposed_for(referral, number);
        struct id placement_id;
        char text[ID_TEXT_SIZE];
        if (proposed == NULL)
            continue;
        placement_id = id_or_zero(proposed);
        id_to_text(&placement_id, text);
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_PLACEMENT_PROPOSED,
                        "For line %u placement %s is proposed; cancel that first.", number, text);
        return false;
    }
    return true;
}

REFERRALS_DECIDE(withdraw)
{
    (void)ctx;
    const Dw__WithdrawReferral *withdraw = (const Dw__WithdrawReferral *)command;
    const Dw__Referral *referral = referrals_find(state, &withdraw->referral_id, decision);
    const uint32_t number = withdraw->line_number;
    struct picked picked;
    if (referral == NULL ||
        is_so(referral, number, LINE_EVENT_WITHDRAW, LINE_WITHDRAWN, (int)withdraw->reason) ||
        !referrals_choose(referral, number, LINE_EVENT_WITHDRAW, decision, &picked) ||
        !has_no_proposal(referral, &picked, decision))
        return;
    Dw__ReferralWithdrawn withdrawn = DW__REFERRAL_WITHDRAWN__INIT;
    SAY_LINES(&withdrawn, state, referral, &picked);
    withdrawn.reason = withdraw->reason;
    decision_emit(decision, &withdrawn.base);
}

REFERRALS_DECIDE(close)
{
    (void)ctx;
    const Dw__CloseReferral *close = (const Dw__CloseReferral *)command;
    const Dw__Referral *referral = referrals_find(state, &close->referral_id, decision);
    const uint32_t number = close->line_number;
    struct picked picked;
    if (referral == NULL ||
        is_so(referral, number, LINE_EVENT_CLOSE, LINE_CLOSED, (int)close->reason) ||
        !referrals_choose(referral, number, LINE_EVENT_CLOSE, decision, &picked) ||
        !has_no_proposal(referral, &picked, decision))
        return;
    Dw__ReferralClosed closed = DW__REFERRAL_CLOSED__INIT;
    SAY_LINES(&closed, state, referral, &picked);
    closed.reason = close->reason;
    decision_emit(decision, &closed.base);
}

REFERRALS_DECIDE(refuse)
{
    (void)ctx;
    const Dw__RefuseReferral *refuse = (const Dw__RefuseReferral *)command;
    const Dw__Referral *referral = referrals_find(state, &refuse->referral_id, decision);
    const uint32_t number = refuse->line_number;
    struct picked picked;
    if (referral == NULL ||
        is_so(referral, number, LINE_EVENT_REFUSE, LINE_NOT_ELIGIBLE, (int)refuse->reason) ||
        !referrals_choose(referral, number, LINE_EVENT_REFUSE, decision, &picked))
        return;
    Dw__ReferralRefused refused = DW__REFERRAL_REFUSED__INIT;
    SAY_LINES(&refused, state, referral, &picked);
    refused.reason = refuse->reason;
    decision_emit(decision, &refused.base);
}

/* So already: for this reason and until then. */
static bool is_held_so(const Dw__Referral *referral, const Dw__PutOnHold *hold)
{
    if (!is_so(referral, hold->line_number, LINE_EVENT_HOLD, LINE_ON_HOLD, 0))
        return false;
    for (uint32_t each = 1; each <= referral->n_lines; each++) {
        const Dw__LineWait *wait = referral->lines[each - 1]->wait;
        if ((hold->line_number == 0 || hold->line_number == each) && wait != NULL &&
            wait->hold != NULL &&
            (wait->hold->reason != hold->reason || wait->hold->review->days != hold->review->days))
            return false;
    }
    return true;
}

REFERRALS_DECIDE(put_on_hold)
{
    enum { REVIEW_DAYS_MAX = 366 }; /* what nobody looks at for a year is no referral any more */
    const Dw__PutOnHold *hold = (const Dw__PutOnHold *)command;
    const Dw__Referral *referral = referrals_find(state, &hold->referral_id, decision);
    const uint32_t number = hold->line_number;
    struct picked picked;
    if (referral == NULL)
        return;
    if (hold->review == NULL || hold->review->days <= ctx->today ||
        hold->review->days > ctx->today + REVIEW_DAYS_MAX) {
        decision_invalid(decision, "review", "it lies after today and at most a year ahead");
        return;
    }
    if (is_held_so(referral, hold) ||
        !referrals_choose(referral, number, LINE_EVENT_HOLD, decision, &picked))
        return;
    Dw__ReferralPutOnHold put = DW__REFERRAL_PUT_ON_HOLD__INIT;
    SAY_LINES(&put, state, referral, &picked);
    put.reason = hold->reason;
    put.review = hold->review;
    decision_emit(decision, &put.base);
}

REFERRALS_DECIDE(resume)
{
    (void)ctx;
    const Dw__ResumeReferral *resume = (const Dw__ResumeReferral *)command;
    const Dw__Referral *referral = referrals_find(state, &resume->referral_id, decision);
    const uint32_t number = resume->line_number;
    struct picked picked;
    if (referral == NULL || is_so(referral, number, LINE_EVENT_RESUME, LINE_ACCEPTED, 0) ||
        !referrals_choose(referral, number, LINE_EVENT_RESUME, decision, &picked))
        return;
    Dw__ReferralResumed resumed = DW__REFERRAL_RESUMED__INIT;
    SAY_LINES(&resumed, state, referral, &picked);
    decision_emit(decision, &resumed.base);
}

/* Reasons that a broker finds out, and not this service from what happens. */
static bool is_a_brokers(Dw__WaitingReason reason)
{
    static const Dw__WaitingReason reasons[] = {
        DW__WAITING_REASON__WAITING_REASON_NOT_LOOKED_YET,
        DW__WAITING_REASON__WAITING_REASON_NO_PLACE_ON_DAYS,
        DW__WAITING_REASON__WAITING_REASON_TOO_FAR,
        DW__WAITING_REASON__WAITING_REASON_NEED_NOT_MET,
        DW__WAITING_REASON__WAITING_REASON_PERSON_CHOICE,
        DW__WAITING_REASON__WAITING_REASON_NO_TRANSPORT,
        DW__WAITING_REASON__WAITING_REASON_NO_CONTRACT,
        DW__WAITING_REASON__WAITING_REASON_PERSON_ELSEWHERE,
        DW__WAITING_REASON__WAITING_REASON_TOO_EXPENSIVE,
    };
    for (size_t at = 0; at < sizeof reasons / sizeof reasons[0]; at++)
        if (reasons[at] == reason)
            return true;
    return false;
}

/* Of lines for which nothing is proposed and that wait for another reason; what placements tell is not overruled. */
static void keep_unexplained(const Dw__Referral *referral, Dw__WaitingReason reason,
                             struct picked *picked)
{
    size_t count = 0;
    for (size_t at = 0; at < picked->count; at++) {
        const uint32_t number = picked->numbers[at];
        const Dw__LineWait *wait = referral->lines[number - 1]->wait;
        if (referrals_line_state(referral, number) != LINE_MATCHING &&
            (wait == NULL || wait->reason != reason))
            picked->numbers[count++] = number;
    }
    picked->count = count;
}

REFERRALS_DECIDE(set_waiting_reason)
{
    (void)ctx;
    const Dw__SetWaitingReason *set = (const Dw__SetWaitingReason *)command;
    const Dw__Referral *referral = referrals_find(state, &set->referral_id, decision);
    struct picked picked;
    if (referral == NULL)
        return;
    if (!is_a_brokers(set->reason)) {
        decision_invalid(decision, "reason", "this reason comes of what happens, and is not set");
        return;
    }
    if (!referrals_choose(referral, set->line_number, LINE_EVENT_EXPLAIN, decision, &picked))
        return;
    if (referrals_line_state(referral, set->line_number) == LINE_MATCHING) {
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_WRONG_STATE,
                        "Line %u %s; why it waits is told by the placement.", set->line_number,
                        line_state_words(LINE_MATCHING));
        return;
    }
    keep_unexplained(referral, set->reason, &picked);
    if (picked.count == 0)
        return;
    Dw__WaitingReasonSet told = DW__WAITING_REASON_SET__INIT;
    told.referral_id = referral->referral_id;
    told.person_id = referral->person_id;
    told.facts = referrals_facts(state, referral);
    told.n_line_numbers = picked.count;
    told.line_numbers = picked.numbers;
    told.reason = set->reason;
    told.submitted_ms = referral->submitted_ms;
    decision_emit(decision, &told.base);
}
