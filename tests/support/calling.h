/* Call-offs for tests of placements: three providers that may answer, and one call a command. Nobody but these tests includes this. */
#ifndef DAYWAYS_TESTS_SUPPORT_CALLING_H
#define DAYWAYS_TESTS_SUPPORT_CALLING_H

#include "services/placements/calloffs.h"
#include "tests/support/placing.h"

static const struct id CALL_OFF_ID = {{41}};
static const struct id PROVIDERS[3] = {{{51}}, {{52}}, {{53}}};
static const struct id OFFERS[3] = {{{61}}, {{62}}, {{63}}};

/* What a test changes before it calls. */
extern struct calling {
    struct id placement_id, hold_id; /* that are asked for by an award */
    struct id session_id;            /* the only one of an offer */
    size_t left_out;                 /* the offer that is not judged; 3: none */
    Dw__SupportReason need;          /* that is wanted; 0: none */
    int32_t from;                    /* of an offer */
    int64_t closes_ms;               /* 0: after the model's days */
    int32_t to;                      /* last date wanted; 0: none */
    Dw__AccessFeature access;        /* that is wanted; 0: none */
    bool culturally_specific;        /* is wanted */
} calling;

/* For cmocka, with placing_tear_down. Three providers have a contract for level 2; price counts 40, quality 30, outcomes 20, social value
 * 10. */
int calling_set_up(void **ret_placing);

/* For one person, or a programme for eight; any part of a Monday, where nothing else is wanted. */
struct pure_outcome calling_open_for(struct placing *placing, Dw__CallOffKind kind,
                                     Dw__WantedSession **wanted, size_t wanted_count);
struct pure_outcome calling_open(struct placing *placing, Dw__CallOffKind kind);
struct pure_outcome calling_open_individual(struct placing *placing);

/* Of one session; and one of each provider, at 10000, 8000 and 12500 pence a week. */
struct pure_outcome calling_offer(struct placing *placing, const struct id *provider_id,
                                  const struct id *offer_id, int64_t pence);
void calling_offer_all(struct placing *placing);

struct pure_outcome calling_close(struct placing *placing);

/* Of the three of calling_offer_all. Scores in all: the first 40 × 80 + 30 × 90 + 20 × 80 + 10 × 50 = 8,000, the second 7,600, the third
 * 6,860. without: the offer that is not judged. */
struct pure_outcome calling_award_without(struct placing *placing, const char *name, size_t winner,
                                          size_t judged_count, size_t without, uint32_t outcomes);
struct pure_outcome calling_award(struct placing *placing, const char *name, size_t winner,
                                  size_t judged_count);

/* As a provider, or NULL: as a broker. */
const Dw__CallOffList *calling_list(struct placing *placing, const struct id *provider_id);

#endif
