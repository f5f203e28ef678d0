/* How long somebody has had a level, wherever: neither its time nor its free weeks begin anew with another place of the same level soon after.
 * The design's domain, "placements" (levels with a limit, extended by approval) and "Money" (reablement). */
#include "services/placements/checks.h"

#include "common/calendar.h"

/* An end that is being told. */
struct told {
    const Dw__Placement *placement;
    int32_t last;
};

static const struct told nothing;

static int32_t last_of(const Dw__Placement *placement, const struct told *told)
{
    if (placement == told->placement)
        return told->last;
    return placement->last == NULL ? INT32_MAX : placement->last->days;
}

/* The other one is of the same level, and went on when the first began, or ended so soon before that it is one episode. */
static bool is_before(const Dw__Placement *other, const Dw__PlacementTerms *terms, int32_t began,
                      const struct told *told)
{
    return other->started != NULL && other->started->days < began &&
           other->terms->level == terms->level &&
           last_of(other, told) >= began - 1 - PLACEMENTS_MOVE_GAP_DAYS_MAX;
}

/* The latest to have begun of what the person had of the level before that date, or NULL. */
static const Dw__Placement *find_before(const struct state *state, const Dw__PlacementTerms *terms,
                                        int32_t began, const struct told *told)
{
    const struct id person_id = id_or_zero(&terms->person_id);
    const Dw__Placement *found = NULL;
    for (const struct id *id = lists_first(state->by_person, &person_id); id != NULL;
         id = lists_next(state->by_person, id)) {
        const Dw__Placement *other =
            entities_get(state->entities, PLACEMENTS_KIND_PLACEMENT, id, 0);
        if (is_before(other, terms, began, told) &&
            (found == NULL || other->started->days > found->started->days))
            found = other;
    }
    return found;
}

static int32_t since(const struct state *state, const Dw__Placement *placement,
                     const struct told *told)
{
    int32_t date = placement->started->days;
    const Dw__Placement *before;
    while ((before = find_before(state, placement->terms, date, told)) != NULL)
        date = before->started->days;
    return date;
}

int32_t placements_level_since(const struct state *state, const Dw__Placement *placement)
{
    return since(state, placement, &nothing);
}

int32_t placements_level_since_end(const struct state *state, const Dw__Placement *placement,
                                   const Dw__Placement *ended, int32_t last)
{
    const struct told told = {ended, last};
    return since(state, placement, &told);
}

bool placements_clock_before(const struct state *state, const Dw__PlacementTerms *terms,
                             int32_t date, Dw__EnablementClock *ret_clock)
{
    const Dw__Placement *before = find_before(state, terms, date, &nothing);
    if (before == NULL || before->clock == NULL)
        return false;
    *ret_clock = *before->clock;
    return true;
}
