/* Submitting a referral: what the council's model asks before brokers see it, and its reference number. */
#include "services/referrals/state.h"

#include "common/calendar.h"
#include "common/text.h"

enum { REFERENCE_SIZE = 32 }; /* four letters, a year, six digits and to spare */

static bool has_outcomes(const Dw__Referral *referral, const struct picked *picked,
                         const Dw__CommissioningModel *model, struct decision *decision)
{
    for (size_t at = 0; at < picked->count; at++) {
        if (!referrals_lacks_outcomes(referral->lines[picked->numbers[at] - 1]->line, model))
            continue;
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_OUTCOMES_MISSING,
                        "Line %u names no outcome the person wants; agree at least one with "
                        "the person and create the referral with it.",
                        picked->numbers[at]);
        return false;
    }
    return true;
}

/* Others support some people; who sends them on is told to whom. */
static bool is_supported_here(const struct state *state, const Dw__Referral *referral,
                              const Dw__CommissioningModel *model, struct decision *decision)
{
    const Dw__SupportReason reason = referrals_facts(state, referral)->support_reason;
    for (size_t at = 0; model->rules != NULL && at < model->rules->n_excluded_reasons; at++) {
        const Dw__ExcludedReason *excluded = model->rules->excluded_reasons[at];
        if (excluded->reason != reason)
            continue;
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_OTHER_PROVISION,
                        "People with this primary support reason are supported elsewhere. Ask %s.",
                        excluded->instead);
        return false;
    }
    return true;
}

/* --- duplicates --------------------------------------------------------------------------------------------------- */

static bool share_a_session(const Dw__ReferralLine *one, const Dw__ReferralLine *two)
{
    for (size_t at = 0; at < one->n_sessions; at++)
        for (size_t other = 0; other < two->n_sessions; other++)
            if (one->sessions[at]->weekday == two->sessions[other]->weekday &&
                one->sessions[at]->part == two->sessions[other]->part)
                return true;
    return false;
}

/* A line of the other that waits or has support is for what this line is for. */
static bool wants_the_same(const Dw__Referral *other, const Dw__ReferralLine *line)
{
    for (uint32_t number = 1; number <= other->n_lines; number++) {
        const Dw__ReferralLine *wanted = other->lines[number - 1]->line;
        if (referrals_line_can(other, number, LINE_EVENT_CLOSE) && wanted->kind == line->kind &&
            share_a_session(wanted, line))
            return true;
    }
    return false;
}

const Dw__Referral *referrals_duplicate_of(const struct state *state, const Dw__Referral *referral,
                                           const Dw__ReferralLine *line,
                                           const Dw__ReferralLine *before)
{
    const Dw__Referral *live[PERSON_REFERRALS_MAX];
    const size_t count = referrals_live_of(state, &referral->person_id, live);
    for (size_t at = 0; at < count; at++)
        if (live[at] != referral && wants_the_same(live[at], line) &&
            (before == NULL || !wants_the_same(live[at], before)))
            return live[at];
    return NULL;
}

uint32_t referrals_twin_of(const Dw__Referral *referral, uint32_t number,
                           const Dw__ReferralLine *line)
{
    for (uint32_t other = 1; other <= referral->n_lines; other++) {
        const Dw__ReferralLine *wanted = referral->lines[other - 1]->line;
        const bool is_over = !referrals_line_can(referral, other, LINE_EVENT_CLOSE) &&
                             referrals_line_state(referral, other) != LINE_DRAFT;
        if (other != number && !is_over && wanted->kind == line->kind &&
            share_a_session(wanted, line))
            return other;
    }
    return 0;
}

void referrals_refuse_duplicate(const Dw__Referral *other, struct decision *decision)
{
    decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_DUPLICATE,
                    "Referral %s wants this kind of service for the same person at the same time; "
                    "amend that one, or let a broker say why this is another one.",
                    other->reference);
}

void referrals_refuse_twin(uint32_t number, uint32_t twin, struct decision *decision)
{
    decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_DUPLICATE,
                    "Line %u wants this kind of service at a time at which line %u does; amend or "
                    "withdraw one of them.",
                    number, twin);
}

/* A line that is in a referral twice is a slip, and no broker's word makes it another. */
static bool is_new(const struct state *state, const Dw__Referral *referral,
                   const struct picked *picked, const Dw__SubmitReferral *submit,
                   const struct context *ctx, struct decision *decision)
{
    const bool is_broker = ctx->principal->role == DW__ROLE__ROLE_BROKER ||
                           ctx->principal->role == DW__ROLE__ROLE_OPERATOR;
    for (size_t at = 0; at < picked->count; at++) {
        const uint32_t number = picked->numbers[at];
        const Dw__ReferralLine *line = referral->lines[number - 1]->line;
        const uint32_t twin = referrals_twin_of(referral, number, line);
        const Dw__Referral *other = submit->not_duplicate != NULL && is_broker
                                        ? NULL
                                        : referrals_duplicate_of(state, referral, line, NULL);
        if (twin != 0)
            referrals_refuse_twin(number, twin, decision);
        else if (other != NULL)
            referrals_refuse_duplicate(other, decision);
        if (decision_is_no(decision))
            return false;
    }
    return true;
}

/* --- submission --------------------------------------------------------------------------------------------------- */

REFERRALS_DECIDE(submit)
{
    const Dw__SubmitReferral *submit = (const Dw__SubmitReferral *)command;
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    const Dw__Referral *referral = referrals_find(state, &submit->referral_id, decision);
    if (referral == NULL)
        return;
    if (referral->state == DW__REFERRAL_STATE__REFERRAL_STATE_SUBMITTED) {
        decision_reference(decision, referral->reference);
        return; /* it is so already */
    }
    struct picked picked;
    if (!referrals_choose(referral, 0, LINE_EVENT_SUBMIT, decision, &picked) ||
        !is_supported_here(state, referral, model, decision) ||
        !has_outcomes(referral, &picked, model, decision) ||
        !is_new(state, referral, &picked, submit, ctx, decision))
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
    submitted.after = &picked.after;
    submitted.not_duplicate = submit->not_duplicate;
    decision_emit(decision, &submitted.base);
    decision_reference(decision, reference);
}
