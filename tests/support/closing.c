/* See closing.h. */
#include "tests/support/closing.h"

#include <string.h>

#include "common/arena.h"

enum { EVENTS_MEMORY_MAX = 64 * 1024 * 1024 };

static struct pure_outcome send(struct places *places, const ProtobufCMessage *command)
{
    return pure_command(places->pure, command, DW__ROLE__ROLE_QUALITY_OFFICER, places->now_ms,
                        places->today);
}

struct pure_outcome closing_declare(struct places *places, uint32_t number, uint32_t service,
                                    const uint32_t *sessions, size_t count, int32_t from,
                                    int32_t to)
{
    const struct id id = places_id('x', number), service_id = places_id('s', service);
    struct id ids[128];
    ProtobufCBinaryData data[128];
    Dw__Date first = DW__DATE__INIT, last = DW__DATE__INIT;
    Dw__DeclareClosure command = DW__DECLARE_CLOSURE__INIT;
    for (size_t at = 0; at < count; at++) {
        ids[at] = places_id('t', sessions[at]);
        data[at] = id_to_data(&ids[at]);
    }
    first.days = from;
    last.days = to;
    command.closure_id = id_to_data(&id);
    command.service_id = id_to_data(&service_id);
    command.n_session_ids = count;
    command.session_ids = data;
    command.from = &first;
    command.to = to == INT32_MAX ? NULL : &last;
    command.reason = DW__CLOSURE_REASON__CLOSURE_REASON_BUILDING;
    return send(places, &command.base);
}

struct pure_outcome closing_lift(struct places *places, uint32_t number, int32_t from)
{
    const struct id id = places_id('x', number);
    Dw__Date date = DW__DATE__INIT;
    Dw__LiftClosure command = DW__LIFT_CLOSURE__INIT;
    date.days = from;
    command.closure_id = id_to_data(&id);
    command.from = &date;
    return send(places, &command.base);
}

struct pure_outcome closing_limits(struct places *places, uint32_t session, int32_t from,
                                   const int limits[6], bool strand)
{
    const struct id id = places_id('t', session);
    Dw__LimitAmount amounts[6], *list[6];
    Dw__Date date = DW__DATE__INIT;
    Dw__ChangeLimits command = DW__CHANGE_LIMITS__INIT;
    for (int limit = 0; limit < 6; limit++) {
        if (limit > 0 && limits[limit] == 0)
            continue; /* places are always named */
        amounts[command.n_limits] = (Dw__LimitAmount)DW__LIMIT_AMOUNT__INIT;
        amounts[command.n_limits].kind = (Dw__LimitKind)(limit + 1);
        amounts[command.n_limits].amount = (uint32_t)limits[limit];
        list[command.n_limits] = &amounts[command.n_limits];
        command.n_limits++;
    }
    date.days = from;
    command.session_id = id_to_data(&id);
    command.from = &date;
    command.limits = list;
    command.strand = strand;
    return send(places, &command.base);
}

struct pure_outcome closing_end(struct places *places, uint32_t session, int32_t last, bool strand)
{
    const struct id id = places_id('t', session);
    Dw__Date date = DW__DATE__INIT;
    Dw__EndSession command = DW__END_SESSION__INIT;
    date.days = last;
    command.session_id = id_to_data(&id);
    command.last = &date;
    command.strand = strand;
    return send(places, &command.base);
}

const void *closing_event(const struct pure_outcome *outcome, size_t at,
                          const ProtobufCMessageDescriptor *type)
{
    if (at >= outcome->events_count || outcome->decision->events[at].row->type != type)
        return NULL;
    static struct arena *arena; /* as long as the program */
    if (arena == NULL)
        arena = arena_create(EVENTS_MEMORY_MAX);
    const struct packed body = outcome->decision->events[at].body;
    return protobuf_c_message_unpack(type, arena_allocator(arena), body.len, body.bytes);
}

uint32_t closing_free(struct places *places, uint32_t service, uint32_t session, int32_t date)
{
    const struct id service_id = places_id('s', service), session_id = places_id('t', session);
    Dw__Date from = DW__DATE__INIT;
    Dw__Occupancy query = DW__OCCUPANCY__INIT;
    from.days = date;
    query.service_id = id_to_data(&service_id);
    query.from = &from;
    query.weeks = 1;
    const Dw__OccupancyFound *found = pure_query(places->pure, &query.base, DW__ROLE__ROLE_BROKER,
                                                 places->now_ms, places->today, NULL);
    for (size_t at = 0; at < found->n_sessions; at++)
        if (memcmp(found->sessions[at]->session_id.data, session_id.bytes,
                   sizeof session_id.bytes) == 0)
            return found->sessions[at]->free[0];
    return UINT32_MAX;
}
