/* Decisions about call-offs until they are awarded: opening, closing, abandoning. Offers: decide_offer.c. */
#include "services/placements/calloffs.h"
#include "services/placements/money.h"

enum {
    NEEDS_MAX = 12, /* as many as there are */
    ACCESS_MAX = 11,
    PEOPLE_MAX = 1000,
    SCORE_WHOLE = 100,
};
static const int64_t DAY_MS = 86400000;
static const int64_t OPEN_DAYS_MAX = 366;

/* --- opening ------------------------------------------------------------------------------------------------------ */

static bool check_requirement(const Dw__Requirement *requirement, struct decision *decision)
{
    if (requirement == NULL) {
        decision_invalid(decision, "requirement", "it must be said, and it is not");
        return false;
    }
    if (!placements_has_date(requirement->from, "requirement.from", decision) ||
        (requirement->to != NULL &&
         !placements_has_date(requirement->to, "requirement.to", decision)))
        return false;
    if (requirement->to != NULL && requirement->to->days < requirement->from->days)
        decision_invalid(decision, "requirement.to", "the last date lies before the first");
    else if (requirement->n_sessions < 1 || requirement->n_sessions > CALL_OFF_WANTED_MAX)
        decision_invalid(decision, "requirement.sessions", "1 to %d are wanted",
                         CALL_OFF_WANTED_MAX);
    else if (requirement->n_needs > NEEDS_MAX || requirement->n_access > ACCESS_MAX)
        decision_invalid(decision, "requirement.needs", "no more than there are of them");
    else if (requirement->people < 1 || requirement->people > PEOPLE_MAX)
        decision_invalid(decision, "requirement.people", "it is 1 to %d", PEOPLE_MAX);
    for (size_t at = 0; at < requirement->n_sessions && !decision_is_no(decision); at++)
        if (requirement->sessions[at]->weekday < 1 || requirement->sessions[at]->weekday > 7)
            decision_invalid(decision, "requirement.sessions",
                             "a weekday is 1 (Monday) to 7 (Sunday)");
    return !decision_is_no(decision);
}

/* Whom an individual one is for; a programme is for nobody yet. */
static bool check_whom(const struct state *state, const Dw__OpenCallOff *open,
                       const Dw__CommissioningModel *model, struct decision *decision)
{
    const bool individual = open->kind == DW__CALL_OFF_KIND__CALL_OFF_KIND_INDIVIDUAL;
    struct id id;
    if (individual != (open->terms != NULL)) {
        decision_invalid(decision, "terms",
                         "an individual call-off says whom it is for, and a programme does not");
        return false;
    }
    if (!individual)
        return true;
    const Dw__PlacementTerms *terms = open->terms;
    if (!id_from_data(&terms->person_id, &id) || terms->service_id.len > 0 ||
        terms->provider_id.len > 0 || terms->n_session_ids > 0 || terms->n_parts > 0 ||
        open->requirement->people != 1 || terms->level != open->requirement->level) {
        decision_invalid(decision, "terms",
                         "it says one person, funding and facts, the requirement's level, and "
                         "nothing that an offer says");
        return false;
    }
    if (!placements_is_bought(terms)) {
        decision_invalid(decision, "terms.funding",
                         "the council calls off what it buys; place others directly");
        return false;
    }
    placements_check_facts(terms, decision);
    if (decision_is_no(decision))
        return false;
    placements_check_covers(state, terms, decision);
    if (decision_is_no(decision))
        return false;
    if (placements_death(state, &terms->person_id) != NULL) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_PERSON_DIED,
                        "The person has died; nothing is called off for them any more. If that was "
                        "recorded in error, take it back in referrals (TakeBackDeath).");
        return false;
    }
    placements_check_reason(terms->support_reason, model, decision);
    placements_check_model(terms, model, decision);
    return !decision_is_no(decision);
}

static bool has_weights(const Dw__CommissioningModel *model, struct decision *decision)
{
    const Dw__AwardWeights *weights = model->rules == NULL ? NULL : model->rules->award_weights;
    if (weights != NULL &&
        weights->price + weights->quality + weights->outcomes + weights->social_value ==
            SCORE_WHOLE)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_ELIGIBLE,
                    "The council's model has no award weights that add up to 100, so it calls "
                    "nothing off; award directly.");
    return false;
}

static int64_t closing(const Dw__OpenCallOff *open, const struct context *ctx,
                       struct decision *decision)
{
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    const int64_t closes_ms = open->closes_ms != 0
                                  ? open->closes_ms
                                  : ctx->now_ms + (int64_t)model->rules->call_off_days * DAY_MS;
    if (closes_ms <= ctx->now_ms || closes_ms > ctx->now_ms + OPEN_DAYS_MAX * DAY_MS)
        decision_invalid(decision, "closes_ms", "it lies in the future, at most a year ahead");
    return closes_ms;
}

/* Words cannot be compared: who has others takes a fresh id. */
static bool is_same_call_off(const Dw__CallOff *same, const Dw__OpenCallOff *open,
                             struct decision *decision)
{
    return same->kind == open->kind &&
           (open->closes_ms == 0 || open->closes_ms == same->closes_ms) &&
           (same->description_id.len > 0) == (open->description[0] != '\0') &&
           decision_same(decision, &same->requirement->base, &open->requirement->base) &&
           (same->terms == NULL || decision_same(decision, &same->terms->base, &open->terms->base));
}

PLACEMENTS_DECIDE(open_call_off)
{
    const Dw__OpenCallOff *open = (const Dw__OpenCallOff *)command;
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    struct id id;
    if (!id_from_data(&open->call_off_id, &id)) {
        decision_invalid(decision, "call_off_id", "it must be said, and it is not");
        return;
    }
    const Dw__CallOff *same = call_off_get(state, &open->call_off_id);
    if (!check_requirement(open->requirement, decision) || !has_weights(model, decision) ||
        !placements_check_place(open->requirement->level, open->requirement->district, model,
                                decision) ||
        !check_whom(state, open, model, decision))
        return;
    if (same != NULL) {
        if (!is_same_call_off(same, open, decision))
            decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_ALREADY_EXISTS,
                            "This id is used by a call-off that says something else; take a fresh "
                            "one.");
        return;
    }
    struct id description_id;
    Dw__CallOffOpened opened = DW__CALL_OFF_OPENED__INIT;
    opened.call_off_id = open->call_off_id;
    opened.kind = open->kind;
    opened.requirement = open->requirement;
    opened.terms = open->terms;
    opened.weights = model->rules->award_weights;
    opened.closes_ms = closing(open, ctx, decision);
    placements_keep_text(state, open->terms == NULL ? NULL : &open->terms->person_id,
                         open->description, ctx, decision, &description_id, &opened.description_id);
    decision_emit(decision, &opened.base);
}

/* --- closing and abandoning --------------------------------------------------------------------------------------- */

PLACEMENTS_DECIDE(close_call_off)
{
    (void)ctx;
    const Dw__CloseCallOff *close = (const Dw__CloseCallOff *)command;
    const Dw__CallOff *call_off = call_off_find(state, &close->call_off_id, decision);
    if (call_off == NULL || call_off->state == DW__CALL_OFF_STATE__CALL_OFF_STATE_CLOSED ||
        !call_off_may(call_off, CALL_OFF_EVENT_CLOSE, decision))
        return;
    Dw__CallOffClosed closed = DW__CALL_OFF_CLOSED__INIT;
    closed.call_off_id = call_off->call_off_id;
    for (size_t at = 0; at < call_off->n_offers; at++)
        closed.offers += call_off->offers[at]->state == DW__OFFER_STATE__OFFER_STATE_SUBMITTED;
    decision_emit(decision, &closed.base);
}

PLACEMENTS_DECIDE(abandon_call_off)
{
    (void)ctx;
    const Dw__AbandonCallOff *abandon = (const Dw__AbandonCallOff *)command;
    const Dw__CallOff *call_off = call_off_find(state, &abandon->call_off_id, decision);
    if (call_off == NULL)
        return;
    if (call_off->state == DW__CALL_OFF_STATE__CALL_OFF_STATE_ABANDONED &&
        call_off->abandon_reason == abandon->reason)
        return;
    if (abandon->reason == DW__ABANDON_REASON__ABANDON_REASON_DIED)
        decision_invalid(decision, "reason", "a death is recorded with referrals, and heard of");
    if (decision_is_no(decision) || !call_off_may(call_off, CALL_OFF_EVENT_ABANDON, decision))
        return;
    if (call_off->state == DW__CALL_OFF_STATE__CALL_OFF_STATE_AWARDED &&
        !call_off->programme_refused) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_WRONG_STATE,
                        "The call-off %s.", call_off_words(CALL_OFF_AWARDED));
        return;
    }
    Dw__CallOffAbandoned abandoned = DW__CALL_OFF_ABANDONED__INIT;
    abandoned.call_off_id = call_off->call_off_id;
    abandoned.reason = abandon->reason;
    decision_emit(decision, &abandoned.base);
}
