/* The admin listener: see ops.h. Only for loopback, so limits are small and nothing is authenticated. */
#include "common/ops.h"

#include "common/text.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS_MAX = 8 * 1024, TIMEOUT_S = 5, LINE_SIZE = 1024 };

struct ops {
    struct evhttp *http;
    struct ops_handlers handlers;
};

void buffer_print(struct buffer *buffer, const char *format, ...)
{
    char line[LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    const int len = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (len > 0)
        buffer_append(buffer, line, (size_t)len < sizeof line ? (size_t)len : sizeof line - 1);
}

static void reply(struct evhttp_request *request, int code, const char *type,
                  const struct buffer *text)
{
    struct evbuffer *body = evbuffer_new();
    if (body == NULL) {
        evhttp_send_error(request, 500, NULL);
        return;
    }
    evbuffer_add(body, text->bytes, text->len);
    evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", type);
    evhttp_send_reply(request, code, code == 200 ? "OK" : "Service Unavailable", body);
    evbuffer_free(body);
}

static const char plain[] = "text/plain; charset=utf-8";

/* Never looks at Redis: that the loop answers is what it says. */
static void on_livez(struct evhttp_request *request, void *data)
{
    (void)data;
    struct buffer text = {0};
    buffer_print(&text, "ok\n");
    reply(request, 200, plain, &text);
    buffer_free(&text);
}

static void on_readyz(struct evhttp_request *request, void *data)
{
    const struct ops *ops = data;
    const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request));
    struct buffer text = {0};
    const bool ready = ops->handlers.ready(ops->handlers.context, &text);
    if (query == NULL || strcmp(query, "verbose") != 0)
        buffer_clear(&text);
    buffer_print(&text, "%s\n", ready ? "ready" : "not ready");
    reply(request, ready ? 200 : 503, plain, &text);
    buffer_free(&text);
}

static void on_metrics(struct evhttp_request *request, void *data)
{
    const struct ops *ops = data;
    struct buffer text = {0};
    ops->handlers.metrics(ops->handlers.context, &text);
    reply(request, 200, "text/plain; version=0.0.4; charset=utf-8", &text);
    buffer_free(&text);
}

static void on_statusz(struct evhttp_request *request, void *data)
{
    const struct ops *ops = data;
    struct buffer text = {0};
    ops->handlers.status(ops->handlers.context, &text);
    reply(request, 200, "application/json", &text);
    buffer_free(&text);
}

struct ops *ops_create(struct loop *loop, const char *address, const struct ops_handlers *handlers)
{
    char host[128];
    int64_t port;
    const char *colon = strrchr(address, ':');
    if (colon == NULL || text_to_int64(colon + 1, 0, 65535, &port) < 0 ||
        text_copy(host, sizeof host, address, (size_t)(colon - address)) < 0)
        return NULL;
    struct ops *ops = calloc(1, sizeof *ops);
    if (ops == NULL)
        return NULL;
    ops->handlers = *handlers;
    ops->http = evhttp_new(loop_base(loop));
    if (ops->http == NULL || evhttp_bind_socket(ops->http, host, (uint16_t)port) < 0) {
        ops_destroy(&ops);
        return NULL;
    }
    evhttp_set_max_headers_size(ops->http, HEADERS_MAX);
    evhttp_set_max_body_size(ops->http, 0);
    evhttp_set_timeout(ops->http, TIMEOUT_S);
    evhttp_set_allowed_methods(ops->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
    evhttp_set_cb(ops->http, "/livez", on_livez, ops);
    evhttp_set_cb(ops->http, "/readyz", on_readyz, ops);
    evhttp_set_cb(ops->http, "/healthz", on_readyz, ops);
    evhttp_set_cb(ops->http, "/metrics", on_metrics, ops);
    evhttp_set_cb(ops->http, "/statusz", on_statusz, ops);
    return ops;
}

void ops_destroy(struct ops **ops)
{
    if (*ops == NULL)
        return;
    if ((*ops)->http != NULL)
        evhttp_free((*ops)->http);
    free(*ops);
    *ops = NULL;
}
