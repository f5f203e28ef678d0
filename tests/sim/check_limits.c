/* The checker's own fold of limits: how many places a session has on a date, and that whoever has none any more, since they became fewer
 * or it runs no more, was told of. See check.h. */
#include "tests/sim/check.h"

#include <string.h>

/* From that date on. */
struct change {
    int32_t from;
    uint32_t places;
};

/* A booking that was told of. */
struct told {
    struct id hold_id;
    int32_t from;
    int32_t to;
};

uint32_t check_places_on(const struct check_session *session, int32_t date)
{
    const struct change *changes = (const void *)session->changes.bytes;
    const struct change *last = NULL;
    for (size_t at = 0; at < session->changes.len / sizeof changes[0]; at++)
        if (changes[at].from <= date && (last == NULL || changes[at].from > last->from))
            last = &changes[at];
    return last == NULL ? session->places : last->places;
}

int32_t check_next_change(const struct check_session *session, int32_t date)
{
    const struct change *changes = (const void *)session->changes.bytes;
    int32_t next = INT32_MAX;
    for (size_t at = 0; at < session->changes.len / sizeof changes[0]; at++)
        if (changes[at].from > date && changes[at].from < next)
            next = changes[at].from;
    return next;
}

void check_fold_limits(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(LimitsChanged, limits_changed)
    const struct id id = check_id(&event->session_id);
    struct check_session *session = table_get(sim->checker->sessions, &id);
    struct change change = {.from = event->from->days};
    if (session == NULL) {
        sim_fail(sim, "limits of no session are changed");
        return;
    }
    for (size_t at = 0; at < event->n_limits; at++)
        if (event->limits[at]->kind == DW__LIMIT_KIND__LIMIT_KIND_PLACES)
            change.places = event->limits[at]->amount;
    struct change *changes = (void *)session->changes.bytes;
    session->limits_version = sim->checker->journals[SIM_CAPACITY].version;
    for (size_t at = 0; at < session->changes.len / sizeof changes[0]; at++)
        if (changes[at].from == change.from) {
            changes[at] = change;
            return;
        }
    buffer_append(&session->changes, &change, sizeof change);
}

void check_fold_session_ended(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(SessionEnded, session_ended)
    const struct id id = check_id(&event->session->session_id);
    struct check_session *session = table_get(sim->checker->sessions, &id);
    if (session == NULL || event->session->to == NULL || event->session->to->days >= session->to) {
        sim_fail(sim, "a session ends that is none, or does not get shorter");
        return;
    }
    session->to = event->session->to->days;
    session->limits_version = sim->checker->journals[SIM_CAPACITY].version;
}

void check_fold_cut(struct sim *sim, const Dw__SittingsDisrupted *event)
{
    const struct id hold_id = check_id(&event->hold_id);
    const struct id session_id =
        event->n_sittings == 0 ? (struct id){0} : check_id(&event->sittings[0]->session_id);
    const struct told told = {hold_id, event->from->days,
                              event->to == NULL ? INT32_MAX : event->to->days};
    struct check_session *session = table_get(sim->checker->sessions, &session_id);
    if (session == NULL || table_get(sim->checker->holds, &hold_id) == NULL)
        sim_fail(sim, "a cut of no session, or of nobody's booking, is told of");
    else {
        buffer_append(&session->told, &told, sizeof told);
        session->was_cut = true;
    }
}

static bool is_told(const struct check_session *session, const struct id *hold_id, int32_t date)
{
    const struct told *told = (const void *)session->told.bytes;
    for (size_t at = 0; at < session->told.len / sizeof told[0]; at++)
        if (id_equal(&told[at].hold_id, hold_id) && told[at].from <= date && date <= told[at].to)
            return true;
    return false;
}

/* What is held in place of a booking takes once what both take: of that, the booking's person, who is the same, was told. */
static bool is_told_either(const struct checker *checker, const struct check_session *session,
                           const struct id *hold_id, int32_t date)
{
    const struct check_hold *hold = table_get(checker->holds, hold_id);
    return is_told(session, hold_id, date) ||
           (!id_is_zero(&hold->replaces) && is_told(session, &hold->replaces, date));
}

/* Those who were not told have a place each on that date. */
static void check_date(struct sim *sim, const struct check_session *session,
                       const struct id *session_id, int32_t date)
{
    const struct id *ids = (const void *)session->holds.bytes;
    const uint32_t taken = check_taken(sim->checker, session_id, date);
    uint32_t told = 0;
    if (date > session->to)
        return; /* see above */
    for (size_t at = 0; at < session->holds.len / sizeof ids[0]; at++) {
        const struct check_hold *hold = table_get(sim->checker->holds, &ids[at]);
        if (check_takes_places(hold) && hold->from <= date && date <= hold->to &&
            is_told(session, &ids[at], date))
            told += hold->places;
    }
    if (taken > check_places_on(session, date) + told)
        sim_fail(sim, "%u of %u places are taken on day %d, and only %u were told of", taken,
                 check_places_on(session, date), date, told);
}

/* Whoever has a place on dates on which it does not run was told of. */
static void check_beyond_end(struct sim *sim, const struct check_session *session)
{
    const struct id *ids = (const void *)session->holds.bytes;
    for (size_t at = 0; session->to != INT32_MAX && at < session->holds.len / sizeof ids[0]; at++) {
        const struct check_hold *hold = table_get(sim->checker->holds, &ids[at]);
        const int32_t from = hold->from > session->to ? hold->from : session->to + 1;
        const int32_t date = check_first_sitting(session, from);
        if (check_takes_places(hold) && !id_is_zero(&hold->person) && date <= hold->to &&
            !is_told_either(sim->checker, session, &ids[at], date))
            sim_fail(sim,
                     "a session has ended, and somebody who would have come on day %d was "
                     "not told of",
                     date);
    }
}

void check_cuts_were_told(struct sim *sim)
{
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(sim->checker->sessions, &position, &key, &value)) {
        const struct check_session *session = value;
        check_beyond_end(sim, session);
        for (int32_t from = check_next_change(session, INT32_MIN); from != INT32_MAX;
             from = check_next_change(session, from)) {
            const struct id *ids = (const void *)session->holds.bytes;
            check_date(sim, session, key, check_first_sitting(session, from));
            for (size_t at = 0; at < session->holds.len / sizeof ids[0]; at++) {
                const struct check_hold *hold = table_get(sim->checker->holds, &ids[at]);
                if (hold->from > from)
                    check_date(sim, session, key, check_first_sitting(session, hold->from));
            }
        }
    }
}
