/* The byte buffer and the hash map.
 *
 * The map uses linear probing over a power of two of slots, at most three quarters full. The hashes stand in an array
 * of their own, so that a probe reads one cache line; removal shifts the entries behind the gap back, so that there
 * are no tombstones. The hash is not keyed: whoever lets strangers choose keys must bound how many they may put.
 * Implements common/table.h. */
#include "common/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUFFER_SIZE_MIN = 64,
    TABLE_SLOTS_MIN = 16,
    TABLE_ALIGNMENT = 8, /* of values: enough for pointers and 64-bit integers */
};

/* A hash has 32 bits, so more slots than that could not be told apart. */
#define TABLE_SLOTS_MAX (UINT64_C(1) << 31)

void buffer_append(struct buffer *buffer, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    memcpy(buffer_reserve(buffer, len), bytes, len);
    buffer->len += len;
}

uint8_t *buffer_reserve(struct buffer *buffer, size_t len)
{
    if (buffer->bytes != NULL && len <= buffer->size - buffer->len)
        return buffer->bytes + buffer->len;
    if (len > SIZE_MAX / 2 - buffer->len)
        abort();
    size_t size = buffer->size > 0 ? buffer->size : BUFFER_SIZE_MIN;
    while (size < buffer->len + len)
        size *= 2;
    uint8_t *bytes = realloc(buffer->bytes, size);
    if (bytes == NULL)
        abort();
    buffer->bytes = bytes;
    buffer->size = size;
    return buffer->bytes + buffer->len;
}

void buffer_clear(struct buffer *buffer)
{
    buffer->len = 0;
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}

struct table {
    size_t key_size;
    size_t value_size;
    size_t value_offset; /* of the value in an entry */
    size_t entry_size;
    size_t mask;      /* slots - 1 */
    size_t count;     /* entries held */
    uint32_t *hashes; /* by slot; 0 means empty */
    uint8_t *entries; /* by slot: key, padding, value, padding */
};

static size_t round_up(size_t size)
{
    return (size + TABLE_ALIGNMENT - 1) / TABLE_ALIGNMENT * TABLE_ALIGNMENT;
}

/* The finaliser of MurmurHash3 (Appleby): every bit of the input changes each bit of the output half the time. */
static uint64_t mix(uint64_t hash)
{
    hash ^= hash >> 33;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    hash ^= hash >> 33;
    hash *= UINT64_C(0xc4ceb9fe1a85ec53);
    hash ^= hash >> 33;
    return hash;
}

/* Never 0, which marks an empty slot. */
static uint32_t hash_key(const struct table *table, const void *key)
{
    const uint8_t *bytes = key;
    size_t left = table->key_size;
    uint64_t hash = table->key_size;
    for (; left >= 8; left -= 8, bytes += 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    if (left > 0) {
        uint64_t word = 0;
        memcpy(&word, bytes, left);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    uint32_t short_hash = (uint32_t)mix(hash);
    return short_hash != 0 ? short_hash : 1;
}

static uint8_t *entry_at(const struct table *table, size_t slot)
{
    return table->entries + slot * table->entry_size;
}

/* Gives the table empty slots; what it held must be gone or be put back by the caller. */
static void allocate_slots(struct table *table, size_t slots)
{
    if (slots > TABLE_SLOTS_MAX || slots > SIZE_MAX / table->entry_size)
        abort();
    table->hashes = calloc(slots, sizeof *table->hashes);
    table->entries = malloc(slots * table->entry_size);
    if (table->hashes == NULL || table->entries == NULL)
        abort();
    table->mask = slots - 1;
}

struct table *table_create(size_t key_size, size_t value_size)
{
    assert(key_size > 0 && key_size < 4096 && value_size < (1U << 20));
    struct table *table = calloc(1, sizeof *table);
    if (table == NULL)
        abort();
    table->key_size = key_size;
    table->value_size = value_size;
    table->value_offset = round_up(key_size);
    table->entry_size = table->value_offset + round_up(value_size);
    allocate_slots(table, TABLE_SLOTS_MIN);
    return table;
}

void table_destroy(struct table **table)
{
    if (*table == NULL)
        return;
    free((*table)->hashes);
    free((*table)->entries);
    free(*table);
    *table = NULL;
}

size_t table_count(const struct table *table)
{
    return table->count;
}

/* The slot of the key, or the empty one where it would go. */
static size_t find_slot(const struct table *table, const void *key, uint32_t hash)
{
    size_t slot = hash & table->mask;
    while (table->hashes[slot] != 0) {
        if (table->hashes[slot] == hash && memcmp(entry_at(table, slot), key, table->key_size) == 0)
            break;
        slot = (slot + 1) & table->mask;
    }
    return slot;
}

void *table_get(const struct table *table, const void *key)
{
    size_t slot = find_slot(table, key, hash_key(table, key));
    return table->hashes[slot] == 0 ? NULL : entry_at(table, slot) + table->value_offset;
}

static void grow_slots(struct table *table)
{
    struct table old = *table;
    allocate_slots(table, (old.mask + 1) * 2);
    for (size_t i = 0; i <= old.mask; i++) {
        if (old.hashes[i] == 0)
            continue;
        size_t slot = old.hashes[i] & table->mask;
        while (table->hashes[slot] != 0)
            slot = (slot + 1) & table->mask;
        table->hashes[slot] = old.hashes[i];
        memcpy(entry_at(table, slot), entry_at(&old, i), table->entry_size);
    }
    free(old.hashes);
    free(old.entries);
}

void *table_put(struct table *table, const void *key, bool *ret_new)
{
    uint32_t hash = hash_key(table, key);
    size_t slot = find_slot(table, key, hash);
    bool is_new = table->hashes[slot] == 0;
    if (is_new && (table->count + 1) * 4 > (table->mask + 1) * 3) {
        grow_slots(table);
        slot = find_slot(table, key, hash);
    }
    uint8_t *entry = entry_at(table, slot);
    if (is_new) {
        memset(entry, 0, table->entry_size);
        memcpy(entry, key, table->key_size);
        table->hashes[slot] = hash;
        table->count++;
    }
    if (ret_new != NULL)
        *ret_new = is_new;
    return entry + table->value_offset;
}

/* Closes a gap by moving back each entry of the run behind it that may stand there: one whose own place is not
 * between the gap and itself (Knuth, The Art of Computer Programming 3, 6.4, algorithm R). */
static void close_gap(struct table *table, size_t gap)
{
    for (size_t slot = (gap + 1) & table->mask; table->hashes[slot] != 0;
         slot = (slot + 1) & table->mask) {
        size_t wanted = table->hashes[slot] & table->mask;
        if (((slot - wanted) & table->mask) < ((slot - gap) & table->mask))
            continue;
        memcpy(entry_at(table, gap), entry_at(table, slot), table->entry_size);
        table->hashes[gap] = table->hashes[slot];
        gap = slot;
    }
    table->hashes[gap] = 0;
}

bool table_remove(struct table *table, const void *key)
{
    size_t slot = find_slot(table, key, hash_key(table, key));
    if (table->hashes[slot] == 0)
        return false;
    close_gap(table, slot);
    table->count--;
    return true;
}

void table_clear(struct table *table)
{
    memset(table->hashes, 0, (table->mask + 1) * sizeof *table->hashes);
    table->count = 0;
}

bool table_next(const struct table *table, size_t *position, const void **ret_key, void **ret_value)
{
    for (; *position <= table->mask; (*position)++) {
        if (table->hashes[*position] == 0)
            continue;
        uint8_t *entry = entry_at(table, *position);
        *ret_key = entry;
        *ret_value = entry + table->value_offset;
        (*position)++;
        return true;
    }
    return false;
}

size_t table_memory(const struct table *table)
{
    return sizeof *table + (table->mask + 1) * (sizeof *table->hashes + table->entry_size);
}
