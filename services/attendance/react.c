/* What other services tell: who is expected and until when, by what a person's council id is known, when sessions run. Each of
 * them may be what waiting rows have waited for, in whatever order it comes. */
#include "services/attendance/match.h"

#include "capacity.pb-c.h"
#include "placements.pb-c.h"
#include "referrals.pb-c.h"

#include <stdlib.h>
#include <string.h>

/* Rows that are matched at once: twenty years of two sessions every weekday, one event of 300 KiB. Further ones go on waiting
 * for what is told next. */
enum { MATCHED_MAX = 10000 };

/* A waiting row that has found its sitting. */
struct waiting {
    struct row_key key;
    uint64_t order; /* sequence number of the event that told it */
    struct row row;
    struct expected expected;
};

struct found {
    struct waiting *rows;
    size_t count;
    size_t size;
};

/* As they were told. */
static int compare_waiting(const void *left, const void *right)
{
    const struct waiting *one = left;
    const struct waiting *two = right;
    if (one->order != two->order)
        return one->order < two->order ? -1 : 1;
    return (one->key.row_number > two->key.row_number) -
           (one->key.row_number < two->key.row_number);
}

static void add_found(struct found *found, const struct waiting *waiting, struct decision *decision)
{
    if (found->count == found->size) {
        const size_t size = found->size == 0 ? 64 : found->size * 2;
        struct waiting *rows = decision_alloc(decision, size * sizeof rows[0]);
        if (found->count > 0)
            memcpy(rows, found->rows, found->count * sizeof rows[0]);
        found->rows = rows;
        found->size = size;
    }
    found->rows[found->count++] = *waiting;
}

/* Rows that wait under ref_id and are about a sitting of the person, now that there is this news. */
static void find_waiting(const struct state *state, const struct id *ref_id,
                         const struct id *person_id, const struct match_news *news,
                         struct decision *decision, struct found *found)
{
    struct id provider_id = {{0}};
    struct expectations expectations = {0};
    for (const struct row_key *key = table_get(state->unmatched, ref_id);
         key != NULL && key->row_number != 0; key = table_get(state->next_unmatched, key)) {
        const Dw__UnmatchedRow *stored = entities_get(state->entities, ATTENDANCE_KIND_UNMATCHED,
                                                      &key->feed_id, key->row_number);
        const struct id own_provider_id = attendance_id(&stored->provider_id);
        const struct expected *expected;
        struct waiting waiting = {.key = *key, .order = stored->order};
        if (!id_equal(&own_provider_id, &provider_id)) {
            provider_id = own_provider_id;
            expectations = match_person(state, &provider_id, person_id, news, decision);
        }
        waiting.row = rows_read_unmatched(stored->entry);
        if (match_row(&expectations, &waiting.row, &expected) != MATCH_ONE)
            continue;
        waiting.expected = *expected;
        add_found(found, &waiting, decision);
    }
}

/* The same for a person, by number and by council id. */
static void find_of_person(const struct state *state, const struct id *person_id,
                           const struct match_news *news, struct decision *decision,
                           struct found *found)
{
    const struct id *council_ref = attendance_council_ref(state, person_id);
    find_waiting(state, person_id, person_id, news, decision, found);
    if (council_ref != NULL)
        find_waiting(state, council_ref, person_id, news, decision, found);
}

static void emit_matched(const struct state *state, const struct found *found,
                         struct decision *decision)
{
    if (found->count == 0)
        return;
    qsort(found->rows, found->count, sizeof found->rows[0], compare_waiting);
    const size_t count = found->count < MATCHED_MAX ? found->count : MATCHED_MAX;
    struct placed_row *placed = decision_alloc(decision, count * sizeof placed[0]);
    for (size_t at = 0; at < count; at++) {
        const struct waiting *waiting = &found->rows[at];
        placed[at] = rows_place(&waiting->expected.placement_id, waiting->expected.number,
                                &waiting->row, at);
    }
    Dw__RowsMatched matched = DW__ROWS_MATCHED__INIT;
    matched.n_months = rows_settle(state, decision, placed, count, &matched.months);
    matched.n_rows = count;
    matched.rows = decision_alloc(decision, count * sizeof matched.rows[0]);
    for (size_t at = 0; at < count; at++) {
        struct waiting *row = &found->rows[placed[at].order];
        Dw__MatchedRow *told = decision_alloc(decision, sizeof *told);
        dw__matched_row__init(told);
        told->feed_id = id_to_data(&row->key.feed_id);
        told->row_number = row->key.row_number;
        told->result = placed[at].result;
        matched.rows[at] = told;
    }
    decision_emit(decision, &matched.base);
}

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
    struct found found = {0};
    find_of_person(state, &person_id, &news, decision, &found);
    emit_matched(state, &found, decision);
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
    struct found found = {0};
    find_waiting(state, &council_ref, &person_id, NULL, decision, &found);
    emit_matched(state, &found, decision);
}

/* --- sessions --------------------------------------------------------------------------------------------------- */

static bool dates_equal(const Dw__Date *left, const Dw__Date *right)
{
    return left == right || (left != NULL && right != NULL && left->days == right->days);
}

static bool has_session(const Dw__Attender *attender, const struct id *session_id)
{
    for (size_t at = 0; at < attender->n_session_ids; at++) {
        const struct id id = attendance_id(&attender->session_ids[at]);
        if (id_equal(&id, session_id))
            return true;
    }
    return false;
}

/* Sessions are set before people come, so this goes through everybody only when something waits. A person with two
 * placements at the session is found twice, and their rows once. */
static void match_session(const struct state *state, const struct match_news *news,
                          struct decision *decision)
{
    struct found found = {0};
    if (table_count(state->unmatched) == 0)
        return;
    for (size_t at = 0; at < entities_count(state->entities, ATTENDANCE_KIND_ATTENDER); at++) {
        const Dw__Attender *attender =
            entities_at(state->entities, ATTENDANCE_KIND_ATTENDER, at, NULL);
        const struct id person_id = attendance_id(&attender->person_id);
        if (has_session(attender, news->session_id))
            find_of_person(state, &person_id, news, decision, &found);
    }
    if (found.count > 0)
        qsort(found.rows, found.count, sizeof found.rows[0], compare_waiting);
    size_t kept = 0;
    for (size_t at = 0; at < found.count; at++)
        if (kept == 0 || compare_waiting(&found.rows[kept - 1], &found.rows[at]) != 0)
            found.rows[kept++] = found.rows[at];
    found.count = kept;
    emit_matched(state, &found, decision);
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
    match_session(state, &news, decision);
}
