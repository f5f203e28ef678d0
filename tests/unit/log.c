/* Tests of common/log: each occurrence is one well-formed line with the promised keys, whatever the message holds. */
#include "common/log.h"

#include "common/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int saved_stderr;
static int reading_end;
static char captured[65536];

/* From here on stderr is a pipe. */
static void start_capture(void)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    saved_stderr = dup(STDERR_FILENO);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    close(ends[1]);
    reading_end = ends[0];
}

/* Gives stderr back and returns what was written meanwhile. */
static const char *end_capture(void)
{
    assert_true(dup2(saved_stderr, STDERR_FILENO) >= 0);
    close(saved_stderr);
    size_t len = 0;
    ssize_t got;
    while ((got = read(reading_end, captured + len, sizeof captured - 1 - len)) > 0)
        len += (size_t)got;
    close(reading_end);
    captured[len] = '\0';
    return captured;
}

/* Proves: a JSON line has the keys in their order and the time of the tick. */
static void a_json_line_has_all_keys(void **unused)
{
    (void)unused;
    start_capture();
    log_start("placements", LOG_LEVEL_INFO, LOG_FORMAT_JSON);
    log_tick(INT64_C(1795392000123));
    log_error(CODE_COMMIT_FAULT, "cheshire-east", "commit %d failed", 7);
    log_info(NULL, "ready");
    assert_string_equal(
        end_capture(),
        "{\"ts\":\"2026-11-23T00:00:00.123Z\",\"level\":\"error\",\"msg\":\"commit 7 failed\","
        "\"svc\":\"placements\",\"authority\":\"cheshire-east\",\"code\":\"COMMIT_FAULT\"}\n"
        "{\"ts\":\"2026-11-23T00:00:00.123Z\",\"level\":\"info\",\"msg\":\"ready\","
        "\"svc\":\"placements\"}\n");
}

/* Proves: a logfmt line quotes what needs it and nothing else. */
static void a_logfmt_line_quotes_what_needs_it(void **unused)
{
    (void)unused;
    start_capture();
    log_start("capacity", LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT);
    log_tick(INT64_C(1795478399999));
    log_warn("ce", "a=b");
    log_warn("ce", "plain");
    log_warn("", "two words");
    assert_string_equal(
        end_capture(),
        "ts=2026-11-23T23:59:59.999Z level=warn msg=\"a=b\" svc=capacity authority=ce\n"
        "ts=2026-11-23T23:59:59.999Z level=warn msg=plain svc=capacity authority=ce\n"
        "ts=2026-11-23T23:59:59.999Z level=warn msg=\"two words\" svc=capacity authority=\"\"\n");
}

/* Proves: no message can end the line early or make it invalid text. */
static void any_message_stays_one_line_of_valid_text(void **unused)
{
    (void)unused;
    for (int format = LOG_FORMAT_LOGFMT; format <= LOG_FORMAT_JSON; format++) {
        for (int byte = 1; byte < 256; byte++) {
            start_capture();
            log_start("s", LOG_LEVEL_INFO, (enum log_format)format);
            log_info("a", "x%cy", byte);
            const char *text = end_capture();
            const char *end = strchr(text, '\n');
            assert_non_null(end);
            assert_int_equal(end[1], '\0');
            assert_true(text_is_utf8(text, strlen(text)));
            for (const char *at = text; at < end; at++)
                assert_true((unsigned char)*at >= 0x20);
        }
    }
    start_capture();
    log_start("s", LOG_LEVEL_INFO, LOG_FORMAT_JSON);
    log_tick(0);
    log_info("a\nb", "1\n2\t\"3\\ \xff é 😀 \xe2\x82");
    assert_string_equal(
        end_capture(),
        "{\"ts\":\"1970-01-01T00:00:00.000Z\",\"level\":\"info\","
        "\"msg\":\"1\\n2\\u0009\\\"3\\\\ \xef\xbf\xbd é 😀 \xef\xbf\xbd\xef\xbf\xbd\","
        "\"svc\":\"s\",\"authority\":\"a\\nb\"}\n");
}

/* Proves: a message far too long is cut, and the line is still whole. */
static void a_long_message_is_cut(void **unused)
{
    (void)unused;
    static char message[10000];
    memset(message, 1, sizeof message - 1); /* each byte becomes six */
    start_capture();
    log_start("s", LOG_LEVEL_INFO, LOG_FORMAT_JSON);
    log_error(CODE_OUTBOX_STUCK, message, "%s", message);
    const char *text = end_capture();
    size_t len = strlen(text);
    assert_true(len > 12000 && len < 16384);
    assert_string_equal(text + len - strlen(",\"code\":\"OUTBOX_STUCK\"}\n"),
                        ",\"code\":\"OUTBOX_STUCK\"}\n");
}

/* Proves: only the levels asked for are written, errors always. */
static void levels_filter(void **unused)
{
    (void)unused;
    for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++) {
        start_capture();
        log_start("s", (enum log_level)level, LOG_FORMAT_LOGFMT);
        errno = ENOENT;
        log_error(CODE_LEASE_LOST, NULL, "1");
        log_warn(NULL, "2");
        log_info(NULL, "3");
        log_debug(NULL, "4");
        assert_int_equal(errno, ENOENT);
        int lines = 0;
        for (const char *at = end_capture(); *at != '\0'; at++)
            lines += *at == '\n';
        assert_int_equal(lines, level + 1);
    }
}

/* Proves: away from a terminal the automatic format is JSON. */
static void the_automatic_format_is_json_away_from_a_terminal(void **unused)
{
    (void)unused;
    start_capture();
    log_start("s", LOG_LEVEL_INFO, LOG_FORMAT_AUTO);
    log_info(NULL, "x");
    assert_int_equal(end_capture()[0], '{');
}

/* Proves: every code has a whole entry under its own name, so that the runbook has no holes. */
static void every_code_has_an_entry(void **unused)
{
    (void)unused;
    assert_true(ERROR_CODES >= 15);
    for (int code = 0; code < ERROR_CODES; code++) {
        const struct error_entry *entry = error_entry((enum error_code)code);
        assert_true(strlen(entry->name) > 3);
        assert_true(strlen(entry->title) > 10);
        assert_true(strlen(entry->meaning) > 40);
        assert_true(strlen(entry->action) > 40);
        for (int other = 0; other < code; other++)
            assert_string_not_equal(error_entry((enum error_code)other)->name, entry->name);
    }
    assert_string_equal(error_entry(CODE_CLOCK_STEPPED)->name, "CLOCK_STEPPED");
}

/* Proves: level and format names are read, and nothing else is. */
static void names_are_read(void **unused)
{
    (void)unused;
    enum log_level level;
    enum log_format format;
    assert_int_equal(log_level_from_text("debug", &level), 0);
    assert_int_equal(level, LOG_LEVEL_DEBUG);
    assert_int_equal(log_level_from_text("Debug", &level), -EINVAL);
    assert_int_equal(log_format_from_text("json", &format), 0);
    assert_int_equal(format, LOG_FORMAT_JSON);
    assert_int_equal(log_format_from_text("", &format), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_json_line_has_all_keys),
        cmocka_unit_test(a_logfmt_line_quotes_what_needs_it),
        cmocka_unit_test(any_message_stays_one_line_of_valid_text),
        cmocka_unit_test(a_long_message_is_cut),
        cmocka_unit_test(levels_filter),
        cmocka_unit_test(the_automatic_format_is_json_away_from_a_terminal),
        cmocka_unit_test(every_code_has_an_entry),
        cmocka_unit_test(names_are_read),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
