/* The timetable: what every session has left of each limit in every week, for ever.
 *
 * Per session and limit it keeps the free numbers of the 104 weeks from a base week on in a flat row of small
 * integers, and one cell more with the minimum from then on. Rows are a cache: they are made from the session's
 * bookings when the session is first asked about in a week, and made again when the week asked in is another one, so
 * the horizon rolls without anybody rolling it and no answer depends on when or whether it did. What a row cannot say
 * exactly (weeks before its base, a range that ends beyond its horizon) is summed from the bookings themselves.
 *
 * A session that sits every so many weeks has weeks in which it rests. The rows know nothing of them: every range of weeks, of a taking, of
 * a change of limits, of a closure, of a question, is made smaller first, to begin and to end in a week in which the session sits
 * (capacity_weeks_sitting). Then whatever is taken in a week of rest is taken in the sitting before it and in the one behind it, and limits
 * are those of the sitting before; so no week of rest has less left than the sitting before it has, and the least over the range, and the
 * first week that has as little, are those of sittings.
 *
 * Weeks are those of common/calendar.h; TIMETABLE_FOREVER as a last week means that there is none. It knows weeks and
 * numbers only: dates become weeks in capacity_weeks_of. */
#ifndef DAYWAYS_CAPACITY_TIMETABLE_H
#define DAYWAYS_CAPACITY_TIMETABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ids.h"

enum {
    LIMIT_KINDS = 6,       /* of enum LimitKind, which counts from 1; here a limit is kind - 1 */
    LIMIT_PLACES = 0,      /* the limit every session has */
    TIMETABLE_WEEKS = 104, /* two years: nearly all ranges asked for end before */
    TIMETABLE_FOREVER = INT32_MAX, /* no last week */
    TIMETABLE_NONE = INT32_MAX,    /* free number of no weeks at all */
};

/* Weeks in which something sits, first to last; none when last < first. */
struct weeks {
    int32_t first;
    int32_t last;
};

/* The weeks that lie in both; none when the first is after the last. */
static inline struct weeks capacity_weeks_both(struct weeks one, struct weeks other)
{
    return (struct weeks){one.first > other.first ? one.first : other.first,
                          one.last < other.last ? one.last : other.last};
}

/* The weeks that have the weekday within the dates from to to; to INT32_MAX = for ever. */
struct weeks capacity_weeks_of(int weekday, int32_t from, int32_t to);

/* What is left of the weeks when they begin and end in one in which something sits: every so many weeks, counted from any week in which
 * it does; 0 and 1 are weekly. */
struct weeks capacity_weeks_every(unsigned every_weeks, int32_t sits_in, struct weeks weeks);

/* What the timetable needs to know of a session. */
struct session_terms {
    struct id session_id;
    struct id service_id;
    struct weeks runs;     /* it sits in the first and in the last of them */
    int16_t monday_offset; /* days from Monday to its weekday, 0 to 6 */
    uint16_t every_weeks;  /* 1: weekly */
    uint16_t start_minutes;
    uint16_t end_minutes;
    int16_t limits[LIMIT_KINDS]; /* until the first change of them */
};

/* The weeks without those at their ends in which the session rests, and whether it sits in a week, if it runs then. */
static inline struct weeks capacity_weeks_sitting(const struct session_terms *terms,
                                                  struct weeks weeks)
{
    return capacity_weeks_every(terms->every_weeks, terms->runs.first, weeks);
}

static inline bool capacity_week_sits(const struct session_terms *terms, int32_t week)
{
    return terms->every_weeks <= 1 || (week - terms->runs.first) % terms->every_weeks == 0;
}

/* From a week on a session has other limits. */
struct limit_change {
    int32_t week;
    int16_t limits[LIMIT_KINDS];
};

/* What a booking takes of one session in these weeks. */
struct taking {
    struct id hold_id;
    struct weeks weeks;
    int16_t uses[LIMIT_KINDS];
};

struct timetable;

struct timetable *capacity_timetable_create(void);
void capacity_timetable_destroy(struct timetable **timetable);

/* Adds a session or changes its terms; returns its slot, which stays. */
uint32_t capacity_timetable_set(struct timetable *timetable, const struct session_terms *terms);

/* The slot of a session; false when there is none. */
bool capacity_timetable_find(const struct timetable *timetable, const struct id *session_id,
                             uint32_t *ret_slot);

/* Valid until the next set. */
const struct session_terms *capacity_timetable_terms(const struct timetable *timetable,
                                                     uint32_t slot);

/* The session's limits change so often, in ascending order of weeks; said again, it replaces what was said before. */
void capacity_timetable_change(struct timetable *timetable, uint32_t slot,
                               const struct limit_change *changes, size_t count);

/* What a sitting of that week has of a limit. */
int32_t capacity_timetable_limit(const struct timetable *timetable, uint32_t slot, size_t limit,
                                 int32_t week);

/* All that is taken of the session, in no order; valid until the next take or give_back. */
const struct taking *capacity_timetable_takings(const struct timetable *timetable, uint32_t slot,
                                                size_t *ret_count);

/* Which sittings are closed; free numbers are what they are without closures. */
struct closed *capacity_timetable_closed(const struct timetable *timetable);

/* A booking takes places, or no longer does. No two takings of a booking share a week of a session; a taking with no weeks is
 * passed over. Giving back gives all of the booking's takings of that session. */
void capacity_timetable_take(struct timetable *timetable, uint32_t slot,
                             const struct taking *taking);
void capacity_timetable_give_back(struct timetable *timetable, uint32_t slot,
                                  const struct id *hold_id);

/* Asks the machine for what most questions about the session will read. */
void capacity_timetable_prefetch(const struct timetable *timetable, uint32_t slot);
/* The same for its terms, and then, when those have come, for its free places week by week. */
void capacity_timetable_prefetch_terms(const struct timetable *timetable, uint32_t slot);
void capacity_timetable_prefetch_places(const struct timetable *timetable, uint32_t slot);

/* The least that is free of a limit over the weeks, exactly; TIMETABLE_NONE when there are none. this_week is where
 * the row should begin and changes no answer. */
int32_t capacity_timetable_free(struct timetable *timetable, uint32_t slot, size_t limit,
                                struct weeks weeks, int32_t this_week);

/* True when at least so much is free over the weeks: the same question, mostly answered from one number. */
bool capacity_timetable_has(struct timetable *timetable, uint32_t slot, size_t limit,
                            struct weeks weeks, int32_t this_week, int16_t amount);

/* First of the weeks in which no more than so much is free; there must be one. */
int32_t capacity_timetable_when(struct timetable *timetable, uint32_t slot, size_t limit,
                                struct weeks weeks, int32_t this_week, int32_t amount);

/* The most that is taken of a limit in one of the weeks. */
int32_t capacity_timetable_taken(const struct timetable *timetable, uint32_t slot, size_t limit,
                                 struct weeks weeks);

#endif
