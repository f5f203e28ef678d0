/* How long one FindCapacity takes in the council of the lookup measurement, without bus and engine: the whole query, from
 * the unpacked request to the packed answer. Once while nobody holds anything, once when many sessions are full or
 * partly taken, and then with every filter there is, for people who are elsewhere at times, while services are closed. Prints the median and the 99th percentile. No part of check. */
#include <assert.h>
#include <stdio.h>

#include "services/capacity/capacity.h"
#include "tests/support/bench.h"
#include "tests/support/closing.h"
#include "tests/support/council.h"
#include "tests/support/places.h"

enum { SEARCHES = 50000, WARM = 1000, HOLDS = 200000 };

static uint64_t seed = 2026;
static struct naive naive;

static void build(struct places *places)
{
    naive = council_create(&seed);
    (void)places_provider(places, 0);
    for (uint32_t at = 0; at < naive.contracts_count; at++)
        (void)places_contract(places, at, 0, (uint32_t)naive.contracts[at].level,
                              naive.contracts[at].from, INT32_MAX);
    for (size_t number = 0; number < naive.services_count; number++) {
        const struct naive_service *plain = &naive.services[number];
        Dw__Service *service = places_service(plain->number, 0);
        naive_service_properties(plain, service);
        (void)places_send_service(places, service);
        for (size_t at = 0; at < plain->sessions_count; at++) {
            const struct naive_session *session = &plain->sessions[at];
            (void)places_session(places, session->number, plain->number, (uint32_t)session->weekday,
                                 (uint32_t)session->start, (uint32_t)session->end, session->limits,
                                 session->from, INT32_MAX);
        }
    }
}

static void hold_many(struct places *places)
{
    for (uint32_t number = 0; number < HOLDS; number++) {
        const uint32_t service = bench_roll(&seed, COUNCIL_SERVICES);
        const uint32_t session = service * 16 + bench_roll(&seed, COUNCIL_SESSIONS_MIN);
        const int32_t from = COUNCIL_STARTS - 100 + (int32_t)bench_roll(&seed, 200);
        (void)places_hold(places, number, service, &session, 1, from,
                          bench_roll(&seed, 2) == 0 ? INT32_MAX : from + 200, NULL,
                          DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED);
    }
}

/* People whom searches are for have three places each; one service in ten closes for some weeks. */
static void make_it_hard(struct places *places)
{
    for (uint32_t number = 0; number < COUNCIL_PEOPLE * 3; number++) {
        const uint32_t service = bench_roll(&seed, COUNCIL_SERVICES);
        const uint32_t session = service * 16 + bench_roll(&seed, COUNCIL_SESSIONS_MIN);
        places->person = COUNCIL_PERSON + number / 3;
        (void)places_hold(places, HOLDS + number, service, &session, 1, COUNCIL_STARTS, INT32_MAX,
                          NULL, DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED);
    }
    for (uint32_t service = 0; service < COUNCIL_SERVICES; service += 10) {
        const int32_t from = COUNCIL_STARTS + (int32_t)bench_roll(&seed, 365);
        (void)closing_declare(places, service, service, NULL, 0, from,
                              from + (int32_t)bench_roll(&seed, 180));
    }
}

typedef void make_search(uint64_t *seed, struct naive_search *ret_search);

static int64_t search(struct places *places, struct arena *arena, make_search *make,
                      uint64_t *ret_bytes)
{
    static struct answer answer;
    struct naive_search search;
    make(&seed, &search);
    const Dw__FindCapacity *find = naive_message(&search);
    const struct principal principal = {.name = "bench", .role = DW__ROLE__ROLE_BROKER};
    const struct context ctx = {.now_ms = places->now_ms,
                                .today = places->today,
                                .principal = &principal,
                                .model = &places_model()->base};
    const int64_t begin_ns = bench_now_ns();
    arena_reset(arena);
    answer = (struct answer){.service = &capacity_service, .arena = arena};
    capacity_service.queries[0].query(pure_state(places->pure), &find->base, &ctx, NULL, &answer);
    const int64_t took_ns = bench_now_ns() - begin_ns;
    assert(answer.given && answer.outcome == DECISION_YES);
    *ret_bytes += answer.body.len;
    return took_ns;
}

static void measure(struct places *places, make_search *make, const char *name)
{
    static int64_t times_ns[SEARCHES];
    struct arena *arena = arena_create(1 << 20);
    uint64_t bytes = 0;
    for (int at = -WARM; at < SEARCHES; at++) {
        const int64_t took_ns = search(places, arena, make, &bytes);
        if (at >= 0)
            times_ns[at] = took_ns;
    }
    printf("%s: median %.1f us, 99 %% under %.1f us, an answer has %.0f bytes\n", name,
           (double)bench_percentile(times_ns, SEARCHES, 500) / 1000,
           (double)bench_percentile(times_ns, SEARCHES, 990) / 1000,
           (double)bytes / (SEARCHES + WARM));
    arena_destroy(&arena);
}

int main(void)
{
    struct places places = places_open();
    build(&places);
    measure(&places, council_search, "empty");
    hold_many(&places);
    measure(&places, council_search, "busy ");
    make_it_hard(&places);
    measure(&places, council_search, "hard ");
    measure(&places, council_search_all, "all  ");
    places_close(&places);
    naive_destroy(&naive);
    return 0;
}
