/* A provider's feeds for tests of attendance: the events that attendance follows and the commands of a register taker, one call
 * each, and what was made of them. Ids are made of numbers. Nobody but these tests includes this, so that ids, dates and
 * assertions have short names. */
#ifndef DAYWAYS_TESTS_SUPPORT_FEEDS_H
#define DAYWAYS_TESTS_SUPPORT_FEEDS_H

#include "tests/support/pure.h"

#include "attendance.pb-c.h"

enum {
    TAKER = DW__ROLE__ROLE_REGISTER_TAKER,
    TODAY = 20780,      /* a Monday */
    FROM = TODAY - 100, /* the first date of every placement */
    ROWS_MAX = 1000,    /* of a part */
    FAULTS_MAX = 4,
    HASH_SIZE = 32,
};
static const int64_t NOW_MS = INT64_C(20780) * 86400000;

static const struct id FEED_ID = {{1}};
static const struct id OTHER_FEED_ID = {{2}};
static const struct id PROVIDER_ID = {{3}};
static const struct id RIVAL_ID = {{4}};
/* By weekday, 1 to 7: a session in the morning each day, and one in the afternoon on Fridays. */
static const struct id MORNING_IDS[] = {{{0}},    {{6, 1}}, {{6, 2}}, {{6, 3}},
                                        {{6, 4}}, {{6, 5}}, {{6, 6}}, {{6, 7}}};
static const struct id AFTERNOON_ID = {{7}};

/* The service that all calls below speak to. */
extern struct pure *feeds_pure;

/* For cmocka: the sessions are known and nobody has a placement; begin: no session is known either. */
int feeds_begin(void **state);
int feeds_set_up(void **state);
int feeds_tear_down(void **state);

/* --- what other services tell ----------------------------------------------------------------------------------- */

/* The id of a placement (kind 20) and of its person (21), by the person's number. */
struct id feeds_id(uint8_t kind, unsigned number);

/* With that last date, or with none. */
struct pure_outcome feeds_set_session(const struct id *session_id, uint32_t weekday, uint32_t start,
                                      uint32_t end);
struct pure_outcome feeds_set_session_until(const struct id *session_id, uint32_t weekday,
                                            uint32_t start, uint32_t end, int32_t last);
/* One that runs is ended. */
struct pure_outcome feeds_end_session(const struct id *session_id, uint32_t weekday, uint32_t start,
                                      uint32_t end, int32_t last);
/* One that sits every so many weeks from its first date on. */
struct pure_outcome feeds_set_session_every(const struct id *session_id, uint32_t weekday,
                                            uint32_t start, uint32_t end, int32_t first,
                                            uint32_t every_weeks);

/* Started on FROM, with all the sessions, at PROVIDER_ID. Somebody may have several placements, which differ in kind. */
void feeds_start_placement(unsigned person);
void feeds_start_placement_of(uint8_t kind, unsigned person);
void feeds_end_placement(unsigned person, int32_t date);

/* The council's id of a person is "C-1", "C-2" … */
struct pure_outcome feeds_record_person(unsigned person);

/* --- what the register taker sends ------------------------------------------------------------------------------ */

/* A feed of three parts; hash: the first byte of its content's hash. */
struct pure_outcome feeds_open(const struct id *feed_id, uint8_t hash, Dw__FeedMode mode);

/* Adds a row about the morning of that date, by person number, to those that are sent next. It may be changed until then. */
Dw__RowEntry *feeds_add_row(unsigned person, int32_t date, Dw__AttendanceStatus status);
/* The same by the council's id. */
Dw__RowEntry *feeds_add_row_by_council(unsigned person, int32_t date, Dw__AttendanceStatus status);

/* Adds a row that the sender could not read. */
void feeds_add_fault(uint32_t row_number);

/* Sends the rows that were added as the part of that number, and forgets them. */
struct pure_outcome feeds_send_rows(const struct id *feed_id, uint32_t number);

/* --- what was made of it ---------------------------------------------------------------------------------------- */

/* Each is valid until the next call. */
const Dw__FeedReceiptShown *feeds_receipt(const struct id *feed_id);
const Dw__RegisterShown *feeds_register(int32_t date);
const Dw__UnmatchedRowsShown *feeds_waiting(const struct id *provider_id);

/* The counts of the feed's receipt, and that they add up to the rows that were read. */
void assert_counts(const struct id *feed_id, uint32_t added, uint32_t updated, uint32_t unchanged,
                   uint32_t rejected, uint32_t unmatched);

#endif
