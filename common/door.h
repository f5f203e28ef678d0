/* Between the bus and the shards: checks every envelope, says who asks, finds the shard. Implements step 1 of "The engine's
 * path of one command". */
#ifndef DAYWAYS_COMMON_DOOR_H
#define DAYWAYS_COMMON_DOOR_H

#include "common/bus.h"
#include "common/routes.h"
#include "common/shard.h"

#include <stddef.h>

enum {
    DOOR_SHARDS_MAX = 512,
    DOOR_WAITING_SHARD_MAX = 1024 * 1024, /* bytes of requests that wait for one shard: some ten
                                           * commits of them; over it they are told BUSY */
    DOOR_WAITING_MAX = 32 * 1024 * 1024,  /* and for all shards together */
};

/* Requests that wait until a commit has made room in their shard, in the order in which they came. */
struct door_queue {
    struct buffer bytes; /* of each: struct waiting_request, the envelope */
    size_t at;           /* the first that waits */
};

struct door {
    struct loop *loop;
    struct bus *bus;
    struct routes *routes;
    struct arena *arena; /* of one envelope */
    struct shard *shards[DOOR_SHARDS_MAX];
    size_t shards_count;
    struct door_queue queues[DOOR_SHARDS_MAX]; /* by shard */
    size_t waiting_bytes;
    size_t first; /* whose turn it is to be the first: none is always the last to speak */
    struct buffer out;
    uint64_t invalid; /* requests that were not envelopes, or not for us */
    uint64_t busy;    /* requests told BUSY, for too many wait already */
};

/* Handlers for bus_create; context is the door. */
bool door_request(void *context, const struct bus_address *from, const struct allowed_key *key,
                  const void *bytes, size_t len);
void door_answer(void *context, struct bus_peer *peer, const void *bytes, size_t len);
void door_batch(void *context, const char *topic, const void *bytes, size_t len, const void *digest,
                size_t digest_len);

/* The outlet of every shard behind the door. */
struct outlet door_outlet(struct door *door);

/* The end of a turn, for loop_add_turn. */
bool door_turn(void *context);

#endif
