/* Sefton: interim contracts of 21 providers, extended by twelve months while the council tenders anew. Proves: each extension is
 * exercised once and no second one is there; whoever is placed stays; and where one contract is not extended its people keep coming, are
 * flagged in time, and nobody else is placed there. */
#include "tests/support/story.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum {
    PROVIDERS = 21,
    MONDAY = 1,
    ENDS_IN = 40 /* days: within the council's 120 days of warning */
};

static void build(void)
{
    story_in("sefton");
    for (unsigned number = 1; number <= PROVIDERS; number++) {
        story_do("operator", "capacity", "RegisterProvider",
                 "{'provider': {'providerId': '%s', 'reference': 'P%u', 'name': 'Provider %u', "
                 "'kind': 'charity'}}",
                 story_id('p', number), number, number);
        story_do("operator", "capacity", "AgreeContract",
                 "{'contract': {'contractId': '%s', 'providerId': '%s', 'kind': 'interim', "
                 "'levels': [1, 2], 'from': '%s', 'to': '%s', 'payment': 'actual', "
                 "'extensionMonths': [12]}}",
                 story_id('c', number), story_id('p', number), story_date(-400),
                 story_date(ENDS_IN));
        /* Which contract a placement is under, placements finds among those it has heard of: agreed, and near its end. */
        story_wait_events("placements", "ContractNoted", 2 * number);
        story_service(number, number, 1 + number % 2, 1 + number % 6, 4800, MONDAY, 5);
        story_place(number, number, MONDAY, -60);
    }
}

static const Dw__PlacementList *flagged(const char *flag)
{
    return story_ask("commissioner", "placements", "ListPlacements",
                     &dw__placement_list__descriptor, "{'flags': ['%s'], 'perPage': 100}", flag);
}

static void all_twenty_one_are_extended_by_twelve_months(void **unused)
{
    (void)unused;
    build();
    story_wait_events("capacity", "ContractNearsEnd", PROVIDERS);
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    while (flagged("contract_nears_end")->total < PROVIDERS)
        assert_true(loop_boot_ms_now() < until_ms);
    for (unsigned number = 1; number <= PROVIDERS; number++)
        story_do("commissioner", "capacity", "ExerciseExtension", "{'contractId': '%s'}",
                 story_id('c', number));
    (void)story_no("commissioner", "capacity", "ExerciseExtension", "NO_EXTENSION_LEFT",
                   "{'contractId': '%s'}", story_id('c', 1));
    while (flagged("contract_nears_end")->total > 0)
        assert_true(loop_boot_ms_now() < until_ms);
    const Dw__ContractFound *found =
        story_ask("commissioner", "capacity", "GetContract", &dw__contract_found__descriptor,
                  "{'contractId': '%s'}", story_id('c', 7));
    assert_in_range(found->standing->to->days, story_today() + ENDS_IN + 365,
                    story_today() + ENDS_IN + 366);
    assert_int_equal(story_state(7), DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE);
}

/* Only that many carry the flag, once what capacity told has been heard. */
static void wait_flagged(const char *flag, uint32_t count)
{
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    while (flagged(flag)->total != count)
        assert_true(loop_boot_ms_now() < until_ms);
}

/* One is not extended: its people are flagged while it runs, also when it takes nobody new any more, and when it has ended. */
static void where_one_is_not_people_keep_coming_and_are_flagged(void **unused)
{
    (void)unused;
    build();
    for (unsigned number = 2; number <= PROVIDERS; number++)
        story_do("commissioner", "capacity", "ExerciseExtension", "{'contractId': '%s'}",
                 story_id('c', number));
    wait_flagged("contract_nears_end", 1);
    struct id flagged_id = {0};
    char text[ID_TEXT_SIZE];
    assert_true(
        id_from_data(&flagged("contract_nears_end")->placements[0]->placement_id, &flagged_id));
    id_to_text(&flagged_id, text);
    assert_string_equal(text, story_id('m', 1));
    story_do("commissioner", "capacity", "CloseContract", "{'contractId': '%s'}", story_id('c', 1));
    story_wait_events("capacity", "ContractClosed", 1);
    story_wait_events("placements", "ContractNoted", 2 * PROVIDERS + PROVIDERS - 1 + 1);
    wait_flagged("contract_nears_end", 1);
    story_do("commissioner", "capacity", "EndContract",
             "{'contractId': '%s', 'last': '%s', 'reason': 'notice_of_council'}", story_id('c', 1),
             story_date(-1));
    story_wait_events("capacity", "ContractEnded", 1);
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    wait_flagged("contract_ended", 1);
    const Dw__PlacementList *list = flagged("contract_ended");
    assert_int_equal(list->total, 1);
    assert_int_equal(list->placements[0]->state, DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE);
    story_propose(40, 1, MONDAY, 0);
    while (story_state(40) == DW__PLACEMENT_STATE__PLACEMENT_STATE_PROPOSED)
        assert_true(loop_boot_ms_now() < until_ms);
    assert_int_equal(story_placement(40)->lapse_reason, DW__LAPSE_REASON__LAPSE_REASON_NO_CONTRACT);
    /* The chair is booked still. */
    const Dw__ServiceFound *service =
        story_ask("broker", "capacity", "GetService", &dw__service_found__descriptor,
                  "{'serviceId': '%s'}", story_id('s', 1));
    assert_int_equal(service->sessions[0]->least[0]->amount, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, story_begin, story_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_twenty_one_are_extended_by_twelve_months),
        TEST(where_one_is_not_people_keep_coming_and_are_flagged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
