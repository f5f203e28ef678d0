/* What closures, changes of limits and ends of sessions change, and how far they are told. See evolve.c. */
#include "services/capacity/state.h"

void capacity_evolve_closure_declared(struct state *state, const ProtobufCMessage *event,
                                      const struct recorded *recorded)
{
    Dw__Closure closure = *((const Dw__ClosureDeclared *)event)->closure;
    const struct id id = id_or_zero(&closure.closure_id);
    closure.declared_seq = recorded->seq;
    entities_put(state->entities, KIND_CLOSURE, &id, 0, &closure.base);
}

void capacity_evolve_closure_lifted(struct state *state, const ProtobufCMessage *event,
                                    const struct recorded *recorded)
{
    const struct id id = id_or_zero(&((const Dw__ClosureLifted *)event)->closure->closure_id);
    const Dw__Closure *known = capacity_closure(state, &id);
    if (known == NULL)
        return;
    Dw__Closure closure = *known;
    closure.lifted = ((const Dw__ClosureLifted *)event)->closure->lifted;
    closure.lifted_seq = recorded->seq;
    entities_put(state->entities, KIND_CLOSURE, &id, 0, &closure.base);
}

void capacity_evolve_limits_changed(struct state *state, const ProtobufCMessage *event,
                                    const struct recorded *recorded)
{
    const Dw__LimitsChanged *changed = (const Dw__LimitsChanged *)event;
    const struct id id = id_or_zero(&changed->session_id);
    Dw__LimitChange change = DW__LIMIT_CHANGE__INIT;
    Dw__LimitChange *changes[LIMIT_CHANGES_MAX + 1];
    Dw__LimitSchedule schedule = DW__LIMIT_SCHEDULE__INIT;
    change.from = changed->from;
    change.n_limits = changed->n_limits;
    change.limits = changed->limits;
    schedule.changes = changes;
    schedule.n_changes =
        capacity_limits_merged(capacity_limit_schedule(state, &id), &change, changes);
    capacity_put_limits(state, capacity_session(state, &id), &schedule);
    capacity_confirm(state, &changed->service_id, recorded);
}

void capacity_evolve_session_ended(struct state *state, const ProtobufCMessage *event,
                                   const struct recorded *recorded)
{
    const Dw__Session *session = ((const Dw__SessionEnded *)event)->session;
    const struct id id = id_or_zero(&session->session_id);
    entities_put(state->entities, KIND_SESSION, &id, 0, &session->base);
    capacity_confirm(state, &session->service_id, recorded);
}

void capacity_evolve_telling_left(struct state *state, const ProtobufCMessage *event,
                                  const struct recorded *recorded)
{
    (void)recorded;
    const Dw__Telling *telling = ((const Dw__TellingLeft *)event)->telling;
    const struct id id = id_or_zero(&telling->subject_id);
    entities_put(state->entities, KIND_TELLING, &id, (uint32_t)telling->what, &telling->base);
}

void capacity_evolve_telling_done(struct state *state, const ProtobufCMessage *event,
                                  const struct recorded *recorded)
{
    (void)recorded;
    const Dw__TellingDone *done = (const Dw__TellingDone *)event;
    const struct id id = id_or_zero(&done->subject_id);
    entities_remove(state->entities, KIND_TELLING, &id, (uint32_t)done->what);
}
