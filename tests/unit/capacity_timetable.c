/* Proves that capacity never gives more than there is: 100,000 random commands over three years are answered exactly as
 * a naive model answers them that goes through its list of bookings, and loading the records afresh changes nothing. */
#include "services/capacity/capacity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capacity.pb-c.h"
#include "common/calendar.h"
#include "model.pb-c.h"
#include "tests/support/pure.h"

enum { SESSIONS = 4, COMMANDS = 100000, TODAY = 20000, FOREVER = INT32_MAX, MINUTE = 60000 };
enum phase { HELD = 1, CONFIRMED, ENDED, GONE };

struct plain {
    struct id id;
    enum phase phase;
    uint32_t sessions; /* bits */
    int32_t from;
    int32_t to;
    uint32_t places;
    uint32_t seats;
    int64_t expires_ms;
};

static struct plain plains[COMMANDS];
static size_t plains_count;
static size_t recent; /* those before ended too long ago to matter */
static uint32_t places_of[SESSIONS] = {3, 4, 2, 6};
static const uint32_t seats_of[SESSIONS] = {2, 0, 1, 3};
static const int weekday_of[SESSIONS] = {1, 3, 3, 7};
static uint64_t seed = 20261124;

static uint32_t chance(uint32_t bound)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % bound;
}

static struct id number_id(uint8_t kind, uint32_t number)
{
    struct id id = {{kind}};
    memcpy(id.bytes + 8, &number, sizeof number);
    return id;
}

static int32_t on_or_after(int32_t date, int weekday)
{
    while (calendar_weekday(date) != weekday)
        date++;
    return date;
}

/* What is taken on one sitting. */
static void taken_on(size_t session, int32_t date, uint32_t *places, uint32_t *seats)
{
    *places = *seats = 0;
    for (size_t at = recent; at < plains_count; at++) {
        const struct plain *plain = &plains[at];
        if (plain->phase == GONE || (plain->sessions >> session & 1) == 0 || plain->from > date ||
            plain->to < date)
            continue;
        *places += plain->places;
        *seats += plain->seats;
    }
}

/* More can only begin to be taken where some booking begins, so those sittings are enough. */
static bool has_room(size_t session, int32_t from, int32_t to, uint32_t places, uint32_t seats,
                     uint32_t limit)
{
    for (size_t at = recent; at <= plains_count; at++) {
        if (at < plains_count && (plains[at].phase == GONE || plains[at].to < from))
            continue;
        int32_t date = at == plains_count ? from : plains[at].from;
        date = on_or_after(date < from ? from : date, weekday_of[session]);
        uint32_t taken;
        uint32_t taken_seats;
        if (date > to)
            continue;
        taken_on(session, date, &taken, &taken_seats);
        if (taken + places > limit || (seats > 0 && taken_seats + seats > seats_of[session]))
            return false;
    }
    return true;
}

static struct pure_outcome set_session(struct pure *pure, uint32_t session, uint32_t places,
                                       int32_t today)
{
    const struct id id = number_id(4, session);
    const struct id service_id = number_id(3, 1);
    Dw__LimitAmount amounts[] = {DW__LIMIT_AMOUNT__INIT, DW__LIMIT_AMOUNT__INIT};
    amounts[0].kind = DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    amounts[0].amount = places;
    amounts[1].kind = DW__LIMIT_KIND__LIMIT_KIND_TRANSPORT_SEATS;
    amounts[1].amount = seats_of[session];
    Dw__LimitAmount *limits[] = {&amounts[0], &amounts[1]};
    Dw__Date from = DW__DATE__INIT;
    Dw__SetSession command = DW__SET_SESSION__INIT;
    command.session_id = id_to_data(&id);
    command.service_id = id_to_data(&service_id);
    command.weekday = (uint32_t)weekday_of[session];
    command.start_minute = 600;
    command.end_minute = 720;
    command.limits = limits;
    command.n_limits = 2;
    command.from = &from;
    return pure_command(pure, &command.base, DW__ROLE__ROLE_OPERATOR, 1, today);
}

static void prepare(struct pure *pure)
{
    const struct id provider_id = number_id(1, 1);
    const struct id service_id = number_id(3, 1);
    Dw__RegisterProvider provider = DW__REGISTER_PROVIDER__INIT;
    provider.provider_id = id_to_data(&provider_id);
    provider.reference = (char[]){"P"};
    provider.name = (char[]){"Provider"};
    provider.kind = DW__PROVIDER_KIND__PROVIDER_KIND_CHARITY;
    assert_int_equal(
        pure_command(pure, &provider.base, DW__ROLE__ROLE_OPERATOR, 1, TODAY).events_count, 1);
    Dw__SupportReason needs[] = {DW__SUPPORT_REASON__SUPPORT_REASON_MENTAL_HEALTH};
    Dw__Service service = DW__SERVICE__INIT;
    service.service_id = id_to_data(&service_id);
    service.provider_id = id_to_data(&provider_id);
    service.reference = (char[]){"S"};
    service.name = (char[]){"Service"};
    service.kind = DW__SERVICE_KIND__SERVICE_KIND_VIRTUAL;
    service.mode = DW__SERVICE_MODE__SERVICE_MODE_VIRTUAL;
    service.level = 1;
    service.needs = needs;
    service.n_needs = 1;
    Dw__RegisterService command = DW__REGISTER_SERVICE__INIT;
    command.service = &service;
    assert_int_equal(
        pure_command(pure, &command.base, DW__ROLE__ROLE_OPERATOR, 1, TODAY).events_count, 1);
    for (uint32_t session = 0; session < SESSIONS; session++)
        assert_int_equal(set_session(pure, session, places_of[session], TODAY).events_count, 1);
}

static void hold(struct pure *pure, int64_t now_ms, int32_t today)
{
    const struct id service_id = number_id(3, 1);
    struct plain plain = {.id = number_id(5, (uint32_t)plains_count), .phase = HELD};
    plain.sessions = 1 + chance((1 << SESSIONS) - 1);
    plain.from = today - 20 + (int32_t)chance(chance(4) == 0 ? 1100 : 120);
    plain.to = chance(3) == 0 ? FOREVER : plain.from + (int32_t)chance(chance(3) == 0 ? 900 : 90);
    plain.places = 1 + chance(2);
    plain.seats = chance(3) == 0;
    plain.expires_ms = now_ms + 60 * MINUTE;
    struct id ids[SESSIONS];
    ProtobufCBinaryData session_ids[SESSIONS];
    Dw__HoldPlaces command = DW__HOLD_PLACES__INIT;
    bool room = true;
    for (uint32_t session = 0; session < SESSIONS; session++) {
        if ((plain.sessions >> session & 1) == 0)
            continue;
        ids[session] = number_id(4, session);
        session_ids[command.n_session_ids++] = id_to_data(&ids[session]);
        room =
            room && plain.places <= places_of[session] && plain.seats <= seats_of[session] &&
            has_room(session, plain.from, plain.to, plain.places, plain.seats, places_of[session]);
    }
    Dw__Date from = DW__DATE__INIT;
    Dw__Date to = DW__DATE__INIT;
    from.days = plain.from;
    to.days = plain.to;
    Dw__LimitAmount amounts[] = {DW__LIMIT_AMOUNT__INIT, DW__LIMIT_AMOUNT__INIT};
    Dw__LimitAmount *uses[] = {&amounts[0], &amounts[1]};
    amounts[0].kind = DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    amounts[0].amount = plain.places;
    amounts[1].kind = DW__LIMIT_KIND__LIMIT_KIND_TRANSPORT_SEATS;
    amounts[1].amount = plain.seats;
    command.hold_id = id_to_data(&plain.id);
    command.person_id = command.service_id = id_to_data(&service_id);
    command.session_ids = session_ids;
    command.from = &from;
    command.to = plain.to == FOREVER ? NULL : &to;
    command.uses = uses;
    command.n_uses = 2;
    command.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
    const struct pure_outcome outcome =
        pure_command(pure, &command.base, DW__ROLE__ROLE_BROKER, now_ms, today);
    assert_int_equal(outcome.outcome, room ? DECISION_YES : DECISION_REFUSED);
    if (room)
        plains[plains_count++] = plain;
    else
        assert_int_equal(outcome.refusal, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT);
}

static void change(struct pure *pure, int64_t now_ms, int32_t today)
{
    if (plains_count == recent)
        return;
    struct plain *plain = &plains[recent + chance((uint32_t)(plains_count - recent))];
    Dw__Date last = DW__DATE__INIT;
    Dw__EndBooking end = DW__END_BOOKING__INIT;
    Dw__ConfirmHold confirm = DW__CONFIRM_HOLD__INIT;
    Dw__ReleaseHold release = DW__RELEASE_HOLD__INIT;
    end.hold_id = confirm.hold_id = release.hold_id = id_to_data(&plain->id);
    end.last = &last;
    last.days = today - 10 + (int32_t)chance(900);
    size_t events;
    if (plain->phase == HELD && chance(3) == 0) {
        events =
            pure_command(pure, &release.base, DW__ROLE__ROLE_BROKER, now_ms, today).events_count;
        plain->phase = GONE;
        assert_int_equal(events, 1);
    } else if (plain->phase == HELD) {
        events =
            pure_command(pure, &confirm.base, DW__ROLE__ROLE_BROKER, now_ms, today).events_count;
        assert_int_equal(events, now_ms < plain->expires_ms);
        if (events > 0)
            plain->phase = CONFIRMED;
    } else if (plain->phase != GONE) {
        events = pure_command(pure, &end.base, DW__ROLE__ROLE_BROKER, now_ms, today).events_count;
        assert_int_equal(events, last.days < plain->to);
        if (events > 0) {
            plain->to = last.days;
            plain->phase = ENDED;
        }
    }
}

static void limit(struct pure *pure, int32_t today)
{
    const uint32_t session = chance(SESSIONS);
    const uint32_t wanted = 1 + chance(7);
    const bool room = has_room(session, today, FOREVER, 0, 0, wanted);
    const struct pure_outcome outcome = set_session(pure, session, wanted, today);
    assert_int_equal(outcome.outcome, room ? DECISION_YES : DECISION_REFUSED);
    if (room)
        places_of[session] = wanted;
}

static void random_commands_are_answered_as_the_naive_model_answers(void **unused)
{
    (void)unused;
    struct pure *pure = pure_create(&capacity_service, NULL);
    prepare(pure);
    size_t refused = 0;
    for (int at = 0; at < COMMANDS; at++) {
        const int32_t today = TODAY + at * 1095 / COMMANDS;
        const int64_t now_ms = (int64_t)at * 15 * MINUTE;
        const size_t before = plains_count;
        const uint32_t kind = chance(100);
        if (kind < 55)
            hold(pure, now_ms, today);
        else if (kind < 98)
            change(pure, now_ms, today);
        else
            limit(pure, today);
        refused += kind < 55 && plains_count == before;
        if (at % 3 == 0) {
            while (pure_due(pure, 64, now_ms, today, NULL) <= now_ms)
                ;
            for (size_t i = recent; i < plains_count; i++)
                if (plains[i].phase == HELD && plains[i].expires_ms <= now_ms)
                    plains[i].phase = GONE;
        }
        while (recent < plains_count &&
               (plains[recent].phase == GONE || plains[recent].to < today - 40))
            recent++;
        if (at % 20000 == 19999)
            pure_reload(pure);
    }
    assert_true(plains_count > 1000 && refused > 1000);
    pure_destroy(&pure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_commands_are_answered_as_the_naive_model_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
