/* How evolve changes a placement: for evolve*.c only. */
#ifndef DAYWAYS_SERVICES_PLACEMENTS_EVOLVE_H
#define DAYWAYS_SERVICES_PLACEMENTS_EVOLVE_H

#include "services/placements/state.h"

/* A copy of the placement to be changed and put again, with the state the event leads to: the one place that assigns state.
 * False when the event cannot happen there; nothing changes then. */
bool placement_move(const struct state *state, const ProtobufCBinaryData *placement_id,
                    enum placement_event event, const struct recorded *recorded,
                    Dw__Placement *ret_placement);

/* What was written about the person stands in that record of the vault; nothing when the id is empty. */
enum placement_text { PLACEMENT_WORDS, PLACEMENT_PLAN };
void placement_note_text(struct state *state, const ProtobufCBinaryData *person_id,
                         enum placement_text kind, const ProtobufCBinaryData *text_id);

/* Whether that closure is to suspend the placement when it begins and the person comes. */
void placement_closure_suspends(struct state *state, const Dw__Placement *placement,
                                const ProtobufCBinaryData *closure_id, bool suspends);

/* Counts a change that begins on that date among those of its financial year (times 1), or no longer (-1); NULL: it saves nothing. */
void placement_count_saving(struct state *state, int32_t date, const Dw__ChangeSaving *saving,
                            int times);

/* Counts changes of before as they are told now, and keeps that; list: memory that lives as long as the record. */
struct counted_list {
    Dw__FormerTerms *all[PLACEMENTS_FORMER_MAX];
    Dw__FormerTerms former[PLACEMENTS_FORMER_MAX];
};
void placement_count_savings(struct state *state, Dw__Placement *placement,
                             Dw__SavingCounted *const *savings, size_t count,
                             struct counted_list *list);

void placement_put(struct state *state, const Dw__Placement *placement);

#endif
