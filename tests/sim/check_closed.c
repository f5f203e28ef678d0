/* The checker's own fold of closures: which sittings are closed, and that just those who lose one are told of, and are told again when
 * the closure takes it no more. See check.h. */
#include "tests/sim/check.h"

#include <string.h>

struct closed {
    struct id sessions[CHECK_SESSIONS_MAX];
    size_t sessions_count;
    int32_t from;
    int32_t to;
    struct buffer untold;     /* struct id: bookings that lose a sitting and were not told of yet */
    struct buffer unrestored; /* the same of what it takes no more since it was lifted */
    struct buffer
        retold; /* the same of those who may be told again: a session of theirs runs again */
};

static bool closes(const struct closed *closed, const struct id *session_id, int32_t date)
{
    for (size_t at = 0; at < closed->sessions_count; at++)
        if (id_equal(&closed->sessions[at], session_id) && closed->from <= date &&
            date <= closed->to)
            return true;
    return false;
}

bool check_is_closed(const struct checker *checker, const struct id *session_id, int32_t date)
{
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(checker->closures, &position, &key, &value))
        if (closes(value, session_id, date))
            return true;
    return false;
}

static void free_lists(struct closed *closed)
{
    buffer_free(&closed->untold);
    buffer_free(&closed->unrestored);
}

void check_forget_closures(struct checker *checker)
{
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(checker->closures, &position, &key, &value))
        free_lists(value);
    table_destroy(&checker->closures);
}

struct table *check_create_closures(void)
{
    return table_create(sizeof(struct id), sizeof(struct closed));
}

/* Whether the booking has a sitting between the dates that this closure takes, whatever others take, and if the session runs no more. */
static bool loses(const struct checker *checker, const struct closed *closed,
                  const struct check_hold *hold, int32_t first, int32_t last)
{
    for (size_t at = 0; at < hold->sessions_count; at++) {
        const struct check_session *session = table_get(checker->sessions, &hold->sessions[at]);
        const int32_t from = hold->from > first ? hold->from : first;
        for (int32_t date = check_first_sitting(session, from); date <= hold->to && date <= last;
             date += 7)
            if (closes(closed, &hold->sessions[at], date))
                return true;
    }
    return false;
}

static bool has(const struct buffer *list, const struct id *id)
{
    const struct id *ids = (const void *)list->bytes;
    for (size_t at = 0; at < list->len / sizeof ids[0]; at++)
        if (id_equal(&ids[at], id))
            return true;
    return false;
}

/* Everybody who takes a place in the closure's sittings between the dates. */
static void note_touched(const struct checker *checker, const struct closed *closed, int32_t first,
                         int32_t last, struct buffer *list)
{
    for (size_t at = 0; at < closed->sessions_count; at++) {
        const struct check_session *session = table_get(checker->sessions, &closed->sessions[at]);
        const struct id *ids = (const void *)session->holds.bytes;
        for (size_t which = 0; which < session->holds.len / sizeof ids[0]; which++) {
            const struct check_hold *hold = table_get(checker->holds, &ids[which]);
            if (check_takes_places(hold) && !id_is_zero(&hold->person) && !has(list, &ids[which]) &&
                loses(checker, closed, hold, first, last))
                buffer_append(list, &ids[which], sizeof ids[which]);
        }
    }
}

void check_fold_closure_declared(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(ClosureDeclared, closure_declared)
    const struct id id = check_id(&event->closure->closure_id);
    struct closed closed = {.from = event->closure->from->days,
                            .to =
                                event->closure->to == NULL ? INT32_MAX : event->closure->to->days};
    for (size_t at = 0; at < event->closure->n_session_ids && at < CHECK_SESSIONS_MAX; at++)
        closed.sessions[closed.sessions_count++] = check_id(&event->closure->session_ids[at]);
    note_touched(sim->checker, &closed, closed.from, closed.to, &closed.untold);
    struct closed *place = table_put(sim->checker->closures, &id, NULL);
    *place = closed;
}

/* Who is held now is told of closures that were declared before. */
void check_hold_is_told(struct sim *sim, const struct id *hold_id, const struct check_hold *hold)
{
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(sim->checker->closures, &position, &key, &value)) {
        struct closed *closed = value;
        if (loses(sim->checker, closed, hold, closed->from, closed->to))
            buffer_append(&closed->untold, hold_id, sizeof *hold_id);
    }
}

void check_fold_closure_lifted(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(ClosureLifted, closure_lifted)
    const struct id id = check_id(&event->closure->closure_id);
    struct closed *closed = table_get(sim->checker->closures, &id);
    if (closed == NULL || event->closure->lifted->days > closed->to) {
        sim_fail(sim, "a closure is lifted that closes nothing");
        return;
    }
    note_touched(sim->checker, closed, event->closure->lifted->days, closed->to,
                 &closed->unrestored);
    closed->to = event->closure->lifted->days - 1;
}

/* Whatever else closes it: by this closure it is lost no more. */
void check_fold_restored(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(SittingsRestored, sittings_restored)
    if (event->session_id.len > 0) {
        check_fold_regained(sim, event);
        return;
    }
    const struct id id = check_id(&event->closure_id);
    const struct id hold_id = check_id(&event->hold_id);
    struct closed *closed = table_get(sim->checker->closures, &id);
    if (closed == NULL || !has(&closed->unrestored, &hold_id))
        sim_fail(sim, "somebody is told of a lifted closure that had taken nothing from them");
    else
        check_drop_id(&closed->unrestored, &hold_id);
}

void check_fold_disrupted(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(SittingsDisrupted, sittings_disrupted)
    if (event->cause != DW__DISRUPTION_CAUSE__DISRUPTION_CAUSE_CLOSURE)
        check_fold_cut(sim, event);
    if (event->closure == NULL)
        return;
    const struct id id = check_id(&event->closure->closure_id);
    const struct id hold_id = check_id(&event->hold_id);
    struct closed *closed = table_get(sim->checker->closures, &id);
    if (closed == NULL || !has(&closed->untold, &hold_id)) {
        sim_fail(sim, "somebody is told of a closure by which they lose nothing");
        return;
    }
    check_drop_id(&closed->untold, &hold_id);
    for (size_t at = 0; at < event->n_sittings; at++) {
        const struct id session_id = check_id(&event->sittings[at]->session_id);
        if (!closes(closed, &session_id, event->sittings[at]->date->days))
            sim_fail(sim, "a sitting is told of that the closure does not close");
    }
}

void check_everybody_was_told(struct sim *sim)
{
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(sim->checker->closures, &position, &key, &value)) {
        const struct closed *closed = value;
        if (closed->untold.len > 0)
            sim_fail(sim, "somebody loses a sitting by a closure and is not told of");
        if (closed->unrestored.len > 0)
            sim_fail(sim, "a closure was lifted, and somebody whom it touched is not told of");
    }
}
