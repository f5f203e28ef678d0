/* The heap of alarms. See alarms.h. */
#include "common/alarms.h"

#include <stdbool.h>
#include <stdlib.h>

#include "common/table.h"

struct alarm {
    int64_t at_ms;
    struct id id;
};

struct alarms {
    struct alarm *heap; /* the children of i are 2i + 1 and 2i + 2, never earlier than i */
    size_t count;
    size_t size;
    struct table *places; /* id -> place in heap, uint32_t */
};

struct alarms *alarms_create(void)
{
    struct alarms *alarms = calloc(1, sizeof *alarms);
    if (alarms == NULL)
        return NULL;
    alarms->places = table_create(sizeof(struct id), sizeof(uint32_t));
    return alarms;
}

void alarms_destroy(struct alarms **pointer)
{
    if (*pointer == NULL)
        return;
    free((*pointer)->heap);
    table_destroy(&(*pointer)->places);
    free(*pointer);
    *pointer = NULL;
}

/* By instant, then by id, so that the order does not depend on history. */
static bool is_before(const struct alarm *left, const struct alarm *right)
{
    if (left->at_ms != right->at_ms)
        return left->at_ms < right->at_ms;
    return id_compare(&left->id, &right->id) < 0;
}

static void place(struct alarms *alarms, size_t at, const struct alarm *alarm)
{
    alarms->heap[at] = *alarm;
    uint32_t *where = table_put(alarms->places, &alarm->id, NULL);
    *where = (uint32_t)at;
}

/* Finds the place of an alarm from a free place on, moving others up or down into the gap. */
static void sift(struct alarms *alarms, size_t at, struct alarm alarm)
{
    while (at > 0 && is_before(&alarm, &alarms->heap[(at - 1) / 2])) {
        place(alarms, at, &alarms->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= alarms->count)
            break;
        if (child + 1 < alarms->count && is_before(&alarms->heap[child + 1], &alarms->heap[child]))
            child++;
        if (!is_before(&alarms->heap[child], &alarm))
            break;
        place(alarms, at, &alarms->heap[child]);
        at = child;
    }
    place(alarms, at, &alarm);
}

void alarms_set(struct alarms *alarms, const struct id *id, int64_t at_ms)
{
    alarms_remove(alarms, id);
    if (alarms->count == alarms->size)
        alarms->heap = array_grow(alarms->heap, &alarms->size, sizeof alarms->heap[0]);
    const struct alarm alarm = {.at_ms = at_ms, .id = *id};
    alarms->count++;
    alarms->heap[alarms->count - 1] = alarm;
    sift(alarms, alarms->count - 1, alarm);
}

void alarms_remove(struct alarms *alarms, const struct id *id)
{
    const uint32_t *where = table_get(alarms->places, id);
    if (where == NULL)
        return;
    const size_t gap = *where;
    table_remove(alarms->places, id);
    alarms->count--;
    if (gap == alarms->count)
        return;
    const struct alarm last = alarms->heap[alarms->count];
    sift(alarms, gap, last);
}

size_t alarms_reached(const struct alarms *alarms, int64_t now_ms, size_t max, struct id *ret_ids,
                      int64_t *ret_next_ms)
{
    enum {
        DEPTH_MAX = 64
    }; /* a walk in depth first order keeps one place a level, and 2^64 holds there are not */
    size_t waiting[DEPTH_MAX];
    size_t waiting_count = 0;
    size_t reached = 0;
    int64_t next_ms = INT64_MAX;
    if (alarms->count > 0)
        waiting[waiting_count++] = 0;
    while (waiting_count > 0) {
        const size_t at = waiting[--waiting_count];
        const struct alarm *alarm = &alarms->heap[at];
        if (alarm->at_ms > now_ms || reached == max) {
            const int64_t when_ms = alarm->at_ms > now_ms ? alarm->at_ms : now_ms;
            next_ms = when_ms < next_ms ? when_ms : next_ms;
            continue;
        }
        ret_ids[reached++] = alarm->id;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < alarms->count; child++)
            waiting[waiting_count++] = child;
    }
    *ret_next_ms = next_ms;
    return reached;
}
