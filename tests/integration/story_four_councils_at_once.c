/* All four councils in one set of daemons, with the same ids everywhere. Proves: each goes by its own rules at the same time, nobody
 * sees another council's people, and after all daemons were killed every journal folds to what is stored. */
#include "tests/support/story.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { COUNCILS = 4, TUESDAY = 1 << 1, PEOPLE = 6 };

static const struct {
    const char *name;
    const char *contract;
    unsigned level; /* one that the council has */
    bool asks_for_outcomes;
    bool excludes_mental_health;
} councils[COUNCILS] = {
    {"cheshire-east", "fps", 3, true, false},
    {"nottinghamshire", "framework", 4, true, false},
    {"sefton", "interim", 2, false, false},
    {"stockport", "framework", 3, true, true},
};

static void refer(unsigned number, const char *reason)
{
    story_do("social-worker", "referrals", "RecordPerson",
             "{'personId': '%s', 'details': {'councilId': 'LAS-%u', 'givenName': 'Robin', "
             "'familyName': 'Example', 'born': '1980-05-04'}, 'facts': {'district': 1, "
             "'supportReason': '%s', 'ethnicityGroup': 'white', 'sex': 'male'}}",
             story_id('n', number), number, reason);
    story_do("social-worker", "referrals", "CreateReferral",
             "{'referralId': '%s', 'personId': '%s', 'urgency': 'routine', 'lines': [{'kind': "
             "'community_group', 'level': 1, 'from': '%s', 'funding': 'commissioned', "
             "'sessions': [{'weekday': 2, 'part': 'morning'}]}]}",
             story_id('r', number), story_id('n', number), story_date(14));
}

static void each_goes_by_its_own_rules_at_the_same_time(void **unused)
{
    (void)unused;
    for (size_t at = 0; at < COUNCILS; at++) {
        story_in(councils[at].name);
        story_provider(1, "charity", councils[at].contract, "1, 2, 3, 4");
        story_service(1, 1, councils[at].level, 1, 4000, TUESDAY, 3 + (unsigned)at);
        refer(1, "learning_disability");
    }
    /* Outcomes first where the council says so. */
    for (size_t at = 0; at < COUNCILS; at++) {
        story_in(councils[at].name);
        if (councils[at].asks_for_outcomes)
            (void)story_no("social-worker", "referrals", "SubmitReferral", "OUTCOMES_MISSING",
                           "{'referralId': '%s'}", story_id('r', 1));
        else
            story_do("social-worker", "referrals", "SubmitReferral", "{'referralId': '%s'}",
                     story_id('r', 1));
    }
    /* Everybody wants the same place in their own council at once; each has its own number of chairs. */
    for (unsigned person = 1; person <= PEOPLE; person++)
        for (size_t at = 0; at < COUNCILS; at++) {
            story_in(councils[at].name);
            story_propose(person, 1, TUESDAY, -7);
        }
    for (size_t at = 0; at < COUNCILS; at++) {
        unsigned offered = 0;
        story_in(councils[at].name);
        for (unsigned person = 1; person <= PEOPLE; person++) {
            const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
            while (story_state(person) == DW__PLACEMENT_STATE__PLACEMENT_STATE_PROPOSED)
                assert_true(loop_boot_ms_now() < until_ms);
            offered += story_state(person) == DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED;
        }
        assert_int_equal(offered, 3 + at);
        const Dw__PlacementList *list =
            story_ask("broker", "placements", "ListPlacements", &dw__placement_list__descriptor,
                      "{'perPage': 100}");
        assert_int_equal(list->total, PEOPLE);
    }
    story_kill_and_verify();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_goes_by_its_own_rules_at_the_same_time, story_begin,
                                        story_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
