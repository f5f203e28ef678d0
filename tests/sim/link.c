/* A daemon's two connections to the simulated store: what is sent arrives in order on each, and so do the answers. When
 * they break, some of what was sent before still arrives, and nobody is told; the answers to all of it are UNKNOWN. */
#include "tests/sim/link.h"

#include <stdlib.h>

enum {
    CALL_US = 120, /* there; an fsync */
    ANSWER_US = 40,
    SEE_US = 2000, /* until a broken connection is noticed */
    CONNECT_US = 100000,
    ZOMBIE_US = 400000, /* what is left of a broken connection arrives within this */
};

struct sim_link *link_create(struct sim_daemon *daemon)
{
    struct sim_link *link = calloc(1, sizeof *link);
    if (link == NULL)
        abort();
    link->store.operations = &link_operations;
    link->daemon = daemon;
    return link;
}

void link_destroy(struct sim_link **link)
{
    if (*link == NULL)
        return;
    link_forget(*link);
    free(*link);
    *link = NULL;
}

bool link_is_busy(const struct sim_link *link)
{
    return link->first != NULL;
}

struct store *link_store(struct sim_link *link)
{
    return &link->store;
}

static void plan(struct sim_call *call, enum sim_event_kind kind, int64_t *last_us,
                 int64_t after_us)
{
    struct sim *sim = call->sim;
    const struct sim_event event = {.kind = kind, .call = call};
    int64_t at_us = sim->now_us + after_us;
    at_us = at_us > *last_us ? at_us : *last_us;
    *last_us = at_us;
    call->under_way = true;
    sim_plan(sim, &event, at_us - sim->now_us);
}

static void plan_arrival(struct sim_call *call)
{
    plan(call, EVENT_ARRIVE, &call->link->arrives_us[call_way(call)],
         CALL_US / 2 + sim_roll(call->sim, CALL_US));
}

void link_submit(struct sim_link *link, struct sim_call *call)
{
    struct sim_event event = {.kind = EVENT_GONE, .target = link->daemon->number};
    if (link->last == NULL)
        link->first = call;
    else
        link->last->next = call;
    link->last = call;
    if (link->ready && !link->daemon->muted) {
        plan_arrival(call);
        return;
    }
    call->lost = true; /* what cannot be sent is answered from the loop */
    event.life = link->daemon->life;
    if (!link->gone_planned && !link->daemon->muted)
        sim_plan(link->daemon->sim, &event, 0);
    link->gone_planned = true;
}

static void unlist(struct sim_call *call)
{
    struct sim_link *link = call->link;
    struct sim_call *before = NULL;
    struct sim_call **at = &link->first;
    while (*at != call) {
        before = *at;
        at = &(*at)->next;
    }
    *at = call->next;
    if (link->last == call)
        link->last = before;
    call->link = NULL;
}

/* Everything sent and not executed: some first part of it on each connection arrives all the same, at once or later. */
static void tear(struct sim_link *link, bool at_once)
{
    struct sim *sim = link->daemon->sim;
    for (int way = 0; way < LINK_WAYS; way++) {
        const int64_t linger_us = sim_roll(sim, 2) == 0 ? 0 : sim_roll(sim, ZOMBIE_US);
        bool survives = true;
        for (struct sim_call *call = link->first; call != NULL; call = call->next) {
            if (call_way(call) != (enum link_way)way || call->executed || call->lost)
                continue;
            survives = survives && sim_roll(sim, 3) != 0;
            call->lost = !survives;
            call->lingers_until_us = sim->now_us + linger_us;
            if (survives && at_once) {
                call_execute(call);
                call->executed = call->lost = true;
            }
        }
    }
}

/* Nobody waits for them any more; what is under way is freed when it arrives. */
static void orphan_all(struct sim_link *link)
{
    while (link->first != NULL) {
        struct sim_call *call = link->first;
        unlist(call);
        if (!call->answered)
            call_unknown(call);
        if (!call->under_way)
            call_free(call);
    }
}

void link_forget(struct sim_link *link)
{
    tear(link, false);
    link->ready = link->gone_planned = false;
    orphan_all(link);
}

static void break_off(struct sim_link *link, bool at_once)
{
    struct sim_event event = {
        .kind = EVENT_GONE, .target = link->daemon->number, .life = link->daemon->life};
    if (!link->ready)
        return;
    tear(link, at_once);
    link->ready = false;
    if (!link->gone_planned)
        sim_plan(link->daemon->sim, &event, sim_roll(link->daemon->sim, SEE_US));
    link->gone_planned = true;
}

void link_cut(struct sim_link *link)
{
    break_off(link, false);
}

void store_crash(struct sim *sim)
{
    sim->store_up = false;
    for (size_t at = 0; at < SIM_DAEMONS; at++)
        if (sim->daemons[at].shard != NULL)
            break_off(sim->daemons[at].link, true);
}

/* The daemon notices: all it waited for is unknown, then the store is away. */
static void see_gone(struct sim_daemon *daemon)
{
    struct sim_link *link = daemon->link;
    struct sim_event connect = {
        .kind = EVENT_CONNECT, .target = daemon->number, .life = daemon->life};
    const bool was_broken = !link->ready;
    struct sim_call *last = link->last; /* what is called meanwhile is answered later */
    link->gone_planned = false;
    for (bool more = link->first != NULL; more;) {
        struct sim_call *call = link->first;
        more = call != last && call->next != NULL;
        unlist(call);
        call_unknown(call);
        if (!call->under_way)
            call_free(call);
    }
    if (!was_broken)
        return;
    shard_store_away(daemon->shard, sim_now(daemon->sim));
    sim_plan(daemon->sim, &connect, CONNECT_US + sim_roll(daemon->sim, CONNECT_US));
}

static void connect_again(struct sim_daemon *daemon)
{
    struct sim *sim = daemon->sim;
    struct sim_event again = {
        .kind = EVENT_CONNECT, .target = daemon->number, .life = daemon->life};
    if (sim->store_up && sim->now_us >= sim->store_stalled_until_us)
        daemon->link->ready = true;
    else
        sim_plan(sim, &again, CONNECT_US);
}

static void arrive(struct sim *sim, struct sim_call *call)
{
    call->under_way = false;
    if (call->lost) {
        if (call->link == NULL)
            call_free(call);
        return;
    }
    int64_t until_us = sim->store_stalled_until_us;
    until_us = until_us > call->lingers_until_us ? until_us : call->lingers_until_us;
    if (sim->now_us < until_us) {
        int64_t *last_us = call->link == NULL || call->lingers_until_us > 0
                               ? &until_us
                               : &call->link->arrives_us[call_way(call)];
        plan(call, EVENT_ARRIVE, last_us, until_us - sim->now_us);
        return;
    }
    if (sim->store_up)
        call_execute(call);
    call->executed = true;
    if (call->kind == CALL_RENEW && call->link != NULL && sim->ambush_us > 0) {
        daemon_pause(call->link->daemon, sim->ambush_us);
        sim->ambush_us = 0;
    }
    if (call->link == NULL)
        call_free(call);
    else if (call->link->ready)
        plan(call, EVENT_STORED, &call->link->answers_us[call_way(call)],
             ANSWER_US / 2 + sim_roll(sim, ANSWER_US));
    /* else it is told when its daemon sees that the connection broke */
}

static void tell(struct sim_daemon *daemon, struct sim_call *call)
{
    if (call_deliver(call)) {
        call->executed = false;
        if (daemon->link->ready)
            plan_arrival(call);
        else
            call->lost = true;
        return;
    }
    unlist(call);
    call_free(call);
}

void link_event(struct sim *sim, struct sim_event *event)
{
    struct sim_daemon *daemon = event->call != NULL && event->call->link != NULL
                                    ? event->call->link->daemon
                                    : &sim->daemons[event->target];
    switch ((int)event->kind) {
    case EVENT_ARRIVE:
        arrive(sim, event->call);
        break;
    case EVENT_STORED:
        event->call->under_way = false;
        tell(daemon, event->call);
        break;
    case EVENT_GONE:
        see_gone(daemon);
        break;
    default:
        connect_again(daemon);
        break;
    }
}
