/* Fuzzes ProtoJSON: what is read as a message is written as JSON, read and written again, and is the same bytes each time; what
 * is not read says where and why in text that can be shown. The first four bytes choose the type, the next one whether the
 * bytes are the JSON or fill in a message whose JSON is damaged, the next how much memory there is. */
#include "common/json.h"
#include "common/bus.h"
#include "common/envelope.h"
#include "common/text.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/messages.h"
#include "tests/support/form.h"
#include "tests/support/fuzz.h"

enum { SMALL = 2000 };

static void check_error(int result, const struct json_error *error)
{
    assert(result == -EINVAL || result == -ENOMEM);
    assert(memchr(error->path, '\0', sizeof error->path) != NULL);
    assert(memchr(error->sentence, '\0', sizeof error->sentence) != NULL);
    assert(error->sentence[0] != '\0');
    assert(text_is_utf8(error->path, strlen(error->path)));
    assert(text_is_utf8(error->sentence, strlen(error->sentence)));
}

static void check_again(const ProtobufCMessage *message, bool pretty)
{
    char *text;
    char *text_again;
    ProtobufCMessage *again;
    struct json_error error;
    assert(json_from_message(message, pretty, &text) == 0);
    assert(json_to_message(message->descriptor, text, strlen(text), NULL, &again, &error) == 0);
    assert(json_from_message(again, pretty, &text_again) == 0);
    assert(strcmp(text, text_again) == 0);
    struct buffer first = {0};
    struct buffer second = {0};
    buffer_pack(&first, message);
    buffer_pack(&second, again);
    assert(first.len == second.len && memcmp(first.bytes, second.bytes, first.len) == 0);
    buffer_free(&first);
    buffer_free(&second);
    protobuf_c_message_free_unpacked(again, NULL);
    free(text);
    free(text_again);
}

static void read_json(const ProtobufCMessageDescriptor *type, const char *text, size_t len,
                      uint8_t memory)
{
    static struct arena *small;
    struct json_error error = {.path = "?"};
    ProtobufCMessage *message;
    if (small == NULL)
        small = arena_create(SMALL);
    arena_reset(small);
    ProtobufCAllocator *allocator = (memory & 7) == 7 ? arena_allocator(small) : NULL;
    const int result = json_to_message(type, text, len, allocator, &message, &error);
    if (result < 0) {
        check_error(result, &error);
        return;
    }
    assert(message->descriptor == type);
    check_again(message, (memory & 8) != 0);
    protobuf_c_message_free_unpacked(message, allocator);
}

/* The JSON of a message that may hold anything, such as text that is none. */
static char *make_json(const ProtobufCMessageDescriptor *type, struct form *form,
                       struct arena *arena)
{
    char *text = NULL;
    const struct packed packed = form_fill(form, type, arena);
    const ProtobufCMessage *message =
        protobuf_c_message_unpack(type, arena_allocator(arena), packed.len, packed.bytes);
    assert(message != NULL);
    assert(json_from_message(message, false, &text) == 0 || text == NULL);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct arena *forms;
    static uint32_t count;
    struct form form = {.at = bytes, .end = bytes + len};
    if (forms == NULL) {
        forms = arena_create(64 * (size_t)BUS_REQUEST_MAX);
        while (messages_all[count] != NULL)
            count++;
    }
    const ProtobufCMessageDescriptor *type = messages_all[form_number(&form) % count];
    const bool is_filled = (form_byte(&form) & 1) == 0;
    const uint8_t memory = form_byte(&form);
    if (!is_filled) {
        read_json(type, (const char *)form.at, (size_t)(form.end - form.at), memory);
        return 0;
    }
    arena_reset(forms);
    char *text = make_json(type, &form, forms);
    if (text != NULL) {
        const size_t text_len = strlen(text);
        form_damage(&form, text, text_len);
        read_json(type, text, text_len, memory);
    }
    free(text);
    return 0;
}
