/* FindCapacity: reads the wish, searches, and tells what was found. The rules stand in search.c. */
#include "services/capacity/query.h"

#include <stdio.h>
#include <string.h>

#include "model.pb-c.h"
#include "services/capacity/decide.h"
#include "services/capacity/search.h"

enum {
    DETOUR_PERCENT = 130,          /* where the model says nothing about travel */
    SPEED_METRES_PER_HOUR = 30000, /* the same */
    TRAVEL_MINUTES = 30,           /* the same */
    TRAVEL_MINUTES_MAX = 1440,
    WEEKS_MAX = 520, /* ten years: longer is open-ended */
    MINUTES_OF_DAY = 1440,
    MINUTES_OF_WEEK = 7 * MINUTES_OF_DAY,
    CHANGE_SIZE = 160, /* the sentence of a near miss */
};

static const char *const weekday_names[] = {"",         "Monday", "Tuesday",  "Wednesday",
                                            "Thursday", "Friday", "Saturday", "Sunday"};

/* --- reading the wish --------------------------------------------------------------------------------------------- */

static const char *read_wants(const Dw__FindCapacity *request, struct search_wish *wish)
{
    if ((request->n_wants == 0) == (request->weekdays == 0) || request->n_wants > WANTS_MAX ||
        request->weekdays >= 1u << WEEKDAYS)
        return "wants";
    for (uint8_t day = 1; day <= WEEKDAYS; day++)
        if ((request->weekdays >> (day - 1) & 1) != 0)
            wish->wants[wish->wants_count++] = (struct want){0, MINUTES_OF_DAY, day};
    for (size_t at = 0; at < request->n_wants; at++) {
        const Dw__Want *want = request->wants[at];
        if (want->weekday < 1 || want->weekday > WEEKDAYS || want->end_minute > MINUTES_OF_DAY ||
            want->start_minute >= want->end_minute)
            return "wants";
        for (size_t before = 0; before < at; before++)
            if (wish->wants[before].weekday == want->weekday &&
                wish->wants[before].start_minute < want->end_minute &&
                want->start_minute < wish->wants[before].end_minute)
                return "wants";
        wish->wants[wish->wants_count++] = (struct want){
            (uint16_t)want->start_minute, (uint16_t)want->end_minute, (uint8_t)want->weekday};
    }
    return NULL;
}

static const char *read_lists(const Dw__FindCapacity *request, struct search_wish *wish)
{
    for (size_t at = 0; at < request->n_access; at++) {
        if (request->access[at] < 1 || (int)request->access[at] > ACCESS_MAX)
            return "access";
        wish->access |= UINT32_C(1) << request->access[at];
    }
    for (size_t at = 0; at < request->n_modes; at++) {
        if (request->modes[at] < 1 || (int)request->modes[at] > MODE_MAX)
            return "modes";
        wish->modes |= UINT32_C(1) << request->modes[at];
    }
    if (capacity_amounts_wrong(request->uses, request->n_uses))
        return "uses";
    wish->uses = capacity_amounts(request->uses, request->n_uses);
    uint16_t *places = &wish->uses.of[DW__LIMIT_KIND__LIMIT_KIND_PLACES - 1];
    *places = *places == 0 ? 1 : *places;
    return NULL;
}

static const char *read_travel(const Dw__FindCapacity *request, const Dw__Rules *rules,
                               struct search_wish *wish)
{
    const Dw__Travel *model = rules == NULL ? NULL : rules->travel;
    const bool told =
        model != NULL && model->detour_percent > 0 && model->speed_metres_per_hour > 0;
    wish->travel_minutes = request->travel_minutes;
    if (wish->travel_minutes == 0)
        wish->travel_minutes =
            model != NULL && model->limit_minutes > 0 ? model->limit_minutes : TRAVEL_MINUTES;
    if (wish->travel_minutes > TRAVEL_MINUTES_MAX)
        return "travel_minutes";
    if (request->latitude_e6 == 0 && request->longitude_e6 == 0)
        return NULL;
    if (!capacity_coordinates_valid(request->latitude_e6, request->longitude_e6))
        return "latitude_e6";
    wish->travel = travel_from(request->latitude_e6, request->longitude_e6,
                               told ? model->detour_percent : DETOUR_PERCENT,
                               told ? model->speed_metres_per_hour : SPEED_METRES_PER_HOUR);
    return NULL;
}

/* The name of the field that is wrong, or NULL. */
static const char *read_wish(const Dw__FindCapacity *request, const Dw__Rules *rules,
                             struct search_wish *wish)
{
    if (!capacity_date_valid(request->from))
        return "from";
    if (request->weeks > WEEKS_MAX)
        return "weeks";
    if (request->level > LEVEL_MAX)
        return "level";
    if ((int)request->need < 0 || (int)request->need > NEED_MAX)
        return "need";
    if (request->limit > HITS_MAX)
        return "limit";
    if (request->minutes_per_week > MINUTES_OF_WEEK)
        return "minutes_per_week";
    wish->from = request->from->days;
    wish->to = request->weeks == 0 ? DATE_OPEN : wish->from + (int32_t)request->weeks * 7 - 1;
    wish->level = request->level;
    wish->need = (uint32_t)request->need;
    wish->limit = request->limit == 0 ? HITS_MAX : request->limit;
    wish->price_max_pence = request->price_limit_pence;
    wish->contract = capacity_funding_needs_contract(request->funding);
    wish->minutes = request->minutes_per_week;
    if (rules != NULL && rules->viable_effect == DW__RULE_EFFECT__RULE_EFFECT_EXCLUDE &&
        rules->viable_minutes_per_week > wish->minutes)
        wish->minutes = rules->viable_minutes_per_week;
    const char *field = read_wants(request, wish);
    if (field == NULL)
        field = read_lists(request, wish);
    return field != NULL ? field : read_travel(request, rules, wish);
}

/* --- telling ------------------------------------------------------------------------------------------------------ */

/* What every part of the answer is made from. */
struct telling {
    const struct state *state;
    const struct search_wish *wish;
    const struct search_result *result;
    const Dw__Rules *rules;
    struct answer *answer;
};

static const Dw__Service *service_of(const struct telling *telling, const struct search_hit *hit)
{
    return capacity_service_record(telling->state,
                                   &telling->state->directory->offers[hit->number].service_id);
}

/* A session and its date behind it: one piece of memory. */
struct told_session {
    Dw__SessionFree session;
    Dw__Date lowest_on;
};

static void tell_session(const struct telling *telling, const struct slot *slot,
                         struct told_session *told)
{
    struct timetable *timetable = telling->state->timetable;
    const size_t places = DW__LIMIT_KIND__LIMIT_KIND_PLACES - 1;
    int32_t date;
    const uint32_t taken = timetable_peak_date(timetable, slot->row, places, telling->wish->from,
                                               telling->wish->to, &date);
    const uint32_t limit = timetable_limits(timetable, slot->row)->of[places];
    told->lowest_on = (Dw__Date)DW__DATE__INIT;
    told->lowest_on.days = date;
    told->session = (Dw__SessionFree)DW__SESSION_FREE__INIT;
    told->session.session_id = id_to_data(&slot->session_id);
    told->session.weekday = slot->weekday;
    told->session.start_minute = slot->start_minute;
    told->session.end_minute = slot->end_minute;
    told->session.free = limit > taken ? limit - taken : 0;
    told->session.lowest_on = &told->lowest_on;
}

static Dw__Match *tell_match(const struct telling *telling, const struct search_hit *hit)
{
    const struct offer *offer = &telling->state->directory->offers[hit->number];
    const Dw__Service *service = service_of(telling, hit);
    Dw__Match *match = answer_alloc(telling->answer, sizeof *match);
    *match = (Dw__Match)DW__MATCH__INIT;
    match->service_id = service->service_id;
    match->provider_id = service->provider_id;
    match->reference = service->reference;
    match->name = service->name;
    match->minutes_per_week = hit->fit.minutes;
    match->weekly_price_pence = hit->fit.price_pence;
    match->travel_minutes = hit->travel_minutes;
    match->n_sessions = hit->fit.picks_count;
    match->sessions = answer_alloc(telling->answer, PICKS_MAX * sizeof match->sessions[0]);
    struct told_session *sessions = answer_alloc(telling->answer, PICKS_MAX * sizeof sessions[0]);
    for (size_t at = 0; at < match->n_sessions; at++) {
        tell_session(telling, &offer->slots[hit->fit.picks[at]], &sessions[at]);
        match->sessions[at] = &sessions[at].session;
    }
    return match;
}

static void tell_reasons(const struct telling *telling, Dw__Match *match, uint32_t nearest,
                         uint32_t cheapest)
{
    const Dw__Rules *rules = telling->rules;
    match->reasons = answer_alloc(telling->answer, 3 * sizeof match->reasons[0]);
    if (match->travel_minutes == nearest)
        match->reasons[match->n_reasons++] = DW__RANK_REASON__RANK_REASON_NEAREST;
    if (match->weekly_price_pence == cheapest)
        match->reasons[match->n_reasons++] = DW__RANK_REASON__RANK_REASON_CHEAPEST;
    if (rules != NULL && rules->viable_effect == DW__RULE_EFFECT__RULE_EFFECT_WARN &&
        match->minutes_per_week < rules->viable_minutes_per_week)
        match->reasons[match->n_reasons++] = DW__RANK_REASON__RANK_REASON_UNDER_VIABLE_HOURS;
}

static void tell_matches(const struct telling *telling, Dw__CapacityFound *found)
{
    const struct search_result *result = telling->result;
    found->matched = result->matched;
    found->matches = answer_alloc(telling->answer, HITS_MAX * sizeof found->matches[0]);
    uint32_t cheapest = UINT32_MAX;
    for (size_t at = 0; at < result->hits_count; at++) {
        found->matches[at] = tell_match(telling, &result->hits[at]);
        if (result->hits[at].fit.price_pence < cheapest)
            cheapest = result->hits[at].fit.price_pence;
    }
    found->n_matches = result->hits_count;
    for (size_t at = 0; at < found->n_matches; at++)
        tell_reasons(telling, found->matches[at], result->hits[0].travel_minutes, cheapest);
}

static void tell_counts(const struct telling *telling, Dw__CapacityFound *found)
{
    Dw__ExclusionCount *counts = answer_alloc(telling->answer, RULES * sizeof counts[0]);
    found->excluded = answer_alloc(telling->answer, RULES * sizeof found->excluded[0]);
    for (int rule = DW__EXCLUSION_RULE__EXCLUSION_RULE_LEVEL; rule < RULES; rule++) {
        Dw__ExclusionCount *count = &counts[rule];
        *count = (Dw__ExclusionCount)DW__EXCLUSION_COUNT__INIT;
        count->rule = (Dw__ExclusionRule)rule;
        count->services = telling->result->excluded[rule];
        found->excluded[found->n_excluded++] = count;
    }
    found->services = (uint32_t)telling->state->directory->count;
}

static char *write_change(const struct telling *telling, const struct search_hit *miss,
                          const Dw__Service *service)
{
    char *text = answer_alloc(telling->answer, CHANGE_SIZE);
    const char *day = weekday_names[telling->wish->wants[miss->fit.trouble].weekday];
    switch (miss->rule) {
    case DW__EXCLUSION_RULE__EXCLUSION_RULE_LEVEL:
        snprintf(text, CHANGE_SIZE, "Ask for level %u.", service->level);
        break;
    case DW__EXCLUSION_RULE__EXCLUSION_RULE_NEED:
        snprintf(text, CHANGE_SIZE, "It would have to meet that need.");
        break;
    case DW__EXCLUSION_RULE__EXCLUSION_RULE_ACCESS:
        snprintf(text, CHANGE_SIZE, "It would have to offer all the access features asked for.");
        break;
    case DW__EXCLUSION_RULE__EXCLUSION_RULE_MODE:
        snprintf(text, CHANGE_SIZE, "Allow its mode, too.");
        break;
    case DW__EXCLUSION_RULE__EXCLUSION_RULE_CONTRACT:
        snprintf(text, CHANGE_SIZE,
                 "Agree a contract for level %u, or fund it by a direct payment.", service->level);
        break;
    case DW__EXCLUSION_RULE__EXCLUSION_RULE_TRAVEL:
        snprintf(text, CHANGE_SIZE, "Allow %u minutes of travel.", miss->travel_minutes);
        break;
    case DW__EXCLUSION_RULE__EXCLUSION_RULE_DAYS:
        snprintf(text, CHANGE_SIZE, "Leave out %s at that time, when it has no session.", day);
        break;
    case DW__EXCLUSION_RULE__EXCLUSION_RULE_HOURS:
        snprintf(text, CHANGE_SIZE, "Accept %u minutes a week.", miss->fit.minutes);
        break;
    case DW__EXCLUSION_RULE__EXCLUSION_RULE_NO_PLACE:
        snprintf(text, CHANGE_SIZE, "A place would have to become free on %s.", day);
        break;
    case DW__EXCLUSION_RULE__EXCLUSION_RULE_PRICE:
        snprintf(text, CHANGE_SIZE, "Allow %u pence a week.", miss->fit.price_pence);
        break;
    case DW__EXCLUSION_RULE__EXCLUSION_RULE_UNSPECIFIED:
    case _DW__EXCLUSION_RULE_IS_INT_SIZE:
        break;
    }
    return text;
}

static void tell_misses(const struct telling *telling, Dw__CapacityFound *found)
{
    Dw__NearMiss *misses = answer_alloc(telling->answer, MISSES_MAX * sizeof misses[0]);
    found->near_misses = answer_alloc(telling->answer, MISSES_MAX * sizeof found->near_misses[0]);
    for (size_t at = 0; at < telling->result->misses_count; at++) {
        const struct search_hit *hit = &telling->result->misses[at];
        const Dw__Service *service = service_of(telling, hit);
        Dw__NearMiss *miss = &misses[at];
        *miss = (Dw__NearMiss)DW__NEAR_MISS__INIT;
        miss->service_id = service->service_id;
        miss->provider_id = service->provider_id;
        miss->reference = service->reference;
        miss->name = service->name;
        miss->rule = hit->rule;
        miss->change = write_change(telling, hit, service);
        miss->weekly_price_pence = hit->fit.price_pence;
        miss->travel_minutes = hit->travel_minutes;
        found->near_misses[found->n_near_misses++] = miss;
    }
}

static void tell_splits(const struct telling *telling, Dw__CapacityFound *found)
{
    Dw__Split *splits = answer_alloc(telling->answer, SPLITS_MAX * sizeof splits[0]);
    found->splits = answer_alloc(telling->answer, SPLITS_MAX * sizeof found->splits[0]);
    for (size_t at = 0; at < telling->result->splits_count; at++) {
        splits[at] = (Dw__Split)DW__SPLIT__INIT;
        splits[at].first = tell_match(telling, &telling->result->splits[at].first);
        splits[at].second = tell_match(telling, &telling->result->splits[at].second);
        found->splits[found->n_splits++] = &splits[at];
    }
}

void capacity_query_find_capacity(const struct state *state, const ProtobufCMessage *message,
                                  const struct context *ctx, struct vault *vault,
                                  struct answer *answer)
{
    (void)vault;
    const Dw__FindCapacity *request = (const Dw__FindCapacity *)message;
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    struct search_wish wish = {0};
    struct search_result result;
    const struct telling telling = {state, &wish, &result, model == NULL ? NULL : model->rules,
                                    answer};
    const char *field = read_wish(request, telling.rules, &wish);
    if (field != NULL) {
        answer_invalid(answer, field, "The field is missing or outside its bounds.");
        return;
    }
    timetable_roll(state->timetable, ctx->today);
    search_find(state->directory, state->timetable, &wish, &result);
    Dw__CapacityFound found = DW__CAPACITY_FOUND__INIT;
    tell_matches(&telling, &found);
    tell_counts(&telling, &found);
    tell_misses(&telling, &found);
    tell_splits(&telling, &found);
    answer_give(answer, &found.base);
}
