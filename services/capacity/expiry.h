/* Which hold lapses next: a binary heap of expiry times. Entries that are no longer true (extended, confirmed, released)
 * stay until they come to the top, where their owner skips them. */
#ifndef DAYWAYS_CAPACITY_EXPIRY_H
#define DAYWAYS_CAPACITY_EXPIRY_H

#include "common/ids.h"

#include <stddef.h>
#include <stdint.h>

struct expiry {
    int64_t expires_ms;
    struct id hold_id;
};

/* Zero-initialised is empty. */
struct expiry_heap {
    struct expiry *entries;
    size_t count;
    size_t size;
};

void expiry_free(struct expiry_heap *heap);
void expiry_push(struct expiry_heap *heap, const struct expiry *entry);

/* The earliest, or NULL. Equal times go by id. Valid until the next push or pop. */
const struct expiry *expiry_peek(const struct expiry_heap *heap);
void expiry_pop(struct expiry_heap *heap);

#endif
