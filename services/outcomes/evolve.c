/* Evolve: the only code that changes the records of outcomes. */
#include "services/outcomes/state.h"

#include <assert.h>

static void put(struct state *state, const Dw__OutcomePlan *plan)
{
    const struct id id = id_or_zero(&plan->plan_id);
    entities_put(state->entities, OUTCOMES_KIND_PLAN, &id, 0, &plan->base);
}

OUTCOMES_EVOLVE(support_began)
{
    (void)recorded;
    const Dw__SupportBegan *ev = (const Dw__SupportBegan *)event;
    const struct id id = id_or_zero(&ev->placement_id);
    Dw__Support support = DW__SUPPORT__INIT;
    support.person_id = ev->person_id;
    support.provider_id = ev->provider_id;
    entities_put(state->entities, OUTCOMES_KIND_SUPPORT, &id, 0, &support.base);
}

OUTCOMES_EVOLVE(support_ended)
{
    (void)recorded;
    const Dw__SupportEnded *ev = (const Dw__SupportEnded *)event;
    const struct id id = id_or_zero(&ev->placement_id);
    const Dw__Support *before = outcomes_support(state, &ev->placement_id);
    if (before == NULL)
        return;
    Dw__Support support = *before;
    support.last = ev->last;
    entities_put(state->entities, OUTCOMES_KIND_SUPPORT, &id, 0, &support.base);
}

OUTCOMES_EVOLVE(death_noted)
{
    (void)recorded;
    const Dw__SubjectDeathNoted *ev = (const Dw__SubjectDeathNoted *)event;
    const struct id id = id_or_zero(&ev->person_id);
    Dw__DeceasedSubject deceased = DW__DECEASED_SUBJECT__INIT;
    deceased.date = ev->date;
    if (ev->date != NULL)
        entities_put(state->entities, OUTCOMES_KIND_DEATH, &id, 0, &deceased.base);
    else
        entities_remove(state->entities, OUTCOMES_KIND_DEATH, &id, 0);
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
    if (goal == NULL || goal->n_reviews > OUTCOMES_REVIEWS_MAX)
        return;
    Dw__GoalReview *reviews[OUTCOMES_REVIEWS_MAX + 1]; /* and an end report's */
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

/* --- milestones ------------------------------------------------------------------------------------------------- */

static void put_milestone(struct state *state, Dw__Milestone *milestone, uint32_t sustained_weeks)
{
    const struct id id = id_or_zero(&milestone->milestone_id);
    Dw__MilestoneRecord record = DW__MILESTONE_RECORD__INIT;
    record.milestone = milestone;
    record.sustained_weeks = sustained_weeks;
    entities_put(state->entities, OUTCOMES_KIND_MILESTONE, &id, 0, &record.base);
}

OUTCOMES_EVOLVE(milestone_recorded)
{
    (void)recorded;
    put_milestone(state, ((const Dw__MilestoneRecorded *)event)->milestone, 0);
}

OUTCOMES_EVOLVE(milestone_ended)
{
    (void)recorded;
    const Dw__MilestoneEnded *ended = (const Dw__MilestoneEnded *)event;
    put_milestone(state, ended->milestone, ended->sustained_weeks);
}

OUTCOMES_EVOLVE(milestone_sustained)
{
    (void)recorded;
    const Dw__MilestoneSustained *sustained = (const Dw__MilestoneSustained *)event;
    put_milestone(state, sustained->milestone, sustained->weeks);
}

/* --- what people say ---------------------------------------------------------------------------------------------- */

OUTCOMES_EVOLVE(satisfaction_recorded)
{
    (void)recorded;
    const Dw__SatisfactionRecorded *ev = (const Dw__SatisfactionRecorded *)event;
    const struct id id = id_or_zero(&ev->satisfaction->satisfaction_id);
    entities_put(state->entities, OUTCOMES_KIND_SATISFACTION, &id, 0, &ev->satisfaction->base);
}

static void put_voice(struct state *state, const Dw__VoiceRecord *voice)
{
    static const struct id none = {{0}};
    entities_put(state->entities, OUTCOMES_KIND_VOICE, &none, voice->number % OUTCOMES_VOICES_MAX,
                 &voice->base);
}

OUTCOMES_EVOLVE(feedback_recorded)
{
    (void)recorded;
    const Dw__ProviderFeedbackRecorded *ev = (const Dw__ProviderFeedbackRecorded *)event;
    Dw__VoiceRecord voice = DW__VOICE_RECORD__INIT;
    voice.number = ev->number;
    voice.feedback = ev->feedback;
    put_voice(state, &voice);
}

OUTCOMES_EVOLVE(survey_recorded)
{
    (void)recorded;
    const Dw__SurveyRecorded *ev = (const Dw__SurveyRecorded *)event;
    Dw__VoiceRecord voice = DW__VOICE_RECORD__INIT;
    voice.number = ev->number;
    voice.survey = ev->survey;
    put_voice(state, &voice);
}

OUTCOMES_EVOLVE(engagement_recorded)
{
    (void)recorded;
    const Dw__EngagementRecorded *ev = (const Dw__EngagementRecorded *)event;
    Dw__VoiceRecord voice = DW__VOICE_RECORD__INIT;
    voice.number = ev->number;
    voice.engagement = ev->engagement;
    put_voice(state, &voice);
}

OUTCOMES_EVOLVE(end_report_submitted)
{
    (void)recorded;
    const Dw__EndReport *report = ((const Dw__EndReportSubmitted *)event)->report;
    const struct id id = id_or_zero(&report->report_id);
    entities_put(state->entities, OUTCOMES_KIND_END_REPORT, &id, 0, &report->base);
}
