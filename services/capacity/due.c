/* What time makes necessary: holds lapse, contracts near their end and come to it, assurances expire, visits
 * fall due, what one decision could not tell is told, and whoever has room again hears of it. */
#include "common/calendar.h"
#include "services/capacity/room.h"

enum {
    DUE_MAX = 256,   /* more than the engine ever asks for at once */
    LOOKED_MAX = 16, /* sessions in which room is looked for at once: each may take a millisecond */
};

/* What is made so far, and when to ask again. */
struct making {
    struct due *due;
    size_t left; /* commands that may still be given */
    int64_t next_ms;
};

static void ask_again(struct making *making, int64_t when_ms)
{
    making->next_ms = when_ms < making->next_ms ? when_ms : making->next_ms;
}

/* Gives the command for each id whose instant has come. The command's first field is the id. */
static void give(struct making *making, const ProtobufCMessageDescriptor *type,
                 const struct id *ids, size_t count)
{
    for (size_t at = 0; at < count; at++) {
        Dw__ExpireHold command = DW__EXPIRE_HOLD__INIT;
        command.base.descriptor = type;
        command.hold_id = id_to_data(&ids[at]);
        due_command(making->due, &command.base);
    }
    making->left -= count;
}

static void lapse_holds(const struct state *state, const struct context *ctx, struct making *making)
{
    struct id ids[DUE_MAX];
    int64_t next_ms;
    const size_t count = alarms_reached(state->expiries, ctx->now_ms, making->left, ids, &next_ms);
    give(making, &dw__expire_hold__descriptor, ids, count);
    ask_again(making, next_ms);
}

/* Whatever has a date in the heap is looked at when today is so many days after it (before it, when negative). */
static void look_at_dates(const struct alarms *dates, int32_t days_after,
                          const ProtobufCMessageDescriptor *type, const struct context *ctx,
                          struct making *making)
{
    struct id ids[DUE_MAX];
    int64_t next_ms;
    const int64_t until_ms = (ctx->today - days_after) * MS_PER_DAY;
    const size_t count = alarms_reached(dates, until_ms, making->left, ids, &next_ms);
    give(making, type, ids, count);
    if (next_ms == INT64_MAX)
        return;
    const int32_t date = (int32_t)(next_ms / MS_PER_DAY) + days_after;
    ask_again(making, date <= ctx->today ? ctx->now_ms : calendar_london_to_utc(date, 0));
}

/* One step a turn: a step is nearly a whole commit's worth. */
static void go_on_telling(const struct state *state, const struct context *ctx,
                          struct making *making)
{
    if (making->left == 0 || entities_count(state->entities, KIND_TELLING) == 0)
        return;
    const Dw__Telling *telling = entities_at(state->entities, KIND_TELLING, 0, NULL);
    Dw__TellDisruptions command = DW__TELL_DISRUPTIONS__INIT;
    command.subject_id = telling->subject_id;
    command.what = telling->what;
    due_command(making->due, &command.base);
    making->left--;
    ask_again(making, ctx->now_ms);
}

/* Whether somebody has room again in the sessions that have changed since they were looked at. It makes indexes only. */
static void look_for_room(const struct state *state, const struct context *ctx,
                          struct making *making)
{
    struct id ids[LOOKED_MAX];
    int64_t next_ms;
    const size_t count = alarms_reached(state->unlooked, 0, LOOKED_MAX, ids, &next_ms);
    for (size_t at = 0; at < count; at++) {
        const int32_t last = capacity_regained_last(state, &ids[at], ctx->today);
        if (last == INT32_MIN)
            alarms_remove(state->regained, &ids[at]);
        else
            alarms_set(state->regained, &ids[at], -last * MS_PER_DAY);
        alarms_remove(state->unlooked, &ids[at]);
    }
    if (next_ms != INT64_MAX)
        ask_again(making, ctx->now_ms);
}

/* What has been is history: only sittings from today on are there again. */
static void restore_sittings(const struct state *state, const struct context *ctx,
                             struct making *making)
{
    struct id ids[DUE_MAX];
    int64_t next_ms;
    look_for_room(state, ctx, making);
    const size_t count =
        alarms_reached(state->regained, -ctx->today * MS_PER_DAY, making->left, ids, &next_ms);
    give(making, &dw__restore_sittings__descriptor, ids, count);
    if (count > 0)
        ask_again(making, ctx->now_ms);
}

/* A framework's last date is the model's until its term is exercised, so warnings go by what both say now. It makes indexes only. */
static void warn_of_ends(const struct state *state, const struct context *ctx,
                         struct making *making)
{
    const struct framework_terms frameworks = capacity_framework_terms(state, ctx);
    capacity_index_frameworks(state, &frameworks);
    if (capacity_warning_days(ctx) > 0)
        look_at_dates(state->contract_warnings, -(int32_t)capacity_warning_days(ctx),
                      &dw__check_contract__descriptor, ctx, making);
}

int64_t capacity_due(const struct state *state, const struct context *ctx, size_t max,
                     struct due *due)
{
    struct making making = {due, max < DUE_MAX ? max : DUE_MAX, INT64_MAX};
    go_on_telling(state, ctx, &making);
    restore_sittings(state, ctx, &making);
    lapse_holds(state, ctx, &making);
    look_at_dates(state->contract_ends, 1, &dw__check_contract__descriptor, ctx, &making);
    warn_of_ends(state, ctx, &making);
    look_at_dates(state->assurances, 1, &dw__check_assurance__descriptor, ctx, &making);
    look_at_dates(state->rates, 0, &dw__check_rates__descriptor, ctx, &making);
    if (capacity_visit_days(ctx) > 0)
        look_at_dates(state->visits, (int32_t)capacity_visit_days(ctx),
                      &dw__check_visit__descriptor, ctx, &making);
    return making.next_ms;
}
