/* See paging.h. */
#include "common/paging.h"

bool paging_read(uint32_t page, uint32_t per_page, uint32_t usual, uint32_t max,
                 struct answer *answer, uint32_t *ret_page, uint32_t *ret_per_page)
{
    if (per_page > max) {
        answer_invalid(answer, "per_page", "a page has at most %u", max);
        return false;
    }
    *ret_page = page == 0 ? 1 : page;
    *ret_per_page = per_page == 0 ? usual : per_page;
    if ((uint64_t)*ret_page * *ret_per_page > PICK_ROWS_MAX) {
        answer_invalid(answer, "page", "pages end at row %d; ask for less", PICK_ROWS_MAX);
        return false;
    }
    return true;
}

struct pick paging_pick(uint32_t page, uint32_t per_page, size_t item_size,
                        int (*compare)(const void *left, const void *right), struct answer *answer)
{
    struct pick pick = {.item_size = item_size, .max = (size_t)page * per_page, .compare = compare};
    pick.items = answer_alloc(answer, (pick.max + 1) * item_size);
    return pick;
}

size_t paging_rows(struct pick *pick, uint32_t page, uint32_t per_page, size_t *ret_first)
{
    const size_t first = (size_t)(page - 1) * per_page;
    pick_sort(pick);
    *ret_first = first < pick->count ? first : pick->count;
    return pick->count - *ret_first;
}
