/* Creating a referral. */
#include "services/referrals/state.h"

#include "common/text.h"

enum { PATH_SIZE = 32 };

static void check_form(const Dw__CreateReferral *create, struct decision *decision)
{
    struct id id;
    if (!id_from_data(&create->referral_id, &id))
        decision_invalid(decision, "referral_id", "it must be said, and it is not");
    if (!id_from_data(&create->person_id, &id))
        decision_invalid(decision, "person_id", "it must be said, and it is not");
    if (create->n_lines < 1 || create->n_lines > REFERRAL_ASKED_MAX)
        decision_invalid(decision, "lines", "a referral has 1 to %d lines", REFERRAL_ASKED_MAX);
    for (size_t at = 0; at < create->n_lines && !decision_is_no(decision); at++) {
        char path[PATH_SIZE];
        (void)text_format(path, sizeof path, "lines[%zu]", at);
        referrals_check_line(create->lines[at], path, decision);
    }
}

static void check_state(const struct state *state, const Dw__CreateReferral *create,
                        struct decision *decision)
{
    const Dw__Referral *live[PERSON_REFERRALS_MAX];
    const Dw__Person *person = referrals_person(state, &create->person_id);
    if (person == NULL)
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_PERSON_UNKNOWN,
                        "There is no person with this number; record the person first.");
    else if (person->died != NULL)
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_PERSON_DIED,
                        "This person has died; nothing is wanted for them any more. If that was "
                        "recorded in error, take it back (TakeBackDeath).");
    else if (person->erasure != NULL && person->erasure->erased_ms != 0)
        decision_refuse(
            decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_PERSON_ERASED,
            "What was known of this person is erased; record them with a fresh number.");
    else if (referrals_get(state, &create->referral_id) != NULL)
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_ALREADY_EXISTS,
                        "This referral id is used already; take a fresh one.");
    else if (referrals_live_of(state, &create->person_id, live) == PERSON_REFERRALS_MAX)
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_TOO_MANY_REFERRALS,
                        "A person has at most %d referrals that are not over; withdraw or close "
                        "one of them.",
                        PERSON_REFERRALS_MAX);
}

REFERRALS_DECIDE(create)
{
    const Dw__CreateReferral *create = (const Dw__CreateReferral *)command;
    check_form(create, decision);
    if (decision_is_no(decision))
        return;
    check_state(state, create, decision);
    const Dw__Person *person = referrals_person(state, &create->person_id);
    for (uint32_t at = 0; at < create->n_lines && !decision_is_no(decision); at++)
        referrals_check_rules(create->lines[at], at + 1, person, ctx, decision);
    if (decision_is_no(decision))
        return;
    const struct id notes_id = context_new_id(ctx);
    Dw__ReferralCreated created = DW__REFERRAL_CREATED__INIT;
    created.referral_id = create->referral_id;
    created.person_id = create->person_id;
    created.urgency = create->urgency;
    created.n_lines = create->n_lines;
    created.lines = create->lines;
    if (create->notes[0] != '\0')
        created.notes_id = id_to_data(&notes_id);
    decision_emit(decision, &created.base);
    if (create->notes[0] == '\0')
        return;
    Dw__ReferralNotes notes = DW__REFERRAL_NOTES__INIT;
    notes.notes = create->notes;
    decision_keep(decision, &notes_id, &notes.base);
}
