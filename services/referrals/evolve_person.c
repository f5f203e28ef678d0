/* Evolve of people: the only code that changes them. */
#include "services/referrals/state.h"

static void put(struct state *state, const Dw__Person *person)
{
    const struct id id = id_or_zero(&person->person_id);
    entities_put(state->entities, REFERRALS_KIND_PERSON, &id, 0, &person->base);
}

REFERRALS_EVOLVE(person_recorded)
{
    (void)recorded;
    const Dw__PersonRecorded *ev = (const Dw__PersonRecorded *)event;
    Dw__Person person = DW__PERSON__INIT;
    person.person_id = ev->person_id;
    person.vault_id = ev->vault_id;
    person.facts = ev->facts;
    person.council_ref = ev->council_ref;
    person.next_band = ev->next_band;
    person.support_from_ref = ev->support_from_ref;
    person.said_ref = ev->said_ref;
    put(state, &person);
}

REFERRALS_EVOLVE(person_changed)
{
    (void)recorded;
    const Dw__PersonChanged *ev = (const Dw__PersonChanged *)event;
    const Dw__Person *before = referrals_person(state, &ev->person_id);
    if (before == NULL)
        return;
    Dw__Person person = *before;
    person.vault_id = ev->vault_id;
    person.facts = ev->facts;
    person.council_ref = ev->council_ref;
    person.next_band = ev->next_band;
    person.support_from_ref = ev->support_from_ref;
    put(state, &person);
}

REFERRALS_EVOLVE(carer_recorded)
{
    (void)recorded;
    const Dw__CarerRecorded *ev = (const Dw__CarerRecorded *)event;
    const Dw__Person *before = referrals_person(state, &ev->person_id);
    if (before == NULL)
        return;
    Dw__Person person = *before;
    person.carer = ev->carer;
    put(state, &person);
}

REFERRALS_EVOLVE(person_died)
{
    (void)recorded;
    const Dw__PersonDied *ev = (const Dw__PersonDied *)event;
    const Dw__Person *before = referrals_person(state, &ev->person_id);
    if (before == NULL)
        return;
    Dw__Person person = *before;
    person.died = ev->date;
    put(state, &person);
}

REFERRALS_EVOLVE(death_taken_back)
{
    (void)recorded;
    const Dw__Person *before =
        referrals_person(state, &((const Dw__DeathTakenBack *)event)->person_id);
    if (before == NULL)
        return;
    Dw__Person person = *before;
    person.died = NULL;
    put(state, &person);
}

REFERRALS_EVOLVE(age_band_changed)
{
    (void)recorded;
    const Dw__AgeBandChanged *ev = (const Dw__AgeBandChanged *)event;
    const Dw__Person *before = referrals_person(state, &ev->person_id);
    if (before == NULL)
        return;
    Dw__Person person = *before;
    person.facts = ev->facts;
    person.next_band = ev->next_band;
    person.support_from_ref = ev->support_from_ref;
    put(state, &person);
}

REFERRALS_EVOLVE(placement_noted)
{
    (void)recorded;
    const Dw__PersonPlacementNoted *ev = (const Dw__PersonPlacementNoted *)event;
    const Dw__Person *before = referrals_person(state, &ev->person_id);
    if (before == NULL)
        return;
    Dw__Person person = *before;
    ProtobufCBinaryData ids[PERSON_PLACEMENTS_MAX + 1];
    const struct id placement_id = id_or_zero(&ev->placement_id);
    size_t count = 0;
    for (size_t at = 0; at < before->n_placement_ids && count < PERSON_PLACEMENTS_MAX; at++) {
        const struct id id = id_or_zero(&before->placement_ids[at]);
        if (!id_equal(&id, &placement_id))
            ids[count++] = before->placement_ids[at];
    }
    if (!ev->over)
        ids[count++] = ev->placement_id;
    person.n_placement_ids = count;
    person.placement_ids = ids;
    put(state, &person);
}

REFERRALS_EVOLVE(erasure_requested)
{
    const Dw__ErasureRequested *ev = (const Dw__ErasureRequested *)event;
    const Dw__Person *before = referrals_person(state, &ev->person_id);
    if (before == NULL)
        return;
    Dw__Person person = *before;
    Dw__Erasure erasure = DW__ERASURE__INIT;
    erasure.reason = ev->reason;
    erasure.requested_ms = recorded->at_ms;
    erasure.requested_by = (char *)(uintptr_t)recorded->principal->name;
    person.erasure = &erasure;
    put(state, &person);
}

/* Its ids of the vault's records go with the records. */
static void erase_referral(struct state *state, const ProtobufCBinaryData *referral_id)
{
    const Dw__Referral *before = referrals_get(state, referral_id);
    if (before == NULL)
        return;
    Dw__Referral referral = *before;
    Dw__Amendment amendments[REFERRAL_AMENDMENTS_MAX];
    Dw__Amendment *list[REFERRAL_AMENDMENTS_MAX];
    const ProtobufCBinaryData nothing = {0, NULL};
    for (size_t at = 0; at < before->n_amendments; at++) {
        amendments[at] = *before->amendments[at];
        amendments[at].values_id = amendments[at].notes_before_id = nothing;
        list[at] = &amendments[at];
    }
    referral.notes_id = nothing;
    referral.amendments = list;
    const struct id id = id_or_zero(referral_id);
    entities_put(state->entities, REFERRALS_KIND_REFERRAL, &id, 0, &referral.base);
}

/* What leads back to the person goes from the record too: the pseudonyms and the month of birth. */
REFERRALS_EVOLVE(person_erased)
{
    const Dw__PersonErased *ev = (const Dw__PersonErased *)event;
    const Dw__Person *before = referrals_person(state, &ev->person_id);
    if (before == NULL || before->erasure == NULL)
        return;
    Dw__Person person = *before;
    Dw__Erasure erasure = *before->erasure;
    const ProtobufCBinaryData nothing = {0, NULL};
    erasure.goes_on = ev->goes_on;
    if (erasure.erased_ms == 0) {
        erasure.erased_ms = recorded->at_ms;
        erasure.erased_by = (char *)(uintptr_t)recorded->principal->name;
    }
    person.erasure = &erasure;
    person.vault_id = person.council_ref = person.support_from_ref = person.said_ref = nothing;
    person.next_band = NULL;
    put(state, &person);
    for (size_t at = 0; at < ev->n_referral_ids; at++)
        erase_referral(state, &ev->referral_ids[at]);
}
