/* Who moves when: see folk.h. */
#include "tests/sim/folk.h"

#include <stdlib.h>
#include <string.h>

enum {
    LONG_THINK_US = 400 * 1000,
};

static const enum folk_role roles[SIM_ACTORS] = {
    ROLE_KEEPER,   ROLE_CAREFUL,  ROLE_CAREFUL, ROLE_CAREFUL, ROLE_CAREFUL, ROLE_CAREFUL,
    ROLE_CAREFUL,  ROLE_CAREFUL,  ROLE_CAREFUL, ROLE_CAREFUL, ROLE_CAREFUL, ROLE_RESTLESS,
    ROLE_RESTLESS, ROLE_RESTLESS, ROLE_MANAGER, ROLE_TAKER,   ROLE_TAKER,   ROLE_WORKER,
    ROLE_WORKER,   ROLE_CLERK,    ROLE_CLERK,   ROLE_HOLDER,  ROLE_READER,  ROLE_MISCHIEF,
    ROLE_BUYER,    ROLE_BUYER};

struct id folk_id(char kind, uint32_t number)
{
    struct id id = {0};
    if (kind == 'p') {
        id.bytes[0] = (uint8_t)(0x11 + number);
        return id;
    }
    id.bytes[0] = (uint8_t)kind;
    memcpy(id.bytes + 8, &number, sizeof number);
    id.bytes[15] = 1;
    return id;
}

uint32_t folk_send(struct sim *sim, uint32_t actor, enum sim_service service, int role,
                   const ProtobufCMessage *message, bool is_command)
{
    const struct sim_wish wish = {service, message, is_command, role, (uint8_t)actor};
    sim->folk->actors[actor].waits = true;
    return client_send(sim, &wish);
}

static void think(struct sim *sim, uint32_t actor)
{
    const struct sim_event event = {.kind = EVENT_ACT, .target = actor};
    const uint32_t most = sim_roll(sim, 12) == 0 ? LONG_THINK_US : sim->folk->think_us;
    sim_plan(sim, &event, sim_roll(sim, most));
}

/* Some runs are crowded: then commits grow, and two of them are on their way. */
static const uint32_t think_us[] = {500, 5 * 1000, 40 * 1000};

struct folk *folk_create(struct sim *sim)
{
    struct folk *folk = calloc(1, sizeof *folk);
    if (folk == NULL)
        abort();
    sim->folk = folk;
    folk->think_us = think_us[sim_roll(sim, 3)];
    folk->today = (int32_t)(sim->start_wall_ms / INT64_C(86400000));
    for (uint32_t at = 0; at < SIM_ACTORS; at++) {
        folk->actors[at].role = roles[at];
        think(sim, at);
    }
    return folk;
}

void folk_destroy(struct folk **folk)
{
    for (size_t at = 0; *folk != NULL && at < SIM_ACTORS; at++)
        buffer_free(&(*folk)->actors[at].terms);
    free(*folk);
    *folk = NULL;
}

/* Somebody sends again what was answered long ago, or the like of it. */
static void make_mischief(struct sim *sim)
{
    const uint32_t count = (uint32_t)(sim->requests.len / sizeof(struct sim_request *));
    for (int again = 0; again < 4 && count > 0; again++) {
        const uint32_t back = sim_roll(sim, sim_roll(sim, 2) == 0 ? 64 : 100000);
        client_repeat(sim, back < count ? count - 1 - back : sim_roll(sim, count),
                      sim_roll(sim, 8) < 6 ? 0 : 1 + sim_roll(sim, 2));
    }
}

static void move(struct sim *sim, uint32_t actor)
{
    switch (sim->folk->actors[actor].role) {
    case ROLE_KEEPER:
        folk_keep(sim, actor);
        break;
    case ROLE_CAREFUL:
        folk_see_through(sim, actor);
        break;
    case ROLE_RESTLESS:
        folk_hurry(sim, actor);
        break;
    case ROLE_MANAGER:
        folk_manage(sim, actor);
        break;
    case ROLE_TAKER:
        folk_register(sim, actor);
        break;
    case ROLE_WORKER:
        folk_plan(sim, actor);
        break;
    case ROLE_CLERK:
        folk_refer(sim, actor);
        break;
    case ROLE_HOLDER:
        folk_hold(sim, actor);
        break;
    case ROLE_READER:
        folk_read(sim, actor);
        break;
    case ROLE_BUYER:
        folk_buy(sim, actor);
        break;
    case ROLE_MISCHIEF:
        make_mischief(sim);
        break;
    }
}

void folk_act(struct sim *sim, uint32_t number)
{
    struct folk_actor *actor = &sim->folk->actors[number];
    if (sim->calm) {
        actor->resting = true;
        return;
    }
    if (sim->folk->built || actor->role == ROLE_KEEPER)
        move(sim, number);
    if (!actor->waits)
        think(sim, number);
}

void folk_answer(struct sim *sim, uint32_t number, const struct sim_request *request,
                 const Dw__Envelope *answer)
{
    struct folk_actor *actor = &sim->folk->actors[number];
    actor->waits = false;
    if (actor->role == ROLE_CAREFUL)
        folk_seen(sim, number, answer);
    else if (actor->role == ROLE_BUYER)
        folk_looked(sim, number, answer);
    (void)request;
    think(sim, number);
}

bool folk_is_quiet(const struct sim *sim)
{
    for (uint32_t at = 0; at < SIM_ACTORS; at++)
        if (!sim->folk->actors[at].resting)
            return false;
    struct sim_request *const *requests = (const void *)sim->requests.bytes;
    const size_t count = sim->requests.len / sizeof requests[0];
    for (size_t at = count > 4096 ? count - 4096 : 0; at < count; at++)
        if (requests[at]->final == FINAL_NONE)
            return false;
    return true;
}
