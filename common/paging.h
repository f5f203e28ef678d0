/* Pages of lists that a query tells in an order: what the query asks for, checked, and the rows, kept by pick.h. */
#ifndef DAYWAYS_COMMON_PAGING_H
#define DAYWAYS_COMMON_PAGING_H

#include "common/pick.h"
#include "common/service.h"

/* Of most lists. */
enum { PER_PAGE = 20, PER_PAGE_MAX = 100 };

/* Where a page begins, counted from 1 (0 is 1), and how much it holds: at most max, and 0 is usual. False when it was answered with
 * a no. */
bool paging_read(uint32_t page, uint32_t per_page, uint32_t usual, uint32_t max,
                 struct answer *answer, uint32_t *ret_page, uint32_t *ret_per_page);

/* Keeps what stands on the page and before it; its items are the answer's. */
struct pick paging_pick(uint32_t page, uint32_t per_page, size_t item_size,
                        int (*compare)(const void *left, const void *right), struct answer *answer);

/* Sorts; how many stand on the page, and where in the items it begins. */
size_t paging_rows(struct pick *pick, uint32_t page, uint32_t per_page, size_t *ret_first);

#endif
