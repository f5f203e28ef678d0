/* Records of outcomes and the indexes beside them. */
#include "services/outcomes/state.h"

#include "common/calendar.h"

#include <stdlib.h>

struct state *outcomes_create(struct entities *entities)
{
    struct state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->entities = entities;
    state->by_person = lists_create(sizeof(struct id), sizeof(struct held));
    state->sustained = alarms_create();
    if (state->by_person == NULL || state->sustained == NULL)
        outcomes_destroy(&state);
    return state;
}

void outcomes_destroy(struct state **state)
{
    if (*state == NULL)
        return;
    lists_destroy(&(*state)->by_person);
    alarms_destroy(&(*state)->sustained);
    free(*state);
    *state = NULL;
}

static struct id to_id(const ProtobufCBinaryData *data)
{
    struct id id = {0};
    (void)id_from_data(data, &id);
    return id;
}

const Dw__OutcomePlan *outcomes_plan(const struct state *state, const ProtobufCBinaryData *data)
{
    const struct id id = to_id(data);
    return entities_get(state->entities, OUTCOMES_KIND_PLAN, &id, 0);
}

const Dw__Support *outcomes_support(const struct state *state,
                                    const ProtobufCBinaryData *placement_id)
{
    const struct id id = to_id(placement_id);
    return entities_get(state->entities, OUTCOMES_KIND_SUPPORT, &id, 0);
}

const Dw__MilestoneRecord *outcomes_milestone(const struct state *state,
                                              const ProtobufCBinaryData *data)
{
    const struct id id = to_id(data);
    return entities_get(state->entities, OUTCOMES_KIND_MILESTONE, &id, 0);
}

Dw__GoalRecord *outcomes_goal(const Dw__OutcomePlan *plan, const ProtobufCBinaryData *data)
{
    const struct id id = to_id(data);
    for (size_t at = 0; at < plan->n_goals; at++) {
        const struct id goal_id = to_id(&plan->goals[at]->goal->goal_id);
        if (id_equal(&goal_id, &id))
            return plan->goals[at];
    }
    return NULL;
}

bool outcomes_is_achieved(const Dw__GoalRecord *goal)
{
    return goal->n_reviews > 0 &&
           goal->reviews[goal->n_reviews - 1]->result == DW__REVIEW_RESULT__REVIEW_RESULT_ACHIEVED;
}

bool outcomes_is_anothers(const Dw__PlanSubject *subject, const struct context *ctx)
{
    const struct id provider_id = to_id(&subject->provider_id);
    return !principal_sees(ctx->principal, &provider_id);
}

/* --- indexes ---------------------------------------------------------------------------------------------------- */

/* Whose the record is; zero: nobody's. */
static struct id person_of(uint8_t kind, const ProtobufCMessage *record)
{
    switch (kind) {
    case OUTCOMES_KIND_PLAN:
        return to_id(&((const Dw__OutcomePlan *)record)->subject->person_id);
    case OUTCOMES_KIND_SUPPORT:
        return to_id(&((const Dw__Support *)record)->person_id);
    case OUTCOMES_KIND_MILESTONE:
        return to_id(&((const Dw__MilestoneRecord *)record)->milestone->subject->person_id);
    default:
        return (struct id){{0}};
    }
}

/* What changes and stays the same person's keeps its place, so that a list may be gone through while its records change. */
static void index_person(struct state *state, const struct entity_key *key,
                         const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    const struct held held = {key->id, key->kind};
    const struct id none = {{0}};
    const struct id from = before == NULL ? none : person_of(key->kind, before);
    const struct id to = after == NULL ? none : person_of(key->kind, after);
    if (id_equal(&from, &to))
        return;
    if (!id_is_zero(&from))
        lists_remove(state->by_person, &from, &held);
    if (!id_is_zero(&to))
        lists_add(state->by_person, &to, &held);
}

static void index_milestone(struct state *state, const struct id *id,
                            const Dw__MilestoneRecord *record)
{
    uint32_t weeks = 0;
    const int32_t day = record == NULL ? INT32_MAX : outcomes_sustained_on(record, &weeks);
    if (day == INT32_MAX)
        alarms_remove(state->sustained, id);
    else
        alarms_set(state->sustained, id, calendar_london_to_utc(day, 0));
}

void outcomes_index(struct state *state, const struct entity_key *key,
                    const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    index_person(state, key, before, after);
    if (key->kind == OUTCOMES_KIND_MILESTONE)
        index_milestone(state, &key->id, (const Dw__MilestoneRecord *)after);
}
