/* Decisions about call-offs until they are awarded: opening, offers, closing, abandoning. */
#include "services/placements/calloffs.h"

enum {
    WANTED_MAX = 14, /* as a search takes them */
    NEEDS_MAX = 12,  /* as many as there are */
    ACCESS_MAX = 11,
    PEOPLE_MAX = 1000,
    PROGRAMME_SESSIONS_MAX =
        10, /* capacity is told of each; a decision sends at most 16 commands */
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
    else if (requirement->n_sessions < 1 || requirement->n_sessions > WANTED_MAX)
        decision_invalid(decision, "requirement.sessions", "1 to %d are wanted", WANTED_MAX);
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
    if (placements_death(state, &terms->person_id) != NULL) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_PERSON_DIED,
                        "The person has died.");
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
    placements_keep_text(state, NULL, open->description, ctx, decision, &description_id,
                         &opened.description_id);
    decision_emit(decision, &opened.base);
}

/* --- offers ------------------------------------------------------------------------------------------------------- */

/* Who offers: the provider whose key it is, or the one an operator names. */
static bool find_offerer(const Dw__SubmitOffer *submit, const struct context *ctx,
                         struct decision *decision, struct id *ret_provider_id)
{
    *ret_provider_id = ctx->principal->provider_id;
    if (!id_is_zero(ret_provider_id) || id_from_data(&submit->provider_id, ret_provider_id))
        return true;
    decision_invalid(decision, "provider_id", "whoever is no provider says whose offer it is");
    return false;
}

/* Of the level, and for the needs and the days that are wanted, with a place for everybody, at the price of the offer. */
static bool check_fits(const Dw__Requirement *wanted, const Dw__SubmitOffer *submit,
                       struct decision *decision)
{
    const Dw__Service *service = submit->programme;
    if (service->level != wanted->level)
        decision_invalid(decision, "programme.level", "level %u is wanted", wanted->level);
    for (size_t need = 0; need < wanted->n_needs; need++) {
        bool met = false;
        for (size_t at = 0; at < service->n_needs; at++)
            met = met || service->needs[at] == wanted->needs[need];
        if (!met)
            decision_invalid(decision, "programme.needs", "it does not meet all that is wanted");
    }
    for (size_t session = 0; session < submit->n_programme_sessions; session++) {
        const Dw__Session *offered = submit->programme_sessions[session];
        bool on_day = false, room = false;
        for (size_t at = 0; at < wanted->n_sessions; at++)
            on_day = on_day || wanted->sessions[at]->weekday == offered->weekday;
        for (size_t at = 0; at < offered->n_limits; at++)
            room = room || (offered->limits[at]->kind == DW__LIMIT_KIND__LIMIT_KIND_PLACES &&
                            offered->limits[at]->amount >= wanted->people);
        if (!on_day || !room)
            decision_invalid(decision, "programme_sessions",
                             "each is on a day that is wanted, with places for %u people",
                             wanted->people);
    }
    const int64_t week_pence = service->price_unit == DW__PRICE_UNIT__PRICE_UNIT_SESSION
                                   ? service->price_pence * (int64_t)submit->n_session_ids
                                   : service->price_pence;
    if (service->price_unit != DW__PRICE_UNIT__PRICE_UNIT_SESSION &&
        service->price_unit != DW__PRICE_UNIT__PRICE_UNIT_WEEK)
        decision_invalid(decision, "programme.price_unit",
                         "a programme is offered at a price a session or a week");
    else if (week_pence > submit->price_pence_per_week)
        decision_invalid(decision, "programme.price_pence",
                         "it comes to more a week than the offer says");
    return !decision_is_no(decision);
}

static bool check_programme(const Dw__CallOff *call_off, const Dw__SubmitOffer *submit,
                            const struct id *provider_id, struct decision *decision)
{
    struct id id;
    const Dw__Service *service = submit->programme;
    if (service == NULL || submit->n_programme_sessions < 1 ||
        submit->n_programme_sessions > PROGRAMME_SESSIONS_MAX ||
        submit->n_programme_sessions != submit->n_session_ids) {
        decision_invalid(decision, "programme",
                         "an offer of a programme says the service and its 1 to %d sessions",
                         PROGRAMME_SESSIONS_MAX);
        return false;
    }
    if (!id_from_data(&service->provider_id, &id) || !id_equal(&id, provider_id) ||
        !id_data_equal(&service->service_id, &submit->service_id)) {
        decision_invalid(decision, "programme", "it is the service of that id and provider");
        return false;
    }
    for (size_t at = 0; at < submit->n_programme_sessions; at++)
        if (!id_data_equal(&submit->programme_sessions[at]->session_id, &submit->session_ids[at]) ||
            !id_data_equal(&submit->programme_sessions[at]->service_id, &submit->service_id)) {
            decision_invalid(decision, "programme_sessions",
                             "they are the sessions of session_ids, in that order");
            return false;
        }
    return check_fits(call_off->requirement, submit, decision);
}

/* Of sessions that capacity has told of; on what day another one is shows when it is awarded. */
static bool sit_on_wanted_days(const struct state *state, const Dw__Requirement *wanted,
                               const Dw__SubmitOffer *submit)
{
    for (size_t at = 0; at < submit->n_session_ids; at++) {
        const struct id id = id_or_zero(&submit->session_ids[at]);
        const Dw__NotedSession *session =
            entities_get(state->entities, PLACEMENTS_KIND_SESSION, &id, 0);
        bool on_day = session == NULL;
        for (size_t day = 0; day < wanted->n_sessions; day++)
            on_day = on_day || wanted->sessions[day]->weekday == session->weekday;
        if (!on_day)
            return false;
    }
    return true;
}

/* What is scored is what is paid, from the day and for the sessions that are wanted. */
static bool check_promise(const struct state *state, const Dw__CallOff *call_off,
                          const Dw__SubmitOffer *submit, struct decision *decision)
{
    const Dw__Requirement *wanted = call_off->requirement;
    int64_t week_pence = 0;
    for (size_t at = 0; at < submit->n_parts; at++) {
        const Dw__PricePart *part = submit->parts[at];
        if (part->unit != DW__PRICE_UNIT__PRICE_UNIT_SESSION &&
            part->unit != DW__PRICE_UNIT__PRICE_UNIT_WEEK)
            decision_invalid(decision, "parts",
                             "a part of an offer is a price a session or a week");
        week_pence += part->unit == DW__PRICE_UNIT__PRICE_UNIT_SESSION
                          ? part->pence * (int64_t)submit->n_session_ids
                          : part->pence;
    }
    if (submit->n_parts > 0 && week_pence != submit->price_pence_per_week)
        decision_invalid(decision, "price_pence_per_week",
                         "the parts come to %lld pence a week, and this is what is scored",
                         (long long)week_pence);
    else if (!sit_on_wanted_days(state, wanted, submit))
        decision_invalid(decision, "session_ids", "each is on a day that is wanted");
    else if (submit->from->days < wanted->from->days)
        decision_invalid(decision, "from", "it lies before the first date that is wanted");
    else if (submit->n_session_ids < wanted->n_sessions)
        decision_invalid(decision, "session_ids", "%zu sessions a week are wanted",
                         wanted->n_sessions);
    return !decision_is_no(decision);
}

static bool check_offer(const struct state *state, const Dw__CallOff *call_off,
                        const Dw__SubmitOffer *submit, const struct id *provider_id,
                        struct decision *decision)
{
    struct id id;
    if (!id_from_data(&submit->offer_id, &id))
        decision_invalid(decision, "offer_id", "it must be said, and it is not");
    else if (!id_from_data(&submit->service_id, &id))
        decision_invalid(decision, "service_id", "it must be said, and it is not");
    else if (submit->n_session_ids < 1 || submit->n_session_ids > WANTED_MAX)
        decision_invalid(decision, "session_ids", "1 to %d are offered", WANTED_MAX);
    else if (submit->n_parts > PLACEMENTS_PARTS_MAX || submit->price_pence_per_week < 0 ||
             submit->price_pence_per_week > PLACEMENTS_PRICE_PENCE_MAX)
        decision_invalid(decision, "price_pence_per_week",
                         "it is 0 to %d, and has at most %d parts", PLACEMENTS_PRICE_PENCE_MAX,
                         PLACEMENTS_PARTS_MAX);
    for (size_t at = 0; at < submit->n_parts && !decision_is_no(decision); at++)
        if (submit->parts[at]->pence < 0 || submit->parts[at]->pence > PLACEMENTS_PRICE_PENCE_MAX)
            decision_invalid(decision, "parts", "a price is 0 to %d", PLACEMENTS_PRICE_PENCE_MAX);
    if (decision_is_no(decision) || !placements_has_date(submit->from, "from", decision) ||
        !check_promise(state, call_off, submit, decision))
        return false;
    return call_off->kind != DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME ||
           check_programme(call_off, submit, provider_id, decision);
}

static bool may_offer(const struct state *state, const Dw__CallOff *call_off,
                      const struct id *provider_id, const struct context *ctx,
                      struct decision *decision)
{
    if (!call_off_may_answer(state, call_off, provider_id, ctx->today)) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_ELIGIBLE,
                        "The provider has no live contract for level %u; ask the council to be "
                        "admitted to it.",
                        call_off->requirement->level);
        return false;
    }
    size_t others = 0;
    for (size_t at = 0; at < call_off->n_offers; at++) {
        const struct id id = id_or_zero(&call_off->offers[at]->provider_id);
        others += !id_equal(&id, provider_id);
    }
    if (others < CALL_OFF_OFFERS_MAX)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_TOO_MANY,
                    "A call-off takes at most %d offers.", CALL_OFF_OFFERS_MAX);
    return false;
}

static void fill_offer(const Dw__SubmitOffer *submit, const struct id *provider_id,
                       Dw__Offer *ret_offer)
{
    dw__offer__init(ret_offer);
    ret_offer->offer_id = submit->offer_id;
    ret_offer->provider_id = id_to_data(provider_id);
    ret_offer->service_id = submit->service_id;
    ret_offer->session_ids = submit->session_ids;
    ret_offer->n_session_ids = submit->n_session_ids;
    ret_offer->parts = submit->parts;
    ret_offer->n_parts = submit->n_parts;
    ret_offer->price_pence_per_week = submit->price_pence_per_week;
    ret_offer->from = submit->from;
    ret_offer->state = DW__OFFER_STATE__OFFER_STATE_SUBMITTED;
    ret_offer->programme = submit->programme;
    ret_offer->programme_sessions = submit->programme_sessions;
    ret_offer->n_programme_sessions = submit->n_programme_sessions;
}

/* The very same, standing. Words cannot be compared: who has others takes a fresh id. */
static bool is_same_offer(const Dw__Offer *same, const Dw__SubmitOffer *submit,
                          const struct id *provider_id, struct decision *decision)
{
    Dw__Offer offer, known = *same;
    fill_offer(submit, provider_id, &offer);
    known.statement_id = (ProtobufCBinaryData){0};
    known.submitted_ms = 0;
    known.scores = NULL;
    known.state = offer.state;
    return same->state != DW__OFFER_STATE__OFFER_STATE_WITHDRAWN &&
           (same->statement_id.len > 0) == (submit->statement[0] != '\0') &&
           decision_same(decision, &known.base, &offer.base);
}

PLACEMENTS_DECIDE(submit_offer)
{
    const Dw__SubmitOffer *submit = (const Dw__SubmitOffer *)command;
    struct id provider_id;
    const Dw__CallOff *call_off = call_off_find(state, &submit->call_off_id, decision);
    if (call_off == NULL || !find_offerer(submit, ctx, decision, &provider_id))
        return;
    const Dw__Offer *same = call_off_offer(call_off, &submit->offer_id);
    if (same != NULL) {
        if (!is_same_offer(same, submit, &provider_id, decision))
            decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_ALREADY_EXISTS,
                            "This id is used by an offer that says something else, or was "
                            "withdrawn; take a fresh one.");
        return;
    }
    if (!call_off_may(call_off, CALL_OFF_EVENT_OFFER, decision) ||
        !check_offer(state, call_off, submit, &provider_id, decision) ||
        !may_offer(state, call_off, &provider_id, ctx, decision))
        return;
    struct id statement_id;
    Dw__Offer offer;
    fill_offer(submit, &provider_id, &offer);
    placements_keep_text(state, NULL, submit->statement, ctx, decision, &statement_id,
                         &offer.statement_id);
    Dw__OfferSubmitted submitted = DW__OFFER_SUBMITTED__INIT;
    submitted.call_off_id = call_off->call_off_id;
    submitted.offer = &offer;
    decision_emit(decision, &submitted.base);
}

PLACEMENTS_DECIDE(withdraw_offer)
{
    const Dw__WithdrawOffer *withdraw = (const Dw__WithdrawOffer *)command;
    const Dw__CallOff *call_off = call_off_find(state, &withdraw->call_off_id, decision);
    if (call_off == NULL)
        return;
    const Dw__Offer *offer = call_off_offer(call_off, &withdraw->offer_id);
    struct id provider_id = {0};
    if (offer != NULL)
        (void)id_from_data(&offer->provider_id, &provider_id);
    if (offer == NULL || !principal_sees(ctx->principal, &provider_id)) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_OFFER_UNKNOWN,
                        "The provider has made no offer with this id.");
        return;
    }
    if (offer->state == DW__OFFER_STATE__OFFER_STATE_WITHDRAWN ||
        !call_off_may(call_off, CALL_OFF_EVENT_WITHDRAW, decision))
        return;
    if (offer->state != DW__OFFER_STATE__OFFER_STATE_SUBMITTED) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_WRONG_STATE,
                        "The offer has won, and its placement came to nothing: it does not stand "
                        "any more.");
        return;
    }
    Dw__OfferWithdrawn withdrawn = DW__OFFER_WITHDRAWN__INIT;
    withdrawn.call_off_id = call_off->call_off_id;
    withdrawn.offer_id = offer->offer_id;
    decision_emit(decision, &withdrawn.base);
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
    if (!call_off_may(call_off, CALL_OFF_EVENT_ABANDON, decision))
        return;
    Dw__CallOffAbandoned abandoned = DW__CALL_OFF_ABANDONED__INIT;
    abandoned.call_off_id = call_off->call_off_id;
    abandoned.reason = abandon->reason;
    decision_emit(decision, &abandoned.base);
}
