/* The engine with real daemons and a real Redis: what any request may get, remembered replies, leases, and a store that goes
 * away, goes back, fills up or is wrongly set. Placements alone is enough for it: its outbox waits. */
#include "tests/support/raw.h"
#include "tests/support/town.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/text.h"

static const char model[] = "tests/data/model.json";

struct heard {
    bool done;
    char type[64];
    struct buffer body;
    uint64_t seq;
};

static void on_heard(void *context, const struct client_answer *answer)
{
    struct heard *heard = context;
    heard->done = true;
    heard->seq = answer->seq;
    (void)text_format(heard->type, sizeof heard->type, "%s", answer->type);
    buffer_clear(&heard->body);
    buffer_append(&heard->body, answer->body.bytes, answer->body.len);
}

/* Sends one envelope about a proposal with that id and fields changed by the caller; waits. */
struct raw {
    struct id id;
    const char *authority;
    const char *type;
    struct packed body;
    int64_t deadline_ms;
    uint32_t schema;
};

static const char *ask_raw(struct client *client, const struct raw *raw, struct heard *heard)
{
    Dw__Envelope envelope = DW__ENVELOPE__INIT;
    envelope.id = id_to_data(&raw->id);
    envelope.authority = (char *)(uintptr_t)raw->authority;
    envelope.type = (char *)(uintptr_t)raw->type;
    envelope.body = (ProtobufCBinaryData){raw->body.len, (uint8_t *)(uintptr_t)raw->body.bytes};
    envelope.at_ms = client_now_ms(client);
    envelope.deadline_ms = raw->deadline_ms;
    envelope.schema = raw->schema;
    heard->done = false;
    client_ask_envelope(client, "placements", &envelope, RIG_WAIT_MS, on_heard, heard);
    while (!heard->done)
        client_turn(client);
    if (strcmp(heard->type, "Refused") == 0) {
        Dw__Refused *refused = dw__refused__unpack(NULL, heard->body.len, heard->body.bytes);
        print_message("refused: %s\n", refused->sentence);
        dw__refused__free_unpacked(refused, NULL);
    }
    if (strcmp(heard->type, "Failed") != 0)
        return heard->type;
    static char code[64];
    Dw__Failed *failed = dw__failed__unpack(NULL, heard->body.len, heard->body.bytes);
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(&dw__error_code__descriptor, (int)failed->code);
    (void)text_format(code, sizeof code, "%s", value->name + strlen("ERROR_CODE_"));
    assert_true(failed->sentence[0] != '\0');
    dw__failed__free_unpacked(failed, NULL);
    return code;
}

static struct buffer pack_proposal(uint32_t number)
{
    struct buffer body = {0};
    const struct id placement = town_id('m', number);
    const struct id hold = town_id('h', number);
    buffer_pack(&body, &town_proposal(&placement, &hold, number, 0, 1)->base);
    return body;
}

static struct raw raw_proposal(struct client *client, const struct buffer *body, uint32_t number)
{
    return (struct raw){.id = town_id('x', number),
                        .authority = rig_authority,
                        .type = "ProposePlacement",
                        .body = {body->bytes, body->len},
                        .deadline_ms = client_now_ms(client) + 60000,
                        .schema = 1};
}

/* A stop gives the lease up, releases what is in flight and exits 0. */
static void a_daemon_starts_answers_and_stops(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct client *client = rig_client(rig, "broker");
    Dw__ListPlacements list = DW__LIST_PLACEMENTS__INIT;
    (void)rig_ask(client, "placements", &list.base, "PlacementList");
    const int status = rig_signal(rig, "placements", 0, SIGTERM);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_string_equal(rig_redis(rig, "EXISTS 'dw:{test-council:placements}:owner'"), "0\n");
    client_destroy(&client);
    rig_destroy(&rig);
}

/* The same id gets the same bytes: at once, after its deadline, after a kill; and never to somebody else. */
static void a_repeated_command_gets_the_same_reply_for_ever(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct client *broker = rig_client(rig, "broker");
    struct client *second = rig_client(rig, "broker-2");
    struct heard first = {0};
    struct heard again = {0};
    struct buffer body = pack_proposal(1);
    struct buffer other = pack_proposal(2);
    struct raw raw = raw_proposal(broker, &body, 1);
    assert_string_equal(ask_raw(broker, &raw, &first), "Accepted");
    for (int life = 0; life < 2; life++) {
        raw = raw_proposal(broker, &body, 1);
        raw.deadline_ms = client_now_ms(broker) - 1000;
        assert_string_equal(ask_raw(broker, &raw, &again), "Accepted");
        assert_int_equal(again.body.len, first.body.len);
        assert_memory_equal(again.body.bytes, first.body.bytes, first.body.len);
        assert_true(again.seq == first.seq);
        assert_string_equal(ask_raw(second, &raw, &again), "ID_REUSED");
        raw = raw_proposal(broker, &other, 1);
        assert_string_equal(ask_raw(broker, &raw, &again), "ID_REUSED");
        (void)rig_signal(rig, "placements", 0, SIGKILL);
        rig_start(rig, "placements");
    }
    buffer_free(&body);
    buffer_free(&other);
    buffer_free(&first.body);
    buffer_free(&again.body);
    client_destroy(&broker);
    client_destroy(&second);
    rig_destroy(&rig);
}

enum { MANY = 10000, MANY_WINDOW = 256 };

struct many {
    size_t answered;
    size_t accepted;
};

static void on_many(void *context, const struct client_answer *answer)
{
    struct many *many = context;
    many->answered++;
    many->accepted += strcmp(answer->type, "Accepted") == 0;
}

/* 10,000 commands, every one sent twice, the second time by another connection and in another order: the effects of once. */
static void every_command_twice_in_shuffled_order_has_the_effect_of_once(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct client *clients[2] = {rig_client(rig, "broker"), rig_client(rig, "broker")};
    struct many many = {0};
    size_t sent[2] = {0};
    while (many.answered < 2 * (size_t)MANY) {
        for (int who = 0; who < 2; who++) {
            while (sent[who] < MANY && client_waiting(clients[who]) < MANY_WINDOW) {
                /* 7919 is prime to MANY, so the second client goes through all of them in another order. */
                const uint32_t number = (uint32_t)(who == 0 ? sent[who] : sent[who] * 7919 % MANY);
                const struct id command = town_id('x', number);
                const struct id placement = town_id('m', number);
                const struct id hold = town_id('h', number);
                client_ask(clients[who], rig_authority, "placements",
                           &town_proposal(&placement, &hold, number, 0, 1)->base, &command,
                           RIG_WAIT_MS * 3, on_many, &many);
                sent[who]++;
            }
            client_turn(clients[who]);
        }
    }
    assert_int_equal(many.accepted, 2 * MANY);
    char expected[32];
    (void)text_format(expected, sizeof expected, "%d\n",
                      MANY + 1); /* one event each, and the model's */
    assert_string_equal(rig_redis(rig, "HGET 'dw:{test-council:placements}:head' seq"), expected);
    client_destroy(&clients[0]);
    client_destroy(&clients[1]);
    rig_destroy(&rig);
}

static void propose(struct client *client, uint32_t number)
{
    const struct id placement = town_id('m', number);
    const struct id hold = town_id('h', number);
    (void)rig_ask(client, "placements", &town_proposal(&placement, &hold, number, 0, 1)->base,
                  "Accepted");
}

static void expect_placement(struct client *client, uint32_t number, const char *type)
{
    const struct id placement = town_id('m', number);
    Dw__GetPlacement get = DW__GET_PLACEMENT__INIT;
    get.placement_id = id_to_data(&placement);
    (void)rig_ask(client, "placements", &get.base, type);
}

/* What was acknowledged is there after kill -9 of the daemon and of Redis, and the journal folds to what is stored; a byte
 * changed in the store is found. */
static void kill_loses_nothing_and_verify_finds_a_changed_byte(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct client *client = rig_client(rig, "broker");
    for (uint32_t number = 0; number < 20; number++) {
        propose(client, number);
        if (number % 5 == 4) {
            (void)rig_signal(rig, "placements", 0, SIGKILL);
            rig_start(rig, "placements");
        }
        if (number == 10) {
            rig_redis_signal(rig, SIGKILL);
            rig_redis_start(rig);
        }
    }
    for (uint32_t number = 0; number < 20; number++)
        expect_placement(client, number, "Placement");
    assert_int_equal(rig_verify(rig, "placements"), 0);
    (void)rig_redis(rig,
                    "EVAL \"local k='dw:{test-council:placements}:live' "
                    "local f=redis.call('HKEYS',k) for _,n in ipairs(f) do if n:byte(1)==1 then "
                    "local v=redis.call('HGET',k,n) redis.call('HSET',k,n,"
                    "v:sub(1,-2)..string.char((v:byte(-1)+1)%256)) return 1 end end\" 0");
    assert_int_equal(rig_verify(rig, "placements"), 1);
    client_destroy(&client);
    rig_destroy(&rig);
}

/* An owner that slept past its lease neither writes nor answers from what it remembers. */
static void a_sleeping_owner_neither_writes_nor_answers_from_old_state(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct client *client = rig_client(rig, "broker");
    propose(client, 1);
    rig_start_instance(rig, "placements", 1, NULL, true); /* the standby */
    const struct id placement = town_id('m', 2);
    struct raw *woken = raw_create(rig, "broker", "placements", 0);
    Dw__GetPlacement look_again = DW__GET_PLACEMENT__INIT;
    look_again.placement_id = id_to_data(&placement);
    (void)raw_ask(woken, raw_envelope(woken, &look_again.base));
    (void)rig_signal(rig, "placements", 0, SIGSTOP);
    propose(client, 2); /* goes to the standby as soon as it has taken over */
    Dw__CancelPlacement cancel = DW__CANCEL_PLACEMENT__INIT;
    cancel.placement_id = id_to_data(&placement);
    cancel.reason = DW__CANCEL_REASON__CANCEL_REASON_OTHER;
    (void)rig_ask(client, "placements", &cancel.base, "Accepted");
    for (int ask = 0; ask < 20; ask++) /* they lie there when it wakes */
        raw_send(woken, raw_envelope(woken, &look_again.base));
    (void)rig_signal(rig, "placements", 0, SIGCONT);
    for (int ask = 0; ask < 20; ask++) {
        const char *name = raw_hear(woken, RIG_WAIT_MS);
        assert_true(strcmp(name, "NOT_OWNER") == 0 || strcmp(name, "UNAVAILABLE") == 0);
    }
    raw_destroy(&woken);
    for (int look = 0; look < 50; look++) {
        Dw__GetPlacement get = DW__GET_PLACEMENT__INIT;
        get.placement_id = id_to_data(&placement);
        const struct packed body = rig_ask(client, "placements", &get.base, "Placement");
        Dw__Placement *found = dw__placement__unpack(NULL, body.len, body.bytes);
        assert_int_equal(found->state, DW__PLACEMENT_STATE__PLACEMENT_STATE_CANCELLED);
        dw__placement__free_unpacked(found, NULL);
    }
    propose(client, 3);
    assert_int_equal(rig_verify(rig, "placements"), 0);
    client_destroy(&client);
    rig_destroy(&rig);
}

/* A store that does not answer is told to the asker within a second, and work resumes by itself. */
static void a_silent_store_is_unavailable_within_a_second_and_heals(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct client *client = rig_client(rig, "broker");
    char body[4096];
    propose(client, 1);
    rig_redis_signal(rig, SIGSTOP);
    struct buffer proposal = pack_proposal(2);
    const int64_t begin_ms = loop_boot_ms_now();
    struct raw raw = raw_proposal(client, &proposal, 2);
    struct heard heard = {0};
    Dw__Envelope envelope = DW__ENVELOPE__INIT;
    envelope.id = id_to_data(&raw.id);
    envelope.authority = (char *)(uintptr_t)rig_authority;
    envelope.type = (char *)(uintptr_t)raw.type;
    envelope.body = (ProtobufCBinaryData){proposal.len, proposal.bytes};
    envelope.deadline_ms = raw.deadline_ms;
    envelope.schema = 1;
    client_ask_envelope(client, "placements", &envelope, RIG_WAIT_MS, on_heard, &heard);
    int64_t told_ms = 0;
    while (told_ms == 0 && loop_boot_ms_now() - begin_ms < 5000) {
        client_turn(client);
        if (rig_http(rig, "placements", 0, "/statusz", body, sizeof body) == 200 &&
            strstr(body, "\"failed\":0,") == NULL)
            told_ms = loop_boot_ms_now() - begin_ms;
    }
    assert_in_range(told_ms, 1, 1100);
    while (loop_boot_ms_now() - begin_ms < 10000)
        client_turn(client);
    assert_int_equal(rig_http(rig, "placements", 0, "/readyz?verbose", body, sizeof body), 503);
    rig_redis_signal(rig, SIGCONT);
    while (!heard.done)
        client_turn(client);
    assert_string_equal(heard.type, "Accepted");
    rig_redis_signal(rig, SIGKILL);
    rig_redis_start(rig);
    propose(client, 3);
    assert_int_equal(rig_verify(rig, "placements"), 0);
    buffer_free(&proposal);
    buffer_free(&heard.body);
    client_destroy(&client);
    rig_destroy(&rig);
}

/* A store that was emptied is another history: the shard freezes by name and does nothing. */
static void an_emptied_store_freezes_the_shard(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct client *client = rig_client(rig, "broker");
    char body[4096];
    propose(client, 1);
    (void)rig_redis(rig, "FLUSHALL");
    struct buffer proposal = pack_proposal(2);
    struct raw raw = raw_proposal(client, &proposal, 2);
    struct heard heard = {0};
    assert_string_equal(ask_raw(client, &raw, &heard), "FROZEN");
    assert_int_equal(rig_http(rig, "placements", 0, "/readyz?verbose", body, sizeof body), 503);
    assert_non_null(strstr(body, "STORE_WENT_BACK"));
    assert_string_equal(rig_redis(rig, "EXISTS 'dw:{test-council:placements}:journal'"), "0\n");
    buffer_free(&proposal);
    buffer_free(&heard.body);
    client_destroy(&client);
    rig_destroy(&rig);
}

/* A full store refuses before it writes; when there is room again, nothing was skipped. */
static void a_full_store_skips_nothing(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct client *client = rig_client(rig, "broker");
    propose(client, 1);
    (void)rig_redis(rig, "CONFIG SET maxmemory 1");
    /* A refusal has no event, but its reply is remembered, so it is a commit that the store refuses. */
    const struct id unknown = town_id('m', 99);
    Dw__CancelPlacement cancel = DW__CANCEL_PLACEMENT__INIT;
    cancel.placement_id = id_to_data(&unknown);
    cancel.reason = DW__CANCEL_REASON__CANCEL_REASON_OTHER;
    struct heard heard = {0};
    client_ask(client, rig_authority, "placements", &cancel.base, NULL, RIG_WAIT_MS, on_heard,
               &heard);
    const int64_t until_ms = loop_boot_ms_now() + 1500;
    while (loop_boot_ms_now() < until_ms) {
        client_turn(client);
        assert_false(heard.done);
    }
    (void)rig_redis(rig, "CONFIG SET maxmemory 4gb");
    while (!heard.done)
        client_turn(client);
    assert_string_equal(heard.type, "Refused");
    propose(client, 2);
    expect_placement(client, 1, "Placement");
    assert_int_equal(rig_verify(rig, "placements"), 0);
    buffer_free(&heard.body);
    client_destroy(&client);
    rig_destroy(&rig);
}

/* A Redis that could lose what it acknowledged is refused at start, by the setting's name. */
static void a_wrongly_set_redis_is_refused(void **unused)
{
    (void)unused;
    static const char *const settings[][2] = {
        {"appendonly no", "appendonly"},
        {"appendfsync everysec", "appendfsync"},
        {"no-appendfsync-on-rewrite yes", "no-appendfsync-on-rewrite"},
        {"aof-load-truncated yes", "aof-load-truncated"},
        {"save '3600 1'", "save"},
        {"maxmemory-policy allkeys-lru", "maxmemory-policy"},
        {"maxmemory 0", "maxmemory"},
        {"propagation-error-behavior ignore", "propagation-error-behavior"}};
    char command[128];
    for (size_t at = 0; at < sizeof settings / sizeof settings[0]; at++) {
        struct rig *rig = rig_create(model);
        (void)text_format(command, sizeof command, "CONFIG SET %s", settings[at][0]);
        assert_string_equal(rig_redis(rig, command), "OK\n");
        rig_start_instance(rig, "placements", 0, NULL, false);
        const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
        while (!rig_has_ended(rig, "placements", 0))
            assert_true(loop_boot_ms_now() < until_ms);
        (void)text_format(command, sizeof command, "redis setting %s does not", settings[at][1]);
        rig_wait_log(rig, "placements", 0, command);
        rig_destroy(&rig);
    }
}

/* What operations watch: commands by type and result, latencies, and what went wrong, in Prometheus' text. */
static void metrics_tell_what_happened(void **unused)
{
    (void)unused;
    static const char *const wanted[] = {
        "dayways_commands_total{type=\"ProposePlacement\",result=\"accepted\"} 2\n",
        "dayways_commands_total{type=\"ProposePlacement\",result=\"refused\"} 1\n",
        "dayways_decide_seconds_count 3\n",
        "dayways_commit_seconds_bucket",
        "dayways_commits_in_flight{authority=\"test-council\"} 0\n",
        "dayways_journal_head_seq{authority=\"test-council\"} 3\n",
        "dayways_bad_messages_total{reason=\"invalid\"} 1\n",
        "dayways_redis_lost_total 1\n",
        "dayways_outbox_rows{authority=\"test-council\"} 2\n",
        "process_cpu_seconds_total"};
    static char body[65536];
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *broker = raw_create(rig, "broker", "placements", 0);
    struct raw *stranger = raw_create(rig, "stranger", "placements", 0);
    struct client *client = rig_client(rig, "broker");
    propose(client, 1);
    propose(client, 2);
    const struct id placement = town_id('m', 1);
    const struct id hold = town_id('h', 9);
    (void)raw_ask(broker, raw_envelope(broker, &town_proposal(&placement, &hold, 9, 0, 1)->base));
    Dw__ListPlacements list = DW__LIST_PLACEMENTS__INIT;
    (void)raw_ask(stranger, raw_envelope(stranger, &list.base));
    rig_redis_signal(rig, SIGKILL);
    rig_redis_start(rig);
    expect_placement(client, 1, "Placement");
    assert_int_equal(rig_http(rig, "placements", 0, "/metrics", body, sizeof body), 200);
    for (size_t at = 0; at < sizeof wanted / sizeof wanted[0]; at++)
        if (strstr(body, wanted[at]) == NULL)
            fail_msg("there is no %s in:\n%s", wanted[at], body);
    client_destroy(&client);
    raw_destroy(&broker);
    raw_destroy(&stranger);
    rig_destroy(&rig);
}

/* A Redis with a password is served when the configuration has it, and by name when it has not. */
static void a_redis_with_a_password_is_served(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    (void)rig_redis(rig, "CONFIG SET requirepass hush");
    rig_start_instance(rig, "placements", 0, NULL, false);
    rig_wait_log(rig, "placements", 0, "NOAUTH");
    (void)rig_signal(rig, "placements", 0, SIGTERM);
    setenv("DAYWAYS_AUTHORITY_TEST_COUNCIL_REDIS_PASSWORD", "hush", 1);
    rig_start(rig, "placements");
    struct client *client = rig_client(rig, "broker");
    propose(client, 1);
    unsetenv("DAYWAYS_AUTHORITY_TEST_COUNCIL_REDIS_PASSWORD");
    client_destroy(&client);
    rig_destroy(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_daemon_starts_answers_and_stops),
        cmocka_unit_test(a_repeated_command_gets_the_same_reply_for_ever),
        cmocka_unit_test(every_command_twice_in_shuffled_order_has_the_effect_of_once),
        cmocka_unit_test(kill_loses_nothing_and_verify_finds_a_changed_byte),
        cmocka_unit_test(a_sleeping_owner_neither_writes_nor_answers_from_old_state),
        cmocka_unit_test(a_silent_store_is_unavailable_within_a_second_and_heals),
        cmocka_unit_test(an_emptied_store_freezes_the_shard),
        cmocka_unit_test(a_full_store_skips_nothing),
        cmocka_unit_test(a_wrongly_set_redis_is_refused),
        cmocka_unit_test(metrics_tell_what_happened),
        cmocka_unit_test(a_redis_with_a_password_is_served),
    };
    cmocka_set_test_filter(getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
