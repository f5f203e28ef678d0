/* From the commit of a start to its being counted in the dashboard, while placements are made at 70 % of the rate that `place`
 * has reached. The n-th start acknowledged is visible when a dashboard shows n placements. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/text.h"
#include "reporting.pb-c.h"
#include "tests/support/bench.h"
#include "tests/support/town.h"

enum { SERVICES = 40, PLACES = 10000, STARTS_MAX = 200000, IN_FLIGHT_MAX = 512 };

static const int64_t RUN_NS = 5000000000;
static const double SHARE = 0.7;
static const double RATE_UNKNOWN = 4000; /* of placements, when `place` was not run before */
static const double WANTED_MS = 50;

static struct client *client;
static uint32_t proposed;
static size_t in_flight;
static int64_t started_ns[STARTS_MAX]; /* when the n-th was acknowledged */
static int64_t lag_ns[STARTS_MAX];
static size_t started;
static size_t visible;
static bool looking;

static void on_accepted(void *context, const struct client_answer *answer)
{
    (void)context;
    if (strcmp(answer->type, "Accepted") != 0)
        fail_msg("%s: %.*s", answer->type, (int)answer->body.len, (const char *)answer->body.bytes);
}

static void on_started(void *context, const struct client_answer *answer)
{
    on_accepted(context, answer);
    in_flight--;
    assert_true(started < STARTS_MAX);
    started_ns[started++] = bench_now_ns();
}

static void propose(void)
{
    const uint32_t number = proposed++;
    const struct id placement = town_id('m', number);
    const struct id hold = town_id('h', number);
    in_flight++;
    client_ask(client, rig_authority, "placements",
               &town_proposal(&placement, &hold, number, number % SERVICES,
                              1 + (int)(number / SERVICES % 5))
                    ->base,
               NULL, RIG_WAIT_MS, on_accepted, NULL);
}

static void go_on(const Dw__Event *event)
{
    Dw__AcceptOffer accept = DW__ACCEPT_OFFER__INIT;
    Dw__StartPlacement start = DW__START_PLACEMENT__INIT;
    Dw__Date date = DW__DATE__INIT;
    struct id placement; /* the first field of both events: tag, length, 16 bytes */
    memcpy(placement.bytes, event->body.data + 2, sizeof placement.bytes);
    date.days = TOWN_STARTS;
    if (strcmp(event->type, "PlacementOffered") == 0) {
        accept.placement_id = id_to_data(&placement);
        client_ask(client, rig_authority, "placements", &accept.base, NULL, RIG_WAIT_MS,
                   on_accepted, NULL);
    } else if (strcmp(event->type, "PlacementAccepted") == 0) {
        start.placement_id = id_to_data(&placement);
        start.date = &date;
        client_ask(client, rig_authority, "placements", &start.base, NULL, RIG_WAIT_MS, on_started,
                   NULL);
    }
}

static void on_batch(void *context, const char *topic, const void *bytes, size_t len)
{
    (void)context;
    if (strstr(topic, "/placements") == NULL)
        return;
    Dw__Batch *batch = dw__batch__unpack(NULL, len, bytes);
    for (size_t d = 0; batch != NULL && d < batch->n_decisions; d++)
        for (size_t e = 0; e < batch->decisions[d]->n_events; e++)
            go_on(batch->decisions[d]->events[e]);
    if (batch != NULL)
        dw__batch__free_unpacked(batch, NULL);
}

static void on_dashboard(void *context, const struct client_answer *answer)
{
    (void)context;
    Dw__DashboardShown *shown =
        dw__dashboard_shown__unpack(NULL, answer->body.len, answer->body.bytes);
    assert_non_null(shown);
    const int64_t now_ns = bench_now_ns();
    /* What was counted before its acknowledgement reached us was visible at once. */
    for (; visible < shown->all->placements && visible < started; visible++)
        lag_ns[visible] = now_ns - started_ns[visible];
    dw__dashboard_shown__free_unpacked(shown, NULL);
    looking = false;
}

static void look(void)
{
    Dw__Dashboard query = DW__DASHBOARD__INIT;
    looking = true;
    client_ask(client, rig_authority, "reporting", &query.base, NULL, RIG_WAIT_MS, on_dashboard,
               NULL);
}

static void run(double rate)
{
    const int64_t begin_ns = bench_now_ns();
    int64_t now_ns = begin_ns;
    while (now_ns - begin_ns < RUN_NS || in_flight > 0 || visible < started) {
        const double wanted =
            now_ns - begin_ns < RUN_NS ? (double)(now_ns - begin_ns) / 1e9 * rate : 0;
        while (proposed < wanted && in_flight < IN_FLIGHT_MAX)
            propose();
        if (!looking)
            look();
        client_turn(client);
        now_ns = bench_now_ns();
        assert_true(now_ns - begin_ns < 10 * RUN_NS);
    }
}

int main(void)
{
    char endpoint[512];
    struct rig *rig = rig_create("tests/data/model.json");
    for (size_t at = 0; rig_services[at] != NULL; at++)
        rig_start(rig, rig_services[at]);
    client = rig_client(rig, "operator");
    town_build(client, SERVICES, PLACES);
    (void)text_format(endpoint, sizeof endpoint, "ipc://%s/placements.events", rig_folder(rig));
    assert_int_equal(client_follow(client, "placements", endpoint), 0);
    client_on_batch(client, on_batch, NULL);
    for (int turn = 0; turn < 50; turn++)
        client_turn(client); /* until the subscription has arrived */
    const double reached = bench_earlier("placements");
    const double rate = SHARE * (reached > 0 ? reached : RATE_UNKNOWN);
    const int64_t begin_ns = bench_now_ns();
    run(rate);
    const double seconds = (double)(bench_now_ns() - begin_ns) / 1e9;
    printf("  %zu starts in %.1f s: %.0f a second, %.0f wanted\n", started, seconds,
           (double)started / seconds, rate);
    bench_report("lag_p50", (double)bench_percentile(lag_ns, started, 500) / 1e6, "ms", 0, NULL);
    bench_report("lag", (double)bench_percentile(lag_ns, started, 990) / 1e6, "ms", WANTED_MS,
                 "wanted at most");
    client_destroy(&client);
    rig_destroy(&rig);
    return 0;
}
