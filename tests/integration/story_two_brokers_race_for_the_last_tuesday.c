/* Cheshire East: two brokers want the last Tuesday place at a resource centre. Proves: exactly one wins, whichever is first; the other's
 * placement lapses by name, and the search tells what nearly fits and what would have to change. */
#include "tests/support/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { CENTRE = 1, TUESDAY = 1 << 1, ROUNDS = 20 };

static void send_proposal(const char *who, unsigned number)
{
    story_send(who, "placements", "ProposePlacement",
               "{'placementId': '%s', 'holdId': '%s', 'terms': {'personId': '%s', 'serviceId': "
               "'%s', 'providerId': '%s', 'sessionIds': ['%s'], 'from': '%s', 'funding': "
               "'commissioned', 'level': 1, 'pricePencePerWeek': 5750, 'ground': 'persons_choice', "
               "'district': 1, 'supportReason': 'memory_and_cognition', 'age': 80, "
               "'ethnicityGroup': 'white', 'sex': 'male'}}",
               story_id('m', number), story_id('h', number), story_id('n', number),
               story_id('s', CENTRE), story_id('p', 1), story_id('t', CENTRE * 10 + 2),
               story_date(-3));
}

/* Waits until both are decided; returns the number of the one that has the place. */
static unsigned winner_of(unsigned first)
{
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    for (;;) {
        const Dw__PlacementState one = story_state(first);
        const Dw__PlacementState two = story_state(first + 1);
        const bool one_won = one == DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED;
        const bool two_won = two == DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED;
        assert_false(one_won && two_won);
        if (one_won && two == DW__PLACEMENT_STATE__PLACEMENT_STATE_LAPSED)
            return first;
        if (two_won && one == DW__PLACEMENT_STATE__PLACEMENT_STATE_LAPSED)
            return first + 1;
        assert_true(loop_boot_ms_now() < until_ms);
    }
}

static const Dw__CapacityFound *look_for(const char *weekdays)
{
    return story_ask("broker", "capacity", "FindCapacity", &dw__capacity_found__descriptor,
                     "{'wanted': [%s], 'from': '%s', 'latitudeE6': 53258700, 'longitudeE6': "
                     "-2125400, 'needs': ['memory_and_cognition'], 'level': 1, 'funding': "
                     "'commissioned'}",
                     weekdays, story_date(-3));
}

static void one_of_two_wins_and_the_other_is_told_what_nearly_fits(void **unused)
{
    (void)unused;
    story_in("cheshire-east");
    story_provider(1, "in_house", "block", "1");
    story_service(CENTRE, 1, 1, 1, 5750, TUESDAY | 1 << 3, 1);
    assert_int_equal(look_for("{'weekday': 2, 'part': 'any'}")->n_services, 1);
    unsigned won_by_second = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        const unsigned first = 100 + 2 * round;
        send_proposal(round % 2 == 0 ? "broker" : "broker-2", first);
        send_proposal(round % 2 == 0 ? "broker-2" : "broker", first + 1);
        story_hear();
        const unsigned winner = winner_of(first);
        const unsigned loser = 2 * first + 1 - winner;
        won_by_second += winner != first;
        assert_int_equal(story_placement(loser)->lapse_reason,
                         DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT);
        if (round + 1 < ROUNDS) /* and again */
            story_do("broker", "placements", "CancelPlacement",
                     "{'placementId': '%s', 'reason': 'other'}", story_id('m', winner));
    }
    print_message("  the later one of two won %u of %u races\n", won_by_second, ROUNDS);

    /* Nothing fits any more. It says how many each rule left out, and what would have to change. */
    const Dw__CapacityFound *found = look_for("{'weekday': 2, 'part': 'any'}");
    assert_int_equal(found->n_services, 0);
    assert_int_equal(found->services_total, 1);
    assert_int_equal(found->n_excluded, 1);
    assert_int_equal(found->excluded[0]->rule, DW__SEARCH_RULE__SEARCH_RULE_PLACES);
    assert_int_equal(found->excluded[0]->services, 1);
    assert_int_equal(found->n_near_misses, 1);
    assert_int_equal(found->near_misses[0]->rule, DW__SEARCH_RULE__SEARCH_RULE_PLACES);
    assert_non_null(strstr(found->near_misses[0]->sentence, "Not enough places left on Tuesday"));
    assert_int_equal(look_for("{'weekday': 4, 'part': 'any'}")->n_services, 1); /* Thursday does */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_of_two_wins_and_the_other_is_told_what_nearly_fits,
                                        story_begin, story_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
