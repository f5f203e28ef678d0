/* The file of rejected rows: the rows as they came, and why. What the provider wrote is left as it is, byte for byte, so that it can
 * be mended and sent again; only the three columns we add are written so that no spreadsheet takes them for a formula. */
#include "services/cli/feed.h"

#include "common/text.h"

#include <errno.h>
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

/* A cell of ours: quoted, and with an apostrophe before what a spreadsheet would calculate. */
static void write_cell(FILE *file, const char *text)
{
    fputs(strchr("=+-@\t\r", text[0]) != NULL && text[0] != '\0' ? ",\"'" : ",\"", file);
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

static void write_row(FILE *file, const struct feed *feed, const struct csv_row *row,
                      const Dw__RowFault *fault)
{
    char sentences[2 * FEED_SENTENCE_SIZE];
    (void)text_format(sentences, sizeof sentences, "%s %s", fault->reason, fault->mend);
    fwrite(row->bytes, 1, row->len, file);
    for (size_t at = row->count; at < feed->header.count; at++)
        fputc(',', file); /* so that ours stand under their names */
    fprintf(file, ",%s", code_name(fault->code));
    write_column(file, feed, fault->column);
    write_cell(file, sentences);
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
    fwrite(header->bytes, 1, header->len, file);
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
