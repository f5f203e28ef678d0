/* The comparison of an answer with the naive model's. See naive.h. */
#include "tests/support/naive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/places.h"

static int compare_long(long long left, long long right)
{
    return (left > right) - (left < right);
}

/* What is ranked by (RankCriterion), as the search has it: open (5), viable hours (1), ten minutes of travel, price, distance. */
enum { CRITERIA = 5 };
static int ranking[CRITERIA];

static void set_ranking(const struct naive_search *search)
{
    static const int usual[CRITERIA] = {5, 1, 2, 3, 4};
    for (int at = 0; at < CRITERIA; at++)
        ranking[at] = search->ranking[0] == 0 ? usual[at] : search->ranking[at];
}

/* By one criterion; none (0) finds no difference. */
static int compare_by(int criterion, const struct naive_verdict *a, const struct naive_verdict *b)
{
    if (criterion == 1)
        return compare_long(a->under_viable, b->under_viable);
    if (criterion == 2)
        return compare_long(a->travel / 10, b->travel / 10);
    if (criterion == 3)
        return compare_long(a->price, b->price);
    if (criterion == 5)
        return compare_long(a->mostly_closed, b->mostly_closed);
    return criterion == 4 ? compare_long(a->square, b->square) : 0;
}

/* Both compare pointers to verdicts. */
static int compare_rank(const void *left, const void *right)
{
    const struct naive_verdict *a = *(const struct naive_verdict *const *)left;
    const struct naive_verdict *b = *(const struct naive_verdict *const *)right;
    int order = 0;
    for (int at = 0; at < CRITERIA && order == 0; at++)
        order = compare_by(ranking[at], a, b);
    return order != 0 ? order : compare_long(a->place, b->place);
}

/* RankReason: why one stands behind the other. */
static int reason_for(const struct naive_verdict *above, const struct naive_verdict *below)
{
    if (above == NULL)
        return 1;
    for (int at = 0; at < CRITERIA; at++) {
        if (compare_by(ranking[at], above, below) == 0)
            continue;
        if (ranking[at] == 1)
            return 2;
        if (ranking[at] == 3)
            return 4;
        if (ranking[at] == 5)
            return 7;
        return above->travel / 10 == below->travel / 10 ? 5 : 3;
    }
    return 6;
}

static int compare_distance(const void *left, const void *right)
{
    const struct naive_verdict *a = *(const struct naive_verdict *const *)left;
    const struct naive_verdict *b = *(const struct naive_verdict *const *)right;
    const int order = compare_long(a->square, b->square);
    return order != 0 ? order : compare_long(a->place, b->place);
}

/* A list with room for all services. */
static const struct naive_verdict **make_list(const struct naive *naive)
{
    const struct naive_verdict **list = calloc(naive->services_count, sizeof list[0]);
    assert_non_null(list);
    return list;
}

/* Told when the choice costs something else within the range, and what. */
static void check_price_change(struct naive *naive, const struct naive_search *search,
                               const struct naive_service *service,
                               const struct naive_choice *choice, const Dw__PriceChange *change)
{
    const bool changes = service->rates_unit != 0 && service->rates_from > search->from &&
                         service->rates_from <= naive_last_day(naive, search);
    assert_int_equal(change != NULL, changes);
    if (!changes)
        return;
    assert_int_equal(change->from->days, service->rates_from);
    assert_int_equal(change->weekly_price_pence, naive_price(service, choice, service->rates_from));
    naive->seen.price_changes++;
}

static void check_service(struct naive *naive, const struct naive_search *search,
                          const struct naive_verdict *above, const struct naive_verdict *verdict,
                          const Dw__FoundService *found)
{
    assert_int_equal(found->reason, reason_for(above, verdict));
    naive->seen.reasons[found->reason]++;
    const struct id id = places_id('s', (uint32_t)verdict->place);
    assert_memory_equal(found->service_id.data, id.bytes, 16);
    assert_int_equal(found->travel_minutes, verdict->travel);
    assert_int_equal(found->travel_source, verdict->source);
    naive->seen.sources[verdict->source]++;
    assert_int_equal(found->weekly_price_pence, verdict->price);
    check_price_change(naive, search, &naive->services[verdict->place], &verdict->choice,
                       found->price_change);
    assert_int_equal(found->minutes_per_week, verdict->minutes);
    assert_int_equal(found->under_viable_hours, verdict->under_viable);
    assert_int_equal(found->mostly_closed, verdict->mostly_closed);
    assert_int_equal(found->n_sessions, verdict->choice.count);
    for (size_t at = 0; at < found->n_sessions; at++) {
        const struct naive_session *session = verdict->choice.sessions[at];
        const struct id session_id = places_id('t', session->number);
        int first = 0, when = 0;
        const int least = naive_free(naive, search, session, 0, &first, &when);
        assert_memory_equal(found->sessions[at]->session_id.data, session_id.bytes, 16);
        assert_int_equal(found->sessions[at]->free, least);
        assert_int_equal(found->sessions[at]->drops != NULL, first > least);
        if (first > least)
            assert_int_equal(found->sessions[at]->drops->days, when);
        naive->seen.drops += first > least;
        const int closed = naive_closed(naive, search, session);
        assert_int_equal(found->sessions[at]->closed != NULL, closed != NAIVE_FAR);
        if (closed != NAIVE_FAR)
            assert_int_equal(found->sessions[at]->closed->days, closed);
    }
}

static void check_near_miss(struct naive *naive, const Dw__CapacityFound *found, size_t *at,
                            const struct naive_verdict *verdict)
{
    const int rule = verdict->first;
    const struct id id = places_id('s', (uint32_t)verdict->place);
    assert_true(*at < found->n_near_misses);
    const Dw__NearMiss *miss = found->near_misses[*at];
    assert_memory_equal(miss->service_id.data, id.bytes, 16);
    assert_int_equal(miss->rule, rule);
    assert_int_equal(miss->travel_minutes, verdict->travel);
    assert_int_equal(miss->travel_source, verdict->source);
    assert_true(strlen(miss->sentence) > 10);
    naive->seen.near[rule]++;
    ++*at;
}

static void check_near_misses(struct naive *naive, const struct naive_search *search,
                              const Dw__CapacityFound *found)
{
    const struct naive_verdict **near = make_list(naive), **far = make_list(naive);
    const struct naive_verdict **others = make_list(naive);
    size_t near_count = 0, far_count = 0, others_count = 0, at = 0;
    for (size_t place = 0; place < naive->services_count; place++) {
        const struct naive_verdict *verdict = &naive->verdicts[place];
        if (verdict->properties == 1 && !verdict->fails[7])
            others[others_count++] = verdict;
        if (verdict->properties > 0)
            continue;
        if (verdict->fails[7])
            far[far_count++] = verdict;
        else if (verdict->failures == 1)
            near[near_count++] = verdict;
    }
    qsort(near, near_count, sizeof near[0], compare_distance);
    qsort(far, far_count, sizeof far[0], compare_distance);
    qsort(others, others_count, sizeof others[0], compare_distance);
    for (size_t place = 0; place < near_count && at < 5; place++)
        check_near_miss(naive, found, &at, near[place]);
    for (size_t look = 0; look < others_count && look < 256 && at < 5; look++)
        if (others[look]->failures == 1 &&
            (!others[look]->fails[6] ||
             naive_fits_on_other_days(naive, search, &naive->services[others[look]->place])))
            check_near_miss(naive, found, &at, others[look]);
    for (size_t place = 0; place < far_count && place < 16 && at < 5; place++)
        if (far[place]->failures == 1)
            check_near_miss(naive, found, &at, far[place]);
    assert_int_equal(found->n_near_misses, at);
    free(near);
    free(far);
    free(others);
}

enum { ALL = NAIVE_PLACES | NAIVE_PERSON | NAIVE_OPEN };

static unsigned served_alone(const struct naive *naive, const struct naive_search *search,
                             const struct naive_service *service)
{
    unsigned served = 0;
    struct naive_choice choice;
    for (unsigned wish = 0; wish < search->wishes_count; wish++)
        if (naive_choose(naive, search, service, 1U << wish, ALL, NULL, &choice))
            served |= 1U << wish;
    return served;
}

/* Together they are no dearer and no shorter than asked. */
static bool may_split(struct naive *naive, const struct naive_search *search, long long price,
                      int minutes)
{
    const bool is_dear = search->price_limit > 0 && price > search->price_limit;
    const bool is_short = search->viable_effect == 3 && minutes < 240;
    naive->seen.splits_dear += is_dear;
    naive->seen.splits_short += is_short;
    return !is_dear && !is_short && minutes >= search->minutes;
}

/* What the one can serve together, day by day: all it can alone, or all but one that the other can, or nothing that the other can. */
static unsigned together(const struct naive *naive, const struct naive_search *search, int one,
                         unsigned served, unsigned other)
{
    unsigned wishes = 0;
    for (int weekday = 1; weekday <= 7; weekday++) {
        struct naive_choice choice;
        unsigned day = 0, kept;
        for (size_t at = 0; at < search->wishes_count; at++)
            if (search->wishes[at].weekday == weekday)
                day |= served & 1U << at;
        kept = day;
        bool fits =
            day == 0 || naive_choose(naive, search, &naive->services[one], day, ALL, NULL, &choice);
        for (size_t at = 0; at < search->wishes_count && !fits; at++) {
            kept = day & ~(1U << at);
            fits = (day & other & 1U << at) != 0 &&
                   (kept == 0 ||
                    naive_choose(naive, search, &naive->services[one], kept, ALL, NULL, &choice));
        }
        wishes |= fits ? kept : day & ~other;
    }
    return wishes;
}

enum { SPLIT_LOOKS = 64, SPLITS = 3 };

/* Two services and what they serve, which come in both orders. */
struct naive_split {
    int one, two, travel;
    long long price;
    struct naive_choice first, second;
};

static bool is_same_choice(const struct naive_choice *one, const struct naive_choice *other)
{
    size_t same = 0;
    for (size_t at = 0; at < one->count; at++)
        for (size_t beside = 0; beside < other->count; beside++)
            same += one->sessions[at] == other->sessions[beside];
    return same == one->count && same == other->count;
}

static bool is_other_way_round(const struct naive_split *one, const struct naive_split *other)
{
    return one->one == other->two && one->two == other->one &&
           is_same_choice(&one->first, &other->second) &&
           is_same_choice(&one->second, &other->first);
}

static void check_split_part(struct naive *naive, const struct naive_search *search, int place,
                             const struct naive_choice *choice, const Dw__SplitPart *part)
{
    const struct naive_service *service = &naive->services[place];
    const struct id id = places_id('s', service->number);
    assert_memory_equal(part->service_id.data, id.bytes, 16);
    assert_int_equal(part->weekly_price_pence, naive_price(service, choice, search->from));
    check_price_change(naive, search, service, choice, part->price_change);
    assert_int_equal(part->n_sessions, choice->count);
}

static int compare_place(const void *left, const void *right)
{
    const struct naive_verdict *a = *(const struct naive_verdict *const *)left;
    const struct naive_verdict *b = *(const struct naive_verdict *const *)right;
    return compare_long(a->place, b->place);
}

/* The nearest that serve a part of it, by id. */
static size_t collect_parts(struct naive *naive, const struct naive_search *search,
                            const struct naive_verdict **parts)
{
    size_t near = 0, count = 0;
    for (size_t place = 0; place < naive->services_count; place++) {
        const struct naive_verdict *verdict = &naive->verdicts[place];
        if (verdict->properties - verdict->fails[6] == 0 && !verdict->fails[7] &&
            !verdict->fails[8] && !verdict->fails[15] && !verdict->fails[16])
            parts[near++] = verdict;
    }
    qsort(parts, near, sizeof parts[0], compare_distance);
    for (size_t at = 0; at < near && count < SPLIT_LOOKS; at++)
        if (served_alone(naive, search, &naive->services[parts[at]->place]) != 0)
            parts[count++] = parts[at];
    qsort(parts, count, sizeof parts[0], compare_place);
    return count;
}

/* All the first can serve together, or all but one of them, and the second the rest. */
static bool find_split(struct naive *naive, const struct naive_search *search,
                       struct naive_split *split)
{
    const struct naive_service *one = &naive->services[split->one],
                               *two = &naive->services[split->two];
    const unsigned all = (1U << search->wishes_count) - 1;
    const unsigned of_one = served_alone(naive, search, one);
    const unsigned of_two = served_alone(naive, search, two);
    const unsigned most = together(naive, search, split->one, of_one, of_two);
    bool fits = false;
    for (size_t less = 0; less <= search->wishes_count && !fits; less++) {
        const unsigned wish = less == 0 ? 0 : 1U << (less - 1);
        const unsigned of_first = most & ~wish;
        fits =
            (of_one | of_two) == all && of_first != all && of_first != 0 &&
            (less == 0 || (most & of_two & wish) != 0) &&
            naive_choose(naive, search, one, of_first, ALL, NULL, &split->first) &&
            naive_choose(naive, search, two, all & ~of_first, ALL, &split->first, &split->second);
        if (!fits)
            continue;
        split->price = naive_price(one, &split->first, search->from) +
                       naive_price(two, &split->second, search->from);
        fits = may_split(naive, search, split->price, split->first.minutes + split->second.minutes);
    }
    return fits;
}

/* Puts it where it belongs among the best, unless it is there the other way round. */
static void rank_split(const struct naive_split *split, struct naive_split *best, size_t *count)
{
    size_t at = *count;
    for (size_t which = 0; which < *count; which++)
        if (is_other_way_round(&best[which], split))
            return;
    for (; at > 0 && (split->price < best[at - 1].price ||
                      (split->price == best[at - 1].price && split->travel < best[at - 1].travel));
         at--)
        best[at] = best[at - 1];
    best[at] = *split;
    *count = *count < SPLITS ? *count + 1 : SPLITS;
}

static void check_splits(struct naive *naive, const struct naive_search *search,
                         const Dw__CapacityFound *found)
{
    const struct naive_verdict **parts = make_list(naive);
    struct naive_split best[SPLITS + 1];
    size_t told = 0;
    const size_t count = collect_parts(naive, search, parts);
    for (size_t one = 0; one < count; one++)
        for (size_t two = 0; two < count; two++) {
            struct naive_split split = {.one = parts[one]->place,
                                        .two = parts[two]->place,
                                        .travel = parts[one]->travel + parts[two]->travel};
            if (one != two && find_split(naive, search, &split))
                rank_split(&split, best, &told);
        }
    assert_int_equal(found->n_splits, told);
    for (size_t at = 0; at < told; at++) {
        const Dw__Split *split = found->splits[at];
        check_split_part(naive, search, best[at].one, &best[at].first, split->first);
        check_split_part(naive, search, best[at].two, &best[at].second, split->second);
        assert_memory_equal(split->first_service_id.data, split->first->service_id.data, 16);
        assert_memory_equal(split->second_service_id.data, split->second->service_id.data, 16);
        assert_int_equal(split->n_first_session_ids, best[at].first.count);
        assert_int_equal(split->n_second_session_ids, best[at].second.count);
        assert_int_equal(split->weekly_price_pence, best[at].price);
    }
    naive->seen.splits += told;
    free(parts);
}

static void check_excluded(struct naive *naive, const uint32_t excluded[NAIVE_RULES],
                           const Dw__CapacityFound *found)
{
    size_t told = 0;
    for (int at = 0; at < NAIVE_RULES - 1; at++) {
        const int rule = naive_rules[at];
        if (excluded[rule] == 0)
            continue;
        assert_true(told < found->n_excluded);
        assert_int_equal(found->excluded[told]->rule, rule);
        assert_int_equal(found->excluded[told]->services, excluded[rule]);
        naive->seen.excluded[rule] += excluded[rule];
        told++;
    }
    assert_int_equal(found->n_excluded, told);
}

void naive_check(struct naive *naive, const struct naive_search *search,
                 const Dw__CapacityFound *found)
{
    uint32_t excluded[NAIVE_RULES] = {0};
    const struct naive_verdict **ranked = make_list(naive);
    size_t fitting = 0;
    set_ranking(search);
    naive_note_busy(naive, search);
    for (size_t place = 0; place < naive->services_count; place++) {
        struct naive_verdict *verdict = &naive->verdicts[place];
        naive_judge(naive, search, &naive->services[place], verdict);
        verdict->place = (int)place;
        if (verdict->failures == 0)
            ranked[fitting++] = verdict;
        else
            excluded[verdict->first]++;
    }
    assert_int_equal(found->services_total, naive->services_count);
    assert_int_equal(found->services_fitting, fitting);
    check_excluded(naive, excluded, found);
    qsort(ranked, fitting, sizeof ranked[0], compare_rank);
    const size_t max = search->results_max == 0 ? 20 : (size_t)search->results_max;
    assert_int_equal(found->n_services, fitting < max ? fitting : max);
    for (size_t at = 0; at < found->n_services; at++)
        check_service(naive, search, at == 0 ? NULL : ranked[at - 1], ranked[at],
                      found->services[at]);
    naive->seen.found += found->n_services;
    check_near_misses(naive, search, found);
    if (fitting == 0 && search->wishes_count >= 2)
        check_splits(naive, search, found);
    else
        assert_int_equal(found->n_splits, 0);
    free(ranked);
}
