/* Placements a second: propose → held → offered → accepted by the provider → confirmed, real daemons, CURVE, fsync always, all
 * followers running. Changes are the events in the journals of placements and capacity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/text.h"
#include "tests/support/bench.h"
#include "tests/support/town.h"

enum { SERVICES = 40, PLACES = 10000, ACTORS_MAX = 256, PROCESSES_MAX = 10 };

static const int64_t RUN_NS = 3000000000;

struct actor {
    struct id placement;
    struct id hold;
    bool accepting;
};

static struct client *client;
static struct actor actors[ACTORS_MAX];
static uint32_t next_number;
static uint64_t confirmed;
static size_t active;
static bool stopping;
static double best_core_us;
static struct table *by_placement; /* id -> struct actor * */

static void on_answer(void *context, const struct client_answer *answer)
{
    (void)context;
    if (strcmp(answer->type, "Accepted") != 0) {
        Dw__Refused *refused = dw__refused__unpack(NULL, answer->body.len, answer->body.bytes);
        fail_msg("%s: %s", answer->type, refused == NULL ? "" : refused->sentence);
    }
}

static void propose(struct actor *actor)
{
    const uint32_t number = next_number++;
    if (stopping) {
        active--;
        return;
    }
    actor->placement = town_id('m', number);
    actor->hold = town_id('h', number);
    struct actor **slot = table_put(by_placement, &actor->placement, NULL);
    *slot = actor;
    client_ask(client, rig_authority, "placements",
               &town_proposal(&actor->placement, &actor->hold, number, number % SERVICES,
                              1 + (int)(number / SERVICES % 5))
                    ->base,
               NULL, RIG_WAIT_MS, on_answer, actor);
}

static void accept_offer(struct actor *actor)
{
    Dw__AcceptOffer accept = DW__ACCEPT_OFFER__INIT;
    accept.placement_id = id_to_data(&actor->placement);
    client_ask(client, rig_authority, "placements", &accept.base, NULL, RIG_WAIT_MS, on_answer,
               actor);
}

/* The brokers hear of what happens as everybody does: from the published batches. */
static void on_batch(void *context, const char *topic, const void *bytes, size_t len)
{
    (void)context;
    if (strstr(topic, "/placements") == NULL)
        return;
    Dw__Batch *batch = dw__batch__unpack(NULL, len, bytes);
    for (size_t d = 0; batch != NULL && d < batch->n_decisions; d++)
        for (size_t e = 0; e < batch->decisions[d]->n_events; e++) {
            const Dw__Event *event = batch->decisions[d]->events[e];
            const bool offered = strcmp(event->type, "PlacementOffered") == 0;
            if (!offered && strcmp(event->type, "PlacementAccepted") != 0)
                continue;
            struct id id; /* the placement id is the first field of both: tag, length, 16 bytes */
            memcpy(id.bytes, event->body.data + 2, sizeof id.bytes);
            struct actor **slot = table_get(by_placement, &id);
            if (slot == NULL)
                continue;
            struct actor *actor = *slot;
            if (offered) {
                accept_offer(actor);
            } else {
                confirmed++;
                table_remove(by_placement, &id);
                propose(actor);
            }
        }
    if (batch != NULL)
        dw__batch__free_unpacked(batch, NULL);
}

static uint64_t head_of(struct rig *rig, const char *service)
{
    char command[128];
    (void)text_format(command, sizeof command, "HGET 'dw:{%s:%s}:head' seq", rig_authority,
                      service);
    return strtoull(rig_redis(rig, command), NULL, 10);
}

/* Processor time of everybody, in the order of rig_services, then Redis, then ourselves. */
static size_t read_processors(struct rig *rig, double *ret_ms)
{
    size_t count = 0;
    struct rusage own;
    for (; rig_services[count] != NULL; count++)
        ret_ms[count] = (double)rig_processor_ms(rig, rig_services[count], 0);
    ret_ms[count++] = (double)rig_processor_ms(rig, NULL, 0);
    getrusage(RUSAGE_SELF, &own);
    ret_ms[count++] = (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) * 1e3 +
                      (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e3;
    return count;
}

/* Where the time goes, in microseconds of a processor a placement. */
static double print_processors(const double *before, const double *after, size_t count,
                               uint64_t placements)
{
    double sum = 0;
    printf("      us of a core each:");
    for (size_t at = 0; at < count; at++) {
        const double each = (after[at] - before[at]) * 1e3 / (double)placements;
        printf(" %s %.0f",
               at + 2 < count    ? rig_services[at]
               : at + 2 == count ? "redis"
                                 : "brokers",
               each);
        sum += each;
    }
    printf(", in all %.0f\n", sum);
    return sum;
}

static void run(struct rig *rig, size_t in_flight, double *best_changes, double *best_placements)
{
    stopping = false;
    confirmed = 0;
    active = in_flight;
    double before_ms[PROCESSES_MAX];
    double after_ms[PROCESSES_MAX];
    (void)read_processors(rig, before_ms);
    const uint64_t before = head_of(rig, "placements") + head_of(rig, "capacity");
    const int64_t begin_ns = bench_now_ns();
    for (size_t at = 0; at < in_flight; at++)
        propose(&actors[at]);
    while (bench_now_ns() - begin_ns < RUN_NS)
        client_turn(client);
    const double seconds = (double)(bench_now_ns() - begin_ns) / 1e9;
    const double placements = (double)confirmed / seconds;
    const double changes =
        (double)(head_of(rig, "placements") + head_of(rig, "capacity") - before) / seconds;
    printf("  %3zu in flight: %8.0f placements/s, %8.0f changes/s\n", in_flight, placements,
           changes);
    const size_t count = read_processors(rig, after_ms);
    const double each_us = print_processors(before_ms, after_ms, count, confirmed);
    if (placements > *best_placements)
        best_core_us = each_us;
    *best_changes = changes > *best_changes ? changes : *best_changes;
    *best_placements = placements > *best_placements ? placements : *best_placements;
    stopping = true;
    while (active > 0)
        client_turn(client);
}

int main(void)
{
    double changes = 0;
    double placements = 0;
    char endpoint[512];
    char binary[512];
    struct rig *rig = rig_create("tests/data/model.json");
    by_placement = table_create(sizeof(struct id), sizeof(struct actor *));
    rig_start(rig, "capacity");
    rig_start(rig, "placements");
    for (size_t at = 2; rig_services[at] != NULL; at++) {
        (void)text_format(binary, sizeof binary, "%s/dayways-%s", getenv("DAYWAYS_BIN"),
                          rig_services[at]);
        if (access(binary, X_OK) == 0)
            rig_start(rig, rig_services[at]);
    }
    client = rig_client(rig, "operator");
    town_build(client, SERVICES, PLACES);
    (void)text_format(endpoint, sizeof endpoint, "ipc://%s/placements.events", rig_folder(rig));
    assert_int_equal(client_follow(client, "placements", endpoint), 0);
    client_on_batch(client, on_batch, NULL);
    for (int turn = 0; turn < 50; turn++)
        client_turn(client); /* until the subscription has arrived */
    for (size_t in_flight = 16; in_flight <= ACTORS_MAX; in_flight *= 2)
        run(rig, in_flight, &changes, &placements);
    bench_report("place", changes, "changes/s", bench_earlier("commit"), "commit");
    bench_report("placements", placements, "placements/s", 0, NULL);
    bench_report("place_core", best_core_us, "us of a core", 0, NULL);
    table_destroy(&by_placement);
    client_destroy(&client);
    rig_destroy(&rig);
    return 0;
}
