/* Milestones by person, kind and date. */
#include "services/outcomes/state.h"

#include "common/paging.h"

static int compare_latest(const void *left, const void *right)
{
    const Dw__Milestone *one = (*(const Dw__MilestoneRecord *const *)left)->milestone;
    const Dw__Milestone *two = (*(const Dw__MilestoneRecord *const *)right)->milestone;
    if (one->date->days != two->date->days)
        return one->date->days > two->date->days ? -1 : 1;
    return id_data_compare(&one->milestone_id, &two->milestone_id);
}

static bool has_kind(const Dw__Milestones *asked, Dw__MilestoneKind kind)
{
    size_t at = 0;
    while (at < asked->n_kinds && asked->kinds[at] != kind)
        at++;
    return asked->n_kinds == 0 || at < asked->n_kinds;
}

static bool is_asked_for(const Dw__Milestone *milestone, const Dw__Milestones *asked,
                         const struct context *ctx)
{
    return !outcomes_is_anothers(milestone->subject, ctx) && has_kind(asked, milestone->kind) &&
           (asked->from == NULL || milestone->date->days >= asked->from->days) &&
           (asked->to == NULL || milestone->date->days <= asked->to->days);
}

static void offer(const Dw__MilestoneRecord *record, const Dw__Milestones *asked,
                  const struct context *ctx, struct pick *pick, Dw__MilestonesFound *found)
{
    if (!is_asked_for(record->milestone, asked, ctx))
        return;
    pick_offer(pick, &record);
    found->sustained_13 += record->sustained_weeks >= 13;
    found->sustained_26 += record->sustained_weeks >= 26;
}

static void offer_all(const struct state *state, const Dw__Milestones *asked,
                      const struct context *ctx, struct pick *pick, Dw__MilestonesFound *found)
{
    struct id person_id;
    if (!id_from_data(&asked->person_id, &person_id)) {
        const size_t count = entities_count(state->entities, OUTCOMES_KIND_MILESTONE);
        for (size_t at = 0; at < count; at++)
            offer(entities_at(state->entities, OUTCOMES_KIND_MILESTONE, at, NULL), asked, ctx, pick,
                  found);
        return;
    }
    for (const struct held *at = lists_first(state->by_person, &person_id); at != NULL;
         at = lists_next(state->by_person, at))
        if (at->kind == OUTCOMES_KIND_MILESTONE)
            offer(entities_get(state->entities, OUTCOMES_KIND_MILESTONE, &at->id, 0), asked, ctx,
                  pick, found);
}

OUTCOMES_QUERY(milestones)
{
    const Dw__Milestones *asked = (const Dw__Milestones *)request;
    Dw__MilestonesFound found = DW__MILESTONES_FOUND__INIT;
    if (!paging_read(asked->page, asked->per_page, PER_PAGE, PER_PAGE_MAX, answer, &found.page,
                     &found.per_page))
        return;
    struct pick pick = paging_pick(found.page, found.per_page, sizeof(Dw__MilestoneRecord *),
                                   compare_latest, answer);
    Dw__MilestoneRecord **records = pick.items;
    offer_all(state, asked, ctx, &pick, &found);
    size_t first;
    found.n_milestones = paging_rows(&pick, found.page, found.per_page, &first);
    found.milestones = records + first;
    found.total = (uint32_t)pick.total;
    found.texts = answer_alloc(answer, PER_PAGE_MAX * sizeof found.texts[0]);
    for (size_t at = 0; at < found.n_milestones; at++)
        outcomes_add_text(&found.milestones[at]->milestone->text_id, vault, answer, found.texts,
                          &found.n_texts);
    answer_give(answer, &found.base);
}
