/* Who is how far from home. See search.h. */
#include "services/capacity/search.h"

/* Measures who of the set lies in the run. Whether somebody is near cannot be guessed, so nothing branches on it: each is
 * written down in both lists, and stays where it belongs. */
static void measure(const struct search *search, const uint64_t *set, struct run run,
                    struct around *around)
{
    const int64_t near_squared = search->limit_squared;
    const int64_t belt_squared = around->belt_squared;
    struct near_by *near = around->near + around->near_count;
    struct near_by *belt = around->belt + around->belt_count;
    for (uint32_t word = run.first / 64; word <= (run.end - 1) / 64; word++)
        for (uint64_t bits = capacity_run_bits(run, set, word); bits != 0; bits &= bits - 1) {
            const uint32_t place = word * 64 + (uint32_t)__builtin_ctzll(bits);
            const int64_t metres_squared = capacity_fit_travel(search, place);
            const bool is_near = metres_squared < near_squared;
            const bool is_in_belt = !is_near & (metres_squared < belt_squared);
            *near = *belt = (struct near_by){metres_squared, place};
            near += is_near;
            belt += is_in_belt;
        }
    around->near_count = (size_t)(near - around->near);
    around->belt_count = (size_t)(belt - around->belt);
}

void capacity_around_look(const struct search *search, const struct scratch *scratch,
                          const uint64_t *set, struct around *ret_around)
{
    enum { BELT_PARTS = 16, BELT_METRES = 100 };
    const int64_t metres = search->metres_max + search->metres_max / BELT_PARTS + BELT_METRES;
    struct run runs[GRID_RUNS_MAX];
    const size_t count = capacity_fit_runs(search, metres, runs);
    *ret_around = (struct around){.near = scratch->near_by,
                                  .belt = scratch->near_by + scratch->size,
                                  .belt_squared = (metres + 1) * (metres + 1)};
    for (size_t run = 0; run < count; run++)
        measure(search, set, runs[run], ret_around);
}

void capacity_around_turn(const struct search *search, const struct sieve *sieve, uint64_t *failing,
                          struct around *around)
{
    const int64_t belt_squared = around->belt_squared;
    struct run runs[GRID_RUNS_MAX];
    const size_t count = capacity_fit_runs(search, search->metres_max, runs);
    around->near_count = 0;
    around->belt_squared = 0; /* none of these */
    for (size_t run = 0; run < count; run++) {
        capacity_sieve_fail_one(sieve, runs[run].first / 64, (runs[run].end + 63) / 64, failing);
        measure(search, failing, runs[run], around);
    }
    around->belt_squared = belt_squared;
}

void capacity_around_widen(const struct search *search, const uint64_t *set, struct around *around)
{
    const struct run all = {0, search->services};
    around->near_count = around->belt_count = 0;
    around->belt_squared = INT64_MAX;
    measure(search, set, all, around);
}

/* --- the nearest first -------------------------------------------------------------------------------------------- */

/* A list is a heap: nobody stands nearer than the one at half its position. Most searches want the nearest five of it, so
 * it is not sorted. */
static void sink(const struct search *search, struct near_by *heap, size_t count, size_t at)
{
    const struct near_by sinking = heap[at];
    for (size_t below = 2 * at + 1; below < count; below = 2 * at + 1) {
        if (below + 1 < count && capacity_around_nearer(search, &heap[below + 1], &heap[below]))
            below++;
        if (!capacity_around_nearer(search, &heap[below], &sinking))
            break;
        heap[at] = heap[below];
        at = below;
    }
    heap[at] = sinking;
}

void capacity_around_heap(const struct search *search, struct near_by *list, size_t count)
{
    for (size_t at = count / 2; at-- > 0;)
        sink(search, list, count, at);
}

struct near_by capacity_around_take(const struct search *search, struct near_by *heap,
                                    size_t *count)
{
    const struct near_by nearest = heap[0];
    heap[0] = heap[--*count];
    sink(search, heap, *count, 0);
    return nearest;
}
