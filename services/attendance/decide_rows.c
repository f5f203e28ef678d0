/* A part of a feed: each row is rejected, recorded, or kept until its placement is known. */
#include "services/attendance/match.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROWS_MAX = 1000, /* one event of about 20 KiB */
    VALUE_MAX = 128, /* enough to find the cell again */
    SENTENCE_MAX = 256,
};

struct part {
    const struct state *state;
    const struct context *ctx;
    struct decision *decision;
    struct id feed_id;
    struct id provider_id;
    struct placed_row *placed;
    size_t placed_count;
    Dw__UnmatchedEntry **unmatched;
    Dw__RowFault **rejects;
    Dw__FeedCounts counts;
    ProtobufCBinaryData *matching_ids; /* people of whom earlier rows are being matched */
    size_t matching_count;
    /* Of the last row, since a file that is sorted has many of one person. */
    const char *ref;
    const struct id *ref_id; /* the person number, or a pseudonym by which nobody is known */
    struct expectations expectations;
};

static bool is_fault_right(const Dw__RowFault *fault)
{
    return fault->row_number > 0 && fault->column[0] != '\0' &&
           strlen(fault->column) <= VALUE_MAX && strlen(fault->value) <= VALUE_MAX &&
           strlen(fault->reason) <= SENTENCE_MAX && strlen(fault->mend) <= SENTENCE_MAX &&
           fault->code != DW__ROW_FAULT_CODE__ROW_FAULT_CODE_UNSPECIFIED;
}

static int compare_numbers(const void *left, const void *right)
{
    const uint32_t one = *(const uint32_t *)left;
    const uint32_t two = *(const uint32_t *)right;
    return (one > two) - (one < two);
}

/* A row number is what a row is found again by, so no two rows share one. */
static void check_numbers(const Dw__FeedRows *rows, struct decision *decision)
{
    const size_t count = rows->n_rows + rows->n_faults;
    uint32_t *numbers = decision_alloc(decision, (count + 1) * sizeof numbers[0]);
    for (size_t at = 0; at < rows->n_rows; at++)
        numbers[at] = rows->rows[at]->row_number;
    for (size_t at = 0; at < rows->n_faults; at++)
        numbers[rows->n_rows + at] = rows->faults[at]->row_number;
    qsort(numbers, count, sizeof numbers[0], compare_numbers);
    if (count > 0 && numbers[0] == 0)
        decision_invalid(decision, "rows", "row numbers begin at 1");
    for (size_t at = 1; at < count; at++)
        if (numbers[at] == numbers[at - 1])
            decision_invalid(decision, "rows", "row %u is there twice", numbers[at]);
}

static bool are_rows_right(const Dw__FeedRows *rows, struct decision *decision)
{
    if (rows->n_rows + rows->n_faults > ROWS_MAX) {
        decision_invalid(decision, "rows", "a part has at most %d", ROWS_MAX);
        return false;
    }
    for (size_t at = 0; at < rows->n_faults; at++)
        if (!is_fault_right(rows->faults[at]))
            decision_invalid(decision, "faults", "the fault of row %u is not complete or too long",
                             rows->faults[at]->row_number);
    check_numbers(rows, decision);
    return !decision_is_no(decision);
}

/* Whom the row names, and what that person is expected at. */
static void find_person(struct part *part, const char *ref)
{
    struct id id;
    if (part->ref != NULL && strcmp(part->ref, ref) == 0)
        return;
    if (id_from_text(ref, &id) < 0 || id_is_zero(&id)) {
        id = context_pseudonym(part->ctx, ref);
        const struct id *person_id = attendance_person(part->state, &id);
        if (person_id != NULL)
            id = *person_id;
    }
    struct id *ref_id = decision_alloc(part->decision, sizeof *ref_id);
    *ref_id = id;
    part->ref = ref;
    part->ref_id = ref_id;
    part->expectations =
        match_person(part->state, &part->provider_id, ref_id, NULL, part->decision);
}

static uint32_t count_in_part(const struct part *part, const struct id *ref_id)
{
    uint32_t count = 0;
    for (uint32_t at = 0; at < part->counts.unmatched; at++)
        count += memcmp(part->unmatched[at]->ref_id.data, ref_id->bytes, sizeof ref_id->bytes) == 0;
    return count;
}

/* Why the row may not wait, or NULL. */
static Dw__RowFault *check_room(const struct part *part, const Dw__RowEntry *entry)
{
    const struct waiting_ref ref = {part->provider_id, *part->ref_id};
    const uint32_t of_ref = attendance_waiting_of_ref(part->state, &ref);
    const uint32_t of_provider =
        attendance_waiting_of_provider(part->state, &part->provider_id) + part->counts.unmatched;
    const char *reason = NULL;
    if (of_provider >= WAITING_OF_PROVIDER_MAX)
        reason =
            "100,000 rows of people not yet placed wait already, which is all there is room for.";
    else if (of_ref + part->counts.unmatched >= WAITING_OF_REF_MAX &&
             of_ref + count_in_part(part, part->ref_id) >= WAITING_OF_REF_MAX)
        reason = "5,000 rows for this person wait already, which is all there is room for.";
    if (reason == NULL)
        return NULL;
    Dw__RowFault *fault =
        rows_impossible(part->decision, "person_ref", reason,
                        "Ask the council to record and place the person; then send these rows.");
    fault->code = DW__ROW_FAULT_CODE__ROW_FAULT_CODE_TOO_MANY_WAITING;
    fault->row_number = entry->row_number;
    fault->value = entry->person_ref;
    return fault;
}

static void keep_waiting(struct part *part, const Dw__RowEntry *entry)
{
    if (entities_get(part->state->entities, ATTENDANCE_KIND_UNMATCHED, &part->feed_id,
                     entry->row_number) != NULL)
        decision_invalid(part->decision, "rows", "row %u was in another part already",
                         entry->row_number);
    part->unmatched[part->counts.unmatched++] = rows_keep(entry, part->ref_id, part->decision);
}

/* Whether rows that came before this one are being matched, a step at a time: then it gets in line. */
static bool is_overtaking(const struct part *part)
{
    if (entities_count(part->state->entities, ATTENDANCE_KIND_MATCHING) == 0)
        return false;
    struct waiting_ref ref = {part->provider_id, *part->ref_id};
    if (attendance_waiting(part->state, &ref) != NULL || count_in_part(part, part->ref_id) > 0)
        return true;
    const struct id *council_ref = attendance_council_ref(part->state, part->ref_id);
    if (council_ref == NULL)
        return false;
    ref.ref_id = *council_ref;
    return attendance_waiting(part->state, &ref) != NULL;
}

static void add_matching(struct part *part)
{
    for (size_t at = 0; at < part->matching_count; at++)
        if (memcmp(part->matching_ids[at].data, part->ref_id->bytes, sizeof part->ref_id->bytes) ==
            0)
            return;
    part->matching_ids[part->matching_count++] = id_to_data(part->ref_id);
}

static void take_row(struct part *part, const Dw__RowEntry *entry)
{
    const struct expected *expected = NULL;
    enum match match = MATCH_WAIT;
    Dw__RowFault *fault = rows_check(entry, part->ctx->today, part->decision);
    if (fault == NULL) {
        const struct row row = rows_read(entry);
        find_person(part, entry->person_ref);
        match = match_row(&part->expectations, &row, &expected);
        if (match == MATCH_ONE && is_overtaking(part)) {
            add_matching(part);
            match = MATCH_WAIT;
        }
        if (match == MATCH_ONE) {
            part->placed[part->placed_count++] =
                rows_place(&expected->placement_id, expected->number, &row, row.number);
            return;
        }
        if (match != MATCH_WAIT) {
            fault = match_fault(&part->expectations, &row, match, part->decision);
            fault->row_number = entry->row_number;
        }
    }
    if (fault == NULL)
        fault = check_room(part, entry);
    if (fault != NULL)
        part->rejects[part->counts.rejected++] = fault;
    else
        keep_waiting(part, entry);
}

static void count_results(struct part *part)
{
    for (size_t at = 0; at < part->placed_count; at++) {
        const Dw__RowResult result = part->placed[at].result;
        part->counts.added += result == DW__ROW_RESULT__ROW_RESULT_ADDED;
        part->counts.updated += result == DW__ROW_RESULT__ROW_RESULT_UPDATED;
        part->counts.unchanged += result == DW__ROW_RESULT__ROW_RESULT_UNCHANGED;
    }
}

static int compare_faults(const void *left, const void *right)
{
    const uint32_t one = (*(Dw__RowFault *const *)left)->row_number;
    const uint32_t two = (*(Dw__RowFault *const *)right)->row_number;
    return (one > two) - (one < two);
}

static void keep_rejects(const struct part *part, const struct id *rejects_id)
{
    qsort(part->rejects, part->counts.rejected, sizeof part->rejects[0], compare_faults);
    Dw__FeedRejects rejects = DW__FEED_REJECTS__INIT;
    rejects.rows = part->rejects;
    rejects.n_rows = part->counts.rejected;
    decision_keep(part->decision, rejects_id, &rejects.base);
}

static void take_part(const struct state *state, const Dw__FeedRows *rows, const Dw__Feed *feed,
                      const struct context *ctx, struct decision *decision)
{
    const size_t size = rows->n_rows + rows->n_faults + 1;
    struct part part = {.state = state,
                        .ctx = ctx,
                        .decision = decision,
                        .feed_id = id_or_zero(&rows->feed_id),
                        .provider_id = id_or_zero(&feed->provider_id),
                        .counts = DW__FEED_COUNTS__INIT};
    part.placed = decision_alloc(decision, size * sizeof part.placed[0]);
    part.unmatched = decision_alloc(decision, size * sizeof part.unmatched[0]);
    part.rejects = decision_alloc(decision, size * sizeof part.rejects[0]);
    part.matching_ids = decision_alloc(decision, size * sizeof part.matching_ids[0]);
    part.counts.read = (uint32_t)(rows->n_rows + rows->n_faults);
    for (size_t at = 0; at < rows->n_faults; at++)
        part.rejects[part.counts.rejected++] = rows->faults[at];
    for (size_t at = 0; at < rows->n_rows; at++)
        take_row(&part, rows->rows[at]);
    Dw__FeedPartTaken taken = DW__FEED_PART_TAKEN__INIT;
    taken.n_months = rows_settle(state, decision, part.placed, part.placed_count, &taken.months);
    count_results(&part);
    taken.feed_id = rows->feed_id;
    taken.part = rows->part;
    taken.counts = &part.counts;
    taken.unmatched = part.unmatched;
    taken.n_unmatched = part.counts.unmatched;
    taken.matching_person_ids = part.matching_ids;
    taken.n_matching_person_ids = part.matching_count;
    if (feed->mode == DW__FEED_MODE__FEED_MODE_PREVIEW)
        taken.n_months = taken.n_unmatched = taken.n_matching_person_ids = 0;
    const struct id rejects_id = context_new_id(ctx);
    if (part.counts.rejected > 0) {
        taken.rejects_id = id_to_data(&rejects_id);
        keep_rejects(&part, &rejects_id);
    }
    decision_emit(decision, &taken.base);
}

ATTENDANCE_DECIDE(feed_rows)
{
    const Dw__FeedRows *rows = (const Dw__FeedRows *)command;
    const Dw__Feed *feed = attendance_own_feed(state, &rows->feed_id, ctx, decision);
    if (feed == NULL || !are_rows_right(rows, decision))
        return;
    if (rows->part < 1 || rows->part > feed->parts_total)
        decision_refuse(decision, DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_PART_OUTSIDE,
                        "The feed has parts 1 to %u.", feed->parts_total);
    else if (attendance_part_taken(feed, rows->part))
        return; /* the same again: nothing has to change, closed or not */
    else
        take_part(state, rows, feed, ctx, decision);
}
