/* make chaos SECONDS=n SEED=n: rounds of a fresh system each, under load, with one to three faults at a time; after each round
 * everything is checked. Prints what was done to it, how often, and how long it took to recover. */
#include "tests/chaos/chaos.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>
#include <sodium.h>

#include "common/log.h"
#include "common/text.h"

enum {
    ROUND_MS = 90 * 1000,
    TOGETHER = 3,
    BUILT_MS = 20 * 1000,
    RECOVER_MS = 30 * 1000, /* what takes longer is a failure; the number to reach is far below */
    WORK_MS = 250,          /* at most, between two episodes */
    TURN_MS = 1,
    FAULTS_MAX = 32
};

struct tally {
    uint64_t begun;
    int64_t worst_ms;
};

static struct tally tallies[FAULTS_MAX];
static struct {
    uint64_t rounds;
    uint64_t faults;
    uint64_t episodes;
    uint64_t commands;
    uint64_t requests;
    uint64_t repeated;
    uint64_t restarts;
    uint64_t failed_allocations;
    uint64_t proxied_bytes;
    uint64_t crowd;
    uint64_t mended;
    uint64_t rewritings_killed;
    long most_resident_kib;
    int64_t worst_ms;
    int64_t sum_ms;
} total;

static int64_t until_ms; /* the run's end */
static uint64_t seed_of_run;
static bool wanted_kinds[FAULTS_MAX];

void chaos_fail(struct chaos *chaos, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    if (chaos->failed)
        return;
    chaos->failed = true;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    printf("VIOLATION seed %llu: %s\n", (unsigned long long)chaos->seed, text);
    (void)fflush(stdout);
}

uint32_t chaos_roll(struct chaos *chaos, uint32_t below)
{
    return sim_roll(chaos->sim, below);
}

/* A subscriber that has ended by itself was not disturbed by anything we did. */
static void look_at_watchers(struct chaos *chaos)
{
    for (int at = 0; at < CHAOS_WATCHERS; at++)
        if (waitpid(chaos->watchers[at], NULL, WNOHANG) != 0)
            chaos_fail(chaos, "a subscriber is gone");
}

void chaos_turn(struct chaos *chaos)
{
    load_turn(chaos);
    system_look(chaos);
    rig_pause_ms(TURN_MS);
}

/* Works on for so long, or until it fails. */
static void work(struct chaos *chaos, int64_t ms)
{
    const int64_t end_ms = loop_boot_ms_now() + ms;
    while (!chaos->failed && loop_boot_ms_now() < end_ms)
        chaos_turn(chaos);
}

/* How long until everybody answers what was asked just now. */
static int64_t recover(struct chaos *chaos)
{
    const int64_t begin_ms = loop_boot_ms_now();
    load_probe(chaos);
    while (!chaos->failed && !load_has_recovered(chaos)) {
        chaos_turn(chaos);
        if (loop_boot_ms_now() - begin_ms > RECOVER_MS)
            chaos_fail(chaos, "it does not recover");
    }
    return loop_boot_ms_now() - begin_ms;
}

static void note(const size_t *kinds, size_t count, int64_t took_ms)
{
    for (size_t at = 0; at < count; at++)
        if (took_ms > tallies[kinds[at]].worst_ms)
            tallies[kinds[at]].worst_ms = took_ms;
    total.worst_ms = took_ms > total.worst_ms ? took_ms : total.worst_ms;
    total.sum_ms += took_ms;
    total.episodes++;
}

static void print_episode(const struct chaos *chaos, const size_t *kinds, size_t count,
                          int64_t took_ms)
{
    printf("  %6.1f s:", (double)(loop_boot_us_now() - chaos->start_us) / 1e6);
    for (size_t at = 0; at < count; at++)
        printf(" %s%s", faults[kinds[at]].name, at + 1 < count ? " +" : "");
    printf(": back after %lld ms\n", (long long)took_ms);
    (void)fflush(stdout);
}

static bool is_among(const size_t *kinds, size_t count, size_t kind)
{
    for (size_t at = 0; at < count; at++)
        if (kinds[at] == kind)
            return true;
    return false;
}

/* One to three faults at a time; then all is mended, and everybody must answer again. */
static void episode(struct chaos *chaos)
{
    size_t kinds[TOGETHER];
    size_t count = 0;
    int64_t hold_ms = 0;
    const uint32_t together = 1 + chaos_roll(chaos, TOGETHER);
    for (int tries = 0; tries < 50 && count < together; tries++) {
        const size_t kind = chaos_roll(chaos, (uint32_t)faults_count);
        const struct fault *fault = &faults[kind];
        if (!wanted_kinds[kind] || is_among(kinds, count, kind) ||
            (fault->needs_small_disk && !chaos->small_disk) || !fault->begin(chaos))
            continue;
        const int64_t ms =
            fault->least_ms + chaos_roll(chaos, (uint32_t)(fault->most_ms - fault->least_ms + 1));
        hold_ms = ms > hold_ms ? ms : hold_ms;
        tallies[kind].begun++;
        total.faults++;
        kinds[count++] = kind;
        if (count < together && chaos_roll(chaos, 2) == 0)
            work(chaos, chaos_roll(chaos, 100));
    }
    work(chaos, hold_ms);
    for (size_t at = count; at-- > 0;)
        if (faults[kinds[at]].end != NULL)
            faults[kinds[at]].end(chaos);
    const int64_t took_ms = recover(chaos);
    note(kinds, count, took_ms);
    if (getenv("CHAOS_SHOW") != NULL || chaos->failed)
        print_episode(chaos, kinds, count, took_ms);
    memset(chaos->excused, 0, sizeof chaos->excused);
    work(chaos, chaos_roll(chaos, WORK_MS));
}

static void start_everything(struct chaos *chaos)
{
    const int64_t built_ms = loop_boot_ms_now() + BUILT_MS;
    for (int daemon = 0; daemon < CONTROL_DAEMONS; daemon++)
        if (daemon % CONTROL_INSTANCES == 0 || chaos->has_standbys)
            system_start(chaos, daemon);
    for (int at = 0; at < CHAOS_WATCHERS; at++)
        chaos->watchers[at] = watcher_start(chaos);
    while (!chaos->failed && !load_is_built(chaos)) {
        chaos_turn(chaos);
        if (loop_boot_ms_now() > built_ms)
            chaos_fail(chaos, "the town was not built");
    }
}

static void count_round(const struct chaos *chaos)
{
    const size_t count = chaos->sim->requests.len / sizeof(struct sim_request *);
    total.rounds++;
    total.commands += chaos->sim->commands_final;
    total.requests += count;
    total.restarts += chaos->restarts;
    total.failed_allocations += chaos->control->failed_allocations;
    total.proxied_bytes += chaos->control->proxied_bytes;
    total.mended += system_mended(chaos);
    total.rewritings_killed += chaos->rewritings_killed;
    if (chaos->control->crowd > total.crowd)
        total.crowd = chaos->control->crowd;
    if (chaos->most_resident_kib > total.most_resident_kib)
        total.most_resident_kib = chaos->most_resident_kib;
    for (uint32_t at = 0; at < count; at++)
        total.repeated += request_at(chaos->sim, at)->of != 0;
    printf("  round %llu, seed %llu: %zu requests, %llu commands answered, %llu restarts%s%s: %s\n",
           (unsigned long long)total.rounds, (unsigned long long)chaos->seed, count,
           (unsigned long long)chaos->sim->commands_final, (unsigned long long)chaos->restarts,
           chaos->has_standbys ? ", standbys" : "", chaos->small_disk ? ", small disk" : "",
           chaos->failed ? "FAILED" : "all is as it should be");
    (void)fflush(stdout);
}

/* False: something was found; its folder is kept. */
static bool run_round(uint64_t seed)
{
    static struct chaos chaos;
    chaos = (struct chaos){
        .seed = seed, .has_standbys = seed % 2 == 0, .small_disk = seed / 2 % 2 == 0};
    system_begin(&chaos);
    load_begin(&chaos);
    start_everything(&chaos);
    const int64_t round_ms = loop_boot_ms_now() + ROUND_MS;
    while (!chaos.failed && loop_boot_ms_now() < round_ms && loop_boot_ms_now() < until_ms)
        episode(&chaos);
    look_at_watchers(&chaos);
    if (!chaos.failed)
        load_check(&chaos);
    count_round(&chaos);
    for (int at = 0; at < CHAOS_WATCHERS; at++) {
        (void)kill(chaos.watchers[at], SIGKILL);
        (void)waitpid(chaos.watchers[at], NULL, 0);
    }
    if (chaos.failed) {
        printf("  its logs are in %s\n", rig_folder(chaos.rig));
        setenv("RIG_KEEP", "1", 1);
    }
    const bool good = !chaos.failed;
    system_end(&chaos);
    load_end(&chaos);
    while (waitpid(-1, NULL, WNOHANG) > 0) /* those who meant harm */
        continue;
    return good;
}

static void print_tallies(void)
{
    printf("%-36s %8s %18s\n", "fault", "times", "worst recovery ms");
    for (size_t kind = 0; kind < faults_count; kind++)
        printf("%-36s %8llu %18lld\n", faults[kind].name, (unsigned long long)tallies[kind].begun,
               (long long)tallies[kind].worst_ms);
    printf("%llu faults in %llu episodes of %llu rounds; recovery: mean %lld ms, worst %lld ms\n",
           (unsigned long long)total.faults, (unsigned long long)total.episodes,
           (unsigned long long)total.rounds,
           (long long)(total.episodes == 0 ? 0 : total.sum_ms / (int64_t)total.episodes),
           (long long)total.worst_ms);
    printf("%llu requests, %llu commands answered, %llu old ones sent again; %llu restarts, %llu "
           "allocations refused, %llu MiB through the proxy\n",
           (unsigned long long)total.requests, (unsigned long long)total.commands,
           (unsigned long long)total.repeated, (unsigned long long)total.restarts,
           (unsigned long long)total.failed_allocations,
           (unsigned long long)(total.proxied_bytes >> 20));
    printf(
        "Redis' file was mended %llu times, %llu rewritings were killed; at most %llu connections "
        "at once, %ld MiB a daemon\n",
        (unsigned long long)total.mended, (unsigned long long)total.rewritings_killed,
        (unsigned long long)total.crowd, total.most_resident_kib >> 10);
}

static void nothing_acknowledged_is_lost_in_chaos(void **unused)
{
    (void)unused;
    bool good = true;
    for (uint64_t round = 0; good && loop_boot_ms_now() < until_ms; round++)
        good = run_round(seed_of_run + round);
    print_tallies();
    assert_true(good);
}

/* CHAOS_FAULTS: parts of names, with commas between; only such faults happen. */
static void choose_kinds(void)
{
    const char *text = getenv("CHAOS_FAULTS");
    for (size_t kind = 0; kind < faults_count; kind++) {
        wanted_kinds[kind] = text == NULL;
        for (const char *at = text; at != NULL && *at != '\0';) {
            char part[64] = "";
            const size_t len = strcspn(at, ",");
            (void)text_copy(part, sizeof part, at, len);
            wanted_kinds[kind] = wanted_kinds[kind] || strstr(faults[kind].name, part) != NULL;
            at += len + (at[len] == ',');
        }
    }
}

int main(int argc, char **argv)
{
    uint64_t seconds = 60;
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_acknowledged_is_lost_in_chaos)};
    if (sodium_init() < 0 ||
        (argc > 1 && argv[1][0] != '\0' && text_to_uint64(argv[1], 24 * 3600, &seconds) < 0))
        return EXIT_FAILURE;
    seed_of_run = randombytes_uniform(1000000000);
    if (argc > 2 && argv[2][0] != '\0' && text_to_uint64(argv[2], UINT64_MAX, &seed_of_run) < 0)
        return EXIT_FAILURE;
    log_start("chaos", LOG_LEVEL_ERROR, LOG_FORMAT_LOGFMT);
    choose_kinds();
    printf("seed %llu, %llu s\n", (unsigned long long)seed_of_run, (unsigned long long)seconds);
    (void)fflush(stdout);
    network_begin();
    until_ms = loop_boot_ms_now() + (int64_t)seconds * 1000;
    const int result = cmocka_run_group_tests(tests, NULL, NULL);
    network_end();
    return result;
}
