/* The catalogue: all services of a council, shaped for search.
 *
 * Services stand in the order of their ids, so the place of a service decides ties and no answer depends on the order
 * in which services became known. Each property a search may ask for is a row of bits, one a service. A service that
 * comes out of order is put in its place when the catalogue is next opened, which makes all rows anew (milliseconds
 * for 10,000 services); ids that grow with time, as ours do, never come out of order.
 * A function of the records alone; what is free is the timetable's. */
#ifndef DAYWAYS_CAPACITY_CATALOGUE_H
#define DAYWAYS_CAPACITY_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ids.h"
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

/* One session as a search sees it. */
struct offer {
    struct weeks runs;
    uint32_t slot; /* in the timetable */
    uint16_t start_minutes;
    uint16_t end_minutes;
    uint8_t weekday; /* 1 to 7 */
    uint8_t parts;   /* bit PartOfDay - 1 */
};

/* Where a service is, apart from the rest because a search looks at many of them. */
struct spot {
    int32_t latitude_e6; /* SPOT_ANYWHERE: nobody travels to it */
    int32_t longitude_e6;
};

enum { SPOT_ANYWHERE = INT32_MAX };

/* One service as a search sees it. */
struct entry {
    struct id service_id;
    uint32_t provider; /* place among the catalogue's providers */
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

/* Number of services, and of the 64-bit words of a row. Puts every service in its place, so it comes first in a
 * search; the places stand until the next service is registered. */
uint32_t capacity_catalogue_open(struct catalogue *catalogue, uint32_t *ret_words);
const struct entry *capacity_catalogue_entry(const struct catalogue *catalogue, uint32_t place);
const uint64_t *capacity_catalogue_row(const struct catalogue *catalogue, uint32_t row);
const struct spot *capacity_catalogue_spots(const struct catalogue *catalogue);
/* Memory for one search: so many words for each of two sets, and behind them as many places as there are services. */
uint64_t *capacity_catalogue_scratch(struct catalogue *catalogue);
/* Asks the machine for what judging that service will read, so that it is there when it is needed. */
void capacity_catalogue_prefetch(const struct catalogue *catalogue, uint32_t place);

#endif
