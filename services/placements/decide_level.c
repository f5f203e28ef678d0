/* Decisions about time: levels with a limit, moves between levels, reviews. */
#include "services/placements/calloffs.h"
#include "services/placements/checks.h"
#include "services/placements/money.h"

#include "common/calendar.h"

#include <string.h>

enum { DAYS_A_WEEK = 7 };

int32_t placements_clock_end(const Dw__EnablementClock *clock)
{
    return clock->from->days + DAYS_A_WEEK * (int32_t)(clock->limit_weeks + clock->extended_weeks);
}

int32_t placements_clock_warning(const Dw__EnablementClock *clock, size_t at)
{
    return clock->from->days +
           DAYS_A_WEEK * (int32_t)(clock->warning_weeks[at] + clock->extended_weeks);
}

uint32_t placements_clock_passed(const Dw__EnablementClock *clock, int32_t today)
{
    uint32_t count = 0;
    while (count < clock->n_warning_weeks && placements_clock_warning(clock, count) <= today)
        count++;
    return count;
}

/* --- extension ---------------------------------------------------------------------------------------------------- */

static bool may_extend(const Dw__Placement *placement, const Dw__ExtendEnablement *extend,
                       const struct context *ctx, struct decision *decision)
{
    const Dw__Level *level =
        placements_level((const Dw__CommissioningModel *)ctx->model, placement->terms->level);
    if (placement->clock == NULL || level == NULL) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NO_EXTENSION,
                        "The placement's level has no time limit; nothing has to be extended.");
        return false;
    }
    const uint32_t had = placement->clock->extended_weeks;
    const uint32_t left = level->extension_weeks_max > had ? level->extension_weeks_max - had : 0;
    if (extend->weeks > left) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NO_EXTENSION,
                        "The council extends this level by at most %u weeks in all, and %u are "
                        "left; move the person to another level.",
                        level->extension_weeks_max, left);
        return false;
    }
    const Dw__Date *to = placement->terms->to;
    const int32_t last =
        placements_clock_end(placement->clock) + DAYS_A_WEEK * (int32_t)extend->weeks - 1;
    if (to == NULL || last <= to->days)
        return true;
    char text[CALENDAR_TEXT_SIZE];
    calendar_to_text(to->days, text);
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                    "The place is booked until %s only; propose a change with a later last "
                    "date first.",
                    text);
    return false;
}

static void extend_clock(const Dw__Placement *placement, uint32_t weeks, int32_t today,
                         struct decision *decision)
{
    Dw__Date limit = DW__DATE__INIT;
    limit.days = placements_clock_end(placement->clock) + DAYS_A_WEEK * (int32_t)weeks - 1;
    Dw__EnablementExtended extended = DW__ENABLEMENT_EXTENDED__INIT;
    extended.placement_id = placement->placement_id;
    extended.terms = placement->terms;
    extended.weeks = weeks;
    extended.limit = &limit;
    Dw__EnablementClock longer = *placement->clock;
    Dw__WarningsGiven warned = DW__WARNINGS_GIVEN__INIT;
    longer.extended_weeks += weeks;
    warned.count = placements_clock_passed(&longer, today);
    extended.warned = &warned;
    decision_emit(decision, &extended.base);
}

/* Of a place that has ended, whose clock the next one's goes on from. */
static void extend_ended(const Dw__Placement *placement, uint32_t weeks, const struct context *ctx,
                         struct decision *decision)
{
    Dw__EnablementClock longer = *placement->clock;
    longer.extended_weeks += weeks;
    placements_set_clock(placement, &longer, (const Dw__CommissioningModel *)ctx->model, false,
                         ctx->today, decision);
}

/* The time of a level is one over all places of an episode, those that have ended, too. */
static void extend_others(const struct state *state, const Dw__Placement *placement, uint32_t weeks,
                          const struct context *ctx, struct decision *decision)
{
    const struct id person_id = id_or_zero(&placement->terms->person_id);
    const int32_t since = placements_level_since(state, placement);
    for (const struct id *id = lists_first(state->by_person, &person_id); id != NULL;
         id = lists_next(state->by_person, id)) {
        const Dw__Placement *other =
            entities_get(state->entities, PLACEMENTS_KIND_PLACEMENT, id, 0);
        if (other == placement || other->clock == NULL ||
            other->terms->level != placement->terms->level ||
            placements_level_since(state, other) != since)
            continue;
        if (placements_is_coming(other))
            extend_clock(other, weeks, ctx->today, decision);
        else
            extend_ended(other, weeks, ctx, decision);
    }
}

PLACEMENTS_DECIDE(extend_enablement)
{
    const Dw__ExtendEnablement *extend = (const Dw__ExtendEnablement *)command;
    const Dw__Placement *placement = placements_find(state, &extend->placement_id, ctx, decision);
    if (placement == NULL)
        return;
    if (extend->weeks == 0) {
        decision_invalid(decision, "weeks", "it is at least 1");
        return;
    }
    if (!placements_may(placement, PLACEMENT_EVENT_EXTEND, decision) ||
        !may_extend(placement, extend, ctx, decision))
        return;
    const Dw__CallOff *call_off = call_off_get(state, &placement->terms->call_off_id);
    if (strcmp(placement->proposed_by, ctx->principal->name) == 0 ||
        (call_off != NULL && strcmp(call_off->opened_by, ctx->principal->name) == 0)) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_SAME_PERSON,
                        "Whoever proposed the placement, or opened the call-off it came of, does "
                        "not extend it; ask somebody else.");
        return;
    }
    extend_clock(placement, extend->weeks, ctx->today, decision);
    extend_others(state, placement, extend->weeks, ctx, decision);
}

/* --- moves -------------------------------------------------------------------------------------------------------- */

/* What the council no longer pays in twelve months when nobody is in that place any more: nothing of a person's own money, and nothing
 * beyond the end that it had anyway. */
static int64_t cost_released(const struct state *state, const Dw__CommissioningModel *model,
                             const Dw__Placement *placement, const Dw__PlacementTerms *left,
                             int32_t date, int64_t moved_pence)
{
    const Dw__ContractTerms *kind = placements_contract_terms(
        model, placements_contract_on(state, placement, left, date, false));
    const bool is_fixed = kind != NULL && kind->fixed_value;
    if (is_fixed || left->funding == DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED)
        return 0;
    enum { YEAR_DAYS = 365 };
    const int32_t last = placements_last_agreed(left);
    if (last == INT32_MAX)
        return moved_pence;
    const int64_t pence =
        placements_terms_cost(state, left, date, calendar_earlier(last, date + YEAR_DAYS - 1));
    return pence < moved_pence ? pence : moved_pence;
}

/* What the person has on the last date before the move: nothing that was agreed for later. */
static Dw__PlacementTerms terms_left(const Dw__Placement *placement, int32_t last)
{
    return *placements_stretch(placement, placements_stretch_at(placement, last)).terms;
}

/* Out of a place that has ended people move once, and soon; out of one that goes on whenever they do. */
static bool is_left(const Dw__Placement *placement, int32_t date, struct decision *decision)
{
    if (placement->last == NULL)
        return true;
    if (placement->moved_on != NULL) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_WRONG_STATE,
                        "The person has moved out of the first placement; start the second.");
        return false;
    }
    const int32_t last = placement->last->days;
    if (date > last && date <= last + 1 + PLACEMENTS_MOVE_GAP_DAYS_MAX)
        return true;
    char text[CALENDAR_TEXT_SIZE];
    calendar_to_text(last, text);
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                    "The first placement ended on %s; a move takes place after that, with at most "
                    "%d days between. Start the second placement instead.",
                    text, PLACEMENTS_MOVE_GAP_DAYS_MAX);
    return false;
}

static bool may_move(const Dw__Placement *placement, const Dw__Placement *to, int32_t date,
                     const struct context *ctx, struct decision *decision)
{
    if (!id_data_equal(&placement->terms->person_id, &to->terms->person_id)) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_OTHER_PLACEMENT,
                        "The second placement is another person's; name one of the same person's.");
        return false;
    }
    if (date <= placement->started->days || date > ctx->today ||
        !placements_lies_inside(to->terms, date)) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                        "A move takes place after the first placement started, inside the second's "
                        "dates, on a day that has come.");
        return false;
    }
    return is_left(placement, date, decision);
}

static void leave(const struct state *state, const Dw__Placement *placement, int32_t date,
                  struct decision *decision)
{
    const int32_t last = placements_last_had(placement, date - 1);
    placements_finish(state, placement, DW__END_REASON__END_REASON_MOVED_LEVEL, last, NULL,
                      decision);
}

PLACEMENTS_DECIDE(move_level)
{
    const Dw__MoveLevel *move = (const Dw__MoveLevel *)command;
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    const Dw__Placement *placement = placements_find(state, &move->placement_id, ctx, decision);
    const Dw__Placement *to =
        placement == NULL ? NULL : placements_find(state, &move->to_placement_id, ctx, decision);
    if (to == NULL || !placements_has_date(move->date, "date", decision))
        return;
    if (placement->moved_on != NULL && placement->moved_on->reason == move->reason &&
        id_data_equal(&placement->moved_on->to_placement_id, &move->to_placement_id) &&
        to->started != NULL && to->started->days == move->date->days)
        return;
    if (!placements_may_end(placement, PLACEMENT_EVENT_MOVE_LEVEL, decision) ||
        !placements_may(to, PLACEMENT_EVENT_START, decision) ||
        !may_move(placement, to, move->date->days, ctx, decision) ||
        !placements_check_end_report(model, placement, DW__END_REASON__END_REASON_MOVED_LEVEL,
                                     decision))
        return;
    Dw__PlacementTerms left = terms_left(placement, move->date->days - 1);
    Dw__LevelMoved moved = DW__LEVEL_MOVED__INIT;
    moved.placement_id = placement->placement_id;
    moved.to_placement_id = to->placement_id;
    moved.terms = &left;
    moved.to_terms = to->terms;
    moved.reason = move->reason;
    moved.date = move->date;
    moved.money_moved_pence = left.funding == DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED
                                  ? 0 /* it was never the council's */
                                  : placements_open_year_cost(state, &left);
    struct attended attended, never_had;
    placements_tell_attended(state, &left, &attended);
    placements_tell_never_had(state, placement, move->date->days, &never_had);
    moved.n_attended = attended.count;
    moved.attended = attended.list;
    moved.n_never_had = never_had.count;
    moved.never_had = never_had.list;
    moved.cost_released_pence =
        cost_released(state, model, placement, &left, move->date->days, moved.money_moved_pence);
    decision_emit(decision, &moved.base);
    if (placement->last == NULL)
        leave(state, placement, move->date->days, decision);
    placements_begin(state, to, move->date->days, ctx, decision);
}

/* --- reviews ------------------------------------------------------------------------------------------------------ */

/* When the next one is due after it, INT32_MAX: never. Whoever has other days later than that is asked about those; and one that somebody
 * asked for in between, or that is statutory, is not the one that is held some weeks after a start or other days. */
static int32_t next_review(const Dw__Placement *placement, const Dw__Rules *rules,
                           const Dw__RecordReview *review)
{
    const bool is_apart = review->kind != DW__REVIEW_KIND__REVIEW_KIND_LIGHT_TOUCH &&
                          review->kind != DW__REVIEW_KIND__REVIEW_KIND_PLANNED;
    const int32_t date = review->date->days;
    int32_t next = rules->placement_review_days == 0 ? INT32_MAX
                                                     : date + (int32_t)rules->placement_review_days;
    const Dw__PlacementTerms *before = NULL;
    for (size_t at = 0; rules->first_review_days > 0 && at <= placement->n_former; at++) {
        const struct stretch stretch = placements_stretch(placement, at);
        if (stretch.first > stretch.last)
            continue;
        const int32_t asked = stretch.first + (int32_t)rules->first_review_days;
        if ((is_apart ? asked : stretch.first) > date && asked < next &&
            (before == NULL || !placements_same_sessions(before, stretch.terms)))
            next = asked;
        before = stretch.terms;
    }
    return next;
}

/* Reviews of the council's are its own: what a provider reviews moves none of them. */
static bool may_review(Dw__ReviewKind kind, const struct context *ctx, struct decision *decision)
{
    if (id_is_zero(&ctx->principal->provider_id) || kind == DW__REVIEW_KIND__REVIEW_KIND_PROVIDER)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_YOURS,
                    "A provider records its own reviews; say that it is of the kind PROVIDER, and "
                    "let the council record its.");
    return false;
}

PLACEMENTS_DECIDE(review)
{
    const Dw__RecordReview *review = (const Dw__RecordReview *)command;
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    const Dw__Placement *placement = placements_find(state, &review->placement_id, ctx, decision);
    if (placement == NULL || !placements_has_date(review->date, "date", decision) ||
        !placements_may(placement, PLACEMENT_EVENT_REVIEW, decision) ||
        !may_review(review->kind, ctx, decision))
        return;
    if (review->date->days < placement->started->days || review->date->days > ctx->today) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DATE_OUTSIDE,
                        "A review takes place after support has started, on a day that has come.");
        return;
    }
    struct id notes_id;
    Dw__ReviewRecorded recorded = DW__REVIEW_RECORDED__INIT;
    recorded.placement_id = placement->placement_id;
    recorded.terms = placement->terms;
    recorded.kind = review->kind;
    recorded.outcome = review->outcome;
    recorded.date = review->date;
    placements_keep_text(state, &placement->terms->person_id, review->notes, ctx, decision,
                         &notes_id, &recorded.notes_id);
    decision_emit(decision, &recorded.base);
    if (review->kind == DW__REVIEW_KIND__REVIEW_KIND_PROVIDER || model->rules == NULL)
        return;
    /* One that is written down after a younger one does not bring the next one forward. */
    const int32_t next = next_review(placement, model->rules, review);
    if (next < INT32_MAX && (placement->review_due == NULL || next > placement->review_due->days))
        placements_schedule_review(placement, next, decision);
}
