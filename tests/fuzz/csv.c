/* Fuzzes registers: the CSV reader keeps to its bytes and counts, cells become text that can be shown, and the feed's rows go
 * into parts without one being lost. The first byte chooses: the reader alone, a file as it is, or rows behind a good header. */
#include "common/text.h"
#include "services/cli/feed.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/form.h"
#include "tests/support/fuzz.h"

static const char *const headers[] = {
    "person_ref,session_date,session,status\n",
    "Client ID,Date,AM/PM,Status,Time in,Time out,Units,Reason\r\n",
    "provider_ref,person_ref,session_date,session,status,arrived,left,units,reason,note,row_ref\n",
    "\xef\xbb\xbf\n\nStatus,\"Session\",Session Date,Person Ref,,error_code\r",
    "caf\xe9,person_ref,session_date,session,status,Note\n",
};
enum { HEADERS = sizeof headers / sizeof headers[0] };

/* --- the reader ------------------------------------------------------------------------------------------------------- */

static void check_cell(const struct csv *csv, const struct csv_cell *cell, size_t size)
{
    char *text = malloc(size); /* to the byte */
    assert(text != NULL);
    const size_t len = csv_text(csv, cell, text, size);
    assert(len < size && strlen(text) == len);
    assert(text_is_utf8(text, len));
    free(text);
}

static void check_row(const struct csv *csv, const struct csv_row *row, size_t size)
{
    const size_t cells = row->count < CSV_COLUMNS_MAX ? row->count : CSV_COLUMNS_MAX;
    for (size_t at = 0; at < cells; at++) {
        const struct csv_cell *cell = &row->cells[at];
        assert(cell->len <= CSV_CELL_MAX);
        assert(cell->bytes >= row->bytes && cell->bytes + cell->len <= row->bytes + row->len);
        check_cell(csv, cell, size);
        check_cell(csv, cell, CSV_CELL_MAX * 3 + 1);
    }
}

static void read_rows(const uint8_t *bytes, size_t len, size_t size)
{
    struct csv csv;
    struct csv_row row;
    uint32_t number = 0;
    size_t rows = 0;
    if (csv_begin(&csv, bytes, len) < 0) {
        assert(len > 0);
        return;
    }
    for (;;) {
        const enum csv_result result = csv_next(&csv, &row);
        if (result == CSV_END)
            break;
        assert(row.number > number && ++rows <= len);
        number = row.number;
        assert(row.bytes >= (const char *)bytes);
        assert(row.bytes + row.len <= (const char *)bytes + len);
        assert(result != CSV_ROW || row.len <= CSV_ROW_MAX);
        if (result == CSV_UNCLOSED)
            break;
        check_row(&csv, &row, size);
    }
}

/* --- the feed --------------------------------------------------------------------------------------------------------- */

static void check_fault(const struct feed *feed, const struct feed_row *row)
{
    const struct feed_fault *fault = (const struct feed_fault *)(const void *)feed->faults.bytes;
    assert(row->fault <= feed->faults.len / sizeof *fault);
    fault += row->fault - 1;
    assert(fault->number == row->number && fault->code != 0);
    assert(fault->reason[0] != '\0' && fault->mend[0] != '\0' && fault->column[0] != '\0');
    assert(strlen(fault->value) < FEED_VALUE_SIZE);
    assert(text_is_utf8(fault->value, strlen(fault->value)));
}

static void check_good(const struct feed *feed, const struct feed_row *row)
{
    const struct feed_ref *refs = (const struct feed_ref *)(const void *)feed->refs.bytes;
    assert(row->ref < feed->refs.len / sizeof *refs);
    assert(refs[row->ref].text[0] != '\0' && refs[row->ref].text[FEED_REF_SIZE - 1] == '\0');
    assert(row->status > 0 && row->date >= -25567 && row->date <= 84005);
    assert(row->arrived == FEED_NO_TIME || row->arrived < 24 * 60);
    assert(row->left == FEED_NO_TIME || row->left < 24 * 60);
    if (row->session_kind == DW__ROW_ENTRY__SESSION_SESSION_ID)
        assert(row->session < feed->session_ids.len / sizeof(struct id));
}

/* Every row is in one part. */
static void check_parts(const struct feed *feed)
{
    const struct feed_row *rows = (const struct feed_row *)(const void *)feed->rows.bytes;
    const size_t count = feed->rows.len / sizeof *rows;
    const uint32_t *order = (const uint32_t *)(const void *)feed->order.bytes;
    const uint32_t *parts = (const uint32_t *)(const void *)feed->parts.bytes;
    bool *seen = calloc(count + 1, sizeof *seen);
    assert(seen != NULL && feed->order.len / sizeof *order == count);
    for (size_t at = 0; at < count; at++) {
        assert(order[at] < count && !seen[order[at]]);
        seen[order[at]] = true;
        if (rows[at].fault != 0)
            check_fault(feed, &rows[at]);
        else
            check_good(feed, &rows[at]);
    }
    assert(parts[0] == 0 && parts[feed_parts_count(feed)] == count);
    for (size_t at = 0; at < feed_parts_count(feed); at++)
        assert(parts[at] < parts[at + 1] && parts[at + 1] - parts[at] <= FEED_PART_ROWS);
    free(seen);
}

static void read_feed(const void *bytes, size_t len)
{
    Dw__Provider provider = DW__PROVIDER__INIT;
    const struct id id = form_id(1);
    struct feed feed = {.path = "register.csv", .name = "register.csv", .provider = &provider};
    provider.provider_id = id_to_data(&id);
    provider.reference = (char *)(uintptr_t) "CARE";
    provider.name = (char *)(uintptr_t) "Care";
    if (csv_begin(&feed.csv, bytes, len) == 0 &&
        feed_header_read(&feed.csv, feed.name, &feed.header) == EXIT_CODE_OK &&
        feed_read_rows(&feed) == EXIT_CODE_OK)
        check_parts(&feed);
    feed.provider = NULL;
    feed_close(&feed);
}

/* The bytes, of which 1 and 2 stand for what is long: a cell, a row. */
static void expand(const struct form *form, struct buffer *file)
{
    static char cell[CSV_CELL_MAX / 2];
    static char row[CSV_COLUMNS_MAX];
    memset(cell, 'x', sizeof cell);
    memset(row, ',', sizeof row);
    for (const uint8_t *at = form->at; at < form->end; at++)
        if (*at == 1)
            buffer_append(file, cell, sizeof cell);
        else if (*at == 2)
            buffer_append(file, row, sizeof row);
        else
            buffer_append(file, at, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct form form = {.at = bytes, .end = bytes + len};
    struct buffer file = {0};
    const uint8_t what = form_byte(&form);
    if (what >= 0x60)
        buffer_append(&file, headers[what % HEADERS], strlen(headers[what % HEADERS]));
    expand(&form, &file);
    uint8_t *exact = malloc(file.len + 1); /* to the byte */
    assert(exact != NULL);
    if (file.len > 0)
        memcpy(exact + 1, file.bytes, file.len);
    if (what < 0x40)
        read_rows(exact + 1, file.len, 1U + what);
    else if (file.len > 0)
        read_feed(exact + 1, file.len);
    free(exact);
    buffer_free(&file);
    return 0;
}
