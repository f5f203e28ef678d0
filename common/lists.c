/* Lists of keys under keys: see lists.h. */
#include "common/lists.h"

#include "common/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBER_MAX = 20 }; /* bytes: an id and a number */

struct head {
    uint32_t count;
    uint8_t first[MEMBER_MAX];
};

/* Zeros: there is none. */
struct neighbours {
    uint8_t before[MEMBER_MAX];
    uint8_t after[MEMBER_MAX];
};

struct lists {
    size_t member_size;
    struct table *heads; /* owner -> struct head */
    struct table *links; /* member -> struct neighbours */
};

struct lists *lists_create(size_t owner_size, size_t member_size)
{
    struct lists *lists = calloc(1, sizeof *lists);
    if (lists == NULL)
        return NULL;
    assert(member_size <= MEMBER_MAX);
    lists->member_size = member_size;
    lists->heads = table_create(owner_size, sizeof(struct head));
    lists->links = table_create(member_size, sizeof(struct neighbours));
    if (lists->heads == NULL || lists->links == NULL)
        lists_destroy(&lists);
    return lists;
}

void lists_destroy(struct lists **pointer)
{
    struct lists *lists = *pointer;
    if (lists == NULL)
        return;
    table_destroy(&lists->heads);
    table_destroy(&lists->links);
    free(lists);
    *pointer = NULL;
}

static bool is_some(const uint8_t member[MEMBER_MAX])
{
    static const uint8_t none[MEMBER_MAX];
    return memcmp(member, none, MEMBER_MAX) != 0;
}

void lists_add(struct lists *lists, const void *owner, const void *member)
{
    bool is_new;
    struct neighbours *own = table_put(lists->links, member, &is_new);
    struct head *head = table_put(lists->heads, owner, NULL);
    assert(is_new);
    memcpy(own->after, head->first, MEMBER_MAX);
    if (head->count++ > 0)
        memcpy(((struct neighbours *)table_get(lists->links, head->first))->before, member,
               lists->member_size);
    memcpy(head->first, member, lists->member_size);
}

void lists_remove(struct lists *lists, const void *owner, const void *member)
{
    struct head *head = table_get(lists->heads, owner);
    const struct neighbours *own = table_get(lists->links, member);
    if (head == NULL || own == NULL)
        return;
    if (is_some(own->before))
        memcpy(((struct neighbours *)table_get(lists->links, own->before))->after, own->after,
               MEMBER_MAX);
    else
        memcpy(head->first, own->after, MEMBER_MAX);
    if (is_some(own->after))
        memcpy(((struct neighbours *)table_get(lists->links, own->after))->before, own->before,
               MEMBER_MAX);
    (void)table_remove(lists->links, member);
    if (--head->count == 0)
        (void)table_remove(lists->heads, owner);
}

const void *lists_first(const struct lists *lists, const void *owner)
{
    const struct head *head = table_get(lists->heads, owner);
    return head == NULL ? NULL : head->first;
}

const void *lists_next(const struct lists *lists, const void *member)
{
    const struct neighbours *own = table_get(lists->links, member);
    return own != NULL && is_some(own->after) ? own->after : NULL;
}

uint32_t lists_count(const struct lists *lists, const void *owner)
{
    const struct head *head = table_get(lists->heads, owner);
    return head == NULL ? 0 : head->count;
}
