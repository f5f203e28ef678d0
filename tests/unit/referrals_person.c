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
    assert_told(referring_record(referring), 0); /* the same said again */
    pure_reload(referring->pure);
    assert_told(referring_record(referring), 0);
    referring->facts.district = 1;
    assert_refused(referring_record(referring), ALREADY_EXISTS);
    referring->facts.district = 3;
    referring->born.days = born - 1;
    assert_refused(referring_record(referring), ALREADY_EXISTS);
    referring->born.days = born;
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

static struct pure_outcome change(struct referring *referring, Dw__PersonDetails *details,
                                  Dw__PersonFacts *facts)
{
    Dw__ChangePerson wish = DW__CHANGE_PERSON__INIT;
    wish.person_id = id_to_data(&PERSON_ID);
    wish.details = details;
    wish.facts = facts;
    return referring_tell(referring, &wish.base);
}

static const Dw__PersonRead *read_as(struct referring *referring, int role)
{
    Dw__GetPerson get = DW__GET_PERSON__INIT;
    get.person_id = id_to_data(&PERSON_ID);
    return pure_query(referring->pure, &get.base, role, NOW_MS, TODAY, NULL);
}

/* Proves: changed details replace those of before and empty them; facts alone leave details and age alone. */
static void a_person_is_changed(void **state)
{
    struct referring *referring = *state;
    Dw__CareFacts care = DW__CARE_FACTS__INIT;
    assert_refused(change(referring, &referring->details, NULL), PERSON_UNKNOWN);
    referring_record(referring);
    referring->details.family_name = (char *)(uintptr_t) "Sample";
    referring->born.days = calendar_date(1980, 5, 1);
    const struct pure_outcome told = change(referring, &referring->details, NULL);
    assert_int_equal(told.events_count, 1);
    assert_int_equal(told.decision->keeps_count, 1);
    assert_int_equal(told.decision->forgets_count, 1);
    assert_false(referring_holds(told.decision->events[0].body, "Sample"));
    assert_string_equal(read_as(referring, BROKER)->details->family_name, "Sample");
    assert_int_equal(read_as(referring, BROKER)->facts->age, 46);
    care.autism = true;
    care.funding_status = DW__CLIENT_FUNDING_STATUS__CLIENT_FUNDING_STATUS_JOINT;
    care.accommodation_status = DW__ACCOMMODATION_STATUS__ACCOMMODATION_STATUS_SUPPORTED;
    care.employment_status = DW__EMPLOYMENT_STATUS__EMPLOYMENT_STATUS_SEEKING_WORK;
    referring->facts.care = &care;
    assert_told(change(referring, NULL, &referring->facts), 1);
    pure_reload(referring->pure);
    assert_true(read_as(referring, BROKER)->facts->care->autism);
    assert_int_equal(read_as(referring, BROKER)->facts->age, 46);
    assert_string_equal(read_as(referring, BROKER)->details->family_name, "Sample");
    assert_invalid(change(referring, NULL, NULL), "details");
    referring->facts.district = 9;
    assert_refused(change(referring, NULL, &referring->facts), DISTRICT_UNKNOWN);
}

/* Proves: another council id is taken when it is nobody else's. */
static void a_council_id_is_corrected(void **state)
{
    struct referring *referring = *state;
    Dw__RecordPerson record = DW__RECORD_PERSON__INIT;
    referring_record(referring);
    record.person_id = id_to_data(&OTHER_ID);
    record.details = &referring->details;
    record.facts = &referring->facts;
    referring->details.council_id = (char *)(uintptr_t) "C-78";
    assert_told(referring_tell(referring, &record.base), 1);
    assert_refused(change(referring, &referring->details, NULL), COUNCIL_ID_IN_USE);
    referring->details.council_id = (char *)(uintptr_t) "C-79";
    assert_told(change(referring, &referring->details, NULL), 1);
    assert_told(change(referring, &referring->details, NULL), 1);
}

/* Proves: with whom somebody wants to be is told to brokers, and to no other reader of the person. */
static void companions_are_for_brokers(void **state)
{
    struct referring *referring = *state;
    ProtobufCBinaryData ids[] = {id_to_data(&OTHER_ID)};
    referring->details.n_wants_with_ids = referring->details.n_not_with_ids = 1;
    referring->details.wants_with_ids = referring->details.not_with_ids = ids;
    referring_record(referring);
    assert_int_equal(read_as(referring, BROKER)->details->n_not_with_ids, 1);
    assert_int_equal(read_as(referring, WORKER)->details->n_not_with_ids, 0);
    assert_int_equal(read_as(referring, WORKER)->details->n_wants_with_ids, 0);
    assert_string_equal(read_as(referring, WORKER)->details->family_name, "Example");
}

/* Proves: details that cannot be are named. */
static void details_are_checked_by_name(void **state)
{
    struct referring *referring = *state;
    Dw__Date tomorrow = DW__DATE__INIT;
    referring->details.gp_practice_code = (char *)(uintptr_t) "A8100";
    assert_invalid(referring_record(referring), "details.gp_practice_code");
    referring->details.gp_practice_code = (char *)(uintptr_t) "A81001";
    referring->details.agreed_budget_pence = -1;
    assert_invalid(referring_record(referring), "details.agreed_budget_pence");
    referring->details.agreed_budget_pence = 1;
    tomorrow.days = TODAY + 1;
    referring->details.care_act_eligible_from = &tomorrow;
    assert_invalid(referring_record(referring), "details.care_act_eligible_from");
    tomorrow.days = TODAY;
    assert_told(referring_record(referring), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, referring_set_up, referring_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nhs_numbers_are_checked),
        TEST(personal_details_stay_in_the_vault),
        TEST(persons_are_refused_by_name),
        TEST(one_council_id_is_one_person),
        TEST(a_person_is_changed),
        TEST(a_council_id_is_corrected),
        TEST(companions_are_for_brokers),
        TEST(details_are_checked_by_name),
    };
    return cmocka_run_group_tests_name("referrals_person", tests, NULL, NULL);
}
