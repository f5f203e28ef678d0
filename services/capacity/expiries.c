/* The heap of expiries. See expiries.h. */
#include "services/capacity/expiries.h"

#include <stdbool.h>
#include <stdlib.h>

#include "common/table.h"

struct expiry {
    int64_t expires_ms;
    struct id hold_id;
};

struct expiries {
    struct expiry *heap; /* the children of i are 2i + 1 and 2i + 2, never earlier than i */
    size_t count;
    size_t size;
    struct table *places; /* hold id -> place in heap, uint32_t */
};

struct expiries *capacity_expiries_create(void)
{
    struct expiries *expiries = calloc(1, sizeof *expiries);
    if (expiries == NULL)
        return NULL;
    expiries->places = table_create(sizeof(struct id), sizeof(uint32_t));
    return expiries;
}

void capacity_expiries_destroy(struct expiries **pointer)
{
    if (*pointer == NULL)
        return;
    free((*pointer)->heap);
    table_destroy(&(*pointer)->places);
    free(*pointer);
    *pointer = NULL;
}

/* By instant, then by id, so that the order does not depend on history. */
static bool is_before(const struct expiry *left, const struct expiry *right)
{
    if (left->expires_ms != right->expires_ms)
        return left->expires_ms < right->expires_ms;
    return id_compare(&left->hold_id, &right->hold_id) < 0;
}

static void place(struct expiries *expiries, size_t at, const struct expiry *expiry)
{
    expiries->heap[at] = *expiry;
    uint32_t *where = table_put(expiries->places, &expiry->hold_id, NULL);
    *where = (uint32_t)at;
}

/* Finds the place of an expiry from a free place on, moving others up or down into the gap. */
static void sift(struct expiries *expiries, size_t at, struct expiry expiry)
{
    while (at > 0 && is_before(&expiry, &expiries->heap[(at - 1) / 2])) {
        place(expiries, at, &expiries->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= expiries->count)
            break;
        if (child + 1 < expiries->count &&
            is_before(&expiries->heap[child + 1], &expiries->heap[child]))
            child++;
        if (!is_before(&expiries->heap[child], &expiry))
            break;
        place(expiries, at, &expiries->heap[child]);
        at = child;
    }
    place(expiries, at, &expiry);
}

void capacity_expiries_set(struct expiries *expiries, const struct id *hold_id, int64_t expires_ms)
{
    capacity_expiries_remove(expiries, hold_id);
    if (expiries->count == expiries->size) {
        expiries->size = expiries->size == 0 ? 64 : expiries->size * 2;
        expiries->heap = realloc(expiries->heap, expiries->size * sizeof expiries->heap[0]);
        if (expiries->heap == NULL)
            abort(); /* a daemon that cannot remember must not go on */
    }
    const struct expiry expiry = {.expires_ms = expires_ms, .hold_id = *hold_id};
    expiries->count++;
    expiries->heap[expiries->count - 1] = expiry;
    sift(expiries, expiries->count - 1, expiry);
}

void capacity_expiries_remove(struct expiries *expiries, const struct id *hold_id)
{
    const uint32_t *where = table_get(expiries->places, hold_id);
    if (where == NULL)
        return;
    const size_t gap = *where;
    table_remove(expiries->places, hold_id);
    expiries->count--;
    if (gap == expiries->count)
        return;
    const struct expiry last = expiries->heap[expiries->count];
    sift(expiries, gap, last);
}

size_t capacity_expiries_lapsed(const struct expiries *expiries, int64_t now_ms, size_t max,
                                struct id *ret_hold_ids, int64_t *ret_next_ms)
{
    enum {
        DEPTH_MAX = 64
    }; /* a walk in depth first order keeps one place a level, and 2^64 holds there are not */
    size_t waiting[DEPTH_MAX];
    size_t waiting_count = 0;
    size_t lapsed = 0;
    int64_t next_ms = INT64_MAX;
    if (expiries->count > 0)
        waiting[waiting_count++] = 0;
    while (waiting_count > 0) {
        const size_t at = waiting[--waiting_count];
        const struct expiry *expiry = &expiries->heap[at];
        if (expiry->expires_ms > now_ms || lapsed == max) {
            const int64_t when_ms = expiry->expires_ms > now_ms ? expiry->expires_ms : now_ms;
            next_ms = when_ms < next_ms ? when_ms : next_ms;
            continue;
        }
        ret_hold_ids[lapsed++] = expiry->hold_id;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < expiries->count; child++)
            waiting[waiting_count++] = child;
    }
    *ret_next_ms = next_ms;
    return lapsed;
}
