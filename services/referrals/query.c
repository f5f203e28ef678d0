/* Questions about people and referrals. Only council staff may ask them; names and notes come from the vault. */
#include "services/referrals/state.h"

#include "common/calendar.h"
#include "common/pick.h"

#include <string.h>

enum { PER_PAGE = 20, PER_PAGE_MAX = 100 };

static bool same_id(const ProtobufCBinaryData *left, const ProtobufCBinaryData *right)
{
    struct id left_id = {0};
    struct id right_id = {0};
    (void)id_from_data(left, &left_id);
    (void)id_from_data(right, &right_id);
    return id_equal(&left_id, &right_id);
}

static int compare_ids(const ProtobufCBinaryData *left, const ProtobufCBinaryData *right)
{
    struct id left_id = {0};
    struct id right_id = {0};
    (void)id_from_data(left, &left_id);
    (void)id_from_data(right, &right_id);
    return id_compare(&left_id, &right_id);
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
    struct id notes_id;
    const Dw__ReferralNotes *notes =
        id_from_data(&referral->notes_id, &notes_id)
            ? vault_get(vault, &notes_id, &dw__referral_notes__descriptor)
            : NULL;
    Dw__ReferralRead read = DW__REFERRAL_READ__INIT;
    read.referral = (Dw__Referral *)(uintptr_t)referral;
    if (notes != NULL)
        read.notes = notes->notes;
    answer_give(answer, &read.base);
}

/* Where a page begins and how much it holds; false when it was answered with a no. */
static bool read_page(uint32_t page, uint32_t per_page, struct answer *answer, uint32_t *ret_page,
                      uint32_t *ret_per_page)
{
    if (per_page > PER_PAGE_MAX) {
        answer_invalid(answer, "per_page", "a page has at most %d", PER_PAGE_MAX);
        return false;
    }
    *ret_page = page == 0 ? 1 : page;
    *ret_per_page = per_page == 0 ? PER_PAGE : per_page;
    if ((uint64_t)*ret_page * *ret_per_page > PICK_ROWS_MAX) {
        answer_invalid(answer, "page", "pages end at row %d; ask for less", PICK_ROWS_MAX);
        return false;
    }
    return true;
}

/* Keeps what stands on the page and before it. */
static struct pick pick_page(uint32_t page, uint32_t per_page, size_t item_size,
                             int (*compare)(const void *, const void *), struct answer *answer)
{
    struct pick pick = {.item_size = item_size, .max = (size_t)page * per_page, .compare = compare};
    pick.items = answer_alloc(answer, (pick.max + 1) * item_size);
    return pick;
}

/* Sorts; how many stand on the page, and where it begins. */
static size_t on_page(struct pick *pick, uint32_t page, uint32_t per_page, size_t *ret_first)
{
    const size_t first = (size_t)(page - 1) * per_page;
    pick_sort(pick);
    *ret_first = first < pick->count ? first : pick->count;
    return pick->count - *ret_first;
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
           (list->person_id.len == 0 || same_id(&list->person_id, &referral->person_id));
}

/* Newest first; the id decides between two of one instant, so that pages never shift. */
static int compare_newest(const void *left, const void *right)
{
    const Dw__Referral *one = *(Dw__Referral *const *)left;
    const Dw__Referral *two = *(Dw__Referral *const *)right;
    if (one->created_ms != two->created_ms)
        return one->created_ms > two->created_ms ? -1 : 1;
    return compare_ids(&two->referral_id, &one->referral_id);
}

REFERRALS_QUERY(list)
{
    (void)ctx;
    (void)vault;
    const Dw__ListReferrals *list = (const Dw__ListReferrals *)request;
    Dw__ReferralList page = DW__REFERRAL_LIST__INIT;
    if (!read_page(list->page, list->per_page, answer, &page.page, &page.per_page))
        return;
    struct pick pick =
        pick_page(page.page, page.per_page, sizeof(Dw__Referral *), compare_newest, answer);
    const size_t count = entities_count(state->entities, REFERRALS_KIND_REFERRAL);
    for (size_t at = 0; at < count; at++) {
        const Dw__Referral *referral =
            entities_at(state->entities, REFERRALS_KIND_REFERRAL, at, NULL);
        if (fits(referral, list))
            pick_offer(&pick, &referral);
    }
    size_t first;
    page.n_referrals = on_page(&pick, page.page, page.per_page, &first);
    page.referrals = (Dw__Referral **)pick.items + first;
    page.total = (uint32_t)pick.total;
    answer_give(answer, &page.base);
}

/* --- the waiting list ------------------------------------------------------------------------------------------- */

struct waiting {
    const Dw__Referral *referral;
    uint32_t line_number;
};

static int compare_waiting(const void *left, const void *right)
{
    const struct waiting *one = left;
    const struct waiting *two = right;
    if (one->referral->urgency != two->referral->urgency)
        return one->referral->urgency < two->referral->urgency ? -1 : 1;
    if (one->referral->submitted_ms != two->referral->submitted_ms)
        return one->referral->submitted_ms < two->referral->submitted_ms ? -1 : 1;
    const int order = compare_ids(&one->referral->referral_id, &two->referral->referral_id);
    return order != 0 ? order : (int)one->line_number - (int)two->line_number;
}

static void offer_waiting(const struct state *state, struct pick *pick)
{
    const size_t count = entities_count(state->entities, REFERRALS_KIND_REFERRAL);
    for (size_t at = 0; at < count; at++) {
        const Dw__Referral *referral =
            entities_at(state->entities, REFERRALS_KIND_REFERRAL, at, NULL);
        if (referral_next((enum referral_state)referral->state, REFERRAL_EVENT_PLACE_LINE) ==
            REFERRAL_UNSPECIFIED)
            continue;
        for (uint32_t line = 1; line <= referral->n_lines; line++)
            if (referral->lines[line - 1]->placement_id.len == 0)
                pick_offer(pick, &(struct waiting){referral, line});
    }
}

static void describe(const struct state *state, const struct context *ctx,
                     const struct waiting *waiting, Dw__WaitingLine *ret_line)
{
    const Dw__Referral *referral = waiting->referral;
    const int32_t since = calendar_london_date(referral->submitted_ms);
    dw__waiting_line__init(ret_line);
    ret_line->referral_id = referral->referral_id;
    ret_line->reference = referral->reference;
    ret_line->person_id = referral->person_id;
    ret_line->urgency = referral->urgency;
    ret_line->line_number = waiting->line_number;
    ret_line->line = referral->lines[waiting->line_number - 1]->line;
    ret_line->facts = referrals_facts(state, referral);
    ret_line->submitted_ms = referral->submitted_ms;
    ret_line->days_waited = ctx->today > since ? (uint32_t)(ctx->today - since) : 0;
}

REFERRALS_QUERY(waiting)
{
    (void)vault;
    const Dw__WaitingList *list = (const Dw__WaitingList *)request;
    Dw__WaitingLines page = DW__WAITING_LINES__INIT;
    if (!read_page(list->page, list->per_page, answer, &page.page, &page.per_page))
        return;
    struct pick pick =
        pick_page(page.page, page.per_page, sizeof(struct waiting), compare_waiting, answer);
    const struct waiting *kept = pick.items;
    offer_waiting(state, &pick);
    Dw__WaitingLine *lines = answer_alloc(answer, PER_PAGE_MAX * sizeof lines[0]);
    page.lines = answer_alloc(answer, PER_PAGE_MAX * sizeof page.lines[0]);
    size_t first;
    page.n_lines = on_page(&pick, page.page, page.per_page, &first);
    for (size_t at = 0; at < page.n_lines; at++) {
        describe(state, ctx, &kept[first + at], &lines[at]);
        page.lines[at] = &lines[at];
    }
    page.total = (uint32_t)pick.total;
    answer_give(answer, &page.base);
}
