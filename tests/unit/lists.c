/* Tests of lists over very large states: a page costs memory for a page, and says how many there are in all. */
#include "services/outcomes/outcomes.h"
#include "services/outcomes/state.h"
#include "services/referrals/referrals.h"

#include "common/pick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model.pb-c.h"
#include "referrals.pb-c.h"
#include "tests/support/pure.h"

enum {
    TODAY = 20780,
    /* With room for every line of every one, an answer would be larger than its 64 MiB. */
    RECORDS = 540000,
    REFERRALS_KIND_PERSON = 1,
    REFERRALS_KIND_REFERRAL = 2,
    PRIME = 7919, /* so that records are put in another order than they are told in */
};
static const int64_t NOW_MS = INT64_C(20780) * 86400000;

static const struct id PERSON_ID = {{1}};
static Dw__CommissioningModel model;

static struct id numbered(uint32_t number)
{
    struct id id = {{2}};
    for (size_t at = 0; at < 4; at++)
        id.bytes[1 + at] = (uint8_t)(number >> (24 - 8 * at));
    return id;
}

static struct pure *begin(const struct service *service)
{
    dw__commissioning_model__init(&model);
    return pure_create(service, &model.base);
}

static void put_referrals(struct entities *entities)
{
    Dw__PersonFacts facts = DW__PERSON_FACTS__INIT;
    Dw__Person person = DW__PERSON__INIT;
    person.person_id = id_to_data(&PERSON_ID);
    person.facts = &facts;
    entities_put(entities, REFERRALS_KIND_PERSON, &PERSON_ID, 0, &person.base);
    Dw__ReferralLine line = DW__REFERRAL_LINE__INIT;
    Dw__LineRecord record = DW__LINE_RECORD__INIT;
    Dw__LineRecord *lines[] = {&record};
    record.line = &line;
    Dw__Referral referral = DW__REFERRAL__INIT;
    referral.person_id = id_to_data(&PERSON_ID);
    referral.state = DW__REFERRAL_STATE__REFERRAL_STATE_ACCEPTED;
    referral.urgency = DW__URGENCY__URGENCY_ROUTINE;
    referral.lines = lines;
    referral.n_lines = 1;
    for (uint32_t at = 0; at < RECORDS; at++) {
        const struct id id = numbered(at);
        referral.referral_id = id_to_data(&id);
        referral.submitted_ms = 1 + (int64_t)at * PRIME % RECORDS;
        entities_put(entities, REFERRALS_KIND_REFERRAL, &id, 0, &referral.base);
    }
}

static void the_waiting_list_of_hundreds_of_thousands_is_told_by_the_page(void **state)
{
    (void)state;
    struct pure *pure = begin(&referrals_service);
    put_referrals(pure_entities(pure));
    Dw__WaitingList ask = DW__WAITING_LIST__INIT;
    ask.per_page = 100;
    for (uint32_t page = 1; page <= PICK_ROWS_MAX / 100; page += 33) {
        ask.page = page;
        const Dw__WaitingLines *shown =
            pure_query(pure, &ask.base, DW__ROLE__ROLE_BROKER, NOW_MS, TODAY, NULL);
        assert_int_equal(shown->total, RECORDS);
        assert_int_equal(shown->n_lines, 100);
        for (size_t at = 0; at < shown->n_lines; at++)
            assert_int_equal(shown->lines[at]->submitted_ms, (page - 1) * 100 + at + 1);
    }
    struct pure_outcome outcome;
    ask.page = PICK_ROWS_MAX / 100 + 1;
    assert_null(pure_query(pure, &ask.base, DW__ROLE__ROLE_BROKER, NOW_MS, TODAY, &outcome));
    assert_string_equal(outcome.field, "page");
    pure_destroy(&pure);
}

static void put_plans(struct entities *entities)
{
    const struct id goal_id = {{9}};
    Dw__PlanSubject subject = DW__PLAN_SUBJECT__INIT;
    subject.person_id = id_to_data(&PERSON_ID);
    Dw__OutcomeGoal goal = DW__OUTCOME_GOAL__INIT;
    goal.goal_id = id_to_data(&goal_id);
    Dw__Date next = DW__DATE__INIT;
    Dw__GoalRecord record = DW__GOAL_RECORD__INIT;
    Dw__GoalRecord *goals[] = {&record};
    record.goal = &goal;
    record.next_review = &next;
    Dw__OutcomePlan plan = DW__OUTCOME_PLAN__INIT;
    plan.subject = &subject;
    plan.goals = goals;
    plan.n_goals = 1;
    for (uint32_t at = 0; at < RECORDS; at++) {
        const struct id id = numbered((uint32_t)((uint64_t)at * PRIME % RECORDS));
        plan.plan_id = id_to_data(&id);
        next.days = TODAY - 1;
        entities_put(entities, OUTCOMES_KIND_PLAN, &id, 0, &plan.base);
    }
}

static void reviews_due_of_hundreds_of_thousands_are_told_by_the_page(void **state)
{
    (void)state;
    struct pure *pure = begin(&outcomes_service);
    put_plans(pure_entities(pure));
    Dw__ReviewsDue ask = DW__REVIEWS_DUE__INIT;
    ask.per_page = 100;
    ask.page = 2;
    const Dw__ReviewsDueFound *shown =
        pure_query(pure, &ask.base, DW__ROLE__ROLE_BROKER, NOW_MS, TODAY, NULL);
    assert_int_equal(shown->total, RECORDS);
    assert_int_equal(shown->n_reviews, 100);
    for (size_t at = 0; at < shown->n_reviews; at++) {
        const struct id id = numbered(100 + (uint32_t)at);
        assert_memory_equal(shown->reviews[at]->plan_id.data, id.bytes, sizeof id.bytes);
    }
    pure_destroy(&pure);
}

static int compare_numbers(const void *left, const void *right)
{
    return *(const int *)left - *(const int *)right;
}

/* Against sorting everything, for every size of picker and with equal items. */
static void a_picker_keeps_the_smallest_in_order(void **state)
{
    (void)state;
    enum { COUNT = 500 };
    int all[COUNT];
    for (int at = 0; at < COUNT; at++)
        all[at] = at * 31 % 97;
    int sorted[COUNT];
    memcpy(sorted, all, sizeof all);
    qsort(sorted, COUNT, sizeof sorted[0], compare_numbers);
    for (size_t max = 0; max <= COUNT + 1; max += 7) {
        int kept[COUNT + 8];
        struct pick pick = {kept, sizeof kept[0], max, compare_numbers, 0, 0};
        for (size_t at = 0; at < COUNT; at++)
            pick_offer(&pick, &all[at]);
        pick_sort(&pick);
        assert_int_equal(pick.total, COUNT);
        assert_int_equal(pick.count, max < COUNT ? max : COUNT);
        assert_memory_equal(kept, sorted, pick.count * sizeof kept[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_waiting_list_of_hundreds_of_thousands_is_told_by_the_page),
        cmocka_unit_test(reviews_due_of_hundreds_of_thousands_are_told_by_the_page),
        cmocka_unit_test(a_picker_keeps_the_smallest_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
