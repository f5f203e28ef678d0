/* The demonstration's data: a plan made from a council's description and a seed, pure, and its sending through the public commands.
 *
 * A description (proto/demonstration.proto, a file under deploy/demonstrations) says how many people of which groups have which places,
 * where they live, how old they are and what it costs; the plan deals all of that out in an order the seed shuffles, so that every
 * published figure is exact and everything else is illustrative. Nobody in it is real. The code knows no council. */
#ifndef DAYWAYS_CLI_DEMO_H
#define DAYWAYS_CLI_DEMO_H

#include "common/ids.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capacity.pb-c.h"
#include "demonstration.pb-c.h"
#include "model.pb-c.h"

enum {
    DEMO_PEOPLE_MAX = 2000, /* a county's */
    DEMO_PLACEMENTS_MAX = 2500,
    DEMO_SERVICES_MAX = 160,
    DEMO_PROVIDERS_MAX = 64,
    DEMO_PLACES_MAX = 4, /* of one person */
    DEMO_DAYS = 5,       /* Monday to Friday */
    DEMO_ENGAGEMENTS_MAX = 8,
};

struct demo_provider {
    struct id id;
    struct id contract_id;
    struct id command_ids[3]; /* register, agree, extend */
    const Dw__DemoProvider *as;
};

struct demo_service {
    struct id id;
    struct id session_ids[DEMO_DAYS];
    struct id command_ids[1 + DEMO_DAYS];
    size_t provider;
    const Dw__DemoShape *shape;
    const Dw__DemoNeeds *needs;
    const Dw__District *district;
    char reference[32];
    char name[128];
    uint32_t price_pence; /* a session */
    uint32_t places[DEMO_DAYS];
    uint32_t taken[DEMO_DAYS];
};

struct demo_person {
    struct id id;
    struct id command_id;
    size_t group; /* of the description; its number of groups: on top */
    uint32_t internal;
    uint32_t external; /* places */
    Dw__SupportReason reason;
    Dw__EthnicityGroup ethnicity;
    Dw__Sex sex;
    uint32_t age;
    int32_t born;
    const Dw__District *district; /* NULL until it is dealt */
    Dw__FundingRoute funding;
    int64_t contribution_pence; /* a week; 0: not assessed */
    struct id contribution_command_id;
};

struct demo_placement {
    struct id id;
    struct id hold_id;
    struct id command_ids[4]; /* propose, accept, start, review */
    size_t person;
    size_t service;
    uint32_t weekdays; /* bits, Monday = 1 */
    uint32_t sessions;
    int32_t from;
    int64_t price_pence_per_year;
    int64_t price_pence_per_week;
};

struct demo_plan {
    const Dw__Demonstration *as;
    const Dw__CommissioningModel *model;
    int32_t first_day;
    struct demo_provider providers[DEMO_PROVIDERS_MAX];
    size_t providers_count;
    struct demo_service services[DEMO_SERVICES_MAX];
    size_t services_count;
    struct demo_person people[DEMO_PEOPLE_MAX];
    size_t people_count;
    size_t commissioned_count; /* of the people, who stand first */
    struct demo_placement placements[DEMO_PLACEMENTS_MAX];
    size_t placements_count;
    struct id engagement_ids[DEMO_ENGAGEMENTS_MAX][2]; /* its own, and its command's */
};

/* A small generator: the same seed gives the same numbers on every machine. */
struct demo_random {
    uint64_t state;
};
uint32_t demo_below(struct demo_random *random, uint32_t limit);
void demo_shuffle(struct demo_random *random, size_t *numbers, size_t count);

/* Fills the whole plan; first_day is the day the position is of. NULL, or what in the description does not hold together: a name
 * that is not there, counts that do not add up, too much of something. */
const char *demo_plan_make(struct demo_plan *plan, const Dw__Demonstration *as,
                           const Dw__CommissioningModel *model, uint64_t seed, int32_t first_day);

/* What the framework's value leaves when everything placed under it goes on as it is, to the end of its first term and of so many
 * extensions, which come to ret_months. */
int64_t demo_framework_left(const struct demo_plan *plan, const Dw__Framework *framework,
                            size_t extensions, int32_t *ret_months);

/* The parts of making it; each as above. */
const char *demo_make_services(struct demo_plan *plan, struct ids *ids);
const char *demo_make_people(struct demo_plan *plan, struct ids *ids, struct demo_random *random);
const char *demo_make_placements(struct demo_plan *plan, struct ids *ids,
                                 struct demo_random *random);

/* Whether the service is the council's own; and whether a group is one of those names. */
bool demo_is_internal(const struct demo_plan *plan, const struct demo_service *service);
bool demo_is_named(const struct demo_plan *plan, size_t group, char *const *names, size_t count);

struct cli;
/* Records the extensions that carry the frameworks of the demonstration's contracts past today, each as exercised on the last day of
 * the term before it; a framework that has none left stays as it is. An exit code. */
int demo_extend_frameworks(struct cli *cli, const struct demo_plan *plan);

/* Sends the plan. An exit code. */
int demo_send(struct cli *cli, const struct demo_plan *plan);

#endif
