/* The collectors behind common/decision.h. */
#include "common/collect.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct id context_new_id(const struct context *ctx)
{
    return ids_next(ctx->ids, ctx->now_ms);
}

struct id context_pseudonym(const struct context *ctx, const char *text)
{
    return pseudonym_of(ctx->pseudonym_key, text);
}

struct id context_pseudonym_in(const struct context *ctx, const char *domain, const char *text)
{
    return pseudonym_in(ctx->pseudonym_key, domain, text);
}

struct packed pack_into(struct arena *arena, const ProtobufCMessage *message)
{
    const size_t len = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = arena_alloc(arena, len + 1);
    if (bytes == NULL)
        arena_full(arena);
    protobuf_c_message_pack(message, bytes);
    return (struct packed){bytes, len};
}

static void *alloc_or_give_up(struct arena *arena, size_t size)
{
    void *memory = arena_alloc(arena, size);
    if (memory == NULL)
        arena_full(arena);
    return memory;
}

static void write_text(char *ret_text, size_t size, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

static void write_text(char *ret_text, size_t size, const char *format, va_list arguments)
{
    if (vsnprintf(ret_text, size, format, arguments) < 0)
        ret_text[0] = '\0';
}

void decision_begin(struct decision *decision, const struct service *service, struct arena *arena)
{
    decision->service = service;
    decision->arena = arena;
    decision->outcome = DECISION_YES;
    decision->refusal = 0;
    decision->sentence[0] = decision->field[0] = decision->reference[0] = '\0';
    decision->events_count = decision->sends_count = 0;
    decision->keeps_count = decision->forgets_count = 0;
}

void *decision_alloc(struct decision *decision, size_t size)
{
    return alloc_or_give_up(decision->arena, size);
}

struct id decision_pseudonym(struct decision *decision, const struct context *ctx,
                             const char *domain, const ProtobufCMessage *message)
{
    static const char digits[] = "0123456789abcdef";
    const struct packed said = pack_into(decision->arena, message);
    char *text = decision_alloc(decision, 2 * said.len + 1);
    for (size_t at = 0; at < said.len; at++) {
        text[2 * at] = digits[said.bytes[at] >> 4];
        text[2 * at + 1] = digits[said.bytes[at] & 15];
    }
    return context_pseudonym_in(ctx, domain, text);
}

static const struct event_row *find_event_row(const struct service *service,
                                              const ProtobufCMessageDescriptor *type)
{
    const struct event_row *row = service->events;
    while (row->type != NULL && row->type != type)
        row++;
    assert(row->type != NULL);
    return row;
}

void decision_emit(struct decision *decision, const ProtobufCMessage *event)
{
    assert(decision->events_count < DECISION_EVENTS_MAX);
    if (decision->outcome != DECISION_YES)
        return;
    decision->events[decision->events_count++] = (struct emitted){
        find_event_row(decision->service, event->descriptor), pack_into(decision->arena, event)};
}

static void say_no(struct decision *decision, enum decision_outcome outcome)
{
    decision->outcome = outcome;
    decision->events_count = decision->sends_count = decision->keeps_count = 0;
    decision->reference[0] = '\0';
}

void decision_refuse(struct decision *decision, int refusal, const char *format, ...)
{
    assert(refusal != 0);
    if (decision->outcome != DECISION_YES)
        return; /* the first no is the reason told */
    va_list arguments;
    va_start(arguments, format);
    write_text(decision->sentence, sizeof decision->sentence, format, arguments);
    va_end(arguments);
    decision->refusal = refusal;
    say_no(decision, DECISION_REFUSED);
}

void decision_invalid(struct decision *decision, const char *field, const char *format, ...)
{
    if (decision->outcome != DECISION_YES)
        return;
    va_list arguments;
    va_start(arguments, format);
    write_text(decision->sentence, sizeof decision->sentence, format, arguments);
    va_end(arguments);
    snprintf(decision->field, sizeof decision->field, "%s", field);
    say_no(decision, DECISION_INVALID);
}

bool decision_is_no(const struct decision *decision)
{
    return decision->outcome != DECISION_YES;
}

void decision_send(struct decision *decision, const char *service, const struct id *about_id,
                   const ProtobufCMessage *command)
{
    assert(decision->sends_count < DECISION_SENDS_MAX);
    if (decision->outcome != DECISION_YES)
        return;
    decision->sends[decision->sends_count++] =
        (struct outgoing){.service = service,
                          .about_id = *about_id,
                          .type = command->descriptor,
                          .body = pack_into(decision->arena, command)};
}

void decision_keep(struct decision *decision, const struct id *vault_id,
                   const ProtobufCMessage *record)
{
    assert(decision->keeps_count < DECISION_KEEPS_MAX);
    if (decision->outcome != DECISION_YES)
        return;
    decision->keeps[decision->keeps_count++] =
        (struct kept){.id = *vault_id, .record = pack_into(decision->arena, record)};
}

bool decision_same(struct decision *decision, const ProtobufCMessage *left,
                   const ProtobufCMessage *right)
{
    if (left->descriptor != right->descriptor)
        return false;
    const struct packed one = pack_into(decision->arena, left);
    const struct packed other = pack_into(decision->arena, right);
    return one.len == other.len && memcmp(one.bytes, other.bytes, one.len) == 0;
}

void decision_forget(struct decision *decision, const struct id *vault_id)
{
    assert(decision->forgets_count < DECISION_FORGETS_MAX);
    if (decision->outcome == DECISION_YES)
        decision->forgets[decision->forgets_count++] = *vault_id;
}

void decision_reference(struct decision *decision, const char *reference)
{
    snprintf(decision->reference, sizeof decision->reference, "%s", reference);
}

void due_command(struct due *due, const ProtobufCMessage *command)
{
    assert(due->count < due->max && due->max <= DUE_COMMANDS_MAX);
    due->types[due->count] = command->descriptor;
    due->commands[due->count++] = pack_into(due->arena, command);
}

static void vault_want(struct vault *vault, const struct id *vault_id)
{
    if (vault->wanted == NULL)
        vault->wanted = alloc_or_give_up(vault->arena, VAULT_WANTED_MAX * sizeof vault->wanted[0]);
    if (vault->wanted_count < VAULT_WANTED_MAX)
        vault->wanted[vault->wanted_count++] = *vault_id;
}

const void *vault_get(struct vault *vault, const struct id *vault_id,
                      const ProtobufCMessageDescriptor *type)
{
    const struct packed *record = vault->read == NULL ? NULL : table_get(vault->read, vault_id);
    if (record == NULL)
        vault_want(vault, vault_id); /* not asked for yet, for state may have changed meanwhile */
    if (record == NULL || record->bytes == NULL || record->len == VAULT_EMPTIED)
        return NULL;
    return protobuf_c_message_unpack(type, arena_allocator(vault->arena), record->len,
                                     record->bytes);
}

void *answer_alloc(struct answer *answer, size_t size)
{
    return alloc_or_give_up(answer->arena, size);
}

void answer_give(struct answer *answer, const ProtobufCMessage *message)
{
    assert(!answer->given);
    answer->given = true;
    answer->type = message->descriptor;
    answer->body = pack_into(answer->arena, message);
}

void answer_refuse(struct answer *answer, int refusal, const char *format, ...)
{
    assert(refusal != 0 && !answer->given);
    va_list arguments;
    va_start(arguments, format);
    write_text(answer->sentence, sizeof answer->sentence, format, arguments);
    va_end(arguments);
    answer->refusal = refusal;
    answer->outcome = DECISION_REFUSED;
    answer->given = true;
}

void answer_invalid(struct answer *answer, const char *field, const char *format, ...)
{
    assert(!answer->given);
    va_list arguments;
    va_start(arguments, format);
    write_text(answer->sentence, sizeof answer->sentence, format, arguments);
    va_end(arguments);
    snprintf(answer->field, sizeof answer->field, "%s", field);
    answer->outcome = DECISION_INVALID;
    answer->given = true;
}
