/* What one booking loses by a closure, or what the closure takes from it no more when it is lifted: whatever others close, and also where
 * the session runs no more, for it may run again. See tell.h. */
#include "services/capacity/tell.h"

#include "common/calendar.h"
#include "services/capacity/checks.h"
#include "services/capacity/elsewhere.h"

/* Sittings of one session of the booking that are lost (or restored), from the first to the last. */
struct part {
    const struct session_terms *terms;
    struct weeks weeks;
};

struct parts {
    struct part list[PATTERN_MAX];
    size_t count;
};

static bool is_lifted(const struct change *change)
{
    return change->what == DW__TELLING_WHAT__TELLING_WHAT_LIFTED;
}

/* Dates that the change is about: those closed, or those no longer closed. */
static void dates_of(const struct change *change, int32_t *ret_from, int32_t *ret_to)
{
    *ret_from = change->closure->from->days;
    *ret_to = is_lifted(change) ? change->closed_to : capacity_closure_last(change->closure);
    if (is_lifted(change))
        *ret_from = calendar_later(*ret_from, change->closure->lifted->days);
}

/* By weekday, start and id, as sittings are told. */
static bool stands_before(const struct session_terms *left, const struct session_terms *right)
{
    if (left->monday_offset != right->monday_offset)
        return left->monday_offset < right->monday_offset;
    if (left->start_minutes != right->start_minutes)
        return left->start_minutes < right->start_minutes;
    return id_compare(&left->session_id, &right->session_id) < 0;
}

static void add_part(struct parts *parts, const struct part *part)
{
    size_t at = parts->count++;
    for (; at > 0 && stands_before(part->terms, parts->list[at - 1].terms); at--)
        parts->list[at] = parts->list[at - 1];
    parts->list[at] = *part;
}

static struct parts find_parts(const struct state *state, const struct change *change,
                               const Dw__Booking *booking)
{
    struct parts parts = {.count = 0};
    int32_t from, to;
    dates_of(change, &from, &to);
    from = calendar_later(from, booking->from->days);
    to = calendar_earlier(to, capacity_date_or_never(booking->to));
    for (size_t at = 0; from <= to && at < booking->n_session_ids; at++) {
        uint32_t slot;
        if (!capacity_booking_slot(state, booking, at, &slot))
            continue;
        const struct session_terms *terms = capacity_timetable_terms(state->timetable, slot);
        struct part part = {terms, capacity_sittings(terms, from, to)};
        if (!capacity_closure_touches(change->closure, &terms->session_id))
            continue;
        if (part.weeks.first <= part.weeks.last)
            add_part(&parts, &part);
    }
    return parts;
}

static int32_t date_of(const struct session_terms *terms, int32_t week)
{
    return week == TIMETABLE_FOREVER ? INT32_MAX : calendar_monday(week) + terms->monday_offset;
}

/* Looks whether the person is elsewhere at that sitting by now. One that another closure still closes is in nobody's way. */
static void look_for_clash(const struct state *state, const struct change *change,
                           const Dw__Booking *booking, const struct session_terms *terms,
                           int32_t week, struct lost *lost)
{
    struct elsewhere question = {.terms = terms, .weeks = {week, week}};
    struct id hold_id;
    if (!is_lifted(change) || !id_is_zero(&lost->clashes_hold_id))
        return;
    (void)id_from_data(&booking->person_id, &question.person_id);
    (void)id_from_data(&booking->hold_id, &question.except_hold_id);
    (void)id_from_data(&change->closure->closure_id, &question.lifted_closure_id);
    if (capacity_find_elsewhere(state, &question, &hold_id, NULL))
        lost->clashes_hold_id = hold_id;
}

/* It was held when the closure had been lifted already. */
static bool came_after(const struct change *change, const Dw__Booking *booking)
{
    return is_lifted(change) && change->closure->lifted_seq > 0 &&
           booking->held_seq > change->closure->lifted_seq;
}

void capacity_tell_closure(const struct state *state, const struct change *change,
                           const Dw__Booking *booking, struct decision *decision,
                           struct lost *ret_lost)
{
    const struct parts parts = find_parts(state, change, booking);
    int32_t first = INT32_MAX, last = INT32_MIN;
    ret_lost->from = INT32_MAX;
    ret_lost->to = INT32_MIN;
    if (came_after(change, booking))
        return;
    for (size_t at = 0; at < parts.count; at++) {
        const struct part *part = &parts.list[at];
        first = calendar_earlier(first, part->weeks.first);
        last = calendar_later(last, part->weeks.last);
        ret_lost->from = calendar_earlier(ret_lost->from, date_of(part->terms, part->weeks.first));
        ret_lost->to = calendar_later(ret_lost->to, date_of(part->terms, part->weeks.last));
    }
    for (int32_t week = first;
         week <= last && ret_lost->count < SITTINGS_TOLD_MAX && parts.count > 0; week++)
        for (size_t at = 0; at < parts.count; at++) {
            const struct part *part = &parts.list[at];
            if (week < part->weeks.first || week > part->weeks.last ||
                !capacity_week_sits(part->terms, week))
                continue;
            capacity_lost_add(ret_lost, &part->terms->session_id, date_of(part->terms, week),
                              decision);
            look_for_clash(state, change, booking, part->terms, week, ret_lost);
        }
}
