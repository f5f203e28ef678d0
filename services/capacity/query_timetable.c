/* Timetable and Directory: the sittings of a week, and what there is at all. A provider's people see their own timetable; the directory
 * is for everybody. */
#include "common/calendar.h"
#include "services/capacity/checks.h"
#include "services/capacity/closed.h"
#include "services/capacity/page.h"

enum { TIMETABLE_SERVICES_MAX = 20, TIMES_MAX = 50 };

static size_t offers_of(const struct state *state, const Dw__Service *service,
                        const struct offer **ret_offers)
{
    const struct id service_id = id_or_zero(&service->service_id);
    return capacity_catalogue_offers(state->catalogue, &service_id, ret_offers);
}

/* --- the timetable ------------------------------------------------------------------------------------------------------ */

/* The closure that closes the sitting, the first declared of several. */
static const Dw__Closure *closure_of(const struct state *state, const struct session_terms *terms,
                                     int32_t week)
{
    const Dw__Closure *first = NULL;
    for (const struct id *id = lists_first(state->closures, &terms->service_id); id != NULL;
         id = lists_next(state->closures, id)) {
        const Dw__Closure *closure = capacity_closure(state, id);
        const struct weeks weeks = capacity_closure_weeks(closure, terms);
        if (weeks.first <= week && week <= weeks.last &&
            (first == NULL || closure->declared_seq < first->declared_seq))
            first = closure;
    }
    return first;
}

static Dw__DisruptingClosure *show_closure(const Dw__Closure *closure, struct answer *answer)
{
    Dw__DisruptingClosure *shown = answer_alloc(answer, sizeof *shown);
    *shown = (Dw__DisruptingClosure)DW__DISRUPTING_CLOSURE__INIT;
    shown->closure_id = closure->closure_id;
    shown->reason = closure->reason;
    return shown;
}

static Dw__Sitting *show_sitting(const struct state *state, const struct offer *offer, int32_t week,
                                 struct answer *answer)
{
    const struct session_terms *terms = capacity_timetable_terms(state->timetable, offer->slot);
    const struct weeks one = {week, week};
    Dw__Sitting *sitting = answer_alloc(answer, sizeof *sitting);
    Dw__Date *date = answer_alloc(answer, sizeof *date);
    *sitting = (Dw__Sitting)DW__SITTING__INIT;
    *date = (Dw__Date)DW__DATE__INIT;
    date->days = calendar_monday(week) + terms->monday_offset;
    sitting->session_id = id_to_data(&terms->session_id);
    sitting->date = date;
    sitting->start_minutes = offer->start_minutes;
    sitting->end_minutes = offer->end_minutes;
    const int32_t places =
        capacity_timetable_limit(state->timetable, offer->slot, LIMIT_PLACES, week);
    sitting->places = (uint32_t)places;
    if (capacity_closed_in(capacity_timetable_closed(state->timetable), offer->slot, week)) {
        sitting->closure = show_closure(closure_of(state, terms, week), answer);
        return sitting;
    }
    const int32_t taken =
        capacity_timetable_taken(state->timetable, offer->slot, LIMIT_PLACES, one);
    sitting->taken = (uint32_t)taken;
    sitting->free = taken < places ? (uint32_t)(places - taken) : 0;
    sitting->over = taken > places ? (uint32_t)(taken - places) : 0;
    return sitting;
}

static Dw__TimetableService *show_service(const struct state *state, const Dw__Service *service,
                                          int32_t week, struct answer *answer)
{
    const struct offer *offers = NULL;
    const size_t count = offers_of(state, service, &offers);
    Dw__TimetableService *shown = answer_alloc(answer, sizeof *shown);
    *shown = (Dw__TimetableService)DW__TIMETABLE_SERVICE__INIT;
    shown->service_id = service->service_id;
    shown->reference = service->reference;
    shown->name = service->name;
    shown->sittings = answer_alloc(answer, count * sizeof shown->sittings[0] + 1);
    for (size_t at = 0; at < count; at++)
        if (capacity_offer_sits(&offers[at], week))
            shown->sittings[shown->n_sittings++] = show_sitting(state, &offers[at], week, answer);
    return shown;
}

/* The services of the provider; false after saying that it may not be asked about. */
static bool page_services(const struct state *state, const Dw__Timetable *query,
                          const struct context *ctx, struct answer *answer, struct page *page,
                          uint32_t *ret_total)
{
    struct id wanted_id, provider_id;
    if (!id_from_data(&query->provider_id, &wanted_id)) {
        answer_invalid(answer, "provider_id", "a service or a provider must be said");
        return false;
    }
    if (capacity_provider(state, &wanted_id) == NULL ||
        !principal_sees(ctx->principal, &wanted_id)) {
        answer_refuse(answer, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PROVIDER_UNKNOWN,
                      "There is no such provider, or it is another one than yours.");
        return false;
    }
    for (size_t at = 0; at < entities_count(state->entities, KIND_SERVICE); at++) {
        const Dw__Service *service = entities_at(state->entities, KIND_SERVICE, at, NULL);
        if (!id_from_data(&service->provider_id, &provider_id) ||
            !id_equal(&provider_id, &wanted_id))
            continue;
        ++*ret_total;
        capacity_page_offer(page, service->reference, service);
    }
    return true;
}

void capacity_query_timetable(const struct state *state, const ProtobufCMessage *request,
                              const struct context *ctx, struct vault *vault, struct answer *answer)
{
    (void)vault;
    const Dw__Timetable *query = (const Dw__Timetable *)request;
    const char *fault = capacity_range_fault(query->date, NULL);
    struct page page;
    Dw__TimetableShown shown = DW__TIMETABLE_SHOWN__INIT;
    if (fault != NULL) {
        answer_invalid(answer, "date", "%s", fault);
        return;
    }
    if (!capacity_page_open(&page, query->after_reference, query->limit, TIMETABLE_SERVICES_MAX,
                            answer))
        return;
    if (query->service_id.len > 0) {
        const Dw__Service *service = capacity_find_service(state, &query->service_id, ctx, answer);
        if (service == NULL)
            return;
        shown.total = 1;
        capacity_page_offer(&page, service->reference, service);
    } else if (!page_services(state, query, ctx, answer, &page, &shown.total)) {
        return;
    }
    const int32_t week = calendar_week(query->date->days);
    Dw__Date monday = DW__DATE__INIT;
    monday.days = calendar_monday(week);
    shown.monday = &monday;
    shown.services = answer_alloc(answer, page.count * sizeof shown.services[0] + 1);
    for (size_t at = 0; at < page.count; at++)
        shown.services[shown.n_services++] = show_service(state, page.records[at], week, answer);
    answer_give(answer, &shown.base);
}

/* --- the directory ------------------------------------------------------------------------------------------------------- */

static bool offers_all(const Dw__Directory *query, const Dw__Service *service)
{
    uint32_t wanted = 0, offered = 0;
    for (size_t at = 0; at < query->n_activities; at++)
        wanted |= UINT32_C(1) << query->activities[at];
    for (size_t at = 0; at < service->n_activities; at++)
        offered |= UINT32_C(1) << service->activities[at];
    return (wanted & ~offered) == 0;
}

static bool is_wanted(const Dw__Directory *query, const Dw__Service *service)
{
    bool is_kind = query->n_kinds == 0;
    for (size_t at = 0; at < query->n_kinds; at++)
        is_kind |= query->kinds[at] == service->kind;
    return is_kind && (query->district == 0 || query->district == service->district) &&
           offers_all(query, service);
}

/* Offers stand by weekday and start, so that the same time stands side by side. */
static void show_times(const struct state *state, const Dw__Service *service, int32_t this_week,
                       struct answer *answer, Dw__DirectoryEntry *entry)
{
    const struct offer *offers = NULL;
    const size_t count = offers_of(state, service, &offers);
    const Dw__DirectoryTime *before = NULL;
    entry->times = answer_alloc(answer, TIMES_MAX * sizeof entry->times[0]);
    for (size_t at = 0; at < count && entry->n_times < TIMES_MAX; at++) {
        const struct offer *offer = &offers[at];
        if (offer->runs.last < this_week || (before != NULL && before->weekday == offer->weekday &&
                                             before->start_minutes == offer->start_minutes &&
                                             before->end_minutes == offer->end_minutes &&
                                             before->every_weeks == offer->every_weeks))
            continue;
        Dw__DirectoryTime *time = answer_alloc(answer, sizeof *time);
        *time = (Dw__DirectoryTime)DW__DIRECTORY_TIME__INIT;
        time->weekday = offer->weekday;
        time->start_minutes = offer->start_minutes;
        time->end_minutes = offer->end_minutes;
        time->every_weeks = offer->every_weeks;
        time->term_time =
            capacity_session(state,
                             &capacity_timetable_terms(state->timetable, offer->slot)->session_id)
                ->term_time;
        entry->times[entry->n_times++] = time;
        before = time;
    }
}

static Dw__DirectoryEntry *show_entry(const struct state *state, const Dw__Service *service,
                                      int32_t this_week, struct answer *answer)
{
    struct id provider_id = {0};
    Dw__DirectoryEntry *entry = answer_alloc(answer, sizeof *entry);
    (void)id_from_data(&service->provider_id, &provider_id);
    *entry = (Dw__DirectoryEntry)DW__DIRECTORY_ENTRY__INIT;
    entry->service = (Dw__Service *)(uintptr_t)service;
    entry->provider_name = capacity_provider(state, &provider_id)->name;
    show_times(state, service, this_week, answer, entry);
    return entry;
}

void capacity_query_directory(const struct state *state, const ProtobufCMessage *request,
                              const struct context *ctx, struct vault *vault, struct answer *answer)
{
    (void)vault;
    const Dw__Directory *query = (const Dw__Directory *)request;
    struct page page;
    Dw__DirectoryShown shown = DW__DIRECTORY_SHOWN__INIT;
    if (!capacity_page_open(&page, query->after_reference, query->limit, PAGE_MAX, answer))
        return;
    for (size_t at = 0; at < entities_count(state->entities, KIND_SERVICE); at++) {
        const Dw__Service *service = entities_at(state->entities, KIND_SERVICE, at, NULL);
        if (!is_wanted(query, service))
            continue;
        shown.total++;
        capacity_page_offer(&page, service->reference, service);
    }
    shown.entries = answer_alloc(answer, page.count * sizeof shown.entries[0] + 1);
    for (size_t at = 0; at < page.count; at++)
        shown.entries[shown.n_entries++] =
            show_entry(state, page.records[at], calendar_week(ctx->today), answer);
    answer_give(answer, &shown.base);
}
