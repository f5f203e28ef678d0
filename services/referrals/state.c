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
    state->by_person = lists_create(sizeof(struct id), sizeof(struct id));
    state->by_cared = lists_create(sizeof(struct id), sizeof(struct carer_place));
    state->by_band = lists_create(sizeof(uint32_t), sizeof(struct id));
    state->unmet = table_create(sizeof(struct id), sizeof(uint32_t));
    state->erasing = lists_create(sizeof(uint32_t), sizeof(struct id));
    if (state->by_council == NULL || state->by_person == NULL || state->by_cared == NULL ||
        state->by_band == NULL || state->erasing == NULL || state->unmet == NULL)
        referrals_destroy(&state);
    return state;
}

void referrals_destroy(struct state **pointer)
{
    struct state *state = *pointer;
    if (state == NULL)
        return;
    table_destroy(&state->by_council);
    lists_destroy(&state->by_person);
    lists_destroy(&state->by_cared);
    lists_destroy(&state->by_band);
    lists_destroy(&state->erasing);
    table_destroy(&state->unmet);
    free(state);
    *pointer = NULL;
}

static void index_carer(struct state *state, const struct id *carer_id, const Dw__CarerFacts *carer,
                        bool more)
{
    struct carer_place member = {.carer_id = *carer_id};
    for (size_t at = 0; carer != NULL && at < carer->n_cared_for_ids; at++) {
        const struct id cared_id = id_or_zero(&carer->cared_for_ids[at]);
        member.place = (uint32_t)at;
        if (more)
            lists_add(state->by_cared, &cared_id, &member);
        else
            lists_remove(state->by_cared, &cared_id, &member);
    }
}

static void index_person(struct state *state, const struct id *id, const Dw__Person *person,
                         bool more)
{
    struct id council_ref;
    if (person == NULL)
        return;
    if (id_from_data(&person->council_ref, &council_ref)) {
        if (more)
            *(struct id *)table_put(state->by_council, &council_ref, NULL) = *id;
        else
            (void)table_remove(state->by_council, &council_ref);
    }
    if (person->next_band != NULL && person->died == NULL) {
        if (more)
            lists_add(state->by_band, &person->next_band->month, id);
        else
            lists_remove(state->by_band, &person->next_band->month, id);
    }
    if (person->erasure != NULL && person->erasure->goes_on) {
        static const uint32_t all = 0;
        if (more)
            lists_add(state->erasing, &all, id);
        else
            lists_remove(state->erasing, &all, id);
    }
    index_carer(state, id, person->carer, more);
}

static void index_unmet(struct state *state, const Dw__UnmetNeed *old, const Dw__UnmetNeed *new)
{
    if (old != NULL) {
        const struct id id = id_or_zero(&old->unmet_id);
        (void)table_remove(state->unmet, &id);
    }
    if (new != NULL) {
        const struct id id = id_or_zero(&new->unmet_id);
        *(uint32_t *)table_put(state->unmet, &id, NULL) = new->number;
        if (new->number > state->unmet_last)
            state->unmet_last = new->number;
    }
}

void referrals_index(struct state *state, const struct entity_key *key,
                     const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    if (key->kind == REFERRALS_KIND_PERSON) {
        index_person(state, &key->id, (const Dw__Person *)before, false);
        index_person(state, &key->id, (const Dw__Person *)after, true);
    } else if (key->kind == REFERRALS_KIND_UNMET) {
        index_unmet(state, (const Dw__UnmetNeed *)before, (const Dw__UnmetNeed *)after);
    } else if (key->kind == REFERRALS_KIND_REFERRAL) {
        const Dw__Referral *old = (const Dw__Referral *)before;
        const Dw__Referral *new = (const Dw__Referral *)after;
        const struct id person_id = id_or_zero(old != NULL ? &old->person_id : &new->person_id);
        if (old == NULL)
            lists_add(state->by_person, &person_id, &key->id);
        else if (new == NULL)
            lists_remove(state->by_person, &person_id, &key->id);
    }
}

const struct id *referrals_person_by_council(const struct state *state,
                                             const struct id *council_ref)
{
    return table_get(state->by_council, council_ref);
}

const Dw__Person *referrals_person(const struct state *state, const ProtobufCBinaryData *data)
{
    const struct id id = id_or_zero(data);
    return entities_get(state->entities, REFERRALS_KIND_PERSON, &id, 0);
}

bool referrals_has_placement(const Dw__Person *person, const ProtobufCBinaryData *placement_id)
{
    const struct id wanted = id_or_zero(placement_id);
    for (size_t at = 0; at < person->n_placement_ids; at++) {
        const struct id id = id_or_zero(&person->placement_ids[at]);
        if (id_equal(&id, &wanted))
            return true;
    }
    return false;
}

const Dw__Referral *referrals_get(const struct state *state, const ProtobufCBinaryData *data)
{
    const struct id id = id_or_zero(data);
    return entities_get(state->entities, REFERRALS_KIND_REFERRAL, &id, 0);
}

static bool is_over(const Dw__Referral *referral)
{
    return !referrals_any_can(referral, LINE_EVENT_WITHDRAW) &&
           !referrals_any_can(referral, LINE_EVENT_CLOSE);
}

static int compare_referrals(const void *left, const void *right)
{
    const struct id left_id = id_or_zero(&(*(const Dw__Referral *const *)left)->referral_id);
    const struct id right_id = id_or_zero(&(*(const Dw__Referral *const *)right)->referral_id);
    return id_compare(&left_id, &right_id);
}

size_t referrals_live_of(const struct state *state, const ProtobufCBinaryData *person_id,
                         const Dw__Referral *ret_referrals[PERSON_REFERRALS_MAX])
{
    const struct id id = id_or_zero(person_id);
    size_t count = 0;
    for (const struct id *at = lists_first(state->by_person, &id);
         at != NULL && count < PERSON_REFERRALS_MAX; at = lists_next(state->by_person, at)) {
        const Dw__Referral *referral =
            entities_get(state->entities, REFERRALS_KIND_REFERRAL, at, 0);
        if (!is_over(referral))
            ret_referrals[count++] = referral;
    }
    qsort(ret_referrals, count, sizeof ret_referrals[0], compare_referrals);
    return count;
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
