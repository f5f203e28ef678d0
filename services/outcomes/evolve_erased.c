/* Evolve of erasure: what leads to an emptied record of the vault goes from the records of the person. */
#include "services/outcomes/state.h"

#include <assert.h>

static bool is_among(const ProtobufCBinaryData *text_id, const Dw__OutcomeTextsErased *erased)
{
    for (size_t at = 0; at < erased->n_text_ids; at++)
        if (id_data_equal(text_id, &erased->text_ids[at]))
            return true;
    return false;
}

/* True when it was there and is empty now. */
static bool empty(ProtobufCBinaryData *text_id, const Dw__OutcomeTextsErased *erased)
{
    if (text_id->len == 0 || !is_among(text_id, erased))
        return false;
    *text_id = (ProtobufCBinaryData){0};
    return true;
}

/* Copies of a goal and its reviews, which are where their ids are emptied. */
struct goal_copy {
    Dw__OutcomeGoal goal;
    Dw__GoalReview reviews[OUTCOMES_REVIEWS_MAX + 1];
    Dw__GoalReview *review_pointers[OUTCOMES_REVIEWS_MAX + 1];
    Dw__GoalRecord record;
};

static bool empty_goal(const Dw__GoalRecord *before, const Dw__OutcomeTextsErased *erased,
                       struct goal_copy *copy)
{
    assert(before->n_reviews <= OUTCOMES_REVIEWS_MAX + 1);
    copy->record = *before;
    copy->goal = *before->goal;
    copy->record.goal = &copy->goal;
    copy->record.reviews = copy->review_pointers;
    bool changed = empty(&copy->goal.text_id, erased);
    for (size_t at = 0; at < before->n_reviews; at++) {
        copy->reviews[at] = *before->reviews[at];
        copy->review_pointers[at] = &copy->reviews[at];
        changed |= empty(&copy->reviews[at].notes_id, erased);
    }
    return changed;
}

static void empty_plan(struct state *state, const struct held *held,
                       const Dw__OutcomeTextsErased *erased)
{
    const Dw__OutcomePlan *before = entities_get(state->entities, OUTCOMES_KIND_PLAN, &held->id, 0);
    struct goal_copy copies[OUTCOMES_GOALS_MAX];
    Dw__GoalRecord *goals[OUTCOMES_GOALS_MAX];
    bool changed = false;
    assert(before->n_goals <= OUTCOMES_GOALS_MAX);
    for (size_t at = 0; at < before->n_goals; at++) {
        changed |= empty_goal(before->goals[at], erased, &copies[at]);
        goals[at] = &copies[at].record;
    }
    Dw__OutcomePlan plan = *before;
    plan.goals = goals;
    if (changed)
        entities_put(state->entities, OUTCOMES_KIND_PLAN, &held->id, 0, &plan.base);
}

static void empty_voice(struct state *state, const ProtobufCBinaryData *id,
                        const Dw__OutcomeTextsErased *erased)
{
    static const struct id none = {{0}};
    Dw__VoiceRecord voice = *outcomes_voice(state, OUTCOMES_FEEDBACK, id);
    Dw__ProviderFeedback feedback = *voice.feedback;
    voice.feedback = &feedback;
    if (empty(&feedback.text_id, erased))
        entities_put(state->entities, OUTCOMES_KIND_VOICE, &none,
                     voice.number % OUTCOMES_VOICES_MAX, &voice.base);
}

static void empty_milestone(struct state *state, const struct held *held,
                            const Dw__OutcomeTextsErased *erased)
{
    Dw__MilestoneRecord record = *(const Dw__MilestoneRecord *)entities_get(
        state->entities, OUTCOMES_KIND_MILESTONE, &held->id, 0);
    Dw__Milestone milestone = *record.milestone;
    record.milestone = &milestone;
    if (empty(&milestone.text_id, erased))
        entities_put(state->entities, OUTCOMES_KIND_MILESTONE, &held->id, 0, &record.base);
}

static void empty_held(struct state *state, const struct held *held,
                       const Dw__OutcomeTextsErased *erased)
{
    const ProtobufCBinaryData id = id_to_data(&held->id);
    if (held->kind == OUTCOMES_KIND_PLAN) {
        empty_plan(state, held, erased);
    } else if (held->kind == OUTCOMES_KIND_MILESTONE) {
        empty_milestone(state, held, erased);
    } else if (held->kind == OUTCOMES_KIND_SATISFACTION) {
        Dw__Satisfaction satisfaction = *outcomes_satisfaction(state, &id);
        if (empty(&satisfaction.text_id, erased))
            entities_put(state->entities, OUTCOMES_KIND_SATISFACTION, &held->id, 0,
                         &satisfaction.base);
    } else if (held->kind == OUTCOMES_KIND_END_REPORT) {
        Dw__EndReport report = *outcomes_end_report(state, &id);
        if (empty(&report.text_id, erased))
            entities_put(state->entities, OUTCOMES_KIND_END_REPORT, &held->id, 0, &report.base);
    } else if (held->kind == OUTCOMES_KIND_VOICE) {
        empty_voice(state, &id, erased);
    }
}

/* A record that is put stays in its place of the list: see index_person. */
OUTCOMES_EVOLVE(texts_erased)
{
    (void)recorded;
    const Dw__OutcomeTextsErased *ev = (const Dw__OutcomeTextsErased *)event;
    const struct id person_id = id_or_zero(&ev->person_id);
    for (const struct held *at = lists_first(state->by_person, &person_id); at != NULL;
         at = lists_next(state->by_person, at))
        empty_held(state, at, ev);
    Dw__ErasedSubject subject = DW__ERASED_SUBJECT__INIT;
    subject.goes_on = ev->goes_on;
    entities_put(state->entities, OUTCOMES_KIND_ERASED, &person_id, 0, &subject.base);
}
