/* Rows of bits. See properties.h. */
#include "services/capacity/properties.h"

#include <assert.h>
#include <stdlib.h>

#include "services/capacity/catalogue.h"

_Static_assert(ROW_LEVEL + LEVEL_MAX < ROW_MODE, "levels have their rows");
_Static_assert(ROW_DAY + 7 * PARTS + PARTS - 1 < ROW_AGE, "weekdays have their rows");
_Static_assert(ROW_AGE + AGE_MAX < ROW_KIND, "ages have their rows");
_Static_assert(ROW_KIND + DW__SERVICE_KIND__SERVICE_KIND_CARER_CLINIC < ROW_ACTIVITY,
               "kinds have their rows");
_Static_assert(DW__ACTIVITY__ACTIVITY_ASSISTIVE_TECHNOLOGY < ROWS - ROW_ACTIVITY,
               "activities have their rows");

struct properties {
    uint64_t *bits; /* ROWS rows of words */
    uint32_t words;
};

struct properties *capacity_properties_create(void)
{
    return calloc(1, sizeof(struct properties));
}

void capacity_properties_destroy(struct properties **pointer)
{
    if (*pointer != NULL)
        free((*pointer)->bits);
    free(*pointer);
    *pointer = NULL;
}

void capacity_properties_resize(struct properties *properties, uint32_t words)
{
    free(properties->bits);
    properties->words = words;
    properties->bits = calloc((size_t)ROWS * words, sizeof properties->bits[0]);
    if (properties->bits == NULL)
        abort(); /* a daemon that cannot remember must not go on */
}

static void set_bit(struct properties *properties, uint32_t row, uint32_t place)
{
    assert(place / 64 < properties->words);
    properties->bits[(size_t)row * properties->words + place / 64] |= UINT64_C(1) << place % 64;
}

void capacity_properties_add_days(struct properties *properties, const struct entry *entry,
                                  uint32_t place)
{
    for (size_t at = 0; at < entry->offers_count; at++)
        for (uint32_t part = 0; part < PARTS; part++)
            if ((entry->offers[at].parts >> part & 1) != 0)
                set_bit(properties, ROW_DAY + entry->offers[at].weekday * UINT32_C(4) + part,
                        place);
}

void capacity_properties_add(struct properties *properties, const struct entry *entry,
                             uint32_t place)
{
    for (uint32_t need = 0; need < ROW_LEVEL - ROW_NEED; need++)
        if ((entry->needs >> need & 1) != 0)
            set_bit(properties, ROW_NEED + need, place);
    for (uint32_t feature = 0; feature < ROW_DAY - ROW_ACCESS; feature++)
        if ((entry->access >> feature & 1) != 0)
            set_bit(properties, ROW_ACCESS + feature, place);
    for (uint32_t activity = 0; activity < ROWS - ROW_ACTIVITY; activity++)
        if ((entry->activities >> activity & 1) != 0)
            set_bit(properties, ROW_ACTIVITY + activity, place);
    set_bit(properties, ROW_LEVEL + UINT32_C(0) + entry->level, place);
    set_bit(properties, ROW_KIND + UINT32_C(0) + entry->kind, place);
    set_bit(properties, ROW_MODE + UINT32_C(0) + entry->mode, place);
    for (uint32_t age = entry->age_from; age <= entry->age_to; age++)
        set_bit(properties, ROW_AGE + age, place);
    capacity_properties_add_days(properties, entry, place);
}

const uint64_t *capacity_properties_row(const struct properties *properties, uint32_t row)
{
    assert(row < ROWS);
    return properties->bits + (size_t)row * properties->words;
}
