/* What time makes necessary: the rest of an erasure at once, other age bands when a month is over. */
#include "services/referrals/state.h"

int64_t referrals_due(const struct state *state, const struct context *ctx, size_t max,
                      struct due *due)
{
    static const uint32_t all = 0;
    size_t count = 0;
    for (const struct id *at = lists_first(state->erasing, &all); at != NULL;
         at = lists_next(state->erasing, at)) {
        Dw__ContinueErasure more = DW__CONTINUE_ERASURE__INIT;
        if (count++ == max)
            return ctx->now_ms;
        more.person_id = id_to_data(at);
        due_command(due, &more.base);
    }
    return referrals_due_bands(state, ctx, max - count, due);
}
