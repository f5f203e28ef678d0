/* The journal of placements, as it is published to a shard that follows it. */
#ifndef DAYWAYS_TESTS_SUPPORT_TOLD_JOURNAL_H
#define DAYWAYS_TESTS_SUPPORT_TOLD_JOURNAL_H

#include "common/shard.h"
#include "tests/support/told_shard.h"

/* Begins with no seq and no digest. */
struct told_journal {
    const char *authority; /* as its batches say, whoever hears them */
    const char *service;   /* as its batches say: they come as those of placements */
    struct id history;
    uint64_t seq; /* of the last event */
    uint8_t digest[STORE_DIGEST_SIZE];
};

/* The next batch, of one event, which means nothing to whoever follows. */
void told_journal_event(struct told_journal *journal, struct told_shard *told);
/* The head alone, as it is published while nothing happens. */
void told_journal_head(struct told_journal *journal, struct told_shard *told, uint64_t head_seq);

#endif
