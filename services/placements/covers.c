/* Places that stand in for another one while that is closed, or while the person does not come to it. See checks.h. */
#include "services/placements/checks.h"
#include "services/placements/money.h"

/* Of the 16 commands that a decision sends: a person is hardly in more than two places. */
enum { BOOKINGS_ENDED_MAX = 13 };

/* Goes back to the place it stands in for: ends on the day before, or today when that has passed. */
static void end_cover(const struct state *state, const Dw__Placement *cover, int32_t from,
                      const struct context *ctx, size_t *sends, struct decision *decision)
{
    int32_t last = from >= ctx->today ? from - 1 : ctx->today;
    if (last < cover->started->days)
        last = cover->started->days;
    if ((cover->terms->to != NULL && cover->terms->to->days <= last) ||
        (cover->last != NULL && cover->last->days <= last))
        return;
    *sends += placements_ends(cover, last);
    if (*sends <= BOOKINGS_ENDED_MAX)
        placements_finish(state, cover, DW__END_REASON__END_REASON_MOVED_SERVICE, last, NULL,
                          decision);
}

/* Goes on, or was to go on for a while when the closure was lifted the last time. */
static bool may_go(const Dw__Placement *cover)
{
    return cover->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ENDED
               ? cover->end_reason == DW__END_REASON__END_REASON_MOVED_SERVICE && cover->end == NULL
               : placements_is_coming(cover) && placements_change_state(cover) != CHANGE_CONFIRMING;
}

/* Another closure has begun by that date, and will suspend them in the next moment (due.c). */
static bool is_kept_away(const struct state *state, const Dw__Placement *placement, int32_t date)
{
    for (uint32_t part = 0; part < placements_disruption_parts(placement); part++) {
        const Dw__Disruption *disruption = placements_loss(state, placement, part);
        if (disruption != NULL && disruption->suspends && disruption->from->days <= date &&
            (disruption->to == NULL || disruption->to->days >= date))
            return true;
    }
    return false;
}

void placements_end_covers(const struct state *state, const Dw__Placement *placement, int32_t from,
                           const struct context *ctx, struct decision *decision)
{
    if (is_kept_away(state, placement, from))
        return;
    const struct id person_id = id_or_zero(&placement->terms->person_id);
    size_t sends = 0;
    for (const struct id *id = lists_first(state->by_person, &person_id); id != NULL;
         id = lists_next(state->by_person, id)) {
        const Dw__Placement *cover =
            entities_get(state->entities, PLACEMENTS_KIND_PLACEMENT, id, 0);
        if (id_data_equal(&cover->terms->covers_placement_id, &placement->placement_id) &&
            may_go(cover))
            end_cover(state, cover, from, ctx, &sends, decision);
    }
}

bool placements_is_disrupted(const struct state *state, const Dw__Placement *placement,
                             int32_t date)
{
    for (uint32_t part = 0; part < placements_disruption_parts(placement); part++) {
        const Dw__Disruption *disruption = placements_loss(state, placement, part);
        if (disruption != NULL && (disruption->to == NULL || disruption->to->days >= date))
            return true;
    }
    return false;
}

/* Whether something else than that disruption has taken the sitting. */
static bool is_lost_otherwise(const struct state *state, const Dw__Placement *placement,
                              const struct id *session_id, int32_t date, uint32_t lifted_part)
{
    for (uint32_t part = 0; part < placements_disruption_parts(placement); part++) {
        const Dw__Disruption *other = placements_loss(state, placement, part);
        if (other != NULL && part != lifted_part && placements_has_lost(other, session_id, date))
            return true;
    }
    return false;
}

/* What the closure that is lifted has taken, and which part it is, or NULL. */
static const Dw__Disruption *find_lifted(const struct state *state, const Dw__Placement *placement,
                                         const Dw__SittingsRestored *restored, uint32_t *ret_part)
{
    for (*ret_part = 0; *ret_part < placements_disruption_parts(placement); (*ret_part)++) {
        const Dw__Disruption *lifted = placements_loss(state, placement, *ret_part);
        if (lifted != NULL && lifted->closure != NULL &&
            id_data_equal(&lifted->closure->closure_id, &restored->closure_id) &&
            id_data_equal(&lifted->hold_id, &restored->hold_id))
            return lifted;
    }
    return NULL;
}

/* The first date from that one on which the person has a sitting again since the closure is lifted: not one that another one closes, or a
 * cut has taken. INT32_MAX: there is none. */
static int32_t first_back(const struct state *state, const Dw__Placement *placement,
                          const Dw__SittingsRestored *restored, int32_t from)
{
    uint32_t part;
    const Dw__Disruption *lifted = find_lifted(state, placement, restored, &part);
    if (lifted == NULL)
        return from; /* it was told before bookings were named, or made room */
    for (size_t at = 0; at < lifted->n_sittings; at++) {
        const struct id session_id = id_or_zero(&lifted->sittings[at]->session_id);
        const int32_t date = lifted->sittings[at]->date->days;
        if (date >= from && !is_lost_otherwise(state, placement, &session_id, date, part))
            return date;
    }
    return INT32_MAX;
}

bool placements_is_away_before(const struct state *state, const Dw__Placement *placement,
                               const Dw__SittingsRestored *restored, int32_t today)
{
    uint32_t part;
    const Dw__Disruption *lifted = find_lifted(state, placement, restored, &part);
    for (size_t at = 0; lifted != NULL && at < lifted->n_sittings; at++)
        if (lifted->sittings[at]->date->days >= today &&
            lifted->sittings[at]->date->days < restored->from->days)
            return true;
    return false;
}

void placements_restore_covered(const struct state *state, const Dw__Placement *placement,
                                const Dw__SittingsRestored *restored, const struct context *ctx,
                                struct decision *decision)
{
    const int32_t from = restored->from->days;
    const int32_t back =
        first_back(state, placement, restored, from > ctx->today ? from : ctx->today);
    if (back != INT32_MAX)
        placements_end_covers(state, placement, back, ctx, decision);
}

bool placements_covers_nobody(const struct state *state, const Dw__Placement *cover, int32_t today)
{
    const Dw__Placement *placement = placements_get(state, &cover->terms->covers_placement_id);
    return placement != NULL &&
           (!placements_is_coming(placement) ||
            (placement->suspension == NULL && !placements_is_disrupted(state, placement, today)));
}
