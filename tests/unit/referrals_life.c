/* Tests of services/referrals: carers, age bands and deaths. */
#include "tests/support/referring.h"

#include "common/calendar.h"
#include "common/entities_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const Dw__Person *the_person(struct referring *referring)
{
    return entities_get(pure_entities(referring->pure), REFERRALS_KIND_PERSON, &PERSON_ID, 0);
}

static struct pure_outcome record_other(struct referring *referring)
{
    Dw__RecordPerson record = DW__RECORD_PERSON__INIT;
    referring->details.council_id = (char *)(uintptr_t) "C-78";
    record.person_id = id_to_data(&OTHER_ID);
    record.details = &referring->details;
    record.facts = &referring->facts;
    return referring_tell(referring, &record.base);
}

/* --- death -------------------------------------------------------------------------------------------------------- */

/* Proves: a death ends every line, waiting, placed or a draft, and nothing is referred or placed any more. */
static void a_death_ends_all(void **state)
{
    struct referring *referring = *state;
    static const struct id third_id = {{0x77}};
    assert_refused(referring_die(referring, TODAY), PERSON_UNKNOWN);
    referring_all_accepted(referring);
    (void)referring_started(referring, 1);
    (void)referring_create_as(referring, &OTHER_ID, DW__URGENCY__URGENCY_ROUTINE);
    assert_refused(referring_die(referring, TODAY + 1), DATE_AHEAD);
    assert_told(referring_die(referring, TODAY - 1), 3);
    assert_line(referring, 1, CLOSED);
    assert_line(referring, 2, CLOSED);
    assert_int_equal(referring_line(referring, 2)->close_reason,
                     DW__CLOSE_REASON__CLOSE_REASON_DIED);
    const Dw__Referral *draft =
        entities_get(pure_entities(referring->pure), REFERRALS_KIND_REFERRAL, &OTHER_ID, 0);
    assert_int_equal(draft->state, DW__REFERRAL_STATE__REFERRAL_STATE_WITHDRAWN);
    assert_told(referring_started(referring, 2), 0);
    assert_told(referring_ended(referring, 1, DW__END_REASON__END_REASON_PROVIDER_NOTICE), 0);
    assert_refused(referring_create_as(referring, &third_id, DW__URGENCY__URGENCY_ROUTINE),
                   PERSON_DIED);
    assert_told(referring_die(referring, TODAY - 1), 0);
    assert_told(referring_die(referring, TODAY - 2), 1);
    assert_int_equal(the_person(referring)->died->days, TODAY - 2);
    Dw__WaitingList list = DW__WAITING_LIST__INIT;
    const Dw__WaitingLines *lines = referring_ask(referring, &list.base);
    assert_int_equal(lines->total, 0);
    Dw__TakeBackDeath back = DW__TAKE_BACK_DEATH__INIT;
    back.person_id = id_to_data(&PERSON_ID);
    assert_told(referring_tell(referring, &back.base), 1);
    assert_told(referring_tell(referring, &back.base), 0);
    assert_line(referring, 1, CLOSED);
    assert_told(referring_create_as(referring, &third_id, DW__URGENCY__URGENCY_ROUTINE), 1);
    assert_told(referring_submit(referring, &third_id), 1);
}

/* Proves: nobody dies before they are born, as far as the age tells without the vault, nor is born after they have died. */
static void a_death_comes_after_the_birth(void **state)
{
    struct referring *referring = *state;
    const int32_t born = referring->born.days;
    Dw__ChangePerson change = DW__CHANGE_PERSON__INIT;
    change.person_id = id_to_data(&PERSON_ID);
    change.details = &referring->details;
    (void)referring_record(referring);
    assert_refused(referring_die(referring, calendar_date(1950, 1, 1)), DEATH_BEFORE_BIRTH);
    assert_refused(referring_die(referring, born - 1), DEATH_BEFORE_BIRTH);
    referring->today += 400;
    assert_told(referring_die(referring, born + 366), 1);
    referring->born.days = born + 800;
    assert_refused(referring_tell(referring, &change.base), DEATH_BEFORE_BIRTH);
    referring->born.days = born;
    assert_told(referring_tell(referring, &change.base), 1);
    assert_told(referring_die(referring, referring->today), 1);
}

/* Proves: however many referrals somebody has, one decision ends them. */
static void a_death_ends_sixty_referrals(void **state)
{
    struct referring *referring = *state;
    (void)referring_record(referring);
    for (uint8_t at = 0; at < PERSON_REFERRALS_MAX; at++) {
        const struct id id = {{0x55, at}};
        (void)referring_create_as(referring, &id, DW__URGENCY__URGENCY_ROUTINE);
    }
    assert_told(referring_die(referring, TODAY), 1 + PERSON_REFERRALS_MAX);
}

/* --- age bands ---------------------------------------------------------------------------------------------------- */

static void fill_bands(struct referring *referring)
{
    static Dw__AgeBand bands[3];
    static Dw__AgeBand *list[] = {&bands[0], &bands[1], &bands[2]};
    static const uint32_t from[] = {18, 37, 65};
    for (size_t at = 0; at < 3; at++) {
        dw__age_band__init(&bands[at]);
        bands[at].from = from[at];
    }
    referring->model.n_age_bands = 3;
    referring->model.age_bands = list;
}

/* Proves: on the first of the month after the birthday, and not before, the person is of the next band; then the one behind it is
 * waited for; after a reload too. */
static void an_age_band_changes_when_the_month_is_over(void **state)
{
    struct referring *referring = *state;
    size_t count;
    fill_bands(referring); /* born on 1 May 1990, 36 today in November 2026 */
    (void)referring_record(referring);
    const int32_t last = calendar_date(2027, 5, 31);
    assert_int_equal(the_person(referring)->next_band->age, 37);
    const int64_t next_ms = pure_due(referring->pure, 64, NOW_MS, last, &count);
    assert_int_equal(count, 0);
    assert_int_equal(next_ms, calendar_london_to_utc(last + 1, 0));
    pure_reload(referring->pure);
    (void)pure_due(referring->pure, 64, next_ms, last + 1, &count);
    assert_int_equal(count, 1);
    assert_int_equal(the_person(referring)->facts->age, 37);
    assert_int_equal(the_person(referring)->facts->recorded->days, last + 1);
    assert_int_equal(the_person(referring)->next_band->age, 65);
    (void)pure_due(referring->pure, 64, next_ms, last + 1, &count);
    assert_int_equal(count, 0);
    (void)pure_due(referring->pure, 64, next_ms, calendar_date(2056, 1, 1), &count);
    assert_int_equal(count, 1);
    assert_null(the_person(referring)->next_band);
}

/* Proves: who has come of age in a band of their own is referred for any time. */
static void who_has_come_of_age_is_referred(void **state)
{
    struct referring *referring = *state;
    size_t count;
    fill_bands(referring);
    referring->rules.record_from_age = 14;
    referring->rules.support_from_age = 18;
    referring->born.days = calendar_date(2009, 6, 11);
    (void)referring_record(referring);
    referring->today = calendar_date(2027, 8, 1);
    (void)pure_due(referring->pure, 64, NOW_MS, referring->today, &count);
    assert_int_equal(count, 1);
    assert_int_equal(the_person(referring)->facts->age, 18);
    referring->from.days = referring->today - 7;
    assert_told(referring_create(referring), 1);
}

/* Proves: nobody grows older after death. */
static void the_dead_change_no_age_band(void **state)
{
    struct referring *referring = *state;
    size_t count;
    fill_bands(referring);
    (void)referring_record(referring);
    (void)referring_die(referring, TODAY);
    (void)pure_due(referring->pure, 64, NOW_MS, calendar_date(2027, 7, 1), &count);
    assert_int_equal(count, 0);
}

/* --- carers ------------------------------------------------------------------------------------------------------- */

static struct pure_outcome record_carer(struct referring *referring, const struct id *cared_id,
                                        uint32_t hours)
{
    ProtobufCBinaryData cared_for_ids[] = {id_to_data(cared_id)};
    Dw__CarerFacts carer = DW__CARER_FACTS__INIT;
    Dw__RecordCarer record = DW__RECORD_CARER__INIT;
    carer.n_cared_for_ids = 1;
    carer.cared_for_ids = cared_for_ids;
    carer.hours_per_week = hours;
    record.person_id = id_to_data(&OTHER_ID);
    record.carer = &carer;
    return referring_tell(referring, &record.base);
}

/* Proves: a carer is a person of their own and is found from whom they care for, until something else is said. */
static void a_carer_is_found_from_whom_they_care_for(void **state)
{
    struct referring *referring = *state;
    (void)referring_record(referring);
    assert_refused(record_carer(referring, &PERSON_ID, 30), PERSON_UNKNOWN);
    (void)record_other(referring);
    assert_refused(record_carer(referring, &PLACEMENT_ID, 30), PERSON_UNKNOWN);
    assert_invalid(record_carer(referring, &OTHER_ID, 30), "carer.cared_for_ids");
    assert_invalid(record_carer(referring, &PERSON_ID, 169), "carer.hours_per_week");
    assert_told(record_carer(referring, &PERSON_ID, 30), 1);
    assert_told(record_carer(referring, &PERSON_ID, 30), 0);
    assert_told(record_carer(referring, &PERSON_ID, 40), 1);
    pure_reload(referring->pure);
    Dw__GetPerson get = DW__GET_PERSON__INIT;
    get.person_id = id_to_data(&PERSON_ID);
    const Dw__PersonRead *read = referring_ask(referring, &get.base);
    assert_int_equal(read->n_carer_ids, 1);
    assert_memory_equal(read->carer_ids[0].data, OTHER_ID.bytes, 16);
    get.person_id = id_to_data(&OTHER_ID);
    read = referring_ask(referring, &get.base);
    assert_int_equal(read->carer->hours_per_week, 40);
    assert_int_equal(read->n_carer_ids, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, referring_set_up, referring_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_death_ends_all),
        TEST(a_death_comes_after_the_birth),
        TEST(a_death_ends_sixty_referrals),
        TEST(an_age_band_changes_when_the_month_is_over),
        TEST(who_has_come_of_age_is_referred),
        TEST(the_dead_change_no_age_band),
        TEST(a_carer_is_found_from_whom_they_care_for),
    };
    return cmocka_run_group_tests_name("referrals_life", tests, NULL, NULL);
}
