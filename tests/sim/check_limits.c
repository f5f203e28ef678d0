/* The checker's own fold of limits: how many places a session has on a date, that whoever has none any more, since they became fewer or
 * it runs no more, was told of, and that whoever has one again was, too. See check.h. */
#include "tests/sim/check.h"

#include <string.h>

/* From that date on. */
struct change {
    int32_t from;
    uint32_t places;
};

/* A booking that was told of; of several that name a date the last one holds. */
struct told {
    struct id hold_id;
    int32_t from;
    int32_t to;
    bool is_back;
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

uint32_t check_places_least(const struct check_session *session)
{
    const struct change *changes = (const void *)session->changes.bytes;
    uint32_t least = session->places;
    for (size_t at = 0; at < session->changes.len / sizeof changes[0]; at++)
        least = changes[at].places < least ? changes[at].places : least;
    return least;
}

void check_set_places(struct check_session *session, uint32_t places, int32_t from)
{
    struct change *changes = (void *)session->changes.bytes;
    const struct change change = {from, places};
    const size_t count = session->changes.len / sizeof changes[0];
    size_t kept = 0;
    for (size_t at = 0; at < count; at++)
        if (changes[at].from < from)
            changes[kept++] = changes[at];
    session->changes.len = kept * sizeof changes[0];
    if (from == INT32_MIN)
        session->places = places;
    else
        buffer_append(&session->changes, &change, sizeof change);
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
    const int32_t last = event->to == NULL ? INT32_MAX : event->to->days;
    struct check_session *session = table_get(sim->checker->sessions, &session_id);
    if (session == NULL || table_get(sim->checker->holds, &hold_id) == NULL)
        sim_fail(sim, "a cut of no session, or of nobody's booking, is told of");
    for (size_t at = 0; session != NULL && at < event->n_sittings; at++) {
        const int32_t date = event->sittings[at]->date->days;
        const bool is_named = at + 1 < event->n_sittings || last <= date;
        const struct told told = {hold_id, date, is_named ? date : last, false};
        buffer_append(&session->told, &told, sizeof told);
    }
}

/* What was told of the date last; NULL: nothing. */
static const struct told *told_last(const struct check_session *session, const struct id *hold_id,
                                    int32_t date)
{
    const struct told *told = (const void *)session->told.bytes;
    const struct told *last = NULL;
    for (size_t at = 0; at < session->told.len / sizeof told[0]; at++)
        if (id_equal(&told[at].hold_id, hold_id) && told[at].from <= date && date <= told[at].to)
            last = &told[at];
    return last;
}

/* What is held in place of a booking takes once what both take: of that, the booking's person, who is the same, was told. */
bool check_is_cut(const struct checker *checker, const struct check_session *session,
                  const struct id *hold_id, int32_t date)
{
    const struct check_hold *hold = table_get(checker->holds, hold_id);
    const struct told *told = told_last(session, hold_id, date);
    if (told == NULL && hold != NULL && !id_is_zero(&hold->replaces))
        told = told_last(session, &hold->replaces, date);
    return told != NULL && !told->is_back;
}

/* Places on that date of those who were told that there are none for them. */
static uint32_t told_places(const struct sim *sim, const struct check_session *session,
                            int32_t date)
{
    const struct id *ids = (const void *)session->holds.bytes;
    uint32_t told = 0;
    for (size_t at = 0; at < session->holds.len / sizeof ids[0]; at++) {
        const struct check_hold *hold = table_get(sim->checker->holds, &ids[at]);
        if (check_takes_places(hold) && hold->from <= date && date <= hold->to &&
            check_is_cut(sim->checker, session, &ids[at], date))
            told += hold->places;
    }
    return told;
}

static void add_back(struct check_session *session, const struct id *hold_id, int32_t from,
                     int32_t to)
{
    const struct told back = {*hold_id, from, to, true};
    if (from <= to)
        buffer_append(&session->told, &back, sizeof back);
}

/* What is there again behind the last sitting that is named. */
static void add_unnamed(struct check_session *session, const Dw__SittingsRestored *event,
                        const struct id *hold_id)
{
    const int32_t behind = event->sittings[event->n_sittings - 1]->date->days + 1;
    if (event->left_from == NULL) {
        add_back(session, hold_id, behind, INT32_MAX);
        return;
    }
    add_back(session, hold_id, behind, event->left_from->days - 1);
    if (event->left_to != NULL)
        add_back(session, hold_id,
                 event->left_to->days < behind ? behind : event->left_to->days + 1, INT32_MAX);
}

/* Only who was told to have lost a sitting has it again, and only where there is room. */
void check_fold_regained(struct sim *sim, const Dw__SittingsRestored *event)
{
    const struct id hold_id = check_id(&event->hold_id);
    const struct id session_id = check_id(&event->session_id);
    struct check_session *session = table_get(sim->checker->sessions, &session_id);
    if (session == NULL || event->n_sittings == 0 || event->closure_id.len > 0) {
        sim_fail(sim, "sittings of no session are there again, or none");
        return;
    }
    for (size_t at = 0; at < event->n_sittings; at++) {
        const int32_t date = event->sittings[at]->date->days;
        if (!check_is_cut(sim->checker, session, &hold_id, date))
            sim_fail(sim, "somebody is told of a sitting that is there again, and was never lost");
        add_back(session, &hold_id, date, date);
        if (date > session->to ||
            check_taken(sim->checker, &session_id, date) >
                check_places_on(session, date) + told_places(sim, session, date))
            sim_fail(sim, "a sitting is said to be there again on day %d, and there is no room",
                     date);
    }
    add_unnamed(session, event, &hold_id);
}

/* Those who were not told have a place each on that date. */
static void check_date(struct sim *sim, const struct check_session *session,
                       const struct id *session_id, int32_t date)
{
    const uint32_t taken = check_taken(sim->checker, session_id, date);
    if (date > session->to)
        return; /* see above */
    const uint32_t told = told_places(sim, session, date);
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
            !check_is_cut(sim->checker, session, &ids[at], date))
            sim_fail(sim,
                     "a session has ended, and somebody who would have come on day %d was "
                     "not told of",
                     date);
    }
}

/* Somebody who takes a place on that date was told that there is none; not in the name of the booking that it replaces, which may have
 * ended before. */
static bool is_somebody_cut(const struct sim *sim, const struct check_session *session,
                            int32_t date)
{
    const struct id *ids = (const void *)session->holds.bytes;
    for (size_t at = 0; at < session->holds.len / sizeof ids[0]; at++) {
        const struct check_hold *hold = table_get(sim->checker->holds, &ids[at]);
        const struct told *told = told_last(session, &ids[at], date);
        if (check_takes_places(hold) && hold->from <= date && date <= hold->to && told != NULL &&
            !told->is_back)
            return true;
    }
    return false;
}

/* The next date, in the coming weeks, on which all who take a place have one, and somebody is to be told so still; INT32_MAX: none. */
static int32_t left_untold(const struct sim *sim, const struct check_session *session,
                           const struct id *session_id)
{
    enum { WEEKS = 26, DAYS_A_WEEK = 7, DAY_MS = 86400000 };
    /* A week later: clocks are put forward and back. */
    const int32_t ahead = (int32_t)(sim_now(sim).wall_ms / DAY_MS) + DAYS_A_WEEK + 1;
    const int32_t first = check_first_sitting(session, ahead);
    for (int32_t date = first; date < first + WEEKS * DAYS_A_WEEK && date <= session->to;
         date += DAYS_A_WEEK)
        if (session->from <= date && is_somebody_cut(sim, session, date) &&
            check_taken(sim->checker, session_id, date) <= check_places_on(session, date))
            return date;
    return INT32_MAX;
}

bool check_is_room_untold(const struct sim *sim)
{
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(sim->checker->sessions, &position, &key, &value))
        if (left_untold(sim, value, key) != INT32_MAX)
            return true;
    return false;
}

void check_cuts_were_told(struct sim *sim)
{
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(sim->checker->sessions, &position, &key, &value)) {
        const struct check_session *session = value;
        check_beyond_end(sim, session);
        const int32_t left = left_untold(sim, session, key);
        if (left != INT32_MAX)
            sim_fail(sim, "there is room again on day %d, and somebody is not told so", left);
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
