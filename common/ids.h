/* Identifiers: 16 bytes, UUIDv7 (RFC 9562 §5.7) where we make them, any 16 bytes where others do. */
#ifndef DAYWAYS_COMMON_IDS_H
#define DAYWAYS_COMMON_IDS_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

struct id {
    uint8_t bytes[16];
};

enum { ID_TEXT_SIZE = 37 }; /* "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" and a NUL */

/* A deterministic source of ids: seeded once with randomness (or, in a simulation, with a number). */
struct ids {
    uint8_t key[32];
    uint64_t counter;
};

/* Seeds from the operating system's randomness. */
void ids_init(struct ids *ids);

/* Seeds from a number: the same seed gives the same ids. */
void ids_init_seeded(struct ids *ids, uint64_t seed);

/* The next UUIDv7; its first 48 bits are now_ms, UTC milliseconds. */
struct id ids_next(struct ids *ids, int64_t now_ms);

/* Pseudonyms: ids that stand for a text. The same text under the same key gives the same id, and nobody without the key can
 * tell the text or try texts against the id. Spaces around the text and the case of ASCII letters do not count.
 * BLAKE2b-128 (RFC 7693), keyed; the key is made from another secret for this purpose alone. */
enum { PSEUDONYM_KEY_SIZE = 32 };
void pseudonym_key(const uint8_t secret[PSEUDONYM_KEY_SIZE], uint8_t ret_key[PSEUDONYM_KEY_SIZE]);
struct id pseudonym_of(const uint8_t key[PSEUDONYM_KEY_SIZE], const char *text);

/* The same in a domain of its own, named in small letters, which no text has by then: it is nothing's pseudonym in another one, whoever
 * may choose the text there. */
struct id pseudonym_in(const uint8_t key[PSEUDONYM_KEY_SIZE], const char *domain, const char *text);

/* True, and *ret_id set, when data holds exactly 16 bytes that are not all zero. */
bool id_from_data(const ProtobufCBinaryData *data, struct id *ret_id);

/* The same for whoever needs no answer: zero when it holds no id. */
struct id id_or_zero(const ProtobufCBinaryData *data);

/* Whether both hold the same id, or neither holds one. */
bool id_data_equal(const ProtobufCBinaryData *left, const ProtobufCBinaryData *right);
int id_data_compare(const ProtobufCBinaryData *left, const ProtobufCBinaryData *right);

/* The field for a message. It points into *id: the id must outlive the message. */
ProtobufCBinaryData id_to_data(const struct id *id);

bool id_equal(const struct id *left, const struct id *right);
int id_compare(const struct id *left, const struct id *right);
bool id_is_zero(const struct id *id);

/* Writes the lower-case UUID form. */
void id_to_text(const struct id *id, char ret_text[ID_TEXT_SIZE]);

/* 0, or -EINVAL when text is not a UUID of 36 characters. */
int id_from_text(const char *text, struct id *ret_id);

#endif
