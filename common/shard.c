/* The life of a shard: standby, take, load, live, and back to the beginning whenever its memory may not be the truth. There
 * is no other recovery code. Implements step 6 of "The engine's path of one command" and "Time and failure". */
#include "common/shard.h"

#include "common/calendar.h"
#include "common/crash.h"
#include "common/log.h"
#include "common/shard_internal.h"
#include "common/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    REQUEST_MEMORY_MAX =
        64 * 1024 * 1024, /* one request's arena: 256 KiB of it inflates 48 times at worst */
    CLOCK_STEP_MS = 5000, /* a wall clock that jumps further is not believed at once */
    CLOCK_HOLD_MS = 60 * 1000,
    LEASE_STEP_MS =
        200, /* of the wall clock, forward: more than a clock that is steered does in a turn */
    FETCH_BATCHES_FIRST = 2, /* little, until it is known how large they are */
};

/* --- create and destroy -------------------------------------------------------------------------------------------- */

static void forget_memory(struct shard *shard)
{
    if (shard->live != NULL)
        shard->settings.service->destroy(&shard->live);
    entities_destroy(&shard->entities);
    outbox_forget(shard);
    table_clear(shard->answered);
    table_clear(shard->pending);
    commit_destroy(&shard->open);
    for (size_t at = 0; at < shard->flight_count; at++)
        commit_destroy(&shard->flight[at]);
    shard->flight_count = 0;
    memset(shard->adopted_digest, 0, sizeof shard->adopted_digest);
}

static void make_memory(struct shard *shard)
{
    shard->entities = entities_create(shard->settings.service);
    shard->live = shard->entities == NULL ? NULL : shard->settings.service->create(shard->entities);
    if (shard->live == NULL)
        abort();
    entities_bind(shard->entities, shard->live);
    follow_begin(shard);
}

struct shard *shard_create(const struct shard_settings *settings)
{
    struct shard *shard = calloc(1, sizeof *shard);
    if (shard == NULL)
        return NULL;
    shard->settings = *settings;
    shard->measures = measures_create(settings->metrics, settings->service);
    pseudonym_key(settings->digest_key, shard->pseudonym_key);
    shard->state = SHARD_STANDBY;
    shard->generation = 1;
    shard->fetch_batches = FETCH_BATCHES_FIRST;
    int result = text_format(shard->authority, sizeof shard->authority, "%s", settings->authority);
    if (result == 0)
        result = text_format(shard->topic, sizeof shard->topic, "%s/%s", settings->authority,
                             settings->service->name);
    shard->arena = arena_create(REQUEST_MEMORY_MAX);
    shard->scratch = calloc(1, sizeof *shard->scratch);
    shard->answered = table_create(sizeof(struct id), sizeof(struct answered));
    shard->pending = table_create(sizeof(struct id), sizeof(struct pending *));
    shard->outbox_by_id = table_create(sizeof(struct id), sizeof(struct outbox_row *));
    shard->outbox_queues = table_create(32 + sizeof(struct id), sizeof(struct outbox_queue));
    if (result < 0 || shard->arena == NULL || shard->scratch == NULL || shard->answered == NULL ||
        shard->pending == NULL || shard->outbox_by_id == NULL || shard->outbox_queues == NULL) {
        shard_destroy(&shard);
    }
    return shard;
}

void shard_destroy(struct shard **pointer)
{
    struct shard *shard = *pointer;
    if (shard == NULL)
        return;
    if (shard->answered != NULL && shard->pending != NULL && shard->outbox_by_id != NULL &&
        shard->outbox_queues != NULL)
        forget_memory(shard);
    commit_destroy(&shard->spare);
    table_destroy(&shard->answered);
    table_destroy(&shard->pending);
    table_destroy(&shard->outbox_by_id);
    table_destroy(&shard->outbox_queues);
    buffer_free(&shard->outbox_loading);
    buffer_free(&shard->out);
    arena_destroy(&shard->arena);
    free(shard->scratch);
    free(shard->measures);
    free(shard);
    *pointer = NULL;
}

/* --- small things the other files need ------------------------------------------------------------------------------- */

bool shard_lease_is_valid(struct shard *shard)
{
    return shard->settings.outlet.boot_ms_now(shard->settings.outlet.context) <
           shard->lease_until_boot_ms;
}

void shard_fail(struct shard *shard, const struct bus_address *to, const struct id *request_id,
                const struct rejection *rejection)
{
    const struct answer_head head = {shard->authority, *request_id, 0, shard->last_now.wall_ms};
    struct buffer bytes = {0};
    envelope_failed(&head, rejection, &bytes);
    shard->counts.failed++;
    shard->settings.outlet.reply(shard->settings.outlet.context, to, bytes.bytes, bytes.len);
    buffer_free(&bytes);
}

const char store_silent[] = "The store has not answered; ask again with the same id.";

void shard_fail_code(struct shard *shard, const struct bus_address *to, const struct id *request_id,
                     Dw__ErrorCode code, const char *sentence)
{
    struct rejection rejection;
    rejection_set(&rejection, code, "%s", sentence);
    shard_fail(shard, to, request_id, &rejection);
}

void shard_fail_busy(struct shard *shard, const struct bus_address *to, const struct id *request_id,
                     const char *sentence)
{
    struct rejection rejection;
    rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_BUSY, "%s", sentence);
    rejection.retry_after_ms = SHARD_TAKE_MS;
    shard_fail(shard, to, request_id, &rejection);
}

void copy_principal_to(const struct principal *principal, struct principal *ret_principal,
                       char ret_name[KEY_NAME_MAX + 1])
{
    const int result = text_format(ret_name, KEY_NAME_MAX + 1, "%s", principal->name);
    assert(result == 0); /* the door has checked the length */
    (void)result;
    *ret_principal = *principal;
    ret_principal->name = ret_name;
}

void shard_context(struct shard *shard, struct instant now, const struct principal *principal,
                   struct context *ret_ctx)
{
    *ret_ctx = (struct context){.now_ms = now.wall_ms,
                                .today = calendar_london_date(now.wall_ms),
                                .principal = principal,
                                .model = shard->settings.model,
                                .ids = shard->settings.ids,
                                .pseudonym_key = shard->pseudonym_key};
}

bool shard_is_full(const struct shard *shard)
{
    return shard->open != NULL && (shard->open->changes >= SHARD_CHANGES_MAX ||
                                   shard->open->bytes >= SHARD_COMMIT_BYTES_MAX ||
                                   entities_changed(shard->entities) >= SHARD_ENTITIES_MAX);
}

bool shard_is_stalled(const struct shard *shard, struct instant now)
{
    return shard->flight_count > 0 &&
           now.boot_ms - shard->flight[0]->submitted_boot_ms > SHARD_STALL_MS;
}

bool shard_defers(const struct shard *shard, struct instant now)
{
    return shard->state == SHARD_LIVE && shard_is_full(shard) && !shard_is_stalled(shard, now);
}

const char *shard_authority(const struct shard *shard)
{
    return shard->authority;
}

void shard_set_state(struct shard *shard, enum shard_state state)
{
    static const char *const names[] = {[SHARD_STANDBY] = "standby",
                                        [SHARD_LOADING] = "loading",
                                        [SHARD_LIVE] = "live",
                                        [SHARD_FROZEN] = "frozen",
                                        [SHARD_STOPPED] = "stopped"};
    if (shard->state != state)
        log_info(shard->authority, "%s is %s, was %s, seq %llu epoch %llu",
                 shard->settings.service->name, names[state], names[shard->state],
                 (unsigned long long)shard->released.seq, (unsigned long long)shard->head.epoch);
    shard->state = state;
}

/* --- recover and freeze ---------------------------------------------------------------------------------------------- */

static void tell_all_unavailable(struct shard *shard)
{
    for (size_t at = 0; at < shard->flight_count; at++)
        commit_tell_unavailable(shard, shard->flight[at]);
    if (shard->open != NULL)
        commit_tell_unavailable(shard, shard->open);
}

void shard_recover(struct shard *shard, const char *why)
{
    if (shard->state == SHARD_FROZEN || shard->state == SHARD_STOPPED)
        return;
    log_warn(shard->authority, "%s begins anew: %s", shard->settings.service->name, why);
    shard->counts.recoveries++;
    shard->generation++;
    shard->take_under_way = shard->renew_under_way = false;
    shard->lease_until_boot_ms = 0;
    shard->holder[0] = '\0';
    tell_all_unavailable(shard);
    forget_memory(shard);
    shard_set_state(shard, SHARD_STANDBY);
}

void shard_freeze(struct shard *shard, enum error_code code, const char *why)
{
    log_error(code, shard->authority, "%s: %s", shard->settings.service->name, why);
    shard->generation++;
    shard->frozen_why = error_entry(code)->name;
    tell_all_unavailable(shard);
    forget_memory(shard);
    shard_set_state(shard, SHARD_FROZEN);
}

void shard_store_away(struct shard *shard, struct instant now)
{
    shard->last_now = now;
    if (shard->state == SHARD_LIVE || shard->state == SHARD_LOADING)
        shard_recover(shard, "the store is away");
    shard->take_under_way = shard->renew_under_way = false;
    shard->holder[0] = '\0';
}

/* --- take and renew ------------------------------------------------------------------------------------------------ */

static bool went_back(const struct shard *shard, const struct store_head *head)
{
    return shard->ever_released &&
           (head->version < shard->released.version || head->seq < shard->released.seq ||
            !id_equal(&head->history, &shard->released.history));
}

static void on_taken(void *context, uint64_t ticket, enum store_result result,
                     const struct store_head *head, const char *holder)
{
    struct shard *shard = context;
    if (ticket != shard->generation || shard->state != SHARD_STANDBY)
        return;
    shard->take_under_way = false;
    if (result == STORE_HELD) {
        (void)text_format(shard->holder, sizeof shard->holder, "%s", holder);
        return;
    }
    if (result != STORE_OK)
        return;
    if (went_back(shard, head)) {
        shard_freeze(shard, CODE_STORE_WENT_BACK,
                     "the store is older than what was told to others");
        return;
    }
    shard->holder[0] = '\0';
    shard->lease_until_boot_ms = shard->renew_sent_boot_ms + SHARD_LEASE_MS;
    shard->head = *head;
    shard->head_seq = head->seq;
    make_memory(shard);
    shard_set_state(shard, SHARD_LOADING);
    load_begin(shard);
}

static void take(struct shard *shard, struct instant now)
{
    if (shard->take_under_way || now.boot_ms < shard->next_take_boot_ms || shard->stopping ||
        !shard->settings.store->operations->is_ready(shard->settings.store))
        return;
    const struct id history = ids_next(shard->settings.ids, now.wall_ms);
    shard->take_under_way = true;
    shard->next_take_boot_ms = now.boot_ms + SHARD_TAKE_MS;
    shard->renew_sent_boot_ms = shard->settings.outlet.boot_ms_now(shard->settings.outlet.context);
    shard->settings.store->operations->take(shard->settings.store, shard->settings.owner,
                                            SHARD_LEASE_MS, &history, on_taken, shard,
                                            shard->generation);
}

static void on_renewed(void *context, uint64_t ticket, enum store_result result)
{
    struct shard *shard = context;
    if (ticket != shard->generation)
        return;
    shard->renew_under_way = false;
    if (shard->giving_up_lease) {
        shard_set_state(shard, SHARD_STOPPED);
        return;
    }
    if (result == STORE_OK)
        shard->lease_until_boot_ms = shard->renew_sent_boot_ms + SHARD_LEASE_MS;
    else if (result == STORE_EPOCH)
        shard_recover(shard, "the lease is lost");
}

static void renew(struct shard *shard, struct instant now, int64_t lease_ms)
{
    if (shard->renew_under_way)
        return;
    if (lease_ms > 0 && now.boot_ms - shard->renew_sent_boot_ms < SHARD_RENEW_MS)
        return;
    shard->renew_under_way = true;
    shard->renew_sent_boot_ms = shard->settings.outlet.boot_ms_now(shard->settings.outlet.context);
    shard->settings.store->operations->renew(shard->settings.store, shard->settings.owner, lease_ms,
                                             on_renewed, shard, shard->generation);
}

void shard_stop(struct shard *shard)
{
    shard->stopping = true;
    if (shard->state == SHARD_STANDBY || shard->state == SHARD_FROZEN)
        shard_set_state(shard, SHARD_STOPPED);
}

/* Everything in flight is released: the lease can go. */
static void stop_turn(struct shard *shard, struct instant now)
{
    if (shard->state == SHARD_STANDBY || shard->state == SHARD_FROZEN)
        shard_set_state(shard, SHARD_STOPPED);
    if (shard->state == SHARD_LIVE && (shard->flight_count > 0 || !commit_is_empty(shard->open)))
        return;
    if (shard->state == SHARD_LIVE || shard->state == SHARD_LOADING) {
        if (shard->renew_under_way)
            return;
        shard->giving_up_lease = true;
        renew(shard, now, 0);
    }
}

/* --- a turn -------------------------------------------------------------------------------------------------------- */

/* A wall clock that steps is held back from what time makes necessary. */
static void watch_clock(struct shard *shard, struct instant now)
{
    const struct instant last = shard->clock_seen;
    shard->clock_seen = now;
    if (last.boot_ms == 0)
        return;
    const int64_t step_ms = (now.wall_ms - last.wall_ms) - (now.boot_ms - last.boot_ms);
    /* The store counts leases on a wall clock, most likely this one: ours may have ended while we thought it had not. */
    if (step_ms > LEASE_STEP_MS)
        shard->lease_until_boot_ms = shard->renew_sent_boot_ms = 0;
    if (step_ms > CLOCK_STEP_MS || step_ms < -CLOCK_STEP_MS) {
        log_error(CODE_CLOCK_STEPPED, shard->authority, "by %lld ms", (long long)step_ms);
        shard->clock_held_until_boot_ms = now.boot_ms + CLOCK_HOLD_MS;
    }
}

bool shard_turn(struct shard *shard, struct instant now)
{
    shard->last_now = now;
    watch_clock(shard, now);
    if (shard->state == SHARD_STANDBY)
        take(shard, now);
    if (shard->state == SHARD_LIVE && !shard->stopping) {
        follow_turn(shard, now);
        outbox_turn(shard, now);
        if (now.boot_ms >= shard->clock_held_until_boot_ms && follow_is_current(shard) &&
            !shard_is_full(shard))
            request_due(shard, now);
        replies_sweep(shard, now);
    }
    if (shard->state == SHARD_LIVE)
        commit_turn(shard, now);
    if (shard->state == SHARD_LIVE)
        journal_publish_head(shard, now);
    if ((shard->state == SHARD_LIVE || shard->state == SHARD_LOADING) && !shard->giving_up_lease)
        renew(shard, now, SHARD_LEASE_MS);
    if (shard->stopping)
        stop_turn(shard, now);
    return false;
}

bool shard_answer(struct shard *shard, struct instant now, const Dw__Envelope *envelope)
{
    shard->last_now = now;
    return follow_answer(shard, now, envelope) || outbox_answer(shard, now, envelope);
}

void shard_status(const struct shard *shard, struct shard_status *ret_status)
{
    *ret_status = shard->counts;
    ret_status->state = shard->state;
    ret_status->frozen_why = shard->frozen_why;
    ret_status->held_by_other = shard->holder[0] != '\0';
    ret_status->head_seq = shard->released.seq;
    ret_status->epoch = shard->head.epoch;
    ret_status->version = shard->released.version;
    ret_status->entities = shard->entities == NULL ? 0 : entities_total(shard->entities);
    ret_status->outbox = table_count(shard->outbox_by_id);
    ret_status->in_flight = shard->flight_count;
    ret_status->followed = shard->followers_count;
    for (size_t at = 0; at < shard->followers_count; at++) {
        const struct follower *follower = &shard->followers[at];
        ret_status->lag_events += follower->head_seq - follower->seq;
        ret_status->folded_events += follower->seq;
        const int64_t lag_ms = follower->head_seq > follower->seq && follower->folded_ms > 0
                                   ? shard->last_now.wall_ms - follower->folded_ms
                                   : 0;
        if (lag_ms > ret_status->lag_ms)
            ret_status->lag_ms = lag_ms;
        ret_status->followed_current += follower->heard && follower->seq >= follower->head_seq;
        if (follower->stopped_why != NULL)
            ret_status->frozen_why = follower->stopped_why;
    }
}
