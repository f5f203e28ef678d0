/* Commands about providers, contracts, services and sessions. A command whose wish is already true changes nothing. */
#include "services/capacity/decide.h"

#include <string.h>

#include "common/calendar.h"
#include "common/table.h"

enum {
    REFERENCE_MAX = 32,   /* bytes: what a reply's reference holds */
    NAME_BYTES_MAX = 200, /* bytes: a line on a page */
    MINUTES_OF_DAY = 1440,
    DISTRICT_MAX = 64,
    AGE_MAX = 150,
    PRICE_MAX =
        10000000, /* pence: more for a unit is a slip of the pen; a week of hours fits 32 bits */
    /* Great Britain with its islands, degrees × 1,000,000. */
    LATITUDE_MIN = 49000000,
    LATITUDE_MAX = 61000000,
    LONGITUDE_MIN = -9000000,
    LONGITUDE_MAX = 3000000,
};

/* --- reading fields ---------------------------------------------------------------------------------------------- */

bool capacity_read_id(struct decision *decision, const char *field, const ProtobufCBinaryData *data,
                      struct id *ret_id)
{
    if (id_from_data(data, ret_id))
        return true;
    decision_invalid(decision, field, "An id is 16 bytes that are not all zero.");
    return false;
}

bool capacity_date_valid(const Dw__Date *date)
{
    return date != NULL && date->days >= 0 && date->days <= calendar_date(2199, 12, 31);
}

bool capacity_date_equal(const Dw__Date *left, const Dw__Date *right)
{
    if (left == NULL || right == NULL)
        return left == right;
    return left->days == right->days;
}

bool capacity_read_range(struct decision *decision, const Dw__Date *from, const Dw__Date *to)
{
    if (!capacity_date_valid(from))
        decision_invalid(decision, "from", "A first date in the years 1970 to 2199 is needed.");
    else if (to != NULL && !capacity_date_valid(to))
        decision_invalid(decision, "to", "The last date lies outside the years 1970 to 2199.");
    else if (to != NULL && to->days < from->days)
        decision_invalid(decision, "to", "The last date lies before the first.");
    return !decision_is_no(decision);
}

bool capacity_amounts_wrong(Dw__LimitAmount *const *list, size_t count)
{
    uint32_t seen = 0;
    for (size_t at = 0; at < count; at++) {
        const unsigned kind = (unsigned)list[at]->kind;
        if (kind < 1 || kind > LIMITS || (seen >> kind & 1) != 0 || list[at]->amount > LIMIT_MAX)
            return true;
        seen |= UINT32_C(1) << kind;
    }
    return false;
}

bool capacity_read_amounts(struct decision *decision, const char *field,
                           Dw__LimitAmount *const *list, size_t count, struct amounts *ret_amounts)
{
    if (capacity_amounts_wrong(list, count)) {
        decision_invalid(decision, field, "Each limit is named once, with 0 to %d.", LIMIT_MAX);
        return false;
    }
    *ret_amounts = capacity_amounts(list, count);
    return true;
}

bool capacity_message_equal(struct decision *decision, const ProtobufCMessage *left,
                            const ProtobufCMessage *right)
{
    const size_t len = protobuf_c_message_get_packed_size(left);
    if (left->descriptor != right->descriptor || protobuf_c_message_get_packed_size(right) != len)
        return false;
    uint8_t *one = decision_alloc(decision, len + 1);
    uint8_t *other = decision_alloc(decision, len + 1);
    protobuf_c_message_pack(left, one);
    protobuf_c_message_pack(right, other);
    return memcmp(one, other, len) == 0;
}

static bool read_names(struct decision *decision, const char *reference, const char *name)
{
    if (reference[0] == '\0' || strlen(reference) > REFERENCE_MAX)
        decision_invalid(decision, "reference", "A reference has 1 to %d bytes.", REFERENCE_MAX);
    else if (name[0] == '\0' || strlen(name) > NAME_BYTES_MAX)
        decision_invalid(decision, "name", "A name has 1 to %d bytes.", NAME_BYTES_MAX);
    return !decision_is_no(decision);
}

/* True when another than id has the reference. */
static bool reference_taken(const struct table *references, const char *reference,
                            const struct id *id)
{
    const struct reference_key key = capacity_reference_key(reference);
    const struct id *owner = table_get(references, &key);
    return owner != NULL && !id_equal(owner, id);
}

static void refuse_existing(struct decision *decision, const char *what)
{
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ALREADY_EXISTS,
                    "A %s with that id or reference exists already and says something else; "
                    "choose another.",
                    what);
}

static bool require_provider(const struct state *state, const struct id *id,
                             struct decision *decision)
{
    if (capacity_provider(state, id) != NULL)
        return true;
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PROVIDER_UNKNOWN,
                    "No such provider is registered; register it first.");
    return false;
}

/* --- providers and contracts ------------------------------------------------------------------------------------- */

void capacity_decide_register_provider(const struct state *state, const ProtobufCMessage *message,
                                       const struct context *ctx, struct decision *decision)
{
    (void)ctx;
    const Dw__RegisterProvider *command = (const Dw__RegisterProvider *)message;
    struct id id;
    if (!capacity_read_id(decision, "provider_id", &command->provider_id, &id) ||
        !read_names(decision, command->reference, command->name))
        return;
    if (command->kind == DW__PROVIDER_KIND__PROVIDER_KIND_UNSPECIFIED) {
        decision_invalid(decision, "kind", "The kind of provider is needed.");
        return;
    }
    const Dw__Provider *there = capacity_provider(state, &id);
    if (there != NULL && strcmp(there->reference, command->reference) == 0 &&
        strcmp(there->name, command->name) == 0 && there->kind == command->kind)
        return;
    if (there != NULL || reference_taken(state->provider_references, command->reference, &id)) {
        refuse_existing(decision, "provider");
        return;
    }
    Dw__ProviderRegistered event = DW__PROVIDER_REGISTERED__INIT;
    event.provider_id = command->provider_id;
    event.reference = command->reference;
    event.name = command->name;
    event.kind = command->kind;
    decision_emit(decision, &event.base);
}

static bool read_contract(struct decision *decision, const Dw__AgreeContract *command)
{
    if (!capacity_read_range(decision, command->from, command->to))
        return false;
    if (command->kind == DW__CONTRACT_KIND__CONTRACT_KIND_UNSPECIFIED)
        decision_invalid(decision, "kind", "The kind of contract is needed.");
    else if (command->basis == DW__PAYMENT_BASIS__PAYMENT_BASIS_UNSPECIFIED)
        decision_invalid(decision, "basis", "The payment basis is needed.");
    else if (command->n_levels == 0 || command->n_levels > LEVEL_MAX)
        decision_invalid(decision, "levels", "A contract covers 1 to %d levels.", LEVEL_MAX);
    uint32_t seen = 0;
    for (size_t at = 0; at < command->n_levels && !decision_is_no(decision); at++) {
        const uint32_t level = command->levels[at];
        if (level < 1 || level > LEVEL_MAX || (seen >> level & 1) != 0)
            decision_invalid(decision, "levels", "Levels are 1 to %d, each once.", LEVEL_MAX);
        else
            seen |= UINT32_C(1) << level;
    }
    return !decision_is_no(decision);
}

void capacity_decide_agree_contract(const struct state *state, const ProtobufCMessage *message,
                                    const struct context *ctx, struct decision *decision)
{
    (void)ctx;
    const Dw__AgreeContract *command = (const Dw__AgreeContract *)message;
    struct id id;
    struct id provider_id;
    if (!capacity_read_id(decision, "contract_id", &command->contract_id, &id) ||
        !capacity_read_id(decision, "provider_id", &command->provider_id, &provider_id) ||
        !read_contract(decision, command) || !require_provider(state, &provider_id, decision))
        return;
    Dw__Contract contract = DW__CONTRACT__INIT;
    contract.provider_id = command->provider_id;
    contract.kind = command->kind;
    contract.n_levels = command->n_levels;
    contract.levels = command->levels;
    contract.from = command->from;
    contract.to = command->to;
    contract.basis = command->basis;
    const Dw__Contract *there = capacity_contract(state, &id);
    if (there != NULL) {
        if (!capacity_message_equal(decision, &there->base, &contract.base))
            refuse_existing(decision, "contract");
        return;
    }
    Dw__ContractAgreed event = DW__CONTRACT_AGREED__INIT;
    event.contract_id = command->contract_id;
    event.provider_id = command->provider_id;
    event.kind = command->kind;
    event.n_levels = command->n_levels;
    event.levels = command->levels;
    event.from = command->from;
    event.to = command->to;
    event.basis = command->basis;
    decision_emit(decision, &event.base);
}

/* --- services ---------------------------------------------------------------------------------------------------- */

/* True when the list holds each number once, from 1 to max. */
static bool each_once(const int *numbers, size_t count, int max)
{
    uint32_t seen = 0;
    for (size_t at = 0; at < count; at++) {
        if (numbers[at] < 1 || numbers[at] > max || (seen >> numbers[at] & 1) != 0)
            return false;
        seen |= UINT32_C(1) << numbers[at];
    }
    return true;
}

bool capacity_coordinates_valid(int32_t latitude_e6, int32_t longitude_e6)
{
    return latitude_e6 >= LATITUDE_MIN && latitude_e6 <= LATITUDE_MAX &&
           longitude_e6 >= LONGITUDE_MIN && longitude_e6 <= LONGITUDE_MAX;
}

static bool read_place(struct decision *decision, const Dw__Service *service)
{
    const bool visited = service->mode == DW__SERVICE_MODE__SERVICE_MODE_BUILDING ||
                         service->mode == DW__SERVICE_MODE__SERVICE_MODE_COMMUNITY;
    const bool inside = capacity_coordinates_valid(service->latitude_e6, service->longitude_e6);
    const bool nowhere = service->latitude_e6 == 0 && service->longitude_e6 == 0;
    if (service->mode == DW__SERVICE_MODE__SERVICE_MODE_UNSPECIFIED)
        decision_invalid(decision, "service.mode", "The mode is needed.");
    else if (!inside && (visited || !nowhere))
        decision_invalid(decision, "service.latitude_e6",
                         "Coordinates in Great Britain are needed where people travel to it.");
    else if (service->district > DISTRICT_MAX)
        decision_invalid(decision, "service.district", "Districts are 1 to %d.", DISTRICT_MAX);
    return !decision_is_no(decision);
}

static bool read_service(struct decision *decision, const Dw__Service *service)
{
    if (!read_names(decision, service->reference, service->name) || !read_place(decision, service))
        return false;
    if (service->kind == DW__SERVICE_KIND__SERVICE_KIND_UNSPECIFIED)
        decision_invalid(decision, "service.kind", "The kind of service is needed.");
    else if (service->level < 1 || service->level > LEVEL_MAX)
        decision_invalid(decision, "service.level", "Levels are 1 to %d.", LEVEL_MAX);
    else if (service->n_needs == 0 ||
             !each_once((const int *)service->needs, service->n_needs, NEED_MAX))
        decision_invalid(decision, "service.needs", "Needs are named, each once, one at least.");
    else if (!each_once((const int *)service->access, service->n_access, ACCESS_MAX))
        decision_invalid(decision, "service.access", "Access features are named once each.");
    else if (service->price_pence > PRICE_MAX ||
             (service->price_pence > 0 && service->unit == DW__PRICE_UNIT__PRICE_UNIT_UNSPECIFIED))
        decision_invalid(decision, "service.price_pence", "A price has a unit and is at most %d.",
                         PRICE_MAX);
    else if (service->age_from > AGE_MAX || service->age_to > AGE_MAX ||
             (service->age_to != 0 && service->age_to < service->age_from))
        decision_invalid(decision, "service.age_to", "Ages go from the younger to the older.");
    return !decision_is_no(decision);
}

void capacity_decide_register_service(const struct state *state, const ProtobufCMessage *message,
                                      const struct context *ctx, struct decision *decision)
{
    (void)ctx;
    const Dw__RegisterService *command = (const Dw__RegisterService *)message;
    struct id id;
    struct id provider_id;
    if (command->service == NULL) {
        decision_invalid(decision, "service", "The service is needed.");
        return;
    }
    const Dw__Service *service = command->service;
    if (!capacity_read_id(decision, "service.service_id", &service->service_id, &id) ||
        !capacity_read_id(decision, "service.provider_id", &service->provider_id, &provider_id) ||
        !read_service(decision, service) || !require_provider(state, &provider_id, decision))
        return;
    const Dw__Service *there = capacity_service_record(state, &id);
    if (there != NULL && capacity_message_equal(decision, &there->base, &service->base))
        return;
    if (there != NULL || reference_taken(state->service_references, service->reference, &id)) {
        refuse_existing(decision, "service");
        return;
    }
    Dw__ServiceRegistered event = DW__SERVICE_REGISTERED__INIT;
    event.service = command->service;
    decision_emit(decision, &event.base);
}

/* --- sessions ---------------------------------------------------------------------------------------------------- */

static bool read_session(struct decision *decision, const Dw__SetSession *command,
                         struct amounts *ret_limits)
{
    struct amounts limits;
    if (!capacity_read_range(decision, command->from, command->to) ||
        !capacity_read_amounts(decision, "limits", command->limits, command->n_limits, &limits))
        return false;
    if (command->weekday < 1 || command->weekday > WEEKDAYS)
        decision_invalid(decision, "weekday", "Weekdays are 1 (Monday) to 7 (Sunday).");
    else if (command->end_minute > MINUTES_OF_DAY || command->start_minute >= command->end_minute)
        decision_invalid(decision, "end_minute", "A session ends after it begins, the same day.");
    else
        *ret_limits = limits;
    return !decision_is_no(decision);
}

/* The new limits of a session that exists; those of before stay true for the past. */
static void refuse_below_use(const struct state *state, const struct id *id,
                             const struct amounts *limits, const struct context *ctx,
                             struct decision *decision)
{
    const uint32_t session = timetable_find(state->timetable, id);
    timetable_roll(state->timetable, ctx->today);
    for (size_t limit = 0; limit < LIMITS; limit++) {
        const uint32_t taken =
            timetable_peak(state->timetable, session, limit, ctx->today, DATE_OPEN);
        if (taken > limits->of[limit])
            decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_LIMIT_BELOW_USE,
                            "%u are taken already on some sitting from today on, more than %u; "
                            "end bookings first.",
                            taken, limits->of[limit]);
    }
}

static bool same_session(const Dw__Session *session, const Dw__SetSession *command,
                         const struct id *service_id)
{
    struct id there;
    return id_from_data(&session->service_id, &there) && id_equal(&there, service_id) &&
           session->weekday == command->weekday && session->start_minute == command->start_minute &&
           session->end_minute == command->end_minute &&
           capacity_date_equal(session->from, command->from) &&
           capacity_date_equal(session->to, command->to);
}

static void emit_session(struct decision *decision, const Dw__SetSession *command)
{
    Dw__SessionSet event = DW__SESSION_SET__INIT;
    event.session_id = command->session_id;
    event.service_id = command->service_id;
    event.weekday = command->weekday;
    event.start_minute = command->start_minute;
    event.end_minute = command->end_minute;
    event.n_limits = command->n_limits;
    event.limits = command->limits;
    event.from = command->from;
    event.to = command->to;
    decision_emit(decision, &event.base);
}

void capacity_decide_set_session(const struct state *state, const ProtobufCMessage *message,
                                 const struct context *ctx, struct decision *decision)
{
    const Dw__SetSession *command = (const Dw__SetSession *)message;
    struct id id;
    struct id service_id;
    struct amounts limits;
    if (!capacity_read_id(decision, "session_id", &command->session_id, &id) ||
        !capacity_read_id(decision, "service_id", &command->service_id, &service_id) ||
        !read_session(decision, command, &limits))
        return;
    if (capacity_service_record(state, &service_id) == NULL) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SERVICE_UNKNOWN,
                        "No such service is registered; register it first.");
        return;
    }
    const Dw__Session *there = capacity_session(state, &id);
    if (there != NULL && !same_session(there, command, &service_id)) {
        refuse_existing(decision, "session");
        return;
    }
    if (there != NULL) {
        const struct amounts now = capacity_amounts(there->limits, there->n_limits);
        if (memcmp(&now, &limits, sizeof now) == 0)
            return;
        refuse_below_use(state, &id, &limits, ctx, decision);
    }
    if (!decision_is_no(decision))
        emit_session(decision, command);
}
