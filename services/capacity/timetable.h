/* Who takes how much of which sitting: per session and limit, the taken numbers per week, kept as flat arrays over two
 * years from the present week on.
 *
 * A cache: everything in it follows from the sessions and stays it was told, and every answer is exact whatever the
 * present week is: inside the two years from the arrays, before and after them by going through the stays. The last
 * cell is the most taken on any sitting from the horizon's end on, so an open-ended wish is checked for ever.
 * A week is an absolute week number (common/calendar.h); limits are told by LimitKind - 1.
 * Implements the design's domain, "capacity", "Timetable index". */
#ifndef DAYWAYS_CAPACITY_TIMETABLE_H
#define DAYWAYS_CAPACITY_TIMETABLE_H

#include "common/ids.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LIMITS = 5,            /* kinds of limits, LimitKind - 1 */
    LIMIT_MAX = 10000,     /* of one limit; what is taken never passes it, so 16 bits hold it */
    HORIZON_WEEKS = 104,   /* two years */
    DATE_OPEN = INT32_MAX, /* last date of what has none */
};

#define NO_SESSION UINT32_MAX /* no such session in the timetable */

/* So much of each limit. */
struct amounts {
    uint16_t of[LIMITS];
};

struct timetable;

struct timetable *timetable_create(void);
void timetable_destroy(struct timetable **timetable);

/* Adds a session or gives it new limits; returns its number, which never changes. weekday 1 to 7. */
uint32_t timetable_set_session(struct timetable *timetable, const struct id *session_id,
                               int weekday, const struct amounts *limits);

/* The session's number, or NO_SESSION. */
uint32_t timetable_find(const struct timetable *timetable, const struct id *session_id);

/* A booking takes so much of every sitting between the dates. A last before first takes nothing. */
void timetable_add(struct timetable *timetable, uint32_t session, const struct id *booking_id,
                   int32_t first, int32_t last, const struct amounts *uses, bool confirmed);
void timetable_remove(struct timetable *timetable, uint32_t session, const struct id *booking_id);

/* The week of today becomes the first of the arrays. Only speed depends on it; rows follow when they are next used.
 * An earlier date than before changes nothing. */
void timetable_roll(struct timetable *timetable, int32_t today);

/* The most that is taken on any sitting between two dates. */
uint32_t timetable_peak(struct timetable *timetable, uint32_t session, size_t limit, int32_t first,
                        int32_t last);

/* The same, and the first date between the two on which as much is taken; first when there is no sitting. */
uint32_t timetable_peak_date(struct timetable *timetable, uint32_t session, size_t limit,
                             int32_t first, int32_t last, int32_t *ret_date);

const struct amounts *timetable_limits(const struct timetable *timetable, uint32_t session);

/* True when every sitting between two dates has so much left of each limit. */
bool timetable_fits(struct timetable *timetable, uint32_t session, const struct amounts *uses,
                    int32_t first, int32_t last);

/* Sums over the sittings between two dates. */
struct timetable_sums {
    uint32_t sittings;
    uint64_t held;
    uint64_t confirmed;
};
struct timetable_sums timetable_count(const struct timetable *timetable, uint32_t session,
                                      size_t limit, int32_t first, int32_t last);

#endif
