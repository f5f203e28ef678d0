/* The first few of very many: keeps the smallest items it is offered, in bounded memory, and counts all of them. */
#ifndef DAYWAYS_COMMON_PICK_H
#define DAYWAYS_COMMON_PICK_H

#include <stddef.h>

/* A page ends at most here: what lies behind is found by a narrower question, and a picker needs no more memory than this
 * many items. */
enum { PICK_ROWS_MAX = 10000 };

struct pick {
    void
        *items; /* the caller's, room for max + 1 of them: the last is where one is moved through */
    size_t item_size;
    size_t max;
    int (*compare)(const void *left, const void *right);
    size_t count; /* of items, in no order before pick_sort */
    size_t total; /* of what was offered */
};

/* O(log max); the item is copied. */
void pick_offer(struct pick *pick, const void *item);

/* Puts the items in ascending order; nothing may be offered afterwards. */
void pick_sort(struct pick *pick);

#endif
