/* Tests of contracts and frameworks: what is agreed, extended, closed and ended, what time says of it, and that holds and
 * searches count the exercised term and nothing else. */
#include "services/capacity/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/calendar.h"
#include "tests/support/places.h"

#define REFUSAL(name) DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_##name

enum { FOREVER = INT32_MAX, WARNING_DAYS = 90, COMMISSIONER = DW__ROLE__ROLE_COMMISSIONER };

static const Dw__FundingRoute COUNCIL_MONEY = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
static const Dw__FundingRoute OWN_MONEY = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;

/* The model of a council with a framework of two years and twice two more; contracts are flagged 90 days before their end. */
static void add_framework(Dw__CommissioningModel *model, int32_t from, int32_t to)
{
    static Dw__Date first, last;
    static uint32_t months[] = {24, 24};
    static Dw__Framework framework;
    static Dw__Framework *frameworks[] = {&framework};
    first = last = (Dw__Date)DW__DATE__INIT;
    first.days = from;
    last.days = to;
    framework = (Dw__Framework)DW__FRAMEWORK__INIT;
    framework.number = 1;
    framework.from = &first;
    framework.to = &last;
    framework.n_extension_months = 2;
    framework.extension_months = months;
    model->n_frameworks = 1;
    model->frameworks = frameworks;
    model->rules->contract_warning_days = WARNING_DAYS;
}

/* A provider with a service of level 1 on Mondays, and no contract. */
static int open_council(void **context)
{
    static struct places places;
    static const int ten[5] = {10};
    places = places_open();
    add_framework(places_model(), places.today - 100, calendar_date(2027, 3, 31));
    (void)places_provider(&places, 1);
    (void)places_send_service(&places, places_service(1, 1));
    (void)places_session(&places, 1, 1, 1, 600, 720, ten, places.today, FOREVER);
    *context = &places;
    return 0;
}

static int close_council(void **context)
{
    places_close(*context);
    return 0;
}

static void expect_event(struct pure_outcome outcome, const char *event)
{
    assert_int_equal(outcome.outcome, DECISION_YES);
    assert_int_equal(outcome.events_count, 1);
    assert_string_equal(outcome.decision->events[0].row->type->short_name, event);
}

static void expect_nothing(struct pure_outcome outcome)
{
    assert_int_equal(outcome.outcome, DECISION_YES);
    assert_int_equal(outcome.events_count, 0);
}

static void expect_refusal(struct pure_outcome outcome, int refusal)
{
    assert_int_equal(outcome.outcome, DECISION_REFUSED);
    assert_int_equal(outcome.refusal, refusal);
    assert_true(strlen(outcome.sentence) > 20);
}

static struct pure_outcome send(struct places *places, const ProtobufCMessage *command)
{
    return pure_command(places->pure, command, COMMISSIONER, places->now_ms, places->today);
}

/* Contract 1 of provider 1 for level 1 under that framework, to be extended by 24 months, then by 12. */
static struct pure_outcome agree(struct places *places, int32_t to, uint32_t framework)
{
    static uint32_t months[] = {24, 12};
    const struct id id = places_id('c', 1), provider_id = places_id('p', 1);
    uint32_t level = 1;
    Dw__Date first = DW__DATE__INIT, last = DW__DATE__INIT;
    Dw__Contract contract = DW__CONTRACT__INIT;
    Dw__AgreeContract command = DW__AGREE_CONTRACT__INIT;
    first.days = places->today - 10;
    last.days = to;
    contract.contract_id = id_to_data(&id);
    contract.provider_id = id_to_data(&provider_id);
    contract.kind = DW__CONTRACT_KIND__CONTRACT_KIND_FRAMEWORK;
    contract.n_levels = 1;
    contract.levels = &level;
    contract.from = &first;
    contract.to = to == FOREVER ? NULL : &last;
    contract.payment = DW__PAYMENT_BASIS__PAYMENT_BASIS_PLAN;
    contract.framework = framework;
    contract.n_extension_months = 2;
    contract.extension_months = months;
    command.contract = &contract;
    return send(places, &command.base);
}

static struct pure_outcome extend(struct places *places, uint32_t number)
{
    const struct id id = places_id('c', number);
    Dw__ExerciseExtension command = DW__EXERCISE_EXTENSION__INIT;
    command.contract_id = id_to_data(&id);
    return send(places, &command.base);
}

static struct pure_outcome set_opening(struct places *places, bool is_open)
{
    const struct id id = places_id('c', 1);
    Dw__CloseContract close = DW__CLOSE_CONTRACT__INIT;
    Dw__ReopenContract reopen = DW__REOPEN_CONTRACT__INIT;
    close.contract_id = reopen.contract_id = id_to_data(&id);
    return send(places, is_open ? &reopen.base : &close.base);
}

static struct pure_outcome end(struct places *places, int32_t last)
{
    const struct id id = places_id('c', 1);
    Dw__Date date = DW__DATE__INIT;
    Dw__EndContract command = DW__END_CONTRACT__INIT;
    date.days = last;
    command.contract_id = id_to_data(&id);
    command.last = &date;
    command.reason = DW__CONTRACT_END_REASON__CONTRACT_END_REASON_BREACH;
    return send(places, &command.base);
}

static const Dw__ContractFound *found(struct places *places)
{
    const struct id id = places_id('c', 1);
    Dw__GetContract query = DW__GET_CONTRACT__INIT;
    query.contract_id = id_to_data(&id);
    return pure_query(places->pure, &query.base, COMMISSIONER, places->now_ms, places->today, NULL);
}

static struct pure_outcome hold(struct places *places, uint32_t number, int32_t from)
{
    static const uint32_t monday[1] = {1};
    return places_hold(places, number, 1, monday, 1, from, FOREVER, NULL, COUNCIL_MONEY);
}

/* Services that a search from that date on finds, for money of the council's. */
static uint32_t found_from(struct places *places, int32_t from)
{
    Dw__Date date = DW__DATE__INIT;
    Dw__FindCapacity find = DW__FIND_CAPACITY__INIT;
    date.days = from;
    find.from = &date;
    find.latitude_e6 = 53200000;
    find.longitude_e6 = -2300000;
    find.funding = COUNCIL_MONEY;
    const Dw__CapacityFound *answer = pure_query(places->pure, &find.base, DW__ROLE__ROLE_BROKER,
                                                 places->now_ms, places->today, NULL);
    return answer->services_fitting;
}

/* --- terms ------------------------------------------------------------------------------------------------------------ */

static void an_extension_is_the_next_of_those_agreed_and_no_other(void **context)
{
    struct places *places = *context;
    const int32_t last = calendar_date(2027, 2, 28);
    expect_event(agree(places, last, 1), "ContractAgreed");
    expect_nothing(agree(places, last, 1));
    expect_event(extend(places, 1), "ContractExtended");
    assert_int_equal(found(places)->standing->to->days, calendar_date(2029, 2, 28));
    expect_event(extend(places, 1), "ContractExtended");
    assert_int_equal(found(places)->standing->to->days, calendar_date(2030, 2, 28));
    assert_int_equal(found(places)->standing->extensions_exercised, 2);
    expect_refusal(extend(places, 1), REFUSAL(NO_EXTENSION_LEFT));
    expect_refusal(extend(places, 9), REFUSAL(CONTRACT_UNKNOWN));
    pure_reload(places->pure);
    expect_refusal(extend(places, 1), REFUSAL(NO_EXTENSION_LEFT));
}

static void a_term_that_ends_with_a_month_goes_on_to_the_end_of_one(void **context)
{
    struct places *places = *context;
    expect_event(agree(places, calendar_date(2030, 2, 28), 1), "ContractAgreed");
    expect_event(extend(places, 1), "ContractExtended");
    assert_int_equal(found(places)->standing->to->days, calendar_date(2032, 2, 29));
    expect_event(end(places, calendar_date(2028, 2, 29)), "ContractEndSet");
    assert_int_equal(found(places)->standing->to->days, calendar_date(2028, 2, 29));
}

static void holds_and_searches_count_the_exercised_term(void **context)
{
    struct places *places = *context;
    const int32_t last = places->today + 30;
    expect_event(agree(places, last, 0), "ContractAgreed");
    expect_event(hold(places, 1, last), "PlacesHeld");
    assert_int_equal(found_from(places, last), 1);
    expect_refusal(hold(places, 2, last + 1), REFUSAL(NO_CONTRACT));
    assert_int_equal(found_from(places, last + 1), 0);
    expect_event(extend(places, 1), "ContractExtended");
    expect_event(hold(places, 2, last + 1), "PlacesHeld");
    assert_int_equal(found_from(places, last + 1), 1);
    pure_reload(places->pure);
    expect_event(hold(places, 3, last + 1), "PlacesHeld");
    assert_int_equal(found_from(places, last + 1), 1);
}

static void a_framework_is_one_of_the_models(void **context)
{
    struct places *places = *context;
    expect_refusal(agree(places, places->today + 30, 2), REFUSAL(FRAMEWORK_UNKNOWN));
    expect_event(agree(places, FOREVER, 1), "ContractAgreed");
    expect_refusal(extend(places, 1), REFUSAL(NO_EXTENSION_LEFT)); /* it has no end to put off */
}

/* Proves: an extension that is named is exercised once, however often it is said, and not before its turn. */
static void an_extension_that_is_named_is_exercised_once(void **context)
{
    struct places *places = *context;
    const struct id id = places_id('c', 1);
    Dw__ExerciseExtension command = DW__EXERCISE_EXTENSION__INIT;
    Dw__ExtendFramework framework_command = DW__EXTEND_FRAMEWORK__INIT;
    command.contract_id = id_to_data(&id);
    expect_event(agree(places, places->today + 100, 0), "ContractAgreed");
    command.extension = 2;
    expect_refusal(send(places, &command.base), REFUSAL(NO_EXTENSION_LEFT));
    command.extension = 1;
    expect_event(send(places, &command.base), "ContractExtended");
    expect_nothing(send(places, &command.base));
    assert_int_equal(found(places)->standing->extensions_exercised, 1);
    command.extension = 2;
    expect_event(send(places, &command.base), "ContractExtended");
    expect_nothing(send(places, &command.base));
    framework_command.framework = framework_command.extension = 1;
    expect_event(send(places, &framework_command.base), "FrameworkExtended");
    expect_nothing(send(places, &framework_command.base));
    framework_command.extension = 3;
    expect_refusal(send(places, &framework_command.base), REFUSAL(NO_EXTENSION_LEFT));
}

/* --- ends ------------------------------------------------------------------------------------------------------------- */

static void closed_to_new_takes_nobody_and_moves_nobody(void **context)
{
    struct places *places = *context;
    expect_event(agree(places, places->today + 300, 0), "ContractAgreed");
    expect_event(hold(places, 1, places->today), "PlacesHeld");
    expect_event(set_opening(places, false), "ContractClosed");
    expect_nothing(set_opening(places, false));
    expect_refusal(hold(places, 2, places->today), REFUSAL(NO_CONTRACT));
    assert_int_equal(found_from(places, places->today), 0);
    static const uint32_t monday[1] = {1};
    expect_event(places_hold(places, 3, 1, monday, 1, places->today, FOREVER, NULL, OWN_MONEY),
                 "PlacesHeld");
    expect_refusal(places_confirm(places, 1), REFUSAL(NO_CONTRACT));
    expect_event(places_confirm(places, 3), "HoldConfirmed");
    expect_event(extend(places, 1), "ContractExtended");
    expect_refusal(hold(places, 2, places->today), REFUSAL(NO_CONTRACT));
    expect_event(set_opening(places, true), "ContractReopened");
    expect_event(places_confirm(places, 1), "HoldConfirmed");
    expect_event(hold(places, 2, places->today), "PlacesHeld");
}

/* Proves: whoever was there comes back after a break, whatever has become of the contract since. */
static void who_was_there_is_nobody_new(void **context)
{
    struct places *places = *context;
    expect_event(agree(places, places->today + 300, 0), "ContractAgreed");
    expect_event(hold(places, 1, places->today), "PlacesHeld");
    expect_event(places_confirm(places, 1), "HoldConfirmed");
    expect_event(places_end(places, 1, places->today + 6), "BookingEnded");
    expect_event(set_opening(places, false), "ContractClosed");
    expect_refusal(hold(places, 2, places->today + 60), REFUSAL(NO_CONTRACT));
    places->replaces = places->person = 1;
    expect_event(hold(places, 2, places->today + 60), "PlacesHeld");
    places->replaces = places->person = 0;
    expect_event(places_confirm(places, 2), "HoldConfirmed");
}

static void an_end_that_is_set_stands_against_extensions_and_later_dates(void **context)
{
    struct places *places = *context;
    expect_event(agree(places, places->today + 300, 0), "ContractAgreed");
    assert_int_equal(end(places, places->today - 11).outcome, DECISION_INVALID);
    expect_refusal(end(places, places->today + 301), REFUSAL(CONTRACT_ENDED));
    expect_event(end(places, places->today + 60), "ContractEndSet");
    expect_nothing(end(places, places->today + 60));
    expect_refusal(extend(places, 1), REFUSAL(CONTRACT_ENDED));
    expect_event(hold(places, 1, places->today + 60), "PlacesHeld");
    expect_refusal(hold(places, 2, places->today + 61), REFUSAL(NO_CONTRACT));
    const struct pure_outcome outcome = end(places, places->today - 1);
    assert_int_equal(outcome.events_count, 2);
    assert_string_equal(outcome.decision->events[1].row->type->short_name, "ContractEnded");
    assert_int_equal(found(places)->standing->state, DW__CONTRACT_STATE__CONTRACT_STATE_ENDED);
    expect_refusal(hold(places, 2, places->today - 5), REFUSAL(NO_CONTRACT));
    expect_refusal(set_opening(places, false), REFUSAL(CONTRACT_ENDED));
    expect_refusal(places_confirm(places, 1), REFUSAL(NO_CONTRACT));
}

/* --- time ------------------------------------------------------------------------------------------------------------- */

static struct {
    size_t nears, ended;
} heard;

static void listen(void *context, const struct decision *decision, int64_t now_ms,
                   const struct principal *principal)
{
    (void)context, (void)now_ms, (void)principal;
    for (size_t at = 0; at < decision->events_count; at++) {
        const char *name = decision->events[at].row->type->short_name;
        heard.nears += strcmp(name, "ContractNearsEnd") == 0;
        heard.ended += strcmp(name, "ContractEnded") == 0;
    }
}

/* Lets so many days pass, in steps as time would ask for them. */
static void pass(struct places *places, int32_t days)
{
    pure_watch(places->pure, listen, NULL);
    for (int32_t day = 0; day < days; day++) {
        places_move(places, 1, 0);
        (void)pure_due(places->pure, 10, places->now_ms, places->today, NULL);
    }
    pure_watch(places->pure, NULL, NULL);
}

static void that_a_contract_nears_its_end_is_told_once_for_each_last_date(void **context)
{
    struct places *places = *context;
    const int32_t last = places->today + 100;
    heard.nears = heard.ended = 0;
    expect_event(agree(places, last, 0), "ContractAgreed");
    size_t count;
    assert_int_equal(pure_due(places->pure, 10, places->now_ms, places->today, &count),
                     calendar_london_to_utc(last - WARNING_DAYS, 0));
    assert_int_equal(count, 0);
    pass(places, 9);
    assert_int_equal(heard.nears, 0);
    pass(places, 1);
    assert_int_equal(heard.nears, 1);
    pass(places, 50);
    assert_int_equal(heard.nears, 1);
    expect_event(extend(places, 1), "ContractExtended");
    pass(places, 24 * 30);
    assert_int_equal(heard.nears, 2);
    pure_reload(places->pure);
    pass(places, 30);
    assert_int_equal(heard.nears, 2);
    assert_int_equal(heard.ended, 0);
}

static void a_contract_ends_on_the_day_after_its_last_and_nobody_leaves(void **context)
{
    struct places *places = *context;
    heard.nears = heard.ended = 0;
    expect_event(agree(places, places->today + 20, 0), "ContractAgreed");
    expect_event(hold(places, 1, places->today), "PlacesHeld");
    expect_event(places_confirm(places, 1), "HoldConfirmed");
    pass(places, 20);
    assert_int_equal(heard.ended, 0);
    pass(places, 1);
    assert_int_equal(heard.ended, 1);
    pass(places, 5);
    assert_int_equal(heard.ended, 1);
    assert_int_equal(pure_due(places->pure, 10, places->now_ms, places->today, NULL), INT64_MAX);
    const struct id id = places_id('h', 1);
    assert_int_equal(capacity_booking(pure_state(places->pure), &id)->state,
                     DW__BOOKING_STATE__BOOKING_STATE_CONFIRMED);
    expect_refusal(extend(places, 1), REFUSAL(CONTRACT_ENDED));
}

/* --- frameworks and queries --------------------------------------------------------------------------------------------- */

static const Dw__FrameworkTermFound *framework(struct places *places)
{
    Dw__GetFrameworkTerm query = DW__GET_FRAMEWORK_TERM__INIT;
    query.framework = 1;
    return pure_query(places->pure, &query.base, COMMISSIONER, places->now_ms, places->today, NULL);
}

/* Proves: a contract that goes on is of no use after the exercised term of its framework, to a search, a hold and its confirmation. */
static void nobody_new_comes_after_the_term_of_a_framework(void **context)
{
    struct places *places = *context;
    const int32_t last = calendar_date(2027, 3, 31);
    Dw__ExtendFramework command = DW__EXTEND_FRAMEWORK__INIT;
    command.framework = 1;
    expect_event(agree(places, FOREVER, 1), "ContractAgreed");
    assert_int_equal(found_from(places, last), 1);
    assert_int_equal(found_from(places, last + 1), 0);
    expect_event(hold(places, 1, last), "PlacesHeld");
    expect_refusal(hold(places, 2, last + 1), REFUSAL(NO_CONTRACT));
    expect_event(places_confirm(places, 1), "HoldConfirmed");
    expect_event(send(places, &command.base), "FrameworkExtended");
    assert_int_equal(found_from(places, last + 1), 1);
    expect_event(hold(places, 2, last + 1), "PlacesHeld");
    expect_event(places_confirm(places, 2), "HoldConfirmed");
    expect_refusal(hold(places, 3, calendar_date(2029, 4, 1)), REFUSAL(NO_CONTRACT));
}

/* Proves: a contract without an end is warned of before its framework's, once for each term that is exercised, and is not ended by it; who
 * asks is told until when somebody can be placed under it. */
static void the_end_of_a_framework_is_warned_of(void **context)
{
    struct places *places = *context;
    const int32_t first = calendar_date(2027, 3, 31), second = calendar_date(2029, 3, 31);
    Dw__ExtendFramework command = DW__EXTEND_FRAMEWORK__INIT;
    command.framework = 1;
    heard.nears = heard.ended = 0;
    expect_event(agree(places, FOREVER, 1), "ContractAgreed");
    assert_int_equal(pure_due(places->pure, 10, places->now_ms, places->today, NULL),
                     calendar_london_to_utc(first - WARNING_DAYS, 0));
    pass(places, first - WARNING_DAYS - 1 - places->today);
    assert_int_equal(heard.nears, 0);
    pass(places, 1);
    assert_int_equal(heard.nears, 1);
    pure_reload(places->pure);
    pass(places, WARNING_DAYS);
    assert_int_equal(heard.nears, 1);
    assert_int_equal(found(places)->last->days, first);
    assert_null(found(places)->standing->to);
    expect_event(send(places, &command.base), "FrameworkExtended");
    assert_int_equal(found(places)->last->days, second);
    pass(places, second - WARNING_DAYS - 1 - places->today);
    assert_int_equal(heard.nears, 1);
    places_move(places, WARNING_DAYS + 10, 0); /* nobody looked until it was over */
    pass(places, 1);
    assert_int_equal(heard.nears, 2);
    assert_int_equal(heard.ended, 0);
    assert_int_equal(found(places)->standing->state, DW__CONTRACT_STATE__CONTRACT_STATE_LIVE);
}

/* Proves: of a contract that ends before its framework its own end is warned of, and told. */
static void a_contract_may_end_before_its_framework(void **context)
{
    struct places *places = *context;
    const int32_t last = calendar_date(2027, 3, 31) - 20;
    heard.nears = heard.ended = 0;
    expect_event(agree(places, last, 1), "ContractAgreed");
    assert_int_equal(found(places)->last->days, last);
    pass(places, last - WARNING_DAYS - places->today);
    assert_int_equal(heard.nears, 1);
    pass(places, WARNING_DAYS + 40);
    assert_int_equal(heard.nears, 1);
    assert_int_equal(heard.ended, 1);
}

static void a_framework_is_extended_in_its_order_until_it_has_ended(void **context)
{
    struct places *places = *context;
    Dw__ExtendFramework command = DW__EXTEND_FRAMEWORK__INIT;
    command.framework = 2;
    expect_refusal(send(places, &command.base), REFUSAL(FRAMEWORK_UNKNOWN));
    command.framework = 1;
    assert_int_equal(framework(places)->to->days, calendar_date(2027, 3, 31));
    expect_event(send(places, &command.base), "FrameworkExtended");
    pure_reload(places->pure);
    assert_int_equal(framework(places)->to->days, calendar_date(2029, 3, 31));
    assert_int_equal(framework(places)->extensions_exercised, 1);
    places_move(places, 3 * 365, 0);
    expect_refusal(send(places, &command.base), REFUSAL(FRAMEWORK_ENDED));
    places_move(places, -3 * 365, 0);
    expect_event(send(places, &command.base), "FrameworkExtended");
    expect_refusal(send(places, &command.base), REFUSAL(NO_EXTENSION_LEFT));
    expect_event(agree(places, places->today + 30, 1), "ContractAgreed");
    assert_int_equal(framework(places)->contracts, 1);
    assert_int_equal(framework(places)->contracts_open, 1);
}

/* Proves: an extension that was exercised in time may be recorded after the term, and one that was not may not. */
static void an_extension_counts_from_when_it_was_exercised(void **context)
{
    struct places *places = *context;
    const int32_t last = calendar_date(2027, 3, 31);
    Dw__Date exercised = DW__DATE__INIT;
    Dw__ExtendFramework command = DW__EXTEND_FRAMEWORK__INIT;
    command.framework = 1;
    command.exercised = &exercised;
    exercised.days = places->today + 1;
    assert_int_equal(send(places, &command.base).outcome, DECISION_INVALID);
    places_move(places, last + 10 - places->today, 0);
    exercised.days = last + 1;
    expect_refusal(send(places, &command.base), REFUSAL(FRAMEWORK_ENDED));
    exercised.days = last;
    expect_event(send(places, &command.base), "FrameworkExtended");
    assert_int_equal(framework(places)->to->days, calendar_date(2029, 3, 31));
}

static void contracts_are_listed_by_provider_and_a_provider_sees_its_own(void **context)
{
    struct places *places = *context;
    const struct id own_id = places_id('p', 1), other_id = places_id('p', 2);
    (void)places_provider(places, 2);
    for (uint32_t number = 1; number <= 5; number++)
        expect_event(places_contract(places, number, 1 + number % 2, 1, places->today, FOREVER),
                     "ContractAgreed");
    Dw__ListContracts query = DW__LIST_CONTRACTS__INIT;
    query.limit = 2;
    query.provider_id = id_to_data(&other_id);
    const Dw__ContractsListed *listed =
        pure_query(places->pure, &query.base, COMMISSIONER, places->now_ms, places->today, NULL);
    assert_int_equal(listed->total, 3);
    assert_int_equal(listed->n_contracts, 2);
    const struct id last_id = places_id('c', 3);
    assert_memory_equal(listed->contracts[1]->contract->contract_id.data, last_id.bytes, 16);
    query.after_contract_id = id_to_data(&last_id);
    listed =
        pure_query(places->pure, &query.base, COMMISSIONER, places->now_ms, places->today, NULL);
    assert_int_equal(listed->n_contracts, 1);
    pure_principal_provider(places->pure, &own_id);
    Dw__ListContracts all = DW__LIST_CONTRACTS__INIT;
    listed = pure_query(places->pure, &all.base, DW__ROLE__ROLE_PROVIDER_MANAGER, places->now_ms,
                        places->today, NULL);
    assert_int_equal(listed->total, 2);
    struct pure_outcome outcome;
    Dw__GetContract get = DW__GET_CONTRACT__INIT;
    get.contract_id = id_to_data(&last_id);
    assert_null(pure_query(places->pure, &get.base, DW__ROLE__ROLE_PROVIDER_MANAGER, places->now_ms,
                           places->today, &outcome));
    assert_int_equal(outcome.refusal, REFUSAL(CONTRACT_UNKNOWN));
    pure_principal_provider(places->pure, NULL);
}

/* --- moves ---------------------------------------------------------------------------------------------------------------- */

/* One row a state, one column an event: agreed, extended, closed, reopened, end set, nears end, ended. A dot: no such move, else
 * the first letter of the state it leads to. */
static void every_state_meets_every_event_as_expected(void **context)
{
    (void)context;
    static const char *const expected[CONTRACT_STATES] = {"l......", ".lc.lle", ".c.lcce",
                                                          "......."};
    static const char letters[] = ".lce";
    for (enum contract_state from = CONTRACT_NONE; from < CONTRACT_STATES; from++)
        for (enum contract_moved event = 0; event < CONTRACT_MOVED_COUNT; event++) {
            enum contract_state to = CONTRACT_NONE;
            const bool moves = capacity_contract_move_find(from, event, &to);
            assert_int_equal(moves, expected[from][event] != '.');
            assert_int_equal(letters[to], expected[from][event]);
        }
}

static void the_readme_shows_the_same_rows(void **context)
{
    (void)context;
    char text[64 * 1024], row[128];
    FILE *file = fopen("services/capacity/README.md", "re");
    assert_non_null(file);
    const size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    for (enum contract_state from = CONTRACT_NONE; from < CONTRACT_STATES; from++)
        for (enum contract_moved event = 0; event < CONTRACT_MOVED_COUNT; event++) {
            enum contract_state to = CONTRACT_NONE;
            const bool moves = capacity_contract_move_find(from, event, &to);
            (void)snprintf(row, sizeof row, "| %s | %s | %s |\n",
                           capacity_contract_state_name(from), capacity_contract_moved_name(event),
                           capacity_contract_state_name(to));
            assert_int_equal(strstr(text, row) != NULL, moves);
        }
}

int main(void)
{
#define COUNCIL_TEST(name) cmocka_unit_test_setup_teardown(name, open_council, close_council)
    const struct CMUnitTest tests[] = {
        COUNCIL_TEST(an_extension_is_the_next_of_those_agreed_and_no_other),
        COUNCIL_TEST(an_extension_that_is_named_is_exercised_once),
        COUNCIL_TEST(a_term_that_ends_with_a_month_goes_on_to_the_end_of_one),
        COUNCIL_TEST(holds_and_searches_count_the_exercised_term),
        COUNCIL_TEST(a_framework_is_one_of_the_models),
        COUNCIL_TEST(closed_to_new_takes_nobody_and_moves_nobody),
        COUNCIL_TEST(who_was_there_is_nobody_new),
        COUNCIL_TEST(an_end_that_is_set_stands_against_extensions_and_later_dates),
        COUNCIL_TEST(that_a_contract_nears_its_end_is_told_once_for_each_last_date),
        COUNCIL_TEST(a_contract_ends_on_the_day_after_its_last_and_nobody_leaves),
        COUNCIL_TEST(nobody_new_comes_after_the_term_of_a_framework),
        COUNCIL_TEST(the_end_of_a_framework_is_warned_of),
        COUNCIL_TEST(a_contract_may_end_before_its_framework),
        COUNCIL_TEST(an_extension_counts_from_when_it_was_exercised),
        COUNCIL_TEST(a_framework_is_extended_in_its_order_until_it_has_ended),
        COUNCIL_TEST(contracts_are_listed_by_provider_and_a_provider_sees_its_own),
        cmocka_unit_test(every_state_meets_every_event_as_expected),
        cmocka_unit_test(the_readme_shows_the_same_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
