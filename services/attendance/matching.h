/* Rows that wait, once it is known what they have waited for: they take effect a bounded step at a time. What a step leaves is
 * remembered as a Matching record, and the command MatchRows of time alone goes on with it until nothing is left. */
#ifndef DAYWAYS_SERVICES_ATTENDANCE_MATCHING_H
#define DAYWAYS_SERVICES_ATTENDANCE_MATCHING_H

#include "services/attendance/match.h"

/* Whose rows are looked at: those of a person, or of everybody who is expected at a session. */
struct subject {
    bool is_session;
    struct id id;
};

/* Rows of the person at that provider, now that there is this news of a placement of theirs: a person's rows at one provider
 * are never more than one step. */
void matching_placement(const struct state *state, const struct id *provider_id,
                        const struct id *person_id, const struct match_news *news,
                        struct decision *decision);

/* A step over the subject's placements by ascending id, behind that one (zero: from the first). council_ref is what the news
 * tells of a person, or NULL. */
void matching_step(const struct state *state, const struct subject *subject,
                   const struct id *after_placement_id, const struct id *council_ref,
                   const struct match_news *news, struct decision *decision);

#endif
