/* The event loop: see loop.h. The only reader of the clocks. */
#include "common/loop.h"

#include "common/log.h"
#include "common/table.h"

#include <event2/event.h>
#include <stdlib.h>
#include <time.h>

enum {
    TURN_WORKS_MAX = 16, /* one a module that works at the end of a turn */
    SIGNALS_MAX = 8,
    IDLE_WAIT_MS = 1000 /* a turn at least this often, so that clocks and due work are looked at */
};

struct turn_work {
    bool (*work)(void *context);
    void *context;
};

struct signal_watch {
    struct event *event;
    void (*arrived)(void *context);
    void *context;
};

struct loop {
    struct event_base *base;
    struct event *idle; /* wakes the loop every IDLE_WAIT_MS */
    struct instant now;
    bool now_read; /* in this turn */
    bool stopping;
    bool more; /* work was left: the next turn does not wait */
    struct turn_work works[TURN_WORKS_MAX];
    size_t works_count;
    struct signal_watch signals[SIGNALS_MAX];
    size_t signals_count;
    struct buffer later; /* pointers to free after the turn */
};

struct loop_timer {
    struct event *event;
    void (*fire)(void *context);
    void *context;
};

struct loop_watch {
    struct event *event;
    void (*ready)(void *context);
    void *context;
};

static int64_t read_clock_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t loop_boot_ms_now(void)
{
    return read_clock_ms(CLOCK_BOOTTIME);
}

int64_t loop_boot_us_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void on_idle(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    (void)data;
}

static int add_idle_event(struct loop *loop)
{
    const struct timeval period = {.tv_sec = IDLE_WAIT_MS / 1000};
    loop->idle = event_new(loop->base, -1, EV_PERSIST, on_idle, NULL);
    return loop->idle == NULL ? -1 : event_add(loop->idle, &period);
}

struct loop *loop_create(void)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL)
        return NULL;
    loop->base = event_base_new();
    loop->more = true; /* what is set up before the first turn has made no edge */
    if (loop->base == NULL || add_idle_event(loop) < 0)
        loop_destroy(&loop);
    return loop;
}

static void free_put_off(struct loop *loop)
{
    void **pointers = (void **)(void *)loop->later.bytes;
    for (size_t at = 0; at < loop->later.len / sizeof(void *); at++)
        free(pointers[at]);
    buffer_clear(&loop->later);
}

void loop_destroy(struct loop **pointer)
{
    struct loop *loop = *pointer;
    if (loop == NULL)
        return;
    for (size_t at = 0; at < loop->signals_count; at++)
        event_free(loop->signals[at].event);
    free_put_off(loop);
    buffer_free(&loop->later);
    if (loop->idle != NULL)
        event_free(loop->idle);
    if (loop->base != NULL)
        event_base_free(loop->base);
    free(loop);
    *pointer = NULL;
}

void loop_turn(struct loop *loop)
{
    loop->now_read = false; /* waiting takes time: the first who asks after it reads the clocks */
    /* NONBLOCK alone would go on for as long as a ZeroMQ descriptor, which only we can quiet, is readable. */
    event_base_loop(loop->base, loop->more ? EVLOOP_ONCE | EVLOOP_NONBLOCK : EVLOOP_ONCE);
    loop->more = false;
    for (size_t at = 0; at < loop->works_count; at++)
        loop->more = loop->works[at].work(loop->works[at].context) || loop->more;
    free_put_off(loop);
}

void loop_poll(struct loop *loop)
{
    loop->more = true;
    loop_turn(loop);
}

void loop_run(struct loop *loop)
{
    while (!loop->stopping)
        loop_turn(loop);
}

void loop_stop(struct loop *loop)
{
    loop->stopping = true;
    event_base_loopbreak(loop->base);
}

struct instant loop_now(struct loop *loop)
{
    if (!loop->now_read) {
        loop->now.wall_ms = read_clock_ms(CLOCK_REALTIME);
        loop->now.boot_ms = read_clock_ms(CLOCK_BOOTTIME);
        loop->now_read = true;
        log_tick(loop->now.wall_ms);
    }
    return loop->now;
}

void loop_add_turn(struct loop *loop, bool (*work)(void *context), void *context)
{
    if (loop->works_count == TURN_WORKS_MAX)
        abort();
    loop->works[loop->works_count++] = (struct turn_work){work, context};
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    struct loop_timer *timer = data;
    timer->fire(timer->context);
}

struct loop_timer *loop_timer_create(struct loop *loop, void (*fire)(void *context), void *context)
{
    struct loop_timer *timer = calloc(1, sizeof *timer);
    if (timer == NULL)
        return NULL;
    *timer = (struct loop_timer){.fire = fire, .context = context};
    timer->event = evtimer_new(loop->base, on_timer, timer);
    if (timer->event == NULL)
        loop_timer_destroy(&timer);
    return timer;
}

void loop_timer_destroy(struct loop_timer **timer)
{
    if (*timer == NULL)
        return;
    if ((*timer)->event != NULL)
        event_free((*timer)->event);
    free(*timer);
    *timer = NULL;
}

void loop_timer_set(struct loop_timer *timer, int64_t after_ms)
{
    const struct timeval after = {.tv_sec = (time_t)(after_ms / 1000),
                                  .tv_usec = (suseconds_t)(after_ms % 1000 * 1000)};
    evtimer_add(timer->event, &after);
}

void loop_timer_cancel(struct loop_timer *timer)
{
    evtimer_del(timer->event);
}

static void on_ready(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    struct loop_watch *watch = data;
    watch->ready(watch->context);
}

struct loop_watch *loop_watch_create(struct loop *loop, int fd, void (*ready)(void *context),
                                     void *context)
{
    struct loop_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return NULL;
    *watch = (struct loop_watch){.ready = ready, .context = context};
    watch->event = event_new(loop->base, fd, EV_READ | EV_PERSIST, on_ready, watch);
    if (watch->event == NULL || event_add(watch->event, NULL) < 0)
        loop_watch_destroy(&watch);
    return watch;
}

void loop_watch_destroy(struct loop_watch **watch)
{
    if (*watch == NULL)
        return;
    if ((*watch)->event != NULL)
        event_free((*watch)->event);
    free(*watch);
    *watch = NULL;
}

static void on_signal(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    const struct signal_watch *watch = data;
    watch->arrived(watch->context);
}

int loop_on_signal(struct loop *loop, int number, void (*arrived)(void *context), void *context)
{
    if (loop->signals_count == SIGNALS_MAX)
        abort();
    struct signal_watch *watch = &loop->signals[loop->signals_count];
    *watch = (struct signal_watch){.arrived = arrived, .context = context};
    watch->event = evsignal_new(loop->base, number, on_signal, watch);
    if (watch->event == NULL || event_add(watch->event, NULL) < 0)
        return -1;
    loop->signals_count++;
    return 0;
}

void loop_free_later(struct loop *loop, void *memory)
{
    buffer_append(&loop->later, &memory, sizeof(void *));
}

struct event_base *loop_base(struct loop *loop)
{
    return loop->base;
}
