/* The checker's own fold of closures: which sittings are closed, and that just those who lose one are told of, and are told again when
 * the closure takes it no more. See check.h. */
#include "tests/sim/check.h"

#include <string.h>

struct closed {
    struct id service;
    struct id sessions[CHECK_SESSIONS_MAX];
    size_t sessions_count; /* 0: all that the service has, and those that come */
    int32_t from;
    int32_t to;
    int32_t was_to;           /* before it was lifted */
    struct buffer untold;     /* struct id: bookings that lose a sitting and were not told of yet */
    struct buffer unrestored; /* the same of what it takes no more since it was lifted */
    struct buffer
        retold; /* the same of those who may be told again: a session of theirs runs again */
};

static bool is_of(const struct checker *checker, const struct closed *closed,
                  const struct id *session_id)
{
    const struct check_session *session = table_get(checker->sessions, session_id);
    if (closed->sessions_count == 0)
        return session != NULL && id_equal(&session->service, &closed->service);
    for (size_t at = 0; at < closed->sessions_count; at++)
        if (id_equal(&closed->sessions[at], session_id))
            return true;
    return false;
}

static bool closes(const struct checker *checker, const struct closed *closed,
                   const struct id *session_id, int32_t date)
{
    return closed->from <= date && date <= closed->to && is_of(checker, closed, session_id);
}

bool check_is_closed(const struct checker *checker, const struct id *session_id, int32_t date)
{
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(checker->closures, &position, &key, &value))
        if (closes(checker, value, session_id, date))
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

/* Whether the booking has a sitting between the dates, which are the closure's, that it takes, whatever others take, and if the session
 * runs no more. */
static bool loses(const struct checker *checker, const struct closed *closed,
                  const struct check_hold *hold, int32_t first, int32_t last)
{
    for (size_t at = 0; at < hold->sessions_count; at++) {
        const struct check_session *session = table_get(checker->sessions, &hold->sessions[at]);
        const int32_t from = hold->from > first ? hold->from : first;
        for (int32_t date = check_first_sitting(session, from); date <= hold->to && date <= last;
             date += 7)
            if (is_of(checker, closed, &hold->sessions[at]))
                return true;
    }
    return false;
}

/* Somebody in the list has a sitting between the dates still: who has left meanwhile need not be told. */
static bool is_owed(const struct checker *checker, const struct closed *closed, int32_t first,
                    int32_t last, const struct buffer *list)
{
    const struct id *ids = (const void *)list->bytes;
    for (size_t at = 0; at < list->len / sizeof ids[0]; at++) {
        const struct check_hold *hold = table_get(checker->holds, &ids[at]);
        if (check_takes_places(hold) && loses(checker, closed, hold, first, last))
            return true;
    }
    return false;
}

static bool is_told(const struct checker *checker, const struct closed *closed)
{
    return !is_owed(checker, closed, closed->from, closed->to, &closed->untold);
}

static bool is_restored(const struct checker *checker, const struct closed *closed)
{
    return !is_owed(checker, closed, closed->to + 1, closed->was_to, &closed->unrestored);
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
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(checker->sessions, &position, &key, &value)) {
        const struct check_session *session = value;
        const struct id *ids = (const void *)session->holds.bytes;
        const bool is_touched = is_of(checker, closed, key);
        for (size_t which = 0; is_touched && which < session->holds.len / sizeof ids[0]; which++) {
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
    struct closed closed = {.service = check_id(&event->closure->service_id),
                            .from = event->closure->from->days,
                            .to =
                                event->closure->to == NULL ? INT32_MAX : event->closure->to->days};
    for (size_t at = 0; at < event->closure->n_session_ids && at < CHECK_SESSIONS_MAX; at++)
        closed.sessions[closed.sessions_count++] = check_id(&event->closure->session_ids[at]);
    closed.was_to = closed.to;
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
    const int32_t lifted = event->closure->lifted->days;
    const int32_t first = lifted > closed->from ? lifted : closed->from;
    note_touched(sim->checker, closed, first, closed->to, &closed->unrestored);
    closed->to = first - 1;
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
        if (!closes(sim->checker, closed, &session_id, event->sittings[at]->date->days))
            sim_fail(sim, "a sitting is told of that the closure does not close");
    }
}

bool check_is_closure_untold(const struct sim *sim)
{
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(sim->checker->closures, &position, &key, &value))
        if (!is_told(sim->checker, value) || !is_restored(sim->checker, value))
            return true;
    return false;
}

void check_everybody_was_told(struct sim *sim)
{
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(sim->checker->closures, &position, &key, &value)) {
        const struct closed *closed = value;
        if (!is_told(sim->checker, closed))
            sim_fail(sim, "somebody loses a sitting by a closure and is not told of");
        if (!is_restored(sim->checker, closed))
            sim_fail(sim, "a closure was lifted, and somebody whom it touched is not told of");
    }
}
