/* A journal that is followed: see told_journal.h. */
#include "tests/support/told_journal.h"

#include "common/shard_internal.h"

static void send_batch(struct told_journal *journal, struct told_shard *told, uint64_t first_seq,
                       Dw__Decision *decision)
{
    struct buffer bytes = {0};
    Dw__Batch batch = DW__BATCH__INIT;
    batch.authority = (char *)(uintptr_t)journal->authority;
    batch.service = (char *)(uintptr_t)journal->service;
    batch.history = id_to_data(&journal->history);
    batch.first_seq = first_seq;
    batch.n_decisions = decision == NULL ? 0 : 1;
    batch.decisions = &decision;
    batch.recorded_ms = told->now.wall_ms;
    buffer_pack(&bytes, &batch.base);
    if (decision != NULL)
        shard_digest(told->settings.digest_key, journal->digest, bytes.bytes, bytes.len,
                     journal->digest);
    shard_batch(told->shard, told->now, "placements", bytes.bytes, bytes.len, journal->digest,
                sizeof journal->digest);
    buffer_free(&bytes);
}

void told_journal_event(struct told_journal *journal, struct told_shard *told)
{
    Dw__Event event = DW__EVENT__INIT;
    Dw__Event *events[] = {&event};
    Dw__Decision decision = DW__DECISION__INIT;
    event.type = (char *)(uintptr_t) "ModelAdopted";
    decision.n_events = 1;
    decision.events = events;
    send_batch(journal, told, ++journal->seq, &decision);
}

void told_journal_head(struct told_journal *journal, struct told_shard *told, uint64_t head_seq)
{
    send_batch(journal, told, head_seq + 1, NULL);
}
