/* Folds the stored journal of a shard from its first event and compares with the stored live state, byte for byte; reads
 * only, takes nothing. A service that folds others' journals is compared with a fold of those, fetched over the bus up to
 * its cursors, one journal after the other. Cursors and outbox are checked by rule. Implements
 * "dayways-<service> --verify AUTHORITY". */
#ifndef DAYWAYS_COMMON_VERIFY_H
#define DAYWAYS_COMMON_VERIFY_H

#include "common/service.h"
#include "common/store.h"
#include "common/table.h"

struct verify;

struct verify_settings {
    const struct service *service;
    const char *authority;
    struct store *store; /* ready */
    uint8_t digest_key[STORE_DIGEST_SIZE];
    void *context;
    /* Asks another service for its journal from a seq on: appends a packed EventsFetched. 0 or -errno. Waits. */
    int (*fetch)(void *context, const char *service, uint64_t from_seq, struct buffer *ret_fetched);
    /* Told once: the number of differences, 0 = all equal; -1: it could not be read to the end. */
    void (*done)(void *context, int differences);
};

/* Begins; prints what it finds to standard output. Lives until done was called. */
void verify_begin(const struct verify_settings *settings);

#endif
