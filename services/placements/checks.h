/* What several decisions ask first. */
#ifndef DAYWAYS_SERVICES_PLACEMENTS_CHECKS_H
#define DAYWAYS_SERVICES_PLACEMENTS_CHECKS_H

#include "services/placements/state.h"

#include "attendance.pb-c.h"
#include "model.pb-c.h"

enum {
    PLACEMENTS_MOVE_GAP_DAYS_MAX = 28, /* between two places that somebody moves between */
    PLACEMENTS_AHEAD_DAYS_MAX = 366, /* an end or a change is agreed: what is later is said later */
    PLACEMENTS_PRICE_PENCE_MAX = 10000000, /* £100,000 a week is a slip of the keyboard */
    PLACEMENTS_PARTS_MAX = 8,              /* each kind of part, and some by two units */
};

/* The provider has had it before it, and may see it and say something of it: recorded, or by its state where it was not recorded yet. */
bool placements_was_offered(const Dw__Placement *placement);

/* The placement a command is about, or NULL when it was answered with a no: not said, not known, another provider's. */
const Dw__Placement *placements_find(const struct state *state,
                                     const ProtobufCBinaryData *placement_id,
                                     const struct context *ctx, struct decision *decision);

/* Whether the event can happen to it now; refused with the words of its state when not. */
bool placements_may(const Dw__Placement *placement, enum placement_event event,
                    struct decision *decision);
bool placements_may_change(const Dw__Placement *placement, enum placement_event event,
                           struct decision *decision);

/* Whether support can end now; refused in a wrong state, and for the moment in which capacity confirms a change: which booking there is
 * to end is not known then. */
bool placements_may_end(const Dw__Placement *placement, enum placement_event event,
                        struct decision *decision);

/* Whether a date was said, and one of 1900 to 2199; invalid under that field when not. */
bool placements_has_date(const Dw__Date *date, const char *field, struct decision *decision);

bool placements_lies_inside(const Dw__PlacementTerms *terms, int32_t date);

/* Whether that id can be asked of capacity as a hold: it was said, and no placement uses it; refused when not. */
bool placements_has_fresh_hold(const struct state *state, const ProtobufCBinaryData *hold_id,
                               struct decision *decision);

/* Refuses a primary support reason that the model leaves to others. People who have a place keep it. */
void placements_check_reason(Dw__SupportReason reason, const Dw__CommissioningModel *model,
                             struct decision *decision);

/* Refuses to end a placement of a level that ends with a report (Level.end_report) when none was submitted. Nobody reports on the dead
 * first. */
bool placements_check_end_report(const Dw__CommissioningModel *model,
                                 const Dw__Placement *placement, Dw__EndReason reason,
                                 struct decision *decision);

/* Refuses a level or a district that the model does not have. */
bool placements_check_place(uint32_t level, uint32_t district, const Dw__CommissioningModel *model,
                            struct decision *decision);

/* The model's level of that number, or NULL. */
const Dw__Level *placements_level(const Dw__CommissioningModel *model, uint32_t number);

/* Whether another text can be kept of the person; refused when not. */
bool placements_keeps_more(const struct state *state, const ProtobufCBinaryData *person_id,
                           struct decision *decision);

/* Puts what somebody wrote into the vault, PlacementText or SupportPlan; ret_id is the record's id in ret_bytes. Refused when as much is
 * kept of the person as can be; person_id NULL: it is about nobody. */
void placements_keep(const struct state *state, const ProtobufCBinaryData *person_id,
                     const ProtobufCMessage *record, const struct context *ctx,
                     struct decision *decision, struct id *ret_bytes, ProtobufCBinaryData *ret_id);
/* The same for plain words; nothing is kept, and the id is empty, when there are none. */
void placements_keep_text(const struct state *state, const ProtobufCBinaryData *person_id,
                          const char *text, const struct context *ctx, struct decision *decision,
                          struct id *ret_bytes, ProtobufCBinaryData *ret_id);

/* What is wrong with terms whatever the state; and what the council's model says against them. */
/* False when it answers that one of the sessions is empty or named twice; path: where they stand in the command. */
bool placements_check_ids(const ProtobufCBinaryData *session_ids, size_t count, const char *path,
                          struct decision *decision);
void placements_check_terms(const Dw__PlacementTerms *terms, struct decision *decision);
void placements_check_model(const Dw__PlacementTerms *terms, const Dw__CommissioningModel *model,
                            struct decision *decision);

/* Numbers, prices and shares of terms as they may be. */
void placements_check_facts(const Dw__PlacementTerms *terms, struct decision *decision);

/* What they stand in for, if anything, is a placement of the same person. */
void placements_check_covers(const struct state *state, const Dw__PlacementTerms *terms,
                             struct decision *decision);

/* The person is alive, and has none of the sessions in these dates by another placement. */
bool placements_is_free(const struct state *state, const Dw__PlacementTerms *terms);

/* Whether the person is alive, and has none of the sessions in these dates by another placement. */
void placements_check_free(const struct state *state, const Dw__PlacementTerms *terms,
                           struct decision *decision);

/* Emits that the placement is next to be reviewed on that date. */
void placements_schedule_review(const Dw__Placement *placement, int32_t date,
                                struct decision *decision);

/* --- steps that several decisions take ----------------------------------------------------------------------------- */

/* Until when capacity keeps a hold that it gives now. */
int64_t placements_hold_until(const struct context *ctx);

/* The provider is asked; and the provider has said yes. */
void placements_offer(const Dw__Placement *placement, int64_t hold_until_ms,
                      const ProtobufCBinaryData *contract_id, struct decision *decision);
void placements_take_offer(const Dw__Placement *placement, struct decision *decision);

/* Support starts on that date, with a clock and a first review as the model has them. */
void placements_begin(const struct state *state, const Dw__Placement *placement, int32_t date,
                      const struct context *ctx, struct decision *decision);
/* Its clock runs as that one says, within the limit of the model's level; corrected: perhaps from a later day than before. */
void placements_set_clock(const Dw__Placement *placement, const Dw__EnablementClock *since,
                          const Dw__CommissioningModel *model, bool corrected, int32_t today,
                          struct decision *decision);

/* Support ends, and whatever waits of it; details: NULL, nothing more is known. */
void placements_finish(const struct state *state, const Dw__Placement *placement,
                       Dw__EndReason reason, int32_t last, const Dw__EndDetails *details,
                       struct decision *decision);

/* It has ended so, and not as it was said before. own_end: how it had ended by itself, which a death was before, or NULL. What was given
 * back to capacity stays so. */
void placements_correct_end(const struct state *state, const Dw__Placement *placement,
                            const Dw__AgreedEnd *end, Dw__AgreedEnd *own_end,
                            struct decision *decision);

/* Whether its record has room for so many terms more, beside those of before; refused when not: nothing of its cost is forgotten. */
bool placements_keeps_others(const Dw__Placement *placement, size_t count,
                             struct decision *decision);

/* Gives back every booking that was to hold beyond that date. */
void placements_end_bookings(const Dw__Placement *placement, int32_t last,
                             struct decision *decision);

/* How many bookings an end on that date gives back: one, and those of terms that were to hold beyond it. */
size_t placements_ends(const Dw__Placement *placement, int32_t last);

/* The date, or the first one after it on which placements_finish can end the placement: it gives so many bookings back and no more. */
int32_t placements_soonest_end(const Dw__Placement *placement, int32_t last);

/* What has not started is taken back. */
void placements_withdraw(const struct state *state, const Dw__Placement *placement,
                         Dw__CancelReason reason, struct decision *decision);

/* Another offer may win the call-off by which it was awarded, if it was: it has come to nothing. stands: so may the same one, for it
 * was not its doing. */
void placements_undo_award(const struct state *state, const Dw__Placement *placement, bool stands,
                           struct decision *decision);

/* The person does not come, and comes again under these terms and that booking. */
void placements_suspend(const Dw__Placement *placement, Dw__Suspension *suspension,
                        struct decision *decision);
/* Until the closure is over, with the place kept. */
void placements_suspend_for(const Dw__Placement *placement, const Dw__Disruption *disruption,
                            struct decision *decision);
/* Capacity has a place again for whoever gave theirs back: by the terms of that day, in whose stead what was agreed ahead falls away. */
void placements_come_back(const struct state *state, const Dw__Placement *placement,
                          const ProtobufCBinaryData *hold_id, const struct context *ctx,
                          struct decision *decision);
void placements_resume(const struct state *state, const Dw__Placement *placement,
                       Dw__PlacementTerms *terms, int32_t from, const ProtobufCBinaryData *hold_id,
                       const struct context *ctx, struct decision *decision);

/* --- episode.c ----------------------------------------------------------------------------------------------------- */

/* First date of the level in a placement that has started, or in those of the same level that it follows, each within
 * PLACEMENTS_MOVE_GAP_DAYS_MAX. */
int32_t placements_level_since(const struct state *state, const Dw__Placement *placement);

/* The same when that one ends on that last date. */
int32_t placements_level_since_end(const struct state *state, const Dw__Placement *placement,
                                   const Dw__Placement *ended, int32_t last);

/* The clock of what the person had of the level before that date. False: there is none, and its time begins. */
bool placements_clock_before(const struct state *state, const Dw__PlacementTerms *terms,
                             int32_t date, Dw__EnablementClock *ret_clock);

/* --- savings.c ----------------------------------------------------------------------------------------------------- */

/* Changes of before whose saving is another one than was counted, as events tell it. */
struct savings {
    Dw__SavingCounted *list[PLACEMENTS_FORMER_MAX];
    Dw__SavingCounted counted[PLACEMENTS_FORMER_MAX];
    Dw__ChangeSaving savings[PLACEMENTS_FORMER_MAX];
    size_t count;
};

/* Of a change of what the council buys: what it was to cost and will, to the end of the financial year or the end that both have. False:
 * nothing is saved where a contract's value is paid whoever comes. ret_until: memory that lives as long. */
bool placements_tell_saving(const struct state *state, const Dw__CommissioningModel *model,
                            const Dw__Placement *placement, const Dw__PendingChange *change,
                            Dw__ChangeSaving *ret_saving, Dw__Date *ret_until);

/* First and last. */
struct days {
    int32_t first;
    int32_t last;
};

/* What so many changes save when support is paid until that date, where that is not what was counted. away: days for which the place was
 * given back, and it is had again; NULL: it is not. */
void placements_count_savings(const struct state *state, const Dw__Placement *placement,
                              size_t count, int32_t last, const struct days *away,
                              struct savings *ret_savings);

/* From that change on they have come to nothing, and nothing is saved by them. */
void placements_take_savings_back(const Dw__Placement *placement, size_t first,
                                  struct savings *ret_savings);

/* The same sessions of a week, with the same of each limit. */
bool placements_same_support(const Dw__PlacementTerms *left, const Dw__PlacementTerms *right);

/* --- clocks.c ------------------------------------------------------------------------------------------------------ */

/* The placement ends on that date, which is told late perhaps: an episode that began too long after it to be the same has clocks of its own. */
void placements_part_clocks(const struct state *state, const Dw__Placement *ended, int32_t last,
                            struct decision *decision);

/* When it starts on that date, the clock of what the person had of the level before is its own, and its clock is that of whatever began
 * later: nobody has more time by moving, by starting again soon, in a second place, or because one was told of first. */
void placements_begin_clock(const struct state *state, const Dw__Placement *placement, int32_t date,
                            const struct context *ctx, struct decision *decision);

/* Registers tell of sittings of the placement, by those of the months that are its: when the first that was attended is another one than was
 * known, because a register came late or was corrected, all clocks of the episode run from that one, those of places that have ended too,
 * for the next one's is theirs. Returns how many it set. */
size_t placements_hear_register(const struct state *state, const Dw__Placement *placement,
                                Dw__PlacementMarks *const *months, size_t count,
                                const struct context *ctx, struct decision *decision);

/* --- covers.c ------------------------------------------------------------------------------------------------------ */

/* The person is there again from that date on: whatever stands in for the placement ends before it; but not where another closure, which
 * is to suspend them, has begun by then. */
void placements_end_covers(const struct state *state, const Dw__Placement *placement, int32_t from,
                           const struct context *ctx, struct decision *decision);

/* Of what the closure that is lifted took, a sitting that is to come is not given back, before the first that is. */
bool placements_is_away_before(const struct state *state, const Dw__Placement *placement,
                               const Dw__SittingsRestored *restored, int32_t today);

/* Ends them before the first sitting that is back from today on. */
void placements_restore_covered(const struct state *state, const Dw__Placement *placement,
                                const Dw__SittingsRestored *restored, const struct context *ctx,
                                struct decision *decision);

/* It has lost sittings on or after the date. */
bool placements_is_disrupted(const struct state *state, const Dw__Placement *placement,
                             int32_t date);

/* The placement stands in for one that is over, or at which the person is again. */
bool placements_covers_nobody(const struct state *state, const Dw__Placement *cover, int32_t today);

/* The terms of before hold again from their first date on, behind that booking, which capacity has confirmed: a change like any other. */
void placements_fall_back(const struct state *state, const Dw__Placement *placement,
                          Dw__PlacementTerms *terms, const ProtobufCBinaryData *hold_id,
                          const struct context *ctx, struct decision *decision);

/* A change that waits: there is room for it; it is made; there is none, or it cannot be told (gives_back); it is forgotten, which
 * is nothing when none waits. */
void placements_change_held(const struct state *state, const Dw__Placement *placement,
                            const Dw__PendingChange *change, const struct context *ctx,
                            struct decision *decision);
void placements_make_change(const struct state *state, const Dw__Placement *placement,
                            const Dw__CommissioningModel *model, struct decision *decision);
void placements_lose_change(const Dw__Placement *placement, const struct answer_received *answer,
                            bool gives_back, struct decision *decision);
void placements_drop_change(const Dw__Placement *placement, struct decision *decision);

/* What somebody has to look at of the placement, as bits by PlacementFlag. */
uint32_t placements_flags(const struct state *state, const Dw__CommissioningModel *model,
                          const Dw__Placement *placement, int32_t today);

/* --- approval ----------------------------------------------------------------------------------------------------- */

/* The contract that a placement with those terms is paid under: its own where it has been bought already, whether others may still be; else
 * one that takes new people on their first date. placement NULL: it is not there yet. NULL: there is none. */
const Dw__NotedContract *placements_contract_for(const struct state *state,
                                                 const Dw__PlacementTerms *terms,
                                                 const Dw__Placement *placement);

/* Whether terms of a placement, or those it is to have, need somebody's approval under the model's bands, and what is asked of them. Of one
 * that has started all since then is counted, so that nothing is slipped past a limit in pieces. contract: NULL, none is known. */
bool placements_needs_approval(const struct state *state, const Dw__CommissioningModel *model,
                               const Dw__PlacementTerms *terms, const Dw__Placement *placement,
                               const Dw__NotedContract *contract, Dw__Approval *ret_approval);

/* Whether a price lies above the contract's ceiling; contract NULL: it has none. */
bool placements_is_above_ceiling(const struct state *state, const Dw__PlacementTerms *terms,
                                 const Dw__NotedContract *contract);

/* Whether the principal may approve it; refused by name when not: who proposed it, or not in a role that may approve as much. */
bool placements_may_approve(const Dw__CommissioningModel *model, const Dw__Approval *approval,
                            const char *proposed_by, const struct context *ctx,
                            struct decision *decision);

/* Whether the framework of the contract is in its term and has the value left for these terms, of a placement that goes on (NULL: of a
 * new one); refused, when the model says so, with what is left; decision NULL: it is only asked. */
bool placements_framework_has(const struct state *state, const Dw__CommissioningModel *model,
                              const Dw__PlacementTerms *terms, const Dw__Placement *placement,
                              struct decision *decision);
bool placements_framework_has_programme(const struct state *state,
                                        const Dw__CommissioningModel *model,
                                        const Dw__CallOff *call_off, const Dw__Offer *offer,
                                        struct decision *decision);

#endif
