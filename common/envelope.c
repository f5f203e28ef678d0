/* Messages in and out: see envelope.h. The wire is walked by the descriptor first (what unpacking would hide: NULs,
 * unknown fields, floods), then the unpacked message (what the wire does not show: enums left at zero). */
#include "common/envelope.h"

#include "common/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/messages.h"

void rejection_set(struct rejection *rejection, Dw__ErrorCode code, const char *format, ...)
{
    *rejection = (struct rejection){.code = code};
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(rejection->sentence, sizeof rejection->sentence, format, arguments) < 0)
        rejection->sentence[0] = '\0';
    va_end(arguments);
}

static int reject_field(struct rejection *rejection, const char *field, const char *sentence)
{
    rejection_set(rejection, DW__ERROR_CODE__ERROR_CODE_INVALID, "%s", sentence);
    (void)text_format(rejection->field, sizeof rejection->field, "%s", field);
    return -EBADMSG;
}

/* What is wrong lies in a message inside another one: the path to it grows at its front. index: of a list, or negative. */
static int reject_inside(struct rejection *rejection, const char *field, long index)
{
    char inner[sizeof rejection->field];
    (void)text_copy(inner, sizeof inner, rejection->field, strlen(rejection->field));
    if (index < 0)
        (void)text_format(rejection->field, sizeof rejection->field, "%s.%s", field, inner);
    else
        (void)text_format(rejection->field, sizeof rejection->field, "%s[%ld].%s", field, index,
                          inner);
    return -EBADMSG;
}

/* --- the wire (protobuf encoding: developers.google.com/protocol-buffers/docs/encoding) -------------------------- */

struct wire {
    const uint8_t *at;
    const uint8_t *end;
};

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

static int read_varint(struct wire *wire, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (wire->at == wire->end)
            return -EBADMSG;
        const uint8_t byte = *wire->at++;
        if (shift == 63 && byte > 1)
            return -EBADMSG;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret_value = value;
            return 0;
        }
    }
    return -EBADMSG;
}

static int check_wire(const ProtobufCMessageDescriptor *type, struct wire wire,
                      struct rejection *ret_rejection);

static int check_bytes(const ProtobufCFieldDescriptor *field, struct wire part,
                       struct rejection *ret_rejection)
{
    const size_t len = (size_t)(part.end - part.at);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return check_wire(field->descriptor, part, ret_rejection) < 0
                   ? reject_inside(ret_rejection, field->name, -1)
                   : 0;
    if (field->type == PROTOBUF_C_TYPE_STRING && len > ENVELOPE_STRING_MAX)
        return reject_field(ret_rejection, field->name, "a text is longer than 4096 bytes");
    if (field->type == PROTOBUF_C_TYPE_STRING && !text_is_utf8(part.at, len))
        return reject_field(ret_rejection, field->name, "a text is not UTF-8, or has a NUL in it");
    return 0;
}

/* Takes the value behind a tag; bytes values are checked by their field. */
static int take_value(struct wire *wire, unsigned wire_type, const ProtobufCFieldDescriptor *field,
                      struct rejection *ret_rejection)
{
    uint64_t value;
    size_t len;
    switch (wire_type) {
    case WIRE_VARINT:
        return read_varint(wire, &value);
    case WIRE_FIXED64:
    case WIRE_FIXED32:
        len = wire_type == WIRE_FIXED64 ? 8 : 4;
        break;
    case WIRE_BYTES:
        if (read_varint(wire, &value) < 0 || value > (uint64_t)(wire->end - wire->at))
            return -EBADMSG;
        len = (size_t)value;
        break;
    default: /* groups and the two numbers nobody uses */
        return -EBADMSG;
    }
    if (len > (size_t)(wire->end - wire->at))
        return -EBADMSG;
    const struct wire part = {wire->at, wire->at + len};
    wire->at += len;
    return wire_type == WIRE_BYTES ? check_bytes(field, part, ret_rejection) : 0;
}

static int check_wire(const ProtobufCMessageDescriptor *type, struct wire wire,
                      struct rejection *ret_rejection)
{
    unsigned elements = 0;
    while (wire.at < wire.end) {
        uint64_t tag;
        if (read_varint(&wire, &tag) < 0 || tag >> 3 > UINT32_MAX)
            return reject_field(ret_rejection, type->short_name, "the bytes are not a message");
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(type, (unsigned)(tag >> 3));
        if (field == NULL)
            return reject_field(ret_rejection, type->short_name,
                                "it has a field that is not known here");
        if (field->label == PROTOBUF_C_LABEL_REPEATED && ++elements > ENVELOPE_REPEATED_MAX)
            return reject_field(ret_rejection, field->name, "a list has more than 1024 elements");
        ret_rejection->code = 0;
        if (take_value(&wire, (unsigned)(tag & 7), field, ret_rejection) < 0)
            return ret_rejection->code != 0
                       ? -EBADMSG
                       : reject_field(ret_rejection, field->name, "the bytes are not a message");
    }
    return 0;
}

/* --- the message ----------------------------------------------------------------------------------------------- */

static bool is_id_name(const char *name)
{
    const size_t len = strlen(name);
    return strcmp(name, "id") == 0 || (len > 3 && strcmp(name + len - 3, "_id") == 0) ||
           (len > 4 && strcmp(name + len - 4, "_ids") == 0);
}

static int check_message(const ProtobufCMessage *message, struct rejection *ret_rejection);

static int check_element(const ProtobufCFieldDescriptor *field, const void *element,
                         struct rejection *ret_rejection)
{
    if (field->type == PROTOBUF_C_TYPE_ENUM) {
        const int value = *(const int *)element;
        if (value == 0 || protobuf_c_enum_descriptor_get_value(field->descriptor, value) == NULL)
            return reject_field(ret_rejection, field->name,
                                value == 0 ? "it must be said, and it is not"
                                           : "its value is not known here");
    }
    if (field->type == PROTOBUF_C_TYPE_BYTES && is_id_name(field->name)) {
        const size_t len = ((const ProtobufCBinaryData *)element)->len;
        if (len != 0 && len != 16)
            return reject_field(ret_rejection, field->name, "an id has 16 bytes");
    }
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        const ProtobufCMessage *inner = *(ProtobufCMessage *const *)element;
        return inner == NULL ? 0 : check_message(inner, ret_rejection);
    }
    return 0;
}

static size_t element_size(const ProtobufCFieldDescriptor *field)
{
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return sizeof(ProtobufCMessage *);
    return field->type == PROTOBUF_C_TYPE_BYTES ? sizeof(ProtobufCBinaryData) : sizeof(int);
}

static int check_message(const ProtobufCMessage *message, struct rejection *ret_rejection)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    const uint8_t *base = (const uint8_t *)message;
    for (unsigned at = 0; at < type->n_fields; at++) {
        const ProtobufCFieldDescriptor *field = &type->fields[at];
        if (field->type != PROTOBUF_C_TYPE_ENUM && field->type != PROTOBUF_C_TYPE_BYTES &&
            field->type != PROTOBUF_C_TYPE_MESSAGE)
            continue;
        size_t count = 1;
        const uint8_t *elements = base + field->offset;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            memcpy(&count, base + field->quantifier_offset, sizeof count);
            memcpy(&elements, base + field->offset, sizeof elements);
        } else if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
            uint32_t chosen;
            memcpy(&chosen, base + field->quantifier_offset, sizeof chosen);
            if (chosen != field->id)
                continue;
        }
        for (size_t element = 0; element < count; element++)
            if (check_element(field, elements + element * element_size(field), ret_rejection) < 0)
                return field->type != PROTOBUF_C_TYPE_MESSAGE
                           ? -EBADMSG
                           : reject_inside(ret_rejection, field->name,
                                           field->label == PROTOBUF_C_LABEL_REPEATED ? (long)element
                                                                                     : -1);
    }
    return 0;
}

int message_open(const ProtobufCMessageDescriptor *type, const void *bytes, size_t len,
                 struct arena *arena, ProtobufCMessage **ret_message,
                 struct rejection *ret_rejection)
{
    const uint8_t *begin = bytes == NULL ? (const uint8_t *)"" : bytes; /* an empty body has none */
    const struct wire wire = {begin, begin + len};
    if (check_wire(type, wire, ret_rejection) < 0)
        return -EBADMSG;
    ProtobufCMessage *message = protobuf_c_message_unpack(type, arena_allocator(arena), len, begin);
    if (message == NULL)
        return reject_field(ret_rejection, type->short_name,
                            "the bytes are not such a message, or it is too large");
    if (check_message(message, ret_rejection) < 0)
        return -EBADMSG;
    *ret_message = message;
    return 0;
}

bool authority_is_valid(const char *text)
{
    const size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return len >= 1 && len <= ENVELOPE_AUTHORITY_MAX && text[len] == '\0';
}

int envelope_open(const void *bytes, size_t len, struct arena *arena, Dw__Envelope **ret_envelope,
                  struct rejection *ret_rejection)
{
    ProtobufCMessage *message;
    if (message_open(&dw__envelope__descriptor, bytes, len, arena, &message, ret_rejection) < 0)
        return -EBADMSG;
    *ret_envelope = (Dw__Envelope *)message;
    return 0;
}

int envelope_check(const Dw__Envelope *envelope, struct rejection *ret_rejection)
{
    struct id id;
    if (!id_from_data(&envelope->id, &id))
        return reject_field(ret_rejection, "id", "an envelope has an id of 16 bytes, not all zero");
    if (!authority_is_valid(envelope->authority))
        return reject_field(ret_rejection, "authority",
                            "an authority is 1 to 32 of a-z, 0-9 and hyphen");
    if (envelope->schema != ENVELOPE_SCHEMA)
        return reject_field(ret_rejection, "schema", "the schema spoken here is 1");
    return 0;
}

static int compare_name(const void *name, const void *type)
{
    return strcmp(name, (*(const ProtobufCMessageDescriptor *const *)type)->short_name);
}

const ProtobufCMessageDescriptor *message_find(const char *name)
{
    static size_t count; /* learned once */
    while (messages_all[count] != NULL)
        count++;
    const ProtobufCMessageDescriptor *const *found =
        bsearch(name, messages_all, count, sizeof messages_all[0], compare_name);
    return found == NULL ? NULL : *found;
}

const char *message_name(const ProtobufCMessageDescriptor *type)
{
    return type->short_name;
}

/* --- out ------------------------------------------------------------------------------------------------------- */

void buffer_pack(struct buffer *buffer, const ProtobufCMessage *message)
{
    const size_t len = protobuf_c_message_get_packed_size(message);
    protobuf_c_message_pack(message, buffer_reserve(buffer, len + 1));
    buffer->len += len;
}

void envelope_answer(const struct answer_head *head, const char *type, const void *body,
                     size_t body_len, struct buffer *ret_bytes)
{
    Dw__Envelope envelope = DW__ENVELOPE__INIT;
    envelope.authority = (char *)(uintptr_t)head->authority;
    envelope.type = (char *)(uintptr_t)type;
    envelope.body = (ProtobufCBinaryData){body_len, (uint8_t *)(uintptr_t)body};
    envelope.seq = head->seq;
    envelope.recorded_ms = head->recorded_ms;
    envelope.correlation_id = id_to_data(&head->to);
    envelope.schema = ENVELOPE_SCHEMA;
    buffer_pack(ret_bytes, &envelope.base);
}

void envelope_failed(const struct answer_head *head, const struct rejection *rejection,
                     struct buffer *ret_bytes)
{
    Dw__Failed failed = DW__FAILED__INIT;
    failed.code = rejection->code;
    failed.sentence = (char *)(uintptr_t)rejection->sentence;
    failed.field = (char *)(uintptr_t)rejection->field;
    failed.retry_after_ms = rejection->retry_after_ms;
    if (rejection->endpoint != NULL)
        failed.endpoint = (char *)(uintptr_t)rejection->endpoint;
    struct buffer body = {0};
    buffer_pack(&body, &failed.base);
    envelope_answer(head, message_name(failed.base.descriptor), body.bytes, body.len, ret_bytes);
    buffer_free(&body);
}

void pack_refused(const ProtobufCEnumDescriptor *refusals, int value, const char *sentence,
                  struct buffer *ret_body)
{
    Dw__Refused refused = DW__REFUSED__INIT;
    const ProtobufCEnumValue *entry = protobuf_c_enum_descriptor_get_value(refusals, value);
    refused.code = (char *)(uintptr_t)(entry == NULL ? "?" : entry->name);
    refused.value = value;
    refused.sentence = (char *)(uintptr_t)sentence;
    buffer_pack(ret_body, &refused.base);
}

void principal_to_message(const struct principal *principal, Dw__Principal *ret_message)
{
    *ret_message = (Dw__Principal)DW__PRINCIPAL__INIT;
    ret_message->name = (char *)(uintptr_t)principal->name;
    ret_message->role = (Dw__Role)principal->role;
    if (!id_is_zero(&principal->provider_id))
        ret_message->provider_id = id_to_data(&principal->provider_id);
}

struct principal principal_from_message(const Dw__Principal *message)
{
    struct principal principal = {.name = message->name, .role = (int)message->role};
    (void)id_from_data(&message->provider_id, &principal.provider_id);
    return principal;
}
