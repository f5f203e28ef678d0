/* The search itself: rule by rule, from all services to those that are told. See search.h. */
#include "services/capacity/search.h"

#include <string.h>

void capacity_search(struct catalogue *catalogue, struct timetable *timetable,
                     const struct search_request *request, struct search_result *ret_result)
{
    struct search_result *result = ret_result;
    result->found_count = result->near_misses_count = result->splits_count = 0;
    result->fitting = 0;
    memset(result->excluded, 0, sizeof result->excluded);
    result->total =
        capacity_catalogue_open(catalogue, timetable, &request->frameworks, request->this_week);
    if (result->total == 0)
        return;
    struct search search;
    struct sieve sieve;
    const struct scratch scratch = capacity_catalogue_scratch(catalogue);
    capacity_fit_prepare(&search, request, catalogue, timetable, result->total);
    capacity_judge_prepare(&search, scratch.ready);
    capacity_sieve_prepare(&sieve, &search);
    const uint32_t passed = capacity_sieve_pass(&sieve, result->excluded, scratch.passing);
    struct around around;
    capacity_around_look(&search, &scratch, scratch.passing, &around);
    result->excluded[DW__SEARCH_RULE__SEARCH_RULE_TRAVEL] = passed - (uint32_t)around.near_count;
    capacity_near_look(&search, &around, result);
    if (result->near_misses_count < NEAR_MISSES_MAX) {
        capacity_miss_others(&search, &sieve, scratch.others, &around, result);
        capacity_miss_far(&search, scratch.passing, &around, result);
    }
    capacity_near_choose(&search, result);
    if (result->fitting > 0 || request->wishes_count < 2)
        return;
    capacity_sieve_pass_but_days(&sieve, scratch.passing);
    capacity_around_look(&search, &scratch, scratch.passing, &around);
    capacity_search_splits(&search, &around, result);
}
