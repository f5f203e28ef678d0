/* Questions about unmet need. */
#include "common/paging.h"
#include "services/referrals/reading.h"

#include "common/calendar.h"

static bool has_value(const int *wanted, size_t count, int value)
{
    for (size_t at = 0; at < count; at++)
        if (wanted[at] == value)
            return true;
    return count == 0;
}

/* Any of the values is wanted; none wanted: whatever they are. Who needs any kind of service needs each of them. */
static bool have_any(const int *wanted, size_t wanted_count, const int *values, size_t count,
                     bool none_is_all)
{
    bool any = wanted_count == 0 || (none_is_all && count == 0);
    for (size_t at = 0; at < count && !any; at++)
        any = has_value(wanted, wanted_count, values[at]);
    return any;
}

static bool is_on(const Dw__UnmetNeed *need, uint32_t weekday)
{
    for (size_t at = 0; at < need->n_sessions; at++)
        if (need->sessions[at]->weekday == weekday)
            return true;
    return need->n_sessions == 0;
}

_Static_assert(sizeof(Dw__LineKind) == sizeof(int) && sizeof(Dw__LineNeed) == sizeof(int) &&
                   sizeof(Dw__UnmetReason) == sizeof(int) &&
                   sizeof(Dw__SupportReason) == sizeof(int),
               "lists of enums are lists of int");

static bool fits(const Dw__UnmetNeed *need, const Dw__ListUnmetNeed *list)
{
    return (list->district == 0 || list->district == need->district) &&
           (list->level == 0 || list->level == need->level) &&
           has_value((const int *)list->reasons, list->n_reasons, (int)need->reason) &&
           have_any((const int *)list->kinds, list->n_kinds, (const int *)need->kinds,
                    need->n_kinds, true) &&
           have_any((const int *)list->needs, list->n_needs, (const int *)need->needs,
                    need->n_needs, false) &&
           have_any((const int *)list->support_reasons, list->n_support_reasons,
                    (const int *)need->support_reasons, need->n_support_reasons, false) &&
           (list->weekday == 0 || is_on(need, list->weekday)) &&
           (list->person_id.len == 0 || id_data_equal(&list->person_id, &need->person_id)) &&
           (list->since == NULL || calendar_london_date(need->recorded_ms) >= list->since->days);
}

static int compare_newest(const void *left, const void *right)
{
    const Dw__UnmetNeed *one = *(Dw__UnmetNeed *const *)left;
    const Dw__UnmetNeed *two = *(Dw__UnmetNeed *const *)right;
    return one->number == two->number ? 0 : one->number > two->number ? -1 : 1;
}

static void offer_unmet(const struct state *state, const Dw__ListUnmetNeed *list, struct pick *pick)
{
    const size_t count = entities_count(state->entities, REFERRALS_KIND_UNMET);
    for (size_t at = 0; at < count; at++) {
        const Dw__UnmetNeed *need = entities_at(state->entities, REFERRALS_KIND_UNMET, at, NULL);
        if (fits(need, list))
            pick_offer(pick, &need);
    }
}

size_t reading_unmet(const struct state *state, const ProtobufCBinaryData *person_id,
                     struct answer *answer, Dw__UnmetNeed ***ret_needs)
{
    Dw__ListUnmetNeed list = DW__LIST_UNMET_NEED__INIT;
    list.person_id = *person_id;
    struct pick pick =
        paging_pick(1, PER_PAGE_MAX, sizeof(Dw__UnmetNeed *), compare_newest, answer);
    offer_unmet(state, &list, &pick);
    pick_sort(&pick);
    *ret_needs = pick.items;
    return pick.count;
}

REFERRALS_QUERY(unmet)
{
    (void)ctx;
    (void)vault;
    const Dw__ListUnmetNeed *list = (const Dw__ListUnmetNeed *)request;
    Dw__UnmetNeeds page = DW__UNMET_NEEDS__INIT;
    if (!paging_read(list->page, list->per_page, PER_PAGE, PER_PAGE_MAX, answer, &page.page,
                     &page.per_page))
        return;
    struct pick pick =
        paging_pick(page.page, page.per_page, sizeof(Dw__UnmetNeed *), compare_newest, answer);
    size_t first;
    offer_unmet(state, list, &pick);
    page.n_needs = paging_rows(&pick, page.page, page.per_page, &first);
    page.needs = (Dw__UnmetNeed **)pick.items + first;
    page.total = (uint32_t)pick.total;
    answer_give(answer, &page.base);
}
