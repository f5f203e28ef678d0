/* FindCapacity over the bus: 10,000 services × 5–10 sessions in one authority, random homes, days and needs from a seed, 1 %
 * holds mixed in, ranked top 20, no cache of answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/bench.h"
#include "tests/support/town.h"

enum {
    SERVICES = 10000,
    SESSIONS_MIN = 5,
    SESSIONS_MAX = 10,
    BUILD_WINDOW = 512,
    ROUNDS = 4000,
    PIPELINED = 40000,
    WINDOW = 64
};

static uint64_t seed = 2026;
static struct client *client;
static uint64_t answered;
static uint64_t matched;

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

static void build_session(uint32_t service, uint32_t number)
{
    const struct id session_id = town_id('t', service * 16 + number);
    const struct id service_id = town_id('s', service);
    Dw__Date from = DW__DATE__INIT;
    Dw__LimitAmount limit = DW__LIMIT_AMOUNT__INIT;
    Dw__LimitAmount *limits[] = {&limit};
    Dw__SetSession set = DW__SET_SESSION__INIT;
    Dw__Session session = DW__SESSION__INIT;
    from.days = TOWN_FROM;
    limit.kind = DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    limit.amount = 1 + bench_roll(&seed, 12);
    session.session_id = id_to_data(&session_id);
    session.service_id = id_to_data(&service_id);
    session.weekday = 1 + number % 5;
    session.start_minutes = number < 5 ? 570 : 780;
    session.end_minutes = session.start_minutes + 180;
    session.limits = limits;
    session.n_limits = 1;
    session.from = &from;
    set.session = &session;
    build(&set.base);
}

static void build_service(uint32_t number)
{
    const struct id service_id = town_id('s', number);
    const struct id provider_id = town_id('p', 0);
    char reference[16];
    Dw__SupportReason needs[3];
    Dw__Service service = DW__SERVICE__INIT;
    (void)snprintf(reference, sizeof reference, "S%05u", number);
    for (size_t at = 0; at < 3; at++)
        needs[at] = (Dw__SupportReason)(1 + 4 * at + bench_roll(&seed, 4));
    service.service_id = id_to_data(&service_id);
    service.provider_id = id_to_data(&provider_id);
    service.reference = service.name = reference;
    service.kind = DW__SERVICE_KIND__SERVICE_KIND_COMMUNITY_GROUP;
    service.district = 1;
    service.level = 1 + bench_roll(&seed, 3);
    service.needs = needs;
    service.n_needs = 3;
    service.mode = DW__SERVICE_MODE__SERVICE_MODE_BUILDING;
    service.latitude_e6 = 53000000 + (int32_t)bench_roll(&seed, 500000);
    service.longitude_e6 = -2700000 + (int32_t)bench_roll(&seed, 800000);
    service.price_pence = 3000 + bench_roll(&seed, 4000);
    service.price_unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    service.age_from = 18;
    Dw__RegisterService command = DW__REGISTER_SERVICE__INIT;
    command.service = &service;
    build(&command.base);
    const uint32_t sessions = SESSIONS_MIN + bench_roll(&seed, SESSIONS_MAX - SESSIONS_MIN + 1);
    for (uint32_t at = 0; at < sessions; at++)
        build_session(number, at);
}

static Dw__Date from;

static void search_for(Dw__FindCapacity *find)
{
    static Dw__WantedSession days[2];
    static Dw__WantedSession *wanted[2] = {&days[0], &days[1]};
    static Dw__SupportReason needs[1];
    *find = (Dw__FindCapacity)DW__FIND_CAPACITY__INIT;
    for (size_t at = 0; at < 2; at++) {
        days[at] = (Dw__WantedSession)DW__WANTED_SESSION__INIT;
        days[at].part = DW__PART_OF_DAY__PART_OF_DAY_ANY;
    }
    days[0].weekday = 1 + bench_roll(&seed, 4);
    days[1].weekday = days[0].weekday + 1;
    needs[0] = (Dw__SupportReason)(1 + bench_roll(&seed, 12));
    from = (Dw__Date)DW__DATE__INIT;
    from.days = 20000 + 900;
    find->wanted = wanted;
    find->n_wanted = 2;
    find->minutes_per_week = 240;
    find->from = &from;
    find->latitude_e6 = 53000000 + (int32_t)bench_roll(&seed, 500000);
    find->longitude_e6 = -2700000 + (int32_t)bench_roll(&seed, 800000);
    find->needs = needs;
    find->n_needs = 1;
    find->level = bench_roll(&seed, 4);
    find->funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    find->results_max = 20;
}

static void on_found(void *context, const struct client_answer *answer)
{
    (void)context;
    answered++;
    if (strcmp(answer->type, "CapacityFound") != 0 && strcmp(answer->type, "Accepted") != 0 &&
        strcmp(answer->type, "Refused") != 0)
        fail_msg("%s", answer->type);
    matched += answer->body.len;
}

static void hold_one(uint32_t number)
{
    const struct id hold_id = town_id('h', number);
    const struct id service_id = town_id('s', bench_roll(&seed, SERVICES));
    const struct id person_id = town_id('n', number);
    struct id session_id = town_id('t', 0);
    uint32_t service;
    memcpy(&service, service_id.bytes + 8, sizeof service);
    session_id = town_id('t', service * 16 + bench_roll(&seed, SESSIONS_MIN));
    ProtobufCBinaryData sessions[] = {id_to_data(&session_id)};
    Dw__HoldPlaces hold = DW__HOLD_PLACES__INIT;
    hold.hold_id = id_to_data(&hold_id);
    hold.service_id = id_to_data(&service_id);
    hold.person_id = id_to_data(&person_id);
    hold.session_ids = sessions;
    hold.n_session_ids = 1;
    hold.from = &from;
    hold.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    client_ask(client, rig_authority, "capacity", &hold.base, NULL, RIG_WAIT_MS, on_found, NULL);
}

static void ask_one(uint32_t number)
{
    Dw__FindCapacity find;
    search_for(&find);
    if (number % 100 == 99)
        hold_one(number);
    else
        client_ask(client, rig_authority, "capacity", &find.base, NULL, RIG_WAIT_MS, on_found,
                   NULL);
}

int main(void)
{
    static int64_t rounds[ROUNDS];
    struct rig *rig = rig_create("tests/data/model.json");
    rig_start(rig, "capacity");
    client = rig_client(rig, "operator");
    town_build(client, 0, 0);
    const int64_t building_ns = bench_now_ns();
    for (uint32_t number = 0; number < SERVICES; number++)
        build_service(number);
    while (client_waiting(client) > 0)
        client_turn(client);
    printf("  built in %.1f s\n", (double)(bench_now_ns() - building_ns) / 1e9);
    for (int at = -100; at < ROUNDS; at++) {
        const int64_t begin_ns = bench_now_ns();
        ask_one(at < 0 ? 0 : (uint32_t)at);
        while (client_waiting(client) > 0)
            client_turn(client);
        if (at >= 0)
            rounds[at] = bench_now_ns() - begin_ns;
    }
    printf("  %.0f bytes an answer\n", (double)matched / (double)answered);
    const double p99_us = (double)bench_percentile(rounds, ROUNDS, 990) / 1000;
    bench_report("lookup_p50", (double)bench_percentile(rounds, ROUNDS, 500) / 1000, "us",
                 bench_earlier("echo_p50"), "echo_p50");
    bench_report("lookup_p99", p99_us, "us", 0, NULL);
    answered = 0;
    const int64_t begin_ns = bench_now_ns();
    for (uint32_t sent = 0; answered < PIPELINED;) {
        while (sent < PIPELINED && client_waiting(client) < WINDOW)
            ask_one(ROUNDS + sent++);
        client_turn(client);
    }
    bench_report("lookup_rate", PIPELINED * 1e9 / (double)(bench_now_ns() - begin_ns), "answers/s",
                 bench_earlier("echo_rate"), "echo_rate");
    client_destroy(&client);
    rig_destroy(&rig);
    return 0;
}
