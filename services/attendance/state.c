/* Indexes of attendance over its records, and what is read through them. */
#include "services/attendance/state.h"

#include <stdlib.h>
#include <string.h>

enum { LINK_MAX = 20 };

/* A chain: its first link, and how many there are. Links are keys of at most LINK_MAX bytes; zeros are none. */
struct head {
    uint8_t first[LINK_MAX];
    uint32_t count;
};

/* Both neighbours of a link, so that taking one out does not depend on how long the chain is. */
struct neighbours {
    uint8_t before[LINK_MAX];
    uint8_t after[LINK_MAX];
};

_Static_assert(sizeof(struct waiting_ref) == 32 && sizeof(struct row_key) == LINK_MAX &&
                   sizeof(struct file_key) == 48,
               "keys of tables have no padding");

struct state *attendance_create(struct entities *entities)
{
    struct state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->entities = entities;
    state->attenders = table_create(sizeof(struct id), sizeof(struct head));
    state->attender_links = table_create(sizeof(struct id), sizeof(struct neighbours));
    state->unmatched = table_create(sizeof(struct waiting_ref), sizeof(struct head));
    state->unmatched_links = table_create(sizeof(struct row_key), sizeof(struct neighbours));
    state->waiting = table_create(sizeof(struct id), sizeof(uint32_t));
    state->council_refs = table_create(sizeof(struct id), sizeof(struct id));
    state->files = table_create(sizeof(struct file_key), sizeof(struct id));
    if (state->attenders == NULL || state->attender_links == NULL || state->unmatched == NULL ||
        state->unmatched_links == NULL || state->waiting == NULL || state->council_refs == NULL ||
        state->files == NULL)
        attendance_destroy(&state);
    return state;
}

void attendance_destroy(struct state **pointer)
{
    struct state *state = *pointer;
    if (state == NULL)
        return;
    table_destroy(&state->attenders);
    table_destroy(&state->attender_links);
    table_destroy(&state->unmatched);
    table_destroy(&state->unmatched_links);
    table_destroy(&state->waiting);
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

/* A table of heads by key and a table of neighbours by link. */
struct chain {
    struct table *heads;
    struct table *links;
    size_t link_size;
};

static const uint8_t no_link[LINK_MAX] = {0};

static const void *link_or_null(const uint8_t *link, size_t size)
{
    return memcmp(link, no_link, size) == 0 ? NULL : link;
}

static void chain_add(const struct chain *chain, const void *key, const void *link)
{
    struct head *head = table_put(chain->heads, key, NULL);
    struct neighbours *own = table_put(chain->links, link, NULL);
    memcpy(own->after, head->first, LINK_MAX);
    if (link_or_null(head->first, chain->link_size) != NULL) {
        struct neighbours *second = table_get(chain->links, head->first);
        memcpy(second->before, link, chain->link_size);
    }
    memcpy(head->first, link, chain->link_size);
    head->count++;
}

static void chain_remove(const struct chain *chain, const void *key, const void *link)
{
    struct head *head = table_get(chain->heads, key);
    const struct neighbours *own = table_get(chain->links, link);
    if (head == NULL || own == NULL)
        return;
    const bool is_first = link_or_null(own->before, chain->link_size) == NULL;
    struct neighbours *before = is_first ? NULL : table_get(chain->links, own->before);
    struct neighbours *after = link_or_null(own->after, chain->link_size) == NULL
                                   ? NULL
                                   : table_get(chain->links, own->after);
    memcpy(is_first ? head->first : before->after, own->after, LINK_MAX);
    if (after != NULL)
        memcpy(after->before, own->before, LINK_MAX);
    (void)table_remove(chain->links, link);
    if (--head->count == 0)
        (void)table_remove(chain->heads, key);
}

static const void *chain_first(const struct chain *chain, const void *key)
{
    const struct head *head = table_get(chain->heads, key);
    return head == NULL ? NULL : link_or_null(head->first, chain->link_size);
}

static const void *chain_next(const struct chain *chain, const void *link)
{
    const struct neighbours *own = table_get(chain->links, link);
    return own == NULL ? NULL : link_or_null(own->after, chain->link_size);
}

static struct chain attenders_of(const struct state *state)
{
    return (struct chain){state->attenders, state->attender_links, sizeof(struct id)};
}

static struct chain unmatched_of(const struct state *state)
{
    return (struct chain){state->unmatched, state->unmatched_links, sizeof(struct row_key)};
}

static void index_attender(struct state *state, const struct id *id, const Dw__Attender *before,
                           const Dw__Attender *after)
{
    const struct chain chain = attenders_of(state);
    const struct id person_id = attendance_id(&(before != NULL ? before : after)->person_id);
    if (before == NULL)
        chain_add(&chain, &person_id, id);
    else if (after == NULL)
        chain_remove(&chain, &person_id, id);
}

static struct waiting_ref ref_of(const Dw__UnmatchedRow *row)
{
    return (struct waiting_ref){attendance_id(&row->provider_id),
                                attendance_id(&row->entry->ref_id)};
}

static void index_unmatched(struct state *state, const struct entity_key *key,
                            const Dw__UnmatchedRow *before, const Dw__UnmatchedRow *after)
{
    const struct chain chain = unmatched_of(state);
    const struct row_key link = {key->id, key->part};
    if (before != NULL) {
        const struct waiting_ref ref = ref_of(before);
        uint32_t *count = table_get(state->waiting, &ref.provider_id);
        chain_remove(&chain, &ref, &link);
        if (count != NULL && --*count == 0)
            (void)table_remove(state->waiting, &ref.provider_id);
    }
    if (after != NULL) {
        const struct waiting_ref ref = ref_of(after);
        chain_add(&chain, &ref, &link);
        ++*(uint32_t *)table_put(state->waiting, &ref.provider_id, NULL);
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
    const struct id id = attendance_id(provider_id);
    return principal_sees(ctx->principal, &id);
}

const struct id *attendance_placements(const struct state *state, const struct id *person_id)
{
    const struct chain chain = attenders_of(state);
    return chain_first(&chain, person_id);
}

const struct id *attendance_next_placement(const struct state *state, const struct id *id)
{
    const struct chain chain = attenders_of(state);
    return chain_next(&chain, id);
}

const struct row_key *attendance_waiting(const struct state *state, const struct waiting_ref *ref)
{
    const struct chain chain = unmatched_of(state);
    return chain_first(&chain, ref);
}

const struct row_key *attendance_next_waiting(const struct state *state, const struct row_key *key)
{
    const struct chain chain = unmatched_of(state);
    return chain_next(&chain, key);
}

uint32_t attendance_waiting_of_ref(const struct state *state, const struct waiting_ref *ref)
{
    const struct head *head = table_get(state->unmatched, ref);
    return head == NULL ? 0 : head->count;
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
