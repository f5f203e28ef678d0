/* What goes wrong: see chaos.h. Of each kind one is under way at a time; what it has chosen stands in its own static. */
#include "tests/chaos/chaos.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/text.h"

enum {
    TAIL_SIZE = 1024 * 1024, /* of Redis' file, in which a whole transaction is found */
    REWRITE_MS = 40,         /* a rewriting is under way for about so long */
    LEASE_LOST_MS = 3500,    /* of a pause after which another has the lease */
};

/* -1: none runs. */
static int any_daemon(struct chaos *chaos)
{
    const int first = (int)chaos_roll(chaos, CONTROL_DAEMONS);
    for (int at = 0; at < CONTROL_DAEMONS; at++) {
        const int daemon = (first + at) % CONTROL_DAEMONS;
        if (chaos->wanted[daemon] && !chaos->down[daemon] && system_pid(chaos, daemon) != 0)
            return daemon;
    }
    return -1;
}

/* --- ends and pauses ------------------------------------------------------------------------------------------------------- */

static int ended;

static bool end_daemon(struct chaos *chaos, int number)
{
    ended = any_daemon(chaos);
    if (ended < 0)
        return false;
    system_signal(chaos, ended, SIGCONT);
    system_signal(chaos, ended, number);
    return true;
}

/* It is started again at once, as its supervisor would. */
static bool kill_daemon(struct chaos *chaos)
{
    return end_daemon(chaos, SIGKILL);
}

static bool stop_daemon(struct chaos *chaos)
{
    return end_daemon(chaos, SIGTERM);
}

static bool take_daemon_away(struct chaos *chaos)
{
    const bool is_gone = end_daemon(chaos, SIGKILL);
    if (is_gone)
        chaos->down[ended] = true;
    return is_gone;
}

static void start_daemons(struct chaos *chaos)
{
    for (int daemon = 0; daemon < CONTROL_DAEMONS; daemon++)
        if (chaos->down[daemon])
            system_start(chaos, daemon);
}

static int paused = -1;

static bool pause_daemon(struct chaos *chaos)
{
    paused = any_daemon(chaos);
    if (paused >= 0)
        system_signal(chaos, paused, SIGSTOP);
    return paused >= 0;
}

static void continue_daemon(struct chaos *chaos)
{
    system_signal(chaos, paused, SIGCONT);
}

static int sleeper = -1;

/* A second daemon for the same shard is started, and the first sleeps until it has lost the lease; then both think they own it. */
static bool start_second(struct chaos *chaos)
{
    const int daemon = any_daemon(chaos);
    if (daemon < 0 || daemon == paused)
        return false;
    sleeper = daemon;
    system_start(chaos, daemon ^ 1);
    system_signal(chaos, daemon, SIGSTOP);
    return true;
}

static void wake_first(struct chaos *chaos)
{
    system_signal(chaos, sleeper, SIGCONT);
    if (!chaos->has_standbys) { /* one of the two goes */
        const int goes = chaos_roll(chaos, 2) == 0 ? sleeper : sleeper ^ 1;
        chaos->wanted[goes] = false;
        system_signal(chaos, goes, chaos_roll(chaos, 2) == 0 ? SIGKILL : SIGTERM);
    }
}

/* --- Redis ------------------------------------------------------------------------------------------------------------------ */

static bool kill_redis(struct chaos *chaos)
{
    if (chaos->redis_down || rig_pid(chaos->rig, NULL, 0) == 0)
        return false;
    rig_redis_signal(chaos->rig, SIGKILL);
    return true;
}

static bool take_redis_away(struct chaos *chaos)
{
    chaos->redis_down = kill_redis(chaos);
    return chaos->redis_down;
}

static void start_redis(struct chaos *chaos)
{
    chaos->redis_down = false;
}

static bool pause_redis(struct chaos *chaos)
{
    const pid_t redis = rig_pid(chaos->rig, NULL, 0);
    return redis != 0 && kill(redis, SIGSTOP) == 0;
}

static void continue_redis(struct chaos *chaos)
{
    const pid_t redis = rig_pid(chaos->rig, NULL, 0);
    if (redis != 0)
        (void)kill(redis, SIGCONT);
}

/* Redis' children rewrite its file. Returns how many were killed. */
static uint64_t kill_children(pid_t parent)
{
    char path[64];
    long child;
    uint64_t count = 0;
    (void)text_format(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
    FILE *file = fopen(path, "re");
    while (file != NULL && fscanf(file, "%ld", &child) == 1)
        count += kill((pid_t)child, SIGKILL) == 0;
    if (file != NULL)
        fclose(file);
    return count;
}

static bool kill_redis_rewriting(struct chaos *chaos)
{
    const pid_t redis = rig_pid(chaos->rig, NULL, 0);
    if (redis == 0 || chaos->redis_down)
        return false;
    (void)kill(redis, SIGCONT); /* one that is paused would never answer */
    (void)rig_redis(chaos->rig, "bgrewriteaof");
    rig_pause_ms((long)chaos_roll(chaos, REWRITE_MS));
    if (chaos_roll(chaos, 2) == 0) /* else the child goes on for a while without its parent */
        chaos->rewritings_killed += kill_children(redis);
    rig_redis_signal(chaos->rig, SIGKILL);
    return true;
}

/* The last place in bytes where text stands. */
static const char *find_last(const char *bytes, size_t len, const char *text)
{
    const size_t text_len = strlen(text);
    for (size_t at = len >= text_len ? len - text_len + 1 : 0; at-- > 0;)
        if (memcmp(bytes + at, text, text_len) == 0)
            return bytes + at;
    return NULL;
}

/* Redis dies in the middle of a write: the file ends with a part of a transaction, which nobody was told of. */
static bool tear_tail(struct chaos *chaos)
{
    static char tail[TAIL_SIZE];
    static const char multi[] = "*1\r\n$5\r\nMULTI\r\n";
    static const char exec[] = "*1\r\n$4\r\nEXEC\r\n";
    char path[CHAOS_PATH_SIZE];
    if (!kill_redis(chaos))
        return false;
    system_redis_file(chaos, path);
    FILE *file = fopen(path, "r+e");
    if (file == NULL)
        return true;
    (void)fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    (void)fseek(file, size > TAIL_SIZE ? size - TAIL_SIZE : 0, SEEK_SET);
    const size_t len = fread(tail, 1, sizeof tail, file);
    const char *begin = find_last(tail, len, multi);
    const char *end = find_last(tail, len, exec);
    if (begin != NULL && end != NULL && begin < end) {
        (void)fseek(file, 0, SEEK_END);
        (void)fwrite(begin, 1, 1 + chaos_roll(chaos, (uint32_t)(end - begin)), file);
    }
    fclose(file);
    return true;
}

static bool slow_disk(struct chaos *chaos)
{
    chaos->control->processes[CONTROL_REDIS].fsync_us = 1000 + chaos_roll(chaos, 60000);
    return true;
}

static void fast_disk(struct chaos *chaos)
{
    chaos->control->processes[CONTROL_REDIS].fsync_us = 0;
}

static void ballast_path(const struct chaos *chaos, char ret_path[CHAOS_PATH_SIZE])
{
    (void)text_format(ret_path, CHAOS_PATH_SIZE, "%s/ballast", rig_data(chaos->rig));
}

/* Somebody else's file takes all the room there is. */
static bool fill_disk(struct chaos *chaos)
{
    static const char block[65536];
    char path[CHAOS_PATH_SIZE];
    ballast_path(chaos, path);
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (fd >= 0 && write(fd, block, sizeof block) > 0)
        continue;
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void free_disk(struct chaos *chaos)
{
    char path[CHAOS_PATH_SIZE];
    ballast_path(chaos, path);
    (void)unlink(path);
}

/* --- memory, descriptors, clocks ------------------------------------------------------------------------------------------------ */

static int starved = -1;

static bool starve_memory(struct chaos *chaos)
{
    starved = any_daemon(chaos);
    if (starved < 0)
        return false;
    chaos->excused[starved] = true;
    chaos->control->processes[starved].malloc_one_in = 1 + chaos_roll(chaos, 3000);
    return true;
}

static void feed_memory(struct chaos *chaos)
{
    chaos->control->processes[starved].malloc_one_in = 0;
}

static int crowded = -1;
static struct rlimit usual;

static rlim_t count_descriptors(pid_t process)
{
    char path[64];
    rlim_t count = 0;
    (void)text_format(path, sizeof path, "/proc/%d/fd", (int)process);
    DIR *directory = opendir(path);
    while (directory != NULL && readdir(directory) != NULL)
        count++;
    if (directory != NULL)
        closedir(directory);
    return count;
}

/* It has as many descriptors as it may, while others connect. */
static bool exhaust_descriptors(struct chaos *chaos)
{
    crowded = any_daemon(chaos);
    if (crowded < 0)
        return false;
    const pid_t process = system_pid(chaos, crowded);
    if (prlimit(process, RLIMIT_NOFILE, NULL, &usual) != 0)
        return false;
    const struct rlimit few = {count_descriptors(process) + chaos_roll(chaos, 4), usual.rlim_max};
    chaos->excused[crowded] = true;
    (void)hostile_start(chaos, HOSTILE_GARBAGE, crowded);
    for (int line = 0; line < CONTROL_LINES; line++)
        chaos->control->links[crowded][line].cuts++;
    return prlimit(process, RLIMIT_NOFILE, &few, NULL) == 0;
}

static void free_descriptors(struct chaos *chaos)
{
    const pid_t process = system_pid(chaos, crowded);
    if (process != 0)
        (void)prlimit(process, RLIMIT_NOFILE, &usual, NULL);
}

static bool step_clock(struct chaos *chaos)
{
    const int64_t by_ms = (int64_t)chaos_roll(chaos, 2 * CHAOS_CLOCK_STEP_MS) - CHAOS_CLOCK_STEP_MS;
    const bool everybody = chaos_roll(chaos, 3) == 0;
    const uint32_t who = chaos_roll(chaos, CONTROL_PROCESSES);
    for (uint32_t process = 0; process < CONTROL_PROCESSES; process++)
        if (everybody || process == who)
            chaos->control->processes[process].wall_ms = by_ms;
    chaos->clock_steps++;
    return true;
}

static void step_clock_back(struct chaos *chaos)
{
    chaos->clock_steps++;
    for (int process = 0; process < CONTROL_PROCESSES; process++)
        chaos->control->processes[process].wall_ms = 0;
}

/* --- the network ----------------------------------------------------------------------------------------------------------------- */

/* A link, or now and then all of a kind. */
static void for_links(struct chaos *chaos,
                      void (*change)(struct chaos *chaos, struct control_link *link))
{
    const uint32_t daemon = chaos_roll(chaos, CONTROL_DAEMONS);
    const uint32_t line = chaos_roll(chaos, CONTROL_LINES);
    const bool all = chaos_roll(chaos, 3) == 0;
    for (uint32_t at = 0; at < CONTROL_DAEMONS; at++)
        if (all || at == daemon)
            change(chaos, &chaos->control->links[at][line]);
}

static void delay_link(struct chaos *chaos, struct control_link *link)
{
    link->delay_us = 1000 + chaos_roll(chaos, 150 * 1000);
}

static void cut_link(struct chaos *chaos, struct control_link *link)
{
    (void)chaos;
    link->cuts++;
}

static void halve_link(struct chaos *chaos, struct control_link *link)
{
    link->halves += 1 + chaos_roll(chaos, 2);
}

static void darken_link(struct chaos *chaos, struct control_link *link)
{
    (void)chaos;
    link->dark = 1;
}

static bool delay(struct chaos *chaos)
{
    for_links(chaos, delay_link);
    return true;
}

static bool cut(struct chaos *chaos)
{
    for_links(chaos, cut_link);
    return true;
}

static bool halve(struct chaos *chaos)
{
    for_links(chaos, halve_link);
    return true;
}

static bool darken(struct chaos *chaos)
{
    for_links(chaos, darken_link);
    return true;
}

static void mend_links(struct chaos *chaos)
{
    for (int daemon = 0; daemon < CONTROL_DAEMONS; daemon++)
        for (int line = 0; line < CONTROL_LINES; line++) {
            chaos->control->links[daemon][line].delay_us = 0;
            chaos->control->links[daemon][line].dark = 0;
        }
}

static bool pull_cable(struct chaos *chaos)
{
    (void)chaos;
    network_set_cable(false);
    return true;
}

static void plug_cable(struct chaos *chaos)
{
    (void)chaos;
    network_set_cable(true);
}

static bool stop_watchers(struct chaos *chaos)
{
    for (int at = 0; at < CHAOS_WATCHERS; at++)
        (void)kill(chaos->watchers[at], SIGSTOP);
    return true;
}

static void continue_watchers(struct chaos *chaos)
{
    for (int at = 0; at < CHAOS_WATCHERS; at++)
        (void)kill(chaos->watchers[at], SIGCONT);
}

/* --- people who mean harm -------------------------------------------------------------------------------------------------------- */

static bool be_hostile(struct chaos *chaos, enum hostile_kind kind)
{
    const int daemon = any_daemon(chaos);
    return daemon >= 0 && hostile_start(chaos, kind, daemon) > 0;
}

static bool send_crowd(struct chaos *chaos)
{
    return be_hostile(chaos, HOSTILE_CROWD);
}

static bool send_garbage(struct chaos *chaos)
{
    return be_hostile(chaos, HOSTILE_GARBAGE);
}

static bool send_multipart(struct chaos *chaos)
{
    return be_hostile(chaos, HOSTILE_MULTIPART);
}

static bool send_wrong_key(struct chaos *chaos)
{
    return be_hostile(chaos, HOSTILE_KEY);
}

static bool send_oversized(struct chaos *chaos)
{
    return be_hostile(chaos, HOSTILE_OVERSIZED);
}

const struct fault faults[] = {
    {"kill -9 a daemon", kill_daemon, NULL, 0, 0, false},
    {"stop a daemon (SIGTERM)", stop_daemon, NULL, 0, 0, false},
    {"a daemon away", take_daemon_away, start_daemons, 100, 1500, false},
    {"pause a daemon", pause_daemon, continue_daemon, 50, 4500, false},
    {"two owners", start_second, wake_first, LEASE_LOST_MS, 5000, false},
    {"kill -9 Redis", kill_redis, NULL, 0, 0, false},
    {"kill -9 Redis rewriting its file", kill_redis_rewriting, NULL, 0, 0, false},
    {"torn end of Redis' file", tear_tail, NULL, 0, 0, false},
    {"Redis away", take_redis_away, start_redis, 100, 1000, false},
    {"pause Redis", pause_redis, continue_redis, 50, 2500, false},
    {"slow fsync", slow_disk, fast_disk, 200, 2000, false},
    {"full disk", fill_disk, free_disk, 300, 1500, true},
    {"failing malloc", starve_memory, feed_memory, 100, 1000, false},
    {"no more descriptors", exhaust_descriptors, free_descriptors, 200, 2000, false},
    {"clock step", step_clock, step_clock_back, 100, 2000, false},
    {"delayed connections", delay, mend_links, 200, 2000, false},
    {"cut connections", cut, NULL, 0, 0, false},
    {"half-closed connections", halve, NULL, 0, 0, false},
    {"silent connections", darken, mend_links, 200, 2500, false},
    {"cable pulled", pull_cable, plug_cable, 100, 2000, false},
    {"stopped subscribers", stop_watchers, continue_watchers, 500, 4000, false},
    {"10,000 connections", send_crowd, NULL, 1000, 3000, false},
    {"garbage and endless messages", send_garbage, NULL, 100, 600, false},
    {"a message of 1,000 frames", send_multipart, NULL, 100, 600, false},
    {"a key nobody allowed", send_wrong_key, NULL, 100, 600, false},
    {"oversized messages", send_oversized, NULL, 100, 600, false},
};
const size_t faults_count = sizeof faults / sizeof faults[0];
