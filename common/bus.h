/* ZeroMQ in the loop: one ROUTER for requests, one PUB for batches, a DEALER for each peer's endpoint, a SUB for each
 * followed endpoint, and the ZAP handler that lets only allowed keys in. All sockets speak CURVE.
 *
 * Carries bytes; knows no message. Sending never waits: what does not go is dropped and counted, for every sender can
 * ask again. Nothing here calls back before the function called has returned, except bus_turn. */
#ifndef DAYWAYS_COMMON_BUS_H
#define DAYWAYS_COMMON_BUS_H

#include "common/auth.h"
#include "common/loop.h"

#include <stdint.h>

enum {
    BUS_REQUEST_MAX =
        256 * 1024, /* bytes of a request: a feed part of 1,000 rows takes under 128 KiB */
    BUS_MESSAGE_MAX =
        1024 *
        1024, /* bytes of a batch or an answer: a commit of 256 KiB and its one large decision */
    BUS_ROUTING_MAX = 16, /* bytes of a peer's routing id; ZeroMQ's own are 5 */
};

struct bus;
struct bus_peer;

/* Where a request came from and its reply must go. */
struct bus_address {
    uint8_t bytes[BUS_ROUTING_MAX];
    uint8_t len;
    int descriptor; /* of the connection when the request came; by now it may be another's */
};

enum bus_drop {
    BUS_DROP_FRAMES,    /* a message that is not the frames the protocol says */
    BUS_DROP_KEY,       /* from a key that is not allowed any more */
    BUS_DROP_REPLY,     /* a reply whose peer is gone */
    BUS_DROP_UNREAD,    /* a reply over what its peer may leave unread */
    BUS_DROP_BEHIND,    /* a request from a peer that leaves answers unread */
    BUS_DROP_SEND,      /* a request to a peer that is not there */
    BUS_DROP_HANDSHAKE, /* a connection refused: unknown key, or role not allowed to subscribe */
    BUS_DROPS
};

struct bus_handlers {
    void *context;
    /* A request. Returns false when no more can be taken in this turn. */
    bool (*request)(void *context, const struct bus_address *from, const struct allowed_key *key,
                    const void *bytes, size_t len);
    void (*answer)(void *context, struct bus_peer *peer, const void *bytes, size_t len);
    /* A batch, with its digest. */
    void (*batch)(void *context, const char *topic, const void *bytes, size_t len,
                  const void *digest, size_t digest_len);
};

/* Neither the pair nor auth is copied; *auth may be changed between turns (a reload). */
struct bus *bus_create(struct loop *loop, const struct key_pair *self, struct auth *const *auth,
                       const struct bus_handlers *handlers);
void bus_destroy(struct bus **bus);

/* 0; -EADDRINUSE when another process has the endpoint; -EINVAL and the like. */
int bus_bind_requests(struct bus *bus, const char *endpoint);
int bus_bind_events(struct bus *bus, const char *endpoint);

/* Connects; the peer must prove that it has the secret of server_key. NULL: a bad endpoint or no memory. */
struct bus_peer *bus_connect(struct bus *bus, const char *endpoint, const char *server_key);
const char *bus_peer_endpoint(const struct bus_peer *peer);

/* Subscribes to all topics that begin with topic. */
int bus_subscribe(struct bus *bus, const char *endpoint, const char *server_key, const char *topic);

/* What this key is as of the last reload; NULL, and counted as a drop, when it is not allowed any more. */
const struct allowed_key *bus_key(struct bus *bus, const char *public_key);

/* False: dropped (and counted). */
bool bus_reply(struct bus *bus, const struct bus_address *to, const void *bytes, size_t len);
bool bus_send(struct bus_peer *peer, const void *bytes, size_t len);
void bus_publish(struct bus *bus, const char *topic, const void *bytes, size_t len,
                 const void *digest, size_t digest_len);

/* Stops taking requests (the sockets stay open for replies). */
void bus_stop_requests(struct bus *bus);

/* Receives what has come, at most a bounded number of messages a socket; true when there is more. Called every turn. */
bool bus_turn(void *bus);

/* Called last every turn: true when sending has made a socket readable, which its descriptor would not tell. */
bool bus_turn_end(void *bus);

uint64_t bus_dropped(const struct bus *bus, enum bus_drop why);

/* What peers have not read: bytes, and of how many. */
size_t bus_unread_bytes(const struct bus *bus);
size_t bus_unread_peers(const struct bus *bus);

/* A new CURVE key pair. */
int bus_make_keys(struct key_pair *ret_pair);

#endif
