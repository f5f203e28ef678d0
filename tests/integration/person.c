/* `dayways person` against real daemons: all that is held of a person is told, one asks for its erasure and another decides, and then
 * nothing is told any more. */
#include "common/text.h"
#include "tests/support/rig.h"
#include "tests/support/somebody.h"
#include "tests/support/town.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "outcomes.pb-c.h"

enum { COMMAND_SIZE = 1024, TEXT_SIZE = 16384, ERASED_TRIES = 500 };

static const char model[] = "tests/data/model.json";
static struct rig *rig;
static char text[TEXT_SIZE];
static uint32_t whom = 1;

/* Runs dayways with this key and these words about the person; what it prints is in text. */
static int run(const char *key, const char *words, const char *more)
{
    char command[COMMAND_SIZE];
    char number[ID_TEXT_SIZE];
    const struct id person_id = town_id('n', whom);
    id_to_text(&person_id, number);
    assert_int_equal(text_format(command, sizeof command,
                                 "%s/dayways --config %s/dayways.conf --as %s person %s %s %s 2>&1",
                                 getenv("DAYWAYS_BIN"), rig_folder(rig), key, words, number, more),
                     0);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    const size_t len = fread(text, 1, sizeof text - 1, output);
    text[len] = '\0';
    return WEXITSTATUS(pclose(output));
}

static void expect(int code, const char *key, const char *words, const char *more,
                   const char *sentence)
{
    const int found = run(key, words, more);
    if (found != code || strstr(text, sentence) == NULL)
        fail_msg("%s %s: exit code %d, not %d, or not \"%s\":\n%s", words, more, found, code,
                 sentence, text);
}

/* Something in Redis' files says so. */
static bool is_in_files(const char *words)
{
    char command[COMMAND_SIZE];
    assert_int_equal(text_format(command, sizeof command, "grep -rqa '%s' %s/*/appendonlydir",
                                 words, rig_folder(rig)),
                     0);
    const int status = WEXITSTATUS(system(command));
    assert_in_range(status, 0, 1);
    return status == 0;
}

static void wait_until_gone(const char *words)
{
    for (int tries = 0; is_in_files(words); tries++) {
        assert_true(tries < ERASED_TRIES);
        rig_pause_ms(50);
    }
}

static void a_person_is_told_and_erased(void **unused)
{
    (void)unused;
    const struct id person_id = town_id('n', 1);
    const struct id milestone_id = town_id('e', 1);
    Dw__PlanSubject subject = DW__PLAN_SUBJECT__INIT;
    Dw__Date date = DW__DATE__INIT;
    Dw__Milestone milestone = DW__MILESTONE__INIT;
    Dw__RecordMilestone record = DW__RECORD_MILESTONE__INIT;
    rig = rig_create(model);
    rig_start(rig, "placements");
    rig_start(rig, "referrals");
    rig_start(rig, "outcomes");
    struct client *worker = rig_client(rig, "social-worker");
    expect(1, "operator", "export", "", "no person with this number");
    (void)rig_ask(worker, "referrals", &somebody(&person_id, "LAS-77")->base, "Accepted");
    milestone.milestone_id = id_to_data(&milestone_id);
    milestone.subject = &subject;
    milestone.kind = DW__MILESTONE_KIND__MILESTONE_KIND_CERTIFICATE;
    milestone.date = &date;
    subject.person_id = id_to_data(&person_id);
    date.days = 20000;
    record.milestone = &milestone;
    record.text = (char *)(uintptr_t) "Food hygiene";
    (void)rig_ask(worker, "outcomes", &record.base, "Accepted");
    expect(0, "operator", "export", "", "\"familyName\": \"Example\"");
    assert_non_null(strstr(text, "Food hygiene"));
    expect(0, "data-protection-officer", "export", "--json", "\"LAS-77\"");
    expect(1, "social-worker", "export", "", "NOT_ALLOWED");
    assert_true(is_in_files("LAS-77") && is_in_files("Food hygiene"));
    expect(1, "data-protection-officer", "erase", "", "Nobody has asked");
    expect(64, "social-worker", "erase", "--ask boredom", "PERSONS_REQUEST");
    expect(0, "social-worker", "erase", "--ask persons-request", "officer decides");
    expect(0, "data-protection-officer", "erase", "", "Erased");
    expect(0, "operator", "export", "", "ERASURE_REASON_PERSONS_REQUEST");
    assert_null(strstr(text, "Example"));
    assert_null(strstr(text, "LAS-77"));
    /* Outcomes hears of it from referrals. */
    for (int tries = 0; strstr(text, "Food hygiene") != NULL && tries < ERASED_TRIES; tries++)
        expect(0, "operator", "export", "", "MILESTONE_KIND_CERTIFICATE");
    assert_null(strstr(text, "Food hygiene"));
    assert_non_null(strstr(text, "\"erased\": true"));
    wait_until_gone("LAS-77");
    wait_until_gone("Food hygiene");
    expect(0, "operator", "export", "", "\"erased\": true");
    (void)rig_ask(worker, "outcomes", &record.base, "Refused");
    expect(64, "operator", "forget", "", "usage: dayways person export");
    client_destroy(&worker);
    rig_destroy(&rig);
}

/* Proves: what was erased leaves Redis' file also when the daemon ends before it has asked for that. */
static void an_erasure_outlives_its_daemon(void **unused)
{
    (void)unused;
    rig = rig_create(model);
    rig_start(rig, "placements");
    rig_start(rig, "referrals");
    struct client *worker = rig_client(rig, "social-worker");
    for (whom = 2; whom <= 3; whom++) {
        const struct id person_id = town_id('n', whom);
        (void)rig_ask(worker, "referrals",
                      &somebody(&person_id, whom == 2 ? "LAS-78" : "LAS-79")->base, "Accepted");
        expect(0, "social-worker", "erase", "--ask persons-request", "officer decides");
    }
    whom = 2;
    expect(0, "data-protection-officer", "erase", "", "within ten minutes");
    wait_until_gone("LAS-78");
    whom = 3;
    expect(0, "data-protection-officer", "erase", "",
           "Erased"); /* asked for again in ten minutes */
    assert_true(is_in_files("LAS-79"));
    (void)rig_signal(rig, "referrals", 0, SIGTERM);
    rig_start(rig, "referrals");
    wait_until_gone("LAS-79");
    client_destroy(&worker);
    rig_destroy(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_is_told_and_erased),
        cmocka_unit_test(an_erasure_outlives_its_daemon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
