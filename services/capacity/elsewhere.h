/* Where else a person is: nobody is in two places at one time. Source: 3-domain.md, placements, Rules ("no two of a person's
 * placements on overlapping sittings"); it is kept here, where the times of sessions are known. A sitting that is closed is nowhere. */
#ifndef DAYWAYS_CAPACITY_ELSEWHERE_H
#define DAYWAYS_CAPACITY_ELSEWHERE_H

#include "services/capacity/state.h"

/* True when there are weeks in which two sit, each in every so many weeks (0 and 1: weekly) from one in which it does. */
bool capacity_weeks_meet(unsigned one_every, int32_t one_sits_in, unsigned other_every,
                         int32_t other_sits_in);

/* True when sittings of the two share a minute in some week; whether it is one that is asked about is the caller's to compare. */
bool capacity_sessions_clash(const struct session_terms *one, const struct session_terms *other);

/* In which weeks a session of the timetable sits: in that one, and in every so many from it. */
struct sitter {
    uint32_t slot;
    unsigned every_weeks;
    int32_t sits_in;
};

/* True when both sit and are open in one of the weeks, in all of which both run. */
bool capacity_sit_together(const struct closed *closed, const struct sitter *one,
                           const struct sitter *other, struct weeks weeks);

/* Whether a person is elsewhere at sittings of a session. */
struct elsewhere {
    struct id person_id;
    const struct session_terms *terms;
    struct weeks weeks;       /* of terms */
    struct id except_hold_id; /* a booking that does not count; zero: all count */
    struct id
        lifted_closure_id; /* a closure that closes nothing any more, asked about one week; zero: all close */
};

/* True, and which (ret_terms may be NULL), when a hold or booking of the person has an open sitting that shares a minute with one of
 * them. */
bool capacity_find_elsewhere(const struct state *state, const struct elsewhere *question,
                             struct id *ret_hold_id, const struct session_terms **ret_terms);

#endif
