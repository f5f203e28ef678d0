/* See calloffs.h; and the evolve of call-offs. */
#include "services/placements/calloffs.h"
#include "services/placements/evolve.h"

#define STATE(name, words)                                                                         \
    _Static_assert((int)CALL_OFF_##name == (int)DW__CALL_OFF_STATE__CALL_OFF_STATE_##name,         \
                   "the rows stand in the order of the message's enum");
#include "services/placements/calloffs.def"

#define CELL(state, event) ((int)(state)*CALL_OFF_EVENTS + (int)(event))

enum { SCORE_MAX = 100 }; /* parts per hundred */

enum call_off_state call_off_next(enum call_off_state state, enum call_off_event event)
{
    switch (CELL(state, event)) {
#define MOVE(from, event, to)                                                                      \
    case CELL(CALL_OFF_##from, CALL_OFF_EVENT_##event):                                            \
        return CALL_OFF_##to;
#include "services/placements/calloffs.def"
    }
    return CALL_OFF_UNSPECIFIED;
}

const char *call_off_words(enum call_off_state state)
{
    static const char *const words_of[CALL_OFF_STATES] = {
#define STATE(name, words) [CALL_OFF_##name] = words,
#include "services/placements/calloffs.def"
    };
    return words_of[state];
}

const Dw__CallOff *call_off_get(const struct state *state, const ProtobufCBinaryData *data)
{
    const struct id id = id_or_zero(data);
    return entities_get(state->entities, PLACEMENTS_KIND_CALL_OFF, &id, 0);
}

const Dw__CallOff *call_off_find(const struct state *state, const ProtobufCBinaryData *call_off_id,
                                 struct decision *decision)
{
    struct id id;
    if (!id_from_data(call_off_id, &id)) {
        decision_invalid(decision, "call_off_id", "it must be said, and it is not");
        return NULL;
    }
    const Dw__CallOff *call_off = call_off_get(state, call_off_id);
    if (call_off == NULL)
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_CALL_OFF_UNKNOWN,
                        "There is no call-off with this id; open it first.");
    return call_off;
}

bool call_off_may(const Dw__CallOff *call_off, enum call_off_event event, struct decision *decision)
{
    const enum call_off_state state = (enum call_off_state)call_off->state;
    if (call_off_next(state, event) != CALL_OFF_UNSPECIFIED)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_WRONG_STATE,
                    "The call-off %s.", call_off_words(state));
    return false;
}

const Dw__Offer *call_off_offer(const Dw__CallOff *call_off, const ProtobufCBinaryData *offer_id)
{
    for (size_t at = 0; at < call_off->n_offers; at++)
        if (id_data_equal(&call_off->offers[at]->offer_id, offer_id))
            return call_off->offers[at];
    return NULL;
}

bool call_off_may_answer(const struct state *state, const Dw__CallOff *call_off,
                         const struct id *provider_id, int32_t today)
{
    struct id contract_id;
    Dw__PlacementTerms terms = DW__PLACEMENT_TERMS__INIT;
    terms.provider_id = id_to_data(provider_id);
    terms.level = call_off->requirement->level;
    return placements_contract(state, &terms, today, &contract_id) != NULL;
}

/* --- scores ------------------------------------------------------------------------------------------------------- */

static bool stands(const Dw__Offer *offer)
{
    return offer->state == DW__OFFER_STATE__OFFER_STATE_SUBMITTED;
}

static int64_t lowest_price(const Dw__CallOff *call_off)
{
    int64_t lowest_pence = INT64_MAX;
    for (size_t at = 0; at < call_off->n_offers; at++)
        if (stands(call_off->offers[at]) &&
            call_off->offers[at]->price_pence_per_week < lowest_pence)
            lowest_pence = call_off->offers[at]->price_pence_per_week;
    return lowest_pence;
}

static const Dw__OfferJudged *judgement_of(const Dw__Award *award, const Dw__Offer *offer)
{
    for (size_t at = 0; at < award->n_judged; at++)
        if (id_data_equal(&award->judged[at]->offer_id, &offer->offer_id))
            return award->judged[at];
    return NULL;
}

bool call_off_score(const Dw__CallOff *call_off, const Dw__Award *award,
                    Dw__OfferScores ret_scores[CALL_OFF_OFFERS_MAX])
{
    const Dw__AwardWeights *weights = call_off->weights;
    const int64_t lowest_pence = lowest_price(call_off);
    size_t standing = 0;
    for (size_t at = 0; at < call_off->n_offers; at++) {
        const Dw__Offer *offer = call_off->offers[at];
        Dw__OfferScores *scores = &ret_scores[at];
        dw__offer_scores__init(scores);
        if (!stands(offer))
            continue;
        standing++;
        const Dw__OfferJudged *judged = judgement_of(award, offer);
        if (judged == NULL || judged->quality > SCORE_MAX || judged->outcomes > SCORE_MAX ||
            judged->social_value > SCORE_MAX)
            return false;
        scores->price = offer->price_pence_per_week == 0
                            ? SCORE_MAX
                            : (uint32_t)(lowest_pence * SCORE_MAX / offer->price_pence_per_week);
        scores->quality = judged->quality;
        scores->outcomes = judged->outcomes;
        scores->social_value = judged->social_value;
        scores->total = weights->price * scores->price + weights->quality * scores->quality +
                        weights->outcomes * scores->outcomes +
                        weights->social_value * scores->social_value;
    }
    return standing == award->n_judged;
}

/* --- evolve ------------------------------------------------------------------------------------------------------- */

static bool move(const struct state *state, const ProtobufCBinaryData *call_off_id,
                 enum call_off_event event, Dw__CallOff *ret_call_off)
{
    const Dw__CallOff *before = call_off_get(state, call_off_id);
    const enum call_off_state from =
        before == NULL ? CALL_OFF_UNSPECIFIED : (enum call_off_state)before->state;
    const enum call_off_state to = call_off_next(from, event);
    if (to == CALL_OFF_UNSPECIFIED)
        return false;
    if (before == NULL)
        dw__call_off__init(ret_call_off);
    else
        *ret_call_off = *before;
    ret_call_off->call_off_id = *call_off_id;
    ret_call_off->state = (Dw__CallOffState)to;
    return true;
}

static void put(struct state *state, const Dw__CallOff *call_off)
{
    const struct id id = id_or_zero(&call_off->call_off_id);
    entities_put(state->entities, PLACEMENTS_KIND_CALL_OFF, &id, 0, &call_off->base);
}

PLACEMENTS_EVOLVE(call_off_opened)
{
    const Dw__CallOffOpened *opened = (const Dw__CallOffOpened *)event;
    Dw__CallOff call_off;
    if (!move(state, &opened->call_off_id, CALL_OFF_EVENT_OPEN, &call_off))
        return;
    call_off.kind = opened->kind;
    call_off.requirement = opened->requirement;
    call_off.terms = opened->terms;
    call_off.opened_by = (char *)recorded->principal->name;
    call_off.opened_ms = recorded->at_ms;
    call_off.closes_ms = opened->closes_ms;
    call_off.weights = opened->weights;
    call_off.description_id = opened->description_id;
    if (opened->terms != NULL)
        placement_note_text(state, &opened->terms->person_id, PLACEMENT_WORDS,
                            &opened->description_id);
    put(state, &call_off);
}

/* An offer of the same provider that stood before makes room for it. */
PLACEMENTS_EVOLVE(offer_submitted)
{
    const Dw__OfferSubmitted *submitted = (const Dw__OfferSubmitted *)event;
    Dw__CallOff call_off;
    if (!move(state, &submitted->call_off_id, CALL_OFF_EVENT_OFFER, &call_off))
        return;
    Dw__Offer *offers[CALL_OFF_OFFERS_MAX];
    size_t count = 0;
    for (size_t at = 0; at < call_off.n_offers && count < CALL_OFF_OFFERS_MAX - 1; at++)
        if (!id_data_equal(&call_off.offers[at]->provider_id, &submitted->offer->provider_id))
            offers[count++] = call_off.offers[at];
    Dw__Offer offer = *submitted->offer;
    offer.submitted_ms = recorded->at_ms;
    offers[count++] = &offer;
    call_off.offers = offers;
    call_off.n_offers = count;
    put(state, &call_off);
}

/* Copies the offers, so that states and scores can be changed. */
static void copy_offers(Dw__CallOff *call_off, Dw__Offer copies[CALL_OFF_OFFERS_MAX],
                        Dw__Offer *pointers[CALL_OFF_OFFERS_MAX])
{
    for (size_t at = 0; at < call_off->n_offers; at++) {
        copies[at] = *call_off->offers[at];
        pointers[at] = &copies[at];
    }
    call_off->offers = pointers;
}

static void set_offer(struct state *state, const ProtobufCBinaryData *call_off_id,
                      enum call_off_event event, const ProtobufCBinaryData *offer_id,
                      Dw__OfferState to, Dw__OfferScores *scores,
                      const ProtobufCBinaryData *placement_id)
{
    Dw__CallOff call_off;
    Dw__Offer copies[CALL_OFF_OFFERS_MAX];
    Dw__Offer *pointers[CALL_OFF_OFFERS_MAX];
    if (!move(state, call_off_id, event, &call_off))
        return;
    copy_offers(&call_off, copies, pointers);
    for (size_t at = 0; at < call_off.n_offers; at++)
        if (id_data_equal(&copies[at].offer_id, offer_id)) {
            copies[at].state = to;
            copies[at].scores = scores;
        }
    if (event == CALL_OFF_EVENT_AWARD) { /* another one is asked for now */
        call_off.programme_refused = false;
        call_off.programme_said = (char *)(uintptr_t)protobuf_c_empty_string;
    }
    if (placement_id != NULL)
        call_off.placement_id = *placement_id;
    put(state, &call_off);
}

PLACEMENTS_EVOLVE(offer_withdrawn)
{
    (void)recorded;
    const Dw__OfferWithdrawn *withdrawn = (const Dw__OfferWithdrawn *)event;
    const Dw__CallOff *call_off = call_off_get(state, &withdrawn->call_off_id);
    const Dw__Offer *offer =
        call_off == NULL ? NULL : call_off_offer(call_off, &withdrawn->offer_id);
    set_offer(state, &withdrawn->call_off_id, CALL_OFF_EVENT_WITHDRAW, &withdrawn->offer_id,
              DW__OFFER_STATE__OFFER_STATE_WITHDRAWN, offer == NULL ? NULL : offer->scores, NULL);
}

PLACEMENTS_EVOLVE(call_off_closed)
{
    (void)recorded;
    const Dw__CallOffClosed *closed = (const Dw__CallOffClosed *)event;
    Dw__CallOff call_off;
    if (move(state, &closed->call_off_id, CALL_OFF_EVENT_CLOSE, &call_off))
        put(state, &call_off);
}

/* What the winner said is about the person from now on. */
PLACEMENTS_EVOLVE(call_off_awarded)
{
    (void)recorded;
    const Dw__CallOffAwarded *awarded = (const Dw__CallOffAwarded *)event;
    const Dw__CallOff *call_off = call_off_get(state, &awarded->call_off_id);
    if (call_off != NULL && call_off->terms != NULL)
        placement_note_text(state, &call_off->terms->person_id, PLACEMENT_WORDS,
                            &awarded->statement_id);
    set_offer(state, &awarded->call_off_id, CALL_OFF_EVENT_AWARD, &awarded->offer_id,
              DW__OFFER_STATE__OFFER_STATE_WON, awarded->scores, &awarded->placement_id);
}

PLACEMENTS_EVOLVE(offer_lost)
{
    (void)recorded;
    const Dw__OfferLost *lost = (const Dw__OfferLost *)event;
    const Dw__CallOff *before = call_off_get(state, &lost->call_off_id);
    if (before == NULL)
        return;
    Dw__CallOff call_off = *before;
    Dw__Offer copies[CALL_OFF_OFFERS_MAX];
    Dw__Offer *pointers[CALL_OFF_OFFERS_MAX];
    copy_offers(&call_off, copies, pointers);
    for (size_t at = 0; at < call_off.n_offers; at++)
        if (id_data_equal(&copies[at].offer_id, &lost->offer_id)) {
            copies[at].state = DW__OFFER_STATE__OFFER_STATE_LOST;
            copies[at].could_not_be_had = lost->could_not_be_had;
            copies[at].scores = lost->scores;
        }
    put(state, &call_off);
}

/* Whoever had lost stands again; who had won only when it was not their doing. */
PLACEMENTS_EVOLVE(award_undone)
{
    (void)recorded;
    const Dw__AwardUndone *undone = (const Dw__AwardUndone *)event;
    Dw__CallOff call_off;
    Dw__Offer copies[CALL_OFF_OFFERS_MAX];
    Dw__Offer *pointers[CALL_OFF_OFFERS_MAX];
    if (!move(state, &undone->call_off_id, CALL_OFF_EVENT_UNDO, &call_off))
        return;
    copy_offers(&call_off, copies, pointers);
    for (size_t at = 0; at < call_off.n_offers; at++) {
        if (copies[at].state == DW__OFFER_STATE__OFFER_STATE_WON) {
            copies[at].state = undone->stands ? DW__OFFER_STATE__OFFER_STATE_SUBMITTED
                                              : DW__OFFER_STATE__OFFER_STATE_FAILED;
            copies[at].scores = undone->stands ? NULL : copies[at].scores;
        } else if (copies[at].state == DW__OFFER_STATE__OFFER_STATE_LOST) {
            copies[at].state = DW__OFFER_STATE__OFFER_STATE_SUBMITTED;
            copies[at].could_not_be_had = false;
            copies[at].scores = NULL;
        }
    }
    call_off.placement_id = (ProtobufCBinaryData){0, NULL};
    put(state, &call_off);
}

PLACEMENTS_EVOLVE(call_off_abandoned)
{
    (void)recorded;
    const Dw__CallOffAbandoned *abandoned = (const Dw__CallOffAbandoned *)event;
    Dw__CallOff call_off;
    if (!move(state, &abandoned->call_off_id, CALL_OFF_EVENT_ABANDON, &call_off))
        return;
    call_off.abandon_reason = abandoned->reason;
    put(state, &call_off);
}

/* Somebody has to register the programme by hand. */
PLACEMENTS_EVOLVE(programme_refused)
{
    (void)recorded;
    const Dw__ProgrammeRefused *refused = (const Dw__ProgrammeRefused *)event;
    const Dw__CallOff *before = call_off_get(state, &refused->call_off_id);
    if (before == NULL)
        return;
    Dw__CallOff call_off = *before;
    call_off.programme_refused = true;
    if (refused->said[0] != '\0')
        call_off.programme_said = refused->said;
    put(state, &call_off);
}
