/* Tests of services/referrals: what was needed and could not be had. */
#include "tests/support/referring.h"

#include "common/entities_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct pure_outcome record_unmet(struct referring *referring, uint32_t number,
                                        Dw__UnmetNeed *need)
{
    struct id id = {{0x66}};
    memcpy(id.bytes + 1, &number, sizeof number);
    Dw__RecordUnmetNeed record = DW__RECORD_UNMET_NEED__INIT;
    record.unmet_id = id_to_data(&id);
    record.need = need;
    return referring_tell(referring, &record.base);
}

static Dw__UnmetNeed a_need(void)
{
    Dw__UnmetNeed need = DW__UNMET_NEED__INIT;
    need.reason = DW__UNMET_REASON__UNMET_REASON_TOO_FAR;
    return need;
}

static const Dw__UnmetNeeds *list_unmet(struct referring *referring, const Dw__ListUnmetNeed *list)
{
    return referring_ask(referring, &list->base);
}

/* Proves: a need of a line says what the line wants where it does not say otherwise, and whose it is. */
static void a_need_is_what_its_line_wants(void **state)
{
    struct referring *referring = *state;
    Dw__ListUnmetNeed list = DW__LIST_UNMET_NEED__INIT;
    Dw__UnmetNeed need = a_need();
    referring_all_accepted(referring);
    need.referral_id = id_to_data(&REFERRAL_ID);
    need.line_number = 2;
    assert_told(record_unmet(referring, 1, &need), 1);
    assert_told(record_unmet(referring, 1, &need), 0); /* the same said again */
    need.reason = DW__UNMET_REASON__UNMET_REASON_NO_PLACE_ON_DAYS;
    assert_refused(record_unmet(referring, 1, &need), ALREADY_EXISTS);
    need.person_id = id_to_data(&OTHER_ID);
    assert_invalid(record_unmet(referring, 2, &need), "need.person_id");
    pure_reload(referring->pure);
    const Dw__UnmetNeeds *found = list_unmet(referring, &list);
    assert_int_equal(found->total, 1);
    assert_int_equal(found->needs[0]->kinds[0], DW__LINE_KIND__LINE_KIND_RESOURCE_CENTRE);
    assert_int_equal(found->needs[0]->sessions[0]->weekday, 2);
    assert_int_equal(found->needs[0]->level, 2);
    assert_int_equal(found->needs[0]->district, 3);
    assert_memory_equal(found->needs[0]->person_id.data, PERSON_ID.bytes, 16);
    assert_string_equal(found->needs[0]->by, "pure");
    assert_int_equal(found->needs[0]->recorded_ms, NOW_MS);
}

/* Proves: nobody need be named, and what is named must be there. */
static void needs_are_refused_by_name(void **state)
{
    struct referring *referring = *state;
    Dw__UnmetNeed need = a_need();
    need.level = 2;
    assert_invalid(record_unmet(referring, 1, &need), "need.district");
    need.district = 3;
    need.level = 0;
    assert_invalid(record_unmet(referring, 1, &need), "need");
    need.level = 2;
    assert_told(record_unmet(referring, 1, &need), 1);
    need.level = 9;
    assert_refused(record_unmet(referring, 2, &need), LEVEL_UNKNOWN);
    need.level = 0;
    need.district = 9;
    assert_refused(record_unmet(referring, 2, &need), DISTRICT_UNKNOWN);
    need.district = 0;
    need.person_id = id_to_data(&PERSON_ID);
    assert_refused(record_unmet(referring, 2, &need), PERSON_UNKNOWN);
    need.referral_id = id_to_data(&REFERRAL_ID);
    assert_invalid(record_unmet(referring, 2, &need), "need.line_number");
    need.line_number = 1;
    assert_refused(record_unmet(referring, 2, &need), REFERRAL_UNKNOWN);
    referring_all_accepted(referring);
    need.line_number = 3;
    assert_refused(record_unmet(referring, 2, &need), LINE_UNKNOWN);
    assert_invalid(record_unmet(referring, 2, NULL), "need");
}

/* Proves: each filter leaves out what does not fit, and what is needed at any time or of any kind fits every one. */
static void needs_are_listed_by_each_filter(void **state)
{
    struct referring *referring = *state;
    Dw__LineSession friday = DW__LINE_SESSION__INIT;
    Dw__LineSession *sessions[] = {&friday};
    Dw__LineNeed wheelchair = DW__LINE_NEED__LINE_NEED_WHEELCHAIR;
    Dw__SupportReason whom = DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY;
    Dw__LineKind kind = DW__LINE_KIND__LINE_KIND_OUTREACH;
    Dw__UnmetReason reason = DW__UNMET_REASON__UNMET_REASON_NO_PLACE_ON_DAYS;
    Dw__UnmetNeed need = a_need();
    Dw__Date since = DW__DATE__INIT;
    need.district = 3;
    need.level = 2;
    assert_told(record_unmet(referring, 1, &need), 1);
    need.level = 0;
    friday.weekday = 5;
    friday.part = DW__LINE_PART__LINE_PART_MORNING;
    need.n_sessions = need.n_needs = need.n_kinds = 1;
    need.sessions = sessions;
    need.needs = &wheelchair;
    need.n_support_reasons = 1;
    need.support_reasons = &whom;
    need.kinds = &kind;
    need.reason = reason;
    need.district = 3;
    referring->today = TODAY + 1;
    assert_told(record_unmet(referring, 2, &need), 1);
    Dw__ListUnmetNeed list = DW__LIST_UNMET_NEED__INIT;
    assert_int_equal(list_unmet(referring, &list)->needs[0]->number, 2);
    list.weekday = 5;
    assert_int_equal(list_unmet(referring, &list)->total, 2);
    list.weekday = 4;
    assert_int_equal(list_unmet(referring, &list)->total, 1);
    list.weekday = 0;
    list.n_kinds = 1;
    list.kinds = &kind;
    assert_int_equal(list_unmet(referring, &list)->total, 2);
    list.n_kinds = 0;
    list.n_needs = 1;
    list.needs = &wheelchair;
    assert_int_equal(list_unmet(referring, &list)->total, 1);
    list.n_needs = 0;
    list.n_support_reasons = 1;
    list.support_reasons = &whom;
    assert_int_equal(list_unmet(referring, &list)->total, 1);
    whom = DW__SUPPORT_REASON__SUPPORT_REASON_MENTAL_HEALTH;
    assert_int_equal(list_unmet(referring, &list)->total, 0);
    list.n_support_reasons = 0;
    list.n_reasons = 1;
    list.reasons = &reason;
    assert_int_equal(list_unmet(referring, &list)->total, 1);
    list.n_reasons = 0;
    list.district = 3;
    assert_int_equal(list_unmet(referring, &list)->total, 2);
    list.district = 4;
    assert_int_equal(list_unmet(referring, &list)->total, 0);
    list.district = 0;
    since.days = TODAY + 1;
    list.since = &since;
    assert_int_equal(list_unmet(referring, &list)->total, 1);
}

/* Proves: the oldest makes room for the newest, so that what is kept is bounded, and its id may then be used again. */
static void the_oldest_makes_room(void **state)
{
    struct referring *referring = *state;
    Dw__UnmetNeed need = a_need();
    need.district = 3;
    need.level = 2;
    for (uint32_t number = 1; number <= UNMET_MAX + 1; number++)
        assert_told(record_unmet(referring, number, &need), 1);
    assert_int_equal(entities_count(pure_entities(referring->pure), REFERRALS_KIND_UNMET),
                     UNMET_MAX);
    Dw__ListUnmetNeed list = DW__LIST_UNMET_NEED__INIT;
    assert_int_equal(list_unmet(referring, &list)->needs[0]->number, UNMET_MAX + 1);
    pure_reload(referring->pure);
    assert_told(record_unmet(referring, 2, &need), 0); /* kept still */
    assert_told(record_unmet(referring, 1, &need), 1);
    assert_int_equal(list_unmet(referring, &list)->needs[0]->number, UNMET_MAX + 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, referring_set_up, referring_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_need_is_what_its_line_wants),
        TEST(needs_are_refused_by_name),
        TEST(needs_are_listed_by_each_filter),
        TEST(the_oldest_makes_room),
    };
    return cmocka_run_group_tests_name("referrals_unmet", tests, NULL, NULL);
}
