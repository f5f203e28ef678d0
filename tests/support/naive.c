/* The plain search. See naive.h. */
#include "tests/support/naive.h"

#include <stdlib.h>
#include <string.h>

#include "common/calendar.h"
#include "tests/support/places.h"

struct naive naive_create(size_t services, size_t contracts)
{
    return (struct naive){
        .services = calloc(services, sizeof(struct naive_service)),
        .services_count = services,
        .contracts = calloc(contracts, sizeof(struct naive_contract)),
        .contracts_count = contracts,
        .verdicts = calloc(services, sizeof(struct naive_verdict)),
    };
}

static void free_session(struct naive_session *session)
{
    free(session->holds);
    free(session->had);
}

void naive_destroy(struct naive *naive)
{
    for (size_t service = 0; service < naive->services_count; service++)
        for (size_t at = 0; at < NAIVE_SESSIONS_MAX; at++)
            free_session(&naive->services[service].sessions[at]);
    free(naive->services);
    free(naive->contracts);
    free(naive->verdicts);
    *naive = (struct naive){0};
}

void naive_hold(struct naive_session *session, const struct naive_hold *hold)
{
    session->holds = realloc(session->holds, (session->holds_count + 1) * sizeof session->holds[0]);
    if (session->holds == NULL)
        abort();
    session->holds[session->holds_count++] = *hold;
}

void naive_release(struct naive_session *session, size_t at)
{
    session->holds[at] = session->holds[--session->holds_count];
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

static size_t write_bits(unsigned bits, int *ret_values)
{
    size_t count = 0;
    for (int bit = 1; bit < 32; bit++)
        if ((bits >> bit & 1) != 0)
            ret_values[count++] = bit;
    return count;
}

void naive_service_properties(const struct naive_service *service, Dw__Service *ret_message)
{
    static int needs[32], access[32], activities[32];
    ret_message->n_needs = write_bits(service->needs, needs);
    ret_message->needs = (Dw__SupportReason *)needs;
    ret_message->n_access = write_bits(service->access, access);
    ret_message->access = (Dw__AccessFeature *)access;
    ret_message->n_activities = write_bits(service->activities, activities);
    ret_message->activities = (Dw__Activity *)activities;
    if (service->kind != 0)
        ret_message->kind = (Dw__ServiceKind)service->kind;
    if (service->district != 0)
        ret_message->district = (uint32_t)service->district;
    ret_message->level = (uint32_t)service->level;
    ret_message->mode = (Dw__ServiceMode)service->mode;
    ret_message->age_from = (uint32_t)service->age_from;
    ret_message->age_to = (uint32_t)service->age_to;
    ret_message->latitude_e6 = service->latitude;
    ret_message->longitude_e6 = service->longitude;
    ret_message->price_pence = service->price;
    ret_message->price_unit = (Dw__PriceUnit)service->unit;
    ret_message->unbooked = service->is_unbooked;
}

const Dw__FindCapacity *naive_message(const struct naive_search *search)
{
    static Dw__FindCapacity find;
    static Dw__WantedSession wanted[NAIVE_WISHES_MAX];
    static Dw__WantedSession *wanted_list[NAIVE_WISHES_MAX];
    static int needs[32], access[32], modes[32], kinds[32], activities[32];
    static Dw__Date from;
    static Dw__LimitAmount uses[2];
    static Dw__LimitAmount *uses_list[2] = {&uses[0], &uses[1]};
    static struct id person_id;
    find = (Dw__FindCapacity)DW__FIND_CAPACITY__INIT;
    for (size_t at = 0; at < search->wishes_count; at++) {
        wanted[at] = (Dw__WantedSession)DW__WANTED_SESSION__INIT;
        wanted[at].weekday = (uint32_t)search->wishes[at].weekday;
        wanted[at].part = (Dw__PartOfDay)search->wishes[at].part;
        wanted[at].start_minutes = (uint32_t)search->wishes[at].start;
        wanted[at].end_minutes = (uint32_t)search->wishes[at].end;
        wanted_list[at] = &wanted[at];
    }
    from = (Dw__Date)DW__DATE__INIT;
    from.days = search->from;
    uses[0] = uses[1] = (Dw__LimitAmount)DW__LIMIT_AMOUNT__INIT;
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
    find.n_kinds = write_bits(search->kinds, kinds);
    find.kinds = (Dw__ServiceKind *)kinds;
    find.n_activities = write_bits(search->activities, activities);
    find.activities = (Dw__Activity *)activities;
    find.funding = (Dw__FundingRoute)search->funding;
    find.price_limit_pence = search->price_limit;
    find.travel_minutes_max = (uint32_t)search->travel_max;
    find.n_uses = 2;
    find.uses = uses_list;
    find.age = (uint32_t)search->age;
    find.district = (uint32_t)search->district;
    find.results_max = (uint32_t)search->results_max;
    person_id = places_id('n', search->person);
    if (search->person != 0)
        find.person_id = id_to_data(&person_id);
    return &find;
}

/* --- the plain search --------------------------------------------------------------------------------------------- */

int naive_last_day(const struct naive *naive, const struct naive_search *search)
{
    return search->weeks == 0 ? naive->today + NAIVE_WORLD_DAYS
                              : search->from + search->weeks * 7 - 1;
}

/* Whether it is a date of the session, whatever its first and last one are. */
static bool naive_sits(const struct naive_session *session, int date)
{
    int first = session->from;
    while (calendar_weekday(first) != session->weekday)
        first++;
    return (date - first) % (session->every > 1 ? 7 * session->every : 7) == 0;
}

void naive_limits(const struct naive *naive, struct naive_session *session, const int limits[5])
{
    int first = session->from;
    while (!naive_sits(session, first))
        first++;
    if (first < naive->today) {
        session->had = realloc(session->had, (session->had_count + 1) * sizeof session->had[0]);
        if (session->had == NULL)
            abort();
        struct naive_had *had = &session->had[session->had_count++];
        had->until = naive->today;
        memcpy(had->limits, session->limits, sizeof had->limits);
    }
    memcpy(session->limits, limits, sizeof session->limits);
}

static int limit_on(const struct naive_session *session, int kind, int date)
{
    for (size_t at = 0; at < session->had_count; at++)
        if (date < session->had[at].until)
            return session->had[at].limits[kind];
    return session->limits[kind];
}

/* The session's first sitting in the range; the others are weeks apart. */
static int first_sitting(const struct naive_search *search, const struct naive_session *session)
{
    int date = search->from;
    while (!naive_sits(session, date))
        date++;
    return date;
}

static int step_of(const struct naive_session *session)
{
    return session->every > 1 ? 7 * session->every : 7;
}

/* Whether two can be on one date. */
static bool meet(const struct naive_session *one, const struct naive_session *other)
{
    bool do_meet = false;
    for (int date = one->from; date < one->from + 7 * 144 && !do_meet; date++)
        do_meet = naive_sits(one, date) && naive_sits(other, date);
    return do_meet;
}

int naive_free(const struct naive *naive, const struct naive_search *search,
               const struct naive_session *session, int kind, int *ret_first, int *ret_when)
{
    int least = INT32_MAX;
    const int last = naive_last_day(naive, search);
    for (int date = first_sitting(search, session); date <= last; date += step_of(session)) {
        int left = limit_on(session, kind, date);
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

static bool is_closed_on(const struct naive_session *session, int date)
{
    for (size_t at = 0; at < session->closures_count; at++)
        if (session->closures[at].from <= date && date <= session->closures[at].to)
            return true;
    return false;
}

int naive_closed(const struct naive *naive, const struct naive_search *search,
                 const struct naive_session *session)
{
    for (int date = first_sitting(search, session); date <= naive_last_day(naive, search);
         date += step_of(session))
        if (is_closed_on(session, date))
            return date;
    return NAIVE_FAR;
}

bool naive_mostly_closed(const struct naive *naive, const struct naive_search *search,
                         const struct naive_choice *choice)
{
    int balance = 0;
    for (size_t at = 0; at < choice->count; at++) {
        const struct naive_session *session = choice->sessions[at];
        const int first = first_sitting(search, session);
        for (int date = first; date <= naive_last_day(naive, search) && date < first + 52 * 7;
             date += step_of(session))
            balance += is_closed_on(session, date) ? 1 : -1;
    }
    return balance > 0;
}

static bool opens_some_time(const struct naive *naive, const struct naive_search *search,
                            const struct naive_session *session)
{
    for (int date = first_sitting(search, session); date <= naive_last_day(naive, search);
         date += step_of(session))
        if (!is_closed_on(session, date))
            return true;
    return false;
}

static bool runs_all_the_time(const struct naive *naive, const struct naive_search *search,
                              const struct naive_session *session)
{
    if (search->weeks == 0 && session->to != NAIVE_FAR)
        return false;
    const int last = naive_last_day(naive, search);
    if (first_sitting(search, session) > last)
        return false;
    for (int date = first_sitting(search, session); date <= last; date += step_of(session))
        if (date < session->from || date > session->to)
            return false;
    return true;
}

static bool is_free(const struct naive *naive, const struct naive_search *search,
                    const struct naive_session *session)
{
    int ignored;
    for (int kind = 0; kind < 5; kind++)
        if (search->uses[kind] > 0 &&
            naive_free(naive, search, session, kind, &ignored, &ignored) < search->uses[kind])
            return false;
    return true;
}

void naive_note_busy(struct naive *naive, const struct naive_search *search)
{
    naive->busy_count = 0;
    for (size_t service = 0; search->person != 0 && service < naive->services_count; service++)
        for (size_t at = 0; at < naive->services[service].sessions_count; at++) {
            const struct naive_session *session = &naive->services[service].sessions[at];
            for (size_t one = 0; one < session->holds_count; one++)
                if (session->holds[one].person == search->person &&
                    naive->busy_count < NAIVE_BUSY_MAX)
                    naive->busy[naive->busy_count++] =
                        (struct naive_busy){session, &session->holds[one]};
        }
}

/* True when the person is to be there on that date. */
static bool is_there(const struct naive_busy *busy, int date)
{
    return busy->hold->from <= date && date <= busy->hold->to && naive_sits(busy->session, date) &&
           !is_closed_on(busy->session, date);
}

static bool is_busy(const struct naive *naive, const struct naive_search *search,
                    const struct naive_session *session)
{
    for (size_t at = 0; at < naive->busy_count; at++) {
        const struct naive_busy *busy = &naive->busy[at];
        if (busy->session->weekday != session->weekday || busy->session->end <= session->start ||
            session->end <= busy->session->start)
            continue;
        for (int date = first_sitting(search, session); date <= naive_last_day(naive, search);
             date += step_of(session))
            if (!is_closed_on(session, date) && is_there(busy, date))
                return true;
    }
    return false;
}

static bool is_in_part(const struct naive_session *session, int part)
{
    if (part == 2)
        return session->start < 720;
    if (part == 3)
        return session->start < 1020 && session->end > 780;
    return part == 1 || session->end > 1080;
}

static bool suits(const struct naive_session *session, const struct naive_wish *wish)
{
    if (session->weekday != wish->weekday || !is_in_part(session, wish->part))
        return false;
    return wish->end == 0 || (session->start <= wish->start && wish->end <= session->end);
}

static bool clash(const struct naive_choice *choice, const struct naive_session *session)
{
    for (size_t at = 0; choice != NULL && at < choice->count; at++)
        if (choice->sessions[at]->weekday == session->weekday &&
            meet(choice->sessions[at], session) &&
            !(choice->sessions[at]->end <= session->start ||
              session->end <= choice->sessions[at]->start))
            return true;
    return false;
}

static int weekly_minutes(const struct naive_session *session)
{
    return (session->end - session->start) / (session->every > 1 ? session->every : 1);
}

static long long rank_of(const struct naive_session *session, bool longest)
{
    return session->weekday * 100000000LL + session->start * 10000LL + session->number % 16 -
           (longest ? weekly_minutes(session) * 10000000000LL : 0);
}

/* What is asked of a service's sessions. */
struct asking {
    const struct naive *naive;
    const struct naive_search *search;
    const struct naive_service *service;
    unsigned wishes, musts;
    const struct naive_choice *besides;
};

static bool may_have(const struct asking *asking, const struct naive_wish *wish,
                     const struct naive_choice *choice, const struct naive_session *session)
{
    return (wish == NULL || suits(session, wish)) && !clash(choice, session) &&
           !clash(asking->besides, session) &&
           runs_all_the_time(asking->naive, asking->search, session) &&
           ((asking->musts & NAIVE_PERSON) == 0 ||
            !is_busy(asking->naive, asking->search, session)) &&
           ((asking->musts & NAIVE_OPEN) == 0 ||
            opens_some_time(asking->naive, asking->search, session)) &&
           ((asking->musts & NAIVE_PLACES) == 0 || is_free(asking->naive, asking->search, session));
}

/* The best of the sessions that may be added behind one (NULL: of all): by weekday, start, id; longest: by length before that. wish
 * NULL = any wish. */
static const struct naive_session *pick(const struct asking *asking, const struct naive_wish *wish,
                                        const struct naive_choice *choice,
                                        const struct naive_session *after, bool longest)
{
    const struct naive_session *best = NULL;
    for (size_t at = 0; at < asking->service->sessions_count; at++) {
        const struct naive_session *session = &asking->service->sessions[at];
        if ((after == NULL || rank_of(session, longest) > rank_of(after, longest)) &&
            (best == NULL || rank_of(session, longest) < rank_of(best, longest)) &&
            may_have(asking, wish, choice, session))
            best = session;
    }
    return best;
}

static void add(struct naive_choice *choice, const struct naive_session *session)
{
    choice->sessions[choice->count++] = session;
    choice->minutes += weekly_minutes(session);
    choice->whole_minutes += session->end - session->start;
}

static void drop_last(struct naive_choice *choice)
{
    const struct naive_session *session = choice->sessions[--choice->count];
    choice->minutes -= weekly_minutes(session);
    choice->whole_minutes -= session->end - session->start;
}

static bool is_wanted(const struct asking *asking, const struct naive_choice *choice, size_t wish)
{
    bool is_done = (asking->wishes >> wish & 1) == 0;
    for (size_t chosen = 0; chosen < choice->count; chosen++)
        is_done |= suits(choice->sessions[chosen], &asking->search->wishes[wish]);
    return !is_done;
}

static bool choose_for_wishes(const struct asking *asking, bool longest,
                              struct naive_choice *choice)
{
    *choice = (struct naive_choice){0};
    for (size_t at = 0; at < asking->search->wishes_count; at++) {
        if (!is_wanted(asking, choice, at))
            continue;
        const struct naive_session *session =
            pick(asking, &asking->search->wishes[at], choice, NULL, longest);
        if (session == NULL)
            return false;
        add(choice, session);
    }
    return true;
}

/* Every choice for the wishes from that one on, in order; the first of those that have most minutes. */
static void try_all(const struct asking *asking, size_t wish, struct naive_choice *choice,
                    struct naive_choice *best, bool *found)
{
    while (wish < asking->search->wishes_count && !is_wanted(asking, choice, wish))
        wish++;
    if (wish == asking->search->wishes_count) {
        if (!*found || choice->minutes > best->minutes)
            *best = *choice;
        *found = true;
        return;
    }
    const struct naive_session *session = NULL;
    while ((session = pick(asking, &asking->search->wishes[wish], choice, session, false)) !=
           NULL) {
        add(choice, session);
        try_all(asking, wish + 1, choice, best, found);
        drop_last(choice);
    }
}

/* Every choice of the day's sessions behind one; the first of those that have most minutes. */
static void try_hours(const struct asking *asking, const struct naive_wish *day,
                      const struct naive_session *after, struct naive_choice *choice,
                      struct naive_choice *best)
{
    if (choice->minutes > best->minutes)
        *best = *choice;
    const struct naive_session *session = after;
    while ((session = pick(asking, day, choice, session, false)) != NULL) {
        add(choice, session);
        try_hours(asking, day, session, choice, best);
        drop_last(choice);
    }
}

/* Of each day what has most minutes: for all that is wanted of it, or, with nothing wanted, until there are enough. */
static bool choose_by_day(const struct asking *asking, int wanted, struct naive_choice *choice)
{
    *choice = (struct naive_choice){0};
    for (int weekday = 1; weekday <= 7; weekday++) {
        struct naive_choice tried = {0}, best = {0};
        const struct naive_wish day = {.weekday = weekday, .part = 1};
        struct asking of_day = *asking;
        bool found = true;
        of_day.wishes = 0;
        for (size_t at = 0; at < asking->search->wishes_count; at++)
            if (asking->search->wishes[at].weekday == weekday)
                of_day.wishes |= asking->wishes & 1U << at;
        if (of_day.wishes != 0) {
            found = false;
            try_all(&of_day, 0, &tried, &best, &found);
        } else if (asking->search->wishes_count == 0 && choice->minutes < wanted) {
            try_hours(asking, &day, NULL, &tried, &best);
        }
        if (!found)
            return false;
        for (size_t at = 0; at < best.count; at++)
            add(choice, best.sessions[at]);
    }
    return asking->search->wishes_count > 0 || choice->minutes >= wanted;
}

/* The earliest sessions that suit, or the longest where those are too short, or else those with most hours of each day. */
bool naive_choose(const struct naive *naive, const struct naive_search *search,
                  const struct naive_service *service, unsigned wishes, unsigned musts,
                  const struct naive_choice *besides, struct naive_choice *choice)
{
    const struct asking asking = {naive, search, service, wishes, musts, besides};
    struct naive_choice other;
    const struct naive_session *last = NULL;
    const int wanted = search->wishes_count == 0 && search->minutes == 0 ? 1 : search->minutes;
    *choice = (struct naive_choice){0};
    while (search->wishes_count == 0 && choice->minutes < wanted &&
           (last = pick(&asking, NULL, choice, last, false)) != NULL)
        add(choice, last);
    bool found = search->wishes_count == 0 ? choice->minutes >= wanted
                                           : choose_for_wishes(&asking, false, choice);
    if (found && choice->minutes >= wanted)
        return true;
    if (found && choose_for_wishes(&asking, true, &other) && other.minutes > choice->minutes)
        *choice = other;
    if (found && choice->minutes >= wanted)
        return true;
    if (choose_by_day(&asking, wanted, &other) && (!found || other.minutes > choice->minutes)) {
        *choice = other;
        found = true;
    }
    return found;
}

long long naive_price(const struct naive_service *service, const struct naive_choice *choice,
                      int date)
{
    const bool is_agreed = service->rates_unit != 0 && service->rates_from <= date;
    const int unit = is_agreed ? service->rates_unit : service->unit;
    const long long price = is_agreed ? service->rates_price : service->price;
    bool days[8] = {false};
    long long days_count = 0;
    for (size_t at = 0; at < choice->count; at++) {
        days_count += !days[choice->sessions[at]->weekday];
        days[choice->sessions[at]->weekday] = true;
    }
    const long long units[] = {0, (long long)choice->count, 0, days_count, 1};
    if (unit == 2)
        return (price * choice->whole_minutes + 30) / 60;
    return price * units[unit];
}

/* Cosine of 52 to 54 degrees × 1,000,000, between which all homes lie. */
static long long cosine(int latitude)
{
    static const long long table[] = {615661, 601815, 587785, 573576};
    const int degree = latitude / 1000000 - 52;
    return table[degree] + (table[degree + 1] - table[degree]) * (latitude % 1000000) / 1000000;
}

static int travel_minutes(const struct naive *naive, long long square)
{
    long long metres = 0;
    for (long long step = 1000; step >= 1; step /= 10)
        while ((metres + step) * (metres + step) <= square)
            metres += step;
    const long long hundredths = metres * 130 * 60;
    const long long per_hour = naive->speed_metres_per_hour * 100LL;
    return (int)(hundredths / per_hour + (hundredths % per_hour != 0));
}

static bool has_contract(const struct naive *naive, const struct naive_search *search,
                         const struct naive_service *service)
{
    if (search->funding == 4 || search->funding == 5)
        return true;
    for (size_t at = 0; at < naive->contracts_count; at++)
        if (naive->contracts[at].provider == service->provider &&
            naive->contracts[at].level == service->level &&
            naive->contracts[at].from <= search->from && search->from <= naive->contracts[at].to)
            return true;
    return false;
}

static bool is_on_day(const struct naive_service *service, const struct naive_wish *wish)
{
    bool is_any = false;
    for (size_t at = 0; at < service->sessions_count; at++)
        is_any |= service->sessions[at].weekday == wish->weekday &&
                  is_in_part(&service->sessions[at], wish->part);
    return is_any;
}

bool naive_fits_on_other_days(const struct naive *naive, const struct naive_search *search,
                              const struct naive_service *service)
{
    unsigned wishes = 0;
    struct naive_choice choice;
    for (size_t wish = 0; wish < search->wishes_count; wish++)
        wishes |= (unsigned)is_on_day(service, &search->wishes[wish]) << wish;
    return naive_choose(naive, search, service, wishes, NAIVE_PLACES | NAIVE_PERSON | NAIVE_OPEN,
                        NULL, &choice);
}

static void judge_days(const struct naive_search *search, const struct naive_service *service,
                       struct naive_verdict *verdict)
{
    for (size_t wish = 0; wish < search->wishes_count; wish++)
        verdict->fails[6] |= !is_on_day(service, &search->wishes[wish]);
}

static void judge_sessions(const struct naive *naive, const struct naive_search *search,
                           const struct naive_service *service, struct naive_verdict *verdict)
{
    enum { PLACES = NAIVE_PLACES, PERSON = NAIVE_PERSON, OPEN = NAIVE_OPEN, TRIES = 8 };
    static const unsigned musts[TRIES] = {PLACES | PERSON | OPEN,
                                          PERSON | OPEN,
                                          PLACES | OPEN,
                                          PLACES | PERSON,
                                          OPEN,
                                          PERSON,
                                          PLACES,
                                          0};
    size_t tried = 0;
    while (tried < TRIES &&
           (!naive_choose(naive, search, service, ~0U, musts[tried], NULL, &verdict->choice) ||
            verdict->choice.minutes < search->minutes))
        tried++;
    verdict->fails[9] = tried == TRIES;
    if (tried == TRIES)
        return;
    verdict->fails[10] = (musts[tried] & PLACES) == 0;
    verdict->fails[13] = (musts[tried] & PERSON) == 0;
    verdict->fails[14] = (musts[tried] & OPEN) == 0;
    verdict->minutes = verdict->choice.minutes;
    verdict->price = naive_price(service, &verdict->choice, search->from);
    verdict->fails[11] = search->price_limit > 0 && verdict->price > search->price_limit;
    const bool is_under = verdict->minutes < 240;
    verdict->fails[12] = is_under && search->viable_effect == 3;
    verdict->under_viable = is_under && search->viable_effect == 2;
    verdict->mostly_closed = naive_mostly_closed(naive, search, &verdict->choice);
}

/* Kind and activities (17, 18) are asked after the level (2). */
const int naive_rules[] = {1, 2, 17, 18, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static void count_failures(struct naive_verdict *verdict)
{
    verdict->failures = verdict->properties = 0;
    for (int at = NAIVE_RULES - 2; at >= 0; at--)
        if (verdict->fails[naive_rules[at]]) {
            verdict->failures++;
            verdict->properties += at < 8;
            verdict->first = naive_rules[at];
        }
}

void naive_judge(const struct naive *naive, const struct naive_search *search,
                 const struct naive_service *service, struct naive_verdict *verdict)
{
    *verdict = (struct naive_verdict){0};
    verdict->fails[1] = (service->needs & search->needs) != search->needs;
    verdict->fails[2] = search->level != 0 && search->level != service->level;
    verdict->fails[17] = search->kinds != 0 && (search->kinds >> service->kind & 1) == 0;
    verdict->fails[18] = (service->activities & search->activities) != search->activities;
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
    verdict->travel = travel_minutes(naive, verdict->square);
    verdict->source = service->mode <= 2 ? 1 : 3;
    const int minutes = naive->cells[search->district][service->district];
    if (service->mode <= 2 && minutes > 0) {
        const long long metres = minutes * 100LL * naive->speed_metres_per_hour / (130 * 60);
        verdict->square = metres * metres;
        verdict->travel = minutes;
        verdict->source = 2;
    }
    verdict->fails[7] = verdict->travel > (search->travel_max == 0 ? naive->travel_limit_minutes
                                                                   : search->travel_max);
    verdict->fails[8] = !has_contract(naive, search, service);
    verdict->fails[15] = service->is_suspended;
    verdict->fails[16] = service->is_unbooked;
    judge_days(search, service, verdict);
    count_failures(verdict);
    if (verdict->fails[6] || (verdict->failures > 1 &&
                              (verdict->properties > 0 || verdict->fails[7] || verdict->fails[8])))
        return; /* nothing more could change what is told of it */
    judge_sessions(naive, search, service, verdict);
    count_failures(verdict);
}
