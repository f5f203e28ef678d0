/* Tests of services/outcomes: milestones, what they must say, and for how long work and volunteering were sustained. */
#include "services/outcomes/outcomes.h"
#include "services/outcomes/state.h"

#include "common/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "model.pb-c.h"
#include "placements.pb-c.h"
#include "referrals.pb-c.h"
#include "tests/support/pure.h"

enum { SOCIAL_WORKER = DW__ROLE__ROLE_SOCIAL_WORKER, TODAY = 20780, WEEK = 7 };

static const struct id PERSON_ID = {{2}};
static const struct id PROVIDER_ID = {{3}};
static const struct id OTHER_ID = {{4}};
static const struct id PLACEMENT_ID = {{50}};

#define KIND(name) DW__MILESTONE_KIND__MILESTONE_KIND_##name

struct world {
    Dw__CommissioningModel model;
    struct id id;
    Dw__PlanSubject subject;
    Dw__Date date;
    Dw__Date ended;
    Dw__Milestone milestone;
    Dw__RecordMilestone record;
    struct pure *pure;
};

static int set_up(void **ret_world)
{
    static struct world world;
    dw__commissioning_model__init(&world.model);
    dw__plan_subject__init(&world.subject);
    dw__date__init(&world.date);
    dw__date__init(&world.ended);
    dw__milestone__init(&world.milestone);
    dw__record_milestone__init(&world.record);
    world.id = (struct id){{100}};
    world.subject.person_id = id_to_data(&PERSON_ID);
    world.subject.provider_id = id_to_data(&PROVIDER_ID);
    world.date.days = TODAY;
    world.milestone.milestone_id = id_to_data(&world.id);
    world.milestone.subject = &world.subject;
    world.milestone.date = &world.date;
    world.milestone.kind = KIND(VOLUNTEERING);
    world.record.milestone = &world.milestone;
    world.pure = pure_create(&outcomes_service, &world.model.base);
    *ret_world = &world;
    return 0;
}

static int tear_down(void **world)
{
    pure_destroy(&((struct world *)*world)->pure);
    return 0;
}

static int64_t start_of(int32_t day)
{
    return calendar_london_to_utc(day, 0);
}

static struct pure_outcome record(struct world *world)
{
    return pure_command(world->pure, &world->record.base, SOCIAL_WORKER, start_of(TODAY), TODAY);
}

static struct pure_outcome end(struct world *world, int32_t day)
{
    Dw__Date ended = DW__DATE__INIT;
    Dw__EndMilestone end_command = DW__END_MILESTONE__INIT;
    ended.days = day;
    end_command.milestone_id = id_to_data(&world->id);
    end_command.ended = &ended;
    return pure_command(world->pure, &end_command.base, SOCIAL_WORKER, start_of(TODAY), TODAY);
}

static const Dw__MilestoneRecord *kept(struct world *world)
{
    return entities_get(pure_entities(world->pure), OUTCOMES_KIND_MILESTONE, &world->id, 0);
}

/* Time comes to that day; returns what it said. */
static size_t reach(struct world *world, int32_t day)
{
    size_t count;
    (void)pure_due(world->pure, 10, start_of(day), day, &count);
    return count;
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

/* Proves: volunteering is said to be sustained on the day 13 and 26 weeks have passed, once each, and over a recovery. */
static void volunteering_is_sustained_after_13_and_26_weeks(void **state)
{
    struct world *world = *state;
    assert_int_equal(record(world).events_count, 1);
    assert_int_equal(reach(world, TODAY + 13 * WEEK - 1), 0);
    Dw__CheckMilestone too_early = DW__CHECK_MILESTONE__INIT;
    too_early.milestone_id = id_to_data(&world->id);
    (void)pure_command(world->pure, &too_early.base, 0, start_of(TODAY + 13 * WEEK - 1),
                       TODAY + 13 * WEEK - 1);
    assert_int_equal(kept(world)->sustained_weeks, 0);
    pure_reload(world->pure);
    assert_int_equal(reach(world, TODAY + 13 * WEEK), 1);
    assert_int_equal(kept(world)->sustained_weeks, 13);
    assert_int_equal(reach(world, TODAY + 13 * WEEK), 0);
    assert_int_equal(reach(world, TODAY + 26 * WEEK - 1), 0);
    assert_int_equal(reach(world, TODAY + 26 * WEEK), 1);
    assert_int_equal(kept(world)->sustained_weeks, 26);
    assert_int_equal(reach(world, TODAY + 60 * WEEK), 0);
}

/* Proves: what began long ago is told of both at once; a certificate is never sustained. */
static void what_is_told_late_is_sustained_at_once(void **state)
{
    struct world *world = *state;
    world->date.days = TODAY - 27 * WEEK;
    (void)record(world);
    assert_int_equal(reach(world, TODAY), 1);
    assert_int_equal(kept(world)->sustained_weeks, 26);
    world->id.bytes[1] = 1;
    world->milestone.kind = KIND(CERTIFICATE);
    (void)record(world);
    assert_int_equal(reach(world, TODAY), 0);
}

/* Proves: nothing is sustained beyond a death, in whichever order they are told, and all is that went on when it was none. */
static void nothing_is_sustained_beyond_a_death(void **state)
{
    struct world *world = *state;
    Dw__Date date = DW__DATE__INIT;
    Dw__PersonDied died = DW__PERSON_DIED__INIT;
    Dw__DeathTakenBack back = DW__DEATH_TAKEN_BACK__INIT;
    struct foreign_event event = {.service = "referrals", .message = &died.base};
    died.person_id = back.person_id = id_to_data(&PERSON_ID);
    died.date = &date;
    date.days = TODAY - 1;
    world->date.days = TODAY - 14 * WEEK;
    (void)record(world);
    (void)pure_react(world->pure, &event, start_of(TODAY), TODAY);
    pure_reload(world->pure);
    assert_int_equal(reach(world, TODAY + 30 * WEEK), 1);
    assert_int_equal(kept(world)->sustained_weeks, 13); /* which had passed before it */
    world->id.bytes[1] = 1;
    world->date.days = TODAY - 10 * WEEK;
    (void)record(world);
    assert_int_equal(reach(world, TODAY + 30 * WEEK), 0);
    event.message = &back.base;
    (void)pure_react(world->pure, &event, start_of(TODAY), TODAY);
    assert_int_equal(reach(world, TODAY + 30 * WEEK), 2);
    assert_int_equal(kept(world)->sustained_weeks, 26);
}

/* Proves: what ended a day too early is not sustained, and what ended on the day is; what was said too much is taken back. */
static void what_has_ended_is_sustained_for_as_long_as_it_lasted(void **state)
{
    struct world *world = *state;
    world->date.days = TODAY - 20 * WEEK;
    world->milestone.ended = &world->ended;
    world->ended.days = world->date.days + 13 * WEEK - 1;
    (void)record(world);
    assert_int_equal(reach(world, TODAY + 40 * WEEK), 0);
    (void)end(world, world->date.days + 13 * WEEK);
    assert_int_equal(reach(world, TODAY + 40 * WEEK), 1);
    assert_int_equal(kept(world)->sustained_weeks, 13);
    assert_int_equal(end(world, world->date.days + 13 * WEEK).events_count, 0); /* as it was */
    const struct pure_outcome told = end(world, world->date.days + WEEK);
    assert_int_equal(told.events_count, 1);
    const struct packed body = told.decision->events[0].body;
    Dw__MilestoneEnded *ended = dw__milestone_ended__unpack(NULL, body.len, body.bytes);
    assert_int_equal(ended->sustained_weeks_before, 13);
    assert_int_equal(ended->sustained_weeks, 0);
    dw__milestone_ended__free_unpacked(ended, NULL);
    assert_int_equal(kept(world)->sustained_weeks, 0);
}

/* Proves: paid work says its minutes, nothing else but volunteering may, and a week has so many. */
static void paid_work_says_its_weekly_minutes(void **state)
{
    struct world *world = *state;
    world->milestone.kind = KIND(PAID_WORK);
    assert_invalid(record(world), "milestone.weekly_minutes");
    world->milestone.weekly_minutes = 7 * 24 * 60 + 1;
    assert_invalid(record(world), "milestone.weekly_minutes");
    world->milestone.weekly_minutes = 16 * 60;
    world->milestone.kind = KIND(TRAVEL_TRAINING);
    assert_invalid(record(world), "milestone.weekly_minutes");
    world->milestone.kind = KIND(PAID_WORK);
    assert_int_equal(record(world).events_count, 1);
    assert_int_equal(kept(world)->milestone->weekly_minutes, 16 * 60);
}

/* Proves: each no has its name. */
static void everything_else_is_refused_by_name(void **state)
{
    struct world *world = *state;
    assert_refused(end(world, TODAY), MILESTONE_UNKNOWN);
    world->date.days = TODAY + 1;
    assert_refused(record(world), DATE_OUTSIDE);
    world->date.days = TODAY - 5;
    world->milestone.ended = &world->ended;
    world->ended.days = TODAY - 6;
    assert_refused(record(world), DATE_OUTSIDE);
    world->ended.days = TODAY + 1;
    assert_refused(record(world), DATE_OUTSIDE);
    world->milestone.ended = NULL;
    assert_int_equal(record(world).events_count, 1);
    assert_refused(record(world), ALREADY_EXISTS);
    assert_refused(end(world, TODAY - 6), DATE_OUTSIDE);
    assert_refused(end(world, TODAY + 1), DATE_OUTSIDE);
    pure_principal_provider(world->pure, &OTHER_ID);
    assert_refused(end(world, TODAY), NOT_YOURS);
    world->id.bytes[1] = 1;
    assert_refused(record(world), NOT_YOURS);
    pure_principal_provider(world->pure, &PROVIDER_ID);
    assert_refused(record(world), NOT_YOURS); /* nobody knows by which placement */
}

/* Proves: a person has as many records as stated and no more, and others are not hindered. */
static void the_records_of_a_person_are_bounded(void **state)
{
    struct world *world = *state;
    for (int at = 0; at < OUTCOMES_OF_PERSON_MAX; at++) {
        world->id.bytes[1] = (uint8_t)(at / 256);
        world->id.bytes[2] = (uint8_t)(at % 256);
        assert_int_equal(record(world).events_count, 1);
    }
    world->id.bytes[3] = 1;
    assert_refused(record(world), TOO_MANY_RECORDS);
    world->subject.person_id = id_to_data(&OTHER_ID);
    assert_int_equal(record(world).events_count, 1);
}

static const Dw__MilestonesFound *ask(struct world *world, const Dw__Milestones *asked)
{
    return pure_query(world->pure, &asked->base, SOCIAL_WORKER, start_of(TODAY), TODAY, NULL);
}

/* Proves: milestones are found by person, kind and date, the latest first, in pages, with their words; a provider finds its own. */
static void milestones_are_found_by_person_kind_and_date(void **state)
{
    struct world *world = *state;
    for (uint8_t at = 0; at < 3; at++) {
        world->id.bytes[1] = at;
        world->date.days = TODAY - 100 * at;
        world->milestone.kind = at == 1 ? KIND(CERTIFICATE) : KIND(VOLUNTEERING);
        world->record.text = (char *)(uintptr_t)(at == 1 ? "Food hygiene" : "");
        const struct pure_outcome told = record(world);
        assert_int_equal(told.decision->keeps_count, at == 1 ? 1 : 0);
    }
    world->id.bytes[1] = 3;
    world->subject.person_id = id_to_data(&OTHER_ID);
    world->subject.provider_id = id_to_data(&OTHER_ID);
    (void)record(world);
    (void)reach(world, TODAY);
    pure_reload(world->pure);
    Dw__Milestones asked = DW__MILESTONES__INIT;
    assert_int_equal(ask(world, &asked)->total, 4);
    asked.person_id = id_to_data(&PERSON_ID);
    const Dw__MilestonesFound *found = ask(world, &asked);
    assert_int_equal(found->total, 3);
    assert_int_equal(found->sustained_13, 1);
    assert_int_equal(found->sustained_26, 1);
    assert_int_equal(found->milestones[0]->milestone->date->days, TODAY);
    assert_int_equal(found->milestones[2]->milestone->date->days, TODAY - 200);
    assert_int_equal(found->n_texts, 1);
    assert_string_equal(found->texts[0]->text, "Food hygiene");
    asked.page = 2;
    asked.per_page = 2;
    found = ask(world, &asked);
    assert_int_equal(found->n_milestones, 1);
    assert_int_equal(found->milestones[0]->milestone->date->days, TODAY - 200);
    asked.page = asked.per_page = 0;
    Dw__MilestoneKind kinds[] = {KIND(CERTIFICATE), KIND(TRAINING)};
    asked.kinds = kinds;
    asked.n_kinds = 2;
    assert_int_equal(ask(world, &asked)->total, 1);
    asked.n_kinds = 0;
    Dw__Date from = DW__DATE__INIT;
    Dw__Date to = DW__DATE__INIT;
    from.days = TODAY - 100;
    to.days = TODAY - 1;
    asked.from = &from;
    asked.to = &to;
    assert_int_equal(ask(world, &asked)->total, 1);
    from.days = TODAY - 99;
    assert_int_equal(ask(world, &asked)->total, 0);
    asked = (Dw__Milestones)DW__MILESTONES__INIT;
    pure_principal_provider(world->pure, &OTHER_ID);
    assert_int_equal(ask(world, &asked)->total, 1);
}

/* Proves: a provider records what its own people have come to, by the placement it has them by. */
static void a_provider_tells_of_its_own_people(void **state)
{
    struct world *world = *state;
    Dw__PlacementTerms terms = DW__PLACEMENT_TERMS__INIT;
    terms.person_id = id_to_data(&PERSON_ID);
    terms.provider_id = id_to_data(&PROVIDER_ID);
    Dw__PlacementStarted started = DW__PLACEMENT_STARTED__INIT;
    started.placement_id = id_to_data(&PLACEMENT_ID);
    started.terms = &terms;
    const struct foreign_event event = {.service = "placements", .message = &started.base};
    (void)pure_react(world->pure, &event, start_of(TODAY), TODAY);
    world->subject.placement_id = id_to_data(&PLACEMENT_ID);
    pure_principal_provider(world->pure, &PROVIDER_ID);
    assert_int_equal(record(world).events_count, 1);
    assert_int_equal(end(world, TODAY).events_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(volunteering_is_sustained_after_13_and_26_weeks),
        TEST(what_is_told_late_is_sustained_at_once),
        TEST(nothing_is_sustained_beyond_a_death),
        TEST(what_has_ended_is_sustained_for_as_long_as_it_lasted),
        TEST(paid_work_says_its_weekly_minutes),
        TEST(everything_else_is_refused_by_name),
        TEST(the_records_of_a_person_are_bounded),
        TEST(milestones_are_found_by_person_kind_and_date),
        TEST(a_provider_tells_of_its_own_people),
    };
    return cmocka_run_group_tests_name("outcomes_milestones", tests, NULL, NULL);
}
