/* Lists of keys, each under an owner's key: what belongs to somebody. An index: memory for what is in a list only, and what is
 * taken out costs the same however long the list is. */
#ifndef DAYWAYS_COMMON_LISTS_H
#define DAYWAYS_COMMON_LISTS_H

#include <stddef.h>
#include <stdint.h>

struct lists;

/* Keys are bytes of these sizes, without padding; a member at most 20, and not all zeros. */
struct lists *lists_create(size_t owner_size, size_t member_size);
void lists_destroy(struct lists **lists);

/* Puts the member in front of the owner's list. It must be in no list. */
void lists_add(struct lists *lists, const void *owner, const void *member);
/* The member is in this owner's list, or in none: then nothing happens. */
void lists_remove(struct lists *lists, const void *owner, const void *member);

/* The owner's first member and the one behind a member; NULL: there is none. Valid until the next add or remove. */
const void *lists_first(const struct lists *lists, const void *owner);
const void *lists_next(const struct lists *lists, const void *member);
uint32_t lists_count(const struct lists *lists, const void *owner);

#endif
