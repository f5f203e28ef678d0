/* What events about quality change. See evolve.c. */
#include "services/capacity/checks.h"
#include "services/capacity/state.h"

void capacity_evolve_monitoring_visit_recorded(struct state *state, const ProtobufCMessage *event,
                                               const struct recorded *recorded)
{
    (void)recorded;
    Dw__Visit *visit = ((const Dw__MonitoringVisitRecorded *)event)->visit;
    const struct id id = id_or_zero(&visit->visit_id),
                    provider_id = id_or_zero(&visit->provider_id);
    const Dw__VisitStanding *known = capacity_visits(state, &provider_id);
    Dw__VisitStanding visits = DW__VISIT_STANDING__INIT;
    if (known != NULL)
        visits = *known;
    entities_put(state->entities, KIND_VISIT, &id, 0, &visit->base);
    if (visits.last != NULL && visits.last->date->days > visit->date->days)
        return; /* it was recorded late, and another one has been since */
    visits.last = visit;
    entities_put(state->entities, KIND_VISIT_STANDING, &provider_id, 0, &visits.base);
}

static void put_action(struct state *state, const Dw__ImprovementAction *action)
{
    const struct id id = id_or_zero(&action->action_id);
    entities_put(state->entities, KIND_ACTION, &id, 0, &action->base);
}

void capacity_evolve_improvement_action_raised(struct state *state, const ProtobufCMessage *event,
                                               const struct recorded *recorded)
{
    (void)recorded;
    put_action(state, ((const Dw__ImprovementActionRaised *)event)->action);
}

void capacity_evolve_improvement_action_closed(struct state *state, const ProtobufCMessage *event,
                                               const struct recorded *recorded)
{
    (void)recorded;
    put_action(state, ((const Dw__ImprovementActionClosed *)event)->action);
}

void capacity_evolve_concern_recorded(struct state *state, const ProtobufCMessage *event,
                                      const struct recorded *recorded)
{
    Dw__Concern concern = *((const Dw__ConcernRecorded *)event)->concern;
    const struct id id = id_or_zero(&concern.concern_id);
    if (concern.provider_ref.len > 0) /* what was recorded before says its own date */
        concern.recorded_ms = recorded->at_ms;
    entities_put(state->entities, KIND_CONCERN, &id, 0, &concern.base);
}

/* The one of that kind that holds until now. There is at most one, for each takes the place of the one before. */
static const Dw__Assurance *assurance_before(const struct state *state,
                                             const struct id *provider_id, Dw__AssuranceKind kind)
{
    for (const struct id *id = lists_first(state->assurances_of, provider_id); id != NULL;
         id = lists_next(state->assurances_of, id)) {
        const Dw__Assurance *assurance = capacity_assurance(state, id);
        if (assurance->kind == kind)
            return assurance;
    }
    return NULL;
}

void capacity_evolve_assurance_recorded(struct state *state, const ProtobufCMessage *event,
                                        const struct recorded *recorded)
{
    (void)recorded;
    const Dw__Assurance *assurance = ((const Dw__AssuranceRecorded *)event)->assurance;
    const struct id id = id_or_zero(&assurance->assurance_id);
    const struct id provider_id = id_or_zero(&assurance->provider_id);
    const Dw__Assurance *known = assurance_before(state, &provider_id, assurance->kind);
    if (known != NULL) {
        Dw__Assurance before = *known;
        const struct id before_id = id_or_zero(&before.assurance_id);
        before.replaced = true;
        entities_put(state->entities, KIND_ASSURANCE, &before_id, 0, &before.base);
    }
    entities_put(state->entities, KIND_ASSURANCE, &id, 0, &assurance->base);
}

void capacity_evolve_assurance_expired(struct state *state, const ProtobufCMessage *event,
                                       const struct recorded *recorded)
{
    (void)recorded;
    const Dw__Assurance *assurance = ((const Dw__AssuranceExpired *)event)->assurance;
    const struct id id = id_or_zero(&assurance->assurance_id);
    entities_put(state->entities, KIND_ASSURANCE, &id, 0, &assurance->base);
}

void capacity_evolve_visit_due(struct state *state, const ProtobufCMessage *event,
                               const struct recorded *recorded)
{
    (void)recorded;
    const Dw__VisitDue *due = (const Dw__VisitDue *)event;
    const struct id provider_id = id_or_zero(&due->provider_id);
    const Dw__VisitStanding *known = capacity_visits(state, &provider_id);
    Dw__VisitStanding visits = DW__VISIT_STANDING__INIT;
    if (known != NULL)
        visits = *known;
    visits.told = due->since;
    entities_put(state->entities, KIND_VISIT_STANDING, &provider_id, 0, &visits.base);
}

void capacity_evolve_placements_suspended(struct state *state, const ProtobufCMessage *event,
                                          const struct recorded *recorded)
{
    (void)recorded;
    const Dw__StandingSuspension *suspension = ((const Dw__PlacementsSuspended *)event)->suspension;
    const struct id id = capacity_subject(&suspension->provider_id, &suspension->service_id);
    entities_put(state->entities, KIND_SUSPENSION, &id, 0, &suspension->base);
}

void capacity_evolve_suspension_lifted(struct state *state, const ProtobufCMessage *event,
                                       const struct recorded *recorded)
{
    (void)recorded;
    const Dw__SuspensionLifted *lifted = (const Dw__SuspensionLifted *)event;
    const struct id id = capacity_subject(&lifted->provider_id, &lifted->service_id);
    const Dw__StandingSuspension *known = capacity_suspension(state, &id);
    if (known == NULL)
        return;
    Dw__StandingSuspension suspension = *known;
    suspension.lifted = true;
    entities_put(state->entities, KIND_SUSPENSION, &id, 0, &suspension.base);
}
