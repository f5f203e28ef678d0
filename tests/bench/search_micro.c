/* How long one FindCapacity takes over 10,000 services with 5 to 10 sessions each: the whole query as the engine calls
 * it, from the request to the packed answer. Prints the median and the 99th percentile. No part of check. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "services/capacity/capacity.h"
#include "tests/support/places.h"

enum { SERVICES = 10000, PROVIDERS = 300, SEARCHES = 50000, HOLDS = 100000 };

static struct places_random randomness = {UINT64_C(88172645463325252)};

static uint32_t any(uint32_t below)
{
    return places_random(&randomness, below);
}

static int64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void make_service(struct places *places, uint32_t number)
{
    Dw__SupportReason needs[3] = {(Dw__SupportReason)(1 + any(4)), (Dw__SupportReason)(5 + any(4)),
                                  (Dw__SupportReason)(9 + any(4))};
    Dw__AccessFeature access[3] = {(Dw__AccessFeature)(1 + any(4)), (Dw__AccessFeature)(5 + any(3)),
                                   (Dw__AccessFeature)(8 + any(4))};
    Dw__Service *service = places_service(number, any(PROVIDERS));
    service->n_needs = 1 + any(3);
    service->needs = needs;
    service->n_access = any(4);
    service->access = access;
    service->level = 1 + any(4);
    service->mode = (Dw__ServiceMode)(any(4) == 0 ? 1 + any(4) : 1);
    service->latitude_e6 = 53200000 + (int32_t)any(500000) - 250000; /* 55 × 53 km */
    service->longitude_e6 = -2300000 + (int32_t)any(800000) - 400000;
    service->price_pence = 1000 * (1 + any(8));
    (void)places_send_service(places, service);
    const uint32_t count = 5 + any(6);
    for (uint32_t at = 0; at < count; at++) {
        const int limits[5] = {(int)(4 + any(12)), (int)any(4), (int)any(3)};
        const uint32_t start = 540 + 60 * any(9);
        (void)places_session(places, number * 16 + at, number, 1 + at % 5, start, start + 180,
                             limits, places->today - 30, INT32_MAX);
    }
}

static void make_council(struct places *places)
{
    for (uint32_t number = 0; number < PROVIDERS; number++) {
        (void)places_provider(places, number);
        for (uint32_t level = 1; level <= 4; level++)
            (void)places_contract(places, number * 4 + level, number, level, places->today - 30,
                                  INT32_MAX);
    }
    for (uint32_t number = 0; number < SERVICES; number++)
        make_service(places, number);
    for (uint32_t number = 0; number < HOLDS; number++) {
        const uint32_t service = any(SERVICES);
        const uint32_t session = service * 16 + any(5);
        (void)places_hold(places, number, service, &session, 1, places->today,
                          any(2) == 0 ? INT32_MAX : places->today + 200, NULL,
                          DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED);
    }
}

static int64_t search(struct places *places, uint64_t *ret_bytes)
{
    Dw__WantedSession wanted[2] = {DW__WANTED_SESSION__INIT, DW__WANTED_SESSION__INIT};
    Dw__WantedSession *list[2] = {&wanted[0], &wanted[1]};
    for (uint32_t at = 0; at < 2; at++) {
        wanted[at].weekday = 1 + (any(2) + at * 2);
        wanted[at].part = (Dw__PartOfDay)(1 + any(3));
    }
    Dw__Date from = DW__DATE__INIT;
    from.days = places->today + 7;
    Dw__SupportReason need = (Dw__SupportReason)(1 + any(4));
    Dw__FindCapacity find = DW__FIND_CAPACITY__INIT;
    find.n_wanted = 2;
    find.wanted = list;
    find.from = &from;
    find.weeks = any(2) == 0 ? 0 : 26;
    find.latitude_e6 = 53200000 + (int32_t)any(300000) - 150000;
    find.longitude_e6 = -2300000 + (int32_t)any(500000) - 250000;
    find.n_needs = 1;
    find.needs = &need;
    find.level = 1 + any(4);
    find.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    find.age = 40;
    static struct answer answer;
    static struct arena *arena;
    if (arena == NULL)
        arena = arena_create(1 << 20);
    const struct principal principal = {.name = "bench", .role = DW__ROLE__ROLE_BROKER};
    const struct context ctx = {.now_ms = places->now_ms,
                                .today = places->today,
                                .principal = &principal,
                                .model = &places_model()->base};
    const int64_t start = nanoseconds();
    arena_reset(arena);
    answer = (struct answer){.service = &capacity_service, .arena = arena};
    capacity_service.queries[0].query(pure_state(places->pure), &find.base, &ctx, NULL, &answer);
    const int64_t took = nanoseconds() - start;
    assert(answer.given && answer.outcome == DECISION_YES);
    *ret_bytes += answer.body.len;
    return took;
}

static int compare(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

int main(void)
{
    static int64_t times[SEARCHES];
    struct places places = places_open();
    make_council(&places);
    uint64_t bytes = 0;
    for (int warm = 0; warm < 1000; warm++)
        (void)search(&places, &bytes);
    bytes = 0;
    for (size_t at = 0; at < SEARCHES; at++)
        times[at] = search(&places, &bytes);
    qsort(times, SEARCHES, sizeof times[0], compare);
    printf("%d services: median %.1f us, 99 %% under %.1f us, an answer has %.0f bytes\n", SERVICES,
           (double)times[SEARCHES / 2] / 1000, (double)times[SEARCHES * 99 / 100] / 1000,
           (double)bytes / SEARCHES);
    places_close(&places);
    return 0;
}
