/* FindCapacity: the request checked, the search made, the answer put into words. */
#include "common/calendar.h"
#include "common/text.h"
#include "services/capacity/checks.h"
#include "services/capacity/closed.h"
#include "services/capacity/elsewhere.h"
#include "services/capacity/search.h"
#include "services/capacity/state.h"

enum {
    WEEKS_MAX = 520,
    DAY_MINUTES = 24 * 60,
    AGE_YEARS_MAX = 127,
    DETOUR_PERCENT_MAX =
        1000, /* of a model; what lies above is a slip of the pen, and squares of metres would not hold it */
    SPEED_METRES = 30 * 1000,
    SPEED_METRES_MAX = 200 * 1000, /* an hour */
    SPEED_METRES_MIN = 1000,       /* below it a minute would be less than a metre */
};

/* --- the request -------------------------------------------------------------------------------------------------- */

static const char *wishes_fault(const Dw__FindCapacity *find)
{
    if (find->n_wanted > WISHES_MAX)
        return "at most 14 sessions a week can be wanted";
    for (size_t at = 0; at < find->n_wanted; at++) {
        const Dw__WantedSession *wanted = find->wanted[at];
        if (wanted->weekday < 1 || wanted->weekday > 7)
            return "a weekday is 1 (Monday) to 7 (Sunday)";
        if (wanted->end_minutes > DAY_MINUTES ||
            (wanted->start_minutes >= wanted->end_minutes &&
             (wanted->start_minutes != 0 || wanted->end_minutes != 0)))
            return "a wanted time ends after it starts, on one day";
    }
    return NULL;
}

/* True when everything is within its bounds; else the answer says what is not. */
static bool check_request(const Dw__FindCapacity *find, struct answer *answer)
{
    enum { LATITUDE_MAX_E6 = 90 * 1000000, LONGITUDE_MAX_E6 = 180 * 1000000 };
    const char *wishes = wishes_fault(find);
    const char *range = capacity_range_fault(find->from, NULL);
    const char *uses = capacity_amounts_fault(find->uses, find->n_uses);
    if (wishes != NULL)
        answer_invalid(answer, "wanted", "%s", wishes);
    else if (range != NULL)
        answer_invalid(answer, "from", "%s", range);
    else if (uses != NULL)
        answer_invalid(answer, "uses", "%s", uses);
    else if (find->weeks > WEEKS_MAX)
        answer_invalid(answer, "weeks", "a search covers at most 520 weeks, or 0 for ever");
    else if (find->latitude_e6 < -LATITUDE_MAX_E6 || find->latitude_e6 > LATITUDE_MAX_E6)
        answer_invalid(answer, "latitude_e6", "a latitude is -90 to 90 degrees");
    else if (find->longitude_e6 < -LONGITUDE_MAX_E6 || find->longitude_e6 > LONGITUDE_MAX_E6)
        answer_invalid(answer, "longitude_e6", "a longitude is -180 to 180 degrees");
    else if (find->district >= TRAVEL_DISTRICTS)
        answer_invalid(answer, "district", "a district is 1 to 64, or 0 when it is not said");
    else if (find->level > LEVEL_MAX)
        answer_invalid(answer, "level", "a level is 1 to 16, or 0 for any");
    else if (find->age > AGE_YEARS_MAX)
        answer_invalid(answer, "age", "an age is 0 to 127");
    else if (find->price_limit_pence < 0)
        answer_invalid(answer, "price_limit_pence", "a price limit is not below 0");
    else if (find->travel_minutes_max > TRAVEL_MINUTES_MAX)
        answer_invalid(answer, "travel_minutes_max", "travel is 1 to 600 minutes, or 0");
    else if (find->results_max > RESULTS_MAX)
        answer_invalid(answer, "results_max", "at most 20 services are told");
    else
        return true;
    return false;
}

/* Where a person is, is told to those who may read placements, and to nobody else. */
static bool may_ask_for_person(const Dw__FindCapacity *find, const struct context *ctx,
                               struct answer *answer)
{
    const uint32_t readers = ROLE_BIT(DW__ROLE__ROLE_BROKER) |
                             ROLE_BIT(DW__ROLE__ROLE_SOCIAL_WORKER) |
                             ROLE_BIT(DW__ROLE__ROLE_APPROVER) | ROLE_BIT(DW__ROLE__ROLE_OPERATOR);
    struct id person_id;
    if (!id_from_data(&find->person_id, &person_id) ||
        (readers & ROLE_BIT(ctx->principal->role)) != 0)
        return true;
    answer_invalid(answer, "person_id", "your role may search for anybody, not for one person");
    return false;
}

/* What a model says of travel, where it says it and it can be. */
static uint32_t told_or(uint32_t told, uint32_t max, uint32_t otherwise)
{
    return told > 0 && told <= max ? told : otherwise;
}

static void read_model(const Dw__Rules *rules, uint32_t travel_minutes_max,
                       struct search_request *ret_request)
{
    static const Dw__Travel silent = DW__TRAVEL__INIT;
    const Dw__Travel *travel = rules->travel == NULL ? &silent : rules->travel;
    ret_request->detour_percent = told_or(travel->detour_percent, DETOUR_PERCENT_MAX, 100);
    ret_request->speed_metres_per_hour =
        travel->speed_metres_per_hour < SPEED_METRES_MIN
            ? SPEED_METRES
            : told_or(travel->speed_metres_per_hour, SPEED_METRES_MAX, SPEED_METRES);
    ret_request->travel_minutes_max = travel_minutes_max > 0
                                          ? travel_minutes_max
                                          : told_or(travel->limit_minutes, TRAVEL_MINUTES_MAX, 30);
    if (rules->viable_effect != DW__RULE_EFFECT__RULE_EFFECT_OFF)
        ret_request->viable_minutes = rules->viable_minutes_per_week;
    ret_request->viable_excludes = rules->viable_effect == DW__RULE_EFFECT__RULE_EFFECT_EXCLUDE;
}

/* The matrix's row of the home's district; a cell that cannot be is as none. */
static void read_matrix(const Dw__Rules *rules, uint32_t district, struct search_request *request)
{
    const size_t count = rules->travel == NULL || district == 0 ? 0 : rules->travel->n_matrix;
    for (size_t at = 0; at < count; at++) {
        const Dw__TravelCell *cell = rules->travel->matrix[at];
        if (cell->from != district || cell->to >= TRAVEL_DISTRICTS || cell->minutes == 0 ||
            cell->minutes > TRAVEL_MINUTES_MAX)
            continue;
        request->minutes_to[cell->to] = (uint16_t)cell->minutes;
        request->has_matrix = true;
    }
}

/* The model's ranking; a criterion that is named again would decide nothing. */
static void read_ranking(const Dw__Rules *rules, struct search_request *request)
{
    static const Dw__RankCriterion usual[] = {
        DW__RANK_CRITERION__RANK_CRITERION_OPEN, DW__RANK_CRITERION__RANK_CRITERION_VIABLE_HOURS,
        DW__RANK_CRITERION__RANK_CRITERION_TRAVEL, DW__RANK_CRITERION__RANK_CRITERION_PRICE,
        DW__RANK_CRITERION__RANK_CRITERION_DISTANCE};
    const bool is_said = rules->n_ranking > 0;
    const Dw__RankCriterion *ranking = is_said ? rules->ranking : usual;
    const size_t count = is_said ? rules->n_ranking : sizeof usual / sizeof usual[0];
    uint32_t named = 0;
    request->ranking_count = 0;
    for (size_t at = 0; at < count; at++) {
        const uint32_t bit = UINT32_C(1) << ranking[at];
        if ((named & bit) == 0)
            request->ranking[request->ranking_count++] = ranking[at];
        named |= bit;
    }
}

static void read_request(const struct state *state, const Dw__FindCapacity *find,
                         const struct context *ctx, struct search_request *ret_request)
{
    *ret_request = (struct search_request){
        .wishes_count = find->n_wanted,
        .minutes_per_week = find->minutes_per_week,
        .from = find->from->days,
        .to = find->weeks == 0 ? INT32_MAX : find->from->days + (int32_t)find->weeks * 7 - 1,
        .latitude_e6 = find->latitude_e6,
        .longitude_e6 = find->longitude_e6,
        .level = find->level,
        .age = find->age,
        .needs_contract = capacity_is_bought(find->funding),
        .frameworks = capacity_framework_terms(state, ctx),
        .price_limit_pence = find->price_limit_pence,
        .results_max = find->results_max == 0 ? RESULTS_MAX : find->results_max,
        .this_week = calendar_week(ctx->today),
    };
    for (size_t at = 0; at < find->n_wanted; at++)
        ret_request->wishes[at] = (struct wish){
            .weekday = (uint8_t)find->wanted[at]->weekday,
            .part = (uint8_t)find->wanted[at]->part,
            .start_minutes = (uint16_t)find->wanted[at]->start_minutes,
            .end_minutes = (uint16_t)find->wanted[at]->end_minutes,
        };
    for (size_t at = 0; at < find->n_needs; at++)
        ret_request->needs |= UINT32_C(1) << find->needs[at];
    for (size_t at = 0; at < find->n_access; at++)
        ret_request->access |= UINT32_C(1) << find->access[at];
    for (size_t at = 0; at < find->n_modes; at++)
        ret_request->modes |= UINT32_C(1) << find->modes[at];
    for (size_t at = 0; at < find->n_kinds; at++)
        ret_request->kinds |= UINT32_C(1) << find->kinds[at];
    for (size_t at = 0; at < find->n_activities; at++)
        ret_request->activities |= UINT32_C(1) << find->activities[at];
    capacity_uses(find->uses, find->n_uses, ret_request->uses);
    read_model(capacity_rules(ctx), find->travel_minutes_max, ret_request);
    read_matrix(capacity_rules(ctx), find->district, ret_request);
    read_ranking(capacity_rules(ctx), ret_request);
}

/* The sittings of the person's holds and bookings within the range. */
static void read_busy(const struct state *state, const Dw__FindCapacity *find,
                      struct answer *answer, struct search_request *request)
{
    struct id person_id;
    if (!id_from_data(&find->person_id, &person_id))
        return;
    struct busy *busy = answer_alloc(
        answer, (size_t)lists_count(state->by_person, &person_id) * PATTERN_MAX * sizeof *busy + 1);
    for (const struct id *id = lists_first(state->by_person, &person_id); id != NULL;
         id = lists_next(state->by_person, id)) {
        const Dw__Booking *booking = capacity_booking(state, id);
        const int32_t last = capacity_date_or_never(booking->to);
        const int32_t from = booking->from->days;
        for (size_t at = 0; at < booking->n_session_ids; at++) {
            uint32_t slot;
            if (!capacity_booking_slot(state, booking, at, &slot))
                continue;
            const struct session_terms *terms = capacity_timetable_terms(state->timetable, slot);
            const struct weeks both =
                capacity_sittings(terms, from > request->from ? from : request->from,
                                  last < request->to ? last : request->to);
            if (both.first <= both.last)
                busy[request->busy_count++] =
                    (struct busy){{slot, terms->every_weeks, terms->runs.first},
                                  both,
                                  (uint8_t)(terms->monday_offset + 1),
                                  terms->start_minutes,
                                  terms->end_minutes};
        }
    }
    request->busy = busy;
}

/* --- the services found ------------------------------------------------------------------------------------------- */

/* What the parts of one answer are made with. */
struct telling {
    const struct state *state;
    const struct search_request *request;
    const struct search_result *result;
    struct answer *answer;
};

static void *alloc_list(const struct telling *telling, size_t count, size_t size)
{
    return answer_alloc(telling->answer, count * size + 1);
}

/* The first sitting of the range that is closed, and how many are. */
static void tell_closed(const struct telling *telling, uint32_t slot, struct weeks weeks,
                        Dw__FreeSession *session)
{
    const struct closed *closed = capacity_timetable_closed(telling->state->timetable);
    const struct session_terms *terms = capacity_timetable_terms(telling->state->timetable, slot);
    int32_t week = weeks.first;
    if (!capacity_closed_first(closed, slot, weeks, &week))
        return;
    Dw__Date *date = alloc_list(telling, 1, sizeof *date);
    *date = (Dw__Date)DW__DATE__INIT;
    date->days = calendar_monday(week) + terms->monday_offset;
    const struct closed_share share =
        capacity_closed_share(closed, slot, terms->every_weeks, weeks);
    session->closed = date;
    session->sittings = share.sittings;
    session->sittings_closed = share.closed;
}

static Dw__FreeSession *tell_session(const struct telling *telling, uint32_t slot)
{
    struct timetable *timetable = telling->state->timetable;
    const struct session_terms *terms = capacity_timetable_terms(timetable, slot);
    const int32_t this_week = telling->request->this_week;
    const struct weeks weeks =
        capacity_sittings(terms, telling->request->from, telling->request->to);
    const struct weeks first = {weeks.first, weeks.first};
    Dw__FreeSession *session = alloc_list(telling, 1, sizeof *session);
    *session = (Dw__FreeSession)DW__FREE_SESSION__INIT;
    session->session_id = id_to_data(&terms->session_id);
    session->weekday = (uint32_t)terms->monday_offset + 1;
    session->start_minutes = terms->start_minutes;
    session->end_minutes = terms->end_minutes;
    session->every_weeks = terms->every_weeks > 1 ? terms->every_weeks : 1;
    const int32_t least = capacity_timetable_free(timetable, slot, LIMIT_PLACES, weeks, this_week);
    session->free = least > 0 ? (uint32_t)least : 0;
    if (capacity_timetable_free(timetable, slot, LIMIT_PLACES, first, this_week) > least) {
        Dw__Date *drops = alloc_list(telling, 1, sizeof *drops);
        *drops = (Dw__Date)DW__DATE__INIT;
        drops->days = calendar_monday(capacity_timetable_when(timetable, slot, LIMIT_PLACES, weeks,
                                                              this_week, least)) +
                      terms->monday_offset;
        session->drops = drops;
    }
    tell_closed(telling, slot, weeks, session);
    return session;
}

/* NULL: the price stays. */
static Dw__PriceChange *tell_price_change(const struct telling *telling,
                                          const struct later_price *later)
{
    if (later->from == INT32_MAX)
        return NULL;
    Dw__PriceChange *change = alloc_list(telling, 1, sizeof *change);
    *change = (Dw__PriceChange)DW__PRICE_CHANGE__INIT;
    change->from = alloc_list(telling, 1, sizeof *change->from);
    *change->from = (Dw__Date)DW__DATE__INIT;
    change->from->days = later->from;
    change->weekly_price_pence = later->pence;
    return change;
}

static Dw__FoundService *tell_found(const struct telling *telling, const struct found *above,
                                    const struct found *found, const struct sessions *sessions)
{
    const struct entry *entry = capacity_catalogue_entry(telling->state->catalogue, found->place);
    const Dw__Service *record = entry->record;
    Dw__FoundService *service = alloc_list(telling, 1, sizeof *service);
    *service = (Dw__FoundService)DW__FOUND_SERVICE__INIT;
    service->service_id = record->service_id;
    service->provider_id = record->provider_id;
    service->reference = record->reference;
    service->name = record->name;
    service->travel_minutes = capacity_fit_travel_minutes(telling->request, found->metres_squared);
    service->travel_source = capacity_fit_travel_source(telling->request, entry);
    service->weekly_price_pence = found->price_pence;
    service->price_change = tell_price_change(telling, &sessions->later);
    service->minutes_per_week = sessions->minutes;
    service->under_viable_hours = found->is_under_viable;
    service->mostly_closed = found->is_mostly_closed;
    service->reason = capacity_near_reason(telling->request, above, found);
    const Dw__Confirmation *confirmation =
        capacity_confirmation(telling->state, &entry->service_id);
    service->confirmed = confirmation == NULL ? NULL : confirmation->date;
    service->sessions = alloc_list(telling, sessions->count, sizeof service->sessions[0]);
    for (size_t at = 0; at < sessions->count; at++)
        service->sessions[service->n_sessions++] = tell_session(telling, sessions->slots[at]);
    return service;
}

static void tell_all_found(const struct telling *telling, Dw__CapacityFound *ret_found)
{
    const struct search_result *result = telling->result;
    const struct found *above = NULL;
    for (size_t at = 0; at < result->found_count; at++)
        for (size_t session = 0; session < result->sessions[at].count; session++)
            capacity_timetable_prefetch_places(telling->state->timetable,
                                               result->sessions[at].slots[session]);
    ret_found->services = alloc_list(telling, result->found_count, sizeof ret_found->services[0]);
    for (size_t at = 0; at < result->found_count; at++) {
        const uint8_t place = result->order[at];
        ret_found->services[ret_found->n_services++] =
            tell_found(telling, above, &result->found[place], &result->sessions[place]);
        above = &result->found[place];
    }
}

static void tell_excluded(const struct telling *telling, Dw__CapacityFound *ret_found)
{
    ret_found->excluded = alloc_list(telling, SEARCH_RULES, sizeof ret_found->excluded[0]);
    for (size_t at = 0; at < SEARCH_RULES - 1; at++) {
        const uint8_t rule = capacity_search_rules[at];
        if (telling->result->excluded[rule] == 0)
            continue;
        Dw__Excluded *excluded = alloc_list(telling, 1, sizeof *excluded);
        *excluded = (Dw__Excluded)DW__EXCLUDED__INIT;
        excluded->rule = (Dw__SearchRule)rule;
        excluded->services = telling->result->excluded[rule];
        ret_found->excluded[ret_found->n_excluded++] = excluded;
    }
}

/* --- near misses -------------------------------------------------------------------------------------------------- */

static void tell_near_misses(const struct telling *telling, Dw__CapacityFound *ret_found)
{
    const struct search_result *result = telling->result;
    ret_found->near_misses =
        alloc_list(telling, result->near_misses_count, sizeof ret_found->near_misses[0]);
    for (size_t at = 0; at < result->near_misses_count; at++) {
        const struct near_miss *miss = &result->near_misses[at];
        const struct entry *entry =
            capacity_catalogue_entry(telling->state->catalogue, miss->place);
        const Dw__Service *record = entry->record;
        Dw__NearMiss *told = alloc_list(telling, 1, sizeof *told);
        *told = (Dw__NearMiss)DW__NEAR_MISS__INIT;
        told->service_id = record->service_id;
        told->name = record->name;
        told->rule = (Dw__SearchRule)miss->rule;
        told->sentence = alloc_list(telling, 1, MISS_SENTENCE_SIZE);
        capacity_miss_sentence(telling->state->timetable, telling->request, entry, miss,
                               told->sentence);
        told->travel_minutes = capacity_fit_travel_minutes(telling->request, miss->metres_squared);
        told->travel_source = capacity_fit_travel_source(telling->request, entry);
        ret_found->near_misses[ret_found->n_near_misses++] = told;
    }
}

/* --- splits ------------------------------------------------------------------------------------------------------- */

static Dw__SplitPart *tell_split_part(const struct telling *telling, const struct split_part *part)
{
    const struct entry *entry = capacity_catalogue_entry(telling->state->catalogue, part->place);
    Dw__SplitPart *told = alloc_list(telling, 1, sizeof *told);
    *told = (Dw__SplitPart)DW__SPLIT_PART__INIT;
    told->service_id = entry->record->service_id;
    told->provider_id = entry->record->provider_id;
    told->reference = entry->record->reference;
    told->name = entry->record->name;
    told->travel_minutes = capacity_fit_travel_minutes(telling->request, part->metres_squared);
    told->travel_source = capacity_fit_travel_source(telling->request, entry);
    told->weekly_price_pence = part->price_pence;
    told->price_change = tell_price_change(telling, &part->later);
    told->sessions = alloc_list(telling, part->pattern.count, sizeof told->sessions[0]);
    for (size_t at = 0; at < part->pattern.count; at++)
        told->sessions[told->n_sessions++] = tell_session(telling, part->pattern.offers[at]->slot);
    return told;
}

static ProtobufCBinaryData *tell_ids(const struct telling *telling, const Dw__SplitPart *part)
{
    ProtobufCBinaryData *ids = alloc_list(telling, part->n_sessions, sizeof ids[0]);
    for (size_t at = 0; at < part->n_sessions; at++)
        ids[at] = part->sessions[at]->session_id;
    return ids;
}

static void tell_splits(const struct telling *telling, Dw__CapacityFound *ret_found)
{
    const struct search_result *result = telling->result;
    ret_found->splits = alloc_list(telling, result->splits_count, sizeof ret_found->splits[0]);
    for (size_t at = 0; at < result->splits_count; at++) {
        Dw__Split *told = alloc_list(telling, 1, sizeof *told);
        *told = (Dw__Split)DW__SPLIT__INIT;
        told->first = tell_split_part(telling, &result->splits[at].first);
        told->second = tell_split_part(telling, &result->splits[at].second);
        told->first_service_id = told->first->service_id;
        told->first_session_ids = tell_ids(telling, told->first);
        told->n_first_session_ids = told->first->n_sessions;
        told->second_service_id = told->second->service_id;
        told->second_session_ids = tell_ids(telling, told->second);
        told->n_second_session_ids = told->second->n_sessions;
        told->weekly_price_pence =
            told->first->weekly_price_pence + told->second->weekly_price_pence;
        ret_found->splits[ret_found->n_splits++] = told;
    }
}

void capacity_query_find_capacity(const struct state *state, const ProtobufCMessage *message,
                                  const struct context *ctx, struct vault *vault,
                                  struct answer *answer)
{
    (void)vault;
    const Dw__FindCapacity *find = (const Dw__FindCapacity *)message;
    if (!check_request(find, answer) || !may_ask_for_person(find, ctx, answer))
        return;
    struct search_request request;
    read_request(state, find, ctx, &request);
    read_busy(state, find, answer, &request);
    struct search_result result;
    capacity_search(state->catalogue, state->timetable, &request, &result);
    struct telling telling = {
        .state = state, .request = &request, .result = &result, .answer = answer};
    Dw__CapacityFound found = DW__CAPACITY_FOUND__INIT;
    found.services_fitting = result.fitting;
    found.services_total = result.total;
    found.n_ranking = request.ranking_count;
    found.ranking = request.ranking;
    tell_all_found(&telling, &found);
    tell_excluded(&telling, &found);
    tell_near_misses(&telling, &found);
    tell_splits(&telling, &found);
    answer_give(answer, &found.base);
}
