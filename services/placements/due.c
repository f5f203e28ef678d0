/* What time makes necessary: a hold is kept while somebody has to answer, warnings and limits of enablement, reviews that fell due,
 * places kept long enough, people who come back when a closure is over, and the end of what was placed for somebody who died. */
#include "services/placements/checks.h"
#include "services/placements/money.h"

#include "common/calendar.h"

enum {
    REACHED_MAX = 256, /* more than the engine ever asks for at once */
    MINUTE_MS = 60000,
    KEEP_BEFORE_MS = 2 * MINUTE_MS, /* long enough for capacity to be away for a moment */
    KEPT_MINUTES_MIN =
        5, /* a hold shorter than this is not kept, or keeping would be all that is done */
};

static int64_t sooner(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

static int64_t start_of(int32_t date)
{
    return calendar_london_to_utc(date, 0);
}

/* --- when --------------------------------------------------------------------------------------------------------- */

static int64_t next_of_clock(const Dw__EnablementClock *clock)
{
    if (clock == NULL || clock->over)
        return INT64_MAX;
    int64_t next_ms = start_of(placements_clock_end(clock));
    if (clock->warned_count < clock->n_warning_weeks)
        next_ms = sooner(next_ms, start_of(placements_clock_warning(clock, clock->warned_count)));
    return next_ms;
}

static int64_t next_of_suspension(const Dw__Suspension *suspension)
{
    if (suspension == NULL || suspension->released)
        return INT64_MAX;
    int64_t next_ms = INT64_MAX;
    if (suspension->kept_until != NULL)
        next_ms = start_of(suspension->kept_until->days);
    if (suspension->resumes != NULL)
        next_ms = sooner(next_ms, start_of(suspension->resumes->days));
    return next_ms;
}

/* Before the hold of a change that waits for approval would lapse. */
static int64_t next_of_change(const Dw__PendingChange *change)
{
    return change == NULL || change->state != DW__CHANGE_STATE__CHANGE_STATE_AWAITING_APPROVAL ||
                   change->hold_until_ms == 0
               ? INT64_MAX
               : change->hold_until_ms - KEEP_BEFORE_MS;
}

/* Whether it can still be taken back or ended. */
static bool is_live(const Dw__Placement *placement)
{
    return placements_is_coming(placement) ||
           placement_next((enum placement_state)placement->state, PLACEMENT_EVENT_CANCEL) !=
               PLACEMENT_UNSPECIFIED;
}

int64_t placements_next_ms(const Dw__Placement *placement, bool died)
{
    if (placements_change_state(placement) == CHANGE_CONFIRMING)
        return INT64_MAX; /* capacity's answer, which is soon, comes first */
    if (died && is_live(placement))
        return 0;
    if (placement_next((enum placement_state)placement->state, PLACEMENT_EVENT_KEEP_HOLD) !=
            PLACEMENT_UNSPECIFIED &&
        placement->hold_until_ms > 0)
        return placement->hold_until_ms - KEEP_BEFORE_MS;
    if (!placements_is_coming(placement))
        return INT64_MAX;
    int64_t next_ms =
        sooner(next_of_clock(placement->clock), sooner(next_of_suspension(placement->suspension),
                                                       next_of_change(placement->change)));
    if (placement->ending != NULL)
        next_ms = sooner(next_ms, start_of(placement->ending->last->days + 1));
    if (placement->review_due != NULL && !placement->review_overdue)
        next_ms = sooner(next_ms, start_of(placement->review_due->days + 1));
    return next_ms;
}

static void reach_all(const struct id *ids, size_t count, struct due *due)
{
    for (size_t at = 0; at < count; at++) {
        Dw__ReachPlacementDate command = DW__REACH_PLACEMENT_DATE__INIT;
        command.placement_id = id_to_data(&ids[at]);
        due_command(due, &command.base);
    }
}

int64_t placements_beginning_ms(const struct state *state, const Dw__Placement *placement)
{
    int64_t first_ms = INT64_MAX;
    if (!placements_is_there(placement))
        return INT64_MAX;
    for (uint32_t part = 0; part < placements_disruption_parts(placement); part++) {
        const Dw__Disruption *disruption = placements_loss(state, placement, part);
        if (disruption != NULL && disruption->suspends)
            first_ms = sooner(first_ms, start_of(disruption->from->days));
    }
    return first_ms;
}

int64_t placements_due(const struct state *state, const struct context *ctx, size_t max,
                       struct due *due)
{
    struct id ids[REACHED_MAX];
    int64_t next_ms;
    int64_t beginning_ms, closing_ms;
    const size_t most = max < REACHED_MAX ? max : REACHED_MAX;
    const size_t count = alarms_reached(state->alarms, ctx->now_ms, most, ids, &next_ms);
    reach_all(ids, count, due);
    const size_t beginnings =
        alarms_reached(state->beginnings, ctx->now_ms, most - count, ids, &beginning_ms);
    reach_all(ids, beginnings, due);
    const size_t closings =
        alarms_reached(state->closings, ctx->now_ms, most - count - beginnings, ids, &closing_ms);
    for (size_t at = 0; at < closings; at++) {
        Dw__CloseCallOff command = DW__CLOSE_CALL_OFF__INIT;
        command.call_off_id = id_to_data(&ids[at]);
        due_command(due, &command.base);
    }
    return sooner(next_ms, sooner(beginning_ms, closing_ms));
}

/* --- what --------------------------------------------------------------------------------------------------------- */

/* A death that is told after many changes have taken effect ends the bookings it can, and the payment on its day. */
static void end_for_death(const struct state *state, const Dw__Placement *placement,
                          const Dw__Date *death, struct decision *decision)
{
    if (!placements_is_coming(placement)) {
        placements_withdraw(state, placement, DW__CANCEL_REASON__CANCEL_REASON_DIED, decision);
        return;
    }
    int32_t last = death->days > placement->started->days ? death->days : placement->started->days;
    last = placements_last_had(placement, last);
    const int32_t soonest = placements_soonest_end(placement, last);
    Dw__Date last_payable = DW__DATE__INIT;
    Dw__EndDetails details = DW__END_DETAILS__INIT;
    last_payable.days = last;
    details.last_payable = &last_payable;
    placements_finish(state, placement, DW__END_REASON__END_REASON_DIED, soonest,
                      soonest > last ? &details : NULL, decision);
}

/* As long as the model's longest: then (0) the hold lapses in its time, and a confirmation asks for another one, once. */
static int64_t keep_until(int64_t asked_ms, int64_t until_ms, const struct context *ctx)
{
    static const Dw__Rules silent = DW__RULES__INIT;
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    const Dw__Rules *rules = model->rules == NULL ? &silent : model->rules;
    const int64_t kept_ms = sooner(ctx->now_ms + (int64_t)rules->hold_minutes * MINUTE_MS,
                                   asked_ms + (int64_t)rules->hold_minutes_max * MINUTE_MS);
    return rules->hold_minutes < KEPT_MINUTES_MIN ||
                   kept_ms < until_ms + KEPT_MINUTES_MIN * MINUTE_MS
               ? 0
               : kept_ms;
}

static void keep_hold(const Dw__Placement *placement, const struct context *ctx,
                      struct decision *decision)
{
    Dw__HoldKept kept = DW__HOLD_KEPT__INIT;
    kept.placement_id = placement->placement_id;
    kept.hold_until_ms = keep_until(placement->proposed_ms, placement->hold_until_ms, ctx);
    decision_emit(decision, &kept.base);
    if (kept.hold_until_ms > 0)
        placements_send_keep(decision, placement->terms, &placement->hold_id, kept.hold_until_ms);
}

static void keep_change_hold(const Dw__Placement *placement, const struct context *ctx,
                             struct decision *decision)
{
    const Dw__PendingChange *change = placement->change;
    if (next_of_change(change) > ctx->now_ms)
        return;
    Dw__ChangeHoldKept kept = DW__CHANGE_HOLD_KEPT__INIT;
    kept.placement_id = placement->placement_id;
    kept.hold_until_ms = keep_until(change->proposed_ms, change->hold_until_ms, ctx);
    decision_emit(decision, &kept.base);
    if (kept.hold_until_ms > 0)
        placements_send_keep(decision, change->terms, &change->hold_id, kept.hold_until_ms);
}

static void run_clock(const Dw__Placement *placement, int32_t today, struct decision *decision)
{
    const Dw__EnablementClock *clock = placement->clock;
    if (clock == NULL || clock->over)
        return;
    Dw__Date limit = DW__DATE__INIT;
    limit.days = placements_clock_end(clock) - 1;
    const size_t passed = placements_clock_passed(clock, today);
    for (size_t at = clock->warned_count; at < passed; at++) {
        Dw__EnablementWarned warned = DW__ENABLEMENT_WARNED__INIT;
        warned.placement_id = placement->placement_id;
        warned.terms = placement->terms;
        warned.week = clock->warning_weeks[at] + clock->extended_weeks;
        warned.limit = &limit;
        decision_emit(decision, &warned.base);
    }
    if (today <= limit.days)
        return;
    Dw__EnablementLimitReached reached = DW__ENABLEMENT_LIMIT_REACHED__INIT;
    reached.placement_id = placement->placement_id;
    reached.terms = placement->terms;
    reached.limit = &limit;
    decision_emit(decision, &reached.base);
}

static void miss_review(const Dw__Placement *placement, int32_t today, struct decision *decision)
{
    if (placement->review_due == NULL || placement->review_overdue ||
        today <= placement->review_due->days)
        return;
    Dw__ReviewFellDue due = DW__REVIEW_FELL_DUE__INIT;
    due.placement_id = placement->placement_id;
    due.terms = placement->terms;
    due.due = placement->review_due;
    decision_emit(decision, &due.base);
}

static void look_at_suspension(const struct state *state, const Dw__Placement *placement,
                               const struct context *ctx, struct decision *decision)
{
    const int32_t today = ctx->today;
    const Dw__Suspension *suspension = placement->suspension;
    if (suspension == NULL || suspension->released)
        return;
    if (suspension->resumes != NULL && today >= suspension->resumes->days) {
        placements_resume(state, placement, placement->terms, suspension->resumes->days,
                          &placement->hold_id, ctx, decision);
        return;
    }
    if (suspension->kept_until == NULL || today < suspension->kept_until->days)
        return;
    placements_drop_change(placement, decision);
    Dw__Date last = DW__DATE__INIT;
    last.days = placements_soonest_end(placement, suspension->kept_until->days - 1);
    Dw__PlaceReleased released = DW__PLACE_RELEASED__INIT;
    released.placement_id = placement->placement_id;
    released.terms = placement->terms;
    released.last = &last;
    struct savings savings;
    placements_count_savings(
        state, placement, placement->n_former,
        calendar_earlier(placements_paid_until(placement), suspension->kept_until->days - 1), NULL,
        &savings);
    released.n_savings = savings.count;
    released.savings = savings.list;
    decision_emit(decision, &released.base);
    placements_end_bookings(placement, last.days, decision);
}

/* How many sittings it takes from today on of what the person has now. */
static uint32_t left_of(const struct state *state, const Dw__Disruption *disruption,
                        const Dw__PlacementTerms *terms, int32_t today)
{
    uint32_t count = 0;
    for (size_t at = 0; at < disruption->n_sittings; at++)
        count += disruption->sittings[at]->date->days >= today &&
                 disruption->sittings[at]->date->days >= terms->from->days &&
                 placements_has_session(terms, &disruption->sittings[at]->session_id) &&
                 placements_runs_on(state, &disruption->sittings[at]->session_id,
                                    disruption->sittings[at]->date->days);
    return count;
}

/* Closures that begin now, or have begun when somebody starts or comes again. */
static void begin_closures(const struct state *state, const Dw__Placement *placement,
                           const struct context *ctx, struct decision *decision)
{
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    const uint32_t enough = model->rules == NULL ? 0 : model->rules->closure_suspends_sittings;
    bool can = placements_is_there(placement) &&
               placements_death(state, &placement->terms->person_id) == NULL;
    enum { BEGINNINGS_MAX = 64 }; /* the rest in the next moment */
    uint32_t beginnings = 0;
    for (uint32_t part = 0;
         can && part < placements_disruption_parts(placement) && beginnings < BEGINNINGS_MAX;
         part++) {
        const Dw__Disruption *disruption = placements_loss(state, placement, part);
        if (disruption == NULL || !disruption->suspends || disruption->from->days > ctx->today)
            continue;
        Dw__ClosureBegan began = DW__CLOSURE_BEGAN__INIT;
        began.placement_id = placement->placement_id;
        began.closure_id = disruption->closure->closure_id;
        decision_emit(decision, &began.base);
        beginnings++;
        if (enough == 0 || left_of(state, disruption, placement->terms, ctx->today) < enough)
            continue;
        placements_suspend_for(placement, disruption, decision);
        can = false;
    }
}

PLACEMENTS_DECIDE(reach_date)
{
    const Dw__ReachPlacementDate *reach = (const Dw__ReachPlacementDate *)command;
    const Dw__Placement *placement = placements_get(state, &reach->placement_id);
    if (placement == NULL)
        return;
    const Dw__Date *death = placements_death(state, &placement->terms->person_id);
    begin_closures(state, placement, ctx, decision);
    if (placements_next_ms(placement, death != NULL) > ctx->now_ms)
        return;
    if (death != NULL && is_live(placement)) {
        end_for_death(state, placement, death, decision);
        return;
    }
    if (!placements_is_coming(placement)) {
        keep_hold(placement, ctx, decision);
        return;
    }
    const Dw__AgreedEnd *ending = placement->ending;
    if (ending != NULL && ctx->today > ending->last->days) {
        placements_finish(state, placement, ending->reason, ending->last->days, ending->details,
                          decision);
        return;
    }
    keep_change_hold(placement, ctx, decision);
    run_clock(placement, ctx->today, decision);
    miss_review(placement, ctx->today, decision);
    look_at_suspension(state, placement, ctx, decision);
}
