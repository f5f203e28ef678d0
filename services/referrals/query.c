/* Questions about people and referrals. Only council staff may ask them; names and notes come from the vault. */
#include "services/referrals/paging.h"

#include <stdlib.h>
#include <string.h>

static int compare_carers(const void *left, const void *right)
{
    return paging_compare_ids(left, right);
}

static void list_carers(const struct state *state, const Dw__Person *person, struct answer *answer,
                        Dw__PersonRead *read)
{
    struct id id = {0};
    (void)id_from_data(&person->person_id, &id);
    const size_t count = lists_count(state->by_cared, &id);
    read->carer_ids = answer_alloc(answer, (count + 1) * sizeof read->carer_ids[0]);
    for (const struct carer_place *at = lists_first(state->by_cared, &id); at != NULL;
         at = lists_next(state->by_cared, at))
        read->carer_ids[read->n_carer_ids++] = id_to_data(&at->carer_id);
    qsort(read->carer_ids, count, sizeof read->carer_ids[0], compare_carers);
}

REFERRALS_QUERY(person)
{
    (void)ctx;
    const Dw__GetPerson *get = (const Dw__GetPerson *)request;
    const Dw__Person *person = referrals_person(state, &get->person_id);
    struct id vault_id;
    if (person == NULL) {
        answer_refuse(answer, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_PERSON_UNKNOWN,
                      "There is no person with this number.");
        return;
    }
    Dw__PersonRead read = DW__PERSON_READ__INIT;
    read.person_id = person->person_id;
    read.facts = person->facts;
    if (id_from_data(&person->vault_id, &vault_id))
        read.details = (Dw__PersonDetails *)(uintptr_t)vault_get(vault, &vault_id,
                                                                 &dw__person_details__descriptor);
    read.died = person->died;
    read.carer = person->carer;
    list_carers(state, person, answer, &read);
    answer_give(answer, &read.base);
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

REFERRALS_QUERY(get)
{
    (void)ctx;
    const Dw__GetReferral *get = (const Dw__GetReferral *)request;
    const Dw__Referral *referral = referrals_get(state, &get->referral_id);
    if (referral == NULL) {
        answer_refuse(answer, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_REFERRAL_UNKNOWN,
                      "There is no referral with this id.");
        return;
    }
    Dw__ReferralRead read = DW__REFERRAL_READ__INIT;
    read.referral = (Dw__Referral *)(uintptr_t)referral;
    read.notes = read_notes(vault, &referral->notes_id);
    read_amendments(referral, vault, answer, &read);
    answer_give(answer, &read.base);
}

/* --- referrals -------------------------------------------------------------------------------------------------- */

static bool fits(const Dw__Referral *referral, const Dw__ListReferrals *list)
{
    bool has_state = list->n_states == 0;
    for (size_t at = 0; at < list->n_states; at++)
        has_state = has_state || list->states[at] == referral->state;
    return has_state &&
           (list->assignee[0] == '\0' ||
            strcmp(list->assignee, referrals_assignee(referral)) == 0) &&
           (list->person_id.len == 0 || paging_same_id(&list->person_id, &referral->person_id));
}

/* Newest first; the id decides between two of one instant, so that pages never shift. */
static int compare_newest(const void *left, const void *right)
{
    const Dw__Referral *one = *(Dw__Referral *const *)left;
    const Dw__Referral *two = *(Dw__Referral *const *)right;
    if (one->created_ms != two->created_ms)
        return one->created_ms > two->created_ms ? -1 : 1;
    return paging_compare_ids(&two->referral_id, &one->referral_id);
}

REFERRALS_QUERY(list)
{
    (void)ctx;
    (void)vault;
    const Dw__ListReferrals *list = (const Dw__ListReferrals *)request;
    Dw__ReferralList page = DW__REFERRAL_LIST__INIT;
    if (!paging_read(list->page, list->per_page, answer, &page.page, &page.per_page))
        return;
    struct pick pick =
        paging_pick(page.page, page.per_page, sizeof(Dw__Referral *), compare_newest, answer);
    const size_t count = entities_count(state->entities, REFERRALS_KIND_REFERRAL);
    for (size_t at = 0; at < count; at++) {
        const Dw__Referral *referral =
            entities_at(state->entities, REFERRALS_KIND_REFERRAL, at, NULL);
        if (fits(referral, list))
            pick_offer(&pick, &referral);
    }
    size_t first;
    page.n_referrals = paging_rows(&pick, page.page, page.per_page, &first);
    page.referrals = (Dw__Referral **)pick.items + first;
    page.total = (uint32_t)pick.total;
    answer_give(answer, &page.base);
}
