/* See pure.h. */
#include "tests/support/pure.h"

#include "common/entities_store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PURE_ARENA_MAX = 64 * 1024 * 1024 };

struct pure {
    const struct service *service;
    const ProtobufCMessage *model;
    struct entities *entities;
    struct state *state;
    struct arena *arena;
    struct ids ids;
    uint8_t pseudonym_key[PSEUDONYM_KEY_SIZE];
    struct id provider_id;
    uint64_t seq;
    struct table *kept; /* struct id -> struct packed, bytes from malloc */
    struct principal principal;
    const char *name;
    struct decision decision;
    pure_watcher *watcher;
    void *watcher_context;
};

struct pure *pure_create(const struct service *service, const ProtobufCMessage *model)
{
    struct pure *pure = calloc(1, sizeof *pure);
    assert(pure != NULL);
    pure->service = service;
    pure->model = model;
    pure->name = "pure";
    ids_init_seeded(&pure->ids, 1);
    pure->arena = arena_create(PURE_ARENA_MAX);
    pure->kept = table_create(sizeof(struct id), sizeof(struct packed));
    pure->entities = entities_create(service);
    pure->state = service->create(pure->entities);
    assert(pure->arena != NULL && pure->kept != NULL && pure->state != NULL);
    entities_bind(pure->entities, pure->state);
    return pure;
}

void pure_destroy(struct pure **pointer)
{
    struct pure *pure = *pointer;
    if (pure == NULL)
        return;
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(pure->kept, &position, &key, &value))
        free((void *)(uintptr_t)((struct packed *)value)->bytes);
    table_destroy(&pure->kept);
    pure->service->destroy(&pure->state);
    entities_destroy(&pure->entities);
    arena_destroy(&pure->arena);
    free(pure);
    *pointer = NULL;
}

void pure_principal_name(struct pure *pure, const char *name)
{
    pure->name = name;
}

void pure_principal_provider(struct pure *pure, const struct id *provider_id)
{
    pure->provider_id = provider_id == NULL ? (struct id){{0}} : *provider_id;
}

struct state *pure_state(struct pure *pure)
{
    return pure->state;
}

struct entities *pure_entities(struct pure *pure)
{
    return pure->entities;
}

static struct context make_context(struct pure *pure, int role, int64_t now_ms, int32_t today)
{
    pure->principal = (struct principal){pure->name, role, pure->provider_id};
    return (struct context){.now_ms = now_ms,
                            .today = today,
                            .principal = &pure->principal,
                            .model = pure->model,
                            .ids = &pure->ids,
                            .pseudonym_key = pure->pseudonym_key};
}

static void ignore_change(void *context, const void *field, size_t field_len, const void *value,
                          size_t value_len)
{
    (void)context, (void)field, (void)field_len, (void)value, (void)value_len;
}

static void keep(struct pure *pure, const struct kept *kept)
{
    struct packed *slot = table_put(pure->kept, &kept->id, NULL);
    free((void *)(uintptr_t)slot->bytes);
    uint8_t *copy = malloc(kept->record.len + 1);
    assert(copy != NULL);
    memcpy(copy, kept->record.bytes, kept->record.len);
    *slot = (struct packed){copy, kept->record.len};
}

static void forget(struct pure *pure, const struct id *vault_id)
{
    struct packed *slot = table_put(pure->kept, vault_id, NULL);
    free((void *)(uintptr_t)slot->bytes);
    *slot = (struct packed){calloc(1, 1), VAULT_EMPTIED};
    assert(slot->bytes != NULL);
}

static void evolve(struct pure *pure, const struct event_row *row, struct packed body,
                   int64_t now_ms, const struct principal *principal)
{
    ProtobufCMessage *message =
        protobuf_c_message_unpack(row->type, arena_allocator(pure->arena), body.len, body.bytes);
    assert(message != NULL);
    const struct recorded recorded = {++pure->seq, now_ms, principal};
    entities_set_seq(pure->entities, recorded.seq);
    row->evolve(pure->state, message, &recorded);
}

void pure_watch(struct pure *pure, pure_watcher *watcher, void *context)
{
    pure->watcher = watcher;
    pure->watcher_context = context;
}

void pure_evolve(struct pure *pure, const struct event_row *row, struct packed body, int64_t now_ms,
                 const struct principal *principal)
{
    arena_reset(pure->arena);
    evolve(pure, row, body, now_ms, principal);
    entities_drain(pure->entities, ignore_change, NULL);
}

static struct pure_outcome take(struct pure *pure, const struct context *ctx)
{
    const struct decision *decision = &pure->decision;
    struct pure_outcome outcome = {.outcome = decision->outcome,
                                   .refusal = decision->refusal,
                                   .sentence = decision->sentence,
                                   .field = decision->field,
                                   .reference = decision->reference,
                                   .events_count = decision->events_count,
                                   .decision = decision};
    assert(decision->outcome == DECISION_YES || decision->events_count == 0);
    assert((decision->sends_count == 0 && decision->forgets_count == 0) ||
           decision->events_count > 0);
    if (pure->watcher != NULL)
        pure->watcher(pure->watcher_context, decision, ctx->now_ms, ctx->principal);
    if (decision->events_count > 0)
        outcome.first_seq = pure->seq + 1;
    for (size_t at = 0; at < decision->events_count; at++)
        evolve(pure, decision->events[at].row, decision->events[at].body, ctx->now_ms,
               ctx->principal);
    for (size_t at = 0; at < decision->keeps_count; at++)
        keep(pure, &decision->keeps[at]);
    for (size_t at = 0; at < decision->forgets_count; at++)
        forget(pure, &decision->forgets[at]);
    entities_drain(pure->entities, ignore_change, NULL);
    return outcome;
}

/* The message as it would arrive: packed and unpacked, so that nothing points at the caller; see pure_watch for the
 * exception. */
static const ProtobufCMessage *arrive(struct pure *pure, const ProtobufCMessage *message)
{
    if (pure->watcher != NULL)
        return message;
    const struct packed packed = pack_into(pure->arena, message);
    ProtobufCMessage *arrived = protobuf_c_message_unpack(
        message->descriptor, arena_allocator(pure->arena), packed.len, packed.bytes);
    assert(arrived != NULL);
    return arrived;
}

static void begin(struct pure *pure)
{
    arena_reset(pure->arena);
    decision_begin(&pure->decision, pure->service, pure->arena);
}

struct pure_outcome pure_command(struct pure *pure, const ProtobufCMessage *command, int role,
                                 int64_t now_ms, int32_t today)
{
    const struct command_row *row = pure->service->commands;
    while (row->type != NULL && row->type != command->descriptor)
        row++;
    assert(row->type != NULL);
    assert(role == 0 || (row->roles & ROLE_BIT(role)) != 0);
    begin(pure);
    const struct context ctx = make_context(pure, role, now_ms, today);
    row->decide(pure->state, arrive(pure, command), &ctx, &pure->decision);
    return take(pure, &ctx);
}

struct pure_outcome pure_settle(struct pure *pure, const ProtobufCMessage *command,
                                const struct answer_received *answer, int64_t now_ms, int32_t today)
{
    const struct settlement_row *row = pure->service->settlements;
    while (row->type != NULL && row->type != command->descriptor)
        row++;
    assert(row->type != NULL);
    begin(pure);
    const struct context ctx = make_context(pure, 0, now_ms, today);
    row->settle(pure->state, arrive(pure, command), answer, &ctx, &pure->decision);
    return take(pure, &ctx);
}

struct pure_outcome pure_react(struct pure *pure, const struct foreign_event *event, int64_t now_ms,
                               int32_t today)
{
    const struct reaction_row *row = pure->service->reactions;
    while (row->type != NULL &&
           (row->type != event->message->descriptor || strcmp(row->service, event->service) != 0))
        row++;
    assert(row->type != NULL);
    begin(pure);
    const struct context ctx = make_context(pure, 0, now_ms, today);
    if (row->fold != NULL) {
        entities_set_seq(pure->entities, ++pure->seq);
        row->fold(pure->state, event);
    } else {
        row->react(pure->state, event, &ctx, &pure->decision);
    }
    return take(pure, &ctx);
}

const void *pure_query(struct pure *pure, const ProtobufCMessage *request, int role, int64_t now_ms,
                       int32_t today, struct pure_outcome *ret_outcome)
{
    const struct query_row *row = pure->service->queries;
    while (row->type != NULL && row->type != request->descriptor)
        row++;
    assert(row->type != NULL && (row->roles & ROLE_BIT(role)) != 0);
    static struct answer answer; /* its texts are handed to the caller */
    struct vault vault;
    arena_reset(pure->arena);
    const struct context ctx = make_context(pure, role, now_ms, today);
    const ProtobufCMessage *arrived = arrive(pure, request);
    vault = (struct vault){.arena = pure->arena};
    answer = (struct answer){.service = pure->service, .arena = pure->arena};
    row->query(pure->state, arrived, &ctx, &vault, &answer);
    if (vault.wanted_count > 0) {
        vault.read = pure->kept;
        answer = (struct answer){.service = pure->service, .arena = pure->arena};
        row->query(pure->state, arrived, &ctx, &vault, &answer);
    }
    assert(answer.given);
    if (ret_outcome != NULL)
        *ret_outcome = (struct pure_outcome){.outcome = answer.outcome,
                                             .refusal = answer.refusal,
                                             .sentence = answer.sentence,
                                             .field = answer.field,
                                             .reference = ""};
    if (answer.outcome != DECISION_YES)
        return NULL;
    return protobuf_c_message_unpack(answer.type, arena_allocator(pure->arena), answer.body.len,
                                     answer.body.bytes);
}

int64_t pure_due(struct pure *pure, size_t max, int64_t now_ms, int32_t today, size_t *ret_count)
{
    struct arena *arena = arena_create(PURE_ARENA_MAX);
    assert(arena != NULL && max <= DUE_COMMANDS_MAX);
    const struct context ctx = make_context(pure, 0, now_ms, today);
    struct due due = {.arena = arena, .max = max};
    const int64_t next_ms = pure->service->due(pure->state, &ctx, max, &due);
    for (size_t at = 0; at < due.count; at++) {
        ProtobufCMessage *command = protobuf_c_message_unpack(
            due.types[at], NULL, due.commands[at].len, due.commands[at].bytes);
        assert(command != NULL);
        pure_command(pure, command, 0, now_ms, today);
        protobuf_c_message_free_unpacked(command, NULL);
    }
    if (ret_count != NULL)
        *ret_count = due.count;
    arena_destroy(&arena);
    return next_ms;
}

void pure_reload(struct pure *pure)
{
    struct entities *fresh = entities_create(pure->service);
    struct buffer value = {0};
    for (uint8_t kind = 1; pure->service->kinds[kind].type != NULL; kind++)
        for (size_t at = entities_count(pure->entities, kind); at-- > 0;) {
            struct entity_key key;
            entities_at(pure->entities, kind, at, &key);
            uint8_t field[ENTITY_FIELD_MAX];
            const size_t field_len = entities_field(&key, field);
            buffer_clear(&value);
            entities_value(pure->entities, &key, &value);
            const int result = entities_load(fresh, field, field_len, value.bytes, value.len);
            assert(result == 0);
            (void)result;
        }
    buffer_free(&value);
    pure->service->destroy(&pure->state);
    entities_destroy(&pure->entities);
    pure->entities = fresh;
    pure->state = pure->service->create(fresh);
    assert(pure->state != NULL);
    entities_bind(fresh, pure->state);
    entities_index_all(fresh);
}
