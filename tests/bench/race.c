/* 64 brokers, each with a key and connections of their own, ask for the last place at the same moment; one has it, all others are
 * told that none is left, and it is given back before the next round. Once they hold places at capacity themselves, and once they
 * propose placements, whose holds two daemons settle between them. The limit is the bare echo of as many messages as brokers send
 * a round. RACE_ROUNDS is the number of rounds of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/text.h"
#include "tests/support/bench.h"
#include "tests/support/town.h"

enum {
    BROKERS = 64,
    ROUNDS = 300,
    ROUNDS_MAX = 1000000,
    HOLD_WEEKDAY = 1, /* each race has a session of its own */
    PROPOSAL_WEEKDAY = 2,
    ENDPOINT_SIZE = 512,
};

/* What has come of the round that runs. */
struct outcome {
    uint32_t round;
    uint32_t won;
    uint32_t lost;
    uint32_t released;
    struct id winner; /* its hold, or its placement */
};

static struct client *brokers[BROKERS];
static struct client *watcher;
static struct outcome outcome;
static uint64_t rounds = ROUNDS;

/* The number of a broker's person in a round, and so of the ids of what is asked for. */
static uint32_t number_of(uint32_t round, uint32_t broker)
{
    return round * BROKERS + broker;
}

/* --- turns ------------------------------------------------------------------------------------------------------------ */

static bool anybody_waits(void)
{
    bool waits = false;
    for (size_t at = 0; at < BROKERS; at++)
        if (client_waiting(brokers[at]) > 0) {
            client_poll(brokers[at]);
            waits = true;
        }
    return waits;
}

static void wait_answers(void)
{
    while (anybody_waits())
        continue;
}

static void on_accepted(void *context, const struct client_answer *answer)
{
    (void)context;
    if (strcmp(answer->type, "Accepted") != 0)
        fail_msg("round %u was answered %s", outcome.round, answer->type);
}

/* --- holding ---------------------------------------------------------------------------------------------------------- */

static void on_held(void *context, const struct client_answer *answer)
{
    const uint32_t number = (uint32_t)(uintptr_t)context;
    if (strcmp(answer->type, "Accepted") == 0) {
        outcome.won++;
        outcome.winner = town_id('h', number);
        return;
    }
    assert_string_equal(answer->type, "Refused");
    Dw__Refused *refused = dw__refused__unpack(NULL, answer->body.len, answer->body.bytes);
    assert_non_null(refused);
    assert_non_null(strstr(refused->code, "NO_PLACE_LEFT"));
    dw__refused__free_unpacked(refused, NULL);
    outcome.lost++;
}

static void hold_last(struct client *broker, uint32_t number)
{
    const struct id hold_id = town_id('h', number);
    const struct id person_id = town_id('n', number);
    const struct id service_id = town_id('s', 0);
    const struct id session_id = town_session(0, HOLD_WEEKDAY);
    ProtobufCBinaryData sessions[] = {id_to_data(&session_id)};
    Dw__Date from = DW__DATE__INIT;
    Dw__HoldPlaces hold = DW__HOLD_PLACES__INIT;
    from.days = TOWN_STARTS;
    hold.hold_id = id_to_data(&hold_id);
    hold.service_id = id_to_data(&service_id);
    hold.person_id = id_to_data(&person_id);
    hold.session_ids = sessions;
    hold.n_session_ids = 1;
    hold.from = &from;
    hold.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    (void)client_ask(broker, rig_authority, "capacity", &hold.base, NULL, RIG_WAIT_MS, on_held,
                     (void *)(uintptr_t)number);
}

static void release_hold(struct client *broker)
{
    Dw__ReleaseHold release = DW__RELEASE_HOLD__INIT;
    release.hold_id = id_to_data(&outcome.winner);
    (void)client_ask(broker, rig_authority, "capacity", &release.base, NULL, RIG_WAIT_MS,
                     on_accepted, NULL);
}

static void race_for_a_hold(uint32_t round)
{
    outcome = (struct outcome){.round = round};
    for (uint32_t at = 0; at < BROKERS; at++)
        hold_last(brokers[at], number_of(round, at));
    wait_answers();
    assert_int_equal(outcome.won, 1);
    assert_int_equal(outcome.lost, BROKERS - 1);
    release_hold(brokers[round % BROKERS]);
    wait_answers();
}

/* --- proposing -------------------------------------------------------------------------------------------------------- */

static void hear_placements(const Dw__Event *event)
{
    if (strcmp(event->type, "PlacementOffered") == 0) {
        outcome.won++; /* the placement id is the first field: tag, length, 16 bytes */
        memcpy(outcome.winner.bytes, event->body.data + 2, sizeof outcome.winner.bytes);
    } else if (strcmp(event->type, "PlacementLapsed") == 0) {
        Dw__PlacementLapsed *lapsed =
            dw__placement_lapsed__unpack(NULL, event->body.len, event->body.data);
        assert_non_null(lapsed);
        assert_int_equal(lapsed->reason, DW__LAPSE_REASON__LAPSE_REASON_NO_PLACE_LEFT);
        dw__placement_lapsed__free_unpacked(lapsed, NULL);
        outcome.lost++;
    }
}

static void hear_capacity(const Dw__Event *event)
{
    struct id hold = outcome.winner;
    hold.bytes[0] = 'q'; /* of the same number */
    if (strcmp(event->type, "HoldReleased") == 0)
        outcome.released += memcmp(hold.bytes, event->body.data + 2, sizeof hold.bytes) == 0;
}

/* What comes of a proposal is heard as everybody hears it: from the published batches. */
static void on_batch(void *context, const char *topic, const void *bytes, size_t len)
{
    (void)context;
    const bool of_placements = strstr(topic, "/placements") != NULL;
    Dw__Batch *batch = dw__batch__unpack(NULL, len, bytes);
    for (size_t d = 0; batch != NULL && d < batch->n_decisions; d++)
        for (size_t e = 0; e < batch->decisions[d]->n_events; e++) {
            const Dw__Event *event = batch->decisions[d]->events[e];
            if (of_placements)
                hear_placements(event);
            else
                hear_capacity(event);
        }
    if (batch != NULL)
        dw__batch__free_unpacked(batch, NULL);
}

static void race_for_a_placement(uint32_t round)
{
    outcome = (struct outcome){.round = round};
    for (uint32_t at = 0; at < BROKERS; at++) {
        const uint32_t number = number_of(round, at);
        const struct id placement = town_id('m', number);
        const struct id hold = town_id('q', number);
        (void)client_ask(brokers[at], rig_authority, "placements",
                         &town_proposal(&placement, &hold, number, 0, PROPOSAL_WEEKDAY)->base, NULL,
                         RIG_WAIT_MS, on_accepted, NULL);
    }
    wait_answers();
    while (outcome.won + outcome.lost < BROKERS)
        client_turn(watcher);
    assert_int_equal(outcome.won, 1);
    assert_int_equal(outcome.lost, BROKERS - 1);
    Dw__CancelPlacement cancel = DW__CANCEL_PLACEMENT__INIT;
    cancel.placement_id = id_to_data(&outcome.winner);
    cancel.reason = DW__CANCEL_REASON__CANCEL_REASON_PERSONS_CHOICE;
    (void)client_ask(brokers[round % BROKERS], rig_authority, "placements", &cancel.base, NULL,
                     RIG_WAIT_MS, on_accepted, NULL);
    wait_answers();
    while (outcome.released == 0)
        client_turn(watcher);
}

/* --- what is measured ------------------------------------------------------------------------------------------------- */

static void follow(struct rig *rig, const char *service)
{
    char endpoint[ENDPOINT_SIZE];
    (void)text_format(endpoint, sizeof endpoint, "ipc://%s/%s.events", rig_folder(rig), service);
    assert_int_equal(client_follow(watcher, service, endpoint), 0);
}

static void gather(struct rig *rig)
{
    for (unsigned at = 0; at < BROKERS; at++) {
        char name[32];
        (void)text_format(name, sizeof name, "racer-%u", at);
        assert_int_equal(key_pair_create(rig_keys(rig), name, role_from_text("broker"), "*", NULL),
                         0);
    }
    rig_start(rig, "capacity");
    rig_start(rig, "placements");
    for (unsigned at = 0; at < BROKERS; at++) {
        char name[32];
        (void)text_format(name, sizeof name, "racer-%u", at);
        brokers[at] = rig_client(rig, name);
    }
    watcher = rig_client(rig, "operator");
    town_build(watcher, 1, 1);
    follow(rig, "capacity");
    follow(rig, "placements");
    client_on_batch(watcher, on_batch, NULL);
    for (int turn = 0; turn < 50; turn++)
        client_turn(watcher); /* until the subscriptions have arrived */
}

static void measure(const char *name, void (*race)(uint32_t round))
{
    race(0); /* until all are connected */
    const int64_t begin_ns = bench_now_ns();
    for (uint32_t round = 1; round <= rounds; round++)
        race(round);
    const double seconds = (double)(bench_now_ns() - begin_ns) / 1e9;
    printf("  %llu rounds of %d brokers, one winner each, in %.1f s\n", (unsigned long long)rounds,
           BROKERS, seconds);
    bench_report(name, (double)rounds / seconds, "rounds/s",
                 bench_earlier("echo_rate") / (BROKERS + 1), "echo_rate a round");
}

int main(void)
{
    const char *wanted = getenv("RACE_ROUNDS");
    if (wanted != NULL)
        assert_int_equal(text_to_uint64(wanted, ROUNDS_MAX, &rounds), 0);
    struct rig *rig = rig_create("tests/data/model.json");
    gather(rig);
    measure("race_hold", race_for_a_hold);
    measure("race_proposal", race_for_a_placement);
    for (size_t at = 0; at < BROKERS; at++)
        client_destroy(&brokers[at]);
    client_destroy(&watcher);
    rig_destroy(&rig);
    return 0;
}
