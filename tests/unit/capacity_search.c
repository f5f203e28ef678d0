/* Tests of FindCapacity: 2,000 random searches over 500 random services give, in full, what a search gives that asks
 * every rule of every service by plain loops over dates and people: the same services in the same order with the same
 * figures, the same counts, the same near misses, the same splits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/closing.h"
#include "tests/support/naive.h"
#include "tests/support/places.h"

enum {
    SERVICES = 500,
    LATE_SERVICES = 150, /* more than the catalogue keeps behind its grid */
    SESSIONS_EACH_MAX = 8,
    PROVIDERS = 30,
    CONTRACTS = 60,
    LATE_CONTRACTS = 30,
    HOLDS = 4000,
    CLOSURES = 250,
    SUSPENSIONS = 20,
    RATES = 150,
    HOLDS_EACH_MAX = 24,
    PERSON = 1000000, /* the first of those whom searches are for, with many bookings each */
    PEOPLE = 12,
    SEARCHES = 2000,
    LATE_SEARCHES = 600,
};

static struct naive naive;
static struct places places;
static struct places_random randomness;

static uint32_t any(uint32_t below)
{
    return places_random(&randomness, below);
}

/* --- a random council --------------------------------------------------------------------------------------------- */

/* Gives it all properties of the other one but where it is: some kilometres away, in another cell of the grid. */
static void make_twin(struct naive_service *twin, const struct naive_service *other)
{
    const uint32_t number = twin->number;
    *twin = *other;
    twin->number = number;
    twin->is_suspended = false;
    twin->rates_unit = 0;
    twin->sessions_count = 0;
    memset(twin->sessions, 0, sizeof twin->sessions);
    twin->latitude += 2 * (int)any(30000) - 30000;
    twin->longitude += 2 * (int)any(40000) - 40000;
}

static void make_service(uint32_t number)
{
    struct naive_service *plain = &naive.services[number];
    *plain = (struct naive_service){.number = number, .provider = any(PROVIDERS)};
    plain->needs = 1U << (1 + any(12)) | 1U << (1 + any(12)) | 1U << 7;
    plain->access = 0;
    for (uint32_t feature = 1; feature <= 11; feature++)
        plain->access |= any(2) << feature;
    for (uint32_t activity = 1; activity <= 24; activity++)
        plain->activities |= (unsigned)(any(5) != 0) << activity;
    plain->kind = (int)(any(2) == 0 ? 1 + any(26) : 1 + any(2));
    plain->district = (int)(1 + any(NAIVE_DISTRICTS - 1));
    plain->level = (int)(1 + any(3));
    plain->mode = (int)(any(3) == 0 ? 1 + any(4) : 1);
    plain->age_from = (int)(any(2) * 18);
    plain->age_to = any(2) == 0 ? 64 : 0;
    plain->unit = (int)(1 + any(4));
    plain->latitude = 53200000 + (int)any(500000) - 250000;
    plain->longitude = -2300000 + (int)any(800000) - 400000;
    plain->price = 1000 * (1 + any(8));
    plain->is_unbooked = any(25) == 0;
    if (number == 0)
        return;
    if (any(10) == 0) { /* a neighbour in everything that ranks */
        plain->latitude = naive.services[number - 1].latitude;
        plain->longitude = naive.services[number - 1].longitude;
        plain->price = naive.services[number - 1].price;
        plain->unit = naive.services[number - 1].unit;
    }
    if (any(5) == 0)
        make_twin(plain, &naive.services[number - 1]);
}

static void send_service(const struct naive_service *plain)
{
    Dw__Service *service = places_service(plain->number, plain->provider);
    naive_service_properties(plain, service);
    assert_int_equal(places_send_service(&places, service).outcome, DECISION_YES);
}

static void make_sessions(struct naive_service *service)
{
    static const int starts[] = {540, 570, 600, 720, 780, 840, 1050, 1140};
    service->sessions_count = any(20) == 0 ? 0 : 2 + any(SESSIONS_EACH_MAX - 1);
    for (uint32_t at = 0; at < service->sessions_count; at++) {
        struct naive_session *session = &service->sessions[at];
        *session = (struct naive_session){.number = service->number * 16 + (at * 7 + 3) % 16,
                                          .weekday = (int)(1 + any(6)),
                                          .start = starts[any(8)],
                                          .limits = {(int)(1 + any(3)), 0, (int)any(2)},
                                          .from = places.today - 100 + (int)any(110),
                                          .to = any(5) == 0 ? places.today + 100 + (int)any(400)
                                                            : NAIVE_FAR};
        session->end = session->start + 60 * (int)(1 + any(5));
        session->every = any(4) == 0 ? (int)any(5) : 1;
        places.every_weeks = (uint32_t)session->every;
        assert_int_equal(places_session(&places, session->number, service->number,
                                        (uint32_t)session->weekday, (uint32_t)session->start,
                                        (uint32_t)session->end, session->limits, session->from,
                                        session->to)
                             .outcome,
                         DECISION_YES);
    }
}

static void make_hold(uint32_t number)
{
    struct naive_service *service = &naive.services[any((uint32_t)naive.services_count)];
    if (service->sessions_count == 0)
        return;
    struct naive_session *session = &service->sessions[any((uint32_t)service->sessions_count)];
    struct naive_hold hold = {
        .number = number, .from = places.today - 50 + (int)any(400), .uses = {1}};
    hold.to = any(2) == 0 ? NAIVE_FAR : hold.from + 20 + (int)any(300);
    hold.uses[2] = any(4) == 0;
    if (session->holds_count == HOLDS_EACH_MAX)
        return;
    if (any(4) == 0)
        hold.person = PERSON + any(PEOPLE);
    if (hold.person != 0 && any(2) == 0) /* one sitting, or some weeks beside sessions that rest */
        hold.to = hold.from + 6 + 7 * (int)any(4);
    places.person = hold.person;
    if (places_hold(&places, number, service->number, &session->number, 1, hold.from, hold.to,
                    hold.uses, DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED)
            .outcome == DECISION_YES)
        naive_hold(session, &hold);
}

/* What is too much for one decision is told by time; holds do not lapse meanwhile. */
static void tell_the_rest(uint32_t closure)
{
    const struct id id = places_id('x', closure);
    Dw__TellDisruptions command = DW__TELL_DISRUPTIONS__INIT;
    command.subject_id = id_to_data(&id);
    for (command.what = DW__TELLING_WHAT__TELLING_WHAT_CLOSED;
         command.what <= DW__TELLING_WHAT__TELLING_WHAT_LIFTED; command.what++)
        while (
            pure_command(places.pure, &command.base, 0, places.now_ms, places.today).events_count >
            0)
            continue;
}

/* Closes a service or one of its sessions, for some weeks or until it is lifted. */
static void close_something(uint32_t number)
{
    struct naive_service *service = &naive.services[any((uint32_t)naive.services_count)];
    const int from = places.today - 30 + (int)any(120);
    const int to = any(3) == 0 ? NAIVE_FAR : from + (int)any(150);
    const size_t some = any(2), chosen = any(SESSIONS_EACH_MAX);
    if (service->sessions_count <= chosen)
        return;
    for (size_t at = 0; at < service->sessions_count; at++)
        if (service->sessions[at].closures_count == NAIVE_CLOSURES_MAX)
            return;
    const uint32_t session = service->sessions[chosen].number;
    assert_int_equal(
        closing_declare(&places, number, service->number, &session, some, from, to).outcome,
        DECISION_YES);
    tell_the_rest(number);
    for (size_t at = 0; at < service->sessions_count; at++)
        if (some == 0 || at == chosen) {
            struct naive_session *closed = &service->sessions[at];
            closed->closures[closed->closures_count++] = (struct naive_closure){number, from, to};
        }
}

/* Lifts a closure of some session, and so of all that it closes. */
static void lift_something(void)
{
    struct naive_service *service = &naive.services[any((uint32_t)naive.services_count)];
    if (service->sessions_count == 0 || service->sessions[0].closures_count == 0)
        return;
    const struct naive_closure closure = service->sessions[0].closures[0];
    const int from = closure.from + (int)any(40);
    if (from > closure.to)
        return;
    assert_int_equal(closing_lift(&places, closure.number, from).outcome, DECISION_YES);
    tell_the_rest(closure.number);
    for (size_t at = 0; at < service->sessions_count; at++)
        for (size_t which = 0; which < service->sessions[at].closures_count; which++)
            if (service->sessions[at].closures[which].number == closure.number)
                service->sessions[at].closures[which].to = from - 1;
}

/* Suspends a service, or lifts its suspension. */
static void suspend_something(void)
{
    struct naive_service *service = &naive.services[any((uint32_t)naive.services_count)];
    const struct id provider_id = places_id('p', service->provider);
    const struct id service_id = places_id('s', service->number);
    Dw__SuspendNewPlacements suspend = DW__SUSPEND_NEW_PLACEMENTS__INIT;
    Dw__LiftSuspension lift = DW__LIFT_SUSPENSION__INIT;
    suspend.provider_id = lift.provider_id = id_to_data(&provider_id);
    suspend.service_id = lift.service_id = id_to_data(&service_id);
    suspend.reason = DW__SUSPENSION_REASON__SUSPENSION_REASON_STAFFING;
    assert_int_equal(pure_command(places.pure, service->is_suspended ? &lift.base : &suspend.base,
                                  DW__ROLE__ROLE_QUALITY_OFFICER, places.now_ms, places.today)
                         .events_count,
                     1);
    service->is_suspended = !service->is_suspended;
}

/* Agrees what a service is to cost from some date on. */
static void agree_rates(void)
{
    struct naive_service *service = &naive.services[any((uint32_t)naive.services_count)];
    const struct id service_id = places_id('s', service->number);
    Dw__ProposeRates propose = DW__PROPOSE_RATES__INIT;
    Dw__AgreeRates agree = DW__AGREE_RATES__INIT;
    Dw__Rates rates = DW__RATES__INIT;
    Dw__Date from = DW__DATE__INIT;
    if (service->rates_unit != 0)
        return;
    service->rates_from = from.days = places.today + 1 + (int)any(150);
    service->rates_unit = (int)(1 + any(4));
    service->rates_price = rates.price_pence = 500 * (1 + any(30));
    rates.price_unit = (Dw__PriceUnit)service->rates_unit;
    rates.from = &from;
    propose.service_id = agree.service_id = id_to_data(&service_id);
    propose.rates = agree.rates = &rates;
    const ProtobufCMessage *const commands[] = {&propose.base, &agree.base};
    for (size_t at = 0; at < 2; at++) {
        pure_principal_name(places.pure, at == 0 ? "mia" : "ben");
        assert_int_equal(pure_command(places.pure, commands[at], DW__ROLE__ROLE_COMMISSIONER,
                                      places.now_ms, places.today)
                             .events_count,
                         1);
    }
}

/* Gives a service another level, price and place. */
static void change_something(void)
{
    struct naive_service *plain = &naive.services[any((uint32_t)naive.services_count)];
    plain->level = (int)(1 + any(3));
    plain->price = 1000 * (1 + any(8));
    plain->latitude += 2 * (int)any(30000) - 30000;
    plain->needs ^= 1U << (1 + any(6));
    Dw__Service *service = places_service(plain->number, plain->provider);
    Dw__ChangeService command = DW__CHANGE_SERVICE__INIT;
    naive_service_properties(plain, service);
    command.service = service;
    assert_int_equal(pure_command(places.pure, &command.base, DW__ROLE__ROLE_QUALITY_OFFICER,
                                  places.now_ms, places.today)
                         .outcome,
                     DECISION_YES);
}

static void agree_contract(uint32_t number)
{
    struct naive_contract *contract = &naive.contracts[number];
    *contract = (struct naive_contract){any(PROVIDERS), (int)(1 + any(3)),
                                        places.today - 100 + (int)any(120), NAIVE_FAR};
    if (any(3) == 0)
        contract->to = places.today + 20 + (int)any(100);
    assert_int_equal(places_contract(&places, number, contract->provider, (uint32_t)contract->level,
                                     contract->from, contract->to)
                         .outcome,
                     DECISION_YES);
}

/* Half of the ways between districts take what nobody would estimate. */
static void make_matrix(void)
{
    for (int from = 1; from < NAIVE_DISTRICTS; from++)
        for (int to = 1; to < NAIVE_DISTRICTS; to++)
            naive.cells[from][to] = any(2) == 0 ? (int)(5 + any(70)) : 0;
}

static int make_council(void **context)
{
    (void)context;
    randomness.state = UINT64_C(2463534242);
    places = places_open();
    naive = naive_create(SERVICES + LATE_SERVICES, CONTRACTS + LATE_CONTRACTS);
    naive.services_count = SERVICES;
    naive.contracts_count = CONTRACTS;
    naive.today = places.today;
    naive.speed_metres_per_hour = 30000; /* as in places_model */
    naive.travel_limit_minutes = 30;
    make_matrix();
    for (uint32_t number = 0; number < PROVIDERS; number++)
        assert_int_equal(places_provider(&places, number).outcome, DECISION_YES);
    for (uint32_t number = 0; number < CONTRACTS; number++)
        agree_contract(number);
    for (uint32_t number = 0; number < SERVICES; number++)
        make_service(number);
    for (uint32_t at = 0; at < SERVICES;
         at++) /* 7 and 500 have no common factor: all, out of order */
        send_service(&naive.services[at * 7 % SERVICES]);
    for (uint32_t number = 0; number < SERVICES; number++)
        make_sessions(&naive.services[number]);
    for (uint32_t number = 0; number < HOLDS; number++)
        make_hold(number);
    for (uint32_t number = 0; number < CLOSURES; number++)
        close_something(number);
    for (uint32_t number = 0; number < SUSPENSIONS; number++)
        suspend_something();
    for (uint32_t number = 0; number < RATES; number++)
        agree_rates();
    return 0;
}

static int unmake_council(void **context)
{
    (void)context;
    places_close(&places);
    naive_destroy(&naive);
    return 0;
}

/* --- random searches ---------------------------------------------------------------------------------------------- */

/* Home is in the middle of two services, which may be twins: ties at one distance on two sides. */
static void go_between(struct naive_search *search)
{
    const size_t number = 1 + any((uint32_t)naive.services_count - 1);
    const struct naive_service *one = &naive.services[number - 1], *other = &naive.services[number];
    search->latitude = (one->latitude + other->latitude) / 2;
    search->longitude = (one->longitude + other->longitude) / 2;
}

/* As usual, or some of the five criteria in some order. */
static void random_ranking(struct naive_search *search)
{
    const uint32_t count = any(2) == 0 ? 0 : 1 + any(5);
    for (uint32_t at = 0; at < count; at++) {
        const int criterion = (int)(1 + any(5));
        bool is_named = false;
        for (uint32_t before = 0; before < at; before++)
            is_named |= search->ranking[before] == criterion;
        if (is_named)
            return;
        search->ranking[at] = criterion;
    }
}

static void set_matrix(Dw__Travel *travel)
{
    enum { CELLS = (NAIVE_DISTRICTS - 1) * (NAIVE_DISTRICTS - 1) };
    static Dw__TravelCell cells[CELLS];
    static Dw__TravelCell *list[CELLS];
    travel->matrix = list;
    for (uint32_t from = 1; from < NAIVE_DISTRICTS; from++)
        for (uint32_t to = 1; to < NAIVE_DISTRICTS; to++) {
            Dw__TravelCell *cell = &cells[travel->n_matrix];
            *cell = (Dw__TravelCell)DW__TRAVEL_CELL__INIT;
            cell->from = from;
            cell->to = to;
            cell->minutes = (uint32_t)naive.cells[from][to];
            list[travel->n_matrix++] = cell;
        }
}

/* The model as the search has it. */
static void set_model(struct naive_search *search)
{
    Dw__Rules *rules = places_model()->rules;
    set_matrix(rules->travel);
    rules->viable_effect = (Dw__RuleEffect)search->viable_effect;
    rules->ranking = (Dw__RankCriterion *)search->ranking;
    while (rules->n_ranking < 5 && search->ranking[rules->n_ranking] != 0)
        rules->n_ranking++;
}

static void random_search(struct naive_search *search)
{
    *search = (struct naive_search){.wishes_count = any(4),
                                    .from = places.today + (int)any(60),
                                    .weeks = any(2) == 0 ? 0 : (int)(1 + any(150)),
                                    .latitude = 53200000 + (int)any(300000) - 150000,
                                    .longitude = -2300000 + (int)any(500000) - 250000,
                                    .funding = (int)(1 + any(6)),
                                    .uses = {1},
                                    .viable_effect = (int)(1 + any(3))};
    if (any(6) == 0)
        search->from -= 80; /* what has been counts too */
    if (any(3) == 0)
        go_between(search);
    for (size_t at = 0; at < search->wishes_count; at++) {
        struct naive_wish *wish = &search->wishes[at];
        *wish = (struct naive_wish){.weekday = (int)(1 + any(6)), .part = (int)(1 + any(4))};
        if (any(5) == 0) {
            wish->part = 1;
            wish->start = 540 + 60 * (int)any(8);
            wish->end = wish->start + 60;
        }
    }
    if (any(4) == 0 || search->wishes_count == 0)
        search->minutes = (int)any(600);
    search->needs = any(3) == 0 ? 1U << (1 + any(12)) : any(2) << 7;
    search->level = any(3) == 0 ? (int)(1 + any(3)) : 0;
    search->modes = any(2) == 0 ? 1U << (1 + any(4)) | 1U << 1 : 0;
    search->kinds = any(3) == 0 ? 1U << (1 + any(26)) | 3U << 1 : 0;
    search->activities = any(3) == 0 ? 1U << (1 + any(24)) | 1U << (1 + any(24)) : 0;
    search->access = any(3) == 0 ? 1U << (1 + any(11)) | 1U << (1 + any(11)) : 0;
    search->age = any(4) != 0 ? (int)(10 + any(80)) : 0;
    search->price_limit = any(3) == 0 ? 2000 + any(15000) : 0;
    search->travel_max = any(2) == 0 ? (int)(10 + any(80)) : 0;
    search->results_max = any(2) == 0 ? (int)(1 + any(20)) : 0;
    search->person = any(3) == 0 ? PERSON + any(PEOPLE) : 0;
    search->uses[0] = any(6) == 0 ? 2 : 1;
    search->uses[2] = any(5) == 0;
    search->district = any(3) == 0 ? (int)(1 + any(NAIVE_DISTRICTS - 1)) : 0;
    random_ranking(search);
}

static void search_and_check(void)
{
    struct naive_search search;
    random_search(&search);
    set_model(&search);
    const Dw__CapacityFound *found =
        pure_query(places.pure, &naive_message(&search)->base, DW__ROLE__ROLE_BROKER, places.now_ms,
                   places.today, NULL);
    assert_non_null(found);
    naive_check(&naive, &search, found);
}

static void random_searches_answer_as_plain_loops_do(void **context)
{
    (void)context;
    for (int number = 0; number < SEARCHES; number++) {
        if (number % 100 == 50)
            pure_reload(places.pure);
        search_and_check();
    }
    /* The comparison means something only when everything occurs. */
    for (int rule = 1; rule < NAIVE_RULES; rule++) {
        assert_true(naive.seen.excluded[rule] > 50);
        assert_true(naive.seen.near[rule] > 3);
    }
    for (int source = 1; source <= 3; source++)
        assert_true(naive.seen.sources[source] > 100);
    for (int reason = 1; reason < NAIVE_REASONS; reason++)
        assert_true(naive.seen.reasons[reason] > 10);
    assert_true(naive.seen.found > 1000);
    assert_true(naive.seen.drops > 100);
    assert_true(naive.seen.price_changes > 100);
    assert_true(naive.seen.splits > 20);
    assert_true(naive.seen.splits_dear > 5);
    assert_true(naive.seen.splits_short > 5);
}

static void release_one(void)
{
    struct naive_service *service = &naive.services[any((uint32_t)naive.services_count)];
    struct naive_session *session = &service->sessions[any(SESSIONS_EACH_MAX)];
    if (session->holds_count == 0)
        return;
    const size_t at = any((uint32_t)session->holds_count);
    assert_int_equal(places_release(&places, session->holds[at].number).outcome, DECISION_YES);
    naive_release(session, at);
}

/* One limit more or less; less is refused when somebody has the place. */
static void change_limit(void)
{
    struct naive_service *service = &naive.services[any((uint32_t)naive.services_count)];
    if (service->sessions_count == 0)
        return;
    struct naive_session *session = &service->sessions[any((uint32_t)service->sessions_count)];
    int limits[5];
    memcpy(limits, session->limits, sizeof limits);
    limits[0] += limits[0] > 1 && any(2) == 0 ? -1 : 1;
    places.every_weeks = (uint32_t)session->every;
    if (places_session(&places, session->number, service->number, (uint32_t)session->weekday,
                       (uint32_t)session->start, (uint32_t)session->end, limits, session->from,
                       session->to)
            .outcome == DECISION_YES)
        naive_limits(&naive, session, limits);
}

/* Proves that what a search keeps of services, sessions and holds is kept up when they change, and week after week. */
static void searches_follow_what_happens(void **context)
{
    (void)context;
    for (uint32_t number = 0; number < LATE_SEARCHES; number++) {
        for (uint32_t at = 0; at < 20; at++) {
            make_hold(HOLDS + number * 20 + at);
            release_one();
            change_limit();
        }
        close_something(CLOSURES + number);
        lift_something();
        if (number % 3 == 0)
            suspend_something();
        if (number % 5 == 0)
            change_something();
        if (number % 4 == 0) {
            const uint32_t service = (uint32_t)naive.services_count++;
            make_service(service);
            send_service(&naive.services[service]);
            make_sessions(&naive.services[service]);
        }
        if (number % 7 == 0)
            agree_rates();
        if (number % 20 == 0)
            agree_contract((uint32_t)naive.contracts_count++);
        if (number % 16 == 0) {
            places_move(&places, 3, 0);
            naive.today = places.today;
        }
        search_and_check();
    }
    assert_int_equal(naive.services_count, SERVICES + LATE_SERVICES);
}

/* Proves: where a person is, is told to those who may read placements only. */
static void a_person_is_named_by_readers_of_placements_only(void **context)
{
    (void)context;
    struct naive_search search;
    struct pure_outcome outcome;
    random_search(&search);
    set_model(&search);
    search.person = PERSON;
    const ProtobufCMessage *message = &naive_message(&search)->base;
    assert_non_null(pure_query(places.pure, message, DW__ROLE__ROLE_SOCIAL_WORKER, places.now_ms,
                               places.today, NULL));
    assert_null(pure_query(places.pure, message, DW__ROLE__ROLE_INTEGRATOR, places.now_ms,
                           places.today, &outcome));
    assert_int_equal(outcome.outcome, DECISION_INVALID);
    assert_string_equal(outcome.field, "person_id");
}

static void a_search_out_of_bounds_is_invalid(void **context)
{
    (void)context;
    struct pure_outcome outcome;
    Dw__FindCapacity find = DW__FIND_CAPACITY__INIT;
    find.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    assert_null(pure_query(places.pure, &find.base, DW__ROLE__ROLE_BROKER, places.now_ms,
                           places.today, &outcome));
    assert_int_equal(outcome.outcome, DECISION_INVALID);
    assert_string_equal(outcome.field, "from");
    Dw__Date from = DW__DATE__INIT;
    from.days = places.today;
    find.from = &from;
    find.results_max = 21;
    assert_null(pure_query(places.pure, &find.base, DW__ROLE__ROLE_BROKER, places.now_ms,
                           places.today, &outcome));
    assert_string_equal(outcome.field, "results_max");
}

/* What a search finds when the model says this of travel. */
static uint32_t count_fitting(uint32_t speed_metres_per_hour, uint32_t detour_percent)
{
    Dw__Date from = DW__DATE__INIT;
    Dw__FindCapacity find = DW__FIND_CAPACITY__INIT;
    from.days = places.today;
    find.from = &from;
    find.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;
    find.latitude_e6 = naive.services[0].latitude;
    find.longitude_e6 = naive.services[0].longitude;
    Dw__Travel *travel = places_model()->rules->travel; /* until the next model */
    travel->speed_metres_per_hour = speed_metres_per_hour;
    travel->detour_percent = detour_percent;
    const Dw__CapacityFound *found = pure_query(places.pure, &find.base, DW__ROLE__ROLE_BROKER,
                                                places.now_ms, places.today, NULL);
    assert_non_null(found);
    (void)places_model();
    return found->services_fitting;
}

static void a_speed_or_detour_that_cannot_be_is_as_none_in_the_model(void **context)
{
    (void)context;
    const uint32_t silent = count_fitting(0, 0);
    assert_true(silent > 0);
    assert_int_equal(count_fitting(UINT32_MAX, 0), silent);
    assert_int_equal(count_fitting(200 * 1000 + 1, 0), silent);
    assert_int_equal(count_fitting(999, 0), silent);
    assert_int_equal(count_fitting(0, UINT32_MAX), silent);
    assert_true(count_fitting(200 * 1000, 1) > silent);
    assert_true(count_fitting(30000, 1000) < silent);
}

static void a_service_is_told_with_its_sessions_and_weeks(void **context)
{
    (void)context;
    const struct id id = places_id('s', 3);
    Dw__GetService get = DW__GET_SERVICE__INIT;
    get.service_id = id_to_data(&id);
    const Dw__ServiceFound *found = pure_query(places.pure, &get.base, DW__ROLE__ROLE_BROKER,
                                               places.now_ms, places.today, NULL);
    assert_non_null(found);
    assert_int_equal(found->n_sessions, naive.services[3].sessions_count);
    assert_non_null(found->provider);
    Dw__Date from = DW__DATE__INIT;
    from.days = places.today;
    Dw__Occupancy occupancy = DW__OCCUPANCY__INIT;
    occupancy.service_id = id_to_data(&id);
    occupancy.from = &from;
    occupancy.weeks = 10;
    const Dw__OccupancyFound *weeks = pure_query(
        places.pure, &occupancy.base, DW__ROLE__ROLE_BROKER, places.now_ms, places.today, NULL);
    assert_non_null(weeks);
    assert_int_equal(weeks->monday->days, places.today);
    for (size_t at = 0; at < weeks->n_sessions; at++) {
        assert_int_equal(weeks->sessions[at]->n_taken, 10);
        for (size_t week = 0; week < 10; week++)
            assert_true(weeks->sessions[at]->taken[week] <= weeks->sessions[at]->places);
    }
}

static void lists_go_by_reference_page_by_page(void **context)
{
    (void)context;
    char after[33] = "";
    uint32_t count = 0;
    for (;;) {
        Dw__ListServices list = DW__LIST_SERVICES__INIT;
        list.after_reference = after;
        list.limit = 70;
        const Dw__ServicesListed *listed = pure_query(
            places.pure, &list.base, DW__ROLE__ROLE_BROKER, places.now_ms, places.today, NULL);
        assert_non_null(listed);
        assert_int_equal(listed->total, naive.services_count);
        if (listed->n_services == 0)
            break;
        for (size_t at = 0; at < listed->n_services; at++) {
            const struct id id = places_id('s', count++);
            assert_memory_equal(listed->services[at]->service_id.data, id.bytes, 16);
        }
        memcpy(after, listed->services[listed->n_services - 1]->reference, 8);
    }
    assert_int_equal(count, naive.services_count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_searches_answer_as_plain_loops_do),
        cmocka_unit_test(a_search_out_of_bounds_is_invalid),
        cmocka_unit_test(a_person_is_named_by_readers_of_placements_only),
        cmocka_unit_test(a_speed_or_detour_that_cannot_be_is_as_none_in_the_model),
        cmocka_unit_test(a_service_is_told_with_its_sessions_and_weeks),
        cmocka_unit_test(lists_go_by_reference_page_by_page),
        cmocka_unit_test(searches_follow_what_happens),
    };
    return cmocka_run_group_tests(tests, make_council, unmake_council);
}
