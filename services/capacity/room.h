/* Who has room in a session, week by week: where more is taken of a limit than there is, the latest held goes first, of those who take
 * of it. Whom a change leaves without is found by tell_limits.c; whoever was told so and has room again, here. It knows how a session
 * stands and what is taken of it; closures close, and take nobody's room. */
#ifndef DAYWAYS_CAPACITY_ROOM_H
#define DAYWAYS_CAPACITY_ROOM_H

#include "services/capacity/state.h"

/* A taking of the session, and whose. */
struct taker {
    const struct taking *taking;
    int64_t held_ms;
    bool is_outside; /* nobody's: it is never who has to go */
    const Dw__StrandedBooking
        *lost; /* what it was told to have lost of the session; NULL: nothing */
};

/* How a session stands. */
struct standing {
    struct weeks runs;
    int16_t limits[LIMIT_KINDS];
    struct limit_change changes[LIMIT_CHANGES_MAX + 1];
    size_t changes_count;
};

/* Everybody who takes of a session, the latest held first; in the state's scratch. */
struct takers {
    struct taker *list;
    size_t count;
};

/* Weeks in which something begins, or has ended, ascending, each once; in the state's scratch. There is room for `size`. */
struct edges {
    int32_t *weeks;
    size_t count;
};

/* Memory of the state's scratch, which whoever begins a calculation has emptied; never NULL. */
void *capacity_scratch(const struct state *state, size_t size);

struct standing capacity_stand(const struct session_terms *terms, const Dw__Session *session,
                               const Dw__LimitSchedule *schedule);

/* Its limits in that week; all 0 when it does not run. */
void capacity_limits_in(const struct standing *standing, int32_t week,
                        int32_t ret_limits[LIMIT_KINDS]);

struct takers capacity_takers(const struct state *state, uint32_t slot);
bool capacity_takes_in(const struct taker *taker, int32_t week);

/* Which of them have room in that week. */
void capacity_find_room(const struct takers *takers, const int32_t limits[LIMIT_KINDS],
                        int32_t week, bool *ret_has_room);

void capacity_edges_begin(const struct state *state, size_t size, struct edges *ret_edges);
void capacity_edges_add(struct edges *edges, struct weeks weeks);
void capacity_edges_stand(struct edges *edges, const struct standing *standing);
void capacity_edges_sort(struct edges *edges);
/* The weeks from one edge to the next in which the session sits; none when it rests all the time. */
struct weeks capacity_edges_stretch(const struct edges *edges, size_t edge,
                                    const struct session_terms *terms);

/* A booking and weeks of the session in which all is alike. */
struct hold_weeks {
    struct id hold_id;
    struct weeks weeks;
};

/* A list that grows in the state's scratch; begin with zeros. */
struct hold_list {
    struct hold_weeks *list;
    size_t count;
    size_t size;
};
void capacity_holds_add(const struct state *state, struct hold_list *holds,
                        const struct id *hold_id, struct weeks weeks);
/* By hold and week. */
void capacity_holds_sort(struct hold_list *holds);

/* --- who has room again ----------------------------------------------------------------------------------------------- */

/* Everybody who was told to have lost weeks of the session and has room in them, from that date on; valid until the next calculation. */
struct hold_list capacity_regained(const struct state *state, uint32_t slot, int32_t from);

/* The last date of all of these, INT32_MAX: it has none; INT32_MIN: nobody has room again. */
int32_t capacity_regained_last(const struct state *state, const struct id *session_id,
                               int32_t from);

/* Weeks of a span of a session's sittings. */
struct weeks capacity_span_weeks(const struct session_terms *terms, const Dw__SittingSpan *span);

#endif
