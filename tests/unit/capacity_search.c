/* Tests of FindCapacity: 1,000 random searches over 500 random services give, in full, what a search gives that asks
 * every rule of every service by plain loops over dates and people: the same services in the same order with the same
 * figures, the same counts, the same near misses, the same splits. */
#include "services/capacity/search.h"
#include "services/capacity/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/calendar.h"
#include "tests/support/places.h"

enum {
    SERVICES = 500,
    SESSIONS_EACH_MAX = 8,
    PROVIDERS = 30,
    CONTRACTS = 60,
    HOLDS = 4000,
    HOLDS_EACH_MAX = 24,
    SEARCHES = 1000,
    WORLD_DAYS = 4 * 366, /* nothing changes after */
    FAR = INT32_MAX,
    RULES = 13,
};

struct plain_hold {
    int from, to;
    int uses[5];
};

struct plain_session {
    uint32_t number; /* of its id */
    int weekday, start, end;
    int limits[5];
    int from, to;
    struct plain_hold holds[HOLDS_EACH_MAX];
    size_t holds_count;
};

struct plain_service {
    uint32_t number, provider;
    unsigned needs, access;
    int level, mode, age_from, age_to, unit;
    int latitude, longitude;
    long long price;
    struct plain_session sessions[SESSIONS_EACH_MAX];
    size_t sessions_count;
};

struct plain_contract {
    uint32_t provider;
    int level, from, to;
};

static struct plain_service services[SERVICES];
static struct plain_contract contracts[CONTRACTS];
static struct places places;
static struct places_random randomness;

static uint32_t any(uint32_t below)
{
    return places_random(&randomness, below);
}

/* --- a random council --------------------------------------------------------------------------------------------- */

static void make_service(uint32_t number)
{
    struct plain_service *plain = &services[number];
    *plain = (struct plain_service){.number = number, .provider = any(PROVIDERS)};
    plain->needs = 1U << (1 + any(12)) | 1U << (1 + any(12)) | 1U << 7;
    plain->access = 0;
    for (uint32_t feature = 1; feature <= 11; feature++)
        plain->access |= any(2) << feature;
    plain->level = (int)(1 + any(3));
    plain->mode = (int)(any(3) == 0 ? 1 + any(4) : 1);
    plain->age_from = (int)(any(2) * 18);
    plain->age_to = any(2) == 0 ? 64 : 0;
    plain->unit = (int)(1 + any(4));
    plain->latitude = 53200000 + (int)any(500000) - 250000;
    plain->longitude = -2300000 + (int)any(800000) - 400000;
    plain->price = 1000 * (1 + any(8));
    if (any(10) == 0 && number > 0) { /* a neighbour in everything that ranks */
        plain->latitude = services[number - 1].latitude;
        plain->longitude = services[number - 1].longitude;
        plain->price = services[number - 1].price;
        plain->unit = services[number - 1].unit;
    }
}

static size_t write_bits(unsigned bits, int *ret_values)
{
    size_t count = 0;
    for (int bit = 1; bit < 32; bit++)
        if ((bits >> bit & 1) != 0)
            ret_values[count++] = bit;
    return count;
}

static void send_service(const struct plain_service *plain)
{
    int needs[32], access[32];
    Dw__Service *service = places_service(plain->number, plain->provider);
    service->n_needs = write_bits(plain->needs, needs);
    service->needs = (Dw__SupportReason *)needs;
    service->n_access = write_bits(plain->access, access);
    service->access = (Dw__AccessFeature *)access;
    service->level = (uint32_t)plain->level;
    service->mode = (Dw__ServiceMode)plain->mode;
    service->age_from = (uint32_t)plain->age_from;
    service->age_to = (uint32_t)plain->age_to;
    service->latitude_e6 = plain->latitude;
    service->longitude_e6 = plain->longitude;
    service->price_pence = plain->price;
    service->price_unit = (Dw__PriceUnit)plain->unit;
    assert_int_equal(places_send_service(&places, service).outcome, DECISION_YES);
}

static void make_sessions(struct plain_service *service)
{
    static const int starts[] = {540, 570, 600, 720, 780, 840, 1050, 1140};
    service->sessions_count = any(20) == 0 ? 0 : 2 + any(SESSIONS_EACH_MAX - 1);
    for (uint32_t at = 0; at < service->sessions_count; at++) {
        struct plain_session *session = &service->sessions[at];
        *session =
            (struct plain_session){.number = service->number * 16 + (at * 7 + 3) % 16,
                                   .weekday = (int)(1 + any(6)),
                                   .start = starts[any(8)],
                                   .limits = {(int)(1 + any(3)), 0, (int)any(2)},
                                   .from = places.today - 100 + (int)any(110),
                                   .to = any(5) == 0 ? places.today + 100 + (int)any(400) : FAR};
        session->end = session->start + 60 * (int)(1 + any(5));
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
    struct plain_service *service = &services[any(SERVICES)];
    if (service->sessions_count == 0)
        return;
    struct plain_session *session = &service->sessions[any((uint32_t)service->sessions_count)];
    struct plain_hold hold = {.from = places.today - 50 + (int)any(400), .uses = {1}};
    hold.to = any(2) == 0 ? FAR : hold.from + 20 + (int)any(300);
    hold.uses[2] = any(4) == 0;
    if (session->holds_count == HOLDS_EACH_MAX)
        return;
    if (places_hold(&places, number, service->number, &session->number, 1, hold.from, hold.to,
                    hold.uses, DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED)
            .outcome == DECISION_YES)
        session->holds[session->holds_count++] = hold;
}

static int make_council(void **context)
{
    (void)context;
    randomness.state = UINT64_C(2463534242);
    places = places_open();
    for (uint32_t number = 0; number < PROVIDERS; number++)
        assert_int_equal(places_provider(&places, number).outcome, DECISION_YES);
    for (uint32_t number = 0; number < CONTRACTS; number++) {
        struct plain_contract *contract = &contracts[number];
        *contract = (struct plain_contract){any(PROVIDERS), (int)(1 + any(3)),
                                            places.today - 100 + (int)any(120), FAR};
        if (any(3) == 0)
            contract->to = places.today + 10 + (int)any(100);
        assert_int_equal(places_contract(&places, number, contract->provider,
                                         (uint32_t)contract->level, contract->from, contract->to)
                             .outcome,
                         DECISION_YES);
    }
    for (uint32_t number = 0; number < SERVICES; number++)
        make_service(number);
    for (uint32_t at = 0; at < SERVICES;
         at++) /* 7 and 500 have no common factor: all, out of order */
        send_service(&services[at * 7 % SERVICES]);
    for (uint32_t number = 0; number < SERVICES; number++)
        make_sessions(&services[number]);
    for (uint32_t number = 0; number < HOLDS; number++)
        make_hold(number);
    return 0;
}

static int unmake_council(void **context)
{
    (void)context;
    places_close(&places);
    return 0;
}

/* --- the plain search --------------------------------------------------------------------------------------------- */

struct plain_wish {
    int weekday, part, start, end;
};

struct plain_search {
    struct plain_wish wishes[4];
    size_t wishes_count;
    int minutes, from, weeks, latitude, longitude, level, age, funding, travel_max, results_max;
    unsigned needs, access, modes;
    long long price_limit;
    int uses[5];
    int viable_effect;
};

struct plain_choice {
    const struct plain_session *sessions[SESSIONS_EACH_MAX];
    size_t count;
    int minutes;
};

struct plain_verdict {
    bool fails[RULES];
    int failures, first;
    long long square, price;
    int travel, minutes;
    bool under_viable;
    struct plain_choice choice;
};

static struct plain_verdict verdicts[SERVICES];

static int last_day(const struct plain_search *search)
{
    return search->weeks == 0 ? places.today + WORLD_DAYS : search->from + search->weeks * 7 - 1;
}

/* What is free of a limit on the fullest sitting, by counting people on each date; ret_when is the first such date. */
static int plain_free(const struct plain_search *search, const struct plain_session *session,
                      int kind, int *ret_first, int *ret_when)
{
    int least = INT32_MAX;
    for (int date = search->from; date <= last_day(search); date++) {
        if (calendar_weekday(date) != session->weekday)
            continue;
        int left = session->limits[kind];
        for (size_t at = 0; at < session->holds_count; at++)
            if (session->holds[at].from <= date && date <= session->holds[at].to)
                left -= session->holds[at].uses[kind];
        if (least == INT32_MAX)
            *ret_first = left;
        if (left < least) {
            least = left;
            *ret_when = date;
        }
    }
    return least;
}

static bool runs_all_the_time(const struct plain_search *search,
                              const struct plain_session *session)
{
    if (search->weeks == 0 && session->to != FAR)
        return false;
    for (int date = search->from; date <= last_day(search); date++)
        if (calendar_weekday(date) == session->weekday &&
            (date < session->from || date > session->to))
            return false;
    return true;
}

static bool is_free(const struct plain_search *search, const struct plain_session *session)
{
    int ignored;
    for (int kind = 0; kind < 5; kind++)
        if (search->uses[kind] > 0 &&
            plain_free(search, session, kind, &ignored, &ignored) < search->uses[kind])
            return false;
    return true;
}

static bool is_in_part(const struct plain_session *session, int part)
{
    if (part == 2)
        return session->start < 720;
    if (part == 3)
        return session->start < 1020 && session->end > 780;
    return part == 1 || session->end > 1080;
}

static bool suits(const struct plain_session *session, const struct plain_wish *wish)
{
    if (session->weekday != wish->weekday || !is_in_part(session, wish->part))
        return false;
    return wish->end == 0 || (session->start <= wish->start && wish->end <= session->end);
}

static bool clash(const struct plain_choice *choice, const struct plain_session *session)
{
    for (size_t at = 0; choice != NULL && at < choice->count; at++)
        if (choice->sessions[at]->weekday == session->weekday &&
            !(choice->sessions[at]->end <= session->start ||
              session->end <= choice->sessions[at]->start))
            return true;
    return false;
}

/* The best of the sessions that may be added: by weekday, start, id. wish NULL = any wish. */
static const struct plain_session *
pick(const struct plain_search *search, const struct plain_service *service,
     const struct plain_wish *wish, bool with_places, const struct plain_choice *choice,
     const struct plain_choice *besides, const struct plain_session *after)
{
    const struct plain_session *best = NULL;
    for (size_t at = 0; at < service->sessions_count; at++) {
        const struct plain_session *session = &service->sessions[at];
        const long long rank =
            session->weekday * 100000000LL + session->start * 10000LL + session->number % 16;
        const long long best_rank =
            best == NULL ? INT64_MAX
                         : best->weekday * 100000000LL + best->start * 10000LL + best->number % 16;
        const long long after_rank =
            after == NULL
                ? -1
                : after->weekday * 100000000LL + after->start * 10000LL + after->number % 16;
        if (rank >= best_rank || rank <= after_rank || (wish != NULL && !suits(session, wish)) ||
            clash(choice, session) || clash(besides, session) ||
            !runs_all_the_time(search, session) || (with_places && !is_free(search, session)))
            continue;
        best = session;
    }
    return best;
}

static void add(struct plain_choice *choice, const struct plain_session *session)
{
    choice->sessions[choice->count++] = session;
    choice->minutes += session->end - session->start;
}

static bool choose(const struct plain_search *search, const struct plain_service *service,
                   unsigned wishes, bool with_places, const struct plain_choice *besides,
                   struct plain_choice *choice)
{
    *choice = (struct plain_choice){0};
    const int wanted = search->minutes > 0 ? search->minutes : 1;
    const struct plain_session *last = NULL;
    while (search->wishes_count == 0 && choice->minutes < wanted) {
        last = pick(search, service, NULL, with_places, choice, besides, last);
        if (last == NULL)
            return false;
        add(choice, last);
    }
    for (size_t at = 0; at < search->wishes_count; at++) {
        bool is_done = (wishes >> at & 1) == 0;
        for (size_t chosen = 0; chosen < choice->count; chosen++)
            is_done |= suits(choice->sessions[chosen], &search->wishes[at]);
        if (is_done)
            continue;
        const struct plain_session *session =
            pick(search, service, &search->wishes[at], with_places, choice, besides, NULL);
        if (session == NULL)
            return false;
        add(choice, session);
    }
    return true;
}

static long long price_of(const struct plain_service *service, const struct plain_choice *choice)
{
    bool days[8] = {false};
    long long days_count = 0;
    for (size_t at = 0; at < choice->count; at++) {
        days_count += !days[choice->sessions[at]->weekday];
        days[choice->sessions[at]->weekday] = true;
    }
    const long long units[] = {0, (long long)choice->count, 0, days_count, 1};
    if (service->unit == 2)
        return (service->price * choice->minutes + 30) / 60;
    return service->price * units[service->unit];
}

/* Cosine of 52 to 54 degrees × 1,000,000, between which all homes lie. */
static long long cosine(int latitude)
{
    static const long long table[] = {615661, 601815, 587785, 573576};
    const int degree = latitude / 1000000 - 52;
    return table[degree] + (table[degree + 1] - table[degree]) * (latitude % 1000000) / 1000000;
}

static int travel_minutes(long long square)
{
    long long metres = 0;
    while ((metres + 1000) * (metres + 1000) <= square)
        metres += 1000;
    while ((metres + 1) * (metres + 1) <= square)
        metres++;
    const long long hundredths = metres * 130 * 60;
    return (int)(hundredths / 3000000 + (hundredths % 3000000 != 0));
}

static bool has_contract(const struct plain_search *search, const struct plain_service *service)
{
    if (search->funding == 4 || search->funding == 5)
        return true;
    for (size_t at = 0; at < CONTRACTS; at++)
        if (contracts[at].provider == service->provider && contracts[at].level == service->level &&
            contracts[at].from <= search->from && search->from <= contracts[at].to)
            return true;
    return false;
}

static void judge_sessions(const struct plain_search *search, const struct plain_service *service,
                           struct plain_verdict *verdict)
{
    for (size_t wish = 0; wish < search->wishes_count; wish++) {
        bool is_any = false;
        for (size_t at = 0; at < service->sessions_count; at++)
            is_any |= service->sessions[at].weekday == search->wishes[wish].weekday &&
                      is_in_part(&service->sessions[at], search->wishes[wish].part);
        verdict->fails[6] |= !is_any;
    }
    if (verdict->fails[6])
        return;
    if (!choose(search, service, ~0U, true, NULL, &verdict->choice) ||
        verdict->choice.minutes < search->minutes) {
        const bool runs = choose(search, service, ~0U, false, NULL, &verdict->choice) &&
                          verdict->choice.minutes >= search->minutes;
        verdict->fails[runs ? 10 : 9] = true;
        if (!runs)
            return;
    }
    verdict->minutes = verdict->choice.minutes;
    verdict->price = price_of(service, &verdict->choice);
    verdict->fails[11] = search->price_limit > 0 && verdict->price > search->price_limit;
    const bool is_under = verdict->minutes < 240;
    verdict->fails[12] = is_under && search->viable_effect == 3;
    verdict->under_viable = is_under && search->viable_effect == 2;
}

static void judge(const struct plain_search *search, const struct plain_service *service,
                  struct plain_verdict *verdict)
{
    *verdict = (struct plain_verdict){0};
    verdict->fails[1] = (service->needs & search->needs) != search->needs;
    verdict->fails[2] = search->level != 0 && search->level != service->level;
    verdict->fails[3] = search->modes != 0 && (search->modes >> service->mode & 1) == 0;
    verdict->fails[4] = (service->access & search->access) != search->access;
    verdict->fails[5] =
        search->age != 0 && (search->age < service->age_from ||
                             (service->age_to != 0 && search->age > service->age_to));
    if (service->mode <= 2) {
        const long long x = (long long)(service->longitude - search->longitude) *
                            (111195 * cosine(search->latitude) / 1000000) / 1000000;
        const long long y = (long long)(service->latitude - search->latitude) * 111195 / 1000000;
        verdict->square = x * x + y * y;
    }
    verdict->travel = travel_minutes(verdict->square);
    verdict->fails[7] = verdict->travel > (search->travel_max == 0 ? 30 : search->travel_max);
    verdict->fails[8] = !has_contract(search, service);
    judge_sessions(search, service, verdict);
    for (int rule = RULES - 1; rule >= 1; rule--)
        if (verdict->fails[rule]) {
            verdict->failures++;
            verdict->first = rule;
        }
}

static int compare_long(long long left, long long right)
{
    return (left > right) - (left < right);
}

static int compare_rank(const void *left_place, const void *right_place)
{
    const int left = *(const int *)left_place, right = *(const int *)right_place;
    const struct plain_verdict *a = &verdicts[left], *b = &verdicts[right];
    if (a->under_viable != b->under_viable)
        return a->under_viable ? 1 : -1;
    if (a->travel / 10 != b->travel / 10)
        return compare_long(a->travel / 10, b->travel / 10);
    if (a->price != b->price)
        return compare_long(a->price, b->price);
    return a->square != b->square ? compare_long(a->square, b->square) : compare_long(left, right);
}

static int compare_distance(const void *left_place, const void *right_place)
{
    const int left = *(const int *)left_place, right = *(const int *)right_place;
    const int order = compare_long(verdicts[left].square, verdicts[right].square);
    return order != 0 ? order : compare_long(left, right);
}

/* --- comparing ---------------------------------------------------------------------------------------------------- */

static size_t seen_excluded[RULES], seen_near[RULES], seen_found, seen_splits, seen_drops;

static void check_service(const struct plain_search *search, int place,
                          const Dw__FoundService *found)
{
    const struct plain_verdict *verdict = &verdicts[place];
    const struct id id = places_id('s', (uint32_t)place);
    assert_memory_equal(found->service_id.data, id.bytes, 16);
    assert_int_equal(found->travel_minutes, verdict->travel);
    assert_int_equal(found->weekly_price_pence, verdict->price);
    assert_int_equal(found->minutes_per_week, verdict->minutes);
    assert_int_equal(found->under_viable_hours, verdict->under_viable);
    assert_int_equal(found->n_sessions, verdict->choice.count);
    for (size_t at = 0; at < found->n_sessions; at++) {
        const struct plain_session *session = verdict->choice.sessions[at];
        const struct id session_id = places_id('t', session->number);
        int first = 0, when = 0;
        const int least = plain_free(search, session, 0, &first, &when);
        assert_memory_equal(found->sessions[at]->session_id.data, session_id.bytes, 16);
        assert_int_equal(found->sessions[at]->free, least);
        assert_int_equal(found->sessions[at]->drops != NULL, first > least);
        if (first > least)
            assert_int_equal(found->sessions[at]->drops->days, when);
        seen_drops += first > least;
    }
}

static void check_near_miss(const Dw__CapacityFound *found, size_t *at, int place, int rule)
{
    const struct id id = places_id('s', (uint32_t)place);
    assert_true(*at < found->n_near_misses);
    const Dw__NearMiss *miss = found->near_misses[*at];
    assert_memory_equal(miss->service_id.data, id.bytes, 16);
    assert_int_equal(miss->rule, rule);
    assert_true(strlen(miss->sentence) > 10);
    seen_near[rule]++;
    ++*at;
}

/* Which of the first six rules fail, counted. */
static int property_failures(const struct plain_verdict *verdict)
{
    int failures = 0;
    for (int rule = 1; rule <= 6; rule++)
        failures += verdict->fails[rule];
    return failures;
}

static void check_near_misses(const Dw__CapacityFound *found)
{
    int near[SERVICES], far[SERVICES];
    size_t near_count = 0, far_count = 0, at = 0;
    for (int place = 0; place < SERVICES; place++) {
        if (property_failures(&verdicts[place]) > 0)
            continue;
        if (verdicts[place].fails[7])
            far[far_count++] = place;
        else if (verdicts[place].failures == 1)
            near[near_count++] = place;
    }
    qsort(near, near_count, sizeof near[0], compare_distance);
    qsort(far, far_count, sizeof far[0], compare_distance);
    for (size_t place = 0; place < near_count && at < 5; place++)
        check_near_miss(found, &at, near[place], verdicts[near[place]].first);
    for (size_t place = 0; place < far_count && place < 16 && at < 5; place++)
        if (verdicts[far[place]].failures == 1)
            check_near_miss(found, &at, far[place], 7);
    int looks = 0;
    for (int place = 0; place < SERVICES && at < 5 && looks < 256; place++) {
        if (property_failures(&verdicts[place]) != 1)
            continue;
        looks++;
        if (verdicts[place].failures == 1)
            check_near_miss(found, &at, place, verdicts[place].first);
    }
    assert_int_equal(found->n_near_misses, at);
}

static unsigned served_alone(const struct plain_search *search, const struct plain_service *service)
{
    unsigned served = 0;
    struct plain_choice choice;
    for (unsigned wish = 0; wish < search->wishes_count; wish++)
        if (choose(search, service, 1U << wish, true, NULL, &choice))
            served |= 1U << wish;
    return served;
}

static void check_splits(const struct plain_search *search, const Dw__CapacityFound *found)
{
    int parts[64];
    unsigned served[64];
    size_t count = 0, at = 0;
    const unsigned all = (1U << search->wishes_count) - 1;
    for (int place = 0; place < SERVICES && count < 64; place++) {
        const struct plain_verdict *verdict = &verdicts[place];
        if (property_failures(verdict) - verdict->fails[6] > 0 || verdict->fails[7] ||
            verdict->fails[8])
            continue;
        served[count] = served_alone(search, &services[place]);
        parts[count] = place;
        count += served[count] != 0;
    }
    for (size_t one = 0; one < count; one++)
        for (size_t two = 0; two < count && at < 3; two++) {
            struct plain_choice first, second;
            if (one == two || served[one] == all || (served[one] | served[two]) != all ||
                !choose(search, &services[parts[one]], served[one], true, NULL, &first) ||
                !choose(search, &services[parts[two]], all & ~served[one], true, &first, &second) ||
                first.minutes + second.minutes < search->minutes)
                continue;
            const struct id first_id = places_id('s', (uint32_t)parts[one]);
            const struct id second_id = places_id('s', (uint32_t)parts[two]);
            assert_true(at < found->n_splits);
            assert_memory_equal(found->splits[at]->first_service_id.data, first_id.bytes, 16);
            assert_memory_equal(found->splits[at]->second_service_id.data, second_id.bytes, 16);
            assert_int_equal(found->splits[at]->n_first_session_ids, first.count);
            assert_int_equal(found->splits[at]->n_second_session_ids, second.count);
            at++;
        }
    assert_int_equal(found->n_splits, at);
    seen_splits += at;
}

static void check_answer(const struct plain_search *search, const Dw__CapacityFound *found)
{
    uint32_t excluded[RULES] = {0};
    int ranked[SERVICES];
    size_t fitting = 0;
    for (int place = 0; place < SERVICES; place++) {
        judge(search, &services[place], &verdicts[place]);
        if (verdicts[place].failures == 0)
            ranked[fitting++] = place;
        else
            excluded[verdicts[place].first]++;
    }
    assert_int_equal(found->services_total, SERVICES);
    assert_int_equal(found->services_fitting, fitting);
    size_t told = 0;
    for (int rule = 1; rule < RULES; rule++) {
        if (excluded[rule] == 0)
            continue;
        assert_true(told < found->n_excluded);
        assert_int_equal(found->excluded[told]->rule, rule);
        assert_int_equal(found->excluded[told]->services, excluded[rule]);
        seen_excluded[rule] += excluded[rule];
        told++;
    }
    assert_int_equal(found->n_excluded, told);
    qsort(ranked, fitting, sizeof ranked[0], compare_rank);
    const size_t max = search->results_max == 0 ? 20 : (size_t)search->results_max;
    assert_int_equal(found->n_services, fitting < max ? fitting : max);
    for (size_t at = 0; at < found->n_services; at++)
        check_service(search, ranked[at], found->services[at]);
    seen_found += found->n_services;
    check_near_misses(found);
    if (fitting == 0 && search->wishes_count >= 2)
        check_splits(search, found);
    else
        assert_int_equal(found->n_splits, 0);
}

/* --- random searches ---------------------------------------------------------------------------------------------- */

static void random_search(struct plain_search *search)
{
    *search = (struct plain_search){.wishes_count = any(4),
                                    .from = places.today + (int)any(60),
                                    .weeks = any(2) == 0 ? 0 : (int)(1 + any(150)),
                                    .latitude = 53200000 + (int)any(300000) - 150000,
                                    .longitude = -2300000 + (int)any(500000) - 250000,
                                    .funding = (int)(1 + any(6)),
                                    .uses = {1},
                                    .viable_effect = (int)(1 + any(3))};
    for (size_t at = 0; at < search->wishes_count; at++) {
        struct plain_wish *wish = &search->wishes[at];
        *wish = (struct plain_wish){.weekday = (int)(1 + any(6)), .part = (int)(1 + any(4))};
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
    search->access = any(3) == 0 ? 1U << (1 + any(11)) | 1U << (1 + any(11)) : 0;
    search->age = any(4) != 0 ? (int)(10 + any(80)) : 0;
    search->price_limit = any(3) == 0 ? 2000 + any(15000) : 0;
    search->travel_max = any(2) == 0 ? (int)(10 + any(80)) : 0;
    search->results_max = any(2) == 0 ? (int)(1 + any(20)) : 0;
    search->uses[0] = any(6) == 0 ? 2 : 1;
    search->uses[2] = any(5) == 0;
}

static const Dw__CapacityFound *run_search(const struct plain_search *search)
{
    Dw__FindCapacity find = DW__FIND_CAPACITY__INIT;
    Dw__WantedSession wanted[4];
    Dw__WantedSession *wanted_list[4];
    for (size_t at = 0; at < search->wishes_count; at++) {
        wanted[at] = (Dw__WantedSession)DW__WANTED_SESSION__INIT;
        wanted[at].weekday = (uint32_t)search->wishes[at].weekday;
        wanted[at].part = (Dw__PartOfDay)search->wishes[at].part;
        wanted[at].start_minutes = (uint32_t)search->wishes[at].start;
        wanted[at].end_minutes = (uint32_t)search->wishes[at].end;
        wanted_list[at] = &wanted[at];
    }
    int needs[32], access[32], modes[32];
    Dw__Date from = DW__DATE__INIT;
    from.days = search->from;
    Dw__LimitAmount uses[2] = {DW__LIMIT_AMOUNT__INIT, DW__LIMIT_AMOUNT__INIT};
    Dw__LimitAmount *uses_list[2] = {&uses[0], &uses[1]};
    uses[0].kind = DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    uses[0].amount = (uint32_t)search->uses[0];
    uses[1].kind = DW__LIMIT_KIND__LIMIT_KIND_WHEELCHAIR_SPACES;
    uses[1].amount = (uint32_t)search->uses[2];
    find.n_wanted = search->wishes_count;
    find.wanted = wanted_list;
    find.minutes_per_week = (uint32_t)search->minutes;
    find.from = &from;
    find.weeks = (uint32_t)search->weeks;
    find.latitude_e6 = search->latitude;
    find.longitude_e6 = search->longitude;
    find.n_needs = write_bits(search->needs, needs);
    find.needs = (Dw__SupportReason *)needs;
    find.level = (uint32_t)search->level;
    find.n_access = write_bits(search->access, access);
    find.access = (Dw__AccessFeature *)access;
    find.n_modes = write_bits(search->modes, modes);
    find.modes = (Dw__ServiceMode *)modes;
    find.funding = (Dw__FundingRoute)search->funding;
    find.price_limit_pence = search->price_limit;
    find.travel_minutes_max = (uint32_t)search->travel_max;
    find.n_uses = 2;
    find.uses = uses_list;
    find.age = (uint32_t)search->age;
    find.results_max = (uint32_t)search->results_max;
    return pure_query(places.pure, &find.base, DW__ROLE__ROLE_BROKER, places.now_ms, places.today,
                      NULL);
}

static void random_searches_answer_as_plain_loops_do(void **context)
{
    (void)context;
    Dw__Rules *rules = places_model()->rules;
    for (int number = 0; number < SEARCHES; number++) {
        struct plain_search search;
        random_search(&search);
        rules->viable_effect = (Dw__RuleEffect)search.viable_effect;
        if (number % 100 == 50)
            pure_reload(places.pure);
        const Dw__CapacityFound *found = run_search(&search);
        assert_non_null(found);
        check_answer(&search, found);
    }
    /* The comparison means something only when everything occurs. */
    for (int rule = 1; rule < RULES; rule++) {
        assert_true(seen_excluded[rule] > 50);
        assert_true(seen_near[rule] > 3);
    }
    assert_true(seen_found > 1000);
    assert_true(seen_drops > 100);
    assert_true(seen_splits > 20);
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

static void a_service_is_told_with_its_sessions_and_weeks(void **context)
{
    (void)context;
    const struct id id = places_id('s', 3);
    Dw__GetService get = DW__GET_SERVICE__INIT;
    get.service_id = id_to_data(&id);
    const Dw__ServiceFound *found = pure_query(places.pure, &get.base, DW__ROLE__ROLE_BROKER,
                                               places.now_ms, places.today, NULL);
    assert_non_null(found);
    assert_int_equal(found->n_sessions, services[3].sessions_count);
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
        assert_int_equal(listed->total, SERVICES);
        if (listed->n_services == 0)
            break;
        for (size_t at = 0; at < listed->n_services; at++) {
            const struct id id = places_id('s', count++);
            assert_memory_equal(listed->services[at]->service_id.data, id.bytes, 16);
        }
        memcpy(after, listed->services[listed->n_services - 1]->reference, 8);
    }
    assert_int_equal(count, SERVICES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_searches_answer_as_plain_loops_do),
        cmocka_unit_test(a_search_out_of_bounds_is_invalid),
        cmocka_unit_test(a_service_is_told_with_its_sessions_and_weeks),
        cmocka_unit_test(lists_go_by_reference_page_by_page),
    };
    return cmocka_run_group_tests(tests, make_council, unmake_council);
}
