/* State of placements: its records, their indexes, the moves of a placement, and the functions service.c lists.
 * Implements the design's domain, "placements". */
#ifndef DAYWAYS_SERVICES_PLACEMENTS_STATE_H
#define DAYWAYS_SERVICES_PLACEMENTS_STATE_H

#include "common/alarms.h"
#include "common/lists.h"
#include "common/service.h"
#include "common/table.h"

#include "placements.pb-c.h"

enum {
    PLACEMENTS_KIND_PLACEMENT = 1,
    PLACEMENTS_KIND_DISRUPTION,    /* placement id, part: below its disruption_parts */
    PLACEMENTS_KIND_CONTRIBUTIONS, /* person number */
    PLACEMENTS_KIND_VIREMENTS,     /* no id, part: the year */
    PLACEMENTS_KIND_PROVIDER,
    PLACEMENTS_KIND_CONTRACT,
    PLACEMENTS_KIND_FRAMEWORK, /* no id, part: the framework's number */
    PLACEMENTS_KIND_SESSION,
    PLACEMENTS_KIND_DEATH,       /* person number */
    PLACEMENTS_KIND_MOVED_MONEY, /* no id, part: the year */
    PLACEMENTS_KIND_CALL_OFF,
    PLACEMENTS_KIND_TEXTS,      /* person number */
    PLACEMENTS_KIND_SUSPENSION, /* a provider or a service at which nobody new is placed */
    PLACEMENTS_KIND_SERVICE,
    PLACEMENTS_KINDS
};

/* Bounds of what one record keeps. */
enum {
    PLACEMENTS_SITTINGS_MAX = 400,      /* that capacity names of a disruption */
    PLACEMENTS_DISRUPTIONS_BEFORE = 16, /* of placements stored before their number was */
    PLACEMENTS_FORMER_MAX = 48,         /* four changes a year for twelve years */
    PLACEMENTS_TASTERS_MAX = 10,
    PLACEMENTS_PASSED_OVER_MAX = 20,    /* as many as a search tells of */
    PLACEMENTS_TEXTS_MAX = 256,         /* as many as one decision can empty */
    PLACEMENTS_CONTRIBUTIONS_MAX = 120, /* assessed twice a year for sixty years */
    PLACEMENTS_VIREMENTS_MAX = 512,     /* ten a week; half of what a list may have */
};

/* The same numbers as Dw__PlacementState; 0 is "there is no such placement". */
enum placement_state {
#define STATE(name, words) PLACEMENT_##name,
#include "services/placements/moves.def"
    PLACEMENT_STATES
};

enum placement_event {
#define EVENT(name, message) PLACEMENT_EVENT_##name,
#include "services/placements/moves.def"
    PLACEMENT_EVENTS
};

/* The same numbers as Dw__ChangeState; 0 is "no change waits". */
enum change_state {
#define STATE(name, words) CHANGE_##name,
#include "services/placements/changes.def"
    CHANGE_STATES
};

/* Where the event leads a change from the state; false when it cannot happen there. */
bool placement_change_next(enum change_state state, enum placement_event event,
                           enum change_state *ret_to);
const char *placement_change_words(enum change_state state); /* ends the sentence "A change …" */

/* Where the event leads from the state; PLACEMENT_UNSPECIFIED when it cannot happen there. */
enum placement_state placement_next(enum placement_state state, enum placement_event event);

/* Ends the sentence "The placement …", saying what is possible now. */
const char *placement_state_words(enum placement_state state);

struct state {
    struct entities *entities;
    struct table *by_hold; /* hold id -> placement id: of the place, of a change, of a resumption */
    struct lists *by_person;
    struct lists *contracts;   /* provider id -> contract id */
    struct alarms *alarms;     /* placement id: when time next makes something necessary */
    struct alarms *closings;   /* call-off id: when it closes */
    struct alarms *beginnings; /* placement id: when a closure begins that suspends it then */
};

struct state *placements_create(struct entities *entities);
void placements_destroy(struct state **state);
void placements_index(struct state *state, const struct entity_key *key,
                      const ProtobufCMessage *before, const ProtobufCMessage *after);

/* The placement of that id, or NULL; and the one the hold stands behind now. */
const Dw__Placement *placements_get(const struct state *state, const ProtobufCBinaryData *id);
const Dw__Placement *placements_by_hold(const struct state *state, const ProtobufCBinaryData *id);

/* The person's live or ended placement that has one of the sessions on a date of the terms, or NULL; of several the
 * one that begins last. */
const Dw__Placement *placements_overlapping(const struct state *state,
                                            const Dw__PlacementTerms *terms);

/* Send to capacity, about that hold; the terms say whose it is, and what is to be held. What is sent about one person arrives in
 * order. replaces_id: the booking the hold is to replace, or NULL. */
void placements_send_hold(struct decision *decision, const Dw__PlacementTerms *terms,
                          const ProtobufCBinaryData *hold_id,
                          const ProtobufCBinaryData *replaces_id);
void placements_send_confirm(struct decision *decision, const Dw__PlacementTerms *terms,
                             const ProtobufCBinaryData *hold_id);
void placements_send_release(struct decision *decision, const Dw__PlacementTerms *terms,
                             const ProtobufCBinaryData *hold_id);
void placements_send_end(struct decision *decision, const Dw__PlacementTerms *terms,
                         const ProtobufCBinaryData *hold_id, int32_t last);
/* Both, when it is not known what capacity has made of it. */
void placements_send_back(struct decision *decision, const Dw__PlacementTerms *terms,
                          const ProtobufCBinaryData *hold_id, int32_t last);
void placements_send_keep(struct decision *decision, const Dw__PlacementTerms *terms,
                          const ProtobufCBinaryData *hold_id, int64_t until_ms);

/* Capacity's refusal in the words of a placement; CAPACITY_FAILED for whatever is no refusal. */
Dw__LapseReason placements_lapse_reason(const struct answer_received *answer);

/* What capacity said, for the placement's record; "" where that tells of the person's other sessions, which are not the provider's to
 * know, or was no refusal. */
const char *placements_said(const struct answer_received *answer);

/* Capacity says that there is no such hold any more: another one may be asked for. */
bool placements_hold_is_lost(const struct answer_received *answer);

/* What capacity answered about a hold that is not the placement's own: a change's or a resumption's. */
void placements_settle_other_hold(const struct state *state, const Dw__Placement *placement,
                                  const ProtobufCBinaryData *hold_id,
                                  const struct answer_received *answer, const struct context *ctx,
                                  struct decision *decision);
void placements_settle_other_confirm(const struct state *state, const Dw__Placement *placement,
                                     const ProtobufCBinaryData *hold_id,
                                     const struct answer_received *answer,
                                     const struct context *ctx, struct decision *decision);

/* --- attended.c -------------------------------------------------------------------------------------------------- */

enum { ATTENDED_DAYS = 7, ATTENDED_PARTS = ATTENDED_DAYS * 3 };

/* Parts of weekdays on which a placement has a session, each once; count 0: one of its sessions has not been heard of. */
struct attended {
    Dw__AttendedPart parts[ATTENDED_PARTS];
    Dw__AttendedPart *list[ATTENDED_PARTS];
    size_t count;
};

void placements_tell_attended(const struct state *state, const Dw__PlacementTerms *terms,
                              struct attended *ret_attended);

/* --- what there is ----------------------------------------------------------------------------------------------- */

/* The change that waits, or UNSPECIFIED. */
enum change_state placements_change_state(const Dw__Placement *placement);

/* A booking of the placement's, by the terms it has or those it had; not what is held for a change. */
bool placements_has_booking(const Dw__Placement *placement, const ProtobufCBinaryData *hold_id);

/* The terms that took the place of its former ones at that place. */
const Dw__PlacementTerms *placements_terms_after(const Dw__Placement *placement, size_t former);

/* What one of its bookings has lost; NULL: nothing under that part, or it was of a hold that came to nothing or is a change's still. */
const Dw__Disruption *placements_loss(const struct state *state, const Dw__Placement *placement,
                                      uint32_t part);

/* What a closure or a cut has taken of a placement, by its part, below that number; or NULL. */
const Dw__Disruption *placements_disruption(const struct state *state,
                                            const ProtobufCBinaryData *placement_id, uint32_t part);
uint32_t placements_disruption_parts(const Dw__Placement *placement);

/* When the first closure begins that is to suspend it; INT64_MAX: none does, or it cannot be suspended now. */
int64_t placements_beginning_ms(const struct state *state, const Dw__Placement *placement);

/* When time next makes something necessary for it, UTC milliseconds; INT64_MAX: never. died: its person is known to have. */
int64_t placements_next_ms(const Dw__Placement *placement, bool died);

/* The date on which the person is known to have died, or NULL. */
const Dw__Date *placements_death(const struct state *state, const ProtobufCBinaryData *person_id);

/* Whether support goes on: it has started and has not ended. */
/* The day on which the place was given back of somebody who comes again on that date; not after it. */
int32_t placements_given_back(const Dw__Suspension *suspension, int32_t begins);

bool placements_is_coming(const Dw__Placement *placement);

/* Whether the person comes now: it goes on, and is not suspended. */
bool placements_is_there(const Dw__Placement *placement);

/* The first date after the clock's limit. */
int32_t placements_clock_end(const Dw__EnablementClock *clock);
/* The date of one of its warnings, which move with the limit when that is extended; and how many lie before a date or on it. */
int32_t placements_clock_warning(const Dw__EnablementClock *clock, size_t at);
uint32_t placements_clock_passed(const Dw__EnablementClock *clock, int32_t today);

/* The contract of the provider and level under which people can be placed on that date, or NULL when placements knows none; of
 * several the one that begins last, and of two of one day the smaller id. */
const Dw__NotedContract *placements_contract(const struct state *state,
                                             const Dw__PlacementTerms *terms, int32_t date,
                                             struct id *ret_contract_id);

/* A contract of the terms' provider for their level on that date, whether anybody may be placed under it or not; or NULL. */
const Dw__NotedContract *placements_any_contract(const struct state *state,
                                                 const Dw__PlacementTerms *terms, int32_t date);

/* First date after that one on which a contract of the provider's for the level begins; INT32_MAX: none is known. */
int32_t placements_next_contract(const struct state *state, const Dw__PlacementTerms *terms,
                                 int32_t date);

/* The contract a placement is under, by those of its terms or the present ones: the one it was held under, or, when placements had not
 * heard of any by then, the provider's for that level on its first date, as it turned out. NULL: none is known, or nobody here pays for
 * it. */
const Dw__NotedContract *placements_contract_under(const struct state *state,
                                                   const Dw__Placement *placement,
                                                   const Dw__PlacementTerms *terms);
const Dw__NotedContract *placements_contract_of(const struct state *state,
                                                const Dw__Placement *placement);

/* Last date of the contract's exercised term, INT32_MAX: it has no end. */
int32_t placements_contract_last(const Dw__NotedContract *contract);

/* --- the functions of the tables, one a message ----------------------------------------------------------------- */

#define PLACEMENTS_DECIDE(name)                                                                    \
    void placements_decide_##name(const struct state *state, const ProtobufCMessage *command,      \
                                  const struct context *ctx, struct decision *decision)
PLACEMENTS_DECIDE(propose);
PLACEMENTS_DECIDE(approve);
PLACEMENTS_DECIDE(refuse);
PLACEMENTS_DECIDE(accept_offer);
PLACEMENTS_DECIDE(decline_offer);
PLACEMENTS_DECIDE(assess);
PLACEMENTS_DECIDE(book_taster);
PLACEMENTS_DECIDE(person_decision);
PLACEMENTS_DECIDE(share_plan);
PLACEMENTS_DECIDE(start);
PLACEMENTS_DECIDE(pass_trial);
PLACEMENTS_DECIDE(end);
PLACEMENTS_DECIDE(cancel);
PLACEMENTS_DECIDE(suspend);
PLACEMENTS_DECIDE(resume);
PLACEMENTS_DECIDE(propose_change);
PLACEMENTS_DECIDE(approve_change);
PLACEMENTS_DECIDE(refuse_change);
PLACEMENTS_DECIDE(move_level);
PLACEMENTS_DECIDE(extend_enablement);
PLACEMENTS_DECIDE(review);
PLACEMENTS_DECIDE(assess_contribution);
PLACEMENTS_DECIDE(move_budget);
PLACEMENTS_DECIDE(reach_date);
PLACEMENTS_DECIDE(open_call_off);
PLACEMENTS_DECIDE(submit_offer);
PLACEMENTS_DECIDE(withdraw_offer);
PLACEMENTS_DECIDE(close_call_off);
PLACEMENTS_DECIDE(award);
PLACEMENTS_DECIDE(abandon_call_off);

#define PLACEMENTS_SETTLE(name)                                                                    \
    void placements_settle_##name(const struct state *state, const ProtobufCMessage *command,      \
                                  const struct answer_received *answer, const struct context *ctx, \
                                  struct decision *decision)
PLACEMENTS_SETTLE(hold_places);
PLACEMENTS_SETTLE(confirm_hold);
PLACEMENTS_SETTLE(extend_hold);
PLACEMENTS_SETTLE(giving_back);
PLACEMENTS_SETTLE(register_service);
PLACEMENTS_SETTLE(set_session);

#define PLACEMENTS_REACT(name)                                                                     \
    void placements_react_##name(const struct state *state, const struct foreign_event *event,     \
                                 const struct context *ctx, struct decision *decision)
PLACEMENTS_REACT(provider_registered);
PLACEMENTS_REACT(contract_agreed);
PLACEMENTS_REACT(contract_stands);
PLACEMENTS_REACT(framework_extended);
PLACEMENTS_REACT(session_set);
PLACEMENTS_REACT(service_registered);
PLACEMENTS_REACT(placements_suspended);
PLACEMENTS_REACT(suspension_lifted);
PLACEMENTS_REACT(session_ended);
PLACEMENTS_REACT(sittings_disrupted);
PLACEMENTS_REACT(sittings_restored);
PLACEMENTS_REACT(person_died);
PLACEMENTS_REACT(death_taken_back);
PLACEMENTS_REACT(person_erased);
PLACEMENTS_REACT(end_report_submitted);
PLACEMENTS_REACT(feed_part_taken);
PLACEMENTS_REACT(rows_matched);

#define PLACEMENTS_EVOLVE(name)                                                                    \
    void placements_evolve_##name(struct state *state, const ProtobufCMessage *event,              \
                                  const struct recorded *recorded)
PLACEMENTS_EVOLVE(proposed);
PLACEMENTS_EVOLVE(offered);
PLACEMENTS_EVOLVE(approval_requested);
PLACEMENTS_EVOLVE(approved);
PLACEMENTS_EVOLVE(refused);
PLACEMENTS_EVOLVE(hold_kept);
PLACEMENTS_EVOLVE(offer_accepted);
PLACEMENTS_EVOLVE(hold_replaced);
PLACEMENTS_EVOLVE(accepted);
PLACEMENTS_EVOLVE(declined);
PLACEMENTS_EVOLVE(lapsed);
PLACEMENTS_EVOLVE(assessed);
PLACEMENTS_EVOLVE(end_report_noted);
PLACEMENTS_EVOLVE(taster_booked);
PLACEMENTS_EVOLVE(person_decided);
PLACEMENTS_EVOLVE(plan_shared);
PLACEMENTS_EVOLVE(texts_erased);
PLACEMENTS_EVOLVE(started);
PLACEMENTS_EVOLVE(trial_started);
PLACEMENTS_EVOLVE(trial_passed);
PLACEMENTS_EVOLVE(ended);
PLACEMENTS_EVOLVE(cancelled);
PLACEMENTS_EVOLVE(clock_set);
PLACEMENTS_EVOLVE(warned);
PLACEMENTS_EVOLVE(limit_reached);
PLACEMENTS_EVOLVE(extended);
PLACEMENTS_EVOLVE(review_scheduled);
PLACEMENTS_EVOLVE(review_fell_due);
PLACEMENTS_EVOLVE(reviewed);
PLACEMENTS_EVOLVE(suspended);
PLACEMENTS_EVOLVE(place_released);
PLACEMENTS_EVOLVE(resumption_requested);
PLACEMENTS_EVOLVE(resumption_refused);
PLACEMENTS_EVOLVE(resumed);
PLACEMENTS_EVOLVE(change_proposed);
PLACEMENTS_EVOLVE(change_approval_requested);
PLACEMENTS_EVOLVE(change_approved);
PLACEMENTS_EVOLVE(change_hold_kept);
PLACEMENTS_EVOLVE(change_hold_replaced);
PLACEMENTS_EVOLVE(change_dropped);
PLACEMENTS_EVOLVE(change_made);
PLACEMENTS_EVOLVE(level_moved);
PLACEMENTS_EVOLVE(disrupted);
PLACEMENTS_EVOLVE(disruption_lifted);
PLACEMENTS_EVOLVE(closure_began);
PLACEMENTS_EVOLVE(contribution_assessed);
PLACEMENTS_EVOLVE(budget_moved);
PLACEMENTS_EVOLVE(provider_noted);
PLACEMENTS_EVOLVE(contract_noted);
PLACEMENTS_EVOLVE(framework_noted);
PLACEMENTS_EVOLVE(session_noted);
PLACEMENTS_EVOLVE(death_noted);
PLACEMENTS_EVOLVE(call_off_opened);
PLACEMENTS_EVOLVE(offer_submitted);
PLACEMENTS_EVOLVE(offer_withdrawn);
PLACEMENTS_EVOLVE(call_off_closed);
PLACEMENTS_EVOLVE(call_off_awarded);
PLACEMENTS_EVOLVE(offer_lost);
PLACEMENTS_EVOLVE(call_off_abandoned);
PLACEMENTS_EVOLVE(end_agreed);
PLACEMENTS_EVOLVE(suspension_noted);
PLACEMENTS_EVOLVE(service_noted);
PLACEMENTS_EVOLVE(award_undone);
PLACEMENTS_EVOLVE(programme_refused);

#define PLACEMENTS_QUERY(name)                                                                     \
    void placements_query_##name(const struct state *state, const ProtobufCMessage *request,       \
                                 const struct context *ctx, struct vault *vault,                   \
                                 struct answer *answer)
PLACEMENTS_QUERY(get);
PLACEMENTS_QUERY(list);
PLACEMENTS_QUERY(support_plan);
PLACEMENTS_QUERY(texts_held);
PLACEMENTS_QUERY(costs);
PLACEMENTS_QUERY(budgets);
PLACEMENTS_QUERY(list_call_offs);

int64_t placements_due(const struct state *state, const struct context *ctx, size_t max,
                       struct due *due);

#endif
