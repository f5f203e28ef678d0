/* See world.h. Who is there, and what of what they say is looked at. */
#include "tests/support/world_internal.h"

#include "common/calendar.h"
#include "common/envelope.h"
#include "common/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "services/attendance/attendance.h"
#include "services/capacity/capacity.h"
#include "services/outcomes/outcomes.h"
#include "services/placements/placements.h"
#include "services/referrals/referrals.h"
#include "services/reporting/reporting.h"

enum { MEMORY_MAX = 64 * 1024 * 1024 };

const struct service *const world_services[SERVICES] = {
    &capacity_service,   &placements_service, &referrals_service,
    &attendance_service, &outcomes_service,   &reporting_service,
};

int32_t world_today(const struct world *world)
{
    return calendar_london_date(world->now_ms);
}

const struct told *world_told_at(const struct member *member, size_t place)
{
    return (const struct told *)(const void *)member->told.bytes + place;
}

size_t world_told_count(const struct member *member)
{
    return member->told.len / sizeof(struct told);
}

struct packed world_keep(struct world *world, struct packed packed)
{
    const char *copy = arena_copy(world->arena, packed.bytes, packed.len);
    assert(copy != NULL);
    return (struct packed){(const uint8_t *)copy, packed.len};
}

/* --- what a service says ---------------------------------------------------------------------------------------------- */

static void check_text(const char *text)
{
    assert(text_is_utf8(text, strlen(text)));
}

/* What leaves a service comes in at somebody's door. */
void world_check_opens(struct world *world, const ProtobufCMessageDescriptor *type,
                       struct packed body)
{
    struct rejection rejection;
    ProtobufCMessage *message;
    assert(message_open(type, body.bytes, body.len, world->arena, &message, &rejection) == 0);
}

void world_check_no(const struct service *service, int refusal, const char *sentence,
                    const char *field, enum decision_outcome outcome)
{
    check_text(sentence);
    check_text(field);
    assert(sentence[0] != '\0');
    if (outcome == DECISION_REFUSED)
        assert(refusal != 0 &&
               protobuf_c_enum_descriptor_get_value(service->refusals, refusal) != NULL);
}

static void take_event(struct member *member, const struct emitted *event, int64_t now_ms,
                       const struct principal *principal)
{
    struct told told = {.row = event->row,
                        .type = event->row->type,
                        .body = world_keep(member->world, event->body),
                        .now_ms = now_ms,
                        .principal = *principal};
    world_check_opens(member->world, event->row->type, event->body);
    buffer_append(&member->told, &told, sizeof told);
}

static void take_decision(void *context, const struct decision *decision, int64_t now_ms,
                          const struct principal *principal)
{
    struct member *member = context;
    struct world *world = member->world;
    if (decision->outcome != DECISION_YES) {
        assert(!member->reacts);
        world_check_no(member->service, decision->refusal, decision->sentence, decision->field,
                       decision->outcome);
        return;
    }
    check_text(decision->reference);
    for (size_t at = 0; at < decision->events_count; at++)
        take_event(member, &decision->events[at], now_ms, principal);
    for (size_t at = 0; at < decision->sends_count; at++) {
        const struct outgoing *send = &decision->sends[at];
        struct asked asked = {send->type, send->about_id, world_keep(world, send->body)};
        world_check_opens(world, send->type, send->body);
        buffer_append(&member->asked, &asked, sizeof asked);
    }
    member->yes += decision->events_count > 0;
}

struct pure *world_meet(struct world *world, size_t place)
{
    struct member *member = &world->members[place];
    if (member->pure == NULL) {
        member->pure = pure_create(member->service, world->model);
        pure_watch(member->pure, take_decision, member);
    }
    return member->pure;
}

/* --- life ------------------------------------------------------------------------------------------------------------- */

struct world *world_create(const ProtobufCMessage *model)
{
    struct world *world = calloc(1, sizeof *world);
    assert(world != NULL);
    world->model = model;
    world->arena = arena_create(MEMORY_MAX);
    assert(world->arena != NULL);
    world->now_ms = calendar_london_to_utc(calendar_date(2026, 11, 23), 9 * 60);
    for (size_t place = 0; place < SERVICES; place++) {
        world->members[place].world = world;
        world->members[place].service = world_services[place];
    }
    return world;
}

void world_destroy(struct world **pointer)
{
    struct world *world = *pointer;
    if (world == NULL)
        return;
    for (size_t place = 0; place < SERVICES; place++) {
        pure_destroy(&world->members[place].pure);
        buffer_free(&world->members[place].told);
        buffer_free(&world->members[place].asked);
    }
    arena_destroy(&world->arena);
    free(world);
    *pointer = NULL;
}
