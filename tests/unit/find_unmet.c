/* Tests of services/cli: why a search found nothing, in the words of referrals. */
#include "services/cli/find.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define RULE(name)   DW__SEARCH_RULE__SEARCH_RULE_##name
#define REASON(name) DW__UNMET_REASON__UNMET_REASON_##name

static Dw__UnmetReason reason_of(Dw__SearchRule near, Dw__SearchRule few, Dw__SearchRule many)
{
    const Dw__FindCapacity find = DW__FIND_CAPACITY__INIT;
    Dw__CapacityFound found = DW__CAPACITY_FOUND__INIT;
    Dw__NearMiss miss = DW__NEAR_MISS__INIT;
    Dw__NearMiss *misses[] = {&miss};
    Dw__Excluded first = DW__EXCLUDED__INIT, second = DW__EXCLUDED__INIT;
    Dw__Excluded *excluded[] = {&first, &second};
    miss.rule = near;
    first.rule = few;
    first.services = 3;
    second.rule = many;
    second.services = 4;
    found.near_misses = misses;
    found.n_near_misses = near == 0 ? 0 : 1;
    found.excluded = excluded;
    found.n_excluded = many == 0 ? 0 : 2;
    return find_unmet_reason(&find, &found);
}

static void every_rule_has_its_reason(void **state)
{
    (void)state;
    static const Dw__UnmetReason reasons[] = {
        [RULE(NEEDS)] = REASON(NEED_NOT_MET),
        [RULE(LEVEL)] = REASON(NO_SUCH_SERVICE),
        [RULE(MODE)] = REASON(NO_SUCH_SERVICE),
        [RULE(ACCESS)] = REASON(NEED_NOT_MET),
        [RULE(AGE)] = REASON(NO_SUCH_SERVICE),
        [RULE(DAYS)] = REASON(NO_PLACE_ON_DAYS),
        [RULE(TRAVEL)] = REASON(TOO_FAR),
        [RULE(CONTRACT)] = REASON(NO_CONTRACT),
        [RULE(TIMES)] = REASON(NO_PLACE_ON_DAYS),
        [RULE(PLACES)] = REASON(NO_PLACE_ON_DAYS),
        [RULE(PRICE)] = REASON(TOO_EXPENSIVE),
        [RULE(VIABLE_HOURS)] = REASON(OTHER),
        [RULE(PERSON)] = REASON(OTHER),
        [RULE(CLOSED)] = REASON(NO_PLACE_ON_DAYS),
        [RULE(PLACEMENTS_SUSPENDED)] = REASON(OTHER),
        [RULE(UNBOOKED)] = REASON(OTHER),
        [RULE(KIND)] = REASON(NO_SUCH_SERVICE),
        [RULE(ACTIVITIES)] = REASON(NO_SUCH_SERVICE),
    };
    for (size_t rule = 1; rule < sizeof reasons / sizeof reasons[0]; rule++)
        assert_int_equal(reason_of((Dw__SearchRule)rule, RULE(PRICE), RULE(PRICE)), reasons[rule]);
}

static void without_a_near_miss_the_rule_that_left_out_most_is_the_reason(void **state)
{
    (void)state;
    assert_int_equal(reason_of(0, RULE(NEEDS), RULE(TRAVEL)), REASON(TOO_FAR));
    assert_int_equal(reason_of(RULE(PRICE), RULE(NEEDS), RULE(TRAVEL)), REASON(TOO_EXPENSIVE));
    assert_int_equal(reason_of(0, 0, 0), REASON(NO_SUCH_SERVICE)); /* there is no service at all */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_has_its_reason),
        cmocka_unit_test(without_a_near_miss_the_rule_that_left_out_most_is_the_reason),
    };
    return cmocka_run_group_tests_name("find_unmet", tests, NULL, NULL);
}
