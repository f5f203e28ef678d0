/* Records of referrals, and evolve: the only code that changes them. */
#include "services/referrals/state.h"

#include <assert.h>
#include <stdlib.h>

/* --- moves ------------------------------------------------------------------------------------------------------ */

#define STATE(name, words)                                                                         \
    _Static_assert((int)REFERRAL_##name == (int)DW__REFERRAL_STATE__REFERRAL_STATE_##name,         \
                   "the rows stand in the order of the message's enum");
#include "services/referrals/moves.def"

/* One number for a pair, so that two rows for the same pair are two equal cases, which do not compile. */
#define CELL(state, event) ((int)(state)*REFERRAL_EVENTS + (int)(event))

enum referral_state referral_next(enum referral_state state, enum referral_event event)
{
    switch (CELL(state, event)) {
#define MOVE(from, event, to)                                                                      \
    case CELL(REFERRAL_##from, REFERRAL_EVENT_##event):                                            \
        return REFERRAL_##to;
#include "services/referrals/moves.def"
    }
    return REFERRAL_UNSPECIFIED;
}

const char *referral_state_words(enum referral_state state)
{
    static const char *const words_of[REFERRAL_STATES] = {
#define STATE(name, words) [REFERRAL_##name] = words,
#include "services/referrals/moves.def"
    };
    return words_of[state];
}

/* --- creation and reading --------------------------------------------------------------------------------------- */

struct state *referrals_create(struct entities *entities)
{
    struct state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->entities = entities;
    state->by_council = table_create(sizeof(struct id), sizeof(struct id));
    if (state->by_council == NULL)
        referrals_destroy(&state);
    return state;
}

void referrals_destroy(struct state **pointer)
{
    struct state *state = *pointer;
    if (state == NULL)
        return;
    table_destroy(&state->by_council);
    free(state);
    *pointer = NULL;
}

static struct id to_id(const ProtobufCBinaryData *data)
{
    struct id id = {0};
    (void)id_from_data(data, &id);
    return id;
}

void referrals_index(struct state *state, const struct entity_key *key,
                     const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    if (key->kind != REFERRALS_KIND_PERSON)
        return;
    const Dw__Person *old = (const Dw__Person *)before;
    const Dw__Person *new = (const Dw__Person *)after;
    struct id council_ref;
    if (old != NULL && id_from_data(&old->council_ref, &council_ref))
        (void)table_remove(state->by_council, &council_ref);
    if (new != NULL && id_from_data(&new->council_ref, &council_ref))
        *(struct id *)table_put(state->by_council, &council_ref, NULL) = key->id;
}

const struct id *referrals_person_by_council(const struct state *state,
                                             const struct id *council_ref)
{
    return table_get(state->by_council, council_ref);
}

const Dw__Person *referrals_person(const struct state *state, const ProtobufCBinaryData *data)
{
    const struct id id = to_id(data);
    return entities_get(state->entities, REFERRALS_KIND_PERSON, &id, 0);
}

const Dw__Referral *referrals_get(const struct state *state, const ProtobufCBinaryData *data)
{
    const struct id id = to_id(data);
    return entities_get(state->entities, REFERRALS_KIND_REFERRAL, &id, 0);
}

Dw__PersonFacts *referrals_facts(const struct state *state, const Dw__Referral *referral)
{
    const Dw__Person *person = referrals_person(state, &referral->person_id);
    assert(person != NULL);
    return person->facts;
}

const char *referrals_assignee(const Dw__Referral *referral)
{
    return referral->n_assignments == 0
               ? ""
               : referral->assignments[referral->n_assignments - 1]->assignee;
}

static const struct id COUNTER_ID = {{0}};

uint32_t referrals_last_number(const struct state *state, uint32_t year)
{
    const Dw__ReferenceCounter *counter =
        entities_get(state->entities, REFERRALS_KIND_COUNTER, &COUNTER_ID, year);
    return counter == NULL ? 0 : counter->last;
}

/* --- evolve ----------------------------------------------------------------------------------------------------- */

REFERRALS_EVOLVE(person_recorded)
{
    (void)recorded;
    const Dw__PersonRecorded *ev = (const Dw__PersonRecorded *)event;
    Dw__Person person = DW__PERSON__INIT;
    person.person_id = ev->person_id;
    person.vault_id = ev->vault_id;
    person.facts = ev->facts;
    person.council_ref = ev->council_ref;
    const struct id id = to_id(&ev->person_id);
    entities_put(state->entities, REFERRALS_KIND_PERSON, &id, 0, &person.base);
}

/* A copy of the referral to be changed and put again, with the state the event leads to: the one place that assigns
 * state. False when the event cannot happen there; nothing changes then. */
static bool move(const struct state *state, const ProtobufCBinaryData *referral_id,
                 enum referral_event event, const struct recorded *recorded,
                 Dw__Referral *ret_referral)
{
    const Dw__Referral *before = referrals_get(state, referral_id);
    const enum referral_state from =
        before == NULL ? REFERRAL_UNSPECIFIED : (enum referral_state)before->state;
    const enum referral_state to = referral_next(from, event);
    if (to == REFERRAL_UNSPECIFIED)
        return false;
    if (before == NULL)
        dw__referral__init(ret_referral);
    else
        *ret_referral = *before;
    ret_referral->referral_id = *referral_id;
    ret_referral->state = (Dw__ReferralState)to;
    if (to != from)
        ret_referral->changed_ms = recorded->at_ms;
    return true;
}

static void put(struct state *state, const Dw__Referral *referral)
{
    const struct id id = to_id(&referral->referral_id);
    entities_put(state->entities, REFERRALS_KIND_REFERRAL, &id, 0, &referral->base);
}

REFERRALS_EVOLVE(created)
{
    const Dw__ReferralCreated *ev = (const Dw__ReferralCreated *)event;
    Dw__Referral referral;
    if (!move(state, &ev->referral_id, REFERRAL_EVENT_CREATE, recorded, &referral))
        return;
    assert(ev->n_lines <= REFERRAL_LINES_MAX);
    Dw__LineRecord records[REFERRAL_LINES_MAX];
    Dw__LineRecord *lines[REFERRAL_LINES_MAX];
    for (size_t at = 0; at < ev->n_lines; at++) {
        dw__line_record__init(&records[at]);
        records[at].line = ev->lines[at];
        lines[at] = &records[at];
    }
    referral.person_id = ev->person_id;
    referral.urgency = ev->urgency;
    referral.n_lines = ev->n_lines;
    referral.lines = lines;
    referral.notes_id = ev->notes_id;
    referral.created_ms = recorded->at_ms;
    put(state, &referral);
}

REFERRALS_EVOLVE(submitted)
{
    const Dw__ReferralSubmitted *ev = (const Dw__ReferralSubmitted *)event;
    Dw__Referral referral;
    if (!move(state, &ev->referral_id, REFERRAL_EVENT_SUBMIT, recorded, &referral))
        return;
    referral.reference = ev->reference;
    referral.submitted_ms = recorded->at_ms;
    put(state, &referral);
    Dw__ReferenceCounter counter = DW__REFERENCE_COUNTER__INIT;
    counter.year = ev->reference_year;
    counter.last = ev->reference_number;
    entities_put(state->entities, REFERRALS_KIND_COUNTER, &COUNTER_ID, ev->reference_year,
                 &counter.base);
}

REFERRALS_EVOLVE(accepted)
{
    const Dw__ReferralAccepted *ev = (const Dw__ReferralAccepted *)event;
    Dw__Referral referral;
    if (move(state, &ev->referral_id, REFERRAL_EVENT_ACCEPT, recorded, &referral))
        put(state, &referral);
}

REFERRALS_EVOLVE(assigned)
{
    const Dw__ReferralAssigned *ev = (const Dw__ReferralAssigned *)event;
    Dw__Referral referral;
    Dw__Assignment *assignments[REFERRAL_ASSIGNMENTS_MAX];
    if (!move(state, &ev->referral_id, REFERRAL_EVENT_ASSIGN, recorded, &referral))
        return;
    assert(referral.n_assignments < REFERRAL_ASSIGNMENTS_MAX);
    for (size_t at = 0; at < referral.n_assignments; at++)
        assignments[at] = referral.assignments[at];
    Dw__Assignment assignment = DW__ASSIGNMENT__INIT;
    assignment.assignee = ev->assignee;
    assignment.assigned_ms = recorded->at_ms;
    assignment.by = (char *)(uintptr_t)recorded->principal->name;
    assignments[referral.n_assignments++] = &assignment;
    referral.assignments = assignments;
    put(state, &referral);
}

REFERRALS_EVOLVE(line_placed)
{
    const Dw__ReferralLinePlaced *ev = (const Dw__ReferralLinePlaced *)event;
    Dw__Referral referral;
    if (!move(state, &ev->referral_id, REFERRAL_EVENT_PLACE_LINE, recorded, &referral) ||
        ev->line_number < 1 || ev->line_number > referral.n_lines)
        return;
    Dw__LineRecord *lines[REFERRAL_LINES_MAX];
    for (size_t at = 0; at < referral.n_lines; at++)
        lines[at] = referral.lines[at];
    Dw__LineRecord placed = *lines[ev->line_number - 1];
    placed.placement_id = ev->placement_id;
    lines[ev->line_number - 1] = &placed;
    referral.lines = lines;
    put(state, &referral);
}

REFERRALS_EVOLVE(placed)
{
    const Dw__ReferralPlaced *ev = (const Dw__ReferralPlaced *)event;
    Dw__Referral referral;
    if (move(state, &ev->referral_id, REFERRAL_EVENT_PLACE, recorded, &referral))
        put(state, &referral);
}

REFERRALS_EVOLVE(withdrawn)
{
    const Dw__ReferralWithdrawn *ev = (const Dw__ReferralWithdrawn *)event;
    Dw__Referral referral;
    if (!move(state, &ev->referral_id, REFERRAL_EVENT_WITHDRAW, recorded, &referral))
        return;
    referral.why_case = DW__REFERRAL__WHY_WITHDRAW_REASON;
    referral.withdraw_reason = ev->reason;
    put(state, &referral);
}

REFERRALS_EVOLVE(closed)
{
    const Dw__ReferralClosed *ev = (const Dw__ReferralClosed *)event;
    Dw__Referral referral;
    if (!move(state, &ev->referral_id, REFERRAL_EVENT_CLOSE, recorded, &referral))
        return;
    referral.why_case = DW__REFERRAL__WHY_CLOSE_REASON;
    referral.close_reason = ev->reason;
    put(state, &referral);
}
