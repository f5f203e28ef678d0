/* See csv.h. */
#include "common/csv.h"

#include "common/text.h"

#include <errno.h>
#include <string.h>

int csv_begin(struct csv *csv, const void *bytes, size_t len)
{
    static const char mark[] = "\xef\xbb\xbf";
    const char *at = bytes;
    if (len > 0 && memchr(bytes, '\0', len) != NULL)
        return -EILSEQ;
    *csv = (struct csv){.at = at, .end = at + len, .is_utf8 = text_is_utf8(bytes, len)};
    if (len >= sizeof mark - 1 && memcmp(at, mark, sizeof mark - 1) == 0)
        csv->at += sizeof mark - 1;
    return 0;
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

static bool ends_cell(char byte)
{
    return byte == ',' || byte == '\n' || byte == '\r';
}

/* Behind the end of the line at the given place, if there is one. */
static const char *skip_line_end(const char *at, const char *end)
{
    if (at < end && *at == '\r')
        return at + 1 < end && at[1] == '\n' ? at + 2 : at + 1;
    return at < end && *at == '\n' ? at + 1 : at;
}

/* A quoted cell, from behind its opening quote. The place behind the closing quote; NULL when there is none. */
static const char *take_quoted(const char *at, const char *end, struct csv_cell *ret_cell)
{
    *ret_cell = (struct csv_cell){.bytes = at};
    for (;;) {
        const char *quote = at < end ? memchr(at, '"', (size_t)(end - at)) : NULL;
        if (quote == NULL)
            return NULL;
        if (quote + 1 == end || quote[1] != '"') {
            ret_cell->len = (uint32_t)(quote - ret_cell->bytes);
            return quote + 1;
        }
        ret_cell->doubled = true;
        at = quote + 2;
    }
}

static const char *take_plain(const char *at, const char *end, struct csv_cell *ret_cell)
{
    const char *from = at;
    while (at < end && !ends_cell(*at))
        at++;
    *ret_cell = (struct csv_cell){.bytes = from, .len = (uint32_t)(at - from)};
    return at;
}

/* Where the line ends that has lost its form, so that the next row can be read. */
static const char *skip_line(const char *at, const char *end)
{
    while (at < end && *at != '\n' && *at != '\r')
        at++;
    return at;
}

enum csv_result csv_next(struct csv *csv, struct csv_row *ret_row)
{
    const char *at = csv->at;
    /* No row is longer than this, so a quote that is never closed is noticed soon. */
    const char *end = csv->end - at > CSV_ROW_MAX ? at + CSV_ROW_MAX : csv->end;
    enum csv_result result = CSV_ROW;
    if (at == csv->end)
        return CSV_END;
    ret_row->number = ++csv->number;
    ret_row->bytes = at;
    ret_row->count = 0;
    while (result == CSV_ROW) {
        struct csv_cell cell;
        if (at < end && *at == '"')
            at = take_quoted(at + 1, end, &cell);
        else
            at = take_plain(at, end, &cell);
        if (at == NULL || (at == end && end != csv->end)) {
            ret_row->len = 0;
            return CSV_UNCLOSED;
        }
        if (at < end && !ends_cell(*at))
            result = CSV_STRAY;
        else if (cell.len > CSV_CELL_MAX)
            result = CSV_LONG_CELL;
        if (result != CSV_ROW)
            break;
        if (ret_row->count < CSV_COLUMNS_MAX)
            ret_row->cells[ret_row->count] = cell;
        ret_row->count++;
        if (at == end || *at != ',')
            break;
        at++;
    }
    if (result != CSV_ROW)
        at = skip_line(at, csv->end);
    ret_row->len = (size_t)(at - ret_row->bytes);
    csv->at = skip_line_end(at, csv->end);
    if (result == CSV_ROW && ret_row->len == 0)
        ret_row->count = 0;
    return result;
}

/* --- text --------------------------------------------------------------------------------------------------------- */

/* Windows-1252 of 0x80 to 0x9f (unicode.org, CP1252.TXT); 0: not there. Everything else is ISO 8859-1. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

static size_t write_character(unsigned character, char ret_bytes[3])
{
    if (character < 0x800) {
        ret_bytes[0] = (char)(0xc0 | character >> 6);
        ret_bytes[1] = (char)(0x80 | (character & 0x3f));
        return 2;
    }
    ret_bytes[0] = (char)(0xe0 | character >> 12);
    ret_bytes[1] = (char)(0x80 | (character >> 6 & 0x3f));
    ret_bytes[2] = (char)(0x80 | (character & 0x3f));
    return 3;
}

/* The character that begins at byte as UTF-8, and how many bytes of the cell it is. */
static size_t take_character(const struct csv *csv, const char *at, size_t left, char ret_bytes[4],
                             size_t *ret_taken)
{
    const unsigned byte = (unsigned char)*at;
    *ret_taken = 1;
    if (byte < 0x80) {
        ret_bytes[0] = *at;
        return 1;
    }
    if (!csv->is_utf8) {
        unsigned character = byte < 0xa0 ? windows_1252[byte - 0x80] : byte;
        return write_character(character == 0 ? 0xfffd : character, ret_bytes);
    }
    const size_t len = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    *ret_taken = len < left ? len : left;
    memcpy(ret_bytes, at, *ret_taken);
    return *ret_taken;
}

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Bytes of the no-break space, which spreadsheets copy along; 0: there is none at the given place. */
static size_t no_break_space(const struct csv *csv, const char *at, size_t left)
{
    if (!csv->is_utf8)
        return left > 0 && *at == '\xa0' ? 1 : 0;
    return left > 1 && at[0] == '\xc2' && at[1] == '\xa0' ? 2 : 0;
}

/* The bytes without spaces around them. */
static const char *trim(const struct csv *csv, const char *at, size_t *left)
{
    const size_t wide = csv->is_utf8 ? 2 : 1;
    size_t taken;
    while ((taken = no_break_space(csv, at, *left)) > 0 || (*left > 0 && is_space(*at))) {
        taken = taken > 0 ? taken : 1;
        at += taken;
        *left -= taken;
    }
    while ((*left >= wide && no_break_space(csv, at + *left - wide, wide) > 0) ||
           (*left > 0 && is_space(at[*left - 1])))
        *left -= is_space(at[*left - 1]) ? 1 : wide;
    return at;
}

/* Most cells are short and plain. */
static bool is_ascii(const char *at, size_t len)
{
    unsigned char all = 0;
    for (size_t place = 0; place < len; place++)
        all |= (unsigned char)at[place];
    return all < 0x80;
}

size_t csv_text(const struct csv *csv, const struct csv_cell *cell, char *ret_text, size_t size)
{
    size_t left = cell->len;
    const char *at = trim(csv, cell->bytes, &left);
    size_t len = 0;
    if (!cell->doubled && left < size && is_ascii(at, left)) {
        memcpy(ret_text, at, left);
        ret_text[left] = '\0';
        return left;
    }
    while (left > 0) {
        char character[4];
        size_t taken;
        const size_t count = take_character(csv, at, left, character, &taken);
        if (cell->doubled && *at == '"')
            taken = 2;
        if (len + count >= size)
            break;
        memcpy(ret_text + len, character, count);
        len += count;
        at += taken;
        left -= taken < left ? taken : left;
    }
    ret_text[len] = '\0';
    return len;
}
