/* See checks.h. */
#include "services/placements/checks.h"

#include "common/calendar.h"

enum {
    SESSIONS_MAX = 14,  /* two parts of a day, seven days */
    USES_MAX = 6,       /* the limits a sitting may have */
    AMOUNT_MAX = 10000, /* as capacity takes it */
    AGE_MAX = 130,      /* nobody was ever older */
    YEAR_PENCE_MAX = 52 * PLACEMENTS_PRICE_PENCE_MAX,
    SHARE_WHOLE = 10000,
};

static bool is_id(const ProtobufCBinaryData *data)
{
    struct id id;
    return id_from_data(data, &id);
}

static bool is_date(const Dw__Date *date)
{
    return calendar_has(date->days);
}

bool placements_has_date(const Dw__Date *date, const char *field, struct decision *decision)
{
    if (date != NULL && is_date(date))
        return true;
    decision_invalid(decision, field, "a date of 1900 to 2199 must be said");
    return false;
}

/* --- the placement a command is about ----------------------------------------------------------------------------- */

static bool is_anothers(const Dw__Placement *placement, const struct context *ctx)
{
    const struct id provider_id = id_or_zero(&placement->terms->provider_id);
    return !principal_sees(ctx->principal, &provider_id);
}

static bool is_provider(const struct principal *principal)
{
    return principal->role == DW__ROLE__ROLE_PROVIDER_MANAGER ||
           principal->role == DW__ROLE__ROLE_REGISTER_TAKER;
}

bool placements_was_offered(const Dw__Placement *placement)
{
    return placement->shown || placement->started != NULL ||
           placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED ||
           placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_DECLINED ||
           placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_CONFIRMING ||
           placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED;
}

const Dw__Placement *placements_find(const struct state *state,
                                     const ProtobufCBinaryData *placement_id,
                                     const struct context *ctx, struct decision *decision)
{
    struct id id;
    if (!id_from_data(placement_id, &id)) {
        decision_invalid(decision, "placement_id", "it must be said, and it is not");
        return NULL;
    }
    const Dw__Placement *placement = placements_get(state, placement_id);
    if (placement == NULL) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_PLACEMENT_UNKNOWN,
                        "There is no placement with this id; propose it first.");
        return NULL;
    }
    if (is_anothers(placement, ctx) ||
        (is_provider(ctx->principal) && !placements_was_offered(placement))) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_YOURS,
                        "The placement is with another provider, or was not offered to yours yet; "
                        "only that provider or the council can do this.");
        return NULL;
    }
    return placement;
}

bool placements_may(const Dw__Placement *placement, enum placement_event event,
                    struct decision *decision)
{
    const enum placement_state state = (enum placement_state)placement->state;
    if (placement_next(state, event) != PLACEMENT_UNSPECIFIED)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_WRONG_STATE,
                    "The placement %s.", placement_state_words(state));
    return false;
}

bool placements_may_change(const Dw__Placement *placement, enum placement_event event,
                           struct decision *decision)
{
    const enum change_state state = placements_change_state(placement);
    enum change_state to;
    if (!placements_may(placement, event, decision))
        return false;
    if (placement_change_next(state, event, &to))
        return true;
    if (event == PLACEMENT_EVENT_PROPOSE_CHANGE)
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_CHANGE_WAITS,
                        "A change of this placement %s; refuse that one first.",
                        placement_change_words(state));
    else
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NO_CHANGE,
                        "A change of this placement %s.", placement_change_words(state));
    return false;
}

bool placements_may_end(const Dw__Placement *placement, enum placement_event event,
                        struct decision *decision)
{
    if (!placements_may(placement, event, decision))
        return false;
    if (placements_change_state(placement) != CHANGE_CONFIRMING)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_CHANGE_WAITS,
                    "A change of this placement %s; say it again in a moment.",
                    placement_change_words(CHANGE_CONFIRMING));
    return false;
}

bool placements_lies_inside(const Dw__PlacementTerms *terms, int32_t date)
{
    return date >= terms->from->days && (terms->to == NULL || date <= terms->to->days);
}

bool placements_has_fresh_hold(const struct state *state, const ProtobufCBinaryData *hold_id,
                               struct decision *decision)
{
    struct id id;
    if (!id_from_data(hold_id, &id)) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_HOLD_MISSING,
                        "A chair has to be asked for; say the id of the hold to be asked of "
                        "capacity.");
        return false;
    }
    if (placements_by_hold(state, hold_id) == NULL)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_ALREADY_EXISTS,
                    "This hold id is used by a placement; take a fresh one.");
    return false;
}

bool placements_keeps_more(const struct state *state, const ProtobufCBinaryData *person_id,
                           struct decision *decision)
{
    const struct id id = id_or_zero(person_id);
    const Dw__PersonTexts *texts = entities_get(state->entities, PLACEMENTS_KIND_TEXTS, &id, 0);
    if (texts == NULL || texts->n_text_ids + texts->n_plan_ids < PLACEMENTS_TEXTS_MAX)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_TOO_MANY,
                    "At most %d texts are kept of a person; say it without words.",
                    PLACEMENTS_TEXTS_MAX);
    return false;
}

void placements_keep(const struct state *state, const ProtobufCBinaryData *person_id,
                     const ProtobufCMessage *record, const struct context *ctx,
                     struct decision *decision, struct id *ret_bytes, ProtobufCBinaryData *ret_id)
{
    if (person_id != NULL && !placements_keeps_more(state, person_id, decision))
        return;
    *ret_bytes = context_new_id(ctx);
    decision_keep(decision, ret_bytes, record);
    *ret_id = id_to_data(ret_bytes);
}

void placements_keep_text(const struct state *state, const ProtobufCBinaryData *person_id,
                          const char *text, const struct context *ctx, struct decision *decision,
                          struct id *ret_bytes, ProtobufCBinaryData *ret_id)
{
    Dw__PlacementText record = DW__PLACEMENT_TEXT__INIT;
    record.text = (char *)text;
    if (text[0] != '\0')
        placements_keep(state, person_id, &record.base, ctx, decision, ret_bytes, ret_id);
}

void placements_schedule_review(const Dw__Placement *placement, int32_t date,
                                struct decision *decision)
{
    Dw__Date due = DW__DATE__INIT;
    due.days = date;
    Dw__ReviewScheduled scheduled = DW__REVIEW_SCHEDULED__INIT;
    scheduled.placement_id = placement->placement_id;
    scheduled.due = &due;
    decision_emit(decision, &scheduled.base);
}

/* --- the form of terms -------------------------------------------------------------------------------------------- */

bool placements_check_ids(const ProtobufCBinaryData *session_ids, size_t count, const char *path,
                          struct decision *decision)
{
    for (size_t at = 0; at < count && !decision_is_no(decision); at++) {
        if (!is_id(&session_ids[at]))
            decision_invalid(decision, path, "an id is empty");
        for (size_t before = 0; before < at; before++)
            if (id_data_equal(&session_ids[before], &session_ids[at]))
                decision_invalid(decision, path, "a session is named twice");
    }
    return !decision_is_no(decision);
}

static void check_sessions(const Dw__PlacementTerms *terms, struct decision *decision)
{
    if (terms->n_session_ids < 1 || terms->n_session_ids > SESSIONS_MAX)
        decision_invalid(decision, "terms.session_ids", "a placement has 1 to %d sessions",
                         SESSIONS_MAX);
    if (!decision_is_no(decision))
        (void)placements_check_ids(terms->session_ids, terms->n_session_ids, "terms.session_ids",
                                   decision);
}

static void check_numbers(const Dw__PlacementTerms *terms, struct decision *decision)
{
    if (terms->n_uses > USES_MAX)
        decision_invalid(decision, "terms.uses", "a sitting has at most %d limits", USES_MAX);
    for (size_t at = 0; at < terms->n_uses && !decision_is_no(decision); at++)
        if (terms->uses[at]->amount > AMOUNT_MAX)
            decision_invalid(decision, "terms.uses", "an amount is at most %d", AMOUNT_MAX);
    if (terms->price_pence_per_week < 0 || terms->price_pence_per_week > PLACEMENTS_PRICE_PENCE_MAX)
        decision_invalid(decision, "terms.price_pence_per_week", "it is 0 to %d",
                         PLACEMENTS_PRICE_PENCE_MAX);
    if (terms->price_pence_per_year < 0 || terms->price_pence_per_year > YEAR_PENCE_MAX)
        decision_invalid(decision, "terms.price_pence_per_year", "it is 0 to %d", YEAR_PENCE_MAX);
    if (terms->age > AGE_MAX)
        decision_invalid(decision, "terms.age", "it is at most %d", AGE_MAX);
    if ((terms->line_number > 0) != (terms->referral_id.len > 0))
        decision_invalid(decision, "terms.line_number",
                         "a referral and a line of it are named together");
}

static void check_parts(const Dw__PlacementTerms *terms, struct decision *decision)
{
    if (terms->n_parts > PLACEMENTS_PARTS_MAX)
        decision_invalid(decision, "terms.parts", "a price has at most %d parts",
                         PLACEMENTS_PARTS_MAX);
    for (size_t at = 0; at < terms->n_parts && !decision_is_no(decision); at++)
        if (terms->parts[at]->pence < 0 || terms->parts[at]->pence > PLACEMENTS_PRICE_PENCE_MAX)
            decision_invalid(decision, "terms.parts", "a price is 0 to %d",
                             PLACEMENTS_PRICE_PENCE_MAX);
    if (terms->nhs_share > SHARE_WHOLE)
        decision_invalid(decision, "terms.nhs_share", "it is at most %d, the whole", SHARE_WHOLE);
}

void placements_check_facts(const Dw__PlacementTerms *terms, struct decision *decision)
{
    check_numbers(terms, decision);
    check_parts(terms, decision);
}

void placements_check_terms(const Dw__PlacementTerms *terms, struct decision *decision)
{
    if (!is_id(&terms->person_id))
        decision_invalid(decision, "terms.person_id", "it must be said, and it is not");
    else if (!is_id(&terms->service_id))
        decision_invalid(decision, "terms.service_id", "it must be said, and it is not");
    else if (!is_id(&terms->provider_id))
        decision_invalid(decision, "terms.provider_id", "it must be said, and it is not");
    else if (terms->from == NULL || !is_date(terms->from))
        decision_invalid(decision, "terms.from", "the first date must be said, 1900 to 2199");
    else if (terms->to != NULL && (!is_date(terms->to) || terms->to->days < terms->from->days))
        decision_invalid(decision, "terms.to", "the last date lies before the first, or too late");
    check_sessions(terms, decision);
    placements_check_facts(terms, decision);
}

const Dw__Level *placements_level(const Dw__CommissioningModel *model, uint32_t number)
{
    for (size_t at = 0; at < model->n_levels; at++)
        if (model->levels[at]->number == number)
            return model->levels[at];
    return NULL;
}

bool placements_check_end_report(const Dw__CommissioningModel *model,
                                 const Dw__Placement *placement, Dw__EndReason reason,
                                 struct decision *decision)
{
    const Dw__Level *level = placements_level(model, placement->terms->level);
    if (level == NULL || !level->end_report || placement->end_reported ||
        reason == DW__END_REASON__END_REASON_DIED)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_END_REPORT_MISSING,
                    "Support of level %u ends with a report of what came of the goals; submit it "
                    "to outcomes first (SubmitEndReport).",
                    level->number);
    return false;
}

static bool has_district(const Dw__CommissioningModel *model, uint32_t number)
{
    for (size_t at = 0; at < model->n_districts; at++)
        if (model->districts[at]->number == number)
            return true;
    return false;
}

/* Who is younger than people are supported from is recorded and referred, to prepare, and placed from that birthday on. */
static uint32_t age_from(const Dw__CommissioningModel *model)
{
    if (model->rules == NULL)
        return 0;
    return model->rules->support_from_age > model->rules->record_from_age
               ? model->rules->support_from_age
               : model->rules->record_from_age;
}

bool placements_check_place(uint32_t level, uint32_t district, const Dw__CommissioningModel *model,
                            struct decision *decision)
{
    if (placements_level(model, level) == NULL)
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_LEVEL_UNKNOWN,
                        "The council has no level %u; take one of its model's.", level);
    else if (!has_district(model, district))
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DISTRICT_UNKNOWN,
                        "The council has no district %u; take one of its model's.", district);
    return !decision_is_no(decision);
}

void placements_check_model(const Dw__PlacementTerms *terms, const Dw__CommissioningModel *model,
                            struct decision *decision)
{
    if (placements_check_place(terms->level, terms->district, model, decision) &&
        terms->age < age_from(model))
        decision_refuse(
            decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_TOO_YOUNG,
            "The council places people from the age of %u; take a first date after that "
            "birthday.",
            age_from(model));
}

void placements_check_reason(Dw__SupportReason reason, const Dw__CommissioningModel *model,
                             struct decision *decision)
{
    for (size_t at = 0; model->rules != NULL && at < model->rules->n_excluded_reasons; at++)
        if (model->rules->excluded_reasons[at]->reason == reason)
            decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_OTHER_PROVISION,
                            "People with this primary support reason are supported elsewhere. Ask "
                            "%s.",
                            model->rules->excluded_reasons[at]->instead);
}

bool placements_is_free(const struct state *state, const Dw__PlacementTerms *terms)
{
    return placements_death(state, &terms->person_id) == NULL &&
           placements_overlapping(state, terms) == NULL;
}

void placements_check_covers(const struct state *state, const Dw__PlacementTerms *terms,
                             struct decision *decision)
{
    const Dw__Placement *covered = placements_get(state, &terms->covers_placement_id);
    if (terms->covers_placement_id.len > 0 &&
        (covered == NULL || !id_data_equal(&covered->terms->person_id, &terms->person_id)))
        decision_refuse(
            decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_OTHER_PLACEMENT,
            "The placement it stands in for is no placement of this person; name one of "
            "theirs, or none.");
}

void placements_check_free(const struct state *state, const Dw__PlacementTerms *terms,
                           struct decision *decision)
{
    if (placements_death(state, &terms->person_id) != NULL) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_PERSON_DIED,
                        "The person has died; if that was recorded in error, let the broker take "
                        "it back in referrals (TakeBackDeath).");
        return;
    }
    placements_check_covers(state, terms, decision);
    if (decision_is_no(decision))
        return;
    const Dw__Placement *other = placements_overlapping(state, terms);
    if (other == NULL)
        return;
    const struct id id = id_or_zero(&other->placement_id);
    char text[ID_TEXT_SIZE];
    id_to_text(&id, text);
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_OVERLAPPING_SESSIONS,
                    "The person has one of these sessions in these dates by placement %s; end or "
                    "cancel that one, or leave the session or the dates out.",
                    text);
}
