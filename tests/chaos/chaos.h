/* Real daemons, a real Redis and real files under load, with faults: what the files of the rig of chaos share. The load and the
 * checker are those of the simulator (tests/sim): one town, here with real clients instead of simulated ones. Implements "make
 * chaos".
 *
 * The clock of the rig is CLOCK_BOOTTIME; nothing here shares code with the services. */
#ifndef DAYWAYS_TESTS_CHAOS_H
#define DAYWAYS_TESTS_CHAOS_H

#include "tests/chaos/control.h"
#include "tests/chaos/proxy.h"
#include "tests/sim/sim.h"
#include "tests/support/rig.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    CHAOS_ROLES = 8,
    CHAOS_NAMES = 2, /* keys of each role */
    CHAOS_CONNECTIONS =
        2, /* of each key: one for what is said in earnest, one for what reuses an id */
    CHAOS_WATCHERS = 3,
    CHAOS_PATH_SIZE = 512,
    CHAOS_CLOCK_STEP_MS = 2 * 60 * 1000, /* at most, ahead or back */
    CHAOS_DISK_MIB = 320, /* of the small disk: a round's file, and its rewriting beside it */
};

struct chaos_client {
    int role;
    struct client *client;
};

struct chaos {
    uint64_t seed; /* of this round */
    bool has_standbys;
    bool small_disk;
    bool failed;
    /* system.c */
    struct rig *rig;
    char model_path[64];
    struct control *control;
    char control_path[CHAOS_PATH_SIZE];
    struct proxy_link links[CONTROL_DAEMONS][CONTROL_LINES];
    pid_t proxy;
    bool wanted[CONTROL_DAEMONS];  /* should run */
    bool down[CONTROL_DAEMONS];    /* and does not, for a fault's sake */
    bool excused[CONTROL_DAEMONS]; /* may end by itself */
    bool redis_down;
    uint64_t restarts;
    uint64_t rewritings_killed;
    long most_resident_kib; /* of any daemon */
    int64_t redis_tried_ms;
    int64_t memory_looked_ms;
    /* load.c */
    struct sim *sim;
    int64_t start_us;
    struct chaos_client clients[CHAOS_ROLES * CHAOS_NAMES * CHAOS_CONNECTIONS];
    size_t clients_count;
    struct client *probe;
    size_t probes_waiting;
    uint32_t clock_steps;           /* odd: some clock is wrong now */
    pid_t watchers[CHAOS_WATCHERS]; /* subscribers of the journals */
};

extern const char *const chaos_services[CONTROL_SERVICES]; /* by enum sim_service */

/* Notes what is wrong; the round ends. */
void chaos_fail(struct chaos *chaos, const char *format, ...) __attribute__((format(printf, 2, 3)));
uint32_t chaos_roll(struct chaos *chaos, uint32_t below);
/* Lets the town and the rig work once; returns at once or after a moment. */
void chaos_turn(struct chaos *chaos);

/* --- network.c: two network namespaces of the rig's own with a cable between them; capacity lives at the far end ------------ */
/* Ends the program when it may not: only root may. */
void network_begin(void);
void network_end(void);
/* In a child: goes over to the far end. */
void network_go_far(void);
void network_set_cable(bool up);
#define NETWORK_FAR_ADDRESS "10.177.0.2"
/* Runs a program; its exit code. */
int run_program(const char *const *arguments);

/* --- system.c: the daemons, Redis and the proxy -------------------------------------------------------------------------- */
void system_begin(struct chaos *chaos);
/* Starts again what has ended. */
void system_look(struct chaos *chaos);
void system_end(struct chaos *chaos);
static inline int system_number(int service, int instance)
{
    return service * CONTROL_INSTANCES + instance;
}
void system_start(struct chaos *chaos, int daemon);
void system_signal(struct chaos *chaos, int daemon, int number);
pid_t system_pid(const struct chaos *chaos, int daemon);
/* Where a daemon really listens for requests: a path in ret_path, or, for capacity, a port at the far end. */
uint16_t system_address(const struct chaos *chaos, int daemon, enum control_line line,
                        char ret_path[PROXY_PATH_SIZE]);
/* How often the end of Redis' file was mended. */
uint64_t system_mended(const struct chaos *chaos);
/* Redis' append-only file, the one that grows. */
void system_redis_file(struct chaos *chaos, char ret_path[CHAOS_PATH_SIZE]);

/* --- load.c: the town, and what is true of it at the end ----------------------------------------------------------------- */
void load_begin(struct chaos *chaos);
void load_turn(struct chaos *chaos);
bool load_is_built(const struct chaos *chaos);
/* Tells every service something that it commits, and asks the one that is told nothing; load_has_recovered: all have answered. */
void load_probe(struct chaos *chaos);
bool load_has_recovered(const struct chaos *chaos);
/* Nobody begins anything new; waits until all is at rest, and looks at everything. */
void load_check(struct chaos *chaos);
void load_end(struct chaos *chaos);

/* --- faults.c -------------------------------------------------------------------------------------------------------------- */
struct fault {
    const char *name;
    bool (*begin)(struct chaos *chaos); /* false: not now */
    void (*end)(struct chaos *chaos);   /* or NULL */
    int64_t least_ms;
    int64_t most_ms;
    bool needs_small_disk;
};
extern const struct fault faults[];
extern const size_t faults_count;

/* --- hostile.c: processes that mean harm, and end by themselves within a few seconds ------------------------------------------ */
enum hostile_kind {
    HOSTILE_CROWD,
    HOSTILE_GARBAGE,
    HOSTILE_MULTIPART,
    HOSTILE_KEY,
    HOSTILE_OVERSIZED
};
pid_t hostile_start(struct chaos *chaos, enum hostile_kind kind, int daemon);
/* A subscriber of all journals that reads slowly. */
pid_t watcher_start(struct chaos *chaos);

#endif
