/* FindCapacity over the bus: 10,000 services × 5–10 sessions in one authority, random homes, days and needs from a seed, 1 %
 * holds mixed in, ranked top 20, no cache of answers. Then some services close, some take nobody new, and the same plain searches
 * take turns with such as ask for everything at once: every filter, a person who is elsewhere at times, near misses and why others
 * were left out as always. At the end 1,000 answers of each are compared with the naive model's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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
    HOLDS_FIRST = 1000000, /* their numbers */
    HOLDS_EACH = 3,        /* of a person whom searches are for */
    CLOSE_EVERY =
        10, /* so many services have one that is or will be closed for some weeks, or for ever */
    SUSPEND_EVERY = 50,
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
    Dw__LimitAmount places = DW__LIMIT_AMOUNT__INIT, wheelchairs = DW__LIMIT_AMOUNT__INIT;
    Dw__LimitAmount *limits[] = {&places, &wheelchairs};
    Dw__SetSession set = DW__SET_SESSION__INIT;
    Dw__Session session = DW__SESSION__INIT;
    from.days = plain->from;
    places.kind = DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    places.amount = (uint32_t)plain->limits[0];
    wheelchairs.kind = DW__LIMIT_KIND__LIMIT_KIND_WHEELCHAIR_SPACES;
    wheelchairs.amount = (uint32_t)plain->limits[2];
    session.session_id = id_to_data(&session_id);
    session.service_id = id_to_data(service_id);
    session.weekday = (uint32_t)plain->weekday;
    session.start_minutes = (uint32_t)plain->start;
    session.end_minutes = (uint32_t)plain->end;
    session.limits = limits;
    session.n_limits = 2;
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

/* A hold that is asked for. */
struct asked {
    struct naive_session *session;
    struct naive_hold hold;
};

/* The naive model takes the place too; a place that is refused is one that nobody has left, or the person is elsewhere. */
static void on_held(void *context, const struct client_answer *answer)
{
    struct asked *asked = context;
    answered++;
    if (strcmp(answer->type, "Accepted") == 0)
        naive_hold(asked->session, &asked->hold);
    else if (strcmp(answer->type, "Refused") != 0)
        fail_msg("%s", answer->type);
    free(asked);
}

/* For the person of that number; known: searches may be for them. */
static void hold_for(uint32_t number, uint32_t person, bool known)
{
    struct naive_service *service = &naive.services[bench_roll(&seed, COUNCIL_SERVICES)];
    struct asked *asked = malloc(sizeof *asked);
    assert_non_null(asked);
    *asked = (struct asked){
        .session = &service->sessions[bench_roll(&seed, (uint32_t)service->sessions_count)],
        .hold = {
            .person = known ? person : 0, .from = COUNCIL_STARTS, .to = NAIVE_FAR, .uses = {1}}};
    const struct id hold_id = places_id('h', number);
    const struct id service_id = places_id('s', service->number);
    const struct id person_id = places_id('n', person);
    const struct id session_id = places_id('t', asked->session->number);
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
    client_ask(client, rig_authority, "capacity", &hold.base, NULL, RIG_WAIT_MS, on_held, asked);
}

static void hold_one(uint32_t number)
{
    hold_for(number, number, false);
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

/* --- what stands against a place --------------------------------------------------------------------------------------- */

/* From a day of the first year on, for up to half a year or until it is lifted. */
static void close_service(struct naive_service *service)
{
    const struct id closure_id = places_id('x', service->number);
    const struct id service_id = places_id('s', service->number);
    Dw__Date first = DW__DATE__INIT, last = DW__DATE__INIT;
    Dw__DeclareClosure command = DW__DECLARE_CLOSURE__INIT;
    first.days = COUNCIL_STARTS + (int)bench_roll(&seed, 365);
    last.days = bench_roll(&seed, 4) == 0 ? NAIVE_FAR : first.days + (int)bench_roll(&seed, 180);
    command.closure_id = id_to_data(&closure_id);
    command.service_id = id_to_data(&service_id);
    command.from = &first;
    command.to = last.days == NAIVE_FAR ? NULL : &last;
    command.reason = DW__CLOSURE_REASON__CLOSURE_REASON_BUILDING;
    build(&command.base);
    for (size_t at = 0; at < service->sessions_count; at++) {
        struct naive_session *session = &service->sessions[at];
        session->closures[session->closures_count++] =
            (struct naive_closure){service->number, first.days, last.days};
    }
}

static void suspend_service(struct naive_service *service)
{
    const struct id provider_id = town_id('p', 0);
    const struct id service_id = places_id('s', service->number);
    Dw__SuspendNewPlacements command = DW__SUSPEND_NEW_PLACEMENTS__INIT;
    command.provider_id = id_to_data(&provider_id);
    command.service_id = id_to_data(&service_id);
    command.reason = DW__SUSPENSION_REASON__SUSPENSION_REASON_STAFFING;
    build(&command.base);
    service->is_suspended = true;
}

/* People have places, and some services close or take nobody new. */
static void make_it_hard(void)
{
    for (uint32_t number = 0; number < COUNCIL_PEOPLE * HOLDS_EACH; number++) {
        hold_for(HOLDS_FIRST + number, COUNCIL_PERSON + number / HOLDS_EACH, true);
        wait_until_built();
    }
    for (size_t number = 0; number < naive.services_count; number += CLOSE_EVERY)
        close_service(&naive.services[number]);
    for (size_t number = 1; number < naive.services_count; number += SUSPEND_EVERY)
        suspend_service(&naive.services[number]);
    wait_until_built();
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

/* One after the other, so that both have the same weather. */
static void measure_all_filters(void)
{
    static int64_t plain[ROUNDS], all[ROUNDS];
    struct naive_search search;
    for (int at = -200; at < 2 * ROUNDS; at++) {
        if (at % 2 == 0)
            council_search(&seed, &search);
        else
            council_search_all(&seed, &search);
        const int64_t begin_ns = bench_now_ns();
        ask(&search, on_found);
        while (client_waiting(client) > 0)
            client_turn(client);
        if (at >= 0)
            (at % 2 == 0 ? plain : all)[at / 2] = bench_now_ns() - begin_ns;
    }
    const double plain_us = (double)bench_percentile(plain, ROUNDS, 500) / 1000;
    const double all_us = (double)bench_percentile(all, ROUNDS, 500) / 1000;
    bench_report("lookup_all_p50", all_us, "us", bench_earlier("echo_p50"), "echo_p50");
    bench_report("lookup_all_plain", all_us, "us", plain_us, "plain beside it");
    bench_report("lookup_all_p99", (double)bench_percentile(all, ROUNDS, 990) / 1000, "us",
                 (double)bench_percentile(plain, ROUNDS, 990) / 1000, "plain beside it");
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

static void compare(void (*make_search)(uint64_t *seed, struct naive_search *ret_search),
                    uint32_t first_hold)
{
    struct naive_search search;
    const int64_t begin_ns = bench_now_ns();
    for (uint32_t number = 0; number < COMPARED; number++) {
        if (number % HOLD_EVERY == 0)
            hold_one(first_hold + number);
        while (client_waiting(client) > 0)
            client_turn(client);
        make_search(&seed, &search);
        ask(&search, on_compared);
        while (client_waiting(client) > 0)
            client_turn(client);
    }
    printf("  compared in %.1f s: %zu services told, %zu near misses too far\n",
           (double)(bench_now_ns() - begin_ns) / 1e9, naive.seen.found,
           naive.seen.near[DW__SEARCH_RULE__SEARCH_RULE_TRAVEL]);
}

int main(void)
{
    struct rig *rig = rig_create("tests/data/model.json");
    rig_start(rig, "capacity");
    client = rig_client(rig, "operator");
    build_council();
    measure_alone();
    measure_in_flight();
    make_it_hard();
    measure_all_filters();
    compare(council_search, ROUNDS + PIPELINED);
    compare(council_search_all, ROUNDS + PIPELINED + COMPARED);
    bench_report("lookup_equal", 2 * COMPARED, "answers", 2 * COMPARED,
                 "answers of the naive model");
    client_destroy(&client);
    rig_destroy(&rig);
    naive_destroy(&naive);
    return 0;
}
