/* Tests of common/json: every message type survives the way through JSON, and wrong JSON is refused with its place. */
#include "common/json.h"

#include "common/arena.h"
#include "common/calendar.h"

#include "proto/messages.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "envelope.pb-c.h"
#include "model.pb-c.h"

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static char *random_text(struct arena *arena, uint64_t *state)
{
    static const char *const pieces[] = {"a",    "Z", "\"", "\\", "/", "\n",
                                         "\x01", "é", "€",  "😀",  " "};
    char *text = arena_alloc(arena, 64);
    for (uint64_t count = next_random(state) % 12; count > 0; count--) {
        const char *piece = pieces[next_random(state) % (sizeof pieces / sizeof pieces[0])];
        memcpy(text + strlen(text), piece, strlen(piece));
    }
    return text;
}

static ProtobufCMessage *random_message(struct arena *arena, uint64_t *state,
                                        const ProtobufCMessageDescriptor *type);

static size_t fill_value(struct arena *arena, uint64_t *state,
                         const ProtobufCFieldDescriptor *field, void *member)
{
    uint64_t random = next_random(state);
    /* Small, large and extreme numbers alike. */
    uint64_t number = random % 5 == 0 ? 0 : random % 5 == 1 ? UINT64_MAX : next_random(state);
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        *(uint32_t *)member = (uint32_t)(number >> random % 32);
        return sizeof(uint32_t);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        *(uint64_t *)member = number;
        return sizeof(uint64_t);
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)member = random % 2;
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_ENUM: {
        const ProtobufCEnumDescriptor *type = field->descriptor;
        *(int *)member = type->values[random % type->n_values].value;
        return sizeof(int);
    }
    case PROTOBUF_C_TYPE_STRING:
        *(char **)member = random_text(arena, state);
        return sizeof(char *);
    case PROTOBUF_C_TYPE_BYTES: {
        ProtobufCBinaryData *data = member;
        data->len = random % 3 == 0 ? 16 : random % 40;
        data->data = arena_alloc(arena, data->len);
        for (size_t i = 0; i < data->len; i++)
            data->data[i] = (uint8_t)next_random(state);
        return sizeof *data;
    }
    case PROTOBUF_C_TYPE_MESSAGE:
        *(ProtobufCMessage **)member = random_message(arena, state, field->descriptor);
        return sizeof(ProtobufCMessage *);
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        fail_msg("%s has a fraction", field->name);
    }
    return 0;
}

static void fill_field(struct arena *arena, uint64_t *state, const ProtobufCFieldDescriptor *field,
                       ProtobufCMessage *message)
{
    uint8_t *bytes = (uint8_t *)message;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        size_t count = next_random(state) % 4;
        uint8_t *values = arena_alloc(arena, count * sizeof(ProtobufCBinaryData));
        *(void **)(void *)(bytes + field->offset) = values;
        *(size_t *)(void *)(bytes + field->quantifier_offset) = count;
        for (size_t i = 0; i < count; i++)
            values += fill_value(arena, state, field, values);
        return;
    }
    if (next_random(state) % 4 == 0)
        return;
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
        uint32_t *chosen = (uint32_t *)(void *)(bytes + field->quantifier_offset);
        if (*chosen != 0)
            return;
        *chosen = field->id;
    }
    fill_value(arena, state, field, bytes + field->offset);
}

static ProtobufCMessage *random_message(struct arena *arena, uint64_t *state,
                                        const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = arena_alloc(arena, type->sizeof_message);
    type->message_init(message);
    if (type == &dw__date__descriptor && next_random(state) % 4 != 0) {
        ((Dw__Date *)message)->days =
            calendar_date(1900, 1, 1) + (int32_t)(next_random(state) % 109572);
        return message;
    }
    for (unsigned i = 0; i < type->n_fields; i++)
        fill_field(arena, state, &type->fields[i], message);
    return message;
}

static void check_round_trip(struct arena *arena, const ProtobufCMessage *message, bool pretty,
                             ProtobufCAllocator *allocator)
{
    char *text;
    assert_int_equal(json_from_message(message, pretty, &text), 0);
    ProtobufCMessage *back;
    struct json_error error;
    if (json_to_message(message->descriptor, text, strlen(text), allocator, &back, &error) != 0)
        fail_msg("%s: %s: %s in %s", message->descriptor->name, error.path, error.sentence, text);
    size_t size = protobuf_c_message_get_packed_size(message);
    assert_int_equal(protobuf_c_message_get_packed_size(back), size);
    uint8_t *before = arena_alloc(arena, size);
    uint8_t *after = arena_alloc(arena, size);
    protobuf_c_message_pack(message, before);
    protobuf_c_message_pack(back, after);
    assert_memory_equal(before, after, size);
    protobuf_c_message_free_unpacked(back, allocator);
    free(text);
}

/* Proves: every message type there is, filled with anything, comes back from JSON as the same bytes. */
static void every_message_type_survives_the_way_through_json(void **unused)
{
    (void)unused;
    struct arena *arena = arena_create(64 << 20);
    size_t types = 0;
    for (const ProtobufCMessageDescriptor *const *type = messages_all; *type != NULL; type++) {
        types++;
        for (uint64_t seed = 0; seed < 50; seed++) {
            uint64_t state = seed * 1000 + types;
            ProtobufCMessage *message = random_message(arena, &state, *type);
            check_round_trip(arena, message, seed % 2 == 0,
                             seed % 3 == 0 ? arena_allocator(arena) : NULL);
            arena_reset(arena);
        }
    }
    assert_true(types >= 25);
    arena_destroy(&arena);
}

/* Proves: the text has the names, forms and zero values that are promised. */
static void the_text_is_as_promised(void **unused)
{
    (void)unused;
    Dw__Principal principal = DW__PRINCIPAL__INIT;
    principal.name = "gate\n";
    principal.role = DW__ROLE__ROLE_BROKER;
    Dw__Envelope envelope = DW__ENVELOPE__INIT;
    uint8_t id[16] = {1, 2, 3};
    envelope.id = (ProtobufCBinaryData){.len = 16, .data = id};
    envelope.body = (ProtobufCBinaryData){.len = 2, .data = id};
    envelope.principal = &principal;
    envelope.seq = UINT64_MAX;
    envelope.at_ms = -9007199254740993;
    char *text;
    assert_int_equal(json_from_message(&envelope.base, false, &text), 0);
    assert_string_equal(
        text, "{\"id\":\"01020300-0000-0000-0000-000000000000\",\"authority\":\"\",\"type\":\"\","
              "\"body\":\"AQI=\",\"principal\":{\"name\":\"gate\\n\",\"role\":\"ROLE_BROKER\","
              "\"providerId\":\"\"},\"atMs\":\"-9007199254740993\",\"recordedMs\":\"0\","
              "\"deadlineMs\":\"0\",\"seq\":\"18446744073709551615\",\"correlationId\":\"\","
              "\"causationId\":\"\",\"schema\":0}");
    free(text);
    principal.name = "\xff";
    assert_int_equal(json_from_message(&envelope.base, false, &text), -EINVAL);
}

static const struct accepted_case {
    const ProtobufCMessageDescriptor *type;
    const char *text;
    const char *written; /* what it is when written again */
} accepted_cases[] = {
    {&dw__date__descriptor, "\"2026-11-23\"", "\"2026-11-23\""},
    {&dw__date__descriptor, "{\"days\":1000000}", "{\"days\":1000000}"},
    {&dw__date__descriptor, "{}", "\"1970-01-01\""},
    {&dw__fetch_events__descriptor, "{\"from_seq\":7,\"limit\":\"8\"}",
     "{\"fromSeq\":\"7\",\"limit\":8,\"repliesMax\":0}"},
    {&dw__fetch_events__descriptor, "{\"fromSeq\":null}",
     "{\"fromSeq\":\"0\",\"limit\":0,\"repliesMax\":0}"},
    {&dw__principal__descriptor, "{\"role\":\"social_worker\"}",
     "{\"name\":\"\",\"role\":\"ROLE_SOCIAL_WORKER\",\"providerId\":\"\"}"},
    {&dw__principal__descriptor, "{\"role\":2,\"provider_id\":\"_-8\"}",
     "{\"name\":\"\",\"role\":\"ROLE_APPROVER\",\"providerId\":\"/+8=\"}"},
};

/* Proves: what the header says is accepted is accepted and means what it should. */
static void other_forms_are_accepted(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof accepted_cases / sizeof accepted_cases[0]; i++) {
        const struct accepted_case *it = &accepted_cases[i];
        ProtobufCMessage *message;
        struct json_error error;
        assert_int_equal(
            json_to_message(it->type, it->text, strlen(it->text), NULL, &message, &error), 0);
        char *text;
        assert_int_equal(json_from_message(message, false, &text), 0);
        assert_string_equal(text, it->written);
        free(text);
        protobuf_c_message_free_unpacked(message, NULL);
    }
}

static const struct refused_case {
    const ProtobufCMessageDescriptor *type;
    const char *text;
    const char *path;
    const char *part; /* of the sentence */
} refused_cases[] = {
    {&dw__commissioning_model__descriptor, "{\"levels\":[{},{},{\"number\":-1}]}",
     "levels[2].number", "from 0 to 4294967295"},
    {&dw__commissioning_model__descriptor, "{\"levels\":[{},{\"number\":4294967296}]}",
     "levels[1].number", "from 0"},
    {&dw__commissioning_model__descriptor, "{\"levels\":[{\"warning_weeks\":[1,2.5]}]}",
     "levels[0].warning_weeks[1]", "whole number"},
    {&dw__commissioning_model__descriptor, "{\"levels\":[null]}", "levels[0]", "object"},
    {&dw__commissioning_model__descriptor, "{\"levels\":{}}", "levels", "list"},
    {&dw__commissioning_model__descriptor, "{\"objectives\":[\"a\",3]}", "objectives[1]", "text"},
    {&dw__commissioning_model__descriptor, "{\"rules\":{\"travel\":{\"speed\":1}}}",
     "rules.travel.speed", "Travel has no field"},
    {&dw__commissioning_model__descriptor, "{\"rules\":{\"viableEffect\":\"maybe\"}}",
     "rules.viableEffect", "off, warn, exclude"},
    {&dw__commissioning_model__descriptor, "{\"rules\":{\"viableEffect\":9}}", "rules.viableEffect",
     "off, warn, exclude"},
    {&dw__commissioning_model__descriptor, "{\"rules\":{\"outcomesBeforeSubmission\":1}}",
     "rules.outcomesBeforeSubmission", "true or false"},
    {&dw__commissioning_model__descriptor, "{\"bankHolidays\":[\"2026-02-29\"]}", "bankHolidays[0]",
     "date such as"},
    {&dw__commissioning_model__descriptor, "{\"bankHolidays\":[7]}", "bankHolidays[0]",
     "date such as"},
    {&dw__commissioning_model__descriptor, "{\"gssCode\":\"a\",\"gss_code\":\"b\"}", "gss_code",
     "twice"},
    {&dw__commissioning_model__descriptor, "{\"name\":\"a\",\"name\":\"b\"}", "", "duplicate"},
    {&dw__commissioning_model__descriptor, "{\"name\":\"a\"", "", "Line 1"},
    {&dw__commissioning_model__descriptor, "{\"name\":\"\xff\"}", "", "Line 1"},
    {&dw__commissioning_model__descriptor, "{\"name\":\"a\\u0000b\"}", "", "Line 1"},
    {&dw__commissioning_model__descriptor, "[]", "", "object"},
    {&dw__commissioning_model__descriptor, "", "", "not JSON"},
    {&dw__fetch_events__descriptor, "{\"fromSeq\":\"18446744073709551616\"}", "fromSeq",
     "18446744073709551615"},
    {&dw__fetch_events__descriptor, "{\"fromSeq\":\"-1\"}", "fromSeq", "not negative"},
    {&dw__district__descriptor, "{\"latitudeE6\":2147483648}", "latitudeE6", "2147483647"},
    {&dw__principal__descriptor, "{\"providerId\":\"018f33ab-cdef-7000-8011-22334455667\"}",
     "providerId", "an id"},
    {&dw__event__descriptor, "{\"body\":\"a?b\"}", "body", "base64"},
    {&dw__event__descriptor, "{\"body\":5}", "body", "base64"},
    {&dw__date__descriptor, "\"23/11/2026\"", "", "date such as"},
};

/* Proves: each kind of mistake is refused at its place with a sentence, without leaks, the output left alone. */
static void mistakes_are_refused_at_their_place(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof refused_cases / sizeof refused_cases[0]; i++) {
        const struct refused_case *it = &refused_cases[i];
        ProtobufCMessage *message = NULL;
        struct json_error error = {0};
        assert_int_equal(
            json_to_message(it->type, it->text, strlen(it->text), NULL, &message, &error), -EINVAL);
        assert_null(message);
        assert_string_equal(error.path, it->path);
        if (strstr(error.sentence, it->part) == NULL)
            fail_msg("%s: %s", it->text, error.sentence);
    }
}

/* A message type with a oneof, described by hand: whether one of proto/ has a oneof is not for this test to say. */
struct choice {
    ProtobufCMessage base;
    uint32_t chosen;
    union {
        char *word;
        int32_t number;
    };
};

static void init_choice(ProtobufCMessage *message)
{
    extern const ProtobufCMessageDescriptor choice_type;
    *(struct choice *)message = (struct choice){.base = PROTOBUF_C_MESSAGE_INIT(&choice_type)};
}

static const ProtobufCFieldDescriptor choice_fields[] = {
    {.name = "a_word",
     .id = 1,
     .label = PROTOBUF_C_LABEL_NONE,
     .type = PROTOBUF_C_TYPE_STRING,
     .quantifier_offset = offsetof(struct choice, chosen),
     .offset = offsetof(struct choice, word),
     .flags = PROTOBUF_C_FIELD_FLAG_ONEOF},
    {.name = "number",
     .id = 2,
     .label = PROTOBUF_C_LABEL_NONE,
     .type = PROTOBUF_C_TYPE_INT32,
     .quantifier_offset = offsetof(struct choice, chosen),
     .offset = offsetof(struct choice, number),
     .flags = PROTOBUF_C_FIELD_FLAG_ONEOF},
};
extern const ProtobufCMessageDescriptor choice_type;
const ProtobufCMessageDescriptor choice_type = {
    .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
    .name = "test.Choice",
    .short_name = "Choice",
    .sizeof_message = sizeof(struct choice),
    .n_fields = 2,
    .fields = choice_fields,
    .message_init = init_choice,
};

/* Proves: of a oneof only the chosen member is written, even when zero, and two members are an error. */
static void a_oneof_has_one_member(void **unused)
{
    (void)unused;
    static const char *const texts[] = {"{\"aWord\":\"x\"}", "{\"number\":0}", "{}"};
    struct json_error error;
    ProtobufCMessage *message;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(
            json_to_message(&choice_type, texts[i], strlen(texts[i]), NULL, &message, &error), 0);
        char *text;
        assert_int_equal(json_from_message(message, false, &text), 0);
        assert_string_equal(text, texts[i]);
        free(text);
        protobuf_c_message_free_unpacked(message, NULL);
    }
    const char *both = "{\"aWord\":\"x\",\"number\":1}";
    assert_int_equal(json_to_message(&choice_type, both, strlen(both), NULL, &message, &error),
                     -EINVAL);
    assert_string_equal(error.path, "number");
}

/* Proves: an allocator that gives out fails the reading cleanly at every point. */
static void a_full_arena_fails_cleanly(void **unused)
{
    (void)unused;
    const char *text = "{\"command_id\":\"AQI=\",\"principal\":{\"name\":\"x\"},"
                       "\"events\":[{\"type\":\"a\"},{\"body\":\"AQI=\"}]}";
    int failures = 0;
    for (size_t limit = 0;; limit += 16) {
        struct arena *arena = arena_create(limit);
        ProtobufCMessage *message = NULL;
        struct json_error error;
        int result = json_to_message(&dw__decision__descriptor, text, strlen(text),
                                     arena_allocator(arena), &message, &error);
        assert_true(result == 0 || (result == -ENOMEM && message == NULL));
        arena_destroy(&arena);
        if (result == 0)
            break;
        failures++;
    }
    assert_true(failures > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_type_survives_the_way_through_json),
        cmocka_unit_test(the_text_is_as_promised),
        cmocka_unit_test(other_forms_are_accepted),
        cmocka_unit_test(mistakes_are_refused_at_their_place),
        cmocka_unit_test(a_oneof_has_one_member),
        cmocka_unit_test(a_full_arena_fails_cleanly),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
