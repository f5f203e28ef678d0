/* Decisions about a referral that exists, and what the start of a placement means for it. */
#include "services/referrals/state.h"

#include "common/calendar.h"
#include "common/text.h"

#include <string.h>

#include "model.pb-c.h"
#include "placements.pb-c.h"

enum { REFERENCE_SIZE = 32 }; /* four letters, a year, six digits and to spare */

/* The referral a command is about, or NULL when it was answered with a no. */
static const Dw__Referral *find(const struct state *state, const ProtobufCBinaryData *referral_id,
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

static bool can(const Dw__Referral *referral, enum referral_event event)
{
    return referral_next((enum referral_state)referral->state, event) != REFERRAL_UNSPECIFIED;
}

static bool may(const Dw__Referral *referral, enum referral_event event, struct decision *decision)
{
    if (can(referral, event))
        return true;
    decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_WRONG_STATE,
                    "The referral %s.", referral_state_words((enum referral_state)referral->state));
    return false;
}

static bool has_outcomes(const Dw__Referral *referral, const Dw__CommissioningModel *model,
                         struct decision *decision)
{
    if (model->rules == NULL || !model->rules->outcomes_before_submission)
        return true;
    for (size_t at = 0; at < referral->n_lines; at++)
        if (referral->lines[at]->line->n_outcomes == 0) {
            decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_OUTCOMES_MISSING,
                            "Line %zu names no outcome the person wants; agree at least one with "
                            "the person and create the referral with it.",
                            at + 1);
            return false;
        }
    return true;
}

REFERRALS_DECIDE(submit)
{
    const Dw__SubmitReferral *submit = (const Dw__SubmitReferral *)command;
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    const Dw__Referral *referral = find(state, &submit->referral_id, decision);
    if (referral == NULL)
        return;
    if (referral->state == DW__REFERRAL_STATE__REFERRAL_STATE_SUBMITTED) {
        decision_reference(decision, referral->reference);
        return;
    }
    if (!may(referral, REFERRAL_EVENT_SUBMIT, decision) || !has_outcomes(referral, model, decision))
        return;
    Dw__ReferralLine *lines[REFERRAL_LINES_MAX];
    for (size_t at = 0; at < referral->n_lines; at++)
        lines[at] = referral->lines[at]->line;
    const uint32_t year = (uint32_t)calendar_financial_year(ctx->today);
    const uint32_t number = referrals_last_number(state, year) + 1;
    char reference[REFERENCE_SIZE];
    (void)text_format(reference, sizeof reference, "%s-%u-%06u", model->reference_prefix, year,
                      number);
    Dw__ReferralSubmitted submitted = DW__REFERRAL_SUBMITTED__INIT;
    submitted.referral_id = referral->referral_id;
    submitted.person_id = referral->person_id;
    submitted.facts = referrals_facts(state, referral);
    submitted.urgency = referral->urgency;
    submitted.n_lines = referral->n_lines;
    submitted.lines = lines;
    submitted.reference = reference;
    submitted.reference_year = year;
    submitted.reference_number = number;
    decision_emit(decision, &submitted.base);
    decision_reference(decision, reference);
}

REFERRALS_DECIDE(accept)
{
    (void)ctx;
    const Dw__AcceptReferral *accept = (const Dw__AcceptReferral *)command;
    const Dw__Referral *referral = find(state, &accept->referral_id, decision);
    if (referral == NULL || referral->state == DW__REFERRAL_STATE__REFERRAL_STATE_ACCEPTED)
        return;
    if (!may(referral, REFERRAL_EVENT_ACCEPT, decision))
        return;
    Dw__ReferralAccepted accepted = DW__REFERRAL_ACCEPTED__INIT;
    accepted.referral_id = referral->referral_id;
    accepted.person_id = referral->person_id;
    accepted.facts = referrals_facts(state, referral);
    accepted.submitted_ms = referral->submitted_ms;
    decision_emit(decision, &accepted.base);
}

REFERRALS_DECIDE(assign)
{
    enum { ASSIGNEE_MAX = 64 }; /* bytes of a key's name */
    (void)ctx;
    const Dw__AssignReferral *assign = (const Dw__AssignReferral *)command;
    const Dw__Referral *referral = find(state, &assign->referral_id, decision);
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
        !may(referral, REFERRAL_EVENT_ASSIGN, decision))
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

REFERRALS_DECIDE(withdraw)
{
    (void)ctx;
    const Dw__WithdrawReferral *withdraw = (const Dw__WithdrawReferral *)command;
    const Dw__Referral *referral = find(state, &withdraw->referral_id, decision);
    if (referral == NULL)
        return;
    if (referral->state == DW__REFERRAL_STATE__REFERRAL_STATE_WITHDRAWN &&
        referral->withdraw_reason == withdraw->reason)
        return;
    if (!may(referral, REFERRAL_EVENT_WITHDRAW, decision))
        return;
    Dw__ReferralWithdrawn withdrawn = DW__REFERRAL_WITHDRAWN__INIT;
    withdrawn.referral_id = referral->referral_id;
    withdrawn.person_id = referral->person_id;
    withdrawn.facts = referrals_facts(state, referral);
    withdrawn.reason = withdraw->reason;
    withdrawn.submitted_ms = referral->submitted_ms;
    decision_emit(decision, &withdrawn.base);
}

REFERRALS_DECIDE(close)
{
    (void)ctx;
    const Dw__CloseReferral *close = (const Dw__CloseReferral *)command;
    const Dw__Referral *referral = find(state, &close->referral_id, decision);
    if (referral == NULL)
        return;
    if (referral->state == DW__REFERRAL_STATE__REFERRAL_STATE_CLOSED &&
        referral->close_reason == close->reason)
        return;
    if (!may(referral, REFERRAL_EVENT_CLOSE, decision))
        return;
    Dw__ReferralClosed closed = DW__REFERRAL_CLOSED__INIT;
    closed.referral_id = referral->referral_id;
    closed.person_id = referral->person_id;
    closed.facts = referrals_facts(state, referral);
    closed.reason = close->reason;
    closed.submitted_ms = referral->submitted_ms;
    decision_emit(decision, &closed.base);
}

static bool waits(const Dw__Referral *referral, uint32_t line_number)
{
    return line_number >= 1 && line_number <= referral->n_lines &&
           referral->lines[line_number - 1]->placement_id.len == 0;
}

static bool is_last(const Dw__Referral *referral, uint32_t line_number)
{
    for (uint32_t other = 1; other <= referral->n_lines; other++)
        if (other != line_number && waits(referral, other))
            return false;
    return true;
}

static bool is_about(const Dw__Referral *referral, const Dw__PlacementTerms *terms)
{
    struct id own_id = {0};
    struct id placed_id = {0};
    (void)id_from_data(&referral->person_id, &own_id);
    (void)id_from_data(&terms->person_id, &placed_id);
    return id_equal(&own_id, &placed_id);
}

/* A placement that answers no line, or a line that waits no longer, changes nothing. Nor does a placement of another person
 * that names this referral by mistake: the line goes on waiting, and the slip stands in the placement's own terms. */
void referrals_react_started(const struct state *state, const struct foreign_event *event,
                             const struct context *ctx, struct decision *decision)
{
    (void)ctx;
    const Dw__PlacementStarted *started = (const Dw__PlacementStarted *)event->message;
    const Dw__PlacementTerms *terms = started->terms;
    const Dw__Referral *referral = terms == NULL ? NULL : referrals_get(state, &terms->referral_id);
    if (referral == NULL || !is_about(referral, terms) || !waits(referral, terms->line_number) ||
        !can(referral, REFERRAL_EVENT_PLACE_LINE))
        return;
    Dw__ReferralLinePlaced line = DW__REFERRAL_LINE_PLACED__INIT;
    line.referral_id = referral->referral_id;
    line.person_id = referral->person_id;
    line.facts = referrals_facts(state, referral);
    line.line_number = terms->line_number;
    line.placement_id = started->placement_id;
    line.submitted_ms = referral->submitted_ms;
    decision_emit(decision, &line.base);
    if (!is_last(referral, terms->line_number))
        return;
    Dw__ReferralPlaced placed = DW__REFERRAL_PLACED__INIT;
    placed.referral_id = referral->referral_id;
    placed.person_id = referral->person_id;
    placed.facts = referrals_facts(state, referral);
    placed.submitted_ms = referral->submitted_ms;
    decision_emit(decision, &placed.base);
}
