/* The checker: a no must be true. What capacity says there is no place for had none, and who it says is elsewhere was. A commit tells
 * its refusals and its events without their order, so a no may be about any moment of it: what takes a place before it, in it or
 * after it speaks for the no. See check.h. */
#include "tests/sim/check.h"

#include <string.h>

static uint64_t version_now(const struct checker *checker)
{
    return checker->journals[SIM_CAPACITY].version;
}

static void read_wish(const Dw__HoldPlaces *asked, struct check_hold *ret_wish)
{
    *ret_wish = (struct check_hold){.person = check_id(&asked->person_id),
                                    .replaces = check_id(&asked->replaces_hold_id),
                                    .from = asked->from->days,
                                    .to = asked->to == NULL ? INT32_MAX : asked->to->days,
                                    .places = 1};
    for (size_t at = 0; at < asked->n_uses; at++)
        if (asked->uses[at]->kind == DW__LIMIT_KIND__LIMIT_KIND_PLACES)
            ret_wish->places = asked->uses[at]->amount;
    for (size_t at = 0; at < asked->n_session_ids && at < CHECK_SESSIONS_MAX; at++)
        ret_wish->sessions[ret_wish->sessions_count++] = check_id(&asked->session_ids[at]);
}

void check_wish(struct sim *sim, const Dw__OutboxRow *row)
{
    if (strcmp(row->type, "HoldPlaces") != 0)
        return;
    const struct id id = check_id(&row->id);
    const Dw__HoldPlaces *asked = dw__hold_places__unpack(arena_allocator(sim->checker->arena),
                                                          row->body.len, row->body.data);
    if (asked == NULL)
        sim_fail(sim, "what is asked of capacity cannot be read");
    else
        read_wish(asked, table_put(sim->checker->wishes, &id, NULL));
}

/* What that command asked for, of placements or of somebody else; false: it is another command. */
static bool find_wish(struct sim *sim, const struct id *command_id, struct check_hold *ret_wish)
{
    const struct check_hold *wish = table_get(sim->checker->wishes, command_id);
    const uint32_t *number = table_get(sim->requests_by_id[SIM_CAPACITY], command_id);
    if (wish != NULL) {
        *ret_wish = *wish;
        return true;
    }
    const struct sim_request *request = number == NULL ? NULL : request_at(sim, *number);
    if (request == NULL || request->type != &dw__hold_places__descriptor)
        return false;
    const Dw__HoldPlaces *asked = dw__hold_places__unpack(arena_allocator(sim->checker->arena),
                                                          request->body.len, request->body.bytes);
    if (asked != NULL)
        read_wish(asked, ret_wish);
    return asked != NULL;
}

/* The hold as it took its places for the longest in this commit. */
static struct check_hold at_its_longest(const struct checker *checker, const struct id *id)
{
    struct check_hold hold = *(const struct check_hold *)table_get(checker->holds, id);
    if (hold.moved_version == version_now(checker))
        hold.to = hold.to_before;
    return hold;
}

static bool is_of_session(const struct check_hold *hold, const struct id *session_id)
{
    for (size_t at = 0; at < hold->sessions_count; at++)
        if (id_equal(&hold->sessions[at], session_id))
            return true;
    return false;
}

/* All that had places of the session, at any moment of the commit; how many they take on a date. from: the first of them that begins
 * after that date; INT32_MAX: none does. */
static uint32_t count_most(const struct checker *checker, const struct id *session_id, int32_t date,
                           int32_t *ret_from)
{
    const struct check_session *session = table_get(checker->sessions, session_id);
    const struct buffer *lists[] = {&session->holds, &checker->dropped};
    uint32_t taken = 0;
    *ret_from = INT32_MAX;
    for (size_t list = 0; list < 2; list++)
        for (size_t at = 0; at < lists[list]->len / sizeof(struct id); at++) {
            const struct check_hold hold =
                at_its_longest(checker, (const struct id *)(const void *)lists[list]->bytes + at);
            if (!is_of_session(&hold, session_id))
                continue;
            if (hold.from <= date && date <= hold.to)
                taken += hold.places;
            if (hold.from > date && hold.from < *ret_from)
                *ret_from = hold.from;
        }
    return taken;
}

static bool is_full(const struct checker *checker, const struct check_hold *wish)
{
    for (size_t at = 0; at < wish->sessions_count; at++) {
        const struct check_session *session = table_get(checker->sessions, &wish->sessions[at]);
        if (session == NULL)
            continue;
        if (session->outside_version == version_now(checker) ||
            session->limits_version == version_now(checker))
            return true; /* what it was before is not kept */
        const bool is_set = session->set_version == version_now(checker);
        /* From one beginning to the next it only becomes less. */
        for (int32_t from = wish->from; from != INT32_MAX;) {
            const int32_t date = check_first_sitting(session, from);
            if (date > wish->to)
                break;
            const uint32_t places = is_set ? session->places_least : check_places_on(session, date);
            if (count_most(checker, &wish->sessions[at], date, &from) + wish->places > places)
                return true;
            const int32_t change = check_next_change(session, date);
            from = change < from ? change : from;
        }
    }
    return false;
}

static bool is_elsewhere(const struct checker *checker, const struct check_hold *wish)
{
    const struct buffer *occupied = table_get(checker->occupied, &wish->person);
    const struct buffer none = {0};
    const struct buffer *lists[] = {occupied == NULL ? &none : occupied, &checker->dropped};
    for (size_t list = 0; list < 2; list++)
        for (size_t at = 0; at < lists[list]->len / sizeof(struct id); at++) {
            const struct check_hold hold =
                at_its_longest(checker, (const struct id *)(const void *)lists[list]->bytes + at);
            if (id_equal(&hold.person, &wish->person) && check_clash(checker, &hold, wish))
                return true;
        }
    return false;
}

static bool is(const Dw__Refused *refused, const char *name)
{
    static const char prefix[] = "CAPACITY_REFUSAL_";
    return strncmp(refused->code, prefix, strlen(prefix)) == 0 &&
           strcmp(refused->code + strlen(prefix), name) == 0;
}

void check_refusals(struct sim *sim, const struct store_commit *commit)
{
    for (size_t at = 0; at < commit->replies.count; at++) {
        const struct store_pair *pair = &commit->replies.pairs[at];
        struct check_hold wish;
        struct id id;
        ProtobufCAllocator *allocator = arena_allocator(sim->checker->arena);
        arena_reset(sim->checker->arena);
        const Dw__ReplyRecord *reply =
            dw__reply_record__unpack(allocator, pair->value.len, pair->value.bytes);
        if (reply == NULL || strcmp(reply->type, "Refused") != 0)
            continue;
        const Dw__Refused *refused =
            dw__refused__unpack(allocator, reply->body.len, reply->body.data);
        memcpy(&id, pair->field.bytes, sizeof id);
        if (refused == NULL || !find_wish(sim, &id, &wish) || !id_is_zero(&wish.replaces))
            continue; /* who replaces a booking is in its own way, and that is not judged */
        if (is(refused, "NO_PLACE_LEFT") && !is_full(sim->checker, &wish))
            sim_fail(sim, "a hold is refused for want of a place, and there are enough");
        if (is(refused, "PERSON_ELSEWHERE") && !is_elsewhere(sim->checker, &wish))
            sim_fail(sim, "a hold is refused since the person is elsewhere, and nothing says so");
    }
}

/* --- the whole way -------------------------------------------------------------------------------------------------------- */

static struct check_hold wish_of(const struct check_placement *placement, int32_t to)
{
    struct check_hold wish = {.from = placement->first_from, .to = to};
    wish.sessions_count = placement->sessions_count;
    memcpy(wish.sessions, placement->sessions, sizeof wish.sessions);
    return wish;
}

/* Another placement that was not over when this one was proposed, or came later; or a hold that somebody has asked of capacity
 * itself, whose order nothing tells. */
void check_lapsed_elsewhere(struct sim *sim, const struct id *id,
                            const struct check_placement *placement)
{
    const struct checker *checker = sim->checker;
    const struct check_life *life = table_get(checker->lives, &placement->person);
    const struct check_move *proposed = (const void *)placement->moves.bytes;
    const struct check_hold wish = wish_of(placement, placement->to_planned);
    const struct id *ids = (const void *)life->placements.bytes;
    for (size_t at = 0; at < life->placements.len / sizeof ids[0]; at++) {
        const struct check_placement *other = table_get(checker->placements, &ids[at]);
        const Dw__PlacementState state = check_state_at(other, proposed->seq);
        const struct check_hold others =
            wish_of(other, state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ENDED ? other->to
                                                                               : other->to_planned);
        if (!id_equal(&ids[at], id) && !check_is_over(state) &&
            check_clash(checker, &wish, &others))
            return;
    }
    ids = (const void *)life->holds.bytes;
    for (size_t at = 0; at < life->holds.len / sizeof ids[0]; at++) {
        struct check_hold hold = *(const struct check_hold *)table_get(checker->holds, &ids[at]);
        hold.to = hold.to_planned;
        if (check_clash(checker, &wish, &hold))
            return;
    }
    sim_fail(sim, "a placement lapses since the person is elsewhere, and nothing says so");
}
