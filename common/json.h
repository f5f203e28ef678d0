/* ProtoJSON of any message by its descriptor, both ways. The only user of the JSON library.
 *
 * Out: lower camel case names; zero values always, absent sub-messages and unset members of a oneof never; 64-bit integers
 * as strings; enum values by name (a number when it has none). Bytes in a field named id, …_id or …_ids are UUID text
 * when there are 16 of them; other bytes are base64. A uk.dayways.v1.Date is "2026-11-23", or {"days": N} when its
 * year lies outside 1900 to 2199.
 * In: the same, and: names of the .proto files (snake case); integers as numbers or strings; enum values by name without
 * the prefix that all its names share, in any case ("broker"), or by number; base64 for ids; null for absent. An
 * unknown or doubled name, two members of a oneof, or a value out of range is an error.
 * Follows protobuf.dev/programming-guides/json but for Date and ids. */
#ifndef DAYWAYS_COMMON_JSON_H
#define DAYWAYS_COMMON_JSON_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

/* What is wrong and where, for the person who wrote the JSON. */
struct json_error {
    char path
        [128]; /* "levels[2].number"; "" when the text as a whole is not JSON or not this message */
    char sentence[256]; /* a plain sentence without the path */
};

/* The text, allocated with malloc and freed by the caller. 0, or -EINVAL when a string is not UTF-8 or a field has a type
 * that Dayways does not use (floating point). pretty: indented by two spaces, with a newline at the end. */
int json_from_message(const ProtobufCMessage *message, bool pretty, char **ret_text);

/* A message of the type from len bytes of text. allocator (NULL: malloc) provides all its memory, so that
 * protobuf_c_message_free_unpacked(message, allocator) frees it. 0; -EINVAL with *ret_error filled in; -ENOMEM with
 * *ret_error filled in when the allocator gives no more. */
int json_to_message(const ProtobufCMessageDescriptor *type, const char *text, size_t len,
                    ProtobufCAllocator *allocator, ProtobufCMessage **ret_message,
                    struct json_error *ret_error);

/* The name of a field in JSON: lower camel case of its name. 0 or -ENOSPC. */
int json_field_name(const ProtobufCFieldDescriptor *field, char *ret_name, size_t size);

#endif
