/* What queries read of people and referrals: see reading.h. */
#include "services/referrals/reading.h"

#include <stdlib.h>

static int compare_carers(const void *left, const void *right)
{
    return id_data_compare(left, right);
}

size_t reading_carers(const struct state *state, const Dw__Person *person, struct answer *answer,
                      ProtobufCBinaryData **ret_ids)
{
    const struct id id = id_or_zero(&person->person_id);
    const size_t total = lists_count(state->by_cared, &id);
    ProtobufCBinaryData *ids = answer_alloc(answer, (total + 1) * sizeof ids[0]);
    size_t count = 0;
    for (const struct carer_place *at = lists_first(state->by_cared, &id); at != NULL;
         at = lists_next(state->by_cared, at))
        ids[count++] = id_to_data(&at->carer_id);
    qsort(ids, count, sizeof ids[0], compare_carers);
    *ret_ids = ids;
    return count;
}

Dw__PersonDetails *reading_details(const Dw__Person *person, struct vault *vault)
{
    struct id vault_id;
    if (!id_from_data(&person->vault_id, &vault_id))
        return NULL;
    return (Dw__PersonDetails *)(uintptr_t)vault_get(vault, &vault_id,
                                                     &dw__person_details__descriptor);
}

/* The text of the notes under that id, "" when there is none. */
static char *read_notes(struct vault *vault, const ProtobufCBinaryData *notes_id)
{
    struct id id;
    const Dw__ReferralNotes *notes =
        id_from_data(notes_id, &id) ? vault_get(vault, &id, &dw__referral_notes__descriptor) : NULL;
    return notes == NULL ? (char *)(uintptr_t) "" : notes->notes;
}

static void read_amendments(const Dw__Referral *referral, struct vault *vault,
                            struct answer *answer, Dw__ReferralRead *read)
{
    const size_t count = referral->n_amendments;
    Dw__AmendmentRead *reads = answer_alloc(answer, (count + 1) * sizeof reads[0]);
    read->amendments = answer_alloc(answer, (count + 1) * sizeof read->amendments[0]);
    read->n_amendments = count;
    for (size_t at = 0; at < count; at++) {
        const Dw__Amendment *amendment = referral->amendments[at];
        struct id values_id;
        dw__amendment_read__init(&reads[at]);
        if (id_from_data(&amendment->values_id, &values_id))
            reads[at].values = (Dw__AmendmentValues *)(uintptr_t)vault_get(
                vault, &values_id, &dw__amendment_values__descriptor);
        reads[at].notes_before = read_notes(vault, &amendment->notes_before_id);
        read->amendments[at] = &reads[at];
    }
}

void reading_referral(const Dw__Referral *referral, struct vault *vault, struct answer *answer,
                      Dw__ReferralRead *ret_read)
{
    dw__referral_read__init(ret_read);
    ret_read->referral = (Dw__Referral *)(uintptr_t)referral;
    ret_read->notes = read_notes(vault, &referral->notes_id);
    read_amendments(referral, vault, answer, ret_read);
}
