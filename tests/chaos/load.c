/* The simulator's town over real clients: see chaos.h. Each request is kept with the answer its client was given, which is the
 * client's log; at the end the journals are read back and the simulator's checker holds one against the other. */
#include "tests/chaos/chaos.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/text.h"
#include "reporting.pb-c.h"
#include "tests/sim/check.h"
#include "tests/sim/folk.h"

enum {
    THINK_US = 45 * 1000, /* at most, mostly: some 600 requests a second */
    LATER_US = 20 * 1000,
    PATIENCE_MS = 3600 * 1000,
    REST_MS = 60 * 1000, /* within which everything comes to rest after the last fault */
    LAPSE_MS =
        75 * 1000, /* a hold lapses so soon after its time: a minute, when a clock has stepped */
    FETCH = 200,
    CLOCK_MS =
        5000, /* a batch's time may be that of its first decision, and clocks differ so much */
};

static const int roles[CHAOS_ROLES] = {
    DW__ROLE__ROLE_BROKER,         DW__ROLE__ROLE_SOCIAL_WORKER,   DW__ROLE__ROLE_PROVIDER_MANAGER,
    DW__ROLE__ROLE_REGISTER_TAKER, DW__ROLE__ROLE_QUALITY_OFFICER, DW__ROLE__ROLE_COMMISSIONER,
    DW__ROLE__ROLE_OPERATOR,       DW__ROLE__ROLE_APPROVER};

static struct chaos *here; /* whose town asks; there is one at a time */

/* --- asking ------------------------------------------------------------------------------------------------------------- */

/* What a client waits for; it knows its questions by their ids, so it asks one thing once at a time. */
struct question {
    uint32_t request;
    uint32_t clock_steps; /* when it was asked */
    struct asked {
        struct client *client;
        struct id id;
    } key;
};

static struct table *asked; /* struct asked -> bool */

static void on_answer(void *context, const struct client_answer *answer)
{
    struct question *question = context;
    Dw__Envelope envelope = DW__ENVELOPE__INIT;
    struct buffer bytes = {0};
    table_remove(asked, &question->key);
    envelope.id = envelope.correlation_id = id_to_data(&answer->id);
    envelope.type = (char *)(uintptr_t)answer->type;
    envelope.body =
        (ProtobufCBinaryData){answer->body.len, (uint8_t *)(uintptr_t)answer->body.bytes};
    envelope.seq = answer->seq;
    buffer_pack(&bytes, &envelope.base);
    if (answer->type[0] == '\0') {
        chaos_fail(here, "a request was not answered in an hour");
    } else {
        struct sim_event event = {
            .kind = EVENT_CLIENT,
            .target = question->request,
            .shared = message_new(SIM_FROM_DAEMON, bytes.bytes, bytes.len, NULL, 0)};
        /* Who asked while clocks were wrong may have been told that it is too late by one, and been served by another. */
        const bool is_sure =
            question->clock_steps == here->clock_steps && here->clock_steps % 2 == 0;
        client_event(here->sim, &event);
        request_at(here->sim, question->request)->jumps_back = is_sure ? 0 : 1;
    }
    buffer_free(&bytes);
    free(question);
}

/* An answer is known by its id alone, so whoever uses one for something else hears what a late copy of the first is answered: on a
 * connection of its own it is not. */
static struct client *client_of(const struct sim_request *request)
{
    for (size_t at = 0; at < here->clients_count; at += CHAOS_NAMES * CHAOS_CONNECTIONS)
        if (here->clients[at].role == request->role)
            return here
                ->clients[at + request->name % CHAOS_NAMES * CHAOS_CONNECTIONS + request->must_fail]
                .client;
    fail_msg("the town has nobody of role %s", role_to_text(request->role));
    return NULL;
}

/* What the town's people ask goes to real daemons; a client asks again until it has a final answer. */
static void ask(struct sim *sim, uint32_t number)
{
    const struct sim_request *request = request_at(sim, number);
    const struct sim_event later = {.kind = EVENT_RETRY, .target = number, .life = request->tries};
    struct question *question = calloc(1, sizeof *question);
    bool is_new;
    assert_non_null(question);
    question->request = number;
    question->clock_steps = here->clock_steps;
    question->key.client = client_of(request);
    question->key.id = request->id;
    (void)table_put(asked, &question->key, &is_new);
    if (!is_new) {
        free(question);
        sim_plan(sim, &later, LATER_US);
        return;
    }
    const Dw__Envelope envelope = request_envelope(sim, request, rig_authority);
    client_ask_envelope(question->key.client, sim_services[request->service]->name, &envelope,
                        PATIENCE_MS, on_answer, question);
}

/* --- beginning ------------------------------------------------------------------------------------------------------------ */

static void make_clients(struct chaos *chaos)
{
    const struct id provider = folk_id('p', 0);
    char names[CHAOS_ROLES * CHAOS_NAMES][64];
    for (int role = 0; role < CHAOS_ROLES; role++)
        for (uint32_t name = 0; name < CHAOS_NAMES; name++) {
            char *text = names[role * CHAOS_NAMES + (int)name];
            const bool is_provider = roles[role] == DW__ROLE__ROLE_PROVIDER_MANAGER ||
                                     roles[role] == DW__ROLE__ROLE_REGISTER_TAKER;
            (void)text_format(text, 64, "%s-%s", role_to_text(roles[role]), client_name(name));
            assert_int_equal(key_pair_create(rig_keys(chaos->rig), text, roles[role], "*",
                                             is_provider ? &provider : NULL),
                             0);
        }
    for (int at = 0; at < CHAOS_ROLES * CHAOS_NAMES * CHAOS_CONNECTIONS; at++)
        chaos->clients[chaos->clients_count++] =
            (struct chaos_client){roles[at / CHAOS_CONNECTIONS / CHAOS_NAMES],
                                  rig_client(chaos->rig, names[at / CHAOS_CONNECTIONS])};
    chaos->probe = rig_client(chaos->rig, "operator");
}

static int64_t wall_ms(const struct chaos *chaos)
{
    return client_now_ms(chaos->probe);
}

/* Before the daemons are started: they read the keys once. */
void load_begin(struct chaos *chaos)
{
    here = chaos;
    asked = table_create(sizeof(struct asked), sizeof(bool));
    make_clients(chaos);
    const struct sim_settings settings = {.seed = chaos->seed};
    chaos->start_us = loop_boot_us_now();
    chaos->sim = sim_create_town(&settings, wall_ms(chaos));
    chaos->sim->ask = ask;
    chaos->sim->folk->think_us = THINK_US;
    for (size_t at = 0; at < STORE_DIGEST_SIZE; at++)
        chaos->sim->digest_key[at] = (uint8_t)at; /* the rig's */
}

void load_turn(struct chaos *chaos)
{
    for (size_t at = 0; at < chaos->clients_count; at++)
        client_poll(chaos->clients[at].client);
    client_poll(chaos->probe);
    sim_run_until(chaos->sim, loop_boot_us_now() - chaos->start_us);
    if (chaos->sim->failed)
        chaos_fail(chaos, "%s", chaos->sim->why);
}

bool load_is_built(const struct chaos *chaos)
{
    return chaos->sim->folk->built;
}

void load_end(struct chaos *chaos)
{
    for (size_t at = 0; at < chaos->clients_count; at++)
        client_destroy(&chaos->clients[at].client);
    client_destroy(&chaos->probe);
    sim_destroy(chaos->sim);
    table_destroy(&asked);
}

/* --- probing ---------------------------------------------------------------------------------------------------------------- */

static void on_probed(void *context, const struct client_answer *answer)
{
    struct chaos *chaos = context;
    if (strcmp(answer->type, "Refused") != 0 && strcmp(answer->type, "DashboardShown") != 0)
        chaos_fail(chaos, "a probe is answered '%s'", answer->type);
    chaos->probes_waiting--;
}

static void probe(struct chaos *chaos, enum sim_service service, const ProtobufCMessage *message)
{
    chaos->probes_waiting++;
    (void)client_ask(chaos->probe, rig_authority, chaos_services[service], message, NULL,
                     PATIENCE_MS, on_probed, chaos);
}

/* Commands about what nobody knows: a refusal is remembered, so it is committed like everything else. */
void load_probe(struct chaos *chaos)
{
    const struct id nobody = {{0xee}};
    Dw__SubmitReferral submit = DW__SUBMIT_REFERRAL__INIT;
    Dw__ConfirmHold confirm = DW__CONFIRM_HOLD__INIT;
    Dw__AcceptOffer accept = DW__ACCEPT_OFFER__INIT;
    Dw__CloseFeed close = DW__CLOSE_FEED__INIT;
    Dw__ReviewGoal review = DW__REVIEW_GOAL__INIT;
    Dw__Date date = DW__DATE__INIT;
    Dw__Score score = DW__SCORE__INIT;
    Dw__Dashboard dashboard = DW__DASHBOARD__INIT;
    submit.referral_id = confirm.hold_id = accept.placement_id = close.feed_id = review.plan_id =
        review.goal_id = id_to_data(&nobody);
    date.days = chaos->sim->folk->today;
    review.date = &date;
    review.score = &score;
    review.result = DW__REVIEW_RESULT__REVIEW_RESULT_PARTLY;
    review.by = DW__REVIEWED_BY__REVIEWED_BY_PERSON;
    probe(chaos, SIM_REFERRALS, &submit.base);
    probe(chaos, SIM_CAPACITY, &confirm.base);
    probe(chaos, SIM_PLACEMENTS, &accept.base);
    probe(chaos, SIM_ATTENDANCE, &close.base);
    probe(chaos, SIM_OUTCOMES, &review.base);
    probe(chaos, SIM_REPORTING, &dashboard.base);
}

bool load_has_recovered(const struct chaos *chaos)
{
    return chaos->probes_waiting == 0;
}

/* --- the end ---------------------------------------------------------------------------------------------------------------- */

static const char *first_waiting(struct sim *sim)
{
    const size_t count = sim->requests.len / sizeof(struct sim_request *);
    for (uint32_t at = 0; at < count; at++)
        if (request_at(sim, at)->final == FINAL_NONE)
            return message_name(request_at(sim, at)->type);
    return "nothing";
}

static void wait_for_rest(struct chaos *chaos)
{
    const int64_t until_ms = loop_boot_ms_now() + REST_MS;
    chaos->sim->calm = true;
    while (!chaos->failed && !folk_is_quiet(chaos->sim)) {
        chaos_turn(chaos);
        if (loop_boot_ms_now() > until_ms)
            chaos_fail(chaos, "%s is not answered", first_waiting(chaos->sim));
    }
}

/* The checker looks at a batch when it would have been written. */
static void set_clock(struct chaos *chaos, const Dw__Batch *batch)
{
    struct sim *sim = chaos->sim;
    sim->wall_offset_ms += batch->recorded_ms + CLOCK_MS - sim_now(sim).wall_ms;
    /* A clock that was ahead when a batch was recorded makes those behind it look late, for as long as it was ahead. */
    sim->wall_max_ms = chaos->clock_steps > 0 ? batch->recorded_ms + CHAOS_CLOCK_STEP_MS : 0;
    sim->jumped_us = chaos->clock_steps > 0 ? sim->now_us : INT64_MIN / 2;
}

static void fold(struct chaos *chaos, enum sim_service service, const Dw__EventsFetched *fetched,
                 uint64_t *next_seq)
{
    for (size_t at = 0; at < fetched->n_batches; at++) {
        const Dw__StoredBatch *stored = fetched->batches[at];
        Dw__Batch *batch = dw__batch__unpack(NULL, stored->batch.len, stored->batch.data);
        if (batch == NULL || stored->digest.len != STORE_DIGEST_SIZE) {
            chaos_fail(chaos, "a batch of %s cannot be read", chaos_services[service]);
            return;
        }
        set_clock(chaos, batch);
        check_stored(chaos->sim, service, (struct packed){stored->batch.data, stored->batch.len},
                     stored->digest.data);
        for (size_t d = 0; d < batch->n_decisions; d++)
            *next_seq += batch->decisions[d]->n_events;
        dw__batch__free_unpacked(batch, NULL);
    }
}

static void read_journal(struct chaos *chaos, enum sim_service service)
{
    uint64_t next_seq = 1;
    size_t count = 1;
    while (count > 0 && !chaos->failed) {
        Dw__FetchEvents fetch = DW__FETCH_EVENTS__INIT;
        fetch.from_seq = next_seq;
        fetch.limit = FETCH;
        const struct packed body =
            rig_ask(chaos->probe, chaos_services[service], &fetch.base, "EventsFetched");
        Dw__EventsFetched *fetched = dw__events_fetched__unpack(NULL, body.len, body.bytes);
        assert_non_null(fetched);
        count = fetched->n_batches;
        fold(chaos, service, fetched, &next_seq);
        dw__events_fetched__free_unpacked(fetched, NULL);
    }
}

/* The journals are folded as if nothing had been answered yet; then each answer is held against them. */
static void check_answers(struct chaos *chaos)
{
    struct sim *sim = chaos->sim;
    const size_t count = sim->requests.len / sizeof(struct sim_request *);
    enum sim_final *finals = calloc(count + 1, sizeof finals[0]);
    assert_non_null(finals);
    for (uint32_t at = 0; at < count; at++) {
        struct sim_request *request = request_at(sim, at);
        finals[at] = request->final;
        request->final = FINAL_NONE;
        request->decisions = request->events = 0;
        request->first_seq = 0;
    }
    for (int service = 0; service < SIM_SERVICES && !sim->failed; service++)
        read_journal(chaos, service);
    for (uint32_t at = 0; at < count; at++)
        request_at(sim, at)->final = finals[at];
    free(finals);
    for (uint32_t at = 0; at < count && !sim->failed; at++) {
        struct sim_request *request = request_at(sim, at);
        arena_reset(sim->arena);
        const Dw__Envelope *answer = dw__envelope__unpack(arena_allocator(sim->arena),
                                                          request->reply.len, request->reply.bytes);
        if (request->final == FINAL_NONE || answer == NULL)
            sim_fail(sim, "%s was never answered", message_name(request->type));
        else if (request->final != FINAL_NOT_DONE || request->jumps_back == 0)
            check_final(sim, request, answer);
    }
}

static void check_holds_have_lapsed(struct chaos *chaos)
{
    const void *key;
    void *value;
    for (size_t at = 0; table_next(chaos->sim->checker->holds, &at, &key, &value);) {
        const struct check_hold *hold = value;
        if (hold->state == DW__BOOKING_STATE__BOOKING_STATE_HELD &&
            hold->expires_ms < wall_ms(chaos) - LAPSE_MS)
            sim_fail(chaos->sim, "a hold should have lapsed long ago");
    }
}

static void ask_last(struct chaos *chaos)
{
    sim_ask_last(chaos->sim);
    while (!chaos->failed && !sim_last_is_answered(chaos->sim))
        chaos_turn(chaos);
}

/* What is under way between the services comes to its end by itself; until then a look may find something unfinished. */
static void look(struct chaos *chaos)
{
    struct sim *sim = chaos->sim;
    const int64_t wall_offset_ms = sim->wall_offset_ms;
    checker_destroy(&sim->checker);
    sim->checker = checker_create();
    ask_last(chaos);
    check_answers(chaos);
    sim->wall_offset_ms = wall_offset_ms;
    if (!sim->failed)
        check_holds_have_lapsed(chaos);
    if (!sim->failed)
        check_outcome(sim);
}

void load_check(struct chaos *chaos)
{
    wait_for_rest(chaos);
    const int64_t until_ms = loop_boot_ms_now() + REST_MS;
    while (!chaos->failed) {
        look(chaos);
        if (!chaos->sim->failed)
            break;
        if (loop_boot_ms_now() > until_ms)
            chaos_fail(chaos, "%s", chaos->sim->why);
        else
            chaos->sim->failed = false;
        for (int64_t next_ms = loop_boot_ms_now() + 1000;
             loop_boot_ms_now() < next_ms && !chaos->failed;)
            chaos_turn(chaos);
    }
    for (int at = 0; at < CONTROL_SERVICES && !chaos->failed; at++)
        if (rig_verify(chaos->rig, chaos_services[at]) != 0)
            chaos_fail(chaos, "%s: the live state is not the fold of the journal",
                       chaos_services[at]);
}
