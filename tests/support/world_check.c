/* See world.h. What must be true at the end: records are the fold of events, and their order means nothing. */
#include "tests/support/world_internal.h"

#include "common/calendar.h"
#include "common/entities_store.h"

#include <assert.h>
#include <string.h>

#include "services/capacity/state.h"

void world_ask_everything(struct world *world)
{
    for (size_t place = 0; place < SERVICES; place++) {
        const struct query_row *row = world_services[place]->queries;
        for (; world->members[place].pure != NULL && row != NULL && row->type != NULL; row++) {
            struct form form = {0};
            world_do_query(world, place, row, &form);
        }
    }
}

static void check_same(const struct member *member, struct pure *again)
{
    const struct entities *entities = pure_entities(member->pure);
    const struct entities *others = pure_entities(again);
    struct buffer one = {0};
    struct buffer other = {0};
    assert(entities_total(entities) == entities_total(others));
    for (uint8_t kind = 1; member->service->kinds[kind].type != NULL; kind++)
        for (size_t at = 0; at < entities_count(entities, kind); at++) {
            struct entity_key key;
            (void)entities_at(entities, kind, at, &key);
            assert(entities_get(others, kind, &key.id, key.part) != NULL);
            buffer_clear(&one);
            buffer_clear(&other);
            entities_value(entities, &key, &one);
            entities_value(others, &key, &other);
            assert(one.len == other.len && memcmp(one.bytes, other.bytes, one.len) == 0);
        }
    buffer_free(&one);
    buffer_free(&other);
}

static void check_fold(struct world *world, const struct member *member)
{
    struct pure *again = pure_create(member->service, world->model);
    for (size_t at = 0; at < world_told_count(member); at++) {
        const struct told *told = world_told_at(member, at);
        if (told->row != NULL) {
            pure_evolve(again, told->row, told->body, told->now_ms, &told->principal);
            continue;
        }
        ProtobufCMessage *message = protobuf_c_message_unpack(
            told->type, arena_allocator(world->arena), told->body.len, told->body.bytes);
        assert(message != NULL);
        const struct foreign_event event = {.service = told->service,
                                            .seq = 1,
                                            .recorded_ms = told->now_ms,
                                            .command_id = form_id(1),
                                            .principal = &told->principal,
                                            .message = message};
        (void)pure_react(again, &event, told->now_ms, calendar_london_date(told->now_ms));
    }
    check_same(member, again);
    pure_destroy(&again);
}

static void check_answers(struct world *world, size_t place)
{
    struct member *member = &world->members[place];
    struct packed answers[QUERIES_KEPT];
    const size_t count =
        member->questions_count < QUERIES_KEPT ? member->questions_count : QUERIES_KEPT;
    for (size_t at = 0; at < count; at++)
        answers[at] = world_ask(world, place, &member->questions[at]);
    if (count > 0)
        pure_reload(member->pure);
    for (size_t at = 0; at < count; at++) {
        const struct packed again = world_ask(world, place, &member->questions[at]);
        assert(again.len == answers[at].len &&
               memcmp(again.bytes, answers[at].bytes, again.len) == 0);
    }
}

void world_check(struct world *world)
{
    const struct member *capacity = &world->members[CAPACITY];
    if (capacity->pure != NULL)
        for (size_t state = 0; state < BOOKING_STATES; state++)
            for (size_t moved = 0; moved < MOVED_COUNT; moved++)
                assert(pure_state(capacity->pure)->moves_ignored[state][moved] == 0);
    for (size_t place = 0; place < SERVICES; place++)
        if (world->members[place].pure != NULL) {
            if (world_told_count(&world->members[place]) > world->members[place].believed)
                check_fold(world, &world->members[place]);
            check_answers(world, place);
        }
}

void world_believe(struct world *world)
{
    for (size_t place = 0; place < SERVICES; place++)
        world->members[place].believed = world_told_count(&world->members[place]);
}
