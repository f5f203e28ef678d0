/* See checks.h. */
#include "services/capacity/checks.h"

#include <assert.h>

#include "common/calendar.h"
#include "services/capacity/state.h"

bool capacity_check_id(struct decision *decision, const char *field,
                       const ProtobufCBinaryData *data, struct id *ret_id)
{
    if (id_from_data(data, ret_id))
        return true;
    decision_invalid(decision, field, "an id has 16 bytes, not all zero");
    return false;
}

static bool is_date(const Dw__Date *date)
{
    return calendar_has(date->days);
}

const char *capacity_range_fault(const Dw__Date *from, const Dw__Date *to)
{
    if (from == NULL)
        return "it has no first date";
    if (!is_date(from) || (to != NULL && !is_date(to)))
        return "a date lies in the years 1900 to 2199";
    if (to != NULL && to->days < from->days)
        return "its last date is before its first";
    return NULL;
}

const char *capacity_amounts_fault(Dw__LimitAmount *const *amounts, size_t count)
{
    unsigned seen = 0;
    for (size_t at = 0; at < count; at++) {
        const unsigned bit = 1U << amounts[at]->kind;
        if ((seen & bit) != 0)
            return "it names a limit twice";
        seen |= bit;
        if (amounts[at]->amount > AMOUNT_MAX)
            return "an amount is at most 10000";
    }
    return NULL;
}

void capacity_uses(Dw__LimitAmount *const *amounts, size_t count, int16_t ret_uses[LIMIT_KINDS])
{
    bool names_places = false;
    for (size_t at = 0; at < count; at++)
        names_places |= amounts[at]->kind == DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    capacity_limits(amounts, count, ret_uses);
    if (!names_places)
        ret_uses[LIMIT_PLACES] = 1;
}

bool capacity_check_is_new(const ProtobufCMessage *known, const ProtobufCMessage *told,
                           const char *what, struct decision *decision)
{
    if (known == NULL)
        return true;
    if (!decision_same(decision, known, told))
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ALREADY_EXISTS,
                        "A %s with this id exists and says something else; send a fresh id.", what);
    return false;
}

bool capacity_check_provider(const struct state *state, const struct id *provider_id,
                             struct decision *decision)
{
    if (capacity_provider(state, provider_id) != NULL)
        return true;
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PROVIDER_UNKNOWN,
                    "There is no provider with this id; register it first.");
    return false;
}

bool capacity_is_bought(Dw__FundingRoute funding)
{
    return funding != DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT &&
           funding != DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
}

bool capacity_check_contract(const struct state *state, const Dw__Service *service,
                             Dw__FundingRoute funding, int32_t first, const struct context *ctx,
                             struct decision *decision)
{
    const struct id provider_id = id_or_zero(&service->provider_id);
    const struct framework_terms frameworks = capacity_framework_terms(state, ctx);
    if (!capacity_is_bought(funding) ||
        capacity_catalogue_has_contract(state->catalogue, &provider_id, service->level, &frameworks,
                                        first))
        return true;
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_CONTRACT,
                    "The provider has no live contract for level %u on the first date; agree one "
                    "or extend its framework, or fund it by direct payment.",
                    service->level);
    return false;
}

bool capacity_check_subject(const struct state *state, const ProtobufCBinaryData *provider,
                            const ProtobufCBinaryData *service, struct decision *decision)
{
    struct id provider_id, service_id, own_id = {0};
    if (!capacity_check_id(decision, "provider_id", provider, &provider_id) ||
        !capacity_check_provider(state, &provider_id, decision))
        return false;
    if (service->len == 0)
        return true;
    if (!capacity_check_id(decision, "service_id", service, &service_id))
        return false;
    const Dw__Service *known = capacity_service_record(state, &service_id);
    if (known != NULL)
        (void)id_from_data(&known->provider_id, &own_id);
    if (known == NULL || !id_equal(&own_id, &provider_id)) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SERVICE_UNKNOWN,
                        "The provider has no service with this id; name one of its own.");
        return false;
    }
    return true;
}

const Dw__Service *capacity_own_service(const struct state *state, const ProtobufCBinaryData *data,
                                        const struct context *ctx, struct decision *decision)
{
    struct id service_id;
    if (!capacity_check_id(decision, "service_id", data, &service_id))
        return NULL;
    const Dw__Service *service = capacity_service_record(state, &service_id);
    const struct id provider_id =
        service == NULL ? (struct id){{0}} : id_or_zero(&service->provider_id);
    if (service != NULL && principal_sees(ctx->principal, &provider_id))
        return service;
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SERVICE_UNKNOWN,
                    "There is no service with this id; register it first.");
    return NULL;
}

struct id capacity_subject(const ProtobufCBinaryData *provider, const ProtobufCBinaryData *service)
{
    return service->len > 0 ? id_or_zero(service) : id_or_zero(provider);
}

bool capacity_check_activities(const Dw__Service *service, struct decision *decision)
{
    uint32_t named = 0;
    for (size_t at = 0; at < service->n_activities; at++) {
        const uint32_t bit = UINT32_C(1) << service->activities[at];
        if ((named & bit) != 0)
            decision_invalid(decision, "service.activities", "each activity is named once");
        named |= bit;
    }
    return !decision_is_no(decision);
}

const char *capacity_weekday_name(unsigned weekday)
{
    static const char *const names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday"};
    assert(weekday >= 1 && weekday <= 7);
    return names[weekday - 1];
}

const char *capacity_limit_name(size_t limit)
{
    static const char *const names[LIMIT_KINDS] = {
        "places",           "transport seats", "wheelchair spaces",
        "one-to-one staff", "personal care",   "of its sixth limit",
    };
    assert(limit < LIMIT_KINDS);
    return names[limit];
}

void capacity_refuse_unknown(struct decision *decision)
{
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_UNKNOWN,
                    "There is no hold with this id; hold the places first.");
}

void capacity_refuse_released(struct decision *decision)
{
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_RELEASED,
                    "This hold was released; hold the places again under a fresh id.");
}

void capacity_refuse_expired(struct decision *decision)
{
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_HOLD_EXPIRED,
                    "This hold lapsed; hold the places again under a fresh id.");
}

void capacity_refuse_ended(struct decision *decision)
{
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_BOOKING_ENDED,
                    "This booking was ended; hold the places again under a fresh id.");
}

void capacity_refuse_suspended(struct decision *decision)
{
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PLACEMENTS_SUSPENDED,
                    "Nobody new is placed there for now; choose another service, or wait until "
                    "the suspension is lifted.");
}
