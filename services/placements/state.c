/* Records of placements, their indexes, and evolve: the only code that changes a placement. */
#include "services/placements/state.h"

#include <stdlib.h>

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

/* --- creation and indexes --------------------------------------------------------------------------------------- */

struct state *placements_create(struct entities *entities)
{
    struct state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->entities = entities;
    state->by_hold = table_create(sizeof(struct id), sizeof(struct id));
    state->by_person = lists_create(sizeof(struct id), sizeof(struct id));
    if (state->by_hold == NULL || state->by_person == NULL)
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
    free(state);
    *pointer = NULL;
}

static struct id to_id(const ProtobufCBinaryData *data)
{
    struct id id = {0};
    (void)id_from_data(data, &id);
    return id;
}

void placements_index(struct state *state, const struct entity_key *key,
                      const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    const Dw__Placement *old = (const Dw__Placement *)before;
    const Dw__Placement *new = (const Dw__Placement *)after;
    if (old != NULL) {
        const struct id hold_id = to_id(&old->hold_id);
        (void)table_remove(state->by_hold, &hold_id);
    }
    if (new != NULL) {
        const struct id hold_id = to_id(&new->hold_id);
        *(struct id *)table_put(state->by_hold, &hold_id, NULL) = key->id;
    }
    const struct id person_id =
        to_id(old != NULL ? &old->terms->person_id : &new->terms->person_id);
    if (old == NULL)
        lists_add(state->by_person, &person_id, &key->id);
    else if (new == NULL)
        lists_remove(state->by_person, &person_id, &key->id);
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

const Dw__Placement *placements_get(const struct state *state, const ProtobufCBinaryData *data)
{
    const struct id id = to_id(data);
    return entities_get(state->entities, PLACEMENTS_KIND_PLACEMENT, &id, 0);
}

const Dw__Placement *placements_by_hold(const struct state *state, const ProtobufCBinaryData *data)
{
    const struct id hold_id = to_id(data);
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
        return placement->terms->to == NULL ? INT32_MAX : placement->terms->to->days;
    case PLACEMENT_ENDED:
        return placement->last->days;
    case PLACEMENT_UNSPECIFIED:
    case PLACEMENT_DECLINED:
    case PLACEMENT_LAPSED:
    case PLACEMENT_CANCELLED:
    case PLACEMENT_STATES:
        break;
    }
    return placement->terms->from->days - 1;
}

static bool share_a_session(const Dw__PlacementTerms *left, const Dw__PlacementTerms *right)
{
    for (size_t at = 0; at < left->n_session_ids; at++) {
        const struct id session_id = to_id(&left->session_ids[at]);
        for (size_t other = 0; other < right->n_session_ids; other++) {
            const struct id other_id = to_id(&right->session_ids[other]);
            if (id_equal(&session_id, &other_id))
                return true;
        }
    }
    return false;
}

static bool overlaps(const Dw__Placement *placement, const Dw__PlacementTerms *terms)
{
    const int32_t first = placement->terms->from->days;
    const int32_t last = last_date_taken(placement);
    const int32_t wanted_last = terms->to == NULL ? INT32_MAX : terms->to->days;
    return first <= last && first <= wanted_last && terms->from->days <= last &&
           share_a_session(placement->terms, terms);
}

const Dw__Placement *placements_overlapping(const struct state *state,
                                            const Dw__PlacementTerms *terms)
{
    const struct id person_id = to_id(&terms->person_id);
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

/* --- evolve ----------------------------------------------------------------------------------------------------- */

/* A copy of the placement to be changed and put again, with the state the event leads to: the one place that
 * assigns state. False when the event cannot happen there; nothing changes then. */
static bool move(const struct state *state, const ProtobufCBinaryData *placement_id,
                 enum placement_event event, const struct recorded *recorded,
                 Dw__Placement *ret_placement)
{
    const Dw__Placement *before = placements_get(state, placement_id);
    const enum placement_state from =
        before == NULL ? PLACEMENT_UNSPECIFIED : (enum placement_state)before->state;
    const enum placement_state to = placement_next(from, event);
    if (to == PLACEMENT_UNSPECIFIED)
        return false;
    if (before == NULL)
        dw__placement__init(ret_placement);
    else
        *ret_placement = *before;
    ret_placement->placement_id = *placement_id;
    ret_placement->state = (Dw__PlacementState)to;
    ret_placement->changed_ms = recorded->at_ms;
    return true;
}

static void put(struct state *state, const Dw__Placement *placement)
{
    const struct id id = to_id(&placement->placement_id);
    entities_put(state->entities, PLACEMENTS_KIND_PLACEMENT, &id, 0, &placement->base);
}

PLACEMENTS_EVOLVE(proposed)
{
    const Dw__PlacementProposed *proposed = (const Dw__PlacementProposed *)event;
    Dw__Placement placement;
    if (!move(state, &proposed->placement_id, PLACEMENT_EVENT_PROPOSE, recorded, &placement))
        return;
    placement.terms = proposed->terms;
    placement.hold_id = proposed->hold_id;
    placement.proposed_ms = recorded->at_ms;
    put(state, &placement);
}

PLACEMENTS_EVOLVE(offered)
{
    const Dw__PlacementOffered *offered = (const Dw__PlacementOffered *)event;
    Dw__Placement placement;
    if (move(state, &offered->placement_id, PLACEMENT_EVENT_OFFER, recorded, &placement))
        put(state, &placement);
}

PLACEMENTS_EVOLVE(offer_accepted)
{
    const Dw__OfferAccepted *accepted = (const Dw__OfferAccepted *)event;
    Dw__Placement placement;
    if (move(state, &accepted->placement_id, PLACEMENT_EVENT_ACCEPT_OFFER, recorded, &placement))
        put(state, &placement);
}

PLACEMENTS_EVOLVE(hold_replaced)
{
    const Dw__HoldReplaced *replaced = (const Dw__HoldReplaced *)event;
    Dw__Placement placement;
    if (!move(state, &replaced->placement_id, PLACEMENT_EVENT_REPLACE_HOLD, recorded, &placement))
        return;
    placement.hold_id = replaced->hold_id;
    placement.hold_replaced = true;
    put(state, &placement);
}

PLACEMENTS_EVOLVE(accepted)
{
    const Dw__PlacementAccepted *accepted = (const Dw__PlacementAccepted *)event;
    Dw__Placement placement;
    if (move(state, &accepted->placement_id, PLACEMENT_EVENT_ACCEPT, recorded, &placement))
        put(state, &placement);
}

PLACEMENTS_EVOLVE(declined)
{
    const Dw__PlacementDeclined *declined = (const Dw__PlacementDeclined *)event;
    Dw__Placement placement;
    if (!move(state, &declined->placement_id, PLACEMENT_EVENT_DECLINE, recorded, &placement))
        return;
    placement.why_case = DW__PLACEMENT__WHY_DECLINE_REASON;
    placement.decline_reason = declined->reason;
    put(state, &placement);
}

PLACEMENTS_EVOLVE(lapsed)
{
    const Dw__PlacementLapsed *lapsed = (const Dw__PlacementLapsed *)event;
    Dw__Placement placement;
    if (!move(state, &lapsed->placement_id, PLACEMENT_EVENT_LAPSE, recorded, &placement))
        return;
    placement.why_case = DW__PLACEMENT__WHY_LAPSE_REASON;
    placement.lapse_reason = lapsed->reason;
    put(state, &placement);
}

PLACEMENTS_EVOLVE(started)
{
    const Dw__PlacementStarted *started = (const Dw__PlacementStarted *)event;
    Dw__Placement placement;
    if (!move(state, &started->placement_id, PLACEMENT_EVENT_START, recorded, &placement))
        return;
    placement.started = started->date;
    put(state, &placement);
}

PLACEMENTS_EVOLVE(ended)
{
    const Dw__PlacementEnded *ended = (const Dw__PlacementEnded *)event;
    Dw__Placement placement;
    if (!move(state, &ended->placement_id, PLACEMENT_EVENT_END, recorded, &placement))
        return;
    placement.why_case = DW__PLACEMENT__WHY_END_REASON;
    placement.end_reason = ended->reason;
    placement.last = ended->last;
    put(state, &placement);
}

PLACEMENTS_EVOLVE(cancelled)
{
    const Dw__PlacementCancelled *cancelled = (const Dw__PlacementCancelled *)event;
    Dw__Placement placement;
    if (!move(state, &cancelled->placement_id, PLACEMENT_EVENT_CANCEL, recorded, &placement))
        return;
    placement.why_case = DW__PLACEMENT__WHY_CANCEL_REASON;
    placement.cancel_reason = cancelled->reason;
    put(state, &placement);
}
