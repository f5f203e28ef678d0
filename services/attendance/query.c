/* Questions about registers and feeds. A provider's people see their own provider's and no others. */
#include "services/attendance/marks.h"
#include "services/attendance/state.h"

#include "common/calendar.h"
#include "common/pick.h"

#include <string.h>

enum {
    WAITING_MAX = 1000,
    REGISTER_ROWS_MAX = 200,
    HASH_SIZE = 32,
    WEEK_DAYS = 7,
    SESSIONS_MAX = 32
};

static void refuse_not_yours(struct answer *answer)
{
    answer_refuse(answer, DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_NOT_YOURS,
                  "It is another provider's; ask for your own.");
}

/* --- receipts --------------------------------------------------------------------------------------------------- */

static struct id find_feed_id(const struct state *state, const Dw__FeedReceipt *asked)
{
    if (asked->feed_id.len > 0)
        return id_or_zero(&asked->feed_id);
    struct file_key key = {.provider_id = id_or_zero(&asked->provider_id)};
    const struct id *id = NULL;
    if (asked->content_hash.len == HASH_SIZE) {
        memcpy(key.content_hash, asked->content_hash.data, HASH_SIZE);
        id = table_get(state->files, &key);
    }
    return id == NULL ? (struct id){{0}} : *id;
}

static void add_missing_parts(const Dw__Feed *feed, struct answer *answer,
                              Dw__FeedReceiptShown *shown)
{
    shown->parts_missing = answer_alloc(answer, feed->parts_total * sizeof(uint32_t));
    for (uint32_t part = 1; part <= feed->parts_total; part++)
        if (!attendance_part_taken(feed, part))
            shown->parts_missing[shown->n_parts_missing++] = part;
}

/* One page is one record: a receipt with all of them might not go into one answer. */
static void add_rejects(const Dw__Feed *feed, uint32_t asked_page, struct vault *vault,
                        Dw__FeedReceiptShown *shown)
{
    const uint32_t page = asked_page == 0 ? 1 : asked_page;
    shown->rejects_pages = (uint32_t)feed->n_rejects_ids;
    if (page > feed->n_rejects_ids)
        return;
    const struct id id = id_or_zero(&feed->rejects_ids[page - 1]);
    const Dw__FeedRejects *rejects = vault_get(vault, &id, &dw__feed_rejects__descriptor);
    if (rejects == NULL)
        return;
    shown->rejects = rejects->rows;
    shown->n_rejects = rejects->n_rows;
}

/* People put names into the names of files. */
static void add_reference(const Dw__Feed *feed, struct vault *vault, Dw__FeedReceiptShown *shown)
{
    struct id id;
    if (!id_from_data(&feed->reference_id, &id))
        return;
    const Dw__FeedReference *reference = vault_get(vault, &id, &dw__feed_reference__descriptor);
    if (reference != NULL)
        shown->file_reference = reference->file_reference;
}

ATTENDANCE_QUERY(feed_receipt)
{
    const Dw__FeedReceipt *asked = (const Dw__FeedReceipt *)request;
    const struct id feed_id = find_feed_id(state, asked);
    const Dw__Feed *feed = attendance_feed(state, &feed_id);
    if (feed == NULL) {
        answer_refuse(answer, DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_FEED_UNKNOWN,
                      "There is no feed with this id, or of a file with these bytes.");
        return;
    }
    if (!attendance_may_use(ctx, &feed->provider_id)) {
        refuse_not_yours(answer);
        return;
    }
    Dw__FeedReceiptShown shown = DW__FEED_RECEIPT_SHOWN__INIT;
    shown.feed_id = id_to_data(&feed_id);
    shown.feed = (Dw__Feed *)(uintptr_t)feed;
    add_missing_parts(feed, answer, &shown);
    add_rejects(feed, asked->rejects_page, vault, &shown);
    add_reference(feed, vault, &shown);
    answer_give(answer, &shown.base);
}

/* --- the register of a week ------------------------------------------------------------------------------------- */

static Dw__TimeOfDay *time_of(struct answer *answer, uint16_t minutes)
{
    if (minutes == MARK_NO_TIME)
        return NULL;
    Dw__TimeOfDay *time = answer_alloc(answer, sizeof *time);
    dw__time_of_day__init(time);
    time->minutes = minutes;
    return time;
}

static Dw__RegisterMark *show_mark(struct answer *answer, const Dw__Attender *attender,
                                   int32_t date, const struct mark *mark)
{
    Dw__RegisterMark *shown = answer_alloc(answer, sizeof *shown);
    dw__register_mark__init(shown);
    shown->date = answer_alloc(answer, sizeof *shown->date);
    dw__date__init(shown->date);
    shown->date->days = date;
    if (mark->session < attender->n_session_ids)
        shown->session_id = attender->session_ids[mark->session];
    shown->status = (Dw__AttendanceStatus)mark->status;
    shown->arrived = time_of(answer, mark->arrived_minutes);
    shown->left = time_of(answer, mark->left_minutes);
    shown->units_e2 = mark->units_e2;
    return shown;
}

/* A week lies in one month or two. */
static void add_marks(const struct state *state, const struct id *placement_id,
                      const Dw__Attender *attender, int32_t monday, struct answer *answer,
                      Dw__RegisterRow *row)
{
    row->marks = answer_alloc(answer, WEEK_DAYS * SESSIONS_MAX * sizeof row->marks[0]);
    const int32_t sunday = monday + WEEK_DAYS - 1;
    for (int32_t month = calendar_month(monday); month <= calendar_month(sunday); month++) {
        const Dw__AttendanceMonth *stored =
            entities_get(state->entities, ATTENDANCE_KIND_MONTH, placement_id, (uint32_t)month);
        for (size_t at = 0; stored != NULL && at < marks_count(&stored->marks); at++) {
            const struct mark mark = marks_at(&stored->marks, at);
            const int32_t date = calendar_month_first(month) + mark.day - 1;
            if (date >= monday && date <= sunday && row->n_marks < WEEK_DAYS * SESSIONS_MAX)
                row->marks[row->n_marks++] = show_mark(answer, attender, date, &mark);
        }
    }
}

static bool is_asked(const Dw__GetRegister *asked, const Dw__Attender *attender, int32_t monday)
{
    const struct id provider_id = id_or_zero(&asked->provider_id);
    const struct id service_id = id_or_zero(&asked->service_id);
    const struct id own_provider_id = id_or_zero(&attender->provider_id);
    const struct id own_service_id = id_or_zero(&attender->service_id);
    return id_equal(&provider_id, &own_provider_id) &&
           (id_is_zero(&service_id) || id_equal(&service_id, &own_service_id)) &&
           attender->from->days < monday + WEEK_DAYS &&
           (attender->to == NULL || attender->to->days >= monday);
}

struct asked_row {
    struct id placement_id;
    const Dw__Attender *attender;
};

static int compare_asked_rows(const void *left, const void *right)
{
    const struct asked_row *one = left;
    const struct asked_row *two = right;
    return id_compare(&one->placement_id, &two->placement_id);
}

static void add_register_rows(const struct state *state, const Dw__GetRegister *asked,
                              int32_t monday, struct answer *answer, Dw__RegisterShown *shown)
{
    const struct id after = id_or_zero(&asked->after_placement_id);
    const size_t count = entities_count(state->entities, ATTENDANCE_KIND_ATTENDER);
    struct asked_row *found =
        answer_alloc(answer, (REGISTER_ROWS_MAX + 1) * sizeof(struct asked_row));
    struct pick pick = {found, sizeof found[0], REGISTER_ROWS_MAX, compare_asked_rows, 0, 0};
    for (size_t at = 0; at < count; at++) {
        struct entity_key key;
        const Dw__Attender *attender =
            entities_at(state->entities, ATTENDANCE_KIND_ATTENDER, at, &key);
        if (is_asked(asked, attender, monday) && id_compare(&key.id, &after) > 0)
            pick_offer(&pick, &(struct asked_row){key.id, attender});
    }
    pick_sort(&pick);
    shown->is_more = pick.total > pick.count;
    shown->rows = answer_alloc(answer, (pick.count + 1) * sizeof shown->rows[0]);
    for (size_t at = 0; at < pick.count; at++) {
        Dw__RegisterRow *row = answer_alloc(answer, sizeof *row);
        dw__register_row__init(row);
        row->placement_id = id_to_data(&found[at].placement_id);
        row->attender = (Dw__Attender *)(uintptr_t)found[at].attender;
        add_marks(state, &found[at].placement_id, found[at].attender, monday, answer, row);
        shown->rows[shown->n_rows++] = row;
    }
}

ATTENDANCE_QUERY(get_register)
{
    (void)vault;
    const Dw__GetRegister *asked = (const Dw__GetRegister *)request;
    struct id id;
    if (!id_from_data(&asked->provider_id, &id))
        answer_invalid(answer, "provider_id", "it must be said, and it is not");
    else if (asked->date == NULL)
        answer_invalid(answer, "date", "it must be said, and it is not");
    else if (!calendar_has(asked->date->days))
        answer_invalid(answer, "date", "its year is 1900 to 2199");
    else if (!attendance_may_use(ctx, &asked->provider_id))
        refuse_not_yours(answer);
    else {
        Dw__Date monday = DW__DATE__INIT;
        Dw__RegisterShown shown = DW__REGISTER_SHOWN__INIT;
        monday.days = calendar_monday(calendar_week(asked->date->days));
        shown.monday = &monday;
        add_register_rows(state, asked, monday.days, answer, &shown);
        answer_give(answer, &shown.base);
    }
}

/* --- rows that wait --------------------------------------------------------------------------------------------- */

struct waiting {
    const Dw__UnmatchedRow *row;
    struct entity_key key;
};

static int compare_waiting(const void *left, const void *right)
{
    const struct waiting *one = left;
    const struct waiting *two = right;
    if (one->row->order != two->row->order)
        return one->row->order < two->row->order ? -1 : 1;
    return (one->key.part > two->key.part) - (one->key.part < two->key.part);
}

ATTENDANCE_QUERY(unmatched_rows)
{
    (void)vault;
    const Dw__UnmatchedRows *asked = (const Dw__UnmatchedRows *)request;
    struct id provider_id;
    if (!id_from_data(&asked->provider_id, &provider_id)) {
        answer_invalid(answer, "provider_id", "it must be said, and it is not");
        return;
    }
    if (!attendance_may_use(ctx, &asked->provider_id)) {
        refuse_not_yours(answer);
        return;
    }
    const size_t count = entities_count(state->entities, ATTENDANCE_KIND_UNMATCHED);
    struct waiting *found = answer_alloc(answer, (WAITING_MAX + 1) * sizeof found[0]);
    struct pick pick = {found, sizeof found[0], WAITING_MAX, compare_waiting, 0, 0};
    Dw__UnmatchedRowsShown shown = DW__UNMATCHED_ROWS_SHOWN__INIT;
    for (size_t at = 0; at < count; at++) {
        struct waiting next;
        next.row = entities_at(state->entities, ATTENDANCE_KIND_UNMATCHED, at, &next.key);
        const struct id own_id = id_or_zero(&next.row->provider_id);
        if (id_equal(&own_id, &provider_id))
            pick_offer(&pick, &next);
    }
    pick_sort(&pick);
    shown.total = (uint32_t)pick.total;
    shown.rows = answer_alloc(answer, (WAITING_MAX + 1) * sizeof shown.rows[0]);
    for (; shown.n_rows < pick.count; shown.n_rows++) {
        const struct waiting *from = &found[shown.n_rows];
        Dw__WaitingRow *row = answer_alloc(answer, sizeof *row);
        dw__waiting_row__init(row);
        row->feed_id = id_to_data(&from->key.id);
        row->entry = from->row->entry;
        shown.rows[shown.n_rows] = row;
    }
    answer_give(answer, &shown.base);
}
