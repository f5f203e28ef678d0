/* Prints the median time of FindCapacity, answer included, over 10,000 services. Not part of check. */
#include "services/capacity/capacity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "capacity.pb-c.h"
#include "model.pb-c.h"
#include "services/capacity/state.h"
#include "tests/support/pure.h"

enum { SERVICES = 10000, PROVIDERS = 600, SEARCHES = 2000, TODAY = 20000 };

static uint64_t seed = 7;

static uint32_t chance(uint32_t bound)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % bound;
}

static struct id number_id(uint8_t kind, uint32_t number)
{
    struct id id = {{kind}};
    memcpy(id.bytes + 8, &number, sizeof number);
    return id;
}

static void add_provider(struct pure *pure, uint32_t number)
{
    const struct id id = number_id(1, number);
    const struct id contract_id = number_id(2, number);
    char reference[16];
    snprintf(reference, sizeof reference, "P%05u", number);
    Dw__RegisterProvider provider = DW__REGISTER_PROVIDER__INIT;
    provider.provider_id = id_to_data(&id);
    provider.reference = provider.name = reference;
    provider.kind = DW__PROVIDER_KIND__PROVIDER_KIND_COMPANY;
    pure_command(pure, &provider.base, DW__ROLE__ROLE_OPERATOR, 1, TODAY);
    uint32_t levels[] = {1, 2, 3, 4};
    Dw__Date from = DW__DATE__INIT;
    Dw__AgreeContract contract = DW__AGREE_CONTRACT__INIT;
    contract.contract_id = id_to_data(&contract_id);
    contract.provider_id = id_to_data(&id);
    contract.kind = DW__CONTRACT_KIND__CONTRACT_KIND_FPS;
    contract.basis = DW__PAYMENT_BASIS__PAYMENT_BASIS_PLAN;
    contract.levels = levels;
    contract.n_levels = 1 + chance(4);
    contract.from = &from;
    pure_command(pure, &contract.base, DW__ROLE__ROLE_OPERATOR, 1, TODAY);
}

static void add_sessions(struct pure *pure, uint32_t service)
{
    const struct id service_id = number_id(3, service);
    const uint32_t count = 5 + chance(6);
    const uint32_t shift = chance(10);
    for (uint32_t at = 0; at < count; at++) {
        const struct id id = number_id(4, service * 16 + at);
        const struct id hold_id = number_id(5, service * 16 + at);
        const uint32_t slot = (at + shift) % 10;
        Dw__LimitAmount amount = DW__LIMIT_AMOUNT__INIT;
        amount.kind = DW__LIMIT_KIND__LIMIT_KIND_PLACES;
        amount.amount = 4 + chance(20);
        Dw__LimitAmount *limits[] = {&amount};
        Dw__Date from = DW__DATE__INIT;
        Dw__SetSession session = DW__SET_SESSION__INIT;
        session.session_id = id_to_data(&id);
        session.service_id = id_to_data(&service_id);
        session.weekday = 1 + slot / 2;
        session.start_minute = slot % 2 == 0 ? 570 : 780;
        session.end_minute = session.start_minute + 180;
        session.limits = limits;
        session.n_limits = 1;
        session.from = &from;
        pure_command(pure, &session.base, DW__ROLE__ROLE_OPERATOR, 1, TODAY);
        ProtobufCBinaryData session_ids[] = {id_to_data(&id)};
        Dw__LimitAmount use = amount;
        use.amount = amount.amount - chance(4);
        Dw__LimitAmount *uses[] = {&use};
        Dw__Date begin = DW__DATE__INIT;
        Dw__Date end = DW__DATE__INIT;
        begin.days = TODAY + (int32_t)chance(200);
        end.days = begin.days + 7 + (int32_t)chance(400);
        Dw__HoldPlaces hold = DW__HOLD_PLACES__INIT;
        hold.hold_id = id_to_data(&hold_id);
        hold.person_id = hold.service_id = id_to_data(&service_id);
        hold.session_ids = session_ids;
        hold.n_session_ids = 1;
        hold.uses = uses;
        hold.n_uses = 1;
        hold.from = &begin;
        hold.to = chance(2) == 0 ? NULL : &end;
        hold.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
        pure_command(pure, &hold.base, DW__ROLE__ROLE_BROKER, 1, TODAY);
    }
}

static void add_service(struct pure *pure, uint32_t number)
{
    const struct id id = number_id(3, number);
    const struct id provider_id = number_id(1, chance(PROVIDERS));
    char reference[16];
    snprintf(reference, sizeof reference, "S%05u", number);
    Dw__SupportReason needs[3];
    Dw__AccessFeature access[4];
    Dw__Service service = DW__SERVICE__INIT;
    service.service_id = id_to_data(&id);
    service.provider_id = id_to_data(&provider_id);
    service.reference = service.name = reference;
    service.kind = DW__SERVICE_KIND__SERVICE_KIND_COMMUNITY_GROUP;
    service.mode = DW__SERVICE_MODE__SERVICE_MODE_BUILDING;
    service.level = 1 + chance(4);
    service.needs = needs;
    service.access = access;
    const uint32_t need = chance(9);
    for (; service.n_needs < 3; service.n_needs++)
        needs[service.n_needs] = (Dw__SupportReason)(need + service.n_needs + 1);
    const uint32_t feature = chance(6);
    for (; service.n_access < 4; service.n_access++)
        access[service.n_access] = (Dw__AccessFeature)(feature + service.n_access + 1);
    service.latitude_e6 = 53000000 + (int32_t)chance(400000);
    service.longitude_e6 = -2700000 + (int32_t)chance(700000);
    service.price_pence = 2000 + chance(6000);
    service.unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    Dw__RegisterService command = DW__REGISTER_SERVICE__INIT;
    command.service = &service;
    if (pure_command(pure, &command.base, DW__ROLE__ROLE_OPERATOR, 1, TODAY).events_count == 1)
        add_sessions(pure, number);
}

static int compare_times(const void *left, const void *right)
{
    const int64_t one = *(const int64_t *)left;
    const int64_t other = *(const int64_t *)right;
    return (one > other) - (one < other);
}

/* From the unpacked request to the packed answer. */
static int64_t search_ns(struct pure *pure, struct arena *arena, uint64_t *matched)
{
    Dw__Date from = DW__DATE__INIT;
    from.days = TODAY + 7 * (int32_t)chance(8);
    Dw__FindCapacity request = DW__FIND_CAPACITY__INIT;
    request.weekdays = UINT32_C(1) << chance(5) | UINT32_C(1) << chance(5);
    request.from = &from;
    request.weeks = chance(2) == 0 ? 0 : 12;
    request.latitude_e6 = 53000000 + (int32_t)chance(400000);
    request.longitude_e6 = -2700000 + (int32_t)chance(700000);
    request.need = (Dw__SupportReason)(1 + chance(11));
    request.level = chance(4) == 0 ? 0 : 1 + chance(4);
    request.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    const struct principal principal = {"bench", DW__ROLE__ROLE_BROKER, {{0}}};
    const struct context ctx = {.now_ms = 1, .today = TODAY, .principal = &principal};
    arena_reset(arena);
    struct answer answer = {.service = &capacity_service, .arena = arena};
    struct timespec begin;
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    capacity_service.queries[0].query(pure_state(pure), &request.base, &ctx, NULL, &answer);
    clock_gettime(CLOCK_MONOTONIC, &end);
    Dw__CapacityFound *found = dw__capacity_found__unpack(NULL, answer.body.len, answer.body.bytes);
    *matched += found->matched;
    dw__capacity_found__free_unpacked(found, NULL);
    return (end.tv_sec - begin.tv_sec) * INT64_C(1000000000) + end.tv_nsec - begin.tv_nsec;
}

int main(void)
{
    static int64_t times[SEARCHES];
    struct pure *pure = pure_create(&capacity_service, NULL);
    struct arena *arena = arena_create(4 * 1024 * 1024);
    for (uint32_t number = 0; number < PROVIDERS; number++)
        add_provider(pure, number);
    for (uint32_t number = 0; number < SERVICES; number++)
        add_service(pure, number);
    uint64_t matched = 0;
    for (size_t at = 0; at < SEARCHES; at++) /* builds the rows that are used */
        search_ns(pure, arena, &matched);
    matched = 0;
    for (size_t at = 0; at < SEARCHES; at++)
        times[at] = search_ns(pure, arena, &matched);
    qsort(times, SEARCHES, sizeof times[0], compare_times);
    printf("FindCapacity over %d services: median %.1f us, 99 of 100 under %.1f us, %.1f matches\n",
           SERVICES, (double)times[SEARCHES / 2] / 1000, (double)times[SEARCHES * 99 / 100] / 1000,
           (double)matched / SEARCHES);
    arena_destroy(&arena);
    pure_destroy(&pure);
    return 0;
}
