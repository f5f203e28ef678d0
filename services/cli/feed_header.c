/* The header of a register: which column is what, by the names people give them. */
#include "services/cli/feed.h"

#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 64 };

const char *const feed_column_names[FEED_COLUMNS] = {
    [FEED_PROVIDER_REF] = "provider_ref",
    [FEED_PERSON_REF] = "person_ref",
    [FEED_SESSION_DATE] = "session_date",
    [FEED_SESSION] = "session",
    [FEED_STATUS] = "status",
    [FEED_ARRIVED] = "arrived",
    [FEED_LEFT] = "left",
    [FEED_UNITS] = "units",
    [FEED_REASON] = "reason",
    [FEED_TRANSPORT] = "transport",
    [FEED_NOTE] = "note",
    [FEED_ROW_REF] = "row_ref",
};

static const struct synonym {
    const char *name;
    enum feed_column column;
} synonyms[] = {
    {"provider", FEED_PROVIDER_REF},
    {"provider_id", FEED_PROVIDER_REF},
    {"provider_name", FEED_PROVIDER_REF},
    {"person", FEED_PERSON_REF},
    {"person_id", FEED_PERSON_REF},
    {"person_number", FEED_PERSON_REF},
    {"council_id", FEED_PERSON_REF},
    {"client_id", FEED_PERSON_REF},
    {"client_ref", FEED_PERSON_REF},
    {"service_user_ref", FEED_PERSON_REF},
    {"service_user_id", FEED_PERSON_REF},
    {"case_number", FEED_PERSON_REF},
    {"date", FEED_SESSION_DATE},
    {"date_of_session", FEED_SESSION_DATE},
    {"attendance_date", FEED_SESSION_DATE},
    {"session_name", FEED_SESSION},
    {"session_id", FEED_SESSION},
    {"part_of_day", FEED_SESSION},
    {"am_pm", FEED_SESSION},
    {"session_start", FEED_SESSION},
    {"start_time", FEED_SESSION},
    {"attendance", FEED_STATUS},
    {"attendance_status", FEED_STATUS},
    {"attended", FEED_STATUS},
    {"arrival", FEED_ARRIVED},
    {"arrival_time", FEED_ARRIVED},
    {"time_in", FEED_ARRIVED},
    {"arrived_at", FEED_ARRIVED},
    {"departure", FEED_LEFT},
    {"departure_time", FEED_LEFT},
    {"time_out", FEED_LEFT},
    {"left_at", FEED_LEFT},
    {"unit", FEED_UNITS},
    {"units_claimed", FEED_UNITS},
    {"absence_reason", FEED_REASON},
    {"reason_for_absence", FEED_REASON},
    {"notes", FEED_NOTE},
    {"comment", FEED_NOTE},
    {"comments", FEED_NOTE},
    {"row_id", FEED_ROW_REF},
    {"reference", FEED_ROW_REF},
};

/* "Session Date" is "session_date". */
static void normalise(char *name)
{
    size_t len = 0;
    bool gap = false;
    for (const char *at = name; *at != '\0'; at++) {
        char byte = *at;
        if (byte >= 'A' && byte <= 'Z')
            byte = (char)(byte - 'A' + 'a');
        if ((byte < 'a' || byte > 'z') && (byte < '0' || byte > '9') && (byte & 0x80) == 0) {
            gap = len > 0;
            continue;
        }
        if (gap)
            name[len++] = '_'; /* what it stands for had a byte of its own */
        gap = false;
        name[len++] = byte;
    }
    name[len] = '\0';
}

static enum feed_column find_column(const char *name)
{
    for (size_t at = 0; at < FEED_COLUMNS; at++)
        if (strcmp(feed_column_names[at], name) == 0)
            return (enum feed_column)at;
    for (size_t at = 0; at < sizeof synonyms / sizeof synonyms[0]; at++)
        if (strcmp(synonyms[at].name, name) == 0)
            return synonyms[at].column;
    return FEED_COLUMNS;
}

static int read_names(struct csv *csv, const char *file, struct feed_header *header)
{
    for (size_t at = 0; at < header->count; at++) {
        char name[NAME_SIZE];
        (void)csv_text(csv, &header->row.cells[at], name, sizeof name);
        normalise(name);
        const enum feed_column column = find_column(name);
        if (column == FEED_COLUMNS) {
            if (name[0] != '\0' && strncmp(name, "error_", 6) != 0) /* a file of rejects, mended */
                fprintf(stderr, "dayways: %s: the column %s is not known and not read\n", file,
                        name);
            continue;
        }
        if (header->places[column] >= 0)
            return cli_fail(EXIT_CODE_DATA, "%s: two columns of the header are %s; keep one", file,
                            feed_column_names[column]);
        header->places[column] = (int)at;
    }
    return EXIT_CODE_OK;
}

int feed_header_read(struct csv *csv, const char *file, struct feed_header *ret_header)
{
    static const enum feed_column required[] = {FEED_PERSON_REF, FEED_SESSION_DATE, FEED_SESSION,
                                                FEED_STATUS};
    enum csv_result result;
    for (size_t at = 0; at < FEED_COLUMNS; at++)
        ret_header->places[at] = -1;
    do
        result = csv_next(csv, &ret_header->row);
    while (result == CSV_ROW && ret_header->row.count == 0);
    ret_header->count = ret_header->row.count;
    if (result == CSV_END)
        return cli_fail(EXIT_CODE_DATA, "%s is empty", file);
    if (result != CSV_ROW)
        return cli_fail(EXIT_CODE_DATA, "%s: row %u, the header, cannot be read as CSV", file,
                        ret_header->row.number);
    if (ret_header->count > CSV_COLUMNS_MAX)
        return cli_fail(EXIT_CODE_DATA, "%s has more than %d columns", file, CSV_COLUMNS_MAX);
    const int code = read_names(csv, file, ret_header);
    if (code != EXIT_CODE_OK)
        return code;
    for (size_t at = 0; at < sizeof required / sizeof required[0]; at++)
        if (ret_header->places[required[at]] < 0)
            return cli_fail(EXIT_CODE_DATA,
                            "%s: the header, row %u, has no column %s; it needs person_ref, "
                            "session_date, session and status, with commas between",
                            file, ret_header->row.number, feed_column_names[required[at]]);
    return EXIT_CODE_OK;
}
