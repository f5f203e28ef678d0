/* The checker: who was where. A mark stands at a sitting of somebody who has a place there; feeds say how many they made; and a
 * register shows the marks that there were. See check.h. */
#include "tests/sim/check.h"

#include <string.h>
#include <time.h>

enum { MARK_SIZE = 9, WEEK_DAYS = 7, NO_TIME = 65535 };

/* What is recorded, as in PlacementMarks without day and session. */
struct said {
    uint64_t seq;
    uint8_t status;
    uint16_t arrived;
    uint16_t left;
    uint16_t units;
};

static int32_t date_of(uint32_t month, uint8_t day)
{
    struct tm date = {.tm_year = 70 + (int)month / 12, .tm_mon = (int)month % 12, .tm_mday = day};
    return (int32_t)(timegm(&date) / (24 * 60 * 60));
}

static uint16_t number_at(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

/* Who came and went has units that are made of the times and of the status, see folk_day.c: nothing of another row is in it. */
static void check_said(struct sim *sim, const struct said *said)
{
    const bool came_and_went = said->arrived != NO_TIME && said->left != NO_TIME;
    if (came_and_went ? said->units != 4 * (said->left - said->arrived) + said->status
                      : said->units != 0 || said->arrived != NO_TIME || said->left != NO_TIME)
        sim_fail(sim, "a mark is not what a row said");
}

static void check_sitting(struct sim *sim, const struct check_placement *placement,
                          const struct check_mark *mark)
{
    const struct check_session *session =
        mark->session < placement->sessions_count
            ? table_get(sim->checker->sessions, &placement->sessions[mark->session])
            : NULL;
    if (session == NULL || check_first_sitting(session, mark->date) != mark->date)
        sim_fail(sim, "a mark stands where there is no sitting");
    else if (mark->date < placement->first_from || mark->date > placement->to_planned)
        sim_fail(sim, "a mark stands outside the placement");
}

void check_fold_marks(struct sim *sim, uint64_t seq, size_t count,
                      Dw__PlacementMarks *const *months)
{
    struct checker *checker = sim->checker;
    for (size_t at = 0; at < count; at++) {
        const struct id id = check_id(&months[at]->placement_id);
        const struct check_placement *placement = table_get(checker->placements, &id);
        if (placement == NULL || months[at]->marks.len % MARK_SIZE != 0) {
            sim_fail(sim, "marks of no placement, or none");
            return;
        }
        for (size_t place = 0; place < months[at]->marks.len; place += MARK_SIZE) {
            const uint8_t *bytes = months[at]->marks.data + place;
            const struct check_mark mark = {id, date_of(months[at]->month, bytes[0]), bytes[1]};
            const struct said said = {seq, bytes[2], number_at(bytes + 3), number_at(bytes + 5),
                                      number_at(bytes + 7)};
            bool is_new;
            struct buffer *list = table_put(checker->marks, &mark, &is_new);
            checker->marks_made += is_new;
            checker->marks_changed += !is_new;
            buffer_append(list, &said, sizeof said);
            check_sitting(sim, placement, &mark);
            check_said(sim, &said);
        }
    }
}

/* What was recorded by then; NULL: nothing was. */
static const struct said *said_at(const struct checker *checker, const struct check_mark *mark,
                                  uint64_t seq)
{
    const struct buffer *list = table_get(checker->marks, mark);
    const struct said *said = list == NULL ? NULL : (const void *)list->bytes;
    size_t at = list == NULL ? 0 : list->len / sizeof *said;
    while (at > 0 && said[at - 1].seq > seq)
        at--;
    return at == 0 ? NULL : &said[at - 1];
}

static bool shows(const Dw__RegisterMark *shown, const struct said *said, int32_t date,
                  const struct id *session_id)
{
    const struct id id = check_id(&shown->session_id);
    return shown->date->days == date && id_equal(&id, session_id) &&
           (uint8_t)shown->status == said->status && shown->units_e2 == said->units &&
           (shown->arrived == NULL ? NO_TIME : shown->arrived->minutes) == said->arrived &&
           (shown->left == NULL ? NO_TIME : shown->left->minutes) == said->left;
}

void check_shown_register(struct sim *sim, const Dw__Envelope *answer)
{
    const Dw__RegisterShown *shown = dw__register_shown__unpack(
        arena_allocator(sim->arena), answer->body.len, answer->body.data);
    for (size_t at = 0; shown != NULL && at < shown->n_rows; at++) {
        const Dw__RegisterRow *row = shown->rows[at];
        const struct id id = check_id(&row->placement_id);
        const struct check_placement *placement = table_get(sim->checker->placements, &id);
        size_t next = 0;
        bool right = placement != NULL;
        for (uint32_t cell = 0; right && cell < WEEK_DAYS * placement->sessions_count; cell++) {
            const struct check_mark mark = {
                id, shown->monday->days + (int32_t)(cell / placement->sessions_count),
                cell % (uint32_t)placement->sessions_count};
            const struct said *said = said_at(sim->checker, &mark, answer->seq);
            if (said != NULL)
                right = next < row->n_marks && shows(row->marks[next++], said, mark.date,
                                                     &placement->sessions[mark.session]);
        }
        if (!right || next != row->n_marks)
            sim_fail(sim, "a register shows other marks than there are");
    }
}

/* Of several rows of a part about one sitting the last is recorded, and the others count as updates too. */
void check_marks_add_up(struct sim *sim)
{
    const struct checker *checker = sim->checker;
    if (checker->rows_added != checker->marks_made ||
        checker->rows_updated < checker->marks_changed)
        sim_fail(sim, "feeds tell of %llu rows added and %llu updated; there are %llu and %llu",
                 (unsigned long long)checker->rows_added, (unsigned long long)checker->rows_updated,
                 (unsigned long long)checker->marks_made,
                 (unsigned long long)checker->marks_changed);
}
