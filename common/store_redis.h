/* What the files of the store in Redis share: store_redis.c (one Redis), store_redis_shard.c (a shard's lease and commits),
 * store_redis_read.c (its reads), store_redis_call.c (one call). Nobody else includes this. */
#ifndef DAYWAYS_COMMON_STORE_REDIS_H
#define DAYWAYS_COMMON_STORE_REDIS_H

#include "common/loop.h"
#include "common/redis.h"
#include "common/store.h"
#include "common/table.h"

/* Commits, leases and nothing else go over the first connection, so that they stay in order and no long read waits before
 * them; everything read goes over the second. */
enum connection { WRITES, READS, CONNECTIONS };

/* Shards that load at once over one connection. Redis reads for the next while we take in what came for one; the others wait here,
 * not in the connection, where a hundred shards' steps of a quarter of a megabyte would take longer than anybody waits. */
enum { STORE_LOADS_MAX = 4 };

struct redis_store {
    struct loop *loop;
    struct redis_store_handlers handlers;
    struct redis *connections[CONNECTIONS];
    struct loop_timer *again;
    struct loop_timer *rewrite; /* of the append-only file */
    int64_t rewrite_from_ms;    /* since boot; the first time for the next one */
    bool rewrite_waits;
    size_t loads;                    /* under way */
    struct operation *waiting_first; /* loads that wait for one of these to end, in order */
    struct operation *waiting_last;
    char folder[4096]; /* where Redis writes, as it says */
    bool ready;
};

enum { KEY_SIZE = 160, NUMBER_SIZE = 24 };

enum shard_key { KEY_HEAD, KEY_LIVE, KEY_JOURNAL, KEY_OUTBOX, KEY_OWNER, KEY_VAULT, SHARD_KEYS };

struct redis_shard {
    struct store store;
    struct redis_store *redis_store;
    char prefix[KEY_SIZE - 32];
    char keys[SHARD_KEYS][KEY_SIZE];
    struct buffer arguments; /* of struct redis_argument, reused */
};

/* One call under way. */
struct operation {
    struct redis_shard *shard;
    void *context;
    uint64_t ticket;
    store_done *done;
    store_taken *taken;
    store_row *row;
    store_batch *batch;
    enum store_part part;
    bool forgets;           /* a commit that empties records of the vault */
    bool is_load;           /* counted in the store's loads */
    struct operation *next; /* that waits */
    char key[KEY_SIZE];
    char until[NUMBER_SIZE + 2]; /* stream id */
    size_t limit;
    struct id *ids; /* of the vault records asked for, in order */
};

/* --- store_redis_rewrite.c --- */
/* Records of the vault were emptied: Redis writes its append-only file anew, in which they stand still, within ten minutes. */
void store_redis_forgot(struct redis_store *redis_store);
/* It is connected: what a daemon that ended has left to be done is done. */
void store_redis_look_for_rewrite(struct redis_store *redis_store);
/* The timer of that has come. */
void store_redis_rewrite(void *context);

/* --- store_redis_call.c --- */
struct redis_shard *shard_of(const struct store *store);
struct operation *operation_create(struct redis_shard *shard, void *context, uint64_t ticket);
/* Answers it and forgets it. */
void operation_end(struct operation *operation, enum store_result result);
/* A call is begun (function NULL: a plain command), given its arguments, which are only pointed to, and sent. */
void begin_call(struct redis_shard *shard, const char *function);
void add_argument(struct redis_shard *shard, const void *bytes, size_t len);
void add_text(struct redis_shard *shard, const char *text);
void send_call(struct operation *operation, enum connection which, redis_answered *answered);
enum store_result classify(const struct redis_reply *reply, const char *authority_key);
void replies_key(const struct redis_shard *shard, int64_t day, char ret_key[KEY_SIZE]);

/* --- store_redis_read.c: see struct store_operations --- */
void store_redis_load(struct store *store, enum store_part part, int64_t day, store_row *row,
                      store_done *done, void *context, uint64_t ticket);
/* A load has ended: those that wait may begin. */
void store_redis_load_ended(struct redis_store *redis_store);
void store_redis_read_reply(struct store *store, int64_t day, const struct id *id, store_row *row,
                            store_done *done, void *context, uint64_t ticket);
void store_redis_read_vault(struct store *store, const struct id *ids, size_t count, store_row *row,
                            store_done *done, void *context, uint64_t ticket);
void store_redis_read_batches(struct store *store, uint64_t from_seq, uint64_t until_seq,
                              size_t limit, store_batch *batch, store_done *done, void *context,
                              uint64_t ticket);

#endif
