/* End reports of a person. */
#include "services/outcomes/state.h"

#include "common/paging.h"

static int compare_latest(const void *left, const void *right)
{
    const Dw__EndReport *one = *(const Dw__EndReport *const *)left;
    const Dw__EndReport *two = *(const Dw__EndReport *const *)right;
    if (one->date->days != two->date->days)
        return one->date->days > two->date->days ? -1 : 1;
    return id_data_compare(&one->report_id, &two->report_id);
}

OUTCOMES_QUERY(end_reports)
{
    const Dw__EndReports *asked = (const Dw__EndReports *)request;
    struct id person_id;
    Dw__EndReportsFound found = DW__END_REPORTS_FOUND__INIT;
    if (!id_from_data(&asked->person_id, &person_id)) {
        answer_invalid(answer, "person_id", "it must be said, and it is not");
        return;
    }
    if (!paging_read(asked->page, asked->per_page, PER_PAGE, PER_PAGE_MAX, answer, &found.page,
                     &found.per_page))
        return;
    struct pick pick =
        paging_pick(found.page, found.per_page, sizeof(Dw__EndReport *), compare_latest, answer);
    Dw__EndReport **reports = pick.items;
    for (const struct held *at = lists_first(state->by_person, &person_id); at != NULL;
         at = lists_next(state->by_person, at)) {
        if (at->kind != OUTCOMES_KIND_END_REPORT)
            continue;
        const Dw__EndReport *report =
            entities_get(state->entities, OUTCOMES_KIND_END_REPORT, &at->id, 0);
        if (!outcomes_is_anothers(report->subject, ctx) &&
            (asked->placement_id.len == 0 ||
             id_data_equal(&asked->placement_id, &report->subject->placement_id)))
            pick_offer(&pick, &report);
    }
    size_t first;
    found.n_reports = paging_rows(&pick, found.page, found.per_page, &first);
    found.reports = reports + first;
    found.total = (uint32_t)pick.total;
    found.texts = answer_alloc(answer, PER_PAGE_MAX * sizeof found.texts[0]);
    for (size_t at = 0; at < found.n_reports; at++)
        outcomes_add_text(&found.reports[at]->text_id, vault, answer, found.texts, &found.n_texts);
    answer_give(answer, &found.base);
}
