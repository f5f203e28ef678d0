/* The whole system with one council and nothing to do: processor time of all daemons and Redis over some seconds, and the
 * memory of all daemons together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/text.h"
#include "tests/support/bench.h"
#include "tests/support/town.h"

enum { SERVICES = 200, PLACES = 20, SETTLE_MS = 2000, LOOK_MS = 10000 };

static const double CPU_PERCENT_MAX = 1;
static const double MEMORY_MIB_MAX = 80;

static double processor_ms(struct rig *rig)
{
    double sum = (double)rig_processor_ms(rig, NULL, 0);
    for (size_t at = 0; rig_services[at] != NULL; at++)
        sum += (double)rig_processor_ms(rig, rig_services[at], 0);
    return sum;
}

int main(void)
{
    struct rig *rig = rig_create("tests/data/model.json");
    for (size_t at = 0; rig_services[at] != NULL; at++)
        rig_start(rig, rig_services[at]);
    struct client *client = rig_client(rig, "operator");
    town_build(client, SERVICES, PLACES);
    client_destroy(&client);
    rig_pause_ms(SETTLE_MS); /* what the town made has been folded by then */
    const double before_ms = processor_ms(rig);
    const int64_t begin_ns = bench_now_ns();
    rig_pause_ms(LOOK_MS);
    const double cpu_percent =
        (processor_ms(rig) - before_ms) * 1e8 / (double)(bench_now_ns() - begin_ns);
    double kib = 0;
    for (size_t at = 0; rig_services[at] != NULL; at++) {
        const double own = (double)rig_resident_kib(rig, rig_services[at], 0);
        printf("  %-12s %8.1f MiB\n", rig_services[at], own / 1024);
        kib += own;
    }
    bench_report("idle_cpu", cpu_percent, "% of a core", CPU_PERCENT_MAX, "wanted at most");
    bench_report("idle_memory", kib / 1024, "MiB", MEMORY_MIB_MAX, "wanted at most");
    rig_destroy(&rig);
    return 0;
}
