/* Tests of services/placements: a programme that is called off, what it takes of its framework, and what is registered of it. */
#include "tests/support/calling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The first provider's contract is of a framework of that value, with fifty weeks from the offers' first date on. */
static void agree_framework(struct placing *placing, int64_t value_pence)
{
    static const struct id contract_id = {{1}}; /* of two the one with the smaller id is taken */
    Dw__Framework *framework = placing_framework(placing, TODAY + 14 + 50 * 7 - 1);
    framework->value_pence = value_pence;
    framework->over_value = DW__RULE_EFFECT__RULE_EFFECT_EXCLUDE;
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

/* A provider's offer of a programme on Mondays, for eight people at 9000 pence. */
struct programme {
    Dw__Date from, runs_from;
    Dw__Service service;
    Dw__Session session, *sessions[1];
    Dw__LimitAmount places, *limits[1];
    ProtobufCBinaryData session_id;
    Dw__SupportReason needs[1];
    Dw__SubmitOffer submit;
};

static void fill(struct programme *programme, size_t provider, const struct id *service_id,
                 const struct id *session_id)
{
    *programme = (struct programme){.from = DW__DATE__INIT,
                                    .runs_from = DW__DATE__INIT,
                                    .service = DW__SERVICE__INIT,
                                    .session = DW__SESSION__INIT,
                                    .places = DW__LIMIT_AMOUNT__INIT,
                                    .session_id = id_to_data(session_id),
                                    .submit = DW__SUBMIT_OFFER__INIT};
    Dw__SubmitOffer *submit = &programme->submit;
    programme->from.days = TODAY + 14;
    programme->service.service_id = programme->session.service_id = id_to_data(service_id);
    programme->service.provider_id = id_to_data(&PROVIDERS[provider]);
    programme->service.level = 2;
    programme->service.reference = "PROGRAMME";
    programme->service.name = "A programme";
    programme->service.needs = programme->needs;
    programme->service.n_needs = 1;
    programme->needs[0] = DW__SUPPORT_REASON__SUPPORT_REASON_MENTAL_HEALTH;
    programme->service.price_unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    programme->service.price_pence = 9000;
    programme->session.session_id = programme->session_id;
    programme->session.weekday = 1;
    programme->runs_from.days = TODAY;
    programme->session.from = &programme->runs_from;
    programme->session.limits = programme->limits;
    programme->session.n_limits = 1;
    programme->limits[0] = &programme->places;
    programme->places.kind = DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    programme->places.amount = 8;
    programme->sessions[0] = &programme->session;
    submit->call_off_id = id_to_data(&CALL_OFF_ID);
    submit->offer_id = id_to_data(&OFFERS[provider]);
    submit->service_id = programme->service.service_id;
    submit->session_ids = &programme->session_id;
    submit->n_session_ids = 1;
    submit->price_pence_per_week = 9000;
    submit->from = &programme->from;
    submit->programme = &programme->service;
    submit->programme_sessions = programme->sessions;
    submit->n_programme_sessions = 1;
}

static struct pure_outcome offer(struct placing *placing, size_t provider,
                                 const struct programme *programme)
{
    pure_principal_provider(placing->pure, &PROVIDERS[provider]);
    const struct pure_outcome told =
        placing_tell(placing, "pat", PROVIDER_MANAGER, &programme->submit.base);
    pure_principal_provider(placing->pure, NULL);
    return told;
}

/* Proves: a programme commits what it comes to for all its people to the end of the framework's term, and is not awarded beyond the value. */
static void a_programme_takes_of_the_frameworks_value(void **state)
{
    enum { WHOLE = 8 * 9000 * 50 };
    struct placing *placing = *state;
    struct programme programme;
    agree_framework(placing, WHOLE - 1);
    (void)calling_open(placing, DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME);
    fill(&programme, 0, &SERVICE_ID, &MONDAY_ID);
    assert_said(offer(placing, 0, &programme), &dw__offer_submitted__descriptor, 0);
    (void)calling_close(placing);
    assert_refused(calling_award(placing, "ben", 0, 1), FRAMEWORK_SPENT);
    placing->framework.over_value = DW__RULE_EFFECT__RULE_EFFECT_OFF;
    placing->framework_last.days = TODAY + 13; /* the term is over when it would begin */
    assert_refused(calling_award(placing, "ben", 0, 1), FRAMEWORK_SPENT);
    (void)placing_framework(placing, TODAY + 14 + 50 * 7 - 1);
    assert_int_equal(committed(placing), 0);
    placing->framework.value_pence = WHOLE;
    assert_said(calling_award(placing, "ben", 0, 1), &dw__call_off_awarded__descriptor, 2);
    assert_int_equal(committed(placing), WHOLE);
}

/* Proves: people are placed into a programme out of what was set apart for it, though nothing else is left; the ninth is one too many. */
static void a_place_in_a_programme_is_paid_already(void **state)
{
    enum { WHOLE = 8 * 9000 * 50 };
    struct placing *placing = *state;
    struct programme programme;
    agree_framework(placing, WHOLE);
    (void)calling_open(placing, DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME);
    fill(&programme, 0, &SERVICE_ID, &MONDAY_ID);
    (void)offer(placing, 0, &programme);
    (void)calling_close(placing);
    (void)calling_award(placing, "ben", 0, 1);
    Dw__SessionSet set = DW__SESSION_SET__INIT;
    set.session = &programme.session;
    (void)placing_hear(placing, "capacity", &set.base);
    placing->terms.provider_id = id_to_data(&PROVIDERS[0]);
    placing->terms.n_session_ids = 1;
    placing->session_ids[0] = id_to_data(&MONDAY_ID);
    placing->from.days = TODAY + 14;
    for (uint8_t person = 0; person < 8; person++) {
        const struct id person_id = {{90, person}}, placement_id = {{91, person}};
        const struct id hold_id = {{92, person}};
        placing->terms.person_id = id_to_data(&person_id);
        assert_said(placing_propose_as(placing, &placement_id, &hold_id),
                    &dw__placement_proposed__descriptor, 1);
        assert_int_equal(committed(placing), WHOLE);
    }
    placing->terms.person_id = id_to_data(&PERSON_ID);
    assert_refused(placing_propose(placing), FRAMEWORK_SPENT);
}

/* Proves: a programme that was ended before its time commits what it came to. */
static void a_programme_that_is_ended_commits_no_more(void **state)
{
    struct placing *placing = *state;
    struct programme programme;
    agree_framework(placing, INT64_C(100000000));
    (void)calling_open(placing, DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME);
    fill(&programme, 0, &SERVICE_ID, &MONDAY_ID);
    (void)offer(placing, 0, &programme);
    (void)calling_close(placing);
    (void)calling_award(placing, "ben", 0, 1);
    assert_int_equal(committed(placing), 8 * 9000 * 50);
    Dw__Date last = DW__DATE__INIT;
    Dw__SessionEnded ended = DW__SESSION_ENDED__INIT;
    last.days = TODAY + 14 + 10 * 7 - 1;
    programme.session.to = &last;
    ended.session = &programme.session;
    (void)placing_hear(placing, "capacity", &ended.base);
    assert_int_equal(committed(placing), 8 * 9000 * 10);
}

/* Proves: what capacity would refuse is refused when it is offered, and nothing is awarded that cannot be. */
static void a_programme_can_be_registered(void **state)
{
    struct placing *placing = *state;
    struct programme programme;
    char name[202];
    memset(name, 'n', sizeof name);
    name[201] = '\0';
    (void)calling_open(placing, DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME);
    fill(&programme, 0, &SERVICE_ID, &MONDAY_ID);
    programme.service.name = name;
    assert_invalid(offer(placing, 0, &programme), "programme.name");
    programme.service.name = name + 1;
    programme.service.reference = "";
    assert_invalid(offer(placing, 0, &programme), "programme.reference");
    programme.service.reference = "P";
    programme.service.n_needs = 0;
    assert_invalid(offer(placing, 0, &programme), "programme.needs");
    programme.service.n_needs = 1;
    assert_said(offer(placing, 0, &programme), &dw__offer_submitted__descriptor, 0);
}

/* Proves: a programme has all that people need to come in. */
static void a_programme_has_the_access_that_is_wanted(void **state)
{
    struct placing *placing = *state;
    struct programme programme;
    calling.access = DW__ACCESS_FEATURE__ACCESS_FEATURE_HOIST;
    (void)calling_open(placing, DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME);
    fill(&programme, 0, &SERVICE_ID, &MONDAY_ID);
    assert_invalid(offer(placing, 0, &programme), "programme.access");
    programme.service.access = &calling.access;
    programme.service.n_access = 1;
    assert_said(offer(placing, 0, &programme), &dw__offer_submitted__descriptor, 0);
}

/* Proves: what is called off for people of a culture is not offered by a programme that is for anybody. */
static void a_programme_is_of_the_culture_that_is_wanted(void **state)
{
    struct placing *placing = *state;
    struct programme programme;
    calling.culturally_specific = true;
    (void)calling_open(placing, DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME);
    fill(&programme, 0, &SERVICE_ID, &MONDAY_ID);
    assert_invalid(offer(placing, 0, &programme), "programme.culturally_specific");
    programme.service.culturally_specific = true;
    assert_said(offer(placing, 0, &programme), &dw__offer_submitted__descriptor, 0);
}

/* Proves: what is offered is the provider's own, is what is wanted, and costs what is scored. */
static void a_programme_is_what_is_wanted(void **state)
{
    struct placing *placing = *state;
    struct programme programme;
    (void)calling_open(placing, DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME);
    assert_invalid(calling_offer(placing, &PROVIDERS[0], &OFFERS[0], 9000), "programme");
    fill(&programme, 0, &SERVICE_ID, &MONDAY_ID);
    assert_invalid(offer(placing, 1, &programme), "programme");
    programme.service.level = 1;
    assert_invalid(offer(placing, 0, &programme), "programme.level");
    programme.service.level = 2;
    programme.session.weekday = 7;
    assert_refused(offer(placing, 0, &programme), NOT_SERVED);
    programme.session.weekday = 1;
    programme.places.amount = 7;
    assert_invalid(offer(placing, 0, &programme), "programme_sessions");
    programme.places.amount = 8;
    programme.runs_from.days = TODAY + 15;
    assert_invalid(offer(placing, 0, &programme), "programme_sessions");
    programme.runs_from.days = TODAY;
    Dw__Date runs_to = programme.from;
    programme.session.to = &runs_to; /* and it is wanted for ever */
    assert_invalid(offer(placing, 0, &programme), "programme_sessions");
    programme.session.to = NULL;
    programme.from.days = TODAY + 93;
    assert_invalid(offer(placing, 0, &programme), "from");
    programme.from.days = TODAY + 14;
    programme.places.amount = 7;
    programme.places.amount = 8;
    programme.service.price_pence = 9001;
    assert_invalid(offer(placing, 0, &programme), "programme.price_pence");
    programme.service.price_pence = 3000;
    programme.service.price_unit = DW__PRICE_UNIT__PRICE_UNIT_HOUR;
    assert_invalid(offer(placing, 0, &programme), "programme.price_unit");
    programme.service.price_unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    programme.service.price_pence = 9000;
    assert_said(offer(placing, 0, &programme), &dw__offer_submitted__descriptor, 0);
}

static const Dw__CallOffShown *shown_to(struct placing *placing, const struct id *provider_id)
{
    return calling_list(placing, provider_id)->call_offs[0];
}

/* Proves: a programme is for nobody yet, and what wins is registered with capacity; what capacity refuses has failed and another one may
 * win, which is not dropped for what the first one was refused for. */
static void a_programme_is_registered_when_it_wins(void **state)
{
    struct placing *placing = *state;
    struct programme programmes[2];
    (void)calling_open(placing, DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME);
    fill(&programmes[0], 0, &SERVICE_ID, &MONDAY_ID);
    fill(&programmes[1], 1, &OTHER_ID, &TUESDAY_ID);
    for (size_t at = 0; at < 2; at++)
        (void)offer(placing, at, &programmes[at]);
    (void)calling_close(placing);
    struct pure_outcome told = calling_award(placing, "ben", 0, 2);
    assert_told(told, &dw__call_off_awarded__descriptor, &dw__offer_lost__descriptor, NULL);
    assert_ptr_equal(told.decision->sends[0].type, &dw__register_service__descriptor);
    assert_ptr_equal(told.decision->sends[1].type, &dw__set_session__descriptor);
    Dw__RegisterService asked = DW__REGISTER_SERVICE__INIT;
    Dw__AbandonCallOff abandon = DW__ABANDON_CALL_OFF__INIT;
    asked.service = &programmes[0].service;
    const struct answer_received answer = {ANSWER_REFUSED, 1, "The site is closed."};
    assert_told(pure_settle(placing->pure, &asked.base, &answer, NOW_MS, TODAY),
                &dw__programme_refused__descriptor, &dw__award_undone__descriptor, NULL);
    pure_reload(placing->pure);
    assert_int_equal(shown_to(placing, NULL)->offers[0]->offer->state,
                     DW__OFFER_STATE__OFFER_STATE_FAILED);
    assert_true(shown_to(placing, NULL)->programme_refused);
    assert_string_equal(shown_to(placing, NULL)->programme_said, "The site is closed.");
    assert_string_equal(shown_to(placing, &PROVIDERS[0])->programme_said, "");
    assert_false(shown_to(placing, &PROVIDERS[0])->programme_refused);
    told = calling_award_without(placing, "ben", 1, 1, 0, 80);
    assert_said(told, &dw__call_off_awarded__descriptor, 2);
    assert_false(shown_to(placing, NULL)->programme_refused);
    assert_string_equal(shown_to(placing, NULL)->programme_said, "");
    abandon.call_off_id = id_to_data(&CALL_OFF_ID);
    abandon.reason = DW__ABANDON_REASON__ABANDON_REASON_NONE_SUITABLE;
    assert_refused(placing_tell(placing, "ann", BROKER, &abandon.base), WRONG_STATE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, calling_set_up, placing_tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_programme_takes_of_the_frameworks_value),
        TEST(a_place_in_a_programme_is_paid_already),
        TEST(a_programme_that_is_ended_commits_no_more),
        TEST(a_programme_can_be_registered),
        TEST(a_programme_has_the_access_that_is_wanted),
        TEST(a_programme_is_of_the_culture_that_is_wanted),
        TEST(a_programme_is_what_is_wanted),
        TEST(a_programme_is_registered_when_it_wins),
    };
    return cmocka_run_group_tests_name("placements_programme", tests, NULL, NULL);
}
