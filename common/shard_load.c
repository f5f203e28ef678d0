/* Loading a shard that was just taken: live state, outbox, the ids of each day's replies, the last batch; then it is live.
 * Implements step 6 of "The engine's path of one command". */
#include "common/crash.h"
#include "common/shard_internal.h"

#include <string.h>

static const char model_field[] = "\0model";
enum {
    MODEL_FIELD_LEN = 6,
    CURSOR_FIELD_HEAD = 8, /* "\0cursor:" */
    /* Days ahead count as well: a clock that was put back has left replies under days yet to come. */
    REPLY_DAYS_LOADED = 2 * STORE_REPLY_DAYS + 1,
};

static void load_next(struct shard *shard);

static bool is_old(const struct shard *shard, uint64_t ticket)
{
    return ticket != shard->generation || shard->state != SHARD_LOADING;
}

static void on_live_row(void *context, uint64_t ticket, struct packed field, struct packed value)
{
    struct shard *shard = context;
    int result = 0;
    if (is_old(shard, ticket))
        return;
    if (field.len > 0 && field.bytes[0] != 0)
        result = entities_load(shard->entities, field.bytes, field.len, value.bytes, value.len);
    else if (field.len == MODEL_FIELD_LEN && value.len == STORE_DIGEST_SIZE)
        memcpy(shard->adopted_digest, value.bytes, value.len);
    else if (field.len > CURSOR_FIELD_HEAD)
        result = follow_load(shard, (const char *)field.bytes + CURSOR_FIELD_HEAD,
                             field.len - CURSOR_FIELD_HEAD, value);
    if (result < 0)
        shard_freeze(shard, CODE_COMMIT_FAULT, "a stored record cannot be read");
    crash_here(CRASH_MID_LOAD);
}

static void on_outbox_row(void *context, uint64_t ticket, struct packed field, struct packed value)
{
    struct shard *shard = context;
    if (!is_old(shard, ticket) && outbox_load(shard, field, value) < 0)
        shard_freeze(shard, CODE_COMMIT_FAULT, "a stored outbox row cannot be read");
}

static void on_reply_id(void *context, uint64_t ticket, struct packed field, struct packed value)
{
    (void)value;
    struct shard *shard = context;
    struct id id;
    if (is_old(shard, ticket) || field.len != sizeof id.bytes)
        return;
    memcpy(id.bytes, field.bytes, sizeof id.bytes);
    uint32_t *day = table_put(shard->answered, &id, NULL);
    *day = (uint32_t)shard->load_day;
}

static void on_tail(void *context, uint64_t ticket, uint64_t first_seq, struct packed digest,
                    struct packed value)
{
    struct shard *shard = context;
    (void)first_seq;
    if (is_old(shard, ticket))
        return;
    Dw__Batch *batch = dw__batch__unpack(NULL, value.len, value.bytes);
    if (batch == NULL || digest.len != STORE_DIGEST_SIZE ||
        memcmp(digest.bytes, shard->head.digest, STORE_DIGEST_SIZE) != 0)
        shard_freeze(shard, CODE_STORE_WENT_BACK, "the head is not that of the last batch");
    else
        shard->recorded_ms = batch->recorded_ms;
    dw__batch__free_unpacked(batch, NULL);
}

/* The engine's own event changes nothing but the row beside the records. */
static void evolve_model_adopted(struct state *state, const ProtobufCMessage *event,
                                 const struct recorded *recorded)
{
    (void)state;
    (void)event;
    (void)recorded;
}

static const struct event_row model_adopted = {&dw__model_adopted__descriptor,
                                               evolve_model_adopted};

/* A model whose digest is not the adopted one is adopted before anything is decided under it. */
static void adopt_model(struct shard *shard)
{
    if (shard->settings.service->commands == NULL ||
        memcmp(shard->adopted_digest, shard->settings.model_digest, STORE_DIGEST_SIZE) == 0)
        return;
    Dw__ModelAdopted adopted = DW__MODEL_ADOPTED__INIT;
    adopted.digest = (ProtobufCBinaryData){STORE_DIGEST_SIZE, shard->settings.model_digest};
    const struct principal engine = {.name = shard->settings.service->name,
                                     .role = DW__ROLE__ROLE_SERVICE};
    const struct id id = ids_next(shard->settings.ids, shard->last_now.wall_ms);
    arena_reset(shard->arena);
    decision_begin(shard->scratch, shard->settings.service, shard->arena);
    shard->scratch->events[0] =
        (struct emitted){&model_adopted, pack_into(shard->arena, &adopted.base)};
    shard->scratch->events_count = 1;
    commit_take_decision(shard, shard->last_now, shard->scratch, &id, &engine, NULL);
    struct commit *commit = shard_open_commit(shard);
    const struct store_pair pair = {
        commit_pack(commit, model_field, MODEL_FIELD_LEN),
        commit_pack(commit, shard->settings.model_digest, STORE_DIGEST_SIZE)};
    buffer_append(&commit->live_set, &pair, sizeof pair);
    memcpy(shard->adopted_digest, shard->settings.model_digest, STORE_DIGEST_SIZE);
    arena_reset(shard->arena);
}

static void go_live(struct shard *shard)
{
    entities_index_all(shard->entities);
    outbox_loaded(shard);
    shard->released = shard->head;
    shard->ever_released = true;
    shard->next_due_ms = 0;
    shard->changed_since_due = true;
    shard->live_since_boot_ms = shard->last_now.boot_ms;
    shard_set_state(shard, SHARD_LIVE);
    adopt_model(shard);
}

static void on_part_loaded(void *context, uint64_t ticket, enum store_result result)
{
    struct shard *shard = context;
    if (is_old(shard, ticket))
        return;
    if (result != STORE_OK) {
        shard_recover(shard, "loading was broken off");
        return;
    }
    shard->load_step++;
    load_next(shard);
}

/* Steps of loading: live state, outbox, the ids of each day's replies, the last batch. */
static void load_next(struct shard *shard)
{
    const struct store_operations *store = shard->settings.store->operations;
    struct store *at = shard->settings.store;
    const int64_t today = shard->last_now.wall_ms / DAY_MS;
    const int reply_step = shard->load_step - 2;
    if (shard->load_step == 0) {
        store->load(at, STORE_LIVE, 0, on_live_row, on_part_loaded, shard, shard->generation);
    } else if (shard->load_step == 1) {
        store->load(at, STORE_OUTBOX, 0, on_outbox_row, on_part_loaded, shard, shard->generation);
    } else if (reply_step < REPLY_DAYS_LOADED) {
        shard->load_day = today - STORE_REPLY_DAYS + reply_step;
        store->load(at, STORE_REPLY_IDS, shard->load_day, on_reply_id, on_part_loaded, shard,
                    shard->generation);
    } else if (reply_step == REPLY_DAYS_LOADED && shard->head.seq > 0) {
        store->read_batches(at, shard->head.seq, shard->head.seq, 1, on_tail, on_part_loaded, shard,
                            shard->generation);
    } else {
        go_live(shard);
    }
}

void load_begin(struct shard *shard)
{
    shard->load_step = 0;
    load_next(shard);
}
