/* Running a service: the start order, signals, and the staged stop. Each step of the start either works or ends the process
 * with one sentence and its own exit code: options, configuration, keys, models, sockets, Redis, and then the loop. */
#include "common/service.h"

#include "common/crash.h"
#include "common/daemon.h"
#include "common/descriptors.h"
#include "common/text.h"

#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum {
    MODELS_MEMORY_MAX = 1024 * 1024 * 1024, /* of all councils */
    STOP_PATIENCE_MS = 5000, /* what is not released by then is asked for again by its sender */
};

int refuse_start(enum exit_code code, const char *sentence)
{
    log_error(CODE_CONFIG_INVALID, NULL, "%s", sentence);
    return (int)code;
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
    if (auth_load(conf_text(daemon->conf, "dayways", "keys_directory"), &auth, error,
                  sizeof error) < 0) {
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
    ids_init(&daemon->ids);
    return daemon->loop == NULL || daemon->models == NULL || daemon->door.arena == NULL
               ? refuse_start(EXIT_CODE_FAILED, "no memory")
               : EXIT_CODE_OK;
}

static int start(struct daemon *daemon)
{
    static int (*const steps[])(struct daemon * daemon) = {
        name_owner, read_keys, make_loop, open_quarantine, start_bus, add_authorities, start_ops};
    static int (*const checks[])(struct daemon * daemon) = {name_owner, read_keys, make_loop,
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

static int run(struct daemon *daemon)
{
    daemon->stop_timer = loop_timer_create(daemon->loop, give_up_stopping, daemon);
    if (daemon->stop_timer == NULL)
        return refuse_start(EXIT_CODE_FAILED, "no memory");
    loop_on_signal(daemon->loop, SIGTERM, begin_stop, daemon);
    loop_on_signal(daemon->loop, SIGINT, begin_stop, daemon);
    loop_on_signal(daemon->loop, SIGHUP, reload, daemon);
    loop_add_turn(daemon->loop, bus_turn, daemon->bus);
    loop_add_turn(daemon->loop, door_turn, &daemon->door);
    loop_add_turn(daemon->loop, stop_turn, daemon);
    loop_add_turn(daemon->loop, descriptors_turn, daemon->loop);
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
    for (size_t at = 0; at < daemon->door.shards_count; at++) {
        shard_destroy(&daemon->door.shards[at]);
        buffer_free(&daemon->door.queues[at].bytes);
    }
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
    signal(SIGPIPE, SIG_IGN);
    log_start(service->name, LOG_LEVEL_INFO, LOG_FORMAT_AUTO);
    descriptors_raise();
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
