/* Cheshire East: enablement is for twelve weeks, warned at eight and ten, and then somebody moves on. Proves: the clock runs by the
 * council's own tier 3, says its warnings once, extends by somebody else's word alone, and a move to tier 2 ends the one support on the
 * day before the other begins; what came of it is volunteering, a milestone that time says is sustained. */
#include "tests/support/story.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "outcomes.pb-c.h"

enum { ENABLEMENT = 1, COMMUNITY = 2, TUESDAY = 1 << 1, THURSDAY = 1 << 3 };

static void build(void)
{
    story_in("cheshire-east");
    story_provider(1, "charity", "fps", "3");
    story_provider(2, "company", "fps", "2");
    story_service(ENABLEMENT, 1, 3, 2, 4000, TUESDAY | THURSDAY, 6);
    story_service(COMMUNITY, 2, 2, 2, 4200, 1 | 1 << 4, 6);
}

/* Started as many weeks ago; returns what the clock has said by now. */
static const Dw__EnablementClock *started_weeks_ago(unsigned placement, int32_t weeks)
{
    story_place(placement, ENABLEMENT, TUESDAY, -7 * weeks - 1);
    return story_placement(placement)->clock;
}

static void twelve_weeks_are_warned_at_eight_and_ten_and_then_people_move_on(void **unused)
{
    (void)unused;
    build();
    assert_non_null(started_weeks_ago(1, 4));
    (void)started_weeks_ago(2, 8);
    (void)started_weeks_ago(3, 10);
    (void)started_weeks_ago(4, 12);
    story_wait_events("placements", "EnablementWarned", 0 + 1 + 2 + 2);
    story_wait_events("placements", "EnablementLimitReached", 1);
    assert_int_equal(story_state(4),
                     DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE); /* and still comes */

    /* Four weeks more are the most, and by who may approve. */
    assert_string_equal(story_no("approver", "placements", "ExtendEnablement", "NO_EXTENSION",
                                 "{'placementId': '%s', 'weeks': 5}", story_id('m', 4)),
                        "The council extends this level by at most 4 weeks in all, and 4 are left; "
                        "move the person to another level.");
    story_do("approver", "placements", "ExtendEnablement", "{'placementId': '%s', 'weeks': 2}",
             story_id('m', 4));

    /* Goals are reached: tier 2 from today on. */
    story_propose(30, COMMUNITY, 1 << 4, -7);
    story_wait(30, DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED);
    (void)story_no("provider-1", "placements", "AcceptOffer", "NOT_YOURS", "{'placementId': '%s'}",
                   story_id('m', 30));
    story_do("provider-2", "placements", "AcceptOffer", "{'placementId': '%s'}", story_id('m', 30));
    story_wait(30, DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED);
    (void)story_no("broker", "placements", "MoveLevel", "OTHER_PLACEMENT",
                   "{'placementId': '%s', 'toPlacementId': '%s', 'reason': 'goals_achieved', "
                   "'date': '%s'}",
                   story_id('m', 4), story_id('m', 30), story_date(0));
}

/* Volunteering is a milestone from the day of the move; it is sustained when 13 weeks have passed, as somebody else's is. */
static void volunteering_is_kept_up(void)
{
    static const char volunteering[] =
        "{'milestone': {'milestoneId': '%s', 'subject': {'personId': '%s', 'placementId': '%s'}, "
        "'kind': 'volunteering', 'date': '%s', 'weeklyMinutes': 240}, 'text': 'charity shop'}";
    story_do("social-worker", "outcomes", "RecordMilestone", volunteering, story_id('v', 5),
             story_id('n', 5), story_id('m', 6), story_date(-1));
    story_do("social-worker", "outcomes", "RecordMilestone", volunteering, story_id('v', 7),
             story_id('n', 7), story_id('m', 7), story_date(-7 * 14));
    story_wait_events("outcomes", "MilestoneSustained", 1);
    const Dw__MilestonesFound *found =
        story_ask("quality-officer", "outcomes", "Milestones", &dw__milestones_found__descriptor,
                  "{'kinds': ['volunteering'], 'from': '%s'}", story_date(-7 * 20));
    assert_int_equal(found->total, 2);
    assert_int_equal(found->sustained_13, 1);
    assert_int_equal(found->sustained_26, 0);
    assert_int_equal(found->milestones[0]->milestone->date->days, story_today() - 1);
}

/* Volunteering is what the plan was for. The end report says what came of it, and waits until that is known. */
static void she_opens_the_shop(void)
{
    story_do("social-worker", "outcomes", "AgreeOutcomePlan",
             "{'planId': '%s', 'subject': {'personId': '%s', 'level': 3}, 'agreed': '%s', 'goals': "
             "[{'text': 'help in the charity shop', 'goal': {'goalId': '%s', 'domain': 7, "
             "'baseline': {'points': 2}, 'target': {'points': 7}, 'by': '%s', 'pathway': "
             "'enabling'}}]}",
             story_id('o', 5), story_id('n', 5), story_date(-60), story_id('g', 5), story_date(60));
    assert_string_equal(story_no("social-worker", "outcomes", "SubmitEndReport", "GOALS_LEFT",
                                 "{'report': {'reportId': '%s', 'subject': {'personId': '%s', "
                                 "'placementId': '%s'}, 'date': '%s'}}",
                                 story_id('e', 5), story_id('n', 5), story_id('m', 5),
                                 story_date(0)),
                        "1 of 1 open goals are left; say what came of each of them.");
    story_do("social-worker", "outcomes", "ReviewGoal",
             "{'planId': '%s', 'goalId': '%s', 'date': '%s', 'score': {'points': 8}, 'result': "
             "'achieved', 'by': 'person'}",
             story_id('o', 5), story_id('g', 5), story_date(0));
    story_do("social-worker", "outcomes", "SubmitEndReport",
             "{'report': {'reportId': '%s', 'subject': {'personId': '%s', 'placementId': '%s'}, "
             "'date': '%s'}, 'text': 'She opens the shop on Tuesdays.'}",
             story_id('e', 5), story_id('n', 5), story_id('m', 5), story_date(0));
}

/* The same person in both: what is left ends on the day before. */
static void a_move_to_tier_two_is_one_step(void **unused)
{
    (void)unused;
    build();
    story_place(5, ENABLEMENT, TUESDAY, -70);
    story_do("broker", "placements", "ProposePlacement",
             "{'placementId': '%s', 'holdId': '%s', 'terms': {'personId': '%s', 'serviceId': '%s', "
             "'providerId': '%s', 'sessionIds': ['%s'], 'from': '%s', 'funding': 'commissioned', "
             "'level': 2, 'pricePencePerWeek': 4200, 'ground': 'continuity', 'district': 2, "
             "'supportReason': 'learning_disability', 'age': 40, 'ethnicityGroup': 'white', "
             "'sex': 'female'}}",
             story_id('m', 6), story_id('h', 6), story_id('n', 5), story_id('s', COMMUNITY),
             story_id('p', 2), story_id('t', COMMUNITY * 10 + 5), story_date(-3));
    story_wait(6, DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED);
    story_do("provider-2", "placements", "AcceptOffer", "{'placementId': '%s'}", story_id('m', 6));
    story_wait(6, DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED);
    /* Tier 3 ends with a report. */
    (void)story_no("broker", "placements", "MoveLevel", "END_REPORT_MISSING",
                   "{'placementId': '%s', 'toPlacementId': '%s', 'reason': 'goals_achieved', "
                   "'date': '%s'}",
                   story_id('m', 5), story_id('m', 6), story_date(-1));
    she_opens_the_shop();
    story_wait_events("placements", "EndReportNoted", 1);
    story_do("broker", "placements", "MoveLevel",
             "{'placementId': '%s', 'toPlacementId': '%s', 'reason': 'goals_achieved', "
             "'date': '%s'}",
             story_id('m', 5), story_id('m', 6), story_date(-1));
    const Dw__Placement *left = story_placement(5);
    assert_int_equal(left->state, DW__PLACEMENT_STATE__PLACEMENT_STATE_ENDED);
    assert_int_equal(left->end_reason, DW__END_REASON__END_REASON_MOVED_LEVEL);
    assert_int_equal(left->last->days, story_today() - 2);
    assert_int_equal(story_state(6), DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE);
    story_wait_events("placements", "LevelMoved", 1);
    volunteering_is_kept_up();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, story_begin, story_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(twelve_weeks_are_warned_at_eight_and_ten_and_then_people_move_on),
        TEST(a_move_to_tier_two_is_one_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
