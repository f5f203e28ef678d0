/* Who was told to have lost sittings of a session for want of room, or since it runs no more: kept as spans of weeks, without those
 * between in which there is room, until they are told to have them again or take no place there any more. See evolve.c. */
#include "services/capacity/room.h"

#include "common/calendar.h"

enum {
    SPANS_MAX =
        400, /* of a booking and session: apart from each other, as far as one event tells */
};

/* Ascending, apart from each other; each begins and ends with a sitting. */
struct spans {
    struct weeks list[SPANS_MAX];
    size_t count;
};

/* Weeks from one sitting to the next. */
static int32_t step_of(const struct session_terms *terms)
{
    return terms->every_weeks > 1 ? terms->every_weeks : 1;
}

static void push(struct spans *spans, struct weeks weeks)
{
    if (weeks.first <= weeks.last && spans->count < SPANS_MAX)
        spans->list[spans->count++] = weeks;
}

static void add_weeks(struct spans *spans, struct weeks weeks, int32_t step)
{
    struct spans sum = {.count = 0};
    bool is_in = false;
    for (size_t at = 0; at < spans->count; at++) {
        const struct weeks span = spans->list[at];
        if ((int64_t)span.last + step < weeks.first) {
            push(&sum, span);
        } else if ((int64_t)weeks.last + step < span.first) {
            if (!is_in)
                push(&sum, weeks);
            is_in = true;
            push(&sum, span);
        } else {
            weeks.first = span.first < weeks.first ? span.first : weeks.first;
            weeks.last = span.last > weeks.last ? span.last : weeks.last;
        }
    }
    if (!is_in)
        push(&sum, weeks);
    *spans = sum;
}

static void remove_week(struct spans *spans, int32_t week, int32_t step)
{
    struct spans rest = {.count = 0};
    for (size_t at = 0; at < spans->count; at++) {
        const struct weeks span = spans->list[at];
        if (week < span.first || span.last < week) {
            push(&rest, span);
            continue;
        }
        push(&rest, (struct weeks){span.first, week - step});
        push(&rest, (struct weeks){week + step, span.last});
    }
    *spans = rest;
}

/* Leaves what lies in these weeks. */
static void clip(struct spans *spans, const struct session_terms *terms, struct weeks weeks)
{
    struct spans rest = {.count = 0};
    for (size_t at = 0; at < spans->count; at++)
        push(&rest, capacity_weeks_sitting(terms, capacity_weeks_both(spans->list[at], weeks)));
    *spans = rest;
}

static struct spans read_spans(const struct session_terms *terms, const Dw__StrandedBooking *known)
{
    struct spans spans = {.count = 0};
    for (size_t at = 0; known != NULL && at < known->n_lost; at++)
        push(&spans, capacity_span_weeks(terms, known->lost[at]));
    return spans;
}

static void put_spans(struct state *state, const struct stranded_key *key,
                      const struct session_terms *terms, const struct spans *spans)
{
    Dw__StrandedBooking stranded = DW__STRANDED_BOOKING__INIT;
    Dw__SittingSpan lost[SPANS_MAX], *list[SPANS_MAX];
    Dw__Date from[SPANS_MAX], to[SPANS_MAX];
    if (spans->count == 0) {
        entities_remove(state->entities, KIND_STRANDED, &key->hold_id, key->part);
        return;
    }
    for (size_t at = 0; at < spans->count; at++) {
        const struct weeks weeks = spans->list[at];
        lost[at] = (Dw__SittingSpan)DW__SITTING_SPAN__INIT;
        from[at] = to[at] = (Dw__Date)DW__DATE__INIT;
        from[at].days = calendar_monday(weeks.first) + terms->monday_offset;
        lost[at].from = &from[at];
        list[at] = &lost[at];
        if (weeks.last == TIMETABLE_FOREVER)
            continue;
        to[at].days = calendar_monday(weeks.last) + terms->monday_offset;
        lost[at].to = &to[at];
    }
    stranded.session_id = id_to_data(&terms->session_id);
    stranded.n_lost = spans->count;
    stranded.lost = list;
    entities_put(state->entities, KIND_STRANDED, &key->hold_id, key->part, &stranded.base);
}

/* The session's place in the booking's pattern, and its terms; false when it has none. */
static bool find_part(const struct state *state, const Dw__Booking *booking,
                      const struct id *session_id, uint32_t *ret_part,
                      const struct session_terms **ret_terms)
{
    for (size_t at = 0; at < booking->n_session_ids; at++) {
        const struct id id = id_or_zero(&booking->session_ids[at]);
        uint32_t slot;
        if (!id_equal(&id, session_id) || !capacity_booking_slot(state, booking, at, &slot))
            continue;
        *ret_part = (uint32_t)at;
        *ret_terms = capacity_timetable_terms(state->timetable, slot);
        return true;
    }
    return false;
}

/* What a closure takes follows from the closure; of a cut and an end it is remembered. */
void capacity_evolve_sittings_disrupted(struct state *state, const ProtobufCMessage *event,
                                        const struct recorded *recorded)
{
    (void)recorded;
    const Dw__SittingsDisrupted *told = (const Dw__SittingsDisrupted *)event;
    struct stranded_key key = {id_or_zero(&told->hold_id), 0};
    const Dw__Booking *booking = capacity_booking(state, &key.hold_id);
    const struct session_terms *terms;
    struct id session_id;
    if (told->n_sittings == 0 || booking == NULL || !id_from_data(&told->session_id, &session_id) ||
        !find_part(state, booking, &session_id, &key.part, &terms))
        return;
    const Dw__StrandedBooking *known = capacity_stranded_booking(state, &key.hold_id, key.part);
    struct spans spans = read_spans(terms, known);
    for (size_t at = 0; at < told->n_sittings; at++) {
        const int32_t week = calendar_week(told->sittings[at]->date->days);
        add_weeks(&spans, (struct weeks){week, week}, step_of(terms));
    }
    const int32_t behind = told->sittings[told->n_sittings - 1]->date->days;
    if (told->to == NULL || told->to->days > behind) /* more than are named one by one */
        add_weeks(&spans, capacity_sittings(terms, behind, capacity_date_or_never(told->to)),
                  step_of(terms));
    put_spans(state, &key, terms, &spans);
}

void capacity_evolve_sittings_restored(struct state *state, const ProtobufCMessage *event,
                                       const struct recorded *recorded)
{
    (void)recorded;
    const Dw__SittingsRestored *told = (const Dw__SittingsRestored *)event;
    struct stranded_key key = {id_or_zero(&told->hold_id), 0};
    struct id session_id;
    const Dw__Booking *booking = capacity_booking(state, &key.hold_id);
    const struct session_terms *terms;
    if (!id_from_data(&told->session_id, &session_id) || booking == NULL ||
        !find_part(state, booking, &session_id, &key.part, &terms))
        return; /* a closure was lifted */
    const Dw__StrandedBooking *known = capacity_stranded_booking(state, &key.hold_id, key.part);
    struct spans spans = read_spans(terms, known);
    if (told->left_from == NULL)
        spans.count = 0;
    else
        clip(
            &spans, terms,
            capacity_sittings(terms, told->left_from->days, capacity_date_or_never(told->left_to)));
    for (size_t at = 0; at < told->n_sittings; at++)
        remove_week(&spans, calendar_week(told->sittings[at]->date->days), step_of(terms));
    put_spans(state, &key, terms, &spans);
}

void capacity_strand_trim(struct state *state, const struct id *hold_id)
{
    const Dw__Booking *booking = capacity_booking(state, hold_id);
    if (booking == NULL || entities_count(state->entities, KIND_STRANDED) == 0)
        return;
    for (size_t at = 0; at < booking->n_session_ids; at++) {
        const struct stranded_key key = {*hold_id, (uint32_t)at};
        const Dw__StrandedBooking *known = capacity_stranded_booking(state, hold_id, key.part);
        uint32_t slot;
        if (known == NULL || !capacity_booking_slot(state, booking, at, &slot))
            continue;
        const struct session_terms *terms = capacity_timetable_terms(state->timetable, slot);
        struct spans spans = read_spans(terms, known);
        if (!capacity_state_takes((enum booking_state)booking->state))
            spans.count = 0;
        clip(&spans, terms,
             capacity_sittings(terms, booking->from->days, capacity_date_or_never(booking->to)));
        put_spans(state, &key, terms, &spans);
    }
}

void capacity_strand_pass_on(struct state *state, const struct id *hold_id)
{
    struct id replaced_id;
    const Dw__Booking *booking = capacity_booking(state, hold_id);
    if (booking == NULL || entities_count(state->entities, KIND_STRANDED) == 0 ||
        !id_from_data(&booking->replaces_hold_id, &replaced_id))
        return;
    const Dw__Booking *replaced = capacity_booking(state, &replaced_id);
    for (size_t at = 0; replaced != NULL && at < replaced->n_session_ids; at++) {
        const struct id session_id = id_or_zero(&replaced->session_ids[at]);
        const Dw__StrandedBooking *lost =
            capacity_stranded_booking(state, &replaced_id, (uint32_t)at);
        struct stranded_key key = {*hold_id, 0};
        const struct session_terms *terms;
        if (lost == NULL || !find_part(state, booking, &session_id, &key.part, &terms))
            continue;
        const Dw__StrandedBooking *own = capacity_stranded_booking(state, hold_id, key.part);
        struct spans spans = read_spans(terms, own);
        struct spans others = read_spans(terms, lost);
        clip(&others, terms,
             capacity_sittings(terms, booking->from->days, capacity_date_or_never(booking->to)));
        for (size_t span = 0; span < others.count; span++)
            add_weeks(&spans, others.list[span], step_of(terms));
        put_spans(state, &key, terms, &spans);
    }
}
