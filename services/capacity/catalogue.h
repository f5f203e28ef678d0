/* The catalogue: all services of a council, shaped for search.
 *
 * Services stand where the grid puts them, so that those near each other are near each other in memory too. What is
 * known of them lies in rows by place: properties, ready sessions, and a brief of what a search reads of nearly
 * everyone. Order is decided by rank, the number of a service by id, so no answer depends on the order in which services
 * became known. Newly registered services stand behind all others until there are enough of them to make it anew
 * (milliseconds for 10,000 services).
 * No answer depends on more than the records; what is free is the timetable's. */
#ifndef DAYWAYS_CAPACITY_CATALOGUE_H
#define DAYWAYS_CAPACITY_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ids.h"
#include "services/capacity/contracts.h"
#include "services/capacity/grid.h"
#include "services/capacity/properties.h"
#include "services/capacity/ready.h"
#include "services/capacity/timetable.h"

#include "capacity.pb-c.h"

enum {
    OFFERS_MAX = 1024, /* sessions of one service: a slot every ten minutes of the week */
    NEWCOMERS_MAX =
        64 /* services behind the grid before it is made anew: few to look at, seldom made */
};

/* What a search reads of every service that is near, apart from the rest so that four of them share a cache line. */
struct brief {
    uint32_t rank; /* its number in the order of ids */
    int32_t
        contract_from; /* the contract that ends last; contract_to before it when there is none */
    int32_t contract_to;
    uint32_t price_pence : 24; /* at most 100,000 pounds */
    uint32_t price_unit : 5;   /* PriceUnit */
    uint32_t is_changing : 1;  /* others are agreed, which its entry has */
    uint32_t is_suspended : 1; /* nobody new is placed there */
    uint32_t is_unbooked : 1;  /* nobody ever is */
};

_Static_assert(sizeof(struct brief) == 16, "four briefs share a cache line");

/* What is agreed to be paid from a date on. */
struct rates_to_come {
    int32_t from; /* INT32_MAX: nothing else is agreed */
    uint32_t price_pence;
    uint8_t price_unit; /* PriceUnit */
};

/* One service as a search sees it. */
struct entry {
    struct id service_id;
    uint32_t provider;   /* its number in contracts.h */
    uint32_t needs;      /* bit SupportReason */
    uint32_t access;     /* bit AccessFeature */
    uint32_t activities; /* bit Activity */
    int64_t price_pence;
    struct rates_to_come rates;
    struct spot spot;
    uint8_t price_unit; /* PriceUnit */
    uint8_t level;
    uint8_t mode; /* ServiceMode */
    uint8_t age_from;
    uint8_t age_to; /* AGE_MAX = no upper bound */
    uint8_t kind;   /* ServiceKind */
    uint16_t offers_count;
    uint16_t offers_size;
    struct offer *offers; /* by weekday, start and session id */
    const Dw__Service
        *record; /* said again whenever it is put, so it stays where it is meanwhile */
};

/* A service at some distance from a home. */
struct near_by {
    int64_t metres_squared;
    uint32_t place;
};

struct catalogue;

struct catalogue *capacity_catalogue_create(void);
void capacity_catalogue_destroy(struct catalogue **catalogue);

/* A contract, new or changed. */
void capacity_catalogue_contract(struct catalogue *catalogue, const struct id *contract_id,
                                 const struct id *provider_id, const struct contract_terms *terms);

/* Nobody new is placed with the provider or in the service of that id, or again somebody is. */
void capacity_catalogue_suspend(struct catalogue *catalogue, const struct id *id,
                                bool is_suspended);

/* First date of the provider's first contract; INT32_MAX when it has none. */
int32_t capacity_catalogue_first_contract(const struct catalogue *catalogue,
                                          const struct id *provider_id);

/* True when a contract of the provider covers the level on that date; of an entry's, by the frameworks of the search. */
bool capacity_catalogue_has_contract(const struct catalogue *catalogue,
                                     const struct id *provider_id, uint32_t level,
                                     const struct framework_terms *frameworks, int32_t date);
bool capacity_catalogue_entry_contract(const struct catalogue *catalogue, const struct entry *entry,
                                       int32_t date);

/* A service, new or changed. */
void capacity_catalogue_service(struct catalogue *catalogue, const Dw__Service *service);

/* What is agreed of the rates of a known service and has not begun; NULL: nothing. */
void capacity_catalogue_rates(struct catalogue *catalogue, const struct id *service_id,
                              const Dw__Rates *agreed);

/* A session of a known service, new or changed, as it now stands in the timetable. */
void capacity_catalogue_session(struct catalogue *catalogue, const struct timetable *timetable,
                                uint32_t slot);

/* The sessions of a service, by weekday, start and id; 0 when the service has none or is not known. */
size_t capacity_catalogue_offers(const struct catalogue *catalogue, const struct id *service_id,
                                 const struct offer **ret_offers);

/* Something has come to be taken of a session of the service, or no longer is. */
void capacity_catalogue_taking(struct catalogue *catalogue, const struct id *service_id);

/* Number of services. Makes what is stale anew, so it comes first in a search; the places stand until the next service is
 * registered. */
uint32_t capacity_catalogue_open(struct catalogue *catalogue, struct timetable *timetable,
                                 const struct framework_terms *frameworks, int32_t this_week);

/* All by place. */
const struct entry *capacity_catalogue_entry(const struct catalogue *catalogue, uint32_t place);
const struct spot *capacity_catalogue_spots(const struct catalogue *catalogue);
const uint8_t *capacity_catalogue_districts(const struct catalogue *catalogue);
const struct brief *capacity_catalogue_briefs(const struct catalogue *catalogue);
const struct properties *capacity_catalogue_properties(const struct catalogue *catalogue);
const struct ready *capacity_catalogue_ready(const struct catalogue *catalogue);
const struct grid *capacity_catalogue_grid(const struct catalogue *catalogue);

/* The places in the order of ids. */
const uint32_t *capacity_catalogue_by_id(const struct catalogue *catalogue);

/* Memory for one search: three sets of services, and two lists with room for them all. */
struct scratch {
    uint64_t *ready;
    uint64_t *passing;
    uint64_t *others;
    struct near_by *near_by; /* both lists, each of size */
    uint32_t size;
};
struct scratch capacity_catalogue_scratch(struct catalogue *catalogue);

/* Asks the machine for what judging that service will read first; then, when that has come, for its sessions; and for
 * what is told of it: the first fields of its record, and what they point to, which lies behind it. */
void capacity_catalogue_prefetch_entry(const struct catalogue *catalogue, uint32_t place);
void capacity_catalogue_prefetch_offers(const struct catalogue *catalogue, uint32_t place);
void capacity_catalogue_prefetch_record(const struct catalogue *catalogue, uint32_t place);

#endif
