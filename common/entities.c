/* Live state of one shard: see entities.h. Each record is one block of memory: its head and the unpacked message, so
 * that a million of them are a million allocations and no more. */
#include "common/entities_store.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { KINDS_MAX = 32, GUESS_FIRST = 512 };

struct record {
    struct entity_key key;
    uint32_t position; /* in its kind's list */
    uint32_t changed;  /* 0, or 1 + its place in the list of changes since the last drain */
    uint64_t seq;
    size_t packed_at; /* while changed: where its bytes stand among those not yet drained */
    size_t packed_len;
    ProtobufCMessage *message; /* NULL: removed, kept until the drain has told it */
};

/* The key as bytes without padding, for the table. */
struct packed_key {
    uint8_t bytes[24];
};

struct record_list {
    struct record **records;
    size_t count;
    size_t size;
};

struct entities {
    const struct service *service;
    struct state *state;
    uint64_t seq;
    struct table *by_key; /* packed_key -> struct record * */
    struct record_list kinds[KINDS_MAX];
    size_t guesses[KINDS_MAX]; /* bytes a record takes in memory, about */
    struct record_list changed;
    struct buffer packed; /* values of the changed records, until they are drained */
};

/* --- one block a record ---------------------------------------------------------------------------------------- */

/* Where unpacking puts things: one behind the other, until it is full. */
struct block {
    ProtobufCAllocator allocator;
    uint8_t *bytes;
    size_t used;
    size_t size;
    bool full;
};

static size_t block_round(size_t size)
{
    return (size + 15) & ~(size_t)15;
}

static void *block_alloc(void *data, size_t size)
{
    struct block *block = data;
    if (size > block->size - block->used) {
        block->full = true;
        return NULL;
    }
    void *place = block->bytes + block->used;
    block->used += block_round(size);
    block->used = block->used < block->size ? block->used : block->size;
    return place;
}

static void block_free(void *data, void *pointer)
{
    (void)data;
    (void)pointer;
}

static void require(const void *memory)
{
    if (memory == NULL)
        abort();
}

enum { RECORD_HEAD = (sizeof(struct record) + 15) & ~(size_t)15 };

static void unpack_behind(struct record *record, size_t size,
                          const ProtobufCMessageDescriptor *type, const void *bytes, size_t len,
                          struct block *ret_block)
{
    *ret_block = (struct block){.allocator = {block_alloc, block_free, ret_block},
                                .bytes = (uint8_t *)record + RECORD_HEAD,
                                .size = size};
    record->message = protobuf_c_message_unpack(type, &ret_block->allocator, len, bytes);
}

/* Unpacks into a block of about the size that the last one of its kind had, and gives back what was too much. */
static struct record *record_create(const ProtobufCMessageDescriptor *type, size_t *guess,
                                    const void *bytes, size_t len)
{
    struct block block;
    struct record *record;
    for (;;) {
        record = malloc(RECORD_HEAD + *guess);
        require(record);
        unpack_behind(record, *guess, type, bytes, len, &block);
        if (record->message != NULL)
            break;
        free(record);
        if (!block.full)
            return NULL; /* not a message of this type */
        *guess *= 2;
    }
    const size_t used = block.used;
    const uintptr_t place = (uintptr_t)record;
    *guess = used + used / 4 + 64;
    record = realloc(record, RECORD_HEAD + used);
    require(record);
    if ((uintptr_t)record != place)
        unpack_behind(record, used, type, bytes, len, &block);
    assert(record->message != NULL);
    ProtobufCMessage *message = record->message;
    *record = (struct record){.message = message};
    return record;
}

/* --- lists ----------------------------------------------------------------------------------------------------- */

static void list_add(struct record_list *list, struct record *record)
{
    if (list->count == list->size)
        list->records = array_grow(list->records, &list->size, sizeof list->records[0]);
    list->records[list->count++] = record;
}

static struct packed_key pack_key(uint8_t kind, const struct id *id, uint32_t part)
{
    struct packed_key packed = {0};
    memcpy(packed.bytes, id->bytes, sizeof id->bytes);
    memcpy(packed.bytes + 16, &part, sizeof part);
    packed.bytes[20] = kind;
    return packed;
}

static struct record *find(const struct entities *entities, uint8_t kind, const struct id *id,
                           uint32_t part)
{
    const struct packed_key packed = pack_key(kind, id, part);
    struct record **slot = table_get(entities->by_key, &packed);
    return slot == NULL ? NULL : *slot;
}

struct entities *entities_create(const struct service *service)
{
    struct entities *entities = calloc(1, sizeof *entities);
    if (entities == NULL)
        return NULL;
    entities->service = service;
    for (size_t kind = 0; kind < KINDS_MAX; kind++)
        entities->guesses[kind] = GUESS_FIRST;
    entities->by_key = table_create(sizeof(struct packed_key), sizeof(struct record *));
    if (entities->by_key == NULL)
        entities_destroy(&entities);
    return entities;
}

void entities_destroy(struct entities **pointer)
{
    struct entities *entities = *pointer;
    if (entities == NULL)
        return;
    size_t position = 0;
    const void *key;
    void *value;
    while (entities->by_key != NULL && table_next(entities->by_key, &position, &key, &value))
        free(*(struct record **)value);
    table_destroy(&entities->by_key);
    for (size_t kind = 0; kind < KINDS_MAX; kind++)
        free(entities->kinds[kind].records);
    free(entities->changed.records);
    buffer_free(&entities->packed);
    free(entities);
    *pointer = NULL;
}

void entities_bind(struct entities *entities, struct state *state)
{
    entities->state = state;
}

void entities_set_seq(struct entities *entities, uint64_t seq)
{
    entities->seq = seq;
}

/* --- reading --------------------------------------------------------------------------------------------------- */

const void *entities_get(const struct entities *entities, uint8_t kind, const struct id *id,
                         uint32_t part)
{
    const struct record *record = find(entities, kind, id, part);
    return record == NULL ? NULL : record->message;
}

uint64_t entities_changed_seq(const struct entities *entities, uint8_t kind, const struct id *id,
                              uint32_t part)
{
    const struct record *record = find(entities, kind, id, part);
    return record == NULL || record->message == NULL ? 0 : record->seq;
}

size_t entities_count(const struct entities *entities, uint8_t kind)
{
    return entities->kinds[kind].count;
}

const void *entities_at(const struct entities *entities, uint8_t kind, size_t position,
                        struct entity_key *ret_key)
{
    assert(position < entities->kinds[kind].count);
    const struct record *record = entities->kinds[kind].records[position];
    if (ret_key != NULL)
        *ret_key = record->key;
    return record->message;
}

size_t entities_total(const struct entities *entities)
{
    size_t total = 0;
    for (size_t kind = 0; kind < KINDS_MAX; kind++)
        total += entities->kinds[kind].count;
    return total;
}

/* --- changing -------------------------------------------------------------------------------------------------- */

static void mark_changed(struct entities *entities, struct record *record)
{
    if (record->changed != 0)
        return;
    list_add(&entities->changed, record);
    record->changed = (uint32_t)entities->changed.count;
}

/* The new record takes the old one's place everywhere, the list of changes included. */
static void replace(struct entities *entities, struct record *old, struct record *new)
{
    new->position = old->position;
    if (old->message == NULL) {
        new->position = (uint32_t)entities->kinds[new->key.kind].count;
        list_add(&entities->kinds[new->key.kind], new);
    } else {
        entities->kinds[new->key.kind].records[new->position] = new;
    }
    new->changed = old->changed;
    if (new->changed != 0)
        entities->changed.records[new->changed - 1] = new;
}

static const struct record *insert(struct entities *entities, struct record *record)
{
    const struct entity_key *key = &record->key;
    const struct packed_key packed = pack_key(key->kind, &key->id, key->part);
    bool is_new;
    struct record **slot = table_put(entities->by_key, &packed, &is_new);
    struct record *old = is_new ? NULL : *slot;
    *slot = record;
    if (old != NULL) {
        replace(entities, old, record);
    } else {
        record->position = (uint32_t)entities->kinds[key->kind].count;
        list_add(&entities->kinds[key->kind], record);
    }
    return old;
}

static void append_value(uint64_t seq, const ProtobufCMessage *message, struct buffer *buffer)
{
    const size_t len = protobuf_c_message_get_packed_size(message);
    uint8_t *place = buffer_reserve(buffer, ENTITY_VALUE_HEAD + len);
    memcpy(place, &seq, sizeof seq);
    protobuf_c_message_pack(message, place + ENTITY_VALUE_HEAD);
    buffer->len += ENTITY_VALUE_HEAD + len;
}

/* The value just appended replaces that of the record before it where it fits, so that a record changed a thousand times
 * between two drains takes room once. */
static void keep_packed(struct entities *entities, const struct record *old, struct record *record,
                        size_t at)
{
    record->packed_at = at;
    record->packed_len = entities->packed.len - at;
    if (old == NULL || old->changed == 0 || old->message == NULL ||
        old->packed_len < record->packed_len)
        return;
    memcpy(entities->packed.bytes + old->packed_at, entities->packed.bytes + at,
           record->packed_len);
    record->packed_at = old->packed_at;
    entities->packed.len = at;
}

void entities_put(struct entities *entities, uint8_t kind, const struct id *id, uint32_t part,
                  const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = entities->service->kinds[kind].type;
    assert(message->descriptor == type);
    const size_t at = entities->packed.len;
    append_value(entities->seq, message, &entities->packed);
    const size_t len = entities->packed.len - at;
    struct record *record =
        record_create(type, &entities->guesses[kind],
                      entities->packed.bytes + at + ENTITY_VALUE_HEAD, len - ENTITY_VALUE_HEAD);
    require(record);
    record->key = (struct entity_key){.id = *id, .part = part, .kind = kind};
    record->seq = entities->seq;
    keep_packed(entities, find(entities, kind, id, part), record, at);
    const struct record *old = insert(entities, record);
    mark_changed(entities, record);
    if (entities->service->index != NULL)
        entities->service->index(entities->state, &record->key, old == NULL ? NULL : old->message,
                                 record->message);
    free((void *)(uintptr_t)old);
}

void entities_remove(struct entities *entities, uint8_t kind, const struct id *id, uint32_t part)
{
    struct record *record = find(entities, kind, id, part);
    if (record == NULL || record->message == NULL)
        return;
    struct record_list *list = &entities->kinds[kind];
    struct record *last = list->records[--list->count];
    list->records[record->position] = last;
    last->position = record->position;
    ProtobufCMessage *before = record->message;
    record->message = NULL;
    mark_changed(entities, record);
    if (entities->service->index != NULL)
        entities->service->index(entities->state, &record->key, before, NULL);
}

/* --- load and drain -------------------------------------------------------------------------------------------- */

size_t entities_field(const struct entity_key *key, uint8_t ret_field[ENTITY_FIELD_MAX])
{
    ret_field[0] = key->kind;
    memcpy(ret_field + 1, key->id.bytes, 16);
    if (key->part == 0)
        return 17;
    for (int byte = 0; byte < 4; byte++)
        ret_field[17 + byte] = (uint8_t)(key->part >> (24 - 8 * byte));
    return 21;
}

static int read_field(const struct entities *entities, const uint8_t *field, size_t len,
                      struct entity_key *ret_key)
{
    if (len != 17 && len != 21)
        return -EBADMSG;
    struct entity_key key = {.kind = field[0]};
    for (uint8_t kind = 1; kind <= key.kind; kind++)
        if (entities->service->kinds == NULL || entities->service->kinds[kind].type == NULL)
            return -EBADMSG;
    if (key.kind == 0)
        return -EBADMSG;
    memcpy(key.id.bytes, field + 1, 16);
    for (size_t byte = 17; byte < len; byte++)
        key.part = key.part << 8 | field[byte];
    *ret_key = key;
    return 0;
}

int entities_load(struct entities *entities, const void *field, size_t field_len, const void *value,
                  size_t value_len)
{
    struct entity_key key;
    if (read_field(entities, field, field_len, &key) < 0 || value_len < ENTITY_VALUE_HEAD)
        return -EBADMSG;
    const uint8_t *bytes = value;
    struct record *record =
        record_create(entities->service->kinds[key.kind].type, &entities->guesses[key.kind],
                      bytes + ENTITY_VALUE_HEAD, value_len - ENTITY_VALUE_HEAD);
    if (record == NULL)
        return -EBADMSG;
    record->key = key;
    memcpy(&record->seq, bytes, sizeof record->seq);
    free((void *)(uintptr_t)insert(entities, record)); /* HSCAN may give a record twice */
    return 0;
}

void entities_index_all(struct entities *entities)
{
    if (entities->service->index == NULL)
        return;
    for (size_t kind = 1; kind < KINDS_MAX; kind++)
        for (size_t at = 0; at < entities->kinds[kind].count; at++) {
            const struct record *record = entities->kinds[kind].records[at];
            entities->service->index(entities->state, &record->key, NULL, record->message);
        }
}

size_t entities_changed(const struct entities *entities)
{
    return entities->changed.count;
}

void entities_value(const struct entities *entities, const struct entity_key *key,
                    struct buffer *ret_value)
{
    const struct record *record = find(entities, key->kind, &key->id, key->part);
    assert(record != NULL && record->message != NULL);
    append_value(record->seq, record->message, ret_value);
}

void entities_drain(struct entities *entities,
                    void (*changed)(void *context, const void *field, size_t field_len,
                                    const void *value, size_t value_len),
                    void *context)
{
    for (size_t at = 0; at < entities->changed.count; at++) {
        struct record *record = entities->changed.records[at];
        uint8_t field[ENTITY_FIELD_MAX];
        const size_t field_len = entities_field(&record->key, field);
        record->changed = 0;
        if (record->message == NULL) {
            changed(context, field, field_len, NULL, 0);
            const struct packed_key packed =
                pack_key(record->key.kind, &record->key.id, record->key.part);
            table_remove(entities->by_key, &packed);
            free(record);
            continue;
        }
        changed(context, field, field_len, entities->packed.bytes + record->packed_at,
                record->packed_len);
    }
    entities->changed.count = 0;
    buffer_clear(&entities->packed);
}
