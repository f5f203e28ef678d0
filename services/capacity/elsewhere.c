/* Where else a person is: see elsewhere.h. */
#include "services/capacity/elsewhere.h"

bool capacity_sessions_clash(const struct session_terms *one, const struct session_terms *other)
{
    return one->monday_offset == other->monday_offset && one->start_minutes < other->end_minutes &&
           other->start_minutes < one->end_minutes;
}

/* The session of the booking that clashes, or NULL. */
static const struct session_terms *find_clash(const struct state *state, const Dw__Booking *booking,
                                              const struct session_terms *terms)
{
    for (size_t at = 0; at < booking->n_session_ids; at++) {
        uint32_t slot;
        if (!capacity_booking_slot(state, booking, at, &slot))
            continue;
        const struct session_terms *other = capacity_timetable_terms(state->timetable, slot);
        if (capacity_sessions_clash(terms, other))
            return other;
    }
    return NULL;
}

bool capacity_is_elsewhere(const struct state *state, const struct id *person_id,
                           const struct session_terms *terms, int32_t from, int32_t to,
                           const struct session_terms **ret_other)
{
    for (const struct id *hold_id = lists_first(state->by_person, person_id); hold_id != NULL;
         hold_id = lists_next(state->by_person, hold_id)) {
        const Dw__Booking *booking = capacity_booking(state, hold_id);
        const int32_t last = capacity_date_or_never(booking->to);
        const struct weeks both = capacity_sittings(
            terms, booking->from->days > from ? booking->from->days : from, last < to ? last : to);
        const struct session_terms *other =
            both.last < both.first ? NULL : find_clash(state, booking, terms);
        if (other == NULL)
            continue;
        *ret_other = other;
        return true;
    }
    return false;
}
