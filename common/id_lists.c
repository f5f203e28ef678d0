/* Lists of ids under ids: see id_lists.h. */
#include "common/id_lists.h"

#include "common/table.h"

#include <assert.h>
#include <stdlib.h>

struct id_lists {
    struct table *first; /* owner id -> id of the first member */
    struct table *next;  /* member id -> id of the next one, or zero */
};

struct id_lists *id_lists_create(void)
{
    struct id_lists *lists = calloc(1, sizeof *lists);
    if (lists == NULL)
        return NULL;
    lists->first = table_create(sizeof(struct id), sizeof(struct id));
    lists->next = table_create(sizeof(struct id), sizeof(struct id));
    if (lists->first == NULL || lists->next == NULL)
        id_lists_destroy(&lists);
    return lists;
}

void id_lists_destroy(struct id_lists **pointer)
{
    struct id_lists *lists = *pointer;
    if (lists == NULL)
        return;
    table_destroy(&lists->first);
    table_destroy(&lists->next);
    free(lists);
    *pointer = NULL;
}

void id_lists_add(struct id_lists *lists, const struct id *owner_id, const struct id *member_id)
{
    bool is_new;
    struct id *next = table_put(lists->next, member_id, &is_new);
    struct id *first = table_put(lists->first, owner_id, NULL);
    assert(is_new && !id_is_zero(member_id));
    *next = *first;
    *first = *member_id;
}

void id_lists_remove(struct id_lists *lists, const struct id *owner_id, const struct id *member_id)
{
    struct id *at = table_get(lists->first, owner_id);
    while (at != NULL && !id_equal(at, member_id))
        at = id_is_zero(at) ? NULL : table_get(lists->next, at);
    if (at == NULL)
        return;
    *at = *(const struct id *)table_get(lists->next, member_id);
    (void)table_remove(lists->next, member_id);
    if (id_is_zero(table_get(lists->first, owner_id)))
        (void)table_remove(lists->first, owner_id);
}

static const struct id *none_if_zero(const struct id *id)
{
    return id == NULL || id_is_zero(id) ? NULL : id;
}

const struct id *id_lists_first(const struct id_lists *lists, const struct id *owner_id)
{
    return none_if_zero(table_get(lists->first, owner_id));
}

const struct id *id_lists_next(const struct id_lists *lists, const struct id *member_id)
{
    return none_if_zero(table_get(lists->next, member_id));
}
