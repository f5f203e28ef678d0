/* Tests of services/cli: what a proposal made of a match states. */
#include "services/cli/find.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "common/calendar.h"
#include "common/entities_store.h"

enum { MONDAY = 20724, YEAR_DAYS = 365 };

static const struct id IDS[2] = {{{1}}, {{2}}};

static Dw__FreeSession free_sessions[2];
static Dw__FreeSession *free_list[2] = {&free_sessions[0], &free_sessions[1]};
static Dw__Session sessions[2];
static Dw__SessionFree told[2];
static Dw__SessionFree *told_list[2] = {&told[0], &told[1]};
static Dw__FoundService match;
static Dw__ServiceFound service;
static Dw__Service record;

/* Mondays and Thursdays, at 4500 each. */
static int set_up(void **state)
{
    (void)state;
    dw__found_service__init(&match);
    dw__service_found__init(&service);
    dw__service__init(&record);
    record.price_unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    record.price_pence = 4500;
    service.service = &record;
    for (size_t at = 0; at < 2; at++) {
        dw__free_session__init(&free_sessions[at]);
        dw__session__init(&sessions[at]);
        dw__session_free__init(&told[at]);
        free_sessions[at].session_id = sessions[at].session_id = id_to_data(&IDS[at]);
        free_sessions[at].weekday = sessions[at].weekday = at == 0 ? 1 : 4;
        told[at].session = &sessions[at];
    }
    match.sessions = free_list;
    match.n_sessions = 2;
    match.weekly_price_pence = 9000;
    service.sessions = told_list;
    service.n_sessions = 2;
    return 0;
}

/* Proves: a year costs its planned sittings, of which its first weekday has 53. */
static void a_year_costs_its_sittings(void **state)
{
    (void)state;
    assert_int_equal(calendar_weekday(MONDAY), 1);
    assert_int_equal(find_year_pence(&match, &service, MONDAY, INT32_MAX), (53 + 52) * 4500);
    assert_int_equal(find_year_pence(&match, &service, MONDAY + 1, INT32_MAX), (52 + 52) * 4500);
    service.n_sessions = 0; /* a session that was taken away since */
    assert_int_equal(find_year_pence(&match, &service, MONDAY, INT32_MAX), (53 + 52) * 4500);
    match.n_sessions = 0;
    assert_int_equal(find_year_pence(&match, &service, MONDAY, INT32_MAX), 0);
}

/* Proves: a session costs nothing before it begins and after it ends. */
static void a_session_costs_inside_its_dates(void **state)
{
    (void)state;
    Dw__Date from = DW__DATE__INIT;
    Dw__Date to = DW__DATE__INIT;
    from.days = MONDAY + 28;
    to.days = MONDAY + 55;
    sessions[1].from = &from;
    sessions[1].to = &to;
    assert_int_equal(find_year_pence(&match, &service, MONDAY, INT32_MAX), (53 + 4) * 4500);
    to.days = MONDAY + YEAR_DAYS + 100;
    assert_int_equal(find_year_pence(&match, &service, MONDAY, INT32_MAX), (53 + 48) * 4500);
    from.days = MONDAY + YEAR_DAYS;
    assert_int_equal(find_year_pence(&match, &service, MONDAY, INT32_MAX), 53 * 4500);
}

/* Proves: a search over weeks proposes those weeks and what their sittings cost; one for ever proposes no end. */
static void the_weeks_that_were_searched_are_proposed(void **state)
{
    (void)state;
    const struct find_proposal proposal = {.rank = 1};
    const Dw__PersonFacts facts = DW__PERSON_FACTS__INIT;
    Dw__Date from = DW__DATE__INIT;
    Dw__FindCapacity find = DW__FIND_CAPACITY__INIT;
    struct find_terms terms;
    from.days = MONDAY;
    find.from = &from;
    find_terms_fill(&proposal, &find, &match, &service, &facts, &terms);
    assert_null(terms.terms.to);
    assert_int_equal(terms.terms.n_parts, 1);
    assert_int_equal(terms.terms.parts[0]->kind, DW__PRICE_PART_KIND__PRICE_PART_KIND_DAY_SUPPORT);
    assert_int_equal(terms.terms.parts[0]->unit, DW__PRICE_UNIT__PRICE_UNIT_SESSION);
    assert_int_equal(terms.terms.parts[0]->pence, 4500);
    assert_int_equal(terms.terms.price_pence_per_year, (53 + 52) * 4500);
    find.weeks = 12;
    find_terms_fill(&proposal, &find, &match, &service, &facts, &terms);
    assert_non_null(terms.terms.to);
    assert_int_equal(terms.terms.to->days, MONDAY + 83);
    assert_int_equal(terms.terms.price_pence_per_year, (12 + 12) * 4500);
    find.weeks = 520;
    find_terms_fill(&proposal, &find, &match, &service, &facts, &terms);
    assert_int_equal(terms.terms.to->days, MONDAY + 3639);
    assert_int_equal(terms.terms.price_pence_per_year, (53 + 52) * 4500);
}

static bool reads_proposal(const char *rank, const char *ground, struct find_proposal *ret_proposal)
{
    char *arguments[] = {(char *)(uintptr_t) "find",
                         (char *)(uintptr_t) "--person",
                         (char *)(uintptr_t) "01a00000-0000-7000-8000-000000000001",
                         (char *)(uintptr_t) "--propose",
                         (char *)(uintptr_t)rank,
                         (char *)(uintptr_t)(ground == NULL ? NULL : "--ground"),
                         (char *)(uintptr_t)ground,
                         NULL};
    struct cli cli = {.argc = ground == NULL ? 5 : 7, .argv = arguments};
    return find_proposal_read(&cli, ret_proposal);
}

/* Proves: the first match is proposed for being the first unless another ground is said, and any other for the ground that is said. */
static void who_passes_over_the_first_match_says_why(void **state)
{
    (void)state;
    struct find_proposal proposal;
    assert_true(reads_proposal("1", NULL, &proposal));
    assert_int_equal(proposal.ground, DW__AWARD_GROUND__AWARD_GROUND_RANKED_FIRST);
    assert_true(reads_proposal("1", "persons-choice", &proposal));
    assert_int_equal(proposal.ground, DW__AWARD_GROUND__AWARD_GROUND_PERSONS_CHOICE);
    assert_false(reads_proposal("2", NULL, &proposal));
    assert_false(reads_proposal("2", "ranked-first", &proposal));
    assert_false(reads_proposal("2", "whim", &proposal));
    assert_true(reads_proposal("2", "continuity", &proposal));
    assert_int_equal(proposal.ground, DW__AWARD_GROUND__AWARD_GROUND_CONTINUITY);
}

/* Proves: a year costs its hours, its days or its weeks where these are what is paid, and not so many average sittings. */
static void a_year_costs_by_the_unit_of_its_price(void **state)
{
    (void)state;
    enum { FRIDAY = MONDAY + 4 };
    const uint32_t starts[2] = {600, 600}, ends[2] = {900, 720};
    for (size_t at = 0; at < 2; at++) {
        free_sessions[at].weekday = sessions[at].weekday = 5 + (uint32_t)at;
        free_sessions[at].start_minutes = starts[at];
        free_sessions[at].end_minutes = ends[at];
        free_sessions[at].every_weeks = sessions[at].every_weeks = 1 + (uint32_t)at;
    }
    record.price_unit = DW__PRICE_UNIT__PRICE_UNIT_HOUR;
    record.price_pence = 1200;
    assert_int_equal(find_year_pence(&match, &service, FRIDAY + 1, INT32_MAX),
                     52 * 6000 + 27 * 2400);
    assert_int_equal(find_year_pence(&match, &service, FRIDAY + 1, FRIDAY + 364),
                     52 * 6000 + 26 * 2400);
    free_sessions[1].weekday = sessions[1].weekday = 5;
    record.price_unit = DW__PRICE_UNIT__PRICE_UNIT_DAY;
    assert_int_equal(find_year_pence(&match, &service, FRIDAY + 1, INT32_MAX), 52 * 1200);
    record.price_unit = DW__PRICE_UNIT__PRICE_UNIT_WEEK;
    assert_int_equal(find_year_pence(&match, &service, FRIDAY + 1, INT32_MAX), (52 + 26) * 600);
}

/* Proves: a year is stated by the price of its first date, and that it is another one later is said beside it. */
static void a_price_that_changes_is_said(void **state)
{
    (void)state;
    Dw__PriceChange change = DW__PRICE_CHANGE__INIT;
    Dw__RateStanding standing = DW__RATE_STANDING__INIT;
    Dw__Rates agreed = DW__RATES__INIT;
    Dw__Date from = DW__DATE__INIT;
    char text[FIND_CHANGE_SIZE];
    assert_false(find_change_text(&match, text));
    change.from = agreed.from = &from;
    change.weekly_price_pence = 11000;
    agreed.price_unit = DW__PRICE_UNIT__PRICE_UNIT_DAY;
    agreed.price_pence = 5500;
    standing.agreed = &agreed;
    service.rates = &standing;
    match.price_change = &change;
    from.days = MONDAY + 31;
    assert_int_equal(find_year_pence(&match, &service, MONDAY, INT32_MAX), (53 + 52) * 4500);
    assert_true(find_change_text(&match, text));
    assert_string_equal(text, "the price is £110.00 a week from 2026-10-29 on: once the placement "
                              "is accepted, say so with ProposeChange");
    from.days = MONDAY;
    assert_int_equal(find_year_pence(&match, &service, MONDAY, INT32_MAX), (53 + 52) * 5500);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_year_costs_its_sittings),
        TEST(a_session_costs_inside_its_dates),
        TEST(a_year_costs_by_the_unit_of_its_price),
        TEST(a_price_that_changes_is_said),
        TEST(the_weeks_that_were_searched_are_proposed),
        TEST(who_passes_over_the_first_match_says_why),
    };
    return cmocka_run_group_tests_name("find_propose", tests, NULL, NULL);
}
