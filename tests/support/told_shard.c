/* A shard over a told store: see told_shard.h. */
#include "tests/support/told_shard.h"

#include "common/authority.h"
#include "common/text.h"
#include "tests/support/somebody.h"
#include "tests/support/told_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "proto/messages.h"

const char told_authority[] = "test-council";

/* --- what the shard says --------------------------------------------------------------------------------------------- */

static void note_failure(struct told_shard *told, const Dw__Envelope *envelope)
{
    Dw__Failed *failed = dw__failed__unpack(NULL, envelope->body.len, envelope->body.data);
    assert_non_null(failed);
    assert_in_range(failed->code, 0, TOLD_FAILED_MAX - 1);
    told->failed++;
    told->failures[failed->code]++;
    dw__failed__free_unpacked(failed, NULL);
}

static void reply(void *context, const struct bus_address *to, const void *bytes, size_t len)
{
    (void)to;
    struct told_shard *told = context;
    Dw__Envelope *envelope = dw__envelope__unpack(NULL, len, bytes);
    assert_non_null(envelope);
    assert_true(told->replied_count < TOLD_REPLIES_MAX);
    (void)id_from_data(&envelope->correlation_id, &told->replied[told->replied_count++]);
    told->accepted += strcmp(envelope->type, "Accepted") == 0;
    if (strcmp(envelope->type, "Failed") == 0)
        note_failure(told, envelope);
    dw__envelope__free_unpacked(envelope, NULL);
}

static void publish(void *context, const char *topic, const void *bytes, size_t len,
                    const void *digest, size_t digest_len)
{
    (void)topic, (void)digest, (void)digest_len;
    struct told_shard *told = context;
    Dw__Batch *batch = dw__batch__unpack(NULL, len, bytes);
    assert_non_null(batch);
    told->published += batch->n_decisions > 0;
    dw__batch__free_unpacked(batch, NULL);
}

static bool send_to(void *context, const char *authority, const char *service, const void *bytes,
                    size_t len)
{
    (void)authority, (void)service;
    struct told_shard *told = context;
    Dw__Envelope *envelope = dw__envelope__unpack(NULL, len, bytes);
    assert_non_null(envelope);
    if (told->forgets_fetches && strcmp(envelope->type, "FetchEvents") == 0) {
        dw__envelope__free_unpacked(envelope, NULL);
        return true;
    }
    assert_true(told->sent_count < TOLD_SENT_MAX);
    told->sent[told->sent_count++] = envelope;
    return true;
}

static void forget_sent(struct told_shard *told)
{
    while (told->sent_count > 0)
        dw__envelope__free_unpacked(told->sent[--told->sent_count], NULL);
}

static int64_t boot_ms_now(void *context)
{
    const struct told_shard *told = context;
    return told->now.boot_ms;
}

/* --- its life ---------------------------------------------------------------------------------------------------------- */

void told_shard_turn(struct told_shard *told)
{
    (void)shard_turn(told->shard, told->now);
}

void told_shard_pass(struct told_shard *told, int64_t ms)
{
    told->now.wall_ms += ms;
    told->now.boot_ms += ms;
    told_shard_turn(told);
    told_store_answer_all();
    told_shard_turn(told);
}

static void begin(struct told_shard *told)
{
    struct shard_status status;
    told->shard = shard_create(&told->settings);
    assert_non_null(told->shard);
    told_shard_turn(told);
    told_store_answer_all(); /* taken and loaded; then the model is adopted */
    told_shard_turn(told);
    told_store_answer_all();
    told_shard_turn(told);
    shard_status(told->shard, &status);
    assert_int_equal(status.state, SHARD_LIVE);
    assert_int_equal(status.in_flight, 0);
}

void told_shard_open_at(struct told_shard *told, const struct service *service, struct instant now)
{
    char error[256];
    *told = (struct told_shard){.now = now, .forgets_fetches = told->forgets_fetches};
    told->settings = (struct shard_settings){.service = service,
                                             .authority = told_authority,
                                             .store = told_store(),
                                             .outlet = {.context = told,
                                                        .reply = reply,
                                                        .publish = publish,
                                                        .send = send_to,
                                                        .boot_ms_now = boot_ms_now},
                                             .owner = "0 ipc://nowhere",
                                             .ids = &told->ids};
    told->arena = arena_create(4 * 1024 * 1024);
    ids_init_seeded(&told->ids, 1);
    assert_int_equal(authority_load_model(
                         "tests/data/model.json", &dw__commissioning_model__descriptor, told->arena,
                         &told->settings.model, told->settings.model_digest, error, sizeof error),
                     0);
    begin(told);
}

void told_shard_open(struct told_shard *told, const struct service *service)
{
    const struct instant now = {.wall_ms = INT64_C(1795000000000), .boot_ms = 10000};
    told_shard_open_at(told, service, now);
}

void told_shard_restart(struct told_shard *told)
{
    told_store_answer_all();
    shard_destroy(&told->shard);
    forget_sent(told);
    begin(told);
}

void told_shard_close(struct told_shard *told)
{
    shard_destroy(&told->shard);
    told_store_clear();
    forget_sent(told);
    arena_destroy(&told->arena);
}

/* --- what is told to it ------------------------------------------------------------------------------------------------ */

struct id told_command_id(unsigned number)
{
    return (struct id){{0x50, (uint8_t)(number >> 8), (uint8_t)number}};
}

void told_shard_pack(const struct told_shard *told, unsigned number, struct buffer *ret_bytes)
{
    const struct id id = told_command_id(number);
    const struct id person_id = {{0x51, (uint8_t)(number >> 8), (uint8_t)number}};
    char council_id[16];
    struct buffer body = {0};
    (void)text_format(council_id, sizeof council_id, "L%u", number);
    const Dw__RecordPerson *record = somebody(&person_id, council_id);
    buffer_pack(&body, &record->base);
    Dw__Envelope envelope = DW__ENVELOPE__INIT;
    envelope.id = id_to_data(&id);
    envelope.authority = (char *)(uintptr_t)told_authority;
    envelope.type = (char *)(uintptr_t) "RecordPerson";
    envelope.body = (ProtobufCBinaryData){body.len, body.bytes};
    envelope.deadline_ms = told->now.wall_ms + 60000;
    envelope.schema = ENVELOPE_SCHEMA;
    buffer_pack(ret_bytes, &envelope.base);
    buffer_free(&body);
}

void told_shard_ask(struct told_shard *told, unsigned number, const struct principal *principal)
{
    const struct bus_address from = {.len = 1};
    struct buffer bytes = {0};
    told_shard_pack(told, number, &bytes);
    Dw__Envelope *envelope = dw__envelope__unpack(NULL, bytes.len, bytes.bytes);
    assert_non_null(envelope);
    shard_request(told->shard, told->now, &from, principal, false, envelope);
    dw__envelope__free_unpacked(envelope, NULL);
    buffer_free(&bytes);
}

void told_shard_answer(struct told_shard *told, const Dw__Envelope *sent,
                       const ProtobufCMessage *answer)
{
    struct buffer body = {0};
    Dw__Envelope envelope = DW__ENVELOPE__INIT;
    buffer_pack(&body, answer);
    envelope.authority = (char *)(uintptr_t)told_authority;
    envelope.type = (char *)(uintptr_t)message_name(answer->descriptor);
    envelope.correlation_id = sent->id;
    envelope.body = (ProtobufCBinaryData){body.len, body.bytes};
    assert_true(shard_answer(told->shard, told->now, &envelope));
    buffer_free(&body);
}
