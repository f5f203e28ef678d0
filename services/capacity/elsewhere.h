/* Where else a person is: nobody is in two places at one time. Source: 3-domain.md, placements, Rules ("no two of a person's
 * placements on overlapping sittings"); it is kept here, where the times of sessions are known. */
#ifndef DAYWAYS_CAPACITY_ELSEWHERE_H
#define DAYWAYS_CAPACITY_ELSEWHERE_H

#include "services/capacity/state.h"

/* True when sittings of the two share a minute. Weeks are the caller's to compare. */
bool capacity_sessions_clash(const struct session_terms *one, const struct session_terms *other);

/* True, and the session's terms, when a hold or booking of the person has a sitting that shares a minute with one of terms
 * within the dates (to INT32_MAX = for ever). */
bool capacity_is_elsewhere(const struct state *state, const struct id *person_id,
                           const struct session_terms *terms, int32_t from, int32_t to,
                           const struct session_terms **ret_other);

#endif
