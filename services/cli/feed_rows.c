/* From a file's bytes to rows in parts. Rows of one person and date go into one part, so that parts may arrive in any order and the
 * later row for a sitting still wins; and a person's rows lie together, so that a part touches few registers. */
#include "services/cli/feed.h"

#include "common/calendar.h"
#include "common/table.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILE_SIZE_MAX = 1024 * 1024 * 1024, /* a million rows of a thousand bytes */
    FAULT_BYTES = 48,                   /* of a fault on its way, besides its texts */
    ROW_BYTES = 48,                     /* of a row, besides whom it names */
};

/* A sort key: whose row, of which date, where in the file. */
enum { PLACE_BITS = 20, DATE_BITS = 20 };
_Static_assert(FEED_ROWS_MAX < 1 << PLACE_BITS, "the place of every row goes into a key");

/* --- opening ------------------------------------------------------------------------------------- */

static int read_all(struct feed *feed, int fd, size_t size)
{
    (void)buffer_reserve(&feed->bytes, size + 1);
    while (feed->bytes.len < size) {
        const ssize_t count = read(fd, feed->bytes.bytes + feed->bytes.len, size - feed->bytes.len);
        if (count < 0)
            return cli_fail(EXIT_CODE_DATA, "%s: %s", feed->path, strerror(errno));
        if (count == 0)
            break;
        feed->bytes.len += (size_t)count;
    }
    return EXIT_CODE_OK;
}

static int read_file(struct feed *feed)
{
    struct stat status;
    /* Without waiting: a pipe that nobody writes to would never open. */
    const int fd = open(feed->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return cli_fail(EXIT_CODE_DATA, "%s: %s", feed->path, strerror(errno));
    int code = EXIT_CODE_OK;
    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
        code = cli_fail(EXIT_CODE_DATA, "%s is not a file", feed->path);
    else if (status.st_size == 0)
        code = cli_fail(EXIT_CODE_DATA, "%s is empty", feed->path);
    else if (status.st_size > FILE_SIZE_MAX)
        code =
            cli_fail(EXIT_CODE_DATA, "%s is larger than a gigabyte; send it in pieces", feed->path);
    else
        code = read_all(feed, fd, (size_t)status.st_size);
    close(fd);
    return code;
}

static int begin_text(struct feed *feed)
{
    const char *bytes = (const char *)feed->bytes.bytes;
    if (csv_begin(&feed->csv, bytes, feed->bytes.len) == 0) {
        if (!feed->csv.is_utf8)
            fprintf(stderr, "dayways: %s is not UTF-8; it is read as Windows-1252\n", feed->name);
        return EXIT_CODE_OK;
    }
    if (feed->bytes.len > 4 && memcmp(bytes, "PK\3\4", 4) == 0)
        return cli_fail(EXIT_CODE_DATA, "%s is a spreadsheet; save it as CSV (UTF-8) first",
                        feed->name);
    return cli_fail(EXIT_CODE_DATA, "%s is not a text file; save it as CSV (UTF-8)", feed->name);
}

int feed_open(struct feed *feed, const char *path)
{
    const char *slash = strrchr(path, '/');
    feed->path = path;
    feed->name = slash == NULL ? path : slash + 1;
    if (sodium_init() < 0)
        return cli_fail(EXIT_CODE_UNAVAILABLE, "the cryptography library does not start");
    int code = read_file(feed);
    if (code == EXIT_CODE_OK)
        code = begin_text(feed);
    if (code == EXIT_CODE_OK)
        code = feed_header_read(&feed->csv, feed->name, &feed->header);
    if (code == EXIT_CODE_OK)
        crypto_generichash(feed->hash, sizeof feed->hash, feed->bytes.bytes, feed->bytes.len, NULL,
                           0);
    return code;
}

void feed_close(struct feed *feed)
{
    buffer_free(&feed->bytes);
    buffer_free(&feed->rows);
    buffer_free(&feed->faults);
    buffer_free(&feed->refs);
    buffer_free(&feed->session_ids);
    buffer_free(&feed->order);
    buffer_free(&feed->parts);
    if (feed->provider != NULL)
        dw__provider__free_unpacked(feed->provider, NULL);
    feed->provider = NULL;
}

/* --- one row --------------------------------------------------------------------------------------- */

enum { CELL_SIZE = CSV_CELL_MAX * 3 + 1 }; /* a byte of Windows-1252 is at most three of UTF-8 */

struct reading {
    struct feed *feed;
    struct csv csv;
    struct csv_row row;
    struct feed_row *to;
    struct table *refs;     /* struct feed_ref -> uint32_t place */
    struct table *sessions; /* struct id -> uint32_t place */
    bool has_numbers;       /* people are named by person number … */
    bool has_references;    /* … and by the council's id */
    char text[CELL_SIZE];
};

static const char *read_cell(struct reading *reading, enum feed_column column)
{
    const int place = reading->feed->header.places[column];
    reading->text[0] = '\0';
    if (place >= 0 && (size_t)place < reading->row.count)
        (void)csv_text(&reading->csv, &reading->row.cells[place], reading->text,
                       sizeof reading->text);
    feed_unguard(reading->text);
    return reading->text;
}

static bool is_empty_row(struct reading *reading)
{
    char text[4];
    for (size_t at = 0; at < reading->row.count && at < CSV_COLUMNS_MAX; at++)
        if (csv_text(&reading->csv, &reading->row.cells[at], text, sizeof text) > 0)
            return false;
    return true;
}

/* The first thing that is wrong with a row is told. False, so that a reader of cells can return it. */
static bool fail_row(struct reading *reading, const char *column, const char *value,
                     const struct feed_wrong *wrong)
{
    struct feed_fault fault = {.number = reading->row.number,
                               .code = wrong->code,
                               .column = column,
                               .reason = wrong->reason,
                               .mend = wrong->mend};
    const struct csv_cell cell = {.bytes = value, .len = (uint32_t)strlen(value)};
    const struct csv utf8 = {.is_utf8 = true};
    (void)csv_text(&utf8, &cell, fault.value, sizeof fault.value);
    buffer_append(&reading->feed->faults, &fault, sizeof fault);
    reading->to->fault = (uint32_t)(reading->feed->faults.len / sizeof fault);
    return false;
}

static bool fail_cell(struct reading *reading, enum feed_column column,
                      const struct feed_wrong *wrong)
{
    return fail_row(reading, feed_column_names[column], reading->text, wrong);
}

static bool read_provider(struct reading *reading)
{
    static const struct feed_wrong other = {
        DW__ROW_FAULT_CODE__ROW_FAULT_CODE_FOREIGN_KEY,
        "The row names another provider than the one the file is sent for.",
        "Send each provider's rows in a file of its own."};
    char number[ID_TEXT_SIZE];
    const Dw__Provider *provider = reading->feed->provider;
    const char *text = read_cell(reading, FEED_PROVIDER_REF);
    struct id id = {{0}};
    if (text[0] == '\0' || strcasecmp(text, provider->reference) == 0 ||
        strcasecmp(text, provider->name) == 0)
        return true;
    (void)id_from_data(&provider->provider_id, &id);
    id_to_text(&id, number);
    return strcasecmp(text, number) == 0 || fail_cell(reading, FEED_PROVIDER_REF, &other);
}

static bool read_person(struct reading *reading)
{
    static const struct feed_wrong empty = {
        DW__ROW_FAULT_CODE__ROW_FAULT_CODE_MISSING_CELL, "The cell is empty.",
        "Write the council's id of the person, or the person number."};
    static const struct feed_wrong too_long = {
        DW__ROW_FAULT_CODE__ROW_FAULT_CODE_CONSTRAINT_ERROR, "No reference is so long.",
        "Write the council's id of the person, or the person number."};
    struct feed_ref ref = {{0}};
    struct id id;
    bool is_new;
    const char *text = read_cell(reading, FEED_PERSON_REF);
    const size_t len = strlen(text);
    if (len == 0)
        return fail_cell(reading, FEED_PERSON_REF, &empty);
    if (len >= sizeof ref.text)
        return fail_cell(reading, FEED_PERSON_REF, &too_long);
    for (size_t at = 0; at < len; at++)
        ref.text[at] = (char)(text[at] >= 'a' && text[at] <= 'z' ? text[at] - 'a' + 'A' : text[at]);
    uint32_t *place = table_put(reading->refs, &ref, &is_new);
    if (is_new) {
        const bool is_number = id_from_text(ref.text, &id) == 0;
        *place = (uint32_t)(reading->feed->refs.len / sizeof ref);
        buffer_append(&reading->feed->refs, &ref, sizeof ref);
        reading->has_numbers = reading->has_numbers || is_number;
        reading->has_references = reading->has_references || !is_number;
    }
    reading->to->ref = *place;
    return true;
}

static bool read_session(struct reading *reading)
{
    struct feed_session session;
    const struct feed_wrong *wrong = feed_read_session(read_cell(reading, FEED_SESSION), &session);
    if (wrong != NULL)
        return fail_cell(reading, FEED_SESSION, wrong);
    reading->to->session_kind = (uint8_t)session.kind;
    reading->to->session = session.value;
    if (session.kind == DW__ROW_ENTRY__SESSION_SESSION_ID) {
        bool is_new;
        uint32_t *place = table_put(reading->sessions, &session.id, &is_new);
        if (is_new) {
            *place = (uint32_t)(reading->feed->session_ids.len / sizeof session.id);
            buffer_append(&reading->feed->session_ids, &session.id, sizeof session.id);
        }
        reading->to->session = *place;
    }
    return true;
}

/* A reason says more of an absence that is not explained by its status; beside another status it says nothing. */
static bool read_status(struct reading *reading)
{
    Dw__AttendanceStatus status;
    bool absent;
    const struct feed_wrong *wrong =
        feed_read_status(read_cell(reading, FEED_STATUS), &status, &absent);
    if (wrong != NULL)
        return fail_cell(reading, FEED_STATUS, wrong);
    if (reading->feed->header.places[FEED_REASON] >= 0 &&
        read_cell(reading, FEED_REASON)[0] != '\0') {
        if (!absent)
            reading->feed->unread_cells++;
        else if ((wrong = feed_read_reason(reading->text, &status)) != NULL)
            return fail_cell(reading, FEED_REASON, wrong);
    }
    reading->to->status = (uint8_t)status;
    return true;
}

static bool read_time(struct reading *reading, enum feed_column column, uint16_t *ret_minutes)
{
    const char *text = read_cell(reading, column);
    *ret_minutes = FEED_NO_TIME;
    if (text[0] == '\0')
        return true;
    const struct feed_wrong *wrong = feed_read_time(text, ret_minutes);
    return wrong == NULL || fail_cell(reading, column, wrong);
}

static bool read_cells(struct reading *reading)
{
    const struct feed_wrong *wrong;
    struct feed_row *to = reading->to;
    if (!read_provider(reading) || !read_person(reading))
        return false;
    wrong = feed_read_date(read_cell(reading, FEED_SESSION_DATE), &to->date);
    if (wrong != NULL)
        return fail_cell(reading, FEED_SESSION_DATE, wrong);
    if (!read_session(reading) || !read_status(reading) ||
        !read_time(reading, FEED_ARRIVED, &to->arrived) ||
        !read_time(reading, FEED_LEFT, &to->left))
        return false;
    if (read_cell(reading, FEED_UNITS)[0] != '\0') {
        wrong = feed_read_units(reading->text, &to->units_e2);
        if (wrong != NULL)
            return fail_cell(reading, FEED_UNITS, wrong);
    }
    reading->feed->unread_cells += read_cell(reading, FEED_TRANSPORT)[0] != '\0';
    reading->feed->unread_cells += read_cell(reading, FEED_NOTE)[0] != '\0';
    return true;
}

static void take_row(struct reading *reading, enum csv_result result)
{
    static const struct feed_wrong extra = {DW__ROW_FAULT_CODE__ROW_FAULT_CODE_EXTRA_CELL,
                                            "The row has more cells than the header.",
                                            "Put cells that hold a comma in double quotes."};
    static const struct feed_wrong stray = {DW__ROW_FAULT_CODE__ROW_FAULT_CODE_TYPE_ERROR,
                                            "There is text behind a closing quote.",
                                            "Write a double quote inside a quoted cell twice."};
    static const struct feed_wrong too_long = {DW__ROW_FAULT_CODE__ROW_FAULT_CODE_CONSTRAINT_ERROR,
                                               "The cell is longer than 4096 bytes.",
                                               "Shorten it."};
    struct feed_row row = {.number = reading->row.number};
    const struct feed_wrong *wrong = result == CSV_STRAY ? &stray : &too_long;
    const char *column = "row"; /* unless it is one we know */
    reading->to = &row;
    for (size_t at = 0; result != CSV_ROW && at < FEED_COLUMNS; at++)
        if (reading->feed->header.places[at] == (int)reading->row.count)
            column = feed_column_names[at];
    if (result != CSV_ROW)
        (void)fail_row(reading, column, "", wrong);
    else if (reading->row.count > reading->feed->header.count)
        (void)fail_row(reading, "row", "", &extra);
    else
        (void)read_cells(reading);
    buffer_append(&reading->feed->rows, &row, sizeof row);
}

/* --- parts ----------------------------------------------------------------------------------------- */

static int compare_keys(const void *left, const void *right)
{
    const uint64_t one = *(const uint64_t *)left;
    const uint64_t two = *(const uint64_t *)right;
    return (one > two) - (one < two);
}

static const struct feed_row *row_at(const struct feed *feed, size_t place)
{
    return (const struct feed_row *)(const void *)feed->rows.bytes + place;
}

/* Rows of one person and date have one key but for their place. Rows with a fault are about nobody and come last. */
static uint64_t make_key(const struct feed *feed, size_t place)
{
    const struct feed_row *row = row_at(feed, place);
    const uint64_t who = row->fault != 0 ? FEED_ROWS_MAX : row->ref;
    const uint64_t date = row->fault != 0 ? 0 : (uint64_t)(row->date - CALENDAR_FIRST);
    return who << (DATE_BITS + PLACE_BITS) | date << PLACE_BITS | place;
}

static size_t bytes_of(const struct feed *feed, const struct feed_row *row)
{
    if (row->fault == 0)
        return ROW_BYTES + FEED_REF_SIZE;
    const struct feed_fault *fault =
        (const struct feed_fault *)(const void *)feed->faults.bytes + row->fault - 1;
    return FAULT_BYTES + strlen(fault->column) + strlen(fault->value) + strlen(fault->reason) +
           strlen(fault->mend);
}

static void end_part(struct feed *feed, size_t place)
{
    const uint32_t end = (uint32_t)place;
    buffer_append(&feed->parts, &end, sizeof end);
}

/* Fills parts with whole groups of rows, a group being what has one key. False when a group is more than a part holds. */
static bool cut_parts(struct feed *feed, const uint64_t *keys, size_t count)
{
    size_t begin = 0;
    size_t bytes = 0;
    size_t group = 0;
    size_t group_bytes = 0;
    buffer_clear(&feed->parts);
    end_part(feed, 0);
    for (size_t at = 0; at < count; at++) {
        const struct feed_row *row = row_at(feed, keys[at] & ((1U << PLACE_BITS) - 1));
        const size_t size = bytes_of(feed, row);
        if (at > 0 && (feed->one_by_one || row->fault != 0 ||
                       keys[at] >> PLACE_BITS != keys[at - 1] >> PLACE_BITS)) {
            group = at;
            group_bytes = 0;
        }
        group_bytes += size;
        bytes += size;
        if (at - begin < FEED_PART_ROWS && bytes <= FEED_PART_BYTES)
            continue;
        if (group == begin)
            return false;
        end_part(feed, group);
        begin = group;
        bytes = group_bytes;
    }
    end_part(feed, count);
    return true;
}

static void sort_rows(struct feed *feed)
{
    const size_t count = feed->rows.len / sizeof(struct feed_row);
    uint64_t *keys = calloc(count, sizeof keys[0]);
    if (keys == NULL)
        abort();
    for (size_t at = 0; at < count; at++)
        keys[at] = feed->one_by_one ? at : make_key(feed, at);
    qsort(keys, count, sizeof keys[0], compare_keys);
    if (!cut_parts(feed, keys, count)) {
        feed->one_by_one = true;
        for (size_t at = 0; at < count; at++)
            keys[at] = at;
        (void)cut_parts(feed, keys, count);
    }
    uint32_t *order = (uint32_t *)(void *)buffer_reserve(&feed->order, count * sizeof order[0]);
    for (size_t at = 0; at < count; at++)
        order[at] = (uint32_t)(keys[at] & ((1U << PLACE_BITS) - 1));
    feed->order.len = count * sizeof order[0];
    free(keys);
}

/* --- the file ---------------------------------------------------------------------------------------- */

static int read_rows(struct reading *reading)
{
    struct feed *feed = reading->feed;
    enum csv_result result;
    while ((result = csv_next(&reading->csv, &reading->row)) != CSV_END) {
        if (result == CSV_UNCLOSED)
            return cli_fail(EXIT_CODE_DATA,
                            "%s: row %u opens a quote that is never closed, or never ends; nothing "
                            "was sent",
                            feed->name, reading->row.number);
        if (result == CSV_ROW && is_empty_row(reading))
            continue;
        if (feed->rows.len / sizeof(struct feed_row) == FEED_ROWS_MAX)
            return cli_fail(EXIT_CODE_DATA, "%s has more than %d rows; send it in pieces",
                            feed->name, FEED_ROWS_MAX);
        take_row(reading, result);
    }
    if (feed->rows.len == 0)
        return cli_fail(EXIT_CODE_DATA, "%s has a header and no rows", feed->name);
    return EXIT_CODE_OK;
}

int feed_read_rows(struct feed *feed)
{
    struct reading *reading =
        calloc(1, sizeof *reading); /* a row and a cell are large for a stack */
    if (reading == NULL)
        abort();
    reading->feed = feed;
    reading->csv = feed->csv;
    reading->refs = table_create(sizeof(struct feed_ref), sizeof(uint32_t));
    reading->sessions = table_create(sizeof(struct id), sizeof(uint32_t));
    const int code = read_rows(reading);
    /* Somebody who is named in both ways has two keys, so only the order of the file is safe. */
    feed->one_by_one = reading->has_numbers && reading->has_references;
    table_destroy(&reading->refs);
    table_destroy(&reading->sessions);
    free(reading);
    if (code != EXIT_CODE_OK)
        return code;
    sort_rows(feed);
    if (feed_parts_count(feed) > FEED_PARTS_MAX)
        return cli_fail(EXIT_CODE_DATA,
                        "%s has so many rows that cannot be read that their faults fill more than "
                        "%d parts; the first is row %u",
                        feed->name, FEED_PARTS_MAX,
                        ((const struct feed_fault *)(const void *)feed->faults.bytes)->number);
    if (feed->unread_cells > 0)
        fprintf(stderr,
                "dayways: %s: %zu cells were not taken in: there is no place yet for transport, "
                "notes, and reasons beside a status that says it all\n",
                feed->name, feed->unread_cells);
    return EXIT_CODE_OK;
}
