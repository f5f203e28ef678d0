/* The checker's own arithmetic of what places cost, day by day and without the service's: the terms a placement had and from when,
 * sittings by the calendar, and a week's price by the sitting. See check.h. */
#include "tests/sim/check.h"

#include <stdlib.h>
#include <string.h>

enum { YEAR_DAYS = 365 };

/* Terms that held from a date to the day before the next ones did. */
struct period {
    int32_t from;
    int32_t to; /* INT32_MAX: no last date */
    struct id sessions[CHECK_SESSIONS_MAX];
    uint32_t sessions_count;
    int64_t week_pence;
    int64_t year_pence;
    bool is_self_funded;
};

struct costed {
    struct buffer periods; /* struct period, oldest first */
    bool has_started;
    int32_t started;
    int32_t last; /* on which the person comes: nothing is lost of what is paid beyond it */
    int32_t payable_to;
    bool was_away; /* its place was given back for a while */
};

struct table *check_create_costs(void)
{
    return table_create(sizeof(struct id), sizeof(struct costed));
}

void check_destroy_costs(struct table **costs)
{
    const void *key;
    void *value;
    for (size_t at = 0; table_next(*costs, &at, &key, &value);)
        buffer_free(&((struct costed *)value)->periods);
    table_destroy(costs);
}

/* --- what is told --------------------------------------------------------------------------------------------------- */

static void add_period(struct costed *costed, const Dw__PlacementTerms *terms)
{
    struct period period = {.from = terms->from->days,
                            .to = terms->to == NULL ? INT32_MAX : terms->to->days,
                            .week_pence = terms->price_pence_per_week,
                            .year_pence = terms->price_pence_per_year,
                            .is_self_funded =
                                terms->funding == DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED};
    for (size_t at = 0; at < terms->n_session_ids && at < CHECK_SESSIONS_MAX; at++)
        period.sessions[period.sessions_count++] = check_id(&terms->session_ids[at]);
    buffer_append(&costed->periods, &period, sizeof period);
    costed->last = period.to;
    costed->payable_to = period.to;
}

static struct costed *costed_of(struct sim *sim, const ProtobufCBinaryData *placement_id)
{
    const struct id id = check_id(placement_id);
    return table_put(sim->checker->costs, &id, NULL);
}

/* What was agreed for after the last date never holds. */
static void drop_coming(struct costed *costed, int32_t last)
{
    const struct period *periods = (const void *)costed->periods.bytes;
    while (costed->periods.len > sizeof periods[0] &&
           periods[costed->periods.len / sizeof periods[0] - 1].from > last)
        costed->periods.len -= sizeof periods[0];
}

static void fold_ended(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(PlacementEnded, placement_ended)
    struct costed *costed = costed_of(sim, &event->placement_id);
    if (event->fell_away != NULL)
        drop_coming(costed, event->last->days);
    costed->last = event->last->days;
    costed->payable_to = event->details == NULL || event->details->last_payable == NULL
                             ? event->last->days
                             : event->details->last_payable->days;
}

void check_fold_costs(struct sim *sim, const Dw__Event *recorded)
{
    if (strcmp(recorded->type, "PlacementProposed") == 0) {
        CHECK_OPEN(PlacementProposed, placement_proposed)
        add_period(costed_of(sim, &event->placement_id), event->terms);
    } else if (strcmp(recorded->type, "ChangeMade") == 0) {
        CHECK_OPEN(ChangeMade, change_made)
        add_period(costed_of(sim, &event->placement_id), event->terms);
    } else if (strcmp(recorded->type, "PlacementStarted") == 0) {
        CHECK_OPEN(PlacementStarted, placement_started)
        struct costed *costed = costed_of(sim, &event->placement_id);
        costed->has_started = true;
        costed->started = event->date->days;
    } else if (strcmp(recorded->type, "EndAgreed") == 0) {
        CHECK_OPEN(EndAgreed, end_agreed)
        struct costed *costed = costed_of(sim, &event->placement_id);
        drop_coming(costed, event->last->days);
        struct period *periods = (void *)costed->periods.bytes;
        periods[costed->periods.len / sizeof periods[0] - 1].to = event->last->days;
        costed->last = event->last->days;
        costed->payable_to = event->last->days;
    } else if (strcmp(recorded->type, "PlacementEnded") == 0) {
        fold_ended(sim, recorded);
    } else if (strcmp(recorded->type, "PlaceReleased") == 0) {
        CHECK_OPEN(PlaceReleased, place_released)
        costed_of(sim, &event->placement_id)->was_away = true;
    }
}

/* --- what is shown -------------------------------------------------------------------------------------------------- */

static uint32_t sittings_on(const struct sim *sim, const struct period *period, int32_t date)
{
    uint32_t count = 0;
    for (uint32_t at = 0; at < period->sessions_count; at++) {
        const struct check_session *session =
            table_get(sim->checker->sessions, &period->sessions[at]);
        count += session != NULL && session->from <= date && date <= session->to &&
                 check_first_sitting(session, date) == date;
    }
    return count;
}

static uint32_t sittings_between(const struct sim *sim, const struct period *period, int32_t from,
                                 int32_t to)
{
    uint32_t count = 0;
    for (int32_t date = from; date <= to; date++)
        count += sittings_on(sim, period, date);
    return count;
}

/* Of those, how many did not take place, or not for that booking. */
static uint32_t lost_between(const struct sim *sim, const struct period *period,
                             const struct id *hold_id, int32_t from, int32_t to)
{
    uint32_t count = 0;
    for (int32_t date = from; date <= to; date++)
        for (uint32_t at = 0; at < period->sessions_count; at++) {
            const struct check_session *session =
                table_get(sim->checker->sessions, &period->sessions[at]);
            count += session != NULL && session->from <= date && date <= session->to &&
                     check_first_sitting(session, date) == date &&
                     (check_is_closed(sim->checker, &period->sessions[at], date) ||
                      check_is_cut(sim->checker, session, hold_id, date));
        }
    return count;
}

/* A part of a week costs a part of it; no half pennies. */
static int64_t pence_of(const struct period *period, uint32_t sittings)
{
    return period->week_pence * sittings / period->sessions_count;
}

static int32_t smaller(int32_t left, int32_t right)
{
    return left < right ? left : right;
}

static void check_year(struct sim *sim, const struct period *period, int64_t shown_pence)
{
    const int32_t last = smaller(period->to, period->from + YEAR_DAYS - 1);
    const int64_t planned = pence_of(period, sittings_between(sim, period, period->from, last));
    const int64_t pence = planned > period->year_pence ? planned : period->year_pence;
    if (shown_pence != pence)
        sim_fail(sim, "a year is shown to cost %lld; it costs %lld", (long long)shown_pence,
                 (long long)pence);
}

/* What is paid for is what took place, of a placement whose terms never changed. Nothing in the model pays for what is closed. */
static void check_paid(struct sim *sim, const struct period *period, const Dw__PlacementCost *line,
                       uint32_t lost)
{
    if (line->payable_pence != pence_of(period, line->payable_sittings))
        sim_fail(sim, "%u sittings are paid with %lld; they cost %lld", line->payable_sittings,
                 (long long)line->payable_pence,
                 (long long)pence_of(period, line->payable_sittings));
    if (line->lost_sittings != lost || line->payable_sittings != line->planned_sittings - lost)
        sim_fail(sim, "of %u sittings %u are shown as lost and %u as paid; %u are lost",
                 line->planned_sittings, line->lost_sittings, line->payable_sittings, lost);
}

void check_shown_cost(struct sim *sim, const Dw__PlacementCost *line, int32_t from, int32_t to)
{
    const struct costed *costed = costed_of(sim, &line->placement_id);
    const struct period *periods = (const void *)costed->periods.bytes;
    const size_t count = costed->periods.len / sizeof periods[0];
    const struct id id = check_id(&line->placement_id);
    const struct check_placement *placement = table_get(sim->checker->placements, &id);
    uint32_t sittings = 0, lost = 0;
    int64_t pence = 0;
    if (!costed->has_started || count == 0 || placement == NULL) {
        sim_fail(sim, "something costs that has not started");
        return;
    }
    for (size_t at = 0; at < count; at++) {
        int32_t first =
            at == 0 || periods[at].from < costed->started ? costed->started : periods[at].from;
        int32_t last =
            at + 1 < count ? smaller(periods[at].to, periods[at + 1].from - 1) : periods[at].to;
        last = smaller(smaller(last, costed->payable_to), to);
        if (first < from)
            first = from;
        const uint32_t of_period = sittings_between(sim, &periods[at], first, last);
        sittings += of_period;
        pence += pence_of(&periods[at], of_period);
        lost +=
            lost_between(sim, &periods[at], &placement->hold, first, smaller(last, costed->last));
    }
    const struct period *now = &periods[count - 1];
    check_year(sim, now, line->year_pence);
    if (costed->was_away)
        return; /* not all of it is planned */
    if (line->planned_sittings != sittings || line->planned_pence != pence)
        sim_fail(sim, "%u sittings are shown to cost %lld; there are %u that cost %lld",
                 line->planned_sittings, (long long)line->planned_pence, sittings,
                 (long long)pence);
    if (count == 1 && !now->is_self_funded)
        check_paid(sim, now, line, lost);
}
