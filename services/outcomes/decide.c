/* Decisions about goals: what a goal must say to be agreed, and when it may be reviewed. */
#include "services/outcomes/state.h"

#include "common/calendar.h"
#include "common/text.h"

#include "model.pb-c.h"

enum {
    REVIEW_DAYS = 365, /* where the model is silent: the Care Act guidance's yearly review */
    FIELD_SIZE = 64,
};

int32_t outcomes_review_days(const struct context *ctx)
{
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    const uint32_t days = model->rules == NULL ? 0 : model->rules->review_days;
    return days == 0 || days > REVIEW_DAYS ? REVIEW_DAYS : (int32_t)days;
}

/* --- agreeing --------------------------------------------------------------------------------------------------- */

static bool has_domain(const struct context *ctx, uint32_t number)
{
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    for (size_t at = 0; at < model->n_outcome_domains; at++)
        if (model->outcome_domains[at]->number == number)
            return true;
    return false;
}

static void check_goal_form(const Dw__OutcomeGoal *goal, size_t at, struct decision *decision)
{
    struct id id;
    char path[FIELD_SIZE];
    (void)text_format(path, sizeof path, "goals[%zu].goal", at);
    if (goal == NULL)
        decision_invalid(decision, path, "it must be said, and it is not");
    else if (!id_from_data(&goal->goal_id, &id))
        decision_invalid(decision, path, "a goal has an id");
    else if ((goal->baseline != NULL && goal->baseline->points > OUTCOMES_SCORE_MAX) ||
             (goal->target != NULL && goal->target->points > OUTCOMES_SCORE_MAX))
        decision_invalid(decision, path, "a score is 0 to %d", OUTCOMES_SCORE_MAX);
    else if (goal->by != NULL && !calendar_has(goal->by->days))
        decision_invalid(decision, path, "a date lies between 1900 and 2199");
}

static void check_form(const Dw__AgreeOutcomePlan *agree, struct decision *decision)
{
    struct id id;
    if (!id_from_data(&agree->plan_id, &id))
        decision_invalid(decision, "plan_id", "it must be said, and it is not");
    else if (agree->subject == NULL || !id_from_data(&agree->subject->person_id, &id))
        decision_invalid(decision, "subject.person_id", "it must be said, and it is not");
    else if (agree->agreed == NULL || agree->agreed->days < CALENDAR_FIRST)
        decision_invalid(decision, "agreed", "it must be said, 1900 or later");
    else if (agree->n_goals < 1 || agree->n_goals > OUTCOMES_GOALS_MAX)
        decision_invalid(decision, "goals", "a plan has 1 to %d goals", OUTCOMES_GOALS_MAX);
    for (size_t at = 0; at < agree->n_goals && !decision_is_no(decision); at++)
        check_goal_form(agree->goals[at]->goal, at, decision);
}

static void check_goal(const Dw__OutcomeGoal *goal, size_t number, const struct context *ctx,
                       struct decision *decision)
{
    const char *missing = goal->domain == 0        ? "domain"
                          : goal->baseline == NULL ? "baseline"
                          : goal->by == NULL       ? "date"
                                                   : NULL;
    if (missing != NULL)
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_GOAL_INCOMPLETE,
                        "Goal %zu has no %s; a goal needs a domain, a baseline and a date.", number,
                        missing);
    else if (!has_domain(ctx, goal->domain))
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_DOMAIN_UNKNOWN,
                        "The council has no outcome domain %u; take one of its model's.",
                        goal->domain);
}

static void check_ids(const struct state *state, const Dw__AgreeOutcomePlan *agree,
                      struct decision *decision)
{
    if (outcomes_plan(state, &agree->plan_id) != NULL)
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_ALREADY_EXISTS,
                        "This plan id is used already; take a fresh one.");
    for (size_t at = 0; at < agree->n_goals; at++)
        for (size_t before = 0; before < at; before++)
            if (id_data_equal(&agree->goals[before]->goal->goal_id,
                              &agree->goals[at]->goal->goal_id))
                decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_ALREADY_EXISTS,
                                "Goals %zu and %zu have the same id; give each its own.",
                                before + 1, at + 1);
}

static void check_agree(const struct state *state, const Dw__AgreeOutcomePlan *agree,
                        const struct context *ctx, struct decision *decision)
{
    outcomes_check_subject(state, agree->subject, agree->agreed->days, ctx, decision);
    check_ids(state, agree, decision);
    if (agree->agreed->days > ctx->today)
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_DATE_OUTSIDE,
                        "The plan cannot have been agreed after today.");
    for (size_t at = 0; at < agree->n_goals; at++)
        check_goal(agree->goals[at]->goal, at + 1, ctx, decision);
}

OUTCOMES_DECIDE(agree)
{
    const Dw__AgreeOutcomePlan *agree = (const Dw__AgreeOutcomePlan *)command;
    check_form(agree, decision);
    if (decision_is_no(decision))
        return;
    check_agree(state, agree, ctx, decision);
    if (decision_is_no(decision))
        return;
    Dw__OutcomeGoal copies[OUTCOMES_GOALS_MAX];
    Dw__OutcomeGoal *goals[OUTCOMES_GOALS_MAX];
    struct id text_ids[OUTCOMES_GOALS_MAX];
    for (size_t at = 0; at < agree->n_goals; at++) {
        copies[at] = *agree->goals[at]->goal;
        goals[at] = &copies[at];
        outcomes_keep_text(agree->goals[at]->text, ctx, decision, &text_ids[at],
                           &copies[at].text_id);
    }
    Dw__Date next_review = DW__DATE__INIT;
    next_review.days = agree->agreed->days + outcomes_review_days(ctx);
    Dw__OutcomePlanAgreed agreed = DW__OUTCOME_PLAN_AGREED__INIT;
    agreed.plan_id = agree->plan_id;
    agreed.subject = agree->subject;
    agreed.agreed = agree->agreed;
    agreed.n_goals = agree->n_goals;
    agreed.goals = goals;
    agreed.next_review = &next_review;
    decision_emit(decision, &agreed.base);
}

/* --- reviewing -------------------------------------------------------------------------------------------------- */

static void check_review_form(const Dw__ReviewGoal *review, struct decision *decision)
{
    struct id id;
    if (!id_from_data(&review->plan_id, &id))
        decision_invalid(decision, "plan_id", "it must be said, and it is not");
    else if (!id_from_data(&review->goal_id, &id))
        decision_invalid(decision, "goal_id", "it must be said, and it is not");
    else if (review->date == NULL)
        decision_invalid(decision, "date", "it must be said, and it is not");
    else if (review->score == NULL || review->score->points > OUTCOMES_SCORE_MAX)
        decision_invalid(decision, "score", "it must be said, 0 to %d", OUTCOMES_SCORE_MAX);
}

/* The goal to be reviewed, or NULL when the answer is a no. */
static Dw__GoalRecord *find_goal(const struct state *state, const Dw__ReviewGoal *review,
                                 const struct context *ctx, struct decision *decision)
{
    const Dw__OutcomePlan *plan = outcomes_plan(state, &review->plan_id);
    Dw__GoalRecord *goal = plan == NULL ? NULL : outcomes_goal(plan, &review->goal_id);
    if (plan == NULL)
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_PLAN_UNKNOWN,
                        "There is no plan with this id; agree it first.");
    else if (outcomes_is_anothers(plan->subject, ctx))
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_NOT_YOURS,
                        "The plan belongs to another provider's support.");
    else if (outcomes_is_erased(state, &plan->subject->person_id))
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_PERSON_ERASED,
                        "What was known of this person is erased; nothing is told of them.");
    else if (goal == NULL)
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_GOAL_UNKNOWN,
                        "The plan has no goal with this id; it has %zu others.", plan->n_goals);
    else if (outcomes_is_achieved(goal))
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_GOAL_ACHIEVED,
                        "The goal is achieved; agree a new one to go on from here.");
    else if (!outcomes_is_open(goal))
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_GOAL_CLOSED,
                        "An end report has closed the goal; agree a new one to go on from here.");
    else if (goal->n_reviews >= OUTCOMES_REVIEWS_MAX)
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_TOO_MANY_REVIEWS,
                        "The goal has %d reviews; agree a new one to go on from here.",
                        OUTCOMES_REVIEWS_MAX);
    else if (review->date->days > ctx->today || review->date->days < plan->agreed->days)
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_DATE_OUTSIDE,
                        "A review lies between the day the plan was agreed and today.");
    return decision_is_no(decision) ? NULL : goal;
}

OUTCOMES_DECIDE(review)
{
    const Dw__ReviewGoal *review = (const Dw__ReviewGoal *)command;
    check_review_form(review, decision);
    if (decision_is_no(decision))
        return;
    const Dw__GoalRecord *goal = find_goal(state, review, ctx, decision);
    if (goal == NULL)
        return;
    struct id notes_id;
    Dw__GoalReview found = DW__GOAL_REVIEW__INIT;
    found.date = review->date;
    found.score = review->score;
    found.result = review->result;
    found.by = review->by;
    outcomes_keep_text(review->notes, ctx, decision, &notes_id, &found.notes_id);
    Dw__Date next_review = DW__DATE__INIT;
    next_review.days = review->date->days + outcomes_review_days(ctx);
    Dw__GoalReviewed reviewed = DW__GOAL_REVIEWED__INIT;
    reviewed.plan_id = review->plan_id;
    reviewed.subject = outcomes_plan(state, &review->plan_id)->subject;
    reviewed.goal = goal->goal;
    reviewed.review = &found;
    if (review->result != DW__REVIEW_RESULT__REVIEW_RESULT_ACHIEVED)
        reviewed.next_review = &next_review;
    decision_emit(decision, &reviewed.base);
}
