/* Decisions about a placement that exists: the provider's answer, the start, the end, taking it back. */
#include "services/placements/checks.h"
#include "services/placements/money.h"

#include "common/calendar.h"

/* Bookings of former terms that one end also ends: with those of the placement and of a change within what a decision may send. */
enum {
    FORMER_ENDED_MAX = 12,
    NOTICE_DAYS_MAX = 92, /* for which a place is paid after its end, a quarter */
};

PLACEMENTS_DECIDE(accept_offer)
{
    const Dw__AcceptOffer *accept = (const Dw__AcceptOffer *)command;
    const Dw__Placement *placement = placements_find(state, &accept->placement_id, ctx, decision);
    if (placement == NULL)
        return;
    if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_CONFIRMING ||
        placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED ||
        placements_is_coming(placement))
        return; /* the provider has said so already */
    if (!placements_may(placement, PLACEMENT_EVENT_ACCEPT_OFFER, decision))
        return;
    if (placement->assessment != NULL &&
        placement->assessment->result == DW__ASSESSMENT_RESULT__ASSESSMENT_RESULT_UNABLE) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_WRONG_STATE,
                        "By the provider's assessment it cannot support the person; record "
                        "another assessment first, or decline.");
        return;
    }
    placements_take_offer(placement, decision);
}

PLACEMENTS_DECIDE(decline_offer)
{
    const Dw__DeclineOffer *decline = (const Dw__DeclineOffer *)command;
    const Dw__Placement *placement = placements_find(state, &decline->placement_id, ctx, decision);
    if (placement == NULL)
        return;
    if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_DECLINED &&
        placement->decline_reason == decline->reason)
        return;
    if (!placements_may(placement, PLACEMENT_EVENT_DECLINE, decision))
        return;
    Dw__PlacementDeclined declined = DW__PLACEMENT_DECLINED__INIT;
    declined.placement_id = placement->placement_id;
    declined.terms = placement->terms;
    declined.reason = decline->reason;
    decision_emit(decision, &declined.base);
    placements_send_release(decision, placement->terms, &placement->hold_id);
}

/* --- the start ---------------------------------------------------------------------------------------------------- */

static bool may_start_on(const Dw__Placement *placement, int32_t date, const struct context *ctx,
                         struct decision *decision)
{
    if (!placements_lies_inside(placement->terms, date)) {
        char from[CALENDAR_TEXT_SIZE];
        calendar_to_text(placement->terms->from->days, from);
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                        "The place is booked from %s%s; start it on a date it is booked for.", from,
                        placement->terms->to == NULL ? "" : " and not beyond its last date");
        return false;
    }
    if (date > ctx->today) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                        "Support starts on a day that has come; say so on that day or later.");
        return false;
    }
    return true;
}

void placements_set_clock(const Dw__Placement *placement, const Dw__EnablementClock *since,
                          const Dw__CommissioningModel *model, bool corrected, int32_t today,
                          struct decision *decision)
{
    const Dw__Level *level = placements_level(model, placement->terms->level);
    if (level == NULL || level->limit_weeks == 0)
        return;
    Dw__EnablementClock clock = *since;
    clock.limit_weeks = level->limit_weeks;
    clock.warning_weeks = level->warning_weeks;
    clock.n_warning_weeks = level->n_warning_weeks;
    if (placements_clock_passed(&clock, today) < clock.warned_count)
        clock.warned_count = placements_clock_passed(&clock, today); /* those come again */
    clock.over = clock.over && placements_clock_end(&clock) <= today;
    Dw__EnablementClockSet set = DW__ENABLEMENT_CLOCK_SET__INIT;
    set.placement_id = placement->placement_id;
    set.clock = &clock;
    set.corrected = corrected;
    decision_emit(decision, &set.base);
}

void placements_begin(const struct state *state, const Dw__Placement *placement, int32_t date,
                      const struct context *ctx, struct decision *decision)
{
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    Dw__Date first = DW__DATE__INIT;
    first.days = date;
    Dw__PlacementStarted started = DW__PLACEMENT_STARTED__INIT;
    started.placement_id = placement->placement_id;
    started.terms = placement->terms;
    started.date = &first;
    started.year_pence = placements_planned_year_cost(state, placement->terms);
    struct attended attended;
    placements_tell_attended(state, placement->terms, &attended);
    started.n_attended = attended.count;
    started.attended = attended.list;
    decision_emit(decision, &started.base);
    placements_begin_clock(state, placement, date, ctx, decision);
    if (model->rules != NULL && model->rules->first_review_days > 0)
        placements_schedule_review(placement, date + (int32_t)model->rules->first_review_days,
                                   decision);
}

PLACEMENTS_DECIDE(start)
{
    const Dw__StartPlacement *start = (const Dw__StartPlacement *)command;
    if (start->date == NULL) {
        decision_invalid(decision, "date", "it must be said, and it is not");
        return;
    }
    const Dw__Placement *placement = placements_find(state, &start->placement_id, ctx, decision);
    if (placement == NULL)
        return;
    if (placements_is_coming(placement) && placement->started->days == start->date->days &&
        (start->trial_until == NULL || (placement->trial_until != NULL &&
                                        placement->trial_until->days == start->trial_until->days)))
        return;
    if (!placements_may(placement, PLACEMENT_EVENT_START, decision) ||
        !may_start_on(placement, start->date->days, ctx, decision))
        return;
    if (start->trial_until != NULL &&
        (start->trial_until->days < start->date->days ||
         !placements_lies_inside(placement->terms, start->trial_until->days))) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                        "A trial ends on the first date or later, inside what is booked.");
        return;
    }
    placements_begin(state, placement, start->date->days, ctx, decision);
    if (start->trial_until == NULL)
        return;
    Dw__TrialStarted trial = DW__TRIAL_STARTED__INIT;
    trial.placement_id = placement->placement_id;
    trial.until = start->trial_until;
    decision_emit(decision, &trial.base);
}

PLACEMENTS_DECIDE(pass_trial)
{
    const Dw__PassTrial *pass = (const Dw__PassTrial *)command;
    const Dw__Placement *placement = placements_find(state, &pass->placement_id, ctx, decision);
    if (placement == NULL)
        return;
    if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE)
        return; /* it was none, or is passed */
    if (!placements_may(placement, PLACEMENT_EVENT_PASS_TRIAL, decision))
        return;
    Dw__TrialPassed passed = DW__TRIAL_PASSED__INIT;
    passed.placement_id = placement->placement_id;
    decision_emit(decision, &passed.base);
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

/* Bookings of terms that were to hold beyond the last date end with it, too: who ends before a change takes effect leaves the chair
 * they have until then. How many there are; sends when asked to. */
static size_t end_former(const Dw__Placement *placement, int32_t last, struct decision *decision)
{
    size_t count = 0;
    for (size_t at = 0; at < placement->n_former; at++) {
        const Dw__FormerTerms *former = placement->former[at];
        if (former->last->days <= last || id_data_equal(&former->hold_id, &placement->hold_id))
            continue;
        count++;
        if (decision != NULL)
            placements_send_end(decision, former->terms, &former->hold_id, last);
    }
    return count;
}

void placements_end_bookings(const Dw__Placement *placement, int32_t last,
                             struct decision *decision)
{
    const Dw__Suspension *suspension = placement->suspension;
    if (suspension == NULL || !suspension->released)
        placements_send_end(decision, placement->terms, &placement->hold_id, last);
    else if (suspension->resume_hold_id.len >
             0) /* a hold that is asked for, or has been had by now */
        placements_send_back(decision, placement->terms, &suspension->resume_hold_id, last);
    (void)end_former(placement, last, decision);
}

/* An end gives back so many bookings, and no more. */
static bool can_end_bookings(const Dw__Placement *placement, int32_t last,
                             struct decision *decision)
{
    if (end_former(placement, last, NULL) <= FORMER_ENDED_MAX)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                    "More than %d changes have taken effect since that date; take a later one.",
                    FORMER_ENDED_MAX);
    return false;
}

size_t placements_ends(const Dw__Placement *placement, int32_t last)
{
    return 1 + end_former(placement, last, NULL);
}

int32_t placements_soonest_end(const Dw__Placement *placement, int32_t last)
{
    while (end_former(placement, last, NULL) > FORMER_ENDED_MAX) {
        int32_t next = INT32_MAX;
        for (size_t at = 0; at < placement->n_former; at++)
            if (placement->former[at]->last->days > last &&
                placement->former[at]->last->days < next)
                next = placement->former[at]->last->days;
        last = next;
    }
    return last;
}

/* A place that was given back is not paid for from then on, unless who ends it says otherwise. */
static void stop_payment(const Dw__Placement *placement, int32_t last, Dw__Date *last_payable,
                         Dw__EndDetails *details)
{
    const Dw__Suspension *suspension = placement->suspension;
    if (suspension == NULL || !suspension->released || details->last_payable != NULL)
        return;
    dw__date__init(last_payable);
    last_payable->days = suspension->kept_until->days - 1;
    if (last_payable->days < last)
        details->last_payable = last_payable;
}

/* What becomes of what was agreed for after the last date of support. */
struct falling {
    Dw__PlacementTerms terms; /* those of that date, by which is paid what is paid beyond */
    Dw__FellAway said;
    bool falls;
    struct attended attended;
    struct attended never_had;
    struct savings savings; /* of what has taken effect */
};

/* Of a placement that has ended everything has fallen that does. details: NULL, it is paid to its last date. */
static struct falling *fall_away(const struct state *state, const Dw__Placement *placement,
                                 int32_t last, const Dw__EndDetails *details,
                                 struct decision *decision)
{
    const bool is_said = details != NULL && details->last_payable != NULL;
    struct falling *falling = decision_alloc(decision, sizeof *falling);
    const size_t at =
        placement->last == NULL ? placements_stretch_at(placement, last) : placement->n_former;
    falling->terms = *placements_stretch(placement, at).terms;
    falling->falls = at < placement->n_former;
    placements_count_savings(state, placement, at, is_said ? details->last_payable->days : last,
                             NULL, &falling->savings);
    if (!falling->falls)
        return falling;
    dw__fell_away__init(&falling->said);
    falling->said.former = (uint32_t)at;
    falling->said.year_pence = placements_planned_year_cost(state, &falling->terms);
    placements_tell_attended(state, &falling->terms, &falling->attended);
    placements_tell_never_had(state, placement, last + 1, &falling->never_had);
    falling->said.n_attended = falling->attended.count;
    falling->said.attended = falling->attended.list;
    falling->said.n_never_had = falling->never_had.count;
    falling->said.never_had = falling->never_had.list;
    return falling;
}

static void tell_ended(const struct state *state, const Dw__Placement *placement,
                       const Dw__AgreedEnd *end, Dw__AgreedEnd *own_end, struct decision *decision)
{
    Dw__PlacementEnded ended = DW__PLACEMENT_ENDED__INIT;
    struct falling *falling = fall_away(state, placement, end->last->days, end->details, decision);
    ended.placement_id = placement->placement_id;
    ended.terms = &falling->terms;
    ended.fell_away = falling->falls ? &falling->said : NULL;
    ended.reason = end->reason;
    ended.started = placement->started;
    ended.last = end->last;
    ended.details = end->details;
    ended.own_end = own_end;
    ended.n_savings = falling->savings.count;
    ended.savings = falling->savings.list;
    decision_emit(decision, &ended.base);
    placements_part_clocks(state, placement, end->last->days, decision);
}

void placements_finish(const struct state *state, const Dw__Placement *placement,
                       Dw__EndReason reason, int32_t last, const Dw__EndDetails *details,
                       struct decision *decision)
{
    if (!can_end_bookings(placement, last, decision))
        return;
    placements_drop_change(placement, decision);
    Dw__Date last_date = DW__DATE__INIT, last_payable;
    Dw__AgreedEnd end = DW__AGREED_END__INIT;
    Dw__EndDetails paid = DW__END_DETAILS__INIT;
    last_date.days = last;
    if (details != NULL)
        paid = *details;
    stop_payment(placement, last, &last_payable, &paid);
    end.reason = reason;
    end.last = &last_date;
    if (details != NULL || paid.last_payable != NULL)
        end.details = &paid;
    tell_ended(state, placement, &end, NULL, decision);
    placements_end_bookings(placement, last, decision);
}

void placements_correct_end(const struct state *state, const Dw__Placement *placement,
                            const Dw__AgreedEnd *end, Dw__AgreedEnd *own_end,
                            struct decision *decision)
{
    tell_ended(state, placement, end, own_end, decision);
    if (end->last->days < placement->last->days)
        placements_end_bookings(placement, end->last->days, decision);
}

/* It goes on until that date, which is still to come. */
static void agree_end(const struct state *state, const Dw__Placement *placement,
                      const Dw__EndPlacement *end, struct decision *decision)
{
    Dw__EndAgreed agreed = DW__END_AGREED__INIT;
    struct falling *falling = fall_away(state, placement, end->last->days, end->details, decision);
    placements_drop_change(placement, decision);
    falling->terms.to = end->last;
    agreed.placement_id = placement->placement_id;
    agreed.terms = &falling->terms;
    agreed.fell_away = falling->falls ? &falling->said : NULL;
    agreed.reason = end->reason;
    agreed.last = end->last;
    agreed.details = end->details;
    agreed.n_savings = falling->savings.count;
    agreed.savings = falling->savings.list;
    decision_emit(decision, &agreed.base);
    placements_end_bookings(placement, end->last->days, decision);
}

static bool are_dates(const Dw__EndDetails *details, struct decision *decision)
{
    if (details == NULL)
        return true;
    return (details->notice == NULL ||
            placements_has_date(details->notice, "details.notice", decision)) &&
           (details->last_attended == NULL ||
            placements_has_date(details->last_attended, "details.last_attended", decision)) &&
           (details->last_payable == NULL ||
            placements_has_date(details->last_payable, "details.last_payable", decision));
}

/* What was attended and is payable lies within what was supported and its notice, and is said by who pays. */
static bool is_paid_within(const Dw__Placement *placement, const Dw__EndPlacement *end,
                           const struct context *ctx, struct decision *decision)
{
    const Dw__EndDetails *details = end->details;
    if (details == NULL)
        return true;
    const int32_t started = placement->started->days;
    if (details->last_attended != NULL &&
        (details->last_attended->days < started || details->last_attended->days > end->last->days))
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                        "The last date attended lies between the first and the last of support.");
    else if (details->last_payable != NULL &&
             (details->last_payable->days < started - 1 ||
              details->last_payable->days > end->last->days + NOTICE_DAYS_MAX))
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                        "It is payable to its last date, or for a notice of at most %d days more.",
                        NOTICE_DAYS_MAX);
    else if (details->last_payable != NULL && !id_is_zero(&ctx->principal->provider_id))
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_YOURS,
                        "Until when it is paid is said by the council; leave it out.");
    return !decision_is_no(decision);
}

/* Whether an end that is said again says nothing that it did not say. */
static bool has_details(const Dw__Placement *placement, const Dw__EndDetails *details,
                        struct decision *decision)
{
    if (details == NULL)
        return true;
    Dw__EndDetails said = *details;
    if (placement->end != NULL && said.last_payable == NULL) /* that of a place given back */
        said.last_payable = placement->end->last_payable;
    return placement->end != NULL && decision_same(decision, &placement->end->base, &said.base);
}

static bool is_agreed(const Dw__Placement *placement, const Dw__EndPlacement *end,
                      struct decision *decision)
{
    const Dw__AgreedEnd *ending = placement->ending;
    if (ending == NULL || ending->reason != end->reason || ending->last->days != end->last->days ||
        (ending->details == NULL) != (end->details == NULL))
        return false;
    return end->details == NULL ||
           decision_same(decision, &ending->details->base, &end->details->base);
}

/* Between its start, what is booked, and a year from now. */
static bool is_last_date(const Dw__Placement *placement, int32_t last, const struct context *ctx,
                         struct decision *decision)
{
    char text[CALENDAR_TEXT_SIZE];
    if (last < placement->started->days) {
        calendar_to_text(placement->started->days, text);
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                        "Support started on %s; its last date lies then or later.", text);
    } else if (last > placements_last_had(placement, last)) {
        calendar_to_text(placements_last_had(placement, last), text);
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                        "It is booked until %s; propose a change with a later last date, or with "
                        "none, to go on.",
                        text);
    } else if (last > ctx->today + PLACEMENTS_AHEAD_DAYS_MAX) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                        "An end is agreed at most %d days ahead; say it nearer to its date.",
                        PLACEMENTS_AHEAD_DAYS_MAX);
    }
    return !decision_is_no(decision);
}

static bool is_death_known(const struct state *state, const Dw__Placement *placement,
                           Dw__EndReason reason, struct decision *decision)
{
    if (reason != DW__END_REASON__END_REASON_DIED ||
        placements_death(state, &placement->terms->person_id) != NULL)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DEATH_UNKNOWN,
                    "Nobody has recorded that the person died; record it with referrals "
                    "(RecordDeath), and all that they have ends.");
    return false;
}

PLACEMENTS_DECIDE(end)
{
    const Dw__EndPlacement *end = (const Dw__EndPlacement *)command;
    const Dw__Placement *placement = placements_find(state, &end->placement_id, ctx, decision);
    if (placement == NULL || !placements_has_date(end->last, "last", decision) ||
        !are_dates(end->details, decision))
        return;
    if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ENDED) {
        if (placement->end_reason != end->reason || placement->last->days != end->last->days ||
            !has_details(placement, end->details, decision))
            decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_WRONG_STATE,
                            "The placement %s.", placement_state_words(PLACEMENT_ENDED));
        return;
    }
    if (is_agreed(placement, end, decision) ||
        !placements_may_end(placement, PLACEMENT_EVENT_END, decision) ||
        !is_last_date(placement, end->last->days, ctx, decision) ||
        !is_paid_within(placement, end, ctx, decision) ||
        !is_death_known(state, placement, end->reason, decision) ||
        !placements_check_end_report((const Dw__CommissioningModel *)ctx->model, placement,
                                     end->reason, decision))
        return;
    if (end->last->days <= ctx->today)
        placements_finish(state, placement, end->reason, end->last->days, end->details, decision);
    else if (can_end_bookings(placement, end->last->days, decision))
        agree_end(state, placement, end, decision);
}

void placements_withdraw(const struct state *state, const Dw__Placement *placement,
                         Dw__CancelReason reason, struct decision *decision)
{
    Dw__PlacementCancelled cancelled = DW__PLACEMENT_CANCELLED__INIT;
    cancelled.placement_id = placement->placement_id;
    cancelled.terms = placement->terms;
    cancelled.reason = reason;
    decision_emit(decision, &cancelled.base);
    if (reason != DW__CANCEL_REASON__CANCEL_REASON_DIED)
        placements_undo_award(state, placement, true, decision);
    if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_CONFIRMING ||
        placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED)
        placements_send_back(decision, placement->terms, &placement->hold_id,
                             placement->terms->from->days - 1);
    else
        placements_send_release(decision, placement->terms, &placement->hold_id);
}

PLACEMENTS_DECIDE(cancel)
{
    const Dw__CancelPlacement *cancel = (const Dw__CancelPlacement *)command;
    const Dw__Placement *placement = placements_find(state, &cancel->placement_id, ctx, decision);
    if (placement == NULL)
        return;
    if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_CANCELLED &&
        placement->cancel_reason == cancel->reason)
        return;
    if (!placements_may(placement, PLACEMENT_EVENT_CANCEL, decision))
        return;
    placements_withdraw(state, placement, cancel->reason, decision);
}
