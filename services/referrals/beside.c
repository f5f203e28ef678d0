/* Placements beside the one that a line is with: proposed for the same line, or going on for it. When the first comes to nothing, has only some
 * of the days or ends, the line goes on with one of them. See README.md. */
#include "services/referrals/state.h"

/* Where the placement stands among those that are proposed for the line beside the one it is with; NULL: nowhere. */
static const Dw__LineProposal *proposal_of(const Dw__LineRecord *record,
                                           const ProtobufCBinaryData *placement_id)
{
    for (size_t at = 0; at < record->n_others; at++)
        if (id_data_equal(&record->others[at]->placement_id, placement_id))
            return record->others[at];
    return NULL;
}

static void say_proposed(const struct state *state, const Dw__Referral *referral, uint32_t number,
                         const Dw__LineProposal *proposal, bool over, struct decision *decision)
{
    Dw__ReferralLineProposed proposed = DW__REFERRAL_LINE_PROPOSED__INIT;
    REFERRALS_SAY(&proposed, state, referral);
    proposed.line_number = number;
    proposed.placement_id = proposal->placement_id;
    proposed.reason = proposal->reason;
    proposed.over = over;
    proposed.started = proposal->started && !over;
    decision_emit(decision, &proposed.base);
}

void referrals_propose_no_longer(const struct state *state, const Dw__Referral *referral,
                                 const ProtobufCBinaryData *placement_id, struct decision *decision)
{
    for (uint32_t number = 1; number <= referral->n_lines; number++) {
        const Dw__LineProposal *proposal = proposal_of(referral->lines[number - 1], placement_id);
        if (proposal != NULL && referrals_line_can(referral, number, LINE_EVENT_PROPOSE))
            say_proposed(state, referral, number, proposal, true, decision);
    }
}

/* A line that is with another placement keeps this one in mind, so that it goes on with it when that one comes to nothing or ends. */
void referrals_follow_beside(const struct state *state, const Dw__Referral *referral,
                             const Dw__PlacementTerms *terms, const Dw__LineProposal *wish,
                             struct decision *decision)
{
    uint32_t best = 0;
    bool is_matching = false;
    for (uint32_t number = (uint32_t)referral->n_lines; number >= terms->line_number; number--) {
        const Dw__LineRecord *record = referral->lines[number - 1];
        if (!referrals_is_of_line(referral, terms->line_number, number) ||
            !referrals_line_can(referral, number, LINE_EVENT_PROPOSE))
            continue;
        const Dw__LineProposal *known = proposal_of(record, &wish->placement_id);
        if (known != NULL && known->reason == wish->reason && known->started == wish->started)
            return;
        if (known != NULL) {
            best = number;
            break;
        }
        const bool matches = referrals_line_state(referral, number) == LINE_MATCHING;
        if (record->n_others == LINE_OTHERS_MAX || (is_matching && !matches))
            continue;
        best = number;
        is_matching = matches; /* what is looked for still before what is had */
    }
    if (best > 0)
        say_proposed(state, referral, best, wish, false, decision);
}

/* Of several that are beside it the first that has started, else that is proposed; NULL: none. */
const Dw__LineProposal *referrals_next_beside(const Dw__LineRecord *record,
                                              const ProtobufCBinaryData *placement_id)
{
    const Dw__LineProposal *next = NULL;
    for (size_t at = 0; at < record->n_others; at++) {
        const Dw__LineProposal *other = record->others[at];
        if (!id_data_equal(&other->placement_id, placement_id) &&
            (next == NULL || (other->started && !next->started)))
            next = other;
    }
    return next;
}

/* The line goes on with it. */
bool referrals_goes_on(const Dw__LineRecord *record, const ProtobufCBinaryData *placement_id)
{
    const Dw__LineProposal *next = referrals_next_beside(record, placement_id);
    return next != NULL && next->started;
}
