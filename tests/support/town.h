/* A small council to test in: one provider, services with a session each weekday. Ids are made from numbers, so that a test
 * can name them. */
#ifndef DAYWAYS_TESTS_SUPPORT_TOWN_H
#define DAYWAYS_TESTS_SUPPORT_TOWN_H

#include "tests/support/rig.h"

#include "capacity.pb-c.h"
#include "placements.pb-c.h"

/* kind: 'p' provider (there is number 0 only, with the id of the rig's provider key), 'c' contract, 's' service, 't' session,
 * 'm' placement, 'h' hold, 'n' person. */
struct id town_id(char kind, uint32_t number);

/* Session of a service on a weekday 1 to 5. */
struct id town_session(uint32_t service, int weekday);

/* Registers provider, contract, and services with places on each weekday session; client must be the operator's. */
void town_build(struct client *client, uint32_t services, uint32_t places);

enum {
    TOWN_FROM = 20000,        /* 2024-10-04: the sessions' first date */
    TOWN_YEAR_PENCE = 255000, /* what every proposal costs a year */
};

/* A proposal for one session of a service, from today on, for ever. Points into static memory. */
const Dw__ProposePlacement *town_proposal(const struct id *placement, const struct id *hold,
                                          uint32_t person, uint32_t service, int weekday);

#endif
