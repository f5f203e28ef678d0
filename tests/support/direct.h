/* A shard's store written by a measurement itself, past every daemon: what a million records or events are made with, and what
 * the limits are measured on. */
#ifndef DAYWAYS_TESTS_SUPPORT_DIRECT_H
#define DAYWAYS_TESTS_SUPPORT_DIRECT_H

#include "common/loop.h"
#include "common/store.h"
#include "tests/support/rig.h"

#include "envelope.pb-c.h"

struct direct {
    struct loop *loop;
    struct redis_store *redis_store;
    struct store *store;
    struct store_head head;
    char service[32];
    size_t in_flight; /* commits not answered */
    uint64_t done;    /* sum of the tickets of those that were */
    uint8_t key[STORE_DIGEST_SIZE];
};

/* Takes the shard of that service in the rig's Redis and authority, with a short lease. */
void direct_open(struct direct *direct, struct rig *rig, const char *service);
void direct_close(struct direct *direct);

/* Sends a commit whose version, epoch, digest and history are filled in here; events: how many its batch holds. Waits until
 * fewer than in_flight_max are under way. */
void direct_commit(struct direct *direct, struct store_commit *commit, uint64_t events,
                   uint64_t ticket, size_t in_flight_max);
void direct_wait(struct direct *direct);

/* The batch of one decision with these events, packed into static memory as the engine would. */
struct packed direct_batch(struct direct *direct, Dw__Event **events, size_t count);

#endif
