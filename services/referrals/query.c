/* Questions about people and referrals. Only council staff may ask them; names and notes come from the vault. */
#include "common/paging.h"
#include "services/referrals/reading.h"

#include <string.h>

/* With whom somebody wants to be, and with whom not, is told to those who find places. */
static bool sees_companions(const struct principal *principal)
{
    return principal->role == DW__ROLE__ROLE_BROKER || principal->role == DW__ROLE__ROLE_OPERATOR;
}

REFERRALS_QUERY(person)
{
    const Dw__GetPerson *get = (const Dw__GetPerson *)request;
    const Dw__Person *person = referrals_person(state, &get->person_id);
    if (person == NULL) {
        answer_refuse(answer, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_PERSON_UNKNOWN,
                      "There is no person with this number.");
        return;
    }
    Dw__PersonRead read = DW__PERSON_READ__INIT;
    read.person_id = person->person_id;
    read.facts = person->facts;
    read.details = reading_details(person, vault);
    if (read.details != NULL && !sees_companions(ctx->principal))
        read.details->n_wants_with_ids = read.details->n_not_with_ids = 0;
    read.died = person->died;
    read.carer = person->carer;
    read.n_carer_ids = reading_carers(state, person, answer, &read.carer_ids);
    answer_give(answer, &read.base);
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
    Dw__ReferralRead read;
    reading_referral(referral, vault, answer, &read);
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
           (list->person_id.len == 0 || id_data_equal(&list->person_id, &referral->person_id));
}

/* Newest first; the id decides between two of one instant, so that pages never shift. */
static int compare_newest(const void *left, const void *right)
{
    const Dw__Referral *one = *(Dw__Referral *const *)left;
    const Dw__Referral *two = *(Dw__Referral *const *)right;
    if (one->created_ms != two->created_ms)
        return one->created_ms > two->created_ms ? -1 : 1;
    return id_data_compare(&two->referral_id, &one->referral_id);
}

REFERRALS_QUERY(list)
{
    (void)ctx;
    (void)vault;
    const Dw__ListReferrals *list = (const Dw__ListReferrals *)request;
    Dw__ReferralList page = DW__REFERRAL_LIST__INIT;
    if (!paging_read(list->page, list->per_page, PER_PAGE, PER_PAGE_MAX, answer, &page.page,
                     &page.per_page))
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
