/* Where else a person is: see elsewhere.h. */
#include "services/capacity/elsewhere.h"

#include "services/capacity/closed.h"

static int32_t common_divisor(int32_t left, int32_t right)
{
    while (right != 0) {
        const int32_t rest = left % right;
        left = right;
        right = rest;
    }
    return left;
}

bool capacity_weeks_meet(unsigned one_every, int32_t one_sits_in, unsigned other_every,
                         int32_t other_sits_in)
{
    const int32_t step = common_divisor(one_every > 1 ? (int32_t)one_every : 1,
                                        other_every > 1 ? (int32_t)other_every : 1);
    return (one_sits_in - other_sits_in) % step == 0;
}

bool capacity_sessions_clash(const struct session_terms *one, const struct session_terms *other)
{
    return one->monday_offset == other->monday_offset && one->start_minutes < other->end_minutes &&
           other->start_minutes < one->end_minutes &&
           capacity_weeks_meet(one->every_weeks, one->runs.first, other->every_weeks,
                               other->runs.first);
}

/* True, and the first one, when it sits and is open in one of the weeks. */
static bool opens_in(const struct closed *closed, const struct sitter *sitter, struct weeks weeks,
                     int32_t *ret_week)
{
    return capacity_closed_opens(closed, sitter->slot, sitter->every_weeks,
                                 capacity_weeks_every(sitter->every_weeks, sitter->sits_in, weeks),
                                 ret_week);
}

bool capacity_sit_together(const struct closed *closed, const struct sitter *one,
                           const struct sitter *other, struct weeks weeks)
{
    int32_t week, other_week;
    if (!capacity_weeks_meet(one->every_weeks, one->sits_in, other->every_weeks, other->sits_in))
        return false;
    while (opens_in(closed, one, weeks, &week)) {
        weeks.first = week;
        if (!opens_in(closed, other, weeks, &other_week))
            return false;
        if (other_week == week)
            return true;
        weeks.first = other_week;
    }
    return false;
}

/* The same without the closure that is lifted. Closures of a service are few, and this is asked for one week at a time. */
static bool sits_without(const struct state *state, const struct session_terms *terms,
                         const struct id *lifted_id, int32_t week)
{
    bool is_closed = false;
    for (const struct id *id = lists_first(state->closures, &terms->service_id); id != NULL;
         id = lists_next(state->closures, id)) {
        const struct weeks weeks = capacity_closure_weeks(capacity_closure(state, id), terms);
        is_closed |= !id_equal(id, lifted_id) && weeks.first <= week && week <= weeks.last;
    }
    return !is_closed && terms->runs.first <= week && week <= terms->runs.last &&
           capacity_week_sits(terms, week);
}

static struct sitter sitter_of(const struct session_terms *terms, uint32_t slot)
{
    return (struct sitter){slot, terms->every_weeks, terms->runs.first};
}

static bool sits(const struct state *state, const struct elsewhere *question,
                 const struct session_terms *other, uint32_t other_slot, struct weeks weeks)
{
    uint32_t slot;
    if (weeks.last < weeks.first ||
        !capacity_timetable_find(state->timetable, &question->terms->session_id, &slot))
        return false;
    if (id_is_zero(&question->lifted_closure_id)) {
        const struct sitter one = sitter_of(question->terms, slot);
        const struct sitter two = sitter_of(other, other_slot);
        return capacity_sit_together(
            capacity_timetable_closed(state->timetable), &one, &two,
            capacity_weeks_both(weeks, capacity_weeks_both(question->terms->runs, other->runs)));
    }
    return sits_without(state, question->terms, &question->lifted_closure_id, weeks.first) &&
           sits_without(state, other, &question->lifted_closure_id, weeks.first);
}

/* The session of the booking that clashes, or NULL. */
static const struct session_terms *find_clash(const struct state *state, const Dw__Booking *booking,
                                              const struct elsewhere *question)
{
    const struct weeks weeks = capacity_weeks_both(
        question->weeks, capacity_sittings(question->terms, booking->from->days,
                                           capacity_date_or_never(booking->to)));
    for (size_t at = 0; weeks.first <= weeks.last && at < booking->n_session_ids; at++) {
        uint32_t slot;
        if (!capacity_booking_slot(state, booking, at, &slot))
            continue;
        const struct session_terms *other = capacity_timetable_terms(state->timetable, slot);
        if (capacity_sessions_clash(question->terms, other) &&
            sits(state, question, other, slot, weeks))
            return other;
    }
    return NULL;
}

bool capacity_find_elsewhere(const struct state *state, const struct elsewhere *question,
                             struct id *ret_hold_id, const struct session_terms **ret_terms)
{
    for (const struct id *hold_id = lists_first(state->by_person, &question->person_id);
         hold_id != NULL; hold_id = lists_next(state->by_person, hold_id)) {
        if (id_equal(hold_id, &question->except_hold_id))
            continue;
        const struct session_terms *other =
            find_clash(state, capacity_booking(state, hold_id), question);
        if (other == NULL)
            continue;
        *ret_hold_id = *hold_id;
        if (ret_terms != NULL)
            *ret_terms = other;
        return true;
    }
    return false;
}
