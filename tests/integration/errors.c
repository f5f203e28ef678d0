/* Every error any request may get, each once: by its name, with a sentence, and with what it says about whether the wish was
 * done. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/text.h"
#include "tests/support/raw.h"
#include "tests/support/town.h"

static const char model[] = "tests/data/model.json";

static void expect_head(struct rig *rig, const char *seq)
{
    assert_string_equal(rig_redis(rig, "HGET 'dw:{test-council:placements}:head' seq"), seq);
}

/* What a stranger can do wrong: nothing is done, and the same wish without the mistake can still be. */
static void what_is_wrong_with_a_request_is_said_and_nothing_is_done(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *broker = raw_create(rig, "broker", "placements", 0);
    struct raw *stranger = raw_create(rig, "stranger", "placements", 0);
    struct raw *commissioner = raw_create(rig, "commissioner", "placements", 0);
    Dw__Envelope *envelope = raw_envelope(broker, town_proposes(1));
    envelope->schema = 7;
    assert_string_equal(raw_ask(broker, envelope), "INVALID");
    envelope = raw_envelope(broker, town_proposes(1));
    envelope->body = (ProtobufCBinaryData){3, (uint8_t *)(uintptr_t) "\xff\xff\xff"};
    assert_string_equal(raw_ask(broker, envelope), "INVALID");
    const Dw__ProposePlacement *sound = (const Dw__ProposePlacement *)town_proposes(1);
    Dw__PricePart part = DW__PRICE_PART__INIT, *parts[] = {&part, &part};
    part.kind = DW__PRICE_PART_KIND__PRICE_PART_KIND_MEALS;
    Dw__PlacementTerms terms = *sound->terms;
    Dw__ProposePlacement propose = *sound;
    propose.terms = &terms;
    terms.n_parts = 2;
    terms.parts = parts;
    assert_string_equal(raw_ask(broker, raw_envelope(broker, &propose.base)), "INVALID");
    assert_string_equal(raw_failed(broker)->field, "terms.parts[0].unit");
    envelope = raw_envelope(broker, town_proposes(1));
    envelope->deadline_ms = 0; /* only daemons may */
    assert_string_equal(raw_ask(broker, envelope), "INVALID");
    envelope = raw_envelope(broker, town_proposes(1));
    envelope->type = (char *)(uintptr_t) "SellTheChair";
    assert_string_equal(raw_ask(broker, envelope), "UNKNOWN_TYPE");
    envelope = raw_envelope(broker, town_proposes(1));
    envelope->authority = (char *)(uintptr_t) "atlantis";
    assert_string_equal(raw_ask(broker, envelope), "WRONG_AUTHORITY");
    assert_string_equal(raw_ask(stranger, raw_envelope(stranger, town_proposes(1))),
                        "WRONG_AUTHORITY");
    assert_string_equal(raw_ask(commissioner, raw_envelope(commissioner, town_proposes(1))),
                        "NOT_ALLOWED");
    envelope = raw_envelope(broker, town_proposes(1));
    envelope->deadline_ms = envelope->at_ms - 1;
    assert_string_equal(raw_ask(broker, envelope), "EXPIRED");
    envelope->deadline_ms = envelope->at_ms + INT64_C(25) * 60 * 60 * 1000;
    assert_string_equal(raw_ask(broker, envelope), "EXPIRED");
    expect_head(rig, "1\n"); /* the model's adoption alone */
    envelope->deadline_ms = envelope->at_ms + 60000;
    assert_string_equal(raw_ask(broker, envelope), "Accepted");
    envelope->body.len = 0;
    assert_string_equal(raw_ask(broker, envelope), "ID_REUSED");
    expect_head(rig, "2\n");
    raw_destroy(&broker);
    raw_destroy(&stranger);
    raw_destroy(&commissioner);
    rig_destroy(&rig);
}

/* A fetch from behind the journal's end is of another history. */
static void a_fetch_from_behind_the_end_is_told_so(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *reader = raw_create(rig, "operator", "placements", 0);
    Dw__FetchEvents fetch = DW__FETCH_EVENTS__INIT;
    fetch.from_seq = 1;
    fetch.limit = 10;
    assert_string_equal(raw_ask(reader, raw_envelope(reader, &fetch.base)), "EventsFetched");
    fetch.from_seq = 999;
    assert_string_equal(raw_ask(reader, raw_envelope(reader, &fetch.base)), "JOURNAL_WENT_BACK");
    fetch.from_seq = 0;
    assert_string_equal(raw_ask(reader, raw_envelope(reader, &fetch.base)), "INVALID");
    raw_destroy(&reader);
    rig_destroy(&rig);
}

/* Who does not own the shard says who does. */
static void a_standby_names_the_owner(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *first = raw_create(rig, "broker", "placements", 0);
    assert_string_equal(raw_ask(first, raw_envelope(first, town_proposes(1))), "Accepted");
    rig_start_instance(rig, "placements", 1, NULL, true);
    struct raw *standby = raw_create(rig, "broker", "placements", 1);
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    const char *name = "";
    while (strcmp(name, "NOT_OWNER") != 0) { /* until it has asked the store who holds the lease */
        name = raw_ask(standby, raw_envelope(standby, town_proposes(2)));
        assert_true(strcmp(name, "NOT_OWNER") == 0 || strcmp(name, "UNAVAILABLE") == 0);
        assert_true(loop_boot_ms_now() < until_ms);
    }
    assert_non_null(strstr(raw_failed(standby)->endpoint, "placements.router"));
    expect_head(rig, "2\n");
    raw_destroy(&first);
    raw_destroy(&standby);
    rig_destroy(&rig);
}

static void expect_unavailable_soon(struct raw *raw, Dw__Envelope *envelope)
{
    const int64_t begin_ms = loop_boot_ms_now();
    assert_string_equal(raw_ask(raw, envelope), "UNAVAILABLE");
    assert_in_range(loop_boot_ms_now() - begin_ms, 0, 1100);
}

/* The store is back: at first UNAVAILABLE, then the answer. */
static void expect_in_time(struct raw *raw, Dw__Envelope *envelope, const char *answer)
{
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    const char *name;
    while (strcmp(name = raw_ask(raw, envelope), answer) != 0) {
        assert_string_equal(name, "UNAVAILABLE");
        assert_true(loop_boot_ms_now() < until_ms);
    }
}

/* What is read from the store is given up within a second as well: a repeated wish, and the journal. */
static void a_read_is_given_up_within_a_second(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *broker = raw_create(rig, "broker", "placements", 0);
    struct raw *reader = raw_create(rig, "operator", "placements", 0);
    Dw__Envelope *envelope = raw_envelope(broker, town_proposes(1));
    assert_string_equal(raw_ask(broker, envelope), "Accepted");
    rig_redis_signal(rig, SIGSTOP);
    expect_unavailable_soon(broker, envelope);
    rig_redis_signal(rig, SIGCONT);
    expect_in_time(broker, envelope, "Accepted");
    expect_head(rig, "2\n"); /* done, once */
    Dw__FetchEvents fetch = DW__FETCH_EVENTS__INIT;
    fetch.from_seq = 1;
    fetch.limit = 10;
    envelope = raw_envelope(reader, &fetch.base);
    assert_string_equal(raw_ask(reader, envelope), "EventsFetched");
    rig_redis_signal(rig, SIGSTOP);
    expect_unavailable_soon(reader, envelope);
    rig_redis_signal(rig, SIGCONT);
    expect_in_time(reader, envelope, "EventsFetched");
    raw_destroy(&broker);
    raw_destroy(&reader);
    rig_destroy(&rig);
}

/* UNAVAILABLE within a second means unknown: the wish was in flight, and the same id gives its outcome once the store is back. */
static void unavailable_is_unknown_and_the_same_id_tells(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *broker = raw_create(rig, "broker", "placements", 0);
    assert_string_equal(raw_ask(broker, raw_envelope(broker, town_proposes(1))), "Accepted");
    rig_redis_signal(rig, SIGSTOP);
    Dw__Envelope *envelope = raw_envelope(broker, town_proposes(2));
    expect_unavailable_soon(broker, envelope);
    rig_redis_signal(rig, SIGCONT);
    expect_in_time(broker, envelope, "Accepted");
    expect_head(rig, "3\n"); /* done, once */
    raw_destroy(&broker);
    rig_destroy(&rig);
}

/* Those who wait for a slow store do not fill the memory: over the bound they are told to come again, and nothing of it is done;
 * when the store is back, everybody who waited is answered. */
static void too_many_who_wait_are_told_to_come_again(void **unused)
{
    (void)unused;
    enum { PLACEMENTS = 100, QUERIES = 2000, QUIET_MS = 1500 };
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *broker = raw_create(rig, "broker", "placements", 0);
    for (uint32_t number = 0; number < PLACEMENTS; number++)
        assert_string_equal(raw_ask(broker, raw_envelope(broker, town_proposes(number))),
                            "Accepted");
    Dw__ListPlacements list = DW__LIST_PLACEMENTS__INIT;
    list.per_page = PLACEMENTS;
    rig_redis_signal(rig, SIGSTOP);
    raw_send(broker, raw_envelope(broker, town_proposes(PLACEMENTS)));
    for (int query = 0; query < QUERIES; query++)
        raw_send(broker, raw_envelope(broker, &list.base));
    size_t busy = 0;
    size_t answered = 0;
    size_t unavailable = 0;
    bool slept = true;
    const char *name;
    /* Over ZeroMQ's bound replies to who does not read are dropped: what comes is heard. */
    while ((name = raw_hear(broker, QUIET_MS))[0] != '\0') {
        if (strcmp(name, "BUSY") == 0) {
            assert_true(raw_failed(broker)->retry_after_ms > 0);
            busy++;
        } else if (strcmp(name, "UNAVAILABLE") == 0) {
            unavailable++;
        } else {
            assert_true(strcmp(name, "PlacementList") == 0 || strcmp(name, "Accepted") == 0);
            answered++;
        }
        if (slept && busy > 0)
            rig_redis_signal(rig, SIGCONT);
        slept = slept && busy == 0;
    }
    print_message("  %zu busy, %zu unavailable, %zu answered\n", busy, unavailable, answered);
    assert_true(busy > 0);
    assert_string_equal(raw_ask(broker, raw_envelope(broker, &list.base)), "PlacementList");
    raw_destroy(&broker);
    rig_destroy(&rig);
}

/* Starts the daemon so that it dies of the next decision, and has it try the command. */
static void die_of(struct rig *rig, struct raw *broker, const Dw__Envelope *envelope)
{
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    (void)rig_signal(rig, "placements", 0, SIGKILL);
    rig_start_instance(rig, "placements", 0, "decided:1", false);
    while (!rig_has_ended(rig, "placements", 0)) {
        assert_true(loop_boot_ms_now() < until_ms);
        raw_send(broker, envelope);
        (void)raw_hear(broker, 50); /* it may say that it is loading */
    }
}

/* A command that has ended the daemon twice is not tried a third time; everybody else is served. */
static void a_command_that_kills_twice_is_quarantined(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *broker = raw_create(rig, "broker", "placements", 0);
    assert_string_equal(raw_ask(broker, raw_envelope(broker, town_proposes(1))), "Accepted");
    Dw__Envelope poison = *raw_envelope(broker, town_proposes(2));
    struct id id;
    struct buffer body = {0};
    assert_true(id_from_data(&poison.id, &id));
    buffer_append(&body, poison.body.data, poison.body.len);
    poison.id = id_to_data(&id);
    poison.body = (ProtobufCBinaryData){body.len, body.bytes};
    die_of(rig, broker, &poison);
    die_of(rig, broker, &poison);
    rig_start(rig, "placements");
    while (raw_hear(broker, 100)[0] != '\0') {
    }
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    const char *name;
    while (strcmp(name = raw_ask(broker, &poison), "QUARANTINED") != 0) {
        assert_string_equal(name, "UNAVAILABLE"); /* it is loading */
        assert_true(loop_boot_ms_now() < until_ms);
    }
    assert_string_equal(raw_ask(broker, raw_envelope(broker, town_proposes(3))), "Accepted");
    expect_head(rig, "3\n");
    buffer_free(&body);
    raw_destroy(&broker);
    rig_destroy(&rig);
}

/* A shard that has stopped itself says so, and does nothing. */
static void a_frozen_shard_says_so(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *broker = raw_create(rig, "broker", "placements", 0);
    assert_string_equal(raw_ask(broker, raw_envelope(broker, town_proposes(1))), "Accepted");
    (void)rig_redis(rig, "FLUSHALL");
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    const char *name;
    while (strcmp(name = raw_ask(broker, raw_envelope(broker, town_proposes(2))), "FROZEN") != 0) {
        assert_string_equal(name, "UNAVAILABLE");
        assert_true(loop_boot_ms_now() < until_ms);
    }
    assert_non_null(strstr(raw_failed(broker)->sentence, "STORE_WENT_BACK"));
    assert_string_equal(rig_redis(rig, "EXISTS 'dw:{test-council:placements}:journal'"), "0\n");
    raw_destroy(&broker);
    rig_destroy(&rig);
}

static void name_replies(struct raw *raw, long days_ahead, char *ret_name, size_t size)
{
    (void)text_format(ret_name, size, "'dw:{test-council:placements}:replies:%ld'",
                      (long)(raw_envelope(raw, town_proposes(0))->at_ms / 86400000) + days_ahead);
}

/* A wall clock that was days ahead when a command was answered, and is right again, does not make it done twice. */
static void a_reply_of_a_clock_that_was_ahead_is_remembered(void **unused)
{
    (void)unused;
    char today[80];
    char ahead[80];
    char command[256];
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *broker = raw_create(rig, "broker", "placements", 0);
    name_replies(broker, 0, today, sizeof today);
    name_replies(broker, 100, ahead, sizeof ahead);
    Dw__Envelope *envelope = raw_envelope(broker, town_proposes(1));
    assert_string_equal(raw_ask(broker, envelope), "Accepted");
    (void)rig_signal(rig, "placements", 0, SIGKILL);
    (void)text_format(command, sizeof command, "RENAME %s %s", today, ahead);
    assert_string_equal(rig_redis(rig, command), "OK\n");
    (void)text_format(command, sizeof command, "HSET 'dw:{test-council:placements}:head' day %s",
                      strrchr(ahead, ':') + 1);
    command[strlen(command) - 1] = '\0'; /* the closing quote */
    assert_string_equal(rig_redis(rig, command), "0\n");
    rig_start(rig, "placements");
    assert_string_equal(raw_ask(broker, envelope), "Accepted");
    expect_head(rig, "2\n");
    raw_destroy(&broker);
    rig_destroy(&rig);
}

/* An answer whose record is gone is not given again and not made anew. */
static void a_forgotten_answer_is_told_as_unknown(void **unused)
{
    (void)unused;
    char today[80];
    char command[128];
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *broker = raw_create(rig, "broker", "placements", 0);
    name_replies(broker, 0, today, sizeof today);
    Dw__Envelope *envelope = raw_envelope(broker, town_proposes(1));
    assert_string_equal(raw_ask(broker, envelope), "Accepted");
    (void)text_format(command, sizeof command, "DEL %s", today);
    assert_string_equal(rig_redis(rig, command), "1\n");
    assert_string_equal(raw_ask(broker, envelope), "FORGOTTEN");
    expect_head(rig, "2\n");
    raw_destroy(&broker);
    rig_destroy(&rig);
}

/* Proves: a person at the command line is told the rule behind a no: of a code, and of the field that was wrong. */
static void the_rule_behind_a_no_is_told(void **unused)
{
    (void)unused;
    char command[1024], text[2048];
    struct rig *rig = rig_create(model);
    rig_start(rig, "referrals");
    assert_int_equal(
        text_format(
            command, sizeof command,
            "echo '{\"lines\": [{\"kind\": \"LINE_KIND_COMMUNITY_GROUP\", \"funding\": "
            "\"FUNDING_ROUTE_COMMISSIONED\"}, {\"kind\": \"LINE_KIND_COMMUNITY_GROUP\", "
            "\"sessions\": [{\"weekday\": 2}]}], \"urgency\": \"URGENCY_ROUTINE\"}' | %s/dayways "
            "--config "
            "%s/dayways.conf --as social-worker call referrals CreateReferral --explain 2>&1",
            getenv("DAYWAYS_BIN"), rig_folder(rig)),
        0);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    text[fread(text, 1, sizeof text - 1, output)] = '\0';
    assert_int_equal(WEXITSTATUS(pclose(output)), 65);
    assert_non_null(
        strstr(text, "INVALID: it must be said, and it is not (lines[1].sessions[0].part)"));
    assert_non_null(strstr(text, "The rule: Not decodable, not valid, or over a limit."));
    assert_non_null(strstr(text, "The rule: When the person wants to be there."));
    rig_destroy(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_with_a_request_is_said_and_nothing_is_done),
        cmocka_unit_test(a_fetch_from_behind_the_end_is_told_so),
        cmocka_unit_test(a_standby_names_the_owner),
        cmocka_unit_test(unavailable_is_unknown_and_the_same_id_tells),
        cmocka_unit_test(a_read_is_given_up_within_a_second),
        cmocka_unit_test(too_many_who_wait_are_told_to_come_again),
        cmocka_unit_test(a_command_that_kills_twice_is_quarantined),
        cmocka_unit_test(a_frozen_shard_says_so),
        cmocka_unit_test(a_reply_of_a_clock_that_was_ahead_is_remembered),
        cmocka_unit_test(a_forgotten_answer_is_told_as_unknown),
        cmocka_unit_test(the_rule_behind_a_no_is_told),
    };
    cmocka_set_test_filter(getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
