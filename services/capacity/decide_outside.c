/* SetOutsideUse: places of a session that are not this council's to give. They count like places that are held: on no sitting may
 * there be more than its limits. And ConfirmCapacity: what is known of a service's room still holds. */
#include "common/calendar.h"
#include "services/capacity/checks.h"
#include "services/capacity/state.h"

/* Uses of a session: what is left in the far future is counted from all of them. */
enum { OUTSIDE_MAX = 100 };

/* What is asked for, checked, and what the same use takes now. */
struct asking {
    struct id outside_id;
    uint32_t slot;
    int16_t uses[LIMIT_KINDS];
    struct weeks weeks;
    int16_t own_uses[LIMIT_KINDS];
    struct weeks own_weeks; /* none when it is new */
};

static bool check_words(const Dw__OutsideUse *outside, struct decision *decision)
{
    const char *range_fault = capacity_range_fault(outside->from, outside->to);
    const char *uses_fault = capacity_amounts_fault(outside->uses, outside->n_uses);
    if (outside->user == DW__OUTSIDE_USER__OUTSIDE_USER_UNSPECIFIED)
        decision_invalid(decision, "outside.user", "it must be said, and it is not");
    else if (range_fault != NULL)
        decision_invalid(decision, "outside.from", "%s", range_fault);
    else if (uses_fault != NULL)
        decision_invalid(decision, "outside.uses", "%s", uses_fault);
    return !decision_is_no(decision);
}

/* The session's service, when there is one and it may be told this; else NULL and the decision says why not. */
static const Dw__Service *find_service(const struct state *state, const Dw__OutsideUse *outside,
                                       const struct context *ctx, struct decision *decision,
                                       struct asking *ret_asking)
{
    struct id session_id;
    struct id provider_id = {0};
    if (!capacity_check_id(decision, "outside.session_id", &outside->session_id, &session_id))
        return NULL;
    const Dw__Service *service = NULL;
    if (capacity_timetable_find(state->timetable, &session_id, &ret_asking->slot))
        service = capacity_service_record(
            state, &capacity_timetable_terms(state->timetable, ret_asking->slot)->service_id);
    if (service != NULL)
        (void)id_from_data(&service->provider_id, &provider_id);
    if (service != NULL && principal_sees(ctx->principal, &provider_id))
        return service;
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SESSION_UNKNOWN,
                    "There is no session with this id; set it first.");
    return NULL;
}

/* True when there is something to record. */
static bool check_id_is_its_own(const struct state *state, const Dw__OutsideUse *outside,
                                const Dw__OutsideUse *known, const struct id *outside_id,
                                struct decision *decision)
{
    struct id session_id = {0};
    struct id known_session_id = {0};
    (void)id_from_data(&outside->session_id, &session_id);
    if (known != NULL)
        (void)id_from_data(&known->session_id, &known_session_id);
    if (known == NULL ? outside->n_uses == 0 && capacity_booking(state, outside_id) == NULL
                      : decision_same(decision, &known->base, &outside->base))
        return false;
    if (capacity_booking(state, outside_id) != NULL ||
        (known != NULL && !id_equal(&session_id, &known_session_id)))
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ALREADY_EXISTS,
                        "This id stands for a hold, or for the use of another session; send a "
                        "fresh id.");
    return !decision_is_no(decision);
}

static int32_t smaller(int32_t one, int32_t other)
{
    return one < other ? one : other;
}

/* The least that others leave on the wanted weeks. */
static int32_t left_by_others(const struct state *state, const struct asking *asking, size_t limit,
                              int32_t this_week)
{
    const struct weeks own = asking->own_weeks;
    const struct weeks both = capacity_weeks_both(asking->weeks, own);
    if (both.last < both.first)
        return capacity_timetable_free(state->timetable, asking->slot, limit, asking->weeks,
                                       this_week);
    const struct weeks before = {asking->weeks.first, both.first - 1};
    int32_t left = capacity_timetable_free(state->timetable, asking->slot, limit, both, this_week) +
                   asking->own_uses[limit];
    left = smaller(
        left, capacity_timetable_free(state->timetable, asking->slot, limit, before, this_week));
    if (both.last == TIMETABLE_FOREVER)
        return left;
    const struct weeks after = {both.last + 1, asking->weeks.last};
    return smaller(
        left, capacity_timetable_free(state->timetable, asking->slot, limit, after, this_week));
}

/* True when it takes no more than it did in these weeks, in which there may be more than a limit that has been cut since. */
static bool is_no_more(const struct asking *asking, struct weeks weeks, size_t limit)
{
    return asking->own_weeks.first <= weeks.first && weeks.last <= asking->own_weeks.last &&
           asking->uses[limit] <= asking->own_uses[limit];
}

static void check_room(const struct state *state, const struct asking *asking, struct weeks weeks,
                       int32_t this_week, struct decision *decision)
{
    struct asking part = *asking;
    part.weeks = weeks;
    for (size_t limit = 0; limit < LIMIT_KINDS && weeks.first <= weeks.last; limit++) {
        if (asking->uses[limit] == 0 || is_no_more(asking, weeks, limit))
            continue;
        const int32_t left = left_by_others(state, &part, limit, this_week);
        if (left < asking->uses[limit])
            decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT,
                            "On the fullest of these sittings %d %s are left, so %d is too many; "
                            "take at most %d, or raise the session's limit first.",
                            left < 0 ? 0 : left, capacity_limit_name(limit), asking->uses[limit],
                            left < 0 ? 0 : left);
    }
}

/* What has been is history: there it may only become less, and the session may have run at other dates since. */
static void check_fits(const struct state *state, const struct asking *asking, int32_t this_week,
                       struct decision *decision)
{
    const struct session_terms *terms = capacity_timetable_terms(state->timetable, asking->slot);
    struct weeks past = asking->weeks;
    struct weeks ahead = asking->weeks;
    if (past.last >= this_week)
        past.last = this_week - 1;
    if (ahead.first < this_week)
        ahead.first = this_week;
    if (ahead.first <= ahead.last &&
        (ahead.first < terms->runs.first || ahead.last > terms->runs.last)) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SESSION_NOT_RUNNING,
                        "The session does not run over the whole range; choose dates within those "
                        "of the session.");
        return;
    }
    check_room(state, asking, past, this_week, decision);
    check_room(state, asking, ahead, this_week, decision);
}

void capacity_decide_set_outside_use(const struct state *state, const ProtobufCMessage *command,
                                     const struct context *ctx, struct decision *decision)
{
    Dw__OutsideUse *outside = ((const Dw__SetOutsideUse *)command)->outside;
    struct asking asking = {.own_weeks = {0, -1}};
    if (outside == NULL) {
        decision_invalid(decision, "outside", "it must be said, and it is not");
        return;
    }
    if (!capacity_check_id(decision, "outside.outside_id", &outside->outside_id,
                           &asking.outside_id) ||
        !check_words(outside, decision))
        return;
    const Dw__Service *service = find_service(state, outside, ctx, decision, &asking);
    const Dw__OutsideUse *known = capacity_outside(state, &asking.outside_id);
    if (service == NULL ||
        !check_id_is_its_own(state, outside, known, &asking.outside_id, decision))
        return;
    const struct session_terms *terms = capacity_timetable_terms(state->timetable, asking.slot);
    capacity_limits(outside->uses, outside->n_uses, asking.uses);
    asking.weeks =
        capacity_sittings(terms, outside->from->days, capacity_date_or_never(outside->to));
    if (asking.weeks.last < asking.weeks.first) {
        decision_invalid(decision, "outside.from", "the session never sits between these dates");
        return;
    }
    if (known != NULL) {
        capacity_limits(known->uses, known->n_uses, asking.own_uses);
        asking.own_weeks =
            capacity_sittings(terms, known->from->days, capacity_date_or_never(known->to));
    }
    if (outside->n_uses > 0)
        check_fits(state, &asking, calendar_week(ctx->today), decision);
    if (known == NULL && lists_count(state->outside_uses, &terms->session_id) >= OUTSIDE_MAX)
        decision_invalid(decision, "outside.outside_id",
                         "a session has at most %d outside uses; change one of them", OUTSIDE_MAX);
    Dw__OutsideUseSet set = DW__OUTSIDE_USE_SET__INIT;
    set.outside = outside;
    set.provider_id = service->provider_id;
    set.service_id = service->service_id;
    set.level = service->level;
    set.district = service->district;
    decision_emit(decision, &set.base);
}

/* Dates are all that is kept of it, so that it counts once a day. */
void capacity_decide_confirm_capacity(const struct state *state, const ProtobufCMessage *command,
                                      const struct context *ctx, struct decision *decision)
{
    const Dw__ConfirmCapacity *wish = (const Dw__ConfirmCapacity *)command;
    const Dw__Service *service = capacity_own_service(state, &wish->service_id, ctx, decision);
    if (service == NULL)
        return;
    const struct id service_id = id_or_zero(&wish->service_id);
    const Dw__Confirmation *known = capacity_confirmation(state, &service_id);
    if (known != NULL && known->date->days == ctx->today)
        return;
    Dw__CapacityConfirmed confirmed = DW__CAPACITY_CONFIRMED__INIT;
    confirmed.service_id = service->service_id;
    confirmed.provider_id = service->provider_id;
    confirmed.level = service->level;
    confirmed.district = service->district;
    decision_emit(decision, &confirmed.base);
}
