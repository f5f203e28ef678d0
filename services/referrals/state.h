/* State of referrals: its records, the moves of a line, and the functions service.c lists. Implements the design's
 * domain, "referrals". */
#ifndef DAYWAYS_SERVICES_REFERRALS_STATE_H
#define DAYWAYS_SERVICES_REFERRALS_STATE_H

#include "common/lists.h"
#include "common/service.h"
#include "common/table.h"

#include "model.pb-c.h"
#include "placements.pb-c.h"
#include "referrals.pb-c.h"

enum {
    REFERRALS_KIND_PERSON = 1,
    REFERRALS_KIND_REFERRAL = 2,
    REFERRALS_KIND_COUNTER = 3, /* id zero, part = financial year */
    REFERRALS_KIND_UNMET =
        4, /* id zero, part = its number % UNMET_MAX: a new one takes the oldest's place */
};

enum {
    REFERRAL_ASKED_MAX = 8,  /* nobody has more kinds of support in a week */
    REFERRAL_LINES_MAX = 64, /* with what was left of them: eight lines in eight pieces each */
    REFERRAL_ASSIGNMENTS_MAX = 40, /* the whole history is written with each change */
    LINE_SESSIONS_MAX = 21,        /* three parts of seven days */
    LINE_OTHERS_MAX =
        8, /* proposed for a line beside the one it is with: more than anybody proposes */
    REFERRAL_STEPS_MAX = 12, /* of a line, for the same reason; the journal has them all */
    REFERRAL_AMENDMENTS_MAX = 40,
    PERSON_REFERRALS_MAX = 60,   /* not over: a death ends them all in one decision */
    PERSON_PLACEMENTS_MAX = 200, /* far more than anybody has at a time */
    UNMET_MAX = 20000,           /* some years of a large council, in a few megabytes */
    CARED_FOR_MAX = 3,           /* as the statutory return has them */
};

/* The same numbers as Dw__LineState; 0 is "there is no such line". */
enum line_state {
#define STATE(name, words) LINE_##name,
#include "services/referrals/moves.def"
    LINE_STATES
};

enum line_event {
#define EVENT(name, message) LINE_EVENT_##name,
#include "services/referrals/moves.def"
    LINE_EVENTS
};

/* --- lines.c ---------------------------------------------------------------------------------------------------- */

/* Where the event leads from the state; LINE_UNSPECIFIED when it cannot happen there. */
enum line_state line_next(enum line_state state, enum line_event event);

/* Ends the sentence "Line 1 …", saying what is possible now. */
const char *line_state_words(enum line_state state);

/* Where a line stands; number counted from 1. */
enum line_state referrals_line_state(const Dw__Referral *referral, uint32_t number);
bool referrals_line_waits(const Dw__Referral *referral, uint32_t number);

/* True when the event can happen to the line, or to any of them. */
bool referrals_line_can(const Dw__Referral *referral, uint32_t number, enum line_event event);
bool referrals_any_can(const Dw__Referral *referral, enum line_event event);

/* What a referral is whose lines stand so. */
Dw__ReferralStanding referrals_standing(const enum line_state *states, size_t count);

/* The lines a command is about, and how the referral stands once the event has happened to them. */
struct picked {
    uint32_t numbers[REFERRAL_LINES_MAX];
    size_t count;
    Dw__ReferralStanding after;
};

/* number 0: every line for which the event can happen. False when there is none. */
bool referrals_pick(const Dw__Referral *referral, uint32_t number, enum line_event event,
                    struct picked *ret_picked);

/* A carer and the place of whom they care for among theirs: one member of a list each. */
struct carer_place {
    struct id carer_id;
    uint32_t place;
};

struct state {
    struct entities *entities;
    struct table *by_council; /* pseudonym of a council id -> person number */
    struct lists *by_person;  /* person number -> referral ids */
    struct lists *by_cared;   /* person number -> struct carer_place */
    struct lists *by_band;    /* month, uint32_t -> who comes into another age band in it */
    struct table *unmet;      /* unmet id -> uint32_t its number */
    uint32_t unmet_last;      /* the highest number; 0: none yet */
    struct lists *erasing;    /* uint32_t 0 -> people of whom records are left to be emptied */
};

struct state *referrals_create(struct entities *entities);
void referrals_destroy(struct state **state);
void referrals_index(struct state *state, const struct entity_key *key,
                     const ProtobufCMessage *before, const ProtobufCMessage *after);

/* --- state.c ---------------------------------------------------------------------------------------------------- */

/* The record of that id, or NULL. */
const Dw__Person *referrals_person(const struct state *state, const ProtobufCBinaryData *id);
const Dw__Referral *referrals_get(const struct state *state, const ProtobufCBinaryData *id);

/* The number of the person whose council id has this pseudonym, or NULL. */
const struct id *referrals_person_by_council(const struct state *state,
                                             const struct id *council_ref);

/* Referrals of the person that are not over, in the order of their ids; at most PERSON_REFERRALS_MAX. Returns how many. */
size_t referrals_live_of(const struct state *state, const ProtobufCBinaryData *person_id,
                         const Dw__Referral *ret_referrals[PERSON_REFERRALS_MAX]);

/* Facts about the person of a referral; a referral always has one. */
Dw__PersonFacts *referrals_facts(const struct state *state, const Dw__Referral *referral);

/* The placement is one of the person's that are not over. */
bool referrals_has_placement(const Dw__Person *person, const ProtobufCBinaryData *placement_id);

/* To whom it is assigned; "" when to nobody. */
const char *referrals_assignee(const Dw__Referral *referral);

/* The last number given in a financial year, 0 when none was. */
uint32_t referrals_last_number(const struct state *state, uint32_t year);
void referrals_put_last_number(struct state *state, uint32_t year, uint32_t number);

/* True when the number is ten digits and the last of them is right (NHS Data Dictionary, "NHS NUMBER": modulus 11). */
bool referrals_nhs_number_is_valid(const char *number);

/* The person a command is about, or NULL when it was answered with a no. */
const Dw__Person *referrals_find_person(const struct state *state,
                                        const ProtobufCBinaryData *person_id,
                                        struct decision *decision);

/* The model has a district of that number, or a level. */
bool referrals_has_district(const Dw__CommissioningModel *model, uint32_t number);
bool referrals_has_level(const Dw__CommissioningModel *model, uint32_t number);

/* What every event says that is brought about by placements. */
#define REFERRALS_SAY(event, state, referral)                                                      \
    do {                                                                                           \
        (event)->referral_id = (referral)->referral_id;                                            \
        (event)->person_id = (referral)->person_id;                                                \
        (event)->facts = referrals_facts(state, referral);                                         \
        (event)->submitted_ms = (referral)->submitted_ms;                                          \
    } while (0)

/* --- life.c ------------------------------------------------------------------------------------------------------ */

/* False when the person's age says that they died (NULL: they have not) before they were born, which is answered with a no. */
bool referrals_check_death(const Dw__PersonFacts *facts, const Dw__Date *died,
                           struct decision *decision);

/* --- meet.c ------------------------------------------------------------------------------------------------------ */

/* The lines of a referral as a decision of several events leaves them, with those that the events add. */
struct course {
    const Dw__Referral *referral;
    enum line_state states[REFERRAL_LINES_MAX];
    size_t count;
};

struct course referrals_course(const Dw__Referral *referral);

/* How the referral stands once the event, which can happen, has happened to the line as well. */
Dw__ReferralStanding referrals_course_move(struct course *course, uint32_t number,
                                           enum line_event event);

/* The line is the named one, or was left of it, at once or in several steps. */
bool referrals_is_of_line(const Dw__Referral *referral, uint32_t named, uint32_t number);

/* Parts of a week as bits, for referrals_meet. */
uint32_t referrals_attended_parts(Dw__AttendedPart *const *parts, size_t count);

/* Places what the placement meets of the line that its terms name and of what was left of that line. attended 0: it is not known when
 * in a week it is, and it meets the whole line. never_had: see
 * referrals_put_back. starts: a placement without a line of its own takes one. Where a referral has
 * REFERRAL_LINES_MAX lines, one of which only a part is met stays on the waiting list whole, so that nothing wanted is lost. */
void referrals_meet(const struct state *state, const Dw__Referral *referral, uint32_t named,
                    const ProtobufCBinaryData *placement_id, uint32_t attended, uint32_t never_had,
                    bool starts, struct decision *decision);

/* Lines that were placed by what was agreed ahead, and of which the placement never had those parts nor has them now, wait as they did. */
void referrals_put_back(const struct state *state, struct course *course, uint32_t named,
                        const ProtobufCBinaryData *placement_id, uint32_t attended,
                        uint32_t never_had, struct decision *decision);

/* The line waits, and is matching at once with the first other placement that is proposed for it, by its record from before, if there is
 * one: with any but that one. */
void referrals_hand_on(const struct state *state, struct course *course, uint32_t number,
                       const Dw__LineRecord *record, const ProtobufCBinaryData *placement_id,
                       struct decision *decision);

/* --- beside.c: placements beside the one a line is with ------------------------------------------------------------ */

/* That placement is beside no line of the referral any more. */
void referrals_propose_no_longer(const struct state *state, const Dw__Referral *referral,
                                 const ProtobufCBinaryData *placement_id,
                                 struct decision *decision);

/* The placement of those terms is on its way, or has started, and no line is free for it: one that is with another placement keeps it in
 * mind. */
void referrals_follow_beside(const struct state *state, const Dw__Referral *referral,
                             const Dw__PlacementTerms *terms, const Dw__LineProposal *wish,
                             struct decision *decision);

/* Of several that are beside it, but for that one, the first that has started, else the first that is proposed; NULL: none. */
const Dw__LineProposal *referrals_next_beside(const Dw__LineRecord *record,
                                              const ProtobufCBinaryData *placement_id);

/* Support of the line that ends with that placement goes on with one that has started. */
bool referrals_goes_on(const Dw__LineRecord *record, const ProtobufCBinaryData *placement_id);

/* --- line_form.c ------------------------------------------------------------------------------------------------ */

/* Answers with a no what a line may not say; path: where the line stands in the command. */
void referrals_check_line(const Dw__ReferralLine *line, const char *path,
                          struct decision *decision);

void referrals_check_sessions(const Dw__LineSession *const *sessions, size_t count,
                              const char *path, struct decision *decision);

/* The same against the council's model and the person; number counted from 1. */
void referrals_check_rules(const Dw__ReferralLine *line, uint32_t number, const Dw__Person *person,
                           const struct context *ctx, struct decision *decision);

/* --- age.c ------------------------------------------------------------------------------------------------------ */

/* When somebody born then comes into the band behind that of the age; false when they are in the last one. */
bool referrals_next_band(const Dw__CommissioningModel *model, int32_t born_month, uint32_t age,
                         Dw__NextAgeBand *ret_next);

/* Commands for whoever came into another age band, and when that is next; now when there are more than max. */
int64_t referrals_due_bands(const struct state *state, const struct context *ctx, size_t max,
                            struct due *due);

/* What stands for a date of this person, and whether a date up to the last one is it. */
struct id referrals_date_ref(const struct context *ctx, const struct id *person_id, int32_t date);
bool referrals_date_reached(const struct context *ctx, const Dw__Person *person, int32_t last);

/* The model asks for outcomes before submission, and the line names none. */
bool referrals_lacks_outcomes(const Dw__ReferralLine *line, const Dw__CommissioningModel *model);

/* --- submit.c --------------------------------------------------------------------------------------------------- */

/* Another referral of the person wants what this line wants, and did not want what the line before (or NULL) did; or NULL. */
const Dw__Referral *referrals_duplicate_of(const struct state *state, const Dw__Referral *referral,
                                           const Dw__ReferralLine *line,
                                           const Dw__ReferralLine *before);

/* The number of another line of the referral that is not over, of the same kind, and has a wanted session in common; 0: none. */
uint32_t referrals_twin_of(const Dw__Referral *referral, uint32_t number,
                           const Dw__ReferralLine *line);

void referrals_refuse_duplicate(const Dw__Referral *other, struct decision *decision);
void referrals_refuse_twin(uint32_t number, uint32_t twin, struct decision *decision);

/* --- decide.c --------------------------------------------------------------------------------------------------- */

/* The referral a command is about, or NULL when it was answered with a no. */
const Dw__Referral *referrals_find(const struct state *state,
                                   const ProtobufCBinaryData *referral_id,
                                   struct decision *decision);

/* As referrals_pick, but where it cannot be done it is answered with a no. */
bool referrals_choose(const Dw__Referral *referral, uint32_t number, enum line_event event,
                      struct decision *decision, struct picked *ret_picked);

/* --- the functions of the tables, one a message ----------------------------------------------------------------- */

#define REFERRALS_DECIDE(name)                                                                     \
    void referrals_decide_##name(const struct state *state, const ProtobufCMessage *command,       \
                                 const struct context *ctx, struct decision *decision)
REFERRALS_DECIDE(record_person);
REFERRALS_DECIDE(change_person);
REFERRALS_DECIDE(record_carer);
REFERRALS_DECIDE(record_death);
REFERRALS_DECIDE(take_back_death);
REFERRALS_DECIDE(change_age_band);
REFERRALS_DECIDE(request_erasure);
REFERRALS_DECIDE(erase);
REFERRALS_DECIDE(continue_erasure);
REFERRALS_DECIDE(create);
REFERRALS_DECIDE(submit);
REFERRALS_DECIDE(amend);
REFERRALS_DECIDE(accept);
REFERRALS_DECIDE(assign);
REFERRALS_DECIDE(withdraw);
REFERRALS_DECIDE(close);
REFERRALS_DECIDE(refuse);
REFERRALS_DECIDE(put_on_hold);
REFERRALS_DECIDE(resume);
REFERRALS_DECIDE(set_waiting_reason);
REFERRALS_DECIDE(record_unmet_need);

#define REFERRALS_REACT(name)                                                                      \
    void referrals_react_##name(const struct state *state, const struct foreign_event *event,      \
                                const struct context *ctx, struct decision *decision)
REFERRALS_REACT(proposed);
REFERRALS_REACT(approval_requested);
REFERRALS_REACT(not_approved);
REFERRALS_REACT(offered);
REFERRALS_REACT(booked);
REFERRALS_REACT(declined);
REFERRALS_REACT(lapsed);
REFERRALS_REACT(cancelled);
REFERRALS_REACT(started);
REFERRALS_REACT(change_made);
REFERRALS_REACT(end_agreed);
REFERRALS_REACT(level_moved);
REFERRALS_REACT(ended);

#define REFERRALS_EVOLVE(name)                                                                     \
    void referrals_evolve_##name(struct state *state, const ProtobufCMessage *event,               \
                                 const struct recorded *recorded)
REFERRALS_EVOLVE(person_recorded);
REFERRALS_EVOLVE(person_changed);
REFERRALS_EVOLVE(carer_recorded);
REFERRALS_EVOLVE(person_died);
REFERRALS_EVOLVE(death_taken_back);
REFERRALS_EVOLVE(age_band_changed);
REFERRALS_EVOLVE(placement_noted);
REFERRALS_EVOLVE(erasure_requested);
REFERRALS_EVOLVE(person_erased);
REFERRALS_EVOLVE(created);
REFERRALS_EVOLVE(submitted);
REFERRALS_EVOLVE(accepted);
REFERRALS_EVOLVE(assigned);
REFERRALS_EVOLVE(amended);
REFERRALS_EVOLVE(line_matching);
REFERRALS_EVOLVE(line_proposed);
REFERRALS_EVOLVE(line_waits);
REFERRALS_EVOLVE(line_placed);
REFERRALS_EVOLVE(placed);
REFERRALS_EVOLVE(line_moved);
REFERRALS_EVOLVE(withdrawn);
REFERRALS_EVOLVE(closed);
REFERRALS_EVOLVE(refused);
REFERRALS_EVOLVE(put_on_hold);
REFERRALS_EVOLVE(resumed);
REFERRALS_EVOLVE(waiting_reason_set);
REFERRALS_EVOLVE(unmet_need_recorded);

int64_t referrals_due(const struct state *state, const struct context *ctx, size_t max,
                      struct due *due);

#define REFERRALS_QUERY(name)                                                                      \
    void referrals_query_##name(const struct state *state, const ProtobufCMessage *request,        \
                                const struct context *ctx, struct vault *vault,                    \
                                struct answer *answer)
REFERRALS_QUERY(get);
REFERRALS_QUERY(list);
REFERRALS_QUERY(waiting);
REFERRALS_QUERY(unmet);
REFERRALS_QUERY(person);
REFERRALS_QUERY(subject_access);

#endif
