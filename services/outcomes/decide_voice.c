/* Decisions about what people say: satisfaction, feedback about providers, surveys and engagement. */
#include "services/outcomes/state.h"

#include "common/text.h"

#include <string.h>

enum {
    SATISFIED_MIN = 1,
    SATISFIED_MAX = 5,
    COUNT_MAX =
        100000, /* of people: more than any of the councils engaged at once, and all that is kept adds up */
    TITLE_MAX = 160,
    CODE_MAX = 32,
    QUESTIONS_MAX = 10,
    ANSWERS_MAX = 10,
    THEMES_MAX = 12,
    FIELD_SIZE = 64,
};

_Static_assert((uint64_t)COUNT_MAX * 4 * OUTCOMES_VOICES_MAX < UINT32_MAX,
               "totals do not overflow");

static void check_id(const ProtobufCBinaryData *data, const char *field, struct decision *decision)
{
    struct id id;
    if (!id_from_data(data, &id))
        decision_invalid(decision, field, "it must be said, and it is not");
}

static void check_text(const char *text, size_t max, const char *field, struct decision *decision)
{
    if (text[0] == '\0' || strlen(text) > max)
        decision_invalid(decision, field, "it is 1 to %zu bytes", max);
}

/* --- satisfaction ------------------------------------------------------------------------------------------------- */

static void check_satisfaction_form(const Dw__Satisfaction *told, struct decision *decision)
{
    if (told == NULL || told->subject == NULL) {
        decision_invalid(decision, "satisfaction.subject", "it must be said, and it is not");
        return;
    }
    const Dw__PlanSubject *subject = told->subject;
    check_id(&told->satisfaction_id, "satisfaction.satisfaction_id", decision);
    check_id(&subject->person_id, "satisfaction.subject.person_id", decision);
    if (subject->placement_id.len + subject->service_id.len + subject->provider_id.len == 0)
        decision_invalid(decision, "satisfaction.subject",
                         "a placement, a service or a provider is what was asked about");
    if (told->by != DW__REVIEWED_BY__REVIEWED_BY_PERSON &&
        told->by != DW__REVIEWED_BY__REVIEWED_BY_CARER)
        decision_invalid(decision, "satisfaction.by", "it is the person's or the carer's word");
    if (told->score == NULL || told->score->points < SATISFIED_MIN ||
        told->score->points > SATISFIED_MAX)
        decision_invalid(decision, "satisfaction.score", "it must be said, %d to %d", SATISFIED_MIN,
                         SATISFIED_MAX);
}

OUTCOMES_DECIDE(satisfaction)
{
    const Dw__RecordSatisfaction *record = (const Dw__RecordSatisfaction *)command;
    const Dw__Satisfaction *told = record->satisfaction;
    check_satisfaction_form(told, decision);
    if (!decision_is_no(decision))
        outcomes_check_date(told->date, "satisfaction.date", ctx, decision);
    if (!decision_is_no(decision))
        outcomes_check_subject(state, told->subject, told->date->days, ctx, decision);
    if (decision_is_no(decision))
        return;
    if (outcomes_satisfaction(state, &told->satisfaction_id) != NULL) {
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_ALREADY_EXISTS,
                        "This satisfaction id is used already; take a fresh one.");
        return;
    }
    Dw__Satisfaction satisfaction = *told;
    struct id text_id;
    outcomes_keep_text(record->text, ctx, decision, &text_id, &satisfaction.text_id);
    Dw__SatisfactionRecorded recorded = DW__SATISFACTION_RECORDED__INIT;
    recorded.satisfaction = &satisfaction;
    decision_emit(decision, &recorded.base);
}

/* --- what is kept as the last so many ------------------------------------------------------------------------------ */

/* The number of the voice that is told next, whose id this is; 0 when the answer is a no. What takes an older one's place takes
 * its words from the vault. */
static uint32_t next_number(const struct state *state, enum outcomes_voice_kind kind,
                            const ProtobufCBinaryData *id, struct decision *decision)
{
    if (decision_is_no(decision))
        return 0;
    if (outcomes_voice(state, kind, id) != NULL) {
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_ALREADY_EXISTS,
                        "This id is used already; take a fresh one.");
        return 0;
    }
    const uint32_t number = state->voices_last + 1;
    const Dw__VoiceRecord *oldest = outcomes_voice_at(state, number);
    struct id text_id;
    if (oldest != NULL && id_from_data(outcomes_voice_text(oldest), &text_id))
        decision_forget(decision, &text_id);
    return number;
}

OUTCOMES_DECIDE(feedback)
{
    const Dw__RecordProviderFeedback *record = (const Dw__RecordProviderFeedback *)command;
    const Dw__ProviderFeedback *told = record->feedback;
    if (told == NULL) {
        decision_invalid(decision, "feedback", "it must be said, and it is not");
        return;
    }
    check_id(&told->feedback_id, "feedback.feedback_id", decision);
    check_id(&told->provider_id, "feedback.provider_id", decision);
    if (!decision_is_no(decision))
        outcomes_check_date(told->date, "feedback.date", ctx, decision);
    if (!decision_is_no(decision))
        outcomes_check_person(state, &told->person_id, decision);
    Dw__ProviderFeedbackRecorded recorded = DW__PROVIDER_FEEDBACK_RECORDED__INIT;
    recorded.number = next_number(state, OUTCOMES_FEEDBACK, &told->feedback_id, decision);
    if (recorded.number == 0)
        return;
    Dw__ProviderFeedback feedback = *told;
    struct id text_id;
    outcomes_keep_text(record->text, ctx, decision, &text_id, &feedback.text_id);
    recorded.feedback = &feedback;
    decision_emit(decision, &recorded.base);
}

/* --- surveys ------------------------------------------------------------------------------------------------------ */

static uint32_t answers_max(Dw__SurveyScale scale)
{
    return scale == DW__SURVEY_SCALE__SURVEY_SCALE_ONE_TO_FIVE ? 5
           : scale == DW__SURVEY_SCALE__SURVEY_SCALE_YES_NO    ? 2
                                                               : ANSWERS_MAX;
}

static void check_question(const Dw__SurveyQuestion *question, size_t number, uint32_t answered,
                           struct decision *decision)
{
    char path[FIELD_SIZE];
    uint32_t seen = 0;
    uint64_t sum = 0;
    (void)text_format(path, sizeof path, "survey.questions[%zu]", number);
    check_text(question->code, CODE_MAX, path, decision);
    check_text(question->title, TITLE_MAX, path, decision);
    if (question->n_answers < 1 || question->n_answers > ANSWERS_MAX)
        decision_invalid(decision, path, "a question has 1 to %d answers", ANSWERS_MAX);
    for (size_t at = 0; at < question->n_answers && !decision_is_no(decision); at++) {
        const Dw__SurveyAnswer *answer = question->answers[at];
        if (answer->value < 1 || answer->value > answers_max(question->scale) ||
            (seen & UINT32_C(1) << answer->value) != 0)
            decision_invalid(decision, path, "its answers are 1 to %u, each once",
                             answers_max(question->scale));
        else if (strlen(answer->title) > TITLE_MAX)
            decision_invalid(decision, path, "a title is at most %d bytes", TITLE_MAX);
        else if (answer->count > answered)
            decision_invalid(decision, path, "%u have answered the survey", answered);
        else
            seen |= UINT32_C(1) << answer->value;
        sum += answer->count;
    }
    if (sum > answered && question->scale != DW__SURVEY_SCALE__SURVEY_SCALE_SOME_OF)
        decision_invalid(decision, path, "%u have answered the survey", answered);
}

OUTCOMES_DECIDE(survey)
{
    const Dw__Survey *survey = ((const Dw__RecordSurvey *)command)->survey;
    if (survey == NULL) {
        decision_invalid(decision, "survey", "it must be said, and it is not");
        return;
    }
    check_id(&survey->survey_id, "survey.survey_id", decision);
    check_text(survey->title, TITLE_MAX, "survey.title", decision);
    if (survey->answered > COUNT_MAX)
        decision_invalid(decision, "survey.answered", "it is at most %d", COUNT_MAX);
    if (survey->n_questions < 1 || survey->n_questions > QUESTIONS_MAX)
        decision_invalid(decision, "survey.questions", "there are 1 to %d", QUESTIONS_MAX);
    for (size_t at = 0; at < survey->n_questions && !decision_is_no(decision); at++)
        check_question(survey->questions[at], at, survey->answered, decision);
    if (!decision_is_no(decision))
        outcomes_check_date(survey->date, "survey.date", ctx, decision);
    Dw__SurveyRecorded recorded = DW__SURVEY_RECORDED__INIT;
    recorded.number = next_number(state, OUTCOMES_SURVEY, &survey->survey_id, decision);
    recorded.survey = (Dw__Survey *)(uintptr_t)survey;
    if (recorded.number != 0)
        decision_emit(decision, &recorded.base);
}

/* --- engagement --------------------------------------------------------------------------------------------------- */

static void check_engagement_form(const Dw__EngagementFacts *told, struct decision *decision)
{
    uint32_t seen = 0;
    check_id(&told->engagement_id, "engagement.engagement_id", decision);
    check_text(told->title, TITLE_MAX, "engagement.title", decision);
    if (told->people > COUNT_MAX || told->carers > COUNT_MAX || told->providers > COUNT_MAX ||
        told->others > COUNT_MAX)
        decision_invalid(decision, "engagement.people", "each is at most %d", COUNT_MAX);
    else if (told->people + told->carers + told->providers + told->others == 0)
        decision_invalid(decision, "engagement.people", "somebody has taken part");
    if (told->n_themes > THEMES_MAX)
        decision_invalid(decision, "engagement.themes", "there are at most %d", THEMES_MAX);
    for (size_t at = 0; at < told->n_themes && !decision_is_no(decision); at++) {
        if ((seen & UINT32_C(1) << told->themes[at]) != 0)
            decision_invalid(decision, "engagement.themes", "each is said once");
        seen |= UINT32_C(1) << told->themes[at];
    }
}

OUTCOMES_DECIDE(engagement)
{
    const Dw__RecordEngagement *record = (const Dw__RecordEngagement *)command;
    const Dw__EngagementFacts *told = record->engagement;
    if (told == NULL) {
        decision_invalid(decision, "engagement", "it must be said, and it is not");
        return;
    }
    check_engagement_form(told, decision);
    if (!decision_is_no(decision))
        outcomes_check_date(told->date, "engagement.date", ctx, decision);
    Dw__EngagementRecorded recorded = DW__ENGAGEMENT_RECORDED__INIT;
    recorded.number = next_number(state, OUTCOMES_ENGAGEMENT, &told->engagement_id, decision);
    if (recorded.number == 0)
        return;
    Dw__EngagementFacts engagement = *told;
    struct id text_id;
    outcomes_keep_text(record->text, ctx, decision, &text_id, &engagement.text_id);
    recorded.engagement = &engagement;
    decision_emit(decision, &recorded.base);
}
