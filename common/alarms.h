/* When something next has to be looked at: ids by instant, in a binary heap, so that the next one is known at once, with the place
 * of each id beside it. An index: nothing in it is stored. */
#ifndef DAYWAYS_COMMON_ALARMS_H
#define DAYWAYS_COMMON_ALARMS_H

#include "common/ids.h"

#include <stddef.h>
#include <stdint.h>

struct alarms;

struct alarms *alarms_create(void);
void alarms_destroy(struct alarms **alarms);

/* The id's instant (UTC milliseconds), whatever was said of it before. */
void alarms_set(struct alarms *alarms, const struct id *id, int64_t at_ms);

/* The id has none any more; nothing happens when it had none. */
void alarms_remove(struct alarms *alarms, const struct id *id);

/* Tells at most max ids whose instant has come by now and returns how many. ret_next_ms is when to ask again: now_ms when some
 * were left out, else the next instant, INT64_MAX when there is none. */
size_t alarms_reached(const struct alarms *alarms, int64_t now_ms, size_t max, struct id *ret_ids,
                      int64_t *ret_next_ms);

#endif
