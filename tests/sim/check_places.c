/* The checker's own fold of capacity: who has which place, and that no sitting has more people than places and nobody is in two at
 * one time. The rules are those of 3-domain.md. See check.h. */
#include "tests/sim/check.h"

#include <string.h>

enum { LONG_AFTER_US = 30 * 1000 * 1000 }; /* a decision is on disk, or forgotten, within this */

/* 1 Monday to 7 Sunday; day 0 was a Thursday. */
static uint32_t weekday_of(int32_t date)
{
    return (uint32_t)((date + 3) % 7) + 1;
}

int32_t check_first_sitting(const struct check_session *session, int32_t date)
{
    while (weekday_of(date) != session->weekday)
        date++;
    return date;
}

bool check_takes_places(const struct check_hold *hold)
{
    return hold->state == DW__BOOKING_STATE__BOOKING_STATE_HELD ||
           hold->state == DW__BOOKING_STATE__BOOKING_STATE_CONFIRMED ||
           hold->state == DW__BOOKING_STATE__BOOKING_STATE_ENDED;
}

static bool has_session(const struct check_hold *hold, const struct id *session_id)
{
    for (size_t at = 0; at < hold->sessions_count; at++)
        if (id_equal(&hold->sessions[at], session_id))
            return true;
    return false;
}

/* What a hold takes of a session on a date; one that is to replace a booking takes only what it has more of than that. */
static uint32_t takes_on(const struct checker *checker, const struct check_hold *hold,
                         const struct id *session_id, int32_t date)
{
    if (!check_takes_places(hold) || hold->from > date || date > hold->to)
        return 0;
    const struct check_hold *booking = hold->state == DW__BOOKING_STATE__BOOKING_STATE_HELD
                                           ? table_get(checker->holds, &hold->replaces)
                                           : NULL;
    if (booking == NULL || !check_takes_places(booking) || booking->from > date ||
        date > booking->to || !has_session(booking, session_id))
        return hold->places;
    return hold->places > booking->places ? hold->places - booking->places : 0;
}

static uint32_t count_taken(const struct checker *checker, const struct check_session *session,
                            const struct id *session_id, int32_t date)
{
    const struct id *ids = (const void *)session->holds.bytes;
    uint32_t taken = 0;
    for (size_t at = 0; at < session->holds.len / sizeof ids[0]; at++) {
        const struct check_hold *hold = table_get(checker->holds, &ids[at]);
        taken += takes_on(checker, hold, session_id, date);
    }
    return taken;
}

uint32_t check_taken(const struct checker *checker, const struct id *session_id, int32_t date)
{
    const struct check_session *session = table_get(checker->sessions, session_id);
    return session == NULL ? 0 : count_taken(checker, session, session_id, date);
}

/* What takes more on a date than it did before. */
struct added {
    const struct check_hold *hold;
    const struct check_hold *before;
};

/* added NULL: whatever is taken. */
static void check_date_fits(struct sim *sim, const struct check_session *session,
                            const struct id *session_id, int32_t date, const struct added *added)
{
    const struct checker *checker = sim->checker;
    if (date > session->to)
        return; /* it does not run then, and whoever has a place was told of */
    if (added != NULL && takes_on(checker, added->hold, session_id, date) <=
                             takes_on(checker, added->before, session_id, date))
        return; /* where places became fewer, more may be taken than there are */
    const uint32_t taken = count_taken(checker, session, session_id, date);
    const uint32_t places = check_places_on(session, date);
    if (taken > places)
        sim_fail(sim, "%u of %u places are taken on day %d", taken, places, date);
}

/* Between two first sittings of bookings, and changes of limits, nothing changes for the worse, so only these dates are counted. */
static void check_session_fits(struct sim *sim, const struct check_session *session,
                               const struct id *session_id, int32_t from, int32_t to,
                               const struct added *added)
{
    const struct id *ids = (const void *)session->holds.bytes;
    const size_t count = session->holds.len / sizeof ids[0];
    for (size_t at = 0; at <= count; at++) {
        const struct check_hold *hold =
            at == count ? NULL : table_get(sim->checker->holds, &ids[at]);
        const int32_t begin = hold == NULL || hold->from < from ? from : hold->from;
        const int32_t date = check_first_sitting(session, begin);
        if (date <= to)
            check_date_fits(sim, session, session_id, date, added);
    }
    for (int32_t change = check_next_change(session, from); change <= to && change != INT32_MAX;
         change = check_next_change(session, change)) {
        const int32_t date = check_first_sitting(session, change);
        if (date <= to)
            check_date_fits(sim, session, session_id, date, added);
    }
}

bool check_clash(const struct checker *checker, const struct check_hold *one,
                 const struct check_hold *other)
{
    const int32_t from = one->from > other->from ? one->from : other->from;
    const int32_t to = one->to < other->to ? one->to : other->to;
    for (size_t at = 0; at < one->sessions_count; at++)
        for (size_t which = 0; which < other->sessions_count; which++) {
            const struct check_session *left = table_get(checker->sessions, &one->sessions[at]);
            const struct check_session *right =
                table_get(checker->sessions, &other->sessions[which]);
            if (left == NULL || right == NULL)
                continue; /* asked for before it was set */
            if (left->weekday == right->weekday && left->start_minutes < right->end_minutes &&
                right->start_minutes < left->end_minutes && check_first_sitting(left, from) <= to)
                return true;
        }
    return false;
}

/* The same on a date after that one on which neither is closed; only dates of this year and the next may be. */
static bool clash_open(const struct checker *checker, const struct check_hold *one,
                       const struct check_hold *other, int32_t after, bool is_replaced)
{
    if (is_replaced)
        return false; /* one is to take the other's place */
    enum { CLOSABLE_DAYS = 800 };
    const int32_t both = one->from > other->from ? one->from : other->from;
    const int32_t from = both > after ? both : after + 1;
    const int32_t to = one->to < other->to ? one->to : other->to;
    if (!check_clash(checker, one, other))
        return false;
    for (int32_t date = from; date <= to && date < from + CLOSABLE_DAYS; date++)
        for (size_t at = 0; at < one->sessions_count; at++)
            for (size_t which = 0; which < other->sessions_count; which++) {
                const struct check_session *left = table_get(checker->sessions, &one->sessions[at]);
                const struct check_session *right =
                    table_get(checker->sessions, &other->sessions[which]);
                if (left != NULL && right != NULL && weekday_of(date) == left->weekday &&
                    date <= left->to && date <= right->to && left->weekday == right->weekday &&
                    left->start_minutes < right->end_minutes &&
                    right->start_minutes < left->end_minutes &&
                    !check_is_closed(checker, &one->sessions[at], date) &&
                    !check_is_closed(checker, &other->sessions[which], date))
                    return true;
            }
    return false;
}

/* Nobody is in two places at one time, whatever sessions they are. */
static void check_is_in_one_place(struct sim *sim, const struct id *id,
                                  const struct check_hold *hold, int32_t after,
                                  const struct buffer *occupied)
{
    const struct id *ids = (const void *)occupied->bytes;
    for (size_t at = 0; at < occupied->len / sizeof ids[0]; at++) {
        const struct check_hold *other = table_get(sim->checker->holds, &ids[at]);
        if (!id_equal(id, &ids[at]) &&
            clash_open(sim->checker, hold, other, after,
                       id_equal(&hold->replaces, &ids[at]) || id_equal(&other->replaces, id)))
            sim_fail(sim, "a person is in two places at one time");
    }
}

/* In a session that ran until that date, and runs longer. By what a lifted closure gives back somebody may be in two places, in others,
 * and is told of. */
static void check_all_are_in_one_place(struct sim *sim, const struct check_session *session,
                                       const struct id *session_id, int32_t ran_to)
{
    const struct id *ids = (const void *)session->holds.bytes;
    for (size_t at = 0; at < session->holds.len / sizeof ids[0]; at++) {
        struct check_hold there =
            *(const struct check_hold *)table_get(sim->checker->holds, &ids[at]);
        there.sessions[0] = *session_id;
        there.sessions_count = 1;
        if (!id_is_zero(&there.person))
            check_is_in_one_place(sim, &ids[at], &there, ran_to,
                                  table_get(sim->checker->occupied, &there.person));
    }
}

static void fold_session(struct sim *sim, const Dw__Batch *batch, const Dw__Event *recorded)
{
    CHECK_OPEN(SessionSet, session_set)
    const struct id id = check_id(&event->session->session_id);
    struct check_session *session = table_put(sim->checker->sessions, &id, NULL);
    session->service = check_id(&event->session->service_id);
    session->weekday = event->session->weekday;
    session->start_minutes = event->session->start_minutes;
    session->end_minutes = event->session->end_minutes;
    const uint64_t version = sim->checker->journals[SIM_CAPACITY].version;
    if (session->set_version != version)
        session->places_least = check_places_least(session);
    session->set_version = version;
    uint32_t places = 0;
    for (size_t at = 0; at < event->session->n_limits; at++)
        if (event->session->limits[at]->kind == DW__LIMIT_KIND__LIMIT_KIND_PLACES)
            places = event->session->limits[at]->amount;
    if (!event->limits_stay)
        check_set_places(session, places,
                         event->limits_from == NULL ? INT32_MIN : event->limits_from->days);
    if (!event->limits_stay && places < session->places_least)
        session->places_least = places;
    session->from = event->session->from->days;
    const int32_t ran_to = session->to;
    session->to = event->session->to == NULL ? INT32_MAX : event->session->to->days;
    /* Sittings up to this week are history; a week more, for the week is London's. */
    const int32_t ahead = (int32_t)(batch->recorded_ms / INT64_C(86400000)) + 8;
    const int32_t first = event->limits_stay && ran_to >= ahead ? ran_to : ahead;
    if (first != INT32_MAX)
        check_session_fits(sim, session, &id, first + (first != ahead), INT32_MAX - 8, NULL);
    if (ran_to != INT32_MAX && ran_to < session->to)
        check_all_are_in_one_place(sim, session, &id, ran_to);
}

static void fold_held(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(PlacesHeld, places_held)
    bool is_new;
    const struct id id = check_id(&event->hold_id);
    struct check_hold *hold = table_put(sim->checker->holds, &id, &is_new);
    if (!is_new) {
        sim_fail(sim, "a hold id is used twice");
        return;
    }
    hold->state = DW__BOOKING_STATE__BOOKING_STATE_HELD;
    hold->person = check_id(&event->person_id);
    hold->replaces = check_id(&event->replaces_hold_id);
    hold->from = event->from->days;
    hold->to = hold->to_planned = event->to == NULL ? INT32_MAX : event->to->days;
    hold->expires_ms = event->expires_ms;
    for (size_t at = 0; at < event->n_uses; at++)
        if (event->uses[at]->kind == DW__LIMIT_KIND__LIMIT_KIND_PLACES)
            hold->places = event->uses[at]->amount;
    for (size_t at = 0; at < event->n_session_ids && at < CHECK_SESSIONS_MAX; at++) {
        const struct id session_id = check_id(&event->session_ids[at]);
        struct check_session *session = table_get(sim->checker->sessions, &session_id);
        if (session == NULL || hold->places == 0) {
            sim_fail(sim, "places of no session are held, or none");
            return;
        }
        hold->sessions[hold->sessions_count++] = session_id;
        buffer_append(&session->holds, &id, sizeof id);
        const struct check_hold none = {0};
        const struct added added = {hold, &none};
        check_session_fits(sim, session, &session_id, hold->from, hold->to, &added);
    }
    check_hold_is_told(sim, &id, hold);
    struct buffer *occupied = table_put(sim->checker->occupied, &hold->person, NULL);
    check_is_in_one_place(sim, &id, hold, INT32_MIN, occupied);
    buffer_append(occupied, &id, sizeof id);
    if (id.bytes[0] == 'H' || id.bytes[0] == 'C') { /* folk_place.c, folk_coming.c */
        struct check_life *life = table_put(sim->checker->lives, &hold->person, NULL);
        buffer_append(&life->holds, &id, sizeof id);
    }
}

/* Takes an id out of a list. */
void check_drop_id(struct buffer *list, const struct id *id)
{
    if (list == NULL)
        return;
    struct id *ids = (void *)list->bytes;
    size_t count = list->len / sizeof ids[0];
    for (size_t at = 0; at < count;) {
        if (id_equal(&ids[at], id))
            ids[at] = ids[--count];
        else
            at++;
    }
    list->len = count * sizeof ids[0];
}

/* What others use takes places like a booking that is nobody's. */
static void fold_outside(struct sim *sim, const Dw__Batch *batch, const Dw__Event *recorded)
{
    CHECK_OPEN(OutsideUseSet, outside_use_set)
    const struct id id = check_id(&event->outside->outside_id);
    const struct id session_id = check_id(&event->outside->session_id);
    struct check_hold *use = table_put(sim->checker->holds, &id, NULL);
    struct check_session *session = table_get(sim->checker->sessions, &session_id);
    if (session == NULL || (use->sessions_count > 0 && !id_equal(&use->sessions[0], &session_id))) {
        sim_fail(sim, "others use no session, or another one than before");
        return;
    }
    const struct check_hold before = *use;
    const struct added added = {use, &before};
    *use = (struct check_hold){.state = DW__BOOKING_STATE__BOOKING_STATE_CONFIRMED,
                               .sessions = {session_id},
                               .sessions_count = 1,
                               .from = event->outside->from->days};
    use->to = event->outside->to == NULL ? INT32_MAX : event->outside->to->days;
    for (size_t at = 0; at < event->outside->n_uses; at++)
        if (event->outside->uses[at]->kind == DW__LIMIT_KIND__LIMIT_KIND_PLACES)
            use->places = event->outside->uses[at]->amount;
    session->outside_version = sim->checker->journals[SIM_CAPACITY].version;
    check_drop_id(&session->holds, &id);
    buffer_append(&session->holds, &id, sizeof id);
    /* What has been may be more than a limit that was cut since. */
    const int32_t ahead = (int32_t)(batch->recorded_ms / INT64_C(86400000)) + 8;
    if (use->places > 0)
        check_session_fits(sim, session, &session_id, use->from > ahead ? use->from : ahead,
                           use->to, &added);
}

/* What takes no place any more is not counted any more. */
static void drop_hold(struct checker *checker, const struct id *id, const struct check_hold *hold)
{
    buffer_append(&checker->dropped, id, sizeof *id);
    for (size_t at = 0; at < hold->sessions_count; at++)
        check_drop_id(
            &((struct check_session *)table_get(checker->sessions, &hold->sessions[at]))->holds,
            id);
    check_drop_id(table_get(checker->occupied, &hold->person), id);
}

/* All that happens to a hold later. last: of a booking that ends, else INT32_MAX. */
static void move_hold(struct sim *sim, const struct id *id, Dw__BookingState to, int32_t last)
{
    static const uint32_t from_states[] = {
        [DW__BOOKING_STATE__BOOKING_STATE_HELD] = 1 << DW__BOOKING_STATE__BOOKING_STATE_HELD,
        [DW__BOOKING_STATE__BOOKING_STATE_CONFIRMED] = 1 << DW__BOOKING_STATE__BOOKING_STATE_HELD,
        [DW__BOOKING_STATE__BOOKING_STATE_ENDED] = 1 << DW__BOOKING_STATE__BOOKING_STATE_CONFIRMED |
                                                   1 << DW__BOOKING_STATE__BOOKING_STATE_ENDED,
        [DW__BOOKING_STATE__BOOKING_STATE_RELEASED] =
            1 << DW__BOOKING_STATE__BOOKING_STATE_UNSPECIFIED |
            1 << DW__BOOKING_STATE__BOOKING_STATE_HELD,
        [DW__BOOKING_STATE__BOOKING_STATE_EXPIRED] = 1 << DW__BOOKING_STATE__BOOKING_STATE_HELD};
    struct check_hold *hold = table_put(sim->checker->holds, id, NULL);
    if ((from_states[to] >> hold->state & 1) == 0)
        sim_fail(sim, "a hold goes from state %d to %d", (int)hold->state, (int)to);
    if (to == DW__BOOKING_STATE__BOOKING_STATE_ENDED && last > hold->to)
        sim_fail(sim, "a booking becomes longer");
    hold->state = to;
    const uint64_t version = sim->checker->journals[SIM_CAPACITY].version;
    if (hold->moved_version != version)
        hold->to_before = hold->to;
    hold->moved_version = version;
    if (last != INT32_MAX)
        hold->to = last;
    if (!check_takes_places(hold) || hold->to < hold->from)
        drop_hold(sim->checker, id, hold);
}

static void fold_ended_booking(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(BookingEnded, booking_ended)
    const struct id id = check_id(&event->hold_id);
    move_hold(sim, &id, DW__BOOKING_STATE__BOOKING_STATE_ENDED, event->last->days);
}

static void fold_extended(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(HoldExtended, hold_extended)
    const struct id id = check_id(&event->hold_id);
    move_hold(sim, &id, DW__BOOKING_STATE__BOOKING_STATE_HELD, INT32_MAX);
    struct check_hold *hold = table_get(sim->checker->holds, &id);
    hold->expires_ms = event->expires_ms;
}

/* HoldConfirmed, HoldReleased and HoldExpired have the id in the same first field. */
static void fold_hold(struct sim *sim, const Dw__Event *recorded, Dw__BookingState to)
{
    CHECK_OPEN(HoldExpired, hold_expired)
    const struct id id = check_id(&event->hold_id);
    move_hold(sim, &id, to, INT32_MAX);
    const struct check_hold *hold = table_get(sim->checker->holds, &id);
    /* What time the batch says is that of its first decision, which may be long before this one. */
    if (to == DW__BOOKING_STATE__BOOKING_STATE_EXPIRED && hold->expires_ms > sim_now(sim).wall_ms &&
        hold->expires_ms > sim->wall_max_ms)
        sim_fail(sim, "a hold expired before its time");
    /* A batch's time is not after its decisions, unless the clock was put back and it is that of the batch before. */
    const struct check_journal *journal = &sim->checker->journals[SIM_CAPACITY];
    if (to == DW__BOOKING_STATE__BOOKING_STATE_CONFIRMED &&
        hold->expires_ms <= journal->recorded_ms &&
        journal->recorded_ms > journal->recorded_before_ms &&
        sim->now_us - sim->jumped_us > LONG_AFTER_US)
        sim_fail(sim, "a hold was confirmed after its time");
}

void check_fold_capacity(struct sim *sim, const Dw__Batch *batch, const Dw__Event *event)
{
    if (strcmp(event->type, "SessionSet") == 0)
        fold_session(sim, batch, event);
    else if (strcmp(event->type, "LimitsChanged") == 0)
        check_fold_limits(sim, event);
    else if (strcmp(event->type, "SessionEnded") == 0)
        check_fold_session_ended(sim, event);
    else if (strcmp(event->type, "OutsideUseSet") == 0)
        fold_outside(sim, batch, event);
    else if (strcmp(event->type, "ClosureDeclared") == 0)
        check_fold_closure_declared(sim, event);
    else if (strcmp(event->type, "ClosureLifted") == 0)
        check_fold_closure_lifted(sim, event);
    else if (strcmp(event->type, "SittingsDisrupted") == 0)
        check_fold_disrupted(sim, event);
    else if (strcmp(event->type, "SittingsRestored") == 0)
        check_fold_restored(sim, event);
    else if (strcmp(event->type, "PlacesHeld") == 0)
        fold_held(sim, event);
    else if (strcmp(event->type, "HoldExtended") == 0)
        fold_extended(sim, event);
    else if (strcmp(event->type, "HoldConfirmed") == 0)
        fold_hold(sim, event, DW__BOOKING_STATE__BOOKING_STATE_CONFIRMED);
    else if (strcmp(event->type, "HoldReleased") == 0)
        fold_hold(sim, event, DW__BOOKING_STATE__BOOKING_STATE_RELEASED);
    else if (strcmp(event->type, "HoldExpired") == 0)
        fold_hold(sim, event, DW__BOOKING_STATE__BOOKING_STATE_EXPIRED);
    else if (strcmp(event->type, "BookingEnded") == 0)
        fold_ended_booking(sim, event);
}
