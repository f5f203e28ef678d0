/* Queries that come back from the vault: a shard over a store that answers when the test says so, and a service whose only
 * query wants the records the test names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/shard_internal.h"
#include "outcomes.pb-c.h"
#include "placements.pb-c.h"
#include "tests/support/told_store.h"

enum { LARGE = 900 * 1024, QUERIES = 60 };

/* --- the service ------------------------------------------------------------------------------------------------------ */

struct state {
    struct entities *entities;
};

static uint8_t wanted;     /* record of the next run */
static bool changes;       /* every run wants another one */
static size_t answer_size; /* of the text in the answer */
static size_t shown;       /* runs that had not the record */

static struct state *create(struct entities *entities)
{
    struct state *state = calloc(1, sizeof *state);
    assert_non_null(state);
    state->entities = entities;
    return state;
}

static void destroy(struct state **state)
{
    free(*state);
    *state = NULL;
}

static void show(const struct state *state, const ProtobufCMessage *request,
                 const struct context *ctx, struct vault *vault, struct answer *answer)
{
    const struct id id = {{wanted}};
    Dw__OutcomeText text = DW__OUTCOME_TEXT__INIT;
    (void)state, (void)request, (void)ctx;
    wanted = (uint8_t)(wanted + changes);
    if (vault_get(vault, &id, &dw__outcome_text__descriptor) == NULL)
        shown++;
    text.text = answer_alloc(answer, answer_size + 1);
    memset(text.text, 'x', answer_size);
    text.text[answer_size] = '\0';
    answer_give(answer, &text.base);
}

static void decide_nothing(const struct state *state, const ProtobufCMessage *command,
                           const struct context *ctx, struct decision *decision)
{
    (void)state, (void)command, (void)ctx, (void)decision;
}

static const struct entity_kind kinds[] = {{NULL}, {NULL}};
static const struct command_row commands[] = {{&dw__start_placement__descriptor, decide_nothing, 0},
                                              {NULL, NULL, 0}};
static const struct event_row events[] = {{NULL, NULL}};
static const struct query_row queries[] = {
    {&dw__get_placement__descriptor, show, ROLE_BIT(DW__ROLE__ROLE_BROKER)}, {NULL, NULL, 0}};
static const struct service service = {.name = "test",
                                       .kinds = kinds,
                                       .commands = commands,
                                       .events = events,
                                       .queries = queries,
                                       .create = create,
                                       .destroy = destroy};

/* --- the world ---------------------------------------------------------------------------------------------------------- */

static const struct instant now = {.wall_ms = INT64_C(1795392000000), .boot_ms = 100};
static size_t answered;
static size_t failed[16]; /* by code */

static void reply(void *context, const struct bus_address *to, const void *bytes, size_t len)
{
    (void)context, (void)to;
    Dw__Envelope *envelope = dw__envelope__unpack(NULL, len, bytes);
    assert_non_null(envelope);
    if (strcmp(envelope->type, "Failed") == 0) {
        Dw__Failed *failure = dw__failed__unpack(NULL, envelope->body.len, envelope->body.data);
        assert_non_null(failure);
        failed[failure->code]++;
        dw__failed__free_unpacked(failure, NULL);
    } else {
        answered++;
    }
    dw__envelope__free_unpacked(envelope, NULL);
}

static void publish(void *context, const char *topic, const void *bytes, size_t len,
                    const void *digest, size_t digest_len)
{
    (void)context, (void)topic, (void)bytes, (void)len, (void)digest, (void)digest_len;
}

static int64_t boot_ms_now(void *context)
{
    (void)context;
    return now.boot_ms;
}

/* Live, with a commit under way: the model's adoption. */
static struct shard *create_shard(struct ids *ids)
{
    struct shard_settings settings = {
        .service = &service,
        .authority = "test-council",
        .store = told_store(),
        .outlet = {.reply = reply, .publish = publish, .boot_ms_now = boot_ms_now},
        .owner = "here",
        .ids = ids,
        .model_digest = {1}};
    ids_init(ids);
    wanted = 0;
    changes = false;
    answer_size = 10;
    shown = answered = 0;
    memset(failed, 0, sizeof failed);
    struct shard *shard = shard_create(&settings);
    assert_non_null(shard);
    told_store_ignore_commits();
    (void)shard_turn(shard, now);
    told_store_answer_all();
    (void)shard_turn(shard, now);
    assert_int_equal(shard->state, SHARD_LIVE);
    assert_int_equal(shard->flight_count, 1);
    return shard;
}

static void ask(struct shard *shard, struct ids *ids)
{
    const struct bus_address from = {.len = 5};
    const struct principal broker = {.name = "broker", .role = DW__ROLE__ROLE_BROKER};
    const struct id id = ids_next(ids, now.wall_ms);
    const struct id placement_id = {{1}};
    Dw__Envelope envelope = DW__ENVELOPE__INIT;
    Dw__GetPlacement get = DW__GET_PLACEMENT__INIT;
    struct buffer body = {0};
    get.placement_id = id_to_data(&placement_id);
    buffer_pack(&body, &get.base);
    envelope.id = id_to_data(&id);
    envelope.authority = (char *)(uintptr_t) "test-council";
    envelope.type = (char *)(uintptr_t) "GetPlacement";
    envelope.body = (ProtobufCBinaryData){body.len, body.bytes};
    envelope.deadline_ms = now.wall_ms + 1000;
    shard_request(shard, now, &from, &broker, false, &envelope);
    buffer_free(&body);
}

/* Large answers that wait for a commit are bounded, also those that were begun when nobody waited yet. */
static void who_comes_back_from_the_vault_is_told_to_come_again(void **unused)
{
    (void)unused;
    struct ids ids;
    struct shard *shard = create_shard(&ids);
    answer_size = LARGE;
    for (int query = 0; query < QUERIES; query++)
        ask(shard, &ids);
    told_store_answer_all();
    assert_in_range(commit_waiting_bytes(shard), 1, SHARD_WAITING_BYTES_MAX + LARGE + 1024);
    assert_int_equal(failed[DW__ERROR_CODE__ERROR_CODE_BUSY],
                     QUERIES - SHARD_WAITING_BYTES_MAX / LARGE - 1);
    shard_destroy(&shard);
}

/* What has changed each time its records had been read was not seen: that is no answer, least of all that they were erased. */
static void records_that_were_not_read_do_not_look_erased(void **unused)
{
    (void)unused;
    struct ids ids;
    struct shard *shard = create_shard(&ids);
    changes = true;
    ask(shard, &ids);
    told_store_answer_all();
    assert_int_equal(failed[DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE], 1);
    assert_int_equal(commit_waiting_bytes(shard), 0);
    shard_destroy(&shard);
}

/* A record that was looked for and is not there was erased, and the answer is given without it. */
static void an_erased_record_looks_erased(void **unused)
{
    (void)unused;
    struct ids ids;
    struct shard *shard = create_shard(&ids);
    ask(shard, &ids);
    assert_int_equal(commit_waiting_bytes(shard), 0);
    told_store_answer_all();
    assert_int_equal(shown, 2); /* before it was read, and after */
    assert_true(commit_waiting_bytes(shard) > 0);
    assert_int_equal(failed[DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE], 0);
    shard_destroy(&shard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_comes_back_from_the_vault_is_told_to_come_again),
        cmocka_unit_test(records_that_were_not_read_do_not_look_erased),
        cmocka_unit_test(an_erased_record_looks_erased),
    };
    cmocka_set_test_filter(getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
