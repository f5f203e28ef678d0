/* What time makes necessary: holds lapse. */
#include "services/capacity/due.h"

enum { TAKEN_MAX = 64 }; /* commands of one call; more come with the next */

/* True when the entry still says when its hold lapses. */
static bool is_current(const struct state *state, const struct expiry *entry)
{
    const Dw__Booking *booking = capacity_booking(state, &entry->hold_id);
    return booking != NULL && booking->state == DW__BOOKING_STATE__BOOKING_STATE_HELD &&
           booking->expires_ms == entry->expires_ms;
}

/* The earliest entry that is still true, or NULL. */
static const struct expiry *next_current(const struct state *state)
{
    const struct expiry *entry = expiry_peek(state->expiries);
    while (entry != NULL && !is_current(state, entry)) {
        expiry_pop(state->expiries);
        entry = expiry_peek(state->expiries);
    }
    return entry;
}

static bool is_taken(const struct expiry *taken, size_t count, const struct expiry *entry)
{
    for (size_t at = 0; at < count; at++)
        if (id_equal(&taken[at].hold_id, &entry->hold_id))
            return true;
    return false;
}

int64_t capacity_due(const struct state *state, const struct context *ctx, size_t max,
                     struct due *due)
{
    struct expiry taken[TAKEN_MAX];
    size_t count = 0;
    timetable_roll(state->timetable, ctx->today);
    const struct expiry *entry = next_current(state);
    while (entry != NULL && entry->expires_ms <= ctx->now_ms && count < max && count < TAKEN_MAX) {
        const struct expiry found = *entry;
        expiry_pop(state->expiries);
        if (!is_taken(taken, count, &found)) {
            taken[count++] = found;
            Dw__ExpireHold command = DW__EXPIRE_HOLD__INIT;
            command.hold_id = id_to_data(&found.hold_id);
            due_command(due, &command.base);
        }
        entry = next_current(state);
    }
    const int64_t next_ms = entry == NULL ? INT64_MAX : entry->expires_ms;
    /* They stay until the hold has lapsed indeed: the engine may fail to run a command. */
    for (size_t at = 0; at < count; at++)
        expiry_push(state->expiries, &taken[at]);
    return next_ms;
}
