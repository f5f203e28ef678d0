/* What each foreign event does to the records: the only code that changes them. */
#include "services/reporting/state.h"

#include "common/calendar.h"

#include "outcomes.pb-c.h"
#include "placements.pb-c.h"
#include "referrals.pb-c.h"

/* Placements a person can have at once in reports: each takes a session of a week, of which there are 21. */
enum { PLACEMENTS_MAX = 64 };

REPORTING_FOLD(provider_registered)
{
    const Dw__Provider *registered = ((const Dw__ProviderRegistered *)event->message)->provider;
    if (registered == NULL)
        return;
    const struct id id = id_or_zero(&registered->provider_id);
    Dw__ReportedProvider provider = DW__REPORTED_PROVIDER__INIT;
    provider.reference = registered->reference;
    provider.name = registered->name;
    provider.kind = registered->kind;
    entities_put(state->entities, REPORTING_KIND_PROVIDER, &id, 0, &provider.base);
}

REPORTING_FOLD(service_registered)
{
    const Dw__ServiceRegistered *registered = (const Dw__ServiceRegistered *)event->message;
    if (registered->service == NULL)
        return;
    const struct id id = id_or_zero(&registered->service->service_id);
    Dw__ReportedService service = DW__REPORTED_SERVICE__INIT;
    service.mode = registered->service->mode;
    entities_put(state->entities, REPORTING_KIND_SERVICE, &id, 0, &service.base);
}

/* --- people ----------------------------------------------------------------------------------------------------- */

/* year_pence: what placements makes of the sittings that are planned, where the proposer has stated nothing. */
static Dw__ReportedPlacement placement_of(const ProtobufCBinaryData *placement_id,
                                          const Dw__PlacementTerms *terms, int64_t year_pence)
{
    Dw__ReportedPlacement placement = DW__REPORTED_PLACEMENT__INIT;
    placement.placement_id = *placement_id;
    placement.provider_id = terms->provider_id;
    placement.service_id = terms->service_id;
    placement.funding = terms->funding;
    placement.level = terms->level;
    placement.price_pence_per_year =
        terms->price_pence_per_year > 0 ? terms->price_pence_per_year : year_pence;
    placement.district = terms->district;
    placement.support_reason = terms->support_reason;
    placement.age = terms->age;
    placement.ethnicity_group = terms->ethnicity_group;
    placement.sex = terms->sex;
    return placement;
}

/* Copies the person's placements but the one named; returns how many there are. */
static size_t other_placements(const Dw__ReportedPerson *person,
                               const ProtobufCBinaryData *placement_id,
                               Dw__ReportedPlacement *ret_placements[PLACEMENTS_MAX])
{
    const struct id id = id_or_zero(placement_id);
    size_t count = 0;
    for (size_t at = 0; person != NULL && at < person->n_placements; at++) {
        const struct id other_id = id_or_zero(&person->placements[at]->placement_id);
        if (!id_equal(&id, &other_id))
            ret_placements[count++] = person->placements[at];
    }
    return count;
}

/* The person has that placement, under these terms from now on. */
static void have_placement(struct state *state, const ProtobufCBinaryData *placement_id,
                           const Dw__PlacementTerms *terms, int64_t year_pence)
{
    const struct id id = id_or_zero(&terms->person_id);
    Dw__ReportedPlacement placement = placement_of(placement_id, terms, year_pence);
    Dw__ReportedPlacement *placements[PLACEMENTS_MAX];
    Dw__ReportedPerson person = DW__REPORTED_PERSON__INIT;
    person.placements = placements;
    person.n_placements = other_placements(
        entities_get(state->entities, REPORTING_KIND_PERSON, &id, 0), placement_id, placements);
    if (person.n_placements == PLACEMENTS_MAX)
        return;
    placements[person.n_placements++] = &placement;
    entities_put(state->entities, REPORTING_KIND_PERSON, &id, 0, &person.base);
}

REPORTING_FOLD(placement_started)
{
    const Dw__PlacementStarted *started = (const Dw__PlacementStarted *)event->message;
    if (started->terms != NULL)
        have_placement(state, &started->placement_id, started->terms, started->year_pence);
}

REPORTING_FOLD(change_made)
{
    const Dw__ChangeMade *made = (const Dw__ChangeMade *)event->message;
    if (made->terms != NULL)
        have_placement(state, &made->placement_id, made->terms, made->year_pence);
}

/* What was agreed for after the end counts no more. */
REPORTING_FOLD(end_agreed)
{
    const Dw__EndAgreed *agreed = (const Dw__EndAgreed *)event->message;
    if (agreed->terms != NULL && agreed->fell_away != NULL)
        have_placement(state, &agreed->placement_id, agreed->terms, agreed->fell_away->year_pence);
}

REPORTING_FOLD(placement_ended)
{
    const Dw__PlacementEnded *ended = (const Dw__PlacementEnded *)event->message;
    if (ended->terms == NULL)
        return;
    const struct id id = id_or_zero(&ended->terms->person_id);
    Dw__ReportedPlacement *placements[PLACEMENTS_MAX];
    Dw__ReportedPerson person = DW__REPORTED_PERSON__INIT;
    person.placements = placements;
    person.n_placements =
        other_placements(entities_get(state->entities, REPORTING_KIND_PERSON, &id, 0),
                         &ended->placement_id, placements);
    if (person.n_placements == 0)
        entities_remove(state->entities, REPORTING_KIND_PERSON, &id, 0);
    else
        entities_put(state->entities, REPORTING_KIND_PERSON, &id, 0, &person.base);
}

/* --- referrals and goals ---------------------------------------------------------------------------------------- */

REPORTING_FOLD(referral_submitted)
{
    const Dw__ReferralSubmitted *submitted = (const Dw__ReferralSubmitted *)event->message;
    const struct id id = id_or_zero(&submitted->referral_id);
    Dw__ReportedReferral referral = DW__REPORTED_REFERRAL__INIT;
    referral.submitted_ms = event->recorded_ms;
    entities_put(state->entities, REPORTING_KIND_REFERRAL, &id, 0, &referral.base);
}

/* A draft that is withdrawn and a placed referral that is closed were not waiting: there is nothing to remove then. */
static void stop_waiting(struct state *state, const ProtobufCBinaryData *referral_id)
{
    const struct id id = id_or_zero(referral_id);
    entities_remove(state->entities, REPORTING_KIND_REFERRAL, &id, 0);
}

/* A referral waits while any of its lines does. What was recorded before lines had states does not say how it stands: it was then
 * the whole referral that was over. */
static void note_standing(struct state *state, const ProtobufCBinaryData *referral_id,
                          int64_t submitted_ms, const Dw__ReferralStanding *after)
{
    if (after == NULL || after->lines_waiting == 0) {
        stop_waiting(state, referral_id);
        return;
    }
    const struct id id = id_or_zero(referral_id);
    Dw__ReportedReferral referral = DW__REPORTED_REFERRAL__INIT;
    referral.submitted_ms = submitted_ms;
    entities_put(state->entities, REPORTING_KIND_REFERRAL, &id, 0, &referral.base);
}

/* Support that a provider ended is looked for again. */
REPORTING_FOLD(referral_line_waits)
{
    const Dw__ReferralLineWaits *waits = (const Dw__ReferralLineWaits *)event->message;
    note_standing(state, &waits->referral_id, waits->submitted_ms, waits->after);
}

REPORTING_FOLD(referral_placed)
{
    stop_waiting(state, &((const Dw__ReferralPlaced *)event->message)->referral_id);
}

REPORTING_FOLD(referral_withdrawn)
{
    const Dw__ReferralWithdrawn *withdrawn = (const Dw__ReferralWithdrawn *)event->message;
    note_standing(state, &withdrawn->referral_id, withdrawn->submitted_ms, withdrawn->after);
}

REPORTING_FOLD(referral_closed)
{
    const Dw__ReferralClosed *closed = (const Dw__ReferralClosed *)event->message;
    note_standing(state, &closed->referral_id, closed->submitted_ms, closed->after);
}

REPORTING_FOLD(referral_refused)
{
    const Dw__ReferralRefused *refused = (const Dw__ReferralRefused *)event->message;
    note_standing(state, &refused->referral_id, refused->submitted_ms, refused->after);
}

REPORTING_FOLD(goal_reviewed)
{
    static const struct id no_id = {{0}};
    const Dw__GoalReviewed *reviewed = (const Dw__GoalReviewed *)event->message;
    const uint32_t number = (uint32_t)calendar_month(calendar_london_date(event->recorded_ms));
    const Dw__ReportedMonth *before =
        entities_get(state->entities, REPORTING_KIND_MONTH, &no_id, number);
    Dw__ReportedMonth month = DW__REPORTED_MONTH__INIT;
    if (before != NULL)
        month = *before;
    month.goals_reviewed++;
    if (reviewed->review != NULL &&
        reviewed->review->result == DW__REVIEW_RESULT__REVIEW_RESULT_ACHIEVED)
        month.goals_achieved++;
    entities_put(state->entities, REPORTING_KIND_MONTH, &no_id, number, &month.base);
}
