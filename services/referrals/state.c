/* Records of referrals and where to find them. */
#include "services/referrals/state.h"

#include <assert.h>
#include <stdlib.h>

/* --- creation and reading --------------------------------------------------------------------------------------- */

struct state *referrals_create(struct entities *entities)
{
    struct state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->entities = entities;
    state->by_council = table_create(sizeof(struct id), sizeof(struct id));
    if (state->by_council == NULL)
        referrals_destroy(&state);
    return state;
}

void referrals_destroy(struct state **pointer)
{
    struct state *state = *pointer;
    if (state == NULL)
        return;
    table_destroy(&state->by_council);
    free(state);
    *pointer = NULL;
}

static struct id to_id(const ProtobufCBinaryData *data)
{
    struct id id = {0};
    (void)id_from_data(data, &id);
    return id;
}

void referrals_index(struct state *state, const struct entity_key *key,
                     const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    if (key->kind != REFERRALS_KIND_PERSON)
        return;
    const Dw__Person *old = (const Dw__Person *)before;
    const Dw__Person *new = (const Dw__Person *)after;
    struct id council_ref;
    if (old != NULL && id_from_data(&old->council_ref, &council_ref))
        (void)table_remove(state->by_council, &council_ref);
    if (new != NULL && id_from_data(&new->council_ref, &council_ref))
        *(struct id *)table_put(state->by_council, &council_ref, NULL) = key->id;
}

const struct id *referrals_person_by_council(const struct state *state,
                                             const struct id *council_ref)
{
    return table_get(state->by_council, council_ref);
}

const Dw__Person *referrals_person(const struct state *state, const ProtobufCBinaryData *data)
{
    const struct id id = to_id(data);
    return entities_get(state->entities, REFERRALS_KIND_PERSON, &id, 0);
}

const Dw__Referral *referrals_get(const struct state *state, const ProtobufCBinaryData *data)
{
    const struct id id = to_id(data);
    return entities_get(state->entities, REFERRALS_KIND_REFERRAL, &id, 0);
}

Dw__PersonFacts *referrals_facts(const struct state *state, const Dw__Referral *referral)
{
    const Dw__Person *person = referrals_person(state, &referral->person_id);
    assert(person != NULL);
    return person->facts;
}

const char *referrals_assignee(const Dw__Referral *referral)
{
    return referral->n_assignments == 0
               ? ""
               : referral->assignments[referral->n_assignments - 1]->assignee;
}

static const struct id COUNTER_ID = {{0}};

uint32_t referrals_last_number(const struct state *state, uint32_t year)
{
    const Dw__ReferenceCounter *counter =
        entities_get(state->entities, REFERRALS_KIND_COUNTER, &COUNTER_ID, year);
    return counter == NULL ? 0 : counter->last;
}

void referrals_put_last_number(struct state *state, uint32_t year, uint32_t number)
{
    Dw__ReferenceCounter counter = DW__REFERENCE_COUNTER__INIT;
    counter.year = year;
    counter.last = number;
    entities_put(state->entities, REFERRALS_KIND_COUNTER, &COUNTER_ID, year, &counter.base);
}

/* --- evolve ----------------------------------------------------------------------------------------------------- */

REFERRALS_EVOLVE(person_recorded)
{
    (void)recorded;
    const Dw__PersonRecorded *ev = (const Dw__PersonRecorded *)event;
    Dw__Person person = DW__PERSON__INIT;
    person.person_id = ev->person_id;
    person.vault_id = ev->vault_id;
    person.facts = ev->facts;
    person.council_ref = ev->council_ref;
    const struct id id = to_id(&ev->person_id);
    entities_put(state->entities, REFERRALS_KIND_PERSON, &id, 0, &person.base);
}
