/* Nothing acknowledged is ever lost: brokers place people while each daemon and Redis are killed again and again, at random
 * instants and at each named point; afterwards the journals are read by a checker that shares no code with the services. */
#include "tests/support/town.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/crash.h"
#include "common/text.h"
#include "reporting.pb-c.h"

enum {
    CAREFUL = 32,  /* brokers who look at what became of a proposal and see it through */
    RESTLESS = 72, /* brokers who propose and cancel without looking: always a command in flight */
    ACTORS = CAREFUL + RESTLESS,
    SERVICES = 4,
    PLACES = 3, /* few, so that people race for chairs */
    KILLS = 35,
    ANSWERS_BETWEEN = 150, /* answers a kill waits for, so that each falls into real work */
    SETTLE_MS = 30000,
    COMMANDS_MAX = 200000
};

/* What a client was told. */
struct told {
    struct id command_id;
    bool accepted;
    uint32_t events;
    const char *service;
};

enum step { STEP_PROPOSE, STEP_LOOK, STEP_ACCEPT, STEP_CANCEL, STEP_START, STEP_END, STEP_REST };

struct actor {
    uint32_t number;
    enum step step;
    struct id placement;
    struct id hold;
    bool cancel_early;
};

struct crowd {
    struct rig *rig;
    struct client *client;
    struct actor actors[ACTORS];
    struct told *told;
    size_t told_count;
    uint64_t answers;
    uint64_t in_flight;
    uint32_t next_number;
    uint32_t seed;
    bool stopping;
    size_t resting;
    size_t left_active; /* placements that go on when everybody rests */
};

static struct crowd crowd;

static uint32_t roll(uint32_t below)
{
    crowd.seed = crowd.seed * 1664525u + 1013904223u;
    return (crowd.seed >> 8) % below;
}

static void act(struct actor *actor);

static void on_answer(void *context, const struct client_answer *answer)
{
    struct actor *actor = context;
    const enum step step = actor->step;
    crowd.answers++;
    if (answer->type[0] == '\0')
        fail_msg("a command was not answered for %d ms", SETTLE_MS);
    if (strcmp(answer->type, "Failed") == 0)
        fail_msg("step %d: %.*s", (int)step, (int)answer->body.len,
                 (const char *)answer->body.bytes);
    const bool accepted = strcmp(answer->type, "Accepted") == 0;
    if (accepted || strcmp(answer->type, "Refused") == 0) {
        Dw__Accepted *reply =
            accepted ? dw__accepted__unpack(NULL, answer->body.len, answer->body.bytes) : NULL;
        assert_true(crowd.told_count < COMMANDS_MAX);
        crowd.told[crowd.told_count++] =
            (struct told){answer->id, accepted, reply == NULL ? 0 : reply->events, "placements"};
        if (reply != NULL)
            dw__accepted__free_unpacked(reply, NULL);
    }
    if (step == STEP_LOOK) {
        Dw__Placement *placement =
            dw__placement__unpack(NULL, answer->body.len, answer->body.bytes);
        assert_non_null(placement);
        if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED)
            actor->step = roll(5) == 0 ? STEP_CANCEL : STEP_ACCEPT;
        else if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_CONFIRMING)
            actor->step = roll(20) == 0 ? STEP_CANCEL : STEP_LOOK;
        else if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED)
            actor->step = roll(5) == 0 ? STEP_CANCEL : STEP_START;
        else if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE)
            actor->step = STEP_END;
        else if (placement->state != DW__PLACEMENT_STATE__PLACEMENT_STATE_PROPOSED)
            actor->step = STEP_PROPOSE; /* over: the next person */
        dw__placement__free_unpacked(placement, NULL);
    } else if (actor->number >= CAREFUL) {
        actor->step = step == STEP_PROPOSE && accepted ? STEP_CANCEL : STEP_PROPOSE;
    } else if (step == STEP_PROPOSE && accepted) {
        actor->step = actor->cancel_early ? STEP_CANCEL : STEP_LOOK;
    } else if (step == STEP_PROPOSE || step == STEP_CANCEL || step == STEP_END) {
        actor->step = accepted ? STEP_PROPOSE : STEP_LOOK;
        if (step == STEP_PROPOSE)
            actor->step = STEP_PROPOSE;
    } else {
        actor->step = STEP_LOOK;
    }
    act(actor);
}

static void ask(struct actor *actor, const ProtobufCMessage *message)
{
    client_ask(crowd.client, rig_authority, "placements", message, NULL, SETTLE_MS, on_answer,
               actor);
}

static void propose(struct actor *actor)
{
    if (crowd.stopping) {
        actor->step = STEP_REST;
        crowd.resting++;
        return;
    }
    const uint32_t number = crowd.next_number++;
    actor->placement = town_id('m', number);
    actor->hold = town_id('h', number);
    actor->cancel_early = roll(6) == 0;
    ask(actor,
        &town_proposal(&actor->placement, &actor->hold, number, roll(SERVICES), 1 + (int)roll(5))
             ->base);
}

static void act(struct actor *actor)
{
    Dw__GetPlacement look = DW__GET_PLACEMENT__INIT;
    Dw__AcceptOffer accept = DW__ACCEPT_OFFER__INIT;
    Dw__CancelPlacement cancel = DW__CANCEL_PLACEMENT__INIT;
    Dw__StartPlacement start = DW__START_PLACEMENT__INIT;
    Dw__EndPlacement end = DW__END_PLACEMENT__INIT;
    Dw__Date date = DW__DATE__INIT;
    switch (actor->step) {
    case STEP_PROPOSE:
        propose(actor);
        break;
    case STEP_LOOK:
        look.placement_id = id_to_data(&actor->placement);
        ask(actor, &look.base);
        break;
    case STEP_ACCEPT:
        accept.placement_id = id_to_data(&actor->placement);
        ask(actor, &accept.base);
        break;
    case STEP_CANCEL:
        cancel.placement_id = id_to_data(&actor->placement);
        cancel.reason = DW__CANCEL_REASON__CANCEL_REASON_OTHER;
        ask(actor, &cancel.base);
        break;
    case STEP_START:
        date.days = TOWN_STARTS;
        start.placement_id = id_to_data(&actor->placement);
        start.date = &date;
        ask(actor, &start.base);
        break;
    case STEP_END:
        if (crowd.stopping && actor->number % 2 == 0) {
            actor->step = STEP_REST;
            crowd.resting++;
            crowd.left_active++;
            break;
        }
        date.days = TOWN_STARTS;
        end.placement_id = id_to_data(&actor->placement);
        end.reason = DW__END_REASON__END_REASON_OTHER;
        end.last = &date;
        ask(actor, &end.base);
        break;
    case STEP_REST:
        break;
    }
}

/* Lets the crowd work until so many more answers have come. */
static void work(uint64_t answers)
{
    const uint64_t goal = crowd.answers + answers;
    const int64_t until_ms = loop_boot_ms_now() + SETTLE_MS;
    while (crowd.answers < goal) {
        client_turn(crowd.client);
        if (loop_boot_ms_now() > until_ms)
            fail_msg("only %llu of %llu answers came",
                     (unsigned long long)(answers - (goal - crowd.answers)),
                     (unsigned long long)answers);
    }
}

static size_t note_in_flight(const char *what)
{
    size_t in_flight = 0; /* commands sent and not answered; not looks */
    for (size_t at = 0; at < ACTORS; at++)
        in_flight += crowd.actors[at].step != STEP_LOOK && crowd.actors[at].step != STEP_REST;
    print_message("  %-40s %zu commands in flight\n", what, in_flight);
    crowd.in_flight += in_flight;
    return in_flight;
}

static void begin(void)
{
    crowd = (struct crowd){.seed = 42};
    crowd.rig = rig_create("tests/data/model.json");
    crowd.told = calloc(COMMANDS_MAX, sizeof crowd.told[0]);
    for (size_t at = 0; rig_services[at] != NULL; at++)
        rig_start(crowd.rig, rig_services[at]);
    crowd.client = rig_client(crowd.rig, "operator");
    town_build(crowd.client, SERVICES, PLACES);
    for (uint32_t at = 0; at < ACTORS; at++) {
        crowd.actors[at].number = at;
        act(&crowd.actors[at]);
    }
}

/* --- the checker: reads journals, trusts nobody --------------------------------------------------------------------------- */

struct journal {
    struct buffer decisions; /* struct id of every decision */
    uint64_t next_seq;
};

struct chair {
    struct id hold;
    struct id session;
    bool taken;
};

struct checker {
    struct table *commands; /* command id -> number of decisions */
    struct table *holds;    /* hold id -> struct chair */
    struct table *taken;    /* session id -> int, over the journal's time */
    int most_taken;
};

static void count_taken(struct checker *checker, const struct chair *chair, int change)
{
    int *taken = table_put(checker->taken, &chair->session, NULL);
    *taken += change;
    assert_true(*taken >= 0);
    if (*taken > checker->most_taken)
        checker->most_taken = *taken;
}

static void check_event(struct checker *checker, const Dw__Event *event)
{
    struct id id;
    if (strcmp(event->type, "PlacesHeld") == 0) {
        Dw__PlacesHeld *held = dw__places_held__unpack(NULL, event->body.len, event->body.data);
        bool is_new;
        assert_true(id_from_data(&held->hold_id, &id));
        struct chair *chair = table_put(checker->holds, &id, &is_new);
        assert_true(is_new); /* one hold id, one chair */
        assert_true(id_from_data(&held->session_ids[0], &chair->session));
        chair->taken = true;
        count_taken(checker, chair, 1);
        dw__places_held__free_unpacked(held, NULL);
    } else if (strcmp(event->type, "HoldReleased") == 0 ||
               strcmp(event->type, "HoldExpired") == 0 ||
               strcmp(event->type, "BookingEnded") == 0) {
        memcpy(id.bytes, event->body.data + 2, sizeof id.bytes); /* the first field of all three */
        struct chair *chair = table_get(checker->holds, &id);
        if (chair != NULL && chair->taken) {
            chair->taken = false;
            count_taken(checker, chair, -1);
        }
    }
}

static void check_batch(struct checker *checker, const Dw__Batch *batch, uint64_t *next_seq)
{
    if (batch->first_seq != *next_seq) /* dense */
        fail_msg("%s: a batch begins at %llu, not %llu", batch->service,
                 (unsigned long long)batch->first_seq, (unsigned long long)*next_seq);
    for (size_t d = 0; d < batch->n_decisions; d++) {
        struct id id;
        assert_true(id_from_data(&batch->decisions[d]->command_id, &id));
        int *count = table_put(checker->commands, &id, NULL);
        ++*count;
        for (size_t e = 0; e < batch->decisions[d]->n_events; e++) {
            check_event(checker, batch->decisions[d]->events[e]);
            ++*next_seq;
        }
    }
}

static uint64_t read_journal(struct checker *checker, const char *service)
{
    uint64_t next_seq = 1;
    for (;;) {
        Dw__FetchEvents fetch = DW__FETCH_EVENTS__INIT;
        fetch.from_seq = next_seq;
        fetch.limit = 1000;
        const struct packed body = rig_ask(crowd.client, service, &fetch.base, "EventsFetched");
        Dw__EventsFetched *fetched = dw__events_fetched__unpack(NULL, body.len, body.bytes);
        const size_t count = fetched->n_batches;
        for (size_t at = 0; at < count; at++) {
            Dw__Batch *batch = dw__batch__unpack(NULL, fetched->batches[at]->batch.len,
                                                 fetched->batches[at]->batch.data);
            check_batch(checker, batch, &next_seq);
            dw__batch__free_unpacked(batch, NULL);
        }
        dw__events_fetched__free_unpacked(fetched, NULL);
        if (count == 0)
            return next_seq - 1;
    }
}

/* Every placement that is over has given its chair back: those taken are those of the placements that go on. */
static void check_no_chair_is_left_over(struct checker *checker)
{
    size_t taken = 0;
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(checker->holds, &position, &key, &value))
        taken += ((struct chair *)value)->taken;
    assert_int_equal(taken, crowd.left_active);
}

/* Reporting, killed with the others, counts each fact once. */
static void check_the_report_is_a_recount(void)
{
    const int64_t until_ms = loop_boot_ms_now() + SETTLE_MS;
    for (;;) {
        Dw__Dashboard query = DW__DASHBOARD__INIT;
        const struct packed body =
            rig_ask(crowd.client, "reporting", &query.base, "DashboardShown");
        Dw__DashboardShown *shown = dw__dashboard_shown__unpack(NULL, body.len, body.bytes);
        const uint32_t placements = shown->all->placements;
        const uint32_t external = shown->all->placements_external;
        const int64_t pence = shown->all->planned_year_pence;
        dw__dashboard_shown__free_unpacked(shown, NULL);
        if (placements == crowd.left_active && external == placements) {
            print_message("  the report shows %u placements, %lld pence a year\n", placements,
                          (long long)pence);
            assert_true(pence == (int64_t)crowd.left_active * TOWN_YEAR_PENCE);
            return;
        }
        if (loop_boot_ms_now() > until_ms)
            fail_msg("the report shows %u placements (%u external), there are %zu", placements,
                     external, crowd.left_active);
    }
}

static void check_everything(void)
{
    struct checker checker = {.commands = table_create(sizeof(struct id), sizeof(int)),
                              .holds = table_create(sizeof(struct id), sizeof(struct chair)),
                              .taken = table_create(sizeof(struct id), sizeof(int))};
    const uint64_t capacity = read_journal(&checker, "capacity");
    const uint64_t placements = read_journal(&checker, "placements");
    size_t lost = 0;
    size_t twice = 0;
    for (size_t at = 0; at < crowd.told_count; at++) {
        const int *count = table_get(checker.commands, &crowd.told[at].command_id);
        const bool has_events = crowd.told[at].accepted && crowd.told[at].events > 0;
        lost += has_events && count == NULL;
        twice += count != NULL && (*count != 1 || !has_events);
    }
    print_message(
        "  %zu commands acknowledged, %llu + %llu events, %llu in flight at kills, at most "
        "%d of %d taken\n",
        crowd.told_count, (unsigned long long)capacity, (unsigned long long)placements,
        (unsigned long long)crowd.in_flight, checker.most_taken, PLACES);
    assert_int_equal(lost, 0);
    assert_int_equal(twice, 0);
    assert_true(checker.most_taken <= PLACES);
    check_no_chair_is_left_over(&checker);
    table_destroy(&checker.commands);
    table_destroy(&checker.holds);
    table_destroy(&checker.taken);
}

/* Everybody leaves: actors end their placements and rest; then every outbox runs empty. */
static void end(void)
{
    const int64_t until_ms = loop_boot_ms_now() + 2 * SETTLE_MS;
    char body[8192];
    crowd.stopping = true;
    while (crowd.resting < ACTORS && loop_boot_ms_now() < until_ms)
        client_turn(crowd.client);
    assert_int_equal(crowd.resting, ACTORS);
    do {
        client_turn(crowd.client);
        assert_int_equal(rig_http(crowd.rig, "placements", 0, "/statusz", body, sizeof body), 200);
        assert_true(loop_boot_ms_now() < until_ms);
    } while (strstr(body, "\"outbox\":0,") == NULL);
    check_everything();
    check_the_report_is_a_recount();
    for (size_t at = 0; rig_services[at] != NULL; at++)
        assert_int_equal(rig_verify(crowd.rig, rig_services[at]), 0);
    free(crowd.told);
    client_destroy(&crowd.client);
    rig_destroy(&crowd.rig);
}

static void kills_at_random_instants_lose_nothing(void **unused)
{
    (void)unused;
    static const char *const victims[] = {"capacity",   "placements", "redis",   "reporting",
                                          "attendance", "referrals",  "outcomes"};
    begin();
    for (int kill = 0; kill < KILLS; kill++) {
        const char *victim = victims[(size_t)kill % (sizeof victims / sizeof victims[0])];
        char what[64];
        work(ANSWERS_BETWEEN + roll(ANSWERS_BETWEEN));
        (void)text_format(what, sizeof what, "kill -9 %s", victim);
        if (strcmp(victim, "redis") == 0) {
            rig_redis_signal(crowd.rig, SIGKILL);
            assert_true(note_in_flight(what) >= 64);
            rig_redis_start(crowd.rig);
        } else {
            (void)rig_signal(crowd.rig, victim, 0, SIGKILL);
            assert_true(note_in_flight(what) >= 64);
            rig_start_instance(crowd.rig, victim, 0, NULL, false);
        }
    }
    end();
}

/* The daemon dies by itself at the point; the crowd works on until it has. */
static void die_at(const char *service, enum crash_point point, int pass)
{
    char wish[64];
    char what[96];
    const int64_t until_ms = loop_boot_ms_now() + SETTLE_MS;
    (void)text_format(wish, sizeof wish, "%s:%d", crash_point_name(point), pass);
    (void)text_format(what, sizeof what, "%s dies at %s", service, wish);
    (void)rig_signal(crowd.rig, service, 0, SIGKILL);
    rig_start_instance(crowd.rig, service, 0, wish, false);
    while (!rig_has_ended(crowd.rig, service, 0)) {
        client_turn(crowd.client);
        if (loop_boot_ms_now() > until_ms)
            fail_msg("%s: it never came there", what);
    }
    assert_true(note_in_flight(what) >= 64);
    rig_start_instance(crowd.rig, service, 0, NULL, false);
    work(ANSWERS_BETWEEN);
}

static void kills_at_each_named_point_lose_nothing(void **unused)
{
    (void)unused;
    begin();
    work(ANSWERS_BETWEEN);
    for (int point = 0; point < CRASH_POINTS; point++) {
        if (point == CRASH_SENT || point == CRASH_COMMITTED || point == CRASH_MID_LOAD)
            die_at("reporting", (enum crash_point)point, 5);
        const int pass = point == CRASH_MID_LOAD ? 5 : 20;
        if (point != CRASH_ANSWERED_UNSETTLED) /* capacity asks nobody */
            die_at("capacity", (enum crash_point)point, pass);
        die_at("placements", (enum crash_point)point, pass);
    }
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kills_at_random_instants_lose_nothing),
        cmocka_unit_test(kills_at_each_named_point_lose_nothing),
    };
    cmocka_set_test_filter(getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
