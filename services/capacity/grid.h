/* The grid: where services are, so that a search looks at those near home only.
 *
 * The country is ruled into cells of about two kilometres, and the 64 × 64 of them are laid over it again and again, like
 * a tablecloth: no service can lie outside, and no service far away makes the cells coarser. Services in one cell of the
 * cloth may be far apart, so whoever asks still measures each; what the grid says for sure is who need not be measured.
 * Services stand in it cell after cell, so the cells of one row that lie side by side are one run. */
#ifndef DAYWAYS_CAPACITY_GRID_H
#define DAYWAYS_CAPACITY_GRID_H

#include <stddef.h>
#include <stdint.h>

enum {
    GRID_SIDE = 64,                    /* cells a side of the cloth: 128 km, wider than a council */
    GRID_RUNS_MAX = 2 * GRID_SIDE + 1, /* two a row, where the cloth begins again, and anywhere */
    SPOT_ANYWHERE = INT32_MAX,
};

/* Where a service is. */
struct spot {
    int32_t latitude_e6; /* SPOT_ANYWHERE: nobody travels to it */
    int32_t longitude_e6;
};

/* The same with the service's place in the catalogue. */
struct grid_spot {
    struct spot spot;
    uint32_t place;
};

/* The spots from first on, up to but not with end. */
struct grid_run {
    uint32_t first;
    uint32_t end;
};

struct grid;

struct grid *capacity_grid_create(void);
void capacity_grid_destroy(struct grid **grid);

/* Puts these services in, by place, and none else. */
void capacity_grid_make(struct grid *grid, const struct spot *spots, uint32_t count);

/* All services, in runs. */
const struct grid_spot *capacity_grid_spots(const struct grid *grid);

/* The runs in which all services lie that are, by latitude and by longitude, no farther from home than so many millionths
 * of a degree (others may lie in them too), and all those that are anywhere. Returns their number. */
size_t capacity_grid_runs(const struct grid *grid, struct spot home, int64_t reach_latitude_e6,
                          int64_t reach_longitude_e6, struct grid_run ret_runs[GRID_RUNS_MAX]);

#endif
