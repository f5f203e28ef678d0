/* Queries about what is known: one service, lists, occupancy. FindCapacity has its own file. */
#include <string.h>

#include "common/calendar.h"
#include "services/capacity/checks.h"
#include "services/capacity/closed.h"
#include "services/capacity/page.h"
#include "services/capacity/state.h"

enum { OCCUPANCY_WEEKS_MAX = 104, CLOSURES_TOLD_MAX = 100 };

const Dw__Service *capacity_find_service(const struct state *state, const ProtobufCBinaryData *data,
                                         const struct context *ctx, struct answer *answer)
{
    struct id service_id, provider_id = {0};
    if (!id_from_data(data, &service_id)) {
        answer_invalid(answer, "service_id", "an id has 16 bytes, not all zero");
        return NULL;
    }
    const Dw__Service *service = capacity_service_record(state, &service_id);
    if (service != NULL)
        (void)id_from_data(&service->provider_id, &provider_id);
    if (service == NULL || !principal_sees(ctx->principal, &provider_id)) {
        answer_refuse(answer, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SERVICE_UNKNOWN,
                      "There is no such service, or it is another provider's.");
        return NULL;
    }
    return service;
}

/* The offers of a service and how many there are. */
static size_t offers_of(const struct state *state, const Dw__Service *service,
                        const struct offer **ret_offers)
{
    const struct id service_id = id_or_zero(&service->service_id);
    return capacity_catalogue_offers(state->catalogue, &service_id, ret_offers);
}

/* What is left of each limit the session names, over the weeks. */
static size_t tell_free(const struct state *state, uint32_t slot, struct weeks weeks,
                        int32_t this_week, const Dw__Session *session, struct answer *answer,
                        Dw__LimitAmount ***ret_amounts)
{
    const size_t count = session->n_limits;
    Dw__LimitAmount *amounts = answer_alloc(answer, count * sizeof amounts[0] + 1);
    *ret_amounts = answer_alloc(answer, count * sizeof(Dw__LimitAmount *) + 1);
    for (size_t at = 0; at < count; at++) {
        amounts[at] = (Dw__LimitAmount)DW__LIMIT_AMOUNT__INIT;
        amounts[at].kind = session->limits[at]->kind;
        const int32_t left = capacity_timetable_free(
            state->timetable, slot, (size_t)session->limits[at]->kind - 1, weeks, this_week);
        amounts[at].amount = left > 0 && left != TIMETABLE_NONE ? (uint32_t)left : 0;
        (*ret_amounts)[at] = &amounts[at];
    }
    return count;
}

/* The weeks from one week on in which the session runs. */
static struct weeks running_from(const struct session_terms *terms, int32_t week, int32_t last)
{
    return capacity_weeks_sitting(
        terms, (struct weeks){terms->runs.first > week ? terms->runs.first : week,
                              terms->runs.last < last ? terms->runs.last : last});
}

/* Changes of the session's limits that are still to come. */
static void tell_changes(const struct state *state, const struct id *session_id, int32_t today,
                         struct answer *answer, Dw__SessionFree *told)
{
    const Dw__LimitSchedule *schedule = capacity_limit_schedule(state, session_id);
    if (schedule == NULL)
        return;
    told->changes = answer_alloc(answer, schedule->n_changes * sizeof told->changes[0] + 1);
    for (size_t at = 0; at < schedule->n_changes; at++)
        if (schedule->changes[at]->from->days > today)
            told->changes[told->n_changes++] = schedule->changes[at];
}

static Dw__SessionFree *tell_session(const struct state *state, const struct offer *offer,
                                     int32_t today, struct answer *answer)
{
    const int32_t this_week = calendar_week(today);
    const struct session_terms *terms = capacity_timetable_terms(state->timetable, offer->slot);
    Dw__Session *session = answer_alloc(answer, sizeof *session);
    Dw__SessionFree *told = answer_alloc(answer, sizeof *told);
    *session = capacity_session_on(state, capacity_session(state, &terms->session_id), today);
    *told = (Dw__SessionFree)DW__SESSION_FREE__INIT;
    told->session = session;
    told->n_now = tell_free(state, offer->slot, running_from(terms, this_week, this_week),
                            this_week, session, answer, &told->now);
    told->closed =
        capacity_closed_in(capacity_timetable_closed(state->timetable), offer->slot, this_week);
    for (size_t at = 0; told->closed && at < told->n_now; at++)
        told->now[at]->amount = 0;
    told->n_least = tell_free(state, offer->slot, running_from(terms, this_week, TIMETABLE_FOREVER),
                              this_week, session, answer, &told->least);
    tell_changes(state, &terms->session_id, today, answer, told);
    return told;
}

/* Closures that are not over, by first date; the last of more than are told give way. */
static void tell_closures(const struct state *state, const struct id *service_id, int32_t today,
                          struct answer *answer, Dw__ServiceFound *found)
{
    found->closures = answer_alloc(answer, CLOSURES_TOLD_MAX * sizeof found->closures[0]);
    for (const struct id *id = lists_first(state->closures, service_id); id != NULL;
         id = lists_next(state->closures, id)) {
        const Dw__Closure *closure = capacity_closure(state, id);
        const int32_t last = capacity_closure_last(closure);
        size_t at = found->n_closures;
        if (last < today || last < closure->from->days)
            continue;
        if (at == CLOSURES_TOLD_MAX && closure->from->days >= found->closures[--at]->from->days)
            continue;
        if (found->n_closures < CLOSURES_TOLD_MAX)
            found->n_closures++;
        for (; at > 0 && closure->from->days < found->closures[at - 1]->from->days; at--)
            found->closures[at] = found->closures[at - 1];
        found->closures[at] = (Dw__Closure *)(uintptr_t)closure;
    }
}

void capacity_query_get_service(const struct state *state, const ProtobufCMessage *request,
                                const struct context *ctx, struct vault *vault,
                                struct answer *answer)
{
    (void)vault;
    const Dw__Service *service =
        capacity_find_service(state, &((const Dw__GetService *)request)->service_id, ctx, answer);
    if (service == NULL)
        return;
    const struct id provider_id = id_or_zero(&service->provider_id);
    const struct offer *offers = NULL;
    const size_t count = offers_of(state, service, &offers);
    Dw__ServiceFound found = DW__SERVICE_FOUND__INIT;
    found.service = (Dw__Service *)(uintptr_t)service;
    found.provider = (Dw__Provider *)(uintptr_t)capacity_provider(state, &provider_id);
    const struct id service_id = id_or_zero(&service->service_id);
    const Dw__Confirmation *confirmation = capacity_confirmation(state, &service_id);
    found.confirmed = confirmation == NULL ? NULL : confirmation->date;
    found.rates = (Dw__RateStanding *)(uintptr_t)capacity_rates(state, &service_id);
    found.sessions = answer_alloc(answer, count * sizeof found.sessions[0] + 1);
    for (size_t at = 0; at < count; at++)
        found.sessions[found.n_sessions++] = tell_session(state, &offers[at], ctx->today, answer);
    tell_closures(state, &service_id, ctx->today, answer, &found);
    answer_give(answer, &found.base);
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

void capacity_query_list_providers(const struct state *state, const ProtobufCMessage *request,
                                   const struct context *ctx, struct vault *vault,
                                   struct answer *answer)
{
    (void)vault;
    const Dw__ListProviders *list = (const Dw__ListProviders *)request;
    struct page page;
    if (!capacity_page_open(&page, list->after_reference, list->limit, PAGE_MAX, answer))
        return;
    Dw__ProvidersListed listed = DW__PROVIDERS_LISTED__INIT;
    for (size_t at = 0; at < entities_count(state->entities, KIND_PROVIDER); at++) {
        struct entity_key key;
        const Dw__Provider *provider = entities_at(state->entities, KIND_PROVIDER, at, &key);
        if (!principal_sees(ctx->principal, &key.id))
            continue;
        listed.total++;
        capacity_page_offer(&page, provider->reference, provider);
    }
    listed.providers = answer_alloc(answer, page.count * sizeof listed.providers[0] + 1);
    for (size_t at = 0; at < page.count; at++)
        listed.providers[listed.n_providers++] = (Dw__Provider *)(uintptr_t)page.records[at];
    answer_give(answer, &listed.base);
}

void capacity_query_list_services(const struct state *state, const ProtobufCMessage *request,
                                  const struct context *ctx, struct vault *vault,
                                  struct answer *answer)
{
    (void)vault;
    const Dw__ListServices *list = (const Dw__ListServices *)request;
    struct page page;
    if (!capacity_page_open(&page, list->after_reference, list->limit, PAGE_MAX, answer))
        return;
    struct id wanted_id, provider_id;
    const bool is_one_provider = id_from_data(&list->provider_id, &wanted_id);
    Dw__ServicesListed listed = DW__SERVICES_LISTED__INIT;
    for (size_t at = 0; at < entities_count(state->entities, KIND_SERVICE); at++) {
        const Dw__Service *service = entities_at(state->entities, KIND_SERVICE, at, NULL);
        if (!id_from_data(&service->provider_id, &provider_id) ||
            !principal_sees(ctx->principal, &provider_id) ||
            (is_one_provider && !id_equal(&provider_id, &wanted_id)))
            continue;
        listed.total++;
        capacity_page_offer(&page, service->reference, service);
    }
    listed.services = answer_alloc(answer, page.count * sizeof listed.services[0] + 1);
    for (size_t at = 0; at < page.count; at++)
        listed.services[listed.n_services++] = (Dw__Service *)(uintptr_t)page.records[at];
    answer_give(answer, &listed.base);
}

/* --- occupancy ---------------------------------------------------------------------------------------------------- */

static void tell_week(const struct state *state, const struct offer *offer, int32_t week,
                      Dw__SessionOccupancy *told)
{
    const struct weeks one = {week, week};
    const bool runs = capacity_offer_sits(offer, week);
    const bool is_closed =
        runs && capacity_closed_in(capacity_timetable_closed(state->timetable), offer->slot, week);
    int32_t taken = 0, left = 0;
    if (runs && !is_closed) {
        taken = capacity_timetable_taken(state->timetable, offer->slot, LIMIT_PLACES, one);
        left = capacity_timetable_limit(state->timetable, offer->slot, LIMIT_PLACES, week) - taken;
    }
    told->taken[told->n_taken++] = (uint32_t)taken;
    told->free[told->n_free++] = left > 0 ? (uint32_t)left : 0;
    told->closed[told->n_closed++] = is_closed;
}

static Dw__SessionOccupancy *tell_occupancy(const struct state *state, const struct offer *offer,
                                            int32_t week, uint32_t weeks, struct answer *answer)
{
    const struct session_terms *terms = capacity_timetable_terms(state->timetable, offer->slot);
    Dw__SessionOccupancy *told = answer_alloc(answer, sizeof *told);
    *told = (Dw__SessionOccupancy)DW__SESSION_OCCUPANCY__INIT;
    told->session_id = id_to_data(&terms->session_id);
    told->weekday = offer->weekday;
    told->start_minutes = offer->start_minutes;
    told->end_minutes = offer->end_minutes;
    told->places =
        (uint32_t)capacity_timetable_limit(state->timetable, offer->slot, LIMIT_PLACES, week);
    told->taken = answer_alloc(answer, weeks * sizeof told->taken[0] + 1);
    told->free = answer_alloc(answer, weeks * sizeof told->free[0] + 1);
    told->closed = answer_alloc(answer, weeks * sizeof told->closed[0] + 1);
    for (int32_t at = week; at < week + (int32_t)weeks; at++)
        tell_week(state, offer, at, told);
    return told;
}

void capacity_query_occupancy(const struct state *state, const ProtobufCMessage *request,
                              const struct context *ctx, struct vault *vault, struct answer *answer)
{
    (void)vault;
    const Dw__Occupancy *occupancy = (const Dw__Occupancy *)request;
    const char *fault = capacity_range_fault(occupancy->from, NULL);
    if (fault != NULL) {
        answer_invalid(answer, "from", "%s", fault);
        return;
    }
    if (occupancy->weeks < 1 || occupancy->weeks > OCCUPANCY_WEEKS_MAX) {
        answer_invalid(answer, "weeks", "1 to 104 weeks are told");
        return;
    }
    const Dw__Service *service = capacity_find_service(state, &occupancy->service_id, ctx, answer);
    if (service == NULL)
        return;
    const int32_t week = calendar_week(occupancy->from->days);
    const struct offer *offers = NULL;
    const size_t count = offers_of(state, service, &offers);
    Dw__Date monday = DW__DATE__INIT;
    monday.days = calendar_monday(week);
    Dw__OccupancyFound found = DW__OCCUPANCY_FOUND__INIT;
    found.monday = &monday;
    found.sessions = answer_alloc(answer, count * sizeof found.sessions[0] + 1);
    for (size_t at = 0; at < count; at++)
        found.sessions[found.n_sessions++] =
            tell_occupancy(state, &offers[at], week, occupancy->weeks, answer);
    answer_give(answer, &found.base);
}
