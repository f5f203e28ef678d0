/* Tests that places in outside use are nobody else's: SetOutsideUse against holds, against itself, and against a plain count; and
 * that figures tell how old they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "capacity.pb-c.h"
#include "tests/support/places.h"

enum {
    FOREVER = INT32_MAX,
    MONDAYS = 1,
    OTHERS = 2,
    PLACES = 10,
    KEEPER = DW__ROLE__ROLE_QUALITY_OFFICER,
    MANAGER = DW__ROLE__ROLE_PROVIDER_MANAGER,
};

static const Dw__FundingRoute OWN_MONEY = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;

/* Two providers with a Monday session of ten places each. */
static int open_council(void **context)
{
    static struct places places;
    static const int ten[5] = {PLACES};
    places = places_open();
    for (uint32_t number = 1; number <= 2; number++) {
        (void)places_provider(&places, number);
        (void)places_send_service(&places, places_service(number, number));
        (void)places_session(&places, number, number, 1, 600, 720, ten, places.today, FOREVER);
    }
    *context = &places;
    return 0;
}

static int close_council(void **context)
{
    places_close(*context);
    return 0;
}

static struct pure_outcome hold(struct places *places, uint32_t number, int32_t from, int32_t to)
{
    const uint32_t session = MONDAYS;
    return places_hold(places, number, 1, &session, 1, from, to, NULL, OWN_MONEY);
}

static struct pure_outcome use(struct places *places, uint32_t number, int amount, int32_t from,
                               int32_t to)
{
    const int uses[5] = {amount};
    return places_outside(places, KEEPER, number, MONDAYS, uses, from, to);
}

static void expect_yes(struct pure_outcome outcome)
{
    assert_int_equal(outcome.outcome, DECISION_YES);
    assert_int_equal(outcome.events_count, 1);
}

#define expect_no(told, name)                                                                      \
    do {                                                                                           \
        const struct pure_outcome no = (told);                                                     \
        assert_int_equal(no.outcome, DECISION_REFUSED);                                            \
        assert_int_equal(no.refusal, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_##name);               \
    } while (0)

/* Proves: what others use cannot be held, on the dates on which they use it and on no others. */
static void places_in_outside_use_are_not_given_away(void **context)
{
    struct places *places = *context;
    const int32_t today = places->today;
    expect_yes(use(places, 1, PLACES - 1, today, today + 27));
    expect_yes(hold(places, 1, today, FOREVER));
    expect_no(hold(places, 2, today + 21, FOREVER), NO_PLACE_LEFT);
    expect_yes(hold(places, 3, today + 28, FOREVER));
    expect_yes(places_outside(places, KEEPER, 1, MONDAYS, NULL, today, today + 27));
    expect_yes(hold(places, 4, today, today));
}

/* Proves: what is held is not others' to use, and the sentence says how much is. */
static void places_that_are_held_are_not_others_to_use(void **context)
{
    struct places *places = *context;
    const int32_t today = places->today;
    expect_yes(hold(places, 1, today + 70, today + 70));
    expect_no(use(places, 1, PLACES, today, FOREVER), NO_PLACE_LEFT);
    assert_non_null(strstr(use(places, 1, PLACES, today, FOREVER).sentence, "take at most 9"));
    expect_yes(use(places, 1, PLACES, today, today + 69));
    expect_yes(use(places, 2, PLACES, today + 71, FOREVER));
    expect_no(use(places, 3, 1, today + 7, today + 7), NO_PLACE_LEFT);
}

/* Proves: a use that changes is not in its own way, and saying it again records nothing. */
static void a_use_may_change(void **context)
{
    struct places *places = *context;
    const int32_t today = places->today;
    expect_yes(use(places, 1, 8, today + 14, today + 34));
    assert_int_equal(use(places, 1, 8, today + 14, today + 34).events_count, 0);
    expect_yes(use(places, 1, PLACES, today, FOREVER));
    expect_yes(use(places, 1, 3, today + 7, today + 20));
    expect_yes(use(places, 2, 7, today, FOREVER));
    expect_no(use(places, 1, 4, today, today + 13), NO_PLACE_LEFT);
    expect_yes(use(places, 1, 3, today, FOREVER));
}

/* Proves: every limit counts, and a session that does not run yet is used by nobody. */
static void every_limit_counts(void **context)
{
    struct places *places = *context;
    const int32_t today = places->today;
    const int limits[5] = {PLACES, 2};
    expect_yes(places_session(places, 3, 1, 2, 600, 720, limits, today + 70, FOREVER));
    expect_no(places_outside(places, KEEPER, 1, 3, (const int[5]){1, 9}, today + 70, FOREVER),
              NO_PLACE_LEFT);
    expect_no(places_outside(places, KEEPER, 1, 3, (const int[5]){1, 1}, today, FOREVER),
              SESSION_NOT_RUNNING);
    expect_yes(places_outside(places, KEEPER, 1, 3, (const int[5]){1, 2}, today + 70, FOREVER));
    assert_int_equal(places_outside(places, KEEPER, 2, 3, (const int[5]){1}, today, today).outcome,
                     DECISION_INVALID); /* it was no Tuesday */
}

/* Proves: a use can always become less, and end, whatever has been; and it cannot become more in what has been. */
static void a_use_may_become_less_whatever_has_been(void **context)
{
    struct places *places = *context;
    const int32_t from = places->today;
    expect_yes(use(places, 1, 4, from, FOREVER));
    for (uint32_t number = 1; number <= 6; number++)
        expect_yes(hold(places, number, from, from + 27));
    places_move(places, 56, 0);
    expect_yes(
        places_session(places, MONDAYS, 1, 1, 600, 720, (const int[5]){5}, places->today, FOREVER));
    expect_no(use(places, 1, 5, from, FOREVER), NO_PLACE_LEFT);
    expect_yes(use(places, 1, 3, from, FOREVER));
    expect_yes(use(places, 1, 3, from, places->today));
    expect_no(use(places, 2, 3, from, from + 7), NO_PLACE_LEFT);
}

/* Proves: a session has a bounded number of uses, and one that takes nothing is none. */
static void uses_of_a_session_are_bounded(void **context)
{
    enum { USES_MAX = 100 };
    struct places *places = *context;
    const int32_t today = places->today;
    assert_int_equal(places_outside(places, KEEPER, 1, MONDAYS, NULL, today, FOREVER).events_count,
                     0);
    for (uint32_t number = 0; number < USES_MAX; number++)
        expect_yes(
            use(places, number, 1, today + 7 * (int32_t)number, today + 7 * (int32_t)number));
    assert_int_equal(use(places, USES_MAX, 1, today, today).outcome, DECISION_INVALID);
    expect_yes(use(places, 5, 2, today + 35, today + 35));
}

/* Proves: an id stands for one thing: a hold, or the use of one session. */
static void an_id_stands_for_one_thing(void **context)
{
    struct places *places = *context;
    const int32_t today = places->today;
    const struct id outside_id = places_id('o', 1);
    const struct id hold_id = places_id('h', 1);
    expect_yes(use(places, 1, 1, today, FOREVER));
    expect_no(places_outside(places, KEEPER, 1, OTHERS, (const int[5]){1}, today, FOREVER),
              ALREADY_EXISTS);
    expect_yes(hold(places, 1, today, FOREVER));
    Dw__ReleaseHold release = DW__RELEASE_HOLD__INIT;
    release.hold_id = id_to_data(&outside_id);
    expect_no(
        pure_command(places->pure, &release.base, DW__ROLE__ROLE_BROKER, places->now_ms, today),
        HOLD_UNKNOWN);
    Dw__Date from = DW__DATE__INIT;
    Dw__OutsideUse outside = DW__OUTSIDE_USE__INIT;
    Dw__SetOutsideUse set = DW__SET_OUTSIDE_USE__INIT;
    const struct id session_id = places_id('t', MONDAYS);
    from.days = today;
    outside.outside_id = id_to_data(&hold_id);
    outside.session_id = id_to_data(&session_id);
    outside.user = DW__OUTSIDE_USER__OUTSIDE_USER_PRIVATE;
    outside.from = &from;
    set.outside = &outside;
    expect_no(pure_command(places->pure, &set.base, DW__ROLE__ROLE_OPERATOR, places->now_ms, today),
              ALREADY_EXISTS);
}

/* Proves: a provider says what its own sessions are used for, and does not learn of others'. */
static void a_provider_speaks_for_its_own_sessions(void **context)
{
    struct places *places = *context;
    const struct id own_id = places_id('p', 2);
    pure_principal_provider(places->pure, &own_id);
    expect_no(
        places_outside(places, MANAGER, 1, MONDAYS, (const int[5]){1}, places->today, FOREVER),
        SESSION_UNKNOWN);
    expect_yes(
        places_outside(places, MANAGER, 1, OTHERS, (const int[5]){1}, places->today, FOREVER));
    pure_principal_provider(places->pure, NULL);
}

/* Proves: a session's limit and dates cannot be cut while others use them, nor can others use what does not run. */
static void a_session_keeps_what_others_use(void **context)
{
    struct places *places = *context;
    const int32_t today = places->today;
    expect_yes(use(places, 1, 6, today, today + 69));
    expect_no(places_session(places, MONDAYS, 1, 1, 600, 720, (const int[5]){5}, today, FOREVER),
              LIMIT_BELOW_USE);
    expect_no(
        places_session(places, MONDAYS, 1, 1, 600, 720, (const int[5]){10}, today, today + 41),
        LIMIT_BELOW_USE);
    expect_yes(
        places_session(places, MONDAYS, 1, 1, 600, 720, (const int[5]){6}, today, today + 69));
    expect_no(use(places, 2, 1, today, FOREVER), SESSION_NOT_RUNNING);
}

/* Proves: whatever is said in whatever order, an answer is what a plain count of each week says. */
static void answers_are_those_of_a_plain_count(void **context)
{
    enum { WEEKS = 130, USES = 12, ROUNDS = 4000 }; /* beyond the two years of a row */
    struct places *places = *context;
    struct places_random random = {11};
    static int amounts[USES];
    static int firsts[USES];
    static int lasts[USES];
    size_t refused = 0;
    memset(amounts, 0, sizeof amounts);
    for (int round = 0; round < ROUNDS; round++) {
        const uint32_t number = places_random(&random, USES);
        const int amount = (int)places_random(&random, 6);
        const int first = (int)places_random(&random, WEEKS);
        const bool is_endless = places_random(&random, 4) == 0;
        const int last =
            is_endless ? WEEKS - 1 : first + (int)places_random(&random, (uint32_t)(WEEKS - first));
        bool fits = true;
        for (int week = first; week <= last; week++) {
            int taken = amount;
            for (uint32_t other = 0; other < USES; other++)
                if (other != number && firsts[other] <= week && week <= lasts[other])
                    taken += amounts[other];
            fits = fits && taken <= PLACES;
        }
        const struct pure_outcome told = use(places, number, amount, places->today + 7 * first,
                                             is_endless ? FOREVER : places->today + 7 * last);
        assert_int_equal(told.outcome, fits || amount == 0 ? DECISION_YES : DECISION_REFUSED);
        refused += told.outcome == DECISION_REFUSED;
        if (told.outcome != DECISION_YES)
            continue;
        amounts[number] = amount;
        firsts[number] = first;
        lasts[number] = last;
    }
    assert_in_range(refused, ROUNDS / 10, ROUNDS - ROUNDS / 10);
}

/* --- how old figures are ------------------------------------------------------------------------------------------ */

static struct pure_outcome confirm(struct places *places, int role, uint32_t service)
{
    const struct id service_id = places_id('s', service);
    Dw__ConfirmCapacity command = DW__CONFIRM_CAPACITY__INIT;
    command.service_id = id_to_data(&service_id);
    return pure_command(places->pure, &command.base, role, places->now_ms, places->today);
}

/* The date by GetService and by a search, which are the same. */
static int32_t confirmed(struct places *places)
{
    const struct id service_id = places_id('s', 1);
    Dw__GetService get = DW__GET_SERVICE__INIT;
    Dw__FindCapacity find = DW__FIND_CAPACITY__INIT;
    Dw__Date from = DW__DATE__INIT;
    get.service_id = id_to_data(&service_id);
    from.days = places->today;
    find.from = &from;
    find.funding = OWN_MONEY;
    find.latitude_e6 = places_service(1, 1)->latitude_e6;
    find.longitude_e6 = places_service(1, 1)->longitude_e6;
    const Dw__ServiceFound *service =
        pure_query(places->pure, &get.base, KEEPER, places->now_ms, places->today, NULL);
    assert_non_null(service->confirmed);
    const int32_t date = service->confirmed->days;
    const Dw__CapacityFound *found =
        pure_query(places->pure, &find.base, KEEPER, places->now_ms, places->today, NULL);
    assert_int_equal(found->n_services, 2);
    assert_memory_equal(found->services[0]->service_id.data, service_id.bytes, sizeof service_id);
    assert_int_equal(found->services[0]->confirmed->days, date);
    return date;
}

/* Proves: figures are as old as what was last said of them: set, used by others, or confirmed, which counts once a day. */
static void figures_tell_how_old_they_are(void **context)
{
    struct places *places = *context;
    const struct id own_id = places_id('p', 1);
    const int32_t first = places->today;
    assert_int_equal(confirmed(places), first);
    places_move(places, 10, 0);
    assert_int_equal(confirmed(places), first);
    pure_principal_provider(places->pure, &own_id);
    expect_no(confirm(places, MANAGER, OTHERS), SERVICE_UNKNOWN);
    expect_yes(confirm(places, MANAGER, 1));
    pure_principal_provider(places->pure, NULL);
    assert_int_equal(confirmed(places), first + 10);
    assert_int_equal(confirm(places, KEEPER, 1).events_count, 0);
    places_move(places, 1, 0);
    expect_yes(use(places, 1, 1, places->today, FOREVER));
    assert_int_equal(confirmed(places), first + 11);
    places_move(places, 1, 0);
    pure_reload(places->pure);
    assert_int_equal(confirmed(places), first + 11);
    expect_no(confirm(places, KEEPER, 9), SERVICE_UNKNOWN);
}

int main(void)
{
#define COUNCIL_TEST(name) cmocka_unit_test_setup_teardown(name, open_council, close_council)
    const struct CMUnitTest tests[] = {
        COUNCIL_TEST(places_in_outside_use_are_not_given_away),
        COUNCIL_TEST(places_that_are_held_are_not_others_to_use),
        COUNCIL_TEST(a_use_may_change),
        COUNCIL_TEST(every_limit_counts),
        COUNCIL_TEST(a_use_may_become_less_whatever_has_been),
        COUNCIL_TEST(uses_of_a_session_are_bounded),
        COUNCIL_TEST(an_id_stands_for_one_thing),
        COUNCIL_TEST(a_provider_speaks_for_its_own_sessions),
        COUNCIL_TEST(a_session_keeps_what_others_use),
        COUNCIL_TEST(answers_are_those_of_a_plain_count),
        COUNCIL_TEST(figures_tell_how_old_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
