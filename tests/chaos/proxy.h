/* A process between clients, daemons and Redis that delays, cuts, half-closes and darkens connections, as control.h says. */
#ifndef DAYWAYS_TESTS_CHAOS_PROXY_H
#define DAYWAYS_TESTS_CHAOS_PROXY_H

#include "tests/chaos/control.h"

#include <stdint.h>

enum { PROXY_PATH_SIZE = 108 /* of a Unix socket's address */ };

/* Where it listens, and where it goes from there: a path, or a TCP port of an address. listen "": there is no such link. */
struct proxy_link {
    char listen[PROXY_PATH_SIZE];
    char path[PROXY_PATH_SIZE];
    char address[16];
    uint16_t port;
};

/* Runs for ever. control: mapped, shared with the rig. */
void proxy_run(struct proxy_link links[CONTROL_DAEMONS][CONTROL_LINES], struct control *control);

#endif
