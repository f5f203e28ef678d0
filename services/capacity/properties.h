/* Properties: each that a search may ask for is a row of bits, one a service, by place in the catalogue. */
#ifndef DAYWAYS_CAPACITY_PROPERTIES_H
#define DAYWAYS_CAPACITY_PROPERTIES_H

#include <stdint.h>

/* Rows; a property's number is added to the first row of its kind. */
enum {
    ROW_NEED = 0,       /* + SupportReason */
    ROW_LEVEL = 16,     /* + level */
    ROW_MODE = 48,      /* + ServiceMode */
    ROW_ACCESS = 56,    /* + AccessFeature */
    ROW_DAY = 80,       /* + weekday * 4 + PartOfDay - 1: some session covers it */
    ROW_AGE = 112,      /* + age in years */
    ROW_KIND = 240,     /* + ServiceKind */
    ROW_ACTIVITY = 272, /* + Activity */
    ROWS = 304,
    LEVEL_MAX = 16,
    AGE_MAX = 127, /* ages above count as this one */
    PARTS = 4,
};

struct entry;
struct properties;

struct properties *capacity_properties_create(void);
void capacity_properties_destroy(struct properties **properties);

/* Makes room for so many 64-bit words of services, none of which has a property. */
void capacity_properties_resize(struct properties *properties, uint32_t words);

/* Writes down what the service at the place has, and the same for its sessions alone. A service only ever gets more, until all rows are
 * made anew. */
void capacity_properties_add(struct properties *properties, const struct entry *entry,
                             uint32_t place);
void capacity_properties_add_days(struct properties *properties, const struct entry *entry,
                                  uint32_t place);

const uint64_t *capacity_properties_row(const struct properties *properties, uint32_t row);

#endif
