/* One service's state for one authority: decide, commit, release, recover. Implements the design's "The engine's path of
 * one command".
 *
 * A shard reaches its store, its bus and its clock only through what shard_settings gives it, so a simulator can be all
 * three. It never waits: everything is a call in, or an answer from the store. */
#ifndef DAYWAYS_COMMON_SHARD_H
#define DAYWAYS_COMMON_SHARD_H

#include "common/bus.h"
#include "common/envelope.h"
#include "common/loop.h"
#include "common/quarantine.h"
#include "common/service.h"
#include "common/store.h"

struct metrics;
struct shard;

enum {
    SHARD_CHANGES_MAX = 256, /* events and replies a commit: Redis' time for it stays near 2 ms */
    SHARD_COMMIT_BYTES_MAX = 256 * 1024,
    SHARD_ENTITIES_MAX = 2048, /* records a commit changes, unless one decision changes more */
    SHARD_WAITING_BYTES_MAX =
        16 * 1024 * 1024,  /* of replies: more would come than go while the store is slow */
    SHARD_FLIGHT_MAX = 2,  /* commits on their way: more gains nothing and makes more unknowns */
    SHARD_LEASE_MS = 2000, /* a standby takes over within 3 s of a kill */
    SHARD_RENEW_MS = 500,
    SHARD_TAKE_MS = 200,    /* a standby asks so often */
    SHARD_STALL_MS = 800,   /* a store that has not answered for so long is away: people are told */
    SHARD_FOLLOWED_MAX = 8, /* services one service follows */
};

/* How a shard speaks. bytes are only valid during the call. */
struct outlet {
    void *context;
    void (*reply)(void *context, const struct bus_address *to, const void *bytes, size_t len);
    void (*publish)(void *context, const char *topic, const void *bytes, size_t len,
                    const void *digest, size_t digest_len);
    /* To whoever owns that service for that authority; false when nobody is connected. */
    bool (*send)(void *context, const char *authority, const char *service, const void *bytes,
                 size_t len);
    /* The clock read anew, for leases. */
    int64_t (*boot_ms_now)(void *context);
};

struct shard_settings {
    const struct service *service;
    const char *authority;
    struct store *store;
    struct outlet outlet;
    const ProtobufCMessage *model; /* lives as long as the shard */
    uint8_t model_digest[STORE_DIGEST_SIZE];
    uint8_t digest_key[STORE_DIGEST_SIZE]; /* of the authority; the store never sees it */
    const char *owner;                     /* "<instance id> <endpoint>": who holds the lease */
    struct ids *ids;
    struct metrics *metrics;       /* NULL: nothing is measured (simulation) */
    struct quarantine *quarantine; /* NULL: none (simulation) */
};

enum shard_state { SHARD_STANDBY, SHARD_LOADING, SHARD_LIVE, SHARD_FROZEN, SHARD_STOPPED };

struct shard *shard_create(const struct shard_settings *settings);
void shard_destroy(struct shard **shard);

/* A request from the bus: an envelope already checked and allowed for this authority. principal is who asks; by_service
 * says that a daemon asks in that person's name, so what daemons may do is allowed. Envelope and principal are only
 * read during the call. */
void shard_request(struct shard *shard, struct instant now, const struct bus_address *from,
                   const struct principal *principal, bool by_service,
                   const Dw__Envelope *envelope);

/* True when nothing more should go into the open commit. */
bool shard_is_full(const struct shard *shard);

/* True when a request should wait until a commit has made room. Not when the store has stalled: then it is told so at once. */
bool shard_defers(const struct shard *shard, struct instant now);

/* An answer to something the shard sent. True when it was waited for. */
bool shard_answer(struct shard *shard, struct instant now, const Dw__Envelope *envelope);

/* A batch published by a followed service. */
void shard_batch(struct shard *shard, struct instant now, const char *service, const void *bytes,
                 size_t len, const void *digest, size_t digest_len);

/* The end of a turn: commits, releases, renews, does what is due. True when it wants another turn at once. */
bool shard_turn(struct shard *shard, struct instant now);

/* The store has gone away: forget everything, answer UNAVAILABLE, begin anew when it is back. */
void shard_store_away(struct shard *shard, struct instant now);

/* Take nothing more, release what is in flight, give up the lease; then the state is STOPPED. */
void shard_stop(struct shard *shard);

/* What operations sees. */
struct shard_status {
    enum shard_state state;
    const char *frozen_why; /* code, or NULL */
    bool held_by_other;     /* a standby that knows whom it stands by */
    uint64_t head_seq;      /* released */
    uint64_t epoch;
    uint64_t version;
    size_t entities;
    size_t outbox;
    size_t in_flight;
    uint64_t accepted, refused, failed, repeated, commits, events, recoveries, moves_refused;
    /* Followed journals that are caught up to the last head heard of, and all. */
    size_t followed, followed_current;
    uint64_t lag_events;
    int64_t
        lag_ms; /* age of what was folded last, of the follower furthest behind; 0: all are current */
    uint64_t folded_events; /* of all followed journals, ever */
};
void shard_status(const struct shard *shard, struct shard_status *ret_status);
const char *shard_authority(const struct shard *shard);

#endif
