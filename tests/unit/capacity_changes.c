/* Tests of everything that changes a timetable together: random holds, replacing holds, closures, changed limits, sessions set anew or
 * ended and confirmations are decided as a naive model decides them, which counts every booking in every week; whom each change touches, and
 * in which weeks, is who the model says, and so is who has room again; and what is free of every sitting is what it counts. */
#include "services/capacity/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/calendar.h"
#include "services/capacity/closed.h"
#include "tests/support/closing.h"

#define REFUSAL(name) DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_##name

enum {
    SESSIONS = 4, /* two a service; 0 and 2 share an hour, and so do 1 and 3 */
    BOOKINGS = 400,
    PEOPLE = 30,
    CLOSURES = 14,
    WEEKS =
        150,    /* the model's world, from today's week on; its last week stands for all after it */
    AHEAD = 60, /* ranges begin and end in the first ones */
    RAN = 12, /* weeks that sessions have run before: they have the first limits whatever is said */
    KINDS = 2,
    ROUNDS = 120,
    TURNS = 900,
    FAR = INT32_MAX,
    RETURN_DAYS = 366, /* after a booking ended, within which it is come back to */
};

enum { NEVER, HELD, BOOKED, ENDED, GONE };

struct booking {
    int state;
    uint32_t person, service, replaces;
    unsigned sessions; /* bits */
    int from, to;      /* weeks; to FAR = for ever */
    int uses[KINDS];
    int order; /* when it was held */
};

struct closure {
    bool is_known;
    uint32_t service;
    unsigned sessions;
    int from, to;
};

static struct booking bookings[BOOKINGS];
static struct closure closures[CLOSURES];
static int limits[SESSIONS][WEEKS][KINDS];
static bool changes[SESSIONS][WEEKS]; /* where limits were said to change */
static const int first_limits[5] = {4, 2};
static int runs_to[SESSIONS];
static int every[SESSIONS]; /* weeks, counted from the first one */
static struct places places;
static struct places_random dice = {UINT64_C(424242)};
static int turn;
static struct {
    size_t held, replaced, disrupted, cut, ended, elsewhere, closed, full, again, set, kept, longer,
        not_longer;
} seen;

static int last_week(int to)
{
    return to >= WEEKS ? WEEKS - 1 : to;
}

static bool takes(const struct booking *booking)
{
    return booking->state == HELD || booking->state == BOOKED || booking->state == ENDED;
}

static bool is_at(const struct booking *booking, int session, int week)
{
    return takes(booking) && (booking->sessions >> session & 1) != 0 && booking->from <= week &&
           week <= booking->to && week % every[session] == 0;
}

/* What one booking takes besides what the one that it replaces takes already. */
static int uses_of(const struct booking *booking, int session, int week, int kind)
{
    const struct booking *replaced = &bookings[booking->replaces];
    int uses = booking->uses[kind];
    if (!is_at(booking, session, week))
        return 0;
    if (booking->replaces != 0 && is_at(replaced, session, week))
        uses = uses > replaced->uses[kind] ? uses - replaced->uses[kind] : 0;
    return uses;
}

static int count_taken(int session, int week, int kind)
{
    int taken = 0;
    for (size_t at = 1; at < BOOKINGS; at++)
        taken += uses_of(&bookings[at], session, week, kind);
    return taken;
}

static bool is_closed(int session, int week)
{
    for (size_t at = 0; at < CLOSURES; at++)
        if (closures[at].is_known && (closures[at].sessions >> session & 1) != 0 &&
            closures[at].from <= week && week <= closures[at].to)
            return true;
    return false;
}

static bool sits(int session, int week)
{
    return week <= runs_to[session] && week % every[session] == 0 && !is_closed(session, week);
}

/* Dates of weeks: sessions are on Wednesdays, so that a range of whole weeks has each once. */
static int32_t monday(int week)
{
    return week == FAR ? FAR : places.today + 7 * week;
}

static int32_t sunday(int week)
{
    return week == FAR ? FAR : places.today + 7 * week + 6;
}

/* --- the model's decisions -------------------------------------------------------------------------------------------- */

static bool is_elsewhere(const struct booking *wish, int session)
{
    const int other_session = (session + 2) % SESSIONS;
    for (size_t at = 1; at < BOOKINGS; at++)
        for (int week = wish->from; week <= last_week(wish->to); week++)
            if (bookings[at].person == wish->person && at != wish->replaces &&
                ((is_at(&bookings[at], session, week) && sits(session, week)) ||
                 (is_at(&bookings[at], other_session, week) && sits(session, week) &&
                  sits(other_session, week))))
                return true;
    return false;
}

static int replacing_refusal(const struct booking *wish)
{
    const struct booking *replaced = &bookings[wish->replaces];
    if (wish->replaces == 0)
        return 0;
    if ((replaced->state != BOOKED && replaced->state != ENDED) ||
        replaced->person != wish->person || replaced->service != wish->service ||
        (replaced->to != FAR && monday(wish->from) - RETURN_DAYS > sunday(replaced->to)))
        return REFUSAL(NOT_REPLACEABLE);
    for (size_t at = 1; at < BOOKINGS; at++)
        if (bookings[at].state == HELD && bookings[at].replaces == wish->replaces)
            return REFUSAL(ALREADY_REPLACED);
    return 0;
}

static bool is_full(const struct booking *wish, int session)
{
    for (int week = wish->from; week <= last_week(wish->to); week++)
        for (int kind = 0; kind < KINDS; kind++) {
            struct booking held = *wish;
            held.state = HELD;
            const int uses = uses_of(&held, session, week, kind);
            if (uses > 0 && count_taken(session, week, kind) + uses > limits[session][week][kind])
                return true;
        }
    return false;
}

static bool has_sitting(const struct booking *wish, int session)
{
    const int rest = wish->from % every[session];
    return wish->from + (rest == 0 ? 0 : every[session] - rest) <= wish->to;
}

static int last_sitting(const struct booking *wish, int session)
{
    return wish->to == FAR ? FAR : wish->to - wish->to % every[session];
}

static int refusal_of(const struct booking *wish)
{
    bool opens = false, never = false;
    const int replacing = replacing_refusal(wish);
    if (replacing != 0)
        return replacing;
    for (int session = 0; session < SESSIONS; session++)
        for (int week = wish->from; week <= last_week(wish->to); week++)
            opens |= (wish->sessions >> session & 1) != 0 && week % every[session] == 0 &&
                     !is_closed(session, week);
    for (int session = 0; session < SESSIONS; session++)
        never |= (wish->sessions >> session & 1) != 0 && !has_sitting(wish, session);
    if (!opens && !never)
        return REFUSAL(CLOSED);
    for (int session = 0; session < SESSIONS; session++) {
        if ((wish->sessions >> session & 1) == 0)
            continue;
        if (is_elsewhere(wish, session))
            return REFUSAL(PERSON_ELSEWHERE);
        if (!has_sitting(wish, session) || last_sitting(wish, session) > runs_to[session])
            return REFUSAL(SESSION_NOT_RUNNING);
        if (is_full(wish, session))
            return REFUSAL(NO_PLACE_LEFT);
    }
    return 0;
}

/* --- who is touched -------------------------------------------------------------------------------------------------------- */

static bool lost[BOOKINGS][SESSIONS][WEEKS];

/* What each was told to have lost by cuts and ends and has not again, in how many bookings a week; and what was told to be there again. */
static bool stranded[BOOKINGS][SESSIONS][WEEKS], again[BOOKINGS][SESSIONS][WEEKS];
static int stranded_count[SESSIONS][WEEKS];
static bool may_have_room[SESSIONS]; /* what was taken of it became less, or its limits changed */
static size_t again_count;

static void strand(size_t booking, int session, int week, bool is_lost)
{
    stranded_count[session][week] += is_lost - stranded[booking][session][week];
    stranded[booking][session][week] = is_lost;
}

/* What was told of bookings, by a command and by time, which goes on with what is too much for one decision. */
static struct told {
    struct id hold_id;
    int from, sittings; /* of the model's world */
} told[BOOKINGS];
static size_t told_count, restored_count;

static uint32_t number_of(const ProtobufCBinaryData *data, char kind, uint32_t below)
{
    for (uint32_t number = 0; number < below; number++) {
        const struct id id = places_id(kind, number);
        if (memcmp(data->data, &id, sizeof id) == 0)
            return number;
    }
    fail_msg("nobody has this id");
    return 0;
}

/* Of a closure, or which sittings are there again; those far behind are not of the model's world. */
static void hear_restored(struct packed body)
{
    Dw__SittingsRestored *event = dw__sittings_restored__unpack(NULL, body.len, body.bytes);
    assert_non_null(event);
    restored_count += event->session_id.len == 0;
    if (event->session_id.len > 0) {
        const uint32_t number = number_of(&event->hold_id, 'h', BOOKINGS);
        const uint32_t session = number_of(&event->session_id, 't', SESSIONS);
        for (size_t at = 0; at < event->n_sittings; at++) {
            const int32_t week = (event->sittings[at]->date->days - places.today) / 7;
            if (week < WEEKS)
                again[number][session][week] = true;
            again_count++;
        }
    }
    dw__sittings_restored__free_unpacked(event, NULL);
}

static void listen(void *context, const struct decision *decision, int64_t now_ms,
                   const struct principal *principal)
{
    (void)context, (void)now_ms, (void)principal;
    for (size_t at = 0; at < decision->events_count; at++) {
        const struct packed body = decision->events[at].body;
        const ProtobufCMessageDescriptor *type = decision->events[at].row->type;
        if (type == &dw__sittings_restored__descriptor)
            hear_restored(body);
        if (type != &dw__sittings_disrupted__descriptor)
            continue;
        Dw__SittingsDisrupted *event = dw__sittings_disrupted__unpack(NULL, body.len, body.bytes);
        assert_true(event != NULL && told_count < BOOKINGS);
        struct told *one = &told[told_count++];
        *one = (struct told){.from = event->from->days};
        memcpy(&one->hold_id, event->hold_id.data, sizeof one->hold_id);
        for (size_t sitting = 0; sitting < event->n_sittings; sitting++)
            one->sittings += event->sittings[sitting]->date->days <= sunday(WEEKS - 1);
        dw__sittings_disrupted__free_unpacked(event, NULL);
    }
}

static void begin_listening(void)
{
    told_count = restored_count = 0;
}

static void tell_the_rest(void)
{
    size_t count = 1;
    while (count > 0)
        (void)pure_due(places.pure, 8, places.now_ms, places.today, &count);
}

/* What was told is exactly what is in lost, by ascending id. */
static void expect_told(void)
{
    size_t at = 0;
    tell_the_rest();
    for (uint32_t number = 1; number < BOOKINGS; number++) {
        const struct id id = places_id('h', number);
        int sittings = 0, from = FAR;
        for (int week = 0; week < WEEKS; week++)
            for (int session = 0; session < SESSIONS; session++)
                if (lost[number][session][week]) {
                    sittings++;
                    from = week < from ? week : from;
                }
        if (sittings == 0)
            continue;
        assert_true(at < told_count);
        assert_memory_equal(&told[at].hold_id, &id, sizeof id);
        assert_int_equal(told[at].sittings, sittings);
        assert_int_equal(calendar_week(told[at].from), calendar_week(monday(from)));
        at++;
    }
    assert_int_equal(told_count, at);
    seen.disrupted += at;
}

/* Who has room in a week: the latest held of those who take of what is short goes first. */
static void find_room(int session, int week, const int most[KINDS], bool ret_room[BOOKINGS])
{
    for (size_t at = 1; at < BOOKINGS; at++)
        ret_room[at] = is_at(&bookings[at], session, week);
    for (int kind = 0; kind < KINDS; kind++)
        for (;;) {
            int taken = 0;
            size_t latest = 0;
            for (size_t at = 1; at < BOOKINGS; at++) {
                const int uses = ret_room[at] ? uses_of(&bookings[at], session, week, kind) : 0;
                taken += uses;
                if (uses > 0 && (latest == 0 || bookings[at].order > bookings[latest].order))
                    latest = at;
            }
            if (taken <= most[kind])
                break;
            ret_room[latest] = false;
        }
}

/* Fills in who loses a week when the limits change from before to after; true when somebody does. */
static bool find_lost(int session, int week, const int before[KINDS], const int after[KINDS])
{
    static bool had[BOOKINGS], has[BOOKINGS];
    bool any = false;
    if (after[0] >= before[0] && after[1] >= before[1])
        return false;
    find_room(session, week, before, had);
    find_room(session, week, after, has);
    for (size_t at = 1; at < BOOKINGS; at++) {
        lost[at][session][week] = had[at] && !has[at];
        any |= lost[at][session][week];
    }
    return any;
}

/* Everybody who was stranded and has room is told so, in just those weeks. */
static void expect_again(void)
{
    static const int none[KINDS];
    static bool has[BOOKINGS];
    const size_t before = seen.again;
    tell_the_rest();
    const size_t heard = again_count;
    again_count = 0;
    for (int session = 0; session < SESSIONS; session++) {
        for (int week = 0; week < WEEKS; week++) {
            if (stranded_count[session][week] == 0 || !may_have_room[session])
                continue;
            find_room(session, week, week <= runs_to[session] ? limits[session][week] : none, has);
            for (size_t at = 1; at < BOOKINGS; at++) {
                const bool is_back = stranded[at][session][week] && has[at];
                assert_int_equal(again[at][session][week], is_back);
                again[at][session][week] = false;
                if (is_back)
                    strand(at, session, week, false);
                seen.again += is_back;
            }
        }
        may_have_room[session] = false;
    }
    assert_int_equal(heard > 0, seen.again > before);
}

/* What was lost and is not the booking's any more is nobody's, but that of the one that is in its place. */
static void forget_stranded(size_t booking, size_t by)
{
    for (int session = 0; session < SESSIONS; session++)
        may_have_room[session] |= (bookings[booking].sessions >> session & 1) != 0;
    for (int session = 0; session < SESSIONS; session++)
        for (int week = 0; week < WEEKS; week++)
            if (stranded[booking][session][week] && !is_at(&bookings[booking], session, week)) {
                strand(booking, session, week, false);
                if (by != 0 && is_at(&bookings[by], session, week))
                    strand(by, session, week, true);
            }
}

static void note_stranded(int changed)
{
    may_have_room[changed] = true;
    for (size_t at = 1; at < BOOKINGS; at++)
        for (int session = 0; session < SESSIONS; session++)
            for (int week = 0; week < WEEKS; week++)
                if (lost[at][session][week])
                    strand(at, session, week, true);
}

/* --- turns ---------------------------------------------------------------------------------------------------------------------- */

static int any(uint32_t below)
{
    return (int)places_random(&dice, below);
}

static void random_range(int *ret_from, int *ret_to)
{
    *ret_from = any(AHEAD);
    *ret_to = any(4) == 0 ? FAR : *ret_from + any(20);
}

static void expect(struct pure_outcome outcome, int refusal)
{
    assert_int_equal(outcome.outcome, refusal == 0 ? DECISION_YES : DECISION_REFUSED);
    if (refusal != 0)
        assert_int_equal(outcome.refusal, refusal);
    seen.elsewhere += refusal == REFUSAL(PERSON_ELSEWHERE);
    seen.closed += refusal == REFUSAL(CLOSED);
    seen.full += refusal == REFUSAL(NO_PLACE_LEFT);
}

/* One that is booked, mostly; 0 when there is none. */
static uint32_t some_booking(void)
{
    const uint32_t first = (uint32_t)any(BOOKINGS);
    if (any(8) == 0)
        return bookings[first].state == NEVER ? 0 : first;
    for (uint32_t at = 0; at < BOOKINGS; at++)
        if (bookings[(first + at) % BOOKINGS].state == BOOKED)
            return (first + at) % BOOKINGS;
    return 0;
}

static void try_hold(uint32_t number)
{
    struct booking wish = {.state = HELD, .person = (uint32_t)any(PEOPLE) + 1, .order = turn};
    uint32_t sessions[2];
    size_t count = 0;
    if (bookings[number].state != NEVER)
        return;
    wish.service = (uint32_t)any(2);
    if (any(3) == 0) {
        wish.replaces = some_booking();
        if (wish.replaces != 0 && any(8) != 0) {
            wish.person = bookings[wish.replaces].person;
            wish.service = bookings[wish.replaces].service;
        }
    }
    for (uint32_t at = 0; at < 2; at++)
        if (any(3) != 0 || (at == 1 && count == 0)) {
            sessions[count++] = wish.service * 2 + at;
            wish.sessions |= 1U << (wish.service * 2 + at);
        }
    random_range(&wish.from, &wish.to);
    wish.uses[0] = 1 + (any(6) == 0);
    wish.uses[1] = any(3) == 0;
    const int refusal = refusal_of(&wish);
    const int uses[5] = {wish.uses[0], wish.uses[1]};
    places.person = wish.person;
    places.replaces = wish.replaces;
    expect(places_hold(&places, number, wish.service, sessions, count, monday(wish.from),
                       sunday(wish.to), uses, DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED),
           refusal);
    places.person = places.replaces = 0;
    if (refusal != 0)
        return;
    bookings[number] = wish;
    seen.held++;
}

static void try_confirm(uint32_t number)
{
    struct booking *booking = &bookings[number];
    struct booking *replaced = &bookings[booking->replaces];
    if (booking->state != HELD)
        return;
    const bool ends = booking->replaces != 0 && takes(replaced) && replaced->to >= booking->from;
    const struct pure_outcome outcome = places_confirm(&places, number);
    assert_int_equal(outcome.events_count, ends ? 2 : 1);
    booking->state = BOOKED;
    seen.replaced += ends;
    if (!ends)
        return;
    replaced->state = ENDED;
    replaced->to = booking->from - 1;
    forget_stranded(booking->replaces, number);
}

static void try_end(uint32_t number)
{
    struct booking *booking = &bookings[number];
    const int last = any(AHEAD);
    if (booking->state == HELD) {
        assert_int_equal(places_release(&places, number).events_count, 1);
        booking->state = GONE;
    } else if (booking->state == BOOKED && last <= booking->to) {
        assert_int_equal(places_end(&places, number, sunday(last)).events_count, 1);
        booking->state = ENDED;
        booking->to = last;
    }
    forget_stranded(number, 0);
}

static void try_close(uint32_t number)
{
    struct closure *closure = &closures[number];
    struct closure wish = {.is_known = true, .service = (uint32_t)any(2)};
    const uint32_t one[] = {wish.service * 2 + (uint32_t)any(2)};
    const size_t count = (size_t)any(2);
    if (closure->is_known)
        return;
    wish.sessions = count == 1 ? 1U << one[0] : 3U << wish.service * 2;
    wish.from = any(AHEAD);
    wish.to = any(12) == 0 ? FAR : wish.from + any(10);
    memset(lost, 0, sizeof lost);
    for (size_t at = 1; at < BOOKINGS; at++)
        for (int session = 0; session < SESSIONS; session++)
            for (int week = wish.from; week <= last_week(wish.to); week++)
                lost[at][session][week] =
                    (wish.sessions >> session & 1) != 0 && is_at(&bookings[at], session, week);
    begin_listening();
    expect(closing_declare(&places, number, wish.service, one, count, monday(wish.from),
                           sunday(wish.to)),
           0);
    expect_told();
    *closure = wish;
}

static void try_lift(uint32_t number)
{
    struct closure *closure = &closures[number];
    const int from = any(AHEAD);
    size_t restored = 0;
    if (!closure->is_known || from > closure->to || closure->to < closure->from)
        return;
    for (size_t at = 1; at < BOOKINGS; at++) {
        bool is_back = false;
        for (int session = 0; session < SESSIONS; session++)
            for (int week = from > closure->from ? from : closure->from;
                 week <= last_week(closure->to); week++)
                is_back |=
                    (closure->sessions >> session & 1) != 0 && is_at(&bookings[at], session, week);
        restored += is_back;
    }
    begin_listening();
    expect(closing_lift(&places, number, monday(from)), 0);
    tell_the_rest();
    assert_int_equal(restored_count, restored);
    closure->to = from - 1;
}

static void try_limits(int session)
{
    const int from = any(AHEAD), after[KINDS] = {1 + any(6), any(4)};
    const int told_limits[6] = {after[0], after[1]};
    int until = from + 1;
    bool any_lost = false;
    memset(lost, 0, sizeof lost);
    while (until < WEEKS && !changes[session][until])
        until++;
    for (int week = from; week < until && week <= runs_to[session]; week++)
        any_lost |= find_lost(session, week, limits[session][week], after);
    if (any_lost && any(2) == 0) {
        expect(closing_limits(&places, (uint32_t)session, monday(from), told_limits, false),
               REFUSAL(LIMIT_BELOW_USE));
        return;
    }
    begin_listening();
    expect(closing_limits(&places, (uint32_t)session, monday(from), told_limits, true), 0);
    expect_told();
    seen.cut += any_lost;
    changes[session][from] = true;
    for (int week = from; week < until; week++)
        memcpy(limits[session][week], after, sizeof after);
    note_stranded(session);
}

static struct pure_outcome set_session(int session, const int amounts[5])
{
    const uint32_t number = (uint32_t)session, start = 540 + number % 2 * 120 + number / 2 * 10;
    places.every_weeks = (uint32_t)every[session];
    return places_session(&places, number, number / 2, 3, start, start + 70, amounts, monday(-RAN),
                          sunday(runs_to[session]));
}

static void try_session_end(int session)
{
    static const int none[KINDS];
    const int last = AHEAD + any(20);
    if (last > runs_to[session] || any(30) != 0)
        return;
    memset(lost, 0, sizeof lost);
    for (int week = last + 1; week <= last_week(runs_to[session]); week++)
        (void)find_lost(session, week, limits[session][week], none);
    if (last == runs_to[session])
        return;
    begin_listening();
    expect(closing_end(&places, (uint32_t)session, sunday(last), true), 0);
    expect_told();
    runs_to[session] = last;
    note_stranded(session);
    seen.ended++;
}

/* Sets a session that has ended to run again, with the limits of today: those to come stay, and there must be room. */
static void try_set_longer(int session)
{
    const int now[5] = {limits[session][0][0], limits[session][0][1]};
    const int ran_to = runs_to[session];
    bool is_short = false;
    if (ran_to == FAR || any(3) == 0)
        return;
    for (int week = ran_to + 1; week < WEEKS; week++)
        for (int kind = 0; kind < KINDS; kind++)
            is_short |= count_taken(session, week, kind) > limits[session][week][kind];
    runs_to[session] = FAR;
    const struct pure_outcome outcome = set_session(session, now);
    if (outcome.outcome == DECISION_YES) {
        assert_false(is_short);
        may_have_room[session] = true;
        seen.longer++;
        return;
    }
    expect(outcome, is_short ? REFUSAL(LIMIT_BELOW_USE) : REFUSAL(PERSON_ELSEWHERE));
    runs_to[session] = ran_to;
    seen.not_longer += is_short;
}

/* Sets the session to have other limits from today on, for ever; as it stands, which changes nothing; or to have too few. */
static void try_set(int session)
{
    const int after[5] = {1 + any(8), any(5)};
    bool is_short = false;
    if (any(4) != 0)
        return;
    const bool is_same = after[0] == limits[session][0][0] && after[1] == limits[session][0][1];
    for (int week = 0; week <= last_week(runs_to[session]); week++)
        for (int kind = 0; kind < KINDS; kind++)
            is_short |= count_taken(session, week, kind) > after[kind];
    const struct pure_outcome outcome = set_session(session, after);
    expect(outcome, is_short && !is_same ? REFUSAL(LIMIT_BELOW_USE) : 0);
    seen.kept += is_same;
    if (is_same || is_short) {
        assert_int_equal(outcome.events_count, 0);
        return;
    }
    for (int week = 0; week < WEEKS; week++) {
        changes[session][week] = week == 0;
        memcpy(limits[session][week], after, sizeof limits[session][week]);
    }
    may_have_room[session] = true;
    seen.set++;
}

static void check_free(void)
{
    struct state *state = pure_state(places.pure);
    const int32_t this_week = calendar_week(places.today);
    for (int session = 0; session < SESSIONS; session++) {
        const struct id id = places_id('t', (uint32_t)session);
        uint32_t slot = 0;
        assert_true(capacity_timetable_find(state->timetable, &id, &slot));
        for (int kind = 0; kind < KINDS; kind++)
            for (int week = -RAN; week < 0; week += every[session])
                assert_int_equal(capacity_timetable_limit(state->timetable, slot, (size_t)kind,
                                                          this_week + week),
                                 first_limits[kind]);
        for (int week = 0; week < WEEKS; week += every[session]) {
            const struct weeks one = {this_week + week, this_week + week};
            for (int kind = 0; kind < KINDS; kind++)
                assert_int_equal(
                    capacity_timetable_free(state->timetable, slot, (size_t)kind, one, this_week),
                    limits[session][week][kind] - count_taken(session, week, kind));
            assert_int_equal(
                capacity_closed_in(capacity_timetable_closed(state->timetable), slot, one.first),
                is_closed(session, week));
        }
    }
}

static void set_up(void)
{
    places = places_open();
    pure_watch(places.pure, listen, NULL);
    memset(stranded, 0, sizeof stranded);
    memset(again, 0, sizeof again);
    memset(stranded_count, 0, sizeof stranded_count);
    memset(bookings, 0, sizeof bookings);
    memset(closures, 0, sizeof closures);
    memset(changes, 0, sizeof changes);
    (void)places_provider(&places, 1);
    for (uint32_t service = 0; service < 2; service++)
        (void)places_send_service(&places, places_service(service, 1));
    for (uint32_t session = 0; session < SESSIONS; session++) {
        runs_to[session] = FAR;
        every[session] = any(2) == 0 ? 1 : 1 + any(4);
        assert_int_equal(RAN % every[session], 0);
        (void)set_session((int)session, first_limits);
        for (int week = 0; week < WEEKS; week++)
            memcpy(limits[session][week], first_limits, sizeof limits[session][week]);
    }
}

static void act(void)
{
    places_move(&places, 0, 100);
    switch (any(13)) {
    case 0:
    case 1:
    case 2:
    case 3:
        try_hold(1 + (uint32_t)any(BOOKINGS - 1));
        break;
    case 4:
    case 5:
    case 6:
        try_confirm(1 + (uint32_t)any(BOOKINGS - 1));
        break;
    case 7:
        try_end(1 + (uint32_t)any(BOOKINGS - 1));
        break;
    case 8:
        try_close((uint32_t)any(CLOSURES));
        break;
    case 9:
        try_lift((uint32_t)any(CLOSURES));
        break;
    case 10:
        try_limits(any(SESSIONS));
        break;
    case 11:
        try_set(any(SESSIONS));
        try_set_longer(any(SESSIONS));
        break;
    default:
        try_session_end(any(SESSIONS));
        break;
    }
}

static void
all_that_changes_a_timetable_is_decided_as_a_count_of_every_week_decides_it(void **context)
{
    (void)context;
    for (int round = 0; round < ROUNDS; round++) {
        set_up();
        for (turn = 0; turn < TURNS; turn++) {
            act();
            expect_again();
            if (turn % 100 == 60)
                pure_reload(places.pure);
            if (turn % 30 == 7)
                check_free();
        }
        check_free();
        places_close(&places);
    }
    assert_true(seen.held > 1000 && seen.replaced > 20 && seen.disrupted > 1000);
    assert_true(seen.cut > 20 && seen.ended > 5 && seen.elsewhere > 50);
    assert_true(seen.closed > 10 && seen.full > 100 && seen.again > 100);
    assert_true(seen.set > 100 && seen.kept > 20);
    assert_true(seen.longer > 5 && seen.not_longer > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            all_that_changes_a_timetable_is_decided_as_a_count_of_every_week_decides_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
