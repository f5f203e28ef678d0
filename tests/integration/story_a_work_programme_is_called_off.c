/* Stockport: a work programme is called off on lot 3, three providers offer, and the weights decide. Proves: providers see what is
 * wanted and where, never for whom and never each other; the highest score wins and the others are told theirs; a programme is
 * registered with capacity and people are placed into it; a culturally specific place is called off for one person; a referral for
 * primary mental health need is refused by rule; and the framework's £21.2m is counted down by the exercised term. */
#include "tests/support/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { PROGRAMME = 30, LOT_3 = 3, TUESDAY = 1 << 1 };

static void build(void)
{
    story_in("stockport");
    for (unsigned number = 1; number <= 4; number++) {
        story_do("operator", "capacity", "RegisterProvider",
                 "{'provider': {'providerId': '%s', 'reference': 'P%u', 'name': 'Provider %u', "
                 "'kind': 'charity'}}",
                 story_id('p', number), number, number);
        story_do("operator", "capacity", "AgreeContract",
                 "{'contract': {'contractId': '%s', 'providerId': '%s', 'kind': 'framework', "
                 "'levels': [%s], 'from': '2025-04-01', 'to': '2029-03-31', 'payment': 'plan', "
                 "'framework': 1}}",
                 story_id('c', number), story_id('p', number), number == 4 ? "1, 2" : "2, 3");
    }
    /* placements has heard of all four when it may tell who is asked. */
    story_wait_events("placements", "ContractNoted", 4);
}

static void open_programme(void)
{
    story_do(
        "broker", "placements", "OpenCallOff",
        "{'callOffId': '%s', 'kind': 'programme', 'requirement': {'level': 3, 'district': 1, "
        "'needs': ['learning_disability'], 'sessions': [{'weekday': 2, 'part': 'any'}], "
        "'from': '%s', 'people': 8}, 'description': 'twelve weeks of warehouse work with a job "
        "coach'}",
        story_id('q', 1), story_date(14));
}

static void offer_programme(unsigned provider, unsigned pence)
{
    char who[32];
    const unsigned service = PROGRAMME + provider;
    snprintf(who, sizeof who, "provider-%u", provider);
    story_do(who, "placements", "SubmitOffer",
             "{'callOffId': '%s', 'offerId': '%s', 'serviceId': '%s', 'sessionIds': ['%s'], "
             "'pricePencePerWeek': %u, 'from': '%s', 'statement': 'we have done this before', "
             "'programme': {'serviceId': '%s', 'providerId': '%s', 'reference': 'S%u', 'name': "
             "'Warehouse work', 'kind': 'work_based_programme', 'level': 3, 'needs': "
             "['learning_disability'], 'mode': 'community', 'district': 1, 'latitudeE6': 53408000, "
             "'longitudeE6': -2158000, 'pricePence': %u, 'priceUnit': 'session', 'ageFrom': 18}, "
             "'programmeSessions': [{'sessionId': '%s', 'serviceId': '%s', 'weekday': 2, "
             "'startMinutes': 600, 'endMinutes': 900, 'limits': [{'kind': 'places', 'amount': 8}], "
             "'from': '%s'}]}",
             story_id('q', 1), story_id('f', provider), story_id('s', service),
             story_id('t', service * 10 + 2), pence, story_date(14), story_id('s', service),
             story_id('p', provider), service, pence, story_id('t', service * 10 + 2),
             story_id('s', service), story_date(-30));
}

static const Dw__CallOffShown *seen_by(const char *who)
{
    const Dw__CallOffList *list =
        story_ask(who, "placements", "ListCallOffs", &dw__call_off_list__descriptor, "{}");
    return list->total == 0 ? NULL : list->call_offs[0];
}

static const Dw__FrameworkFound *framework(void)
{
    const Dw__BudgetsFound *found = story_ask("commissioner", "placements", "Budgets",
                                              &dw__budgets_found__descriptor, "{'year': 2026}");
    assert_int_equal(found->n_frameworks, 1);
    return found->frameworks[0];
}

static void three_offers_are_judged_by_the_weights(void **unused)
{
    (void)unused;
    build();
    open_programme();
    const Dw__CallOffShown *shown = seen_by("provider-1");
    assert_int_equal(shown->requirement->district, 1);
    assert_string_equal(shown->description, "twelve weeks of warehouse work with a job coach");
    assert_int_equal(shown->person_id.len, 0);
    assert_null(seen_by("provider-4")); /* not on lot 3 */
    for (unsigned provider = 1; provider <= 3; provider++)
        offer_programme(provider, 4000 + 500 * provider);
    assert_int_equal(seen_by("provider-2")->n_offers, 1);
    assert_int_equal(seen_by("broker")->n_offers, 3);
    story_do("broker", "placements", "CloseCallOff", "{'callOffId': '%s'}", story_id('q', 1));
    /* 40 for the price, 35 quality, 10 outcomes, 15 social value with the environment. */
    static const char judged[] =
        "{'callOffId': '%s', 'offerId': '%s', 'judged': [{'offerId': '%s', 'quality': 60, "
        "'outcomes': 60, 'socialValue': 40}, {'offerId': '%s', 'quality': 95, 'outcomes': 90, "
        "'socialValue': 90}, {'offerId': '%s', 'quality': 70, 'outcomes': 70, 'socialValue': 70}]}";
    (void)story_no("commissioner", "placements", "Award", "NOT_HIGHEST", judged, story_id('q', 1),
                   story_id('f', 1), story_id('f', 1), story_id('f', 2), story_id('f', 3));
    story_do("commissioner", "placements", "Award", judged, story_id('q', 1), story_id('f', 2),
             story_id('f', 1), story_id('f', 2), story_id('f', 3));
    shown = seen_by("provider-1");
    assert_int_equal(shown->offers[0]->offer->state, DW__OFFER_STATE__OFFER_STATE_LOST);
    assert_int_equal(shown->offers[0]->offer->scores->total,
                     40 * 100 + 35 * 60 + 10 * 60 + 15 * 40);
    assert_int_equal(shown->winning_total, 40 * 90 + 35 * 95 + 10 * 90 + 15 * 90);
    story_wait_events("capacity", "SessionSet", 1);
    const Dw__CapacityFound *found = story_ask(
        "broker", "capacity", "FindCapacity", &dw__capacity_found__descriptor,
        "{'wanted': [{'weekday': 2, 'part': 'any'}], 'from': '%s', 'latitudeE6': 53408000, "
        "'longitudeE6': -2158000, 'needs': ['learning_disability'], 'level': 3, 'funding': "
        "'commissioned'}",
        story_date(14));
    assert_int_equal(found->n_services, 1);
    assert_int_equal(found->services[0]->sessions[0]->free, 8);
    const int64_t committed_pence = framework()->committed_pence;
    assert_true(committed_pence > 0); /* for all eight, before anybody comes */
    story_know_service(PROGRAMME + 2, 2, 3, 5000);
    for (unsigned person = 1; person <= 8; person++)
        story_propose(person, PROGRAMME + 2, TUESDAY, 14);
    for (unsigned person = 1; person <= 8; person++) {
        story_wait(person, DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED);
        story_do("provider-2", "placements", "AcceptOffer", "{'placementId': '%s'}",
                 story_id('m', person));
        story_wait(person, DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED);
    }
    assert_int_equal(framework()->committed_pence, committed_pence); /* it was set apart for them */
    story_propose(9, PROGRAMME + 2, TUESDAY, 14);
    story_wait(9, DW__PLACEMENT_STATE__PLACEMENT_STATE_LAPSED); /* the programme is for eight */
    assert_int_equal(story_placement(9)->lapse_reason,
                     DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT);
}

/* What one person wants of their own culture, and the winner's offer becomes their placement without being asked again. */
static void a_culturally_specific_place_is_called_off_for_one_person(void **unused)
{
    (void)unused;
    build();
    story_service(4, 2, 2, 1, 4000, TUESDAY, 4);
    story_do(
        "operator", "capacity", "RegisterService",
        "{'service': {'serviceId': '%s', 'providerId': '%s', 'reference': 'S5', 'name': 'Cantonese "
        "lunch club', 'kind': 'community_group', 'level': 2, 'needs': ['memory_and_cognition'], "
        "'mode': 'community', 'district': 1, 'latitudeE6': 53408000, 'longitudeE6': -2158000, "
        "'pricePence': 4200, 'priceUnit': 'session', 'ageFrom': 18, 'culturallySpecific': true}}",
        story_id('s', 5), story_id('p', 2));
    story_do(
        "operator", "capacity", "SetSession",
        "{'session': {'sessionId': '%s', 'serviceId': '%s', 'weekday': 2, 'startMinutes': 600, "
        "'endMinutes': 900, 'limits': [{'kind': 'places', 'amount': 4}], 'from': '%s'}}",
        story_id('t', 52), story_id('s', 5), story_date(-400));
    story_wait_events("placements", "ServiceNoted", 2);
    story_do("broker", "placements", "OpenCallOff",
             "{'callOffId': '%s', 'kind': 'individual', 'requirement': {'level': 2, 'district': 1, "
             "'needs': ['memory_and_cognition'], 'sessions': [{'weekday': 2, 'part': 'any'}], "
             "'from': '%s', 'people': 1, 'culturallySpecific': true}, 'terms': {'personId': '%s', "
             "'funding': 'commissioned', 'level': 2, 'ground': 'called_off', 'district': 1, "
             "'supportReason': 'memory_and_cognition', 'age': 78, 'ethnicityGroup': 'asian', "
             "'sex': 'female'}, 'description': 'a group for women with Cantonese spoken'}",
             story_id('q', 2), story_date(0), story_id('n', 9));
    (void)story_no("provider-2", "placements", "SubmitOffer", "NOT_SERVED",
                   "{'callOffId': '%s', 'offerId': '%s', 'serviceId': '%s', 'sessionIds': ['%s'], "
                   "'pricePencePerWeek': 4000, 'from': '%s', 'statement': 'a group for anybody'}",
                   story_id('q', 2), story_id('f', 8), story_id('s', 4), story_id('t', 42),
                   story_date(0));
    story_do("provider-2", "placements", "SubmitOffer",
             "{'callOffId': '%s', 'offerId': '%s', 'serviceId': '%s', 'sessionIds': ['%s'], "
             "'pricePencePerWeek': 4200, 'from': '%s', 'statement': 'a group that cooks'}",
             story_id('q', 2), story_id('f', 9), story_id('s', 5), story_id('t', 52),
             story_date(0));
    story_do("broker", "placements", "CloseCallOff", "{'callOffId': '%s'}", story_id('q', 2));
    story_do("commissioner", "placements", "Award",
             "{'callOffId': '%s', 'offerId': '%s', 'judged': [{'offerId': '%s', 'quality': 80, "
             "'outcomes': 80, 'socialValue': 80}], 'placementId': '%s', 'holdId': '%s'}",
             story_id('q', 2), story_id('f', 9), story_id('f', 9), story_id('m', 9),
             story_id('h', 9));
    story_wait(9, DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED);
    assert_int_equal(story_placement(9)->terms->ground, DW__AWARD_GROUND__AWARD_GROUND_CALLED_OFF);
}

static void a_mental_health_referral_is_refused_and_told_where_to_go(void **unused)
{
    (void)unused;
    build();
    story_do("social-worker", "referrals", "RecordPerson",
             "{'personId': '%s', 'details': {'councilId': 'SK-1', 'givenName': 'Robin', "
             "'familyName': 'Example', 'born': '1990-05-04'}, 'facts': {'district': 1, "
             "'supportReason': 'mental_health', 'ethnicityGroup': 'white', 'sex': 'male'}}",
             story_id('n', 1));
    story_do("social-worker", "referrals", "CreateReferral",
             "{'referralId': '%s', 'personId': '%s', 'urgency': 'routine', 'lines': [{'kind': "
             "'community_group', 'level': 2, 'from': '%s', 'outcomes': [4], 'funding': "
             "'commissioned', 'sessions': [{'weekday': 2, 'part': 'morning'}]}]}",
             story_id('r', 1), story_id('n', 1), story_date(14));
    const char *sentence = story_no("social-worker", "referrals", "SubmitReferral",
                                    "OTHER_PROVISION", "{'referralId': '%s'}", story_id('r', 1));
    assert_non_null(strstr(sentence, "community mental health team"));
}

static void the_framework_is_counted_down_by_its_exercised_term(void **unused)
{
    (void)unused;
    build();
    story_service(6, 3, 2, 1, 4000, TUESDAY, 9);
    assert_int_equal(framework()->value_pence, INT64_C(2120000000));
    assert_int_equal(framework()->committed_pence, 0);
    story_place(1, 6, TUESDAY, -7);
    const int64_t first_pence = framework()->committed_pence;
    assert_true(first_pence > 0 && first_pence % 4000 == 0);
    assert_int_equal(framework()->left_pence, INT64_C(2120000000) - first_pence);
    story_do("commissioner", "capacity", "ExtendFramework", "{'framework': 1}");
    story_wait_events("placements", "FrameworkNoted", 1);
    const int64_t second_pence = framework()->committed_pence;
    assert_in_range(second_pence - first_pence, 103 * 4000, 105 * 4000); /* two years of Tuesdays */
    (void)story_no("commissioner", "capacity", "ExtendFramework", "NO_EXTENSION_LEFT",
                   "{'framework': 1}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, story_begin, story_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(three_offers_are_judged_by_the_weights),
        TEST(a_culturally_specific_place_is_called_off_for_one_person),
        TEST(a_mental_health_referral_is_refused_and_told_where_to_go),
        TEST(the_framework_is_counted_down_by_its_exercised_term),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
