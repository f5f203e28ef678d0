/* What link.c (connections and their faults) and calls.c (the calls themselves) share. Nobody else includes this. */
#ifndef DAYWAYS_TESTS_SIM_LINK_H
#define DAYWAYS_TESTS_SIM_LINK_H

#include "tests/sim/sim.h"

enum link_way { WAY_WRITES, WAY_READS, LINK_WAYS };

enum call_kind {
    CALL_TAKE,
    CALL_HEAD,
    CALL_RENEW,
    CALL_COMMIT,
    CALL_LOAD,
    CALL_REPLY,
    CALL_VAULT,
    CALL_BATCHES
};

/* One call under way. In the list of its link until it is answered. */
struct sim_call {
    struct sim_call *next;
    struct sim_link
        *link; /* NULL: the daemon has died, or the connection broke, and nobody waits */
    struct sim *sim;
    enum sim_service service;
    enum call_kind kind;
    bool under_way; /* an event holds it */
    bool executed;
    bool answered;
    bool lost;                /* it does not arrive */
    int64_t lingers_until_us; /* of a broken connection: it arrives no earlier */
    void *context;
    uint64_t ticket;
    store_done *done;
    store_taken *taken;
    store_row *row;
    store_batch *batch;
    enum store_result result;
    /* what it says */
    char owner[48];
    int64_t lease_ms;
    struct id history;
    struct store_commit commit; /* points into arguments */
    struct buffer arguments;
    enum store_part part;
    int64_t day;
    struct buffer ids; /* struct id; of a load the struct shelf_field not yet given */
    size_t ids_at;
    uint64_t from_seq;
    uint64_t until_seq;
    size_t limit;
    /* what is answered */
    struct store_head head;
    char holder[48];
    struct buffer rows; /* struct call_row */
};

struct call_row {
    uint64_t first_seq;
    struct shelf_field field;
    uint8_t digest[STORE_DIGEST_SIZE];
    struct packed value; /* owned */
};

struct sim_link {
    struct store store; /* first, so that it is the link */
    struct sim_daemon *daemon;
    bool ready;
    bool gone_planned;
    struct sim_call *first;
    struct sim_call *last;
    int64_t arrives_us[LINK_WAYS]; /* of the last call sent */
    int64_t answers_us[LINK_WAYS];
};

/* --- calls.c --- */
extern const struct store_operations link_operations;
enum link_way call_way(const struct sim_call *call);
/* At the store. True when the call is complete; else it has to arrive once more. */
void call_execute(struct sim_call *call);
/* Tells the daemon; true when more of it is to come. */
bool call_deliver(struct sim_call *call);
void call_unknown(struct sim_call *call);
void call_free(struct sim_call *call);

/* --- link.c --- */
void link_submit(struct sim_link *link, struct sim_call *call);

#endif
