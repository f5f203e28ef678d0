/* RestoreSittings: tells whoever was left without room in a session, or lost it by its end, and has sittings again. See room.h. */
#include "services/capacity/tell.h"

#include "common/calendar.h"
#include "services/capacity/checks.h"

enum {
    EVENTS_MAX = 200,    /* of a decision, as of a step of what is lost (tell.c) */
    SITTINGS_MAX = 4000, /* the same */
};

/* One decision's worth. */
struct giving {
    const struct state *state;
    const struct session_terms *terms;
    int32_t today;
    struct decision *decision;
    size_t events;
    size_t sittings;
};

static int32_t date_of(const struct session_terms *terms, int32_t week)
{
    return week == TIMETABLE_FOREVER ? INT32_MAX : calendar_monday(week) + terms->monday_offset;
}

static const Dw__StrandedBooking *record_of(const struct giving *giving, const Dw__Booking *booking,
                                            const struct id *hold_id)
{
    for (size_t at = 0; at < booking->n_session_ids; at++) {
        const struct id session_id = id_or_zero(&booking->session_ids[at]);
        if (id_equal(&session_id, &giving->terms->session_id))
            return capacity_stranded_booking(giving->state, hold_id, (uint32_t)at);
    }
    return NULL;
}

/* The sittings that the booking has again, by the runs of weeks, which ascend. */
static void list_regained(const struct giving *giving, const struct hold_weeks *runs, size_t count,
                          struct lost *ret_lost)
{
    const struct session_terms *terms = giving->terms;
    const int32_t step = terms->every_weeks > 1 ? terms->every_weeks : 1;
    ret_lost->from = date_of(terms, runs[0].weeks.first);
    ret_lost->to = date_of(terms, runs[count - 1].weeks.last);
    for (size_t at = 0; at < count; at++)
        for (int32_t week = runs[at].weeks.first;
             week <= runs[at].weeks.last && ret_lost->count < SITTINGS_TOLD_MAX; week += step)
            capacity_lost_add(ret_lost, &terms->session_id, date_of(terms, week), giving->decision);
}

/* First and last week of the piece, if there is one, belong to what is left. */
static void leave(const struct session_terms *terms, struct weeks piece, struct weeks *left)
{
    const struct weeks weeks = capacity_weeks_sitting(terms, piece);
    if (weeks.last < weeks.first)
        return;
    if (left->last < left->first)
        *left = weeks;
    left->last = weeks.last > left->last ? weeks.last : left->last;
}

/* What is lost still from today on: the first and the last of it. */
static struct weeks find_left(const struct giving *giving, const Dw__StrandedBooking *known,
                              const struct hold_weeks *runs, size_t count)
{
    struct weeks left = {0, -1};
    const struct weeks ahead = capacity_sittings(giving->terms, giving->today, INT32_MAX);
    for (size_t span = 0; span < known->n_lost; span++) {
        struct weeks weeks =
            capacity_weeks_both(capacity_span_weeks(giving->terms, known->lost[span]), ahead);
        for (size_t at = 0; at < count && weeks.first <= weeks.last; at++) {
            const struct weeks run = runs[at].weeks;
            if (run.last < weeks.first || weeks.last < run.first)
                continue;
            leave(giving->terms, (struct weeks){weeks.first, run.first - 1}, &left);
            weeks.first = run.last == TIMETABLE_FOREVER ? TIMETABLE_FOREVER : run.last + 1;
            if (run.last == TIMETABLE_FOREVER)
                weeks.last = TIMETABLE_FOREVER - 1;
        }
        leave(giving->terms, weeks, &left);
    }
    return left;
}

static void emit_regained(const struct giving *giving, const Dw__Booking *booking,
                          const Dw__Service *service, const struct lost *back, struct weeks left)
{
    Dw__Date from = DW__DATE__INIT, left_from = DW__DATE__INIT, left_to = DW__DATE__INIT;
    Dw__SittingsRestored told = DW__SITTINGS_RESTORED__INIT;
    from.days = back->from;
    left_from.days = date_of(giving->terms, left.first);
    left_to.days = date_of(giving->terms, left.last);
    told.hold_id = booking->hold_id;
    told.service_id = booking->service_id;
    told.provider_id = booking->provider_id;
    told.person_id = booking->person_id;
    told.from = &from;
    told.level = service->level;
    told.district = service->district;
    told.session_id = id_to_data(&giving->terms->session_id);
    told.n_sittings = back->count;
    told.sittings = (Dw__DisruptedSitting **)(uintptr_t)back->sittings;
    if (left.first <= left.last) {
        told.left_from = &left_from;
        told.left_to = left.last == TIMETABLE_FOREVER ? NULL : &left_to;
    }
    decision_emit(giving->decision, &told.base);
}

/* False when the decision is full: whoever is left is told by the next one. */
static bool give_back(struct giving *giving, const struct hold_weeks *runs, size_t count)
{
    struct lost back = {.count = 0};
    const struct id *hold_id = &runs[0].hold_id;
    const Dw__Booking *booking = capacity_booking(giving->state, hold_id);
    const Dw__StrandedBooking *known = record_of(giving, booking, hold_id);
    const Dw__Service *service = capacity_service_record(giving->state, &giving->terms->service_id);
    list_regained(giving, runs, count, &back);
    if (giving->events == EVENTS_MAX ||
        (giving->events > 0 && giving->sittings + back.count > SITTINGS_MAX))
        return false;
    giving->events++;
    giving->sittings += back.count;
    emit_regained(giving, booking, service, &back, find_left(giving, known, runs, count));
    return true;
}

void capacity_decide_restore_sittings(const struct state *state, const ProtobufCMessage *command,
                                      const struct context *ctx, struct decision *decision)
{
    struct giving giving = {.state = state, .today = ctx->today, .decision = decision};
    struct id session_id;
    uint32_t slot;
    if (!capacity_check_id(decision, "session_id",
                           &((const Dw__RestoreSittings *)command)->session_id, &session_id) ||
        !capacity_timetable_find(state->timetable, &session_id, &slot))
        return;
    giving.terms = capacity_timetable_terms(state->timetable, slot);
    const struct hold_list regained = capacity_regained(state, slot, ctx->today);
    size_t count = 0;
    for (size_t at = 0; at < regained.count; at += count) {
        const struct hold_weeks *runs = &regained.list[at];
        for (count = 1; at + count < regained.count; count++)
            if (!id_equal(&runs[count].hold_id, &runs[0].hold_id))
                break;
        if (!give_back(&giving, runs, count))
            return;
    }
}
