/* What other services tell: who is expected and until when, by what a person's council id is known, when sessions run. Each of
 * them may be what waiting rows have waited for, in whatever order it comes. */
#include "services/attendance/matching.h"

#include "capacity.pb-c.h"
#include "placements.pb-c.h"
#include "referrals.pb-c.h"

static const struct id NO_PLACEMENT = {{0}}; /* a step from the first one on */

/* --- placements ------------------------------------------------------------------------------------------------- */

/* Says whom to expect, and looks whether rows have waited for it. */
static void expect(const struct state *state, const ProtobufCBinaryData *placement_id,
                   const Dw__Attender *attender, struct decision *decision)
{
    Dw__AttenderExpected expected = DW__ATTENDER_EXPECTED__INIT;
    expected.placement_id = *placement_id;
    expected.person_id = attender->person_id;
    expected.provider_id = attender->provider_id;
    expected.service_id = attender->service_id;
    expected.session_ids = attender->session_ids;
    expected.n_session_ids = attender->n_session_ids;
    expected.from = attender->from;
    expected.to = attender->to;
    expected.spans = attender->spans;
    expected.n_spans = attender->n_spans;
    decision_emit(decision, &expected.base);
    const struct id id = id_or_zero(placement_id);
    const struct id person_id = id_or_zero(&attender->person_id);
    const struct id provider_id = id_or_zero(&attender->provider_id);
    const struct match_news news = {.placement_id = &id, .attender = attender};
    matching_placement(state, &provider_id, &person_id, &news, decision);
}

ATTENDANCE_REACT(placement_started)
{
    (void)ctx;
    const Dw__PlacementStarted *started = (const Dw__PlacementStarted *)event->message;
    const Dw__PlacementTerms *terms = started->terms;
    if (terms == NULL || started->date == NULL)
        return;
    Dw__Attender attender = DW__ATTENDER__INIT;
    attender.person_id = terms->person_id;
    attender.provider_id = terms->provider_id;
    attender.service_id = terms->service_id;
    attender.session_ids = terms->session_ids;
    attender.n_session_ids = terms->n_session_ids;
    attender.from = started->date;
    attender.to = terms->to;
    expect(state, &started->placement_id, &attender, decision);
}

/* --- another pattern ---------------------------------------------------------------------------------------------- */

enum {
    SESSIONS_MAX = 200, /* of all times: numbers of a mark end at 255 */
    SPANS_MAX = 400,    /* a change a fortnight for a year, of fourteen sessions each */
};

/* A pattern that grows by a change. */
struct pattern {
    ProtobufCBinaryData session_ids[SESSIONS_MAX];
    size_t sessions_count;
    Dw__AttenderSpan spans[SPANS_MAX];
    Dw__AttenderSpan *list[SPANS_MAX];
    size_t spans_count;
    Dw__Date before; /* the last date of what was before */
};

static void add_span(struct pattern *pattern, uint32_t session, Dw__Date *from, Dw__Date *to)
{
    if (pattern->spans_count == SPANS_MAX)
        return;
    Dw__AttenderSpan *span = &pattern->spans[pattern->spans_count];
    dw__attender_span__init(span);
    span->session = session;
    span->from = from;
    span->to = to;
    pattern->list[pattern->spans_count++] = span;
}

/* What was expected until the day before the change; spans that would begin later are over. */
static void take_former(const Dw__Attender *attender, struct pattern *pattern)
{
    for (size_t at = 0; at < attender->n_session_ids && at < SESSIONS_MAX; at++)
        pattern->session_ids[pattern->sessions_count++] = attender->session_ids[at];
    for (size_t at = 0; at < attender->n_spans; at++) {
        const Dw__AttenderSpan *span = attender->spans[at];
        if (span->from->days <= pattern->before.days)
            add_span(pattern, span->session, span->from,
                     span->to == NULL || span->to->days > pattern->before.days ? &pattern->before
                                                                               : span->to);
    }
    for (uint32_t at = 0; attender->n_spans == 0 && at < pattern->sessions_count; at++)
        add_span(pattern, at, attender->from, &pattern->before);
}

static uint32_t number_of(struct pattern *pattern, const ProtobufCBinaryData *session_id)
{
    const struct id wanted = id_or_zero(session_id);
    for (size_t at = 0; at < pattern->sessions_count; at++) {
        const struct id id = id_or_zero(&pattern->session_ids[at]);
        if (id_equal(&id, &wanted))
            return (uint32_t)at;
    }
    if (pattern->sessions_count < SESSIONS_MAX)
        pattern->session_ids[pattern->sessions_count++] = *session_id;
    return (uint32_t)pattern->sessions_count - 1;
}

/* Sessions keep their numbers, which marks name; new ones stand behind. */
ATTENDANCE_REACT(change_made)
{
    (void)ctx;
    const Dw__ChangeMade *made = (const Dw__ChangeMade *)event->message;
    const Dw__PlacementTerms *terms = made->terms;
    const struct id placement_id = id_or_zero(&made->placement_id);
    const Dw__Attender *before =
        entities_get(state->entities, ATTENDANCE_KIND_ATTENDER, &placement_id, 0);
    if (before == NULL || terms == NULL || terms->from == NULL)
        return;
    struct pattern *pattern = decision_alloc(decision, sizeof *pattern);
    dw__date__init(&pattern->before);
    pattern->before.days = terms->from->days - 1;
    take_former(before, pattern);
    for (size_t at = 0; at < terms->n_session_ids; at++)
        add_span(pattern, number_of(pattern, &terms->session_ids[at]), terms->from, terms->to);
    Dw__Attender attender = *before;
    attender.session_ids = pattern->session_ids;
    attender.n_session_ids = pattern->sessions_count;
    attender.spans = pattern->list;
    attender.n_spans = pattern->spans_count;
    attender.to = terms->to;
    expect(state, &made->placement_id, &attender, decision);
}

ATTENDANCE_REACT(placement_ended)
{
    (void)ctx;
    const Dw__PlacementEnded *ended = (const Dw__PlacementEnded *)event->message;
    const struct id placement_id = id_or_zero(&ended->placement_id);
    if (ended->last == NULL ||
        entities_get(state->entities, ATTENDANCE_KIND_ATTENDER, &placement_id, 0) == NULL)
        return;
    Dw__AttenderLeft left = DW__ATTENDER_LEFT__INIT;
    left.placement_id = ended->placement_id;
    left.last = ended->last;
    decision_emit(decision, &left.base);
}

/* --- people ----------------------------------------------------------------------------------------------------- */

/* By that council id they are known from now on, and rows under it have waited for that. */
static void know_person(const struct state *state, const ProtobufCBinaryData *person,
                        const ProtobufCBinaryData *ref, struct decision *decision)
{
    struct id person_id;
    struct id council_ref;
    if (!id_from_data(person, &person_id) || !id_from_data(ref, &council_ref))
        return; /* recorded before there were pseudonyms: rows name them by person number */
    const struct id *known_ref = attendance_council_ref(state, &person_id);
    if (known_ref != NULL && id_equal(known_ref, &council_ref))
        return;
    Dw__PersonKnown known = DW__PERSON_KNOWN__INIT;
    known.person_id = *person;
    known.council_ref = *ref;
    decision_emit(decision, &known.base);
    const struct subject subject = {false, person_id};
    matching_step(state, &subject, &NO_PLACEMENT, &council_ref, NULL, decision);
}

ATTENDANCE_REACT(person_recorded)
{
    (void)ctx;
    const Dw__PersonRecorded *recorded = (const Dw__PersonRecorded *)event->message;
    know_person(state, &recorded->person_id, &recorded->council_ref, decision);
}

ATTENDANCE_REACT(person_changed)
{
    (void)ctx;
    const Dw__PersonChanged *changed = (const Dw__PersonChanged *)event->message;
    know_person(state, &changed->person_id, &changed->council_ref, decision);
}

/* --- sessions --------------------------------------------------------------------------------------------------- */

static bool dates_equal(const Dw__Date *left, const Dw__Date *right)
{
    return left == right || (left != NULL && right != NULL && left->days == right->days);
}

static void know_session(const struct state *state, const Dw__Session *session,
                         struct decision *decision)
{
    struct id session_id;
    if (session == NULL || !id_from_data(&session->session_id, &session_id))
        return;
    const Dw__KnownSession *before =
        entities_get(state->entities, ATTENDANCE_KIND_SESSION, &session_id, 0);
    if (before != NULL && before->weekday == session->weekday &&
        before->start_minutes == session->start_minutes &&
        before->end_minutes == session->end_minutes &&
        before->every_weeks == session->every_weeks && dates_equal(before->from, session->from) &&
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
    known.every_weeks = now.every_weeks = session->every_weeks;
    decision_emit(decision, &known.base);
    const struct match_news news = {.session_id = &session_id, .session = &now};
    const struct subject subject = {true, session_id};
    matching_step(state, &subject, &NO_PLACEMENT, NULL, &news, decision);
}

ATTENDANCE_REACT(session_set)
{
    (void)ctx;
    know_session(state, ((const Dw__SessionSet *)event->message)->session, decision);
}

ATTENDANCE_REACT(session_ended)
{
    (void)ctx;
    know_session(state, ((const Dw__SessionEnded *)event->message)->session, decision);
}
