/* The byte buffer, the growing array and the hash map.
 *
 * The map keeps its entries in one array without holes, which grows by a quarter, and finds them by cells: linear probing over a power of
 * two of them, at most three quarters full, each with the hash and the entry's place, so that a probe reads one cache line. Removal shifts
 * the cells behind the gap back, so that there are no tombstones, and puts the last entry where the removed one was. The hash is not keyed:
 * whoever lets strangers choose keys must bound how many they may put.
 * Implements common/table.h. */
#include "common/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUFFER_SIZE_MIN = 64,
    ARRAY_SIZE_MIN = 8,
    TABLE_CELLS_MIN = 16,
    TABLE_ALIGNMENT = 8, /* of values: enough for pointers and 64-bit integers */
};

/* A hash has 32 bits, so more cells than that could not be told apart. */
#define TABLE_CELLS_MAX (UINT64_C(1) << 31)

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

void *array_grow(void *array, size_t *size, size_t element)
{
    *size += *size < ARRAY_SIZE_MIN ? ARRAY_SIZE_MIN : *size / 4;
    if (*size > SIZE_MAX / element)
        abort();
    array = realloc(array, *size * element);
    if (array == NULL)
        abort();
    return array;
}

struct cell {
    uint32_t hash;  /* 0: empty */
    uint32_t entry; /* its place in entries */
};

struct table {
    size_t key_size;
    size_t value_size;
    size_t value_offset; /* of the value in an entry */
    size_t entry_size;
    struct cell *cells; /* mask + 1 of them */
    size_t mask;
    uint8_t *entries; /* key, padding, value, padding */
    size_t count;
    size_t size; /* entries there is room for */
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

/* Never 0, which marks an empty cell. */
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

static uint8_t *entry_at(const struct table *table, size_t entry)
{
    return table->entries + entry * table->entry_size;
}

/* Gives the table empty cells; the caller puts back what it holds. */
static void allocate_cells(struct table *table, size_t cells)
{
    if (cells > TABLE_CELLS_MAX)
        abort();
    table->cells = calloc(cells, sizeof table->cells[0]);
    if (table->cells == NULL)
        abort();
    table->mask = cells - 1;
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
    allocate_cells(table, TABLE_CELLS_MIN);
    return table;
}

void table_destroy(struct table **table)
{
    if (*table == NULL)
        return;
    free((*table)->cells);
    free((*table)->entries);
    free(*table);
    *table = NULL;
}

size_t table_count(const struct table *table)
{
    return table->count;
}

/* The place of the cell of the key, or of the empty one where it would go. */
static size_t find_cell(const struct table *table, const void *key, uint32_t hash)
{
    size_t at = hash & table->mask;
    for (; table->cells[at].hash != 0; at = (at + 1) & table->mask)
        if (table->cells[at].hash == hash &&
            memcmp(entry_at(table, table->cells[at].entry), key, table->key_size) == 0)
            break;
    return at;
}

void *table_get(const struct table *table, const void *key)
{
    const struct cell cell = table->cells[find_cell(table, key, hash_key(table, key))];
    return cell.hash == 0 ? NULL : entry_at(table, cell.entry) + table->value_offset;
}

/* Twice as many cells; the entries stay where they are. */
static void grow_cells(struct table *table)
{
    struct cell *old = table->cells;
    const size_t count = table->mask + 1;
    allocate_cells(table, count * 2);
    for (size_t i = 0; i < count; i++) {
        if (old[i].hash == 0)
            continue;
        size_t at = old[i].hash & table->mask;
        while (table->cells[at].hash != 0)
            at = (at + 1) & table->mask;
        table->cells[at] = old[i];
    }
    free(old);
}

/* A zeroed entry for the key, behind all others. */
static uint32_t add_entry(struct table *table, const void *key)
{
    if (table->count == table->size)
        table->entries = array_grow(table->entries, &table->size, table->entry_size);
    uint8_t *entry = entry_at(table, table->count);
    memset(entry, 0, table->entry_size);
    memcpy(entry, key, table->key_size);
    return (uint32_t)table->count++;
}

void *table_put(struct table *table, const void *key, bool *ret_new)
{
    const uint32_t hash = hash_key(table, key);
    size_t at = find_cell(table, key, hash);
    const bool is_new = table->cells[at].hash == 0;
    if (is_new && (table->count + 1) * 4 > (table->mask + 1) * 3) {
        grow_cells(table);
        at = find_cell(table, key, hash);
    }
    if (is_new)
        table->cells[at] = (struct cell){hash, add_entry(table, key)};
    if (ret_new != NULL)
        *ret_new = is_new;
    return entry_at(table, table->cells[at].entry) + table->value_offset;
}

/* Closes a gap by moving back each cell of the run behind it that may stand there: one whose own place is not
 * between the gap and itself (Knuth, The Art of Computer Programming 3, 6.4, algorithm R). */
static void close_gap(struct table *table, size_t gap)
{
    for (size_t at = (gap + 1) & table->mask; table->cells[at].hash != 0;
         at = (at + 1) & table->mask) {
        const size_t wanted = table->cells[at].hash & table->mask;
        if (((at - wanted) & table->mask) < ((at - gap) & table->mask))
            continue;
        table->cells[gap] = table->cells[at];
        gap = at;
    }
    table->cells[gap].hash = 0;
}

/* The last entry goes where one was removed. */
static void fill_hole(struct table *table, uint32_t hole)
{
    const uint32_t last = (uint32_t)--table->count;
    if (hole == last)
        return;
    size_t at = hash_key(table, entry_at(table, last)) & table->mask;
    while (table->cells[at].entry != last || table->cells[at].hash == 0)
        at = (at + 1) & table->mask;
    memcpy(entry_at(table, hole), entry_at(table, last), table->entry_size);
    table->cells[at].entry = hole;
}

bool table_remove(struct table *table, const void *key)
{
    const size_t at = find_cell(table, key, hash_key(table, key));
    if (table->cells[at].hash == 0)
        return false;
    const uint32_t hole = table->cells[at].entry;
    close_gap(table, at);
    fill_hole(table, hole);
    return true;
}

void table_clear(struct table *table)
{
    memset(table->cells, 0, (table->mask + 1) * sizeof table->cells[0]);
    table->count = 0;
}

bool table_next(const struct table *table, size_t *position, const void **ret_key, void **ret_value)
{
    if (*position >= table->count)
        return false;
    uint8_t *entry = entry_at(table, (*position)++);
    *ret_key = entry;
    *ret_value = entry + table->value_offset;
    return true;
}

size_t table_memory(const struct table *table)
{
    return sizeof *table + (table->mask + 1) * sizeof table->cells[0] +
           table->size * table->entry_size;
}
