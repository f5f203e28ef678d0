/* Who has room in a session, and has it again. See room.h. */
#include "services/capacity/room.h"

#include <stdlib.h>
#include <string.h>

#include "common/calendar.h"

void *capacity_scratch(const struct state *state, size_t size)
{
    void *memory = arena_alloc(state->scratch, size);
    if (memory == NULL)
        arena_full(state->scratch);
    return memory;
}

/* --- how it stands -------------------------------------------------------------------------------------------------------- */

struct standing capacity_stand(const struct session_terms *terms, const Dw__Session *session,
                               const Dw__LimitSchedule *schedule)
{
    struct standing standing = {.runs = capacity_session_runs(session)};
    capacity_limits(session->limits, session->n_limits, standing.limits);
    for (size_t at = 0; schedule != NULL && at < schedule->n_changes; at++)
        standing.changes[standing.changes_count++] =
            capacity_limit_change(terms, schedule->changes[at]);
    return standing;
}

void capacity_limits_in(const struct standing *standing, int32_t week,
                        int32_t ret_limits[LIMIT_KINDS])
{
    const int16_t *limits = standing->limits;
    const bool runs = standing->runs.first <= week && week <= standing->runs.last;
    for (size_t at = 0; at < standing->changes_count; at++)
        if (standing->changes[at].week <= week)
            limits = standing->changes[at].limits;
    for (size_t limit = 0; limit < LIMIT_KINDS; limit++)
        ret_limits[limit] = runs ? limits[limit] : 0;
}

/* --- who takes of it ------------------------------------------------------------------------------------------------------ */

/* The latest held first. */
static int compare_takers(const void *left, const void *right)
{
    const struct taker *one = left, *other = right;
    if (one->held_ms != other->held_ms)
        return one->held_ms > other->held_ms ? -1 : 1;
    return -id_compare(&one->taking->hold_id, &other->taking->hold_id);
}

/* What the booking was told to have lost of that session. */
static const Dw__StrandedBooking *lost_of(const struct state *state, const Dw__Booking *booking,
                                          const struct id *hold_id, uint32_t slot)
{
    uint32_t of_booking;
    for (size_t at = 0; at < booking->n_session_ids; at++)
        if (capacity_booking_slot(state, booking, at, &of_booking) && of_booking == slot)
            return capacity_stranded_booking(state, hold_id, (uint32_t)at);
    return NULL;
}

struct takers capacity_takers(const struct state *state, uint32_t slot)
{
    struct takers takers;
    const struct taking *takings =
        capacity_timetable_takings(state->timetable, slot, &takers.count);
    takers.list = capacity_scratch(state, takers.count * sizeof takers.list[0] + 1);
    for (size_t at = 0; at < takers.count; at++) {
        const Dw__Booking *booking = capacity_booking(state, &takings[at].hold_id);
        struct taker *taker = &takers.list[at];
        *taker = (struct taker){.taking = &takings[at], .is_outside = booking == NULL};
        if (booking == NULL)
            continue;
        taker->held_ms = booking->held_ms;
        taker->lost = lost_of(state, booking, &takings[at].hold_id, slot);
    }
    if (takers.count > 0)
        qsort(takers.list, takers.count, sizeof takers.list[0], compare_takers);
    return takers;
}

bool capacity_takes_in(const struct taker *taker, int32_t week)
{
    return taker->taking->weeks.first <= week && week <= taker->taking->weeks.last;
}

void capacity_find_room(const struct takers *takers, const int32_t limits[LIMIT_KINDS],
                        int32_t week, bool *ret_has_room)
{
    for (size_t at = 0; at < takers->count; at++)
        ret_has_room[at] = capacity_takes_in(&takers->list[at], week);
    for (size_t limit = 0; limit < LIMIT_KINDS; limit++) {
        int32_t taken = 0;
        for (size_t at = 0; at < takers->count; at++)
            taken += ret_has_room[at] ? takers->list[at].taking->uses[limit] : 0;
        for (size_t at = 0; at < takers->count && taken > limits[limit]; at++) {
            const int16_t uses = takers->list[at].taking->uses[limit];
            if (!ret_has_room[at] || uses == 0 || takers->list[at].is_outside)
                continue;
            ret_has_room[at] = false;
            taken -= uses;
        }
    }
}

/* --- the weeks in which something begins or ends ----------------------------------------------------------------------- */

void capacity_edges_begin(const struct state *state, size_t size, struct edges *ret_edges)
{
    ret_edges->count = 0;
    ret_edges->weeks = capacity_scratch(state, size * sizeof ret_edges->weeks[0] + 1);
}

void capacity_edges_add(struct edges *edges, struct weeks weeks)
{
    edges->weeks[edges->count++] = weeks.first;
    if (weeks.last != TIMETABLE_FOREVER)
        edges->weeks[edges->count++] = weeks.last + 1;
}

void capacity_edges_stand(struct edges *edges, const struct standing *standing)
{
    capacity_edges_add(edges, standing->runs);
    for (size_t at = 0; at < standing->changes_count; at++)
        edges->weeks[edges->count++] = standing->changes[at].week;
}

static int compare_weeks(const void *left, const void *right)
{
    const int32_t one = *(const int32_t *)left, other = *(const int32_t *)right;
    return (one > other) - (one < other);
}

void capacity_edges_sort(struct edges *edges)
{
    size_t kept = 0;
    qsort(edges->weeks, edges->count, sizeof edges->weeks[0], compare_weeks);
    for (size_t at = 0; at < edges->count; at++)
        if (kept == 0 || edges->weeks[kept - 1] != edges->weeks[at])
            edges->weeks[kept++] = edges->weeks[at];
    edges->count = kept;
}

struct weeks capacity_edges_stretch(const struct edges *edges, size_t edge,
                                    const struct session_terms *terms)
{
    const int32_t last = edge + 1 < edges->count ? edges->weeks[edge + 1] - 1 : TIMETABLE_FOREVER;
    return capacity_weeks_sitting(terms, (struct weeks){edges->weeks[edge], last});
}

/* --- bookings and their weeks ---------------------------------------------------------------------------------------------- */

void capacity_holds_add(const struct state *state, struct hold_list *holds,
                        const struct id *hold_id, struct weeks weeks)
{
    if (holds->count == holds->size) {
        const size_t size = holds->size == 0 ? 64 : holds->size * 2;
        struct hold_weeks *list = capacity_scratch(state, size * sizeof list[0]);
        if (holds->count > 0)
            memcpy(list, holds->list, holds->count * sizeof list[0]);
        holds->list = list;
        holds->size = size;
    }
    holds->list[holds->count++] = (struct hold_weeks){*hold_id, weeks};
}

static int compare_holds(const void *left, const void *right)
{
    const struct hold_weeks *one = left, *other = right;
    const int order = id_compare(&one->hold_id, &other->hold_id);
    return order != 0 ? order : compare_weeks(&one->weeks.first, &other->weeks.first);
}

void capacity_holds_sort(struct hold_list *holds)
{
    if (holds->count > 0)
        qsort(holds->list, holds->count, sizeof holds->list[0], compare_holds);
}

/* --- who has room again --------------------------------------------------------------------------------------------------- */

struct weeks capacity_span_weeks(const struct session_terms *terms, const Dw__SittingSpan *span)
{
    return capacity_sittings(terms, span->from->days, capacity_date_or_never(span->to));
}

static bool has_lost(const struct session_terms *terms, const struct taker *taker, int32_t week)
{
    for (size_t at = 0; taker->lost != NULL && at < taker->lost->n_lost; at++) {
        const struct weeks weeks = capacity_span_weeks(terms, taker->lost->lost[at]);
        if (weeks.first <= week && week <= weeks.last)
            return true;
    }
    return false;
}

static struct edges find_edges(const struct state *state, const struct session_terms *terms,
                               const struct takers *takers, const struct standing *standing,
                               int32_t from_week)
{
    struct edges edges;
    size_t spans = 0;
    for (size_t at = 0; at < takers->count; at++)
        spans += takers->list[at].lost == NULL ? 0 : takers->list[at].lost->n_lost;
    capacity_edges_begin(state, 2 * (takers->count + spans) + standing->changes_count + 3, &edges);
    for (size_t at = 0; at < takers->count; at++) {
        const struct taker *taker = &takers->list[at];
        capacity_edges_add(&edges, taker->taking->weeks);
        for (size_t span = 0; taker->lost != NULL && span < taker->lost->n_lost; span++)
            capacity_edges_add(&edges, capacity_span_weeks(terms, taker->lost->lost[span]));
    }
    capacity_edges_stand(&edges, standing);
    edges.weeks[edges.count++] = from_week;
    capacity_edges_sort(&edges);
    return edges;
}

struct hold_list capacity_regained(const struct state *state, uint32_t slot, int32_t from)
{
    const struct session_terms *terms = capacity_timetable_terms(state->timetable, slot);
    const struct standing standing =
        capacity_stand(terms, capacity_session(state, &terms->session_id),
                       capacity_limit_schedule(state, &terms->session_id));
    const int32_t from_week = capacity_sittings(terms, from, INT32_MAX).first;
    struct hold_list regained = {NULL, 0, 0};
    arena_reset(state->scratch);
    const struct takers takers = capacity_takers(state, slot);
    const struct edges edges = find_edges(state, terms, &takers, &standing, from_week);
    bool *has_room = capacity_scratch(state, takers.count + 1);
    for (size_t edge = 0; edge < edges.count; edge++) {
        const struct weeks stretch = capacity_edges_stretch(&edges, edge, terms);
        int32_t limits[LIMIT_KINDS];
        if (edges.weeks[edge] < from_week || stretch.last < stretch.first)
            continue;
        capacity_limits_in(&standing, stretch.first, limits);
        capacity_find_room(&takers, limits, stretch.first, has_room);
        for (size_t at = 0; at < takers.count; at++)
            if (has_room[at] && has_lost(terms, &takers.list[at], stretch.first) &&
                stretch.first <= standing.runs.last && standing.runs.first <= stretch.first)
                capacity_holds_add(state, &regained, &takers.list[at].taking->hold_id, stretch);
    }
    capacity_holds_sort(&regained);
    return regained;
}

int32_t capacity_regained_last(const struct state *state, const struct id *session_id, int32_t from)
{
    uint32_t slot;
    int32_t last = INT32_MIN;
    if (!capacity_timetable_find(state->timetable, session_id, &slot))
        return INT32_MIN;
    const struct hold_list regained = capacity_regained(state, slot, from);
    for (size_t at = 0; at < regained.count; at++)
        last = regained.list[at].weeks.last > last ? regained.list[at].weeks.last : last;
    if (last == INT32_MIN || last == TIMETABLE_FOREVER)
        return last;
    return calendar_monday(last) + capacity_timetable_terms(state->timetable, slot)->monday_offset;
}
