/* Erasing what was written of a person, once referrals says so: to the last record of the vault however many there are, some of
 * them in one decision. */
#include "services/outcomes/state.h"

#include "referrals.pb-c.h"

#include <string.h>

_Static_assert(OUTCOMES_FORGETS_MAX > OUTCOMES_REVIEWS_MAX + 2, "each decision gets on");

bool outcomes_is_erased(const struct state *state, const ProtobufCBinaryData *person_id)
{
    return outcomes_erased(state, person_id) != NULL;
}

const Dw__ErasedSubject *outcomes_erased(const struct state *state,
                                         const ProtobufCBinaryData *person_id)
{
    const struct id id = id_or_zero(person_id);
    return entities_get(state->entities, OUTCOMES_KIND_ERASED, &id, 0);
}

/* --- which texts there are ---------------------------------------------------------------------------------------- */

/* Texts that are taken, up to as many as one decision empties. */
struct texts {
    ProtobufCBinaryData ids[OUTCOMES_FORGETS_MAX];
    size_t count;
    bool goes_on;
};

static void take(const ProtobufCBinaryData *text_id, struct texts *texts)
{
    if (text_id->len == 0)
        return;
    texts->goes_on = texts->count == OUTCOMES_FORGETS_MAX;
    if (!texts->goes_on)
        texts->ids[texts->count++] = *text_id;
}

static void take_plan(const Dw__OutcomePlan *plan, struct texts *texts)
{
    for (size_t at = 0; at < plan->n_goals; at++) {
        take(&plan->goals[at]->goal->text_id, texts);
        for (size_t review = 0; review < plan->goals[at]->n_reviews; review++)
            take(&plan->goals[at]->reviews[review]->notes_id, texts);
    }
}

static void take_held(const struct state *state, const struct held *held, struct texts *texts)
{
    const ProtobufCBinaryData id = id_to_data(&held->id);
    switch (held->kind) {
    case OUTCOMES_KIND_PLAN:
        take_plan(outcomes_plan(state, &id), texts);
        break;
    case OUTCOMES_KIND_MILESTONE:
        take(&outcomes_milestone(state, &id)->milestone->text_id, texts);
        break;
    case OUTCOMES_KIND_SATISFACTION:
        take(&outcomes_satisfaction(state, &id)->text_id, texts);
        break;
    case OUTCOMES_KIND_END_REPORT:
        take(&outcomes_end_report(state, &id)->text_id, texts);
        break;
    case OUTCOMES_KIND_VOICE:
        take(outcomes_voice_text(outcomes_voice(state, OUTCOMES_FEEDBACK, &id)), texts);
        break;
    default:
        break;
    }
}

/* --- erasing ------------------------------------------------------------------------------------------------------ */

static void erase_some(const struct state *state, const ProtobufCBinaryData *person_data,
                       struct decision *decision)
{
    struct id person_id;
    if (!id_from_data(person_data, &person_id))
        return;
    struct texts *texts = decision_alloc(decision, sizeof *texts);
    for (const struct held *at = lists_first(state->by_person, &person_id);
         at != NULL && !texts->goes_on; at = lists_next(state->by_person, at))
        take_held(state, at, texts);
    const Dw__ErasedSubject *before = outcomes_erased(state, person_data);
    if (before != NULL && !before->goes_on && texts->count == 0)
        return; /* referrals says it as often as it needs to erase its own */
    for (size_t at = 0; at < texts->count; at++) {
        const struct id text_id = id_or_zero(&texts->ids[at]);
        decision_forget(decision, &text_id);
    }
    Dw__OutcomeTextsErased erased = DW__OUTCOME_TEXTS_ERASED__INIT;
    erased.person_id = *person_data;
    erased.n_text_ids = texts->count;
    erased.text_ids = texts->ids;
    erased.goes_on = texts->goes_on;
    decision_emit(decision, &erased.base);
}

OUTCOMES_REACT(erased)
{
    (void)ctx;
    erase_some(state, &((const Dw__PersonErased *)event->message)->person_id, decision);
}

OUTCOMES_DECIDE(continue_erasure)
{
    (void)ctx;
    const Dw__ContinueTextErasure *more = (const Dw__ContinueTextErasure *)command;
    const Dw__ErasedSubject *erased = outcomes_erased(state, &more->person_id);
    if (erased != NULL && erased->goes_on)
        erase_some(state, &more->person_id, decision);
}
