/* State of outcomes: its records and the functions service.c lists. Implements the design's domain, "outcomes".
 *
 * A goal has two states only, and they follow from its last review: open, until one says that it is achieved. So there
 * is no table of moves here. */
#ifndef DAYWAYS_SERVICES_OUTCOMES_STATE_H
#define DAYWAYS_SERVICES_OUTCOMES_STATE_H

#include "common/service.h"

#include "outcomes.pb-c.h"

enum { OUTCOMES_KIND_PLAN = 1, OUTCOMES_KIND_SUPPORT };

enum {
    OUTCOMES_GOALS_MAX = 12,   /* more is no plan that anybody can follow */
    OUTCOMES_REVIEWS_MAX = 60, /* of one goal: one a month for five years */
    OUTCOMES_SCORE_MAX = 10,
};

struct state {
    struct entities *entities;
};

struct state *outcomes_create(struct entities *entities);
void outcomes_destroy(struct state **state);

/* The plan of that id, or NULL; and its goal of that id, or NULL. */
const Dw__OutcomePlan *outcomes_plan(const struct state *state, const ProtobufCBinaryData *id);
Dw__GoalRecord *outcomes_goal(const Dw__OutcomePlan *plan, const ProtobufCBinaryData *id);

/* Support that a placement gives or gave, or NULL. */
const Dw__Support *outcomes_support(const struct state *state,
                                    const ProtobufCBinaryData *placement_id);

/* True once a review said so. */
bool outcomes_is_achieved(const Dw__GoalRecord *goal);

/* True when the asker belongs to a provider and the plan to another's support, or to none. */
bool outcomes_is_anothers(const Dw__PlanSubject *subject, const struct context *ctx);

/* --- the functions of the tables, one a message ----------------------------------------------------------------- */

#define OUTCOMES_DECIDE(name)                                                                      \
    void outcomes_decide_##name(const struct state *state, const ProtobufCMessage *command,        \
                                const struct context *ctx, struct decision *decision)
OUTCOMES_DECIDE(agree);
OUTCOMES_DECIDE(review);

#define OUTCOMES_REACT(name)                                                                       \
    void outcomes_react_##name(const struct state *state, const struct foreign_event *event,       \
                               const struct context *ctx, struct decision *decision)
OUTCOMES_REACT(started);
OUTCOMES_REACT(ended);

#define OUTCOMES_EVOLVE(name)                                                                      \
    void outcomes_evolve_##name(struct state *state, const ProtobufCMessage *event,                \
                                const struct recorded *recorded)
OUTCOMES_EVOLVE(agreed);
OUTCOMES_EVOLVE(reviewed);
OUTCOMES_EVOLVE(support_began);
OUTCOMES_EVOLVE(support_ended);

#define OUTCOMES_QUERY(name)                                                                       \
    void outcomes_query_##name(const struct state *state, const ProtobufCMessage *request,         \
                               const struct context *ctx, struct vault *vault,                     \
                               struct answer *answer)
OUTCOMES_QUERY(plan);
OUTCOMES_QUERY(due);

#endif
