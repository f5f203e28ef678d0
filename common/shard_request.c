/* Requests to a shard: who may, what it is, and the commands; and what time makes necessary. Implements step 3 of "The
 * engine's path of one command". */
#include "common/log.h"
#include "common/shard_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- commands ----------------------------------------------------------------------------------------------------- */

static void decide(struct shard *shard, struct instant now, const struct command_row *row,
                   const ProtobufCMessage *command, const struct id *suspect_id,
                   const struct principal *principal)
{
    struct context ctx;
    shard_context(shard, now, principal, &ctx);
    decision_begin(shard->scratch, shard->settings.service, shard->arena);
    if (shard->settings.quarantine != NULL)
        quarantine_begin(shard->settings.quarantine, suspect_id);
    /* Deciding holds nothing but the arena's memory, so it can be broken off. */
    jmp_buf full;
    if (setjmp(full) == 0) {
        arena_on_full(shard->arena, &full);
        row->decide(shard->live, command, &ctx, shard->scratch);
    } else {
        decision_begin(shard->scratch, shard->settings.service, shard->arena);
        decision_invalid(shard->scratch, "", "it needs more memory than one command may have");
    }
    arena_on_full(shard->arena, NULL);
}

/* The decision is taken with evolve, which may crash on it as well, so the quarantine ends after that. */
static void end_decide(struct shard *shard)
{
    if (shard->settings.quarantine != NULL)
        quarantine_end(shard->settings.quarantine);
}

static void answer_refused(struct shard *shard, struct instant now, const struct request *request,
                           const uint8_t digest[REPLY_DIGEST_SIZE])
{
    const struct decision *decision = shard->scratch;
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(shard->settings.service->refusals, decision->refusal);
    assert(value != NULL);
    Dw__Refused refused = DW__REFUSED__INIT;
    refused.code = (char *)(uintptr_t)value->name;
    refused.value = decision->refusal;
    refused.sentence = (char *)(uintptr_t)decision->sentence;
    shard->counts.refused++;
    replies_remember(shard, now, request, digest, "Refused",
                     pack_into(shard->arena, &refused.base));
}

static void answer_accepted(struct shard *shard, struct instant now, const struct request *request,
                            const uint8_t digest[REPLY_DIGEST_SIZE])
{
    const struct decision *decision = shard->scratch;
    struct id correlation_id = request->id;
    (void)id_from_data(&request->envelope->correlation_id, &correlation_id);
    Dw__Accepted accepted = DW__ACCEPTED__INIT;
    accepted.first_seq = commit_take_decision(shard, now, decision, &request->id,
                                              request->principal, &correlation_id);
    accepted.events = (uint32_t)decision->events_count;
    accepted.reference = (char *)(uintptr_t)decision->reference;
    shard->counts.accepted++;
    replies_remember(shard, now, request, digest, "Accepted",
                     pack_into(shard->arena, &accepted.base));
}

bool shard_is_busy(struct shard *shard, const struct request *request)
{
    if (commit_waiting_bytes(shard) < SHARD_WAITING_BYTES_MAX)
        return false;
    shard_fail_busy(shard, request->from, &request->id,
                    "Too many wait for the store; it was not done, ask again.");
    return true;
}

static bool deadline_has_passed(struct shard *shard, struct instant now,
                                const struct request *request)
{
    const int64_t deadline_ms = request->envelope->deadline_ms;
    if (deadline_ms == 0)
        return false; /* only daemons may leave it out, which the door has checked */
    if (deadline_ms > now.wall_ms && deadline_ms - now.wall_ms <= DEADLINE_AHEAD_MAX_MS)
        return false;
    shard_fail_code(shard, request->from, &request->id, DW__ERROR_CODE__ERROR_CODE_EXPIRED,
                    deadline_ms <= now.wall_ms ? "The deadline has passed; it was not done."
                                               : "A deadline is at most 24 hours ahead.");
    return true;
}

static bool is_quarantined(struct shard *shard, const struct request *request)
{
    if (shard->settings.quarantine == NULL ||
        !quarantine_has(shard->settings.quarantine, &request->id))
        return false;
    log_error(CODE_QUARANTINED, shard->authority, "%s is not tried a third time",
              request->envelope->type);
    shard_fail_code(
        shard, request->from, &request->id, DW__ERROR_CODE__ERROR_CODE_QUARANTINED,
        "This command has stopped the service twice and is not tried again; tell operations.");
    return true;
}

static void take_command(struct shard *shard, struct instant now, const struct request *request,
                         const struct command_row *row)
{
    uint8_t digest[REPLY_DIGEST_SIZE];
    struct rejection rejection;
    ProtobufCMessage *command;
    replies_digest(shard, request->envelope, digest);
    if (replies_repeat(shard, request, digest) || shard_is_busy(shard, request) ||
        deadline_has_passed(shard, now, request) || is_quarantined(shard, request))
        return;
    if (message_open(row->type, request->envelope->body.data, request->envelope->body.len,
                     shard->arena, &command, &rejection) < 0) {
        shard_fail(shard, request->from, &request->id, &rejection);
        return;
    }
    const int64_t begin_us = measures_now_us(shard);
    decide(shard, now, row, command, &request->id, request->principal);
    if (shard->scratch->outcome == DECISION_INVALID) {
        rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_INVALID, "%.255s",
                      shard->scratch->sentence);
        memcpy(rejection.field, shard->scratch->field, sizeof rejection.field);
        shard_fail(shard, request->from, &request->id, &rejection);
    } else if (shard->scratch->outcome == DECISION_REFUSED) {
        answer_refused(shard, now, request, digest);
    } else {
        answer_accepted(shard, now, request, digest);
    }
    end_decide(shard);
    measures_command(shard, row,
                     shard->scratch->outcome == DECISION_YES       ? MEASURED_ACCEPTED
                     : shard->scratch->outcome == DECISION_REFUSED ? MEASURED_REFUSED
                                                                   : MEASURED_INVALID,
                     begin_us);
}

/* --- the door ------------------------------------------------------------------------------------------------------ */

static bool may(uint32_t roles, const struct principal *principal, bool by_service)
{
    return (roles & ROLE_BIT(principal->role)) != 0 ||
           (by_service && (roles & ROLE_BIT(DW__ROLE__ROLE_SERVICE)) != 0);
}

static bool is_away(struct shard *shard, const struct bus_address *to, const struct id *id,
                    struct instant now)
{
    struct rejection rejection = {0};
    switch (shard->state) {
    case SHARD_STANDBY:
        rejection_set(&rejection,
                      shard->holder[0] != '\0' ? DW__ERROR_CODE__ERROR_CODE_NOT_OWNER
                                               : DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE,
                      shard->holder[0] != '\0' ? "Another daemon serves this authority."
                                               : "The store is away; ask again with the same id.");
        rejection.endpoint = strchr(shard->holder, ' ');
        rejection.endpoint = rejection.endpoint == NULL ? "" : rejection.endpoint + 1;
        break;
    case SHARD_LOADING:
        rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE,
                      "The service is loading; ask again with the same id.");
        break;
    case SHARD_FROZEN:
        rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_FROZEN,
                      "The service has stopped itself (%s); tell operations.", shard->frozen_why);
        break;
    case SHARD_STOPPED:
        rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE,
                      "The service is stopping; ask again with the same id.");
        break;
    case SHARD_LIVE:
        if (!shard_lease_is_valid(shard))
            rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE,
                          "The lease is being renewed; ask again with the same id.");
        else if (shard_is_stalled(shard, now))
            rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE,
                          "The store does not answer; ask again with the same id.");
        else
            return false;
        break;
    }
    rejection.retry_after_ms = SHARD_TAKE_MS;
    shard_fail(shard, to, id, &rejection);
    return true;
}

static const struct command_row *find_command(const struct service *service, const char *type)
{
    const struct command_row *row = service->commands;
    while (row != NULL && row->type != NULL && strcmp(message_name(row->type), type) != 0)
        row++;
    return row == NULL || row->type == NULL ? NULL : row;
}

static const struct query_row *find_query(const struct service *service, const char *type)
{
    const struct query_row *row = service->queries;
    while (row != NULL && row->type != NULL && strcmp(message_name(row->type), type) != 0)
        row++;
    return row == NULL || row->type == NULL ? NULL : row;
}

void shard_request(struct shard *shard, struct instant now, const struct bus_address *from,
                   const struct principal *principal, bool by_service, const Dw__Envelope *envelope)
{
    const uint32_t followers = ROLE_BIT(DW__ROLE__ROLE_SERVICE) | ROLE_BIT(DW__ROLE__ROLE_OPERATOR);
    struct request request = {.from = from, .principal = principal, .envelope = envelope};
    shard->last_now = now;
    (void)id_from_data(&envelope->id, &request.id);
    if (is_away(shard, from, &request.id, now))
        return;
    const struct command_row *command = find_command(shard->settings.service, envelope->type);
    const struct query_row *query =
        command == NULL ? find_query(shard->settings.service, envelope->type) : NULL;
    const bool is_fetch = strcmp(envelope->type, "FetchEvents") == 0;
    if (command == NULL && query == NULL && !is_fetch) {
        shard_fail_code(shard, from, &request.id, DW__ERROR_CODE__ERROR_CODE_UNKNOWN_TYPE,
                        "There is no such command or query here.");
        return;
    }
    const uint32_t roles = command != NULL ? command->roles
                           : query != NULL ? query->roles
                                           : followers;
    if (!may(roles, principal, by_service)) {
        shard_fail_code(shard, from, &request.id, DW__ERROR_CODE__ERROR_CODE_NOT_ALLOWED,
                        "Your role may not do this.");
        return;
    }
    arena_reset(shard->arena);
    if (command != NULL)
        take_command(shard, now, &request, command);
    else if (query == NULL)
        journal_fetch(shard, &request); /* waits for no commit */
    else if (!shard_is_busy(shard, &request))
        query_take(shard, now, &request, query);
    arena_reset(shard->arena);
}

/* --- what time makes necessary --------------------------------------------------------------------------------------- */

static const struct principal time_itself = {.name = "time", .role = DW__ROLE__ROLE_SERVICE};

/* The same wish of time has the same id in the quarantine, whatever id it is done under. */
static struct id wish_id(const struct shard *shard, const ProtobufCMessageDescriptor *type,
                         struct packed packed)
{
    struct id id;
    uint8_t digest[REPLY_DIGEST_SIZE];
    Dw__Envelope envelope = DW__ENVELOPE__INIT;
    envelope.type = (char *)(uintptr_t)message_name(type);
    envelope.body = (ProtobufCBinaryData){packed.len, (uint8_t *)(uintptr_t)packed.bytes};
    replies_digest(shard, &envelope, digest);
    memcpy(id.bytes, digest, sizeof id.bytes);
    return id;
}

static void do_due_command(struct shard *shard, struct instant now,
                           const ProtobufCMessageDescriptor *type, struct packed packed)
{
    const struct id wish = wish_id(shard, type, packed);
    if (shard->settings.quarantine != NULL && quarantine_has(shard->settings.quarantine, &wish)) {
        log_error(CODE_QUARANTINED, shard->authority,
                  "%s, made due by time, is not tried a third time", message_name(type));
        return;
    }
    const struct command_row *row = shard->settings.service->commands;
    while (row->type != NULL && row->type != type)
        row++;
    assert(row->type != NULL);
    const struct id id = ids_next(shard->settings.ids, now.wall_ms);
    const ProtobufCMessage *command =
        protobuf_c_message_unpack(type, arena_allocator(shard->arena), packed.len, packed.bytes);
    decide(shard, now, row, command, &wish, &time_itself);
    if (decision_is_no(shard->scratch))
        log_error(CODE_DUE_REFUSED, shard->authority, "%s: %s", message_name(type),
                  shard->scratch->sentence);
    else
        commit_take_decision(shard, now, shard->scratch, &id, &time_itself, NULL);
    end_decide(shard);
}

enum {
    DUE_AGAIN_MS = 1000
}; /* after a refusal, which is a bug: tried again, but not in a circle */

void request_due(struct shard *shard, struct instant now)
{
    const struct service *service = shard->settings.service;
    if (service->due == NULL || (now.wall_ms < shard->next_due_ms && !shard->changed_since_due))
        return;
    struct context ctx;
    arena_reset(shard->arena);
    struct due *due = arena_alloc(shard->arena, sizeof *due);
    if (due == NULL)
        abort();
    due->arena = shard->arena;
    due->max = DUE_COMMANDS_MAX;
    shard_context(shard, now, &time_itself, &ctx);
    shard->changed_since_due = false;
    shard->next_due_ms = service->due(shard->live, &ctx, due->max, due);
    const uint64_t seq = shard->head_seq;
    for (size_t at = 0; at < due->count; at++)
        do_due_command(shard, now, due->types[at], due->commands[at]);
    if (due->count > 0 && shard->head_seq == seq) {
        shard->next_due_ms = now.wall_ms + DUE_AGAIN_MS;
        shard->changed_since_due = false;
    }
    arena_reset(shard->arena);
}
