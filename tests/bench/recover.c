/* A shard of 1,000,000 placements: from kill -9 of its daemon to the first answer of the next. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/bench.h"
#include "tests/support/bulk.h"
#include "tests/support/town.h"

enum { PLACEMENTS = 1000000, RUNS = 3 };

static const double LIMIT_SECONDS = 5;

static double answer_after_a_kill(struct rig *rig, struct client *client)
{
    const struct id placement = town_id('m', PLACEMENTS / 2);
    Dw__GetPlacement get = DW__GET_PLACEMENT__INIT;
    get.placement_id = id_to_data(&placement);
    const int64_t begin_ns = bench_now_ns();
    (void)rig_signal(rig, "placements", 0, SIGKILL);
    rig_start_instance(rig, "placements", 0, NULL, false);
    (void)rig_ask(client, "placements", &get.base, "Placement");
    return (double)(bench_now_ns() - begin_ns) / 1e9;
}

int main(void)
{
    struct rig *rig = rig_create("tests/data/model.json");
    struct direct direct;
    double worst = 0;
    direct_open(&direct, rig, "placements");
    bulk_placements(&direct, PLACEMENTS);
    direct_close(&direct);
    rig_start(rig, "placements");
    struct client *client = rig_client(rig, "broker");
    for (int run = 0; run < RUNS; run++) {
        const double seconds = answer_after_a_kill(rig, client);
        printf("  kill to first answer: %.2f s\n", seconds);
        worst = seconds > worst ? seconds : worst;
    }
    bench_report("recover", worst, "s", LIMIT_SECONDS, "wanted at most");
    client_destroy(&client);
    rig_destroy(&rig);
    return 0;
}
