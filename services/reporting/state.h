/* State of reporting. The records are facts as the journals told them, each from one journal only (months hold sums, which
 * do not care about order), so that any interleaving of journals leaves the same bytes. The figures are indexes over
 * the records: small tables of counts by dimension, which queries add up without ever looking at people. Whether a
 * provider is internal is looked up when a query asks, for the provider may be told of after the placement.
 * Implements the design's domain, "reporting". */
#ifndef DAYWAYS_SERVICES_REPORTING_STATE_H
#define DAYWAYS_SERVICES_REPORTING_STATE_H

#include "common/service.h"
#include "common/table.h"

#include "reporting.pb-c.h"

enum {
    REPORTING_KIND_PROVIDER = 1,
    REPORTING_KIND_SERVICE,
    REPORTING_KIND_PERSON,
    REPORTING_KIND_REFERRAL,
    REPORTING_KIND_MONTH,
};

/* Different providers a person's place is divided by; a person with more is counted with the first so many by id. A week
 * has fourteen half days, and nobody has been seen with more than four. */
enum { PROVIDER_SET_MAX = 8 };

/* Sorted by id, padded with zeros. */
struct provider_set {
    struct id ids[PROVIDER_SET_MAX];
};

/* What people and placements have in common; no padding, for it is part of keys. */
struct facts {
    uint8_t support_reason;
    uint8_t age;
    uint8_t district;
    uint8_t ethnicity_group;
    uint8_t sex;
};

struct placement_cell {
    struct id provider_id;
    struct facts facts;
    uint8_t level;
    uint8_t funding;
};

struct placement_counts {
    uint32_t placements;
    uint32_t without_price;
    int64_t year_pence;
};

/* What besides commissioned support a person has. */
enum { ROUTE_DIRECT_PAYMENT = 1, ROUTE_SELF_FUNDED = 2 };

struct person_cell {
    uint32_t
        set; /* number of the set of providers of commissioned placements; 0 = nothing commissioned */
    struct facts facts;
    uint8_t routes;
    uint8_t zero[2];
};

struct state {
    struct entities *entities;
    struct table *placements; /* struct placement_cell -> struct placement_counts */
    struct table *services;   /* service id -> uint32_t commissioned placements */
    struct table *people;     /* struct person_cell -> uint32_t people */
    struct table *sets;       /* struct provider_set -> uint32_t number; 1 is the first */
    struct buffer set_list;   /* struct provider_set by number - 1 */
};

struct state *reporting_create(struct entities *entities);
void reporting_destroy(struct state **state);
void reporting_index(struct state *state, const struct entity_key *key,
                     const ProtobufCMessage *before, const ProtobufCMessage *after);

/* Paid for by the council, neither through a direct payment nor by the person. */
bool reporting_commissioned(Dw__FundingRoute funding);

const Dw__ReportedProvider *reporting_provider(const struct state *state, const struct id *id);

/* Number of sets of providers seen so far, and the set of a number (1 to that). */
uint32_t reporting_sets(const struct state *state);
const struct provider_set *reporting_set(const struct state *state, uint32_t number);

/* --- the functions of the tables, one a message ----------------------------------------------------------------- */

#define REPORTING_FOLD(name)                                                                       \
    void reporting_fold_##name(struct state *state, const struct foreign_event *event)
REPORTING_FOLD(provider_registered);
REPORTING_FOLD(service_registered);
REPORTING_FOLD(placement_started);
REPORTING_FOLD(change_made);
REPORTING_FOLD(end_agreed);
REPORTING_FOLD(placement_ended);
REPORTING_FOLD(referral_submitted);
REPORTING_FOLD(referral_line_waits);
REPORTING_FOLD(referral_placed);
REPORTING_FOLD(referral_withdrawn);
REPORTING_FOLD(referral_closed);
REPORTING_FOLD(referral_refused);
REPORTING_FOLD(goal_reviewed);

#define REPORTING_QUERY(name)                                                                      \
    void reporting_query_##name(const struct state *state, const ProtobufCMessage *request,        \
                                const struct context *ctx, struct vault *vault,                    \
                                struct answer *answer)
REPORTING_QUERY(dashboard);
REPORTING_QUERY(breakdown);
REPORTING_QUERY(provider_report);

#endif
