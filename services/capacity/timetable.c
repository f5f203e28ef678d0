/* Rows of free numbers, and the takings they are made from. See timetable.h. */
#include "services/capacity/timetable.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/calendar.h"
#include "common/table.h"
#include "services/capacity/closed.h"
#include "services/capacity/lanes.h"

enum {
    CELLS = TIMETABLE_WEEKS + 1, /* the last one: the minimum from then on */
    NO_BASE = INT32_MIN,         /* the session's rows are not made */
    LIMITS_GLANCED = 5,          /* the limits before the last one, which few sessions name */
};

struct row {
    int16_t cells[CELLS];
};

/* What most questions are answered from, apart from the rest so that four of them share a cache line. */
struct glance {
    int32_t base; /* week of the rows' first cell, or NO_BASE */
    /* Least of all cells when the rows are made; 0 for a limit without a row. */
    int16_t least[LIMITS_GLANCED];
    int16_t
        full_until; /* last cell without a place; -1 when each has one, CELLS - 1 when it stays so */
};

struct slot {
    struct session_terms terms;
    uint32_t rows[LIMIT_KINDS]; /* 1 + place in rows; 0: the limit is 0 and has no row */
    struct taking *takings;
    uint32_t takings_count;
    size_t takings_size;
    struct limit_change *changes; /* by week */
    size_t changes_count;
};

_Static_assert(sizeof(struct glance) == 16, "four glances share a cache line");

struct timetable {
    struct table *by_id; /* session id -> slot */
    struct slot *slots;
    struct glance *glances; /* of each slot */
    uint32_t slots_count;
    size_t slots_size;
    struct row *rows; /* flat, shared by all sessions; never given back, limits rarely become 0 */
    uint32_t rows_count;
    size_t rows_size;
    struct closed *closed;
};

struct weeks capacity_weeks_of(int weekday, int32_t from, int32_t to)
{
    struct weeks weeks = {.first = calendar_week(from), .last = TIMETABLE_FOREVER};
    if (weekday < calendar_weekday(from))
        weeks.first++;
    if (to == INT32_MAX)
        return weeks;
    weeks.last = calendar_week(to);
    if (weekday > calendar_weekday(to))
        weeks.last--;
    return weeks;
}

struct weeks capacity_weeks_every(unsigned every_weeks, int32_t sits_in, struct weeks weeks)
{
    if (every_weeks <= 1 || weeks.last < weeks.first)
        return weeks;
    const int32_t step = (int32_t)every_weeks;
    const int32_t past = ((weeks.first - sits_in) % step + step) % step;
    if (past > 0)
        weeks.first += step - past;
    if (weeks.last != TIMETABLE_FOREVER)
        weeks.last -= ((weeks.last - sits_in) % step + step) % step;
    return weeks;
}

struct timetable *capacity_timetable_create(void)
{
    struct timetable *timetable = calloc(1, sizeof *timetable);
    if (timetable == NULL)
        return NULL;
    timetable->by_id = table_create(sizeof(struct id), sizeof(uint32_t));
    timetable->closed = capacity_closed_create();
    if (timetable->by_id == NULL || timetable->closed == NULL)
        capacity_timetable_destroy(&timetable);
    return timetable;
}

void capacity_timetable_destroy(struct timetable **pointer)
{
    struct timetable *timetable = *pointer;
    if (timetable == NULL)
        return;
    for (uint32_t slot = 0; slot < timetable->slots_count; slot++) {
        free(timetable->slots[slot].takings);
        free(timetable->slots[slot].changes);
    }
    capacity_closed_destroy(&timetable->closed);
    free(timetable->slots);
    free(timetable->glances);
    free(timetable->rows);
    table_destroy(&timetable->by_id);
    free(timetable);
    *pointer = NULL;
}

bool capacity_timetable_find(const struct timetable *timetable, const struct id *session_id,
                             uint32_t *ret_slot)
{
    const uint32_t *slot = table_get(timetable->by_id, session_id);
    if (slot == NULL)
        return false;
    *ret_slot = *slot;
    return true;
}

const struct session_terms *capacity_timetable_terms(const struct timetable *timetable,
                                                     uint32_t slot)
{
    assert(slot < timetable->slots_count);
    return &timetable->slots[slot].terms;
}

uint32_t capacity_timetable_set(struct timetable *timetable, const struct session_terms *terms)
{
    bool is_new;
    uint32_t *place = table_put(timetable->by_id, &terms->session_id, &is_new);
    if (is_new) {
        if (timetable->slots_count == timetable->slots_size) {
            size_t size = timetable->slots_size;
            timetable->glances =
                array_grow(timetable->glances, &size, sizeof timetable->glances[0]);
            timetable->slots =
                array_grow(timetable->slots, &timetable->slots_size, sizeof timetable->slots[0]);
        }
        *place = timetable->slots_count++;
        timetable->slots[*place] = (struct slot){0};
    }
    struct slot *slot = &timetable->slots[*place];
    slot->terms = *terms;
    timetable->glances[*place] = (struct glance){.base = NO_BASE};
    return *place;
}

void capacity_timetable_change(struct timetable *timetable, uint32_t at,
                               const struct limit_change *changes, size_t count)
{
    assert(at < timetable->slots_count);
    struct slot *slot = &timetable->slots[at];
    free(slot->changes);
    slot->changes = NULL;
    slot->changes_count = count;
    timetable->glances[at].base = NO_BASE;
    if (count == 0)
        return;
    slot->changes = calloc(count, sizeof slot->changes[0]);
    if (slot->changes == NULL)
        abort(); /* a daemon that cannot remember must not go on */
    memcpy(slot->changes, changes, count * sizeof changes[0]);
}

struct closed *capacity_timetable_closed(const struct timetable *timetable)
{
    return timetable->closed;
}

static int16_t limit_in(const struct slot *slot, size_t limit, int32_t week)
{
    for (size_t at = slot->changes_count; at > 0; at--)
        if (slot->changes[at - 1].week <= week)
            return slot->changes[at - 1].limits[limit];
    return slot->terms.limits[limit];
}

int32_t capacity_timetable_limit(const struct timetable *timetable, uint32_t slot, size_t limit,
                                 int32_t week)
{
    assert(slot < timetable->slots_count && limit < LIMIT_KINDS);
    return limit_in(&timetable->slots[slot], limit, week);
}

const struct taking *capacity_timetable_takings(const struct timetable *timetable, uint32_t slot,
                                                size_t *ret_count)
{
    assert(slot < timetable->slots_count);
    *ret_count = timetable->slots[slot].takings_count;
    return timetable->slots[slot].takings;
}

/* --- the takings: exact, and slow when there are many ------------------------------------------------------------- */

static int32_t taken_in(const struct slot *slot, size_t limit, int32_t week)
{
    int32_t sum = 0;
    for (uint32_t at = 0; at < slot->takings_count; at++) {
        const struct taking *taking = &slot->takings[at];
        if (taking->weeks.first <= week && week <= taking->weeks.last)
            sum += taking->uses[limit];
    }
    return sum;
}

/* What is taken only rises in a week in which a taking begins, so the peak lies in the first week or in one of those. */
static int32_t taken_at_most(const struct slot *slot, size_t limit, struct weeks weeks)
{
    if (weeks.last < weeks.first)
        return 0;
    int32_t peak = taken_in(slot, limit, weeks.first);
    for (uint32_t at = 0; at < slot->takings_count; at++) {
        const struct taking *taking = &slot->takings[at];
        if (taking->uses[limit] > 0 && taking->weeks.first > weeks.first &&
            taking->weeks.first <= weeks.last)
            peak = calendar_later(peak, taken_in(slot, limit, taking->weeks.first));
    }
    return peak;
}

static int32_t left_in(const struct slot *slot, size_t limit, int32_t week)
{
    return limit_in(slot, limit, week) - taken_in(slot, limit, week);
}

/* What is left only falls in a week in which a taking begins or the limits change. */
static int32_t least_left(const struct slot *slot, size_t limit, struct weeks weeks)
{
    int32_t least = slot->terms.limits[limit] - taken_at_most(slot, limit, weeks);
    if (slot->changes_count == 0)
        return least;
    least = left_in(slot, limit, weeks.first);
    for (uint32_t at = 0; at < slot->takings_count; at++)
        if (slot->takings[at].weeks.first > weeks.first &&
            slot->takings[at].weeks.first <= weeks.last)
            least = calendar_earlier(least, left_in(slot, limit, slot->takings[at].weeks.first));
    for (size_t at = 0; at < slot->changes_count; at++)
        if (slot->changes[at].week > weeks.first && slot->changes[at].week <= weeks.last)
            least = calendar_earlier(least, left_in(slot, limit, slot->changes[at].week));
    return least;
}

int32_t capacity_timetable_taken(const struct timetable *timetable, uint32_t slot, size_t limit,
                                 struct weeks weeks)
{
    assert(slot < timetable->slots_count && limit < LIMIT_KINDS);
    return taken_at_most(&timetable->slots[slot], limit, weeks);
}

/* --- the rows ----------------------------------------------------------------------------------------------------- */

static int16_t *cells_of(const struct timetable *timetable, const struct slot *slot, size_t limit)
{
    return slot->rows[limit] == 0 ? NULL : timetable->rows[slot->rows[limit] - 1].cells;
}

/* Free numbers never leave the range of a cell: limits and uses are at most 10,000 and what is taken never passes what
 * the limit once was, so a limit that was lowered cannot bring them under -10,000. */
static void subtract(int16_t *cells, int32_t base, struct weeks weeks, int amount)
{
    const int32_t first = calendar_later(weeks.first, base);
    const int32_t last = calendar_earlier(weeks.last, base + TIMETABLE_WEEKS - 1);
    for (int32_t week = first; week <= last; week++)
        cells[week - base] = (int16_t)(cells[week - base] - amount);
}

static void settle_last_cell(const struct slot *slot, int32_t base, size_t limit, int16_t *cells)
{
    const struct weeks beyond = {base + TIMETABLE_WEEKS, TIMETABLE_FOREVER};
    cells[TIMETABLE_WEEKS] = (int16_t)least_left(slot, limit, beyond);
}

/* Writes down what a glance shows of a row. */
static void look_over(struct glance *glance, size_t limit, const int16_t *cells)
{
    if (limit < LIMITS_GLANCED)
        glance->least[limit] = capacity_least_cell(cells, CELLS);
    if (limit != LIMIT_PLACES)
        return;
    int16_t cell = glance->least[limit] > 0 ? -1 : CELLS - 1;
    while (cell >= 0 && cells[cell] > 0)
        cell--;
    glance->full_until = cell;
}

static const int16_t *make_row(struct timetable *timetable, struct slot *slot, int32_t base,
                               size_t limit)
{
    if (slot->rows[limit] == 0) {
        if (timetable->rows_count == timetable->rows_size)
            timetable->rows =
                array_grow(timetable->rows, &timetable->rows_size, sizeof timetable->rows[0]);
        slot->rows[limit] = ++timetable->rows_count;
    }
    int16_t *cells = cells_of(timetable, slot, limit);
    for (int32_t at = 0; at < TIMETABLE_WEEKS; at++)
        cells[at] =
            slot->changes_count == 0 ? slot->terms.limits[limit] : limit_in(slot, limit, base + at);
    for (uint32_t at = 0; at < slot->takings_count; at++)
        if (slot->takings[at].uses[limit] > 0)
            subtract(cells, base, slot->takings[at].weeks, slot->takings[at].uses[limit]);
    settle_last_cell(slot, base, limit, cells);
    return cells;
}

/* True when the session has some of the limit at some time. */
static bool ever_has(const struct slot *slot, size_t limit)
{
    bool has = slot->terms.limits[limit] > 0;
    for (size_t at = 0; at < slot->changes_count; at++)
        has |= slot->changes[at].limits[limit] > 0;
    return has;
}

/* Makes the rows for the week asked in, unless they are. */
static const struct glance *glance_at(struct timetable *timetable, uint32_t at, int32_t this_week)
{
    assert(at < timetable->slots_count);
    struct glance *glance = &timetable->glances[at];
    if (glance->base == this_week)
        return glance;
    struct slot *slot = &timetable->slots[at];
    *glance = (struct glance){.base = this_week, .full_until = CELLS - 1};
    for (size_t limit = 0; limit < LIMIT_KINDS; limit++)
        if (slot->rows[limit] != 0 || ever_has(slot, limit))
            look_over(glance, limit, make_row(timetable, slot, this_week, limit));
    return glance;
}

/* Follows a taking that came (sign 1) or went (sign -1), which the slot's list already shows. */
static void follow(struct timetable *timetable, uint32_t at, const struct taking *taking, int sign)
{
    struct slot *slot = &timetable->slots[at];
    struct glance *glance = &timetable->glances[at];
    if (glance->base == NO_BASE)
        return;
    const int32_t beyond = glance->base + TIMETABLE_WEEKS;
    for (size_t limit = 0; limit < LIMIT_KINDS; limit++) {
        int16_t *cells = cells_of(timetable, slot, limit);
        if (taking->uses[limit] == 0 || cells == NULL)
            continue;
        subtract(cells, glance->base, taking->weeks, sign * taking->uses[limit]);
        const bool takes_all_beyond =
            taking->weeks.first <= beyond && taking->weeks.last == TIMETABLE_FOREVER;
        if (takes_all_beyond)
            cells[TIMETABLE_WEEKS] = (int16_t)(cells[TIMETABLE_WEEKS] - sign * taking->uses[limit]);
        else if (taking->weeks.last >= beyond)
            settle_last_cell(slot, glance->base, limit, cells);
        look_over(glance, limit, cells);
    }
}

void capacity_timetable_take(struct timetable *timetable, uint32_t at, const struct taking *taking)
{
    assert(at < timetable->slots_count);
    struct slot *slot = &timetable->slots[at];
    if (taking->weeks.last < taking->weeks.first)
        return;
    if (slot->takings_count == slot->takings_size)
        slot->takings = array_grow(slot->takings, &slot->takings_size, sizeof slot->takings[0]);
    slot->takings[slot->takings_count++] = *taking;
    follow(timetable, at, taking, 1);
}

void capacity_timetable_give_back(struct timetable *timetable, uint32_t at,
                                  const struct id *hold_id)
{
    assert(at < timetable->slots_count);
    struct slot *slot = &timetable->slots[at];
    for (uint32_t place = slot->takings_count; place-- > 0;) {
        if (!id_equal(&slot->takings[place].hold_id, hold_id))
            continue;
        const struct taking gone = slot->takings[place];
        slot->takings[place] = slot->takings[--slot->takings_count];
        follow(timetable, at, &gone, -1);
    }
}

/* Nothing is taken in any week from the rows' first one on, so nothing need be read: no week has more than the limit. */
static bool is_untouched(const struct timetable *timetable, uint32_t at, size_t limit)
{
    const struct glance *glance = &timetable->glances[at];
    const struct slot *slot = &timetable->slots[at];
    const int16_t most = slot->terms.limits[limit];
    return glance->base != NO_BASE && most > 0 && limit < LIMITS_GLANCED &&
           glance->least[limit] == most && slot->changes_count == 0;
}

void capacity_timetable_prefetch(const struct timetable *timetable, uint32_t slot)
{
    __builtin_prefetch(&timetable->glances[slot]);
}

enum { CACHE_LINE = 64 };

void capacity_timetable_prefetch_terms(const struct timetable *timetable, uint32_t slot)
{
    const char *bytes = (const char *)&timetable->slots[slot];
    __builtin_prefetch(&timetable->glances[slot]);
    __builtin_prefetch(bytes);
    __builtin_prefetch(bytes + CACHE_LINE);
}

void capacity_timetable_prefetch_places(const struct timetable *timetable, uint32_t slot)
{
    if (is_untouched(timetable, slot, LIMIT_PLACES))
        return;
    const int16_t *cells = cells_of(timetable, &timetable->slots[slot], LIMIT_PLACES);
    for (size_t at = 0; cells != NULL && at < CELLS; at += CACHE_LINE / sizeof cells[0])
        __builtin_prefetch(cells + at);
}

/* --- questions ---------------------------------------------------------------------------------------------------- */

int32_t capacity_timetable_free(struct timetable *timetable, uint32_t at, size_t limit,
                                struct weeks weeks, int32_t this_week)
{
    assert(limit < LIMIT_KINDS);
    if (weeks.last < weeks.first)
        return TIMETABLE_NONE;
    const int32_t base = glance_at(timetable, at, this_week)->base;
    const struct slot *slot = &timetable->slots[at];
    if (weeks.first >= base && is_untouched(timetable, at, limit))
        return slot->terms.limits[limit];
    const int16_t *cells = cells_of(timetable, slot, limit);
    if (cells == NULL)
        return least_left(slot, limit, weeks);
    const int32_t beyond = base + TIMETABLE_WEEKS;
    int32_t least = TIMETABLE_NONE;
    if (weeks.first < base) {
        const struct weeks before = {weeks.first, calendar_earlier(weeks.last, base - 1)};
        least = least_left(slot, limit, before);
    }
    const int32_t first = calendar_later(weeks.first, base);
    const int32_t last = calendar_earlier(weeks.last, beyond - 1);
    if (first <= last)
        least = calendar_earlier(
            least, capacity_least_cell(cells + (first - base), (size_t)(last - first) + 1));
    if (weeks.last < beyond)
        return least;
    if (weeks.last == TIMETABLE_FOREVER && weeks.first <= beyond)
        return calendar_earlier(least, cells[TIMETABLE_WEEKS]);
    const struct weeks after = {calendar_later(weeks.first, beyond), weeks.last};
    return calendar_earlier(least, least_left(slot, limit, after));
}

bool capacity_timetable_has(struct timetable *timetable, uint32_t at, size_t limit,
                            struct weeks weeks, int32_t this_week, int16_t amount)
{
    const struct glance *glance = glance_at(timetable, at, this_week);
    if (amount > 0 && limit < LIMITS_GLANCED && glance->least[limit] >= amount &&
        weeks.first >= glance->base)
        return true;
    if (amount > 0 && weeks.first <= weeks.last && timetable->slots[at].rows[limit] == 0)
        return false; /* the session never has any of it */
    if (limit == LIMIT_PLACES && amount == 1 && weeks.last == TIMETABLE_FOREVER &&
        weeks.first >= glance->base && weeks.first - glance->base < CELLS)
        return weeks.first - glance->base > glance->full_until;
    return capacity_timetable_free(timetable, at, limit, weeks, this_week) >= amount;
}

int32_t capacity_timetable_when(struct timetable *timetable, uint32_t at, size_t limit,
                                struct weeks weeks, int32_t this_week, int32_t amount)
{
    const int32_t base = glance_at(timetable, at, this_week)->base;
    const struct slot *slot = &timetable->slots[at];
    const int16_t *cells = cells_of(timetable, slot, limit);
    if (cells != NULL && weeks.first >= base) {
        const int32_t last = calendar_earlier(weeks.last, base + TIMETABLE_WEEKS - 1);
        for (int32_t week = weeks.first; week <= last; week++)
            if (cells[week - base] <= amount)
                return week;
    }
    int32_t when = weeks.last;
    if (left_in(slot, limit, weeks.first) <= amount)
        return weeks.first;
    for (uint32_t place = 0; place < slot->takings_count; place++) {
        const int32_t week = slot->takings[place].weeks.first;
        if (week > weeks.first && week < when && left_in(slot, limit, week) <= amount)
            when = week;
    }
    for (size_t place = 0; place < slot->changes_count; place++) {
        const int32_t week = slot->changes[place].week;
        if (week > weeks.first && week < when && left_in(slot, limit, week) <= amount)
            when = week;
    }
    return when;
}
