/* Tests of services/placements: a programme that is called off, what it takes of its framework, and what is registered of it. */
#include "tests/support/calling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static Dw__Framework framework;
static Dw__Framework *frameworks[1] = {&framework};
static Dw__Date framework_last;

/* The first provider's contract is of a framework of that value, with fifty weeks from the offers' first date on. */
static void agree_framework(struct placing *placing, int64_t value_pence)
{
    static const struct id contract_id = {{1}}; /* of two the one with the smaller id is taken */
    dw__date__init(&framework_last);
    dw__framework__init(&framework);
    framework_last.days = TODAY + 14 + 50 * 7 - 1;
    framework.number = 1;
    framework.to = &framework_last;
    framework.value_pence = value_pence;
    framework.over_value = DW__RULE_EFFECT__RULE_EFFECT_EXCLUDE;
    placing->model.frameworks = frameworks;
    placing->model.n_frameworks = 1;
    placing_agree(placing, &contract_id, &PROVIDERS[0], DW__CONTRACT_KIND__CONTRACT_KIND_FRAMEWORK,
                  1);
}

static int64_t committed(struct placing *placing)
{
    Dw__Budgets budgets = DW__BUDGETS__INIT;
    budgets.year = 2026;
    const Dw__BudgetsFound *found =
        pure_query(placing->pure, &budgets.base, DW__ROLE__ROLE_COMMISSIONER, NOW_MS, TODAY, NULL);
    return found->frameworks[0]->committed_pence;
}

/* Proves: a programme commits what it comes to for all its people to the end of the framework's term, and is not awarded beyond the value. */
static void a_programme_takes_of_the_frameworks_value(void **state)
{
    enum { WHOLE = 8 * 9000 * 50 };
    struct placing *placing = *state;
    Dw__Service service = DW__SERVICE__INIT;
    Dw__Session session = DW__SESSION__INIT, *sessions[] = {&session};
    Dw__LimitAmount places = DW__LIMIT_AMOUNT__INIT, *limits[] = {&places};
    Dw__Date from = DW__DATE__INIT;
    ProtobufCBinaryData session_id = id_to_data(&MONDAY_ID);
    Dw__SubmitOffer submit = DW__SUBMIT_OFFER__INIT;
    agree_framework(placing, WHOLE - 1);
    (void)calling_open(placing, DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME);
    from.days = TODAY + 14;
    service.service_id = session.service_id = id_to_data(&SERVICE_ID);
    service.provider_id = id_to_data(&PROVIDERS[0]);
    service.level = 2;
    service.price_unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    service.price_pence = 9000;
    session.session_id = session_id;
    session.weekday = 1;
    session.limits = limits;
    session.n_limits = 1;
    places.kind = DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    places.amount = 8;
    submit.call_off_id = id_to_data(&CALL_OFF_ID);
    submit.offer_id = id_to_data(&OFFERS[0]);
    submit.service_id = id_to_data(&SERVICE_ID);
    submit.session_ids = &session_id;
    submit.n_session_ids = 1;
    submit.price_pence_per_week = 9000;
    submit.from = &from;
    submit.programme = &service;
    submit.programme_sessions = sessions;
    submit.n_programme_sessions = 1;
    pure_principal_provider(placing->pure, &PROVIDERS[0]);
    assert_said(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base),
                &dw__offer_submitted__descriptor, 0);
    pure_principal_provider(placing->pure, NULL);
    (void)calling_close(placing);
    assert_refused(calling_award(placing, "ben", 0, 1), FRAMEWORK_SPENT);
    assert_int_equal(committed(placing), 0);
    framework.value_pence = WHOLE;
    assert_said(calling_award(placing, "ben", 0, 1), &dw__call_off_awarded__descriptor, 2);
    assert_int_equal(committed(placing), WHOLE);
}

/* Proves: a programme is for nobody yet, and what wins is registered with capacity. */
static void a_programme_is_registered_when_it_wins(void **state)
{
    struct placing *placing = *state;
    (void)calling_open(placing, DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME);
    assert_invalid(calling_offer(placing, &PROVIDERS[0], &OFFERS[0], 9000), "programme");
    Dw__Date from = DW__DATE__INIT;
    from.days = TODAY + 14;
    ProtobufCBinaryData session_id = id_to_data(&MONDAY_ID);
    Dw__Service service = DW__SERVICE__INIT;
    Dw__Session session = DW__SESSION__INIT;
    Dw__Session *sessions[] = {&session};
    service.service_id = session.service_id = id_to_data(&SERVICE_ID);
    service.provider_id = id_to_data(&PROVIDERS[0]);
    session.session_id = session_id;
    Dw__LimitAmount places = DW__LIMIT_AMOUNT__INIT, *limits[] = {&places};
    places.kind = DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    places.amount = 8;
    session.limits = limits;
    session.n_limits = 1;
    session.weekday = 1;
    service.level = 2;
    service.price_unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    service.price_pence = 9000;
    Dw__SubmitOffer submit = DW__SUBMIT_OFFER__INIT;
    submit.call_off_id = id_to_data(&CALL_OFF_ID);
    submit.offer_id = id_to_data(&OFFERS[0]);
    submit.service_id = id_to_data(&SERVICE_ID);
    submit.session_ids = &session_id;
    submit.n_session_ids = 1;
    submit.price_pence_per_week = 9000;
    submit.from = &from;
    submit.programme = &service;
    submit.programme_sessions = sessions;
    submit.n_programme_sessions = 1;
    pure_principal_provider(placing->pure, &PROVIDERS[1]);
    assert_invalid(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base), "programme");
    pure_principal_provider(placing->pure, &PROVIDERS[0]);
    /* It is what is wanted, at the price that is scored. */
    service.level = 1;
    assert_invalid(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base), "programme.level");
    service.level = 2;
    session.weekday = 7;
    assert_refused(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base), NOT_SERVED);
    session.weekday = 1;
    places.amount = 7;
    assert_invalid(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base),
                   "programme_sessions");
    places.amount = 8;
    service.price_pence = 9001;
    assert_invalid(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base),
                   "programme.price_pence");
    service.price_pence = 3000;
    service.price_unit = DW__PRICE_UNIT__PRICE_UNIT_HOUR;
    assert_invalid(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base),
                   "programme.price_unit");
    service.price_unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    service.price_pence = 9000;
    assert_said(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base),
                &dw__offer_submitted__descriptor, 0);
    pure_principal_provider(placing->pure, NULL);
    (void)calling_close(placing);
    const struct pure_outcome told = calling_award(placing, "ben", 0, 1);
    assert_said(told, &dw__call_off_awarded__descriptor, 2);
    assert_ptr_equal(told.decision->sends[0].type, &dw__register_service__descriptor);
    assert_ptr_equal(told.decision->sends[1].type, &dw__set_session__descriptor);
    Dw__RegisterService asked = DW__REGISTER_SERVICE__INIT;
    asked.service = &service;
    const struct answer_received no = {ANSWER_REFUSED, 1, ""};
    assert_told(pure_settle(placing->pure, &asked.base, &no, NOW_MS, TODAY),
                &dw__programme_refused__descriptor, &dw__award_undone__descriptor, NULL);
    pure_reload(placing->pure);
    assert_int_equal(calling_list(placing, NULL)->call_offs[0]->offers[0]->offer->state,
                     DW__OFFER_STATE__OFFER_STATE_FAILED); /* another one may win */
    assert_true(calling_list(placing, NULL)->call_offs[0]->programme_refused);
    assert_false(calling_list(placing, &PROVIDERS[0])->call_offs[0]->programme_refused);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, calling_set_up, placing_tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_programme_takes_of_the_frameworks_value),
        TEST(a_programme_is_registered_when_it_wins),
    };
    return cmocka_run_group_tests_name("placements_programme", tests, NULL, NULL);
}
