/* Comma-separated values with positions: every row has the number a spreadsheet shows it under, every cell its column, and every
 * fault says where it is. Reads from memory, in place, without allocating. Knows nothing of what the cells mean.
 *
 * RFC 4180, and what programs write in spite of it: lines end with CRLF, LF or CR; a byte order mark is passed over; bytes may be
 * UTF-8 or Windows-1252. A cell is quoted only when the quote is its first byte. */
#ifndef DAYWAYS_COMMON_CSV_H
#define DAYWAYS_COMMON_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CSV_COLUMNS_MAX = 64,    /* a register has a dozen; a sheet of everything has fifty */
    CSV_CELL_MAX = 4096,     /* a paragraph; what is longer is an unclosed quote */
    CSV_ROW_MAX = 64 * 1024, /* all columns full of text, and to spare */
};

/* A cell as it stands in the file, without its outer quotes. */
struct csv_cell {
    const char *bytes;
    uint32_t len;
    bool doubled; /* has doubled quotes, each of which stands for one */
};

struct csv_row {
    uint32_t
        number; /* as a spreadsheet shows it: the first row is 1, an empty line is one, a quoted line break is none */
    const char *bytes; /* the row as it stands, without the line's end */
    size_t len;
    size_t
        count; /* 0: an empty line. Can be greater than the cells there are, which are the first ones then */
    struct csv_cell cells[CSV_COLUMNS_MAX];
};

struct csv {
    const char *at;
    const char *end;
    uint32_t number; /* of the last row read */
    bool is_utf8;
};

/* What a row can be. Those behind CSV_ROW are faults of the row; the next one can be read but for CSV_UNCLOSED. */
enum csv_result {
    CSV_END,
    CSV_ROW,
    CSV_UNCLOSED, /* a quote is opened and never closed, or a row is longer than CSV_ROW_MAX: nothing more can be read */
    CSV_STRAY,    /* text between a closing quote and the next comma */
    CSV_LONG_CELL, /* longer than CSV_CELL_MAX */
};

/* Begins with len bytes, which must outlive it. 0; -EILSEQ when they are not text at all (a NUL: a spreadsheet's own file, or
 * UTF-16). */
int csv_begin(struct csv *csv, const void *bytes, size_t len);

/* The next row. With a fault of the row, ret_row has its number, its bytes and the cells before the one at fault, whose place is
 * ret_row->count. */
enum csv_result csv_next(struct csv *csv, struct csv_row *ret_row);

/* The cell as UTF-8 with a NUL behind it, in at most size bytes (cut short at the end of a character), without spaces around it,
 * no-break ones included. Windows-1252 is converted; a byte it does not have becomes U+FFFD. Returns the length. */
size_t csv_text(const struct csv *csv, const struct csv_cell *cell, char *ret_text, size_t size);

#endif
