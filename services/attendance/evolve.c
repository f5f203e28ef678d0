/* Evolve: the only code that changes records of attendance. */
#include "services/attendance/marks.h"
#include "services/attendance/state.h"

#include <string.h>

enum {
    MARKS_MAX = 31 * 21 * 2, /* a month with three sessions a day, before and changed */
    PARTS_MAX = 2000,
    REJECTS_MAX = PARTS_MAX, /* one record of rejects a part */
};

ATTENDANCE_EVOLVE(attender_expected)
{
    (void)recorded;
    const Dw__AttenderExpected *expected = (const Dw__AttenderExpected *)event;
    const struct id id = id_or_zero(&expected->placement_id);
    Dw__Attender attender = DW__ATTENDER__INIT;
    attender.person_id = expected->person_id;
    attender.provider_id = expected->provider_id;
    attender.service_id = expected->service_id;
    attender.session_ids = expected->session_ids;
    attender.n_session_ids = expected->n_session_ids;
    attender.from = expected->from;
    attender.to = expected->to;
    attender.spans = expected->spans;
    attender.n_spans = expected->n_spans;
    entities_put(state->entities, ATTENDANCE_KIND_ATTENDER, &id, 0, &attender.base);
}

ATTENDANCE_EVOLVE(attender_left)
{
    (void)recorded;
    const Dw__AttenderLeft *left = (const Dw__AttenderLeft *)event;
    const struct id id = id_or_zero(&left->placement_id);
    const Dw__Attender *before = entities_get(state->entities, ATTENDANCE_KIND_ATTENDER, &id, 0);
    if (before == NULL)
        return;
    Dw__Attender attender = *before;
    attender.to = left->last;
    entities_put(state->entities, ATTENDANCE_KIND_ATTENDER, &id, 0, &attender.base);
}

ATTENDANCE_EVOLVE(person_known)
{
    (void)recorded;
    const Dw__PersonKnown *known = (const Dw__PersonKnown *)event;
    const struct id council_ref = id_or_zero(&known->council_ref);
    const struct id person_id = id_or_zero(&known->person_id);
    const struct id *before = attendance_council_ref(state, &person_id);
    if (before != NULL) { /* they were known by another one, which is theirs no more */
        const struct id former = *before;
        entities_remove(state->entities, ATTENDANCE_KIND_PERSON, &former, 0);
    }
    Dw__KnownPerson person = DW__KNOWN_PERSON__INIT;
    person.person_id = known->person_id;
    entities_put(state->entities, ATTENDANCE_KIND_PERSON, &council_ref, 0, &person.base);
}

ATTENDANCE_EVOLVE(session_known)
{
    (void)recorded;
    const Dw__SessionKnown *known = (const Dw__SessionKnown *)event;
    const struct id id = id_or_zero(&known->session_id);
    Dw__KnownSession session = DW__KNOWN_SESSION__INIT;
    session.weekday = known->weekday;
    session.start_minutes = known->start_minutes;
    session.end_minutes = known->end_minutes;
    session.from = known->from;
    session.to = known->to;
    session.every_weeks = known->every_weeks;
    entities_put(state->entities, ATTENDANCE_KIND_SESSION, &id, 0, &session.base);
}

/* --- marks ------------------------------------------------------------------------------------------------------ */

static void put_marks(struct state *state, const Dw__PlacementMarks *changes)
{
    const struct id id = id_or_zero(&changes->placement_id);
    const Dw__AttendanceMonth *before =
        entities_get(state->entities, ATTENDANCE_KIND_MONTH, &id, changes->month);
    const ProtobufCBinaryData nothing = {0, NULL};
    const ProtobufCBinaryData *marks = before == NULL ? &nothing : &before->marks;
    uint8_t bytes[MARKS_MAX * MARK_SIZE];
    if (marks->len + changes->marks.len > sizeof bytes)
        return; /* days and sessions bound it: a placement has at most 14 sessions a week */
    Dw__AttendanceMonth month = DW__ATTENDANCE_MONTH__INIT;
    month.marks.data = bytes;
    month.marks.len = marks_merge(marks, &changes->marks, bytes);
    entities_put(state->entities, ATTENDANCE_KIND_MONTH, &id, changes->month, &month.base);
}

/* A run of matched rows of one feed. */
static void count_matches(struct state *state, const struct id *feed_id,
                          Dw__MatchedRow *const *rows, size_t count)
{
    for (size_t at = 0; at < count; at++)
        entities_remove(state->entities, ATTENDANCE_KIND_UNMATCHED, feed_id, rows[at]->row_number);
    const Dw__Feed *before = attendance_feed(state, feed_id);
    if (before == NULL)
        return;
    Dw__Feed feed = *before;
    Dw__FeedCounts counts = *before->counts;
    feed.counts = &counts;
    for (size_t at = 0; at < count; at++) {
        counts.unmatched--;
        counts.added += rows[at]->result == DW__ROW_RESULT__ROW_RESULT_ADDED;
        counts.updated += rows[at]->result == DW__ROW_RESULT__ROW_RESULT_UPDATED;
        counts.unchanged += rows[at]->result == DW__ROW_RESULT__ROW_RESULT_UNCHANGED;
    }
    entities_put(state->entities, ATTENDANCE_KIND_FEED, feed_id, 0, &feed.base);
}

ATTENDANCE_EVOLVE(rows_matched)
{
    (void)recorded;
    const Dw__RowsMatched *matched = (const Dw__RowsMatched *)event;
    for (size_t at = 0; at < matched->n_rows;) {
        const struct id feed_id = id_or_zero(&matched->rows[at]->feed_id);
        size_t end = at + 1;
        while (end < matched->n_rows &&
               memcmp(matched->rows[end]->feed_id.data, feed_id.bytes, sizeof feed_id.bytes) == 0)
            end++;
        count_matches(state, &feed_id, matched->rows + at, end - at);
        at = end;
    }
    for (size_t at = 0; at < matched->n_months; at++)
        put_marks(state, matched->months[at]);
}

static struct entity_key matching_key(int subject_case, const ProtobufCBinaryData *person_id,
                                      const ProtobufCBinaryData *session_id)
{
    const bool is_session = subject_case == DW__MATCHING_LEFT__SUBJECT_SESSION_ID;
    return (struct entity_key){id_or_zero(is_session ? session_id : person_id),
                               is_session ? MATCHING_OF_SESSION : MATCHING_OF_PERSON,
                               ATTENDANCE_KIND_MATCHING};
}

_Static_assert((int)DW__MATCHING_LEFT__SUBJECT_SESSION_ID ==
                   (int)DW__MATCHING_DONE__SUBJECT_SESSION_ID,
               "both events name their subject alike");

ATTENDANCE_EVOLVE(matching_left)
{
    (void)recorded;
    const Dw__MatchingLeft *left = (const Dw__MatchingLeft *)event;
    const struct entity_key key =
        matching_key((int)left->subject_case, &left->person_id, &left->session_id);
    Dw__Matching matching = DW__MATCHING__INIT;
    matching.after_placement_id = left->after_placement_id;
    entities_put(state->entities, key.kind, &key.id, key.part, &matching.base);
}

ATTENDANCE_EVOLVE(matching_done)
{
    (void)recorded;
    const Dw__MatchingDone *done = (const Dw__MatchingDone *)event;
    const struct entity_key key =
        matching_key((int)done->subject_case, &done->person_id, &done->session_id);
    entities_remove(state->entities, key.kind, &key.id, key.part);
}

/* --- feeds ------------------------------------------------------------------------------------------------------ */

ATTENDANCE_EVOLVE(feed_opened)
{
    const Dw__FeedOpened *opened = (const Dw__FeedOpened *)event;
    const struct id id = id_or_zero(&opened->feed_id);
    uint8_t parts[PARTS_MAX / 8] = {0};
    Dw__FeedCounts counts = DW__FEED_COUNTS__INIT;
    Dw__Feed feed = DW__FEED__INIT;
    feed.provider_id = opened->provider_id;
    feed.reference_id = opened->reference_id;
    feed.content_hash = opened->content_hash;
    feed.dialect = opened->dialect;
    feed.mode = opened->mode;
    feed.parts_total = opened->parts_total;
    feed.parts_taken.data = parts;
    feed.parts_taken.len = (opened->parts_total + 7) / 8;
    feed.counts = &counts;
    feed.opened_ms = recorded->at_ms;
    entities_put(state->entities, ATTENDANCE_KIND_FEED, &id, 0, &feed.base);
}

static void put_part(struct state *state, const struct id *feed_id, const Dw__FeedPartTaken *taken,
                     const Dw__Feed *before)
{
    uint8_t parts[PARTS_MAX / 8] = {0};
    ProtobufCBinaryData rejects_ids[REJECTS_MAX];
    Dw__Feed feed = *before;
    Dw__FeedCounts counts = *before->counts;
    const uint32_t bit = taken->part - 1;
    if (before->parts_taken.len > sizeof parts || bit / 8 >= before->parts_taken.len)
        return;
    memcpy(parts, before->parts_taken.data, before->parts_taken.len);
    parts[bit / 8] = (uint8_t)(parts[bit / 8] | 1U << bit % 8);
    feed.parts_taken.data = parts;
    counts.read += taken->counts->read;
    counts.added += taken->counts->added;
    counts.updated += taken->counts->updated;
    counts.unchanged += taken->counts->unchanged;
    counts.rejected += taken->counts->rejected;
    counts.unmatched += taken->counts->unmatched;
    feed.counts = &counts;
    feed.rejects_ids = rejects_ids;
    for (size_t at = 0; at < before->n_rejects_ids; at++)
        rejects_ids[at] = before->rejects_ids[at];
    if (taken->rejects_id.len > 0 && feed.n_rejects_ids < REJECTS_MAX)
        rejects_ids[feed.n_rejects_ids++] = taken->rejects_id;
    entities_put(state->entities, ATTENDANCE_KIND_FEED, feed_id, 0, &feed.base);
}

ATTENDANCE_EVOLVE(feed_part_taken)
{
    const Dw__FeedPartTaken *taken = (const Dw__FeedPartTaken *)event;
    const struct id feed_id = id_or_zero(&taken->feed_id);
    const Dw__Feed *feed = attendance_feed(state, &feed_id);
    if (feed == NULL)
        return;
    for (size_t at = 0; at < taken->n_months; at++)
        put_marks(state, taken->months[at]);
    for (size_t at = 0; at < taken->n_unmatched; at++) {
        Dw__UnmatchedRow row = DW__UNMATCHED_ROW__INIT;
        row.provider_id = feed->provider_id;
        row.entry = taken->unmatched[at];
        row.order = recorded->seq;
        entities_put(state->entities, ATTENDANCE_KIND_UNMATCHED, &feed_id,
                     taken->unmatched[at]->row_number, &row.base);
    }
    for (size_t at = 0; at < taken->n_matching_person_ids; at++) {
        const struct id person_id = id_or_zero(&taken->matching_person_ids[at]);
        const Dw__Matching matching = DW__MATCHING__INIT;
        entities_put(state->entities, ATTENDANCE_KIND_MATCHING, &person_id, MATCHING_OF_PERSON,
                     &matching.base);
    }
    put_part(state, &feed_id, taken, feed);
}

ATTENDANCE_EVOLVE(feed_closed)
{
    (void)recorded;
    const struct id id = id_or_zero(&((const Dw__FeedClosed *)event)->feed_id);
    const Dw__Feed *before = attendance_feed(state, &id);
    if (before == NULL)
        return;
    Dw__Feed feed = *before;
    feed.closed = true;
    entities_put(state->entities, ATTENDANCE_KIND_FEED, &id, 0, &feed.base);
}
