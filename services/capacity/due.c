/* What time makes necessary: holds lapse. */
#include "services/capacity/state.h"

enum { LAPSED_MAX = 256 }; /* more than the engine ever asks for at once */

int64_t capacity_due(const struct state *state, const struct context *ctx, size_t max,
                     struct due *due)
{
    struct id hold_ids[LAPSED_MAX];
    int64_t next_ms;
    const size_t count = alarms_reached(state->expiries, ctx->now_ms,
                                        max < LAPSED_MAX ? max : LAPSED_MAX, hold_ids, &next_ms);
    for (size_t at = 0; at < count; at++) {
        Dw__ExpireHold command = DW__EXPIRE_HOLD__INIT;
        command.hold_id = id_to_data(&hold_ids[at]);
        due_command(due, &command.base);
    }
    return next_ms;
}
