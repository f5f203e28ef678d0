/* The scheduler: one queue of events, one sequence of random numbers, three clocks. See sim.h. */
#include "tests/sim/folk.h"

#include "common/authority.h"
#include "common/calendar.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.pb-c.h"
#include "reporting.pb-c.h"
#include "services/attendance/attendance.h"
#include "services/capacity/capacity.h"
#include "services/outcomes/outcomes.h"
#include "services/placements/placements.h"
#include "services/referrals/referrals.h"
#include "services/reporting/reporting.h"

enum {
    BOOT_MS = 3600 * 1000, /* since the machine started */
    CALM_STEPS_MAX =
        400 * 1000,   /* within so many steps everything comes to rest once faults have stopped */
    LOOK_EVERY = 500, /* steps between two looks whether all is at rest */
};

const struct service *const sim_services[SIM_SERVICES] = {
    [SIM_REFERRALS] = &referrals_service,   [SIM_CAPACITY] = &capacity_service,
    [SIM_PLACEMENTS] = &placements_service, [SIM_ATTENDANCE] = &attendance_service,
    [SIM_OUTCOMES] = &outcomes_service,     [SIM_REPORTING] = &reporting_service};

const char sim_authority[] = "simton";

const char *const sim_fault_names[FAULTS] = {
    [FAULT_CRASH] = "crash",         [FAULT_STOP] = "stop",
    [FAULT_PAUSE] = "pause",         [FAULT_PARTITION] = "partition",
    [FAULT_DELAY] = "delay",         [FAULT_DROP] = "drop",
    [FAULT_DUPLICATE] = "duplicate", [FAULT_CUT] = "cut",
    [FAULT_STORE_CRASH] = "store",   [FAULT_STALL] = "stall",
    [FAULT_REFUSE] = "refuse",       [FAULT_CLOCK] = "clock",
    [FAULT_SLEEP] = "sleep",         [FAULT_LEASE_CLOCK] = "leaseclock"};

enum sim_service sim_service_of(const char *name)
{
    int at = 0;
    while (at < SIM_SERVICES && strcmp(sim_services[at]->name, name) != 0)
        at++;
    if (at == SIM_SERVICES)
        abort();
    return (enum sim_service)at;
}

void sim_fail(struct sim *sim, const char *format, ...)
{
    va_list arguments;
    if (sim->failed)
        return;
    sim->failed = true;
    sim->why_kind = format;
    va_start(arguments, format);
    (void)vsnprintf(sim->why, sizeof sim->why, format, arguments);
    va_end(arguments);
}

/* SplitMix64 (Steele, Lea, Flood). */
uint32_t sim_roll(struct sim *sim, uint32_t below)
{
    uint64_t word = sim->random += UINT64_C(0x9e3779b97f4a7c15);
    word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
    word ^= word >> 31;
    return (uint32_t)((word >> 32) * below >> 32);
}

bool sim_chance(struct sim *sim, enum sim_fault fault, uint32_t one_in)
{
    const bool happens =
        sim_roll(sim, one_in) == 0; /* rolled in any case: fewer faults, the same run */
    if (!happens || sim->calm || (sim->faults >> fault & 1) == 0)
        return false;
    if (fault >= FAULT_DELAY && fault <= FAULT_DUPLICATE)
        sim->fault_counts[fault]++;
    return true;
}

struct instant sim_now(const struct sim *sim)
{
    const int64_t boot_ms = BOOT_MS + sim->now_us / 1000;
    return (struct instant){.wall_ms = boot_ms + sim->wall_offset_ms, .boot_ms = boot_ms};
}

void sim_mix(struct sim *sim, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    uint64_t hash = sim->hash ^ len;
    for (; len >= 8; len -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
        hash ^= hash >> 28;
    }
    for (; len > 0; len--, at++)
        hash = (hash ^ *at) * UINT64_C(0x100000001b3);
    sim->hash = hash;
}

/* --- the queue --------------------------------------------------------------------------------------------------------- */

static bool is_before(const struct sim_event *left, const struct sim_event *right)
{
    return left->at_us != right->at_us ? left->at_us < right->at_us : left->order < right->order;
}

void sim_plan(struct sim *sim, const struct sim_event *event, int64_t after_us)
{
    struct sim_event fresh = *event;
    fresh.at_us = sim->now_us + after_us;
    fresh.order = sim->order++;
    buffer_append(&sim->heap, &fresh, sizeof fresh);
    struct sim_event *heap = (void *)sim->heap.bytes;
    size_t at = sim->heap.len / sizeof heap[0] - 1;
    for (; at > 0 && is_before(&fresh, &heap[(at - 1) / 2]); at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = fresh;
}

static struct sim_event take_first(struct sim *sim)
{
    struct sim_event *heap = (void *)sim->heap.bytes;
    const struct sim_event first = heap[0];
    sim->heap.len -= sizeof heap[0];
    const size_t count = sim->heap.len / sizeof heap[0];
    const struct sim_event last = heap[count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= count)
            break;
        if (child + 1 < count && is_before(&heap[child + 1], &heap[child]))
            child++;
        if (!is_before(&heap[child], &last))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return first;
}

/* --- a run ------------------------------------------------------------------------------------------------------------- */

/* Just before something odd, or on a plain day: midnight, both changes of the clocks, the year's end, bank holidays. */
static int64_t starting_ms(struct sim *sim)
{
    static const struct {
        int year;
        int month;
        int day;
        int minutes;
    } starts[] = {{2026, 3, 28, 24 * 60}, {2026, 10, 24, 24 * 60}, {2026, 12, 31, 24 * 60},
                  {2026, 4, 2, 24 * 60},  {2026, 12, 24, 24 * 60}, {2027, 3, 28, 60},
                  {2026, 10, 25, 60},     {2026, 11, 23, 9 * 60},  {2028, 2, 28, 24 * 60},
                  {2026, 6, 30, 23 * 60}};
    const size_t which = sim_roll(sim, sizeof starts / sizeof starts[0]);
    return calendar_date(starts[which].year, starts[which].month, starts[which].day) *
               INT64_C(86400000) +
           starts[which].minutes * INT64_C(60000) - 1000 * (int64_t)sim_roll(sim, 40);
}

static void load_model(struct sim *sim)
{
    char error[256] = "";
    sim->model_arena = arena_create(4 * 1024 * 1024);
    sim->arena = arena_create(64 * 1024 * 1024);
    if (sim->model_arena == NULL || sim->arena == NULL ||
        authority_load_model("tests/data/sim-model.json", &dw__commissioning_model__descriptor,
                             sim->model_arena, &sim->model, sim->model_digest, error,
                             sizeof error) < 0) {
        fprintf(stderr, "%s\n", error);
        abort();
    }
}

/* Many faults at once, or few, so that what takes a while (a lease that ends) comes to its end. */
static const uint32_t fault_every_us[] = {40 * 1000, 120 * 1000, 300 * 1000, 800 * 1000};

static struct sim *create(const struct sim_settings *settings)
{
    struct sim *sim = calloc(1, sizeof *sim);
    if (sim == NULL || sodium_init() < 0)
        abort();
    sim->settings = *settings;
    sim->random = settings->seed * UINT64_C(0xd1342543de82ef95) + 1;
    load_model(sim);
    for (int at = 0; at < SIM_SERVICES; at++) {
        sim->shelves[at] = shelf_create();
        sim->requests_by_id[at] = table_create(sizeof(struct id), sizeof(uint32_t));
        sim->outbox_seen[at] = table_create(sizeof(struct id), sizeof(uint64_t));
    }
    sim->checker = checker_create();
    return sim;
}

static void set_clock(struct sim *sim, int64_t wall_ms)
{
    sim->start_wall_ms = wall_ms;
    sim->wall_offset_ms = wall_ms - BOOT_MS;
}

struct sim *sim_create_town(const struct sim_settings *settings, int64_t wall_ms)
{
    struct sim *sim = create(settings);
    set_clock(sim, wall_ms);
    (void)folk_create(sim);
    return sim;
}

struct sim *sim_create(const struct sim_settings *settings)
{
    struct sim *sim = create(settings);
    sim->faults = settings->faults;
    for (int at = 0; at < FAULT_LEASE_CLOCK; at++)
        if (sim_roll(sim, 4) == 0)
            sim->faults &= ~(UINT32_C(1) << at);
    sim->fault_every_us = fault_every_us[sim_roll(sim, 4)];
    set_clock(sim, starting_ms(sim));
    sim->store_up = true;
    memset(sim->digest_key, 0x5a, sizeof sim->digest_key);
    daemons_create(sim);
    (void)folk_create(sim);
    const struct sim_event fault = {.kind = EVENT_FAULT};
    sim_plan(sim, &fault, sim->fault_every_us);
    return sim;
}

static void drop_planned(struct sim *sim)
{
    while (sim->heap.len > 0) {
        struct sim_event event = take_first(sim);
        message_drop(event.shared);
        if (event.call != NULL) {
            event.target = 0; /* its daemon is dead, so it is only freed */
            daemon_event(sim, &event);
        }
    }
    buffer_free(&sim->heap);
}

void sim_destroy(struct sim *sim)
{
    daemons_destroy(sim);
    drop_planned(sim);
    clients_destroy(sim);
    folk_destroy(&sim->folk);
    checker_destroy(&sim->checker);
    for (int at = 0; at < SIM_SERVICES; at++) {
        shelf_destroy(&sim->shelves[at]);
        table_destroy(&sim->requests_by_id[at]);
        table_destroy(&sim->outbox_seen[at]);
    }
    arena_destroy(&sim->arena);
    arena_destroy(&sim->model_arena);
    free(sim);
}

static void note(struct sim *sim, const struct sim_event *event)
{
    const uint64_t words[] = {(uint64_t)event->at_us, event->kind, event->target};
    sim_mix(sim, words, sizeof words);
    if (event->shared != NULL)
        sim_mix(sim, event->shared->bytes, event->shared->len);
    sim->kind_counts[event->kind]++;
    sim->step++;
}

static void deliver(struct sim *sim, struct sim_event *event)
{
    switch (event->kind) {
    case EVENT_ARRIVE:
        link_event(sim, event);
        break;
    case EVENT_CLIENT:
    case EVENT_RETRY:
        client_event(sim, event);
        break;
    case EVENT_ACT:
        folk_act(sim, event->target);
        break;
    case EVENT_FAULT: {
        const struct sim_event again = {.kind = EVENT_FAULT};
        if (sim->calm)
            break;
        fault_happen(sim);
        sim_plan(sim, &again, sim->fault_every_us / 2 + sim_roll(sim, sim->fault_every_us));
        break;
    }
    case EVENT_REQUEST:
    case EVENT_ANSWER:
    case EVENT_BATCH:
    case EVENT_TURN:
    case EVENT_TICK:
    case EVENT_STORED:
    case EVENT_GONE:
    case EVENT_CONNECT:
    case EVENT_START:
    case EVENT_RESUME:
    case EVENT_KINDS:
        daemon_event(sim, event);
        break;
    }
}

void sim_step(struct sim *sim)
{
    struct sim_event event = take_first(sim);
    sim->now_us = event.at_us > sim->now_us ? event.at_us : sim->now_us;
    if (event.kind == EVENT_RETRY && !client_waits(sim, &event))
        return; /* it was answered: no step */
    note(sim, &event);
    deliver(sim, &event);
}

void sim_run_until(struct sim *sim, int64_t now_us)
{
    sim->now_us = now_us;
    while (sim->heap.len > 0 &&
           ((const struct sim_event *)(void *)sim->heap.bytes)->at_us <= now_us)
        sim_step(sim);
}

/* Faults have stopped: within bounded time everything comes to an end that can. */
static void settle(struct sim *sim)
{
    const uint64_t begin = sim->step;
    char what[512];
    faults_end(sim);
    while (!sim->failed) {
        if ((sim->step - begin) % LOOK_EVERY == 0 && folk_is_quiet(sim) && check_is_settled(sim))
            return;
        if (sim->step - begin > CALM_STEPS_MAX) {
            check_unsettled(sim, what, sizeof what);
            sim_fail(sim, "it does not come to rest: %s", what);
            return;
        }
        sim_step(sim);
    }
}

static void print_counts(const struct sim *sim)
{
    printf("  seed %llu: %llu steps, %lld s of %lld s, %llu commands, %llu placements "
           "reported, %llu recoveries, faults",
           (unsigned long long)sim->settings.seed, (unsigned long long)sim->step,
           (long long)(sim->now_us / 1000000),
           (long long)((sim_now(sim).wall_ms - sim->start_wall_ms) / 1000),
           (unsigned long long)sim->commands_final, (unsigned long long)sim->reported,
           (unsigned long long)sim->recoveries);
    for (int at = 0; at < FAULTS; at++)
        printf(" %s %llu", sim_fault_names[at], (unsigned long long)sim->fault_counts[at]);
    printf(", hash %016llx\n", (unsigned long long)sim->hash);
    if (getenv("SIM_KINDS") == NULL)
        return;
    for (int at = 0; at < EVENT_KINDS; at++)
        printf("    event %d: %llu\n", at, (unsigned long long)sim->kind_counts[at]);
    check_print_types(sim);
}

/* Of the year, and of eight whole weeks for everybody. */
static void ask_costs(struct sim *sim)
{
    enum { WEEKS = 8, DAYS_A_WEEK = 7 };
    const int32_t today = (int32_t)(sim_now(sim).wall_ms / INT64_C(86400000));
    Dw__Date from = DW__DATE__INIT;
    Dw__Date to = DW__DATE__INIT;
    Dw__Budgets budgets = DW__BUDGETS__INIT;
    Dw__Costs costs = DW__COSTS__INIT;
    const struct sim_wish of_budgets = {SIM_PLACEMENTS, &budgets.base, false,
                                        DW__ROLE__ROLE_FINANCE_OFFICER, SIM_ACTORS};
    const struct sim_wish of_person = {SIM_PLACEMENTS, &costs.base, false,
                                       DW__ROLE__ROLE_FINANCE_OFFICER, SIM_ACTORS};
    budgets.year = (uint32_t)calendar_financial_year(today);
    (void)client_send(sim, &of_budgets);
    from.days = calendar_monday(calendar_week(today)) - 2 * DAYS_A_WEEK;
    to.days = from.days + WEEKS * DAYS_A_WEEK - 1;
    costs.from = &from;
    costs.to = &to;
    for (uint32_t person = 0; person < SIM_PEOPLE; person++) {
        const struct id person_id = folk_id('n', person);
        costs.person_id = id_to_data(&person_id);
        (void)client_send(sim, &of_person);
    }
}

void sim_ask_last(struct sim *sim)
{
    Dw__Date from = DW__DATE__INIT;
    Dw__Dashboard dashboard = DW__DASHBOARD__INIT;
    Dw__Occupancy occupancy = DW__OCCUPANCY__INIT;
    const struct sim_wish of_report = {SIM_REPORTING, &dashboard.base, false,
                                       DW__ROLE__ROLE_COMMISSIONER, SIM_ACTORS};
    const struct sim_wish of_centre = {SIM_CAPACITY, &occupancy.base, false, DW__ROLE__ROLE_BROKER,
                                       SIM_ACTORS};
    from.days = (int32_t)(sim_now(sim).wall_ms / INT64_C(86400000));
    occupancy.from = &from;
    occupancy.weeks = SIM_OCCUPANCY_WEEKS;
    sim->last_question = client_send(sim, &of_report);
    for (uint32_t centre = 0; centre < SIM_CENTRES; centre++) {
        const struct id service_id = folk_id('s', centre);
        occupancy.service_id = id_to_data(&service_id);
        (void)client_send(sim, &of_centre);
    }
    ask_costs(sim);
}

bool sim_last_is_answered(struct sim *sim)
{
    for (uint32_t at = 0; at < SIM_LAST_QUESTIONS; at++)
        if (request_at(sim, sim->last_question + at)->final == FINAL_NONE)
            return false;
    return true;
}

/* How much has happened, in all journals. */
static uint64_t events_of_all(const struct sim *sim)
{
    uint64_t events = 0;
    for (int at = 0; at < SIM_SERVICES; at++)
        events += sim->shelves[at]->head.seq;
    return events;
}

/* Comes to rest and asks the last questions; and again, while time has made something happen between the two. */
static void come_to_an_end(struct sim *sim)
{
    enum { ROUNDS_MAX = 20 };
    uint64_t events;
    int round = 0;
    do {
        settle(sim);
        events = events_of_all(sim);
        if (!sim->failed)
            sim_ask_last(sim);
        while (!sim->failed && !sim_last_is_answered(sim))
            sim_step(sim);
        if (round++ == ROUNDS_MAX)
            sim_fail(sim, "it does not come to rest: time always makes something happen");
    } while (!sim->failed && (!check_is_settled(sim) || events_of_all(sim) != events));
}

bool sim_run(const struct sim_settings *settings, struct sim_outcome *ret_outcome)
{
    struct sim *sim = sim_create(settings);
    while (sim->step < settings->steps && !sim->failed)
        sim_step(sim);
    come_to_an_end(sim);
    if (!sim->failed)
        check_end(sim);
    const bool good = !sim->failed;
    if (!good)
        printf("VIOLATION seed %llu step %llu: %s\n", (unsigned long long)settings->seed,
               (unsigned long long)sim->step, sim->why);
    if (!good || !settings->quiet)
        print_counts(sim);
    *ret_outcome = (struct sim_outcome){sim->hash, sim->step, sim->why_kind};
    sim_destroy(sim);
    return good;
}
