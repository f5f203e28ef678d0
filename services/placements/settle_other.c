/* Capacity's answers about holds that are not a placement's own: those of a change that waits, and of a person who wants to come back.
 * Who asks for the second kind sends hold and confirmation together, so of a yes only the confirmation's counts, and of a no the first. */
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
    refused.said = (char *)(uintptr_t)placements_said(answer);
    decision_emit(decision, &refused.base);
}

/* The place cannot be had. What a hold that failed has come to is not known, so it is given back. */
static void settle_resumption_hold(const Dw__Placement *placement,
                                   const ProtobufCBinaryData *hold_id,
                                   const struct answer_received *answer, struct decision *decision)
{
    if (answer->kind == ANSWER_ACCEPTED)
        return; /* its confirmation is answered, too */
    refuse_resumption(placement, answer, decision);
    if (answer->kind == ANSWER_FAILED)
        placements_send_back(decision, placement->terms, hold_id,
                             placement->suspension->resumes->days - 1);
}

void placements_settle_other_hold(const struct state *state, const Dw__Placement *placement,
                                  const ProtobufCBinaryData *hold_id,
                                  const struct answer_received *answer, const struct context *ctx,
                                  struct decision *decision)
{
    if (!is_change(placement, hold_id))
        settle_resumption_hold(placement, hold_id, answer, decision);
    else if (answer->kind != ANSWER_ACCEPTED)
        placements_lose_change(placement, answer, answer->kind == ANSWER_FAILED, decision);
    else if (placements_change_state(placement) == CHANGE_ASKED)
        placements_change_held(state, placement, placement->change, ctx, decision);
}

static void settle_resumption(const struct state *state, const Dw__Placement *placement,
                              const ProtobufCBinaryData *hold_id,
                              const struct answer_received *answer, const struct context *ctx,
                              struct decision *decision)
{
    if (answer->kind == ANSWER_ACCEPTED) {
        placements_come_back(state, placement, hold_id, ctx, decision);
        return;
    }
    refuse_resumption(placement, answer, decision);
    placements_send_back(decision, placement->terms, hold_id,
                         placement->suspension->resumes->days - 1);
}

/* As of a placement that is proposed: the lost hold is given up, and the new one and its confirmation go together. */
static void replace_change_hold(const Dw__Placement *placement, const struct context *ctx,
                                struct decision *decision)
{
    const Dw__PendingChange *change = placement->change;
    const struct id id = context_new_id(ctx);
    Dw__ChangeHoldReplaced replaced = DW__CHANGE_HOLD_REPLACED__INIT;
    replaced.placement_id = placement->placement_id;
    replaced.hold_id = id_to_data(&id);
    decision_emit(decision, &replaced.base);
    placements_send_release(decision, change->terms, &change->hold_id);
    placements_send_hold(decision, change->terms, &replaced.hold_id, &placement->hold_id);
    placements_send_confirm(decision, change->terms, &replaced.hold_id);
}

void placements_settle_other_confirm(const struct state *state, const Dw__Placement *placement,
                                     const ProtobufCBinaryData *hold_id,
                                     const struct answer_received *answer,
                                     const struct context *ctx, struct decision *decision)
{
    if (!is_change(placement, hold_id)) {
        settle_resumption(state, placement, hold_id, answer, ctx, decision);
        return;
    }
    if (placements_change_state(placement) != CHANGE_CONFIRMING)
        return;
    if (answer->kind == ANSWER_ACCEPTED)
        placements_make_change(state, placement, (const Dw__CommissioningModel *)ctx->model,
                               decision);
    else if (placements_hold_is_lost(answer) && !placement->change->hold_replaced)
        replace_change_hold(placement, ctx, decision);
    else
        placements_lose_change(placement, answer, true, decision);
}
