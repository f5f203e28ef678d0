/* What the simulated store holds of one shard, and the function library over it: the same machine as common/store.lua over
 * Redis, without any waiting. tests/integration/store.c holds the two against each other. */
#ifndef DAYWAYS_TESTS_SIM_SHELF_H
#define DAYWAYS_TESTS_SIM_SHELF_H

#include "common/store.h"
#include "common/table.h"

enum { SHELF_FIELD_MAX = 63, SHELF_OWNER_MAX = 299 };

/* A field of a hash, as the key of a table. */
struct shelf_field {
    uint8_t len;
    uint8_t bytes[SHELF_FIELD_MAX];
};

struct shelf_batch {
    uint64_t first_seq;
    uint8_t digest[STORE_DIGEST_SIZE];
    struct packed bytes; /* owned */
};

struct shelf_day {
    int64_t day;
    int64_t expires_ms;
    struct table *replies; /* struct shelf_field -> struct packed */
};

struct shelf {
    bool has_head;
    struct store_head head; /* epoch counts from the first take on, has_head or not */
    char owner[SHELF_OWNER_MAX + 1];
    int64_t owner_until_ms; /* 0: nobody */
    struct table *live;     /* struct shelf_field -> struct packed, owned */
    struct table *outbox;
    struct table *vault;
    struct buffer journal; /* struct shelf_batch */
    struct buffer days;    /* struct shelf_day */
};

struct shelf *shelf_create(void);
void shelf_destroy(struct shelf **shelf);

/* The functions of the library; now_ms is the store's clock. */
enum store_result shelf_commit(struct shelf *shelf, int64_t now_ms,
                               const struct store_commit *commit);
/* OK or HELD; ret_holder points into the shelf. */
enum store_result shelf_take(struct shelf *shelf, int64_t now_ms, const char *owner,
                             int64_t lease_ms, const struct id *history,
                             struct store_head *ret_head, const char **ret_holder);
enum store_result shelf_renew(struct shelf *shelf, int64_t now_ms, const char *owner,
                              int64_t lease_ms);
/* Zero when there is none. */
struct store_head shelf_head(const struct shelf *shelf);

/* NULL: none. */
struct table *shelf_part(struct shelf *shelf, int64_t now_ms, enum store_part part, int64_t day);
struct packed *shelf_get(struct table *part, struct packed field);
const struct packed *shelf_reply(struct shelf *shelf, int64_t now_ms, int64_t day,
                                 const struct id *id);
/* Batches as struct store_operations' read_batches gives them: where they begin, and how many. */
const struct shelf_batch *shelf_batches(const struct shelf *shelf, uint64_t from_seq,
                                        uint64_t until_seq, size_t limit, size_t *ret_count);

#endif
