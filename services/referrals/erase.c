/* Erasing a person: asked for by one, decided by another, and done to the last record of the vault however many there are. */
#include "services/referrals/state.h"

#include <string.h>

enum {
    FORGETS_MAX = 200,                                 /* of one decision; the engine takes 256 */
    OF_REFERRAL_MAX = 1 + 2 * REFERRAL_AMENDMENTS_MAX, /* its notes, and of each amendment two */
};

_Static_assert(FORGETS_MAX > OF_REFERRAL_MAX + 1, "a referral is erased whole");

static bool has_support(const struct state *state, const Dw__Person *person)
{
    const Dw__Referral *live[PERSON_REFERRALS_MAX];
    return person->died == NULL &&
           (person->n_placement_ids > 0 || referrals_live_of(state, &person->person_id, live) > 0);
}

static bool may_be_erased(const struct state *state, const Dw__Person *person,
                          struct decision *decision)
{
    if (has_support(state, person)) {
        decision_refuse(
            decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_PERSON_IN_SUPPORT,
            "Something is wanted for this person, or they have support, with or without "
            "a referral; it has to be over first.");
        return false;
    }
    return true;
}

REFERRALS_DECIDE(request_erasure)
{
    (void)ctx;
    const Dw__RequestErasure *request = (const Dw__RequestErasure *)command;
    const Dw__Person *person = referrals_find_person(state, &request->person_id, decision);
    if (person == NULL)
        return;
    if (person->erasure != NULL && person->erasure->erased_ms != 0) {
        decision_refuse(
            decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_PERSON_ERASED,
            "What was known of this person is erased; record them with a fresh number.");
        return;
    }
    if (person->erasure != NULL && person->erasure->reason == request->reason)
        return;
    if (!may_be_erased(state, person, decision))
        return;
    Dw__ErasureRequested requested = DW__ERASURE_REQUESTED__INIT;
    requested.person_id = person->person_id;
    requested.reason = request->reason;
    decision_emit(decision, &requested.base);
}

/* --- what there is to erase --------------------------------------------------------------------------------------- */

static void forget(const ProtobufCBinaryData *vault_id, struct decision *decision)
{
    struct id id;
    if (id_from_data(vault_id, &id))
        decision_forget(decision, &id);
}

static size_t records_of(const Dw__Referral *referral)
{
    size_t count = referral->notes_id.len > 0 ? 1 : 0;
    for (size_t at = 0; at < referral->n_amendments; at++) {
        count += referral->amendments[at]->values_id.len > 0 ? 1 : 0;
        count += referral->amendments[at]->notes_before_id.len > 0 ? 1 : 0;
    }
    return count;
}

static void forget_referral(const Dw__Referral *referral, struct decision *decision)
{
    forget(&referral->notes_id, decision);
    for (size_t at = 0; at < referral->n_amendments; at++) {
        forget(&referral->amendments[at]->values_id, decision);
        forget(&referral->amendments[at]->notes_before_id, decision);
    }
}

/* Erases what fits into one decision; the event says whether anything is left for the next. */
static void erase_some(const struct state *state, const Dw__Person *person,
                       struct decision *decision)
{
    struct id person_id = {0};
    size_t forgets = 1; /* the details */
    Dw__PersonErased erased = DW__PERSON_ERASED__INIT;
    (void)id_from_data(&person->person_id, &person_id);
    erased.person_id = person->person_id;
    erased.referral_ids = decision_alloc(decision, FORGETS_MAX * sizeof erased.referral_ids[0]);
    forget(&person->vault_id, decision);
    for (const struct id *at = lists_first(state->by_person, &person_id);
         at != NULL && !erased.goes_on; at = lists_next(state->by_person, at)) {
        const Dw__Referral *referral =
            entities_get(state->entities, REFERRALS_KIND_REFERRAL, at, 0);
        const size_t records = records_of(referral);
        if (records == 0)
            continue;
        erased.goes_on = forgets + records > FORGETS_MAX;
        if (erased.goes_on)
            break;
        forgets += records;
        forget_referral(referral, decision);
        erased.referral_ids[erased.n_referral_ids++] = referral->referral_id;
    }
    decision_emit(decision, &erased.base);
}

REFERRALS_DECIDE(erase)
{
    const Dw__ErasePerson *erase = (const Dw__ErasePerson *)command;
    const Dw__Person *person = referrals_find_person(state, &erase->person_id, decision);
    if (person == NULL || (person->erasure != NULL && person->erasure->erased_ms != 0))
        return;
    if (person->erasure == NULL)
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_ERASURE_NOT_REQUESTED,
                        "Nobody has asked for this; somebody else has to, before it is decided.");
    else if (strcmp(person->erasure->requested_by, ctx->principal->name) == 0)
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_SAME_PERSON,
                        "You have asked for this; somebody else has to decide it.");
    else if (may_be_erased(state, person, decision))
        erase_some(state, person, decision);
}

REFERRALS_DECIDE(continue_erasure)
{
    (void)ctx;
    const Dw__ContinueErasure *more = (const Dw__ContinueErasure *)command;
    const Dw__Person *person = referrals_person(state, &more->person_id);
    if (person != NULL && person->erasure != NULL && person->erasure->goes_on)
        erase_some(state, person, decision);
}
