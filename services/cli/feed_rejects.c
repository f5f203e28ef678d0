/* The file of rejected rows: the rows as they came, and why. Whoever opens it must not run what a cell of somebody else's file
 * says, so a cell that a spreadsheet would calculate gets an apostrophe before it; every other byte of a row is left as it is.
 * The file can be mended and sent again: where a register is read, that apostrophe is passed over (feed_unguard). */
#include "services/cli/feed.h"

#include "common/text.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const code_names[] = {
    [DW__ROW_FAULT_CODE__ROW_FAULT_CODE_UNSPECIFIED] = "error",
    [DW__ROW_FAULT_CODE__ROW_FAULT_CODE_MISSING_CELL] = "missing-cell",
    [DW__ROW_FAULT_CODE__ROW_FAULT_CODE_TYPE_ERROR] = "type-error",
    [DW__ROW_FAULT_CODE__ROW_FAULT_CODE_CONSTRAINT_ERROR] = "constraint-error",
    [DW__ROW_FAULT_CODE__ROW_FAULT_CODE_FOREIGN_KEY] = "foreign-key",
    [DW__ROW_FAULT_CODE__ROW_FAULT_CODE_EXTRA_CELL] = "extra-cell",
    [DW__ROW_FAULT_CODE__ROW_FAULT_CODE_TOO_MANY_WAITING] = "too-many-waiting",
};

static const char *code_name(Dw__RowFaultCode code)
{
    const size_t place = (size_t)code;
    return place < sizeof code_names / sizeof code_names[0] ? code_names[place] : code_names[0];
}

static bool is_calculated(char first)
{
    return first != '\0' && strchr("=+-@\t\r", first) != NULL;
}

void feed_unguard(char *text)
{
    if (text[0] == '\'' && is_calculated(text[1]))
        memmove(text, text + 1, strlen(text));
}

/* A cell of ours: quoted, and with an apostrophe before what a spreadsheet would calculate. */
static void write_cell(FILE *file, const char *text)
{
    fputs(is_calculated(text[0]) ? ",\"'" : ",\"", file);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', file);
        fputc(*text, file);
    }
    fputc('"', file);
}

/* The column by the name that the file gives it. */
static void write_column(FILE *file, const struct feed *feed, const char *column)
{
    char name[FEED_VALUE_SIZE];
    for (size_t at = 0; at < FEED_COLUMNS; at++)
        if (feed->header.places[at] >= 0 && strcmp(feed_column_names[at], column) == 0) {
            (void)csv_text(&feed->csv, &feed->header.row.cells[feed->header.places[at]], name,
                           sizeof name);
            column = feed->csv.is_utf8 ? name : feed_column_names[at];
            write_cell(file, column);
            return;
        }
    write_cell(file, column);
}

/* Writes the cell that begins there, as it stands but for the apostrophe; where it ends: at a comma or the row's end. */
static const char *copy_cell(FILE *file, const char *at, const char *end)
{
    const char *from = at;
    const bool is_quoted = at < end && *at == '"';
    at += is_quoted;
    while (at < end && *at == ' ')
        at++;
    fwrite(from, 1, (size_t)(at - from), file);
    if (at < end && is_calculated(*at))
        fputc('\'', file);
    from = at;
    for (bool inside = is_quoted; at < end && (inside || *at != ','); at++)
        if (is_quoted && *at == '"')
            inside = !inside; /* a doubled quote leaves and comes back */
    fwrite(from, 1, (size_t)(at - from), file);
    return at;
}

/* At most columns cells; where the next one's comma is, or the end. */
static const char *copy_cells(FILE *file, const char *at, const char *end, size_t columns,
                              size_t *ret_count)
{
    *ret_count = 0;
    while (*ret_count < columns) {
        at = copy_cell(file, at, end);
        ++*ret_count;
        if (at == end || *ret_count == columns)
            break;
        fputc(*at++, file);
    }
    return at;
}

/* Ours stand under their names also when the row has fewer cells than the header, or more: those come behind. */
static void write_row(FILE *file, const struct feed *feed, const struct csv_row *row,
                      const Dw__RowFault *fault)
{
    char sentences[2 * FEED_SENTENCE_SIZE];
    size_t count;
    const char *end = row->bytes + row->len;
    const char *at = copy_cells(file, row->bytes, end, feed->header.count, &count);
    (void)text_format(sentences, sizeof sentences, "%s %s", fault->reason, fault->mend);
    for (; count < feed->header.count; count++)
        fputc(',', file);
    fprintf(file, ",%s", code_name(fault->code));
    write_column(file, feed, fault->column);
    write_cell(file, sentences);
    if (at == end)
        return;
    fputc(*at++, file);
    (void)copy_cells(file, at, end, SIZE_MAX, &count);
}

static void write_all(FILE *file, const struct feed *feed, const Dw__FeedReceiptShown *receipt)
{
    const struct csv_row *header = &feed->header.row;
    const char *behind = header->bytes + header->len;
    const char *last = (const char *)feed->bytes.bytes + feed->bytes.len;
    const char *end = behind + 1 < last && behind[0] == '\r' && behind[1] == '\n' ? "\r\n" : "\n";
    struct csv csv = feed->csv;
    struct csv_row row;
    size_t reject = 0;
    if (header->bytes != (const char *)feed->bytes.bytes && feed->bytes.bytes[0] == 0xef)
        fputs("\xef\xbb\xbf", file);
    (void)copy_cells(file, header->bytes, header->bytes + header->len, SIZE_MAX, &reject);
    reject = 0;
    fprintf(file, ",error_code,error_column,error_reason%s", end);
    while (reject < receipt->n_rejects) {
        const enum csv_result result = csv_next(&csv, &row);
        if (result == CSV_END || result == CSV_UNCLOSED)
            break;
        if (row.number != receipt->rejects[reject]->row_number)
            continue;
        write_row(file, feed, &row, receipt->rejects[reject++]);
        fputs(end, file);
    }
}

static int make_path(const struct feed *feed, const char *path, char *ret_path, size_t size)
{
    const size_t len = strlen(feed->path);
    if (path != NULL)
        return text_format(ret_path, size, "%s", path);
    const bool has_ending = len > 4 && strcmp(feed->path + len - 4, ".csv") == 0;
    return text_format(ret_path, size, "%.*s.rejects.csv", (int)(has_ending ? len - 4 : len),
                       feed->path);
}

/* The file appears whole or not at all. Without rejects an older one is taken away, where we chose its name: it would be of
 * another sending. */
int feed_write_rejects(const struct feed *feed, const Dw__FeedReceiptShown *receipt,
                       const char *path, char *ret_path, size_t size)
{
    char partial[CLI_PATH_SIZE];
    if (make_path(feed, path, ret_path, size) < 0 ||
        text_format(partial, sizeof partial, "%s.partial", ret_path) < 0)
        return cli_fail(EXIT_CODE_DATA, "the path of the rejects is too long");
    if (receipt->n_rejects == 0) {
        if (path == NULL)
            (void)unlink(ret_path);
        return EXIT_CODE_OK;
    }
    FILE *file = fopen(partial, "we");
    if (file == NULL)
        return cli_fail(EXIT_CODE_DATA, "%s: %s", partial, strerror(errno));
    write_all(file, feed, receipt);
    const bool is_good = fflush(file) == 0 && ferror(file) == 0;
    if (fclose(file) != 0 || !is_good || rename(partial, ret_path) < 0)
        return cli_fail(EXIT_CODE_DATA, "%s cannot be written: %s", ret_path, strerror(errno));
    return EXIT_CODE_OK;
}
