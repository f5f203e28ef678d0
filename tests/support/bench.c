/* Figures of measurements: see bench.h. */
#include "tests/support/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t bench_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int compare(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left;
    const int64_t b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

int64_t bench_percentile(int64_t *values, size_t count, unsigned permille)
{
    qsort(values, count, sizeof values[0], compare);
    const size_t at = count * permille / 1000;
    return values[at < count ? at : count - 1];
}

void bench_report(const char *name, double value, const char *unit, double limit,
                  const char *limit_name)
{
    const char *path = getenv("DAYWAYS_BENCH_FILE");
    const double ratio = limit > 0 ? value / limit : 0;
    printf("%-44s %14.1f %-12s", name, value, unit);
    if (limit_name != NULL)
        printf(" %6.2f of %s (%.1f)", ratio, limit_name, limit);
    printf("\n");
    fflush(stdout);
    FILE *file = path == NULL ? NULL : fopen(path, "ae");
    if (file == NULL)
        return;
    fprintf(file,
            "{\"name\":\"%s\",\"value\":%.3f,\"unit\":\"%s\",\"limit\":%.3f,\"limit_name\":\"%s\","
            "\"ratio\":%.4f}\n",
            name, value, unit, limit, limit_name == NULL ? "" : limit_name, ratio);
    fclose(file);
}

double bench_earlier(const char *name)
{
    const char *path = getenv("DAYWAYS_BENCH_FILE");
    FILE *file = path == NULL ? NULL : fopen(path, "re");
    char line[512];
    char wanted[128];
    double value = 0;
    snprintf(wanted, sizeof wanted, "{\"name\":\"%s\",\"value\":", name);
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, wanted, strlen(wanted)) == 0)
            (void)sscanf(line + strlen(wanted), "%lf", &value);
    if (file != NULL)
        fclose(file);
    return value;
}

uint32_t bench_roll(uint64_t *seed, uint32_t below)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t)(*seed >> 33) % below;
}
