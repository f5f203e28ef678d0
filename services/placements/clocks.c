/* The clocks of a level: from which start or sitting on they run, by what registers tell, one for all places of an episode (episode.c). The
 * design's domain, "placements" ("the clock runs from the first attended sitting, else the planned start"). */
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

/* The memory of what a clock points to. */
struct clock_dates {
    struct came came;
    Dw__AttendedSitting first, next;
    Dw__Date from, first_date, next_date;
};

/* since: from when it runs while no sitting is known that was attended. */
static void write_clock(const struct came *came, int32_t since, Dw__EnablementClock *clock,
                        struct clock_dates *dates)
{
    dw__date__init(&dates->from);
    clock->attended = came->first.date != INT32_MAX;
    dates->from.days = clock->attended ? came->first.date : since;
    clock->from = &dates->from;
    dates->came = *came;
    clock->first = write_sitting(&dates->came.first, &dates->first, &dates->first_date);
    clock->next = write_sitting(&dates->came.next, &dates->next, &dates->next_date);
}

static void set(const struct state *state, const Dw__Placement *placement, const struct came *came,
                bool corrected, const struct context *ctx, struct decision *decision)
{
    struct clock_dates dates;
    Dw__EnablementClock clock = *placement->clock;
    write_clock(came, placements_level_since(state, placement), &clock, &dates);
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
    if (placement->started->days > since + PLACEMENTS_MOVE_GAP_DAYS_MAX)
        return 0; /* the first sitting in a later place begins nothing */
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

/* --- an end ------------------------------------------------------------------------------------------------------- */

/* A sitting of an episode that begins on that date. */
static struct sitting sitting_since(const struct sitting *sitting, int32_t since)
{
    return sitting->date >= since ? *sitting : nothing;
}

/* What was warned of is warned of again, when it comes. */
static void begin_anew(const Dw__Placement *placement, int32_t since, struct decision *decision)
{
    struct clock_dates dates;
    struct came came = came_of(placement->clock);
    Dw__EnablementClock clock = *placement->clock;
    Dw__EnablementClockSet set = DW__ENABLEMENT_CLOCK_SET__INIT;
    came.next = sitting_since(&came.next, since);
    came.first = sitting_since(&came.first, since);
    if (came.first.date == INT32_MAX) {
        came.first = came.next;
        came.next = nothing;
    }
    write_clock(&came, since, &clock, &dates);
    clock.warned_count = 0;
    clock.over = false;
    set.placement_id = placement->placement_id;
    set.clock = &clock;
    set.corrected = true;
    decision_emit(decision, &set.base);
}

void placements_part_clocks(const struct state *state, const Dw__Placement *ended, int32_t last,
                            struct decision *decision)
{
    const struct id person_id = id_or_zero(&ended->terms->person_id);
    for (const struct id *id = lists_first(state->by_person, &person_id); id != NULL;
         id = lists_next(state->by_person, id)) {
        const Dw__Placement *other =
            entities_get(state->entities, PLACEMENTS_KIND_PLACEMENT, id, 0);
        if (other == ended || other->clock == NULL || other->terms->level != ended->terms->level)
            continue;
        const int32_t since = placements_level_since_end(state, other, ended, last);
        if (since > placements_level_since(state, other))
            begin_anew(other, since, decision);
    }
}

/* --- a start ------------------------------------------------------------------------------------------------------ */

/* The next of the person's places of the level that began on that date or after it and has a clock, or NULL. */
static const Dw__Placement *next_younger(const struct state *state, const Dw__Placement *placement,
                                         int32_t date, const struct id **at)
{
    const struct id person_id = id_or_zero(&placement->terms->person_id);
    for (*at = *at == NULL ? lists_first(state->by_person, &person_id)
                           : lists_next(state->by_person, *at);
         *at != NULL; *at = lists_next(state->by_person, *at)) {
        const Dw__Placement *other =
            entities_get(state->entities, PLACEMENTS_KIND_PLACEMENT, *at, 0);
        if (!id_data_equal(&other->placement_id, &placement->placement_id) &&
            other->clock != NULL && other->terms->level == placement->terms->level &&
            other->started->days >= date)
            return other;
    }
    return NULL;
}

/* What is known of the younger places is of the same episode: who came there, and by how much it was extended. */
static void hear_younger(const struct state *state, const Dw__Placement *placement, int32_t date,
                         Dw__EnablementClock *clock, struct clock_dates *dates)
{
    struct came came = came_of(clock);
    const int32_t since = clock->from->days;
    bool has_younger = false;
    const struct id *at = NULL;
    for (const Dw__Placement *other; (other = next_younger(state, placement, date, &at)) != NULL;) {
        const struct sitting first = sitting_of(other->clock->first);
        const struct sitting next = sitting_of(other->clock->next);
        hear_mark(&came, &first, first.date != INT32_MAX);
        hear_mark(&came, &next, next.date != INT32_MAX);
        if (other->clock->extended_weeks > clock->extended_weeks)
            clock->extended_weeks = other->clock->extended_weeks;
        has_younger = true;
    }
    if (has_younger)
        write_clock(&came, since, clock, dates);
}

static void set_younger(const struct state *state, const Dw__Placement *placement, int32_t date,
                        const Dw__EnablementClock *clock, const struct context *ctx,
                        struct decision *decision)
{
    const struct id *at = NULL;
    for (const Dw__Placement *other; (other = next_younger(state, placement, date, &at)) != NULL;) {
        Dw__EnablementClock theirs = *other->clock;
        if (theirs.from->days == clock->from->days && theirs.attended == clock->attended &&
            theirs.extended_weeks == clock->extended_weeks)
            continue;
        theirs.from = clock->from;
        theirs.attended |= clock->attended;
        theirs.first = clock->first;
        theirs.next = clock->next;
        theirs.extended_weeks = clock->extended_weeks;
        placements_set_clock(other, &theirs, (const Dw__CommissioningModel *)ctx->model, false,
                             ctx->today, decision);
    }
}

void placements_begin_clock(const struct state *state, const Dw__Placement *placement, int32_t date,
                            const struct context *ctx, struct decision *decision)
{
    Dw__Date first = DW__DATE__INIT;
    struct clock_dates dates;
    Dw__EnablementClock clock = DW__ENABLEMENT_CLOCK__INIT;
    first.days = date;
    clock.from = &first;
    const bool goes_on = placements_clock_before(state, placement->terms, date, &clock);
    hear_younger(state, placement, date, &clock, &dates);
    if (goes_on) {
        Dw__EnablementClockSet set = DW__ENABLEMENT_CLOCK_SET__INIT;
        set.placement_id = placement->placement_id;
        set.clock = &clock;
        decision_emit(decision, &set.base);
    } else {
        placements_set_clock(placement, &clock, (const Dw__CommissioningModel *)ctx->model, false,
                             date, decision);
    }
    set_younger(state, placement, date, &clock, ctx, decision);
}
