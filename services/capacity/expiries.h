/* When holds lapse: a binary heap, so that the next one is known at once, with the place of each hold beside it. */
#ifndef DAYWAYS_CAPACITY_EXPIRIES_H
#define DAYWAYS_CAPACITY_EXPIRIES_H

#include <stddef.h>
#include <stdint.h>

#include "common/ids.h"

struct expiries;

struct expiries *capacity_expiries_create(void);
void capacity_expiries_destroy(struct expiries **expiries);

/* The hold lapses at that instant (UTC milliseconds), whatever was said of it before. */
void capacity_expiries_set(struct expiries *expiries, const struct id *hold_id, int64_t expires_ms);

/* The hold no longer lapses; nothing happens when it did not. */
void capacity_expiries_remove(struct expiries *expiries, const struct id *hold_id);

/* Tells at most max holds that have lapsed by now and returns how many. ret_next_ms is when to ask again: now_ms when
 * some were left out, else the next instant, INT64_MAX when nothing lapses. */
size_t capacity_expiries_lapsed(const struct expiries *expiries, int64_t now_ms, size_t max,
                                struct id *ret_hold_ids, int64_t *ret_next_ms);

#endif
