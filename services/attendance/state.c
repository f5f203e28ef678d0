/* Indexes of attendance over its records, and what is read through them. */
#include "services/attendance/state.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct attendee) == 32 && sizeof(struct row_key) == 20 &&
                   sizeof(struct file_key) == 52,
               "keys of tables have no padding");

struct state *attendance_create(struct entities *entities)
{
    struct state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->entities = entities;
    state->attenders = table_create(sizeof(struct attendee), sizeof(struct id));
    state->next_attender = table_create(sizeof(struct id), sizeof(struct id));
    state->unmatched = table_create(sizeof(struct attendee), sizeof(struct row_key));
    state->next_unmatched = table_create(sizeof(struct row_key), sizeof(struct row_key));
    state->files = table_create(sizeof(struct file_key), sizeof(struct id));
    if (state->attenders == NULL || state->next_attender == NULL || state->unmatched == NULL ||
        state->next_unmatched == NULL || state->files == NULL)
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

static void chain_add(const struct chain *chain, const struct attendee *attendee, const void *link)
{
    uint8_t *head = table_put(chain->heads, attendee, NULL);
    memcpy(table_put(chain->followers, link, NULL), head, chain->link_size);
    memcpy(head, link, chain->link_size);
}

static void chain_remove(const struct chain *chain, const struct attendee *attendee,
                         const void *link)
{
    uint8_t *at = table_get(chain->heads, attendee);
    while (at != NULL && memcmp(at, no_link, chain->link_size) != 0 &&
           memcmp(at, link, chain->link_size) != 0)
        at = table_get(chain->followers, at);
    const void *after = table_get(chain->followers, link);
    if (at != NULL && after != NULL)
        memcpy(at, after, chain->link_size);
    (void)table_remove(chain->followers, link);
    const void *head = table_get(chain->heads, attendee);
    if (head != NULL && memcmp(head, no_link, chain->link_size) == 0)
        (void)table_remove(chain->heads, attendee);
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
        const struct attendee attendee = {attendance_id(&before->provider_id),
                                          attendance_id(&before->entry->person_id)};
        chain_remove(&chain, &attendee, &link);
    }
    if (after != NULL) {
        const struct attendee attendee = {attendance_id(&after->provider_id),
                                          attendance_id(&after->entry->person_id)};
        chain_add(&chain, &attendee, &link);
    }
}

static void index_feed(struct state *state, const struct id *id, const Dw__Feed *before,
                       const Dw__Feed *after)
{
    if (before != NULL && after != NULL)
        return; /* what it is of never changes */
    const Dw__Feed *feed = before != NULL ? before : after;
    struct file_key key = {.provider_id = attendance_id(&feed->provider_id),
                           .mode = (uint32_t)feed->mode};
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

bool attendance_expects(const Dw__Attender *attender, const Dw__RowEntry *entry,
                        uint8_t *ret_number)
{
    const int32_t date = entry->session_date->days;
    if (date < attender->from->days || (attender->to != NULL && date > attender->to->days))
        return false;
    const struct id wanted = attendance_id(&entry->session_id);
    for (size_t at = 0; at < attender->n_session_ids; at++) {
        const struct id id = attendance_id(&attender->session_ids[at]);
        if (!id_equal(&id, &wanted))
            continue;
        *ret_number = (uint8_t)at;
        return true;
    }
    return false;
}

const Dw__Attender *attendance_match(const struct state *state, const struct id *provider_id,
                                     const Dw__RowEntry *entry, struct id *ret_placement_id,
                                     uint8_t *ret_session)
{
    const struct attendee attendee = {*provider_id, attendance_id(&entry->person_id)};
    const Dw__Attender *found = NULL;
    for (const struct id *id = table_get(state->attenders, &attendee);
         id != NULL && !id_is_zero(id); id = table_get(state->next_attender, id)) {
        const Dw__Attender *attender =
            entities_get(state->entities, ATTENDANCE_KIND_ATTENDER, id, 0);
        uint8_t session;
        if (!attendance_expects(attender, entry, &session) ||
            (found != NULL && id_compare(id, ret_placement_id) > 0))
            continue;
        found = attender;
        *ret_placement_id = *id;
        *ret_session = session;
    }
    return found;
}
