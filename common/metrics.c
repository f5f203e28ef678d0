/* The registry of metrics and its text form. Implements common/metrics.h. */
#include "common/metrics.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/text.h"

enum {
    SERIES_MAX = 4096, /* a daemon of 150 councils has about 20 each */
    BUCKETS = 16,
    LINE_SIZE = 1024, /* a name, its labels and a number */
};

static const struct {
    uint64_t us;
    const char *text;
} buckets[BUCKETS] = {
    {100, "0.0001"},  {250, "0.00025"}, {500, "0.0005"},  {1000, "0.001"},
    {2500, "0.0025"}, {5000, "0.005"},  {10000, "0.01"},  {25000, "0.025"},
    {50000, "0.05"},  {100000, "0.1"},  {250000, "0.25"}, {500000, "0.5"},
    {1000000, "1"},   {2500000, "2.5"}, {5000000, "5"},   {10000000, "10"},
};

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

static const char *const kind_names[] = {
    [METRIC_COUNTER] = "counter",
    [METRIC_GAUGE] = "gauge",
    [METRIC_HISTOGRAM] = "histogram",
};

struct metric {
    enum metric_kind kind;
    char *name;
    char *help;
    char *labels;             /* "" when there are none */
    uint64_t value;           /* a histogram's number of observations */
    uint64_t sum_us;          /* histograms */
    uint64_t counts[BUCKETS]; /* histograms: observations in this bucket and no smaller one */
};

struct metrics {
    struct metric *series[SERIES_MAX];
    size_t count;
};

static char *copy_text(const char *text)
{
    char *copy = strdup(text);
    if (copy == NULL)
        abort();
    return copy;
}

struct metrics *metrics_create(void)
{
    struct metrics *metrics = calloc(1, sizeof *metrics);
    if (metrics == NULL)
        abort();
    return metrics;
}

void metrics_destroy(struct metrics **metrics)
{
    if (*metrics == NULL)
        return;
    for (size_t i = 0; i < (*metrics)->count; i++) {
        free((*metrics)->series[i]->name);
        free((*metrics)->series[i]->help);
        free((*metrics)->series[i]->labels);
        free((*metrics)->series[i]);
    }
    free(*metrics);
    *metrics = NULL;
}

static struct metric *register_series(struct metrics *metrics, enum metric_kind kind,
                                      const char *name, const char *help, const char *labels)
{
    const char *wanted = labels != NULL ? labels : "";
    for (size_t i = 0; i < metrics->count; i++) {
        struct metric *metric = metrics->series[i];
        if (strcmp(metric->name, name) != 0)
            continue;
        assert(metric->kind == kind);
        if (strcmp(metric->labels, wanted) == 0)
            return metric;
    }
    /* The last places are for one overflow series of each kind. */
    if (metrics->count >= SERIES_MAX - 3) {
        static const char *const names[] = {
            [METRIC_COUNTER] = "dayways_metrics_dropped_total",
            [METRIC_GAUGE] = "dayways_metrics_dropped",
            [METRIC_HISTOGRAM] = "dayways_metrics_dropped_seconds",
        };
        name = names[kind];
        help = "Series over the limit, together.";
        wanted = "";
        for (size_t i = SERIES_MAX - 3; i < metrics->count; i++) {
            if (metrics->series[i]->kind == kind)
                return metrics->series[i];
        }
    }
    struct metric *metric = calloc(1, sizeof *metric);
    if (metric == NULL)
        abort();
    metric->kind = kind;
    metric->name = copy_text(name);
    metric->help = copy_text(help);
    metric->labels = copy_text(wanted);
    metrics->series[metrics->count++] = metric;
    return metric;
}

struct metric *metrics_counter(struct metrics *metrics, const char *name, const char *help,
                               const char *labels)
{
    return register_series(metrics, METRIC_COUNTER, name, help, labels);
}

struct metric *metrics_gauge(struct metrics *metrics, const char *name, const char *help,
                             const char *labels)
{
    return register_series(metrics, METRIC_GAUGE, name, help, labels);
}

struct metric *metrics_histogram(struct metrics *metrics, const char *name, const char *help,
                                 const char *labels)
{
    return register_series(metrics, METRIC_HISTOGRAM, name, help, labels);
}

int metrics_escape(const char *value, char *ret_text, size_t size)
{
    size_t len = 0;
    for (; *value != '\0'; value++) {
        bool escaped = *value == '\\' || *value == '"' || *value == '\n';
        if (len + (escaped ? 2 : 1) >= size) {
            ret_text[len] = '\0';
            return -ENOSPC;
        }
        if (escaped)
            ret_text[len++] = '\\';
        ret_text[len++] = *value == '\n' ? 'n' : *value;
    }
    ret_text[len] = '\0';
    return 0;
}

void metric_add(struct metric *metric, uint64_t amount)
{
    assert(metric->kind == METRIC_COUNTER);
    metric->value += amount;
}

void metric_set(struct metric *metric, int64_t value)
{
    assert(metric->kind == METRIC_GAUGE);
    metric->value = (uint64_t)value;
}

void metric_observe_us(struct metric *metric, uint64_t us)
{
    assert(metric->kind == METRIC_HISTOGRAM);
    metric->value++;
    metric->sum_us += us;
    for (size_t i = 0; i < BUCKETS; i++) {
        if (us <= buckets[i].us) {
            metric->counts[i]++;
            return;
        }
    }
}

uint64_t metric_value(const struct metric *metric)
{
    return metric->value;
}

static void put(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct buffer *buffer, const char *format, ...)
{
    char line[LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    /* A cut line would be wrong text; better none. */
    if (len > 0 && (size_t)len < sizeof line)
        buffer_append(buffer, line, (size_t)len);
}

static void write_histogram(const struct metric *metric, struct buffer *buffer)
{
    const char *comma = metric->labels[0] != '\0' ? "," : "";
    const char *open = metric->labels[0] != '\0' ? "{" : "";
    const char *close = metric->labels[0] != '\0' ? "}" : "";
    uint64_t below = 0;
    for (size_t i = 0; i < BUCKETS; i++) {
        below += metric->counts[i];
        put(buffer, "%s_bucket{%s%sle=\"%s\"} %" PRIu64 "\n", metric->name, metric->labels, comma,
            buckets[i].text, below);
    }
    put(buffer, "%s_bucket{%s%sle=\"+Inf\"} %" PRIu64 "\n", metric->name, metric->labels, comma,
        metric->value);
    put(buffer, "%s_sum%s%s%s %" PRIu64 ".%06" PRIu64 "\n", metric->name, open, metric->labels,
        close, metric->sum_us / 1000000, metric->sum_us % 1000000);
    put(buffer, "%s_count%s%s%s %" PRIu64 "\n", metric->name, open, metric->labels, close,
        metric->value);
}

static void write_series(const struct metric *metric, struct buffer *buffer)
{
    if (metric->kind == METRIC_HISTOGRAM) {
        write_histogram(metric, buffer);
        return;
    }
    put(buffer, "%s", metric->name);
    if (metric->labels[0] != '\0')
        put(buffer, "{%s}", metric->labels);
    if (metric->kind == METRIC_COUNTER)
        put(buffer, " %" PRIu64 "\n", metric->value);
    else
        put(buffer, " %" PRId64 "\n", (int64_t)metric->value);
}

static void write_head(struct buffer *buffer, const char *name, const char *help, const char *kind)
{
    put(buffer, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

/* Reads a small file of /proc; its text, or "". */
static void read_file(const char *path, char *ret_text, size_t size)
{
    ret_text[0] = '\0';
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return;
    ret_text[fread(ret_text, 1, size - 1, file)] = '\0';
    fclose(file);
}

static uint64_t count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL)
        return 0;
    uint64_t count = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count > 0 ? count - 1 : 0; /* the folder itself was open */
}

static void write_hundredths(struct buffer *buffer, const char *name, uint64_t ticks)
{
    uint64_t per_second = (uint64_t)sysconf(_SC_CLK_TCK);
    put(buffer, "%s %" PRIu64 ".%02" PRIu64 "\n", name, ticks / per_second,
        ticks % per_second * 100 / per_second);
}

/* The names and meanings are those of the Prometheus client libraries; the numbers stand in proc(5). */
static void write_process(struct buffer *buffer)
{
    char text[2048];
    unsigned long user = 0, system = 0, vsize = 0;
    long threads = 0, rss = 0;
    unsigned long long start = 0;
    read_file("/proc/self/stat", text, sizeof text);
    const char *end = strrchr(text, ')');
    if (end != NULL &&
        sscanf(end + 1,
               " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %ld %*d %llu "
               "%lu %ld",
               &user, &system, &threads, &start, &vsize, &rss) == 6) {
        write_head(buffer, "process_cpu_seconds_total", "Processor time used, seconds.", "counter");
        write_hundredths(buffer, "process_cpu_seconds_total", user + system);
        write_head(buffer, "process_virtual_memory_bytes", "Virtual memory, bytes.", "gauge");
        put(buffer, "process_virtual_memory_bytes %lu\n", vsize);
        write_head(buffer, "process_resident_memory_bytes", "Resident memory, bytes.", "gauge");
        put(buffer, "process_resident_memory_bytes %ld\n", rss * sysconf(_SC_PAGESIZE));
        write_head(buffer, "process_threads", "Threads.", "gauge");
        put(buffer, "process_threads %ld\n", threads);
    }
    char boot_text[4096];
    FILE *file = fopen("/proc/stat", "re");
    unsigned long long boot = 0;
    while (file != NULL && boot == 0 && fgets(boot_text, sizeof boot_text, file) != NULL)
        (void)sscanf(boot_text, "btime %llu", &boot);
    if (file != NULL)
        fclose(file);
    uint64_t per_second = (uint64_t)sysconf(_SC_CLK_TCK);
    write_head(buffer, "process_start_time_seconds", "Start of the process, Unix time.", "gauge");
    write_hundredths(buffer, "process_start_time_seconds", boot * per_second + start);
    struct rlimit limit = {0};
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    write_head(buffer, "process_open_fds", "Open file descriptors.", "gauge");
    put(buffer, "process_open_fds %" PRIu64 "\n", count_descriptors());
    write_head(buffer, "process_max_fds", "Limit of open file descriptors.", "gauge");
    put(buffer, "process_max_fds %" PRIu64 "\n", (uint64_t)limit.rlim_cur);
}

static bool is_first_of_name(const struct metrics *metrics, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(metrics->series[i]->name, metrics->series[index]->name) == 0)
            return false;
    }
    return true;
}

void metrics_write(const struct metrics *metrics, struct buffer *ret_text)
{
    for (size_t i = 0; i < metrics->count; i++) {
        const struct metric *first = metrics->series[i];
        if (!is_first_of_name(metrics, i))
            continue;
        write_head(ret_text, first->name, first->help, kind_names[first->kind]);
        for (size_t j = i; j < metrics->count; j++) {
            if (strcmp(metrics->series[j]->name, first->name) == 0)
                write_series(metrics->series[j], ret_text);
        }
    }
    write_process(ret_text);
}
