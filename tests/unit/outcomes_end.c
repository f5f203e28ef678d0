/* Tests of services/outcomes: end reports cover every open goal, close what belongs to the placement, and are found again. */
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

enum { SOCIAL_WORKER = DW__ROLE__ROLE_SOCIAL_WORKER, TODAY = 20780, GOALS = 2, REVIEW_DAYS = 90 };
static const int64_t NOW_MS = INT64_C(20780) * 86400000;

static const struct id PERSON_ID = {{2}};
static const struct id PROVIDER_ID = {{3}};
static const struct id OTHER_ID = {{4}};
static const struct id PLACEMENT_ID = {{50}};
static const struct id REPORT_ID = {{60}};

#define PARTLY   DW__REVIEW_RESULT__REVIEW_RESULT_PARTLY
#define ACHIEVED DW__REVIEW_RESULT__REVIEW_RESULT_ACHIEVED

struct world {
    Dw__CommissioningModel model;
    Dw__Rules rules;
    Dw__OutcomeDomain domain;
    Dw__OutcomeDomain *domains[1];
    struct id report_id;
    Dw__PlanSubject subject;
    Dw__Date date;
    Dw__Score score;
    Dw__EndReport report;
    Dw__GoalAtEnd goals[4];
    Dw__GoalAtEnd *goal_pointers[4];
    struct id plan_ids[4];
    struct id goal_ids[4];
    Dw__SubmitEndReport submit;
    struct pure *pure;
};

/* Goal 0 and 1 are of plan 1, which belongs to the placement, 2 and 3 of plan 2, which belongs to none. */
static struct id plan_id(uint8_t plan)
{
    return (struct id){{10, plan}};
}

static struct id goal_id(uint8_t plan, uint8_t goal)
{
    return (struct id){{20, plan, goal}};
}

static int set_up(void **ret_world)
{
    static struct world world;
    dw__commissioning_model__init(&world.model);
    dw__rules__init(&world.rules);
    dw__outcome_domain__init(&world.domain);
    dw__plan_subject__init(&world.subject);
    dw__date__init(&world.date);
    dw__score__init(&world.score);
    dw__end_report__init(&world.report);
    dw__submit_end_report__init(&world.submit);
    world.rules.review_days = REVIEW_DAYS;
    world.domain.number = 4;
    world.domains[0] = &world.domain;
    world.model.rules = &world.rules;
    world.model.n_outcome_domains = 1;
    world.model.outcome_domains = world.domains;
    world.subject.person_id = id_to_data(&PERSON_ID);
    world.subject.placement_id = id_to_data(&PLACEMENT_ID);
    world.subject.provider_id = id_to_data(&PROVIDER_ID);
    world.date.days = TODAY;
    world.score.points = 7;
    world.report_id = REPORT_ID;
    world.report.report_id = id_to_data(&world.report_id);
    world.report.subject = &world.subject;
    world.report.date = &world.date;
    for (uint8_t at = 0; at < 4; at++) {
        Dw__GoalAtEnd *goal = &world.goals[at];
        dw__goal_at_end__init(goal);
        world.plan_ids[at] = plan_id(at / 2 + 1);
        world.goal_ids[at] = goal_id(at / 2 + 1, at % 2);
        goal->plan_id = id_to_data(&world.plan_ids[at]);
        goal->goal_id = id_to_data(&world.goal_ids[at]);
        goal->score = &world.score;
        goal->result = PARTLY;
        goal->by = DW__REVIEWED_BY__REVIEWED_BY_PERSON;
        world.goal_pointers[at] = goal;
    }
    world.submit.report = &world.report;
    world.submit.n_goals = 4;
    world.submit.goals = world.goal_pointers;
    world.submit.text = (char *)(uintptr_t) "Went out by herself.";
    world.pure = pure_create(&outcomes_service, &world.model.base);
    *ret_world = &world;
    return 0;
}

static int tear_down(void **world)
{
    pure_destroy(&((struct world *)*world)->pure);
    return 0;
}

static void agree(struct world *world, uint8_t plan, const struct id *placement_id, int32_t day)
{
    const struct id id = plan_id(plan);
    const struct id goal_ids[GOALS] = {goal_id(plan, 0), goal_id(plan, 1)};
    Dw__PlanSubject subject = DW__PLAN_SUBJECT__INIT;
    Dw__Date agreed = DW__DATE__INIT;
    Dw__OutcomeGoal goals[GOALS];
    Dw__GoalWanted wanted[GOALS];
    Dw__GoalWanted *pointers[GOALS];
    Dw__AgreeOutcomePlan command = DW__AGREE_OUTCOME_PLAN__INIT;
    agreed.days = day;
    subject.person_id = id_to_data(&PERSON_ID);
    if (placement_id != NULL) {
        subject.placement_id = id_to_data(placement_id);
        subject.provider_id = id_to_data(&PROVIDER_ID);
    }
    for (size_t at = 0; at < GOALS; at++) {
        dw__outcome_goal__init(&goals[at]);
        dw__goal_wanted__init(&wanted[at]);
        goals[at].goal_id = id_to_data(&goal_ids[at]);
        goals[at].domain = 4;
        goals[at].baseline = &world->score;
        goals[at].by = &agreed;
        goals[at].pathway = DW__PATHWAY__PATHWAY_ENABLING;
        wanted[at].goal = &goals[at];
        pointers[at] = &wanted[at];
    }
    command.plan_id = id_to_data(&id);
    command.subject = &subject;
    command.agreed = &agreed;
    command.n_goals = GOALS;
    command.goals = pointers;
    assert_int_equal(
        pure_command(world->pure, &command.base, SOCIAL_WORKER, NOW_MS, TODAY).events_count, 1);
}

static void agree_both(struct world *world)
{
    agree(world, 1, &PLACEMENT_ID, TODAY - 50);
    agree(world, 2, NULL, TODAY - 50);
}

static struct pure_outcome submit(struct world *world)
{
    return pure_command(world->pure, &world->submit.base, SOCIAL_WORKER, NOW_MS, TODAY);
}

static struct pure_outcome review(struct world *world, uint8_t plan, uint8_t goal,
                                  Dw__ReviewResult result)
{
    const struct id id = plan_id(plan);
    const struct id of_goal = goal_id(plan, goal);
    Dw__ReviewGoal command = DW__REVIEW_GOAL__INIT;
    command.plan_id = id_to_data(&id);
    command.goal_id = id_to_data(&of_goal);
    command.date = &world->date;
    command.score = &world->score;
    command.result = result;
    command.by = DW__REVIEWED_BY__REVIEWED_BY_PROVIDER;
    return pure_command(world->pure, &command.base, SOCIAL_WORKER, NOW_MS, TODAY);
}

static const Dw__GoalRecord *the_goal(struct world *world, uint8_t plan, uint8_t goal)
{
    const struct id id = plan_id(plan);
    const Dw__OutcomePlan *kept =
        entities_get(pure_entities(world->pure), OUTCOMES_KIND_PLAN, &id, 0);
    return kept->goals[goal];
}

#define assert_refused(told, name)                                                                 \
    do {                                                                                           \
        const struct pure_outcome no = (told);                                                     \
        assert_int_equal(no.outcome, DECISION_REFUSED);                                            \
        assert_int_equal(no.refusal, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_##name);               \
    } while (0)

/* Proves: a report that leaves open goals out is refused with their number; an achieved goal is not asked for. */
static void every_open_goal_is_covered(void **state)
{
    struct world *world = *state;
    agree_both(world);
    world->submit.n_goals = 1;
    const struct pure_outcome told = submit(world);
    assert_int_equal(told.refusal, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_GOALS_LEFT);
    assert_non_null(strstr(told.sentence, "3 of 4 open goals are left"));
    assert_int_equal(review(world, 2, 1, ACHIEVED).events_count, 1);
    pure_reload(world->pure);
    world->submit.n_goals = 2;
    assert_refused(submit(world), GOALS_LEFT);
    world->submit.n_goals = 4;
    assert_refused(submit(world), GOAL_UNKNOWN); /* the achieved one is not open */
    world->submit.n_goals = 3;
    assert_int_equal(submit(world).events_count, 4);
}

/* Proves: each goal keeps the score and who said so as a review; what belongs to the placement is closed, what belongs to none goes
 * on, and words go to the vault. */
static void what_belongs_to_the_placement_is_closed(void **state)
{
    struct world *world = *state;
    agree_both(world);
    world->goals[3].result = ACHIEVED;
    const struct pure_outcome told = submit(world);
    assert_int_equal(told.events_count, 5);
    assert_int_equal(told.decision->keeps_count, 1);
    assert_null(memmem(told.decision->events[4].body.bytes, told.decision->events[4].body.len,
                       "herself", strlen("herself")));
    assert_null(the_goal(world, 1, 0)->next_review);
    assert_null(the_goal(world, 1, 1)->next_review);
    assert_int_equal(the_goal(world, 2, 0)->next_review->days, TODAY + REVIEW_DAYS);
    assert_null(the_goal(world, 2, 1)->next_review);
    assert_int_equal(the_goal(world, 1, 0)->reviews[0]->score->points, 7);
    assert_int_equal(the_goal(world, 1, 0)->reviews[0]->by, DW__REVIEWED_BY__REVIEWED_BY_PERSON);
    assert_refused(review(world, 1, 0, PARTLY), GOAL_CLOSED);
    assert_refused(review(world, 2, 1, PARTLY), GOAL_ACHIEVED);
    assert_int_equal(review(world, 2, 0, PARTLY).events_count, 1);
}

/* Proves: a report of no placement ends everything. */
static void a_report_of_all_support_closes_every_goal(void **state)
{
    struct world *world = *state;
    agree_both(world);
    world->subject.placement_id = (ProtobufCBinaryData){0};
    assert_int_equal(submit(world).events_count, 5);
    assert_null(the_goal(world, 2, 0)->next_review);
    world->submit.n_goals = 0;
    world->report_id = OTHER_ID;
    assert_int_equal(submit(world).events_count,
                     1); /* nothing is open, and there is something to say */
}

/* Proves: another placement's plans and those agreed later are not asked for, and not taken. */
static void what_a_report_does_not_cover_is_not_taken(void **state)
{
    struct world *world = *state;
    agree(world, 1, &PLACEMENT_ID, TODAY - 50);
    agree(world, 2, &OTHER_ID, TODAY - 50);
    assert_refused(submit(world), GOAL_UNKNOWN);
    world->submit.n_goals = 2;
    world->date.days = TODAY - 51;
    assert_refused(submit(world), GOAL_UNKNOWN);
    world->date.days = TODAY - 50;
    assert_int_equal(submit(world).events_count, 3);
}

/* Proves: a provider covers its own plans, by the placement it has the person by. */
static void a_provider_reports_on_its_own_plans(void **state)
{
    struct world *world = *state;
    agree_both(world);
    pure_principal_provider(world->pure, &PROVIDER_ID);
    world->submit.n_goals = 2;
    assert_refused(submit(world), NOT_YOURS);
    Dw__PlacementTerms terms = DW__PLACEMENT_TERMS__INIT;
    terms.person_id = id_to_data(&PERSON_ID);
    terms.provider_id = id_to_data(&PROVIDER_ID);
    Dw__PlacementStarted started = DW__PLACEMENT_STARTED__INIT;
    started.placement_id = id_to_data(&PLACEMENT_ID);
    started.terms = &terms;
    const struct foreign_event event = {.service = "placements", .message = &started.base};
    (void)pure_react(world->pure, &event, NOW_MS, TODAY);
    assert_int_equal(submit(world).events_count, 3);
    assert_int_equal(the_goal(world, 2, 0)->n_reviews, 0);
}

/* Proves: each other no has its name. */
static void everything_else_is_refused_by_name(void **state)
{
    struct world *world = *state;
    agree_both(world);
    world->date.days = TODAY + 1;
    assert_refused(submit(world), DATE_OUTSIDE);
    world->date.days = TODAY;
    world->goals[1].goal_id = world->goals[0].goal_id;
    struct pure_outcome told = submit(world);
    assert_int_equal(told.outcome, DECISION_INVALID);
    assert_string_equal(told.field, "goals[1]");
    world->goals[1].goal_id = id_to_data(&world->goal_ids[1]);
    world->score.points = 11;
    assert_string_equal(submit(world).field, "goals[0]");
    world->score.points = 10;
    assert_int_equal(submit(world).events_count, 5);
    assert_refused(submit(world), ALREADY_EXISTS);
    world->report_id = OTHER_ID;
    assert_refused(submit(world), END_REPORT_EXISTS);
}

/* Proves: a goal with as many reviews as it may have takes the report's as its last. */
static void a_goal_full_of_reviews_is_closed(void **state)
{
    struct world *world = *state;
    agree(world, 2, NULL, TODAY - 50);
    for (int at = 0; at < OUTCOMES_REVIEWS_MAX; at++)
        assert_int_equal(review(world, 2, 0, PARTLY).events_count, 1);
    world->goal_pointers[0] = &world->goals[2];
    world->goal_pointers[1] = &world->goals[3];
    world->submit.n_goals = 2;
    assert_int_equal(submit(world).events_count, 3);
    assert_int_equal(the_goal(world, 2, 0)->n_reviews, OUTCOMES_REVIEWS_MAX + 1);
    assert_null(the_goal(world, 2, 0)->next_review);
    assert_non_null(the_goal(world, 2, 1)->next_review);
}

/* Proves: reports are found by person and placement with their words, and a provider finds its own. */
static void reports_are_found_again(void **state)
{
    struct world *world = *state;
    agree_both(world);
    assert_int_equal(submit(world).events_count, 5);
    Dw__EndReports asked = DW__END_REPORTS__INIT;
    asked.person_id = id_to_data(&PERSON_ID);
    const Dw__EndReportsFound *found =
        pure_query(world->pure, &asked.base, SOCIAL_WORKER, NOW_MS, TODAY, NULL);
    assert_int_equal(found->total, 1);
    assert_int_equal(found->reports[0]->goals, 4);
    assert_string_equal(found->texts[0]->text, "Went out by herself.");
    asked.placement_id = id_to_data(&OTHER_ID);
    found = pure_query(world->pure, &asked.base, SOCIAL_WORKER, NOW_MS, TODAY, NULL);
    assert_int_equal(found->total, 0);
    asked.placement_id = id_to_data(&PLACEMENT_ID);
    pure_principal_provider(world->pure, &OTHER_ID);
    found = pure_query(world->pure, &asked.base, SOCIAL_WORKER, NOW_MS, TODAY, NULL);
    assert_int_equal(found->total, 0);
    pure_principal_provider(world->pure, &PROVIDER_ID);
    found = pure_query(world->pure, &asked.base, SOCIAL_WORKER, NOW_MS, TODAY, NULL);
    assert_int_equal(found->total, 1);
}

static struct pure_outcome hear_of(struct world *world, const ProtobufCMessage *message)
{
    const struct foreign_event event = {.service = "referrals", .message = message};
    return pure_react(world->pure, &event, NOW_MS, TODAY);
}

static uint32_t reviews_due(struct world *world)
{
    Dw__ReviewsDue due = DW__REVIEWS_DUE__INIT;
    const Dw__ReviewsDueFound *found =
        pure_query(world->pure, &due.base, SOCIAL_WORKER, NOW_MS, TODAY + 200, NULL);
    return found->total;
}

/* Proves: a death stops every review and is told to whoever asks what is held; one that is taken back brings the reviews back. */
static void a_death_stops_every_review(void **state)
{
    struct world *world = *state;
    Dw__Date date = DW__DATE__INIT;
    Dw__PersonDied died = DW__PERSON_DIED__INIT;
    Dw__DeathTakenBack back = DW__DEATH_TAKEN_BACK__INIT;
    Dw__OutcomesHeld asked = DW__OUTCOMES_HELD__INIT;
    date.days = TODAY - 1;
    died.person_id = back.person_id = asked.person_id = id_to_data(&PERSON_ID);
    died.date = &date;
    agree(world, 1, &PLACEMENT_ID, TODAY - 50);
    assert_int_equal(reviews_due(world), GOALS);
    assert_int_equal(hear_of(world, &back.base).events_count, 0);
    assert_int_equal(hear_of(world, &died.base).events_count, 1);
    assert_int_equal(hear_of(world, &died.base).events_count, 0);
    pure_reload(world->pure);
    assert_int_equal(reviews_due(world), 0);
    const Dw__OutcomesHeldShown *held = pure_query(
        world->pure, &asked.base, DW__ROLE__ROLE_DATA_PROTECTION_OFFICER, NOW_MS, TODAY, NULL);
    assert_int_equal(held->total, GOALS + 1);
    assert_int_equal(held->pieces[GOALS]->deceased->date->days, TODAY - 1);
    assert_int_equal(hear_of(world, &back.base).events_count, 1);
    assert_int_equal(reviews_due(world), GOALS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_open_goal_is_covered),
        TEST(what_belongs_to_the_placement_is_closed),
        TEST(a_report_of_all_support_closes_every_goal),
        TEST(what_a_report_does_not_cover_is_not_taken),
        TEST(a_provider_reports_on_its_own_plans),
        TEST(everything_else_is_refused_by_name),
        TEST(a_goal_full_of_reviews_is_closed),
        TEST(reports_are_found_again),
        TEST(a_death_stops_every_review),
    };
    return cmocka_run_group_tests_name("outcomes_end", tests, NULL, NULL);
}
