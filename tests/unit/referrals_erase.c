/* Tests of services/referrals: everything that is held of a person is told, and can be erased. */
#include "tests/support/referring.h"

#include "common/entities_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { OFFICER = DW__ROLE__ROLE_DATA_PROTECTION_OFFICER };

static const struct principal ADA = {"ada", WORKER, {{0}}};

static const Dw__Person *the_person(struct referring *referring)
{
    return entities_get(pure_entities(referring->pure), REFERRALS_KIND_PERSON, &PERSON_ID, 0);
}

static struct pure_outcome request(struct referring *referring)
{
    Dw__RequestErasure wish = DW__REQUEST_ERASURE__INIT;
    wish.person_id = id_to_data(&PERSON_ID);
    wish.reason = DW__ERASURE_REASON__ERASURE_REASON_PERSONS_REQUEST;
    return referring_tell(referring, &wish.base);
}

/* Somebody else than who decides in these tests has asked. */
static void request_as_ada(struct referring *referring)
{
    uint8_t bytes[64];
    Dw__ErasureRequested requested = DW__ERASURE_REQUESTED__INIT;
    requested.person_id = id_to_data(&PERSON_ID);
    requested.reason = DW__ERASURE_REASON__ERASURE_REASON_PERSONS_REQUEST;
    const struct event_row row = {&dw__erasure_requested__descriptor,
                                  referrals_evolve_erasure_requested};
    const struct packed body = {bytes, dw__erasure_requested__pack(&requested, bytes)};
    pure_evolve(referring->pure, &row, body, NOW_MS, &ADA);
}

static struct pure_outcome erase(struct referring *referring)
{
    Dw__ErasePerson wish = DW__ERASE_PERSON__INIT;
    wish.person_id = id_to_data(&PERSON_ID);
    return pure_command(referring->pure, &wish.base, OFFICER, NOW_MS, TODAY);
}

static const Dw__SubjectAccessShown *access_page(struct referring *referring, uint32_t page)
{
    Dw__SubjectAccess access = DW__SUBJECT_ACCESS__INIT;
    access.person_id = id_to_data(&PERSON_ID);
    access.page = page;
    access.per_page = 1;
    return pure_query(referring->pure, &access.base, OFFICER, NOW_MS, TODAY, NULL);
}

static struct pure_outcome amend_notes(struct referring *referring, const struct id *referral_id)
{
    Dw__AmendReferral amend = DW__AMEND_REFERRAL__INIT;
    Dw__ReferralNotes wanted = DW__REFERRAL_NOTES__INIT;
    wanted.notes = (char *)(uintptr_t) "Prefers cooking.";
    amend.referral_id = id_to_data(referral_id);
    amend.notes = &wanted;
    return referring_tell(referring, &amend.base);
}

/* Proves: whoever asks for everything gets details, referrals, notes and what they were before, page by page. */
static void everything_that_is_held_is_told(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    (void)amend_notes(referring, &REFERRAL_ID);
    referring->today = TODAY + 1;
    (void)referring_create_as(referring, &OTHER_ID, DW__URGENCY__URGENCY_ROUTINE);
    const Dw__SubjectAccessShown *shown = access_page(referring, 1);
    assert_string_equal(shown->details->family_name, "Example");
    assert_int_equal(shown->total, 2);
    assert_memory_equal(shown->referrals[0]->referral->referral_id.data, OTHER_ID.bytes, 16);
    shown = access_page(referring, 2);
    assert_int_equal(shown->n_referrals, 1);
    assert_string_equal(shown->referrals[0]->notes, "Prefers cooking.");
    assert_string_equal(shown->referrals[0]->amendments[0]->notes_before, "Likes gardening.");
    assert_int_equal(access_page(referring, 3)->n_referrals, 0);
}

/* Proves: one asks, another decides, and not while anything is wanted for the person. */
static void erasing_takes_two(void **state)
{
    struct referring *referring = *state;
    assert_refused(request(referring), PERSON_UNKNOWN);
    referring_all_accepted(referring);
    assert_refused(request(referring), PERSON_IN_SUPPORT);
    assert_refused(erase(referring), ERASURE_NOT_REQUESTED);
    (void)referring_withdraw(referring, 0);
    assert_told(request(referring), 1);
    assert_told(request(referring), 0);
    assert_refused(erase(referring), SAME_PERSON);
    request_as_ada(referring);
    (void)referring_create_as(referring, &OTHER_ID, DW__URGENCY__URGENCY_ROUTINE);
    assert_refused(erase(referring), PERSON_IN_SUPPORT);
}

/* Proves: who has a placement is not erased, whatever has become of the referral's line or whether there is one. */
static void who_is_somewhere_is_not_erased(void **state)
{
    struct referring *referring = *state;
    (void)referring_record(referring);
    (void)referring_proposed(referring, &PLACEMENT_ID, 0); /* of no referral */
    assert_refused(request(referring), PERSON_IN_SUPPORT);
    (void)referring_started(referring, 0);
    (void)referring_started_as(referring, &OTHER_ID, &PERSON_ID, 0);
    assert_int_equal(the_person(referring)->n_placement_ids, 2);
    request_as_ada(referring);
    assert_refused(erase(referring), PERSON_IN_SUPPORT);
    pure_reload(referring->pure);
    (void)referring_ended(referring, 0, DW__END_REASON__END_REASON_OTHER);
    assert_refused(erase(referring), PERSON_IN_SUPPORT);
    (void)referring_lapsed(referring, &OTHER_ID, 0, DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT);
    assert_int_equal(the_person(referring)->n_placement_ids, 0);
    assert_told(erase(referring), 1);
}

/* Proves: nothing of the person is read afterwards, by any question, and what led back to them is gone; facts stay. */
static void what_was_known_is_erased(void **state)
{
    struct referring *referring = *state;
    referring_all_accepted(referring);
    (void)amend_notes(referring, &REFERRAL_ID);
    (void)referring_withdraw(referring, 0);
    request_as_ada(referring);
    const struct pure_outcome told = erase(referring);
    assert_int_equal(told.events_count, 1);
    assert_int_equal(told.decision->forgets_count, 4); /* details, notes twice, values */
    pure_reload(referring->pure);
    const Dw__SubjectAccessShown *shown = access_page(referring, 1);
    assert_null(shown->details);
    assert_string_equal(shown->referrals[0]->notes, "");
    assert_null(shown->referrals[0]->amendments[0]->values);
    assert_int_equal(shown->person->council_ref.len, 0);
    assert_int_equal(shown->person->facts->district, 3);
    assert_string_equal(shown->person->erasure->erased_by, "pure");
    assert_told(erase(referring), 0);
    assert_refused(request(referring), PERSON_ERASED);
    assert_refused(referring_create_as(referring, &OTHER_ID, DW__URGENCY__URGENCY_ROUTINE),
                   PERSON_ERASED);
}

/* Proves: the council id of who was erased may be recorded again, with a fresh number. */
static void who_was_erased_may_be_recorded_afresh(void **state)
{
    struct referring *referring = *state;
    Dw__RecordPerson record = DW__RECORD_PERSON__INIT;
    (void)referring_record(referring);
    request_as_ada(referring);
    assert_told(erase(referring), 1);
    record.person_id = id_to_data(&OTHER_ID);
    record.details = &referring->details;
    record.facts = &referring->facts;
    assert_told(referring_tell(referring, &record.base), 1);
}

/* Proves: what does not fit into one decision is erased by time, to the last record, and no decision empties too many. */
static void time_erases_what_is_left(void **state)
{
    struct referring *referring = *state;
    size_t count;
    (void)referring_record(referring);
    for (uint8_t at = 0; at < 6; at++) {
        const struct id id = {{0x55, at}};
        (void)referring_create_as(referring, &id, DW__URGENCY__URGENCY_ROUTINE);
        for (int turn = 0; turn < REFERRAL_AMENDMENTS_MAX; turn++)
            assert_told(amend_notes(referring, &id), 1);
    }
    (void)referring_die(referring, TODAY);
    request_as_ada(referring);
    size_t forgets = erase(referring).decision->forgets_count;
    assert_int_equal(forgets, 1 + 2 * 81);
    assert_true(the_person(referring)->erasure->goes_on);
    pure_reload(referring->pure);
    (void)pure_due(referring->pure, 64, NOW_MS, TODAY, &count);
    assert_int_equal(count, 1);
    (void)pure_due(referring->pure, 64, NOW_MS, TODAY, &count);
    assert_false(the_person(referring)->erasure->goes_on);
    (void)pure_due(referring->pure, 64, NOW_MS, TODAY, &count);
    assert_int_equal(count, 0);
    for (uint32_t page = 1; page <= 6; page++) {
        const Dw__SubjectAccessShown *shown = access_page(referring, page);
        assert_string_equal(shown->referrals[0]->notes, "");
        for (size_t at = 0; at < REFERRAL_AMENDMENTS_MAX; at++)
            assert_null(shown->referrals[0]->amendments[at]->values);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, referring_set_up, referring_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_that_is_held_is_told), TEST(erasing_takes_two),
        TEST(what_was_known_is_erased),        TEST(who_was_erased_may_be_recorded_afresh),
        TEST(time_erases_what_is_left),        TEST(who_is_somewhere_is_not_erased),
    };
    return cmocka_run_group_tests_name("referrals_erase", tests, NULL, NULL);
}
