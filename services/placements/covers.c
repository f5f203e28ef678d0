/* Places that stand in for another one while that is closed, or while the person does not come to it. See checks.h. */
#include "services/placements/checks.h"

/* Of the 16 commands that a decision sends: a person is hardly in more than two places. */
enum { BOOKINGS_ENDED_MAX = 13 };

/* Goes back to the place it stands in for: ends on the day before, or today when that has passed. */
static void end_cover(const Dw__Placement *cover, int32_t from, const struct context *ctx,
                      size_t *sends, struct decision *decision)
{
    int32_t last = from > ctx->today ? from - 1 : ctx->today;
    if (last < cover->started->days)
        last = cover->started->days;
    if (cover->terms->to != NULL && cover->terms->to->days <= last)
        return;
    *sends += placements_ends(cover, last);
    if (*sends <= BOOKINGS_ENDED_MAX)
        placements_finish(cover, DW__END_REASON__END_REASON_MOVED_SERVICE, last, NULL, decision);
}

void placements_end_covers(const struct state *state, const Dw__Placement *placement, int32_t from,
                           const struct context *ctx, struct decision *decision)
{
    const struct id person_id = id_or_zero(&placement->terms->person_id);
    size_t sends = 0;
    for (const struct id *id = lists_first(state->by_person, &person_id); id != NULL;
         id = lists_next(state->by_person, id)) {
        const Dw__Placement *cover =
            entities_get(state->entities, PLACEMENTS_KIND_PLACEMENT, id, 0);
        if (id_data_equal(&cover->terms->covers_placement_id, &placement->placement_id) &&
            placements_is_coming(cover) && placements_change_state(cover) != CHANGE_CONFIRMING)
            end_cover(cover, from, ctx, &sends, decision);
    }
}

bool placements_is_disrupted(const struct state *state, const Dw__Placement *placement,
                             const ProtobufCBinaryData *but_closure_id, int32_t date)
{
    for (uint32_t part = 0; part < placements_disruption_parts(placement); part++) {
        const Dw__Disruption *disruption =
            placements_disruption(state, &placement->placement_id, part);
        const bool is_other = disruption != NULL &&
                              (but_closure_id == NULL || disruption->closure == NULL ||
                               !id_data_equal(&disruption->closure->closure_id, but_closure_id));
        if (is_other && (disruption->to == NULL || disruption->to->days >= date))
            return true;
    }
    return false;
}

void placements_restore_covered(const struct state *state, const Dw__Placement *placement,
                                const ProtobufCBinaryData *closure_id, int32_t from,
                                const struct context *ctx, struct decision *decision)
{
    const int32_t date = from > ctx->today ? from : ctx->today;
    if (placement->suspension == NULL &&
        !placements_is_disrupted(state, placement, closure_id, date) &&
        placements_is_disrupted(state, placement, NULL, date))
        placements_end_covers(state, placement, from, ctx, decision);
}

bool placements_covers_nobody(const struct state *state, const Dw__Placement *cover, int32_t today)
{
    const Dw__Placement *placement = placements_get(state, &cover->terms->covers_placement_id);
    return placement != NULL && (!placements_is_coming(placement) ||
                                 (placement->suspension == NULL &&
                                  !placements_is_disrupted(state, placement, NULL, today)));
}
