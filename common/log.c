/* The log: builds each line in memory and writes it with one call, so that lines of several processes do not mix.
 *
 * The log is the one module with state of its own: everybody may write to it, and a line lost for want of a pointer
 * would be the line that mattered. Implements common/log.h. */
#include "common/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/calendar.h"
#include "common/text.h"

enum {
    MESSAGE_SIZE = 2048, /* a sentence with a few ids takes a tenth of this */
    LINE_SIZE = 16384,   /* every byte of a message may become six, plus the other keys */
    NAME_LEN_MAX = 64,   /* of a service or an authority; configuration allows no more than 32 */
};

_Static_assert(LINE_SIZE >= 6 * (MESSAGE_SIZE + 2 * NAME_LEN_MAX) + 256,
               "a line must hold a message");

static const struct error_entry entries[] = {
#define ERROR_ROW(name, title, meaning, action) [CODE_##name] = {#name, title, meaning, action},
#include "common/errors.def"
#undef ERROR_ROW
};

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARN] = "warn",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};

static const char *const format_names[] = {
    [LOG_FORMAT_AUTO] = "auto",
    [LOG_FORMAT_LOGFMT] = "logfmt",
    [LOG_FORMAT_JSON] = "json",
};

static struct {
    const char *service;
    enum log_level level;
    enum log_format format;
    int64_t now_ms;
    bool ticked; /* now_ms was set by the loop */
} state = {.service = "", .level = LOG_LEVEL_INFO, .format = LOG_FORMAT_AUTO};

struct line {
    char text[LINE_SIZE];
    size_t len;
    bool is_json;
};

const struct error_entry *error_entry(enum error_code code)
{
    return &entries[code];
}

void log_start(const char *service, enum log_level level, enum log_format format)
{
    state.service = service;
    state.level = level;
    state.format = format;
    if (format == LOG_FORMAT_AUTO)
        state.format = isatty(STDERR_FILENO) ? LOG_FORMAT_LOGFMT : LOG_FORMAT_JSON;
}

void log_tick(int64_t now_ms)
{
    state.now_ms = now_ms;
    state.ticked = true;
}

static void put(struct line *line, const char *text, size_t len)
{
    /* One byte is left for the newline. */
    if (len > sizeof line->text - 1 - line->len)
        return;
    memcpy(line->text + line->len, text, len);
    line->len += len;
}

static void put_text(struct line *line, const char *text)
{
    put(line, text, strlen(text));
}

/* Bytes of the UTF-8 character at the front, 0 when there is none. */
static size_t character_len(const char *text)
{
    size_t left = strnlen(text, 4);
    for (size_t len = 1; len <= left; len++) {
        if (text_is_utf8(text, len))
            return len;
    }
    return 0;
}

/* Between quotation marks both formats escape alike. */
static void put_quoted(struct line *line, const char *text)
{
    put_text(line, "\"");
    while (*text != '\0') {
        size_t len = character_len(text);
        unsigned char first = (unsigned char)*text;
        if (len == 0) {
            put_text(line, "\xef\xbf\xbd"); /* U+FFFD, the replacement character */
            len = 1;
        } else if (first == '"' || first == '\\') {
            put_text(line, "\\");
            put(line, text, 1);
        } else if (first == '\n') {
            put_text(line, "\\n");
        } else if (first < 0x20 || first == 0x7f) {
            char escaped[8];
            text_format(escaped, sizeof escaped, "\\u%04x", first);
            put_text(line, escaped);
        } else {
            put(line, text, len);
        }
        text += len;
    }
    put_text(line, "\"");
}

static bool needs_quotes(const char *text)
{
    if (*text == '\0')
        return true;
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte <= ' ' || byte >= 0x7f || byte == '"' || byte == '=' || byte == '\\')
            return true;
    }
    return false;
}

static void put_pair(struct line *line, const char *key, const char *value)
{
    if (line->is_json) {
        put_text(line, line->len == 0 ? "{\"" : ",\"");
        put_text(line, key);
        put_text(line, "\":");
        put_quoted(line, value);
        return;
    }
    if (line->len > 0)
        put_text(line, " ");
    put_text(line, key);
    put_text(line, "=");
    if (needs_quotes(value))
        put_quoted(line, value);
    else
        put_text(line, value);
}

static void put_name(struct line *line, const char *key, const char *value)
{
    char name[NAME_LEN_MAX + 1];
    text_copy(name, sizeof name, value, strlen(value));
    put_pair(line, key, name);
}

/* RFC 3339 in UTC with milliseconds. */
static void put_time(struct line *line)
{
    enum { MS_PER_DAY = 24 * 60 * 60 * 1000 };
    int64_t now_ms = state.now_ms;
    if (!state.ticked) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        now_ms = now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
    }
    if (now_ms < 0)
        now_ms = 0;
    char date[CALENDAR_TEXT_SIZE];
    calendar_to_text((int32_t)(now_ms / MS_PER_DAY), date);
    int ms = (int)(now_ms % MS_PER_DAY);
    char text[64];
    text_format(text, sizeof text, "%sT%02d:%02d:%02d.%03dZ", date, ms / 3600000, ms / 60000 % 60,
                ms / 1000 % 60, ms % 1000);
    put_pair(line, "ts", text);
}

static void write_all(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t written = write(STDERR_FILENO, bytes, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return;
        bytes += written;
        len -= (size_t)written;
    }
}

static void write_line(enum log_level level, const struct error_entry *entry, const char *authority,
                       const char *format, va_list arguments) __attribute__((format(printf, 4, 0)));

static void write_line(enum log_level level, const struct error_entry *entry, const char *authority,
                       const char *format, va_list arguments)
{
    if (level > state.level)
        return;
    int saved_errno = errno;
    char message[MESSAGE_SIZE];
    if (vsnprintf(message, sizeof message, format, arguments) < 0)
        message[0] = '\0';
    struct line line;
    line.len = 0;
    line.is_json = state.format == LOG_FORMAT_JSON ||
                   (state.format == LOG_FORMAT_AUTO && !isatty(STDERR_FILENO));
    put_time(&line);
    put_pair(&line, "level", level_names[level]);
    put_pair(&line, "msg", message);
    put_name(&line, "svc", state.service);
    if (authority != NULL)
        put_name(&line, "authority", authority);
    if (entry != NULL)
        put_pair(&line, "code", entry->name);
    if (line.is_json)
        put_text(&line, "}");
    line.text[line.len++] = '\n';
    write_all(line.text, line.len);
    errno = saved_errno;
}

void log_error(enum error_code code, const char *authority, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_line(LOG_LEVEL_ERROR, error_entry(code), authority, format, arguments);
    va_end(arguments);
}

void log_warn(const char *authority, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_line(LOG_LEVEL_WARN, NULL, authority, format, arguments);
    va_end(arguments);
}

void log_info(const char *authority, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_line(LOG_LEVEL_INFO, NULL, authority, format, arguments);
    va_end(arguments);
}

void log_debug(const char *authority, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_line(LOG_LEVEL_DEBUG, NULL, authority, format, arguments);
    va_end(arguments);
}

int log_level_from_text(const char *text, enum log_level *ret_level)
{
    for (size_t i = 0; i < sizeof level_names / sizeof level_names[0]; i++) {
        if (strcmp(text, level_names[i]) == 0) {
            *ret_level = (enum log_level)i;
            return 0;
        }
    }
    return -EINVAL;
}

int log_format_from_text(const char *text, enum log_format *ret_format)
{
    for (size_t i = 0; i < sizeof format_names / sizeof format_names[0]; i++) {
        if (strcmp(text, format_names[i]) == 0) {
            *ret_format = (enum log_format)i;
            return 0;
        }
    }
    return -EINVAL;
}
