/* ProposeRates, AgreeRates and what time makes of them: what a service costs from a date on. */
#include <string.h>

#include "common/calendar.h"
#include "services/capacity/checks.h"
#include "services/capacity/state.h"

static bool check_rates(const Dw__Rates *rates, struct decision *decision)
{
    if (rates == NULL)
        decision_invalid(decision, "rates", "they must be said, and they are not");
    else if (rates->price_pence < 0 || rates->price_pence > PRICE_MAX_PENCE)
        decision_invalid(decision, "rates.price_pence", "a price is 0 to 10000000 pence");
    else if (capacity_range_fault(rates->from, NULL) != NULL)
        decision_invalid(decision, "rates.from", "a date must be said, in the years 1900 to 2199");
    return !decision_is_no(decision);
}

static bool are_same(const Dw__Rates *known, const Dw__Rates *rates, struct decision *decision)
{
    return known != NULL && decision_same(decision, &known->base, &rates->base);
}

/* What is agreed begins, unless something else is agreed for the same first date: the wish would take its place unheard. */
static bool check_begun(const Dw__RateStanding *known, const Dw__Rates *rates,
                        struct decision *decision)
{
    char date[CALENDAR_TEXT_SIZE];
    if (known == NULL || known->agreed == NULL || known->agreed->from->days == rates->from->days)
        return true;
    calendar_to_text(known->agreed->from->days, date);
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_RATES_NOT_BEGUN,
                    "Rates from %s are agreed and have not begun; wait until then, or name that "
                    "date.",
                    date);
    return false;
}

void capacity_decide_propose_rates(const struct state *state, const ProtobufCMessage *command,
                                   const struct context *ctx, struct decision *decision)
{
    const Dw__ProposeRates *wish = (const Dw__ProposeRates *)command;
    if (!check_rates(wish->rates, decision))
        return;
    const Dw__Service *service = capacity_own_service(state, &wish->service_id, ctx, decision);
    if (service == NULL)
        return;
    const struct id service_id = id_or_zero(&wish->service_id);
    const Dw__RateStanding *known = capacity_rates(state, &service_id);
    if (known != NULL && are_same(known->proposed, wish->rates, decision))
        return; /* it is so already */
    if (!check_begun(known, wish->rates, decision))
        return;
    Dw__RatesProposed proposed = DW__RATES_PROPOSED__INIT;
    proposed.service_id = service->service_id;
    proposed.provider_id = service->provider_id;
    proposed.rates = wish->rates;
    decision_emit(decision, &proposed.base);
}

static void emit_begun(const Dw__Service *service, const Dw__Rates *rates,
                       struct decision *decision)
{
    Dw__Service changed = *service;
    Dw__RatesBegun begun = DW__RATES_BEGUN__INIT;
    changed.price_pence = rates->price_pence;
    changed.price_unit = rates->price_unit;
    begun.service = &changed;
    decision_emit(decision, &begun.base);
}

void capacity_decide_agree_rates(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision)
{
    const Dw__AgreeRates *wish = (const Dw__AgreeRates *)command;
    if (!check_rates(wish->rates, decision))
        return;
    const Dw__Service *service = capacity_own_service(state, &wish->service_id, ctx, decision);
    if (service == NULL)
        return;
    const struct id service_id = id_or_zero(&wish->service_id);
    const Dw__RateStanding *known = capacity_rates(state, &service_id);
    if (known != NULL && are_same(known->agreed, wish->rates, decision))
        return; /* it is so already */
    if (known == NULL || !are_same(known->proposed, wish->rates, decision)) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_RATES_UNKNOWN,
                        "These rates are not what is proposed; have them proposed first.");
        return;
    }
    if (strcmp(known->proposed_by, ctx->principal->name) == 0) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SAME_PERSON,
                        "You have proposed these rates; somebody else has to agree to them.");
        return;
    }
    if (!check_begun(known, wish->rates, decision))
        return;
    Dw__RatesAgreed agreed = DW__RATES_AGREED__INIT;
    agreed.service_id = service->service_id;
    agreed.provider_id = service->provider_id;
    agreed.rates = wish->rates;
    decision_emit(decision, &agreed.base);
    if (wish->rates->from->days <= ctx->today)
        emit_begun(service, wish->rates, decision);
}

void capacity_decide_check_rates(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision)
{
    const Dw__CheckRates *check = (const Dw__CheckRates *)command;
    const Dw__Service *service = capacity_own_service(state, &check->service_id, ctx, decision);
    if (service == NULL)
        return;
    const struct id service_id = id_or_zero(&check->service_id);
    const Dw__RateStanding *known = capacity_rates(state, &service_id);
    if (known != NULL && known->agreed != NULL && known->agreed->from->days <= ctx->today)
        emit_begun(service, known->agreed, decision);
}
