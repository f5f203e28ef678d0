/* ChangeLimits and EndSession: a session has more or less room from a date on, or none. Whom less room strands is said before, by a
 * refusal, or told after, when the command says that it may strand people. */
#include <string.h>

#include "common/calendar.h"
#include "services/capacity/checks.h"
#include "services/capacity/tell.h"

/* A session and its service, as a command finds them. */
struct target {
    struct id session_id;
    uint32_t slot;
    const Dw__Session *session;
    const Dw__Service *service;
    const Dw__LimitSchedule *limits; /* NULL: none */
};

/* False after saying that there is no such session, or what else stands against it. A provider changes its own only. */
static bool find_target(const struct state *state, const ProtobufCBinaryData *data,
                        const struct context *ctx, struct decision *decision,
                        struct target *ret_target)
{
    struct id provider_id = {0};
    if (!capacity_check_id(decision, "session_id", data, &ret_target->session_id))
        return false;
    ret_target->session = capacity_session(state, &ret_target->session_id);
    ret_target->limits = capacity_limit_schedule(state, &ret_target->session_id);
    if (ret_target->session != NULL &&
        capacity_timetable_find(state->timetable, &ret_target->session_id, &ret_target->slot))
        ret_target->service = capacity_service_record(
            state, &capacity_timetable_terms(state->timetable, ret_target->slot)->service_id);
    if (ret_target->service != NULL)
        (void)id_from_data(&ret_target->service->provider_id, &provider_id);
    if (ret_target->service == NULL || !principal_sees(ctx->principal, &provider_id)) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SESSION_UNKNOWN,
                        "There is no session with this id; set it first.");
        return false;
    }
    return !capacity_is_telling(state, &ret_target->session_id, decision);
}

/* Refuses a change that leaves people without a place, unless it may. */
static void check_strands(const struct state *state, const struct change *change,
                          const struct target *target, bool may_strand, struct decision *decision)
{
    char date[CALENDAR_TEXT_SIZE] = "";
    bool is_over;
    size_t people = 0;
    const struct hold_list stranded = capacity_stranded(state, change, target->slot, &is_over);
    int32_t first = INT32_MAX;
    if (may_strand || !is_over)
        return;
    for (size_t at = 0; at < stranded.count; at++) {
        const struct hold_weeks *one = &stranded.list[at];
        people += at == 0 || !id_equal(&stranded.list[at - 1].hold_id, &one->hold_id);
        first = one->weeks.first < first ? one->weeks.first : first;
    }
    if (people == 0) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_LIMIT_BELOW_USE,
                        "Others use more than would be left; make their use less first.");
        return;
    }
    calendar_to_text(calendar_monday(first) +
                         capacity_timetable_terms(state->timetable, target->slot)->monday_offset,
                     date);
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_LIMIT_BELOW_USE,
                    people == 1
                        ? "%zu booking would be without a place, from %s on; move it first, "
                          "or say strand and it is told of."
                        : "%zu bookings would be without a place, the first from %s on; move them "
                          "first, or say strand and they are told of.",
                    people, date);
}

size_t capacity_limits_merged(const Dw__LimitSchedule *known, Dw__LimitChange *change,
                              Dw__LimitChange *ret_changes[LIMIT_CHANGES_MAX + 1])
{
    size_t count = 0;
    bool is_in = false;
    for (size_t at = 0; known != NULL && at < known->n_changes; at++) {
        if (!is_in && known->changes[at]->from->days >= change->from->days) {
            ret_changes[count++] = change;
            is_in = true;
        }
        if (known->changes[at]->from->days != change->from->days)
            ret_changes[count++] = known->changes[at];
    }
    if (!is_in)
        ret_changes[count++] = change;
    return count;
}

void capacity_limits_fold(Dw__LimitSchedule *schedule, Dw__Session *session)
{
    if (schedule->n_changes <= LIMIT_CHANGES_MAX)
        return;
    session->n_limits = schedule->changes[0]->n_limits;
    session->limits = schedule->changes[0]->limits;
    schedule->changes++;
    schedule->n_changes--;
}

static bool check_words(const Dw__ChangeLimits *wish, const struct context *ctx,
                        struct decision *decision)
{
    const char *range_fault = capacity_range_fault(wish->from, NULL);
    const char *limits_fault = capacity_amounts_fault(wish->limits, wish->n_limits);
    bool has_places = false;
    for (size_t at = 0; at < wish->n_limits; at++)
        has_places |= wish->limits[at]->kind == DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    if (range_fault != NULL)
        decision_invalid(decision, "from", "%s", range_fault);
    else if (wish->from->days < ctx->today)
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_DATE_PAST,
                        "What has been is history; name today or a later date.");
    else if (limits_fault != NULL)
        decision_invalid(decision, "limits", "%s", limits_fault);
    else if (!has_places)
        decision_invalid(decision, "limits", "it must say how many places there are");
    return !decision_is_no(decision);
}

/* True when the session has this change already. */
static bool is_known(const Dw__LimitSchedule *known, const Dw__LimitChange *change,
                     struct decision *decision)
{
    for (size_t at = 0; known != NULL && at < known->n_changes; at++)
        if (decision_same(decision, &known->changes[at]->base, &change->base))
            return true;
    return false;
}

static void emit_changed(const struct target *target, const Dw__LimitChange *change,
                         struct decision *decision)
{
    Dw__LimitsChanged changed = DW__LIMITS_CHANGED__INIT;
    changed.session_id = target->session->session_id;
    changed.from = change->from;
    changed.n_limits = change->n_limits;
    changed.limits = change->limits;
    changed.service_id = target->service->service_id;
    changed.provider_id = target->service->provider_id;
    changed.level = target->service->level;
    changed.district = target->service->district;
    decision_emit(decision, &changed.base);
}

void capacity_decide_change_limits(const struct state *state, const ProtobufCMessage *command,
                                   const struct context *ctx, struct decision *decision)
{
    static const struct id first = {{0}};
    const Dw__ChangeLimits *wish = (const Dw__ChangeLimits *)command;
    struct target target = {.service = NULL};
    Dw__LimitChange change = DW__LIMIT_CHANGE__INIT;
    Dw__LimitChange *changes[LIMIT_CHANGES_MAX + 1];
    Dw__LimitSchedule schedule = DW__LIMIT_SCHEDULE__INIT;
    if (!check_words(wish, ctx, decision) ||
        !find_target(state, &wish->session_id, ctx, decision, &target))
        return;
    change.from = wish->from;
    change.n_limits = wish->n_limits;
    change.limits = wish->limits;
    if (is_known(target.limits, &change, decision))
        return; /* it is so already */
    schedule.changes = changes;
    schedule.n_changes = capacity_limits_merged(target.limits, &change, changes);
    const bool gives_way = schedule.n_changes > LIMIT_CHANGES_MAX;
    if (gives_way && changes[0]->from->days >= ctx->today) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_TOO_MANY_CHANGES,
                        "A session has at most %d changes to come; name the date of one of them, "
                        "or wait until one has come.",
                        LIMIT_CHANGES_MAX);
        return;
    }
    /* The oldest gives way in what was before as well, so that nobody is told of what has been. */
    Dw__Session session = *target.session;
    Dw__LimitSchedule before = DW__LIMIT_SCHEDULE__INIT;
    if (gives_way) {
        before.n_changes = target.limits->n_changes - 1;
        before.changes = target.limits->changes + 1;
        capacity_limits_fold(&schedule, &session);
    }
    const struct change told = {.what = DW__TELLING_WHAT__TELLING_WHAT_LIMITS,
                                .session = &session,
                                .limits = &schedule,
                                .session_before = &session,
                                .limits_before = gives_way ? &before : target.limits};
    check_strands(state, &told, &target, wish->strand, decision);
    if (decision_is_no(decision))
        return;
    emit_changed(&target, &change, decision);
    capacity_tell(state, &told, &first, decision);
}

static bool check_last(const Dw__EndSession *wish, const struct target *target,
                       const struct context *ctx, struct decision *decision)
{
    const int32_t known = capacity_date_or_never(target->session->to);
    if (wish->last->days < ctx->today - 1) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_DATE_PAST,
                        "What has been is history; name yesterday or a later date.");
    } else if (wish->last->days > known) {
        char date[CALENDAR_TEXT_SIZE];
        calendar_to_text(known, date);
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SESSION_NOT_RUNNING,
                        "This session ends on %s already; set it with a later date to go on.",
                        date);
    }
    return !decision_is_no(decision);
}

void capacity_decide_end_session(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision)
{
    static const struct id first = {{0}};
    const Dw__EndSession *wish = (const Dw__EndSession *)command;
    struct target target = {.service = NULL};
    if (capacity_range_fault(wish->last, NULL) != NULL) {
        decision_invalid(decision, "last", "the last date must be said, in the years 1900 to 2199");
        return;
    }
    if (!find_target(state, &wish->session_id, ctx, decision, &target))
        return;
    if (wish->last->days == capacity_date_or_never(target.session->to))
        return; /* it is so already */
    if (!check_last(wish, &target, ctx, decision))
        return;
    Dw__Session session = *target.session;
    session.to = wish->last;
    const struct change told = {.what = DW__TELLING_WHAT__TELLING_WHAT_ENDED,
                                .session = &session,
                                .limits = target.limits,
                                .session_before = target.session,
                                .limits_before = target.limits};
    check_strands(state, &told, &target, wish->strand, decision);
    if (decision_is_no(decision))
        return;
    Dw__SessionEnded ended = DW__SESSION_ENDED__INIT;
    ended.session = &session;
    ended.provider_id = target.service->provider_id;
    ended.level = target.service->level;
    ended.district = target.service->district;
    decision_emit(decision, &ended.base);
    capacity_tell(state, &told, &first, decision);
}
