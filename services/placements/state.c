/* Records of placements, their indexes, and how they are looked up. What changes them is in evolve.c. */
#include "services/placements/state.h"

#include <stdlib.h>
#include <string.h>

/* --- moves ------------------------------------------------------------------------------------------------------ */

#define STATE(name, words)                                                                         \
    _Static_assert((int)PLACEMENT_##name == (int)DW__PLACEMENT_STATE__PLACEMENT_STATE_##name,      \
                   "the rows stand in the order of the message's enum");
#include "services/placements/moves.def"

/* One number for a pair, so that two rows for the same pair are two equal cases, which do not compile. */
#define CELL(state, event) ((int)(state)*PLACEMENT_EVENTS + (int)(event))

enum placement_state placement_next(enum placement_state state, enum placement_event event)
{
    switch (CELL(state, event)) {
#define MOVE(from, event, to)                                                                      \
    case CELL(PLACEMENT_##from, PLACEMENT_EVENT_##event):                                          \
        return PLACEMENT_##to;
#include "services/placements/moves.def"
    }
    return PLACEMENT_UNSPECIFIED;
}

const char *placement_state_words(enum placement_state state)
{
    static const char *const words_of[PLACEMENT_STATES] = {
#define STATE(name, words) [PLACEMENT_##name] = words,
#include "services/placements/moves.def"
    };
    return words_of[state];
}

enum change_state placements_change_state(const Dw__Placement *placement)
{
    return placement->change == NULL ? CHANGE_UNSPECIFIED
                                     : (enum change_state)placement->change->state;
}

bool placement_change_next(enum change_state state, enum placement_event event,
                           enum change_state *ret_to)
{
    switch (CELL(state, event)) {
#define MOVE(from, event, to)                                                                      \
    case CELL(CHANGE_##from, PLACEMENT_EVENT_##event):                                             \
        *ret_to = CHANGE_##to;                                                                     \
        return true;
#include "services/placements/changes.def"
    }
    return false;
}

const char *placement_change_words(enum change_state state)
{
    static const char *const words_of[CHANGE_STATES] = {
#define STATE(name, words) [CHANGE_##name] = words,
#include "services/placements/changes.def"
    };
    return words_of[state];
}

/* --- creation and indexes --------------------------------------------------------------------------------------- */

struct state *placements_create(struct entities *entities)
{
    struct state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->entities = entities;
    state->by_hold = table_create(sizeof(struct id), sizeof(struct id));
    state->by_person = lists_create(sizeof(struct id), sizeof(struct id));
    state->contracts = lists_create(sizeof(struct id), sizeof(struct id));
    state->alarms = alarms_create();
    state->closings = alarms_create();
    state->beginnings = alarms_create();
    if (state->by_hold == NULL || state->by_person == NULL || state->contracts == NULL ||
        state->alarms == NULL || state->closings == NULL || state->beginnings == NULL)
        placements_destroy(&state);
    return state;
}

void placements_destroy(struct state **pointer)
{
    struct state *state = *pointer;
    if (state == NULL)
        return;
    table_destroy(&state->by_hold);
    lists_destroy(&state->by_person);
    lists_destroy(&state->contracts);
    alarms_destroy(&state->alarms);
    alarms_destroy(&state->closings);
    alarms_destroy(&state->beginnings);
    free(state);
    *pointer = NULL;
}

/* The holds that may be behind a placement: its own, a change's, a resumption's, those of terms it had; what is not there is zero. */
enum { HOLDS = 3 + PLACEMENTS_FORMER_MAX };
static void holds_of(const Dw__Placement *placement, struct id ret_holds[HOLDS])
{
    memset(ret_holds, 0, HOLDS * sizeof ret_holds[0]);
    if (placement == NULL)
        return;
    ret_holds[0] = id_or_zero(&placement->hold_id);
    if (placement->change != NULL)
        ret_holds[1] = id_or_zero(&placement->change->hold_id);
    if (placement->suspension != NULL)
        ret_holds[2] = id_or_zero(&placement->suspension->resume_hold_id);
    for (size_t at = 0; at < placement->n_former && at < PLACEMENTS_FORMER_MAX; at++)
        ret_holds[3 + at] = id_or_zero(&placement->former[at]->hold_id);
}

static void index_holds(struct state *state, const struct id *placement_id,
                        const Dw__Placement *old, const Dw__Placement *new)
{
    struct id holds[HOLDS];
    holds_of(old, holds);
    for (size_t at = 0; at < HOLDS; at++)
        if (!id_is_zero(&holds[at]))
            (void)table_remove(state->by_hold, &holds[at]);
    holds_of(new, holds);
    for (size_t at = 0; at < HOLDS; at++)
        if (!id_is_zero(&holds[at]))
            *(struct id *)table_put(state->by_hold, &holds[at], NULL) = *placement_id;
}

static void set_alarm(struct state *state, const struct id *placement_id,
                      const Dw__Placement *placement)
{
    const int64_t next_ms =
        placement == NULL
            ? INT64_MAX
            : placements_next_ms(placement,
                                 placements_death(state, &placement->terms->person_id) != NULL);
    if (next_ms == INT64_MAX)
        alarms_remove(state->alarms, placement_id);
    else
        alarms_set(state->alarms, placement_id, next_ms);
}

static void set_beginning(struct state *state, const struct id *placement_id,
                          const Dw__Placement *placement)
{
    const int64_t first_ms = placement == NULL || placement->disruption_parts == 0
                                 ? INT64_MAX
                                 : placements_beginning_ms(state, placement);
    if (first_ms == INT64_MAX)
        alarms_remove(state->beginnings, placement_id);
    else
        alarms_set(state->beginnings, placement_id, first_ms);
}

static void index_placement(struct state *state, const struct id *id, const Dw__Placement *old,
                            const Dw__Placement *new)
{
    index_holds(state, id, old, new);
    set_alarm(state, id, new);
    if (old != NULL || new->disruption_parts > 0)
        set_beginning(state, id, new);
    const struct id person_id =
        id_or_zero(old != NULL ? &old->terms->person_id : &new->terms->person_id);
    if (old == NULL)
        lists_add(state->by_person, &person_id, id);
    else if (new == NULL)
        lists_remove(state->by_person, &person_id, id);
}

static void index_contract(struct state *state, const struct id *id,
                           const Dw__NotedContract *contract, bool added)
{
    const struct id provider_id = id_or_zero(&contract->contract->provider_id);
    if (added)
        lists_add(state->contracts, &provider_id, id);
    else
        lists_remove(state->contracts, &provider_id, id);
}

static void index_call_off(struct state *state, const struct id *id, const Dw__CallOff *call_off)
{
    if (call_off != NULL && call_off->state == DW__CALL_OFF_STATE__CALL_OFF_STATE_OPEN)
        alarms_set(state->closings, id, call_off->closes_ms);
    else
        alarms_remove(state->closings, id);
}

/* Whoever has died comes no more: each of their placements is to be looked at, now. */
static void index_death(struct state *state, const struct id *person_id)
{
    for (const struct id *id = lists_first(state->by_person, person_id); id != NULL;
         id = lists_next(state->by_person, id))
        set_alarm(state, id, entities_get(state->entities, PLACEMENTS_KIND_PLACEMENT, id, 0));
}

void placements_index(struct state *state, const struct entity_key *key,
                      const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    if (key->kind == PLACEMENTS_KIND_PLACEMENT)
        index_placement(state, &key->id, (const Dw__Placement *)before,
                        (const Dw__Placement *)after);
    else if (key->kind == PLACEMENTS_KIND_CONTRACT && (before == NULL || after == NULL))
        index_contract(state, &key->id,
                       (const Dw__NotedContract *)(before == NULL ? after : before),
                       before == NULL);
    else if (key->kind == PLACEMENTS_KIND_DISRUPTION)
        set_beginning(state, &key->id,
                      entities_get(state->entities, PLACEMENTS_KIND_PLACEMENT, &key->id, 0));
    else if (key->kind == PLACEMENTS_KIND_DEATH)
        index_death(state, &key->id);
    else if (key->kind == PLACEMENTS_KIND_CALL_OFF)
        index_call_off(state, &key->id, (const Dw__CallOff *)after);
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

const Dw__Placement *placements_get(const struct state *state, const ProtobufCBinaryData *data)
{
    const struct id id = id_or_zero(data);
    return entities_get(state->entities, PLACEMENTS_KIND_PLACEMENT, &id, 0);
}

const Dw__Disruption *placements_disruption(const struct state *state,
                                            const ProtobufCBinaryData *placement_id, uint32_t part)
{
    const struct id id = id_or_zero(placement_id);
    return entities_get(state->entities, PLACEMENTS_KIND_DISRUPTION, &id, part);
}

const Dw__PlacementTerms *placements_terms_after(const Dw__Placement *placement, size_t former)
{
    return former + 1 < placement->n_former ? placement->former[former + 1]->terms
                                            : placement->terms;
}

bool placements_has_booking(const Dw__Placement *placement, const ProtobufCBinaryData *hold_id)
{
    bool is_own = id_data_equal(&placement->hold_id, hold_id);
    for (size_t at = 0; at < placement->n_former; at++)
        is_own |= id_data_equal(&placement->former[at]->hold_id, hold_id);
    return is_own;
}

const Dw__Disruption *placements_loss(const struct state *state, const Dw__Placement *placement,
                                      uint32_t part)
{
    const Dw__Disruption *disruption = placements_disruption(state, &placement->placement_id, part);
    return disruption == NULL || disruption->hold_id.len == 0 ||
                   placements_has_booking(placement, &disruption->hold_id)
               ? disruption
               : NULL;
}

uint32_t placements_disruption_parts(const Dw__Placement *placement)
{
    return placement->disruption_parts > 0 ? placement->disruption_parts
                                           : PLACEMENTS_DISRUPTIONS_BEFORE;
}

const Dw__Placement *placements_by_hold(const struct state *state, const ProtobufCBinaryData *data)
{
    const struct id hold_id = id_or_zero(data);
    const struct id *id = table_get(state->by_hold, &hold_id);
    return id == NULL ? NULL : entities_get(state->entities, PLACEMENTS_KIND_PLACEMENT, id, 0);
}

/* The last date the person is or may be there; one day before the first when never. */
static int32_t last_date_taken(const Dw__Placement *placement)
{
    switch ((enum placement_state)placement->state) {
    case PLACEMENT_PROPOSED:
    case PLACEMENT_OFFERED:
    case PLACEMENT_CONFIRMING:
    case PLACEMENT_ACCEPTED:
    case PLACEMENT_ACTIVE:
    case PLACEMENT_AWAITING_APPROVAL:
    case PLACEMENT_HELD:
    case PLACEMENT_TRIAL:
    case PLACEMENT_SUSPENDED:
        return placement->terms->to == NULL ? INT32_MAX : placement->terms->to->days;
    case PLACEMENT_ENDED:
        return placement->last->days;
    case PLACEMENT_UNSPECIFIED:
    case PLACEMENT_DECLINED:
    case PLACEMENT_LAPSED:
    case PLACEMENT_CANCELLED:
    case PLACEMENT_REFUSED:
    case PLACEMENT_STATES:
        break;
    }
    return placement->terms->from->days - 1;
}

static bool share_a_session(const Dw__PlacementTerms *left, const Dw__PlacementTerms *right)
{
    for (size_t at = 0; at < left->n_session_ids; at++) {
        const struct id session_id = id_or_zero(&left->session_ids[at]);
        for (size_t other = 0; other < right->n_session_ids; other++) {
            const struct id other_id = id_or_zero(&right->session_ids[other]);
            if (id_equal(&session_id, &other_id))
                return true;
        }
    }
    return false;
}

/* Whether terms that held from their first date to that last one have a session of the wanted ones on a date of those. */
static bool overlap_until(const Dw__PlacementTerms *terms, int32_t last,
                          const Dw__PlacementTerms *wanted)
{
    const int32_t first = terms->from->days;
    const int32_t wanted_last = wanted->to == NULL ? INT32_MAX : wanted->to->days;
    return first <= last && first <= wanted_last && wanted->from->days <= last &&
           share_a_session(terms, wanted);
}

static bool overlaps(const Dw__Placement *placement, const Dw__PlacementTerms *wanted)
{
    const int32_t last = last_date_taken(placement);
    bool found = overlap_until(placement->terms, last, wanted);
    for (size_t at = 0; at < placement->n_former && !found; at++) {
        const Dw__FormerTerms *former = placement->former[at];
        found = overlap_until(former->terms, former->last->days < last ? former->last->days : last,
                              wanted);
    }
    return found;
}

const Dw__Placement *placements_overlapping(const struct state *state,
                                            const Dw__PlacementTerms *terms)
{
    const struct id person_id = id_or_zero(&terms->person_id);
    const Dw__Placement *found = NULL;
    struct id found_id = {0};
    for (const struct id *id = lists_first(state->by_person, &person_id); id != NULL;
         id = lists_next(state->by_person, id)) {
        const Dw__Placement *placement =
            entities_get(state->entities, PLACEMENTS_KIND_PLACEMENT, id, 0);
        if (!overlaps(placement, terms) || (found != NULL && id_compare(id, &found_id) > 0))
            continue;
        found = placement;
        found_id = *id;
    }
    return found;
}

int32_t placements_given_back(const Dw__Suspension *suspension, int32_t begins)
{
    const Dw__Date *given_back =
        suspension->kept_until == NULL ? suspension->from : suspension->kept_until;
    return given_back->days < begins ? given_back->days : begins;
}

bool placements_is_coming(const Dw__Placement *placement)
{
    return placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE ||
           placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_TRIAL ||
           placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_SUSPENDED;
}

bool placements_is_there(const Dw__Placement *placement)
{
    return placements_is_coming(placement) && placement->suspension == NULL;
}

const Dw__Date *placements_death(const struct state *state, const ProtobufCBinaryData *person_id)
{
    const struct id id = id_or_zero(person_id);
    const Dw__NotedDeath *death = entities_get(state->entities, PLACEMENTS_KIND_DEATH, &id, 0);
    return death == NULL ? NULL : death->date;
}

int32_t placements_contract_last(const Dw__NotedContract *contract)
{
    const Dw__Date *last =
        contract->standing == NULL ? contract->contract->to : contract->standing->to;
    return last == NULL ? INT32_MAX : last->days;
}

/* Whether it covers the level, and the date lies in its term. */
static bool covers(const Dw__NotedContract *contract, uint32_t level, int32_t date)
{
    if (date < contract->contract->from->days || date > placements_contract_last(contract))
        return false;
    for (size_t at = 0; at < contract->contract->n_levels; at++)
        if (contract->contract->levels[at] == level)
            return true;
    return false;
}

static bool is_live(const Dw__NotedContract *contract)
{
    return contract->standing == NULL ||
           contract->standing->state == DW__CONTRACT_STATE__CONTRACT_STATE_LIVE;
}

/* What was agreed later goes before, and of two of one day the smaller id. */
static bool goes_before(const Dw__NotedContract *contract, const struct id *id,
                        const Dw__NotedContract *found, const struct id *found_id)
{
    const int32_t from = contract->contract->from->days;
    const int32_t found_from = found->contract->from->days;
    return from != found_from ? from > found_from : id_compare(id, found_id) < 0;
}

/* Of several the one that goes before. */
static const Dw__NotedContract *find_contract(const struct state *state,
                                              const Dw__PlacementTerms *terms, int32_t date,
                                              bool live_only, struct id *ret_contract_id)
{
    const struct id provider_id = id_or_zero(&terms->provider_id);
    const Dw__NotedContract *found = NULL;
    for (const struct id *id = lists_first(state->contracts, &provider_id); id != NULL;
         id = lists_next(state->contracts, id)) {
        const Dw__NotedContract *contract =
            entities_get(state->entities, PLACEMENTS_KIND_CONTRACT, id, 0);
        if ((live_only && !is_live(contract)) || !covers(contract, terms->level, date) ||
            (found != NULL && !goes_before(contract, id, found, ret_contract_id)))
            continue;
        found = contract;
        *ret_contract_id = *id;
    }
    return found;
}

const Dw__NotedContract *placements_contract(const struct state *state,
                                             const Dw__PlacementTerms *terms, int32_t date,
                                             struct id *ret_contract_id)
{
    return find_contract(state, terms, date, true, ret_contract_id);
}

const Dw__NotedContract *placements_any_contract(const struct state *state,
                                                 const Dw__PlacementTerms *terms, int32_t date)
{
    struct id id;
    return find_contract(state, terms, date, false, &id);
}

int32_t placements_next_contract(const struct state *state, const Dw__PlacementTerms *terms,
                                 int32_t date)
{
    const struct id provider_id = id_or_zero(&terms->provider_id);
    int32_t next = INT32_MAX;
    for (const struct id *id = lists_first(state->contracts, &provider_id); id != NULL;
         id = lists_next(state->contracts, id)) {
        const Dw__NotedContract *contract =
            entities_get(state->entities, PLACEMENTS_KIND_CONTRACT, id, 0);
        const int32_t from = contract->contract->from->days;
        if (from > date && from < next && covers(contract, terms->level, from))
            next = from;
    }
    return next;
}

const Dw__NotedContract *placements_contract_under(const struct state *state,
                                                   const Dw__Placement *placement,
                                                   const Dw__PlacementTerms *terms)
{
    struct id id = id_or_zero(&placement->contract_id);
    if (terms->funding == DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT ||
        terms->funding == DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED)
        return NULL;
    const Dw__NotedContract *own = entities_get(state->entities, PLACEMENTS_KIND_CONTRACT, &id, 0);
    return own != NULL ? own : find_contract(state, terms, terms->from->days, false, &id);
}

const Dw__NotedContract *placements_contract_of(const struct state *state,
                                                const Dw__Placement *placement)
{
    return placements_contract_under(state, placement, placement->terms);
}
