/* Who has no room any more when a session has fewer places, or ends. See tell.h. */
#include "services/capacity/tell.h"

#include <stdlib.h>
#include <string.h>

/* A taking of the session, and whose. */
struct taker {
    const struct taking *taking;
    int64_t held_ms;
    bool is_outside; /* nobody's: it is never who has to go */
};

/* How a session stands, before or after the change. */
struct standing {
    struct weeks runs;
    int16_t limits[LIMIT_KINDS];
    struct limit_change changes[LIMIT_CHANGES_MAX + 1];
    size_t changes_count;
};

/* What is looked at week by week. */
struct look {
    struct taker *takers; /* the latest held first */
    size_t count;
    struct standing before;
    struct standing after;
    bool *had_room; /* of each taker, in one week */
    bool *has_room;
};

static struct standing stand(const struct session_terms *terms, const Dw__Session *session,
                             const Dw__LimitSchedule *schedule)
{
    struct standing standing = {.runs = capacity_session_runs(session)};
    capacity_limits(session->limits, session->n_limits, standing.limits);
    for (size_t at = 0; schedule != NULL && at < schedule->n_changes; at++)
        standing.changes[standing.changes_count++] =
            capacity_limit_change(terms, schedule->changes[at]);
    return standing;
}

/* Its limits in that week; all 0 when it does not run. */
static void limits_in(const struct standing *standing, int32_t week,
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

static bool takes_in(const struct taker *taker, int32_t week)
{
    return taker->taking->weeks.first <= week && week <= taker->taking->weeks.last;
}

/* Who has room in that week: where more is taken of a limit than there is, the latest held goes first, of those who take of it. */
static void find_room(const struct look *look, const int32_t limits[LIMIT_KINDS], int32_t week,
                      bool *ret_has_room)
{
    for (size_t at = 0; at < look->count; at++)
        ret_has_room[at] = takes_in(&look->takers[at], week);
    for (size_t limit = 0; limit < LIMIT_KINDS; limit++) {
        int32_t taken = 0;
        for (size_t at = 0; at < look->count; at++)
            taken += ret_has_room[at] ? look->takers[at].taking->uses[limit] : 0;
        for (size_t at = 0; at < look->count && taken > limits[limit]; at++) {
            const int16_t uses = look->takers[at].taking->uses[limit];
            if (!ret_has_room[at] || uses == 0 || look->takers[at].is_outside)
                continue;
            ret_has_room[at] = false;
            taken -= uses;
        }
    }
}

/* True when in that week there is less of a limit than before, and more of it is taken than there is. */
static bool is_over(const struct look *look, const int32_t before[LIMIT_KINDS],
                    const int32_t after[LIMIT_KINDS], int32_t week)
{
    for (size_t limit = 0; limit < LIMIT_KINDS; limit++) {
        int32_t taken = 0;
        for (size_t at = 0; at < look->count; at++)
            taken += takes_in(&look->takers[at], week) ? look->takers[at].taking->uses[limit] : 0;
        if (after[limit] < before[limit] && taken > after[limit])
            return true;
    }
    return false;
}

/* --- the weeks in which something begins or ends ----------------------------------------------------------------------- */

struct edges {
    int32_t *weeks;
    size_t count;
};

static void add_edge(struct edges *edges, int32_t week)
{
    edges->weeks[edges->count++] = week;
}

/* first: of a stretch; last: its last week, TIMETABLE_FOREVER = none. */
static void add_stretch(struct edges *edges, struct weeks weeks)
{
    add_edge(edges, weeks.first);
    if (weeks.last != TIMETABLE_FOREVER)
        add_edge(edges, weeks.last + 1);
}

static void add_standing(struct edges *edges, const struct standing *standing)
{
    add_stretch(edges, standing->runs);
    for (size_t at = 0; at < standing->changes_count; at++)
        add_edge(edges, standing->changes[at].week);
}

static int compare_weeks(const void *left, const void *right)
{
    const int32_t one = *(const int32_t *)left, other = *(const int32_t *)right;
    return (one > other) - (one < other);
}

static struct edges find_edges(const struct look *look, struct decision *decision)
{
    struct edges edges = {.count = 0};
    const size_t size =
        2 * look->count + look->before.changes_count + look->after.changes_count + 4;
    size_t kept = 0;
    edges.weeks = decision_alloc(decision, size * sizeof edges.weeks[0]);
    for (size_t at = 0; at < look->count; at++)
        add_stretch(&edges, look->takers[at].taking->weeks);
    add_standing(&edges, &look->before);
    add_standing(&edges, &look->after);
    qsort(edges.weeks, edges.count, sizeof edges.weeks[0], compare_weeks);
    for (size_t at = 0; at < edges.count; at++)
        if (kept == 0 || edges.weeks[kept - 1] != edges.weeks[at])
            edges.weeks[kept++] = edges.weeks[at];
    edges.count = kept;
    return edges;
}

/* --- all of it ------------------------------------------------------------------------------------------------------------ */

/* The latest held first. */
static int compare_takers(const void *left, const void *right)
{
    const struct taker *one = left, *other = right;
    if (one->held_ms != other->held_ms)
        return one->held_ms > other->held_ms ? -1 : 1;
    return -id_compare(&one->taking->hold_id, &other->taking->hold_id);
}

static void find_takers(const struct state *state, uint32_t slot, struct decision *decision,
                        struct look *look)
{
    const struct taking *takings = capacity_timetable_takings(state->timetable, slot, &look->count);
    look->takers = decision_alloc(decision, look->count * sizeof look->takers[0] + 1);
    look->had_room = decision_alloc(decision, look->count + 1);
    look->has_room = decision_alloc(decision, look->count + 1);
    for (size_t at = 0; at < look->count; at++) {
        const Dw__Booking *booking = capacity_booking(state, &takings[at].hold_id);
        look->takers[at] = (struct taker){.taking = &takings[at],
                                          .held_ms = booking == NULL ? 0 : booking->held_ms,
                                          .is_outside = booking == NULL};
    }
    if (look->count > 0)
        qsort(look->takers, look->count, sizeof look->takers[0], compare_takers);
}

static int compare_stranded(const void *left, const void *right)
{
    const struct stranded *one = left, *other = right;
    const int order = id_compare(&one->hold_id, &other->hold_id);
    return order != 0 ? order : compare_weeks(&one->weeks.first, &other->weeks.first);
}

/* A list that grows, in the decision's memory. */
struct stranded_list {
    struct stranded *list;
    size_t count;
    size_t size;
};

static void add_stranded(struct stranded_list *all, const struct stranded *one,
                         struct decision *decision)
{
    if (all->count == all->size) {
        const size_t size = all->size == 0 ? 64 : all->size * 2;
        struct stranded *list = decision_alloc(decision, size * sizeof list[0]);
        if (all->count > 0)
            memcpy(list, all->list, all->count * sizeof list[0]);
        all->list = list;
        all->size = size;
    }
    all->list[all->count++] = *one;
}

size_t capacity_stranded(const struct state *state, const struct change *change, uint32_t slot,
                         struct decision *decision, struct stranded **ret_stranded,
                         bool *ret_is_over)
{
    const struct session_terms *terms = capacity_timetable_terms(state->timetable, slot);
    struct look look = {.before = stand(terms, change->session_before, change->limits_before),
                        .after = stand(terms, change->session, change->limits)};
    struct stranded_list all = {NULL, 0, 0};
    find_takers(state, slot, decision, &look);
    const struct edges edges = find_edges(&look, decision);
    *ret_is_over = false;
    for (size_t edge = 0; edge < edges.count; edge++) {
        const int32_t last = edge + 1 < edges.count ? edges.weeks[edge + 1] - 1 : TIMETABLE_FOREVER;
        const struct weeks stretch =
            capacity_weeks_sitting(terms, (struct weeks){edges.weeks[edge], last});
        const int32_t week = stretch.first;
        int32_t before[LIMIT_KINDS], after[LIMIT_KINDS];
        if (stretch.last < stretch.first)
            continue; /* it rests all the time */
        limits_in(&look.before, week, before);
        limits_in(&look.after, week, after);
        if (!is_over(&look, before, after, week))
            continue;
        *ret_is_over = true;
        find_room(&look, before, week, look.had_room);
        find_room(&look, after, week, look.has_room);
        for (size_t at = 0; at < look.count; at++)
            if (look.had_room[at] && !look.has_room[at] && !look.takers[at].is_outside)
                add_stranded(&all, &(struct stranded){look.takers[at].taking->hold_id, stretch},
                             decision);
    }
    if (all.count > 0)
        qsort(all.list, all.count, sizeof all.list[0], compare_stranded);
    *ret_stranded = all.list;
    return all.count;
}
