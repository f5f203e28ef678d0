/* A small council for tests of capacity: a model, ids made of numbers, and one call a command. */
#ifndef DAYWAYS_TESTS_PLACES_H
#define DAYWAYS_TESTS_PLACES_H

#include "tests/support/pure.h"

#include "capacity.pb-c.h"
#include "model.pb-c.h"

enum { PLACES_HOLD_MINUTES = 60, PLACES_HOLD_MINUTES_MAX = 600 };

/* A model with travel at 30 km/h, detour 1.3 and 30 minutes, holds of an hour up to ten, viable hours 4 (warn). The
 * rules may be changed; the next call gives the same ones afresh. */
Dw__CommissioningModel *places_model(void);

/* The id that a number of a kind of thing has ('p' provider, 's' service …). Greater numbers give greater ids. */
struct id places_id(char kind, uint32_t number);

/* A repeatable sequence of random numbers (xorshift). */
struct places_random {
    uint64_t state;
};
uint32_t places_random(struct places_random *random, uint32_t below);

/* The clock of all calls below. */
struct places {
    struct pure *pure;
    int64_t now_ms;
    int32_t today;
    uint32_t person;      /* whom holds are for; 0: each for somebody else */
    uint32_t replaces;    /* which hold's booking they are to replace; 0: none */
    uint32_t every_weeks; /* of sessions that are set */
};

struct places places_open(void); /* 2026-11-23, a Monday */
void places_close(struct places *places);
void places_move(struct places *places, int32_t days, int64_t ms);

struct pure_outcome places_provider(struct places *places, uint32_t number);
struct pure_outcome places_contract(struct places *places, uint32_t number, uint32_t provider,
                                    uint32_t level, int32_t from, int32_t to);

/* Service with ordinary properties; change what matters before sending it. Valid until the next call. */
Dw__Service *places_service(uint32_t number, uint32_t provider);
struct pure_outcome places_send_service(struct places *places, Dw__Service *service);

/* limits: by LimitKind - 1, those above 0 are named. to INT32_MAX = no last date. */
struct pure_outcome places_session(struct places *places, uint32_t number, uint32_t service,
                                   uint32_t weekday, uint32_t start, uint32_t end,
                                   const int limits[5], int32_t from, int32_t to);

/* Others use a session, says somebody of that role; uses NULL or all 0: nothing any more. */
struct pure_outcome places_outside(struct places *places, int role, uint32_t number,
                                   uint32_t session, const int uses[5], int32_t from, int32_t to);
struct pure_outcome places_hold(struct places *places, uint32_t number, uint32_t service,
                                const uint32_t *sessions, size_t count, int32_t from, int32_t to,
                                const int uses[5], Dw__FundingRoute funding);
struct pure_outcome places_extend(struct places *places, uint32_t number, int64_t until_ms);
struct pure_outcome places_confirm(struct places *places, uint32_t number);
struct pure_outcome places_release(struct places *places, uint32_t number);
struct pure_outcome places_end(struct places *places, uint32_t number, int32_t last);

#endif
