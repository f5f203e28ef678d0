/* The timetable's rows: one a session, with its stays and, once used, its cells. See timetable.h. */
#include "services/capacity/timetable.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/calendar.h"
#include "common/table.h"

enum {
    WEEK_OPEN = INT32_MAX,
    WEEK_NONE = INT32_MIN, /* a row without cells; a timetable that never rolled */
    CELLS = HORIZON_WEEKS + 1,
};

/* One booking on one session. */
struct stay {
    struct id booking_id;
    int32_t first_week;
    int32_t last_week; /* WEEK_OPEN = for ever */
    struct amounts uses;
    bool confirmed;
};

/* Taken numbers of one limit: per week from the row's base on, then the most from the horizon's end on; and for each
 * cell the most from it on. */
struct cells {
    uint16_t taken[CELLS];
    uint16_t most_from[CELLS];
};

struct row {
    int32_t base_week; /* WEEK_NONE: the cells are not built */
    int weekday;
    struct amounts limits;
    struct amounts least;        /* of each limit's cells within the horizon */
    struct amounts most;         /* of all its cells */
    struct cells *cells[LIMITS]; /* NULL where the session has no such limit */
    struct stay *stays;
    size_t stays_count;
    size_t stays_size;
};

/* A change of what is taken, for going through the stays in order. */
struct step {
    int32_t week;
    int32_t amount;
};

struct timetable {
    struct table *numbers; /* struct id -> uint32_t */
    struct row *rows;
    size_t rows_count;
    size_t rows_size;
    int32_t base_week;
    struct step *steps; /* scratch */
    size_t steps_size;
};

static void *grow(void *memory, size_t *size, size_t needed, size_t item_size)
{
    if (needed <= *size)
        return memory;
    *size = needed < 8 ? 8 : needed * 2;
    void *grown = realloc(memory, *size * item_size);
    if (grown == NULL)
        abort();
    return grown;
}

struct timetable *timetable_create(void)
{
    struct timetable *timetable = calloc(1, sizeof *timetable);
    if (timetable == NULL)
        return NULL;
    timetable->base_week = WEEK_NONE;
    timetable->numbers = table_create(sizeof(struct id), sizeof(uint32_t));
    if (timetable->numbers == NULL)
        timetable_destroy(&timetable);
    return timetable;
}

void timetable_destroy(struct timetable **pointer)
{
    struct timetable *timetable = *pointer;
    if (timetable == NULL)
        return;
    for (size_t at = 0; at < timetable->rows_count; at++) {
        free(timetable->rows[at].stays);
        for (size_t limit = 0; limit < LIMITS; limit++)
            free(timetable->rows[at].cells[limit]);
    }
    free(timetable->rows);
    free(timetable->steps);
    table_destroy(&timetable->numbers);
    free(timetable);
    *pointer = NULL;
}

uint32_t timetable_find(const struct timetable *timetable, const struct id *session_id)
{
    const uint32_t *number = table_get(timetable->numbers, session_id);
    return number == NULL ? NO_SESSION : *number;
}

uint32_t timetable_set_session(struct timetable *timetable, const struct id *session_id,
                               int weekday, const struct amounts *limits)
{
    bool is_new;
    uint32_t *number = table_put(timetable->numbers, session_id, &is_new);
    if (is_new) {
        *number = (uint32_t)timetable->rows_count;
        timetable->rows = grow(timetable->rows, &timetable->rows_size, timetable->rows_count + 1,
                               sizeof timetable->rows[0]);
        timetable->rows[timetable->rows_count++] =
            (struct row){.base_week = WEEK_NONE, .weekday = weekday};
    }
    struct row *row = &timetable->rows[*number];
    row->limits = *limits;
    row->base_week =
        WEEK_NONE; /* a limit may have come to be: its cells are built when next used */
    return *number;
}

const struct amounts *timetable_limits(const struct timetable *timetable, uint32_t session)
{
    return &timetable->rows[session].limits;
}

/* --- weeks ------------------------------------------------------------------------------------------------------ */

/* The week of the first sitting on or after a date, and of the last one on or before it. */
static int32_t first_week(const struct row *row, int32_t date)
{
    const int32_t week = calendar_week(date);
    return calendar_weekday(date) <= row->weekday ? week : week + 1;
}

static int32_t last_week(const struct row *row, int32_t date)
{
    if (date == DATE_OPEN)
        return WEEK_OPEN;
    const int32_t week = calendar_week(date);
    return calendar_weekday(date) >= row->weekday ? week : week - 1;
}

/* --- going through the stays ------------------------------------------------------------------------------------- */

static int compare_steps(const void *left, const void *right)
{
    const struct step *one = left;
    const struct step *other = right;
    if (one->week != other->week)
        return one->week < other->week ? -1 : 1;
    return (one->amount > other->amount) - (one->amount < other->amount); /* leaving goes first */
}

/* Takes the changes inside the range into the scratch steps; returns what is taken in the range's first week. */
static int32_t collect_steps(struct timetable *timetable, const struct row *row, size_t limit,
                             int32_t first, int32_t last, size_t *ret_count)
{
    int32_t taken = 0;
    size_t count = 0;
    timetable->steps = grow(timetable->steps, &timetable->steps_size, 2 * row->stays_count,
                            sizeof timetable->steps[0]);
    for (size_t at = 0; at < row->stays_count; at++) {
        const struct stay *stay = &row->stays[at];
        const int32_t amount = stay->uses.of[limit];
        if (amount == 0 || stay->last_week < first || stay->first_week > last)
            continue;
        if (stay->first_week <= first)
            taken += amount;
        else
            timetable->steps[count++] = (struct step){stay->first_week, amount};
        if (stay->last_week < last)
            timetable->steps[count++] = (struct step){stay->last_week + 1, -amount};
    }
    *ret_count = count;
    return taken;
}

/* The most taken in any week between two, and the first such week: exact, by going through the row's stays. */
static uint32_t sweep(struct timetable *timetable, const struct row *row, size_t limit,
                      int32_t first, int32_t last, int32_t *ret_week)
{
    size_t count;
    int32_t taken = collect_steps(timetable, row, limit, first, last, &count);
    int32_t most = taken;
    int32_t week = first;
    if (count > 0)
        qsort(timetable->steps, count, sizeof timetable->steps[0], compare_steps);
    for (size_t at = 0; at < count; at++) {
        taken += timetable->steps[at].amount;
        if (taken > most) {
            most = taken;
            week = timetable->steps[at].week;
        }
    }
    if (ret_week != NULL)
        *ret_week = week;
    return (uint32_t)most;
}

/* --- cells ------------------------------------------------------------------------------------------------------ */

static void summarise(struct row *row, size_t limit)
{
    struct cells *cells = row->cells[limit];
    uint16_t most = cells->taken[HORIZON_WEEKS];
    uint16_t least = UINT16_MAX;
    cells->most_from[HORIZON_WEEKS] = most;
    for (size_t at = HORIZON_WEEKS; at-- > 0;) {
        most = cells->taken[at] > most ? cells->taken[at] : most;
        cells->most_from[at] = most;
        least = cells->taken[at] < least ? cells->taken[at] : least;
    }
    row->most.of[limit] = most;
    row->least.of[limit] = least;
}

static void build_cells(struct timetable *timetable, struct row *row, size_t limit)
{
    struct cells *cells = row->cells[limit];
    const int32_t base = row->base_week;
    const int32_t end = base + HORIZON_WEEKS;
    memset(cells->taken, 0, sizeof cells->taken);
    for (size_t at = 0; at < row->stays_count; at++) {
        const struct stay *stay = &row->stays[at];
        if (stay->uses.of[limit] == 0 || stay->last_week < base || stay->first_week >= end ||
            stay->last_week < stay->first_week)
            continue;
        const int32_t from = stay->first_week > base ? stay->first_week - base : 0;
        cells->taken[from] = (uint16_t)(cells->taken[from] + stay->uses.of[limit]);
        if (stay->last_week < end - 1) { /* differences wrap around and come back in the sum */
            uint16_t *after = &cells->taken[stay->last_week + 1 - base];
            *after = (uint16_t)(*after - stay->uses.of[limit]);
        }
    }
    for (size_t at = 1; at < HORIZON_WEEKS; at++)
        cells->taken[at] = (uint16_t)(cells->taken[at] + cells->taken[at - 1]);
    cells->taken[HORIZON_WEEKS] = (uint16_t)sweep(timetable, row, limit, end, WEEK_OPEN, NULL);
    summarise(row, limit);
}

/* Brings the row's cells to the present week; false when there is none yet. */
static bool refresh(struct timetable *timetable, struct row *row)
{
    if (timetable->base_week == WEEK_NONE)
        return false;
    if (row->base_week == timetable->base_week)
        return true;
    row->base_week = timetable->base_week;
    for (size_t limit = 0; limit < LIMITS; limit++) {
        if (row->limits.of[limit] == 0 && row->cells[limit] == NULL)
            continue;
        if (row->cells[limit] == NULL)
            row->cells[limit] = malloc(sizeof *row->cells[limit]);
        if (row->cells[limit] == NULL)
            abort();
        build_cells(timetable, row, limit);
    }
    return true;
}

void timetable_roll(struct timetable *timetable, int32_t today)
{
    const int32_t week = calendar_week(today);
    if (week > timetable->base_week)
        timetable->base_week = week;
}

/* Adds a stay to the cells or takes it out (already done in the list of stays). */
static void apply(struct timetable *timetable, struct row *row, const struct stay *stay, bool add)
{
    const int32_t base = row->base_week;
    if (base == WEEK_NONE || stay->last_week < stay->first_week || stay->last_week < base)
        return;
    const int32_t end = base + HORIZON_WEEKS;
    const int32_t from = stay->first_week > base ? stay->first_week - base : 0;
    const int32_t to = stay->last_week < end ? stay->last_week - base + 1 : HORIZON_WEEKS;
    for (size_t limit = 0; limit < LIMITS; limit++) {
        struct cells *cells = row->cells[limit];
        const int amount = add ? stay->uses.of[limit] : -stay->uses.of[limit];
        if (cells == NULL || amount == 0)
            continue;
        for (int32_t at = from; at < to; at++)
            cells->taken[at] = (uint16_t)(cells->taken[at] + amount);
        if (stay->last_week == WEEK_OPEN && stay->first_week <= end)
            cells->taken[HORIZON_WEEKS] = (uint16_t)(cells->taken[HORIZON_WEEKS] + amount);
        else if (stay->last_week >= end)
            cells->taken[HORIZON_WEEKS] =
                (uint16_t)sweep(timetable, row, limit, end, WEEK_OPEN, NULL);
        summarise(row, limit);
    }
}

void timetable_add(struct timetable *timetable, uint32_t session, const struct id *booking_id,
                   int32_t first, int32_t last, const struct amounts *uses, bool confirmed)
{
    struct row *row = &timetable->rows[session];
    row->stays = grow(row->stays, &row->stays_size, row->stays_count + 1, sizeof row->stays[0]);
    struct stay *stay = &row->stays[row->stays_count++];
    *stay = (struct stay){.booking_id = *booking_id,
                          .first_week = first_week(row, first),
                          .last_week = last_week(row, last),
                          .uses = *uses,
                          .confirmed = confirmed};
    apply(timetable, row, stay, true);
}

void timetable_remove(struct timetable *timetable, uint32_t session, const struct id *booking_id)
{
    struct row *row = &timetable->rows[session];
    size_t at = 0;
    while (at < row->stays_count && !id_equal(&row->stays[at].booking_id, booking_id))
        at++;
    assert(at < row->stays_count);
    const struct stay stay = row->stays[at];
    row->stays[at] = row->stays[--row->stays_count];
    apply(timetable, row, &stay, false);
}

/* --- asking ------------------------------------------------------------------------------------------------------ */

/* The most taken between two weeks and the first week with as much. Where nothing is taken the first week stands. */
static uint32_t peak(struct timetable *timetable, struct row *row, size_t limit, int32_t first,
                     int32_t last, int32_t *ret_week)
{
    if (!refresh(timetable, row) || row->cells[limit] == NULL)
        return sweep(timetable, row, limit, first, last, ret_week);
    const struct cells *cells = row->cells[limit];
    const int32_t base = row->base_week;
    const int32_t end = base + HORIZON_WEEKS;
    uint32_t most = 0;
    int32_t week = first;
    if (first < base) {
        most = sweep(timetable, row, limit, first, last < base ? last : base - 1, &week);
        first = base;
    }
    for (int32_t at = first; at < end && at <= last; at++)
        if (cells->taken[at - base] > most) {
            most = cells->taken[at - base];
            week = at;
        }
    if (last >= end && cells->taken[HORIZON_WEEKS] > most) {
        int32_t late_week;
        const uint32_t late =
            sweep(timetable, row, limit, first > end ? first : end, last, &late_week);
        if (late > most) {
            most = late;
            week = late_week;
        }
    }
    *ret_week = week;
    return most;
}

uint32_t timetable_peak(struct timetable *timetable, uint32_t session, size_t limit, int32_t first,
                        int32_t last)
{
    struct row *row = &timetable->rows[session];
    const int32_t from = first_week(row, first);
    const int32_t to = last_week(row, last);
    if (to < from)
        return 0;
    /* The everyday case, an open-ended wish from within the horizon on, is one look. */
    if (to == WEEK_OPEN && refresh(timetable, row) && row->cells[limit] != NULL &&
        from >= row->base_week && from <= row->base_week + HORIZON_WEEKS)
        return row->cells[limit]->most_from[from - row->base_week];
    int32_t week;
    return peak(timetable, row, limit, from, to, &week);
}

uint32_t timetable_peak_date(struct timetable *timetable, uint32_t session, size_t limit,
                             int32_t first, int32_t last, int32_t *ret_date)
{
    struct row *row = &timetable->rows[session];
    const int32_t from = first_week(row, first);
    const int32_t to = last_week(row, last);
    *ret_date = first;
    if (to < from)
        return 0;
    int32_t week;
    const uint32_t most = peak(timetable, row, limit, from, to, &week);
    *ret_date = calendar_monday(week) + row->weekday - 1;
    return most;
}

/* What the row's bounds alone say about a wish: -1 it does not fit, 1 it does, 0 the cells must tell. */
static int fits_bounds(const struct row *row, size_t limit, uint32_t use, int32_t from, int32_t to)
{
    if (use > row->limits.of[limit])
        return -1;
    if (to < from)
        return 1;
    if (row->base_week == WEEK_NONE || from < row->base_week || row->cells[limit] == NULL)
        return 0;
    if (row->most.of[limit] + use <= row->limits.of[limit])
        return 1;
    const bool near = from < row->base_week + HORIZON_WEEKS;
    return near && row->least.of[limit] + use > row->limits.of[limit] ? -1 : 0;
}

bool timetable_fits(struct timetable *timetable, uint32_t session, const struct amounts *uses,
                    int32_t first, int32_t last)
{
    const struct row *row = &timetable->rows[session];
    const int32_t from = first_week(row, first);
    const int32_t to = last_week(row, last);
    for (size_t limit = 0; limit < LIMITS; limit++) {
        if (uses->of[limit] == 0)
            continue;
        const int known = fits_bounds(row, limit, uses->of[limit], from, to);
        if (known < 0)
            return false;
        if (known == 0 && timetable_peak(timetable, session, limit, first, last) + uses->of[limit] >
                              row->limits.of[limit])
            return false;
    }
    return true;
}

struct timetable_sums timetable_count(const struct timetable *timetable, uint32_t session,
                                      size_t limit, int32_t first, int32_t last)
{
    const struct row *row = &timetable->rows[session];
    const int32_t from = first_week(row, first);
    const int32_t to = last_week(row, last);
    struct timetable_sums sums = {0};
    if (to < from)
        return sums;
    sums.sittings = (uint32_t)(to - from + 1);
    for (size_t at = 0; at < row->stays_count; at++) {
        const struct stay *stay = &row->stays[at];
        const int32_t begin = stay->first_week > from ? stay->first_week : from;
        const int32_t finish = stay->last_week < to ? stay->last_week : to;
        if (finish < begin)
            continue;
        const uint64_t taken = (uint64_t)(finish - begin + 1) * stay->uses.of[limit];
        *(stay->confirmed ? &sums.confirmed : &sums.held) += taken;
    }
    return sums;
}
