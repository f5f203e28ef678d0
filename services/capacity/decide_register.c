/* Commands that make providers, services and sessions known. */
#include <string.h>

#include "common/calendar.h"
#include "services/capacity/checks.h"
#include "services/capacity/elsewhere.h"
#include "services/capacity/state.h"

static bool check_reference_and_name(struct decision *decision, const char *reference,
                                     const char *name)
{
    const size_t reference_len = strlen(reference);
    const size_t name_len = strlen(name);
    if (reference_len == 0 || reference_len > REFERENCE_MAX)
        decision_invalid(decision, "reference", "a reference has 1 to 32 bytes");
    else if (name_len == 0 || name_len > NAME_MAX_BYTES)
        decision_invalid(decision, "name", "a name has 1 to 200 bytes");
    return !decision_is_no(decision);
}

/* Refuses a reference that another one has. */
static bool check_reference_is_free(const struct state *state, enum capacity_kind kind,
                                    const char *reference, struct decision *decision)
{
    struct id other_id;
    if (!capacity_reference_find(state, kind, reference, &other_id))
        return true;
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ALREADY_EXISTS,
                    "The reference %s is taken; choose another one.", reference);
    return false;
}

void capacity_decide_register_provider(const struct state *state, const ProtobufCMessage *command,
                                       const struct context *ctx, struct decision *decision)
{
    (void)ctx;
    Dw__Provider *provider = ((const Dw__RegisterProvider *)command)->provider;
    struct id provider_id;
    if (provider == NULL) {
        decision_invalid(decision, "provider", "it must be said, and it is not");
        return;
    }
    if (!capacity_check_id(decision, "provider.provider_id", &provider->provider_id,
                           &provider_id) ||
        !check_reference_and_name(decision, provider->reference, provider->name))
        return;
    const Dw__Provider *known = capacity_provider(state, &provider_id);
    if (!capacity_check_is_new(known == NULL ? NULL : &known->base, &provider->base, "provider",
                               decision) ||
        !check_reference_is_free(state, KIND_PROVIDER, provider->reference, decision))
        return;
    Dw__ProviderRegistered registered = DW__PROVIDER_REGISTERED__INIT;
    registered.provider = provider;
    decision_emit(decision, &registered.base);
}

static bool check_service(struct decision *decision, const Dw__Service *service)
{
    enum { DISTRICT_MAX = 64, LATITUDE_MAX_E6 = 90 * 1000000, LONGITUDE_MAX_E6 = 180 * 1000000 };
    if (service->level < 1 || service->level > LEVEL_MAX)
        decision_invalid(decision, "service.level", "a level is 1 to 16");
    else if (service->n_needs < 1)
        decision_invalid(decision, "service.needs", "a service meets at least one need");
    else if (!capacity_check_activities(service, decision))
        return false;
    else if (service->district < 1 || service->district > DISTRICT_MAX)
        decision_invalid(decision, "service.district", "a district is 1 to 64");
    else if (service->latitude_e6 < -LATITUDE_MAX_E6 || service->latitude_e6 > LATITUDE_MAX_E6)
        decision_invalid(decision, "service.latitude_e6", "a latitude is -90 to 90 degrees");
    else if (service->longitude_e6 < -LONGITUDE_MAX_E6 || service->longitude_e6 > LONGITUDE_MAX_E6)
        decision_invalid(decision, "service.longitude_e6", "a longitude is -180 to 180 degrees");
    else if (service->price_pence < 0 || service->price_pence > PRICE_MAX_PENCE)
        decision_invalid(decision, "service.price_pence", "a price is 0 to 10000000 pence");
    else if (service->age_from > AGE_MAX || service->age_to > AGE_MAX ||
             (service->age_to != 0 && service->age_to < service->age_from))
        decision_invalid(decision, "service.age_to", "ages go from 0 to 127, the lower one first");
    return !decision_is_no(decision);
}

/* A site has room for so many services that one decision closes them all. known: the service as it is; NULL: it is new. */
static bool check_site(const struct state *state, const Dw__Service *known,
                       const Dw__Service *service, struct decision *decision)
{
    struct id site_id, known_id;
    if (service->site_id.len == 0)
        return true;
    if (!capacity_check_id(decision, "service.site_id", &service->site_id, &site_id))
        return false;
    const bool is_there =
        known != NULL && id_from_data(&known->site_id, &known_id) && id_equal(&known_id, &site_id);
    if (!is_there && lists_count(state->by_site, &site_id) >= SITE_SERVICES_MAX)
        decision_invalid(decision, "service.site_id", "a site has at most 50 services");
    return !decision_is_no(decision);
}

void capacity_decide_register_service(const struct state *state, const ProtobufCMessage *command,
                                      const struct context *ctx, struct decision *decision)
{
    (void)ctx;
    Dw__Service *service = ((const Dw__RegisterService *)command)->service;
    struct id service_id, provider_id;
    if (service == NULL) {
        decision_invalid(decision, "service", "it must be said, and it is not");
        return;
    }
    if (!capacity_check_id(decision, "service.service_id", &service->service_id, &service_id) ||
        !capacity_check_id(decision, "service.provider_id", &service->provider_id, &provider_id) ||
        !check_reference_and_name(decision, service->reference, service->name) ||
        !check_service(decision, service))
        return;
    const Dw__Service *known = capacity_service_record(state, &service_id);
    if (!capacity_check_is_new(known == NULL ? NULL : &known->base, &service->base, "service",
                               decision) ||
        !capacity_check_provider(state, &provider_id, decision) ||
        !check_reference_is_free(state, KIND_SERVICE, service->reference, decision) ||
        !check_site(state, NULL, service, decision))
        return;
    Dw__ServiceRegistered registered = DW__SERVICE_REGISTERED__INIT;
    registered.service = service;
    decision_emit(decision, &registered.base);
}

static bool is_same_provider(const Dw__Service *known, const struct id *provider_id)
{
    const struct id known_id = id_or_zero(&known->provider_id);
    return id_equal(&known_id, provider_id);
}

void capacity_decide_change_service(const struct state *state, const ProtobufCMessage *command,
                                    const struct context *ctx, struct decision *decision)
{
    (void)ctx;
    Dw__Service *service = ((const Dw__ChangeService *)command)->service;
    struct id service_id, provider_id;
    if (service == NULL) {
        decision_invalid(decision, "service", "it must be said, and it is not");
        return;
    }
    if (!capacity_check_id(decision, "service.service_id", &service->service_id, &service_id) ||
        !capacity_check_id(decision, "service.provider_id", &service->provider_id, &provider_id) ||
        !check_reference_and_name(decision, service->reference, service->name) ||
        !check_service(decision, service))
        return;
    const Dw__Service *known = capacity_service_record(state, &service_id);
    if (known == NULL) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SERVICE_UNKNOWN,
                        "There is no service with this id; register it first.");
        return;
    }
    if (decision_same(decision, &known->base, &service->base))
        return; /* it is so already */
    if (!is_same_provider(known, &provider_id)) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PROVIDER_DIFFERS,
                        "A service keeps its provider; register another one under a fresh id.");
        return;
    }
    if (strcmp(known->reference, service->reference) != 0 &&
        !check_reference_is_free(state, KIND_SERVICE, service->reference, decision))
        return;
    if (!check_site(state, known, service, decision))
        return;
    Dw__ServiceChanged changed = DW__SERVICE_CHANGED__INIT;
    changed.service = service;
    decision_emit(decision, &changed.base);
}

/* --- sessions ----------------------------------------------------------------------------------------------------- */

static bool check_session(struct decision *decision, const Dw__Session *session)
{
    enum { DAY_MINUTES = 24 * 60, EVERY_WEEKS_MAX = 12 };
    const char *range_fault = capacity_range_fault(session->from, session->to);
    const char *limits_fault = capacity_amounts_fault(session->limits, session->n_limits);
    bool has_places = false;
    for (size_t at = 0; at < session->n_limits; at++)
        has_places |= session->limits[at]->kind == DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    if (session->weekday < 1 || session->weekday > 7)
        decision_invalid(decision, "session.weekday", "a weekday is 1 (Monday) to 7 (Sunday)");
    else if (session->end_minutes > DAY_MINUTES || session->start_minutes >= session->end_minutes)
        decision_invalid(decision, "session.end_minutes", "it ends after it starts, on one day");
    else if (session->every_weeks > EVERY_WEEKS_MAX)
        decision_invalid(decision, "session.every_weeks", "it sits at least every %d weeks",
                         EVERY_WEEKS_MAX);
    else if (limits_fault != NULL)
        decision_invalid(decision, "session.limits", "%s", limits_fault);
    else if (!has_places)
        decision_invalid(decision, "session.limits", "it must say how many places there are");
    else if (range_fault != NULL)
        decision_invalid(decision, "session.from", "%s", range_fault);
    if (decision_is_no(decision))
        return false;
    const struct weeks runs = capacity_session_runs(session);
    if (runs.last < runs.first)
        decision_invalid(decision, "session.to", "it never sits between its first and last date");
    return !decision_is_no(decision);
}

/* Refuses other weeks than those that somebody was booked for, or limits were changed from. */
static void check_rhythm(const struct state *state, uint32_t slot,
                         const Dw__LimitSchedule *schedule, const Dw__Session *session,
                         struct decision *decision)
{
    const struct session_terms *terms = capacity_timetable_terms(state->timetable, slot);
    const bool stays = (terms->every_weeks <= 1 && session->every_weeks <= 1) ||
                       (terms->every_weeks == session->every_weeks &&
                        capacity_week_sits(terms, capacity_session_runs(session).first));
    size_t count;
    (void)capacity_timetable_takings(state->timetable, slot, &count);
    if (!stays && (count > 0 || (schedule != NULL && schedule->n_changes > 0)))
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ALREADY_EXISTS,
                        "A session keeps the weeks in which it sits once people have been booked "
                        "in it or its limits were changed; end it, and set another one.");
}

/* The sittings from today on: what has been is history. */
static struct weeks weeks_ahead(const struct session_terms *terms, struct weeks runs, int32_t today)
{
    const struct weeks ahead = capacity_weeks_of(terms->monday_offset + 1, today, INT32_MAX);
    return capacity_weeks_both(runs, ahead);
}

/* Refuses new limits that are below what is taken at some sitting from today on. */
static void check_limits(const struct state *state, uint32_t slot, const Dw__Session *session,
                         int32_t today, struct decision *decision)
{
    int16_t limits[LIMIT_KINDS];
    capacity_limits(session->limits, session->n_limits, limits);
    const struct weeks ahead = weeks_ahead(capacity_timetable_terms(state->timetable, slot),
                                           capacity_session_runs(session), today);
    for (size_t limit = 0; limit < LIMIT_KINDS; limit++) {
        const int32_t taken = capacity_timetable_taken(state->timetable, slot, limit, ahead);
        if (taken > limits[limit])
            decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_LIMIT_BELOW_USE,
                            "%d %s are taken, so %d is too few; end bookings first or allow %d.",
                            taken, capacity_limit_name(limit), limits[limit], taken);
    }
}

/* Refuses to run in weeks in which more is taken than the limits that it has then. */
static void check_room(const struct state *state, uint32_t slot, struct weeks weeks,
                       int32_t this_week, struct decision *decision)
{
    const struct session_terms *terms = capacity_timetable_terms(state->timetable, slot);
    const struct weeks sits = capacity_weeks_sitting(terms, weeks);
    for (size_t limit = 0; limit < LIMIT_KINDS; limit++) {
        char date[CALENDAR_TEXT_SIZE];
        if (capacity_timetable_free(state->timetable, slot, limit, sits, this_week) >= 0)
            continue;
        const int32_t week =
            capacity_timetable_when(state->timetable, slot, limit, sits, this_week, -1);
        const struct weeks one = {week, week};
        calendar_to_text(calendar_monday(week) + terms->monday_offset, date);
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_LIMIT_BELOW_USE,
                        "On %s, when it would run again, %d %s are taken of %d; end bookings first "
                        "or keep the dates.",
                        date, capacity_timetable_taken(state->timetable, slot, limit, one),
                        capacity_limit_name(limit),
                        capacity_timetable_limit(state->timetable, slot, limit, week));
    }
}

/* The same of all dates, from today on, on which it does not run now. */
static void check_more_dates(const struct state *state, uint32_t slot, const Dw__Session *session,
                             int32_t today, struct decision *decision)
{
    const struct session_terms *terms = capacity_timetable_terms(state->timetable, slot);
    const int32_t this_week = calendar_week(today);
    const struct weeks ahead = weeks_ahead(terms, capacity_session_runs(session), today);
    check_room(state, slot,
               capacity_weeks_both(ahead, (struct weeks){INT32_MIN, terms->runs.first - 1}),
               this_week, decision);
    if (terms->runs.last != TIMETABLE_FOREVER)
        check_room(
            state, slot,
            capacity_weeks_both(ahead, (struct weeks){terms->runs.last + 1, TIMETABLE_FOREVER}),
            this_week, decision);
}

/* Refuses new dates that leave out weeks, from this one on, in which it runs now and somebody has a place. */
static void check_dates(const struct state *state, uint32_t slot, const Dw__Session *session,
                        int32_t this_week, struct decision *decision)
{
    const struct weeks runs = capacity_session_runs(session);
    const struct weeks now =
        capacity_weeks_both(capacity_timetable_terms(state->timetable, slot)->runs,
                            (struct weeks){this_week, TIMETABLE_FOREVER});
    const struct weeks before = capacity_weeks_both(now, (struct weeks){this_week, runs.first - 1});
    for (size_t limit = 0; limit < LIMIT_KINDS; limit++) {
        int32_t taken = capacity_timetable_taken(state->timetable, slot, limit, before);
        if (runs.last != TIMETABLE_FOREVER)
            taken += capacity_timetable_taken(
                state->timetable, slot, limit,
                capacity_weeks_both(now, (struct weeks){runs.last + 1, TIMETABLE_FOREVER}));
        if (taken > 0)
            decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_LIMIT_BELOW_USE,
                            "%s are taken on dates that would be left out; end those bookings "
                            "first or keep the dates.",
                            capacity_limit_name(limit));
    }
}

/* Whether the booking's person is elsewhere in these weeks of a session. */
static bool is_elsewhere(const struct state *state, const struct session_terms *terms,
                         const struct taking *taking, struct weeks weeks)
{
    const Dw__Booking *booking = capacity_booking(state, &taking->hold_id);
    struct elsewhere question = {.terms = terms,
                                 .weeks = capacity_weeks_both(taking->weeks, weeks),
                                 .except_hold_id = taking->hold_id};
    struct id other_id;
    if (booking == NULL || question.weeks.last < question.weeks.first)
        return false;
    (void)id_from_data(&booking->person_id, &question.person_id);
    return capacity_find_elsewhere(state, &question, &other_id, NULL);
}

/* Refuses to let sittings take place again at which somebody who still has a place there is elsewhere by now. A hold that is to replace
 * that place stands in the way, too, until it is confirmed or lapses. */
static void check_elsewhere(const struct state *state, uint32_t slot, const Dw__Session *session,
                            int32_t this_week, struct decision *decision)
{
    const struct session_terms *terms = capacity_timetable_terms(state->timetable, slot);
    struct session_terms wider = *terms;
    wider.runs = capacity_session_runs(session);
    const struct weeks ahead =
        capacity_weeks_both(wider.runs, (struct weeks){this_week, TIMETABLE_FOREVER});
    const struct weeks earlier =
        capacity_weeks_both(ahead, (struct weeks){INT32_MIN, terms->runs.first - 1});
    struct weeks later = {TIMETABLE_FOREVER, this_week};
    if (terms->runs.last != TIMETABLE_FOREVER)
        later = capacity_weeks_both(ahead, (struct weeks){terms->runs.last + 1, TIMETABLE_FOREVER});
    size_t count;
    const struct taking *takings = capacity_timetable_takings(state->timetable, slot, &count);
    for (size_t at = 0; at < count; at++)
        if (is_elsewhere(state, &wider, &takings[at], earlier) ||
            is_elsewhere(state, &wider, &takings[at], later)) {
            decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PERSON_ELSEWHERE,
                            "Somebody who still has a place on dates that would run again is "
                            "elsewhere then; end one of their two bookings first.");
            return;
        }
}

/* True when it is said to have the limits that it has today, in whatever order they are named. */
static bool keeps_limits(const struct state *state, const Dw__Session *known,
                         const Dw__Session *session, int32_t today)
{
    const Dw__Session now = capacity_session_on(state, known, today);
    int16_t limits[LIMIT_KINDS], said_limits[LIMIT_KINDS];
    capacity_limits(now.limits, now.n_limits, limits);
    capacity_limits(session->limits, session->n_limits, said_limits);
    return memcmp(limits, said_limits, sizeof limits) == 0;
}

/* True when all else of it is as it is said to be. */
static bool stands_so(const Dw__Session *known, const Dw__Session *session,
                      struct decision *decision)
{
    Dw__Session said = *session;
    said.n_limits = known->n_limits;
    said.limits = known->limits;
    return decision_same(decision, &known->base, &said.base);
}

/* True when there is something to record. */
static bool check_change(const struct state *state, const Dw__Session *known,
                         const Dw__Session *session, const struct id *session_id,
                         const struct context *ctx, struct decision *decision)
{
    const bool stays = keeps_limits(state, known, session, ctx->today);
    if (stays && stands_so(known, session, decision))
        return false; /* whatever is to change later */
    struct id known_service_id = {0}, service_id = {0};
    (void)id_from_data(&known->service_id, &known_service_id);
    (void)id_from_data(&session->service_id, &service_id);
    if (!id_equal(&known_service_id, &service_id) || known->weekday != session->weekday ||
        known->start_minutes != session->start_minutes ||
        known->end_minutes != session->end_minutes) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ALREADY_EXISTS,
                        "A session keeps its service, weekday and times; a session at another time "
                        "is another session with an id of its own.");
        return false;
    }
    uint32_t slot = 0;
    if (!capacity_timetable_find(state->timetable, session_id, &slot))
        return true;
    const int32_t this_week = calendar_week(ctx->today);
    check_rhythm(state, slot, capacity_limit_schedule(state, session_id), session, decision);
    if (decision_is_no(decision))
        return false;
    if (stays)
        check_more_dates(state, slot, session, ctx->today, decision);
    else
        check_limits(state, slot, session, ctx->today, decision);
    check_dates(state, slot, session, this_week, decision);
    check_elsewhere(state, slot, session, this_week, decision);
    return !decision_is_no(decision);
}

/* True when a sitting of it has been: what limits it had then is history. */
static bool has_run(const Dw__Session *session, int32_t today)
{
    const int32_t monday = calendar_monday(capacity_session_runs(session).first);
    return monday + (int32_t)session->weekday - 1 < today;
}

void capacity_decide_set_session(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision)
{
    Dw__Session *session = ((const Dw__SetSession *)command)->session;
    struct id session_id, service_id;
    if (session == NULL) {
        decision_invalid(decision, "session", "it must be said, and it is not");
        return;
    }
    if (!capacity_check_id(decision, "session.session_id", &session->session_id, &session_id) ||
        !capacity_check_id(decision, "session.service_id", &session->service_id, &service_id) ||
        !check_session(decision, session))
        return;
    const Dw__Service *service = capacity_service_record(state, &service_id);
    if (service == NULL) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SERVICE_UNKNOWN,
                        "There is no service with this id; register it first.");
        return;
    }
    const Dw__Session *known = capacity_session(state, &session_id);
    const struct offer *offers;
    if (known != NULL && !check_change(state, known, session, &session_id, ctx, decision))
        return;
    if (known == NULL &&
        capacity_catalogue_offers(state->catalogue, &service_id, &offers) >= OFFERS_MAX) {
        decision_invalid(decision, "session.service_id", "a service has at most 1024 sessions");
        return;
    }
    Dw__Date today = DW__DATE__INIT;
    Dw__SessionSet set = DW__SESSION_SET__INIT;
    today.days = ctx->today;
    set.session = session;
    set.limits_stay = known != NULL && keeps_limits(state, known, session, ctx->today);
    set.limits_from =
        known != NULL && !set.limits_stay && has_run(known, ctx->today) ? &today : NULL;
    set.provider_id = service->provider_id;
    set.level = service->level;
    set.district = service->district;
    decision_emit(decision, &set.base);
}
