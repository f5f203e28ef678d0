/* The decision to award a call-off: scores by the weights, the highest wins, the others are told, and what was won is asked of
 * capacity: a place for the person, or the programme's service and sessions. */
#include "services/placements/calloffs.h"

#include <string.h>

static const char CAPACITY[] = "capacity";

static bool is_individual(const Dw__CallOff *call_off)
{
    return call_off->kind == DW__CALL_OFF_KIND__CALL_OFF_KIND_INDIVIDUAL;
}

/* --- who wins ----------------------------------------------------------------------------------------------------- */

/* The terms of the placement: whom it is for as the call-off says, what and for how much as the offer says. */
static Dw__PlacementTerms terms_of(const Dw__CallOff *call_off, const Dw__Offer *offer)
{
    Dw__PlacementTerms terms = *call_off->terms;
    terms.service_id = offer->service_id;
    terms.provider_id = offer->provider_id;
    terms.session_ids = offer->session_ids;
    terms.n_session_ids = offer->n_session_ids;
    terms.parts = offer->parts;
    terms.n_parts = offer->n_parts;
    terms.price_pence_per_week = offer->price_pence_per_week;
    terms.from = offer->from;
    terms.to = call_off->requirement->to;
    terms.level = call_off->requirement->level;
    terms.ground = DW__AWARD_GROUND__AWARD_GROUND_CALLED_OFF;
    terms.call_off_id = call_off->call_off_id;
    return terms;
}

/* What it offers can be had as things are: the person is free then, and the framework has the money. */
static bool can_be_had(const struct state *state, const Dw__CommissioningModel *model,
                       const Dw__CallOff *call_off, const Dw__Offer *offer)
{
    if (!is_individual(call_off))
        return placements_framework_has_programme(state, model, call_off, offer, NULL);
    const Dw__PlacementTerms terms = terms_of(call_off, offer);
    return placements_is_free(state, &terms) &&
           placements_framework_has(state, model, &terms, NULL, NULL);
}

/* The offers of an award, as they are scored. */
struct contest {
    const struct state *state;
    const Dw__CommissioningModel *model;
    const Dw__CallOff *call_off;
    Dw__OfferScores *scores;
    size_t winner;
};

/* Stands, and outscores what is to win without being in its way: it could not be had. */
static bool is_beside(const struct contest *contest, size_t at)
{
    return contest->scores[at].total > contest->scores[contest->winner].total &&
           !can_be_had(contest->state, contest->model, contest->call_off,
                       contest->call_off->offers[at]);
}

static bool stands(const struct contest *contest, size_t at)
{
    return contest->call_off->offers[at]->state == DW__OFFER_STATE__OFFER_STATE_SUBMITTED;
}

static bool wins(struct contest *contest, const ProtobufCBinaryData *offer_id,
                 struct decision *decision)
{
    const Dw__CallOff *call_off = contest->call_off;
    uint32_t highest = 0;
    for (contest->winner = 0; contest->winner < call_off->n_offers; contest->winner++)
        if (stands(contest, contest->winner) &&
            id_data_equal(&call_off->offers[contest->winner]->offer_id, offer_id))
            break;
    if (contest->winner == call_off->n_offers) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_OFFER_UNKNOWN,
                        "No offer with this id stands; name one of those that do.");
        return false;
    }
    for (size_t at = 0; at < call_off->n_offers; at++)
        if (stands(contest, at) && !is_beside(contest, at) && contest->scores[at].total > highest)
            highest = contest->scores[at].total;
    const uint32_t total = contest->scores[contest->winner].total;
    if (total == highest)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_HIGHEST,
                    "It scores %u of 10,000, and another one that can be had %u: the highest wins, "
                    "or nothing is awarded.",
                    total, highest);
    return false;
}

static void tell_all(const struct contest *contest, const ProtobufCBinaryData *placement_id,
                     struct decision *decision)
{
    const Dw__CallOff *call_off = contest->call_off;
    const Dw__Offer *winner = call_off->offers[contest->winner];
    Dw__CallOffAwarded awarded = DW__CALL_OFF_AWARDED__INIT;
    awarded.call_off_id = call_off->call_off_id;
    awarded.offer_id = winner->offer_id;
    awarded.provider_id = winner->provider_id;
    awarded.scores = &contest->scores[contest->winner];
    awarded.placement_id = *placement_id;
    if (is_individual(call_off))
        awarded.statement_id = winner->statement_id;
    awarded.level = call_off->requirement->level;
    awarded.district = call_off->requirement->district;
    for (size_t at = 0; at < call_off->n_offers; at++)
        awarded.offers += stands(contest, at);
    decision_emit(decision, &awarded.base);
    for (size_t at = 0; at < call_off->n_offers; at++) {
        const Dw__Offer *offer = call_off->offers[at];
        if (at == contest->winner || !stands(contest, at))
            continue;
        Dw__OfferLost lost = DW__OFFER_LOST__INIT;
        lost.call_off_id = call_off->call_off_id;
        lost.offer_id = offer->offer_id;
        lost.provider_id = offer->provider_id;
        lost.scores = &contest->scores[at];
        lost.winning_total = awarded.scores->total;
        lost.could_not_be_had = is_beside(contest, at);
        decision_emit(decision, &lost.base);
    }
}

/* --- what comes of it --------------------------------------------------------------------------------------------- */

static bool has_fresh_ids(const struct state *state, const Dw__Award *award,
                          struct decision *decision)
{
    struct id id;
    if (!id_from_data(&award->placement_id, &id) || !id_from_data(&award->hold_id, &id)) {
        decision_invalid(decision, "placement_id",
                         "say the ids of the placement and of the hold to be asked for");
        return false;
    }
    if (placements_get(state, &award->placement_id) == NULL &&
        placements_by_hold(state, &award->hold_id) == NULL)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_ALREADY_EXISTS,
                    "One of these ids is used by a placement; take fresh ones.");
    return false;
}

static bool can_be_placed(const struct state *state, const Dw__Award *award,
                          const Dw__PlacementTerms *terms, const struct context *ctx,
                          struct decision *decision)
{
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    if (!has_fresh_ids(state, award, decision))
        return false;
    placements_check_terms(terms, decision);
    if (decision_is_no(decision))
        return false;
    placements_check_model(terms, model, decision);
    placements_check_free(state, terms, decision);
    return !decision_is_no(decision) &&
           placements_framework_has(state, model, terms, NULL, decision);
}

/* Capacity registers the service and then its sessions, in that order. */
static void make_programme(const Dw__Offer *offer, struct decision *decision)
{
    const struct id service_id = id_or_zero(&offer->service_id);
    Dw__RegisterService service = DW__REGISTER_SERVICE__INIT;
    service.service = offer->programme;
    decision_send(decision, CAPACITY, &service_id, &service.base);
    for (size_t at = 0; at < offer->n_programme_sessions; at++) {
        Dw__SetSession session = DW__SET_SESSION__INIT;
        session.session = offer->programme_sessions[at];
        decision_send(decision, CAPACITY, &service_id, &session.base);
    }
}

/* The very same, said again: the same winner, by the same judgement, for the same placement. */
static bool is_same_award(const Dw__CallOff *call_off, const Dw__Award *award)
{
    const Dw__Offer *won = call_off_offer(call_off, &award->offer_id);
    if (won == NULL || won->state != DW__OFFER_STATE__OFFER_STATE_WON ||
        (is_individual(call_off) && !id_data_equal(&call_off->placement_id, &award->placement_id)))
        return false;
    for (size_t at = 0; at < award->n_judged; at++) {
        const Dw__OfferJudged *judged = award->judged[at];
        const Dw__Offer *offer = call_off_offer(call_off, &judged->offer_id);
        if (offer == NULL || offer->scores == NULL || offer->scores->quality != judged->quality ||
            offer->scores->outcomes != judged->outcomes ||
            offer->scores->social_value != judged->social_value)
            return false;
    }
    return true;
}

PLACEMENTS_DECIDE(award)
{
    const Dw__Award *award = (const Dw__Award *)command;
    Dw__OfferScores scores[CALL_OFF_OFFERS_MAX];
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    const Dw__CallOff *call_off = call_off_find(state, &award->call_off_id, decision);
    if (call_off == NULL || is_same_award(call_off, award) ||
        !call_off_may(call_off, CALL_OFF_EVENT_AWARD, decision))
        return;
    if (strcmp(call_off->opened_by, ctx->principal->name) == 0) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_SAME_PERSON,
                        "Whoever opened a call-off does not award it; ask somebody else.");
        return;
    }
    if (!call_off_score(call_off, award, scores)) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_JUDGED,
                        "Each offer that stands is judged, and no other, with 0 to 100 for "
                        "quality, outcomes and social value.");
        return;
    }
    struct contest contest = {state, model, call_off, scores, 0};
    if (!wins(&contest, &award->offer_id, decision))
        return;
    const Dw__Offer *offer = call_off->offers[contest.winner];
    if (!is_individual(call_off)) {
        static const ProtobufCBinaryData nothing = {0};
        if (!placements_framework_has_programme(state, model, call_off, offer, decision))
            return;
        tell_all(&contest, &nothing, decision);
        make_programme(offer, decision);
        return;
    }
    Dw__PlacementTerms terms = terms_of(call_off, offer);
    if (!can_be_placed(state, award, &terms, ctx, decision) ||
        (offer->statement_id.len > 0 && !placements_keeps_more(state, &terms.person_id, decision)))
        return;
    tell_all(&contest, &award->placement_id, decision);
    Dw__PlacementProposed proposed = DW__PLACEMENT_PROPOSED__INIT;
    proposed.placement_id = award->placement_id;
    proposed.hold_id = award->hold_id;
    proposed.terms = &terms;
    decision_emit(decision, &proposed.base);
    placements_send_hold(decision, &terms, &award->hold_id, NULL);
}

static void undo(const Dw__CallOff *call_off, bool stands, struct decision *decision)
{
    Dw__AwardUndone undone = DW__AWARD_UNDONE__INIT;
    undone.call_off_id = call_off->call_off_id;
    undone.placement_id = call_off->placement_id;
    undone.stands = stands;
    for (size_t at = 0; at < call_off->n_offers; at++)
        if (call_off->offers[at]->state == DW__OFFER_STATE__OFFER_STATE_WON) {
            undone.offer_id = call_off->offers[at]->offer_id;
            undone.provider_id = call_off->offers[at]->provider_id;
        }
    decision_emit(decision, &undone.base);
}

void placements_undo_award(const struct state *state, const Dw__Placement *placement, bool stands,
                           struct decision *decision)
{
    const Dw__CallOff *call_off = call_off_get(state, &placement->terms->call_off_id);
    if (call_off != NULL && call_off->state == DW__CALL_OFF_STATE__CALL_OFF_STATE_AWARDED &&
        id_data_equal(&call_off->placement_id, &placement->placement_id))
        undo(call_off, stands, decision);
}

/* --- what capacity said of a programme ---------------------------------------------------------------------------- */

/* The call-off whose winner offered that service, or NULL. */
static const Dw__CallOff *awarded_with(const struct state *state,
                                       const ProtobufCBinaryData *service_id)
{
    const size_t count = entities_count(state->entities, PLACEMENTS_KIND_CALL_OFF);
    for (size_t at = 0; at < count; at++) {
        const Dw__CallOff *call_off =
            entities_at(state->entities, PLACEMENTS_KIND_CALL_OFF, at, NULL);
        for (size_t offer = 0; offer < call_off->n_offers; offer++)
            if (call_off->offers[offer]->state == DW__OFFER_STATE__OFFER_STATE_WON &&
                id_data_equal(&call_off->offers[offer]->service_id, service_id))
                return call_off;
    }
    return NULL;
}

/* The call-off that asked for it, told that it was refused; NULL: it was not, or nobody asked. */
static const Dw__CallOff *tell_refused(const struct state *state,
                                       const ProtobufCBinaryData *service_id,
                                       const struct answer_received *answer,
                                       struct decision *decision)
{
    const Dw__CallOff *call_off =
        answer->kind == ANSWER_ACCEPTED ? NULL : awarded_with(state, service_id);
    if (call_off == NULL)
        return NULL;
    Dw__ProgrammeRefused refused = DW__PROGRAMME_REFUSED__INIT;
    refused.call_off_id = call_off->call_off_id;
    refused.service_id = *service_id;
    refused.said = (char *)(uintptr_t)answer->sentence;
    decision_emit(decision, &refused.base);
    return call_off;
}

PLACEMENTS_SETTLE(register_service)
{
    (void)ctx;
    const Dw__Service *service = ((const Dw__RegisterService *)command)->service;
    const Dw__CallOff *call_off = tell_refused(state, &service->service_id, answer, decision);
    if (call_off != NULL)
        undo(call_off, false, decision);
}

PLACEMENTS_SETTLE(set_session)
{
    (void)ctx;
    const Dw__Session *session = ((const Dw__SetSession *)command)->session;
    (void)tell_refused(state, &session->service_id, answer, decision);
}
