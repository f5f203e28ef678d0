/* make sim SEED=n STEPS=n: runs a seed; when something is found, looks for the smallest run that shows it. */
#include "tests/sim/sim.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "common/text.h"

enum { STEPS = 200000, OTHER_SEEDS = 12, FOUND = 1, NOT_MEANT = 2 };

/* What one run found, told by its own process, for a broken engine may end it. */
struct result {
    bool good;
    struct sim_outcome outcome; /* of a process that has ended itself: no kind */
};

static void hush(void)
{
    if (getenv("SIM_LOG") == NULL && freopen("/dev/null", "we", stderr) == NULL)
        abort();
}

static struct result run(const struct sim_settings *settings, bool show)
{
    int ends[2];
    struct result result = {.good = false};
    if (pipe(ends) != 0)
        abort();
    (void)fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        if (!show && freopen("/dev/null", "we", stdout) == NULL)
            abort();
        hush();
        result.good = sim_run(settings, &result.outcome);
        (void)fflush(stdout);
        _exit(write(ends[1], &result, sizeof result) == (ssize_t)sizeof result ? 0 : 1);
    }
    (void)close(ends[1]);
    int status = 0;
    const bool told = read(ends[0], &result, sizeof result) == (ssize_t)sizeof result;
    (void)close(ends[0]);
    (void)waitpid(child, &status, 0);
    if (!told) {
        result = (struct result){.good = false, .outcome = {.step = settings->steps}};
        if (show)
            printf("VIOLATION seed %llu: the process ended by signal %d\n",
                   (unsigned long long)settings->seed, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    }
    return result;
}

static uint32_t read_faults(const char *text)
{
    uint32_t faults = 0;
    if (text == NULL)
        return SIM_FAULTS_ALL;
    for (int at = 0; at < FAULTS; at++) {
        const size_t len = strlen(sim_fault_names[at]);
        for (const char *word = strstr(text, sim_fault_names[at]); word != NULL;
             word = strstr(word + 1, sim_fault_names[at]))
            if ((word == text || word[-1] == ',') && (word[len] == '\0' || word[len] == ','))
                faults |= UINT32_C(1) << at;
    }
    return faults;
}

static void print_command(const struct sim_settings *settings)
{
    const char *comma = "";
    printf("SIM_FAULTS=");
    for (int at = 0; at < FAULTS; at++)
        if ((settings->faults >> at & 1) != 0) {
            printf("%s%s", comma, sim_fault_names[at]);
            comma = ",";
        }
    printf(" make sim SEED=%llu STEPS=%llu\n", (unsigned long long)settings->seed,
           (unsigned long long)settings->steps);
}

/* A run without one kind of fault is another run: if it does not find the same, so may one of a few other seeds. */
static bool still_fails(struct sim_settings *settings, const char *why_kind)
{
    const uint64_t seed = settings->seed;
    for (uint64_t other = 0; other < OTHER_SEEDS; other++) {
        settings->seed = other == 0 ? seed : seed * OTHER_SEEDS + other;
        const struct result result = run(settings, false);
        if (result.good || result.outcome.why_kind != why_kind)
            continue;
        const uint64_t step = result.outcome.step;
        settings->steps = step < settings->steps ? step : settings->steps;
        return true;
    }
    return false;
}

/* One kind of fault after the other is left out, then steps, as long as something is found. */
static void shrink(struct sim_settings settings, uint64_t step, const char *why_kind)
{
    const uint64_t steps = settings.steps;
    settings.steps = step < settings.steps ? step : settings.steps;
    for (int at = 0; at < FAULTS; at++) {
        struct sim_settings less = settings;
        less.faults &= ~(UINT32_C(1) << at);
        less.steps = steps;
        if (less.faults != settings.faults && still_fails(&less, why_kind))
            settings = less;
    }
    for (uint64_t part = settings.steps / 2; part > 0 && part > settings.steps / 64; part /= 2) {
        struct sim_settings less = settings;
        less.steps -= part;
        const struct result result = run(&less, false);
        if (!result.good && result.outcome.why_kind == why_kind)
            settings = less;
    }
    printf("smallest: ");
    print_command(&settings);
    (void)run(&settings, true);
}

int main(int argc, char **argv)
{
    uint64_t seed = 0;
    uint64_t steps = STEPS;
    if (sodium_init() < 0)
        return NOT_MEANT;
    if (argc > 1 && argv[1][0] != '\0') {
        if (text_to_uint64(argv[1], UINT64_MAX, &seed) < 0)
            return NOT_MEANT;
    } else {
        seed = randombytes_uniform(1000000000);
    }
    if (argc > 2 && argv[2][0] != '\0' && text_to_uint64(argv[2], UINT64_MAX, &steps) < 0)
        return NOT_MEANT;
    const struct sim_settings settings = {
        .seed = seed, .steps = steps, .faults = read_faults(getenv("SIM_FAULTS"))};
    printf("seed %llu, %llu steps\n", (unsigned long long)seed, (unsigned long long)steps);
    const struct result result = run(&settings, true);
    if (!result.good && getenv("SIM_NO_SHRINK") == NULL)
        shrink(settings, result.outcome.step, result.outcome.why_kind);
    return result.good ? 0 : FOUND;
}
