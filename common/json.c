/* ProtoJSON by descriptor. Parsing and printing of JSON itself is jansson's; here is only the mapping.
 *
 * Long for one file, because no other may include jansson.h and both directions must agree field type by field type.
 * Knows no message but Date. Implements common/json.h. */
#include "common/json.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/calendar.h"
#include "common/ids.h"
#include "common/text.h"

#include "envelope.pb-c.h"

enum {
    NAME_SIZE = 128,        /* of a field's name in JSON; protobuf style keeps them far shorter */
    FIELDS_MAX = 256,       /* of a message type, for the set of names already seen */
    MESSAGE_DEPTH_MAX = 32, /* no message type is recursive, so types nest less deep than this */
};

/* --- what both directions share ------------------------------------------------------------------------------- */

int json_field_name(const ProtobufCFieldDescriptor *field, char *ret_name, size_t size)
{
    size_t len = 0;
    bool raise = false;
    for (const char *from = field->name; *from != '\0'; from++) {
        if (*from == '_') {
            raise = true;
            continue;
        }
        if (len + 1 >= size)
            return -ENOSPC;
        ret_name[len++] = raise && *from >= 'a' && *from <= 'z' ? (char)(*from - 'a' + 'A') : *from;
        raise = false;
    }
    ret_name[len] = '\0';
    return 0;
}

static bool is_date(const ProtobufCMessageDescriptor *type)
{
    return type == &dw__date__descriptor;
}

static bool is_in_text_range(int32_t date)
{
    return date >= calendar_date(1900, 1, 1) && date <= calendar_date(2199, 12, 31);
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    size_t end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static bool is_id_field(const ProtobufCFieldDescriptor *field)
{
    return strcmp(field->name, "id") == 0 || ends_with(field->name, "_id") ||
           ends_with(field->name, "_ids");
}

static bool is_oneof(const ProtobufCFieldDescriptor *field)
{
    return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

static void *member_at(ProtobufCMessage *message, size_t offset)
{
    return (uint8_t *)message + offset;
}

static const void *const_member_at(const ProtobufCMessage *message, size_t offset)
{
    return (const uint8_t *)message + offset;
}

/* Of one value in a repeated field; 0 for the types Dayways does not use. */
static size_t value_size(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return sizeof(uint32_t);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return sizeof(uint64_t);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_ENUM:
        return sizeof(int);
    case PROTOBUF_C_TYPE_STRING:
        return sizeof(char *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(ProtobufCMessage *);
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 0;
    }
    return 0;
}

/* --- out: each function returns a new value, or NULL on failure ------------------------------------------------ */

static json_t *write_message(const ProtobufCMessage *message);

static json_t *write_int64(int64_t value)
{
    char text[24];
    text_format(text, sizeof text, "%" PRId64, value);
    return json_string(text);
}

static json_t *write_uint64(uint64_t value)
{
    char text[24];
    text_format(text, sizeof text, "%" PRIu64, value);
    return json_string(text);
}

static json_t *write_enum(const ProtobufCEnumDescriptor *type, int value)
{
    const ProtobufCEnumValue *entry = protobuf_c_enum_descriptor_get_value(type, value);
    return entry != NULL ? json_string(entry->name) : json_integer(value);
}

static json_t *write_bytes(const ProtobufCFieldDescriptor *field, const ProtobufCBinaryData *data)
{
    struct id id;
    if (is_id_field(field) && data->len == sizeof id.bytes) {
        char text[ID_TEXT_SIZE];
        memcpy(id.bytes, data->data, sizeof id.bytes);
        id_to_text(&id, text);
        return json_string(text);
    }
    size_t size = sodium_base64_encoded_len(data->len, sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc(size);
    if (text == NULL)
        return NULL;
    sodium_bin2base64(text, size, data->data, data->len, sodium_base64_VARIANT_ORIGINAL);
    json_t *value = json_string(text);
    free(text);
    return value;
}

static json_t *write_value(const ProtobufCFieldDescriptor *field, const void *member)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return json_integer(*(const int32_t *)member);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return json_integer(*(const uint32_t *)member);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return write_int64(*(const int64_t *)member);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return write_uint64(*(const uint64_t *)member);
    case PROTOBUF_C_TYPE_BOOL:
        return json_boolean(*(const protobuf_c_boolean *)member);
    case PROTOBUF_C_TYPE_ENUM:
        return write_enum(field->descriptor, *(const int *)member);
    case PROTOBUF_C_TYPE_STRING: {
        const char *text = *(const char *const *)member;
        return json_string(text != NULL ? text : "");
    }
    case PROTOBUF_C_TYPE_BYTES:
        return write_bytes(field, member);
    case PROTOBUF_C_TYPE_MESSAGE:
        return write_message(*(const ProtobufCMessage *const *)member);
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        return NULL;
    }
    return NULL;
}

static json_t *write_repeated(const ProtobufCFieldDescriptor *field,
                              const ProtobufCMessage *message)
{
    size_t count = *(const size_t *)const_member_at(message, field->quantifier_offset);
    const uint8_t *values = *(uint8_t *const *)const_member_at(message, field->offset);
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *value = write_value(field, values + i * value_size(field->type));
        if (json_array_append_new(array, value) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

/* True for what is left out: members of a oneof that are not the chosen one, and absent sub-messages. */
static bool is_absent(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message)
{
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return false;
    if (is_oneof(field) &&
        *(const uint32_t *)const_member_at(message, field->quantifier_offset) != field->id)
        return true;
    return field->type == PROTOBUF_C_TYPE_MESSAGE &&
           *(const ProtobufCMessage *const *)const_member_at(message, field->offset) == NULL;
}

static json_t *write_message(const ProtobufCMessage *message)
{
    if (is_date(message->descriptor)) {
        int32_t days = ((const Dw__Date *)message)->days;
        char text[CALENDAR_TEXT_SIZE];
        if (is_in_text_range(days)) {
            calendar_to_text(days, text);
            return json_string(text);
        }
    }
    json_t *object = json_object();
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        if (is_absent(field, message))
            continue;
        char name[NAME_SIZE];
        json_t *value = field->label == PROTOBUF_C_LABEL_REPEATED
                            ? write_repeated(field, message)
                            : write_value(field, const_member_at(message, field->offset));
        if (json_field_name(field, name, sizeof name) != 0 ||
            json_object_set_new(object, name, value) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

int json_from_message(const ProtobufCMessage *message, bool pretty, char **ret_text)
{
    json_t *value = write_message(message);
    if (value == NULL)
        return -EINVAL;
    size_t flags = JSON_ENCODE_ANY | (pretty ? JSON_INDENT(2) : JSON_COMPACT);
    char *text = json_dumps(value, flags);
    json_decref(value);
    if (text == NULL)
        return -ENOMEM;
    if (pretty) {
        size_t len = strlen(text);
        char *longer = realloc(text, len + 2);
        if (longer == NULL) {
            free(text);
            return -ENOMEM;
        }
        text = longer;
        memcpy(text + len, "\n", 2);
    }
    *ret_text = text;
    return 0;
}

/* --- in: each function returns 0 or negative errno with the error filled in ------------------------------------ */

/* Where in the text a value stands: a name in the parent's object, or, when name is NULL, an index of its array. */
struct place {
    const struct place *parent;
    const char *name;
    size_t index;
};

struct reading {
    ProtobufCAllocator *allocator; /* NULL: malloc */
    struct json_error *error;
    int depth; /* of messages */
};

static int read_message(struct reading *reading, const struct place *place,
                        const ProtobufCMessageDescriptor *type, json_t *value,
                        ProtobufCMessage **ret_message);

static void write_path(const struct place *place, char *ret_path, size_t size)
{
    if (place->parent == NULL) {
        ret_path[0] = '\0';
        return;
    }
    write_path(place->parent, ret_path, size);
    size_t len = strlen(ret_path);
    if (place->name == NULL)
        text_format(ret_path + len, size - len, "[%zu]", place->index);
    else
        text_format(ret_path + len, size - len, "%s%s", len > 0 ? "." : "", place->name);
}

static int fail(struct reading *reading, const struct place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int fail(struct reading *reading, const struct place *place, const char *format, ...)
{
    char sentence[sizeof reading->error->sentence];
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(sentence, sizeof sentence, format, arguments) < 0)
        sentence[0] = '\0';
    va_end(arguments);
    write_path(place, reading->error->path, sizeof reading->error->path);
    /* Copied once more, because cutting must not leave half a character. */
    text_copy(reading->error->sentence, sizeof reading->error->sentence, sentence,
              strlen(sentence));
    return -EINVAL;
}

/* Zeroed memory; NULL when the allocator gives no more. */
static void *allocate(struct reading *reading, const struct place *place, size_t size)
{
    ProtobufCAllocator *allocator = reading->allocator;
    void *memory =
        allocator != NULL ? allocator->alloc(allocator->allocator_data, size) : malloc(size);
    if (memory == NULL)
        fail(reading, place, "There is no memory left for this message.");
    else
        memset(memory, 0, size);
    return memory;
}

static int read_signed(struct reading *reading, const struct place *place, json_t *value,
                       int64_t min, int64_t max, int64_t *ret_number)
{
    int64_t number = 0;
    int error = -EINVAL;
    if (json_is_string(value)) {
        error = text_to_int64(json_string_value(value), min, max, &number);
    } else if (json_is_integer(value)) {
        number = json_integer_value(value);
        error = number < min || number > max ? -ERANGE : 0;
    }
    if (error == -ERANGE)
        return fail(reading, place, "The number must lie from %" PRId64 " to %" PRId64 ".", min,
                    max);
    if (error != 0)
        return fail(reading, place, "This must be a whole number.");
    *ret_number = number;
    return 0;
}

static int read_unsigned(struct reading *reading, const struct place *place, json_t *value,
                         uint64_t max, uint64_t *ret_number)
{
    uint64_t number = 0;
    int error = -EINVAL;
    if (json_is_string(value)) {
        error = text_to_uint64(json_string_value(value), max, &number);
    } else if (json_is_integer(value)) {
        json_int_t given = json_integer_value(value);
        number = (uint64_t)given;
        error = given < 0 || number > max ? -ERANGE : 0;
    }
    if (error == -ERANGE)
        return fail(reading, place, "The number must lie from 0 to %" PRIu64 ".", max);
    if (error != 0)
        return fail(reading, place, "This must be a whole number that is not negative.");
    *ret_number = number;
    return 0;
}

/* Length of what all names of the enum begin with, up to and with an underscore: "ROLE_". */
static size_t shared_prefix_len(const ProtobufCEnumDescriptor *type)
{
    const char *first = type->values[0].name;
    size_t len = strlen(first);
    for (unsigned i = 1; i < type->n_values; i++) {
        size_t same = 0;
        while (same < len && first[same] == type->values[i].name[same])
            same++;
        len = same;
    }
    while (len > 0 && first[len - 1] != '_')
        len--;
    return len;
}

static int fail_enum(struct reading *reading, const struct place *place,
                     const ProtobufCEnumDescriptor *type)
{
    size_t prefix_len = shared_prefix_len(type);
    char names[200] = "";
    for (unsigned i = 0; i < type->n_values; i++) {
        const char *name = type->values[i].name + prefix_len;
        size_t len = strlen(names);
        if (type->values[i].value == 0 && ends_with(name, "UNSPECIFIED"))
            continue;
        if (text_format(names + len, sizeof names - len, "%s%s", len > 0 ? ", " : "", name) != 0) {
            text_format(names + len, sizeof names - len, " …");
            break;
        }
    }
    for (char *at = names; *at != '\0'; at++) {
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    }
    return fail(reading, place, "This must be one of: %s.", names);
}

static int read_enum(struct reading *reading, const struct place *place, json_t *value,
                     const ProtobufCEnumDescriptor *type, int *ret_value)
{
    if (json_is_integer(value)) {
        json_int_t number = json_integer_value(value);
        if (number < INT32_MIN || number > INT32_MAX ||
            protobuf_c_enum_descriptor_get_value(type, (int)number) == NULL)
            return fail_enum(reading, place, type);
        *ret_value = (int)number;
        return 0;
    }
    if (!json_is_string(value))
        return fail_enum(reading, place, type);
    const char *text = json_string_value(value);
    size_t prefix_len = shared_prefix_len(type);
    for (unsigned i = 0; i < type->n_values; i++) {
        const char *name = type->values[i].name;
        if (strcmp(text, name) == 0 || strcasecmp(text, name + prefix_len) == 0) {
            *ret_value = type->values[i].value;
            return 0;
        }
    }
    return fail_enum(reading, place, type);
}

static int read_string(struct reading *reading, const struct place *place, json_t *value,
                       char **ret_text)
{
    if (!json_is_string(value))
        return fail(reading, place, "This must be text in quotation marks.");
    size_t len = json_string_length(value);
    char *text = allocate(reading, place, len + 1);
    if (text == NULL)
        return -ENOMEM;
    memcpy(text, json_string_value(value), len);
    *ret_text = text;
    return 0;
}

static int read_bytes(struct reading *reading, const struct place *place, json_t *value,
                      const ProtobufCFieldDescriptor *field, ProtobufCBinaryData *ret_data)
{
    static const int variants[] = {
        sodium_base64_VARIANT_ORIGINAL,
        sodium_base64_VARIANT_ORIGINAL_NO_PADDING,
        sodium_base64_VARIANT_URLSAFE,
        sodium_base64_VARIANT_URLSAFE_NO_PADDING,
    };
    bool is_id = is_id_field(field);
    const char *text = json_string_value(value);
    size_t text_len = json_string_length(value);
    if (text != NULL && text_len == 0) {
        *ret_data = (ProtobufCBinaryData){0};
        return 0;
    }
    /* Large enough for base64 and for an id, whose text is more than twice as long. */
    uint8_t *bytes = text != NULL ? allocate(reading, place, text_len) : NULL;
    if (text != NULL && bytes == NULL)
        return -ENOMEM;
    struct id id;
    if (text != NULL && is_id && id_from_text(text, &id) == 0) {
        memcpy(bytes, id.bytes, sizeof id.bytes);
        *ret_data = (ProtobufCBinaryData){.len = sizeof id.bytes, .data = bytes};
        return 0;
    }
    for (size_t i = 0; text != NULL && i < sizeof variants / sizeof variants[0]; i++) {
        size_t len;
        if (sodium_base642bin(bytes, text_len, text, text_len, NULL, &len, NULL, variants[i]) ==
            0) {
            *ret_data = (ProtobufCBinaryData){.len = len, .data = bytes};
            return 0;
        }
    }
    if (bytes != NULL && reading->allocator != NULL)
        reading->allocator->free(reading->allocator->allocator_data, bytes);
    else
        free(bytes);
    return fail(reading, place,
                is_id ? "This must be an id such as 018f33ab-cdef-7000-8011-223344556677."
                      : "This must be text in base64.");
}

static int read_integer(struct reading *reading, const struct place *place, json_t *value,
                        ProtobufCType type, void *ret_member)
{
    int64_t number = 0;
    uint64_t natural = 0;
    int error;
    if (type == PROTOBUF_C_TYPE_UINT32 || type == PROTOBUF_C_TYPE_FIXED32) {
        error = read_unsigned(reading, place, value, UINT32_MAX, &natural);
        if (error == 0)
            *(uint32_t *)ret_member = (uint32_t)natural;
    } else if (type == PROTOBUF_C_TYPE_UINT64 || type == PROTOBUF_C_TYPE_FIXED64) {
        error = read_unsigned(reading, place, value, UINT64_MAX, &natural);
        if (error == 0)
            *(uint64_t *)ret_member = natural;
    } else if (value_size(type) == sizeof(int32_t)) {
        error = read_signed(reading, place, value, INT32_MIN, INT32_MAX, &number);
        if (error == 0)
            *(int32_t *)ret_member = (int32_t)number;
    } else {
        error = read_signed(reading, place, value, INT64_MIN, INT64_MAX, &number);
        if (error == 0)
            *(int64_t *)ret_member = number;
    }
    return error;
}

static int read_value(struct reading *reading, const struct place *place,
                      const ProtobufCFieldDescriptor *field, json_t *value, void *ret_member)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return read_integer(reading, place, value, field->type, ret_member);
    case PROTOBUF_C_TYPE_BOOL:
        if (!json_is_boolean(value))
            return fail(reading, place, "This must be true or false.");
        *(protobuf_c_boolean *)ret_member = json_is_true(value);
        return 0;
    case PROTOBUF_C_TYPE_ENUM:
        return read_enum(reading, place, value, field->descriptor, ret_member);
    case PROTOBUF_C_TYPE_STRING:
        return read_string(reading, place, value, ret_member);
    case PROTOBUF_C_TYPE_BYTES:
        return read_bytes(reading, place, value, field, ret_member);
    case PROTOBUF_C_TYPE_MESSAGE:
        return read_message(reading, place, field->descriptor, value, ret_member);
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        return fail(reading, place, "Numbers with a fraction are not used.");
    }
    return -EINVAL;
}

static int read_repeated(struct reading *reading, const struct place *place,
                         const ProtobufCFieldDescriptor *field, json_t *value,
                         ProtobufCMessage *message)
{
    if (!json_is_array(value))
        return fail(reading, place, "This must be a list in square brackets.");
    size_t count = json_array_size(value);
    size_t size = value_size(field->type);
    if (count == 0)
        return 0;
    if (size == 0)
        return fail(reading, place, "Numbers with a fraction are not used.");
    uint8_t *values = allocate(reading, place, count * size);
    if (values == NULL)
        return -ENOMEM;
    *(void **)member_at(message, field->offset) = values;
    size_t *ret_count = member_at(message, field->quantifier_offset);
    for (size_t i = 0; i < count; i++) {
        const struct place element = {.parent = place, .index = i};
        int error =
            read_value(reading, &element, field, json_array_get(value, i), values + i * size);
        if (error != 0)
            return error;
        /* Counted only when whole, so that freeing after a failure frees what there is. */
        *ret_count = i + 1;
    }
    return 0;
}

static int read_field(struct reading *reading, const struct place *place,
                      const ProtobufCFieldDescriptor *field, json_t *value,
                      ProtobufCMessage *message)
{
    if (json_is_null(value))
        return 0;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return read_repeated(reading, place, field, value, message);
    uint32_t *chosen = NULL;
    if (is_oneof(field)) {
        chosen = member_at(message, field->quantifier_offset);
        if (*chosen != 0)
            return fail(reading, place,
                        "Another of the fields that exclude each other is already given.");
    }
    int error = read_value(reading, place, field, value, member_at(message, field->offset));
    if (error == 0 && chosen != NULL)
        *chosen = field->id;
    return error;
}

/* Index of the field that a name in JSON means, n_fields when there is none. */
static unsigned find_field(const ProtobufCMessageDescriptor *type, const char *name)
{
    unsigned i = 0;
    for (; i < type->n_fields; i++) {
        char camel[NAME_SIZE];
        if (strcmp(type->fields[i].name, name) == 0)
            break;
        if (json_field_name(&type->fields[i], camel, sizeof camel) == 0 && strcmp(camel, name) == 0)
            break;
    }
    return i;
}

static int read_fields(struct reading *reading, const struct place *place, json_t *object,
                       ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    bool seen[FIELDS_MAX] = {false};
    assert(type->n_fields <= FIELDS_MAX);
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        const struct place member = {.parent = place, .name = name};
        unsigned index = find_field(type, name);
        if (index == type->n_fields)
            return fail(reading, &member, "%s has no field of this name.", type->short_name);
        if (seen[index])
            return fail(reading, &member, "This field is given twice.");
        seen[index] = true;
        int error = read_field(reading, &member, &type->fields[index], value, message);
        if (error != 0)
            return error;
    }
    return 0;
}

static int read_message(struct reading *reading, const struct place *place,
                        const ProtobufCMessageDescriptor *type, json_t *value,
                        ProtobufCMessage **ret_message)
{
    int32_t days = 0;
    bool is_date_text = is_date(type) && json_is_string(value);
    if (is_date_text && calendar_from_text(json_string_value(value), &days) != 0)
        return fail(reading, place, "This must be a date such as 2026-11-23.");
    if (!is_date_text && !json_is_object(value))
        return fail(reading, place,
                    is_date(type) ? "This must be a date such as 2026-11-23."
                                  : "This must be an object in curly brackets.");
    if (reading->depth >= MESSAGE_DEPTH_MAX)
        return fail(reading, place, "Objects are nested too deep.");
    ProtobufCMessage *message = allocate(reading, place, type->sizeof_message);
    if (message == NULL)
        return -ENOMEM;
    type->message_init(message);
    int error = 0;
    reading->depth++;
    if (is_date_text)
        ((Dw__Date *)message)->days = days;
    else
        error = read_fields(reading, place, value, message);
    reading->depth--;
    if (error != 0) {
        protobuf_c_message_free_unpacked(message, reading->allocator);
        return error;
    }
    *ret_message = message;
    return 0;
}

int json_to_message(const ProtobufCMessageDescriptor *type, const char *text, size_t len,
                    ProtobufCAllocator *allocator, ProtobufCMessage **ret_message,
                    struct json_error *ret_error)
{
    struct reading reading = {.allocator = allocator, .error = ret_error};
    const struct place root = {0};
    json_error_t syntax;
    json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &syntax);
    if (value == NULL)
        return fail(&reading, &root, "Line %d, column %d is not JSON: %s.", syntax.line,
                    syntax.column, syntax.text);
    int error = read_message(&reading, &root, type, value, ret_message);
    json_decref(value);
    return error;
}
