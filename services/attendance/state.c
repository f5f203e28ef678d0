/* Indexes of attendance over its records, and what is read through them. */
#include "services/attendance/state.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct waiting_ref) == 32 && sizeof(struct row_key) == 20 &&
                   sizeof(struct file_key) == 48,
               "keys of tables have no padding");

struct state *attendance_create(struct entities *entities)
{
    struct state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->entities = entities;
    state->attenders = lists_create(sizeof(struct id), sizeof(struct id));
    state->unmatched = lists_create(sizeof(struct waiting_ref), sizeof(struct row_key));
    state->waiting = table_create(sizeof(struct id), sizeof(uint32_t));
    state->council_refs = table_create(sizeof(struct id), sizeof(struct id));
    state->files = table_create(sizeof(struct file_key), sizeof(struct id));
    if (state->attenders == NULL || state->unmatched == NULL || state->waiting == NULL ||
        state->council_refs == NULL || state->files == NULL)
        attendance_destroy(&state);
    return state;
}

void attendance_destroy(struct state **pointer)
{
    struct state *state = *pointer;
    if (state == NULL)
        return;
    lists_destroy(&state->attenders);
    lists_destroy(&state->unmatched);
    table_destroy(&state->waiting);
    table_destroy(&state->council_refs);
    table_destroy(&state->files);
    free(state);
    *pointer = NULL;
}

/* --- indexes ----------------------------------------------------------------------------------------------------- */

static void index_attender(struct state *state, const struct id *id, const Dw__Attender *before,
                           const Dw__Attender *after)
{
    const struct id person_id = id_or_zero(&(before != NULL ? before : after)->person_id);
    if (before == NULL)
        lists_add(state->attenders, &person_id, id);
    else if (after == NULL)
        lists_remove(state->attenders, &person_id, id);
}

static struct waiting_ref ref_of(const Dw__UnmatchedRow *row)
{
    return (struct waiting_ref){id_or_zero(&row->provider_id), id_or_zero(&row->entry->ref_id)};
}

static void index_unmatched(struct state *state, const struct entity_key *key,
                            const Dw__UnmatchedRow *before, const Dw__UnmatchedRow *after)
{
    const struct row_key link = {key->id, key->part};
    if (before != NULL) {
        const struct waiting_ref ref = ref_of(before);
        uint32_t *count = table_get(state->waiting, &ref.provider_id);
        lists_remove(state->unmatched, &ref, &link);
        if (count != NULL && --*count == 0)
            (void)table_remove(state->waiting, &ref.provider_id);
    }
    if (after != NULL) {
        const struct waiting_ref ref = ref_of(after);
        lists_add(state->unmatched, &ref, &link);
        ++*(uint32_t *)table_put(state->waiting, &ref.provider_id, NULL);
    }
}

static void index_person(struct state *state, const struct id *council_ref,
                         const Dw__KnownPerson *before, const Dw__KnownPerson *after)
{
    if (before != NULL) {
        const struct id person_id = id_or_zero(&before->person_id);
        (void)table_remove(state->council_refs, &person_id);
    }
    if (after != NULL) {
        const struct id person_id = id_or_zero(&after->person_id);
        *(struct id *)table_put(state->council_refs, &person_id, NULL) = *council_ref;
    }
}

static void index_feed(struct state *state, const struct id *id, const Dw__Feed *before,
                       const Dw__Feed *after)
{
    if (before != NULL && after != NULL)
        return; /* what it is of never changes */
    const Dw__Feed *feed = before != NULL ? before : after;
    if (feed->mode != DW__FEED_MODE__FEED_MODE_COMMIT)
        return; /* a preview is made anew each time */
    struct file_key key = {.provider_id = id_or_zero(&feed->provider_id)};
    memcpy(key.content_hash, feed->content_hash.data, sizeof key.content_hash);
    if (after != NULL)
        *(struct id *)table_put(state->files, &key, NULL) = *id;
    else
        (void)table_remove(state->files, &key);
}

void attendance_index(struct state *state, const struct entity_key *key,
                      const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    if (key->kind == ATTENDANCE_KIND_ATTENDER)
        index_attender(state, &key->id, (const Dw__Attender *)before, (const Dw__Attender *)after);
    else if (key->kind == ATTENDANCE_KIND_UNMATCHED)
        index_unmatched(state, key, (const Dw__UnmatchedRow *)before,
                        (const Dw__UnmatchedRow *)after);
    else if (key->kind == ATTENDANCE_KIND_FEED)
        index_feed(state, &key->id, (const Dw__Feed *)before, (const Dw__Feed *)after);
    else if (key->kind == ATTENDANCE_KIND_PERSON)
        index_person(state, &key->id, (const Dw__KnownPerson *)before,
                     (const Dw__KnownPerson *)after);
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

const Dw__Feed *attendance_feed(const struct state *state, const struct id *feed_id)
{
    return entities_get(state->entities, ATTENDANCE_KIND_FEED, feed_id, 0);
}

bool attendance_part_taken(const Dw__Feed *feed, uint32_t part)
{
    const uint32_t bit = part - 1;
    return bit / 8 < feed->parts_taken.len && (feed->parts_taken.data[bit / 8] >> bit % 8 & 1) != 0;
}

bool attendance_may_use(const struct context *ctx, const ProtobufCBinaryData *provider_id)
{
    const struct id id = id_or_zero(provider_id);
    return principal_sees(ctx->principal, &id);
}

const struct id *attendance_placements(const struct state *state, const struct id *person_id)
{
    return lists_first(state->attenders, person_id);
}

const struct id *attendance_next_placement(const struct state *state, const struct id *id)
{
    return lists_next(state->attenders, id);
}

const struct row_key *attendance_waiting(const struct state *state, const struct waiting_ref *ref)
{
    return lists_first(state->unmatched, ref);
}

const struct row_key *attendance_next_waiting(const struct state *state, const struct row_key *key)
{
    return lists_next(state->unmatched, key);
}

uint32_t attendance_waiting_of_ref(const struct state *state, const struct waiting_ref *ref)
{
    return lists_count(state->unmatched, ref);
}

uint32_t attendance_waiting_of_provider(const struct state *state, const struct id *provider_id)
{
    const uint32_t *count = table_get(state->waiting, provider_id);
    return count == NULL ? 0 : *count;
}

const struct id *attendance_person(const struct state *state, const struct id *council_ref)
{
    const Dw__KnownPerson *known =
        entities_get(state->entities, ATTENDANCE_KIND_PERSON, council_ref, 0);
    return known == NULL ? NULL : (const struct id *)(const void *)known->person_id.data;
}

const struct id *attendance_council_ref(const struct state *state, const struct id *person_id)
{
    return table_get(state->council_refs, person_id);
}
