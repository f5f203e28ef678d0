/* State of referrals: its records, the moves of a referral, and the functions service.c lists. Implements the design's
 * domain, "referrals". */
#ifndef DAYWAYS_SERVICES_REFERRALS_STATE_H
#define DAYWAYS_SERVICES_REFERRALS_STATE_H

#include "common/service.h"
#include "common/table.h"

#include "referrals.pb-c.h"

enum {
    REFERRALS_KIND_PERSON = 1,
    REFERRALS_KIND_REFERRAL = 2,
    REFERRALS_KIND_COUNTER = 3, /* id zero, part = financial year */
};

enum {
    REFERRAL_LINES_MAX = 8,        /* nobody has more kinds of support in a week */
    REFERRAL_ASSIGNMENTS_MAX = 40, /* the whole history is written with each change */
};

/* The same numbers as Dw__ReferralState; 0 is "there is no such referral". */
enum referral_state {
#define STATE(name, words) REFERRAL_##name,
#include "services/referrals/moves.def"
    REFERRAL_STATES
};

enum referral_event {
#define EVENT(name, message) REFERRAL_EVENT_##name,
#include "services/referrals/moves.def"
    REFERRAL_EVENTS
};

/* Where the event leads from the state; REFERRAL_UNSPECIFIED when it cannot happen there. */
enum referral_state referral_next(enum referral_state state, enum referral_event event);

/* Ends the sentence "The referral …", saying what is possible now. */
const char *referral_state_words(enum referral_state state);

struct state {
    struct entities *entities;
    struct table *by_council; /* pseudonym of a council id -> person number */
};

struct state *referrals_create(struct entities *entities);
void referrals_destroy(struct state **state);
void referrals_index(struct state *state, const struct entity_key *key,
                     const ProtobufCMessage *before, const ProtobufCMessage *after);

/* The record of that id, or NULL. */
const Dw__Person *referrals_person(const struct state *state, const ProtobufCBinaryData *id);
const Dw__Referral *referrals_get(const struct state *state, const ProtobufCBinaryData *id);

/* The number of the person whose council id has this pseudonym, or NULL. */
const struct id *referrals_person_by_council(const struct state *state,
                                             const struct id *council_ref);

/* Facts about the person of a referral; a referral always has one. */
Dw__PersonFacts *referrals_facts(const struct state *state, const Dw__Referral *referral);

/* To whom it is assigned; "" when to nobody. */
const char *referrals_assignee(const Dw__Referral *referral);

/* The last number given in a financial year, 0 when none was. */
uint32_t referrals_last_number(const struct state *state, uint32_t year);

/* True when the number is ten digits and the last of them is right (NHS Data Dictionary, "NHS NUMBER": modulus 11). */
bool referrals_nhs_number_is_valid(const char *number);

/* --- the functions of the tables, one a message ----------------------------------------------------------------- */

#define REFERRALS_DECIDE(name)                                                                     \
    void referrals_decide_##name(const struct state *state, const ProtobufCMessage *command,       \
                                 const struct context *ctx, struct decision *decision)
REFERRALS_DECIDE(record_person);
REFERRALS_DECIDE(create);
REFERRALS_DECIDE(submit);
REFERRALS_DECIDE(accept);
REFERRALS_DECIDE(assign);
REFERRALS_DECIDE(withdraw);
REFERRALS_DECIDE(close);

void referrals_react_started(const struct state *state, const struct foreign_event *event,
                             const struct context *ctx, struct decision *decision);

#define REFERRALS_EVOLVE(name)                                                                     \
    void referrals_evolve_##name(struct state *state, const ProtobufCMessage *event,               \
                                 const struct recorded *recorded)
REFERRALS_EVOLVE(person_recorded);
REFERRALS_EVOLVE(created);
REFERRALS_EVOLVE(submitted);
REFERRALS_EVOLVE(accepted);
REFERRALS_EVOLVE(assigned);
REFERRALS_EVOLVE(line_placed);
REFERRALS_EVOLVE(placed);
REFERRALS_EVOLVE(withdrawn);
REFERRALS_EVOLVE(closed);

#define REFERRALS_QUERY(name)                                                                      \
    void referrals_query_##name(const struct state *state, const ProtobufCMessage *request,        \
                                const struct context *ctx, struct vault *vault,                    \
                                struct answer *answer)
REFERRALS_QUERY(get);
REFERRALS_QUERY(list);
REFERRALS_QUERY(waiting);
REFERRALS_QUERY(person);

#endif
