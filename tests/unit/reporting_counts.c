/* Tests of services/reporting: what is counted of people who are alike goes up and down by one. Random journals are in
 * reporting_fold.c. */
#include "services/reporting/reporting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "model.pb-c.h"
#include "placements.pb-c.h"
#include "referrals.pb-c.h"
#include "reporting.pb-c.h"
#include "tests/support/pure.h"

enum { TODAY = 20780 };
static const int64_t NOW_MS = INT64_C(20780) * 86400000;

static void fold_placement(struct pure *pure, const ProtobufCMessage *message)
{
    static const struct principal nobody = {.name = ""};
    const struct foreign_event event = {.service = "placements",
                                        .seq = 1,
                                        .recorded_ms = NOW_MS,
                                        .principal = &nobody,
                                        .message = message};
    (void)pure_react(pure, &event, NOW_MS, TODAY);
}

/* Proves: of people who are alike in everything, a placement without a price is taken off again when it ends. */
static void placements_without_a_price_are_counted_back(void **state)
{
    (void)state;
    enum { ALIKE = 4 };
    const Dw__CommissioningModel model = DW__COMMISSIONING_MODEL__INIT;
    const Dw__Dashboard ask = DW__DASHBOARD__INIT;
    Dw__PlacementTerms terms = DW__PLACEMENT_TERMS__INIT;
    Dw__PlacementStarted started = DW__PLACEMENT_STARTED__INIT;
    Dw__PlacementEnded ended = DW__PLACEMENT_ENDED__INIT;
    const struct id provider_id = {{'p'}};
    struct pure *pure = pure_create(&reporting_service, &model.base);
    started.terms = ended.terms = &terms;
    terms.provider_id = terms.service_id = id_to_data(&provider_id);
    terms.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    /* All begin, then all end in the same order; the last of them has a price. */
    for (unsigned step = 0; step < 2 * ALIKE; step++) {
        const struct id id = {{'m', (uint8_t)(1 + step % ALIKE)}};
        terms.person_id = id_to_data(&id);
        terms.price_pence_per_year = step % ALIKE == ALIKE - 1 ? 100 : 0;
        started.placement_id = ended.placement_id = id_to_data(&id);
        fold_placement(pure, step < ALIKE ? &started.base : &ended.base);
        const Dw__DashboardShown *shown =
            pure_query(pure, &ask.base, DW__ROLE__ROLE_COMMISSIONER, NOW_MS, TODAY, NULL);
        const unsigned left = step < ALIKE ? step + 1 : 2 * ALIKE - 1 - step;
        const bool is_priced_there = step >= ALIKE - 1 && step < 2 * ALIKE - 1;
        assert_int_equal(shown->all->placements, left);
        assert_int_equal(shown->all->placements_without_price, left - is_priced_there);
    }
    pure_destroy(&pure);
}

/* Proves: a change counts under its new terms and no more under its old ones. */
static void a_change_counts_as_it_is_now(void **state)
{
    (void)state;
    const Dw__CommissioningModel model = DW__COMMISSIONING_MODEL__INIT;
    const Dw__Dashboard ask = DW__DASHBOARD__INIT;
    Dw__PlacementTerms terms = DW__PLACEMENT_TERMS__INIT;
    Dw__PlacementStarted started = DW__PLACEMENT_STARTED__INIT;
    Dw__ChangeMade made = DW__CHANGE_MADE__INIT;
    const struct id id = {{'p'}};
    struct pure *pure = pure_create(&reporting_service, &model.base);
    started.terms = made.terms = &terms;
    started.placement_id = made.placement_id = id_to_data(&id);
    terms.person_id = terms.provider_id = terms.service_id = id_to_data(&id);
    terms.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    terms.price_pence_per_year = 100;
    fold_placement(pure, &started.base);
    terms.price_pence_per_year = 250;
    fold_placement(pure, &made.base);
    const Dw__DashboardShown *shown =
        pure_query(pure, &ask.base, DW__ROLE__ROLE_COMMISSIONER, NOW_MS, TODAY, NULL);
    assert_int_equal(shown->all->placements, 1);
    assert_int_equal(shown->all->planned_year_pence, 250);
    pure_destroy(&pure);
}

/* Proves: a measure of the strategy is what the dashboard counts, beside the year in which it was 100; rounded, and without an index
 * when nobody knows what it was. */
static void a_measure_stands_beside_its_baseline(void **state)
{
    (void)state;
    Dw__CommissioningModel model = DW__COMMISSIONING_MODEL__INIT;
    Dw__Measure all = DW__MEASURE__INIT, own = DW__MEASURE__INIT, paid = DW__MEASURE__INIT;
    Dw__Measure *measures[] = {&all, &own, &paid};
    all.name = (char *)(uintptr_t) "people";
    all.kind = DW__MEASURE_KIND__MEASURE_KIND_PEOPLE;
    all.baseline = 8;
    all.baseline_year = 2020;
    all.target = 9;
    own.kind = DW__MEASURE_KIND__MEASURE_KIND_PEOPLE_INTERNAL;
    own.baseline = 8;
    paid.kind = DW__MEASURE_KIND__MEASURE_KIND_PEOPLE_DIRECT_PAYMENT;
    model.measures = measures;
    model.n_measures = 3;
    const Dw__Dashboard ask = DW__DASHBOARD__INIT;
    struct pure *pure = pure_create(&reporting_service, &model.base);
    for (uint8_t number = 1; number <= 4; number++) {
        const struct id id = {{number}};
        Dw__PlacementTerms terms = DW__PLACEMENT_TERMS__INIT;
        Dw__PlacementStarted started = DW__PLACEMENT_STARTED__INIT;
        started.terms = &terms;
        started.placement_id = id_to_data(&id);
        terms.person_id = terms.provider_id = terms.service_id = id_to_data(&id);
        terms.funding = number == 4 ? DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT
                                    : DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
        fold_placement(pure, &started.base);
    }
    const Dw__DashboardShown *shown =
        pure_query(pure, &ask.base, DW__ROLE__ROLE_COMMISSIONER, NOW_MS, TODAY, NULL);
    assert_int_equal(shown->n_measures, 3);
    assert_string_equal(shown->measures[0]->name, "people");
    assert_int_equal(shown->measures[0]->value, 3);
    assert_int_equal(shown->measures[0]->index, 38);
    assert_int_equal(shown->measures[0]->baseline_year, 2020);
    assert_int_equal(shown->measures[0]->target, 9);
    assert_int_equal(shown->measures[1]->value, 0);
    assert_int_equal(shown->measures[1]->index, 0);
    assert_int_equal(shown->measures[2]->value, 1);
    assert_int_equal(shown->measures[2]->index, 0);
    pure_destroy(&pure);
}

static uint32_t waiting_after(struct pure *pure, const ProtobufCMessage *message)
{
    static const struct principal nobody = {.name = ""};
    const Dw__Dashboard ask = DW__DASHBOARD__INIT;
    const struct foreign_event event = {.service = "referrals",
                                        .seq = 1,
                                        .recorded_ms = NOW_MS,
                                        .principal = &nobody,
                                        .message = message};
    (void)pure_react(pure, &event, NOW_MS, TODAY);
    const Dw__DashboardShown *shown =
        pure_query(pure, &ask.base, DW__ROLE__ROLE_COMMISSIONER, NOW_MS, TODAY, NULL);
    return shown->referrals_waiting;
}

/* Proves: a referral waits while any of its lines does, again when support was ended, and what was recorded before lines had
 * states means all of it. */
static void a_referral_waits_while_a_line_does(void **state)
{
    (void)state;
    const Dw__CommissioningModel model = DW__COMMISSIONING_MODEL__INIT;
    const struct id id = {{'r'}};
    Dw__ReferralStanding waits = DW__REFERRAL_STANDING__INIT;
    Dw__ReferralStanding waits_not = DW__REFERRAL_STANDING__INIT;
    Dw__ReferralSubmitted submitted = DW__REFERRAL_SUBMITTED__INIT;
    Dw__ReferralWithdrawn withdrawn = DW__REFERRAL_WITHDRAWN__INIT;
    Dw__ReferralRefused refused = DW__REFERRAL_REFUSED__INIT;
    Dw__ReferralClosed closed = DW__REFERRAL_CLOSED__INIT;
    Dw__ReferralPlaced placed = DW__REFERRAL_PLACED__INIT;
    Dw__ReferralLineWaits again = DW__REFERRAL_LINE_WAITS__INIT;
    struct pure *pure = pure_create(&reporting_service, &model.base);
    submitted.referral_id = withdrawn.referral_id = refused.referral_id = id_to_data(&id);
    closed.referral_id = placed.referral_id = again.referral_id = id_to_data(&id);
    waits.lines_waiting = 1;
    again.after = withdrawn.after = refused.after = closed.after = &waits;
    assert_int_equal(waiting_after(pure, &submitted.base), 1);
    assert_int_equal(waiting_after(pure, &withdrawn.base), 1);
    assert_int_equal(waiting_after(pure, &refused.base), 1);
    assert_int_equal(waiting_after(pure, &closed.base), 1);
    assert_int_equal(waiting_after(pure, &placed.base), 0);
    assert_int_equal(waiting_after(pure, &again.base), 1);
    refused.after = &waits_not;
    assert_int_equal(waiting_after(pure, &refused.base), 0);
    assert_int_equal(waiting_after(pure, &again.base), 1);
    closed.after = NULL;
    assert_int_equal(waiting_after(pure, &closed.base), 0);
    pure_destroy(&pure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(placements_without_a_price_are_counted_back),
        cmocka_unit_test(a_change_counts_as_it_is_now),
        cmocka_unit_test(a_referral_waits_while_a_line_does),
        cmocka_unit_test(a_measure_stands_beside_its_baseline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
