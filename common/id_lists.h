/* Lists of ids, each under an id: what belongs to somebody. An index: memory for what is in a list only. */
#ifndef DAYWAYS_COMMON_ID_LISTS_H
#define DAYWAYS_COMMON_ID_LISTS_H

#include "common/ids.h"

struct id_lists;

struct id_lists *id_lists_create(void);
void id_lists_destroy(struct id_lists **lists);

/* Puts the member in front of the owner's list. It must be in no list, and not zero. */
void id_lists_add(struct id_lists *lists, const struct id *owner_id, const struct id *member_id);
/* Nothing happens when it is not in the owner's list. Takes as many steps as the list is long. */
void id_lists_remove(struct id_lists *lists, const struct id *owner_id, const struct id *member_id);

/* The owner's first member and the one behind a member; NULL: there is none. Valid until the next add or remove. */
const struct id *id_lists_first(const struct id_lists *lists, const struct id *owner_id);
const struct id *id_lists_next(const struct id_lists *lists, const struct id *member_id);

#endif
