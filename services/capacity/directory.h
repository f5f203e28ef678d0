/* All services of the council, numbered densely and laid out for searching: a bit set per level, need, access feature,
 * mode and weekday, flat arrays of coordinates, and the sessions of each service side by side.
 *
 * A cache like the timetable: it follows from the records, and the numbers mean nothing outside (they depend on the
 * order of loading), so no answer may depend on them. */
#ifndef DAYWAYS_CAPACITY_DIRECTORY_H
#define DAYWAYS_CAPACITY_DIRECTORY_H

#include "capacity.pb-c.h"
#include "common/ids.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LEVEL_MAX = 16,
    NEED_MAX = 12,
    ACCESS_MAX = 10,
    MODE_MAX = 4,
    WEEKDAYS = 7,
    /* Places of the bit sets; the numbers of levels, needs … begin at 1. */
    BITS_ALL = 0,
    BITS_LEVEL = 0,
    BITS_NEED = BITS_LEVEL + LEVEL_MAX,
    BITS_ACCESS = BITS_NEED + NEED_MAX,
    BITS_MODE = BITS_ACCESS + ACCESS_MAX,
    BITS_WEEKDAY = BITS_MODE + MODE_MAX,
    BITS_COUNT = BITS_WEEKDAY + WEEKDAYS + 1,

    DIRECTORY_NO_PLACE = INT32_MIN, /* latitude of what nobody travels to */
};

#define NO_OFFER UINT32_MAX /* no such service */

/* A session as the search reads it. */
struct slot {
    struct id session_id;
    uint32_t row; /* of the timetable */
    int32_t from;
    int32_t to; /* DATE_OPEN */
    uint16_t start_minute;
    uint16_t end_minute;
    uint8_t weekday;
};

/* A service as the search reads it. */
struct offer {
    struct id service_id;
    struct slot *slots; /* by weekday, start, later end first, id */
    uint32_t slots_count;
    uint32_t slots_size;
    uint32_t price_pence;
    Dw__PriceUnit unit;
    Dw__ServiceMode mode;
};

struct term {
    struct id contract_id;
    uint32_t levels; /* bits */
    int32_t from;
    int32_t to;
};

/* A provider's contracts, and the levels they cover on the date that was asked last. */
struct terms {
    struct term *terms;
    size_t count;
    size_t size;
    uint32_t live_levels;
};

struct directory {
    struct table *numbers; /* struct id -> uint32_t: services */
    struct offer *offers;
    uint64_t *bits[BITS_COUNT];
    int32_t *latitude_e6;
    int32_t *longitude_e6;
    uint32_t *provider;
    uint8_t *level;
    uint32_t *by_reference; /* numbers in the order of references */
    char (*references)[33];
    size_t count;
    size_t size;
    size_t words; /* of a bit set */
    struct table *provider_numbers;
    struct terms *providers;
    size_t providers_count;
    size_t providers_size;
    int32_t live_on; /* date of live_levels; INT32_MIN: none */
};

struct directory *directory_create(void);
void directory_destroy(struct directory **directory);

/* Adds a service; one that is there already stays as it is. */
void directory_add_service(struct directory *directory, const Dw__Service *service);

/* Adds a session or replaces it; its service must be there. row is its number in the timetable. */
void directory_set_session(struct directory *directory, const Dw__Session *session, uint32_t row);

void directory_add_contract(struct directory *directory, const struct id *contract_id,
                            const Dw__Contract *contract);

/* The service's number, or NO_OFFER. */
uint32_t directory_find(const struct directory *directory, const struct id *service_id);

/* Position in by_reference of the first service whose reference is after the text. */
size_t directory_after(const struct directory *directory, const char *reference);

/* True when the provider has a contract for the level on the date. */
bool directory_contract_live(const struct directory *directory, const struct id *provider_id,
                             uint32_t level, int32_t date);

/* Makes live_levels those of a date. */
void directory_live_on(struct directory *directory, int32_t date);

#endif
