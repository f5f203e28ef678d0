/* What the placements service tells: who is expected, until when, and with that which waiting rows find their placement. */
#include "services/attendance/rows.h"

#include "placements.pb-c.h"

#include <stdlib.h>

/* Rows of one person that are matched at once: two years of two sessions every weekday. Further ones go on waiting. */
enum { MATCHED_MAX = 1000 };

struct waiting {
    struct row_key key;
    const Dw__UnmatchedRow *row;
    uint8_t session;
};

/* As they were told. */
static int compare_waiting(const void *left, const void *right)
{
    const struct waiting *one = left;
    const struct waiting *two = right;
    if (one->row->order != two->row->order)
        return one->row->order < two->row->order ? -1 : 1;
    return (one->key.row_number > two->key.row_number) -
           (one->key.row_number < two->key.row_number);
}

/* Waiting rows of the attender's person that the attender has the session of. */
static struct waiting *find_waiting(const struct state *state, const Dw__Attender *attender,
                                    struct decision *decision, size_t *ret_count)
{
    const struct attendee attendee = {attendance_id(&attender->provider_id),
                                      attendance_id(&attender->person_id)};
    const struct row_key *const first = table_get(state->unmatched, &attendee);
    size_t size = 0;
    for (const struct row_key *key = first; key != NULL && key->row_number != 0;
         key = table_get(state->next_unmatched, key))
        size++;
    struct waiting *found = decision_alloc(decision, (size + 1) * sizeof found[0]);
    size_t count = 0;
    for (const struct row_key *key = first; key != NULL && key->row_number != 0;
         key = table_get(state->next_unmatched, key)) {
        const Dw__UnmatchedRow *row = entities_get(state->entities, ATTENDANCE_KIND_UNMATCHED,
                                                   &key->feed_id, key->row_number);
        uint8_t session;
        if (attendance_expects(attender, row->entry, &session))
            found[count++] = (struct waiting){*key, row, session};
    }
    qsort(found, count, sizeof found[0], compare_waiting);
    *ret_count = count < MATCHED_MAX ? count : MATCHED_MAX;
    return found;
}

static void match_waiting(const struct state *state, const struct id *placement_id,
                          const Dw__Attender *attender, struct decision *decision)
{
    size_t count;
    struct waiting *waiting = find_waiting(state, attender, decision, &count);
    if (count == 0)
        return;
    struct placed_row *placed = decision_alloc(decision, count * sizeof placed[0]);
    for (size_t at = 0; at < count; at++)
        placed[at] = rows_place(placement_id, waiting[at].session, waiting[at].row->entry, at);
    Dw__RowsMatched matched = DW__ROWS_MATCHED__INIT;
    matched.n_months = rows_settle(state, decision, placed, count, &matched.months);
    matched.n_rows = count;
    matched.rows = decision_alloc(decision, count * sizeof matched.rows[0]);
    for (size_t at = 0; at < count; at++) {
        struct waiting *row = &waiting[placed[at].order];
        Dw__MatchedRow *told = decision_alloc(decision, sizeof *told);
        dw__matched_row__init(told);
        told->feed_id = id_to_data(&row->key.feed_id);
        told->row_number = row->key.row_number;
        told->result = placed[at].result;
        matched.rows[at] = told;
    }
    decision_emit(decision, &matched.base);
}

ATTENDANCE_REACT(placement_started)
{
    (void)ctx;
    const Dw__PlacementStarted *started = (const Dw__PlacementStarted *)event->message;
    const Dw__PlacementTerms *terms = started->terms;
    if (terms == NULL || started->date == NULL)
        return;
    const struct id placement_id = attendance_id(&started->placement_id);
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
    match_waiting(state, &placement_id, &attender, decision);
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
