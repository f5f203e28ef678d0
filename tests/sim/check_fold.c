/* The checker's own fold: which moves placements have made, and what feeds told. Who has which place is in check_places.c, where
 * referrals stand in check_referrals.c. The rules are those of 3-domain.md. */
#include "tests/sim/check.h"

#include <stdlib.h>
#include <string.h>

struct id check_id(const ProtobufCBinaryData *data)
{
    struct id id = {{0}};
    if (data->len == sizeof id.bytes)
        memcpy(id.bytes, data->data, sizeof id.bytes);
    return id;
}

/* --- placements ---------------------------------------------------------------------------------------------------- */

void check_free_placement(struct check_placement *placement)
{
    buffer_free(&placement->moves);
    buffer_free(&placement->before);
}

int check_move_at(const struct buffer *list, uint64_t seq)
{
    const struct check_move *moves = (const void *)list->bytes;
    size_t at = list->len / sizeof moves[0];
    while (at > 0 && moves[at - 1].seq > seq)
        at--;
    return at == 0 ? 0 : moves[at - 1].state;
}

Dw__PlacementState check_state_at(const struct check_placement *placement, uint64_t seq)
{
    return (Dw__PlacementState)check_move_at(&placement->moves, seq);
}

bool check_is_over(Dw__PlacementState state)
{
    return state == DW__PLACEMENT_STATE__PLACEMENT_STATE_DECLINED ||
           state == DW__PLACEMENT_STATE__PLACEMENT_STATE_LAPSED ||
           state == DW__PLACEMENT_STATE__PLACEMENT_STATE_CANCELLED ||
           state == DW__PLACEMENT_STATE__PLACEMENT_STATE_REFUSED;
}

static bool share_a_session(const struct check_placement *left, const struct check_placement *right)
{
    for (size_t at = 0; at < left->sessions_count; at++)
        for (size_t other = 0; other < right->sessions_count; other++)
            if ((left->sessions_now >> at & 1) != 0 && (right->sessions_now >> other & 1) != 0 &&
                id_equal(&left->sessions[at], &right->sessions[other]))
                return true;
    return false;
}

/* Nobody is in two places at one time. */
static void check_person(struct sim *sim, const struct check_placement *placement)
{
    struct checker *checker = sim->checker;
    const struct buffer *list = table_get(checker->people, &placement->person);
    const struct id *ids = (const void *)list->bytes;
    for (size_t at = 0; at < list->len / sizeof ids[0]; at++) {
        const struct check_placement *other = table_get(checker->placements, &ids[at]);
        if (other != placement && !check_is_over(check_state_at(other, UINT64_MAX)) &&
            other->from <= placement->to && placement->from <= other->to &&
            other->from <= other->to && /* else it ended before its last change took effect */
            share_a_session(other, placement))
            sim_fail(sim, "a person has a session twice");
    }
}

/* The pattern of the terms from now on; sessions of earlier ones keep their numbers, which marks name. */
static void take_pattern(struct check_placement *placement, const Dw__PlacementTerms *terms)
{
    placement->sessions_now = 0;
    for (size_t at = 0; at < terms->n_session_ids; at++) {
        const struct id id = check_id(&terms->session_ids[at]);
        size_t number = 0;
        while (number < placement->sessions_count && !id_equal(&placement->sessions[number], &id))
            number++;
        if (number == CHECK_SESSIONS_MAX)
            continue;
        placement->sessions[number] = id;
        if (number == placement->sessions_count)
            placement->sessions_count++;
        placement->sessions_now |= UINT32_C(1) << number;
    }
}

static void fold_proposed(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(PlacementProposed, placement_proposed)
    const struct id id = check_id(&event->placement_id);
    const Dw__PlacementTerms *terms = event->terms;
    struct check_placement *placement = table_put(sim->checker->placements, &id, NULL);
    placement->person = check_id(&terms->person_id);
    placement->hold = check_id(&event->hold_id);
    placement->service = check_id(&terms->service_id);
    placement->provider = check_id(&terms->provider_id);
    placement->first_from = placement->from = placement->booked_from = terms->from->days;
    placement->to = placement->to_planned = terms->to == NULL ? INT32_MAX : terms->to->days;
    placement->own_end = INT32_MAX;
    placement->to_agreed = INT32_MAX;
    placement->funding = terms->funding;
    placement->district = terms->district;
    placement->year_pence = terms->price_pence_per_year;
    take_pattern(placement, terms);
    struct buffer *list = table_put(sim->checker->people, &placement->person, NULL);
    buffer_append(list, &id, sizeof id);
    struct check_life *life = table_put(sim->checker->lives, &placement->person, NULL);
    buffer_append(&life->placements, &id, sizeof id);
    check_person(sim, placement);
}

/* Which event leads where, and from which states it may come. */
static const struct placement_move {
    const char *type;
    Dw__PlacementState to;
    uint32_t from;
} placement_moves[] = {
#define FROM(name) (UINT32_C(1) << DW__PLACEMENT_STATE__PLACEMENT_STATE_##name)
#define TO(name)   DW__PLACEMENT_STATE__PLACEMENT_STATE_##name
    {"PlacementProposed", TO(PROPOSED), FROM(UNSPECIFIED)},
    {"ApprovalRequested", TO(AWAITING_APPROVAL), FROM(PROPOSED)},
    {"PlacementApproved", TO(HELD), FROM(AWAITING_APPROVAL)},
    {"PlacementRefused", TO(REFUSED), FROM(AWAITING_APPROVAL)},
    {"PlacementOffered", TO(OFFERED), FROM(PROPOSED) | FROM(HELD)},
    {"OfferAccepted", TO(CONFIRMING), FROM(OFFERED)},
    {"HoldReplaced", TO(CONFIRMING), FROM(CONFIRMING)},
    {"PlacementAccepted", TO(ACCEPTED), FROM(CONFIRMING)},
    {"PlacementDeclined", TO(DECLINED), FROM(OFFERED)},
    {"PlacementLapsed", TO(LAPSED), FROM(PROPOSED) | FROM(CONFIRMING)},
    {"PlacementStarted", TO(ACTIVE), FROM(ACCEPTED)},
    {"TrialStarted", TO(TRIAL), FROM(ACTIVE)},
    {"TrialPassed", TO(ACTIVE), FROM(TRIAL)},
    {"ChangeMade", TO(UNSPECIFIED), FROM(ACTIVE) | FROM(TRIAL) | FROM(SUSPENDED)}, /* it stays */
    {"EndAgreed", TO(UNSPECIFIED), FROM(ACTIVE) | FROM(TRIAL) | FROM(SUSPENDED)},  /* it stays */
    {"PlacementSuspended", TO(SUSPENDED),
     FROM(ACTIVE) | FROM(TRIAL) | FROM(SUSPENDED)}, /* closed out, and ill */
    {"PlacementResumed", TO(ACTIVE), FROM(SUSPENDED)},
    {"PlacementEnded", TO(ENDED), FROM(ACTIVE) | FROM(TRIAL) | FROM(SUSPENDED) | FROM(ENDED)},
    {"PlacementCancelled", TO(CANCELLED),
     FROM(PROPOSED) | FROM(AWAITING_APPROVAL) | FROM(OFFERED) | FROM(CONFIRMING) | FROM(ACCEPTED)},
#undef FROM
#undef TO
};

/* Hold and last date, where an event changes them. */
/* What was agreed for after the last date never holds; what did before is what the placement has. */
static void fall_away(struct sim *sim, struct check_placement *placement, int32_t last,
                      const Dw__FellAway *fell_away, const Dw__PlacementTerms *terms)
{
    struct check_before before;
    bool fell = false;
    while (placement->before.len > 0 && placement->from > last) {
        placement->before.len -= sizeof before;
        memcpy(&before, placement->before.bytes + placement->before.len, sizeof before);
        placement->from = before.from;
        placement->booked_from = before.booked_from;
        placement->hold = before.hold;
        placement->year_pence = before.year_pence;
        fell = true;
    }
    if (fell)
        take_pattern(placement, terms);
    if (fell != (fell_away != NULL))
        sim_fail(sim, "an end on day %d leaves what was agreed for day %d", last, placement->from);
}

static void fold_details(struct sim *sim, const Dw__Event *recorded, const struct id *id,
                         Dw__PlacementState before, struct check_placement *placement)
{
    if (strcmp(recorded->type, "HoldReplaced") == 0) {
        CHECK_OPEN(HoldReplaced, hold_replaced)
        placement->hold = check_id(&event->hold_id);
    } else if (strcmp(recorded->type, "PlacementStarted") == 0) {
        CHECK_OPEN(PlacementStarted, placement_started)
        /* One session a week or two, at most 53 times: nobody stated what it comes to. */
        if (event->year_pence < 0 || event->year_pence > 53 * event->terms->price_pence_per_week)
            sim_fail(sim, "a year costs %lld, and a week %lld", (long long)event->year_pence,
                     (long long)event->terms->price_pence_per_week);
        if (placement->year_pence == 0)
            placement->year_pence = event->year_pence;
    } else if (strcmp(recorded->type, "PlacementEnded") == 0) {
        CHECK_OPEN(PlacementEnded, placement_ended)
        if (event->last->days > placement->to && event->last->days != placement->own_end)
            sim_fail(sim, "a placement ends later than it was to");
        placement->was_restored |= event->last->days > placement->to;
        placement->to = event->last->days;
        placement->own_end = event->own_end == NULL ? INT32_MAX : event->own_end->last->days;
        if (before !=
            DW__PLACEMENT_STATE__PLACEMENT_STATE_ENDED) /* else all has fallen that does */
            fall_away(sim, placement, event->last->days, event->fell_away, event->terms);
    } else if (strcmp(recorded->type, "PlaceReleased") == 0) {
        placement->was_released = true;
    } else if (strcmp(recorded->type, "EndAgreed") == 0) {
        CHECK_OPEN(EndAgreed, end_agreed)
        if (event->last->days > placement->to)
            sim_fail(sim, "an end is agreed that is later than it was to");
        placement->to = placement->to_agreed = event->last->days;
        fall_away(sim, placement, event->last->days, event->fell_away, event->terms);
    } else if (strcmp(recorded->type, "ChangeMade") == 0) {
        CHECK_OPEN(ChangeMade, change_made)
        const Dw__PlacementTerms *terms = event->terms;
        const struct id hold_id = check_id(&event->hold_id);
        const struct check_before former = {placement->from, placement->booked_from,
                                            placement->hold, placement->year_pence};
        buffer_append(&placement->before, &former, sizeof former);
        placement->from = terms->from->days;
        if (terms->to == NULL || terms->to->days > placement->to_agreed)
            placement->to_agreed = INT32_MAX;
        placement->to = placement->to_planned = terms->to == NULL ? INT32_MAX : terms->to->days;
        placement->year_pence = terms->price_pence_per_year;
        if (!id_equal(&hold_id, &placement->hold))
            placement->booked_from = terms->from->days;
        placement->hold = hold_id;
        take_pattern(placement, terms);
    } else if (strcmp(recorded->type, "PlacementLapsed") == 0) {
        CHECK_OPEN(PlacementLapsed, placement_lapsed)
        if (event->reason == DW__LAPSE_REASON__LAPSE_REASON_PERSON_ELSEWHERE)
            check_lapsed_elsewhere(sim, id, placement);
    }
}

static void fold_placements(struct sim *sim, uint64_t seq, const Dw__Event *recorded)
{
    size_t at = 0;
    while (at < sizeof placement_moves / sizeof placement_moves[0] &&
           strcmp(placement_moves[at].type, recorded->type) != 0)
        at++;
    if (at == sizeof placement_moves / sizeof placement_moves[0])
        return;
    const struct placement_move *row = &placement_moves[at];
    CHECK_OPEN(OfferAccepted, offer_accepted) /* the id is the first field of all of them */
    const struct id id = check_id(&event->placement_id);
    struct check_placement *placement = table_put(sim->checker->placements, &id, NULL);
    const Dw__PlacementState before = check_state_at(placement, UINT64_MAX);
    if ((row->from >> before & 1) == 0)
        sim_fail(sim, "%s in state %d", row->type, (int)before);
    const struct check_move move = {seq, (int)row->to};
    if (row->to != DW__PLACEMENT_STATE__PLACEMENT_STATE_UNSPECIFIED)
        buffer_append(&placement->moves, &move, sizeof move);
    if (check_is_over(row->to))
        check_drop_id(table_get(sim->checker->people, &placement->person), &id);
    if (row->to == DW__PLACEMENT_STATE__PLACEMENT_STATE_PROPOSED)
        fold_proposed(sim, recorded);
    else
        fold_details(sim, recorded, &id, before, placement);
}

/* --- the others ----------------------------------------------------------------------------------------------------- */

static void fold_opened(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(FeedOpened, feed_opened)
    const struct id id = check_id(&event->feed_id);
    struct check_feed *feed = table_put(sim->checker->feeds, &id, NULL);
    feed->is_preview = event->mode == DW__FEED_MODE__FEED_MODE_PREVIEW;
}

static void fold_matched(struct sim *sim, uint64_t seq, const Dw__Event *recorded)
{
    CHECK_OPEN(RowsMatched, rows_matched)
    for (size_t at = 0; at < event->n_rows; at++) {
        sim->checker->rows_added += event->rows[at]->result == DW__ROW_RESULT__ROW_RESULT_ADDED;
        sim->checker->rows_updated += event->rows[at]->result == DW__ROW_RESULT__ROW_RESULT_UPDATED;
    }
    check_fold_marks(sim, seq, event->n_months, event->months);
}

static void fold_part(struct sim *sim, uint64_t seq, const Dw__Event *recorded)
{
    CHECK_OPEN(FeedPartTaken, feed_part_taken)
    const struct id id = check_id(&event->feed_id);
    struct check_feed *feed = table_put(sim->checker->feeds, &id, NULL);
    const Dw__FeedCounts *counts = event->counts;
    if ((feed->parts >> event->part & 1) != 0 || feed->closed)
        sim_fail(sim, "a part of a feed is taken twice, or after its end");
    feed->parts |= UINT32_C(1) << event->part;
    sim->checker->rows_added += feed->is_preview ? 0 : counts->added;
    sim->checker->rows_updated += feed->is_preview ? 0 : counts->updated;
    check_fold_marks(sim, seq, event->n_months, event->months);
    if (counts->read !=
        counts->added + counts->updated + counts->unchanged + counts->rejected + counts->unmatched)
        sim_fail(sim, "a receipt does not add up");
}

void check_fold(struct sim *sim, enum sim_service service, const Dw__Batch *batch, uint64_t seq,
                const Dw__Event *recorded)
{
    if (service == SIM_CAPACITY) {
        check_fold_capacity(sim, batch, recorded);
    } else if (service == SIM_PLACEMENTS) {
        fold_placements(sim, seq, recorded);
        check_fold_money(sim, recorded);
    } else if (service == SIM_REFERRALS) {
        check_fold_referrals(sim, seq, recorded);
    } else if (strcmp(recorded->type, "FeedPartTaken") == 0) {
        fold_part(sim, seq, recorded);
    } else if (strcmp(recorded->type, "FeedOpened") == 0) {
        fold_opened(sim, recorded);
    } else if (strcmp(recorded->type, "RowsMatched") == 0) {
        fold_matched(sim, seq, recorded);
    } else if (strcmp(recorded->type, "FeedClosed") == 0) {
        CHECK_OPEN(FeedClosed, feed_closed)
        const struct id id = check_id(&event->feed_id);
        ((struct check_feed *)table_put(sim->checker->feeds, &id, NULL))->closed = true;
    } else if (strcmp(recorded->type, "GoalReviewed") == 0) {
        CHECK_OPEN(GoalReviewed, goal_reviewed)
        sim->checker->goals_reviewed++;
        sim->checker->goals_achieved +=
            event->review->result == DW__REVIEW_RESULT__REVIEW_RESULT_ACHIEVED;
    }
}
