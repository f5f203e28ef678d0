/* What other services tell: who is expected and until when, by what a person's council id is known, when sessions run. Each of
 * them may be what waiting rows have waited for, in whatever order it comes. */
#include "services/attendance/matching.h"

#include "capacity.pb-c.h"
#include "placements.pb-c.h"
#include "referrals.pb-c.h"

static const struct id NO_PLACEMENT = {{0}}; /* a step from the first one on */

/* --- placements ------------------------------------------------------------------------------------------------- */

ATTENDANCE_REACT(placement_started)
{
    (void)ctx;
    const Dw__PlacementStarted *started = (const Dw__PlacementStarted *)event->message;
    const Dw__PlacementTerms *terms = started->terms;
    if (terms == NULL || started->date == NULL)
        return;
    const struct id placement_id = attendance_id(&started->placement_id);
    const struct id person_id = attendance_id(&terms->person_id);
    Dw__AttenderExpected expected = DW__ATTENDER_EXPECTED__INIT;
    expected.placement_id = started->placement_id;
    expected.person_id = terms->person_id;
    expected.provider_id = terms->provider_id;
    expected.service_id = terms->service_id;
    expected.session_ids = terms->session_ids;
    expected.n_session_ids = terms->n_session_ids;
    expected.from = started->date;
    expected.to = terms->to;
    decision_emit(decision, &expected.base);
    Dw__Attender attender = DW__ATTENDER__INIT;
    attender.person_id = terms->person_id;
    attender.provider_id = terms->provider_id;
    attender.session_ids = terms->session_ids;
    attender.n_session_ids = terms->n_session_ids;
    attender.from = started->date;
    attender.to = terms->to;
    const struct match_news news = {.placement_id = &placement_id, .attender = &attender};
    const struct id provider_id = attendance_id(&terms->provider_id);
    matching_placement(state, &provider_id, &person_id, &news, decision);
}

ATTENDANCE_REACT(placement_ended)
{
    (void)ctx;
    const Dw__PlacementEnded *ended = (const Dw__PlacementEnded *)event->message;
    const struct id placement_id = attendance_id(&ended->placement_id);
    if (ended->last == NULL ||
        entities_get(state->entities, ATTENDANCE_KIND_ATTENDER, &placement_id, 0) == NULL)
        return;
    Dw__AttenderLeft left = DW__ATTENDER_LEFT__INIT;
    left.placement_id = ended->placement_id;
    left.last = ended->last;
    decision_emit(decision, &left.base);
}

/* --- people ----------------------------------------------------------------------------------------------------- */

ATTENDANCE_REACT(person_recorded)
{
    (void)ctx;
    const Dw__PersonRecorded *recorded = (const Dw__PersonRecorded *)event->message;
    struct id person_id;
    struct id council_ref;
    if (!id_from_data(&recorded->person_id, &person_id) ||
        !id_from_data(&recorded->council_ref, &council_ref))
        return; /* recorded before there were pseudonyms: rows name them by person number */
    Dw__PersonKnown known = DW__PERSON_KNOWN__INIT;
    known.person_id = recorded->person_id;
    known.council_ref = recorded->council_ref;
    decision_emit(decision, &known.base);
    const struct subject subject = {false, person_id};
    matching_step(state, &subject, &NO_PLACEMENT, &council_ref, NULL, decision);
}

/* --- sessions --------------------------------------------------------------------------------------------------- */

static bool dates_equal(const Dw__Date *left, const Dw__Date *right)
{
    return left == right || (left != NULL && right != NULL && left->days == right->days);
}

ATTENDANCE_REACT(session_set)
{
    (void)ctx;
    const Dw__Session *session = ((const Dw__SessionSet *)event->message)->session;
    struct id session_id;
    if (session == NULL || !id_from_data(&session->session_id, &session_id))
        return;
    const Dw__KnownSession *before =
        entities_get(state->entities, ATTENDANCE_KIND_SESSION, &session_id, 0);
    if (before != NULL && before->weekday == session->weekday &&
        before->start_minutes == session->start_minutes &&
        before->end_minutes == session->end_minutes && dates_equal(before->from, session->from) &&
        dates_equal(before->to, session->to))
        return; /* only its limits are others */
    Dw__SessionKnown known = DW__SESSION_KNOWN__INIT;
    Dw__KnownSession now = DW__KNOWN_SESSION__INIT;
    known.session_id = session->session_id;
    known.weekday = now.weekday = session->weekday;
    known.start_minutes = now.start_minutes = session->start_minutes;
    known.end_minutes = now.end_minutes = session->end_minutes;
    known.from = now.from = session->from;
    known.to = now.to = session->to;
    decision_emit(decision, &known.base);
    const struct match_news news = {.session_id = &session_id, .session = &now};
    const struct subject subject = {true, session_id};
    matching_step(state, &subject, &NO_PLACEMENT, NULL, &news, decision);
}
