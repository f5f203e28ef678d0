/* What registers tell of the clocks of a level: from which sitting on they run. The design's domain, "placements" ("the clock runs from the
 * first attended sitting, else the planned start"). */
#include "services/placements/checks.h"

#include <string.h>

#include "common/calendar.h"

#include "attendance.pb-c.h"

/* The marks of a month, nine bytes each: day, session, status … (attendance.proto, PlacementMarks). */
enum { MARK_SIZE = 9, MARK_DAY = 0, MARK_SESSION = 1, MARK_STATUS = 2 };

struct sitting {
    int32_t date; /* INT32_MAX: none is known */
    uint32_t session;
    struct id placement_id;
};

/* The first two sittings that were attended, as far as they were told. */
struct came {
    struct sitting first;
    struct sitting next;
};

static const struct sitting nothing = {.date = INT32_MAX};

static bool is_attended(uint8_t status)
{
    return status == DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED ||
           status == DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED_LATE ||
           status == DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_LEFT_EARLY;
}

static struct sitting sitting_of(const Dw__AttendedSitting *known)
{
    return known == NULL ? nothing
                         : (struct sitting){known->date->days, known->session,
                                            id_or_zero(&known->placement_id)};
}

static bool is_same(const struct sitting *one, const struct sitting *other)
{
    return one->date == other->date && one->session == other->session &&
           id_equal(&one->placement_id, &other->placement_id);
}

static struct came came_of(const Dw__EnablementClock *clock)
{
    struct came came = {sitting_of(clock->first), sitting_of(clock->next)};
    if (clock->attended && clock->first == NULL)
        came.first.date = clock->from->days; /* wherever that was */
    return came;
}

static void hear_mark(struct came *came, const struct sitting *sitting, bool attended)
{
    if (is_same(sitting, &came->first) || is_same(sitting, &came->next)) {
        if (attended)
            return;
        if (is_same(sitting, &came->first))
            came->first = came->next;
        came->next = nothing;
    } else if (attended && sitting->date < came->first.date) {
        came->next = came->first;
        came->first = *sitting;
    } else if (attended && sitting->date < came->next.date) {
        came->next = *sitting;
    }
}

/* What lies before the start is of no placement. */
static void hear_month(struct came *came, const Dw__Placement *placement,
                       const Dw__PlacementMarks *month)
{
    const int32_t first = calendar_month_first((int32_t)month->month);
    for (size_t at = 0; at + MARK_SIZE <= month->marks.len; at += MARK_SIZE) {
        const uint8_t *mark = month->marks.data + at;
        const struct sitting sitting = {first + mark[MARK_DAY] - 1, mark[MARK_SESSION],
                                        id_or_zero(&placement->placement_id)};
        if (sitting.date >= placement->started->days)
            hear_mark(came, &sitting, is_attended(mark[MARK_STATUS]));
    }
}

/* date: memory that lives as long. NULL: none is known. */
static Dw__AttendedSitting *write_sitting(const struct sitting *sitting,
                                          Dw__AttendedSitting *ret_sitting, Dw__Date *date)
{
    if (sitting->date == INT32_MAX)
        return NULL;
    dw__attended_sitting__init(ret_sitting);
    dw__date__init(date);
    date->days = sitting->date;
    ret_sitting->date = date;
    ret_sitting->placement_id = id_to_data(&sitting->placement_id);
    ret_sitting->session = sitting->session;
    return ret_sitting;
}

static void set(const struct state *state, const Dw__Placement *placement, const struct came *came,
                bool corrected, const struct context *ctx, struct decision *decision)
{
    Dw__AttendedSitting first, next;
    Dw__Date from = DW__DATE__INIT, first_date, next_date;
    Dw__EnablementClock clock = *placement->clock;
    clock.attended = came->first.date != INT32_MAX;
    from.days = clock.attended ? came->first.date : placements_level_since(state, placement);
    clock.from = &from;
    clock.first = write_sitting(&came->first, &first, &first_date);
    clock.next = write_sitting(&came->next, &next, &next_date);
    placements_set_clock(placement, &clock, (const Dw__CommissioningModel *)ctx->model, corrected,
                         ctx->today, decision);
}

size_t placements_hear_register(const struct state *state, const Dw__Placement *placement,
                                Dw__PlacementMarks *const *months, size_t count,
                                const struct context *ctx, struct decision *decision)
{
    const struct id person_id = id_or_zero(&placement->terms->person_id);
    const int32_t since = placements_level_since(state, placement);
    size_t clocks = 0;
    for (const struct id *id = lists_first(state->by_person, &person_id); id != NULL;
         id = lists_next(state->by_person, id)) {
        const Dw__Placement *other =
            entities_get(state->entities, PLACEMENTS_KIND_PLACEMENT, id, 0);
        if (other->clock == NULL || other->terms->level != placement->terms->level ||
            placements_level_since(state, other) != since)
            continue;
        const struct came before = came_of(other->clock);
        struct came came = before;
        for (size_t at = 0; at < count; at++)
            if (id_data_equal(&months[at]->placement_id, &placement->placement_id))
                hear_month(&came, placement, months[at]);
        if (is_same(&came.first, &before.first) && is_same(&came.next, &before.next))
            continue;
        set(state, other, &came, came.first.date > before.first.date, ctx, decision);
        clocks++;
    }
    return clocks;
}
