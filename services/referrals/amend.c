/* Amending a referral: what is wanted may change until support starts, and what it was before is kept. */
#include "services/referrals/state.h"

#include <string.h>

/* What an amendment would change. */
struct amendment {
    const Dw__Referral *referral;
    const Dw__AmendReferral *amend;
    Dw__AmendedField fields[13];
    size_t count;
};

static void add_field(struct amendment *amendment, bool changed, Dw__AmendedField field)
{
    if (changed)
        amendment->fields[amendment->count++] = field;
}

static bool same_sessions(const Dw__ReferralLine *one, const Dw__ReferralLine *two)
{
    if (one->n_sessions != two->n_sessions)
        return false;
    for (size_t at = 0; at < one->n_sessions; at++)
        if (one->sessions[at]->weekday != two->sessions[at]->weekday ||
            one->sessions[at]->part != two->sessions[at]->part)
            return false;
    return true;
}

static bool same_needs(const Dw__ReferralLine *one, const Dw__ReferralLine *two)
{
    if (one->n_needs != two->n_needs)
        return false;
    for (size_t at = 0; at < one->n_needs; at++)
        if (one->needs[at] != two->needs[at])
            return false;
    return true;
}

static bool same_outcomes(const Dw__ReferralLine *one, const Dw__ReferralLine *two)
{
    if (one->n_outcomes != two->n_outcomes)
        return false;
    for (size_t at = 0; at < one->n_outcomes; at++)
        if (one->outcomes[at] != two->outcomes[at])
            return false;
    return true;
}

static bool same_access(const Dw__ReferralLine *one, const Dw__ReferralLine *two)
{
    return one->n_access == two->n_access &&
           (one->n_access == 0 ||
            memcmp(one->access, two->access, one->n_access * sizeof one->access[0]) == 0);
}

static bool same_modes(const Dw__ReferralLine *one, const Dw__ReferralLine *two)
{
    return one->n_modes == two->n_modes &&
           (one->n_modes == 0 ||
            memcmp(one->modes, two->modes, one->n_modes * sizeof one->modes[0]) == 0);
}

/* Notes are in the vault, where a decision does not look: named, they are taken to be others. */
static void find_fields(struct amendment *amendment)
{
    const Dw__AmendReferral *amend = amendment->amend;
    const Dw__Referral *referral = amendment->referral;
    if (amend->urgency != NULL)
        add_field(amendment, amend->urgency->urgency != referral->urgency,
                  DW__AMENDED_FIELD__AMENDED_FIELD_URGENCY);
    if (amend->notes != NULL)
        add_field(amendment, amend->notes->notes[0] != '\0' || referral->notes_id.len > 0,
                  DW__AMENDED_FIELD__AMENDED_FIELD_NOTES);
    if (amend->line == NULL)
        return;
    const Dw__ReferralLine *before = referral->lines[amend->line_number - 1]->line;
    const Dw__ReferralLine *now = amend->line;
    add_field(amendment, now->level != before->level, DW__AMENDED_FIELD__AMENDED_FIELD_LEVEL);
    add_field(amendment, !same_sessions(before, now), DW__AMENDED_FIELD__AMENDED_FIELD_SESSIONS);
    add_field(amendment, now->from->days != before->from->days,
              DW__AMENDED_FIELD__AMENDED_FIELD_FROM);
    add_field(amendment, !same_needs(before, now), DW__AMENDED_FIELD__AMENDED_FIELD_NEEDS);
    add_field(amendment, now->funding != before->funding, DW__AMENDED_FIELD__AMENDED_FIELD_FUNDING);
    add_field(amendment, !same_outcomes(before, now), DW__AMENDED_FIELD__AMENDED_FIELD_OUTCOMES);
    add_field(amendment, now->weeks != before->weeks, DW__AMENDED_FIELD__AMENDED_FIELD_WEEKS);
    add_field(amendment, !same_access(before, now), DW__AMENDED_FIELD__AMENDED_FIELD_ACCESS);
    add_field(amendment, !same_modes(before, now), DW__AMENDED_FIELD__AMENDED_FIELD_MODES);
    add_field(amendment, now->transport != before->transport,
              DW__AMENDED_FIELD__AMENDED_FIELD_TRANSPORT);
    add_field(amendment,
              now->culturally_specific != before->culturally_specific ||
                  strcmp(now->language, before->language) != 0,
              DW__AMENDED_FIELD__AMENDED_FIELD_LANGUAGE_AND_CULTURE);
}

static bool has(const struct amendment *amendment, Dw__AmendedField first, Dw__AmendedField last)
{
    for (size_t at = 0; at < amendment->count; at++)
        if (amendment->fields[at] >= first && amendment->fields[at] <= last)
            return true;
    return false;
}

static bool line_changed(const struct amendment *amendment)
{
    return has(amendment, DW__AMENDED_FIELD__AMENDED_FIELD_LEVEL,
               DW__AMENDED_FIELD__AMENDED_FIELD_LANGUAGE_AND_CULTURE);
}

/* --- what may not be ---------------------------------------------------------------------------------------------- */

static void check_form(const Dw__AmendReferral *amend, struct decision *decision)
{
    if ((amend->line != NULL) != (amend->line_number > 0))
        decision_invalid(decision, "line_number", "a line and its number are named together");
    if (amend->line == NULL && amend->urgency == NULL && amend->notes == NULL)
        decision_invalid(decision, "line", "nothing is named that would change");
    if (amend->line != NULL)
        referrals_check_line(amend->line, "line", decision);
}

/* A line that is known to brokers does not become what another is; what it was allowed to be at its submission it may stay. */
static void check_duplicate(const struct state *state, const Dw__Referral *referral,
                            const Dw__AmendReferral *amend, struct decision *decision)
{
    const uint32_t number = amend->line_number;
    const Dw__ReferralLine *before = referral->lines[number - 1]->line;
    if (decision_is_no(decision) || referrals_line_state(referral, number) == LINE_DRAFT)
        return;
    const uint32_t twin = referrals_twin_of(referral, number, amend->line);
    const Dw__Referral *other = referrals_duplicate_of(state, referral, amend->line, before);
    if (twin != 0 && twin != referrals_twin_of(referral, number, before))
        referrals_refuse_twin(number, twin, decision);
    else if (other != NULL)
        referrals_refuse_duplicate(other, decision);
}

static void check_line(const struct state *state, const Dw__Referral *referral,
                       const Dw__AmendReferral *amend, const struct context *ctx,
                       struct decision *decision)
{
    const uint32_t number = amend->line_number;
    if (amend->line->kind != referral->lines[number - 1]->line->kind)
        decision_invalid(decision, "line.kind", "a line's kind stays; withdraw it and refer anew");
    referrals_check_rules(amend->line, number, referrals_person(state, &referral->person_id), ctx,
                          decision);
    if (referrals_line_state(referral, number) != LINE_DRAFT &&
        referrals_lacks_outcomes(amend->line, (const Dw__CommissioningModel *)ctx->model))
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_OUTCOMES_MISSING,
                        "Line %u would name no outcome the person wants; name at least one.",
                        number);
    check_duplicate(state, referral, amend, decision);
}

/* --- the amendment ------------------------------------------------------------------------------------------------ */

/* Old and new values go where they can be erased. */
static void keep_values(const struct amendment *amendment, const struct id *values_id,
                        const struct id *notes_id, struct decision *decision)
{
    const Dw__Referral *referral = amendment->referral;
    const Dw__AmendReferral *amend = amendment->amend;
    Dw__AmendmentValues values = DW__AMENDMENT_VALUES__INIT;
    Dw__UrgencyWanted urgency_before = DW__URGENCY_WANTED__INIT;
    urgency_before.urgency = referral->urgency;
    if (has(amendment, DW__AMENDED_FIELD__AMENDED_FIELD_URGENCY,
            DW__AMENDED_FIELD__AMENDED_FIELD_URGENCY)) {
        values.urgency_before = &urgency_before;
        values.urgency_after = amend->urgency;
    }
    if (line_changed(amendment)) {
        values.line_before = referral->lines[amend->line_number - 1]->line;
        values.line_after = amend->line;
    }
    if (has(amendment, DW__AMENDED_FIELD__AMENDED_FIELD_NOTES,
            DW__AMENDED_FIELD__AMENDED_FIELD_NOTES)) {
        values.notes_before_id = referral->notes_id;
        if (amend->notes->notes[0] != '\0') {
            values.notes_after_id = id_to_data(notes_id);
            decision_keep(decision, notes_id, &amend->notes->base);
        }
    }
    decision_keep(decision, values_id, &values.base);
}

static void emit(const struct state *state, struct amendment *amendment, const struct context *ctx,
                 struct decision *decision)
{
    const Dw__Referral *referral = amendment->referral;
    const Dw__AmendReferral *amend = amendment->amend;
    const struct id values_id = context_new_id(ctx);
    const struct id notes_id = context_new_id(ctx);
    Dw__ReferralAmended amended = DW__REFERRAL_AMENDED__INIT;
    amended.referral_id = referral->referral_id;
    amended.person_id = referral->person_id;
    amended.facts = referrals_facts(state, referral);
    amended.n_fields = amendment->count;
    amended.fields = amendment->fields;
    amended.values_id = id_to_data(&values_id);
    amended.submitted_ms = referral->submitted_ms;
    if (has(amendment, DW__AMENDED_FIELD__AMENDED_FIELD_URGENCY,
            DW__AMENDED_FIELD__AMENDED_FIELD_URGENCY))
        amended.urgency = amend->urgency;
    if (line_changed(amendment)) {
        amended.line_number = amend->line_number;
        amended.line = amend->line;
    }
    if (has(amendment, DW__AMENDED_FIELD__AMENDED_FIELD_NOTES,
            DW__AMENDED_FIELD__AMENDED_FIELD_NOTES) &&
        amend->notes->notes[0] != '\0')
        amended.notes_id = id_to_data(&notes_id);
    decision_emit(decision, &amended.base);
    keep_values(amendment, &values_id, &notes_id, decision);
}

REFERRALS_DECIDE(amend)
{
    const Dw__AmendReferral *amend = (const Dw__AmendReferral *)command;
    const Dw__Referral *referral = referrals_find(state, &amend->referral_id, decision);
    struct picked picked;
    check_form(amend, decision);
    if (decision_is_no(decision) ||
        !referrals_choose(referral, amend->line_number, LINE_EVENT_AMEND, decision, &picked))
        return;
    if (amend->line != NULL)
        check_line(state, referral, amend, ctx, decision);
    if (referral->n_amendments >= REFERRAL_AMENDMENTS_MAX)
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_TOO_MANY_AMENDMENTS,
                        "A referral is amended at most %d times; withdraw it and refer anew.",
                        REFERRAL_AMENDMENTS_MAX);
    if (decision_is_no(decision))
        return;
    struct amendment amendment = {.referral = referral, .amend = amend};
    find_fields(&amendment);
    if (amendment.count > 0)
        emit(state, &amendment, ctx, decision);
}
