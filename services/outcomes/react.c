/* What placements tells: whom each provider supports, so that a provider agrees plans with its own people only. */
#include "services/outcomes/state.h"

#include "placements.pb-c.h"

OUTCOMES_REACT(started)
{
    (void)state;
    (void)ctx;
    const Dw__PlacementStarted *started = (const Dw__PlacementStarted *)event->message;
    if (started->terms == NULL)
        return;
    Dw__SupportBegan began = DW__SUPPORT_BEGAN__INIT;
    began.placement_id = started->placement_id;
    began.person_id = started->terms->person_id;
    began.provider_id = started->terms->provider_id;
    decision_emit(decision, &began.base);
}

OUTCOMES_REACT(ended)
{
    (void)ctx;
    const Dw__PlacementEnded *placement = (const Dw__PlacementEnded *)event->message;
    if (placement->last == NULL || outcomes_support(state, &placement->placement_id) == NULL)
        return;
    Dw__SupportEnded ended = DW__SUPPORT_ENDED__INIT;
    ended.placement_id = placement->placement_id;
    ended.last = placement->last;
    decision_emit(decision, &ended.base);
}
