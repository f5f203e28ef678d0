/* Capacity's answers about holds that are not a placement's own: those of a change that waits, and of a person who wants to come back.
 * Who asks for the second kind sends hold and confirmation together, so only the confirmation's yes counts. */
#include "services/placements/checks.h"

static bool is_change(const Dw__Placement *placement, const ProtobufCBinaryData *hold_id)
{
    return placement->change != NULL && id_data_equal(&placement->change->hold_id, hold_id);
}

static void refuse_resumption(const Dw__Placement *placement, const struct answer_received *answer,
                              struct decision *decision)
{
    Dw__ResumptionRefused refused = DW__RESUMPTION_REFUSED__INIT;
    refused.placement_id = placement->placement_id;
    refused.terms = placement->terms;
    refused.reason = placements_lapse_reason(answer);
    decision_emit(decision, &refused.base);
}

void placements_settle_other_hold(const struct state *state, const Dw__Placement *placement,
                                  const ProtobufCBinaryData *hold_id,
                                  const struct answer_received *answer, const struct context *ctx,
                                  struct decision *decision)
{
    if (!is_change(placement, hold_id))
        return; /* a resumption: its confirmation is answered, too */
    if (placements_change_state(placement) != CHANGE_ASKED)
        return;
    switch (answer->kind) {
    case ANSWER_ACCEPTED:
        placements_change_held(state, placement, placement->change, ctx, decision);
        break;
    case ANSWER_REFUSED:
    case ANSWER_FAILED:
        placements_lose_change(placement, placements_lapse_reason(answer),
                               answer->kind == ANSWER_FAILED, decision);
        break;
    }
}

static void settle_resumption(const Dw__Placement *placement, const ProtobufCBinaryData *hold_id,
                              const struct answer_received *answer, struct decision *decision)
{
    Dw__PlacementTerms terms = *placement->terms;
    terms.from = placement->suspension->resumes;
    if (answer->kind == ANSWER_ACCEPTED) {
        placements_resume(placement, &terms, terms.from->days, hold_id, decision);
        return;
    }
    refuse_resumption(placement, answer, decision);
    placements_send_back(decision, &terms, hold_id, terms.from->days - 1);
}

void placements_settle_other_confirm(const struct state *state, const Dw__Placement *placement,
                                     const ProtobufCBinaryData *hold_id,
                                     const struct answer_received *answer,
                                     struct decision *decision)
{
    if (!is_change(placement, hold_id)) {
        settle_resumption(placement, hold_id, answer, decision);
        return;
    }
    if (placements_change_state(placement) != CHANGE_CONFIRMING)
        return;
    if (answer->kind == ANSWER_ACCEPTED)
        placements_make_change(state, placement, decision);
    else
        placements_lose_change(placement, placements_lapse_reason(answer), true, decision);
}
