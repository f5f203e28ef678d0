/* Running a service: the start order, signals, and the staged stop. Each step of the start either works or ends the process
 * with one sentence and its own exit code: options, configuration, keys, models, sockets, Redis, and then the loop. */
#include "common/service.h"

#include "common/authority.h"
#include "common/client.h"
#include "common/conf.h"
#include "common/crash.h"
#include "common/door.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/ops.h"
#include "common/options.h"
#include "common/text.h"
#include "common/verify.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum {
    MODELS_MEMORY_MAX = 1024 * 1024 * 1024, /* of all councils */
    AUTHORITIES_MAX = DOOR_SHARDS_MAX,
    STORES_MAX = 64,
    VERIFY_PATIENCE_MS = 10000, /* for one answer of another daemon */
    STOP_PATIENCE_MS = 5000, /* what is not released by then is asked for again by its sender */
};

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
    struct store *shard_stores[AUTHORITIES_MAX];
    char endpoint[256];
    char owner[600];
    struct loop_timer *stop_timer;
    struct metrics *metrics;
    struct verify_settings verify;
    struct client *asker; /* of others' journals, when verifying */
    const char *asked[SHARD_FOLLOWED_MAX];
    size_t asked_count;
    bool stopping;
    int exit_code;
};

static int refuse_start(enum exit_code code, const char *sentence)
{
    log_error(CODE_CONFIG_INVALID, NULL, "%s", sentence);
    return (int)code;
}

/* --- configuration ------------------------------------------------------------------------------------------------- */

/* The element of a comma list that is ours. */
static int own_item(const struct daemon *daemon, const char *key, char *ret_item, size_t size)
{
    const char *at = conf_text(daemon->conf, daemon->service->name, key);
    for (size_t skip = daemon->options.instance; at != NULL && skip > 0; skip--) {
        at = strchr(at, ',');
        at = at == NULL ? NULL : at + 1;
    }
    if (at == NULL)
        return -ENOENT;
    at += strspn(at, " ");
    return text_copy(ret_item, size, at, strcspn(at, ", "));
}

static bool in_list(const char *list, const char *item)
{
    const size_t len = strlen(item);
    if (strcmp(list, "*") == 0)
        return true;
    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += strspn(at, ", ");
        if (strncmp(at, item, len) == 0 && strchr(", ", at[len]) != NULL)
            return true;
    }
    return false;
}

static int read_configuration(struct daemon *daemon)
{
    char error[512] = "";
    enum log_level level;
    enum log_format format;
    if (conf_load(daemon->options.config, daemon->options.overrides, daemon->options.overrides_count,
                  &daemon->conf, error, sizeof error) < 0)
        return refuse_start(EXIT_CODE_CONFIG, error);
    if (log_level_from_text(conf_text(daemon->conf, "dayways", "log_level"), &level) < 0 ||
        log_format_from_text(conf_text(daemon->conf, "dayways", "log_format"), &format) < 0)
        return refuse_start(EXIT_CODE_CONFIG, "log_level or log_format has no such value");
    log_start(daemon->service->name, level, format);
    if (own_item(daemon, "router", daemon->endpoint, sizeof daemon->endpoint) < 0)
        return refuse_start(EXIT_CODE_CONFIG,
                            "the configuration has no router endpoint for this service and instance");
    return EXIT_CODE_OK;
}

static int read_keys(struct daemon *daemon)
{
    char error[512] = "the keys directory has no key of this service (dayways keys new)";
    const char *directory = conf_text(daemon->conf, "dayways", "keys_directory");
    if (key_pair_load(directory, daemon->service->name, &daemon->keys) < 0 ||
        auth_load(directory, &daemon->auth, error, sizeof error) < 0)
        return refuse_start(EXIT_CODE_CONFIG, error);
    return EXIT_CODE_OK;
}

/* --- peers ----------------------------------------------------------------------------------------------------------- */

/* Each endpoint of the list key of a service. */
static int each_endpoint(struct daemon *daemon, const char *service, const char *key,
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

static bool once(const char *names[], size_t *count, const char *name)
{
    for (size_t at = 0; at < *count; at++)
        if (strcmp(names[at], name) == 0)
            return false;
    names[(*count)++] = name;
    return true;
}

static int add_asked(struct daemon *daemon, const char *service, const char *endpoint,
                     const char *server_key)
{
    (void)server_key;
    return client_add(daemon->asker, service, endpoint);
}

/* --- authorities --------------------------------------------------------------------------------------------------- */

static void on_store_ready(void *context)
{
    (void)context;
    log_info(NULL, "redis is ready");
}

static void on_store_away(void *context)
{
    struct daemon *daemon = context;
    log_error(CODE_STORE_UNAVAILABLE, NULL,
              "redis is away; requests are answered UNAVAILABLE, trying again");
    for (size_t at = 0; at < daemon->door.shards_count; at++)
        shard_store_away(daemon->door.shards[at], loop_now(daemon->loop));
}

static void on_store_unfit(void *context, const char *setting)
{
    struct daemon *daemon = context;
    log_error(CODE_STORE_SETTINGS, NULL,
              "redis setting %s does not keep what is promised; see deploy/redis.conf", setting);
    daemon->exit_code = EXIT_CODE_CONFIG;
    loop_stop(daemon->loop);
}

static void on_verified(void *context, int differences)
{
    struct daemon *daemon = context;
    daemon->exit_code = differences == 0  ? EXIT_CODE_OK
                        : differences < 0 ? EXIT_CODE_TRY_LATER
                                          : EXIT_CODE_FAILED;
    if (differences < 0)
        fprintf(stderr, "verify: the store went away or kept changing; try again when it is quiet\n");
    loop_stop(daemon->loop);
}

/* Asks with this service's own key; made at the first question. */
static int fetch_journal(void *context, const char *service, uint64_t from_seq,
                         struct buffer *ret_fetched)
{
    struct daemon *daemon = context;
    char error[256] = "";
    char type[64];
    if (daemon->asker == NULL)
        daemon->asker = client_create(conf_text(daemon->conf, "dayways", "keys_directory"),
                                      daemon->service->name, error, sizeof error);
    if (daemon->asker == NULL)
        return -ENOENT;
    if (once(daemon->asked, &daemon->asked_count, service) &&
        each_endpoint(daemon, service, "router", add_asked) < 0)
        return -ENOENT;
    Dw__FetchEvents fetch = DW__FETCH_EVENTS__INIT;
    fetch.from_seq = from_seq;
    fetch.limit = 1000;
    const int result = client_call(daemon->asker, daemon->verify.authority, service, &fetch.base, NULL,
                                   VERIFY_PATIENCE_MS, type, ret_fetched);
    return result == 0 && strcmp(type, "EventsFetched") != 0 ? -EPROTO : result;
}

static void on_store_ready_to_verify(void *context)
{
    struct daemon *daemon = context;
    verify_begin(&daemon->verify);
}

static struct redis_store *find_store(struct daemon *daemon, const char *address)
{
    for (size_t at = 0; at < daemon->stores_count; at++)
        if (strcmp(daemon->store_addresses[at], address) == 0)
            return daemon->stores[at];
    if (daemon->stores_count == STORES_MAX)
        return NULL;
    const struct redis_store_handlers handlers = {
        daemon, daemon->options.verify != NULL ? on_store_ready_to_verify : on_store_ready,
        on_store_away, on_store_unfit};
    struct redis_store *store = redis_store_create(daemon->loop, address, &handlers);
    if (store == NULL)
        return NULL;
    daemon->store_addresses[daemon->stores_count] = address;
    daemon->stores[daemon->stores_count++] = store;
    return store;
}

/* Reads an authority's files; makes its shard unless only checking. */
static int add_authority(struct daemon *daemon, const char *name)
{
    char section[64];
    char error[1024] = "an authority's name is 1 to 32 of a-z, 0-9 and hyphen";
    struct shard_settings settings = {.service = daemon->service,
                                      .authority = name,
                                      .owner = daemon->owner,
                                      .ids = &daemon->ids,
                                      .quarantine = daemon->quarantine};
    if (!authority_is_valid(name) || text_format(section, sizeof section, "authority %s", name) < 0)
        return refuse_start(EXIT_CODE_CONFIG, error);
    const char *model = conf_text(daemon->conf, section, "model");
    const char *redis = conf_text(daemon->conf, section, "redis");
    const char *key = conf_text(daemon->conf, section, "digest_key");
    if (model == NULL || redis == NULL || key == NULL)
        return refuse_start(EXIT_CODE_CONFIG, "an authority needs model, redis and digest_key");
    if (authority_load_model(model, daemon->service->model, daemon->models, &settings.model,
                             settings.model_digest, error, sizeof error) < 0 ||
        authority_load_digest_key(key, settings.digest_key, error, sizeof error) < 0)
        return refuse_start(EXIT_CODE_CONFIG, error);
    if (daemon->options.check_config)
        return EXIT_CODE_OK;
    struct redis_store *store = find_store(daemon, redis);
    settings.store = store == NULL ? NULL : redis_store_shard(store, name, daemon->service->name);
    if (daemon->options.verify != NULL && settings.store != NULL) {
        daemon->shard_stores[0] = settings.store;
        daemon->verify = (struct verify_settings){.service = daemon->service,
                                                  .authority = name,
                                                  .store = settings.store,
                                                  .context = daemon,
                                                  .fetch = fetch_journal,
                                                  .done = on_verified};
        memcpy(daemon->verify.digest_key, settings.digest_key, sizeof settings.digest_key);
        return EXIT_CODE_OK;
    }
    settings.outlet = door_outlet(&daemon->door);
    struct shard *shard = settings.store == NULL ? NULL : shard_create(&settings);
    if (shard == NULL)
        return refuse_start(EXIT_CODE_FAILED, "no memory, or too many Redis addresses");
    daemon->shard_stores[daemon->door.shards_count] = settings.store;
    daemon->door.shards[daemon->door.shards_count++] = shard;
    return EXIT_CODE_OK;
}

static int add_authorities(struct daemon *daemon)
{
    static const char *names[AUTHORITIES_MAX];
    const char *served = conf_text(daemon->conf, daemon->service->name, "authorities");
    const size_t count = conf_sections(daemon->conf, "authority", names, AUTHORITIES_MAX);
    if (count == 0 || count > AUTHORITIES_MAX)
        return refuse_start(EXIT_CODE_CONFIG, "the configuration has 1 to 512 authorities");
    for (size_t at = 0; at < count; at++) {
        if (daemon->options.verify != NULL)
            served = daemon->options.verify;
        const int code = in_list(served, names[at]) ? add_authority(daemon, names[at]) : EXIT_CODE_OK;
        if (code != EXIT_CODE_OK)
            return code;
    }
    if (daemon->options.verify != NULL && daemon->shard_stores[0] == NULL)
        return refuse_start(EXIT_CODE_USAGE, "the configuration has no such authority to verify");
    return EXIT_CODE_OK;
}

/* --- sockets ------------------------------------------------------------------------------------------------------- */

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
    for (const char *const *asked = daemon->service->asks; asked != NULL && *asked != NULL; asked++) {
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

static int start_bus(struct daemon *daemon)
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

/* --- what operations sees -------------------------------------------------------------------------------------------- */

static const char *const state_names[] = {[SHARD_STANDBY] = "standby",
                                          [SHARD_LOADING] = "loading",
                                          [SHARD_LIVE] = "live",
                                          [SHARD_FROZEN] = "frozen",
                                          [SHARD_STOPPED] = "stopped"};

static bool on_ready(void *context, struct buffer *ret_lines)
{
    const struct daemon *daemon = context;
    bool ready = !daemon->stopping;
    for (size_t at = 0; at < daemon->stores_count; at++) {
        const bool there = redis_store_is_ready(daemon->stores[at]);
        buffer_print(ret_lines, "[%c]redis %s\n", there ? '+' : '-', there ? "ok" : "away");
        ready = ready && there;
    }
    for (size_t at = 0; at < daemon->door.shards_count; at++) {
        struct shard_status status;
        shard_status(daemon->door.shards[at], &status);
        const bool good = status.frozen_why == NULL &&
                          (status.state == SHARD_LIVE || status.state == SHARD_STANDBY);
        buffer_print(ret_lines, "[%c]%s %s%s%s\n", good ? '+' : '-',
                     shard_authority(daemon->door.shards[at]), state_names[status.state],
                     status.frozen_why == NULL ? "" : " ",
                     status.frozen_why == NULL ? "" : status.frozen_why);
        ready = ready && good;
    }
    return ready;
}

static void on_status(void *context, struct buffer *ret_json)
{
    const struct daemon *daemon = context;
    buffer_print(ret_json, "{\"service\":\"%s\",\"version\":\"%s\",\"endpoint\":\"%s\",\"shards\":[",
                 daemon->service->name, DAYWAYS_VERSION, daemon->endpoint);
    for (size_t at = 0; at < daemon->door.shards_count; at++) {
        struct shard_status status;
        shard_status(daemon->door.shards[at], &status);
        buffer_print(
            ret_json,
            "%s{\"authority\":\"%s\",\"state\":\"%s\",\"why\":\"%s\",\"seq\":%llu,\"epoch\":%llu,"
            "\"version\":%llu,\"entities\":%zu,\"outbox\":%zu,\"accepted\":%llu,\"refused\":%llu,"
            "\"failed\":%llu,\"repeated\":%llu,\"commits\":%llu,\"recoveries\":%llu,"
            "\"followed\":%zu,\"followedCurrent\":%zu,\"lagEvents\":%llu,\"foldedEvents\":%llu}",
            at == 0 ? "" : ",", shard_authority(daemon->door.shards[at]), state_names[status.state],
            status.frozen_why == NULL ? "" : status.frozen_why, (unsigned long long)status.head_seq,
            (unsigned long long)status.epoch, (unsigned long long)status.version, status.entities,
            status.outbox, (unsigned long long)status.accepted, (unsigned long long)status.refused,
            (unsigned long long)status.failed, (unsigned long long)status.repeated,
            (unsigned long long)status.commits, (unsigned long long)status.recoveries,
            status.followed, status.followed_current, (unsigned long long)status.lag_events,
            (unsigned long long)status.folded_events);
    }
    buffer_print(ret_json, "]}\n");
}

static void print_metric(struct buffer *text, const char *name, const char *type, const char *help)
{
    buffer_print(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Figures the shards already count, one series an authority. */
static void on_metrics(void *context, struct buffer *ret_text)
{
    static const struct {
        const char *name, *type, *help;
        size_t offset;
    } figures[] = {
        {"dayways_commands_accepted_total", "counter", "Commands done.",
         offsetof(struct shard_status, accepted)},
        {"dayways_commands_refused_total", "counter", "Commands the domain refused.",
         offsetof(struct shard_status, refused)},
        {"dayways_requests_failed_total", "counter", "Requests answered with an error.",
         offsetof(struct shard_status, failed)},
        {"dayways_commands_repeated_total", "counter", "Commands answered from memory.",
         offsetof(struct shard_status, repeated)},
        {"dayways_commits_total", "counter", "Commits sent to Redis.",
         offsetof(struct shard_status, commits)},
        {"dayways_recoveries_total", "counter", "Times a shard forgot its memory and loaded anew.",
         offsetof(struct shard_status, recoveries)},
        {"dayways_journal_head_seq", "gauge", "Sequence number of the last released event.",
         offsetof(struct shard_status, head_seq)},
        {"dayways_follower_lag_events", "gauge", "Events of followed journals not folded yet.",
         offsetof(struct shard_status, lag_events)},
    };
    const struct daemon *daemon = context;
    for (size_t figure = 0; figure < sizeof figures / sizeof figures[0]; figure++) {
        print_metric(ret_text, figures[figure].name, figures[figure].type, figures[figure].help);
        for (size_t at = 0; at < daemon->door.shards_count; at++) {
            struct shard_status status;
            uint64_t value;
            shard_status(daemon->door.shards[at], &status);
            memcpy(&value, (const char *)&status + figures[figure].offset, sizeof value);
            buffer_print(ret_text, "%s{authority=\"%s\"} %llu\n", figures[figure].name,
                         shard_authority(daemon->door.shards[at]), (unsigned long long)value);
        }
    }
    metrics_write(daemon->metrics, ret_text);
}

static int start_ops(struct daemon *daemon)
{
    char address[256];
    const struct ops_handlers handlers = {daemon, on_ready, on_metrics, on_status};
    if (own_item(daemon, "admin", address, sizeof address) < 0)
        return EXIT_CODE_OK; /* none wanted */
    daemon->ops = ops_create(daemon->loop, address, &handlers);
    if (daemon->ops != NULL)
        return EXIT_CODE_OK;
    log_error(CODE_ENDPOINT_IN_USE, NULL, "admin address %s cannot be listened on", address);
    return EXIT_CODE_UNAVAILABLE;
}

/* --- signals and the staged stop --------------------------------------------------------------------------------------- */

static void give_up_stopping(void *context)
{
    struct daemon *daemon = context;
    log_warn(NULL, "stopping although not everything was released; it is asked for again");
    loop_stop(daemon->loop);
}

static void begin_stop(void *context)
{
    struct daemon *daemon = context;
    if (daemon->stopping)
        return;
    log_info(NULL, "stopping: no new requests, releasing what is in flight");
    (void)sd_notify(0, "STOPPING=1");
    daemon->stopping = true;
    bus_stop_requests(daemon->bus);
    for (size_t at = 0; at < daemon->door.shards_count; at++)
        shard_stop(daemon->door.shards[at]);
    loop_timer_set(daemon->stop_timer, STOP_PATIENCE_MS);
}

static bool stop_turn(void *context)
{
    const struct daemon *daemon = context;
    if (!daemon->stopping)
        return false;
    for (size_t at = 0; at < daemon->door.shards_count; at++) {
        struct shard_status status;
        shard_status(daemon->door.shards[at], &status);
        if (status.state != SHARD_STOPPED)
            return false;
    }
    loop_stop(daemon->loop);
    return false;
}

/* Keys are read again; a bad file changes nothing. */
static void reload(void *context)
{
    struct daemon *daemon = context;
    struct auth *auth;
    char error[512] = "";
    if (auth_load(conf_text(daemon->conf, "dayways", "keys_directory"), &auth, error, sizeof error) <
        0) {
        log_error(CODE_CONFIG_INVALID, NULL, "keys not reloaded, the old ones stay: %s", error);
        return;
    }
    auth_destroy(&daemon->auth);
    daemon->auth = auth;
    log_info(NULL, "keys reloaded");
}

/* --- start and run --------------------------------------------------------------------------------------------------- */

static int name_owner(struct daemon *daemon)
{
    char host[256] = "";
    (void)gethostname(host, sizeof host - 1);
    /* Only one process can have the endpoint bound, so a restarted daemon is the same owner and need not wait. */
    return text_format(daemon->owner, sizeof daemon->owner, "%s/%s %s", host, daemon->endpoint,
                       daemon->endpoint) < 0
               ? refuse_start(EXIT_CODE_CONFIG, "the endpoint is too long")
               : EXIT_CODE_OK;
}

static int open_quarantine(struct daemon *daemon)
{
    char path[4096];
    char sentence[4200];
    const char *directory = conf_text(daemon->conf, "dayways", "run_directory");
    int result = text_format(path, sizeof path, "%s/%s-%zu.deciding", directory,
                             daemon->service->name, daemon->options.instance);
    if (result == 0)
        result = quarantine_open(path, &daemon->quarantine);
    if (result == 0)
        return EXIT_CODE_OK;
    (void)text_format(sentence, sizeof sentence, "%s: %s", path, strerror(-result));
    return refuse_start(EXIT_CODE_UNAVAILABLE, sentence);
}

static int make_loop(struct daemon *daemon)
{
    daemon->loop = loop_create();
    daemon->models = arena_create(MODELS_MEMORY_MAX);
    daemon->door.arena = arena_create(64 * (size_t)BUS_REQUEST_MAX);
    daemon->door.loop = daemon->loop;
    daemon->metrics = metrics_create();
    daemon->stop_timer =
        daemon->loop == NULL ? NULL : loop_timer_create(daemon->loop, give_up_stopping, daemon);
    ids_init(&daemon->ids);
    return daemon->stop_timer == NULL || daemon->models == NULL || daemon->door.arena == NULL
               ? refuse_start(EXIT_CODE_FAILED, "no memory")
               : EXIT_CODE_OK;
}

static int start(struct daemon *daemon)
{
    static int (*const steps[])(struct daemon *daemon) = {
        name_owner, read_keys, make_loop, open_quarantine, start_bus, add_authorities, start_ops};
    static int (*const checks[])(struct daemon *daemon) = {name_owner, read_keys, make_loop,
                                                           add_authorities};
    /* Neither checking nor verifying opens a socket of ours. */
    const bool checking = daemon->options.check_config || daemon->options.verify != NULL;
    const size_t count =
        checking ? sizeof checks / sizeof checks[0] : sizeof steps / sizeof steps[0];
    for (size_t at = 0; at < count; at++) {
        const int code = (checking ? checks[at] : steps[at])(daemon);
        if (code != EXIT_CODE_OK)
            return code;
    }
    return EXIT_CODE_OK;
}

static int run_verify(struct daemon *daemon)
{
    loop_run(daemon->loop);
    return daemon->exit_code;
}

static int run(struct daemon *daemon)
{
    signal(SIGPIPE, SIG_IGN);
    loop_on_signal(daemon->loop, SIGTERM, begin_stop, daemon);
    loop_on_signal(daemon->loop, SIGINT, begin_stop, daemon);
    loop_on_signal(daemon->loop, SIGHUP, reload, daemon);
    loop_add_turn(daemon->loop, bus_turn, daemon->bus);
    loop_add_turn(daemon->loop, door_turn, &daemon->door);
    loop_add_turn(daemon->loop, stop_turn, daemon);
    loop_add_turn(daemon->loop, bus_turn_end, daemon->bus);
    log_info(NULL, "version %s, endpoint %s, %zu authorities", DAYWAYS_VERSION, daemon->endpoint,
             daemon->door.shards_count);
    (void)sd_notify(0, "READY=1");
    loop_run(daemon->loop);
    log_info(NULL, "stopped");
    return daemon->exit_code;
}

static void destroy(struct daemon *daemon)
{
    ops_destroy(&daemon->ops);
    for (size_t at = 0; at < daemon->door.shards_count; at++)
        shard_destroy(&daemon->door.shards[at]);
    for (size_t at = 0; at < AUTHORITIES_MAX; at++)
        redis_store_shard_destroy(&daemon->shard_stores[at]);
    for (size_t at = 0; at < daemon->stores_count; at++)
        redis_store_destroy(&daemon->stores[at]);
    routes_destroy(&daemon->door.routes);
    bus_destroy(&daemon->bus);
    client_destroy(&daemon->asker);
    auth_destroy(&daemon->auth);
    quarantine_close(&daemon->quarantine);
    loop_timer_destroy(&daemon->stop_timer);
    loop_destroy(&daemon->loop);
    arena_destroy(&daemon->models);
    arena_destroy(&daemon->door.arena);
    buffer_free(&daemon->door.out);
    metrics_destroy(&daemon->metrics);
    conf_destroy(&daemon->conf);
    free(daemon);
}

int service_run(const struct service *service, int argc, char **argv)
{
    struct daemon *daemon = calloc(1, sizeof *daemon);
    if (daemon == NULL || sodium_init() < 0)
        return EXIT_CODE_FAILED;
    daemon->service = service;
    log_start(service->name, LOG_LEVEL_INFO, LOG_FORMAT_AUTO);
    crash_arm();
    int code;
    if (options_read(service, argc, argv, &daemon->options, &code))
        code = read_configuration(daemon);
    else
        daemon->options.check_config = true;
    if (code == EXIT_CODE_OK && daemon->conf != NULL && daemon->options.print_config)
        conf_print(daemon->conf, stdout);
    else if (code == EXIT_CODE_OK && daemon->conf != NULL) {
        code = start(daemon);
        if (code == EXIT_CODE_OK && !daemon->options.check_config)
            code = daemon->options.verify != NULL ? run_verify(daemon) : run(daemon);
    }
    destroy(daemon);
    return code;
}
