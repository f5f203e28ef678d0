/* Search: which services have a place for somebody, ranked, and why the others have not.
 *
 * The rules are asked in the order that enum SearchRule states. Those about properties (needs to days) are answered for 64
 * services at a time from the catalogue's rows of bits, which also counts whom each excludes. The grid gives who is near
 * home; who of them passes is measured, and judged from a few small numbers when its sessions are ready (ready.h), else
 * by its sessions. What is told of near misses and splits is only looked for when it will be told. It decides nothing
 * and keeps nothing.
 *
 * Ranked by what the model says, one criterion after the other, then by id.
 * A near miss fails exactly one rule. Looked for, in this order, and at most five told: services near enough that pass
 * the rules about properties, by distance; of those near enough that fail one of these rules the NEAR_LOOKS_MAX nearest;
 * then of those too far the TOO_FAR_LOOKS_MAX nearest. The bounds keep a search short; a near miss beyond them is not
 * worth a person's time.
 * A split over two services is looked for when none fits and two sessions or more are wanted, among the SPLIT_LOOKS_MAX nearest
 * services that have any of them and pass the rules up to access, age, travel and contract. Price and hours are
 * judged of both together. Of all pairs of these the SPLITS_MAX best are told: by the price of both, by the minutes of travel to both,
 * then by id. */
#ifndef DAYWAYS_CAPACITY_SEARCH_H
#define DAYWAYS_CAPACITY_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/capacity/catalogue.h"
#include "services/capacity/elsewhere.h"
#include "services/capacity/timetable.h"

#include "capacity.pb-c.h"

enum {
    WISHES_MAX = 14,
    RESULTS_MAX = 20,
    NEAR_MISSES_MAX = 5,
    SPLITS_MAX = 3,
    TOO_FAR_LOOKS_MAX = 16,
    NEAR_LOOKS_MAX = 256,
    SPLIT_LOOKS_MAX = 64,
    SEARCH_RULES = DW__SEARCH_RULE__SEARCH_RULE_ACTIVITIES + 1,
    TRAVEL_MINUTES_MAX = 600,
    TRAVEL_BANDS = TRAVEL_MINUTES_MAX / 10 + 1,
    TRAVEL_DISTRICTS = 65,                                 /* 1 to 64 */
    RANKING_MAX = DW__RANK_CRITERION__RANK_CRITERION_OPEN, /* each criterion once */
};

struct wish {
    uint8_t weekday;
    uint8_t part; /* PartOfDay */
    uint16_t start_minutes;
    uint16_t end_minutes; /* 0 = at any time */
};

/* Where else the person is in the range. */
struct busy {
    struct sitter sitter;
    struct weeks weeks; /* with the first and the last sitting */
    uint8_t weekday;
    uint16_t start_minutes;
    uint16_t end_minutes;
};

/* What is wanted, checked and within bounds. */
struct search_request {
    struct wish wishes[WISHES_MAX];
    size_t wishes_count;
    uint32_t minutes_per_week; /* at least */
    int32_t from;
    int32_t to; /* INT32_MAX = for ever */
    int32_t latitude_e6;
    int32_t longitude_e6;
    uint32_t needs;      /* bit SupportReason */
    uint32_t level;      /* 0 = any */
    uint32_t access;     /* bit AccessFeature */
    uint32_t modes;      /* bit ServiceMode; 0 = any */
    uint32_t kinds;      /* bit ServiceKind; 0 = any */
    uint32_t activities; /* bit Activity */
    uint32_t age;        /* 0 = any */
    bool needs_contract;
    struct framework_terms frameworks;
    int64_t price_limit_pence; /* 0 = any */
    uint32_t travel_minutes_max;
    int16_t uses[LIMIT_KINDS];
    size_t results_max;
    int32_t this_week;
    uint32_t detour_percent;
    uint32_t
        speed_metres_per_hour; /* with the detour a minute is more than a metre of straight line */
    bool has_matrix;           /* some of minutes_to are said */
    uint16_t minutes_to[TRAVEL_DISTRICTS]; /* of a district, from home; 0: estimated */
    uint32_t viable_minutes;               /* 0 = does not matter */
    bool viable_excludes;                  /* else it is ranked last and told */
    const struct busy *busy;
    size_t busy_count;
    Dw__RankCriterion ranking[RANKING_MAX]; /* the weightiest first */
    size_t ranking_count;
};

/* The sessions of a service that serve the wishes. */
struct pattern {
    const struct offer *offers[WISHES_MAX];
    size_t count;
    uint32_t minutes; /* a week */
};

/* What is paid from a date on. */
struct later_price {
    int32_t from; /* INT32_MAX: it stays as it is within the range */
    int64_t pence;
};

/* The same as it is told. */
struct sessions {
    uint32_t slots[WISHES_MAX]; /* in the timetable */
    size_t count;
    uint32_t minutes; /* a week */
    struct later_price later;
};

struct found {
    uint32_t place; /* in the catalogue */
    bool is_under_viable;
    bool is_mostly_closed;
    uint32_t band; /* tens of minutes of travel */
    int64_t price_pence;
    int64_t metres_squared;
};

struct near_miss {
    uint32_t place;
    uint32_t rule; /* SearchRule */
    int64_t metres_squared;
    int64_t price_pence;
    uint32_t minutes;
};

/* One of the two services of a split. */
struct split_part {
    uint32_t place;
    struct pattern pattern;
    int64_t price_pence; /* a week */
    struct later_price later;
    int64_t metres_squared;
};

struct split {
    struct split_part first;
    struct split_part second;
};

struct search_result {
    struct found found[RESULTS_MAX];       /* in no order; see order */
    uint8_t order[RESULTS_MAX];            /* places in found, best first */
    struct sessions sessions[RESULTS_MAX]; /* of each found, chosen when all are ranked */
    size_t found_count;
    uint32_t fitting;
    uint32_t total;
    uint32_t excluded[SEARCH_RULES];
    struct near_miss near_misses[NEAR_MISSES_MAX];
    size_t near_misses_count;
    struct split splits[SPLITS_MAX];
    size_t splits_count;
};

void capacity_search(struct catalogue *catalogue, struct timetable *timetable,
                     const struct search_request *request, struct search_result *ret_result);

/* What is the same for every service of a search. */
struct search {
    const struct search_request *request;
    const struct catalogue *catalogue;
    struct timetable *timetable;
    uint32_t services;
    uint32_t words;                            /* of a set of services */
    const struct spot *spots;                  /* of each service */
    const uint8_t *districts;                  /* of each service */
    const struct brief *briefs;                /* of each service */
    const uint64_t *is_ready;                  /* whose ready sessions serve the wishes */
    const uint16_t *ready_minutes[WISHES_MAX]; /* of each service, by wish */
    const uint32_t *ready_slots[WISHES_MAX];   /* the same */
    struct spot home;
    struct weeks weeks[8];              /* of the range, by weekday */
    int64_t metres_per_degree_x;        /* along the parallel of home */
    int64_t metres_max;                 /* travel: no farther in a straight line */
    int64_t limit_squared;              /* the same: under this is near enough */
    int64_t band_squared[TRAVEL_BANDS]; /* under this lies in that band or a nearer one */
    int64_t cell_squared
        [TRAVEL_DISTRICTS]; /* that takes as long as the matrix says; below 0: it does not */
};

/* --- search_sieve.c: the rules about properties, 64 services at a time ---------------------------------------------- */

enum { PROPERTY_RULES = 8, RULE_ROWS_MAX = 32 };

/* All rules in the order in which they are asked; the first PROPERTY_RULES are about properties, and the one about days ends them. */
extern const uint8_t capacity_search_rules[SEARCH_RULES - 1]; /* SearchRule */

/* The rows of one rule: all of them must be set (any of them, for kinds and modes); no rows: nobody fails. */
struct rule_rows {
    const uint64_t *rows[RULE_ROWS_MAX];
    size_t count;
    bool is_any;
};

struct sieve {
    struct rule_rows rules[PROPERTY_RULES]; /* in their order */
    uint32_t services;
    uint32_t words;
};

void capacity_sieve_prepare(struct sieve *sieve, const struct search *search);

/* Who passes all rules, and whom each excludes first. Returns how many pass. */
uint32_t capacity_sieve_pass(const struct sieve *sieve, uint32_t excluded[SEARCH_RULES],
                             uint64_t *ret_passing);

/* Who passes all rules but the one about days. */
void capacity_sieve_pass_but_days(const struct sieve *sieve, uint64_t *ret_passing);

/* Who of these words of a set fails exactly one, and which. */
void capacity_sieve_fail_one(const struct sieve *sieve, uint32_t first_word, uint32_t end_word,
                             uint64_t *ret_failing);
uint32_t capacity_sieve_rule(const struct sieve *sieve, uint32_t place);

/* --- search_around.c: who is how far ---------------------------------------------------------------------------------- */

/* Those near enough, and those in a belt around them, in the order of places. */
struct around {
    struct near_by *near;
    size_t near_count;
    struct near_by *belt;
    size_t belt_count;
    int64_t belt_squared; /* nearer than that is all that is in the belt */
};

/* Of the set. */
void capacity_around_look(const struct search *search, const struct scratch *scratch,
                          const uint64_t *set, struct around *ret_around);

/* Those near enough that fail one rule about properties, in place of those that pass; the belt stays. failing: memory for a set. */
void capacity_around_turn(const struct search *search, const struct sieve *sieve, uint64_t *failing,
                          struct around *around);

/* The same with a belt as wide as the world. */
void capacity_around_widen(const struct search *search, const uint64_t *set, struct around *around);

/* Whether the one stands nearer; at the same distance goes who is first by id. */
static inline bool capacity_around_nearer(const struct search *search, const struct near_by *left,
                                          const struct near_by *right)
{
    if (left->metres_squared != right->metres_squared)
        return left->metres_squared < right->metres_squared;
    return search->briefs[left->place].rank < search->briefs[right->place].rank;
}

/* Puts a list into the order that take wants, which gives the nearest of what is left, of which there must be one. */
void capacity_around_heap(const struct search *search, struct near_by *list, size_t count);
struct near_by capacity_around_take(const struct search *search, struct near_by *heap,
                                    size_t *count);

/* --- search_near.c: those near enough ------------------------------------------------------------------------------- */

/* Ranks those who are near enough and fit, counts the others by rule, and keeps the nearest who fail only one rule. */
void capacity_near_look(const struct search *search, struct around *around,
                        struct search_result *result);

/* By what the one stands behind the one ranked above it (NULL: none does). */
Dw__RankReason capacity_near_reason(const struct search_request *request, const struct found *above,
                                    const struct found *found);

/* Chooses the sessions of those found. */
void capacity_near_choose(const struct search *search, struct search_result *result);

/* --- search_miss.c: near misses ------------------------------------------------------------------------------------- */

/* Adds one of those near enough, when it is among the nearest. */
void capacity_miss_near(const struct search *search, const struct near_miss *miss,
                        struct search_result *result);

/* Adds those near enough that fail one rule about properties with nothing else wrong; scratch_set: memory for a set. */
void capacity_miss_others(const struct search *search, const struct sieve *sieve,
                          uint64_t *scratch_set, struct around *around,
                          struct search_result *result);

/* Adds those too far with nothing else wrong; passing: who passes the rules about properties. */
void capacity_miss_far(const struct search *search, const uint64_t *passing, struct around *around,
                       struct search_result *result);

/* --- search_split.c ------------------------------------------------------------------------------------------------- */

/* around: who of those who pass the rules about properties but the one about days is how far; its lists lose their order. */
void capacity_search_splits(const struct search *search, struct around *around,
                            struct search_result *result);

/* --- search_fit.c: one service against one request ------------------------------------------------------------------ */

void capacity_fit_prepare(struct search *search, const struct search_request *request,
                          const struct catalogue *catalogue, struct timetable *timetable,
                          uint32_t services);

enum { METRES_PER_DEGREE = 111195 }; /* of a sphere with the earth's mean radius, 6,371,009 m */

/* Square of the straight line from home, metres; 0 when nobody travels there. */
static inline int64_t capacity_fit_distance(const struct search *search, struct spot spot)
{
    if (spot.latitude_e6 == SPOT_ANYWHERE)
        return 0;
    const int64_t x = ((int64_t)spot.longitude_e6 - search->home.longitude_e6) *
                      search->metres_per_degree_x / 1000000;
    const int64_t y =
        ((int64_t)spot.latitude_e6 - search->home.latitude_e6) * METRES_PER_DEGREE / 1000000;
    return x * x + y * y;
}

/* The same, or the square of a straight line that takes as long as the matrix says. */
static inline int64_t capacity_fit_travel(const struct search *search, uint32_t place)
{
    if (search->request->has_matrix && search->cell_squared[search->districts[place]] >= 0 &&
        search->spots[place].latitude_e6 != SPOT_ANYWHERE)
        return search->cell_squared[search->districts[place]];
    return capacity_fit_distance(search, search->spots[place]);
}

/* Where the minutes to a service come from. */
Dw__TravelSource capacity_fit_travel_source(const struct search_request *request,
                                            const struct entry *entry);

/* The runs of the grid in which all lie that are no farther than so many metres: all there are when a matrix says how far some are. */
size_t capacity_fit_runs(const struct search *search, int64_t metres,
                         struct run ret_runs[GRID_RUNS_MAX]);

/* Minutes of travel of that distance, rounded up. */
uint32_t capacity_fit_travel_minutes(const struct search_request *request, int64_t metres_squared);

/* What a session must have to be chosen. */
enum {
    FIT_PLACES = 1, /* all that is used */
    FIT_PERSON = 2, /* a time at which the person is not elsewhere */
    FIT_OPEN = 4,   /* a sitting in the range that is not closed */
    FIT_ALL = FIT_PLACES | FIT_PERSON | FIT_OPEN,
};

/* --- search_choose.c: sessions of one service ----------------------------------------------------------------------- */

/* Chooses sessions for the wishes in the set (bit of each wish), in their order: a session chosen before serves again,
 * else the earliest that runs over the whole range, overlaps none chosen (nor any of besides, which may be NULL) and has
 * what it must (FIT_ …); where these have not the minutes a week, or cannot all be had, others that have and can, else those that
 * come nearest. Without any wishes: sessions in their order until the minutes are reached.
 * False when not every wish is served, or without wishes the minutes are not reached. */
bool capacity_fit_choose(const struct search *search, const struct entry *entry, uint32_t wishes,
                         unsigned musts, const struct pattern *besides,
                         struct pattern *ret_pattern);

/* True when the service is in the set. */
static inline bool capacity_set_has(const uint64_t *set, uint32_t place)
{
    return (set[place / 64] >> place % 64 & 1) != 0;
}

/* Of the range's weeks those from the first sitting of the session to the last one. */
static inline struct weeks capacity_fit_weeks(const struct offer *offer, struct weeks weeks)
{
    return capacity_weeks_every(offer->every_weeks, offer->runs.first, weeks);
}

/* True when the session serves the wish, whatever its dates and places. */
bool capacity_fit_serves(const struct offer *offer, const struct wish *wish);

/* True when the service has a session on the wish's day and in its part of it, at whatever time. */
bool capacity_fit_has_day(const struct entry *entry, const struct wish *wish);

/* --- search_judge.c: one service against the rules from contract to viable hours ----------------------------------- */

/* Finds out who is ready for all wishes, if that answers what is asked; ret_ready: memory for a set. */
void capacity_judge_prepare(struct search *search, uint64_t *ret_ready);

/* How a service stands. */
struct fit {
    uint32_t failures;
    uint32_t rule;    /* first that fails, 0 when none does */
    uint32_t minutes; /* a week, of the sessions chosen */
    int64_t price_pence;
    bool is_under_viable;
    bool is_mostly_closed;
};

void capacity_judge(const struct search *search, uint32_t place, struct fit *ret_fit);

/* Whether somebody may be placed there at all: it has a contract, where one is needed, is not suspended and is booked. */
bool capacity_judge_admits(const struct search *search, uint32_t place);

/* What sessions of a service cost in a week in which all of them sit, by the rates of the range's first date. */
int64_t capacity_judge_price(const struct search *search, uint32_t place,
                             const struct pattern *pattern);

/* When they cost something else within the range, and what. */
struct later_price capacity_judge_later_price(const struct search *search, uint32_t place,
                                              const struct pattern *pattern);

/* The sessions of a service that fails no rule. */
void capacity_judge_choose(const struct search *search, uint32_t place,
                           struct sessions *ret_sessions);

/* --- query_miss.c -------------------------------------------------------------------------------------------------- */

enum { MISS_SENTENCE_SIZE = 1024 }; /* fourteen full sessions, each with its date */

/* The one thing that would have to change for that service to fit, as a sentence; of a full session: which, and its first full date. */
void capacity_miss_sentence(struct timetable *timetable, const struct search_request *request,
                            const struct entry *entry, const struct near_miss *miss,
                            char ret_text[MISS_SENTENCE_SIZE]);

#endif
