/* How memory and search grow with the services: 1,000, 10,000 and 100,000 of them, each with 5 to 10 sessions, on as much more land,
 * in one process, without bus and engine. A search over all the land looks at ten times as many services and may take ten times as
 * long; one within ten minutes of travel finds as many as before. Memory is what the process has from malloc, after searches have
 * made what they keep. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/text.h"
#include "services/capacity/capacity.h"
#include "tests/support/bench.h"
#include "tests/support/council.h"
#include "tests/support/places.h"

enum {
    SIZES = 3,
    FACTOR = 10, /* from one size to the next */
    SMALLEST = 1000,
    WARM = 200,
    SEARCHES = 1000, /* in all, of the smallest: fewer where each takes long */
    SEARCHES_MIN = 200,
    EVERYWHERE_MINUTES = 600, /* 270 km: beyond the corners of the largest */
    NEAR_MINUTES = 10,
    LAND_LATITUDE_E6 = 158000, /* 17.5 km: 1,000 services lie as close together as a council's do */
    LAND_LONGITUDE_E6 = 253000,
    SOUTH_E6 = 52100000,
    WEST_E6 = -3500000,
};

struct figures {
    uint32_t services;
    double bytes; /* each service */
    double everywhere_us;
    double near_us;
    double found_near;
};

static uint64_t seed = 2026;

/* The side of the land that so many services lie on. */
static uint32_t side(uint32_t of_smallest, uint32_t services)
{
    uint64_t squared = (uint64_t)of_smallest * of_smallest * (services / SMALLEST);
    uint32_t root = of_smallest;
    while ((uint64_t)root * root < squared)
        root += 100;
    return root;
}

static void put_somewhere(uint32_t services, int *ret_latitude, int *ret_longitude)
{
    *ret_latitude = SOUTH_E6 + (int)bench_roll(&seed, side(LAND_LATITUDE_E6, services));
    *ret_longitude = WEST_E6 + (int)bench_roll(&seed, side(LAND_LONGITUDE_E6, services));
}

static void add_service(struct places *places, uint32_t number, uint32_t services)
{
    struct naive_service plain;
    council_service(&seed, number, &plain);
    put_somewhere(services, &plain.latitude, &plain.longitude);
    Dw__Service *service = places_service(number, 0);
    naive_service_properties(&plain, service);
    assert_int_equal(places_send_service(places, service).outcome, DECISION_YES);
    for (size_t at = 0; at < plain.sessions_count; at++) {
        const struct naive_session *session = &plain.sessions[at];
        assert_int_equal(places_session(places, session->number, number, (uint32_t)session->weekday,
                                        (uint32_t)session->start, (uint32_t)session->end,
                                        session->limits, session->from, INT32_MAX)
                             .outcome,
                         DECISION_YES);
    }
}

static double bytes_in_use(void)
{
    const struct mallinfo2 info = mallinfo2();
    return (double)info.uordblks + (double)info.hblkhd;
}

/* One search from somewhere on the land; returns nanoseconds. */
static int64_t search(struct places *places, struct arena *arena, uint32_t services, int minutes,
                      uint64_t *ret_fitting)
{
    static struct answer answer;
    struct naive_search wish;
    council_search(&seed, &wish);
    put_somewhere(services, &wish.latitude, &wish.longitude);
    wish.travel_max = minutes;
    const Dw__FindCapacity *find = naive_message(&wish);
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
    assert_true(answer.given && answer.outcome == DECISION_YES);
    Dw__CapacityFound *found = dw__capacity_found__unpack(NULL, answer.body.len, answer.body.bytes);
    assert_non_null(found);
    *ret_fitting += found->services_fitting;
    dw__capacity_found__free_unpacked(found, NULL);
    return took_ns;
}

/* The median in microseconds; ret_fitting: services that fit, on average. */
static double measure_search(struct places *places, uint32_t services, int minutes,
                             double *ret_fitting)
{
    static int64_t times_ns[SEARCHES];
    struct arena *arena = arena_create(1 << 20);
    uint64_t fitting = 0;
    uint64_t ignored = 0;
    int count = SEARCHES * SMALLEST / (int)services;
    count = count > SEARCHES_MIN ? count : SEARCHES_MIN;
    for (int at = 0; at < WARM; at++)
        (void)search(places, arena, services, minutes, &ignored);
    for (int at = 0; at < count; at++)
        times_ns[at] = search(places, arena, services, minutes, &fitting);
    arena_destroy(&arena);
    *ret_fitting = (double)fitting / count;
    return (double)bench_percentile(times_ns, (size_t)count, 500) / 1000;
}

static struct figures measure(uint32_t services)
{
    struct figures figures = {.services = services};
    double found_everywhere;
    const double before = bytes_in_use();
    struct places places = places_open();
    (void)places_provider(&places, 0);
    for (uint32_t level = 1; level <= COUNCIL_LEVELS; level++)
        (void)places_contract(&places, level, 0, level, COUNCIL_FROM, INT32_MAX);
    for (uint32_t number = 0; number < services; number++)
        add_service(&places, number, services);
    figures.everywhere_us =
        measure_search(&places, services, EVERYWHERE_MINUTES, &found_everywhere);
    figures.near_us = measure_search(&places, services, NEAR_MINUTES, &figures.found_near);
    figures.bytes = (bytes_in_use() - before) / services;
    printf("  %6u services: %6.0f bytes each, a search %9.1f us of %.0f that fit, near %7.1f us of "
           "%.1f\n",
           services, figures.bytes, figures.everywhere_us, found_everywhere, figures.near_us,
           figures.found_near);
    places_close(&places);
    return figures;
}

/* How many times as much as with a tenth of the services. */
static void report_growth(const char *what, uint32_t services, double value, double before,
                          double limit, const char *limit_name)
{
    char name[64];
    (void)text_format(name, sizeof name, "timetable_%s_%u", what, services);
    bench_report(name, value / before, "times", limit, limit_name);
}

int main(void)
{
    struct figures figures[SIZES];
    uint32_t services = SMALLEST;
    for (size_t at = 0; at < SIZES; at++, services *= FACTOR)
        figures[at] = measure(services);
    bench_report("timetable_memory", figures[SIZES - 1].bytes, "bytes each", figures[0].bytes,
                 "each of 1,000");
    bench_report("timetable_search", figures[SIZES - 1].everywhere_us, "us",
                 figures[0].everywhere_us * FACTOR * FACTOR, "100 x 1,000's");
    bench_report("timetable_near", figures[SIZES - 1].near_us, "us",
                 figures[SIZES - 1].everywhere_us, "everywhere");
    for (size_t at = 1; at < SIZES; at++) {
        const struct figures *now = &figures[at], *before = &figures[at - 1];
        report_growth("memory", now->services, now->bytes * now->services,
                      before->bytes * before->services, FACTOR, "the services'");
        report_growth("search", now->services, now->everywhere_us, before->everywhere_us, FACTOR,
                      "the services'");
        report_growth("near", now->services, now->near_us, before->near_us, FACTOR,
                      "the services'");
    }
    return 0;
}
