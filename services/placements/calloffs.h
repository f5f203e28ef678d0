/* Call-offs: an anonymous requirement to every provider with a live contract for the level, offers, scores by the model's weights, and
 * an award that becomes a placement or a programme. */
#ifndef DAYWAYS_SERVICES_PLACEMENTS_CALLOFFS_H
#define DAYWAYS_SERVICES_PLACEMENTS_CALLOFFS_H

#include "services/placements/checks.h"

enum {
    CALL_OFF_OFFERS_MAX = 50, /* are kept; a council has tens of providers for a lot */
    CALL_OFF_WANTED_MAX = 14, /* sessions, as a search takes them */
};

/* The same numbers as Dw__CallOffState; 0 is "there is no such call-off". */
enum call_off_state {
#define STATE(name, words) CALL_OFF_##name,
#include "services/placements/calloffs.def"
    CALL_OFF_STATES
};

enum call_off_event {
#define EVENT(name, message) CALL_OFF_EVENT_##name,
#include "services/placements/calloffs.def"
    CALL_OFF_EVENTS
};

/* Where the event leads to from the state; CALL_OFF_UNSPECIFIED when it cannot happen there. */
enum call_off_state call_off_next(enum call_off_state state, enum call_off_event event);
const char *call_off_words(enum call_off_state state); /* ends the sentence "The call-off …" */

const Dw__CallOff *call_off_get(const struct state *state, const ProtobufCBinaryData *id);

/* The call-off a command is about, or NULL when it was answered with a no: not said, not known. */
const Dw__CallOff *call_off_find(const struct state *state, const ProtobufCBinaryData *call_off_id,
                                 struct decision *decision);

/* Whether the event can happen to it now; refused with the words of its state when not. */
bool call_off_may(const Dw__CallOff *call_off, enum call_off_event event,
                  struct decision *decision);

/* The offer of that id, or NULL. */
const Dw__Offer *call_off_offer(const Dw__CallOff *call_off, const ProtobufCBinaryData *offer_id);

/* Whether the provider may answer: it has a contract for the level under which people can be placed today. */
bool call_off_may_answer(const struct state *state, const Dw__CallOff *call_off,
                         const struct id *provider_id, int32_t today);

/* Scores every offer that stands: ret_scores by the place of the offer; judged says what people gave. False when one that stands was
 * not judged, or one was judged that does not stand, or a score is above 100. */
bool call_off_score(const Dw__CallOff *call_off, const Dw__Award *award,
                    Dw__OfferScores ret_scores[CALL_OFF_OFFERS_MAX]);

#endif
