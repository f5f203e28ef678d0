/* The sockets of a service: its own two, routes to whom it asks or follows, and subscriptions. */
#include "common/daemon.h"

#include "common/text.h"

#include <errno.h>
#include <string.h>

int each_endpoint(struct daemon *daemon, const char *service, const char *key,
                  int (*use)(struct daemon *daemon, const char *service, const char *endpoint,
                             const char *server_key))
{
    const struct allowed_key *peer = auth_by_name(daemon->auth, service);
    const char *list = conf_text(daemon->conf, service, key);
    if (list == NULL || peer == NULL)
        return -ENOENT;
    int result = 0;
    for (const char *at = list; at != NULL && result == 0; at = strchr(at, ',')) {
        char endpoint[256];
        at += strspn(at, ", ");
        result = text_copy(endpoint, sizeof endpoint, at, strcspn(at, ", "));
        if (result == 0)
            result = use(daemon, service, endpoint, peer->public_key);
    }
    return result;
}

bool once(const char *names[], size_t *count, const char *name)
{
    for (size_t at = 0; at < *count; at++)
        if (strcmp(names[at], name) == 0)
            return false;
    names[(*count)++] = name;
    return true;
}

static int bind_own(struct daemon *daemon)
{
    char publish[256];
    char sentence[512];
    int result = own_item(daemon, "publish", publish, sizeof publish);
    if (result < 0)
        return refuse_start(EXIT_CODE_CONFIG, "the configuration has no publish endpoint for it");
    const char *endpoint = daemon->endpoint;
    result = bus_bind_requests(daemon->bus, endpoint);
    if (result == 0) {
        endpoint = publish;
        result = bus_bind_events(daemon->bus, publish);
    }
    if (result == 0)
        return EXIT_CODE_OK;
    (void)text_format(sentence, sizeof sentence, "%s cannot be bound: %s", endpoint,
                      result == -EADDRINUSE ? "another process has it" : strerror(-result));
    log_error(CODE_ENDPOINT_IN_USE, NULL, "%s", sentence);
    return EXIT_CODE_UNAVAILABLE;
}

static int add_route(struct daemon *daemon, const char *service, const char *endpoint,
                     const char *server_key)
{
    return routes_add(daemon->door.routes, service, endpoint, server_key);
}

static int add_subscription(struct daemon *daemon, const char *service, const char *endpoint,
                            const char *server_key)
{
    (void)service;
    return bus_subscribe(daemon->bus, endpoint, server_key, "");
}

/* Routes to every service we send to or follow; subscriptions to those we follow. */
static int connect_peers(struct daemon *daemon)
{
    const char *routed[SHARD_FOLLOWED_MAX * 2];
    size_t routed_count = 0;
    char sentence[256];
    const struct reaction_row *reaction = daemon->service->reactions;
    for (; reaction != NULL && reaction->type != NULL; reaction++) {
        if (!once(routed, &routed_count, reaction->service))
            continue;
        if (each_endpoint(daemon, reaction->service, "router", add_route) < 0 ||
            each_endpoint(daemon, reaction->service, "publish", add_subscription) < 0) {
            (void)text_format(sentence, sizeof sentence,
                              "%s is followed, but its endpoints or key are not configured",
                              reaction->service);
            return refuse_start(EXIT_CODE_CONFIG, sentence);
        }
    }
    for (const char *const *asked = daemon->service->asks; asked != NULL && *asked != NULL;
         asked++) {
        if (!once(routed, &routed_count, *asked))
            continue;
        if (each_endpoint(daemon, *asked, "router", add_route) < 0) {
            (void)text_format(sentence, sizeof sentence,
                              "%s is asked, but its endpoint or key is not configured", *asked);
            return refuse_start(EXIT_CODE_CONFIG, sentence);
        }
    }
    return EXIT_CODE_OK;
}

int start_bus(struct daemon *daemon)
{
    const struct bus_handlers handlers = {&daemon->door, door_request, door_answer, door_batch};
    daemon->bus = bus_create(daemon->loop, &daemon->keys, &daemon->auth, &handlers);
    daemon->door.bus = daemon->bus;
    daemon->door.routes = daemon->bus == NULL ? NULL : routes_create(daemon->bus);
    if (daemon->door.routes == NULL)
        return refuse_start(EXIT_CODE_FAILED, "no memory for the bus");
    const int code = bind_own(daemon);
    return code != EXIT_CODE_OK ? code : connect_peers(daemon);
}
