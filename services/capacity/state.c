/* Records and what events make of them; keeping the caches. See state.h. */
#include "services/capacity/state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/table.h"

#define CAPACITY_STATE(name, number, text)                                                         \
    _Static_assert((int)DW__BOOKING_STATE__BOOKING_STATE_##name == (int)BOOKING_##name, #name);
#include "services/capacity/moves.def"

/* --- moves ------------------------------------------------------------------------------------------------------- */

static const char *const state_names[BOOKING_STATES] = {
#define CAPACITY_STATE(name, number, text) [BOOKING_##name] = (text),
#include "services/capacity/moves.def"
};

static const char *const event_names[BOOKING_EVENTS] = {
    [BOOKING_EVENT_NONE] = "none",
#define CAPACITY_EVENT(name, text) [BOOKING_EVENT_##name] = (text),
#include "services/capacity/moves.def"
};

/* The next state + 1, so that cells without a row are 0. A row given twice does not compile. */
static const uint8_t moves[BOOKING_STATES][BOOKING_EVENTS] = {
#define CAPACITY_MOVE(state, event, next)                                                          \
    [BOOKING_##state][BOOKING_EVENT_##event] = BOOKING_##next + 1,
#include "services/capacity/moves.def"
};

int capacity_move(enum booking_state state, enum booking_event event)
{
    return moves[state][event] - 1;
}

const char *capacity_state_name(enum booking_state state)
{
    return state_names[state];
}

const char *capacity_event_name(enum booking_event event)
{
    return event_names[event];
}

bool capacity_move_booking(struct state *state, Dw__Booking *booking, enum booking_event event)
{
    const int next = capacity_move((enum booking_state)booking->state, event);
    if (next < 0) {
        state->refused_moves++;
        return false;
    }
    booking->state = (Dw__BookingState)next;
    return true;
}

/* --- creating and reading ---------------------------------------------------------------------------------------- */

struct state *capacity_create(struct entities *entities)
{
    struct state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->entities = entities;
    state->timetable = timetable_create();
    state->directory = directory_create();
    state->expiries = calloc(1, sizeof *state->expiries);
    state->provider_references = table_create(sizeof(struct reference_key), sizeof(struct id));
    state->service_references = table_create(sizeof(struct reference_key), sizeof(struct id));
    if (state->timetable == NULL || state->directory == NULL || state->expiries == NULL ||
        state->provider_references == NULL || state->service_references == NULL)
        capacity_destroy(&state);
    return state;
}

void capacity_destroy(struct state **pointer)
{
    struct state *state = *pointer;
    if (state == NULL)
        return;
    timetable_destroy(&state->timetable);
    directory_destroy(&state->directory);
    if (state->expiries != NULL)
        expiry_free(state->expiries);
    free(state->expiries);
    table_destroy(&state->provider_references);
    table_destroy(&state->service_references);
    free(state);
    *pointer = NULL;
}

const Dw__Provider *capacity_provider(const struct state *state, const struct id *id)
{
    return entities_get(state->entities, KIND_PROVIDER, id, 0);
}

const Dw__Contract *capacity_contract(const struct state *state, const struct id *id)
{
    return entities_get(state->entities, KIND_CONTRACT, id, 0);
}

const Dw__Service *capacity_service_record(const struct state *state, const struct id *id)
{
    return entities_get(state->entities, KIND_SERVICE, id, 0);
}

const Dw__Session *capacity_session(const struct state *state, const struct id *id)
{
    return entities_get(state->entities, KIND_SESSION, id, 0);
}

const Dw__Booking *capacity_booking(const struct state *state, const struct id *id)
{
    return entities_get(state->entities, KIND_BOOKING, id, 0);
}

struct reference_key capacity_reference_key(const char *reference)
{
    struct reference_key key = {{0}};
    const size_t len = strlen(reference);
    memcpy(key.text, reference, len < sizeof key.text ? len : sizeof key.text - 1);
    return key;
}

struct amounts capacity_amounts(Dw__LimitAmount *const *list, size_t count)
{
    struct amounts amounts = {{0}};
    for (size_t at = 0; at < count; at++)
        amounts.of[list[at]->kind - 1] = (uint16_t)list[at]->amount;
    return amounts;
}

/* --- caches ------------------------------------------------------------------------------------------------------ */

/* States in which a booking takes its places. */
static bool takes_places(const Dw__Booking *booking)
{
    return booking->state == DW__BOOKING_STATE__BOOKING_STATE_HELD ||
           booking->state == DW__BOOKING_STATE__BOOKING_STATE_CONFIRMED ||
           booking->state == DW__BOOKING_STATE__BOOKING_STATE_ENDED;
}

static uint32_t find_session(const struct state *state, const ProtobufCBinaryData *data)
{
    struct id session_id;
    return id_from_data(data, &session_id) ? timetable_find(state->timetable, &session_id)
                                           : NO_SESSION;
}

static void index_stays(struct state *state, const struct id *booking_id,
                        const Dw__Booking *booking, bool add)
{
    if (booking == NULL || !takes_places(booking))
        return;
    const struct amounts uses = capacity_amounts(booking->uses, booking->n_uses);
    const bool confirmed = booking->state != DW__BOOKING_STATE__BOOKING_STATE_HELD;
    const int32_t last = booking->to == NULL ? DATE_OPEN : booking->to->days;
    for (size_t at = 0; at < booking->n_session_ids; at++) {
        const uint32_t session = find_session(state, &booking->session_ids[at]);
        if (session == NO_SESSION)
            continue;
        if (add)
            timetable_add(state->timetable, session, booking_id, booking->from->days, last, &uses,
                          confirmed);
        else
            timetable_remove(state->timetable, session, booking_id);
    }
}

static void index_booking(struct state *state, const struct id *id, const Dw__Booking *before,
                          const Dw__Booking *after)
{
    index_stays(state, id, before, false);
    index_stays(state, id, after, true);
    if (after == NULL || after->state != DW__BOOKING_STATE__BOOKING_STATE_HELD)
        return;
    if (before == NULL || before->expires_ms != after->expires_ms)
        expiry_push(state->expiries, &(struct expiry){after->expires_ms, *id});
}

static void index_reference(struct table *references, const char *reference, const struct id *id)
{
    const struct reference_key key = capacity_reference_key(reference);
    *(struct id *)table_put(references, &key, NULL) = *id;
}

static void index_session(struct state *state, const struct id *id, const Dw__Session *session)
{
    const struct amounts limits = capacity_amounts(session->limits, session->n_limits);
    const uint32_t row =
        timetable_set_session(state->timetable, id, (int)session->weekday, &limits);
    directory_set_session(state->directory, session, row);
}

void capacity_index(struct state *state, const struct entity_key *key,
                    const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    assert(after != NULL || key->kind == KIND_BOOKING); /* nothing else is ever removed */
    switch ((enum capacity_kind)key->kind) {
    case KIND_PROVIDER:
        index_reference(state->provider_references, ((const Dw__Provider *)after)->reference,
                        &key->id);
        break;
    case KIND_CONTRACT:
        directory_add_contract(state->directory, &key->id, (const Dw__Contract *)after);
        break;
    case KIND_SERVICE:
        index_reference(state->service_references, ((const Dw__Service *)after)->reference,
                        &key->id);
        directory_add_service(state->directory, (const Dw__Service *)after);
        break;
    case KIND_SESSION:
        index_session(state, &key->id, (const Dw__Session *)after);
        break;
    case KIND_BOOKING:
        index_booking(state, &key->id, (const Dw__Booking *)before, (const Dw__Booking *)after);
        break;
    }
}
