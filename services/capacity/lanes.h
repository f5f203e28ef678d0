/* The least of many small numbers, as a row of the timetable asks for it. */
#ifndef DAYWAYS_CAPACITY_LANES_H
#define DAYWAYS_CAPACITY_LANES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Eight cells at a time: the compiler does not find that by itself at the level we build with. */
typedef int16_t cell_lanes __attribute__((vector_size(16)));

static inline cell_lanes capacity_load_lanes(const int16_t *cells)
{
    cell_lanes lanes;
    memcpy(&lanes, cells, sizeof lanes);
    return lanes;
}

/* The least of the cells; INT16_MAX of none. */
static inline int16_t capacity_least_cell(const int16_t *cells, size_t count)
{
    enum { LANES = sizeof(cell_lanes) / sizeof(int16_t) };
    int16_t least = INT16_MAX;
    size_t at = 0;
    if (count >= LANES) {
        cell_lanes lanes = capacity_load_lanes(cells);
        for (at = LANES; at + LANES <= count; at += LANES) {
            const cell_lanes next = capacity_load_lanes(cells + at);
            const cell_lanes is_less = next < lanes;
            lanes = (next & is_less) | (lanes & ~is_less);
        }
        for (size_t lane = 0; lane < LANES; lane++)
            least = lanes[lane] < least ? lanes[lane] : least;
    }
    for (; at < count; at++)
        least = cells[at] < least ? cells[at] : least;
    return least;
}

#endif
