/* Starts a private Redis and every daemon, loads the demonstration into an empty council, and watches over all of it until it
 * is told to stop. What `make run` ends with. Waits for conditions with a deadline; sleeps only until a signal comes. */
#include "services/cli/up.h"

#include "common/text.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model.pb-c.h"

enum {
    START_WITHIN_MS = 20000,
    LOAD_WITHIN_MS = 300000,
    STOP_WITHIN_MS = 8000,
    LOOK_MS = 20,
    WATCH_MS = 1000,
    BACK_OFF_MS = 200,
    BACK_OFF_MAX_MS = 10000,
    GOOD_RUN_MS = 60000, /* who has run so long begins with the shortest back-off again */
};

static struct process *add_process(struct up *up, const char *name)
{
    struct process *process = &up->processes[up->count++];
    (void)text_format(process->name, sizeof process->name, "%s", name);
    (void)text_format(process->log, sizeof process->log, "%s/log/%s.log", up->base, name);
    return process;
}

static bool has_redis_files(const char *folder)
{
    char script[CLI_PATH_SIZE];
    char settings[CLI_PATH_SIZE];
    return text_format(script, sizeof script, "%s/redis-start", folder) == 0 &&
           text_format(settings, sizeof settings, "%s/redis.conf", folder) == 0 &&
           access(script, X_OK) == 0 && access(settings, R_OK) == 0;
}

/* Where redis-start and redis.conf are: beside the configuration, else where they are shipped with the binaries. */
static int find_redis_files(const struct up *up, char *ret_folder, size_t size)
{
    static const char *const shipped[] = {"../../../deploy", "../share/dayways"};
    const char *slash = strrchr(up->cli->config, '/');
    char beside[CLI_PATH_SIZE] = ".";
    if (slash != NULL)
        (void)text_copy(beside, sizeof beside, up->cli->config, (size_t)(slash - up->cli->config));
    (void)text_format(ret_folder, size, "%s", beside);
    if (has_redis_files(ret_folder))
        return EXIT_CODE_OK;
    for (size_t at = 0; at < sizeof shipped / sizeof shipped[0]; at++)
        if (text_format(ret_folder, size, "%s/%s", up->binaries, shipped[at]) == 0 &&
            has_redis_files(ret_folder))
            return EXIT_CODE_OK;
    return cli_fail(EXIT_CODE_CONFIG,
                    "redis-start and redis.conf are missing: put both beside the configuration, in "
                    "%s",
                    beside);
}

static int add_redis(struct up *up)
{
    char folder[CLI_PATH_SIZE];
    char text[CLI_PATH_SIZE];
    if (up->redis[0] == '\0')
        return EXIT_CODE_OK;
    const int code = find_redis_files(up, folder, sizeof folder);
    if (code != EXIT_CODE_OK)
        return code;
    struct process *redis = add_process(up, "redis");
    (void)text_format(text, sizeof text, "%s/redis-start", folder);
    process_argument(redis, text);
    (void)text_copy(text, sizeof text, up->redis, (size_t)(strrchr(up->redis, '/') - up->redis));
    process_argument(redis, text);
    (void)text_format(text, sizeof text, "%s/redis.conf", folder);
    process_argument(redis, text);
    process_argument(redis, "--unixsocket");
    /* Redis goes to its folder before it opens the socket there. */
    process_argument(redis, strrchr(up->redis, '/') + 1);
    return EXIT_CODE_OK;
}

static void add_daemons(struct up *up)
{
    char text[CLI_PATH_SIZE];
    char admin[128];
    for (size_t at = 0; cli_services[at] != NULL; at++) {
        (void)text_format(text, sizeof text, "%s/dayways-%s", up->binaries, cli_services[at]);
        if (access(text, X_OK) < 0 ||
            cli_item(up->cli, cli_services[at], "admin", 0, admin, sizeof admin) == NULL)
            continue;
        struct process *process = add_process(up, cli_services[at]);
        (void)text_format(process->admin, sizeof process->admin, "%s", admin);
        process_argument(process, text);
        process_argument(process, "--config");
        process_argument(process, up->cli->config);
        process_argument(process, "--log-format");
        process_argument(process, "logfmt");
    }
}

static int describe(struct up *up)
{
    char section[64];
    const char *run = conf_text(up->cli->conf, "dayways", "run_directory");
    const char *slash = strrchr(run, '/');
    (void)text_format(section, sizeof section, "authority %s", up->cli->authority);
    const char *redis = conf_text(up->cli->conf, section, "redis");
    if (slash == NULL || slash == run)
        return cli_fail(EXIT_CODE_CONFIG, "run_directory must lie in a folder of its own");
    if (redis == NULL)
        return cli_fail(EXIT_CODE_CONFIG, "[%s] needs a redis", section);
    (void)text_copy(up->base, sizeof up->base, run, (size_t)(slash - run));
    if (strchr(redis, '/') != NULL)
        (void)text_format(up->redis, sizeof up->redis, "%s", redis);
    if (cli_binary_folder(up->binaries, sizeof up->binaries) < 0)
        return cli_fail(EXIT_CODE_UNAVAILABLE, "the folder of the binaries cannot be found");
    const int code = add_redis(up);
    add_daemons(up);
    return code;
}

/* --- starting ---------------------------------------------------------------------------------- */

static int start_failed(struct process *process, int status)
{
    process_show_log(process);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return cli_fail(EXIT_CODE_UNAVAILABLE,
                        "%s is not installed; run deploy/install-deps as root",
                        process->arguments_count > 0 ? process->texts[0] : process->name);
    return cli_fail(EXIT_CODE_UNAVAILABLE,
                    "%s did not start; its last lines stand above, the rest in %s", process->name,
                    process->log);
}

/* True when all that keeps it from being ready are shards that have stopped for good: "[-]COUNCIL STATE WHY". A daemon with
 * one of those serves its other councils, and a service that is behind is better than none: it is told and we go on. */
static bool is_up_in_part(const struct process *process, const char *lines)
{
    static const char not_good[] = "\n[-]";
    bool some = false;
    if (strncmp(lines, "[+]redis", strlen("[+]redis")) != 0)
        return false;
    for (const char *at = lines; (at = strstr(at, not_good)) != NULL; some = true) {
        at += strlen(not_good);
        const char *state = strchr(at, ' ');
        if (state == NULL || state[1 + strcspn(state + 1, " \n")] != ' ')
            return false;
    }
    if (some)
        fprintf(stderr, "dayways: %s is not whole, see %s:\n%s", process->name, process->log,
                lines);
    return some;
}

static bool is_up(const struct up *up, const struct process *process)
{
    char body[4096];
    if (process->admin[0] == '\0')
        return up_redis_answers(up->redis) == UP_REDIS;
    const int status = cli_http(process->admin, "/readyz?verbose", body, sizeof body);
    return status == 200 || (status == 503 && is_up_in_part(process, body));
}

static int wait_up(struct up *up, struct process *process)
{
    int status = 0;
    const int64_t until_ms = loop_boot_ms_now() + START_WITHIN_MS;
    while (!is_up(up, process)) {
        if (process_has_ended(process, &status) || loop_boot_ms_now() > until_ms)
            return start_failed(process, status);
        const int number = up_wait_signal(LOOK_MS);
        if (number == SIGINT || number == SIGTERM) {
            up->stopping = true;
            return EXIT_CODE_FAILED;
        }
    }
    /* Somebody else may answer in its place, when it could not have its port. */
    if (process_has_ended(process, &status))
        return start_failed(process, status);
    return EXIT_CODE_OK;
}

/* Nobody may listen at a daemon's sockets before: it would not be ours. */
static int check_sockets(const struct up *up, const char *service)
{
    static const char *const keys[] = {"router", "publish"};
    static const char scheme[] = "ipc://";
    char endpoint[512];
    for (size_t key = 0; key < sizeof keys / sizeof keys[0]; key++)
        for (size_t at = 0;
             cli_item(up->cli, service, keys[key], at, endpoint, sizeof endpoint) != NULL; at++)
            if (strncmp(endpoint, scheme, sizeof scheme - 1) == 0 &&
                up_is_taken(endpoint + sizeof scheme - 1))
                return cli_fail(EXIT_CODE_UNAVAILABLE,
                                "%s, where %s should listen, is held by another program; stop it "
                                "first",
                                endpoint, service);
    return EXIT_CODE_OK;
}

/* Nobody may answer at the admin addresses before either. */
static int check_ports(const struct up *up)
{
    char body[4096];
    for (size_t at = 0; at < up->count; at++)
        if (up->processes[at].admin[0] != '\0' &&
            check_sockets(up, up->processes[at].name) != EXIT_CODE_OK)
            return EXIT_CODE_UNAVAILABLE;
    for (size_t at = 0; at < up->count; at++)
        if (up->processes[at].admin[0] != '\0' &&
            cli_http(up->processes[at].admin, "/livez", body, sizeof body) != 0)
            return cli_fail(EXIT_CODE_UNAVAILABLE,
                            "%s, where %s should answer, is in use by another program",
                            up->processes[at].admin, up->processes[at].name);
    return EXIT_CODE_OK;
}

static int start_all(struct up *up)
{
    int code = check_ports(up);
    size_t started = 0;
    if (code != EXIT_CODE_OK)
        return code;
    if (up->redis[0] != '\0') {
        if (process_start(&up->processes[0]) < 0)
            return cli_fail(EXIT_CODE_UNAVAILABLE, "no process can be started");
        code = wait_up(up, &up->processes[0]);
        started = 1;
    }
    for (size_t at = started; at < up->count && code == EXIT_CODE_OK; at++)
        if (process_start(&up->processes[at]) < 0)
            code = cli_fail(EXIT_CODE_UNAVAILABLE, "no process can be started");
    for (size_t at = started; at < up->count && code == EXIT_CODE_OK; at++)
        code = wait_up(up, &up->processes[at]);
    return code;
}

/* The demonstration is loaded by a child, so that Ctrl-C is heard meanwhile. */
static int load_demonstration(struct up *up)
{
    struct process load = {.name = "demo"};
    char text[CLI_PATH_SIZE];
    int status = 0;
    const int64_t until_ms = loop_boot_ms_now() + LOAD_WITHIN_MS;
    (void)text_format(text, sizeof text, "%s/dayways", up->binaries);
    const char *const arguments[] = {text,          "--config",         up->cli->config,
                                     "--authority", up->cli->authority, "demo",
                                     "load",        "--if-empty"};
    for (size_t at = 0; at < sizeof arguments / sizeof arguments[0]; at++)
        process_argument(&load, arguments[at]);
    if (process_start(&load) < 0)
        return cli_fail(EXIT_CODE_UNAVAILABLE, "no process can be started");
    while (!process_has_ended(&load, &status)) {
        const int number = up_wait_signal(WATCH_MS);
        if (number == SIGINT || number == SIGTERM || loop_boot_ms_now() > until_ms) {
            up->stopping = number != 0;
            process_stop(&load, STOP_WITHIN_MS);
            return EXIT_CODE_FAILED;
        }
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return cli_fail(EXIT_CODE_FAILED, "the demonstration could not be loaded");
    return EXIT_CODE_OK;
}

/* --- watching ---------------------------------------------------------------------------------- */

static void watch_process(struct process *process)
{
    int status;
    const int64_t now_ms = loop_boot_ms_now();
    if (process_has_ended(process, &status)) {
        if (now_ms - process->start_boot_ms > GOOD_RUN_MS || process->back_off_ms == 0)
            process->back_off_ms = BACK_OFF_MS;
        else if (process->back_off_ms < BACK_OFF_MAX_MS)
            process->back_off_ms *= 2;
        process->start_boot_ms = now_ms + process->back_off_ms;
        fprintf(stderr, "dayways: %s ended (%s %d); it starts again in %lld ms, see %s\n",
                process->name, WIFSIGNALED(status) ? "signal" : "exit code",
                WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
                (long long)process->back_off_ms, process->log);
    } else if (process->pid == 0 && now_ms >= process->start_boot_ms) {
        (void)process_start(process);
    }
}

static void watch(struct up *up)
{
    while (!up->stopping) {
        int64_t within_ms = WATCH_MS;
        for (size_t at = 0; at < up->count; at++) {
            watch_process(&up->processes[at]);
            const int64_t due_ms = up->processes[at].start_boot_ms - loop_boot_ms_now();
            if (up->processes[at].pid == 0 && due_ms < within_ms)
                within_ms = due_ms < 1 ? 1 : due_ms;
        }
        const int number = up_wait_signal(within_ms);
        up->stopping = number == SIGINT || number == SIGTERM || number == SIGHUP;
    }
}

/* Daemons first, all at once, then Redis: each may release what it has in flight. */
static void stop_all(struct up *up)
{
    for (size_t at = 0; at < up->count; at++)
        if (up->processes[at].pid != 0 && up->processes[at].admin[0] != '\0')
            (void)kill(up->processes[at].pid, SIGTERM);
    for (size_t at = up->count; at-- > 0;)
        process_stop(&up->processes[at], STOP_WITHIN_MS);
}

/* A search near the first district of the council's model; without one, of what comes to people. */
static void print_search(const struct up *up, const char *program)
{
    const Dw__CommissioningModel *model;
    struct arena *arena = arena_create(CLI_MODEL_MEMORY_MAX);
    const char *name = NULL;
    if (cli_load_model(up->cli, arena, &model) == EXIT_CODE_OK && model->n_districts > 0)
        name = model->districts[0]->name;
    const char *quote = name != NULL && strpbrk(name, " '") != NULL ? "\"" : "";
    printf("  %s find --days tue,thu --need learning-disability %s %s%s%s\n", program,
           name == NULL ? "--mode" : "--near", quote, name == NULL ? "outreach" : name, quote);
    arena_destroy(&arena);
}

static void print_ready(const struct up *up)
{
    printf("\nDayways is running for %s. Ctrl-C stops it; the data stays in %s.\n\n"
           "  configuration  %s\n"
           "  keys           %s (operator, broker, approver, social-worker, commissioner …)\n"
           "  logs           %s/log\n",
           up->cli->authority, up->base, up->cli->config,
           conf_text(up->cli->conf, "dayways", "keys_directory"), up->base);
    for (size_t at = 0; at < up->count; at++)
        if (up->processes[at].admin[0] != '\0')
            printf("  %-13s  http://%s/statusz\n", up->processes[at].name, up->processes[at].admin);
    char program[2 * CLI_PATH_SIZE];
    (void)text_format(program, sizeof program, "%s%s%s%s%s", up->cli->program,
                      up->cli->is_config_given ? " --config " : "",
                      up->cli->is_config_given ? up->cli->config : "",
                      up->cli->is_authority_given ? " --authority " : "",
                      up->cli->is_authority_given ? up->cli->authority : "");
    printf("\nThree things to try in another terminal:\n\n"
           "  %s status\n",
           program);
    print_search(up, program);
    printf("  %s report dashboard\n\n", program);
    fflush(stdout);
}

int cli_up(struct cli *cli)
{
    static struct up up;
    up.cli = cli;
    const bool reset = cli_take_flag(cli, "--reset");
    const bool without_demo = cli_take_flag(cli, "--no-demo");
    if (!cli_left(cli, 0, 0, "up [--reset] [--no-demo]"))
        return EXIT_CODE_USAGE;
    int code = cli_configure(cli);
    if (code == EXIT_CODE_OK)
        code = describe(&up);
    if (code == EXIT_CODE_OK)
        code = up_prepare(&up, reset);
    if (code != EXIT_CODE_OK)
        return code;
    up_block_signals();
    code = start_all(&up);
    if (code == EXIT_CODE_OK && !without_demo)
        code = load_demonstration(&up);
    if (code == EXIT_CODE_OK) {
        print_ready(&up);
        watch(&up);
        printf("dayways: stopping\n");
    }
    stop_all(&up);
    return up.stopping ? EXIT_CODE_OK : code;
}
