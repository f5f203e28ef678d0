/* What placements tells: whom each provider supports, so that a provider agrees plans with its own people only. And what referrals tells of
 * a death, which stops every review. */
#include "services/outcomes/state.h"

#include "placements.pb-c.h"
#include "referrals.pb-c.h"

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

/* Said again with another date, it is corrected. */
OUTCOMES_REACT(died)
{
    (void)ctx;
    const Dw__PersonDied *died = (const Dw__PersonDied *)event->message;
    const Dw__Date *before = outcomes_death(state, &died->person_id);
    if (died->date == NULL || (before != NULL && before->days == died->date->days))
        return;
    Dw__SubjectDeathNoted noted = DW__SUBJECT_DEATH_NOTED__INIT;
    noted.person_id = died->person_id;
    noted.date = died->date;
    decision_emit(decision, &noted.base);
}

OUTCOMES_REACT(death_taken_back)
{
    (void)ctx;
    const Dw__DeathTakenBack *back = (const Dw__DeathTakenBack *)event->message;
    if (outcomes_death(state, &back->person_id) == NULL)
        return;
    Dw__SubjectDeathNoted noted = DW__SUBJECT_DEATH_NOTED__INIT;
    noted.person_id = back->person_id;
    decision_emit(decision, &noted.base);
}
