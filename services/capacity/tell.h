/* Whom a change touches: who loses sittings by a closure, by fewer places or by the end of a session, and who has them back. It is told
 * in the same decision as the change, one event a booking, by ascending id of bookings; what one decision cannot hold is
 * remembered as a Telling, and the command TellDisruptions of time alone goes on with it until all are told. Each closure tells all that
 * it closes, and when it is lifted all that it closes no more: whoever hears of several keeps them apart, and a sitting is open again
 * when none of them takes it. */
#ifndef DAYWAYS_CAPACITY_TELL_H
#define DAYWAYS_CAPACITY_TELL_H

#include "services/capacity/room.h"

/* What has changed, as it is after the change; only what `what` needs is set. */
struct change {
    Dw__TellingWhat what;
    const Dw__Closure *closure;             /* TELLING_WHAT_CLOSED, _LIFTED */
    int32_t closed_to;                      /* _LIFTED: its last date before */
    const Dw__Session *session;             /* _LIMITS, _ENDED */
    const Dw__LimitSchedule *limits;        /* the same; NULL: none */
    const Dw__Session *session_before;      /* the same */
    const Dw__LimitSchedule *limits_before; /* the same; NULL: none */
};

/* Tells a step of those whose id comes after that one (zero: from the first). */
void capacity_tell(const struct state *state, const struct change *change,
                   const struct id *after_hold_id, struct decision *decision);

/* Tells who is held now what each of the closures that were declared before takes from them; the booking is not in the state yet.
 * Refused when they are more than one decision can tell of. */
void capacity_tell_held(const struct state *state, const Dw__Booking *booking,
                        struct decision *decision);

/* True, and the command is refused, when the last change of the closure or session is still being told. */
bool capacity_is_telling(const struct state *state, const struct id *subject_id,
                         struct decision *decision);

/* --- tell_closure.c, tell_limits.c: one booking --------------------------------------------------------------------------- */

enum { SITTINGS_TOLD_MAX = 400 }; /* of one booking: two a week for nearly four years */

/* What a booking has lost, or has back. */
struct lost {
    Dw__DisruptedSitting *sittings[SITTINGS_TOLD_MAX];
    size_t count;
    int32_t from;
    int32_t to;                /* INT32_MAX = for ever */
    struct id clashes_hold_id; /* zero: none */
};

/* Writes a sitting down, as long as there is room. */
void capacity_lost_add(struct lost *lost, const struct id *session_id, int32_t date,
                       struct decision *decision);

/* What the closure takes from the booking, or takes no more since it is lifted, whatever others close; count 0: nothing. */
void capacity_tell_closure(const struct state *state, const struct change *change,
                           const Dw__Booking *booking, struct decision *decision,
                           struct lost *ret_lost);

/* Everybody who has no room after the change and had it before, with those weeks, by hold and week: of those for whom there is not
 * enough, the latest held; valid until the next calculation. ret_is_over: in some week more is taken than there is, and there is less of
 * it than before, whoever takes it. */
struct hold_list capacity_stranded(const struct state *state, const struct change *change,
                                   uint32_t slot, bool *ret_is_over);

#endif
