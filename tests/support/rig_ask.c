/* Clients of a rig: asking, and expecting an answer or a refusal. */
#include "tests/support/rig_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/text.h"

struct client *rig_client(struct rig *rig, const char *name)
{
    char error[256] = "";
    char endpoint[PATH_SIZE * 2];
    struct client *client = client_create(rig->keys, name, error, sizeof error);
    if (client == NULL)
        fail_msg("%s", error);
    for (size_t at = 0; rig_services[at] != NULL; at++)
        for (size_t instance = 0; instance < INSTANCES; instance++) {
            (void)text_format(endpoint, sizeof endpoint, "ipc://%s/%s%s.router", rig->folder,
                              rig_services[at], instance == 0 ? "" : "-1");
            assert_int_equal(client_add(client, rig_services[at], endpoint), 0);
        }
    return client;
}

struct packed rig_ask(struct client *client, const char *service, const ProtobufCMessage *message,
                      const char *expected_type)
{
    static struct buffer body;
    char type[64];
    buffer_clear(&body);
    if (client_call(client, rig_authority, service, message, NULL, RIG_WAIT_MS, type, &body) < 0)
        fail_msg("%s was not answered", message->descriptor->short_name);
    if (strcmp(type, expected_type) != 0) {
        Dw__Refused *refused =
            strcmp(type, "Refused") == 0 ? dw__refused__unpack(NULL, body.len, body.bytes) : NULL;
        Dw__Failed *failed =
            strcmp(type, "Failed") == 0 ? dw__failed__unpack(NULL, body.len, body.bytes) : NULL;
        fail_msg("%s was answered %s, not %s: %s", message->descriptor->short_name, type,
                 expected_type,
                 refused != NULL  ? refused->sentence
                 : failed != NULL ? failed->sentence
                                  : "");
    }
    return (struct packed){body.bytes, body.len};
}

/* The part of an enum value's name behind the enum's own. */
static bool ends_with(const char *name, const char *end)
{
    const size_t len = strlen(name);
    return len >= strlen(end) && strcmp(name + len - strlen(end), end) == 0;
}

void rig_ask_refused(struct client *client, const char *service, const ProtobufCMessage *message,
                     const char *expected_code)
{
    struct buffer body = {0};
    char type[64];
    const char *code = "";
    if (client_call(client, rig_authority, service, message, NULL, RIG_WAIT_MS, type, &body) < 0)
        fail_msg("%s was not answered", message->descriptor->short_name);
    Dw__Refused *refused =
        strcmp(type, "Refused") == 0 ? dw__refused__unpack(NULL, body.len, body.bytes) : NULL;
    Dw__Failed *failed =
        strcmp(type, "Failed") == 0 ? dw__failed__unpack(NULL, body.len, body.bytes) : NULL;
    if (refused != NULL)
        code = refused->code;
    else if (failed != NULL)
        code = protobuf_c_enum_descriptor_get_value(&dw__error_code__descriptor, (int)failed->code)
                   ->name;
    if (!ends_with(code, expected_code))
        fail_msg("%s was answered %s %s, not %s", message->descriptor->short_name, type, code,
                 expected_code);
    if (refused != NULL)
        dw__refused__free_unpacked(refused, NULL);
    if (failed != NULL)
        dw__failed__free_unpacked(failed, NULL);
    buffer_free(&body);
}
