/* Ready sessions: the many services of which a few bits say what a search wants to know.
 *
 * A service is ready on a weekday for a part of day when its first session there (the one a search would choose) runs, is
 * open and has a place in every week from the index's week on, for ever. A search from that week on, for one place a session,
 * then needs neither its sessions nor its weeks. Who is not ready is judged by its sessions, so a bit that is missing
 * costs time and changes no answer; a bit that is set is always true, because whatever happens to a session makes its
 * service stale first, and a stale service counts as not ready. */
#ifndef DAYWAYS_CAPACITY_READY_H
#define DAYWAYS_CAPACITY_READY_H

#include <stddef.h>
#include <stdint.h>

#include "services/capacity/timetable.h"

enum {
    READY_ROWS = 32,         /* weekday * 4 + PartOfDay - 1 */
    READY_REFRESH_MAX = 512, /* services made fresh by one search: about a millisecond */
};

/* One session as a search sees it. */
struct offer {
    struct weeks runs;
    uint32_t slot; /* in the timetable */
    uint16_t start_minutes;
    uint16_t end_minutes;
    uint8_t weekday;     /* 1 to 7 */
    uint8_t parts;       /* bit PartOfDay - 1 */
    uint8_t every_weeks; /* 1: weekly */
};

static inline bool capacity_offer_sits(const struct offer *offer, int32_t week)
{
    return offer->runs.first <= week && week <= offer->runs.last &&
           (week - offer->runs.first) % offer->every_weeks == 0;
}

struct entry;
struct ready;

struct ready *capacity_ready_create(void);
void capacity_ready_destroy(struct ready **ready);

/* Makes room for so many 64-bit words of services, all of them stale. */
void capacity_ready_resize(struct ready *ready, uint32_t words);

/* Something has happened to a session of the service. */
void capacity_ready_spoil(struct ready *ready, uint32_t place);

/* Makes some of the stale ones fresh; another week makes all stale. */
void capacity_ready_refresh(struct ready *ready, const struct entry *entries, uint32_t count,
                            struct timetable *timetable, int32_t this_week);

/* The week the bits hold from. */
int32_t capacity_ready_week(const struct ready *ready);

/* Of each service whether it is fresh; which are ready in a row; and the session that makes it so: how long it is, and its
 * slot in the timetable. */
const uint64_t *capacity_ready_fresh(const struct ready *ready);
const uint64_t *capacity_ready_row(const struct ready *ready, uint32_t row);
const uint16_t *capacity_ready_minutes(const struct ready *ready, uint32_t row);
const uint32_t *capacity_ready_slots(const struct ready *ready, uint32_t row);

#endif
