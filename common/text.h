/* Text with bounds: formatting, numbers, UTF-8 and hexadecimal, in place of the C library's unchecked functions. */
#ifndef DAYWAYS_COMMON_TEXT_H
#define DAYWAYS_COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Formats into size bytes, always NUL-terminated. 0, or -ENOSPC when the text was cut short (it is then a prefix, never
 * ending inside a UTF-8 character that the whole text had). size must be at least 1. */
int text_format(char *ret_text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, behind the text that stands there already. */
int text_add(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Copies len bytes as text_format does; bytes need no NUL behind them. */
int text_copy(char *ret_text, size_t size, const char *bytes, size_t len);

/* The whole text as a decimal number with an optional minus. 0, -EINVAL when it is not one (spaces, plus and empty text
 * included), -ERANGE when it lies outside min to max. */
int text_to_int64(const char *text, int64_t min, int64_t max, int64_t *ret_value);

/* The same without a sign. */
int text_to_uint64(const char *text, uint64_t max, uint64_t *ret_value);

/* True for well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF) without NUL. */
bool text_is_utf8(const void *bytes, size_t len);

/* Writes len * 2 lower-case digits and a NUL. */
void text_to_hex(const void *bytes, size_t len, char *ret_text);

/* 0, or -EINVAL when text is not exactly len * 2 digits of either case. */
int text_from_hex(const char *text, size_t len, void *ret_bytes);

/* A value's name in words: "NO_PLACE_ON_DAYS" is "no place on days". Cut when it is longer than the room. */
void text_words(const char *name, char *ret_text, size_t size);

#endif
