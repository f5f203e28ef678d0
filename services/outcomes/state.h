/* State of outcomes: its records and the functions service.c lists. Implements the design's domain, "outcomes".
 *
 * A goal has two states only, and they follow from its last review: open, until one says that it is achieved or an end report
 * closes it. So there is no table of moves here. */
#ifndef DAYWAYS_SERVICES_OUTCOMES_STATE_H
#define DAYWAYS_SERVICES_OUTCOMES_STATE_H

#include "common/alarms.h"
#include "common/lists.h"
#include "common/service.h"
#include "common/table.h"

#include "outcomes.pb-c.h"

enum {
    OUTCOMES_KIND_PLAN = 1,
    OUTCOMES_KIND_SUPPORT = 2,
    OUTCOMES_KIND_MILESTONE = 3,
    OUTCOMES_KIND_SATISFACTION = 4,
    OUTCOMES_KIND_VOICE = 5, /* id zero, part = its number % VOICES_MAX, where the oldest stood */
    OUTCOMES_KIND_END_REPORT = 6,
    OUTCOMES_KIND_ERASED = 7, /* under the person number */
    OUTCOMES_KIND_DEATH = 8,  /* under the person number */
};

enum {
    OUTCOMES_GOALS_MAX = 12,   /* more is no plan that anybody can follow */
    OUTCOMES_REVIEWS_MAX = 60, /* of one goal: one a month for five years */
    OUTCOMES_SCORE_MAX = 10,
    OUTCOMES_VOICES_MAX = 5000, /* ten years of forty a month, in some megabytes */
    /* Records: one a week for twenty years. What placements tells is taken beyond it. */
    OUTCOMES_OF_PERSON_MAX = 1000,
    OUTCOMES_FORGETS_MAX = 200, /* texts emptied in one decision; the engine takes 256 */
};

/* What a voice is: ids are apart. */
enum outcomes_voice_kind { OUTCOMES_FEEDBACK = 1, OUTCOMES_SURVEY, OUTCOMES_ENGAGEMENT };

/* A record about a person, one member of a list each; or a voice, which is known by its id and what it is. */
struct held {
    struct id id;
    uint32_t kind;
};

struct state {
    struct entities *entities;
    struct lists *by_person;  /* person number -> struct held */
    struct lists *erasing;    /* uint32_t 0 -> people of whom texts are left to be emptied */
    struct alarms *sustained; /* milestone id: when it will have lasted for 13 or 26 weeks */
    struct table *voices;     /* struct held, what is said -> uint32_t its number */
    uint32_t voices_last;     /* the highest number; 0: none yet */
};

struct state *outcomes_create(struct entities *entities);
void outcomes_destroy(struct state **state);
void outcomes_index(struct state *state, const struct entity_key *key,
                    const ProtobufCMessage *before, const ProtobufCMessage *after);
int64_t outcomes_due(const struct state *state, const struct context *ctx, size_t max,
                     struct due *due);

/* The plan of that id, or NULL; and its goal of that id, or NULL. */
const Dw__OutcomePlan *outcomes_plan(const struct state *state, const ProtobufCBinaryData *id);
Dw__GoalRecord *outcomes_goal(const Dw__OutcomePlan *plan, const ProtobufCBinaryData *id);

/* The milestone of that id, or NULL. */
const Dw__MilestoneRecord *outcomes_milestone(const struct state *state,
                                              const ProtobufCBinaryData *id);

const Dw__Satisfaction *outcomes_satisfaction(const struct state *state,
                                              const ProtobufCBinaryData *id);

const Dw__EndReport *outcomes_end_report(const struct state *state, const ProtobufCBinaryData *id);

/* Feedback, a survey or engagement by its id, or what stands in that number's place; or NULL. And its text's id, which may be
 * empty. */
const Dw__VoiceRecord *outcomes_voice(const struct state *state, enum outcomes_voice_kind kind,
                                      const ProtobufCBinaryData *id);
const Dw__VoiceRecord *outcomes_voice_at(const struct state *state, uint32_t number);
const ProtobufCBinaryData *outcomes_voice_text(const Dw__VoiceRecord *voice);

/* The day on which it will have been sustained for so many weeks as next has to be said, INT32_MAX when nothing has: it does not
 * last, has ended before, its person had died before, or all is said. */
int32_t outcomes_sustained_on(const struct state *state, const Dw__MilestoneRecord *record,
                              uint32_t *ret_weeks);

/* The date on which the person is known to have died, or NULL. */
const Dw__Date *outcomes_death(const struct state *state, const ProtobufCBinaryData *person_id);

/* Support that a placement gives or gave, or NULL. */
const Dw__Support *outcomes_support(const struct state *state,
                                    const ProtobufCBinaryData *placement_id);

/* True once a review said so. Open is a goal that is to be reviewed again. */
bool outcomes_is_achieved(const Dw__GoalRecord *goal);
bool outcomes_is_open(const Dw__GoalRecord *goal);

/* Days from one review to the next. */
int32_t outcomes_review_days(const struct context *ctx);

/* True when the asker belongs to a provider and the plan to another's support, or to none. */
bool outcomes_is_anothers(const Dw__PlanSubject *subject, const struct context *ctx);

/* --- erase.c ---------------------------------------------------------------------------------------------------- */

/* Whether what was written of the person has been erased, or begun to be; and the record of it, or NULL. */
bool outcomes_is_erased(const struct state *state, const ProtobufCBinaryData *person_id);
const Dw__ErasedSubject *outcomes_erased(const struct state *state,
                                         const ProtobufCBinaryData *person_id);

/* --- checks.c --------------------------------------------------------------------------------------------------- */

/* Says no where the person is erased or has as many records as one may have. */
void outcomes_check_person(const struct state *state, const ProtobufCBinaryData *person_id,
                           struct decision *decision);

/* Says no where the asker may not tell anything of that person and support on that date, or no more. */
void outcomes_check_subject(const struct state *state, const Dw__PlanSubject *subject, int32_t date,
                            const struct context *ctx, struct decision *decision);

/* Says no where the date is missing or lies after today. */
void outcomes_check_date(const Dw__Date *date, const char *field, const struct context *ctx,
                         struct decision *decision);

/* Words go to the vault under a fresh id, which ret_data then is; empty words do not, and ret_data is empty. ret_id outlives
 * ret_data. */
void outcomes_keep_text(const char *words, const struct context *ctx, struct decision *decision,
                        struct id *ret_id, ProtobufCBinaryData *ret_data);

/* --- reading.c ---------------------------------------------------------------------------------------------------- */

/* Adds the text of that id when there is one and it was not erased; texts has room for it. */
void outcomes_add_text(const ProtobufCBinaryData *text_id, struct vault *vault,
                       struct answer *answer, Dw__PlanText **texts, size_t *count);

/* --- the functions of the tables, one a message ----------------------------------------------------------------- */

#define OUTCOMES_DECIDE(name)                                                                      \
    void outcomes_decide_##name(const struct state *state, const ProtobufCMessage *command,        \
                                const struct context *ctx, struct decision *decision)
OUTCOMES_DECIDE(agree);
OUTCOMES_DECIDE(review);
OUTCOMES_DECIDE(milestone);
OUTCOMES_DECIDE(end_milestone);
OUTCOMES_DECIDE(check_milestone);
OUTCOMES_DECIDE(satisfaction);
OUTCOMES_DECIDE(feedback);
OUTCOMES_DECIDE(survey);
OUTCOMES_DECIDE(engagement);
OUTCOMES_DECIDE(end_report);
OUTCOMES_DECIDE(continue_erasure);

#define OUTCOMES_REACT(name)                                                                       \
    void outcomes_react_##name(const struct state *state, const struct foreign_event *event,       \
                               const struct context *ctx, struct decision *decision)
OUTCOMES_REACT(started);
OUTCOMES_REACT(ended);
OUTCOMES_REACT(erased);
OUTCOMES_REACT(died);
OUTCOMES_REACT(death_taken_back);

#define OUTCOMES_EVOLVE(name)                                                                      \
    void outcomes_evolve_##name(struct state *state, const ProtobufCMessage *event,                \
                                const struct recorded *recorded)
OUTCOMES_EVOLVE(agreed);
OUTCOMES_EVOLVE(reviewed);
OUTCOMES_EVOLVE(support_began);
OUTCOMES_EVOLVE(support_ended);
OUTCOMES_EVOLVE(death_noted);
OUTCOMES_EVOLVE(milestone_recorded);
OUTCOMES_EVOLVE(milestone_ended);
OUTCOMES_EVOLVE(milestone_sustained);
OUTCOMES_EVOLVE(satisfaction_recorded);
OUTCOMES_EVOLVE(feedback_recorded);
OUTCOMES_EVOLVE(survey_recorded);
OUTCOMES_EVOLVE(engagement_recorded);
OUTCOMES_EVOLVE(end_report_submitted);
OUTCOMES_EVOLVE(texts_erased);

#define OUTCOMES_QUERY(name)                                                                       \
    void outcomes_query_##name(const struct state *state, const ProtobufCMessage *request,         \
                               const struct context *ctx, struct vault *vault,                     \
                               struct answer *answer)
OUTCOMES_QUERY(plan);
OUTCOMES_QUERY(due);
OUTCOMES_QUERY(milestones);
OUTCOMES_QUERY(engagement);
OUTCOMES_QUERY(end_reports);
OUTCOMES_QUERY(held);

#endif
