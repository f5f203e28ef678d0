/* See page.h. */
#include "services/capacity/page.h"

#include <string.h>

bool capacity_page_open(struct page *page, const char *after, uint32_t limit, uint32_t most,
                        struct answer *answer)
{
    if (limit > most) {
        answer_invalid(answer, "limit", "a page has at most %u entries", most);
        return false;
    }
    page->after = after;
    page->max = limit == 0 ? most : limit;
    page->count = 0;
    return true;
}

void capacity_page_offer(struct page *page, const char *reference, const void *record)
{
    if (strcmp(reference, page->after) <= 0)
        return;
    size_t at = page->count;
    if (at == page->max) {
        at--;
        if (strcmp(reference, page->references[at]) >= 0)
            return;
    } else {
        page->count++;
    }
    for (; at > 0 && strcmp(reference, page->references[at - 1]) < 0; at--) {
        page->references[at] = page->references[at - 1];
        page->records[at] = page->records[at - 1];
    }
    page->references[at] = reference;
    page->records[at] = record;
}
