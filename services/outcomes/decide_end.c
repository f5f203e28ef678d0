/* Decisions about end reports: what came of every goal that is open when support ends. */
#include "services/outcomes/state.h"

#include "common/text.h"

enum {
    GOALS_MAX = 60, /* five plans, all of them full */
    FIELD_SIZE = 64,
};

static void check_form(const Dw__SubmitEndReport *submit, struct decision *decision)
{
    struct id id;
    char path[FIELD_SIZE];
    const Dw__EndReport *report = submit->report;
    if (report == NULL || !id_from_data(&report->report_id, &id))
        decision_invalid(decision, "report.report_id", "it must be said, and it is not");
    else if (report->subject == NULL || !id_from_data(&report->subject->person_id, &id))
        decision_invalid(decision, "report.subject.person_id", "it must be said, and it is not");
    else if (submit->n_goals > GOALS_MAX)
        decision_invalid(decision, "goals", "they are at most %d", GOALS_MAX);
    for (size_t at = 0; at < submit->n_goals && !decision_is_no(decision); at++) {
        const Dw__GoalAtEnd *goal = submit->goals[at];
        (void)text_format(path, sizeof path, "goals[%zu]", at);
        if (goal->score == NULL || goal->score->points > OUTCOMES_SCORE_MAX)
            decision_invalid(decision, path, "its score must be said, 0 to %d", OUTCOMES_SCORE_MAX);
        for (size_t before = 0; before < at; before++)
            if (id_data_equal(&submit->goals[before]->plan_id, &goal->plan_id) &&
                id_data_equal(&submit->goals[before]->goal_id, &goal->goal_id))
                decision_invalid(decision, path, "each goal is said once");
    }
}

/* --- what a report covers ----------------------------------------------------------------------------------------- */

static bool belongs_to(const Dw__PlanSubject *plan, const Dw__PlanSubject *report)
{
    return report->placement_id.len == 0 ||
           id_data_equal(&plan->placement_id, &report->placement_id);
}

static bool covers(const Dw__EndReport *report, const Dw__OutcomePlan *plan,
                   const struct context *ctx)
{
    return id_data_equal(&plan->subject->person_id, &report->subject->person_id) &&
           plan->agreed->days <= report->date->days && !outcomes_is_anothers(plan->subject, ctx) &&
           (plan->subject->placement_id.len == 0 || belongs_to(plan->subject, report->subject));
}

static size_t open_goals(const struct state *state, const Dw__EndReport *report,
                         const struct context *ctx)
{
    struct id person_id = {0};
    size_t count = 0;
    (void)id_from_data(&report->subject->person_id, &person_id);
    for (const struct held *at = lists_first(state->by_person, &person_id); at != NULL;
         at = lists_next(state->by_person, at)) {
        if (at->kind != OUTCOMES_KIND_PLAN)
            continue;
        const Dw__OutcomePlan *plan = entities_get(state->entities, OUTCOMES_KIND_PLAN, &at->id, 0);
        for (size_t goal = 0; covers(report, plan, ctx) && goal < plan->n_goals; goal++)
            count += outcomes_is_open(plan->goals[goal]);
    }
    return count;
}

static bool has_report(const struct state *state, const Dw__PlanSubject *subject)
{
    const struct id person_id = id_or_zero(&subject->person_id);
    for (const struct held *at = lists_first(state->by_person, &person_id);
         at != NULL && subject->placement_id.len > 0; at = lists_next(state->by_person, at)) {
        const Dw__EndReport *report =
            at->kind != OUTCOMES_KIND_END_REPORT
                ? NULL
                : entities_get(state->entities, OUTCOMES_KIND_END_REPORT, &at->id, 0);
        if (report != NULL && id_data_equal(&report->subject->placement_id, &subject->placement_id))
            return true;
    }
    return false;
}

static void check_goals(const struct state *state, const Dw__SubmitEndReport *submit,
                        const struct context *ctx, struct decision *decision)
{
    for (size_t at = 0; at < submit->n_goals && !decision_is_no(decision); at++) {
        const Dw__OutcomePlan *plan = outcomes_plan(state, &submit->goals[at]->plan_id);
        const Dw__GoalRecord *goal =
            plan == NULL ? NULL : outcomes_goal(plan, &submit->goals[at]->goal_id);
        if (goal == NULL || !covers(submit->report, plan, ctx) || !outcomes_is_open(goal))
            decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_GOAL_UNKNOWN,
                            "Goal %zu is no open goal of this person that the report covers.",
                            at + 1);
    }
    if (decision_is_no(decision))
        return;
    const size_t open = open_goals(state, submit->report, ctx);
    if (open > submit->n_goals)
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_GOALS_LEFT,
                        "%zu of %zu open goals are left; say what came of each of them.",
                        open - submit->n_goals, open);
}

static void check_submit(const struct state *state, const Dw__SubmitEndReport *submit,
                         const struct context *ctx, struct decision *decision)
{
    const Dw__EndReport *report = submit->report;
    outcomes_check_date(report->date, "report.date", ctx, decision);
    if (decision_is_no(decision))
        return;
    outcomes_check_subject(state, report->subject, report->date->days, ctx, decision);
    if (outcomes_end_report(state, &report->report_id) != NULL)
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_ALREADY_EXISTS,
                        "This report id is used already; take a fresh one.");
    else if (has_report(state, report->subject))
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_END_REPORT_EXISTS,
                        "This placement has an end report.");
    if (!decision_is_no(decision))
        check_goals(state, submit, ctx, decision);
}

/* --- saying it ---------------------------------------------------------------------------------------------------- */

static void emit_goal(const struct state *state, const Dw__EndReport *report,
                      const Dw__GoalAtEnd *told, const struct context *ctx,
                      struct decision *decision)
{
    const Dw__OutcomePlan *plan = outcomes_plan(state, &told->plan_id);
    const Dw__GoalRecord *goal = outcomes_goal(plan, &told->goal_id);
    Dw__GoalReview review = DW__GOAL_REVIEW__INIT;
    Dw__Date next_review = DW__DATE__INIT;
    Dw__GoalReviewed reviewed = DW__GOAL_REVIEWED__INIT;
    review.date = report->date;
    review.score = told->score;
    review.result = told->result;
    review.by = told->by;
    next_review.days = report->date->days + outcomes_review_days(ctx);
    reviewed.plan_id = plan->plan_id;
    reviewed.subject = plan->subject;
    reviewed.goal = goal->goal;
    reviewed.review = &review;
    /* A goal with all the reviews it may have is closed by this last one. */
    if (!belongs_to(plan->subject, report->subject) && goal->n_reviews < OUTCOMES_REVIEWS_MAX &&
        told->result != DW__REVIEW_RESULT__REVIEW_RESULT_ACHIEVED)
        reviewed.next_review = &next_review;
    decision_emit(decision, &reviewed.base);
}

OUTCOMES_DECIDE(end_report)
{
    const Dw__SubmitEndReport *submit = (const Dw__SubmitEndReport *)command;
    check_form(submit, decision);
    if (!decision_is_no(decision))
        check_submit(state, submit, ctx, decision);
    if (decision_is_no(decision))
        return;
    for (size_t at = 0; at < submit->n_goals; at++)
        emit_goal(state, submit->report, submit->goals[at], ctx, decision);
    Dw__EndReport report = *submit->report;
    struct id text_id;
    report.goals = (uint32_t)submit->n_goals;
    outcomes_keep_text(submit->text, ctx, decision, &text_id, &report.text_id);
    Dw__EndReportSubmitted submitted = DW__END_REPORT_SUBMITTED__INIT;
    submitted.report = &report;
    decision_emit(decision, &submitted.base);
}
