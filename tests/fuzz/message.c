/* Fuzzes every message type: what the engine's validation takes is packed and taken again, and is the same then; it never takes
 * more memory than its arena has. The first four bytes choose the type, the next one whether the bytes are the message or fill
 * one in, the next how small the arena is. */
#include "common/bus.h"
#include "common/envelope.h"
#include "common/table.h"
#include "common/text.h"

#include <assert.h>
#include <string.h>

#include "proto/messages.h"
#include "tests/support/form.h"
#include "tests/support/fuzz.h"

enum { SMALL = 2000 };

static void check_rejection(const struct rejection *rejection)
{
    assert(rejection->code == DW__ERROR_CODE__ERROR_CODE_INVALID);
    assert(rejection->sentence[0] != '\0');
    assert(text_is_utf8(rejection->sentence, strlen(rejection->sentence)));
    assert(text_is_utf8(rejection->field, strlen(rejection->field)));
}

static void open_message(const ProtobufCMessageDescriptor *type, struct packed bytes,
                         struct arena *arena, struct arena *large)
{
    struct rejection rejection;
    ProtobufCMessage *message;
    ProtobufCMessage *again;
    if (message_open(type, bytes.bytes, bytes.len, arena, &message, &rejection) < 0) {
        check_rejection(&rejection);
        return;
    }
    struct buffer packed = {0};
    struct buffer repacked = {0};
    buffer_pack(&packed, message);
    arena_reset(large);
    assert(message_open(type, packed.bytes, packed.len, large, &again, &rejection) == 0);
    buffer_pack(&repacked, again);
    assert(packed.len == repacked.len && memcmp(packed.bytes, repacked.bytes, packed.len) == 0);
    buffer_free(&packed);
    buffer_free(&repacked);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct arena *forms;
    static struct arena *large;
    static struct arena *small;
    static uint32_t count;
    struct form form = {.at = bytes, .end = bytes + len};
    if (forms == NULL) {
        forms = arena_create(64 * (size_t)BUS_REQUEST_MAX);
        large = arena_create(64 * (size_t)BUS_REQUEST_MAX);
        small = arena_create(SMALL);
        while (messages_all[count] != NULL)
            count++;
    }
    const ProtobufCMessageDescriptor *type = messages_all[form_number(&form) % count];
    const bool is_filled = (form_byte(&form) & 1) == 0;
    struct arena *arena = (form_byte(&form) & 7) == 7 ? small : large;
    struct packed packed = {form.at, (size_t)(form.end - form.at)};
    arena_reset(forms);
    arena_reset(arena);
    if (is_filled) {
        packed = form_fill(&form, type, forms);
        form_damage(&form, (uint8_t *)(uintptr_t)packed.bytes, packed.len);
    }
    open_message(type, packed, arena, large);
    return 0;
}
