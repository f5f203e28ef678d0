/* Placements that wait for approval, and those that go on: suspended and resumed, changed, tried. */
#include "tests/sim/folk.h"

#include <string.h>

enum {
    BROKER = DW__ROLE__ROLE_BROKER,
    APPROVER = DW__ROLE__ROLE_APPROVER,
    AHEAD_DAYS = 12, /* within which a change takes effect */
};

/* Mostly yes; sometimes by who proposed it, which is refused. */
void folk_approve(struct sim *sim, uint32_t actor, uint32_t placement)
{
    const struct id placement_id = folk_id('m', placement);
    Dw__ApprovePlacement approve = DW__APPROVE_PLACEMENT__INIT;
    Dw__RefusePlacement refuse = DW__REFUSE_PLACEMENT__INIT;
    approve.placement_id = refuse.placement_id = id_to_data(&placement_id);
    refuse.reason = DW__NOT_APPROVED_REASON__NOT_APPROVED_REASON_COST;
    (void)folk_send(sim, actor, SIM_PLACEMENTS, APPROVER,
                    sim_roll(sim, 6) == 0 ? &refuse.base : &approve.base, true);
}

static void suspend(struct sim *sim, uint32_t actor, const struct id *placement_id, bool back)
{
    Dw__Date date = DW__DATE__INIT;
    Dw__SuspendPlacement suspend = DW__SUSPEND_PLACEMENT__INIT;
    Dw__ResumePlacement resume = DW__RESUME_PLACEMENT__INIT;
    date.days = sim->folk->today + (int32_t)sim_roll(sim, 4);
    suspend.placement_id = resume.placement_id = id_to_data(placement_id);
    suspend.from = resume.from = &date;
    suspend.reason = DW__SUSPEND_REASON__SUSPEND_REASON_HOSPITAL;
    (void)folk_send(sim, actor, SIM_PLACEMENTS, BROKER, back ? &resume.base : &suspend.base, true);
}

/* Another price, or another session of the same centre and then another hold, too. */
static void change(struct sim *sim, uint32_t number, const struct id *placement_id)
{
    struct folk_actor *actor = &sim->folk->actors[number];
    Dw__PlacementTerms *terms = dw__placement_terms__unpack(arena_allocator(sim->arena),
                                                            actor->terms.len, actor->terms.bytes);
    Dw__Date from = DW__DATE__INIT;
    Dw__ProposeChange propose = DW__PROPOSE_CHANGE__INIT;
    if (terms == NULL || terms->n_session_ids == 0)
        return;
    uint32_t first;
    memcpy(&first, terms->session_ids[0].data + 8, sizeof first);
    const struct id session_id =
        folk_id('t', first / FOLK_WEEKDAYS * FOLK_WEEKDAYS + sim_roll(sim, FOLK_WEEKDAYS));
    const struct id hold_id = folk_id('C', sim->folk->changes++);
    from.days = sim->folk->today + (int32_t)sim_roll(sim, AHEAD_DAYS);
    terms->from = &from;
    terms->price_pence_per_year = 5000 * (1 + (int64_t)sim_roll(sim, 52));
    if (terms->to != NULL && terms->to->days < from.days)
        terms->to = NULL;
    propose.placement_id = id_to_data(placement_id);
    propose.terms = terms;
    if (sim_roll(sim, 3) != 0) {
        terms->n_session_ids = 1;
        terms->session_ids[0] = id_to_data(&session_id);
        propose.hold_id = id_to_data(&hold_id);
    }
    (void)folk_send(sim, number, SIM_PLACEMENTS, BROKER, &propose.base, true);
}

static void answer_change(struct sim *sim, uint32_t actor, const struct id *placement_id)
{
    Dw__ApproveChange approve = DW__APPROVE_CHANGE__INIT;
    Dw__RefuseChange refuse = DW__REFUSE_CHANGE__INIT;
    approve.placement_id = refuse.placement_id = id_to_data(placement_id);
    refuse.reason = DW__NOT_APPROVED_REASON__NOT_APPROVED_REASON_OTHER;
    (void)folk_send(sim, actor, SIM_PLACEMENTS, APPROVER,
                    sim_roll(sim, 4) == 0 ? &refuse.base : &approve.base, true);
}

void folk_go_on(struct sim *sim, uint32_t actor, uint32_t placement, bool suspended)
{
    const struct id placement_id = folk_id('m', placement);
    switch (sim_roll(sim, 4)) {
    case 0:
        suspend(sim, actor, &placement_id, suspended);
        break;
    case 1:
        answer_change(sim, actor, &placement_id);
        break;
    default:
        change(sim, actor, &placement_id);
        break;
    }
}
