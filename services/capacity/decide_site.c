/* Closures of a site: one of each service there, declared and lifted together. See closing.h. */
#include "services/capacity/closing.h"

#include "common/text.h"
#include "services/capacity/checks.h"
#include "services/capacity/tell.h"

/* Adds the id in the order of ids. */
static size_t add_in_order(struct id *ids, size_t count, const struct id *id)
{
    size_t at = count;
    for (; at > 0 && id_compare(id, &ids[at - 1]) < 0; at--)
        ids[at] = ids[at - 1];
    ids[at] = *id;
    return count + 1;
}

static bool may_close(const Dw__Service *service, const struct context *ctx)
{
    const struct id provider_id = id_or_zero(&service->provider_id);
    return principal_sees(ctx->principal, &provider_id);
}

/* What is told of a booking that loses sittings or has them back is told by time, from the first booking on. */
static void tell_later(const Dw__Closure *closure, Dw__TellingWhat what, int32_t closed_to,
                       struct decision *decision)
{
    Dw__Date to = DW__DATE__INIT;
    Dw__Telling telling = DW__TELLING__INIT;
    Dw__TellingLeft left = DW__TELLING_LEFT__INIT;
    to.days = closed_to;
    telling.subject_id = closure->closure_id;
    telling.what = what;
    if (what == DW__TELLING_WHAT__TELLING_WHAT_LIFTED && closed_to != INT32_MAX)
        telling.closed_to = &to;
    left.telling = &telling;
    decision_emit(decision, &left.base);
}

/* --- declaring ---------------------------------------------------------------------------------------------------------- */

/* The services of the site that whoever asks may close, in the order of their ids. */
static size_t services_at(const struct state *state, const struct id *site_id,
                          const struct context *ctx, struct id ret_ids[SITE_SERVICES_MAX])
{
    size_t count = 0;
    for (const struct id *id = lists_first(state->by_site, site_id); id != NULL;
         id = lists_next(state->by_site, id))
        if (may_close(capacity_service_record(state, id), ctx))
            count = add_in_order(ret_ids, count, id);
    return count;
}

/* The same for the same wish, so that what is said again is known. */
static struct id id_of_part(const struct context *ctx, const struct id *closure_id,
                            const struct id *service_id)
{
    char site[ID_TEXT_SIZE], service[ID_TEXT_SIZE], text[2 * ID_TEXT_SIZE + 1];
    id_to_text(closure_id, site);
    id_to_text(service_id, service);
    (void)text_format(text, sizeof text, "%s %s", site, service);
    return context_pseudonym_in(ctx, "closure", text);
}

/* Returns how many more closures the site's has: one or none. */
static size_t close_part(const struct state *state, const Dw__DeclareClosure *wish,
                         const struct id *service_id, const struct id *part_id,
                         const struct context *ctx, struct decision *decision)
{
    const Dw__Service *service = capacity_service_record(state, service_id);
    Dw__Closure closure = DW__CLOSURE__INIT;
    Dw__ClosureDeclared declared = DW__CLOSURE_DECLARED__INIT;
    closure.closure_id = id_to_data(part_id);
    closure.service_id = service->service_id;
    closure.from = wish->from;
    closure.to = wish->to;
    closure.reason = wish->reason;
    closure.site_closure_id = wish->closure_id;
    if (!capacity_closure_is_new(state, &closure, decision))
        return 0;
    capacity_closure_check_from(&closure, ctx, decision);
    if (decision_is_no(decision))
        return 0;
    declared.closure = &closure;
    declared.provider_id = service->provider_id;
    declared.level = service->level;
    declared.district = service->district;
    decision_emit(decision, &declared.base);
    tell_later(&closure, DW__TELLING_WHAT__TELLING_WHAT_CLOSED, INT32_MAX, decision);
    return 1;
}

static bool check_site(const struct state *state, const Dw__DeclareClosure *wish,
                       const struct id *closure_id, struct decision *decision)
{
    if (wish->service_id.len > 0 || wish->n_session_ids > 0)
        decision_invalid(decision, "site_id",
                         "a site is closed whole; name no service and no sessions beside it");
    else if (capacity_closure(state, closure_id) != NULL)
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ALREADY_EXISTS,
                        "A closure of a service has this id; send a fresh id.");
    return !decision_is_no(decision);
}

void capacity_site_close(const struct state *state, const Dw__DeclareClosure *wish,
                         const struct id *closure_id, const struct context *ctx,
                         struct decision *decision)
{
    struct id site_id, ids[SITE_SERVICES_MAX];
    if (!capacity_check_id(decision, "site_id", &wish->site_id, &site_id) ||
        !check_site(state, wish, closure_id, decision))
        return;
    const size_t count = services_at(state, &site_id, ctx, ids);
    size_t parts = lists_count(state->site_closures, closure_id);
    if (count == 0)
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SERVICE_UNKNOWN,
                        "No service that you may close is at this site; say the site of each "
                        "service first.");
    for (size_t at = 0; at < count && !decision_is_no(decision); at++) {
        const struct id part_id = id_of_part(ctx, closure_id, &ids[at]);
        parts += close_part(state, wish, &ids[at], &part_id, ctx, decision);
        if (parts > SITE_CLOSURES_MAX)
            decision_invalid(decision, "closure_id",
                             "services came to this site and went; send a fresh id");
    }
}

/* --- lifting ------------------------------------------------------------------------------------------------------------ */

bool capacity_site_is_closed(const struct state *state, const struct id *closure_id)
{
    return lists_count(state->site_closures, closure_id) > 0;
}

static const Dw__Service *service_of(const struct state *state, const Dw__Closure *closure)
{
    const struct id service_id = id_or_zero(&closure->service_id);
    return capacity_service_record(state, &service_id);
}

static size_t parts_of(const struct state *state, const struct id *closure_id,
                       const struct context *ctx, struct id ret_ids[SITE_CLOSURES_MAX])
{
    size_t count = 0;
    for (const struct id *id = lists_first(state->site_closures, closure_id); id != NULL;
         id = lists_next(state->site_closures, id))
        if (may_close(service_of(state, capacity_closure(state, id)), ctx))
            count = add_in_order(ret_ids, count, id);
    return count;
}

static void lift_part(const struct state *state, const Dw__Closure *known, Dw__Date *from,
                      struct decision *decision)
{
    const Dw__Service *service = service_of(state, known);
    Dw__Closure closure = *known;
    Dw__ClosureLifted lifted = DW__CLOSURE_LIFTED__INIT;
    closure.lifted = from;
    closure.lifted_seq = 0;
    lifted.closure = &closure;
    lifted.provider_id = service->provider_id;
    lifted.level = service->level;
    lifted.district = service->district;
    decision_emit(decision, &lifted.base);
    tell_later(&closure, DW__TELLING_WHAT__TELLING_WHAT_LIFTED, capacity_closure_last(known),
               decision);
}

void capacity_site_lift(const struct state *state, const struct id *closure_id, Dw__Date *from,
                        const struct context *ctx, struct decision *decision)
{
    struct id ids[SITE_CLOSURES_MAX];
    const size_t count = parts_of(state, closure_id, ctx, ids);
    bool is_over = true;
    int32_t last = INT32_MIN;
    if (count == 0) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_CLOSURE_UNKNOWN,
                        "There is no closure with this id; declare it first.");
        return;
    }
    for (size_t at = 0; at < count; at++) {
        const Dw__Closure *known = capacity_closure(state, &ids[at]);
        const bool is_so = known->lifted != NULL && known->lifted->days == from->days;
        const int32_t ends = capacity_closure_last(known);
        last = ends > last ? ends : last;
        if (!is_so && from->days > ends)
            continue;
        is_over = false;
        if (is_so)
            continue;
        if (!capacity_closure_may_lift(from, ctx, decision) ||
            capacity_is_telling(state, &ids[at], decision))
            return;
        lift_part(state, known, from, decision);
    }
    if (is_over)
        capacity_closure_refuse_over(last, decision);
}
