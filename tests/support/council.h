/* The council that lookups are measured in: 10,000 services with 5 to 10 sessions each on 55 × 53 km, one provider with a
 * contract for all levels, and searches as a broker makes them. All from a seed. */
#ifndef DAYWAYS_TESTS_COUNCIL_H
#define DAYWAYS_TESTS_COUNCIL_H

#include "tests/support/naive.h"
#include "tests/support/town.h"

enum {
    COUNCIL_SERVICES = 10000,
    COUNCIL_PEOPLE = 200, /* whom searches are for, from number COUNCIL_PERSON on */
    COUNCIL_PERSON = 5000000,
    COUNCIL_SESSIONS_MIN = 5,
    COUNCIL_SESSIONS_MAX = 10,
    COUNCIL_LEVELS = 3,
    COUNCIL_FROM = TOWN_FROM, /* the first date of contracts and sessions */
    COUNCIL_STARTS = 20900,   /* 2027-03-23: the date that is searched from, and held from */
};

/* One of the services, somewhere in the council, with its sessions. */
void council_service(uint64_t *seed, uint32_t number, struct naive_service *ret_service);

/* The services with their sessions, nothing held; their provider's number is 0. */
struct naive council_create(uint64_t *seed);

/* The same with every filter there is, each of which leaves most services: a level, kinds, an activity, access, modes, age, price,
 * travel, a time of day, a year, a wheelchair space beside the place, and a person who is elsewhere at times. */
void council_search_all(uint64_t *seed, struct naive_search *ret_search);

/* Two days side by side, four hours, one need, any level or one of them, for ever. */
void council_search(uint64_t *seed, struct naive_search *ret_search);

#endif
