/* Stored live state against the fold of the stored journal, byte for byte: common/verify.c over the shelves. */
#include "tests/sim/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/verify.h"

/* A call is answered after it has returned: one at a time is under way. */
struct direct_store {
    struct store store;
    struct sim *sim;
    enum sim_service service;
    void (*answer)(struct direct_store *direct); /* NULL: nothing is under way */
    void *context;
    store_taken *taken;
    store_row *row;
    store_batch *batch;
    store_done *done;
    enum store_part part;
    int64_t day; /* of replies */
    uint64_t from_seq;
    uint64_t until_seq;
    size_t limit;
    int differences;
};

static bool is_ready(const struct store *store)
{
    return store != NULL;
}

static void answer_head(struct direct_store *direct)
{
    const struct store_head head = shelf_head(direct->sim->shelves[direct->service]);
    direct->taken(direct->context, 0, STORE_OK, &head, "");
}

static void read_head(struct store *store, store_taken *taken, void *context, uint64_t ticket)
{
    struct direct_store *direct = (struct direct_store *)(void *)store;
    (void)ticket;
    direct->taken = taken;
    direct->context = context;
    direct->answer = answer_head;
}

static void answer_load(struct direct_store *direct)
{
    struct table *part =
        shelf_part(direct->sim->shelves[direct->service], 0, direct->part, direct->day);
    const void *key;
    void *value;
    for (size_t at = 0; part != NULL && table_next(part, &at, &key, &value);) {
        const struct shelf_field *field = key;
        direct->row(direct->context, 0, (struct packed){field->bytes, field->len},
                    *(const struct packed *)value);
    }
    direct->done(direct->context, 0, STORE_OK);
}

static void load(struct store *store, enum store_part part, int64_t day, store_row *row,
                 store_done *done, void *context, uint64_t ticket)
{
    struct direct_store *direct = (struct direct_store *)(void *)store;
    (void)ticket;
    direct->part = part;
    direct->day = day;
    direct->row = row;
    direct->done = done;
    direct->context = context;
    direct->answer = answer_load;
}

static void answer_batches(struct direct_store *direct)
{
    size_t count;
    const struct shelf_batch *batches =
        shelf_batches(direct->sim->shelves[direct->service], direct->from_seq, direct->until_seq,
                      direct->limit, &count);
    for (size_t at = 0; at < count; at++)
        direct->batch(direct->context, 0, batches[at].first_seq,
                      (struct packed){batches[at].digest, STORE_DIGEST_SIZE}, batches[at].bytes);
    direct->done(direct->context, 0, STORE_OK);
}

static void read_batches(struct store *store, uint64_t from_seq, uint64_t until_seq, size_t limit,
                         store_batch *batch, store_done *done, void *context, uint64_t ticket)
{
    struct direct_store *direct = (struct direct_store *)(void *)store;
    (void)ticket;
    direct->from_seq = from_seq;
    direct->until_seq = until_seq;
    direct->limit = limit;
    direct->batch = batch;
    direct->done = done;
    direct->context = context;
    direct->answer = answer_batches;
}

static const struct store_operations operations = {
    .is_ready = is_ready, .read_head = read_head, .load = load, .read_batches = read_batches};

/* Another service's journal as FetchEvents gives it. */
static int fetch(void *context, const char *service, uint64_t from_seq, struct buffer *ret_fetched)
{
    enum { BATCHES = 200 };
    const struct direct_store *direct = context;
    Dw__EventsFetched fetched = DW__EVENTS_FETCHED__INIT;
    Dw__StoredBatch rows[BATCHES];
    Dw__StoredBatch *list[BATCHES];
    size_t count;
    const struct shelf_batch *batches = shelf_batches(direct->sim->shelves[sim_service_of(service)],
                                                      from_seq, UINT64_MAX, BATCHES, &count);
    for (size_t at = 0; at < count; at++) {
        rows[at] = (Dw__StoredBatch)DW__STORED_BATCH__INIT;
        rows[at].batch = (ProtobufCBinaryData){batches[at].bytes.len,
                                               (uint8_t *)(uintptr_t)batches[at].bytes.bytes};
        rows[at].digest =
            (ProtobufCBinaryData){STORE_DIGEST_SIZE, (uint8_t *)(uintptr_t)batches[at].digest};
        list[at] = &rows[at];
    }
    fetched.n_batches = count;
    fetched.batches = list;
    buffer_pack(ret_fetched, &fetched.base);
    return 0;
}

static void done(void *context, int differences)
{
    ((struct direct_store *)context)->differences = differences;
}

/* verify tells on standard output what it found; only what differs is of interest. */
static int silence(void)
{
    (void)fflush(stdout);
    const int kept = dup(STDOUT_FILENO);
    FILE *nothing = fopen("/dev/null", "we");
    if (nothing != NULL) {
        (void)dup2(fileno(nothing), STDOUT_FILENO);
        (void)fclose(nothing);
    }
    return kept;
}

static void speak(int kept)
{
    (void)fflush(stdout);
    (void)dup2(kept, STDOUT_FILENO);
    (void)close(kept);
}

static int verify(struct sim *sim, enum sim_service service)
{
    struct direct_store direct = {
        .store.operations = &operations, .sim = sim, .service = service, .differences = -1};
    struct verify_settings settings = {.service = sim_services[service],
                                       .authority = sim_authority,
                                       .store = &direct.store,
                                       .context = &direct,
                                       .fetch = fetch,
                                       .done = done};
    for (size_t at = 0; at < STORE_DIGEST_SIZE; at++)
        settings.digest_key[at] = sim->digest_key[at];
    verify_begin(&settings);
    while (direct.answer != NULL) {
        void (*answer)(struct direct_store *) = direct.answer;
        direct.answer = NULL;
        answer(&direct);
    }
    return direct.differences;
}

void check_verify(struct sim *sim)
{
    for (int at = 0; at < SIM_SERVICES; at++) {
        const int kept = silence();
        const int differences = verify(sim, (enum sim_service)at);
        speak(kept);
        if (differences == 0)
            continue;
        sim_fail(sim, "%s: stored live state is not the fold of its journal",
                 sim_services[at]->name);
        (void)verify(sim, (enum sim_service)at);
    }
}
