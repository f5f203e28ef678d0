/* Who has no room any more when a session has fewer places, or ends. See tell.h. */
#include "services/capacity/tell.h"

/* What is looked at week by week. */
struct look {
    struct takers takers;
    struct standing before;
    struct standing after;
};

/* True when in that week there is less of a limit than before, and more of it is taken than there is. */
static bool is_over(const struct look *look, const int32_t before[LIMIT_KINDS],
                    const int32_t after[LIMIT_KINDS], int32_t week)
{
    for (size_t limit = 0; limit < LIMIT_KINDS; limit++) {
        int32_t taken = 0;
        for (size_t at = 0; at < look->takers.count; at++)
            taken += capacity_takes_in(&look->takers.list[at], week)
                         ? look->takers.list[at].taking->uses[limit]
                         : 0;
        if (after[limit] < before[limit] && taken > after[limit])
            return true;
    }
    return false;
}

static struct edges find_edges(const struct state *state, const struct look *look)
{
    struct edges edges;
    const struct takers *takers = &look->takers;
    capacity_edges_begin(
        state, 2 * takers->count + look->before.changes_count + look->after.changes_count + 4,
        &edges);
    for (size_t at = 0; at < takers->count; at++)
        capacity_edges_add(&edges, takers->list[at].taking->weeks);
    capacity_edges_stand(&edges, &look->before);
    capacity_edges_stand(&edges, &look->after);
    capacity_edges_sort(&edges);
    return edges;
}

struct hold_list capacity_stranded(const struct state *state, const struct change *change,
                                   uint32_t slot, bool *ret_is_over)
{
    const struct session_terms *terms = capacity_timetable_terms(state->timetable, slot);
    struct look look = {.before =
                            capacity_stand(terms, change->session_before, change->limits_before),
                        .after = capacity_stand(terms, change->session, change->limits)};
    struct hold_list all = {NULL, 0, 0};
    arena_reset(state->scratch);
    look.takers = capacity_takers(state, slot);
    bool *had_room = capacity_scratch(state, look.takers.count + 1);
    bool *has_room = capacity_scratch(state, look.takers.count + 1);
    const struct edges edges = find_edges(state, &look);
    *ret_is_over = false;
    for (size_t edge = 0; edge < edges.count; edge++) {
        const struct weeks stretch = capacity_edges_stretch(&edges, edge, terms);
        const int32_t week = stretch.first;
        int32_t before[LIMIT_KINDS], after[LIMIT_KINDS];
        if (stretch.last < stretch.first)
            continue; /* it rests all the time */
        capacity_limits_in(&look.before, week, before);
        capacity_limits_in(&look.after, week, after);
        if (!is_over(&look, before, after, week))
            continue;
        *ret_is_over = true;
        capacity_find_room(&look.takers, before, week, had_room);
        capacity_find_room(&look.takers, after, week, has_room);
        for (size_t at = 0; at < look.takers.count; at++)
            if (had_room[at] && !has_room[at] && !look.takers.list[at].is_outside)
                capacity_holds_add(state, &all, &look.takers.list[at].taking->hold_id, stretch);
    }
    capacity_holds_sort(&all);
    return all;
}
