/* The bytes of every message, as they were written down when it came to be or last changed: what is stored or sent today is read
 * for ever. Each line of the file must unpack into today's type with nothing unknown, pack to the same bytes again, and its
 * JSON must give them too; and what today's type gives, every field filled, must stand in the file. `make golden` adds lines
 * and never changes one. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/arena.h"
#include "common/envelope.h"
#include "common/json.h"
#include "common/table.h"
#include "common/text.h"
#include "proto/messages.h"

static const char path[] = "tests/data/golden.txt";

enum { ARENA_MAX = 16 * 1024 * 1024, LINE_MAX_SIZE = 256 * 1024, VARIANTS_MAX = 16 };

/* --- a message with every field filled --------------------------------------------------------------------------- */

/* variant: which member of each oneof. */
static ProtobufCMessage *fill(struct arena *arena, const ProtobufCMessageDescriptor *type,
                              unsigned variant);

static size_t fill_value(struct arena *arena, const ProtobufCFieldDescriptor *field, unsigned nth,
                         void *member)
{
    const uint32_t number = field->id * 100 + 7 + nth;
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        *(uint32_t *)member = number;
        return sizeof(uint32_t);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        *(uint64_t *)member = number + (UINT64_C(1) << 40);
        return sizeof(uint64_t);
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)member = 1;
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_ENUM: {
        const ProtobufCEnumDescriptor *type = field->descriptor;
        *(int *)member = type->values[1].value;
        return sizeof(int);
    }
    case PROTOBUF_C_TYPE_STRING: {
        char *text = arena_alloc(arena, 32);
        (void)text_format(text, 32, "text %u", number);
        *(char **)member = text;
        return sizeof(char *);
    }
    case PROTOBUF_C_TYPE_BYTES: {
        ProtobufCBinaryData *data = member;
        data->len = 16;
        data->data = arena_alloc(arena, data->len);
        memset(data->data, (int)(field->id + nth), data->len);
        return sizeof *data;
    }
    case PROTOBUF_C_TYPE_MESSAGE:
        *(ProtobufCMessage **)member = fill(arena, field->descriptor, 0);
        return sizeof(ProtobufCMessage *);
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        fail_msg("%s has a fraction", field->name);
    }
    return 0;
}

/* True for the member of its oneof that the variant chooses. */
static bool is_chosen(const ProtobufCMessageDescriptor *type, const ProtobufCFieldDescriptor *field,
                      unsigned variant)
{
    unsigned members = 0;
    unsigned place = 0;
    for (unsigned at = 0; at < type->n_fields; at++) {
        const ProtobufCFieldDescriptor *other = &type->fields[at];
        if ((other->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0 ||
            other->quantifier_offset != field->quantifier_offset)
            continue;
        if (other == field)
            place = members;
        members++;
    }
    return place == variant % members;
}

static ProtobufCMessage *fill(struct arena *arena, const ProtobufCMessageDescriptor *type,
                              unsigned variant)
{
    ProtobufCMessage *message = arena_alloc(arena, type->sizeof_message);
    type->message_init(message);
    for (unsigned at = 0; at < type->n_fields; at++) {
        const ProtobufCFieldDescriptor *field = &type->fields[at];
        uint8_t *bytes = (uint8_t *)message;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            uint8_t *values = arena_alloc(arena, 2 * sizeof(ProtobufCBinaryData));
            *(void **)(void *)(bytes + field->offset) = values;
            *(size_t *)(void *)(bytes + field->quantifier_offset) = 2;
            values += fill_value(arena, field, 0, values);
            (void)fill_value(arena, field, 1, values);
            continue;
        }
        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
            if (!is_chosen(type, field, variant))
                continue;
            *(uint32_t *)(void *)(bytes + field->quantifier_offset) = field->id;
        }
        (void)fill_value(arena, field, 0, bytes + field->offset);
    }
    return message;
}

static unsigned count_variants(const ProtobufCMessageDescriptor *type)
{
    unsigned members[VARIANTS_MAX] = {0};
    unsigned most = 1;
    for (unsigned at = 0; at < type->n_fields; at++) {
        const ProtobufCFieldDescriptor *field = &type->fields[at];
        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0)
            continue;
        const size_t oneof = field->quantifier_offset / sizeof(uint32_t) % VARIANTS_MAX;
        if (++members[oneof] > most)
            most = members[oneof];
    }
    return most;
}

/* --- the file: name, bytes in hex, JSON; a line each -------------------------------------------------------------- */

static char *make_line(struct arena *arena, const ProtobufCMessage *message)
{
    struct buffer line = {0};
    char *json;
    const size_t len = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = arena_alloc(arena, len + 1);
    protobuf_c_message_pack(message, bytes);
    assert_int_equal(json_from_message(message, false, &json), 0);
    const char *name = message->descriptor->short_name;
    buffer_append(&line, name, strlen(name));
    buffer_append(&line, " 0x", 3); /* a message may have no bytes */
    for (size_t at = 0; at < len; at++) {
        char hex[3];
        (void)text_format(hex, sizeof hex, "%02x", bytes[at]);
        buffer_append(&line, hex, 2);
    }
    buffer_append(&line, " ", 1);
    buffer_append(&line, json, strlen(json));
    char *copy = arena_copy(arena, line.bytes, line.len);
    free(json);
    buffer_free(&line);
    return copy;
}

static bool has_line(const struct buffer *file, const char *line)
{
    const size_t len = strlen(line);
    for (const char *at = (const char *)file->bytes; at != NULL && *at != '\0';) {
        if (strncmp(at, line, len) == 0 && at[len] == '\n')
            return true;
        at = strchr(at, '\n');
        at = at == NULL ? NULL : at + 1;
    }
    return false;
}

static struct buffer read_file(void)
{
    struct buffer bytes = {0};
    FILE *file = fopen(path, "re");
    for (size_t count = 1; file != NULL && count > 0;) {
        count = fread(buffer_reserve(&bytes, 4096), 1, 4096, file);
        bytes.len += count;
    }
    if (file != NULL)
        fclose(file);
    buffer_append(&bytes, "", 1);
    return bytes;
}

static size_t from_hex(const char *hex, uint8_t *ret_bytes)
{
    size_t len = 0;
    for (; hex[2 * len] != '\0'; len++) {
        unsigned byte = 0;
        assert_int_equal(sscanf(hex + 2 * len, "%2x", &byte), 1);
        ret_bytes[len] = (uint8_t)byte;
    }
    return len;
}

static void expect_bytes(const char *what, const char *name, const ProtobufCMessage *message,
                         const uint8_t *bytes, size_t len)
{
    static uint8_t again[LINE_MAX_SIZE];
    if (protobuf_c_message_get_packed_size(message) != len)
        fail_msg("%s of %s has another length today", what, name);
    protobuf_c_message_pack(message, again);
    if (memcmp(again, bytes, len) != 0)
        fail_msg("%s of %s has other bytes today", what, name);
}

static void check_line(struct arena *arena, char *line)
{
    static uint8_t bytes[LINE_MAX_SIZE];
    char *rest;
    const char *name = strtok_r(line, " ", &rest);
    const char *hex = strtok_r(NULL, " ", &rest);
    const ProtobufCMessageDescriptor *type = message_find(name);
    if (type == NULL)
        fail_msg("%s is stored or sent by somebody, and is no message any more", name);
    const size_t len = from_hex(hex + 2, bytes);
    ProtobufCMessage *message = protobuf_c_message_unpack(type, arena_allocator(arena), len, bytes);
    if (message == NULL)
        fail_msg("%s cannot be read any more", name);
    if (message->n_unknown_fields > 0)
        fail_msg("%s has a field fewer today", name);
    expect_bytes("what was stored", name, message, bytes, len);
    struct json_error error;
    ProtobufCMessage *from_json;
    if (json_to_message(type, rest, strlen(rest), arena_allocator(arena), &from_json, &error) != 0)
        fail_msg("the JSON of %s: %s: %s", name, error.path, error.sentence);
    expect_bytes("the JSON", name, from_json, bytes, len);
}

static void what_was_written_down_is_still_read(void **unused)
{
    (void)unused;
    struct arena *arena = arena_create(ARENA_MAX);
    struct buffer file = read_file();
    size_t lines = 0;
    char *rest;
    for (char *line = strtok_r((char *)file.bytes, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        check_line(arena, line);
        arena_reset(arena);
        lines++;
    }
    assert_true(lines > 100);
    buffer_free(&file);
    arena_destroy(&arena);
}

static void what_is_written_today_is_written_down(void **unused)
{
    (void)unused;
    struct arena *arena = arena_create(ARENA_MAX);
    struct buffer file = read_file();
    FILE *append = getenv("GOLDEN_WRITE") == NULL ? NULL : fopen(path, "ae");
    for (const ProtobufCMessageDescriptor *const *type = messages_all; *type != NULL; type++)
        for (unsigned variant = 0; variant < count_variants(*type); variant++) {
            const char *line = make_line(arena, fill(arena, *type, variant));
            if (append != NULL && !has_line(&file, line))
                fprintf(append, "%s\n", line);
            else if (!has_line(&file, line))
                fail_msg("%s is new or has changed: `make golden` writes it down",
                         (*type)->short_name);
            arena_reset(arena);
        }
    if (append != NULL)
        fclose(append);
    buffer_free(&file);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_today_is_written_down),
        cmocka_unit_test(what_was_written_down_is_still_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
