/* See pick.h. A heap whose root is the greatest item kept. */
#include "common/pick.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint8_t *item_at(const struct pick *pick, size_t place)
{
    return (uint8_t *)pick->items + place * pick->item_size;
}

static int compare_at(const struct pick *pick, size_t left, size_t right)
{
    return pick->compare(item_at(pick, left), item_at(pick, right));
}

static void swap(const struct pick *pick, size_t left, size_t right)
{
    uint8_t *spare = item_at(pick, pick->max);
    memcpy(spare, item_at(pick, left), pick->item_size);
    memcpy(item_at(pick, left), item_at(pick, right), pick->item_size);
    memcpy(item_at(pick, right), spare, pick->item_size);
}

static void rise(const struct pick *pick, size_t place)
{
    while (place > 0 && compare_at(pick, (place - 1) / 2, place) < 0) {
        swap(pick, (place - 1) / 2, place);
        place = (place - 1) / 2;
    }
}

static void sink(const struct pick *pick, size_t place)
{
    for (size_t child = 2 * place + 1; child < pick->count; child = 2 * place + 1) {
        if (child + 1 < pick->count && compare_at(pick, child, child + 1) < 0)
            child++;
        if (compare_at(pick, place, child) >= 0)
            return;
        swap(pick, place, child);
        place = child;
    }
}

void pick_offer(struct pick *pick, const void *item)
{
    pick->total++;
    if (pick->count < pick->max) {
        memcpy(item_at(pick, pick->count), item, pick->item_size);
        rise(pick, pick->count++);
    } else if (pick->max > 0 && pick->compare(item, item_at(pick, 0)) < 0) {
        memcpy(item_at(pick, 0), item, pick->item_size);
        sink(pick, 0);
    }
}

void pick_sort(struct pick *pick)
{
    if (pick->count > 0)
        qsort(pick->items, pick->count, pick->item_size, pick->compare);
}
