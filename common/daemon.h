/* What the files of a running service share: service.c (start, run, stop), service_config.c (configuration, keys, authorities),
 * service_peers.c (sockets), service_ops.c (what operations sees), service_verify.c (--verify). Nobody else includes this. */
#ifndef DAYWAYS_COMMON_DAEMON_H
#define DAYWAYS_COMMON_DAEMON_H

#include "common/authority.h"
#include "common/client.h"
#include "common/conf.h"
#include "common/door.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/ops.h"
#include "common/options.h"
#include "common/service.h"
#include "common/verify.h"

enum { AUTHORITIES_MAX = DOOR_SHARDS_MAX, STORES_MAX = 64 };

struct daemon {
    const struct service *service;
    struct options options;
    struct conf *conf;
    struct loop *loop;
    struct auth *auth;
    struct key_pair keys;
    struct bus *bus;
    struct door door;
    struct ops *ops;
    struct ids ids;
    struct quarantine *quarantine;
    struct arena *models;
    const char *store_addresses[STORES_MAX];
    struct redis_store *stores[STORES_MAX];
    size_t stores_count;
    uint64_t stores_lost; /* times a Redis went away */
    struct store *shard_stores[AUTHORITIES_MAX];
    char endpoint[256];
    char owner[600];
    struct loop_timer *stop_timer; /* or the end of patience of --verify */
    struct metrics *metrics;
    struct verify_settings verify;
    struct client *asker; /* of others' journals, when verifying */
    const char *asked[SHARD_FOLLOWED_MAX];
    size_t asked_count;
    bool stopping;
    int exit_code;
};

/* Says why in one line and returns the code. */
int refuse_start(enum exit_code code, const char *sentence);

/* --- service_config.c: exit codes --- */
int read_configuration(struct daemon *daemon);
int read_keys(struct daemon *daemon);
int add_authorities(struct daemon *daemon);
/* The element of a comma list that is this instance's. 0 or negative errno. */
int own_item(const struct daemon *daemon, const char *key, char *ret_item, size_t size);

/* --- service_peers.c --- */
int start_bus(struct daemon *daemon);
/* Calls use for each endpoint in the list `key` of a service; 0, -ENOENT when it has none, or what use gave. */
int each_endpoint(struct daemon *daemon, const char *service, const char *key,
                  int (*use)(struct daemon *daemon, const char *service, const char *endpoint,
                             const char *server_key));
/* True when the name was not in the list; now it is. */
bool once(const char *names[], size_t *count, const char *name);

/* --- service_ops.c --- */
int start_ops(struct daemon *daemon);

/* --- service_verify.c --- */
void prepare_verify(struct daemon *daemon, const struct shard_settings *settings);
void on_store_ready_to_verify(void *context);
int run_verify(struct daemon *daemon);

#endif
