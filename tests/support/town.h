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
    TOWN_STARTS =
        20760, /* 2026-11-03: the first date of every proposal; a start is not told before its day */
    TOWN_FROM = 18000,        /* 2019-04-14: the sessions' first date */
    TOWN_YEAR_PENCE = 255000, /* what every proposal costs a year */
};

/* A proposal for one session of a service, from today on, for ever. Points into static memory. */
const Dw__ProposePlacement *town_proposal(const struct id *placement, const struct id *hold,
                                          uint32_t person, uint32_t service, int weekday);

/* The proposal of that number: its placement, its hold and its person have it too; the first service, on Mondays. */
const ProtobufCMessage *town_proposes(uint32_t number);

/* The council's own id of a person: "LAS-000007". */
enum { TOWN_COUNCIL_ID_SIZE = 16 };
void town_council_id(uint32_t person, char ret_text[TOWN_COUNCIL_ID_SIZE]);

/* Records people with numbers from first on in referrals; client must be the operator's. */
void town_record(struct client *client, uint32_t first, uint32_t count);

/* Gives each of them a placement of service 0 (number = the person's) on the weekdays of the bits (bit 0: Monday), proposed,
 * accepted and started from that date on; waits until all are active. */
void town_place(struct client *client, uint32_t first, uint32_t count, unsigned weekdays,
                int32_t from);

#endif
