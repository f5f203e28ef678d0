/* Looking things up: a service, all services, how full one is. The search stands in query_find.c. */
#include "services/capacity/query.h"

#include "services/capacity/decide.h"

enum {
    PAGE_MAX = 200, /* services of one answer: under 64 KiB */
    PAGE_DEFAULT = 50,
    OCCUPANCY_DAYS = 366,
};

/* The service's number in the directory; refuses or finds invalid when there is none. */
static bool read_service(const struct state *state, const ProtobufCBinaryData *data,
                         struct answer *answer, uint32_t *ret_number)
{
    struct id id;
    if (!id_from_data(data, &id)) {
        answer_invalid(answer, "service_id", "An id is 16 bytes that are not all zero.");
        return false;
    }
    const uint32_t number = directory_find(state->directory, &id);
    if (number == NO_OFFER) {
        answer_refuse(answer, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SERVICE_UNKNOWN,
                      "No such service is registered.");
        return false;
    }
    *ret_number = number;
    return true;
}

static const Dw__Service *service_at(const struct state *state, uint32_t number)
{
    return capacity_service_record(state, &state->directory->offers[number].service_id);
}

static const Dw__Provider *provider_of(const struct state *state, const Dw__Service *service)
{
    struct id id = {{0}};
    id_from_data(&service->provider_id, &id);
    return capacity_provider(state, &id);
}

void capacity_query_get_service(const struct state *state, const ProtobufCMessage *message,
                                const struct context *ctx, struct vault *vault,
                                struct answer *answer)
{
    (void)ctx, (void)vault;
    const Dw__GetService *request = (const Dw__GetService *)message;
    uint32_t number;
    if (!read_service(state, &request->service_id, answer, &number))
        return;
    const struct offer *offer = &state->directory->offers[number];
    const Dw__Service *service = service_at(state, number);
    const Dw__Provider *provider = provider_of(state, service);
    Dw__ServiceFound found = DW__SERVICE_FOUND__INIT;
    found.service = (Dw__Service *)(uintptr_t)service;
    found.provider_reference = provider->reference;
    found.provider_name = provider->name;
    found.sessions = answer_alloc(answer, (offer->slots_count + 1) * sizeof found.sessions[0]);
    for (; found.n_sessions < offer->slots_count; found.n_sessions++)
        found.sessions[found.n_sessions] = (Dw__Session *)(uintptr_t)capacity_session(
            state, &offer->slots[found.n_sessions].session_id);
    answer_give(answer, &found.base);
}

void capacity_query_list_services(const struct state *state, const ProtobufCMessage *message,
                                  const struct context *ctx, struct vault *vault,
                                  struct answer *answer)
{
    (void)ctx, (void)vault;
    const Dw__ListServices *request = (const Dw__ListServices *)message;
    if (request->limit > PAGE_MAX) {
        answer_invalid(answer, "limit", "A page has at most %d services.", PAGE_MAX);
        return;
    }
    const size_t limit = request->limit == 0 ? PAGE_DEFAULT : request->limit;
    const struct directory *directory = state->directory;
    Dw__ServicesListed listed = DW__SERVICES_LISTED__INIT;
    listed.services = answer_alloc(answer, limit * sizeof listed.services[0]);
    Dw__ServiceListed *rows = answer_alloc(answer, limit * sizeof rows[0]);
    size_t at = directory_after(directory, request->after);
    for (; at < directory->count && listed.n_services < limit; at++) {
        Dw__ServiceListed *row = &rows[listed.n_services];
        *row = (Dw__ServiceListed)DW__SERVICE_LISTED__INIT;
        row->service = (Dw__Service *)(uintptr_t)service_at(state, directory->by_reference[at]);
        row->provider_reference = provider_of(state, row->service)->reference;
        listed.services[listed.n_services++] = row;
    }
    if (at < directory->count && listed.n_services > 0)
        listed.next = rows[listed.n_services - 1].service->reference;
    answer_give(answer, &listed.base);
}

/* --- occupancy ---------------------------------------------------------------------------------------------------- */

/* The dates of a request on which a session runs. */
static void clip(const struct slot *slot, const Dw__Occupancy *request, int32_t *ret_first,
                 int32_t *ret_last)
{
    *ret_first = slot->from > request->from->days ? slot->from : request->from->days;
    *ret_last = slot->to < request->to->days ? slot->to : request->to->days;
}

static void count_slot(const struct state *state, const struct slot *slot,
                       const Dw__Occupancy *request, Dw__SessionOccupancy *rows, size_t *count)
{
    const struct amounts *limits = timetable_limits(state->timetable, slot->row);
    int32_t first;
    int32_t last;
    clip(slot, request, &first, &last);
    for (size_t limit = 0; limit < LIMITS; limit++) {
        struct timetable_sums sums = {0};
        if (first <= last)
            sums = timetable_count(state->timetable, slot->row, limit, first, last);
        if (limits->of[limit] == 0 && sums.held + sums.confirmed == 0)
            continue;
        Dw__SessionOccupancy *row = &rows[(*count)++];
        *row = (Dw__SessionOccupancy)DW__SESSION_OCCUPANCY__INIT;
        row->session_id = id_to_data(&slot->session_id);
        row->kind = (Dw__LimitKind)(limit + 1);
        row->limit = limits->of[limit];
        row->sittings = sums.sittings;
        row->held = sums.held;
        row->confirmed = sums.confirmed;
        if (first <= last)
            row->peak = timetable_peak(state->timetable, slot->row, limit, first, last);
    }
}

void capacity_query_occupancy(const struct state *state, const ProtobufCMessage *message,
                              const struct context *ctx, struct vault *vault, struct answer *answer)
{
    (void)vault;
    const Dw__Occupancy *request = (const Dw__Occupancy *)message;
    uint32_t number;
    if (!capacity_date_valid(request->from) || !capacity_date_valid(request->to) ||
        request->to->days < request->from->days ||
        request->to->days - request->from->days >= OCCUPANCY_DAYS) {
        answer_invalid(answer, "to", "Two dates are needed, at most %d days.", OCCUPANCY_DAYS);
        return;
    }
    if (!read_service(state, &request->service_id, answer, &number))
        return;
    timetable_roll(state->timetable, ctx->today);
    const struct offer *offer = &state->directory->offers[number];
    const size_t rows_max = (size_t)offer->slots_count * LIMITS + 1;
    Dw__SessionOccupancy *rows = answer_alloc(answer, rows_max * sizeof rows[0]);
    Dw__OccupancyCounted counted = DW__OCCUPANCY_COUNTED__INIT;
    counted.sessions = answer_alloc(answer, rows_max * sizeof counted.sessions[0]);
    for (size_t at = 0; at < offer->slots_count; at++)
        count_slot(state, &offer->slots[at], request, rows, &counted.n_sessions);
    for (size_t at = 0; at < counted.n_sessions; at++)
        counted.sessions[at] = &rows[at];
    answer_give(answer, &counted.base);
}
