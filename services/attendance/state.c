/* Indexes of attendance over its records, and what is read through them. */
#include "services/attendance/state.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct attendee) == 32 && sizeof(struct row_key) == 20 &&
                   sizeof(struct file_key) == 48,
               "keys of tables have no padding");

struct state *attendance_create(struct entities *entities)
{
    struct state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->entities = entities;
    state->attenders = table_create(sizeof(struct attendee), sizeof(struct id));
    state->next_attender = table_create(sizeof(struct id), sizeof(struct id));
    state->unmatched = table_create(sizeof(struct id), sizeof(struct row_key));
    state->next_unmatched = table_create(sizeof(struct row_key), sizeof(struct row_key));
    state->council_refs = table_create(sizeof(struct id), sizeof(struct id));
    state->files = table_create(sizeof(struct file_key), sizeof(struct id));
    if (state->attenders == NULL || state->next_attender == NULL || state->unmatched == NULL ||
        state->next_unmatched == NULL || state->council_refs == NULL || state->files == NULL)
        attendance_destroy(&state);
    return state;
}

void attendance_destroy(struct state **pointer)
{
    struct state *state = *pointer;
    if (state == NULL)
        return;
    table_destroy(&state->attenders);
    table_destroy(&state->next_attender);
    table_destroy(&state->unmatched);
    table_destroy(&state->next_unmatched);
    table_destroy(&state->council_refs);
    table_destroy(&state->files);
    free(state);
    *pointer = NULL;
}

struct id attendance_id(const ProtobufCBinaryData *data)
{
    struct id id = {0};
    (void)id_from_data(data, &id);
    return id;
}

/* --- chains ----------------------------------------------------------------------------------------------------- */

/* A chain is a table of heads and a table of followers; keys and values of followers are links of one size, and a link of
 * zeros ends it. */
struct chain {
    struct table *heads;
    struct table *followers;
    size_t link_size;
};

enum { LINK_MAX = 20 };
static const uint8_t no_link[LINK_MAX] = {0};

static void chain_add(const struct chain *chain, const void *key, const void *link)
{
    uint8_t *head = table_put(chain->heads, key, NULL);
    memcpy(table_put(chain->followers, link, NULL), head, chain->link_size);
    memcpy(head, link, chain->link_size);
}

static void chain_remove(const struct chain *chain, const void *key, const void *link)
{
    uint8_t *at = table_get(chain->heads, key);
    while (at != NULL && memcmp(at, no_link, chain->link_size) != 0 &&
           memcmp(at, link, chain->link_size) != 0)
        at = table_get(chain->followers, at);
    const void *after = table_get(chain->followers, link);
    if (at != NULL && after != NULL)
        memcpy(at, after, chain->link_size);
    (void)table_remove(chain->followers, link);
    const void *head = table_get(chain->heads, key);
    if (head != NULL && memcmp(head, no_link, chain->link_size) == 0)
        (void)table_remove(chain->heads, key);
}

static void index_attender(struct state *state, const struct id *id, const Dw__Attender *before,
                           const Dw__Attender *after)
{
    const struct chain chain = {state->attenders, state->next_attender, sizeof(struct id)};
    const Dw__Attender *attender = before != NULL ? before : after;
    const struct attendee attendee = {attendance_id(&attender->provider_id),
                                      attendance_id(&attender->person_id)};
    if (before == NULL)
        chain_add(&chain, &attendee, id);
    else if (after == NULL)
        chain_remove(&chain, &attendee, id);
}

static void index_unmatched(struct state *state, const struct entity_key *key,
                            const Dw__UnmatchedRow *before, const Dw__UnmatchedRow *after)
{
    const struct chain chain = {state->unmatched, state->next_unmatched, sizeof(struct row_key)};
    const struct row_key link = {key->id, key->part};
    if (before != NULL) {
        const struct id ref_id = attendance_id(&before->entry->ref_id);
        chain_remove(&chain, &ref_id, &link);
    }
    if (after != NULL) {
        const struct id ref_id = attendance_id(&after->entry->ref_id);
        chain_add(&chain, &ref_id, &link);
    }
}

static void index_person(struct state *state, const struct id *council_ref,
                         const Dw__KnownPerson *before, const Dw__KnownPerson *after)
{
    if (before != NULL) {
        const struct id person_id = attendance_id(&before->person_id);
        (void)table_remove(state->council_refs, &person_id);
    }
    if (after != NULL) {
        const struct id person_id = attendance_id(&after->person_id);
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
    struct file_key key = {.provider_id = attendance_id(&feed->provider_id)};
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
    const struct id *own_id = &ctx->principal->provider_id;
    const struct id id = attendance_id(provider_id);
    return id_is_zero(own_id) || id_equal(own_id, &id);
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
