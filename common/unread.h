/* What peers have not read yet, in bytes: every reply is charged to its connection until ZeroMQ is done with it, so that
 * who asks and does not read costs a bounded part of memory, and never the part of those who read.
 *
 * Knows no ZeroMQ, only when it is done. One rule decides: a connection may hold a share of what is still free. So a
 * single one gets several megabytes, many that do not read crowd each other and not the one that does, and the sum never
 * passes the bound (Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet switches", 1998). */
#ifndef DAYWAYS_COMMON_UNREAD_H
#define DAYWAYS_COMMON_UNREAD_H

#include "common/bus.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    UNREAD_BYTES_MAX = 128 * 1024 * 1024, /* of a daemon: what a small machine can lend */
    /* What is free, divided by this, is what one connection may hold: 7.5 MiB alone, seven answers of the largest kind; a
     * hundred that do not read leave 1.1 MiB to each other and as much to anybody else, two thousand 64 KiB. */
    UNREAD_SHARE = 16,
    UNREAD_OVERHEAD = 256, /* bytes a message costs beside its own */
};

struct unread;

/* Memory for one reply, charged to its peer. */
struct unread_reply {
    struct unread_account *account;
    size_t len;
    uint8_t bytes[];
};

struct unread *unread_create(void);
/* When ZeroMQ has given back every reply. */
void unread_destroy(struct unread **unread);

/* NULL: it would be more than the peer's share. The reply must go to unread_free, once. */
struct unread_reply *unread_charge(struct unread *unread, const struct bus_address *peer,
                                   size_t len);
/* What ZeroMQ calls, from a thread of its own, when a reply is on its way to the network. */
void unread_free(void *bytes, void *reply);

/* True when a peer has half its share unread: what it asks would only be computed to be thrown away. */
bool unread_is_behind(struct unread *unread, const struct bus_address *peer);

/* Forgets peers that have read everything; to be called every turn. */
void unread_turn(struct unread *unread, int64_t boot_ms);

size_t unread_bytes(const struct unread *unread);
size_t unread_peers(const struct unread *unread);

#endif
