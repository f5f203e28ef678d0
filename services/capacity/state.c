/* Records and the indexes made from them. See state.h. */
#include "services/capacity/state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/calendar.h"

struct reference_key {
    uint8_t kind;
    char reference[REFERENCE_MAX];
};

struct state *capacity_create(struct entities *entities)
{
    struct state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->entities = entities;
    state->timetable = capacity_timetable_create();
    state->catalogue = capacity_catalogue_create();
    state->expiries = alarms_create();
    state->contract_ends = alarms_create();
    state->contract_warnings = alarms_create();
    state->by_person = lists_create(sizeof(struct id), sizeof(struct id));
    state->outside_uses = lists_create(sizeof(struct id), sizeof(struct id));
    state->references = table_create(sizeof(struct reference_key), sizeof(struct id));
    if (state->timetable == NULL || state->catalogue == NULL || state->expiries == NULL ||
        state->contract_ends == NULL || state->contract_warnings == NULL ||
        state->by_person == NULL || state->outside_uses == NULL || state->references == NULL)
        capacity_destroy(&state);
    return state;
}

void capacity_destroy(struct state **pointer)
{
    struct state *state = *pointer;
    if (state == NULL)
        return;
    capacity_timetable_destroy(&state->timetable);
    capacity_catalogue_destroy(&state->catalogue);
    alarms_destroy(&state->expiries);
    alarms_destroy(&state->contract_ends);
    alarms_destroy(&state->contract_warnings);
    lists_destroy(&state->by_person);
    lists_destroy(&state->outside_uses);
    table_destroy(&state->references);
    free(state);
    *pointer = NULL;
}

const Dw__Provider *capacity_provider(const struct state *state, const struct id *provider_id)
{
    return entities_get(state->entities, KIND_PROVIDER, provider_id, 0);
}

const Dw__Contract *capacity_contract(const struct state *state, const struct id *contract_id)
{
    return entities_get(state->entities, KIND_CONTRACT, contract_id, 0);
}

Dw__ContractStanding capacity_standing(const struct state *state, const Dw__Contract *contract)
{
    struct id contract_id = {0};
    (void)id_from_data(&contract->contract_id, &contract_id);
    const Dw__ContractStanding *known =
        entities_get(state->entities, KIND_STANDING, &contract_id, 0);
    if (known != NULL)
        return *known;
    Dw__ContractStanding standing = DW__CONTRACT_STANDING__INIT;
    standing.state = DW__CONTRACT_STATE__CONTRACT_STATE_LIVE;
    standing.to = contract->to;
    return standing;
}

struct id capacity_framework_id(uint32_t framework)
{
    struct id id = {{0}};
    id.bytes[sizeof id.bytes - 1] = (uint8_t)framework;
    return id;
}

const Dw__FrameworkTerm *capacity_framework_term(const struct state *state, uint32_t framework)
{
    const struct id id = capacity_framework_id(framework);
    return entities_get(state->entities, KIND_FRAMEWORK_TERM, &id, 0);
}

const Dw__Service *capacity_service_record(const struct state *state, const struct id *service_id)
{
    return entities_get(state->entities, KIND_SERVICE, service_id, 0);
}

const Dw__Session *capacity_session(const struct state *state, const struct id *session_id)
{
    return entities_get(state->entities, KIND_SESSION, session_id, 0);
}

const Dw__Booking *capacity_booking(const struct state *state, const struct id *hold_id)
{
    return entities_get(state->entities, KIND_BOOKING, hold_id, 0);
}

const Dw__OutsideUse *capacity_outside(const struct state *state, const struct id *outside_id)
{
    return entities_get(state->entities, KIND_OUTSIDE, outside_id, 0);
}

const Dw__Confirmation *capacity_confirmation(const struct state *state,
                                              const struct id *service_id)
{
    return entities_get(state->entities, KIND_CONFIRMATION, service_id, 0);
}

int32_t capacity_date_or_never(const Dw__Date *date)
{
    return date == NULL ? INT32_MAX : date->days;
}

void capacity_limits(Dw__LimitAmount *const *amounts, size_t count, int16_t ret_limits[LIMIT_KINDS])
{
    for (size_t limit = 0; limit < LIMIT_KINDS; limit++)
        ret_limits[limit] = 0;
    for (size_t at = 0; at < count; at++)
        ret_limits[amounts[at]->kind - 1] = (int16_t)amounts[at]->amount;
}

struct weeks capacity_sittings(const struct session_terms *terms, int32_t from, int32_t to)
{
    return capacity_weeks_of(terms->monday_offset + 1, from, to);
}

const Dw__Rules *capacity_rules(const struct context *ctx)
{
    static const Dw__Rules silent = DW__RULES__INIT;
    const Dw__Rules *rules = ((const Dw__CommissioningModel *)ctx->model)->rules;
    return rules == NULL ? &silent : rules;
}

const Dw__Framework *capacity_framework(const struct context *ctx, uint32_t framework)
{
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    for (size_t at = 0; at < model->n_frameworks; at++)
        if (model->frameworks[at]->number == framework)
            return model->frameworks[at];
    return NULL;
}

/* --- references --------------------------------------------------------------------------------------------------- */

/* False when the text is too long to be anybody's reference. */
static bool make_reference_key(enum capacity_kind kind, const char *reference,
                               struct reference_key *ret_key)
{
    const size_t len = strlen(reference);
    if (len > REFERENCE_MAX)
        return false;
    *ret_key = (struct reference_key){.kind = (uint8_t)kind};
    memcpy(ret_key->reference, reference, len);
    return true;
}

bool capacity_reference_find(const struct state *state, enum capacity_kind kind,
                             const char *reference, struct id *ret_id)
{
    struct reference_key key;
    if (!make_reference_key(kind, reference, &key))
        return false;
    const struct id *id = table_get(state->references, &key);
    if (id == NULL)
        return false;
    *ret_id = *id;
    return true;
}

static void index_reference(struct state *state, enum capacity_kind kind, const char *reference,
                            const struct id *id)
{
    struct reference_key key;
    if (!make_reference_key(kind, reference, &key))
        return;
    struct id *place = table_put(state->references, &key, NULL);
    *place = *id;
}

/* --- indexing ----------------------------------------------------------------------------------------------------- */

/* Dates stand in the heap as if London had no summer time: due asks it by date, too. */
static void index_date(struct alarms *dates, const struct id *id, bool is_awaited, int32_t date)
{
    if (is_awaited && date != INT32_MAX)
        alarms_set(dates, id, date * MS_PER_DAY);
    else
        alarms_remove(dates, id);
}

/* Called for either of a contract's two records, and the other one may not be there yet. */
static void index_contract(struct state *state, const struct id *contract_id)
{
    const Dw__Contract *contract = capacity_contract(state, contract_id);
    struct id provider_id;
    if (contract == NULL || !id_from_data(&contract->provider_id, &provider_id))
        return;
    const Dw__ContractStanding standing = capacity_standing(state, contract);
    const int32_t last = capacity_date_or_never(standing.to);
    const bool is_over = standing.state == DW__CONTRACT_STATE__CONTRACT_STATE_ENDED;
    const bool is_live = standing.state == DW__CONTRACT_STATE__CONTRACT_STATE_LIVE;
    uint32_t levels = 0;
    for (size_t at = 0; at < contract->n_levels; at++)
        levels |= UINT32_C(1) << contract->levels[at];
    capacity_catalogue_contract(state->catalogue, contract_id, &provider_id, levels,
                                contract->from->days, is_live ? last : INT32_MIN);
    index_date(state->contract_ends, contract_id, !is_over, last);
    index_date(state->contract_warnings, contract_id,
               !is_over && (standing.warned == NULL || standing.warned->days != last), last);
}

static void index_session(struct state *state, const Dw__Session *session)
{
    struct session_terms terms = {
        .runs = capacity_weeks_of((int)session->weekday, session->from->days,
                                  capacity_date_or_never(session->to)),
        .monday_offset = (int32_t)session->weekday - 1,
        .start_minutes = (uint16_t)session->start_minutes,
        .end_minutes = (uint16_t)session->end_minutes,
    };
    (void)id_from_data(&session->session_id, &terms.session_id);
    (void)id_from_data(&session->service_id, &terms.service_id);
    capacity_limits(session->limits, session->n_limits, terms.limits);
    const uint32_t slot = capacity_timetable_set(state->timetable, &terms);
    capacity_catalogue_session(state->catalogue, state->timetable, slot);
}

bool capacity_booking_slot(const struct state *state, const Dw__Booking *booking, size_t at,
                           uint32_t *ret_slot)
{
    struct id session_id;
    return id_from_data(&booking->session_ids[at], &session_id) &&
           capacity_timetable_find(state->timetable, &session_id, ret_slot);
}

/* The catalogue's rows of ready sessions are made from what is taken. */
static void spoil(struct state *state, uint32_t slot)
{
    capacity_catalogue_taking(state->catalogue,
                              &capacity_timetable_terms(state->timetable, slot)->service_id);
}

static void take(struct state *state, const struct id *hold_id, const Dw__Booking *booking)
{
    struct taking taking = {.hold_id = *hold_id};
    capacity_limits(booking->uses, booking->n_uses, taking.uses);
    for (size_t at = 0; at < booking->n_session_ids; at++) {
        uint32_t slot;
        if (!capacity_booking_slot(state, booking, at, &slot))
            continue;
        taking.weeks = capacity_sittings(capacity_timetable_terms(state->timetable, slot),
                                         booking->from->days, capacity_date_or_never(booking->to));
        capacity_timetable_take(state->timetable, slot, &taking);
        spoil(state, slot);
    }
}

static void give_back(struct state *state, const struct id *hold_id, const Dw__Booking *booking)
{
    for (size_t at = 0; at < booking->n_session_ids; at++) {
        uint32_t slot;
        if (!capacity_booking_slot(state, booking, at, &slot))
            continue;
        capacity_timetable_give_back(state->timetable, slot, hold_id);
        spoil(state, slot);
    }
}

static bool takes(const Dw__Booking *booking)
{
    return booking != NULL && capacity_state_takes((enum booking_state)booking->state);
}

static void index_person(struct state *state, const struct id *hold_id, const Dw__Booking *before,
                         const Dw__Booking *after)
{
    struct id person_id;
    if (takes(before) == takes(after) || !id_from_data(&after->person_id, &person_id))
        return;
    if (takes(after))
        lists_add(state->by_person, &person_id, hold_id);
    else
        lists_remove(state->by_person, &person_id, hold_id);
}

/* Sessions, uses and the first date of a booking never change, its last date may. */
static void index_booking(struct state *state, const struct id *hold_id, const Dw__Booking *before,
                          const Dw__Booking *after)
{
    const bool stays = takes(before) && takes(after) &&
                       capacity_date_or_never(before->to) == capacity_date_or_never(after->to);
    if (takes(before) && !stays)
        give_back(state, hold_id, before);
    if (takes(after) && !stays)
        take(state, hold_id, after);
    index_person(state, hold_id, before, after);
    if (after != NULL && after->state == DW__BOOKING_STATE__BOOKING_STATE_HELD)
        alarms_set(state->expiries, hold_id, after->expires_ms);
    else
        alarms_remove(state->expiries, hold_id);
}

/* Outside use takes what a booking would; a hold and an outside use never share an id. */
static void index_outside(struct state *state, const struct id *outside_id,
                          const Dw__OutsideUse *before, const Dw__OutsideUse *after)
{
    struct taking taking = {.hold_id = *outside_id};
    struct id session_id;
    uint32_t slot;
    if (!id_from_data(&after->session_id, &session_id) ||
        !capacity_timetable_find(state->timetable, &session_id, &slot))
        return;
    if (before == NULL)
        lists_add(state->outside_uses, &session_id, outside_id);
    if (before != NULL)
        capacity_timetable_give_back(state->timetable, slot, outside_id);
    capacity_limits(after->uses, after->n_uses, taking.uses);
    taking.weeks = capacity_sittings(capacity_timetable_terms(state->timetable, slot),
                                     after->from->days, capacity_date_or_never(after->to));
    if (after->n_uses > 0)
        capacity_timetable_take(state->timetable, slot, &taking);
    spoil(state, slot);
}

/* Providers and services never change once they are known, and no record is ever removed. */
void capacity_index(struct state *state, const struct entity_key *key,
                    const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    assert(after != NULL);
    switch ((enum capacity_kind)key->kind) {
    case KIND_PROVIDER:
        index_reference(state, KIND_PROVIDER, ((const Dw__Provider *)after)->reference, &key->id);
        break;
    case KIND_CONTRACT:
    case KIND_STANDING:
        index_contract(state, &key->id);
        break;
    case KIND_SERVICE:
        index_reference(state, KIND_SERVICE, ((const Dw__Service *)after)->reference, &key->id);
        capacity_catalogue_service(state->catalogue, (const Dw__Service *)after);
        break;
    case KIND_SESSION:
        index_session(state, (const Dw__Session *)after);
        break;
    case KIND_BOOKING:
        index_booking(state, &key->id, (const Dw__Booking *)before, (const Dw__Booking *)after);
        break;
    case KIND_OUTSIDE:
        index_outside(state, &key->id, (const Dw__OutsideUse *)before,
                      (const Dw__OutsideUse *)after);
        break;
    case KIND_CONFIRMATION:
    case KIND_FRAMEWORK_TERM:
        break;
    }
}
