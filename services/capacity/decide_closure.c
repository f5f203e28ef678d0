/* DeclareClosure and LiftClosure: sittings that do not take place, and whom that touches. */
#include "common/calendar.h"
#include "services/capacity/checks.h"
#include "services/capacity/closing.h"
#include "services/capacity/tell.h"

enum {
    CLOSURES_MAX =
        1000,       /* of a service, past ones among them: twenty years of bank holidays and more */
    BACK_MAX = 366, /* days: what was closed before then is in reports that are sent */
    PROVIDER_BACK_MAX =
        7, /* a provider says it within the week; what it charges for depends on it */
    CLOSURE_SESSIONS_MAX = 100, /* named one by one: who closes more closes them all */
};

/* Each session is one of the service's, and named once. */
static void check_sessions(const struct state *state, const Dw__DeclareClosure *wish,
                           const Dw__Service *service, struct decision *decision)
{
    struct id service_id = {0}, ids[CLOSURE_SESSIONS_MAX];
    (void)id_from_data(&service->service_id, &service_id);
    if (wish->n_session_ids > CLOSURE_SESSIONS_MAX) {
        decision_invalid(decision, "session_ids",
                         "at most 100 sessions are named; none means all of them");
        return;
    }
    for (size_t at = 0; at < wish->n_session_ids; at++) {
        uint32_t slot;
        if (!capacity_check_id(decision, "session_ids", &wish->session_ids[at], &ids[at]))
            return;
        for (size_t other = 0; other < at; other++)
            if (id_equal(&ids[at], &ids[other]))
                decision_invalid(decision, "session_ids", "it names a session twice");
        if (!capacity_timetable_find(state->timetable, &ids[at], &slot) ||
            !id_equal(&capacity_timetable_terms(state->timetable, slot)->service_id, &service_id))
            decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SESSION_UNKNOWN,
                            "The service has no session with the id at place %zu.", at + 1);
    }
}

/* The closure as it was declared, whatever has become of it. */
static bool is_said_again(const Dw__Closure *known, const Dw__Closure *closure,
                          struct decision *decision)
{
    Dw__Closure declared = *known;
    declared.lifted = NULL;
    declared.declared_seq = 0;
    declared.lifted_seq = 0;
    return decision_same(decision, &declared.base, &closure->base);
}

bool capacity_closure_is_new(const struct state *state, const Dw__Closure *closure,
                             struct decision *decision)
{
    struct id closure_id = {0}, service_id = {0};
    (void)id_from_data(&closure->closure_id, &closure_id);
    (void)id_from_data(&closure->service_id, &service_id);
    const Dw__Closure *known = capacity_closure(state, &closure_id);
    if (known != NULL && is_said_again(known, closure, decision))
        return false;
    if (known != NULL || capacity_site_is_closed(state, &closure_id))
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ALREADY_EXISTS,
                        "A closure with this id exists and says something else; send a fresh id.");
    else if (lists_count(state->closures, &service_id) >= CLOSURES_MAX)
        decision_invalid(decision, "service_id", "a service has at most 1000 closures");
    return !decision_is_no(decision);
}

static bool is_provider(const struct context *ctx)
{
    return ctx->principal->role == DW__ROLE__ROLE_PROVIDER_MANAGER;
}

static void refuse_past(int32_t first, const char *instead, struct decision *decision)
{
    char date[CALENDAR_TEXT_SIZE];
    calendar_to_text(first, date);
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_DATE_PAST,
                    "What has been is history; name %s or a later date%s.", date, instead);
}

void capacity_closure_check_from(const Dw__Closure *closure, const struct context *ctx,
                                 struct decision *decision)
{
    const int32_t first = ctx->today - (is_provider(ctx) ? PROVIDER_BACK_MAX : BACK_MAX);
    if (closure->from->days < first)
        refuse_past(first, is_provider(ctx) ? ", or ask the council to declare it" : "", decision);
}

static void emit_declared(const struct state *state, Dw__Closure *closure,
                          const Dw__Service *service, struct decision *decision)
{
    static const struct id first = {{0}};
    const struct change change = {.what = DW__TELLING_WHAT__TELLING_WHAT_CLOSED,
                                  .closure = closure};
    Dw__ClosureDeclared declared = DW__CLOSURE_DECLARED__INIT;
    declared.closure = closure;
    declared.provider_id = service->provider_id;
    declared.level = service->level;
    declared.district = service->district;
    decision_emit(decision, &declared.base);
    capacity_tell(state, &change, &first, decision);
}

void capacity_decide_declare_closure(const struct state *state, const ProtobufCMessage *command,
                                     const struct context *ctx, struct decision *decision)
{
    const Dw__DeclareClosure *wish = (const Dw__DeclareClosure *)command;
    struct id closure_id;
    const char *fault = capacity_range_fault(wish->from, wish->to);
    if (!capacity_check_id(decision, "closure_id", &wish->closure_id, &closure_id))
        return;
    if (fault != NULL) {
        decision_invalid(decision, "from", "%s", fault);
        return;
    }
    if (wish->site_id.len > 0) {
        capacity_site_close(state, wish, &closure_id, ctx, decision);
        return;
    }
    const Dw__Service *service = capacity_own_service(state, &wish->service_id, ctx, decision);
    if (service == NULL)
        return;
    Dw__Closure closure = DW__CLOSURE__INIT;
    closure.closure_id = wish->closure_id;
    closure.service_id = wish->service_id;
    closure.n_session_ids = wish->n_session_ids;
    closure.session_ids = wish->session_ids;
    closure.from = wish->from;
    closure.to = wish->to;
    closure.reason = wish->reason;
    if (!capacity_closure_is_new(state, &closure, decision))
        return;
    capacity_closure_check_from(&closure, ctx, decision);
    check_sessions(state, wish, service, decision);
    if (!decision_is_no(decision))
        emit_declared(state, &closure, service, decision);
}

bool capacity_closure_may_lift(const Dw__Date *from, const struct context *ctx,
                               struct decision *decision)
{
    if (!is_provider(ctx) || from->days >= ctx->today)
        return true;
    refuse_past(ctx->today, ", or ask the council to lift it", decision);
    return false;
}

void capacity_closure_refuse_over(int32_t last, struct decision *decision)
{
    char date[CALENDAR_TEXT_SIZE];
    calendar_to_text(last, date);
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_CLOSURE_OVER,
                    "This closure ends on %s already; declare another one for later dates.", date);
}

static void emit_lifted(const struct state *state, const Dw__Closure *known, Dw__Date *from,
                        const Dw__Service *service, struct decision *decision)
{
    static const struct id first = {{0}};
    Dw__Closure closure = *known;
    closure.lifted = from;
    closure.lifted_seq = 0; /* it is lifted now */
    const struct change change = {.what = DW__TELLING_WHAT__TELLING_WHAT_LIFTED,
                                  .closure = &closure,
                                  .closed_to = capacity_closure_last(known)};
    Dw__ClosureLifted lifted = DW__CLOSURE_LIFTED__INIT;
    lifted.closure = &closure;
    lifted.provider_id = service->provider_id;
    lifted.level = service->level;
    lifted.district = service->district;
    decision_emit(decision, &lifted.base);
    capacity_tell(state, &change, &first, decision);
}

void capacity_decide_lift_closure(const struct state *state, const ProtobufCMessage *command,
                                  const struct context *ctx, struct decision *decision)
{
    const Dw__LiftClosure *wish = (const Dw__LiftClosure *)command;
    struct id closure_id, service_id = {0}, provider_id = {0};
    if (!capacity_check_id(decision, "closure_id", &wish->closure_id, &closure_id))
        return;
    if (capacity_range_fault(wish->from, NULL) != NULL) {
        decision_invalid(decision, "from", "the first open date must be said, in 1900 to 2199");
        return;
    }
    const Dw__Closure *known = capacity_closure(state, &closure_id);
    if (capacity_site_is_closed(state, &closure_id)) {
        capacity_site_lift(state, &closure_id, wish->from, ctx, decision);
        return;
    }
    if (known != NULL)
        (void)id_from_data(&known->service_id, &service_id);
    const Dw__Service *service = capacity_service_record(state, &service_id);
    if (service != NULL)
        (void)id_from_data(&service->provider_id, &provider_id);
    if (service == NULL || !principal_sees(ctx->principal, &provider_id)) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_CLOSURE_UNKNOWN,
                        "There is no closure with this id; declare it first.");
        return;
    }
    if (known->lifted != NULL && known->lifted->days == wish->from->days)
        return; /* it is so already */
    if (!capacity_closure_may_lift(wish->from, ctx, decision) ||
        capacity_is_telling(state, &closure_id, decision))
        return;
    const int32_t last = capacity_closure_last(known);
    if (wish->from->days > last) {
        capacity_closure_refuse_over(last, decision);
        return;
    }
    emit_lifted(state, known, wish->from, service, decision);
}
