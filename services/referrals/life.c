/* Who cares for whom, and that somebody has died. */
#include "services/referrals/state.h"

#include "common/calendar.h"

enum { HOURS_MAX = 168 }; /* of a week */

/* --- carers ------------------------------------------------------------------------------------------------------- */

static void check_carer(const Dw__RecordCarer *record, struct decision *decision)
{
    const Dw__CarerFacts *carer = record->carer;
    if (carer == NULL)
        decision_invalid(decision, "carer", "it must be said, and it is not");
    else if (carer->n_cared_for_ids < 1 || carer->n_cared_for_ids > CARED_FOR_MAX)
        decision_invalid(decision, "carer.cared_for_ids", "a carer cares for 1 to %d people",
                         CARED_FOR_MAX);
    else if (carer->hours_per_week < 1 || carer->hours_per_week > HOURS_MAX)
        decision_invalid(decision, "carer.hours_per_week", "a week has 1 to %d hours", HOURS_MAX);
    for (size_t at = 0; !decision_is_no(decision) && at < carer->n_cared_for_ids; at++) {
        if (id_data_equal(&carer->cared_for_ids[at], &record->person_id))
            decision_invalid(decision, "carer.cared_for_ids", "nobody is their own carer");
        for (size_t before = 0; before < at; before++)
            if (id_data_equal(&carer->cared_for_ids[at], &carer->cared_for_ids[before]))
                decision_invalid(decision, "carer.cared_for_ids", "a person is named twice");
    }
}

static bool is_said_already(const Dw__CarerFacts *before, const Dw__CarerFacts *now)
{
    if (before == NULL || before->n_cared_for_ids != now->n_cared_for_ids ||
        before->hours_per_week != now->hours_per_week ||
        before->at_risk_of_breakdown != now->at_risk_of_breakdown)
        return false;
    for (size_t at = 0; at < now->n_cared_for_ids; at++)
        if (!id_data_equal(&before->cared_for_ids[at], &now->cared_for_ids[at]))
            return false;
    return true;
}

REFERRALS_DECIDE(record_carer)
{
    (void)ctx;
    const Dw__RecordCarer *record = (const Dw__RecordCarer *)command;
    check_carer(record, decision);
    if (decision_is_no(decision))
        return;
    const Dw__Person *person = referrals_find_person(state, &record->person_id, decision);
    for (size_t at = 0; at < record->carer->n_cared_for_ids; at++)
        (void)referrals_find_person(state, &record->carer->cared_for_ids[at], decision);
    if (decision_is_no(decision) || is_said_already(person->carer, record->carer))
        return;
    Dw__CarerRecorded recorded = DW__CARER_RECORDED__INIT;
    recorded.person_id = person->person_id;
    recorded.facts = person->facts;
    recorded.carer = record->carer;
    decision_emit(decision, &recorded.base);
}

/* --- death -------------------------------------------------------------------------------------------------------- */

/* What is a draft is withdrawn, and what brokers know of is closed; a referral has no lines of both kinds. */
static void end_referral(const struct state *state, const Dw__Referral *referral,
                         struct decision *decision)
{
    struct picked picked;
    if (referrals_pick(referral, 0, LINE_EVENT_CLOSE, &picked)) {
        Dw__ReferralClosed closed = DW__REFERRAL_CLOSED__INIT;
        closed.referral_id = referral->referral_id;
        closed.person_id = referral->person_id;
        closed.facts = referrals_facts(state, referral);
        closed.reason = DW__CLOSE_REASON__CLOSE_REASON_DIED;
        closed.submitted_ms = referral->submitted_ms;
        closed.n_line_numbers = picked.count;
        closed.line_numbers = picked.numbers;
        closed.after = &picked.after;
        decision_emit(decision, &closed.base);
    } else if (referrals_pick(referral, 0, LINE_EVENT_WITHDRAW, &picked)) {
        Dw__ReferralWithdrawn withdrawn = DW__REFERRAL_WITHDRAWN__INIT;
        withdrawn.referral_id = referral->referral_id;
        withdrawn.person_id = referral->person_id;
        withdrawn.facts = referrals_facts(state, referral);
        withdrawn.reason = DW__WITHDRAW_REASON__WITHDRAW_REASON_DIED;
        withdrawn.n_line_numbers = picked.count;
        withdrawn.line_numbers = picked.numbers;
        withdrawn.after = &picked.after;
        decision_emit(decision, &withdrawn.base);
    }
}

/* Outside the vault a birth is known to a year, by the age on the day of recording. A date within that year is refused as well: nobody is
 * recorded who died before they were one. */
static bool is_before_birth(const Dw__PersonFacts *facts, int32_t date)
{
    if (facts == NULL || facts->recorded == NULL || date >= facts->recorded->days)
        return false;
    const int age = (int)facts->age;
    const int age_if_born_then = calendar_age(date, facts->recorded->days);
    return age_if_born_then > age || (age > 0 && age_if_born_then == age);
}

bool referrals_check_death(const Dw__PersonFacts *facts, const Dw__Date *died,
                           struct decision *decision)
{
    if (died == NULL || !is_before_birth(facts, died->days))
        return true;
    decision_refuse(
        decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_DEATH_BEFORE_BIRTH,
        "By the birth date of this person they were not born on the day of death, or not a "
        "year old; correct the one or the other.");
    return false;
}

REFERRALS_DECIDE(record_death)
{
    const Dw__RecordDeath *record = (const Dw__RecordDeath *)command;
    const Dw__Referral *live[PERSON_REFERRALS_MAX];
    if (record->date == NULL || record->date->days < CALENDAR_FIRST) {
        decision_invalid(decision, "date", "it must be said, and lies after 1900");
        return;
    }
    if (record->date->days > ctx->today) {
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_DATE_AHEAD,
                        "A death has happened; say it on that day or later.");
        return;
    }
    const Dw__Person *person = referrals_find_person(state, &record->person_id, decision);
    if (person == NULL || (person->died != NULL && person->died->days == record->date->days) ||
        !referrals_check_death(person->facts, record->date, decision))
        return;
    Dw__PersonDied died = DW__PERSON_DIED__INIT;
    died.person_id = person->person_id;
    died.facts = person->facts;
    died.date = record->date;
    decision_emit(decision, &died.base);
    const size_t count = referrals_live_of(state, &person->person_id, live);
    for (size_t at = 0; at < count; at++)
        end_referral(state, live[at], decision);
}

REFERRALS_DECIDE(take_back_death)
{
    (void)ctx;
    const Dw__Person *person =
        referrals_find_person(state, &((const Dw__TakeBackDeath *)command)->person_id, decision);
    if (person == NULL || person->died == NULL)
        return;
    Dw__DeathTakenBack back = DW__DEATH_TAKEN_BACK__INIT;
    back.person_id = person->person_id;
    back.facts = person->facts;
    decision_emit(decision, &back.base);
}
