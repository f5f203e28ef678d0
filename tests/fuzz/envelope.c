/* Fuzzes the door: whatever bytes come, an envelope is either rejected with an answer that is itself an envelope, or everything
 * in it is safe to read; and the same for the message in it. The first byte says whether the bytes are the envelope or fill
 * one in. */
#include "common/envelope.h"
#include "common/bus.h"
#include "common/text.h"

#include <assert.h>
#include <string.h>

#include "proto/messages.h"
#include "tests/support/form.h"
#include "tests/support/fuzz.h"

static struct arena *arena; /* as large as the door's */

/* What is told of a rejection can be read by anybody. */
static void check_rejection(const struct rejection *rejection, const char *authority)
{
    Dw__Envelope *envelope;
    ProtobufCMessage *failed;
    struct rejection again;
    struct buffer bytes = {0};
    const struct answer_head head = {.authority = authority};
    assert(rejection->code == DW__ERROR_CODE__ERROR_CODE_INVALID);
    assert(rejection->sentence[0] != '\0');
    envelope_failed(&head, rejection, &bytes);
    assert(envelope_open(bytes.bytes, bytes.len, arena, &envelope, &again) == 0);
    assert(message_open(&dw__failed__descriptor, envelope->body.data, envelope->body.len, arena,
                        &failed, &again) == 0);
    assert(strcmp(((const Dw__Failed *)failed)->sentence, rejection->sentence) == 0);
    buffer_free(&bytes);
}

static void open_body(const Dw__Envelope *envelope)
{
    struct rejection rejection;
    ProtobufCMessage *message;
    const ProtobufCMessageDescriptor *type = message_find(envelope->type);
    if (type == NULL)
        return;
    if (message_open(type, envelope->body.data, envelope->body.len, arena, &message, &rejection) <
        0)
        check_rejection(&rejection, envelope->authority);
    else
        assert(message->descriptor == type);
}

static void open_envelope(const uint8_t *bytes, size_t len)
{
    Dw__Envelope *envelope;
    struct rejection rejection;
    if (envelope_open(bytes, len, arena, &envelope, &rejection) < 0) {
        check_rejection(&rejection, "");
        return;
    }
    assert(text_is_utf8(envelope->type, strlen(envelope->type)));
    if (envelope->principal != NULL)
        assert(role_to_text(principal_from_message(envelope->principal).role)[0] != '?');
    if (envelope_check(envelope, &rejection) < 0) {
        check_rejection(&rejection, envelope->authority);
        return;
    }
    assert(authority_is_valid(envelope->authority));
    open_body(envelope);
}

/* An envelope that is nearly right, with a message in it that is nearly right. */
static struct packed make_envelope(struct form *form)
{
    static uint32_t count;
    while (messages_all[count] != NULL)
        count++;
    const ProtobufCMessageDescriptor *type = messages_all[form_number(form) % count];
    const struct packed body = form_fill(form, type, arena);
    const struct packed packed = form_fill(form, &dw__envelope__descriptor, arena);
    Dw__Envelope *envelope = dw__envelope__unpack(arena_allocator(arena), packed.len, packed.bytes);
    assert(envelope != NULL);
    const uint8_t change = form_byte(form);
    if ((change & 1) == 0)
        envelope->type = arena_copy(arena, type->short_name, strlen(type->short_name));
    if ((change & 2) == 0)
        envelope->authority = arena_copy(arena, "cheshire-east", strlen("cheshire-east"));
    if ((change & 4) == 0)
        envelope->schema = ENVELOPE_SCHEMA;
    envelope->body = (ProtobufCBinaryData){body.len, (uint8_t *)(uintptr_t)body.bytes};
    return pack_into(arena, &envelope->base);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct form form = {.at = bytes, .end = bytes + len};
    if (arena == NULL)
        arena = arena_create(64 * (size_t)BUS_REQUEST_MAX);
    arena_reset(arena);
    if ((form_byte(&form) & 1) != 0) {
        open_envelope(form.at, (size_t)(form.end - form.at));
        return 0;
    }
    const struct packed made = make_envelope(&form);
    uint8_t *damaged = (uint8_t *)arena_copy(arena, made.bytes, made.len);
    form_damage(&form, damaged, made.len);
    open_envelope(damaged, made.len);
    return 0;
}
