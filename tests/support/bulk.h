/* Many records at once, written past the daemons as they would have written them. */
#ifndef DAYWAYS_TESTS_SUPPORT_BULK_H
#define DAYWAYS_TESTS_SUPPORT_BULK_H

#include "tests/support/direct.h"

/* So many active placements, with one event each in the journal; direct is the shard of placements. */
void bulk_placements(struct direct *direct, uint32_t count);

/* Registers of so many placements and months each, a full month of marks; direct is the shard of attendance. */
void bulk_months(struct direct *direct, uint32_t placements, uint32_t months);

#endif
