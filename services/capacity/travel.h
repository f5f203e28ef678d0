/* Travel is estimated: straight line × detour ÷ speed, in integers. Implements the model's Travel.
 *
 * The line is that of the equirectangular projection around home: a degree is 111,320 m along the meridian, and along
 * the parallel that times the cosine of home's latitude, which is interpolated between whole degrees. */
#ifndef DAYWAYS_CAPACITY_TRAVEL_H
#define DAYWAYS_CAPACITY_TRAVEL_H

#include <stdbool.h>
#include <stdint.h>

struct travel {
    bool matters; /* false: home is not known and every journey takes 0 minutes */
    int32_t latitude_e6;
    int32_t longitude_e6;
    int64_t parallel; /* 1,000,000 × millimetres of a degree / 1,000,000 along home's parallel */
    uint64_t detour_percent;
    uint64_t speed_metres_per_hour;
};

/* A latitude of 49 to 61 degrees north; detour and speed are at least 1. */
struct travel travel_from(int32_t latitude_e6, int32_t longitude_e6, uint32_t detour_percent,
                          uint32_t speed_metres_per_hour);

/* Square of the straight line in millimetres. */
uint64_t travel_square(const struct travel *travel, int32_t latitude_e6, int32_t longitude_e6);

/* Minutes of that journey, rounded up. */
uint32_t travel_minutes(const struct travel *travel, uint64_t square);

/* The largest square that takes no more than so many minutes: comparing squares is comparing minutes. */
uint64_t travel_square_max(const struct travel *travel, uint32_t minutes);

#endif
