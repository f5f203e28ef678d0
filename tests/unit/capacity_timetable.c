/* Tests of holds and their timetable: a million random commands, over three years of a moving clock, are decided as a
 * naive model decides them that counts every person on every date; and nothing is ever fuller than its limit. */
#include "services/capacity/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/calendar.h"
#include "tests/support/places.h"

enum {
    SERVICES = 4,
    SESSIONS = 12, /* three a service */
    BOOKINGS = 4000,
    COMMANDS = 1000000,
    DATES = 13 * 366, /* the naive model's world: a year before the first day, twelve after it */
    DAYS_BEFORE = 366,
    KINDS = 5,
    FAR = INT32_MAX,
};

enum naive_state { NAIVE_NEVER, NAIVE_HELD, NAIVE_BOOKED, NAIVE_ENDED, NAIVE_GONE, NAIVE_LAPSED };

struct naive_session {
    uint32_t service;
    int weekday;
    int limits[KINDS];
    int from, to;
    int every; /* weeks */
};

struct naive_booking {
    enum naive_state state;
    uint32_t service;
    uint32_t sessions[3];
    size_t count;
    int from, to;
    int uses[KINDS];
    int64_t held_ms, expires_ms;
};

/* taken[session][date][kind], dates counted from origin. The last date stands for all after it too, because no range
 * but one without end reaches it. */
static struct naive_session sessions[SESSIONS];
static struct naive_booking bookings[BOOKINGS];
static int16_t taken[SESSIONS][DATES][KINDS];
static int16_t limits_on[SESSIONS][DATES][KINDS]; /* the same */
static int origin;

/* Whatever its first and last date are. */
static bool sits(const struct naive_session *session, int date)
{
    int first = session->from;
    while (calendar_weekday(first) != session->weekday)
        first++;
    return (date - first) % (7 * session->every) == 0;
}

/* All are at the same time of day. */
static bool meet(const struct naive_session *one, const struct naive_session *other)
{
    for (int date = origin; date < origin + 7 * 12; date++)
        if (sits(one, date) && sits(other, date))
            return true;
    return false;
}

static int last_date(int to)
{
    return to == FAR || to >= origin + DATES ? origin + DATES - 1 : to;
}

static void naive_take(const struct naive_booking *booking, int from, int to, int sign)
{
    for (size_t at = 0; at < booking->count; at++)
        for (int date = from; date <= last_date(to); date++)
            if (sits(&sessions[booking->sessions[at]], date))
                for (int kind = 0; kind < KINDS; kind++) {
                    int16_t *cell = &taken[booking->sessions[at]][date - origin][kind];
                    *cell = (int16_t)(*cell + sign * booking->uses[kind]);
                }
}

/* 0, or the refusal. */
static int naive_may_hold(const struct naive_booking *wish)
{
    for (size_t at = 0; at < wish->count; at++) {
        const struct naive_session *session = &sessions[wish->sessions[at]];
        bool is_any = false;
        for (size_t other = 0; other < at; other++)
            if (meet(&sessions[wish->sessions[other]], session))
                return DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PERSON_ELSEWHERE;
        bool is_outside = false;
        for (int date = wish->from; date <= last_date(wish->to); date++) {
            if (!sits(session, date))
                continue;
            is_any = true;
            is_outside |= date < session->from || date > last_date(session->to);
        }
        if (!is_any || is_outside || (wish->to == FAR && session->to != FAR))
            return DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SESSION_NOT_RUNNING;
        for (int date = wish->from; date <= last_date(wish->to); date++)
            for (int kind = 0; sits(session, date) && kind < KINDS; kind++)
                if (wish->uses[kind] > 0 &&
                    taken[wish->sessions[at]][date - origin][kind] + wish->uses[kind] >
                        limits_on[wish->sessions[at]][date - origin][kind])
                    return DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT;
    }
    return 0;
}

/* What the session is set to have it has from today on, or, when it has not run before, on all dates. */
static void naive_set(uint32_t number, int today)
{
    const struct naive_session *session = &sessions[number];
    int first = session->from;
    while (!sits(session, first))
        first++;
    for (int date = first < today ? today : origin; date < origin + DATES; date++)
        for (int kind = 0; kind < KINDS; kind++)
            limits_on[number][date - origin][kind] = (int16_t)session->limits[kind];
}

static void set_up(struct places *places, struct places_random *random)
{
    memset(bookings, 0, sizeof bookings);
    memset(taken, 0, sizeof taken);
    origin = places->today - DAYS_BEFORE;
    assert_int_equal(places_provider(places, 1).outcome, DECISION_YES);
    for (uint32_t number = 0; number < SERVICES; number++)
        assert_int_equal(places_send_service(places, places_service(number, 1)).outcome,
                         DECISION_YES);
    for (uint32_t number = 0; number < SESSIONS; number++) {
        struct naive_session *session = &sessions[number];
        *session = (struct naive_session){
            .service = number / 3,
            .weekday = (int)(1 + places_random(random, 7)),
            .limits = {(int)(2 + places_random(random, 5)), (int)places_random(random, 4),
                       (int)places_random(random, 3)},
            .from = places->today - (int)places_random(random, 200),
            .to = number % 4 == 0 ? places->today + 400 + (int)places_random(random, 700) : FAR,
            .every = places_random(random, 2) == 0 ? 1 : (int)(1 + places_random(random, 4)),
        };
        places->every_weeks = (uint32_t)session->every;
        assert_int_equal(places_session(places, number, session->service,
                                        (uint32_t)session->weekday, 600, 720, session->limits,
                                        session->from, session->to)
                             .outcome,
                         DECISION_YES);
        naive_set(number, session->from);
    }
}

static void random_wish(const struct places *places, struct places_random *random,
                        struct naive_booking *ret_wish)
{
    *ret_wish = (struct naive_booking){.service = places_random(random, SERVICES)};
    for (uint32_t at = 0; at < 3; at++)
        if (places_random(random, 2) == 0)
            ret_wish->sessions[ret_wish->count++] = ret_wish->service * 3 + at;
    if (ret_wish->count == 0)
        ret_wish->sessions[ret_wish->count++] = ret_wish->service * 3;
    ret_wish->from = places->today - 30 + (int)places_random(random, 200);
    if (places_random(random, 12) == 0)
        ret_wish->from += 600 + (int)places_random(random, 300); /* beyond the horizon */
    const uint32_t length = places_random(random, 10);
    ret_wish->to = length < 3   ? FAR
                   : length < 4 ? ret_wish->from + 600 + (int)places_random(random, 600)
                                : ret_wish->from + (int)places_random(random, 120);
    ret_wish->uses[0] = 1;
    ret_wish->uses[1] = (int)places_random(random, 4) == 0;
    ret_wish->uses[2] = (int)places_random(random, 6) == 0;
}

static void expect(struct pure_outcome outcome, int refusal, size_t events)
{
    if (refusal == 0) {
        assert_int_equal(outcome.outcome, DECISION_YES);
        assert_int_equal(outcome.events_count, events);
        return;
    }
    assert_int_equal(outcome.outcome, DECISION_REFUSED);
    assert_int_equal(outcome.refusal, refusal);
}

static int refusal_of(const struct naive_booking *booking)
{
    switch (booking->state) {
    case NAIVE_NEVER:
        return DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_UNKNOWN;
    case NAIVE_GONE:
        return DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_RELEASED;
    case NAIVE_LAPSED:
        return DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_EXPIRED;
    case NAIVE_ENDED:
        return DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_BOOKING_ENDED;
    case NAIVE_HELD:
    case NAIVE_BOOKED:
        break;
    }
    return 0;
}

static uint32_t held_count;

static void try_hold(struct places *places, struct places_random *random, uint32_t number)
{
    struct naive_booking wish;
    random_wish(places, random, &wish);
    struct naive_booking *booking = &bookings[number];
    int refusal = refusal_of(booking);
    if (booking->state == NAIVE_NEVER)
        refusal = naive_may_hold(&wish);
    else if (refusal == 0)
        refusal = DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ALREADY_EXISTS;
    expect(places_hold(places, number, wish.service, wish.sessions, wish.count, wish.from, wish.to,
                       wish.uses, DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT),
           refusal, 1);
    if (refusal != 0)
        return;
    held_count++;
    wish.state = NAIVE_HELD;
    wish.held_ms = places->now_ms;
    wish.expires_ms = places->now_ms + PLACES_HOLD_MINUTES * INT64_C(60000);
    *booking = wish;
    naive_take(&wish, wish.from, wish.to, 1);
}

static void try_confirm(struct places *places, uint32_t number)
{
    struct naive_booking *booking = &bookings[number];
    expect(places_confirm(places, number), refusal_of(booking), booking->state == NAIVE_HELD);
    if (booking->state == NAIVE_HELD)
        booking->state = NAIVE_BOOKED;
}

static void try_release(struct places *places, uint32_t number)
{
    struct naive_booking *booking = &bookings[number];
    int refusal = 0;
    if (booking->state == NAIVE_BOOKED)
        refusal = DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_CONFIRMED;
    else if (booking->state == NAIVE_ENDED)
        refusal = DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_BOOKING_ENDED;
    const bool changes = booking->state == NAIVE_HELD || booking->state == NAIVE_NEVER;
    expect(places_release(places, number), refusal, changes);
    if (booking->state == NAIVE_HELD)
        naive_take(booking, booking->from, booking->to, -1);
    if (changes)
        booking->state = NAIVE_GONE;
}

static void try_end(struct places *places, struct places_random *random, uint32_t number)
{
    struct naive_booking *booking = &bookings[number];
    const int last = places->today - 20 + (int)places_random(random, 150);
    const bool takes = booking->state == NAIVE_BOOKED || booking->state == NAIVE_ENDED;
    int refusal = refusal_of(booking);
    if (booking->state == NAIVE_HELD)
        refusal = DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_NOT_CONFIRMED;
    if (takes)
        refusal = last > booking->to ? DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_BOOKING_ENDED : 0;
    const bool changes = booking->state == NAIVE_BOOKED || last != booking->to;
    expect(places_end(places, number, last), refusal, changes);
    if (refusal != 0 || !takes)
        return;
    naive_take(booking, last + 1 > booking->from ? last + 1 : booking->from, booking->to, -1);
    booking->to = last;
    booking->state = NAIVE_ENDED;
}

static void try_extend(struct places *places, struct places_random *random, uint32_t number)
{
    struct naive_booking *booking = &bookings[number];
    const int64_t until_ms = places->now_ms + places_random(random, 700) * INT64_C(60000);
    int refusal = refusal_of(booking);
    const int64_t latest_ms = booking->held_ms + PLACES_HOLD_MINUTES_MAX * INT64_C(60000);
    const bool is_longer = booking->state == NAIVE_HELD && until_ms > booking->expires_ms;
    if (booking->state == NAIVE_BOOKED)
        refusal = DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_CONFIRMED;
    else if (is_longer && until_ms > latest_ms)
        refusal = DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_TOO_LONG;
    expect(places_extend(places, number, until_ms), refusal, is_longer);
    if (refusal == 0 && is_longer)
        booking->expires_ms = until_ms;
}

static void try_limits(struct places *places, struct places_random *random)
{
    const uint32_t number = places_random(random, SESSIONS);
    struct naive_session wish = sessions[number];
    wish.limits[0] = (int)(1 + places_random(random, 7));
    wish.limits[1] = (int)places_random(random, 4);
    int refusal = 0;
    for (int date = places->today; date < origin + DATES; date++)
        for (int kind = 0; kind < KINDS; kind++)
            if (taken[number][date - origin][kind] > wish.limits[kind])
                refusal = DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_LIMIT_BELOW_USE;
    const bool changes = memcmp(&wish, &sessions[number], sizeof wish) != 0;
    places->every_weeks = (uint32_t)wish.every;
    expect(places_session(places, number, wish.service, (uint32_t)wish.weekday, 600, 720,
                          wish.limits, wish.from, wish.to),
           refusal, changes);
    if (refusal != 0)
        return;
    sessions[number] = wish;
    naive_set(number, places->today);
}

/* Time passes; what lapses gives its places back. */
static void pass_time(struct places *places, struct places_random *random)
{
    places_move(places, places_random(random, 20) == 0 ? 1 : 0,
                (int64_t)places_random(random, 10) * 60000);
    size_t count;
    const int64_t next_ms = pure_due(places->pure, 64, places->now_ms, places->today, &count);
    size_t lapsed = 0;
    for (uint32_t number = 0; number < BOOKINGS; number++) {
        struct naive_booking *booking = &bookings[number];
        if (booking->state != NAIVE_HELD)
            continue;
        if (booking->expires_ms > places->now_ms) {
            assert_true(next_ms <= booking->expires_ms);
            continue;
        }
        lapsed++;
        naive_take(booking, booking->from, booking->to, -1);
        booking->state = NAIVE_LAPSED;
    }
    assert_int_equal(count, lapsed);
}

static void check_all_free_numbers(const struct places *places)
{
    struct state *state = pure_state(places->pure);
    const int32_t this_week = calendar_week(places->today);
    for (uint32_t number = 0; number < SESSIONS; number++) {
        const struct id id = places_id('t', number);
        uint32_t slot = 0;
        assert_true(capacity_timetable_find(state->timetable, &id, &slot));
        for (int date = places->today; date < origin + DATES; date++) {
            if (!sits(&sessions[number], date))
                continue;
            const struct weeks one = {calendar_week(date), calendar_week(date)};
            for (size_t kind = 0; kind < KINDS; kind++) {
                const int expected =
                    limits_on[number][date - origin][kind] - taken[number][date - origin][kind];
                assert_true(expected >= 0);
                assert_int_equal(
                    capacity_timetable_free(state->timetable, slot, kind, one, this_week),
                    expected);
            }
        }
        const struct weeks ahead =
            capacity_weeks_sitting(capacity_timetable_terms(state->timetable, slot),
                                   (struct weeks){this_week, TIMETABLE_FOREVER});
        for (size_t kind = 0; kind < KINDS; kind++) {
            int least = INT32_MAX;
            for (int date = calendar_monday(this_week); date < origin + DATES; date++)
                if (sits(&sessions[number], date) &&
                    limits_on[number][date - origin][kind] - taken[number][date - origin][kind] <
                        least)
                    least =
                        limits_on[number][date - origin][kind] - taken[number][date - origin][kind];
            assert_int_equal(
                capacity_timetable_free(state->timetable, slot, kind, ahead, this_week), least);
        }
    }
}

static void act(struct places *places, struct places_random *random)
{
    const uint32_t number = places_random(random, BOOKINGS);
    switch (places_random(random, 10)) {
    case 0:
    case 1:
    case 2:
        try_hold(places, random, number);
        break;
    case 3:
    case 4:
        try_confirm(places, number);
        break;
    case 5:
        if (bookings[number].state != NAIVE_NEVER || places_random(random, 8) == 0)
            try_release(places, number);
        break;
    case 6:
    case 7:
        try_end(places, random, number);
        break;
    case 8:
        try_extend(places, random, number);
        break;
    default:
        try_limits(places, random);
        break;
    }
}

static void holds_are_decided_as_a_count_of_every_person_on_every_date_decides_them(void **context)
{
    (void)context;
    struct places_random random = {UINT64_C(88172645463325252)};
    uint32_t done = 0;
    held_count = 0;
    for (int round = 0; done < COMMANDS; round++) {
        struct places places = places_open();
        set_up(&places, &random);
        /* A round lasts three years: a day passes about every 8 commands. */
        for (uint32_t turn = 0; turn < 8600; turn++, done++) {
            act(&places, &random);
            if (turn % 3 == 0) {
                places_move(&places, places_random(&random, 8) < 3 ? 1 : 0, 0);
                pass_time(&places, &random);
            }
            if (turn % 2867 == 1000)
                pure_reload(places.pure);
            if (turn % 2867 == 2000)
                check_all_free_numbers(&places);
        }
        assert_true(places.today - origin - DAYS_BEFORE > 3 * 365);
        check_all_free_numbers(&places);
        places_close(&places);
    }
    assert_true(held_count > 100000);
}

static void a_range_that_begins_and_ends_beyond_the_horizon_is_counted_exactly(void **context)
{
    (void)context;
    struct places places = places_open();
    const int limits[5] = {1};
    const uint32_t session = 1;
    const int far_ahead = places.today + 4 * 365;
    (void)places_provider(&places, 1);
    (void)places_send_service(&places, places_service(1, 1));
    (void)places_session(&places, 1, 1, 1, 600, 720, limits, places.today, FAR);
    expect(places_hold(&places, 1, 1, &session, 1, far_ahead, far_ahead + 69, NULL,
                       DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED),
           0, 1);
    /* The place is taken for ten weeks in four years: free before and after, for nobody over it. */
    expect(places_hold(&places, 2, 1, &session, 1, places.today, FAR, NULL,
                       DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED),
           DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT, 0);
    expect(places_hold(&places, 3, 1, &session, 1, places.today, far_ahead - 1, NULL,
                       DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED),
           0, 1);
    expect(places_hold(&places, 4, 1, &session, 1, far_ahead + 70, FAR, NULL,
                       DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED),
           0, 1);
    places_close(&places);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_range_that_begins_and_ends_beyond_the_horizon_is_counted_exactly),
        cmocka_unit_test(holds_are_decided_as_a_count_of_every_person_on_every_date_decides_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
