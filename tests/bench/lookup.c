/* FindCapacity over the bus: 10,000 services × 5–10 sessions in one authority, random homes, days and needs from a seed, 1 %
 * holds mixed in, ranked top 20, no cache of answers. At the end 1,000 answers are compared with the naive model's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/bench.h"
#include "tests/support/council.h"
#include "tests/support/places.h"

enum {
    BUILD_WINDOW = 512,
    ROUNDS = 4000,
    PIPELINED = 40000,
    COMPARED = 1000,
    WINDOW = 64,
    HOLD_EVERY = 100,
};

static uint64_t seed = 2026;
static struct naive naive;
static struct client *client;
static uint64_t answered;
static uint64_t bytes;

/* --- the council -------------------------------------------------------------------------------------------------- */

static void on_built(void *context, const struct client_answer *answer)
{
    (void)context;
    if (strcmp(answer->type, "Accepted") != 0)
        fail_msg("%s: %.*s", answer->type, (int)answer->body.len, (const char *)answer->body.bytes);
}

static void build(const ProtobufCMessage *message)
{
    client_ask(client, rig_authority, "capacity", message, NULL, RIG_WAIT_MS * 3, on_built, NULL);
    while (client_waiting(client) >= BUILD_WINDOW)
        client_turn(client);
}

static void build_session(const struct id *service_id, const struct naive_session *plain)
{
    const struct id session_id = places_id('t', plain->number);
    Dw__Date from = DW__DATE__INIT;
    Dw__LimitAmount limit = DW__LIMIT_AMOUNT__INIT;
    Dw__LimitAmount *limits[] = {&limit};
    Dw__SetSession set = DW__SET_SESSION__INIT;
    Dw__Session session = DW__SESSION__INIT;
    from.days = plain->from;
    limit.kind = DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    limit.amount = (uint32_t)plain->limits[0];
    session.session_id = id_to_data(&session_id);
    session.service_id = id_to_data(service_id);
    session.weekday = (uint32_t)plain->weekday;
    session.start_minutes = (uint32_t)plain->start;
    session.end_minutes = (uint32_t)plain->end;
    session.limits = limits;
    session.n_limits = 1;
    session.from = &from;
    set.session = &session;
    build(&set.base);
}

static void build_service(const struct naive_service *plain)
{
    const struct id provider_id = town_id('p', 0);
    Dw__Service *service = places_service(plain->number, 0);
    Dw__RegisterService command = DW__REGISTER_SERVICE__INIT;
    service->provider_id = id_to_data(&provider_id);
    naive_service_properties(plain, service);
    command.service = service;
    build(&command.base);
}

static void build_sessions(const struct naive_service *plain)
{
    const struct id service_id = places_id('s', plain->number);
    for (size_t at = 0; at < plain->sessions_count; at++)
        build_session(&service_id, &plain->sessions[at]);
}

/* What is told BUSY comes later than what was sent after it, so nothing is sent that needs what is not there yet. */
static void wait_until_built(void)
{
    while (client_waiting(client) > 0)
        client_turn(client);
}

static void build_council(void)
{
    naive = council_create(&seed);
    town_build(client, 0, 0);
    const int64_t begin_ns = bench_now_ns();
    for (size_t number = 0; number < naive.services_count; number++)
        build_service(&naive.services[number]);
    wait_until_built();
    for (size_t number = 0; number < naive.services_count; number++)
        build_sessions(&naive.services[number]);
    wait_until_built();
    printf("  built in %.1f s\n", (double)(bench_now_ns() - begin_ns) / 1e9);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static void on_found(void *context, const struct client_answer *answer)
{
    (void)context;
    answered++;
    bytes += answer->body.len;
    if (strcmp(answer->type, "CapacityFound") != 0)
        fail_msg("%s", answer->type);
}

/* The naive model takes the place too; a place that is refused is one that nobody has left. */
static void on_held(void *context, const struct client_answer *answer)
{
    const struct naive_hold hold = {.from = COUNCIL_STARTS, .to = NAIVE_FAR, .uses = {1}};
    answered++;
    if (strcmp(answer->type, "Accepted") == 0)
        naive_hold(context, &hold);
    else if (strcmp(answer->type, "Refused") != 0)
        fail_msg("%s", answer->type);
}

static void hold_one(uint32_t number)
{
    struct naive_service *service = &naive.services[bench_roll(&seed, COUNCIL_SERVICES)];
    struct naive_session *session =
        &service->sessions[bench_roll(&seed, (uint32_t)service->sessions_count)];
    const struct id hold_id = places_id('h', number);
    const struct id service_id = places_id('s', service->number);
    const struct id person_id = places_id('n', number);
    const struct id session_id = places_id('t', session->number);
    ProtobufCBinaryData sessions[] = {id_to_data(&session_id)};
    Dw__Date from = DW__DATE__INIT;
    Dw__HoldPlaces hold = DW__HOLD_PLACES__INIT;
    from.days = COUNCIL_STARTS;
    hold.hold_id = id_to_data(&hold_id);
    hold.service_id = id_to_data(&service_id);
    hold.person_id = id_to_data(&person_id);
    hold.session_ids = sessions;
    hold.n_session_ids = 1;
    hold.from = &from;
    hold.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    client_ask(client, rig_authority, "capacity", &hold.base, NULL, RIG_WAIT_MS, on_held, session);
}

static void ask(const struct naive_search *search, client_answered *on_answer)
{
    client_ask(client, rig_authority, "capacity", &naive_message(search)->base, NULL, RIG_WAIT_MS,
               on_answer, (void *)(uintptr_t)search);
}

static void ask_one(uint32_t number)
{
    struct naive_search search;
    council_search(&seed, &search);
    if (number % HOLD_EVERY == HOLD_EVERY - 1)
        hold_one(number);
    else
        ask(&search, on_found);
}

/* --- what is measured --------------------------------------------------------------------------------------------- */

static void measure_alone(void)
{
    static int64_t rounds[ROUNDS];
    for (int at = -100; at < ROUNDS; at++) {
        const int64_t begin_ns = bench_now_ns();
        ask_one(at < 0 ? 0 : (uint32_t)at);
        while (client_waiting(client) > 0)
            client_turn(client);
        if (at >= 0)
            rounds[at] = bench_now_ns() - begin_ns;
    }
    printf("  %.0f bytes an answer\n", (double)bytes / (double)answered);
    const double p99_us = (double)bench_percentile(rounds, ROUNDS, 990) / 1000;
    bench_report("lookup_p50", (double)bench_percentile(rounds, ROUNDS, 500) / 1000, "us",
                 bench_earlier("echo_p50"), "echo_p50");
    bench_report("lookup_p99", p99_us, "us", 0, NULL);
}

static void measure_in_flight(void)
{
    answered = 0;
    const int64_t begin_ns = bench_now_ns();
    for (uint32_t sent = 0; answered < PIPELINED;) {
        while (sent < PIPELINED && client_waiting(client) < WINDOW)
            ask_one(ROUNDS + sent++);
        client_turn(client);
    }
    bench_report("lookup_rate", PIPELINED * 1e9 / (double)(bench_now_ns() - begin_ns), "answers/s",
                 bench_earlier("echo_rate"), "echo_rate");
}

static void on_compared(void *context, const struct client_answer *answer)
{
    assert_string_equal(answer->type, "CapacityFound");
    Dw__CapacityFound *found =
        dw__capacity_found__unpack(NULL, answer->body.len, answer->body.bytes);
    assert_non_null(found);
    naive_check(&naive, context, found);
    dw__capacity_found__free_unpacked(found, NULL);
}

static void compare(void)
{
    struct naive_search search;
    const int64_t begin_ns = bench_now_ns();
    for (uint32_t number = 0; number < COMPARED; number++) {
        if (number % HOLD_EVERY == 0)
            hold_one(ROUNDS + PIPELINED + number);
        while (client_waiting(client) > 0)
            client_turn(client);
        council_search(&seed, &search);
        ask(&search, on_compared);
        while (client_waiting(client) > 0)
            client_turn(client);
    }
    printf("  compared in %.1f s: %zu services told, %zu near misses too far\n",
           (double)(bench_now_ns() - begin_ns) / 1e9, naive.seen.found,
           naive.seen.near[DW__SEARCH_RULE__SEARCH_RULE_TRAVEL]);
    bench_report("lookup_equal", COMPARED, "answers", COMPARED, "answers of the naive model");
}

int main(void)
{
    struct rig *rig = rig_create("tests/data/model.json");
    rig_start(rig, "capacity");
    client = rig_client(rig, "operator");
    build_council();
    measure_alone();
    measure_in_flight();
    compare();
    client_destroy(&client);
    rig_destroy(&rig);
    naive_destroy(&naive);
    return 0;
}
