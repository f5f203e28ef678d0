/* See matching.h. */
#include "services/attendance/matching.h"

#include <stdlib.h>
#include <string.h>

enum {
    /* Rows a step looks at: all that one person may have waiting at one provider, one event of at most 300 KiB. */
    SEEN_MAX = 2 * WAITING_OF_REF_MAX,
    /* Placements a step looks at: their ids stand on the stack. */
    STEP_PLACEMENTS_MAX = 256,
};

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

/* Rows of the provider that wait under ref_id and are about a sitting of the person, now that there is this news. */
static void find_waiting(const struct state *state, const struct waiting_ref *ref,
                         const struct expectations *expectations, struct decision *decision,
                         struct found *found)
{
    for (const struct row_key *key = attendance_waiting(state, ref); key != NULL;
         key = attendance_next_waiting(state, key)) {
        const Dw__UnmatchedRow *stored = entities_get(state->entities, ATTENDANCE_KIND_UNMATCHED,
                                                      &key->feed_id, key->row_number);
        const struct expected *expected;
        struct waiting waiting = {.key = *key, .order = stored->order};
        waiting.row = rows_read_unmatched(stored->entry);
        if (match_row(expectations, &waiting.row, &expected) != MATCH_ONE)
            continue;
        waiting.expected = *expected;
        add_found(found, &waiting, decision);
    }
}

/* A person by number and by council id, at one provider. */
struct somebody {
    struct waiting_ref by_number;
    struct waiting_ref by_council; /* ref_id zero: not known */
};

static struct somebody somebody_at(const struct state *state, const struct id *provider_id,
                                   const struct id *person_id, const struct id *council_ref)
{
    struct somebody somebody = {{*provider_id, *person_id}, {*provider_id, {{0}}}};
    const struct id *known = attendance_council_ref(state, person_id);
    if (council_ref != NULL)
        somebody.by_council.ref_id = *council_ref;
    else if (known != NULL)
        somebody.by_council.ref_id = *known;
    return somebody;
}

static uint32_t waiting_of(const struct state *state, const struct somebody *somebody)
{
    return attendance_waiting_of_ref(state, &somebody->by_number) +
           attendance_waiting_of_ref(state, &somebody->by_council);
}

static void find_of_somebody(const struct state *state, const struct somebody *somebody,
                             const struct match_news *news, struct decision *decision,
                             struct found *found)
{
    if (waiting_of(state, somebody) == 0)
        return;
    const struct expectations expectations = match_person(
        state, &somebody->by_number.provider_id, &somebody->by_number.ref_id, news, decision);
    find_waiting(state, &somebody->by_number, &expectations, decision, found);
    find_waiting(state, &somebody->by_council, &expectations, decision, found);
}

/* A person with two placements at a provider is found twice, and their rows once. */
static void drop_doubles(struct found *found)
{
    size_t kept = 0;
    for (size_t at = 0; at < found->count; at++)
        if (kept == 0 || compare_waiting(&found->rows[kept - 1], &found->rows[at]) != 0)
            found->rows[kept++] = found->rows[at];
    found->count = kept;
}

/* Rows are told in the order in which they came, so that those of one feed stand together. */
static void emit_matched(const struct state *state, struct found *found, struct decision *decision)
{
    if (found->count == 0)
        return;
    qsort(found->rows, found->count, sizeof found->rows[0], compare_waiting);
    drop_doubles(found);
    const size_t count = found->count;
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
        const size_t order = placed[at].order;
        struct waiting *row = &found->rows[order];
        Dw__MatchedRow *told = decision_alloc(decision, sizeof *told);
        dw__matched_row__init(told);
        told->feed_id = id_to_data(&row->key.feed_id);
        told->row_number = row->key.row_number;
        told->result = placed[at].result;
        matched.rows[order] = told;
    }
    decision_emit(decision, &matched.base);
}

void matching_placement(const struct state *state, const struct id *provider_id,
                        const struct id *person_id, const struct match_news *news,
                        struct decision *decision)
{
    const struct somebody somebody = somebody_at(state, provider_id, person_id, NULL);
    struct found found = {0};
    find_of_somebody(state, &somebody, news, decision, &found);
    emit_matched(state, &found, decision);
}

/* --- a step ----------------------------------------------------------------------------------------------------- */

/* The next placements of the subject with somebody for whom rows wait, by ascending id. */
struct step {
    const struct state *state;
    const struct subject *subject;
    const struct id *after;
    const struct id *council_ref;
    struct id ids[STEP_PLACEMENTS_MAX];
    size_t count;
    bool is_more; /* than have room */
};

static const Dw__Attender *attender_of(const struct state *state, const struct id *placement_id)
{
    return entities_get(state->entities, ATTENDANCE_KIND_ATTENDER, placement_id, 0);
}

static struct somebody somebody_of(const struct step *step, const Dw__Attender *attender)
{
    const struct id provider_id = id_or_zero(&attender->provider_id);
    const struct id person_id = id_or_zero(&attender->person_id);
    return somebody_at(step->state, &provider_id, &person_id, step->council_ref);
}

static void offer_placement(struct step *step, const struct id *placement_id,
                            const Dw__Attender *attender)
{
    const struct somebody somebody = somebody_of(step, attender);
    if (id_compare(placement_id, step->after) <= 0 || waiting_of(step->state, &somebody) == 0)
        return;
    if (step->count == STEP_PLACEMENTS_MAX) {
        step->is_more = true;
        if (id_compare(placement_id, &step->ids[step->count - 1]) > 0)
            return;
        step->count--;
    }
    size_t at = step->count++;
    for (; at > 0 && id_compare(&step->ids[at - 1], placement_id) > 0; at--)
        step->ids[at] = step->ids[at - 1];
    step->ids[at] = *placement_id;
}

static bool has_session(const Dw__Attender *attender, const struct id *session_id)
{
    for (size_t at = 0; at < attender->n_session_ids; at++) {
        const struct id id = id_or_zero(&attender->session_ids[at]);
        if (id_equal(&id, session_id))
            return true;
    }
    return false;
}

/* Sessions are set before people come, so going through everybody happens only when something waits. */
static void collect_placements(struct step *step)
{
    const struct state *state = step->state;
    const struct id *id = &step->subject->id;
    if (table_count(state->waiting) == 0)
        return;
    if (!step->subject->is_session) {
        for (id = attendance_placements(state, id); id != NULL;
             id = attendance_next_placement(state, id))
            offer_placement(step, id, attender_of(state, id));
        return;
    }
    for (size_t at = 0; at < entities_count(state->entities, ATTENDANCE_KIND_ATTENDER); at++) {
        struct entity_key key;
        const Dw__Attender *attender =
            entities_at(state->entities, ATTENDANCE_KIND_ATTENDER, at, &key);
        if (has_session(attender, id))
            offer_placement(step, &key.id, attender);
    }
}

static void emit_left(const struct subject *subject, const struct id *after,
                      struct decision *decision)
{
    Dw__MatchingLeft left = DW__MATCHING_LEFT__INIT;
    left.after_placement_id = id_to_data(after);
    if (subject->is_session) {
        left.subject_case = DW__MATCHING_LEFT__SUBJECT_SESSION_ID;
        left.session_id = id_to_data(&subject->id);
    } else {
        left.subject_case = DW__MATCHING_LEFT__SUBJECT_PERSON_ID;
        left.person_id = id_to_data(&subject->id);
    }
    decision_emit(decision, &left.base);
}

static void emit_done(const struct state *state, const struct subject *subject,
                      struct decision *decision)
{
    Dw__MatchingDone done = DW__MATCHING_DONE__INIT;
    if (entities_get(state->entities, ATTENDANCE_KIND_MATCHING, &subject->id,
                     subject->is_session ? MATCHING_OF_SESSION : MATCHING_OF_PERSON) == NULL)
        return; /* it was one step only */
    if (subject->is_session) {
        done.subject_case = DW__MATCHING_DONE__SUBJECT_SESSION_ID;
        done.session_id = id_to_data(&subject->id);
    } else {
        done.subject_case = DW__MATCHING_DONE__SUBJECT_PERSON_ID;
        done.person_id = id_to_data(&subject->id);
    }
    decision_emit(decision, &done.base);
}

void matching_step(const struct state *state, const struct subject *subject,
                   const struct id *after_placement_id, const struct id *council_ref,
                   const struct match_news *news, struct decision *decision)
{
    struct step step = {.state = state,
                        .subject = subject,
                        .after = after_placement_id,
                        .council_ref = council_ref};
    struct found found = {0};
    uint32_t seen = 0;
    size_t at = 0;
    collect_placements(&step);
    for (; at < step.count; at++) {
        const struct somebody somebody = somebody_of(&step, attender_of(state, &step.ids[at]));
        const uint32_t count = waiting_of(state, &somebody);
        if (at > 0 && seen + count > SEEN_MAX)
            break;
        seen += count;
        find_of_somebody(state, &somebody, news, decision, &found);
    }
    emit_matched(state, &found, decision);
    if (step.is_more || at < step.count)
        emit_left(subject, &step.ids[at - 1], decision);
    else
        emit_done(state, subject, decision);
}

/* --- what time makes necessary ---------------------------------------------------------------------------------- */

ATTENDANCE_DECIDE(match_rows)
{
    (void)ctx;
    const Dw__MatchRows *match = (const Dw__MatchRows *)command;
    const bool is_session = match->subject_case == DW__MATCH_ROWS__SUBJECT_SESSION_ID;
    const struct subject subject = {
        is_session, id_or_zero(is_session ? &match->session_id : &match->person_id)};
    const Dw__Matching *matching =
        entities_get(state->entities, ATTENDANCE_KIND_MATCHING, &subject.id,
                     is_session ? MATCHING_OF_SESSION : MATCHING_OF_PERSON);
    if (matching == NULL)
        return; /* done in the same turn */
    const struct id after = id_or_zero(&matching->after_placement_id);
    matching_step(state, &subject, &after, NULL, NULL, decision);
}

/* One step a turn: a step is a whole commit's worth. */
int64_t attendance_due(const struct state *state, const struct context *ctx, size_t max,
                       struct due *due)
{
    struct entity_key key;
    if (max == 0 || entities_count(state->entities, ATTENDANCE_KIND_MATCHING) == 0)
        return INT64_MAX;
    (void)entities_at(state->entities, ATTENDANCE_KIND_MATCHING, 0, &key);
    Dw__MatchRows match = DW__MATCH_ROWS__INIT;
    if (key.part == MATCHING_OF_SESSION) {
        match.subject_case = DW__MATCH_ROWS__SUBJECT_SESSION_ID;
        match.session_id = id_to_data(&key.id);
    } else {
        match.subject_case = DW__MATCH_ROWS__SUBJECT_PERSON_ID;
        match.person_id = id_to_data(&key.id);
    }
    due_command(due, &match.base);
    return ctx->now_ms;
}
