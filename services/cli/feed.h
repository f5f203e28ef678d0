/* A provider's register as a file: what the parts of `dayways feed` share. The edge reads cells into codes; whom a row is about and
 * whether it can be is attendance's to say. Implements the design's "Feed rules" and "CSV" of attendance. */
#ifndef DAYWAYS_CLI_FEED_H
#define DAYWAYS_CLI_FEED_H

#include "common/csv.h"
#include "services/cli/cli.h"

#include "attendance.pb-c.h"
#include "capacity.pb-c.h"

enum {
    FEED_ROWS_MAX = 1000000,      /* a county's year: what a receipt's parts can hold */
    FEED_PART_ROWS = 1000,        /* attendance takes no more in one part */
    FEED_PART_BYTES = 200 * 1024, /* below the 256 KiB of a request with room for its envelope */
    FEED_PARTS_MAX = 2000,        /* attendance takes no more in one feed */
    FEED_REF_SIZE = 64,           /* longest reference of a person */
    FEED_VALUE_SIZE = 129,        /* of a value told in a fault */
    FEED_SENTENCE_SIZE = 257,
    FEED_HASH_SIZE = 32,
};

enum feed_column {
    FEED_PROVIDER_REF,
    FEED_PERSON_REF,
    FEED_SESSION_DATE,
    FEED_SESSION,
    FEED_STATUS,
    FEED_ARRIVED,
    FEED_LEFT,
    FEED_UNITS,
    FEED_REASON,
    FEED_TRANSPORT,
    FEED_NOTE,
    FEED_ROW_REF,
    FEED_COLUMNS,
};
extern const char *const feed_column_names[FEED_COLUMNS];

/* Where each column stands in the file, -1: it is not there; and the header's row. */
struct feed_header {
    int places[FEED_COLUMNS];
    size_t count;
    struct csv_row row;
};

/* Reads the header. EXIT_CODE_OK, or a code after one sentence about the file. */
int feed_header_read(struct csv *csv, const char *name, struct feed_header *ret_header);

/* --- cells: NULL when it could be read, else why not and how to mend it ------------------------------------------------- */

struct feed_wrong {
    Dw__RowFaultCode code;
    const char *reason;
    const char *mend;
};

const struct feed_wrong *feed_read_date(const char *text, int32_t *ret_date);
const struct feed_wrong *feed_read_time(const char *text, uint16_t *ret_minutes);
const struct feed_wrong *feed_read_units(const char *text, uint16_t *ret_units_e2);
/* *ret_absent: the person was absent, and the text does not say why. */
const struct feed_wrong *feed_read_status(const char *text, Dw__AttendanceStatus *ret_status,
                                          bool *ret_absent);
/* What an absence was for. */
const struct feed_wrong *feed_read_reason(const char *text, Dw__AttendanceStatus *ret_status);

/* What names a session. */
struct feed_session {
    Dw__RowEntry__SessionCase kind;
    struct id id;
    uint16_t value; /* the part, or the start in minutes */
};
const struct feed_wrong *feed_read_session(const char *text, struct feed_session *ret_session);

/* --- rows --------------------------------------------------------------------------------------------------------------- */

/* One row of the file that is not empty. Small, because there are a million. */
struct feed_row {
    uint32_t number;
    uint32_t fault;   /* 0, or 1 + place in faults; then nothing else is set */
    uint32_t ref;     /* place in refs */
    uint32_t session; /* the part, the start, or the place in session_ids */
    int32_t date;
    uint16_t arrived; /* FEED_NO_TIME: not said */
    uint16_t left;
    uint16_t units_e2;
    uint8_t session_kind; /* Dw__RowEntry__SessionCase */
    uint8_t status;
};
enum { FEED_NO_TIME = 65535 };

struct feed_fault {
    uint32_t number;
    Dw__RowFaultCode code;
    const char *column; /* a name of feed_column_names */
    const char *reason;
    const char *mend;
    char value[FEED_VALUE_SIZE];
};

/* A reference of a person: normalised (upper case, no spaces around it), padded with zeros. */
struct feed_ref {
    char text[FEED_REF_SIZE];
};

struct feed {
    const char *path;
    const char *name; /* of the file, without its folder */
    struct buffer bytes;
    uint8_t hash[FEED_HASH_SIZE];
    struct csv csv; /* at the beginning */
    struct feed_header header;
    Dw__Provider *provider;
    Dw__FeedMode mode;
    struct buffer rows;        /* struct feed_row, in the order of the file */
    struct buffer faults;      /* struct feed_fault */
    struct buffer refs;        /* struct feed_ref */
    struct buffer session_ids; /* struct id */
    struct buffer order;       /* uint32_t: places of rows, in the order they are sent in */
    struct buffer parts; /* uint32_t: where each part begins in that order; one more at the end */
    bool one_by_one;     /* parts must arrive in order */
    size_t unread_cells; /* that say something Dayways has no place for */
};

/* Reads the file into memory and looks whether it is a register at all. An exit code, after one sentence when not 0. */
int feed_open(struct feed *feed, const char *path);
void feed_close(struct feed *feed);

/* Reads all rows and cuts them into parts. The same bytes give the same parts: a broken-off sending goes on by their
 * numbers. */
int feed_read_rows(struct feed *feed);

static inline size_t feed_parts_count(const struct feed *feed)
{
    return feed->parts.len / sizeof(uint32_t) - 1;
}

/* --- sending and telling ------------------------------------------------------------------------------------------------- */

/* Sends what has not been sent and gives the receipt with all rejected rows; freed with
 * dw__feed_receipt_shown__free_unpacked. An exit code. */
int feed_send(struct cli *cli, struct feed *feed, Dw__FeedReceiptShown **ret_receipt);

/* Writes the rejected rows beside the file, or to path. */
int feed_write_rejects(const struct feed *feed, const Dw__FeedReceiptShown *receipt,
                       const char *path, char *ret_path, size_t size);

/* Takes the apostrophe away that a file of rejects puts before a cell which a spreadsheet would calculate. */
void feed_unguard(char *text);

#endif
