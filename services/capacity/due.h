/* What time makes necessary in capacity. */
#ifndef DAYWAYS_CAPACITY_DUE_H
#define DAYWAYS_CAPACITY_DUE_H

#include "services/capacity/state.h"

int64_t capacity_due(const struct state *state, const struct context *ctx, size_t max,
                     struct due *due);

#endif
