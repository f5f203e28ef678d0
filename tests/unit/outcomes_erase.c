/* Tests of services/outcomes: what was written of a person is emptied when referrals says so, all of it however much there is, and
 * everything that is held is told to them. */
#include "services/outcomes/outcomes.h"
#include "services/outcomes/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "model.pb-c.h"
#include "placements.pb-c.h"
#include "referrals.pb-c.h"
#include "tests/support/pure.h"

enum { SOCIAL_WORKER = DW__ROLE__ROLE_SOCIAL_WORKER, TODAY = 20780, GOALS = 12 };
static const int64_t NOW_MS = INT64_C(20780) * 86400000;

static const struct id PERSON_ID = {{2}};
static const struct id PROVIDER_ID = {{3}};
static const struct id OTHER_ID = {{4}};
static const struct id PLACEMENT_ID = {{50}};

struct world {
    Dw__CommissioningModel model;
    Dw__OutcomeDomain domain;
    Dw__OutcomeDomain *domains[1];
    struct id id;
    Dw__PlanSubject subject;
    Dw__Date date;
    Dw__Score score;
    struct pure *pure;
};

static int set_up(void **ret_world)
{
    static struct world world;
    dw__commissioning_model__init(&world.model);
    dw__outcome_domain__init(&world.domain);
    dw__plan_subject__init(&world.subject);
    dw__date__init(&world.date);
    dw__score__init(&world.score);
    world.domain.number = 4;
    world.domains[0] = &world.domain;
    world.model.n_outcome_domains = 1;
    world.model.outcome_domains = world.domains;
    world.subject.person_id = id_to_data(&PERSON_ID);
    world.subject.provider_id = id_to_data(&PROVIDER_ID);
    world.date.days = TODAY;
    world.score.points = 3;
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
    return pure_command(world->pure, command, SOCIAL_WORKER, NOW_MS, TODAY);
}

static char *words(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* A plan of twelve goals in words. */
static struct pure_outcome agree(struct world *world)
{
    struct id ids[GOALS];
    Dw__OutcomeGoal goals[GOALS];
    Dw__GoalWanted wanted[GOALS];
    Dw__GoalWanted *pointers[GOALS];
    Dw__AgreeOutcomePlan command = DW__AGREE_OUTCOME_PLAN__INIT;
    for (size_t at = 0; at < GOALS; at++) {
        dw__outcome_goal__init(&goals[at]);
        dw__goal_wanted__init(&wanted[at]);
        ids[at] = (struct id){{20, (uint8_t)at}};
        goals[at].goal_id = id_to_data(&ids[at]);
        goals[at].domain = 4;
        goals[at].baseline = &world->score;
        goals[at].by = &world->date;
        goals[at].pathway = DW__PATHWAY__PATHWAY_THERAPEUTIC;
        wanted[at].goal = &goals[at];
        wanted[at].text = words("a goal");
        pointers[at] = &wanted[at];
    }
    world->id = (struct id){{100, 1}};
    command.plan_id = id_to_data(&world->id);
    command.subject = &world->subject;
    command.agreed = &world->date;
    command.n_goals = GOALS;
    command.goals = pointers;
    return tell(world, &command.base);
}

static struct pure_outcome review(struct world *world, uint8_t goal)
{
    const struct id plan_id = {{100, 1}};
    const struct id goal_id = {{20, goal}};
    Dw__ReviewGoal command = DW__REVIEW_GOAL__INIT;
    command.plan_id = id_to_data(&plan_id);
    command.goal_id = id_to_data(&goal_id);
    command.date = &world->date;
    command.score = &world->score;
    command.result = DW__REVIEW_RESULT__REVIEW_RESULT_PARTLY;
    command.by = DW__REVIEWED_BY__REVIEWED_BY_PERSON;
    command.notes = words("a remark");
    return tell(world, &command.base);
}

static struct pure_outcome milestone(struct world *world)
{
    Dw__Milestone reached = DW__MILESTONE__INIT;
    Dw__RecordMilestone command = DW__RECORD_MILESTONE__INIT;
    world->id = (struct id){{100, 2}};
    reached.milestone_id = id_to_data(&world->id);
    reached.subject = &world->subject;
    reached.kind = DW__MILESTONE_KIND__MILESTONE_KIND_CERTIFICATE;
    reached.date = &world->date;
    command.milestone = &reached;
    command.text = words("a certificate");
    return tell(world, &command.base);
}

static struct pure_outcome satisfaction(struct world *world)
{
    Dw__Satisfaction said = DW__SATISFACTION__INIT;
    Dw__RecordSatisfaction command = DW__RECORD_SATISFACTION__INIT;
    world->id = (struct id){{100, 3}};
    said.satisfaction_id = id_to_data(&world->id);
    said.subject = &world->subject;
    said.by = DW__REVIEWED_BY__REVIEWED_BY_PERSON;
    said.score = &world->score;
    said.date = &world->date;
    command.satisfaction = &said;
    command.text = words("a word");
    return tell(world, &command.base);
}

static struct pure_outcome feedback(struct world *world, uint8_t number, const struct id *person_id)
{
    Dw__ProviderFeedback said = DW__PROVIDER_FEEDBACK__INIT;
    Dw__RecordProviderFeedback command = DW__RECORD_PROVIDER_FEEDBACK__INIT;
    world->id = (struct id){{100, 4, number}};
    said.feedback_id = id_to_data(&world->id);
    said.provider_id = id_to_data(&PROVIDER_ID);
    said.person_id = id_to_data(person_id);
    said.from = DW__FEEDBACK_FROM__FEEDBACK_FROM_PUBLIC;
    said.kind = DW__FEEDBACK_KIND__FEEDBACK_KIND_SUGGESTION;
    said.date = &world->date;
    command.feedback = &said;
    command.text = words("a suggestion");
    return tell(world, &command.base);
}

static struct pure_outcome end_report(struct world *world)
{
    Dw__EndReport report = DW__END_REPORT__INIT;
    Dw__SubmitEndReport command = DW__SUBMIT_END_REPORT__INIT;
    world->id = (struct id){{100, 5}};
    report.report_id = id_to_data(&world->id);
    report.subject = &world->subject;
    report.date = &world->date;
    command.report = &report;
    command.text = words("a report");
    return tell(world, &command.base);
}

/* The report first: it has no goal to cover then. Texts: 1 + 12 + 1 + 1 + 1, and another person's one. */
static void tell_everything(struct world *world)
{
    assert_int_equal(end_report(world).events_count, 1);
    assert_int_equal(agree(world).events_count, 1);
    assert_int_equal(milestone(world).events_count, 1);
    assert_int_equal(satisfaction(world).events_count, 1);
    assert_int_equal(feedback(world, 1, &PERSON_ID).events_count, 1);
    assert_int_equal(feedback(world, 2, &OTHER_ID).events_count, 1);
    Dw__PlacementTerms terms = DW__PLACEMENT_TERMS__INIT;
    terms.person_id = id_to_data(&PERSON_ID);
    terms.provider_id = id_to_data(&PROVIDER_ID);
    Dw__PlacementStarted started = DW__PLACEMENT_STARTED__INIT;
    started.placement_id = id_to_data(&PLACEMENT_ID);
    started.terms = &terms;
    const struct foreign_event event = {.service = "placements", .message = &started.base};
    (void)pure_react(world->pure, &event, NOW_MS, TODAY);
}

static struct pure_outcome erase(struct world *world)
{
    Dw__PersonErased erased = DW__PERSON_ERASED__INIT;
    erased.person_id = id_to_data(&PERSON_ID);
    const struct foreign_event event = {.service = "referrals", .message = &erased.base};
    return pure_react(world->pure, &event, NOW_MS, TODAY);
}

static size_t run_due(struct world *world)
{
    size_t count;
    (void)pure_due(world->pure, 10, NOW_MS, TODAY, &count);
    return count;
}

static const Dw__OutcomesHeldShown *held(struct world *world, const struct id *person_id,
                                         uint32_t page)
{
    Dw__OutcomesHeld asked = DW__OUTCOMES_HELD__INIT;
    asked.person_id = id_to_data(person_id);
    asked.page = page;
    return pure_query(world->pure, &asked.base, DW__ROLE__ROLE_DATA_PROTECTION_OFFICER, NOW_MS,
                      TODAY, NULL);
}

/* Texts of all pages; *ret_pieces is how many pieces they are of. */
static size_t texts_held(struct world *world, const struct id *person_id, size_t *ret_pieces)
{
    size_t texts = 0;
    uint32_t total = 1;
    *ret_pieces = 0;
    for (uint32_t page = 1; *ret_pieces < total; page++) {
        const Dw__OutcomesHeldShown *found = held(world, person_id, page);
        total = found->total;
        if (found->n_pieces == 0)
            break;
        *ret_pieces += found->n_pieces;
        for (size_t at = 0; at < found->n_pieces; at++)
            texts += found->pieces[at]->n_texts;
    }
    return texts;
}

#define assert_erased(told)                                                                        \
    do {                                                                                           \
        const struct pure_outcome no = (told);                                                     \
        assert_int_equal(no.outcome, DECISION_REFUSED);                                            \
        assert_int_equal(no.refusal, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_PERSON_ERASED);        \
    } while (0)

/* Proves: everything that is held of a person is told, each piece once with its words, and nobody else's. */
static void everything_that_is_held_is_told(void **state)
{
    struct world *world = *state;
    size_t pieces;
    tell_everything(world);
    assert_int_equal(review(world, 0).events_count, 1);
    assert_int_equal(texts_held(world, &PERSON_ID, &pieces), 12 + 1 + 4);
    assert_int_equal(pieces, 12 + 5);
    pure_reload(world->pure);
    const Dw__OutcomesHeldShown *found = held(world, &PERSON_ID, 1);
    assert_int_equal(found->n_pieces, 3);
    assert_int_equal(found->pieces[0]->n_texts, 2);
    assert_string_equal(found->pieces[0]->texts[1]->text, "a remark");
    assert_int_equal(found->pieces[2]->goal->goal->goal_id.data[1], 2);
    found = held(world, &PERSON_ID, 5); /* pieces 13 to 15 */
    assert_memory_equal(found->pieces[0]->placement_id.data, PLACEMENT_ID.bytes, 16);
    assert_non_null(found->pieces[0]->support);
    assert_string_equal(found->pieces[1]->texts[0]->text, "a certificate");
    assert_string_equal(found->pieces[2]->texts[0]->text, "a word");
    found = held(world, &PERSON_ID, 6);
    assert_int_equal(found->n_pieces, 2);
    assert_non_null(found->pieces[0]->feedback);
    assert_string_equal(found->pieces[1]->texts[0]->text, "a report");
    assert_false(found->erased);
    assert_int_equal(held(world, &OTHER_ID, 1)->total, 1);
}

/* Proves: erasing empties every text of the person in the same step, and no other's; nothing more is told of them. */
static void every_text_is_emptied_in_the_same_step(void **state)
{
    struct world *world = *state;
    size_t pieces;
    tell_everything(world);
    const struct pure_outcome told = erase(world);
    assert_int_equal(told.events_count, 1);
    assert_int_equal(told.decision->forgets_count, 12 + 4);
    pure_reload(world->pure);
    assert_int_equal(texts_held(world, &PERSON_ID, &pieces), 0);
    assert_int_equal(pieces, 12 + 5);
    const Dw__OutcomesHeldShown *found = held(world, &PERSON_ID, 1);
    assert_true(found->erased);
    assert_int_equal(found->pieces[0]->goal->goal->text_id.len, 0);
    assert_int_equal(texts_held(world, &OTHER_ID, &pieces), 1);
    assert_int_equal(erase(world).events_count, 0); /* said again */
    assert_int_equal(run_due(world), 0);
    assert_erased(milestone(world));
    assert_erased(satisfaction(world));
    assert_erased(feedback(world, 3, &PERSON_ID));
    assert_erased(agree(world));
    assert_erased(review(world, 0));
    assert_erased(end_report(world));
    assert_int_equal(feedback(world, 3, &OTHER_ID).events_count, 1);
}

/* Proves: more texts than one decision empties are emptied by the next ones, which time asks for, over a recovery. */
static void what_is_too_much_for_one_decision_goes_on(void **state)
{
    struct world *world = *state;
    size_t pieces;
    assert_int_equal(agree(world).events_count, 1);
    for (uint8_t goal = 0; goal < GOALS; goal++)
        for (int at = 0; at < 40; at++)
            assert_int_equal(review(world, goal).events_count, 1);
    assert_int_equal(erase(world).decision->forgets_count, OUTCOMES_FORGETS_MAX);
    pure_reload(world->pure);
    assert_int_equal(run_due(world), 1);
    assert_int_equal(texts_held(world, &PERSON_ID, &pieces), 12 + 480 - 400);
    assert_int_equal(run_due(world), 1);
    assert_int_equal(run_due(world), 0);
    assert_int_equal(texts_held(world, &PERSON_ID, &pieces), 0);
    assert_int_equal(pieces, GOALS);
}

/* Proves: of whom nothing is held it is remembered that they are erased. */
static void who_is_not_known_is_remembered_as_erased(void **state)
{
    struct world *world = *state;
    assert_int_equal(erase(world).events_count, 1);
    assert_int_equal(held(world, &PERSON_ID, 1)->total, 0);
    assert_erased(milestone(world));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_that_is_held_is_told),
        TEST(every_text_is_emptied_in_the_same_step),
        TEST(what_is_too_much_for_one_decision_goes_on),
        TEST(who_is_not_known_is_remembered_as_erased),
    };
    return cmocka_run_group_tests_name("outcomes_erase", tests, NULL, NULL);
}
