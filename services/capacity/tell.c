/* Tells whom a change touches, a bounded step at a time. See tell.h. */
#include "services/capacity/tell.h"

#include <stdlib.h>
#include <string.h>

#include "common/calendar.h"
#include "services/capacity/checks.h"

enum {
    STEP_EVENTS_MAX =
        200, /* of the 256 a decision holds: the change itself and what is left have room beside them */
    STEP_SITTINGS_MAX =
        4000, /* about 120 KiB: two decisions make a commit, and none is more than one */
};

/* One decision's worth. */
struct step {
    const struct state *state;
    const struct change *change;
    struct decision *decision;
    struct id subject_id;
    struct id *ids; /* bookings that may be touched, ascending, each once */
    size_t ids_count;
    struct hold_list stranded; /* of a session */
    size_t events;
    size_t sittings;
};

static bool is_closure(const struct change *change)
{
    return change->what == DW__TELLING_WHAT__TELLING_WHAT_CLOSED ||
           change->what == DW__TELLING_WHAT__TELLING_WHAT_LIFTED;
}

void capacity_lost_add(struct lost *lost, const struct id *session_id, int32_t date,
                       struct decision *decision)
{
    if (lost->count == SITTINGS_TOLD_MAX)
        return;
    Dw__DisruptedSitting *sitting = decision_alloc(decision, sizeof *sitting);
    Dw__Date *told = decision_alloc(decision, sizeof *told);
    struct id *id = decision_alloc(decision, sizeof *id);
    *sitting = (Dw__DisruptedSitting)DW__DISRUPTED_SITTING__INIT;
    *told = (Dw__Date)DW__DATE__INIT;
    *id = *session_id;
    told->days = date;
    sitting->session_id = id_to_data(id);
    sitting->date = told;
    lost->sittings[lost->count++] = sitting;
}

/* --- who may be touched ----------------------------------------------------------------------------------------------- */

static int compare_ids(const void *left, const void *right)
{
    return id_compare(left, right);
}

/* Sorts the ids and leaves each once. */
static size_t sort_ids(struct id *ids, size_t count)
{
    size_t kept = 0;
    if (count > 0)
        qsort(ids, count, sizeof ids[0], compare_ids);
    for (size_t at = 0; at < count; at++)
        if (kept == 0 || !id_equal(&ids[kept - 1], &ids[at]))
            ids[kept++] = ids[at];
    return kept;
}

/* Whoever takes anything of a session that the closure touches, behind that id. */
static void collect_of_closure(struct step *step, const struct id *after)
{
    const struct timetable *timetable = step->state->timetable;
    const struct offer *offers = NULL;
    struct id service_id = {0};
    size_t size = 0;
    (void)id_from_data(&step->change->closure->service_id, &service_id);
    const size_t count = capacity_catalogue_offers(step->state->catalogue, &service_id, &offers);
    for (size_t at = 0; at < count; at++) {
        size_t takings;
        (void)capacity_timetable_takings(timetable, offers[at].slot, &takings);
        size += takings;
    }
    step->ids = decision_alloc(step->decision, size * sizeof step->ids[0] + 1);
    for (size_t at = 0; at < count; at++) {
        size_t takings_count;
        const struct taking *takings =
            capacity_timetable_takings(timetable, offers[at].slot, &takings_count);
        if (!capacity_closure_touches(
                step->change->closure,
                &capacity_timetable_terms(timetable, offers[at].slot)->session_id))
            continue;
        for (size_t taking = 0; taking < takings_count; taking++)
            if (id_compare(&takings[taking].hold_id, after) > 0)
                step->ids[step->ids_count++] = takings[taking].hold_id;
    }
    step->ids_count = sort_ids(step->ids, step->ids_count);
}

static void collect_of_session(struct step *step, const struct id *after)
{
    uint32_t slot;
    bool is_over;
    if (!capacity_timetable_find(step->state->timetable, &step->subject_id, &slot))
        return;
    step->stranded = capacity_stranded(step->state, step->change, slot, &is_over);
    step->ids = decision_alloc(step->decision, step->stranded.count * sizeof step->ids[0] + 1);
    for (size_t at = 0; at < step->stranded.count; at++)
        if (id_compare(&step->stranded.list[at].hold_id, after) > 0)
            step->ids[step->ids_count++] = step->stranded.list[at].hold_id;
    step->ids_count = sort_ids(step->ids, step->ids_count);
}

/* --- one booking ------------------------------------------------------------------------------------------------------ */

/* The weeks of a session in which the booking has no room. */
static void tell_stranded(const struct step *step, const struct id *hold_id, struct lost *lost)
{
    uint32_t slot = 0;
    (void)capacity_timetable_find(step->state->timetable, &step->subject_id, &slot);
    const struct session_terms *terms = capacity_timetable_terms(step->state->timetable, slot);
    lost->from = INT32_MAX;
    for (size_t at = 0; at < step->stranded.count; at++) {
        const struct weeks weeks = step->stranded.list[at].weeks;
        if (!id_equal(&step->stranded.list[at].hold_id, hold_id))
            continue;
        if (lost->from == INT32_MAX)
            lost->from = calendar_monday(weeks.first) + terms->monday_offset;
        lost->to = weeks.last == TIMETABLE_FOREVER
                       ? INT32_MAX
                       : calendar_monday(weeks.last) + terms->monday_offset;
        for (int32_t week = weeks.first;
             week <= weeks.last && lost->count<SITTINGS_TOLD_MAX; week += terms->every_weeks> 1
                 ? terms->every_weeks
                 : 1)
            capacity_lost_add(lost, &terms->session_id,
                              calendar_monday(week) + terms->monday_offset, step->decision);
    }
}

static Dw__DisruptionCause cause_of(const struct change *change)
{
    switch (change->what) {
    case DW__TELLING_WHAT__TELLING_WHAT_LIMITS:
        return DW__DISRUPTION_CAUSE__DISRUPTION_CAUSE_LIMIT_CUT;
    case DW__TELLING_WHAT__TELLING_WHAT_ENDED:
        return DW__DISRUPTION_CAUSE__DISRUPTION_CAUSE_SESSION_ENDED;
    case DW__TELLING_WHAT__TELLING_WHAT_UNSPECIFIED:
    case DW__TELLING_WHAT__TELLING_WHAT_CLOSED:
    case DW__TELLING_WHAT__TELLING_WHAT_LIFTED:
    case _DW__TELLING_WHAT_IS_INT_SIZE:
        break;
    }
    return DW__DISRUPTION_CAUSE__DISRUPTION_CAUSE_CLOSURE;
}

static void emit_disrupted(const struct step *step, const Dw__Booking *booking,
                           const Dw__Service *service, struct lost *lost)
{
    Dw__Date from = DW__DATE__INIT, to = DW__DATE__INIT;
    Dw__DisruptingClosure closure = DW__DISRUPTING_CLOSURE__INIT;
    Dw__SittingsDisrupted told = DW__SITTINGS_DISRUPTED__INIT;
    from.days = lost->from;
    to.days = lost->to;
    told.hold_id = booking->hold_id;
    told.service_id = booking->service_id;
    told.provider_id = booking->provider_id;
    told.person_id = booking->person_id;
    told.cause = cause_of(step->change);
    if (is_closure(step->change)) {
        closure.closure_id = step->change->closure->closure_id;
        closure.reason = step->change->closure->reason;
        told.closure = &closure;
    } else if (lost->count > 0) {
        told.session_id = lost->sittings[0]->session_id;
    }
    told.n_sittings = lost->count;
    told.sittings = lost->sittings;
    told.from = &from;
    told.to = lost->to == INT32_MAX ? NULL : &to;
    told.level = service->level;
    told.district = service->district;
    decision_emit(step->decision, &told.base);
}

static void emit_restored(const struct step *step, const Dw__Booking *booking,
                          const Dw__Service *service, const struct lost *lost)
{
    Dw__Date from = DW__DATE__INIT;
    Dw__SittingsRestored told = DW__SITTINGS_RESTORED__INIT;
    from.days = lost->from;
    told.hold_id = booking->hold_id;
    told.service_id = booking->service_id;
    told.provider_id = booking->provider_id;
    told.person_id = booking->person_id;
    told.closure_id = step->change->closure->closure_id;
    told.from = &from;
    told.level = service->level;
    told.district = service->district;
    if (!id_is_zero(&lost->clashes_hold_id))
        told.clashes_hold_id = id_to_data(&lost->clashes_hold_id);
    decision_emit(step->decision, &told.base);
}

/* False when the step is full: the booking is told by the next one. NULL: others' use, nobody's sittings. */
static bool tell_booking(struct step *step, const Dw__Booking *booking)
{
    struct lost lost = {.count = 0};
    if (booking == NULL)
        return true;
    const struct id hold_id = id_or_zero(&booking->hold_id);
    const struct id service_id = id_or_zero(&booking->service_id);
    if (is_closure(step->change))
        capacity_tell_closure(step->state, step->change, booking, step->decision, &lost);
    else
        tell_stranded(step, &hold_id, &lost);
    if (lost.count == 0)
        return true;
    if (step->events == STEP_EVENTS_MAX ||
        (step->events > 0 && step->sittings + lost.count > STEP_SITTINGS_MAX))
        return false;
    step->events++;
    step->sittings += lost.count;
    const Dw__Service *service = capacity_service_record(step->state, &service_id);
    if (step->change->what == DW__TELLING_WHAT__TELLING_WHAT_LIFTED)
        emit_restored(step, booking, service, &lost);
    else
        emit_disrupted(step, booking, service, &lost);
    return true;
}

/* --- the step ------------------------------------------------------------------------------------------------------------ */

static void emit_left(const struct step *step, const struct id *after)
{
    const struct change *change = step->change;
    Dw__Date closed_to = DW__DATE__INIT;
    Dw__Telling telling = DW__TELLING__INIT;
    Dw__TellingLeft left = DW__TELLING_LEFT__INIT;
    closed_to.days = change->closed_to;
    telling.subject_id = id_to_data(&step->subject_id);
    telling.what = change->what;
    telling.after_hold_id = id_to_data(after);
    if (change->what == DW__TELLING_WHAT__TELLING_WHAT_LIFTED && change->closed_to != INT32_MAX)
        telling.closed_to = &closed_to;
    telling.session = (Dw__Session *)(uintptr_t)change->session_before;
    telling.limits = (Dw__LimitSchedule *)(uintptr_t)change->limits_before;
    left.telling = &telling;
    decision_emit(step->decision, &left.base);
}

static void emit_done(const struct step *step)
{
    Dw__TellingDone done = DW__TELLING_DONE__INIT;
    if (capacity_telling(step->state, &step->subject_id, step->change->what) == NULL)
        return; /* it was one step only */
    done.subject_id = id_to_data(&step->subject_id);
    done.what = step->change->what;
    decision_emit(step->decision, &done.base);
}

void capacity_tell(const struct state *state, const struct change *change,
                   const struct id *after_hold_id, struct decision *decision)
{
    struct step step = {.state = state, .change = change, .decision = decision};
    if (is_closure(change)) {
        (void)id_from_data(&change->closure->closure_id, &step.subject_id);
        collect_of_closure(&step, after_hold_id);
    } else {
        (void)id_from_data(&change->session->session_id, &step.subject_id);
        collect_of_session(&step, after_hold_id);
    }
    for (size_t at = 0; at < step.ids_count; at++)
        if (!tell_booking(&step, capacity_booking(state, &step.ids[at]))) {
            emit_left(&step, &step.ids[at - 1]);
            return;
        }
    emit_done(&step);
}

/* The step of a declaration that goes on still will come to that booking. */
static bool will_be_told(const struct state *state, const struct id *closure_id,
                         const struct id *hold_id)
{
    const Dw__Telling *telling =
        capacity_telling(state, closure_id, DW__TELLING_WHAT__TELLING_WHAT_CLOSED);
    struct id after = {0};
    if (telling == NULL)
        return false;
    (void)id_from_data(&telling->after_hold_id, &after);
    return id_compare(hold_id, &after) > 0;
}

void capacity_tell_held(const struct state *state, const Dw__Booking *booking,
                        struct decision *decision)
{
    struct change change = {.what = DW__TELLING_WHAT__TELLING_WHAT_CLOSED};
    struct step step = {.state = state, .change = &change, .decision = decision};
    const struct id service_id = id_or_zero(&booking->service_id);
    const struct id hold_id = id_or_zero(&booking->hold_id);
    for (const struct id *id = lists_first(state->closures, &service_id); id != NULL;
         id = lists_next(state->closures, id)) {
        change.closure = capacity_closure(state, id);
        if (capacity_closure_last(change.closure) < booking->from->days ||
            change.closure->from->days > capacity_date_or_never(booking->to) ||
            will_be_told(state, id, &hold_id))
            continue;
        if (tell_booking(&step, booking))
            continue;
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_CLOSED,
                        "More closures lie in these dates than one booking can be told of; ask "
                        "for fewer dates.");
        return;
    }
}

bool capacity_is_telling(const struct state *state, const struct id *subject_id,
                         struct decision *decision)
{
    for (Dw__TellingWhat what = DW__TELLING_WHAT__TELLING_WHAT_CLOSED;
         what <= DW__TELLING_WHAT__TELLING_WHAT_ENDED; what++)
        if (capacity_telling(state, subject_id, what) != NULL) {
            decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_STILL_TELLING,
                            "Whom the last change touches is still being told; ask again in a "
                            "second.");
            return true;
        }
    return false;
}

void capacity_decide_tell_disruptions(const struct state *state, const ProtobufCMessage *command,
                                      const struct context *ctx, struct decision *decision)
{
    (void)ctx;
    const Dw__TellDisruptions *tell = (const Dw__TellDisruptions *)command;
    struct id subject_id, after = {0};
    if (!capacity_check_id(decision, "subject_id", &tell->subject_id, &subject_id))
        return;
    const Dw__Telling *telling = capacity_telling(state, &subject_id, tell->what);
    if (telling == NULL)
        return; /* done in the same turn */
    const struct change change = {
        .what = tell->what,
        .closure = capacity_closure(state, &subject_id),
        .closed_to = capacity_date_or_never(telling->closed_to),
        .session = capacity_session(state, &subject_id),
        .limits = capacity_limit_schedule(state, &subject_id),
        .session_before = telling->session,
        .limits_before = telling->limits,
    };
    (void)id_from_data(&telling->after_hold_id, &after);
    capacity_tell(state, &change, &after, decision);
}
