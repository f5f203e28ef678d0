/* Submitting a referral: what the council's model asks before brokers see it, and its reference number. */
#include "services/referrals/state.h"

#include "common/calendar.h"
#include "common/text.h"

#include "model.pb-c.h"

enum { REFERENCE_SIZE = 32 }; /* four letters, a year, six digits and to spare */

static bool has_outcomes(const Dw__Referral *referral, const struct picked *picked,
                         const Dw__CommissioningModel *model, struct decision *decision)
{
    if (model->rules == NULL || !model->rules->outcomes_before_submission)
        return true;
    for (size_t at = 0; at < picked->count; at++)
        if (referral->lines[picked->numbers[at] - 1]->line->n_outcomes == 0) {
            decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_OUTCOMES_MISSING,
                            "Line %u names no outcome the person wants; agree at least one with "
                            "the person and create the referral with it.",
                            picked->numbers[at]);
            return false;
        }
    return true;
}

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
        !has_outcomes(referral, &picked, model, decision))
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
    decision_emit(decision, &submitted.base);
    decision_reference(decision, reference);
}
