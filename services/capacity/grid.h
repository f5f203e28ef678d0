/* The grid: where services are, so that a search looks at those near home only.
 *
 * The country is ruled into cells of about two kilometres, and 64 × 64 of them are laid over it again and again, like a
 * tablecloth: no service can lie outside, and none far away makes the cells coarser. Services in one cell of the cloth
 * may be far apart, so whoever asks still measures each; what the grid says for sure is who need not be measured.
 * Services are numbered cell after cell, row after row, so the cells of a row that lie side by side are one run of
 * places. Those that are anywhere come behind, and then those that are not in the grid yet; both are always near. */
#ifndef DAYWAYS_CAPACITY_GRID_H
#define DAYWAYS_CAPACITY_GRID_H

#include <stddef.h>
#include <stdint.h>

enum {
    GRID_SIDE = 64,                    /* cells a side of the cloth: 128 km, wider than a council */
    GRID_RUNS_MAX = 2 * GRID_SIDE + 1, /* two a row, where the cloth begins again, and the rest */
    SPOT_ANYWHERE = INT32_MAX,
};

/* Where a service is. */
struct spot {
    int32_t latitude_e6; /* SPOT_ANYWHERE: nobody travels to it */
    int32_t longitude_e6;
};

/* The places from first on, up to but not with end. */
struct run {
    uint32_t first;
    uint32_t end;
};

/* Those of a set (bit place) that lie in the run, of one 64-bit word of it. */
static inline uint64_t capacity_run_bits(struct run run, const uint64_t *set, uint32_t word)
{
    uint64_t bits = set[word];
    if (word == run.first / 64)
        bits &= UINT64_MAX << run.first % 64;
    if (word == (run.end - 1) / 64)
        bits &= UINT64_MAX >> (63 - (run.end - 1) % 64);
    return bits;
}

struct grid;

struct grid *capacity_grid_create(void);
void capacity_grid_destroy(struct grid **grid);

/* Puts these services in, and none else: each gets a place, by cell and, within a cell, in the order given. */
void capacity_grid_make(struct grid *grid, const struct spot *spots, uint32_t count,
                        uint32_t *ret_places);

/* Runs in ascending order, none empty, in which all services lie that are, by latitude and by longitude, no farther from
 * home than so many millionths of a degree; others may lie in them too. count: of all services, those that are not in
 * the grid included. Returns the number of runs. */
size_t capacity_grid_runs(const struct grid *grid, uint32_t count, struct spot home,
                          int64_t reach_latitude_e6, int64_t reach_longitude_e6,
                          struct run ret_runs[GRID_RUNS_MAX]);

#endif
