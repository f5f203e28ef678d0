/* The simulated daemons: each a real shard, with a mailbox, a loop and a life. */
#include "common/text.h"
#include "tests/sim/link.h"

#include <stdlib.h>
#include <string.h>

enum {
    TURN_US = 80,        /* what comes within it is taken in one turn */
    TICK_US = 50 * 1000, /* a loop wakes by itself */
    START_US = 20 * 1000,
    START_SPREAD_US = 2500 * 1000,
    CONNECT_US = 5 * 1000,
    HELD_MAX = 20000, /* messages a stopped process' sockets keep */
};

static struct instant now_of(const struct sim_daemon *daemon)
{
    return daemon->stale.boot_ms != 0 ? daemon->stale : sim_now(daemon->sim);
}

void daemon_wake(struct sim_daemon *daemon, int64_t after_us)
{
    struct sim_event event = {.kind = EVENT_TURN, .target = daemon->number, .life = daemon->life};
    if (daemon->turn_planned)
        return;
    daemon->turn_planned = true;
    sim_plan(daemon->sim, &event, after_us);
}

static void start(struct sim_daemon *daemon)
{
    struct sim *sim = daemon->sim;
    const struct sim_event connect = {
        .kind = EVENT_CONNECT, .target = daemon->number, .life = daemon->life};
    const struct sim_event tick = {
        .kind = EVENT_TICK, .target = daemon->number, .life = daemon->life};
    struct shard_settings settings = {.service = sim_services[daemon->service],
                                      .authority = sim_authority,
                                      .store = link_store(daemon->link),
                                      .outlet = bus_outlet(daemon),
                                      .model = sim->model,
                                      .owner = daemon->owner,
                                      .ids = &daemon->ids};
    memcpy(settings.model_digest, sim->model_digest, STORE_DIGEST_SIZE);
    memcpy(settings.digest_key, sim->digest_key, STORE_DIGEST_SIZE);
    ids_init_seeded(&daemon->ids, sim->settings.seed * 100003 + daemon->number * 1009 +
                                      daemon->life * INT64_C(1000003));
    daemon->muted = daemon->dies_now = daemon->stopping = daemon->turn_planned = false;
    daemon->shard = shard_create(&settings);
    if (daemon->shard == NULL)
        abort();
    sim_plan(sim, &connect, CONNECT_US + sim_roll(sim, CONNECT_US));
    sim_plan(sim, &tick, sim_roll(sim, TICK_US));
}

/* What waited in its sockets is lost. */
static void drop_held(struct sim_daemon *daemon)
{
    const struct sim_event *held = (const void *)daemon->held.bytes;
    for (size_t at = 0; at < daemon->held.len / sizeof held[0]; at++) {
        message_drop(held[at].shared);
        if (held[at].call != NULL) {
            held[at].call->under_way = false;
            if (held[at].call->link == NULL)
                call_free(held[at].call);
        }
    }
    buffer_clear(&daemon->held);
}

static void end(struct sim_daemon *daemon)
{
    struct shard_status status;
    daemon->muted = true;
    link_forget(daemon->link);
    drop_held(daemon);
    shard_status(daemon->shard, &status);
    daemon->sim->recoveries += status.recoveries;
    shard_destroy(&daemon->shard);
    daemon->paused = daemon->dies_now = daemon->stopping = daemon->turn_planned = false;
    daemon->stale = (struct instant){0};
    daemon->life++;
}

void daemon_kill(struct sim_daemon *daemon)
{
    const struct sim_event event = {.kind = EVENT_START, .target = daemon->number};
    const bool soon = daemon->sim->calm || sim_roll(daemon->sim, 2) == 0;
    if (daemon->shard == NULL)
        return;
    end(daemon);
    sim_plan(daemon->sim, &event,
             START_US + sim_roll(daemon->sim, soon ? START_US : START_SPREAD_US));
}

void daemons_create(struct sim *sim)
{
    for (uint32_t at = 0; at < SIM_DAEMONS; at++) {
        struct sim_daemon *daemon = &sim->daemons[at];
        daemon->number = at;
        daemon->service = (enum sim_service)(at / SIM_INSTANCES);
        daemon->instance = at % SIM_INSTANCES;
        daemon->sim = sim;
        daemon->life = 1;
        (void)text_format(daemon->owner, sizeof daemon->owner, "host/%u tcp://%u", at, at);
        daemon->link = link_create(daemon);
        start(daemon);
    }
}

void daemons_destroy(struct sim *sim)
{
    for (uint32_t at = 0; at < SIM_DAEMONS; at++) {
        struct sim_daemon *daemon = &sim->daemons[at];
        if (daemon->shard != NULL)
            end(daemon);
        link_destroy(&daemon->link);
        buffer_free(&daemon->held);
    }
}

/* --- stopping and continuing ----------------------------------------------------------------------------------------- */

void daemon_pause(struct sim_daemon *daemon, int64_t for_us)
{
    const struct sim_event event = {
        .kind = EVENT_RESUME, .target = daemon->number, .life = daemon->life};
    if (daemon->shard == NULL || daemon->paused)
        return;
    daemon->paused = true;
    if (sim_roll(daemon->sim, 2) == 0)
        daemon->stale = sim_now(daemon->sim); /* in the middle of a turn */
    sim_plan(daemon->sim, &event, for_us);
}

/* What waited comes in the order in which it came. */
static void resume(struct sim_daemon *daemon)
{
    struct sim *sim = daemon->sim;
    const struct sim_event *held = (const void *)daemon->held.bytes;
    daemon->paused = false;
    for (size_t at = 0; at < daemon->held.len / sizeof held[0]; at++)
        sim_plan(sim, &held[at], 0);
    buffer_clear(&daemon->held);
    daemon->turn_planned = false;
    daemon_wake(daemon, daemon->stale.boot_ms != 0 ? 0 : TURN_US);
}

static void hold(struct sim_daemon *daemon, struct sim_event *event)
{
    const bool must = event->call != NULL || event->kind == EVENT_GONE ||
                      event->kind == EVENT_CONNECT || event->kind == EVENT_TICK;
    if (event->kind == EVENT_TURN || (!must && daemon->held.len / sizeof *event >= HELD_MAX)) {
        message_drop(event->shared);
        return;
    }
    buffer_append(&daemon->held, event, sizeof *event);
}

/* --- what comes ------------------------------------------------------------------------------------------------------ */

static void take_request(struct sim_daemon *daemon, const struct sim_message *message)
{
    struct sim *sim = daemon->sim;
    Dw__Envelope *envelope;
    struct rejection rejection;
    struct {
        uint32_t from;
        uint32_t life;
    } place = {message->from, 0};
    struct bus_address address = {.len = sizeof place};
    struct principal principal;
    struct id provider_id = {0};
    const bool by_service = message->from >= SIM_FROM_DAEMON;
    arena_reset(sim->arena);
    if (envelope_open(message->bytes, message->len, sim->arena, &envelope, &rejection) < 0 ||
        envelope_check(envelope, &rejection) < 0) {
        sim_fail(sim, "a request is no envelope: %s", rejection.sentence);
        return;
    }
    if (by_service) {
        const struct sim_daemon *from = &sim->daemons[message->from - SIM_FROM_DAEMON];
        place.life = from->life;
        principal = envelope->principal != NULL
                        ? principal_from_message(envelope->principal)
                        : (struct principal){.name = sim_services[from->service]->name,
                                             .role = DW__ROLE__ROLE_SERVICE};
    } else {
        const struct sim_request *request = request_at(sim, message->from);
        if (request->role == DW__ROLE__ROLE_PROVIDER_MANAGER ||
            request->role == DW__ROLE__ROLE_REGISTER_TAKER)
            provider_id.bytes[0] = 0x11;
        principal = (struct principal){client_name(request->name), request->role, provider_id};
    }
    memcpy(address.bytes, &place, sizeof place);
    shard_request(daemon->shard, now_of(daemon), &address, &principal, by_service, envelope);
}

static void take_answer(struct sim_daemon *daemon, const struct sim_message *message)
{
    struct sim *sim = daemon->sim;
    const uint32_t from = message->from - SIM_FROM_DAEMON;
    arena_reset(sim->arena);
    const Dw__Envelope *envelope =
        dw__envelope__unpack(arena_allocator(sim->arena), message->len, message->bytes);
    if (envelope == NULL) {
        sim_fail(sim, "an answer is no envelope");
        return;
    }
    const Dw__Failed *failed = strcmp(envelope->type, "Failed") != 0
                                   ? NULL
                                   : dw__failed__unpack(arena_allocator(sim->arena),
                                                        envelope->body.len, envelope->body.data);
    const bool moved = failed != NULL && failed->code == DW__ERROR_CODE__ERROR_CODE_NOT_OWNER;
    daemon->route[from / SIM_INSTANCES] = moved ? (from + 1) % SIM_INSTANCES : from % SIM_INSTANCES;
    (void)shard_answer(daemon->shard, now_of(daemon), envelope);
}

static void run_turn(struct sim_daemon *daemon)
{
    struct shard_status status;
    daemon->turn_planned = false;
    (void)shard_turn(daemon->shard, now_of(daemon));
    daemon->stale = (struct instant){0};
    shard_status(daemon->shard, &status);
    check_health(daemon->sim, daemon);
    if (daemon->stopping && status.state == SHARD_STOPPED)
        daemon->dies_now = true;
}

static void tick(struct sim_daemon *daemon)
{
    const struct sim_event event = {
        .kind = EVENT_TICK, .target = daemon->number, .life = daemon->life};
    sim_plan(daemon->sim, &event, TICK_US + sim_roll(daemon->sim, TICK_US / 10));
    run_turn(daemon);
}

static void take(struct sim_daemon *daemon, struct sim_event *event)
{
    const struct sim_message *message = event->shared;
    switch ((int)event->kind) {
    case EVENT_REQUEST:
        take_request(daemon, message);
        break;
    case EVENT_ANSWER:
        take_answer(daemon, message);
        break;
    case EVENT_BATCH:
        shard_batch(daemon->shard, now_of(daemon), sim_services[message->from]->name,
                    message->bytes, message->len, message->bytes + message->len,
                    message->digest_len);
        break;
    case EVENT_STORED:
    case EVENT_GONE:
    case EVENT_CONNECT:
        link_event(daemon->sim, event);
        break;
    case EVENT_TURN:
        run_turn(daemon);
        break;
    default:
        tick(daemon);
        break;
    }
    if (event->kind != EVENT_TURN && event->kind != EVENT_TICK)
        daemon_wake(daemon, TURN_US / 2 + sim_roll(daemon->sim, TURN_US));
}

void daemon_event(struct sim *sim, struct sim_event *event)
{
    struct sim_daemon *daemon = &sim->daemons[event->target];
    if (event->call != NULL) {
        if (event->call->link == NULL) { /* nobody waits any more */
            call_free(event->call);
            return;
        }
        daemon = event->call->link->daemon;
    }
    if (event->kind == EVENT_START) {
        if (daemon->shard == NULL)
            start(daemon);
        return;
    }
    if (daemon->shard == NULL || (event->life != 0 && event->life != daemon->life)) {
        message_drop(event->shared);
        return;
    }
    if (event->kind == EVENT_RESUME) {
        resume(daemon);
        return;
    }
    if (daemon->paused) {
        hold(daemon, event);
        return;
    }
    if (event->kind == EVENT_REQUEST && shard_is_full(daemon->shard)) { /* it waits in the socket */
        sim_plan(sim, event, TURN_US);
        daemon_wake(daemon, TURN_US);
        return;
    }
    take(daemon, event);
    message_drop(event->shared);
    if (daemon->dies_now)
        daemon_kill(daemon);
}
