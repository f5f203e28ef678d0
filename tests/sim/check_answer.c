/* The checker: what clients are told, held against the journals. See check.h. */
#include "tests/sim/check.h"

#include <string.h>

enum { EIGHT_DAYS_MS = 7 * 24 * 60 * 60 * 1000 }; /* a day less: replies are kept by days */

static void check_accepted(struct sim *sim, const struct sim_request *request,
                           const Dw__Envelope *answer)
{
    const Dw__Accepted *accepted =
        dw__accepted__unpack(arena_allocator(sim->arena), answer->body.len, answer->body.data);
    if (accepted == NULL)
        return;
    if (request->decisions != (accepted->events > 0 ? 1 : 0) ||
        request->events != accepted->events || request->first_seq != accepted->first_seq)
        sim_fail(sim, "%s is accepted with %u events at %llu; the journal has %u at %llu",
                 message_name(request->type), accepted->events,
                 (unsigned long long)accepted->first_seq, request->events,
                 (unsigned long long)request->first_seq);
}

static Dw__ErrorCode failure_of(struct sim *sim, const Dw__Envelope *answer)
{
    const Dw__Failed *failed =
        dw__failed__unpack(arena_allocator(sim->arena), answer->body.len, answer->body.data);
    return failed == NULL ? DW__ERROR_CODE__ERROR_CODE_UNSPECIFIED : failed->code;
}

/* The record of its reply may be gone: then nobody can tell what became of it any more. */
static bool may_be_forgotten(struct sim *sim, const struct sim_request *of)
{
    return sim_now(sim).wall_ms - of->deadline_ms > EIGHT_DAYS_MS - DEADLINE_AHEAD_MAX_MS;
}

/* Sent again by somebody: the first answer, or a no when it is not the same. */
static void check_repeated(struct sim *sim, const struct sim_request *request,
                           const Dw__Envelope *answer)
{
    const struct sim_request *of = request_at(sim, request->of - 1);
    if (request->final == FINAL_NOT_DONE) {
        const Dw__ErrorCode code = failure_of(sim, answer);
        const bool right =
            request->must_fail ? code == DW__ERROR_CODE__ERROR_CODE_ID_REUSED : false;
        const bool is_gone =
            code == DW__ERROR_CODE__ERROR_CODE_FORGOTTEN ||
            code == DW__ERROR_CODE__ERROR_CODE_EXPIRED; /* not even its id is known */
        if (!right && !(may_be_forgotten(sim, of) && is_gone))
            sim_fail(sim, "%s sent again is answered with code %d", message_name(request->type),
                     (int)code);
    } else if (request->must_fail) {
        sim_fail(sim, "%s with a used id is answered %s", message_name(request->type),
                 answer->type);
    } else if (request->reply.len != of->reply.len ||
               memcmp(request->reply.bytes, of->reply.bytes, of->reply.len) != 0) {
        sim_fail(sim, "%s sent again is answered otherwise", message_name(request->type));
    }
}

static void check_shown_placement(struct sim *sim, const Dw__Envelope *answer)
{
    const Dw__Placement *shown =
        dw__placement__unpack(arena_allocator(sim->arena), answer->body.len, answer->body.data);
    const struct id id = shown == NULL ? (struct id){{0}} : check_id(&shown->placement_id);
    const struct check_placement *placement = table_get(sim->checker->placements, &id);
    if (placement == NULL || check_state_at(placement, answer->seq) != shown->state)
        sim_fail(sim, "a placement is shown as it is not in the journal at %llu",
                 (unsigned long long)answer->seq);
}

static void check_shown_referral(struct sim *sim, const Dw__Envelope *answer)
{
    const Dw__ReferralRead *shown =
        dw__referral_read__unpack(arena_allocator(sim->arena), answer->body.len, answer->body.data);
    const struct id id = shown == NULL ? (struct id){{0}} : check_id(&shown->referral->referral_id);
    const struct check_referral *referral = table_get(sim->checker->referrals, &id);
    if (referral == NULL ||
        check_move_at(&referral->moves, answer->seq) != (int)shown->referral->state)
        sim_fail(sim, "a referral is shown as it is not in the journal at %llu",
                 (unsigned long long)answer->seq);
    else if (!check_shown_text(sim->checker, &id, answer->seq,
                               strcmp(shown->notes, "likes gardens") == 0))
        sim_fail(sim, "a referral is shown without its notes, or with what was erased");
}

static bool has_text(const Dw__PlanRead *shown, const ProtobufCBinaryData *text_id)
{
    for (size_t at = 0; at < shown->n_texts; at++)
        if (shown->texts[at]->text_id.len == text_id->len &&
            memcmp(shown->texts[at]->text_id.data, text_id->data, text_id->len) == 0 &&
            shown->texts[at]->text[0] != '\0')
            return true;
    return text_id->len == 0;
}

static void check_shown_plan(struct sim *sim, const Dw__Envelope *answer)
{
    const Dw__PlanRead *shown =
        dw__plan_read__unpack(arena_allocator(sim->arena), answer->body.len, answer->body.data);
    for (size_t at = 0; shown != NULL && at < shown->plan->n_goals; at++) {
        const Dw__GoalRecord *goal = shown->plan->goals[at];
        bool whole = has_text(shown, &goal->goal->text_id);
        for (size_t review = 0; review < goal->n_reviews; review++)
            whole = whole && has_text(shown, &goal->reviews[review]->notes_id);
        if (!whole)
            sim_fail(sim, "a plan is shown without one of its texts");
    }
}

static void check_shown_person(struct sim *sim, const Dw__Envelope *answer)
{
    const Dw__PersonRead *shown =
        dw__person_read__unpack(arena_allocator(sim->arena), answer->body.len, answer->body.data);
    const struct id id = shown == NULL ? (struct id){{0}} : check_id(&shown->person_id);
    if (shown != NULL && !check_shown_text(sim->checker, &id, answer->seq,
                                           shown->details != NULL &&
                                               strcmp(shown->details->family_name, "Example") == 0))
        sim_fail(sim, "a person is shown without a name, or was erased and is shown with one");
}

static void check_shown_receipt(struct sim *sim, const Dw__Envelope *answer)
{
    const Dw__FeedReceiptShown *shown = dw__feed_receipt_shown__unpack(
        arena_allocator(sim->arena), answer->body.len, answer->body.data);
    const Dw__FeedCounts *counts = shown == NULL ? NULL : shown->feed->counts;
    if (counts != NULL && counts->read != counts->added + counts->updated + counts->unchanged +
                                              counts->rejected + counts->unmatched)
        sim_fail(sim, "a receipt does not add up");
}

void check_query(struct sim *sim, const struct sim_request *request, const Dw__Envelope *answer)
{
    if (answer->seq < request->least_seq)
        sim_fail(sim, "%s is answered of seq %llu after %llu was told", message_name(request->type),
                 (unsigned long long)answer->seq, (unsigned long long)request->least_seq);
    if (strcmp(answer->type, "Placement") == 0)
        check_shown_placement(sim, answer);
    else if (strcmp(answer->type, "ReferralRead") == 0)
        check_shown_referral(sim, answer);
    else if (strcmp(answer->type, "PlanRead") == 0)
        check_shown_plan(sim, answer);
    else if (strcmp(answer->type, "PersonRead") == 0)
        check_shown_person(sim, answer);
    else if (strcmp(answer->type, "FeedReceiptShown") == 0)
        check_shown_receipt(sim, answer);
    else if (strcmp(answer->type, "RegisterShown") == 0)
        check_shown_register(sim, answer);
}

static void fail_with(struct sim *sim, const struct sim_request *request,
                      const Dw__Envelope *answer)
{
    const Dw__Failed *failed =
        dw__failed__unpack(arena_allocator(sim->arena), answer->body.len, answer->body.data);
    sim_fail(sim, "%s is answered with code %d: %s: %s", message_name(request->type),
             failed == NULL ? 0 : (int)failed->code, failed == NULL ? "" : failed->field,
             failed == NULL ? "" : failed->sentence);
}

void check_final(struct sim *sim, struct sim_request *request, const Dw__Envelope *answer)
{
    if (strcmp(answer->type, "Refused") == 0) {
        const Dw__Refused *refused =
            dw__refused__unpack(arena_allocator(sim->arena), answer->body.len, answer->body.data);
        check_count_type(sim->checker, refused == NULL ? "?" : refused->code);
    }
    const Dw__ErrorCode code = request->final == FINAL_NOT_DONE ? failure_of(sim, answer)
                                                                : DW__ERROR_CODE__ERROR_CODE_BUSY;
    if (request->of != 0) {
        check_repeated(sim, request, answer);
    } else if (request->final == FINAL_QUERY) {
        check_query(sim, request, answer);
    } else if (request->final == FINAL_ACCEPTED) {
        check_accepted(sim, request, answer);
    } else if (code == DW__ERROR_CODE__ERROR_CODE_FORGOTTEN) {
        if (!may_be_forgotten(sim, request))
            sim_fail(sim, "%s is forgotten too early", message_name(request->type));
    } else {
        if (request->decisions > 0)
            sim_fail(sim, "%s is answered with a no, and done", message_name(request->type));
        if (request->final == FINAL_NOT_DONE && code != DW__ERROR_CODE__ERROR_CODE_EXPIRED)
            fail_with(sim, request, answer);
    }
}
