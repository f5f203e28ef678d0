/* One placement for tests of placements: a council whose model knows its terms, and one call a command or an answer of
 * capacity. The commands are about PLACEMENT_ID and HOLD_ID, the answers about the hold that is named. Nobody but these tests
 * includes this, so that ids, dates and assertions have short names. */
#ifndef DAYWAYS_TESTS_SUPPORT_PLACING_H
#define DAYWAYS_TESTS_SUPPORT_PLACING_H

#include "services/placements/state.h"
#include "tests/support/pure.h"

#include "model.pb-c.h"

enum {
    BROKER = DW__ROLE__ROLE_BROKER,
    PROVIDER_MANAGER = DW__ROLE__ROLE_PROVIDER_MANAGER,
    FROM = 20720, /* long enough ago for what ends to have ended */
    TODAY = 20780,
};
static const int64_t NOW_MS = INT64_C(20780) * 86400000;

static const struct id PLACEMENT_ID = {{1}};
static const struct id HOLD_ID = {{2}};
static const struct id PERSON_ID = {{3}};
static const struct id SERVICE_ID = {{4}};
static const struct id PROVIDER_ID = {{5}};
static const struct id MONDAY_ID = {{6}};
static const struct id TUESDAY_ID = {{7}};
static const struct id OTHER_ID = {{8}};
static const struct id UNUSED_ID = {{9}};

/* A test changes the terms, and the dates and sessions they point to, before it proposes. */
struct placing {
    Dw__CommissioningModel model;
    Dw__Rules rules;
    Dw__Level level;
    Dw__Level *levels[1];
    Dw__District district;
    Dw__District *districts[1];
    Dw__Framework framework;
    Dw__Framework *frameworks[1];
    Dw__Date framework_last;
    Dw__Date from;
    Dw__Date to; /* the terms have no last date unless a test points them here */
    Dw__Date date;
    ProtobufCBinaryData session_ids[2];
    Dw__PlacementTerms terms;
    const char *sentence; /* of capacity's answers; "" unless a test says something */
    struct pure *pure;
};

/* For cmocka: nothing is proposed yet, and the provider's people are PROVIDER_ID's. One at a time. */
int placing_set_up(void **ret_placing);
int placing_tear_down(void **placing);

/* The commands, each in the role that sends it: the provider's managers answer the offer, a broker does the rest. */
struct pure_outcome placing_propose(struct placing *placing);
struct pure_outcome placing_propose_as(struct placing *placing, const struct id *placement_id,
                                       const struct id *hold_id);
struct pure_outcome placing_accept_offer(struct placing *placing);
struct pure_outcome placing_decline_offer(struct placing *placing, Dw__DeclineReason reason);
struct pure_outcome placing_start(struct placing *placing, int32_t date);
struct pure_outcome placing_end(struct placing *placing, int32_t last);
struct pure_outcome placing_cancel(struct placing *placing);

/* Any other command, in that role and by somebody of that name, on TODAY; and what another service told. */
struct pure_outcome placing_tell(struct placing *placing, const char *name, int role,
                                 const ProtobufCMessage *command);
struct pure_outcome placing_hear(struct placing *placing, const char *service,
                                 const ProtobufCMessage *event);

/* From now on the model has framework 1, whose first term ends then; a test may say more of it. */
Dw__Framework *placing_framework(struct placing *placing, int32_t last);

/* Capacity tells that the provider has a contract for level 2, of that framework (0: of none), since long before FROM. */
void placing_agree(struct placing *placing, const struct id *contract_id,
                   const struct id *provider_id, Dw__ContractKind kind, uint32_t framework);

/* Capacity tells that the booking of HOLD_ID has lost these sittings by a closure; to INT32_MAX: nobody knows until when. */
struct pure_outcome placing_lose(struct placing *placing, const struct id *closure_id,
                                 Dw__ClosureReason reason, int32_t from, int32_t to,
                                 Dw__DisruptedSitting *const *sittings, size_t count);
/* That it has lost so many, at most 8, one a day from the date on, by an infection. */
struct pure_outcome placing_disrupt(struct placing *placing, const struct id *closure_id,
                                    int32_t from, int32_t to, size_t count);

/* That the closure was lifted, and the booking has its sittings from that date on again. */
struct pure_outcome placing_restore(struct placing *placing, const struct id *closure_id,
                                    int32_t date);

/* Lets time come up to a date, and everything that is due happen; returns how many commands that took. */
size_t placing_wait_until(struct placing *placing, int32_t date);

/* What capacity answers when it was asked to hold places, or to confirm the hold; value: the refusal or the error code. */
struct pure_outcome placing_hold_answered(struct placing *placing, const struct id *hold_id,
                                          enum answer_kind kind, int value);
struct pure_outcome placing_confirm_answered(struct placing *placing, const struct id *hold_id,
                                             enum answer_kind kind, int value);

/* Brings the placement to a state by the ordinary way. */
void placing_bring_to(struct placing *placing, enum placement_state state);

/* The placement as it is now, NULL when nobody proposed it; and the hold that stands behind it. */
const Dw__Placement *placing_now(struct placing *placing);
struct id placing_hold_id(struct placing *placing);

/* The last date of the EndBooking that was sent in that place. */
int32_t placing_last_of_booking(struct pure_outcome told, size_t at);

#define assert_state(placing, name) assert_int_equal(placing_now(placing)->state, PLACEMENT_##name)
#define assert_refused(told, name)                                                                 \
    do {                                                                                           \
        const struct pure_outcome no = (told);                                                     \
        assert_int_equal(no.outcome, DECISION_REFUSED);                                            \
        assert_int_equal(no.refusal, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_##name);           \
    } while (0)
#define assert_invalid(told, name)                                                                 \
    do {                                                                                           \
        const struct pure_outcome no = (told);                                                     \
        assert_int_equal(no.outcome, DECISION_INVALID);                                            \
        assert_string_equal(no.field, name);                                                       \
    } while (0)

/* One event of that type, and so many commands to capacity. */
void assert_said(struct pure_outcome told, const ProtobufCMessageDescriptor *event,
                 size_t sends_count);

/* Those events, in that order and no others; the list ends with NULL. */
void assert_told(struct pure_outcome told, ...);

/* A command to capacity about that hold, in the order of the person's. */
void assert_sent(struct pure_outcome told, size_t at, const ProtobufCMessageDescriptor *type,
                 const struct id *hold_id);

/* Accepted, and nothing had to change. */
void assert_nothing_said(struct pure_outcome told);

#endif
