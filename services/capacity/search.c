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
    uint32_t words;
    result->total = capacity_catalogue_open(catalogue, timetable, request->this_week, &words);
    if (result->total == 0)
        return;
    struct search search;
    struct sieve sieve;
    capacity_fit_prepare(&search, request, catalogue, timetable);
    capacity_sieve_prepare(&sieve, catalogue, request, result->total, words);
    uint64_t *passing = capacity_catalogue_scratch(catalogue);
    uint64_t *others = passing + words;
    uint32_t *places = (uint32_t *)(others + words);
    const uint32_t count = capacity_sieve_pass(&sieve, result->excluded, passing);
    capacity_near_look(&search, passing, count, words, result, others, places);
    capacity_miss_far(&search, passing, words, result);
    if (result->near_misses_count < NEAR_MISSES_MAX) {
        capacity_sieve_fail_one(&sieve, others);
        capacity_miss_others(&search, &sieve, others, result);
    }
    if (result->fitting > 0 || request->wishes_count < 2)
        return;
    capacity_sieve_pass_but_days(&sieve, passing);
    capacity_search_splits(&search, passing, words, result);
}
