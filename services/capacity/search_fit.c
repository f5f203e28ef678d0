/* One service against one search: distance and sessions. Integers only. See search.h. */
#include <assert.h>

#include "services/capacity/search.h"

#define MILLION INT64_C(1000000)

/* Cosines of 0 to 90 degrees × 1,000,000; between two degrees the line between them is 0.02 % off at most. */
static const int32_t cosines_e6[] = {
    1000000, 999848, 999391, 998630, 997564, 996195, 994522, 992546, 990268, 987688, 984808, 981627,
    978148,  974370, 970296, 965926, 961262, 956305, 951057, 945519, 939693, 933580, 927184, 920505,
    913545,  906308, 898794, 891007, 882948, 874620, 866025, 857167, 848048, 838671, 829038, 819152,
    809017,  798636, 788011, 777146, 766044, 754710, 743145, 731354, 719340, 707107, 694658, 681998,
    669131,  656059, 642788, 629320, 615661, 601815, 587785, 573576, 559193, 544639, 529919, 515038,
    500000,  484810, 469472, 453990, 438371, 422618, 406737, 390731, 374607, 358368, 342020, 325568,
    309017,  292372, 275637, 258819, 241922, 224951, 207912, 190809, 173648, 156434, 139173, 121869,
    104528,  87156,  69756,  52336,  34899,  17452,  0,
};

static int64_t metres_per_degree_at(int32_t latitude_e6)
{
    const int64_t distance_e6 = latitude_e6 < 0 ? -(int64_t)latitude_e6 : latitude_e6;
    const int64_t degree = distance_e6 / MILLION;
    assert(degree <= 90);
    const int64_t next = degree < 90 ? degree + 1 : degree;
    const int64_t slope = cosines_e6[next] - cosines_e6[degree];
    const int64_t cosine_e6 = cosines_e6[degree] + slope * (distance_e6 % MILLION) / MILLION;
    return METRES_PER_DEGREE * cosine_e6 / MILLION;
}

/* Metres of straight line that take no more than so many minutes. */
static int64_t metres_within(const struct search_request *request, int64_t minutes)
{
    return minutes * 100 * request->speed_metres_per_hour / (60 * (int64_t)request->detour_percent);
}

static int64_t square(int64_t number)
{
    return number * number;
}

void capacity_fit_prepare(struct search *search, const struct search_request *request,
                          const struct catalogue *catalogue, struct timetable *timetable,
                          uint32_t services)
{
    search->services = services;
    search->words = (services + 63) / 64;
    search->request = request;
    search->catalogue = catalogue;
    search->timetable = timetable;
    search->spots = capacity_catalogue_spots(catalogue);
    search->districts = capacity_catalogue_districts(catalogue);
    search->briefs = capacity_catalogue_briefs(catalogue);
    search->home = (struct spot){request->latitude_e6, request->longitude_e6};
    for (int weekday = 1; weekday <= 7; weekday++)
        search->weeks[weekday] = capacity_weeks_of(weekday, request->from, request->to);
    search->metres_per_degree_x = metres_per_degree_at(request->latitude_e6);
    /* Metres are rounded down, so that a distance is within the metres just when its square is under the next one's. */
    search->metres_max = metres_within(request, request->travel_minutes_max);
    search->limit_squared = square(search->metres_max + 1);
    for (int64_t band = 0; band < TRAVEL_BANDS && band * 10 <= request->travel_minutes_max; band++)
        search->band_squared[band] = square(metres_within(request, band * 10 + 9) + 1);
    for (size_t district = 0; request->has_matrix && district < TRAVEL_DISTRICTS; district++) {
        const uint16_t minutes = request->minutes_to[district];
        search->cell_squared[district] =
            minutes == 0 ? -1 : square(metres_within(request, minutes));
    }
}

Dw__TravelSource capacity_fit_travel_source(const struct search_request *request,
                                            const struct entry *entry)
{
    if (entry->spot.latitude_e6 == SPOT_ANYWHERE)
        return DW__TRAVEL_SOURCE__TRAVEL_SOURCE_NONE;
    return request->has_matrix && request->minutes_to[entry->record->district] > 0
               ? DW__TRAVEL_SOURCE__TRAVEL_SOURCE_MATRIX
               : DW__TRAVEL_SOURCE__TRAVEL_SOURCE_ESTIMATED;
}

/* Millionths of a degree that so many metres are at most. */
static int64_t reach_of(int64_t metres, int64_t metres_per_degree)
{
    const int64_t world_e6 = 360 * MILLION;
    return metres_per_degree == 0 ? world_e6 : (metres + 1) * MILLION / metres_per_degree + 1;
}

size_t capacity_fit_runs(const struct search *search, int64_t metres,
                         struct run ret_runs[GRID_RUNS_MAX])
{
    if (search->request->has_matrix) {
        ret_runs[0] = (struct run){0, search->services};
        return 1;
    }
    return capacity_grid_runs(capacity_catalogue_grid(search->catalogue), search->services,
                              search->home, reach_of(metres, METRES_PER_DEGREE),
                              reach_of(metres, search->metres_per_degree_x), ret_runs);
}

/* Largest number whose square is not above (Newton's method, from above). */
static int64_t square_root(int64_t number)
{
    if (number < 2)
        return number;
    int64_t root = INT64_C(1) << ((65 - __builtin_clzll((unsigned long long)number)) / 2);
    for (;;) {
        const int64_t next = (root + number / root) / 2;
        if (next >= root)
            return root;
        root = next;
    }
}

uint32_t capacity_fit_travel_minutes(const struct search_request *request, int64_t metres_squared)
{
    const int64_t per_hour = (int64_t)request->speed_metres_per_hour * 100;
    return (uint32_t)((square_root(metres_squared) * request->detour_percent * 60 + per_hour - 1) /
                      per_hour);
}
