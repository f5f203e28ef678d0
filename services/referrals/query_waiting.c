/* The waiting list: lines that wait, each with why and how long, the most urgent first. The order of urgencies is the model's; who
 * waits long rises in it, so that routine is not for ever. */
#include "common/paging.h"
#include "services/referrals/state.h"

#include "common/calendar.h"

#include <string.h>

#include "model.pb-c.h"

struct waiting {
    const Dw__Referral *referral;
    uint32_t line_number;
    uint32_t rank;
    int64_t since_ms;
};

static int compare_waiting(const void *left, const void *right)
{
    const struct waiting *one = left;
    const struct waiting *two = right;
    if (one->rank != two->rank)
        return one->rank < two->rank ? -1 : 1;
    if (one->since_ms != two->since_ms)
        return one->since_ms < two->since_ms ? -1 : 1;
    const int order = id_data_compare(&one->referral->referral_id, &two->referral->referral_id);
    return order != 0 ? order : (int)one->line_number - (int)two->line_number;
}

static uint32_t days_since(int64_t since_ms, const struct context *ctx)
{
    const int32_t since = calendar_london_date(since_ms);
    return ctx->today > since ? (uint32_t)(ctx->today - since) : 0;
}

/* Place of an urgency in the model's order, from 1; what the model does not name stands behind in the enum's order. */
static uint32_t place_of(Dw__Urgency urgency, const Dw__Rules *rules)
{
    const uint32_t named = rules == NULL ? 0 : (uint32_t)rules->n_waiting_order;
    for (uint32_t at = 0; at < named; at++)
        if (rules->waiting_order[at] == urgency)
            return at + 1;
    return named + (uint32_t)urgency;
}

static uint32_t rank_of(const Dw__Referral *referral, int64_t since_ms, const struct context *ctx)
{
    const Dw__Rules *rules = ((const Dw__CommissioningModel *)ctx->model)->rules;
    const uint32_t place = place_of(referral->urgency, rules);
    const uint32_t step_days = rules == NULL ? 0 : rules->escalate_days;
    const uint32_t steps = step_days == 0 ? 0 : days_since(since_ms, ctx) / step_days;
    return steps >= place ? 1 : place - steps;
}

static bool fits_reason(const Dw__WaitingList *list, const Dw__LineWait *wait)
{
    for (size_t at = 0; at < list->n_reasons; at++)
        if (wait != NULL && list->reasons[at] == wait->reason)
            return true;
    return list->n_reasons == 0;
}

/* On hold, and it is time to look again. */
static bool is_review_due(const Dw__LineWait *wait, const struct context *ctx)
{
    return wait != NULL && wait->hold != NULL && wait->hold->review != NULL &&
           wait->hold->review->days <= ctx->today;
}

static bool fits_line(const Dw__WaitingList *list, const Dw__LineRecord *record,
                      const struct context *ctx)
{
    bool has_kind = list->n_kinds == 0;
    for (size_t at = 0; at < list->n_kinds; at++)
        has_kind = has_kind || list->kinds[at] == record->line->kind;
    return has_kind && (list->level == 0 || list->level == record->line->level) &&
           fits_reason(list, record->wait) &&
           (!list->review_due || is_review_due(record->wait, ctx));
}

static bool fits_referral(const struct state *state, const Dw__WaitingList *list,
                          const Dw__Referral *referral)
{
    return (list->district == 0 || list->district == referrals_facts(state, referral)->district) &&
           (list->assignee[0] == '\0' || strcmp(list->assignee, referrals_assignee(referral)) == 0);
}

static void offer_waiting(const struct state *state, const struct context *ctx,
                          const Dw__WaitingList *list, struct pick *pick)
{
    const size_t count = entities_count(state->entities, REFERRALS_KIND_REFERRAL);
    for (size_t at = 0; at < count; at++) {
        const Dw__Referral *referral =
            entities_at(state->entities, REFERRALS_KIND_REFERRAL, at, NULL);
        if (!referrals_any_can(referral, LINE_EVENT_PLACE) || !fits_referral(state, list, referral))
            continue;
        for (uint32_t line = 1; line <= referral->n_lines; line++) {
            const Dw__LineRecord *record = referral->lines[line - 1];
            if (!referrals_line_waits(referral, line) || !fits_line(list, record, ctx))
                continue;
            const int64_t since_ms =
                record->waits_since_ms > 0 ? record->waits_since_ms : referral->submitted_ms;
            pick_offer(pick, &(struct waiting){referral, line, rank_of(referral, since_ms, ctx),
                                               since_ms});
        }
    }
}

static void describe(const struct state *state, const struct context *ctx,
                     const struct waiting *waiting, Dw__WaitingLine *ret_line)
{
    const Dw__Referral *referral = waiting->referral;
    const Dw__LineRecord *record = referral->lines[waiting->line_number - 1];
    dw__waiting_line__init(ret_line);
    ret_line->referral_id = referral->referral_id;
    ret_line->reference = referral->reference;
    ret_line->person_id = referral->person_id;
    ret_line->urgency = referral->urgency;
    ret_line->line_number = waiting->line_number;
    ret_line->line = record->line;
    ret_line->facts = referrals_facts(state, referral);
    ret_line->submitted_ms = referral->submitted_ms;
    ret_line->days_waited = days_since(waiting->since_ms, ctx);
    ret_line->state = (Dw__LineState)referrals_line_state(referral, waiting->line_number);
    ret_line->wait = record->wait;
    ret_line->days_for_reason = record->wait == NULL ? 0 : days_since(record->wait->since_ms, ctx);
    ret_line->rank = waiting->rank;
    ret_line->assignee = (char *)(uintptr_t)referrals_assignee(referral);
}

REFERRALS_QUERY(waiting)
{
    (void)vault;
    const Dw__WaitingList *list = (const Dw__WaitingList *)request;
    Dw__WaitingLines page = DW__WAITING_LINES__INIT;
    if (!paging_read(list->page, list->per_page, PER_PAGE, PER_PAGE_MAX, answer, &page.page,
                     &page.per_page))
        return;
    struct pick pick =
        paging_pick(page.page, page.per_page, sizeof(struct waiting), compare_waiting, answer);
    const struct waiting *kept = pick.items;
    offer_waiting(state, ctx, list, &pick);
    Dw__WaitingLine *lines = answer_alloc(answer, PER_PAGE_MAX * sizeof lines[0]);
    page.lines = answer_alloc(answer, PER_PAGE_MAX * sizeof page.lines[0]);
    size_t first;
    page.n_lines = paging_rows(&pick, page.page, page.per_page, &first);
    for (size_t at = 0; at < page.n_lines; at++) {
        describe(state, ctx, &kept[first + at], &lines[at]);
        page.lines[at] = &lines[at];
    }
    page.total = (uint32_t)pick.total;
    answer_give(answer, &page.base);
}
