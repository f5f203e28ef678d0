/* Pages of lists that are kept in order by common/pick.h, and the comparisons they have in common. */
#ifndef DAYWAYS_SERVICES_REFERRALS_PAGING_H
#define DAYWAYS_SERVICES_REFERRALS_PAGING_H

#include "services/referrals/state.h"

#include "common/pick.h"

enum { PER_PAGE = 20, PER_PAGE_MAX = 100 };

bool paging_same_id(const ProtobufCBinaryData *left, const ProtobufCBinaryData *right);
int paging_compare_ids(const ProtobufCBinaryData *left, const ProtobufCBinaryData *right);

/* Where a page begins and how much it holds; false when it was answered with a no. */
bool paging_read(uint32_t page, uint32_t per_page, struct answer *answer, uint32_t *ret_page,
                 uint32_t *ret_per_page);

/* Keeps what stands on the page and before it. */
struct pick paging_pick(uint32_t page, uint32_t per_page, size_t item_size,
                        int (*compare)(const void *, const void *), struct answer *answer);

/* Sorts; how many stand on the page, and where it begins. */
size_t paging_rows(struct pick *pick, uint32_t page, uint32_t per_page, size_t *ret_first);

#endif
