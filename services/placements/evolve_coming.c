/* Evolve of a placement that goes on: trial, clock, reviews, suspension, changes. */
#include "services/placements/evolve.h"

#include "common/calendar.h"

/* --- trial and clock ---------------------------------------------------------------------------------------------- */

PLACEMENTS_EVOLVE(trial_started)
{
    const Dw__TrialStarted *trial = (const Dw__TrialStarted *)event;
    Dw__Placement placement;
    if (!placement_move(state, &trial->placement_id, PLACEMENT_EVENT_START_TRIAL, recorded,
                        &placement))
        return;
    placement.trial_until = trial->until;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(trial_passed)
{
    const Dw__TrialPassed *passed = (const Dw__TrialPassed *)event;
    Dw__Placement placement;
    if (!placement_move(state, &passed->placement_id, PLACEMENT_EVENT_PASS_TRIAL, recorded,
                        &placement))
        return;
    placement.trial_until = NULL;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(clock_set)
{
    const Dw__EnablementClockSet *set = (const Dw__EnablementClockSet *)event;
    Dw__Placement placement;
    if (!placement_move(state, &set->placement_id, PLACEMENT_EVENT_SET_CLOCK, recorded, &placement))
        return;
    if (placement.clock != NULL && placement.clock->attended && set->clock->attended &&
        placement.clock->from->days < set->clock->from->days && !set->corrected)
        return; /* of several first sittings told at once the earliest counts */
    placement.clock = set->clock;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(warned)
{
    const Dw__EnablementWarned *warned = (const Dw__EnablementWarned *)event;
    Dw__Placement placement;
    if (!placement_move(state, &warned->placement_id, PLACEMENT_EVENT_WARN, recorded, &placement) ||
        placement.clock == NULL)
        return;
    Dw__EnablementClock clock = *placement.clock;
    clock.warned_count++;
    placement.clock = &clock;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(limit_reached)
{
    const Dw__EnablementLimitReached *reached = (const Dw__EnablementLimitReached *)event;
    Dw__Placement placement;
    if (!placement_move(state, &reached->placement_id, PLACEMENT_EVENT_REACH_LIMIT, recorded,
                        &placement) ||
        placement.clock == NULL)
        return;
    Dw__EnablementClock clock = *placement.clock;
    clock.over = true;
    placement.clock = &clock;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(extended)
{
    const Dw__EnablementExtended *extended = (const Dw__EnablementExtended *)event;
    Dw__Placement placement;
    if (!placement_move(state, &extended->placement_id, PLACEMENT_EVENT_EXTEND, recorded,
                        &placement) ||
        placement.clock == NULL)
        return;
    Dw__EnablementClock clock = *placement.clock;
    clock.extended_weeks += extended->weeks;
    clock.over = false;
    if (extended->warned != NULL)
        clock.warned_count = extended->warned->count;
    placement.clock = &clock;
    placement_put(state, &placement);
}

/* --- reviews ------------------------------------------------------------------------------------------------------ */

PLACEMENTS_EVOLVE(review_scheduled)
{
    const Dw__ReviewScheduled *scheduled = (const Dw__ReviewScheduled *)event;
    Dw__Placement placement;
    if (!placement_move(state, &scheduled->placement_id, PLACEMENT_EVENT_SCHEDULE_REVIEW, recorded,
                        &placement))
        return;
    placement.review_due = scheduled->due;
    placement.review_overdue = false;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(review_fell_due)
{
    const Dw__ReviewFellDue *due = (const Dw__ReviewFellDue *)event;
    Dw__Placement placement;
    if (!placement_move(state, &due->placement_id, PLACEMENT_EVENT_MISS_REVIEW, recorded,
                        &placement))
        return;
    placement.review_overdue = true;
    placement_put(state, &placement);
}

/* What it came to stands in the journal; the placement keeps when the next one is due, which another event says. */
PLACEMENTS_EVOLVE(reviewed)
{
    (void)recorded;
    const Dw__ReviewRecorded *reviewed = (const Dw__ReviewRecorded *)event;
    const Dw__Placement *placement = placements_get(state, &reviewed->placement_id);
    if (placement != NULL)
        placement_note_text(state, &placement->terms->person_id, PLACEMENT_WORDS,
                            &reviewed->notes_id);
}

/* --- former terms ------------------------------------------------------------------------------------------------- */

/* As long as the record that points into it. */
struct former_list {
    Dw__FormerTerms *all[PLACEMENTS_FORMER_MAX];
    Dw__FormerTerms former;
    Dw__Date last;
};

/* The terms as they were, and the booking behind them, are kept up to that date, the oldest making room. */
static void keep_former(Dw__Placement *placement, int32_t last, Dw__ChangeSaving *saving,
                        struct former_list *list)
{
    dw__date__init(&list->last);
    list->last.days = last;
    dw__former_terms__init(&list->former);
    list->former.terms = placement->terms;
    list->former.last = &list->last;
    list->former.hold_id = placement->hold_id;
    list->former.saving = saving;
    const size_t skipped = placement->n_former == PLACEMENTS_FORMER_MAX ? 1 : 0;
    size_t count = 0;
    for (size_t at = skipped; at < placement->n_former; at++)
        list->all[count++] = placement->former[at];
    list->all[count++] = &list->former;
    placement->former = list->all;
    placement->n_former = count;
}

/* --- suspension --------------------------------------------------------------------------------------------------- */

PLACEMENTS_EVOLVE(suspended)
{
    const Dw__PlacementSuspended *suspended = (const Dw__PlacementSuspended *)event;
    Dw__Placement placement;
    if (!placement_move(state, &suspended->placement_id, PLACEMENT_EVENT_SUSPEND, recorded,
                        &placement))
        return;
    placement.suspension = suspended->suspension;
    placement_closure_suspends(state, &placement, &suspended->waiting_closure_id, true);
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(place_released)
{
    const Dw__PlaceReleased *released = (const Dw__PlaceReleased *)event;
    Dw__Placement placement;
    if (!placement_move(state, &released->placement_id, PLACEMENT_EVENT_RELEASE_PLACE, recorded,
                        &placement) ||
        placement.suspension == NULL)
        return;
    struct counted_list counted;
    Dw__Suspension suspension = *placement.suspension;
    suspension.released = true;
    placement.suspension = &suspension;
    placement_count_savings(state, &placement, released->savings, released->n_savings, &counted);
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(resumption_requested)
{
    const Dw__ResumptionRequested *requested = (const Dw__ResumptionRequested *)event;
    Dw__Placement placement;
    if (!placement_move(state, &requested->placement_id, PLACEMENT_EVENT_ASK_RESUMPTION, recorded,
                        &placement) ||
        placement.suspension == NULL)
        return;
    Dw__Suspension suspension = *placement.suspension;
    suspension.resume_hold_id = requested->hold_id;
    suspension.resumes = requested->terms->from;
    placement.suspension = &suspension;
    placement.last_no = NULL;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(resumption_refused)
{
    const Dw__ResumptionRefused *refused = (const Dw__ResumptionRefused *)event;
    Dw__Placement placement;
    if (!placement_move(state, &refused->placement_id, PLACEMENT_EVENT_REFUSE_RESUMPTION, recorded,
                        &placement) ||
        placement.suspension == NULL)
        return;
    Dw__Suspension suspension = *placement.suspension;
    suspension.resume_hold_id = (ProtobufCBinaryData){0};
    suspension.resumes = NULL;
    placement.suspension = &suspension;
    Dw__LastNo no = DW__LAST_NO__INIT;
    no.resumption = true;
    no.why_case = DW__LAST_NO__WHY_LAPSE_REASON;
    no.lapse_reason = refused->reason;
    no.said = refused->said;
    no.at_ms = recorded->at_ms;
    placement.last_no = &no;
    placement_put(state, &placement);
}

/* Last date on which a place that was given back was kept, before another one begins. */
static int32_t last_kept(const Dw__Suspension *suspension, int32_t begins)
{
    return placements_given_back(suspension, begins) - 1;
}

PLACEMENTS_EVOLVE(resumed)
{
    const Dw__PlacementResumed *resumed = (const Dw__PlacementResumed *)event;
    Dw__Placement placement;
    struct former_list list;
    struct counted_list counted;
    if (!placement_move(state, &resumed->placement_id, PLACEMENT_EVENT_RESUME, recorded,
                        &placement))
        return;
    placement_count_savings(state, &placement, resumed->savings, resumed->n_savings, &counted);
    if (placement.suspension != NULL && placement.suspension->released)
        keep_former(&placement, last_kept(placement.suspension, resumed->terms->from->days), NULL,
                    &list);
    placement.terms = resumed->terms;
    placement.hold_id = resumed->hold_id;
    placement.suspension = NULL;
    placement_put(state, &placement);
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

/* Moves the change of a placement that may be moved; false when either cannot be. ret_change is what waits now. */
static bool move_change(const struct state *state, const ProtobufCBinaryData *placement_id,
                        enum placement_event event, const struct recorded *recorded,
                        Dw__Placement *ret_placement, Dw__PendingChange *ret_change)
{
    enum change_state to;
    if (!placement_move(state, placement_id, event, recorded, ret_placement) ||
        !placement_change_next(placements_change_state(ret_placement), event, &to))
        return false;
    if (ret_placement->change == NULL)
        dw__pending_change__init(ret_change);
    else
        *ret_change = *ret_placement->change;
    ret_change->state = (Dw__ChangeState)to;
    ret_placement->change = to == CHANGE_UNSPECIFIED ? NULL : ret_change;
    return true;
}

PLACEMENTS_EVOLVE(change_proposed)
{
    const Dw__ChangeProposed *proposed = (const Dw__ChangeProposed *)event;
    Dw__Placement placement;
    Dw__PendingChange change;
    if (!move_change(state, &proposed->placement_id, PLACEMENT_EVENT_PROPOSE_CHANGE, recorded,
                     &placement, &change))
        return;
    change.hold_id = proposed->hold_id;
    change.terms = proposed->terms;
    change.proposed_by = (char *)recorded->principal->name;
    change.proposed_ms = proposed->proposed_ms;
    change.why = proposed->why;
    placement.last_no = NULL;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(change_approval_requested)
{
    const Dw__ChangeApprovalRequested *requested = (const Dw__ChangeApprovalRequested *)event;
    Dw__Placement placement;
    Dw__PendingChange change;
    if (!move_change(state, &requested->placement_id, PLACEMENT_EVENT_REQUEST_CHANGE_APPROVAL,
                     recorded, &placement, &change))
        return;
    change.approval = requested->approval;
    change.hold_until_ms = requested->hold_until_ms;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(change_hold_kept)
{
    const Dw__ChangeHoldKept *kept = (const Dw__ChangeHoldKept *)event;
    Dw__Placement placement;
    Dw__PendingChange change;
    if (!move_change(state, &kept->placement_id, PLACEMENT_EVENT_KEEP_CHANGE_HOLD, recorded,
                     &placement, &change))
        return;
    change.hold_until_ms = kept->hold_until_ms;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(change_hold_replaced)
{
    const Dw__ChangeHoldReplaced *replaced = (const Dw__ChangeHoldReplaced *)event;
    Dw__Placement placement;
    Dw__PendingChange change;
    if (!move_change(state, &replaced->placement_id, PLACEMENT_EVENT_REPLACE_CHANGE_HOLD, recorded,
                     &placement, &change))
        return;
    change.hold_id = replaced->hold_id;
    change.hold_replaced = true;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(change_approved)
{
    const Dw__ChangeApproved *approved = (const Dw__ChangeApproved *)event;
    Dw__Placement placement;
    Dw__PendingChange change;
    if (!move_change(state, &approved->placement_id, PLACEMENT_EVENT_APPROVE_CHANGE, recorded,
                     &placement, &change))
        return;
    Dw__Approval approval;
    if (change.approval != NULL) {
        approval = *change.approval;
        approval.approved_by = (char *)recorded->principal->name;
        approval.approved_ms = recorded->at_ms;
        change.approval = &approval;
    }
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(change_dropped)
{
    const Dw__ChangeDropped *dropped = (const Dw__ChangeDropped *)event;
    Dw__Placement placement;
    Dw__PendingChange change;
    if (!move_change(state, &dropped->placement_id, PLACEMENT_EVENT_DROP_CHANGE, recorded,
                     &placement, &change))
        return;
    Dw__LastNo no = DW__LAST_NO__INIT;
    no.at_ms = recorded->at_ms;
    if (dropped->why_case == DW__CHANGE_DROPPED__WHY_LAPSE_REASON) {
        no.why_case = DW__LAST_NO__WHY_LAPSE_REASON;
        no.lapse_reason = dropped->lapse_reason;
        no.said = dropped->said;
    } else if (dropped->why_case == DW__CHANGE_DROPPED__WHY_REFUSE_REASON) {
        no.why_case = DW__LAST_NO__WHY_REFUSE_REASON;
        no.refuse_reason = dropped->refuse_reason;
    }
    placement.last_no = &no;
    placement_put(state, &placement);
}

static const struct id NO_ID = {{0}};

/* What moves and changes of the financial year of the date came to. */
static Dw__MovedMoney money_of(const struct state *state, int32_t date)
{
    const Dw__MovedMoney *known = entities_get(state->entities, PLACEMENTS_KIND_MOVED_MONEY, &NO_ID,
                                               (uint32_t)calendar_financial_year(date));
    return known == NULL ? (Dw__MovedMoney)DW__MOVED_MONEY__INIT : *known;
}

static void put_money(struct state *state, int32_t date, const Dw__MovedMoney *money)
{
    entities_put(state->entities, PLACEMENTS_KIND_MOVED_MONEY, &NO_ID,
                 (uint32_t)calendar_financial_year(date), &money->base);
}

void placement_count_saving(struct state *state, int32_t date, const Dw__ChangeSaving *saving,
                            int times)
{
    if (saving == NULL)
        return;
    Dw__MovedMoney money = money_of(state, date);
    if (saving->like_for_like)
        money.saved_pence += times * (saving->before_pence - saving->after_pence);
    else
        money.demand_pence += times * (saving->after_pence - saving->before_pence);
    put_money(state, date, &money);
}

void placement_count_savings(struct state *state, Dw__Placement *placement,
                             Dw__SavingCounted *const *savings, size_t count,
                             struct counted_list *list)
{
    if (count == 0 || placement->n_former > PLACEMENTS_FORMER_MAX)
        return;
    for (size_t at = 0; at < placement->n_former; at++) {
        list->former[at] = *placement->former[at];
        list->all[at] = &list->former[at];
    }
    placement->former = list->all;
    for (size_t at = 0; at < count; at++) {
        const size_t former = savings[at]->former;
        if (former >= placement->n_former)
            continue;
        const int32_t date = placements_terms_after(placement, former)->from->days;
        placement_count_saving(state, date, list->former[former].saving, -1);
        placement_count_saving(state, date, savings[at]->saving, 1);
        list->former[former].saving = savings[at]->saving;
    }
}

PLACEMENTS_EVOLVE(change_made)
{
    const Dw__ChangeMade *made = (const Dw__ChangeMade *)event;
    Dw__Placement placement;
    Dw__PendingChange change;
    struct former_list list;
    struct counted_list counted;
    if (!move_change(state, &made->placement_id, PLACEMENT_EVENT_MAKE_CHANGE, recorded, &placement,
                     &change))
        return;
    placement_count_savings(state, &placement, made->savings, made->n_savings, &counted);
    placement_count_saving(state, made->terms->from->days, made->saving, 1);
    keep_former(&placement, made->terms->from->days - 1, made->saving, &list);
    placement.terms = made->terms;
    placement.hold_id = made->hold_id;
    if (placement.ending != NULL &&
        (made->terms->to == NULL || made->terms->to->days > placement.ending->last->days))
        placement.ending = NULL; /* it is to go on */
    placement_put(state, &placement);
}

/* That it ends and the other one starts, other events say. */
PLACEMENTS_EVOLVE(level_moved)
{
    Dw__Placement placement;
    const Dw__LevelMoved *moved = (const Dw__LevelMoved *)event;
    Dw__MovedMoney after = money_of(state, moved->date->days);
    after.money_moved_pence += moved->money_moved_pence;
    after.cost_released_pence += moved->cost_released_pence;
    put_money(state, moved->date->days, &after);
    if (!placement_move(state, &moved->placement_id, PLACEMENT_EVENT_MOVE_LEVEL, recorded,
                        &placement))
        return;
    Dw__MovedOn moved_on = DW__MOVED_ON__INIT;
    moved_on.to_placement_id = moved->to_placement_id;
    moved_on.reason = moved->reason;
    placement.moved_on = &moved_on;
    placement_put(state, &placement);
}
