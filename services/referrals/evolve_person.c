/* Evolve of people: the only code that changes them. */
#include "services/referrals/state.h"

static struct id to_id(const ProtobufCBinaryData *data)
{
    struct id id = {0};
    (void)id_from_data(data, &id);
    return id;
}

static void put(struct state *state, const Dw__Person *person)
{
    const struct id id = to_id(&person->person_id);
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
    put(state, &person);
}
