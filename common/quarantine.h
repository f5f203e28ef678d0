/* Which command was being decided when the process died, so that one that kills it twice is not tried a third time. A small
 * mapped file: writing it costs a few stores, and the kernel keeps it through a kill. */
#ifndef DAYWAYS_COMMON_QUARANTINE_H
#define DAYWAYS_COMMON_QUARANTINE_H

#include "common/ids.h"

struct quarantine;

/* Opens or makes the file and counts what was being decided. 0 or -errno. */
int quarantine_open(const char *path, struct quarantine **ret_quarantine);
void quarantine_close(struct quarantine **quarantine);

/* True when deciding this command killed the process twice. */
bool quarantine_has(const struct quarantine *quarantine, const struct id *command_id);

/* Around every decision. */
void quarantine_begin(struct quarantine *quarantine, const struct id *command_id);
void quarantine_end(struct quarantine *quarantine);

#endif
