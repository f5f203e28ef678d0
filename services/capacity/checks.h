/* Questions about messages that several commands and queries ask. Each fault is a sentence, NULL when there is none. */
#ifndef DAYWAYS_CAPACITY_CHECKS_H
#define DAYWAYS_CAPACITY_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/decision.h"
#include "services/capacity/timetable.h"

#include "capacity.pb-c.h"

enum {
    AMOUNT_MAX = 10000, /* fits a cell of the timetable, and no sitting is larger */
    NAME_MAX_BYTES = 200,
    PATTERN_MAX = 14, /* sessions of a booking: a morning and an afternoon on each day */
    PRICE_MAX_PENCE =
        10 * 1000 * 1000, /* £100,000 a unit: whatever is above is a slip of the pen */
};

struct state;

/* The id of a field that must have one; when it has not, the command is invalid and false is returned. */
bool capacity_check_id(struct decision *decision, const char *field,
                       const ProtobufCBinaryData *data, struct id *ret_id);

/* Dates: from is there, both lie in 1900 to 2199, to is not before from. */
const char *capacity_range_fault(const Dw__Date *from, const Dw__Date *to);

/* Amounts: each kind once, none over AMOUNT_MAX. */
const char *capacity_amounts_fault(Dw__LimitAmount *const *amounts, size_t count);

/* What a booking takes: the amounts named, and one place when places is not named. */
void capacity_uses(Dw__LimitAmount *const *amounts, size_t count, int16_t ret_uses[LIMIT_KINDS]);

/* True when the id of a thing ("service") is not known yet. A repetition is accepted without an event, anything else refused. */
bool capacity_check_is_new(const ProtobufCMessage *known, const ProtobufCMessage *told,
                           const char *what, struct decision *decision);

/* Refuses a provider nobody has registered. */
bool capacity_check_provider(const struct state *state, const struct id *provider_id,
                             struct decision *decision);

/* Refuses a provider nobody has registered, and a service (when one is named) that is not one of its. */
bool capacity_check_subject(const struct state *state, const ProtobufCBinaryData *provider,
                            const ProtobufCBinaryData *service, struct decision *decision);

/* The council buys lines of this funding; the person buys the others. */
bool capacity_is_bought(Dw__FundingRoute funding);

/* Refuses somebody new at a service on a first date when the council buys the line and has no contract for the level then. */
bool capacity_check_contract(const struct state *state, const Dw__Service *service,
                             Dw__FundingRoute funding, int32_t first, const struct context *ctx,
                             struct decision *decision);

/* The service, or NULL after saying that there is none. To a provider there are its own only. */
const Dw__Service *capacity_own_service(const struct state *state, const ProtobufCBinaryData *data,
                                        const struct context *ctx, struct decision *decision);

/* What a suspension is of: the service, or the provider when none is named. */
struct id capacity_subject(const ProtobufCBinaryData *provider, const ProtobufCBinaryData *service);

/* What a service says people do there is said once. */
bool capacity_check_activities(const Dw__Service *service, struct decision *decision);

/* "Tuesday", for 1 to 7. */
const char *capacity_weekday_name(unsigned weekday);

/* "places", "wheelchair spaces", by LimitKind - 1. */
const char *capacity_limit_name(size_t limit);

/* Refusals of a command about a hold: there is none, or it is in a state that allows no such thing. */
void capacity_refuse_unknown(struct decision *decision);
void capacity_refuse_suspended(struct decision *decision);
void capacity_refuse_released(struct decision *decision);
void capacity_refuse_expired(struct decision *decision);
void capacity_refuse_ended(struct decision *decision);

#endif
