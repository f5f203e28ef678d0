/* Daemons, Redis and the proxy between them: see chaos.h. */
#include "tests/chaos/chaos.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/text.h"

enum { FAR_PORT = 7100, REDIS_AGAIN_MS = 100, MEMORY_LOOK_MS = 100 };

const char *const chaos_services[CONTROL_SERVICES] = {
    [SIM_REFERRALS] = "referrals",   [SIM_CAPACITY] = "capacity", [SIM_PLACEMENTS] = "placements",
    [SIM_ATTENDANCE] = "attendance", [SIM_OUTCOMES] = "outcomes", [SIM_REPORTING] = "reporting"};

static int service_of(int daemon)
{
    return daemon / CONTROL_INSTANCES;
}

static int instance_of(int daemon)
{
    return daemon % CONTROL_INSTANCES;
}

/* --- addresses ---------------------------------------------------------------------------------------------------------- */

/* The path that the configuration names, where the proxy listens; real: where the daemon does. */
static void make_path(const struct chaos *chaos, int daemon, enum control_line line, bool real,
                      char ret_path[PROXY_PATH_SIZE])
{
    static const char *const names[] = {
        [LINE_REDIS] = "redis", [LINE_REQUESTS] = "router", [LINE_EVENTS] = "events"};
    (void)text_format(ret_path, PROXY_PATH_SIZE, "%s/%s%s.%s%s", rig_folder(chaos->rig),
                      chaos_services[service_of(daemon)], instance_of(daemon) == 0 ? "" : "-1",
                      names[line], real ? "-real" : "");
}

uint16_t system_address(const struct chaos *chaos, int daemon, enum control_line line,
                        char ret_path[PROXY_PATH_SIZE])
{
    if (service_of(daemon) == SIM_CAPACITY) {
        ret_path[0] = '\0';
        return (uint16_t)(FAR_PORT + instance_of(daemon) * CONTROL_LINES + (int)line);
    }
    make_path(chaos, daemon, line, true, ret_path);
    return 0;
}

static void make_links(struct chaos *chaos)
{
    for (int daemon = 0; daemon < CONTROL_DAEMONS; daemon++)
        for (int line = 0; line < CONTROL_LINES; line++) {
            struct proxy_link *link = &chaos->links[daemon][line];
            make_path(chaos, daemon, line, false, link->listen);
            (void)text_format(link->address, sizeof link->address, "%s", NETWORK_FAR_ADDRESS);
            if (line == LINE_REDIS)
                (void)text_format(link->path, sizeof link->path, "%s/redis.sock",
                                  rig_folder(chaos->rig));
            else
                link->port = system_address(chaos, daemon, line, link->path);
        }
}

/* --- in the children ------------------------------------------------------------------------------------------------------ */

/* DAYWAYS_CAPACITY_ROUTER and the like: where instances 0 and 1 really are. */
static void set_endpoints(const struct chaos *chaos, int service, const char *key,
                          enum control_line line)
{
    char name[64];
    char value[4 * PROXY_PATH_SIZE] = "";
    size_t len = 0;
    for (int instance = 0; instance < CONTROL_INSTANCES; instance++) {
        char path[PROXY_PATH_SIZE];
        const uint16_t port = system_address(chaos, system_number(service, instance), line, path);
        const char *comma = instance == 0 ? "" : ",";
        if (port != 0)
            len += (size_t)snprintf(value + len, sizeof value - len, "%stcp://%s:%u", comma,
                                    NETWORK_FAR_ADDRESS, port);
        else
            len += (size_t)snprintf(value + len, sizeof value - len, "%sipc://%s", comma, path);
    }
    (void)text_format(name, sizeof name, "DAYWAYS_%s_%s", chaos_services[service], key);
    for (char *at = name; *at != '\0'; at++)
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
    setenv(name, value, 1);
}

static void load_shim(const struct chaos *chaos, int process, const char *name)
{
    char folder[CHAOS_PATH_SIZE] = "";
    char path[2 * CHAOS_PATH_SIZE];
    char number[16];
    const char *binaries = getenv("DAYWAYS_BIN");
    if (getcwd(folder, sizeof folder) == NULL)
        _exit(127);
    (void)text_format(path, sizeof path, "%s/%s/../tests/chaos/%s", folder,
                      binaries == NULL ? "build/release/bin" : binaries, name);
    (void)text_format(number, sizeof number, "%d", process);
    setenv(CONTROL_FILE, chaos->control_path, 1);
    setenv(CONTROL_PROCESS, number, 1);
    setenv("LD_PRELOAD", path, 1);
}

static void prepare(void *context, const char *name, size_t instance)
{
    const struct chaos *chaos = context;
    if (strcmp(name, "redis") == 0) {
        load_shim(chaos, CONTROL_REDIS, "shim.so");
        return;
    }
    const int service = (int)sim_service_of(name);
    const int daemon = system_number(service, (int)instance);
    /* Its own endpoints are the real ones; capacity is at the far end, and all but it reach the others through the proxy. */
    set_endpoints(chaos, service, "ROUTER", LINE_REQUESTS);
    set_endpoints(chaos, service, "PUBLISH", LINE_EVENTS);
    set_endpoints(chaos, SIM_CAPACITY, "ROUTER", LINE_REQUESTS);
    set_endpoints(chaos, SIM_CAPACITY, "PUBLISH", LINE_EVENTS);
    setenv("DAYWAYS_AUTHORITY_TEST_COUNCIL_REDIS", chaos->links[daemon][LINE_REDIS].listen, 1);
    if (service == SIM_CAPACITY)
        network_go_far();
    load_shim(chaos, daemon, "shim-malloc.so");
}

/* --- beginning ------------------------------------------------------------------------------------------------------------ */

static void map_control(struct chaos *chaos)
{
    (void)text_format(chaos->control_path, sizeof chaos->control_path, "%s/control",
                      rig_folder(chaos->rig));
    const int fd = open(chaos->control_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && ftruncate(fd, sizeof *chaos->control) == 0);
    chaos->control = mmap(NULL, sizeof *chaos->control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_true(chaos->control != MAP_FAILED);
    close(fd);
}

static void start_proxy(struct chaos *chaos)
{
    chaos->proxy = fork();
    assert_true(chaos->proxy >= 0);
    if (chaos->proxy == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        proxy_run(chaos->links, chaos->control);
    }
}

/* The same council, with holds of a minute, so that they lapse while somebody looks. */
static void write_model(char ret_path[64])
{
    static char text[16384];
    FILE *from = fopen("tests/data/model.json", "re");
    (void)text_format(ret_path, 64, "/tmp/dayways-chaos-model-XXXXXX");
    const int fd = mkstemp(ret_path);
    FILE *to = fdopen(fd, "we");
    assert_non_null(from);
    assert_non_null(to);
    text[fread(text, 1, sizeof text - 1, from)] = '\0';
    fclose(from);
    char *minutes = strstr(text, "\"holdMinutes\": 60");
    assert_non_null(minutes);
    minutes[strlen("\"holdMinutes\": ")] = '1';
    minutes[strlen("\"holdMinutes\": 6")] = ' ';
    fputs(text, to);
    fclose(to);
}

static void mount_small_disk(struct chaos *chaos)
{
    char options[32];
    (void)text_format(options, sizeof options, "size=%dm", CHAOS_DISK_MIB);
    assert_int_equal(mount("none", rig_data(chaos->rig), "tmpfs", 0, options), 0);
}

void system_begin(struct chaos *chaos)
{
    write_model(chaos->model_path);
    chaos->rig = rig_create(chaos->model_path);
    map_control(chaos);
    make_links(chaos);
    rig_redis_signal(chaos->rig, SIGKILL);
    if (chaos->small_disk)
        mount_small_disk(chaos);
    rig_before_start(chaos->rig, prepare, chaos);
    rig_redis_start(chaos->rig);
    start_proxy(chaos);
}

void system_start(struct chaos *chaos, int daemon)
{
    chaos->wanted[daemon] = true;
    chaos->down[daemon] = false;
    if (system_pid(chaos, daemon) == 0)
        rig_start_instance(chaos->rig, chaos_services[service_of(daemon)],
                           (size_t)instance_of(daemon), NULL, false);
}

void system_end(struct chaos *chaos)
{
    char data[CHAOS_PATH_SIZE];
    (void)text_format(data, sizeof data, "%s", rig_data(chaos->rig));
    (void)kill(chaos->proxy, SIGKILL);
    (void)waitpid(chaos->proxy, NULL, 0);
    for (int daemon = 0; daemon < CONTROL_DAEMONS; daemon++)
        system_signal(chaos, daemon, SIGKILL);
    if (rig_pid(chaos->rig, NULL, 0) != 0)
        rig_redis_signal(chaos->rig, SIGKILL);
    if (chaos->small_disk)
        (void)umount2(data, MNT_DETACH);
    munmap(chaos->control, sizeof *chaos->control);
    rig_destroy(&chaos->rig);
    unlink(chaos->model_path);
}

/* --- while it runs ---------------------------------------------------------------------------------------------------------- */

pid_t system_pid(const struct chaos *chaos, int daemon)
{
    return rig_pid(chaos->rig, chaos_services[service_of(daemon)], (size_t)instance_of(daemon));
}

void system_signal(struct chaos *chaos, int daemon, int number)
{
    if (system_pid(chaos, daemon) != 0)
        (void)rig_signal(chaos->rig, chaos_services[service_of(daemon)],
                         (size_t)instance_of(daemon), number);
}

static void look_at_redis(struct chaos *chaos)
{
    const int64_t now_ms = loop_boot_ms_now();
    if (chaos->redis_down || !rig_redis_has_ended(chaos->rig) ||
        now_ms - chaos->redis_tried_ms < REDIS_AGAIN_MS)
        return;
    chaos->redis_tried_ms = now_ms;
    chaos->restarts++;
    rig_redis_launch(chaos->rig);
}

static void look_at_memory(struct chaos *chaos)
{
    const int64_t now_ms = loop_boot_ms_now();
    if (now_ms - chaos->memory_looked_ms < MEMORY_LOOK_MS)
        return;
    chaos->memory_looked_ms = now_ms;
    for (int daemon = 0; daemon < CONTROL_DAEMONS; daemon++) {
        const long kib = system_pid(chaos, daemon) == 0
                             ? 0
                             : rig_resident_kib(chaos->rig, chaos_services[service_of(daemon)],
                                                (size_t)instance_of(daemon));
        if (kib > chaos->most_resident_kib)
            chaos->most_resident_kib = kib;
    }
}

void system_look(struct chaos *chaos)
{
    look_at_redis(chaos);
    look_at_memory(chaos);
    for (int daemon = 0; daemon < CONTROL_DAEMONS; daemon++) {
        const char *service = chaos_services[service_of(daemon)];
        const bool ran = system_pid(chaos, daemon) != 0;
        if (!chaos->wanted[daemon] || chaos->down[daemon] ||
            !rig_has_ended(chaos->rig, service, (size_t)instance_of(daemon)))
            continue;
        if (ran && !chaos->excused[daemon])
            chaos_fail(chaos, "%s %d ended by itself", service, instance_of(daemon));
        chaos->restarts++;
        system_start(chaos, daemon);
    }
}

uint64_t system_mended(const struct chaos *chaos)
{
    char line[1024];
    uint64_t count = 0;
    (void)text_format(line, sizeof line, "%s/redis.log", rig_folder(chaos->rig));
    FILE *file = fopen(line, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        count += strstr(line, "was torn: cut") != NULL;
    if (file != NULL)
        fclose(file);
    return count;
}

void system_redis_file(struct chaos *chaos, char ret_path[CHAOS_PATH_SIZE])
{
    char folder[CHAOS_PATH_SIZE];
    char newest[256] = "";
    (void)text_format(folder, sizeof folder, "%s/appendonlydir", rig_data(chaos->rig));
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    while (directory != NULL && (entry = readdir(directory)) != NULL)
        if (strstr(entry->d_name, ".incr.aof") != NULL && strstr(entry->d_name, "torn") == NULL &&
            (strlen(entry->d_name) > strlen(newest) ||
             (strlen(entry->d_name) == strlen(newest) && strcmp(entry->d_name, newest) > 0)))
            (void)text_format(newest, sizeof newest, "%s", entry->d_name);
    if (directory != NULL)
        closedir(directory);
    (void)text_format(ret_path, CHAOS_PATH_SIZE, "%s/%s", folder, newest);
}
