/* The heap of expiry times. See expiry.h. */
#include "services/capacity/expiry.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

static bool is_before(const struct expiry *left, const struct expiry *right)
{
    if (left->expires_ms != right->expires_ms)
        return left->expires_ms < right->expires_ms;
    return id_compare(&left->hold_id, &right->hold_id) < 0;
}

void expiry_free(struct expiry_heap *heap)
{
    free(heap->entries);
    *heap = (struct expiry_heap){0};
}

void expiry_push(struct expiry_heap *heap, const struct expiry *entry)
{
    if (heap->count == heap->size) {
        heap->size = heap->size == 0 ? 64 : heap->size * 2;
        heap->entries = realloc(heap->entries, heap->size * sizeof heap->entries[0]);
        if (heap->entries == NULL)
            abort();
    }
    size_t at = heap->count++;
    while (at > 0 && is_before(entry, &heap->entries[(at - 1) / 2])) {
        heap->entries[at] = heap->entries[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap->entries[at] = *entry;
}

const struct expiry *expiry_peek(const struct expiry_heap *heap)
{
    return heap->count == 0 ? NULL : &heap->entries[0];
}

void expiry_pop(struct expiry_heap *heap)
{
    assert(heap->count > 0);
    const struct expiry last = heap->entries[--heap->count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count && is_before(&heap->entries[child + 1], &heap->entries[child]))
            child++;
        if (!is_before(&heap->entries[child], &last))
            break;
        heap->entries[at] = heap->entries[child];
        at = child;
    }
    if (heap->count > 0)
        heap->entries[at] = last;
}
