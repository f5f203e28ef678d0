/* The proxy: see proxy.h. One thread, one poll. */
#include "tests/chaos/proxy.h"

#include "common/loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    PAIRS_MAX = 1024, /* connections: each daemon's and each client's to every other, twice over */
    CHUNK_SIZE = 64 * 1024,
    LOOK_MS = 2, /* how soon a wish of the rig is done */
    LINKS = CONTROL_DAEMONS * CONTROL_LINES
};

/* What goes one way: the next is read when this has gone. */
struct way {
    size_t len;
    size_t sent;
    int64_t release_us;
    bool ended; /* nothing comes any more */
    uint8_t bytes[CHUNK_SIZE];
};

struct pair {
    int fds[2];
    int link;
    struct way ways[2]; /* [0]: from fds[0] to fds[1] */
};

struct proxy {
    const struct proxy_link *links;
    struct control *control;
    int listeners[LINKS];
    uint32_t cuts[LINKS];
    uint32_t halves[LINKS];
    struct pair *pairs[PAIRS_MAX];
    size_t pairs_count;
};

static struct control_link *wishes(const struct proxy *proxy, int link)
{
    return &proxy->control->links[link / CONTROL_LINES][link % CONTROL_LINES];
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path[0] == '\0')
        return -1;
    memcpy(address.sun_path, path, strnlen(path, sizeof address.sun_path - 1));
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    unlink(path);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, 512) != 0)
        abort();
    return fd;
}

/* -1: nobody listens there now. */
static int connect_to(const struct proxy_link *link)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in remote = {.sin_family = AF_INET, .sin_port = htons(link->port)};
    const bool is_local = link->path[0] != '\0';
    memcpy(local.sun_path, link->path, strnlen(link->path, sizeof local.sun_path - 1));
    (void)inet_pton(AF_INET, link->address, &remote.sin_addr);
    const int fd =
        socket(is_local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int result = is_local ? connect(fd, (const struct sockaddr *)&local, sizeof local)
                                : connect(fd, (const struct sockaddr *)&remote, sizeof remote);
    if (result == 0 || errno == EINPROGRESS)
        return fd;
    close(fd);
    return -1;
}

static void take_connection(struct proxy *proxy, int link)
{
    const int fd = accept4(proxy->listeners[link], NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    const int other =
        fd < 0 || proxy->pairs_count == PAIRS_MAX ? -1 : connect_to(&proxy->links[link]);
    struct pair *pair = other < 0 ? NULL : calloc(1, sizeof *pair);
    if (pair == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    *pair = (struct pair){.fds = {fd, other}, .link = link};
    proxy->pairs[proxy->pairs_count++] = pair;
}

static void end_pair(struct proxy *proxy, size_t at)
{
    struct pair *pair = proxy->pairs[at];
    close(pair->fds[0]);
    close(pair->fds[1]);
    free(pair);
    proxy->pairs[at] = proxy->pairs[--proxy->pairs_count];
}

/* Cuts and half-closings wished for since the last look. */
static void do_wishes(struct proxy *proxy)
{
    for (size_t at = proxy->pairs_count; at-- > 0;) {
        struct pair *pair = proxy->pairs[at];
        const struct control_link *wish = wishes(proxy, pair->link);
        if (wish->cuts != proxy->cuts[pair->link]) {
            end_pair(proxy, at);
        } else if (wish->halves != proxy->halves[pair->link]) {
            const int which = (int)(wish->halves % 2);
            (void)shutdown(pair->fds[which], SHUT_WR);
            pair->ways[1 - which].ended = true;
        }
    }
    for (int link = 0; link < LINKS; link++) {
        proxy->cuts[link] = wishes(proxy, link)->cuts;
        proxy->halves[link] = wishes(proxy, link)->halves;
    }
}

/* False: the connection has ended. */
static bool receive(struct proxy *proxy, struct pair *pair, int which, int64_t now_us)
{
    struct way *way = &pair->ways[which];
    const ssize_t count = recv(pair->fds[which], way->bytes, sizeof way->bytes, 0);
    if (count <= 0)
        return count < 0 && (errno == EAGAIN || errno == EINTR);
    way->len = (size_t)count;
    way->sent = 0;
    way->release_us = now_us + wishes(proxy, pair->link)->delay_us;
    proxy->control->proxied_bytes += (uint64_t)count;
    return true;
}

static bool pass_on(struct pair *pair, int which)
{
    struct way *way = &pair->ways[which];
    const ssize_t count =
        send(pair->fds[1 - which], way->bytes + way->sent, way->len - way->sent, MSG_NOSIGNAL);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR;
    way->sent += (size_t)count;
    if (way->sent == way->len)
        way->len = way->sent = 0;
    return true;
}

static bool is_held(const struct way *way, int64_t now_us)
{
    return way->len > 0 && way->release_us > now_us;
}

/* What each end of a pair waits for. */
static void ask_poll(const struct proxy *proxy, const struct pair *pair, int64_t now_us,
                     struct pollfd polls[2])
{
    const bool dark = wishes(proxy, pair->link)->dark != 0;
    for (int which = 0; which < 2; which++) {
        const struct way *out = &pair->ways[which];
        const struct way *in = &pair->ways[1 - which];
        polls[which] = (struct pollfd){.fd = dark ? -1 : pair->fds[which]};
        if (out->len == 0 && !out->ended)
            polls[which].events |= POLLIN;
        if (in->len > 0 && !is_held(in, now_us) && !in->ended)
            polls[which].events |= POLLOUT;
    }
}

static bool work(struct proxy *proxy, struct pair *pair, const struct pollfd polls[2])
{
    const int64_t now_us = loop_boot_us_now();
    bool lives = true;
    for (int which = 0; which < 2 && lives; which++) {
        if ((polls[which].revents & POLLOUT) != 0)
            lives = pass_on(pair, 1 - which);
        if (lives && (polls[which].events & POLLIN) != 0 &&
            (polls[which].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
            lives = receive(proxy, pair, which, now_us);
        else if ((polls[which].revents & (POLLERR | POLLHUP)) != 0)
            lives = false; /* also with something held for it: nobody is there to take it */
    }
    return lives;
}

void proxy_run(struct proxy_link links[CONTROL_DAEMONS][CONTROL_LINES], struct control *control)
{
    static struct proxy proxy;
    static struct pollfd polls[LINKS + 2 * PAIRS_MAX];
    proxy = (struct proxy){.links = &links[0][0], .control = control};
    for (int link = 0; link < LINKS; link++)
        proxy.listeners[link] = listen_at(proxy.links[link].listen);
    for (;;) {
        do_wishes(&proxy);
        const int64_t now_us = loop_boot_us_now();
        for (int link = 0; link < LINKS; link++)
            polls[link] = (struct pollfd){
                .fd = wishes(&proxy, link)->dark ? -1 : proxy.listeners[link], .events = POLLIN};
        const size_t pairs = proxy.pairs_count;
        for (size_t at = 0; at < pairs; at++)
            ask_poll(&proxy, proxy.pairs[at], now_us, &polls[LINKS + 2 * at]);
        (void)poll(polls, LINKS + 2 * pairs, LOOK_MS);
        for (size_t at = pairs; at-- > 0;)
            if (!work(&proxy, proxy.pairs[at], &polls[LINKS + 2 * at]))
                end_pair(&proxy, at);
        for (int link = 0; link < LINKS; link++)
            if ((polls[link].revents & POLLIN) != 0)
                take_connection(&proxy, link);
    }
}
