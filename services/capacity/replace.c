/* See replace.h. */
#include "services/capacity/replace.h"

#include <string.h>

#include "services/capacity/checks.h"

enum { RETURN_DAYS_MAX = 366 }; /* within which somebody who was there is nobody new */

static bool has_session(const Dw__Booking *booking, const struct id *session_id)
{
    struct id id;
    for (size_t at = 0; at < booking->n_session_ids; at++)
        if (id_from_data(&booking->session_ids[at], &id) && id_equal(&id, session_id))
            return true;
    return false;
}

static struct weeks sittings_of(const struct session_terms *terms, const Dw__Booking *booking)
{
    return capacity_sittings(terms, booking->from->days, capacity_date_or_never(booking->to));
}

/* Of the weeks those from a sitting to a sitting: what rests between two parts is of neither. */
static void add_part(const struct session_terms *terms, struct taking *parts, size_t *count,
                     struct weeks weeks, const int16_t uses[LIMIT_KINDS])
{
    weeks = capacity_weeks_sitting(terms, weeks);
    if (weeks.last < weeks.first)
        return;
    parts[*count].weeks = weeks;
    memcpy(parts[*count].uses, uses, sizeof parts[*count].uses);
    ++*count;
}

size_t capacity_takings_of(const struct session_terms *terms, const Dw__Booking *booking,
                           const Dw__Booking *replaced, struct taking ret_parts[TAKING_PARTS])
{
    const struct weeks own = sittings_of(terms, booking);
    struct weeks both = {0, -1};
    int16_t uses[LIMIT_KINDS], others[LIMIT_KINDS];
    size_t count = 0;
    for (size_t part = 0; part < TAKING_PARTS; part++)
        (void)id_from_data(&booking->hold_id, &ret_parts[part].hold_id);
    capacity_limits(booking->uses, booking->n_uses, uses);
    if (replaced != NULL && has_session(replaced, &terms->session_id))
        both = capacity_weeks_both(own, sittings_of(terms, replaced));
    if (both.last < both.first) {
        add_part(terms, ret_parts, &count, own, uses);
        return count;
    }
    add_part(terms, ret_parts, &count, (struct weeks){own.first, both.first - 1}, uses);
    capacity_limits(replaced->uses, replaced->n_uses, others);
    for (size_t limit = 0; limit < LIMIT_KINDS; limit++)
        others[limit] = (int16_t)(uses[limit] > others[limit] ? uses[limit] - others[limit] : 0);
    add_part(terms, ret_parts, &count, both, others);
    if (both.last != TIMETABLE_FOREVER)
        add_part(terms, ret_parts, &count, (struct weeks){both.last + 1, own.last}, uses);
    return count;
}

bool capacity_was_bought(const Dw__Booking *replaced)
{
    return replaced != NULL && capacity_is_bought(replaced->funding);
}

const Dw__Booking *capacity_replaced(const struct state *state, const Dw__Booking *booking)
{
    struct id replaced_id;
    if (!id_from_data(&booking->replaces_hold_id, &replaced_id))
        return NULL;
    const Dw__Booking *replaced = capacity_booking(state, &replaced_id);
    return replaced != NULL && capacity_state_takes((enum booking_state)replaced->state) ? replaced
                                                                                         : NULL;
}

bool capacity_check_replaces(const struct state *state, const Dw__HoldPlaces *hold,
                             struct decision *decision, const Dw__Booking **ret_replaced)
{
    struct id replaced_id;
    *ret_replaced = NULL;
    if (!id_from_data(&hold->replaces_hold_id, &replaced_id))
        return true;
    const Dw__Booking *replaced = capacity_booking(state, &replaced_id);
    const struct id *other_id = table_get(state->replacing, &replaced_id);
    const Dw__Booking *other = other_id == NULL ? NULL : capacity_booking(state, other_id);
    const bool is_booked =
        replaced != NULL && (replaced->state == DW__BOOKING_STATE__BOOKING_STATE_CONFIRMED ||
                             replaced->state == DW__BOOKING_STATE__BOOKING_STATE_ENDED);
    if (!is_booked || !id_data_equal(&replaced->person_id, &hold->person_id) ||
        !id_data_equal(&replaced->service_id, &hold->service_id)) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NOT_REPLACEABLE,
                        "Only a confirmed booking of the same person at the same service is "
                        "replaced; hold places without replacing anything.");
        return false;
    }
    if (hold->from->days - RETURN_DAYS_MAX > capacity_date_or_never(replaced->to)) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NOT_REPLACEABLE,
                        "Whoever comes back more than %d days after their booking ended is new; "
                        "hold places without replacing anything.",
                        RETURN_DAYS_MAX);
        return false;
    }
    if (other != NULL && other->state == DW__BOOKING_STATE__BOOKING_STATE_HELD) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ALREADY_REPLACED,
                        "Another hold is to replace this booking already; release that one first.");
        return false;
    }
    *ret_replaced = replaced;
    return true;
}
