/* Commands about how good a provider is: visits, what is to be improved, concerns, assurances, and what time makes of them. What people
 * write goes to the vault. */
#include <string.h>

#include "common/calendar.h"
#include "common/text.h"
#include "services/capacity/checks.h"
#include "services/capacity/state.h"

enum { VISIT_DAYS_MAX = 10 * 366 }; /* what a model says above that is a slip of the pen */

uint32_t capacity_visit_days(const struct context *ctx)
{
    const uint32_t days = capacity_rules(ctx)->visit_days;
    return days < VISIT_DAYS_MAX ? days : VISIT_DAYS_MAX;
}

static bool check_date(const char *field, const Dw__Date *date, struct decision *decision)
{
    if (capacity_range_fault(date, NULL) == NULL)
        return true;
    decision_invalid(decision, field, "a date must be said, in the years 1900 to 2199");
    return false;
}

/* Texts lie under the ids of what they are about: an id that stands for two things would show the one as the other. */
static bool check_id_is_its_own(const struct state *state, const struct id *id,
                                enum capacity_kind kind, struct decision *decision)
{
    static const enum capacity_kind kinds[] = {KIND_VISIT, KIND_ACTION, KIND_CONCERN};
    for (size_t at = 0; at < sizeof kinds / sizeof kinds[0]; at++)
        if (kinds[at] != kind && entities_get(state->entities, (uint8_t)kinds[at], id, 0) != NULL) {
            decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ALREADY_EXISTS,
                            "This id stands for something else; send a fresh id.");
            return false;
        }
    return true;
}

/* What stands for what was written: the words themselves lie where a decision does not look. Empty for none. */
static ProtobufCBinaryData refer_to_text(const struct context *ctx, const char *text,
                                         struct id *ret_ref)
{
    if (text[0] == '\0')
        return (ProtobufCBinaryData){0, NULL};
    *ret_ref = context_pseudonym(ctx, text);
    return id_to_data(ret_ref);
}

/* What has been written goes to the vault under the id of what it is about. */
static void keep_text(const struct id *id, char *text, struct decision *decision)
{
    Dw__QualityText kept = DW__QUALITY_TEXT__INIT;
    if (text[0] == '\0')
        return;
    kept.text = text;
    decision_keep(decision, id, &kept.base);
}

void capacity_decide_record_monitoring_visit(const struct state *state,
                                             const ProtobufCMessage *command,
                                             const struct context *ctx, struct decision *decision)
{
    const Dw__RecordMonitoringVisit *wish = (const Dw__RecordMonitoringVisit *)command;
    struct id visit_id, text_ref;
    if (wish->visit == NULL) {
        decision_invalid(decision, "visit", "it must be said, and it is not");
        return;
    }
    Dw__Visit told = *wish->visit;
    Dw__Visit *visit = &told;
    told.text_ref = refer_to_text(ctx, wish->notes, &text_ref);
    if (!capacity_check_id(decision, "visit.visit_id", &visit->visit_id, &visit_id) ||
        !check_id_is_its_own(state, &visit_id, KIND_VISIT, decision) ||
        !check_date("visit.date", visit->date, decision) ||
        !capacity_check_subject(state, &visit->provider_id, &visit->service_id, decision))
        return;
    if (visit->date->days > ctx->today) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_DATE_AHEAD,
                        "A visit is recorded when it has been; say it on that day or later.");
        return;
    }
    const Dw__Visit *known = entities_get(state->entities, KIND_VISIT, &visit_id, 0);
    if (!capacity_check_is_new(known == NULL ? NULL : &known->base, &visit->base, "visit",
                               decision))
        return;
    Dw__MonitoringVisitRecorded recorded = DW__MONITORING_VISIT_RECORDED__INIT;
    recorded.visit = visit;
    keep_text(&visit_id, wish->notes, decision);
    decision_emit(decision, &recorded.base);
}

void capacity_decide_raise_improvement_action(const struct state *state,
                                              const ProtobufCMessage *command,
                                              const struct context *ctx, struct decision *decision)
{
    const Dw__RaiseImprovementAction *wish = (const Dw__RaiseImprovementAction *)command;
    struct id action_id, text_ref;
    if (wish->action == NULL) {
        decision_invalid(decision, "action", "it must be said, and it is not");
        return;
    }
    Dw__ImprovementAction action = *wish->action;
    action.text_ref = refer_to_text(ctx, wish->text, &text_ref);
    action.closed = NULL; /* it is closed by the command that says so */
    if (!capacity_check_id(decision, "action.action_id", &action.action_id, &action_id) ||
        !check_id_is_its_own(state, &action_id, KIND_ACTION, decision) ||
        !check_date("action.due", action.due, decision) ||
        !capacity_check_subject(state, &action.provider_id, &action.service_id, decision))
        return;
    const Dw__ImprovementAction *known = capacity_action(state, &action_id);
    Dw__ImprovementAction raised = known == NULL ? action : *known;
    raised.closed = NULL;
    if (!capacity_check_is_new(known == NULL ? NULL : &raised.base, &action.base,
                               "improvement action", decision))
        return;
    Dw__ImprovementActionRaised told = DW__IMPROVEMENT_ACTION_RAISED__INIT;
    told.action = &action;
    keep_text(&action_id, wish->text, decision);
    decision_emit(decision, &told.base);
}

void capacity_decide_close_improvement_action(const struct state *state,
                                              const ProtobufCMessage *command,
                                              const struct context *ctx, struct decision *decision)
{
    (void)ctx;
    const Dw__CloseImprovementAction *wish = (const Dw__CloseImprovementAction *)command;
    struct id action_id;
    if (!capacity_check_id(decision, "action_id", &wish->action_id, &action_id) ||
        !check_date("date", wish->date, decision))
        return;
    const Dw__ImprovementAction *known = capacity_action(state, &action_id);
    if (known == NULL) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ACTION_UNKNOWN,
                        "There is no improvement action with this id; raise it first.");
        return;
    }
    if (known->closed != NULL)
        return; /* it is so already, and when it was first said counts */
    Dw__ImprovementAction action = *known;
    Dw__ImprovementActionClosed closed = DW__IMPROVEMENT_ACTION_CLOSED__INIT;
    action.closed = wish->date;
    closed.action = &action;
    decision_emit(decision, &closed.base);
}

/* --- concerns: of whom, of what and when stands in the vault, and events and records have pseudonyms of it ------------------- */

struct id capacity_concern_ref(const struct context *ctx, const struct id *provider_id)
{
    char number[ID_TEXT_SIZE];
    id_to_text(provider_id, number);
    return context_pseudonym_in(ctx, "concern", number);
}

/* A concern that was recorded when events told of its provider has no pseudonym of all that was said, but says it. */
static bool check_concern_is_new(const Dw__Concern *known, const Dw__Concern *concern,
                                 const Dw__QualityText *said, const struct context *ctx,
                                 struct decision *decision)
{
    Dw__Concern told = *concern, before;
    struct id text_ref;
    if (known == NULL)
        return true;
    before = *known;
    before.recorded_ms = 0;
    if (known->provider_id.len > 0) {
        told = *said->concern;
        told.text_ref = refer_to_text(ctx, said->text, &text_ref);
    }
    return capacity_check_is_new(&before.base, &told.base, "concern", decision);
}

static bool check_concern(const struct state *state, const Dw__Concern *concern,
                          const struct context *ctx, struct id *ret_id, struct id *ret_provider_id,
                          struct decision *decision)
{
    if (concern->kind == DW__CONCERN_KIND__CONCERN_KIND_NOT_TOLD) {
        decision_invalid(decision, "concern.kind",
                         "it must be said; nobody but the safeguarding lead reads it");
        return false;
    }
    if (!capacity_check_id(decision, "concern.concern_id", &concern->concern_id, ret_id) ||
        !check_id_is_its_own(state, ret_id, KIND_CONCERN, decision) ||
        !check_date("concern.date", concern->date, decision) ||
        !capacity_check_subject(state, &concern->provider_id, &concern->service_id, decision) ||
        !capacity_check_id(decision, "concern.provider_id", &concern->provider_id, ret_provider_id))
        return false;
    if (concern->date->days <= ctx->today)
        return true;
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_DATE_AHEAD,
                    "A concern is of what has happened; say it with that day or an earlier one.");
    return false;
}

void capacity_decide_record_concern(const struct state *state, const ProtobufCMessage *command,
                                    const struct context *ctx, struct decision *decision)
{
    const Dw__RecordConcern *wish = (const Dw__RecordConcern *)command;
    struct id concern_id, provider_id;
    if (wish->concern == NULL || wish->text[0] == '\0') {
        decision_invalid(decision, wish->concern == NULL ? "concern" : "text",
                         "it must be said, and it is not");
        return;
    }
    if (!check_concern(state, wish->concern, ctx, &concern_id, &provider_id, decision))
        return;
    Dw__Concern kept = *wish->concern;
    kept.text_ref = kept.provider_ref = (ProtobufCBinaryData){0, NULL};
    kept.recorded_ms = 0;
    Dw__QualityText said = DW__QUALITY_TEXT__INIT;
    said.text = wish->text;
    said.concern = &kept;
    const struct id said_ref = decision_pseudonym(decision, ctx, "said", &said.base);
    const struct id provider_ref = capacity_concern_ref(ctx, &provider_id);
    Dw__Concern concern = DW__CONCERN__INIT;
    concern.concern_id = kept.concern_id;
    concern.kind = DW__CONCERN_KIND__CONCERN_KIND_NOT_TOLD;
    concern.text_ref = id_to_data(&said_ref);
    concern.provider_ref = id_to_data(&provider_ref);
    if (!check_concern_is_new(capacity_concern(state, &concern_id), &concern, &said, ctx, decision))
        return;
    Dw__ConcernRecorded recorded = DW__CONCERN_RECORDED__INIT;
    recorded.concern = &concern;
    decision_keep(decision, &concern_id, &said.base);
    decision_emit(decision, &recorded.base);
}

/* --- assurances ------------------------------------------------------------------------------------------------------------ */

void capacity_decide_record_assurance(const struct state *state, const ProtobufCMessage *command,
                                      const struct context *ctx, struct decision *decision)
{
    (void)ctx;
    const Dw__Assurance *wish = ((const Dw__RecordAssurance *)command)->assurance;
    static const ProtobufCBinaryData no_service;
    struct id assurance_id;
    if (wish == NULL) {
        decision_invalid(decision, "assurance", "it must be said, and it is not");
        return;
    }
    Dw__Assurance assurance = *wish;
    assurance.expired = assurance.replaced = false; /* time says so, and what comes later */
    if (!capacity_check_id(decision, "assurance.assurance_id", &assurance.assurance_id,
                           &assurance_id) ||
        (assurance.expires != NULL &&
         !check_date("assurance.expires", assurance.expires, decision)) ||
        !capacity_check_subject(state, &assurance.provider_id, &no_service, decision))
        return;
    if (strlen(assurance.reference) > REFERENCE_MAX) {
        decision_invalid(decision, "assurance.reference", "a reference has at most 32 bytes");
        return;
    }
    const Dw__Assurance *known = capacity_assurance(state, &assurance_id);
    Dw__Assurance told = known == NULL ? assurance : *known;
    told.expired = told.replaced = false;
    if (!capacity_check_is_new(known == NULL ? NULL : &told.base, &assurance.base, "assurance",
                               decision))
        return;
    Dw__AssuranceRecorded recorded = DW__ASSURANCE_RECORDED__INIT;
    recorded.assurance = &assurance;
    decision_emit(decision, &recorded.base);
}

void capacity_decide_check_assurance(const struct state *state, const ProtobufCMessage *command,
                                     const struct context *ctx, struct decision *decision)
{
    struct id assurance_id;
    if (!capacity_check_id(decision, "assurance_id",
                           &((const Dw__CheckAssurance *)command)->assurance_id, &assurance_id))
        return;
    const Dw__Assurance *known = capacity_assurance(state, &assurance_id);
    if (known == NULL || known->expired || known->replaced || known->expires == NULL ||
        known->expires->days >= ctx->today)
        return; /* another one took its place in the same turn */
    Dw__Assurance assurance = *known;
    Dw__AssuranceExpired expired = DW__ASSURANCE_EXPIRED__INIT;
    assurance.expired = true;
    expired.assurance = &assurance;
    decision_emit(decision, &expired.base);
}

void capacity_decide_check_visit(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision)
{
    const Dw__CheckVisit *check = (const Dw__CheckVisit *)command;
    struct id provider_id;
    if (!capacity_check_id(decision, "provider_id", &check->provider_id, &provider_id))
        return;
    const Dw__VisitStanding *visits = capacity_visits(state, &provider_id);
    const int32_t since = capacity_visit_since(state, &provider_id);
    const int32_t days = (int32_t)capacity_visit_days(ctx);
    if (days == 0 || since == INT32_MAX || since + days > ctx->today ||
        (visits != NULL && visits->told != NULL && visits->told->days == since))
        return; /* there was a visit in the same turn */
    Dw__Date since_date = DW__DATE__INIT, due = DW__DATE__INIT;
    Dw__VisitDue told = DW__VISIT_DUE__INIT;
    since_date.days = since;
    due.days = since + days;
    told.provider_id = check->provider_id;
    told.since = &since_date;
    told.due = &due;
    decision_emit(decision, &told.base);
}
