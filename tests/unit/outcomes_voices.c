/* Tests of services/outcomes: satisfaction, feedback, surveys and engagement, how many of them are kept, and their totals. */
#include "services/outcomes/outcomes.h"
#include "services/outcomes/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "model.pb-c.h"
#include "tests/support/pure.h"

enum { QUALITY_OFFICER = DW__ROLE__ROLE_QUALITY_OFFICER, TODAY = 20780 };
static const int64_t NOW_MS = INT64_C(20780) * 86400000;

static const struct id PERSON_ID = {{2}};
static const struct id PROVIDER_ID = {{3}};
static const struct id OTHER_ID = {{4}};

struct world {
    Dw__CommissioningModel model;
    struct id id;
    Dw__Date date;
    Dw__PlanSubject subject;
    Dw__Score score;
    Dw__Satisfaction satisfaction;
    Dw__ProviderFeedback feedback;
    Dw__SurveyAnswer answers[2];
    Dw__SurveyAnswer *answer_pointers[2];
    Dw__SurveyQuestion question;
    Dw__SurveyQuestion *questions[1];
    Dw__Survey survey;
    Dw__EngagementTheme themes[2];
    Dw__EngagementFacts engagement;
    const char *words;
    struct pure *pure;
};

static void set_up_told(struct world *world)
{
    world->satisfaction.satisfaction_id = world->feedback.feedback_id = world->survey.survey_id =
        world->engagement.engagement_id = id_to_data(&world->id);
    world->satisfaction.date = world->feedback.date = world->survey.date = world->engagement.date =
        &world->date;
    world->satisfaction.subject = &world->subject;
    world->satisfaction.score = &world->score;
    world->satisfaction.by = DW__REVIEWED_BY__REVIEWED_BY_CARER;
    world->feedback.provider_id = id_to_data(&PROVIDER_ID);
    world->feedback.from = DW__FEEDBACK_FROM__FEEDBACK_FROM_CARER;
    world->feedback.kind = DW__FEEDBACK_KIND__FEEDBACK_KIND_COMPLIMENT;
    for (uint32_t at = 0; at < 2; at++) {
        dw__survey_answer__init(&world->answers[at]);
        world->answers[at].value = at + 1;
        world->answers[at].count = 134;
        world->answer_pointers[at] = &world->answers[at];
    }
    world->question.code = (char *)(uintptr_t) "travel-30";
    world->question.title = (char *)(uintptr_t) "Is half an hour too far?";
    world->question.scale = DW__SURVEY_SCALE__SURVEY_SCALE_YES_NO;
    world->question.n_answers = 2;
    world->question.answers = world->answer_pointers;
    world->questions[0] = &world->question;
    world->survey.title = (char *)(uintptr_t) "Day opportunities";
    world->survey.answered = 268;
    world->survey.n_questions = 1;
    world->survey.questions = world->questions;
    world->themes[0] = DW__ENGAGEMENT_THEME__ENGAGEMENT_THEME_TRANSPORT;
    world->themes[1] = DW__ENGAGEMENT_THEME__ENGAGEMENT_THEME_CHOICE;
    world->engagement.kind = DW__ENGAGEMENT_KIND__ENGAGEMENT_KIND_WORKSHOP;
    world->engagement.title = (char *)(uintptr_t) "Providers' forum";
    world->engagement.people = 1500;
    world->engagement.providers = 29;
    world->engagement.n_themes = 2;
    world->engagement.themes = world->themes;
}

static int set_up(void **ret_world)
{
    static struct world world;
    dw__commissioning_model__init(&world.model);
    dw__date__init(&world.date);
    dw__plan_subject__init(&world.subject);
    dw__score__init(&world.score);
    dw__satisfaction__init(&world.satisfaction);
    dw__provider_feedback__init(&world.feedback);
    dw__survey_question__init(&world.question);
    dw__survey__init(&world.survey);
    dw__engagement_facts__init(&world.engagement);
    world.id = (struct id){{100}};
    world.date.days = TODAY;
    world.subject.person_id = id_to_data(&PERSON_ID);
    world.subject.provider_id = id_to_data(&PROVIDER_ID);
    world.score.points = 4;
    world.words = "";
    set_up_told(&world);
    world.pure = pure_create(&outcomes_service, &world.model.base);
    *ret_world = &world;
    return 0;
}

static int tear_down(void **world)
{
    pure_destroy(&((struct world *)*world)->pure);
    return 0;
}

static struct pure_outcome tell(struct world *world, const ProtobufCMessage *command)
{
    return pure_command(world->pure, command, QUALITY_OFFICER, NOW_MS, TODAY);
}

static struct pure_outcome satisfaction(struct world *world)
{
    Dw__RecordSatisfaction record = DW__RECORD_SATISFACTION__INIT;
    record.satisfaction = &world->satisfaction;
    record.text = (char *)(uintptr_t)world->words;
    return tell(world, &record.base);
}

static struct pure_outcome feedback(struct world *world)
{
    Dw__RecordProviderFeedback record = DW__RECORD_PROVIDER_FEEDBACK__INIT;
    record.feedback = &world->feedback;
    record.text = (char *)(uintptr_t)world->words;
    return tell(world, &record.base);
}

static struct pure_outcome survey(struct world *world)
{
    Dw__RecordSurvey record = DW__RECORD_SURVEY__INIT;
    record.survey = &world->survey;
    return tell(world, &record.base);
}

static struct pure_outcome engagement(struct world *world)
{
    Dw__RecordEngagement record = DW__RECORD_ENGAGEMENT__INIT;
    record.engagement = &world->engagement;
    record.text = (char *)(uintptr_t)world->words;
    return tell(world, &record.base);
}

static const Dw__EngagementFound *ask_as(struct world *world, const Dw__Engagement *asked, int role)
{
    return pure_query(world->pure, &asked->base, role, NOW_MS, TODAY, NULL);
}

static const Dw__EngagementFound *ask(struct world *world, const Dw__Engagement *asked)
{
    return ask_as(world, asked, QUALITY_OFFICER);
}

#define assert_refused(told, name)                                                                 \
    do {                                                                                           \
        const struct pure_outcome no = (told);                                                     \
        assert_int_equal(no.outcome, DECISION_REFUSED);                                            \
        assert_int_equal(no.refusal, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_##name);               \
    } while (0)

#define assert_invalid(told, path)                                                                 \
    do {                                                                                           \
        const struct pure_outcome no = (told);                                                     \
        assert_int_equal(no.outcome, DECISION_INVALID);                                            \
        assert_string_equal(no.field, path);                                                       \
    } while (0)

/* Proves: totals of a period count what lies in it, on its first and last day too, by kind, theme and score. */
static void a_period_is_totalled_by_kind(void **state)
{
    struct world *world = *state;
    assert_int_equal(engagement(world).events_count, 1);
    world->id.bytes[1] = 1;
    world->engagement.kind = DW__ENGAGEMENT_KIND__ENGAGEMENT_KIND_VISIT;
    world->engagement.people = 10;
    world->engagement.n_themes = 1;
    world->date.days = TODAY - 10;
    (void)engagement(world);
    world->id.bytes[1] = 2;
    (void)survey(world);
    world->id.bytes[1] = 3;
    (void)feedback(world);
    world->id.bytes[1] = 4;
    (void)satisfaction(world);
    world->id.bytes[1] = 5;
    (void)satisfaction(world);
    pure_reload(world->pure);
    Dw__Engagement asked = DW__ENGAGEMENT__INIT;
    const Dw__EngagementFound *found = ask(world, &asked);
    assert_int_equal(found->n_engagements, 2);
    assert_int_equal(found->engagements[0]->people, 1500);
    assert_int_equal(found->engagements[0]->providers, 29);
    assert_int_equal(found->engagements[0]->times, 1);
    assert_int_equal(found->engaged, 1500 + 29 + 10 + 29);
    assert_int_equal(found->n_themes, 2);
    assert_int_equal(found->themes[1]->theme, DW__ENGAGEMENT_THEME__ENGAGEMENT_THEME_TRANSPORT);
    assert_int_equal(found->themes[1]->times, 2);
    assert_int_equal(found->surveys, 1);
    assert_int_equal(found->survey_answers, 268);
    assert_int_equal(found->n_feedback, 1);
    assert_int_equal(found->feedback[0]->count, 1);
    assert_int_equal(found->n_satisfaction, 1);
    assert_int_equal(found->satisfaction[0]->by, DW__REVIEWED_BY__REVIEWED_BY_CARER);
    assert_int_equal(found->satisfaction[0]->score->points, 4);
    assert_int_equal(found->satisfaction[0]->count, 2);
    assert_int_equal(found->total, 6);
    Dw__Date from = DW__DATE__INIT;
    Dw__Date to = DW__DATE__INIT;
    asked.from = &from;
    asked.to = &to;
    from.days = to.days = TODAY - 10;
    assert_int_equal(ask(world, &asked)->total, 5);
    from.days = TODAY - 9;
    to.days = TODAY - 1;
    assert_int_equal(ask(world, &asked)->total, 0);
    to.days = TODAY;
    assert_int_equal(ask(world, &asked)->engaged, 1529);
    asked = (Dw__Engagement)DW__ENGAGEMENT__INIT;
    asked.provider_id = id_to_data(&PROVIDER_ID);
    assert_int_equal(ask(world, &asked)->total, 3);
    asked.provider_id = id_to_data(&OTHER_ID);
    assert_int_equal(ask(world, &asked)->total, 0);
}

/* Proves: words go to the vault alone and are read back, the latest first and in pages, by all but commissioners. */
static void words_are_read_back_but_not_by_commissioners(void **state)
{
    struct world *world = *state;
    world->words = "The bus never came.";
    world->date.days = TODAY - 1;
    struct pure_outcome told = feedback(world);
    assert_int_equal(told.decision->keeps_count, 1);
    assert_null(memmem(told.decision->events[0].body.bytes, told.decision->events[0].body.len,
                       "never came", strlen("never came")));
    world->id.bytes[1] = 1;
    world->date.days = TODAY;
    world->words = "They listen.";
    told = satisfaction(world);
    assert_int_equal(told.decision->keeps_count, 1);
    world->id.bytes[1] = 2;
    world->date.days = TODAY - 2;
    world->words = "Evenings, please.";
    (void)engagement(world);
    Dw__Engagement asked = DW__ENGAGEMENT__INIT;
    const Dw__EngagementFound *found = ask(world, &asked);
    assert_int_equal(found->n_voices, 3);
    assert_int_equal(found->n_texts, 3);
    assert_non_null(found->voices[0]->satisfaction);
    assert_string_equal(found->texts[0]->text, "They listen.");
    assert_string_equal(found->texts[1]->text, "The bus never came.");
    assert_non_null(found->voices[2]->engagement);
    assert_int_equal(ask_as(world, &asked, DW__ROLE__ROLE_COMMISSIONER)->n_texts, 0);
    asked.page = 2;
    asked.per_page = 2;
    found = ask(world, &asked);
    assert_int_equal(found->n_voices, 1);
    assert_non_null(found->voices[0]->engagement);
    asked.per_page = 21;
    struct pure_outcome no;
    assert_null(pure_query(world->pure, &asked.base, QUALITY_OFFICER, NOW_MS, TODAY, &no));
    assert_string_equal(no.field, "per_page");
}

/* Proves: the last so many are kept; the newest takes the oldest's place, whose words are emptied and whose id is free again. */
static void the_newest_takes_the_oldests_place(void **state)
{
    struct world *world = *state;
    world->words = "Said first.";
    world->feedback.person_id = id_to_data(&PERSON_ID);
    (void)feedback(world);
    world->words = "";
    for (int at = 1; at < OUTCOMES_VOICES_MAX; at++) {
        world->id.bytes[1] = (uint8_t)(at / 256);
        world->id.bytes[2] = (uint8_t)(at % 256);
        assert_int_equal(engagement(world).decision->forgets_count, 0);
    }
    Dw__Engagement asked = DW__ENGAGEMENT__INIT;
    assert_int_equal(ask(world, &asked)->total, OUTCOMES_VOICES_MAX);
    world->id.bytes[3] = 1;
    assert_int_equal(engagement(world).decision->forgets_count, 1);
    const Dw__EngagementFound *found = ask(world, &asked);
    assert_int_equal(found->total, OUTCOMES_VOICES_MAX);
    assert_int_equal(found->n_feedback, 0);
    assert_int_equal(lists_count(pure_state(world->pure)->by_person, &PERSON_ID), 0);
    pure_reload(world->pure);
    assert_refused(engagement(world), ALREADY_EXISTS);
    world->id = (struct id){{100}};
    assert_int_equal(feedback(world).events_count, 1);
    assert_int_equal(lists_count(pure_state(world->pure)->by_person, &PERSON_ID), 1);
}

/* Proves: a satisfaction is the person's or the carer's, about something, from 1 to 5. */
static void satisfaction_is_of_person_or_carer_about_something(void **state)
{
    struct world *world = *state;
    world->satisfaction.by = DW__REVIEWED_BY__REVIEWED_BY_PROVIDER;
    assert_invalid(satisfaction(world), "satisfaction.by");
    world->satisfaction.by = DW__REVIEWED_BY__REVIEWED_BY_PERSON;
    world->score.points = 0;
    assert_invalid(satisfaction(world), "satisfaction.score");
    world->score.points = 6;
    assert_invalid(satisfaction(world), "satisfaction.score");
    world->score.points = 5;
    world->subject.provider_id = (ProtobufCBinaryData){0};
    assert_invalid(satisfaction(world), "satisfaction.subject");
    world->subject.service_id = id_to_data(&OTHER_ID);
    assert_int_equal(satisfaction(world).events_count, 1);
    assert_refused(satisfaction(world), ALREADY_EXISTS);
    world->id.bytes[1] = 1;
    world->date.days = TODAY + 1;
    assert_refused(satisfaction(world), DATE_OUTSIDE);
    world->date.days = TODAY;
    pure_principal_provider(world->pure, &OTHER_ID);
    assert_refused(satisfaction(world), NOT_YOURS);
}

/* Proves: a survey's counts stay within its scale and within who answered, but where some of many could be said. */
static void a_surveys_counts_add_up(void **state)
{
    struct world *world = *state;
    static const char question[] = "survey.questions[0]";
    world->answers[1].count = 135;
    assert_invalid(survey(world), question);
    world->question.scale = DW__SURVEY_SCALE__SURVEY_SCALE_SOME_OF;
    world->answers[1].count = 269;
    assert_invalid(survey(world), question);
    world->answers[1].count = 268;
    world->answers[1].value = 1;
    assert_invalid(survey(world), question);
    world->answers[1].value = 11;
    assert_invalid(survey(world), question);
    world->answers[1].value = 10;
    assert_int_equal(survey(world).events_count, 1);
    assert_refused(survey(world), ALREADY_EXISTS);
    world->id.bytes[1] = 1;
    world->question.scale = DW__SURVEY_SCALE__SURVEY_SCALE_YES_NO;
    world->answers[1].count = 134;
    world->answers[1].value = 3;
    assert_invalid(survey(world), question);
    world->answers[1].value = 2;
    world->survey.answered = 100001;
    assert_invalid(survey(world), "survey.answered");
    world->survey.answered = 268;
    world->survey.n_questions = 0;
    assert_invalid(survey(world), "survey.questions");
    world->survey.n_questions = 1;
    world->survey.title = (char *)(uintptr_t) "";
    assert_invalid(survey(world), "survey.title");
}

/* Proves: somebody takes part in an engagement, no theme is said twice, and no number is beyond what adds up. */
static void engagement_counts_people(void **state)
{
    struct world *world = *state;
    world->themes[1] = world->themes[0];
    assert_invalid(engagement(world), "engagement.themes");
    world->engagement.n_themes = 1;
    world->engagement.people = world->engagement.providers = 0;
    assert_invalid(engagement(world), "engagement.people");
    world->engagement.others = 100001;
    assert_invalid(engagement(world), "engagement.people");
    world->engagement.others = 100000;
    world->date.days = TODAY + 1;
    assert_refused(engagement(world), DATE_OUTSIDE);
    world->date.days = TODAY;
    assert_int_equal(engagement(world).events_count, 1);
    world->feedback.provider_id = (ProtobufCBinaryData){0};
    assert_invalid(feedback(world), "feedback.provider_id");
    world->feedback.provider_id = id_to_data(&PROVIDER_ID);
    assert_int_equal(feedback(world).events_count, 1); /* ids of what is said are apart */
    assert_refused(feedback(world), ALREADY_EXISTS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_period_is_totalled_by_kind),
        TEST(words_are_read_back_but_not_by_commissioners),
        TEST(the_newest_takes_the_oldests_place),
        TEST(satisfaction_is_of_person_or_carer_about_something),
        TEST(a_surveys_counts_add_up),
        TEST(engagement_counts_people),
    };
    return cmocka_run_group_tests_name("outcomes_voices", tests, NULL, NULL);
}
