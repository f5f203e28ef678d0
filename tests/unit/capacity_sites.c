/* Tests of sites: all services of a building are closed and opened by one command, each by a closure of its own. */
#include "services/capacity/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/closing.h"

#define REFUSAL(name) DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_##name

enum { FOREVER = INT32_MAX, CENTRE = 7, OTHER_SITE = 8, OFFICER = DW__ROLE__ROLE_QUALITY_OFFICER };

static const Dw__FundingRoute OWN_MONEY = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;

/* What time has told. */
static struct {
    size_t disrupted, restored;
} heard;

static void listen(void *context, const struct decision *decision, int64_t now_ms,
                   const struct principal *principal)
{
    (void)context, (void)now_ms, (void)principal;
    for (size_t at = 0; at < decision->events_count; at++) {
        const ProtobufCMessageDescriptor *type = decision->events[at].row->type;
        heard.disrupted += type == &dw__sittings_disrupted__descriptor;
        heard.restored += type == &dw__sittings_restored__descriptor;
    }
}

/* A service with a session on Monday of the same number. site 0: not said. */
static struct pure_outcome open_service(struct places *places, uint32_t number, uint32_t provider,
                                        uint32_t site)
{
    static const int three[5] = {3};
    const struct id site_id = places_id('w', site);
    Dw__Service *service = places_service(number, provider);
    if (site != 0)
        service->site_id = id_to_data(&site_id);
    const struct pure_outcome outcome = places_send_service(places, service);
    if (outcome.outcome == DECISION_YES)
        (void)places_session(places, number, number, 1, 600, 720, three, places->today, FOREVER);
    return outcome;
}

/* Services 1 and 2, of two providers, are in one centre, service 3 is not; somebody is in each. */
static int open_council(void **context)
{
    static struct places places;
    places = places_open();
    memset(&heard, 0, sizeof heard);
    (void)places_provider(&places, 1);
    (void)places_provider(&places, 2);
    (void)open_service(&places, 1, 1, CENTRE);
    (void)open_service(&places, 2, 2, CENTRE);
    (void)open_service(&places, 3, 2, 0);
    for (uint32_t number = 1; number <= 3; number++)
        (void)places_hold(&places, number, number, &number, 1, places.today, FOREVER, NULL,
                          OWN_MONEY);
    *context = &places;
    return 0;
}

static int close_council(void **context)
{
    places_close(*context);
    return 0;
}

static void expect_events(struct pure_outcome outcome, size_t count)
{
    assert_int_equal(outcome.outcome, DECISION_YES);
    assert_int_equal(outcome.events_count, count);
}

static void expect_refusal(struct pure_outcome outcome, int refusal)
{
    assert_int_equal(outcome.outcome, DECISION_REFUSED);
    assert_int_equal(outcome.refusal, refusal);
    assert_true(strlen(outcome.sentence) > 20);
}

/* service 0: none is named beside the site. */
static struct pure_outcome close_site(struct places *places, uint32_t number, uint32_t site,
                                      uint32_t service, int32_t to)
{
    const struct id id = places_id('x', number), site_id = places_id('w', site);
    const struct id service_id = places_id('s', service);
    Dw__Date first = DW__DATE__INIT, last = DW__DATE__INIT;
    Dw__DeclareClosure command = DW__DECLARE_CLOSURE__INIT;
    first.days = places->today;
    last.days = to;
    command.closure_id = id_to_data(&id);
    command.site_id = id_to_data(&site_id);
    if (service != 0)
        command.service_id = id_to_data(&service_id);
    command.from = &first;
    command.to = to == FOREVER ? NULL : &last;
    command.reason = DW__CLOSURE_REASON__CLOSURE_REASON_BUILDING;
    return pure_command(places->pure, &command.base, OFFICER, places->now_ms, places->today);
}

static void tell_all(struct places *places)
{
    size_t count = 1;
    pure_watch(places->pure, listen, NULL);
    while (count > 0)
        (void)pure_due(places->pure, 10, places->now_ms, places->today, &count);
    pure_watch(places->pure, NULL, NULL);
}

/* Of the at-th event. */
static Dw__Closure closure_of(const struct pure_outcome *outcome, size_t at)
{
    const Dw__ClosureDeclared *declared =
        closing_event(outcome, at, &dw__closure_declared__descriptor);
    assert_non_null(declared);
    return *declared->closure;
}

/* Proves: one command closes each service of a site and no other, and who is there is told of; lifting it by the same id opens them. */
static void a_site_is_closed_and_opened_as_one(void **context)
{
    struct places *places = *context;
    const int32_t monday = places->today;
    expect_events(close_site(places, 1, CENTRE, 0, monday + 13), 4);
    for (uint32_t number = 1; number <= 3; number++)
        assert_int_equal(closing_free(places, number, number, monday), number == 3 ? 2 : 0);
    expect_refusal(closing_lift(places, 1, monday + 7), REFUSAL(STILL_TELLING));
    tell_all(places);
    assert_int_equal(heard.disrupted, 2);
    pure_reload(places->pure);
    expect_events(closing_lift(places, 1, monday + 7), 4);
    expect_events(closing_lift(places, 1, monday + 7), 0);
    tell_all(places);
    assert_int_equal(heard.restored, 2);
    for (uint32_t number = 1; number <= 2; number++) {
        assert_int_equal(closing_free(places, number, number, monday), 0);
        assert_int_equal(closing_free(places, number, number, monday + 7), 2);
    }
    expect_refusal(closing_lift(places, 1, monday + 8), REFUSAL(CLOSURE_OVER));
}

/* Proves: who is held between a lift and its telling is not told that something is restored which they never lost. */
static void who_comes_after_a_lift_is_told_nothing(void **context)
{
    struct places *places = *context;
    const uint32_t session = 1;
    expect_events(close_site(places, 1, CENTRE, 0, places->today + 13), 4);
    tell_all(places);
    expect_events(closing_lift(places, 1, places->today), 4);
    assert_int_equal(
        places_hold(places, 9, 1, &session, 1, places->today, FOREVER, NULL, OWN_MONEY).outcome,
        DECISION_YES);
    tell_all(places);
    assert_int_equal(heard.disrupted, 2);
    assert_int_equal(heard.restored, 2);
}

/* Proves: said again it is the same, and closes what has come to the site since; what has left is closed still. */
static void a_site_closed_again_is_closed_once(void **context)
{
    struct places *places = *context;
    expect_events(close_site(places, 1, CENTRE, 0, FOREVER), 4);
    tell_all(places);
    pure_reload(places->pure);
    expect_events(close_site(places, 1, CENTRE, 0, FOREVER), 0);
    expect_refusal(close_site(places, 1, CENTRE, 0, places->today + 7), REFUSAL(ALREADY_EXISTS));
    expect_events(open_service(places, 4, 1, CENTRE), 1);
    Dw__Service *moved = places_service(1, 1);
    Dw__ChangeService change = DW__CHANGE_SERVICE__INIT;
    change.service = moved;
    expect_events(pure_command(places->pure, &change.base, OFFICER, places->now_ms, places->today),
                  1);
    const struct pure_outcome again = close_site(places, 1, CENTRE, 0, FOREVER);
    expect_events(again, 2);
    const struct id fourth_id = places_id('s', 4);
    assert_memory_equal(closure_of(&again, 0).service_id.data, fourth_id.bytes, 16);
    tell_all(places);
    expect_events(closing_lift(places, 1, places->today), 6);
    tell_all(places);
    expect_events(close_site(places, 2, CENTRE, 0, FOREVER), 4); /* service 1 is there no longer */
}

/* Proves: a provider closes and opens its own services of a site, and a part can be opened by itself. */
static void a_provider_closes_its_part_of_a_site(void **context)
{
    struct places *places = *context;
    const struct id own_id = places_id('p', 2), stranger_id = places_id('p', 3);
    const int32_t monday = places->today;
    pure_principal_provider(places->pure, &stranger_id);
    expect_refusal(close_site(places, 1, CENTRE, 0, FOREVER), REFUSAL(SERVICE_UNKNOWN));
    pure_principal_provider(places->pure, &own_id);
    const struct pure_outcome own = close_site(places, 1, CENTRE, 0, FOREVER);
    expect_events(own, 2);
    Dw__LiftClosure lift = DW__LIFT_CLOSURE__INIT;
    Dw__Date from = DW__DATE__INIT;
    struct id part_id;
    const Dw__Closure part = closure_of(&own, 0);
    (void)id_from_data(&part.closure_id, &part_id);
    tell_all(places);
    pure_principal_provider(places->pure, NULL);
    expect_events(close_site(places, 1, CENTRE, 0, FOREVER), 2); /* the other provider's */
    tell_all(places);
    pure_principal_provider(places->pure, &stranger_id);
    expect_refusal(closing_lift(places, 1, monday), REFUSAL(CLOSURE_UNKNOWN));
    pure_principal_provider(places->pure, &own_id);
    lift.closure_id = id_to_data(&part_id);
    lift.from = &from;
    from.days = monday + 7;
    assert_int_equal(
        pure_command(places->pure, &lift.base, OFFICER, places->now_ms, places->today).outcome,
        DECISION_YES);
    expect_events(closing_lift(places, 1, monday + 7), 0);
    pure_principal_provider(places->pure, NULL);
    assert_int_equal(closing_free(places, 1, 1, monday + 7), 0);
    assert_int_equal(closing_free(places, 2, 2, monday + 7), 2);
}

/* Proves: what is no site, what is two things at once and an id that stands for another closure are refused; a site has 50 services. */
static void a_site_is_refused_by_name(void **context)
{
    struct places *places = *context;
    expect_refusal(close_site(places, 1, OTHER_SITE, 0, FOREVER), REFUSAL(SERVICE_UNKNOWN));
    assert_int_equal(close_site(places, 1, CENTRE, 1, FOREVER).outcome, DECISION_INVALID);
    assert_int_equal(closing_declare(places, 2, 1, NULL, 0, places->today + 20, FOREVER).outcome,
                     DECISION_YES);
    expect_refusal(close_site(places, 2, CENTRE, 0, FOREVER), REFUSAL(ALREADY_EXISTS));
    expect_events(close_site(places, 1, CENTRE, 0, FOREVER), 4);
    expect_refusal(closing_declare(places, 1, 3, NULL, 0, places->today, FOREVER),
                   REFUSAL(ALREADY_EXISTS));
    for (uint32_t number = 100; number < 150; number++)
        expect_events(open_service(places, number, 1, OTHER_SITE), 1);
    assert_int_equal(open_service(places, 150, 1, OTHER_SITE).outcome, DECISION_INVALID);
    expect_events(close_site(places, 3, OTHER_SITE, 0, FOREVER), 100);
}

int main(void)
{
#define COUNCIL_TEST(name) cmocka_unit_test_setup_teardown(name, open_council, close_council)
    const struct CMUnitTest tests[] = {
        COUNCIL_TEST(a_site_is_closed_and_opened_as_one),
        COUNCIL_TEST(who_comes_after_a_lift_is_told_nothing),
        COUNCIL_TEST(a_site_closed_again_is_closed_once),
        COUNCIL_TEST(a_provider_closes_its_part_of_a_site),
        COUNCIL_TEST(a_site_is_refused_by_name),
    };
#undef COUNCIL_TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
