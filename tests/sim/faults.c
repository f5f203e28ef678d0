/* What goes wrong, and how often. */
#include "tests/sim/sim.h"

enum {
    SECOND_US = 1000 * 1000,
    PAUSE_US = 6 * SECOND_US, /* three leases */
    PARTITION_US = 4 * SECOND_US,
    DOWN_US = 3 * SECOND_US,
    STALL_US = 2500 * 1000, /* three times what people are kept waiting for */
    FULL_US = SECOND_US,
    MINUTE_MS = 60 * 1000,
    SLEEP_MINUTES = 180,
    LONG_SLEEP_MINUTES = 30 * 60,
    OLD_DAYS = 4,
};

static struct sim_daemon *any_daemon(struct sim *sim)
{
    return &sim->daemons[sim_roll(sim, SIM_DAEMONS)];
}

/* One who has a lease, so that another takes it over. */
static struct sim_daemon *any_owner(struct sim *sim)
{
    struct sim_daemon *daemon = any_daemon(sim);
    for (int tries = 0; tries < SIM_DAEMONS; tries++) {
        struct shard_status status = {.state = SHARD_STANDBY};
        if (daemon->shard != NULL)
            shard_status(daemon->shard, &status);
        if (status.state == SHARD_LIVE)
            break;
        daemon = any_daemon(sim);
    }
    return daemon;
}

static void stop(struct sim_daemon *daemon)
{
    if (daemon->shard == NULL || daemon->paused || daemon->stopping)
        return;
    daemon->stopping = true;
    shard_stop(daemon->shard);
    daemon_wake(daemon, 0);
}

/* A store that has crashed comes back; everybody asks again and again. */
static void store_goes(struct sim *sim)
{
    if (!sim->store_up)
        return;
    store_crash(sim);
    sim->store_stalled_until_us = sim->now_us + 20 * 1000 + sim_roll(sim, DOWN_US);
}

static void step_clock(struct sim *sim)
{
    const int64_t most_ms = sim_roll(sim, 3) == 0 ? 90 * MINUTE_MS : 20 * 1000;
    const int64_t by_ms = sim_roll(sim, (uint32_t)(2 * most_ms)) - most_ms;
    const int64_t now_ms = sim_now(sim).wall_ms;
    sim->wall_max_ms = now_ms > sim->wall_max_ms ? now_ms : sim->wall_max_ms;
    sim->wall_offset_ms += by_ms;
    sim->jumps_back += by_ms < 0;
    if (by_ms < 0)
        sim->jumped_us = sim->now_us;
}

/* A command to another service that nobody has answered for four days: after seven it is an operator's, and no longer comes to
 * rest by itself. */
static bool is_anything_old(const struct sim *sim)
{
    size_t at = 0;
    const void *key;
    void *value;
    while (table_next(sim->shelves[SIM_PLACEMENTS]->outbox, &at, &key, &value)) {
        const struct packed *row = value;
        Dw__OutboxRow *message = dw__outbox_row__unpack(NULL, row->len, row->bytes);
        const bool is_old = message != NULL && sim_now(sim).wall_ms - message->recorded_ms >
                                                   (int64_t)OLD_DAYS * 24 * 60 * MINUTE_MS;
        dw__outbox_row__free_unpacked(message, NULL);
        if (is_old)
            return true;
    }
    return false;
}

/* Whatever was under way comes after it, late. */
static void sleep_all(struct sim *sim)
{
    if (is_anything_old(sim))
        return;
    const uint32_t most = sim_roll(sim, 8) == 0 ? LONG_SLEEP_MINUTES : SLEEP_MINUTES;
    sim->now_us += (int64_t)sim_roll(sim, most) * 60 * SECOND_US;
}

/* Mostly one who waits for the store: what was under way is in doubt then. */
static struct sim_daemon *any_busy(struct sim *sim)
{
    struct sim_daemon *daemon = any_daemon(sim);
    for (int tries = 0; tries < 2 * SIM_DAEMONS && !link_is_busy(daemon->link); tries++)
        daemon = any_daemon(sim);
    return daemon;
}

static void happen(struct sim *sim, enum sim_fault fault)
{
    struct sim_daemon *daemon = sim_roll(sim, 3) == 0 ? any_daemon(sim) : any_busy(sim);
    switch (fault) {
    case FAULT_CRASH:
        daemon_kill(daemon);
        break;
    case FAULT_STOP:
        stop(daemon);
        break;
    case FAULT_PAUSE:
        if (sim_roll(sim, 2) == 0) { /* it learns late that it had the lease */
            sim->ambush_us = PAUSE_US / 3 + sim_roll(sim, PAUSE_US / 2);
            break;
        }
        daemon_pause(sim_roll(sim, 2) == 0 ? any_owner(sim) : daemon, sim_roll(sim, PAUSE_US));
        break;
    case FAULT_PARTITION:
        daemon->isolated_until_us = sim->now_us + sim_roll(sim, PARTITION_US);
        break;
    case FAULT_CUT:
        link_cut(daemon->link);
        break;
    case FAULT_STORE_CRASH:
        store_goes(sim);
        break;
    case FAULT_STALL:
        if (sim->store_up)
            sim->store_stalled_until_us = sim->now_us + sim_roll(sim, STALL_US);
        break;
    case FAULT_REFUSE:
        sim->store_full_until_us = sim->now_us + sim_roll(sim, FULL_US);
        break;
    case FAULT_CLOCK:
        step_clock(sim);
        break;
    case FAULT_SLEEP:
        sleep_all(sim);
        break;
    case FAULT_DELAY:
    case FAULT_DROP:
    case FAULT_DUPLICATE:
    case FAULT_LEASE_CLOCK:
    case FAULTS:
        break;
    }
}

void fault_happen(struct sim *sim)
{
    static const enum sim_fault often[] = {
        FAULT_CRASH,  FAULT_CRASH, FAULT_CRASH, FAULT_STOP,       FAULT_PAUSE,
        FAULT_PAUSE,  FAULT_CUT,   FAULT_CUT,   FAULT_PARTITION,  FAULT_STALL,
        FAULT_REFUSE, FAULT_CLOCK, FAULT_SLEEP, FAULT_STORE_CRASH};
    if (!sim->store_up && sim->now_us >= sim->store_stalled_until_us)
        sim->store_up = true;
    const enum sim_fault fault = often[sim_roll(sim, sizeof often / sizeof often[0])];
    if ((sim->faults >> fault & 1) == 0)
        return;
    sim->fault_counts[fault]++;
    happen(sim, fault);
}

void faults_end(struct sim *sim)
{
    sim->calm = true;
    sim->store_up = true;
    sim->store_stalled_until_us = sim->store_full_until_us = sim->ambush_us = 0;
    for (uint32_t at = 0; at < SIM_DAEMONS; at++)
        sim->daemons[at].isolated_until_us = 0;
}
