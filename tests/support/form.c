/* See form.h. */
#include "tests/support/form.h"

#include "common/calendar.h"
#include "common/envelope.h"
#include "common/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "attendance.pb-c.h"

enum {
    HASH_SIZE = 32,
    LONG_LIST_MAX = 256,      /* bytes of a list of copies: else a few inputs take all the time */
    HUGE_LIST_MAX = 8 * 1024, /* of one that is longer than any may be */
    GROWN_UP_DAYS = 40 * 365,
    MANY = 24,        /* elements that differ, more than the bounds of patterns, goals and lines */
    BYTE_MANY = 0x70, /* so many bytes from here on say how many */
    BYTE_ABSENT = 0xf8,  /* from here on a value is left out */
    BYTE_STRANGE = 0xe0, /* from here on it is anything at all */
    BYTE_FAR = 0xc0,     /* from here on it is long, or far from what makes sense */
};

uint8_t form_byte(struct form *form)
{
    return form->at < form->end ? *form->at++ : 0;
}

uint32_t form_number(struct form *form)
{
    uint32_t number = 0;
    for (unsigned at = 0; at < sizeof number; at++)
        number = number << 8 | form_byte(form);
    return number;
}

struct id form_id(uint8_t number)
{
    struct id id = {{0x01, 0xa0}};
    id.bytes[15] = number;
    return id;
}

/* --- what makes sense ----------------------------------------------------------------------------------------------- */

/* Numbers by the name of their field: the plain one, and how far the next one is. */
static const struct plausible {
    const char *name;
    int64_t value;
    int64_t step;
} plausible[] = {
    {"start_minutes", 600, 15},
    {"end_minutes", 840, 15},
    {"arrived_minutes", 605, 5},
    {"left_minutes", 835, 5},
    {"level", 1, 1},
    {"framework", 1, 1},
    {"extension_months", 12, 12},
    {"levels", 1, 1},
    {"district", 1, 1},
    {"domain", 1, 1},
    {"outcomes", 1, 1},
    {"line_number", 1, 1},
    {"part", 1, 1},
    {"parts_total", 1, 1},
    {"row_number", 1, 1},
    {"rejects_page", 1, 1},
    {"age", 40, 1},
    {"age_to", 99, 1},
    {"points", 3, 1},
    {"amount", 2, 1},
    {"latitude_e6", 53260000, 9000},
    {"longitude_e6", -2125000, 9000},
    {"price_pence", 5000, 100},
    {"price_pence_per_week", 5000, 100},
    {"weeks", 4, 1},
    {"price_pence_per_year", 260000, 100},
    {"minutes_per_week", 240, 60},
    {"travel_minutes_max", 60, 10},
    {"units_e2", 100, 50},
    {"reference_year", 2026, 1},
    {"reference_number", 1, 1},
    {"number", 1, 1},
    {"speed_metres_per_hour", 30000, 1000},
    {"detour_percent", 130, 10},
    {"limit_minutes", 60, 10},
    {"hold_minutes", 60, 10},
    {"hold_minutes_max", 600, 10},
    {"record_from_age", 18, 1},
    {"review_days", 182, 30},
    {"value", 1, 1},
    {"answered", 200, 10},
    {"people", 20, 1},
};

static bool has_name(const ProtobufCFieldDescriptor *field, const char *name)
{
    return field->name[0] == name[0] && strcmp(field->name, name) == 0;
}

static int64_t strange_number(struct form *form)
{
    static const int64_t edges[] = {INT32_MAX, INT32_MIN, UINT32_MAX, INT64_MAX, INT64_MIN, -1,
                                    1 << 16,   10000,     -25567,     84005,     84006,     127};
    const uint8_t which = form_byte(form);
    if (which < sizeof edges / sizeof edges[0])
        return edges[which];
    return (int64_t)((uint64_t)form_number(form) << (which & 0x80 ? 32 : 0));
}

/* Days and milliseconds that lie ahead and behind, near and far. */
static int64_t some_days(uint8_t byte)
{
    static const int16_t leaps[] = {0,   1,   -1,  7,    -7,  28,   -28, 91,
                                    -91, 182, 365, -365, 730, 3650, 30,  -3650};
    return byte < BYTE_FAR ? (int8_t)byte : leaps[byte % 16];
}

static int64_t number_of(struct form *form, const ProtobufCFieldDescriptor *field, size_t place)
{
    const uint8_t byte = form_byte(form);
    const size_t len = strlen(field->name);
    if (byte >= BYTE_STRANGE && !form->is_sound)
        return strange_number(form);
    if (has_name(field, "days") || has_name(field, "date_days"))
        return form->today + some_days(byte);
    if (len > 3 && strcmp(field->name + len - 3, "_ms") == 0)
        return form->now_ms + some_days(byte) * 3600000;
    if (has_name(field, "weekday"))
        return 1 + (calendar_weekday(form->today) - 1 + byte) % 7;
    for (size_t at = 0; at < sizeof plausible / sizeof plausible[0]; at++)
        if (has_name(field, plausible[at].name))
            return plausible[at].value +
                   ((int64_t)place + (byte < BYTE_FAR ? (int8_t)byte : byte)) * plausible[at].step;
    return byte;
}

/* --- fields --------------------------------------------------------------------------------------------------------- */

static ProtobufCMessage *fill(struct form *form, const ProtobufCMessageDescriptor *type,
                              struct arena *arena);

static void *take(struct arena *arena, size_t size)
{
    void *memory = arena_alloc(arena, size);
    assert(memory != NULL);
    return memory;
}

static bool is_id(const ProtobufCFieldDescriptor *field)
{
    const size_t len = strlen(field->name);
    return has_name(field, "id") || has_name(field, "council_ref") ||
           (len > 3 && strcmp(field->name + len - 3, "_id") == 0) ||
           (len > 4 && strcmp(field->name + len - 4, "_ids") == 0);
}

static ProtobufCBinaryData id_of(struct form *form, size_t place, struct arena *arena)
{
    const uint8_t byte = form_byte(form);
    struct id *id = take(arena, sizeof *id);
    if (byte == 0 && form->is_filter)
        return (ProtobufCBinaryData){0};
    if (byte >= BYTE_ABSENT && !form->is_sound)
        return (ProtobufCBinaryData){byte & 1 ? 0 : sizeof *id, id->bytes}; /* none, or all zero */
    *id = form_id((uint8_t)(1 + (place + byte + form->shift) % 64));
    if (byte >= 0x40 && form->known_id != NULL)
        *id = form->known_id(form->context, byte);
    return id_to_data(id);
}

static ProtobufCBinaryData bytes_of(struct form *form, struct arena *arena)
{
    const uint8_t byte = form_byte(form);
    const size_t len = byte < BYTE_FAR ? HASH_SIZE : byte - BYTE_FAR;
    uint8_t *bytes = take(arena, len + 1);
    memset(bytes, byte + form->shift, len);
    for (size_t at = 0; at < len && byte >= BYTE_FAR; at++)
        bytes[at] = form_byte(form);
    return (ProtobufCBinaryData){len, bytes};
}

/* "A1"; or what the bytes say, which may be no text; or something long. */
static char *text_of(struct form *form, const ProtobufCFieldDescriptor *field, size_t place,
                     struct arena *arena)
{
    static const char *const texts[] = {
        "",      "1",       "LAS-1",           "4505577104", "\xc3\xa9\xe2\x82\xac",
        "A%s%n", "\"',;\n", "\xf0\x9f\x98\x80"};
    const uint8_t byte = form_byte(form);
    if (byte == 0 && (has_name(field, "nhs_number") || has_name(field, "gp_practice_code")))
        return arena_copy(arena, "", 0);
    if (byte < 0x10 && has_name(field, "language"))
        return arena_copy(arena, "pl", 2);
    if (byte >= 0x20 && byte < 0x28)
        return arena_copy(arena, texts[byte & 7], strlen(texts[byte & 7]));
    if (byte < 0x20 && byte % 2 == 0 && has_name(field, "person_ref")) {
        const struct id id = form_id((uint8_t)(1 + byte / 2 + form->shift));
        char *text = take(arena, ID_TEXT_SIZE);
        id_to_text(&id, text);
        return text;
    }
    if (byte < 0x20) {
        char *text = take(arena, 8);
        (void)text_format(text, 8, "A%u", (unsigned)(place + byte + form->shift + 1) % 1000);
        return text;
    }
    const bool is_long = byte >= BYTE_FAR && !form->has_large;
    const size_t len = is_long ? (byte - BYTE_FAR + 1U) * 64 : byte % 0x20U;
    form->has_large |= is_long;
    char *text = take(arena, len + 1);
    memset(text, byte & 1 ? 'x' : '\'', len);
    for (size_t at = 0; at < len && !is_long; at++)
        text[at] = (char)form_byte(form);
    return text;
}

static const size_t sizes[] = {
    [PROTOBUF_C_TYPE_INT32] = sizeof(int32_t),
    [PROTOBUF_C_TYPE_UINT32] = sizeof(uint32_t),
    [PROTOBUF_C_TYPE_INT64] = sizeof(int64_t),
    [PROTOBUF_C_TYPE_UINT64] = sizeof(uint64_t),
    [PROTOBUF_C_TYPE_BOOL] = sizeof(protobuf_c_boolean),
    [PROTOBUF_C_TYPE_ENUM] = sizeof(int),
    [PROTOBUF_C_TYPE_STRING] = sizeof(char *),
    [PROTOBUF_C_TYPE_BYTES] = sizeof(ProtobufCBinaryData),
    [PROTOBUF_C_TYPE_MESSAGE] = sizeof(ProtobufCMessage *),
};

static int choice_of(struct form *form, const ProtobufCFieldDescriptor *field, size_t place)
{
    const ProtobufCEnumDescriptor *names = field->descriptor;
    const uint8_t byte = form_byte(form);
    if (byte >= BYTE_ABSENT && !form->is_sound)
        return byte & 1; /* nothing, or what need not be a value of it */
    if (names == &dw__feed_mode__descriptor && byte == 0)
        return DW__FEED_MODE__FEED_MODE_COMMIT; /* registers are mostly sent in earnest */
    return names->values[1 + (place + byte) % (names->n_values - 1)].value;
}

static void fill_value(struct form *form, const ProtobufCFieldDescriptor *field, size_t place,
                       void *value, struct arena *arena)
{
    assert(field->type < sizeof sizes / sizeof sizes[0] && sizes[field->type] != 0);
    const int32_t today = form->today;
    if (has_name(field, "born"))
        form->today -= GROWN_UP_DAYS;
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        *(ProtobufCMessage **)value = fill(form, field->descriptor, arena);
    else if (field->type == PROTOBUF_C_TYPE_BYTES)
        *(ProtobufCBinaryData *)value =
            is_id(field) ? id_of(form, place, arena) : bytes_of(form, arena);
    else if (field->type == PROTOBUF_C_TYPE_STRING)
        *(char **)value = text_of(form, field, place, arena);
    else if (field->type == PROTOBUF_C_TYPE_ENUM)
        *(int *)value = choice_of(form, field, place);
    else if (field->type == PROTOBUF_C_TYPE_BOOL)
        *(protobuf_c_boolean *)value = form_byte(form) & 1;
    else if (sizes[field->type] == sizeof(int64_t))
        *(int64_t *)value = number_of(form, field, place);
    else
        *(uint32_t *)value = (uint32_t)number_of(form, field, place);
    form->today = today;
}

/* How often the first of a list stands in it, when it is to be a long one. */
static size_t long_count(const ProtobufCFieldDescriptor *field, const uint8_t *list, uint8_t byte)
{
    const bool is_huge = byte == UINT8_MAX;
    const ProtobufCMessage *first = NULL;
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        memcpy(&first, list, sizeof first);
    const size_t size = 1 + (first == NULL ? 0 : protobuf_c_message_get_packed_size(first));
    const size_t most = (size_t)(is_huge ? HUGE_LIST_MAX : LONG_LIST_MAX) / size;
    const size_t count =
        is_huge ? ENVELOPE_REPEATED_MAX + 1 : (size_t)(byte - BYTE_STRANGE + 1) * 2;
    return count < most ? count : 1 + most;
}

/* One, none, a few, some more; or one very many times. */
static void fill_list(struct form *form, const ProtobufCFieldDescriptor *field, uint8_t *base,
                      struct arena *arena)
{
    const uint8_t byte = form_byte(form);
    const bool is_long = byte >= BYTE_STRANGE && !form->has_large &&
                         (byte != UINT8_MAX || form_byte(form) == 0x5a); /* seldom: it takes long */
    const bool is_plain = byte == 0 && !has_name(field, "faults") && !form->is_filter;
    const size_t few =
        byte >= BYTE_MANY && byte < BYTE_MANY + MANY ? 1 + byte - BYTE_MANY : byte % 6;
    const size_t different = is_plain || byte >= BYTE_STRANGE ? 1 : byte <= 1 ? 0 : few;
    const size_t size = sizes[field->type];
    form->has_large |= is_long;
    uint8_t *list = take(arena, (is_long ? ENVELOPE_REPEATED_MAX + 1 : different) * size + 1);
    for (size_t at = 0; at < different; at++)
        fill_value(form, field, at, list + at * size, arena);
    const size_t count = is_long ? long_count(field, list, byte) : different;
    for (size_t at = different; at < count; at++)
        memcpy(list + at * size, list, size);
    memcpy(base + field->offset, &list, sizeof list);
    memcpy(base + field->quantifier_offset, &count, sizeof count);
}

/* The first field of a oneof chooses for all of it. */
static void fill_choice(struct form *form, const ProtobufCMessage *message, unsigned first,
                        struct arena *arena)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    const ProtobufCFieldDescriptor *field = &type->fields[first];
    uint8_t *base = (uint8_t *)(uintptr_t)message;
    unsigned members = 1;
    while (first + members < type->n_fields &&
           (type->fields[first + members].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
           type->fields[first + members].quantifier_offset == field->quantifier_offset)
        members++;
    const unsigned chosen = form_byte(form) % (members + 1);
    if (chosen == members)
        return;
    field += chosen;
    memcpy(base + field->quantifier_offset, &field->id, sizeof field->id);
    fill_value(form, field, 0, base + field->offset, arena);
}

static bool is_left_out(struct form *form, const ProtobufCMessageDescriptor *type,
                        const ProtobufCFieldDescriptor *field)
{
    /* Most holds replace nothing; most closures are of one service; most placements cover no other, come of no call-off and are no trial. */
    static const char *const seldom[] = {"replaces_hold_id", "covers_placement_id", "trial_until"};
    bool is_seldom =
        (has_name(field, "call_off_id") && strcmp(type->short_name, "PlacementTerms") == 0) ||
        (has_name(field, "site_id") && strcmp(type->short_name, "DeclareClosure") == 0);
    for (size_t at = 0; at < sizeof seldom / sizeof seldom[0]; at++)
        is_seldom = is_seldom || has_name(field, seldom[at]);
    if (is_seldom)
        return (form_byte(form) & 1) == 0;
    if (field->type != PROTOBUF_C_TYPE_MESSAGE)
        return false;
    const bool is_odd = (form_byte(form) & 1) != 0;
    return has_name(field, "to") ? !is_odd
                                 : is_odd && !form->is_sound; /* what has no end goes on */
}

static ProtobufCMessage *fill(struct form *form, const ProtobufCMessageDescriptor *type,
                              struct arena *arena)
{
    ProtobufCMessage *message = take(arena, type->sizeof_message);
    uint8_t *base = (uint8_t *)message;
    protobuf_c_message_init(type, message);
    for (unsigned at = 0; at < type->n_fields; at++) {
        const ProtobufCFieldDescriptor *field = &type->fields[at];
        const bool is_choice = (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
            fill_list(form, field, base, arena);
        else if (is_choice &&
                 (at == 0 || type->fields[at - 1].quantifier_offset != field->quantifier_offset))
            fill_choice(form, message, at, arena);
        else if (!is_choice && !is_left_out(form, type, field))
            fill_value(form, field, 0, base + field->offset, arena);
    }
    return message;
}

struct packed form_fill(struct form *form, const ProtobufCMessageDescriptor *type,
                        struct arena *arena)
{
    form->has_large = false;
    form->is_filter = strncmp(type->short_name, "List", strlen("List")) == 0;
    return pack_into(arena, fill(form, type, arena));
}

void form_damage(struct form *form, void *bytes, size_t len)
{
    uint8_t *at = bytes;
    for (unsigned left = form_byte(form) % 4; left > 0 && len > 0; left--) {
        const size_t place = form_number(form) >> 16;
        at[place % len] = form_byte(form);
    }
}
