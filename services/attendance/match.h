/* Which sitting a row is about: the sessions a person is expected at, and the one of them that a row names. Rows, people,
 * placements and sessions become known in any order; what is not known yet makes a row wait. */
#ifndef DAYWAYS_SERVICES_ATTENDANCE_MATCH_H
#define DAYWAYS_SERVICES_ATTENDANCE_MATCH_H

#include "services/attendance/rows.h"

/* One session of one placement. */
struct expected {
    struct id placement_id;
    struct id session_id;
    int32_t from; /* first and last date */
    int32_t to;
    int32_t begins; /* first date of the session, from which weeks are counted */
    bool known;     /* whether it is known when the session runs; else the next three are 0 */
    uint8_t every_weeks;
    uint8_t weekday; /* 1 (Monday) to 7 (Sunday) */
    uint8_t parts;   /* bits of calendar_parts */
    uint8_t number;  /* of the session among the placement's */
    uint32_t start_minutes;
    uint32_t end_minutes;
};

struct expectations {
    struct expected *list;
    size_t count;
};

/* What an event tells, before it is part of the state. NULL: nothing of the kind. */
struct match_news {
    const struct id *placement_id;
    const Dw__Attender *attender; /* of that placement */
    const struct id *session_id;
    const Dw__KnownSession *session; /* of that session */
};

/* All sessions of a person's placements at a provider. Memory is the decision's. */
struct expectations match_person(const struct state *state, const struct id *provider_id,
                                 const struct id *person_id, const struct match_news *news,
                                 struct decision *decision);

enum match {
    MATCH_WAIT, /* no placement on that date is known, or not when its sessions run */
    MATCH_ONE,
    MATCH_NONE,    /* the person is expected, but not then */
    MATCH_SEVERAL, /* more than one session is what the row names */
};

/* MATCH_ONE: *ret_expected is it. */
enum match match_row(const struct expectations *expectations, const struct row *row,
                     const struct expected **ret_expected);

/* Why a row was not matched (MATCH_NONE or MATCH_SEVERAL). Memory is the decision's. */
Dw__RowFault *match_fault(const struct expectations *expectations, const struct row *row,
                          enum match match, struct decision *decision);

#endif
