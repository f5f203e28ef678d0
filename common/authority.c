/* Files of an authority: see authority.h. */
#include "common/authority.h"

#include "common/envelope.h"
#include "common/json.h"
#include "common/table.h"
#include "common/text.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
    MODEL_FILE_MAX = 4 * 1024 * 1024,
    /* What is told of a model's parts are lists in messages, with a line or two besides. */
    MODEL_LIST_MAX = ENVELOPE_REPEATED_MAX / 2,
};

static int read_file(const char *path, struct buffer *ret_bytes, char *ret_error, size_t error_size)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        const int error = errno;
        (void)text_format(ret_error, error_size, "%s: %s", path, strerror(error));
        return -error;
    }
    size_t count;
    do {
        count = fread(buffer_reserve(ret_bytes, 4096), 1, 4096, file);
        ret_bytes->len += count;
    } while (count == 4096 && ret_bytes->len < MODEL_FILE_MAX);
    fclose(file);
    return 0;
}

/* The first list of the message that is too long, or NULL. */
static const ProtobufCFieldDescriptor *find_long_list(const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    const ProtobufCFieldDescriptor *found = NULL;
    for (unsigned at = 0; at < type->n_fields && found == NULL; at++) {
        const ProtobufCFieldDescriptor *field = &type->fields[at];
        const uint8_t *member = (const uint8_t *)message + field->offset;
        size_t count = 1;
        const ProtobufCMessage *const *parts = (const void *)member;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            memcpy(&count, (const uint8_t *)message + field->quantifier_offset, sizeof count);
            memcpy(&parts, member, sizeof parts);
        }
        if (count > MODEL_LIST_MAX)
            return field;
        if (field->type == PROTOBUF_C_TYPE_MESSAGE)
            for (size_t part = 0; part < count && found == NULL; part++)
                found = parts[part] == NULL ? NULL : find_long_list(parts[part]);
    }
    return found;
}

int authority_load_model(const char *path, const ProtobufCMessageDescriptor *type,
                         struct arena *arena, const ProtobufCMessage **ret_model,
                         uint8_t ret_digest[32], char *ret_error, size_t error_size)
{
    struct buffer text = {0};
    struct buffer packed = {0};
    struct json_error wrong = {0};
    ProtobufCMessage *model;
    int result = read_file(path, &text, ret_error, error_size);
    if (result == 0) {
        result = json_to_message(type, (const char *)text.bytes, text.len, arena_allocator(arena),
                                 &model, &wrong);
        if (result < 0)
            (void)text_format(ret_error, error_size, "%s: %s: %s", path, wrong.path,
                              wrong.sentence);
    }
    const ProtobufCFieldDescriptor *list = result == 0 ? find_long_list(model) : NULL;
    if (list != NULL) {
        (void)text_format(ret_error, error_size, "%s: %s: a list in a model has at most %d entries",
                          path, list->name, MODEL_LIST_MAX);
        result = -EINVAL;
    }
    if (result == 0) {
        const size_t len = protobuf_c_message_get_packed_size(model);
        protobuf_c_message_pack(model, buffer_reserve(&packed, len + 1));
        crypto_generichash(ret_digest, 32, packed.bytes, len, NULL, 0);
        *ret_model = model;
    }
    buffer_free(&text);
    buffer_free(&packed);
    return result;
}

int authority_load_digest_key(const char *path, uint8_t ret_key[32], char *ret_error,
                              size_t error_size)
{
    struct buffer text = {0};
    int result = read_file(path, &text, ret_error, error_size);
    if (result == 0) {
        buffer_append(&text, "", 1);
        char *digits = (char *)text.bytes;
        digits[strcspn(digits, "\r\n")] = '\0';
        if (strlen(digits) != 64 || text_from_hex(digits, 32, ret_key) < 0) {
            (void)text_format(ret_error, error_size, "%s: it must hold 64 hexadecimal digits",
                              path);
            result = -EINVAL;
        }
    }
    buffer_free(&text);
    return result;
}
