/* Places by cell. See grid.h. */
#include "services/capacity/grid.h"

#include <assert.h>
#include <stdlib.h>

enum {
    CELL_LATITUDE_E6 = 18000,  /* 2.0 km */
    CELL_LONGITUDE_E6 = 30000, /* 2.0 km in the middle of England */
    CELLS = GRID_SIDE * GRID_SIDE,
    CELL_ANYWHERE = CELLS, /* one more, behind the others */
};

_Static_assert((GRID_SIDE & (GRID_SIDE - 1)) == 0, "the cloth is laid again by taking low bits");

struct grid {
    uint32_t
        starts[CELLS + 1]; /* place of the first service of each cell, and behind the last cell */
};

struct grid *capacity_grid_create(void)
{
    return calloc(1, sizeof(struct grid));
}

void capacity_grid_destroy(struct grid **grid)
{
    free(*grid);
    *grid = NULL;
}

/* Number of the strip, rounded down also below zero. */
static int64_t strip_of(int64_t degrees_e6, int64_t width_e6)
{
    const int64_t strip = degrees_e6 / width_e6;
    return degrees_e6 % width_e6 < 0 ? strip - 1 : strip;
}

static uint32_t wrap(int64_t strip)
{
    return (uint32_t)((uint64_t)strip & (GRID_SIDE - 1));
}

static uint32_t cell_of(struct spot spot)
{
    if (spot.latitude_e6 == SPOT_ANYWHERE)
        return CELL_ANYWHERE;
    return wrap(strip_of(spot.latitude_e6, CELL_LATITUDE_E6)) * GRID_SIDE +
           wrap(strip_of(spot.longitude_e6, CELL_LONGITUDE_E6));
}

void capacity_grid_make(struct grid *grid, const struct spot *spots, uint32_t count,
                        uint32_t *ret_places)
{
    uint32_t next[CELLS + 1] = {0}; /* first how many a cell has, then where its next one goes */
    for (uint32_t at = 0; at < count; at++)
        next[cell_of(spots[at])]++;
    uint32_t place = 0;
    for (size_t cell = 0; cell <= CELLS; cell++) {
        grid->starts[cell] = place;
        place += next[cell];
        next[cell] = grid->starts[cell];
    }
    for (uint32_t at = 0; at < count; at++)
        ret_places[at] = next[cell_of(spots[at])]++;
}

/* Strips of the cloth, count of them from first on, where it may begin again. */
struct strips {
    uint32_t first;
    uint32_t count;
};

static struct strips strips_around(int64_t home_e6, int64_t reach_e6, int64_t width_e6)
{
    const int64_t first = strip_of(home_e6 - reach_e6, width_e6);
    const int64_t last = strip_of(home_e6 + reach_e6, width_e6);
    if (last - first + 1 >= GRID_SIDE)
        return (struct strips){0, GRID_SIDE};
    return (struct strips){wrap(first), (uint32_t)(last - first + 1)};
}

static size_t add_run(size_t count, uint32_t first, uint32_t end, struct run *ret_runs)
{
    if (first < end)
        ret_runs[count++] = (struct run){first, end};
    return count;
}

size_t capacity_grid_runs(const struct grid *grid, uint32_t count, struct spot home,
                          int64_t reach_latitude_e6, int64_t reach_longitude_e6,
                          struct run ret_runs[GRID_RUNS_MAX])
{
    assert(reach_latitude_e6 >= 0 && reach_longitude_e6 >= 0);
    const struct strips rows = strips_around(home.latitude_e6, reach_latitude_e6, CELL_LATITUDE_E6);
    const struct strips columns =
        strips_around(home.longitude_e6, reach_longitude_e6, CELL_LONGITUDE_E6);
    const uint32_t end = columns.first + columns.count;
    size_t runs_count = 0;
    for (uint32_t row = 0; row < GRID_SIDE; row++) {
        if ((row - rows.first) % GRID_SIDE >= rows.count)
            continue;
        const uint32_t *starts = &grid->starts[row * GRID_SIDE];
        if (end > GRID_SIDE) /* the cloth begins again: what lies beyond comes first */
            runs_count = add_run(runs_count, starts[0], starts[end - GRID_SIDE], ret_runs);
        runs_count = add_run(runs_count, starts[columns.first],
                             starts[end < GRID_SIDE ? end : GRID_SIDE], ret_runs);
    }
    return add_run(runs_count, grid->starts[CELL_ANYWHERE], count, ret_runs);
}
