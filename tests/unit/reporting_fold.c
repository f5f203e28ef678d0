/* Tests of services/reporting: any interleaving of the journals leaves the same bytes, and the dashboard is what a plain
 * recount of the journals finds. */
#include "services/reporting/reporting.h"
#include "services/reporting/state.h"

#include "common/calendar.h"
#include "common/entities_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model.pb-c.h"
#include "outcomes.pb-c.h"
#include "placements.pb-c.h"
#include "referrals.pb-c.h"
#include "tests/support/pure.h"

enum { YEAR_PLANNED = 77700 }; /* of every second placement; of the others nothing is known */
enum {
    PROVIDERS = 6, /* numbers 1 to 5 are told of, 6 never is */
    SERVICES = 10,
    PEOPLE = 60,
    PLACEMENTS = 150,
    REFERRALS = 40,
    JOURNALS = 4,
    EVENTS_MAX = 400,
    ROUNDS = 20,
    IN_HOUSE = 2, /* providers 1 and 2 */
    TODAY = 20780,
};
static const int64_t NOW_MS = INT64_C(20780) * 86400000;

/* --- journals --------------------------------------------------------------------------------------------------- */

struct told {
    union {
        ProtobufCMessage base;
        Dw__ProviderRegistered provider;
        Dw__ServiceRegistered service;
        Dw__PlacementStarted started;
        Dw__PlacementEnded ended;
        Dw__ReferralSubmitted submitted;
        Dw__ReferralPlaced placed;
        Dw__ReferralClosed closed;
        Dw__GoalReviewed reviewed;
    } message;
    int64_t recorded_ms;
};

struct journal {
    const char *service;
    struct told events[EVENTS_MAX];
    size_t count;
};

struct placement {
    struct id id;
    struct id person_id;
    struct id provider_id;
    struct id service_id;
    Dw__PlacementTerms terms;
    unsigned person;
    unsigned provider;
    unsigned service;
    bool active;
};

static struct world {
    uint64_t random;
    struct journal journals[JOURNALS];
    struct placement placements[PLACEMENTS];
    struct id provider_ids[PROVIDERS + 1];
    Dw__Provider providers[PROVIDERS + 1];
    struct id service_ids[SERVICES + 1];
    struct id referral_ids[REFERRALS];
    Dw__Service services[SERVICES + 1];
    Dw__GoalReview review;
    unsigned waiting;
    unsigned achieved;
} world;

static unsigned pick(unsigned below)
{
    world.random = world.random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(world.random >> 33) % below;
}

static struct id make_id(char kind, unsigned number)
{
    struct id id = {{(uint8_t)kind, (uint8_t)(number >> 8), (uint8_t)number}};
    return id;
}

static struct told *tell(size_t journal)
{
    assert_true(world.journals[journal].count < EVENTS_MAX);
    struct told *told = &world.journals[journal].events[world.journals[journal].count++];
    told->recorded_ms = NOW_MS + (int64_t)pick(200) * 86400000;
    return told;
}

static void tell_capacity(void)
{
    for (unsigned number = 1; number < PROVIDERS; number++) {
        Dw__ProviderRegistered *registered = &tell(0)->message.provider;
        Dw__Provider *provider = &world.providers[number];
        dw__provider_registered__init(registered);
        dw__provider__init(provider);
        registered->provider = provider;
        provider->provider_id = id_to_data(&world.provider_ids[number]);
        provider->kind = number <= IN_HOUSE ? DW__PROVIDER_KIND__PROVIDER_KIND_IN_HOUSE
                                            : DW__PROVIDER_KIND__PROVIDER_KIND_CHARITY;
    }
    for (unsigned number = 1; number < SERVICES; number++) {
        Dw__ServiceRegistered *service = &tell(0)->message.service;
        dw__service_registered__init(service);
        dw__service__init(&world.services[number]);
        world.services[number].service_id = id_to_data(&world.service_ids[number]);
        world.services[number].mode = number % 2 == 0 ? DW__SERVICE_MODE__SERVICE_MODE_BUILDING
                                                      : DW__SERVICE_MODE__SERVICE_MODE_OUTREACH;
        service->service = &world.services[number];
    }
}

static void tell_placement(unsigned number)
{
    struct placement *placement = &world.placements[number];
    placement->person = pick(PEOPLE);
    placement->provider = 1 + pick(PROVIDERS);
    placement->service = 1 + pick(SERVICES);
    placement->id = make_id('m', number);
    placement->person_id = make_id('n', placement->person);
    placement->provider_id = world.provider_ids[placement->provider];
    placement->service_id = world.service_ids[placement->service];
    placement->active = true;
    Dw__PlacementTerms *terms = &placement->terms;
    dw__placement_terms__init(terms);
    terms->person_id = id_to_data(&placement->person_id);
    terms->provider_id = id_to_data(&placement->provider_id);
    terms->service_id = id_to_data(&placement->service_id);
    terms->funding = (Dw__FundingRoute)(1 + pick(6));
    terms->price_pence_per_year = pick(5) == 0 ? 0 : (int64_t)pick(2000000);
    terms->price_pence_per_week = (int64_t)pick(2);
    terms->age = 18 + placement->person;
    terms->district = 1 + placement->person % 4;
    terms->support_reason = (Dw__SupportReason)(1 + placement->person % 12);
    terms->ethnicity_group = (Dw__EthnicityGroup)(1 + placement->person % 6);
    Dw__PlacementStarted *started = &tell(1)->message.started;
    dw__placement_started__init(started);
    started->placement_id = id_to_data(&placement->id);
    started->terms = terms;
    started->year_pence = YEAR_PLANNED * (terms->price_pence_per_week % 2);
}

static void tell_end(unsigned number)
{
    struct placement *placement = &world.placements[number];
    if (!placement->active)
        return;
    placement->active = false;
    Dw__PlacementEnded *ended = &tell(1)->message.ended;
    dw__placement_ended__init(ended);
    ended->placement_id = id_to_data(&placement->id);
    ended->terms = &placement->terms;
}

static void tell_referrals(void)
{
    for (unsigned number = 0; number < REFERRALS; number++) {
        world.referral_ids[number] = make_id('r', number);
        Dw__ReferralSubmitted *submitted = &tell(2)->message.submitted;
        dw__referral_submitted__init(submitted);
        submitted->referral_id = id_to_data(&world.referral_ids[number]);
        world.waiting++;
        if (pick(2) == 0)
            continue;
        world.waiting--;
        Dw__ReferralPlaced *placed = &tell(2)->message.placed;
        dw__referral_placed__init(placed);
        placed->referral_id = id_to_data(&world.referral_ids[number]);
        Dw__ReferralClosed *closed = &tell(2)->message.closed;
        dw__referral_closed__init(closed);
        closed->referral_id = id_to_data(&world.referral_ids[number]);
    }
}

static void tell_goals(void)
{
    dw__goal_review__init(&world.review);
    world.review.result = DW__REVIEW_RESULT__REVIEW_RESULT_ACHIEVED;
    for (unsigned number = 0; number < 30; number++) {
        Dw__GoalReviewed *reviewed = &tell(3)->message.reviewed;
        dw__goal_reviewed__init(reviewed);
        if (pick(2) == 0) {
            reviewed->review = &world.review;
            world.achieved++;
        }
    }
}

static void make_journals(uint64_t seed)
{
    static const char *const services[JOURNALS] = {"capacity", "placements", "referrals",
                                                   "outcomes"};
    memset(&world, 0, sizeof world);
    world.random = seed;
    for (size_t at = 0; at < JOURNALS; at++)
        world.journals[at].service = services[at];
    for (unsigned number = 1; number <= PROVIDERS; number++)
        world.provider_ids[number] = make_id('p', number);
    for (unsigned number = 1; number <= SERVICES; number++)
        world.service_ids[number] = make_id('s', number);
    tell_capacity();
    for (unsigned number = 0; number < PLACEMENTS; number++) {
        tell_placement(number);
        if (pick(3) == 0)
            tell_end(pick(number + 1));
    }
    tell_referrals();
    tell_goals();
}

/* Folds each journal in its order, and the journals in any. */
static void fold_in_some_order(struct pure *pure)
{
    const struct principal nobody = {.name = ""};
    size_t next[JOURNALS] = {0};
    size_t left = 0;
    for (size_t at = 0; at < JOURNALS; at++)
        left += world.journals[at].count;
    while (left > 0) {
        const size_t journal = pick(JOURNALS);
        size_t run = 1 + pick(40);
        for (; run > 0 && next[journal] < world.journals[journal].count; run--, left--) {
            const struct told *told = &world.journals[journal].events[next[journal]++];
            const struct foreign_event event = {.service = world.journals[journal].service,
                                                .seq = next[journal],
                                                .recorded_ms = told->recorded_ms,
                                                .principal = &nobody,
                                                .message = &told->message.base};
            (void)pure_react(pure, &event, NOW_MS, TODAY);
        }
    }
}

/* --- the same bytes --------------------------------------------------------------------------------------------- */

struct line {
    uint8_t field[ENTITY_FIELD_MAX];
    size_t field_len;
    struct buffer value;
};

static int compare_lines(const void *left, const void *right)
{
    return memcmp(((const struct line *)left)->field, ((const struct line *)right)->field,
                  ENTITY_FIELD_MAX);
}

/* All records sorted by key, as bytes, without the sequence number: the engine writes 0 there for what is folded. */
static struct buffer all_records(const struct entities *entities)
{
    const size_t total = entities_total(entities);
    struct line *lines = calloc(total + 1, sizeof lines[0]);
    assert_non_null(lines);
    size_t count = 0;
    for (uint8_t kind = 1; kind <= REPORTING_KIND_MONTH; kind++)
        for (size_t at = 0; at < entities_count(entities, kind); at++, count++) {
            struct entity_key key;
            (void)entities_at(entities, kind, at, &key);
            lines[count].field_len = entities_field(&key, lines[count].field);
            entities_value(entities, &key, &lines[count].value);
        }
    assert_int_equal(count, total);
    qsort(lines, count, sizeof lines[0], compare_lines);
    struct buffer all = {0};
    for (size_t at = 0; at < count; at++) {
        buffer_append(&all, lines[at].field, lines[at].field_len);
        buffer_append(&all, lines[at].value.bytes + ENTITY_VALUE_HEAD,
                      lines[at].value.len - ENTITY_VALUE_HEAD);
        buffer_free(&lines[at].value);
    }
    free(lines);
    return all;
}

static Dw__CommissioningModel model;

static void set_model(void)
{
    static Dw__SupportReason reasons[] = {DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY};
    static Dw__Group groups[2];
    static Dw__Group *group_pointers[] = {&groups[0], &groups[1]};
    static Dw__Grouping grouping;
    static Dw__Grouping *groupings[] = {&grouping};
    static Dw__AgeBand bands[2];
    static Dw__AgeBand *band_pointers[] = {&bands[0], &bands[1]};
    dw__commissioning_model__init(&model);
    dw__group__init(&groups[0]);
    dw__group__init(&groups[1]);
    groups[0].name = (char *)(uintptr_t) "learning disability";
    groups[0].reasons = reasons;
    groups[0].n_reasons = 1;
    groups[1].name = (char *)(uintptr_t) "others from 65";
    groups[1].age_from = 65;
    dw__grouping__init(&grouping);
    grouping.name = (char *)(uintptr_t) "client group";
    grouping.groups = group_pointers;
    grouping.n_groups = 2;
    model.groupings = groupings;
    model.n_groupings = 1;
    dw__age_band__init(&bands[0]);
    dw__age_band__init(&bands[1]);
    bands[0].name = (char *)(uintptr_t) "18-64";
    bands[0].from = 18;
    bands[0].to = 64;
    bands[1].name = (char *)(uintptr_t) "65+";
    bands[1].from = 65;
    model.age_bands = band_pointers;
    model.n_age_bands = 2;
}

static void any_interleaving_leaves_the_same_bytes(void **state)
{
    (void)state;
    set_model();
    make_journals(1);
    struct buffer first = {0};
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct pure *pure = pure_create(&reporting_service, &model.base);
        fold_in_some_order(pure);
        struct buffer records = all_records(pure_entities(pure));
        assert_true(records.len > 0);
        if (round == 0) {
            first = records;
        } else {
            assert_int_equal(records.len, first.len);
            assert_memory_equal(records.bytes, first.bytes, first.len);
            buffer_free(&records);
        }
        pure_destroy(&pure);
    }
    buffer_free(&first);
}

/* --- the recount ------------------------------------------------------------------------------------------------ */

static bool is_commissioned(const struct placement *placement)
{
    return placement->active &&
           placement->terms.funding != DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT &&
           placement->terms.funding != DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
}

static bool is_in_first_group(unsigned person)
{
    return 1 + person % 12 == DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY;
}

/* Counts people whom want (NULL: everybody) is true of, and their placements, straight from the test's own list. */
static Dw__Figures recount(bool (*want)(unsigned person))
{
    Dw__Figures figures = DW__FIGURES__INIT;
    for (unsigned person = 0; person < PEOPLE; person++) {
        bool internal = false, external = false, unknown = false;
        for (size_t at = 0; at < PLACEMENTS; at++) {
            const struct placement *placement = &world.placements[at];
            if (!is_commissioned(placement) || placement->person != person ||
                (want != NULL && !want(person)))
                continue;
            const int64_t stated = placement->terms.price_pence_per_year;
            const int64_t pence =
                stated > 0 ? stated : YEAR_PLANNED * (placement->terms.price_pence_per_week % 2);
            figures.placements++;
            figures.placements_without_price += pence == 0;
            figures.planned_year_pence += pence;
            if (placement->provider == PROVIDERS) {
                unknown = true;
                figures.placements_provider_unknown++;
            } else if (placement->provider <= IN_HOUSE) {
                internal = true;
                figures.placements_internal++;
                figures.planned_year_internal_pence += pence;
            } else {
                external = true;
                figures.placements_external++;
                figures.planned_year_external_pence += pence;
            }
        }
        figures.people += internal || external || unknown;
        figures.people_provider_unknown += unknown;
        figures.people_both += !unknown && internal && external;
        figures.people_internal_only += !unknown && internal && !external;
        figures.people_external_only += !unknown && !internal && external;
    }
    return figures;
}

/* People with nothing commissioned who have something by that route. */
static uint32_t recount_besides(Dw__FundingRoute route)
{
    uint32_t people = 0;
    for (unsigned person = 0; person < PEOPLE; person++) {
        bool commissioned = false, by_route = false;
        for (size_t at = 0; at < PLACEMENTS; at++) {
            const struct placement *placement = &world.placements[at];
            if (placement->person != person || !placement->active)
                continue;
            commissioned |= is_commissioned(placement);
            by_route |= placement->terms.funding == route;
        }
        people += by_route && !commissioned;
    }
    return people;
}

static void assert_figures(const Dw__Figures *is, const Dw__Figures *should)
{
    assert_int_equal(is->people, should->people);
    assert_int_equal(is->people_internal_only, should->people_internal_only);
    assert_int_equal(is->people_both, should->people_both);
    assert_int_equal(is->people_external_only, should->people_external_only);
    assert_int_equal(is->people_provider_unknown, should->people_provider_unknown);
    assert_int_equal(is->placements, should->placements);
    assert_int_equal(is->placements_internal, should->placements_internal);
    assert_int_equal(is->placements_external, should->placements_external);
    assert_int_equal(is->placements_provider_unknown, should->placements_provider_unknown);
    assert_int_equal(is->planned_year_pence, should->planned_year_pence);
    assert_int_equal(is->planned_year_internal_pence, should->planned_year_internal_pence);
    assert_int_equal(is->planned_year_external_pence, should->planned_year_external_pence);
    assert_int_equal(is->placements_without_price, should->placements_without_price);
}

static void assert_dashboard(struct pure *pure)
{
    const Dw__Dashboard ask = DW__DASHBOARD__INIT;
    const Dw__DashboardShown *shown =
        pure_query(pure, &ask.base, DW__ROLE__ROLE_COMMISSIONER, NOW_MS, TODAY, NULL);
    assert_non_null(shown);
    const Dw__Figures all = recount(NULL);
    assert_true(all.people_both > 0 && all.people_provider_unknown > 0);
    assert_figures(shown->all, &all);
    assert_int_equal(shown->people_direct_payment,
                     recount_besides(DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT));
    assert_int_equal(shown->people_self_funded,
                     recount_besides(DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED));
    assert_int_equal(shown->n_groupings, 1);
    bool found = false;
    for (size_t at = 0; at < shown->groupings[0]->n_rows; at++) {
        const Dw__FiguresRow *row = shown->groupings[0]->rows[at];
        if (row->number != 1)
            continue;
        const Dw__Figures group = recount(is_in_first_group);
        assert_string_equal(row->name, "learning disability");
        assert_figures(row->figures, &group);
        found = true;
    }
    assert_true(found);
    unsigned building = 0;
    for (size_t at = 0; at < PLACEMENTS; at++)
        building += is_commissioned(&world.placements[at]) &&
                    world.placements[at].service % 2 == 0 &&
                    world.placements[at].service != SERVICES;
    assert_int_equal(shown->placements_building, building);
    assert_int_equal(shown->referrals_waiting, world.waiting);
    assert_int_equal(shown->goals_reviewed, 30);
    assert_int_equal(shown->goals_achieved, world.achieved);
}

static void the_dashboard_is_what_a_plain_recount_finds(void **state)
{
    (void)state;
    set_model();
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        make_journals(seed);
        struct pure *pure = pure_create(&reporting_service, &model.base);
        fold_in_some_order(pure);
        assert_dashboard(pure);
        pure_reload(pure);
        assert_dashboard(pure);
        pure_destroy(&pure);
    }
}

static void rows_of_a_breakdown_add_up_to_all(void **state)
{
    (void)state;
    set_model();
    make_journals(3);
    struct pure *pure = pure_create(&reporting_service, &model.base);
    fold_in_some_order(pure);
    Dw__Breakdown ask = DW__BREAKDOWN__INIT;
    Dw__Dimension dimensions[] = {DW__DIMENSION__DIMENSION_AGE_BAND,
                                  DW__DIMENSION__DIMENSION_DISTRICT};
    ask.dimensions = dimensions;
    ask.n_dimensions = 2;
    const Dw__BreakdownShown *shown =
        pure_query(pure, &ask.base, DW__ROLE__ROLE_BROKER, NOW_MS, TODAY, NULL);
    assert_non_null(shown);
    assert_true(shown->n_rows > 2);
    const Dw__Figures all = recount(NULL);
    Dw__Figures sum = DW__FIGURES__INIT;
    for (size_t at = 0; at < shown->n_rows; at++) {
        sum.people += shown->rows[at]->figures->people;
        sum.placements += shown->rows[at]->figures->placements;
        sum.planned_year_pence += shown->rows[at]->figures->planned_year_pence;
    }
    assert_int_equal(sum.people, all.people);
    assert_int_equal(sum.placements, all.placements);
    assert_int_equal(sum.planned_year_pence, all.planned_year_pence);
    pure_destroy(&pure);
}

/* Proves: a review counts in the month that it was in London, also in the hour in which UTC is still in the one before. */
static void goals_count_in_the_months_of_london(void **state)
{
    (void)state;
    static const struct id no_id = {{0}};
    static const struct principal nobody = {.name = ""};
    const int64_t july_ms = calendar_london_to_utc(calendar_date(2026, 7, 1), 0);
    const int64_t times_ms[] = {july_ms - 1, july_ms, july_ms + 3600000};
    const uint32_t july = (uint32_t)calendar_month(calendar_date(2026, 7, 1));
    Dw__GoalReviewed reviewed = DW__GOAL_REVIEWED__INIT;
    set_model();
    struct pure *pure = pure_create(&reporting_service, &model.base);
    for (size_t at = 0; at < 3; at++) {
        const struct foreign_event event = {.service = "outcomes",
                                            .seq = 1 + at,
                                            .recorded_ms = times_ms[at],
                                            .principal = &nobody,
                                            .message = &reviewed.base};
        (void)pure_react(pure, &event, NOW_MS, TODAY);
    }
    const Dw__ReportedMonth *before =
        entities_get(pure_entities(pure), REPORTING_KIND_MONTH, &no_id, july - 1);
    const Dw__ReportedMonth *month =
        entities_get(pure_entities(pure), REPORTING_KIND_MONTH, &no_id, july);
    assert_non_null(before);
    assert_int_equal(before->goals_reviewed, 1);
    assert_non_null(month);
    assert_int_equal(month->goals_reviewed, 2);
    pure_destroy(&pure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_interleaving_leaves_the_same_bytes),
        cmocka_unit_test(the_dashboard_is_what_a_plain_recount_finds),
        cmocka_unit_test(rows_of_a_breakdown_add_up_to_all),
        cmocka_unit_test(goals_count_in_the_months_of_london),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
