/* Lists of closed weeks, one a slot. See closed.h. */
#include "services/capacity/closed.h"

#include <stdlib.h>
#include <string.h>

#include "common/table.h"
#include "services/capacity/timetable.h"

struct closing {
    struct id closure_id;
    struct weeks weeks;
};

struct closings {
    struct closing *list;
    uint32_t count;
    size_t size;
};

struct closed {
    struct closings *slots; /* those beyond slots_count have no closure */
    size_t slots_count;
};

struct closed *capacity_closed_create(void)
{
    return calloc(1, sizeof(struct closed));
}

void capacity_closed_destroy(struct closed **pointer)
{
    struct closed *closed = *pointer;
    if (closed == NULL)
        return;
    for (uint32_t slot = 0; slot < closed->slots_count; slot++)
        free(closed->slots[slot].list);
    free(closed->slots);
    free(closed);
    *pointer = NULL;
}

static struct closings *closings_of(struct closed *closed, uint32_t slot)
{
    while (slot >= closed->slots_count) {
        const size_t before = closed->slots_count;
        closed->slots = array_grow(closed->slots, &closed->slots_count, sizeof closed->slots[0]);
        memset(closed->slots + before, 0, (closed->slots_count - before) * sizeof closed->slots[0]);
    }
    return &closed->slots[slot];
}

void capacity_closed_set(struct closed *closed, uint32_t slot, const struct id *closure_id,
                         const struct weeks *weeks)
{
    struct closings *closings = closings_of(closed, slot);
    uint32_t at = 0;
    while (at < closings->count && !id_equal(&closings->list[at].closure_id, closure_id))
        at++;
    if (weeks->last < weeks->first) {
        if (at < closings->count)
            closings->list[at] = closings->list[--closings->count];
        return;
    }
    if (at == closings->count && closings->count++ == closings->size)
        closings->list = array_grow(closings->list, &closings->size, sizeof closings->list[0]);
    closings->list[at] = (struct closing){*closure_id, *weeks};
}

/* The closing that covers the week, or NULL. */
static const struct closing *covering(const struct closed *closed, uint32_t slot, int32_t week)
{
    if (slot >= closed->slots_count)
        return NULL;
    const struct closings *closings = &closed->slots[slot];
    for (uint32_t at = 0; at < closings->count; at++)
        if (closings->list[at].weeks.first <= week && week <= closings->list[at].weeks.last)
            return &closings->list[at];
    return NULL;
}

bool capacity_closed_in(const struct closed *closed, uint32_t slot, int32_t week)
{
    return covering(closed, slot, week) != NULL;
}

bool capacity_closed_ahead(const struct closed *closed, uint32_t slot, int32_t week)
{
    if (slot >= closed->slots_count)
        return false;
    const struct closings *closings = &closed->slots[slot];
    for (uint32_t at = 0; at < closings->count; at++)
        if (closings->list[at].weeks.last >= week)
            return true;
    return false;
}

bool capacity_closed_first(const struct closed *closed, uint32_t slot, struct weeks weeks,
                           int32_t *ret_week)
{
    int32_t first = INT32_MAX;
    for (uint32_t at = 0; slot < closed->slots_count && at < closed->slots[slot].count; at++) {
        const struct weeks closing = closed->slots[slot].list[at].weeks;
        const int32_t week = closing.first > weeks.first ? closing.first : weeks.first;
        if (week <= closing.last && week <= weeks.last && week < first)
            first = week;
    }
    if (first == INT32_MAX)
        return false;
    *ret_week = first;
    return true;
}

struct closed_share capacity_closed_share(const struct closed *closed, uint32_t slot,
                                          unsigned every_weeks, struct weeks weeks)
{
    enum { YEAR_WEEKS = 52 };
    const int32_t step = every_weeks > 1 ? (int32_t)every_weeks : 1;
    const int32_t last =
        weeks.last - weeks.first < YEAR_WEEKS ? weeks.last : weeks.first + YEAR_WEEKS - 1;
    struct closed_share share = {0};
    for (int32_t week = weeks.first; week <= last; week += step) {
        share.sittings++;
        share.closed += capacity_closed_in(closed, slot, week);
    }
    return share;
}

bool capacity_closed_opens(const struct closed *closed, uint32_t slot, unsigned every_weeks,
                           struct weeks weeks, int32_t *ret_week)
{
    int32_t week = weeks.first;
    while (week <= weeks.last) {
        const struct closing *closing = covering(closed, slot, week);
        if (closing == NULL) {
            *ret_week = week;
            return true;
        }
        if (closing->weeks.last == TIMETABLE_FOREVER)
            return false;
        week = closing->weeks.last + (every_weeks > 1 ? (int32_t)every_weeks : 1);
    }
    return false;
}
