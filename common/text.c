/* Text with bounds. Implements common/text.h. */
#include "common/text.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Length without a UTF-8 character whose end is missing; other bytes are left as they are. */
static size_t whole_characters(const char *text, size_t len)
{
    size_t start = len;
    for (size_t back = 1; back <= 4 && back <= len; back++) {
        uint8_t byte = (uint8_t)text[len - back];
        if ((byte & 0xc0) == 0x80)
            continue;
        size_t needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
        if (needed > back)
            start = len - back;
        break;
    }
    return start;
}

static int __attribute__((format(printf, 3, 0)))
format_arguments(char *ret_text, size_t size, const char *format, va_list arguments)
{
    int len = vsnprintf(ret_text, size, format, arguments);
    if (len >= 0 && (size_t)len < size)
        return 0;
    if (len < 0)
        ret_text[0] = '\0';
    else
        ret_text[whole_characters(ret_text, size - 1)] = '\0';
    return -ENOSPC;
}

int text_format(char *ret_text, size_t size, const char *format, ...)
{
    assert(size > 0);
    va_list arguments;
    va_start(arguments, format);
    const int result = format_arguments(ret_text, size, format, arguments);
    va_end(arguments);
    return result;
}

int text_add(char *text, size_t size, const char *format, ...)
{
    const size_t len = strnlen(text, size);
    assert(len < size);
    va_list arguments;
    va_start(arguments, format);
    const int result = format_arguments(text + len, size - len, format, arguments);
    va_end(arguments);
    return result;
}

int text_copy(char *ret_text, size_t size, const char *bytes, size_t len)
{
    assert(size > 0);
    bool fits = len < size;
    size_t kept = fits ? len : whole_characters(bytes, size - 1);
    if (kept > 0)
        memcpy(ret_text, bytes, kept);
    ret_text[kept] = '\0';
    return fits ? 0 : -ENOSPC;
}

int text_to_uint64(const char *text, uint64_t max, uint64_t *ret_value)
{
    if (*text == '\0')
        return -EINVAL;
    uint64_t value = 0;
    bool too_large = false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -EINVAL;
        uint64_t digit = (uint64_t)(*text - '0');
        if (value > (UINT64_MAX - digit) / 10)
            too_large = true;
        else
            value = value * 10 + digit;
    }
    if (too_large || value > max)
        return -ERANGE;
    *ret_value = value;
    return 0;
}

int text_to_int64(const char *text, int64_t min, int64_t max, int64_t *ret_value)
{
    bool negative = *text == '-';
    uint64_t magnitude;
    uint64_t magnitude_max = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    int error = text_to_uint64(negative ? text + 1 : text, magnitude_max, &magnitude);
    if (error != 0)
        return error;
    int64_t value = (int64_t)magnitude;
    if (negative)
        value = magnitude == magnitude_max ? INT64_MIN : -(int64_t)magnitude;
    if (value < min || value > max)
        return -ERANGE;
    *ret_value = value;
    return 0;
}

/* Bytes of the well-formed character at the front, 0 when there is none (RFC 3629, section 4). */
static size_t character_len(const uint8_t *bytes, size_t len)
{
    uint8_t first = bytes[0];
    if (first < 0x80)
        return first != 0 ? 1 : 0;
    size_t needed;
    uint8_t low = 0x80;
    uint8_t high = 0xbf;
    if (first >= 0xc2 && first <= 0xdf) {
        needed = 2;
    } else if (first >= 0xe0 && first <= 0xef) {
        needed = 3;
        low = first == 0xe0 ? 0xa0 : 0x80;
        high = first == 0xed ? 0x9f : 0xbf;
    } else if (first >= 0xf0 && first <= 0xf4) {
        needed = 4;
        low = first == 0xf0 ? 0x90 : 0x80;
        high = first == 0xf4 ? 0x8f : 0xbf;
    } else {
        return 0;
    }
    if (len < needed || bytes[1] < low || bytes[1] > high)
        return 0;
    for (size_t i = 2; i < needed; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    }
    return needed;
}

bool text_is_utf8(const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        size_t taken = character_len(at, len);
        if (taken == 0)
            return false;
        at += taken;
        len -= taken;
    }
    return true;
}

void text_to_hex(const void *bytes, size_t len, char *ret_text)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *from = bytes;
    for (size_t i = 0; i < len; i++) {
        ret_text[i * 2] = digits[from[i] >> 4];
        ret_text[i * 2 + 1] = digits[from[i] & 0x0f];
    }
    ret_text[len * 2] = '\0';
}

static int hex_digit(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    if (character >= 'A' && character <= 'F')
        return character - 'A' + 10;
    return -1;
}

int text_from_hex(const char *text, size_t len, void *ret_bytes)
{
    /* Looked at once before anything is written, so that a failure leaves the output alone. */
    for (size_t i = 0; i < len * 2; i++) {
        if (hex_digit(text[i]) < 0)
            return -EINVAL;
    }
    if (text[len * 2] != '\0')
        return -EINVAL;
    uint8_t *to = ret_bytes;
    for (size_t i = 0; i < len; i++)
        to[i] = (uint8_t)(hex_digit(text[i * 2]) << 4 | hex_digit(text[i * 2 + 1]));
    return 0;
}

void text_words(const char *name, char *ret_text, size_t size)
{
    size_t at = 0;
    for (; name[at] != '\0' && at + 1 < size; at++)
        ret_text[at] = name[at] == '_'                      ? ' '
                       : name[at] >= 'A' && name[at] <= 'Z' ? (char)(name[at] + ('a' - 'A'))
                                                            : name[at];
    ret_text[at] = '\0';
}
