/* See losses.h. */
#include "services/placements/losses.h"
#include "services/placements/money.h"

#include "common/calendar.h"
#include "common/table.h"

#include <stdlib.h>

enum { DAYS_A_WEEK = 7 };

static bool is_paid_closure(const struct state *state, const Dw__CommissioningModel *model,
                            const Dw__Placement *placement, const Dw__PlacementTerms *under,
                            const Dw__Disruption *disruption)
{
    const Dw__ContractTerms *terms = placements_contract_terms(
        model, placements_contract_on(state, placement, under, disruption->from->days, false));
    for (size_t at = 0; terms != NULL && disruption->closure != NULL && at < terms->n_paid_closures;
         at++)
        if (terms->paid_closures[at] == disruption->closure->reason)
            return true;
    return false;
}

/* --- the list ----------------------------------------------------------------------------------------------------- */

static void push(struct losses *losses, const Dw__DisruptedSitting *sitting, bool unpaid)
{
    if (losses->count == losses->size)
        losses->list = array_grow(losses->list, &losses->size, sizeof losses->list[0]);
    losses->list[losses->count++] =
        (struct lost_sitting){id_or_zero(&sitting->session_id), sitting->date->days, unpaid};
}

static int by_date(const void *left, const void *right)
{
    const struct lost_sitting *one = left;
    const struct lost_sitting *two = right;
    if (one->date != two->date)
        return one->date < two->date ? -1 : 1;
    return id_compare(&one->session_id, &two->session_id);
}

/* What several things took is one sitting, not paid when one of them is not. */
static void merge(struct losses *losses)
{
    size_t count = 0;
    if (losses->count > 0)
        qsort(losses->list, losses->count, sizeof losses->list[0], by_date);
    for (size_t at = 0; at < losses->count; at++) {
        const struct lost_sitting *lost = &losses->list[at];
        if (count > 0 && by_date(&losses->list[count - 1], lost) == 0)
            losses->list[count - 1].unpaid |= lost->unpaid;
        else
            losses->list[count++] = *lost;
    }
    losses->count = count;
}

static struct losses read_all(const struct state *state, const Dw__CommissioningModel *model,
                              const Dw__Placement *placement, const Dw__PlacementTerms *terms,
                              int32_t first, int32_t last)
{
    struct losses losses = {0};
    for (uint32_t part = 0; part < placements_disruption_parts(placement); part++) {
        const Dw__Disruption *disruption = placements_loss(state, placement, part);
        if (disruption == NULL)
            continue;
        const bool unpaid = !is_paid_closure(state, model, placement, terms, disruption);
        for (size_t at = 0; at < disruption->n_sittings; at++)
            if (disruption->sittings[at]->date->days >= first &&
                disruption->sittings[at]->date->days <= last)
                push(&losses, disruption->sittings[at], unpaid);
    }
    merge(&losses);
    return losses;
}

/* --- what makes up for it ----------------------------------------------------------------------------------------- */

/* Other places of the person's that stand in for this one, and what they lost themselves and need not be paid. */
struct cover {
    const Dw__Placement *placement;
    struct losses losses;
};

enum { COVERS_MAX = 16 }; /* more than anybody has */

static bool is_planned(const struct state *state, const Dw__Placement *placement,
                       const struct lost_sitting *lost)
{
    const ProtobufCBinaryData session_id = id_to_data(&lost->session_id);
    return placements_plans(state, placement, &session_id, lost->date);
}

/* Sittings of the cover's that take place, or are paid as if they did, in the week. */
static uint32_t covering(const struct state *state, const struct cover *cover, int32_t monday)
{
    const int32_t sunday = monday + DAYS_A_WEEK - 1;
    uint32_t count = placements_planned_sittings(state, cover->placement, monday, sunday);
    for (size_t at = 0; at < cover->losses.count && count > 0; at++) {
        const struct lost_sitting *lost = &cover->losses.list[at];
        count -= lost->date >= monday && lost->date <= sunday && lost->unpaid &&
                 is_planned(state, cover->placement, lost);
    }
    return count;
}

/* Then nobody else is paid for it. */
static bool is_own_money(const Dw__PlacementTerms *terms)
{
    return terms->funding == DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
}

static size_t find_covers(const struct state *state, const Dw__CommissioningModel *model,
                          const Dw__Placement *placement, int32_t first, int32_t last,
                          struct cover ret_covers[COVERS_MAX])
{
    const struct id person_id = id_or_zero(&placement->terms->person_id);
    size_t count = 0;
    for (const struct id *id = lists_first(state->by_person, &person_id);
         id != NULL && count < COVERS_MAX; id = lists_next(state->by_person, id)) {
        const Dw__Placement *other =
            entities_get(state->entities, PLACEMENTS_KIND_PLACEMENT, id, 0);
        if (other->started == NULL || is_own_money(other->terms) ||
            !id_data_equal(&other->terms->covers_placement_id, &placement->placement_id))
            continue;
        ret_covers[count++] =
            (struct cover){other, read_all(state, model, other, other->terms, first, last)};
    }
    return count;
}

/* Each sitting elsewhere makes up for one of the week, on whatever day, the first that was lost first. */
static void take_covered(const struct state *state, struct losses *losses,
                         const struct cover *covers, size_t count)
{
    int32_t monday = INT32_MIN;
    uint32_t left = 0;
    for (size_t at = 0; at < losses->count; at++) {
        struct lost_sitting *lost = &losses->list[at];
        const int32_t own = calendar_monday(calendar_week(lost->date));
        if (own != monday) {
            monday = own;
            left = 0;
            for (size_t cover = 0; cover < count; cover++)
                left += covering(state, &covers[cover], monday);
        }
        if (left == 0)
            continue;
        lost->unpaid = true;
        left--;
    }
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

struct losses losses_read(const struct state *state, const Dw__CommissioningModel *model,
                          const Dw__Placement *placement, const Dw__PlacementTerms *terms,
                          int32_t first, int32_t last)
{
    struct cover covers[COVERS_MAX];
    const int32_t monday = calendar_monday(calendar_week(first));
    const int32_t sunday = calendar_monday(calendar_week(last)) + DAYS_A_WEEK - 1;
    struct losses losses = read_all(state, model, placement, terms, monday, sunday);
    if (losses.count == 0)
        return losses;
    const size_t count = find_covers(state, model, placement, monday, sunday, covers);
    take_covered(state, &losses, covers, count);
    for (size_t at = 0; at < count; at++)
        losses_free(&covers[at].losses);
    return losses;
}

void losses_free(struct losses *losses)
{
    free(losses->list);
    *losses = (struct losses){0};
}

const struct lost_sitting *losses_find(const struct losses *losses, const struct id *session_id,
                                       int32_t date)
{
    const struct lost_sitting wanted = {*session_id, date, false};
    return losses->count == 0
               ? NULL
               : bsearch(&wanted, losses->list, losses->count, sizeof losses->list[0], by_date);
}
