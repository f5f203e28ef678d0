/* Identifiers: random bits come from a ChaCha20 stream under the source's key, numbered by its counter, so that a source
 * is cheap, cannot be guessed, and gives the same ids again when it was seeded with a number.
 *
 * Implements common/ids.h and RFC 9562 §5.7. */
#include "common/ids.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

_Static_assert(sizeof(struct id) == 16, "ids are keys of tables and must have no padding");
_Static_assert(sizeof((struct ids *)0)->key == crypto_stream_chacha20_KEYBYTES, "the stream's key");
_Static_assert(crypto_stream_chacha20_NONCEBYTES == 8, "the counter is the stream's nonce");

static void put_little_endian(uint64_t value, uint8_t ret_bytes[8])
{
    for (int i = 0; i < 8; i++)
        ret_bytes[i] = (uint8_t)(value >> (8 * i));
}

void ids_init(struct ids *ids)
{
    if (sodium_init() < 0)
        abort();
    randombytes_buf(ids->key, sizeof ids->key);
    ids->counter = 0;
}

void ids_init_seeded(struct ids *ids, uint64_t seed)
{
    if (sodium_init() < 0)
        abort();
    uint8_t bytes[8];
    put_little_endian(seed, bytes);
    crypto_generichash(ids->key, sizeof ids->key, bytes, sizeof bytes, NULL, 0);
    ids->counter = 0;
}

struct id ids_next(struct ids *ids, int64_t now_ms)
{
    assert(now_ms >= 0 && now_ms < INT64_C(1) << 48);
    struct id id;
    uint8_t nonce[8];
    put_little_endian(ids->counter++, nonce);
    crypto_stream_chacha20(id.bytes, sizeof id.bytes, nonce, ids->key);
    for (int i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(now_ms >> (40 - 8 * i));
    id.bytes[6] = (uint8_t)(0x70 | (id.bytes[6] & 0x0f));
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
    return id;
}

void pseudonym_key(const uint8_t secret[PSEUDONYM_KEY_SIZE], uint8_t ret_key[PSEUDONYM_KEY_SIZE])
{
    static const char label[] = "dayways pseudonym key 1";
    crypto_generichash(ret_key, PSEUDONYM_KEY_SIZE, (const uint8_t *)label, sizeof label - 1,
                       secret, PSEUDONYM_KEY_SIZE);
}

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

struct id pseudonym_of(const uint8_t key[PSEUDONYM_KEY_SIZE], const char *text)
{
    return pseudonym_in(key, "", text);
}

struct id pseudonym_in(const uint8_t key[PSEUDONYM_KEY_SIZE], const char *domain, const char *text)
{
    enum { PIECE_SIZE = 64 };
    crypto_generichash_state hash;
    uint8_t piece[PIECE_SIZE];
    struct id id;
    while (is_space(*text))
        text++;
    size_t left = strlen(text);
    while (left > 0 && is_space(text[left - 1]))
        left--;
    crypto_generichash_init(&hash, key, PSEUDONYM_KEY_SIZE, sizeof id.bytes);
    crypto_generichash_update(&hash, (const uint8_t *)domain, strlen(domain));
    while (left > 0) {
        const size_t len = left < sizeof piece ? left : sizeof piece;
        for (size_t at = 0; at < len; at++) {
            const char byte = text[at];
            piece[at] = (uint8_t)(byte >= 'a' && byte <= 'z' ? byte - 'a' + 'A' : byte);
        }
        crypto_generichash_update(&hash, piece, len);
        text += len;
        left -= len;
    }
    crypto_generichash_final(&hash, id.bytes, sizeof id.bytes);
    return id;
}

bool id_from_data(const ProtobufCBinaryData *data, struct id *ret_id)
{
    if (data->len != sizeof ret_id->bytes || data->data == NULL)
        return false;
    struct id id;
    memcpy(id.bytes, data->data, sizeof id.bytes);
    if (id_is_zero(&id))
        return false;
    *ret_id = id;
    return true;
}

struct id id_or_zero(const ProtobufCBinaryData *data)
{
    struct id id = {0};
    (void)id_from_data(data, &id);
    return id;
}

int id_data_compare(const ProtobufCBinaryData *left, const ProtobufCBinaryData *right)
{
    const struct id left_id = id_or_zero(left), right_id = id_or_zero(right);
    return id_compare(&left_id, &right_id);
}

bool id_data_equal(const ProtobufCBinaryData *left, const ProtobufCBinaryData *right)
{
    return id_data_compare(left, right) == 0;
}

ProtobufCBinaryData id_to_data(const struct id *id)
{
    /* protobuf-c has no const in its data type; packing only reads. */
    return (ProtobufCBinaryData){.len = sizeof id->bytes, .data = (uint8_t *)(uintptr_t)id->bytes};
}

bool id_equal(const struct id *left, const struct id *right)
{
    return memcmp(left->bytes, right->bytes, sizeof left->bytes) == 0;
}

int id_compare(const struct id *left, const struct id *right)
{
    return memcmp(left->bytes, right->bytes, sizeof left->bytes);
}

bool id_is_zero(const struct id *id)
{
    static const struct id zero;
    return id_equal(id, &zero);
}

/* Where the hyphens of the text form stand. */
static const size_t hyphens[] = {8, 13, 18, 23};
enum { ID_DIGITS = 2 * sizeof(struct id) };

void id_to_text(const struct id *id, char ret_text[ID_TEXT_SIZE])
{
    text_to_hex(id->bytes, sizeof id->bytes, ret_text);
    for (size_t i = 0; i < sizeof hyphens / sizeof hyphens[0]; i++) {
        memmove(ret_text + hyphens[i] + 1, ret_text + hyphens[i], ID_DIGITS + i + 1 - hyphens[i]);
        ret_text[hyphens[i]] = '-';
    }
}

int id_from_text(const char *text, struct id *ret_id)
{
    if (strnlen(text, ID_TEXT_SIZE) != ID_TEXT_SIZE - 1)
        return -EINVAL;
    char digits[ID_TEXT_SIZE];
    memcpy(digits, text, ID_TEXT_SIZE);
    for (size_t i = sizeof hyphens / sizeof hyphens[0]; i-- > 0;) {
        if (text[hyphens[i]] != '-')
            return -EINVAL;
        memmove(digits + hyphens[i], digits + hyphens[i] + 1, ID_TEXT_SIZE - 1 - hyphens[i]);
    }
    return text_from_hex(digits, sizeof ret_id->bytes, ret_id->bytes);
}
