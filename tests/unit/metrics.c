/* Tests of common/metrics: the numbers and the text that a scraper reads. */
#include "common/metrics.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *written(const struct metrics *metrics, struct buffer *buffer)
{
    buffer_clear(buffer);
    metrics_write(metrics, buffer);
    buffer_append(buffer, "", 1);
    return (const char *)buffer->bytes;
}

/* Proves: HELP and TYPE stand once a name, its series together, and the same registration gives the same handle. */
static void series_of_a_name_stand_together(void **unused)
{
    (void)unused;
    struct metrics *metrics = metrics_create();
    struct metric *held =
        metrics_counter(metrics, "dayways_commands_total", "Commands.", "type=\"A\"");
    struct metric *lag = metrics_gauge(metrics, "dayways_lag", "Lag.", NULL);
    metric_add(metrics_counter(metrics, "dayways_commands_total", "Commands.", "type=\"B\""), 7);
    metric_add(held, 3);
    metric_set(lag, -5);
    assert_ptr_equal(metrics_counter(metrics, "dayways_commands_total", "", "type=\"A\""), held);
    assert_int_equal(metric_value(held), 3);
    struct buffer buffer = {0};
    const char *expected = "# HELP dayways_commands_total Commands.\n"
                           "# TYPE dayways_commands_total counter\n"
                           "dayways_commands_total{type=\"A\"} 3\n"
                           "dayways_commands_total{type=\"B\"} 7\n"
                           "# HELP dayways_lag Lag.\n# TYPE dayways_lag gauge\ndayways_lag -5\n";
    assert_memory_equal(written(metrics, &buffer), expected, strlen(expected));
    buffer_free(&buffer);
    metrics_destroy(&metrics);
    assert_null(metrics);
}

/* Proves: buckets are cumulative with inclusive bounds, and the sum is in seconds. */
static void a_histogram_counts_cumulatively(void **unused)
{
    (void)unused;
    struct metrics *metrics = metrics_create();
    struct metric *metric = metrics_histogram(metrics, "d_seconds", "D.", "a=\"b\"");
    metric_observe_us(metric, 100);
    metric_observe_us(metric, 101);
    metric_observe_us(metric, 20000000);
    struct buffer buffer = {0};
    const char *text = written(metrics, &buffer);
    assert_non_null(strstr(text, "d_seconds_bucket{a=\"b\",le=\"0.0001\"} 1\n"));
    assert_non_null(strstr(text, "d_seconds_bucket{a=\"b\",le=\"0.00025\"} 2\n"));
    assert_non_null(strstr(text, "d_seconds_bucket{a=\"b\",le=\"10\"} 2\n"));
    assert_non_null(strstr(text, "d_seconds_bucket{a=\"b\",le=\"+Inf\"} 3\n"));
    assert_non_null(strstr(text, "d_seconds_sum{a=\"b\"} 20.000201\n"));
    assert_non_null(strstr(text, "d_seconds_count{a=\"b\"} 3\n"));
    buffer_free(&buffer);
    metrics_destroy(&metrics);
}

/* Proves: the process set is there. */
static void the_process_set_is_there(void **unused)
{
    (void)unused;
    struct metrics *metrics = metrics_create();
    struct buffer buffer = {0};
    const char *text = written(metrics, &buffer);
    static const char *const names[] = {
        "\nprocess_cpu_seconds_total ",  "\nprocess_virtual_memory_bytes ",
        "\nprocess_threads 1\n",         "\nprocess_resident_memory_bytes ",
        "\nprocess_open_fds ",           "\nprocess_max_fds ",
        "\nprocess_start_time_seconds 1"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_non_null(strstr(text, names[i]));
    buffer_free(&buffer);
    metrics_destroy(&metrics);
}

/* Proves: label values are escaped and bounded. */
static void label_values_are_escaped(void **unused)
{
    (void)unused;
    char text[9];
    assert_int_equal(metrics_escape("a\"\\\nb", text, sizeof text), 0);
    assert_string_equal(text, "a\\\"\\\\\\nb");
    assert_int_equal(metrics_escape("a\"\\\nbc", text, sizeof text), -ENOSPC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(series_of_a_name_stand_together),
        cmocka_unit_test(a_histogram_counts_cumulatively),
        cmocka_unit_test(the_process_set_is_there),
        cmocka_unit_test(label_values_are_escaped),
    };
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
