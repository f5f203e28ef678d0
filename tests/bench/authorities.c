/* 150 authorities the size of Nottinghamshire in one set of daemons and one Redis: from the start of the programs until each of
 * them is ready, with all data in Redis already, against bare reading of the same records; and a search, each in another
 * authority, against a search where there is one authority only. BENCH_AUTHORITIES is another number of them.
 *
 * One authority gets Nottinghamshire's demonstration through the bus. Redis copies its keys under the names of the others, which
 * all have its digest key: state, cursors and heads are theirs, as if they had come to be alike. Their batches tell the first
 * one's name, so nobody could fold these journals, and here nobody does. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/store_redis.h"
#include "common/text.h"
#include "tests/support/bench.h"
#include "tests/support/council.h"
#include "tests/support/rig.h"

enum {
    AUTHORITIES = 150,
    AUTHORITIES_MAX = 1000,
    STARTS = 3,
    ROUNDS = 3000,
    WARM = 300,
    IDLE_MS = 2000,
    PATH_SIZE = 512,
    COPIED_AT_ONCE = 10, /* so that Redis answers others meanwhile */
};

static const double START_SECONDS_MAX = 5;
static const double LOOKUP_RATIO_MAX = 1.5;
static const char model[] = "deploy/authorities/nottinghamshire.json";

static uint64_t seed = 2026;
static size_t authorities;
static uint64_t found;

/* Number 0 is the one that others are copies of. */
static const char *name_of(size_t number)
{
    static char name[32];
    (void)text_format(name, sizeof name, "council-%03zu", number);
    return number == 0 ? rig_authority : name;
}

/* --- the data ------------------------------------------------------------------------------------------------------- */

static void start_all(struct rig *rig)
{
    for (size_t at = 0; rig_services[at] != NULL; at++)
        rig_start_instance(rig, rig_services[at], 0, NULL, false);
    for (size_t at = 0; rig_services[at] != NULL; at++)
        rig_wait_ready(rig, rig_services[at], 0);
}

static void stop_all(struct rig *rig)
{
    for (size_t at = 0; rig_services[at] != NULL; at++)
        assert_int_equal(rig_signal(rig, rig_services[at], 0, SIGTERM), 0);
}

/* Nothing is on its way from one service to another. */
static bool is_settled(struct rig *rig)
{
    char body[8192];
    for (size_t at = 0; rig_services[at] != NULL; at++) {
        assert_int_equal(rig_http(rig, rig_services[at], 0, "/statusz", body, sizeof body), 200);
        if (strstr(body, "\"outbox\":0,") == NULL || strstr(body, "\"lagEvents\":0,") == NULL)
            return false;
    }
    return true;
}

static void load_first(struct rig *rig)
{
    char line[PATH_SIZE * 3];
    start_all(rig);
    (void)text_format(line, sizeof line,
                      "%s/dayways --config %s/dayways.conf demo load --file "
                      "deploy/demonstrations/nottinghamshire.json",
                      getenv("DAYWAYS_BIN"), rig_folder(rig));
    assert_int_equal(system(line), 0);
    for (int quiet = 0; quiet < 3; quiet = is_settled(rig) ? quiet + 1 : 0)
        rig_pause_ms(200);
    stop_all(rig);
}

/* All keys of the first authority but its leases, under the names from one number to another. */
static void copy(struct rig *rig, const char *script, size_t from, size_t to)
{
    char command[PATH_SIZE * 2];
    (void)text_format(command, sizeof command, "--eval %s , %s %zu %zu", script, rig_authority,
                      from, to);
    assert_string_equal(rig_redis(rig, command), "OK\n");
}

/* So much has been written that Redis writes its file anew; that is no part of a start. */
static void wait_rewritten(struct rig *rig)
{
    const char *info;
    do {
        rig_pause_ms(200);
        info = rig_redis(rig, "INFO persistence");
    } while (strstr(info, "aof_rewrite_in_progress:0") == NULL ||
             strstr(info, "aof_rewrite_scheduled:0") == NULL);
}

static void copy_to_others(struct rig *rig)
{
    static const char script[] =
        "local head = 'dw:{' .. ARGV[1] .. ':'\n"
        "for _, key in ipairs(redis.call('KEYS', head .. '*')) do\n"
        "  if not key:find(':owner$') then\n"
        "    local dump = redis.call('DUMP', key)\n"
        "    local left_ms = math.max(redis.call('PTTL', key), 0)\n"
        "    for number = tonumber(ARGV[2]), tonumber(ARGV[3]) do\n"
        "      local name = string.format('dw:{council-%03d:', number)\n"
        "      redis.call('RESTORE', name .. key:sub(#head + 1), left_ms, dump)\n"
        "    end\n"
        "  end\n"
        "end\n"
        "return redis.status_reply('OK')\n";
    char path[PATH_SIZE];
    const int64_t begin_ns = bench_now_ns();
    (void)text_format(path, sizeof path, "%s/copy.lua", rig_folder(rig));
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(script, file);
    fclose(file);
    for (size_t from = 1; from < authorities; from += COPIED_AT_ONCE) {
        const size_t last = from + COPIED_AT_ONCE - 1;
        copy(rig, path, from, last < authorities ? last : authorities - 1);
    }
    wait_rewritten(rig);
    printf("  copied in %.1f s\n", (double)(bench_now_ns() - begin_ns) / 1e9);
}

/* The daemons serve so many from their next start on. */
static void configure(struct rig *rig, size_t count)
{
    static long first_len; /* of the configuration as the rig has made it */
    char path[PATH_SIZE];
    (void)text_format(path, sizeof path, "%s/dayways.conf", rig_folder(rig));
    FILE *file = fopen(path, "ae");
    assert_non_null(file);
    if (first_len == 0)
        first_len = ftell(file);
    assert_int_equal(ftruncate(fileno(file), first_len), 0);
    for (size_t number = 1; number < count; number++)
        fprintf(file,
                "[authority %s]\nmodel=%s\nredis=%s/redis.sock\n"
                "digest_key=%s/digest\n",
                name_of(number), model, rig_folder(rig), rig_folder(rig));
    fclose(file);
}

/* --- bare reading ----------------------------------------------------------------------------------------------------- */

static size_t loads_left;
static uint64_t rows;
static bool store_is_ready;

static void on_ready(void *context)
{
    (void)context;
    store_is_ready = true;
}

static void on_away(void *context)
{
    (void)context;
}

static void on_unfit(void *context, const char *setting)
{
    (void)context;
    fail_msg("%s", setting);
}

static void on_row(void *context, uint64_t ticket, struct packed field, struct packed value)
{
    (void)context, (void)ticket, (void)field, (void)value;
    rows++;
}

static void on_loaded(void *context, uint64_t ticket, enum store_result result)
{
    (void)context, (void)ticket;
    assert_int_equal(result, STORE_OK);
    loads_left--;
}

/* Seconds in which one process reads the live records of all, doing nothing with them. */
static double read_bare(struct rig *rig)
{
    static struct store *stores[AUTHORITIES_MAX];
    char path[PATH_SIZE];
    const struct redis_store_handlers handlers = {NULL, on_ready, on_away, on_unfit};
    struct loop *loop = loop_create();
    (void)text_format(path, sizeof path, "%s/redis.sock", rig_folder(rig));
    store_is_ready = false;
    struct redis_store *redis_store = redis_store_create(loop, path, "", &handlers);
    while (!store_is_ready)
        loop_turn(loop);
    const int64_t begin_ns = bench_now_ns();
    rows = 0;
    for (size_t at = 0; rig_services[at] != NULL; at++) {
        for (size_t number = 0; number < authorities; number++) {
            stores[number] = redis_store_shard(redis_store, name_of(number), rig_services[at]);
            loads_left++;
            stores[number]->operations->load(stores[number], STORE_LIVE, 0, on_row, on_loaded, NULL,
                                             0);
        }
        while (loads_left > 0)
            loop_turn(loop);
        for (size_t number = 0; number < authorities; number++)
            redis_store_shard_destroy(&stores[number]);
    }
    const double seconds = (double)(bench_now_ns() - begin_ns) / 1e9;
    redis_store_destroy(&redis_store);
    loop_destroy(&loop);
    return seconds;
}

/* --- searches --------------------------------------------------------------------------------------------------------- */

static void on_found(void *context, const struct client_answer *answer)
{
    (void)context;
    assert_string_equal(answer->type, "CapacityFound");
    Dw__CapacityFound *told =
        dw__capacity_found__unpack(NULL, answer->body.len, answer->body.bytes);
    assert_non_null(told);
    found += told->n_services;
    dw__capacity_found__free_unpacked(told, NULL);
}

/* A home in the county, in a week's time. */
static void search_one(struct client *client, size_t below)
{
    struct naive_search search;
    council_search(&seed, &search);
    search.from = (int)(time(NULL) / 86400) + 7;
    search.latitude = 52900000 + (int)bench_roll(&seed, 450000);
    search.longitude = -1250000 + (int)bench_roll(&seed, 450000);
    search.level = 0;
    (void)client_ask(client, name_of(bench_roll(&seed, (uint32_t)below)), "capacity",
                     &naive_message(&search)->base, NULL, RIG_WAIT_MS, on_found, NULL);
    while (client_waiting(client) > 0)
        client_turn(client);
}

/* The median in microseconds, in so many authorities. */
static double measure_lookup(struct rig *rig, size_t below)
{
    static int64_t rounds[ROUNDS];
    struct client *client = rig_client(rig, "broker");
    found = 0;
    for (int at = -WARM; at < ROUNDS; at++) {
        const int64_t begin_ns = bench_now_ns();
        search_one(client, below);
        if (at >= 0)
            rounds[at] = bench_now_ns() - begin_ns;
    }
    assert_true(found > ROUNDS);
    client_destroy(&client);
    return (double)bench_percentile(rounds, ROUNDS, 500) / 1000;
}

/* --- what is measured ------------------------------------------------------------------------------------------------- */

static double start_and_time(struct rig *rig)
{
    const int64_t begin_ns = bench_now_ns();
    start_all(rig);
    return (double)(bench_now_ns() - begin_ns) / 1e9;
}

/* Of Redis and all daemons together. */
static double processor_ms(struct rig *rig)
{
    double sum = (double)rig_processor_ms(rig, NULL, 0);
    for (size_t at = 0; rig_services[at] != NULL; at++)
        sum += (double)rig_processor_ms(rig, rig_services[at], 0);
    return sum;
}

/* Percent of a processor that all take while nobody asks anything. */
static double measure_idle(struct rig *rig)
{
    const double before_ms = processor_ms(rig);
    const int64_t begin_ns = bench_now_ns();
    rig_pause_ms(IDLE_MS);
    return (processor_ms(rig) - before_ms) * 1e8 / (double)(bench_now_ns() - begin_ns);
}

static double median_of(const double values[STARTS])
{
    int64_t millionths[STARTS];
    for (size_t at = 0; at < STARTS; at++)
        millionths[at] = (int64_t)(values[at] * 1e6);
    return (double)bench_percentile(millionths, STARTS, 500) / 1e6;
}

int main(void)
{
    const char *wanted = getenv("BENCH_AUTHORITIES");
    uint64_t number = AUTHORITIES;
    double starts[STARTS], bare[STARTS], cores[STARTS];
    double start_ratios[STARTS], lookup_ratios[STARTS];
    double idle = 0;
    if (wanted != NULL)
        assert_int_equal(text_to_uint64(wanted, AUTHORITIES_MAX, &number), 0);
    authorities = number;
    struct rig *rig = rig_create(model);
    load_first(rig);
    copy_to_others(rig);
    for (size_t run = 0; run < STARTS;
         run++) { /* one right before all, so that both have the same weather */
        configure(rig, 1);
        const double one_seconds = start_and_time(rig);
        const double alone_us = measure_lookup(rig, 1);
        stop_all(rig);
        configure(rig, authorities);
        bare[run] = read_bare(rig);
        const double redis_ms = (double)rig_processor_ms(rig, NULL, 0);
        starts[run] = start_and_time(rig);
        cores[run] = (processor_ms(rig) - redis_ms) / 1e3;
        const double same_us = measure_lookup(rig, 1);
        const double among_us = measure_lookup(rig, authorities);
        if (run == 0)
            idle = measure_idle(rig);
        stop_all(rig);
        start_ratios[run] = starts[run] / bare[run];
        lookup_ratios[run] = among_us / alone_us;
        printf("  one: ready in %.2f s, a search %.0f us; %zu with %llu records: read in %.2f s, "
               "ready in %.2f s (%.1f s of a core), a search %.0f us, in the same one %.0f us\n",
               one_seconds, alone_us, authorities, (unsigned long long)rows, bare[run], starts[run],
               cores[run], among_us, same_us);
    }
    bench_report("authorities_start", median_of(starts), "s", START_SECONDS_MAX, "wanted at most");
    bench_report("authorities_start_core", median_of(cores), "s of a core",
                 START_SECONDS_MAX * (double)sysconf(_SC_NPROCESSORS_ONLN), "5 s of all cores");
    bench_report("authorities_start_read", median_of(start_ratios), "times bare reading", 0, NULL);
    bench_report("authorities_lookup_p50", median_of(lookup_ratios), "times one alone",
                 LOOKUP_RATIO_MAX, "wanted at most");
    bench_report("authorities_idle", idle, "% of a core", 0, NULL);
    rig_destroy(&rig);
    return 0;
}
