/* See places.h. */
#include "tests/support/places.h"

#include <string.h>

#include "common/calendar.h"
#include "services/capacity/capacity.h"

Dw__CommissioningModel *places_model(void)
{
    static Dw__Travel travel;
    static Dw__Rules rules;
    static Dw__CommissioningModel model;
    travel = (Dw__Travel)DW__TRAVEL__INIT;
    travel.detour_percent = 130;
    travel.speed_metres_per_hour = 30000;
    travel.limit_minutes = 30;
    rules = (Dw__Rules)DW__RULES__INIT;
    rules.travel = &travel;
    rules.viable_minutes_per_week = 240;
    rules.viable_effect = DW__RULE_EFFECT__RULE_EFFECT_WARN;
    rules.hold_minutes = PLACES_HOLD_MINUTES;
    rules.hold_minutes_max = PLACES_HOLD_MINUTES_MAX;
    model = (Dw__CommissioningModel)DW__COMMISSIONING_MODEL__INIT;
    model.rules = &rules;
    return &model;
}

struct id places_id(char kind, uint32_t number)
{
    struct id id = {{0}};
    id.bytes[0] = (uint8_t)kind;
    for (int byte = 0; byte < 4; byte++)
        id.bytes[1 + byte] = (uint8_t)(number >> (24 - 8 * byte));
    id.bytes[15] = 1;
    return id;
}

uint32_t places_random(struct places_random *random, uint32_t below)
{
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    random->state ^= random->state << 17;
    return (uint32_t)((random->state >> 16) % below);
}

struct places places_open(void)
{
    struct places places = {.pure = pure_create(&capacity_service, &places_model()->base)};
    places.today = calendar_date(2026, 11, 23);
    places.now_ms = calendar_london_to_utc(places.today, 9 * 60);
    return places;
}

void places_close(struct places *places)
{
    pure_destroy(&places->pure);
}

void places_move(struct places *places, int32_t days, int64_t ms)
{
    places->today += days;
    places->now_ms += days * INT64_C(86400000) + ms;
}

static struct pure_outcome send(struct places *places, const ProtobufCMessage *command, int role)
{
    return pure_command(places->pure, command, role, places->now_ms, places->today);
}

static void write_number(char *text, char letter, uint32_t number)
{
    text[0] = letter;
    for (int at = 6; at >= 1; at--, number /= 10)
        text[at] = (char)('0' + number % 10);
    text[7] = '\0';
}

struct pure_outcome places_provider(struct places *places, uint32_t number)
{
    char reference[8];
    write_number(reference, 'P', number);
    const struct id id = places_id('p', number);
    Dw__Provider provider = DW__PROVIDER__INIT;
    provider.provider_id = id_to_data(&id);
    provider.reference = reference;
    provider.name = reference;
    provider.kind = DW__PROVIDER_KIND__PROVIDER_KIND_COMPANY;
    Dw__RegisterProvider command = DW__REGISTER_PROVIDER__INIT;
    command.provider = &provider;
    return send(places, &command.base, DW__ROLE__ROLE_QUALITY_OFFICER);
}

struct pure_outcome places_contract(struct places *places, uint32_t number, uint32_t provider,
                                    uint32_t level, int32_t from, int32_t to)
{
    const struct id id = places_id('c', number), provider_id = places_id('p', provider);
    Dw__Date first = DW__DATE__INIT, last = DW__DATE__INIT;
    first.days = from;
    last.days = to;
    Dw__Contract contract = DW__CONTRACT__INIT;
    contract.contract_id = id_to_data(&id);
    contract.provider_id = id_to_data(&provider_id);
    contract.kind = DW__CONTRACT_KIND__CONTRACT_KIND_FPS;
    contract.n_levels = 1;
    contract.levels = &level;
    contract.from = &first;
    contract.to = to == INT32_MAX ? NULL : &last;
    contract.payment = DW__PAYMENT_BASIS__PAYMENT_BASIS_PLAN;
    Dw__AgreeContract command = DW__AGREE_CONTRACT__INIT;
    command.contract = &contract;
    return send(places, &command.base, DW__ROLE__ROLE_COMMISSIONER);
}

Dw__Service *places_service(uint32_t number, uint32_t provider)
{
    static struct id id, provider_id;
    static char reference[8];
    static Dw__SupportReason need;
    static Dw__Service service;
    id = places_id('s', number);
    provider_id = places_id('p', provider);
    write_number(reference, 'S', number);
    need = DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY;
    service = (Dw__Service)DW__SERVICE__INIT;
    service.service_id = id_to_data(&id);
    service.provider_id = id_to_data(&provider_id);
    service.reference = reference;
    service.name = reference;
    service.kind = DW__SERVICE_KIND__SERVICE_KIND_COMMUNITY_GROUP;
    service.level = 1;
    service.n_needs = 1;
    service.needs = &need;
    service.mode = DW__SERVICE_MODE__SERVICE_MODE_BUILDING;
    service.district = 1;
    service.latitude_e6 = 53200000;
    service.longitude_e6 = -2300000;
    service.price_pence = 4500;
    service.price_unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    service.age_from = 18;
    return &service;
}

struct pure_outcome places_send_service(struct places *places, Dw__Service *service)
{
    Dw__RegisterService command = DW__REGISTER_SERVICE__INIT;
    command.service = service;
    return send(places, &command.base, DW__ROLE__ROLE_QUALITY_OFFICER);
}

/* Amounts above 0, by kind; returns how many. */
static size_t write_amounts(const int amounts[5], Dw__LimitAmount ret_amounts[5],
                            Dw__LimitAmount *ret_list[5])
{
    size_t count = 0;
    for (int limit = 0; limit < 5; limit++) {
        if (amounts == NULL || amounts[limit] == 0)
            continue;
        ret_amounts[count] = (Dw__LimitAmount)DW__LIMIT_AMOUNT__INIT;
        ret_amounts[count].kind = (Dw__LimitKind)(limit + 1);
        ret_amounts[count].amount = (uint32_t)amounts[limit];
        ret_list[count] = &ret_amounts[count];
        count++;
    }
    return count;
}

struct pure_outcome places_session(struct places *places, uint32_t number, uint32_t service,
                                   uint32_t weekday, uint32_t start, uint32_t end,
                                   const int limits[5], int32_t from, int32_t to)
{
    const struct id id = places_id('t', number), service_id = places_id('s', service);
    Dw__Date first = DW__DATE__INIT, last = DW__DATE__INIT;
    first.days = from;
    last.days = to;
    Dw__LimitAmount amounts[5];
    Dw__LimitAmount *list[5];
    Dw__Session session = DW__SESSION__INIT;
    session.session_id = id_to_data(&id);
    session.service_id = id_to_data(&service_id);
    session.weekday = weekday;
    session.start_minutes = start;
    session.end_minutes = end;
    session.every_weeks = places->every_weeks;
    session.n_limits = write_amounts(limits, amounts, list);
    session.limits = list;
    session.from = &first;
    session.to = to == INT32_MAX ? NULL : &last;
    Dw__SetSession command = DW__SET_SESSION__INIT;
    command.session = &session;
    return send(places, &command.base, DW__ROLE__ROLE_QUALITY_OFFICER);
}

struct pure_outcome places_outside(struct places *places, int role, uint32_t number,
                                   uint32_t session, const int uses[5], int32_t from, int32_t to)
{
    const struct id id = places_id('o', number), session_id = places_id('t', session);
    static const int none[5];
    Dw__Date first = DW__DATE__INIT, last = DW__DATE__INIT;
    Dw__LimitAmount amounts[5];
    Dw__LimitAmount *list[5];
    Dw__OutsideUse outside = DW__OUTSIDE_USE__INIT;
    Dw__SetOutsideUse command = DW__SET_OUTSIDE_USE__INIT;
    first.days = from;
    last.days = to;
    outside.outside_id = id_to_data(&id);
    outside.session_id = id_to_data(&session_id);
    outside.user = DW__OUTSIDE_USER__OUTSIDE_USER_OTHER_COUNCIL;
    outside.n_uses = write_amounts(uses == NULL ? none : uses, amounts, list);
    outside.uses = list;
    outside.from = &first;
    outside.to = to == INT32_MAX ? NULL : &last;
    command.outside = &outside;
    return send(places, &command.base, role);
}

struct pure_outcome places_hold(struct places *places, uint32_t number, uint32_t service,
                                const uint32_t *sessions, size_t count, int32_t from, int32_t to,
                                const int uses[5], Dw__FundingRoute funding)
{
    const struct id id = places_id('h', number), service_id = places_id('s', service);
    const struct id person_id = places_id('n', places->person == 0 ? number : places->person);
    struct id session_ids[16];
    ProtobufCBinaryData session_data[16];
    for (size_t at = 0; at < count; at++) {
        session_ids[at] = places_id('t', sessions[at]);
        session_data[at] = id_to_data(&session_ids[at]);
    }
    Dw__Date first = DW__DATE__INIT, last = DW__DATE__INIT;
    first.days = from;
    last.days = to;
    Dw__LimitAmount amounts[5];
    Dw__LimitAmount *list[5];
    Dw__HoldPlaces command = DW__HOLD_PLACES__INIT;
    command.hold_id = id_to_data(&id);
    command.service_id = id_to_data(&service_id);
    command.person_id = id_to_data(&person_id);
    command.n_session_ids = count;
    command.session_ids = session_data;
    command.from = &first;
    command.to = to == INT32_MAX ? NULL : &last;
    command.n_uses = write_amounts(uses, amounts, list);
    command.uses = list;
    command.funding = funding;
    const struct id replaces_id = places_id('h', places->replaces);
    if (places->replaces != 0)
        command.replaces_hold_id = id_to_data(&replaces_id);
    return send(places, &command.base, DW__ROLE__ROLE_BROKER);
}

struct pure_outcome places_extend(struct places *places, uint32_t number, int64_t until_ms)
{
    const struct id id = places_id('h', number);
    Dw__ExtendHold command = DW__EXTEND_HOLD__INIT;
    command.hold_id = id_to_data(&id);
    command.until_ms = until_ms;
    return send(places, &command.base, DW__ROLE__ROLE_BROKER);
}

struct pure_outcome places_confirm(struct places *places, uint32_t number)
{
    const struct id id = places_id('h', number);
    Dw__ConfirmHold command = DW__CONFIRM_HOLD__INIT;
    command.hold_id = id_to_data(&id);
    return send(places, &command.base, DW__ROLE__ROLE_SERVICE);
}

struct pure_outcome places_release(struct places *places, uint32_t number)
{
    const struct id id = places_id('h', number);
    Dw__ReleaseHold command = DW__RELEASE_HOLD__INIT;
    command.hold_id = id_to_data(&id);
    return send(places, &command.base, DW__ROLE__ROLE_BROKER);
}

struct pure_outcome places_end(struct places *places, uint32_t number, int32_t last)
{
    const struct id id = places_id('h', number);
    Dw__Date date = DW__DATE__INIT;
    date.days = last;
    Dw__EndBooking command = DW__END_BOOKING__INIT;
    command.hold_id = id_to_data(&id);
    command.last = &date;
    return send(places, &command.base, DW__ROLE__ROLE_SERVICE);
}
