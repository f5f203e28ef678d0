/* Tests of services/outcomes: agreeing a plan, reviewing its goals, each refusal, and which reviews are due. */
#include "services/outcomes/outcomes.h"
#include "services/outcomes/state.h"

#include "common/entities_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "model.pb-c.h"
#include "placements.pb-c.h"
#include "tests/support/pure.h"

enum { SOCIAL_WORKER = DW__ROLE__ROLE_SOCIAL_WORKER, TODAY = 20780, REVIEW_DAYS = 90 };
static const int64_t NOW_MS = INT64_C(20780) * 86400000;

static const struct id PLAN_ID = {{1}};
static const struct id PERSON_ID = {{2}};
static const struct id PROVIDER_ID = {{3}};
static const struct id OTHER_ID = {{4}};
static const struct id GOAL_IDS[2] = {{{5}}, {{6}}};

struct world {
    Dw__CommissioningModel model;
    Dw__Rules rules;
    Dw__OutcomeDomain domain;
    Dw__OutcomeDomain *domains[1];
    Dw__PlanSubject subject;
    Dw__Date agreed;
    Dw__Date by;
    Dw__Score score; /* baseline and target of both goals */
    Dw__OutcomeGoal goals[2];
    Dw__GoalWanted wanted[2];
    Dw__GoalWanted *wanted_pointers[2];
    struct pure *pure;
};

static int set_up(void **ret_world)
{
    static struct world world;
    dw__commissioning_model__init(&world.model);
    dw__rules__init(&world.rules);
    dw__outcome_domain__init(&world.domain);
    dw__plan_subject__init(&world.subject);
    dw__date__init(&world.agreed);
    dw__date__init(&world.by);
    dw__score__init(&world.score);
    world.rules.review_days = REVIEW_DAYS;
    world.domain.number = 4;
    world.domains[0] = &world.domain;
    world.model.rules = &world.rules;
    world.model.n_outcome_domains = 1;
    world.model.outcome_domains = world.domains;
    world.subject.person_id = id_to_data(&PERSON_ID);
    world.subject.provider_id = id_to_data(&PROVIDER_ID);
    world.agreed.days = TODAY - 10;
    world.by.days = TODAY + 200;
    for (size_t at = 0; at < 2; at++) {
        Dw__OutcomeGoal *goal = &world.goals[at];
        dw__outcome_goal__init(goal);
        dw__goal_wanted__init(&world.wanted[at]);
        goal->goal_id = id_to_data(&GOAL_IDS[at]);
        goal->domain = 4;
        goal->baseline = goal->target = &world.score;
        goal->by = &world.by;
        goal->pathway = DW__PATHWAY__PATHWAY_ENABLING;
        world.wanted[at].goal = goal;
        world.wanted_pointers[at] = &world.wanted[at];
    }
    world.wanted[0].text = (char *)(uintptr_t) "Take the bus alone.";
    world.pure = pure_create(&outcomes_service, &world.model.base);
    *ret_world = &world;
    return 0;
}

static int tear_down(void **world)
{
    pure_destroy(&((struct world *)*world)->pure);
    return 0;
}

/* --- commands --------------------------------------------------------------------------------------------------- */

static struct pure_outcome agree(struct world *world)
{
    Dw__AgreeOutcomePlan agree_command = DW__AGREE_OUTCOME_PLAN__INIT;
    agree_command.plan_id = id_to_data(&PLAN_ID);
    agree_command.subject = &world->subject;
    agree_command.agreed = &world->agreed;
    agree_command.n_goals = 2;
    agree_command.goals = world->wanted_pointers;
    return pure_command(world->pure, &agree_command.base, SOCIAL_WORKER, NOW_MS, TODAY);
}

static struct pure_outcome review_on(struct world *world, const struct id *goal_id,
                                     Dw__ReviewResult result, uint32_t points, int32_t day)
{
    Dw__Date date = DW__DATE__INIT;
    date.days = day;
    Dw__Score score = DW__SCORE__INIT;
    score.points = points;
    Dw__ReviewGoal review = DW__REVIEW_GOAL__INIT;
    review.plan_id = id_to_data(&PLAN_ID);
    review.goal_id = id_to_data(goal_id);
    review.date = &date;
    review.score = &score;
    review.result = result;
    review.by = DW__REVIEWED_BY__REVIEWED_BY_CARER;
    review.notes = (char *)(uintptr_t) "Went twice with a friend.";
    return pure_command(world->pure, &review.base, SOCIAL_WORKER, NOW_MS, TODAY);
}

static struct pure_outcome review(struct world *world, const struct id *goal_id,
                                  Dw__ReviewResult result)
{
    return review_on(world, goal_id, result, 6, TODAY);
}

static const Dw__OutcomePlan *the_plan(struct world *world)
{
    return entities_get(pure_entities(world->pure), OUTCOMES_KIND_PLAN, &PLAN_ID, 0);
}

#define PARTLY   DW__REVIEW_RESULT__REVIEW_RESULT_PARTLY
#define ACHIEVED DW__REVIEW_RESULT__REVIEW_RESULT_ACHIEVED
#define assert_refused(told, name)                                                                 \
    do {                                                                                           \
        const struct pure_outcome no = (told);                                                     \
        assert_int_equal(no.outcome, DECISION_REFUSED);                                            \
        assert_int_equal(no.refusal, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_##name);               \
    } while (0)

static bool holds(const struct packed packed, const char *text)
{
    return memmem(packed.bytes, packed.len, text, strlen(text)) != NULL;
}

/* --- tests ------------------------------------------------------------------------------------------------------ */

/* Proves: goals and remarks in words go to the vault only, and are read back with the plan. */
static void words_stay_in_the_vault(void **state)
{
    struct world *world = *state;
    struct pure_outcome told = agree(world);
    assert_int_equal(told.events_count, 1);
    assert_int_equal(told.decision->keeps_count, 1);
    assert_false(holds(told.decision->events[0].body, "bus alone"));
    told = review(world, &GOAL_IDS[1], PARTLY);
    assert_false(holds(told.decision->events[0].body, "friend"));
    Dw__GetPlan get = DW__GET_PLAN__INIT;
    get.plan_id = id_to_data(&PLAN_ID);
    const Dw__PlanRead *read =
        pure_query(world->pure, &get.base, SOCIAL_WORKER, NOW_MS, TODAY, NULL);
    assert_int_equal(read->n_texts, 2);
    assert_string_equal(read->texts[0]->text, "Take the bus alone.");
    assert_string_equal(read->texts[1]->text, "Went twice with a friend.");
    get.goal_id = id_to_data(&GOAL_IDS[1]);
    read = pure_query(world->pure, &get.base, SOCIAL_WORKER, NOW_MS, TODAY, NULL);
    assert_int_equal(read->n_texts, 1);
    assert_string_equal(read->texts[0]->text, "Went twice with a friend.");
}

/* Proves: a provider reads the plans of its own people, and nothing of another's, neither goals nor words. */
static void a_provider_reads_no_plan_of_anothers_people(void **state)
{
    struct world *world = *state;
    struct pure_outcome outcome;
    agree(world);
    Dw__GetPlan get = DW__GET_PLAN__INIT;
    get.plan_id = id_to_data(&PLAN_ID);
    pure_principal_provider(world->pure, &OTHER_ID);
    assert_null(pure_query(world->pure, &get.base, DW__ROLE__ROLE_PROVIDER_MANAGER, NOW_MS, TODAY,
                           &outcome));
    assert_int_equal(outcome.outcome, DECISION_REFUSED);
    assert_int_equal(outcome.refusal, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_NOT_YOURS);
    pure_principal_provider(world->pure, &PROVIDER_ID);
    const Dw__PlanRead *read =
        pure_query(world->pure, &get.base, DW__ROLE__ROLE_PROVIDER_MANAGER, NOW_MS, TODAY, NULL);
    assert_non_null(read);
    assert_int_equal(read->n_texts, 1);
}

/* Proves: each review is kept with its score and who said so, and moves the next one; an achieved goal has no next. */
static void reviews_are_kept_until_the_goal_is_achieved(void **state)
{
    struct world *world = *state;
    agree(world);
    assert_int_equal(the_plan(world)->goals[0]->next_review->days, TODAY - 10 + REVIEW_DAYS);
    review_on(world, &GOAL_IDS[0], PARTLY, 0, TODAY - 1);
    assert_int_equal(the_plan(world)->goals[0]->next_review->days, TODAY - 1 + REVIEW_DAYS);
    review_on(world, &GOAL_IDS[0], ACHIEVED, 9, TODAY);
    const Dw__GoalRecord *goal = the_plan(world)->goals[0];
    assert_int_equal(goal->n_reviews, 2);
    assert_int_equal(goal->reviews[0]->score->points, 0);
    assert_int_equal(goal->reviews[1]->score->points, 9);
    assert_int_equal(goal->reviews[1]->by, DW__REVIEWED_BY__REVIEWED_BY_CARER);
    assert_null(goal->next_review);
    assert_int_equal(the_plan(world)->goals[1]->n_reviews, 0);
    assert_refused(review(world, &GOAL_IDS[0], PARTLY), GOAL_ACHIEVED);
}

/* Proves: a goal without domain, baseline or date is refused, and the sentence says which goal lacks what. */
static void a_goal_needs_domain_baseline_and_date(void **state)
{
    struct world *world = *state;
    world->goals[1].by = NULL;
    struct pure_outcome told = agree(world);
    assert_int_equal(told.refusal, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_GOAL_INCOMPLETE);
    assert_non_null(strstr(told.sentence, "Goal 2 has no date"));
    world->goals[1].by = &world->by;
    world->goals[0].baseline = NULL;
    told = agree(world);
    assert_non_null(strstr(told.sentence, "Goal 1 has no baseline"));
    world->goals[0].baseline = &world->score;
    world->goals[0].domain = 0;
    assert_refused(agree(world), GOAL_INCOMPLETE);
    world->goals[0].domain = 5;
    assert_refused(agree(world), DOMAIN_UNKNOWN);
    world->goals[0].domain = 4;
    world->score.points = 11;
    assert_int_equal(agree(world).outcome, DECISION_INVALID);
    assert_null(the_plan(world));
}

static struct pure_outcome agree_goals(struct world *world, size_t count)
{
    static struct id ids[OUTCOMES_GOALS_MAX + 1];
    static Dw__OutcomeGoal goals[OUTCOMES_GOALS_MAX + 1];
    static Dw__GoalWanted wanted[OUTCOMES_GOALS_MAX + 1];
    Dw__GoalWanted *pointers[OUTCOMES_GOALS_MAX + 1];
    Dw__AgreeOutcomePlan agree_command = DW__AGREE_OUTCOME_PLAN__INIT;
    for (size_t at = 0; at < count; at++) {
        ids[at] = (struct id){{0x60, (uint8_t)(at + 1)}};
        goals[at] = world->goals[0];
        goals[at].goal_id = id_to_data(&ids[at]);
        dw__goal_wanted__init(&wanted[at]);
        wanted[at].goal = &goals[at];
        pointers[at] = &wanted[at];
    }
    agree_command.plan_id = id_to_data(&PLAN_ID);
    agree_command.subject = &world->subject;
    agree_command.agreed = &world->agreed;
    agree_command.n_goals = count;
    agree_command.goals = pointers;
    return pure_command(world->pure, &agree_command.base, SOCIAL_WORKER, NOW_MS, TODAY);
}

/* Proves: a plan takes as many goals as stated, and neither one more nor none. */
static void the_number_of_goals_is_bounded(void **state)
{
    struct world *world = *state;
    static const size_t outside[] = {0, OUTCOMES_GOALS_MAX + 1};
    for (size_t at = 0; at < 2; at++) {
        const struct pure_outcome told = agree_goals(world, outside[at]);
        assert_int_equal(told.outcome, DECISION_INVALID);
        assert_string_equal(told.field, "goals");
    }
    assert_int_equal(agree_goals(world, OUTCOMES_GOALS_MAX).events_count, 1);
    assert_int_equal(the_plan(world)->n_goals, OUTCOMES_GOALS_MAX);
}

/* Proves: each other no has its name. */
static void everything_else_is_refused_by_name(void **state)
{
    struct world *world = *state;
    assert_refused(review(world, &GOAL_IDS[0], PARTLY), PLAN_UNKNOWN);
    world->agreed.days = TODAY + 1;
    assert_refused(agree(world), DATE_OUTSIDE);
    world->agreed.days = TODAY - 10;
    world->goals[1].goal_id = id_to_data(&GOAL_IDS[0]);
    assert_refused(agree(world), ALREADY_EXISTS);
    world->goals[1].goal_id = id_to_data(&GOAL_IDS[1]);
    agree(world);
    assert_refused(agree(world), ALREADY_EXISTS);
    assert_refused(review(world, &OTHER_ID, PARTLY), GOAL_UNKNOWN);
    assert_refused(review_on(world, &GOAL_IDS[0], PARTLY, 3, TODAY + 1), DATE_OUTSIDE);
    assert_refused(review_on(world, &GOAL_IDS[0], PARTLY, 3, TODAY - 11), DATE_OUTSIDE);
    pure_principal_provider(world->pure, &OTHER_ID);
    assert_refused(review(world, &GOAL_IDS[0], PARTLY), NOT_YOURS);
}

/* Proves: a goal has as many reviews as stated and no more. */
static void the_number_of_reviews_is_bounded(void **state)
{
    struct world *world = *state;
    agree(world);
    for (int at = 0; at < OUTCOMES_REVIEWS_MAX; at++)
        assert_int_equal(review(world, &GOAL_IDS[0], PARTLY).outcome, DECISION_YES);
    assert_refused(review(world, &GOAL_IDS[0], PARTLY), TOO_MANY_REVIEWS);
    assert_int_equal(review(world, &GOAL_IDS[1], PARTLY).outcome, DECISION_YES);
}

/* Proves: goals are due from their date on, the longest overdue first, and a provider sees its own only. */
static void reviews_are_due_from_their_date_on(void **state)
{
    struct world *world = *state;
    agree(world);
    review(world, &GOAL_IDS[0], PARTLY);
    Dw__ReviewsDue due = DW__REVIEWS_DUE__INIT;
    const int32_t first_due = TODAY - 10 + REVIEW_DAYS;
    const Dw__ReviewsDueFound *found =
        pure_query(world->pure, &due.base, SOCIAL_WORKER, NOW_MS, first_due - 1, NULL);
    assert_int_equal(found->total, 0);
    found = pure_query(world->pure, &due.base, SOCIAL_WORKER, NOW_MS, first_due, NULL);
    assert_int_equal(found->total, 1);
    found = pure_query(world->pure, &due.base, SOCIAL_WORKER, NOW_MS, first_due + 10, NULL);
    assert_int_equal(found->total, 2);
    assert_memory_equal(found->reviews[0]->goal_id.data, GOAL_IDS[1].bytes, 16);
    assert_int_equal(found->reviews[0]->days_overdue, 10);
    assert_int_equal(found->reviews[1]->days_overdue, 0);
    pure_principal_provider(world->pure, &OTHER_ID);
    found = pure_query(world->pure, &due.base, SOCIAL_WORKER, NOW_MS, first_due + 10, NULL);
    assert_int_equal(found->total, 0);
}

static void tell_placement(struct world *world, const ProtobufCMessage *message)
{
    const struct foreign_event event = {.service = "placements", .message = message};
    assert_int_equal(pure_react(world->pure, &event, NOW_MS, TODAY).outcome, DECISION_YES);
}

static void begin_support(struct world *world, const struct id *placement_id,
                          const struct id *person_id)
{
    Dw__PlacementTerms terms = DW__PLACEMENT_TERMS__INIT;
    terms.person_id = id_to_data(person_id);
    terms.provider_id = id_to_data(&PROVIDER_ID);
    Dw__PlacementStarted started = DW__PLACEMENT_STARTED__INIT;
    started.placement_id = id_to_data(placement_id);
    started.terms = &terms;
    tell_placement(world, &started.base);
}

/* Proves: a provider agrees a plan with somebody whom a placement gives it on that day, and with nobody else. */
static void a_provider_agrees_plans_with_its_own_people(void **state)
{
    struct world *world = *state;
    static const struct id PLACEMENT_ID = {{50}};
    Dw__Date last = DW__DATE__INIT;
    pure_principal_provider(world->pure, &PROVIDER_ID);
    assert_refused(agree(world), NOT_YOURS); /* names no placement */
    world->subject.placement_id = id_to_data(&PLACEMENT_ID);
    assert_refused(agree(world), NOT_YOURS); /* nobody knows it */
    begin_support(world, &PLACEMENT_ID, &OTHER_ID);
    assert_refused(agree(world), NOT_YOURS); /* somebody else's */
    begin_support(world, &PLACEMENT_ID, &PERSON_ID);
    Dw__PlacementEnded ended = DW__PLACEMENT_ENDED__INIT;
    ended.placement_id = id_to_data(&PLACEMENT_ID);
    ended.last = &last;
    last.days = world->agreed.days - 1;
    tell_placement(world, &ended.base);
    pure_reload(world->pure);
    assert_refused(agree(world), NOT_YOURS); /* over by then */
    last.days = world->agreed.days;
    tell_placement(world, &ended.base);
    assert_int_equal(agree(world).events_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(words_stay_in_the_vault),
        TEST(a_provider_reads_no_plan_of_anothers_people),
        TEST(reviews_are_kept_until_the_goal_is_achieved),
        TEST(a_goal_needs_domain_baseline_and_date),
        TEST(everything_else_is_refused_by_name),
        TEST(a_provider_agrees_plans_with_its_own_people),
        TEST(the_number_of_goals_is_bounded),
        TEST(the_number_of_reviews_is_bounded),
        TEST(reviews_are_due_from_their_date_on),
    };
    return cmocka_run_group_tests_name("outcomes_decide", tests, NULL, NULL);
}
