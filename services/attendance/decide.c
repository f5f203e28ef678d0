/* Commands of feeds. */
#include "services/attendance/rows.h"

#include <stdlib.h>
#include <string.h>

enum {
    PARTS_MAX = 1000, /* a million rows: a county's year in one file */
    ROWS_MAX = 1000,  /* one event of about 20 KiB */
    REFERENCE_MAX = 64,
    VALUE_MAX = 128, /* enough to find the cell again */
    SENTENCE_MAX = 256,
    HASH_SIZE = 32,
};

static void refuse_not_yours(struct decision *decision)
{
    decision_refuse(decision, DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_NOT_YOURS,
                    "The feed is another provider's; send and read your own.");
}

/* The feed, when there is one that the principal may touch; else the decision says why not. */
static const Dw__Feed *find_feed(const struct state *state, const ProtobufCBinaryData *feed_id,
                                 const struct context *ctx, struct decision *decision)
{
    struct id id;
    if (!id_from_data(feed_id, &id)) {
        decision_invalid(decision, "feed_id", "it must be said, and it is not");
        return NULL;
    }
    const Dw__Feed *feed = attendance_feed(state, &id);
    if (feed == NULL)
        decision_refuse(decision, DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_FEED_UNKNOWN,
                        "There is no feed with this id; open it first.");
    else if (!attendance_may_use(ctx, &feed->provider_id))
        refuse_not_yours(decision);
    return decision_is_no(decision) ? NULL : feed;
}

/* --- opening ---------------------------------------------------------------------------------------------------- */

static bool is_form_right(const Dw__OpenFeed *open, struct decision *decision)
{
    struct id id;
    if (!id_from_data(&open->feed_id, &id))
        decision_invalid(decision, "feed_id", "it must be said, and it is not");
    else if (!id_from_data(&open->provider_id, &id))
        decision_invalid(decision, "provider_id", "it must be said, and it is not");
    else if (open->content_hash.len != HASH_SIZE)
        decision_invalid(decision, "content_hash", "it has %d bytes", HASH_SIZE);
    else if (strlen(open->file_reference) > REFERENCE_MAX)
        decision_invalid(decision, "file_reference", "it has at most %d bytes", REFERENCE_MAX);
    else if (open->parts_total < 1 || open->parts_total > PARTS_MAX)
        decision_invalid(decision, "parts_total", "it is 1 to %d", PARTS_MAX);
    return !decision_is_no(decision);
}

static bool is_known_file(const struct state *state, const Dw__OpenFeed *open)
{
    struct file_key key = {.provider_id = attendance_id(&open->provider_id),
                           .mode = (uint32_t)open->mode};
    memcpy(key.content_hash, open->content_hash.data, sizeof key.content_hash);
    return table_get(state->files, &key) != NULL;
}

ATTENDANCE_DECIDE(open_feed)
{
    const Dw__OpenFeed *open = (const Dw__OpenFeed *)command;
    if (!is_form_right(open, decision))
        return;
    const struct id feed_id = attendance_id(&open->feed_id);
    if (!attendance_may_use(ctx, &open->provider_id)) {
        refuse_not_yours(decision);
        return;
    }
    if (is_known_file(state, open))
        return; /* its receipt is found by its hash */
    if (attendance_feed(state, &feed_id) != NULL) {
        decision_refuse(decision, DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_ALREADY_EXISTS,
                        "Another file was sent under this feed id; choose a fresh one.");
        return;
    }
    Dw__FeedOpened opened = DW__FEED_OPENED__INIT;
    opened.feed_id = open->feed_id;
    opened.file_reference = open->file_reference;
    opened.content_hash = open->content_hash;
    opened.provider_id = open->provider_id;
    opened.dialect = open->dialect;
    opened.mode = open->mode;
    opened.parts_total = open->parts_total;
    decision_emit(decision, &opened.base);
}

/* --- a part of rows --------------------------------------------------------------------------------------------- */

struct part {
    const struct state *state;
    struct decision *decision;
    struct id provider_id;
    int32_t today;
    struct placed_row *placed;
    size_t placed_count;
    Dw__FeedRow **unmatched;
    Dw__FeedRow **rejects;
    Dw__FeedCounts counts;
};

static bool is_fault_right(const Dw__RowFault *fault)
{
    return fault->column[0] != '\0' && strlen(fault->column) <= VALUE_MAX &&
           strlen(fault->value) <= VALUE_MAX && strlen(fault->reason) <= SENTENCE_MAX &&
           strlen(fault->mend) <= SENTENCE_MAX &&
           fault->code != DW__ROW_FAULT_CODE__ROW_FAULT_CODE_UNSPECIFIED;
}

static bool are_rows_right(const Dw__FeedRows *rows, struct decision *decision)
{
    if (rows->n_rows > ROWS_MAX)
        decision_invalid(decision, "rows", "a part has at most %d", ROWS_MAX);
    for (size_t at = 0; at < rows->n_rows && !decision_is_no(decision); at++) {
        const Dw__FeedRow *row = rows->rows[at];
        if (row->row_number <= (at == 0 ? 0 : rows->rows[at - 1]->row_number))
            decision_invalid(decision, "rows", "row numbers begin at 1 and ascend");
        else if (row->what_case == DW__FEED_ROW__WHAT__NOT_SET)
            decision_invalid(decision, "rows", "row %u has neither an entry nor a fault",
                             row->row_number);
        else if (row->what_case == DW__FEED_ROW__WHAT_ENTRY &&
                 row->entry->status == DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_UNSPECIFIED)
            decision_invalid(decision, "rows", "row %u has no status", row->row_number);
        else if (row->what_case == DW__FEED_ROW__WHAT_FAULT && !is_fault_right(row->fault))
            decision_invalid(decision, "rows", "the fault of row %u is not complete or too long",
                             row->row_number);
    }
    return !decision_is_no(decision);
}

static void reject(struct part *part, const Dw__FeedRow *row, Dw__RowFault *fault)
{
    Dw__FeedRow *rejected = decision_alloc(part->decision, sizeof *rejected);
    dw__feed_row__init(rejected);
    rejected->row_number = row->row_number;
    rejected->what_case = DW__FEED_ROW__WHAT_FAULT;
    rejected->fault = fault;
    part->rejects[part->counts.rejected++] = rejected;
}

static void take_row(struct part *part, Dw__FeedRow *row)
{
    part->counts.read++;
    Dw__RowFault *fault = row->what_case == DW__FEED_ROW__WHAT_FAULT
                              ? row->fault
                              : rows_check(row->entry, part->today, part->decision);
    if (fault != NULL) {
        reject(part, row, fault);
        return;
    }
    struct id placement_id;
    uint8_t session;
    if (attendance_match(part->state, &part->provider_id, row->entry, &placement_id, &session) ==
        NULL) {
        part->unmatched[part->counts.unmatched++] = row;
        return;
    }
    part->placed[part->placed_count] =
        rows_place(&placement_id, session, row->entry, part->placed_count);
    part->placed_count++;
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

static void keep_rejects(const struct part *part, const struct id *rejects_id)
{
    Dw__FeedRejects rejects = DW__FEED_REJECTS__INIT;
    rejects.rows = part->rejects;
    rejects.n_rows = part->counts.rejected;
    decision_keep(part->decision, rejects_id, &rejects.base);
}

static void take_part(const struct state *state, const Dw__FeedRows *rows, const Dw__Feed *feed,
                      const struct context *ctx, struct decision *decision)
{
    const size_t size = rows->n_rows + 1;
    struct part part = {.state = state,
                        .decision = decision,
                        .provider_id = attendance_id(&feed->provider_id),
                        .today = ctx->today,
                        .counts = DW__FEED_COUNTS__INIT};
    part.placed = decision_alloc(decision, size * sizeof part.placed[0]);
    part.unmatched = decision_alloc(decision, size * sizeof(Dw__FeedRow *));
    part.rejects = decision_alloc(decision, size * sizeof(Dw__FeedRow *));
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
    if (feed->mode == DW__FEED_MODE__FEED_MODE_PREVIEW)
        taken.n_months = taken.n_unmatched = 0;
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
    const Dw__Feed *feed = find_feed(state, &rows->feed_id, ctx, decision);
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

/* --- closing ---------------------------------------------------------------------------------------------------- */

ATTENDANCE_DECIDE(close_feed)
{
    const Dw__CloseFeed *close = (const Dw__CloseFeed *)command;
    const Dw__Feed *feed = find_feed(state, &close->feed_id, ctx, decision);
    if (feed == NULL || feed->closed)
        return;
    for (uint32_t part = 1; part <= feed->parts_total; part++)
        if (!attendance_part_taken(feed, part)) {
            decision_refuse(decision, DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_PARTS_MISSING,
                            "Part %u of %u has not been sent.", part, feed->parts_total);
            return;
        }
    Dw__FeedClosed closed = DW__FEED_CLOSED__INIT;
    closed.feed_id = close->feed_id;
    decision_emit(decision, &closed.base);
}
