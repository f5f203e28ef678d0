/* Numbers about a daemon, written as Prometheus text 0.0.4: counters, gauges, histograms and the process set. */
#ifndef DAYWAYS_COMMON_METRICS_H
#define DAYWAYS_COMMON_METRICS_H

#include "common/table.h"

#include <stddef.h>
#include <stdint.h>

struct metrics;
struct metric;

/* Aborts when memory ends. */
struct metrics *metrics_create(void);
void metrics_destroy(struct metrics **metrics);

/* Register a series and give its handle, valid as long as the registry; the same name and labels give the same handle
 * again. labels is ready-made text such as `type="HoldPlaces",result="ok"`, or NULL. All series of a name must have the
 * same kind; the first help stands. Names, help and labels are copied. At most 4,096 series in all: what is registered
 * beyond shares one series a kind named dayways_metrics_dropped…, so labels must not come from strangers. */
struct metric *metrics_counter(struct metrics *metrics, const char *name, const char *help,
                               const char *labels);
struct metric *metrics_gauge(struct metrics *metrics, const char *name, const char *help,
                             const char *labels);
/* Of durations, in seconds, with buckets from 0.0001 to 10. */
struct metric *metrics_histogram(struct metrics *metrics, const char *name, const char *help,
                                 const char *labels);

/* Escapes a label's value: backslash, quotation mark and newline. 0 or -ENOSPC. */
int metrics_escape(const char *value, char *ret_text, size_t size);

void metric_add(struct metric *metric, uint64_t amount);    /* counters */
void metric_set(struct metric *metric, int64_t value);      /* gauges */
void metric_observe_us(struct metric *metric, uint64_t us); /* histograms, microseconds */
/* A counter's or gauge's value (a gauge's as two's complement), a histogram's number of observations. */
uint64_t metric_value(const struct metric *metric);

/* Appends all series, grouped by name in the order of first registration, and process_* read from /proc. */
void metrics_write(const struct metrics *metrics, struct buffer *ret_text);

#endif
