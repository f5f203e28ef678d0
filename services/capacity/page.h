/* Pages of lists by reference, and what queries about services share. */
#ifndef DAYWAYS_CAPACITY_PAGE_H
#define DAYWAYS_CAPACITY_PAGE_H

#include "services/capacity/state.h"

enum { PAGE_MAX = 100 };

/* The records with the smallest references behind one, in their order; at most as many as are wanted. */
struct page {
    const char *after;
    size_t max;
    const char *references[PAGE_MAX];
    const void *records[PAGE_MAX];
    size_t count;
};

/* limit 0: the most; false after saying that it is more. */
bool capacity_page_open(struct page *page, const char *after, uint32_t limit, uint32_t most,
                        struct answer *answer);
void capacity_page_offer(struct page *page, const char *reference, const void *record);

/* The service, or NULL after saying that there is none. A provider sees its own only. */
const Dw__Service *capacity_find_service(const struct state *state, const ProtobufCBinaryData *data,
                                         const struct context *ctx, struct answer *answer);

#endif
