/* One bare connection: see raw.h. */
#include "tests/support/raw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/bus.h"
#include "common/text.h"

struct raw {
    struct loop *loop;
    struct auth *auth;
    struct key_pair keys;
    struct bus *bus;
    struct bus_peer *peer;
    struct ids ids;
    struct buffer heard; /* whole envelopes: length, bytes */
    size_t heard_at;
    Dw__Envelope *reply;
    Dw__Failed *failed;
    char name[64];
};

static bool on_request(void *context, const struct bus_address *from, const struct allowed_key *key,
                       const void *bytes, size_t len)
{
    (void)context, (void)from, (void)key, (void)bytes, (void)len;
    return true;
}

static void on_batch(void *context, const char *topic, const void *bytes, size_t len,
                     const void *digest, size_t digest_len)
{
    (void)context, (void)topic, (void)bytes, (void)len, (void)digest, (void)digest_len;
}

static void on_answer(void *context, struct bus_peer *peer, const void *bytes, size_t len)
{
    struct raw *raw = context;
    (void)peer;
    buffer_append(&raw->heard, &len, sizeof len);
    buffer_append(&raw->heard, bytes, len);
}

static bool wake(void *context)
{
    (void)context;
    return false;
}

struct raw *raw_create(struct rig *rig, const char *key_name, const char *service, size_t instance)
{
    char error[256];
    char endpoint[600];
    struct raw *raw = calloc(1, sizeof *raw);
    const struct bus_handlers handlers = {raw, on_request, on_answer, on_batch};
    assert_non_null(raw);
    ids_init(&raw->ids);
    assert_int_equal(key_pair_load(rig_keys(rig), key_name, &raw->keys), 0);
    assert_int_equal(auth_load(rig_keys(rig), &raw->auth, error, sizeof error), 0);
    raw->loop = loop_create();
    raw->bus = bus_create(raw->loop, &raw->keys, &raw->auth, &handlers);
    (void)text_format(endpoint, sizeof endpoint, "ipc://%s/%s%s.router", rig_folder(rig), service,
                      instance == 0 ? "" : "-1");
    raw->peer = bus_connect(raw->bus, endpoint, auth_by_name(raw->auth, service)->public_key);
    assert_non_null(raw->peer);
    loop_add_turn(raw->loop, bus_turn, raw->bus);
    loop_add_turn(raw->loop, wake, NULL);
    loop_add_turn(raw->loop, bus_turn_end, raw->bus);
    return raw;
}

void raw_destroy(struct raw **pointer)
{
    struct raw *raw = *pointer;
    if (raw->reply != NULL)
        dw__envelope__free_unpacked(raw->reply, NULL);
    if (raw->failed != NULL)
        dw__failed__free_unpacked(raw->failed, NULL);
    bus_destroy(&raw->bus);
    auth_destroy(&raw->auth);
    loop_destroy(&raw->loop);
    buffer_free(&raw->heard);
    free(raw);
    *pointer = NULL;
}

Dw__Envelope *raw_envelope(struct raw *raw, const ProtobufCMessage *message)
{
    static Dw__Envelope envelope;
    static struct buffer body;
    static struct id id;
    const int64_t now_ms = loop_now(raw->loop).wall_ms;
    id = ids_next(&raw->ids, now_ms);
    buffer_clear(&body);
    buffer_pack(&body, message);
    dw__envelope__init(&envelope);
    envelope.id = id_to_data(&id);
    envelope.authority = (char *)(uintptr_t)rig_authority;
    envelope.type = (char *)(uintptr_t)message_name(message->descriptor);
    envelope.body = (ProtobufCBinaryData){body.len, body.bytes};
    envelope.at_ms = now_ms;
    envelope.deadline_ms = now_ms + 60000;
    envelope.schema = ENVELOPE_SCHEMA;
    return &envelope;
}

void raw_send(struct raw *raw, const Dw__Envelope *envelope)
{
    struct buffer bytes = {0};
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    buffer_pack(&bytes, &envelope->base);
    while (!bus_send(raw->peer, bytes.bytes, bytes.len)) { /* not connected yet */
        assert_true(loop_boot_ms_now() < until_ms);
        rig_pause_ms(1);
    }
    buffer_free(&bytes);
}

static const char *name_reply(struct raw *raw)
{
    if (strcmp(raw->reply->type, "Failed") == 0) {
        raw->failed = dw__failed__unpack(NULL, raw->reply->body.len, raw->reply->body.data);
        assert_non_null(raw->failed);
        assert_true(raw->failed->sentence[0] != '\0');
        const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(
            &dw__error_code__descriptor, (int)raw->failed->code);
        return value->name + strlen("ERROR_CODE_");
    }
    if (strcmp(raw->reply->type, "Refused") == 0) {
        Dw__Refused *refused =
            dw__refused__unpack(NULL, raw->reply->body.len, raw->reply->body.data);
        static char code[64];
        assert_non_null(refused);
        (void)text_format(code, sizeof code, "%s", refused->code);
        dw__refused__free_unpacked(refused, NULL);
        return code;
    }
    return raw->reply->type;
}

const char *raw_hear(struct raw *raw, int64_t within_ms)
{
    const int64_t until_ms = loop_boot_ms_now() + within_ms;
    size_t len;
    if (raw->reply != NULL)
        dw__envelope__free_unpacked(raw->reply, NULL);
    if (raw->failed != NULL)
        dw__failed__free_unpacked(raw->failed, NULL);
    raw->reply = NULL;
    raw->failed = NULL;
    while (raw->heard_at == raw->heard.len) {
        buffer_clear(&raw->heard);
        raw->heard_at = 0;
        if (loop_boot_ms_now() >= until_ms)
            return "";
        loop_turn(raw->loop);
    }
    memcpy(&len, raw->heard.bytes + raw->heard_at, sizeof len);
    raw->reply = dw__envelope__unpack(NULL, len, raw->heard.bytes + raw->heard_at + sizeof len);
    raw->heard_at += sizeof len + len;
    assert_non_null(raw->reply);
    (void)text_format(raw->name, sizeof raw->name, "%s", name_reply(raw));
    return raw->name;
}

const char *raw_ask(struct raw *raw, const Dw__Envelope *envelope)
{
    raw_send(raw, envelope);
    return raw_hear(raw, RIG_WAIT_MS);
}

const Dw__Failed *raw_failed(const struct raw *raw)
{
    return raw->failed;
}

const Dw__Envelope *raw_reply(const struct raw *raw)
{
    return raw->reply;
}
