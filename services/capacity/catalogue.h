/* The catalogue: all services of a council, shaped for search.
 *
 * Services stand in the order of their ids, so the place of a service decides ties and no answer depends on the order
 * in which services became known. Each property a search may ask for is a row of bits, one a service; beside them stand
 * the grid of where services are, and the rows of ready sessions. A service that comes out of order is put in its place
 * when the catalogue is next opened, which makes all rows anew (milliseconds for 10,000 services); ids that grow with
 * time, as ours do, never come out of order.
 * No answer depends on more than the records; what is free is the timetable's. */
#ifndef DAYWAYS_CAPACITY_CATALOGUE_H
#define DAYWAYS_CAPACITY_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ids.h"
#include "services/capacity/grid.h"
#include "services/capacity/ready.h"
#include "services/capacity/timetable.h"

#include "capacity.pb-c.h"

/* Rows of bits; a property's number is added to the first row of its kind. */
enum {
    ROW_NEED = 0,    /* + SupportReason */
    ROW_LEVEL = 16,  /* + level */
    ROW_MODE = 48,   /* + ServiceMode */
    ROW_ACCESS = 56, /* + AccessFeature */
    ROW_DAY = 80,    /* + weekday * 4 + PartOfDay - 1: some session covers it */
    ROW_AGE = 112,   /* + age in years */
    ROWS = 240,
    LEVEL_MAX = 16,
    AGE_MAX = 127, /* ages above count as this one */
    PARTS = 4,
    OFFERS_MAX = 1024, /* sessions of one service: a slot every ten minutes of the week */
};

/* What a search reads of every service that is near, apart from the rest so that four of them share a cache line. */
struct brief {
    int32_t price_pence;
    int32_t
        contract_from; /* the contract that ends last; contract_to before it when there is none */
    int32_t contract_to;
    uint8_t price_unit; /* PriceUnit */
};

/* One service as a search sees it. */
struct entry {
    struct id service_id;
    uint32_t provider; /* its number in contracts.h */
    uint32_t needs;    /* bit SupportReason */
    uint32_t access;   /* bit AccessFeature */
    int64_t price_pence;
    struct spot spot;
    uint8_t price_unit; /* PriceUnit */
    uint8_t level;
    uint8_t mode; /* ServiceMode */
    uint8_t age_from;
    uint8_t age_to; /* AGE_MAX = no upper bound */
    uint16_t offers_count;
    uint16_t offers_size;
    struct offer *offers;      /* by weekday, start and session id */
    const Dw__Service *record; /* a service's record is never put again, so it stays where it is */
};

struct catalogue;

struct catalogue *capacity_catalogue_create(void);
void capacity_catalogue_destroy(struct catalogue **catalogue);

/* A contract is live for these levels (bit level) from a date to a date (INT32_MAX = no end). */
void capacity_catalogue_contract(struct catalogue *catalogue, const struct id *provider_id,
                                 uint32_t levels, int32_t from, int32_t to);

/* True when a contract of the provider covers the level on that date. */
bool capacity_catalogue_has_contract(const struct catalogue *catalogue,
                                     const struct id *provider_id, uint32_t level, int32_t date);
bool capacity_catalogue_entry_contract(const struct catalogue *catalogue, const struct entry *entry,
                                       int32_t date);

void capacity_catalogue_service(struct catalogue *catalogue, const Dw__Service *service);

/* A session of a known service, new or changed, as it now stands in the timetable. */
void capacity_catalogue_session(struct catalogue *catalogue, const struct timetable *timetable,
                                uint32_t slot);

/* The sessions of a service, by weekday, start and id; 0 when the service has none or is not known. */
size_t capacity_catalogue_offers(const struct catalogue *catalogue, const struct id *service_id,
                                 const struct offer **ret_offers);

/* Something has come to be taken of a session of the service, or no longer is. */
void capacity_catalogue_taking(struct catalogue *catalogue, const struct id *service_id);

/* Number of services, and of the 64-bit words of a row. Puts every service in its place and makes what is stale anew, so
 * it comes first in a search; the places stand until the next service is registered. */
uint32_t capacity_catalogue_open(struct catalogue *catalogue, struct timetable *timetable,
                                 int32_t this_week, uint32_t *ret_words);
const struct entry *capacity_catalogue_entry(const struct catalogue *catalogue, uint32_t place);
const uint64_t *capacity_catalogue_row(const struct catalogue *catalogue, uint32_t row);
const struct spot *capacity_catalogue_spots(const struct catalogue *catalogue);
const struct brief *capacity_catalogue_briefs(const struct catalogue *catalogue);
const struct grid *capacity_catalogue_grid(const struct catalogue *catalogue);
const struct ready *capacity_catalogue_ready(const struct catalogue *catalogue);
/* Memory for one search: so many words for each of two sets, and behind them as many places as there are services. */
uint64_t *capacity_catalogue_scratch(struct catalogue *catalogue);
/* Asks the machine for what judging that service will read, so that it is there when it is needed. */
void capacity_catalogue_prefetch(const struct catalogue *catalogue, uint32_t place);

#endif
