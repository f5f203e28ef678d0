/* Clients of the simulated town: each keeps what it asked and asks again, with the same id, until the answer is final. */
#include "common/text.h"
#include "tests/sim/sim.h"

#include <stdlib.h>
#include <string.h>

enum {
    AGAIN_US = 250 * 1000,
    AGAIN_MAX_US = 1000 * 1000,
    SOON_US = 30 * 1000,
    HOUR_MS = 60 * 60 * 1000,
    NAMES = 4,
};

struct sim_request *request_at(struct sim *sim, uint32_t number)
{
    return ((struct sim_request **)(void *)sim->requests.bytes)[number];
}

Dw__Envelope request_envelope(const struct sim *sim, const struct sim_request *request,
                              const char *authority)
{
    Dw__Envelope envelope = DW__ENVELOPE__INIT;
    envelope.id = id_to_data(&request->id);
    envelope.authority = (char *)(uintptr_t)authority;
    envelope.type = (char *)(uintptr_t)message_name(request->type);
    envelope.body =
        (ProtobufCBinaryData){request->body.len, (uint8_t *)(uintptr_t)request->body.bytes};
    envelope.at_ms = sim_now(sim).wall_ms;
    envelope.deadline_ms = request->deadline_ms;
    envelope.schema = ENVELOPE_SCHEMA;
    return envelope;
}

const char *client_name(uint32_t number)
{
    static const char *const names[NAMES] = {"ada", "ben", "cy", "dot"};
    return names[number % NAMES];
}

static uint32_t add(struct sim *sim, const struct sim_request *from)
{
    const uint32_t number = (uint32_t)(sim->requests.len / sizeof(struct sim_request *));
    struct sim_request *request = malloc(sizeof *request);
    uint8_t *body = malloc(from->body.len + 1);
    if (request == NULL || body == NULL)
        abort();
    *request = *from;
    if (from->body.len > 0)
        memcpy(body, from->body.bytes, from->body.len);
    request->body.bytes = body;
    buffer_append(&sim->requests, &request, sizeof request);
    return number;
}

static void ask(struct sim *sim, uint32_t number)
{
    struct sim_request *request = request_at(sim, number);
    struct sim_event retry = {.kind = EVENT_RETRY, .target = number};
    const uint32_t tries = request->tries++;
    const int64_t wait_us = tries > 1 ? AGAIN_MAX_US : AGAIN_US << tries;
    if (!request->is_command && tries == 0)
        request->least_seq = sim->told_seq[request->service];
    if (sim->ask != NULL) {
        sim->ask(sim, number);
        return;
    }
    bus_ask(sim, number);
    retry.life = request->tries;
    sim_plan(sim, &retry, wait_us + sim_roll(sim, AGAIN_US));
}

static struct id fresh_id(struct sim *sim)
{
    struct id id;
    for (size_t at = 0; at < sizeof id.bytes; at++)
        id.bytes[at] = (uint8_t)sim_roll(sim, 256);
    id.bytes[0] |= 1;
    return id;
}

uint32_t client_send(struct sim *sim, const struct sim_wish *wish)
{
    struct buffer body = {0};
    buffer_pack(&body, wish->message);
    const int64_t patience_ms = sim_roll(sim, 40) == 0 ? 1 + sim_roll(sim, 400) : 12 * HOUR_MS;
    const struct sim_request request = {.id = fresh_id(sim),
                                        .service = wish->service,
                                        .type = wish->message->descriptor,
                                        .is_command = wish->is_command,
                                        .role = (uint8_t)wish->role,
                                        .actor = wish->actor,
                                        .name = (uint8_t)sim_roll(sim, NAMES),
                                        .deadline_ms = sim_now(sim).wall_ms + patience_ms,
                                        .body = {body.bytes, body.len}};
    const uint32_t number = add(sim, &request);
    buffer_free(&body);
    if (wish->is_command) {
        uint32_t *slot = table_put(sim->requests_by_id[wish->service], &request.id, NULL);
        *slot = number;
    }
    ask(sim, number);
    return number;
}

void client_repeat(struct sim *sim, uint32_t of, uint32_t how)
{
    struct sim_request copy = *request_at(sim, of);
    if (!copy.is_command || copy.of != 0 || copy.final == FINAL_NONE ||
        copy.final == FINAL_NOT_DONE)
        return;
    copy.of = 1 + of;
    copy.actor = SIM_ACTORS;
    copy.final = FINAL_NONE;
    copy.reply = (struct packed){0};
    copy.tries = copy.decisions = copy.events = 0;
    copy.must_fail = how > 0;
    if (how == 1)
        copy.name = (uint8_t)((copy.name + 1) % NAMES);
    const uint32_t number = add(sim, &copy);
    struct sim_request *request = request_at(sim, number);
    if (how == 2 && request->body.len > 0) { /* the same message, with one byte of an id changed */
        uint8_t *bytes = (uint8_t *)(uintptr_t)request->body.bytes;
        bytes[request->body.len / 2] ^= 1;
    }
    ask(sim, number);
}

/* Codes that say: it is not known, or not now; ask again with the same id. */
static bool is_passing(Dw__ErrorCode code)
{
    return code == DW__ERROR_CODE__ERROR_CODE_BUSY ||
           code == DW__ERROR_CODE__ERROR_CODE_NOT_OWNER ||
           code == DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE ||
           code == DW__ERROR_CODE__ERROR_CODE_FROZEN ||
           code == DW__ERROR_CODE__ERROR_CODE_QUARANTINED;
}

static enum sim_final read_final(struct sim *sim, const struct sim_request *request,
                                 const Dw__Envelope *envelope, Dw__ErrorCode *ret_code)
{
    *ret_code = DW__ERROR_CODE__ERROR_CODE_UNSPECIFIED;
    if (strcmp(envelope->type, "Accepted") == 0)
        return FINAL_ACCEPTED;
    if (strcmp(envelope->type, "Refused") == 0)
        return request->is_command ? FINAL_REFUSED : FINAL_QUERY;
    if (strcmp(envelope->type, "Failed") != 0)
        return FINAL_QUERY;
    const Dw__Failed *failed =
        dw__failed__unpack(arena_allocator(sim->arena), envelope->body.len, envelope->body.data);
    if (failed == NULL)
        return FINAL_NONE;
    *ret_code = failed->code;
    return is_passing(failed->code) ? FINAL_NONE : FINAL_NOT_DONE;
}

static void keep_reply(struct sim_request *request, const struct sim_message *message)
{
    uint8_t *copy = malloc(message->len);
    if (copy == NULL)
        abort();
    memcpy(copy, message->bytes, message->len);
    request->reply = (struct packed){copy, message->len};
}

/* Every further final answer to the same command must be the first one, byte for byte. */
static void compare_again(struct sim *sim, const struct sim_request *request,
                          const struct sim_message *message, enum sim_final final)
{
    if (!request->is_command || final == FINAL_NONE || final == FINAL_NOT_DONE ||
        request->final == FINAL_NOT_DONE)
        return;
    if (message->len != request->reply.len ||
        memcmp(message->bytes, request->reply.bytes, message->len) != 0)
        sim_fail(sim, "%s was answered again, and otherwise", message_name(request->type));
}

static void take_final(struct sim *sim, uint32_t number, const struct sim_message *message,
                       const Dw__Envelope *envelope, enum sim_final final)
{
    struct sim_request *request = request_at(sim, number);
    request->final = final;
    request->seq = envelope->seq;
    request->jumps_back = sim->jumps_back;
    keep_reply(request, message);
    if (request->is_command && request->of == 0)
        sim->commands_final++;
    if (sim->ask == NULL) /* else the journals are read, and this is asked, at the end */
        check_final(sim, request, envelope);
    if (envelope->seq > sim->told_seq[request->service] && final != FINAL_NOT_DONE)
        sim->told_seq[request->service] = envelope->seq;
    if (request->actor < SIM_ACTORS)
        folk_answer(sim, request->actor, request, final == FINAL_NOT_DONE ? NULL : envelope);
}

static void take_reply(struct sim *sim, uint32_t number, const struct sim_message *message)
{
    struct sim_request *request = request_at(sim, number);
    const uint32_t instance = (message->from - SIM_FROM_DAEMON) % SIM_INSTANCES;
    Dw__ErrorCode code;
    arena_reset(sim->arena);
    const Dw__Envelope *envelope =
        dw__envelope__unpack(arena_allocator(sim->arena), message->len, message->bytes);
    if (envelope == NULL) {
        sim_fail(sim, "a reply is no envelope");
        return;
    }
    const enum sim_final final = read_final(sim, request, envelope, &code);
    sim->client_route[request->service] =
        code == DW__ERROR_CODE__ERROR_CODE_NOT_OWNER ? (instance + 1) % SIM_INSTANCES : instance;
    if (request->final != FINAL_NONE) {
        compare_again(sim, request, message, final);
        if (request->final == FINAL_QUERY && final == FINAL_QUERY)
            check_query(sim, request, envelope); /* late, and it must be true all the same */
    } else if (final != FINAL_NONE) {
        take_final(sim, number, message, envelope, final);
    } else {
        struct sim_event retry = {.kind = EVENT_RETRY, .target = number, .life = request->tries};
        sim_plan(sim, &retry, SOON_US + sim_roll(sim, SOON_US));
    }
}

bool client_waits(struct sim *sim, const struct sim_event *event)
{
    const struct sim_request *request = request_at(sim, event->target);
    return request->final == FINAL_NONE && request->tries == event->life;
}

void client_event(struct sim *sim, struct sim_event *event)
{
    if (event->kind == EVENT_CLIENT) {
        take_reply(sim, event->target, event->shared);
        message_drop(event->shared);
        return;
    }
    ask(sim, event->target);
}

void clients_destroy(struct sim *sim)
{
    struct sim_request **requests = (void *)sim->requests.bytes;
    for (size_t at = 0; at < sim->requests.len / sizeof requests[0]; at++) {
        free((void *)(uintptr_t)requests[at]->body.bytes);
        free((void *)(uintptr_t)requests[at]->reply.bytes);
        free(requests[at]);
    }
    buffer_free(&sim->requests);
}
