/* Services by cell. See grid.h. */
#include "services/capacity/grid.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    CELL_LATITUDE_E6 = 18000,  /* 2.0 km */
    CELL_LONGITUDE_E6 = 30000, /* 2.0 km in the middle of England */
    CELLS = GRID_SIDE * GRID_SIDE,
    CELL_ANYWHERE = CELLS, /* one more, behind the others */
};

_Static_assert((GRID_SIDE & (GRID_SIDE - 1)) == 0, "the cloth is laid again by taking low bits");

struct grid {
    struct grid_spot *spots; /* by cell, then by place */
    uint32_t size;
    uint32_t starts[CELLS + 2]; /* place in spots of each cell's first */
};

struct grid *capacity_grid_create(void)
{
    return calloc(1, sizeof(struct grid));
}

void capacity_grid_destroy(struct grid **pointer)
{
    if (*pointer != NULL)
        free((*pointer)->spots);
    free(*pointer);
    *pointer = NULL;
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

void capacity_grid_make(struct grid *grid, const struct spot *spots, uint32_t count)
{
    if (count > grid->size) {
        grid->size = count * 2;
        free(grid->spots);
        grid->spots = calloc(grid->size, sizeof grid->spots[0]);
        if (grid->spots == NULL)
            abort(); /* a daemon that cannot remember must not go on */
    }
    memset(grid->starts, 0, sizeof grid->starts);
    for (uint32_t place = 0; place < count; place++)
        grid->starts[cell_of(spots[place])]++;
    uint32_t sum = 0;
    for (size_t cell = 0; cell <= CELLS + 1; cell++) { /* numbers become ends */
        sum += grid->starts[cell];
        grid->starts[cell] = sum;
    }
    for (uint32_t place = count; place-- > 0;) /* and, taken from behind, starts */
        grid->spots[--grid->starts[cell_of(spots[place])]] =
            (struct grid_spot){spots[place], place};
}

const struct grid_spot *capacity_grid_spots(const struct grid *grid)
{
    return grid->spots;
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

static size_t add_run(const struct grid *grid, size_t count, uint32_t first_cell, uint32_t cells,
                      struct grid_run *ret_runs)
{
    const struct grid_run run = {grid->starts[first_cell], grid->starts[first_cell + cells]};
    if (run.first < run.end)
        ret_runs[count++] = run;
    return count;
}

size_t capacity_grid_runs(const struct grid *grid, struct spot home, int64_t reach_latitude_e6,
                          int64_t reach_longitude_e6, struct grid_run ret_runs[GRID_RUNS_MAX])
{
    assert(reach_latitude_e6 >= 0 && reach_longitude_e6 >= 0);
    const struct strips rows = strips_around(home.latitude_e6, reach_latitude_e6, CELL_LATITUDE_E6);
    const struct strips columns =
        strips_around(home.longitude_e6, reach_longitude_e6, CELL_LONGITUDE_E6);
    const uint32_t end = columns.first + columns.count;
    size_t count = 0;
    for (uint32_t at = 0; at < rows.count; at++) {
        const uint32_t row = (rows.first + at) % GRID_SIDE * GRID_SIDE;
        if (end <= GRID_SIDE) {
            count = add_run(grid, count, row + columns.first, columns.count, ret_runs);
            continue;
        }
        count = add_run(grid, count, row, end - GRID_SIDE, ret_runs);
        count = add_run(grid, count, row + columns.first, GRID_SIDE - columns.first, ret_runs);
    }
    return add_run(grid, count, CELL_ANYWHERE, 1, ret_runs);
}
