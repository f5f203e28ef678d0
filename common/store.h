/* Where a shard's truth is kept: one atomic commit, and reading it back. An interface, so that a simulator can be the
 * store; the real one is Redis (store_redis.c). Implements the design's "Keys of a shard in Redis".
 *
 * Every call answers exactly once, through its callback, never before the call has returned. Answers of one store come in
 * the order of the calls. ticket comes back with the answer, so that a shard that has started anew knows old answers. */
#ifndef DAYWAYS_COMMON_STORE_H
#define DAYWAYS_COMMON_STORE_H

#include "common/collect.h"
#include "common/ids.h"

#include <stddef.h>
#include <stdint.h>

enum {
    STORE_DIGEST_SIZE = 32,
    STORE_REPLY_DAYS = 8, /* how long replies are remembered */
};

enum store_result {
    STORE_OK,
    STORE_VERSION, /* another commit came in between: nothing was changed */
    STORE_EPOCH,   /* somebody else has taken the shard: nothing was changed */
    STORE_HELD,    /* take: somebody else holds the lease */
    STORE_REFUSED, /* the store refused before any write (out of memory, read only, loading …) */
    STORE_FAULT,   /* it failed and may be half done */
    STORE_UNKNOWN  /* no answer: it may or may not have happened */
};

struct store_head {
    uint64_t version;
    uint64_t seq;
    uint64_t epoch;
    uint8_t digest[STORE_DIGEST_SIZE];
    struct id history;
    int64_t replies_day; /* the newest day that replies were stored under; 0: none yet */
};

struct store_pair {
    struct packed field;
    struct packed value;
};

struct store_pairs {
    const struct store_pair *pairs;
    size_t count;
};

struct store_fields {
    const struct packed *fields;
    size_t count;
};

/* Everything one turn decided. All memory is the caller's and only read during the call. */
struct store_commit {
    uint64_t version; /* expected; the commit makes it one more */
    uint64_t epoch;   /* expected */
    uint64_t seq;     /* of the head afterwards */
    uint8_t digest[STORE_DIGEST_SIZE];
    uint64_t first_seq;
    struct packed batch; /* len 0: no events */
    struct store_pairs live_set;
    struct store_fields live_removed;
    struct store_pairs outbox_set;
    struct store_fields outbox_removed;
    struct store_pairs replies; /* field: command id */
    int64_t replies_day;        /* days since 1970-01-01 UTC; becomes the head's */
    struct store_pairs vault_set;
    bool forgets; /* some of these are emptied, and are to leave the files of the store, too */
};

/* Reply ids come without their records; vault records and replies are read whole by verify alone. */
enum store_part { STORE_LIVE, STORE_OUTBOX, STORE_REPLY_IDS, STORE_REPLIES, STORE_VAULT };

struct store;

typedef void store_done(void *context, uint64_t ticket, enum store_result result);
typedef void store_taken(void *context, uint64_t ticket, enum store_result result,
                         const struct store_head *head, const char *holder);
/* A row of what was asked for; value is empty for reply ids. */
typedef void store_row(void *context, uint64_t ticket, struct packed field, struct packed value);

/* A stored batch, whose first event is first_seq. */
typedef void store_batch(void *context, uint64_t ticket, uint64_t first_seq, struct packed digest,
                         struct packed batch);

struct store_operations {
    /* True when calls can be made now. */
    bool (*is_ready)(const struct store *store);
    /* Takes or keeps the lease and raises the epoch. HELD names the holder. */
    void (*take)(struct store *store, const char *owner, int64_t lease_ms,
                 const struct id *new_history, store_taken *taken, void *context, uint64_t ticket);
    /* The head as it stands, without taking anything. OK with a version of 0 when there is none yet. */
    void (*read_head)(struct store *store, store_taken *taken, void *context, uint64_t ticket);
    /* Makes the lease longer; EPOCH when it is lost. lease_ms 0 gives it up. */
    void (*renew)(struct store *store, const char *owner, int64_t lease_ms, store_done *done,
                  void *context, uint64_t ticket);
    void (*commit)(struct store *store, const struct store_commit *commit, store_done *done,
                   void *context, uint64_t ticket);
    /* Gives every row of a part (a row may come twice), then done. day: for the replies. */
    void (*load)(struct store *store, enum store_part part, int64_t day, store_row *row,
                 store_done *done, void *context, uint64_t ticket);
    /* Gives the stored reply as one row, or none. */
    void (*read_reply)(struct store *store, int64_t day, const struct id *id, store_row *row,
                       store_done *done, void *context, uint64_t ticket);
    /* Gives the records there are. */
    void (*read_vault)(struct store *store, const struct id *ids, size_t count, store_row *row,
                       store_done *done, void *context, uint64_t ticket);
    /* Gives stored batches in order, from the one that holds from_seq to the one that holds until_seq at most. */
    void (*read_batches)(struct store *store, uint64_t from_seq, uint64_t until_seq, size_t limit,
                         store_batch *batch, store_done *done, void *context, uint64_t ticket);
};

struct store {
    const struct store_operations *operations;
};

/* --- Redis ----------------------------------------------------------------------------------------------------- */

struct loop;
struct redis_store;

struct redis_store_handlers {
    void *context;
    void (*ready)(void *context);
    void (*away)(void *context);
    /* The settings do not keep what is promised; setting names the one. The store stays away. */
    void (*unfit)(void *context, const char *setting);
};

/* Two connections to one Redis (commits; reads), with its settings checked and the functions loaded on each connect. */
struct redis_store *redis_store_create(struct loop *loop, const char *address, const char *password,
                                       const struct redis_store_handlers *handlers);
void redis_store_destroy(struct redis_store **redis_store);
bool redis_store_is_ready(const struct redis_store *redis_store);
/* True when Redis runs on this machine and the disk it writes to is full: then it ends itself rather than lose a write. */
bool redis_store_disk_is_full(const struct redis_store *redis_store);

/* The store of one shard. */
struct store *redis_store_shard(struct redis_store *redis_store, const char *authority,
                                const char *service);
void redis_store_shard_destroy(struct store **store);

#endif
