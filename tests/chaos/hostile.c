/* Peers that mean harm, and subscribers that do not keep up: each a process of its own. See chaos.h. The only file of the tests
 * that speaks ZeroMQ without the engine's bus, for that would not send what these send. */
#include "tests/chaos/chaos.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "common/bus.h"
#include "common/text.h"

enum {
    CROWD = 10000,
    HOLD_MS = 2000,
    GARBAGE_CONNECTIONS = 20,
    GARBAGE_SIZE = 256 * 1024,
    ENDLESS_FRAMES = 1000,
    ENDLESS_FRAME = 65536,
    FRAMES = 1000, /* of one message */
    FRAME_SIZE = 32 * 1024,
    SECONDS_MAX = 20, /* then it is ended, whatever it waits for */
    SLOW_MS = 10,
};

/* Where a daemon listens, as a socket's address. */
struct target {
    int family;
    struct sockaddr_un local;
    struct sockaddr_in remote;
    char endpoint[PROXY_PATH_SIZE + 8];
};

static struct target target_of(const struct chaos *chaos, int daemon)
{
    struct target target = {.local = {.sun_family = AF_UNIX}, .remote = {.sin_family = AF_INET}};
    char path[PROXY_PATH_SIZE];
    const uint16_t port = system_address(chaos, daemon, LINE_REQUESTS, path);
    target.family = port == 0 ? AF_UNIX : AF_INET;
    (void)text_format(target.local.sun_path, sizeof target.local.sun_path, "%s", path);
    target.remote.sin_port = htons(port);
    (void)inet_pton(AF_INET, NETWORK_FAR_ADDRESS, &target.remote.sin_addr);
    if (port == 0)
        (void)text_format(target.endpoint, sizeof target.endpoint, "ipc://%s", path);
    else
        (void)text_format(target.endpoint, sizeof target.endpoint, "tcp://%s:%u",
                          NETWORK_FAR_ADDRESS, port);
    return target;
}

static int connect_to(const struct target *target)
{
    const int fd = socket(target->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int result =
        target->family == AF_UNIX
            ? connect(fd, (const struct sockaddr *)&target->local, sizeof target->local)
            : connect(fd, (const struct sockaddr *)&target->remote, sizeof target->remote);
    if (fd >= 0 && result != 0 && errno != EINPROGRESS) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Ten thousand connections that say nothing, or half a greeting. */
static void crowd(struct control *control, const struct target *target)
{
    const struct rlimit limit = {CROWD + 2000, CROWD + 2000}; /* and what it has inherited */
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    int open = 0;
    for (int tries = 0; open < CROWD && tries < 20 * CROWD; tries++) {
        const int fd = connect_to(target);
        if (fd < 0) {
            rig_pause_ms(1); /* those who wait to be let in are many */
            continue;
        }
        if (open++ % 2 == 0)
            (void)send(fd, "\xff\0\0\0\0\0\0\0\1\x7f\3", 11, MSG_NOSIGNAL);
        if ((uint64_t)open > control->crowd)
            control->crowd = (uint64_t)open;
    }
    rig_pause_ms(HOLD_MS);
}

/* Frames of one message that never ends, from somebody who has shown no key. */
static void endless(int fd)
{
    static const uint8_t greeting[64] = {0xff, [8] = 1, 0x7f, 3, 0, 'N', 'U', 'L', 'L'};
    static uint8_t frame[9 + ENDLESS_FRAME] = {3, [6] = 1}; /* more, long, 65,536 bytes */
    rig_pause_ms(5);
    (void)send(fd, greeting, sizeof greeting, MSG_NOSIGNAL);
    for (int sent = 0; sent < ENDLESS_FRAMES; sent++)
        if (send(fd, frame, sizeof frame, MSG_NOSIGNAL) < 0) {
            if (errno != EAGAIN)
                return; /* it is thrown out */
            rig_pause_ms(1);
        }
}

/* Bytes that are no greeting, on many connections. */
static void garbage(const struct target *target, unsigned seed)
{
    static uint8_t bytes[GARBAGE_SIZE];
    for (int connection = 0; connection < GARBAGE_CONNECTIONS; connection++) {
        const int fd = connect_to(target);
        for (size_t at = 0; at < sizeof bytes; at++)
            bytes[at] = (uint8_t)((seed = seed * 1664525u + 1013904223u) >> 24);
        if (connection % 3 == 0)
            memcpy(bytes, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 28);
        if (connection % 3 == 1)
            endless(fd);
        rig_pause_ms(5);
        (void)send(fd, bytes, sizeof bytes, MSG_NOSIGNAL);
        rig_pause_ms(20);
        close(fd);
    }
}

static void *connect_zmq(void *context, const struct target *target, const char *server_key,
                         const struct key_pair *keys)
{
    void *socket = zmq_socket(context, ZMQ_DEALER);
    const int none = 0;
    const int wait_ms = 2000;
    zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(socket, ZMQ_SNDTIMEO, &wait_ms, sizeof wait_ms);
    zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_key, strlen(server_key));
    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys->public_key, strlen(keys->public_key));
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, strlen(keys->secret_key));
    zmq_connect(socket, target->endpoint);
    return socket;
}

/* Somebody with a key, or with one that nobody allowed, sends what no client of ours would. */
static void speak(const struct chaos *chaos, int daemon, enum hostile_kind kind)
{
    static const uint8_t bytes[2 * BUS_REQUEST_MAX];
    const struct target target = target_of(chaos, daemon);
    struct key_pair server;
    struct key_pair keys;
    void *context = zmq_ctx_new();
    if (key_pair_load(rig_keys(chaos->rig), chaos_services[daemon / CONTROL_INSTANCES], &server) <
            0 ||
        key_pair_load(rig_keys(chaos->rig), "broker", &keys) < 0)
        _exit(1);
    if (kind == HOSTILE_KEY)
        (void)bus_make_keys(&keys);
    void *socket = connect_zmq(context, &target, server.public_key, &keys);
    if (kind == HOSTILE_MULTIPART) {
        for (int frame = 0; frame < FRAMES; frame++)
            (void)zmq_send(socket, bytes, FRAME_SIZE, frame + 1 < FRAMES ? ZMQ_SNDMORE : 0);
    } else {
        const size_t size = kind == HOSTILE_OVERSIZED ? sizeof bytes : 200;
        for (int message = 0; message < 20; message++) {
            (void)zmq_send(socket, bytes, size, 0);
            rig_pause_ms(20);
        }
    }
    rig_pause_ms(300);
    zmq_close(socket);
    zmq_ctx_term(context);
}

pid_t hostile_start(struct chaos *chaos, enum hostile_kind kind, int daemon)
{
    const struct target target = target_of(chaos, daemon);
    const unsigned seed = chaos_roll(chaos, UINT32_MAX);
    const pid_t child = fork();
    if (child != 0)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)alarm(SECONDS_MAX);
    if (kind == HOSTILE_CROWD)
        crowd(chaos->control, &target);
    else if (kind == HOSTILE_GARBAGE)
        garbage(&target, seed);
    else
        speak(chaos, daemon, kind);
    _exit(0);
}

/* --- subscribers -------------------------------------------------------------------------------------------------------- */

static void on_batch(void *context, const char *topic, const void *bytes, size_t len)
{
    (void)context, (void)topic, (void)bytes, (void)len;
    rig_pause_ms(SLOW_MS);
}

pid_t watcher_start(struct chaos *chaos)
{
    char error[256] = "";
    char endpoint[PROXY_PATH_SIZE + 8];
    const pid_t child = fork();
    if (child != 0)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct client *client = client_create(rig_keys(chaos->rig), "operator", error, sizeof error);
    if (client == NULL)
        _exit(1);
    client_on_batch(client, on_batch, NULL);
    for (int daemon = 0; daemon < CONTROL_DAEMONS; daemon++) {
        const int service = daemon / CONTROL_INSTANCES;
        (void)text_format(endpoint, sizeof endpoint, "ipc://%s",
                          chaos->links[daemon][LINE_EVENTS].listen);
        (void)client_follow(client, chaos_services[service], endpoint);
    }
    for (;;)
        client_turn(client);
}
