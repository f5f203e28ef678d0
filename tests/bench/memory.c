/* What a live placement, an attendance month and a journal event take in a daemon's memory and in Redis: the difference between
 * many of them and none, by the number. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/text.h"
#include "tests/support/bench.h"
#include "tests/support/bulk.h"

enum { PLACEMENTS = 200000, REGISTERS = 20000, MONTHS = 12 };

static double redis_bytes(struct rig *rig, const char *service, const char *key)
{
    char command[160];
    (void)text_format(command, sizeof command, "MEMORY USAGE 'dw:{%s:%s}:%s' SAMPLES 1000",
                      rig_authority, service, key);
    return strtod(rig_redis(rig, command), NULL);
}

/* Resident bytes of the daemon with what is stored now. */
static double resident_bytes(struct rig *rig, const char *service)
{
    char body[4096] = "";
    rig_start(rig, service);
    while (strstr(body, "\"state\":\"live\"") == NULL) {
        rig_pause_ms(10);
        (void)rig_http(rig, service, 0, "/statusz", body, sizeof body);
    }
    const double bytes = (double)rig_resident_kib(rig, service, 0) * 1024;
    (void)rig_signal(rig, service, 0, SIGTERM);
    return bytes;
}

static void measure_placements(struct rig *rig)
{
    struct direct direct;
    const double before = resident_bytes(rig, "placements");
    direct_open(&direct, rig, "placements");
    bulk_placements(&direct, PLACEMENTS);
    direct_close(&direct);
    const double after = resident_bytes(rig, "placements");
    bench_report("memory_placement_daemon", (after - before) / PLACEMENTS, "bytes", 0, NULL);
    bench_report("memory_placement_redis", redis_bytes(rig, "placements", "live") / PLACEMENTS,
                 "bytes", 0, NULL);
    bench_report("memory_event_redis", redis_bytes(rig, "placements", "journal") / PLACEMENTS,
                 "bytes", 0, NULL);
}

static void measure_months(struct rig *rig)
{
    struct direct direct;
    const double count = (double)REGISTERS * MONTHS;
    const double before = resident_bytes(rig, "attendance");
    direct_open(&direct, rig, "attendance");
    bulk_months(&direct, REGISTERS, MONTHS);
    direct_close(&direct);
    const double after = resident_bytes(rig, "attendance");
    bench_report("memory_month_daemon", (after - before) / count, "bytes", 0, NULL);
    bench_report("memory_month_redis", redis_bytes(rig, "attendance", "live") / count, "bytes", 0,
                 NULL);
}

int main(void)
{
    struct rig *rig = rig_create("tests/data/model.json");
    measure_placements(rig);
    measure_months(rig);
    rig_destroy(&rig);
    return 0;
}
