/* Asking services: see client.h. */
#include "common/client.h"

#include "common/bus.h"
#include "common/routes.h"
#include "common/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEND_AGAIN_MS = 400, /* an answer takes a few milliseconds: something was lost or has died */
    SEND_AGAIN_MAX_MS = 2000,
    LOOK_MS = 20, /* how often the waiting ones are looked through */
};

struct request {
    struct id id;
    char authority[ENVELOPE_AUTHORITY_MAX + 1];
    char service[32];
    struct buffer bytes;
    int64_t send_again_boot_ms;
    int64_t back_off_ms;
    int64_t busy_ms; /* how long it waited after the last BUSY */
    int64_t until_boot_ms;
    client_answered *answered;
    void *context;
};

struct client {
    struct loop *loop;
    struct auth *auth;
    struct key_pair keys;
    struct bus *bus;
    struct routes *routes;
    struct ids ids;
    struct table *waiting; /* id -> struct request * */
    int64_t next_look_boot_ms;
    struct loop_timer *look;
    void (*on_batch)(void *context, const char *topic, const void *bytes, size_t len);
    void *batch_context;
};

static void finish(struct client *client, struct request *request,
                   const struct client_answer *answer)
{
    table_remove(client->waiting, &request->id);
    request->answered(request->context, answer);
    buffer_free(&request->bytes);
    free(request);
}

static void send_request(struct client *client, struct request *request)
{
    const int64_t now_ms = loop_now(client->loop).boot_ms;
    if (!routes_send(client->routes, now_ms, request->authority, request->service,
                     request->bytes.bytes, request->bytes.len)) {
        request->send_again_boot_ms = now_ms + LOOK_MS;
        return;
    }
    request->send_again_boot_ms = now_ms + request->back_off_ms;
    request->back_off_ms =
        request->back_off_ms * 2 > SEND_AGAIN_MAX_MS ? SEND_AGAIN_MAX_MS : request->back_off_ms * 2;
}

/* Twice as long each time, and not all at the same moment, so that those who are told BUSY make it no worse. */
static int64_t wait_after_busy(struct request *request, int64_t after_ms)
{
    const int64_t twice_ms = request->busy_ms * 2;
    request->busy_ms = twice_ms < after_ms            ? after_ms
                       : twice_ms > SEND_AGAIN_MAX_MS ? SEND_AGAIN_MAX_MS
                                                      : twice_ms;
    return request->busy_ms + request->busy_ms * request->id.bytes[15] / 512;
}

/* True when asking again may give another answer; then it is asked again soon. */
static bool is_passing(struct client *client, struct request *request, const Dw__Envelope *envelope,
                       struct bus_peer *peer)
{
    Dw__Failed *failed = strcmp(envelope->type, "Failed") == 0
                             ? dw__failed__unpack(NULL, envelope->body.len, envelope->body.data)
                             : NULL;
    const Dw__ErrorCode code = failed == NULL ? 0 : failed->code;
    const bool not_owner = code == DW__ERROR_CODE__ERROR_CODE_NOT_OWNER;
    const bool passing = not_owner || code == DW__ERROR_CODE__ERROR_CODE_BUSY ||
                         code == DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE;
    routes_heard(client->routes, envelope->authority, peer, not_owner,
                 failed == NULL ? "" : failed->endpoint);
    if (passing) {
        const int64_t after_ms =
            failed->retry_after_ms > 0 ? failed->retry_after_ms : SEND_AGAIN_MS;
        request->send_again_boot_ms =
            loop_now(client->loop).boot_ms + (code == DW__ERROR_CODE__ERROR_CODE_BUSY
                                                  ? wait_after_busy(request, after_ms)
                                                  : after_ms);
    }
    if (failed != NULL)
        dw__failed__free_unpacked(failed, NULL);
    return passing;
}

static void on_answer(void *context, struct bus_peer *peer, const void *bytes, size_t len)
{
    struct client *client = context;
    Dw__Envelope *envelope = dw__envelope__unpack(NULL, len, bytes);
    struct id id;
    if (envelope == NULL)
        return;
    struct request **slot =
        id_from_data(&envelope->correlation_id, &id) ? table_get(client->waiting, &id) : NULL;
    if (slot != NULL && !is_passing(client, *slot, envelope, peer)) {
        const struct client_answer answer = {
            id, envelope->type, {envelope->body.data, envelope->body.len}, envelope->seq};
        finish(client, *slot, &answer);
    }
    dw__envelope__free_unpacked(envelope, NULL);
}

static bool on_request(void *context, const struct bus_address *from, const struct allowed_key *key,
                       const void *bytes, size_t len)
{
    (void)context;
    (void)from;
    (void)key;
    (void)bytes;
    (void)len;
    return true; /* a client binds nothing, so none comes */
}

static void on_batch(void *context, const char *topic, const void *bytes, size_t len,
                     const void *digest, size_t digest_len)
{
    struct client *client = context;
    (void)digest;
    (void)digest_len;
    if (client->on_batch != NULL)
        client->on_batch(client->batch_context, topic, bytes, len);
}

static void look_again(void *context)
{
    struct client *client = context;
    loop_timer_set(client->look, LOOK_MS);
}

static bool look_through(void *context)
{
    struct client *client = context;
    const int64_t now_ms = loop_now(client->loop).boot_ms;
    if (now_ms < client->next_look_boot_ms)
        return false;
    client->next_look_boot_ms = now_ms + LOOK_MS;
    struct buffer late = {0};
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(client->waiting, &position, &key, &value)) {
        struct request *request = *(struct request **)value;
        if (now_ms >= request->until_boot_ms)
            buffer_append(&late, &request, sizeof request);
        else if (now_ms >= request->send_again_boot_ms)
            send_request(client, request);
    }
    struct request **requests = (struct request **)(void *)late.bytes;
    for (size_t at = 0; at < late.len / sizeof requests[0]; at++) {
        const struct client_answer unknown = {.id = requests[at]->id, .type = ""};
        finish(client, requests[at], &unknown);
    }
    buffer_free(&late);
    return false;
}

struct client *client_create(const char *keys_directory, const char *name, char *ret_error,
                             size_t error_size)
{
    struct client *client = calloc(1, sizeof *client);
    if (client == NULL)
        return NULL;
    ids_init(&client->ids);
    const struct bus_handlers handlers = {client, on_request, on_answer, on_batch};
    if (key_pair_load(keys_directory, name, &client->keys) < 0) {
        (void)text_format(ret_error, error_size, "there is no key %s in %s", name, keys_directory);
        client_destroy(&client);
        return NULL;
    }
    if (auth_load(keys_directory, &client->auth, ret_error, error_size) == 0)
        client->loop = loop_create();
    client->waiting = table_create(sizeof(struct id), sizeof(struct request *));
    if (client->loop != NULL)
        client->bus = bus_create(client->loop, &client->keys, &client->auth, &handlers);
    if (client->bus != NULL)
        client->routes = routes_create(client->bus);
    if (client->routes == NULL || client->waiting == NULL) {
        client_destroy(&client);
        return NULL;
    }
    client->look = loop_timer_create(client->loop, look_again, client);
    loop_timer_set(client->look, LOOK_MS);
    loop_add_turn(client->loop, bus_turn, client->bus);
    loop_add_turn(client->loop, look_through, client);
    loop_add_turn(client->loop, bus_turn_end, client->bus);
    return client;
}

void client_destroy(struct client **pointer)
{
    struct client *client = *pointer;
    if (client == NULL)
        return;
    size_t position = 0;
    const void *key;
    void *value;
    while (client->waiting != NULL && table_next(client->waiting, &position, &key, &value)) {
        struct request *request = *(struct request **)value;
        buffer_free(&request->bytes);
        free(request);
    }
    table_destroy(&client->waiting);
    routes_destroy(&client->routes);
    bus_destroy(&client->bus);
    auth_destroy(&client->auth);
    loop_timer_destroy(&client->look);
    loop_destroy(&client->loop);
    free(client);
    *pointer = NULL;
}

int client_add(struct client *client, const char *service, const char *endpoint)
{
    const struct allowed_key *key = auth_by_name(client->auth, service);
    return key == NULL ? -ENOENT : routes_add(client->routes, service, endpoint, key->public_key);
}

int client_follow(struct client *client, const char *service, const char *endpoint)
{
    const struct allowed_key *key = auth_by_name(client->auth, service);
    return key == NULL ? -ENOENT : bus_subscribe(client->bus, endpoint, key->public_key, "");
}

void client_on_batch(struct client *client,
                     void (*told)(void *context, const char *topic, const void *bytes, size_t len),
                     void *context)
{
    client->on_batch = told;
    client->batch_context = context;
}

struct id client_new_id(struct client *client)
{
    return ids_next(&client->ids, loop_now(client->loop).wall_ms);
}

int64_t client_now_ms(struct client *client)
{
    return loop_now(client->loop).wall_ms;
}

void client_ask_envelope(struct client *client, const char *service, const Dw__Envelope *envelope,
                         int64_t within_ms, client_answered *answered, void *context)
{
    struct request *request = calloc(1, sizeof *request);
    if (request == NULL)
        abort();
    memcpy(request->id.bytes, envelope->id.data, sizeof request->id.bytes);
    request->answered = answered;
    request->context = context;
    request->back_off_ms = SEND_AGAIN_MS;
    request->until_boot_ms = loop_now(client->loop).boot_ms + within_ms;
    (void)text_format(request->authority, sizeof request->authority, "%s", envelope->authority);
    (void)text_format(request->service, sizeof request->service, "%s", service);
    buffer_pack(&request->bytes, &envelope->base);
    struct request **slot = table_put(client->waiting, &request->id, NULL);
    *slot = request;
    send_request(client, request);
}

struct id client_ask(struct client *client, const char *authority, const char *service,
                     const ProtobufCMessage *message, const struct id *id, int64_t within_ms,
                     client_answered *answered, void *context)
{
    const int64_t now_ms = loop_now(client->loop).wall_ms;
    const struct id used = id == NULL ? client_new_id(client) : *id;
    struct buffer body = {0};
    buffer_pack(&body, message);
    Dw__Envelope envelope = DW__ENVELOPE__INIT;
    envelope.id = id_to_data(&used);
    envelope.authority = (char *)(uintptr_t)authority;
    envelope.type = (char *)(uintptr_t)message_name(message->descriptor);
    envelope.body = (ProtobufCBinaryData){body.len, body.bytes};
    envelope.at_ms = now_ms;
    envelope.deadline_ms = now_ms + within_ms;
    envelope.schema = ENVELOPE_SCHEMA;
    client_ask_envelope(client, service, &envelope, within_ms, answered, context);
    buffer_free(&body);
    return used;
}

void client_turn(struct client *client)
{
    loop_turn(client->loop);
}

void client_poll(struct client *client)
{
    loop_poll(client->loop);
}

size_t client_waiting(const struct client *client)
{
    return table_count(client->waiting);
}

struct call_result {
    bool done;
    char type[64];
    struct buffer *body;
};

static void on_called(void *context, const struct client_answer *answer)
{
    struct call_result *result = context;
    result->done = true;
    (void)text_format(result->type, sizeof result->type, "%s", answer->type);
    buffer_append(result->body, answer->body.bytes, answer->body.len);
}

int client_call(struct client *client, const char *authority, const char *service,
                const ProtobufCMessage *message, const struct id *id, int64_t within_ms,
                char ret_type[64], struct buffer *ret_body)
{
    struct call_result result = {.body = ret_body};
    client_ask(client, authority, service, message, id, within_ms, on_called, &result);
    while (!result.done)
        client_turn(client);
    memcpy(ret_type, result.type, sizeof result.type);
    return result.type[0] == '\0' ? -ETIMEDOUT : 0;
}
