/* Records of outcomes, and evolve: the only code that changes them. */
#include "services/outcomes/state.h"

#include <assert.h>
#include <stdlib.h>

struct state *outcomes_create(struct entities *entities)
{
    struct state *state = calloc(1, sizeof *state);
    if (state != NULL)
        state->entities = entities;
    return state;
}

void outcomes_destroy(struct state **state)
{
    free(*state);
    *state = NULL;
}

static struct id to_id(const ProtobufCBinaryData *data)
{
    struct id id = {0};
    (void)id_from_data(data, &id);
    return id;
}

const Dw__OutcomePlan *outcomes_plan(const struct state *state, const ProtobufCBinaryData *data)
{
    const struct id id = to_id(data);
    return entities_get(state->entities, OUTCOMES_KIND_PLAN, &id, 0);
}

const Dw__Support *outcomes_support(const struct state *state,
                                    const ProtobufCBinaryData *placement_id)
{
    const struct id id = to_id(placement_id);
    return entities_get(state->entities, OUTCOMES_KIND_SUPPORT, &id, 0);
}

Dw__GoalRecord *outcomes_goal(const Dw__OutcomePlan *plan, const ProtobufCBinaryData *data)
{
    const struct id id = to_id(data);
    for (size_t at = 0; at < plan->n_goals; at++) {
        const struct id goal_id = to_id(&plan->goals[at]->goal->goal_id);
        if (id_equal(&goal_id, &id))
            return plan->goals[at];
    }
    return NULL;
}

bool outcomes_is_achieved(const Dw__GoalRecord *goal)
{
    return goal->n_reviews > 0 &&
           goal->reviews[goal->n_reviews - 1]->result == DW__REVIEW_RESULT__REVIEW_RESULT_ACHIEVED;
}

bool outcomes_is_anothers(const Dw__PlanSubject *subject, const struct context *ctx)
{
    const struct id provider_id = to_id(&subject->provider_id);
    return !principal_sees(ctx->principal, &provider_id);
}

static void put(struct state *state, const Dw__OutcomePlan *plan)
{
    const struct id id = to_id(&plan->plan_id);
    entities_put(state->entities, OUTCOMES_KIND_PLAN, &id, 0, &plan->base);
}

OUTCOMES_EVOLVE(support_began)
{
    (void)recorded;
    const Dw__SupportBegan *ev = (const Dw__SupportBegan *)event;
    const struct id id = to_id(&ev->placement_id);
    Dw__Support support = DW__SUPPORT__INIT;
    support.person_id = ev->person_id;
    support.provider_id = ev->provider_id;
    entities_put(state->entities, OUTCOMES_KIND_SUPPORT, &id, 0, &support.base);
}

OUTCOMES_EVOLVE(support_ended)
{
    (void)recorded;
    const Dw__SupportEnded *ev = (const Dw__SupportEnded *)event;
    const struct id id = to_id(&ev->placement_id);
    const Dw__Support *before = outcomes_support(state, &ev->placement_id);
    if (before == NULL)
        return;
    Dw__Support support = *before;
    support.last = ev->last;
    entities_put(state->entities, OUTCOMES_KIND_SUPPORT, &id, 0, &support.base);
}

OUTCOMES_EVOLVE(agreed)
{
    (void)recorded;
    const Dw__OutcomePlanAgreed *ev = (const Dw__OutcomePlanAgreed *)event;
    assert(ev->n_goals <= OUTCOMES_GOALS_MAX);
    Dw__GoalRecord records[OUTCOMES_GOALS_MAX];
    Dw__GoalRecord *goals[OUTCOMES_GOALS_MAX];
    for (size_t at = 0; at < ev->n_goals; at++) {
        dw__goal_record__init(&records[at]);
        records[at].goal = ev->goals[at];
        records[at].next_review = ev->next_review;
        goals[at] = &records[at];
    }
    Dw__OutcomePlan plan = DW__OUTCOME_PLAN__INIT;
    plan.plan_id = ev->plan_id;
    plan.subject = ev->subject;
    plan.agreed = ev->agreed;
    plan.n_goals = ev->n_goals;
    plan.goals = goals;
    put(state, &plan);
}

OUTCOMES_EVOLVE(reviewed)
{
    (void)recorded;
    const Dw__GoalReviewed *ev = (const Dw__GoalReviewed *)event;
    const Dw__OutcomePlan *before = outcomes_plan(state, &ev->plan_id);
    const Dw__GoalRecord *goal = before == NULL ? NULL : outcomes_goal(before, &ev->goal->goal_id);
    if (goal == NULL || goal->n_reviews >= OUTCOMES_REVIEWS_MAX)
        return;
    Dw__GoalReview *reviews[OUTCOMES_REVIEWS_MAX];
    for (size_t at = 0; at < goal->n_reviews; at++)
        reviews[at] = goal->reviews[at];
    reviews[goal->n_reviews] = ev->review;
    Dw__GoalRecord changed = *goal;
    changed.reviews = reviews;
    changed.n_reviews = goal->n_reviews + 1;
    changed.next_review = ev->next_review;
    Dw__GoalRecord *goals[OUTCOMES_GOALS_MAX];
    for (size_t at = 0; at < before->n_goals; at++)
        goals[at] = before->goals[at] == goal ? &changed : before->goals[at];
    Dw__OutcomePlan plan = *before;
    plan.goals = goals;
    put(state, &plan);
}
