/* What the rig of chaos shares with the programs it disturbs: one mapped file. The shims in the daemons and in Redis, and the
 * proxy between them, look here; only the rig writes. */
#ifndef DAYWAYS_TESTS_CHAOS_CONTROL_H
#define DAYWAYS_TESTS_CHAOS_CONTROL_H

#include <stdatomic.h>
#include <stdint.h>

enum {
    CONTROL_SERVICES = 6,
    CONTROL_INSTANCES = 2,
    CONTROL_DAEMONS = CONTROL_SERVICES * CONTROL_INSTANCES,
    CONTROL_REDIS = CONTROL_DAEMONS, /* its number among the processes */
    CONTROL_PROCESSES
};

/* The proxy's lines to and from a daemon. */
enum control_line { LINE_REDIS, LINE_REQUESTS, LINE_EVENTS, CONTROL_LINES };

struct control_process {
    _Atomic int64_t wall_ms;        /* added to its wall clock */
    _Atomic int64_t fsync_us;       /* added to each of its fsyncs */
    _Atomic uint32_t malloc_one_in; /* of its allocations one in so many fails; 0: none */
};

struct control_link {
    _Atomic int64_t delay_us; /* what comes waits so long */
    _Atomic uint32_t cuts;    /* raised: all its connections end */
    _Atomic uint32_t halves;  /* raised: all its connections end in one direction */
    _Atomic int dark;         /* nothing goes through, and nobody is told */
};

struct control {
    struct control_process processes[CONTROL_PROCESSES];
    struct control_link links[CONTROL_DAEMONS][CONTROL_LINES];
    _Atomic uint64_t proxied_bytes;
    _Atomic uint64_t failed_allocations;
    _Atomic uint64_t crowd; /* the most connections a crowd had at once */
};

/* Names of the environment: the mapped file, and the number of the process. */
#define CONTROL_FILE    "DAYWAYS_CHAOS_CONTROL"
#define CONTROL_PROCESS "DAYWAYS_CHAOS_PROCESS"

#endif
