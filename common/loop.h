/* The event loop: libevent, one reading of the clocks a turn, and work at the end of each turn.
 *
 * A turn is: read the clocks, run what is ready, then call the turn functions in the order they were added until none
 * has more to do, then free what was put off. Nothing is freed inside its own callback. */
#ifndef DAYWAYS_COMMON_LOOP_H
#define DAYWAYS_COMMON_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct event_base;

struct instant {
    int64_t wall_ms; /* UTC */
    int64_t boot_ms; /* CLOCK_BOOTTIME: goes on while the machine sleeps, never steps */
};

struct loop *loop_create(void);
void loop_destroy(struct loop **loop);

/* Runs turns until loop_stop. */
void loop_run(struct loop *loop);
/* Runs one turn, for programs that wait for something of their own. It waits at most a second for work. */
void loop_turn(struct loop *loop);
/* The same, waiting for nothing. */
void loop_poll(struct loop *loop);
void loop_stop(struct loop *loop);

/* The clocks as read at the beginning of this turn. */
struct instant loop_now(struct loop *loop);

/* CLOCK_BOOTTIME read anew: only for what must know how much time has really passed (leases). */
int64_t loop_boot_ms_now(void);
/* The same in microseconds, for how long a part of a turn has taken. */
int64_t loop_boot_us_now(void);

/* Calls work(context) at the end of every turn; it returns true when it has more to do and wants another turn at once. */
void loop_add_turn(struct loop *loop, bool (*work)(void *context), void *context);

/* A timer that calls back once after each loop_timer_set, in the turn when it is due. */
struct loop_timer;
struct loop_timer *loop_timer_create(struct loop *loop, void (*fire)(void *context), void *context);
void loop_timer_destroy(struct loop_timer **timer);
void loop_timer_set(struct loop_timer *timer, int64_t after_ms);
void loop_timer_cancel(struct loop_timer *timer);

/* Calls back whenever the descriptor is readable. */
struct loop_watch;
struct loop_watch *loop_watch_create(struct loop *loop, int fd, void (*ready)(void *context),
                                     void *context);
void loop_watch_destroy(struct loop_watch **watch);

/* Calls back, in the loop, when the signal arrives. Lives as long as the loop. */
int loop_on_signal(struct loop *loop, int number, void (*arrived)(void *context), void *context);

/* Frees memory at the end of the turn. */
void loop_free_later(struct loop *loop, void *memory);

/* For the adapters of libraries that need libevent's own handle (hiredis, evhttp). */
struct event_base *loop_base(struct loop *loop);

#endif
