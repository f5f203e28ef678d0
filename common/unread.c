/* What peers have not read: see unread.h. */
#include "common/unread.h"

#include "common/table.h"

#include <linux/sockios.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

enum {
    SWEEP_MS = 1000,
    SWEEP_PEERS =
        256, /* and earlier, when twice as many have come as the last sweep left, and this */
    GIVE_BACK_BYTES = 16 * 1024 * 1024, /* less is not worth the walk through free memory */
};

/* Every message of it is counted in bytes; the one that left the queue last stays in it, because ZeroMQ holds it until the
 * network has taken it and tells nobody. It is let off by the one behind it, or when nothing waits in the kernel. */
struct unread_account {
    struct unread *unread;
    atomic_size_t bytes;
    atomic_size_t leaving; /* the part of it that has left the queue */
    int descriptor;        /* of the connection; may be another's by now */
    ino_t socket;          /* which it was: no other socket has the number while it lives */
};

struct unread {
    struct table *accounts; /* struct peer_key -> struct unread_account * */
    atomic_size_t bytes;
    size_t most; /* bytes since memory was given back last */
    size_t kept; /* accounts left by the last sweep */
    int64_t next_sweep_boot_ms;
};

struct peer_key {
    uint8_t bytes[BUS_ROUTING_MAX];
    uint8_t len;
};

struct unread *unread_create(void)
{
    struct unread *unread = calloc(1, sizeof *unread);
    if (unread == NULL)
        return NULL;
    unread->accounts = table_create(sizeof(struct peer_key), sizeof(struct unread_account *));
    if (unread->accounts == NULL)
        unread_destroy(&unread);
    return unread;
}

void unread_destroy(struct unread **pointer)
{
    struct unread *unread = *pointer;
    if (unread == NULL)
        return;
    size_t position = 0;
    const void *key;
    void *value;
    while (unread->accounts != NULL && table_next(unread->accounts, &position, &key, &value))
        free(*(struct unread_account **)value);
    table_destroy(&unread->accounts);
    free(unread);
    *pointer = NULL;
}

static struct peer_key key_of(const struct bus_address *peer)
{
    struct peer_key key = {.len = peer->len};
    memcpy(key.bytes, peer->bytes, peer->len);
    return key;
}

static void let_off(struct unread_account *account, size_t bytes)
{
    atomic_fetch_sub(&account->unread->bytes, bytes);
    atomic_fetch_sub(&account->bytes, bytes); /* last: an account without bytes may be freed */
}

void unread_free(void *bytes, void *data)
{
    struct unread_reply *reply = data;
    struct unread_account *account = reply->account;
    (void)bytes;
    const size_t left = atomic_exchange(&account->leaving, reply->len + UNREAD_OVERHEAD);
    if (left > 0) /* else the account may be freed by now */
        let_off(account, left);
    free(reply);
}

/* 0: there is none. */
static ino_t socket_of(int descriptor)
{
    struct stat status;
    return fstat(descriptor, &status) < 0 ? 0 : status.st_ino;
}

/* True when the kernel holds nothing that the peer has not read, or the connection is gone and its descriptor another's. */
static bool has_read(const struct unread_account *account)
{
    int waiting;
    return socket_of(account->descriptor) != account->socket ||
           ioctl(account->descriptor, SIOCOUTQ, &waiting) < 0 || waiting == 0;
}

/* Lets off what has left the queue and been read. True when nothing is left. */
static bool settle(struct unread_account *account)
{
    const size_t leaving = atomic_load(&account->leaving);
    /* More in it than what is leaving: the queue moves, or does not, without us. */
    if (leaving > 0 && leaving == atomic_load(&account->bytes) && has_read(account))
        let_off(account, atomic_exchange(&account->leaving, 0));
    return atomic_load(&account->bytes) == 0;
}

static size_t share(const struct unread *unread)
{
    const size_t bytes = atomic_load(&unread->bytes);
    return bytes < UNREAD_BYTES_MAX ? (UNREAD_BYTES_MAX - bytes) / UNREAD_SHARE : 0;
}

static void sweep(struct unread *unread)
{
    struct buffer gone = {0};
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(unread->accounts, &position, &key, &value))
        if (settle(*(struct unread_account **)value)) {
            free(*(struct unread_account **)value);
            buffer_append(&gone, key, sizeof(struct peer_key));
        }
    for (size_t at = 0; at < gone.len; at += sizeof(struct peer_key))
        table_remove(unread->accounts, gone.bytes + at);
    buffer_free(&gone);
    unread->kept = table_count(unread->accounts);
}

/* Answers lie among what lives longer, so what is free of them would stay ours for good (of 128 MiB, 125). */
static void give_back(struct unread *unread)
{
    const size_t bytes = atomic_load(&unread->bytes);
    if (unread->most < GIVE_BACK_BYTES || bytes > unread->most / 8)
        return;
    (void)malloc_trim(0);
    unread->most = bytes;
}

void unread_turn(struct unread *unread, int64_t boot_ms)
{
    const size_t count = table_count(unread->accounts);
    if (count == 0 ||
        (boot_ms < unread->next_sweep_boot_ms && count < 2 * unread->kept + SWEEP_PEERS))
        return;
    unread->next_sweep_boot_ms = boot_ms + SWEEP_MS;
    sweep(unread);
    give_back(unread);
}

static struct unread_account *find_account(const struct unread *unread,
                                           const struct bus_address *peer)
{
    const struct peer_key key = key_of(peer);
    struct unread_account **slot = table_get(unread->accounts, &key);
    return slot == NULL ? NULL : *slot;
}

static void note_connection(struct unread_account *account, const struct bus_address *peer)
{
    account->descriptor = peer->descriptor;
    account->socket = socket_of(peer->descriptor);
}

static struct unread_account *open_account(struct unread *unread, const struct bus_address *peer)
{
    const struct peer_key key = key_of(peer);
    struct unread_account *account = calloc(1, sizeof *account);
    if (account == NULL)
        abort();
    account->unread = unread;
    note_connection(account, peer);
    *(struct unread_account **)table_put(unread->accounts, &key, NULL) = account;
    return account;
}

struct unread_reply *unread_charge(struct unread *unread, const struct bus_address *peer,
                                   size_t len)
{
    const size_t cost = len + UNREAD_OVERHEAD;
    struct unread_account *account = find_account(unread, peer);
    if (account != NULL && atomic_load(&account->bytes) + cost > share(unread))
        (void)settle(account);
    if ((account == NULL ? 0 : atomic_load(&account->bytes)) + cost > share(unread))
        return NULL;
    struct unread_reply *reply = malloc(sizeof *reply + len);
    if (reply == NULL)
        abort();
    if (account == NULL)
        account = open_account(unread, peer);
    else if (account->descriptor != peer->descriptor)
        note_connection(account, peer); /* the same peer, come back */
    reply->account = account;
    reply->len = len;
    atomic_fetch_add(&account->bytes, cost);
    const size_t bytes = atomic_fetch_add(&unread->bytes, cost) + cost;
    unread->most = bytes > unread->most ? bytes : unread->most;
    return reply;
}

bool unread_is_behind(struct unread *unread, const struct bus_address *peer)
{
    struct unread_account *account = find_account(unread, peer);
    if (account == NULL || atomic_load(&account->bytes) <= share(unread) / 2)
        return false;
    (void)settle(account);
    return atomic_load(&account->bytes) > share(unread) / 2;
}

size_t unread_bytes(const struct unread *unread)
{
    return atomic_load(&unread->bytes);
}

size_t unread_peers(const struct unread *unread)
{
    return table_count(unread->accounts);
}
