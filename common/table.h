/* Containers: a growing array of bytes, growing arrays of anything, and a hash map from fixed-size keys to fixed-size values. */
#ifndef DAYWAYS_COMMON_TABLE_H
#define DAYWAYS_COMMON_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing array of bytes. Zero-initialised is empty. Growing aborts the process when memory ends: a daemon that
 * cannot remember must not go on. */
struct buffer {
    uint8_t *bytes;
    size_t len;
    size_t size;
};

void buffer_append(struct buffer *buffer, const void *bytes, size_t len);
/* Makes room for len more bytes and returns where they go; the caller writes them and adds to buffer->len. */
uint8_t *buffer_reserve(struct buffer *buffer, size_t len);
void buffer_clear(struct buffer *buffer); /* len 0, memory kept */
void buffer_free(struct buffer *buffer);

/* Room for a quarter more elements of that many bytes, so that no more than a fifth of the memory is ever unused; *size is how many there is
 * room for, 0 with NULL at first. Returns the array, which may have moved; what is new is not zeroed. Aborts when memory ends. */
void *array_grow(void *array, size_t *size, size_t element);

/* A hash map with open addressing. Keys and values are copied bytes of the sizes given at creation; keys must have no
 * padding (compared with memcmp). Pointers to values are valid until the next put or remove. */
struct table;

struct table *table_create(size_t key_size, size_t value_size);
void table_destroy(struct table **table);
size_t table_count(const struct table *table);
/* The value, or NULL. */
void *table_get(const struct table *table, const void *key);
/* The value of key, inserted zeroed when new; *ret_new (may be NULL) tells. Aborts when memory ends. */
void *table_put(struct table *table, const void *key, bool *ret_new);
/* True when it was there. */
bool table_remove(struct table *table, const void *key);
void table_clear(struct table *table);
/* Goes through all entries in no order: start with *position = 0; false at the end. Nothing may be put or removed meanwhile. */
bool table_next(const struct table *table, size_t *position, const void **ret_key,
                void **ret_value);
/* Bytes of memory held. */
size_t table_memory(const struct table *table);

#endif
