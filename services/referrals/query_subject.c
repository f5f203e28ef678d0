/* Subject access: everything that is held of a person, as one answer in pages. */
#include "common/paging.h"
#include "services/referrals/reading.h"

enum {
    REFERRALS_SHOWN = 5,
    REFERRALS_SHOWN_MAX =
        10, /* of each up to 81 records of the vault are read, of 1,000 that a query may */
};

static int compare_newest(const void *left, const void *right)
{
    const Dw__Referral *one = *(Dw__Referral *const *)left;
    const Dw__Referral *two = *(Dw__Referral *const *)right;
    if (one->created_ms != two->created_ms)
        return one->created_ms > two->created_ms ? -1 : 1;
    return id_data_compare(&two->referral_id, &one->referral_id);
}

static void show_referrals(const struct state *state, struct vault *vault, struct answer *answer,
                           Dw__SubjectAccessShown *shown)
{
    const struct id person_id = id_or_zero(&shown->person->person_id);
    struct pick pick =
        paging_pick(shown->page, shown->per_page, sizeof(Dw__Referral *), compare_newest, answer);
    for (const struct id *at = lists_first(state->by_person, &person_id); at != NULL;
         at = lists_next(state->by_person, at)) {
        const Dw__Referral *referral =
            entities_get(state->entities, REFERRALS_KIND_REFERRAL, at, 0);
        pick_offer(&pick, &referral);
    }
    size_t first;
    shown->n_referrals = paging_rows(&pick, shown->page, shown->per_page, &first);
    shown->total = (uint32_t)pick.total;
    const Dw__Referral *const *kept = (const Dw__Referral *const *)pick.items + first;
    Dw__ReferralRead *reads = answer_alloc(answer, REFERRALS_SHOWN_MAX * sizeof reads[0]);
    shown->referrals = answer_alloc(answer, REFERRALS_SHOWN_MAX * sizeof shown->referrals[0]);
    for (size_t at = 0; at < shown->n_referrals; at++) {
        reading_referral(kept[at], vault, answer, &reads[at]);
        shown->referrals[at] = &reads[at];
    }
}

REFERRALS_QUERY(subject_access)
{
    (void)ctx;
    const Dw__SubjectAccess *access = (const Dw__SubjectAccess *)request;
    const Dw__Person *person = referrals_person(state, &access->person_id);
    Dw__SubjectAccessShown shown = DW__SUBJECT_ACCESS_SHOWN__INIT;
    if (!paging_read(access->page, access->per_page, REFERRALS_SHOWN, REFERRALS_SHOWN_MAX, answer,
                     &shown.page, &shown.per_page))
        return;
    if (person == NULL) {
        answer_refuse(answer, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_PERSON_UNKNOWN,
                      "There is no person with this number.");
        return;
    }
    shown.person = (Dw__Person *)(uintptr_t)person;
    shown.details = reading_details(person, vault);
    shown.n_carer_ids = reading_carers(state, person, answer, &shown.carer_ids);
    show_referrals(state, vault, answer, &shown);
    if (shown.page == 1)
        shown.n_unmet_needs = reading_unmet(state, &person->person_id, answer, &shown.unmet_needs);
    answer_give(answer, &shown.base);
}
