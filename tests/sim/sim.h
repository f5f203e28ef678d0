/* The whole system in one process from one seed: every service's real functions and the real engine over a store, a bus and
 * clocks that one scheduler owns. The same seed gives the same run, bit for bit; nothing here reads a clock or an address.
 *
 * A step is one event delivered: a message, a call to the store or its answer, the end of a daemon's turn, a client's
 * move, a fault. Implements "make sim". */
#ifndef DAYWAYS_TESTS_SIM_H
#define DAYWAYS_TESTS_SIM_H

#include "common/shard.h"
#include "common/table.h"
#include "tests/sim/shelf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sim_service {
    SIM_REFERRALS,
    SIM_CAPACITY,
    SIM_PLACEMENTS,
    SIM_ATTENDANCE,
    SIM_OUTCOMES,
    SIM_REPORTING,
    SIM_SERVICES
};

enum {
    SIM_INSTANCES = 2,
    SIM_DAEMONS = SIM_SERVICES * SIM_INSTANCES,
    SIM_ACTORS = 26,
    SIM_CENTRES = 4, /* services of the town */
    SIM_OCCUPANCY_WEEKS = 26,
    SIM_PEOPLE = 60,
    SIM_LAST_QUESTIONS = 1 + SIM_CENTRES + 1 + SIM_PEOPLE, /* what is asked at the end */
};

/* What may go wrong; names are in sim_fault_names. */
enum sim_fault {
    FAULT_CRASH,     /* a daemon dies, between two steps or in the middle of what it says */
    FAULT_STOP,      /* a daemon is told to stop, and is started again */
    FAULT_PAUSE,     /* a daemon is stopped and continued, also in the middle of a turn */
    FAULT_PARTITION, /* a daemon hears nobody and nobody hears it */
    FAULT_DELAY,     /* messages take long, and overtake each other */
    FAULT_DROP,
    FAULT_DUPLICATE,
    FAULT_CUT,         /* a daemon's connections to the store break */
    FAULT_STORE_CRASH, /* the store dies and comes back with what it had acknowledged */
    FAULT_STALL,       /* the store answers nobody for a while */
    FAULT_REFUSE,      /* the store refuses what would write */
    FAULT_CLOCK,       /* the wall clock steps */
    FAULT_SLEEP,       /* the machine sleeps: all clocks go on, nobody works */
    /* Not among all, for the system does not stand it: the store counts leases on the clock that steps, as Redis does. */
    FAULT_LEASE_CLOCK,
    FAULTS
};
#define SIM_FAULTS_ALL ((UINT32_C(1) << FAULT_LEASE_CLOCK) - 1)
extern const char *const sim_fault_names[FAULTS];

/* --- the scheduler -------------------------------------------------------------------------------------------------- */

enum sim_event_kind {
    EVENT_REQUEST, /* to a daemon's ROUTER */
    EVENT_ANSWER,  /* to a daemon's DEALER */
    EVENT_BATCH,   /* to a daemon's SUB */
    EVENT_CLIENT,  /* a reply to a client */
    EVENT_TURN,    /* the end of a daemon's turn */
    EVENT_TICK,    /* a daemon's loop wakes */
    EVENT_ARRIVE,  /* a call reaches the store */
    EVENT_STORED,  /* the store's answer reaches a daemon */
    EVENT_GONE,    /* a daemon sees that its connections to the store broke */
    EVENT_CONNECT, /* a daemon tries to connect to the store */
    EVENT_START,   /* a dead daemon is started */
    EVENT_RESUME,  /* a paused daemon goes on */
    EVENT_ACT,     /* an actor moves */
    EVENT_RETRY,   /* a client asks again */
    EVENT_FAULT,   /* something goes wrong */
    EVENT_KINDS
};

struct sim_message;
struct sim_call;

struct sim_event {
    int64_t at_us;
    uint64_t order;
    enum sim_event_kind kind;
    uint32_t target;            /* daemon, actor or request */
    uint32_t life;              /* of the daemon it is meant for; 0: any */
    struct sim_message *shared; /* or NULL; counted */
    struct sim_call *call;      /* or NULL */
};

/* Bytes under way; one may be under way to several. */
struct sim_message {
    uint32_t users;
    uint32_t from; /* request (from a client) or SIM_FROM_DAEMON + daemon; of a batch the service */
    uint32_t len;
    uint32_t digest_len;
    uint8_t bytes[];
};
enum { SIM_FROM_DAEMON = 0x40000000 };

/* A daemon of one instance. */
struct sim_daemon {
    uint32_t number;
    enum sim_service service;
    uint32_t instance;
    struct sim *sim;
    char owner[48];
    struct shard *shard; /* NULL: dead */
    struct ids ids;
    uint32_t life; /* raised by every start */
    bool muted;    /* dying: what it says is not heard */
    bool dies_now; /* at the end of this event */
    bool paused;
    bool stopping;
    bool turn_planned;
    struct instant
        stale; /* what the clocks were when it was paused in the middle of a turn; 0: not */
    int64_t isolated_until_us;
    struct buffer held;           /* struct sim_event: what waits in a paused daemon's sockets */
    uint32_t route[SIM_SERVICES]; /* instance it sends to */
    struct sim_link *link;        /* to the store */
};

struct sim;

/* --- requests of clients ---------------------------------------------------------------------------------------------- */

enum sim_final {
    FINAL_NONE, /* not known yet */
    FINAL_ACCEPTED,
    FINAL_REFUSED,
    FINAL_NOT_DONE, /* failed with a code that says so */
    FINAL_QUERY     /* answered */
};

struct sim_request {
    struct id id;
    enum sim_service service;
    const ProtobufCMessageDescriptor *type;
    bool is_command;
    uint8_t role;
    uint8_t actor; /* SIM_ACTORS: nobody waits */
    uint8_t name;  /* of the principal */
    enum sim_final final;
    uint32_t of;    /* 1 + the request it repeats; 0: itself */
    bool must_fail; /* the id was used for something else, or the role may not */
    uint32_t tries;
    uint32_t decisions; /* in the journal */
    uint32_t events;    /* of them */
    uint64_t first_seq;
    uint64_t least_seq;  /* told to anybody before it was asked */
    uint64_t seq;        /* of the answer */
    uint32_t jumps_back; /* of the clock, when it was told final */
    int64_t deadline_ms;
    struct packed body;  /* owned */
    struct packed reply; /* owned: the final one, whole */
};

/* --- everything ------------------------------------------------------------------------------------------------------- */

struct sim_settings {
    uint64_t seed;
    uint64_t steps;
    uint32_t faults; /* bit set */
    bool quiet;      /* print nothing when all is well */
};

struct checker;
struct folk;

struct sim {
    struct sim_settings settings;
    uint64_t random;
    uint64_t hash;
    uint64_t step;
    uint64_t order;
    struct buffer heap; /* struct sim_event */
    uint32_t faults;    /* of this run: some kinds are left out, so that the others have room */
    uint32_t fault_every_us;
    int64_t now_us;
    int64_t wall_offset_ms; /* wall - boot */
    int64_t start_wall_ms;
    int64_t wall_max_ms; /* the latest any clock has shown, before the last step of it */
    uint32_t jumps_back;
    uint64_t reported; /* placements in the reports that were held against a recount */
    int64_t jumped_us; /* when the wall clock was put back last */
    bool calm;         /* faults have stopped */
    bool failed;
    char why[1024];
    const char *why_kind; /* the same without its numbers */
    const ProtobufCMessage *model;
    struct arena *model_arena;
    struct arena *arena; /* of one message */
    uint8_t model_digest[STORE_DIGEST_SIZE];
    uint8_t digest_key[STORE_DIGEST_SIZE];
    struct shelf *shelves[SIM_SERVICES];
    bool store_up;
    int64_t store_stalled_until_us;
    int64_t store_full_until_us;
    struct sim_daemon daemons[SIM_DAEMONS];
    struct buffer requests;                     /* struct sim_request * */
    struct table *requests_by_id[SIM_SERVICES]; /* id -> uint32_t */
    struct table *outbox_seen[SIM_SERVICES];    /* id of a row -> its digest */
    uint64_t told_seq[SIM_SERVICES];            /* the highest any client was told */
    uint32_t client_route[SIM_SERVICES];
    struct checker *checker;
    struct folk *folk;
    /* Carries a client's request out of the simulated town, to real daemons, and sees to it that it is answered; NULL: the
     * simulated bus does. */
    void (*ask)(struct sim *sim, uint32_t request);
    int64_t ambush_us; /* whose lease is made longer next is paused for so long; 0: nobody */
    uint64_t fault_counts[FAULTS];
    uint64_t kind_counts[EVENT_KINDS];
    uint32_t
        last_question; /* the first of those asked at the end: the dashboard; behind it the centres' occupancy, the budgets, people's costs */
    uint64_t commands_final;
    uint64_t recoveries;
};

extern const struct service *const sim_services[SIM_SERVICES];
extern const char sim_authority[];

/* Runs one seed to its end. True when nothing was found; prints what was. ret_hash may be NULL. */
struct sim_outcome {
    uint64_t hash;
    uint64_t step;
    const char *
        why_kind; /* a violation's, the same for all of its kind in one program; NULL: all was well */
};
bool sim_run(const struct sim_settings *settings, struct sim_outcome *ret_outcome);

/* --- sim.c --- */
/* For tests that let something certain happen instead of anything: a system that has just been started, one step of it. */
struct sim *sim_create(const struct sim_settings *settings);
void sim_step(struct sim *sim);
/* The town alone, on a day that has come to that time, for a world of real daemons (tests/chaos): its people, their requests
 * and the checker, and nobody to answer. */
struct sim *sim_create_town(const struct sim_settings *settings, int64_t wall_ms);
/* Delivers what is due by then. */
void sim_run_until(struct sim *sim, int64_t now_us);
/* When all is at rest: the dashboard, who sits where, and what all of it costs are asked for, for check_outcome. */
void sim_ask_last(struct sim *sim);
bool sim_last_is_answered(struct sim *sim);
void sim_destroy(struct sim *sim);
/* What is found ends the run. */
void sim_fail(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
uint32_t sim_roll(struct sim *sim, uint32_t below);
/* True once in so many times, when the fault is on. */
bool sim_chance(struct sim *sim, enum sim_fault fault, uint32_t one_in);
struct instant sim_now(const struct sim *sim);
void sim_plan(struct sim *sim, const struct sim_event *event, int64_t after_us);
void sim_mix(struct sim *sim, const void *bytes, size_t len);
enum sim_service sim_service_of(const char *name);

/* --- bus.c --- */
struct sim_message *message_new(uint32_t from, const void *bytes, size_t len, const void *digest,
                                size_t digest_len);
void message_drop(struct sim_message *message);
struct outlet bus_outlet(struct sim_daemon *daemon);
/* A client's request goes to the instance it believes in. */
void bus_ask(struct sim *sim, uint32_t request);

/* --- daemons.c --- */
void daemons_create(struct sim *sim);
void daemons_destroy(struct sim *sim);
void daemon_event(struct sim *sim, struct sim_event *event);
void daemon_kill(struct sim_daemon *daemon);
void daemon_pause(struct sim_daemon *daemon, int64_t for_us);
void daemon_wake(struct sim_daemon *daemon, int64_t after_us);

/* --- link.c --- */
struct sim_link *link_create(struct sim_daemon *daemon);
void link_destroy(struct sim_link **link);
struct store *link_store(struct sim_link *link);
void link_event(struct sim *sim, struct sim_event *event);
/* True when calls are under way. */
bool link_is_busy(const struct sim_link *link);
/* The connections break; the daemon sees it a little later. */
void link_cut(struct sim_link *link);
/* The daemon dies: its calls are answered UNKNOWN at once. */
void link_forget(struct sim_link *link);
void store_crash(struct sim *sim);

/* --- faults.c --- */
void fault_happen(struct sim *sim);
void faults_end(struct sim *sim);

/* --- clients.c --- */
struct sim_request *request_at(struct sim *sim, uint32_t number);
/* What is sent; points to the request. */
Dw__Envelope request_envelope(const struct sim *sim, const struct sim_request *request,
                              const char *authority);
struct sim_wish {
    enum sim_service service;
    const ProtobufCMessage *message;
    bool is_command;
    int role;
    uint8_t actor;
};
/* Sends it under a fresh id, again and again until the answer is final; returns its number. */
uint32_t client_send(struct sim *sim, const struct sim_wish *wish);
/* Sends what was sent before once more: the same, or something that must fail. */
void client_repeat(struct sim *sim, uint32_t request, uint32_t how);
void client_event(struct sim *sim, struct sim_event *event);
/* True when the client would still ask again. */
bool client_waits(struct sim *sim, const struct sim_event *event);
void clients_destroy(struct sim *sim);
const char *client_name(uint32_t number);

/* --- folk.c: who does what --- */
struct folk *folk_create(struct sim *sim);
void folk_destroy(struct folk **folk);
void folk_act(struct sim *sim, uint32_t actor);
/* The final answer to what the actor asked; body NULL: it was not done. */
void folk_answer(struct sim *sim, uint32_t actor, const struct sim_request *request,
                 const Dw__Envelope *answer);
/* True when everybody has come to an end. */
bool folk_is_quiet(const struct sim *sim);

/* --- check.c --- */
struct checker *checker_create(void);
void checker_destroy(struct checker **checker);
/* A commit the store has just taken. */
void check_commit(struct sim *sim, enum sim_service service, const struct store_commit *commit);
/* The next batch of a journal. */
void check_stored(struct sim *sim, enum sim_service service, struct packed batch,
                  const uint8_t digest[STORE_DIGEST_SIZE]);
/* What a daemon says, before anybody hears it. */
void check_reply(struct sim *sim, enum sim_service service, const void *bytes, size_t len);
void check_published(struct sim *sim, enum sim_service service, const void *bytes, size_t len,
                     const void *digest);
void check_sent(struct sim *sim, enum sim_service service, const void *bytes, size_t len);
/* A final answer to a client. */
void check_final(struct sim *sim, struct sim_request *request, const Dw__Envelope *answer);
void check_query(struct sim *sim, const struct sim_request *request, const Dw__Envelope *answer);
void check_health(struct sim *sim, const struct sim_daemon *daemon);
/* True when nothing is on its way any more. */
bool check_is_settled(struct sim *sim);
/* Tells what is still on its way. */
void check_unsettled(struct sim *sim, char *ret_text, size_t size);
/* How often each kind of event stands in the journals. */
void check_print_types(const struct sim *sim);
/* After the end: nobody holds a place for nothing or for other dates than agreed, and the report and the occupancy asked for are a
 * recount. */
void check_outcome(struct sim *sim);
/* The same, and what lies on the shelves. */
void check_end(struct sim *sim);

#endif
