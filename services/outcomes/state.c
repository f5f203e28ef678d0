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
    state->erasing = lists_create(sizeof(uint32_t), sizeof(struct id));
    state->voices = table_create(sizeof(struct held), sizeof(uint32_t));
    if (state->by_person == NULL || state->erasing == NULL || state->sustained == NULL ||
        state->voices == NULL)
        outcomes_destroy(&state);
    return state;
}

void outcomes_destroy(struct state **state)
{
    if (*state == NULL)
        return;
    lists_destroy(&(*state)->by_person);
    lists_destroy(&(*state)->erasing);
    alarms_destroy(&(*state)->sustained);
    table_destroy(&(*state)->voices);
    free(*state);
    *state = NULL;
}

const Dw__OutcomePlan *outcomes_plan(const struct state *state, const ProtobufCBinaryData *data)
{
    const struct id id = id_or_zero(data);
    return entities_get(state->entities, OUTCOMES_KIND_PLAN, &id, 0);
}

const Dw__Support *outcomes_support(const struct state *state,
                                    const ProtobufCBinaryData *placement_id)
{
    const struct id id = id_or_zero(placement_id);
    return entities_get(state->entities, OUTCOMES_KIND_SUPPORT, &id, 0);
}

const Dw__MilestoneRecord *outcomes_milestone(const struct state *state,
                                              const ProtobufCBinaryData *data)
{
    const struct id id = id_or_zero(data);
    return entities_get(state->entities, OUTCOMES_KIND_MILESTONE, &id, 0);
}

const Dw__Satisfaction *outcomes_satisfaction(const struct state *state,
                                              const ProtobufCBinaryData *data)
{
    const struct id id = id_or_zero(data);
    return entities_get(state->entities, OUTCOMES_KIND_SATISFACTION, &id, 0);
}

const Dw__EndReport *outcomes_end_report(const struct state *state, const ProtobufCBinaryData *data)
{
    const struct id id = id_or_zero(data);
    return entities_get(state->entities, OUTCOMES_KIND_END_REPORT, &id, 0);
}

const Dw__Date *outcomes_death(const struct state *state, const ProtobufCBinaryData *person_id)
{
    const struct id id = id_or_zero(person_id);
    const Dw__DeceasedSubject *deceased =
        entities_get(state->entities, OUTCOMES_KIND_DEATH, &id, 0);
    return deceased == NULL ? NULL : deceased->date;
}

static struct held name_of(const Dw__VoiceRecord *voice)
{
    return voice->feedback != NULL
               ? (struct held){id_or_zero(&voice->feedback->feedback_id), OUTCOMES_FEEDBACK}
           : voice->survey != NULL
               ? (struct held){id_or_zero(&voice->survey->survey_id), OUTCOMES_SURVEY}
               : (struct held){id_or_zero(&voice->engagement->engagement_id), OUTCOMES_ENGAGEMENT};
}

const Dw__VoiceRecord *outcomes_voice_at(const struct state *state, uint32_t number)
{
    static const struct id none = {{0}};
    return entities_get(state->entities, OUTCOMES_KIND_VOICE, &none, number % OUTCOMES_VOICES_MAX);
}

const Dw__VoiceRecord *outcomes_voice(const struct state *state, enum outcomes_voice_kind kind,
                                      const ProtobufCBinaryData *data)
{
    const struct held name = {id_or_zero(data), kind};
    const uint32_t *number = table_get(state->voices, &name);
    return number == NULL ? NULL : outcomes_voice_at(state, *number);
}

const ProtobufCBinaryData *outcomes_voice_text(const Dw__VoiceRecord *voice)
{
    static const ProtobufCBinaryData none = {0, NULL};
    return voice->feedback != NULL     ? &voice->feedback->text_id
           : voice->engagement != NULL ? &voice->engagement->text_id
                                       : &none;
}

Dw__GoalRecord *outcomes_goal(const Dw__OutcomePlan *plan, const ProtobufCBinaryData *data)
{
    const struct id id = id_or_zero(data);
    for (size_t at = 0; at < plan->n_goals; at++) {
        const struct id goal_id = id_or_zero(&plan->goals[at]->goal->goal_id);
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

bool outcomes_is_open(const Dw__GoalRecord *goal)
{
    return goal->next_review != NULL;
}

bool outcomes_is_anothers(const Dw__PlanSubject *subject, const struct context *ctx)
{
    const struct id provider_id = id_or_zero(&subject->provider_id);
    return !principal_sees(ctx->principal, &provider_id);
}

/* --- indexes ---------------------------------------------------------------------------------------------------- */

/* Under which name a record about a person stands among theirs, and whose it is; false: nobody's. */
static bool held_of(const struct entity_key *key, const ProtobufCMessage *record,
                    struct held *ret_held, struct id *ret_person_id)
{
    *ret_held = (struct held){key->id, key->kind};
    if (record == NULL)
        return false;
    switch (key->kind) {
    case OUTCOMES_KIND_PLAN:
        return id_from_data(&((const Dw__OutcomePlan *)record)->subject->person_id, ret_person_id);
    case OUTCOMES_KIND_SUPPORT:
        return id_from_data(&((const Dw__Support *)record)->person_id, ret_person_id);
    case OUTCOMES_KIND_MILESTONE:
        return id_from_data(&((const Dw__MilestoneRecord *)record)->milestone->subject->person_id,
                            ret_person_id);
    case OUTCOMES_KIND_SATISFACTION:
        return id_from_data(&((const Dw__Satisfaction *)record)->subject->person_id, ret_person_id);
    case OUTCOMES_KIND_END_REPORT:
        return id_from_data(&((const Dw__EndReport *)record)->subject->person_id, ret_person_id);
    case OUTCOMES_KIND_DEATH:
        *ret_person_id = key->id;
        return true;
    case OUTCOMES_KIND_VOICE:
        ret_held->id = name_of((const Dw__VoiceRecord *)record).id;
        return ((const Dw__VoiceRecord *)record)->feedback != NULL &&
               id_from_data(&((const Dw__VoiceRecord *)record)->feedback->person_id, ret_person_id);
    default:
        return false;
    }
}

/* What changes and stays the same person's keeps its place, so that a list may be gone through while its records change. */
static void index_person(struct state *state, const struct entity_key *key,
                         const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    struct held was;
    struct held is;
    struct id from;
    struct id to;
    const bool had = held_of(key, before, &was, &from);
    const bool has = held_of(key, after, &is, &to);
    if (had && has && id_equal(&from, &to) && id_equal(&was.id, &is.id))
        return;
    if (had)
        lists_remove(state->by_person, &from, &was);
    if (has)
        lists_add(state->by_person, &to, &is);
}

static void index_voice(struct state *state, const Dw__VoiceRecord *before,
                        const Dw__VoiceRecord *after)
{
    if (before != NULL) {
        const struct held name = name_of(before);
        (void)table_remove(state->voices, &name);
    }
    if (after == NULL)
        return;
    const struct held name = name_of(after);
    *(uint32_t *)table_put(state->voices, &name, NULL) = after->number;
    if (after->number > state->voices_last)
        state->voices_last = after->number;
}

static void index_milestone(struct state *state, const struct id *id,
                            const Dw__MilestoneRecord *record)
{
    uint32_t weeks = 0;
    const int32_t day = record == NULL ? INT32_MAX : outcomes_sustained_on(state, record, &weeks);
    if (day == INT32_MAX)
        alarms_remove(state->sustained, id);
    else
        alarms_set(state->sustained, id, calendar_london_to_utc(day, 0));
}

/* What the person did was sustained until then and no longer. */
static void index_death(struct state *state, const struct id *person_id)
{
    for (const struct held *held = lists_first(state->by_person, person_id); held != NULL;
         held = lists_next(state->by_person, held))
        if (held->kind == OUTCOMES_KIND_MILESTONE)
            index_milestone(state, &held->id,
                            entities_get(state->entities, OUTCOMES_KIND_MILESTONE, &held->id, 0));
}

static void index_erased(struct state *state, const struct id *id, const Dw__ErasedSubject *before,
                         const Dw__ErasedSubject *after)
{
    static const uint32_t all = 0;
    if (before != NULL && before->goes_on)
        lists_remove(state->erasing, &all, id);
    if (after != NULL && after->goes_on)
        lists_add(state->erasing, &all, id);
}

void outcomes_index(struct state *state, const struct entity_key *key,
                    const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    index_person(state, key, before, after);
    if (key->kind == OUTCOMES_KIND_MILESTONE)
        index_milestone(state, &key->id, (const Dw__MilestoneRecord *)after);
    else if (key->kind == OUTCOMES_KIND_DEATH)
        index_death(state, &key->id);
    else if (key->kind == OUTCOMES_KIND_ERASED)
        index_erased(state, &key->id, (const Dw__ErasedSubject *)before,
                     (const Dw__ErasedSubject *)after);
    else if (key->kind == OUTCOMES_KIND_VOICE)
        index_voice(state, (const Dw__VoiceRecord *)before, (const Dw__VoiceRecord *)after);
}
