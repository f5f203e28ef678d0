/* A whole system for a test: see rig.h. */
#include "tests/support/rig_internal.h"

#include "common/text.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

const char rig_authority[] = "test-council";
const char rig_second_authority[] = "second-council";
const char *const rig_services[] = {"capacity", "placements", "referrals", "attendance",
                                    "outcomes", "reporting",  NULL};

void rig_pause_ms(long ms)
{
    const struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&wait, NULL);
}

int64_t rig_now_ms(void)
{
    return loop_boot_ms_now();
}

static void write_text_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void make_path(char ret_path[PATH_SIZE], const char *folder, const char *name)
{
    assert_int_equal(text_format(ret_path, PATH_SIZE, "%s/%s", folder, name), 0);
}

const char *rig_folder(const struct rig *rig)
{
    return rig->folder;
}

const char *rig_data(const struct rig *rig)
{
    return rig->data;
}

const char *rig_keys(const struct rig *rig)
{
    return rig->keys;
}

/* --- configuration --------------------------------------------------------------------------------------------------- */

static void make_keys(struct rig *rig)
{
    const struct id provider = {.bytes = {0x11}};
    for (size_t at = 0; rig_services[at] != NULL; at++)
        assert_int_equal(
            key_pair_create(rig->keys, rig_services[at], role_from_text("service"), "*", NULL), 0);
    static const char *const people[] = {"broker", "operator", "social-worker", "commissioner",
                                         "data-protection-officer"};
    for (size_t at = 0; at < sizeof people / sizeof people[0]; at++)
        assert_int_equal(
            key_pair_create(rig->keys, people[at], role_from_text(people[at]), "*", NULL), 0);
    assert_int_equal(key_pair_create(rig->keys, "broker-2", role_from_text("broker"), "*", NULL),
                     0);
    assert_int_equal(
        key_pair_create(rig->keys, "stranger", role_from_text("broker"), "elsewhere", NULL), 0);
    assert_int_equal(
        key_pair_create(rig->keys, "provider", role_from_text("provider-manager"), "*", &provider),
        0);
}

static void make_configuration(struct rig *rig, const char *model)
{
    FILE *file = fopen(rig->conf, "we");
    char path[PATH_SIZE];
    assert_non_null(file);
    fprintf(file, "[dayways]\nrun_directory=%s\nkeys_directory=%s\n", rig->folder, rig->keys);
    fprintf(file, "[authority %s]\nmodel=%s\nredis=%s\ndigest_key=%s/digest\n", rig_authority,
            model, rig->socket, rig->folder);
    for (size_t at = 0; rig_services[at] != NULL; at++)
        fprintf(file,
                "[%s]\nrouter=ipc://%s/%s.router,ipc://%s/%s-1.router\n"
                "publish=ipc://%s/%s.events,ipc://%s/%s-1.events\n"
                "admin=127.0.0.1:%u,127.0.0.1:%u\n",
                rig_services[at], rig->folder, rig_services[at], rig->folder, rig_services[at],
                rig->folder, rig_services[at], rig->folder, rig_services[at],
                rig->admin_base + 2 * (unsigned)at, rig->admin_base + 2 * (unsigned)at + 1);
    fclose(file);
    make_path(path, rig->folder, "digest");
    write_text_file(path, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n");
}

void rig_add_council(struct rig *rig)
{
    char data[PATH_SIZE];
    char socket_path[PATH_SIZE];
    make_path(data, rig->folder, "second");
    make_path(socket_path, rig->folder, "second.sock");
    assert_int_equal(mkdir(data, 0700), 0);
    rig->second_redis = rig_redis_fork(rig, data, socket_path);
    rig_redis_wait(rig->second_redis, socket_path);
    FILE *file = fopen(rig->conf, "ae");
    assert_non_null(file);
    fprintf(file, "[authority %s]\nmodel=%s\nredis=%s\ndigest_key=%s/digest\n",
            rig_second_authority, rig->model, socket_path, rig->folder);
    fclose(file);
}

/* True when nobody listens on it. */
static bool port_is_free(unsigned port)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int on = 1;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const bool is_free = bind(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return is_free;
}

/* A run of ports below the ephemeral range for each rig; one that another test program has is passed over. */
uint16_t rig_free_ports(void)
{
    static unsigned rigs;
    for (unsigned tries = 0; tries < 1000; tries++) {
        const unsigned base = 16000 + ((unsigned)getpid() * 8 + rigs++) % 1000 * 16;
        unsigned port = base;
        while (port < base + 16 && port_is_free(port))
            port++;
        if (port == base + 16)
            return (uint16_t)base;
    }
    fail_msg("no run of 16 free ports");
    return 0;
}

struct rig *rig_create(const char *model)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    (void)text_format(rig->folder, sizeof rig->folder, "/tmp/dayways-rig-XXXXXX");
    assert_non_null(mkdtemp(rig->folder));
    make_path(rig->keys, rig->folder, "keys");
    make_path(rig->data, rig->folder, "data");
    assert_int_equal(mkdir(rig->data, 0700), 0);
    make_path(rig->conf, rig->folder, "dayways.conf");
    make_path(rig->socket, rig->folder, "redis.sock");
    assert_int_equal(mkdir(rig->keys, 0700), 0);
    rig->admin_base = rig_free_ports();
    make_keys(rig);
    rig->model = model;
    make_configuration(rig, model);
    rig_redis_start(rig);
    return rig;
}

static void remove_folder(const char *folder)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        char path[PATH_SIZE * 2];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (void)text_format(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (unlink(path) < 0)
            remove_folder(path);
    }
    if (directory != NULL)
        closedir(directory);
    rmdir(folder);
}

void rig_destroy(struct rig **pointer)
{
    struct rig *rig = *pointer;
    if (rig == NULL)
        return;
    for (size_t at = 0; at < RIG_DAEMONS_MAX; at++)
        if (rig->daemons[at].pid != 0) {
            kill(rig->daemons[at].pid, SIGKILL);
            waitpid(rig->daemons[at].pid, NULL, 0);
        }
    const pid_t stores[] = {rig->redis, rig->second_redis};
    for (size_t at = 0; at < sizeof stores / sizeof stores[0]; at++)
        if (stores[at] != 0) {
            kill(stores[at], SIGKILL);
            waitpid(stores[at], NULL, 0);
        }
    if (getenv("RIG_KEEP") == NULL)
        remove_folder(rig->folder);
    free(rig);
    *pointer = NULL;
}

/* --- processes --------------------------------------------------------------------------------------------------------- */

/* In the child: output goes to a file of the rig, shown when a test fails. */
void rig_redirect(const struct rig *rig, const char *name)
{
    char path[PATH_SIZE];
    make_path(path, rig->folder, name);
    const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nothing running */
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
}

static const char *binary_folder(void)
{
    const char *folder = getenv("DAYWAYS_BIN");
    return folder == NULL ? "build/release/bin" : folder;
}

static struct process *find_process(struct rig *rig, const char *service, size_t instance)
{
    for (size_t at = 0; at < RIG_DAEMONS_MAX; at++)
        if (strcmp(rig->daemons[at].service, service) == 0 && rig->daemons[at].instance == instance)
            return &rig->daemons[at];
    for (size_t at = 0; at < RIG_DAEMONS_MAX; at++)
        if (rig->daemons[at].service[0] == '\0') {
            (void)text_format(rig->daemons[at].service, sizeof rig->daemons[at].service, "%s",
                              service);
            rig->daemons[at].instance = instance;
            return &rig->daemons[at];
        }
    fail_msg("too many daemons");
    return NULL;
}

void rig_start_instance(struct rig *rig, const char *service, size_t instance, const char *crash_at,
                        bool wait)
{
    struct process *process = find_process(rig, service, instance);
    char binary[PATH_SIZE];
    char number[8];
    char log[64];
    assert_int_equal(process->pid, 0);
    (void)text_format(binary, sizeof binary, "%s/dayways-%s", binary_folder(), service);
    (void)text_format(number, sizeof number, "%zu", instance);
    (void)text_format(log, sizeof log, "%s-%zu.log", service, instance);
    process->pid = fork();
    assert_true(process->pid >= 0);
    if (process->pid == 0) {
        rig_redirect(rig, log);
        if (rig->prepare != NULL)
            rig->prepare(rig->prepare_context, service, instance);
        if (crash_at != NULL)
            setenv("DAYWAYS_CRASH_AT", crash_at, 1);
        execl(binary, binary, "--config", rig->conf, "--instance", number, "--log-format", "logfmt",
              NULL);
        _exit(127);
    }
    if (wait)
        rig_wait_ready(rig, service, instance);
}

void rig_start(struct rig *rig, const char *service)
{
    rig_start_instance(rig, service, 0, NULL, true);
}

int rig_verify_council(struct rig *rig, const char *service, const char *authority)
{
    char line[PATH_SIZE * 3];
    (void)text_format(line, sizeof line, "%s/dayways-%s --config %s --verify %s", binary_folder(),
                      service, rig->conf, authority);
    return WEXITSTATUS(system(line));
}

int rig_verify(struct rig *rig, const char *service)
{
    return rig_verify_council(rig, service, rig_authority);
}

static size_t service_number(const char *service)
{
    size_t at = 0;
    while (strcmp(rig_services[at], service) != 0)
        at++;
    return at;
}

int rig_http(struct rig *rig, const char *service, size_t instance, const char *path,
             char *ret_body, size_t size)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)(rig->admin_base + 2 * service_number(service) + instance)),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char request[256];
    int code = 0;
    size_t len = 0;
    const struct timeval patience = {.tv_sec = 2};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)text_format(request, sizeof request, "GET %s HTTP/1.0\r\n\r\n", path);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
        write(fd, request, strlen(request)) > 0) {
        ssize_t count;
        while (len + 1 < size && (count = read(fd, ret_body + len, size - 1 - len)) > 0)
            len += (size_t)count;
    }
    ret_body[len] = '\0';
    (void)sscanf(ret_body, "HTTP/%*s %d", &code);
    close(fd);
    return code;
}

static void show_log(const struct rig *rig, const char *service, size_t instance)
{
    char path[PATH_SIZE];
    char line[1024];
    (void)text_format(path, sizeof path, "%s/%s-%zu.log", rig->folder, service, instance);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        print_message("%s", line);
    if (file != NULL)
        fclose(file);
}

void rig_wait_ready(struct rig *rig, const char *service, size_t instance)
{
    char body[4096];
    const int64_t until_ms = rig_now_ms() + RIG_WAIT_MS;
    while (rig_http(rig, service, instance, "/readyz", body, sizeof body) != 200) {
        if (rig_now_ms() > until_ms || rig_has_ended(rig, service, instance)) {
            show_log(rig, service, instance);
            fail_msg("%s %zu did not become ready: %s", service, instance, body);
        }
        rig_pause_ms(PAUSE_MS);
    }
}

int rig_signal(struct rig *rig, const char *service, size_t instance, int number)
{
    struct process *process = find_process(rig, service, instance);
    int status = 0;
    if (process->pid == 0)
        return 0;
    kill(process->pid, number);
    if (number != SIGKILL && number != SIGTERM)
        return 0;
    assert_int_equal(waitpid(process->pid, &status, 0), process->pid);
    process->pid = 0;
    return status;
}

bool rig_has_ended(struct rig *rig, const char *service, size_t instance)
{
    struct process *process = find_process(rig, service, instance);
    int status;
    if (process->pid != 0 && waitpid(process->pid, &status, WNOHANG) == process->pid)
        process->pid = 0;
    return process->pid == 0;
}

pid_t rig_pid(const struct rig *rig, const char *service, size_t instance)
{
    if (service == NULL)
        return rig->redis;
    for (size_t at = 0; at < RIG_DAEMONS_MAX; at++)
        if (strcmp(rig->daemons[at].service, service) == 0 && rig->daemons[at].instance == instance)
            return rig->daemons[at].pid;
    return 0;
}

bool rig_is_running(const struct rig *rig, const char *service, size_t instance)
{
    return rig_pid(rig, service, instance) != 0;
}

void rig_before_start(struct rig *rig,
                      void (*prepare)(void *context, const char *service, size_t instance),
                      void *context)
{
    rig->prepare = prepare;
    rig->prepare_context = context;
}

/* One file of a process' folder in /proc. */
static void read_proc(const struct rig *rig, const char *service, size_t instance, const char *name,
                      char *ret_text, size_t size)
{
    char path[64];
    (void)text_format(path, sizeof path, "/proc/%d/%s", (int)rig_pid(rig, service, instance), name);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    ret_text[fread(ret_text, 1, size - 1, file)] = '\0';
    fclose(file);
}

long rig_resident_kib(const struct rig *rig, const char *service, size_t instance)
{
    char text[4096];
    read_proc(rig, service, instance, "status", text, sizeof text);
    const char *line = strstr(text, "VmRSS:");
    return line == NULL ? 0 : strtol(line + strlen("VmRSS:"), NULL, 10);
}

long rig_processor_ms(const struct rig *rig, const char *service, size_t instance)
{
    char text[1024];
    unsigned long user = 0;
    unsigned long kernel = 0;
    read_proc(rig, service, instance, "stat", text, sizeof text);
    const char *behind_name = strrchr(text, ')');
    assert_non_null(behind_name);
    assert_int_equal(sscanf(behind_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                            &user, &kernel),
                     2);
    return (long)(user + kernel) * 1000 / sysconf(_SC_CLK_TCK);
}

void rig_wait_log(struct rig *rig, const char *service, size_t instance, const char *text)
{
    char path[PATH_SIZE * 2];
    char line[4096];
    const int64_t until_ms = rig_now_ms() + RIG_WAIT_MS;
    (void)text_format(path, sizeof path, "%s/%s-%zu.log", rig->folder, service, instance);
    for (; rig_now_ms() < until_ms; rig_pause_ms(PAUSE_MS)) {
        bool found = false;
        FILE *log = fopen(path, "re");
        while (log != NULL && !found && fgets(line, sizeof line, log) != NULL)
            found = strstr(line, text) != NULL;
        if (log != NULL)
            fclose(log);
        if (found)
            return;
    }
    fail_msg("%s has not logged %s", service, text);
}
