/* Sends the demonstration through the public commands, many at a time. Stages wait for what they build on; the command ids
 * come from the plan, so that sending it again changes nothing. */
#include "services/cli/demo.h"

#include "common/text.h"
#include "services/cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "outcomes.pb-c.h"
#include "placements.pb-c.h"
#include "referrals.pb-c.h"

enum {
    FLIGHT_MAX = 128, /* keeps every daemon's commits full without filling anybody's queue */
    WITHIN_MS = 60000,
    SETTLE_ROUNDS = 20000,
    OPEN_BEFORE_DAYS = 400,
    REVIEWED_BEFORE_DAYS = 4, /* the date by which a first review was due */
    SELDOM = 20,              /* one first review in so many has not been done */
};

struct sending {
    struct cli *cli;
    const struct demo_plan *plan;
    size_t wrong;
    bool is_refused; /* so that the same would be refused again */
};

static void on_answered(void *context, const struct client_answer *answer)
{
    struct sending *sending = context;
    if (strcmp(answer->type, "Accepted") == 0)
        return;
    if (sending->wrong++ > 0)
        return; /* the first is told; what else is under way mostly fails for the same reason */
    if (answer->type[0] == '\0') {
        (void)cli_fail(EXIT_CODE_TRY_LATER, "a command was not answered in time");
        return;
    }
    const int code =
        cli_answer_code(sending->cli, answer->type, answer->body.bytes, answer->body.len);
    if (strcmp(answer->type, "Refused") == 0 || code == EXIT_CODE_DATA)
        sending->is_refused = true;
}

static void send_command(struct sending *sending, const char *service,
                         const ProtobufCMessage *message, const struct id *id)
{
    while (client_waiting(sending->cli->client) >= FLIGHT_MAX)
        client_turn(sending->cli->client);
    if (sending->wrong == 0)
        (void)client_ask(sending->cli->client, sending->cli->authority, service, message, id,
                         WITHIN_MS, on_answered, sending);
}

static bool finish_stage(struct sending *sending)
{
    while (client_waiting(sending->cli->client) > 0)
        client_turn(sending->cli->client);
    return sending->wrong == 0;
}

/* Generated messages take text as char *, and change none of it. */
static char *text_of(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* --- providers, services, sessions --------------------------------------------------------------- */

static void send_providers(struct sending *sending)
{
    for (size_t at = 0; at < sending->plan->providers_count; at++) {
        const struct demo_provider *provider = &sending->plan->providers[at];
        Dw__RegisterProvider command = DW__REGISTER_PROVIDER__INIT;
        Dw__Provider record = DW__PROVIDER__INIT;
        record.provider_id = id_to_data(&provider->id);
        record.reference = provider->as->reference;
        record.name = provider->as->name;
        record.kind = provider->as->kind;
        command.provider = &record;
        send_command(sending, "capacity", &command.base, &provider->command_ids[0]);
    }
}

static void send_contract(struct sending *sending, const struct demo_provider *provider)
{
    const Dw__DemoProvider *as = provider->as;
    Dw__Date from = DW__DATE__INIT;
    Dw__Date to = DW__DATE__INIT;
    Dw__AgreeContract command = DW__AGREE_CONTRACT__INIT;
    Dw__Contract contract = DW__CONTRACT__INIT;
    from.days = sending->plan->first_day -
                (as->began_days == 0 ? OPEN_BEFORE_DAYS : (int32_t)as->began_days);
    to.days = sending->plan->first_day + (int32_t)as->ends_days;
    contract.contract_id = id_to_data(&provider->contract_id);
    contract.provider_id = id_to_data(&provider->id);
    contract.kind = as->contract;
    contract.levels = as->levels;
    contract.n_levels = as->n_levels;
    contract.from = &from;
    contract.to = as->ends_days == 0 ? NULL : &to;
    contract.payment = as->payment;
    contract.framework = as->framework;
    contract.value_pence_per_year = as->value_pence_per_year;
    contract.extension_months = as->extension_months;
    contract.n_extension_months = as->n_extension_months;
    command.contract = &contract;
    send_command(sending, "capacity", &command.base, &provider->command_ids[1]);
}

/* At most one: what is sent again must be the same command. */
static void send_extension(struct sending *sending, const struct demo_provider *provider)
{
    Dw__ExerciseExtension command = DW__EXERCISE_EXTENSION__INIT;
    command.contract_id = id_to_data(&provider->contract_id);
    if (provider->as->extended > 0)
        send_command(sending, "capacity", &command.base, &provider->command_ids[2]);
}

static void send_service(struct sending *sending, const struct demo_service *from)
{
    Dw__Service service = DW__SERVICE__INIT;
    Dw__RegisterService command = DW__REGISTER_SERVICE__INIT;
    service.service_id = id_to_data(&from->id);
    service.provider_id = id_to_data(&sending->plan->providers[from->provider].id);
    service.reference = text_of(from->reference);
    service.name = text_of(from->name);
    service.kind = from->shape->kind;
    service.level = from->shape->level;
    service.needs = from->needs->needs;
    service.n_needs = from->needs->n_needs;
    service.access = from->shape->access;
    service.n_access = from->shape->n_access;
    service.activities = from->shape->activities;
    service.n_activities = from->shape->n_activities;
    service.mode = from->shape->mode;
    service.district = from->district->number;
    service.latitude_e6 = from->district->latitude_e6;
    service.longitude_e6 = from->district->longitude_e6;
    service.price_pence = from->price_pence;
    service.price_unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    service.age_from = 18;
    command.service = &service;
    send_command(sending, "capacity", &command.base, &from->command_ids[0]);
}

static void send_session(struct sending *sending, const struct demo_service *service, size_t day)
{
    Dw__Date from = DW__DATE__INIT;
    Dw__LimitAmount places = DW__LIMIT_AMOUNT__INIT;
    Dw__LimitAmount *limits[] = {&places};
    Dw__SetSession command = DW__SET_SESSION__INIT;
    Dw__Session session = DW__SESSION__INIT;
    from.days = sending->plan->first_day - OPEN_BEFORE_DAYS;
    places.kind = DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    places.amount = service->places[day];
    session.session_id = id_to_data(&service->session_ids[day]);
    session.service_id = id_to_data(&service->id);
    session.weekday = (uint32_t)day + 1;
    session.start_minutes = service->shape->start_minutes;
    session.end_minutes = service->shape->end_minutes;
    session.n_limits = 1;
    session.limits = limits;
    session.from = &from;
    command.session = &session;
    send_command(sending, "capacity", &command.base, &service->command_ids[1 + day]);
}

/* --- people ---------------------------------------------------------------------------------------- */

/* Of the range 999, which no real person has, with the check digit that makes it valid; "" where there is none. */
static void nhs_number(size_t number, char ret_text[11])
{
    int sum = 0;
    (void)text_format(ret_text, 11, "999%06zu0", number * 37 % 1000000);
    for (int at = 0; at < 9; at++)
        sum += (ret_text[at] - '0') * (10 - at);
    const int check = (11 - sum % 11) % 11;
    ret_text[check == 10 ? 0 : 9] = (char)(check == 10 ? '\0' : '0' + check);
}

static void send_person(struct sending *sending, size_t number)
{
    static const char *const given[] = {"Avery",   "Blake",  "Casey", "Drew",   "Ellis",
                                        "Frankie", "Harper", "Jamie", "Morgan", "Robin"};
    static const char *const family[] = {"Ashdown", "Barlow",  "Cheadle", "Dutton",
                                         "Eardley", "Fallows", "Gresty",  "Heald",
                                         "Jodrell", "Kettle",  "Leigh"};
    const struct demo_person *person = &sending->plan->people[number];
    char council_id[32];
    char nhs[11];
    Dw__Date born = DW__DATE__INIT;
    Dw__PersonDetails details = DW__PERSON_DETAILS__INIT;
    Dw__PersonFacts facts = DW__PERSON_FACTS__INIT;
    Dw__RecordPerson command = DW__RECORD_PERSON__INIT;
    nhs_number(number, nhs);
    (void)text_format(council_id, sizeof council_id, "DEMO-%05zu", number + 1);
    born.days = person->born;
    details.council_id = council_id;
    details.nhs_number = nhs;
    details.given_name = text_of(given[number % 10]);
    details.family_name = text_of(family[number / 10 % 11]);
    details.born = &born;
    details.home_latitude_e6 =
        person->district->latitude_e6 + (int32_t)(number * 7919 % 12000) - 6000;
    details.home_longitude_e6 =
        person->district->longitude_e6 + (int32_t)(number * 6271 % 16000) - 8000;
    facts.district = person->district->number;
    facts.support_reason = person->reason;
    facts.ethnicity_group = person->ethnicity;
    facts.sex = person->sex;
    command.person_id = id_to_data(&person->id);
    command.details = &details;
    command.facts = &facts;
    send_command(sending, "referrals", &command.base, &person->command_id);
}

/* --- placements ------------------------------------------------------------------------------------ */

static void send_proposal(struct sending *sending, const struct demo_placement *placement)
{
    const struct demo_person *person = &sending->plan->people[placement->person];
    const struct demo_service *service = &sending->plan->services[placement->service];
    ProtobufCBinaryData sessions[DEMO_DAYS];
    Dw__Date from = DW__DATE__INIT;
    Dw__PlacementTerms terms = DW__PLACEMENT_TERMS__INIT;
    Dw__ProposePlacement command = DW__PROPOSE_PLACEMENT__INIT;
    from.days = placement->from;
    terms.person_id = id_to_data(&person->id);
    terms.service_id = id_to_data(&service->id);
    terms.provider_id = id_to_data(&sending->plan->providers[service->provider].id);
    for (size_t day = 0; day < DEMO_DAYS; day++)
        if ((placement->weekdays >> day & 1) != 0)
            sessions[terms.n_session_ids++] = id_to_data(&service->session_ids[day]);
    terms.session_ids = sessions;
    terms.from = &from;
    terms.funding = person->funding;
    terms.level = service->shape->level;
    terms.price_pence_per_week = placement->price_pence_per_week;
    terms.price_pence_per_year = placement->price_pence_per_year;
    terms.ground = DW__AWARD_GROUND__AWARD_GROUND_PERSONS_CHOICE;
    terms.district = person->district->number;
    terms.support_reason = person->reason;
    terms.age = person->age;
    terms.ethnicity_group = person->ethnicity;
    terms.sex = person->sex;
    command.placement_id = id_to_data(&placement->id);
    command.hold_id = id_to_data(&placement->hold_id);
    command.terms = &terms;
    send_command(sending, "placements", &command.base, &placement->command_ids[0]);
}

static void send_accept(struct sending *sending, const struct demo_placement *placement)
{
    Dw__AcceptOffer command = DW__ACCEPT_OFFER__INIT;
    command.placement_id = id_to_data(&placement->id);
    send_command(sending, "placements", &command.base, &placement->command_ids[1]);
}

static void send_start(struct sending *sending, const struct demo_placement *placement)
{
    Dw__Date date = DW__DATE__INIT;
    Dw__StartPlacement command = DW__START_PLACEMENT__INIT;
    date.days = placement->from;
    command.placement_id = id_to_data(&placement->id);
    command.date = &date;
    send_command(sending, "placements", &command.base, &placement->command_ids[2]);
}

/* What was due for review before today has been, but for a few. */
static void send_review(struct sending *sending, const struct demo_placement *placement)
{
    Dw__Date date = DW__DATE__INIT;
    Dw__RecordReview command = DW__RECORD_REVIEW__INIT;
    const Dw__Rules *rules = sending->plan->model->rules;
    const int32_t due = placement->from + (rules == NULL ? 0 : (int32_t)rules->first_review_days);
    if (rules == NULL || rules->first_review_days <= REVIEWED_BEFORE_DAYS ||
        due >= sending->plan->first_day || placement->person % SELDOM == 0)
        return;
    date.days = due - REVIEWED_BEFORE_DAYS;
    command.placement_id = id_to_data(&placement->id);
    command.kind = DW__REVIEW_KIND__REVIEW_KIND_LIGHT_TOUCH;
    command.outcome = DW__REVIEW_OUTCOME__REVIEW_OUTCOME_NO_CHANGE;
    command.date = &date;
    send_command(sending, "placements", &command.base, &placement->command_ids[3]);
}

/* Number of placements in a state; UINT32_MAX when it was not told. */
static uint32_t count_in(struct sending *sending, Dw__PlacementState state)
{
    ProtobufCMessage *answer;
    Dw__PlacementState states[] = {state};
    Dw__ListPlacements query = DW__LIST_PLACEMENTS__INIT;
    query.n_states = 1;
    query.states = states;
    query.per_page = 1;
    if (cli_query(sending->cli, "placements", &query.base, &answer) != EXIT_CODE_OK)
        return UINT32_MAX;
    const uint32_t total = ((const Dw__PlacementList *)answer)->total;
    protobuf_c_message_free_unpacked(answer, NULL);
    return total;
}

/* Waits until capacity has answered for every placement in the state. */
static bool settle(struct sending *sending, Dw__PlacementState state)
{
    for (int round = 0; round < SETTLE_ROUNDS && sending->wrong == 0; round++) {
        const uint32_t count = count_in(sending, state);
        if (count == 0)
            return true;
        if (count == UINT32_MAX)
            return false;
    }
    return false;
}

static bool send_placements(struct sending *sending)
{
    static void (*const stages[])(struct sending *, const struct demo_placement *) = {
        send_proposal, send_accept, send_start, send_review};
    enum { STAGES = sizeof stages / sizeof stages[0] };
    static const Dw__PlacementState waited[] = {DW__PLACEMENT_STATE__PLACEMENT_STATE_PROPOSED,
                                                DW__PLACEMENT_STATE__PLACEMENT_STATE_CONFIRMING};
    for (size_t stage = 0; stage < STAGES; stage++) {
        for (size_t at = 0; at < sending->plan->placements_count; at++)
            stages[stage](sending, &sending->plan->placements[at]);
        if (!finish_stage(sending) || (stage < 2 && !settle(sending, waited[stage])))
            return false;
    }
    return true;
}

static void send_contribution(struct sending *sending, const struct demo_person *person)
{
    Dw__Date from = DW__DATE__INIT;
    Dw__Contribution contribution = DW__CONTRIBUTION__INIT;
    Dw__AssessContribution command = DW__ASSESS_CONTRIBUTION__INIT;
    if (person->contribution_pence == 0)
        return;
    from.days = sending->plan->first_day - OPEN_BEFORE_DAYS;
    contribution.from = &from;
    contribution.pence_per_week = person->contribution_pence;
    command.person_id = id_to_data(&person->id);
    command.contribution = &contribution;
    send_command(sending, "placements", &command.base, &person->contribution_command_id);
}

static void send_engagement(struct sending *sending, size_t number)
{
    const Dw__DemoEngagement *as = sending->plan->as->engagements[number];
    Dw__Date date = DW__DATE__INIT;
    Dw__EngagementFacts facts = DW__ENGAGEMENT_FACTS__INIT;
    Dw__RecordEngagement command = DW__RECORD_ENGAGEMENT__INIT;
    date.days = sending->plan->first_day - (int32_t)as->days_before;
    facts.engagement_id = id_to_data(&sending->plan->engagement_ids[number][0]);
    facts.kind = as->kind;
    facts.title = as->title;
    facts.date = &date;
    facts.people = as->people;
    facts.carers = as->carers;
    facts.providers = as->providers;
    command.engagement = &facts;
    send_command(sending, "outcomes", &command.base, &sending->plan->engagement_ids[number][1]);
}

int demo_send(struct cli *cli, const struct demo_plan *plan)
{
    struct sending sending = {.cli = cli, .plan = plan};
    const int code = cli_connect(cli);
    if (code != EXIT_CODE_OK)
        return code;
    send_providers(&sending);
    for (size_t at = 0; at < plan->people_count; at++)
        send_person(&sending, at);
    bool good = finish_stage(&sending);
    const int extended = good ? demo_extend_frameworks(cli, plan) : EXIT_CODE_OK;
    sending.is_refused = sending.is_refused || extended == EXIT_CODE_FAILED;
    good = good && extended == EXIT_CODE_OK;
    for (size_t at = 0; good && at < plan->providers_count; at++)
        send_contract(&sending, &plan->providers[at]);
    good = good && finish_stage(&sending);
    for (size_t at = 0; good && at < plan->providers_count; at++)
        send_extension(&sending, &plan->providers[at]);
    for (size_t at = 0; good && at < plan->services_count; at++)
        send_service(&sending, &plan->services[at]);
    good = good && finish_stage(&sending);
    for (size_t at = 0; good && at < plan->services_count; at++)
        for (size_t day = 0; day < DEMO_DAYS; day++)
            send_session(&sending, &plan->services[at], day);
    good = good && finish_stage(&sending) && send_placements(&sending);
    for (size_t at = 0; good && at < plan->people_count; at++)
        send_contribution(&sending, &plan->people[at]);
    for (size_t at = 0; good && at < plan->as->n_engagements; at++)
        send_engagement(&sending, at);
    good = good && finish_stage(&sending);
    if (good)
        return EXIT_CODE_OK;
    if (sending.is_refused)
        return cli_fail(EXIT_CODE_FAILED, "the demonstration is not complete, and loading it again "
                                          "would be refused again");
    return cli_fail(EXIT_CODE_TRY_LATER, "the demonstration is not complete; loading it again goes "
                                         "on where it stopped");
}
