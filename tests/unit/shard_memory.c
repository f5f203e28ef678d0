/* Tests of what a shard remembers: commands to others as they come back from the store, the ids it has answered and for whom, how
 * far it has read others' journals, and how long it has its lease. */
#include "common/shard_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capacity.pb-c.h"
#include "proto/messages.h"
#include "services/placements/placements.h"
#include "services/referrals/referrals.h"
#include "tests/support/told_journal.h"
#include "tests/support/told_shard.h"
#include "tests/support/told_store.h"

static const struct principal ada = {.name = "ada", .role = DW__ROLE__ROLE_SOCIAL_WORKER};

static struct told_shard told;

static int open_referrals(void **unused)
{
    (void)unused;
    told_shard_open(&told, &referrals_service);
    return 0;
}

static int open_placements(void **unused)
{
    (void)unused;
    told.forgets_fetches = true;
    told_shard_open(&told, &placements_service);
    return 0;
}

static int close_shard(void **unused)
{
    (void)unused;
    told_shard_close(&told);
    told.forgets_fetches = false;
    return 0;
}

static struct shard_status status_now(void)
{
    struct shard_status status;
    shard_status(told.shard, &status);
    return status;
}

/* --- the outbox --------------------------------------------------------------------------------------------------------- */

static const struct id HOLD_ID = {{1}};
static const struct id CAUSE_ID = {{2}};

static void keep_outbox_row(const char *field, uint8_t id_byte, const ProtobufCMessage *command)
{
    const struct id id = {{id_byte}};
    struct buffer body = {0};
    struct buffer value = {0};
    Dw__Principal principal;
    Dw__OutboxRow row = DW__OUTBOX_ROW__INIT;
    principal_to_message(&ada, &principal);
    buffer_pack(&body, command);
    row.id = id_to_data(&id);
    row.service = (char *)(uintptr_t) "capacity";
    row.about_id = id_to_data(&HOLD_ID);
    row.type = (char *)(uintptr_t)message_name(command->descriptor);
    row.body = (ProtobufCBinaryData){body.len, body.bytes};
    row.principal = &principal;
    row.correlation_id = id_to_data(&CAUSE_ID);
    row.recorded_ms = told.now.wall_ms;
    buffer_pack(&value, &row.base);
    told_store_keep(STORE_OUTBOX, (struct packed){(const uint8_t *)field, strlen(field)},
                    (struct packed){value.bytes, value.len});
    buffer_free(&body);
    buffer_free(&value);
}

/* What a cancelled confirmation leaves: the hold is released, its booking ended, and the store gives the second one first. */
static void keep_two_commands(void)
{
    Dw__Date last = DW__DATE__INIT;
    Dw__ReleaseHold release = DW__RELEASE_HOLD__INIT;
    Dw__EndBooking end = DW__END_BOOKING__INIT;
    last.days = 20700;
    release.hold_id = end.hold_id = id_to_data(&HOLD_ID);
    end.last = &last;
    keep_outbox_row("7-0", 10, &release.base);
    keep_outbox_row("7-1", 11, &end.base);
}

/* Proves: two commands of one decision about one thing are sent in its order after a recovery, the second when the first is
 * answered. */
static void commands_of_one_decision_keep_their_order_over_a_recovery(void **unused)
{
    (void)unused;
    keep_two_commands();
    told_shard_restart(&told);
    assert_int_equal(told.sent_count, 1);
    assert_string_equal(told.sent[0]->type, "ReleaseHold");
    const Dw__Accepted accepted = DW__ACCEPTED__INIT;
    told_shard_answer(&told, told.sent[0], &accepted.base);
    told_shard_turn(&told);
    told_store_answer_all();
    told_shard_turn(&told);
    assert_int_equal(told.sent_count, 2);
    assert_string_equal(told.sent[1]->type, "EndBooking");
}

/* Proves: what is sent after a recovery names the command that it came of, as before. */
static void a_command_names_its_cause_after_a_recovery(void **unused)
{
    (void)unused;
    struct id cause_id;
    keep_two_commands();
    told_shard_restart(&told);
    assert_int_equal(told.sent_count, 1);
    assert_true(id_from_data(&told.sent[0]->correlation_id, &cause_id));
    assert_true(id_equal(&cause_id, &CAUSE_ID));
}

/* How often the first command is sent in the next ten seconds, in which nobody answers. */
static size_t count_sent(void)
{
    const size_t before = told.sent_count;
    for (int turn = 0; turn < 25; turn++)
        told_shard_pass(&told, 400);
    return told.sent_count - before;
}

/* Proves: what nobody answers is sent ever more seldom, and every five seconds at last. */
static void an_unanswered_command_is_sent_every_five_seconds_at_last(void **unused)
{
    (void)unused;
    keep_two_commands();
    told_shard_restart(&told);
    assert_in_range(count_sent(), 4, 6);
    for (int times = 0; times < 5; times++)
        assert_in_range(count_sent(), 1, 2);
    assert_in_range(told.sent_count, 1 + 4 + 5 * 2 - 3, TOLD_SENT_MAX);
}

/* Proves: a command that is older than what receivers remember is not sent any more; one that only seems so, for a clock has leapt,
 * is sent again when the clock is put right; and one that seemed young is not. */
static void a_command_that_is_too_old_is_not_sent(void **unused)
{
    (void)unused;
    keep_two_commands();
    told_shard_restart(&told);
    assert_in_range(count_sent(), 1, TOLD_SENT_MAX / 4);
    told.now.wall_ms += 9 * DAY_MS;
    assert_int_equal(count_sent(), 0);
    told.now.wall_ms -= 9 * DAY_MS;
    assert_in_range(count_sent(), 1, TOLD_SENT_MAX / 4);
    told.now.wall_ms -= 3 * DAY_MS;
    told_shard_restart(&told);
    assert_in_range(count_sent(), 1, TOLD_SENT_MAX / 4);
    told.now.wall_ms += (3 + 8) * DAY_MS;
    assert_int_equal(count_sent(), 0);
}

/* --- answered ids ------------------------------------------------------------------------------------------------------- */

static void ask_and_commit(void)
{
    told_shard_ask(&told, 1, &ada);
    told_shard_turn(&told);
    told_store_answer_all();
    told_shard_turn(&told);
}

/* Proves: an id is known for as long as its reply is kept, which the receiver of an outbox counts on; and not for ever. */
static void an_answered_id_is_known_for_eight_days_and_then_forgotten(void **unused)
{
    (void)unused;
    ask_and_commit();
    assert_int_equal(told.accepted, 1);
    for (int day = 1; day <= STORE_REPLY_DAYS; day++) {
        told_shard_pass(&told, DAY_MS);
        told_shard_ask(&told, 1, &ada);
        told_store_answer_all();
        assert_int_equal(status_now().repeated, day);
        assert_int_equal(told.accepted, 1 + day); /* the same reply, nothing new */
    }
    assert_int_equal(status_now().accepted, 1);
    for (int day = 0; day < 4; day++)
        told_shard_pass(&told, DAY_MS);
    assert_int_equal(table_count(told.shard->answered), 0);
}

/* Proves: an id is known for as long as the store may have its reply: one whose reply was the first of its day has it for nine
 * days. Forgotten before that, the command would be done again though its reply is there. */
static void an_answered_id_is_known_while_the_store_may_have_its_reply(void **unused)
{
    (void)unused;
    ask_and_commit();
    told_shard_pass(&told, (STORE_REPLY_DAYS + 1) * (int64_t)DAY_MS - 1);
    told_shard_ask(&told, 1, &ada);
    told_store_answer_all();
    assert_int_equal(status_now().repeated, 1);
    assert_int_equal(status_now().accepted, 1);
    assert_int_equal(told.accepted, 2);
}

/* Her own id again, in flight and answered, has her reply; another's has no more than a no. */
static void expect_reused(const struct principal *other)
{
    const unsigned *reused = &told.failures[DW__ERROR_CODE__ERROR_CODE_ID_REUSED];
    told_shard_ask(&told, 1, &ada);
    told_shard_turn(&told);
    told_shard_ask(&told, 1, other);
    assert_int_equal(*reused, 1);
    told_shard_ask(&told, 1, &ada);
    told_store_answer_all();
    told_shard_turn(&told);
    assert_int_equal(told.accepted, 2);
    told_shard_ask(&told, 1, other);
    told_store_answer_all();
    assert_int_equal(*reused, 2);
    assert_int_equal(told.accepted, 2);
    told_shard_ask(&told, 1, &ada);
    told_store_answer_all();
    assert_int_equal(told.accepted, 3);
    assert_int_equal(told.failed, 2);
}

/* Proves: a reply is for the name that asked. */
static void an_id_of_another_name_is_reused(void **unused)
{
    (void)unused;
    struct principal other = ada;
    other.name = "bob";
    expect_reused(&other);
}

/* Proves: a reply is for the role that asked; a name may have several. */
static void an_id_of_the_same_name_in_another_role_is_reused(void **unused)
{
    (void)unused;
    struct principal other = ada;
    other.role = DW__ROLE__ROLE_BROKER;
    expect_reused(&other);
}

/* Proves: a reply is for the provider's people that asked; two providers may have the same name for somebody. */
static void an_id_of_the_same_name_at_another_provider_is_reused(void **unused)
{
    (void)unused;
    struct principal other = ada;
    other.provider_id = (struct id){{9}};
    expect_reused(&other);
}

/* --- others' journals --------------------------------------------------------------------------------------------------- */

static const struct id HISTORY = {{3}};
static const struct id OTHER_HISTORY = {{4}};

/* The journal of placements, as the test has published it. */
static struct told_journal journal;

static int open_followed(void **unused)
{
    journal = (struct told_journal){.authority = told_authority, .service = "placements"};
    return open_referrals(unused);
}

static void publish_event(const struct id *history)
{
    journal.history = *history;
    told_journal_event(&journal, &told);
}

static const Dw__Envelope *last_sent(void)
{
    return told.sent[told.sent_count - 1];
}

static void answer_went_back(void)
{
    Dw__Failed failed = DW__FAILED__INIT;
    failed.code = DW__ERROR_CODE__ERROR_CODE_JOURNAL_WENT_BACK;
    told_shard_answer(&told, last_sent(), &failed.base);
}

/* Proves: a head behind what was folded is doubted: its owner is asked, and when it says for longer than two leases that its
 * journal ends there, it is not followed any more. An owner that has just lost the shard may say so too, but not for so long. */
static void a_head_behind_the_cursor_is_asked_about_and_stops_the_follower(void **unused)
{
    (void)unused;
    publish_event(&HISTORY);
    publish_event(&HISTORY);
    told_shard_pass(&told, 5000);
    assert_int_equal(status_now().folded_events, 2);
    const size_t sent_before = told.sent_count;
    told_shard_pass(&told, 5000);
    assert_int_equal(told.sent_count, sent_before); /* nothing is missing */
    told_journal_head(&journal, &told, 1);
    told_shard_turn(&told);
    assert_int_equal(told.sent_count, sent_before + 1);
    assert_string_equal(last_sent()->type, "FetchEvents");
    const int64_t since_boot_ms = told.now.boot_ms;
    answer_went_back();
    while (told.now.boot_ms - since_boot_ms < 2 * SHARD_LEASE_MS) {
        const size_t count = told.sent_count;
        told_shard_pass(&told, 1000);
        assert_int_equal(told.sent_count, count + 1); /* it is asked again */
        answer_went_back();
        assert_null(status_now().frozen_why);
    }
    told_shard_pass(&told, 1000);
    answer_went_back();
    assert_string_equal(status_now().frozen_why, "JOURNAL_WENT_BACK");
    const size_t sent_until = told.sent_count;
    publish_event(&HISTORY);
    told_shard_pass(&told, 5000);
    assert_int_equal(told.sent_count, sent_until);
    assert_int_equal(status_now().folded_events, 2);
}

/* Proves: which history was folded is known after a recovery: a batch of another one is not what follows. */
static void another_history_after_a_recovery_stops_the_follower(void **unused)
{
    (void)unused;
    publish_event(&HISTORY);
    told_shard_pass(&told, 5000); /* a cursor that only moved may wait */
    told_shard_restart(&told);
    assert_int_equal(status_now().folded_events, 1);
    publish_event(&OTHER_HISTORY);
    assert_int_equal(status_now().folded_events, 1);
    assert_string_equal(status_now().frozen_why, "JOURNAL_WENT_BACK");
}

/* Proves: the cursor of a recovery is where the journal goes on, with its digest. */
static void the_same_history_after_a_recovery_is_followed(void **unused)
{
    (void)unused;
    publish_event(&HISTORY);
    told_shard_pass(&told, 5000);
    told_shard_restart(&told);
    publish_event(&HISTORY);
    assert_int_equal(status_now().folded_events, 2);
    assert_null(status_now().frozen_why);
}

/* Proves: what comes on the topic of a followed journal and is of another council, or of another service, is not folded, and does
 * not stop the follower either: the next batch that is meant is. */
static void a_batch_that_is_not_of_the_followed_journal_is_not_folded(void **unused)
{
    (void)unused;
    struct told_journal others[] = {
        {.authority = "another-council", .service = "placements", .history = HISTORY},
        {.authority = told_authority, .service = "capacity", .history = HISTORY}};
    for (size_t at = 0; at < sizeof others / sizeof others[0]; at++) {
        told_journal_event(&others[at], &told);
        told_journal_head(&others[at], &told, 7);
        assert_int_equal(status_now().folded_events, 0);
        assert_int_equal(status_now().lag_events, 0);
        assert_null(status_now().frozen_why);
    }
    publish_event(&HISTORY);
    assert_int_equal(status_now().folded_events, 1);
    assert_null(status_now().frozen_why);
}

/* --- the lease ---------------------------------------------------------------------------------------------------------- */

/* What a request is told: false, that the lease is being renewed. */
static bool is_taken(unsigned number)
{
    const uint64_t accepted = status_now().accepted;
    const unsigned unavailable = told.failures[DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE];
    told_shard_ask(&told, number, &ada);
    const bool taken = status_now().accepted == accepted + 1;
    assert_int_equal(told.failures[DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE], unavailable + !taken);
    return taken;
}

/* Proves: a wall clock that steps forward may have ended the lease at the store, so nothing is taken until it was renewed. */
static void a_lease_is_not_believed_over_a_step_of_the_clock(void **unused)
{
    (void)unused;
    assert_true(is_taken(1));
    told.now.wall_ms += 200; /* as much as a clock that is steered does */
    told_shard_turn(&told);
    assert_true(is_taken(2));
    told.now.wall_ms += 201;
    told_shard_turn(&told);
    assert_false(is_taken(3));
    told_store_answer_all();
    assert_true(is_taken(3));
}

/* Proves: a renewal that was sent before the step is not believed either. */
static void a_renewal_sent_before_a_step_of_the_clock_is_not_believed(void **unused)
{
    (void)unused;
    told.now.boot_ms += SHARD_RENEW_MS;
    told.now.wall_ms += SHARD_RENEW_MS;
    told_shard_turn(&told); /* the renewal is under way */
    told.now.wall_ms += 1000;
    told_shard_turn(&told);
    told_store_answer_all();
    assert_false(is_taken(1));
    told_shard_turn(&told);
    told_store_answer_all();
    assert_true(is_taken(1));
}

int main(void)
{
#define MEMORY_TEST(name, open) cmocka_unit_test_setup_teardown(name, open, close_shard)
    const struct CMUnitTest tests[] = {
        MEMORY_TEST(commands_of_one_decision_keep_their_order_over_a_recovery, open_placements),
        MEMORY_TEST(a_command_names_its_cause_after_a_recovery, open_placements),
        MEMORY_TEST(an_unanswered_command_is_sent_every_five_seconds_at_last, open_placements),
        MEMORY_TEST(a_command_that_is_too_old_is_not_sent, open_placements),
        MEMORY_TEST(an_answered_id_is_known_for_eight_days_and_then_forgotten, open_referrals),
        MEMORY_TEST(an_answered_id_is_known_while_the_store_may_have_its_reply, open_referrals),
        MEMORY_TEST(an_id_of_another_name_is_reused, open_referrals),
        MEMORY_TEST(an_id_of_the_same_name_in_another_role_is_reused, open_referrals),
        MEMORY_TEST(an_id_of_the_same_name_at_another_provider_is_reused, open_referrals),
        MEMORY_TEST(a_head_behind_the_cursor_is_asked_about_and_stops_the_follower, open_followed),
        MEMORY_TEST(another_history_after_a_recovery_stops_the_follower, open_followed),
        MEMORY_TEST(the_same_history_after_a_recovery_is_followed, open_followed),
        MEMORY_TEST(a_batch_that_is_not_of_the_followed_journal_is_not_folded, open_followed),
        MEMORY_TEST(a_lease_is_not_believed_over_a_step_of_the_clock, open_referrals),
        MEMORY_TEST(a_renewal_sent_before_a_step_of_the_clock_is_not_believed, open_referrals),
    };
    cmocka_set_test_filter(getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
