/* Which services fit a wish: bit sets first, then one look at what is left.
 *
 * A service counts under the first rule, in the printed order of ExclusionRule, that excludes it. Answers never depend
 * on the directory's numbers: all ranking ends with the service's id. */
#ifndef DAYWAYS_CAPACITY_SEARCH_H
#define DAYWAYS_CAPACITY_SEARCH_H

#include "services/capacity/directory.h"
#include "services/capacity/timetable.h"
#include "services/capacity/travel.h"

enum {
    WANTS_MAX = 14, /* half days of a week */
    PICKS_MAX = 14, /* sessions taken: two a want, or one where there are more than 7 wants */
    HITS_MAX = 20,  /* what a person reads of a list */
    MISSES_MAX = 5,
    SPLITS_MAX = 3,
    SPLIT_PARTS = 32, /* services tried in pairs: the work stays under a thousand pairs */
    RULES = DW__EXCLUSION_RULE__EXCLUSION_RULE_PRICE + 1,
};

struct want {
    uint16_t start_minute;
    uint16_t end_minute;
    uint8_t weekday;
};

/* What is looked for, read and checked. */
struct search_wish {
    struct want wants[WANTS_MAX];
    size_t wants_count;
    uint32_t minutes; /* a week, at least */
    int32_t from;
    int32_t to; /* DATE_OPEN */
    uint32_t level;
    uint32_t need;
    uint32_t access; /* bits by AccessFeature */
    uint32_t modes;  /* bits by ServiceMode, 0 = any */
    bool contract;   /* the funding needs one */
    struct travel travel;
    uint32_t travel_minutes;
    uint32_t price_max_pence; /* a week, 0 = any */
    struct amounts uses;
    size_t limit;
};

/* What a service offers to a wish. */
struct search_fit {
    uint32_t fails;   /* bits by ExclusionRule, DAYS to PRICE */
    uint32_t covered; /* bits of the wants that have places */
    uint32_t minutes;
    uint32_t price_pence;
    uint16_t picks[PICKS_MAX]; /* slots of the offer */
    uint8_t picks_count;
    uint8_t trouble; /* the first want without a session, else the first without a place */
};

struct search_hit {
    uint32_t number; /* of the directory */
    uint32_t travel_minutes;
    Dw__ExclusionRule rule; /* of a miss */
    struct search_fit fit;
};

struct search_split {
    struct search_hit first;
    struct search_hit second;
};

struct search_result {
    struct search_hit hits[HITS_MAX];
    size_t hits_count;
    uint32_t matched;
    uint32_t excluded[RULES];
    struct search_hit misses[MISSES_MAX];
    size_t misses_count;
    struct search_split splits[SPLITS_MAX];
    size_t splits_count;
};

void search_find(struct directory *directory, struct timetable *timetable,
                 const struct search_wish *wish, struct search_result *ret_result);

/* The rules from DAYS on for one service, as if only the wants in the bits were asked for. */
struct search_fit search_fit(const struct offer *offer, struct timetable *timetable,
                             const struct search_wish *wish, uint32_t wants);

#endif
