/* The simulated town: who lives and works there, and what each remembers. folk.c says who moves when, folk_place.c and folk_coming.c are
 * about places, folk_buy.c is about call-offs and money, folk_refer.c about people and referrals, folk_day.c about everything else. */
#ifndef DAYWAYS_TESTS_SIM_FOLK_H
#define DAYWAYS_TESTS_SIM_FOLK_H

#include "tests/sim/sim.h"

#include "attendance.pb-c.h"
#include "capacity.pb-c.h"
#include "outcomes.pb-c.h"
#include "placements.pb-c.h"
#include "referrals.pb-c.h"
#include "reporting.pb-c.h"

enum {
    FOLK_PROVIDERS = 2,
    FOLK_CENTRES = SIM_CENTRES, /* two of each provider */
    FOLK_WEEKDAYS = 5,
    FOLK_PLACES = 3, /* few, so that people race for them */
    FOLK_PEOPLE = SIM_PEOPLE,
    FOLK_LEFT_MAX = 12,
    FOLK_KEPT = 64,   /* of what was asked for last */
    FOLK_RECENT = 12, /* referrals that somebody still works on */
};

enum folk_role {
    ROLE_KEEPER,
    ROLE_CAREFUL,  /* a broker who looks at what became of a proposal and sees it through */
    ROLE_RESTLESS, /* one who proposes, cancels and proposes again without looking */
    ROLE_MANAGER,
    ROLE_TAKER,
    ROLE_WORKER,
    ROLE_CLERK,
    ROLE_HOLDER, /* asks capacity itself */
    ROLE_READER,
    ROLE_BUYER,
    ROLE_MISCHIEF,
};

struct folk_actor {
    enum folk_role role;
    uint32_t step;
    uint32_t number; /* of what it is busy with */
    uint32_t part;
    uint32_t person;     /* whom it proposed last, … */
    uint32_t first;      /* … and for which session */
    struct buffer terms; /* packed: those of the placement it looked at last */
    bool asked;          /* only looked */
    bool resting;
    bool waits;
};

/* Who comes when, for whoever keeps the register. */
struct folk_attended {
    uint32_t person;
    uint32_t session; /* the first of it */
};

/* A placement nobody looks after. */
struct folk_left {
    uint32_t number;
    uint32_t part;
    bool cancelled; /* or tried */
};

struct folk {
    struct folk_actor actors[SIM_ACTORS];
    int32_t today;     /* when the run began */
    uint32_t think_us; /* at most, mostly */
    uint32_t next_number;
    uint32_t people;     /* recorded so far, or being recorded */
    uint32_t placements; /* highest number proposed */
    uint32_t plans;
    uint32_t milestones;
    uint32_t referrals;
    uint32_t referred[FOLK_KEPT];             /* by referral % FOLK_KEPT, the person */
    struct folk_attended attended[FOLK_KEPT]; /* at the in-house provider, going round */
    uint32_t attended_count;
    struct folk_left left[FOLK_LEFT_MAX];
    uint32_t left_count;
    uint32_t changes;  /* of patterns, proposed so far */
    uint32_t closures; /* declared so far, or being declared */
    uint32_t call_offs;
    uint32_t virements;
    bool built;
};

/* kinds: 'p' provider, 'c' contract, 's' service, 't' session, 'm' placement, 'h' hold, 'n' person, 'r' referral, 'f' feed,
 * 'g' goal, 'o' plan, 'x' outside use, 'k' closure, 'i' site,
 * 'u' unmet need, 'C' hold of a change, 'O' call-off, 'Q' offer, 'v' virement. */
struct id folk_id(char kind, uint32_t number);
uint32_t folk_send(struct sim *sim, uint32_t actor, enum sim_service service, int role,
                   const ProtobufCMessage *message, bool is_command);

/* --- folk_place.c --- */
/* When a session starts, minutes since midnight. */
uint32_t folk_starts(uint32_t session);
void folk_keep(struct sim *sim, uint32_t actor);
void folk_see_through(struct sim *sim, uint32_t actor);
void folk_seen(struct sim *sim, uint32_t actor, const Dw__Envelope *answer);
void folk_hurry(struct sim *sim, uint32_t actor);
void folk_manage(struct sim *sim, uint32_t actor);
void folk_hold(struct sim *sim, uint32_t actor);

/* --- folk_coming.c: the placement that was looked at goes on, or waits for approval --- */
void folk_approve(struct sim *sim, uint32_t actor, uint32_t placement);
void folk_go_on(struct sim *sim, uint32_t actor, uint32_t placement, bool suspended);

/* --- folk_buy.c --- */
void folk_buy(struct sim *sim, uint32_t actor);
void folk_looked(struct sim *sim, uint32_t actor, const Dw__Envelope *answer);

/* --- folk_refer.c --- */
void folk_council_id(uint32_t person, char ret_text[16]);
void folk_refer(struct sim *sim, uint32_t actor);

/* --- folk_day.c --- */
void folk_register(struct sim *sim, uint32_t actor);
void folk_plan(struct sim *sim, uint32_t actor);
void folk_read(struct sim *sim, uint32_t actor);

#endif
