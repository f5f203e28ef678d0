/* Cheshire East: a centre closes for infection. Proves: each of the 31 people who lose a sitting is named and nobody else; those who
 * lose many are suspended and keep their chair; some are looked after elsewhere meanwhile; every sitting is paid once; and when the
 * closure is lifted everybody is back. */
#include "tests/support/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum {
    CENTRE = 1,
    REFUGE = 2,
    PEOPLE = 31,
    DAYS_EACH = 3, /* a week: in a fortnight's closure six sittings, which suspend here */
    MOVED = 4,
    FIRST_MOVED = 101,
    UNTOUCHED = 90,
};

static unsigned days_of(unsigned person)
{
    const unsigned day =
        person % 3; /* Monday to Wednesday, Tuesday to Thursday, Wednesday to Friday */
    return (unsigned)7 << day;
}

/* Where somebody moved goes while the centre is closed: at the same times of the week. */
static void move(unsigned person, unsigned placement)
{
    char sessions[512] = "";
    size_t len = 0;
    for (unsigned weekday = 1; weekday <= 5; weekday++)
        if ((days_of(person) >> (weekday - 1) & 1) != 0)
            len += (size_t)snprintf(sessions + len, sizeof sessions - len, "%s'%s'",
                                    len == 0 ? "" : ", ", story_id('t', REFUGE * 10 + weekday));
    story_do("broker", "placements", "ProposePlacement",
             "{'placementId': '%s', 'holdId': '%s', 'terms': {'personId': '%s', 'serviceId': '%s', "
             "'providerId': '%s', 'sessionIds': [%s], 'from': '%s', 'to': '%s', 'funding': "
             "'commissioned', 'level': 1, 'pricePencePerWeek': 18000, 'ground': 'urgent', "
             "'district': 1, 'supportReason': 'learning_disability', 'age': 40, 'ethnicityGroup': "
             "'white', 'sex': 'female', 'coversPlacementId': '%s'}}",
             story_id('m', placement), story_id('h', placement), story_id('n', person),
             story_id('s', REFUGE), story_id('p', 2), sessions, story_date(0), story_date(13),
             story_id('m', person));
    story_wait(placement, DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED);
    story_do("provider-2", "placements", "AcceptOffer", "{'placementId': '%s'}",
             story_id('m', placement));
    story_wait(placement, DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED);
    story_do("broker", "placements", "StartPlacement", "{'placementId': '%s', 'date': '%s'}",
             story_id('m', placement), story_date(0));
}

/* What one person costs in the fortnight; payable sittings of their lines. */
static void costs_of(unsigned person, uint32_t *ret_planned, uint32_t *ret_payable)
{
    const Dw__CostsFound *found =
        story_ask("finance-officer", "placements", "Costs", &dw__costs_found__descriptor,
                  "{'personId': '%s', 'from': '%s', 'to': '%s'}", story_id('n', person),
                  story_date(0), story_date(13));
    *ret_planned = *ret_payable = 0;
    for (size_t at = 0; at < found->n_lines; at++) {
        *ret_planned += found->lines[at]->planned_sittings;
        *ret_payable += found->lines[at]->payable_sittings;
    }
}

static void thirty_one_people_are_named_moved_or_suspended_and_nobody_is_paid_twice(void **unused)
{
    (void)unused;
    uint32_t planned;
    uint32_t payable;
    story_in("cheshire-east");
    story_provider(1, "company", "fps", "1");
    story_provider(2, "charity", "fps", "1");
    story_service(CENTRE, 1, 1, 1, 5750, 31, 40);
    story_service(REFUGE, 2, 1, 1, 6000, 31, MOVED);
    for (unsigned person = 1; person <= PEOPLE; person++)
        story_place(person, CENTRE, days_of(person), -28);
    story_place(UNTOUCHED, REFUGE, 1, -28 - 7); /* a place elsewhere is nobody's business here */

    story_do("provider-1", "capacity", "DeclareClosure",
             "{'closureId': '%s', 'serviceId': '%s', 'from': '%s', 'to': '%s', 'reason': "
             "'infection'}",
             story_id('k', 1), story_id('s', CENTRE), story_date(0), story_date(13));
    story_wait_events("capacity", "SittingsDisrupted", PEOPLE);
    story_wait_events("placements", "PlacementDisrupted", PEOPLE);
    story_wait_events("placements", "PlacementSuspended", PEOPLE);
    assert_int_equal(story_state(UNTOUCHED), DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE);
    for (unsigned person = 1; person <= PEOPLE; person++)
        assert_int_equal(story_placement(person)->suspension->reason,
                         DW__SUSPEND_REASON__SUSPEND_REASON_CLOSURE);

    /* Their chairs are their own still: nobody else is put on them from the day after on. */
    const Dw__PlacementList *list = story_ask(
        "broker", "placements", "ListPlacements", &dw__placement_list__descriptor,
        "{'serviceId': '%s', 'flags': ['disrupted'], 'perPage': 100}", story_id('s', CENTRE));
    assert_int_equal(list->total, PEOPLE);

    for (unsigned at = 0; at < MOVED; at++)
        move(1 + at, FIRST_MOVED + at);

    /* Closed for infection is paid; who is looked after elsewhere is paid for there. */
    for (unsigned person = 1; person <= PEOPLE; person++) {
        costs_of(person, &planned, &payable);
        assert_int_equal(payable, 2 * DAYS_EACH);
        assert_int_equal(planned, (person <= MOVED ? 2 : 1) * 2 * DAYS_EACH);
    }

    /* It is over sooner than feared: everybody is to come again in the second week. */
    story_do("provider-1", "capacity", "LiftClosure", "{'closureId': '%s', 'from': '%s'}",
             story_id('k', 1), story_date(7));
    story_wait_events("placements", "DisruptionLifted", PEOPLE);
    for (unsigned person = 1; person <= PEOPLE; person++) {
        assert_int_equal(story_state(person), DW__PLACEMENT_STATE__PLACEMENT_STATE_SUSPENDED);
        assert_in_range(story_placement(person)->suspension->resumes->days, story_today() + 7,
                        story_today() + 13);
    }

    /* Whoever was looked after elsewhere is back, and paid for in one place a day still. */
    for (unsigned at = 0; at < MOVED; at++) {
        assert_int_equal(story_state(FIRST_MOVED + at), DW__PLACEMENT_STATE__PLACEMENT_STATE_ENDED);
        assert_in_range(story_placement(FIRST_MOVED + at)->last->days, story_today() + 6,
                        story_today() + 13);
    }
    for (unsigned person = 1; person <= PEOPLE; person++) {
        costs_of(person, &planned, &payable);
        assert_int_equal(payable, 2 * DAYS_EACH);
    }

    /* And it need not have closed at all. */
    story_do("provider-1", "capacity", "LiftClosure", "{'closureId': '%s', 'from': '%s'}",
             story_id('k', 1), story_date(0));
    story_wait_events("placements", "PlacementResumed", PEOPLE);
    for (unsigned person = 1; person <= PEOPLE; person++) {
        assert_int_equal(story_state(person), DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE);
        costs_of(person, &planned, &payable);
        /* Who is elsewhere today is not expected here before tomorrow. */
        assert_in_range(payable, 2 * DAYS_EACH, 2 * DAYS_EACH + (person <= MOVED ? 1 : 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            thirty_one_people_are_named_moved_or_suspended_and_nobody_is_paid_twice, story_begin,
            story_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
