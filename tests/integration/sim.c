/* The simulator's runs: fixed seeds and fresh ones find nothing, the same seed is the same run, and what it once found is
 * found no more. make sim SEED=n STEPS=n looks closer. */
#include "tests/sim/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "capacity.pb-c.h"
#include "common/shard_internal.h"
#include "common/text.h"
#include "referrals.pb-c.h"
#include "tests/support/somebody.h"

enum {
    STEPS = 200000,
    SHORT_STEPS = 60000,
    FIXED_SEEDS = 20,
    FRESH_SEEDS = 3,
    WAIT_STEPS = 400000,
    MINUTE_MS = 60 * 1000,
};
static const int64_t A_DAY_MS = 24 * 60 * 60 * 1000;

/* Daemons that are killed and cut off have much to say. */
static int hush(void)
{
    (void)fflush(stderr);
    const int kept = dup(STDERR_FILENO);
    FILE *nothing = fopen("/dev/null", "we");
    assert_non_null(nothing);
    (void)dup2(fileno(nothing), STDERR_FILENO);
    (void)fclose(nothing);
    return kept;
}

static void speak(int kept)
{
    (void)dup2(kept, STDERR_FILENO);
    (void)close(kept);
}

static uint64_t run(uint64_t seed, uint64_t steps)
{
    const struct sim_settings settings = {
        .seed = seed, .steps = steps, .faults = SIM_FAULTS_ALL, .quiet = true};
    struct sim_outcome outcome;
    const int kept = hush();
    const bool good = sim_run(&settings, &outcome);
    speak(kept);
    if (!good)
        fail_msg("make sim SEED=%llu STEPS=%llu", (unsigned long long)seed,
                 (unsigned long long)steps);
    return outcome.hash;
}

static void fixed_seeds_find_nothing(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= FIXED_SEEDS; seed++)
        (void)run(seed, STEPS);
}

static void fresh_seeds_find_nothing(void **unused)
{
    (void)unused;
    for (int at = 0; at < FRESH_SEEDS; at++) {
        const uint64_t seed = randombytes_uniform(1000000000);
        print_message("  seed %llu\n", (unsigned long long)seed);
        (void)run(seed, STEPS);
    }
}

static void the_same_seed_is_the_same_run(void **unused)
{
    (void)unused;
    for (uint64_t seed = 7; seed < 10; seed++) {
        const uint64_t hash = run(seed, SHORT_STEPS);
        assert_true(hash == run(seed, SHORT_STEPS));
        assert_true(hash != run(seed + 1000, SHORT_STEPS));
    }
}

/* --- what it found ----------------------------------------------------------------------------------------------------- */

static void step_until_final(struct sim *sim, uint32_t request)
{
    for (int step = 0; step < WAIT_STEPS && !sim->failed; step++) {
        if (request_at(sim, request)->final != FINAL_NONE)
            return;
        sim_step(sim);
    }
    sim_fail(sim, "it was never answered");
}

static struct sim_daemon *owner_of(struct sim *sim, enum sim_service service)
{
    for (unsigned at = 0; at < SIM_INSTANCES; at++) {
        struct sim_daemon *daemon = &sim->daemons[service * SIM_INSTANCES + at];
        struct shard_status status = {.state = SHARD_STANDBY};
        if (daemon->shard != NULL)
            shard_status(daemon->shard, &status);
        if (status.state == SHARD_LIVE)
            return daemon;
    }
    return NULL;
}

/* Lets it come to an owner of capacity. */
static struct sim_daemon *wait_owner(struct sim *sim)
{
    for (int step = 0; step < WAIT_STEPS && owner_of(sim, SIM_CAPACITY) == NULL; step++)
        sim_step(sim);
    return owner_of(sim, SIM_CAPACITY);
}

static uint32_t register_provider(struct sim *sim)
{
    const struct id provider_id = {{0x77}};
    Dw__Provider provider = DW__PROVIDER__INIT;
    Dw__RegisterProvider command = DW__REGISTER_PROVIDER__INIT;
    const struct sim_wish wish = {SIM_CAPACITY, &command.base, true, DW__ROLE__ROLE_COMMISSIONER,
                                  SIM_ACTORS};
    provider.provider_id = id_to_data(&provider_id);
    provider.reference = provider.name = (char *)(uintptr_t) "MIDNIGHT";
    provider.kind = DW__PROVIDER_KIND__PROVIDER_KIND_COMPANY;
    command.provider = &provider;
    return client_send(sim, &wish);
}

/* A command answered right after midnight UTC; the clock is put back over midnight and the daemon starts anew; the command
 * comes again and gets the same answer. A recovery once read no replies of days yet to come, and did it again. */
static void a_clock_put_back_over_midnight_forgets_no_reply(void **unused)
{
    (void)unused;
    const struct sim_settings settings = {.seed = 1, .steps = STEPS};
    const int kept = hush();
    struct sim *sim = sim_create(&settings);
    struct sim_daemon *owner = wait_owner(sim);
    if (owner == NULL)
        sim_fail(sim, "capacity has no owner");
    sim->wall_offset_ms += A_DAY_MS - sim_now(sim).wall_ms % A_DAY_MS + 1000;
    const uint32_t first = register_provider(sim);
    step_until_final(sim, first);
    if (request_at(sim, first)->final != FINAL_ACCEPTED)
        sim_fail(sim, "the first was not accepted");
    sim->wall_offset_ms -= MINUTE_MS;
    daemon_kill(owner);
    if (wait_owner(sim) == NULL)
        sim_fail(sim, "capacity has no owner again");
    client_repeat(sim, first, 0);
    step_until_final(sim, (uint32_t)(sim->requests.len / sizeof(struct sim_request *)) - 1);
    speak(kept);
    if (sim->failed)
        fail_msg("%s", sim->why);
    sim_destroy(sim);
}

static void load_row(struct shard *shard, const char *field, uint8_t number)
{
    const struct id id = {{number}};
    Dw__Principal principal = DW__PRINCIPAL__INIT;
    Dw__OutboxRow row = DW__OUTBOX_ROW__INIT;
    struct buffer value = {0};
    principal.role = DW__ROLE__ROLE_BROKER;
    row.id = row.about_id = id_to_data(&id);
    row.service = (char *)(uintptr_t) "capacity";
    row.type = (char *)(uintptr_t) "ReleaseHold";
    row.principal = &principal;
    buffer_pack(&value, &row.base);
    assert_int_equal(outbox_load(shard, (struct packed){(const uint8_t *)field, strlen(field)},
                                 (struct packed){value.bytes, value.len}),
                     0);
    buffer_free(&value);
}

/* The row behind one that came twice was once compared with freed memory; check-asan sees it. */
static void a_row_that_a_scan_gives_twice_is_taken_once(void **unused)
{
    (void)unused;
    const struct sim_settings settings = {.seed = 1, .steps = STEPS};
    struct sim *sim = sim_create(&settings);
    struct shard *shard = sim->daemons[SIM_PLACEMENTS * SIM_INSTANCES].shard;
    load_row(shard, "7-0", 1);
    load_row(shard, "7-1", 2);
    load_row(shard, "7-0", 1);
    load_row(shard, "7-0", 1);
    load_row(shard, "8-0", 3);
    outbox_loaded(shard);
    assert_int_equal(table_count(shard->outbox_by_id), 3);
    sim_destroy(sim);
}

static uint32_t send_to_referrals(struct sim *sim, const ProtobufCMessage *message, bool is_command)
{
    const struct sim_wish wish = {SIM_REFERRALS, message, is_command, DW__ROLE__ROLE_BROKER,
                                  SIM_ACTORS};
    return client_send(sim, &wish);
}

static void create_and_read(struct sim *sim, uint8_t number)
{
    const struct id referral_id = {{0x78, number}};
    const struct id person_id = {{0x79}};
    Dw__Date from = DW__DATE__INIT;
    Dw__LineSession session = DW__LINE_SESSION__INIT;
    Dw__LineSession *sessions[] = {&session};
    Dw__ReferralLine line = DW__REFERRAL_LINE__INIT;
    Dw__ReferralLine *lines[] = {&line};
    Dw__CreateReferral create = DW__CREATE_REFERRAL__INIT;
    Dw__GetReferral get = DW__GET_REFERRAL__INIT;
    session.weekday = 1;
    session.part = DW__LINE_PART__LINE_PART_MORNING;
    line.kind = DW__LINE_KIND__LINE_KIND_COMMUNITY_GROUP;
    line.level = 2;
    line.n_sessions = 1;
    line.sessions = sessions;
    line.from = &from;
    line.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    create.referral_id = get.referral_id = id_to_data(&referral_id);
    create.person_id = id_to_data(&person_id);
    create.urgency = DW__URGENCY__URGENCY_ROUTINE;
    create.n_lines = 1;
    create.lines = lines;
    create.notes = (char *)(uintptr_t) "likes gardens"; /* the checker looks for it */
    (void)send_to_referrals(sim, &create.base, true);
    for (int times = 0; times < 3; times++)
        step_until_final(sim, send_to_referrals(sim, &get.base, false));
}

static void record_somebody(struct sim *sim)
{
    const struct id person_id = {{0x79}};
    step_until_final(sim, send_to_referrals(sim, &somebody(&person_id, "LAS-1")->base, true));
}

/* Who asks for a referral while it is being written gets it whole or not at all. Its notes were once read from the store
 * before they had come there, and it was shown without. */
static void a_query_finds_notes_that_are_not_on_disk_yet(void **unused)
{
    (void)unused;
    const struct sim_settings settings = {.seed = 1, .steps = STEPS};
    const int kept = hush();
    struct sim *sim = sim_create(&settings);
    record_somebody(sim);
    for (uint8_t number = 1; number < 100 && !sim->failed; number++)
        create_and_read(sim, number);
    speak(kept);
    if (sim->failed)
        fail_msg("%s", sim->why);
    sim_destroy(sim);
}

/* A daemon that has slept since its commit was answered says nothing of it before it has its lease again. */
static void nothing_is_released_without_a_lease(void **unused)
{
    (void)unused;
    const struct sim_settings settings = {.seed = 1, .steps = STEPS};
    const int kept = hush();
    struct sim *sim = sim_create(&settings);
    struct sim_daemon *owner = wait_owner(sim);
    const uint32_t request = register_provider(sim);
    struct shard *shard = owner->shard;
    int held = 0;
    for (int step = 0; step < WAIT_STEPS && (shard->flight_count == 0 || !shard->flight[0]->done);
         step++)
        sim_step(sim);
    shard->lease_until_boot_ms = 0;
    for (; !shard_lease_is_valid(shard) && shard->flight_count > 0; held++)
        sim_step(sim);
    if (held < 2 || !shard_lease_is_valid(shard) || shard->flight_count == 0)
        sim_fail(sim, "it was released after %d steps without a lease", held);
    step_until_final(sim, request);
    speak(kept);
    if (sim->failed)
        fail_msg("%s", sim->why);
    sim_destroy(sim);
}

static uint64_t count_type(const struct sim *sim, const char *name)
{
    char key[CHECK_TYPE_SIZE] = "";
    (void)text_format(key, sizeof key, "%s", name);
    const uint64_t *count = table_get(sim->checker->types, key);
    return count == NULL ? 0 : *count;
}

static size_t count_held(const struct sim *sim)
{
    size_t count = 0;
    const void *key;
    void *value;
    for (size_t at = 0; table_next(sim->checker->holds, &at, &key, &value);)
        count += ((const struct check_hold *)value)->state == DW__BOOKING_STATE__BOOKING_STATE_HELD;
    return count;
}

static void step_for_ms(struct sim *sim, int64_t ms)
{
    const int64_t until_us = sim->now_us + ms * 1000;
    while (!sim->failed && sim->now_us < until_us)
        sim_step(sim);
}

/* Holds of an hour, and a clock that jumps by a day: for a minute it is not believed, then they lapse. */
static void a_clock_that_jumps_is_not_believed_for_a_minute(void **unused)
{
    /* Some of them are confirmed or given up while the rest of it comes to an end. */
    enum { HELD = 8 };
    (void)unused;
    const struct sim_settings settings = {.seed = 1, .steps = STEPS};
    const int kept = hush();
    struct sim *sim = sim_create(&settings);
    for (int step = 0; step < WAIT_STEPS && count_held(sim) < HELD; step++)
        sim_step(sim);
    sim->calm = true; /* nobody begins anything new */
    step_for_ms(sim, 5000);
    if (count_held(sim) == 0)
        sim_fail(sim, "nothing is held that could lapse");
    sim->wall_max_ms = sim_now(sim).wall_ms;
    sim->wall_offset_ms += A_DAY_MS;
    step_for_ms(sim, MINUTE_MS - 5000);
    if (count_type(sim, "HoldExpired") != 0)
        sim_fail(sim, "a hold lapsed at once");
    step_for_ms(sim, 10000);
    if (count_type(sim, "HoldExpired") == 0)
        sim_fail(sim, "no hold lapsed after a minute");
    speak(kept);
    if (sim->failed)
        fail_msg("%s", sim->why);
    sim_destroy(sim);
}

/* Capacity is away for three seconds, and the clock leaps eight days ahead, longer than receivers remember: what waits to be sent is
 * seconds old all the same. */
static void a_clock_that_leaps_leaves_nothing_unsent(void **unused)
{
    (void)unused;
    const struct sim_settings settings = {.seed = 1, .steps = STEPS};
    const int kept = hush();
    struct sim *sim = sim_create(&settings);
    step_for_ms(sim, 6000);
    for (int at = 0; at < SIM_INSTANCES; at++)
        sim->daemons[SIM_CAPACITY * SIM_INSTANCES + at].isolated_until_us = sim->now_us + 3000000;
    step_for_ms(sim, 1000);
    if (table_count(sim->shelves[SIM_PLACEMENTS]->outbox) == 0)
        sim_fail(sim, "nothing waits to be sent");
    sim->calm = true;
    sim->wall_offset_ms += 8 * A_DAY_MS;
    step_for_ms(sim, 300000);
    if (!sim->failed && !check_is_settled(sim))
        sim_fail(sim, "it does not come to rest");
    speak(kept);
    if (sim->failed)
        fail_msg("%s", sim->why);
    sim_destroy(sim);
}

enum { WITHOUT_STEPS = 2000 };

/* The lease is gone, and for so many steps it does not come back. */
static void step_without_lease(struct sim *sim, struct shard *shard)
{
    shard->lease_until_boot_ms = 0;
    shard->renew_under_way = true;
    for (int step = 0; step < WITHOUT_STEPS && !sim->failed; step++)
        sim_step(sim);
    if (shard->state != SHARD_LIVE || shard_lease_is_valid(shard))
        sim_fail(sim, "it has its lease again");
}

static void give_lease_back(struct shard *shard)
{
    shard->renew_under_way = false;
    shard->renew_sent_boot_ms = 0;
}

static struct shard *wait_referrals(struct sim *sim)
{
    for (int step = 0; step < WAIT_STEPS && owner_of(sim, SIM_REFERRALS) == NULL; step++)
        sim_step(sim);
    return owner_of(sim, SIM_REFERRALS)->shard;
}

/* A query that was asked while there was a lease, and whose records of the vault come when there is none. */
static void a_query_is_not_answered_without_a_lease(void **unused)
{
    (void)unused;
    const struct id person_id = {{0x79}};
    const struct sim_settings settings = {.seed = 1, .steps = STEPS};
    const int kept = hush();
    struct sim *sim = sim_create(&settings);
    Dw__GetPerson get = DW__GET_PERSON__INIT;
    get.person_id = id_to_data(&person_id);
    struct shard *shard = wait_referrals(sim);
    record_somebody(sim);
    const uint32_t request = send_to_referrals(sim, &get.base, false);
    struct sim_link *link = owner_of(sim, SIM_REFERRALS)->link;
    for (int step = 0; step < WAIT_STEPS && !link_is_busy(link); step++)
        sim_step(sim);
    step_without_lease(sim, shard);
    if (request_at(sim, request)->final != FINAL_NONE)
        sim_fail(sim, "it was answered without a lease");
    give_lease_back(shard);
    step_until_final(sim, request);
    speak(kept);
    if (sim->failed)
        fail_msg("%s", sim->why);
    sim_destroy(sim);
}

static void who_asks_without_a_lease_is_told_to_come_again(void **unused)
{
    (void)unused;
    const struct sim_settings settings = {.seed = 1, .steps = STEPS};
    const int kept = hush();
    struct sim *sim = sim_create(&settings);
    struct shard *shard = wait_referrals(sim);
    const struct id person_id = {{0x79}};
    step_without_lease(sim, shard);
    const uint64_t failed = shard->counts.failed;
    const uint64_t seq = shard->head_seq;
    uint32_t request = send_to_referrals(sim, &somebody(&person_id, "LAS-1")->base, true);
    step_without_lease(sim, shard);
    if (shard->counts.failed == failed || shard->head_seq != seq)
        sim_fail(sim, "nobody was told, or it was done");
    give_lease_back(shard);
    step_until_final(sim, request);
    if (request_at(sim, request)->final == FINAL_NOT_DONE) { /* it was told so too often */
        request = send_to_referrals(sim, &somebody(&person_id, "LAS-1")->base, true);
        step_until_final(sim, request);
    }
    if (request_at(sim, request)->final != FINAL_ACCEPTED)
        sim_fail(sim, "it was not done when the lease was back");
    speak(kept);
    if (sim->failed)
        fail_msg("%s", sim->why);
    sim_destroy(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_put_back_over_midnight_forgets_no_reply),
        cmocka_unit_test(a_row_that_a_scan_gives_twice_is_taken_once),
        cmocka_unit_test(a_query_finds_notes_that_are_not_on_disk_yet),
        cmocka_unit_test(a_clock_that_jumps_is_not_believed_for_a_minute),
        cmocka_unit_test(a_clock_that_leaps_leaves_nothing_unsent),
        cmocka_unit_test(nothing_is_released_without_a_lease),
        cmocka_unit_test(a_query_is_not_answered_without_a_lease),
        cmocka_unit_test(who_asks_without_a_lease_is_told_to_come_again),
        cmocka_unit_test(the_same_seed_is_the_same_run),
        cmocka_unit_test(fixed_seeds_find_nothing),
        cmocka_unit_test(fresh_seeds_find_nothing),
    };
    cmocka_set_test_filter(getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
