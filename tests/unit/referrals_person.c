/* Tests of services/referrals: recording a person, and what of them goes where. */
#include "tests/support/referring.h"

#include "common/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Proves: the check digit of an NHS number is the one modulus 11 asks for. */
static void nhs_numbers_are_checked(void **unused)
{
    (void)unused;
    assert_true(
        referrals_nhs_number_is_valid("9434765919")); /* example of the NHS Data Dictionary */
    assert_true(referrals_nhs_number_is_valid("9990000018"));
    assert_false(referrals_nhs_number_is_valid("9434765918"));
    assert_false(referrals_nhs_number_is_valid("943476591"));
    assert_false(referrals_nhs_number_is_valid("94347659190"));
    assert_false(referrals_nhs_number_is_valid("943476591X"));
}

/* Proves: names go to the vault and not into the event, the age is worked out here, and both can be read. */
static void personal_details_stay_in_the_vault(void **state)
{
    struct referring *referring = *state;
    const struct pure_outcome told = referring_record(referring);
    assert_int_equal(told.events_count, 1);
    assert_int_equal(told.decision->keeps_count, 1);
    assert_false(referring_holds(told.decision->events[0].body, "Example"));
    assert_false(referring_holds(told.decision->events[0].body, "9990000018"));
    assert_true(referring_holds(told.decision->keeps[0].record, "Example"));
    Dw__GetPerson get = DW__GET_PERSON__INIT;
    get.person_id = id_to_data(&PERSON_ID);
    const Dw__PersonRead *read = referring_ask(referring, &get.base);
    assert_non_null(read);
    assert_string_equal(read->details->family_name, "Example");
    assert_int_equal(read->facts->age, calendar_age(referring->born.days, TODAY));
    assert_int_equal(read->facts->recorded->days, TODAY);
}

/* Proves: a person is not recorded twice, too young, in a strange district or with a wrong NHS number. */
static void persons_are_refused_by_name(void **state)
{
    struct referring *referring = *state;
    referring->details.nhs_number = (char *)(uintptr_t) "9990000019";
    assert_invalid(referring_record(referring), "details.nhs_number");
    referring->details.nhs_number = (char *)(uintptr_t) "";
    referring->facts.district = 9;
    assert_refused(referring_record(referring), DISTRICT_UNKNOWN);
    referring->facts.district = 3;
    const int32_t born = referring->born.days;
    referring->born.days = TODAY - 17 * 365;
    assert_refused(referring_record(referring), TOO_YOUNG);
    referring->born.days = TODAY + 1;
    assert_invalid(referring_record(referring), "details.born");
    referring->born.days = born;
    assert_int_equal(referring_record(referring).outcome, DECISION_YES);
    assert_refused(referring_record(referring), ALREADY_EXISTS);
}

/* Proves: a second record under the same council id is refused and names the first, after a reload too; the id itself
 * is in no event, only what stands for it. */
static void one_council_id_is_one_person(void **state)
{
    struct referring *referring = *state;
    char number[ID_TEXT_SIZE];
    const struct pure_outcome told = referring_record(referring);
    assert_false(referring_holds(told.decision->events[0].body, "C-77"));
    id_to_text(&PERSON_ID, number);
    pure_reload(referring->pure);
    for (unsigned round = 0; round < 2; round++) {
        Dw__RecordPerson record = DW__RECORD_PERSON__INIT;
        referring->details.council_id = (char *)(uintptr_t)(round == 0 ? " c-77" : "C-78");
        record.person_id = id_to_data(&OTHER_ID);
        record.details = &referring->details;
        record.facts = &referring->facts;
        const struct pure_outcome outcome = referring_tell(referring, &record.base);
        if (round == 0) {
            assert_refused(outcome, COUNCIL_ID_IN_USE);
            assert_non_null(strstr(outcome.sentence, number));
        } else {
            assert_int_equal(outcome.outcome, DECISION_YES);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, referring_set_up, referring_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nhs_numbers_are_checked),
        TEST(personal_details_stay_in_the_vault),
        TEST(persons_are_refused_by_name),
        TEST(one_council_id_is_one_person),
    };
    return cmocka_run_group_tests_name("referrals_person", tests, NULL, NULL);
}
