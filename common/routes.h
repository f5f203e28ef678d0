/* Which endpoint of another service to ask for an authority: the one that answered last, the one a non-owner named, or the
 * next in turn when nobody answers. */
#ifndef DAYWAYS_COMMON_ROUTES_H
#define DAYWAYS_COMMON_ROUTES_H

#include "common/bus.h"

struct routes;

struct routes *routes_create(struct bus *bus);
void routes_destroy(struct routes **routes);

/* One endpoint of a service, whose daemons prove themselves with server_key. 0 or -ENOMEM. */
int routes_add(struct routes *routes, const char *service, const char *endpoint,
               const char *server_key);

/* Sends to the service for that authority. False: it has no endpoint, or nobody is connected at any. */
bool routes_send(struct routes *routes, int64_t now_boot_ms, const char *authority,
                 const char *service, const void *bytes, size_t len);

/* Told of every answer: owner_endpoint is "" unless the answer was NOT_OWNER. */
void routes_heard(struct routes *routes, const char *authority, const struct bus_peer *peer,
                  bool not_owner, const char *owner_endpoint);

#endif
