/* What time makes necessary: erasure that goes on, and work and volunteering that may have been sustained for 13 or 26 weeks. */
#include "services/outcomes/state.h"

enum { REACHED_MAX = 256 }; /* more than the engine ever asks for at once */

int64_t outcomes_due(const struct state *state, const struct context *ctx, size_t max,
                     struct due *due)
{
    struct id ids[REACHED_MAX];
    int64_t next_ms;
    static const uint32_t all = 0;
    size_t erasures = 0;
    for (const struct id *at = lists_first(state->erasing, &all); at != NULL;
         at = lists_next(state->erasing, at)) {
        Dw__ContinueTextErasure more = DW__CONTINUE_TEXT_ERASURE__INIT;
        if (erasures++ == max)
            return ctx->now_ms;
        more.person_id = id_to_data(at);
        due_command(due, &more.base);
    }
    const size_t left = max - erasures;
    const size_t most = left < REACHED_MAX ? left : REACHED_MAX;
    const size_t count = alarms_reached(state->sustained, ctx->now_ms, most, ids, &next_ms);
    for (size_t at = 0; at < count; at++) {
        Dw__CheckMilestone check = DW__CHECK_MILESTONE__INIT;
        check.milestone_id = id_to_data(&ids[at]);
        due_command(due, &check.base);
    }
    return next_ms;
}
