/* Tests of what a search says of services that just miss: all that would have to change, and where, and since when. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "capacity.pb-c.h"
#include "tests/support/places.h"

enum { FOREVER = INT32_MAX, PLACES = 10, BROKER = DW__ROLE__ROLE_BROKER, WEEK = 7 };

/* The search that each test changes: two mornings, for whoever pays themselves, where the service is. */
struct asking {
    struct places places;
    Dw__FindCapacity find;
    Dw__Date from;
    Dw__WantedSession days[2], *wanted[2];
    Dw__LimitAmount seat, *uses[1];
};

/* A provider with sessions of ten places on Monday (1) and Thursday (2) mornings. */
static int open_council(void **context)
{
    static struct asking asking;
    static const int ten[5] = {PLACES};
    asking = (struct asking){.places = places_open(),
                             .find = DW__FIND_CAPACITY__INIT,
                             .from = DW__DATE__INIT,
                             .seat = DW__LIMIT_AMOUNT__INIT};
    struct places *places = &asking.places;
    const Dw__Service *service = places_service(1, 1);
    (void)places_provider(places, 1);
    asking.find.latitude_e6 = service->latitude_e6;
    asking.find.longitude_e6 = service->longitude_e6;
    asking.find.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
    (void)places_send_service(places, places_service(1, 1));
    (void)places_session(places, 1, 1, 1, 600, 720, ten, places->today, FOREVER);
    (void)places_session(places, 2, 1, 4, 600, 720, ten, places->today, FOREVER);
    asking.from.days = places->today;
    asking.find.from = &asking.from;
    for (size_t at = 0; at < 2; at++) {
        asking.days[at] = (Dw__WantedSession)DW__WANTED_SESSION__INIT;
        asking.days[at].weekday = at == 0 ? 1 : 4;
        asking.days[at].part = DW__PART_OF_DAY__PART_OF_DAY_MORNING;
        asking.wanted[at] = &asking.days[at];
    }
    asking.find.wanted = asking.wanted;
    asking.find.n_wanted = 2;
    asking.uses[0] = &asking.seat;
    asking.seat.kind = DW__LIMIT_KIND__LIMIT_KIND_TRANSPORT_SEATS;
    asking.seat.amount = 1;
    asking.find.uses = asking.uses;
    *context = &asking;
    return 0;
}

static int close_council(void **context)
{
    places_close(&((struct asking *)*context)->places);
    return 0;
}

/* Others have all places of the session from that week on, for a week. */
static void fill(struct asking *asking, uint32_t session, int32_t week)
{
    static const int all[5] = {PLACES};
    struct places *places = &asking->places;
    const int32_t first = places->today + week * WEEK;
    assert_int_equal(places_outside(places, DW__ROLE__ROLE_QUALITY_OFFICER, session, session, all,
                                    first, first + WEEK - 1)
                         .outcome,
                     DECISION_YES);
}

/* The sentence of the only service; "" when it does not just miss. */
static const char *why_not(struct asking *asking)
{
    const Dw__CapacityFound *found = pure_query(asking->places.pure, &asking->find.base, BROKER,
                                                asking->places.now_ms, asking->places.today, NULL);
    assert_non_null(found);
    return found->n_near_misses == 0 ? "" : found->near_misses[0]->sentence;
}

/* Proves: a full session is told with what is full, and from which date, in all three ways of asking; and not when it is full later. */
static void a_full_session_is_told_with_its_date(void **context)
{
    struct asking *asking = *context;
    fill(asking, 1, 2);
    asking->find.n_wanted = 0;
    asking->find.minutes_per_week = 240;
    assert_string_equal(why_not(asking),
                        "Not enough places left on Monday 10:00, first on 2026-12-07.");
    asking->find.minutes_per_week = 0;
    asking->find.n_wanted = 1;
    assert_string_equal(why_not(asking),
                        "Not enough places left on Monday 10:00, first on 2026-12-07.");
    asking->find.weeks = 2;
    assert_string_equal(why_not(asking), "");
    asking->find.n_uses = 1;
    assert_string_equal(why_not(asking),
                        "Not enough transport seats left on Monday 10:00, first on 2026-11-23.");
}

/* Proves: of several full sessions all are told, each with its own date. */
static void all_full_sessions_are_told(void **context)
{
    struct asking *asking = *context;
    fill(asking, 1, 2);
    assert_string_equal(why_not(asking),
                        "Not enough places left on Monday 10:00, first on 2026-12-07.");
    fill(asking, 2, 4);
    assert_string_equal(why_not(asking),
                        "Not enough places left on Monday 10:00, first on 2026-12-07; nor enough "
                        "places left on Thursday 10:00, first on 2026-12-24.");
}

/* Proves: a session that serves two wishes is told once. */
static void a_full_session_is_told_once(void **context)
{
    struct asking *asking = *context;
    asking->days[1].weekday = 1;
    asking->days[1].part = DW__PART_OF_DAY__PART_OF_DAY_ANY;
    fill(asking, 1, 0);
    assert_string_equal(why_not(asking),
                        "Not enough places left on Monday 10:00, first on 2026-11-23.");
}

/* Proves: of days, needs, access features and modes a service lacks, all are told by name. */
static void all_that_is_lacking_is_told_by_name(void **context)
{
    static Dw__SupportReason needs[] = {DW__SUPPORT_REASON__SUPPORT_REASON_SENSORY_DUAL,
                                        DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY,
                                        DW__SUPPORT_REASON__SUPPORT_REASON_MENTAL_HEALTH};
    static Dw__AccessFeature access[] = {DW__ACCESS_FEATURE__ACCESS_FEATURE_HOIST,
                                         DW__ACCESS_FEATURE__ACCESS_FEATURE_CHANGING_PLACE};
    static Dw__ServiceMode mode = DW__SERVICE_MODE__SERVICE_MODE_VIRTUAL;
    struct asking *asking = *context;
    assert_string_equal(why_not(asking), "");
    asking->find.needs = needs;
    asking->find.n_needs = 3;
    assert_string_equal(why_not(asking),
                        "It does not meet these needs: sensory dual, mental health.");
    asking->find.n_needs = 0;
    asking->find.access = access;
    asking->find.n_access = 2;
    assert_string_equal(why_not(asking), "It lacks hoist, changing place.");
    asking->find.n_access = 0;
    asking->find.modes = &mode;
    asking->find.n_modes = 1;
    assert_string_equal(why_not(asking), "Its mode is building; another one is asked for.");
    asking->find.n_modes = 0;
    asking->days[1].part = DW__PART_OF_DAY__PART_OF_DAY_EVENING;
    assert_string_equal(why_not(asking), "It has no session on Thursday evening.");
    asking->days[1].weekday = 7;
    asking->days[1].part = DW__PART_OF_DAY__PART_OF_DAY_ANY;
    assert_string_equal(why_not(asking), "It has no session on Sunday.");
}

/* A service of that level so many thousandths of a degree north of the first, with the same sessions. */
static void open_another(struct asking *asking, uint32_t number, uint32_t level, int32_t north)
{
    static const int ten[5] = {PLACES};
    struct places *places = &asking->places;
    Dw__Service *service = places_service(number, 1);
    service->level = level;
    service->latitude_e6 += north * 1000;
    (void)places_send_service(places, service);
    (void)places_session(places, 2 * number, number, 1, 600, 720, ten, places->today, FOREVER);
    (void)places_session(places, 2 * number + 1, number, 4, 600, 720, ten, places->today, FOREVER);
}

/* Proves: what is near and differs in one property is told before what is too far, and the nearest of it first, whatever its id. */
static void the_nearest_that_differs_is_told_before_what_is_too_far(void **context)
{
    static const char *const names[] = {"S000001", "S000009", "S000008", "S000002", "S000003"};
    struct asking *asking = *context;
    for (uint32_t number = 2; number <= 7; number++)
        open_another(asking, number, 2,
                     200 + (int32_t)number); /* an hour away, of the level that is asked for */
    open_another(asking, 8, 3, 40);
    open_another(asking, 9, 3, 20);
    asking->find.level = 2;
    const Dw__CapacityFound *found = pure_query(asking->places.pure, &asking->find.base, BROKER,
                                                asking->places.now_ms, asking->places.today, NULL);
    assert_int_equal(found->n_near_misses, 5);
    for (size_t at = 0; at < 5; at++) {
        assert_string_equal(found->near_misses[at]->name, names[at]);
        assert_int_equal(found->near_misses[at]->rule, at < 3
                                                           ? DW__SEARCH_RULE__SEARCH_RULE_LEVEL
                                                           : DW__SEARCH_RULE__SEARCH_RULE_TRAVEL);
    }
}

/* Proves: whom a service is for is told as it is: without an upper age where it has none. */
static void an_age_is_told_with_the_bounds_there_are(void **context)
{
    struct asking *asking = *context;
    Dw__Service *service = places_service(1, 1);
    Dw__ChangeService change = DW__CHANGE_SERVICE__INIT;
    change.service = service;
    service->age_from = 18;
    asking->find.age = 17;
    for (uint32_t age_to = 0; age_to <= 64; age_to += 64) {
        service->age_to = age_to;
        assert_int_equal(pure_command(asking->places.pure, &change.base,
                                      DW__ROLE__ROLE_QUALITY_OFFICER, asking->places.now_ms,
                                      asking->places.today)
                             .outcome,
                         DECISION_YES);
        assert_string_equal(why_not(asking),
                            age_to == 0 ? "It is for people from 18 on; the age is 17."
                                        : "It is for people from 18 to 64; the age is 17.");
    }
}

int main(void)
{
#define COUNCIL_TEST(name) cmocka_unit_test_setup_teardown(name, open_council, close_council)
    const struct CMUnitTest tests[] = {
        COUNCIL_TEST(a_full_session_is_told_with_its_date),
        COUNCIL_TEST(all_full_sessions_are_told),
        COUNCIL_TEST(a_full_session_is_told_once),
        COUNCIL_TEST(all_that_is_lacking_is_told_by_name),
        COUNCIL_TEST(the_nearest_that_differs_is_told_before_what_is_too_far),
        COUNCIL_TEST(an_age_is_told_with_the_bounds_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
