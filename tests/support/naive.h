/* The naive model of a search: a council in plain arrays, and FindCapacity answered by asking every rule of every service by
 * loops over dates and people. It shares no code with the service and is the judge of its answers: of the same services in
 * the same order with the same figures, the same counts, the same near misses, the same splits. */
#ifndef DAYWAYS_TESTS_NAIVE_H
#define DAYWAYS_TESTS_NAIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capacity.pb-c.h"

enum {
    NAIVE_SESSIONS_MAX = 10,
    NAIVE_WISHES_MAX = 4,
    NAIVE_FAR = INT32_MAX,      /* a date that never comes */
    NAIVE_WORLD_DAYS = 4 * 366, /* nothing changes after so many days from today */
    NAIVE_RULES = 19,           /* of enum SearchRule, 0 included */
    NAIVE_CLOSURES_MAX = 4,     /* of one session */
    NAIVE_REASONS = 8,          /* of enum RankReason, 0 included */
    NAIVE_BUSY_MAX = 256,
    NAIVE_DISTRICTS = 6, /* 0 included, which is none */
    NAIVE_PLACES = 1,    /* musts of a choice, see naive_choose */
    NAIVE_PERSON = 2,
    NAIVE_OPEN = 4,
};

struct naive_hold {
    uint32_t number; /* of its id */
    uint32_t person; /* of the id of somebody whom a search may be for; 0: nobody */
    int from, to;
    int uses[5]; /* by LimitKind - 1, as all amounts here */
};

struct naive_session {
    uint32_t number; /* of its id: service * 16 + less than 16 */
    int weekday, start, end;
    int limits[5];
    struct naive_had { /* what it had until that date, the earliest first */
        int until;
        int limits[5];
    } * had;
    size_t had_count;
    int from, to;
    int every; /* weeks; 0: each */
    struct naive_closure {
        uint32_t number; /* of its id */
        int from, to;
    } closures[NAIVE_CLOSURES_MAX];
    size_t closures_count;
    struct naive_hold *holds;
    size_t holds_count;
};

struct naive_service {
    uint32_t number, provider; /* of their ids; a service's number is its place in the array */
    unsigned needs, access, activities; /* bits */
    int level, mode, kind, age_from, age_to, unit, district;
    int latitude, longitude;
    long long price;
    int rates_from, rates_unit; /* what is agreed and has not begun; no unit: nothing */
    long long rates_price;
    bool is_suspended, is_unbooked;
    struct naive_session sessions[NAIVE_SESSIONS_MAX];
    size_t sessions_count;
};

struct naive_contract {
    uint32_t provider;
    int level, from, to;
};

/* How often what was told and compared, so that a test can see that everything occurred. */
struct naive_seen {
    size_t excluded[NAIVE_RULES], near[NAIVE_RULES], reasons[NAIVE_REASONS], sources[4], found,
        splits, splits_dear, splits_short, drops, price_changes;
};

struct naive {
    int today;
    int speed_metres_per_hour,
        travel_limit_minutes; /* of the model; its detour is 1.3, viable are 240 minutes */
    int cells[NAIVE_DISTRICTS]
             [NAIVE_DISTRICTS]; /* of the model's matrix, minutes from and to; 0: none */
    struct naive_service *services;
    size_t services_count;
    struct naive_contract *contracts;
    size_t contracts_count;
    struct naive_verdict *verdicts; /* of each service, on the last search */
    struct naive_busy {             /* where the person of that search is */
        const struct naive_session *session;
        const struct naive_hold *hold;
    } busy[NAIVE_BUSY_MAX];
    size_t busy_count;
    struct naive_seen seen;
};

struct naive_wish {
    int weekday, part, start, end;
};

struct naive_search {
    struct naive_wish wishes[NAIVE_WISHES_MAX];
    size_t wishes_count;
    int minutes, from, weeks, latitude, longitude, level, age, funding, travel_max, results_max;
    unsigned needs, access, modes, kinds, activities;
    long long price_limit;
    int uses[5];
    int viable_effect; /* RuleEffect, of the model */
    uint32_t person;   /* 0: not said */
    int district;      /* of the home; 0: not said */
    int ranking[5];    /* RankCriterion, of the model, up to the first 0; none: as usual */
};

/* An empty council with room for so many; the caller fills the arrays. */
struct naive naive_create(size_t services, size_t contracts);
void naive_destroy(struct naive *naive);

/* Adds a hold that was accepted; takes the one at that place away. */
void naive_hold(struct naive_session *session, const struct naive_hold *hold);
void naive_release(struct naive_session *session, size_t at);

/* The session has these limits from today on, or, when it has not run before, on all its dates. */
void naive_limits(const struct naive *naive, struct naive_session *session, const int limits[5]);

/* Sets the properties of a service in its message; what they point to is valid until the next call. */
void naive_service_properties(const struct naive_service *service, Dw__Service *ret_message);

/* The search as a message, valid until the next call. */
const Dw__FindCapacity *naive_message(const struct naive_search *search);

/* Judges every service and fails the test (cmocka) unless the answer is the same. */
void naive_check(struct naive *naive, const struct naive_search *search,
                 const Dw__CapacityFound *found);

/* --- naive.c for naive_check.c -------------------------------------------------------------------------------------- */

struct naive_choice {
    const struct naive_session *sessions[NAIVE_SESSIONS_MAX];
    size_t count;
    int minutes;       /* a week, on average */
    int whole_minutes; /* of a week in which all sit */
};

struct naive_verdict {
    bool fails
        [NAIVE_RULES]; /* complete up to the rule about contracts; beyond only while at most one fails */
    int place;         /* of the service */
    int properties; /* so many rules about properties fail */
    int failures, first;
    long long square, price;
    int source; /* TravelSource */
    int travel, minutes;
    bool under_viable, mostly_closed;
    struct naive_choice choice;
};

/* All rules in the order in which they are asked. */
extern const int naive_rules[NAIVE_RULES - 1];

void naive_judge(const struct naive *naive, const struct naive_search *search,
                 const struct naive_service *service, struct naive_verdict *ret_verdict);

/* Fills in where the person of the search is. */
void naive_note_busy(struct naive *naive, const struct naive_search *search);

/* Sessions for the wishes in the set, as the service must choose them: with places, at times when the person has time, as musts
 * say. False when it cannot. */
bool naive_choose(const struct naive *naive, const struct naive_search *search,
                  const struct naive_service *service, unsigned wishes, unsigned musts,
                  const struct naive_choice *besides, struct naive_choice *choice);

/* What the choice costs on a date, in a week in which all of it sits, pence. */
long long naive_price(const struct naive_service *service, const struct naive_choice *choice,
                      int date);

/* The last date of the search's range. */
int naive_last_day(const struct naive *naive, const struct naive_search *search);

/* What is wanted on days on which it has a session can be had there. */
bool naive_fits_on_other_days(const struct naive *naive, const struct naive_search *search,
                              const struct naive_service *service);

/* More than half of the sittings are closed of what is chosen in the range's first year. */
bool naive_mostly_closed(const struct naive *naive, const struct naive_search *search,
                         const struct naive_choice *choice);

/* First sitting of the range that is closed; NAIVE_FAR: none is. */
int naive_closed(const struct naive *naive, const struct naive_search *search,
                 const struct naive_session *session);

/* What is free of a limit on the fullest sitting; ret_first on the first one, ret_when is the first such date. */
int naive_free(const struct naive *naive, const struct naive_search *search,
               const struct naive_session *session, int kind, int *ret_first, int *ret_when);

#endif
