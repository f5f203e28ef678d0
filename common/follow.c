/* Following other services' journals: a published batch that follows on is folded, anything else is fetched; the cursor goes
 * to disk in the same commit as what was folded. Live and catching up are the same code. Implements "Events to others". */
#include "common/log.h"
#include "common/shard_internal.h"
#include "common/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    FETCH_LIMIT = 1000,    /* batches a fetch; its replies are cut at 64 KiB anyway */
    FETCH_REPLIES = 8,     /* half a megabyte: while it is folded, the owner reads as much again */
    UNSENT_MS = 20,        /* nobody was connected */
    FETCH_AGAIN_MS = 1000, /* an answer takes milliseconds: the owner is away */
    HEARD_WAIT_MS = 10 * 1000, /* how long due work waits for a followed service that is silent */
};

/* Names of the services followed, each once, from the table of reactions. */
void follow_begin(struct shard *shard)
{
    shard->followers_count = 0;
    const struct reaction_row *row = shard->settings.service->reactions;
    for (; row != NULL && row->type != NULL; row++) {
        size_t at = 0;
        while (at < shard->followers_count &&
               strcmp(shard->followers[at].service, row->service) != 0)
            at++;
        if (at < shard->followers_count)
            continue;
        assert(shard->followers_count < SHARD_FOLLOWED_MAX);
        shard->followers[shard->followers_count++] = (struct follower){.service = row->service};
    }
}

static struct follower *find_follower(struct shard *shard, const char *service, size_t len)
{
    for (size_t at = 0; at < shard->followers_count; at++)
        if (strlen(shard->followers[at].service) == len &&
            memcmp(shard->followers[at].service, service, len) == 0)
            return &shard->followers[at];
    return NULL;
}

int follow_load(struct shard *shard, const char *service, size_t service_len, struct packed value)
{
    struct follower *follower = find_follower(shard, service, service_len);
    Dw__Cursor *cursor = dw__cursor__unpack(NULL, value.len, value.bytes);
    int result = -1;
    if (cursor != NULL && cursor->digest.len == STORE_DIGEST_SIZE) {
        if (follower != NULL) {
            follower->seq = follower->head_seq = cursor->seq;
            memcpy(follower->digest, cursor->digest.data, STORE_DIGEST_SIZE);
            (void)id_from_data(&cursor->history, &follower->history);
        }
        result = 0;
    }
    dw__cursor__free_unpacked(cursor, NULL);
    return result;
}

/* Puts the cursors that moved into the commit. */
void follow_commit(struct shard *shard, struct commit *commit)
{
    for (size_t at = 0; at < shard->followers_count; at++) {
        struct follower *follower = &shard->followers[at];
        if (!follower->changed)
            continue;
        follower->changed = false;
        char field[64];
        field[0] = '\0';
        (void)text_format(field + 1, sizeof field - 1, "cursor:%s", follower->service);
        Dw__Cursor cursor = DW__CURSOR__INIT;
        cursor.seq = follower->seq;
        cursor.digest = (ProtobufCBinaryData){STORE_DIGEST_SIZE, follower->digest};
        cursor.history = id_to_data(&follower->history);
        struct buffer packed = {0};
        buffer_pack(&packed, &cursor.base);
        const struct store_pair pair = {commit_pack(commit, field, 1 + strlen(field + 1)),
                                        commit_pack(commit, packed.bytes, packed.len)};
        buffer_append(&commit->live_set, &pair, sizeof pair);
        buffer_free(&packed);
    }
}

static void stop_following(struct shard *shard, struct follower *follower, enum error_code code,
                           const char *why)
{
    log_error(code, shard->authority, "following %s after seq %llu: %s", follower->service,
              (unsigned long long)follower->seq, why);
    follower->stopped_why = error_entry(code)->name;
}

/* --- folding ------------------------------------------------------------------------------------------------------ */

static uint64_t events_in(const Dw__Batch *batch)
{
    uint64_t count = 0;
    for (size_t at = 0; at < batch->n_decisions; at++)
        count += batch->decisions[at]->n_events;
    return count;
}

static const struct reaction_row *find_reaction(const struct shard *shard, const char *service,
                                                const char *type)
{
    const struct reaction_row *row = shard->settings.service->reactions;
    for (; row->type != NULL; row++)
        if (strcmp(message_name(row->type), type) == 0 && strcmp(row->service, service) == 0)
            return row;
    return NULL;
}

static void react(struct shard *shard, struct instant now, const struct reaction_row *row,
                  const struct foreign_event *foreign)
{
    if (row->fold != NULL) {
        /* The order of several journals means nothing, so what a fold writes carries no seq. */
        entities_set_seq(shard->entities, 0);
        row->fold(shard->live, foreign);
        return;
    }
    struct context ctx;
    shard_context(shard, now, foreign->principal, &ctx);
    decision_begin(shard->scratch, shard->settings.service, shard->arena);
    row->react(shard->live, foreign, &ctx, shard->scratch);
    assert(!decision_is_no(shard->scratch)); /* a fact cannot be refused */
    commit_take_decision(shard, now, shard->scratch, &foreign->command_id, foreign->principal,
                         NULL);
}

/* An event and what it means here; row NULL: nothing. */
struct opened_event {
    const struct reaction_row *row;
    const Dw__Decision *decision;
    const ProtobufCMessage *message;
};

/* Opens every event before the first is folded: a batch takes effect whole or not at all. NULL: the follower has stopped. */
static struct opened_event *open_events(struct shard *shard, struct follower *follower,
                                        const Dw__Batch *batch, size_t count)
{
    struct opened_event *opened = arena_alloc(shard->arena, (count + 1) * sizeof *opened);
    size_t at = 0;
    if (opened == NULL)
        arena_full(shard->arena);
    for (size_t d = 0; d < batch->n_decisions; d++)
        for (size_t e = 0; e < batch->decisions[d]->n_events; e++, at++) {
            const Dw__Event *event = batch->decisions[d]->events[e];
            opened[at].decision = batch->decisions[d];
            opened[at].row = find_reaction(shard, follower->service, event->type);
            if (opened[at].row != NULL)
                opened[at].message =
                    protobuf_c_message_unpack(opened[at].row->type, arena_allocator(shard->arena),
                                              event->body.len, event->body.data);
            if (opened[at].row != NULL ? opened[at].message == NULL
                                       : message_find(event->type) == NULL) {
                stop_following(shard, follower, CODE_UNKNOWN_EVENT, event->type);
                return NULL;
            }
        }
    return opened;
}

static void fold_event(struct shard *shard, struct instant now, const struct follower *follower,
                       const Dw__Batch *batch, const struct opened_event *opened)
{
    const Dw__Decision *decision = opened->decision;
    const struct principal principal = decision->principal == NULL
                                           ? (struct principal){.name = ""}
                                           : principal_from_message(decision->principal);
    struct foreign_event foreign = {.service = follower->service,
                                    .seq = follower->seq + 1,
                                    .recorded_ms = batch->recorded_ms,
                                    .principal = &principal,
                                    .message = opened->message};
    (void)id_from_data(&decision->command_id, &foreign.command_id);
    react(shard, now, opened->row, &foreign);
}

/* What stands for a batch in the quarantine, which the shards of a daemon share: its digest, which no batch of another
 * council, service or history has. */
static struct id batch_id(const uint8_t digest[STORE_DIGEST_SIZE])
{
    struct id id;
    memcpy(id.bytes, digest, sizeof id.bytes);
    return id;
}

static bool is_quarantined(struct shard *shard, struct follower *follower, const uint8_t *digest)
{
    const struct id id = batch_id(digest);
    if (shard->settings.quarantine == NULL)
        return false;
    if (quarantine_has(shard->settings.quarantine, &id)) {
        stop_following(shard, follower, CODE_QUARANTINED,
                       "the next batch has ended the daemon twice");
        return true;
    }
    quarantine_begin(shard->settings.quarantine, &id);
    return false;
}

static bool fold_batch(struct shard *shard, struct instant now, struct follower *follower,
                       const Dw__Batch *batch, const uint8_t digest[STORE_DIGEST_SIZE])
{
    const size_t count = (size_t)events_in(batch);
    const struct opened_event *opened = open_events(shard, follower, batch, count);
    if (opened == NULL || is_quarantined(shard, follower, digest))
        return false;
    struct commit *commit = shard_open_commit(shard);
    const size_t before = entities_changed(shard->entities);
    for (size_t at = 0; at < count; at++) {
        if (opened[at].row != NULL)
            fold_event(shard, now, follower, batch, &opened[at]);
        follower->seq++;
    }
    if (shard->settings.quarantine != NULL)
        quarantine_end(shard->settings.quarantine);
    follower->folded_ms = batch->recorded_ms;
    commit_note_cursor(commit, now, entities_changed(shard->entities) > before);
    follower->changed = true;
    shard->changed_since_due = true;
    return true;
}

/* One stored batch that begins right behind the cursor. False: stop, it is not what follows. */
static bool take_batch(struct shard *shard, struct instant now, struct follower *follower,
                       const Dw__Batch *batch, struct packed bytes, const void *digest)
{
    uint8_t expected[STORE_DIGEST_SIZE];
    struct id history;
    if (!id_from_data(&batch->history, &history) ||
        (!id_is_zero(&follower->history) && !id_equal(&history, &follower->history))) {
        stop_following(shard, follower, CODE_JOURNAL_WENT_BACK, "it has another history");
        return false;
    }
    shard_digest(shard->settings.digest_key, follower->digest, bytes.bytes, bytes.len, expected);
    if (memcmp(expected, digest, STORE_DIGEST_SIZE) != 0) {
        stop_following(shard, follower, CODE_DIGEST_MISMATCH, "a batch is not what was written");
        return false;
    }
    if (!fold_batch(shard, now, follower, batch, expected))
        return false;
    follower->back_since_boot_ms = 0;
    follower->history = history;
    memcpy(follower->digest, expected, STORE_DIGEST_SIZE);
    return true;
}

static Dw__Batch *open_batch(struct shard *shard, struct follower *follower, struct packed bytes)
{
    Dw__Batch *batch = dw__batch__unpack(arena_allocator(shard->arena), bytes.len, bytes.bytes);
    if (batch == NULL || strcmp(batch->authority, shard->authority) != 0 ||
        strcmp(batch->service, follower->service) != 0)
        return NULL;
    return batch;
}

void shard_batch(struct shard *shard, struct instant now, const char *service, const void *bytes,
                 size_t len, const void *digest, size_t digest_len)
{
    struct follower *follower = find_follower(shard, service, strlen(service));
    if (shard->state != SHARD_LIVE || follower == NULL || follower->stopped_why != NULL ||
        digest_len != STORE_DIGEST_SIZE)
        return;
    arena_reset(shard->arena);
    const struct packed packed = {bytes, len};
    const Dw__Batch *batch = open_batch(shard, follower, packed);
    if (batch == NULL)
        return;
    const uint64_t head = batch->first_seq + events_in(batch) - 1;
    if (head > follower->head_seq)
        follower->head_seq = head;
    if (batch->n_decisions > 0 && batch->first_seq == follower->seq + 1 && !shard_is_full(shard))
        (void)take_batch(shard, now, follower, batch, packed, digest);
    follower->heard = follower->heard || follower->seq == head;
    /* An old message that was overtaken by a fetch, or a journal that went back: the owner knows. */
    follower->doubted = follower->doubted || head < follower->seq;
    arena_reset(shard->arena);
}

/* A fetched batch, unpacked. */
struct opened {
    struct packed bytes;
    const Dw__Batch *batch;
};

/* --- fetching ----------------------------------------------------------------------------------------------------- */

/* The fetch's id; zero when nobody is connected. */
static struct id send_fetch(struct shard *shard, struct instant now,
                            const struct follower *follower, uint64_t from_seq)
{
    const struct id fetch_id = ids_next(shard->settings.ids, now.wall_ms);
    Dw__FetchEvents request = DW__FETCH_EVENTS__INIT;
    request.from_seq = from_seq;
    request.limit = FETCH_LIMIT;
    request.replies_max = FETCH_REPLIES;
    struct buffer body = {0};
    struct buffer bytes = {0};
    buffer_pack(&body, &request.base);
    Dw__Envelope envelope = DW__ENVELOPE__INIT;
    envelope.id = id_to_data(&fetch_id);
    envelope.authority = shard->authority;
    envelope.type = (char *)(uintptr_t)message_name(request.base.descriptor);
    envelope.body = (ProtobufCBinaryData){body.len, body.bytes};
    envelope.at_ms = now.wall_ms;
    envelope.schema = ENVELOPE_SCHEMA;
    buffer_pack(&bytes, &envelope.base);
    const bool sent = shard->settings.outlet.send(shard->settings.outlet.context, shard->authority,
                                                  follower->service, bytes.bytes, bytes.len);
    buffer_free(&body);
    buffer_free(&bytes);
    return sent ? fetch_id : (struct id){0};
}

/* While we fold what comes, the owner reads what follows it. */
static void fetch_ahead(struct shard *shard, struct instant now, struct follower *follower,
                        uint64_t next_seq)
{
    if (!id_is_zero(&follower->ahead_id) || next_seq <= follower->seq + 1 ||
        next_seq > follower->head_seq || shard_is_full(shard))
        return;
    follower->ahead_id = send_fetch(shard, now, follower, next_seq);
}

/* The last reply to a fetch has come: those that come now are to the one ahead. */
static void end_fetch(struct follower *follower, struct instant now)
{
    follower->fetch_id = follower->ahead_id;
    follower->ahead_id = (struct id){0};
    follower->fetch_boot_ms = id_is_zero(&follower->fetch_id) ? 0 : now.boot_ms;
}

static void take_fetched(struct shard *shard, struct instant now, struct follower *follower,
                         const Dw__EventsFetched *fetched)
{
    if (fetched->head_seq > follower->head_seq)
        follower->head_seq = fetched->head_seq;
    struct opened *opened = arena_alloc(shard->arena, (fetched->n_batches + 1) * sizeof *opened);
    if (opened == NULL)
        return;
    for (size_t at = 0; at < fetched->n_batches; at++) {
        const Dw__StoredBatch *stored = fetched->batches[at];
        opened[at].bytes = (struct packed){stored->batch.data, stored->batch.len};
        opened[at].batch = open_batch(shard, follower, opened[at].bytes);
        if (opened[at].batch == NULL || stored->digest.len != STORE_DIGEST_SIZE)
            return; /* not what was asked for: ask again */
    }
    fetch_ahead(shard, now, follower, fetched->next_seq);
    /* What does not fit into the open commit is fetched again. */
    for (size_t at = 0; at < fetched->n_batches && !shard_is_full(shard); at++)
        if (opened[at].batch->first_seq == follower->seq + 1 &&
            !take_batch(shard, now, follower, opened[at].batch, opened[at].bytes,
                        fetched->batches[at]->digest.data))
            return;
    follower->heard = follower->heard || follower->seq == fetched->head_seq;
}

/* Only the owner's answer to what we asked after folding tells that its journal ends before our cursor: what was published or
 * answered earlier may arrive later. And one who owned the shard a moment ago, and does not know yet that he does not, says so
 * too; but not for longer than a lease. */
static void take_fetch_failure(struct shard *shard, struct instant now, struct follower *follower,
                               const Dw__Envelope *envelope)
{
    arena_reset(shard->arena);
    const Dw__Failed *failed = strcmp(envelope->type, "Failed") != 0
                                   ? NULL
                                   : dw__failed__unpack(arena_allocator(shard->arena),
                                                        envelope->body.len, envelope->body.data);
    const bool went_back =
        failed != NULL && failed->code == DW__ERROR_CODE__ERROR_CODE_JOURNAL_WENT_BACK;
    if (!went_back)
        follower->back_since_boot_ms = 0;
    else if (follower->back_since_boot_ms == 0)
        follower->back_since_boot_ms = now.boot_ms;
    else if (now.boot_ms - follower->back_since_boot_ms > 2 * SHARD_LEASE_MS)
        stop_following(shard, follower, CODE_JOURNAL_WENT_BACK,
                       "its head is behind what was folded");
    arena_reset(shard->arena);
}

bool follow_answer(struct shard *shard, struct instant now, const Dw__Envelope *envelope)
{
    struct id id;
    if (shard->state != SHARD_LIVE || !id_from_data(&envelope->correlation_id, &id))
        return false;
    for (size_t at = 0; at < shard->followers_count; at++) {
        struct follower *follower = &shard->followers[at];
        if (!id_equal(&follower->fetch_id, &id))
            continue;
        if (strcmp(envelope->type, "EventsFetched") != 0) {
            take_fetch_failure(shard, now, follower,
                               envelope); /* asked again in time, unless stopped */
            return true;
        }
        follower->doubted = false;
        follower->back_since_boot_ms = 0;
        arena_reset(shard->arena);
        const Dw__EventsFetched *fetched = dw__events_fetched__unpack(
            arena_allocator(shard->arena), envelope->body.len, envelope->body.data);
        if (fetched != NULL)
            take_fetched(shard, now, follower, fetched);
        if (fetched == NULL || !fetched->more)
            end_fetch(follower, now);
        arena_reset(shard->arena);
        return true;
    }
    return false;
}

/* Asks for what is missing; a follower that has heard nothing yet asks too, which tells it the head. */
void follow_turn(struct shard *shard, struct instant now)
{
    for (size_t at = 0; at < shard->followers_count; at++) {
        struct follower *follower = &shard->followers[at];
        const bool behind =
            follower->head_seq > follower->seq || !follower->heard || follower->doubted;
        const int64_t patience_ms = id_is_zero(&follower->fetch_id) ? UNSENT_MS : FETCH_AGAIN_MS;
        const bool waits = now.boot_ms - follower->fetch_boot_ms < patience_ms;
        if (!behind || waits || follower->stopped_why != NULL || shard_is_full(shard))
            continue;
        follower->fetch_id = send_fetch(shard, now, follower, follower->seq + 1);
        follower->ahead_id = (struct id){0};
        follower->fetch_boot_ms = now.boot_ms;
    }
}

bool follow_is_current(const struct shard *shard)
{
    for (size_t at = 0; at < shard->followers_count; at++)
        if (!shard->followers[at].heard && shard->followers[at].stopped_why == NULL &&
            shard->last_now.boot_ms - shard->live_since_boot_ms < HEARD_WAIT_MS)
            return false;
    return true;
}
