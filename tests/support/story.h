/* A story: what people of several councils do with one set of real daemons, told in their commands. Every council under
 * deploy/authorities takes part, each with its own model. Messages are JSON with ' for ", ids are made from numbers, dates are days
 * from today. Nobody but stories includes this, so that its names are short. */
#ifndef DAYWAYS_TESTS_SUPPORT_STORY_H
#define DAYWAYS_TESTS_SUPPORT_STORY_H

#include "tests/support/rig.h"

#include "capacity.pb-c.h"
#include "placements.pb-c.h"
#include "referrals.pb-c.h"

enum { STORY_PROVIDERS = 24 };

/* For cmocka: all daemons run. One story at a time. */
int story_begin(void **unused);
int story_end(void **unused);

/* In which council all that follows happens: the name of a file of deploy/authorities. */
void story_in(const char *council);

/* The council's whole demonstration is loaded, as `dayways demo load` does it. */
void story_load_demonstration(void);

/* The id of that kind and number as UUID text, valid for the next 64 calls; story_bytes gives the same as an id. kind: any letter;
 * 'p' provider 1 to STORY_PROVIDERS have keys of their own, "provider-1" and so on. */
const char *story_id(char kind, unsigned number);
struct id story_bytes(char kind, unsigned number);

/* The date so many days from today, as text (valid for the next 64 calls), and today. */
const char *story_date(int32_t days);
int32_t story_today(void);

/* Somebody says something, and it is accepted; or it is refused by that name, and the sentence comes back (valid until the next
 * call). who: a role ("broker", "finance-officer"), a second person of it ("broker-2"), or a provider's key. */
void story_do(const char *who, const char *service, const char *command, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
const char *story_no(const char *who, const char *service, const char *command, const char *refusal,
                     const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Somebody asks, and is answered with that type; valid until the next question. */
const void *story_ask(const char *who, const char *service, const char *query,
                      const ProtobufCMessageDescriptor *type, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Sends without waiting; story_hear waits for all that were sent so. For races. */
void story_send(const char *who, const char *service, const char *command, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void story_hear(void);

/* Waits until the placement of that number is in that state; any other end than that fails the test. */
void story_wait(unsigned placement, Dw__PlacementState state);
const Dw__Placement *story_placement(unsigned number);
Dw__PlacementState story_state(unsigned placement);

/* How many events of that type the service's journal has in this council. */
size_t story_events(const char *service, const char *type);
/* Waits until there are so many. */
void story_wait_events(const char *service, const char *type, size_t count);

/* Kills all daemons where they stand, and every journal of every council folds to what is stored. They run again afterwards. */
void story_kill_and_verify(void);

/* --- the same again and again ------------------------------------------------------------------------------------- */

/* A provider and its contract (same number) for some levels, "1, 2", without an end. */
void story_provider(unsigned number, const char *kind, const char *contract, const char *levels);
/* A service of a provider at a level and district, for everybody, at a price a session; and its sessions, one each on the weekdays
 * of the bits (Monday = 1) from 10:00 to 15:00 with so many places. Session 1 to 7 of service 3 are numbers 31 to 37. */
void story_service(unsigned number, unsigned provider, unsigned level, unsigned district,
                   unsigned price_pence, unsigned weekdays, unsigned places);
/* A service that somebody else registers, for story_propose. */
void story_know_service(unsigned number, unsigned provider, unsigned level, unsigned price_pence);
/* A placement of that number, for the person of it: proposed by the broker from a date on, on the weekdays; and brought to active. */
void story_propose(unsigned number, unsigned service, unsigned weekdays, int32_t from);
void story_place(unsigned number, unsigned service, unsigned weekdays, int32_t from);

#endif
