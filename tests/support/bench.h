/* What the measurements share: a clock, percentiles, and one place where figures are printed and kept. */
#ifndef DAYWAYS_TESTS_SUPPORT_BENCH_H
#define DAYWAYS_TESTS_SUPPORT_BENCH_H

#include <stddef.h>
#include <stdint.h>

/* Nanoseconds, never going back. */
int64_t bench_now_ns(void);

/* Sorts the values and gives the one below which so many of a thousand lie. */
int64_t bench_percentile(int64_t *values, size_t count, unsigned permille);

/* Prints a figure and appends it to the file named by DAYWAYS_BENCH_FILE (a JSON object a line). limit_name NULL: none. */
void bench_report(const char *name, double value, const char *unit, double limit,
                  const char *limit_name);

/* A figure reported by an earlier program of the same run, 0 when there is none. */
double bench_earlier(const char *name);

/* A generator for made-up data: the same seed gives the same numbers. */
uint32_t bench_roll(uint64_t *seed, uint32_t below);

#endif
