/* What every command about a person is held against, and how its words come into the vault. */
#include "services/outcomes/state.h"

#include "common/calendar.h"

/* A provider speaks of its own people: it names the placement by which it has the person. */
static bool is_own_person(const struct state *state, const Dw__PlanSubject *subject, int32_t date)
{
    const Dw__Support *support = outcomes_support(state, &subject->placement_id);
    return support != NULL && id_data_equal(&support->person_id, &subject->person_id) &&
           id_data_equal(&support->provider_id, &subject->provider_id) &&
           (support->last == NULL || date <= support->last->days);
}

void outcomes_check_person(const struct state *state, const ProtobufCBinaryData *data,
                           struct decision *decision)
{
    struct id person_id;
    if (outcomes_is_erased(state, data))
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_PERSON_ERASED,
                        "What was known of this person is erased; nothing is told of them.");
    else if (id_from_data(data, &person_id) &&
             lists_count(state->by_person, &person_id) >= OUTCOMES_OF_PERSON_MAX)
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_TOO_MANY_RECORDS,
                        "There are %d records of this person, which is as many as there may be.",
                        OUTCOMES_OF_PERSON_MAX);
}

void outcomes_check_subject(const struct state *state, const Dw__PlanSubject *subject, int32_t date,
                            const struct context *ctx, struct decision *decision)
{
    if (outcomes_is_anothers(subject, ctx))
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_NOT_YOURS,
                        "A provider tells of its own support only.");
    else if (!id_is_zero(&ctx->principal->provider_id) && !is_own_person(state, subject, date))
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_NOT_YOURS,
                        "A provider tells of somebody it supports that day; name the placement.");
    else
        outcomes_check_person(state, &subject->person_id, decision);
}

void outcomes_check_date(const Dw__Date *date, const char *field, const struct context *ctx,
                         struct decision *decision)
{
    if (date == NULL || date->days < CALENDAR_FIRST)
        decision_invalid(decision, field, "it must be said, 1900 or later");
    else if (date->days > ctx->today)
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_DATE_OUTSIDE,
                        "What is told has happened: its date cannot lie after today.");
}

void outcomes_keep_text(const char *words, const struct context *ctx, struct decision *decision,
                        struct id *ret_id, ProtobufCBinaryData *ret_data)
{
    *ret_data = (ProtobufCBinaryData){0};
    if (words[0] == '\0')
        return;
    Dw__OutcomeText text = DW__OUTCOME_TEXT__INIT;
    text.text = (char *)(uintptr_t)words;
    *ret_id = context_new_id(ctx);
    *ret_data = id_to_data(ret_id);
    decision_keep(decision, ret_id, &text.base);
}
