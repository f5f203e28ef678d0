/* Guards of the engine that only matter when something is wrong: each test here fails when its guard is taken out. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/text.h"
#include "referrals.pb-c.h"
#include "tests/support/direct.h"
#include "tests/support/raw.h"
#include "tests/support/somebody.h"
#include "tests/support/town.h"

static const char model[] = "tests/data/model.json";

#define KEY(service, name) "'dw:{test-council:" service "}:" name "'"

static void propose(struct raw *raw, uint32_t number)
{
    assert_string_equal(raw_ask(raw, raw_envelope(raw, town_proposes(number))), "Accepted");
}

/* Asks until the shard says this; what else it may say meanwhile is that it cannot yet. */
static void ask_until(struct raw *raw, const char *wanted)
{
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    const char *name;
    while (strcmp(name = raw_ask(raw, raw_envelope(raw, town_proposes(99))), wanted) != 0) {
        assert_string_equal(name, "UNAVAILABLE");
        assert_true(loop_boot_ms_now() < until_ms);
    }
}

static void wait_status(struct rig *rig, const char *text)
{
    char body[4096] = "";
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    while (strstr(body, text) == NULL) {
        (void)rig_http(rig, "placements", 0, "/statusz", body, sizeof body);
        assert_true(loop_boot_ms_now() < until_ms);
    }
}

/* A provider's key that says it speaks for an operator is still a provider's. */
static void only_daemons_speak_for_others(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *provider = raw_create(rig, "provider", "placements", 0);
    Dw__Principal operator_principal = DW__PRINCIPAL__INIT;
    operator_principal.name = (char *)(uintptr_t) "operator";
    operator_principal.role = DW__ROLE__ROLE_OPERATOR;
    Dw__Envelope *envelope = raw_envelope(provider, town_proposes(1));
    envelope->principal = &operator_principal;
    assert_string_equal(raw_ask(provider, envelope), "NOT_ALLOWED");
    raw_destroy(&provider);
    rig_destroy(&rig);
}

/* A connection stands for the key that it was made with: not for who has that key's name by now, and not after the key is gone. */
static void a_revoked_key_is_not_served(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *before = raw_create(rig, "broker", "placements", 0);
    struct raw *other = raw_create(rig, "broker-2", "placements", 0);
    propose(before, 1);
    propose(other, 2);
    assert_int_equal(key_revoke(rig_keys(rig), "broker"), 0);
    propose(before, 3); /* not before the daemon has been told */
    assert_int_equal(key_pair_create(rig_keys(rig), "broker", DW__ROLE__ROLE_BROKER, "*", NULL), 0);
    rig_signal(rig, "placements", 0, SIGHUP);
    rig_wait_log(rig, "placements", 0, "keys reloaded");
    struct raw *after = raw_create(rig, "broker", "placements", 0);
    raw_send(before, raw_envelope(before, town_proposes(4)));
    propose(after, 5);
    propose(other, 6);
    char metrics[16384] = "";
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    while (strstr(metrics, "reason=\"key\"} 1\n") == NULL) {
        (void)rig_http(rig, "placements", 0, "/metrics", metrics, sizeof metrics);
        assert_true(loop_boot_ms_now() < until_ms);
    }
    assert_string_equal(raw_hear(before, 0), "");
    raw_destroy(&before);
    raw_destroy(&other);
    raw_destroy(&after);
    rig_destroy(&rig);
}

static void on_batch(void *context, const char *topic, const void *bytes, size_t len)
{
    (void)topic, (void)bytes, (void)len;
    ++*(size_t *)context;
}

/* An idle shard tells its head to operators and daemons, and to nobody else. */
static void only_operators_and_daemons_hear_events(void **unused)
{
    (void)unused;
    enum { HEADS = 3 };
    struct rig *rig = rig_create(model);
    char endpoint[512];
    size_t heard[2] = {0, 0};
    static const char *const names[2] = {"operator", "broker"};
    struct client *clients[2];
    rig_start(rig, "placements");
    (void)text_format(endpoint, sizeof endpoint, "ipc://%s/placements.events", rig_folder(rig));
    for (int who = 0; who < 2; who++) {
        clients[who] = rig_client(rig, names[who]);
        assert_int_equal(client_follow(clients[who], "placements", endpoint), 0);
        client_on_batch(clients[who], on_batch, &heard[who]);
    }
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    while (heard[0] < HEADS) {
        client_turn(clients[0]);
        client_turn(clients[1]);
        assert_true(loop_boot_ms_now() < until_ms);
    }
    assert_int_equal(heard[1], 0);
    client_destroy(&clients[0]);
    client_destroy(&clients[1]);
    rig_destroy(&rig);
}

/* While a command is in flight its id is taken: for another principal and for another body. */
static void an_id_in_flight_is_taken(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *broker = raw_create(rig, "broker", "placements", 0);
    struct raw *second = raw_create(rig, "broker-2", "placements", 0);
    propose(broker, 1);
    propose(second, 2);
    Dw__Envelope *envelope = raw_envelope(broker, town_proposes(3));
    rig_redis_signal(rig, SIGSTOP);
    raw_send(broker, envelope);
    wait_status(rig, "\"accepted\":3,"); /* decided, and it waits for the store */
    assert_string_equal(raw_ask(second, envelope), "ID_REUSED");
    envelope->body.len = 0;
    assert_string_equal(raw_ask(broker, envelope), "ID_REUSED");
    rig_redis_signal(rig, SIGCONT);
    raw_destroy(&broker);
    raw_destroy(&second);
    rig_destroy(&rig);
}

/* Replies are kept for eight days, and not for ever. */
static void replies_expire(void **unused)
{
    (void)unused;
    enum { DAY_S = 24 * 60 * 60 };
    char command[128];
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *broker = raw_create(rig, "broker", "placements", 0);
    propose(broker, 1);
    (void)text_format(command, sizeof command, "TTL " KEY("placements", "replies:%ld"),
                      (long)(raw_envelope(broker, town_proposes(2))->at_ms / 1000 / DAY_S));
    const long left_s = strtol(rig_redis(rig, command), NULL, 10);
    assert_in_range(left_s, 8 * DAY_S, 9 * DAY_S);
    raw_destroy(&broker);
    rig_destroy(&rig);
}

/* A commit that failed half way freezes the shard. */
static void a_commit_that_may_be_half_done_freezes(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *broker = raw_create(rig, "broker", "placements", 0);
    propose(broker, 1);
    assert_string_equal(rig_redis(rig, "SET " KEY("placements", "outbox") " x"), "OK\n");
    ask_until(broker, "FROZEN");
    assert_non_null(strstr(raw_failed(broker)->sentence, "COMMIT_FAULT"));
    raw_destroy(&broker);
    rig_destroy(&rig);
}

/* A journal without its end, and a store that was set back, are not what was told to others. */
static void a_journal_without_its_end_freezes(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *broker = raw_create(rig, "broker", "placements", 0);
    propose(broker, 1);
    (void)rig_signal(rig, "placements", 0, SIGKILL);
    assert_string_equal(rig_redis(rig, "DEL " KEY("placements", "journal")), "1\n");
    rig_start_instance(rig, "placements", 0, NULL, false);
    ask_until(broker, "FROZEN");
    assert_non_null(strstr(raw_failed(broker)->sentence, "STORE_WENT_BACK"));
    raw_destroy(&broker);
    rig_destroy(&rig);
}

static void copy_file(struct rig *rig, const char *from, const char *to)
{
    char path[600];
    uint8_t part[4096];
    size_t count;
    (void)text_format(path, sizeof path, "%s/%s", rig_data(rig), from);
    FILE *in = fopen(path, "re");
    (void)text_format(path, sizeof path, "%s/%s", rig_data(rig), to);
    FILE *out = fopen(path, "we");
    assert_non_null(in);
    assert_non_null(out);
    while ((count = fread(part, 1, sizeof part, in)) > 0)
        assert_int_equal(fwrite(part, 1, count, out), count);
    fclose(in);
    fclose(out);
}

static void a_store_that_was_set_back_freezes(void **unused)
{
    (void)unused;
    static const char file[] = "appendonlydir/appendonly.aof.1.incr.aof";
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *broker = raw_create(rig, "broker", "placements", 0);
    propose(broker, 1);
    copy_file(rig, file, "older");
    propose(broker, 2);
    rig_redis_signal(rig, SIGKILL);
    copy_file(rig, "older", file);
    rig_redis_start(rig);
    ask_until(broker, "FROZEN");
    assert_non_null(strstr(raw_failed(broker)->sentence, "STORE_WENT_BACK"));
    raw_destroy(&broker);
    rig_destroy(&rig);
}

/* Writes a journal of placements with these two events in one batch; the second may be unknown or the bytes changed. */
static void write_journal(struct rig *rig, const char *second_type, bool change_byte)
{
    struct direct direct;
    const struct id placement = town_id('m', 1);
    const struct id hold = town_id('h', 1);
    struct buffer body = {0};
    Dw__Date date = DW__DATE__INIT;
    Dw__PlacementStarted started = DW__PLACEMENT_STARTED__INIT;
    date.days = TOWN_STARTS;
    started.placement_id = id_to_data(&placement);
    started.terms = town_proposal(&placement, &hold, 1, 0, 1)->terms;
    started.date = &date;
    body.len = protobuf_c_message_pack(
        &started.base, buffer_reserve(&body, protobuf_c_message_get_packed_size(&started.base)));
    Dw__Event events[2] = {DW__EVENT__INIT, DW__EVENT__INIT};
    Dw__Event *list[2] = {&events[0], &events[1]};
    events[0].type = (char *)(uintptr_t) "PlacementStarted";
    events[1].type = (char *)(uintptr_t)second_type;
    events[0].body = events[1].body = (ProtobufCBinaryData){body.len, body.bytes};
    direct_open(&direct, rig, "placements");
    const struct packed batch = direct_batch(&direct, list, 2);
    struct store_commit commit = {.batch = batch};
    if (change_byte)
        direct.key[0] ^= 1; /* what the chain says is not what is stored */
    direct_commit(&direct, &commit, 2, 0, 2);
    direct_wait(&direct);
    direct_close(&direct);
    buffer_free(&body);
}

/* A batch with an event that is not known is not folded by halves, not even up to it. */
static void a_batch_with_an_unknown_event_is_not_folded_by_halves(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    write_journal(rig, "SomethingNew", false);
    rig_start(rig, "placements");
    for (int life = 0; life < 2; life++) {
        rig_start_instance(rig, "attendance", 0, NULL, false);
        rig_wait_log(rig, "attendance", 0, "UNKNOWN_EVENT");
        (void)rig_signal(rig, "attendance", 0, SIGTERM);
        assert_string_equal(rig_redis(rig, "HGET " KEY("attendance", "head") " seq"), "1\n");
    }
    rig_destroy(&rig);
}

/* A batch whose bytes are not those that were written stops who follows. */
static void a_changed_batch_stops_the_follower(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    write_journal(rig, "PlacementStarted", true);
    rig_start(rig, "placements");
    rig_start_instance(rig, "attendance", 0, NULL, false);
    rig_wait_log(rig, "attendance", 0, "DIGEST_MISMATCH");
    (void)rig_signal(rig, "attendance", 0, SIGTERM);
    assert_string_equal(rig_redis(rig, "HGET " KEY("attendance", "head") " seq"), "1\n");
    rig_destroy(&rig);
}

/* Starts it where it dies, and waits until it has. */
static void die_of_a_reaction(struct rig *rig)
{
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    rig_start_instance(rig, "attendance", 0, "decided:1", false);
    while (!rig_has_ended(rig, "attendance", 0)) {
        assert_true(loop_boot_ms_now() < until_ms);
        rig_pause_ms(1);
    }
}

/* A batch that has ended the daemon twice is not folded a third time: the follower stops and says so, nothing is half folded, and
 * everything else goes on. */
static void a_batch_that_kills_twice_stops_the_follower(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "attendance"); /* it adopts the model */
    (void)rig_signal(rig, "attendance", 0, SIGTERM);
    write_journal(rig, "PlacementStarted", false);
    rig_start(rig, "placements");
    die_of_a_reaction(rig);
    die_of_a_reaction(rig);
    rig_start_instance(rig, "attendance", 0, NULL, false);
    rig_wait_log(rig, "attendance", 0, "QUARANTINED");
    struct raw *taker = raw_create(rig, "operator", "attendance", 0);
    Dw__FetchEvents fetch = DW__FETCH_EVENTS__INIT;
    fetch.from_seq = fetch.limit = 1;
    assert_string_equal(raw_ask(taker, raw_envelope(taker, &fetch.base)), "EventsFetched");
    assert_string_equal(rig_redis(rig, "HGET " KEY("attendance", "head") " seq"), "1\n");
    assert_string_equal(rig_redis(rig, "HLEN " KEY("attendance", "live")), "1\n"); /* the model */
    raw_destroy(&taker);
    rig_destroy(&rig);
}

static void record_person(struct client *client)
{
    const struct id person_id = town_id('n', 1);
    (void)rig_ask(client, "referrals", &somebody(&person_id, "L1")->base, "Accepted");
}

/* Verify looks at what cannot be folded: the vault, changed or gone, and replies. */
static void verify_finds_a_lost_or_changed_vault_and_reply(void **unused)
{
    (void)unused;
    static const char change[] =
        "EVAL \"local k=KEYS[1] local f=redis.call('HKEYS',k)[1] local v=redis.call('HGET',k,f) "
        "redis.call('HSET',k,f,v:sub(1,-2)..string.char((v:byte(-1)+1)%256)) return 1\" 1 ";
    char command[512];
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    rig_start(rig, "referrals");
    struct client *worker = rig_client(rig, "social-worker");
    record_person(worker);
    assert_int_equal(rig_verify(rig, "referrals"), 0);
    (void)text_format(command, sizeof command, "%s" KEY("referrals", "vault"), change);
    assert_string_equal(rig_redis(rig, command), "1\n");
    assert_int_equal(rig_verify(rig, "referrals"), 1);
    assert_string_equal(rig_redis(rig, "DEL " KEY("referrals", "vault")), "1\n");
    assert_int_equal(rig_verify(rig, "referrals"), 1);
    client_destroy(&worker);
    rig_destroy(&rig);
}

/* Erasing empties the vault itself, verify knows it from the journal, and a record that nobody erased may not be empty. */
static void what_is_erased_is_gone_from_the_store(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    const struct id person_id = town_id('n', 1);
    Dw__RequestErasure request = DW__REQUEST_ERASURE__INIT;
    Dw__ErasePerson erase = DW__ERASE_PERSON__INIT;
    Dw__GetPerson get = DW__GET_PERSON__INIT;
    request.person_id = erase.person_id = get.person_id = id_to_data(&person_id);
    request.reason = DW__ERASURE_REASON__ERASURE_REASON_PERSONS_REQUEST;
    rig_start(rig, "placements");
    rig_start(rig, "referrals");
    struct client *worker = rig_client(rig, "social-worker");
    struct client *officer = rig_client(rig, "data-protection-officer");
    record_person(worker);
    (void)rig_ask(worker, "referrals", &request.base, "Accepted");
    (void)rig_ask(officer, "referrals", &erase.base, "Accepted");
    const struct packed answer = rig_ask(worker, "referrals", &get.base, "PersonRead");
    Dw__PersonRead *read = dw__person_read__unpack(NULL, answer.len, answer.bytes);
    assert_non_null(read);
    assert_null(read->details);
    dw__person_read__free_unpacked(read, NULL);
    assert_string_equal(rig_redis(rig, "HVALS " KEY("referrals", "vault")), "\n");
    assert_int_equal(rig_verify(rig, "referrals"), 0);
    const struct id other_id = town_id('n', 2);
    (void)rig_ask(worker, "referrals", &somebody(&other_id, "L2")->base, "Accepted");
    assert_int_equal(rig_verify(rig, "referrals"), 0);
    assert_string_equal(rig_redis(rig, "EVAL \"for _, f in ipairs(redis.call('HKEYS',KEYS[1])) do "
                                       "redis.call('HSET',KEYS[1],f,'') end return 1\" 1 " KEY(
                                           "referrals", "vault")),
                        "1\n");
    assert_int_equal(rig_verify(rig, "referrals"), 1);
    client_destroy(&officer);
    client_destroy(&worker);
    rig_destroy(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_daemons_speak_for_others),
        cmocka_unit_test(a_revoked_key_is_not_served),
        cmocka_unit_test(only_operators_and_daemons_hear_events),
        cmocka_unit_test(an_id_in_flight_is_taken),
        cmocka_unit_test(replies_expire),
        cmocka_unit_test(a_commit_that_may_be_half_done_freezes),
        cmocka_unit_test(a_journal_without_its_end_freezes),
        cmocka_unit_test(a_store_that_was_set_back_freezes),
        cmocka_unit_test(a_batch_with_an_unknown_event_is_not_folded_by_halves),
        cmocka_unit_test(a_changed_batch_stops_the_follower),
        cmocka_unit_test(a_batch_that_kills_twice_stops_the_follower),
        cmocka_unit_test(verify_finds_a_lost_or_changed_vault_and_reply),
        cmocka_unit_test(what_is_erased_is_gone_from_the_store),
    };
    cmocka_set_test_filter(getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
