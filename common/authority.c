/* Files of an authority: see authority.h. */
#include "common/authority.h"

#include "common/json.h"
#include "common/table.h"
#include "common/text.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { MODEL_FILE_MAX = 4 * 1024 * 1024 };

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
