/* Placements that go on, for tests of placements: changes, breaks, a death. Nobody but these tests includes this. */
#ifndef DAYWAYS_TESTS_SUPPORT_CHANGING_H
#define DAYWAYS_TESTS_SUPPORT_CHANGING_H

#include "tests/support/placing.h"

static const struct id CHANGE_HOLD_ID = {{31}};
static const struct id CHANGE_SESSION_ID = {{33}}; /* on Wednesdays */

/* The terms of PLACEMENT_ID with Monday and CHANGE_SESSION_ID in a week; they point into the other two. */
Dw__PlacementTerms changing_terms(struct placing *placing, Dw__Date *from,
                                  ProtobufCBinaryData session_ids[2]);

/* hold_id NULL: no chair is asked for. */
struct pure_outcome changing_propose(struct placing *placing, Dw__PlacementTerms *terms,
                                     const struct id *hold_id);

/* It is proposed, and capacity has the chairs and confirms them. */
void changing_make(struct placing *placing, Dw__PlacementTerms *terms, const struct id *hold_id);

/* The first thing sent is a hold that is to replace that booking. */
void assert_replaces(struct pure_outcome told, const struct id *hold_id);

/* So many changes are made, one a day from that date on. */
void changing_often(struct placing *placing, int32_t count, int32_t first);

struct pure_outcome changing_suspend(struct placing *placing, int32_t from);
/* hold_id NULL: the place was kept. */
struct pure_outcome changing_resume(struct placing *placing, int32_t from,
                                    const struct id *hold_id);

/* Referrals tells that the person died on that date. */
struct pure_outcome changing_die(struct placing *placing, int32_t date);

#endif
