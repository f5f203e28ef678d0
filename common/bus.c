/* ZeroMQ in the loop: see bus.h. The only file that may include zmq.h, and long for it.
 *
 * ZMQ_FD is edge-triggered, and both sending and receiving may swallow its edge. So a socket is stirred when its descriptor
 * woke us and whenever we send or receive on it, and is at rest again only when a receive or ZMQ_EVENTS has said that nothing
 * waits. Only stirred sockets are looked at: each look is a system call. */
#include "common/bus.h"

#include "common/text.h"
#include "common/unread.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include "envelope.pb-c.h"

/* The option is in libzmq 4.3.4 and works, but its name stands among the drafts of zmq.h. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

enum {
    SOCKETS_MAX = 512,    /* one an endpoint of the deployment, and three of our own */
    RECEIVE_MAX = 256,    /* messages a socket and turn: as many as one commit takes */
    RECEIVE_US_MAX = 300, /* and so long: what the store answers meanwhile must not wait */
    HIGH_WATER = 1000,    /* messages a peer: what we ask, and what comes of it */
    /* Requests of one connection that we have not read: 16 MiB of the largest kind, and 16 KiB of the common one. With 16 a
     * request of a peer that asks 64 ahead costs half as much processor again, with 64 it is not to be measured. */
    REQUESTS_HIGH_WATER = 64,
    /* Batches that one subscriber has not read: 128 MiB of the largest kind, 20 MiB of the common one. What is dropped over it
     * is a gap, which is fetched: with 128 a dashboard lagged a fifth longer under load. */
    EVENTS_HIGH_WATER = 512,
    HANDSHAKE_MS = 5000,     /* a peer that does not finish CURVE by then is cut */
    RECONNECT_MS = 50,       /* a restarted daemon is back within this */
    RECONNECT_MAX_MS = 1000, /* and an absent one costs one attempt a second */
    KEEPALIVE_IDLE_S = 10,
    KEEPALIVE_INTERVAL_S = 5,
    KEEPALIVE_COUNT = 3,
    TCP_MAX_RETRANSMIT_MS = 15000,
};

enum socket_role { SOCKET_ZAP, SOCKET_REQUESTS, SOCKET_EVENTS, SOCKET_PEER, SOCKET_FOLLOW };

struct bus_peer {
    struct bus *bus;
    enum socket_role role;
    void *socket;
    struct loop_watch *watch;
    char endpoint[256];
    int lock_fd;  /* of an ipc path we bind */
    bool stirred; /* messages may wait */
};

struct bus {
    struct loop *loop;
    void *context;
    const struct key_pair *self;
    struct auth *const *auth;
    struct bus_handlers handlers;
    struct bus_peer *sockets[SOCKETS_MAX];
    size_t sockets_count;
    struct bus_peer *requests;
    struct bus_peer *events;
    struct unread *unread;
    bool requests_stopped;
    bool requests_full; /* the taker said so in this turn */
    uint64_t dropped[BUS_DROPS];
};

static void set_int(void *socket, int option, int value)
{
    const int result = zmq_setsockopt(socket, option, &value, sizeof value);
    assert(result == 0);
    (void)result;
}

static void set_text(void *socket, int option, const char *text)
{
    const int result = zmq_setsockopt(socket, option, text, strlen(text));
    assert(result == 0);
    (void)result;
}

/* What every socket of ours has, before it binds or connects. No ZMTP heartbeats: libzmq 4.3.4 aborts on them. */
static void set_common(void *socket, size_t message_max)
{
    const int64_t max = (int64_t)message_max;
    set_int(socket, ZMQ_LINGER, 0);
    set_int(socket, ZMQ_SNDHWM, HIGH_WATER);
    set_int(socket, ZMQ_RCVHWM, HIGH_WATER);
    set_int(socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
    set_int(socket, ZMQ_RECONNECT_IVL, RECONNECT_MS);
    set_int(socket, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS);
    set_int(socket, ZMQ_TCP_KEEPALIVE, 1);
    set_int(socket, ZMQ_TCP_KEEPALIVE_IDLE, KEEPALIVE_IDLE_S);
    set_int(socket, ZMQ_TCP_KEEPALIVE_INTVL, KEEPALIVE_INTERVAL_S);
    set_int(socket, ZMQ_TCP_KEEPALIVE_CNT, KEEPALIVE_COUNT);
    set_int(socket, ZMQ_TCP_MAXRT, TCP_MAX_RETRANSMIT_MS);
    zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &max, sizeof max);
}

/* bus_turn receives. */
static void on_readable(void *context)
{
    struct bus_peer *peer = context;
    peer->stirred = true;
}

static void socket_destroy(struct bus_peer *peer)
{
    loop_watch_destroy(&peer->watch);
    if (peer->socket != NULL)
        zmq_close(peer->socket);
    if (peer->lock_fd >= 0)
        close(peer->lock_fd);
    free(peer);
}

static struct bus_peer *socket_create(struct bus *bus, enum socket_role role, int type,
                                      const char *endpoint, size_t message_max)
{
    if (bus->sockets_count == SOCKETS_MAX)
        return NULL;
    struct bus_peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL)
        return NULL;
    *peer = (struct bus_peer){.bus = bus, .role = role, .lock_fd = -1, .stirred = true};
    peer->socket = zmq_socket(bus->context, type);
    if (peer->socket == NULL ||
        text_format(peer->endpoint, sizeof peer->endpoint, "%s", endpoint) < 0) {
        socket_destroy(peer);
        return NULL;
    }
    set_common(peer->socket, message_max);
    return peer;
}

/* Watches the socket from now on. */
static int socket_add(struct bus_peer *peer)
{
    int fd;
    size_t size = sizeof fd;
    if (zmq_getsockopt(peer->socket, ZMQ_FD, &fd, &size) < 0)
        return -errno;
    peer->watch = loop_watch_create(peer->bus->loop, fd, on_readable, peer);
    if (peer->watch == NULL)
        return -ENOMEM;
    peer->bus->sockets[peer->bus->sockets_count++] = peer;
    return 0;
}

static void be_server(struct bus_peer *peer, const char *domain)
{
    set_int(peer->socket, ZMQ_CURVE_SERVER, 1);
    set_text(peer->socket, ZMQ_CURVE_SECRETKEY, peer->bus->self->secret_key);
    set_text(peer->socket, ZMQ_ZAP_DOMAIN, domain);
    set_int(peer->socket, ZMQ_ZAP_ENFORCE_DOMAIN, 1); /* without it CURVE fails open */
}

static void be_client(struct bus_peer *peer, const char *server_key)
{
    set_text(peer->socket, ZMQ_CURVE_SERVERKEY, server_key);
    set_text(peer->socket, ZMQ_CURVE_PUBLICKEY, peer->bus->self->public_key);
    set_text(peer->socket, ZMQ_CURVE_SECRETKEY, peer->bus->self->secret_key);
}

/* True when somebody listens at the path. */
static bool is_listened_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (text_format(address.sun_path, sizeof address.sun_path, "%s", path) < 0)
        return false;
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const bool is_taken =
        fd >= 0 &&
        (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN);
    if (fd >= 0)
        close(fd);
    return is_taken;
}

/* ZeroMQ would silently take an ipc path away from whoever has it. A lock beside it keeps daemons of ours apart, also while
 * they start; a stranger is asked. */
static int lock_path(struct bus_peer *peer)
{
    char path[300];
    if (strncmp(peer->endpoint, "ipc://", 6) != 0)
        return 0;
    if (text_format(path, sizeof path, "%s.lock", peer->endpoint + 6) < 0)
        return -ENAMETOOLONG;
    peer->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (peer->lock_fd < 0)
        return -errno;
    if (flock(peer->lock_fd, LOCK_EX | LOCK_NB) != 0 || is_listened_at(peer->endpoint + 6))
        return -EADDRINUSE;
    return 0;
}

static int bind_socket(struct bus_peer *peer)
{
    int result = lock_path(peer);
    if (result == 0 && zmq_bind(peer->socket, peer->endpoint) < 0)
        result = -errno;
    if (result == 0)
        result = socket_add(peer);
    if (result < 0)
        socket_destroy(peer);
    return result;
}

static int bind_zap(struct bus *bus)
{
    struct bus_peer *zap =
        socket_create(bus, SOCKET_ZAP, ZMQ_REP, "inproc://zeromq.zap.01", BUS_REQUEST_MAX);
    return zap == NULL ? -ENOMEM : bind_socket(zap);
}

struct bus *bus_create(struct loop *loop, const struct key_pair *self, struct auth *const *auth,
                       const struct bus_handlers *handlers)
{
    struct bus *bus = calloc(1, sizeof *bus);
    if (bus == NULL)
        return NULL;
    *bus = (struct bus){.loop = loop, .self = self, .auth = auth, .handlers = *handlers};
    bus->context = zmq_ctx_new();
    bus->unread = unread_create();
    if (bus->context == NULL || bus->unread == NULL || bind_zap(bus) < 0) {
        bus_destroy(&bus);
        return NULL;
    }
    zmq_ctx_set(bus->context, ZMQ_MAX_SOCKETS, SOCKETS_MAX);
    return bus;
}

void bus_destroy(struct bus **pointer)
{
    struct bus *bus = *pointer;
    if (bus == NULL)
        return;
    for (size_t at = 0; at < bus->sockets_count; at++)
        socket_destroy(bus->sockets[at]);
    if (bus->context != NULL)
        zmq_ctx_term(bus->context);
    unread_destroy(&bus->unread);
    free(bus);
    *pointer = NULL;
}

int bus_bind_requests(struct bus *bus, const char *endpoint)
{
    struct bus_peer *peer =
        socket_create(bus, SOCKET_REQUESTS, ZMQ_ROUTER, endpoint, BUS_REQUEST_MAX);
    if (peer == NULL)
        return -ENOMEM;
    set_int(peer->socket, ZMQ_ROUTER_MANDATORY, 1);
    set_int(peer->socket, ZMQ_RCVHWM, REQUESTS_HIGH_WATER);
    set_int(peer->socket, ZMQ_SNDHWM, 0); /* answers are bounded in bytes (unread.h) */
    be_server(peer, "requests");
    const int result = bind_socket(peer);
    if (result == 0)
        bus->requests = peer;
    return result;
}

int bus_bind_events(struct bus *bus, const char *endpoint)
{
    struct bus_peer *peer = socket_create(bus, SOCKET_EVENTS, ZMQ_PUB, endpoint, BUS_REQUEST_MAX);
    if (peer == NULL)
        return -ENOMEM;
    set_int(peer->socket, ZMQ_SNDHWM, EVENTS_HIGH_WATER);
    be_server(peer, "events");
    const int result = bind_socket(peer);
    if (result == 0)
        bus->events = peer;
    return result;
}

static int connect_socket(struct bus_peer *peer, const char *server_key)
{
    be_client(peer, server_key);
    int result = zmq_connect(peer->socket, peer->endpoint) < 0 ? -errno : socket_add(peer);
    if (result < 0)
        socket_destroy(peer);
    return result;
}

struct bus_peer *bus_connect(struct bus *bus, const char *endpoint, const char *server_key)
{
    struct bus_peer *peer = socket_create(bus, SOCKET_PEER, ZMQ_DEALER, endpoint, BUS_MESSAGE_MAX);
    if (peer == NULL)
        return NULL;
    set_int(peer->socket, ZMQ_IMMEDIATE, 1); /* nothing is queued for a peer that is not there */
    return connect_socket(peer, server_key) < 0 ? NULL : peer;
}

const char *bus_peer_endpoint(const struct bus_peer *peer)
{
    return peer->endpoint;
}

int bus_subscribe(struct bus *bus, const char *endpoint, const char *server_key, const char *topic)
{
    struct bus_peer *peer = socket_create(bus, SOCKET_FOLLOW, ZMQ_SUB, endpoint, BUS_MESSAGE_MAX);
    if (peer == NULL)
        return -ENOMEM;
    set_int(peer->socket, ZMQ_RCVHWM, EVENTS_HIGH_WATER);
    set_text(peer->socket, ZMQ_SUBSCRIBE, topic);
    return connect_socket(peer, server_key);
}

/* --- sending --------------------------------------------------------------------------------------------------- */

bool bus_reply(struct bus *bus, const struct bus_address *to, const void *bytes, size_t len)
{
    void *socket = bus->requests->socket;
    struct unread_reply *reply = unread_charge(bus->unread, to, len);
    if (reply == NULL) {
        bus->dropped[BUS_DROP_UNREAD]++;
        return false;
    }
    zmq_msg_t body;
    memcpy(reply->bytes, bytes, len);
    if (zmq_msg_init_data(&body, reply->bytes, len, unread_free, reply) < 0)
        abort(); /* no memory */
    bus->requests->stirred = true;
    if (zmq_send(socket, to->bytes, to->len, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0 &&
        zmq_msg_send(&body, socket, ZMQ_DONTWAIT) >= 0)
        return true;
    zmq_msg_close(&body);
    bus->dropped[BUS_DROP_REPLY]++;
    return false;
}

bool bus_send(struct bus_peer *peer, const void *bytes, size_t len)
{
    peer->stirred = true;
    if (zmq_send(peer->socket, bytes, len, ZMQ_DONTWAIT) >= 0)
        return true;
    peer->bus->dropped[BUS_DROP_SEND]++;
    return false;
}

void bus_publish(struct bus *bus, const char *topic, const void *bytes, size_t len,
                 const void *digest, size_t digest_len)
{
    void *socket = bus->events->socket;
    bus->events->stirred = true;
    /* A PUB never blocks and never fails: it drops for who is slow. */
    zmq_send(socket, topic, strlen(topic), ZMQ_SNDMORE | ZMQ_DONTWAIT);
    zmq_send(socket, bytes, len, ZMQ_SNDMORE | ZMQ_DONTWAIT);
    zmq_send(socket, digest, digest_len, ZMQ_DONTWAIT);
}

void bus_stop_requests(struct bus *bus)
{
    bus->requests_stopped = true;
}

uint64_t bus_dropped(const struct bus *bus, enum bus_drop why)
{
    return bus->dropped[why];
}

size_t bus_unread_bytes(const struct bus *bus)
{
    return unread_bytes(bus->unread);
}

size_t bus_unread_peers(const struct bus *bus)
{
    return unread_peers(bus->unread);
}

/* --- receiving ------------------------------------------------------------------------------------------------- */

enum { FRAMES_MAX = 8 }; /* the most any message of ours has: a ZAP request's seven */

/* Receives one whole message; frames over the limit are received and thrown away. Returns the number of frames that
 * came, 0 when none is waiting. The frames kept must be closed. */
static size_t receive(void *socket, zmq_msg_t frames[FRAMES_MAX])
{
    size_t count = 0;
    for (bool more = true; more; count++) {
        zmq_msg_t over;
        zmq_msg_t *frame = count < FRAMES_MAX ? &frames[count] : &over;
        zmq_msg_init(frame);
        int result;
        do
            result = zmq_msg_recv(frame, socket, ZMQ_DONTWAIT);
        while (result < 0 && errno == EINTR);
        if (result < 0) {
            zmq_msg_close(frame);
            return count;
        }
        more = zmq_msg_more(frame) != 0;
        if (frame == &over)
            zmq_msg_close(frame);
    }
    return count;
}

static void close_frames(zmq_msg_t frames[FRAMES_MAX], size_t count)
{
    for (size_t at = 0; at < count && at < FRAMES_MAX; at++)
        zmq_msg_close(&frames[at]);
}

/* ZAP (RFC 27): version, request id, domain, address, identity, mechanism, key. Only daemons and operators subscribe. */
static void take_zap(struct bus_peer *peer, zmq_msg_t frames[FRAMES_MAX], size_t count)
{
    struct bus *bus = peer->bus;
    const struct allowed_key *key = NULL;
    if (count == 7 && zmq_msg_size(&frames[6]) == 32) {
        char text[KEY_TEXT_SIZE];
        zmq_z85_encode(text, zmq_msg_data(&frames[6]), 32);
        key = auth_by_key(*bus->auth, text);
        const bool events =
            zmq_msg_size(&frames[2]) == 6 && memcmp(zmq_msg_data(&frames[2]), "events", 6) == 0;
        if (key != NULL && events && key->role != DW__ROLE__ROLE_SERVICE &&
            key->role != DW__ROLE__ROLE_OPERATOR)
            key = NULL;
    }
    if (key == NULL)
        bus->dropped[BUS_DROP_HANDSHAKE]++;
    const char *user_id = key == NULL ? "" : key->public_key;
    const char *request_id = count > 1 ? zmq_msg_data(&frames[1]) : "";
    zmq_send(peer->socket, "1.0", 3, ZMQ_SNDMORE);
    zmq_send(peer->socket, request_id, count > 1 ? zmq_msg_size(&frames[1]) : 0, ZMQ_SNDMORE);
    zmq_send(peer->socket, key == NULL ? "400" : "200", 3, ZMQ_SNDMORE);
    zmq_send(peer->socket, "", 0, ZMQ_SNDMORE);
    zmq_send(peer->socket, user_id, strlen(user_id), ZMQ_SNDMORE);
    zmq_send(peer->socket, "", 0, 0);
}

/* A key's name may be another key's by now, so it is the key that a connection stands for. */
const struct allowed_key *bus_key(struct bus *bus, const char *public_key)
{
    const struct allowed_key *key = public_key == NULL ? NULL : auth_by_key(*bus->auth, public_key);
    bus->dropped[BUS_DROP_KEY] += key == NULL;
    return key;
}

/* Returns false when no more requests can be taken in this turn. */
static bool take_request(struct bus *bus, zmq_msg_t frames[FRAMES_MAX], size_t count)
{
    if (count != 2 || zmq_msg_size(&frames[0]) > BUS_ROUTING_MAX) {
        bus->dropped[BUS_DROP_FRAMES]++;
        return true;
    }
    /* The user id is on the last frame only (libzmq 4.3.4 loses it on the first). */
    const struct allowed_key *key = bus_key(bus, zmq_msg_gets(&frames[1], "User-Id"));
    if (key == NULL)
        return true;
    struct bus_address from = {.len = (uint8_t)zmq_msg_size(&frames[0]),
                               .descriptor = zmq_msg_get(&frames[1], ZMQ_SRCFD)};
    memcpy(from.bytes, zmq_msg_data(&frames[0]), from.len);
    if (unread_is_behind(bus->unread, &from)) {
        bus->dropped[BUS_DROP_BEHIND]++;
        return true;
    }
    return bus->handlers.request(bus->handlers.context, &from, key, zmq_msg_data(&frames[1]),
                                 zmq_msg_size(&frames[1]));
}

static void take_batch(struct bus *bus, zmq_msg_t frames[FRAMES_MAX], size_t count)
{
    char topic[128];
    const size_t topic_len = count == 3 ? zmq_msg_size(&frames[0]) : sizeof topic;
    if (topic_len >= sizeof topic) {
        bus->dropped[BUS_DROP_FRAMES]++;
        return;
    }
    memcpy(topic, zmq_msg_data(&frames[0]), topic_len);
    topic[topic_len] = '\0';
    bus->handlers.batch(bus->handlers.context, topic, zmq_msg_data(&frames[1]),
                        zmq_msg_size(&frames[1]), zmq_msg_data(&frames[2]),
                        zmq_msg_size(&frames[2]));
}

static bool take(struct bus_peer *peer, zmq_msg_t frames[FRAMES_MAX], size_t count)
{
    struct bus *bus = peer->bus;
    switch (peer->role) {
    case SOCKET_ZAP:
        take_zap(peer, frames, count);
        return true;
    case SOCKET_REQUESTS:
        return take_request(bus, frames, count);
    case SOCKET_EVENTS:
        return true;
    case SOCKET_PEER:
        if (count == 1)
            bus->handlers.answer(bus->handlers.context, peer, zmq_msg_data(&frames[0]),
                                 zmq_msg_size(&frames[0]));
        else
            bus->dropped[BUS_DROP_FRAMES]++;
        return true;
    case SOCKET_FOLLOW:
        take_batch(bus, frames, count);
        return true;
    }
    return true;
}

/* Receives until nothing waits, which puts the socket at rest. True when messages may be left. */
static bool pump(struct bus_peer *peer)
{
    zmq_msg_t frames[FRAMES_MAX];
    if (peer->role == SOCKET_EVENTS)
        return false; /* a PUB gives nothing; bus_turn_end has it deal with what came */
    const int64_t end_us = loop_boot_us_now() + RECEIVE_US_MAX;
    for (int received = 0; received < RECEIVE_MAX; received++) {
        if (received > 0 && loop_boot_us_now() >= end_us)
            return true;
        if (peer->role == SOCKET_REQUESTS && peer->bus->requests_stopped)
            return false;
        const size_t count = receive(peer->socket, frames);
        if (count == 0) {
            peer->stirred = false;
            return false;
        }
        const bool go_on = take(peer, frames, count);
        close_frames(frames, count);
        if (!go_on) {
            peer->bus->requests_full = true;
            return false; /* the commit that makes room wakes the loop */
        }
    }
    return true;
}

bool bus_turn(void *context)
{
    struct bus *bus = context;
    bool more = false;
    bus->requests_full = false;
    for (size_t at = 0; at < bus->sockets_count; at++)
        if (bus->sockets[at]->stirred)
            more = pump(bus->sockets[at]) || more;
    unread_turn(bus->unread, loop_now(bus->loop).boot_ms);
    return more;
}

static bool is_readable(const struct bus_peer *peer)
{
    int events = 0;
    size_t size = sizeof events;
    return zmq_getsockopt(peer->socket, ZMQ_EVENTS, &events, &size) == 0 &&
           (events & ZMQ_POLLIN) != 0;
}

/* Looks once more at the sockets that the turn has sent on. */
bool bus_turn_end(void *context)
{
    struct bus *bus = context;
    bool more = false;
    for (size_t at = 0; at < bus->sockets_count; at++) {
        struct bus_peer *peer = bus->sockets[at];
        if (!peer->stirred ||
            (peer->role == SOCKET_REQUESTS && (bus->requests_stopped || bus->requests_full)))
            continue;
        peer->stirred = is_readable(peer);
        more = more || peer->stirred;
    }
    return more;
}

int bus_make_keys(struct key_pair *ret_pair)
{
    return zmq_curve_keypair(ret_pair->public_key, ret_pair->secret_key) == 0 ? 0 : -ENOTSUP;
}
