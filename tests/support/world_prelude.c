/* See world.h. How a world may begin. */
#include "tests/support/world_internal.h"

#include <string.h>

static const struct prelude_step {
    enum what what;
    size_t place;
    const char *type; /* of a row; NULL: the next prelude */
} preludes[] = {
    {COMMAND, CAPACITY, "RegisterProvider"},
    {COMMAND, CAPACITY, "AgreeContract"},
    {COMMAND, CAPACITY, "RegisterService"},
    {COMMAND, CAPACITY, "SetSession"},
    {COMMAND, CAPACITY, "HoldPlaces"},
    {COMMAND, CAPACITY, "ConfirmHold"},
    {COMMAND, CAPACITY, "EndBooking"},
    {RELOAD, 0, NULL},
    /* What becomes of contracts, and what takes sittings away. */
    {COMMAND, CAPACITY, "RegisterProvider"},
    {COMMAND, CAPACITY, "AgreeContract"},
    {COMMAND, CAPACITY, "CloseContract"},
    {COMMAND, CAPACITY, "ReopenContract"},
    {COMMAND, CAPACITY, "ExtendFramework"},
    {COMMAND, CAPACITY, "RegisterService"},
    {COMMAND, CAPACITY, "SetSession"},
    {COMMAND, CAPACITY, "HoldPlaces"},
    {COMMAND, CAPACITY, "DeclareClosure"},
    {COMMAND, CAPACITY, "LiftClosure"},
    {COMMAND, CAPACITY, "ChangeLimits"},
    {RELOAD, 0, NULL},
    /* How good a provider is, and what it costs. */
    {COMMAND, CAPACITY, "RegisterProvider"},
    {COMMAND, CAPACITY, "RegisterService"},
    {COMMAND, CAPACITY, "ProposeRates"},
    {COMMAND, CAPACITY, "AgreeRates"},
    {COMMAND, CAPACITY, "RaiseImprovementAction"},
    {COMMAND, CAPACITY, "CloseImprovementAction"},
    {COMMAND, CAPACITY, "RecordAssurance"},
    {COMMAND, CAPACITY, "SuspendNewPlacements"},
    {COMMAND, CAPACITY, "LiftSuspension"},
    {RELOAD, 0, NULL},
    {COMMAND, CAPACITY, "RegisterProvider"},
    {COMMAND, CAPACITY, "RegisterService"},
    {COMMAND, CAPACITY, "RecordConcern"},
    {RELOAD, 0, NULL},
    {COMMAND, PLACEMENTS, "ProposePlacement"},
    {SETTLE, PLACEMENTS, "HoldPlaces"},
    {COMMAND, PLACEMENTS, "AcceptOffer"},
    {SETTLE, PLACEMENTS, "ConfirmHold"},
    {COMMAND, PLACEMENTS, "StartPlacement"},
    {COMMAND, PLACEMENTS, "EndPlacement"},
    {SETTLE, PLACEMENTS, "EndBooking"},
    {RELOAD, 0, NULL},
    /* A placement that goes on. */
    {COMMAND, PLACEMENTS, "ProposePlacement"},
    {SETTLE, PLACEMENTS, "HoldPlaces"},
    {COMMAND, PLACEMENTS, "BookTaster"},
    {COMMAND, PLACEMENTS, "RecordProviderAssessment"},
    {COMMAND, PLACEMENTS, "AcceptOffer"},
    {SETTLE, PLACEMENTS, "ConfirmHold"},
    {COMMAND, PLACEMENTS, "StartPlacement"},
    {COMMAND, PLACEMENTS, "RecordPersonDecision"},
    {COMMAND, PLACEMENTS, "RecordReview"},
    {COMMAND, PLACEMENTS, "SuspendPlacement"},
    {COMMAND, PLACEMENTS, "AssessContribution"},
    {MADE_UP, PLACEMENTS, "PersonDied"},
    {TIME, PLACEMENTS, ""},
    {SETTLE, PLACEMENTS, "EndBooking"},
    {RELOAD, 0, NULL},
    {COMMAND, REFERRALS, "RecordPerson"},
    {COMMAND, REFERRALS, "ChangePerson"},
    {COMMAND, REFERRALS, "CreateReferral"},
    {COMMAND, REFERRALS, "SubmitReferral"},
    {COMMAND, REFERRALS, "AcceptReferral"},
    {COMMAND, REFERRALS, "AmendReferral"},
    {MADE_UP, REFERRALS, "PlacementProposed"},
    {MADE_UP, REFERRALS, "PlacementStarted"},
    {COMMAND, REFERRALS, "RecordUnmetNeed"},
    {COMMAND, REFERRALS, "CloseReferral"},
    {COMMAND, REFERRALS, "RecordDeath"},
    {COMMAND, REFERRALS, "RequestErasure"},
    {RELOAD, 0, NULL},
    {COMMAND, ATTENDANCE, "OpenFeed"},
    {COMMAND, ATTENDANCE, "FeedRows"},
    {MADE_UP, ATTENDANCE, "SessionSet"},
    {MADE_UP, ATTENDANCE, "PlacementStarted"},
    {MADE_UP, ATTENDANCE, "PersonRecorded"},
    {TIME, ATTENDANCE, ""},
    {COMMAND, ATTENDANCE, "CloseFeed"},
    {MADE_UP, ATTENDANCE, "PlacementEnded"},
    {RELOAD, 0, NULL},
    {MADE_UP, OUTCOMES, "PlacementStarted"},
    {COMMAND, OUTCOMES, "AgreeOutcomePlan"},
    {COMMAND, OUTCOMES, "ReviewGoal"},
    {COMMAND, OUTCOMES, "RecordMilestone"},
    {COMMAND, OUTCOMES, "RecordSatisfaction"},
    {COMMAND, OUTCOMES, "RecordProviderFeedback"},
    {COMMAND, OUTCOMES, "RecordSurvey"},
    {COMMAND, OUTCOMES, "RecordEngagement"},
    {MADE_UP, OUTCOMES, "PlacementEnded"},
    {MADE_UP, OUTCOMES, "PersonErased"},
    {RELOAD, 0, NULL},
    {MADE_UP, REPORTING, "ProviderRegistered"},
    {MADE_UP, REPORTING, "ServiceRegistered"},
    {MADE_UP, REPORTING, "PlacementStarted"},
    {MADE_UP, REPORTING, "ReferralSubmitted"},
    {MADE_UP, REPORTING, "GoalReviewed"},
    {MADE_UP, REPORTING, "ReferralPlaced"},
    {MADE_UP, REPORTING, "PlacementEnded"},
    {RELOAD, 0, NULL},
    /* A day of all. */
    {COMMAND, CAPACITY, "RegisterProvider"},
    {COMMAND, CAPACITY, "AgreeContract"},
    {COMMAND, CAPACITY, "RegisterService"},
    {COMMAND, CAPACITY, "SetSession"},
    {COMMAND, REFERRALS, "RecordPerson"},
    {COMMAND, REFERRALS, "CreateReferral"},
    {COMMAND, REFERRALS, "SubmitReferral"},
    {COMMAND, REFERRALS, "AcceptReferral"},
    {COMMAND, PLACEMENTS, "ProposePlacement"},
    {SETTLE, PLACEMENTS, "HoldPlaces"},
    {COMMAND, PLACEMENTS, "AcceptOffer"},
    {SETTLE, PLACEMENTS, "ConfirmHold"},
    {COMMAND, PLACEMENTS, "StartPlacement"},
    {DELIVER, REFERRALS, ""},
    {DELIVER, ATTENDANCE, ""},
    {DELIVER, OUTCOMES, ""},
    {COMMAND, ATTENDANCE, "OpenFeed"},
    {COMMAND, ATTENDANCE, "FeedRows"},
    {COMMAND, OUTCOMES, "AgreeOutcomePlan"},
    {COMMAND, OUTCOMES, "ReviewGoal"},
    {DELIVER, REPORTING, ""},
    {COMMAND, PLACEMENTS, "EndPlacement"},
    {SETTLE, PLACEMENTS, "EndBooking"},
    {RELOAD, 0, NULL},
};

/* True when it was taken. */
static bool prelude_step(struct world *world, const struct prelude_step *step, bool is_real,
                         uint8_t shift)
{
    struct form form = {.shift = shift};
    struct member *member = &world->members[step->place];
    const size_t yes = member->yes;
    const size_t told = world_told_count(member);
    if (step->what == COMMAND) {
        const struct command_row *row = member->service->commands;
        while (strcmp(row->type->short_name, step->type) != 0)
            row++;
        world_do_command(world, step->place, row, &form);
    } else if (step->what == MADE_UP) {
        const struct reaction_row *row = member->service->reactions;
        while (strcmp(row->type->short_name, step->type) != 0)
            row++;
        world_do_made_up(world, step->place, row, &form);
    } else if (step->what == SETTLE) {
        world_do_settle(world, 0, is_real ? 3 : 0, 0);
        return step->type[0] == 'E' || member->yes > yes; /* an end that was heard is no news */
    } else if (step->what == TIME) {
        world_do_time(world, 0);
        return true;
    } else {
        for (size_t from = 0; from < SERVICES; from++)
            world_do_deliver(world, step->place, from, SIZE_MAX);
    }
    return member->yes > yes || world_told_count(member) > told;
}

static const struct prelude_step *first_step(size_t prelude)
{
    const struct prelude_step *step = preludes;
    for (; prelude > 0; step++)
        prelude -= step->type == NULL;
    return step;
}

size_t world_prelude_steps(size_t prelude)
{
    size_t count = 0;
    for (const struct prelude_step *step = first_step(prelude); step->type != NULL; step++)
        count++;
    return count;
}

size_t world_prepare(struct world *world, size_t prelude, size_t steps, uint8_t shift)
{
    const bool is_real = prelude == WORLD_PRELUDES - 1;
    size_t failed = 0;
    for (const struct prelude_step *step = first_step(prelude); step->type != NULL && steps > 0;
         step++, steps--)
        failed += !prelude_step(world, step, is_real, shift);
    return failed;
}
