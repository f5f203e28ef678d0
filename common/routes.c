/* Routes to other services: see routes.h. */
#include "common/routes.h"

#include "common/envelope.h"
#include "common/table.h"
#include "common/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    SERVICES_MAX = 16,
    ENDPOINTS_MAX = 16, /* daemons of one service */
    SILENT_MS = 1000,   /* an endpoint that has not answered for so long is left for the next */
};

struct peers {
    char service[32];
    struct bus_peer *endpoints[ENDPOINTS_MAX];
    size_t count;
};

struct routes {
    struct bus *bus;
    struct peers services[SERVICES_MAX];
    size_t count;
    struct table *chosen; /* struct route_key -> struct route */
};

struct route_key {
    char authority[ENVELOPE_AUTHORITY_MAX];
    char service[32];
};

struct route {
    int64_t asked_boot_ms; /* first send since the last answer; 0 = all answered */
    uint64_t endpoint;
};

struct routes *routes_create(struct bus *bus)
{
    struct routes *routes = calloc(1, sizeof *routes);
    if (routes == NULL)
        return NULL;
    routes->bus = bus;
    routes->chosen = table_create(sizeof(struct route_key), sizeof(struct route));
    if (routes->chosen == NULL)
        routes_destroy(&routes);
    return routes;
}

void routes_destroy(struct routes **routes)
{
    if (*routes == NULL)
        return;
    table_destroy(&(*routes)->chosen);
    free(*routes);
    *routes = NULL;
}

static struct peers *find_peers(struct routes *routes, const char *service)
{
    for (size_t at = 0; at < routes->count; at++)
        if (strcmp(routes->services[at].service, service) == 0)
            return &routes->services[at];
    return NULL;
}

int routes_add(struct routes *routes, const char *service, const char *endpoint,
               const char *server_key)
{
    struct peers *peers = find_peers(routes, service);
    if (peers == NULL) {
        if (routes->count == SERVICES_MAX)
            return -ENOMEM;
        peers = &routes->services[routes->count];
        if (text_format(peers->service, sizeof peers->service, "%s", service) < 0)
            return -ENOMEM;
        routes->count++;
    }
    if (peers->count == ENDPOINTS_MAX)
        return -ENOMEM;
    struct bus_peer *peer = bus_connect(routes->bus, endpoint, server_key);
    if (peer == NULL)
        return -ENOMEM;
    peers->endpoints[peers->count++] = peer;
    return 0;
}

static struct route *find_route(struct routes *routes, const char *authority, const char *service)
{
    struct route_key key = {0};
    memcpy(key.authority, authority, strnlen(authority, sizeof key.authority));
    memcpy(key.service, service, strnlen(service, sizeof key.service));
    return table_put(routes->chosen, &key, NULL);
}

bool routes_send(struct routes *routes, int64_t now_boot_ms, const char *authority,
                 const char *service, const void *bytes, size_t len)
{
    const struct peers *peers = find_peers(routes, service);
    if (peers == NULL)
        return false;
    struct route *route = find_route(routes, authority, service);
    if (route->asked_boot_ms == 0)
        route->asked_boot_ms = now_boot_ms;
    bool silent = now_boot_ms - route->asked_boot_ms > SILENT_MS;
    for (size_t tries = 0; tries < peers->count; tries++) {
        if (silent) {
            route->endpoint = (route->endpoint + 1) % peers->count;
            route->asked_boot_ms = now_boot_ms;
        }
        if (bus_send(peers->endpoints[route->endpoint], bytes, len))
            return true;
        silent = true; /* nobody is connected there */
    }
    return false;
}

void routes_heard(struct routes *routes, const char *authority, const struct bus_peer *peer,
                  bool not_owner, const char *owner_endpoint)
{
    for (size_t at = 0; at < routes->count; at++) {
        const struct peers *peers = &routes->services[at];
        for (size_t end = 0; end < peers->count; end++) {
            if (peers->endpoints[end] != peer)
                continue;
            struct route *route = find_route(routes, authority, peers->service);
            route->asked_boot_ms = 0;
            route->endpoint = not_owner ? (end + 1) % peers->count : end;
            for (size_t other = 0; not_owner && other < peers->count; other++)
                if (strcmp(bus_peer_endpoint(peers->endpoints[other]), owner_endpoint) == 0)
                    route->endpoint = other;
            return;
        }
    }
}
