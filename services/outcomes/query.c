/* Questions about plans. A provider's people see the plans of their own provider's support and no others. */
#include "services/outcomes/state.h"

#include "common/paging.h"

/* --- a plan ----------------------------------------------------------------------------------------------------- */

static bool has_goal(const Dw__OutcomePlan *plan, const ProtobufCBinaryData *goal_id)
{
    size_t at = 0;
    while (at < plan->n_goals && !id_data_equal(goal_id, &plan->goals[at]->goal->goal_id))
        at++;
    return at < plan->n_goals;
}

OUTCOMES_QUERY(plan)
{
    const Dw__GetPlan *get = (const Dw__GetPlan *)request;
    const Dw__OutcomePlan *plan = outcomes_plan(state, &get->plan_id);
    if (plan == NULL) {
        answer_refuse(answer, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_PLAN_UNKNOWN,
                      "There is no plan with this id.");
        return;
    }
    if (outcomes_is_anothers(plan->subject, ctx)) {
        answer_refuse(answer, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_NOT_YOURS,
                      "The plan belongs to another provider's support.");
        return;
    }
    if (get->goal_id.len > 0 && !has_goal(plan, &get->goal_id)) {
        answer_refuse(answer, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_GOAL_UNKNOWN,
                      "The plan has no goal with this id.");
        return;
    }
    size_t texts_max = plan->n_goals;
    for (size_t at = 0; at < plan->n_goals; at++)
        texts_max += plan->goals[at]->n_reviews;
    Dw__PlanRead read = DW__PLAN_READ__INIT;
    read.plan = (Dw__OutcomePlan *)(uintptr_t)plan;
    read.texts = answer_alloc(answer, (texts_max + 1) * sizeof read.texts[0]);
    for (size_t at = 0; at < plan->n_goals; at++) {
        const Dw__GoalRecord *goal = plan->goals[at];
        if (get->goal_id.len > 0 && !id_data_equal(&get->goal_id, &goal->goal->goal_id))
            continue;
        outcomes_add_text(&goal->goal->text_id, vault, answer, read.texts, &read.n_texts);
        for (size_t review = 0; review < goal->n_reviews; review++)
            outcomes_add_text(&goal->reviews[review]->notes_id, vault, answer, read.texts,
                              &read.n_texts);
    }
    answer_give(answer, &read.base);
}

/* --- reviews due ------------------------------------------------------------------------------------------------ */

struct due_goal {
    const Dw__OutcomePlan *plan;
    const Dw__GoalRecord *goal;
};

static int compare_due(const void *left, const void *right)
{
    const struct due_goal *one = left;
    const struct due_goal *two = right;
    if (one->goal->next_review->days != two->goal->next_review->days)
        return one->goal->next_review->days < two->goal->next_review->days ? -1 : 1;
    const int order = id_data_compare(&one->plan->plan_id, &two->plan->plan_id);
    return order != 0 ? order
                      : id_data_compare(&one->goal->goal->goal_id, &two->goal->goal->goal_id);
}

/* Nobody asks how it goes with somebody who has died. */
static bool is_asked_for(const struct state *state, const Dw__OutcomePlan *plan,
                         const Dw__ReviewsDue *due, const struct context *ctx)
{
    return !outcomes_is_anothers(plan->subject, ctx) &&
           outcomes_death(state, &plan->subject->person_id) == NULL &&
           (due->person_id.len == 0 || id_data_equal(&due->person_id, &plan->subject->person_id));
}

static void offer_due(const struct state *state, const Dw__ReviewsDue *due,
                      const struct context *ctx, struct pick *pick)
{
    const int32_t until = due->until == NULL ? ctx->today : due->until->days;
    const size_t count = entities_count(state->entities, OUTCOMES_KIND_PLAN);
    for (size_t at = 0; at < count; at++) {
        const Dw__OutcomePlan *plan = entities_at(state->entities, OUTCOMES_KIND_PLAN, at, NULL);
        if (!is_asked_for(state, plan, due, ctx))
            continue;
        for (size_t goal = 0; goal < plan->n_goals; goal++)
            if (plan->goals[goal]->next_review != NULL &&
                plan->goals[goal]->next_review->days <= until)
                pick_offer(pick, &(struct due_goal){plan, plan->goals[goal]});
    }
}

static void describe(const struct due_goal *goal, const struct context *ctx,
                     Dw__ReviewDue *ret_review)
{
    dw__review_due__init(ret_review);
    ret_review->plan_id = goal->plan->plan_id;
    ret_review->goal_id = goal->goal->goal->goal_id;
    ret_review->subject = goal->plan->subject;
    ret_review->domain = goal->goal->goal->domain;
    ret_review->next_review = goal->goal->next_review;
    const int32_t days = goal->goal->next_review->days;
    ret_review->days_overdue = ctx->today > days ? (uint32_t)(ctx->today - days) : 0;
}

OUTCOMES_QUERY(due)
{
    (void)vault;
    const Dw__ReviewsDue *due = (const Dw__ReviewsDue *)request;
    Dw__ReviewsDueFound page = DW__REVIEWS_DUE_FOUND__INIT;
    if (!paging_read(due->page, due->per_page, PER_PAGE, PER_PAGE_MAX, answer, &page.page,
                     &page.per_page))
        return;
    struct pick pick =
        paging_pick(page.page, page.per_page, sizeof(struct due_goal), compare_due, answer);
    struct due_goal *goals = pick.items;
    offer_due(state, due, ctx, &pick);
    size_t first;
    const size_t rows = paging_rows(&pick, page.page, page.per_page, &first);
    Dw__ReviewDue *reviews = answer_alloc(answer, PER_PAGE_MAX * sizeof reviews[0]);
    page.reviews = answer_alloc(answer, PER_PAGE_MAX * sizeof page.reviews[0]);
    for (size_t at = 0; at < rows; at++) {
        describe(&goals[first + at], ctx, &reviews[page.n_reviews]);
        page.reviews[page.n_reviews] = &reviews[page.n_reviews];
        page.n_reviews++;
    }
    page.total = (uint32_t)pick.total;
    answer_give(answer, &page.base);
}
