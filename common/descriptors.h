/* How many descriptors the process may have open, and who gets the last ones: the daemon itself (the store, operations, its
 * files), not one connection more.
 *
 * ZeroMQ 4.3.4 does not survive an accept that fails for want of a descriptor: on ipc:// it aborts the process, on tcp:// it
 * tries again at once, for as long as the connection waits. So this stands between it and the kernel: accept4 is defined
 * here. What its thread accepts into the descriptors kept is closed there and then, which it takes for a peer that went. */
#ifndef DAYWAYS_COMMON_DESCRIPTORS_H
#define DAYWAYS_COMMON_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>

enum {
    DESCRIPTORS_MAX = 16 * 1024, /* 10,000 connections and room; more would cost memory unasked */
    DESCRIPTORS_KEPT = 64,       /* or a quarter, of a limit that is small */
};

/* Raises the soft limit as far as the hard one allows, and to DESCRIPTORS_MAX at most. */
void descriptors_raise(void);

/* Connections closed because they got one of the last. */
size_t descriptors_refused(void);

/* Says so in the log, once an occurrence; for loop_add_turn with the loop. */
bool descriptors_turn(void *loop);

#endif
