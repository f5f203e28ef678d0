/* What a daemon reads about one authority before it serves it: the commissioning model and the journal's digest key. */
#ifndef DAYWAYS_COMMON_AUTHORITY_H
#define DAYWAYS_COMMON_AUTHORITY_H

#include "common/arena.h"

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>

/* Reads a model file (ProtoJSON of type), whose lists have at most 512 entries each. 0; -EINVAL with a sentence naming the file and
 * the path in it. The model lives in the arena; the digest is BLAKE2b-256 of its packed bytes. */
int authority_load_model(const char *path, const ProtobufCMessageDescriptor *type,
                         struct arena *arena, const ProtobufCMessage **ret_model,
                         uint8_t ret_digest[32], char *ret_error, size_t error_size);

/* Reads a key file: 64 hexadecimal digits. */
int authority_load_digest_key(const char *path, uint8_t ret_key[32], char *ret_error,
                              size_t error_size);

#endif
