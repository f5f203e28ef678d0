/* Estimated journeys in integers. See travel.h. */
#include "services/capacity/travel.h"

#include <assert.h>

enum {
    DEGREE_E6 = 1000000,
    LATITUDE_FIRST = 49,
    /* Millimetres of 100 millionths of a degree along the meridian. */
    MERIDIAN_MM = 11132,
};

/* The cosine × 1,000,000 at 49, 50 … 62 degrees. */
static const int32_t cosines_e6[] = {656059, 642788, 629320, 615661, 601815, 587785, 573576,
                                     559193, 544639, 529919, 515038, 500000, 484810, 469472};

struct travel travel_from(int32_t latitude_e6, int32_t longitude_e6, uint32_t detour_percent,
                          uint32_t speed_metres_per_hour)
{
    const int32_t degree = latitude_e6 / DEGREE_E6 - LATITUDE_FIRST;
    assert(degree >= 0 && degree + 1 < (int32_t)(sizeof cosines_e6 / sizeof cosines_e6[0]));
    const int64_t part = latitude_e6 % DEGREE_E6;
    const int64_t cosine =
        cosines_e6[degree] + (cosines_e6[degree + 1] - cosines_e6[degree]) * part / DEGREE_E6;
    return (struct travel){.matters = true,
                           .latitude_e6 = latitude_e6,
                           .longitude_e6 = longitude_e6,
                           .parallel = MERIDIAN_MM * cosine / 100,
                           .detour_percent = detour_percent,
                           .speed_metres_per_hour = speed_metres_per_hour};
}

uint64_t travel_square(const struct travel *travel, int32_t latitude_e6, int32_t longitude_e6)
{
    const int64_t north = (int64_t)(latitude_e6 - travel->latitude_e6) * MERIDIAN_MM / 100;
    const int64_t east =
        (int64_t)(longitude_e6 - travel->longitude_e6) * travel->parallel / DEGREE_E6;
    return (uint64_t)(north * north) + (uint64_t)(east * east);
}

/* The integer square root, bit by bit. */
static uint64_t square_root(uint64_t square)
{
    uint64_t root = 0;
    uint64_t bit = UINT64_C(1) << 62;
    while (bit > square)
        bit >>= 2;
    for (; bit != 0; bit >>= 2) {
        if (square >= root + bit) {
            square -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return root;
}

uint32_t travel_minutes(const struct travel *travel, uint64_t square)
{
    if (!travel->matters || square == 0)
        return 0;
    const uint64_t road = square_root(square) * travel->detour_percent * 60;
    const uint64_t speed = travel->speed_metres_per_hour * 100 * 1000;
    return (uint32_t)((road + speed - 1) / speed);
}

uint64_t travel_square_max(const struct travel *travel, uint32_t minutes)
{
    if (!travel->matters)
        return UINT64_MAX;
    const uint64_t speed = travel->speed_metres_per_hour * 100 * 1000;
    const uint64_t line = minutes * speed / (travel->detour_percent * 60);
    /* Further than anything in the country, and its square fits. */
    const uint64_t line_max = UINT64_C(3000000000);
    const uint64_t next = (line < line_max ? line : line_max) + 1;
    return next * next - 1;
}
