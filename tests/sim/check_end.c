/* The end: everything has come to rest, nobody holds a place for nothing, and reports are a recount. */
#include "tests/sim/check.h"

#include <stdio.h>
#include <string.h>

#include "common/shard_internal.h"
#include "common/text.h"

/* --- at rest --------------------------------------------------------------------------------------------------------- */

static const struct shard *live_shard(const struct sim *sim, int service)
{
    const struct shard *found = NULL;
    for (int at = 0; at < SIM_INSTANCES; at++) {
        const struct shard *shard = sim->daemons[service * SIM_INSTANCES + at].shard;
        if (shard != NULL && shard->state == SHARD_LIVE)
            found = shard;
    }
    return found;
}

/* A hold whose time has come; within a minute, for a clock that has stepped is not believed at once. */
static bool has_lapsed_hold(const struct sim *sim)
{
    const void *key;
    void *value;
    for (size_t at = 0; table_next(sim->checker->holds, &at, &key, &value);) {
        const struct check_hold *hold = value;
        if (hold->state == DW__BOOKING_STATE__BOOKING_STATE_HELD &&
            hold->expires_ms < sim_now(sim).wall_ms)
            return true;
    }
    return false;
}

/* NULL: at rest. */
static const char *what_is_left(const struct sim *sim, int service)
{
    const struct shard *shard = live_shard(sim, service);
    if (shard == NULL)
        return "has no owner";
    if (shard->flight_count > 0 || !commit_is_empty(shard->open))
        return "has something to write";
    if (table_count(shard->outbox_by_id) > 0 || table_count(sim->shelves[service]->outbox) > 0)
        return "has something in its outbox";
    if (service == SIM_CAPACITY && has_lapsed_hold(sim))
        return "has a hold that should have lapsed";
    if (service == SIM_CAPACITY && check_is_room_untold(sim))
        return "has somebody who is to be told of room";
    if (service == SIM_CAPACITY && check_is_closure_untold(sim))
        return "has somebody who is to be told of a closure";
    for (size_t at = 0; at < shard->followers_count; at++) {
        const struct follower *follower = &shard->followers[at];
        if (follower->seq != sim->shelves[sim_service_of(follower->service)]->head.seq)
            return "has not folded all it follows";
    }
    return NULL;
}

bool check_is_settled(struct sim *sim)
{
    for (int at = 0; at < SIM_SERVICES; at++)
        if (what_is_left(sim, at) != NULL)
            return false;
    return true;
}

void check_unsettled(struct sim *sim, char *ret_text, size_t size)
{
    size_t len = 0;
    size_t waiting = 0;
    struct sim_request *const *requests = (const void *)sim->requests.bytes;
    for (size_t at = 0; at < sim->requests.len / sizeof requests[0]; at++)
        waiting += requests[at]->final == FINAL_NONE;
    len += (size_t)snprintf(ret_text, size, "%zu requests wait", waiting);
    for (int at = 0; at < SIM_SERVICES && len < size; at++) {
        const char *what = what_is_left(sim, at);
        if (what != NULL)
            len += (size_t)snprintf(ret_text + len, size - len, ", %s %s", sim_services[at]->name,
                                    what);
    }
}

/* --- the end ---------------------------------------------------------------------------------------------------------- */

/* The cursor on disk is the head of what was followed. */
static void check_cursors(struct sim *sim)
{
    for (int at = 0; at < SIM_SERVICES; at++) {
        const struct shard *shard = live_shard(sim, at);
        for (size_t which = 0; which < shard->followers_count; which++) {
            const char *name = shard->followers[which].service;
            const struct shelf *followed = sim->shelves[sim_service_of(name)];
            char field[64] = "";
            (void)text_format(field + 1, sizeof field - 1, "cursor:%s", name);
            const struct packed *value =
                shelf_get(sim->shelves[at]->live,
                          (struct packed){(const uint8_t *)field, 1 + strlen(field + 1)});
            Dw__Cursor *cursor =
                value == NULL ? NULL : dw__cursor__unpack(NULL, value->len, value->bytes);
            if (cursor == NULL || cursor->seq != followed->head.seq ||
                memcmp(cursor->digest.data, followed->head.digest, STORE_DIGEST_SIZE) != 0)
                sim_fail(sim, "the cursor of %s in %s is not its head", sim_services[at]->name,
                         name);
            dw__cursor__free_unpacked(cursor, NULL);
        }
    }
}

static bool hold_fits(Dw__PlacementState placement, Dw__BookingState hold)
{
    const bool takes = hold == DW__BOOKING_STATE__BOOKING_STATE_HELD ||
                       hold == DW__BOOKING_STATE__BOOKING_STATE_CONFIRMED;
    switch (placement) {
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED:
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_AWAITING_APPROVAL:
        return hold == DW__BOOKING_STATE__BOOKING_STATE_HELD ||
               hold == DW__BOOKING_STATE__BOOKING_STATE_EXPIRED;
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED:
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE:
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_TRIAL:
        return hold == DW__BOOKING_STATE__BOOKING_STATE_CONFIRMED;
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_SUSPENDED: /* kept, or given back */
        return hold == DW__BOOKING_STATE__BOOKING_STATE_CONFIRMED ||
               hold == DW__BOOKING_STATE__BOOKING_STATE_ENDED;
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_ENDED:
        return hold == DW__BOOKING_STATE__BOOKING_STATE_ENDED;
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_DECLINED:
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_LAPSED:
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_CANCELLED:
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_REFUSED:
        return !takes;
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_UNSPECIFIED:
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_PROPOSED:
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_CONFIRMING:
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_HELD:
    case _DW__PLACEMENT_STATE_IS_INT_SIZE:
        break;
    }
    return false; /* somebody would have to do something, and nobody has anything to do */
}

/* Then its dates are those of the booking. */
static bool is_booked(Dw__PlacementState state)
{
    return state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED ||
           state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE ||
           state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ENDED;
}

/* Every placement has come to an end or waits for a person, and holds what it should. */
static void check_placements(struct sim *sim)
{
    const void *key;
    void *value;
    for (size_t at = 0; table_next(sim->checker->placements, &at, &key, &value);) {
        const struct check_placement *placement = value;
        const struct check_hold *hold = table_get(sim->checker->holds, &placement->hold);
        const Dw__PlacementState state = check_state_at(placement, UINT64_MAX);
        const Dw__BookingState booking =
            hold == NULL ? DW__BOOKING_STATE__BOOKING_STATE_UNSPECIFIED : hold->state;
        const bool is_ending =
            placement->to_agreed != INT32_MAX && booking == DW__BOOKING_STATE__BOOKING_STATE_ENDED;
        if (!hold_fits(state, booking) && !is_ending)
            sim_fail(sim, "at the end a placement is in state %d with a hold in state %d",
                     (int)state, (int)booking);
        else if (is_booked(state) &&
                 (hold->from != placement->booked_from ||
                  (placement->was_restored ? hold->to > placement->to : hold->to != placement->to)))
            sim_fail(sim, "a placement from day %d to %d is booked from %d to %d",
                     placement->booked_from, placement->to, hold->from, hold->to);
    }
}

enum { RECOUNT_DISTRICTS = 3 }; /* of the town, and what is none of them */

/* Of one person, and of all. */
struct recount {
    uint32_t placements;
    uint32_t internal;
    uint32_t building;
    int64_t year_pence;
    int64_t year_internal_pence;
    uint32_t direct; /* payments */
};

struct report {
    struct recount all;
    uint32_t people;
    uint32_t people_both; /* at internal and external providers */
    uint32_t people_direct;
    uint32_t waiting;
    uint32_t by_district[RECOUNT_DISTRICTS]; /* placements */
};

static void recount_placement(const struct check_placement *placement, struct recount *count)
{
    const bool is_internal = placement->provider.bytes[0] == 0x11; /* folk.c */
    if (placement->funding == DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT) {
        count->direct++;
        return;
    }
    count->placements++;
    count->internal += is_internal;
    count->building += placement->service.bytes[8] < 2; /* folk_place.c */
    count->year_pence += placement->year_pence;
    count->year_internal_pence += is_internal ? placement->year_pence : 0;
}

/* Whoever has support, also who does not come for a while. */
static bool is_coming(Dw__PlacementState state)
{
    return state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE ||
           state == DW__PLACEMENT_STATE__PLACEMENT_STATE_TRIAL ||
           state == DW__PLACEMENT_STATE__PLACEMENT_STATE_SUSPENDED;
}

static void recount_person(const struct sim *sim, const struct buffer *list, struct report *report)
{
    const struct id *ids = (const void *)list->bytes;
    struct recount own = {0};
    for (size_t at = 0; at < list->len / sizeof ids[0]; at++) {
        const struct check_placement *placement = table_get(sim->checker->placements, &ids[at]);
        const uint32_t before = own.placements;
        if (!is_coming(check_state_at(placement, UINT64_MAX)))
            continue;
        recount_placement(placement, &own);
        report->by_district[placement->district % RECOUNT_DISTRICTS] += own.placements - before;
    }
    report->people += own.placements > 0;
    report->people_both += own.internal > 0 && own.internal < own.placements;
    report->people_direct += own.placements == 0 && own.direct > 0;
    report->all.placements += own.placements;
    report->all.internal += own.internal;
    report->all.building += own.building;
    report->all.year_pence += own.year_pence;
    report->all.year_internal_pence += own.year_internal_pence;
}

static struct report recount(const struct sim *sim)
{
    struct report report = {0};
    const void *key;
    void *value;
    for (size_t at = 0; table_next(sim->checker->people, &at, &key, &value);)
        recount_person(sim, value, &report);
    for (size_t at = 0; table_next(sim->checker->waiting, &at, &key, &value);)
        report.waiting += *(const bool *)value;
    return report;
}

static bool shows_districts(const Dw__DashboardShown *shown, const struct report *report)
{
    uint32_t seen = 0;
    for (size_t at = 0; at < shown->n_districts; at++) {
        const Dw__FiguresRow *row = shown->districts[at];
        if (row->number >= RECOUNT_DISTRICTS
                ? row->figures->placements > 0
                : row->figures->placements != report->by_district[row->number])
            return false;
        seen += row->figures->placements;
    }
    return seen == report->all.placements;
}

static bool shows_all(const Dw__Figures *shown, const struct report *report)
{
    const struct recount *all = &report->all;
    return shown->placements == all->placements && shown->people == report->people &&
           shown->people_both == report->people_both &&
           shown->placements_internal == all->internal &&
           shown->placements_external == all->placements - all->internal &&
           shown->planned_year_pence == all->year_pence &&
           shown->planned_year_internal_pence == all->year_internal_pence &&
           shown->planned_year_external_pence == all->year_pence - all->year_internal_pence;
}

/* The report is a recount of the journals. */
static void check_dashboard(struct sim *sim)
{
    const struct sim_request *request = request_at(sim, sim->last_question);
    const struct report report = recount(sim);
    arena_reset(sim->arena);
    ProtobufCAllocator *allocator = arena_allocator(sim->arena);
    const Dw__Envelope *answer =
        dw__envelope__unpack(allocator, request->reply.len, request->reply.bytes);
    const Dw__DashboardShown *shown =
        answer == NULL
            ? NULL
            : dw__dashboard_shown__unpack(allocator, answer->body.len, answer->body.data);
    if (shown == NULL || shown->all == NULL) {
        sim_fail(sim, "there is no report");
        return;
    }
    if (!shows_all(shown->all, &report) || !shows_districts(shown, &report) ||
        shown->placements_building != report.all.building ||
        shown->people_direct_payment != report.people_direct ||
        shown->referrals_waiting != report.waiting ||
        shown->goals_reviewed != sim->checker->goals_reviewed ||
        shown->goals_achieved != sim->checker->goals_achieved)
        sim_fail(sim,
                 "the report shows %u placements, %u people, %lld pence, %u waiting, %u reviews; "
                 "there are %u, %u, %lld, %u, %u (or they are divided otherwise)",
                 shown->all->placements, shown->all->people,
                 (long long)shown->all->planned_year_pence, shown->referrals_waiting,
                 shown->goals_reviewed, report.all.placements, report.people,
                 (long long)report.all.year_pence, report.waiting, sim->checker->goals_reviewed);
    sim->reported += report.all.placements;
}

/* Who sits where in the coming weeks is a recount, too. */
static void check_occupancy(struct sim *sim, const struct sim_request *request)
{
    arena_reset(sim->arena);
    ProtobufCAllocator *allocator = arena_allocator(sim->arena);
    const Dw__Envelope *answer =
        dw__envelope__unpack(allocator, request->reply.len, request->reply.bytes);
    if (answer == NULL || strcmp(answer->type, "OccupancyFound") != 0)
        return; /* a centre that was not registered */
    const Dw__OccupancyFound *found =
        dw__occupancy_found__unpack(allocator, answer->body.len, answer->body.data);
    for (size_t at = 0; found != NULL && at < found->n_sessions; at++) {
        const Dw__SessionOccupancy *session = found->sessions[at];
        const struct id id = check_id(&session->session_id);
        for (size_t week = 0; week < session->n_taken; week++) {
            const int32_t date = found->monday->days + (int32_t)(7 * week + session->weekday) - 1;
            const struct check_session *known = table_get(sim->checker->sessions, &id);
            const bool runs = known != NULL && date <= known->to;
            const bool is_closed = runs && check_is_closed(sim->checker, &id, date);
            const uint32_t taken = is_closed || !runs ? 0 : check_taken(sim->checker, &id, date);
            if (session->taken[week] != taken)
                sim_fail(sim, "%u places are shown as taken on day %d; there are %u",
                         session->taken[week], date, taken);
            if ((session->closed[week] != 0) != is_closed)
                sim_fail(sim, "day %d is shown as closed, or as open, and is not", date);
        }
    }
}

void check_outcome(struct sim *sim)
{
    check_placements(sim);
    check_marks_add_up(sim);
    check_dead(sim);
    check_dashboard(sim);
    for (uint32_t centre = 0; centre < SIM_CENTRES; centre++)
        check_occupancy(sim, request_at(sim, sim->last_question + 1 + centre));
    const uint32_t of_money = sim->last_question + 1 + SIM_CENTRES;
    check_shown_budgets(sim, request_at(sim, of_money));
    for (uint32_t person = 0; person < SIM_PEOPLE; person++)
        check_shown_costs(sim, request_at(sim, of_money + 1 + person));
    check_money_at_end(sim);
}

void check_end(struct sim *sim)
{
    check_everybody_was_told(sim);
    check_cuts_were_told(sim);
    check_cursors(sim);
    check_outcome(sim);
    check_verify(sim);
}
