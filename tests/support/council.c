/* A large council: see council.h. */
#include "tests/support/council.h"

#include "tests/support/bench.h"

enum { FEATURES = 3, KINDS = 4, ACTIVITIES = 24 }; /* of their enums, that services may have */

static void make_session(uint64_t *seed, struct naive_service *service, uint32_t number)
{
    const int start = number < 5 ? 570 : 780;
    service->sessions[service->sessions_count++] = (struct naive_session){
        .number = service->number * 16 + number,
        .weekday = (int)(1 + number % 5),
        .start = start,
        .end = start + 180,
        .limits = {(int)(1 + bench_roll(seed, 12)), 0, (int)bench_roll(seed, 3)},
        .from = COUNCIL_FROM,
        .to = NAIVE_FAR,
    };
}

void council_service(uint64_t *seed, uint32_t number, struct naive_service *ret_service)
{
    *ret_service = (struct naive_service){
        .number = number,
        .level = (int)(1 + bench_roll(seed, COUNCIL_LEVELS)),
        .mode = bench_roll(seed, 10) == 0 ? DW__SERVICE_MODE__SERVICE_MODE_COMMUNITY
                                          : DW__SERVICE_MODE__SERVICE_MODE_BUILDING,
        .age_from = 18,
        .age_to = bench_roll(seed, 4) == 0 ? 64 : 0,
        .unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION,
        .latitude = 53000000 + (int)bench_roll(seed, 500000),
        .longitude = -2700000 + (int)bench_roll(seed, 800000),
        .price = 3000 + bench_roll(seed, 4000),
    };
    for (uint32_t at = 0; at < 3; at++)
        ret_service->needs |= 1U << (1 + 4 * at + bench_roll(seed, 4));
    for (uint32_t feature = 1; feature <= FEATURES; feature++)
        ret_service->access |= (unsigned)(bench_roll(seed, 4) != 0) << feature;
    ret_service->kind = (int)(1 + bench_roll(seed, KINDS));
    for (uint32_t activity = 1; activity <= ACTIVITIES; activity++)
        ret_service->activities |= (unsigned)(bench_roll(seed, 5) != 0) << activity;
    const uint32_t sessions =
        COUNCIL_SESSIONS_MIN + bench_roll(seed, COUNCIL_SESSIONS_MAX - COUNCIL_SESSIONS_MIN + 1);
    for (uint32_t at = 0; at < sessions; at++)
        make_session(seed, ret_service, at);
}

struct naive council_create(uint64_t *seed)
{
    struct naive naive = naive_create(COUNCIL_SERVICES, COUNCIL_LEVELS);
    naive.today = COUNCIL_STARTS;
    naive.speed_metres_per_hour = 35000; /* as in tests/data/model.json */
    naive.travel_limit_minutes = 30;
    for (uint32_t number = 0; number < COUNCIL_SERVICES; number++)
        council_service(seed, number, &naive.services[number]);
    for (int level = 1; level <= COUNCIL_LEVELS; level++)
        naive.contracts[level - 1] =
            (struct naive_contract){.level = level, .from = COUNCIL_FROM, .to = NAIVE_FAR};
    return naive;
}

void council_search(uint64_t *seed, struct naive_search *ret_search)
{
    const int weekday = (int)(1 + bench_roll(seed, 4));
    *ret_search = (struct naive_search){
        .wishes = {{.weekday = weekday, .part = DW__PART_OF_DAY__PART_OF_DAY_ANY},
                   {.weekday = weekday + 1, .part = DW__PART_OF_DAY__PART_OF_DAY_ANY}},
        .wishes_count = 2,
        .minutes = 240,
        .from = COUNCIL_STARTS,
        .needs = 1U << (1 + bench_roll(seed, 12)),
        .latitude = 53000000 + (int)bench_roll(seed, 500000),
        .longitude = -2700000 + (int)bench_roll(seed, 800000),
        .level = (int)bench_roll(seed, COUNCIL_LEVELS + 1),
        .funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED,
        .results_max = 20,
        .uses = {1},
        .viable_effect = DW__RULE_EFFECT__RULE_EFFECT_WARN,
    };
}

void council_search_all(uint64_t *seed, struct naive_search *ret_search)
{
    council_search(seed, ret_search);
    ret_search->wishes[0].start = 600;
    ret_search->wishes[0].end = 720;
    ret_search->weeks = 52;
    ret_search->level = (int)(1 + bench_roll(seed, COUNCIL_LEVELS));
    ret_search->access = 1U << (1 + bench_roll(seed, FEATURES));
    ret_search->modes = 1U << DW__SERVICE_MODE__SERVICE_MODE_BUILDING |
                        1U << DW__SERVICE_MODE__SERVICE_MODE_COMMUNITY;
    ret_search->kinds = 7U << 1;
    ret_search->activities = 1U << (1 + bench_roll(seed, ACTIVITIES));
    ret_search->age = (int)(18 + bench_roll(seed, 70));
    ret_search->price_limit = 12000;
    ret_search->travel_max = 40;
    ret_search->uses[2] = 1;
    ret_search->person = COUNCIL_PERSON + bench_roll(seed, COUNCIL_PEOPLE);
}
