/* A small council: see town.h. */
#include "tests/support/town.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/somebody.h"

struct id town_id(char kind, uint32_t number)
{
    struct id id = {0};
    if (kind == 'p') {
        id.bytes[0] = 0x11;
        return id;
    }
    id.bytes[0] = (uint8_t)kind;
    memcpy(id.bytes + 8, &number, sizeof number);
    id.bytes[15] = 1;
    return id;
}

struct id town_session(uint32_t service, int weekday)
{
    return town_id('t', service * 8 + (uint32_t)weekday);
}

static void build_provider(struct client *client)
{
    const struct id provider_id = town_id('p', 0);
    const struct id contract_id = town_id('c', 0);
    Dw__RegisterProvider register_provider = DW__REGISTER_PROVIDER__INIT;
    Dw__Provider provider = DW__PROVIDER__INIT;
    provider.provider_id = id_to_data(&provider_id);
    provider.reference = (char *)(uintptr_t) "TOWN";
    provider.name = (char *)(uintptr_t) "Town Day Services";
    provider.kind = DW__PROVIDER_KIND__PROVIDER_KIND_COMPANY;
    register_provider.provider = &provider;
    (void)rig_ask(client, "capacity", &register_provider.base, "Accepted");
    Dw__Date from = DW__DATE__INIT;
    from.days = TOWN_FROM;
    uint32_t levels[] = {1, 2, 3};
    Dw__AgreeContract agree = DW__AGREE_CONTRACT__INIT;
    Dw__Contract contract = DW__CONTRACT__INIT;
    contract.contract_id = id_to_data(&contract_id);
    contract.provider_id = id_to_data(&provider_id);
    contract.kind = DW__CONTRACT_KIND__CONTRACT_KIND_FPS;
    contract.n_levels = 3;
    contract.levels = levels;
    contract.from = &from;
    contract.payment = DW__PAYMENT_BASIS__PAYMENT_BASIS_PLAN;
    agree.contract = &contract;
    (void)rig_ask(client, "capacity", &agree.base, "Accepted");
}

static void build_session(struct client *client, uint32_t service, int weekday, uint32_t places)
{
    const struct id session_id = town_session(service, weekday);
    const struct id service_id = town_id('s', service);
    Dw__Date from = DW__DATE__INIT;
    Dw__LimitAmount limit = DW__LIMIT_AMOUNT__INIT;
    Dw__LimitAmount *limits[] = {&limit};
    Dw__SetSession set = DW__SET_SESSION__INIT;
    Dw__Session session = DW__SESSION__INIT;
    from.days = TOWN_FROM;
    limit.kind = DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    limit.amount = places;
    session.session_id = id_to_data(&session_id);
    session.service_id = id_to_data(&service_id);
    session.weekday = (uint32_t)weekday;
    session.start_minutes = 600;
    session.end_minutes = 900;
    session.n_limits = 1;
    session.limits = limits;
    session.from = &from;
    set.session = &session;
    (void)rig_ask(client, "capacity", &set.base, "Accepted");
}

static void build_service(struct client *client, uint32_t number, uint32_t places)
{
    const struct id service_id = town_id('s', number);
    const struct id provider_id = town_id('p', 0);
    char reference[32];
    Dw__SupportReason needs[] = {DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY};
    Dw__Service service = DW__SERVICE__INIT;
    (void)snprintf(reference, sizeof reference, "S%u", number);
    service.service_id = id_to_data(&service_id);
    service.provider_id = id_to_data(&provider_id);
    service.reference = reference;
    service.name = (char *)(uintptr_t) "A service";
    service.kind = DW__SERVICE_KIND__SERVICE_KIND_COMMUNITY_GROUP;
    service.level = 2;
    service.district = 1;
    service.n_needs = 1;
    service.needs = needs;
    service.mode = DW__SERVICE_MODE__SERVICE_MODE_BUILDING;
    service.latitude_e6 = 53260000;
    service.longitude_e6 = -2125000;
    service.price_pence = 5000;
    service.price_unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    service.age_from = 18;
    Dw__RegisterService command = DW__REGISTER_SERVICE__INIT;
    command.service = &service;
    (void)rig_ask(client, "capacity", &command.base, "Accepted");
    for (int weekday = 1; weekday <= 5; weekday++)
        build_session(client, number, weekday, places);
}

void town_build(struct client *client, uint32_t services, uint32_t places)
{
    build_provider(client);
    for (uint32_t number = 0; number < services; number++)
        build_service(client, number, places);
}

const Dw__ProposePlacement *town_proposal(const struct id *placement, const struct id *hold,
                                          uint32_t person, uint32_t service, int weekday)
{
    static Dw__ProposePlacement proposal;
    static Dw__PlacementTerms terms;
    static Dw__Date from;
    static struct id ids[4];
    static ProtobufCBinaryData sessions[1];
    ids[0] = town_id('n', person);
    ids[1] = town_id('s', service);
    ids[2] = town_id('p', 0);
    ids[3] = town_session(service, weekday);
    proposal = (Dw__ProposePlacement)DW__PROPOSE_PLACEMENT__INIT;
    terms = (Dw__PlacementTerms)DW__PLACEMENT_TERMS__INIT;
    from = (Dw__Date)DW__DATE__INIT;
    from.days = TOWN_STARTS;
    sessions[0] = id_to_data(&ids[3]);
    terms.person_id = id_to_data(&ids[0]);
    terms.service_id = id_to_data(&ids[1]);
    terms.provider_id = id_to_data(&ids[2]);
    terms.n_session_ids = 1;
    terms.session_ids = sessions;
    terms.from = &from;
    terms.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    terms.level = 2;
    terms.price_pence_per_week = 5000;
    terms.price_pence_per_year = TOWN_YEAR_PENCE;
    terms.ground = DW__AWARD_GROUND__AWARD_GROUND_RANKED_FIRST;
    terms.district = 1;
    terms.support_reason = DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY;
    terms.age = 30;
    terms.ethnicity_group = DW__ETHNICITY_GROUP__ETHNICITY_GROUP_WHITE;
    terms.sex = DW__SEX__SEX_FEMALE;
    proposal.placement_id = id_to_data(placement);
    proposal.hold_id = id_to_data(hold);
    proposal.terms = &terms;
    return &proposal;
}

/* --- people ---------------------------------------------------------------------------------------------------------- */

enum { WINDOW = 64, WEEKDAYS = 5 };

static void on_accepted(void *context, const struct client_answer *answer)
{
    (void)context;
    if (strcmp(answer->type, "Accepted") == 0)
        return;
    Dw__Refused *refused = strcmp(answer->type, "Refused") == 0
                               ? dw__refused__unpack(NULL, answer->body.len, answer->body.bytes)
                               : NULL;
    fail_msg("%s: %s", answer->type, refused == NULL ? "" : refused->sentence);
}

static void tell(struct client *client, const char *service, const ProtobufCMessage *message)
{
    while (client_waiting(client) >= WINDOW)
        client_turn(client);
    (void)client_ask(client, rig_authority, service, message, NULL, RIG_WAIT_MS, on_accepted, NULL);
}

static void wait_told(struct client *client)
{
    while (client_waiting(client) > 0)
        client_turn(client);
}

const ProtobufCMessage *town_proposes(uint32_t number)
{
    static struct id placement; /* the proposal points to both */
    static struct id hold;
    placement = town_id('m', number);
    hold = town_id('h', number);
    return &town_proposal(&placement, &hold, number, 0, 1)->base;
}

void town_council_id(uint32_t person, char ret_text[TOWN_COUNCIL_ID_SIZE])
{
    (void)snprintf(ret_text, TOWN_COUNCIL_ID_SIZE, "LAS-%06u", person % 1000000);
}

void town_record(struct client *client, uint32_t first, uint32_t count)
{
    for (uint32_t person = first; person < first + count; person++) {
        char council_id[TOWN_COUNCIL_ID_SIZE];
        const struct id person_id = town_id('n', person);
        town_council_id(person, council_id);
        tell(client, "referrals", &somebody(&person_id, council_id)->base);
    }
    wait_told(client);
}

static void propose_all(struct client *client, uint32_t first, uint32_t count, unsigned weekdays,
                        int32_t from)
{
    struct id session_ids[WEEKDAYS];
    ProtobufCBinaryData sessions[WEEKDAYS];
    size_t sessions_count = 0;
    for (int weekday = 1; weekday <= WEEKDAYS; weekday++)
        if ((weekdays >> (weekday - 1) & 1) != 0) {
            session_ids[sessions_count] = town_session(0, weekday);
            sessions[sessions_count] = id_to_data(&session_ids[sessions_count]);
            sessions_count++;
        }
    for (uint32_t person = first; person < first + count; person++) {
        const struct id placement = town_id('m', person);
        const struct id hold = town_id('h', person);
        const Dw__ProposePlacement *proposal = town_proposal(&placement, &hold, person, 0, 1);
        proposal->terms->from->days = from;
        proposal->terms->n_session_ids = sessions_count;
        proposal->terms->session_ids = sessions;
        tell(client, "placements", &proposal->base);
    }
    wait_told(client);
}

static void wait_state(struct client *client, const struct id *placement_id,
                       Dw__PlacementState state)
{
    Dw__GetPlacement get = DW__GET_PLACEMENT__INIT;
    const int64_t until_ms = client_now_ms(client) + RIG_WAIT_MS;
    Dw__PlacementState now;
    get.placement_id = id_to_data(placement_id);
    do {
        const struct packed body = rig_ask(client, "placements", &get.base, "Placement");
        Dw__Placement *placement = dw__placement__unpack(NULL, body.len, body.bytes);
        assert_non_null(placement);
        now = placement->state;
        dw__placement__free_unpacked(placement, NULL);
        if (client_now_ms(client) > until_ms)
            fail_msg("a placement is in state %d and not in %d", (int)now, (int)state);
    } while (now != state);
}

void town_place(struct client *client, uint32_t first, uint32_t count, unsigned weekdays,
                int32_t from)
{
    Dw__Date date = DW__DATE__INIT;
    date.days = from;
    propose_all(client, first, count, weekdays, from);
    for (uint32_t person = first; person < first + count; person++) {
        const struct id placement = town_id('m', person);
        Dw__AcceptOffer accept = DW__ACCEPT_OFFER__INIT;
        accept.placement_id = id_to_data(&placement);
        wait_state(client, &placement, DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED);
        tell(client, "placements", &accept.base);
    }
    wait_told(client);
    for (uint32_t person = first; person < first + count; person++) {
        const struct id placement = town_id('m', person);
        Dw__StartPlacement start = DW__START_PLACEMENT__INIT;
        start.placement_id = id_to_data(&placement);
        start.date = &date;
        wait_state(client, &placement, DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED);
        tell(client, "placements", &start.base);
    }
    wait_told(client);
}
