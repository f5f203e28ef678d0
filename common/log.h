/* The log: one line an occurrence on stderr, as logfmt or JSON, with the keys ts, level, msg, svc, authority and code.
 *
 * A message holds ids, never a name, a date of birth or an NHS number. Every error carries a code of errors.def. Levels:
 * error someone must act; warn we coped; info a state changed; debug the rest. */
#ifndef DAYWAYS_COMMON_LOG_H
#define DAYWAYS_COMMON_LOG_H

#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* LOG_FORMAT_AUTO: logfmt when stderr is a terminal, else JSON. */
enum log_format { LOG_FORMAT_AUTO, LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };

#define ERROR_ROW(name, title, meaning, action) CODE_##name,
enum error_code {
#include "common/errors.def"
};
#undef ERROR_ROW

#define ERROR_ROW(name, title, meaning, action) +1
enum {
    ERROR_CODES = 0
#include "common/errors.def"
};
#undef ERROR_ROW

/* A row of the catalogue, from which the runbook is made. */
struct error_entry {
    const char *name;    /* "COMMIT_FAULT", as in the log */
    const char *title;   /* a heading */
    const char *meaning; /* what has happened and what the daemon does about it */
    const char *action;  /* what an operator should do */
};

/* Never NULL. */
const struct error_entry *error_entry(enum error_code code);

/* Names the daemon in every line and says what is written. service must live as long as the program. Before the first
 * call the log is at info, for a service with an empty name. */
void log_start(const char *service, enum log_level level, enum log_format format);

/* Sets the time of the following lines, UTC milliseconds; the loop calls it once a turn. Before the first call the log
 * reads the clock itself. */
void log_tick(int64_t now_ms);

/* Write a line. authority may be NULL. A message over 2 KiB is cut; control characters are escaped and bytes that are not
 * UTF-8 replaced, so that a line is always one line of valid text. A line that cannot be written is lost. */
void log_error(enum error_code code, const char *authority, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void log_warn(const char *authority, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_info(const char *authority, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_debug(const char *authority, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Read "error", "warn", "info" or "debug"; "auto", "logfmt" or "json". 0 or -EINVAL. */
int log_level_from_text(const char *text, enum log_level *ret_level);
int log_format_from_text(const char *text, enum log_format *ret_format);

#endif
