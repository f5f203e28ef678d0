/* What operations sees of a daemon over HTTP, on loopback: /livez, /readyz, /metrics, /statusz. */
#ifndef DAYWAYS_COMMON_OPS_H
#define DAYWAYS_COMMON_OPS_H

#include "common/loop.h"
#include "common/table.h"

#include <stdbool.h>

struct ops_handlers {
    void *context;
    /* Appends lines such as "[+]redis ok"; false when not ready. */
    bool (*ready)(void *context, struct buffer *ret_lines);
    /* Appends Prometheus text. */
    void (*metrics)(void *context, struct buffer *ret_text);
    /* Appends a JSON object. */
    void (*status)(void *context, struct buffer *ret_json);
};

struct ops;

/* address: host:port. NULL: it cannot be listened on. */
struct ops *ops_create(struct loop *loop, const char *address, const struct ops_handlers *handlers);
void ops_destroy(struct ops **ops);

/* Appends formatted text to a buffer. */
void buffer_print(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
