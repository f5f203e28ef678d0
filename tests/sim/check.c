/* The checker: every commit the store takes, and what daemons say, held against what is on disk before anybody hears it. See
 * check.h. */
#include "tests/sim/check.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/shard_internal.h"

struct checker *checker_create(void)
{
    struct checker *checker = calloc(1, sizeof *checker);
    if (checker == NULL)
        abort();
    checker->arena = arena_create(64 * 1024 * 1024);
    for (int at = 0; at < SIM_SERVICES; at++) {
        checker->journals[at].decisions = table_create(sizeof(struct id), sizeof(uint32_t));
        checker->journals[at].replied = table_create(sizeof(struct id), sizeof(bool));
    }
    checker->closures = check_create_closures();
    checker->money = check_create_money();
    checker->costs = check_create_costs();
    checker->holds = table_create(sizeof(struct id), sizeof(struct check_hold));
    checker->sessions = table_create(sizeof(struct id), sizeof(struct check_session));
    checker->placements = table_create(sizeof(struct id), sizeof(struct check_placement));
    checker->people = table_create(sizeof(struct id), sizeof(struct buffer));
    checker->occupied = table_create(sizeof(struct id), sizeof(struct buffer));
    checker->lives = table_create(sizeof(struct id), sizeof(struct check_life));
    checker->marks = table_create(sizeof(struct check_mark), sizeof(struct buffer));
    checker->wishes = table_create(sizeof(struct id), sizeof(struct check_hold));
    checker->feeds = table_create(sizeof(struct id), sizeof(struct check_feed));
    checker->referrals = table_create(sizeof(struct id), sizeof(struct check_referral));
    checker->dead = table_create(sizeof(struct id), sizeof(bool));
    checker->erased = table_create(sizeof(struct id), sizeof(uint64_t));
    checker->types = table_create(CHECK_TYPE_SIZE, sizeof(uint64_t));
    checker->waiting = table_create(sizeof(struct id), sizeof(bool));
    return checker;
}

static void free_session(struct check_session *session)
{
    buffer_free(&session->holds);
    buffer_free(&session->changes);
    buffer_free(&session->told);
}

void checker_destroy(struct checker **pointer)
{
    struct checker *checker = *pointer;
    const void *key;
    void *value;
    for (size_t at = 0; table_next(checker->sessions, &at, &key, &value);)
        free_session(value);
    for (size_t at = 0; table_next(checker->placements, &at, &key, &value);)
        check_free_placement(value);
    for (size_t at = 0; table_next(checker->referrals, &at, &key, &value);)
        buffer_free(&((struct check_referral *)value)->moves);
    for (size_t at = 0; table_next(checker->people, &at, &key, &value);)
        buffer_free(value);
    for (size_t at = 0; table_next(checker->occupied, &at, &key, &value);)
        buffer_free(value);
    for (size_t at = 0; table_next(checker->marks, &at, &key, &value);)
        buffer_free(value);
    for (size_t at = 0; table_next(checker->lives, &at, &key, &value);) {
        buffer_free(&((struct check_life *)value)->placements);
        buffer_free(&((struct check_life *)value)->holds);
    }
    for (int at = 0; at < SIM_SERVICES; at++) {
        table_destroy(&checker->journals[at].decisions);
        table_destroy(&checker->journals[at].replied);
    }
    check_forget_closures(checker);
    check_destroy_money(&checker->money);
    check_destroy_costs(&checker->costs);
    table_destroy(&checker->holds);
    table_destroy(&checker->sessions);
    table_destroy(&checker->placements);
    table_destroy(&checker->people);
    table_destroy(&checker->occupied);
    table_destroy(&checker->lives);
    table_destroy(&checker->wishes);
    table_destroy(&checker->marks);
    buffer_free(&checker->dropped);
    table_destroy(&checker->feeds);
    table_destroy(&checker->waiting);
    table_destroy(&checker->types);
    table_destroy(&checker->referrals);
    table_destroy(&checker->dead);
    table_destroy(&checker->erased);
    arena_destroy(&checker->arena);
    free(checker);
    *pointer = NULL;
}

void check_count_type(struct checker *checker, const char *name)
{
    char key[CHECK_TYPE_SIZE] = "";
    memcpy(key, name, strlen(name) < sizeof key ? strlen(name) : sizeof key - 1);
    ++*(uint64_t *)table_put(checker->types, key, NULL);
}

void check_print_types(const struct sim *sim)
{
    const void *key;
    void *value;
    for (size_t at = 0; table_next(sim->checker->types, &at, &key, &value);)
        printf("    %s: %llu\n", (const char *)key, (unsigned long long)*(uint64_t *)value);
    printf("    rows added: %llu, updated: %llu\n", (unsigned long long)sim->checker->rows_added,
           (unsigned long long)sim->checker->rows_updated);
    size_t states[2][16] = {{0}};
    for (size_t at = 0; table_next(sim->checker->holds, &at, &key, &value);)
        states[0][((const struct check_hold *)value)->state & 15]++;
    for (size_t at = 0; table_next(sim->checker->placements, &at, &key, &value);)
        states[1][check_state_at(value, UINT64_MAX) & 15]++;
    for (int state = 0; state < 16; state++)
        if (states[0][state] + states[1][state] > 0)
            printf("    state %d: %zu holds, %zu placements\n", state, states[0][state],
                   states[1][state]);
}

/* --- the journals --------------------------------------------------------------------------------------------------- */

static void check_chain(struct sim *sim, struct check_journal *journal, struct packed batch,
                        const uint8_t digest[STORE_DIGEST_SIZE])
{
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, sim->digest_key, sizeof sim->digest_key, STORE_DIGEST_SIZE);
    crypto_generichash_update(&hash, journal->digest, STORE_DIGEST_SIZE);
    crypto_generichash_update(&hash, batch.bytes, batch.len);
    crypto_generichash_final(&hash, journal->digest, STORE_DIGEST_SIZE);
    if (memcmp(journal->digest, digest, STORE_DIGEST_SIZE) != 0)
        sim_fail(sim, "a digest does not follow on");
}

/* A command's events stand in its service's journal once, and not when it was told that it is not done. */
static void check_decision(struct sim *sim, enum sim_service service, const struct id *id,
                           uint64_t first_seq, uint32_t events)
{
    const uint32_t *number = table_get(sim->requests_by_id[service], id);
    uint32_t *count = table_put(sim->checker->journals[service].decisions, id, NULL);
    const bool reacts = sim_services[service]->reactions != NULL;
    if (++*count > 1 && (number != NULL || !reacts))
        sim_fail(sim, "a command is in the journal of %s twice", sim_services[service]->name);
    if (number == NULL)
        return;
    struct sim_request *request = request_at(sim, *number);
    request->decisions++;
    request->events = events;
    request->first_seq = first_seq;
    if (request->final == FINAL_REFUSED ||
        (request->final == FINAL_NOT_DONE && request->jumps_back == sim->jumps_back))
        sim_fail(sim, "%s was answered with a no and is done", message_name(request->type));
    if (request->final == FINAL_ACCEPTED)
        sim_fail(sim, "%s is done after it was answered", message_name(request->type));
}

static void check_batch(struct sim *sim, enum sim_service service, const Dw__Batch *batch)
{
    struct check_journal *journal = &sim->checker->journals[service];
    if (batch->first_seq != journal->seq + 1)
        sim_fail(sim, "a batch begins at %llu after %llu", (unsigned long long)batch->first_seq,
                 (unsigned long long)journal->seq);
    if (batch->recorded_ms < journal->recorded_ms)
        sim_fail(sim, "a batch is recorded before the one before it");
    journal->recorded_before_ms = journal->recorded_ms;
    journal->recorded_ms = batch->recorded_ms;
    for (size_t d = 0; d < batch->n_decisions; d++) {
        const Dw__Decision *decision = batch->decisions[d];
        const struct id id = check_id(&decision->command_id);
        check_decision(sim, service, &id, journal->seq + 1, (uint32_t)decision->n_events);
        for (size_t e = 0; e < decision->n_events; e++) {
            check_count_type(sim->checker, decision->events[e]->type);
            check_fold(sim, service, batch, ++journal->seq, decision->events[e]);
        }
    }
}

static uint64_t mix_text(uint64_t hash, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    for (size_t left = len; left > 0; left--, at++)
        hash = (hash ^ *at) * UINT64_C(0x100000001b3);
    return hash;
}

static void note_outbox(struct sim *sim, enum sim_service service, struct packed value)
{
    const Dw__OutboxRow *row =
        dw__outbox_row__unpack(arena_allocator(sim->checker->arena), value.len, value.bytes);
    if (row == NULL) {
        sim_fail(sim, "an outbox row cannot be read");
        return;
    }
    const struct id id = check_id(&row->id);
    bool is_new;
    uint64_t *slot = table_put(sim->outbox_seen[service], &id, &is_new);
    *slot = mix_text(mix_text(1, row->type, strlen(row->type)), row->body.data, row->body.len);
    if (!is_new)
        sim_fail(sim, "an outbox row has an id that was used");
    check_wish(sim, row);
}

void check_stored(struct sim *sim, enum sim_service service, struct packed bytes,
                  const uint8_t digest[STORE_DIGEST_SIZE])
{
    check_chain(sim, &sim->checker->journals[service], bytes, digest);
    arena_reset(sim->checker->arena);
    const Dw__Batch *batch =
        dw__batch__unpack(arena_allocator(sim->checker->arena), bytes.len, bytes.bytes);
    if (batch == NULL)
        sim_fail(sim, "a batch cannot be read");
    else
        check_batch(sim, service, batch);
}

void check_commit(struct sim *sim, enum sim_service service, const struct store_commit *commit)
{
    struct checker *checker = sim->checker;
    struct check_journal *journal = &checker->journals[service];
    arena_reset(checker->arena);
    if (service == SIM_CAPACITY)
        buffer_clear(&checker->dropped);
    if (commit->version != journal->version++)
        sim_fail(sim, "the version of %s is not one more", sim_services[service]->name);
    for (size_t at = 0; at < commit->outbox_set.count; at++)
        note_outbox(sim, service, commit->outbox_set.pairs[at].value);
    for (size_t at = 0; at < commit->replies.count; at++) {
        bool is_new;
        (void)table_put(journal->replied, commit->replies.pairs[at].field.bytes, &is_new);
        if (!is_new)
            sim_fail(sim, "%s remembers a second reply to a command", sim_services[service]->name);
    }
    if (commit->batch.len > 0)
        check_stored(sim, service, commit->batch, commit->digest);
    if (commit->seq != journal->seq ||
        memcmp(commit->digest, journal->digest, STORE_DIGEST_SIZE) != 0)
        sim_fail(sim, "the head of %s is not that of its journal", sim_services[service]->name);
    if (service == SIM_CAPACITY)
        check_refusals(sim, commit);
}

/* --- what daemons say ------------------------------------------------------------------------------------------------- */

static void check_fetched(struct sim *sim, enum sim_service service, const Dw__Envelope *envelope)
{
    const Dw__EventsFetched *fetched = dw__events_fetched__unpack(
        arena_allocator(sim->checker->arena), envelope->body.len, envelope->body.data);
    if (fetched == NULL)
        return;
    for (size_t at = 0; at < fetched->n_batches; at++) {
        const Dw__StoredBatch *stored = fetched->batches[at];
        const Dw__Batch *batch = dw__batch__unpack(arena_allocator(sim->checker->arena),
                                                   stored->batch.len, stored->batch.data);
        size_t count;
        const struct shelf_batch *found =
            batch == NULL ? NULL
                          : shelf_batches(sim->shelves[service], batch->first_seq, batch->first_seq,
                                          1, &count);
        if (found == NULL || found->bytes.len != stored->batch.len ||
            memcmp(found->bytes.bytes, stored->batch.data, stored->batch.len) != 0 ||
            memcmp(found->digest, stored->digest.data, STORE_DIGEST_SIZE) != 0)
            sim_fail(sim, "%s gives a batch that is not stored", sim_services[service]->name);
        else if (batch->first_seq > fetched->head_seq)
            sim_fail(sim, "%s gives a batch behind the head it tells", sim_services[service]->name);
    }
    if (fetched->head_seq > sim->shelves[service]->head.seq)
        sim_fail(sim, "%s tells a head that is not stored", sim_services[service]->name);
}

void check_reply(struct sim *sim, enum sim_service service, const void *bytes, size_t len)
{
    arena_reset(sim->checker->arena);
    const Dw__Envelope *envelope =
        dw__envelope__unpack(arena_allocator(sim->checker->arena), len, bytes);
    if (envelope == NULL || strcmp(envelope->type, "Failed") == 0)
        return;
    if (strcmp(envelope->type, "EventsFetched") == 0) {
        check_fetched(sim, service, envelope);
        return;
    }
    if (envelope->seq > sim->shelves[service]->head.seq)
        sim_fail(sim, "%s tells %s of seq %llu, and %llu is on disk", sim_services[service]->name,
                 envelope->type, (unsigned long long)envelope->seq,
                 (unsigned long long)sim->shelves[service]->head.seq);
    const struct id id = check_id(&envelope->correlation_id);
    const bool is_command =
        table_get(sim->requests_by_id[service], &id) != NULL ||
        (service == SIM_CAPACITY && table_get(sim->outbox_seen[SIM_PLACEMENTS], &id) != NULL);
    if (is_command && table_get(sim->checker->journals[service].replied, &id) == NULL)
        sim_fail(sim, "%s tells %s, and it is not on disk", sim_services[service]->name,
                 envelope->type);
}

void check_published(struct sim *sim, enum sim_service service, const void *bytes, size_t len,
                     const void *digest)
{
    arena_reset(sim->checker->arena);
    const struct shelf *shelf = sim->shelves[service];
    const Dw__Batch *batch = dw__batch__unpack(arena_allocator(sim->checker->arena), len, bytes);
    size_t count;
    if (batch == NULL) {
        sim_fail(sim, "what is published cannot be read");
    } else if (batch->n_decisions == 0) {
        if (batch->first_seq > shelf->head.seq + 1)
            sim_fail(sim, "%s publishes a head that is not stored", sim_services[service]->name);
    } else {
        const struct shelf_batch *found =
            shelf_batches(shelf, batch->first_seq, batch->first_seq, 1, &count);
        if (found == NULL || found->bytes.len != len ||
            memcmp(found->bytes.bytes, bytes, len) != 0 ||
            memcmp(found->digest, digest, STORE_DIGEST_SIZE) != 0)
            sim_fail(sim, "%s publishes a batch that is not stored", sim_services[service]->name);
    }
}

/* A command to another service is one that stands, or stood, in the outbox, word for word. */
void check_sent(struct sim *sim, enum sim_service service, const void *bytes, size_t len)
{
    arena_reset(sim->checker->arena);
    const Dw__Envelope *envelope =
        dw__envelope__unpack(arena_allocator(sim->checker->arena), len, bytes);
    if (envelope == NULL || strcmp(envelope->type, "FetchEvents") == 0)
        return;
    const struct id id = check_id(&envelope->id);
    const uint64_t *seen = table_get(sim->outbox_seen[service], &id);
    if (seen == NULL || *seen != mix_text(mix_text(1, envelope->type, strlen(envelope->type)),
                                          envelope->body.data, envelope->body.len))
        sim_fail(sim, "%s sends %s, which is not in its outbox", sim_services[service]->name,
                 envelope->type);
}

/* Nothing here may freeze a shard or stop a follower, and a lease counts from before it was asked for. */
void check_health(struct sim *sim, const struct sim_daemon *daemon)
{
    const struct shard *shard = daemon->shard;
    if (shard->lease_until_boot_ms > shard->renew_sent_boot_ms + SHARD_LEASE_MS)
        sim_fail(sim, "%s believes in a lease for too long", sim_services[daemon->service]->name);
    if (shard->state == SHARD_FROZEN)
        sim_fail(sim, "%s is frozen: %s", sim_services[daemon->service]->name, shard->frozen_why);
    for (size_t at = 0; at < shard->followers_count; at++)
        if (shard->followers[at].stopped_why != NULL)
            sim_fail(sim, "%s follows %s no more: %s", sim_services[daemon->service]->name,
                     shard->followers[at].service, shard->followers[at].stopped_why);
}
