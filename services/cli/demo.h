/* The demonstration's data: a plan made from a seed, pure, and its sending through the public commands.
 *
 * The plan reproduces the published position of Cheshire East (the design's councils, "Demonstration") exactly: people by
 * client group and by who supports them, placements and yearly pence by cost group, towns, ages and ethnicity. Everything
 * else is illustrative. Direct payments and self-funded people come on top. */
#ifndef DAYWAYS_CLI_DEMO_H
#define DAYWAYS_CLI_DEMO_H

#include "common/ids.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capacity.pb-c.h"
#include "model.pb-c.h"

enum {
    DEMO_PEOPLE = 499, /* with a commissioned place */
    DEMO_DIRECT_PAYMENTS = 40,
    DEMO_SELF_FUNDED = 10,
    DEMO_PEOPLE_MAX = DEMO_PEOPLE + DEMO_DIRECT_PAYMENTS + DEMO_SELF_FUNDED,
    DEMO_PLACEMENTS = 577,
    DEMO_PLACEMENTS_MAX = DEMO_PLACEMENTS + DEMO_DIRECT_PAYMENTS + DEMO_SELF_FUNDED,
    DEMO_PROVIDERS = 21, /* Care4CE first */
    DEMO_SERVICES = 40,
    DEMO_DAYS = 5,
    DEMO_TOWNS = 11,
    DEMO_SESSION_MINUTES = 300,
};

enum demo_client_group {
    DEMO_LEARNING,
    DEMO_OLDER,
    DEMO_PHYSICAL,
    DEMO_MENTAL,
    DEMO_CLIENT_GROUPS
};
enum demo_cost_group { COST_LEARNING, COST_OLDER, COST_MENTAL, COST_PHYSICAL, DEMO_COST_GROUPS };

struct demo_provider {
    struct id id;
    struct id contract_id;
    struct id command_ids[2];
    const char *reference;
    const char *name;
    Dw__ProviderKind kind;
    Dw__ContractKind contract;
};

struct demo_service {
    struct id id;
    struct id session_ids[DEMO_DAYS]; /* Monday to Friday, 10:00 to 15:00 */
    struct id command_ids[1 + DEMO_DAYS];
    size_t provider;
    char reference[32];
    char name[96];
    Dw__ServiceKind kind;
    Dw__ServiceMode mode;
    uint32_t level;
    uint32_t needs; /* bits of support reasons */
    size_t town;
    uint32_t price_pence; /* a session */
    uint32_t places[DEMO_DAYS];
    uint32_t taken[DEMO_DAYS];
};

struct demo_person {
    struct id id;
    struct id command_id;
    enum demo_client_group group;
    enum demo_cost_group cost_group;
    bool internal; /* has a place of the council's own provider */
    bool external;
    Dw__SupportReason reason;
    Dw__EthnicityGroup ethnicity;
    Dw__Sex sex;
    uint32_t age;
    int32_t born;
    size_t town;
    Dw__FundingRoute funding;
};

struct demo_placement {
    struct id id;
    struct id hold_id;
    struct id command_ids[3]; /* propose, accept, start */
    size_t person;
    size_t service;
    uint32_t weekdays; /* bits, Monday = 1 */
    uint32_t sessions;
    int32_t from;
    int64_t price_pence_per_year;
    int64_t price_pence_per_week;
};

struct demo_plan {
    int32_t first_day;
    struct demo_provider providers[DEMO_PROVIDERS];
    struct demo_service services[DEMO_SERVICES];
    size_t services_count;
    struct demo_person people[DEMO_PEOPLE_MAX];
    size_t people_count;
    struct demo_placement placements[DEMO_PLACEMENTS_MAX];
    size_t placements_count;
};

/* A small generator: the same seed gives the same numbers on every machine. */
struct demo_random {
    uint64_t state;
};
uint32_t demo_below(struct demo_random *random, uint32_t limit);

extern const char *const demo_towns[DEMO_TOWNS]; /* town 0 is district 1 of the model */
extern const int32_t demo_town_e6[DEMO_TOWNS][2];

/* Fills the whole plan; first_day is the day the position is of. */
void demo_plan_make(struct demo_plan *plan, uint64_t seed, int32_t first_day);

/* The parts of making it. */
void demo_make_services(struct demo_plan *plan, struct ids *ids);
void demo_make_people(struct demo_plan *plan, struct ids *ids, struct demo_random *random);
void demo_make_placements(struct demo_plan *plan, struct ids *ids, struct demo_random *random);

struct cli;
/* Sends the plan. An exit code. */
int demo_send(struct cli *cli, const struct demo_plan *plan);

#endif
