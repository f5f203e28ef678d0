/* The simulated bus: what daemons and clients say to each other takes time, is lost, comes twice, or overtakes. */
#include "tests/sim/sim.h"

#include <stdlib.h>
#include <string.h>

enum {
    HOP_US = 60,
    SLOW_US = 4000,
    SLOWER_US = 1500 * 1000,
};
static const uint32_t NOWHERE = UINT32_MAX;

/* What is in a bus_address: who gets the reply. */
struct place {
    uint32_t from;
    uint32_t life;
};
_Static_assert(sizeof(struct place) <= BUS_ROUTING_MAX, "a place fits into an address");

struct sim_message *message_new(uint32_t from, const void *bytes, size_t len, const void *digest,
                                size_t digest_len)
{
    struct sim_message *message = malloc(sizeof *message + len + digest_len);
    if (message == NULL)
        abort();
    *message = (struct sim_message){
        .users = 1, .from = from, .len = (uint32_t)len, .digest_len = (uint32_t)digest_len};
    memcpy(message->bytes, bytes, len);
    if (digest_len > 0)
        memcpy(message->bytes + len, digest, digest_len);
    return message;
}

void message_drop(struct sim_message *message)
{
    if (message != NULL && --message->users == 0)
        free(message);
}

static bool is_cut_off(const struct sim *sim, uint32_t daemon)
{
    return daemon < SIM_DAEMONS && sim->daemons[daemon].isolated_until_us > sim->now_us;
}

static int64_t delay(struct sim *sim)
{
    if (sim_chance(sim, FAULT_DELAY, 400))
        return sim_roll(sim, SLOWER_US);
    if (sim_chance(sim, FAULT_DELAY, 40))
        return sim_roll(sim, SLOW_US);
    return HOP_US / 2 + sim_roll(sim, HOP_US);
}

/* One user of the message is given away. */
static void carry(struct sim *sim, struct sim_event *event, struct sim_message *message,
                  uint32_t from_daemon, uint32_t to_daemon)
{
    event->shared = message;
    if (is_cut_off(sim, from_daemon) || is_cut_off(sim, to_daemon) ||
        sim_chance(sim, FAULT_DROP, 300)) {
        message_drop(message);
        return;
    }
    if (sim_chance(sim, FAULT_DUPLICATE, 300)) {
        message->users++;
        sim_plan(sim, event, delay(sim));
    }
    sim_plan(sim, event, delay(sim));
}

/* True when the daemon may still speak; it may die before this word or after it. */
static bool may_speak(struct sim_daemon *daemon)
{
    if (daemon->muted)
        return false;
    if (sim_chance(daemon->sim, FAULT_CRASH, 20000)) {
        daemon->muted = daemon->dies_now = true;
        daemon->sim->fault_counts[FAULT_CRASH]++;
        return sim_roll(daemon->sim, 2) == 0;
    }
    return true;
}

static void reply(void *context, const struct bus_address *to, const void *bytes, size_t len)
{
    struct sim_daemon *daemon = context;
    struct place place;
    if (!may_speak(daemon))
        return;
    memcpy(&place, to->bytes, sizeof place);
    check_reply(daemon->sim, daemon->service, bytes, len);
    struct sim_message *message =
        message_new(SIM_FROM_DAEMON + daemon->number, bytes, len, NULL, 0);
    if (place.from >= SIM_FROM_DAEMON) {
        struct sim_event event = {
            .kind = EVENT_ANSWER, .target = place.from - SIM_FROM_DAEMON, .life = place.life};
        carry(daemon->sim, &event, message, daemon->number, event.target);
    } else {
        struct sim_event event = {.kind = EVENT_CLIENT, .target = place.from};
        carry(daemon->sim, &event, message, daemon->number, NOWHERE);
    }
}

static bool follows(const struct service *service, const char *name)
{
    const struct reaction_row *row = service->reactions;
    for (; row != NULL && row->type != NULL; row++)
        if (strcmp(row->service, name) == 0)
            return true;
    return false;
}

static void publish(void *context, const char *topic, const void *bytes, size_t len,
                    const void *digest, size_t digest_len)
{
    struct sim_daemon *daemon = context;
    struct sim *sim = daemon->sim;
    if (!may_speak(daemon))
        return;
    const char *name = strchr(topic, '/') + 1;
    check_published(sim, daemon->service, bytes, len, digest);
    struct sim_message *message =
        message_new((uint32_t)daemon->service, bytes, len, digest, digest_len);
    for (uint32_t at = 0; at < SIM_DAEMONS; at++) {
        const struct sim_daemon *other = &sim->daemons[at];
        struct sim_event event = {.kind = EVENT_BATCH, .target = at, .life = other->life};
        if (other->shard == NULL || !follows(sim_services[other->service], name))
            continue;
        message->users++;
        carry(sim, &event, message, daemon->number, at);
    }
    message_drop(message);
}

static bool send_to(void *context, const char *authority, const char *service, const void *bytes,
                    size_t len)
{
    (void)authority;
    struct sim_daemon *daemon = context;
    const enum sim_service to = sim_service_of(service);
    if (!may_speak(daemon))
        return false;
    check_sent(daemon->sim, daemon->service, bytes, len);
    /* One that does not answer is not believed in for ever. */
    if (sim_roll(daemon->sim, 12) == 0)
        daemon->route[to] = sim_roll(daemon->sim, SIM_INSTANCES);
    struct sim_event event = {.kind = EVENT_REQUEST,
                              .target = to * SIM_INSTANCES + daemon->route[to]};
    event.life = daemon->sim->daemons[event.target].life;
    carry(daemon->sim, &event, message_new(SIM_FROM_DAEMON + daemon->number, bytes, len, NULL, 0),
          daemon->number, event.target);
    return true;
}

static int64_t boot_ms_now(void *context)
{
    return sim_now(((struct sim_daemon *)context)->sim).boot_ms;
}

struct outlet bus_outlet(struct sim_daemon *daemon)
{
    return (struct outlet){.context = daemon,
                           .reply = reply,
                           .publish = publish,
                           .send = send_to,
                           .boot_ms_now = boot_ms_now};
}

void bus_ask(struct sim *sim, uint32_t number)
{
    const struct sim_request *request = request_at(sim, number);
    const Dw__Envelope envelope = request_envelope(sim, request, sim_authority);
    struct buffer bytes = {0};
    buffer_pack(&bytes, &envelope.base);
    uint32_t instance = sim->client_route[request->service];
    if (sim_roll(sim, request->is_command ? 20 : 3) ==
        0) /* who asks may not know who has the lease */
        instance = sim_roll(sim, SIM_INSTANCES);
    struct sim_event event = {.kind = EVENT_REQUEST,
                              .target = request->service * SIM_INSTANCES + instance};
    event.life = sim->daemons[event.target].life;
    carry(sim, &event, message_new(number, bytes.bytes, bytes.len, NULL, 0), NOWHERE, event.target);
    buffer_free(&bytes);
}
